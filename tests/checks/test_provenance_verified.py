"""Which releases verify whose build they ship, and which only look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from goldenpath.handed_in import HandedIn
from pipelines import changed
from releasing import PUSH, SHIP, job, released_by, repository_of, workflow
from trees import judge, source

if TYPE_CHECKING:
    from goldenpath.checks import Outcome

DIGEST = "${{ steps.push.outputs.digest }}"
IMAGE = f"ghcr.io/acme/shop@{DIGEST}"
FORGE_FLOW = "https://github.com/acme/shop/.github/workflows/release.yml@refs/tags/v1"
WHOSE = f"--certificate-identity {FORGE_FLOW}"
ISSUER = "--certificate-oidc-issuer https://token.actions.githubusercontent.com"
GOOGLE = "--certificate-oidc-issuer https://accounts.google.com"
PATTERN = "--certificate-identity-regexp"
VERIFY = f"cosign verify {WHOSE} {ISSUER} {IMAGE}"


def verdict(*steps: str) -> str:
    return judge("provenance-verified", released_by(*steps)).verdict


@pytest.mark.parametrize(
    "command",
    [
        VERIFY,
        f"cosign verify --key cosign.pub {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^https://github\\.com/acme/shop/' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^https://github\\.com/acme/shop/.*@refs/(tags/v.*|heads/main)$' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} 'https://github.com/acme/shop.*@refs/(main|tags/(v|r)[0-9.]+)' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} https://github.com/$GITHUB_REPOSITORY/ {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '(?i)^https://github.com/Acme/shop/' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} https://github.com/$GITHUB_REPOSITORY.* {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} 'https://github.com/${{{{ github.repository }}}}.*' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^${{{{ github.server_url }}}}/${{{{ github.repository }}}}' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} ^$GITHUB_SERVER_URL/$GITHUB_REPOSITORY_OWNER/ {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} 'https://github.com/${{{{ github.workflow_ref }}}}' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} $GITHUB_SERVER_URL/$GITHUB_WORKFLOW_REF {IMAGE}",
        f"cosign verify {WHOSE} --certificate-oidc-issuer-regexp '^https://gitlab\\.acme\\.example$' {IMAGE}",
        f"cosign verify {GOOGLE} {PATTERN} '^release@acme\\.com$' {IMAGE}",
        f"cosign verify-attestation --type slsaprovenance1 {WHOSE} {ISSUER} {IMAGE}",
        f"gh attestation verify oci://{IMAGE} --repo acme/shop",
        f"gh at verify oci://{IMAGE} --owner acme",
        f"gh attestation verify oci://{IMAGE} --owner acme --predicate-type https://slsa.dev/provenance/v1",
        f"slsa-verifier verify-image {IMAGE} --source-uri github.com/acme/shop",
    ],
)
def test_passes_after(command: str) -> None:
    assert verdict(PUSH, f"- run: |\n    {command}", SHIP) == "pass"


@pytest.mark.parametrize(
    "command",
    [
        f"cosign verify {IMAGE}",
        f"cosign verify {WHOSE} {IMAGE}",
        f"cosign verify {ISSUER} {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '.*' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^https://.*' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} 'https://github.com/.*' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} 'https://github.com/acme/|.*' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^https://github.com/acme/(shop|cart)/|.*' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^(https://github.com/acme/|.*)' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^https://github.com/acme/(a|(b)[|)])|.*' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^https://github.com/acme/\\Q(\\E|.*\\Q)\\E' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} 'https://github.com/acme.*/' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^https://github.com/acme/?' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^https://github.com/acme/{{0,1}}' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} 'https://github.com/${{{{ github.repository_owner }}}}.*' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '${{{{ github.server_url }}}}.*' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '.*@acme.com' {IMAGE}",
        f"cosign verify {WHOSE} --certificate-oidc-issuer-regexp 'https://.*' {IMAGE}",
        f"cosign verify {WHOSE} --certificate-oidc-issuer-regexp '.*' {IMAGE}",
        f"cosign verify {WHOSE} {ISSUER} ghcr.io/acme/shop:1.2",
        f"cosign verify {WHOSE} {ISSUER} ghcr.io/acme/tools@{DIGEST}",
        f"cosign verify {WHOSE} {ISSUER} --check-claims=false {IMAGE}",
        f"cosign verify-attestation --type spdxjson {WHOSE} {ISSUER} {IMAGE}",
        f"gh attestation verify oci://{IMAGE} --repo acme/shop --predicate-type https://spdx.dev/Document/v2.3",
        f"gh attestation verify oci://{IMAGE} --repo acme/shop --predicate-type https://acme.example/tests/v1",
        f"cosign verify-attestation --type https://acme.example/review/v1 {WHOSE} {ISSUER} {IMAGE}",
        f"gh attestation verify oci://{IMAGE}",
        f"slsa-verifier verify-image {IMAGE}",
        f"{VERIFY} || true",
        f"{VERIFY} | jq .",
        f"echo {VERIFY}",
        f"# {VERIFY}\n    true",
    ],
)
def test_fails_when_nothing_but_this_comes_before(command: str) -> None:
    assert verdict(PUSH, f"- run: |\n    {command}", SHIP) == "fail"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (f"COSIGN_CERTIFICATE_IDENTITY: {WHOSE.split()[1]}", "pass"),
        ("COSIGN_CERTIFICATE_IDENTITY_REGEXP: .*", "fail"),
        ("COSIGN_CERTIFICATE_IDENTITY: ''", "fail"),
        ("COSIGN_KEY: cosign.pub", "pass"),
    ],
)
def test_variables_tell_cosign_what_options_do_not(told: str, expected: str) -> None:
    assert verdict(PUSH, f"- run: cosign verify {ISSUER} {IMAGE}\n  env: {{{told}}}", SHIP) == expected


@pytest.mark.parametrize(
    ("issuer", "identity", "expected"),
    [
        ("https://gitlab.com", FORGE_FLOW, "fail"),
        ("https://accounts.google.com", FORGE_FLOW, "fail"),
        ("https://github.com/login/oauth", FORGE_FLOW, "fail"),
        ("https://gitlab.com", "https://github.com/$GITHUB_REPOSITORY/x.yml@$GITHUB_REF", "fail"),
        ("https://token.actions.githubusercontent.com", "https://gitlab.com/acme/shop//.gitlab-ci.yml@main", "fail"),
        ("https://token.actions.githubusercontent.com", "release@acme.com", "fail"),
        ("https://accounts.google.com", "release@acme.com", "pass"),
        ("https://gitlab.com", "https://gitlab.com/acme/shop//.gitlab-ci.yml@main", "pass"),
        ("https://token.actions.githubusercontent.com/acme", FORGE_FLOW, "pass"),
        ("https://token.actions.githubusercontent.com", "$GITHUB_SERVER_URL/acme/shop/x.yml@main", "pass"),
        ("https://gitlab.com", "${{ vars.IDENTITY }}", "pass"),
        ("https://issuer.acme.example", FORGE_FLOW, "pass"),
    ],
)
def test_an_issuer_vouches_for_identities_of_its_own(issuer: str, identity: str, expected: str) -> None:
    exact = f"- run: cosign verify --certificate-identity {identity} --certificate-oidc-issuer {issuer} {IMAGE}"
    assert verdict(PUSH, exact, SHIP) == expected
    if "$" not in identity and "@acme" not in identity:
        patterns = f"{PATTERN} '^{identity}' --certificate-oidc-issuer-regexp '^{issuer}$'"
        assert verdict(PUSH, f"- run: cosign verify {patterns} {IMAGE}", SHIP) == expected


BY_HAND = "{workflow_dispatch: {inputs: {of: {type: string, required: true}}}}"
FORGE, FLOW = "https://github.com", ".github/workflows/release.yml@refs/tags/v1"


@pytest.mark.parametrize(
    ("command", "of", "expected"),
    [
        (f"cosign verify {ISSUER} --certificate-identity {FORGE}/$OF/shop/{FLOW}", "github.actor", "unknown"),
        (f"cosign verify {ISSUER} --certificate-identity $GITHUB_SERVER_URL/$OF/s/{FLOW}", "github.actor", "unknown"),
        (f"cosign verify {ISSUER} --certificate-identity $OF", "inputs.of", "unknown"),
        (f"cosign verify {ISSUER} --certificate-identity $OF", "vars.OF", "pass"),
        (f"cosign verify {ISSUER} --certificate-identity {FORGE}/acme/$OF/{FLOW}", "inputs.of", "pass"),
        (f"cosign verify {ISSUER} --certificate-identity {FORGE}/acme/shop/x@$OF", "inputs.of", "pass"),
        (f"cosign verify {ISSUER} {PATTERN} ^{FORGE}/$OF/", "github.triggering_actor", "unknown"),
        (f"cosign verify {ISSUER} {PATTERN} ^{FORGE}/$OF/", "github.repository_owner", "pass"),
        (f"cosign verify {WHOSE} --certificate-oidc-issuer $OF", "inputs.of", "unknown"),
        (f"cosign verify {ISSUER} {PATTERN} ^{FORGE}/$OF/ --certificate-identity $OF", "inputs.of", "unknown"),
        (f"{VERIFY.replace(IMAGE, '')} --certificate-github-workflow-repository $OF", "inputs.of", "pass"),
        ("cosign verify --key $OF", "inputs.of", "unknown"),
        ("cosign verify --key $OF", "secrets.KEY", "pass"),
    ],
)
def test_whoever_starts_a_run_does_not_say_whose_signature_it_takes(command: str, of: str, expected: str) -> None:
    step = f"- run: {command} {IMAGE}\n  env: {{OF: '${{{{ {of} }}}}'}}"
    assert judge("provenance-verified", released_by(PUSH, step, SHIP, on=BY_HAND)).verdict == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--repo ${{ inputs.of }}", "unknown"),
        ("--repo ${{ inputs.of || github.repository }}", "unknown"),
        ("--owner ${{ github.event.inputs.of }}", "unknown"),
        ("--owner ${{ github.event.repository.owner.login }}", "pass"),
        ("--repo acme/${{ inputs.of }}", "pass"),
        ("--owner acme --signer-repo ${{ inputs.of }}", "pass"),
        ("--owner ${{ vars.OWNER }}", "pass"),
    ],
)
def test_nor_does_it_say_so_to_gh(options: str, expected: str) -> None:
    step = f"- run: gh attestation verify oci://{IMAGE} {options}"
    assert judge("provenance-verified", released_by(PUSH, step, SHIP, on=BY_HAND)).verdict == expected


@pytest.mark.parametrize(
    ("options", "env", "expected"),
    [
        ('--repo "$UNSET"', "{}", "unknown"),
        ('--repo "$UNSET/shop"', "{}", "unknown"),
        ('--owner "$owner"', "{}", "unknown"),
        ('--owner ""', "{}", "fail"),
        ('--owner "$OF"', "{OF: ''}", "fail"),
        ('--owner "$OF"', "{OF: acme}", "pass"),
        ('--owner "$OF"', "{OF: '${{ vars.OWNER }}'}", "pass"),
        ('--owner "${OF:-acme}"', "{}", "pass"),
        ('--repo "acme/$UNSET"', "{}", "pass"),
        ('--owner "$GITHUB_REPOSITORY_OWNER"', "{}", "pass"),
        ('--repo "$GITHUB_REPOSITORY"', "{}", "pass"),
    ],
)
def test_nor_does_a_variable_that_nothing_sets(options: str, env: str, expected: str) -> None:
    step = f"- run: |\n    gh attestation verify oci://{IMAGE} {options}\n  env: {env}"
    assert verdict(PUSH, step, SHIP) == expected


def test_nor_on_gitlab() -> None:
    identity = "https://gitlab.com/acme/shop//.gitlab-ci.yml@refs/tags/$CI_COMMIT_TAG"
    for whose, expected in ("$GITLAB_USER_LOGIN/shop", "unknown"), ("$CI_PROJECT_PATH", "pass"):
        verified = changed((identity, identity.replace("acme/shop", whose)))
        assert judge("provenance-verified", {".gitlab-ci.yml": verified}).verdict == expected


def test_it_must_come_before_and_be_waited_for() -> None:
    build = job(PUSH, outputs=f"{{digest: '{DIGEST}'}}")
    verify = job(f"- run: {VERIFY.replace('steps.push', 'needs.build')}", needs="build", permissions="{packages: read}")
    for needs, expected in ("verify", "pass"), ("build", "fail"):
        files = repository_of(workflow(build=build, verify=verify, ship=job(SHIP, needs=needs)))
        assert judge("provenance-verified", files).verdict == expected
    assert verdict(PUSH, SHIP, f"- run: {VERIFY}") == "fail"


def test_files_are_verified_as_they_were_built() -> None:
    verify = "- run: gh attestation verify dist/* --repo acme/shop"
    assert verdict("- run: uv build", verify, "- run: gh release create v1 dist/*") == "pass"
    assert verdict("- run: uv build", verify, "- run: uv build", "- run: gh release create v1 dist/*") == "fail"


@pytest.mark.parametrize("step", ["- run: make verify", "- uses: acme/verify@v1", "- run: ./hack/verify-image.sh"])
def test_is_unknown_when_something_unseen_may_do_it(step: str) -> None:
    assert verdict(PUSH, step, SHIP) == "unknown"


SLUG = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
  annotations: {HOST/project-slug: acme/shop}
spec: {type: service, lifecycle: production, owner: shop}
"""


def named(command: str, host: str = "github.com", handed_in: HandedIn | None = None, **jobs: str) -> Outcome:
    """What is said of a command before the release, where the catalog says that the repository is acme/shop."""
    jobs["release"] = job(PUSH, f"- run: |\n    {command}", SHIP)
    tree = {**repository_of(workflow(**jobs)), "catalog-info.yaml": SLUG.replace("HOST", host)}
    return judge("provenance-verified", tree, handed_in=handed_in)


IDENTITY = "--certificate-identity"
WORKFLOW = ".github/workflows/release.yml"


@pytest.mark.parametrize(
    "whose",
    [
        f"cosign verify {ISSUER} {IDENTITY} https://github.com/OTHER/{WORKFLOW}@refs/tags/v1 {IMAGE}",
        f"cosign verify {ISSUER} {IDENTITY} https://github.com/OTHER/{WORKFLOW}@${{{{ github.ref }}}} {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^https://github\\.com/OTHER/' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^https://github.com/OTHER/.*' {IMAGE}",
        f"cosign verify {WHOSE} {ISSUER} --certificate-github-workflow-repository OTHER {IMAGE}",
        f"gh attestation verify oci://{IMAGE} --repo OTHER",
        f"gh attestation verify oci://{IMAGE} -R github.com/OTHER",
        f"gh attestation verify oci://{IMAGE} --owner acme --signer-repo OTHER",
        f"gh attestation verify oci://{IMAGE} --owner acme --signer-workflow OTHER/{WORKFLOW}",
        f"slsa-verifier verify-image {IMAGE} --source-uri github.com/OTHER",
        f"slsa-verifier verify-image {IMAGE} --source-uri git+https://github.com/OTHER",
    ],
)
def test_the_build_must_be_one_of_this_repository(whose: str) -> None:
    assert named(whose.replace("OTHER", "acme/shop")).verdict == "pass"
    assert named(whose.replace("OTHER", "Acme/Shop")).verdict == "pass"
    for other in "acme/shops", "acme/tools", "else/shop":
        outcome = named(whose.replace("OTHER", other))
        assert outcome.verdict == "fail"
        assert f"asks for a build of {other}, and this repository is acme/shop" in outcome.summary


@pytest.mark.parametrize(
    "command",
    [
        f"cosign verify {ISSUER} {PATTERN} '^https://github\\.com/acme/' {IMAGE}",
        f"cosign verify {ISSUER} {PATTERN} '^https://github.com/acme/[a-z]+/' {IMAGE}",
        f"cosign verify {ISSUER} {IDENTITY} https://github.com/$GITHUB_REPOSITORY/{WORKFLOW}@$GITHUB_REF {IMAGE}",
        f"cosign verify {GOOGLE} {IDENTITY} release@acme.iam.gserviceaccount.com {IMAGE}",
        f"cosign verify {ISSUER} {IDENTITY} https://git.acme.example/tools/build//.gitlab-ci.yml@main {IMAGE}",
        f"gh attestation verify oci://{IMAGE} --owner acme",
        f"gh attestation verify oci://{IMAGE} --repo ${{{{ github.repository }}}}",
        f"gh attestation verify oci://{IMAGE} --owner ${{{{ vars.OWNER }}}}",
    ],
)
def test_what_may_be_this_repository_is_taken_for_it(command: str) -> None:
    assert named(command).verdict == "pass"


def test_another_owner_is_none_of_this_repository() -> None:
    assert named(f"gh attestation verify oci://{IMAGE} --owner else").verdict == "fail"
    assert named(f"gh attestation verify oci://{IMAGE} --owner acmes").verdict == "fail"


def test_a_workflow_that_a_job_uses_may_sign_for_this_repository() -> None:
    source_of = f"gh attestation verify oci://{IMAGE} --repo"
    use = "uses: acme/workflows/.github/workflows/sign.yml@v1\npermissions: {id-token: write}\n"
    sign = "on: {workflow_call: {}}\njobs: {sign: {runs-on: ubuntu-24.04, steps: [{run: ls}]}}\n"
    lent = HandedIn((source("acme/workflows", "v1", {".github/workflows/sign.yml": sign}),))
    signer = f"{source_of} acme/shop --signer-repo acme/workflows"
    assert named(signer, handed_in=lent, sign=use).verdict == "pass"
    assert named(signer, handed_in=lent).verdict == "fail"
    assert named(f"{source_of} acme/workflows", handed_in=lent, sign=use).verdict == "fail"


def test_the_pipeline_of_another_project_is_none_of_this_one() -> None:
    for path, expected in ("acme/shop", "pass"), ("acme/tools", "fail"), ("acme/shop/tools", "fail"):
        pipeline = changed(("https://gitlab.com/acme/shop//", f"https://gitlab.com/{path}//"))
        tree = {".gitlab-ci.yml": pipeline, "catalog-info.yaml": SLUG.replace("HOST", "gitlab.com")}
        assert judge("provenance-verified", tree).verdict == expected


def test_where_the_catalog_does_not_name_the_repository_the_image_may_be_of_another_owner() -> None:
    other = f"gh attestation verify oci://{IMAGE} --owner else"
    assert verdict(PUSH, f"- run: {other}", SHIP) == "unknown"
    assert named(other, host="gitlab.com").verdict == "unknown"


@pytest.mark.parametrize(
    "command",
    [f"notation verify {IMAGE}", f"ec validate image --image {IMAGE} --policy p.yaml --public-key k.pub",
     f"conforma validate image --image {IMAGE} --policy p.yaml", "witness verify -p policy.json -k k.pub"],
)  # fmt: skip
def test_whom_a_policy_trusts_is_said_by_the_policy(command: str) -> None:
    assert verdict(PUSH, f"- run: {command}", SHIP) == "unknown"
    assert judge("build-signed", released_by(PUSH, f"- run: {command}", SHIP)).verdict == "fail"
