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
        ("node -e \"fetch('https://acme.example/a', {method: 'PUT', body: 'a'})\"", {}),
        ('ruby -e \'Net::HTTP.put(URI("https://acme.example"), "a")\'', {}),
        (
            "python3 -c \"import urllib.request as u; u.urlopen(u.Request('https://a.example', b'', method='PUT'))\"",
            {},
        ),
        ("pwsh ./check.ps1", {"check.ps1": "Invoke-RestMethod -Method Put -InFile shop.zip https://acme.example\n"}),
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
        "curl https://forge.laravel.com/servers/1/sites/2/deploy/http?token=$TOKEN",
        "curl -X POST -d '{}' https://api.netlify.com/build_hooks/5c23",
        'curl -X POST "${{ secrets.PORTAINER_WEBHOOK }}"',
        "curl -X POST https://containers.acme.example/api/stacks/webhooks/6f1c",
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
        "curl -d @payload.json https://discord.com/api/webhooks/1/x",
        "curl -sd @payload.json https://chat.acme.example/hook",
        "curl -fsSLo hook.tgz https://github.com/acme/deploy-hook/archive/v1.tgz",
        "curl -fsS https://shop.acme.example/deployments/status",
    ],
)
def test_what_else_is_sent_or_asked_for_is_none(line: str) -> None:
    assert beside(line) == "pass"


@pytest.mark.parametrize(
    "line",
    [
        "gh acme-ship v1",
        "gh alias set up 'release upload'; gh up v1 shop.tgz",
        "gh extension exec acme-ship",
        "gem release",
        "gem bump --version minor --release",
        "gem exec kamal deploy",
        "gem exec -g fastlane -v 2.230.0 fastlane release",
        "gem exec rake release",
        "gem inabox pkg/shop-1.2.gem",
        "git config alias.ship '!gh release upload v1 shop.tgz'; git ship",
        "git -c alias.ship='!docker push ghcr.io/acme/other:1' ship",
        "git flow release finish 1.2",
        "docker buildx b --push -t ghcr.io/acme/other:1 .",
        "podman farm build -t ghcr.io/acme/other:1 .",
        "cosign upload blob -f shop.tgz ghcr.io/acme/other:1",
        "cosign load --dir out ghcr.io/acme/other:1",
        "regctl manifest put ghcr.io/acme/other:1 < manifest.json",
        "cross run --release",
        "Rscript -e 'devtools::submit_cran()'",
        "infisical run --env=prod --command='docker push ghcr.io/acme/other:1'",
        "npm exec --call='docker push ghcr.io/acme/other:1'",
        "pdm go",
        f"echo '{OTHER}' | docker exec -i builder sh",
        "docker exec -i builder bash -s < ship.sh",
        "kubectl exec -i builder -- sh -e <<< 'helm upgrade shop shop'",
        "docker run --rm -v ~/.npmrc:/root/.npmrc -v $PWD:/shop -w /shop node:24 npm publish --provenance",
        "docker run --rm -v ~/.npmrc:/root/.npmrc -v $PWD:/shop -w /shop node:24 npm publish",
    ],
)
def test_a_release_by_another_command_is_seen(line: str) -> None:
    assert beside(line) != "pass"


@pytest.mark.parametrize(
    "line",
    [
        "gh pr list",
        "gh -R acme/shop issue view 3",
        "gh --version",
        "bun pm ls",
        "gh extension install acme/gh-ship",
        "gem list",
        "gem --version",
        "gem install bundler -v 2.7.2",
        "gem update --system --no-document",
        "gem sources --add https://gems.acme.example",
        "gem exec rubocop",
        "gem exec -v 1.80.0 rubocop lib",
        "gem bump --version minor",
        "cosign save --dir out ghcr.io/acme/other:1",
        "pdm install",
        "pdm lock --check",
        "infisical run --env=prod",
        "docker exec -i db psql <<< 'select 1'",
        "docker exec -i db sh <<< 'pg_isready'",
        "curl -s -X GET https://git.acme.example/api/v4/projects/187/releases | jq .",
        "sudo -u postgres /usr/lib/postgresql/17/bin/postgres -D /var/lib/postgresql/17/main &",
        "npx --yes --package renovate renovate-config-validator --strict renovate.json",
        "npx @redocly/cli build-docs -o public/index.html openapi.json",
        "docker run --rm -v $PWD:/shop -w /shop node:24 npm ci",
    ],
)
def test_another_command_that_releases_nothing_is_none(line: str) -> None:
    assert beside(line) == "pass"


@pytest.mark.parametrize(("line", "expected"), [("git subtree push --prefix dist origin dist", "unknown"),
                                                ("git send-pack origin main", "unknown"),
                                                ("git svn dcommit", "unknown"),
                                                ("git subtree push --prefix docs origin gh-pages", "pass"),
                                                ("git subtree split --prefix docs -b pages", "pass")])  # fmt: skip
def test_what_git_hands_to_others_by_another_name_waits_for_the_signature(line: str, expected: str) -> None:
    assert judge("build-signed", released_by(PUSH, script(line), SIGN)).verdict == expected


def test_a_container_that_is_handed_the_identity_may_use_it() -> None:
    identity = "-e ACTIONS_ID_TOKEN_REQUEST_URL -e ACTIONS_ID_TOKEN_REQUEST_TOKEN"
    line = f"docker run --rm -v $PWD:/w -w /w {identity} node:24 npm publish"
    assert beside(f"{line} --provenance", **{"package.json": '{"name": "shop"}'}) == "pass"


DOCKERFILE = """\
FROM node:24 AS build
COPY . .
RUN npm ci
FROM build AS publish
RUN --mount=type=secret,id=npm npm version 1.2 && \\
    npm publish --access public
FROM build
"""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--secret id=npm,env=TOKEN --target publish", "unknown"),
        ("--build-arg NPM_TOKEN=$TOKEN --target publish", "unknown"),
        ("--secret id=npm,env=TOKEN", "pass"),
        ("--target publish", "pass"),
    ],
)
def test_a_line_of_a_dockerfile_that_releases_is_seen(options: str, expected: str) -> None:
    assert beside(f"docker build {options} .", Dockerfile=DOCKERFILE) == expected
    assert beside(f"docker buildx build {options} -o out .", Dockerfile=DOCKERFILE) == expected


def test_so_is_one_in_a_build_by_an_action() -> None:
    for given, expected in (("target: publish, secrets: 'npm=x'", "unknown"), ("secrets: 'npm=x'", "pass")):
        build = f"- uses: docker/build-push-action@v6\n  with: {{context: ., {given}}}"
        files = released_by(PUSH, SIGN, build, SHIP) | {"Dockerfile": DOCKERFILE}
        assert judge("build-signed", files).verdict == expected


def pom(plugin: str, goal: str, told: str = "") -> str:
    execution = f"<execution><phase>verify</phase><goals><goal>{goal}</goal></goals>{told}</execution>"
    bound = f"<plugin><artifactId>{plugin}</artifactId><executions>{execution}</executions></plugin>"
    own = "<modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId><version>1</version>"
    return f"<project>{own}<build><plugins>{bound}</plugins></build></project>"


def by_exec(program: str, argument: str) -> str:
    arguments = f"<arguments><argument>{argument}</argument><argument>x</argument></arguments>"
    return f"<configuration><executable>{program}</executable>{arguments}</configuration>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (pom("exec-maven-plugin", "exec", by_exec("docker", "push")), "unknown"),
        (pom("exec-maven-plugin", "exec", by_exec("protoc", "--java_out")), "pass"),
        (pom("exec-maven-plugin", "exec", f"<!-- {OTHER} -->"), "pass"),
        (pom("maven-antrun-plugin", "run", '<exec executable="docker"><arg value="push"/></exec>'), "unknown"),
        (pom("maven-antrun-plugin", "run", '<copy file="docker"/>'), "pass"),
        (pom("docker-maven-plugin", "push"), "unknown"),
        (pom("docker-maven-plugin", "build"), "pass"),
        (pom("jib-maven-plugin", "build"), "unknown"),
        (pom("jib-maven-plugin", "dockerBuild"), "pass"),
    ],
)
def test_what_maven_binds_may_release_whatever_the_phase_is_called(text: str, expected: str) -> None:
    assert beside("mvn -B verify", **{"pom.xml": text}) == expected


EXEC = "<Project><Target Name='Push' AfterTargets='Build'><Exec Command='{}' /></Target></Project>"


@pytest.mark.parametrize(
    ("line", "project", "expected"),
    [
        ("dotnet build -c Release", EXEC.format("dotnet nuget push bin/Release/shop.nupkg"), "unknown"),
        ("dotnet build", EXEC.format("npm run build"), "pass"),
        ("dotnet build", f"<!-- {EXEC.format(OTHER)} --><Project />", "pass"),
        ("dotnet build -t:PublishContainer", "<Project />", "unknown"),
        ("dotnet build '/t:Build;PublishContainer'", "<Project />", "unknown"),
        ("dotnet build '-t:Restore;Rebuild' -o out", "<Project />", "pass"),
    ],
)
def test_what_msbuild_runs_beside_the_build_may_release(line: str, project: str, expected: str) -> None:
    assert beside(line, **{"shop.csproj": project}) == expected


def test_so_may_what_it_runs_when_it_packs() -> None:
    packed = script("dotnet pack -c Release -o out")
    files = {"shop.csproj": EXEC.format("dotnet nuget push bin/shop.nupkg").replace("Build'", "Pack'")}
    assert judge("build-signed", released_by(PUSH, SIGN, packed, SHIP) | files).verdict == "unknown"


def test_what_task_does_when_a_task_is_over_is_seen() -> None:
    tasks = "  go:\n    cmds:\n      - defer: {}\n      - go vet ./...\n  out: docker push ghcr.io/acme/other:1\n"
    taskfile = f"version: '3'\ntasks:\n{tasks}"
    for deferred, seen in ((OTHER, True), ("{task: out}", True), ("rm -rf out", False)):
        assert (beside("task go", **{"Taskfile.yml": taskfile.replace("{}", deferred)}) != "pass") is seen


COMPOSE = (
    "services:\n  out: {image: 'rust:1', environment: [TOKEN], command: cargo publish}\n  db: {image: 'postgres:17'}\n"
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("docker compose run --rm out", "unknown"),
        (f"docker compose run --rm db {OTHER}", "unknown"),
        ("docker compose up --exit-code-from out", "unknown"),
        ("docker compose run --rm db pg_isready", "pass"),
    ],
)
def test_what_a_service_is_handed_to_run_may_release(line: str, expected: str) -> None:
    assert beside(line, **{"compose.yaml": COMPOSE}) == expected
