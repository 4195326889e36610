"""What `goldenpath adopt` does to public repositories: the tier before and after, and that nothing but files is added.

    python benchmarks/adopt/run.py DIRECTORY [NAME ...] [--keep FOLDER]

DIRECTORY holds a clone of each repository of repositories.yaml as `owner+name` (bare, or with the bare one in `repo`);
nothing is fetched. Each is cloned from there at its commit, adopted, and adopted again, which must change nothing.
`--keep` is where the results stay to be read. Exit code 1: somebody's line was changed, or a second run added more.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import yaml
from msgspec import Struct, convert

from goldenpath.adoption.history import history
from goldenpath.adoption.lay import lay
from goldenpath.adoption.plan import Plan, planned
from goldenpath.adoption.steps import next_steps
from goldenpath.adoption.survey import survey
from goldenpath.facts import Facts
from goldenpath.repository import open_repository

if TYPE_CHECKING:
    from goldenpath.scorecard import Scorecard

ROOT = Path(__file__).parents[2]
REPOSITORIES = Path(__file__).with_name("repositories.yaml")
TEAM = {"owner": "payments", "oncall": "PABC123", "chat": "payments"}
"""What nobody but a team knows, where its repository does not say it; invented here."""


class Repository(Struct, frozen=True):
    """A repository of repositories.yaml."""

    repository: str
    commit: str
    language: str


def git(folder: Path, *arguments: str) -> str:
    """Run git and return what it prints."""
    own = ("-c", "user.name=adopt", "-c", "user.email=adopt@example.org", "-c", "advice.detachedHead=false")
    return subprocess.run(
        ["git", "-C", str(folder), *own, *arguments], check=True, capture_output=True, text=True
    ).stdout


def suite(folder: Path) -> Path:
    """This repository's last commit, as a release of the suite."""
    git(folder, "clone", "--quiet", "--single-branch", str(ROOT), "suite")
    git(folder / "suite", "tag", "v99.0.0")  # the newest, whatever there is
    return folder / "suite"


def cloned(each: Repository, directory: Path, folder: Path) -> Path | None:
    """A work tree of the repository at its commit, as if it had been cloned from GitHub; None where it is not there."""
    source = directory / each.repository.replace("/", "+")
    source = source / "repo" if (source / "repo").is_dir() else source
    if not source.is_dir():
        return None
    target = folder / each.repository.partition("/")[2]
    git(folder, "clone", "--quiet", "--no-checkout", str(source), str(target))
    git(target, "checkout", "--quiet", each.commit)
    git(target, "remote", "set-url", "origin", f"https://github.com/{each.repository}.git")
    return target


def unsaid(target: Path) -> list[str]:
    """The answers that the repository does not give itself."""
    with open_repository(target) as repository:
        said = survey(repository, Facts(repository), history(target)).answers
    return [f"{name}={value}" for name, value in TEAM.items() if name not in said]


def adopted(target: Path, source: Path) -> tuple[Plan, str]:
    """Adopt a repository; the plan, and what is wrong with the result (empty where nothing is)."""
    plan = planned(target, unsaid(target), str(source), None, "standard", ask=False)
    lay(target, plan.files)
    git(target, "add", "--all")
    changed = git(target, "diff", "--cached", "--name-status", "--no-renames", "HEAD").splitlines()
    wrong = [line for line in changed if not line.startswith("A\t")]
    git(target, "commit", "--quiet", "--message", "feat: adopt the golden path")
    again = planned(target, (), str(source), None, "standard", ask=False)
    wrong += [f"again\t{path}" for path in again.files]
    return plan, ", ".join(wrong)


def met(scorecard: Scorecard) -> str:
    """The tier, and how many checks of the first component are met, of those that are asked."""
    checks = [each for each in scorecard.components[0].checks if each.verdict != "not-applicable"]
    return f"{scorecard.tier or 'none'} ({sum(each.met for each in checks)} of {len(checks)})"


def row(each: Repository, plan: Plan, wrong: str) -> str:
    """The row of the table."""
    steps = next_steps(plan)
    proven = [result.id for result in plan.signing.results if result.verdict == "pass"] if plan.signing else []
    lines = sum(len(addition.lines) for addition in plan.signing.additions) if plan.signing else 0
    release = "laid" if ".github/workflows/release.yml" in plan.files else ""
    if plan.signing:
        release = f"own; {lines} lines to paste: {', '.join(proven) or 'rest out of sight'}"
    release = release or next(item.why for item in plan.left_out if item.path.endswith("release.yml"))
    cells = (
        each.language, f"{each.repository}@{each.commit[:7]}", met(plan.before), met(plan.after),
        str(len(plan.files)), release, str(len(steps)), wrong or "additions only",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Adopt them all and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("directory", type=Path)
    arguments.add_argument("names", nargs="*")
    arguments.add_argument("--keep", type=Path)
    options = arguments.parse_args()
    print("| language | repository | before | after | files | release | steps left | git diff |")
    print("| --- | --- | --- | --- | --: | --- | --: | --- |")
    failed = False
    with TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        source = suite(folder)
        for each in convert(yaml.safe_load(REPOSITORIES.read_text(encoding="utf-8")), list[Repository]):
            if options.names and each.repository not in options.names:
                continue
            target = cloned(each, options.directory, folder)
            if target is None:
                print(f"{each.repository}: not in {options.directory}", file=sys.stderr)
                continue
            plan, wrong = adopted(target, source)
            failed |= bool(wrong)
            print(row(each, plan, wrong), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
