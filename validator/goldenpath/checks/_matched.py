"""Whether what an act is about is the very artifact that is released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import Fix
from goldenpath.checks._findings import Candidate
from goldenpath.facts.pipeline.acts import Files, Image, is_opaque, of_leg, same_name
from goldenpath.facts.pipeline.effects import part_of
from goldenpath.facts.pipeline.scattered import may_touch
from goldenpath.facts.pipeline.subjects import WRONG_DIGESTS
from goldenpath.facts.values import Symbol, literal
from goldenpath.facts.values import shown as written

if TYPE_CHECKING:
    from goldenpath.checks._findings import Artifact
    from goldenpath.facts.pipeline.acts import Act, Content, Piece, Target


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
    if unknown and "*" in (literal(target.pattern) or "") and part_of(target.pattern, wanted.pattern) is not None:
        return Candidate(act, unsure=f"{verb} those that a pattern fits, which may be all of them or not")
    pattern = literal(target.pattern) or ""
    if "*" in pattern and _are_found(wanted) and part_of(wanted.pattern, target.pattern) is not None:
        return Candidate(act, unsure=f"{verb} all that {pattern} fits, but when these files were made cannot be seen")
    if target.named_in_a_run or any(isinstance(listed, Files) and listed.named_in_a_run for listed in lists):
        return Candidate(act, unsure=f"{verb} files of which only a run will know which they are")
    if target.parts_of(wanted) or any(isinstance(listed, Files) and listed.parts_of(wanted) for listed in lists):
        return Candidate(act, unsure=f"{verb} those that a pattern fits, which may be all of them or not")
    if perhaps := _perhaps(target, wanted):
        return Candidate(act, unsure=f"{verb} {perhaps}")
    return Candidate(act, wrong=act.problem or f"{verb} other files")


def _perhaps(target: Files, wanted: Files) -> str:
    """What else it may be that a pattern or the step that builds leaves open; empty for nothing."""
    if any(_may_be_found(target, each) for each in wanted.pieces):
        return _PERHAPS
    return "what the step that builds these files calls one of them" if _said_by_the_step(target, wanted) else ""


def _said_by_the_step(target: Files, wanted: Files) -> bool:
    """Whether files are called as a step has said that has built, or packed, what is wanted."""
    said = target.pattern[0] if target.pattern and isinstance(target.pattern[0], Symbol) else None
    if said is None or said.kind != "output":
        return False
    return any(content.kind == "built" and said.name.startswith(f"{content.origin}.") for content, _ in wanted.pieces)


_PERHAPS = "what may be one of the files that a pattern fits, or none of them"


def _may_be_found(of: Files, piece: Piece) -> bool:
    """Whether what was built may be among those of which a pattern is all that is known, in the same job."""
    content, part = piece
    here = f"{content.origin.rpartition('#')[0]}/"
    told = literal(part) is not None and literal(of.pattern) is not None  # then it would have been found
    if content.kind != "found" or "*" not in written(part) or told or not of.pattern:
        return False
    return any(each.origin.startswith(here) for each, _ in of.pieces) and may_touch(of.pattern, part)


def _are_found(files: Files) -> bool:
    """Whether nobody has seen how any of these files came to be."""
    return {content.kind for content, _ in files.pieces} == {"found"}


def left_out(of: Files, wanted: Files) -> list[Piece]:
    """What was surely not looked at of files that are released: neither as it is, nor before it was packed."""
    surely = (piece for piece in wanted.pieces if not any(_may_be_in(of, each) for each in _forms(piece)))
    return [piece for piece in surely if not _may_be_found(of, piece)]


def in_doubt(of: Files, wanted: Files, verb: str) -> str:
    """Why nobody knows whether what was looked at is what is released: not all of it, or no longer as it was."""
    seen = [next((form for form in _forms(piece) if _may_be_in(of, form)), None) for piece in wanted.pieces]
    looked_at = [each for each in seen if each is not None]
    if len(looked_at) < len(seen):
        return "" if left_out(of, wanted) else f"{verb} {_PERHAPS}"  # something surely was not
    if not all(_is_in(of, each) for each in looked_at):
        return f"{verb} only some of what is built together, which may be all that is released or not"
    later = wanted.scattered.union(*(each.scattered for each in looked_at)) - of.scattered
    return _scattered(verb, later) if later else ""


def _forms(piece: Piece) -> list[Files]:
    """A part of what is released by itself, and what it was packed of, if that was built."""
    alone = Files((), (piece,))
    of = piece[0].of if piece[0].kind == "built" else None
    packed = tuple(each for each in of.pieces if each[0].kind != "plain") if isinstance(of, Files) else ()
    return [alone, Files((), packed, of.scattered)] if packed and isinstance(of, Files) else [alone]


def _may_be_in(of: Files, files: Files) -> bool:
    """Whether each part of files may be among others."""
    return all(any(_may_meet(mine, theirs) for mine in of.pieces) for theirs in files.pieces)


def _may_meet(mine: Piece, theirs: Piece) -> bool:
    (leg, own), (other, wanted) = of_leg(mine[1]), of_leg(theirs[1])
    if mine[0] != theirs[0] or (leg and other and leg != other):
        return False
    return not own or not wanted or is_opaque(mine) or may_touch(own, wanted) or may_touch(wanted, own)


def _is_in(of: Files, files: Files) -> bool:
    """Whether files are among others; packages that one build has packed are made of the same.

    Of files that nobody has seen being made, a pattern names all that there are, for want of any other.
    """
    packed = {_by_leg(piece) for piece in of.pieces if is_opaque(piece) or piece[0].kind == "found"}
    rest = tuple(piece for piece in files.pieces if packed.isdisjoint({_by_leg(piece), (piece[0], "")}))
    return not rest or of.covers(Files((), rest))


def _by_leg(piece: Piece) -> tuple[Content, str]:
    """A content, and the leg that has made it, if it is of one."""
    return piece[0], of_leg(piece[1])[0]


def _scattered(verb: str, later: frozenset[str]) -> str:
    """Why what is proven of files need not be true of them any more."""
    return f"{verb} what {min(later).partition(': ')[2]} may write over, or lay another file beside, afterwards"


def _of_image(act: Act, target: Target, wanted: Image, verb: str) -> Candidate:
    if not isinstance(target, Image):
        return Candidate(act, wrong=f"{verb} files, not the image")
    if target.digest != wanted.digest:
        return _other_digest(act, target, wanted, verb)
    named = (same_name(target.name, wanted.name) if wanted.name else None) if target.name else True
    if named is None:
        whose = written(wanted.name) or "its own"
        return Candidate(act, unsure=f"{verb} it under a name of which nobody knows that it is {whose}")
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
