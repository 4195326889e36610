"""The token that a checkout leaves in `.git`: archives and copies that take it along, and who stores one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.effects import below, name_of, part_of, tidy
from goldenpath.facts.pipeline.words import globbed
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, display, literal, replaced, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.pipeline.actions import ActionEffects
    from goldenpath.facts.pipeline.commands import CommandEffects

MAX_COPIES = 20
"""Most archives and copies in one job that are followed."""

_NAME = ".git"
_NAMED = regex(r"\.git(?![\w-])|(?:^|[/=])\.\*")
_LISTS = ("--exclude-vcs", "--exclude-from", "--exclude-ignore", "--files-from", "--filter", "-X", "-T", "-@")
"""Options of archives and copies that leave out, or take, what another file lists."""
_HIDDEN = regex(r"(?:.*/)?\.[^./][^/]*(?:/.*)?")


def take_along(effects: CommandEffects, sources: Iterable[Value], into: Value, *, below_it: bool = False) -> None:
    """Files are packed into an archive, or copied to a path or `below_it`: with the token, if it is among them."""
    tokens = effects.state.tokens
    if effects.moment.dead or not into or len(tokens) > MAX_COPIES or _leaves_it_out(effects):
        return
    into = _expressed(into)
    for source in filter(_means_hidden_files, sources):
        wanted = _path(effects, source)
        tokens |= {_copy(each, wanted, into, below_it=below_it) for each in tokens if part_of(each, wanted) == ()}


def remove(effects: CommandEffects, word: Value) -> None:
    """Files are gone, and perhaps the token with them."""
    wanted = _path(effects, word)
    if not effects.moment.dead and _means_hidden_files(word):
        tokens = effects.state.tokens
        tokens -= {each for each in tokens if part_of(each, wanted) == () or part_of(wanted, each) == ()}


def are_stored(effects: ActionEffects, lines: list[Value], *, hidden: bool) -> bool:
    """Whether an artifact of these paths has the token: of hidden files only where it asks for them."""
    left_out = any(display(line).startswith("!") and _NAMED.search(display(line)) for line in lines)
    patterns = [tidy(line) for line in lines if not display(line).startswith("!")]
    return any(
        part_of(token, pattern) == ()
        and (hidden or not _HIDDEN.fullmatch(display(token)))
        and not (left_out and display(token).endswith(_NAME))
        for token in effects.state.tokens
        for pattern in patterns
    )


def _path(effects: CommandEffects, word: Value) -> Value:
    return _expressed(effects.path(globbed(word))) or value(".")


def _expressed(path: Value) -> Value:
    """A path as an expression calls it, where a script has it from a variable."""
    return replaced(path, {Symbol("variable", "RUNNER_TEMP"): value(Symbol("runner", "temp"))})


def _means_hidden_files(word: Value) -> bool:
    """Whether a word names hidden files, too: a pattern of a shell does not, unless it begins with a dot."""
    name = display(name_of(globbed(word)))
    return not {"*", "?"} & set(name) or name.startswith(".")


def _leaves_it_out(effects: CommandEffects) -> bool:
    texts = [display(word) for word in effects.all_words[1:]]
    leaves = any(text.startswith(("--exclude", "-x")) for text in texts)
    return any(text.startswith(_LISTS) for text in texts) or (leaves and any(map(_NAMED.search, texts)))


def _copy(token: Value, wanted: Value, into: Value, *, below_it: bool) -> Value:
    """Where the token is in a copy, of which an archive shows nothing."""
    if not below_it:
        return into
    text, folder = literal(token) or _NAME, literal(wanted) or "."
    return below(into, value(text.removeprefix(f"{folder}/")))
