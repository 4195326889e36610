"""Releases by GitLab CI: which prove what they ship, and which differ from those by one defect."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from pipelines import GOOD, PROOFS, changed, job, on_gitlab, without
from trees import judge

if TYPE_CHECKING:
    from collections.abc import Mapping

    Tree = Mapping[str, str | bytes | None]

TAG = "rules: [{if: $CI_COMMIT_TAG}]"
SIGN = '    - cosign sign --yes "$IMAGE@$DIGEST"\n'
BUILD = '    - docker buildx build --push --metadata-file metadata.json -t "$IMAGE:$CI_COMMIT_TAG" .\n'
READ = "    - DIGEST=$(jq -r '.\"containerimage.digest\"' metadata.json)\n"
ATTEST = '    - cosign attest --yes --type cyclonedx --predicate sbom.json "$IMAGE@$DIGEST"\n'
DESCRIBE = '    - syft "$IMAGE@$DIGEST" -o cyclonedx-json=sbom.json\n'
IDENTITY = "  id_tokens:\n    SIGSTORE_ID_TOKEN:\n      aud: sigstore\n"
RELEASE = "release:\n  stage: release\n"
BUILD_HEAD = "build:\n  stage: build\n  image: docker:27\n"
VERIFY_HEAD = "verify:\n  stage: build\n  needs: [build]\n"
VERIFY = (
    '    - cosign verify --certificate-identity "$IDENTITY" --certificate-oidc-issuer https://gitlab.com'
    ' "$IMAGE@$DIGEST"\n'
)
SCAN = '    - grype "registry:$IMAGE@$DIGEST" --fail-on high\n'
TEST = "test:\n  stage: test\n  script:\n    - pytest\n"
RULES = "  rules:\n    - if: $CI_COMMIT_TAG\n"
SHIP = '    - echo "releasing $CI_COMMIT_TAG"\n  release:\n    tag_name: $CI_COMMIT_TAG\n    description: The changes\n'


def shipping(*lines: str) -> str:
    """The good pipeline, with these lines in the place of its release."""
    return changed((SHIP, "".join(f"    - {line}\n" for line in lines)))


def scripts_of(*lines: str) -> str:
    """A pipeline whose build is done by these lines."""
    return changed((BUILD + READ, "".join(f"    - {line}\n" for line in lines)))


RELEASES_WELL: dict[str, Tree] = {
    "everything in its place": on_gitlab(),
    "rules that test a pattern everywhere": on_gitlab(
        GOOD.replace("if: $CI_COMMIT_TAG", "if: $CI_COMMIT_TAG =~ /^v\\d+/")
    ),
    "only tags": on_gitlab(GOOD.replace(RULES, "  only: [tags]\n")),
    "only tags by a pattern, and no branches": on_gitlab(
        GOOD.replace(RULES, "  only: [/^v\\d+/]\n  except: [branches]\n")
    ),
    "no stages, but needs": on_gitlab(
        GOOD.replace("stages: [test, build, release]\n", "")
        .replace("  stage: release\n", "  needs: [test, build, verify]\n")
        .replace("  stage: test\n", "")
    ),
    "everything from a hidden job": on_gitlab(
        changed((BUILD_HEAD, ".signing:\n" + IDENTITY + "\n" + BUILD_HEAD + "  extends: .signing\n")).replace(
            IDENTITY + "  before", "  before"
        )
    ),
    "a chain of hidden jobs": on_gitlab(
        ".a: {image: docker:27}\n.b: {extends: .a}\n"
        + changed(("build:\n  stage: build\n  image: docker:27\n", "build:\n  extends: [.b]\n  stage: build\n"))
    ),
    "an anchor and a merge": on_gitlab(".tags: &tags\n" + RULES + "\n" + GOOD.replace(RULES, "  <<: *tags\n")),
    "two merges, as Ruby reads them": on_gitlab(
        ".tags: &tags\n"
        + RULES
        + ".docker: &docker\n  image: docker:27\n"
        + changed(
            (
                BUILD_HEAD + "  services: [docker:27-dind]\n" + RULES,
                "build:\n  <<: *tags\n  <<: *docker\n  stage: build\n",
            )
        )
    ),
    "lines by !reference": on_gitlab(
        f".sign:\n  script:\n{SIGN}\n" + changed((SIGN, "    - !reference [.sign, script]\n"))
    ),
    "rules by !reference": on_gitlab(
        ".tags:\n"
        + RULES
        + "\n"
        + GOOD.replace("  rules:\n    - if:", "  rules:\n    - !reference [.tags, rules]\n    - if:")
    ),
    "the build in an included file": on_gitlab(
        "include: ci/build.yml\n" + without("build"),
        ci__build__yml="",
    )
    | {"ci/build.yml": "build:" + GOOD.split("\nbuild:")[1].split("\n\n")[0] + "\n"},
    "all that is included by a pattern": on_gitlab("include: [{local: '/ci/**.yml'}]\n" + without("build"))
    | {"ci/jobs/build.yml": "build:" + GOOD.split("\nbuild:")[1].split("\n\n")[0] + "\n"},
    "an included file with inputs": on_gitlab(
        "include: [{local: ci/build.yml, inputs: {stage: build}}]\n" + without("build")
    )
    | {
        "ci/build.yml": "spec:\n  inputs:\n    stage: {default: test}\n    file: {default: metadata.json}\n---\nbuild:"
        + GOOD.split("\nbuild:")[1]
        .split("\n\n")[0]
        .replace("stage: build", "stage: $[[ inputs.stage ]]")
        .replace("metadata.json", "$[[ inputs.file ]]")
        + "\n"
    },
    "an include with rules": on_gitlab(
        "include: [{local: ci/build.yml, rules: [{if: $CI_COMMIT_TAG}]}]\n" + without("build")
    )
    | {"ci/build.yml": "build:" + GOOD.split("\nbuild:")[1].split("\n\n")[0] + "\n"},
    "the whole release in a child pipeline": on_gitlab(
        "ship:\n  trigger: {include: ci/release.yml, strategy: depend}\n  rules: [{if: $CI_COMMIT_TAG}]\n"
    )
    | {"ci/release.yml": GOOD},
    "the build in a child pipeline that is waited for": on_gitlab(
        "stages: [build, release]\nbuild:\n  stage: build\n  trigger: {include: ci/build.yml, strategy: depend}\n"
        f"  {TAG}\nrelease:" + GOOD.split("\nrelease:")[1]
    )
    | {"ci/build.yml": without("release")},
    "signing in a child pipeline that is waited for": on_gitlab(
        changed((SIGN, ""), (DESCRIBE, ""), (ATTEST, ""))
        + job(
            "sign",
            "stage: build",
            "trigger: {include: [{local: ci/sign.yml}], strategy: depend}",
            "needs: [build]",
            TAG,
            "variables: {DIGEST: $DIGEST}",
        )
    )
    | {"ci/sign.yml": "sign:\n" + IDENTITY + "  script:\n" + SIGN + DESCRIBE + ATTEST},
    "a workflow with rules": on_gitlab(
        "workflow:\n  rules:\n    - if: $CI_PIPELINE_SOURCE == 'merge_request_event'\n      when: never\n"
        "    - if: $CI_COMMIT_TAG\n" + GOOD
    ),
    "a variable set by rules": on_gitlab(
        changed(
            (
                RULES + IDENTITY,
                "  rules:\n    - if: $CI_COMMIT_TAG\n      variables: {FILE: metadata.json}\n" + IDENTITY,
            )
        )
        .replace("--metadata-file metadata.json", '--metadata-file "$FILE"')
        .replace("digest\"' metadata.json", 'digest"\' "$FILE"')
    ),
    "variables in variables": on_gitlab(
        changed(("  IMAGE: $CI_REGISTRY_IMAGE\n", "  NAME: $CI_REGISTRY_IMAGE\n  IMAGE: ${NAME}\n"))
    ),
    "kaniko writes the digest": on_gitlab(
        scripts_of(
            '/kaniko/executor --context "$CI_PROJECT_DIR" -d "$IMAGE:$CI_COMMIT_TAG" --digest-file digest.txt',
            "DIGEST=$(cat digest.txt)",
        )
    ),
    "BuildKit without a daemon": on_gitlab(
        scripts_of(
            "buildctl-daemonless.sh build --frontend dockerfile.v0 --local context=. --local dockerfile=."
            ' --output "type=image,name=$IMAGE:$CI_COMMIT_TAG,push=true" --metadata-file metadata.json',
            READ[6:-1],
        )
    ),
    "buildah writes the digest": on_gitlab(
        scripts_of(
            'buildah build -t "$IMAGE:$CI_COMMIT_TAG" .',
            'buildah push --digestfile digest.txt "$IMAGE:$CI_COMMIT_TAG"',
            "DIGEST=$(cat digest.txt)",
        )
    ),
    "buildah pushes it under another name": on_gitlab(
        scripts_of(
            "buildah build -t localhost/shop .",
            'buildah push --digestfile digest.txt localhost/shop "docker://$IMAGE:$CI_COMMIT_TAG"',
            "DIGEST=$(cat digest.txt)",
        )
    ),
    "signed in the next job by the digest of the report": on_gitlab(
        changed((SIGN, ""), (IDENTITY, ""), (ATTEST, ""), (DESCRIBE, ""))
        + job("sign", "stage: build", "needs: [build]", TAG, IDENTITY, "script:\n" + SIGN + DESCRIBE + ATTEST)
    ),
    "signed with a key": on_gitlab(changed((IDENTITY, "")).replace("--yes", "--key env://COSIGN_PRIVATE_KEY")),
    "an identity of another name, handed over": on_gitlab(
        changed(("    SIGSTORE_ID_TOKEN:\n", "    OIDC:\n")).replace("--yes", '--yes --identity-token "$OIDC"')
    ),
    "an identity of another name, exported": on_gitlab(
        changed(("    SIGSTORE_ID_TOKEN:\n", "    OIDC:\n"), (BUILD, "    - export SIGSTORE_ID_TOKEN=$OIDC\n" + BUILD))
    ),
    "a release by hand": on_gitlab(
        changed((RELEASE + RULES, RELEASE + "  rules:\n    - if: $CI_COMMIT_TAG\n      when: manual\n"))
    ),
    "a build by hand that blocks": on_gitlab(
        changed((IDENTITY, IDENTITY + "  when: manual\n  allow_failure: false\n"))
    ),
    "a later job that is optional": on_gitlab(
        GOOD + job("notify", "stage: .post", "script: [echo done]", "allow_failure: true")
    ),
    "an optional lint before it": on_gitlab(
        GOOD + job("lint", "stage: test", "script: [ruff check]", "allow_failure: true")
    ),
    "a deployment that names the digest": on_gitlab(
        shipping('kubectl set image deployment/shop shop="$IMAGE@$DIGEST"')
    ),
    "helm by the digest": on_gitlab(shipping('helm upgrade shop ./chart --set image.digest="$DIGEST"')),
    "a pipeline elsewhere that starts once all is proven": on_gitlab(
        without("release") + job("release", "stage: release", TAG, "trigger: acme/deploy")
    ),
    "glab": on_gitlab(shipping('glab release create "$CI_COMMIT_TAG"')),
    "release-cli": on_gitlab(shipping('release-cli create --name "$CI_COMMIT_TAG" --tag-name "$CI_COMMIT_TAG"')),
    "scanners of GitLab beside it": on_gitlab(
        "include: [{template: Security/SAST.gitlab-ci.yml}]\n" + GOOD + job("sast", "stage: test")
    ),
    "default, and who inherits it": on_gitlab(
        "default:\n  image: docker:27\n" + GOOD.replace("  image: docker:27\n", "")
    ),
    "a job of one leg": on_gitlab(changed((IDENTITY, IDENTITY + "  parallel: {matrix: [{ARCH: [amd64]}]}\n"))),
    "retries and groups change nothing": on_gitlab(
        changed((IDENTITY, IDENTITY + "  retry: 2\n  interruptible: false\n  resource_group: release\n  timeout: 1h\n"))
    ),
    "an SBOM is made elsewhere by the digest": on_gitlab(
        changed((DESCRIBE, '    - trivy image --format cyclonedx --output sbom.json "$IMAGE@$DIGEST"\n'))
    ),
    "what comes after a failure does not count": on_gitlab(
        GOOD + job("tell", "stage: release", "when: on_failure", "script: [echo failed]")
    ),
}

FAILS: dict[str, tuple[str, Tree]] = {
    "nobody signs": ("build-signed", on_gitlab(changed((SIGN, "")))),
    "only an echo speaks of signing": (
        "build-signed",
        on_gitlab(changed((SIGN, '    - echo cosign sign --yes "$IMAGE@$DIGEST"\n'))),
    ),
    "only a comment speaks of signing": ("build-signed", on_gitlab(changed((SIGN, f"    #{SIGN[5:]}")))),
    "signing by the tag": ("build-signed", on_gitlab(changed((SIGN, SIGN.replace("@$DIGEST", ":$CI_COMMIT_TAG"))))),
    "a digest that is looked up again": (
        "build-signed",
        on_gitlab(changed((READ, '    - DIGEST=$(crane digest "$IMAGE:$CI_COMMIT_TAG")\n'))),
    ),
    "the id of the image": (
        "build-signed",
        on_gitlab(
            changed(
                (BUILD, BUILD.replace("--metadata-file metadata.json", "--iidfile id.txt")),
                (READ, "    - DIGEST=$(cat id.txt)\n"),
            )
        ),
    ),
    "no identity": ("build-signed", on_gitlab(changed((IDENTITY, "")))),
    "an identity for somebody else": (
        "build-signed",
        on_gitlab(changed(("      aud: sigstore\n", "      aud: https://vault.acme.example\n"))),
    ),
    "an identity for somebody else, handed over": (
        "build-signed",
        on_gitlab(
            changed(
                ("SIGSTORE_ID_TOKEN:\n      aud: sigstore", "OIDC:\n      aud: https://vault.acme.example")
            ).replace("--yes", '--yes --identity-token "$OIDC"')
        ),
    ),
    "an identity of a name that cosign does not look for": (
        "build-signed",
        on_gitlab(changed(("SIGSTORE_ID_TOKEN", "SIGSTORE_TOKEN"))),
    ),
    "an identity in another job": (
        "build-signed",
        on_gitlab(changed((IDENTITY, ""), (VERIFY_HEAD, VERIFY_HEAD + IDENTITY))),
    ),
    "a default that is not inherited": (
        "build-signed",
        on_gitlab("default:\n" + IDENTITY + changed((IDENTITY, "  inherit: {default: [image]}\n"))),
    ),
    "signing that may fail": ("build-signed", on_gitlab(changed((SIGN, SIGN.rstrip() + " || true\n")))),
    "signing in after_script": (
        "build-signed",
        on_gitlab(
            changed(
                (SIGN, ""),
                (
                    "  artifacts:\n",
                    "  after_script:\n"
                    + SIGN.replace("$DIGEST", "$(jq -r .containerimage.digest metadata.json)")
                    + "  artifacts:\n",
                ),
            )
        ),
    ),
    "a job that is allowed to fail": (
        "build-signed",
        on_gitlab(changed((IDENTITY, IDENTITY + "  allow_failure: true\n"))),
    ),
    "a job that is allowed to fail as signing does": (
        "build-signed",
        on_gitlab(changed((IDENTITY, IDENTITY + "  allow_failure: {exit_codes: [1]}\n"))),
    ),
    "signing on branches only": (
        "build-signed",
        on_gitlab(
            changed((SIGN, ""))
            + job(
                "sign",
                "stage: build",
                "needs: [{job: build, optional: true}]",
                "rules: [{if: $CI_COMMIT_BRANCH}]",
                IDENTITY,
                "script:\n" + SIGN,
            )
        ),
    ),
    "signing in merge requests only": (
        "build-signed",
        on_gitlab(
            changed((SIGN, "")) + job("sign", "stage: build", "only: [merge_requests]", IDENTITY, "script:\n" + SIGN)
        ),
    ),
    "signing once the release is out": (
        "build-signed",
        on_gitlab(
            changed((SIGN, ""))
            + job("sign", "stage: .post", "needs: [build, release]", TAG, IDENTITY, "script:\n" + SIGN)
        ),
    ),
    "a release that starts at once": ("build-signed", on_gitlab(changed((RELEASE, RELEASE + "  needs: []\n")))),
    "a release that needs the tests only": (
        "build-signed",
        on_gitlab(changed((RELEASE, RELEASE + "  needs: [test]\n"))),
    ),
    "a release whatever has failed": (
        "build-signed",
        on_gitlab(changed((RELEASE + RULES, RELEASE + "  rules:\n    - if: $CI_COMMIT_TAG\n      when: always\n"))),
    ),
    "a child pipeline that nobody waits for": (
        "build-signed",
        on_gitlab(
            "stages: [build, release]\n"
            + changed((SIGN, "")).split("\n", 1)[1].replace("stage: test", "stage: build")
            + job(
                "sign",
                "stage: build",
                "trigger: {include: ci/sign.yml}",
                "needs: [build]",
                TAG,
                "variables: {DIGEST: $DIGEST}",
            )
        )
        | {"ci/sign.yml": "sign:\n" + IDENTITY + "  script:\n" + SIGN},
    ),
    "a hidden job that nobody extends": (
        "build-signed",
        on_gitlab(changed((SIGN, "")) + job(".sign", IDENTITY, "script:\n" + SIGN)),
    ),
    "a digest that is not handed over": (
        "build-signed",
        on_gitlab(
            changed((SIGN, ""), ("  artifacts:\n    reports:\n      dotenv: build.env\n", "")).replace(
                '    - echo "DIGEST=$DIGEST" >> build.env\n', ""
            )
            + job(
                "sign", "stage: build", "needs: [build]", TAG, IDENTITY, 'variables: {DIGEST: ""}', "script:\n" + SIGN
            )
        ),
    ),
    "the last key counts": (
        "build-signed",
        on_gitlab(
            changed(
                (
                    "  artifacts:\n",
                    '  script:\n    - docker buildx build --push -t "$IMAGE:$CI_COMMIT_TAG" .\n  artifacts:\n',
                )
            )
        ),
    ),
    "a merge over the script": (
        "build-signed",
        on_gitlab(
            '.plain: &plain\n  script:\n    - docker buildx build --push -t "$IMAGE:$CI_COMMIT_TAG" .\n'
            + changed(("  artifacts:\n", "  <<: *plain\n  artifacts:\n"))
        ),
    ),
    "an include that only branches have": (
        "build-signed",
        on_gitlab("include: [{local: ci/sign.yml, rules: [{if: $CI_COMMIT_BRANCH}]}]\n" + changed((SIGN, "")))
        | {"ci/sign.yml": "sign:\n  stage: build\n  needs: [build]\n" + IDENTITY + "  script:\n" + SIGN},
    ),
    "signing by hand that nobody waits for": (
        "build-signed",
        on_gitlab(
            changed((SIGN, ""))
            + job(
                "sign", "stage: build", "needs: [build]", "only: [tags]", "when: manual", IDENTITY, "script:\n" + SIGN
            )
        ),
    ),
    "the first rule that fits decides": (
        "build-signed",
        on_gitlab(
            changed((SIGN, ""))
            + job(
                "sign",
                "stage: build",
                "needs: [build]",
                "rules: [{if: $CI_COMMIT_TAG, when: never}, {when: on_success}]",
                IDENTITY,
                "script:\n" + SIGN,
            )
        ),
    ),
    "each leg of a matrix reports its own digest": (
        "build-signed",
        on_gitlab(
            changed(
                (SIGN, ""), ("  artifacts:\n", "  parallel: {matrix: [{ARCH: [amd64, arm64]}]}\n  artifacts:\n")
            ).replace('-t "$IMAGE:', '-t "$IMAGE/$ARCH:')
            + job("sign", "stage: build", "needs: [build]", TAG, IDENTITY, "script:\n" + SIGN)
        ),
    ),
    "a rule by which signing may fail": (
        "build-signed",
        on_gitlab(
            changed((RULES + IDENTITY, "  rules:\n    - if: $CI_COMMIT_TAG\n      allow_failure: true\n" + IDENTITY))
        ),
    ),
    "signing once something has failed": (
        "build-signed",
        on_gitlab(
            changed((SIGN, ""))
            + job(
                "sign",
                "stage: build",
                "needs: [build]",
                TAG[:-2] + ", when: on_failure}]",
                IDENTITY,
                "script:\n" + SIGN,
            )
        ),
    ),
    "a script that ends before it signs": ("build-signed", on_gitlab(changed((SIGN, "    - exit 0\n" + SIGN)))),
    "a script that goes on after errors": ("build-signed", on_gitlab(changed((SIGN, "    - set +e\n" + SIGN)))),
    "signing of the sources": (
        "build-signed",
        on_gitlab(changed((SIGN, "    - cosign sign-blob --yes --bundle b Dockerfile\n"))),
    ),
    "an SBOM of the sources": (
        "sbom-generated",
        on_gitlab(changed((DESCRIBE, "    - syft . -o cyclonedx-json=sbom.json\n"))),
    ),
    "an SBOM that is a report of GitLab": (
        "sbom-generated",
        on_gitlab(
            changed(
                (ATTEST, ""), ("      dotenv: build.env\n", "      dotenv: build.env\n      cyclonedx: sbom.json\n")
            )
        ),
    ),
    "an SBOM of a tag": (
        "sbom-generated",
        on_gitlab(changed((DESCRIBE, DESCRIBE.replace("@$DIGEST", ":$CI_COMMIT_TAG")))),
    ),
    "nothing is verified": ("provenance-verified", on_gitlab(changed((VERIFY, "")))),
    "the signature of anybody": (
        "provenance-verified",
        on_gitlab(changed(('--certificate-identity "$IDENTITY"', "--certificate-identity-regexp '.*'"))),
    ),
    "verified once it is out": ("provenance-verified", on_gitlab(changed((VERIFY_HEAD, "verify:\n  stage: .post\n")))),
    "a scan that lets everything pass": (
        "vulnerabilities-gated",
        on_gitlab(changed((SCAN, SCAN.replace(" --fail-on high", "")))),
    ),
    "GitLab's scanner, which only reports": (
        "vulnerabilities-gated",
        on_gitlab(
            "include: [{template: Jobs/Container-Scanning.gitlab-ci.yml}]\n"
            + changed((SCAN, ""))
            + job("container_scanning", "stage: test", "variables: {CS_IMAGE: $IMAGE:$CI_COMMIT_TAG}")
        ),
    ),
    "GitLab's scanner in jobs of other names": (
        "vulnerabilities-gated",
        on_gitlab(
            "include: [{template: Jobs/Container-Scanning.gitlab-ci.yml}]\n"
            + changed((SCAN, ""))
            + job("container_scanning", "stage: test", "allow_failure: false")
            + job("scan", "stage: build", "extends: container_scanning", "variables: {CS_IMAGE: $IMAGE:$CI_COMMIT_TAG}")
        ),
    ),
    "nothing signs, and GitLab's scanner of interfaces reports": (
        "build-signed",
        on_gitlab(
            "include: [{template: DAST-API.gitlab-ci.yml}]\n"
            + changed((SIGN, ""))
            + job("dast_api", "stage: build", "extends: .dast")
            + job(".dast", "needs: [build]")
        ),
    ),
    "nothing signs, and its successor reports": (
        "build-signed",
        on_gitlab(
            "include: [{template: API-Security.gitlab-ci.yml}]\n"
            + changed((SIGN, ""))
            + job("api_security", "stage: build")
        ),
    ),
    "nothing signs, and a job of another name scans": (
        "build-signed",
        on_gitlab(
            "include: [{template: Jobs/Container-Scanning.gitlab-ci.yml}]\n"
            + changed((SIGN, ""))
            + job(".base", "extends: container_scanning")
            + job("scan", "stage: build", "extends: .base", "needs: [build]")
        ),
    ),
    "no tests": ("tests-gate-release", on_gitlab(without("test"))),
    "tests that may fail": ("tests-gate-release", on_gitlab(changed((TEST, TEST + "  allow_failure: true\n")))),
    "tests in merge requests only": (
        "tests-gate-release",
        on_gitlab(changed((TEST, TEST + "  only: [merge_requests]\n"))),
    ),
    "tests that the release does not wait for": (
        "tests-gate-release",
        on_gitlab(changed((RELEASE, RELEASE + "  needs: [build]\n"), (BUILD_HEAD, BUILD_HEAD + "  needs: []\n"))),
    ),
    "tests in after_script": (
        "tests-gate-release",
        on_gitlab(changed((TEST, "test:\n  stage: test\n  script: [echo]\n  after_script: [pytest]\n"))),
    ),
}

UNKNOWN: dict[str, tuple[str, Tree]] = {
    "a project's file": (
        "build-signed",
        on_gitlab("include: [{project: acme/ci, file: /sign.yml, ref: v1}]\n" + changed((SIGN, ""))),
    ),
    "a project's file beside a good release": (
        "build-signed",
        on_gitlab("include: [{project: acme/ci, file: /more.yml}]\n" + GOOD),
    ),
    "a file of the web": (
        "build-signed",
        on_gitlab("include: https://ci.acme.example/sign.yml\n" + changed((SIGN, ""))),
    ),
    "a component": (
        "build-signed",
        on_gitlab("include: [{component: $CI_SERVER_FQDN/acme/ci/sign@1.2.0}]\n" + changed((SIGN, ""))),
    ),
    "Auto DevOps": ("build-signed", on_gitlab("include: [{template: Auto-DevOps.gitlab-ci.yml}]\n")),
    "a base that comes from elsewhere": (
        "build-signed",
        on_gitlab(
            "include: [{project: acme/ci, file: /base.yml}]\n"
            + changed((SIGN, ""), (BUILD_HEAD, BUILD_HEAD + "  extends: .base\n"))
        ),
    ),
    "a job called like GitLab's scanner, which a project's file may bring": (
        "build-signed",
        on_gitlab(
            "include: [{project: acme/ci, file: /base.yml}]\n"
            + changed((SIGN, ""))
            + job("scan", "stage: build", "extends: container_scanning", "needs: [build]")
        ),
    ),
    "a job that no template of GitLab's has": (
        "build-signed",
        on_gitlab(
            "include: [{template: DAST-API.gitlab-ci.yml}]\n"
            + changed((SIGN, ""))
            + job("dast_api_release", "stage: build", "needs: [build]")
        ),
    ),
    "a pipeline that is made in a job": (
        "build-signed",
        on_gitlab(
            "make:\n  script: [./make-pipeline]\n  artifacts: {paths: [p.yml]}\nrun:\n  stage: deploy\n  "
            "trigger: {include: [{artifact: p.yml, job: make}]}\n"
        ),
    ),
    "signing only if a variable says so": (
        "build-signed",
        on_gitlab(
            changed((SIGN, ""))
            + job(
                "sign",
                "stage: build",
                "needs: [build]",
                "rules: [{if: $CI_COMMIT_TAG && $SIGN == 'true'}]",
                IDENTITY,
                "script:\n" + SIGN,
            )
        ),
    ),
    "signing only for some tags": (
        "build-signed",
        on_gitlab(
            changed((SIGN, ""))
            + job(
                "sign",
                "stage: build",
                "needs: [build]",
                "rules: [{if: '$CI_COMMIT_TAG =~ /-stable$/'}]",
                IDENTITY,
                "script:\n" + SIGN,
            )
        ),
    ),
    "two jobs report a digest under the same name": (
        "build-signed",
        on_gitlab(
            changed((SIGN, ""))
            + job(
                "other",
                "stage: build",
                TAG,
                "script: ['echo DIGEST=sha256:0 > build.env']",
                "artifacts: {reports: {dotenv: build.env}}",
            )
            + job("sign", "stage: build", "needs: [build, other]", TAG, IDENTITY, "script:\n" + SIGN)
        ),
    ),
    "signing unless it ends in some way": (
        "build-signed",
        on_gitlab(changed((IDENTITY, IDENTITY + "  allow_failure: {exit_codes: [42]}\n"))),
    ),
    "the digest comes from a script that nobody knows": (
        "build-signed",
        on_gitlab(changed((READ, "    - DIGEST=$(./digest-of metadata.json)\n"))),
    ),
    "a pipeline elsewhere that starts at once": (
        "build-signed",
        on_gitlab(without("release") + job("release", "stage: release", "needs: []", TAG, "trigger: acme/deploy")),
    ),
    "a pipeline elsewhere that releases it all": (
        "build-signed",
        on_gitlab(job("release", TAG, "trigger: {project: acme/release, branch: main, strategy: depend}")),
    ),
    "steps": (
        "build-signed",
        on_gitlab("release:\n  run:\n    - name: release\n      step: gitlab.com/acme/release@1\n"),
    ),
    "a Windows runner": ("build-signed", on_gitlab("release:\n  tags: [windows]\n  script: [release.exe]\n")),
    "tests that only run if something has changed": (
        "tests-gate-release",
        on_gitlab(
            GOOD.replace("$CI_COMMIT_TAG", "$CI_COMMIT_BRANCH").replace(TEST, TEST + "  rules: [{changes: [src/**]}]\n")
        ),
    ),
}


FILES = """\
stages: [build, sign, publish]
.tags: &tags [{if: $CI_COMMIT_TAG}]
build:
  stage: build
  rules: *tags
  script: [pytest, uv build]
  artifacts: {paths: [dist/]}
sign:
  stage: sign
  rules: *tags
  id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}
  script:
    - for file in dist/*; do cosign sign-blob --yes --bundle "$file.bundle" "$file"; done
  artifacts: {paths: [dist/]}
publish:
  stage: publish
  rules: *tags
  script: ['PUBLISH']
"""
"""Builds files in a job, signs them in the next, and publishes them in the last."""

PUBLISHES = {
    "PyPI": "twine upload dist/*",
    "the project's packages": (
        'for f in dist/*; do curl -H "JOB-TOKEN: $CI_JOB_TOKEN" -T "$f" "$CI_API_V4_URL/packages/a/$f"; done'
    ),
    "a release": 'glab release create "$CI_COMMIT_TAG" dist/*',
}


@pytest.mark.parametrize("where", PUBLISHES)
def test_files_are_carried_from_job_to_job(where: str) -> None:
    signed = FILES.replace("PUBLISH", PUBLISHES[where])
    assert judge("build-signed", on_gitlab(signed)).verdict == "pass"
    others = signed.replace('"$file.bundle" "$file"', "b README.md")
    assert judge("build-signed", on_gitlab(others)).verdict == "fail"
    built_again = signed.replace("script: ['", "script: [uv build, '")
    assert judge("build-signed", on_gitlab(built_again)).verdict == "fail"
    may_be_another = "artifacts: {paths: [dist/]}\npublish"
    after = signed.replace(may_be_another, f"after_script: ['cp x \"$OUT\"']\n  {may_be_another}")
    assert judge("build-signed", on_gitlab(after)).verdict == "unknown"
    alone = signed.replace("publish:\n", "publish:\n  dependencies: []\n")
    assert judge("build-signed", on_gitlab(alone)).verdict != "pass"


@pytest.mark.parametrize(
    ("kept", "published", "expected"),
    [
        ("[dist/]", "dist/*", "pass"),
        ("[dist/]", "dist/a dist/b", "unknown"),
        ("[dist/], expire_in: never", "dist/a dist/b", "pass"),
        ("[dist/]", "dist/a dist/b dist/a.bundle dist/b.bundle", "pass"),
    ],
)
def test_of_signatures_that_a_loop_leaves_among_artifacts_settings_decide(
    kept: str, published: str, expected: str
) -> None:
    carried = FILES.replace("uv build", "go build -o dist/a ./a && go build -o dist/b ./b")
    carried = carried.replace("PUBLISH", f'glab release create "$CI_COMMIT_TAG" {published}')
    before, sign, after = carried.partition("\nsign:")
    signed = before + sign + after.replace("[dist/]", kept)
    assert judge("build-signed", on_gitlab(signed)).verdict == expected


@pytest.mark.parametrize("name", RELEASES_WELL)
def test_a_good_release_passes(name: str) -> None:
    for check in PROOFS:
        outcome = judge(check, RELEASES_WELL[name])
        assert outcome.verdict == "pass", (check, outcome)


@pytest.mark.parametrize("name", FAILS)
def test_one_defect_is_found(name: str) -> None:
    check, files = FAILS[name]
    outcome = judge(check, files)
    assert outcome.verdict == "fail", outcome


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_seen_is_unknown(name: str) -> None:
    check, files = UNKNOWN[name]
    outcome = judge(check, files)
    assert outcome.verdict == "unknown", outcome


# --- the pipelines of these tests are what GitLab would take


class _Loader(yaml.SafeLoader):
    """YAML as GitLab reads it, `!reference` included."""


def _reference(loader: _Loader, node: yaml.SequenceNode) -> list[object]:
    return list(loader.construct_sequence(node))


_Loader.add_constructor("!reference", _reference)


@pytest.mark.parametrize("name", [*RELEASES_WELL, *FAILS, *UNKNOWN])
def test_gitlab_would_take_the_pipeline(name: str) -> None:
    files = RELEASES_WELL.get(name) or {**FAILS, **UNKNOWN}[name][1]
    vendored = resources.files("check_jsonschema") / "builtin_schemas/vendor/gitlab-ci.json"
    schema: dict[str, Any] = json.loads(vendored.read_text())
    *_, document = yaml.load_all(str(files[".gitlab-ci.yml"]), _Loader)
    found = [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(document)]
    assert not found


BUNDLED = """\
build:
  rules: [{if: $CI_COMMIT_TAG}]
  id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}
  script:
    - go build -o shop . && cosign sign-blob --yes --bundle shop.bundle shop
  artifacts: {paths: [KEPT]}
release:
  stage: deploy
  rules: [{if: $CI_COMMIT_TAG}]
  script:
    - glab release create "$CI_COMMIT_TAG" PUBLISHED
"""


@pytest.mark.parametrize(
    ("kept", "published", "expected"),
    [
        ("shop", "shop", "fail"),
        ("shop, shop.bundle", "shop shop.bundle", "pass"),
        ("shop*", "shop", "unknown"),
        ("shop*", "shop shop.bundle", "pass"),
        ("shop*], expire_in: 1 year, exclude: [a", "shop", "unknown"),
        ("shop*], expire_in: never, exclude: [a", "shop", "pass"),
        ("shop", "shop && cat shop.bundle", "fail"),
        ("shop", "shop && aws s3 cp shop.bundle s3://acme/", "pass"),
    ],
)
def test_a_signature_of_files_that_no_job_keeps_is_seen_by_nobody(kept: str, published: str, expected: str) -> None:
    text = BUNDLED.replace("KEPT", kept).replace("PUBLISHED", published)
    assert judge("build-signed", on_gitlab(text)).verdict == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^$CI_PROJECT_URL//", "pass"),
        ("https://gitlab.com/$CI_PROJECT_PATH//.*", "pass"),
        ("$CI_SERVER_URL/$CI_PROJECT_PATH.*", "pass"),
        ("$CI_SERVER_URL/.*", "fail"),
        ("https://gitlab.com/$CI_PROJECT_NAMESPACE.*", "fail"),
    ],
)
def test_a_pattern_of_the_project_leaves_nobody_else(pattern: str, expected: str) -> None:
    asked = f'--certificate-identity-regexp "{pattern}"'
    files = on_gitlab(changed(('--certificate-identity "$IDENTITY"', asked)))
    assert judge("provenance-verified", files).verdict == expected


def test_what_runs_before_the_sources_are_there_is_seen() -> None:
    hooks = 'hooks: {pre_get_sources_script: ["docker push ghcr.io/acme/other:1"]}\n'
    for pipeline in (changed((TEST, f"{TEST}  {hooks}")), f"default: {{{hooks.strip()}}}\n\n{GOOD}"):
        assert judge("build-signed", on_gitlab(pipeline)).verdict == "fail"
    harmless = hooks.replace("docker push ghcr.io/acme/other:1", "git config --global http.sslVerify true")
    assert judge("build-signed", on_gitlab(changed((TEST, f"{TEST}  {harmless}")))).verdict == "pass"
