"""What the checks that follow a release have in common.

Which artifacts a run releases, which acts prove something about them and why they may not, and how that becomes a
verdict: what fails comes first, then what is out of sight.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.checks import Evidence, Fix, Outcome, evidence, failed, passed, unknown
from goldenpath.checks._by_hand import left_out_by
from goldenpath.checks._told import told
from goldenpath.facts.pipeline.acts import Act, Files, Image, folded, same_name
from goldenpath.facts.pipeline.matrices import IN_LEG
from goldenpath.facts.pipeline.subjects import WRONG_DIGESTS, Subjects
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, literal, value
from goldenpath.facts.values import shown as written
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from goldenpath.checks import Role
    from goldenpath.facts.pipeline.acts import Content, Kind, Target
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.releases import Releases

RELEASE = (".github/workflows/release.yml", ".github/workflows/ci.yml")
"""The files of the template that build, describe, sign and release: the first calls the second, to test."""

GITLAB = ".gitlab-ci.yml"
"""The file that does so on GitLab."""


class Finding(Struct, frozen=True):
    """What one run proves of one artifact. `reason` says of an unknown what is out of sight.

    `lacking` is what a run shows that may release something, and if it does, then without a proof.
    """

    verdict: Literal["pass", "fail", "unknown", "lacking"]
    summary: str
    evidence: tuple[Evidence, ...]
    reason: str = ""
    fix: Fix | None = None


class Artifact(Struct, frozen=True):
    """One thing that a run releases: an image by its digest, or files by where they came from."""

    name: str
    target: Image | Files
    built: tuple[Act, ...]
    shipped: tuple[Act, ...]

    @property
    def anchors(self) -> tuple[Evidence, ...]:
        """What must not happen without proof: the shipping where there is any, else the building."""
        return placed(*(self.shipped or self.built))


class Candidate(Struct, frozen=True):
    """An act that could be the proof: what is wrong with it, or what cannot be told, and the fix for that.

    `since` is the act before it that made it wrong: what an attestation is about was made there.
    """

    act: Act
    wrong: str = ""
    unsure: str = ""
    fix: Fix | None = None
    since: Act | None = None


class Question(Struct, frozen=True):
    """What a check asks of every artifact.

    `candidates` are the acts that could be a proof, `power` what an unseen act would have to be able to do, and `gates`
    says whether everything that ships has to wait for the proof; the texts say what a proof, or its lack, is called.
    `fix` is what to do about an image, `fix_of_files` about files, which have no digest that a build step says.
    """

    candidates: Callable[[Run, Artifact], Iterable[Candidate]]
    proof: Callable[[Run, Artifact, list[Act]], Finding]
    released: Callable[[list[Artifact]], list[Artifact]]
    power: Literal["sign", "describe", "verify", "scan"]
    verb: str
    done: str
    lacks: str
    missing: str
    gates: bool
    fix: Fix
    fix_of_files: Fix
    nothing: Fix

    def fix_for(self, artifact: Artifact) -> Fix:
        """What to do where nothing at all proves it."""
        return self.fix if isinstance(artifact.target, Image) else self.fix_of_files


# --- from runs to an outcome


def judge(releases: Releases, question: Question) -> Outcome:
    """Ask a question of every artifact in every run that releases, and turn the findings into one outcome."""
    return judge_each(
        releases,
        lambda run, artifact: answer(run, artifact, question),
        question.released,
        f"nothing here releases it, so nothing is {question.done}",
        question.nothing,
        lambda run: without(run, question),
    )


def judge_each(
    releases: Releases,
    of_artifact: Callable[[Run, Artifact], Finding],
    released: Callable[[list[Artifact]], list[Artifact]],
    nothing: str,
    fix: Fix,
    lacking: Callable[[Run], Finding | None] = lambda _run: None,
) -> Outcome:
    """Judge every artifact in every run that releases; `nothing` says what is wrong where nothing does.

    `lacking` says of a run that builds nothing as far as is seen, what it surely lacks.
    """
    return conclude(releases, lambda run: _of_run(run, of_artifact, released, lacking), nothing, fix)


def conclude(releases: Releases, ask: Callable[[Run], list[Finding]], nothing: str, fix: Fix) -> Outcome:
    """Turn what is found out about every run that releases into one outcome."""
    if releases.too_many:
        return unknown("not looked at", f"there are {releases.too_many:,} workflows, more than goldenpath reads")
    findings = [finding for run in releases.runs for finding in ask(run)]
    for wanted in ("fail", "unknown"):
        first = next((finding for finding in findings if finding.verdict == wanted), None)
        if first is not None and wanted == "fail":
            return failed(first.summary, *dict.fromkeys(first.evidence), fix=first.fix)
        if first is not None:
            return unknown(first.summary, first.reason, *dict.fromkeys(first.evidence), fix=first.fix)
    lacking = [finding for finding in findings if finding.verdict == "lacking"]
    if lacking and len(lacking) < len(findings):
        return unknown(lacking[0].summary, lacking[0].reason, *lacking[0].evidence)
    if lacking:
        return _beyond(releases, passing=False) or failed(lacking[0].summary, *lacking[0].evidence, fix=lacking[0].fix)
    return _beyond(releases, passing=bool(findings)) or _concluded(releases, findings, nothing, fix)


def _concluded(releases: Releases, findings: list[Finding], nothing: str, fix: Fix) -> Outcome:
    if findings:
        every = [each for finding in findings for each in finding.evidence]
        return passed(findings[0].summary, *dict.fromkeys(every))
    if releases.on_gitlab:
        missing = evidence("missing", Place(GITLAB), "no job builds and releases anything")
        return failed(nothing, missing, fix=Fix(fix.summary, fix.effort, (GITLAB,)))
    missing = evidence("missing", Place(RELEASE[0]), "no workflow builds and releases anything")
    return failed(nothing, missing, fix=fix)


def _beyond(releases: Releases, *, passing: bool) -> Outcome | None:
    """What no run shows: workflows that cannot be read, and pipelines of other services that may release, too."""
    unread = [problem for problem in releases.problems if not (passing and problem.refused)]
    if unread:
        place, sentence = unread[0].place, unread[0].sentence
        seen = evidence("unseen", place, sentence)
        fix = Fix(f"Correct {place}: {sentence}", "minutes")
        return unknown("a workflow cannot be read", f"{place}: {sentence}", seen, fix=fix)
    other = next((each for each in releases.elsewhere if each.delivers or not passing), None)
    if other is not None:
        seen = evidence("unseen", Place(other.path), f"a pipeline of {other.service}")
        also = "another pipeline may release it, too" if passing else "the release is made by another pipeline"
        return unknown(also, f"{other.path}: pipelines of {other.service} are not followed yet", seen)
    return None


def _of_run(
    run: Run,
    of_artifact: Callable[[Run, Artifact], Finding],
    released: Callable[[list[Artifact]], list[Artifact]],
    lacking: Callable[[Run], Finding | None],
) -> list[Finding]:
    every = artifacts(run)
    if not every:
        return [lacking(run) or _nothing_built(run)]
    asked = released(every)
    findings = [of_artifact(run, artifact) for artifact in asked]
    return findings + _unaccounted(run, asked)


_PROOFS: dict[str, tuple[Kind, ...]] = {
    "sign": ("signed", "attested"), "describe": ("described",), "verify": ("verified",), "scan": ("scanned",),
}  # fmt: skip
"""What shows that a run tries to prove something, by the power that this takes."""


def without(run: Run, question: Question) -> Finding | None:
    """A run that releases only what stands in the repository, or is not followed, where nothing proves anything."""
    act = _releasing(run)
    tried = any(not each.problem for each in run.of_kind(*_PROOFS[question.power]))
    if not (act.kind == "unseen" or act.own) or tried or _out_of_sight(run, question.power) is not None:
        return None
    summary = f"what {act.text} releases on {run.event.label} is released {question.missing}"
    reason = f"{act.text}: {act.problem or 'what it ships is built outside of this run, which is not followed yet'}"
    fix = question.fix_of_files if act.own else question.fix
    return Finding("lacking", summary, placed(act, role=None if act.own else "unseen"), reason, fix)


def _nothing_built(run: Run) -> Finding:
    """A run that releases without building anything that is seen."""
    act = _releasing(run)
    reason = act.problem or "what it ships is built outside of this run, which is not followed yet"
    summary = f"what is released on {run.event.label} cannot be seen"
    return Finding("unknown", summary, placed(act, role="unseen"), f"{act.text}: {reason}", _to_see(act))


def _releasing(run: Run) -> Act:
    """What releases in a run that builds nothing as far as is seen."""
    return max(
        (act for act in run.acts if act.kind in {"unseen", "shipped"}),
        key=lambda act: ("ship" in act.may, act.kind == "shipped", -act.guard.order),
    )


def _unaccounted(run: Run, artifacts_: list[Artifact]) -> list[Finding]:
    """What a run ships besides its artifacts: something that was built elsewhere, or that nobody sees."""
    known = {id(act) for artifact in artifacts_ for act in artifact.shipped}
    tags = _tags_by_name(artifacts_)
    for act in run.of_kind("shipped"):
        for target in act.targets:
            if isinstance(target, Image) and (id(act) not in known or _is_another_tag(run, act, target, tags)):
                if not target.name and not target.tag:
                    if found := _unnamed(run, act, artifacts_):
                        return [found]
                    continue
                if target.name and act.namespace is not None and (early := _early(run, act, target, artifacts_)):
                    return [early]
                name = written((*target.name, *([":", *target.tag] if target.tag else [])))
                reason = f"{act.text}: what it ships is built outside of this run, which is not followed yet"
                return [Finding("unknown", f"where {name} comes from cannot be seen", placed(act), reason)]
    for act in run.of_kind("unseen"):
        if {"ship", "build"} <= act.may:
            summary = f"something that is not followed may release, too, on {run.event.label}"
            return [Finding("unknown", summary, placed(act), f"{act.text}: {act.problem}", _to_see(act))]
    return []


def _unnamed(run: Run, act: Act, artifacts_: list[Artifact]) -> Finding | None:
    """A deployment that names no image before one is built: what runs then is what another run has left."""
    images = [artifact for artifact in artifacts_ if isinstance(artifact.target, Image)]
    if not any(run.precedes(act, each) for artifact in images for each in artifact.built):
        return None
    reason = f"{act.text}: it comes before the build, and does not say which image it is about"
    return Finding("unknown", f"what is deployed before {images[0].name} is built cannot be seen", placed(act), reason)


def _early(run: Run, act: Act, image: Image, artifacts_: list[Artifact]) -> Finding | None:
    """A deployment of what another run has left under the name of an image that this run has yet to build."""
    later = [
        artifact
        for artifact in artifacts_
        if isinstance(artifact.target, Image)
        and same_name(artifact.target.name, image.name)
        and not image.digest
        and all(run.precedes(act, each) for each in artifact.built)
    ]
    if not later:
        return None
    fix = Fix(f"Let {act.text} come after {later[0].built[0].text}, and name the digest", "minutes")
    summary = f"{act.text} ships what {later[0].name} was before it is built here"
    return Finding("fail", summary, (*placed(act), *placed(*later[0].built)), fix=fix)


def _tags_by_name(artifacts_: list[Artifact]) -> dict[Value, list[Value]]:
    """The tags that have been given to what is built, by its names as registries compare them."""
    found: dict[Value, list[Value]] = {}
    for act in {id(act): act for artifact in artifacts_ for act in artifact.built}.values():
        for image in _images_of(act):
            found.setdefault(folded(image.name), []).append(image.tag)
    return found


def _perhaps(name: Value, tags: dict[Value, list[Value]]) -> list[Value]:
    """The names of what is built that may be this one; a name that is told is compared with no other told one."""
    wanted = folded(name)
    told = literal(wanted) is not None
    others = (each for each in tags if each != wanted and not (told and literal(each) is not None))
    return [*([wanted] if wanted in tags else []), *(each for each in others if same_name(each, name) is not False)]


def _is_another_tag(run: Run, act: Act, image: Image, tags: dict[Value, list[Value]]) -> bool:
    """Whether an act ships a tag that nothing in this run has given to what is built: it may name anything."""
    if image.digest or not image.tag:
        return False
    given = [tag for name in _perhaps(image.name, tags) for tag in tags[name]]
    parts = [part for each in (image.tag, *given) for part in each]
    said = all(isinstance(part, str) or part.kind in {"github", "gitlab"} for part in parts)
    if not all(given) or not given or not said or image.tag in given:
        return False
    tag = written(image.tag)
    return not any(tag in each.text for each in run.of_kind("shipped") if each is not act and run.precedes(each, act))


# --- artifacts


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
    _add_copies(built, shipped)
    of_images = Subjects(((at, act), target) for at, act in enumerate(shipped) for target in _images_of(act))
    of_all = [(at, act) for at, act in enumerate(shipped) if not _images_of(act)]
    for (digest, name), acts in built.items():
        target = Image(name, digest=value(digest))
        near = dict([*of_all, *(act for act, _ in of_images.of(target))])
        ships = tuple(near[at] for at in sorted(near) if _ships_image(run, near[at], digest, name, acts))
        yield Artifact(_called(name), target, tuple(acts), ships)


def _add_copies(built: dict[tuple[Symbol, Value], list[Act]], shipped: list[Act]) -> None:
    """Under other names the same digests are shipped, too."""
    names: dict[Value, tuple[Symbol, list[Value]]] = {}
    for digest, name in built:
        names.setdefault(value(digest), (digest, []))[1].append(name)
    for act in shipped:
        for target in _images_of(act):
            if target.digest in names:
                digest, known = names[target.digest]
                for name in list(known):
                    if _is_elsewhere(act, target, name) and (digest, target.name) not in built:
                        built[digest, target.name] = built[digest, name]
                        known.append(target.name)


def _images_of(act: Act) -> list[Image]:
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
    return written(name) if _is_named(name) else "the image"


def _is_named(name: Value) -> bool:
    """Whether a name says which image it is: in words, or by a variable that is the same wherever it stands."""
    return any(isinstance(part, str) or part.kind == "gitlab" for part in name)


def _files(run: Run) -> Iterable[Artifact]:
    shipped: dict[Files, list[Act]] = {}
    for act in run.of_kind("shipped"):
        for target in act.targets:
            if isinstance(target, Files) and not target.accompanies:
                shipped.setdefault(_alone(target), []).append(act)
    builders: dict[str, dict[int, Act]] = {}
    for at, act in enumerate(run.of_kind("built")):
        for target in act.targets:
            for content, _ in target.pieces if isinstance(target, Files) else ():
                builders.setdefault(content.origin, {})[at] = act
    known: dict[frozenset[Content], tuple[Act, ...]] = {}
    for files, acts in shipped.items():
        contents = frozenset(content for content, _ in files.pieces)
        if (built := known.get(contents)) is None:
            near = {at: act for each in contents for at, act in builders.get(each.origin, {}).items()}
            built = tuple(near[at] for at in sorted(near) if any(_has(other, contents) for other in near[at].targets))
            known[contents] = built
        yield Artifact(written(files.pattern), files, built, tuple(acts))


def _ships_image(run: Run, act: Act, digest: Symbol, name: Value, built: list[Act]) -> bool:
    """Whether an act ships this image: it names its digest, or its name without another digest, or nothing at all."""
    if all(run.precedes(act, each) for each in built):
        return False
    images = _images_of(act)
    if not images:
        return True
    return any(
        image.digest == value(digest)
        or (not image.digest and (not image.name or same_name(image.name, name) is not False))
        for image in images
    )


def _alone(files: Files) -> Files:
    """Files without what only tells about them: an SBOM needs none of its own, nor do lists of what was built."""
    own = tuple(piece for piece in files.pieces if piece[0].kind != "sbom")
    built = tuple(piece for piece in own if piece[0].kind not in _TELLING)
    has_built = any(content.kind == "built" for content, _ in built)
    return Files(files.pattern, built if has_built else own, files.scattered)


_TELLING = frozenset({"derived", "index", "metadata"})


def _has(target: Target, contents: frozenset[Content]) -> bool:
    return isinstance(target, Files) and any(content in contents for content, _ in target.pieces)


# --- one artifact

_IN_LEG = regex(re.escape(IN_LEG))
_OF_MATRIX = regex(r"<matrix [^<>]*/([\w.-]+)>")


def answer(run: Run, artifact: Artifact, question: Question) -> Finding:
    """Look for a proof before each act that ships the artifact; where nothing ships it, a proof is enough."""
    candidates = list(question.candidates(run, artifact))
    proofs: list[Act] = []
    unproven: list[Finding] = []
    for anchor in (artifact.shipped if question.gates else ()) or (None,):
        settled = [_settled(run, candidate, artifact, anchor) for candidate in candidates]
        proof = next((each.act for each in settled if not each.wrong and not each.unsure), None)
        if proof is not None:
            proofs.append(proof)
            continue
        near = [each for each in settled if each.wrong and not each.unsure]
        undecided = [each for each in settled if each.unsure]
        released = [anchor] if anchor else artifact.shipped
        if choice := left_out_by(run, [each.act for each in undecided], (*released, *artifact.built)):
            near = [Candidate(undecided[0].act, wrong=f"is left out by hand (unless {choice})"), *near]
            undecided = []
        if leg := _left_out_in_a_leg(undecided, (*released, *artifact.built)):
            near, undecided = [leg, *near], []
        unproven.append(
            _undecided(run, artifact, question, anchor, undecided, near) or _unproven(run, artifact, question, near)
        )
    if unproven:
        return next((each for each in unproven if each.verdict == "fail"), unproven[0])
    early = perhaps_early(run, artifact, candidates) if question.gates else None
    return early or question.proof(run, artifact, proofs)


def _left_out_in_a_leg(undecided: list[Candidate], released: Iterable[Act]) -> Candidate | None:
    """The only candidate, where it happens in some legs of a matrix and not in others, each of which is released."""
    guards = [candidate.act.guard for candidate in undecided]
    conditions = frozenset[str]().union(*(act.guard.all_conditions for act in released))
    if len(guards) != 1 or not guards[0].in_leg or guards[0].in_leg & conditions:
        return None
    if guards[0].all_conditions - conditions != guards[0].in_leg or any(map(_IN_LEG.match, guards[0].in_leg)):
        return None
    said = _OF_MATRIX.sub(r"matrix.\1", " and ".join(sorted(guards[0].in_leg)))
    return Candidate(undecided[0].act, wrong=f"does not happen in every leg of the matrix (only if {said})")


def perhaps_early(run: Run, artifact: Artifact, candidates: list[Candidate]) -> Finding | None:
    """Something unseen may hand to users what is built here (a push to git, say) without waiting for the proof."""
    for act in run.of_kind("unseen"):
        if "ship" not in act.may or "build" in act.may or all(run.precedes(act, each) for each in artifact.built):
            continue
        settled = [_settled(run, candidate, artifact, act) for candidate in candidates]
        if not any(not each.wrong and not each.unsure for each in settled):
            summary = f"{artifact.name} may be released before it is proven"
            proof, reason = (*placed(act), *artifact.anchors), f"{act.text}: {act.problem}"
            return Finding("unknown", summary, proof, reason, _to_see(act))
    return None


def _settled(run: Run, candidate: Candidate, artifact: Artifact, anchor: Act | None) -> Candidate:
    """Whether an act about the right artifact works, happens whenever it is released, and is waited for."""
    act = candidate.act
    if anchor and not candidate.wrong and not act.problem and run.precedes(anchor, act):
        return _not_waited_for(act, anchor)
    if candidate.wrong or (candidate.unsure and act.problem):
        return candidate
    if act.problem:
        return Candidate(act, wrong=act.problem, fix=_fix_of(act))
    doubt = candidate.unsure or act.unsure or _astray(run, act)
    waited_for = _waited_for(run, candidate, artifact, anchor)
    if conditional := _conditional(act, artifact, anchor):
        doubt = doubt or conditional
    elif not doubt or (waited_for.wrong and not act.guard.fatal):  # a failure that counts for nothing proves nothing
        return waited_for
    return candidate if candidate.unsure else Candidate(act, unsure=doubt)


def _astray(run: Run, act: Act) -> str:
    """Why an act may look where nothing is."""
    return act.astray if act.astray and not _is_found_in_store(run, act) else ""


def _conditional(act: Act, artifact: Artifact, anchor: Act | None) -> str:
    """On what an act depends that does not keep the artifact from being released."""
    conditions = act.guard.all_conditions.difference(*(each.guard.all_conditions for each in artifact.built[:1]))
    released = [anchor] if anchor else artifact.shipped
    open_ = next(filter(None, (conditions - each.guard.all_conditions for each in released)), None)
    open_ = conditions if open_ is None and not artifact.shipped else open_
    return f"happens only if {' and '.join(sorted(open_))}" if open_ else ""


def _waited_for(run: Run, candidate: Candidate, artifact: Artifact, anchor: Act | None) -> Candidate:
    """Whether an act that works stops what releases the artifact when it fails."""
    act = candidate.act
    waits = [run.surely_before(act, each) for each in ([anchor] if anchor else artifact.shipped)]
    lasting = act.guard.fatal and (anchor is not None or act.guard.job_fatal or (bool(waits) and all(waits)))
    forgiven = not lasting and not (anchor and act.guard.step in anchor.guard.relies_on)
    if anchor and (forgiven or not all(waits)) and (said := told(run, act, anchor)):
        return Candidate(act, unsure=said)
    if forgiven:
        return Candidate(
            act, wrong="may fail without failing the job", fix=Fix("Let its failure fail the job", "minutes")
        )
    return candidate if anchor is None or all(waits) else _not_waited_for(act, anchor)


def _is_found_in_store(run: Run, act: Act) -> bool:
    """Whether a verification of the run asks the platform's own store, by the digest, and no registry."""
    digests = {target.digest for target in act.targets if isinstance(target, Image)}
    found = (target for each in run.of_kind("verified") if each.asks_store for target in each.targets)
    return any(isinstance(target, Image) and target.digest in digests for target in found)


def _not_waited_for(act: Act, anchor: Act) -> Candidate:
    fix = Fix(f"Let {anchor.text} come after {act.text}: in the same job, or in one that needs it", "minutes")
    return Candidate(act, wrong=f"is not waited for by {anchor.text} (line {anchor.place.line})", fix=fix)


def _fix_of(act: Act) -> Fix | None:
    lacks = re.search(r"has no `([^`]+)`", act.problem or "")
    if lacks is None:
        return None
    where = "the permissions of the job" if lacks[1].endswith(": write") else "the job"
    return Fix(f"Add `{lacks[1]}` to {where} {act.guard.job.rpartition('/')[2]!r}", "minutes")


def _undecided(
    run: Run,
    artifact: Artifact,
    question: Question,
    anchor: Act | None,
    undecided: list[Candidate],
    near: list[Candidate],
) -> Finding | None:
    """The finding for an artifact of which it cannot be told whether it is proven."""
    if undecided:
        act = undecided[0].act
        summary = f"whether {artifact.name} {question.verb} depends on the run"
        return Finding("unknown", summary, (*placed(act), *artifact.anchors), f"{act.text} {undecided[0].unsure}")
    unseen = _out_of_sight(run, question.power, lambda act: _is_in_time(run, act, artifact, question, anchor))
    if unseen is not None:
        summary = f"{artifact.name} {question.lacks} by anything that is followed"
        reason = f"{unseen.text}: {unseen.problem}"
        return Finding("unknown", summary, (*placed(unseen), *artifact.anchors), reason, _to_see(unseen))
    hidden = _why_hidden(run, artifact, near)
    if hidden:
        return Finding("unknown", f"what becomes of {artifact.name} cannot be seen", artifact.anchors, hidden)
    return None


def _why_hidden(run: Run, artifact: Artifact, near: list[Candidate]) -> str | None:
    """Why it cannot be told what an artifact is, although all that could prove it is seen."""
    target = artifact.target
    if isinstance(target, Files):
        if any(content.kind == "foreign" for content, _ in target.pieces):
            return "what it ships is built outside of this run, which is not followed yet"
        found = any(content.kind == "found" for content, _ in target.pieces)
        maker = _out_of_sight(run, "build", lambda act: _may_hand_over(run, act, artifact.shipped))
        return "nothing that is followed has made it" if found and maker else None
    if target.name and not _is_named(target.name):
        return f"where {artifact.built[0].text} pushes it is only known in a run"
    tags = [each.tag for act in artifact.built for each in act.targets if isinstance(each, Image)]
    if not any(isinstance(target, Image) for each in near for target in (*each.act.targets, each.act.of)):
        return None
    index = next((act for act in run.of_kind("unseen") if act.digest is not None), None)
    return f"{index.text}: {index.problem}" if index and not any(tags) else None


def _may_hand_over(run: Run, maker: Act, shipped: tuple[Act, ...]) -> bool:
    """Whether what something unseen makes may be there when it is shipped: in its job, or where that stores it."""
    stores = {act.guard.job for act in run.of_kind("stored")}
    return maker.guard.job in stores or any(_may_precede(run, maker, act) for act in shipped)


def _may_precede(run: Run, earlier: Act, later: Act) -> bool:
    """Whether what ships may have waited for something unseen; where it stands is not known of what is included."""
    return run.precedes(earlier, later) or earlier.guard.job not in run.waits


def _unproven(run: Run, artifact: Artifact, question: Question, near: list[Candidate]) -> Finding:
    if near:
        act, fix = near[0].act, near[0].fix or question.fix_for(artifact)
        before = placed(near[0].since) if near[0].since else ()
        broken = replace(act, problem=near[0].wrong)
        return Finding("fail", f"{act.text} {near[0].wrong}", (*before, *placed(broken), *_around(artifact)), fix=fix)
    summary = f"{artifact.name} is released on {run.event.label} {question.missing}"
    return Finding("fail", summary, _around(artifact), fix=question.fix_for(artifact))


def _around(artifact: Artifact) -> tuple[Evidence, ...]:
    """Between what a proof is missing: where an artifact is shipped, and where it is built."""
    return placed(*artifact.shipped, *artifact.built)


def _to_see(act: Act) -> Fix | None:
    """What makes an act seen that another repository knows of."""
    if not act.said_by:
        return None
    word = "or say in the contract's spec.knowledge what it does"
    return Fix(f"Hand in what {act.text} is, with `--source {act.said_by}=PATH`, {word}", "minutes")


def _is_in_time(run: Run, act: Act, artifact: Artifact, question: Question, anchor: Act | None) -> bool:
    """Whether something unseen could be a proof before an artifact ships, and after it has come to be.

    What an image is signed and verified by is its digest, which no job knows that is over before the image is built.
    Nor does anything sign, describe or verify what is yet to be made when it is over. What ships has waited for nothing
    that stands in a job which it does not need, whatever that does.
    """
    if anchor is not None and not _may_precede(run, act, anchor):
        return False
    if question.power == "scan" or not artifact.built:
        return True
    if isinstance(artifact.target, Image) and question.power != "describe":
        known = [each for each in artifact.built if act.guard.job == each.guard.job or not run.precedes(act, each)]
    else:
        known = list(artifact.built)
    return not all(_is_over_before(run, act, each, question.power, anchor) for each in known)


_PUSHES = regex(
    r"(docker|docker image|podman|buildah|nerdctl|crane) push\b.*|skopeo copy\b.*|redhat-actions/push-to-registry"
)
"""What lets an image be known for the first time that may have been built, and described, long before."""

_BY_SETTINGS = {
    "sign": regex(
        r"(\S*/)?(goreleaser|semantic-release|npm|pnpm|yarn|bun|lerna|changeset|mvnw?|gradlew?|jreleaser)\b.*"
    ),
    "describe": regex(r"(\S*/)?(goreleaser|semantic-release|mvnw?|gradlew?|jreleaser)\b.*"),
    "verify": regex(r"(\S*/)?(goreleaser|semantic-release|mvnw?|gradlew?|jreleaser)\b.*"),
}
"""What builds and proves in one, by settings that anything before it may have written."""


def _is_over_before(run: Run, act: Act, built: Act, power: str, anchor: Act | None) -> bool:
    """Whether an act is over when something is made from nothing but its sources, so that it cannot be about it.

    An action comes back at the end of its job, which is too late only for what ships in that job.
    """
    if built.recipe is None or not run.precedes(act, built):
        return False
    comes_back = bool(act.said_by) and act.guard.job == built.guard.job
    if comes_back and (anchor is None or anchor.guard.job != act.guard.job):
        return False
    tool = built.recipe.tool
    return not _PUSHES.fullmatch(tool) and not _BY_SETTINGS[power].fullmatch(tool)


def _out_of_sight(run: Run, power: str, counts: Callable[[Act], bool] = lambda _act: True) -> Act | None:
    """The first act of a run that is not followed, counts, and could have done what is looked for.

    A program without any right to write could only have left files behind for others in its job, if there are any.
    """
    for act in run.of_kind("unseen"):
        powerless = power == "describe" and act.may.isdisjoint({"build", "sign", "ship"})
        if power in act.may and (not powerless or act.guard.job in run.handing_over) and counts(act):
            return act
    return None


# --- evidence

_ROLES: dict[Kind, Role] = {
    "built": "built", "signed": "signed", "described": "described", "attested": "signed", "verified": "verified",
    "tested": "verified", "scanned": "verified", "stored": "carried", "shipped": "shipped", "installed": "declared",
    "unseen": "unseen",
}  # fmt: skip


def placed(*acts: Act, role: Role | None = None) -> tuple[Evidence, ...]:
    """Acts as evidence, each once, after what leads to it: the use of another repository, what carries its digest."""
    found: dict[Evidence, None] = {}
    for act in acts:
        if called := act.guard.called:
            found[evidence("called", called.place, called.label)] = None
        for carrier in act.carried:
            found[evidence("carried", carrier.place, carrier.shown)] = None
        found[shown(act, role)] = None
    return tuple(found)


def shown(act: Act, role: Role | None = None) -> Evidence:
    """An act as evidence."""
    text = f"{act.text}, called from {act.caller}" if act.caller else act.text
    return evidence(role or _ROLES[act.kind], act.place, f"{text}: {act.problem}" if act.problem else text)


def proven(artifact: Artifact, summary: str, *proof: Act) -> Finding:
    """The finding for an artifact that is proven, with everything on its way as evidence."""
    acts = (*artifact.built, *proof, *artifact.shipped)
    return Finding("pass", summary, placed(*acts))


# --- what an act is about


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
