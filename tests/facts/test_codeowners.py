"""CODEOWNERS as the forges read it."""

from __future__ import annotations

import re
import time

import pytest

from goldenpath.facts.codeowners import Codeowners, codeowners, expression
from goldenpath.repository import Entry, Repository
from trees import InMemory, repository


def read(text: str, *paths: str, at: str = ".github/CODEOWNERS") -> Codeowners:
    return codeowners(repository({at: text, **dict.fromkeys(paths, "")}))


def owners(text: str, path: str, at: str = ".github/CODEOWNERS") -> list[str]:
    """The owners of a path, of all sections."""
    ((_, rules),) = read(text, path, at=at).deciding([path])
    return [owner.text for rule in rules for owner in rule.owners]


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("*", "a a/b a/b/c .github/x", ""),
        ("*.py", "a.py x/a.py x/y/a.py x.py/y", "a.pyc a"),
        ("docs", "docs docs/a x/docs x/docs/a", "docs.md xdocs"),
        ("/docs", "docs docs/a/b", "x/docs docs.md"),
        ("docs/", "docs/a x/docs/a/b", "docs x/docs"),
        ("/docs/", "docs/a docs/a/b", "docs x/docs/a"),
        ("docs/*", "docs/a", "docs/a/b x/docs/a docs"),
        ("/*", "a", "a/b"),
        ("/docs/*.md", "docs/a.md", "docs/x/a.md docs/a.rst"),
        ("apps/**/test", "apps/test apps/a/test apps/a/b/test/c", "test apps/a/tests x/apps/test"),
        ("**/logs", "logs a/logs a/b/logs/c", "log"),
        ("a/**", "a/b a/b/c", "a x/a/b"),
        ("**", "a a/b", ""),
        ("a?c", "abc x/abc/d", "ac abbc"),
        ("a*b*c", "abc axbxc aabbcc/d", "ac abd"),
        (r"a\ b", "a|b", "a"),
        ("/app/[id]/page.tsx", "app/[id]/page.tsx", "app/i/page.tsx"),
        ("a.c", "a.c", "abc"),
    ],
)
def test_a_github_pattern_matches(pattern: str, matching: str, other: str) -> None:
    matcher = re.compile(expression(pattern, "github"), re.DOTALL)
    for path in matching.split():
        assert matcher.fullmatch(path.replace("|", " ")), path
    for path in other.split():
        assert not matcher.fullmatch(path), path


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("*", "a a/b", ""),
        ("README.md", "README.md a/README.md", "a/README.md/b"),
        ("docs/", "docs/a x/docs/a/b", "docs"),
        ("/docs/*", "docs/a", "docs/a/b"),
        ("model/db", "model/db x/model/db", "model/db/a"),
        ("/config/**/*.rb", "config/a.rb config/x/y/a.rb", "lib/a.rb"),
    ],
)
def test_a_gitlab_pattern_matches(pattern: str, matching: str, other: str) -> None:
    matcher = re.compile(expression(pattern, "gitlab"), re.DOTALL)
    assert all(matcher.fullmatch(path) for path in matching.split())
    assert not any(matcher.fullmatch(path) for path in other.split())


def test_the_last_rule_that_matches_decides() -> None:
    text = "* @acme/all\n/src/ @acme/src\n*.md @jane docs@acme.io\n/src/vendor/\n"
    assert owners(text, "Makefile") == ["@acme/all"]
    assert owners(text, "src/a.py") == ["@acme/src"]
    assert owners(text, "src/README.md") == ["@jane", "docs@acme.io"]
    assert owners(text, "src/vendor/x") == []


def test_comments_end_a_line_and_places_are_exact() -> None:
    (rule,) = read("# all\n\n  *  @acme/all #@acme/nobody @x\n").rules
    assert (rule.place.line, rule.place.column) == (3, 3)
    assert [(owner.text, owner.kind, owner.place.column) for owner in rule.owners] == [("@acme/all", "team", 6)]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("@acme/payments", "is an owner where a pattern belongs"),
        ("*@acme/payments", "a blank is missing after `*`"),
        ("!/docs/ @acme/docs", "knows no negation"),
        ("*.[ch] @acme/c", "`[ ]` is no range"),
        ("[Section] @acme/c", "`[ ]` is no range"),
        ("a***b @acme/c", "is no pattern"),
        ("/ @acme/c", "is no pattern"),
        ("* acme/payments", "`acme/payments` is no owner"),
        ("* @acme/payments, @acme/sre", "`@acme/payments,` is no owner"),
        ("* @jane@joe", "`@jane@joe` is no owner"),
        ("* @{{ cookiecutter.owner }}", "is no owner"),
        ("* @acme/a/b", "`@acme/a/b` is no owner"),
    ],
)
def test_a_line_that_github_skips_is_named(line: str, problem: str) -> None:
    found = read(line + "\n/fine/ @acme/fine\n")
    assert problem in found.invalid[0].text
    assert found.invalid[0].place.line == 1
    assert [rule.pattern for rule in found.rules] == ["/fine/"]


def test_gitlab_has_sections_with_owners_of_their_own() -> None:
    text = "* @acme\n[Docs][2] @acme/docs\n*.md\n/api/*.md @acme/api\n"
    text += "^[Database] @dba\ndb/\n!db/seeds/\n[docs]\n*.rst @@maintainer\n"
    where = ".gitlab/CODEOWNERS"
    assert owners(text, "README.md", where) == ["@acme", "@acme/docs"]
    assert owners(text, "api/x.md", where) == ["@acme", "@acme/api"]
    assert owners(text, "db/schema.sql", where) == ["@acme", "@dba"]
    assert owners(text, "db/seeds/a.sql", where) == ["@acme"]
    assert owners(text, "x.rst", where) == ["@acme", "@@maintainer"]
    assert not read(text, at=where).invalid


def test_a_slash_alone_is_everything_on_gitlab() -> None:
    assert owners("/ @acme/all\n/docs/ @acme/docs\n", "src/.hidden", ".gitlab/CODEOWNERS") == ["@acme/all"]
    assert not read("/ @acme/all\n", at=".gitlab/CODEOWNERS").invalid


@pytest.mark.parametrize(
    ("files", "forge", "path"),
    [
        (["CODEOWNERS", "docs/CODEOWNERS"], "github", "CODEOWNERS"),
        ([".github/CODEOWNERS", "CODEOWNERS"], "github", ".github/CODEOWNERS"),
        (["docs/CODEOWNERS"], "github", "docs/CODEOWNERS"),
        ([".gitlab/CODEOWNERS", "docs/CODEOWNERS"], "gitlab", "docs/CODEOWNERS"),
        ([".gitlab-ci.yml", ".gitlab/CODEOWNERS"], "gitlab", ".gitlab/CODEOWNERS"),
        ([".gitlab-ci.yml", ".github/CODEOWNERS"], "github", ".github/CODEOWNERS"),
        (["src/CODEOWNERS", "CODEOWNERS.md", "codeowners", ".github/CODEOWNERS.yml"], "github", None),
    ],
)
def test_the_forge_reads_the_first_place_that_has_one(files: list[str], forge: str, path: str | None) -> None:
    found = codeowners(repository(dict.fromkeys(files, "* @acme/all")))
    assert (found.forge, found.path) == (forge, path)
    assert path or set(found.strays) == set(files)


def test_what_cannot_be_read_is_unseen() -> None:
    assert codeowners(repository({"CODEOWNERS": None})).unseen
    assert codeowners(repository({"CODEOWNERS": b"* @\xff"})).unseen
    assert "Gitea" in str(codeowners(repository({".gitea/CODEOWNERS": ".* @acme"})).unseen)
    link = Repository("", {".github/CODEOWNERS": Entry("120000")}, InMemory({}))
    assert "symbolic link" in str(codeowners(link).unseen)


def test_many_files_and_patterns_made_to_backtrack_end_soon() -> None:
    evil = "**/a*a*a*a*a*a*a*a*a*a*b @x\n**/a/**/a/**/a/**/a/**/a/**/b @x\n"
    paths = ["a" * 250 + "/" + "a" * 250, "a/" * 500 + "x", *(f"src/p{n % 50}/f{n}.py" for n in range(20_000))]
    text = "* @acme/all\n" + "".join(f"/src/p{n}/ @acme/t{n}\n" for n in range(50)) + evil
    started = time.perf_counter()
    decided = dict(read(text, *paths).deciding(paths))
    assert decided["src/p7/f7.py"][0].pattern == "/src/p7/"
    assert decided[paths[0]][0].pattern == "*"
    assert time.perf_counter() - started < 10


def test_more_wildcards_than_can_be_matched_are_out_of_sight() -> None:
    unseen = read("".join(f"/{'a*' * 30}{n} @acme/shop\n" for n in range(1_000))).unseen
    assert unseen is not None
    assert "20,000 wildcards" in unseen.text


def test_a_file_that_github_does_not_load_owns_nothing() -> None:
    text = "* @acme/shop\n" + "# why\n" * 600_000
    assert (read(text).rules, len(read(text).invalid)) == ((), 1)
    assert read(text, at=".gitlab/CODEOWNERS").rules


def test_a_pattern_longer_than_any_path_is_none() -> None:
    assert read(f"/{'a' * 5_000} @acme/shop\n* @acme/shop\n").invalid
