"""How what is found out about every run that releases becomes one outcome.

What fails comes first, then what is out of sight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.checks import Fix, Outcome, evidence, failed, passed, unknown
from goldenpath.checks._artifacts import artifacts, images_of
from goldenpath.checks._findings import Finding, placed
from goldenpath.checks._proofs import PROOFS, answer, out_of_sight, to_see
from goldenpath.facts.gitlab import PATH as GITLAB
from goldenpath.facts.make import IF_OLD
from goldenpath.facts.pipeline.acts import Image, folded, same_name
from goldenpath.facts.pipeline.tables import RUNS_ELSEWHERE
from goldenpath.facts.values import literal
from goldenpath.facts.values import shown as written
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from goldenpath.checks._findings import Artifact, Question
    from goldenpath.facts.pipeline.acts import Act
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.releases import Releases
    from goldenpath.facts.values import Value

RELEASE = (".github/workflows/release.yml", ".github/workflows/ci.yml")
"""The files of the template that build, describe, sign and release: the first calls the second, to test."""


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
    asked = replace(releases, runs=_with_artifacts(releases))
    return conclude(asked, lambda run: _of_run(run, of_artifact, released, lacking), nothing, fix)


def _with_artifacts(releases: Releases) -> tuple[Run, ...]:
    """The runs that release, without those that only tell of what others release, where no image may be meant.

    What is told by a release that starts the build of an image comes before there is one.
    """
    others = tuple(run for run in releases.runs if not _only_tells(run))
    before = (run for run in releases.walked if run.event.name != "release")
    images = any(act.digest is not None for run in before for act in run.of_kind("built"))
    perhaps = any("build" in act.may for run in releases.runs for act in run.of_kind("unseen"))
    return releases.runs if images or perhaps or releases.elsewhere else others or releases.runs


def _only_tells(run: Run) -> bool:
    """Whether a run releases nothing but the sources, with a word about them."""
    ships = any(act.kind == "unseen" and "ship" in act.may for act in run.acts)
    return not ships and not run.of_kind("built") and all(act.bare for act in run.of_kind("shipped"))


def conclude(releases: Releases, ask: Callable[[Run], list[Finding]], nothing: str, fix: Fix) -> Outcome:
    """Turn what is found out about every run that releases into one outcome."""
    if releases.too_many:
        return unknown("not looked at", f"there are {releases.too_many:,} workflows, more than goldenpath reads")
    findings = [_unless_doubted(run, finding) for run in releases.runs for finding in ask(run)]
    if releases.nobodys and not all(finding.verdict == "fail" for finding in findings):
        return _of_nobody(releases, findings)
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


def _unless_doubted(run: Run, finding: Finding) -> Finding:
    """What a run lacks is not known to matter where nobody knows whether it releases anything."""
    if not run.doubt or finding.verdict == "pass":
        return finding
    return Finding("unknown", f"what is pushed on {run.event.label} may be released, too", finding.evidence, run.doubt)


def _of_nobody(releases: Releases, findings: list[Finding]) -> Outcome:
    """What is found out about releases of which nobody knows whose they are, where not all of them fail."""
    other = next((finding for finding in findings if finding.verdict != "pass"), None)
    if other is None:
        return _beyond(releases, passing=True) or passed(findings[0].summary, *findings[0].evidence)
    return unknown(other.summary, other.reason or "others of them do not", *dict.fromkeys(other.evidence))


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
    findings = [_unless_up_to_date(of_artifact(run, artifact), artifact) for artifact in asked]
    return findings + _unaccounted(run, asked)


def _unless_up_to_date(finding: Finding, artifact: Artifact) -> Finding:
    """What fails of something that make builds only if a file is older than what it is made from is not known."""
    asked = [(each, act) for act in artifact.built for each in act.guard.all_conditions if each.startswith(IF_OLD)]
    if finding.verdict != "fail" or len({id(act) for _, act in asked}) < len(artifact.built) or not asked:
        return finding
    condition, act = min(asked, key=lambda each: each[0])
    reason = f"{act.text}: happens only if {condition}"
    return Finding("unknown", f"whether {artifact.name} is built once more depends on the run", placed(act), reason)


def without(run: Run, question: Question) -> Finding | None:
    """A run that releases only what stands in the repository, or is not followed, where nothing proves anything."""
    act = _releasing(run)
    tried = any(not each.problem for each in run.of_kind(*PROOFS[question.power]))
    stands = act.own or act.bare
    elsewhere = act.problem in RUNS_ELSEWHERE  # that run may prove what it releases
    if elsewhere or not (act.kind == "unseen" or stands) or tried or out_of_sight(run, question.power) is not None:
        return None
    summary = f"what {act.text} releases on {run.event.label} is released {question.missing}"
    reason = f"{act.text}: {act.problem or 'what it ships is built outside of this run, which is not followed yet'}"
    fix = question.fix_of_files if stands else question.fix
    return Finding("lacking", summary, placed(act, role=None if stands else "unseen"), reason, fix)


def _nothing_built(run: Run) -> Finding:
    """A run that releases without building anything that is seen."""
    act = _releasing(run)
    reason = act.problem or "what it ships is built outside of this run, which is not followed yet"
    summary = f"what is released on {run.event.label} cannot be seen"
    return Finding("unknown", summary, placed(act, role="unseen"), f"{act.text}: {reason}", to_see(act))


def _releasing(run: Run) -> Act:
    """What releases in a run that builds nothing as far as is seen."""
    return max(
        (act for act in run.acts if act.kind in {"unseen", "shipped"}),
        key=lambda act: ("ship" in act.may, not act.bare, act.kind == "shipped", -act.guard.order),
    )


def _unaccounted(run: Run, artifacts_: list[Artifact]) -> list[Finding]:
    """What a run ships besides its artifacts: something that was built elsewhere, or that nobody sees."""
    known = {id(act) for artifact in artifacts_ for act in artifact.shipped}
    tags = _tags_by_name(artifacts_)
    for act in run.of_kind("shipped"):
        for target in act.targets:
            if isinstance(target, Image) and (id(act) not in known or _is_another_tag(run, act, target, tags)):
                if _is_replaced(run, act, target, tags):
                    continue
                if not (target.name or target.tag or target.digest):
                    if found := _unnamed(run, act, artifacts_):
                        return [found]
                    continue
                if target.name and act.namespace is not None and (early := _early(run, act, target, artifacts_)):
                    return [early]
                name = written((*(target.name or ["an image"]), *([":", *target.tag] if target.tag else [])))
                reason = f"{act.text}: what it ships is built outside of this run, which is not followed yet"
                return [Finding("unknown", f"where {name} comes from cannot be seen", placed(act), reason)]
    for act in run.of_kind("unseen"):
        if {"ship", "build"} <= act.may:
            summary = f"something that is not followed may release, too, on {run.event.label}"
            return [Finding("unknown", summary, placed(act), f"{act.text}: {act.problem}", to_see(act))]
    return []


def _is_replaced(run: Run, act: Act, image: Image, tags: dict[Value, list[Value]]) -> bool:
    """Whether what a manifest names is replaced where it runs, by a later command that says the digest, or the tag."""
    later = (each for each in run.of_kind("shipped") if act.namespace is not None and each.namespace == act.namespace)
    return bool(image.name) and any(
        (other.digest or (other.tag and not _is_another_tag(run, each, other, tags)))
        and same_name(other.name, image.name) is not False
        for each in later
        if each is not act and run.precedes(act, each)
        for other in images_of(each)
    )


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
        for image in images_of(act):
            found.setdefault(folded(image.name), []).append(image.tag)
    return found


def _perhaps(name: Value, tags: dict[Value, list[Value]]) -> list[Value]:
    """The names of what is built that may be this one; a name that is told is compared with no other told one.

    Where only a tag is said, that is any of them.
    """
    if not name:
        return list(tags)
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
    if not image.name and any(each.digest or each.tag in given for each in images_of(act)):
        return False  # of which of them that tag is, nobody says
    tag = written(image.tag)
    named = (each for each in run.of_kind("shipped") if tag in each.text and each is not act)
    return not any(run.precedes(each, act) for each in named)
