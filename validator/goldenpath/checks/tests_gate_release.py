"""Nothing is released unless the tests have passed on that very commit.

## What

The release path is followed as for `build-signed`. The check passes when everything that ships (a release, a package, a
deployment, a moved tag; where nothing does, the image that is pushed) waits for a command that runs tests: earlier in
the same job, in a job that it `needs:`, in a workflow that is called, or in a workflow whose success it asks for
(`workflow_run` with `conclusion == 'success'`, releasing that run's own commit).

The command is one that runs tests (`pytest`, `go test`, `mvn verify` …), or leads to one: targets of a Makefile,
scripts of package.json, shell scripts of the repository, and what tox, nox, just, Task, Composer, Deno, mise, Rake and
Turborepo run are followed. So are the RUN lines of the Dockerfile by which an image is built, in the stages that it
needs: what fails there leaves no image. Tests in a container of an image that was built here (`docker run shop:test
pytest`) are tests of what it was built from. The command must be able to fail the job: not after `|| true`, not under
`continue-on-error`, not in a step that the event skips, or that whoever starts the release by hand may leave out by an
input of `workflow_dispatch`; not as `-pytest` in a recipe, nor before the last command of a script without `set -e`. A
filter that names none of the repository's tests, of a program that is content with that, runs none, nor do build tags
of Go that leave out each file with tests; words that only a run knows (`pytest $ARGS`) may leave all out, which is
`unknown`, as it is where the program is content to find no tests (`go test`, `cargo test`, Gradle) and no file of the
folder in which it looks is called as they are, or speaks of any. So are tests of which only some parts run
(`--shard=1/3`). And it must run on the commit that is built, which
another `ref:` at the checkout is not; sources that only the build changes (`git apply`, `git merge`, `cp`, `curl -o`,
`rm`, `sed -i`, `python3 -c`, an archive, artifact or cache that is laid over them) are `unknown`, unless a version is
stamped into them, and so are tests of which some were removed before. What is not followed (a target that is computed,
a program of the repository's own, an action that nobody knows) makes the verdict `unknown`, too. Where nothing ships,
an image in which a job runs before another one is built (`container:`, or GitLab's `image:`) is a tool of the pipeline,
and needs no tests.

In a pipeline of GitLab what ships waits for earlier stages, or for the jobs that it `needs:`; a job with
`allow_failure` is waited for by nobody. Tests of a job that is told to fetch nothing (`GIT_STRATEGY: none`), and gets
no artifacts, are `unknown`: what stands in its folder is whatever its runner has left there.

Where services stand beside each other in one repository, tests of another one do not count: those that run in a
folder, or are told one, where what is released is built from another folder. Of several that are released at once, by
the legs of a matrix, too, each wants tests of its own folder. Where all is released at once, or nobody says what (`gh
release create`), tests of some parts of a build alone (`mvn verify -pl shop`, `cargo test -p shop`, `npm test -w shop`,
`pytest shop`) are `unknown`: other modules, crates, packages or projects of the same kind are released with them.
Examples, documentation, what only tests or builds, and packages of Node and folders of Python without tests of their
own are none.

Tests of the pull request do not count: two changes that pass alone may fail together, and a tag can be put on any
commit.

## Why

A release that does not wait for its tests will one day ship what they have just refused.

## Fix

Let the release workflow call the workflow that tests, and need it.

## Before

```yaml
# .github/workflows/release.yml
name: release
on: {push: {tags: ["v*"]}}
jobs:
  release:
    runs-on: ubuntu-24.04
    permissions: {contents: write}
    steps:
      - run: gh release create "$GITHUB_REF_NAME" --generate-notes
        env: {GH_TOKEN: "${{ github.token }}"}
```

## After

```yaml
# .github/workflows/release.yml
name: release
on: {push: {tags: ["v*"]}}
jobs:
  test:
    runs-on: ubuntu-24.04
    permissions: {contents: read}
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - run: pytest
  release:
    needs: test
    runs-on: ubuntu-24.04
    permissions: {contents: write}
    steps:
      - run: gh release create "$GITHUB_REF_NAME" --generate-notes
        env: {GH_TOKEN: "${{ github.token }}"}
```
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.checks import Fix
from goldenpath.checks._artifacts import artifacts, images_of
from goldenpath.checks._branches import whatever_happens
from goldenpath.checks._by_hand import left_out_by
from goldenpath.checks._commits import of_another
from goldenpath.checks._findings import Candidate, Finding, placed
from goldenpath.checks._proofs import only_if, to_see, unnoticed
from goldenpath.checks._release import RELEASE, conclude
from goldenpath.checks._shards import missing, shard
from goldenpath.checks._told import told
from goldenpath.facts.image_builds import built_from
from goldenpath.facts.nodes import plain
from goldenpath.facts.pipeline.actions.image_tags import is_for_users
from goldenpath.facts.pipeline.acts import Act, Files, Image, image, same_name
from goldenpath.facts.pipeline.matrices import IN_LEG
from goldenpath.facts.pipeline.tables import RUNS_ELSEWHERE
from goldenpath.facts.pipeline.tested_folders import left_untested
from goldenpath.facts.shell.paths import is_within
from goldenpath.facts.values import Symbol, display, literal, value
from goldenpath.facts.values import shown as written
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from goldenpath.checks import Outcome
    from goldenpath.checks._findings import Artifact
    from goldenpath.facts.catalog import Catalog
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.releases import Releases
    from goldenpath.facts.tested_builds import TestedBuilds, TestInBuild
    from goldenpath.facts.values import Value
    from goldenpath.facts.workflows import Workflows

APPLIES = frozenset({"service", "library"})
FIX = Fix("Let everything that releases need a job that runs the tests", "minutes")
NOTHING = Fix("Add a release pipeline that tests and only then releases", "hours", RELEASE)


def check(workflows: Workflows, releases: Releases, tested_builds: TestedBuilds, catalog: Catalog) -> Outcome:
    """Ask of everything that ships, in every run that releases, which tests it waits for."""
    homes = tuple(each.home for each in catalog.components if each.home)
    return conclude(
        releases,
        lambda run: _of_run(run, releases, workflows, tested_builds, homes),
        "nothing here releases it, so nothing is tested",
        NOTHING,
    )


_COMMIT = Symbol("github", "sha")


class _Before(Struct, frozen=True):
    """What may come before something that ships: of acts that differ in their order alone, the first one.

    `inside` finds the tests that run while an image is built; most do not wait for those. `artifacts` are the things
    that are built and shipped, some of them `in_parts` of the repository, and `other` says what is known of a folder
    that nothing of one is built from. `left_untested` finds a part of a build besides those that are tested, and
    `elsewhere` says of an act whether another run builds, and tests before, what is called like the images it ships,
    and `changed` what a build does to its sources that tests outside of it have not seen.
    """

    tests: list[Act]
    unseen: list[Act]
    built: list[Act]
    inside: Callable[[], list[Act]]
    artifacts: Callable[[], list[Artifact]]
    in_parts: bool
    other: Callable[[str], Literal["built", "buildable", ""]]
    left_untested: Callable[[tuple[str, ...], str], str | None]
    elsewhere: Callable[[Act], bool]
    changed: Callable[[Act], str | None]


def _of_run(
    run: Run, releases: Releases, workflows: Workflows, tested_builds: TestedBuilds, homes: tuple[str, ...]
) -> list[Finding]:
    upstream = _upstream(run, releases, workflows)
    anchors = _anchors(run)
    if upstream is not None:
        return [upstream for _ in anchors]
    relied = frozenset().union(*(anchor.guard.relies_on for anchor in anchors))
    unseen = [act for act in run.of_kind("unseen") if "test" in act.may]

    def firsts_of_tests(acts: list[Act]) -> list[Act]:
        def about(act: Act) -> object:
            return act.guard.all_conditions, act.guard.commit, act.unsure, act.folder, shard(act.text)

        return _firsts(acts, relied, about)

    parts = [built_from(act) for act in run.of_kind("built")]
    whole = _undivided(run, releases)
    all_parts = (part for act in whole.of_kind("built") for part in whole.in_each_leg(built_from(act) or ()))
    folders = [folder for part in all_parts if (folder := literal(part))]

    @cache
    def other(folder: str) -> Literal["built", "buildable", ""]:
        if any(is_within(folder, part) for part in folders):
            return "built"
        of_another = any(is_within(folder, home) for home in homes)
        return "buildable" if of_another or any(is_within(path, folder) for path in tested_builds.dockerfiles) else ""

    before = _Before(
        firsts_of_tests(run.of_kind("tested")),
        _firsts(unseen, relied),
        _firsts(run.of_kind("built"), relied, lambda act: act.guard.commit),
        cache(lambda: firsts_of_tests(list(_inside(run, tested_builds)))),
        cache(lambda: artifacts(run)),
        any(parts),
        other,
        cache(partial(left_untested, workflows.tree)),
        lambda anchor: _is_tested_elsewhere(anchor, [each for each in releases.walked if each is not run]),
        lambda act: next(filter(None, map(tested_builds.changed, _in_each_leg(run, act))), None),
    )
    return [_of_part(run, anchor, part, before) for anchor in anchors for part in _parts(run, anchor, before)]


def _undivided(run: Run, releases: Releases) -> Run:
    """The run of which this one is a component's part: with it, what its neighbours release is built, too."""
    walked = (each for each in releases.walked if each.workflow == run.workflow and each.event == run.event)
    return next(walked, run)


def _inside(run: Run, tested_builds: TestedBuilds) -> Iterator[Act]:
    """The tests that run while an image is built, as acts that come just before there is one.

    Where legs of a matrix build of one folder, they test that if each of them does.
    """
    for act in run.of_kind("built", "tested"):
        guard = replace(act.guard, order=act.guard.order - 1)
        by_folder: dict[Value | None, list[list[TestInBuild]]] = {}
        for each in _in_each_leg(run, act):
            by_folder.setdefault(built_from(each), []).append(tested_builds.within(each))
        for folder, legs in by_folder.items():
            in_all = all(any(not test.unsure for test in tests) for tests in legs)
            for test in (test for tests in legs for test in tests):
                unsure = test.unsure or (None if in_all else "happens in some legs of the matrix alone")
                yield Act("tested", test.place, test.text, guard, caller=act.place, unsure=unsure, folder=folder)


def _in_each_leg(run: Run, act: Act) -> list[Act]:
    """What is built, as each leg of a matrix builds it."""
    return [replace(act, recipe=each) for each in run.recipes_of(act.recipe)] if act.recipe else [act]


def _firsts(acts: list[Act], relied: frozenset[str], about: Callable[[Act], object] = lambda _act: None) -> list[Act]:
    """The acts of which none before says the same: whoever waits for a later one in its job waits for it, too."""
    found: dict[object, Act] = {}
    for act in acts:
        guard = act.guard
        step = guard.step if guard.step in relied else ""
        found.setdefault((guard.job, step, guard.fatal, guard.job_fatal, guard.fatal_in_leg, about(act)), act)
    return list(found.values())


def _anchors(run: Run) -> list[Act]:
    """What must not happen without tests: what ships, else what is built; and what may ship without being followed."""
    shipped = run.of_kind("shipped") or _without_tools(run, [act for act in run.of_kind("built") if act.digest])
    testing = {act.place for act in run.of_kind("tested") if not act.unsure}  # `mvn deploy` tests before it does
    unseen = [act for act in run.of_kind("unseen") if "ship" in act.may and act.place not in testing]
    perhaps = [act for act in unseen if "build" in act.may or _may_hand_over(run, act)]
    return [*shipped, *perhaps] if shipped else perhaps or [act for act in run.of_kind("unseen") if "ship" in act.may]


def _may_hand_over(run: Run, act: Act) -> bool:
    """Whether what runs elsewhere is started when there may be something built here that it releases."""
    return act.problem in RUNS_ELSEWHERE and any(not run.precedes(act, each) for each in run.of_kind("built"))


def _without_tools(run: Run, built: list[Act]) -> list[Act]:
    """The images that are built, but for those that are there for this run: others wait for a job that runs in them."""
    tools = []
    for act in built:
        called = [(each.name, each.tag) for each in images_of(act)]
        refs = ((job, image(written)) for job, (written, _) in run.images.items())
        jobs = {job for job, ref in refs if (ref.name, ref.tag) in called}
        if not jobs or any(is_for_users(tag, run.event) for _, tag in called):
            continue
        waited_for = any(jobs & run.waits.get(other.guard.job, frozenset()) for other in built if other is not act)
        tools += [act] if waited_for else []
    return [act for act in built if act not in tools] or built


def _of_part(run: Run, anchor: Act, part: Value, before: _Before) -> Finding:
    """What is found out about all that ships at once, and is built from one part of the repository."""
    candidates = list(_candidates(run, anchor, part, before, before.tests))
    sure = _sure(candidates)
    if not sure or _untested(sure, anchor, part, before):
        candidates += _candidates(run, anchor, part, before, before.inside())
        sure = _sure(candidates)
    sure = sure or _in_its_own_leg(run, candidates, anchor, part)
    proof = next(iter(sure), None)
    candidates += _unseen(run, anchor, before)
    if proof is not None and (untested := _untested(sure, anchor, part, before) or missing(act.text for act in sure)):
        summary = f"whether all that {anchor.text} ships is tested cannot be seen"
        return Finding("unknown", summary, placed(proof, anchor), f"{proof.text}: nothing is seen to test {untested}")
    if proof is not None:
        return Finding("pass", f"tested before it is released: {proof.text}", placed(proof, anchor))
    unsure = [each for each in candidates if each.unsure]
    if choice := left_out_by(run, [each.act for each in unsure], [anchor, *before.built]):
        act = unsure[0].act
        return Finding("fail", f"{act.text} is left out by hand (unless {choice})", placed(act, anchor))
    elsewhere = anchor.problem in RUNS_ELSEWHERE  # that run may test what it releases
    if not candidates and anchor.kind == "unseen" and "test" not in anchor.may and not elsewhere:
        summary, reason = f"{anchor.text} waits for no tests, on {run.event.label}", f"{anchor.text}: {anchor.problem}"
        return Finding("lacking", summary, placed(anchor, role="unseen"), reason, FIX)
    if unsure or anchor.kind == "unseen":
        act, why = (unsure[0].act, unsure[0].unsure) if unsure else (anchor, anchor.problem)
        summary = f"whether {anchor.text} waits for tests cannot be seen"
        where = (*placed(act, role="unseen"), *placed(anchor))
        return Finding("unknown", summary, where, f"{act.text}: {why}", to_see(act))
    if candidates:
        act = candidates[0].act
        return Finding("fail", f"{act.text} {candidates[0].wrong}", placed(act, anchor), fix=candidates[0].fix)
    of_another = not before.built and (_ships_an_image_of_the_commit(anchor) or before.elsewhere(anchor))
    if _ships_what_was_there(anchor) or of_another:
        reason = f"{anchor.text}: what it ships is built outside of this run, which is not followed yet"
        return Finding("unknown", f"whether what {anchor.text} ships was tested cannot be seen", placed(anchor), reason)
    return Finding("fail", f"{anchor.text} waits for no tests, on {run.event.label}", placed(anchor))


def _ships_what_was_there(anchor: Act) -> bool:
    """Whether an act ships files, and all of them are of an earlier run: what it has stored, or released."""
    files = [target for target in anchor.targets if isinstance(target, Files)]
    kinds = {content.kind for each in files for content, _ in each.pieces}
    return bool(files) and kinds == {"foreign"}


def _ships_an_image_of_the_commit(anchor: Act) -> bool:
    """Whether an act ships images that are called by the run's own commit: another run has built them, and may test."""
    images = [target for target in anchor.targets if isinstance(target, Image)]
    return bool(images) and all(_COMMIT in each.tag for each in images)


def _is_tested_elsewhere(anchor: Act, others: list[Run]) -> bool:
    """Whether each image that an act ships has the name of one that another run builds only after its tests."""
    names = [target.name for target in anchor.targets if isinstance(target, Image)]
    return bool(names) and all(name and any(_builds_tested(other, name) for other in others) for name in names)


def _builds_tested(run: Run, name: Value) -> bool:
    tests = [test for test in run.of_kind("tested") if _surely(test)]
    built = (
        act
        for act in run.of_kind("built")
        if act.digest is not None and any(run.surely_before(each, act) for each in tests)
    )
    return any(isinstance(of, Image) and same_name(of.name, name) is True for act in built for of in act.targets)


def _sure(candidates: list[Candidate]) -> list[Act]:
    return [each.act for each in candidates if not each.wrong and not each.unsure] or whatever_happens(candidates)


def _in_its_own_leg(run: Run, candidates: list[Candidate], anchor: Act, part: Value) -> list[Act]:
    """The tests that happen only in the leg of a part, of which the same leg builds what is released in its job.

    A leg is called by the folder in which something happens there: no other name of a matrix may be part of that.
    """
    home, job = literal(part), anchor.guard.job
    wanted = frozenset({f"{IN_LEG}{home}"})
    tests = [each.act for each in candidates if each.only_if == wanted and each.act.guard.job == job]
    if not home or not tests:
        return []
    of_job = (built_from(act) or () for act in run.of_kind("built") if act.guard.job == job)
    folders = [folder for folder in of_job if part in run.in_each_leg(folder)]
    by = {each.name for folder in folders for each in folder if isinstance(each, Symbol)}
    in_leg = by == {name for name, texts in run.legs.items() if any(text and text in home for text in texts)}
    return tests if in_leg else []


def _unseen(run: Run, anchor: Act, before: _Before) -> Iterator[Candidate]:
    """What may test, and is not followed; it counts only where it comes before."""
    for act in before.unseen:
        if act is not anchor and run.surely_before(act, anchor):
            yield Candidate(act, unsure=act.problem or "it is not followed")


def _candidates(run: Run, anchor: Act, part: Value, before: _Before, tests: list[Act]) -> Iterator[Candidate]:
    """What tests, with what is wrong about it, or why that cannot be told."""
    for test in tests:
        act = _in_a_leg(test, anchor)
        if act.unsure and not run.surely_before(act, anchor):
            continue
        conditions = act.guard.all_conditions - anchor.guard.all_conditions
        if act.guard.job != anchor.guard.job and not act.tests_a_leg:  # which waits for every leg
            conditions -= act.guard.in_leg
        waits = act.guard.fatal and run.surely_before(act, anchor)
        if not waits and (said := told(run, act, anchor)):
            yield Candidate(act, unsure=said)
        elif not act.guard.fatal:
            fix = Fix("Let the tests' failure fail the job", "minutes")
            yield Candidate(act, wrong=unnoticed(act), fix=fix)
        elif not waits:
            fix = Fix(
                f"Let {anchor.text} come after the tests: in the same job, or in one that needs theirs", "minutes"
            )
            yield Candidate(act, wrong=f"is not waited for by {anchor.text} (line {anchor.place.line})", fix=fix)
        else:
            other = _other_commit(run, act, anchor, before) or _other_part(run, act, part, before)
            cases = frozenset[str]() if act.unsure else conditions
            yield other or Candidate(act, unsure=act.unsure or only_if(conditions), only_if=cases)


def _in_a_leg(test: Act, anchor: Act) -> Act:
    """Tests as what ships in another job knows them, which waits for every leg: one that may fail the run is enough."""
    guard = test.guard
    certain = (guard.fatal and guard.job_fatal) or any(each.startswith(IN_LEG) for each in guard.in_leg)
    if certain or not guard.fatal_in_leg or guard.job == anchor.guard.job:
        return test
    doubt = "may fail in a leg that tests another folder than the others" if test.tests_a_leg else None
    test = replace(test, unsure=test.unsure or doubt)
    return replace(test, guard=replace(guard, fatal=True, job_fatal=True, in_leg=frozenset()))


def _untested(tests: list[Act], anchor: Act, part: Value, before: _Before) -> str | None:
    """A part of the repository that is released, or may be with the others, and that none of the tests is of."""
    if any(test.place == anchor.place for test in tests):  # `mvn deploy -pl shop` tests what it deploys
        return None
    folders = [folder for test in tests if (folder := literal(test.folder or ()))]
    released = literal(part or anchor.folder or ())
    if len(folders) < len(tests) or released is None:
        return None
    covered = released and any(_covers(folder, value(released)) for folder in folders)
    return None if covered else before.left_untested(tuple(dict.fromkeys(folders)), released)


def _other_commit(run: Run, test: Act, anchor: Act, before: _Before) -> Candidate | None:
    """What is wrong about tests of another commit than the one that is built, or where nothing is built, shipped."""
    built = [act for act in before.built if run.precedes(act, anchor)]
    outside = not any(test.caller == act.place for act in built)
    changed = next(filter(None, map(before.changed, built)), None) if outside else None
    other = of_another(test, built or [anchor], "tests")
    return other or (
        Candidate(test, unsure=f"tests other sources than `{changed}` leaves to the build") if changed else None
    )


def _other_part(run: Run, test: Act, part: Value, before: _Before) -> Candidate | None:
    """What is wrong about tests of another part of the repository than the one that what is released is built from."""
    if not test.folder or not part:
        return None
    folders = [folder for each in run.in_each_leg(test.folder) if (folder := literal(each))]
    covered = [_covers(folder, part) for folder in folders]
    if any(covered) or (not folders and (not test.tests_a_leg or _are_the_same_legs(run, test.folder, part))):
        return None
    said = f"tests {', '.join(folders) or written(test.folder)}, and what is released is built from {written(part)}"
    others = {before.other(folder) for folder in folders} - {""}
    if None in covered or not folders:
        anywhere = isinstance(part[0], Symbol)
        return Candidate(test, unsure=said) if others or not anywhere else None
    if "built" in others:
        fix = Fix(f"Let the tests of {written(part)} run before it is released", "hours")
        return Candidate(test, wrong=said, fix=fix)
    return Candidate(test, unsure=f"{said}: whether it asks what was built there cannot be seen") if others else None


def _are_the_same_legs(run: Run, *folders: Value) -> bool:
    """Whether legs that only a run knows are those of one matrix, or of several that are written alike."""

    def written_for(symbol: Symbol) -> tuple[str, object]:
        job, _, name = symbol.name.rpartition("/")
        entered = run.jobs.get(job)
        return name, plain(entered.job.node.get("strategy", "matrix")) if entered else job

    first, *others = (
        [written_for(part) for part in folder if isinstance(part, Symbol) and part.kind == "matrix"]
        for folder in folders
    )
    return all(each == first for each in others)


def _covers(tested: str, part: Value) -> bool | None:
    """Whether tests of a folder are of a part of the repository; None where they are of what one leg may build."""
    folder = literal(part)
    if folder is not None:
        return is_within(tested, folder) or is_within(folder, tested)
    start = part[0] if isinstance(part[0], str) else ""
    return True if start.startswith(f"{tested}/") else None if tested.startswith(start) else False


def _parts(run: Run, anchor: Act, before: _Before) -> list[Value]:
    """The folders that what ships is built from, each of which wants its tests; an empty one is content with any."""
    if not before.in_parts:
        return [()]
    released = [each for each in before.artifacts() if anchor in (each.shipped or each.built)]
    parts = dict.fromkeys(built_from(act) or () for each in released for act in each.built)
    return list(dict.fromkeys(each for part in parts for each in run.in_each_leg(part))) or [()]


def _upstream(run: Run, releases: Releases, workflows: Workflows) -> Finding | None:
    """The tests of the workflow after whose success this one releases, if it releases the same commit."""
    if run.continues or run.event.name != "workflow_run" or run.workflow not in releases.after_success:
        return None
    own = workflows.by_path(run.workflow)
    trigger = own.triggers["workflow_run"] if own is not None else None
    names = texts(trigger.get("workflows")) if trigger is not None and hasattr(trigger, "get") else ()
    others = [each for each in releases.walked if each.name in names or each.workflow in names]
    tests = [next(filter(_surely, each.of_kind("tested")), None) for each in others]
    anchors = _anchors(run)
    if not tests or not all(tests) or not anchors:
        return None
    if all(_is_of_that_run(run, anchor) for anchor in anchors):
        proof = placed(*(test for test in tests if test))
        return Finding("pass", f"released only after the success of {names[0]!r}", (*proof, *placed(anchors[0])))
    fix = Fix("Check out `${{ github.event.workflow_run.head_sha }}`, the commit that was tested", "minutes")
    return Finding(
        "fail",
        "it releases what the branch holds by then, not the commit that was tested",
        placed(anchors[0]),
        fix=fix,
    )


def _is_of_that_run(run: Run, anchor: Act) -> bool:
    """Whether what is built for it is of the commit of the run before; where nothing is, all that is checked out."""
    built = [act.guard.commit for act in run.of_kind("built") if act is anchor or run.precedes(act, anchor)]
    return all("github.event.workflow_run.head_sha" in display(ref) for ref in built or run.checkouts)


def _surely(test: Act) -> bool:
    guard = test.guard
    return not test.unsure and guard.fatal and guard.job_fatal and guard.all_conditions <= guard.in_leg
