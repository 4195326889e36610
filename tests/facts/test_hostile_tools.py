"""Configurations of release tools that are built to hurt: they end in a verdict, and soon."""

from __future__ import annotations

import time

import pytest

from releasing import job, repository_of, workflow
from trees import judge

SECONDS = 5
"""Far more than any of these takes, even on a busy machine."""

CHECKS = ("build-signed", "tests-gate-release", "vulnerabilities-gated")
BAKE = "- uses: docker/bake-action@v7\n  with: {push: true}"
GORELEASER = "- uses: goreleaser/goreleaser-action@v7\n  with: {args: release}"
SEMANTIC = "- run: npx semantic-release"
NAMES = "\n".join(f"      - ghcr.io/acme/shop:{number}" for number in range(2_000))

TREES = {
    "targets that inherit twice": (
        BAKE,
        "docker-bake.hcl",
        "".join(f'target "t{n}" {{ inherits = ["t{n + 1}", "t{n + 1}"] }}\n' for n in range(30))
        + 'target "default" { inherits = ["t0"] }\ntarget "t30" {}\n',
    ),
    "targets in a circle": (BAKE, "docker-bake.hcl", 'target "default" { inherits = ["default"] }\n'),
    "groups of groups": (
        BAKE,
        "docker-bake.hcl",
        "".join(f'group "g{n}" {{ targets = ["g{n + 1}", "g{n + 1}"] }}\n' for n in range(40))
        + 'group "default" { targets = ["g0"] }\ngroup "g40" { targets = [] }\n',
    ),
    "a text without an end": (BAKE, "docker-bake.hcl", 'a = "' + "${a}" * 20_000),
    "comments without an end": (BAKE, "docker-bake.hcl", "/*" * 50_000),
    "lists in lists": (BAKE, "docker-bake.hcl", "a = " + "[" * 50_000),
    "JSON in JSON": (BAKE, "docker-bake.json", '{"target":' * 20_000),
    "signatures of many names": (
        GORELEASER,
        ".goreleaser.yaml",
        f"dockers:\n  - image_templates:\n{NAMES}\ndocker_signs:\n" + "  - artifacts: all\n" * 100,
    ),
    "templates without an end": (
        GORELEASER,
        ".goreleaser.yaml",
        "dockers_v2:\n  - images: ['" + "{{" * 50_000 + "']\n",
    ),
    "endings without end": (
        GORELEASER,
        ".goreleaser.yaml",
        "archives:\n  - formats: [" + ", ".join(f"a{n}" for n in range(5_000)) + "]\nsboms:\n" + "  - id: a\n" * 100,
    ),
    "many plugins": (SEMANTIC, ".releaserc", "plugins: [" + ", ".join(["'@semantic-release/npm'"] * 20_000) + "]\n"),
    "empty lines": ("- run: npm publish", ".npmrc", "\n" * 200_000),
    "a pom in itself": ("- run: mvn deploy", "pom.xml", "<project><modules><module>.</module></modules></project>"),
    "elements in elements": ("- run: mvn deploy", "pom.xml", "<a>" * 10_000),
    "settings of pytest that are empty lines": ("- run: pytest", "pytest.ini", "addopts =" + "\n" * 200_000),
    "a runner of Cargo that never comes": (
        "- run: cargo test",
        ".cargo/config.toml",
        "[build]" + "\n" * 200_000 + "runner = " + " " * 200_000,
    ),
    "a policy of empty lines": (
        "- run: trivy image --exit-code 1 --ignore-policy p.rego acme/shop",
        "p.rego",
        "package trivy" + "\n" * 200_000 + "allow = true",
    ),
    "numbers of many digits": (
        f"- run: for i in {{1..{'9' * 5_000}}}; do [ $i = 4 ] && exit 1; cosign sign x && break; done",
        "README.md",
        "",
    ),
    "a sequence of many digits": (
        f"- run: for i in $(seq {'9' * 5_000}); do [ $i = 4 ] && exit 1; cosign sign x && break; done",
        "README.md",
        "",
    ),
    "profiles of Maven that never end": ("- run: mvn verify -Pfast", "pom.xml", "<profile>" * 60_000),
    "comments of Maven that never end": ("- run: mvn verify", "pom.xml", "<!--" * 100_000),
    "comments of Gradle that never end": ("- run: gradle build", "build.gradle", "/*" * 200_000),
    "documents of Ruby that never end": ("- run: rake", "Rakefile", "=begin\n" * 100_000),
    "a task of blanks": ("- run: rake a", "Rakefile", f"task{' ' * 200_000}x\n"),
    "expressions of just that never end": ("- run: just a", "justfile", "a:\n    echo " + "{{ " * 60_000),
    "expressions of Task that never end": (
        "- run: task a",
        "Taskfile.yml",
        "version: '3'\ntasks: {a: {cmds: ['" + "{{ " * 60_000 + "']}}\n",
    ),
    "an expression of Task that is blank": (
        "- run: task a",
        "Taskfile.yml",
        "version: '3'\ntasks: {a: {cmds: ['{{" + " " * 60_000 + "']}}\n",
    ),
    "quotes that may be either side": ("- run: make", "Makefile", "ifeq " + '" "' * 60_000 + "x\nendif\n"),
    "profiles of Maven full of names": (
        "- run: mvn verify -Pfast",
        "pom.xml",
        "<profile>" + "<id>" * 60_000 + "<property>" + "\n" * 200_000 + "</profile>",
    ),
    "a result of pytest that is none": (
        "- run: pytest",
        "conftest.py",
        "exitstatus = " * 20_000 + "os." * 60_000 + " " * 200_000,
    ),
    "a count of many digits": (
        f"- run: n={'9' * 5_000}; while [ $n -gt 3 ]; do cosign sign x && break; n=$((n + 1)); done",
        "README.md",
        "",
    ),
    "programs that speak of nothing else": ("- run: ./tools/docs.py", "tools/docs.py", "gh release view " * 20_000),
    "a quote that nothing ends": ("- run: make", "Makefile", "V := $(shell echo x | tr ' a b)\nall:\n\techo $(V)\n"),
    "pipes with much room": (
        "- run: make",
        "Makefile",
        f"V := $(shell echo x{(' ' * 40 + '| tr a b') * 12} !)\nall:\n\techo $(V)\n",
    ),
    "directives that say nothing": ("- run: go generate ./...", "a.go", "//go:generate \t \npackage a\n"),
}  # fmt: skip


@pytest.mark.parametrize(("step", "path", "text"), TREES.values(), ids=TREES.keys())
def test_a_verdict_comes_soon(step: str, path: str, text: str) -> None:
    files = {**repository_of(workflow(release=job(step))), path: text}
    began = time.process_time()
    assert all(judge(check, files).summary for check in CHECKS)
    assert time.process_time() - began < SECONDS
