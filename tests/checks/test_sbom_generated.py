"""Which SBOMs are of the released artifact, and which only look like it."""

from __future__ import annotations

import pytest

from releasing import ATTEST, DESCRIBE, PUSH, SHIP, SIGN, job, released_by, repository_of, script, workflow
from trees import judge

DIGEST = "${{ steps.push.outputs.digest }}"

BY_ORAS = f"- run: oras attach --artifact-type application/TYPE ghcr.io/acme/shop@{DIGEST} sbom.json:text/json"

IN_TEMP = "${{ runner.temp }}/s.json"
DESCRIBED = {
    "of the digest, attested with cosign": [PUSH, DESCRIBE, ATTEST],
    "of the digest, attested by the platform": [
        PUSH,
        DESCRIBE,
        "- uses: actions/attest@v4\n  with: {subject-name: ghcr.io/acme/shop, subject-digest: '"
        + DIGEST
        + "', sbom-path: sbom.json}",
    ],
    "of the digest, published with the release": [PUSH, DESCRIBE, "- run: gh release create v1 sbom.json"],
    "by redirection": [
        PUSH,
        f"- run: syft ghcr.io/acme/shop@{DIGEST} -o spdx-json > sbom.json",
        "- uses: softprops/action-gh-release@v3\n  with: {files: sbom.json}",
    ],
    "attached by oras": [PUSH, DESCRIBE, BY_ORAS.replace("TYPE", "vnd.cyclonedx+json")],
    "by BuildKit, attached to the image": [PUSH.replace("push: true", "push: true, sbom: true")],
    "by sbom-action": [
        PUSH,
        f"- uses: anchore/sbom-action@v0\n  with: {{image: 'ghcr.io/acme/shop@{DIGEST}', output-file: sbom.json}}",
        ATTEST,
    ],
    "in a folder of the runner's, by both of its names": [
        PUSH,
        f"- uses: anchore/sbom-action@v0\n  with: {{image: 'ghcr.io/acme/shop@{DIGEST}', output-file: '{IN_TEMP}'}}",
        f"- run: cosign attest -y --type spdxjson --predicate $RUNNER_TEMP/s.json ghcr.io/acme/shop@{DIGEST}",
    ],
    "by trivy": [PUSH, f"- run: trivy image --format cyclonedx --output sbom.json ghcr.io/acme/shop@{DIGEST}", ATTEST],
    "of the files of a program": [
        "- run: go build -o dist/shop ./cmd/shop",
        "- run: syft dist/ -o spdx-json=s.json",
        "- run: gh release create v1 dist/* s.json",
    ],
    "of each file under its name": [
        "- run: go build -o dist/ ./cmd/...",
        '- run: |\n    for f in dist/*; do syft scan "file:$f" -o spdx-json="$f.sbom.json"; done',
        "- run: gh release create v1 dist/*",
    ],
    "of each file under its name elsewhere": [
        "- run: go build -o dist/ ./cmd/...",
        '- run: |\n    for f in $(find dist -type f); do syft "file:$f" -o spdx-json > "s/$(basename "$f").json"; done',
        "- run: gh release create v1 dist/* s/*",
    ],
    **{
        f"of an environment in which `{lines}` installs the files": [
            f"- run: uv build; {lines} -o s.json {folder}",
            "- run: gh release create v1 dist/* s.json",
        ]
        for lines, folder in {
            "python -m venv v; v/bin/pip install dist/*.whl; cyclonedx-py environment": "v",
            ".venv/bin/python -m pip install dist/*.whl; cyclonedx-py environment": ".venv/bin/python",
            "python -m venv v; . v/bin/activate; pip install dist/*.whl; cyclonedx-py environment": "",
            "python -m venv /tmp/v; /tmp/v/bin/pip install dist/*.whl; cyclonedx-py environment": "/tmp/v",
            "v/bin/pip install dist/*.whl; v/bin/pip install dist/*.tar.gz; cyclonedx-py environment": "v",
            "VIRTUAL_ENV=v uv pip install dist/*.whl; cyclonedx-py environment": "v",
            "pip install dist/*.whl; cyclonedx-py environment": "",
        }.items()
    },
    **{
        f"of what the archive holds: {packs} {lays}": [
            f"- run: |\n    go build -o shop .\n    {packs}\n    {lays}\n    syft dir:{folder} -o spdx-json=s.json",
            f"- run: gh release create v1 {archive} s.json",
        ]
        for packs, lays, folder, archive in (
            ("tar czf shop.tar.gz shop", "mkdir out && tar xzf shop.tar.gz -C out", "out", "shop.tar.gz"),
            ("tar czf shop.tgz shop", "tar xzf shop.tgz -C /tmp/shop --strip-components=1", "/tmp/shop", "shop.tgz"),
            ("git archive -o shop.tar.gz HEAD", "tar -xzf shop.tar.gz -C /tmp/shop", "/tmp/shop", "shop.tar.gz"),
            ("zip shop.zip shop", "unzip shop.zip -d out", "out", "shop.zip"),
            ("7z a shop.7z shop", "7z x shop.7z -oout", "out", "shop.7z"),
        )
    },
    "of an environment in which the files are installed": [
        "- run: |\n    uv build\n    python -m venv e\n    python -m pip --python e install dist/*.whl\n"
        "    cyclonedx-py environment --output-file s.json e",
        "- uses: actions/attest@v4\n  with: {subject-path: 'dist/*', sbom-path: s.json}",
        "- uses: pypa/gh-action-pypi-publish@v1",
    ],
}

NOT_DESCRIBED = {
    **{
        f"of an environment in which `{lines}` installs none of the files": [
            f"- run: uv build; {lines}",
            "- run: gh release create v1 dist/* s.json",
        ]
        for lines in (
            "python -m venv v; v/bin/pip install requests; cyclonedx-py environment -o s.json v",
            "w/bin/pip install dist/*.whl; cyclonedx-py environment -o s.json v",
            "pip install dist/*.whl; cyclonedx-py environment -o s.json v",
            "cyclonedx-py environment -o s.json v; v/bin/pip install dist/*.whl",
            "/tmp/v/bin/pip install dist/*.whl; syft . -o cyclonedx-json=s.json",
        )
    },
    "nobody makes one": [PUSH, SIGN, SHIP],
    "of the sources": [PUSH, "- run: syft . -o cyclonedx-json=sbom.json", ATTEST],
    "of a tag": [PUSH, "- run: syft ghcr.io/acme/shop:1.2 -o cyclonedx-json=sbom.json", ATTEST],
    "of a file nobody wrote": [PUSH, ATTEST],
    "of the sources, attached by oras": [
        PUSH,
        "- run: syft . -o spdx-json=sbom.json",
        BY_ORAS.replace("TYPE", "spdx+json"),
    ],
    "something else is attached by oras": [PUSH, DESCRIBE, BY_ORAS.replace("TYPE", "vnd.acme.report+json")],
    "another file is written": [PUSH, DESCRIBE.replace("sbom.json", "bom.json"), ATTEST],
    "made and thrown away": [PUSH, DESCRIBE, SHIP],
    "sent to an inventory": [
        PUSH,
        DESCRIBE,
        "- uses: DependencyTrack/gh-upload-sbom@v3\n  with: {bomFilename: sbom.json}",
        SHIP,
    ],
    "sent there by curl": [
        PUSH,
        DESCRIBE,
        "- run: curl -fX POST https://track.acme.example/api/v1/bom -F bom=@sbom.json",
        SHIP,
    ],
    "in a bucket alone": [PUSH, DESCRIBE, "- run: aws s3 cp sbom.json s3://acme-sboms/shop.json", SHIP],
    "only kept among the workflow's artifacts": [
        PUSH,
        DESCRIBE,
        "- uses: actions/upload-artifact@v7\n  with: {name: sbom, path: sbom.json}",
    ],
    "a table for people is no SBOM": [PUSH, f"- run: syft ghcr.io/acme/shop@{DIGEST} -o table > sbom.json", ATTEST],
    "a scan is no SBOM": [
        PUSH,
        f"- run: trivy image --format sarif --output sbom.json ghcr.io/acme/shop@{DIGEST}",
        ATTEST,
    ],
    "a file is published by another name that only a run knows": [
        PUSH,
        DESCRIBE,
        "- run: gh release create v1 shop-$(cat version.txt).tar.gz",
    ],
    "of the sources, among which something was unpacked": [
        "- run: |\n    go build -o shop ./cmd/shop\n    tar xzf tools.tar.gz\n    syft . -o spdx-json=s.json",
        "- run: gh release create v1 shop s.json",
    ],
    "a list was published before": [PUSH, "- run: gh release create v1 $(cat list.txt)", DESCRIBE],
    "made in pull requests only": [
        PUSH,
        DESCRIBE.replace("- run", "- if: github.event_name == 'pull_request'\n  run"),
        ATTEST,
    ],
    "its failure goes unnoticed": [PUSH, DESCRIBE, ATTEST.rstrip() + " || echo no SBOM\n"],
}

UNDECIDED = {
    "of each file under one name": [
        "- run: go build -o dist/ ./cmd/...",
        '- run: |\n    for f in dist/*; do syft "file:$f" -o spdx-json=s.json; done',
        "- run: gh release create v1 dist/* s.json",
    ],
    "of each file under one name, which is attested": [
        "- run: go build -o dist/ ./cmd/...",
        '- run: |\n    for f in dist/*; do syft "file:$f" -o spdx-json=s.json; done',
        "- uses: actions/attest@v4\n  with: {subject-path: 'dist/*', sbom-path: s.json}",
        "- run: gh release create v1 dist/*",
    ],
    "files by a list that only a run knows": [PUSH, DESCRIBE, "- run: gh release create v1 $(cat list.txt)"],
    "files by names that a program tells": [
        PUSH,
        DESCRIBE.replace("sbom.json", "dist/sbom.json"),
        '- run: |\n    files=()\n    while read -r name; do files+=("dist/$name"); done < <(jq -r .[] list.json)\n'
        '    gh release create v1 "${files[@]}"',
    ],
    **{
        f"of what {lines} has unpacked": [
            f"- run: |\n    go build -o shop ./cmd/shop\n    tar czf shop.tar.gz shop\n    {lines}\n"
            "    syft dir:out -o spdx-json=s.json",
            "- run: gh release create v1 shop.tar.gz s.json",
        ]
        for lines in (
            "tar xzf other.tar.gz -C out",
            "tar xzf shop.tar.gz -C out shop",
            "tar xzf shop.tar.gz -C out --exclude=lib",
        )
    },
    "of a package that was unpacked": [
        "- run: |\n    npm pack\n    tar xzf shop-1.tgz -C out\n    syft dir:out -o spdx-json=s.json",
        "- run: gh release create v1 shop-1.tgz s.json",
    ],
    "by BuildKit, if a variable says so": [PUSH.replace("push: true", "push: true, sbom: '${{ vars.SBOM }}'")],
    "by BuildKit, if the time says so": [PUSH.replace("push: true", "push: true, sbom: '${{ github.actor == 'x' }}'")],
    "by buildx, if a variable says so": [
        "- run: |\n    docker buildx build --push --sbom=$SBOM --metadata-file m.json -t ghcr.io/acme/shop:1.2 .\n"
    ],
    "by ko, if a variable says so": ["- run: ko build --sbom=$SBOM ./cmd/shop\n  env: {KO_DOCKER_REPO: ghcr.io/acme}"],
    "make may do it": [PUSH, "- run: make sbom"],
    "a variable nobody guarantees": [PUSH, DESCRIBE, ATTEST.replace("- run", "- if: vars.SBOM == 'yes'\n  run")],
}


@pytest.mark.parametrize("steps", DESCRIBED.values(), ids=DESCRIBED.keys())
def test_passes_when(steps: list[str]) -> None:
    assert judge("sbom-generated", released_by(*steps)).verdict == "pass"


@pytest.mark.parametrize("steps", NOT_DESCRIBED.values(), ids=NOT_DESCRIBED.keys())
def test_fails_when(steps: list[str]) -> None:
    assert judge("sbom-generated", released_by(*steps)).verdict == "fail"


@pytest.mark.parametrize("steps", UNDECIDED.values(), ids=UNDECIDED.keys())
def test_is_unknown_when(steps: list[str]) -> None:
    assert judge("sbom-generated", released_by(*steps)).verdict == "unknown"


def test_an_sbom_is_followed_through_artifacts() -> None:
    build = job(
        PUSH,
        DESCRIBE,
        "- uses: actions/upload-artifact@v7\n  with: {name: sbom, path: sbom.json}",
        outputs="{digest: '${{ steps.push.outputs.digest }}'}",
    )
    attest = job(
        "- uses: actions/download-artifact@v8\n  with: {name: sbom}",
        ATTEST.replace("steps.push", "needs.build"),
        needs="build",
    )
    assert judge("sbom-generated", repository_of(workflow(build=build, attest=attest))).verdict == "pass"


IMAGE = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (f"grype {IMAGE} -o cyclonedx-json=sbom.json", "pass"),
        (f"grype {IMAGE} -o cyclonedx-json --file sbom.json", "pass"),
        (f"grype {IMAGE} -o cyclonedx-json > sbom.json", "pass"),
        (f"grype {IMAGE} -o json > sbom.json", "fail"),
        (f"syft {IMAGE} -o json=a.json && grype sbom:a.json -o cyclonedx-json=sbom.json", "pass"),
        ("grype sbom:a.json -o cyclonedx-json=sbom.json", "unknown"),
        ("grype . -o cyclonedx-json=sbom.json", "fail"),
        (f"docker scout sbom --output sbom.json {IMAGE}", "pass"),
        (f"docker scout sbom --format spdx --output sbom.json registry://{IMAGE}", "pass"),
        (f"docker scout sbom --format list --output sbom.json {IMAGE}", "fail"),
        ("docker scout sbom --format spdx --output sbom.json fs://.", "fail"),
        (f"docker sbom --format spdx-json --output sbom.json {IMAGE}", "pass"),
        (f"docker sbom --output sbom.json {IMAGE}", "fail"),
        (f"bom generate --image={IMAGE} -o sbom.json", "pass"),
        (f"bom generate -i {IMAGE} --format json --output sbom.json", "pass"),
        (f"bom generate --format=json --image {IMAGE} > sbom.json", "pass"),
        ("bom generate --format=json -o sbom.json --image=ghcr.io/acme/shop:1.2", "fail"),
        ("bom generate -n https://acme.io/sbom -o sbom.json .", "fail"),
        ("bom generate -d . -o sbom.json", "fail"),
        (f"bom generate --image={IMAGE} -o other.json", "fail"),
        ("bom generate -c bom.yaml -o sbom.json", "unknown"),
    ],
)
def test_which_programs_make_one(command: str, expected: str) -> None:
    assert judge("sbom-generated", released_by(PUSH, SIGN, f"- run: {command}", ATTEST)).verdict == expected


@pytest.mark.parametrize(
    "program", ["grype dist -o cyclonedx-json=s.json", "docker scout sbom --output s.json fs://dist"]
)
def test_which_programs_make_one_of_files(program: str) -> None:
    steps = f"- run: go build -o dist/shop . && {program}", "- run: gh release create v1 dist/shop s.json"
    assert judge("sbom-generated", released_by(*steps)).verdict == "pass"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--attest type=sbom", "pass"),
        ("--attest=type=sbom,generator=docker/scout-sbom-indexer:1", "pass"),
        ("--attest type=sbom,disabled=true", "fail"),
        ("--attest type=provenance,mode=max", "fail"),
        ("--sbom=true", "pass"),
        ("--sbom=true --sbom=false", "fail"),
        ("--sbom=0", "fail"),
        ("--sbom=False", "fail"),
        ("--attest type=sbom,disabled=True", "fail"),
    ],
)
def test_buildx_is_told_to_add_an_sbom(options: str, expected: str) -> None:
    build = f"- run: docker buildx build --push {options} -t ghcr.io/acme/shop:1.2 ."
    assert judge("sbom-generated", released_by(build, SHIP)).verdict == expected


def test_what_regctl_attaches_may_be_an_sbom() -> None:
    put = f"regctl artifact put --artifact-type application/spdx+json --subject ghcr.io/acme/shop@{DIGEST}"
    steps = [PUSH, f"- run: syft ghcr.io/acme/shop@{DIGEST} -o spdx-json | {put}", SHIP]
    assert judge("sbom-generated", released_by(*steps)).verdict == "unknown"
    assert judge("sbom-generated", released_by(*steps[:1], *steps[2:])).verdict == "fail"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (f"syft {IMAGE} -o spdx-json", "pass"),
        (f"syft {IMAGE} -o spdx-json | jq .", "pass"),
        (f"trivy image --format spdx-json {IMAGE}", "pass"),
        (f"syft {IMAGE} -o spdx-json | jq 'del(.packages)'", "unknown"),
        (f"syft {IMAGE}", "fail"),
        ("syft . -o spdx-json", "fail"),
        ("echo '{}'", "fail"),
    ],
)
def test_what_is_handed_to_the_attestation_is_attested(made: str, expected: str) -> None:
    attests = f"cosign attest --yes --type spdxjson --predicate - {IMAGE}"
    assert judge("sbom-generated", released_by(PUSH, f"- run: |\n    {made} | {attests}", SHIP)).verdict == expected


@pytest.mark.parametrize(
    "build",
    [
        'echo "image=$(ko build --bare ./cmd/shop)" >> "$GITHUB_OUTPUT"',
        "docker buildx build --push --sbom=true -t ghcr.io/acme/shop:1 . || true",
    ],
)
def test_where_the_command_fails_that_builds_and_describes_there_is_nothing_to_describe(build: str) -> None:
    step = f"- run: {build}\n  env: {{KO_DOCKER_REPO: ghcr.io/acme/shop}}\n"
    files = released_by("- uses: actions/checkout@v7", step) | {"go.mod": "module github.com/acme/shop\n"}
    assert judge("sbom-generated", files).verdict == "pass"


OF_IMAGE = "syft ghcr.io/acme/shop@${{ steps.push.outputs.digest }} -o cyclonedx-json"
NOTHING_ELSE = "cosign attest --yes --type cyclonedx ghcr.io/acme/shop@${{ steps.push.outputs.digest }} --predicate"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((f"{NOTHING_ELSE} <({OF_IMAGE})",), "pass"),
        ((f"{NOTHING_ELSE} <({OF_IMAGE} | jq .)",), "pass"),
        ((f"{NOTHING_ELSE} <({OF_IMAGE} | jq '.components = []')",), "unknown"),
        ((f"{NOTHING_ELSE} <(syft . -o cyclonedx-json)",), "fail"),
        ((f"{NOTHING_ELSE} <(curl -fsSL https://example.org/sbom.json)",), "fail"),
        ((f"{OF_IMAGE}=sbom.json", f"{NOTHING_ELSE} <(cat sbom.json)"), "pass"),
        ((f"grype <({OF_IMAGE})", f"{NOTHING_ELSE} <(cat sbom.json)"), "fail"),
    ],
)
def test_an_sbom_is_handed_over_by_what_makes_it(lines: tuple[str, ...], expected: str) -> None:
    assert judge("sbom-generated", released_by(PUSH, script(*lines), SHIP)).verdict == expected


def test_what_is_handed_over_is_that_of_one_script_alone() -> None:
    first, second = script(f"grype <({OF_IMAGE})"), script(f"{NOTHING_ELSE} <(cat other.json)")
    assert judge("sbom-generated", released_by(PUSH, first, second, SHIP)).verdict == "fail"


def test_what_is_handed_over_lies_among_no_files() -> None:
    steps = ("- run: go build -o dist/shop .", "- uses: actions/attest@v4\n  with: {subject-path: dist/shop}")
    differ = script("diff <(sort a) <(cat b | jq .)", "gh release create v1 dist/*")
    assert judge("build-signed", released_by(*steps, differ)).verdict == "pass"


@pytest.mark.parametrize(
    ("subject", "on", "expected"),
    [
        ("dist/shop", "release", "unknown"),
        ("README.md", "release", "fail"),
        ("dist/shop", "{schedule: [{cron: '0 6 * * *'}]}", "fail"),
    ],
)
def test_a_run_that_the_release_starts_may_lay_an_sbom_beside_it(subject: str, on: str, expected: str) -> None:
    first = workflow(release=job("- run: go build -o dist/shop .", "- run: gh release create v1 dist/shop"))
    describe = script(
        "gh release download v1 -D dist",
        f"syft scan file:{subject} -o cyclonedx-json=sbom.json",
        "gh release upload v1 sbom.json",
    )
    files = {**repository_of(first), ".github/workflows/describe.yml": workflow(on, describe=job(describe))}
    assert judge("sbom-generated", files).verdict == expected
    assert judge("build-signed", files).verdict == "fail"  # nothing is signed before it is public


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("uv sync --locked --no-dev", "uvx --from cyclonedx-bom cyclonedx-py environment .venv -o s.json"), "unknown"),
        (("pip install -r requirements.txt", "cyclonedx-py environment -o s.json"), "unknown"),
        (("python -m pip install .", "python -m cyclonedx_py env -o s.json"), "unknown"),
        (("poetry install --only main", "poetry run cyclonedx-py venv -o s.json"), "unknown"),
        (("pip install cyclonedx-bom", "cyclonedx-py environment -o s.json"), "fail"),
        (("pip install requests", "cyclonedx-py environment -o s.json"), "fail"),
        (("uv sync", "cyclonedx-py requirements -o s.json"), "fail"),
    ],
)
def test_an_environment_of_the_sources_may_be_that_of_what_is_built_of_them(
    lines: tuple[str, ...], expected: str
) -> None:
    release = script(*lines, "uv build", "gh release create v1 dist/* s.json")
    assert judge("sbom-generated", released_by("- uses: actions/checkout@v7", release)).verdict == expected
    image = (PUSH, script(*lines), ATTEST.replace("sbom.json", "s.json"), SHIP)
    assert judge("sbom-generated", released_by("- uses: actions/checkout@v7", *image)).verdict == "fail"
    scan = script(*lines, "grype sbom:s.json --fail-on high", "uv build", "gh release create v1 dist/*")
    assert judge("vulnerabilities-gated", released_by("- uses: actions/checkout@v7", scan)).verdict == "pass"


TO_IMAGE = "cosign attest --yes --type cyclonedx ghcr.io/acme/shop@${{ steps.push.outputs.digest }} --predicate"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("cdxgen -t docker -o s.json {}", f"{TO_IMAGE} s.json"), "pass"),
        (("cdxgen --type oci -o s.json {}", f"{TO_IMAGE} s.json"), "pass"),
        (("cdxgen -t docker -o s.json ghcr.io/acme/shop:1.2", f"{TO_IMAGE} s.json"), "fail"),
        (("cdxgen -t python -o s.json .", f"{TO_IMAGE} s.json"), "fail"),
        (("syft {} -o json=s.json", "syft convert s.json -o cyclonedx-json=c.json", f"{TO_IMAGE} c.json"), "pass"),
        (("syft {} -o json=s.json", "syft convert s.json -o cyclonedx-json > c.json", f"{TO_IMAGE} c.json"), "pass"),
        (("syft . -o json=s.json", "syft convert s.json -o cyclonedx-json=c.json", f"{TO_IMAGE} c.json"), "fail"),
        (("syft {} -o json=s.json", "syft convert s.json -o syft-table=c.json", f"{TO_IMAGE} c.json"), "fail"),
        (("syft convert s.json -o cyclonedx-json=c.json", f"{TO_IMAGE} c.json"), "fail"),
        (("syft {} -o json=s.json", "gzip s.json", "gh release create v1 s.json.gz"), "pass"),
        (("syft {} -o json=s.json", "zstd s.json -o s.zst", "gh release create v1 s.zst"), "pass"),
        (("syft . -o json=s.json", "xz -k s.json", "gh release create v1 s.json.xz"), "fail"),
        (("syft {} -o json=s.json", "gzip s.json", "gh release create v1 s.json"), "fail"),
        (("syft {} -o json=s.json", "gzip -k s.json", "gh release create v1 s.json"), "pass"),
    ],
)
def test_an_sbom_by_other_programs_and_in_other_forms(lines: tuple[str, ...], expected: str) -> None:
    image = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
    steps = (PUSH, script(*(line.replace("{}", image, 1) for line in lines)), SHIP)
    assert judge("sbom-generated", released_by(*steps)).verdict == expected


@pytest.mark.parametrize(
    ("program", "file"), [("gzip", "shop.gz"), ("xz -k", "shop.xz"), ("zstd -T0 -o s.zst", "s.zst")]
)
def test_a_file_that_is_packed_by_itself_is_another_one_of_the_same(program: str, file: str) -> None:
    build = script("go build -o shop .", f"{program} shop")
    attest = "- uses: actions/attest@v4\n  with: {subject-path: FILE}"
    for signed, expected in (file, "pass"), ("shop", "fail"):
        steps = (build, attest.replace("FILE", signed), f"- run: gh release create v1 {file}")
        assert judge("build-signed", released_by(*steps)).verdict == expected
    describe = script("go build -o shop .", "syft file:shop -o spdx-json=s.json", f"{program} shop")
    assert (
        judge("sbom-generated", released_by(describe, f"- run: gh release create v1 {file} s.json")).verdict == "pass"
    )
