"""The suite as it lies on disk and as it was released, in a repository of its own that engines can be pointed at.

What an organisation chooses is not kept in its services, but in its copy of the suite: so a service that follows such a
choice is updated from a suite in which that choice stands, at every version.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
from io import BytesIO
from json import dumps
from typing import TYPE_CHECKING

from msgspec import to_builtins

from goldenpath.authoring.cookiecutter import SKELETONS
from goldenpath.authoring.options import Answer, of_organization
from goldenpath.facts.sources import parse_version
from goldenpath.questionnaire import SOURCE, Questionnaire, read
from goldenpath.repository import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NEXT = "v9999.0.0"
"""What the suite as it lies on disk is tagged as: newer than every release."""

READ_BY_ENGINES = ("copier.yml", "cookiecutter.json", "hooks", "templates", "CHANGELOG.md")
"""What makes a suite; the rest of its repository is nothing to those who make services."""

_ALONE = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0"}
_NOBODY = ("-c", "user.name=goldenpath", "-c", "user.email=goldenpath@localhost", "-c", "core.fsmonitor=false")


def releases(root: Path) -> list[str]:
    """The tags of the suite that are versions, the oldest first. Raises InputError where it is no git repository."""
    found = {}
    for tag in git(root, "tag", "--list").split():
        try:
            found[parse_version(tag)] = tag
        except ValueError:
            continue
    return [found[version] for version in sorted(found)]


def snapshot(root: Path, versions: list[str], folder: Path) -> Path:
    """A bare repository with these releases and, as NEXT, the suite as it lies on disk, whether committed or not."""
    suite = folder / "suite.git"
    git(folder, "clone", "--quiet", "--bare", "--no-tags", "--shared", str(root.resolve()), str(suite))
    for version in versions:
        git(suite, "fetch", "--quiet", "--no-tags", str(root.resolve()), f"refs/tags/{version}:refs/tags/{version}")
    beside = {"GIT_DIR": str(suite), "GIT_WORK_TREE": str(root.resolve()), "GIT_INDEX_FILE": str(folder / "index")}
    there = [name for name in READ_BY_ENGINES if (root / name).exists()]
    git(root, "add", "--all", "--", *there, environment=beside)
    tree = git(root, "write-tree", environment=beside)
    commit = git(suite, "commit-tree", tree, "-m", "the suite as it lies on disk")
    git(suite, "update-ref", f"refs/tags/{NEXT}", commit)
    git(suite, "update-ref", "refs/heads/main", commit)
    git(suite, "symbolic-ref", "HEAD", "refs/heads/main")
    return suite


def questionnaire(suite: Path, version: str, folder: Path) -> Questionnaire:
    """The questionnaire of a version, which is unpacked into a folder. Raises InputError."""
    packed = subprocess.run(
        ["git", "-C", str(suite), "archive", "--format=tar", version, SOURCE, "templates/questions"],
        env=os.environ | _ALONE, capture_output=True, check=False,
    )  # fmt: skip
    if packed.returncode:
        raise InputError(f"{version}: it is no version of this suite ({packed.stderr.decode().strip()})")
    with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return read(folder)


def of_another_organization(
    suite: Path, questionnaires: Mapping[str, Questionnaire], answers: Mapping[str, Answer], folder: Path
) -> Path:
    """The suite of an organisation that has made these choices, at each of the versions. Raises InputError."""
    own = folder / "own.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(own))
    (own / "objects/info/alternates").write_text(f"{suite / 'objects'}\n", encoding="utf-8")
    stream = b""
    for number, (version, asked) in enumerate(questionnaires.items(), 1):
        commit = git(suite, "rev-parse", f"{version}^{{commit}}")
        stream += f"commit refs/heads/main\nmark :{number}\ncommitter goldenpath <> 0 +0000\ndata 0\n".encode()
        stream += f"from {commit}\nD {SKELETONS}\n".encode()  # for Copier alone, which clones all that is there
        text = git(suite, "show", f"{version}:{SOURCE}") + _choosing(asked, answers)
        stream += f"M 100644 inline {SOURCE}\ndata {len(text.encode())}\n{text}\n".encode()
        stream += f"reset refs/tags/{version}\nfrom :{number}\n\n".encode()
    git(own, "fast-import", "--quiet", "--force", given=stream)
    return own


def _choosing(asked: Questionnaire, answers: Mapping[str, Answer]) -> str:
    """What below copier.yml makes these choices its defaults: of two questions of one name the last counts."""
    chosen = {}
    for name, value in of_organization(answers, asked):
        said = to_builtins(asked.questions[name])
        chosen[name] = {key: each for key, each in said.items() if each not in ("", [], None)} | {"default": value}
    return f"\n---\n{dumps(chosen)}\n"


def git(
    folder: Path,
    *arguments: str,
    environment: dict[str, str] | None = None,
    given: bytes | None = None,
) -> str:
    """What git prints, without anybody's configuration. Raises InputError with its own words."""
    done = subprocess.run(
        ["git", "-C", str(folder), *_NOBODY, *arguments],
        env=os.environ | _ALONE | (environment or {}), input=given, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise InputError(f"{folder}: git {arguments[0]}: {done.stderr.decode('utf-8', 'backslashreplace').strip()}")
    return done.stdout.decode("utf-8", "backslashreplace").strip()
