r"""Every dependency is locked, and the locks hold what the manifests ask for.

## What

For each manifest of the repository there is a lock that holds every dependency of it, in a version that the manifest
allows. What counts as a lock fixes versions and contents: `requirements*.txt` (or `.lock`) in which everything has `==`
and a hash, `uv.lock`, `poetry.lock`, `pdm.lock`, `Pipfile.lock`, `pylock.toml` and `pylock.NAME.toml`;
`package-lock.json`, `pnpm-lock.yaml`, `yarn.lock`, `bun.lock`; `go.sum`; `Cargo.lock`; `Gemfile.lock`;
`composer.lock`, if it was made for this `composer.json`; NuGet's `packages.lock.json`;
`gradle.lockfile` or Gradle's `verification-metadata.xml`. A package without `integrity` in a lock of npm's is not
locked: npm installs whatever comes, and says nothing (packages by commit and those of this repository need none; to
mend it, delete the lock and `node_modules`, and run `npm install`). Maven has no lock: there every version in `pom.xml`
has to be one version, no range, `LATEST`, `RELEASE` or `SNAPSHOT`, but for modules that are built here.

A library is asked, too. Its users choose versions of their own, and need no lock of it; its tests and its release
install something as well, and that is what the lock is for. Extras for users may be missing in a Python lock.

Where there is no manifest at all, a Dockerfile that installs packages by their names
(`pip install flask`) shows that there ought to be one.

What tox and nox install by name beside a manifest is asked for, too, and is held by the project's locks. Hooks of
pre-commit need a `rev` that is no branch; what a hook installs besides (`additional_dependencies`) stays on the
developer's machine, and is not asked.

Overrides of package.json (`overrides`, `pnpm.overrides`, `resolutions`) are asked for where they are about a package by
its name alone: a lock that has it in another version, or of pnpm's and Bun's does not list them, makes it `unknown`.

Manifests in folders of samples, test fixtures, templates and vendored sources are somebody else's; one that stands in
a folder of tests itself (`tests/requirements.txt`) says what the tests install, and is asked for, as is a module among
the tests that `go.work` names, or in which a workflow works (`working-directory:`, `cd`, `--manifest-path`). It is
`unknown` where a manifest is a program (a `setup.py` or Gemfile that decides, Gradle without a lockfile), or of an
ecosystem that is not read yet; Dart fails without a `pubspec.lock`. Terraform is not asked: a module has no lock, and
whether a folder is one only those say who call it.

## Why

Without a lock a build takes whatever was published last: what the tests saw is not what is released, and a stolen
package is in the next build within minutes. A lock that lags behind its manifest is worse than none: `npm ci` and
`uv sync --locked` stop, and whatever does not stop installs something else than what is written.

## Fix

Make the lock with the tool that installs from it, commit it, and let CI refuse one that lags: `uv lock --check`,
`npm ci`, `go mod tidy -diff`, `cargo build --locked`.

## Before

```text
# requirements.txt
flask
```

## After

```text
# requirements.txt
flask==3.1.2 \
    --hash=sha256:ca1d8112ec8a6158cc29ea4858963350011b5c846a414cdb7a954aa9e967d03c
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import EVERY_TYPE, Fix, evidence, failed, not_applicable, passed, unknown
from goldenpath.checks._catalog import MOST, files_of
from goldenpath.facts.dependencies import knowledge
from goldenpath.repository import Place

if TYPE_CHECKING:
    from goldenpath.checks import Outcome
    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.facts.dependencies import Dependencies
    from goldenpath.facts.dependencies.model import Project
    from goldenpath.facts.installed_by_name import InstalledByName

APPLIES = EVERY_TYPE
FIX = Fix("Write the lock anew with the tool that installs from it, and commit it", "minutes")

_RENEW = {
    "python": "Write the lock anew: `uv lock`, `poetry lock` or `uv pip compile --generate-hashes`",
    "node": "Write the lock anew: `npm install --package-lock-only`, `pnpm install --lockfile-only` or `yarn install`",
    "go": "Write go.sum anew: `go mod tidy`",
    "cargo": "Write Cargo.lock anew: `cargo generate-lockfile`, or `cargo update --workspace`",
    "maven": "Name one version of each artifact in pom.xml",
    "bundler": "Write Gemfile.lock anew: `bundle lock`",
    "composer": "Write composer.lock anew: `composer update --lock`",
    "pub": "Commit the pubspec.lock that `dart pub get` writes",
    "nuget": "Set RestorePackagesWithLockFile, and write packages.lock.json: `dotnet restore --force-evaluate`",
    "precommit": "Name one version of each hook in .pre-commit-config.yaml",
    "gradle": "Turn dependency locking on, and write it: `gradle dependencies --write-locks`",
}

_LOCKED_BY = {
    "uv.lock": "`uv lock`",
    "poetry.lock": "`poetry lock`",
    "pdm.lock": "`pdm lock`",
    "Pipfile.lock": "`pipenv lock`",
    "requirements.txt": "`uv pip compile --generate-hashes` or `pip-compile --generate-hashes`",
    "package-lock.json": "`npm install --package-lock-only`",
    "pnpm-lock.yaml": "`pnpm install --lockfile-only`",
    "yarn.lock": "`yarn install`",
    "bun.lock": "`bun install --lockfile-only`",
}
"""What writes a lock, by its name: the command of another tool would add a second lock, and mend nothing."""


def check(
    dependencies: Dependencies, installed_by_name: InstalledByName, catalog: Catalog, component: Component | None
) -> Outcome:
    """Look for what no lock holds, then for what cannot be told."""
    if dependencies.too_many:
        return unknown("not looked at", f"there are {dependencies.too_many:,} manifests, more than goldenpath reads")
    is_own = files_of(component, catalog)
    ecosystems = knowledge().ecosystems
    projects = [each for each in dependencies.projects if is_own(each.manifest) and ecosystems[each.ecosystem].locks]
    for project in projects:
        if gaps := project.gaps:
            more = f" (and {len(gaps) - 1} more)" if len(gaps) > 1 else ""
            proof = (evidence("declared", each.place, each.text) for each in gaps[:MOST])
            return failed(f"{gaps[0].text}{more}", *proof, fix=Fix(_renewed(project), "minutes"))
    if unseen := [each for project in projects for each in project.unseen]:
        proof = (evidence("unseen", each.place, each.text) for each in unseen[:MOST])
        first = unseen[0]
        return unknown("whether everything is locked cannot be told", f"{first.place}: {first.text}", *proof)
    if not projects:
        named = [each for path in filter(is_own, installed_by_name.paths) for each in installed_by_name.within(path)]
        if not named:
            return not_applicable("there is no manifest of dependencies")
        return failed(named[0].text, *(evidence("declared", each.place, each.text) for each in named[:MOST]))
    asked = sum(project.requirements for project in projects)
    locks = dict.fromkeys(path for project in projects for path in project.locks or (project.manifest,))
    return passed(
        f"{asked} {'dependency' if asked == 1 else 'dependencies'}, all locked",
        *(evidence("declared", Place(path), "holds what is asked for") for path in locks),
    )


def _renewed(project: Project) -> str:
    """How the first lock whose tool is known is written anew; where there is none, what tools there are."""
    known = ((lock, _LOCKED_BY.get(lock.rpartition("/")[2])) for lock in project.locks)
    written = next((f"Write {lock} anew: {command}" for lock, command in known if command), None)
    return written or _RENEW[project.ecosystem]
