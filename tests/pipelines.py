"""Pipelines of GitLab for tests: one that releases well, and what one change makes of it."""

from __future__ import annotations

from textwrap import dedent, indent

GOOD = """\
stages: [test, build, release]

variables:
  IMAGE: $CI_REGISTRY_IMAGE

test:
  stage: test
  script:
    - pytest

build:
  stage: build
  image: docker:27
  services: [docker:27-dind]
  rules:
    - if: $CI_COMMIT_TAG
  id_tokens:
    SIGSTORE_ID_TOKEN:
      aud: sigstore
  before_script:
    - echo "$CI_REGISTRY_PASSWORD" | docker login -u "$CI_REGISTRY_USER" --password-stdin "$CI_REGISTRY"
  script:
    - docker buildx build --push --metadata-file metadata.json -t "$IMAGE:$CI_COMMIT_TAG" .
    - DIGEST=$(jq -r '."containerimage.digest"' metadata.json)
    - cosign sign --yes "$IMAGE@$DIGEST"
    - syft "$IMAGE@$DIGEST" -o cyclonedx-json=sbom.json
    - cosign attest --yes --type cyclonedx --predicate sbom.json "$IMAGE@$DIGEST"
    - echo "DIGEST=$DIGEST" >> build.env
  artifacts:
    reports:
      dotenv: build.env

verify:
  stage: build
  needs: [build]
  rules:
    - if: $CI_COMMIT_TAG
  variables:
    IDENTITY: https://gitlab.com/acme/shop//.gitlab-ci.yml@refs/tags/$CI_COMMIT_TAG
  script:
    - cosign verify --certificate-identity "$IDENTITY" --certificate-oidc-issuer https://gitlab.com "$IMAGE@$DIGEST"
    - grype "registry:$IMAGE@$DIGEST" --fail-on high

release:
  stage: release
  rules:
    - if: $CI_COMMIT_TAG
  script:
    - echo "releasing $CI_COMMIT_TAG"
  release:
    tag_name: $CI_COMMIT_TAG
    description: The changes
"""
"""Tests, builds, signs, describes, verifies and scans an image, and then releases it: on tags."""

PROOFS = ("build-signed", "sbom-generated", "provenance-verified", "vulnerabilities-gated", "tests-gate-release")
"""The checks that judge what is proven of it before it is released."""


def changed(*changes: tuple[str, str], of: str = GOOD) -> str:
    """The pipeline with some of its lines replaced, each of which is there once."""
    for old, new in changes:
        assert of.count(old) == 1, f"{of.count(old)} times: {old}"
        of = of.replace(old, new)
    return of


def without(job: str, of: str = GOOD) -> str:
    """The pipeline without a job."""
    kept = [part for part in of.split("\n\n") if not part.startswith(f"{job}:")]
    assert len(kept) == len(of.split("\n\n")) - 1
    return "\n\n".join(kept)


def job(name: str, *lines: str) -> str:
    """One more job, of these lines."""
    return f"\n\n{name}:\n" + "".join(indent(dedent(line).strip("\n"), "  ") + "\n" for line in lines)


def on_gitlab(text: str = GOOD, **others: str) -> dict[str, str | bytes | None]:
    """A repository with this pipeline, and other files by path (`__` for `/`)."""
    return {
        ".gitlab-ci.yml": text,
        **{path.replace("__", "/"): dedent(content).lstrip("\n") for path, content in others.items()},
    }
