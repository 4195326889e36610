"""`copier update`, and an honest answer afterwards: Copier ends well with conflicts, and one kind it does not report.

Where a release removes a file that the team has edited, Copier removes it, edits and all. Git calls that a conflict
("deleted by them"), and so it is left here.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from msgspec import Struct

from goldenpath.facts.template import ANSWERS
from goldenpath.lifecycle.engine import with_copier
from goldenpath.repository import InputError


class Update(Struct, frozen=True):
    """Which release a service followed, which it follows now, and the paths where somebody must decide.

    `removed` are those of the conflicts that the new release no longer has.
    """

    before: str
    after: str
    conflicts: tuple[str, ...]
    removed: tuple[str, ...]


def update(service: Path, version: str | None = None) -> Update:
    """Take a service to a release of its template, the newest unless one is named; nothing is committed.

    Raises InputError when it cannot be updated: no git work tree, uncommitted changes, no such release.
    """
    before = _answers(service)
    _git(service, "rev-parse", "--git-dir")  # Copier says of each repository that git refuses that it is none
    with_copier("an update", "run_update", service, vcs_ref=version, overwrite=True)
    removed = _keep_edited(service, before)
    unmerged = _paths(service, "diff", "--name-only", "--diff-filter=U")
    return Update(
        str(before["_commit"]), str(_answers(service)["_commit"]), tuple(sorted(set(unmerged))), tuple(removed)
    )


def _answers(service: Path) -> dict[str, Any]:
    try:
        answers: dict[str, Any] = yaml.safe_load((service / ANSWERS).read_text(encoding="utf-8"))
        source, version = answers["_src_path"], answers["_commit"]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{service / ANSWERS}:{line}: it is not valid YAML: {error.problem}") from None
    except OSError:
        raise InputError(f"{service}: there is no {ANSWERS}; an update begins where a service was made from") from None
    except (ValueError, TypeError, LookupError, yaml.YAMLError):
        raise InputError(f"{service / ANSWERS}: it does not name a release (_src_path and _commit)") from None
    if not isinstance(source, str) or not version:
        raise InputError(f"{service / ANSWERS}: _src_path and _commit are texts that name a release")
    if Path(source).is_absolute() and not Path(source).exists():
        raise InputError(
            f"{service / ANSWERS}: _src_path is {source}, which is not here; "
            "put the suite there, or write where it is now as _src_path and commit that"
        )
    return answers


def _keep_edited(service: Path, before: dict[str, Any]) -> list[str]:
    """Turn the removal of files that the team has edited into conflicts, and name them."""
    gone = _paths(service, "diff", "--name-only", "--diff-filter=D", "HEAD")
    if not gone:
        return []
    with TemporaryDirectory(prefix="goldenpath-") as folder:
        data = {name: value for name, value in before.items() if not name.startswith("_")}
        with_copier("an update", "run_copy", before["_src_path"], folder, vcs_ref=before["_commit"], data=data)
        return [path for path in gone if _keep_if_edited(service, path, Path(folder, path))]


def _keep_if_edited(service: Path, path: str, as_made: Path) -> bool:
    """Bring a file back unless it is, in bytes and mode, what the template had made; whether it was brought back.

    The index then says what a merge would: stage 1 is what the template had made, stage 2 the team's, there is no 3.
    """
    mode, _, oid = _git(service, "ls-tree", "HEAD", "--", path).partition("\t")[0].split(" ")
    base = _git(service, "hash-object", "-w", "--path", path, str(as_made))
    executable = bool(as_made.stat().st_mode & 0o100)
    if oid == base and (mode == "100755") == executable:
        return False
    _git(service, "checkout", "HEAD", "--", path)
    full = _git(service, "rev-parse", "--show-prefix") + path
    stages = (f"0 {'0' * len(oid)}", f"{mode} {base} 1", f"{mode} {oid} 2")
    _git(service, "update-index", "-z", "--index-info", given="".join(f"{stage}\t{full}\0" for stage in stages))
    return True


def _paths(service: Path, *command: str) -> list[str]:
    return [path for path in _git(service, *command, "-z", "--relative").split("\0") if path]


def _git(service: Path, *arguments: str, given: str | None = None) -> str:
    command = ["git", "-C", str(service), *arguments]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"{service}: git {arguments[0]}: {' '.join(done.stderr.split())}")
    return done.stdout.strip()
