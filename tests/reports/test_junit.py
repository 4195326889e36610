"""JUnit XML is read by a reader of test reports, and never shows as passed what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

from goldenpath.reports.junit import render
from goldenpath.reports.terminal import Surface
from scorecards import BRONZE, SILVER, for_any_scorecard, result, score, scorecard, waived

if TYPE_CHECKING:
    from goldenpath.scorecard import Scorecard

TestCase.__test__ = TestSuite.__test__ = False

ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped"},
    "testcase": {"classname", "name"},
    "failure": {"type", "message"},
    "skipped": {"message"},
    "properties": set(),
    "property": {"name", "value"},
}
"""What the schema of Jenkins' xUnit plugin (junit-10.xsd) allows of what is used here; it is in no package."""


def read(card: Scorecard) -> JUnitXml:
    return JUnitXml.fromstring(render(card, Surface()).encode())


@for_any_scorecard
def test_whatever_is_found_is_read(card: Scorecard) -> None:
    xml = read(card)
    suites = list(xml)
    assert len(suites) == len(card.components)
    for suite, component in zip(suites, card.components, strict=True):
        assert [case.name for case in suite] == [check.id for check in component.checks]
        for case, check in zip(suite, component.checks, strict=True):
            passed = check.verdict == "pass"
            assert [type(each) for each in case.result] == ([] if passed else [Skipped if check.met else Failure])
    for element in xml._elem.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]


def test_a_suite_is_a_component_and_a_case_a_check() -> None:
    xml = read(scorecard(score(*BRONZE, *SILVER), score(*BRONZE, ref="component:shop/client")))
    assert (xml.tests, xml.failures, xml.errors) == (17, 2, 0)
    first, second = xml
    assert (first.name, second.name) == ("payments-api", "shop/client")
    assert {case.classname for case in second} == {"shop/client"}
    assert first._elem.find("properties/property[@name='tier']").get("value") == "bronze"


def test_what_is_not_met_fails_and_says_where_and_what_next() -> None:
    (suite,) = read(scorecard(score(*SILVER)))
    pinned, owned, published = (case.result for case in suite)
    assert [(each.type, each.message) for each in (*pinned, *owned)] == [
        ("fail", SILVER[0].summary),
        ("unknown", SILVER[1].summary),
    ]
    assert "  declared  .github/workflows/ci.yml:14  actions/checkout@v4\n" in pinned[0].text
    assert pinned[0].text.endswith("goldenpath explain actions-pinned")
    assert SILVER[1].reason in owned[0].text
    assert published == []


def test_what_lowers_no_tier_is_skipped_and_says_what_it_is() -> None:
    excused = waived(SILVER[1])
    advisory = result("docs-published", "fail", "no menu", level="advisory")
    (suite,) = read(
        scorecard(score(result("slo-defined", "not-applicable", "not asked of a library"), advisory, excused))
    )
    assert [case.result[0].message for case in suite] == [
        "not asked of a library",
        "advisory, fail: no menu",
        "waived until 2027-01-31 by group:default/security: it moves",
    ]
    assert suite.skipped == 3
