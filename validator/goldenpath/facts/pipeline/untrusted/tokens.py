"""Tokens in files: a checkout's in `.git`, secrets that a script writes down; their copies, and who stores one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from goldenpath.facts.pipeline.effects import below, name_of, part_of
from goldenpath.facts.pipeline.untrusted.injections import MAX_STAGES, table
from goldenpath.facts.pipeline.words import globbed
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.script import program_name, unwrapped
from goldenpath.facts.values import Symbol, Value, display, literal, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.pipeline.actions import ActionEffects
    from goldenpath.facts.pipeline.artifacts import Paths
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.pipeline.scripts import ScriptEffects
    from goldenpath.facts.shell import Command

MAX_COPIES = 20
"""Most archives and copies in one job that are followed."""

_NAME = ".git"
_NAMED = regex(r"\.git(?![\w-])|(?:^|[/=])\.\*")
_LISTS = ("--exclude-vcs", "--exclude-from", "--exclude-ignore", "--files-from", "--filter", "-X", "-T", "-@")
"""Options of archives and copies that leave out, or take, what another file lists."""
_NAMES_SOMEBODY = regex(r"(?:.*_)?(?:USER|USERNAME|LOGIN|ORG|OWNER|EMAIL|REGISTRY|HOST|HOSTNAME|REGION|PROJECT)")
"""Settings that are kept among the secrets, and by which nobody gets in."""
_HIDDEN = regex(r"(?:.*/)?\.[^./][^/]*(?:/.*)?")
_ALL = regex(r"(?i)toJSON\(\s*secrets\s*\)")
_MADE_OF = regex(r"<secret ([^<>]+)>")
"""A secret in the name of what the shell has made of it (`${TOKEN%x}`)."""


class Kept(NamedTuple):
    """A secret in a file, by its name; empty for the token of a checkout. `unsure`: perhaps only a part of it."""

    secret: str = ""
    unsure: bool = False


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


def write_down(script: ScriptEffects, path: Value, text: Value) -> None:
    """A script has written a file, of which a secret may be a part."""
    tokens = script.moment.state.tokens
    found = sorted(_secrets(script, text), key=lambda each: each.unsure)
    if found and len(tokens) <= MAX_COPIES:
        tokens[path] = found[0]
    elif literal(text) is not None:
        tokens.pop(path, None)


def write_in_place(effects: CommandEffects) -> None:
    """A program puts a secret, which stands in its words, into the files that it changes."""
    said = tuple(part for word in effects.all_words[1:] for part in word)
    kept = next((each for each in _secrets(effects.script, said) if not each.unsure), None)
    tokens = effects.state.tokens
    if kept is not None and not effects.moment.dead and len(tokens) <= MAX_COPIES:
        tokens.update({_path(effects, word): kept for word in effects.words.positionals})


def _secrets(script: ScriptEffects, text: Value, stages: int = MAX_STAGES) -> Iterator[Kept]:
    """The secrets in a text, and in what commands have made of one."""
    for part in text:
        if isinstance(part, Symbol):
            command = script.script.substitutions.get(part)
            if command is not None:
                yield from _printed(script, command, stages - 1) if stages else ()
            elif part.kind == "secret" or _ALL.fullmatch(part.name):
                yield from () if _NAMES_SOMEBODY.fullmatch(part.name) else (Kept(part.name),)
            else:
                made = (each for each in _MADE_OF.findall(part.name) if not _NAMES_SOMEBODY.fullmatch(each))
                yield from (Kept(each, unsure=True) for each in made)


def _printed(script: ScriptEffects, command: Command, stages: int) -> Iterator[Kept]:
    """The secrets in what a command prints: of what it is handed, what its words hold, or its environment."""
    words = unwrapped(command.words)
    program = program_name(words[0]) if words else None
    handed = (*(command.stdin or ()), *(part for word in words[1:] for part in word))
    called = " ".join([program or "", *(literal(word) or "?" for word in words[1:]), ""])
    if any(called.startswith(f"{each} ") for each in table().recoding):
        yield from _secrets(script, handed, stages)
    elif program in table().passing:
        yield from (each._replace(unsure=True) for each in _secrets(script, handed, stages))
    if program in table().environment | table().filling_in:
        template = (command.stdin or ()) if program in table().filling_in else ()
        yield from _of_environment(script, " ".join(map(display, words[1:])), template)


def _of_environment(script: ScriptEffects, told: str, template: Value) -> Iterator[Kept]:
    """The secrets among the variables that a program prints: those that it is told, or its template; else all."""
    moment = script.moment
    if len(template) == 1 and isinstance(template[0], Symbol) and template[0].kind == "file":
        template = value(moment.frame.shared.tree.text(template[0].name) or template[0])
    named = set(_VARIABLES.findall(f"{told} {display(template)}"))
    for variable in sorted(moment.telling):
        meant = variable in named or not (told or template)
        if meant or literal(template) is None:
            yield from (each._replace(unsure=not meant) for each in _secrets(script, moment.environment[variable], 0))


_VARIABLES = regex(r"[A-Za-z_]\w*")


def stored(effects: ActionEffects, paths: Paths, *, hidden: bool) -> dict[Value, Kept]:
    """The tokens in an artifact of these paths: those in hidden files only where it asks for them."""
    return {
        token: kept
        for token, kept in effects.state.tokens.items()
        if (hidden or not _HIDDEN.fullmatch(display(token))) and any(_is_among(token, *each) for each in paths)
    }


def _is_among(token: Value, pattern: Value, without: tuple[Value, ...]) -> bool:
    """Whether a pattern means the token's file, and none of those behind it leaves that out."""
    left_out = display(token).endswith(_NAME) and any(_NAMED.search(display(each)) for each in without)
    return part_of(token, pattern) == () and not (left_out or any(part_of(token, each) == () for each in without))


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
