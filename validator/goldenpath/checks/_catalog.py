"""What the checks about the catalog's entity have in common: there is none, or a part of it is out of sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import Evidence, Fix, evidence, failed, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from goldenpath.checks import Outcome, Role
    from goldenpath.facts.catalog import Catalog, Component
    from goldenpath.facts.findings import Finding

MOST = 5
"""As many places are named; more would hide the first."""

CATALOG = ("catalog-info.yaml",)
"""The file of the template that says all of it."""

WRITE = Fix("Write catalog-info.yaml with a Component: its type, lifecycle and owner", "minutes", CATALOG)


def no_component(catalog: Catalog, fix: Fix = WRITE) -> Outcome:
    """The outcome for a repository in which no component is to be seen; `fix` is for one that declares nothing."""
    if catalog.stray:
        text = "it is there, but git does not track it"
        return failed(
            f"{catalog.path} is not tracked",
            Evidence("missing", catalog.path, 0, 0, text),
            fix=Fix(f"git add {catalog.path}, and commit it", "minutes"),
        )
    if catalog.misspelt:
        text = f"Backstage looks for {catalog.path}, and its name is {catalog.misspelt}"
        return failed(
            f"there is no {catalog.path}, for {catalog.misspelt} is written otherwise",
            Evidence("missing", catalog.misspelt, 0, 0, text),
            fix=Fix(f"git mv {catalog.misspelt} {catalog.path}", "minutes"),
        )
    if not catalog.found:
        missing = Evidence("missing", catalog.path, 0, 0, "it should declare a Component")
        return failed(f"there is no {catalog.path}", missing, fix=fix)
    if catalog.unseen:
        first = catalog.unseen[0]
        return unknown("no Component is to be seen", f"{first.place}: {first.text}", *named("unseen", catalog.unseen))
    sound = (each for each in catalog.entities if not each.problems and each.ref.kind != "location")
    others = (evidence("declared", each.document.place, f"{each.ref} is none") for each in sound)
    proof = [*named("declared", catalog.problems), *others][:MOST]
    why = f": {catalog.problems[0].text}" if catalog.problems and not catalog.entities else ""
    return failed(f"{catalog.path} declares no Component{why}", *proof, fix=_correct(catalog.problems) or fix)


def invalid(problems: Sequence[Finding], files: tuple[str, ...] = ()) -> Outcome:
    """The outcome where Backstage would refuse what is declared, or nobody has filled it in.

    `files` are those of the template that have what is missing.
    """
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    proof = named("declared", problems)
    return failed(f"the catalog entity is not valid: {problems[0].text}{more}", *proof, fix=_correct(problems, files))


def _correct(problems: Sequence[Finding], files: tuple[str, ...] = ()) -> Fix | None:
    return Fix(f"Correct {problems[0].place}: {problems[0].text}", "minutes", files) if problems else None


def out_of_sight(component: Component, what: str, *paths: tuple[str, ...]) -> Outcome | None:
    """The outcome where Backstage fetches what was looked for from elsewhere; None where it does not."""
    place = next((place for path in paths if (place := component.hidden(*path))), None)
    if place is None:
        return None
    reason = f"Backstage fetches a value at {place} from elsewhere"
    return unknown(f"{what} is not to be seen here", reason, evidence("unseen", place, "fetched by Backstage"))


def named(role: Role, findings: Sequence[Finding]) -> Iterator[Evidence]:
    """The first of these findings as evidence."""
    return (evidence(role, finding.place, finding.text) for finding in findings[:MOST])


def files_of(component: Component | None, catalog: Catalog) -> Callable[[str], bool]:
    """Whether a file is a component's, by the folder that declares its entity; all are where there is but one."""
    if component is None or len(catalog.components) < 2:
        return lambda path: True  # noqa: ARG005 - the answer is the same for every path
    home = f"{component.home}/" if component.home else ""
    inside = tuple(f"{each.home}/" for each in catalog.components if each.home and f"{each.home}/".startswith(home))
    inside = tuple(each for each in inside if each != home)
    return lambda path: path.startswith(home) and not path.startswith(inside)


def said_here(component: Component) -> Iterator[Evidence]:
    """Where this repository declares a component, if what counts is an entity that was handed in."""
    if component.instead_of:
        yield evidence("declared", component.instead_of, "what the portal has counts instead: it was handed in")
