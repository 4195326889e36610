"""The component says where people talk about it.

## What

The Component in `catalog-info.yaml` names a channel: by an entry of `metadata.links` whose address leads to one, or by
an annotation that the organisation has agreed on (`settings.chat_annotations` in the contract; Backstage has none of
its own). A contract may narrow the products with `settings.chat`.

| product (`settings.chat`) | a channel's address, for example |
| --- | --- |
| `slack` | `https://acme.slack.com/archives/C024BE91L`, `https://acme.slack.com/app_redirect?channel=payments` |
| `teams` | `https://teams.microsoft.com/l/channel/19%3A…%40thread.tacv2/payments` |
| `google-chat` | `https://chat.google.com/room/AAAAzKqpT7s` |
| `discord` | `https://discord.com/channels/<server>/<channel>` |
| `mattermost` | `https://chat.acme.io/eng/channels/payments` |
| `matrix` | `https://matrix.to/#/#payments:acme.io` |
| `zulip` | `https://acme.zulipchat.com/#narrow/channel/7-payments` |
| `rocket-chat` | `https://acme.rocket.chat/channel/payments` |

A workspace's front page is no channel, nor is an invitation, nor a direct message to a person, who will be on holiday
when it matters. An address that is called chat and leads nobody knows where (`https://go/payments-chat`) is `unknown`.

## Why

During an incident, people must meet in one place without asking where it is. Whoever uses the service has a question at
some time, and should not have to know somebody.

## Fix

Link the channel: "Copy link" in its menu gives the address.

## Before

```yaml
# catalog-info.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments-api
  links:
    - title: Slack
      url: https://acme.slack.com
spec:
  type: service
  lifecycle: production
  owner: payments
```

## After

```yaml
# catalog-info.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments-api
  links:
    - title: Slack
      icon: chat
      url: https://acme.slack.com/archives/C024BE91L
spec:
  type: service
  lifecycle: production
  owner: payments
```
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from goldenpath.checks import EVERY_TYPE, Fix, evidence, failed, passed, unknown
from goldenpath.checks._catalog import CATALOG, MOST, no_component, out_of_sight
from goldenpath.facts.addresses import Address, parse_address, wrong_with
from goldenpath.facts.findings import shown
from goldenpath.facts.placeholders import is_placeholder
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.checks import Evidence, Outcome, Role, Settings
    from goldenpath.facts.catalog import Catalog, Component, Link
    from goldenpath.repository import Place

APPLIES = EVERY_TYPE
FIX = Fix("Link the component's chat channel in catalog-info.yaml", "minutes", CATALOG)

_CALLED_CHAT = regex(r"\b(chat|slack|teams channel|ms teams|microsoft teams|discord|mattermost|zulip)\b", re.IGNORECASE)


class Product(Struct, frozen=True, forbid_unknown_fields=True):
    """A chat product; see the table."""

    title: str
    mark: str
    channels: tuple[str, ...]
    people: tuple[str, ...] = ()
    hosts: str = "(?!)"


class Declared(Struct, frozen=True):
    """What a component gives as its channel, and how far it is one; `product` is empty where nobody knows."""

    product: str
    place: Place
    text: str
    state: Literal["sound", "wrong", "unclear"]
    problem: str = ""


@cache
def products() -> dict[str, Product]:
    """The table of chat products, by the names that a contract uses."""
    return read_table("chat", dict[str, Product])


def check(catalog: Catalog, component: Component | None, settings: Settings) -> Outcome:
    """Look for one channel that is sound and allowed, in agreed annotations and in links."""
    if component is None:
        return no_component(catalog)
    declared = [*_annotated(component, settings), *(each for link in component.links for each in _linked(link))]
    allowed = [each for each in declared if not each.product or settings.chat is None or each.product in settings.chat]
    if sound := [each for each in allowed if each.state == "sound"]:
        return passed(f"people talk {_where(sound[0])}", *map(_evidence, sound[:MOST]))
    if unclear := [each for each in allowed if each.state == "unclear"]:
        reason = f"whether {unclear[0].text} leads to a channel"
        return unknown("a chat is linked, but perhaps no channel", reason, *map(_evidence, unclear[:MOST]))
    if allowed:
        return failed(f"{allowed[0].text} {allowed[0].problem}", *map(_evidence, allowed[:MOST]))
    return _nothing(declared, component, settings)


def _nothing(declared: Sequence[Declared], component: Component, settings: Settings) -> Outcome:
    agreed = [("metadata", "annotations", name) for name in settings.chat_annotations]
    if outcome := out_of_sight(component, "the channel", *agreed, ("metadata", "links")):
        return outcome
    if declared:
        titles = ", ".join(products()[name].title for name in settings.chat or () if name in products())
        title = products()[declared[0].product].title
        summary = f"{title} is not what the contract asks for ({titles or 'nothing that goldenpath knows'})"
        return failed(summary, *map(_evidence, declared[:MOST]))
    if strange := [name for name in settings.chat or () if name not in products()]:
        return unknown(
            "no channel that goldenpath can read", f"the contract accepts {shown(strange[0])}, which it cannot"
        )
    missing = evidence("missing", component.entity.place, f"{component.ref} links no channel")
    return failed("no chat channel is linked", missing)


def _annotated(component: Component, settings: Settings) -> Iterator[Declared]:
    for name in settings.chat_annotations:
        if value := component.annotations.get(name):
            wrong = not value.text.strip() or is_placeholder(value.text.strip("# "))
            text = f"{name}: {shown(value.text)}"
            yield Declared("", value.place, text, "wrong" if wrong else "sound", "is a placeholder" if wrong else "")


def _linked(link: Link) -> Iterator[Declared]:
    text, address = f"link to {shown(link.url)}", parse_address(link.url)
    for name, product in products().items():
        if address and product.mark in str(address):
            match = _matched(product.channels, address)
            if match and is_placeholder(match["id"]):
                yield Declared(name, link.place, text, "wrong", "leads to a placeholder")
            elif match:
                yield Declared(name, link.place, text, "sound")
            elif _matched(product.people, address):
                yield Declared(name, link.place, text, "wrong", "leads to a person, not to a channel")
            elif re.fullmatch(product.hosts, address.host):
                yield Declared(name, link.place, text, "wrong", f"leads to {product.title}, but to no channel there")
            else:
                continue
            return
    if link.is_about(_CALLED_CHAT):
        problem = wrong_with(link.url)
        yield Declared("", link.place, text, "wrong" if problem else "unclear", problem or "")


def _matched(patterns: Sequence[str], address: Address) -> re.Match[str] | None:
    return next(filter(None, (re.fullmatch(pattern, str(address)) for pattern in patterns)), None)


def _where(declared: Declared) -> str:
    return (
        f"in {products()[declared.product].title}" if declared.product else f"where {declared.text.split(':')[0]} says"
    )


def _evidence(declared: Declared) -> Evidence:
    role: Role = "unseen" if declared.state == "unclear" else "declared"
    return evidence(role, declared.place, f"{declared.text} {declared.problem}".strip())
