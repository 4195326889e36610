"""What is handed in beside the repository, as a shell sees it: `--source` and `--entity`."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from releasing import PUSH, SHIP, SIGN, TAG, job, workflow
from test_cli import COMMAND, ENTITY, run, surroundings
from toolbox import commit

if TYPE_CHECKING:
    from pathlib import Path

RIGHTS = "{id-token: write, packages: write, contents: write}"
RELEASE = ".github/workflows/release.yml"
CONTRACT = """\
apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: 7, owner: group:platform}
spec:
  tiers: [bronze]
  checks: {build-signed: {tier: bronze}}
"""


def write(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A service that acme/ci releases, at v2."""
    release = workflow(TAG, release=f"permissions: {RIGHTS}\nuses: acme/ci/{RELEASE}@v2\n")
    files = {"catalog-info.yaml": ENTITY, RELEASE: release, ".goldenpath.yaml": "contract: acme.yaml\n"}
    return write(tmp_path / "shop", {**files, "acme.yaml": CONTRACT})


@pytest.fixture
def ci(tmp_path: Path) -> Path:
    """acme/ci, which signs at v2, and no longer after it."""
    tree = write(tmp_path / "ci", {RELEASE: workflow("{workflow_call: }", release=job(PUSH, SIGN, SHIP))})
    commit(tree)
    subprocess.run(["git", "tag", "v2"], cwd=tree, check=True)
    write(tree, {RELEASE: workflow("{workflow_call: }", release=job(PUSH, SHIP))})
    commit(tree)
    return tree


def report(*arguments: str | Path) -> dict[str, Any]:
    done = run("check", *arguments, "--format", "json")
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def verdict(found: dict[str, Any]) -> str:
    (check,) = found["components"][0]["checks"]
    text: str = check["verdict"]
    return text


def test_a_repository_is_read_at_the_ref_that_it_is_handed_in_for(shop: Path, ci: Path) -> None:
    assert verdict(report(shop)) == "unknown"
    found = report(shop, "--source", f"acme/ci@v2={ci}")
    assert verdict(found) == "pass"
    (source,) = found["sources"]
    assert source | {"location": "", "commit": ""} == {
        "repository": "acme/ci", "ref": "v2", "location": "", "commit": "", "used": True, "used_at": [],
    }  # fmt: skip
    assert len(source["commit"]) == 40


def test_a_bare_repository_will_do_and_a_directory_is_taken_as_it_stands(shop: Path, ci: Path, tmp_path: Path) -> None:
    bare = tmp_path / "ci.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", ci, bare], check=True)
    assert verdict(report(shop, "--source", f"acme/ci@v2={bare}")) == "pass"
    assert verdict(report(shop, "--source", f"acme/ci={ci}")) == "fail"
    plain = write(tmp_path / "plain", {RELEASE: (ci / RELEASE).read_text()})
    assert verdict(report(shop, "--source", f"acme/ci@v2={plain}")) == "fail"


def test_a_directory_inside_the_repository_has_no_refs_of_its_own(shop: Path, ci: Path) -> None:
    commit(shop)
    inside = write(shop / "ci", {RELEASE: (ci / RELEASE).read_text()})
    assert verdict(report(shop, "--source", f"acme/ci@v2={inside}")) == "fail"


def test_what_is_handed_in_for_nothing_is_told(shop: Path, ci: Path) -> None:
    found = report(shop, "--source", f"acme/other={ci}", "--source", f"acme/ci@{head(ci)}={ci}")
    assert verdict(found) == "unknown"
    assert [(each["used"], each["used_at"]) for each in found["sources"]] == [(False, []), (False, ["v2"])]
    text = run("check", shop, "--source", f"acme/ci@{head(ci)}={ci}").stdout
    assert "was handed in, and nothing that is followed here leads to it; it is used at v2" in " ".join(text.split())


def head(tree: Path) -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=tree, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_command_that_leads_on_hands_it_in_too(shop: Path, ci: Path) -> None:
    found = report(shop, "--source", f"acme/ci={ci}")
    command = found["components"][0]["next"]["command"]
    assert command.endswith(f"--source acme/ci={ci}")
    done = run(*command.split()[1:])
    assert done.returncode == 0
    assert "cosign" in done.stdout or "released on" in done.stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("acme/ci", "write owner/name@ref=PATH"),
        ("ci@v2=.", "write owner/name@ref=PATH"),
        ("acme/ci@v2=", "write owner/name@ref=PATH"),
        ("acme//ci@v2=.", "write owner/name@ref=PATH"),
        ("acme/ci@v2=nowhere", "--source acme/ci@v2: nowhere: there is no such directory"),
        ("acme/ci@v9={ci}", "--source acme/ci@v9: {ci}: 'v9' is no commit, branch or tag of it"),
        ("acme/ci@--exec=x={ci}", "there is no such directory"),
    ],
)
def test_what_cannot_be_handed_in_is_an_error(shop: Path, ci: Path, given: str, said: str) -> None:
    done = run("check", shop, "--source", given.format(ci=ci), cwd=shop)
    assert (done.returncode, done.stdout) == (2, "")
    assert said.format(ci=ci) in done.stderr
    assert "Traceback" not in done.stderr


def test_one_ref_of_one_repository_is_handed_in_once(shop: Path, ci: Path) -> None:
    done = run("check", shop, "--source", f"acme/ci@v2={ci}", "--source", f"Acme/CI@v2={ci}")
    assert done.returncode == 2
    assert "--source Acme/CI@v2 is there twice" in done.stderr


def test_neither_a_repository_nor_a_contract_hands_anything_in(shop: Path, ci: Path) -> None:
    (shop / ".goldenpath.yaml").write_text(f"contract: acme.yaml\nsources: [acme/ci@v2={ci}]\n")
    done = run("check", shop)
    assert done.returncode == 2
    assert ".goldenpath.yaml:2" in done.stderr


def test_no_report_takes_a_file_elsewhere_for_one_of_this_repository(shop: Path, ci: Path) -> None:
    given = ("--source", f"acme/ci={ci}")
    log = json.loads(run("check", shop, *given, "--format", "sarif").stdout)
    (result,) = log["runs"][0]["results"]
    places = [*result["locations"], *result.get("relatedLocations", [])]
    assert {each["physicalLocation"]["region"]["startLine"] for each in places} == {6}, "where it is called"
    assert result["properties"]["elsewhere"] == [
        f"shipped: acme/ci@*:{RELEASE}:11: gh release create v<tag> --generate-notes",
        f"built: acme/ci@*:{RELEASE}:8: docker/build-push-action@53b7df9",
    ]
    assert f"See acme/ci@*:{RELEASE}:11." in result["message"]["text"]
    (issue,) = json.loads(run("check", shop, *given, "--format", "codequality").stdout)
    assert issue["location"] == {"path": RELEASE, "lines": {"begin": 6}}
    for form in ("text", "markdown", "junit"):
        assert f"acme/ci@*:{RELEASE}:11" in run("check", shop, *given, "--format", form, COLUMNS="200").stdout


# --entity

PROCESSED = {
    "apiVersion": "backstage.io/v1alpha1",
    "kind": "Component",
    "metadata": {
        "namespace": "default",
        "name": "payments-api",
        "uid": "0b7c1d5e-3ad1-4a0e-9b43-1a3a5f6c1c55",
        "etag": "b5d0e9f6",
        "annotations": {
            "backstage.io/managed-by-location": "url:https://git.example.com/acme/shop/tree/main/catalog-info.yaml",
            "backstage.io/managed-by-origin-location": "url:https://git.example.com/acme/shop/tree/main/catalog-info.yaml",
        },
    },
    "spec": {"type": "service", "lifecycle": "production", "owner": "group:default/checkout"},
    "relations": [{"type": "ownedBy", "targetRef": "group:default/checkout"}],
}
"""An entity as the catalog of a portal answers with it."""

OWNED = CONTRACT.replace("build-signed", "owner-declared")


@pytest.fixture
def owned(shop: Path) -> Path:
    """The same service, asked for its owner."""
    return write(shop, {"acme.yaml": OWNED})


def entity(folder: Path, answer: object, name: str = "portal.json") -> Path:
    (folder / name).write_text(json.dumps(answer))
    return folder / name


def told(found: dict[str, Any], number: int = 0) -> tuple[str, list[str]]:
    """What a check says, and where."""
    (check,) = found["components"][number]["checks"]
    return check["summary"], [":".join(filter(None, [each.get("source"), each["path"]])) for each in check["evidence"]]


def test_the_portals_entity_counts_instead_of_the_repositorys(owned: Path, tmp_path: Path) -> None:
    assert told(report(owned)) == ("owned by group:default/payments", ["catalog-info.yaml"])
    found = report(owned, "--entity", entity(tmp_path, PROCESSED))
    assert told(found) == ("owned by group:default/checkout", [f"--entity:{tmp_path}/portal.json", "catalog-info.yaml"])
    assert [each["ref"] for each in found["components"]] == ["component:default/payments-api"]


def test_an_entity_that_lives_elsewhere_makes_a_component_of_a_repository_without_one(
    owned: Path, tmp_path: Path
) -> None:
    (owned / "catalog-info.yaml").unlink()
    assert report(owned)["components"][0]["ref"] is None
    found = report(owned, "--entity", entity(tmp_path, PROCESSED))
    assert found["components"][0]["ref"] == "component:default/payments-api"
    assert found["tier"] == "bronze"


@pytest.mark.parametrize("answer", [[PROCESSED], {"items": [PROCESSED], "totalItems": 1, "pageInfo": {}}])
def test_what_a_portal_answers_with_is_taken_as_it_is(owned: Path, tmp_path: Path, answer: object) -> None:
    assert told(report(owned, "--entity", entity(tmp_path, answer)))[0] == "owned by group:default/checkout"


def test_entities_come_from_standard_input_too_and_beside_those_of_the_repository(owned: Path) -> None:
    other = ENTITY.replace("payments-api", "ledger").replace("default/payments", "default/ledger")
    command = [*COMMAND, "check", str(owned), "--entity", "-", "--format", "json"]
    done = subprocess.run(command, env=surroundings(), input=other, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    assert [each["ref"] for each in found["components"]] == [
        "component:default/ledger",
        "component:default/payments-api",
    ]
    assert told(found)[1] == ["--entity:stdin"]


def test_what_the_portal_would_refuse_fails(owned: Path, tmp_path: Path) -> None:
    broken = {**PROCESSED, "spec": {"type": "service", "lifecycle": "production"}}
    found = report(owned, "--entity", entity(tmp_path, broken))
    assert told(found)[0] == "the catalog entity is not valid: `spec.owner` is missing"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "--entity portal.json: it cannot be read (No such file or directory)"),
        ("kind: [", "it is not valid YAML"),
        ("", "--entity portal.json: it holds no entity"),
        ("[]", "--entity portal.json: it holds no entity"),
        ("just text", "--entity portal.json, line 1: it is no entity"),
        ("{metadata: {name: x}}", "--entity portal.json, line 1: it is no entity"),
        ("- kind: Group\n- 7", "--entity portal.json, line 2: it is no entity"),
        (f"{ENTITY}---\n{ENTITY}", "line 6: component:default/payments-api is handed in twice, first at"),
        ("\0", "--entity portal.json: it holds a NUL byte (line 1)"),
    ],
)
def test_a_file_without_entities_is_an_error(owned: Path, text: str | None, said: str) -> None:
    if text is not None:
        (owned / "portal.json").write_text(text)
    for command in (["check"], ["explain", "owner-declared"]):
        done = run(*command, ".", "--entity", "portal.json", cwd=owned)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr


def test_no_report_takes_an_entity_that_was_handed_in_for_a_file_of_this_repository(
    owned: Path, tmp_path: Path
) -> None:
    broken = {**PROCESSED, "spec": {"type": "service", "lifecycle": "production"}}
    given = ("--entity", entity(tmp_path, broken))
    (result,) = json.loads(run("check", owned, *given, "--format", "sarif").stdout)["runs"][0]["results"]
    assert [each["physicalLocation"]["artifactLocation"]["uri"] for each in result["locations"]] == [
        "catalog-info.yaml"
    ]
    assert "portal.json" in result["properties"]["elsewhere"][0]


def test_a_relative_path_in_the_portals_entity_begins_where_the_repository_declares_it(
    owned: Path, tmp_path: Path
) -> None:
    (owned / "catalog-info.yaml").write_text(
        "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: all}\n"
        "spec: {targets: [./services/payments/catalog-info.yaml]}\n"
    )
    service = {"catalog-info.yaml": ENTITY, "docs/index.md": "# Payments\n\nHow money moves.\n"}
    site = {"mkdocs.yml": "site_name: Payments\nnav: [{Home: index.md}]\n"}
    write(owned / "services/payments", {**service, **site})
    write(owned, {"acme.yaml": CONTRACT.replace("build-signed", "docs-published")})
    metadata = {**PROCESSED["metadata"], "annotations": {"backstage.io/techdocs-ref": "dir:."}}  # type: ignore[dict-item]
    found = report(owned, "--entity", entity(tmp_path, {**PROCESSED, "metadata": metadata}))
    assert told(found)[0].startswith("TechDocs builds")
