"""Tokens in files: a checkout's in `.git`, secrets that a script writes down; their copies, and who stores one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.effects import below, name_of, part_of
from goldenpath.facts.pipeline.words import globbed
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, display, literal, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.pipeline.actions import ActionEffects
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.pipeline.state import JobRun

MAX_COPIES = 20
"""Most archives and copies in one job that are followed."""

_NAME = ".git"
_NAMED = regex(r"\.git(?![\w-])|(?:^|[/=])\.\*")
_LISTS = ("--exclude-vcs", "--exclude-from", "--exclude-ignore", "--files-from", "--filter", "-X", "-T", "-@")
"""Options of archives and copies that leave out, or take, what another file lists."""
_NAMES_SOMEBODY = regex(r"(?:.*_)?(?:USER|USERNAME|LOGIN|ORG|OWNER|EMAIL|REGISTRY|HOST|HOSTNAME|REGION|PROJECT)")
"""Settings that are kept among the secrets, and by which nobody gets in."""
_HIDDEN = regex(r"(?:.*/)?\.[^./][^/]*(?:/.*)?")


def take_along(effects: CommandEffects, sources: Iterable[Value], into: Value, *, below_it: bool = False) -> None:
    """Files are packed into an archive, or copied to a path or `below_it`: with the token, if it is among them."""
    tokens = effects.state.tokens
    if effects.moment.dead or not into or len(tokens) > MAX_COPIES or _leaves_it_out(effects):
        return
    for source in filter(_means_hidden_files, sources):
        wanted = _path(effects, source)
        taken = {each: secret for each, secret in tokens.items() if part_of(each, wanted) == ()}
        tokens.update({_copy(each, wanted, into, below_it=below_it): secret for each, secret in taken.items()})


def remove(effects: CommandEffects, word: Value) -> None:
    """Files are gone, and perhaps the token with them."""
    wanted = _path(effects, word)
    if not effects.moment.dead and _means_hidden_files(word):
        tokens = effects.state.tokens
        for each in [each for each in tokens if part_of(each, wanted) == () or part_of(wanted, each) == ()]:
            del tokens[each]


def write_down(state: JobRun, path: Value, text: Value) -> None:
    """A script has written a file, of which a secret may be a part."""
    secret = next((part.name for part in text if isinstance(part, Symbol) and part.kind == "secret"), "")
    if secret and not _NAMES_SOMEBODY.fullmatch(secret) and len(state.tokens) <= MAX_COPIES:
        state.tokens[path] = secret
    elif literal(text) is not None:
        state.tokens.pop(path, None)


def stored(effects: ActionEffects, patterns: list[Value], without: list[Value], *, hidden: bool) -> dict[Value, str]:
    """The tokens in an artifact of these paths: those in hidden files only where it asks for them."""
    left_out = any(_NAMED.search(display(each)) for each in without)
    return {
        token: secret
        for token, secret in effects.state.tokens.items()
        if any(part_of(token, pattern) == () for pattern in patterns)
        and (hidden or not _HIDDEN.fullmatch(display(token)))
        and not (left_out and display(token).endswith(_NAME))
        and not any(part_of(token, each) == () for each in without)
    }


def _path(effects: CommandEffects, word: Value) -> Value:
    return effects.path(globbed(word)) or value(".")


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
