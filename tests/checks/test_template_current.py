"""template-current: the repository follows the contract's template, at its minimum or later."""

from __future__ import annotations

import pytest

from goldenpath.checks import Settings, Template
from trees import judge

SOURCE = "https://git.example.com/acme/golden-path"
ASKED = Settings(template=Template(SOURCE, "v1.4.0"))


def answers(version: str = "v1.4.0", source: str = SOURCE) -> dict[str, str | bytes | None]:
    return {".copier-answers.yml": f"# written by Copier\n_commit: {version}\n_src_path: {source}\nname: shop\n"}


def of(files: dict[str, str | bytes | None]) -> tuple[str, str]:
    outcome = judge("template-current", files, ASKED)
    return outcome.verdict, outcome.reason or outcome.summary


def test_where_the_contract_names_no_template_it_is_not_asked() -> None:
    outcome = judge("template-current", answers())
    assert (outcome.verdict, outcome.reason) == ("not-applicable", "the contract names no template")


@pytest.mark.parametrize("version", ["v1.4.0", "1.4.0", "v1.10.0", "v2.0.0rc1", "v1.4.0-3-gabc1234"])
def test_the_minimum_or_later_passes_and_the_version_is_the_evidence(version: str) -> None:
    outcome = judge("template-current", answers(version), ASKED)
    assert (outcome.verdict, outcome.summary) == ("pass", f"it follows {SOURCE} at {version}")
    assert [(each.path, each.line, each.column) for each in outcome.evidence] == [(".copier-answers.yml", 2, 10)]


@pytest.mark.parametrize(
    "source",
    [
        f"{SOURCE}.git",
        f"git+{SOURCE}.git",
        "ssh://git@git.example.com/acme/golden-path",
        "git@git.example.com:acme/Golden-Path",
    ],
)
def test_an_address_may_be_spelled_otherwise(source: str) -> None:
    assert of(answers(source=source))[0] == "pass"


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({}, "there is no .copier-answers.yml: it does not follow"),
        (answers("v1.3.9"), "it is at v1.3.9 of the template; the contract asks for v1.4.0"),
        (answers("v1.3.0-12-gabc1234"), "it is at v1.3.0 of the template"),
        (answers("v1.4.0rc1"), "it is at v1.4.0rc1"),
        (answers(source="gh:acme/golden-path"), "it follows `gh:acme/golden-path`, and the contract asks for"),
        (answers(source="/home/jane/golden-path"), "it is a path of the machine on which it was written"),
        (answers(source="'ext::sh -c id'"), "names no template that others could follow"),
        (answers(version="null"), "does not say at which version"),
        ({".copier-answers.yml": "_commit: v1.4.0\n"}, "does not say from which template"),
        ({".copier-answers.yml": "[\n"}, ".copier-answers.yml cannot be read"),
        ({".copier-answers.yml": "- a\n"}, ".copier-answers.yml cannot be read"),
    ],
)
def test_another_template_or_an_older_version_fails(files: dict[str, str | bytes | None], problem: str) -> None:
    verdict, summary = of(files)
    assert verdict == "fail"
    assert problem in summary


@pytest.mark.parametrize(
    "version", ["abc1234", "'1234567'", "0123456789abcdef0123456789abcdef01234567", "main", "HEAD"]
)
def test_a_bare_commit_is_unknown(version: str) -> None:
    verdict, reason = of(answers(version))
    assert verdict == "unknown"
    assert reason.endswith(f"only {SOURCE} knows")
