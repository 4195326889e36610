"""Where people talk: a service leads to its channel, and to nowhere else."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from combinations import CHAT
from goldenpath.contract import named
from goldenpath.repository import open_repository
from goldenpath.scorecard import evaluate

if TYPE_CHECKING:
    from toolbox import Rendered

ID = "19:0123456789abcdef@thread.tacv2"
TENANT = "0d9b645f-597b-41f0-a2a3-ef103fbd91bb"


def test_a_link_to_a_teams_channel_is_the_services_link_and_its_last_part_the_name(rendered: Rendered) -> None:
    link = CHAT["teams"]
    service = rendered(chat_product="teams", chat=link)
    assert f"url: {link}\n" in (service / "catalog-info.yaml").read_text()
    assert f"| Chat | [Payments API]({link}) |" in (service / "docs" / "runbook.md").read_text()
    assert f"[Teams: Payments API]({link})" in (service / "docs" / "index.md").read_text()
    assert "in the channel Payments API (" in (service / "observability" / "alertmanager.yaml").read_text()
    (component,) = evaluate(open_repository(service), named("standard"), date(2026, 11, 24)).components
    (found,) = (check for check in component.checks if check.id == "chat-channel-declared")
    assert (found.verdict, found.summary) == ("pass", "people talk in Microsoft Teams")


@pytest.mark.parametrize(("workspace", "query"), [("acme", ""), (TENANT, f"?tenantId={TENANT}")])
def test_an_id_that_a_service_has_stored_leads_to_its_channel_and_to_no_tenant_that_is_none(
    rendered: Rendered, workspace: str, query: str
) -> None:
    service = rendered(chat_product="teams", chat=ID, chat_workspace=workspace)
    catalog = (service / "catalog-info.yaml").read_text()
    (url,) = re.findall(r"url: (https://teams\S+)", catalog)
    assert url == f"https://teams.microsoft.com/l/channel/19%3A0123456789abcdef%40thread.tacv2/payments-api{query}"
