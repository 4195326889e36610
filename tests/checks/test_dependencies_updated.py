"""dependencies-updated: a bot looks after every ecosystem that the repository has."""

from __future__ import annotations

import json
import time

import pytest

from goldenpath.facts.declared import Knowledge
from releasing import job, repository_of, workflow
from trees import judge

CHECKOUT = "    steps: [{uses: actions/checkout@v4}]\n"
WORKFLOW = f"on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n{CHECKOUT}"
SCHEDULED = (
    "on: {{schedule: [{{cron: '0 0 * * 1'}}]}}\nname: {}\njobs:\n  a:\n    runs-on: x\n    steps: [{{uses: {}}}]\n"
)
DISPATCHED = SCHEDULED.replace("schedule: [{{cron: '0 0 * * 1'}}]", "repository_dispatch: {{types: [update]}}")
SCRIPTED = SCHEDULED.replace("steps: [{{uses: {}}}]", "steps:\n      - run: |\n          {}")
CALLING = (
    "on: {{schedule: [{{cron: '0 0 * * 1'}}]}}\nname: {}\njobs:\n  a:\n"
    "    uses: acme/workflows/.github/workflows/all.yml@main\n    secrets: {{TOKEN: '${{{{ secrets.TOKEN }}}}'}}\n"
)
PROPOSING = (
    "on: {{schedule: [{{cron: '0 0 * * 1'}}]}}\nname: Update\njobs:\n  a:\n    runs-on: x\n    steps:\n"
    "      - run: true\n      - uses: peter-evans/create-pull-request@v8\n        with:\n          add-paths: {}\n"
)

REPOSITORY: dict[str, str | bytes | None] = {
    "pyproject.toml": '[project]\ndependencies = ["flask"]\n',
    "Dockerfile": "FROM python:3.13 AS build\nFROM build\n",
    ".github/workflows/ci.yml": WORKFLOW,
}


def dependabot(*entries: str) -> dict[str, str | bytes | None]:
    return {".github/dependabot.yml": "version: 2\nupdates:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries)}


def entry(ecosystem: str, directory: str = "directory: /", **more: str) -> str:
    others = "".join(f", {key.replace('_', '-')}: {text}" for key, text in more.items())
    return f"package-ecosystem: {ecosystem}, {directory}, schedule: {{interval: weekly}}{others}"


ALL = (entry("pip"), entry("docker"), entry("github-actions"))


def of(files: dict[str, str | bytes | None], base: dict[str, str | bytes | None] = REPOSITORY) -> tuple[str, str]:
    outcome = judge("dependencies-updated", base | files)
    return outcome.verdict, outcome.reason or outcome.summary


@pytest.mark.parametrize(
    "files",
    [
        dependabot(*ALL),
        dependabot(entry("uv"), entry("docker"), entry("github-actions", "directory: /.github/workflows")),
        dependabot(*(entry(name, "directories: ['/', '/**/*']") for name in ("pip", "docker", "github-actions"))),
        dependabot(*(entry(name, "directories: ['**/*']") for name in ("pip", "docker", "github-actions"))),
        {"renovate.json": '{"extends": ["config:recommended", ":dependencyDashboard"]}'},
        {".github/renovate.json5": "// ours\n{\n\textends: ['config:best-practices'], /* all of it */\n}\n"},
        {".renovaterc": '{"enabledManagers": ["pep621", "dockerfile", "github-actions"]}'},
        {"package.json": '{"renovate": {"extends": ["config:base"], "url": "https://a.example//b"}}'},
    ],
)
def test_a_bot_for_everything_passes(files: dict[str, str | bytes | None]) -> None:
    assert of(files) == ("pass", "kept up to date: Python, Docker, GitHub Actions")


@pytest.mark.parametrize(
    ("configuration", "verdict"),
    [
        ('"extends": ["config:recommended"]', "fail"),
        ('"extends": ["config:base"]', "fail"),
        ('"extends": ["config:best-practices", ":semanticCommits"]', "fail"),
        ('"extends": [":ignoreModulesAndTests"]', "fail"),
        ('"extends": [":dependencyDashboard", "group:all"]', "pass"),
        ('"extends": ["config:recommended"], "ignorePaths": []', "pass"),
        ('"extends": ["config:recommended"], "ignorePaths": ["**/node_modules/**"]', "pass"),
        ('"extends": ["config:recommended"], "ignorePresets": [":ignoreModulesAndTests"]', "pass"),
    ],
)
@pytest.mark.parametrize("folder", ["tests", "test", "api/tests", "__tests__"])
def test_what_renovate_recommends_leaves_tests_alone(configuration: str, verdict: str, folder: str) -> None:
    files: dict[str, str | bytes | None] = {
        "renovate.json": f"{{{configuration}}}",
        f"{folder}/requirements.txt": "pytest==8.0.0\n",
    }
    assert of(files, base={})[0] == verdict


def test_projects_of_dotnet_are_updated_in_folders_of_tests_too() -> None:
    project = '<Project><ItemGroup><PackageReference Include="A" Version="1.0.0" /></ItemGroup></Project>'
    files: dict[str, str | bytes | None] = {
        "renovate.json": '{"extends": ["config:recommended"]}',
        "test/Test.csproj": project,
    }
    assert of(files, base={})[0] == "pass"


def test_the_entries_are_the_evidence() -> None:
    outcome = judge("dependencies-updated", REPOSITORY | dependabot(*ALL))
    assert [(each.path, each.line, each.text) for each in outcome.evidence] == [
        (".github/dependabot.yml", 3, "Dependabot: Python"),
        (".github/dependabot.yml", 4, "Dependabot: Docker"),
        (".github/dependabot.yml", 5, "Dependabot: GitHub Actions"),
    ]


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({}, "nothing updates Python in pyproject.toml (and 2 more)"),
        (dependabot(entry("pip"), entry("docker")), "nothing updates GitHub Actions in .github/workflows/ci.yml"),
        (dependabot(entry("npm"), *ALL[1:]), "nothing updates Python"),
        (dependabot(entry("pip", "directory: /api"), *ALL[1:]), "names the directory `/api`, which is not there"),
        (dependabot(entry("pip", open_pull_requests_limit="0"), *ALL[1:]), "requests-limit 0 turns updates of pip off"),
        (dependabot(entry("pip", ignore="[{dependency-name: '*'}]"), *ALL[1:]), "every dependency of pip is ignored"),
        (dependabot(entry("python"), *ALL[1:]), "Dependabot has no ecosystem `python`"),
        (dependabot("package-ecosystem: pip, directory: /", *ALL[1:]), "needs a schedule"),
        (dependabot("package-ecosystem: pip, schedule: {interval: daily}", *ALL[1:]), "needs a directory"),
        ({".github/dependabot.yml": "version: 1\nupdates: []\n"}, "Dependabot reads `version: 2` and nothing else"),
        ({".github/dependabot.yml": "version: 2\n"}, "it has no list of updates"),
        ({".github/dependabot.yml": "version: 2\nupdates: [pip]\n"}, "an entry is no mapping"),
        ({"docs/dependabot.yml": "version: 2"}, "nothing updates Python"),
        ({"renovate.json": '{"enabled": false}'}, "Renovate is turned off"),
        ({"renovate.json": '{"enabled": true, "enabledManagers": ["npm"]}'}, "nothing updates Python"),
        ({"renovate.json": '{"dockerfile": {"enabled": false}}'}, "nothing updates Docker in Dockerfile"),
        ({"renovate.json": '{"packageRules": [{"matchManagers": ["github-actions"], "enabled": false}]}'},
         "nothing updates GitHub Actions"),
        ({"renovate.json": '{"packageRules": [{"matchPackageNames": ["*"], "enabled": false}]}'}, "updates Python"),
        ({"renovate.json": '{"ignorePaths": ["**/*"]}', "api/go.mod": "module a\nrequire b.c/d v1.0.0\n"}, "Go"),
        ({"renovate.json": "[]"}, "Renovate's configuration is an object"),
        ({"renovate.json": "{"}, "it is not valid YAML"),
    ],
)  # fmt: skip
def test_what_no_bot_looks_after_fails(files: dict[str, str | bytes | None], problem: str) -> None:
    outcome = judge("dependencies-updated", REPOSITORY | files)
    assert outcome.verdict == "fail"
    assert problem in outcome.summary
    assert outcome.evidence


def test_a_rule_for_some_packages_turns_nothing_off() -> None:
    rule = '{"matchManagers": ["pep621"], "matchPackageNames": ["flask"], "enabled": false}'
    assert of({"renovate.json": f'{{"packageRules": [{rule}]}}'})[0] == "pass"
    two: dict[str, str | bytes | None] = {"pyproject.toml": '[project]\ndependencies = ["flask", "rich"]\n'}
    assert of(two | dependabot(entry("pip", ignore="[{dependency-name: flask}]"), *ALL[1:]))[0] == "pass"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"renovate.json": '{"extends": ["github>acme/renovate-config"]}'}, "`github>acme/renovate-config`, which is"),
        ({"renovate.json": '{"extends": ["config:of-ours"]}'}, "`config:of-ours`, which is elsewhere"),
        ({"renovate.json": '{"extends": ["config:recommended", "local>acme/all"]}'}, "`local>acme/all`, which is"),
        ({".github/workflows/r.yml": SCHEDULED.format("bot", "renovatebot/github-action@v1")}, "only known in a run"),
        ({".github/workflows/u.yml": SCHEDULED.format("Update locks", "peter-evans/create-pull-request@v7")},
         "only known in a run"),
        ({".github/workflows/c.yml": DISPATCHED.format("Conductor", "packagist/conductor-github-action@v1")},
         "only known in a run"),
        ({".github/workflows/u.yml": CALLING.format("Upgrade requirements")}, "only known in a run"),
        ({".github/workflows/u.yml": SCRIPTED.format("Upgrade requirements", "gh pr create --fill")},
         "what `gh pr create` proposes is only known in a run"),
        ({".github/workflows/u.yml": SCRIPTED.format("Deps", "if [ -z $PR ]; then gh pr create --fill; fi")},
         "only known in a run"),
        ({"updatecli.d/all.yml": ""}, "what Updatecli looks after is not followed"),
        ({".scala-steward.conf": "", **dependabot(*ALL[:2])}, "what Scala Steward looks after is not followed"),
        ({".whitesource": '{"remediateSettings": {"enableRenovate": true}}'}, "what Mend looks after is not followed"),
        ({".whitesource": '{"settingsInheritedFrom": "acme/mend@main"}'}, "what Mend looks after is not followed"),
        ({".pyup.yml": "", **dependabot(*ALL[1:])}, "what PyUp looks after is not followed"),
        ({".github/workflows/u.yml": PROPOSING.format("pyproject.toml, poetry.lock"), **dependabot(*ALL[1:])},
         "only known in a run"),
        ({".github/workflows/u.yml": PROPOSING.format("'.'")}, "only known in a run"),
        ({".github/workflows/u.yml": PROPOSING.format("${{ inputs.path }}")}, "only known in a run"),
        ({".github/workflows/u.yml": PROPOSING.format("'*.json'")}, "only known in a run"),
        ({".github/workflows/u.yml": PROPOSING.format("docs").replace("true", "git commit -a -m all")},
         "only known in a run"),
    ],
)  # fmt: skip
def test_bots_that_cannot_be_followed_are_unknown(files: dict[str, str | bytes | None], reason: str) -> None:
    verdict, said = of(files)
    assert verdict == "unknown"
    assert reason in said


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({".pyup.yml": ""}, "nothing updates Docker in Dockerfile (and 1 more)"),
        ({".whitesource": '{"remediateSettings": {"workflowRules": {"enabled": true}}}'}, "nothing updates Python"),
        ({".scala-steward.conf": ""}, "nothing updates Python in pyproject.toml (and 1 more)"),
        ({".github/workflows/u.yml": PROPOSING.format("docs/, pyproject.toml")}, "nothing updates Docker"),
        ({".github/workflows/u.yml": PROPOSING.format("docs")}, "nothing updates Python"),
        ({".github/workflows/u.yml": PROPOSING.format("docs"), ".pyup.yml": ""}, "nothing updates Docker"),
    ],
)
def test_what_a_bot_that_is_not_followed_surely_leaves_alone_fails(
    files: dict[str, str | bytes | None], problem: str
) -> None:
    verdict, said = of(files)
    assert verdict == "fail"
    assert problem in said


def test_a_pull_request_about_something_else_is_no_bot() -> None:
    workflow = SCHEDULED.format("Sponsors", "peter-evans/create-pull-request@v7")
    assert of({".github/workflows/sponsors.yml": workflow})[0] == "fail"
    assert of({".github/workflows/scan.yml": CALLING.format("Scan")})[0] == "fail"
    assert of({".github/workflows/news.yml": SCRIPTED.format("News", "gh pr create --fill")})[0] == "fail"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Lock Threads", "fail"), ("lock closed issues", "fail"), ("Block spam", "fail"), ("Refresh lock", "unknown"),
     ("Lockfiles", "unknown"), ("Lock file", "unknown"), ("poetry-lock", "unknown")],
)  # fmt: skip
def test_a_conversation_that_is_locked_is_no_lock_of_dependencies(name: str, expected: str) -> None:
    assert of({".github/workflows/all.yml": CALLING.format(name)})[0] == expected


@pytest.mark.parametrize("line", ["true  # gh pr create", "echo gh pr create", "gh pr list"])
def test_a_pull_request_that_nobody_opens_is_no_bot(line: str) -> None:
    assert of({".github/workflows/u.yml": SCRIPTED.format("Upgrade requirements", line)})[0] == "fail"


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ('"ignorePaths": [".github/workflows/ci.yml"]', "fail"),  # whatever the preset ignores, this counts
        ('"includePaths": ["api/**"]', "fail"),
        ('"ignorePaths": ["other/"]', "unknown"),
    ],
)
def test_what_is_told_here_no_preset_elsewhere_takes_back(paths: str, expected: str) -> None:
    assert of({"renovate.json": f'{{"extends": ["local>acme/all"], {paths}}}'})[0] == expected


def test_each_workflow_is_looked_after() -> None:
    other = {".github/workflows/release.yml": REPOSITORY[".github/workflows/ci.yml"]}
    for ignored, expected in ("release", "fail"), ("ci", "fail"), ("others", "pass"):
        told = f'{{"ignorePaths": [".github/workflows/{ignored}.yml"]}}'
        assert of(other | {"renovate.json": told})[0] == expected


def test_a_template_that_is_followed_brings_its_own_pins() -> None:
    answers = "_src_path: https://git.example.com/acme/golden-path\n_commit: v1.2.0\n"
    files = {".copier-answers.yml": answers, **dependabot(entry("pip"))}
    assert of(files) == ("pass", "kept up to date: Python, Docker, GitHub Actions, partly with the template")
    assert of({".copier-answers.yml": answers})[1] == "nothing updates Python in pyproject.toml"
    assert of({".copier-answers.yml": "_src_path: gh:a/b\n", **dependabot(entry("pip"))})[0] == "fail"


def test_a_template_brings_the_images_of_gitlabs_jobs() -> None:
    image = f"docker.io/library/golang:1.26@sha256:{'a' * 64}"
    files: dict[str, str | bytes | None] = {
        ".gitlab-ci.yml": f"test: {{image: {image}, script: [go test ./...]}}\n",
        "renovate.json": '{"enabledManagers": ["pep621"]}',
        ".github/workflows/ci.yml": None,
    }
    followed = "_src_path: https://git.example.com/acme/golden-path\n_commit: v1.2.0\n"
    assert of(files)[1] == "nothing updates Docker in Dockerfile (and 1 more)"
    assert of({".copier-answers.yml": followed, **files}) == (
        "pass",
        "kept up to date: Python, Docker, GitLab CI, partly with the template",
    )


@pytest.mark.parametrize(
    ("workspace", "expected"),
    [
        ("go 1.26\nuse (\n\t.\n\t./test/smoke // by hand\n)\n", "nothing updates Go in test/smoke/go.mod"),
        ("go 1.26\nuse .\nuse ./test/smoke\n", "nothing updates Go in test/smoke/go.mod"),
        ("go 1.26\nuse .\n// use ./test/smoke\n", "kept up to date: Go"),
        ("go 1.26\nuse .\nuse ./testdata/smoke\n", "kept up to date: Go"),
        (None, "kept up to date: Go"),
    ],
)
def test_a_module_of_the_workspace_is_none_that_was_made_up_for_a_test(workspace: str | None, expected: str) -> None:
    module = "module shop\ngo 1.26\nrequire github.com/acme/one v1.0.0\n"
    modules = dict.fromkeys(["go.mod", "test/smoke/go.mod", "testdata/smoke/go.mod"], module)
    files: dict[str, str | bytes | None] = {**modules, "go.work": workspace, **dependabot(entry("gomod"))}
    assert of(files, {})[1] == expected
    assert of(files | dependabot(entry("gomod", "directories: ['/', '/test/*']")), {})[0] == "pass"


@pytest.mark.parametrize(
    ("step", "named"),
    [
        ("run: cargo run --manifest-path=tests/conformance/Cargo.toml", True),
        ("run: cargo build --locked --manifest-path ./tests/conformance/Cargo.toml", True),
        ("run: cd tests/conformance && cargo build", True),
        ("{run: cargo build, working-directory: tests/conformance/}", True),
        ("{run: cargo build --manifest-path conformance/Cargo.toml, working-directory: tests}", True),
        ("{uses: acme/cargo@v1, with: {working-directory: ./tests/conformance}}", True),
        ("run: 'cargo build # in tests/conformance'", False),
        ("run: |\n    # cd tests/conformance\n    cargo build", False),
        ("run: ls tests/conformance", False),
        ("run: cd tests/other && cargo build", False),
    ],
)
def test_a_crate_among_the_tests_in_which_a_workflow_works_is_none_that_was_made_up(step: str, named: bool) -> None:
    crate = '[package]\nname = "conformance"\n[dependencies]\nserde = "1"\n'
    jobs = workflow(on="push", test=job(f"- {step}"))
    files = {"Cargo.toml": crate, "tests/conformance/Cargo.toml": crate, **repository_of(jobs)}
    bots = dependabot(entry("cargo"), entry("github-actions"))
    summary = "nothing updates Rust in tests/conformance/Cargo.toml" if named else "kept up to date: Rust"
    assert of(files | bots, {})[1].removesuffix(", GitHub Actions") == summary
    bots = dependabot(entry("cargo", "directories: ['/', '/tests/conformance']"), entry("github-actions"))
    assert of(files | bots, {})[0] == "pass"
    made_up = {"Cargo.toml": crate, "tests/fixtures/conformance/Cargo.toml": crate}
    jobs = jobs.replace("tests/", "tests/fixtures/")
    assert (
        of({**made_up, **repository_of(jobs), **dependabot(entry("cargo"), entry("github-actions"))}, {})[0] == "pass"
    )


def test_an_entry_for_the_folder_of_the_lock_counts_for_its_members() -> None:
    lock = '[[package]]\nname = "worker"\nversion = "0.1.0"\n[[package]]\nname = "serde"\nversion = "1.0.0"\n'
    crate = '[package]\nname = "worker"\n[dependencies]\nserde = "1"\n'
    assert of({"worker/Cargo.toml": crate, "Cargo.lock": lock, **dependabot(entry("cargo"))}, {})[0] == "pass"
    assert of({"worker/Cargo.toml": crate, "a/Cargo.lock": lock, **dependabot(entry("cargo"))}, {})[0] == "fail"


@pytest.mark.parametrize("text", [r"'(?<a>\\s+)[\'\"]?'", r'"a\/b\'c\u0041"', r"'\d\a'", r"'it \'is\': \"this\"'"])
def test_strings_of_json5_may_have_escapes(text: str) -> None:
    assert of({"renovate.json5": f"{{\n  description: {text}, // ours\n  enabled: true,\n}}\n"})[0] == "pass"
    assert of({"renovate.json5": f"{{\n  description: {text},\n  enabled: false,\n}}\n"})[0] == "fail"


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ('"ignorePaths": ["api/"]', "fail"),
        ('"ignorePaths": ["api/go.mod"]', "fail"),
        ('"ignorePaths": ["go.mod"]', "fail"),
        ('"ignorePaths": ["**/api/**"]', "fail"),
        ('"ignorePaths": ["**"]', "fail"),
        ('"ignorePaths": ["other/", "go.sum", "a?/*", "api/*/*.mod", "*.mod"]', "pass"),
        ('"includePaths": ["go.mod", ".github/**"]', "fail"),
        ('"includePaths": ["api"]', "fail"),
        ('"includePaths": ["**/go.mod"]', "pass"),
        ('"includePaths": ["api/*"], "enabledManagers": ["gomod"]', "pass"),
        ('"includePaths": ["other/*"], "enabledManagers": ["gomod"]', "fail"),
        ('"includePaths": ["**/*p*/**/g*o*"]', "pass"),
        ('"includePaths": ["api/**"], "ignorePaths": ["**/go.mod"]', "fail"),
    ],
)
def test_renovate_reads_the_files_that_it_is_told_to(paths: str, expected: str) -> None:
    files: dict[str, str | bytes | None] = {"api/go.mod": "module a\nrequire b.c/d v1.0.0\n"}
    assert of(files | {"renovate.json": f"{{{paths}}}"}, {})[0] == expected


def test_a_pattern_with_many_wildcards_takes_no_time() -> None:
    path = f"{'a/' * 40}{'a' * 60}/go.mod"
    ignored = [f"{'*a' * 40}b", f"{'**/a/' * 30}b", f"**/{'*a' * 40}/x"]
    files: dict[str, str | bytes | None] = {path: "module a\nrequire b.c/d v1.0.0\n"}
    assert of(files | {"renovate.json": f'{{"ignorePaths": {json.dumps(ignored)}}}'}, {})[0] == "pass"


@pytest.mark.parametrize(("folder", "expected"), [("guide/src/wordcount", "pass"), ("services/cart", "fail")])
def test_documents_may_be_left_to_their_authors_by_name(folder: str, expected: str) -> None:
    files: dict[str, str | bytes | None] = {
        f"{each}/go.mod": "module a\nrequire b.c/d v1\n" for each in ("app", folder)
    }
    assert of({**files, "renovate.json": f'{{"ignorePaths": ["{folder}/"]}}'}, {})[0] == expected


POM = "<project><artifactId>a</artifactId>{}</project>"
ASKS = "<dependencies><dependency><artifactId>b</artifactId><version>1.0</version></dependency></dependencies>"


@pytest.mark.parametrize(
    ("modules", "expected"),
    [
        (["api"], "pass"),
        (["./api/", "other"], "pass"),
        (["api/pom.xml"], "pass"),
        (["shop"], "pass"),
        (["other"], "fail"),
        ([], "fail"),
    ],
)
def test_an_entry_for_a_maven_build_counts_for_its_modules(modules: list[str], expected: str) -> None:
    folder = "shop/api" if modules == ["shop"] else "api"
    named = "".join(f"<module>{module}</module>" for module in modules)
    files: dict[str, str | bytes | None] = {
        "pom.xml": POM.format(f"<modules>{named}</modules>"),
        "shop/pom.xml": POM.format("<modules><module>api</module><module>..</module></modules>"),
        f"{folder}/pom.xml": POM.format(ASKS),
    }
    assert of({**files, **dependabot(entry("maven"))}, {})[0] == expected


GRADLE = 'dependencies { implementation("a.b:c:1.0") }\n'


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"settings.gradle": "include 'shop:api', 'other'\n"}, "pass"),
        ({"settings.gradle.kts": 'include(\n    "other",\n    ":shop:api",\n)\n'}, "pass"),
        ({"settings.gradle.kts": 'include("api")\nproject(":api").projectDir = file("shop/api")\n'}, "pass"),
        (
            {"settings.gradle": "include ':api'\nproject(':api').projectDir = new File(settingsDir, './shop/api')\n"},
            "pass",
        ),
        ({"settings.gradle": "includeBuild('shop')\n", "shop/settings.gradle": "include 'api' // ours\n"}, "pass"),
        ({}, "fail"),
        ({"settings.gradle": "include 'shop', 'api'\n"}, "fail"),
        ({"settings.gradle": "// include 'shop:api'\n/* include 'shop:api' */\n"}, "fail"),
        ({"settings.gradle": "include 'shop:api'\nproject(':shop:api').projectDir = elsewhere\n"}, "fail"),
        ({"settings.gradle": "include 'shop:api'\nproject(':shop:api').projectDir = file('other')\n"}, "fail"),
        ({"settings.gradle": "includeBuild('shop')\n", "shop/settings.gradle": "includeBuild('..')\n"}, "fail"),
        ({"other/settings.gradle": "include 'shop:api'\n"}, "fail"),
    ],
)
def test_an_entry_for_a_gradle_build_counts_for_what_its_settings_include(
    settings: dict[str, str | bytes | None], expected: str
) -> None:
    files = {"shop/api/build.gradle": GRADLE, **settings, **dependabot(entry("gradle"))}
    assert of(files, {})[0] == expected


def test_the_sources_of_a_gradle_build_are_part_of_it() -> None:
    assert of({"buildSrc/build.gradle.kts": GRADLE, **dependabot(entry("gradle"))}, {})[0] == "pass"
    assert of({"a/buildSrc/build.gradle.kts": GRADLE, **dependabot(entry("gradle"))}, {})[0] == "fail"


@pytest.mark.parametrize(
    ("solution", "expected"),
    [
        ({"Shop.slnx": '<Solution><Project Path="src/Api/Api.csproj" /></Solution>'}, "pass"),
        ({"Shop.sln": 'Project("{FAE04EC0}") = "Api", "src\\Api\\Api.csproj", "{1}"\r\nEndProject\r\n'}, "pass"),
        ({"Shop.slnx": '<Project Path="src/Host/Host.csproj" />',
          "src/Host/Host.csproj": '<Project><ProjectReference Include="..\\Api\\Api.csproj" /></Project>'}, "pass"),
        ({"Shop.slnx": '<Project Path="src/Other/Other.csproj" />'}, "fail"),
        ({"src/Shop.slnx": '<Project Path="Api/Api.csproj" />'}, "fail"),
        ({"Shop.proj": '<Project><ProjectReference Include="src/**/*.csproj" /></Project>'}, "pass"),
        ({"Shop.proj": '<Project><ProjectFile Include="a.csproj; src\\Api\\Api.csproj" /></Project>'}, "pass"),
        ({"Shop.proj": '<Project><ProjectReference Include="src/*.csproj" /></Project>'}, "fail"),
        ({"Shop.proj": '<Project><ProjectReference Include="src/**/*.*" Exclude="**/Api.*" /></Project>'}, "fail"),
        ({"Shop.proj": '<Project><ProjectReference Include="**/*.csproj" Condition="$(X)" /></Project>'}, "fail"),
        ({"Shop.proj": '<Project><ProjectReference Include="$(Root)/**/*.csproj" /></Project>'}, "fail"),
        ({"src/Shop.proj": '<Project><ProjectReference Include="**/*.csproj" /></Project>'}, "fail"),
        ({}, "fail"),
    ],
)  # fmt: skip
def test_an_entry_for_a_solution_counts_for_its_projects(
    solution: dict[str, str | bytes | None], expected: str
) -> None:
    project = '<Project><ItemGroup><PackageReference Include="A" Version="1.0.0" /></ItemGroup></Project>'
    assert of({"src/Api/Api.csproj": project, **solution, **dependabot(entry("nuget"))}, {})[0] == expected


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        ("ARG BASE\nFROM $BASE\n", "unknown"),  # whoever builds it names the image, and no bot finds it here
        ("ARG BASE\nFROM ${BASE} AS a\nCOPY --from=golang:1.26 /x /x\n", "fail"),
        ("ARG BASE=alpine:3.24\nFROM $BASE\n", "fail"),
        ("ARG TAG\nFROM alpine:$TAG\n", "fail"),
    ],
)
def test_an_image_that_only_a_build_names(dockerfile: str, expected: str) -> None:
    assert of({"Dockerfile": dockerfile}, {})[0] == expected
    assert of({"Dockerfile": dockerfile, "b/Dockerfile": "FROM alpine\n"}, {})[0] == "fail"


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        ("ARG BASE\nFROM $BASE\n", "pass"),
        ("FROM --platform=$BUILDPLATFORM alpine:3.24\n", "pass"),
        ("ARG BASE=alpine:3.24\nFROM $BASE\n", "fail"),
        ("ARG TAG=3.24\nFROM golang:1.26 AS build\nFROM alpine:${TAG}\n", "fail"),
        ("FROM ${BASE:-alpine:3.24}\n", "fail"),
        ("ARG BASE=build\nFROM golang:1.26 AS build\nFROM $BASE\n", "pass"),  # a stage
    ],
)
def test_dependabot_reads_no_image_that_stands_in_an_argument(dockerfile: str, expected: str) -> None:
    outcome = judge("dependencies-updated", {"Dockerfile": dockerfile, **dependabot(entry("docker"))})
    assert outcome.verdict == expected
    assert expected == "pass" or (outcome.fix and "Dependabot reads no argument" in outcome.fix.summary)
    assert of({"Dockerfile": dockerfile, "renovate.json": '{"extends": ["config:recommended"]}'}, {})[0] == "pass"


@pytest.mark.parametrize(
    ("locks", "name", "expected"),
    [
        ({"uv.lock": "version = 1\n"}, "uv", "pass"),
        ({"uv.lock": "version = 1\n"}, "pip", "fail"),
        ({"poetry.lock": "", "uv.lock": "version = 1\n"}, "pip", "pass"),
        ({"poetry.lock": ""}, "pip", "pass"),
        ({}, "pip", "pass"),
    ],
)
def test_a_lock_that_dependabot_reads_for_one_ecosystem_alone(
    locks: dict[str, str | bytes | None], name: str, expected: str
) -> None:
    files = {"pyproject.toml": '[project]\nname = "a"\ndependencies = ["flask"]\n', **locks}
    outcome = judge("dependencies-updated", files | dependabot(entry(name)))
    assert outcome.verdict == expected
    assert expected == "pass" or (outcome.fix and "uv in /" in outcome.fix.summary)


def test_a_lock_of_bun_is_read_for_bun_alone() -> None:
    files: dict[str, str | bytes | None] = {"package.json": '{"dependencies": {"left": "1"}}', "bun.lock": "{}"}
    assert of(files | dependabot(entry("bun")), {})[0] == "pass"
    assert of(files | dependabot(entry("npm")), {})[0] == "fail"
    assert of(files | {"renovate.json": '{"extends": ["config:recommended"]}'}, {})[0] == "pass"


def test_packages_of_conda_are_looked_after_by_dependabot_alone() -> None:
    conda = {"environment.yml": "dependencies:\n- python>=3.14\n"}
    assert of({**conda, **dependabot(entry("conda"))}, {})[0] == "pass"
    assert of({**conda, **dependabot(entry("pip"))}, {})[0] == "fail"
    assert of({**conda, "renovate.json": '{"extends": ["config:recommended"]}'}, {})[0] == "fail"


def test_images_of_the_repositorys_own_stages_and_scratch_need_no_bot() -> None:
    assert of({"Dockerfile": "FROM scratch AS a\nFROM a\nCOPY --from=0 /x /x\n"}, {})[0] == "not-applicable"
    assert of({"Dockerfile": "FROM scratch\nCOPY --from=golang:1.26 /x /x\n"}, {})[0] == "fail"


@pytest.mark.parametrize(
    "presets",
    [
        '"config:best-practices", "helpers:pinGitHubActionDigests", "group:allNonMajor", "schedule:weekly"',
        '":disableDependencyDashboard", ":disableMajorUpdates", ":label(deps)", ":timezone(Europe/Berlin)"',
        '"docker:pinDigests", "customManagers:githubActionsVersions", "mergeConfidence:all-badges"',
        '"config:js-app", "security:openssf-scorecard", "workarounds:typesNodeVersioning"',
    ],
)
def test_presets_of_renovate_itself_that_leave_nothing_alone(presets: str) -> None:
    assert of({"renovate.json": f'{{"extends": [{presets}]}}'})[0] == "pass"


@pytest.mark.parametrize(
    ("presets", "expected"),
    [
        ('":disableRenovate"', "`:disableRenovate` turns Renovate's updates off"),
        ('"config:recommended", "security:only-security-updates"', "turns Renovate's updates off"),
        ('"config:recommended", "docker:disable"', "nothing updates Docker"),
        ('"config:recommended", ":onlyNpm"', "nothing updates Python"),
    ],
)
def test_presets_of_renovate_itself_that_turn_updates_off(presets: str, expected: str) -> None:
    verdict, summary = of({"renovate.json": f'{{"extends": [{presets}]}}'})
    assert verdict == "fail"
    assert expected in summary


def test_hooks_of_pre_commit_are_updated_by_a_service_of_its_own() -> None:
    hooks = "repos: [{repo: https://git.example.com/hooks, rev: v1.2.0, hooks: [{id: a}]}]\n"
    assert of({**dependabot(*ALL), ".pre-commit-config.yaml": hooks})[0] == "pass"
    assert of({**dependabot(*ALL, entry("pre-commit")), ".pre-commit-config.yaml": hooks})[0] == "pass"


@pytest.mark.parametrize("other", ["terraform", "helm", "devcontainers", "gitsubmodule"])
def test_an_entry_for_another_ecosystem_covers_none_of_ours(other: str) -> None:
    verdict, summary = of(dependabot(entry(other), entry("github-actions")))
    assert verdict == "fail"
    assert "nothing updates Python" in summary


SETUP = "runs:\n  using: composite\n  steps: [{uses: actions/setup-node@v6}]\n"
WITH_ACTION: dict[str, str | bytes | None] = {
    ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{uses: ./.github/actions/setup}]\n",
    ".github/actions/setup/action.yml": SETUP,
}


@pytest.mark.parametrize(
    ("directories", "verdict"),
    [
        ("directory: /", "fail"),
        ("directory: /.github/actions", "fail"),
        ("directory: /.github/actions/setup", "pass"),
        ("directories: ['/', '/.github/actions/*']", "pass"),
        ("directories: ['**/*']", "pass"),
    ],
)
def test_dependabot_looks_for_composite_actions_in_the_folders_that_it_is_told(directories: str, verdict: str) -> None:
    assert of(dependabot(entry("github-actions", directories)), WITH_ACTION)[0] == verdict


def test_renovate_finds_composite_actions_by_itself() -> None:
    assert of({"renovate.json": '{"extends": ["config:recommended"]}'}, WITH_ACTION)[0] == "pass"


@pytest.mark.parametrize(
    "action",
    [
        {".github/actions/setup/action.yml": "runs: {using: composite, steps: [{run: make, shell: bash}]}\n"},
        {".github/actions/setup/action.yml": "runs: {using: node24, main: index.js}\n"},
        {".github/actions/setup/action.yml": None, ".github/actions/unused/action.yml": SETUP},
    ],
)
def test_actions_that_use_no_others_need_no_bot(action: dict[str, str | bytes | None]) -> None:
    assert of({}, {**WITH_ACTION, **action})[0] == "not-applicable"


def test_a_composite_action_that_only_another_one_uses_needs_its_bot_too() -> None:
    outer = "runs: {using: composite, steps: [{uses: ./.github/actions/inner}]}\n"
    files = {
        **WITH_ACTION,
        ".github/actions/setup/action.yml": outer,
        ".github/actions/inner/action.yml": SETUP,
        **dependabot(entry("github-actions")),
    }
    assert of(files, {}) == ("fail", "nothing updates GitHub Actions in .github/actions/inner/action.yml")


def test_a_mistake_in_another_entry_is_not_why_something_is_left() -> None:
    files = {**dependabot(entry("github-actions"), entry("docker", "directory: /gone")), **WITH_ACTION}
    assert of(files, {}) == ("fail", "nothing updates GitHub Actions in .github/actions/setup/action.yml")


@pytest.mark.parametrize(
    ("config", "verdict"),
    [
        ('{"pip_setup": {"enabled": false}}', "pass"),
        ('{"packageRules": [{"matchManagers": ["pip_setup", "pip_requirements"], "enabled": false}]}', "pass"),
        ('{"packageRules": [{"matchManagers": ["pip_setup", "pep621"], "enabled": false}]}', "fail"),
        ('{"pep621": {"enabled": false}, "poetry": {"enabled": false}}', "fail"),
        ('{"packageRules": [{"matchCategories": ["python"], "enabled": false}]}', "fail"),
        ('{"packageRules": [{"matchCategories": ["golang"], "enabled": false}]}', "pass"),
        ('{"packageRules": [{"matchDatasources": ["pypi", "npm"], "enabled": false}]}', "fail"),
        (
            '{"packageRules": [{"matchDatasources": ["pypi"], "matchPackageNames": ["flask"], "enabled": false}]}',
            "pass",
        ),
        ('{"packageRules": [{"matchFileNames": ["pyproject.toml"], "enabled": false}]}', "fail"),
        ('{"packageRules": [{"matchFileNames": ["**/*.toml"], "enabled": false}]}', "fail"),
        ('{"packageRules": [{"matchFileNames": ["tools/**"], "enabled": false}]}', "pass"),
        (
            '{"packageRules": [{"matchCategories": ["python"], "enabled": false},'
            ' {"matchCategories": ["python"], "enabled": true}]}',
            "pass",
        ),
        ('{"dockerfile": {"enabled": false}}', "fail"),
        ('{"packageRules": [{"matchPackageNames": ["*"], "enabled": false}]}', "fail"),
    ],
)
def test_renovate_without_one_of_the_managers_of_an_ecosystem(config: str, verdict: str) -> None:
    assert of({"renovate.json": config})[0] == verdict


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([entry("pip").replace("weekly", "cron")], "the interval `cron` needs a `cronjob`"),
        ([entry("pip", "directory: /, directories: [/]")], "an entry has `directory` or `directories`, and not both"),
        ([entry("pip", multi_ecosystem_group="all")], "there is no `all` among the `multi-ecosystem-groups`"),
        ([entry("pip", ignore="[{dependency-name: '*', versions: ['>= 0']}]")], "every dependency of pip is ignored"),
        ([entry("pip"), entry("pip", "directories: ['/']")], "two entries are for the same ecosystem, directory"),
    ],
)
def test_what_dependabot_refuses_updates_nothing(entries: list[str], said: str) -> None:
    outcome = of(dependabot(*entries), {"pyproject.toml": REPOSITORY["pyproject.toml"]})
    assert outcome[0] == "fail"
    assert outcome[1].startswith(f"nothing updates Python in pyproject.toml: {said}")


def test_entries_for_two_branches_are_two() -> None:
    files = dependabot(entry("pip"), entry("pip", target_branch="next"))
    assert of(files, {"pyproject.toml": REPOSITORY["pyproject.toml"]})[0] == "pass"


def test_the_manager_of_another_package_manager_is_not_missed() -> None:
    node: dict[str, str | bytes | None] = {"package.json": '{"dependencies": {"a": "1"}}'}
    assert of({"renovate.json": '{"bun": {"enabled": false}}'}, node)[0] == "pass"
    assert of({"renovate.json": '{"npm": {"enabled": false}}'}, node)[0] == "fail"


POETRY = '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\nflask = "^3"\n'
PROJECT = '[project]\ndependencies = ["flask"]\n'


@pytest.mark.parametrize(
    ("files", "managers", "expected"),
    [
        ({"pyproject.toml": PROJECT}, ["pep621"], "pass"),
        ({"pyproject.toml": PROJECT}, ["poetry"], "unknown"),
        ({"pyproject.toml": PROJECT}, ["pip_requirements"], "unknown"),
        ({"pyproject.toml": PROJECT}, ["pip_requirements", "pep621"], "pass"),
        ({"pyproject.toml": POETRY}, ["poetry"], "pass"),
        ({"pyproject.toml": POETRY}, ["pep621"], "unknown"),
        ({"requirements.txt": "flask\n"}, ["pip_requirements"], "pass"),
        ({"requirements.txt": "flask\n"}, ["pep621"], "unknown"),
        ({"requirements.txt": "flask\n"}, ["pip-compile"], "unknown"),
        ({"requirements.txt": "flask\n"}, ["npm"], "fail"),
        ({"Pipfile": "[packages]\nflask = '*'\n"}, ["pipenv"], "pass"),
        ({"Pipfile": "[packages]\nflask = '*'\n"}, ["pip_requirements"], "unknown"),
        ({"setup.cfg": "[options]\ninstall_requires = flask\n"}, ["setup-cfg"], "pass"),
        ({"build.gradle": "dependencies { implementation('a.b:c:1.0') }\n"}, ["gradle"], "pass"),
        ({"build.gradle": "dependencies { implementation('a.b:c:1.0') }\n"}, ["gradle-wrapper"], "unknown"),
        ({"package.json": '{"dependencies": {"a": "1"}}'}, ["npm"], "pass"),
    ],
)
def test_one_manager_of_several_looks_after_its_own_files(
    files: dict[str, str | bytes | None], managers: list[str], expected: str
) -> None:
    assert of({**files, "renovate.json": json.dumps({"enabledManagers": managers})}, {})[0] == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"/^tools/requirements.*\.txt$/", "pass"),
        (r"/^requirements.*\.txt$/", "unknown"),  # another folder's
        (r"/(^|/)tools/.+\.txt$/", "unknown"),  # not followed
    ],
)
def test_a_manager_looks_after_files_that_it_is_told_of(pattern: str, expected: str) -> None:
    told = {"enabledManagers": ["pip-compile"], "pip-compile": {"managerFilePatterns": [pattern]}}
    assert of({"tools/requirements.txt": "flask\n", "renovate.json": json.dumps(told)}, {})[0] == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("allow: [{dependency-name: acme-client}]", "unknown"),
        ("allow: [{dependency-name: '*'}]", "pass"),
        ("allow: [{dependency-type: direct}]", "pass"),
        ("allow: [{dependency-name: 'acme-*'}]", "unknown"),
        ("allow: [{dependency-type: development}]", "unknown"),
        ("allow: [{dependency-type: production}]", "unknown"),
        ("allow: [{dependency-type: indirect}]", "unknown"),
        ("allow: [{dependency-type: production}, {dependency-type: development}]", "pass"),
        ("allow: [{dependency-name: acme-client, dependency-type: all}]", "unknown"),
        ("allow: [{dependency-type: production}, {dependency-name: '*'}]", "pass"),
        ("exclude-paths: ['**']", "fail"),
        ("exclude-paths: ['docs/**', '**/fixtures/**']", "pass"),
    ],
)
def test_dependabot_may_be_told_to_leave_things_alone(more: str, expected: str) -> None:
    assert of(dependabot(f"{entry('pip')}, {more}", entry("docker"), entry("github-actions")))[0] == expected


@pytest.mark.parametrize(
    ("asked", "allowed", "expected"),
    [
        ({"require": {"psr/log": "^3"}}, "{dependency-type: development}", "fail"),
        ({"require": {"php": "^8"}, "require-dev": {"a/b": "^1"}}, "{dependency-type: development}", "unknown"),
        ({"require": {"psr/log": "^3"}}, "{dependency-type: development}, {dependency-name: psr/log}", "unknown"),
        ({"require": {"psr/log": "^3"}}, "{dependency-type: production}", "unknown"),
    ],
)  # fmt: skip
def test_updates_for_development_leave_out_what_comes_along_to_production(
    asked: object, allowed: str, expected: str
) -> None:
    bot = dependabot(f"{entry('composer')}, allow: [{allowed}]")
    assert of({"composer.json": json.dumps(asked), **bot}, {})[0] == expected


@pytest.mark.parametrize(
    ("directories", "excluded", "expected"),
    [
        ("directory: /", "packages/cart/**", "fail"),
        ("directory: /", "packages/cart/", "fail"),
        ("directory: /", "./packages/*", "fail"),
        ("directory: /", "**/cart/package.json", "fail"),
        ("directory: /", "packages/legacy/**", "pass"),
        ("directories: ['/', '/packages/*']", "packages/cart/**", "pass"),  # relative to each of them
        ("directory: /packages/cart", "package.json", "fail"),
        ("directory: /packages/cart", "packages/cart/**", "pass"),
    ],
)
def test_files_that_dependabot_is_told_to_leave_out(directories: str, excluded: str, expected: str) -> None:
    files: dict[str, str | bytes | None] = {
        "package.json": '{"workspaces": ["packages/*"]}',
        "pnpm-workspace.yaml": "packages: ['packages/*']\n",
        "pnpm-lock.yaml": "lockfileVersion: '9.0'\nimporters: {.: {}, packages/cart: {}}\n",
        "packages/cart/package.json": '{"name": "cart", "dependencies": {"left-pad": "^1.3.0"}}',
    }
    assert of(dependabot(entry("npm", directories, exclude_paths=f"['{excluded}']")), files)[0] == expected


def test_what_one_ecosystem_leaves_open_says_nothing_of_others() -> None:
    named = f"{entry('npm')}, allow: [{{dependency-name: acme}}]"
    assert of(dependabot(entry("pip"), entry("docker"), named)) == (
        "fail",
        "nothing updates GitHub Actions in .github/workflows/ci.yml",
    )
    partly = f"{entry('pip')}, allow: [{{dependency-name: acme-client}}]"
    assert of(dependabot(partly, entry("docker"))) == (
        "fail",
        "nothing updates GitHub Actions in .github/workflows/ci.yml",
    )


def test_a_contract_may_say_that_a_preset_turns_nothing_off() -> None:
    told = Knowledge(presets=("github>acme/renovate-config",))
    for preset, expected in (
        ("github>acme/renovate-config", "pass"),
        ("github>acme/renovate-config#2.1.0", "pass"),
        ("github>acme/renovate-config:libraries", "unknown"),
        ("github>other/renovate-config", "unknown"),
    ):
        files = REPOSITORY | {"renovate.json": json.dumps({"extends": [preset]})}
        assert judge("dependencies-updated", files, knowledge=told).verdict == expected
        assert judge("dependencies-updated", files).verdict == "unknown"


def test_the_fix_names_every_entry_that_is_missing() -> None:
    outcome = judge("dependencies-updated", {**REPOSITORY, "docs/requirements.txt": "mkdocs\n"})
    assert outcome.fix is not None
    assert outcome.fix.summary == (
        "Add entries for pip in /docs, pip in /, docker in /, github-actions in / to .github/dependabot.yml"
    )


def test_the_fix_is_about_the_bot_that_is_there() -> None:
    renovate = '{"extends": ["config:recommended", "docker:disable"]}'
    outcome = judge("dependencies-updated", {**REPOSITORY, "renovate.json": renovate})
    assert outcome.fix is not None
    assert outcome.fix.summary == "Let Renovate look after Docker in Dockerfile, too"


KINDS = ", ".join(f'"version-update:semver-{part}"' for part in ("major", "minor", "patch"))


def test_ignoring_every_kind_of_version_leaves_security_updates_alone() -> None:
    ignored = dependabot(*ALL[1:], entry("pip", ignore=f'[{{dependency-name: "*", update-types: [{KINDS}]}}]'))
    assert of(ignored) == ("fail", "nothing updates Python in pyproject.toml: every dependency of pip is ignored")
    patches = dependabot(
        *ALL[1:], entry("pip", ignore='[{dependency-name: "*", update-types: ["version-update:semver-patch"]}]')
    )
    assert of(patches)[0] == "pass"


def test_json5_needs_no_space_behind_a_colon() -> None:
    minified = "{extends:['config:recommended'],schedule:['before 6am'],enabled:true}"
    assert of({".renovaterc.json5": minified})[0] == "pass"
    assert of({".renovaterc.json5": minified.replace("true", "false")})[0] == "fail"


def test_the_last_rule_of_renovate_about_everything_wins() -> None:
    off, on = ({"matchPackageNames": ["*"], "enabled": enabled} for enabled in (False, True))
    assert of({"renovate.json": json.dumps({"packageRules": [off, on]})})[0] == "pass"
    assert of({"renovate.json": json.dumps({"packageRules": [on, off]})})[0] == "fail"


@pytest.mark.parametrize(
    "told",
    [
        {"mode": "silent"},
        {"packageRules": [{"matchUpdateTypes": ["major", "minor", "patch"], "enabled": False}]},
        {"packageRules": [{"matchUpdateTypes": ["major", "minor", "patch", "pin"], "matchPackageNames": ["*"],
                           "enabled": False}]},
    ],
)  # fmt: skip
def test_renovate_that_proposes_nothing_looks_after_nothing(told: dict[str, object]) -> None:
    assert of({"renovate.json": json.dumps(told)})[0] == "fail"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"matchPackageNames": ["/.*/"]}, "fail"),
        ({"matchPackagePatterns": ["*"]}, "fail"),
        ({"matchDepNames": ["**"]}, "fail"),
        ({"matchManagers": ["pep621"], "matchPackageNames": ["*"]}, "fail"),
        ({"matchDepTypes": ["project.dependencies"]}, "unknown"),
        ({"matchManagers": ["pep621"], "matchDepTypes": ["dependency-groups"]}, "unknown"),
        ({"matchManagers": ["npm"], "matchDepTypes": ["project.dependencies"]}, "pass"),
        ({"matchDepTypes": ["peerDependencies", "requires-python"]}, "pass"),
        ({"matchDepTypes": ["!dependency-groups"]}, "unknown"),
        ({"matchDepTypes": ["*"]}, "fail"),
        ({"matchPackageNames": ["!flask"]}, "unknown"),
        ({"matchPackageNames": ["*", "!flask"]}, "unknown"),
        ({"excludePackageNames": ["flask"]}, "unknown"),
        ({"matchCurrentVersion": ">=0"}, "unknown"),
        ({"matchCurrentVersion": ">= 0.0.0"}, "unknown"),
        ({"matchCurrentVersion": "/.*/"}, "unknown"),
        ({"matchManagers": ["pep621"], "matchCurrentVersion": "*"}, "unknown"),
        ({"matchCurrentVersion": "<1.0"}, "pass"),
        ({"matchSourceUrls": ["**"]}, "unknown"),
        ({"matchSourceUrls": ["https://github.com/acme/**"]}, "pass"),
        ({"matchManagers": ["npm"], "excludePackageNames": ["left-pad"]}, "pass"),
        ({"matchPackageNames": ["acme-*"]}, "pass"),
    ],
)
def test_rules_of_renovate_that_turn_off_more_than_some_packages(rule: dict[str, object], expected: str) -> None:
    told: dict[str, object] = {"packageRules": [{**rule, "enabled": False}]}
    assert of({"renovate.json": json.dumps(told)})[0] == expected
    told["enabledManagers"] = ["pep621", "dockerfile", "github-actions"]
    assert of({"renovate.json": json.dumps(told)})[0] == expected
    told["packageRules"] = [{**rule, "allowedVersions": "<0"}]
    assert of({"renovate.json": json.dumps(told)})[0] == expected


@pytest.mark.parametrize(
    ("branches", "expected"),
    [
        (["legacy"], "unknown"), (["release-1", "v2.x"], "unknown"), (["main", "legacy"], "pass"),
        (["$default"], "pass"), (["/^release/"], "pass"), (["development"], "pass"), ([], "pass"),
    ],
)  # fmt: skip
def test_renovate_for_other_branches_alone_looks_after_nothing_here(branches: list[str], expected: str) -> None:
    for key in "baseBranches", "baseBranchPatterns":
        assert of({"renovate.json": json.dumps({key: branches})})[0] == expected


@pytest.mark.parametrize(
    ("versions", "expected"),
    [("<0", "fail"), ("< 0.0.0", "fail"), ("!/.*/", "fail"), ("/^$/", "fail"), ("<=0", "pass"), ("<5", "pass"),
     ("!/-rc/", "pass"), ("0", "pass")],
)  # fmt: skip
def test_renovate_that_is_allowed_no_version_updates_nothing(versions: str, expected: str) -> None:
    rule = {"matchPackageNames": ["*"], "allowedVersions": versions}
    for told in (
        {"packageRules": [rule]},
        {"packageRules": [{**rule, "enabled": True}]},
        {"allowedVersions": versions},
    ):
        assert of({"renovate.json": json.dumps(told)})[0] == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"schedule": ["* * 31 2 *"]}, "fail"),
        ({"schedule": ["* * 31 2 *", "* 0-4 * * 1"]}, "pass"),
        ({"schedule": ["before 4am"]}, "pass"),
        ({"schedule": []}, "pass"),
        ({"enabledManagers": []}, "pass"),
    ],
)
def test_renovate_updates_on_days_that_there_are_by_all_its_managers(told: dict[str, object], expected: str) -> None:
    assert of({"renovate.json": json.dumps(told)})[0] == expected


def test_renovate_that_leaves_some_kinds_of_updates_out_looks_after_the_others() -> None:
    rule = {"matchUpdateTypes": ["major"], "enabled": False}
    assert of({"renovate.json": json.dumps({"packageRules": [rule]})})[0] == "pass"


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ('let package = Package(name: "a", targets: [.target(name: "a")])', "not-applicable"),
        ('let package = Package(name: "a", dependencies: [.package (url: "u", from: "1.0.0")])', "fail"),
    ],
)
def test_a_package_of_swift_that_depends_on_nothing_needs_no_bot(manifest: str, expected: str) -> None:
    assert of({"Package.swift": manifest}, {})[0] == expected


PROVIDERS = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws", version = "~> 6.0" }\n  }\n}\n'
MODULE = 'module "vpc" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "6.0.1"\n}\n'
LOCAL = 'module "vpc" {\n  source = "../modules/vpc"\n}\n'
BUCKET = 'resource "aws_s3_object" "a" {\n  source = "a.zip"\n}\n'


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"infra/main.tf": PROVIDERS}, "nothing updates Terraform in infra/main.tf"),
        ({"infra/main.tofu": MODULE}, "nothing updates Terraform in infra/main.tofu"),
        ({"infra/main.tf": PROVIDERS, **dependabot(entry("terraform"))}, "nothing updates Terraform in infra/main.tf"),
        ({"infra/main.tf": PROVIDERS, **dependabot(entry("terraform", "directory: /infra"))}, "kept up to date"),
        ({"infra/main.tf": PROVIDERS, **dependabot(entry("opentofu", "directory: /infra"))}, "kept up to date"),
        ({"infra/main.tf": PROVIDERS, "renovate.json": '{"extends": ["config:recommended"]}'}, "kept up to date"),
        ({"examples/main.tf": PROVIDERS}, "there is nothing"),
        ({"integrationtest/a/main.tf": PROVIDERS}, "there is nothing"),
        ({"infra/main.tf": BUCKET}, "there is nothing"),
        ({"infra/main.tf": f'locals {{\n  arn = "arn:aws:s3:::shop/*"\n}}\n{PROVIDERS}'}, "nothing updates Terraform"),
        ({"infra/main.tf": f"# {MODULE.splitlines()[0]}\n/*\n{PROVIDERS}*/\n"}, "there is nothing"),
        ({"infra/main.tf": LOCAL}, "there is nothing"),
        ({"infra/main.tf": LOCAL, "modules/vpc/a.tf": PROVIDERS, **dependabot(entry("terraform", "directory: /infra"))},
         "kept up to date"),
    ],
)  # fmt: skip
def test_providers_and_modules_of_terraform_need_a_bot(files: dict[str, str | bytes | None], expected: str) -> None:
    assert of(files, {})[1].startswith(expected)


@pytest.mark.parametrize("text", ['"' + '\\"' * 100_000, "{/*" * 100_000, "{'" + "\\'" * 100_000])
def test_settings_of_renovate_that_are_built_to_hurt_take_no_time(text: str) -> None:
    began = time.process_time()
    assert of({"package.json": '{"dependencies": {"a": "^1"}}', "renovate.json": text}, {})[0] != "pass"
    assert time.process_time() - began < 5


@pytest.mark.parametrize("text", ['"' + '\\"' * 100_000, "/*" * 100_000, 'module "a" {' * 20_000, "\n" * 100_000])
def test_files_of_terraform_that_are_built_to_hurt_take_no_time(text: str) -> None:
    assert of({"infra/main.tf": text}, {})[0] == "not-applicable"


NO_VERSION = '"major": {"enabled": false}, "minor": {"enabled": false}, "patch": {"enabled": false}'
NINES = "9" * 5_000
EVERY = '"packageRules": [{"matchPackageNames": ["*"], "patch": {"enabled": true}}]'
OF_NPM = '"packageRules": [{"matchManagers": ["npm"], "patch": {"enabled": true}}]'
ALL_OFF = '{"matchPackageNames": ["*"], "enabled": false}'
SOME = '"packageRules": [{"matchPackageNames": ["a"], "patch": {"enabled": true}}]'


@pytest.mark.parametrize(
    ("bot", "expected"),
    [
        ({"renovate.json": f"{{{NO_VERSION}}}"}, "fail"),
        ({"renovate.json": f"{{{NO_VERSION}, {SOME}}}"}, "unknown"),
        ({"renovate.json": f"{{{NO_VERSION}, {EVERY}}}"}, "pass"),
        ({"renovate.json": f"{{{NO_VERSION}, {OF_NPM}}}"}, "unknown"),
        (
            {"renovate.json": '{"packageRules": [' + ALL_OFF + ', {"matchPackageNames": ["a"], "enabled": true}]}'},
            "fail",
        ),
        ({"renovate.json": '{"major": {"enabled": false}}'}, "pass"),
        (dependabot(entry("npm").replace("interval: weekly", "interval: cron, cronjob: '0 0 31 2 *'")), "fail"),
        (dependabot(entry("npm").replace("interval: weekly", "interval: cron, cronjob: '0 0 31 2,3 *'")), "pass"),
        (dependabot(entry("npm").replace("interval: weekly", f"interval: cron, cronjob: '0 0 {NINES} 2 *'")), "fail"),
        (dependabot(entry("npm").replace("interval: weekly", "interval: cron, cronjob: '0 0 31 2 1'")), "pass"),
    ],
)
def test_a_bot_that_never_updates_looks_after_nothing(bot: dict[str, str | bytes | None], expected: str) -> None:
    assert of({"package.json": '{"dependencies": {"a": "^1"}}', **bot}, {})[0] == expected


NPM = {"package.json": '{"dependencies": {"lodash": "^4", "koa": "2"}}'}


def rule(**told: object) -> dict[str, object]:
    return {
        "packageRules": [
            {key.replace("by", "match", 1) if key[:2] == "by" else key: each for key, each in told.items()}
        ]
    }


APPROVED: dict[str, object] = {"dependencyDashboardApproval": True}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (APPROVED, "unknown"),
        ({"extends": [":dependencyDashboardApproval"]}, "unknown"),
        ({"prCreation": "approval"}, "unknown"),
        (rule(byPackageNames=["*"], dependencyDashboardApproval=True), "unknown"),
        (rule(byManagers=["npm"], dependencyDashboardApproval=True), "unknown"),
        (rule(byUpdateTypes=["major"], dependencyDashboardApproval=True), "pass"),
        (rule(byManagers=["dockerfile"], dependencyDashboardApproval=True), "pass"),
        (APPROVED | rule(byPackageNames=["*"], dependencyDashboardApproval=False), "pass"),
        ({"major": APPROVED}, "pass"),
        ({"minimumReleaseAge": "10 years"}, "unknown"),
        ({"minimumReleaseAge": "90 days"}, "pass"),
        ({"stabilityDays": 4000}, "unknown"),
        ({"stabilityDays": 14}, "pass"),
    ],
)
def test_renovate_that_waits_for_somebody_or_for_years_may_propose_nothing(
    told: dict[str, object], expected: str
) -> None:
    assert of({**NPM, "renovate.json": json.dumps(told)}, {})[0] == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"hostRules": [{"enabled": False}]}, "fail"),
        ({"hostRules": [{"hostType": "npm", "enabled": False}]}, "unknown"),
        ({"hostRules": [{"matchHost": "npmjs.org", "enabled": False}]}, "unknown"),
        ({"hostRules": [{"matchHost": "https://registry.npmjs.org/", "enabled": False}]}, "unknown"),
        ({"hostRules": [{"matchHost": "registry.acme.example", "enabled": False}]}, "pass"),
        ({"hostRules": [{"hostType": "pypi", "enabled": False}]}, "pass"),
        ({"hostRules": [{"hostType": "npm", "timeout": 9}]}, "pass"),
    ],
)
def test_renovate_finds_no_versions_where_it_may_not_ask(told: dict[str, object], expected: str) -> None:
    assert of({**NPM, "renovate.json": json.dumps(told)}, {})[0] == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (["never"], "fail"),
        (["whenever we like"], "fail"),
        (["before 5am", "never"], "fail"),
        (["at any time", "never"], "pass"),
        (["before 5am every weekday"], "pass"),
        (["every weekend"], "pass"),
        (["* * 30-31 feb *"], "fail"),
        (["* 0-3 1 * *"], "pass"),
    ],
)
@pytest.mark.parametrize("where", ["{}", '{{"npm": {}}}', '{{"packageRules": [{{"matchManagers": ["npm"], {}}}]}}'])
def test_renovate_refuses_a_schedule_that_is_none(where: str, told: list[str], expected: str) -> None:
    schedule = f'"schedule": {json.dumps(told)}'
    config = where.format(schedule if "packageRules" in where else f"{{{schedule}}}")
    assert of({**NPM, "renovate.json": config}, {})[0] == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (rule(byBaseBranches=["main"], enabled=False), "unknown"),
        (rule(byBaseBranches=["release/1"], enabled=False), "pass"),
        (rule(byBaseBranches=["/^release-.*/"], enabled=False), "pass"),
        (rule(byBaseBranches=["!/^release-.*/"], enabled=False), "unknown"),
        (rule(byBaseBranches=["/^ma/"], enabled=False), "unknown"),
        (rule(byRepositories=["*"], enabled=False), "fail"),
        (rule(byRepositories=["acme/shop"], enabled=False), "unknown"),
        (rule(byJsonata=["true"], enabled=False), "unknown"),
        (rule(byCurrentAge="> 1 day", enabled=False), "unknown"),
        (rule(byCurrentValue="/.*/", enabled=False), "unknown"),
        (rule(byPackageNames=["lodash", "koa"], enabled=False), "fail"),
        (rule(byDepNames=["lod*", "k*"], enabled=False), "fail"),
        (rule(byPackageNames=["lodash"], enabled=False), "pass"),
        ({"ignoreDeps": ["lodash", "koa"]}, "fail"),
        ({"ignoreDeps": ["lodash", "koa"], "lockFileMaintenance": {"enabled": True}}, "pass"),
        ({"ignoreDeps": ["lodash"]} | rule(byPackageNames=["koa"], enabled=False), "fail"),
        ({"ignoreDeps": ["lodash"]}, "pass"),
    ],
)
def test_renovate_may_be_told_in_many_ways_to_leave_everything_alone(told: dict[str, object], expected: str) -> None:
    assert of({**NPM, "renovate.json": json.dumps(told)}, {})[0] == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"schedule": ["0 3 * * 1"]}, "fail"),
        ({"schedule": ["*/15 3 * * 1"]}, "fail"),
        ({"schedule": ["* 25 * * 1"]}, "fail"),
        ({"schedule": ["* 0-3 * * 1", "before 5am on monday"]}, "pass"),
        ({"enabledManagers": ["npm", "npmm"]}, "unknown"),
        ({"enabledManagers": ["npm", "custom.regex"]}, "pass"),
        ({"packageRules": [{"matchManagers": ["docker"], "enabled": False}]}, "unknown"),
        ({"packageRules": [{"matchManagers": ["!npm"], "groupName": "x"}]}, "unknown"),
        ({"packageRules": [{"matchManagers": ["mise", "regex"], "groupName": "x"}]}, "pass"),
        ({"packageRules": [{"matchDatasources": ["!docker"], "enabled": False}]}, "unknown"),
        ({"packageRules": [{"matchCategories": ["j*"], "enabled": False}]}, "unknown"),
        ({"packageRules": [{"matchFileNames": ["/package/"], "enabled": False}]}, "unknown"),
        ({"packageRules": [{"matchFileNames": ["!README.md"], "enabled": False}]}, "unknown"),
        ({"packageRules": [{"matchFileNames": ["!README.md"], "groupName": "x"}]}, "pass"),
        ({"packageRules": [{"matchDatasources": ["!docker"], "matchPackageNames": ["x"], "enabled": False}]}, "pass"),
        ({"packageRules": [{"matchDatasources": ["crates"], "enabled": False}]}, "pass"),
        ({"packageRules": [{"matchPackageNames": ["/^[a-z@]/"], "enabled": False}]}, "unknown"),
        ({"packageRules": [{"matchPackageNames": ["{lodash,koa}"], "enabled": False}]}, "unknown"),
        ({"packageRules": [{"matchPackagePatterns": ["."], "enabled": False}]}, "unknown"),
        ({"packageRules": [{"matchPackagePrefixes": [""], "enabled": False}]}, "unknown"),
        ({"packageRules": [{"matchPackagePatterns": ["^@types/"], "enabled": False}]}, "pass"),
        ({"packageRules": [{"matchPackageNames": ["/^@types/"], "enabled": False}]}, "pass"),
        ({"packageRules": [{"matchPackageNames": ["@types/**"], "enabled": False}]}, "pass"),
        ({"packageRules": [{"enabled": False}]}, "unknown"),
        ({"js": {"enabled": False}}, "fail"),
        ({"python": {"enabled": False}}, "pass"),
    ],
)
def test_what_renovate_refuses_or_means_by_a_pattern(told: dict[str, object], expected: str) -> None:
    assert of({**NPM, "renovate.json": json.dumps(told)}, {})[0] == expected


MAJOR = "'version-update:semver-major'"
REST = "'version-update:semver-minor', 'version-update:semver-patch'"


def cron(text: str) -> str:
    return entry("npm").replace("interval: weekly", f"interval: cron, cronjob: '{text}'")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (entry("npm", ignore="[{dependency-name: lodash}, {dependency-name: 'k*'}]"), "fail"),
        (entry("npm", ignore="[{dependency-name: lodash}, {dependency-name: koa, versions: ['>= 0']}]"), "fail"),
        (entry("npm", ignore="[{dependency-name: lodash}, {dependency-name: koa, versions: ['3.x']}]"), "pass"),
        (entry("npm", ignore="[{dependency-name: lodash}]"), "pass"),
        (entry("npm", target_branch="legacy"), "unknown"),
        (entry("npm", target_branch="main"), "pass"),
        (entry("npm", cooldown="{default-days: 3650}"), "fail"),
        (entry("npm", cooldown="{default-days: 90}"), "pass"),
        (cron("0 0 30-31 2 *"), "fail"),
        (cron("0 0 31/2 feb,apr *"), "fail"),
        (cron("0 0 29 feb *"), "pass"),
        (cron("0 0 1,*/2 2 *"), "pass"),
        (cron("never"), "fail"),
        (cron("0 0 * *"), "fail"),
        (cron("every weekday at 9am"), "pass"),
        (cron("0 25 * * *"), "fail"),
        (entry("npm").replace("interval: weekly", "interval: weekly, time: '25:00'"), "fail"),
        (entry("npm").replace("interval: weekly", "interval: weekly, time: '05:30', day: monday"), "pass"),
        (entry("npm").replace("interval: weekly", "interval: weekly, day: someday"), "fail"),
        (entry("npm", cooldown="{semver-major-days: 1000}"), "fail"),
        (entry("npm", ignore="[{dependency-name: '*', versions: ['> 0']}]"), "fail"),
        (
            entry("npm", ignore=f"[{{dependency-name: '*', update-types: [{MAJOR}]}}, {{update-types: [{REST}]}}]"),
            "fail",
        ),
        (entry("npm", ignore=f"[{{dependency-name: '*', update-types: [{MAJOR}]}}]"), "pass"),
        (entry("npm", ignore=f"[{{dependency-name: '*', update-types: [{MAJOR}]}}, {{dependency-name: koa}}]"), "pass"),
        (cron("60 5 * * *"), "fail"),
        (cron("0 5 32,1 * *"), "fail"),
        (cron("0 5 * 13 *"), "fail"),
        (cron("0 5 * * 1-8"), "fail"),
        (cron("0 5 0 * *"), "fail"),
        (cron("*/90 0-23 1,15 jan-dec mon-7"), "pass"),
        (cron("0 5 * * * Europe/Berlin"), "pass"),
    ],
)
def test_an_entry_of_dependabot_that_never_proposes_anything_here_looks_after_nothing(told: str, expected: str) -> None:
    assert of({**NPM, **dependabot(told)}, {})[0] == expected


@pytest.mark.parametrize(
    ("ecosystem", "names", "expected"),
    [
        ("docker", ["python"], "fail"),
        ("docker", ["golang"], "pass"),
        ("github-actions", ["actions/checkout"], "fail"),
        ("github-actions", ["actions/cache"], "pass"),
    ],
)
def test_images_and_actions_are_left_out_by_name_too(ecosystem: str, names: list[str], expected: str) -> None:
    ignored = f"[{', '.join(f'{{dependency-name: {each}}}' for each in names)}]"
    told = (entry(name, ignore=ignored) if name == ecosystem else entry(name) for name in _ECOSYSTEMS)
    assert of(dependabot(*told))[0] == expected
    assert of({"renovate.json": json.dumps({"ignoreDeps": names})})[0] == expected


_ECOSYSTEMS = ("pip", "docker", "github-actions")


def test_renovate_updates_the_toolchain_of_go_whatever_modules_are_left_out() -> None:
    manifest = {"go.mod": "module shop\n\ngo 1.25\n\ntoolchain go1.25.4\n\nrequire golang.org/x/net v0.1.0\n"}
    for names, expected in (["golang.org/x/net"], "pass"), (["golang.org/x/net", "go"], "fail"):
        assert of({**manifest, "renovate.json": json.dumps({"ignoreDeps": names})}, {})[0] == expected
