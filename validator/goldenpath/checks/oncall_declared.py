"""The service says who is paged when it breaks.

## What

The Component in `catalog-info.yaml` names something that pages people, in a product that goldenpath knows: by the
annotation that the product's Backstage plugin reads, or by an entry of `metadata.links` that leads to a service, a
schedule or an escalation in it. A contract may narrow the products with `settings.oncall`, and name annotations of the
organisation's own with `settings.oncall_annotations`.

| product (`settings.oncall`) | annotations |
| --- | --- |
| `pagerduty` | `pagerduty.com/service-id` |
| `grafana-oncall` | `goldenpath.dev/grafana-oncall-integration`, for want of one of its own |
| `incident-io` | `goldenpath.dev/incident-io-escalation-path`, for want of one of its own |
| `opsgenie` (ends on 2027-04-05) | `opsgenie.com/component-selector`, `opsgenie.com/team` |
| `splunk-oncall` | `splunk.com/on-call-team`, `splunk.com/on-call-routing-key` |
| `rootly` | `rootly.com/service-id`, `-slug`, `-name`; `rootly.com/team-id`, `-slug`, `-name` |
| `firehydrant` | `firehydrant.com/service-name` |
| `jira-service-management`, `ilert` | none: a link |

An id must have the shape of an id and be no placeholder; whether it is this service's, only the product knows.
Integration keys (`pagerduty.com/integration-key`, `ilert.com/integration-key`) are secrets with which anybody can raise
an alarm: committed, they fail whatever else is declared.

## Why

At night nobody searches for the right rotation. Alert routing, the portal and whoever depends on the service read the
same line.

## Fix

Annotate the entity with the id of the service that pages; it is the last part of the service's address in PagerDuty.
For a product without an annotation, link it:

```yaml
metadata:
  links:
    - title: On-call
      url: https://app.incident.io/acme/on-call/escalation-paths/01JB3V5SX2D8Q4T7M6K9N0PWRY
```

Where a key was committed, roll it too: git keeps the old one.

## Before

```yaml
# catalog-info.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments-api
  annotations:
    pagerduty.com/integration-key: e93facc04764012d7bfb002500d5d1a6
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
  annotations:
    pagerduty.com/service-id: PT5K2WQ
spec:
  type: service
  lifecycle: production
  owner: payments
```
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.checks import Fix, evidence, failed, passed, unknown
from goldenpath.checks._catalog import CATALOG, MOST, no_component, out_of_sight
from goldenpath.facts.addresses import parse_address
from goldenpath.facts.findings import shown
from goldenpath.facts.oncall import products
from goldenpath.facts.placeholders import is_placeholder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.checks import Evidence, Outcome, Settings
    from goldenpath.facts.catalog import Catalog, Component, Link
    from goldenpath.facts.oncall import Annotation, Product
    from goldenpath.repository import Place

APPLIES = frozenset({"service"})
FIX = Fix("Name the service's on-call in catalog-info.yaml, such as pagerduty.com/service-id", "minutes", CATALOG)


class Declared(Struct, frozen=True):
    """An on-call that a component names, and what is wrong with it; `product` is empty for an organisation's own."""

    product: str
    place: Place
    text: str
    problem: str | None


def check(catalog: Catalog, component: Component | None, settings: Settings) -> Outcome:
    """Refuse a secret, then look for one on-call that is sound and allowed."""
    if component is None:
        return no_component(catalog)
    if secret := _secret(component):
        return secret
    declared = [*_agreed(component, settings), *_declared(component)]
    allowed = [
        each for each in declared if not each.product or settings.oncall is None or each.product in settings.oncall
    ]
    if sound := [each for each in allowed if not each.problem]:
        return passed(f"{_title(sound[0])} pages someone{_ending(sound)}", *map(_evidence, sound[:MOST]))
    if allowed:
        return failed(f"{allowed[0].text} {allowed[0].problem}", *map(_evidence, allowed[:MOST]))
    return _nothing(declared, component, settings)


def _nothing(declared: Sequence[Declared], component: Component, settings: Settings) -> Outcome:
    names = [("metadata", "annotations", name) for product in products().values() for name in product.annotations]
    names += [("metadata", "annotations", name) for name in settings.oncall_annotations]
    if outcome := out_of_sight(component, "the on-call", *names, ("metadata", "links")):
        return outcome
    if declared:
        titles = ", ".join(products()[name].title for name in settings.oncall or () if name in products())
        summary = (
            f"{_title(declared[0])} is not what the contract asks for ({titles or 'nothing that goldenpath knows'})"
        )
        return failed(summary, *map(_evidence, declared[:MOST]))
    if strange := [name for name in settings.oncall or () if name not in products()]:
        return unknown(
            "no on-call that goldenpath can read", f"the contract accepts {shown(strange[0])}, which it cannot"
        )
    missing = evidence("missing", component.entity.place, f"{component.ref} names nobody who is paged")
    return failed("no on-call is named", *list(_almost(component))[:MOST], missing)


def _almost(component: Component) -> Iterator[Evidence]:
    """What is of a product that pages, but pages nobody: a page of it, a name that its plugin does not read."""
    for product in products().values():
        spaces = {name.partition("/")[0] for name in product.annotations}
        for name, value in component.annotations.items():
            if name.partition("/")[0] in spaces:
                yield evidence("declared", value.place, f"{product.title} knows no annotation {shown(name)}")
        for link in component.links:
            address = parse_address(link.url)
            if product.mark and address and product.mark in str(address):
                text = f"link to {shown(link.url)} leads to {product.title}, but to no service, schedule or escalation"
                yield evidence("declared", link.place, text)


def _secret(component: Component) -> Outcome | None:
    """The outcome for a committed key. What the key is, is not repeated."""
    for product in products().values():
        for name, instead in product.secrets.items():
            value = component.annotations.get(name)
            if value is None or not value.text or is_placeholder(value.text):
                continue
            fix = f"Remove {name}, roll the key in {product.title}, and {_instead(instead, product)}"
            proof = evidence("declared", value.place, f"{name} is a secret: whoever reads it can raise an alarm")
            return failed(f"a key of {product.title} is committed", proof, fix=Fix(fix, "hours"))
    return None


def _instead(annotation: str, product: Product) -> str:
    return f"name the service with {annotation}" if annotation else f"link the alert source in {product.title}"


def _agreed(component: Component, settings: Settings) -> Iterator[Declared]:
    """What the organisation's own annotations name."""
    for name in settings.oncall_annotations:
        if value := component.annotations.get(name):
            problem = "is a placeholder" if is_placeholder(value.text) else None
            yield Declared("", value.place, f"{name}: {shown(value.text)}", problem)


def _declared(component: Component) -> Iterator[Declared]:
    annotations = component.annotations
    for name, product in products().items():
        for annotation, expected in product.annotations.items():
            if value := annotations.get(annotation):
                problem = _wrong(value.text.strip(), expected)
                yield Declared(name, value.place, f"{annotation}: {shown(value.text)}", problem)
        for secret in product.secrets:
            if secret in annotations:  # a placeholder, or it would have been refused
                yield Declared(name, annotations[secret].place, secret, "is a placeholder, and would be a secret")
    for link in component.links:
        yield from _linked(link)


def _wrong(value: str, expected: Annotation) -> str | None:
    if is_placeholder(value):
        return "is a placeholder"
    return None if re.fullmatch(expected.shape, value) else f"is not {expected.what}"


def _linked(link: Link) -> Iterator[Declared]:
    address = parse_address(link.url)
    if address is None:
        return
    for name, product in products().items():
        if product.mark and product.mark in str(address):
            match = next(filter(None, (re.fullmatch(pattern, str(address)) for pattern in product.links)), None)
            if match:
                problem = "leads to a placeholder" if is_placeholder(match["id"]) else None
                yield Declared(name, link.place, f"link to {shown(link.url)}", problem)


def _title(declared: Declared) -> str:
    return products()[declared.product].title if declared.product else "what the organisation has agreed on"


def _ending(sound: Sequence[Declared]) -> str:
    """A word about a product that is going to be switched off, where it is the only one."""
    ends = {products()[each.product].ends if each.product else None for each in sound}
    return f" (until it ends on {ends.pop()})" if len(ends) == 1 and None not in ends else ""


def _evidence(declared: Declared) -> Evidence:
    problem = f" {declared.problem}" if declared.problem else ""
    return evidence("declared", declared.place, f"{_title(declared)}: {declared.text}{problem}")
