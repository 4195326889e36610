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

Before, `mkdocs.yml` promises a page that was renamed, and no annotation tells Backstage of any of it:

```yaml
site_name: checkout
nav:
  - Home: index.md
  - Runbook: runbooks/checkout.md
```

After, in `mkdocs.yml`:

```yaml
site_name: checkout
plugins:
  - techdocs-core
nav:
  - Home: index.md
  - Runbook: runbook.md
```

and in `catalog-info.yaml`:

```yaml
metadata:
  name: checkout
  annotations:
    backstage.io/techdocs-ref: dir:.
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import EVERY_TYPE, Evidence, Fix, evidence, failed, passed, unknown
from goldenpath.facts.techdocs import knowledge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goldenpath.checks import Outcome, Role
    from goldenpath.facts.catalog import Component
    from goldenpath.facts.findings import Finding
    from goldenpath.facts.techdocs import Site, TechDocs

APPLIES = EVERY_TYPE
FIX = Fix("Write mkdocs.yml and docs/index.md, and annotate the entity with backstage.io/techdocs-ref: dir:.", "hours")

_ANNOTATE = Fix("Annotate the entity with backstage.io/techdocs-ref: dir:.", "minutes")
_CORRECT = Fix("Correct what the evidence points at, and try it with `mkdocs build --strict`", "minutes")
_MOST = 5
"""As many places are named; more would hide the first."""


def check(techdocs: TechDocs, component: Component | None) -> Outcome:
    """Follow the annotation to the site, then ask what breaks it, and last what cannot be told."""
    name = knowledge().annotations.reference
    if component is None:
        return failed(f"no component says with `{name}` where its documentation is")
    docs = techdocs.of.get(component.ref)
    if docs is None or docs.place is None:
        place = component.entity.place
        return failed(f"the entity has no `{name}`", evidence("missing", place, f"no `{name}`"), fix=_ANNOTATE)
    said = evidence("described", docs.place, docs.text)
    if docs.problem:
        return failed(docs.problem, evidence("declared", docs.place, docs.problem), fix=_ANNOTATE)
    if docs.doubt or docs.site is None:
        return unknown("the documentation is out of sight", docs.doubt or "it was not found", said)
    return _of_site(docs.site, said)


def _of_site(site: Site, said: Evidence) -> Outcome:
    if site.problems:
        more = f" (and {len(site.problems) - 1} more)" if len(site.problems) > 1 else ""
        role: Role = "declared" if site.problems[0].place.line else "missing"
        first = _sentence(site.problems[0])
        return failed(f"{first}{more}", *_all(role, site.problems), said, fix=_CORRECT)
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
