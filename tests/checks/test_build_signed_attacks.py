"""Releases that look signed and are not, or of which nobody can know: every one is a way to fool a reader of names."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, job, released_by, repository_of, workflow
from trees import judge

DIGEST = "${{ steps.push.outputs.digest }}"
BUILT = "${{ needs.build.outputs.digest }}"
SIGN_BUILT = f'- run: cosign sign --yes "ghcr.io/acme/shop@{BUILT}"'
BUILD = job(PUSH, outputs=f"{{digest: '{DIGEST}'}}")
OTHER = PUSH.replace("id: push", "id: other").replace("acme/shop", "acme/tools")


def verdict(files: dict[str, str | bytes | None]) -> str:
    return judge("build-signed", files).verdict


def sign(*options: str, target: str = f"ghcr.io/acme/shop@{DIGEST}") -> str:
    return f"- run: cosign sign {' '.join(options)} {target}"


NEVER_SIGNED = {
    "it asks for help": [PUSH, sign("--help"), SHIP],
    "it says its version": [PUSH, "- run: cosign version && cosign sign --version", SHIP],
    "a dry run": [PUSH, sign("--dry-run"), SHIP],
    "it only verifies": [PUSH, f"- run: cosign verify ghcr.io/acme/shop@{DIGEST}", SHIP],
    "it signs the text of the digest": [
        PUSH,
        f"- run: echo {DIGEST} > digest.txt && cosign sign-blob --yes digest.txt",
        SHIP,
    ],
    "a function that nobody calls": [
        PUSH,
        f"- run: |\n    s() {{ cosign sign --yes ghcr.io/acme/shop@{DIGEST}; }}\n    echo s",
        SHIP,
    ],
    "in the background": [
        PUSH,
        f"- run: |\n    cosign sign --yes ghcr.io/acme/shop@{DIGEST} &\n    echo started",
        SHIP,
    ],
    "errors are switched off": [
        PUSH,
        f"- run: |\n    set +e\n    cosign sign --yes ghcr.io/acme/shop@{DIGEST}\n    echo done",
        SHIP,
    ],
    "a timeout that may fail": [PUSH, f"- run: timeout 60 cosign sign --yes ghcr.io/acme/shop@{DIGEST} || true", SHIP],
    "a pipe without pipefail": [PUSH, f"- run: cosign sign --yes ghcr.io/acme/shop@{DIGEST} | tee log", SHIP],
    "a condition of the shell that never holds": [
        PUSH,
        f"- run: if false; then cosign sign --yes ghcr.io/acme/shop@{DIGEST}; fi",
        SHIP,
    ],
    "after an exit": [PUSH, f"- run: |\n    exit 0\n    cosign sign --yes ghcr.io/acme/shop@{DIGEST}", SHIP],
    "only after a failure": [PUSH, f"- if: failure()\n  run: cosign sign --yes ghcr.io/acme/shop@{DIGEST}", SHIP],
    "only when the run was cancelled": [
        PUSH,
        f"- if: cancelled()\n  run: cosign sign --yes ghcr.io/acme/shop@{DIGEST}",
        SHIP,
    ],
    "an expression lets it fail": [
        PUSH,
        SIGN.rstrip() + "\n  continue-on-error: ${{ github.ref_type == 'tag' }}",
        SHIP,
    ],
    "it keeps the signature to itself": [PUSH, sign("--yes", "--upload=false"), SHIP],
    "an environment variable is no key": [
        PUSH.strip(),
        "- run: cosign sign --yes ghcr.io/acme/shop@" + DIGEST + "\n  env: {COSIGN_PRIVATE_KEY: '${{ secrets.KEY }}'}",
    ],
    "the image is built again under the same tag": [PUSH, SIGN, PUSH.replace("id: push", "id: again"), SHIP],
    "another one is pushed over it": [
        PUSH,
        SIGN,
        "- run: docker build -t ghcr.io/acme/shop:1.2 . && docker push ghcr.io/acme/shop:1.2",
        SHIP,
    ],
    "one of two images": [PUSH, OTHER, SIGN, SHIP],
    "a digest in the environment that is overwritten": [
        PUSH,
        f'- run: echo "D={DIGEST}" >> $GITHUB_ENV',
        f'- run: echo "D=sha256:{"0" * 64}" >> $GITHUB_ENV',
        "- run: cosign sign --yes ghcr.io/acme/shop@$D",
        SHIP,
    ],
    "a digest that the step's own env hides": [
        PUSH,
        f'- run: echo "D={DIGEST}" >> $GITHUB_ENV',
        f"- run: cosign sign --yes ghcr.io/acme/shop@$D\n  env: {{D: 'sha256:{'0' * 64}'}}",
        SHIP,
    ],
    "a draft whose files nobody has signed": ["- run: uv build", "- run: gh release create v1 --draft dist/*"],
    "a draft that is published before": [
        "- run: uv build",
        "- run: gh release create v1 --draft dist/*",
        "- run: gh release edit v1 --draft=false",
        "- uses: actions/attest@v4\n  with: {subject-path: 'dist/*'}",
    ],
    "a chart ships before": [PUSH, "- run: helm push shop-1.2.tgz oci://ghcr.io/acme/charts", SIGN],
    "latest is moved before": [PUSH, "- run: crane tag ghcr.io/acme/shop:1.2 latest", SIGN],
    "a deployment comes before": [PUSH, "- run: kubectl set image deploy/shop shop=ghcr.io/acme/shop:1.2", SIGN],
    "a release in spite of the signer's outcome": [
        PUSH,
        SIGN.rstrip() + "\n  id: sign\n  continue-on-error: true",
        SHIP.rstrip() + "\n  if: steps.sign.outcome == 'failure'",
    ],
    "the files change after they were signed": [
        "- run: go build -o app ./cmd/app",
        "- uses: actions/attest@v4\n  with: {subject-path: app}",
        "- run: upx app",
        "- run: gh release create v1 app",
    ],
    "the files are built again after they were signed": [
        "- run: uv build",
        "- uses: actions/attest@v4\n  with: {subject-path: 'dist/*'}",
        "- run: uv build",
        "- run: gh release create v1 dist/*",
    ],
    "another file takes its place": [
        "- run: |\n    uv build\n    go build -o other ./cmd",
        "- uses: actions/attest@v4\n  with: {subject-path: 'dist/*'}",
        "- run: mv other dist/tool && gh release create v1 dist/tool",
    ],
    "an old publisher that attests nothing": ["- run: uv build", "- uses: pypa/gh-action-pypi-publish@v1.8.14"],
    "an old publisher that is not asked to attest": ["- run: uv build", "- uses: pypa/gh-action-pypi-publish@v1.10.3"],
    "a publisher that knows of no attestations": [
        "- run: uv build",
        "- uses: pypa/gh-action-pypi-publish@v1.9.0\n  with: {attestations: true}",
    ],
    "publishing with a password": [
        "- run: uv build",
        "- uses: pypa/gh-action-pypi-publish@v1.14.2\n  with: {password: '${{ secrets.PYPI }}'}",
    ],
    "npm without provenance": [
        "- run: npm ci && npm publish --access public\n  env: {NODE_AUTH_TOKEN: '${{ secrets.T }}'}"
    ],
}

OUT_OF_SIGHT = {
    "another shell": [PUSH, SIGN.rstrip() + "\n  shell: cmd", SHIP],
    "a program of another language": [PUSH, SIGN.rstrip() + "\n  shell: python", SHIP],
    "an image that somebody else has built is deployed": [
        PUSH,
        SIGN,
        "- run: gcloud run deploy api --image ghcr.io/acme/api:3",
    ],
    "a tag of something else is moved": [PUSH, SIGN, "- run: crane copy ghcr.io/acme/base:1 ghcr.io/acme/base:latest"],
    "make may publish more": [PUSH, SIGN, "- run: make publish"],
    "an unknown action may deploy more": [PUSH, SIGN, "- uses: acme/deploy@v1"],
    "an unknown option may take the reference for its value": [PUSH, sign("--yes", "--made-up"), SHIP],
    "a payload of its own may name another digest": [PUSH, sign("--yes", "--payload", "payload.json"), SHIP],
    "what is attached to the image may be signed": [PUSH, sign("--yes", "--attachment", "sbom"), SHIP],
    "a name of which nobody knows what it is": [PUSH, f"- run: cosign sign --yes $REGISTRY/shop@{DIGEST}", SHIP],
    "an environment that is set perhaps": [
        PUSH,
        f'- run: echo "D=sha256:{"0" * 64}" >> $GITHUB_ENV',
        f"- if: vars.SIGN == 'yes'\n  run: echo \"D={DIGEST}\" >> $GITHUB_ENV",
        "- run: cosign sign --yes ghcr.io/acme/shop@$D",
        SHIP,
    ],
    "images put together from parts": [
        PUSH,
        SIGN,
        "- run: docker buildx imagetools create -t ghcr.io/acme/shop:latest a b",
    ],
    "a commit without a version may attest nothing": [
        "- run: uv build",
        "- uses: pypa/gh-action-pypi-publish@dc37677b2e1c63e2034f94d8a5b11f265b73ba33",
    ],
    "something is started elsewhere": [PUSH, SIGN, "- run: gh workflow run deploy.yml"],
}


@pytest.mark.parametrize("steps", NEVER_SIGNED.values(), ids=NEVER_SIGNED.keys())
def test_fails_when(steps: list[str]) -> None:
    permissions = (
        "{contents: write, packages: write}" if "no key" in str(steps) or "COSIGN_PRIVATE_KEY" in str(steps) else None
    )
    files = released_by(*steps, permissions=permissions) if permissions else released_by(*steps)
    assert verdict(files) == "fail"


@pytest.mark.parametrize("steps", OUT_OF_SIGHT.values(), ids=OUT_OF_SIGHT.keys())
def test_is_unknown_when(steps: list[str]) -> None:
    assert verdict(released_by(*steps)) == "unknown"


JOBS = {
    "the signer runs on another event only": (
        workflow(
            build=BUILD,
            sign=job(SIGN_BUILT, needs="build", if_="github.event_name == 'schedule'"),
            ship=job(SHIP, needs="build"),
        ),
        "fail",
    ),
    "a sibling ships at the same time": (
        workflow(build=BUILD, sign=job(SIGN_BUILT, needs="build"), ship=job(SHIP, needs="build")),
        "fail",
    ),
    "it comes unless cancelled": (
        workflow(
            build=BUILD,
            sign=job(SIGN_BUILT, needs="build"),
            ship=job(SHIP, needs="[build, sign]", if_="'!cancelled()'"),
        ),
        "fail",
    ),
    "it comes unless the signer failed, also when that was skipped": (
        workflow(
            build=BUILD,
            scan=job("- run: grype x", needs="build"),
            sign=job(SIGN_BUILT, needs="[build, scan]"),
            ship=job(SHIP, needs="[build, sign]", if_="always() && needs.sign.result != 'failure'"),
        ),
        "fail",
    ),
    "it comes when the signer failed": (
        workflow(
            build=BUILD,
            sign=job(SIGN_BUILT, needs="build"),
            ship=job(SHIP, needs="[build, sign]", if_="always() && needs.sign.result == 'failure'"),
        ),
        "fail",
    ),
    "it comes always, but only after success": (
        workflow(
            build=BUILD,
            sign=job(SIGN_BUILT, needs="build"),
            ship=job(SHIP, needs="[build, sign]", if_="always() && needs.sign.result == 'success'"),
        ),
        "pass",
    ),
    "nothing that it needs may have failed or been skipped": (
        workflow(
            build=BUILD,
            sign=job(SIGN_BUILT, needs="build"),
            ship=job(
                SHIP,
                needs="[build, sign]",
                if_="always() && !contains(needs.*.result, 'failure') && !contains(needs.*.result, 'cancelled')",
            ),
        ),
        "pass",
    ),
    "an always() in between does not break the chain": (
        workflow(
            build=BUILD,
            sign=job(SIGN_BUILT, needs="build"),
            note=job("- run: echo done", needs="sign", if_="always()"),
            ship=job(SHIP, needs="[note]"),
        ),
        "pass",
    ),
    "the signing job may fail": (
        workflow(
            build=BUILD, sign=job(SIGN_BUILT, needs="build", continue_on_error="true"), ship=job(SHIP, needs="sign")
        ),
        "fail",
    ),
    "the output of a job that it does not need": (
        workflow(
            build=BUILD,
            test=job("- run: 'true'", needs="build"),
            sign=job(SIGN_BUILT, needs="test"),
            ship=job(SHIP, needs="sign"),
        ),
        "fail",
    ),
    "outputs that are swapped": (
        workflow(
            build=job(PUSH, OTHER, outputs=f"{{shop: '${{{{ steps.other.outputs.digest }}}}', tools: '{DIGEST}'}}"),
            sign=job(
                "- run: |\n    cosign sign --yes ghcr.io/acme/shop@${{ needs.build.outputs.shop }}\n"
                "    cosign sign --yes ghcr.io/acme/tools@${{ needs.build.outputs.tools }}",
                needs="build",
            ),
        ),
        "fail",
    ),
    "a signer whose job is skipped by a variable": (
        workflow(
            build=BUILD, sign=job(SIGN_BUILT, needs="build", if_="vars.SIGN == 'yes'"), ship=job(SHIP, needs="build")
        ),
        "unknown",
    ),
    "everything is under the same condition": (
        workflow(
            build=BUILD, sign=job(SIGN_BUILT, needs="build", if_="vars.SIGN == 'yes'"), ship=job(SHIP, needs="sign")
        ),
        "pass",
    ),
    "the matrix may go on without a leg": (
        workflow(
            build=job(PUSH, SIGN, strategy="{fail-fast: false, max-parallel: 1, matrix: {os: [a, b]}}"),
            ship=job(SHIP, needs="build"),
        ),
        "pass",
    ),
    "one leg of the matrix may fail": (
        workflow(
            build=job(
                PUSH,
                SIGN,
                strategy="{matrix: {experimental: [true, false]}}",
                continue_on_error="${{ matrix.experimental }}",
            ),
            ship=job(SHIP, needs="build"),
        ),
        "fail",
    ),
    "only one leg of the matrix signs": (
        workflow(build=job(PUSH, SIGN.rstrip() + "\n  if: matrix.os == 'a'", strategy="{matrix: {os: [a, b]}}")),
        "fail",
    ),
    "forks are kept out, nobody else": (
        workflow(
            build=job(PUSH, SIGN.rstrip() + "\n  if: github.repository == 'acme/shop'"), ship=job(SHIP, needs="build")
        ),
        "pass",
    ),
    "everything in one job that always runs": (
        workflow(test=job("- run: 'true'"), release=job(PUSH, SIGN, SHIP, needs="test", if_="always()")),
        "pass",
    ),
    "a release that is there before anything is built": (
        workflow(release=job(SHIP), build=job(PUSH, SIGN, needs="release")),
        "pass",
    ),
    "another push in a sibling": (
        workflow(build=job(PUSH, SIGN), again=job(PUSH)),
        "fail",
    ),
    "a runner with another shell": (
        workflow(
            build=BUILD,
            sign=job(SIGN_BUILT, needs="build").replace("ubuntu-24.04", "windows-2022"),
            ship=job(SHIP, needs="sign"),
        ),
        "pass",
    ),
    "names that differ only by case": (
        workflow(
            Build=job(PUSH.replace("id: push", "id: Push"), outputs="{Digest: '${{ steps.push.outputs.digest }}'}"),
            sign=job("- run: cosign sign --yes ghcr.io/acme/shop@${{ needs.build.outputs.digest }}", needs="Build"),
        ),
        "pass",
    ),
}


@pytest.mark.parametrize(("text", "expected"), JOBS.values(), ids=JOBS.keys())
def test_jobs(text: str, expected: str) -> None:
    assert verdict(repository_of(text)) == expected


def reusable(body: str, head: str = "") -> str:
    return (
        f"on:\n  workflow_call:\n    inputs:\n"
        f"      digest: {{type: string, default: 'sha256:{'0' * 64}'}}\n{head}jobs:\n{body}"
    )


def calling(files: dict[str, str], **keys: str) -> dict[str, str | bytes | None]:
    lines = {
        "needs": "build",
        "uses": "./.github/workflows/sign.yml",
        "permissions": "{id-token: write, packages: write}",
        **keys,
    }
    call = "".join(f"{name.rstrip('_')}: {text}\n" for name, text in lines.items())
    return repository_of(workflow(build=BUILD, sign=call, ship=job(SHIP, needs="[build, sign]"))) | {
        f".github/workflows/{name}.yml": text for name, text in files.items()
    }


SIGNER = (
    "  sign:\n    runs-on: ubuntu-24.04\n{}    permissions: {{id-token: write, packages: write}}\n    steps:\n"
    "      - run: cosign sign --yes ghcr.io/acme/shop@${{{{ inputs.digest }}}}\n"
)


def test_reusable_workflows() -> None:
    given = f"{{digest: '{BUILT}'}}"
    plain = {"sign": reusable(SIGNER.format(""))}
    assert verdict(calling(plain, with_=given)) == "pass"
    assert verdict(calling(plain)) == "fail"  # the default is signed
    assert verdict(calling(plain, with_=given, if_="github.event_name == 'schedule'")) == "fail"
    skipped = {"sign": reusable(SIGNER.format("    if: vars.SIGN == 'yes'\n"))}
    assert verdict(calling(skipped, with_=given)) == "unknown"  # the call succeeds although its job is skipped


@pytest.mark.parametrize(
    ("declared", "times", "expected"),
    [
        ("{type: number}", "3", "pass"),
        ("{type: number}", "0", "fail"),
        ("{type: number}", "'0.0'", "fail"),
        ("{type: number, default: 0}", "2", "pass"),
        ("{type: string}", "0", "pass"),  # a text that is not empty
    ],
)
def test_a_number_that_a_workflow_is_given_is_one(declared: str, times: str, expected: str) -> None:
    signer = reusable(SIGNER.format("    if: inputs.times\n"))
    given = f"{{digest: '{BUILT}', times: {times}}}"
    files = {"sign": signer.replace("inputs:\n", f"inputs:\n      times: {declared}\n")}
    assert verdict(calling(files, with_=given)) == expected
    assert verdict(calling({"sign": signer}, with_=given)) == "fail"  # GitHub refuses what is not declared


def test_permissions_are_capped_over_two_levels() -> None:
    between = reusable(
        "  on:\n    uses: ./.github/workflows/inner.yml\n    permissions: {id-token: write, packages: write}\n"
        "    with: {digest: '${{ inputs.digest }}'}\n"
    )
    files = {"sign": between, "inner": reusable(SIGNER.format(""))}
    given = f"{{digest: '{BUILT}'}}"
    assert verdict(calling(files, with_=given)) == "pass"
    assert verdict(calling(files, with_=given, permissions="{packages: write}")) == "fail"
    silent = calling(files, with_=given)
    text = str(silent[".github/workflows/release.yml"]).replace(
        "    permissions: {id-token: write, packages: write}\n", ""
    )
    outcome = judge("build-signed", {**silent, ".github/workflows/release.yml": text})
    assert outcome.verdict == "unknown"  # GitHub refuses the run, or grants what is asked for
    assert "a caller that states no permissions" in str(outcome.reason)
    outcome = judge("build-signed", calling(files, with_=given, permissions="{packages: write}"))
    assert "has no `id-token: write` from the workflow that calls it" in outcome.summary
    assert outcome.fix is not None
    assert "of the job that calls the workflow of" in outcome.fix.summary


def test_outputs_of_composite_actions() -> None:
    action = """
        outputs:
          digest: {value: "${{ steps.%s.outputs.digest }}"}
        runs:
          using: composite
          steps:
            - id: push
              uses: docker/build-push-action@v7
              with: {push: true, tags: "ghcr.io/acme/shop:1"}
            - id: other
              uses: docker/build-push-action@v7
              with: {push: true, tags: "ghcr.io/acme/tools:1"}
        """
    use = "- uses: ./build\n  id: built"
    signs = [
        f"- run: cosign sign --yes ghcr.io/acme/shop@{DIGEST.replace('push', 'built')}",
    ]
    files = repository_of(workflow(release=job(use, *signs)))
    assert verdict({**files, "build/action.yml": action % "other"}) == "fail"
    whole = action.replace("            - id: other", "            - if: false\n              id: other")
    assert verdict({**files, "build/action.yml": whole % "push"}) == "pass"


def test_an_action_where_another_repository_is_checked_out_is_out_of_sight() -> None:
    foreign = "- uses: actions/checkout@v7\n  with: {repository: acme/tools}"
    action = (
        f"runs:\n  using: composite\n  steps:\n    - run: cosign sign --yes ghcr.io/acme/shop@{DIGEST}\n"
        f"      shell: bash\n"
    )
    files = {**repository_of(workflow(release=job(PUSH, foreign, "- uses: ./sign", SHIP))), "sign/action.yml": action}
    assert verdict(files) == "unknown"


def second(on: str, *steps: str, **keys: str) -> dict[str, str | bytes | None]:
    """A release that is signed as it should be, and another workflow beside it."""
    return {
        **released_by(PUSH, SIGN, SHIP),
        ".github/workflows/deploy.yml": workflow(on, deploy=job(*steps, **keys)),
    }


@pytest.mark.parametrize(
    "on",
    [
        "{workflow_run: {workflows: [release], types: [completed]}}",
        "{release: {types: [published]}}",
        "{push: {branches: [production]}}",
        "{push: {branches: ['release/*']}}",
        "repository_dispatch",
        "{pull_request: {types: [closed]}}",
        "{schedule: [{cron: '0 0 * * *'}]}",
        "issue_comment",
    ],
)
def test_what_a_second_workflow_deploys_is_no_pass_by_ignorance(on: str) -> None:
    goes_on = "workflow_run" in on  # whatever has become of the release
    expected = "fail" if goes_on else "unknown"
    assert verdict(second(on, "- run: kubectl set image deploy/shop shop=ghcr.io/acme/shop:latest")) == expected
    assert verdict(second(on, "- uses: acme/deploy@v1\n  with: {token: '${{ secrets.KUBE }}'}")) == "unknown"


def test_what_a_pull_request_deploys_for_review_is_no_release() -> None:
    assert verdict(second("pull_request", "- run: kubectl apply -f preview.yml")) == "pass"


def test_what_a_cluster_of_the_job_itself_runs_is_no_release() -> None:
    local = ["- uses: helm/kind-action@v1", "- run: helm upgrade --install shop chart && kubectl apply -f test.yml"]
    assert verdict(released_by(PUSH, *local, SIGN, SHIP)) == "pass"


def test_a_registry_of_the_job_itself_is_no_release() -> None:
    local = PUSH.replace("ghcr.io/acme/shop", "localhost:5000/shop").replace("id: push", "id: local")
    assert verdict(released_by(local, PUSH, SIGN, SHIP)) == "pass"


def test_a_workflow_that_cannot_be_read_leaves_it_open() -> None:
    files = released_by(PUSH, SIGN, SHIP)
    assert verdict({**files, ".github/workflows/more.yml": "on: push\njobs: {a: [\n"}) == "unknown"
    assert verdict({**files, ".github/workflows/more.yml": None}) == "unknown"
    assert verdict({**files, ".github/workflows/more.yml": "on: push\n"}) == "pass"  # GitHub does not run it either


def test_a_pipeline_of_another_service_may_release_too() -> None:
    files = released_by(PUSH, SIGN, SHIP)
    assert verdict({**files, ".circleci/config.yml": "jobs:\n  test: [make test]\n"}) == "pass"
    assert verdict({**files, ".circleci/config.yml": "jobs:\n  deploy: [make it so]\n"}) == "unknown"


def test_where_the_default_branch_has_another_name() -> None:
    on = "{push: {branches: [master]}}"
    only = SIGN.rstrip() + "\n  if: github.ref == 'refs/heads/%s'"
    assert verdict(released_by(PUSH, only % "master", SHIP, on=on)) == "pass"
    assert verdict(released_by(PUSH, only % "main", SHIP, on=on)) == "fail"


def test_a_composite_action_hides_the_environment_of_the_job() -> None:
    action = (
        "runs:\n  using: composite\n  steps:\n    - run: cosign sign --yes ghcr.io/acme/shop@$D\n      shell: bash\n"
    )
    use = f"- uses: ./sign\n  env: {{D: 'sha256:{'0' * 64}'}}"
    files = repository_of(workflow(release=job(PUSH, f'- run: echo "D={DIGEST}" >> $GITHUB_ENV', use)))
    assert verdict({**files, "sign/action.yml": action}) == "fail"
    files = repository_of(workflow(release=job(PUSH, f'- run: echo "D={DIGEST}" >> $GITHUB_ENV', "- uses: ./sign")))
    assert verdict({**files, "sign/action.yml": action}) == "pass"


def test_scripts_of_two_steps_do_not_share_what_they_read() -> None:
    read = (
        "- run: echo \"REF=$(docker inspect --format='{{index .RepoDigests 0}}' ghcr.io/acme/shop:1)\" >> $GITHUB_ENV"
    )
    build = "- run: docker build -t ghcr.io/acme/shop:1 . && docker push ghcr.io/acme/shop:1"
    assert verdict(released_by(build, read, "- run: cosign sign --yes $REF")) == "pass"
    assert verdict(released_by(build, read, build, "- run: cosign sign --yes $REF")) == "fail"


LOOPS = {
    "each flavour pushes, only the last is signed": (
        "for f in a b; do\n  docker buildx build --push -t ghcr.io/acme/shop:$f --metadata-file m.json .\ndone\n"
        "cosign sign --yes ghcr.io/acme/shop@$(jq -r '.\"containerimage.digest\"' m.json)",
        "fail",
    ),
    "each flavour is signed as it is pushed": (
        "for f in a b; do\n  docker buildx build --push -t ghcr.io/acme/shop:$f --metadata-file m.json .\n"
        "  cosign sign --yes ghcr.io/acme/shop@$(jq -r '.\"containerimage.digest\"' m.json)\ndone",
        "pass",
    ),
    "nobody knows how often": (
        "for f in $FLAVOURS; do\n  docker build -t ghcr.io/acme/shop:$f . && docker push ghcr.io/acme/shop:$f\n"
        "  REF=$(docker inspect --format='{{index .RepoDigests 0}}' ghcr.io/acme/shop:$f)\ndone\n"
        "cosign sign --yes $REF",
        "unknown",
    ),
    "the digest that podman writes down": (
        "podman build -t ghcr.io/acme/shop:1 .\npodman push --digestfile d.txt ghcr.io/acme/shop:1\n"
        "cosign sign --yes ghcr.io/acme/shop@$(cat d.txt)",
        "pass",
    ),
    "the digest in a file that was written over": (
        "podman push --digestfile d.txt ghcr.io/acme/shop:1\necho sha256:0 > d.txt\n"
        "cosign sign --yes ghcr.io/acme/shop@$(cat d.txt)",
        "fail",
    ),
    "the id of the configuration": (
        "docker build --iidfile id.txt -t ghcr.io/acme/shop:1 .\ndocker push ghcr.io/acme/shop:1\n"
        "cosign sign --yes ghcr.io/acme/shop@$(cat id.txt)",
        "fail",
    ),
}


@pytest.mark.parametrize(("script", "expected"), LOOPS.values(), ids=LOOPS.keys())
def test_scripts(script: str, expected: str) -> None:
    assert verdict(released_by("- run: |\n" + "".join(f"    {line}\n" for line in script.splitlines()))) == expected


def test_tags_of_metadata_action_in_a_loop() -> None:
    meta = "- uses: docker/metadata-action@v6\n  id: meta\n  with: {images: ghcr.io/acme/shop}"
    push = (
        "- uses: docker/build-push-action@v7\n  id: push\n  with: {push: true, tags: '${{ steps.meta.outputs.tags }}'}"
    )
    env = f"\n  env: {{TAGS: '${{{{ steps.meta.outputs.tags }}}}', DIGEST: '{DIGEST}'}}"
    for script in (
        'images=""\n    for tag in ${TAGS}; do\n      images+="${tag}@${DIGEST} "\n    done\n'
        "    cosign sign --yes ${images}",
        "for tag in $TAGS; do cosign sign --yes $tag@$DIGEST; done",
        'echo "$TAGS" | xargs -I {} cosign sign --yes "{}@${DIGEST}"',
        'while read -r tag; do cosign sign --yes "$tag@$DIGEST"; done <<< "$TAGS"',
    ):
        assert verdict(released_by(meta, push, f"- run: |\n    {script}{env}")) == "pass", script
    assert verdict(released_by(meta, push, f"- run: for tag in $TAGS; do cosign sign --yes $tag; done{env}")) != "pass"


SHOP = f"ghcr.io/acme/shop@{DIGEST}"
OF_COSIGN = "gcr.io/projectsigstore/cosign:v3"
MORE = {
    "a function of that name": (f"cosign() {{ echo $@; }}\ncosign sign --yes {SHOP}", "fail"),
    "a shell that only reads": ("shell: bash -n {0}", "unknown"),
    "asked about on a terminal": (f"echo {SHOP} | xargs -p cosign sign --yes", "unknown"),
    "asked about in one word": (f"echo {SHOP} | xargs -tpn1 cosign sign --yes", "unknown"),
    "shown, and not asked about": (f"echo {SHOP} | xargs -t -P 2 cosign sign --yes", "pass"),
    "a list that may be empty": (f"true | xargs -r cosign sign --yes {SHOP}", "unknown"),
    "an end that hides the failure": (f"trap 'exit 0' EXIT\ncosign sign --yes {SHOP}", "fail"),
    "an exit that says that all is well": (f"cosign sign --yes {SHOP} || exit 0", "fail"),
    "both branches go on": (f"if cosign sign --yes {SHOP}; then echo ok; else echo no; fi", "fail"),
    "a key that is empty": (f"KEY=\ncosign sign --yes --key \"$KEY\" {SHOP}", "fail"),
    "never where CI is true": (f"if [ \"$CI\" != true ]; then cosign sign --yes {SHOP}; fi", "fail"),
    "only where CI is true": (f"if [ \"$CI\" = true ]; then cosign sign --yes {SHOP}; fi", "pass"),
    "in a container": (f"docker run -e ACTIONS_ID_TOKEN_REQUEST_TOKEN -v $PWD:/x {OF_COSIGN} sign {SHOP}", "pass"),
    "in a container without an identity": (f"docker run --rm -v $PWD:/x {OF_COSIGN} sign {SHOP}", "fail"),
    "in another shell": (f"bash -c 'cosign sign --yes {SHOP}'", "pass"),
    "a container that does anything": (f"docker run -v $PWD:/work acme/release && cosign sign --yes {SHOP}", "unknown"),
    "a container to try it out": (f"docker run ghcr.io/acme/shop:1 x && cosign sign --yes {SHOP}", "pass"),
    "by another name": (
        f"shopt -s expand_aliases\nalias cosign=echo\ncosign sign --yes ghcr.io/acme/shop@{DIGEST}", "unknown",
    ),
    "in a script that is only read": (f"set -n\ncosign sign --yes ghcr.io/acme/shop@{DIGEST}", "unknown"),
    "after options that change nothing of it": (f"set -eux\ncosign sign --yes ghcr.io/acme/shop@{DIGEST}", "pass"),
    "a copy elsewhere without its signature": (
        f"cosign sign --yes {SHOP}\ncrane copy {SHOP} docker.io/acme/shop:1", "fail",
    ),
    "a copy elsewhere with its signature": (
        f"cosign sign --yes {SHOP}\ncosign copy {SHOP} docker.io/acme/shop:1", "pass",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("script", "expected"), MORE.values(), ids=MORE.keys())
def test_more_scripts(script: str, expected: str) -> None:
    if script.startswith("shell"):
        files = released_by(PUSH, SIGN.rstrip() + f"\n  {script}", SHIP)
    else:
        step = "- run: |\n" + "".join(f"    {line}\n" for line in script.splitlines())
        identity = "{packages: write}" if "--key" in script else "{id-token: write, packages: write, contents: write}"
        files = released_by(PUSH, step, SHIP, permissions=identity)
    assert verdict(files) == expected


def test_a_signature_of_a_job_that_may_fail_proves_nothing() -> None:
    may_fail = job(SIGN_BUILT, needs="build", continue_on_error="true")
    assert verdict(repository_of(workflow(build=BUILD, sign=may_fail))) == "fail"


def test_a_build_whose_tags_only_a_run_knows_may_have_been_signed_by_its_name() -> None:
    build = "docker buildx build --push --metadata-file m.json $(./tags.sh) ."
    sign = 'cosign sign --yes "ghcr.io/acme/shop@$(jq -r \'."containerimage.digest"\' m.json)"'
    outcome = judge("build-signed", released_by(f"- run: |\n    {build}\n    {sign}", SHIP))
    assert (outcome.verdict, "nobody knows" in (outcome.reason or "")) == ("unknown", True)


def test_an_attestation_of_where_it_comes_from_is_no_signature_that_was_made_elsewhere() -> None:
    attest = f"- run: cosign attest --yes --type slsaprovenance1 --predicate p.json ghcr.io/acme/shop@{DIGEST}"
    assert judge("build-signed", released_by(PUSH, attest, SHIP)).verdict == "fail"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("--type slsaprovenance1 --predicate p.json dist/shop", "pass"),
        ("--type slsaprovenance --predicate p.json dist/shop", "pass"),
        ("--type https://slsa.dev/provenance/v1 --predicate p.json dist/shop", "pass"),
        ("--type slsaprovenance1 --predicate p.json dist/other", "fail"),
        ("--type slsaprovenance1 --predicate p.json dist/shop || true", "fail"),
        ("--type vuln --predicate p.json dist/shop", "fail"),
        ("--type cyclonedx --predicate p.json dist/shop", "fail"),
        ("--predicate p.json dist/shop", "fail"),  # of a kind of its own
        ("--statement s.json dist/shop", "unknown"),
    ],
)
def test_an_attestation_of_how_files_were_built_is_a_signature_of_them(said: str, expected: str) -> None:
    made = "- run: mkdir dist && go build -o dist/shop ."
    attest = f"- run: cosign attest-blob --yes --bundle dist/shop.intoto.jsonl {said}"
    for published, seen in ("dist/*", expected), ("dist/shop dist/shop.intoto.*", expected), ("dist/shop", "fail"):
        outcome = judge("build-signed", released_by(made, attest, f"- run: gh release create v1 {published}"))
        assert outcome.verdict == seen


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("predicate-type: https://slsa.dev/provenance/v1, predicate-path: p.json", "pass"),  # as without any type
        ("predicate-type: https://slsa.dev/provenance/v0.2, predicate: '{}'", "pass"),
        ("predicate-type: https://slsa.dev/verification_summary/v1, predicate-path: p.json", "fail"),
        ("predicate-type: https://acme.example/tests/v1, predicate-path: p.json", "fail"),
        ("predicate-type: '${{ vars.TYPE }}', predicate-path: p.json", "unknown"),
    ],
)
def test_a_provenance_that_is_written_by_hand_is_signed_as_that_of_the_action(said: str, expected: str) -> None:
    made = "- run: mkdir dist && go build -o dist/shop . && jq -n '{}' > p.json"
    attest = f"- uses: actions/attest@v4\n  with: {{subject-path: dist/shop, {said}}}"
    assert verdict(released_by(made, attest, "- run: gh release create v1 dist/shop")) == expected
    image = f"subject-name: ghcr.io/acme/shop, subject-digest: '{DIGEST}'"
    attest = f"- uses: actions/attest@v4\n  with: {{{image}, {said}, push-to-registry: true}}"
    assert verdict(released_by(PUSH, attest, SHIP)) == expected


def test_a_push_to_git_may_be_a_deployment() -> None:
    bump = "- run: yq -i '.tag = env(TAG)' chart.yaml && git commit -am bump && git push"
    assert verdict(released_by(PUSH, SIGN, bump)) == "pass"
    assert verdict(released_by(PUSH, bump, SIGN)) == "unknown"
    assert verdict(released_by(bump, PUSH, SIGN)) == "pass"  # nothing is built yet
    assert verdict(released_by(PUSH, "- run: git push --tags origin", SIGN)) == "pass"
    assert (
        verdict(repository_of(workflow(build=BUILD, bump=job(bump), sign=job(SIGN_BUILT, needs="build")))) == "unknown"
    )


SIGNS = f"cosign sign --yes ghcr.io/acme/shop@{DIGEST}"
HOME = "https://github.com/sigstore/cosign/releases/download/v3.0.4"
SHADOWED = {
    "for later steps": (['- run: echo "$PWD/bin" >> $GITHUB_PATH', f"- run: {SIGNS}"], "fail"),
    "for later steps, perhaps": (
        ["- if: github.actor != 'x'\n  run: echo '${{ github.workspace }}/bin' >> $GITHUB_PATH", f"- run: {SIGNS}"],
        "fail",
    ),
    "a folder that is known in a run": (
        ['- run: echo "$(dirname "$(command -v go)")/bin" >> $GITHUB_PATH', f"- run: {SIGNS}"],
        "unknown",
    ),
    "the folder that everything is in": (
        ['- run: echo "$(git rev-parse --show-toplevel)/bin" >> $GITHUB_PATH', f"- run: {SIGNS}"],
        "fail",
    ),
    "as a variable of all steps": (['- run: echo "PATH=$PWD/bin:$PATH" >> $GITHUB_ENV', f"- run: {SIGNS}"], "fail"),
    "as a variable of the step": ([f"- run: {SIGNS}\n  env: {{PATH: '${{{{ github.workspace }}}}/bin:/bin'}}"], "fail"),
    "in the script": ([f'- run: |\n    export PATH="$PWD/bin:$PATH"\n    timeout 60 {SIGNS}'], "fail"),
    "for the command": ([f"- run: PATH=./bin:$PATH {SIGNS}"], "fail"),
    "for a shell": ([f"- run: PATH=./bin:$PATH bash -c '{SIGNS}'"], "fail"),
    "for xargs": ([f"- run: echo ghcr.io/acme/shop@{DIGEST} | PATH=./bin:$PATH xargs cosign sign --yes"], "unknown"),
    "by the shell's memory": ([f"- run: |\n    hash -p bin/cosign cosign\n    {SIGNS}"], "unknown"),
    "by a copy": (["- run: sudo cp bin/cosign /usr/local/bin/cosign", f"- run: {SIGNS}"], "unknown"),
    "by a copy into a folder": ([f"- run: |\n    install -m 755 bin/cosign /usr/local/bin/\n    {SIGNS}"], "unknown"),
    "by a link": ([f'- run: |\n    ln -sf "$PWD/bin/cosign" /usr/bin/cosign\n    sudo {SIGNS}'], "unknown"),
    "a copy that is nothing of the repository's": (
        [f"- run: |\n    curl -Lo c {HOME}/cosign-linux-amd64\n    sudo install c /usr/local/bin/cosign\n    {SIGNS}"],
        "pass",
    ),
    "by another folder": ([f'- run: |\n    export PATH="$PWD/tools:$HOME/bin:$PATH"\n    {SIGNS}'], "pass"),
}


@pytest.mark.parametrize(("steps", "expected"), SHADOWED.values(), ids=SHADOWED.keys())
def test_a_script_of_the_repository_in_place_of_a_program(steps: list[str], expected: str) -> None:
    assert verdict({**released_by(PUSH, *steps, SHIP), "bin/cosign": "#!/bin/sh\necho signed\n"}) == expected


ON_PATH = '- run: echo "$PWD/bin" >> $GITHUB_PATH'
WROTE = "printf '#!/bin/sh\\n' > "
IMPOSTORS = {
    "written by a step before": ([f"- run: {WROTE}bin/cosign", ON_PATH, f"- run: {SIGNS}"], "unknown"),
    "written once its folder is on the path": ([ON_PATH, f"- run: {WROTE}bin/cosign", f"- run: {SIGNS}"], "unknown"),
    "written by tee": (["- run: echo exit | tee bin/cosign", ON_PATH, f"- run: {SIGNS}"], "unknown"),
    "a here-document": (["- run: |\n    cat > bin/cosign <<E\n    exit\n    E", ON_PATH, f"- run: {SIGNS}"], "unknown"),
    "a copy of the repository's": (["- run: cp tools/sign.sh bin/cosign", ON_PATH, f"- run: {SIGNS}"], "unknown"),
    "a copy, then a move": (
        ["- run: cp tools/sign.sh x", "- run: mv x bin/cosign", ON_PATH, f"- run: {SIGNS}"],
        "unknown",
    ),
    "a link": (['- run: ln -s "$PWD/tools/sign.sh" bin/cosign', ON_PATH, f"- run: {SIGNS}"], "unknown"),
    "from an address that nobody knows": (
        ["- run: curl -sSLo bin/cosign https://tools.example.com/cosign", ON_PATH, f"- run: {SIGNS}"],
        "unknown",
    ),
    "from an address that only a run knows": (
        ['- run: curl -sSLo bin/cosign "${{ vars.TOOLS }}/cosign"', ON_PATH, f"- run: {SIGNS}"],
        "unknown",
    ),
    "printed by curl": (
        ["- run: curl -s https://tools.example.com/cosign > bin/cosign", ON_PATH, f"- run: {SIGNS}"],
        "unknown",
    ),
    "by wget, under its own name": (
        ["- run: cd bin && wget -q https://tools.example.com/cosign", ON_PATH, f"- run: {SIGNS}"],
        "unknown",
    ),
    "by curl, under its own name": (
        ["- run: curl -sSLO https://tools.example.com/cosign && mv cosign bin/", ON_PATH, f"- run: {SIGNS}"],
        "unknown",
    ),
    "what has been built here": (["- run: go build -o bin/cosign .", ON_PATH, f"- run: {SIGNS}"], "unknown"),
    "what go has installed of it": (["- run: go install ./cmd/cosign", f"- run: {SIGNS}"], "unknown"),
    "what go has installed": (
        ["- run: go install github.com/sigstore/cosign/v3/cmd/cosign@v3", f"- run: {SIGNS}"],
        "pass",
    ),
    "unpacked from an archive of the repository's": (
        ["- run: sudo tar -xzf tools/t.tgz -C /usr/local/bin cosign", f"- run: {SIGNS}"],
        "unknown",
    ),
    "unpacked from elsewhere": (
        ["- run: curl -sL https://tools.example.com/t.tgz | tar xz -C /usr/local/bin cosign", f"- run: {SIGNS}"],
        "unknown",
    ),
    "unpacked from its own release": (
        [f"- run: curl -sL {HOME}/cosign.tgz | tar xz -C /usr/local/bin cosign", f"- run: {SIGNS}"],
        "pass",
    ),
    "in a folder that a variable may name": (
        [f"- run: |\n    P=\n    if [ -d x ]; then P=./tools/bin/; fi\n    ${{P}}{SIGNS}"],
        "unknown",
    ),
    "in an environment that the repository holds": (
        [f"- run: |\n    P=\n    if [ -d x ]; then P=venv/bin/; fi\n    ${{P}}{SIGNS.replace('cosign', 'fake', 1)}"],
        "unknown",
    ),
    "by the profile of a login shell": (
        ["- run: echo 'cosign() { :; }' >> ~/.bash_profile", f"- run: {SIGNS}\n  shell: bash -l {{0}}"],
        "unknown",
    ),
    "among the machine's programs": ([f"- run: {WROTE}/usr/local/bin/cosign", f"- run: {SIGNS}"], "unknown"),
    "among those of the user": ([f"- run: {WROTE}$HOME/.local/bin/cosign", f"- run: {SIGNS}"], "unknown"),
    "the path of that script": (
        [f"- run: {WROTE}bin/cosign", f'- run: |\n    export PATH="$PWD/bin:$PATH"\n    {SIGNS}'],
        "unknown",
    ),
    "the path of that command": (
        [f"- run: {WROTE}bin/cosign", f'- run: env PATH="$PWD/bin:$PATH" {SIGNS}'],
        "unknown",
    ),
    "the path of that step": (
        [f"- run: {WROTE}bin/cosign", f"- run: {SIGNS}\n  env: {{PATH: '${{{{ github.workspace }}}}/bin:/bin'}}"],
        "unknown",
    ),
    "a folder that is no part of the work tree": (
        [f'- run: |\n    {WROTE}"$RUNNER_TEMP/t/cosign"\n    echo "$RUNNER_TEMP/t" >> $GITHUB_PATH', f"- run: {SIGNS}"],
        "unknown",
    ),
    "one folder by two names": (
        [f'- run: |\n    {WROTE}~/t/cosign\n    echo "$HOME/t" >> $GITHUB_PATH', f"- run: {SIGNS}"],
        "unknown",
    ),
    "all in one script": (
        [f'- run: |\n    cp tools/sign.sh bin/cosign\n    export PATH="$PWD/bin:$PATH"\n    {SIGNS}'],
        "unknown",
    ),
    "by its path": ([f"- run: {WROTE}bin/cosign", f"- run: ./bin/{SIGNS}"], "unknown"),
    "by its path, from elsewhere": (
        ["- run: curl -sSLo bin/cosign https://tools.example.com/cosign", f"- run: ./bin/{SIGNS}"],
        "unknown",
    ),
    "an artifact of another job": (
        ["- uses: actions/download-artifact@v5\n  with: {name: tools, path: bin}", ON_PATH, f"- run: {SIGNS}"],
        "unknown",
    ),
    "its own release": (
        [f"- run: curl -sSLo bin/cosign {HOME}/cosign-linux-amd64 && chmod +x bin/cosign", ON_PATH, f"- run: {SIGNS}"],
        "pass",
    ),
    "its own release, printed": (
        [f"- run: curl -sSL {HOME}/cosign-linux-amd64 > bin/cosign", ON_PATH, f"- run: {SIGNS}"],
        "pass",
    ),
    "its own release, moved": (
        [f"- run: curl -sSLO {HOME}/cosign-linux-amd64", f"- run: mv cosign-* /usr/local/bin/cosign && {SIGNS}"],
        "pass",
    ),
    "its own release, in a version that a variable names": (
        [
            "- run: wget -qO bin/cosign https://github.com/sigstore/cosign/releases/download/$V/c",
            ON_PATH,
            f"- run: {SIGNS}",
        ],
        "pass",
    ),
    "another program": ([f"- run: {WROTE}bin/greet", ON_PATH, f"- run: {SIGNS}"], "pass"),
    "a folder that is not on the path": ([f"- run: {WROTE}out/cosign", ON_PATH, f"- run: {SIGNS}"], "pass"),
    "no folder on the path": ([f"- run: {WROTE}bin/cosign", f"- run: {SIGNS}"], "pass"),
}


@pytest.mark.parametrize(("steps", "expected"), IMPOSTORS.values(), ids=IMPOSTORS.keys())
def test_a_program_that_a_step_has_put_in_the_place_of_another(steps: list[str], expected: str) -> None:
    built = "- run: tools/fetch\n- uses: actions/upload-artifact@v5\n  with: {name: tools, path: out}"
    release = job(PUSH, *steps, SHIP, needs="tools")
    files = repository_of(workflow(tools=job(built, permissions="{contents: read}"), release=release))
    own = dict.fromkeys(("tools/sign.sh", "tools/fetch", "tools/t.tgz", "venv/bin/fake"), "#!/bin/sh\necho signed\n")
    assert verdict({**files, **own}) == expected


FORGED = "echo 'cosign() { :; }' > %s/bin/activate"
ACTIVATED = {
    "it is made here": ([f"- run: |\n    python -m venv ~/venv\n    source ~/venv/bin/activate\n    {SIGNS}"], "pass"),
    "it is not tracked": (["- run: uv venv", f"- run: |\n    . .venv/bin/activate\n    {SIGNS}"], "pass"),
    "nobody knows it": ([f"- run: |\n    source ~/venv/bin/activate\n    {SIGNS}"], "unknown"),
    "it is forged after": (
        [f"- run: |\n    python -m venv $X/venv\n    {FORGED % '$X/venv'}\n    . $X/venv/bin/activate\n    {SIGNS}"],
        "fail",
    ),
    "it is forged before": (
        [f"- run: {FORGED % 'venv'}", f"- run: |\n    . venv/bin/activate\n    {SIGNS}"],
        "unknown",
    ),
}


@pytest.mark.parametrize(("steps", "expected"), ACTIVATED.values(), ids=ACTIVATED.keys())
def test_an_environment_of_python_that_is_activated(steps: list[str], expected: str) -> None:
    assert verdict(released_by(PUSH, *steps, SHIP)) == expected


LISTED = {
    "an array with a digest": (f"refs=(ghcr.io/acme/shop@{DIGEST})", "pass"),
    "an array with parts that nobody knows": (f'refs=("ghcr.io/acme/shop@{DIGEST}" $OTHERS)', "pass"),
    "an array that may get longer": (
        f'refs=("ghcr.io/acme/shop@{DIGEST}")\n    if [ -n "$X" ]; then refs+=("$X"); fi',
        "pass",
    ),
    "an array that may be another one": (
        f'refs=("ghcr.io/acme/shop@{DIGEST}")\n    if [ -n "$X" ]; then refs=("$X"); fi',
        "unknown",
    ),
    "an array that nobody knows": ("refs=($OTHERS)", "unknown"),
}


@pytest.mark.parametrize(("array", "expected"), LISTED.values(), ids=LISTED.keys())
def test_an_array_of_references(array: str, expected: str) -> None:
    step = f'- run: |\n    {array}\n    cosign sign --yes "${{refs[@]}}"'
    assert verdict(released_by(PUSH, step, SHIP)) == expected


def test_lines_that_are_read_one_by_one() -> None:
    step = '- run: |\n    while read -r each; do cosign sign --yes "$each"; done <<< "$LIST"\n  env: {LIST: "%s"}'
    assert verdict(released_by(PUSH, step % f"ghcr.io/acme/shop@{DIGEST}", SHIP)) == "pass"
    assert verdict(released_by(PUSH, step % "ghcr.io/acme/shop:latest", SHIP)) == "fail"
    assert verdict(released_by(PUSH, step % "${{ vars.LIST }}", SHIP)) == "unknown"


@pytest.mark.parametrize(
    ("shell", "line", "expected"),
    [
        ("bash -e {0}", "alias cosign=echo", "pass"),
        ("bash --noprofile --norc -eo pipefail {0}", "alias ll='ls -l'", "pass"),
        ("bash -e {0}", "shopt -s expand_aliases; alias cosign=echo", "unknown"),
        ("bash --posix -e {0}", "alias cosign=echo", "unknown"),
        ("sh -e {0}", "alias cosign=echo", "unknown"),
    ],
)
def test_bash_has_no_aliases_in_a_script_that_does_not_ask_for_them(shell: str, line: str, expected: str) -> None:
    step = f"- shell: {shell}\n  run: |\n    {line}\n    cosign sign --yes {SHOP}\n"
    assert judge("build-signed", released_by(PUSH, step, SHIP)).verdict == expected


@pytest.mark.parametrize(
    ("built", "signed", "expected"),
    [
        ("always()", "matrix.service == 'api'", "fail"),
        ("matrix.service == 'api'", "matrix.service == 'api'", "pass"),
        ("matrix.service != 'web'", "matrix.service == 'api'", "unknown"),  # the same, in other words
    ],
)
def test_a_leg_that_builds_nothing_needs_no_signature(built: str, signed: str, expected: str) -> None:
    steps = (f"{PUSH.rstrip()}\n  if: {built}", f"{SIGN.rstrip()}\n  if: {signed}")
    build = job(*steps, strategy="{matrix: {service: [api, web]}}")
    files = repository_of(workflow(build=build, ship=job(SHIP, needs="build")))
    assert judge("build-signed", files).verdict == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("always() && steps.sign.outcome == 'failure'", "fail"),  # it comes only without the signature
        ("failure() && steps.sign.outcome == 'failure'", "fail"),
        ("always() && steps.sign.conclusion == 'cancelled'", "fail"),
        ("always() && job.status == 'failure'", "fail"),
        ("always() && job.status == 'success'", "pass"),
        ("job.status == 'success'", "pass"),
    ],
)
def test_a_step_may_ask_how_those_before_it_have_ended(asked: str, expected: str) -> None:
    sign = SIGN.replace("- run", "- id: sign\n  run")
    assert verdict(released_by(PUSH, sign, f"{SHIP.rstrip()}\n  if: {asked}")) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("'!github.event.pull_request'", "pass"),
        ("startsWith(github.event.ref, 'refs/tags/')", "pass"),
        ("github.event.pull_request.merged == true", "fail"),
        ("contains(github.event.pull_request.labels.*.name, 'release')", "fail"),
        ("github.event.action == 'published'", "fail"),
        ("steps.later.outcome == 'success'", "fail"),
    ],
)
def test_what_an_event_and_a_job_do_not_have_is_null(asked: str, expected: str) -> None:
    sign = f"{SIGN.rstrip()}\n  if: {asked}"
    assert verdict(released_by(PUSH, sign, f"{SHIP.rstrip()}\n  id: later")) == expected
