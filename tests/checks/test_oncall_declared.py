"""oncall-declared: who is paged, and what only looks like it."""

from __future__ import annotations

import pytest

from goldenpath.checks import Outcome, Settings, load
from goldenpath.facts.oncall import products
from trees import judge

INCIDENT_IO = "https://app.incident.io/acme/on-call/escalation-paths/01JB3V5SX2D8Q4T7M6K9N0PWRY"


def of(metadata: str, settings: Settings | None = None) -> Outcome:
    text = (
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: shop\n"
        f"  {metadata}\nspec: {{type: service, lifecycle: production, owner: retail}}\n"
    )
    return judge("oncall-declared", {"catalog-info.yaml": text}, settings)


def annotated(name: str, value: str, settings: Settings | None = None) -> Outcome:
    return of(f"annotations: {{{name}: {value!r}}}", settings)


def linked(url: str, settings: Settings | None = None) -> Outcome:
    return of(f"links: [{{title: On-call, url: {url!r}}}]", settings)


@pytest.mark.parametrize(
    ("name", "value", "title"),
    [
        ("pagerduty.com/service-id", "PT5K2WQ", "PagerDuty"),
        ("pagerduty.com/service-id", "Q0R8ZLM3K1Y7TA", "PagerDuty"),
        ("goldenpath.dev/grafana-oncall-integration", "CFRPV98RPR1U8", "Grafana OnCall"),
        ("goldenpath.dev/incident-io-escalation-path", "01JB3V5SX2D8Q4T7M6K9N0PWRY", "incident.io"),
        ("splunk.com/on-call-team", "retail", "Splunk On-Call"),
        ("splunk.com/on-call-routing-key", "shop", "Splunk On-Call"),
        ("rootly.com/service-slug", "shop-production", "Rootly"),
        ("rootly.com/service-id", "7a328a08-6701-445e-a1ad-ca2fb913ed1e", "Rootly"),
        ("firehydrant.com/service-name", "shop", "FireHydrant"),
    ],
)
def test_the_annotation_of_a_product_names_an_oncall(name: str, value: str, title: str) -> None:
    outcome = annotated(name, value)
    assert (outcome.verdict, outcome.summary) == ("pass", f"{title} pages someone")
    assert [(each.role, each.line) for each in outcome.evidence] == [("declared", 5)]


@pytest.mark.parametrize("name", ["opsgenie.com/team", "opsgenie.com/component-selector"])
def test_opsgenie_is_readable_and_its_end_is_told(name: str) -> None:
    outcome = annotated(name, 'tag:"shop"' if "selector" in name else "retail")
    assert (outcome.verdict, outcome.summary) == ("pass", "Opsgenie pages someone (until it ends on 2027-04-05)")


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://acme.pagerduty.com/service-directory/PT5K2WQ", "PagerDuty"),
        ("https://acme.eu.pagerduty.com/services/PT5K2WQ/activity", "PagerDuty"),
        ("https://acme.pagerduty.com/escalation_policies#PT5K2WQ", "PagerDuty"),
        ("https://acme.grafana.net/a/grafana-oncall-app/integrations/CFRPV98RPR1U8", "Grafana OnCall"),
        ("https://grafana.acme.io/a/grafana-irm-app/schedules/SBM7DV7BKFUYU/", "Grafana OnCall"),
        (INCIDENT_IO, "incident.io"),
        ("https://app.incident.io/acme/on-call/schedules/01K611ZT9YX2PSA8WAMEP6A66G", "incident.io"),
        ("https://acme.atlassian.net/jira/ops/teams/og-1e258c57-ef25-4b34/on-call", "Jira Service Management"),
        ("https://acme.app.eu.opsgenie.com/teams/dashboard/d4f1a2b3/main", "Opsgenie (until"),
    ],
)  # fmt: skip
def test_a_link_into_a_product_names_an_oncall(url: str, title: str) -> None:
    outcome = linked(url)
    assert outcome.verdict == "pass"
    assert outcome.summary.replace(" pages someone", "").startswith(title)


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.pagerduty.com",
        "https://acme.pagerduty.com/incidents/PT5K2WQ",
        "https://support.pagerduty.com/docs/services",
        "https://app.incident.io/acme/incidents/12",
        "https://pagerduty.com.evil.io/services/PT5K2WQ",
        "https://acme.io/?u=https://acme.pagerduty.com/services/PT5K2WQ",
        "https://wiki.acme.io/on-call",
    ],
)
def test_a_link_that_pages_nobody_is_none(url: str) -> None:
    assert (linked(url).verdict, linked(url).summary) == ("fail", "no on-call is named")


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("pagerduty.com/service-id", "PXXXXXX", "is a placeholder"),
        ("pagerduty.com/service-id", "P123456", "is a placeholder"),
        ("pagerduty.com/service-id", "TODO", "is a placeholder"),
        ("pagerduty.com/service-id", "<service-id>", "is a placeholder"),
        ("pagerduty.com/service-id", "${{ values.pagerduty }}", "is a placeholder"),
        ("pagerduty.com/service-id", "[SERVICE_ID]", "is a placeholder"),
        ("pagerduty.com/service-id", "shop-service", "is not a service id"),
        ("pagerduty.com/service-id", "https://acme.pagerduty.com/services/PT5K2WQ", "is not a service id"),
        ("opsgenie.com/team", "my-team", "is a placeholder"),
        ("rootly.com/service-id", "shop", "is not a service id"),
        ("goldenpath.dev/grafana-oncall-integration", "", "is not an integration id"),
        ("pagerduty.com/integration-key", "[INTEGRATION_KEY]", "is a placeholder"),
    ],
)
def test_a_placeholder_or_another_kind_of_value_is_none(name: str, value: str, problem: str) -> None:
    outcome = annotated(name, value)
    assert (outcome.verdict, outcome.evidence[0].line) == ("fail", 5)
    assert problem in outcome.summary


@pytest.mark.parametrize("name", ["pagerduty.com/integration-key", "ilert.com/integration-key"])
def test_a_committed_key_fails_whatever_else_is_declared_and_is_not_repeated(name: str) -> None:
    outcome = of(f"annotations: {{{name}: 3f9c0d1e8b7a46d2a5c4e6f708192a3b, pagerduty.com/service-id: PT5K2WQ}}")
    assert outcome.verdict == "fail"
    assert outcome.fix is not None
    assert "roll the key" in outcome.fix.summary
    assert "3f9c" not in repr(outcome)


def test_one_sound_oncall_is_enough() -> None:
    assert of("annotations: {opsgenie.com/team: TODO, pagerduty.com/service-id: PT5K2WQ}").verdict == "pass"


def test_nothing_named_is_said_at_the_entity() -> None:
    outcome = of("annotations: {a.io/b: PT5K2WQ}")
    assert [(each.role, each.path, each.line) for each in outcome.evidence] == [("missing", "catalog-info.yaml", 1)]


def test_a_comment_names_nobody() -> None:
    assert of("# pagerduty.com/service-id: PT5K2WQ").verdict == "fail"


@pytest.mark.parametrize(
    "metadata",
    ["annotations: {$yaml: ./annotations.yaml}", "annotations: {pagerduty.com/service-id: {$text: ./id}}",
     "links: [{$yaml: ./link.yaml}]", "links: [{title: On-call, url: {$text: ./url}}]"],
)  # fmt: skip
def test_what_backstage_fetches_is_unknown(metadata: str) -> None:
    assert of(metadata).verdict == "unknown"


def test_other_values_that_backstage_fetches_hide_nothing() -> None:
    assert of("annotations: {a.io/b: {$text: ./b}}").verdict == "fail"


# ---- the contract


def test_the_contract_narrows_the_products() -> None:
    settings = Settings(oncall=("grafana-oncall", "incident-io"))
    outcome = annotated("pagerduty.com/service-id", "PT5K2WQ", settings)
    assert (outcome.verdict, outcome.summary) == (
        "fail", "PagerDuty is not what the contract asks for (Grafana OnCall, incident.io)",
    )  # fmt: skip
    assert linked(INCIDENT_IO, settings).verdict == "pass"


def test_a_product_that_only_the_contract_knows_is_unknown() -> None:
    assert of("title: Shop", Settings(oncall=("pagertree",))).verdict == "unknown"


def test_the_page_names_every_annotation_of_the_table() -> None:
    page = load("oncall-declared").page
    for name, product in products().items():
        assert f"`{name}`" in page
        for annotation in (*product.annotations, *product.secrets):
            assert annotation in page or f"`-{annotation.rpartition('-')[2]}`" in page


# ---- as real repositories have it


def test_a_sample_service_with_its_id_among_other_annotations() -> None:
    """A vendor's demonstration service: six plugins' annotations, one of which pages."""
    outcome = of(
        "annotations: {github.com/project-slug: acme/sample, sentry.io/project-slug: sample, "
        "pagerduty.com/service-id: PZDAG59, backstage.io/kubernetes-id: sample}"
    )
    assert (outcome.verdict, outcome.evidence[0].text) == ("pass", "PagerDuty: pagerduty.com/service-id: `PZDAG59`")


def test_a_service_without_a_catalog_names_nobody() -> None:
    assert judge("oncall-declared", {"README.md": "pagerduty.com/service-id: PT5K2WQ"}).verdict == "fail"


def test_a_catalog_that_cannot_be_read_is_unknown() -> None:
    assert judge("oncall-declared", {"catalog-info.yaml": None}).verdict == "unknown"


def test_an_organisation_may_agree_on_an_annotation_of_its_own() -> None:
    agreed = Settings(oncall_annotations=("acme.example/pager",))
    assert annotated("acme.example/pager", "shop-night", agreed).verdict == "pass"
    assert annotated("acme.example/pager", "shop-night").verdict == "fail"
    assert annotated("acme.example/pager", "TODO", agreed).verdict == "fail"
    narrowed = Settings(oncall=("pagerduty",), oncall_annotations=agreed.oncall_annotations)
    assert annotated("acme.example/pager", "shop-night", narrowed).verdict == "pass"
    outcome = of("annotations: {acme.example/pager: {$text: ./pager.txt}}", agreed)
    assert outcome.verdict == "unknown"


def test_the_status_page_of_a_product_pages_nobody() -> None:
    links = "links: [{title: On-call, url: 'https://status.pagerduty.com/services/PABC123'}]"
    assert of(links).verdict == "fail"


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ("annotations: {pagerduty.com/serviceid: PABC123}", "PagerDuty knows no annotation `pagerduty.com/serviceid`"),
        (
            "links: [{title: On-call, url: 'https://acme.pagerduty.com/users/PABC123'}]",
            "link to `https://acme.pagerduty.com/users/PABC123` leads to PagerDuty, "
            "but to no service, schedule or escalation",
        ),
    ],
)
def test_what_almost_names_an_on_call_is_shown(metadata: str, said: str) -> None:
    outcome = of(metadata)
    assert outcome.verdict == "fail"
    assert outcome.evidence[0].text == said
