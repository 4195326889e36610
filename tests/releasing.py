"""Release workflows for tests, made in two lines: steps in, a repository out."""

from __future__ import annotations

from textwrap import dedent, indent

PUSH = """
- uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a
  id: push
  with: {push: true, tags: "ghcr.io/acme/shop:1.2"}
"""
"""Builds and pushes ghcr.io/acme/shop; its digest is `steps.push.outputs.digest`."""

SIGN = """
- run: cosign sign --yes "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
"""

DESCRIBE = """
- run: syft "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}" -o cyclonedx-json=sbom.json
"""

ATTEST = """
- run: cosign attest --yes --type cyclonedx --predicate sbom.json "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
"""

SHIP = """
- run: gh release create "$GITHUB_REF_NAME" --generate-notes
"""

TAG = "{push: {tags: ['v*']}}"


def job(
    *steps: str,
    permissions: str = "{id-token: write, attestations: write, packages: write, contents: write}",
    **keys: str,
) -> str:
    """One job of these steps; further keys are written as they are, `_` for `-`."""
    head = "".join(f"{key.rstrip('_').replace('_', '-')}: {value}\n" for key, value in keys.items())
    body = "".join(dedent(step).strip("\n") + "\n" for step in steps)
    return f"runs-on: ubuntu-24.04\npermissions: {permissions}\n{head}steps:\n{indent(body, '  ')}"


def workflow(on: str = TAG, head: str = "", **jobs: str) -> str:
    """A workflow of these jobs."""
    bodies = "".join(f"  {name}:\n{indent(text, '    ')}" for name, text in jobs.items())
    return f"name: release\non: {on}\n{head}jobs:\n{bodies}"


def released_by(*steps: str, on: str = TAG, **more: str) -> dict[str, str | bytes | None]:
    """A repository whose only workflow has one job of these steps."""
    return repository_of(workflow(on, release=job(*steps, **more)))


def signed_by_script(*lines: str, run_by: str) -> dict[str, str | bytes | None]:
    """A repository whose release runs a script of these lines between the build and the release."""
    return released_by(PUSH, f"{script(*lines)}  shell: {run_by}\n", SHIP)


def script(*lines: str) -> str:
    """A step that runs these lines."""
    return "- run: |\n" + "".join(f"    {line}\n" for line in lines)


def repository_of(text: str, **others: str) -> dict[str, str | bytes | None]:
    """A repository with this release workflow, and other files by path (`__` for `/`)."""
    return {
        ".github/workflows/release.yml": text,
        **{path: dedent(content).lstrip("\n") for path, content in others.items()},
    }
