"""JUnit XML, for test reports: a suite for every component, a case for every check.

What is not met fails, `unknown` as well as `fail`: it must never look passed. What lowers no tier is skipped, and says
what it is: a check that is not asked, is advisory, or waived. There is no `file`, which Jenkins' schema does not have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from goldenpath.reports.terminal import printable
from goldenpath.reports.text import NAMELESS, excuse, name, place_of
from goldenpath.scorecard import FixAdvice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.reports.terminal import Surface
    from goldenpath.scorecard import CheckResult, ComponentScore, Scorecard


def render(scorecard: Scorecard, surface: Surface) -> str:  # noqa: ARG001 - every format has the same signature
    """The scorecard as the result of a test run."""
    suites = [_suite(component, scorecard) for component in scorecard.components]
    root = ET.Element("testsuites", {"name": scorecard.tool.name, **_counts(suites)})
    root.extend(suites)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _counts(cases: list[ET.Element]) -> dict[str, str]:
    """The counts that readers want at the top; nothing here is an error, which would mean that a test broke."""
    found = [case for each in cases for case in each.iter("testcase")]
    failures = sum(case.find("failure") is not None for case in found)
    return {"tests": str(len(found)), "failures": str(failures), "errors": "0"}


def _suite(component: ComponentScore, scorecard: Scorecard) -> ET.Element:
    cases = [_case(check, component) for check in component.checks]
    skipped = str(sum(case.find("skipped") is not None for case in cases))
    suite = ET.Element("testsuite", {"name": _name(component), **_counts(cases), "skipped": skipped})
    about = {"contract": f"{scorecard.contract.name} {scorecard.contract.version}", "as-of": str(scorecard.as_of)}
    if scorecard.narrowed:  # a part of the checks claims no tier, not even that there is none
        about["changed"] = ", ".join(scorecard.narrowed.changed)
        about["left-out"] = ", ".join(scorecard.narrowed.left_out)
    else:
        about |= {"tier": component.tier or "none", "ceiling": component.ceiling or "none"}
    properties = ET.SubElement(suite, "properties")
    for key, value in about.items():
        ET.SubElement(properties, "property", {"name": key, "value": printable(value)})
    suite.extend(cases)
    return suite


def _case(check: CheckResult, component: ComponentScore) -> ET.Element:
    case = ET.Element("testcase", {"classname": _name(component), "name": check.id})
    if check.verdict == "pass":
        return case
    if check.met:
        outcome = ET.SubElement(case, "skipped", {"message": printable(_excused(check))})
    else:
        outcome = ET.SubElement(case, "failure", {"type": check.verdict, "message": printable(check.summary)})
    outcome.text = "\n".join(_lines(check))
    return case


def _excused(check: CheckResult) -> str:
    if check.waived:
        return excuse(check)
    return check.summary if check.verdict == "not-applicable" else f"advisory, {check.verdict}: {check.summary}"


def _lines(check: CheckResult) -> Iterator[str]:
    """What stands below a case's message: readers that show only the text want all of it there."""
    yield printable(f"{check.title}: {check.verdict}, {check.summary}")
    if check.waiver:
        yield printable(excuse(check))
    if isinstance(check.reason, str) and check.reason != check.summary:
        yield printable(check.reason)
    for each in check.evidence:
        yield printable(f"  {each.role}  {place_of(each)}  {each.text}".rstrip())
    if isinstance(check.fix, FixAdvice):
        yield printable(f"Next ({check.fix.effort}): {check.fix.summary}")
        yield f"goldenpath explain {check.id}"


def _name(component: ComponentScore) -> str:
    return printable(name(component) or NAMELESS)
