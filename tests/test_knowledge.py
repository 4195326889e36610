"""`spec.knowledge` of a contract: what an organisation says of its own actions and reusable workflows."""

from __future__ import annotations

import json
from textwrap import dedent, indent
from typing import TYPE_CHECKING

import pytest

from goldenpath.contract.knowledge import read_knowledge
from goldenpath.facts.nodes import Malformed, parse
from releasing import PUSH, SHIP, SIGN, TAG, job, released_by, repository_of, workflow
from test_cli import CONTRACT, ENTITY, run
from trees import judge

if TYPE_CHECKING:
    from pathlib import Path

    from goldenpath.checks import Outcome
    from goldenpath.facts.declared import Knowledge

RELEASE = "acme/ci/.github/workflows/release.yml"
RIGHTS = "{id-token: write, packages: write, contents: write}"
DIGEST = "${{ steps.push.outputs.digest }}"

ALL = f"""
actions:
  - uses: {RELEASE}
    when: {{sign: ["true", ""]}}
    builds: {{image: image, digest: digest}}
    sbom: true
    signs: true
    verifies: true
    scans: true
    tests: true
    ships: true
    writes: [contents, id-token, packages]
"""
"""A workflow that does all of it, and signs unless it is told not to."""

SIGNER = """
actions:
  - uses: acme/sign@v2
    signs: {image: ref}
    writes: [id-token]
"""


def knowledge(text: str) -> Knowledge:
    (node,) = parse("acme.yaml", dedent(text).lstrip("\n"))
    return read_knowledge(node, "the contract acme 7")


def verdict(check: str, files: dict[str, str | bytes | None], said: str) -> Outcome:
    return judge(check, files, knowledge=knowledge(said))


def calling(
    uses: str = f"{RELEASE}@v2", given: str = "{image: ghcr.io/acme/shop}", permissions: str = RIGHTS
) -> dict[str, str | bytes | None]:
    return repository_of(workflow(TAG, release=f"permissions: {permissions}\nuses: {uses}\nwith: {given}\n"))


PROVEN = [
    "build-signed", "sbom-generated", "provenance-verified", "vulnerabilities-gated", "tests-gate-release",
    "ci-least-privilege",
]  # fmt: skip


@pytest.mark.parametrize("check", PROVEN)
def test_a_contract_says_what_nobody_can_look_at(check: str) -> None:
    assert judge(check, calling()).verdict == "unknown"
    outcome = verdict(check, calling(), ALL)
    assert outcome.verdict == "pass"
    texts = {each.text for each in outcome.evidence}
    assert any(text.endswith(f"{RELEASE}@v2 (by the contract acme 7, line 2)") for text in texts)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{sign: true}", "pass"),
        ('{sign: "true"}', "pass"),
        ("{Sign: true}", "pass"),
        ("{}", "pass"),
        ("{sign: false}", "unknown"),
        ('{sign: "${{ vars.SIGN }}"}', "unknown"),
    ],
)
def test_it_holds_for_the_inputs_that_it_names(given: str, expected: str) -> None:
    outcome = verdict("build-signed", calling(given=given), ALL)
    assert outcome.verdict == expected
    if expected == "unknown":
        assert "the contract acme 7, line 2" in (outcome.reason or "")
    if given == "{sign: false}":
        assert "say there what it does with these" in (outcome.reason or "")


def test_without_the_rights_that_it_needs_it_fails() -> None:
    outcome = verdict("build-signed", calling(permissions="{packages: write, contents: write}"), ALL)
    assert outcome.verdict == "fail"
    assert "no `id-token: write`" in outcome.summary


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ("acme/sign@v2", "pass"),
        ("Acme/Sign@v2.1.3", "pass"),
        (f"acme/sign@{'a' * 40} # v2.1.3", "pass"),
        ("acme/sign@v3", "unknown"),
        ("acme/sign@v20", "unknown"),
        (f"acme/sign@{'a' * 40}", "unknown"),
        ("acme/sign/other@v2", "unknown"),
        ("acme/signer@v2", "unknown"),
    ],
)
def test_a_version_means_itself_and_those_below_it(used: str, expected: str) -> None:
    step = f"- uses: {used}\n  with: {{ref: 'ghcr.io/acme/shop@{DIGEST}'}}"
    assert verdict("build-signed", released_by(PUSH, step, SHIP), SIGNER).verdict == expected


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("ghcr.io/acme/shop:1.2", "a tag, which can be moved"),
        (f"ghcr.io/acme/other@{DIGEST}", "the name of another image"),
        ("ghcr.io/acme/shop@${{ steps.push.outputs.imageid }}", "the id of the image's configuration"),
    ],
)
def test_what_it_is_given_is_looked_at_as_anywhere(ref: str, said: str) -> None:
    step = f"- uses: acme/sign@v2\n  with: {{ref: '{ref}'}}"
    outcome = verdict("build-signed", released_by(PUSH, step, SHIP), SIGNER)
    assert (outcome.verdict, said in outcome.summary) == ("fail", True)


def test_a_signer_after_the_release_or_one_that_may_fail_proves_nothing() -> None:
    step = f"- uses: acme/sign@v2\n  with: {{ref: 'ghcr.io/acme/shop@{DIGEST}'}}"
    for steps in ([PUSH, SHIP, step], [PUSH, f"{step}\n  continue-on-error: true", SHIP]):
        assert verdict("build-signed", released_by(*steps), SIGNER).verdict == "fail"


def test_its_digest_goes_on_to_whoever_needs_it() -> None:
    said = "actions: [{uses: acme/build, builds: {image: image, digest: sha}, writes: [packages]}]"
    build = "- uses: acme/build@v1\n  id: push\n  with: {image: ghcr.io/acme/shop}"
    sign = SIGN.replace("outputs.digest", "outputs.sha")
    assert verdict("build-signed", released_by(build, sign, SHIP), said).verdict == "pass"
    assert verdict("build-signed", released_by(build, SIGN, SHIP), said).verdict != "pass"
    jobs = workflow(
        TAG,
        build=f"permissions: {RIGHTS}\nuses: acme/build/.github/workflows/build.yml@v1\n",
        sign=job('- run: cosign sign --yes "ghcr.io/acme/shop@${{ needs.build.outputs.sha }}"', SHIP, needs="build"),
    )
    called = "actions: [{uses: acme/build/.github/workflows/build.yml, builds: {digest: sha}, writes: [packages]}]"
    assert verdict("build-signed", repository_of(jobs), called).verdict == "unknown", "nobody says its name"
    named = called.replace("{digest", "{image: image, digest")
    jobs = jobs.replace("build.yml@v1", "build.yml@v1\n    with: {image: ghcr.io/acme/shop}")
    assert verdict("build-signed", repository_of(jobs), named).verdict == "pass"


def test_what_is_harmless_hides_nothing() -> None:
    steps = [PUSH, SIGN, "- uses: acme/notify@v1\n  env: {TOKEN: '${{ secrets.PAT }}'}", SHIP]
    assert judge("build-signed", released_by(*steps)).verdict == "unknown"
    said = "actions: [{uses: acme/notify, harmless: true}]"
    assert verdict("build-signed", released_by(*steps), said).verdict == "pass"


def test_what_ships_by_its_word_must_wait_as_well() -> None:
    said = "actions: [{uses: acme/deploy, ships: true, writes: [deployments]}]"
    deploy = "- uses: acme/deploy@v1"
    assert verdict("build-signed", released_by(PUSH, SIGN, deploy), said).verdict == "pass"
    assert verdict("build-signed", released_by(PUSH, deploy, SIGN), said).verdict == "fail"


def test_rights_of_which_nothing_is_said_stay_unknown() -> None:
    files = released_by(PUSH, SIGN, "- uses: acme/deploy@v1", permissions=RIGHTS)
    said = "actions: [{uses: acme/deploy, ships: true}]"
    outcome = verdict("ci-least-privilege", files, said)
    assert outcome.verdict == "unknown"
    assert "does not say what it writes" in (outcome.reason or "")


COMMANDS = """
commands:
  - command: shipit sign
    signs: {image: --image}
    writes: [id-token]
  - command: shipit
    ships: true
    writes: [contents]
  - command: acme-notify
    harmless: true
"""


def test_a_command_is_known_by_its_first_words() -> None:
    sign = f'- run: shipit sign --verbose --image "ghcr.io/acme/shop@{DIGEST}"'
    ship = "- run: shipit release v1"
    steps = [PUSH, sign, "- run: acme-notify done\n  env: {TOKEN: '${{ secrets.PAT }}'}", ship]
    assert judge("build-signed", released_by(*steps)).verdict == "unknown"
    outcome = verdict("build-signed", released_by(*steps), COMMANDS)
    assert outcome.verdict == "pass"
    assert [each.role for each in outcome.evidence] == ["built", "signed", "shipped"]
    assert outcome.evidence[1].text.endswith("(by the contract acme 7, line 2)")
    assert verdict("build-signed", released_by(PUSH, ship, sign), COMMANDS).verdict == "fail"
    tagged = sign.replace(f"@{DIGEST}", ":1.2")
    assert verdict("build-signed", released_by(PUSH, tagged, ship), COMMANDS).verdict == "fail"
    swallowed = f"{sign} || true"
    assert verdict("build-signed", released_by(PUSH, swallowed, ship), COMMANDS).verdict == "fail"


def test_a_command_is_told_what_it_is_about_by_its_first_argument() -> None:
    said = "commands: [{command: acme-sign, signs: {image: argument}, writes: [id-token]}]"
    steps = [PUSH, f"- run: sudo acme-sign ghcr.io/acme/shop@{DIGEST}", SHIP]
    assert verdict("build-signed", released_by(*steps), said).verdict == "pass"


def test_its_word_comes_before_a_look_and_before_the_table() -> None:
    said = "actions: [{uses: docker/build-push-action, harmless: true}]"
    assert verdict("build-signed", released_by(PUSH, SIGN, SHIP), said).verdict != "pass"


def test_the_contract_that_judges_is_the_one_that_says_it(tmp_path: Path) -> None:
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/release.yml").write_text(str(calling()[".github/workflows/release.yml"]))
    (tmp_path / "catalog-info.yaml").write_text(ENTITY)
    contract = CONTRACT.replace("actions-pinned: [", "build-signed: [") + f"  knowledge:{indent(ALL, '    ')}"
    (tmp_path / "acme.yaml").write_text(contract)
    report = json.loads(run("check", ".", "--contract", "acme.yaml", "--format", "json", cwd=tmp_path).stdout)
    (check,) = report["components"][0]["checks"]
    assert check["verdict"] == "pass"
    line = contract.splitlines().index(f"      - uses: {RELEASE}") + 1
    assert check["evidence"][0]["text"] == f"{RELEASE}@v2 (by the contract acme 7, line {line})"


@pytest.mark.parametrize(
    ("said", "place", "sentence"),
    [
        ("[]", "1:1", "expected a mapping, got a list"),
        ("action: []", "1:1", "there is no field 'action' here; did you mean 'actions'?"),
        ("actions: {}", "1:1", "actions: expected a list, got a mapping"),
        ("actions: [{signs: {digest: d}}]", "1:11", "the field 'uses' is missing"),
        ("actions: [{uses: sign, harmless: true}]", "1:12", "'sign' names no action or reusable workflow"),
        ("actions: [{uses: ./sign, harmless: true}]", "1:12", "write owner/name, a path in it"),
        ("actions: [{uses: a/b}]", "1:11", "nothing is said of what a/b does"),
        ("actions: [{uses: a/b, signs: true}]", "1:23", "Nothing is built there; signs: {image: …, digest: …}"),
        ("actions: [{uses: a/b, signs: {}}]", "1:23", "name the input with the digest"),
        (
            "actions: [{uses: a/b, signs: {digset: d}}]",
            "1:31",
            "there is no field 'digset' here; did you mean 'digest'",
        ),
        ("actions: [{uses: a/b, signs: perhaps}]", "1:23", "signs: expected true or false or a mapping"),
        ("actions: [{uses: a/b, sings: true}]", "1:23", "there is no field 'sings' here; did you mean 'signs'?"),
        (
            "actions: [{uses: a/b, harmless: true, ships: true}]",
            "1:23",
            "it does none of the others, and ships is said",
        ),
        ("actions: [{uses: a/b, ships: true, writes: [content]}]", "1:45", "did you mean 'contents'?"),
        ("actions: [{uses: a/b, ships: true, when: {x: {}}}]", "1:36", "expected"),
        ("commands: [{command: '', ships: true}]", "1:13", "name the first words of the command"),
        ("commands: [{command: x}]", "1:12", "nothing is said of what x does"),
        ("commands: [{command: x, signs: {image: image}}]", "1:25", "'image' is no option; write it with its dashes"),
        ("commands: [{command: x, builds: {digest: --d}}]", "1:25", "a command has no outputs"),
        ("commands: [{command: x, ships: true, when: {a: b}}]", "1:38", "there is no field 'when' here"),
    ],
)
def test_a_mistake_is_named_with_its_line(said: str, place: str, sentence: str) -> None:
    with pytest.raises(Malformed) as raised:
        knowledge(said)
    assert str(raised.value.place) == f"acme.yaml:{place}"
    assert sentence in str(raised.value)


def test_presets_of_renovate() -> None:
    said = knowledge("updates: [{preset: 'github>acme/renovate-config'}]")
    assert said.presets == ("github>acme/renovate-config",)
    with pytest.raises(Malformed, match="presets"):
        knowledge("updates: [{presets: 'github>acme/renovate-config'}]")
