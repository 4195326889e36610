"""Which releases count as signed, and which only look like it."""

from __future__ import annotations

import pytest

from releasing import ATTEST, DESCRIBE, PUSH, SHIP, SIGN, TAG, job, released_by, repository_of, workflow
from trees import judge

DIGEST = "${{ steps.push.outputs.digest }}"


def verdict(files: dict[str, str | bytes | None]) -> str:
    outcome = judge("build-signed", files)
    return outcome.verdict


SIGNED = {
    "cosign by the digest of the build": [PUSH, SIGN, SHIP],
    "nothing but a push, signed afterwards": [PUSH, SIGN],
    "the digest travels through the step's env": [
        PUSH,
        'run: cosign sign --yes "$IMAGE@$DIGEST"\n  env: {IMAGE: ghcr.io/acme/shop, DIGEST: "' + DIGEST + '"}',
        SHIP,
    ],
    "the digest travels through GITHUB_ENV": [
        PUSH,
        f'run: echo "DIGEST={DIGEST}" >> "$GITHUB_ENV"',
        'run: cosign sign --yes "ghcr.io/acme/shop@${DIGEST}"',
    ],
    "the digest travels through GITHUB_OUTPUT": [
        PUSH,
        f'id: ref\n  run: echo "image=ghcr.io/acme/shop@{DIGEST}" >> $GITHUB_OUTPUT',
        "run: cosign sign --yes ${{ steps.ref.outputs.image }}",
    ],
    "a folded scalar over two lines": [
        PUSH,
        f"run: >-\n    cosign sign --yes\n    ghcr.io/acme/shop@{DIGEST}",
    ],
    "flow style and quoted keys": [PUSH, f'{{"run": \'cosign sign --yes "ghcr.io/acme/shop@{DIGEST}"\'}}'],
    "a key instead of an identity": [
        PUSH,
        f"run: cosign sign --key env://COSIGN_PRIVATE_KEY ghcr.io/acme/shop@{DIGEST}",
    ],
    "a platform attestation": [
        PUSH,
        f"uses: actions/attest@1e69f48acb82d1966a394da916b4c1698aa569d6\n"
        f"  with: {{subject-name: ghcr.io/acme/shop, subject-digest: '{DIGEST}', push-to-registry: true}}",
    ],
    "each tag of metadata-action by the digest": [
        "uses: docker/metadata-action@v6\n  id: meta\n  with: {images: ghcr.io/acme/shop}",
        "uses: docker/build-push-action@v7\n  id: push\n  with: {push: true, tags: '${{ steps.meta.outputs.tags }}'}",
        f'run: echo "$TAGS" | xargs -I {{}} cosign sign --yes {{}}@{DIGEST}\n'
        f"  env: {{TAGS: '${{{{ steps.meta.outputs.tags }}}}'}}",
    ],
    "docker push and the digest that it has recorded": [
        "run: |\n    docker build -t ghcr.io/acme/shop:1.2 .\n    docker push ghcr.io/acme/shop:1.2\n"
        "    REF=$(docker inspect --format='{{index .RepoDigests 0}}' ghcr.io/acme/shop:1.2)\n"
        '    cosign sign --yes "$REF"',
    ],
    "files, signed as they are built": [
        "run: uv build",
        "uses: actions/attest-build-provenance@v4\n  with: {subject-path: 'dist/*'}",
        "run: gh release create v1 dist/*",
    ],
    "files, by a signed list of their digests": [
        "run: |\n    uv build\n    sha256sum dist/* > checksums.txt\n"
        "    cosign sign-blob --yes --bundle c.bundle checksums.txt",
        "run: gh release create v1 dist/* checksums.txt c.bundle",
    ],
    "trusted publishing, which attests what it uploads": [
        "run: python -m build",
        "uses: pypa/gh-action-pypi-publish@v1.14.2",
    ],
    "a publisher that attests when it is asked to": [
        "run: python -m build",
        "uses: pypa/gh-action-pypi-publish@v1.10.3\n  with: {attestations: true}",
    ],
}

UNSIGNED = {
    "nobody signs": [PUSH, SHIP],
    "only a comment says so": [PUSH, f"run: |\n    # cosign sign ghcr.io/acme/shop@{DIGEST}\n    true"],
    "only an echo says so": [PUSH, f"run: echo cosign sign --yes ghcr.io/acme/shop@{DIGEST}"],
    "only a here-document says so": [
        PUSH,
        f"run: |\n    cat <<EOF\n    cosign sign ghcr.io/acme/shop@{DIGEST}\n    EOF",
    ],
    "only a step's name says so": [PUSH, f"name: cosign sign ghcr.io/acme/shop@{DIGEST}\n  run: 'true'"],
    "a tag is signed": [PUSH, "run: cosign sign --yes ghcr.io/acme/shop:1.2"],
    "the id of the configuration is signed": [
        PUSH,
        "run: cosign sign --yes ghcr.io/acme/shop@${{ steps.push.outputs.imageid }}",
    ],
    "the digest is looked up again": [
        PUSH,
        "run: |\n    DIGEST=$(crane digest ghcr.io/acme/shop:1.2)\n    cosign sign --yes ghcr.io/acme/shop@$DIGEST",
    ],
    "the digest of another build is signed": [
        PUSH,
        PUSH.replace("id: push", "id: other"),
        "run: cosign sign --yes ghcr.io/acme/shop@${{ steps.other.outputs.digest }}",
        SHIP,
    ],
    "another image is signed": [PUSH, f"run: cosign sign --yes ghcr.io/acme/tools@{DIGEST}"],
    "a variable that is overwritten on the way": [
        PUSH,
        f"run: |\n    D={DIGEST}\n    D=sha256:{'0' * 64}\n    cosign sign --yes ghcr.io/acme/shop@$D",
    ],
    "an output that nobody sets": [PUSH, "run: cosign sign --yes ghcr.io/acme/shop@${{ steps.psuh.outputs.digest }}"],
    "its failure is swallowed by the shell": [PUSH, f"run: cosign sign --yes ghcr.io/acme/shop@{DIGEST} || true", SHIP],
    "its failure is swallowed by the step": [
        PUSH,
        f"run: cosign sign --yes ghcr.io/acme/shop@{DIGEST}\n  continue-on-error: true",
        SHIP,
    ],
    "it is skipped on this event": [
        PUSH,
        f"if: github.event_name == 'pull_request'\n  run: cosign sign --yes ghcr.io/acme/shop@{DIGEST}",
    ],
    "the release comes before it": [PUSH, SHIP, SIGN],
    "the release comes in spite of its failure": [PUSH, SIGN, SHIP.replace("- run", "- if: always()\n  run")],
    "the wrong file is signed": [
        "run: uv build",
        "run: cosign sign-blob --yes --bundle b README.md",
        "run: gh release create v1 dist/*",
    ],
}

UNDECIDED = {
    "a variable nobody guarantees": [
        PUSH,
        f"if: vars.SIGN == 'yes'\n  run: cosign sign --yes ghcr.io/acme/shop@{DIGEST}",
    ],
    "make may sign": [PUSH, "run: make sign"],
    "a script may sign": [PUSH, "run: ./hack/sign.sh"],
    "an action that nobody knows may sign": [PUSH, "uses: acme/sign-image@v1"],
    "GoReleaser says it in its own configuration": ["uses: goreleaser/goreleaser-action@v6"],
}


@pytest.mark.parametrize("steps", SIGNED.values(), ids=SIGNED.keys())
def test_passes_when(steps: list[str]) -> None:
    assert verdict(released_by(*map(_step, steps))) == "pass"


@pytest.mark.parametrize("steps", UNSIGNED.values(), ids=UNSIGNED.keys())
def test_fails_when(steps: list[str]) -> None:
    assert verdict(released_by(*map(_step, steps))) == "fail"


@pytest.mark.parametrize("steps", UNDECIDED.values(), ids=UNDECIDED.keys())
def test_is_unknown_when(steps: list[str]) -> None:
    assert verdict(released_by(*map(_step, steps))) == "unknown"


def _step(text: str) -> str:
    return text if text.startswith("\n") else f"- {text}"


def test_a_job_that_needs_the_signer_waits_for_it() -> None:
    build = job(PUSH, outputs="{digest: '${{ steps.push.outputs.digest }}'}")
    sign = job("- run: cosign sign --yes ghcr.io/acme/shop@${{ needs.build.outputs.digest }}", needs="build")
    assert verdict(repository_of(workflow(build=build, sign=sign, ship=job(SHIP, needs="[build, sign]")))) == "pass"
    assert verdict(repository_of(workflow(build=build, sign=sign, ship=job(SHIP, needs="build")))) == "fail"
    assert (
        verdict(repository_of(workflow(build=build, sign=sign, ship=job(SHIP, needs="sign", if_="always()")))) == "fail"
    )


def test_a_permission_on_the_wrong_job_signs_nothing() -> None:
    build = job(PUSH, outputs="{digest: '${{ steps.push.outputs.digest }}'}")
    sign = job(
        "- run: cosign sign --yes ghcr.io/acme/shop@${{ needs.build.outputs.digest }}",
        needs="build",
        permissions="{packages: write}",
    )
    outcome = judge("build-signed", repository_of(workflow(build=build, sign=sign)))
    assert outcome.verdict == "fail"
    assert "id-token: write" in outcome.summary


def test_the_last_leg_of_a_matrix_is_not_all_of_it() -> None:
    matrix = "{matrix: {flavour: [alpine, debian]}}"
    build = job(PUSH, outputs="{digest: '${{ steps.push.outputs.digest }}'}", strategy=matrix)
    sign = job("- run: cosign sign --yes ghcr.io/acme/shop@${{ needs.build.outputs.digest }}", needs="build")
    assert verdict(repository_of(workflow(build=build, sign=sign))) == "fail"
    assert verdict(repository_of(workflow(build=job(PUSH, SIGN, strategy=matrix)))) == "pass"


def test_a_local_reusable_workflow_is_followed_and_capped_by_its_caller() -> None:
    called = """
        on:
          workflow_call:
            inputs: {digest: {type: string, required: true}}
        jobs:
          sign:
            runs-on: ubuntu-24.04
            permissions: {id-token: write, packages: write}
            steps:
              - run: cosign sign --yes ghcr.io/acme/shop@${{ inputs.digest }}
        """
    build = job(PUSH, outputs="{digest: '${{ steps.push.outputs.digest }}'}")
    call = "needs: build\nuses: ./.github/workflows/sign.yml\nwith: {digest: '${{ needs.build.outputs.digest }}'}\n"
    granted = call + "permissions: {id-token: write, packages: write}\n"
    files = {".github/workflows/sign.yml": called}
    assert verdict(repository_of(workflow(build=build, sign=granted), **files)) == "pass"
    assert (
        verdict(repository_of(workflow(build=build, sign=call + "permissions: {packages: write}\n"), **files)) == "fail"
    )


def test_a_local_workflow_that_cannot_be_read_is_there_all_the_same() -> None:
    call = workflow(release="uses: ./.github/workflows/ship.yml\npermissions: {id-token: write}\n")
    broken = repository_of(call, **{".github/workflows/ship.yml": "on: workflow_call\njobs: [\n"})
    outcome = judge("build-signed", broken)
    assert outcome.verdict == "unknown"
    assert "./.github/workflows/ship.yml: line 3: it is not valid YAML" in (outcome.reason or "")
    assert "there is no workflow" not in (outcome.reason or "")


def test_a_local_composite_action_is_followed() -> None:
    action = """
        inputs: {ref: {required: true}}
        runs:
          using: composite
          steps:
            - run: cosign sign --yes "${{ inputs.ref }}"
              shell: bash
        """
    use = "- uses: ./.github/actions/sign\n  with: {ref: 'ghcr.io/acme/shop@${{ steps.push.outputs.digest }}'}"
    files = repository_of(workflow(release=job(PUSH, use, SHIP)), **{".github/actions/sign/action.yml": action})
    assert verdict(files) == "pass"


def test_a_workflow_of_another_repository_is_out_of_sight() -> None:
    call = "uses: acme/workflows/.github/workflows/release.yml@v1\n"
    outcome = judge("build-signed", repository_of(workflow(release=f"{call}permissions: {{id-token: write}}\n")))
    assert outcome.verdict == "unknown"
    assert "acme/workflows" in (outcome.reason or "")
    assert verdict(repository_of(workflow(release=f"{call}secrets: {{key: '${{{{ secrets.KEY }}}}'}}\n"))) == "unknown"
    assert verdict(repository_of(workflow(release=call))) == "fail"  # without an identity or a key it signs nothing


def test_files_are_followed_through_artifacts() -> None:
    store = "- uses: actions/upload-artifact@v7\n  with: {name: dist, path: dist/}"
    fetch = "- uses: actions/download-artifact@v8\n  with: {name: dist, path: dist}"
    sign = "- uses: actions/attest@v4\n  with: {subject-path: 'dist/*'}"
    build = job("- run: python -m build --outdir dist", store)
    ship = job(fetch, "- uses: softprops/action-gh-release@v3\n  with: {files: 'dist/*'}", needs="sign")
    assert verdict(repository_of(workflow(build=build, sign=job(fetch, sign, needs="build"), ship=ship))) == "pass"
    rebuilt = job("- run: uv build", "- run: gh release create v1 dist/*", needs="sign")
    assert verdict(repository_of(workflow(build=build, sign=job(fetch, sign, needs="build"), ship=rebuilt))) == "fail"


def test_what_pull_requests_do_is_no_release() -> None:
    files = repository_of(workflow("pull_request", check=job(PUSH, SIGN)))
    assert verdict(files) == "fail"


def test_a_pipeline_of_another_service_is_out_of_sight() -> None:
    assert verdict({".circleci/config.yml": "version: 2.1\n"}) == "unknown"
    assert verdict({"README.md": "# Signed with cosign\n"}) == "fail"


def test_evidence_names_the_lines() -> None:
    outcome = judge("build-signed", released_by(PUSH, SIGN, SHIP))
    assert [(each.role, each.line) for each in outcome.evidence] == [("built", 8), ("signed", 11), ("shipped", 12)]


def test_an_sbom_attestation_is_no_signature_of_the_build() -> None:
    assert verdict(released_by(PUSH, DESCRIBE, ATTEST)) == "fail"


def test_every_event_that_ships_is_asked() -> None:
    on = "{push: {tags: ['v*'], branches: [main]}}"
    guarded = SIGN.replace("- run", "- if: startsWith(github.ref, 'refs/tags/v')\n  run")
    assert verdict(released_by(PUSH, guarded, SHIP, on=TAG)) == "pass"
    assert verdict(released_by(PUSH, guarded, SHIP, on=on)) == "fail"


DOWNLOADED = '- run: gh release download "$TAG" %s\n  env: {TAG: "${{ github.event.release.tag_name }}"}'
PUSHED = '- run: dotnet nuget push "*.nupkg"'


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((DOWNLOADED % "", PUSHED), "unknown"),
        ((DOWNLOADED % '--pattern "*.nupkg"', PUSHED), "unknown"),
        ((DOWNLOADED % "-D notes", PUSHED), "fail"),
        (("- run: gh release create v1 *.nupkg", DOWNLOADED % "", PUSHED), "fail"),
    ],
)
def test_files_of_an_earlier_release_were_signed_where_they_were_made_or_not(
    steps: tuple[str, ...], expected: str
) -> None:
    published = workflow("{release: {types: [published]}}", publish=job(*steps))
    assert judge("build-signed", repository_of(published)).verdict == expected


@pytest.mark.parametrize(
    ("pushed", "signed", "expected"),
    [
        ("vars.PUBLISH == 'true'", "vars.PUBLISH == 'true'", "pass"),
        ("vars.PUBLISH == 'true' && vars.SIGN == 'true'", "vars.SIGN == 'true'", "pass"),
        ("vars.PUBLISH == 'true' || vars.TRIED == 'true'", "vars.TRIED == 'true'", "unknown"),
        ("vars.PUBLISH == 'true'", "vars.PUBLISH == 'true' && vars.SIGN == 'true'", "unknown"),
        ("vars.PUBLISH != 'true'", "vars.PUBLISH == 'true'", "unknown"),
        ("vars.PUBLISH", "vars.PUBLISH", "pass"),
        ("!vars.PUBLISH", "vars.PUBLISH", "unknown"),
    ],
)
def test_what_is_pushed_under_a_condition_is_signed_under_the_same(pushed: str, signed: str, expected: str) -> None:
    push = PUSH.replace("push: true", f'push: "${{{{ {pushed} }}}}"')
    assert judge("build-signed", released_by(push, f'{SIGN.rstrip()}\n  if: "{signed}"\n')).verdict == expected
