"""Releases by programs in languages that nobody follows: what they do not speak of, they do not do."""

from __future__ import annotations

import time
from textwrap import indent

import pytest

from releasing import PUSH, SHIP, SIGN, job, released_by, repository_of, script, workflow
from trees import judge

SECRET = "env: {TOKEN: '${{ secrets.REGISTRY_TOKEN }}'}"
UPLOADS = (
    "import os\nimport urllib.request\n\nurllib.request.urlopen('https://index.example.com', data=open('a', 'rb'))\n"
)


def verdict(check: str, files: dict[str, str | bytes | None]) -> str:
    return judge(check, files).verdict


def by(command: str, of: str = "bash", **files: str) -> dict[str, str | bytes | None]:
    """A release whose only step runs a command; `__` in the name of a file stands for `/`, `DOT` for a dot."""
    step = f"- run: {command}\n  shell: {of}\n  {SECRET}"
    named = {name.replace("__", "/").replace("DOT", "."): text for name, text in files.items()}
    return {**released_by(step), **named}


PROGRAMS = {
    "it uploads": (by("python upload.py", uploadDOTpy=UPLOADS), "fail", "fail"),
    "it is called by its path": (by("./upload", upload=f"#!/usr/bin/env python3\n{UPLOADS}"), "fail", "fail"),
    "it speaks of signing": (by("python upload.py", uploadDOTpy=f"{UPLOADS}sign = True\n"), "unknown", "fail"),
    "a comment of it speaks of signing": (
        by("python upload.py", uploadDOTpy=f"{UPLOADS}# then sign it\n"),
        "fail",
        "fail",
    ),
    "it is told to sign": (by("python upload.py --sign", uploadDOTpy=UPLOADS), "unknown", "fail"),
    "it publishes, as what attests does": (by("node publish.mjs", publishDOTmjs="import 'fs'\n"), "unknown", "fail"),
    "it imports what speaks of an SBOM": (
        by("python upload.py", uploadDOTpy=f"import tools\n{UPLOADS}", toolsDOTpy="def sbom(): ...\n"),
        "fail",
        "unknown",
    ),
    "it requires what speaks of an SBOM": (
        by("node bin/up.js", bin__upDOTjs="require('../lib/more')\n", lib__moreDOTjs="upload('SBOM')\n"),
        "fail",
        "unknown",
    ),
    "it imports a package": (
        by("python upload.py", uploadDOTpy=f"import shop\n{UPLOADS}", shop____init__DOTpy=""),
        "unknown",
        "unknown",
    ),
    "it imports what is not known": (
        by("python upload.py", uploadDOTpy=f"import acme_ship\n{UPLOADS}"),
        "unknown",
        "unknown",
    ),
    "it imports what is known": (
        by("python upload.py", uploadDOTpy=f"import requests, yaml\n{UPLOADS}"),
        "fail",
        "fail",
    ),
    "it is called by its path, and imports": (
        by("./up", up=f"#!/usr/bin/env python3\nimport acme\n{UPLOADS}"),
        "unknown",
        "unknown",
    ),
    "Node.js with what is not known": (by("node up.mjs", upDOTmjs="import up from '@acme/up'\n"), "unknown", "unknown"),
    "Node.js with what is known": (
        by("node up.js", upDOTjs="const fs = require('node:fs/promises')\n"),
        "fail",
        "fail",
    ),
    "it runs another program": (
        by("python upload.py", uploadDOTpy=f"import subprocess\nsubprocess.run(['acme', 'go'])\n{UPLOADS}"),
        "unknown",
        "unknown",
    ),
    "it is not there": (by("python upload.py"), "unknown", "unknown"),
    "its words stand in the step": (by("python -c \"print('upload')\""), "fail", "fail"),
    "what stands in the step runs another program": (
        by("python -c \"import os; os.system('acme upload')\""),
        "unknown",
        "unknown",
    ),
    "PowerShell with programs that are known": (by("dotnet build; Write-Host done", of="pwsh"), "fail", "fail"),
    "PowerShell with a plugin": (by("dotnet cake --target=Publish", of="pwsh"), "unknown", "unknown"),
    "PowerShell with a program of the repository": (
        by("dotnet run --project build -- publish", of="pwsh"),
        "unknown",
        "unknown",
    ),
    "PowerShell with a program that is not": (by("acme-up go", of="pwsh"), "unknown", "unknown"),
    "PowerShell with a script that is not there": (by("./Up.ps1", of="pwsh"), "unknown", "unknown"),
    "PowerShell with a script": (
        by("./Up.ps1", of="pwsh", UpDOTps1="<# acme #>\nfunction Up { dotnet pack }\nUp\n"),
        "fail",
        "fail",
    ),
    "PowerShell with text that is run": (by("Invoke-Expression $env:RUN", of="pwsh"), "unknown", "unknown"),
    "PowerShell with a program in quotes": (by("'& \"acme\" go'", of="pwsh"), "unknown", "unknown"),
    "another shell": (by("up", of="cmd"), "unknown", "unknown"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_does_not_do_what_it_does_not_speak_of(name: str) -> None:
    files, signed, described = PROGRAMS[name]
    outcome = judge("build-signed", files)
    assert outcome.verdict == signed, outcome
    assert verdict("sbom-generated", files) == described


def test_a_program_may_be_what_does_it_beside_a_release_that_is_seen() -> None:
    notes = f"- run: python notes.py\n  {SECRET}"
    silent: dict[str, str | bytes | None] = {"notes.py": UPLOADS}
    assert verdict("build-signed", {**released_by(PUSH, notes, SHIP), **silent}) == "fail"
    assert (
        verdict("build-signed", {**released_by(PUSH, notes, SHIP), "notes.py": "import numpy\nsigns = True\n"})
        == "unknown"
    )


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("import 'fs'; // for https://acme.example\nconst all = []; all.push(1);\n", "pass"),
        ("import os\nopen(os.environ['GITHUB_OUTPUT'], 'a').write('edge')\n", "pass"),
        ("import 'fs'; await fetch(process.env.HOME);\n", "unknown"),
        ("import { request } from 'node:https';\n", "unknown"),
        ("import urllib.request\n", "unknown"),
        ("import os, ctypes\n", "unknown"),
        ("from os import popen\npopen('x')\n", "unknown"),
        ("from os import execv\nexecv('x', [])\n", "unknown"),
    ],
)
def test_a_program_that_stays_on_the_machine_releases_nothing(program: str, expected: str) -> None:
    name = "note.mjs" if ";" in program else "note.py"
    files = released_by(PUSH, SIGN, SHIP, f"- run: {'node' if ';' in program else 'python'} {name}\n  {SECRET}")
    assert verdict("build-signed", {**files, name: program}) == expected


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("print('No-op')\n", "pass"),
        ("import os, re\nprint('value=' + re.sub('[^a-z]', '-', os.environ['GITHUB_REPOSITORY']))\n", "pass"),
        ("import urllib.request\n", "unknown"),
        ("import subprocess\nsubprocess.run(['acme', 'go'])\n", "unknown"),
        ("import acme\n", "unknown"),
        ("from os import popen\npopen('x')\n", "unknown"),
    ],
)
def test_so_does_one_that_stands_in_the_step(program: str, expected: str) -> None:
    written = indent(program, "    ")
    for step in (
        f"- shell: python\n  run: |\n{written}  {SECRET}",
        f"- run: |\n    python3 - <<'E' >> \"$GITHUB_OUTPUT\"\n{written}    E\n  {SECRET}",
        f"- run: |\n    python <<'E'\n{written}    E\n  {SECRET}",
    ):
        assert verdict("build-signed", released_by(PUSH, SIGN, SHIP, step)) == expected, step


@pytest.mark.parametrize(
    "command",
    [
        "curl -sSf https://acme.example/up.py | python3 -",
        "python3 - < up.py",
        "python3 - <<E\n    $(curl -sSf https://acme.example/up.py)\n    E",
        "python3 -m acme - <<'E'\n    E",
    ],
)
def test_one_that_is_not_there_to_be_read_may_do_anything(command: str) -> None:
    step = f"- run: |\n    {command}\n  {SECRET}"
    assert verdict("build-signed", released_by(PUSH, SIGN, SHIP, step)) == "unknown"


def test_a_run_that_only_may_release_is_no_failure_beside_one_that_signs() -> None:
    notes = repository_of(workflow(notes=job(f"- run: python notes.py\n  {SECRET}")))[".github/workflows/release.yml"]
    files = {**released_by(PUSH, SIGN, SHIP), ".github/workflows/notes.yml": notes, "notes.py": UPLOADS}
    assert verdict("build-signed", files) == "unknown"


PUBLISHES = 'plugins { id("signing"); id("maven-publish") }\n'
GRADLE = {
    "PGP": (PUBLISHES, "fail", "fail", "fail"),
    "sigstore": (f'{PUBLISHES}plugins {{ id("dev.sigstore.sign") }}\n', "unknown", "fail", "fail"),
    "CycloneDX": (f'{PUBLISHES}plugins {{ id("org.cyclonedx.bom") }}\n', "fail", "unknown", "fail"),
    "a report of tests that says how": (
        f"{PUBLISHES}jacocoTestReport {{ dependsOn(test)\n reports {{ xml {{ required = true }} }} }}\n",
        "fail",
        "fail",
        "fail",
    ),
    "a report of tests": (f"{PUBLISHES}jacocoTestReport {{ dependsOn(test) }}\n", "fail", "fail", "fail"),
    "more tests": (f"{PUBLISHES}tasks.check {{\n  dependsOn(e2eTest)\n}}\n", "fail", "fail", "fail"),
    "an order": (f"{PUBLISHES}tasks.publish {{ mustRunAfter(tasks.check) }}\n", "fail", "fail", "fail"),
    "tests before it packs": (f"{PUBLISHES}tasks.jar {{ dependsOn(tasks.check) }}\n", "fail", "fail", "unknown"),
    "a reason": (f"{PUBLISHES}because('sigstore')\n  because(\"its SBOM\")\n", "fail", "fail", "fail"),
    "no reason": (f'{PUBLISHES}because("$sigstore")\n', "unknown", "fail", "fail"),
    "a remark": (f"{PUBLISHES}// later: sigstore\n  /// cyclonedx\nval a = 1\n", "fail", "fail", "fail"),
    "a text over lines": (f'{PUBLISHES}val a = """\n// sigstore\n"""\n', "unknown", "fail", "fail"),
    "tests before": (f"{PUBLISHES}tasks.publish {{ dependsOn(tasks.check) }}\n", "fail", "fail", "unknown"),
}


@pytest.mark.parametrize("name", GRADLE)
def test_gradle_does_what_its_build_files_speak_of(name: str) -> None:
    build, *expected = GRADLE[name]
    files = by("./gradlew publish", buildDOTgradleDOTkts=build)
    checks = ("build-signed", "sbom-generated", "tests-gate-release")
    assert [verdict(check, files) for check in checks] == expected


RELEASING = f'{PUBLISHES}plugins {{ id("acme.release") version "1.0" }}\n'


@pytest.mark.parametrize(
    ("call", "build", "expected"),
    [
        ("./gradlew -Pfrom=tag final", RELEASING, "unknown"),
        ("./gradlew :core:release", RELEASING, "unknown"),
        ("./gradlew final", f'{RELEASING}tasks.register("final") {{ dependsOn("publish") }}\n', "fail"),
        ("./gradlew final", f"{RELEASING}task final(type: Copy)\n", "fail"),
        ("./gradlew installDist :app:installShadowDist", RELEASING, "fail"),
        ("./gradlew clean publishToAcme closeAndReleaseStagingRepositories -x test", RELEASING, "fail"),
    ],
)
def test_a_task_that_a_plugin_brings_may_run_the_tests(call: str, build: str, expected: str) -> None:
    assert verdict("tests-gate-release", by(call, buildDOTgradleDOTkts=build)) == expected


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"settings.gradle": "pluginManagement {\n  repositories {\n    maven { url 'https://acme.com' }\n  }\n}\n"},
    ],
    ids=["no build file", "plugins of an organisation"],
)
def test_what_gradle_does_may_be_said_elsewhere(more: dict[str, str]) -> None:
    build = {"build.gradle": PUBLISHES} if more else {}
    assert verdict("build-signed", {**by("./gradlew publish"), **build, **more}) == "unknown"


SBT = 'addSbtPlugin("com.github.sbt" % "sbt-ci-release" % "1.11.1")\n'


@pytest.mark.parametrize(
    ("call", "build", "expected"),
    [
        ("sbt ci-release", SBT, ("fail", "fail", "fail")),
        ("sbt '++ 2.13.16' clean core/Docker/publish", SBT, ("fail", "fail", "fail")),
        ("sbt '+publishSigned; sonatypeBundleRelease'", SBT, ("fail", "fail", "fail")),
        ("sbt ship", SBT, ("fail", "fail", "unknown")),
        ("sbt release", SBT, ("fail", "fail", "unknown")),
        (
            "sbt publishAll",
            f"{SBT}publishAll := Def.sequential(\n  Test / test,\n  publish\n).value\n",
            ("fail", "fail", "unknown"),
        ),
        ("sbt publish", f"{SBT}publish := publish.dependsOn(Test / test).value\n", ("fail", "fail", "unknown")),
        ("sbt publish", f'{SBT}addSbtPlugin("acme" % "sbt-sbom" % "1")\n', ("fail", "unknown", "fail")),
        ("sbt publish", f'{SBT}addSbtPlugin("acme" % "sbt-sigstore" % "1")\n', ("unknown", "fail", "fail")),
        ("sbt publish", f'{SBT}resolvers += "ours" at "https://acme.example"\n', ("unknown",) * 3),
        ("sbt publish", "", ("unknown",) * 3),
    ],
)
def test_sbt_does_what_its_build_files_speak_of(call: str, build: str, expected: tuple[str, ...]) -> None:
    files = {**by(call), **({"project/plugins.sbt": build} if build else {})}
    checks = ("build-signed", "sbom-generated", "tests-gate-release")
    assert tuple(verdict(check, files) for check in checks) == expected


COMPILED = "Compile / compile := (Compile / compile).dependsOn(Docker / publish).value\n"


@pytest.mark.parametrize(
    ("lines", "build", "expected"),
    [
        (("sbt 'project root' '++ 3' test",), SBT, "pass"),
        (("sbt '++ 3; test'",), SBT, "pass"),
        (("sbt +test",), SBT, "pass"),
        (("sbt Test/test",), SBT, "pass"),
        (("sbt clean coverage test coverageReport",), SBT, "pass"),
        (("sbt coverage ship test",), SBT, "unknown"),
        (("sbt core/test",), SBT, "unknown"),
        (("sbt latest",), SBT, "unknown"),
        (("sbt 'project root' '++ 3' compile",), SBT, "fail"),
        (("sbt publish", "sbt test"), SBT, "unknown"),
        (("sbt '++ 3; publish'", "sbt test"), SBT, "unknown"),
        (("sbt 'project root; publish'", "sbt test"), SBT, "unknown"),
        (("sbt bundle", "sbt test"), SBT, "unknown"),
        (("sbt compile", "sbt test"), SBT + COMPILED, "unknown"),
        (("sbt test",), f"{SBT}update := {{\n  publish.value\n  update.value\n}}\n", "unknown"),
    ],
)
def test_what_sbt_only_resolves_compiles_or_tests_is_handed_to_nobody(
    lines: tuple[str, ...], build: str, expected: str
) -> None:
    step = script("sbt +update", "sbt 'project root' '++ 3' headerCheckAll", *lines, "sbt tlCiRelease")
    assert verdict("tests-gate-release", {**released_by(step), "project/plugins.sbt": build}) == expected


def test_a_program_behind_a_folder_that_a_variable_may_name() -> None:
    script = (
        "PREFIX=\nif [ -d venv ]; then PREFIX=venv/bin/; fi\n${PREFIX}python -m build\n${PREFIX}twine upload dist/*\n"
    )
    files: dict[str, str | bytes | None] = {**by("./publish"), "publish": f"#!/bin/sh -e\n{script}"}
    assert verdict("build-signed", files) == "fail"
    assert verdict("tests-gate-release", files) == "fail"
    other = script.replace("venv/bin/;", "tools/;")
    assert verdict("build-signed", {**files, "publish": f"#!/bin/sh -e\n{other}"}) == "unknown"


def test_the_action_that_builds_and_pushes_an_image_under_a_name() -> None:
    inputs = "{name: acme/shop, registry: ghcr.io, tags: latest}"
    step = f"- uses: elgohr/Publish-Docker-Github-Action@v5\n  id: push\n  with: {inputs}"
    assert verdict("build-signed", released_by(step, SIGN, SHIP)) == "pass"
    assert verdict("build-signed", released_by(step, SHIP)) == "fail"


@pytest.mark.parametrize("text", ["<#" * 100_000, "a" * 200_000, "pluginManagement " * 20_000, "import '" * 40_000])
def test_a_program_that_is_made_to_hurt_takes_no_time(text: str) -> None:
    files = {**by("./Up.ps1; python up.py; ./gradlew publish"), "Up.ps1": text, "up.py": text, "build.gradle": text}
    started = time.process_time()
    judge("build-signed", files)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("package main\n", "fail"),
        ("package main\n\n//go:generate stringer -type=Size\n//go:generate mockgen -source=a.go\n", "fail"),
        ("package main\n\n//go:generate ./attest.sh\n", "unknown"),
        ("package main\n\n//go:generate go run ./tools/gen\n", "unknown"),
        ("package main\n\n//go:generate go run ./tools/sign\n", "unknown"),
        ("package main\n\n//go:generate go run ./tools/write -o signed.go\n", "fail"),
        ("package main\n\n//go:generate go run acme.example/shop/tools/write\n", "fail"),
        ("package main\n\n//go:generate go run tools/write/main.go\n", "fail"),
        ("package main\n\n//go:generate -command gen go run ./tools/gen\n//go:generate gen\n", "unknown"),
        (
            "package main\n\n//go:generate -command w go run ./tools/write\n//go:generate w a\n//go:generate w b\n",
            "fail",
        ),
        ("package main\n\n//go:generate cosign sign acme/shop\n", "unknown"),
    ],
)
def test_go_generate_runs_what_the_sources_say(source: str, expected: str) -> None:
    signs = 'package main\n\nimport "os/exec"\n\nvar c = exec.Command("cosign", "sign")\n'
    writes = 'package main\n\nimport "os"\n\nfunc main() { os.WriteFile("signed.go", nil, 0o644) }\n'
    tools = {"go.mod": "module acme.example/shop\n", "tools/sign/main.go": signs, "tools/write/main.go": writes}
    files = {**released_by(PUSH, "- run: go generate ./...\n", SHIP), "main.go": source, **tools}
    assert verdict("build-signed", files) == expected


def test_go_generate_may_be_told_what_to_leave_out() -> None:
    for skip, expected in (("-skip attest", "fail"), ("-skip=attest", "fail"), ("-skip other", "unknown")):
        files = released_by(PUSH, f"- run: go generate {skip} ./...\n", SHIP)
        source = {"main.go": "package main\n\n//go:generate ./attest.sh\n"}
        assert verdict("build-signed", {**files, **source}) == expected


def test_go_generate_may_find_what_the_job_has_written() -> None:
    writes = "- run: echo '//go:generate ./attest.sh' > main.go && go generate ./...\n"
    assert verdict("build-signed", released_by(PUSH, writes, SHIP)) == "unknown"
    earlier = ("- run: echo '//go:generate ./attest.sh' > main.go\n", "- run: go generate ./...\n")
    assert verdict("build-signed", released_by(PUSH, *earlier, SHIP)) == "unknown"


HARMLESS = (
    "rimraf build", "uuidgen", "gomplate --config ci.yaml", "migrate -path db up", "flake8 src", "black --check .",
    "markdownlint-cli2 docs", "lychee README.md", "playwright install --with-deps", "kind load docker-image acme/shop",
    "ninja -C build", "controller-gen object paths=./...", "envsubst", "pkill -f server", "gpgconf --kill gpg-agent",
    "fakeroot cp a b", "readonly NAME", "yes", "jsonnetfmt -n 2 a.jsonnet",
)  # fmt: skip


@pytest.mark.parametrize("command", HARMLESS)
def test_programs_of_which_it_is_known_that_they_prove_nothing(command: str) -> None:
    files = released_by(PUSH, f"- run: {command}\n", SHIP)
    assert verdict("build-signed", files) == "fail"
    assert verdict("sbom-generated", files) == "fail"


@pytest.mark.parametrize(
    "command", ["fakeroot ./sign.sh", "7z x unknown.7z && ./unknown", "docker-compose push", "docusaurus deploy"]
)
def test_what_they_lead_to_is_still_unseen(command: str) -> None:
    assert verdict("build-signed", released_by(PUSH, f"- run: {command}\n", SHIP)) == "unknown"


def test_7z_packs_what_is_released() -> None:
    build = "- run: go build -o shop ./cmd/shop && 7z a shop.zip shop\n"
    ship = '- run: gh release create "$GITHUB_REF_NAME" shop.zip\n'
    attest = "- uses: actions/attest-build-provenance@v3\n  with: {subject-path: shop.zip}\n"
    assert verdict("build-signed", released_by(build, attest, ship)) == "pass"
    assert verdict("build-signed", released_by(build, ship)) == "fail"


@pytest.mark.parametrize(
    ("program", "proof", "expected"),
    [
        ("open('shop.gz', 'w').write('')", "", "fail"),
        ("import numpy; sign = open('shop.gz', 'w').write('')", "", "unknown"),
        ("open('shop.gz', 'w').write('')", "- run: cosign sign-blob --yes --bundle b other.gz", "unknown"),
    ],
)
def test_what_a_program_has_made_that_signs_nothing_is_unsigned(program: str, proof: str, expected: str) -> None:
    steps = "- run: python pack.py shop.gz\n", *([proof] if proof else []), "- run: gh release upload v1 shop.gz\n"
    assert verdict("build-signed", {**released_by(*steps), "pack.py": program}) == expected
