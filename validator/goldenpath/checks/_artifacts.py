"""The artifacts that a run releases: what is built and shipped under which name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.checks._findings import Artifact
from goldenpath.facts.pipeline.acts import Files, Image, same_name
from goldenpath.facts.pipeline.effects import has_none, part_of
from goldenpath.facts.pipeline.subjects import Subjects
from goldenpath.facts.pipeline.words import globbed
from goldenpath.facts.values import literal, value
from goldenpath.facts.values import shown as written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.pipeline.acts import Act, Content, Target
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.values import Symbol, Value


def artifacts(run: Run) -> list[Artifact]:
    """The artifacts that a run builds or ships: its images, each name by itself, and the files that it ships."""
    return [*_images(run), *_files(run)]


def _images(run: Run) -> Iterable[Artifact]:
    built: dict[tuple[Symbol, Value], list[Act]] = {}
    for act in run.of_kind("built"):
        for target in act.targets:
            if isinstance(target, Image) and act.digest is not None:
                acts = built.setdefault((act.digest, target.name), [])
                acts += [act] if act not in acts else []
    shipped = run.of_kind("shipped")
    _join_parts(run, built, shipped)
    _add_copies(built, shipped)
    of_images = Subjects(((at, act), target) for at, act in enumerate(shipped) for target in images_of(act))
    of_all = [(at, act) for at, act in enumerate(shipped) if not images_of(act)]
    for (digest, name), acts in built.items():
        target = Image(name, digest=value(digest))
        near = dict([*of_all, *(act for act, _ in of_images.of(target))])
        others = [other for its, other in built if its == digest and same_name(other, name) is False]
        ships = tuple(near[at] for at in sorted(near) if _ships_image(run, near[at], target, others, acts))
        yield Artifact(_called(name), target, tuple(acts), ships)


def _join_parts(run: Run, built: dict[tuple[Symbol, Value], list[Act]], shipped: list[Act]) -> None:
    """Parts of an index have no name but by it, and it names their digests: they belong to it, and to nothing else."""
    named = {target.digest for act in shipped for target in images_of(act)}
    indexes = [(each, act) for each, acts in built.items() for act in acts if isinstance(act.of, Image)]
    for (digest, name), acts in list(built.items()):
        tagged = any(image.tag or image.name != name for act in acts for image in images_of(act))
        for index, by in () if tagged or value(digest) in named else indexes:
            if isinstance(by.of, Image) and by.of.name == name and all(run.precedes(act, by) for act in acts):
                built[index] = [*built[index], *acts]
                built.pop((digest, name), None)


def _add_copies(built: dict[tuple[Symbol, Value], list[Act]], shipped: list[Act]) -> None:
    """Under other names the same digests are shipped, too."""
    names: dict[Value, tuple[Symbol, list[Value]]] = {}
    for digest, name in built:
        names.setdefault(value(digest), (digest, []))[1].append(name)
    for act in shipped:
        for target in images_of(act):
            if target.digest in names:
                digest, known = names[target.digest]
                for name in list(known):
                    if _is_elsewhere(act, target, name) and (digest, target.name) not in built:
                        built[digest, target.name] = built[digest, name]
                        known.append(target.name)


def images_of(act: Act) -> list[Image]:
    return [target for target in act.targets if isinstance(target, Image)]


def _is_elsewhere(act: Act, image: Image, built: Value) -> bool:
    """Whether an image stands under another name than the one by which it was built: nobody copies it onto itself."""
    same = same_name(image.name, built) if image.name and built else True
    return same is False or (same is None and image in act.targets[1:] and _names(act.targets[0], image, built))


def _names(source: Target, copy: Image, built: Value) -> bool:
    """Whether what is copied is named as it was built, by the digest that the copy has."""
    return isinstance(source, Image) and source.digest == copy.digest and same_name(source.name, built) is True


def _called(name: Value) -> str:
    """What to call an image whose name may only be known in a run."""
    return written(name) if is_named(name) else "the image"


def is_named(name: Value) -> bool:
    """Whether a name says which image it is: in words, or by a variable that is the same wherever it stands."""
    return any(isinstance(part, str) or part.kind == "gitlab" for part in name)


def _files(run: Run) -> Iterable[Artifact]:
    shipped: dict[Files, list[Act]] = {}
    for act in run.of_kind("shipped"):
        for target in act.targets:
            if isinstance(target, Files) and not target.accompanies and not _are_signatures(run, act, target):
                shipped.setdefault(_alone(target), []).append(act)
    builders = _Builders(run)
    for files, acts in shipped.items():
        yield Artifact(written(files.pattern), files, builders.of(files), tuple(acts))


class _Builders:
    """What builds files in a run, to be found by what it builds: a run may have many, and ship as many."""

    def __init__(self, run: Run) -> None:
        self._by_origin: dict[str, dict[int, Act]] = {}
        self._by_path: dict[Value, dict[int, Act]] = {}
        self._found: dict[frozenset[Content], tuple[Act, ...]] = {}
        for at, act in enumerate(run.of_kind("built")):
            for target in act.targets:
                for content, _ in target.pieces if isinstance(target, Files) else ():
                    self._by_origin.setdefault(content.origin, {})[at] = act
                if isinstance(target, Files) and _is_known_by_path(target):
                    self._by_path.setdefault(target.pattern, {})[at] = act

    def of(self, files: Files) -> tuple[Act, ...]:
        """What builds these files, in the order of the run."""
        if files.pattern in self._by_path and _is_known_by_path(files):
            return tuple(self._by_path[files.pattern].values())
        contents = frozenset(content for content, _ in files.pieces)
        if contents not in self._found:
            near = {at: act for each in contents for at, act in self._by_origin.get(each.origin, {}).items()}
            acts = (near[at] for at in sorted(near) if any(_has(other, contents) for other in near[at].targets))
            self._found[contents] = tuple(acts)
        return self._found[contents]


def _are_signatures(run: Run, ships: Act, files: Files) -> bool:
    """Whether a pattern (`shop.*`) fits what a signature of `shop` was written into, and nothing else that is known."""
    pattern = literal(files.pattern) or ""
    if (
        "*" not in pattern
        or files.scattered
        or not all(content.kind in {"found", "signature"} or has_none(content, part) for content, part in files.pieces)
    ):
        return False
    before = pattern.partition("*")[0]
    signed = [
        act
        for act in run.of_kind("signed")
        for each in act.targets
        if isinstance(each, Files) and before.startswith((literal(each.pattern) or "\0").partition("*")[0])
    ]
    if not any(part_of(globbed(path), files.pattern) is not None for act in signed for path in act.into):
        return False
    return not any("build" in act.may and not run.precedes(ships, act) for act in run.of_kind("unseen"))


def _ships_image(run: Run, act: Act, target: Image, others: list[Value], built: list[Act]) -> bool:
    """Whether an act ships this image: it names its digest, or its name without another digest, or nothing at all.

    Under one of the `others`, which have the same digest, it ships what that is the name of.
    """
    if all(run.precedes(act, each) for each in built):
        return False
    images = images_of(act)
    if not images:
        return True
    return any(
        (image.digest == target.digest and not any(same_name(image.name, each) is True for each in others))
        or (not image.digest and (not image.name or same_name(image.name, target.name) is not False))
        for image in images
    )


def _alone(files: Files) -> Files:
    """Files without what only tells about them: an SBOM needs none of its own, nor do lists of what was built."""
    own = tuple(piece for piece in files.pieces if piece[0].kind not in _PROOFS)
    built = tuple(piece for piece in own if piece[0].kind not in _TELLING)
    has_built = any(content.kind == "built" for content, _ in built)
    return replace(files, pieces=built if has_built else own)


_PROOFS = frozenset({"sbom", "signature", "proofs"})
_TELLING = frozenset({"derived", "index", "metadata", "report"})


def _is_known_by_path(files: Files) -> bool:
    """Whether one file is meant of which its path is all that is known: a job writes more of them than are followed."""
    path = literal(files.pattern) or "*"
    return "*" not in path and bool(files.pieces) and all(content.kind == "found" for content, _ in files.pieces)


def _has(target: Target, contents: frozenset[Content]) -> bool:
    return isinstance(target, Files) and any(content in contents for content, _ in target.pieces)
