"""The documentation is published: TechDocs can build it, and every page of the menu is there.

## What

The component's entity leads to its documentation (`backstage.io/techdocs-ref: dir:.`, or `techdocs-entity` with the
component whose documentation it shares), there is a `mkdocs.yml` with a `site_name`, it parses, its `docs_dir` lies
below it, and every entry of `nav` exists: pages, files, and the sites that a monorepo includes. The site opens with an
`index.md` (or `README.md`), and at least one page says something.

The plugin `techdocs-core` need not be listed, Backstage adds it. It is `unknown` when the documentation is in another
repository, or needs a plugin, an extension or a theme that TechDocs does not bring along: then only whoever runs
the build knows.

## Why

Documentation that does not build is missing when it is needed, and nobody is told: Backstage shows the last version
that did, or an empty page.

## Fix

Annotate the entity with `backstage.io/techdocs-ref: dir:.`, and let `mkdocs build --strict` tell which entries of the
menu lead nowhere.

## Before

The menu promises a page that was renamed:

```yaml
# mkdocs.yml
site_name: payments-api
nav:
  - Home: index.md
  - Runbook: runbooks/payments.md
```

## After

```yaml
# mkdocs.yml
site_name: payments-api
plugins:
  - techdocs-core
nav:
  - Home: index.md
  - Runbook: runbook.md
```

```yaml
# catalog-info.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments-api
  annotations:
    backstage.io/techdocs-ref: dir:.
spec:
  type: service
  lifecycle: production
  owner: payments
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import EVERY_TYPE, Evidence, Fix, evidence, failed, passed, unknown
from goldenpath.checks._catalog import CATALOG, no_component
from goldenpath.facts.techdocs import knowledge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.checks import Outcome, Role
    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.facts.findings import Finding
    from goldenpath.facts.techdocs import Site, TechDocs
    from goldenpath.repository import Repository

APPLIES = EVERY_TYPE
FIX = Fix(
    "Write mkdocs.yml and its pages, and annotate the entity with backstage.io/techdocs-ref: dir:.",
    "hours",
    (*CATALOG, "mkdocs.yml", "docs/index.md", "docs/runbook.md", "docs/slo.md", "docs/golden-path.md"),
)

_ANNOTATE = Fix("Annotate the entity with backstage.io/techdocs-ref: dir:.", "minutes", CATALOG)
_CORRECT = Fix("Correct what the evidence points at, and try it with `mkdocs build --strict`", "minutes")
_MOST = 5
"""As many places are named; more would hide the first."""


def check(repository: Repository, techdocs: TechDocs, catalog: Catalog, component: Component | None) -> Outcome:
    """Follow the annotation to the site, then ask what breaks it, and last what cannot be told."""
    name = knowledge().annotations.reference
    if component is None and catalog.unseen:
        return no_component(catalog)
    if component is None:
        return failed(f"no component says with `{name}` where its documentation is")
    docs = techdocs.of.get(component.ref)
    if docs is None or docs.place is None:
        place = component.entity.place
        return failed(f"the entity has no `{name}`", evidence("missing", place, f"no `{name}`"), fix=_start(repository))
    said = evidence("described", docs.place, docs.text)
    if docs.problem:
        return failed(docs.problem, evidence("declared", docs.place, docs.problem), fix=_ANNOTATE)
    if docs.doubt or docs.site is None:
        return unknown("the documentation is out of sight", docs.doubt or "it was not found", said)
    return _of_site(docs.site, said, repository)


def _start(repository: Repository) -> Fix:
    """What is missing first: the annotation alone, where there is a site that it could lead to."""
    return _ANNOTATE if any(config in repository for config in knowledge().configs) else FIX


def _of_site(site: Site, said: Evidence, repository: Repository) -> Outcome:
    if site.problems:
        more = f" (and {len(site.problems) - 1} more)" if len(site.problems) > 1 else ""
        role: Role = "declared" if site.problems[0].place.line else "missing"
        first = _sentence(site.problems[0])
        return failed(
            f"{first}{more}", *_all(role, site.problems), said, fix=_CORRECT if site.config in repository else FIX
        )
    if site.doubts:
        return unknown(
            "whether the documentation builds cannot be told",
            _sentence(site.doubts[0]),
            *_all("unseen", site.doubts),
            said,
        )
    menu = f"{site.entries} entries of the menu" if site.entries else "a menu made from the pages"
    opens = Evidence("declared", site.front or site.folder, 0, 0, "the site opens with it")
    return passed(
        f"TechDocs builds {site.config}: {menu}, all there", said, Evidence("declared", site.config, 0, 0, menu), opens
    )


def _sentence(finding: Finding) -> str:
    """The finding with its file, where the text does not begin with it."""
    return finding.text if finding.place.path in finding.text else f"{finding.place.path}: {finding.text}"


def _all(role: Role, findings: Sequence[Finding]) -> Iterator[Evidence]:
    return (evidence(role, finding.place, finding.text) for finding in findings[:_MOST])
