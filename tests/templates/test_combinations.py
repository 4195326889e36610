"""Every combination of the organisation's options, and extreme answers.

Each is rendered whole, sound by the tools of the field, and proven by the validator.

A tool that judges one file looks at each distinct content once, in one process where it takes many files.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import toolbox
from combinations import ALL, IN_EVERY_LANGUAGE, SERVICES
from goldenpath import contract, scorecard
from goldenpath.repository import open_repository
from languages import LANGUAGES

if TYPE_CHECKING:
    from toolbox import Rendered, Tool

DOCUMENTED = [  # every product and every way to sign at least once: only those change what the pages say
    "keyless pagerduty slack", "kms grafana-oncall teams", "github-attestations incident-io google-chat",
    "gitlab none keyless", "gitlab helm kms", "an Enterprise Server, keyless", "longest names",
    "a description full of signs",
]  # fmt: skip
CALCULATED = [  # whose rules differ in more than names
    "keyless pagerduty slack", "loosest objectives", "tightest objectives", "an objective in between", "longest names",
]  # fmt: skip

pytestmark = pytest.mark.timeout(900)  # the first of its tests renders every service of every language
each_language = pytest.mark.parametrize("template", LANGUAGES)
each_service = pytest.mark.parametrize("answers", SERVICES.values(), ids=list(SERVICES))


@pytest.fixture(scope="session")
def services(rendered: Rendered) -> dict[str, Path]:
    return {name: rendered(**answers) for name, answers in SERVICES.items()}


def files(service: Path) -> list[Path]:
    return [path for path in sorted(service.rglob("*")) if path.is_file()]


def distinct(services: dict[str, Path], *patterns: str) -> list[Path]:
    """Find the files of all services that match, one for each path and content."""
    found = {
        (path.relative_to(service), path.read_bytes()): path
        for service in services.values()
        for pattern in patterns
        for path in sorted(service.glob(pattern))
    }
    assert found, patterns
    return list(found.values())


def clean(*command: str | Path, **options: Any) -> str:
    """Run a tool that must be content, and return what it prints."""
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)
    assert done.returncode == 0, f"{Path(command[0]).name} is not content:\n{done.stdout}"
    return str(done.stdout)


# ---- whole


@each_service
def test_nothing_is_left_unrendered(rendered: Rendered, answers: dict[str, object]) -> None:
    service = rendered(**answers)
    for path in files(service):
        name = str(path.relative_to(service))
        text = path.read_text(encoding="utf-8")
        if path.name.startswith("requirements"):
            text = re.sub("^jinja2==", "", text, flags=re.MULTILINE)  # mkdocs needs it
        left = re.findall(r"\{=|=\}|\{%|%\}|\{%#|\{\{ ?cookiecutter|jinja", f"{name}\n{text}", re.IGNORECASE)
        assert left == [], name


@each_service
def test_every_file_is_whole(rendered: Rendered, answers: dict[str, object]) -> None:
    service = rendered(**answers)
    for path in files(service):
        data = path.read_bytes()
        assert data or path.name == "py.typed", f"{path} is empty"
        assert b"\r" not in data, f"{path} has other line endings"
        assert not data or (data.endswith(b"\n") and not data.endswith(b"\n\n")), (
            f"{path} does not end in one line break"
        )
        assert not data.startswith((b"\n", b" ")), f"{path} starts with a blank"
        assert not path.stat().st_mode & 0o111, f"{path} can be executed"
        assert not path.is_symlink(), path
        if path.suffix in {".md", ".yaml", ".yml", ".toml", ".json", ".py"}:
            assert not re.search(rb"[ \t]+$", data, re.MULTILINE), f"{path} has blanks at the end of a line"


ADDED = {
    ".github": {
        ".github/CODEOWNERS", ".github/dependabot.yml", ".github/workflows/ci.yml", ".github/workflows/release.yml",
    },
    ".gitlab": {".gitlab-ci.yml", ".gitlab/CODEOWNERS", ".gitlab/renovate.json"},
    "deploy": {
        ".yamllintignore", "deploy/admission.yaml", "deploy/helm/Chart.yaml", "deploy/helm/rules/alerts.yaml",
        "deploy/helm/templates/_labels.tpl", "deploy/helm/templates/deployment.yaml",
        "deploy/helm/templates/horizontalpodautoscaler.yaml", "deploy/helm/templates/networkpolicy.yaml",
        "deploy/helm/templates/poddisruptionbudget.yaml", "deploy/helm/templates/prometheusrule.yaml",
        "deploy/helm/templates/service.yaml", "deploy/helm/templates/servicemonitor.yaml",
        "deploy/helm/values.schema.json", "deploy/helm/values.yaml",
    },
}  # fmt: skip
"""What only some services have."""


@each_language
def test_a_service_has_the_files_of_its_options_and_no_others(services: dict[str, Path], template: str) -> None:
    def layout(service: Path) -> set[str]:
        package = service.name.replace("-", "_")
        named = re.compile(rf"(?<=^src/){package}(?=/)|(?<=/com/acme/){package}(?=/)|(?<=^cmd/){service.name}(?=/)")
        return {named.sub("name", str(path.relative_to(service))) for path in files(service)}

    common = layout(services[f"{template}: keyless pagerduty slack"]) - ADDED[".github"]
    for name, answers in IN_EVERY_LANGUAGE.items():
        forge = ADDED[f".{answers.get('ci', 'github')}"]
        chart = ADDED["deploy"] if answers.get("deploy") == "helm" else set()
        assert layout(services[f"{template}: {name}"]) == common | forge | chart, name


def test_locks_name_no_registry_and_no_machine(services: dict[str, Path]) -> None:
    for path in distinct(services, "**/requirements*.txt", "pyproject.toml"):
        assert not re.search(r"://|file:|--index|--find-links| @ ", path.read_text(encoding="utf-8")), path


# ---- proven


@each_service
def test_every_check_that_the_standard_asks_passes(rendered: Rendered, answers: dict[str, object]) -> None:
    standard = contract.named("standard")

    card = scorecard.evaluate(open_repository(rendered(**answers)), standard, date(2026, 11, 24))

    (component,) = card.components
    assert {
        check.id: (check.verdict, check.summary, check.evidence)
        for check in component.checks
        if check.verdict != "pass"
    } == {"template-current": ("not-applicable", "the contract names no template", ())}
    assert {check.id for check in component.checks} == set(standard.checks)
    assert card.tier is not None


# ---- sound: workflows


def test_zizmor(services: dict[str, Path], tool: Tool) -> None:
    workflows = distinct(services, ".github/workflows/*.yml", ".github/dependabot.yml")

    clean(tool("zizmor"), "--offline", "--pedantic", "--strict-collection", "--no-progress", *workflows)


def test_actionlint(services: dict[str, Path], tool: Tool, tmp_path: Path) -> None:
    """With shellcheck over each `run`; a repository around them, so that calls of local workflows are followed."""
    workflows: list[Path] = []
    for number, release in enumerate(distinct(services, ".github/workflows/release.yml")):
        project = tmp_path / str(number)
        shutil.copytree(release.parent, project / ".github" / "workflows")
        toolbox.git(tmp_path, "init", "--quiet", str(project))
        workflows += (project / ".github" / "workflows").iterdir()

    clean(tool("actionlint"), "-shellcheck", tool("shellcheck"), *workflows, cwd=tmp_path)


@pytest.mark.parametrize(
    ("schema", "pattern"),
    [
        ("vendor.github-workflows", ".github/workflows/*.yml"),
        ("vendor.dependabot", ".github/dependabot.yml"),
        ("vendor.gitlab-ci", ".gitlab-ci.yml"),
        ("vendor.renovate", ".gitlab/renovate.json"),
    ],
)
def test_check_jsonschema(services: dict[str, Path], tool: Tool, schema: str, pattern: str) -> None:
    clean(tool("check-jsonschema"), "--builtin-schema", schema, *distinct(services, pattern))


def test_every_action_and_image_is_the_pinned_one(services: dict[str, Path]) -> None:
    """Nothing in pins.jinja is unused, and nothing that is used is missing there."""
    pins = (toolbox.ROOT / "templates" / "partials" / "pins.jinja").read_text(encoding="utf-8")
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in distinct(services, ".github/workflows/*.yml", ".gitlab-ci.yml", "Dockerfile")
    )

    pinned = set(re.findall(r'"tag": "(\S+)", "sha": "([0-9a-f]{40})"', pins))
    assert {(tag, sha) for sha, tag in re.findall(r"uses: \S+@([0-9a-f]{40}) # (\S+)$", text, re.MULTILINE)} == pinned
    assert len(re.findall(r"uses: (?!\./)", text)) == len(
        re.findall(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+(?:\.\d+)+(?: #|$)", text, re.MULTILINE)
    )
    assert set(re.findall(r"@(sha256:[0-9a-f]{64})\b", text)) == set(re.findall(r'"(sha256:[0-9a-f]{64})"', pins))
    assert len(re.findall(r"image: |name: docker\.io/|docker create ", text)) == len(
        re.findall(r"(?:image: |name: |docker create )\S+@sha256:[0-9a-f]{64}", text)
    )
    versions = re.search(r"set tools = \{(.*?)\}", pins, re.DOTALL)
    assert versions
    adopted = (toolbox.ROOT / "templates/partials/adopt/build.yml.jinja").read_text(encoding="utf-8")  # no service's
    for name, version in re.findall(r'"(\w+)": +"([^"]+)"', versions[1]):
        assert version in text or f"tools.{name} " in adopted, name


def test_promtool_and_amtool_are_those_of_the_tests(services: dict[str, Path]) -> None:
    """What services install in CI is what their rules were tested with here."""
    modules = (toolbox.ROOT / "tools" / "go.mod").read_text(encoding="utf-8")
    text = distinct(services, ".github/workflows/ci.yml")[0].read_text(encoding="utf-8")

    for module, version in re.findall(r"(github\.com/prometheus/\w+)/cmd/\w+@(\S+)", text):
        assert f"{module} {version}" in modules


# ---- sound: image, YAML, TOML


def test_hadolint(services: dict[str, Path], tool: Tool) -> None:
    clean(tool("hadolint"), *distinct(services, "Dockerfile"))


def test_yamllint(services: dict[str, Path], tool: Tool) -> None:
    """With the service's own rules."""
    every_yaml = distinct(services, "**/*.yaml", "**/*.yml", ".*.yaml", ".*.yml")
    every_yaml = [path for path in every_yaml if path.parent.name != "templates"]  # Helm makes YAML of them

    clean(tool("yamllint"), "--strict", *every_yaml, cwd=services["python-service: keyless pagerduty slack"])
    with_chart = services["python-service: github helm keyless"]
    clean(tool("yamllint"), "--strict", ".", cwd=with_chart)


# ---- sound: objectives, alerts, routes, dashboard


def test_promtool(services: dict[str, Path], tool: Tool) -> None:
    clean(tool("promtool"), "check", "rules", *distinct(services, "observability/alerts.yaml"))


@pytest.mark.parametrize("name", CALCULATED)
def test_alerts_fire_and_end(rendered: Rendered, tool: Tool, name: str) -> None:
    """By the service's own tests of its rules."""
    clean(tool("promtool"), "test", "rules", rendered(**ALL[name]) / "observability" / "alerts_test.yaml")


def test_amtool(services: dict[str, Path], tool: Tool) -> None:
    clean(tool("amtool"), "check-config", *distinct(services, "observability/alertmanager.yaml"))


@pytest.mark.parametrize("severity", ["page", "ticket"])
def test_alerts_reach_their_receivers(services: dict[str, Path], tool: Tool, severity: str) -> None:
    for config in distinct(services, "observability/alertmanager.yaml"):
        service = config.parent.parent.name
        labels = [f"service={service}", f"severity={severity}"]
        receiver = f"--verify.receivers={service}-{severity}"
        clean(tool("amtool"), "config", "routes", "test", f"--config.file={config}", receiver, *labels)


def test_every_expression_of_the_dashboard_is_promql(services: dict[str, Path], tool: Tool, tmp_path: Path) -> None:
    rules: list[dict[str, str]] = []
    for path in distinct(services, "observability/dashboard.json"):
        dashboard = json.loads(path.read_text(encoding="utf-8"))
        assert dashboard["uid"] == path.parent.parent.name
        assert len(dashboard["uid"]) <= 40
        panels = dashboard["panels"]
        assert len({panel["id"] for panel in panels}) == len(panels)
        expressions = [target["expr"] for panel in panels for target in panel.get("targets", ())]
        expressions += [annotation["expr"] for annotation in dashboard["annotations"]["list"]]
        assert len(expressions) > 10
        rules += [{"record": f"panel:{len(rules) + number}", "expr": expr} for number, expr in enumerate(expressions)]
    written = yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]})
    (tmp_path / "rules.yaml").write_text(written.replace("$__rate_interval", "5m"), encoding="utf-8")

    clean(tool("promtool"), "check", "rules", tmp_path / "rules.yaml")


# ---- sound: documentation


def build_documentation(service: Path, site: Path) -> None:
    """Do what `mkdocs build --strict` does, whose start takes longer than these few pages.

    The program itself is run in tests/test_techdocs.py and tests/adoption/test_template.py.
    """
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    config = load_config(str(service / "mkdocs.yml"), strict=True, site_dir=str(site))
    config.plugins.on_startup(command="build", dirty=False)
    try:
        build(config)
    finally:
        config.plugins.on_shutdown()


@each_language
@pytest.mark.parametrize("name", DOCUMENTED)
def test_mkdocs_builds_and_every_alert_leads_to_its_section(
    rendered: Rendered, tmp_path: Path, name: str, template: str
) -> None:
    service = rendered(template=template, **ALL[name])

    build_documentation(service, tmp_path)

    headings = set(re.findall(r'<h\d id="([^"]+)"', (tmp_path / "runbook" / "index.html").read_text(encoding="utf-8")))
    alerts = yaml.safe_load((service / "observability" / "alerts.yaml").read_text(encoding="utf-8"))
    rules = [rule for group in alerts["groups"] for rule in group["rules"] if "alert" in rule]
    links = {rule["annotations"]["runbook_url"] for rule in rules}
    assert {link.partition("#")[2] for link in links} <= headings
    (page,) = {link.partition("#")[0] for link in links}
    catalog = yaml.safe_load((service / "catalog-info.yaml").read_text(encoding="utf-8"))
    assert page in [link["url"] for link in catalog["metadata"]["links"]]
    assert page.endswith("/docs/runbook.md")
    assert (service / "docs" / "runbook.md").is_file()


@each_language
@pytest.mark.parametrize("name", DOCUMENTED)
def test_links_between_files_lead_somewhere(rendered: Rendered, name: str, template: str) -> None:
    """What mkdocs does not see: README, and links from docs/ to its surroundings."""
    service = rendered(template=template, **ALL[name])
    for page in [service / "README.md", *(service / "docs").glob("*.md")]:
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8")):
            aim = page.parent / target if target else page
            assert aim.is_file(), f"{page.name} links to {target}"
            titles = re.findall(r"^#+ (.+)$", aim.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
            assert not anchor or anchor in slugs, f"{page.name} links to {target}#{anchor}"


@each_language
@pytest.mark.parametrize(("ci", "deploy"), [("github", "none"), ("gitlab", "helm")])
def test_the_pages_name_what_exists(rendered: Rendered, ci: str, deploy: str, template: str) -> None:
    """Targets of make, files and folders that README, pages and pipelines speak of."""
    service = rendered(ci=ci, deploy=deploy, template=template)
    makefile = (service / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for page in [
        service / "README.md",
        *(service / "docs").glob("*.md"),
        *(service / ".github" / "workflows").glob("*"),
        *service.glob(".gitlab-ci.yml"),
    ]:
        text = page.read_text(encoding="utf-8")
        named = re.findall(r"(?:^|`|run: |- |\(|\$ )make(?: (?:-s|--silent))?((?: [a-z-]+)+)", text, re.MULTILINE)
        unknown = {word for words in named for word in words.split() if word not in targets}
        assert unknown == set(), page.name
        folders = r"cmd|deploy|docs|internal|observability|src|tests|tools|\.github|\.gitlab"
        for path in re.findall(rf"`((?:{folders})/[\w./-]*)`", text):
            assert (service / path).exists() or path == "observability/slo-checkout.yaml", f"{page.name}: {path}"
