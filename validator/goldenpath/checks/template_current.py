"""The repository follows the platform's template, no further behind than the contract allows.

## What

The contract names a template and the oldest version of it that is still good (`settings.template`). The repository's
`.copier-answers.yml` names the same template, however its address is spelled (`gh:acme/golden-path`, `https://…`,
`git@…`), at that version or a later one. Between two releases (`v1.4.0-3-gabc1234`, as `git describe` says it) the
release before counts.

Where the contract names no template the check is not applicable. It is `unknown` where the answers name a bare commit:
which release that is only the template's repository knows.

Whether the files are still what the template made of them is another question; `goldenpath lifecycle status` and
`goldenpath lifecycle update` answer it.

## Why

A template that is copied once and never again is where last year's mistakes live on. A service that follows it gets
the next fix of its release workflow, its pins and its alerts by one command.

## Fix

Run `copier update`, or `goldenpath lifecycle update`; lay the template over a repository that was not made from it with
`copier copy`.

## Before

```yaml
# .copier-answers.yml
_src_path: https://git.example.com/acme/golden-path
_commit: v1.2.0
```

## After

```yaml
# .copier-answers.yml
_src_path: https://git.example.com/acme/golden-path
_commit: v1.4.0
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import EVERY_TYPE, Evidence, Fix, evidence, failed, not_applicable, passed, unknown
from goldenpath.facts.findings import shown
from goldenpath.facts.regexes import regex
from goldenpath.facts.template import ANSWERS

if TYPE_CHECKING:
    from goldenpath.checks import Outcome, Settings
    from goldenpath.checks import Template as Wanted
    from goldenpath.facts.template import Template

APPLIES = EVERY_TYPE
FIX = Fix("Update to the newest release of the template: `copier update`", "hours")

_DESCRIBED = regex(r"(?P<release>.+)-(?P<commits>\d+)-g[0-9a-f]{4,40}")
_COMMIT = regex(r"[0-9a-f]{7,40}")


def check(template: Template, settings: Settings) -> Outcome:
    """Compare what the answers file names with what the contract asks for."""
    wanted = settings.template
    if wanted is None:
        return not_applicable("the contract names no template")
    return _of_file(template, wanted) or _of_source(template, wanted) or _of_version(template, wanted)


def _of_file(template: Template, wanted: Wanted) -> Outcome | None:
    if template.problem and template.unread:
        unseen = evidence("unseen", template.problem.place, template.problem.text)
        return unknown(f"{ANSWERS} is not read", template.problem.text, unseen)
    if template.problem:
        fix = Fix(f"Correct {template.problem.place}: {template.problem.text}", "minutes")
        proof = evidence("declared", template.problem.place, template.problem.text)
        return failed(f"{ANSWERS} cannot be read", proof, fix=fix)
    if template.stray:
        missing = Evidence("missing", ANSWERS, 0, 0, "it is there, but git does not track it")
        return failed(f"{ANSWERS} is not tracked", missing, fix=Fix(f"git add {ANSWERS}, and commit it", "minutes"))
    if not template.found:
        missing = Evidence("missing", ANSWERS, 0, 0, f"it should name {wanted.source}")
        fix = Fix(f"Lay the template over it: `copier copy {wanted.source} .`", "days")
        return failed(f"there is no {ANSWERS}: it does not follow {wanted.source}", missing, fix=fix)
    return None


def _of_source(template: Template, wanted: Wanted) -> Outcome | None:
    from goldenpath.facts.sources import parse_source  # only a contract with a template waits for it

    fix = Fix(f"Follow the contract's template: `copier copy {wanted.source} .`", "hours")
    proof = evidence("declared", template.source_place, template.source or "no _src_path")
    if not template.source:
        return failed(f"{ANSWERS} does not say from which template it was made", proof, fix=fix)
    try:
        own = parse_source(template.source)
    except ValueError as error:
        return failed(f"{ANSWERS} names no template that others could follow: {error}", proof, fix=fix)
    if own.repository != parse_source(wanted.source).repository:
        return failed(f"it follows {shown(template.source)}, and the contract asks for {wanted.source}", proof, fix=fix)
    return None


def _of_version(template: Template, wanted: Wanted) -> Outcome:
    from goldenpath.facts.sources import parse_version

    described = _DESCRIBED.fullmatch(template.version)
    release = described["release"] if described else template.version
    proof = evidence("declared", template.version_place, template.version or "no _commit")
    if not release:
        return failed(f"{ANSWERS} does not say at which version of the template it is", proof)
    unsure = f"which release {shown(release)} is, only {wanted.source} knows"
    if _COMMIT.fullmatch(release):
        return unknown("at which version of the template it is cannot be told", unsure, proof)
    try:
        version = parse_version(release)
    except ValueError:
        return unknown("at which version of the template it is cannot be told", unsure, proof)
    if version < parse_version(wanted.minimum):
        fix = Fix(f"Update to {wanted.minimum} of the template or later: `copier update`", "hours")
        return failed(f"it is at {release} of the template; the contract asks for {wanted.minimum}", proof, fix=fix)
    return passed(f"it follows {wanted.source} at {template.version}", proof)
