"""The component has an owner whom the catalog knows.

## What

`catalog-info.yaml` at the root (or a file of this repository to which a Location there leads) declares a Component that
Backstage accepts, and its `spec.owner` is a reference to a group or a user: `payments`, `group:default/payments`,
`finance/payments`, `user:jane`. A contract may narrow the kinds with `settings.owner_kinds`.

Backstage refuses an entity for one wrong field, and then nobody finds the component at all. So all of it is read by
Backstage's own rules: names and tags, values that should be text, addresses of links, references in `dependsOn` (which
must say their kind), kinds that do not exist, the same entity twice, expressions of a template that nobody filled in.
Each entity is refused by itself: what is wrong with a Resource beside the component hides nothing, a Location may.
Placeholders are no owners: `TODO`, `my-team`, the `guests` of Backstage's own example.

Whether the group exists only Backstage knows; a fetched owner (`$text`) is `unknown`.

## Why

Every alert, vulnerability and question about a service needs somebody who answers. Ownership that lives in people's
memory is lost with the next reorganisation.

## Fix

Name the group that answers for it as `spec.owner` in `catalog-info.yaml`. Everything that Backstage would refuse has to
be right as well: here the name, and the lifecycle that is missing.

## Before

```yaml
# catalog-info.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: Payments API
spec:
  type: service
  owner: TODO
```

## After

```yaml
# catalog-info.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments-api
spec:
  type: service
  lifecycle: production
  owner: group:default/payments
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import EVERY_TYPE, Fix, evidence, failed, passed
from goldenpath.checks._catalog import CATALOG, invalid, named, no_component, out_of_sight, said_here
from goldenpath.facts.findings import shown
from goldenpath.facts.nodes import Scalar
from goldenpath.facts.placeholders import is_placeholder
from goldenpath.facts.references import parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.checks import Outcome, Settings
    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.facts.findings import Finding

APPLIES = EVERY_TYPE
FIX = Fix("Name the owning group as spec.owner in catalog-info.yaml", "minutes", CATALOG)


def check(catalog: Catalog, component: Component | None, settings: Settings) -> Outcome:
    """Ask for a component, then whether Backstage takes it, and last who its owner is."""
    if component is None:
        return no_component(catalog)
    if problems := (*component.problems, *_of_nobody_else(catalog)):
        return invalid(problems, CATALOG if component.entity.get("spec", "owner") is None else ())
    owner = component.entity.get("spec", "owner")
    if not isinstance(owner, Scalar):
        return out_of_sight(component, "the owner", ("spec", "owner")) or failed("no owner is declared")
    reference = parse_reference(owner.text, "group", component.ref.namespace)
    said = evidence("declared", owner.place, f"owner: {owner.text}")
    if is_placeholder(owner.text) or is_placeholder(reference.name):
        return failed(f"the owner {shown(owner.text)} is a placeholder", said)
    if reference.kind not in settings.owner_kinds:
        kinds = " or ".join(settings.owner_kinds)
        article = "an" if reference.kind.startswith(("a", "e", "i", "o")) else "a"
        return failed(f"the owner is {article} {reference.kind}, the contract asks for a {kinds}", said)
    return passed(f"owned by {reference}", said, *said_here(component), *named("unseen", catalog.unseen))


def _of_nobody_else(catalog: Catalog) -> Iterator[Finding]:
    """What may hide a component: Backstage takes or refuses each entity by itself, and a Location leads to others."""
    others = [each.problems for each in catalog.entities if each.ref.kind != "location"]
    return (each for each in catalog.problems if not any(each in problems for problems in others))
