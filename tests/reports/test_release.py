"""A release as the validator sees it, for people who ask why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from goldenpath.facts import Facts
from goldenpath.reports.release import render
from goldenpath.reports.terminal import Surface
from releasing import PUSH, SHIP, SIGN, TAG, job, released_by, repository_of, workflow
from test_cli import run
from toolbox import ROOT
from trees import repository

if TYPE_CHECKING:
    from pathlib import Path

    from toolbox import Rendered

Files = dict[str, str | bytes | None]


def explained(files: Files, form: str = "text") -> str:
    return render(Facts(repository(files))["releases"], form, Surface())


def test_each_job_says_what_it_does_to_what_and_after_which_other() -> None:
    text = workflow(
        TAG,
        build=job(PUSH, outputs="{digest: '${{ steps.push.outputs.digest }}'}"),
        sign=job('- run: cosign sign --yes "ghcr.io/acme/shop@${{ needs.build.outputs.digest }}"', needs="build"),
        release=job(SHIP, needs="[build, sign]"),
    )
    assert (
        explained(repository_of(text))
        == """\
.github/workflows/release.yml on a pushed tag

  build
    built        .github/workflows/release.yml:9:15  docker/build-push-action@53b7df9
                 of ghcr.io/acme/shop@<digest of push>

  sign  after build
    signed       .github/workflows/release.yml:17:14  cosign sign --yes ghcr.io/acme/shop@<digest…
                 of ghcr.io/acme/shop@<digest of push>

  release  after sign
    shipped      .github/workflows/release.yml:23:14  gh release create v<tag> --generate-notes"""
    )


def test_the_digest_of_a_script_is_called_by_its_job_and_each_by_another_name() -> None:
    build = "docker buildx build --push -t ghcr.io/acme/{0} --metadata-file {0}.json ."
    named = job(f"- id: push\n  run: {build.format('shop')}")
    assert "ghcr.io/acme/shop@<digest of push>" in explained(repository_of(workflow(TAG, ship=named)))
    both = job(*(f"- run: {build.format(name)}" for name in ("shop", "till")))
    shown = explained(repository_of(workflow(TAG, ship=both)))
    assert "ghcr.io/acme/shop@<digest of ship>" in shown
    assert len(set(re.findall("<digest of [^>]*>", shown))) == 2
    local: Files = {
        ".gitlab-ci.yml": f"build:\n  rules: [{{if: $CI_COMMIT_TAG}}]\n  script: ['{build.format('shop')}']\n"
    }
    assert "<digest of build>" in explained(local)
    pushed = explained({".gitlab-ci.yml": "build:\n  rules: [{if: $CI_COMMIT_TAG}]\n  script: [docker push shop]\n"})
    assert "shop@<digest of build: shop>" in pushed


def test_the_digest_of_a_tool_is_called_by_its_step_or_its_job() -> None:
    jib = "mvn compile jib:build -Dimage=ghcr.io/acme/shop"
    files = repository_of(workflow(TAG, ship=job(f"- run: {jib}")), **{"pom.xml": "<project/>"})
    assert "ghcr.io/acme/shop@<digest of ship: jib>" in explained(files)
    files = repository_of(workflow(TAG, ship=job(f"- id: image\n  run: {jib}")), **{"pom.xml": "<project/>"})
    assert "ghcr.io/acme/shop@<digest of image: jib>" in explained(files)


def test_a_digest_whose_step_has_no_name_is_called_by_its_number() -> None:
    assert "shop@<digest of step 2>" in explained(released_by("- run: ls", PUSH.replace("  id: push\n", "")))
    push = "- run: docker push acme/shop:${{ steps.version.outputs.name }}"
    assert "acme/shop@<digest of shop:…>" in explained(released_by("- id: version\n  uses: acme/version@v1", push))


def test_two_artifacts_are_two_in_a_picture() -> None:
    """What two jobs build in steps of one name are two, and each is called by its image."""
    chart = explained(repository_of(workflow(TAG, one=job(PUSH), other=job(PUSH.replace("shop", "till")))), "mermaid")
    artifacts = re.findall(r'\(\["(.*)"\]\)', chart)
    assert artifacts == ["ghcr.io/acme/shop@#60;digest of push#62;", "ghcr.io/acme/till@#60;digest of push#62;"]


UNKNOWN = {
    "what is not followed": (
        [PUSH, "- uses: acme/sign@v1\n  with: {image: x}"],
        ["not seen", "what acme/sign does is not known", "it could build, describe, scan, ship, sign, test and verify"],
    ),
    "a condition": ([PUSH, SIGN.replace("- run", "- if: vars.SIGN == 'yes'\n  run")], ["only if"]),
    "a swallowed failure": ([PUSH, f"{SIGN}  continue-on-error: true"], ["its failure does not fail the job"]),
    "a tag": ([PUSH, "- run: cosign sign --yes ghcr.io/acme/shop:1.2"], ["of ghcr.io/acme/shop:1.2"]),
    "a release in spite of all": (
        [PUSH, SIGN, SHIP.replace("- run", "- if: always()\n  run")],
        ["even after a failure before it"],
    ),
}


@pytest.mark.parametrize("about", UNKNOWN)
def test_what_keeps_a_check_from_passing_is_told(about: str) -> None:
    steps, said = UNKNOWN[about]
    text = explained(released_by(*steps))
    for each in said:
        assert each in text


def test_what_is_no_release_or_cannot_be_followed_is_named() -> None:
    lint = released_by("- run: make lint", on="{push: {branches: [main]}}", permissions="{}")
    text = " ".join(explained(lint | {"Jenkinsfile": ""}).split())
    assert text.startswith("Nothing here releases anything that could be seen.")
    assert "Jenkinsfile: a pipeline of Jenkins, which is not followed" in text
    assert "Followed, and no release: .github/workflows/release.yml on a push to main" in text


HOSTILE = "x]; click a https://evil.example `<script>` #35; %% end"


def test_a_flowchart_holds_no_markup_of_the_repositorys() -> None:
    chart = explained(released_by(PUSH, SIGN, f"- run: |\n    gh release create v1 '{HOSTILE}'"), "mermaid")
    labels = re.findall(r'"(.*)"', chart)
    assert any("evil.example" in label for label in labels)
    for label in labels:
        assert re.fullmatch(r"(?:[\w .,:/@-]|#\d+;|<br>)*", label)


def test_a_flowchart_is_whole() -> None:
    """Each box is closed, each arrow leads from one node to another that is there."""
    both = workflow(TAG, one=job(PUSH, SIGN, SHIP), other=job(PUSH, SIGN, SHIP, needs="one"))
    for files in (repository_of(both), Files(), released_by("- uses: a/b@v1")):
        lines = [line.strip() for line in explained(files, "mermaid").splitlines()]
        assert lines[0] == "flowchart LR"
        assert sum(line.startswith("subgraph ") for line in lines) == lines.count("end")
        nodes = {match[1] for line in lines if (match := re.match(r"(?:subgraph )?(\w+)[\[(]", line))}
        arrows = [line.split() for line in lines if re.fullmatch(r"\w+ (-->|-\.->) \w+", line)]
        assert {arrow[0] for arrow in arrows} | {arrow[2] for arrow in arrows} <= nodes


# On the command line


def test_it_judges_nothing_and_says_so(tmp_path: Path) -> None:
    (tmp_path / ".github/workflows").mkdir(parents=True)
    files = released_by(PUSH, SHIP)
    (tmp_path / ".github/workflows/release.yml").write_text(str(files[".github/workflows/release.yml"]))
    done = run("check", tmp_path, "--explain-release")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, ".github/workflows/release.yml on a pushed tag")
    done = run("check", tmp_path, "--explain-release", "--format", "mermaid", "--output", tmp_path / "release.mmd")
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "release.mmd").read_text().startswith("flowchart LR\n")
    for refused in (["--tier", "gold"], ["--as-of", "2027-01-01"], ["--format", "sarif"], ["--changed", "a"]):
        done = run("check", tmp_path, "--explain-release", *refused, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr
    done = run("check", tmp_path, "--format", "mermaid")
    assert (done.returncode, "add --explain-release" in done.stderr) == (2, True)


def test_the_documentation_shows_the_release_of_a_generated_service(rendered: Rendered) -> None:
    shown = run("check", rendered(), "--explain-release", COLUMNS="110").stdout
    assert f"```text\n{shown}```" in (ROOT / "docs/explain-release.md").read_text()
