"""Releases that stand where nobody looks for one: beside an image that is signed, they are not missed."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, released_by, script
from trees import judge

OTHER = "docker push ghcr.io/acme/other:1"
PYTHON = f"import os\n\n\ndef go():\n    os.system('{OTHER}')\n"


def beside(*lines: str, **others: str) -> str:
    """What is said of a release that runs these lines beside an image that is signed."""
    files = {path.replace("__", "/"): text for path, text in others.items()}
    return judge("build-signed", released_by(PUSH, SIGN, script(*lines), SHIP) | files).verdict


@pytest.mark.parametrize(
    ("line", "files"),
    [
        (f"node -e \"const x = 1; require('child_process').execSync('{OTHER}')\"", {}),
        (f"ruby -e 'x = 1; system(\"{OTHER}\")'", {}),
        (f"perl -e '$x = 1; system(\"{OTHER}\")'", {}),
        ("python -c 'import out; out.go()'", {"out.py": PYTHON}),
        ("python3 -c 'from tools.out import go; go()'", {"tools/out.py": PYTHON}),
        ("python3 -c 'from shop.out import go; go()'", {"src/shop/out.py": PYTHON}),
        ("python scripts/check.py", {"scripts/check.py": "from twine.commands.upload import main\nmain(['dist/*'])\n"}),
        ("python scripts/check.py", {"scripts/check.py": "import boto3\nboto3.client('s3').upload_file('a', 'b')"}),
        ("python scripts/check.py", {"scripts/check.py": "import requests\nrequests.put('https://acme.example', b'')"}),
        ("pwsh ./check.ps1", {"check.ps1": "Publish-Module -Path shop -NuGetApiKey $env:KEY\n"}),
    ],
)
def test_a_program_that_says_so_releases_whatever_it_is_called(line: str, files: dict[str, str]) -> None:
    assert beside(line, **files) != "pass"


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("node -e \"const a = require('./package.json'); a.x = 1; fs.writeFileSync('a.json', JSON.stringify(a))\"", {}),
        ("python -c 'import shop; print(shop.__version__)'", {"shop/__init__.py": "import os\n__version__ = '1'\n"}),
        ("python scripts/check.py", {"scripts/check.py": "import requests\nrequests.get('https://acme.example')"}),
    ],
)
def test_a_program_that_says_nothing_of_it_releases_nothing(line: str, files: dict[str, str]) -> None:
    assert beside(line, **files) == "pass"


@pytest.mark.parametrize(
    "line",
    [
        "curl -u ci:$TOKEN -F file=@shop_1.2_amd64.deb https://packages.acme.example",
        'curl -sSfT "shop-$TAG.tgz" https://files.acme.example',
        'curl -H "Authorization: $TOKEN" -d @shop.zip https://files.acme.example',
        "curl -fsXPUT --data-binary @shop.jar https://files.acme.example/shop.jar",
        "wget --method=PUT --body-file=shop.whl https://files.acme.example",
        'curl -fsS "$RENDER_DEPLOY_HOOK_URL"',
        "curl -s -o /dev/null '${{ secrets.DEPLOY_HOOK }}&ref=main'",
        "wget -qO- ${{ secrets.DEPLOY_WEBHOOK }}",
        "curl 'https://api.render.com/deploy/srv-1?key=${{ secrets.KEY }}'",
    ],
)
def test_what_is_sent_or_asked_for_may_be_a_release(line: str) -> None:
    assert beside(line) == "unknown"


@pytest.mark.parametrize(
    "line",
    [
        "curl -F file=@coverage.xml https://coverage.acme.example/",
        "curl -sSfT test-reports.zip https://files.acme.example",
        "curl -F file=@shop.tgz https://scan.coverity.com/builds?project=shop",
        "curl -T shop.tgz http://localhost:8081/shop.tgz",
        "curl -sd @payload.json https://chat.acme.example/hook",
        "curl -fsSLo hook.tgz https://github.com/acme/deploy-hook/archive/v1.tgz",
        "curl -fsS https://shop.acme.example/deployments/status",
    ],
)
def test_what_else_is_sent_or_asked_for_is_none(line: str) -> None:
    assert beside(line) == "pass"
