"""Programs by what runs them: Go, managers of tools, images of whoever packs them, and what a cache has left."""

from __future__ import annotations

import pytest

from pipelines import changed, on_gitlab
from releasing import PUSH, SHIP, SIGN, released_by, script
from trees import judge, judge_all

REF = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
GO_MOD = "module example.com/shop\n\ntool (\n\tgithub.com/sigstore/cosign/v3/cmd/cosign\n"
GO_MOD += "\tsigs.k8s.io/controller-tools/cmd/controller-gen\n)\n"


def verdict(command: str, **files: str) -> str:
    return judge("build-signed", released_by(PUSH, f"- run: {command} sign --yes {REF}", SHIP) | files).verdict


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("go run github.com/sigstore/cosign/v3/cmd/cosign@v3.0.4", "pass"),
        ("go run github.com/acme/cosign@v3.0.4", "unknown"),
        ("go run github.com/sigstore/cosign/v3/cmd/cosign", "unknown"),
        ("go run ./cmd/cosign", "unknown"),
        ("mise exec -- cosign", "pass"),
        ("mise x cosign@3.0.4 -- cosign", "pass"),
        ("mise exec cosign@3.0.4 go@1.26 -- timeout 60 cosign", "pass"),
        ("aqua exec -- cosign", "pass"),
        ("mise x -- acme", "unknown"),
    ],
)
def test_a_program_that_another_one_runs(command: str, expected: str) -> None:
    assert verdict(command) == expected


ATTESTED = "- run: uv build\n", "- uses: actions/attest@v4\n  with: {subject-path: 'dist/*'}"


@pytest.mark.parametrize(
    ("runner", "expected"),
    [
        ("pipx run twine==6.1.0", "pass"),
        ("pipx run 'twine[keyring]~=6.0'", "pass"),
        ("uvx twine@6.1.0", "pass"),
        ("uvx twine@git+https://github.com/acme/twine", "unknown"),
        ("npx twine@npm:acme", "unknown"),
        ("uvx acme@6.1.0", "unknown"),
    ],
)
def test_a_package_at_a_version_is_the_program_of_its_name(runner: str, expected: str) -> None:
    files = released_by(*ATTESTED, f"- run: {runner} upload dist/*")
    assert judge("build-signed", files).verdict == expected


@pytest.mark.parametrize("runner", ["pipx run cosign==3.0", "npx cosign@3", "uvx cosign@3.0.4", "bundle exec cosign"])
def test_what_others_pack_by_the_name_of_a_program_is_another_one(runner: str) -> None:
    assert verdict(runner) == "unknown"


def test_a_tool_is_what_go_mod_names() -> None:
    assert verdict("go tool cosign", **{"go.mod": GO_MOD}) == "pass"
    assert verdict("go tool cosign", **{"go.mod": GO_MOD.replace("sigstore", "acme")}) == "unknown"
    assert verdict("go tool cosign") == "unknown"
    for tool, expected in (("cover -func c.out", "pass"), ("controller-gen crd", "pass"), ("acme-release", "unknown")):
        steps = PUSH, SIGN, f"- run: go tool {tool}", SHIP
        assert judge("build-signed", {**released_by(*steps), "go.mod": GO_MOD}).verdict == expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("ghcr.io/sigstore/cosign/cosign:v3.0.4", "pass"),
        ("gcr.io/projectsigstore/cosign:v3.0.4", "pass"),
        ("bitnami/cosign:3", "pass"),
        ("cgr.dev/chainguard/cosign", "pass"),
        ("registry.example.com/sigstore/cosign:v3.0.4", "unknown"),
        ("localhost:5000/sigstore/cosign", "unknown"),
        ("ghcr.io/acme/cosign:v3", "unknown"),
        ("$REGISTRY/sigstore/cosign:v3", "unknown"),
    ],
)
def test_an_image_is_its_makers_on_a_registry_that_everybody_uses(image: str, expected: str) -> None:
    assert verdict(f"docker run -e ACTIONS_ID_TOKEN_REQUEST_TOKEN {image}") == expected


@pytest.mark.parametrize(
    ("cache", "expected"),
    [
        ("{key: tools, paths: [tools/]}", "unknown"),
        ("[{key: go, paths: [.go]}, {key: tools, paths: [tools]}]", "unknown"),
        ("{key: tools, paths: [tools/], policy: push}", "pass"),
        ("{key: go, paths: [.go/pkg]}", "pass"),
    ],
)
def test_a_program_out_of_a_cache_of_gitlab(cache: str, expected: str) -> None:
    pipeline = changed(
        ("  image: docker:27\n", f"  image: docker:27\n  cache: {cache}\n"),
        ("    - cosign sign", '    - export PATH="$CI_PROJECT_DIR/tools:$PATH"\n    - cosign sign'),
    )
    assert judge("build-signed", on_gitlab(pipeline)).verdict == expected


def test_cosign_copies_signatures_along() -> None:
    copy = f"- run: cosign copy {REF} quay.io/acme/shop:1.2"
    deploy = "- run: kubectl set image deployment/shop shop=quay.io/acme/shop@${{ steps.push.outputs.digest }}"
    assert judge("build-signed", released_by(PUSH, SIGN, copy, deploy)).verdict == "pass"
    assert judge("build-signed", released_by(PUSH, copy, SIGN, deploy)).verdict == "fail"
    assert judge("build-signed", released_by(PUSH, SIGN, copy.replace("cosign", "crane"), deploy)).verdict == "fail"


def test_what_a_rake_task_releases_is_not_followed() -> None:
    outcome = judge("build-signed", released_by("- uses: rubygems/release-gem@v1"))
    assert outcome.verdict == "unknown"
    assert "Rake" in (outcome.reason or "") + " ".join(each.text for each in outcome.evidence)


GEM = """require "bundler/gem_tasks"
require "rake/testtask"
Rake::TestTask.new(:test) do |t|
  t.libs << "test"
end
task default: :test
"""


@pytest.mark.parametrize(
    "rakefile", [GEM, GEM.replace('require "bundler/gem_tasks"', "Bundler::GemHelper.install_tasks")]
)
def test_bundlers_own_task_packs_and_pushes_a_gem_that_may_be_signed(rakefile: str) -> None:
    proofs = ("build-signed", "sbom-generated", "tests-gate-release", "vulnerabilities-gated", "provenance-verified")
    use = "- uses: rubygems/release-gem@v1"
    for rights, signed in (("{id-token: write, contents: write}", "unknown"), ("{contents: write}", "fail")):
        files = {**released_by(use, permissions=rights), "Rakefile": rakefile}
        assert judge_all(proofs, files) == [signed, "fail", "fail", "fail", "fail"]
        tested = {**released_by("- run: bundle exec rspec", use, permissions=rights), "Rakefile": rakefile}
        assert judge_all(proofs, tested) == [signed, "fail", "pass", "fail", "fail"]


@pytest.mark.parametrize(
    "more",
    [
        "task release: :test\n",
        "task build: [:sbom]\n",
        'Rake::Task["release"].enhance { sh "cosign sign" }\n',
        'load "tasks/more.rake"\n',
        'require_relative "tasks"\n',
        'namespace :x do\n  task "release:guard_clean" => :test\nend\n',
    ],
)
def test_a_rakefile_may_say_more_of_bundlers_tasks(more: str) -> None:
    files = {**released_by("- uses: rubygems/release-gem@v1"), "Rakefile": GEM + more}
    assert judge_all(["build-signed", "tests-gate-release"], files) == ["unknown", "unknown"]
    written = released_by("- run: echo 'task release: :test' >> Rakefile", "- uses: rubygems/release-gem@v1")
    assert judge_all(["tests-gate-release"], {**written, "Rakefile": GEM}) == ["unknown"]


def test_tests_of_integration_that_are_left_out_leave_the_others() -> None:
    pom = {"pom.xml": "<project/>"}
    for options, expected in (("-DskipITs", "pass"), ("-DskipTests", "fail")):
        steps = f"- run: mvn -B verify {options}", PUSH, SIGN, SHIP
        assert judge("tests-gate-release", released_by(*steps) | pom).verdict == expected


@pytest.mark.parametrize("asked", ["prerelease == false", "draft == ''", "tag_name == null"])
def test_a_pushed_tag_is_no_release_that_is_asked(asked: str) -> None:
    sign = f"{SIGN.rstrip()}\n  if: github.event.release.{asked}\n"
    assert judge("build-signed", released_by(PUSH, sign, SHIP)).verdict == "pass"
    unasked = sign.replace(asked, "prerelease == 'false'")
    assert judge("build-signed", released_by(PUSH, unasked, SHIP)).verdict == "fail"


CREATES = "import subprocess\nsubprocess.run(['gh', 'release', 'create', 'v1'])\n"
OWN = {
    "./tools/docs.py": {"tools/docs.py": f"#!/usr/bin/env python3\n{CREATES}"},
    "./tools/lint": {"tools/lint": f"#!/usr/bin/env python3\n{CREATES}"},
    "python tools/check_version.py": {"tools/check_version.py": "import os\nos.system('twine upload dist/*')\n"},
    "python -m tools.docs": {"tools/docs.py": CREATES},
    "node tools/docs.js": {"tools/docs.js": "require('child_process').execSync('npm publish')\n"},
    "node tools/lint.mjs": {"tools/lint.mjs": "await octokit.rest.repos.createRelease({tag_name})\n"},
    "go run ./tools/docs": {
        "go.mod": "module acme\n",
        "tools/docs/main.go": 'package main\n\nfunc main() { exec.Command("docker", "push", os.Args[1]).Run() }\n',
    },
    "make docs": {"Makefile": "docs:\n\tpython tools/run.py\n", "tools/run.py": CREATES},
}


@pytest.mark.parametrize("command", OWN)
def test_a_name_vouches_for_no_program_whose_source_says_that_it_releases(command: str) -> None:
    steps = f"- run: {command}", "- run: pytest", SHIP
    assert judge("tests-gate-release", released_by(*steps) | OWN[command]).verdict == "unknown"
    remark = "// gh release create\n" if command.startswith(("node", "go")) else "# gh release create\n"
    harmless = {path: text if path.endswith(("mod", "file")) else remark for path, text in OWN[command].items()}
    assert judge("tests-gate-release", released_by(*steps) | harmless).verdict == "pass"


def test_a_name_vouches_for_no_program_that_cannot_be_read() -> None:
    steps = "- run: ./tools/lint", "- run: pytest", SHIP
    assert judge("tests-gate-release", released_by(*steps) | {"tools/lint": None}).verdict == "unknown"
    assert judge("tests-gate-release", released_by(*steps)).verdict == "pass"  # what the job has built of it, say


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("acme-tool run", "unknown"),
        ("manifest-tool push from-args --target acme:1", "unknown"),
        ("acme-lint .", "pass"),
    ],
)
def test_that_a_program_is_a_tool_says_nothing_of_what_it_does(command: str, expected: str) -> None:
    assert judge("build-signed", released_by(PUSH, SIGN, f"- run: {command}", SHIP)).verdict == expected


def test_what_a_program_is_handed_is_none_of_its_source() -> None:
    files = {"tools/lint.py": "import acme\n", "lint.md": "Run `gh release create` then.\n"}
    steps = "- run: python tools/lint.py lint.md", "- run: pytest", SHIP
    assert judge("tests-gate-release", released_by(*steps) | files).verdict == "pass"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("exec java -jar gradle/wrapper/gradle-wrapper.jar", "pass"),
        ("exec java org.gradle.wrapper.GradleWrapperMain", "pass"),
        ('exec gradle "$@"', "pass"),
        ("exit 0", "fail"),
    ],
)
@pytest.mark.parametrize("command", ["./gradlew test", "sh ./gradlew test"])
def test_a_script_in_the_name_of_a_wrapper_is_followed(command: str, script: str, expected: str) -> None:
    files = released_by(f"- run: {command}", PUSH, SHIP) | {"gradlew": f"#!/bin/sh\n{script}\n"}
    assert judge("tests-gate-release", files).verdict == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("command -v tar", "pass"),
        ("command -v gtar || command -v tar", "pass"),
        ("which gtar || which tar", "pass"),
        ("command -v make || command -v tar", "unknown"),
        ("command -v ./tar || command -v tar", "unknown"),
        ("command -v shipper", "unknown"),
    ],
)
def test_a_program_that_is_looked_for_is_the_one_of_its_name(where: str, expected: str) -> None:
    packs = script(f"tar=$({where})", '"$tar" --sort=name -cf shop.tar shop')
    assert judge("build-signed", released_by(PUSH, SIGN, packs, SHIP)).verdict == expected
