"""Releases that do right in a way that few do, and scripts in PowerShell, which are only words here."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge

REF = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
SIGNS = f'cosign sign --yes "{REF}"'


def run(*lines: str, **keys: str) -> str:
    """A step that runs these lines; further keys are written as they are, `_` for `-`."""
    more = "".join(f"  {key.rstrip('_').replace('_', '-')}: {value}\n" for key, value in keys.items())
    return "- run: |\n" + "".join(f"    {line}\n" for line in lines) + more


def pwsh(*lines: str) -> str:
    """A step that runs these lines in PowerShell."""
    return run(*lines) + "  shell: pwsh\n"


UNUSUAL = {
    "until it is signed": run(f"until {SIGNS}; do sleep 5; done"),
    "or else it fails": run(f"{SIGNS} || exit 1"),
    "or else it fails, and says so": run(f"{SIGNS} || {{ echo '::error::unsigned'; exit 1; }}"),
    "if not, it fails": run(f"if ! {SIGNS}; then exit 1; fi"),
    "an array of words": run("args=(--yes)", f'args+=("{REF}")', 'cosign sign "${args[@]}"'),
    "an array of names": run(
        "names=()",
        "names+=(ghcr.io/acme/shop)",
        'for name in "${names[@]}"; do cosign sign --yes "$name@${{ steps.push.outputs.digest }}"; done',
    ),
    "an array that a loop fills": run(
        "refs=()",
        'for tag in 1.2 latest; do refs+=("ghcr.io/acme/shop:$tag@${{ steps.push.outputs.digest }}"); done',
        'cosign sign --yes "${refs[@]}"',
    ),
    "an array of the environment's tags": run(
        "refs=()",
        'for tag in ${TAGS}; do refs+=("${tag}@${DIGEST}"); done',
        'cosign sign --yes "${refs[@]}"',
        env="{TAGS: 'ghcr.io/acme/shop:1.2', DIGEST: '${{ steps.push.outputs.digest }}'}",
    ),
    "xargs": run(f'echo "{REF}" | xargs cosign sign --yes'),
    "xargs with a mark": run(
        "echo ghcr.io/acme/shop | xargs -I {} cosign sign --yes {}@${{ steps.push.outputs.digest }}"
    ),
    "by a variable of several lines": run("{", "  echo 'REF<<E'", f"  echo '{REF}'", "  echo E", "} >> $GITHUB_ENV")
    + run('cosign sign --yes "$REF"'),
    "without a question": run(f'cosign sign "{REF}"', env="{COSIGN_YES: 'true'}"),
    "by a key service": run(SIGNS.replace("--yes", "--yes --key gcpkms://projects/acme/locations/eu/x")),
    "with notes": run(SIGNS.replace("--yes", "-y -a commit=${{ github.sha }} -a run=${{ github.run_id }}")),
    "all parts of it": run(SIGNS.replace("--yes", "--yes --recursive")),
    "if all went well": run(SIGNS, if_="success()"),
    "on tags": run(SIGNS, if_="startsWith(github.ref, 'refs/tags/')"),
    "in this repository": run(SIGNS, if_="github.repository == 'acme/shop'"),
    "in a subshell": run(f"( set -x; {SIGNS} )"),
    "in a group whose output is kept": run(f"{{ {SIGNS}; }} > log 2>&1"),
    "in a folder": run("pushd deploy", SIGNS, "popd"),
    "in a shell of its own": run(f"bash -c 'cosign sign --yes {REF}'"),
    "with other rights": run(f"sudo -E {SIGNS}"),
    "under a clock": run(f"time timeout 60 {SIGNS}"),
    "by the provenance alone": "- uses: actions/attest-build-provenance@v3\n  with:\n"
    "    {subject-name: ghcr.io/acme/shop, subject-digest: '${{ steps.push.outputs.digest }}'}",
    "by a program of the user": run(
        "curl -sSfLo ~/bin/cosign https://github.com/sigstore/cosign/releases/latest/download/cosign-linux-amd64",
        'echo "$HOME/bin" >> $GITHUB_PATH',
    )
    + run(SIGNS),
    "beside an environment of Python": run("python -m venv .venv", 'echo "$PWD/.venv/bin" >> $GITHUB_PATH')
    + run(SIGNS),
}


@pytest.mark.parametrize("step", UNUSUAL.values(), ids=UNUSUAL.keys())
def test_an_unusual_way_to_sign(step: str) -> None:
    assert judge("build-signed", released_by(PUSH, step, SHIP)).verdict == "pass"


PUSHES = ("docker build -t ghcr.io/acme/shop:1.2 .", "docker push ghcr.io/acme/shop:1.2")
POWERSHELL = {
    "it pushes, and nothing is signed": ([pwsh(*PUSHES), SHIP], "fail"),
    "it signs": ([PUSH, pwsh(SIGNS), SHIP], "pass"),
    "it says that it signs": ([PUSH, pwsh(f"Write-Host '{SIGNS}'"), SHIP], "fail"),
    "it speaks of signing": ([PUSH, pwsh(f"Set-Variable x '{SIGNS}'"), SHIP], "unknown"),
    "it pushes once all is signed": ([PUSH, SIGN, pwsh(*PUSHES), SHIP], "fail"),
    "it releases before all is signed": ([PUSH, pwsh("gh release create v1"), SIGN], "fail"),
}


@pytest.mark.parametrize(("steps", "expected"), POWERSHELL.values(), ids=POWERSHELL.keys())
def test_scripts_in_powershell(steps: list[str], expected: str) -> None:
    assert judge("build-signed", released_by(*steps)).verdict == expected
