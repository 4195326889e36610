"""Finish a service: remove what was not chosen, and stamp where it comes from, so that `copier update` can follow.

Nothing is fetched: git is only asked about the clone that the template was read from. Nothing is written outside the
folder of the new service, in which Cookiecutter starts this. Cookiecutter also renders this file, so the one line below
that is its template must stay the only one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

CONTEXT = r"""{= cookiecutter | tojson =}"""
ANSWERS_FILE = ".copier-answers.yml"
SKELETONS = Path("templates", "cookiecutter")


class Origin(NamedTuple):
    """Where the service comes from: an address and a version that git can resolve there."""

    source: str
    commit: str


class Unknown(Exception):  # noqa: N818 - a state of the template, not an error
    """The service cannot follow its template; `str()` says why."""


def inside(folder: Path, path: str) -> Path:
    """A path of the service. Raises ValueError when it leads out of it."""
    found = folder / path
    if not found.parent.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{path!r} leads out of the new service")
    return found


def remove(folder: Path, paths: list[str]) -> None:
    """Remove files and folders; an empty path is one that was chosen to stay."""
    for path in filter(None, paths):
        found = inside(folder, path)
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found)
        else:
            found.unlink(missing_ok=True)


def make_executable(folder: Path, paths: list[str]) -> None:
    """Give scripts back the mode that an archive may have lost."""
    for path in paths:
        found = inside(folder, path)
        if found.is_file():
            found.chmod(found.stat().st_mode | 0o111)


def skeleton(context: dict[str, Any]) -> Path:
    """The folder that Cookiecutter read: said relative to where it was started, which it does not say."""
    said = Path(context["_repo_dir"])
    starts = [os.environ.get("PWD", ""), context["_output_dir"], str(Path(context["_output_dir"]).parent)]
    for start in filter(None, starts):
        found = Path(start, said)
        if (found / "hooks" / "post_gen_project.py").is_file():
            return found.resolve()
    raise Unknown("the template was given by a relative path that leads nowhere from here; give an absolute one")


def git(folder: Path, *arguments: str) -> str:
    """What a git command says of a folder; empty when it fails, or when there is no git."""
    hidden = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment["GIT_OPTIONAL_LOCKS"] = "0"  # or `status` would write the clone's index anew
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], env=environment, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def origin(folder: Path) -> Origin:
    """Where the skeleton in that folder can be had again, at the same version. Raises Unknown."""
    top = git(folder, "rev-parse", "--show-toplevel")
    if not top or Path(top).resolve() / SKELETONS / folder.name != folder:
        raise Unknown("the template came as an archive or a plain folder, without its git history")
    if git(folder, "status", "--porcelain", "--", top):
        raise Unknown(f"the template has changes that are not committed ({top})")
    commit = git(folder, "describe", "--tags", "--always")
    if not commit:
        raise Unknown(f"git names no version of the template ({top})")
    published = git(folder, "for-each-ref", "--contains", "HEAD", "--count", "1", "refs/remotes/origin")
    address = git(folder, "remote", "get-url", "origin") if published else ""
    return Origin(re.sub(r"^(https?://)[^/@]*@", r"\1", address) or top, commit)  # no credentials in a service


def stamp(folder: Path, source: str, commit: str) -> None:
    """Write both into the answers, as Copier does; without a commit there is none to write."""
    answers = folder / ANSWERS_FILE
    lines = answers.read_text(encoding="utf-8").splitlines()
    values = {"_commit": commit, "_src_path": source}
    written = [
        f"{name}: {scalar(values[name])}" if name in values else line
        for line in lines
        for name in [line.partition(":")[0]]
        if values.get(name, line)
    ]
    answers.write_text("\n".join(written) + "\n", encoding="utf-8", newline="\n")


def scalar(text: str) -> str:
    """A text as YAML: plain where that is safe, else quoted."""
    is_plain = re.fullmatch(r"[A-Za-z/.][\w./:@~+-]*", text) and not text.endswith(":")
    return text if is_plain else json.dumps(text)


def main() -> int:
    """Finish the service in the current folder."""
    context = json.loads(CONTEXT)
    folder = Path.cwd()
    remove(folder, context["__removed"])
    make_executable(folder, context["__executable"])
    try:
        found = origin(skeleton(context))
        stamp(folder, *found)
    except Unknown as reason:
        stamp(folder, context["__suite_source"], "")
        print(
            f"This service cannot take updates yet: {reason}.\n"
            f"Once you know the release that it was made from, write it into {ANSWERS_FILE}, as in `_commit: v1.2.0`.",
            file=sys.stderr,
        )
    print(context["__message"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
