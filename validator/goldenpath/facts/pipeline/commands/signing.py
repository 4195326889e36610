"""Commands that sign and attest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.pipeline.acts import Content, Files, Image, image, same_name
from goldenpath.facts.pipeline.commands.handing import handed
from goldenpath.facts.pipeline.effects import is_of_one_file, name_of, under
from goldenpath.facts.pipeline.lists import several
from goldenpath.facts.pipeline.signing import OF_BUILDS, in_doubt
from goldenpath.facts.pipeline.words import globbed
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import literal, partition, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.pipeline.acts import Target
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.values import Value


def sign(effects: CommandEffects) -> None:
    """Images are signed."""
    for each in _images(effects) or [Image(())]:
        effects.act("signed", each, problem=effects.identity_problem(), unsure=_doubt(effects))


def sign_files(effects: CommandEffects) -> None:
    """Files are signed, where it is asked to."""
    if effects.about.when and not set(effects.about.when.split()) & effects.words.options.keys():
        return
    about = effects.about
    loses = about.output and not about.beside
    problem = effects.identity_problem() or (_loses_signatures(effects) if loses else None)
    for word in effects.words.positionals:
        into = _into(effects) or (_printed_into(effects) if loses else _beside(effects, word))
        _sign_into(effects, effects.seen(word), problem, _doubt(effects), into)


def _sign_into(
    effects: CommandEffects, signed: Files, problem: str | None, unsure: str | None, into: tuple[Value, ...]
) -> None:
    _write_over(effects, signed, into)
    effects.act("signed", signed, problem=problem, unsure=unsure, into=into)
    for path in into:
        if is_of_one_file(path) and not effects.pieces(path):
            effects.put(path, Content("signature", effects.origin(path), signed))


def _write_over(effects: CommandEffects, files: Files, into: tuple[Value, ...]) -> None:
    """A file with the signature of others gets this one; nobody has seen whether that was kept under another name."""
    acts = effects.moment.frame.shared.acts
    for at, act in enumerate(acts) if into and all(literal(path) for path in into) else ():
        other = act.kind == "signed" and act.into == into and files not in act.targets
        if other and act.guard.job == effects.moment.key.partition("/")[0]:
            unsure = f"leaves its signature where {effects.text} ({effects.place}) writes over it"
            acts[at] = replace(act, unsure=act.unsure or unsure)


def _into(effects: CommandEffects) -> tuple[Value, ...]:
    """The files that options name for a signature."""
    return tuple(map(effects.path, effects.words.of(effects.about.output))) if effects.about.output else ()


def _printed_into(effects: CommandEffects) -> tuple[Value, ...]:
    """The file that a signature is redirected into where no option names one."""
    file = effects.command.stdout
    return (effects.path(effects.script.known(file)),) if file else ()


def _beside(effects: CommandEffects, word: Value) -> tuple[Value, ...]:
    """Where a signature stands that no option names a file for: beside what is signed, or in another folder."""
    folder = effects.words.first("--output-directory")
    endings = effects.about.beside.split()
    if folder:
        return tuple(value(under(effects.path(folder), name_of(word)), each) for each in endings)
    return tuple(effects.path(value(word, each)) for each in endings)  # `dist/*.sig`: not those of the folder itself


def _loses_signatures(effects: CommandEffects) -> str | None:
    """Why nobody gets to see a signature: it is in the log alone, or the next one is written over it."""
    outputs = effects.words.of(effects.about.output)
    if not outputs:
        kept = effects.written_to() or effects.command.substitution or effects.command.pipe_to is not None
        return None if kept else f"leaves the signature in the log alone ({effects.about.output.split()[0]})"
    paths = {path for word in effects.words.positionals for path in _each(effects, word)}
    if len(paths) > 1 and all(literal(each) for each in outputs):
        return f"writes the signatures of several files over each other ({effects.about.output.split()[0]})"
    return None


def _each(effects: CommandEffects, word: Value) -> Iterable[Value]:
    """The files that a word stands for, as far as one has seen them being made."""
    named = globbed(word)
    is_one = not any("*" in part or "?" in part for part in named if isinstance(part, str))
    return [word] if is_one else [path for path, *_ in effects.pieces(effects.path(named))]


def attest(effects: CommandEffects) -> None:
    """An SBOM is attested of images, or attached to them, by an option or behind the image."""
    if effects.about.files is None:
        _attested(effects, _images(effects))
        return
    targets = [image(each) for each in effects.words.positionals[: effects.about.files]]
    for file in effects.words.positionals[effects.about.files :]:
        path, _ = partition(file, ":", last=True) or (file, ())
        _attested(effects, targets, path)


def attest_files(effects: CommandEffects) -> None:
    """An SBOM is attested of files, or how they were built: that is a signature of the digest, as of `actions/attest`.

    Of which files it is, a statement says itself that was written before (`--statement`).
    """
    files = [effects.seen(word) for word in effects.words.positionals]
    kind = literal(effects.words.first(effects.about.kind))
    says_itself = not kind and effects.words.has("--statement")
    if not says_itself and not OF_BUILDS.fullmatch(kind or ""):
        _attested(effects, files)
        return
    unsure = "is of what a statement says that stands in a file" if says_itself else _doubt(effects)
    for each in files:
        problem = effects.identity_problem() or _loses_signatures(effects)
        _sign_into(effects, each, problem, unsure, _into(effects) or _printed_into(effects))


def take_away(effects: CommandEffects) -> None:
    """What has been signed or attested of an image may be gone, as far as it is kept under a tag of its own."""
    kind = literal(effects.words.first(effects.about.kind)) or "all"
    kinds = {"signature": {"signed"}, "all": {"signed", "attested"}}.get(kind, {"attested"})
    named = [] if effects.moment.dead else list(_images(effects))
    acts = effects.moment.frame.shared.acts
    for at, act in enumerate(acts):
        if act.kind in kinds and any(_may_be(one, other) for one in named for other in act.targets):
            acts[at] = replace(act, unsure=act.unsure or f"may be taken away again by {effects.text} ({effects.place})")


def _may_be(one: Image, other: Target) -> bool:
    """Whether two images may be the same, by their digests or their names."""
    if not isinstance(other, Image) or (one.digest and other.digest):
        return isinstance(other, Image) and one.digest == other.digest
    return same_name(one.name, other.name) is not False


_STDIN = frozenset({"-", "/dev/stdin"})
_OF_SIGNATURES = regex(r"\bsig\b|signature|sigstore|notary|in-?toto|provenance")


def _attested(effects: CommandEffects, targets: list[Image] | list[Files], file: Value = ()) -> None:
    kind = literal(effects.words.first(effects.about.kind)) if effects.about.kind else "sbom"
    if kind is not None and not re.search(r"sbom|spdx|cyclonedx", kind):
        if effects.about.does == "attach" and _OF_SIGNATURES.search(kind):
            effects.unseen("a signature that was made elsewhere is attached", frozenset({"sign"}))
        return
    predicate = file or effects.words.first(effects.about.predicate)
    problem = effects.identity_problem() if effects.about.does != "attach" else None
    read = handed(effects) if literal(predicate) in _STDIN else None
    path = effects.path(predicate) if predicate else ()
    if effects.words.has("--replace"):
        _replace(effects, targets, path)
    effects.attested(targets, path, problem, into=_into(effects), handed=read)


def _replace(effects: CommandEffects, targets: list[Image] | list[Files], path: Value) -> None:
    """What was attested of the same before is gone, if it is of the same kind; an SBOM of the same is as good."""
    known = {content.of for _, (content, _), _ in effects.pieces(path) if content.kind == "sbom"}
    acts = effects.moment.frame.shared.acts
    for at, act in enumerate(acts) if not effects.moment.dead else ():
        if act.kind == "attested" and act.of not in known and set(act.targets) & set(targets):
            unsure = f"may be replaced by {effects.text} ({effects.place})"
            acts[at] = replace(act, unsure=act.unsure or unsure)


def _images(effects: CommandEffects) -> list[Image]:
    words = effects.words.positionals
    known = effects.script.known
    return [image(known(each)) for word in words for each in several(word, effects.state.tag_lists)]


def _doubt(effects: CommandEffects) -> str | None:
    return in_doubt(effects.about, effects.words)
