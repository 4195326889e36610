"""The proof of one artifact: looked for before each act that ships it, and why none may be one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.checks import Fix
from goldenpath.checks._artifacts import images_of, is_named
from goldenpath.checks._branches import whatever_happens
from goldenpath.checks._by_hand import left_out_by
from goldenpath.checks._findings import Candidate, Finding, placed
from goldenpath.checks._told import told
from goldenpath.facts.pipeline.acts import Files, Image, of_leg
from goldenpath.facts.pipeline.effects import lacking
from goldenpath.facts.pipeline.matrices import IN_LEG
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import EXPORTED, Symbol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from goldenpath.checks import Evidence
    from goldenpath.checks._findings import Artifact, Question
    from goldenpath.facts.pipeline.acts import Act, Kind, Use
    from goldenpath.facts.pipeline.runs import Run

_IN_LEG = regex(re.escape(IN_LEG))
PROOFS: dict[str, tuple[Kind, ...]] = {
    "sign": ("signed", "attested"), "describe": ("described",), "verify": ("verified",), "scan": ("scanned",),
}  # fmt: skip
"""What shows that a run tries to prove something, by the power that this takes."""
_OF_MATRIX = regex(r"<matrix [^<>]*/([\w.-]+)>")


def answer(run: Run, artifact: Artifact, question: Question) -> Finding:
    """Look for a proof before each act that ships the artifact; where nothing ships it, a proof is enough."""
    candidates = _surest(list(question.candidates(run, artifact)))
    proofs: list[Act] = []
    unproven: list[Finding] = []
    for anchor in (artifact.shipped if question.gates else ()) or (None,):
        settled = [_settled(run, candidate, artifact, anchor) for candidate in candidates]
        proof = next((each.act for each in settled if not each.wrong and not each.unsure), None)
        if found := [proof] if proof is not None else whatever_happens(settled):
            proofs += found
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
    return _unsigned_index(run, artifact, question) or early or question.proof(run, artifact, proofs)


def _surest(candidates: list[Candidate]) -> list[Candidate]:
    """Of what one act is about only what is surely the artifact, if anything is: other names of it say no more."""
    sure = {id(each.act) for each in candidates if not each.wrong and not each.unsure}
    return [each for each in candidates if id(each.act) not in sure or not (each.wrong or each.unsure)]


def _left_out_in_a_leg(undecided: list[Candidate], released: Iterable[Act]) -> Candidate | None:
    """The only candidate, where it happens in some legs of a matrix and not in others, each of which is released."""
    guards = [candidate.act.guard for candidate in undecided]
    if len(guards) != 1 or not guards[0].in_leg:
        return None
    files = (target for act in released for target in act.targets if isinstance(target, Files))
    if any(of_leg(part)[0] for each in files for _, part in each.pieces):
        return None  # what is released is what one leg has made
    if any(act.guard.in_leg for act in released):  # some legs may build nothing, by a condition that says it otherwise
        return None
    conditions = frozenset[str]().union(*(act.guard.all_conditions for act in released))
    if guards[0].in_leg & conditions:
        return None
    if guards[0].all_conditions - conditions != guards[0].in_leg or any(map(_IN_LEG.match, guards[0].in_leg)):
        return None
    said = _OF_MATRIX.sub(r"matrix.\1", " and ".join(sorted(guards[0].in_leg)))
    return Candidate(undecided[0].act, wrong=f"does not happen in every leg of the matrix (only if {said})")


def _unsigned_index(run: Run, artifact: Artifact, question: Question) -> Finding | None:
    """What users get is an index of images that nobody signs, however its parts are signed, which have no tag."""
    if question.power != "sign" or any(each.tag for act in artifact.built for each in images_of(act)):
        return None
    made = (act for act in run.of_kind("unseen") if act.digest is not None and not act.for_trial)
    index = next((act for act in made if any(run.precedes(each, act) for each in artifact.built)), None)
    if index is None or not isinstance(artifact.target, Image):
        return None
    if any(not run.precedes(act, index) for act in run.of_kind("signed")):
        return None
    if out_of_sight(run, "sign", lambda act: act is not index and not run.precedes(act, index)):
        return None
    summary = f"the index that is put together of {artifact.name} is released {question.missing}"
    return Finding("fail", summary, placed(index, *artifact.built), fix=question.fix)


def perhaps_early(run: Run, artifact: Artifact, candidates: list[Candidate]) -> Finding | None:
    """Something unseen may hand to users what is built here (a push to git, say) without waiting for the proof."""
    for act in run.of_kind("unseen"):
        if "ship" not in act.may or "build" in act.may or all(run.precedes(act, each) for each in artifact.built):
            continue
        settled = [_settled(run, candidate, artifact, act) for candidate in candidates]
        if not any(not each.wrong and not each.unsure for each in settled):
            summary = f"{artifact.name} may be released before it is proven"
            proof, reason = (*placed(act), *artifact.anchors), f"{act.text}: {act.problem}"
            return Finding("unknown", summary, proof, reason, to_see(act))
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
    conditions = _conditions(act, artifact, anchor)
    if not conditions and (not doubt or (waited_for.wrong and not act.guard.fatal)):
        return waited_for  # a failure that counts for nothing proves nothing
    if candidate.unsure:
        return candidate
    sure_else = not doubt and not waited_for.wrong and not waited_for.unsure
    return Candidate(act, unsure=doubt or only_if(conditions), only_if=conditions if sure_else else frozenset())


def _astray(run: Run, act: Act) -> str:
    """Why an act may look where nothing is."""
    return act.astray if act.astray and not _is_found_in_store(run, act) else ""


def only_if(conditions: frozenset[str]) -> str:
    """How it is said that something need not happen; empty where it surely does."""
    return f"happens only if {' and '.join(sorted(conditions))}" if conditions else ""


def _conditions(act: Act, artifact: Artifact, anchor: Act | None) -> frozenset[str]:
    """On what an act depends that does not keep the artifact from being released."""
    conditions = act.guard.all_conditions.difference(*(each.guard.all_conditions for each in artifact.built[:1]))
    released = [anchor] if anchor else artifact.shipped
    open_ = next(filter(None, (conditions - each.guard.all_conditions for each in released)), None)
    open_ = conditions if open_ is None and not artifact.shipped else open_
    return open_ or frozenset()


def _waited_for(run: Run, candidate: Candidate, artifact: Artifact, anchor: Act | None) -> Candidate:
    """Whether an act that works stops what releases the artifact when it fails."""
    act = candidate.act
    if anchor is None and any((act.place, act.text) == (each.place, each.text) for each in artifact.built):
        return candidate  # where the command that makes both fails, there is nothing to be proven
    released = [anchor] if anchor else artifact.shipped
    waits = [run.surely_before(act, each) or _is_kept_back(run, act, artifact, each) for each in released]
    lasting = act.guard.fatal and (anchor is not None or act.guard.job_fatal or (bool(waits) and all(waits)))
    relied_on = anchor and (act.guard.step in anchor.guard.relies_on or act.place in anchor.guard.behind)
    forgiven = not lasting and not relied_on
    if anchor and (forgiven or not all(waits)) and (said := told(run, act, anchor)):
        return Candidate(act, unsure=said)
    if forgiven:
        return Candidate(act, wrong=unnoticed(act), fix=Fix("Let its failure fail the job", "minutes"))
    return candidate if anchor is None or all(waits) else _not_waited_for(act, anchor)


def _is_kept_back(run: Run, act: Act, artifact: Artifact, released: Act) -> bool:
    """Whether what is released comes out of the job of an act, which stores it once that has succeeded.

    Then it does not matter that the failure of the job is forgiven: nothing of it gets to the other job. Only what may
    write to a release could have laid it into a draft before.
    """
    job = act.guard.job
    entered = run.jobs.get(job)
    if not isinstance(artifact.target, Files) or job == released.guard.job or entered is None:
        return False
    if entered.holds_secrets or lacking(("contents",), entered.permissions, job) is None:
        return False
    contents = {content for content, _ in artifact.target.pieces}
    stores = [
        each
        for each in run.of_kind("stored")
        if any(isinstance(of, Files) and any(content in contents for content, _ in of.pieces) for of in each.targets)
    ]
    return bool(stores) and all(each.guard.job == job and run.surely_before(act, each) for each in stores)


def unnoticed(act: Act) -> str:
    """How an act that does not happen, or goes wrong, leaves the job as it is."""
    before = act.guard.skipped_by
    return (
        f"is left out where {before} fails, which does not fail the job"
        if before
        else "may fail without failing the job"
    )


def _is_found_in_store(run: Run, act: Act) -> bool:
    """Whether a verification of the run asks the platform's own store, by the digest, and no registry."""
    digests = {target.digest for target in act.targets if isinstance(target, Image)}
    found = (target for each in run.of_kind("verified") if each.asks_store for target in each.targets)
    return any(isinstance(target, Image) and target.digest in digests for target in found)


def _not_waited_for(act: Act, anchor: Act) -> Candidate:
    fix = Fix(f"Let {anchor.text} come after {act.text}: in the same job, or in one that needs it", "minutes")
    return Candidate(act, wrong=f"is not waited for by {anchor.text} (line {anchor.place.line})", fix=fix)


def _fix_of(act: Act) -> Fix | None:
    lacks = re.search(r"has no `([^`]+)`( from the workflow that calls it)?", act.problem or "")
    if lacks is None:
        return None
    where = "the permissions of the job" if lacks[1].endswith(": write") else "the job"
    whose = " that calls the workflow of" if lacks[2] else ""
    return Fix(f"Add `{lacks[1]}` to {where}{whose} {act.guard.job.rpartition('/')[2]!r}", "minutes")


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
    unseen = out_of_sight(run, question.power, lambda act: _is_in_time(run, act, artifact, question, anchor))
    if unseen is not None:
        summary = f"{artifact.name} {question.lacks} by anything that is followed"
        reason = f"{unseen.text}: {unseen.problem}"
        return Finding("unknown", summary, (*placed(unseen), *artifact.anchors), reason, to_see(unseen))
    hidden = _why_hidden(run, artifact, question, near)
    if hidden:
        return Finding("unknown", f"what becomes of {artifact.name} cannot be seen", artifact.anchors, hidden)
    return None


def _why_hidden(run: Run, artifact: Artifact, question: Question, near: list[Candidate]) -> str | None:
    """Why it cannot be told what an artifact is, although all that could prove it is seen.

    What it is called matters to nobody where nothing at all is proven; what is unseen and may have made it matters
    where that could prove it, too, or where there are proofs of others.
    """
    target = artifact.target
    if isinstance(target, Files):
        if any(content.kind == "foreign" for content, _ in target.pieces):
            return "what it ships is built outside of this run, which is not followed yet"
        found = any(content.kind == "found" for content, _ in target.pieces)
        maker = out_of_sight(
            run,
            "build",
            lambda act: bool(near or question.power in act.may) and _may_hand_over(run, act, artifact.shipped),
        )
        return "nothing that is followed has made it" if found and maker else None
    registry = target.name[0] if target.name else ""
    if isinstance(registry, Symbol) and registry.kind == EXPORTED:
        return f"an action that is not followed may have set {registry.name}, to a registry of the job's own"
    tried = near or run.of_kind(*PROOFS[question.power])
    if target.name and not is_named(target.name) and tried:
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


def to_see(act: Act) -> Fix | None:
    """What makes an act seen that another repository knows of."""
    return to_hand_in(act, included=act.guard.job.endswith("include"))


def to_hand_in(unseen: Act | Use, *, included: bool = False) -> Fix | None:
    """How the repository is handed in that would tell what is not seen here; None where there is none."""
    if not unseen.said_by:
        return None
    how = f"Hand in what {unseen.text} is, with `--source {unseen.said_by}=PATH`"
    told = "" if included else ", or say in the contract's spec.knowledge what it does"
    return Fix(f"{how}{told}", "minutes")


def _is_in_time(run: Run, act: Act, artifact: Artifact, question: Question, anchor: Act | None) -> bool:
    """Whether something unseen could be a proof before an artifact ships, and after it has come to be.

    What an image is signed and verified by is its digest, which no job knows that is over before the image is built.
    Files may be scanned by their sources, which are there before them; an image may not.
    Nor does anything sign, describe or verify what is yet to be made when it is over. What ships has waited for nothing
    that stands in a job which it does not need, whatever that does. What is surely of files is of no image.
    """
    if isinstance(act.of, Files) and isinstance(artifact.target, Image):
        return False
    if anchor is not None and not _may_precede(run, act, anchor):
        return False
    of_sources = question.power == "scan" and isinstance(artifact.target, Files)
    if of_sources or not artifact.built:
        return True
    if isinstance(artifact.target, Image) and question.power not in {"describe", "scan"}:
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
    "scan": regex(r"(\S*/)?(goreleaser|semantic-release|mvnw?|gradlew?|jreleaser)\b.*"),
}
"""What builds and proves in one, by settings that anything before it may have written."""


def _is_over_before(run: Run, act: Act, built: Act, power: str, anchor: Act | None) -> bool:
    """Whether an act is over when something is made from nothing but its sources, so that it cannot be about it.

    An action comes back at the end of its job, which is too late only for what ships in that job.
    """
    if built.recipe is None or not run.precedes(act, built):
        return False
    if power == "scan" and act.guard.job == built.guard.job:
        return False  # it may have looked into one that was built of the same before
    comes_back = bool(act.said_by) and act.guard.job == built.guard.job
    if comes_back and (anchor is None or anchor.guard.job != act.guard.job):
        return False
    tool = built.recipe.tool
    return not _PUSHES.fullmatch(tool) and not _BY_SETTINGS[power].fullmatch(tool)


def out_of_sight(run: Run, power: str, counts: Callable[[Act], bool] = lambda _act: True) -> Act | None:
    """The first act of a run that is not followed, counts, and could have done what is looked for.

    A program without any right to write could only have left files behind for others in its job, if there are any.
    """
    for act in run.of_kind("unseen"):
        powerless = power == "describe" and act.may.isdisjoint({"build", "sign", "ship"})
        if power in act.may and (not powerless or act.guard.job in run.handing_over) and counts(act):
            return act
    return None
