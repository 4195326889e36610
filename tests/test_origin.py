"""Which repository was judged: the same one in every clone, however it was come by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import toolbox
from goldenpath.origin import Origin, origin_of
from goldenpath.scorecard import Judged

if TYPE_CHECKING:
    from pathlib import Path


def origin(folder: Path, commit: str | None = None) -> Origin:
    return origin_of(Judged(str(folder), commit, ""))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/README.md").write_text("# Shop\n")
    return toolbox.commit(tmp_path / "shop")


@pytest.mark.parametrize(
    "address",
    [
        "https://git.example.com/acme/shop.git",
        "https://jo:secret@git.example.com/acme/shop",
        "https://token@Git.example.com/acme/Shop.git",
        "git@git.example.com:acme/shop.git",
        "ssh://git@git.example.com/acme/shop",
    ],
)
def test_clones_of_one_address_are_one_repository_and_no_secret_is_kept(shop: Path, address: str) -> None:
    toolbox.git(shop, "remote", "add", "origin", address)
    assert origin(shop).repository == "git.example.com/acme/shop"
    assert "secret" not in repr(origin(shop))
    linked = shop.parent / "linked"
    toolbox.git(shop, "worktree", "add", "--quiet", "--detach", str(linked))
    assert origin(linked).repository == "git.example.com/acme/shop"


def test_without_an_address_the_first_commit_tells_repositories_apart(shop: Path) -> None:
    first = toolbox.git(shop, "rev-parse", "HEAD")
    assert origin(shop).repository == first
    (shop / "more").write_text("more\n")
    toolbox.commit(shop, "feat: more")
    toolbox.git(shop.parent, "clone", "--quiet", str(shop), "copy")
    toolbox.git(shop.parent, "clone", "--quiet", "--bare", str(shop), "mirror.git")
    newest = toolbox.git(shop, "rev-parse", "HEAD")
    clones = [origin(shop.parent / "copy"), origin(shop.parent / "mirror.git", newest)]
    assert [clone.repository for clone in clones] == [first, first]


def test_what_git_does_not_know_is_told_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    found = origin(tmp_path / "plain")
    assert (found.repository, found.identity) == (None, str(tmp_path / "plain"))


def test_of_a_configuration_nothing_else_is_believed(shop: Path) -> None:
    """It may name programs, and other files."""
    (shop / "elsewhere").write_text('[remote "origin"]\n\turl = https://git.example.com/acme/other\n')
    with (shop / ".git/config").open("a") as file:
        file.write(f"[include]\n\tpath = {shop}/elsewhere\n[core]\n\tfsmonitor = {shop}/run\n\tsshCommand = false\n")
    assert origin(shop).repository == toolbox.git(shop, "rev-parse", "HEAD")
