"""The service has a service level objective.

## What

The repository holds a valid SLO of this very service: **what** is measured (an indicator with its queries), **how
much** of it must be good (a target), and **over how long** (a window). It is written in a form that tools turn into
rules and dashboards: OpenSLO v1, Sloth (`version: prometheus/v1` or `PrometheusServiceLevel`, 30 days unless Sloth is
told otherwise) or Pyrra (`ServiceLevelObjective`). A contract may narrow that with `settings.slo_forms`.

The SLO is read, not looked for: prose in a file called `slo.md`, a percentage where a share belongs, a target of 100 %,
a query of good events that selects errors, or the same query twice are found out. Samples, tests, skeletons and
dependencies do not count. The service that the SLO names is the component of the catalog, up to spelling (`Checkout`,
`payments/checkout`, `checkout-service`).

It is `unknown` when the answer lies elsewhere: a file that Helm renders, an `indicatorRef` to an SLI that is not in the
repository, a Sloth plugin, a name that may or may not be this service.

## Why

Without an objective every alert is a matter of taste and every outage a surprise. A target with a window gives the
error budget: how much may go wrong before new features have to wait.

## Fix

Say what is measured, how much of it must be good, and over how long. Start with availability, from a metric that you
have. A contract that accepts Sloth is met by its own files as they are:

```yaml
version: prometheus/v1
service: payments-api
slos:
  - name: availability
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(http_requests_total{job="payments-api", code=~"5.."}[{{.window}}]))
        total_query: sum(rate(http_requests_total{job="payments-api"}[{{.window}}]))
    alerting:
      name: PaymentsAvailability
```

## Before

It promises everything, and measures nothing:

```yaml
# observability/slo.yaml
slo:
  availability: 100%
```

## After

```yaml
# observability/slo.yaml
apiVersion: openslo/v1
kind: SLO
metadata:
  name: payments-api-availability
spec:
  service: payments-api
  indicator:
    metadata:
      name: payments-api-availability
    spec:
      ratioMetric:
        counter: true
        good:
          metricSource:
            type: Prometheus
            spec:
              query: sum(http_requests_total{job="payments-api", code!~"5.."})
        total:
          metricSource:
            type: Prometheus
            spec:
              query: sum(http_requests_total{job="payments-api"})
  timeWindow:
    - duration: 30d
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - target: 0.999
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import Fix, evidence, failed, passed, unknown
from goldenpath.facts.slos.model import knowledge
from goldenpath.facts.slos.service import relation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.checks import Evidence, Outcome, Role, Settings
    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.facts.findings import Finding
    from goldenpath.facts.slos import Slos
    from goldenpath.facts.slos.model import Slo

APPLIES = frozenset({"service"})
FIX = Fix("Write an SLO with an indicator, a target and a window", "hours", ("observability/slo.yaml",))

_NAME = Fix("Name the component of catalog-info.yaml as the SLO's service", "minutes")
_MOST = 5
"""As many places are named; more would hide the first."""


def check(slos: Slos, catalog: Catalog, component: Component | None, settings: Settings) -> Outcome:
    """Ask of each SLO in a form that counts whether it is this service's, and then whether it is sound."""
    counted = [slo for slo in slos.found if settings.slo_forms is None or slo.form in settings.slo_forms]
    by_relation: dict[str, list[Slo]] = {"own": [], "unclear": [], "foreign": []}
    for slo in counted:
        by_relation[relation(slo, component, catalog.components)].append(slo)
    own, unclear = by_relation["own"], by_relation["unclear"]
    if outcome := _of_own(own, slos.broken) or _of_unclear(unclear, component):
        return outcome
    if slos.unseen:
        return unknown("an SLO may be here, but it cannot be read", slos.unseen[0].text, *_all("unseen", slos.unseen))
    if slos.broken:
        return _broken(slos.broken)
    return _none(by_relation["foreign"], [slo for slo in slos.found if slo not in counted], slos, component, settings)


def _of_own(own: Sequence[Slo], broken: Sequence[Finding]) -> Outcome | None:
    """SLOs of this service: one that is wrong spoils, one that is sound proves, one in doubt does neither."""
    problems = [problem for slo in own for problem in slo.problems]
    files = {slo.place.path for slo in own}
    if problems:
        return _broken(problems)
    if beside := [finding for finding in broken if finding.place.path in files]:
        return _broken(beside)
    if sound := [slo for slo in own if not slo.doubts]:
        more = f" and {len(sound) - 1} more" if len(sound) > 1 else ""
        return passed(f"{_promise(sound[0])}{more}", *_proof(sound[0]), *(_declared(slo) for slo in sound[1:_MOST]))
    doubts = [doubt for slo in own for doubt in slo.doubts]
    return (
        unknown("there is an SLO, but not all of it is here", doubts[0].text, *_all("unseen", doubts))
        if doubts
        else None
    )


def _of_unclear(unclear: Sequence[Slo], component: Component | None) -> Outcome | None:
    """SLOs that may be this service's. One that is wrong is no proof whoever's it is."""
    sound = [slo for slo in unclear if not slo.problems]
    if not unclear or component is None:
        return None
    if not sound:
        return _broken([problem for slo in unclear for problem in slo.problems])
    named = sorted({f"`{slo.service}`" for slo in sound if slo.service})
    reason = (
        f"whether {named[0]} is `{component.ref.name}`"
        if named
        else f"no SLO says that it is of `{component.ref.name}`"
    )
    proof = (
        evidence("unseen", slo.service_place, f"of {slo.service or 'no service by name'}") for slo in sound[:_MOST]
    )
    return unknown("there is an SLO, but whose is not certain", reason, *proof, fix=_NAME)


def _broken(problems: Sequence[Finding]) -> Outcome:
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    fix = Fix(f"Correct {problems[0].place}: {problems[0].text}", "minutes")
    return failed(f"the SLO is not valid: {problems[0].text}{more}", *_all("declared", problems), fix=fix)


def _none(
    foreign: Sequence[Slo], refused: Sequence[Slo], slos: Slos, component: Component | None, settings: Settings
) -> Outcome:
    if foreign and component is not None:
        other = next((slo.service for slo in foreign if slo.service), None) or foreign[0].name
        proof = [evidence("declared", slo.service_place, f"of {slo.service or slo.name}") for slo in foreign[:_MOST]]
        return failed(f"the SLO is of `{other}`, not of `{component.ref.name}`", *proof, fix=_NAME)
    if refused:
        forms = ", ".join(settings.slo_forms or ())
        return failed(
            f"the SLO is in a form that the contract does not accept ({forms})", *map(_declared, refused[:_MOST])
        )
    if strange := [form for form in settings.slo_forms or () if form not in knowledge().forms]:
        return unknown(
            "no SLO that goldenpath can read", f"the contract accepts {strange[0]}, which goldenpath cannot read"
        )
    return failed("there is no SLO", *_all("missing", slos.lookalikes))


def _proof(slo: Slo) -> Iterator[Evidence]:
    """What is measured, how much, over how long."""
    yield _declared(slo)
    for query in slo.queries[:1]:
        yield evidence("described", query.place, f"indicator: {' '.join(query.text.split())}")
    for objective in slo.objectives[:1]:
        yield evidence("described", objective.place, f"target: {objective.target * 100:g} % over {slo.window}")


def _declared(slo: Slo) -> Evidence:
    return evidence("declared", slo.place, f"{knowledge().forms[slo.form].title}: {_promise(slo)}")


def _promise(slo: Slo) -> str:
    targets = " and ".join(f"{objective.target * 100:g} %" for objective in slo.objectives[:2])
    return f"{slo.name}: {targets} over {slo.window}"


def _all(role: Role, findings: Sequence[Finding]) -> Iterator[Evidence]:
    return (evidence(role, finding.place, finding.text) for finding in findings[:_MOST])
