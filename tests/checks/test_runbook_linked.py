"""runbook-linked: which links lead to a runbook, and what is said of one that does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trees import InMemory, judge

if TYPE_CHECKING:
    from goldenpath.checks import Outcome

ENTITY = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
  annotations:
    ANNOTATIONS
  links:
    - title: Runbook
      url: URL
spec: {type: service, lifecycle: production, owner: retail}
"""

RUNBOOK = """\
# Runbook

## First look

Open the dashboard and see which routes fail, since when, and whether a release went out just before that.

## Rollback

Deploy the last good digest with `kubectl set image deployment/shop shop=<image>@<digest>`, wait until the rollout is
complete, then look at the error rate again.

## Escalation
"""

SLUG = "github.com/project-slug: acme/shop"
OWN = "https://github.com/acme/shop/blob/main/docs/runbook.md"


def of(url: str, *, annotations: str = SLUG, **files: str | bytes | None) -> Outcome:
    entity = ENTITY.replace("ANNOTATIONS", annotations).replace("URL", repr(url))
    tree = {path.replace("__", "/").replace("_md", ".md"): text for path, text in files.items()}
    return judge("runbook-linked", {"catalog-info.yaml": entity, **(tree or {"docs/runbook.md": RUNBOOK})})


def titled(metadata: str) -> Outcome:
    link = f"    - {{url: '{OWN}', {metadata}}}\n"
    head, _, rest = ENTITY.replace("ANNOTATIONS", SLUG).partition("    - title: Runbook\n      url: URL\n")
    return judge("runbook-linked", {"catalog-info.yaml": head + link + rest, "docs/runbook.md": RUNBOOK})


def places(outcome: Outcome) -> list[str]:
    return [f"{each.role} {each.path}:{each.line}" for each in outcome.evidence]


# ---- in this repository


@pytest.mark.parametrize(
    ("url", "annotations"),
    [
        (OWN, SLUG),
        (OWN.replace("blob", "tree"), SLUG),
        (OWN.replace("/main/", "/release/2026/10/"), SLUG),
        (OWN + "?plain=1#rollback", SLUG),
        (OWN + "#L3-L7", SLUG),
        ("https://GitHub.com/Acme/Shop/blob/main/docs/runbook.md", SLUG),
        ("https://raw.githubusercontent.com/acme/shop/refs/heads/main/docs/runbook.md", SLUG),
        ("https://git.acme.io/acme/shop/blob/main/docs/runbook.md", SLUG),
        (OWN, "backstage.io/source-location: 'url:https://github.com/acme/shop/tree/main/'"),
        (OWN, "backstage.io/source-location: 'url:https://github.com/acme/shop'"),
        (OWN, "a.io/b: the name alone speaks for it"),
        ("https://gitlab.com/acme/web/shop/-/blob/main/docs/runbook.md", "gitlab.com/project-slug: acme/web/shop"),
        ("https://bitbucket.org/acme/shop/src/main/docs/runbook.md", "bitbucket.org/project-slug: acme/shop"),
        ("https://codeberg.org/acme/shop/src/branch/main/docs/runbook.md", SLUG),
        ("https://backstage.acme.io/docs/default/component/shop/runbook/", SLUG),
        ("https://backstage.acme.io/docs/default/Component/Shop/runbook#rollback", SLUG),
        ("docs/runbook.md", SLUG),
        ("./docs/runbook.md#rollback", SLUG),
        ("/docs/runbook.md", SLUG),
        ("https://github.com/acme/shop/tree/main/docs", SLUG),
    ],
)
def test_a_link_into_this_repository_is_followed_to_the_document(url: str, annotations: str) -> None:
    outcome = of(url, annotations=annotations)
    assert (outcome.verdict, outcome.summary) == ("pass", "the runbook is docs/runbook.md")
    assert places(outcome) == ["declared catalog-info.yaml:9", "described docs/runbook.md:1"]


def test_a_section_of_the_readme_is_a_runbook() -> None:
    readme = "# Shop\n\n" + RUNBOOK.replace("\n## ", "\n### ").replace("# Runbook", "## Runbook")
    assert of("https://github.com/acme/shop#runbook", README_md=readme).verdict == "pass"


@pytest.mark.parametrize("anchor", ["", "#installation"])
def test_the_front_page_of_the_repository_is_none(anchor: str) -> None:
    assert of(f"https://github.com/acme/shop{anchor}", README_md="# Shop\n\n" + RUNBOOK).verdict == "fail"


def test_a_techdocs_page_is_made_from_the_folder_that_mkdocs_names() -> None:
    outcome = of(
        "https://backstage.acme.io/docs/default/component/shop/ops/",
        mkdocs_yml="", **{"mkdocs.yml": "docs_dir: handbook\n", "handbook__ops__index.md": RUNBOOK},
    )  # fmt: skip
    assert (outcome.verdict, outcome.summary) == ("pass", "the runbook is handbook/ops/index.md")


def test_a_document_that_is_not_there_is_named() -> None:
    outcome = of(OWN, README_md="# Shop")
    assert (outcome.verdict, places(outcome)) == ("fail", ["declared catalog-info.yaml:9", "missing docs/runbook.md:0"])


def test_a_document_that_git_does_not_track_wants_git_add(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InMemory, "stray", lambda _, path: path == "docs/runbook.md")
    outcome = of(OWN, README_md="# Shop")
    assert outcome.verdict == "fail"
    assert outcome.fix is not None
    assert outcome.fix.summary == "git add docs/runbook.md, and commit it"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("# Runbook\n\n## Rollback\n\n## Escalation\n", 1),
        ("# Runbook\n\nTODO\n", 3),
        ("# Runbook\n\n## Rollback\n\nDescribe how to roll back here.\n\n## Escalation\n\n- Step 1\n- Step 2\n", 5),
        ("# Runbook\n\nThis is a template. Fill it in before you go to production.\n\n<!--\n" + RUNBOOK + "-->\n", 3),
        ("# Runbook for ${{ values.name }}\n\nSee {{ cookiecutter.dashboard }} for whatever this is worth.\n", 3),
        ("---\n" + "title: words that nobody sees on the page\n" * 9 + "---\n# Runbook\n", 1),
        ("# Runbook\n\nAsk Jane.\n", 1),
    ],
)
def test_a_stub_is_no_runbook(text: str, line: int) -> None:
    outcome = of(OWN, docs__runbook_md=text)
    assert (outcome.verdict, outcome.summary) == ("fail", "the runbook docs/runbook.md is a stub")
    assert places(outcome) == ["declared catalog-info.yaml:9", f"described docs/runbook.md:{line}"]


def test_a_list_of_commands_is_a_runbook() -> None:
    commands = "# Runbook\n```sh\n" + "kubectl rollout undo deployment/shop --namespace retail\n" * 6 + "```\n"
    assert of(OWN, docs__runbook_md=commands).verdict == "pass"


def test_a_heading_that_the_link_names_must_be_there() -> None:
    outcome = of(OWN + "#restart")
    assert (outcome.verdict, outcome.summary) == ("fail", "docs/runbook.md has no heading `#restart`")


def test_a_section_that_the_link_names_must_say_something() -> None:
    outcome = of(OWN + "#escalation")
    assert (outcome.verdict, places(outcome)[-1]) == ("fail", "described docs/runbook.md:12")


def test_a_folder_without_documents_holds_no_runbook() -> None:
    assert of("https://github.com/acme/shop/tree/main/docs", **{"docs__logo.svg": "<svg/>"}).verdict == "fail"


@pytest.mark.parametrize("text", [None, b"%PDF-1.7 \xff\xfe"])
def test_a_document_that_cannot_be_read_is_unknown(text: bytes | None) -> None:
    outcome = of(OWN, docs__runbook_md=text)
    assert (outcome.verdict, places(outcome)[-1]) == ("unknown", "unseen docs/runbook.md:0")


@pytest.mark.parametrize("url", ["../../etc/passwd", "docs/../../runbook.md", OWN.replace("docs/", "../../")])
def test_a_link_out_of_the_tree_leads_to_no_document(url: str) -> None:
    assert of(url).verdict == "fail"


# ---- elsewhere


@pytest.mark.parametrize(
    "url",
    [
        "https://wiki.acme.io/display/SHOP/Runbook",
        "http://go/shop-runbook",
        "https://github.com/acme/runbooks/blob/main/shop.md",
        "https://github.com/acme/shop/wiki/Runbook",
        "https://portal.acme.io/docs/default/component/wiki/shop/",
        "https://www.notion.so/acme/Shop-e067465e56a14ae9b0507f",
    ],
)
def test_a_page_elsewhere_counts_and_it_is_said_that_nobody_read_it(url: str) -> None:
    outcome = of(url)
    assert (outcome.verdict, outcome.summary) == ("pass", f"the runbook lies elsewhere, and was not read: `{url}`")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://wiki.acme.io", "is the front page of a site"),
        ("https://wiki.acme.io/", "is the front page of a site"),
        ("https://example.com/runbooks/shop", "is a placeholder"),
        ("https://runbooks.example.org/shop", "is a placeholder"),
        ("http://localhost:8000/runbook", "is a placeholder"),
        ("http://127.0.0.1/runbook", "is a placeholder"),
        ("https://github.com/your-org/your-repo/blob/main/runbook.md", "is a placeholder"),
        ("https://wiki.acme.io/TODO", "is a placeholder"),
        ("https://wiki.your-company.com/runbook", "is a placeholder"),
        ("https://wiki.acme.io/${{ values.name }}", "is not filled in"),
        ("mailto:shop@acme.io", "is no web address"),
        ("https://wiki acme io/runbook", "is no web address"),
        ("file:///home/jane/runbook.md", "is no web address"),
        ("https://wiki.acme.io/" + "a/" * 100_000, "is no web address"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_to(url: str, problem: str) -> None:
    outcome = of(url)
    assert (outcome.verdict, places(outcome)) == ("fail", ["declared catalog-info.yaml:9"])
    assert problem in outcome.summary


def test_an_address_that_may_be_this_repository_is_unknown_when_nothing_is_there() -> None:
    outcome = of(OWN, annotations="a.io/b: c", README_md="# Shop")
    assert outcome.verdict == "unknown"
    assert "github.com/project-slug" in (outcome.reason or "")


# ---- which link


@pytest.mark.parametrize(
    "metadata",
    ["title: Runbook", "title: Shop play-book", "type: runbook", "type: playbook, title: Ops", "icon: runbook"],
)  # fmt: skip
def test_title_type_or_icon_call_it_a_runbook(metadata: str) -> None:
    assert titled(metadata).verdict == "pass"


@pytest.mark.parametrize("metadata", ["title: Docs", "title: Facebook", "type: docs", "icon: book"])
def test_other_links_are_none(metadata: str) -> None:
    outcome = titled(metadata)
    assert (outcome.verdict, outcome.summary) == ("fail", "no runbook is linked")


def test_one_runbook_that_is_there_is_enough() -> None:
    more = ENTITY.replace("ANNOTATIONS", SLUG).replace(
        "URL", f"{OWN}\n    - {{title: Runbook 2, url: 'https://example.com/x'}}"
    )
    assert judge("runbook-linked", {"catalog-info.yaml": more, "docs/runbook.md": RUNBOOK}).verdict == "pass"


def test_links_that_backstage_fetches_are_unknown() -> None:
    text = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: shop, links: {$yaml: ./links.yaml}}\n"
    assert judge("runbook-linked", {"catalog-info.yaml": text}).verdict == "unknown"


def test_a_runbook_that_nothing_links_does_not_count() -> None:
    text = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: shop}\nspec: {type: service}\n"
    assert judge("runbook-linked", {"catalog-info.yaml": text, "docs/runbook.md": RUNBOOK}).verdict == "fail"


# ---- as real repositories have it


def test_a_link_that_an_onboarding_script_left_unset() -> None:
    """A bank's script writes the links from environment variables; one was not set when it ran."""
    outcome = of("$RUNBOOK")
    assert outcome.verdict == "fail"


def test_a_monorepo_where_each_service_has_its_own() -> None:
    """The entity lies beside its service, and its relative links start there."""
    entity = ENTITY.replace("ANNOTATIONS", SLUG).replace("URL", "./RUNBOOK.md")
    head = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: all}\n"
    location = f"{head}spec: {{target: ./services/shop/c.yaml}}\n"
    files = {"catalog-info.yaml": location, "services/shop/c.yaml": entity, "services/shop/RUNBOOK.md": RUNBOOK}
    outcome = judge("runbook-linked", files)
    assert (outcome.verdict, outcome.summary) == ("pass", "the runbook is services/shop/RUNBOOK.md")


@pytest.mark.parametrize(
    ("there", "fix"),
    [
        (["docs/RUNBOOK.md"], "lead to docs/RUNBOOK.md, or move that to docs/runbook.md"),
        (["ops/runbook.md"], "lead to ops/runbook.md, or move that to docs/runbook.md"),
        (["a/runbook.md", "b/runbook.md"], ""),
        (["README.md"], ""),
    ],
)
def test_a_runbook_that_has_moved_is_linked_and_not_written_anew(there: list[str], fix: str) -> None:
    entity = ENTITY.replace("ANNOTATIONS", SLUG).replace("URL", OWN)
    outcome = judge("runbook-linked", {"catalog-info.yaml": entity, **dict.fromkeys(there, RUNBOOK)})
    assert outcome.summary == "the runbook's link leads to docs/runbook.md, which is not there"
    assert (outcome.fix.summary if outcome.fix else "") == (fix and f"Let the link in catalog-info.yaml {fix}")


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        ("https://github.com/acme/payments-api/wiki", "fail"),
        ("https://github.com/acme/payments-api/wiki/Home", "fail"),
        ("https://acme.atlassian.net/wiki/home", "fail"),
        ("https://gitlab.com/acme/shop/payments-api/-/wikis/home", "fail"),
        ("https://github.com/acme/payments-api/wiki/Runbook", "pass"),
        ("https://acme.atlassian.net/wiki/spaces/PAY/pages/1234567/Runbook", "pass"),
        ("https://gitlab.com/acme/shop/payments-api/-/wikis/runbook", "pass"),
    ],
)
def test_the_front_page_of_a_wiki_is_none(url: str, verdict: str) -> None:
    assert of(url).verdict == verdict
