"""runbook-complete: each alert leads to a section that says what it means, where to look, what to do, whom to call."""

from __future__ import annotations

import pytest

from trees import judge

ENTITY = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
  annotations: {github.com/project-slug: acme/shop}
spec: {type: service, lifecycle: production, owner: group:default/shop}
"""
LINK = "https://github.com/acme/shop/blob/main/docs/runbook.md#shopdown"
RULES = """
groups:
  - name: shop
    rules:
      - alert: ShopDown
        expr: absent(up{job="shop"} == 1)
        labels: {severity: page}
        annotations: {runbook_url: "LINK"}
"""
SECTION = """
## ShopDown

### Meaning
Nobody can buy anything, for no instance answers.

### First look
Are there pods at all, and what do they say?

### Actions
Roll back when it began with a release.

### Escalation
After 15 minutes: the next level of the schedule.
"""
ROLLBACK = "\n## Rollback\n\nDeploy the digest of the last good release.\n"
RUNBOOK = f"# Runbook of the shop\n{SECTION}{ROLLBACK}"


def tree(runbook: str = RUNBOOK, link: str = LINK, **files: str) -> dict[str, str]:
    rules = {"alerts.yaml": RULES.replace("LINK", link)}
    return {"catalog-info.yaml": ENTITY, "docs/runbook.md": runbook} | rules | files


def test_a_section_with_all_parts_and_a_rollback_passes() -> None:
    outcome = judge("runbook-complete", tree())
    assert (outcome.verdict, outcome.summary) == ("pass", "docs/runbook.md explains each of 1 alerts, and the rollback")
    assert [(each.path, each.line) for each in outcome.evidence] == [("docs/runbook.md", 3)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("### Meaning\n", ""),
        ("### Meaning", "### Impact"),
        ("### First look", "### Diagnosis"),
        ("### Actions", "### Mitigation"),
        ("### Actions\n", "**Actions:** "),
        ("### First look\n", "- **Triage**: "),
        ("### Actions\n", "**Actions**\n\n"),
        ("## ShopDown", "## Every till is closed {#shopdown}"),
        ("### Escalation\nAfter", "## Escalation path\nAfter"),
        ("## Rollback", "## How to revert a release"),
    ],
)
def test_other_words_for_the_same_parts_pass(old: str, new: str) -> None:
    assert judge("runbook-complete", tree(RUNBOOK.replace(old, new))).verdict == "pass"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("### Meaning\nNobody can buy anything, for no instance answers.\n", "", "lacks meaning"),
        ("Are there pods at all, and what do they say?", "", "lacks first look"),
        ("Roll back when it began with a release.", "TODO", "is not filled in"),
        (
            "Roll back when it began with a release.",
            "<!-- Roll back when it began with a release. -->",
            "lacks actions",
        ),
        ("### Actions\n", "", "lacks actions"),
        ("### Escalation\nAfter 15 minutes: the next level of the schedule.", "", "lacks escalation"),
        (ROLLBACK, "", "docs/runbook.md does not say how to roll back"),
        ("Deploy the digest of the last good release.", "TBD", "does not say how to roll back"),
        ("## ShopDown", "## The shop is down", "docs/runbook.md has no heading `#shopdown`"),
    ],
)
def test_what_is_missing_is_named(old: str, new: str, said: str) -> None:
    outcome = judge("runbook-complete", tree(RUNBOOK.replace(old, new)))
    assert outcome.verdict == "fail"
    assert said in outcome.summary


STEPS = "[Follow the steps that bring it back](restart.md#steps)"


@pytest.mark.parametrize(
    ("link", "path", "expected"),
    [
        (STEPS, "docs/restart.md", "pass"),
        (STEPS.replace("restart", "../restart"), "docs/restart.md", "pass"),  # as a site links from page to page
        (STEPS.replace("restart", "/ops/restart"), "ops/restart.md", "pass"),
        (STEPS.replace("restart", "https://wiki.acme.io/restart"), "a.md", "pass"),
        (STEPS.replace("restart", "../../wiki/restart"), "a.md", "pass"),
        (STEPS, "docs/restarts.md", "fail"),
        ("![How we bring it all back again](restart.png)", "docs/restart.png", "pass"),
        ("![How we bring it all back again](docs/restart.png)", "docs/restart.png", "fail"),
        (f"{STEPS}, all of them, and one by one", "a.md", "pass"),
    ],
)
def test_a_link_to_a_file_that_is_not_there_says_nothing(link: str, path: str, expected: str) -> None:
    runbook = RUNBOOK.replace("Roll back when it began with a release.", link)
    outcome = judge("runbook-complete", tree(runbook, **{path: "# Steps\n"}))
    assert outcome.verdict == expected
    if expected == "fail":
        target = link.rpartition("(")[2].rstrip(")")
        assert outcome.summary.endswith(f"lacks actions: {target}, to which it links, is not there")


@pytest.mark.parametrize(
    ("old", "new", "action"),
    [
        ("### Actions\n", "", "Write actions for ShopDown at docs/runbook.md:3"),
        ("Roll back when it began with a release.", "TODO", "Fill in docs/runbook.md:12, in the section of ShopDown"),
        ("## ShopDown", "## The shop is down", "Give ShopDown a section in the runbook, and a runbook_url that leads"),
        (ROLLBACK, "", "Write a section about the rollback in docs/runbook.md"),
    ],
)
def test_the_next_action_names_the_alert_and_the_place(old: str, new: str, action: str) -> None:
    fix = judge("runbook-complete", tree(RUNBOOK.replace(old, new))).fix
    assert fix
    assert fix.summary.startswith(action)


def test_headings_in_a_code_block_are_none() -> None:
    runbook = f"# Runbook\n\n## ShopDown\n\n```\n{SECTION.replace('## ShopDown', '')}```\n{ROLLBACK}"
    assert "lacks first look, actions and escalation" in judge("runbook-complete", tree(runbook)).summary


def test_an_alert_without_a_link_fails() -> None:
    outcome = judge("runbook-complete", tree() | {"alerts.yaml": RULES.replace("runbook_url", "summary")})
    assert (outcome.verdict, outcome.summary) == ("fail", "ShopDown has no runbook_url")
    assert outcome.evidence[0].line == 4


@pytest.mark.parametrize(
    "link", ["TODO", "https://example.com/runbook", "docs/other.md", LINK.replace("runbook.md", "x.md")]
)
def test_a_link_that_leads_nowhere_fails(link: str) -> None:
    assert judge("runbook-complete", tree(link=link)).verdict == "fail"


def test_a_runbook_elsewhere_is_not_opened() -> None:
    outcome = judge("runbook-complete", tree(link="https://runbooks.acme.io/shop/down"))
    assert outcome.verdict == "unknown"
    assert "leads elsewhere, and is not opened" in (outcome.reason or "")


def test_a_page_for_each_alert_needs_no_heading_in_the_link() -> None:
    page = RUNBOOK.replace("## ShopDown", "").replace("#", "", 0)
    link = "https://github.com/acme/shop/blob/main/docs/alerts/{{ $labels.alertname }}.md"
    assert judge("runbook-complete", tree(link=link) | {"docs/alerts/ShopDown.md": page}).verdict == "pass"


def test_one_page_for_several_alerts_needs_headings() -> None:
    two = RULES.replace("#shopdown", "") + RULES.replace("groups:\n  - name: shop\n    rules:\n", "").replace(
        "ShopDown", "ShopSlow"
    )
    outcome = judge("runbook-complete", tree() | {"alerts.yaml": two.replace("LINK", LINK.partition("#")[0])})
    assert "leads to the whole of docs/runbook.md" in outcome.summary


def test_without_alerts_nobody_can_tell() -> None:
    files = tree()
    del files["alerts.yaml"]
    assert judge("runbook-complete", files).verdict == "unknown"


def test_rules_in_a_chart_are_understood_as_far_as_they_go() -> None:
    rules = RULES.replace("LINK", LINK).replace("\n", "\n  ")
    head = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: {{ .Release.Name }}\nspec:"
    chart = {"catalog-info.yaml": ENTITY, "chart/Chart.yaml": "name: shop", "chart/templates/rules.yaml": head + rules}
    assert judge("runbook-complete", chart | {"docs/runbook.md": RUNBOOK}).verdict == "pass"
    escaped = rules.replace("shopdown", '{{ "{{" }} $labels.alertname {{ "}}" }}')
    runbook = RUNBOOK.replace("## ShopDown", "## ShopDown {#ShopDown}")
    assert (
        judge(
            "runbook-complete", chart | {"docs/runbook.md": runbook, "chart/templates/rules.yaml": head + escaped}
        ).verdict
        == "pass"
    )


def test_an_alert_of_another_component_is_not_asked_for() -> None:
    other = ENTITY.replace("name: shop", "name: stock")
    rules = (
        RULES.replace("LINK", LINK)
        + """
      - alert: StockDown
        expr: absent(up{job="stock"} == 1)
"""
    )
    assert (
        judge("runbook-complete", tree() | {"catalog-info.yaml": f"{ENTITY}---{other}", "alerts.yaml": rules}).verdict
        == "pass"
    )


def test_a_rollback_may_be_told_in_another_document_that_the_catalog_links() -> None:
    page = RUNBOOK.replace("## ShopDown", "").replace(ROLLBACK, "")
    link = "https://github.com/acme/shop/blob/main/docs/alerts/{{ $labels.alertname }}.md"
    files = tree(ROLLBACK, link) | {"docs/alerts/ShopDown.md": page}
    assert judge("runbook-complete", files).verdict == "fail"
    links = "links: [{title: Runbook, url: 'https://github.com/acme/shop/blob/main/docs/runbook.md'}]"
    linked = ENTITY.replace("metadata:\n", f"metadata:\n  {links}\n")
    assert judge("runbook-complete", files | {"catalog-info.yaml": linked}).verdict == "pass"


def test_a_summary_of_what_is_folded_away_waits_for_nobody() -> None:
    folded = "<details><summary>Steps</summary>\n\nRoll back when it began with a release.\n\n</details>\n"
    runbook = RUNBOOK.replace("Roll back when it began with a release.\n", folded)
    assert judge("runbook-complete", tree(runbook)).verdict == "pass"


def test_a_sign_of_works_does_not_make_a_line_say_something() -> None:
    runbook = RUNBOOK.replace("Roll back when it began with a release.", "🚧 Work in progress, come back later please.")
    assert judge("runbook-complete", tree(runbook)).summary == "the section of ShopDown is not filled in"
