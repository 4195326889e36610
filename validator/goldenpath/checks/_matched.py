"""Whether what an act is about is the very artifact that is released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import Fix
from goldenpath.checks._findings import Candidate
from goldenpath.facts.pipeline.acts import Files, Image, same_name
from goldenpath.facts.pipeline.subjects import WRONG_DIGESTS
from goldenpath.facts.values import Symbol, literal
from goldenpath.facts.values import shown as written

if TYPE_CHECKING:
    from goldenpath.checks._findings import Artifact
    from goldenpath.facts.pipeline.acts import Act, Target


def matched(act: Act, target: Target, wanted: Target, verb: str) -> Candidate:
    """Whether what an act signs, verifies or scans (`verb`) is the very thing that is wanted, and why not."""
    if isinstance(wanted, Image):
        return _of_image(act, target, wanted, verb)
    return _of_files(act, target, wanted, verb)


def matched_anywhere(act: Act, target: Target, artifact: Artifact, verb: str) -> Candidate:
    """As `matched`, for what is looked at: under each name that a digest was built by here, it is the same image."""
    wanted = artifact.target
    if isinstance(wanted, Image) and isinstance(target, Image) and target.digest == wanted.digest:
        names = (each.name for built in artifact.built for each in built.targets if isinstance(each, Image))
        wanted = next((Image(name, digest=wanted.digest) for name in names if same_name(name, target.name)), wanted)
    return matched(act, target, wanted, verb)


def _of_files(act: Act, target: Target, wanted: Files, verb: str) -> Candidate:
    """Files count when they are signed themselves, or when a list of their digests is."""
    if not isinstance(target, Files):
        worked_out = any(isinstance(part, Symbol) and part.kind == "command" for part in target.digest)
        if worked_out and "/" not in written(target.name):  # as `sha256sum` says it of a file
            return Candidate(act, unsure=f"{verb} what has a digest that only a run will know")
        return Candidate(act, wrong=f"{verb} an image, not these files")
    lists = [content.of for content, _ in target.pieces if content.kind == "index"]
    covering = [each for each in (target, *lists) if isinstance(each, Files) and each.covers(wanted)]
    if covering:
        later = [wanted.scattered - each.scattered for each in covering]
        return Candidate(act, unsure=_scattered(verb, later[0]) if all(later) else "")
    unknown = {content.kind for content, _ in (*target.pieces, *wanted.pieces)} == {"found"}
    if unknown and target.pattern == wanted.pattern:
        return Candidate(act, unsure=f"{verb} a file of that name, but what happens to it in between is not followed")
    if target.named_in_a_run or any(isinstance(listed, Files) and listed.named_in_a_run for listed in lists):
        return Candidate(act, unsure=f"{verb} files of which only a run will know which they are")
    if target.parts_of(wanted) or any(isinstance(listed, Files) and listed.parts_of(wanted) for listed in lists):
        return Candidate(act, unsure=f"{verb} those that a pattern fits, which may be all of them or not")
    return Candidate(act, wrong=act.problem or f"{verb} other files")


def _scattered(verb: str, later: frozenset[str]) -> str:
    """Why what is proven of files need not be true of them any more."""
    return f"{verb} what {min(later).partition(': ')[2]} may write over, or lay another file beside, afterwards"


def _of_image(act: Act, target: Target, wanted: Image, verb: str) -> Candidate:
    if not isinstance(target, Image):
        return Candidate(act, wrong=f"{verb} files, not the image")
    if target.digest != wanted.digest:
        return _other_digest(act, target, wanted, verb)
    named = same_name(target.name, wanted.name) if target.name else True
    if named is None:
        return Candidate(act, unsure=f"{verb} it under a name of which nobody knows that it is {written(wanted.name)}")
    return Candidate(act) if named else Candidate(act, wrong=f"{verb} the digest under the name of another image")


def _other_digest(act: Act, target: Image, wanted: Image, verb: str) -> Candidate:
    if target.name and same_name(target.name, wanted.name) is False:
        return Candidate(act, wrong=f"{verb} an image of another name")
    if target.digest:
        return _wrong_digest(act, target, verb)
    if any(isinstance(part, Symbol) and part.kind == "last-leg" for part in target.name):
        return Candidate(act, wrong=f"{verb} {WRONG_DIGESTS['last-leg']}")
    if target.might_have_digest:
        return Candidate(act, unsure=f"{verb} what only a run will know")
    fix = Fix(f"Name {written((*wanted.name, '@', *wanted.digest))}, which cannot be moved", "minutes")
    return Candidate(act, wrong=act.problem or f"{verb} a tag, which can be moved", fix=fix)


def _wrong_digest(act: Act, target: Image, verb: str) -> Candidate:
    text = literal(target.digest)
    if text is not None:
        return Candidate(act, wrong=f"{verb} a digest that is written down, not the one that is built")
    for part in target.digest:
        if isinstance(part, Symbol) and part.kind in WRONG_DIGESTS:
            return Candidate(act, wrong=f"{verb} {WRONG_DIGESTS[part.kind]}")
    return Candidate(act, unsure=f"{verb} a digest that only a run will know")
