"""Several components in one repository: each is judged by what is its own."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from goldenpath.contract import named
from goldenpath.repository import InputError
from goldenpath.scorecard import evaluate
from releasing import PUSH, SHIP, SIGN, TAG, job, workflow
from test_cli import run
from trees import repository

if TYPE_CHECKING:
    from pathlib import Path

    from goldenpath.scorecard import CheckResult

Files = dict[str, str | bytes | None]


def entity(name: str, kind: str = "service") -> str:
    return (
        "apiVersion: backstage.io/v1alpha1\nkind: Component\n"
        f"metadata: {{name: {name}}}\nspec: {{type: {kind}, lifecycle: production, owner: group:default/{name}}}\n"
    )


def build(name: str, context: str = "") -> str:
    inputs = f", context: {context}" if context else ""
    return PUSH.replace("acme/shop:1.2", f"acme/{name}:1.2").replace("push: true", f"push: true{inputs}")


def sign(name: str) -> str:
    return SIGN.replace("acme/shop", f"acme/{name}")


def two(*, nested: bool = True, **workflows: str) -> Files:
    """A repository of payments and ledger, each in a folder of its own, with these workflows."""
    files: Files = {f".github/workflows/{name}.yml": text for name, text in workflows.items()}
    if nested:
        return files | {f"services/{name}/catalog-info.yaml": entity(name) for name in ("payments", "ledger")}
    return files | {"catalog-info.yaml": "---\n".join(map(entity, ("payments", "ledger")))}


def results(check: str, files: Files, only: tuple[str, ...] = ()) -> dict[str, CheckResult]:
    """What a check says of each component."""
    scorecard = evaluate(repository(files), named("standard"), date(2026, 11, 26), only=only, strict=True)
    return {
        (component.ref or "").rpartition("/")[2]: result
        for component in scorecard.components
        for result in component.checks
        if result.id == check
    }


def verdicts(check: str, files: Files) -> dict[str, str]:
    return {name: result.verdict for name, result in results(check, files).items()}


SIGNED = [build("payments"), sign("payments"), SHIP]
UNSIGNED = [build("ledger"), SHIP]


def test_a_folder_with_a_catalog_file_is_a_component() -> None:
    assert verdicts("owner-declared", two()) == {"ledger": "pass", "payments": "pass"}
    skeleton = {"examples/x/catalog-info.yaml": entity("x"), "templates/y/catalog-info.yaml": entity("y")}
    assert verdicts("owner-declared", {**skeleton}) == {"": "fail"}
    rooted = {**two(), "catalog-info.yaml": entity("shop")}
    assert verdicts("owner-declared", rooted) == {"shop": "pass"}, "the root says what there is"


# Releases


@pytest.mark.parametrize("nested", [True, False])
def test_each_release_is_of_the_component_that_its_image_is_called_after(nested: bool) -> None:
    files = two(nested=nested, one=workflow(TAG, release=job(*SIGNED)), other=workflow(TAG, release=job(*UNSIGNED)))
    assert verdicts("build-signed", files) == {"payments": "pass", "ledger": "fail"}


def test_two_images_of_one_workflow_are_told_apart() -> None:
    both = workflow(TAG, payments=job(*SIGNED), ledger=job(*UNSIGNED))
    assert verdicts("build-signed", two(release=both)) == {"payments": "pass", "ledger": "fail"}


def test_evidence_of_a_component_is_its_own() -> None:
    both = workflow(TAG, payments=job(*SIGNED), ledger=job(build("ledger"), sign("ledger"), SHIP))
    found = results("build-signed", two(release=both))
    lines = {
        name: {each.line for each in result.evidence if each.role in {"built", "signed"}}
        for name, result in found.items()
    }
    assert len(lines["payments"]) == len(lines["ledger"]) == 2
    assert not lines["payments"] & lines["ledger"]


def test_what_is_built_in_its_folder_is_a_components() -> None:
    one = workflow(TAG, release=job(build("p", "services/payments"), sign("p"), SHIP))
    other = workflow(TAG, release=job(build("l", "./services/ledger"), SHIP))
    assert verdicts("build-signed", two(one=one, other=other)) == {"payments": "pass", "ledger": "fail"}


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("Payments", {"payments"}),
        ("shop-payments", {"payments"}),
        ("payments_migrations", {"payments"}),
        ("ledger-payments", set()),
        ("prepayments", set()),
        ("payments-for-ledger-too", {"payments"}),
    ],
)
def test_an_image_may_be_called_after_its_component_with_more_words(name: str, whose: set[str]) -> None:
    release = workflow(TAG, release=job(build(name), sign(name), SHIP))
    found = verdicts("build-signed", two(release=release))
    assert {component for component, verdict in found.items() if verdict == "pass"} == whose
    assert set(found.values()) <= ({"pass", "fail"} if whose else {"unknown"})


def test_a_matrix_builds_each_component_that_it_names() -> None:
    steps = [build("${{ matrix.service }}"), sign("${{ matrix.service }}"), SHIP]
    for matrix in ("{service: [payments]}", "{include: [{service: payments}, {service: other}]}"):
        release = workflow(TAG, release=job(*steps, strategy=f"{{matrix: {matrix}}}"))
        assert verdicts("build-signed", two(release=release)) == {"payments": "pass", "ledger": "fail"}
    release = workflow(TAG, release=job(*steps, strategy="{matrix: {service: [payments, ledger]}}"))
    assert verdicts("build-signed", two(release=release)) == {"payments": "pass", "ledger": "pass"}
    release = workflow(TAG, release=job(*steps, strategy="{matrix: {service: '${{ fromJSON(vars.ALL) }}'}}"))
    assert verdicts("build-signed", two(release=release)) == {"payments": "unknown", "ledger": "unknown"}


def test_a_matrix_of_gitlab_names_components_too() -> None:
    pipeline = """
        release:
          only: [tags]
          parallel: {matrix: [{SERVICE: [payments, ledger]}, {SERVICE: other}]}
          id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}
          script:
            - buildah push --digestfile digest "$CI_REGISTRY_IMAGE/$SERVICE:$CI_COMMIT_TAG"
            - cosign sign --yes "$CI_REGISTRY_IMAGE/$SERVICE@$(cat digest)"
            - helm upgrade "$SERVICE" chart --set "digest=$(cat digest)"
    """
    assert verdicts("build-signed", {**two(), ".gitlab-ci.yml": pipeline}) == {"payments": "pass", "ledger": "pass"}
    fixed = pipeline.replace("matrix: [{SERVICE: [payments, ledger]}", "matrix: [{SERVICE: payments}")
    assert verdicts("build-signed", {**two(), ".gitlab-ci.yml": fixed}) == {"payments": "pass", "ledger": "fail"}


@pytest.mark.parametrize(
    "on",
    [
        "{push: {tags: ['payments-v*']}}",
        "{push: {tags: ['payments/v*']}}",
        "{push: {branches: [main], paths: ['services/payments/**']}}",
    ],
)
def test_what_only_one_component_starts_is_its_own(on: str) -> None:
    release = workflow(on, release=job(build("image"), sign("image"), SHIP))
    assert verdicts("build-signed", two(release=release)) == {"payments": "pass", "ledger": "fail"}


def test_what_cannot_be_told_is_neither_borrowed_nor_held_against_anybody() -> None:
    mixed = [build("image"), build("other").replace("id: push", "id: other"), sign("image"), SHIP]
    for steps in ([build("image"), sign("image"), SHIP], mixed):
        found = results("build-signed", two(release=workflow(TAG, release=job(*steps))))
        assert {result.verdict for result in found.values()} == {"unknown"}
        assert "no image is named after it" in str(found["payments"].reason)
        assert found["payments"].evidence


def test_whose_it_is_matters_to_nobody_where_nothing_at_all_is_proven() -> None:
    for steps in ([build("image"), SHIP], [build("image"), SHIP, sign("image")]):
        found = results("build-signed", two(release=workflow(TAG, release=job(*steps))))
        assert {result.verdict for result in found.values()} == {"fail"}
    unseen = results("build-signed", two(release=workflow(TAG, release=job(build("image"), "- run: ./x", SHIP))))
    assert {result.verdict for result in unseen.values()} == {"unknown"}


def test_what_nobody_owns_is_in_the_way_only_where_it_is_not_proven() -> None:
    own = workflow(TAG, release=job(*SIGNED))
    good = workflow(TAG, release=job(build("base"), sign("base"), SHIP))
    bad = workflow(TAG, release=job(build("base"), SHIP))
    assert results("build-signed", two(own=own, base=good))["payments"].verdict == "pass"
    found = results("build-signed", two(own=own, base=bad))["payments"]
    assert (found.verdict, "of which nothing says whose it is" in str(found.reason)) == ("unknown", True)


def test_a_component_that_nothing_releases_fails() -> None:
    found = results("build-signed", two(one=workflow(TAG, release=job(*SIGNED))))
    assert found["ledger"].verdict == "fail"
    assert "nothing here releases it" in found["ledger"].summary


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (TAG, {"payments": "unknown", "ledger": "fail"}),
        ("{push: {tags: ['ledger-v*']}}", {"payments": "fail", "ledger": "fail"}),
        ("{push: {tags: ['payments-v*']}}", {"payments": "unknown", "ledger": "fail"}),
    ],
)
def test_what_is_called_elsewhere_beside_a_neighbours_release_may_be_the_release(
    on: str, expected: dict[str, str]
) -> None:
    elsewhere = (
        "permissions: {contents: write, packages: write, id-token: write}\nuses: acme/ci/.github/workflows/x.yml@v1\n"
    )
    release = workflow(on, other=elsewhere, release=job(*UNSIGNED))
    assert verdicts("build-signed", two(release=release)) == expected


def test_a_step_that_is_not_seen_beside_a_neighbours_build_is_no_release_of_another() -> None:
    release = workflow(TAG, release=job(build("ledger"), sign("ledger"), "- run: ./x", SHIP))
    assert verdicts("build-signed", two(release=release)) == {"payments": "fail", "ledger": "unknown"}


def test_an_sbom_that_is_published_with_the_release_stays_its_own() -> None:
    describe = '- run: syft "ghcr.io/acme/payments@${{ steps.push.outputs.digest }}" -o cyclonedx-json=sbom.json'
    ship = "- run: gh release create v1 sbom.json"
    both = workflow(TAG, payments=job(build("payments"), describe, ship), ledger=job(*UNSIGNED))
    assert verdicts("sbom-generated", two(release=both)) == {"payments": "pass", "ledger": "fail"}


# What was tested


NAMES = ("payments", "ledger")
BOTH = [build("payments", "services/payments"), build("ledger", "services/ledger").replace("id: push", "id: other")]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("pytest services/payments", "fail"),
        ("uv run --directory services/payments pytest", "fail"),
        ("cargo test -p payments", "fail"),
        ("cargo test --workspace --exclude ledger", "fail"),
        ("cargo test --workspace --exclude=ledger", "fail"),
        ("mvn verify -pl services/payments", "fail"),
        ("mvn verify -pl '!services/ledger'", "fail"),
        ("mvn verify -pl -:ledger,-:unheard-of", "fail"),
        ("mvn verify", "pass"),
        ("cargo test --workspace", "pass"),
        ("cargo test --workspace --exclude unheard-of", "pass"),
        ("pytest", "pass"),
        ("pytest e2e", "pass"),  # which may ask what was built
    ],
)
def test_tests_of_a_component_are_none_of_its_neighbour_that_is_released_with_it(command: str, expected: str) -> None:
    release = workflow(TAG, test=job(f'- run: "{command}"'), release=job(*BOTH, SHIP, needs="test"))
    manifests: Files = {f"services/{name}/{file}": "" for name in NAMES for file in ("Cargo.toml", "pom.xml")}
    others: Files = {"e2e/test_all.py": "", "pom.xml": "<project/>"}
    found = verdicts("tests-gate-release", two(release=release) | manifests | others)
    assert found == {"payments": "pass", "ledger": expected}


def test_tests_of_a_neighbour_that_is_released_elsewhere_are_not_known_to_be_any_of_this_one() -> None:
    steps = (build("ledger", "services/ledger"), SHIP)
    release = workflow(TAG, release=job("- {run: pytest, working-directory: services/payments}", *steps))
    assert verdicts("tests-gate-release", two(release=release))["ledger"] == "unknown"


def test_what_a_build_of_all_leaves_and_nothing_publishes_is_no_release_of_nobodys() -> None:
    poms: Files = {f"services/{name}/pom.xml": f"<project><artifactId>{name}</artifactId></project>" for name in NAMES}
    modules = "".join(f"<module>services/{name}</module>" for name in NAMES)
    files: Files = {"pom.xml": f"<project><modules>{modules}</modules></project>", **poms}
    release = workflow(TAG, test=job("- run: mvn -B verify"), release=job(*SIGNED, needs="test"))
    assert verdicts("build-signed", two(release=release) | files) == {"payments": "pass", "ledger": "fail"}


# What lies in a folder


def test_locks_owners_and_bots_are_asked_of_the_component_whose_files_they_are() -> None:
    files = {
        **two(),
        "services/payments/package.json": '{"name": "p", "dependencies": {"left-pad": "1.3.0"}}',
        "services/ledger/requirements.txt": "",
        ".github/CODEOWNERS": "/services/ledger/ @acme/ledger\n",
    }
    assert verdicts("dependencies-locked", files)["payments"] == "fail"
    assert verdicts("dependencies-locked", files)["ledger"] != "fail"
    assert verdicts("code-owned", files) == {"payments": "fail", "ledger": "pass"}


def test_a_component_at_the_root_does_not_answer_for_those_below_it() -> None:
    location = (
        "---\napiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: all}\n"
        "spec: {target: ./services/ledger/catalog-info.yaml}\n"
    )
    files: Files = {
        "catalog-info.yaml": entity("shop") + location,
        "services/ledger/catalog-info.yaml": entity("ledger"),
        "services/ledger/package.json": '{"name": "l", "dependencies": {"left-pad": "1.3.0"}}',
    }
    assert verdicts("dependencies-locked", files) == {"shop": "not-applicable", "ledger": "fail"}


SLO = """
apiVersion: openslo/v1
kind: SLO
metadata: {name: availability}
spec:
  indicator:
    metadata: {name: availability}
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: Prometheus, spec: {query: 'sum(http_requests_total{code!~"5.."})'}}}
        total: {metricSource: {type: Prometheus, spec: {query: sum(http_requests_total)}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.999}]
"""


def test_an_slo_in_a_components_folder_is_no_neighbours() -> None:
    found = verdicts(
        "slo-defined",
        {**two(), "services/payments/slo.yaml": SLO.replace("indicator:", "service: checkout\n  indicator:", 1)},
    )
    assert found["ledger"] == "fail"


# Picking


def test_one_component_is_picked_by_name_or_reference() -> None:
    files = two(one=workflow(TAG, release=job(*SIGNED)))
    for only in ("payments", "Payments", "component:default/payments"):
        assert list(results("build-signed", files, (only,))) == ["payments"]
    assert set(results("build-signed", files, ("payments", "ledger"))) == {"payments", "ledger"}
    with pytest.raises(InputError, match="there is no such component here, which declares ledger, pay"):
        results("build-signed", files, ("shop",))


def write(root: Path, files: Files) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(str(text))
    return root


def test_the_exit_code_is_that_of_the_components_that_are_picked(tmp_path: Path) -> None:
    both = workflow(TAG, payments=job(*SIGNED), ledger=job(*UNSIGNED))
    tree = write(tmp_path / "shop", two(release=both))
    contract = (
        "apiVersion: goldenpath.dev/v1\nkind: PlatformContract\nmetadata: {name: a, version: 1, owner: group:p}\n"
    )
    (tmp_path / "a.yaml").write_text(contract + "spec: {tiers: [bronze], checks: {build-signed: {tier: bronze}}}\n")
    given = ("--contract", tmp_path / "a.yaml")
    assert run("check", tree, *given).returncode == 1
    assert run("check", tree, *given, "--component", "payments").returncode == 0
    assert run("check", tree, *given, "--component", "ledger").returncode == 1
    done = run("check", tree, *given, "--component", "nobody")
    assert (done.returncode, done.stdout) == (2, "")
    report = json.loads(run("check", tree, *given, "--format", "json").stdout)
    assert report["tier"] is None
    commands = [each["next"]["command"] for each in report["components"] if each["next"]]
    assert commands[0].endswith("--component component:default/ledger")
    guide = run(*commands[0].split()[1:])
    assert guide.returncode == 0
    assert "component:default/ledger" in guide.stdout


def test_thirty_components_fit_into_a_report(tmp_path: Path) -> None:
    files: Files = {f"services/s{number}/catalog-info.yaml": entity(f"s{number}") for number in range(30)}
    text = run("check", write(tmp_path, files)).stdout
    assert "the lowest of 30 components" in text
    assert len(text.splitlines()) < 120
