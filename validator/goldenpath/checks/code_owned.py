"""Every file of the repository has an owner who reviews its changes.

## What

CODEOWNERS lies where the forge reads it (GitHub: `.github/`, the root, `docs/`; GitLab: the root, `docs/`, `.gitlab/`;
the first one found counts), each line of it is valid, and every tracked file ends up with an owner: the last rule that
matches decides, as on the forge. Owners are users, teams or addresses that somebody filled in, and they do not
contradict the owner in the catalog: `group:default/payments` is `@acme/payments`, or `@acme/payments-team`.

A rule without owners takes files away from their owners. That is accepted for files that programs write (lock files, a
changelog), because it lets an update bot merge them, and for nothing else.

It is `unknown` when the names leave it open whether the same people are meant: a group in the catalog, a person in
CODEOWNERS. Whether a team exists and may write to the repository only the forge knows.

## Why

GitHub skips lines that it cannot read and files that are elsewhere, without a word to whoever opens a pull request: the
change is merged, and nobody who knows the code has seen it.

## Fix

Write `.github/CODEOWNERS`: a pattern first, then the owners. `*` matches every file, and later lines win.

## Before

A team without a pattern is a pattern without a team, and takes every file away from its owners:

```text
# .github/CODEOWNERS
@acme/payments
```

## After

```text
# .github/CODEOWNERS
*                   @acme/payments
/observability/     @acme/payments @acme/sre
/package-lock.json
```
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from goldenpath.checks import EVERY_TYPE, Evidence, Fix, evidence, failed, passed, unknown
from goldenpath.checks._catalog import files_of
from goldenpath.facts.codeowners import knowledge, words
from goldenpath.facts.nodes import Mapping
from goldenpath.facts.references import parse_reference

if TYPE_CHECKING:
    from goldenpath.checks import Outcome
    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.facts.codeowners import Codeowners, Owner, Rule
    from goldenpath.facts.references import Reference
    from goldenpath.repository import Place, Repository

APPLIES = EVERY_TYPE
FIX = Fix(
    "Write .github/CODEOWNERS with a rule for every file: `* @organisation/team`", "minutes", (".github/CODEOWNERS",)
)

_ON_GITLAB = Fix(
    "Write .gitlab/CODEOWNERS with a rule for every file: `* @organisation/team`", "minutes", (".gitlab/CODEOWNERS",)
)

_AGREE = Fix("Name the same owner in CODEOWNERS and in catalog-info.yaml", "minutes")
_MOST = 5
"""As many places are named; more would hide the first."""


def check(repository: Repository, codeowners: Codeowners, catalog: Catalog, component: Component | None) -> Outcome:
    """Ask where the file is, whether each line holds, whom it leaves out, and last whether the catalog agrees."""
    if outcome := _of_file(codeowners) or _of_lines(codeowners):
        return outcome
    paths = sorted(filter(files_of(component, catalog), repository.entries))
    decided = dict(codeowners.deciding(paths))
    unowned = [path for path, rules in decided.items() if not any(rule.owners for rule in rules)]
    if outcome := _of_unowned(
        [path for path in unowned if not _is_on_purpose(path, decided[path])], decided, codeowners
    ):
        return outcome
    main, files = _main(decided, codeowners.rules)
    return _of_catalog(component, main, files, codeowners.rules)


def _of_file(codeowners: Codeowners) -> Outcome | None:
    forge = knowledge().forges[codeowners.forge]
    if codeowners.unseen:
        place = codeowners.unseen.place
        return unknown(
            "CODEOWNERS cannot be read", codeowners.unseen.text, evidence("unseen", place, codeowners.unseen.text)
        )
    if codeowners.path is None:
        stray = [Evidence("missing", path, 0, 0, f"{forge.title} does not read it here") for path in codeowners.strays]
        where = f"; {codeowners.strays[0]} is read by nobody" if stray else ""
        fix = _ON_GITLAB if codeowners.forge == "gitlab" else FIX
        return failed(f"there is no CODEOWNERS where {forge.title} reads it{where}", *stray[:_MOST], fix=fix)
    if not codeowners.rules and not codeowners.invalid:
        return failed("CODEOWNERS has no rule", Evidence("missing", codeowners.path, 0, 0, "no rule"))
    return None


def _of_lines(codeowners: Codeowners) -> Outcome | None:
    if invalid := codeowners.invalid:
        title = knowledge().forges[codeowners.forge].title
        proof = (evidence("declared", each.place, each.text) for each in invalid[:_MOST])
        more = f" (and {len(invalid) - 1} more)" if len(invalid) > 1 else ""
        return failed(
            f"{title} skips a line of CODEOWNERS: {invalid[0].text}{more}",
            *proof,
            fix=_correct(invalid[0].place, invalid[0].text),
        )
    for rule in codeowners.rules:
        for owner in rule.owners:
            if knowledge().placeholder.fullmatch(owner.text):
                text = f"the owner `{owner.text}` is a placeholder"
                return failed(text, evidence("declared", owner.place, text), fix=_correct(owner.place, text))
    return None


def _is_on_purpose(path: str, rules: tuple[Rule, ...]) -> bool:
    """Whether a rule without owners says so of a file that programs write."""
    return bool(rules) and path.rpartition("/")[2] in knowledge().machine_written


def _of_unowned(unowned: list[str], decided: dict[str, tuple[Rule, ...]], codeowners: Codeowners) -> Outcome | None:
    if not unowned:
        return None
    proof = [_unowned(path, decided[path], codeowners) for path in unowned[:_MOST]]
    count = f"{len(unowned):,} of {len(decided):,} files have" if len(decided) > 1 else "the file has"
    rules = decided[unowned[0]]
    first = Fix("Begin CODEOWNERS with a rule for every file: `* @organisation/team`", "minutes")
    fix = _correct(rules[0].place, "give its files an owner") if rules else first
    return failed(f"{count} no owner, {unowned[0]} for one", *proof, fix=fix)


def _correct(place: Place, what: str) -> Fix:
    return Fix(f"Correct {place}: {what}", "minutes")


def _unowned(path: str, rules: tuple[Rule, ...], codeowners: Codeowners) -> Evidence:
    if rules:
        return evidence("declared", rules[0].place, f"`{rules[0].pattern}` takes {path} away from its owners")
    return Evidence("missing", codeowners.path or "", 0, 0, f"no rule matches {path}")


def _main(decided: dict[str, tuple[Rule, ...]], rules: tuple[Rule, ...]) -> tuple[Rule, int]:
    """Of the owners who have most files the rule that gives them most, and how many files they have in all."""
    by_rule = Counter(rule.place for deciding in decided.values() for rule in deciding if rule.owners)
    by_owners: Counter[str] = Counter()
    for rule in rules:
        by_owners[_names(rule)] += by_rule[rule.place]
    names, files = by_owners.most_common(1)[0]
    of_them = (rule for rule in rules if _names(rule) == names)
    return max(of_them, key=lambda rule: by_rule[rule.place]), files


def _of_catalog(component: Component | None, main: Rule, files: int, rules: tuple[Rule, ...]) -> Outcome:
    """Compare the owners of most files with the catalog's owner."""
    proof = evidence("declared", main.place, f"{main.pattern} is owned by {_names(main)}")
    summary = f"every file has an owner, {files:,} of them {_names(main)}"
    reference = _catalog_owner(component)
    if component is None or reference is None:
        return passed(summary, proof)
    said = evidence("described", _owner_place(component), f"the catalog's owner is {reference}")
    alike = {_likeness(reference, owner) for owner in main.owners}
    if "same" in alike:
        return passed(summary, proof, said)
    elsewhere = any(_likeness(reference, owner) == "same" for rule in rules for owner in rule.owners)
    if alike == {"other"} and not elsewhere:
        return failed(f"the catalog says {reference}, CODEOWNERS says {_names(main)}", proof, said, fix=_AGREE)
    reason = f"whether {_names(main)} in CODEOWNERS and {reference} in the catalog are the same people"
    return unknown("every file has an owner, but perhaps not the catalog's", reason, proof, said, fix=_AGREE)


def _catalog_owner(component: Component | None) -> Reference | None:
    """The owner in the catalog; None when it is not there, or not valid: that is another check's business."""
    text = component.entity.text("spec", "owner") if component else None
    try:
        return parse_reference(text, "group") if text else None
    except ValueError:
        return None


def _owner_place(component: Component) -> Place:
    spec = component.entity.get("spec")
    return (
        spec.values["owner"].place if isinstance(spec, Mapping) and "owner" in spec.values else component.entity.place
    )


def _likeness(reference: Reference, owner: Owner) -> str:
    """Whether a name in CODEOWNERS is the catalog's owner: `same`, `other`, or `open` when names do not tell.

    A team and a group whose names share no word contradict each other; a person may belong to any group, and a team
    that is only called `engineering` may hold any other.
    """
    if owner.name.lower() == reference.name.lower():
        return "same"
    wanted = words(reference.name)
    named = [words(owner.name), words(owner.text.partition("@")[2])]
    if wanted and wanted in named:
        return "same"
    teams = owner.kind == "team" and reference.kind == "group"
    return "other" if teams and wanted and named[0] and not named[1] & wanted else "open"


def _names(rule: Rule) -> str:
    return " ".join(owner.text for owner in rule.owners)
