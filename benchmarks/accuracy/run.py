"""How often the verdicts are right, on public repositories that were read by hand first.

    python benchmarks/accuracy/run.py DIRECTORY [--half HALF] [--scorecard PROGRAM] [--disagreements]

DIRECTORY holds a clone of each repository of labels.yaml as `owner+name`, bare or not, that has its commit; nothing is
fetched. Missing ones are named and left out. Beside the validator stand a careful grep, zizmor, and OpenSSF Scorecard
where its program is named. "wrong pass" is a pass that the label denies, "wrong fail" a fail that it denies; "unknown"
is the share of decidable cases that were left undecided. Exit code 1: nothing could be judged.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml
from msgspec import Struct

LABELS = Path(__file__).with_name("labels.yaml")
HALVES = (
    "open", "blind", "both", "all",
    "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth", "twenty-first", "twenty-second",
)  # fmt: skip
BAD_FIRST = ("fail", "unknown", "pass", "not-applicable")
ENVIRONMENT = {
    **os.environ,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
}

Verdicts = dict[str, str]
Judge = Callable[[Path], Verdicts]


class Repository(Struct, frozen=True):
    """A repository of labels.yaml, and where it is."""

    name: str
    commit: str
    labels: dict[str, dict[str, str]]
    path: Path


class Tally(Struct):
    """How the verdicts of one judge on one check compare with the labels."""

    right: int = 0
    wrong_pass: int = 0
    wrong_fail: int = 0
    undecided: int = 0
    labelled: int = 0
    passes: int = 0
    passes_wanted: int = 0

    def add(self, said: str, want: str) -> None:
        """Count one verdict."""
        self.labelled += 1
        self.right += said == want
        self.passes += said == "pass"
        self.passes_wanted += want == "pass"
        self.wrong_pass += said == "pass" != want
        self.wrong_fail += said == "fail" != want
        self.undecided += said == "unknown" != want

    def cells(self) -> list[str]:
        """The row of the table."""
        true_passes = self.passes - self.wrong_pass
        share = f"{self.undecided / self.labelled:.0%}"
        return [
            str(self.labelled), f"{self.right / self.labelled:.0%}", ratio(true_passes, self.passes),
            ratio(true_passes, self.passes_wanted), str(self.wrong_pass), str(self.wrong_fail), share,
        ]  # fmt: skip


def ratio(part: int, whole: int) -> str:
    """A share, or a dash where there is nothing to share."""
    return f"{part / whole:.0%}" if whole else "-"


# --- the judges


def goldenpath(repository: Repository) -> Verdicts:
    """What the validator says; of several components the worst."""
    command = [sys.executable, "-m", "goldenpath", "check", str(repository.path), "--ref", repository.commit]
    done = subprocess.run([*command, "--format", "json"], capture_output=True, text=True, check=False, env=ENVIRONMENT)
    if done.returncode not in {0, 1}:
        print(f"{repository.name}: goldenpath says: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return {}
    verdicts: Verdicts = {}
    for component in json.loads(done.stdout)["components"]:
        for check in component["checks"]:
            before = verdicts.get(check["id"], "not-applicable")
            verdicts[check["id"]] = min(before, check["verdict"], key=BAD_FIRST.index)
    return verdicts


PROVES = {
    "build-signed": r"cosign\s+sign|sign-blob|^\s*(docker_)?signs:|uses:.*(actions/attest|slsa-github-generator)"
    r"|notation\s+sign|uses:.*gh-action-pypi-publish|npm publish.*--provenance|\"provenance\":\s*true",
    "sbom-generated": r"\bsyft\b|sbom-action|^\s*sboms:|sbom:\s*true|cyclonedx|--sbom|sbom:\s*spdx",
    "provenance-verified": r"cosign\s+verify|slsa-verifier|gh attestation verify|notation.*verify",
    "tests-gate-release": r"go test|pytest|npm (run )?test|make (\S+ )*(test|check)|cargo test|mvn.*verify|gradlew?.*"
    r"(test|check|build)|dotnet test|\btox\b|\bnox\b",
    "vulnerabilities-gated": r"\bgrype\b.*--fail-on|trivy|snyk|govulncheck|osv-scanner|scan-action",
}
RELEASES = re.compile(
    r"gh release|action-gh-release|goreleaser|push: true|docker push|publish|twine|deploy", re.IGNORECASE
)


def grep(tree: Path) -> Verdicts:
    """A careful grep: files that release something, without their comments; the rest by the files' names."""
    texts = {path: text_of(path) for path in files(tree, ".github/workflows/*.y*ml", ".gitlab-ci.yml", "action.y*ml")}
    releasing = [text for text in texts.values() if RELEASES.search(text)]
    extra = files(tree, ".goreleaser*", "Makefile", "package.json", "packages/*/package.json", "scripts/*", "ci/*")
    releasing += [text_of(path) for path in extra] if releasing else []
    verdicts = {
        check: "pass" if any(re.search(pattern, text, re.MULTILINE) for text in releasing) else "fail"
        for check, pattern in PROVES.items()
    }
    uses = [use for text in texts.values() for use in re.findall(r"uses:\s*[\"']?([^\s\"'#]+)", text)]
    loose = [use for use in uses if not re.search(r"@[0-9a-f]{40}$|^\./|slsa-github-generator", use)]
    stated = all(
        re.search(r"^\s*permissions:", text, re.MULTILINE) and "write-all" not in text for text in texts.values()
    )
    locks = ["*.lock", "package-lock.json", "pnpm-lock.yaml", "go.sum"]
    bots = [".github/dependabot.y*ml", "renovate.json*", ".github/renovate.json*", ".renovaterc*"]
    catalog = "\n".join(text_of(path) for path in files(tree, "catalog-info.y*ml"))
    return verdicts | {
        "actions-pinned": "fail" if loose else "pass",
        "ci-least-privilege": "pass" if stated else "fail",
        "dependencies-locked": "pass" if files(tree, *locks) else "fail",
        "dependencies-updated": "pass" if files(tree, *bots) else "fail",
        "code-owned": "pass" if files(tree, "CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS") else "fail",
        "owner-declared": "pass" if re.search(r"^\s*owner:\s*\S", catalog, re.MULTILINE) else "fail",
        "docs-published": "pass" if "techdocs-ref" in catalog and files(tree, "mkdocs.y*ml") else "fail",
        "slo-defined": "pass" if files(tree, "slo*.y*ml", "*/slo*.y*ml", "openslo/*") else "fail",
        "burn-rate-alerts": "pass"
        if any("burn" in text_of(path) for path in files(tree, "*slo*", "*alert*"))
        else "fail",
    }


def files(tree: Path, *patterns: str) -> list[Path]:
    """The files that match, none that leads out of the tree."""
    return [
        path for pattern in patterns for path in sorted(tree.glob(pattern)) if path.is_file() and not path.is_symlink()
    ]


def text_of(path: Path) -> str:
    """A file without its comments."""
    return re.sub(r"(^|\s)#.*", "", path.read_text(encoding="utf-8", errors="replace"))


PRIVILEGE = {
    "excessive-permissions", "dangerous-triggers", "template-injection", "secrets-inherit", "bot-conditions",
    "undocumented-permissions", "overprovisioned-secrets",
}  # fmt: skip


def zizmor(tree: Path) -> Verdicts:
    """What zizmor objects to, offline, of medium severity or more."""
    program = shutil.which("zizmor", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if program is None or not (tree / ".github").is_dir():
        return {}
    command = [
        program,
        "--offline",
        "--format",
        "json",
        "--min-severity",
        "medium",
        "--no-progress",
        "--no-config",
        ".",
    ]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    try:
        found = {finding["ident"] for finding in json.loads(done.stdout)}
    except json.JSONDecodeError:
        return {"actions-pinned": "unknown", "ci-least-privilege": "unknown"}
    return {
        "actions-pinned": "fail" if "unpinned-uses" in found else "pass",
        "ci-least-privilege": "fail" if found & PRIVILEGE else "pass",
    }


SCORECARD = {
    "Pinned-Dependencies": "actions-pinned",
    "Token-Permissions": "ci-least-privilege",
    "Dependency-Update-Tool": "dependencies-updated",
}
"""The checks of Scorecard that answer on a local folder; `SBOM` and `Signed-Releases` ask GitHub what was released."""


def scorecard(program: str) -> Judge:
    """OpenSSF Scorecard on a local folder; a full score is a pass, no score is unknown."""

    def judge(tree: Path) -> Verdicts:
        command = [program, "--local", str(tree), "--format", "json", "--checks", ",".join(SCORECARD)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
        try:
            checks = json.loads(done.stdout)["checks"]
        except (json.JSONDecodeError, KeyError):
            return {}
        verdicts = {SCORECARD[check["name"]]: check["score"] for check in checks if check["name"] in SCORECARD}
        return {
            check: "unknown" if score < 0 else "pass" if score == 10 else "fail" for check, score in verdicts.items()
        }

    return judge


# --- the table


def unpack(repository: Repository, tree: Path) -> None:
    """Lay the files of a commit into a folder; what a partial clone lacks stays missing."""
    git = ["git", "-C", str(repository.path), f"--work-tree={tree}"]
    environment = {**ENVIRONMENT, "GIT_INDEX_FILE": str(tree.parent / "index")}
    subprocess.run([*git, "read-tree", repository.commit], check=True, env=environment, capture_output=True)
    subprocess.run([*git, "checkout-index", "--all", "--force"], check=False, env=environment, capture_output=True)


def judged(repository: Repository, judges: dict[str, Judge]) -> dict[str, Verdicts]:
    """What everyone says of one repository."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        tree.mkdir()
        unpack(repository, tree)
        return {"goldenpath": goldenpath(repository), **{name: judge(tree) for name, judge in judges.items()}}


def present(directory: Path, half: str) -> list[Repository]:
    """The labelled repositories that are in the directory with their commit. Exits where one is labelled twice."""
    found = []
    labelled = yaml.safe_load(LABELS.read_text(encoding="utf-8"))["repositories"]
    if twice := [name for name, times in Counter(each["repository"] for each in labelled).items() if times > 1]:
        sys.exit(f"{LABELS}: labelled twice: {', '.join(twice)}")
    for each in labelled:
        path = directory / each["repository"].replace("/", "+")
        command = ["git", "-C", str(path), "cat-file", "-e", f"{each['commit']}^{{commit}}"]
        if half != "all" and each["half"] not in ({"open", "blind"} if half == "both" else {half}):
            continue
        if not path.is_dir() or subprocess.run(command, capture_output=True, check=False, env=ENVIRONMENT).returncode:
            print(f"{each['repository']}: {each['commit']} is not in {path}", file=sys.stderr)
            continue
        found.append(Repository(each["repository"], each["commit"], each["labels"], path))
    return found


def print_table(repositories: list[Repository], said: list[dict[str, Verdicts]]) -> None:
    """Print how everyone fares, check by check."""
    print("| check | judge | labelled | right | precision | recall | wrong pass | wrong fail | unknown |")
    print("| --- | --- | --: | --: | --: | --: | --: | --: | --: |")
    for check in dict.fromkeys(check for each in repositories for check in each.labels):
        for judge in said[0]:
            tally = Tally()
            for repository, verdicts in zip(repositories, said, strict=True):
                if check in repository.labels and check in verdicts.get(judge, {}):
                    tally.add(verdicts[judge][check], repository.labels[check]["verdict"])
            if tally.labelled:
                print("|", " | ".join([check, judge, *tally.cells()]), "|")


def print_disagreements(repositories: list[Repository], said: list[dict[str, Verdicts]]) -> None:
    """Print where the validator and the labels differ, wrong passes first."""
    lines = []
    for repository, verdicts in zip(repositories, said, strict=True):
        for check, label in repository.labels.items():
            verdict = verdicts["goldenpath"].get(check, "none")
            if verdict != label["verdict"]:
                rank = ("pass", "fail", "unknown", "not-applicable", "none").index(verdict)
                lines.append(
                    (rank, f"{repository.name}: {check}: {verdict}, not {label['verdict']}: {label['because']}")
                )
    print(*(line for _, line in sorted(lines)), sep="\n")


def main() -> int:
    """Judge what is there, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--half", choices=HALVES, default="both")
    parser.add_argument("--scorecard", metavar="PROGRAM", help="OpenSSF Scorecard's program")
    parser.add_argument("--disagreements", action="store_true", help="name each verdict that differs from its label")
    options = parser.parse_args()
    repositories = present(options.directory, options.half)
    if not repositories:
        print("no labelled repository is there", file=sys.stderr)
        return 1
    judges: dict[str, Judge] = {"grep": grep, "zizmor": zizmor}
    if options.scorecard:
        judges["scorecard"] = scorecard(options.scorecard)
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda repository: judged(repository, judges), repositories))
    print_table(repositories, said)
    if options.disagreements:
        print()
        print_disagreements(repositories, said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
