"""Coverage-guided fuzzing of what reads a repository's files: nothing may raise, hang or eat the memory.

    pip install --require-hashes -r requirements/fuzz.txt
    python benchmarks/fuzz/fuzz.py TARGET [FOLDER] [-max_total_time=600] [further options of libFuzzer]

TARGET is workflows, gitlab, goreleaser, shell, makefile, gradle, pom, expressions, catalog, promql, codeowners or
dockerfile. FOLDER keeps the inputs that have led somewhere new; without it they are forgotten. One that breaks
something is written to `crash-…`, and becomes a test before it is mended. Atheris needs Linux and a wheel for the
interpreter, so the lock of the tests does not hold it.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import atheris  # type: ignore[import-untyped]
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

with atheris.instrument_imports(include=["goldenpath"]):
    from goldenpath.checks import load, shipped_ids
    from goldenpath.facts.shell import Unfollowable, follow
    from goldenpath.facts.values import value
    from trees import judge

    for each in shipped_ids():
        load(each)

RELEASE = ("build-signed", "sbom-generated", "provenance-verified", "tests-gate-release", "vulnerabilities-gated")
RULE = """\
groups:
  - name: shop
    rules:
      - {{record: "errors:ratio1h", expr: {0}}}
      - {{record: "errors:ratio5m", expr: 'sum(rate(errors[5m])) / sum(rate(total[5m]))'}}
      - {{alert: Fast, expr: {0}, labels: {{severity: page}}}}
      - {{alert: Slow, expr: 'errors:ratio1h > 0.0144 and errors:ratio5m > 0.0144', labels: {{severity: page}}}}
"""
SLO = """\
apiVersion: openslo/v1
kind: SLO
metadata: {{name: availability}}
spec:
  service: shop
  indicator:
    metadata: {{name: availability}}
    spec:
      ratioMetric:
        counter: true
        bad: {{metricSource: {{type: Prometheus, spec: {{query: {0}}}}}}}
        total: {{metricSource: {{type: Prometheus, spec: {{query: sum(total)}}}}}}
  timeWindow: [{{duration: 30d, isRolling: true}}]
  budgetingMethod: Occurrences
  objectives: [{{target: 0.999}}]
"""
ENTITY = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: service, lifecycle: x, owner: a}
"""
GITLAB = """\
include: [{local: ci/*.yml}]
stages: [test, build]
.hidden: &hidden {id_tokens: {T: {aud: sigstore}}, rules: [{if: '$CI_COMMIT_TAG =~ /^v/ && $X != null', when: manual}]}
build:
  <<: *hidden
  extends: [.hidden]
  needs: [{job: test, optional: true}]
  parallel: {matrix: [{A: [1, 2]}]}
  script: [!reference [.hidden, script], 'docker push "$CI_REGISTRY_IMAGE:$CI_COMMIT_TAG"', 'cosign sign --yes "$D"']
  artifacts: {reports: {dotenv: a.env}, paths: [dist]}
test: {stage: test, script: pytest, only: [tags], trigger: {include: b.yml, strategy: depend}}
"""
GORELEASER = """\
version: 2
builds: [{id: a, goos: [linux], hooks: {post: 'cosign sign-blob x'}}]
archives: [{ids: [a], formats: [tar.gz], name_template: '{{ .ProjectName }}_{{ .Os }}'}]
checksum: {name_template: checksums.txt, ids: [a]}
signs: [{cmd: cosign, artifacts: checksum, args: [sign-blob, '--yes', '${artifact}'], if: '{{ isEnvSet "X" }}'}]
sboms: [{artifacts: archive, cmd: syft, documents: ['${artifact}.json']}]
dockers: [{image_templates: ['ghcr.io/acme/shop:{{ .Tag }}'], skip_push: auto}]
dockers_v2: [{images: [ghcr.io/acme/web], tags: [latest], sbom: false}]
docker_signs: [{cmd: cosign, artifacts: all, args: [sign, '${artifact}@${digest}']}]
kos: [{repositories: [ghcr.io/acme/ko], tags: [a], sbom: none}]
release: {draft: true, disable: '{{ .Env.X }}'}
publishers: [{cmd: './publish.sh {{ .ArtifactPath }}'}]
"""
GRADLE = """\
plugins { id 'com.google.cloud.tools.jib' version '3.4.0'; id "dev.sigstore.sign"; alias(libs.plugins.cyclonedx) }
apply plugin: 'maven-publish'
ext { image = "ghcr.io/acme/shop" }
jib { to { image = "${image}:${project.version}"; tags = ['latest', version] } }
tasks.named("jib") { dependsOn("check") }
publishing { repositories { maven { url = uri("https://maven.example") } } }
if (project.hasProperty("release")) { test { ignoreFailures = true } }
subprojects { afterEvaluate { tasks.withType(Test).configureEach { useJUnitPlatform() } } }
"""
POM = """\
<project><groupId>a</groupId><artifactId>shop</artifactId><version>1</version><modules><module>web</module></modules>
<properties><skipTests>false</skipTests></properties><build><plugins>
<plugin><groupId>com.google.cloud.tools</groupId><artifactId>jib-maven-plugin</artifactId><version>3.4.0</version>
<executions><execution><phase>deploy</phase><goals><goal>build</goal></goals></execution></executions>
<configuration><to><image>ghcr.io/acme/shop:${project.version}</image></to></configuration></plugin></plugins></build>
<profiles><profile><id>release</id><activation><property><name>env.CI</name></property></activation></profile></profiles>
</project>
"""
RUNS = (
    'on: {{push: {{tags: ["v*"]}}}}\njobs: {{a: {{runs-on: x, steps: [{{{}: {}}}, {{run: gh release create v1}}]}}}}\n'
)


def judged(files: Mapping[str, str | bytes], *checks: str) -> None:
    """Let the checks judge these files."""
    for check in checks:
        judge(check, files)


def workflows(data: bytes) -> None:
    """A workflow of any form."""
    judged({".github/workflows/release.yml": data}, *RELEASE, "ci-least-privilege", "actions-pinned")


def shell(data: bytes) -> None:
    """A script, followed by itself and as a step."""
    text = data.decode(errors="replace")
    with contextlib.suppress(Unfollowable):
        follow(value(text), {}, "bash -e {0}")
    judged(
        {".github/workflows/release.yml": RUNS.format("run", json.dumps(text))}, "build-signed", "tests-gate-release"
    )


def catalog(data: bytes) -> None:
    """A catalog of entities, and what is asked of the first."""
    files: dict[str, str | bytes] = {
        "catalog-info.yaml": data,
        "mkdocs.yml": "site_name: x\n",
        "docs/index.md": "# x\n",
    }
    judged(files, "owner-declared", "oncall-declared", "chat-channel-declared", "runbook-linked", "docs-published")


def promql(data: bytes) -> None:
    """The expression of an alert, of what is recorded for it, and of an objective."""
    query = json.dumps(data.decode(errors="replace"))
    for slo in (query, "sum(errors)"):
        files = {"catalog-info.yaml": ENTITY, "slo.yaml": SLO.format(slo), "alerts.yaml": RULE.format(query)}
        judged(files, "burn-rate-alerts", "alerts-routed", "latency-p95-measured", "slo-defined")


def codeowners(data: bytes) -> None:
    """CODEOWNERS, for a tree with names that are awkward."""
    judged({".github/CODEOWNERS": data, "src/a b.py": "", "docs/[x].md": "", "catalog-info.yaml": ENTITY}, "code-owned")


def dockerfile(data: bytes) -> None:
    """A Dockerfile."""
    judged({"Dockerfile": data, "go.mod": "module x\n", "go.sum": ""}, "build-reproducible", "dependencies-updated")


def makefile(data: bytes) -> None:
    """A Makefile that a release runs."""
    judged({".github/workflows/release.yml": RUNS.format("run", "make"), "Makefile": data}, *RELEASE)


def gradle(data: bytes) -> None:
    """A build script of Gradle that a release runs."""
    files: dict[str, str | bytes] = {
        ".github/workflows/release.yml": RUNS.format("run", "./gradlew check jib publish"),
        "build.gradle": data,
        "settings.gradle": "include 'web'\n",
        "gradlew": "",
    }
    judged(files, *RELEASE, "build-reproducible", "dependencies-locked")


def pom(data: bytes) -> None:
    """A project of Maven that a release deploys."""
    run = RUNS.format("run", "mvn --batch-mode deploy -Prelease")
    judged({".github/workflows/release.yml": run, "pom.xml": data}, *RELEASE, "build-reproducible")


def gitlab(data: bytes) -> None:
    """A pipeline of GitLab CI."""
    judged({".gitlab-ci.yml": data}, *RELEASE, "ci-least-privilege", "actions-pinned")


def goreleaser(data: bytes) -> None:
    """The configuration of a GoReleaser that a release runs."""
    run = RUNS.format("run", "goreleaser release")
    judged({".github/workflows/release.yml": run, ".goreleaser.yaml": data}, *RELEASE)


def expressions(data: bytes) -> None:
    """The condition of a step."""
    judged({".github/workflows/r.yml": RUNS.format("if", json.dumps(data.decode(errors="replace")))}, "build-signed")


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        workflows,
        gitlab,
        goreleaser,
        shell,
        makefile,
        gradle,
        pom,
        expressions,
        catalog,
        promql,
        codeowners,
        dockerfile,
    )
}


def seeds(target: str) -> list[str]:
    """What to start from: the good trees of the corpus, and a few words of each language."""
    trees = [
        yaml.safe_load(path.read_text(encoding="utf-8"))["tree"] for path in (ROOT / "tests/corpus").rglob("*.yaml")
    ]
    texts = [text for tree in trees for path, text in tree.items() if path.startswith(".github/workflows")]
    return {
        "workflows": texts,
        "shell": [step["run"] for text in texts for step in steps(yaml.safe_load(text)) if "run" in step],
        "catalog": [ENTITY, (ROOT / "catalog-info.yaml").read_text(encoding="utf-8")],
        "promql": [
            "histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket{job='shop'}[5m]))) > 0.25",
            "errors:ratio1h > 14.4 * (1 - 0.999) and errors:ratio5m > (14.4 * 0.001)",
            "sum(rate(e[5m])) / sum(rate(t[5m])) > 14.4 * 0.001 and on() slo:burn:ratio_rate1h{a=~'b.*'} > 0.01",
        ],
        "codeowners": ["* @acme/team\n/docs/ a@b.c\n[Section][2] @x\n^[Optional]\n*.py\n!/src/a\\ b.py @y\n"],
        "dockerfile": [
            "# syntax=docker/dockerfile:1\nARG V=1\nFROM --platform=$B golang:${V} AS a\nFROM a\nRUN <<E\nx\nE\n"
        ],
        "makefile": [
            "V ?= $(shell git describe)\nifdef CI\nall: test\nendif\ntest: a\n\t@-pytest \\\n\t -q\na:\n\t$(MAKE) b\n"
        ],
        "gradle": [GRADLE],
        "pom": [POM],
        "gitlab": [GITLAB],
        "goreleaser": [GORELEASER],
        "expressions": [
            "always() && contains(fromJSON('[1,2]'), github.ref) || !startsWith(env.A, 'b') && vars.X != null"
        ],
    }[target]


def steps(workflow: dict[str, dict[str, dict[str, list[dict[str, str]]]]]) -> list[dict[str, str]]:
    """The steps of all jobs."""
    return [step for job in workflow["jobs"].values() for step in job.get("steps", [])]


def main() -> None:
    """Fuzz the target that is named first; the rest is libFuzzer's."""
    target, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(seeds(target)):
            (Path(folder) / str(number)).write_text(text, encoding="utf-8")
            with atheris.instrument_imports(include=["goldenpath"]):  # what is imported only when it is needed
                TARGETS[target](text.encode())
        options += ["-timeout=30", "-rss_limit_mb=2048", "-max_len=4096", folder]
        atheris.Setup([sys.argv[0], *options], TARGETS[target])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
