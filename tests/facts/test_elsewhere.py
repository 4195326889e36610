"""Workflows and actions of other repositories: followed where they are handed in, as local ones are."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from goldenpath.handed_in import HandedIn
from releasing import PUSH, SHIP, SIGN, TAG, job, released_by, repository_of, workflow
from trees import judge, source

if TYPE_CHECKING:
    from goldenpath.checks import Outcome
    from goldenpath.handed_in import Source

RIGHTS = "{id-token: write, packages: write, contents: write}"
IMAGE = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
COMMIT = "3d3c42e5aac5ba805825da76410c181273ba90b1"

CALLABLE = "{workflow_call: }"
RELEASE = ".github/workflows/release.yml"


def calling(uses: str = f"acme/ci/{RELEASE}@v2", permissions: str = RIGHTS) -> dict[str, str | bytes | None]:
    """A repository whose release is a workflow of another one."""
    return repository_of(workflow(TAG, release=f"permissions: {permissions}\nuses: {uses}\n"))


def ci(*steps: str, ref: str = "v2", commit: str | None = None, **files: str) -> Source:
    """acme/ci, with a reusable workflow of these steps; further files by path (`__` for `/`)."""
    more = {path.replace("__", "/"): dedent(text) for path, text in files.items()}
    release = workflow(CALLABLE, release=job(*steps, permissions=RIGHTS))
    return source("acme/ci", ref, {RELEASE: release, **more}, commit)


def composite(*steps: str) -> str:
    """A composite action of these steps."""
    return "runs:\n  using: composite\n  steps:\n" + "".join(f"    - {step}\n" for step in steps)


SIGNS = composite("{run: 'cosign sign --yes \"$IMAGE\"', shell: bash}")
"""An action that signs what the variable IMAGE names."""

GIVEN = f'env: {{IMAGE: "{IMAGE}"}}'


def signed(files: dict[str, str | bytes | None], *sources: Source) -> Outcome:
    return judge("build-signed", files, handed_in=HandedIn(sources))


def test_a_reusable_workflow_elsewhere_is_unknown_and_known_once_it_is_handed_in() -> None:
    assert signed(calling()).verdict == "unknown"
    outcome = signed(calling(), ci(PUSH, SIGN, SHIP))
    assert outcome.verdict == "pass"
    places = [(each.role, each.file, each.line) for each in outcome.evidence]
    assert places == [
        ("called", RELEASE, 6),
        ("built", f"acme/ci@v2:{RELEASE}", 8),
        ("signed", f"acme/ci@v2:{RELEASE}", 11),
        ("shipped", f"acme/ci@v2:{RELEASE}", 12),
    ]


def test_the_next_action_is_to_hand_it_in() -> None:
    for files in (calling(), released_by(PUSH, "- uses: acme/ci/sign@v2", SHIP)):
        fix = signed(files).fix
        assert fix is not None
        assert "`--source acme/ci@v2=PATH`" in fix.summary
    assert signed(released_by(PUSH, "- uses: rubygems/release-gem@v1", SHIP)).fix is None


def test_what_is_wrong_elsewhere_fails_and_is_shown_there() -> None:
    outcome = signed(calling(), ci(PUSH, '- run: cosign sign --yes "ghcr.io/acme/shop:1.2"', SHIP))
    assert outcome.verdict == "fail"
    assert "a tag, which can be moved" in outcome.summary
    assert [each.file for each in outcome.evidence][:2] == [RELEASE, f"acme/ci@v2:{RELEASE}"]


def test_the_caller_caps_the_permissions() -> None:
    outcome = signed(calling(permissions="{packages: write, contents: write}"), ci(PUSH, SIGN, SHIP))
    assert outcome.verdict == "fail"
    assert "no `id-token: write`" in outcome.summary


def test_inputs_and_outputs_are_carried_across_repositories() -> None:
    build = f"""\
        on:
          workflow_call:
            inputs: {{image: {{type: string}}}}
            outputs: {{digest: {{value: "${{{{ jobs.build.outputs.digest }}}}"}}}}
        jobs:
          build:
            runs-on: ubuntu-24.04
            permissions: {RIGHTS}
            outputs: {{digest: "${{{{ steps.push.outputs.digest }}}}"}}
            steps:
              - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a
                id: push
                with: {{push: true, tags: "${{{{ inputs.image }}}}:1.2"}}
    """
    uses = "uses: acme/ci/.github/workflows/build.yml@v2"
    caller = workflow(
        TAG,
        build=f"permissions: {RIGHTS}\n{uses}\nwith: {{image: ghcr.io/acme/shop}}\n",
        sign=job('- run: cosign sign --yes "ghcr.io/acme/shop@${{ needs.build.outputs.digest }}"', needs="build"),
    )
    given = source("acme/ci", "v2", {".github/workflows/build.yml": dedent(build)})
    assert signed(repository_of(caller), given).verdict == "pass"


def test_an_action_elsewhere_is_followed() -> None:
    steps = [PUSH, f"- uses: acme/ci/sign@v2\n  {GIVEN}", SHIP]
    assert signed(released_by(*steps)).verdict == "unknown"
    outcome = signed(released_by(*steps), ci())
    assert outcome.verdict == "unknown"
    assert "there is no action.yml" in (outcome.reason or "")
    given = source("acme/ci", "v2", {"sign/action.yml": SIGNS})
    assert signed(released_by(*steps), given).verdict == "pass"


# Which repository a path is of


def test_a_workflow_that_calls_one_beside_it_finds_it_in_its_own_repository() -> None:
    inner = workflow(CALLABLE, release=job(PUSH, SIGN, SHIP, permissions=RIGHTS))
    for uses in ("./.github/workflows/inner.yml", "$/.github/workflows/inner.yml"):
        outer = workflow(CALLABLE, call=f"permissions: {RIGHTS}\nuses: {uses}\n")
        given = source("acme/ci", "v2", {RELEASE: outer, ".github/workflows/inner.yml": inner})
        files = {**calling(), ".github/workflows/inner.yml": workflow(CALLABLE, nothing=job("- run: 'true'"))}
        assert signed(files, given).verdict == "pass"


def test_an_action_in_the_workspace_is_the_callers() -> None:
    given = ci(PUSH, f"- uses: ./sign\n  {GIVEN}", SHIP, **{"sign__action.yml": SIGNS})
    outcome = signed(calling(), given)
    assert outcome.verdict == "unknown", "acme/ci has it, and the job has the caller's files"
    assert signed({**calling(), "sign/action.yml": SIGNS}, given).verdict == "pass"


def test_an_action_of_its_own_repository_is_found_there() -> None:
    given = ci(PUSH, f"- uses: $/sign\n  {GIVEN}", SHIP, **{"sign__action.yml": SIGNS})
    assert signed(calling(), given).verdict == "pass"
    without = composite("{run: 'true', shell: bash}")
    assert signed({**calling(), "sign/action.yml": without}, given).verdict == "pass"


BESIDE = "- uses: actions/checkout@v7\n  with: {repository: acme/ci, path: ./.ci, ref: %s}"


def test_an_action_in_a_folder_is_that_of_the_repository_which_is_checked_out_there() -> None:
    steps = [BESIDE % "v2", PUSH, f"- uses: ./.ci/sign\n  {GIVEN}", SHIP]
    own: dict[str, str | bytes | None] = {".ci/sign/action.yml": SIGNS}
    assert signed(released_by(*steps) | own).verdict == "unknown", "what lies there is no longer this repository's"
    outcome = signed(released_by(*steps), source("acme/ci", "v2", {"sign/action.yml": SIGNS}))
    assert outcome.verdict == "pass"
    assert "acme/ci@v2:sign/action.yml" in [each.file for each in outcome.evidence]
    for ref in ("main", "'${{ inputs.ref }}'", "''"):
        steps[0] = BESIDE % ref
        assert signed(released_by(*steps), source("acme/ci", "v2", {"sign/action.yml": SIGNS})).verdict == "unknown"
    assert signed(released_by(*steps), source("acme/ci", "HEAD", {"sign/action.yml": SIGNS})).verdict == "pass"


def test_one_repository_leads_to_another() -> None:
    given = ci(PUSH, f"- uses: acme/signing@{COMMIT} # v1.2.3\n  {GIVEN}", SHIP)
    assert signed(calling(), given).verdict == "unknown"
    outcome = signed(calling(), given, source("acme/signing", COMMIT, {"action.yml": SIGNS}))
    assert outcome.verdict == "pass"
    assert [each.file for each in outcome.evidence if each.role == "called"] == [RELEASE]
    assert f"acme/signing@{COMMIT}:action.yml" in [each.file for each in outcome.evidence]


def test_workflows_of_one_name_in_two_repositories_are_two() -> None:
    """A right that only the other repository's job uses is used where that job is called, and nowhere else."""
    files = repository_of(
        workflow(
            TAG,
            call=f"permissions: {RIGHTS}\nuses: acme/ci/{RELEASE}@v2\n",
            release=job("- run: 'true'", permissions="{contents: write}"),
        )
    )
    outcome = judge("ci-least-privilege", files, handed_in=HandedIn((ci(PUSH, SIGN, SHIP),)))
    assert outcome.verdict == "fail"
    assert "nothing in the job 'release' needs `contents: write`" in outcome.summary


# At which ref


@pytest.mark.parametrize(
    ("used", "ref", "commit"),
    [
        ("v2", "v2", None),
        (COMMIT, COMMIT, None),
        (COMMIT, "v2", COMMIT),
        ("v2", "", None),
        (COMMIT, "", None),
    ],
)
def test_it_must_be_handed_in_for_the_ref_that_is_used(used: str, ref: str, commit: str | None) -> None:
    assert signed(calling(f"ACME/ci/{RELEASE}@{used}"), ci(PUSH, SIGN, SHIP, ref=ref, commit=commit)).verdict == "pass"


def test_another_ref_is_no_proof_and_is_named() -> None:
    outcome = signed(calling(), ci(PUSH, SIGN, SHIP, ref="v1"))
    assert outcome.verdict == "unknown"
    assert "it was handed in at v1, and is used at v2" in (outcome.reason or "")


def test_the_exact_ref_comes_before_one_that_stands_for_all() -> None:
    outcome = signed(calling(), ci(PUSH, SHIP, ref=""), ci(PUSH, SIGN, SHIP))
    assert outcome.verdict == "pass"
    assert {each.source for each in outcome.evidence if each.source} == {"acme/ci@v2"}


def test_evidence_says_where_every_ref_was_meant() -> None:
    outcome = signed(calling(), ci(PUSH, SIGN, SHIP, ref=""))
    assert {each.source for each in outcome.evidence if each.source} == {"acme/ci@*"}


# What cannot be followed


UNFOLLOWED: dict[str, dict[str, str | bytes | None]] = {
    "has no such workflow": {},
    "cannot be called": {RELEASE: workflow(TAG, release=job(PUSH, SIGN, SHIP))},
    "not valid YAML": {RELEASE: "jobs: ["},
    "a key": {RELEASE: "{a: b}: c"},
    "too large": {RELEASE: None},
    "no jobs": {RELEASE: "on: workflow_call\n"},
}


@pytest.mark.parametrize("about", UNFOLLOWED)
def test_a_workflow_that_is_not_there_or_broken_stays_unknown(about: str) -> None:
    outcome = signed(calling(), source("acme/ci", "v2", UNFOLLOWED[about]))
    assert outcome.verdict == "unknown"
    absent = f"acme/ci@v2 was handed in, and has no workflow {RELEASE}"
    assert (f"acme/ci@v2:{RELEASE}" if UNFOLLOWED[about] else absent) in (outcome.reason or "")


def test_a_path_that_is_no_workflow_is_not_read() -> None:
    given = source("acme/ci", "v2", {"release.yml": workflow(CALLABLE, release=job(PUSH, SIGN, SHIP))})
    assert signed(calling("acme/ci/release.yml@v2"), given).verdict == "unknown"


@pytest.mark.parametrize("using", ["node20", "docker"])
def test_an_action_that_is_a_program_stays_unknown(using: str) -> None:
    given = source("acme/ci", "v2", {"sign/action.yml": f"runs: {{using: {using}, main: index.js, image: Dockerfile}}"})
    outcome = signed(released_by(PUSH, f"- uses: acme/ci/sign@v2\n  {GIVEN}", SHIP), given)
    assert outcome.verdict == "unknown"
    assert "no composite" in (outcome.reason or "")


def test_what_the_table_says_needs_no_look() -> None:
    given = source("docker/build-push-action", "", {"action.yml": "runs: {using: node20, main: index.js}"})
    assert signed(released_by(PUSH, SIGN, SHIP), given).verdict == "pass"


def test_a_name_that_sounds_harmless_is_looked_at() -> None:
    """By its name it only installs something; what was handed in says that it ships."""
    ships = composite("{run: 'gh release create v1', shell: bash}")
    given = source("acme/setup-tools", "v1", {"action.yml": ships})
    steps = [PUSH, "- uses: acme/setup-tools@v1", SIGN]
    assert signed(released_by(*steps)).verdict == "pass"
    assert signed(released_by(*steps), given).verdict == "fail"


def test_a_circle_of_repositories_ends() -> None:
    circle = f"permissions: {RIGHTS}\nuses: acme/ci/{RELEASE}@v2\n"
    given = source("acme/ci", "v2", {RELEASE: workflow(CALLABLE, again=circle)})
    outcome = signed(calling(), given)
    assert outcome.verdict == "unknown"
    assert "more than 10 workflows in a chain" in (outcome.reason or "")


def test_a_circle_of_actions_ends() -> None:
    again = composite("uses: acme/ci/a@v2", "uses: acme/ci/a@v2")
    given = source("acme/ci", "v2", {"a/action.yml": again})
    assert signed(released_by(PUSH, "- uses: acme/ci/a@v2", SHIP), given).verdict == "unknown"


def test_secrets_that_are_inherited_leave_the_repository_even_where_it_is_seen() -> None:
    files = repository_of(
        workflow(TAG, release=f"permissions: {RIGHTS}\nuses: acme/ci/{RELEASE}@v2\nsecrets: inherit\n")
    )
    outcome = judge("ci-least-privilege", files, handed_in=HandedIn((ci(PUSH, SIGN, SHIP),)))
    assert outcome.verdict == "fail"
    assert "hands every secret" in outcome.summary
