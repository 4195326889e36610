"""Tools that build, push and sign by themselves, and the workflows of others that do: what is proven of each."""

from __future__ import annotations

import pytest

from releasing import job, released_by, repository_of, workflow
from trees import judge


def signed(*steps: str, **more: str) -> str:
    return judge("build-signed", released_by(*steps, **more)).verdict


def described(*steps: str) -> str:
    return judge("sbom-generated", released_by(*steps)).verdict


def run(*lines: str) -> str:
    return "- run: |\n" + "".join(f"    {line}\n" for line in lines)


def test_the_certificate_of_an_author_is_no_build_signature() -> None:
    steps = (
        run("dotnet pack -o out", "dotnet nuget sign out/*.nupkg --certificate-path acme.pfx"),
        run("dotnet nuget push out/*.nupkg"),
    )
    assert signed(*steps) == "fail"
    assert signed(steps[0], "- uses: actions/attest@v4\n  with: {subject-path: out/*.nupkg}", steps[1]) == "pass"


KO = "export KO_DOCKER_REPO=ghcr.io/acme/shop"
DIGESTFILE = 'cosign sign --yes "ghcr.io/acme/shop@$(cat digest.txt)"'

BUILT = "go build -o dist/shop ."
SIGN_SUMS = "cosign sign-blob --yes --bundle sums.bundle sums"

SCRIPTS = {
    "ko, signed by its output": ([KO, "cosign sign --yes $(ko build --bare ./cmd/shop)"], "pass"),
    "ko, by a variable": ([KO, "IMAGE=$(ko build ./cmd/shop -B -t v1,latest)", 'cosign sign --yes "$IMAGE"'], "pass"),
    "ko, by the file with its references": (
        [KO, "ko build --bare --image-refs refs.txt .", "cosign sign --yes $(cat refs.txt)"],
        "pass",
    ),
    "ko, by what was written to a file": (
        [KO, "ko build --bare . > refs.txt", "cosign sign --yes $(cat refs.txt)"],
        "pass",
    ),
    "ko, for this command alone": (["cosign sign --yes $(KO_DOCKER_REPO=ghcr.io/acme/shop ko build --bare .)"], "pass"),
    "ko, several programs": ([KO, "cosign sign --yes $(ko build -B ./cmd/shop ./cmd/tools)"], "pass"),
    "ko, one of several programs": ([KO, "cosign sign --yes $(ko build -B ./a)", "ko build -B ./b"], "fail"),
    "ko, its name and its digest apart": (
        [KO, "REF=$(ko build --bare .)", "NAME=$(echo $REF | cut -d@ -f1)", 'cosign sign --yes "$NAME@${REF#*@}"'],
        "pass",
    ),
    "ko, by its name alone": (
        [KO, "REF=$(ko build --bare .)", "NAME=$(echo $REF | cut -d@ -f1)", 'cosign sign --yes "$NAME"'],
        "fail",
    ),
    "ko, by the tag that it prints": (
        [KO, "IMAGE=$(ko build --bare --tag-only -t v1 .)", 'cosign sign --yes "$IMAGE"'],
        "fail",
    ),
    "ko, nobody signs": ([KO, "ko build --bare ."], "fail"),
    "ko, by its tag": ([KO, "ko build --bare .", "cosign sign --yes ghcr.io/acme/shop:latest"], "fail"),
    "ko, another build of it": (
        [KO, "IMAGE=$(ko build --bare .)", "ko build --bare ./other", 'cosign sign --yes "$IMAGE"'],
        "fail",
    ),
    "ko, unnoticed": ([KO, "IMAGE=$(ko build --bare .)", 'cosign sign --yes "$IMAGE" || true'], "fail"),
    "ko, nothing is pushed": ([KO, "ko build --push=false ."], "fail"),
    "ko, to a registry of the job": (["KO_DOCKER_REPO=registry.local:5000/shop ko build --bare ."], "fail"),
    "ko, on the machine": (["ko build --local ."], "fail"),
    "ko resolve, signed": (
        [KO, "ko resolve -f config/ --image-refs refs.txt > release.yaml", "cosign sign --yes $(cat refs.txt)"],
        "pass",
    ),
    "ko resolve, unsigned": ([KO, "ko resolve -f config/ > release.yaml", "gh release create v1 release.yaml"], "fail"),
    "ko apply deploys at once": ([KO, "ko apply -f config/"], "fail"),
    "buildah, by the file with its digest": (
        ["buildah bud -t shop .", "buildah push --digestfile digest.txt shop docker://ghcr.io/acme/shop:1", DIGESTFILE],
        "pass",
    ),
    "buildah, unsigned": (["buildah bud -t shop .", "buildah push shop docker://ghcr.io/acme/shop:1"], "fail"),
    "buildah, the id of the configuration": (
        ["buildah bud --iidfile digest.txt -t shop .", "buildah push shop docker://ghcr.io/acme/shop:1", DIGESTFILE],
        "fail",
    ),
    "podman, by the file with its digest": (
        [
            "podman build -t ghcr.io/acme/shop:1 .",
            "podman push --digestfile=digest.txt ghcr.io/acme/shop:1",
            DIGESTFILE,
        ],
        "pass",
    ),
    "podman, pushed again": (
        [
            "podman build -t ghcr.io/acme/shop:1 .",
            "podman push --digestfile=digest.txt ghcr.io/acme/shop:1",
            "podman build -t ghcr.io/acme/shop:1 other",
            "podman push ghcr.io/acme/shop:1",
            DIGESTFILE,
        ],
        "fail",
    ),
    "buildx, by the descriptor in its metadata": (
        [
            "docker buildx build --push -t ghcr.io/acme/shop:1 --metadata-file meta.json .",
            "cosign sign --yes ghcr.io/acme/shop@$(jq -r '.\"containerimage.descriptor\".digest' meta.json)",
        ],
        "pass",
    ),
    "podman, an index with its digest": (
        ["podman manifest push --digestfile digest.txt list docker://ghcr.io/acme/shop:1", DIGESTFILE],
        "pass",
    ),
    "kaniko, by the file with its digest": (
        ["executor --context . --destination ghcr.io/acme/shop:1 --digest-file digest.txt", DIGESTFILE],
        "pass",
    ),
    "kaniko, unsigned": (["docker run gcr.io/kaniko-project/executor:v1 -d ghcr.io/acme/shop:1"], "fail"),
    "kaniko, nothing is pushed": (["executor -d ghcr.io/acme/shop:1 --no-push"], "fail"),
    "kaniko, by the file with its reference": (
        [
            "executor -d ghcr.io/acme/shop:1 --image-name-with-digest-file ref.txt",
            "cosign sign --yes $(cat ref.txt)",
        ],
        "pass",
    ),
    "buildpacks, unsigned": (["pack build ghcr.io/acme/shop:1 --builder x --publish"], "fail"),
    "buildpacks, looked up again": (
        [
            "pack build ghcr.io/acme/shop:1 -B x --publish",
            "cosign sign --yes ghcr.io/acme/shop@$(crane digest ghcr.io/acme/shop:1)",
        ],
        "fail",
    ),
    "buildpacks, by the digest in their report": (
        [
            "pack build ghcr.io/acme/shop:1 -B x --publish --report-output-dir out",
            "cosign sign --yes ghcr.io/acme/shop@$(yq -p toml .image.digest out/report.toml)",
        ],
        "pass",
    ),
    "buildpacks, by the report of what is not pushed": (
        [
            "pack build ghcr.io/acme/shop:1 -B x --report-output-dir out && docker push ghcr.io/acme/shop:1",
            "cosign sign --yes ghcr.io/acme/shop@$(yq -p toml .image.digest out/report.toml)",
        ],
        "unknown",
    ),
    "crane push, signed by its output": (
        ["docker save shop > shop.tar", "cosign sign --yes $(crane push shop.tar ghcr.io/acme/shop:1)"],
        "pass",
    ),
    "crane push, unsigned": (["crane push shop.tar ghcr.io/acme/shop:1"], "fail"),
    "skopeo pushes an archive, unsigned": (["skopeo copy oci:shop docker://ghcr.io/acme/shop:1"], "fail"),
    "skopeo pushes an archive, by the file with its digest": (
        ["skopeo copy --digestfile digest.txt oci:shop docker://ghcr.io/acme/shop:1", DIGESTFILE],
        "pass",
    ),
    "GPG is no build signature": (
        ["uv build", "gpg --batch --detach-sign -a dist/*", "gh release create v1 dist/*"],
        "fail",
    ),
    "nor is minisign": (["uv build", "minisign -S -s key -m dist/shop.whl", "gh release create v1 dist/*"], "fail"),
    "Content Trust is no build signature": (
        ["docker build -t acme/shop:1 .", "docker push acme/shop:1", "docker trust sign acme/shop:1"],
        "fail",
    ),
    "a crate": (["cargo publish"], "fail"),
    "a gem": (["gem build shop.gemspec", "gem push shop-1.gem"], "fail"),
    "a package for .NET": (["dotnet pack -o out", "dotnet nuget push out/*.nupkg -k ${{ secrets.KEY }}"], "fail"),
    "built and published by Poetry": (["poetry publish --build"], "fail"),
    "attested for the Python index": (
        ["uv build", "pypi-attestations sign dist/*", "twine upload --attestations dist/*"],
        "pass",
    ),
    "attested for the Python index, by module": (
        ["uv build", "python -m pypi_attestations sign dist/*", "python -m twine upload --attestations dist/*"],
        "pass",
    ),
    "attested, and uploaded without": (
        ["uv build", "pypi-attestations sign dist/*", "twine upload dist/*"],
        "fail",
    ),
    "attested, and only the packages are named": (
        ["uv build", "pypi-attestations sign dist/*", "twine upload --attestations dist/*.whl dist/*.tar.gz"],
        "fail",
    ),
    "attested, and uploaded by uv": (["uv build", "pypi-attestations sign dist/*", "uv publish"], "pass"),
    "attested, and uploaded by uv without": (
        ["uv build", "pypi-attestations sign dist/*", "uv publish --no-attestations"],
        "fail",
    ),
    "attested, and uploaded by uv without, by a variable": (
        ["uv build", "pypi-attestations sign dist/*", "UV_PUBLISH_NO_ATTESTATIONS=1 uv publish"],
        "fail",
    ),
    "signed beside the files, all of which are released": (
        ["uv build", "sigstore sign dist/*", "gh release create v1 dist/*.whl dist/*.tar.gz dist/*.sigstore.json"],
        "pass",
    ),
    "signed beside the files, which alone are released": (
        ["uv build", "sigstore sign dist/*", "gh release create v1 dist/*.whl dist/*.tar.gz"],
        "fail",
    ),
    "a signed list of sums": (
        [BUILT, "cd dist", "sha256sum shop > sums", SIGN_SUMS, "gh release create v1 *"],
        "pass",
    ),
    "a signed list of sums that others have, too": (
        [BUILT, "cd dist", "md5sum shop > sums", SIGN_SUMS, "gh release create v1 *"],
        "fail",
    ),
    "a signed list of sums that is not released": (
        [BUILT, "cd dist", "sha256sum shop > sums", SIGN_SUMS, "gh release create v1 shop sums.bundle"],
        "fail",
    ),
    "a signed list of sums that is written again": (
        [BUILT, "cd dist", "sha256sum shop > sums", SIGN_SUMS, "sha256sum * > sums", "gh release create v1 *"],
        "fail",
    ),
    "a signed list of sums under another name": (
        [BUILT, "cd dist", "sha256sum shop > sums", SIGN_SUMS, "mv sums sums.txt", "gh release create v1 *"],
        "pass",
    ),
    "attestations that nobody has made": (["uv build", "twine upload --attestations dist/*"], "fail"),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), SCRIPTS.values(), ids=SCRIPTS.keys())
def test_scripts(lines: list[str], expected: str) -> None:
    assert signed(run(*lines)) == expected


def test_ko_attaches_an_sbom() -> None:
    assert described(run(KO, "ko build --bare .")) == "pass"
    assert described(run(KO, "ko build --bare --sbom=none .")) == "fail"


def test_where_ko_pushes_may_be_set_by_an_action() -> None:
    sign = run('cosign sign --yes "$(ko build --bare .)"', "gh release create v1")
    outcome = judge("build-signed", released_by("- uses: ko-build/setup-ko@v0.9", sign))
    assert (outcome.verdict, "ghcr.io/${{ github.repository }}" in outcome.summary) == ("pass", True)


def test_gpg_and_content_trust_are_named() -> None:
    for lines, name in (
        (SCRIPTS["GPG is no build signature"], "GPG"),
        (SCRIPTS["Content Trust is no build signature"], "Content"),
    ):
        outcome = judge("build-signed", released_by(run(*lines[0])))
        assert name in outcome.summary
        assert "no build signature" in outcome.summary


def test_an_action_that_tries_again_runs_commands() -> None:
    push = "- id: push\n  uses: docker/build-push-action@v7\n  with: {push: true, tags: 'ghcr.io/acme/shop:1'}"
    command = "cosign sign --yes ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
    retry = "- uses: nick-fields/retry@v3\n  with: {max_attempts: 3, timeout_minutes: 5, command: '%s'%s}"
    assert signed(push, retry % (command, "")) == "pass"
    assert signed(push, retry % (f"{command} || true", "")) == "fail"
    assert signed(push, retry % (f"echo {command}", "")) == "fail"
    assert signed(push, retry % (command, ", continue_on_error: true")) == "unknown"
    lines = "- uses: nick-fields/retry@v3\n  with:\n    max_attempts: 3\n    command: |\n      %s\n      %s\n"
    assert signed(push, lines % ("cosign version", command)) == "pass"
    assert signed(push, lines % (command, "echo signed")) == "fail"  # it is no shell that stops at a failure
    assert signed(push, lines % (f"set -e\n      {command}", "echo signed")) == "pass"


def test_notation_signs_a_reference() -> None:
    push = "- id: push\n  uses: docker/build-push-action@v7\n  with: {push: true, tags: 'ghcr.io/acme/shop:1'}"
    use = "- uses: notaryproject/notation-action/sign@v1\n  with: {target_artifact_reference: 'ghcr.io/acme/shop%s'}"
    assert signed(push, use % "@${{ steps.push.outputs.digest }}") == "pass"
    assert signed(push, use % ":1") == "fail"


def test_actions_that_push_and_attest() -> None:
    push = (
        "- id: push\n  uses: redhat-actions/push-to-registry@v2\n"
        "  with: {image: shop, tags: 1 latest, registry: ghcr.io/acme}"
    )
    sign = "- run: cosign sign --yes ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
    assert signed("- uses: redhat-actions/buildah-build@v2", push, sign) == "pass"
    assert signed("- uses: redhat-actions/buildah-build@v2", push) == "fail"
    build = "- id: build\n  uses: redhat-actions/buildah-build@v2\n  with: {image: shop, tags: 1 latest}"
    built = push.replace("image: shop, tags: 1 latest", "IMAGE, TAGS").replace("IMAGE", "image: '${{ OF.image }}'")
    built = built.replace("TAGS", "tags: '${{ OF.tags }}'").replace("OF", "steps.build.outputs")
    assert signed(build, built, sign) == "pass"
    assert signed(build, built, sign.replace("acme/shop@", "acme/stock@")) == "fail"
    attest = "- uses: astral-sh/attest-action@v0.0.6"
    assert signed("- run: uv build", attest, "- run: uv publish") == "pass"
    assert signed("- run: uv build", "- run: uv publish", attest) == "fail"
    assert signed("- run: uv build", attest + "\n  with: {paths: out/*}", "- run: uv publish") == "fail"
    assert signed("- run: uv build", attest, "- run: uv publish", permissions="{contents: read}") == "fail"


GENERIC = "slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml"
LISTED = 'echo "hashes=$(sha256sum dist/* | base64 -w0)" >> "$GITHUB_OUTPUT"'
STORE = "- uses: actions/upload-artifact@v7\n  with: {name: dist, path: dist/}"
FETCH = "- uses: actions/download-artifact@v8\n  with: {name: dist, path: dist}"


PUBLISH = ", upload-assets: true"


def provenance(
    listing: str = LISTED, *, ref: str = "v2.1.0", needs: str = "[sign]", more: str = PUBLISH, fetch: str = FETCH
) -> str:
    """A library whose provenance a generator signs: built in one job, released in another."""
    build = job(
        "- run: uv build",
        f"- id: list\n  run: {listing}",
        STORE,
        outputs="{hashes: '${{ steps.list.outputs.hashes }}'}",
    )
    sign = (
        f"needs: build\nuses: {GENERIC}@{ref}\npermissions: {{id-token: write, contents: write, actions: read}}\n"
        f"with: {{base64-subjects: '${{{{ needs.build.outputs.hashes }}}}'{more}}}\n"
    )
    ship = job(fetch, "- run: gh release create v1 dist/*", needs=needs)
    return judge("build-signed", repository_of(workflow(build=build, sign=sign, ship=ship))).verdict


def test_a_generator_of_provenance_signs_what_is_listed() -> None:
    assert provenance() == "pass"
    assert (
        provenance('sha256sum dist/* > sums.txt; echo "hashes=$(cat sums.txt | base64 -w0)" >> $GITHUB_OUTPUT')
        == "pass"
    )
    assert provenance('sha256sum dist/* > sums.txt; echo "hashes=$(base64 -w0 < sums.txt)" >> $GITHUB_OUTPUT') == "pass"
    in_folder = 'cd dist && echo "hashes=$(sha256sum * | base64 -w0)" >> "$GITHUB_OUTPUT"'
    assert provenance(in_folder) == "pass"
    assert provenance('echo "hashes=$(cd dist && sha256sum * | base64 -w0)" >> "$GITHUB_OUTPUT"') == "pass"
    assert provenance(in_folder.replace("cd dist", "cd other")) == "unknown"
    assert provenance(f"rm -r dist && mkdir out; {in_folder}") != "pass"
    assert provenance('echo "hashes=$(sha256sum README.md | base64 -w0)" >> "$GITHUB_OUTPUT"') == "fail"
    assert provenance('echo "hashes=$(./hack/sums | base64 -w0)" >> "$GITHUB_OUTPUT"') == "unknown"


def test_a_generator_has_to_be_waited_for_and_may_not_fail() -> None:
    assert provenance(needs="[build]") == "fail"
    assert provenance(more=f"{PUBLISH}, continue-on-error: true") == "fail"
    assert provenance(ref="3e5e1b5b2b3b0f1b2b3b0f1b2b3b0f1b2b3b0f1b") == "fail"


@pytest.mark.parametrize(
    ("fetch", "more", "verdict"),
    [
        (FETCH, "", "fail"),
        (FETCH, ", upload-assets: false, provenance-name: shop.intoto.jsonl", "fail"),
        (FETCH, ", upload-assets: '${{ vars.UPLOAD }}'", "unknown"),
        (f"{FETCH}\n- uses: actions/download-artifact@v8\n  with: {{path: proof}}", "", "fail"),
        ("- uses: actions/download-artifact@v8\n  with: {path: dist, merge-multiple: true}", "", "pass"),
        (
            f"{FETCH}\n- uses: actions/download-artifact@v8\n"
            "  with: {name: '${{ needs.sign.outputs.provenance-name }}', path: dist}",
            "",
            "pass",
        ),
        (
            f"{FETCH}\n- uses: actions/download-artifact@v8\n  with: {{name: shop.intoto.jsonl, path: dist}}",
            ", provenance-name: shop.intoto.jsonl",
            "pass",
        ),
        (f"{FETCH}\n- uses: actions/download-artifact@v8\n- run: cp multiple.intoto.jsonl/* dist/", "", "pass"),
    ],
)
def test_the_provenance_of_a_generator_is_published(fetch: str, more: str, verdict: str) -> None:
    assert provenance(more=more, fetch=fetch) == verdict


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ("https://upload.pypi.org/legacy/", "pass"),
        ("https://pypi.acme.example/legacy/", "fail"),
        ("${{ vars.INDEX }}", "unknown"),
    ],
)
def test_attestations_are_for_the_index_of_python_alone(index: str, expected: str) -> None:
    publish = f"- uses: pypa/gh-action-pypi-publish@release/v1\n  with: {{repository-url: '{index}'}}\n"
    assert signed(run("uv build"), publish) == expected


def test_what_is_laid_beside_a_file_without_an_ending_is_another_file() -> None:
    """Nobody says whether `out/shop` is a file or a folder; the provenance fetched after it is surely itself."""
    build = job(
        "- run: cargo build --release && mkdir out && cp target/release/shop out/shop",
        f"- id: list\n  run: {LISTED.replace('dist/*', 'out/shop')}",
        "- uses: actions/upload-artifact@v7\n  with: {name: shop, path: out/shop}",
        outputs="{hashes: '${{ steps.list.outputs.hashes }}'}",
    )
    sign = (
        f"needs: build\nuses: {GENERIC}@v2.1.0\npermissions: {{id-token: write, contents: write, actions: read}}\n"
        "with: {base64-subjects: '${{ needs.build.outputs.hashes }}', provenance-name: shop.intoto.jsonl}\n"
    )
    by_name = "- uses: actions/download-artifact@v8\n  with: {name: NAME}"
    proof, source = "--provenance-path shop.intoto.jsonl", "--source-uri github.com/acme/shop"
    verify = f"- run: slsa-verifier verify-artifact shop {proof} {source}"
    ship = "- run: gh release create v1 shop shop.intoto.jsonl"
    fetch = [by_name.replace("NAME", name) for name in ("shop", "shop.intoto.jsonl")]
    for steps, expected in ([*fetch, verify, ship], "pass"), ([*fetch, verify, "- run: strip shop", ship], "fail"):
        files = repository_of(workflow(build=build, sign=sign, ship=job(*steps, needs="[build, sign]")))
        assert judge("provenance-verified", files).verdict == expected


def test_a_builder_that_signs_and_releases_by_itself() -> None:
    uses = "uses: slsa-framework/slsa-github-generator/.github/workflows/builder_go_slsa3.yml@v2.1.0\n"
    granted = uses + "permissions: {id-token: write, contents: write, actions: read}\n"
    assert judge("build-signed", repository_of(workflow(build=granted))).verdict == "pass"
    assert (
        judge("build-signed", repository_of(workflow(build=uses + "permissions: {contents: write}\n"))).verdict
        == "fail"
    )
    handed = granted + "with: {upload-assets: false}\n"
    fetch = (
        "- uses: actions/download-artifact@v8\n  with: {name: '${{ needs.build.outputs.go-binary-name }}', path: out}"
    )
    ship = job(fetch, "- run: gh release create v1 out/*", needs="build")
    assert judge("build-signed", repository_of(workflow(build=handed, ship=ship))).verdict == "pass"


def test_a_builder_of_images_that_signs_by_itself() -> None:
    uses = "uses: docker/github-builder/.github/workflows/build.yml@v1\n"
    granted = uses + "permissions: {id-token: write, packages: write, contents: read}\n"
    inputs = "with: {output: image, push: true, meta-images: ghcr.io/acme/shop%s}\n"
    ship = job("- run: gh release create v1", needs="build")

    def verdicts(call: str) -> tuple[str, str]:
        files = repository_of(workflow(build=call, ship=ship))
        return judge("build-signed", files).verdict, judge("sbom-generated", files).verdict

    assert verdicts(granted + inputs % ", sbom: true") == ("pass", "pass")
    assert verdicts(granted + inputs % ", sign: false") == ("fail", "fail")
    assert verdicts(uses + "permissions: {packages: write}\n" + inputs % "")[0] == "fail"
    assert verdicts(granted + inputs % ", sign: '${{ vars.SIGN }}'")[0] == "unknown"
    assert verdicts(granted + (inputs % "").replace("push: true", "push: '${{ vars.PUSH }}'"))[0] == "unknown"


def test_a_release_beside_a_builder_that_signs_under_several_names_does_not_wait() -> None:
    """That one of the names is only known in a run is no doubt about the other."""
    build = (
        "uses: docker/github-builder/.github/workflows/build.yml@v1\n"
        "permissions: {id-token: write, packages: write, contents: read}\nwith:\n  output: image\n  push: true\n"
        "  meta-images: |\n    ghcr.io/acme/shop\n    ${{ vars.NAMESPACE }}/shop\n"
    )
    for needs, expected in ("", "fail"), ("build", "pass"):
        ship = job("- run: gh release create v1", needs=needs) if needs else job("- run: gh release create v1")
        assert judge("build-signed", repository_of(workflow(build=build, ship=ship))).verdict == expected


def test_what_to_do_about_files_is_no_matter_of_digests() -> None:
    files = released_by("- run: python -m build\n", "- run: twine upload dist/*\n")
    fixes = {
        "build-signed": "Attest the files",
        "sbom-generated": "Make an SBOM of the very files",
        "provenance-verified": "Verify the attestation of the very files",
        "vulnerabilities-gated": "Scan the dependencies",
    }
    for check, words in fixes.items():
        outcome = judge(check, files)
        assert outcome.verdict == "fail"
        assert outcome.fix is not None
        assert outcome.fix.summary.startswith(words)
    scanned = released_by("- run: pip-audit\n", "- run: python -m build\n", "- run: twine upload dist/*\n")
    assert judge("vulnerabilities-gated", scanned).verdict == "pass"


def test_packages_for_hackage_are_published_where_that_is_asked_for() -> None:
    made = run("cabal sdist -o dist")
    publish = "- uses: haskell-actions/hackage-publish@v1\n  with: {packagesPath: dist, hackageToken: x, publish: true}"
    attest = "- uses: actions/attest@v4\n  with: {subject-path: 'dist/*'}"
    assert signed(made, publish) == "fail"
    assert signed(made, publish.replace(", publish: true", ""), attest, publish) == "pass"
    assert signed(made, publish, attest) == "fail"
