"""A repository is read the same from disk, from git's objects and bare; reading it runs nothing and never leaves it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from goldenpath import git as private_git
from goldenpath.repository import MAX_BYTES, InputError, Missing, Place, Repository, Unreadable, open_repository
from toolbox import commit, git

EVERYTHING = re.compile(r"(?s).*")


def write(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def contents(repository: Repository) -> dict[str, str]:
    return {path: repository.text(path) for path in repository.paths(EVERYTHING)}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A work tree of two commits; the second is tagged v2 and checked out."""
    tree = write(tmp_path / "work", {"README.md": "one\n", "docs/index.md": "index\n", ".gitignore": "build/\n"})
    commit(tree, "feat: one", tag="v1")
    write(tree, {"README.md": "two\n", "build/out.txt": "never\n"})
    return commit(tree, "feat: two", tag="v2")


# What belongs to a tree


def test_a_folder_without_git_is_walked_with_its_ignore_files(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "a", "deep/b.txt": "b", "deep/.gitignore": "*.log", "deep/x.log": "x"})
    with open_repository(tmp_path) as repository:
        assert contents(repository) == {"a.txt": "a", "deep/.gitignore": "*.log", "deep/b.txt": "b"}
        assert repository.commit is None


def test_a_work_tree_shows_tracked_files_as_they_stand_on_disk(work: Path) -> None:
    write(work, {"README.md": "changed\n", "untracked.txt": "untracked"})
    (work / "docs/index.md").unlink()
    with open_repository(work) as repository:
        assert contents(repository) == {".gitignore": "build/\n", "README.md": "changed\n"}
        assert repository.stray("untracked.txt")
        assert not repository.stray("README.md")
        assert not repository.stray("../work/untracked.txt/..")
        assert not repository.is_folder("docs")


def test_a_folder_of_tracked_files_is_no_file_that_git_was_not_told_of(work: Path) -> None:
    with open_repository(work) as repository:
        assert not repository.stray("docs")


def test_a_work_tree_with_nothing_tracked_is_walked(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    write(tmp_path, {"a.txt": "a", "b.log": "b", ".gitignore": "*.log"})
    with open_repository(tmp_path) as repository:
        assert list(repository.paths(EVERYTHING)) == [".gitignore", "a.txt"]


def test_an_ignored_folder_of_a_work_tree_can_be_judged_by_itself(work: Path) -> None:
    with open_repository(work / "build") as repository:
        assert contents(repository) == {"out.txt": "never\n"}


def test_a_subdirectory_is_a_tree_of_its_own(work: Path) -> None:
    for ref in None, "HEAD":
        with open_repository(work / "docs", ref) as repository:
            assert contents(repository) == {"index.md": "index\n"}
            assert not repository.stray("../README.md")


@pytest.mark.parametrize("ref", ["HEAD~1", "v1", "refs/tags/v1", "short", "old", "origin/old"])
def test_a_ref_is_read_without_a_checkout(work: Path, ref: str) -> None:
    oid = git(work, "rev-parse", "v1")
    git(work, "branch", "old", oid)
    git(work, "update-ref", "refs/remotes/origin/old", oid)
    with open_repository(work, oid[:8] if ref == "short" else ref) as repository:
        assert repository.commit == oid
        assert repository.text("README.md") == "one\n"
        assert not repository.stray("build/out.txt")


def test_directory_ref_and_bare_show_the_same_files(work: Path, tmp_path: Path) -> None:
    git(work, "gc", "--quiet")  # packed refs and packed objects
    git(tmp_path, "clone", "--quiet", "--bare", str(work), "bare.git")
    on_disk = contents(open_repository(work))
    for path, ref in [(work, "HEAD"), (work, "v2"), (work / ".git", None), (tmp_path / "bare.git", None)]:
        with open_repository(path, ref) as repository:
            assert contents(repository) == on_disk, (path, ref)


def test_linked_work_trees_and_submodules_are_work_trees(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GIT_EXEC_PATH")  # which leads to programs without `git submodule`
    git(work, "worktree", "add", "--quiet", str(tmp_path / "linked"), "v1")
    for ref in None, "HEAD":
        with open_repository(tmp_path / "linked", ref) as repository:
            assert repository.text("README.md") == "one\n"
    outer = commit(write(tmp_path / "outer", {"a.txt": "a"}))
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(work), "inner")
    with open_repository(outer) as repository:
        assert list(repository.paths(EVERYTHING)) == [".gitmodules", "a.txt"]
        assert "inner/README.md" not in repository
        assert "inner" not in repository
    with open_repository(outer / "inner", "HEAD") as repository:
        assert repository.text("README.md") == "two\n"


@pytest.mark.parametrize("how", ["sha256", "shared", "split index", "sparse index", "detached", "intent to add"])
def test_every_shape_of_a_git_directory_is_read(work: Path, tmp_path: Path, how: str) -> None:
    tree = work
    if how == "sha256":
        tree = tmp_path / "sha256"
        shutil.copytree(work, tree, ignore=shutil.ignore_patterns(".git"))
        git(tmp_path, "init", "--quiet", "--object-format=sha256", str(tree))
        commit(tree)
    elif how == "shared":
        tree = tmp_path / "shared"
        git(tmp_path, "clone", "--quiet", "--shared", str(work), str(tree))
    elif how == "split index":
        git(tree, "update-index", "--split-index")
    elif how == "sparse index":
        git(tree, "sparse-checkout", "set", "--cone", "--sparse-index")
        git(tree, "sparse-checkout", "disable")
        git(tree, "sparse-checkout", "init", "--cone", "--sparse-index")
        git(tree, "checkout", "HEAD", "--", ".")
    elif how == "detached":
        git(tree, "checkout", "--quiet", "--detach")
    elif how == "intent to add":
        write(tree, {"new.txt": "new"})
        git(tree, "add", "--intent-to-add", "new.txt")
        with open_repository(tree) as repository:
            assert repository.text("new.txt") == "new"
    with open_repository(tree) as repository:
        assert repository.text("README.md") == "two\n"
        assert "docs/index.md" in repository.entries
    with open_repository(tree, "HEAD") as repository:
        assert repository.text("docs/index.md") == "index\n"


def test_reftable_is_read_or_refused_by_a_git_that_does_not_know_it(tmp_path: Path) -> None:
    made = subprocess.run(
        ["git", "init", "--quiet", "--ref-format=reftable", tmp_path], capture_output=True, check=False
    )
    if made.returncode:  # git before 2.45
        git(tmp_path, "init", "--quiet")
    commit(write(tmp_path, {"a.txt": "a"}))
    if made.returncode:
        with (tmp_path / ".git/config").open("a") as config:
            config.write("[extensions]\n\trefStorage = reftable\n")
        with pytest.raises(InputError, match=r"its refs are a reftable, which git reads from 2\.45 on"):
            open_repository(tmp_path, "HEAD")
        return
    for ref in None, "HEAD":
        with open_repository(tmp_path, ref) as repository:
            assert contents(repository) == {"a.txt": "a"}


def test_the_index_is_read_even_when_the_format_of_the_refs_is_unknown(work: Path) -> None:
    with (work / ".git/config").open("a") as config:
        config.write("[extensions]\n\trefStorage = reftable\n")
    with open_repository(work) as repository:
        assert repository.text("README.md") == "two\n"


# What cannot be judged


def test_what_cannot_be_judged_is_refused_with_a_remedy(work: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "plain").mkdir()
    git(tmp_path, "init", "--quiet", "empty")
    git(tmp_path, "init", "--quiet", "--bare", "empty.git")
    for path, ref, sentence in [
        (Path("/"), None, "that is all of this system's files; name the folder of a repository"),
        (tmp_path / "none", None, "there is no such directory"),
        (tmp_path / "file", None, "not a directory; name a directory or a git repository"),
        (tmp_path / "plain", "main", "not a git repository, so there is no 'main' in it; leave --ref away"),
        (tmp_path / "empty", "HEAD", "it has no commit yet"),
        (tmp_path / "empty.git", None, "it has no commit yet"),
        (work, "v9", "'v9' is no commit, branch or tag of it (git fetch brings what is missing)"),
        (work, "--all", "'--all' is no commit, branch or tag"),
        (work, "HEAD:README.md", "'HEAD:README.md' is no commit, branch or tag"),
    ]:
        with pytest.raises(InputError) as refused:
            open_repository(path, ref)
        assert sentence in str(refused.value)


@pytest.mark.parametrize("head", [b"", b"garbage\n", b"ref: main\n", b"\xff\x00"])
def test_a_head_that_names_nothing_hides_no_other_commit(head: bytes, work: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(work), "bare.git")
    for folder, file in (work, work / ".git/HEAD"), (tmp_path / "bare.git", tmp_path / "bare.git/HEAD"):
        file.write_bytes(head)
        with open_repository(folder, "main") as repository:
            assert repository.text("README.md")
    with open_repository(work) as repository:  # what its index has
        assert "README.md" in repository
    with pytest.raises(InputError, match=r"bare.git: it has no commit yet, or HEAD names .*; name a commit with --ref"):
        open_repository(tmp_path / "bare.git")


def test_an_interrupt_leaves_no_private_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    begun = private_git.Git()
    unlink, interrupts = Path.unlink, iter([KeyboardInterrupt])

    def interrupted(path: Path) -> None:
        for interrupt in interrupts:
            raise interrupt
        unlink(path)

    monkeypatch.setattr(Path, "unlink", interrupted)
    with pytest.raises(KeyboardInterrupt):
        begun.close()
    assert list(tmp_path.iterdir()) == []


def test_without_git_nothing_can_be_judged(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(work))
    with pytest.raises(InputError, match="git is not installed"):
        open_repository(work)


def test_a_directory_that_may_not_be_read_is_an_input_error(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "is_dir", refuse)
    with pytest.raises(InputError, match=r"work: it cannot be read \(Permission denied\)"):
        open_repository(work)


# What a file may be


def test_text_is_utf8_without_its_mark(tmp_path: Path) -> None:
    (tmp_path / "bom.txt").write_bytes("\N{BYTE ORDER MARK}é".encode())
    with open_repository(tmp_path) as repository:
        assert repository.text("bom.txt") == "é"
        with pytest.raises(Missing):
            repository.text("none.txt")


def test_what_cannot_be_read_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "latin1").write_bytes(b"a\nb\xe9\n")
    (tmp_path / "nul").write_bytes(b"a\n\n\0\n")
    (tmp_path / "swapped").write_bytes(b"")
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 30)
    with open_repository(tmp_path) as repository:
        (tmp_path / "swapped").unlink()
        os.mkfifo(tmp_path / "swapped")
        for path, reason in [
            ("latin1", "it is not UTF-8 text (line 2)"),
            ("nul", "it holds a NUL byte (line 3)"),
            ("swapped", "it is not a regular file"),
            (
                "sparse",
                f"it is too large to be configuration (1,073,741,824 bytes; goldenpath reads up to {MAX_BYTES:,})",
            ),
        ]:
            with pytest.raises(Unreadable) as unreadable:
                repository.text(path)
            assert str(unreadable.value) == reason
        (tmp_path / "swapped").unlink()
        (tmp_path / "swapped").mkdir()
        with pytest.raises(Unreadable, match="it is not a regular file"):
            repository.bytes("swapped")

        def refuse(path: str, _flags: int) -> int:
            raise PermissionError(13, "Permission denied", path)

        monkeypatch.setattr(os, "open", refuse)
        with pytest.raises(Unreadable, match=r"it cannot be opened \(Permission denied\)"):
            repository.bytes("nul")


def test_a_large_object_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    commit(tmp_path)
    monkeypatch.setattr(private_git.Git, "content", lambda *_: pytest.fail("it was read"))
    with open_repository(tmp_path, "HEAD") as repository, pytest.raises(Unreadable, match="too large"):
        repository.bytes("large")


def test_an_object_that_is_missing_is_out_of_sight(work: Path) -> None:
    oid = git(work, "rev-parse", "HEAD:README.md")
    (work / ".git/objects" / oid[:2] / oid[2:]).unlink()
    with open_repository(work, "HEAD") as repository:
        with pytest.raises(Unreadable, match="its object is missing from the repository"):
            repository.text("README.md")
        assert repository.text("docs/index.md") == "index\n"


def test_a_name_that_is_no_utf8_has_a_name_that_can_be_printed(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    Path(os.fsdecode(name)).write_text("e acute")
    (tmp_path / "link").symlink_to(os.fsdecode(b"caf\xe9.txt"))
    expected = {"caf\\xe9.txt": "e acute", "link": "e acute"}
    with open_repository(tmp_path) as repository:
        assert contents(repository) == expected
    commit(tmp_path)
    for ref in None, "HEAD":
        with open_repository(tmp_path, ref) as repository:
            assert contents(repository) == expected
            repository.location.encode()


# Links


@pytest.mark.parametrize("ref", [None, "HEAD"])
def test_links_are_followed_inside_the_tree_only(tmp_path: Path, ref: str | None) -> None:
    outside = write(tmp_path, {"outside/secret.txt": "secret"}) / "outside"
    tree = write(tmp_path / "tree", {"a.txt": "a", "folder/b.txt": "b"})
    links = {
        "inside": "a.txt",
        "folder/up": "../a.txt",
        "linked": "folder",
        "chain": "linked/up",
        "absolute": str(outside / "secret.txt"),
        "relative": "../outside/secret.txt",
        "gone": "nowhere.txt",
        "circle": "circle",
        "round": "trip",
        "trip": "round",
        "out": "../outside",
        "git": ".git/config",
        "self": ".",
    }
    for name, target in links.items():
        (tree / name).symlink_to(target)
    commit(tree)
    with open_repository(tree, ref) as repository:
        assert repository.find("inside") == repository.find("folder/up") == repository.find("chain") == "a.txt"
        assert repository.text("linked/b.txt") == "b"
        assert repository.is_folder("linked")
        assert repository.is_folder("folder/")
        assert not repository.is_folder("out")
        assert not repository.is_folder("circle")
        for name in ["absolute", "relative", "gone", "circle", "round", "git", "self"]:
            assert name not in repository
            with pytest.raises(Unreadable, match="a link that leads out of the repository, in a circle or nowhere"):
                repository.text(name)
        for path in [
            "out/secret.txt",
            "../outside/secret.txt",
            str(outside / "secret.txt"),
            "linked/none",
            "",
            "folder",
        ]:
            assert path not in repository
            with pytest.raises(Missing):
                repository.text(path)


def test_a_chain_of_links_has_an_end(tmp_path: Path) -> None:
    write(tmp_path, {"0": "zero"})
    for number in range(1, 12):
        (tmp_path / str(number)).symlink_to(str(number - 1))
    with open_repository(tmp_path) as repository:
        assert repository.text("7") == "zero"
        assert "11" not in repository


def test_a_tracked_file_or_folder_that_became_a_link_leads_nowhere_outside(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"a.txt": "secret"})
    tree = commit(write(tmp_path / "tree", {"folder/a.txt": "a", "b.txt": "b"}))
    shutil.rmtree(tree / "folder")
    (tree / "folder").symlink_to(outside)
    (tree / "b.txt").unlink()
    (tree / "b.txt").symlink_to(outside / "a.txt")
    with open_repository(tree) as repository:
        assert not list(repository.paths(EVERYTHING))
        assert not repository.is_folder("folder")
        assert not repository.stray("folder/a.txt")


def test_a_tracked_link_that_became_a_folder_is_no_file(tmp_path: Path) -> None:
    tree = write(tmp_path, {"docs/a.txt": "a"})
    (tree / "link").symlink_to("docs")
    commit(tree)
    (tree / "link").unlink()
    write(tree, {"link/a.txt": "untracked"})
    with open_repository(tree) as repository:
        assert "link/a.txt" not in repository
        assert "link" not in repository


# What git must not do


@pytest.fixture
def trap(work: Path, tmp_path: Path) -> Path:
    """Everything in a repository that git would run or read for its owner; the path appears when anything was run."""
    sprung = tmp_path / "sprung"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{sprung}'\n")
    program.chmod(0o755)
    (tmp_path / "included").write_text(f"[core]\n\tfsmonitor = {program}\n")
    with (work / ".git/config").open("a") as config:
        config.write(f"""
[core]
    fsmonitor = {program}
    hooksPath = {tmp_path}
    pager = {program}
    sshCommand = {program}
    worktree = {tmp_path}
    alternateRefsCommand = {program}
[include]
    path = {tmp_path}/included
[alias]
    ls-files = !{program}
    rev-parse = !{program}
[extensions]
    partialClone = origin
[remote "origin"]
    url = ext::{program}
    promisor = true
[filter "trap"]
    smudge = {program}
    clean = {program}
    process = {program}
[diff "trap"]
    textconv = {program}
[uploadpack]
    packObjectsHook = {program}
[protocol "ext"]
    allow = always
""")
    (work / ".git/info").mkdir(exist_ok=True)
    (work / ".git/info/attributes").write_text("* filter=trap diff=trap\n")
    for hook in ("post-index-change", "reference-transaction", "post-checkout", "fsmonitor-watchman"):
        (work / ".git/hooks").mkdir(exist_ok=True)
        shutil.copy(program, work / ".git/hooks" / hook)
    return sprung


@pytest.mark.parametrize("ref", [None, "HEAD"])
def test_nothing_of_a_repository_is_executed(work: Path, trap: Path, ref: str | None) -> None:
    oid = git(work, "-c", "core.fsmonitor=false", "-c", "core.worktree=.", "rev-parse", "HEAD:docs/index.md")
    (work / ".git/objects" / oid[:2] / oid[2:]).unlink()  # a promisor remote would be asked for it
    trap.unlink(missing_ok=True)
    with open_repository(work, ref) as repository:
        assert repository.text("README.md") == "two\n"
        if ref:
            with pytest.raises(Unreadable, match="missing"):
                repository.text("docs/index.md")
    assert not trap.exists()
    subprocess.run(["git", "status"], cwd=work, capture_output=True, check=False)
    assert trap.exists(), "the trap does not work, so nothing was proved"


def test_a_replaced_object_is_not_what_was_committed(work: Path) -> None:
    git(work, "replace", "v2", "v1")
    with open_repository(work, "v2") as repository:
        assert repository.text("README.md") == "two\n"


def test_the_users_own_git_environment_plays_no_part(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text(
        "[core]\n\texcludesFile = /dev/null\n\tquotePath = true\n[log]\n\tshowSignature = true\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nowhere"))
    for ref in None, "HEAD":
        with open_repository(work, ref) as repository:
            assert repository.text("README.md") == "two\n"


def test_nothing_is_left_behind(work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    before = {path: path.stat().st_mtime_ns for path in work.rglob("*")}
    for ref in None, "HEAD":
        with open_repository(work, ref) as repository:
            contents(repository)
    with pytest.raises(InputError):
        open_repository(work, "none")
    assert not list(temporary.iterdir())
    assert {path: path.stat().st_mtime_ns for path in work.rglob("*")} == before


def test_a_forked_process_reads_for_itself_and_closes_nothing_of_the_others(work: Path) -> None:
    with open_repository(work, "HEAD") as repository:
        assert repository.text("README.md") == "two\n"
        process = os.fork()
        if not process:
            with repository:
                read = repository.text("docs/index.md")
            os._exit(read != "index\n")
        assert os.waitpid(process, 0)[1] == 0
        assert contents(repository)["docs/index.md"] == "index\n"


@pytest.mark.parametrize("ref", [None, "HEAD"])
def test_git_that_does_not_answer_is_not_waited_for(
    work: Path, ref: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_git, "SECONDS", 1)
    if ref:
        oid = git(work, "rev-parse", "HEAD:README.md")
        path = work / ".git/objects" / oid[:2] / oid[2:]
        path.unlink()
        os.mkfifo(path)
        with open_repository(work, ref) as repository, pytest.raises(Unreadable, match=r"git|object"):
            repository.text("README.md")
    else:
        shutil.rmtree(work / ".git")
        (work / "docs/.gitignore").unlink(missing_ok=True)
        os.mkfifo(work / "docs/.gitignore")
        with pytest.raises(InputError, match="took longer than 1 s"):
            open_repository(work)


@pytest.mark.parametrize("name", ["index", "packed-refs", "HEAD", "config", "commondir"])
def test_named_pipes_in_a_git_directory_do_not_make_us_wait(
    work: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_git, "SECONDS", 5)
    (work / ".git" / name).unlink(missing_ok=True)
    os.mkfifo(work / ".git" / name)
    with open_repository(work) as repository:
        assert "README.md" in repository


def test_a_place_is_written_as_editors_read_it() -> None:
    assert str(Place("a.txt")) == "a.txt"
    assert str(Place("a.txt", 3)) == "a.txt:3"
    assert str(Place("a.txt", 3, 9)) == "a.txt:3:9"
