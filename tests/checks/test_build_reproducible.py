"""build-reproducible: what a release builds is fixed by locks, digests and one time."""

from __future__ import annotations

import json
from textwrap import indent

import pytest
import yaml

from pipelines import changed, on_gitlab
from releasing import SHIP, SIGN, job, released_by, repository_of, workflow
from trees import judge

DIGEST = f"@sha256:{'0' * 64}"
HASHED = f"flask==3.1.0 --hash=sha256:{'0' * 64}\n"

BUILD = """
- id: commit
  run: echo "epoch=$(git log -1 --format=%ct)" >> "$GITHUB_OUTPUT"
- uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a
  id: push
  env: {SOURCE_DATE_EPOCH: "${{ steps.commit.outputs.epoch }}"}
  with: {context: ., tags: "ghcr.io/acme/shop:1.2", outputs: "type=image,push=true,rewrite-timestamp=true"}
"""
DOCKERFILE = f"""
FROM python:3.13-slim{DIGEST} AS build
COPY requirements.txt ./
RUN python -m venv /opt/venv && pip --python /opt/venv install --require-hashes -r requirements.txt
FROM build
"""

SETUP = """
- uses: actions/setup-python@v6
  with: {python-version: "3.13"}
"""
INSTALL = """
- run: python -m pip install --require-hashes -r requirements.txt
"""
WHEEL = """
- run: |
    export SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)"
    python -m build --no-isolation --outdir dist
"""
PUBLISH = """
- uses: pypa/gh-action-pypi-publish@release/v1
"""
PYPROJECT = "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n"

GO = """
- uses: actions/setup-go@v6
  with: {go-version-file: go.mod}
- run: go build -trimpath -ldflags "-s -w" -o shop ./cmd
- run: gh release create "$GITHUB_REF_NAME" shop
"""


def of(dockerfile: str = DOCKERFILE, build: str = BUILD, **others: str) -> tuple[str, str]:
    files = repository_of(workflow(release=job(build, SIGN, SHIP)), Dockerfile=dockerfile)
    outcome = judge("build-reproducible", files | {"requirements.txt": HASHED, ".dockerignore": ".git\n"} | others)
    return outcome.verdict, outcome.reason or outcome.summary


def wheel(*steps: str, pyproject: str = PYPROJECT, **others: str) -> tuple[str, str]:
    outcome = judge(
        "build-reproducible",
        released_by(*steps, PUBLISH) | {"pyproject.toml": pyproject, "requirements.txt": HASHED} | others,
    )
    return outcome.verdict, outcome.reason or outcome.summary


def test_a_build_in_which_nothing_floats_passes_with_what_fixes_it_as_evidence() -> None:
    files = repository_of(workflow(release=job(BUILD, SIGN, SHIP)), Dockerfile=DOCKERFILE)
    outcome = judge("build-reproducible", files | {"requirements.txt": HASHED})
    assert outcome.summary == "ghcr.io/acme/shop is built from what is fixed, and dated by its sources"
    assert [(each.role, each.path, each.line) for each in outcome.evidence] == [
        ("declared", "Dockerfile", 1),
        ("built", ".github/workflows/release.yml", 10),
        ("shipped", ".github/workflows/release.yml", 15),
    ]


@pytest.mark.parametrize(
    "run",
    [
        "pip install -r requirements.txt",
        "pip install --no-index --no-deps /dist/*.whl",
        "pip install --no-deps .",
        "pip install uv==0.5.0",
        "pip install --no-cache-dir --upgrade pip==24.3 setuptools==75.6.0",
        "pip install --no-deps flask==3.0.0 click==8.1.7",
        "pip --version",
        "uv sync --locked",
        "npm ci && npm cache clean --force",
        "npm install -g npm@11.4.0",
        "npm install -g pnpm@9.15.0",
        "yarn install --immutable",
        "go install example.com/acme/tool@v1.2.3",
        "apt-get update && apt-get install -y --no-install-recommends curl=8.5.0-2",
        "apt-get install -y --snapshot 20260101T000000Z curl",
        "curl -fsSLO https://example.com/a && echo '0 a' | sha256sum -c",
        "corepack enable && corepack prepare pnpm@10.2.0 --activate && corepack install",
        "adduser app && chown -R app /srv && mkdir -p /data",
    ],
)
def test_installs_that_a_lock_or_a_version_fixes_pass(run: str) -> None:
    assert of(f"{DOCKERFILE}RUN {run}\n")[0] == "pass"


@pytest.mark.parametrize(
    ("dockerfile", "problem"),
    [
        ("FROM python:3.13-slim\n", "`python:3.13-slim` names an image without its digest"),
        (f"ARG V=3\nFROM python:$V\nFROM scratch{DIGEST}\nCOPY --from=0 / /\n", "`python:$V` names an image"),
        (f"# syntax=docker/dockerfile:1\n{DOCKERFILE.strip()}\n", "`docker/dockerfile:1` names an image"),
        (f"{DOCKERFILE}COPY --from=ghcr.io/acme/ca:1 / /\n", "`ghcr.io/acme/ca:1` names an image"),
        (f"{DOCKERFILE}RUN pip install flask\n", "`pip install flask`: it does not install from a lock"),
        (f"{DOCKERFILE}RUN pip install uv==0.5.0 flask==3.0.0\n", "it does not install from a lock"),
        (f"{DOCKERFILE}RUN pip install --no-deps 'flask>=3'\n", "it does not install from a lock"),
        (f"{DOCKERFILE}RUN pip install uv\n", "it does not install from a lock"),
        (f"{DOCKERFILE}RUN pip install flask -r requirements.txt\n", "it does not install from a lock"),
        (f"{DOCKERFILE}RUN pip install -r other.txt\n", "it does not install from a lock"),
        (f"{DOCKERFILE}RUN npm install\n", "it takes what is newest"),
        (f"{DOCKERFILE}RUN npm install -g npm@11\n", "nothing fixes the version of npm@11"),
        (f"{DOCKERFILE}RUN npm install -g left-pad@1.3.0\n", "nothing fixes the version of left-pad"),
        (f"{DOCKERFILE}RUN [\"npm\", \"install\"]\n", "it takes what is newest"),
        (f"{DOCKERFILE}RUN <<EOF\nset -e\nyarn install\nEOF\n", "it does not install from a lock"),
        (f"{DOCKERFILE}RUN apt-get -y install \\\n  # tools\n  curl\n", "nothing fixes the version of curl"),
        (f"{DOCKERFILE}RUN apk add --no-cache tini\n", "nothing fixes the version of tini"),
        (f"{DOCKERFILE}RUN sudo apt-get upgrade -y\n", "it takes what is newest"),
        (f"{DOCKERFILE}RUN go install example.com/a@latest\n", "nothing fixes the version of example.com/a@latest"),
        (f"{DOCKERFILE}RUN corepack prepare pnpm@latest --activate\n", "nothing fixes the version of pnpm@latest"),
        (f"{DOCKERFILE}RUN composer update --no-dev\n", "it takes what is newest"),
        (f"{DOCKERFILE}ADD https://example.com/a.tgz /a\n", "ADD downloads a file without --checksum"),
    ],
)  # fmt: skip
def test_what_floats_underneath_an_image_fails(dockerfile: str, problem: str) -> None:
    verdict, summary = of(dockerfile)
    assert verdict == "fail"
    assert problem in summary


SNAPSHOT = "snapshot.debian.org/archive/debian/20260101T000000Z"


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (f"echo 'deb http://{SNAPSHOT} bookworm main' > /etc/apt/sources.list", "unknown"),
        (f"sed -i 's|deb.debian.org/debian|{SNAPSHOT}|' /etc/apt/sources.list.d/debian.sources", "unknown"),
        ("/usr/local/bin/repro-sources-list.sh", "unknown"),
        ("sed -i s/deb.debian.org/mirror.acme.org/ /etc/apt/sources.list", "fail"),
    ],
)
def test_packages_of_an_archive_as_it_was_on_one_day_may_all_be_fixed(run: str, expected: str) -> None:
    assert of(f"{DOCKERFILE}RUN {run}\nRUN apt-get update && apt-get install -y curl\n")[0] == expected
    assert of(f"{DOCKERFILE}RUN {run}\nRUN pip install flask\n")[0] == "fail"


def test_a_file_with_hashes_is_a_lock_whatever_its_name() -> None:
    files = repository_of(
        workflow(release=job(BUILD, SIGN, SHIP)), Dockerfile=f"{DOCKERFILE}RUN pip install -r a.lock\n"
    )
    assert judge("build-reproducible", files | {"requirements.txt": HASHED, "a.lock": HASHED}).verdict == "pass"
    unhashed = files | {"requirements.txt": HASHED, "a.lock": "flask==3.0.0\n"}
    assert judge("build-reproducible", unhashed).verdict == "fail"


NAMES = "- id: meta\n  uses: docker/metadata-action@v6\n  with: {images: ghcr.io/acme/shop}\n"
LABELLED = BUILD.replace("context: .", "context: ., labels: '${{ steps.meta.outputs.labels }}'")
CREATED = "shop}", "shop, labels: org.opencontainers.image.created=2026-01-01T00:00:00Z}"
SHELL = """
- run: |
    %s
    export SOURCE_DATE_EPOCH="$(git log -1 --date=unix --format=%%cd)"
    docker buildx build . -t "ghcr.io/acme/shop:$(date +%%Y)" %s --metadata-file m.json \\
      --output type=image,push=true,rewrite-timestamp=true
- run: cosign sign --yes "ghcr.io/acme/shop@$(jq -r '."containerimage.digest"' m.json)"
"""


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (NAMES + BUILD, "pass"),
        (NAMES + LABELLED, "fail"),
        (NAMES.replace(*CREATED) + LABELLED, "pass"),
        (SHELL % ("now=$(git show -s --format=%cI)", '--label created="$now" --build-arg DAY="$now"'), "pass"),
        (SHELL % ("now=$(date --iso-8601=seconds)", '--label created="$now"'), "fail"),
        (SHELL % ("now=$(date -u)", '--build-arg DAY="$now"'), "fail"),
        (SHELL % ("now=$(date -u)", '--build-arg OTHER="$now"'), "pass"),
        (SHELL % ('now=$(date -u -d "$(git show -s --format=%cI)")', '--build-arg DAY="$now"'), "pass"),
        (SHELL.replace("git log -1 --date=unix --format=%%cd", "date -u +%%s") % ("", ""), "fail"),
        (
            SHELL.replace("export", "#").replace(" --m", " --build-arg SOURCE_DATE_EPOCH=$(date +%%s) --m") % ("", ""),
            "fail",
        ),
    ],
)
def test_the_time_of_the_build_is_written_nowhere(build: str, expected: str) -> None:
    files = repository_of(workflow(release=job(build, *([SIGN] if "id: push" in build else []), SHIP)))
    dockerfile = f"FROM debian{DIGEST}\nARG DAY\n"
    assert judge("build-reproducible", files | {"Dockerfile": dockerfile}).verdict == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("${{ github.run_number }}", "fail"),
        ("$GITHUB_RUN_ID", "fail"),
        ("$RANDOM", "fail"),
        ("$(uuidgen)", "fail"),
        ("$(openssl rand -hex 8)", "fail"),
        ("${{ github.sha }}", "pass"),
        ("$(git describe --tags)", "pass"),
    ],
)
def test_nothing_is_written_into_an_image_that_no_other_run_has(said: str, expected: str) -> None:
    dockerfile = f"FROM debian{DIGEST}\nARG DAY\n"
    for told, verdict in ("--label of", expected), ("--build-arg DAY", expected), ("--build-arg OTHER", "pass"):
        build = SHELL % (f'number="{said}"', f'{told}="$number"')
        files = repository_of(workflow(release=job(build, SHIP)))
        assert judge("build-reproducible", files | {"Dockerfile": dockerfile}).verdict == verdict


def test_a_pipeline_of_gitlab_numbers_its_runs_and_says_when_they_have_begun() -> None:
    build = '    - docker buildx build --push --metadata-file metadata.json -t "$IMAGE:$CI_COMMIT_TAG" .\n'
    dated = build.replace("build ", "build --output type=image,push=true,rewrite-timestamp=true ")
    told = " --label of=%s --build-arg SOURCE_DATE_EPOCH=1 .\n"
    for said, expected in (
        ("$CI_PIPELINE_ID", "fail"), ("$CI_JOB_STARTED_AT", "fail"), ("$CI_COMMIT_SHA", "pass")
    ):  # fmt: skip
        files = on_gitlab(changed((build, dated.replace(" .\n", told % said))), Dockerfile=f"FROM debian{DIGEST}\n")
        assert judge("build-reproducible", files).verdict == expected


@pytest.mark.parametrize(
    ("line", "around", "by_name"),
    [
        ("date > built.txt", "unknown", "pass"),
        ('echo "BUILT=$(date -u)" > src/.env', "unknown", "unknown"),
        ("uuidgen | tee src/id.txt", "unknown", "unknown"),
        ('sed -i "s/DATE/$(date)/" src/main.c', "unknown", "unknown"),
        ("make stamp", "unknown", "unknown"),
        ("date > notes/built.txt", "pass", "pass"),
        ("date > /tmp/built.txt", "pass", "pass"),
        ("git log -1 --format=%ct > src/built.txt", "pass", "pass"),
        ("date -d @0 > src/built.txt", "pass", "pass"),
    ],
)
def test_what_a_job_writes_into_the_files_that_an_image_takes(line: str, around: str, by_name: str) -> None:
    stamp = "stamp:\n\techo $$GITHUB_RUN_ID > src/run.txt\n"
    others = {".dockerignore": "notes\n.git\n", "Makefile": stamp, "src/main.c": ""}
    for copied, expected in (".", around), ("src/", by_name):
        build = f"- run: {line!r}\n{SHELL % ('true', '')}"
        files = repository_of(workflow(release=job(build, SHIP))) | others
        dockerfile = f"FROM debian{DIGEST}\nCOPY {copied} /app/\n"
        assert judge("build-reproducible", files | {"Dockerfile": dockerfile}).verdict == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- uses: actions/checkout@v5\n  with: {repository: acme/lib, path: lib}", "unknown"),
        (f"- uses: actions/checkout@v5\n  with: {{repository: acme/lib, path: lib, ref: {'a' * 40}}}", "pass"),
        ("- uses: actions/checkout@v5\n  with: {repository: acme/lib, path: notes}", "pass"),
        ("- uses: actions/download-artifact@v5\n  with: {name: x, run-id: 1, path: lib}", "unknown"),
        ("- run: git clone https://github.com/acme/lib", "unknown"),
        ("- run: git clone https://github.com/acme/lib /opt/lib", "pass"),
        ("- run: git clone --branch v1.2.3 https://github.com/acme/lib", "pass"),
    ],
)
def test_what_others_hold_on_that_day_may_get_into_an_image(step: str, expected: str) -> None:
    build = f"{step}\n{SHELL % ('true', '')}"
    files = repository_of(workflow(release=job(build, SHIP))) | {".dockerignore": "notes\n.git\n"}
    for copied, verdict in (".", expected), ("lib/src", expected), ("src/", "pass"):
        dockerfile = {"Dockerfile": f"FROM debian{DIGEST}\nCOPY {copied} /app/\n"}
        assert judge("build-reproducible", files | dockerfile).verdict == verdict


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://github.com/acme/x.git#main", "fail"),
        ("git@github.com:acme/x.git", "fail"),
        (f"git@github.com:acme/x.git#{'a' * 40}:docs", "pass"),
        (f"https://github.com/acme/x.git#{'a' * 40}", "pass"),
        ("notes.git.txt", "pass"),
    ],
)
def test_a_repository_that_a_dockerfile_adds_is_named_by_its_commit(address: str, expected: str) -> None:
    assert of(f"{DOCKERFILE}ADD {address} /x\n")[0] == expected


@pytest.mark.parametrize(
    ("command", "lock", "without"),
    [
        ("uv sync", "uv.lock", "fail"),
        ("uv sync --extra dev", "uv.lock", "fail"),
        ("uv sync --locked", "uv.lock", "pass"),
        ("poetry install --only main", "poetry.lock", "fail"),
        ("pdm install --prod", "pdm.lock", "fail"),
    ],
)
def test_a_lock_that_is_not_there_holds_nothing(command: str, lock: str, without: str) -> None:
    files = repository_of(workflow(release=job(SHELL % ("true", ""), SHIP)))
    files |= {"Dockerfile": f"FROM python{DIGEST}\nCOPY . .\nRUN {command}\n", ".dockerignore": ".git\n"}
    assert judge("build-reproducible", files).verdict == without
    assert judge("build-reproducible", files | {lock: "version = 1\n"}).verdict == "pass"


def test_no_number_of_a_run_is_linked_into_a_program() -> None:
    for said, expected in ("$CI_PIPELINE_ID", "fail"), ("$CI_COMMIT_SHA", "pass"):
        go = f'go build -trimpath -ldflags "-X main.build={said}" -o shop .'
        pipeline = f"build:\n  image: golang{DIGEST}\n  script:\n    - {go}\n    - glab release create v1 shop\n"
        files = on_gitlab(pipeline) | {"go.mod": "module shop\ngo 1.24\n"}
        assert judge("build-reproducible", files).verdict == expected


BAKE = """
- run: echo "SOURCE_DATE_EPOCH=$(git log -1 --format=%%ct)" >> "$GITHUB_ENV"
- uses: docker/bake-action@v7
  id: push
  with: {files: "%s"}
- run: cosign sign --yes ghcr.io/acme/shop@${{ fromJSON(steps.push.outputs.metadata).shop['containerimage.digest'] }}
"""
META = "docker-bake.hcl,cwd://${{ steps.meta.outputs.bake-file }}"


@pytest.mark.parametrize(
    ("files", "target", "expected"),
    [
        ("docker-bake.hcl", "", "pass"),
        ("docker-bake.hcl", 'context = "other"', "fail"),
        ("docker-bake.hcl", 'args = {DAY = "1"}', "pass"),
        ("docker-bake.hcl", 'dockerfile-inline = "FROM debian"', "unknown"),
        ("docker-bake.hcl", 'output = [{type = "image", push = true, rewrite-timestamp = true}]', "pass"),
        ("docker-bake.hcl", 'output = ["type=image,push=true"]', "fail"),
        (META, 'inherits = ["docker-metadata-action"]', "fail"),
        (META.replace("file }", "file-tags }"), 'inherits = ["docker-metadata-action"]', "pass"),
    ],
)
def test_a_target_of_a_bake_file_says_how_it_is_built(files: str, target: str, expected: str) -> None:
    output = "" if "output" in target else 'output = ["type=image,push=true,rewrite-timestamp=true"]'
    bake = f'target "shop" {{\n context = "shop"\n tags = ["ghcr.io/acme/shop:1"]\n {output}\n {target}\n}}\n'
    named = bake.replace('context = "shop"\n', "") if 'context = "o' in target else bake
    tree = released_by(NAMES, BAKE % files, SHIP) | {
        "docker-bake.hcl": 'group "default" {targets = ["shop"]}\n' + named
    }
    images = {"shop/Dockerfile": f"FROM debian{DIGEST}\n", "other/Dockerfile": "FROM debian\n"}
    assert judge("build-reproducible", tree | images).verdict == expected


BUILDAH = "buildah build %s -t shop . && buildah push --digestfile d shop docker://ghcr.io/acme/shop:1"


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (BUILDAH % "--timestamp $(git log -1 --format=%ct)", "pass"),
        (BUILDAH % "--timestamp=0", "pass"),
        (BUILDAH % "--source-date-epoch 0 --rewrite-timestamp", "pass"),
        (BUILDAH % "--timestamp $(date +%s)", "fail"),
        (BUILDAH % "--source-date-epoch 0", "fail"),
        (BUILDAH % "", "fail"),
        ("ko build --bare --image-refs d .", "fail"),
        ("pack build ghcr.io/acme/shop:1 --publish", "unknown"),
    ],
)
def test_programs_that_date_an_image_in_their_own_way(build: str, expected: str) -> None:
    files = released_by(f"- run: {build}", "- run: cosign sign --yes ghcr.io/acme/shop@$(cat d)", SHIP)
    assert judge("build-reproducible", files | {"Dockerfile": f"FROM debian{DIGEST}\n"}).verdict == expected


MAVEN = f"""
FROM maven:3.9-eclipse-temurin-21{DIGEST} AS build
COPY . .
RUN mvn package -DskipTests && java -Djarmode=tools -jar target/shop.jar extract --destination /dist
FROM gcr.io/distroless/java21{DIGEST}
COPY --from=build /dist /app
"""
DATED = "<project><properties><project.build.outputTimestamp>{}</project.build.outputTimestamp></properties></project>"
PARENT = "<project><parent><artifactId>parent</artifactId><version>1</version></parent></project>"


@pytest.mark.parametrize(
    ("pom", "dockerfile", "expected"),
    [
        (DATED.format("2024-01-01T00:00:00Z"), MAVEN, ("pass", "built from what is fixed")),
        ("<project/>", MAVEN.replace("package", "package -Dproject.build.outputTimestamp=1"), ("pass", "")),
        ("<project/>", MAVEN.replace("mvn package", "mvn --version"), ("pass", "")),
        ("<project/>", MAVEN, ("fail", "the archives that Maven makes hold the time of the build")),
        (f"<project><!-- {DATED.format('1')} --></project>", MAVEN, ("fail", "the time of the build")),
        (DATED.format("${maven.build.timestamp}"), MAVEN, ("fail", "the time of the build")),
        (PARENT, MAVEN, ("unknown", "a parent elsewhere, may")),
        ("<project", MAVEN, ("unknown", "pom.xml")),
        ("<project/>", MAVEN.replace("mvn package", "mvn -f sub/pom.xml package"), ("unknown", "another pom.xml")),
        (
            DATED.format("1"),
            MAVEN.replace("-Djarmode=tools ", ""),
            ("unknown", "what `java -jar target/shop.jar extract --destination /dist` brings into the image"),
        ),
    ],
)
def test_archives_that_maven_makes_are_dated_by_the_project(
    pom: str, dockerfile: str, expected: tuple[str, str]
) -> None:
    verdict, summary = of(dockerfile, **{"pom.xml": pom})

    assert verdict == expected[0]
    assert expected[1] in summary


def test_what_gradle_packs_in_a_build_of_an_image_is_not_read_there() -> None:
    verdict, summary = of(
        MAVEN.replace("mvn package -DskipTests", "gradle bootJar"), **{"build.gradle": "plugins {}\n"}
    )
    assert verdict == "unknown"
    assert "what `gradle bootJar` brings into the image" in summary


@pytest.mark.parametrize(
    ("run", "scripts", "verdict", "why"),
    [
        ("npm ci && npm run build", '"build": "tsc"', "pass", ""),
        ("npm run build --silent", '"prebuild": "rm -rf dist", "build": "tsc && cp -R views dist"', "pass", ""),
        ("npm run build", '"build": "npm run compile", "compile": "tsc"', "pass", ""),
        ("pnpm run build", '"build": "tsc"', "pass", ""),
        (
            "npm run build",
            '"build": "tsc", "postbuild": "npm install left-pad"',
            "fail",
            "`npm install left-pad`: nothing fixes",
        ),
        ("npm run build", '"build": "node build.js"', "unknown", "what `node build.js` brings"),
        ("npm run build", '"build": "npm run build"', "unknown", "package.json runs `build` again"),
        ("npm run build", '"test": "tsc"', "unknown", "package.json has no script `build`"),
        ("npm run build -w api", '"build": "tsc"', "unknown", "what `npm run build -w api` brings"),
        ("npm run build -- --watch", '"build": "tsc"', "unknown", "what `npm run build -- --watch` brings"),
        ('npm run "$WHAT"', '"build": "tsc"', "unknown", "what `npm run"),
    ],
)
def test_a_script_of_the_package_is_judged_by_its_commands(run: str, scripts: str, verdict: str, why: str) -> None:
    package = f'{{"name": "shop", "scripts": {{{scripts}}}}}'
    found = of(f"{DOCKERFILE}RUN {run}\n", **{"package.json": package})
    assert found[0] == verdict
    assert why in found[1]


def test_of_several_packages_nobody_can_tell_whose_script_it_is() -> None:
    package = '{"name": "shop", "scripts": {"build": "tsc"}}'
    found = of(f"{DOCKERFILE}RUN npm run build\n", **{"package.json": package, "api/package.json": package})
    assert found == (
        "unknown",
        "Dockerfile:5:1: whose script `build` is cannot be told: there is more than one package.json",
    )
    assert of(f"{DOCKERFILE}RUN npm run build\n")[0] == "unknown"


def test_only_what_the_built_stage_needs_counts() -> None:
    assert of(f"FROM node:24 AS debug\nRUN npm install\n{DOCKERFILE.strip()}\n")[0] == "pass"
    target = BUILD.replace("context: .", "context: ., target: debug")
    assert of(f"FROM node:24 AS debug\n{DOCKERFILE.strip()}\n", target)[0] == "fail"


def test_the_dockerfile_is_the_one_that_the_build_names() -> None:
    named = BUILD.replace("context: .", "context: api, file: api/Dockerfile.release")
    assert (
        of("FROM node:24\n", named, **{"api/Dockerfile.release": f"FROM scratch\nCOPY --from=a{DIGEST} / /\n"})[0]
        == "pass"
    )
    below = BUILD.replace("context: .", "context: '{{defaultContext}}:api'")
    assert of("FROM node:24\n", below, **{"api/Dockerfile": "FROM scratch\n"})[0] == "pass"


def test_arguments_of_the_build_replace_those_of_the_dockerfile() -> None:
    dockerfile = f"ARG BASE=python:3.13{DIGEST}\nFROM $BASE\n"
    assert of(dockerfile)[0] == "pass"
    given = BUILD.replace("context: .", "context: ., build-args: BASE=python:3.14")
    assert of(dockerfile, given)[0] == "fail"
    given = BUILD.replace("context: .", "context: ., build-args: 'BASE=${{ vars.BASE }}'")
    assert "only a build knows" in of(dockerfile, given)[1]


@pytest.mark.parametrize(
    ("build", "problem"),
    [
        (BUILD.replace("SOURCE_DATE_EPOCH", "EPOCH"), "nothing dates the build"),
        (BUILD.replace("steps.commit", "steps.other"), "nothing dates the build"),
        (BUILD.replace(",rewrite-timestamp=true", ""), "the files of the layers keep the time of the build"),
        ("- run: docker buildx build --push -t ghcr.io/acme/shop:1 .\n", "nothing dates the build"),
        ('- run: SOURCE_DATE_EPOCH="$(date +%s)" docker buildx build -t ghcr.io/acme/shop:1 --output '
         "type=image,push=true,rewrite-timestamp=true .\n", "SOURCE_DATE_EPOCH is the time of the build"),
    ],
)  # fmt: skip
def test_an_image_that_holds_the_time_of_its_build_fails(build: str, problem: str) -> None:
    verdict, summary = of(build=build)
    assert verdict == "fail"
    assert problem in summary


def test_a_command_that_builds_dated_and_from_a_pinned_base_passes() -> None:
    build = """
    - run: |
        SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)" docker buildx build -t ghcr.io/acme/shop:1 \\
          --output type=image,push=true,rewrite-timestamp=true .
    """
    assert of(build=build)[0] == "pass"


@pytest.mark.parametrize(
    ("dockerfile", "reason"),
    [
        (f"{DOCKERFILE}RUN make install\n", "what `make install` brings into the image is not followed"),
        (f"{DOCKERFILE}RUN ./install.sh\n", "cannot be followed"),
        (f"{DOCKERFILE}RUN curl https://example.com/a | tar x\n", "always gets the same cannot be told"),
        (f"{DOCKERFILE}RUN eval \"$SCRIPT\"\n", "cannot be followed"),
        ("ARG BASE\nFROM $BASE\n", "which image `$BASE` is, only a build knows"),
        ("RUN a\nFROM b\n", "the Dockerfile cannot be followed"),
    ],
)  # fmt: skip
def test_what_cannot_be_seen_in_a_dockerfile_is_unknown(dockerfile: str, reason: str) -> None:
    verdict, said = of(dockerfile)
    assert verdict == "unknown"
    assert reason in said


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("context: ., file: '${{ vars.FILE }}'", "only known in a run"),
        ("context: 'https://git.example.com/acme/shop.git'", "built from sources elsewhere"),
        ("context: ., file: missing/Dockerfile", "there is no such file"),
        ("context: ., target: nowhere", "has no stage 'nowhere'"),
        ("context: ., build-contexts: base=docker-image://python", "only known in a run"),
    ],
)
def test_what_is_built_elsewhere_or_by_a_name_from_the_run_is_unknown(change: str, reason: str) -> None:
    verdict, said = of(build=BUILD.replace("context: .", change))
    assert verdict == "unknown"
    assert reason in said


def test_a_wheel_from_locked_tools_passes() -> None:
    assert wheel(SETUP, INSTALL, WHEEL)[0] == "pass"


@pytest.mark.parametrize(
    ("steps", "pyproject", "problem"),
    [
        ((SETUP, "- run: pip install build\n", WHEEL), PYPROJECT, "`pip install build`: it does not install from"),
        ((INSTALL, WHEEL), PYPROJECT, "nothing says which Python builds it"),
        ((SETUP.replace("3.13", "3.x"), INSTALL, WHEEL), PYPROJECT, "Python `3.x` may be another one tomorrow"),
        ((SETUP, INSTALL, WHEEL.replace(" --no-isolation", "")), PYPROJECT, "the build takes the newest `hatchling`"),
        ((SETUP, INSTALL, "- run: python -m build --no-isolation\n"), "[build-system]\nrequires = ['setuptools']\n",
         "nothing dates the build"),
    ],
)  # fmt: skip
def test_a_wheel_whose_tools_float_fails(steps: tuple[str, ...], pyproject: str, problem: str) -> None:
    verdict, summary = wheel(*steps, pyproject=pyproject)
    assert verdict == "fail"
    assert problem in summary


def test_an_action_that_builds_a_package_takes_its_backend() -> None:
    builds = "- uses: hynek/build-and-inspect-python-package@v2\n"
    publish = "- uses: pypa/gh-action-pypi-publish@v1\n  with: {packages-dir: /tmp/baipp/dist}\n"
    files = released_by(builds, publish) | {"pyproject.toml": PYPROJECT}
    outcome = judge("build-reproducible", files)
    assert (outcome.verdict, outcome.summary) == ("fail", "the build takes the newest `hatchling`")
    pinned = files | {"pyproject.toml": PYPROJECT.replace("'hatchling']", "'hatchling==1.30.0']")}
    assert judge("build-reproducible", pinned).verdict == "unknown"


def test_a_backend_at_one_version_needs_no_lock_of_its_own() -> None:
    pinned = "[build-system]\nrequires = ['uv_build==0.13.9']\nbuild-backend = 'uv_build'\n"
    assert wheel(SETUP, "- run: uv build\n", pyproject=pinned)[0] == "pass"
    hashed = "- run: uv build --build-constraints requirements.txt --require-hashes\n"
    assert wheel(SETUP, hashed, pyproject=PYPROJECT)[0] == "pass"


def test_a_go_binary_needs_its_toolchain_and_no_paths_or_times() -> None:
    files = released_by(GO) | {"go.mod": "module a\n\ngo 1.26.7\n"}
    assert judge("build-reproducible", files).verdict == "pass"
    assert "-trimpath" in judge("build-reproducible", files | released_by(GO.replace(" -trimpath", ""))).summary
    dated = GO.replace("-s -w", "-X main.date=$(date -u +%FT%TZ)")
    assert "linked into the binary" in judge("build-reproducible", files | released_by(dated)).summary
    floating = files | {"go.mod": "module a\n\ngo 1.26\n"}
    assert "may be another one tomorrow" in judge("build-reproducible", floating).summary


def test_a_workflow_in_one_line_has_its_jobs_side_by_side() -> None:
    text = workflow(release=job(GO), watch=job("- run: date"))
    flow = json.dumps(yaml.load(text, yaml.BaseLoader))  # noqa: S506 - which makes texts of everything
    files = repository_of(flow) | {"go.mod": "module a\n\ngo 1.26.7\n"}
    assert judge("build-reproducible", files).verdict == "pass"


def test_an_archive_holds_the_time_unless_it_is_told_otherwise() -> None:
    archive = "- run: tar -czf shop.tgz src\n- run: gh release create v1 shop.tgz\n"
    assert "holds the times" in judge("build-reproducible", released_by(archive)).summary
    archive = archive.replace("-czf", "--sort=name --mtime=@0 --owner=0 -czf")
    assert judge("build-reproducible", released_by(archive)).verdict == "pass"


def test_what_is_built_out_of_sight_is_unknown() -> None:
    called = (
        "name: release\non: {push: {tags: ['v*']}}\njobs:\n  a:\n    uses: acme/workflows/.github/workflows/r.yml@v1\n"
    )
    outcome = judge("build-reproducible", repository_of(called))
    assert outcome.verdict == "unknown"
    assert "is said there" in str(outcome.reason)


@pytest.mark.parametrize(
    "made",
    ["docker load -i shop.tar", "nix-build -A image -o shop.tar && docker load -i shop.tar", "echo from another job"],
)
def test_an_image_that_is_only_pushed_was_not_built_by_the_dockerfile_beside_it(made: str) -> None:
    push = (
        f"- run: |\n    {made}\n    docker tag shop:latest ghcr.io/acme/shop:1\n    docker push ghcr.io/acme/shop:1\n"
    )
    verdict, reason = of(build=push)
    assert (verdict, reason.partition(": ")[2]) == (
        "unknown",
        "how docker push ghcr.io/acme/shop:1 builds is not followed",
    )
    assert of(build=push.replace(made, "docker build -t shop:latest ."))[0] == "fail"


def test_an_image_that_comes_from_a_folder_was_built_by_what_has_written_it() -> None:
    push = "skopeo copy oci:shop docker://ghcr.io/acme/shop:1"
    assert of(build=f"- run: nix build .#image && {push}\n")[0] == "unknown"
    assert of(build=f"- run: docker build -o type=oci,dest=shop . && {push}\n")[0] != "pass"


def test_without_a_release_there_is_nothing_to_build_again() -> None:
    assert judge("build-reproducible", {"README.md": ""}).verdict == "fail"


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("git clone https://example.com/acme/tools /tools", "fail"),
        ("git clone -b v1.2 https://example.com/acme/tools /tools", "unknown"),
        (f"git clone https://example.com/acme/tools /t && cd /t && git checkout --detach {'a1' * 20}", "pass"),
        (f"git clone --revision={'a1' * 20} https://example.com/acme/tools /t", "pass"),
    ],
)
def test_a_clone_in_a_dockerfile_is_of_a_commit(run: str, expected: str) -> None:
    assert of(f"{DOCKERFILE}RUN {run}\n")[0] == expected


@pytest.mark.parametrize(
    ("run", "verdict"),
    [
        ("date > /built", "unknown"),
        ('echo "$(date +%s)" > /built', "unknown"),
        ('date --date="@$SOURCE_DATE_EPOCH" > /built', "pass"),
        ("date -u -r /etc/os-release > /built", "pass"),
        ("uuidgen > /id", "unknown"),
        ("openssl rand -hex 8 > /id", "unknown"),
        ("openssl version > /version", "pass"),
        ("echo $RANDOM > /id", "unknown"),
        ("head -c 8 /dev/urandom > /id", "unknown"),
        ("ssh-keygen -A", "unknown"),
        ("ssh-keygen -t ed25519 -N '' -f /etc/key", "unknown"),
        ("ssh-keygen -l -f /etc/key.pub", "pass"),
        ("openssl req -x509 -newkey rsa:2048 -nodes -keyout /key -out /cert -subj /CN=x", "unknown"),
        ("openssl x509 -in /cert -noout", "pass"),
        ("keytool -importcert -noprompt -cacerts -file /ca.pem -storepass changeit", "unknown"),
    ],
)
def test_the_time_of_the_build_may_get_into_the_image(run: str, verdict: str) -> None:
    assert of(f"{DOCKERFILE}RUN {run}\n")[0] == verdict


@pytest.mark.parametrize(
    ("run", "verdict"),
    [
        ("tar czf /app.tgz src", "unknown"),
        ("tar -C /opt -cf /app.tar src", "unknown"),
        ("tar --create --file /app.tar src", "unknown"),
        ("tar --sort=name --mtime=@0 --owner=0 -cf /app.tar src", "pass"),
        ("tar -cf - src | tar -xf - -C /opt", "pass"),
        ("tar xzf vendored.tgz -C c", "pass"),
        ("zip -qr /app.zip src", "unknown"),
        ("gzip -k9 static/main.js", "unknown"),
        ("gzip -9n static/main.js", "pass"),
        ("gzip -d static/main.js.gz", "pass"),
    ],
)
def test_an_archive_in_an_image_holds_the_times_of_what_is_in_it(run: str, verdict: str) -> None:
    assert of(f"{DOCKERFILE}RUN {run}\n")[0] == verdict


@pytest.mark.parametrize(
    ("line", "of_wheel", "of_binary"),
    [
        ("sed -i \"s/^version.*/version = '$(date +%Y.%m.%d)'/\" pyproject.toml", "unknown", "unknown"),
        ("echo \"BUILT = '$(date -u)'\" > src/shop/built.py", "unknown", "pass"),
        ('echo "const Run = ${{ github.run_id }}" > cmd/run.go', "pass", "unknown"),
        ("curl -sSL https://rates.example/latest.json -o src/shop/rates.json", "unknown", "pass"),
        ("curl -sSL https://rates.example/latest.json -o cmd/rates.json", "pass", "unknown"),
        ("curl -sSL https://tools.example/lint-1.2.tgz -o lint.tgz", "pass", "pass"),
        ("date > started.txt", "pass", "pass"),
        ('echo "${{ github.sha }}" > cmd/rates.json', "pass", "pass"),
    ],
)
def test_what_a_job_writes_into_the_sources_of_files(line: str, of_wheel: str, of_binary: str) -> None:
    sources = {"src/shop/__init__.py": "", "cmd/rates.json": "{}", "go.mod": "module x\n\ngo 1.25.1\n"}
    files = sources | {"pyproject.toml": PYPROJECT.replace("['hatchling']", "['hatchling==1.27.0']")}
    files["requirements.txt"] = HASHED
    wheel = released_by(SETUP, INSTALL, f"- run: |\n    {line}\n", WHEEL, PUBLISH)
    assert judge("build-reproducible", wheel | files).verdict == of_wheel
    assert judge("build-reproducible", released_by(f"- run: |\n    {line}\n", GO) | files).verdict == of_binary


@pytest.mark.parametrize(
    ("dockerfile", "ignored", "expected"),
    [
        (f"FROM debian{DIGEST}\nCOPY . /app/\n", "", "unknown"),
        (f"FROM debian{DIGEST}\nADD ./ /app/\n", "node_modules\n*.md\n", "unknown"),
        (f"FROM debian{DIGEST}\nCOPY .git /app/.git\n", "", "unknown"),
        (f"FROM debian{DIGEST} AS all\nCOPY . .\nFROM all\n", "", "unknown"),
        (f"FROM debian{DIGEST} AS all\nCOPY . .\nFROM scratch\nCOPY --from=all /app /app\n", "", "pass"),
        (f"FROM debian{DIGEST}\nCOPY src /app/\n", "", "pass"),
        (f"FROM debian{DIGEST}\nCOPY . /app/\n", "**/.git\n", "pass"),
        (f"FROM debian{DIGEST}\nCOPY . /app/\n", ".*\n", "pass"),
        (f"FROM debian{DIGEST}\nCOPY . /app/\n", "*\n!src\n", "pass"),
    ],
)
def test_what_git_notes_of_a_checkout_is_in_an_image_of_all_of_it(dockerfile: str, ignored: str, expected: str) -> None:
    files = repository_of(workflow(release=job(BUILD, SIGN, SHIP))) | {"src/main.c": ""}
    files |= {"Dockerfile": dockerfile, ".dockerignore": ignored}
    assert judge("build-reproducible", files).verdict == expected
    of_the_commit = repository_of(workflow(release=job(BUILD.replace("context: ., ", ""), SIGN, SHIP)))
    assert judge("build-reproducible", files | of_the_commit).verdict == "pass"


ASKS = "[package]\n[dependencies]\nserde = '1'\n"


@pytest.mark.parametrize(
    ("command", "held", "expected"),
    [
        ("cargo build --release", {"Cargo.toml": ASKS}, "fail"),
        ("cargo build --release", {"Cargo.toml": ASKS, "Cargo.lock": "version = 4\n"}, "pass"),
        ("cargo build --release --locked", {"Cargo.toml": ASKS}, "pass"),
        ("cargo build --release", {"Cargo.toml": "[package]\n"}, "pass"),
        ("swift build -c release", {"Package.swift": '.package(url: "x", from: "1.0.0")'}, "fail"),
        (
            "swift build -c release",
            {"Package.swift": '.package(url: "x", from: "1.0.0")', "Package.resolved": ""},
            "pass",
        ),
        ("swift build -c release", {"Package.swift": ""}, "pass"),
    ],
)
def test_a_build_by_a_lock_that_is_not_there_takes_what_is_newest(
    command: str, held: dict[str, str], expected: str
) -> None:
    assert of(f"FROM rust{DIGEST} AS build\nCOPY . .\nRUN {command}\nFROM scratch\n"
              "COPY --from=build /app /app\n", **held)[0] == expected  # fmt: skip


@pytest.mark.parametrize(
    ("epoch", "expected"),
    [
        ("${{ github.run_number }}", "fail"),
        ("${{ github.run_id }}", "fail"),
        ("${{ steps.commit.outputs.epoch }}", "pass"),
        ("1735689600", "pass"),
    ],
)
def test_no_build_is_dated_by_its_number(epoch: str, expected: str) -> None:
    assert of(build=BUILD.replace("${{ steps.commit.outputs.epoch }}", epoch))[0] == expected
    given = BUILD.replace("context: .,", f'context: ., build-args: "SOURCE_DATE_EPOCH={epoch}",')
    assert of(build=given)[0] == expected


FLOATING = """
go get -u ./...; go get -u=patch ./...; uv sync --upgrade; uv sync --upgrade-package=flask; pacman -S --noconfirm git
pacman -Syu git; brew install jq; conda install -y numpy; micromamba install -y numpy=2; rustup default stable
rustup toolchain install nightly; nvm install --lts; nvm install 24; pyenv install 3.13; mix deps.update --all
dotnet add package Shop; dotnet add src/shop package Shop; dotnet tool install -g tool; gem install rake
git submodule update --init --remote; terraform init -upgrade; bundle install; composer install --no-dev; mix deps.get
mix local.hex --force; dart pub get; flutter pub upgrade; pod install; swift package update; luarocks install lpeg
cabal update; cabal install hlint; cargo binstall just; rustup update; rustup update stable; choco install jq
snap install jq; git pull; git pull origin main; git checkout main; git fetch && git reset --hard origin/main
git merge origin/release; nix-env -iA nixpkgs.jq; nix-env --install jq; nix-shell -p jq --run true; vcpkg install zlib
conan install .; stack update; npx tailwindcss@latest -o a.css; npx --yes tailwindcss -o a.css
npm exec -- esbuild a.js; bunx esbuild a.js; pnpm dlx esbuild a.js; yarn dlx esbuild@0 a.js; npx -p tailwindcss tw
gem install rake -v '~> 13'; dotnet tool install -g tool --version 1.*; cargo binstall just --version ^1; cpanm Moo@2.0
composer global require acme/tool:1.2.3; opam install dune
uvx ruff format; uv tool run --from build pyproject-build; pipx run build; go run golang.org/x/tools/cmd/stringer@latest
curl -fsSLO https://acme.example/tool/releases/latest/download/tool; wget https://acme.example/tool/raw/main/install.sh
"""
FIXED = """
go get ./...; uv sync --locked; pacman -Q; conda install -y --file conda-linux-64.lock; rustup default 1.91.0
rustup toolchain install nightly-2026-01-31; rustup component add clippy; nvm install 24.11.0; pyenv install 3.13.5
dotnet add package Shop --version 1.2.3; dotnet tool install -g tool --version 1.2.3; gem install rake -v 13.2.1
gem install fpm -v 1.15.1 --ignore-dependencies; dotnet tool install tool --version=[1.2.3]; opam install . --locked
git submodule update --init --recursive; terraform init; bundle install --frozen; mix deps.get --check-locked
cabal update 'hackage.haskell.org,2026-01-01T00:00:00Z'; cabal install hlint-3.10; rustup update 1.91.0
mix local.hex 2.3.1 --force; npx tailwindcss@3.4.17 -o a.css; npx @acme/tool@1.2.3; pnpm dlx esbuild@0.25.1 a.js
git checkout v1.2; git checkout -b next; git merge --abort; nix-env -f nixpkgs.nix -iA jq; conan install . -l conan.lock
uvx ruff@0.14.1 format; uvx --from build==1.3.0 pyproject-build; pipx run build==1.3.0; npm run build; yarn run build
"""


@pytest.mark.parametrize(
    ("command", "verdict"),
    [
        (command.strip(), verdict)
        for commands, verdict in ((FLOATING, "fail"), (FIXED, "pass"))
        for line in commands.split("\n")
        for command in line.split(";")
        if command.strip()
    ],
)
def test_what_an_installer_brings_is_fixed_by_a_version_or_a_lock(command: str, verdict: str) -> None:
    package = {"package.json": '{"scripts": {"build": "true"}}'}
    assert of(f"{DOCKERFILE}RUN {command}\n", **package)[0] == verdict


def test_what_a_gem_needs_is_fixed_by_no_version_of_its_own() -> None:
    assert of(f"{DOCKERFILE}RUN gem install fpm -v 1.15.1\n")[0] == "unknown"


@pytest.mark.parametrize(
    ("command", "lock", "verdict"),
    [
        ("bundle install", "Gemfile.lock", "pass"),
        ("composer install", "composer.lock", "pass"),
        ("composer update", "composer.lock", "fail"),
        ("mix deps.get", "mix.lock", "pass"),
        ("dart pub get", "pubspec.lock", "pass"),
        ("pod install", "Podfile.lock", "pass"),
        ("cabal update", "cabal.project.freeze", "pass"),
        ("conan install .", "conan.lock", "pass"),
        ("stack update", "stack.yaml", "pass"),
        ("vcpkg install", "vcpkg.json", "fail"),
        ("npx esbuild a.js", "package-lock.json", "pass"),
        ("npx -p esbuild esbuild a.js", "package-lock.json", "pass"),
        ("npx esbuild@latest a.js", "package-lock.json", "fail"),
        ("npx prettier .", "package-lock.json", "fail"),
        ("npx tsc", "pnpm-lock.yaml", "pass"),
        ("pnpm dlx esbuild a.js", "pnpm-lock.yaml", "fail"),
    ],
)
def test_a_lock_beside_it_fixes_what_an_installer_brings(command: str, lock: str, verdict: str) -> None:
    held = {lock: '{"packages": {"node_modules/esbuild": {"version": "0.25.1"}}}'}
    assert of(f"{DOCKERFILE}COPY . .\nRUN {command}\n", **held)[0] == verdict
    assert of(f"{DOCKERFILE}COPY . .\nRUN {command}\n")[0] == "fail"


def test_what_a_job_only_runs_leaves_nothing_for_the_build() -> None:
    for line, expected in ("uvx ruff check", "pass"), ("npx prettier --check .", "pass"), ("bundle install", "fail"):
        assert wheel(SETUP, INSTALL, f"- run: {line}\n", WHEEL)[0] == expected


CHECKOUT = "- uses: actions/checkout@v5\n"
LATEST = "https://acme.example/latest"
COMMIT = "a1" * 20


@pytest.mark.parametrize(
    ("line", "of_image", "of_files"),
    [
        ("git pull", "fail", "fail"),
        ("git fetch origin && git checkout main", "fail", "fail"),
        ("git reset --hard origin/main", "fail", "fail"),
        ("git merge origin/main", "fail", "fail"),
        ("git -C . pull", "fail", "fail"),
        ("git checkout origin/main -- src", "fail", "fail"),
        ("git restore --source=origin/main src", "fail", "fail"),
        ("git checkout main && git apply fix.patch", "fail", "fail"),
        ("git submodule update --remote", "fail", "fail"),
        ("git apply fix.patch", "pass", "pass"),
        (f"git checkout main && git checkout {COMMIT}", "pass", "pass"),
        ("git checkout v1.2", "pass", "pass"),
        ("npx esbuild a.ts", "fail", "fail"),
        ("npx esbuild@0.25.1 a.ts", "pass", "pass"),
        ("npx prettier --check .", "pass", "pass"),
        ("uvx --from cogapp cog -r a.py", "fail", "fail"),
        (f"curl -fsSL {LATEST}/rates.json -o requirements.txt", "fail", "fail"),
        (f"wget -O requirements.txt {LATEST}/requirements.txt", "fail", "fail"),
        (f"curl -fsSL {LATEST}/jq -o /usr/local/bin/jq", "pass", "pass"),
        (f"curl -fsSLO {LATEST}/cosign", "pass", "pass"),
        ("curl -fsSL https://acme.example/1.2/rates.json -o requirements.txt", "unknown", "pass"),
        ("nix-env -iA nixpkgs.jq", "pass", "fail"),
        ("pip install tox", "pass", "fail"),
    ],
)
def test_a_job_builds_the_sources_of_its_commit(line: str, of_image: str, of_files: str) -> None:
    step = f"- run: {line}\n"
    image = repository_of(workflow(release=job(CHECKOUT, step, BUILD, SIGN, SHIP)), Dockerfile=DOCKERFILE)
    assert judge("build-reproducible", image | {"requirements.txt": HASHED}).verdict == of_image
    assert wheel(CHECKOUT, SETUP, INSTALL, step, WHEEL)[0] == of_files


def test_an_image_that_is_built_from_what_its_action_fetches_is_of_the_commit() -> None:
    for build, expected in (BUILD, "fail"), (BUILD.replace("context: ., ", ""), "pass"):
        steps = job(CHECKOUT, "- run: git pull\n", build, SIGN, SHIP)
        files = repository_of(workflow(release=steps), Dockerfile=DOCKERFILE)
        assert judge("build-reproducible", files | {"requirements.txt": HASHED}).verdict == expected


def test_a_baseline_fixes_what_vcpkg_installs() -> None:
    for manifest, expected in ('{"builtin-baseline": "a1b2"}', "pass"), ('{"dependencies": ["zlib"]}', "fail"):
        assert of(f"{DOCKERFILE}COPY . .\nRUN vcpkg install\n", **{"vcpkg.json": manifest})[0] == expected


GORELEASER = """
version: 2
dockers:
  - image_templates: ["acme/shop:{{ .Tag }}-amd64"]
    dockerfile: %s
    build_flag_templates: [--platform=linux/amd64, '%s']
  - image_templates: ["acme/shop:{{ .Tag }}-arm64"]
    dockerfile: %s
    build_flag_templates: [--platform=linux/arm64, '%s']
docker_manifests:
  - name_template: acme/shop:{{ .Tag }}
    image_templates: ["acme/shop:{{ .Tag }}-amd64", "acme/shop:{{ .Tag }}-arm64"]
"""
DATED = "--build-arg=SOURCE_DATE_EPOCH={{ .CommitTimestamp }}"
REWRITTEN = "--output=type=image,rewrite-timestamp=true"


@pytest.mark.parametrize(
    ("one", "other", "flag", "expected"),
    [
        ("Dockerfile", "Dockerfile", DATED, "`alpine:3.24` names an image without its digest"),
        ("fixed", "fixed", "--pull", "SOURCE_DATE_EPOCH is not set"),
        ("fixed", "fixed", DATED, "the files of the layers keep the time of the build"),
        ("fixed", "Dockerfile", DATED, ""),  # which is asked of neither
        ("'{{ .Env.FILE }}'", "'{{ .Env.FILE }}'", f"{DATED}', '{REWRITTEN}", ""),
        ("fixed", "fixed", f"{DATED}', '{REWRITTEN}", ""),  # what GoReleaser lays into it is not followed
    ],
)
def test_an_image_of_goreleaser_is_built_by_a_dockerfile(one: str, other: str, flag: str, expected: str) -> None:
    files = {
        "Dockerfile": "FROM alpine:3.24\n",
        "fixed": f"FROM alpine:3.24@sha256:{'0' * 64}\n",
        ".goreleaser.yaml": GORELEASER % (one, flag, other, flag),
    }
    outcome = judge("build-reproducible", released_by("- run: goreleaser release --clean") | files)
    assert outcome.verdict == ("fail" if expected else "unknown")
    assert expected in " ".join(each.text for each in outcome.evidence)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("dockers_v2: [{images: [acme/shop], build_args: {A: b}}]", "`alpine:3.24` names an image without its digest"),
        ("dockers_v2: [{images: [acme/shop], dockerfile: fixed}]", "SOURCE_DATE_EPOCH is not set"),
        ("dockers_v2: [{images: [acme/shop], dockerfile: fixed, build_args: {SOURCE_DATE_EPOCH: '{{ .CommitDate }}'},"
         " flags: ['--output=type=image,rewrite-timestamp=true']}]", ""),
        ("dockers_v2: [{images: [acme/shop], dockerfile: '{{ .Env.FILE }}', build_args: {SOURCE_DATE_EPOCH: '1'},"
         " flags: ['--output=type=image,rewrite-timestamp=true']}]", ""),
        ("kos: [{repositories: [acme/shop], base_image: 'alpine:3.24'}]", "`alpine:3.24` names an image without"),
        ("kos: [{repositories: [acme/shop]}]", "`cgr.dev/chainguard/static` names an image without its digest"),
        (f"kos: [{{repositories: [acme/shop], base_image: 'alpine@sha256:{'0' * 64}'}}]", ""),
        ("kos: [{repositories: [acme/shop], base_image: '{{ .Env.BASE }}'}]", ""),
    ],
)  # fmt: skip
def test_what_goreleaser_puts_a_program_on(entry: str, expected: str) -> None:
    files = {
        "Dockerfile": "FROM alpine:3.24\n",
        "fixed": f"FROM alpine:3.24@sha256:{'0' * 64}\n",
        ".goreleaser.yaml": f"version: 2\nrelease: {{disable: true}}\n{entry}\n",
    }
    outcome = judge("build-reproducible", released_by("- run: goreleaser release --clean") | files)
    assert outcome.verdict == ("fail" if expected else "unknown")
    assert expected in " ".join(each.text for each in outcome.evidence)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{}", "`alpine:3.24` names an image without its digest"),
        ("{file: fixed}", "SOURCE_DATE_EPOCH is not set"),
        ("{file: fixed, build-args: SOURCE_DATE_EPOCH=1}", "the files of the layers keep the time of the build"),
        ("{file: Dockerfile, context: api}", ""),  # which stands there
    ],
)
def test_an_image_that_a_known_workflow_builds_by_the_dockerfile(given: str, expected: str) -> None:
    told = f"{{meta-images: ghcr.io/acme/shop, push: true, output: image, {given[1:]}"
    built = "uses: docker/github-builder/.github/workflows/build.yml@v1\n    with: " + told
    files = {
        "Dockerfile": "FROM alpine:3.24\n",
        "fixed": f"FROM alpine:3.24@sha256:{'0' * 64}\n",
        ".github/workflows/release.yml": f"on: {{push: {{tags: ['v*']}}}}\njobs:\n  image:\n    {built}\n",
    }
    outcome = judge("build-reproducible", files)
    assert outcome.verdict == ("fail" if expected else "unknown")
    assert expected in " ".join(each.text for each in outcome.evidence)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (("--label=a=1", "--label=a=2"), "`alpine:3.24` names an image without its digest"),
        (("--label=a=1", "--build-arg=A=2"), "`alpine:3.24` names an image without its digest"),
        (("--target=a", "--target=b"), ""),  # what is built is another one
    ],
)
def test_parts_that_are_only_labelled_otherwise_are_built_alike(flags: tuple[str, str], expected: str) -> None:
    one, other = flags
    files = {
        "Dockerfile": "FROM alpine:3.24\n",
        ".goreleaser.yaml": GORELEASER % ("Dockerfile", one, "Dockerfile", other),
    }
    outcome = judge("build-reproducible", released_by("- run: goreleaser release --clean") | files)
    assert outcome.verdict == ("fail" if expected else "unknown")
    assert expected in " ".join(each.text for each in outcome.evidence)


@pytest.mark.parametrize(
    ("copies", "expected"),
    [
        ("COPY shop /shop", "fail"),
        ('COPY ["shop", "/shop"]', "fail"),
        ("COPY --chmod=755 ./shop /", "fail"),
        ("COPY sho* /", "fail"),
        ("COPY shop-${TARGETARCH} /shop", "pass"),
        ("COPY go.mod /", "pass"),
        ("COPY . /", "pass"),  # which may leave it out
        ("COPY --from=base shop /shop", "pass"),
    ],
)
def test_a_file_that_the_job_has_built_is_part_of_the_image_that_takes_it(copies: str, expected: str) -> None:
    built = "- run: CGO_ENABLED=0 go build -trimpath -o shop .\n"
    dockerfile = f"FROM scratch AS base\nFROM scratch\n{copies}\n"
    for version, verdict in ("stable", expected), ("1.26.1", "pass"):
        setup = f"- uses: actions/setup-go@v5\n  with: {{go-version: {version}}}\n"
        files = repository_of(workflow(release=job(CHECKOUT, setup, built, BUILD, SIGN, SHIP)), Dockerfile=dockerfile)
        files |= {"go.mod": "module shop\n", ".dockerignore": ".git\n"}
        assert judge("build-reproducible", files).verdict == verdict


SET_UP = "- uses: actions/setup-%s@v5\n  with: {%s}"
PACKED = "- run: %s\n- run: %s\n"
NUPKG = PACKED % (
    "dotnet pack -c Release -o out",
    "dotnet nuget push out/*.nupkg -s https://api.nuget.org/v3/index.json -k $KEY",
)


SET_RUBY = "- uses: ruby/setup-ruby@v1\n  with: {ruby-version: %s}"
RELEASE_GEM = "- uses: rubygems/release-gem@v1"
RAKE = {"Rakefile": 'require "bundler/gem_tasks"\n'}
GORELEASED = "- uses: goreleaser/goreleaser-action@v7\n  with: {args: release}"


def archived(how: str) -> dict[str, str]:
    return {".goreleaser.yaml": f"version: 2\nbuilds: [{{id: a}}, {{id: b, {how}}}]\n"}


ARCHIVED = archived("builder: go")


@pytest.mark.parametrize(
    ("steps", "files", "expected"),
    [
        ((SET_UP % ("dotnet", "dotnet-version: 8.0.x"), NUPKG), {}, ".NET `8.0.x` may be another one tomorrow"),
        ((NUPKG,), {}, "nothing says which .NET builds it"),
        ((NUPKG,), {"global.json": '{"sdk": {"version": "8.0.100"}}'}, "nothing says which .NET builds it"),
        ((NUPKG,), {"global.json": '{"sdk": {"version": "8.0.100", "rollForward": "disable"}}'}, ""),
        ((SET_UP % ("dotnet", "dotnet-version: 8.0.100"), NUPKG), {}, ""),
        ((SET_UP % ("dotnet", 'dotnet-version: "8.0.100\\n9.0.100-rc.1.25451.107\\n"'), NUPKG), {}, ""),
        (("- run: cargo publish",), {}, "nothing says which Rust builds it"),
        (("- run: cargo publish",), {"rust-toolchain.toml": "[toolchain]\nchannel = '1.90'\n"}, ""),
        (("- run: rustup install stable", "- run: cargo publish"), {}, "nothing fixes the version of stable"),
        (("- run: dart pub get\n- run: dart pub publish --force",), {}, "it does not install from a lock"),
        ((SET_UP % ("node", "node-version: lts/*"), "- run: npx semantic-release@25.0.1"), {}, "Node.js `lts/*` may"),
        ((SET_UP % ("node", "node-version: 24.1.0"), "- run: npx semantic-release@25.0.1"), {}, ""),
        ((SET_UP % ("node", "node-version: lts/*"), "- run: npm stage publish"), {}, "Node.js `lts/*` may"),
        ((SET_RUBY % "ruby", RELEASE_GEM), RAKE, "Ruby `ruby` may be another one tomorrow"),
        ((SET_RUBY % "3.4", RELEASE_GEM), RAKE, "Ruby `3.4` may be another one tomorrow"),
        ((RELEASE_GEM,), RAKE, "nothing says which Ruby builds it"),
        ((RELEASE_GEM,), RAKE | {".ruby-version": "3.4.1\n"}, ""),
        ((SET_RUBY % "3.4.1", RELEASE_GEM), RAKE, ""),
        ((SET_RUBY % "jruby-9.4.8.0", RELEASE_GEM), RAKE, ""),
        ((SET_UP % ("go", "go-version: stable"), GORELEASED), ARCHIVED, "Go `stable` may be another one tomorrow"),
        ((SET_UP % ("go", "go-version: 1.26.1"), GORELEASED), ARCHIVED, ""),
        ((SET_UP % ("go", "go-version: 1.26.1"), "- run: npm install -g snap", GORELEASED), ARCHIVED, ""),
        ((GORELEASED,), ARCHIVED, ""),  # what brings Go need not be a step
        ((SET_UP % ("go", "go-version: stable"), GORELEASED), archived("builder: rust"), ""),
        ((SET_UP % ("go", "go-version: stable"), GORELEASED), archived("builder: prebuilt"), ""),
        ((SET_UP % ("go", "go-version: stable"), GORELEASED), archived("tool: ./go"), ""),
    ],
)
def test_what_builds_a_package_is_fixed_though_it_is_not_followed(
    steps: tuple[str, ...], files: dict[str, str], expected: str
) -> None:
    package = {"package.json": '{"name": "shop", "version": "0.0.0"}', "Cargo.toml": "[package]\nname = 'shop'\n"}
    outcome = judge("build-reproducible", released_by(*steps) | package | files)
    assert outcome.verdict == ("fail" if expected else "unknown")
    assert expected in outcome.summary + " ".join(each.text for each in outcome.evidence)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("env: {GO: 1.26.1}", "unknown"),
        ("env: {GO: ~1.26.0}", "fail"),
        ("strategy: {matrix: {GO: [1.26.1]}}", "unknown"),
        ("strategy: {matrix: {os: [a], include: [{os: a, GO: ~1.26.0}]}}", "fail"),
        ("strategy: {matrix: {GO: [1.26.1, stable]}}", "fail"),
        ("strategy: {matrix: '${{ fromJSON(vars.LEGS) }}'}", "unknown"),
    ],
)
def test_the_version_of_a_tool_may_stand_in_the_job(said: str, expected: str) -> None:
    where = "env" if said.startswith("env") else "matrix"
    setup = SET_UP % ("go", f'go-version: "${{{{ {where}.GO }}}}"')
    release = f"{job(setup, GORELEASED)}\n{said}"
    files = repository_of(workflow(release=release))
    assert judge("build-reproducible", files | ARCHIVED).verdict == expected


@pytest.mark.parametrize(
    ("linked", "expected"),
    [
        ("-X main.date={{.Date}}", "fail"),
        ("-X main.date={{ .Now.Format `2006` }}", "fail"),
        ("-X main.date={{ .Timestamp }}", "fail"),
        ("-X main.date={{.CommitDate}}", "unknown"),
        ("-X main.version={{.Version}}", "unknown"),
    ],
)
def test_the_time_that_goreleaser_links_into_a_binary(linked: str, expected: str) -> None:
    for ldflags in f'["-s -w", "{linked}"]', f'"-s -w {linked}"':
        files = {".goreleaser.yaml": f"version: 2\nbuilds:\n  - ldflags: {ldflags}\n"}
        assert judge("build-reproducible", released_by("- run: goreleaser release") | files).verdict == expected
    other = {
        ".goreleaser.yaml": f'version: 2\nbuilds:\n  - {{id: a}}\n  - {{id: b, skip: true, ldflags: "{linked}"}}\n'
    }
    assert judge("build-reproducible", released_by("- run: goreleaser release") | other).verdict == "unknown"


TAKES_ALL = DOCKERFILE.replace("COPY requirements.txt ./", "COPY . ./")
ASKING = """
- id: it
  run: echo "says=$({})" >> "$GITHUB_OUTPUT"
"""
TOLD = BUILD.replace("context: .,", "context: ., build-args: 'V=${{ steps.it.outputs.says }}',")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("curl -s https://acme.example/api/latest", "fail"),
        ("wget -qO- https://acme.example/1.2/name", "unknown"),
        ("gh api repos/acme/shop/releases -q '.[0].name'", "unknown"),
        ("npm view left-pad version", "unknown"),
        ("curl -s https://acme.example/1.2/x | jq -r .name", "unknown"),
        ("curl -s https://acme.example/latest | jq -r .name | tr -d v", "fail"),
        ("pip freeze | head -1", "unknown"),
        ("aws ssm get-parameter --name x | jq -r .Value", "unknown"),
        ("basename $(kubectl get cm x -o name)", "unknown"),
        ("uname -r", "unknown"),
        ("frobnicate", "unknown"),
        ("hostname", "fail"),
        ("uuidgen | cut -c1-8", "fail"),
        ("head -c4 /dev/urandom | xxd -p", "fail"),
        ("git describe --tags", "pass"),
        ("git describe --tags | sed s/^v// | cut -d- -f1", "pass"),
        ("jq -r .version package.json", "pass"),
        ("git log -1 --format=%ct | xargs -I{} date -u -d @{} +%F", "pass"),
        ("make -s version", "pass"),
    ],
)
def test_what_others_say_by_then_is_written_into_what_is_built(command: str, expected: str) -> None:
    arguments = repository_of(
        workflow(release=job(ASKING.format(command), TOLD, SIGN, SHIP)), Dockerfile=f"{DOCKERFILE}ARG V\n"
    )
    assert judge("build-reproducible", arguments | {"requirements.txt": HASHED}).verdict == expected
    linked = GO.replace("-s -w", f"-s -w -X main.v=$({command})")
    assert judge("build-reproducible", released_by(linked) | {"go.mod": "module shop\ngo 1.24.1\n"}).verdict == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("github.event.repository.updated_at", "fail"),
        ("github.event.repository.stargazers_count", "fail"),
        ("fromJSON(steps.meta.outputs.json).labels[''org.opencontainers.image.created'']", "fail"),
        ("vars.API_URL", "unknown"),
        ("secrets.TOKEN", "unknown"),
        ("github.actor", "unknown"),
        ("runner.name", "unknown"),
        ("github.sha", "pass"),
        ("github.repository_owner", "pass"),
        ("github.event.repository.html_url", "pass"),
        ("steps.meta.outputs.version", "pass"),
    ],
)
def test_what_another_run_is_not_told_is_written_into_an_image(said: str, expected: str) -> None:
    meta = "- uses: docker/metadata-action@902fa8ec7d6ecbf8d84d538b9b233a880e428804\n  id: meta\n  with: {images: a}\n"
    told = BUILD.replace("context: .,", f"context: ., build-args: 'V=${{{{ {said} }}}}',")
    files = repository_of(workflow(release=job(meta, told, SIGN, SHIP)), Dockerfile=f"{DOCKERFILE}ARG V\n")
    assert judge("build-reproducible", files | {"requirements.txt": HASHED}).verdict == expected


@pytest.mark.parametrize(
    ("step", "expected", "ignored"),
    [
        ("run: curl -fsSLo rates.json https://acme.example/1.2/rates.json", "unknown", "rates.json"),
        ("run: curl -fsSL https://acme.example/1.2/rates.json > rates.json", "unknown", "rates.json"),
        ("run: wget https://acme.example/1.2/rates.json", "unknown", "rates.json"),
        ("run: curl -fsSLo /tmp/rates.json https://acme.example/1.2/rates.json", "pass", "rates.json"),
        ("run: curl -fsSLO https://acme.example/a && echo '0 a' | sha256sum -c", "pass", "a"),
        ("run: curl -fsSL https://acme.example/1.2/rates.json | jq . > rates.json", "unknown", "rates.json"),
        ("run: curl -fsSL https://acme.example/1.2/rates.tgz | tar xz -C data", "unknown", "data"),
        ("run: curl -fsSL https://acme.example/1.2/rates.tgz | tar xz -C /opt", "pass", "data"),
        ("run: curl -fsSLo /tmp/a.zip https://acme.example/a.zip && unzip /tmp/a.zip -d data", "unknown", "data"),
        ("run: curl -fsSLo /tmp/a https://acme.example/a && mv /tmp/a a", "unknown", "a"),
        ("run: curl -fsSLo /tmp/a https://acme.example/a && sha256sum -c a.sum && mv /tmp/a a", "pass", "a"),
        ("run: echo $(curl -fsSL https://acme.example/latest) > version.txt", "unknown", "version.txt"),
        ("run: tar xzf kept.tgz -C data", "pass", "data"),
        ("run: aws s3 cp s3://bucket/rates.json rates.json", "unknown", "rates.json"),
        ("run: aws s3 cp s3://bucket/rates.json rates.json && sha256sum -c rates.sum", "pass", "rates.json"),
        ("run: aws s3 cp rates.json s3://bucket/rates.json", "pass", "rates.json"),
        ("run: gsutil cp gs://bucket/rates.json data/rates.json", "unknown", "data"),
        ("run: scp host:rates.json data/rates.json", "unknown", "data"),
        ("run: rclone copy bucket:rates data", "unknown", "data"),
        ("run: gh release download v1 -p rates.json", "unknown", "rates.json"),
        ("run: gh release download v1 -p rates.json -D /tmp", "pass", "rates.json"),
        ("run: gh run download 1 -n rates -D data", "unknown", "data"),
        ("run: oras pull ghcr.io/acme/rates:1 -o data", "unknown", "data"),
        ("run: az storage blob download -c c -n n -f rates.json", "unknown", "rates.json"),
        ("run: kubectl get cm rates -o yaml > rates.yaml", "unknown", "rates.yaml"),
        ("run: pip freeze > installed.txt", "unknown", "installed.txt"),
        ("run: jq .rates package.json > rates.json", "pass", "rates.json"),
        ("{uses: actions/cache@v5, with: {path: node_modules, key: a}}", "unknown", "node_modules"),
        ("{uses: actions/cache/restore@v5, with: {path: node_modules, key: a}}", "unknown", "node_modules"),
        ("{uses: actions/cache@v5, with: {path: ~/.npm, key: a}}", "pass", "node_modules"),
    ],
)
def test_what_a_job_gets_unchecked_or_from_a_cache_an_image_may_take(step: str, expected: str, ignored: str) -> None:
    text = workflow(release=job("- uses: actions/checkout@v5", f"- {step}", BUILD, SIGN, SHIP))
    files = repository_of(text, Dockerfile=TAKES_ALL) | {"requirements.txt": HASHED, ".dockerignore": ".git\n"}
    assert judge("build-reproducible", files).verdict == expected
    assert judge("build-reproducible", files | {".dockerignore": f".git\n{ignored}\n"}).verdict == "pass"
    assert judge("build-reproducible", files | {"Dockerfile": DOCKERFILE}).verdict == "pass"


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("RUN V=$(curl -s https://acme.example/1.2/v | jq -r .tag) && echo $V > /v", "unknown"),
        ("RUN V=$(curl -s https://acme.example/latest) && curl -fO https://acme.example/$V && sha256sum -c a", "fail"),
        ("RUN curl -fsSLo /a https://acme.example/1/a && echo '0  /a' | sha256sum -c -", "pass"),
        (
            "RUN curl -fLo /a https://acme.example/1/a && "
            'echo "$(curl -fL https://acme.example/1/a.sha256)  /a" | sha256sum -c -',
            "pass",
        ),
        ("RUN git ls-remote https://acme.example/a > /a", "unknown"),
        ("RUN pip freeze > requirements.txt\nRUN pip install --require-hashes -r requirements.txt", "unknown"),
        ("RUN uv pip compile --generate-hashes pyproject.toml -o /x/requirements.txt", "unknown"),
        ("RUN pip install --require-hashes -r requirements.txt && pip freeze > /installed.txt", "pass"),
        ("RUN --mount=type=cache,target=/root/.cache/pip pip install --require-hashes -r requirements.txt", "pass"),
        ("RUN --mount=type=cache,target=/cache cp -r /cache/x /opt/x", "unknown"),
        ("WORKDIR /app\nRUN --mount=type=cache,dst=/app/target install -m755 target/release/x /usr/bin/x", "unknown"),
        ("RUN --mount=type=cache,id=a,target=/cache tar xf /cache/x.tar -C /opt", "unknown"),
        ("RUN --mount=type=cache,target=/cache cp /opt/x /cache/x", "pass"),
        ("RUN --mount=type=cache,target=/a/target cargo build --locked && cp /a/target/release/x /usr/bin/", "pass"),
        ("RUN --mount=type=bind,target=/m cp /m/x /opt/x", "pass"),
    ],
)
def test_what_is_fetched_written_or_cached_in_a_build_of_an_image(run: str, expected: str) -> None:
    dockerfile = DOCKERFILE.replace("FROM build", f"{run}\nFROM build")
    assert of(dockerfile, **{"Cargo.lock": "", "uv.lock": ""})[0] == expected


def test_what_is_unpacked_beside_the_sources_gets_into_an_image_of_all_of_it() -> None:
    unpacks = "- run: curl -fsSL https://acme.example/1.2/tool.tgz | tar xz"
    text = workflow(release=job("- uses: actions/checkout@v5", unpacks, BUILD, SIGN, SHIP))
    for dockerfile, expected in ((TAKES_ALL, "unknown"), (DOCKERFILE, "pass")):
        files = repository_of(text, Dockerfile=dockerfile) | {"requirements.txt": HASHED}
        assert judge("build-reproducible", files).verdict == expected


@pytest.mark.parametrize(
    "command",
    [
        "npm update", "go get -u ./...", "cargo update", "uv lock --upgrade", "poetry update", "bundle update",
        "composer update", "pip-compile --upgrade --generate-hashes -o requirements.txt", "pnpm add left-pad",
    ],
)  # fmt: skip
def test_an_image_is_built_by_the_lock_that_is_kept(command: str) -> None:
    files = repository_of(workflow(release=job(f"- run: {command}", BUILD, SIGN, SHIP)), Dockerfile=DOCKERFILE)
    assert judge("build-reproducible", files | {"requirements.txt": HASHED}).verdict == "fail"


ENABLED = f"{DOCKERFILE}COPY package.json yarn.lock ./\nRUN corepack enable{{}}\nRUN yarn install --immutable\n"


@pytest.mark.parametrize(
    ("more", "files", "expected"),
    [
        ("", {"package.json": "{}"}, "fail"),
        (" yarn", {"package.json": "{}"}, "fail"),
        ("", {"package.json": '{"packageManager": "yarn@4.5.0"}'}, "pass"),
        ("", {"package.json": "{}", ".yarnrc.yml": "yarnPath: .yarn/releases/yarn-4.5.0.cjs\n"}, "pass"),
        (" && corepack prepare yarn@4.5.0 --activate", {"package.json": "{}"}, "pass"),
        (" && corepack prepare yarn@stable --activate", {"package.json": "{}"}, "fail"),
    ],
)
def test_corepack_takes_the_newest_package_manager_unless_one_is_named(
    more: str, files: dict[str, str], expected: str
) -> None:
    assert of(ENABLED.format(more), **files, **{"yarn.lock": ""})[0] == expected


FIXED_ON_GITLAB = (
    ("docker buildx build --push", "docker buildx build --push --output type=image,rewrite-timestamp=true"),
    (
        "  script:\n    - docker",
        "  script:\n    - export SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)\n    - docker",
    ),
    ("image: docker:27\n", f"image: docker:27{DIGEST}\n"),
)


def test_a_cache_of_gitlab_may_hold_what_an_image_takes() -> None:
    for dockerfile, expected in (TAKES_ALL, "unknown"), (DOCKERFILE, "pass"):
        cached = ("  services: [docker", "  cache: {key: a, paths: [vendor/]}\n  services: [docker")
        files = on_gitlab(changed(*FIXED_ON_GITLAB, cached), Dockerfile=dockerfile, **{"requirements.txt": HASHED})
        assert judge("build-reproducible", files).verdict == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("{GIT_SUBMODULE_STRATEGY: recursive, GIT_SUBMODULE_UPDATE_FLAGS: '--remote --jobs 4'}", "fail"),
        ("{GIT_SUBMODULE_STRATEGY: recursive, GIT_SUBMODULE_UPDATE_FLAGS: --jobs 4}", "pass"),
        ("{GIT_SUBMODULE_UPDATE_FLAGS: --remote}", "pass"),  # none are fetched
    ],
)
def test_gitlabs_runner_may_be_told_to_fetch_branches_of_submodules(told: str, expected: str) -> None:
    files = on_gitlab(changed(*FIXED_ON_GITLAB, ("  services: [docker", f"  variables: {told}\n  services: [docker")))
    files |= {"Dockerfile": DOCKERFILE, "requirements.txt": HASHED}
    assert judge("build-reproducible", files).verdict == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("steps.commit.outputs.epoch", "pass"),
        ("steps.commit.outputs.epok", "unknown"),
        ("steps.asked.outputs.epoch", "unknown"),
        ("env.NOWHERE", "fail"),
    ],
)
def test_a_build_is_dated_by_what_a_step_has_said(said: str, expected: str) -> None:
    asked = '- id: asked\n  run: echo "epoch=$(curl -s https://acme.example/t | jq .t)" >> "$GITHUB_OUTPUT"\n'
    build = BUILD.replace("steps.commit.outputs.epoch", said)
    files = repository_of(workflow(release=job(asked, build, SIGN, SHIP)), Dockerfile=DOCKERFILE)
    assert judge("build-reproducible", files | {"requirements.txt": HASHED}).verdict == expected


@pytest.mark.parametrize(
    ("pull", "in_image", "beside_it"),
    [
        ("helm pull acme/lib --untar -d charts", "fail", "unknown"),
        ("helm fetch oci://ghcr.io/acme/lib --untardir charts", "fail", "unknown"),
        ("helm pull acme/lib --version '^1' --untar -d charts", "fail", "unknown"),
        ("helm pull acme/lib --version ~1.2 -d charts", "fail", "unknown"),
        ("helm pull acme/lib --version=1.x -d charts", "fail", "unknown"),
        ("helm pull acme/lib --version '>=1.0 <2' -d charts", "fail", "unknown"),
        ("helm pull acme/lib --version 1.2 -d charts", "fail", "unknown"),
        ("helm pull acme/lib --version v1.2.3+up1 -d charts", "pass", "pass"),
        ("helm pull acme/lib --version 1.2.3 --untar -d charts", "pass", "pass"),
        ("helm pull oci://ghcr.io/acme/lib@sha256:0123 -d charts", "pass", "pass"),
        ("helm pull https://acme.example/lib-1.2.3.tgz -d charts", "pass", "pass"),
    ],
)
def test_a_chart_without_a_version_is_the_newest(pull: str, in_image: str, beside_it: str) -> None:
    assert of(f"{DOCKERFILE}RUN {pull}\n")[0] == in_image
    assert of(f"{DOCKERFILE}COPY charts /charts\n", f"- run: {pull}\n{BUILD}")[0] == beside_it
    assert of(DOCKERFILE, f"- run: {pull}\n{BUILD}")[0] == "pass"
    go = {"go.mod": "module acme\n\ngo 1.26.0\n", "go.sum": ""}
    assert judge("build-reproducible", released_by(f"- run: {pull}\n{GO}") | go).verdict == "pass"


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("go mod tidy && go build", "unknown"),
        ("go get -u ./... && go build", "fail"),
        ("go get golang.org/x/net@latest && go build", "fail"),
        ("go mod download && go mod verify && go build", "pass"),
        ("go get golang.org/x/net@v0.1.0 && go build", "pass"),
    ],
)
def test_modules_that_an_image_looks_up_anew_may_be_others(run: str, expected: str) -> None:
    modules = {"go.mod": "module acme\n\ngo 1.26.0\n", "go.sum": ""}
    assert of(f"FROM golang:1.26{DIGEST}\nCOPY . .\nRUN {run}\n", **modules)[0] == expected


FETCHED = "curl -sSfo v.json https://acme.example/v.json"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((FETCHED, 'echo "v=$(jq -r .v v.json)" >> "$GITHUB_OUTPUT"'), "unknown"),
        ((FETCHED, 'echo "v=$(jq -r .v ./v.json)" >> "$GITHUB_OUTPUT"'), "unknown"),
        ((FETCHED, "V=$(cat v.json)", 'echo "v=$V" >> "$GITHUB_OUTPUT"'), "unknown"),
        (("wget https://acme.example/v.json", 'echo "v=$(jq -r .v v.json)" >> "$GITHUB_OUTPUT"'), "unknown"),
        (("curl https://acme.example/v > v.json", 'echo "v=$(jq -r .v v.json)" >> "$GITHUB_OUTPUT"'), "unknown"),
        (("gh api repos/acme/x > v.json", 'echo "v=$(jq -r .v v.json)" >> "$GITHUB_OUTPUT"'), "unknown"),
        ((FETCHED, 'echo "v=$(jq -r .v < v.json)" >> "$GITHUB_OUTPUT"'), "unknown"),
        ((FETCHED, 'echo "v=$(cat v.json | jq -r .v)" >> "$GITHUB_OUTPUT"'), "unknown"),
        ((FETCHED, 'echo "v=$(jq -r .v <<< "$(cat v.json)")" >> "$GITHUB_OUTPUT"'), "unknown"),
        ((FETCHED, """echo "v=$(node -p "require('./v.json').v")" >> "$GITHUB_OUTPUT\""""), "unknown"),
        ((FETCHED, "read -r V < v.json", 'echo "v=$V" >> "$GITHUB_OUTPUT"'), "unknown"),
        ((FETCHED, 'echo "v=$(jq -r .v < package.json)" >> "$GITHUB_OUTPUT"'), "pass"),
        ((FETCHED, 'echo "v=$(jq -r .v package.json)" >> "$GITHUB_OUTPUT"'), "pass"),
        ((FETCHED, "sha256sum -c v.sum", 'echo "v=$(jq -r .v v.json)" >> "$GITHUB_OUTPUT"'), "pass"),
        (("jq .x package.json > v.json", 'echo "v=$(jq -r .v v.json)" >> "$GITHUB_OUTPUT"'), "pass"),
    ],
)
def test_what_is_read_from_a_file_that_was_fetched_is_not_said_by_the_sources(
    lines: tuple[str, ...], expected: str
) -> None:
    build = BUILD.replace("with: {", 'with: {build-args: "V=${{ steps.v.outputs.v }}", ')
    dockerfile = DOCKERFILE.replace("COPY requirements", "ARG V\nCOPY requirements")
    first, last = "\n".join(lines[:-1]), lines[-1]
    together = f"- id: v\n  run: |\n{indent(first, '    ')}\n    {last}\n"
    apart = f"- run: |\n{indent(first, '    ')}\n- id: v\n  run: |\n    {last}\n"
    assert of(dockerfile, together + build, **{"package.json": "{}"})[0] == expected
    assert of(DOCKERFILE, together + build, **{"package.json": "{}"})[0] == "pass"
    if len(lines) == 2:
        assert of(dockerfile, apart + build, **{"package.json": "{}"})[0] == expected


def test_what_is_linked_from_a_file_that_was_fetched_is_not_said_by_the_sources() -> None:
    linked = GO.replace('"-s -w"', '"-X main.v=$(jq -r .v %s)"')
    go = {"go.mod": "module acme\n\ngo 1.26.0\n", "go.sum": "", "package.json": "{}"}
    for path, expected in ("v.json", "unknown"), ("package.json", "pass"):
        tree = released_by(f"- run: {FETCHED}\n{linked % path}") | go
        assert judge("build-reproducible", tree).verdict == expected


STAGES = f"FROM alpine{DIGEST} AS shop\nFROM alpine AS loose\nFROM alpine{DIGEST} AS query\n"


@pytest.mark.parametrize(
    ("given", "legs", "expected"),
    [
        ("target: '${{ matrix.a }}'", "{a: [shop, query]}", "pass"),
        ("target: '${{ matrix.a }}'", "{a: [shop, loose]}", "fail"),
        ("target: '${{ matrix.a }}'", "{a: [shop, other]}", "unknown"),
        ("target: '${{ matrix.a }}'", "{include: [{a: shop, b: x}, {a: query, b: x}]}", "pass"),
        ("target: '${{ matrix.a }}'", "'${{ fromJSON(vars.LEGS) }}'", "unknown"),
        ("target: shop, file: '${{ matrix.a }}/Dockerfile'", "{a: [web, api]}", "pass"),
        ("target: shop, file: '${{ matrix.a }}/Dockerfile'", "{a: [web, old]}", "fail"),
        ("target: shop, file: '${{ matrix.a }}/${{ matrix.b }}'", "{include: [{a: web, b: Dockerfile}]}", "pass"),
        ("target: shop, file: '${{ matrix.a }}/${{ matrix.b }}'", "{a: [web], b: [Dockerfile, Other]}", "unknown"),
    ],
)
def test_what_each_leg_of_a_matrix_builds_is_looked_at(given: str, legs: str, expected: str) -> None:
    build = BUILD.replace("context: .,", f"context: ., {given},")
    files = {"Dockerfile": STAGES, "web/Dockerfile": STAGES, "api/Dockerfile": STAGES, ".dockerignore": ".git\n"}
    files["old/Dockerfile"] = "FROM alpine AS shop\n"
    release = repository_of(workflow(release=job(build, SIGN, SHIP, strategy=f"{{matrix: {legs}}}")))
    assert judge("build-reproducible", release | files).verdict == expected
