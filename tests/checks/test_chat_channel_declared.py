"""chat-channel-declared: which addresses are a channel, and which only look like one."""

from __future__ import annotations

import pytest

from goldenpath.checks import Outcome, Settings, load
from goldenpath.checks.chat_channel_declared import products
from trees import judge


def of(metadata: str, settings: Settings | None = None) -> Outcome:
    text = (
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: shop\n"
        f"  {metadata}\nspec: {{type: service, lifecycle: production, owner: retail}}\n"
    )
    return judge("chat-channel-declared", {"catalog-info.yaml": text}, settings)


def linked(url: str, settings: Settings | None = None, title: str = "Where we talk") -> Outcome:
    return of(f"links: [{{title: {title!r}, url: {url!r}}}]", settings)


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://acme.slack-gov.com/archives/C024BE91L", "Slack"),
        ("https://acme.slack.com/archives/C024BE91L", "Slack"),
        ("https://ACME.slack.com/archives/C024BE91L/p1785810542784819", "Slack"),
        ("https://acme.enterprise.slack.com/archives/C024BE91L", "Slack"),
        ("https://acme.slack.com/archives/payments", "Slack"),
        ("https://acme.slack.com/archives/deployments", "Slack"),
        ("https://acme.slack.com/app_redirect?channel=payments", "Slack"),
        ("https://slack.com/app_redirect?team=T024BE7LD&channel=C024BE91L", "Slack"),
        ("https://app.slack.com/client/T024BE7LD/C024BE91L", "Slack"),
        ("slack://channel?team=T024BE7LD&id=C024BE91L", "Slack"),
        ("https://teams.microsoft.com/l/channel/19%3A0b1e9f%40thread.tacv2/payments?tenantId=2", "Microsoft Teams"),
        ("https://teams.cloud.microsoft/l/channel/19:0b1e9f@thread.tacv2/payments", "Microsoft Teams"),
        ("https://chat.google.com/room/AAAAzKqpT7s", "Google Chat"),
        ("https://mail.google.com/chat/u/0/#chat/space/AAAAzKqpT7s", "Google Chat"),
        ("https://discord.com/channels/687207715902193673/687235481154617364", "Discord"),
        ("https://chat.acme.io/eng/channels/payments", "Mattermost"),
        ("https://matrix.to/#/#payments:acme.io", "Matrix"),
        ("https://acme.zulipchat.com/#narrow/channel/7-payments", "Zulip"),
        ("https://acme.rocket.chat/channel/payments", "Rocket.Chat"),
    ],
)  # fmt: skip
def test_the_address_of_a_channel_is_one_whatever_the_link_is_called(url: str, title: str) -> None:
    outcome = linked(url)
    assert (outcome.verdict, outcome.summary) == ("pass", f"people talk in {title}")
    assert [(each.role, each.line) for each in outcome.evidence] == [("declared", 5)]


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://acme.slack.com", "leads to Slack, but to no channel there"),
        ("https://acme.slack.com/", "leads to Slack, but to no channel there"),
        ("https://join.slack.com/t/acme/shared_invite/zt-1a2b3c", "leads to Slack, but to no channel there"),
        ("https://app.slack.com/client/T024BE7LD", "leads to Slack, but to no channel there"),
        ("https://teams.microsoft.com/_#/conversations", "leads to Microsoft Teams, but to no channel there"),
        ("https://chat.google.com", "leads to Google Chat, but to no channel there"),
        ("https://discord.gg/MUpMjP2", "leads to Discord, but to no channel there"),
        ("https://acme.slack.com/archives/D024BE91L", "leads to a person, not to a channel"),
        ("https://acme.slack.com/team/U024BE7LH", "leads to a person, not to a channel"),
        ("https://acme.slack.com/app_redirect?channel=U024BE7LH", "leads to a person, not to a channel"),
        ("https://teams.microsoft.com/l/chat/0/0?users=jane@acme.io", "leads to a person, not to a channel"),
        ("https://matrix.to/#/@jane:acme.io", "leads to a person, not to a channel"),
        ("https://acme.slack.com/archives/CXXXXXXXX", "leads to a placeholder"),
        ("https://acme.slack.com/archives/C0123456789", "leads to a placeholder"),
        ("https://acme.slack.com/app_redirect?channel=your-channel", "leads to a placeholder"),
    ],
)
def test_what_is_no_channel_is_said_to_be_none(url: str, problem: str) -> None:
    outcome = linked(url)
    assert (outcome.verdict, outcome.evidence[0].line) == ("fail", 5)
    assert problem in outcome.summary


@pytest.mark.parametrize(
    "url",
    ["https://slack.com.evil.io/archives/C024BE91L", "https://evil.io/?u=https://acme.slack.com/archives/C024BE91L",
     "https://www.youtube.com/channel/UC1234abcd", "https://github.com/acme/shop", "acme.slack.com/archives/C024BE91L"],
)  # fmt: skip
def test_other_addresses_are_no_channel(url: str) -> None:
    assert (linked(url).verdict, linked(url).summary) == ("fail", "no chat channel is linked")


def test_a_chat_that_leads_nobody_knows_where_is_unknown() -> None:
    outcome = linked("https://go/shop-chat", title="Slack channel")
    assert (outcome.verdict, outcome.evidence[0].role) == ("unknown", "unseen")


@pytest.mark.parametrize(
    "url", ["https://example.com/chat", "http://localhost:3000", "https://acme.io/TODO", "https://acme.io"]
)
def test_a_chat_that_leads_nowhere_fails(url: str) -> None:
    assert linked(url, title="Chat").verdict == "fail"


def test_one_channel_is_enough() -> None:
    assert of(
        "links: [{title: Slack, url: 'https://acme.slack.com'}, {url: 'https://acme.slack.com/archives/C024BE91L'}]"
    ).verdict == "pass"  # fmt: skip


def test_nothing_linked_is_said_at_the_entity() -> None:
    outcome = of("description: ask in https://acme.slack.com/archives/C024BE91L")
    assert [(each.role, each.line) for each in outcome.evidence] == [("missing", 1)]


def test_a_comment_is_no_link() -> None:
    assert of("# https://acme.slack.com/archives/C024BE91L").verdict == "fail"


def test_links_that_backstage_fetches_are_unknown() -> None:
    assert of("links: {$json: ./links.json}").verdict == "unknown"


# ---- the contract


AGREED = Settings(chat_annotations=("acme.io/slack-channel",))


def test_an_agreed_annotation_names_a_channel() -> None:
    outcome = of("annotations: {acme.io/slack-channel: '#shop'}", AGREED)
    assert (outcome.verdict, outcome.summary) == ("pass", "people talk where acme.io/slack-channel says")
    assert of("annotations: {acme.io/slack-channel: '#shop'}").verdict == "fail"


@pytest.mark.parametrize("value", ["''", "TODO", "'#your-channel'", "'{{ values.channel }}'"])
def test_an_agreed_annotation_with_a_placeholder_names_none(value: str) -> None:
    assert of(f"annotations: {{acme.io/slack-channel: {value}}}", AGREED).verdict == "fail"


def test_an_agreed_annotation_that_backstage_fetches_is_unknown() -> None:
    assert of("annotations: {acme.io/slack-channel: {$text: ./channel}}", AGREED).verdict == "unknown"


def test_the_contract_narrows_the_products() -> None:
    outcome = linked("https://discord.com/channels/1234567890123/98765", Settings(chat=("slack", "teams")))
    assert (outcome.verdict, outcome.summary) == (
        "fail", "Discord is not what the contract asks for (Slack, Microsoft Teams)",
    )  # fmt: skip


def test_a_product_that_only_the_contract_knows_is_unknown() -> None:
    assert of("title: Shop", Settings(chat=("webex",))).verdict == "unknown"


def test_the_page_names_every_product_of_the_table() -> None:
    page = load("chat-channel-declared").page
    assert all(f"| `{name}` |" in page for name in products())


# ---- as real repositories have it


def test_a_retailers_platform_on_an_enterprise_grid() -> None:
    """The link is called "Slack Channel" and lies on an enterprise's own host name."""
    outcome = linked("https://acme.enterprise.slack.com/archives/CNSCXHH33", title="Slack Channel")
    assert outcome.verdict == "pass"


def test_an_open_source_project_that_only_invites() -> None:
    """A maintainers' Component links the invitation to the whole server."""
    assert linked("https://discord.gg/EBHEGzX", title="Discord").verdict == "fail"


def test_a_catalog_that_cannot_be_read_is_unknown() -> None:
    assert judge("chat-channel-declared", {"catalog-info.yaml": None}).verdict == "unknown"
