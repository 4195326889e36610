"""What Compose builds and pushes: of each service that a file says how to build, what `docker build` and `push` would.

Whatever it is told beyond that is not followed.
"""

from __future__ import annotations

import posixpath
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, parse
from goldenpath.facts.pipeline.called import TELL_COMPOSE
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.script import Called, Lead
from goldenpath.facts.tasks.model import quoted
from goldenpath.facts.values import Symbol, literal, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.called import Checkout
    from goldenpath.facts.pipeline.words import Words
    from goldenpath.facts.shell.script import Surroundings

_BEFORE = frozenset({"-f", "--file", "-p", "--project-name", "--ansi", "--progress", "--verbose"})
"""Options of Compose that do not change what is built of these files."""
_BEHIND = {
    "build": frozenset({"--build-arg", "--progress", "--no-cache", "--pull", "--push", "-q", "--quiet", "--no-rm"}),
    "push": frozenset({"-q", "--quiet"}),
}
_OF_BUILD = frozenset({
    "context", "dockerfile", "target", "args", "tags", "labels", "cache_from", "cache_to", "no_cache", "pull",
    "network", "shm_size",
})  # fmt: skip
"""What a build is told that is followed here, or changes nothing of what it is of."""
_PLAIN = regex(r"(?:[^\"`\\$]|\$\w+|\$\{\w+(?::?[-?][^{}\"`\\$]*)?\})*")
"""A text in which Compose puts variables as a shell would."""


class Asked(Struct, frozen=True):
    """What Compose is asked: a verb, with the words before and behind it, of services of these files."""

    engine: str
    verb: str
    before: Words
    behind: Words
    paths: list[str]


class _Unknown(Exception):  # noqa: N818 - a limit of what is followed
    """Why it is not known what Compose builds."""


def lead_of(asked: Asked, checkout: Checkout, surroundings: Surroundings) -> Lead:
    """What `docker compose build` and `push` come to."""
    try:
        return Lead(tuple(_scripts(asked, checkout, surroundings)), reads=frozenset(asked.paths))
    except _Unknown as unknown:
        return Lead(unseen=f"what a compose file builds is not followed: {unknown}", reads=frozenset(asked.paths))


def _scripts(asked: Asked, checkout: Checkout, surroundings: Surroundings) -> Iterator[Called]:
    words = (
        ((each, _BEFORE) for each in asked.before.options),
        ((each, _BEHIND[asked.verb]) for each in asked.behind.options),
    )
    if other := next((each for each, known in chain(*words) if each not in known), ""):
        raise _Unknown(f"{other} tells it more")
    said = {name: surroundings.environment(name) or () for name in TELL_COMPOSE}
    if told := next((name for name, text in said.items() if text not in {(), (Symbol("variable", name),)}), ""):
        raise _Unknown(f"{told} tells it more")
    services = _chosen(_services(checkout, asked.paths), asked.behind)
    folder = posixpath.dirname(asked.paths[0])
    beside = posixpath.join(folder, ".env")
    is_set = checkout.exists(beside) or beside in surroundings.made
    given = tuple(part for each in asked.behind.of("--build-arg") for part in (" --build-arg ", quoted(each)))
    for service in services.values():
        build = _build(service)
        tags = [_word(each) for each in (service.text("image"), *_texts(build.get("tags")))]
        told_ = "".join(f" {option} {text}" for option, text in _options(build))
        context = _word(build.text("context") or ".")
        if is_set and "$" in f"{tags}{told_}{context}":
            raise _Unknown(f"{beside} says what variables are")
        names = "".join(f" -t {tag}" for tag in tags)
        texts = [value(f"{asked.engine} build{names}{told_}", *given, f" {context}")] if asked.verb == "build" else []
        is_pushed = asked.verb == "push" or asked.behind.has("--push")
        texts += [value(f"{asked.engine} push {tag}") for tag in tags] if is_pushed else []
        for text in texts:
            yield Called(text=text, path=service.place.path, line=service.place.line - 1, folder=value(folder))


def _services(checkout: Checkout, paths: list[str]) -> dict[str, Mapping]:
    """The services of these files, each of which one file alone speaks of."""
    found: dict[str, Mapping] = {}
    for path in paths:
        try:
            documents = parse(path, checkout.text(path) or "")
        except Malformed:
            documents = []
        root = documents[0] if len(documents) == 1 else None
        services = root.get("services") if isinstance(root, Mapping) else None
        if not isinstance(services, Mapping) or (isinstance(root, Mapping) and root.get("include") is not None):
            raise _Unknown(f"{path} is not read")
        if several := found.keys() & services.values.keys():
            raise _Unknown(f"several files speak of {min(several)}")
        found |= {
            name: node if isinstance(node, Mapping) else Mapping(node.place, {}, {})
            for name, node in services.values.items()
        }
    return found


def _chosen(services: dict[str, Mapping], behind: Words) -> dict[str, Mapping]:
    """Those of the services that are asked for, or of all, that a file says how to build."""
    names = [literal(word) for word in behind.positionals]
    if other := next((name for name in names if name not in services), ""):
        raise _Unknown(f"no service is called {other or '…'}")
    chosen = {name: each for name, each in services.items() if (name in names if names else not each.get("profiles"))}
    if other := next((name for name, each in chosen.items() if each.get("extends") or each.get("<<")), ""):
        raise _Unknown(f"{other} is put together of others")
    return {name: each for name, each in chosen.items() if each.get("build") is not None}


def _build(service: Mapping) -> Mapping:
    """How a service is built."""
    build = service.get("build")
    if isinstance(build, Scalar):
        build = Mapping(build.place, {"context": build}, {})
    if not isinstance(build, Mapping) or not service.text("image"):
        raise _Unknown(f"{service.place}: how it is built, or called, is not said")
    if other := next((key for key in build.values if key not in _OF_BUILD), ""):
        raise _Unknown(f"{service.place}: what {other} says is not read")
    return build


def _options(build: Mapping) -> Iterator[tuple[str, str]]:
    """What a file says of a build, as options."""
    context = build.text("context") or "."
    if "://" in context or context.startswith("git@") or "$" in context:
        raise _Unknown(f"{build.place}: from what it is built is only known in a run")
    if file := build.text("dockerfile"):
        yield "-f", _word(posixpath.join(context, file))
    if target := build.text("target"):
        yield "--target", _word(target)
    arguments = build.get("args")
    pairs = _texts(arguments)
    if isinstance(arguments, Mapping):
        pairs = [f"{name}={each.text}" for name, each in arguments.values.items() if isinstance(each, Scalar)]
    for pair in pairs:
        yield "--build-arg", _word(pair)


def _texts(node: Node | None) -> list[str]:
    return [each.text for each in node.items if isinstance(each, Scalar)] if isinstance(node, Sequence) else []


def _word(text: str | None) -> str:
    """A text of the file as a shell reads it, which puts variables in as Compose does."""
    if not text or not _PLAIN.fullmatch(text):
        raise _Unknown(f"what `{text}` comes to is not read")
    return f'"{text}"'
