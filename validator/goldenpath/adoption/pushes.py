"""Images that a script pushes: the command as it is written, and how its own shell would name the digest afterwards."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

METADATA = "image.json"
"""Where a build by BuildKit leaves the digest of what it has pushed."""

_PUSH = regex(r"\b(?:docker|podman)\s+(?:image\s+)?push\s+(?:-q\s+|--quiet\s+)?[\"']?(?P<reference>[^\s\"';|&]+)")
_BUILD = regex(r"\bdocker\s+(?:buildx\s+)?build\b")
_TAGS = regex(r"(?:^|\s)(?:-t|--tag)[ =][\"']?(?P<reference>[^\s\"';|&]+)")
_MARGIN = regex(r"^\s*(?:- (?![|>]))?")
_KEYED = regex(r"\s*(?:- )?[\w-]+:\s")
_MAKEFILES = regex(r"(?:GNU)?[Mm]akefile|.*\.mk")


class Push(Struct, frozen=True):
    """A command over the lines `first` to `last` (from 1) that pushes.

    `references` name what is pushed by its digest, in the words of the shell that runs it. `option` is what has to
    stand after the first line for that, `margin` what stands before the command: in a list of YAML also its dash.
    """

    first: int
    last: int
    margin: str
    references: tuple[str, ...]
    option: str = ""


def push_at(path: str, lines: Sequence[str], number: int) -> Push | None:
    """The push that begins at a line (from 1) of a script, a Makefile or a workflow; None where none is seen."""
    if _KEYED.match(lines[number - 1]):
        return None  # a value of YAML, behind which no line can stand
    last = number
    while last < len(lines) and lines[last - 1].rstrip().endswith("\\"):
        last += 1
    text = " ".join(line.rstrip().removesuffix("\\") for line in lines[number - 1 : last])
    margin = "".join(_MARGIN.findall(lines[number - 1])[:1])
    if pushed := _PUSH.search(text):
        found = Push(number, last, margin, (_inspected(pushed["reference"]),))
    elif _BUILD.search(text) and last > number:  # one more option has a line of its own
        digest = f"$(jq --raw-output '.\"containerimage.digest\"' {METADATA})"
        names = dict.fromkeys(filter(None, map(untagged, _tags(text))))
        found = Push(
            number, last, margin, tuple(f"{name}@{digest}" for name in names), f"--metadata-file {METADATA} \\"
        )
    else:
        return None
    if not _MAKEFILES.fullmatch(basename(path)):
        return found
    in_make = tuple(each.replace("$(docker", "$$(docker").replace("$(jq", "$$(jq") for each in found.references)
    return Push(found.first, found.last, "\t", in_make, found.option)


def name_of(pushed: str) -> str:
    """The reference of a `docker push` in a line, as it is written; empty where there is none."""
    match = _PUSH.search(pushed)
    return match["reference"] if match else ""


def _inspected(reference: str) -> str:
    return f"$(docker inspect --format '{{{{index .RepoDigests 0}}}}' \"{reference}\")"


def _tags(text: str) -> Iterator[str]:
    return (match["reference"] for match in _TAGS.finditer(text))


def untagged(reference: str) -> str:
    """A reference without its tag: what comes after the last colon, unless a variable or a port goes on there."""
    name, colon, tag = reference.rpartition(":")
    return reference if not colon or "/" in tag or name.count("{") != name.count("}") else name
