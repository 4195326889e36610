"""Reusable workflows of other repositories that build and sign, or sign what they are handed: what the table says.

Generators of provenance are handed a list of digests as text (`sha256sum … | base64 -w0`); which files it is about is
found where the text is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from goldenpath.facts.pipeline.acts import Act, Content, Files, Image, Recipe, image
from goldenpath.facts.pipeline.effects import lacking, name_of, tidy
from goldenpath.facts.pipeline.runs import ANYTHING
from goldenpath.facts.pipeline.tables import known_command
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.script import unwrapped
from goldenpath.facts.values import Symbol, Value, fields, lines, literal, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.pipeline.acts import Guard, Kind, Target
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.pipeline.permissions import Permissions
    from goldenpath.facts.pipeline.state import Shared
    from goldenpath.facts.pipeline.tables import ActionKnowledge, Called
    from goldenpath.facts.workflows import Uses

LISTERS = ("sha256sum", "shasum", "sha512sum")
_TAG = regex(r"v?\d+\.\d+\.\d+")


class Call(NamedTuple):
    """A job that calls such a workflow: what it is given, what its token may do, and when it runs."""

    uses: Uses
    given: dict[str, Value]
    permissions: Permissions
    guard: Guard


def list_as_text(effects: CommandEffects) -> None:
    """`base64` of a list of digests: from then on its output stands for the files that are listed."""
    listed = _listed(effects)
    if listed is not None:
        symbol = Symbol("list", f"{effects.moment.key}/{effects.command.line}")
        effects.moment.frame.shared.lists[symbol] = listed
        effects.script.means(effects.command, value(symbol))


def _listed(effects: CommandEffects) -> Files | None:
    """The files in the list that a command reads: made in its pipe, or standing in a file."""
    feeding = _feeding(effects)
    program = literal(feeding[0]) if feeding else ""
    if program in LISTERS:
        files = [effects.seen(effects.script.known(word)) for word in Words(feeding[1:], ("-a",)).positionals]
        return Files(value("*"), tuple(piece for each in files for piece in each.pieces)) if files else None
    read = [effects.script.known(word) for word in feeding[1:]] if program == "cat" else [*effects.words.positionals]
    read += [effects.script.known(each.target) for each in effects.command.redirects if each.operator == "<"]
    found = [content.of for word in read for content, _ in effects.seen(word).pieces if content.kind == "index"]
    return found[0] if len(found) == 1 and isinstance(found[0], Files) else None


def _feeding(effects: CommandEffects) -> tuple[Value, ...]:
    """The words of the command whose output it reads."""
    script, source = effects.script.script, effects.command.pipe_from
    read = next((part for part in effects.command.stdin or () if isinstance(part, Symbol)), None)
    fed = script.commands[source] if source is not None else script.substitutions.get(read) if read else None
    return unwrapped(fed.words) if fed is not None else ()


def acts_of(call: Call, known: ActionKnowledge, about: Called, shared: Shared) -> Iterator[Act]:
    """What such a workflow does, in its order."""
    problem = lacking(known.tokens, call.permissions, call.guard.job) or _by_what(call.uses, about)
    if known.signs is not None:
        target = Image(image(call.given.get(known.signs.name, ())).name, digest=call.given.get(known.signs.digest, ()))
        yield _act(call, shared, "signed", target, problem=problem, tolerant=_is_on(call, about.tolerates))
    elif about.list:
        listed = shared.lists.get(_one(call.given.get(about.list, ())))
        if listed is None:
            reason = "which files it signs is said by digests that only a run will know"
            yield _act(call, shared, "unseen", problem=reason, may=frozenset({"sign"}))
        else:
            yield _of_list(call, about, shared, listed, problem)
    elif about.scans:
        refuses = literal(call.given.get(about.scans, value("true")))
        problem = "only reports what it finds" if refuses == "false" else None
        unsure = f"depends on {about.scans}" if refuses is None else None
        for folder in _looked_at(call, about, shared):
            sources = Files(folder, ((Content("found", call.guard.job), folder),))
            yield _act(call, shared, "scanned", sources, problem=problem, unsure=unsure)
    elif about.files:
        yield from _with_files(call, about, shared, problem)
    elif literal(call.given.get(about.pushes, ())) is None:
        reason = f"whether it pushes an image is only known in a run ({about.pushes})"
        yield _act(call, shared, "unseen", problem=reason, may=ANYTHING)
    elif _is_on(call, about.pushes):
        yield from _with_image(call, about, shared, problem)


def _of_list(call: Call, about: Called, shared: Shared, listed: Files, problem: str | None) -> Act:
    """The signature of files: their provenance is put into the release, or is one of the artifacts of the run."""
    uploads = literal(call.given.get(about.uploads, value("false")))
    unsure = f"depends on {about.uploads}, which says whether its provenance is published" if uploads is None else None
    left = Content("signature", call.guard.job) if uploads == "false" else None
    files = _provenances(call, about, listed) if left is not None else []
    if left is not None:
        for name in [*files, value(_output(call, about.proof))]:
            shared.artifacts[name] = dict.fromkeys(files, (left, ()))
    tolerant = _is_on(call, about.tolerates)
    into = tuple(files[:1])
    return _act(call, shared, "signed", listed, problem=problem, unsure=unsure, tolerant=tolerant, into=into, left=left)


def _provenances(call: Call, about: Called, listed: Files) -> list[Value]:
    """What the file with the provenance may be called, and the artifact with it: after the file, where it is one."""
    given = call.given.get(about.proof, ())
    names = dict.fromkeys([value("multiple"), *(name_of(part) for _, part in listed.pieces)])
    return [given] if given else [value(name, ".intoto.jsonl") for name in names]


def _with_files(call: Call, about: Called, shared: Shared, problem: str | None) -> Iterator[Act]:
    content = Content("built", call.guard.job)
    built = Files(value("the binary"), ((content, ()),))
    yield _act(call, shared, "built", built)
    yield _act(call, shared, "signed", built, problem=problem)
    shared.artifacts[value(_output(call, about.hands_over))] = {value("."): (content, ())}
    if literal(call.given.get(about.ships, ())) != "false" and not _is_on(call, about.draft):
        yield _act(call, shared, "shipped", built)


def _with_image(call: Call, about: Called, shared: Shared, problem: str | None) -> Iterator[Act]:
    digest = Symbol("digest", call.guard.job)
    names = [image(name).name for name in lines(call.given.get(about.names, ()))] or [()]
    images = tuple(Image(name, digest=value(digest)) for name in names)
    yield _act(call, shared, "built", *images, digest=digest, recipe=_recipe(call, about))
    if _is_on(call, about.sbom):
        yield _act(call, shared, "described", of=images[0])
        yield _act(call, shared, "attested", *images, of=images[0])
    asked = literal(call.given.get(about.keeps, ()))
    if asked != "false":
        unsure = f"signs only if a run says so ({about.keeps})" if asked is None else None
        yield _act(call, shared, "signed", *images, problem=problem, unsure=unsure)


def _recipe(call: Call, about: Called) -> Recipe | None:
    """How it builds an image of the commit, where inputs say it that are called as docker/build-push-action's.

    A Dockerfile is looked for in the folder that is its context.
    """
    in_a_folder = literal(call.given.get("context", value("."))) != "."
    if not about.by_dockerfile or (in_a_folder and "file" in call.given):
        return None
    inputs = {"context": value("."), "build-args": value("")} | {
        name: call.given[name] for name in ("context", "file", "build-args", "labels", "target") if name in call.given
    }
    return Recipe((value(call.uses.repository),), tuple(inputs.items()))


def outputs_of(call: Call, about: Called) -> dict[str, Value]:
    """The outputs of such a workflow by which others speak of what it has built."""
    said = {about.digest: value(Symbol("digest", call.guard.job))} if about.digest else {}
    given = {
        name: call.given.get(name) or value(_output(call, name)) for name in (about.hands_over, about.proof) if name
    }
    return said | given


def _output(call: Call, name: str) -> Symbol:
    return Symbol("output", f"{call.guard.job}.outputs.{name}")


def _is_on(call: Call, name: str) -> bool:
    return bool(name) and literal(call.given.get(name, ())) == "true"


def _one(of: Value) -> Symbol:
    """The symbol that a value is made of, if it is just one."""
    return of[0] if len(of) == 1 and isinstance(of[0], Symbol) else Symbol("unknown", "")


def _looked_at(call: Call, about: Called, shared: Shared) -> list[Value]:
    """The folders that alone a scanner looks at, by the words with which the workflow runs it."""
    from goldenpath.facts.pipeline.commands.scanning import told_where

    program, _, asked = about.asked.partition("=")
    row, _ = known_command(program.split(" "))
    if row is None or row.scans is None:
        return [value(".")]
    words = Words(tuple(fields(call.given.get(asked, ()))), row.takes.split())
    return told_where(words, row.scans, shared.tree, tidy) or [value(".")]


def _by_what(uses: Uses, about: Called) -> str | None:
    """Why a workflow that finds its own program by its tag cannot find it."""
    return (
        "cannot work: it has to be named by a tag (vX.Y.Z)" if about.by_tag and not _TAG.fullmatch(uses.ref) else None
    )


def _act(call: Call, shared: Shared, kind: Kind, *targets: Target, tolerant: bool = False, **about: object) -> Act:
    order = len(shared.acts)
    guard = msgspec.structs.replace(call.guard, order=order, fatal=call.guard.fatal and not tolerant)
    return Act(kind, call.uses.place, call.uses.label, guard, targets, **about)  # type: ignore[arg-type]
