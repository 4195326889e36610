"""What services of a compose file run that have this repository: `docker compose run app pytest`.

A service has it where it is built from it, or has it mounted. Whatever else a compose file starts is none of it.
"""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, parse
from goldenpath.facts.pipeline.tables import has_a_release, words_in
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.script import Called, Lead
from goldenpath.facts.values import display, literal, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.called import Checkout
    from goldenpath.facts.shell.script import Surroundings
    from goldenpath.facts.values import Value

_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_BEFORE = (
    "-f",
    "--file",
    "-p",
    "--project-name",
    "--profile",
    "--env-file",
    "--project-directory",
    "--ansi",
    "--progress",
)
_BEHIND = (
    "-e", "--env", "-v", "--volume", "-w", "--workdir", "-u", "--user", "--name", "--entrypoint", "-p", "--publish",
    "-l", "--label", "--env-file", "--pull", "--index", "--cap-add", "--cap-drop", "--exit-code-from", "-t",
    "--timeout", "--attach", "--scale",
)  # fmt: skip
BEHIND_BUILD = ("--build-arg", "--progress", "-m", "--memory", "--ssh", "--builder")
"""Options of `build` and `push` that take a word."""
_RELEASES = "what a service is handed to run releases something"
_ENTRYPOINT = regex(r"(?mi)^\s*ENTRYPOINT\b")


class _Call(Struct, frozen=True):
    """What Compose is asked for: a verb, with its words, of the services of these files; `before` stands before it."""

    files: list[Value]
    verb: str
    words: Words
    before: Words


def lead_of(checkout: Checkout, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
    """What a service runs; None where that is not asked, or not known."""
    call = _call_of(words)
    if call is None:
        return None
    if call.verb in {"build", "push"}:
        return _of_builds(checkout, literal(words[0]) or "", call, surroundings)
    service = literal(call.words.first("--exit-code-from") if call.verb == "up" else (call.words.rest or ((),))[0])
    folder = literal(surroundings.folder)
    if not service or folder is None or folder.startswith(("/", "~", "..")):
        return None
    paths = [posixpath.normpath(posixpath.join(folder, literal(each) or "?")) for each in call.files]
    here = (posixpath.normpath(posixpath.join(folder, name)) for name in _FILES)
    paths = paths or [each for each in here if checkout.text(each) is not None][:1]
    said = _services(checkout, paths).get(service)
    if said is None or any(map(checkout.unseen, paths)) or call.words.has("--entrypoint") or said.get("entrypoint"):
        return None
    command = call.words.rest[1:] if call.verb != "up" else ()
    text = value(*(part for word in command for part in (_quoted(word), " "))) or _text(said.get("command"))
    at = _stands_in(said, posixpath.dirname(paths[0]))
    if at is None or call.words.has("-d --detach"):  # it has nothing of this repository, or nobody waits for it
        return Lead(unseen=_RELEASES if has_a_release(words_in(display(text))) else "")
    if _ENTRYPOINT.search(checkout.text(_dockerfile(said, at)) or ""):
        return None
    if not text:
        return None
    return Lead(
        (Called(text=text, path="", folder=value(at), clean=True),), reads=frozenset(paths), itself=call.verb == "up"
    )


def _of_builds(checkout: Checkout, program: str, call: _Call, surroundings: Surroundings) -> Lead | None:
    """What is built and pushed; None where no file says what."""
    from goldenpath.facts.pipeline.tools.composing import Asked, lead_of

    folder = literal(surroundings.folder)
    if folder is None or folder.startswith(("/", "~", "..")) or any(literal(each) is None for each in call.files):
        return None
    names = [each for file in call.files if (each := literal(file))] or _found(checkout, folder)
    paths = [posixpath.normpath(posixpath.join(folder, name)) for name in names]
    if not paths or any(checkout.text(path) is None or checkout.unseen(path) for path in paths):
        return None
    return lead_of(
        Asked(program.removesuffix("-compose"), call.verb, call.before, call.words, paths), checkout, surroundings
    )


def _found(checkout: Checkout, folder: str) -> list[str]:
    """The file that Compose takes where none is named, with the one that overrides it."""

    def first(names: Iterable[str]) -> list[str]:
        return [name for name in names if checkout.exists(posixpath.normpath(posixpath.join(folder, name)))][:1]

    return [*first(_FILES), *first(name.replace(".y", ".override.y") for name in _FILES)]


def _call_of(words: tuple[Value, ...]) -> _Call | None:
    """What Compose is asked to run in a service, and to wait for."""
    begin = 1 if literal(words[0]) in {"docker-compose", "podman-compose"} else 2
    if begin == 2 and literal(words[1] if len(words) > 1 else ()) != "compose":
        return None
    before = Words(words[begin:], _BEFORE)
    verb = literal(before.rest[0]) if before.rest else None
    builds = verb in {"build", "push"}
    behind = Words(before.rest[1:], BEHIND_BUILD if builds else _BEHIND)
    if builds or verb in {"run", "exec"} or (verb == "up" and behind.has("--exit-code-from")):
        own = Words(words[begin : len(words) - len(before.rest)], _BEFORE)
        return _Call(own.of("-f --file"), verb or "", behind, own)
    return None


def _services(checkout: Checkout, paths: list[str]) -> dict[str, Mapping]:
    """The services of these files: what a later one says of a service is taken for all that is said."""
    found: dict[str, Mapping] = {}
    for path in paths:
        try:
            documents = parse(path, checkout.text(path) or "")
        except Malformed:
            return {}
        services = documents[0].get("services") if documents and isinstance(documents[0], Mapping) else None
        if isinstance(services, Mapping):
            found |= {name: node for name, node in services.values.items() if isinstance(node, Mapping)}
    return found


def _stands_in(service: Mapping, beside: str) -> str | None:
    """The folder of this repository that a service has; None where it has none."""
    build = service.get("build")
    context = build.text if isinstance(build, Scalar) else service.text("build", "context") or "." if build else None
    volumes = service.get("volumes")
    for each in volumes.items if isinstance(volumes, Sequence) else ():
        if context is None and isinstance(each, Scalar) and each.text.startswith("."):
            context = each.text.partition(":")[0]
    if context is None or "://" in context or "$" in context:
        return None
    folder = posixpath.normpath(posixpath.join(beside, context))
    return None if folder.startswith(("..", "/")) else "" if folder == "." else folder


def _dockerfile(service: Mapping, context: str) -> str:
    return posixpath.normpath(posixpath.join(context, service.text("build", "dockerfile") or "Dockerfile"))


def _text(command: Node | None) -> Value:
    """What a service runs by itself, as a shell would read it."""
    if isinstance(command, Sequence):
        return value(" ".join(shlex.quote(each.text) for each in command.items if isinstance(each, Scalar)))
    return value(command.text) if isinstance(command, Scalar) else ()


def _quoted(word: Value) -> Value:
    from goldenpath.facts.tasks.model import quoted

    return quoted(word)
