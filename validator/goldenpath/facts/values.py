"""Values of a pipeline that has not run: text in which some parts are only known by where they come from.

A pipeline's strings are half literal, half promise: in `ghcr.io/acme/shop@${{ steps.push.outputs.digest }}` the name
is known and the digest is whatever that step will say. Equal symbols stand for equal values within one run, so two
values can be compared, carried and followed without ever being known.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec import Struct

from goldenpath.facts.regexes import regex


class Symbol(Struct, frozen=True):
    """A part of a value that only a run will know.

    `kind` says what it is (`digest`, `output`, `secret`, `github`, `unknown`, …), `name` tells it from others of its
    kind, e.g. `Symbol("secret", "GITHUB_TOKEN")` or `Symbol("output", "build/steps.meta.outputs.tags")`.
    """

    kind: str
    name: str


Value: TypeAlias = tuple[str | Symbol, ...]
"""Text as parts; adjacent literals are merged and empty ones dropped, so that equal values compare equal."""


SOMEWHERE: Final = Symbol("unknown", "folder")
"""A folder of which nobody knows which it is."""


EXPORTED: Final = "exported"
"""The kind of a variable that has a default, and that an action which nobody follows may have set before."""


def is_somewhere(path: Value) -> bool:
    """Tell whether a path leads to, or into, a folder of which nobody knows which it is."""
    return path[:1] == (SOMEWHERE,)


def value(*parts: str | Symbol | Value) -> Value:
    """Join parts into one normalised value; of a part that is a value itself only the first piece can merge."""
    if len(parts) == 1 and isinstance(parts[0], str):  # as most are
        return (parts[0],) if parts[0] else ()
    merged: list[str | Symbol] = []
    for part in parts:
        pieces = part if isinstance(part, tuple) else (part,)
        if merged and pieces and isinstance(merged[-1], str) and isinstance(pieces[0], str):
            merged[-1] += pieces[0]
            pieces = pieces[1:]
        if pieces and pieces[0] != "":
            merged.extend(pieces)
    return tuple(merged)


def literal(of: Value) -> str | None:
    """The text of a value all of whose parts are known, else None."""
    if not of:
        return ""
    return of[0] if len(of) == 1 and isinstance(of[0], str) else None


def head(of: Value) -> str:
    """The text that a value surely begins with, up to its first symbol."""
    return of[0] if of and isinstance(of[0], str) else ""


def mirrored(of: Value) -> Value:
    """A value read from its end: what it ends with is what its mirror image begins with."""
    return tuple(part[::-1] if isinstance(part, str) else part for part in reversed(of))


def display(of: Value) -> str:
    """A value as text that tells every two values apart: symbols appear as `<kind name>`."""
    text = literal(of)
    if text is not None:
        return text
    return "".join(part if isinstance(part, str) else f"<{part.kind} {part.name}>" for part in of)


_FORMS = {
    "digest": "<digest of {}>",
    "secret": "${{{{ secrets.{} }}}}",
    "github": "${{{{ github.{} }}}}",
    "gitlab": "${}",
    "exported": "${}",
    "runner": "${{{{ runner.{} }}}}",
    "matrix": "${{{{ matrix.{} }}}}",
    "output": "${{{{ steps.{} }}}}",
    "tags": "<tags of {}>",
    "glob": "{}",
    "file": "$(cat {})",
    "template": "{{{{ {} }}}}",
    "left": "{}",
    "mixed": "a mix with {}",
    "patched": "a tree with {}",
    "handed": "a tree with {}",
}
_NUMBER = regex(r"^\S+/\S+: | #\d+$")
_COUNT = regex(r"\d+(:\d+)+")
_MADE = regex(r"(?:([\w-]+):)?\d+:(\D.*)")
"""What is made by a name of its own, after its step, and the number of what came before it."""


FED_BY = " ← "
"""What stands in the name of what a command prints between it and the command that feeds it."""


def shown(of: Value) -> str:
    """A value as a developer would write it, as far as there is a way: `…@<digest of push>`, `$VERSION`, `${{ … }}`."""
    text = literal(of)
    if text is not None:
        return text
    return "".join(part if isinstance(part, str) else _shown(part) for part in of)


def _shown(symbol: Symbol) -> str:
    if symbol == Symbol("github", "tag"):
        return "<tag>"
    if symbol.kind == "variable":
        return f"${{{{ {symbol.name} }}}}" if symbol.name.startswith("vars.") else f"${symbol.name}"
    if symbol.kind == "unknown" and _PATH.fullmatch(symbol.name):
        return f"${{{{ {symbol.name} }}}}"
    if symbol.kind in {"command", "looked-up"}:
        return f"$({_NUMBER.sub('', symbol.name)})"
    if symbol.kind in {"glob", "file", "mixed", "patched", "handed"}:
        return _FORMS[symbol.kind].format(symbol.name)
    if symbol.kind == "hex":
        return f"{_shown(whole_digest(symbol))} without its algorithm"
    form = _FORMS.get(symbol.kind)
    return form.format(_called(symbol.name)) if form else "…"


def _called(name: str) -> str:
    """The last part of an origin; where that only counts what a script does, the name of its step or its job.

    A step that has no name is called by its number, as readers count; what only a run knows of a part is left out.
    """
    *before, last = _UNKNOWN.sub("…", name).split("/")
    if before and last.isdecimal():
        return f"step {int(last) + 1}"
    owners = [part for part in before if part != "script" and not part.isdecimal()]
    if owners and (made := _MADE.fullmatch(last)):
        return f"{owners[-1] if (made[1] or '0').isdecimal() else made[1]}: {made[2]}"
    if not (owners and _COUNT.fullmatch(last)):
        return last
    count = last.lstrip("0:").replace(":", ".")
    return f"{owners[-1]} {count}".rstrip()


_UNKNOWN = regex(r"<.*>")
_PATH = regex(r"(github|needs|steps|inputs|matrix|vars|env|secrets)(\.[\w-]+)+")


def lines(of: Value) -> list[Value]:
    """The non-empty lines of a value, without white space around them."""
    return split(of, "\n")


def words(of: Value) -> list[Value]:
    """The words of a value, as white space and commas separate them in action inputs."""
    return split(of, " \t\n,")


def fields(of: Value) -> list[Value]:
    """The words of a value, as white space alone separates them."""
    return split(of, " \t\n")


def split(of: Value, separators: str) -> list[Value]:
    """The pieces of a value between any of these characters, but for empty ones."""
    pieces: list[Value] = []
    current: Value = ()
    for part in of:
        if isinstance(part, Symbol):
            current = value(current, part)
            continue
        start = 0
        for end, character in enumerate(part):
            if character in separators:
                pieces.append(value(current, part[start:end]))
                current, start = (), end + 1
        current = value(current, part[start:])
    return [stripped for piece in [*pieces, current] if (stripped := strip(piece))]


def strip(of: Value) -> Value:
    """The value without white space at its ends."""
    parts = list(of)
    if parts and isinstance(parts[0], str):
        parts[0] = parts[0].lstrip()
    if parts and isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip()
    return value(*parts)


def partition(of: Value, separator: str, *, last: bool = False) -> tuple[Value, Value] | None:
    """The value before and after the first (or last) literal separator; None when it is not there."""
    indices = [index for index, part in enumerate(of) if isinstance(part, str) and separator in part]
    if not indices:
        return None
    index = indices[-1 if last else 0]
    part = of[index]
    assert isinstance(part, str)  # noqa: S101 - chosen above
    before, _, after = part.rpartition(separator) if last else part.partition(separator)
    return value(*of[:index], before), value(after, *of[index + 1 :])


def without_algorithm(of: Symbol) -> Symbol:
    """A digest without the `sha256:` before it; of one that is without it already, the same."""
    return of if of.kind == "hex" else Symbol("hex", display((of,)))


def whole_digest(of: Symbol) -> Symbol:
    """The digest that one without `sha256:` is of."""
    kind, _, name = of.name[1:-1].partition(" ")
    return Symbol(kind, name)


def replaced(of: Value, meanings: dict[Symbol, Value]) -> Value:
    """The value with every symbol that has a meaning replaced by it."""
    if not any(part in meanings for part in of if isinstance(part, Symbol)):
        return of
    return value(*(meanings.get(part, part) if isinstance(part, Symbol) else part for part in of))
