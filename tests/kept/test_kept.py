"""An unchanged repository is not judged twice, and one that has changed in anything is: as a user sees it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import goldenpath
from toolbox import commit, git

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGES = Path(goldenpath.__file__).parents[1]
SHA = "3d3c42e5aac5ba805825da76410c181273ba90b1"
WORKFLOW = f"on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@{SHA}\n"
ENTITY = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: payments-api}
spec: {type: service, lifecycle: production, owner: group:default/payments}
"""
CONTRACT = """\
apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: 1, owner: group:platform}
spec:
  tiers: [bronze, silver]
  checks:
    owner-declared: {tier: bronze}
    actions-pinned: [{tier: bronze}, {tier: silver, from: 2027-01-01}]
"""
LOADED = """
import sys
from goldenpath.cli import main
code = main()
print(*sys.modules, sep="\\n", file=sys.stderr)
sys.exit(code)
"""
"""The command, and which modules it has loaded."""

JUDGES = "goldenpath.contract"
"""What is loaded where something is judged, and only there."""


class Seen:
    """A run of the command: its exit code, its report, and whether it judged."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.modules = done.stderr.split("\n")
        self.code = done.returncode
        self.out = done.stdout
        assert self.code in {0, 1}, done.stderr

    @property
    def judged(self) -> bool:
        return JUDGES in self.modules

    @property
    def verdicts(self) -> dict[str, str]:
        return {each["id"]: each["verdict"] for each in json.loads(self.out)["components"][0]["checks"]}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def check(home: Path) -> Callable[..., Seen]:
    """Run `goldenpath check` of a user whose folder is `home`, in JSON."""

    def run(*arguments: str | Path, cwd: Path | None = None, **environment: str) -> Seen:
        surroundings = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PACKAGES),
            "HOME": str(home),
            **environment,
        }
        command = [sys.executable, "-c", LOADED, "check", "--format", "json", *arguments]
        return Seen(subprocess.run(command, cwd=cwd, env=surroundings, capture_output=True, text=True, check=False))

    return run


@pytest.fixture
def service(tmp_path: Path) -> Path:
    tree = tmp_path / "service"
    (tree / ".github/workflows").mkdir(parents=True)
    (tree / ".github/workflows/ci.yml").write_text(WORKFLOW)
    (tree / "catalog-info.yaml").write_text(ENTITY)
    (tree / "acme.yaml").write_text(CONTRACT)
    (tree / ".goldenpath.yaml").write_text("contract: acme.yaml\n")
    return commit(tree)


def entries(home: Path) -> list[Path]:
    return [path for path in (home / ".cache").rglob("*") if path.is_file()]


# --- what is kept


def test_the_second_check_of_an_unchanged_repository_judges_nothing(check: Callable[..., Seen], service: Path) -> None:
    first, second = check(service), check(service)
    assert first.judged
    assert not second.judged
    assert (second.code, second.out) == (first.code, first.out)
    spine = ("goldenpath.checks.", "goldenpath.facts.", "yaml")
    loaded = {name for name in second.modules if name.startswith(spine)}
    assert loaded <= {"goldenpath.facts.regexes"}


def test_formats_outputs_and_tiers_share_one_judgement(check: Callable[..., Seen], service: Path, home: Path) -> None:
    check(service)
    assert not check(service, "--format", "text", "--output", home / "report.txt").judged
    unmet = check(service, "--tier", "silver")
    assert (unmet.code, unmet.judged) == (1, False)
    assert "acme asks nothing for" not in "\n".join(unmet.modules)
    assert len(entries(home)) == 1


def test_a_commit_is_not_judged_twice_and_another_one_is(
    check: Callable[..., Seen], service: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(service), "service.git")
    bare = tmp_path / "service.git"
    assert check(bare).judged
    assert not check(bare).judged
    (service / ".github/workflows/ci.yml").write_text(WORKFLOW.replace(SHA, "v4"))
    commit(service, "ci: a tag")
    git(service, "push", "--quiet", str(bare), "HEAD:" + git(service, "branch", "--show-current"))
    again = check(bare)
    assert again.judged
    assert again.verdicts["actions-pinned"] == "fail"


def test_a_day_on_which_the_contract_asks_for_the_same_changes_the_date_only(
    check: Callable[..., Seen], service: Path
) -> None:
    check(service, "--as-of", "2026-11-01")
    later = check(service, "--as-of", "2026-12-31")
    assert not later.judged
    assert json.loads(later.out)["as_of"] == "2026-12-31"
    assert later.out == check(service, "--as-of", "2026-12-31", "--no-cache").out


@pytest.mark.parametrize("way", [("2026-12-31", "2027-01-01"), ("2027-01-01", "2026-12-31")])
def test_a_day_on_which_the_contract_asks_for_something_else_is_judged(
    check: Callable[..., Seen], service: Path, way: tuple[str, str]
) -> None:
    before, after = (check(service, "--as-of", day) for day in way)
    assert after.judged
    assert json.loads(before.out)["tier"] != json.loads(after.out)["tier"]


# --- what is judged anew


def changes() -> Iterator[tuple[str, Callable[[Path], object]]]:
    workflow, pinned = ".github/workflows/ci.yml", SHA

    def same_size_and_time(tree: Path) -> None:
        path = tree / workflow
        before = path.stat()
        path.write_text(WORKFLOW.replace(pinned, "v4".ljust(len(pinned), "x")))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert path.stat().st_size == before.st_size

    def link(tree: Path) -> None:
        (tree / "elsewhere.yml").write_text(WORKFLOW.replace(pinned, "v4"))
        (tree / workflow).unlink()
        (tree / workflow).symlink_to("../../elsewhere.yml")

    def behind_git(tree: Path) -> None:
        git(tree, "update-index", "--assume-unchanged", workflow)
        (tree / workflow).write_text(WORKFLOW.replace(pinned, "v4"))

    def another(tree: Path) -> None:
        (tree / ".github/workflows/release.yml").write_text(WORKFLOW.replace(pinned, "v4"))
        git(tree, "add", "--all")

    def renamed(tree: Path) -> None:
        git(tree, "mv", "catalog-info.yaml", "Catalog-Info.yaml")

    yield "a file of the same size and time", same_size_and_time
    yield "a link in place of a file", link
    yield "a file that git is told to take for unchanged", behind_git
    yield "a file more", another
    yield "a file that is gone", lambda tree: (tree / workflow).unlink()
    yield "a file whose name is spelt otherwise", renamed
    yield "a file that may not be read", lambda tree: os.truncate(tree / workflow, 2 << 20)
    yield (
        "the contract of the repository",
        lambda tree: (tree / "acme.yaml").write_text(
            CONTRACT.replace("owner-declared:", "code-owned: {tier: bronze}\n    owner-declared:")
        ),
    )
    yield "the choice of a contract", lambda tree: (tree / ".goldenpath.yaml").write_text("contract: standard\n")


@pytest.mark.parametrize(("change"), [pytest.param(change, id=name) for name, change in changes()])
def test_what_has_changed_is_judged_as_if_nothing_were_kept(
    check: Callable[..., Seen], service: Path, change: Callable[[Path], object]
) -> None:
    before = check(service)
    change(service)
    after = check(service)
    assert after.judged
    assert after.out == check(service, "--no-cache").out != before.out


def test_a_link_that_leads_elsewhere_now_is_judged(check: Callable[..., Seen], service: Path) -> None:
    workflow = service / ".github/workflows/ci.yml"
    (service / "good.yml").write_text(WORKFLOW)
    (service / "bad.yml").write_text(WORKFLOW.replace(SHA, "v4"))
    workflow.unlink()
    workflow.symlink_to("../../good.yml")
    commit(service, "ci: a link")
    assert check(service).verdicts["actions-pinned"] == "pass"
    assert not check(service).judged
    workflow.unlink()
    workflow.symlink_to("../../bad.yml")
    assert check(service).verdicts["actions-pinned"] == "fail"


def test_a_file_that_stands_untracked_where_one_is_wanted_is_seen(check: Callable[..., Seen], tmp_path: Path) -> None:
    (tmp_path / "service").mkdir()
    (tmp_path / "service/README.md").write_text("# Payments\n")
    service = commit(tmp_path / "service")
    before = check(service)
    (service / "catalog-info.yaml").write_text(ENTITY)
    after = check(service)
    assert after.judged
    assert after.out != before.out


def test_a_contract_that_is_handed_over_counts_by_its_text(
    check: Callable[..., Seen], service: Path, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(CONTRACT)
    for options, environment in ((("--contract", rules), {}), ((), {"GOLDENPATH_CONTRACT": str(rules)})):
        (service / ".goldenpath.yaml").write_text("{}\n")
        rules.write_text(CONTRACT)
        assert check(service, *options, **environment).judged
        assert not check(service, *options, **environment).judged
        rules.write_text(CONTRACT.replace("owner-declared: {tier: bronze}", "code-owned: {tier: bronze}"))
        changed = check(service, *options, **environment)
        assert changed.judged
        assert "code-owned" in changed.verdicts


def test_a_contract_that_extends_another_counts_by_the_text_of_both(
    check: Callable[..., Seen], service: Path, tmp_path: Path
) -> None:
    (service / ".goldenpath.yaml").write_text("{}\n")
    base, rules = tmp_path / "base.yaml", tmp_path / "rules.yaml"
    base.write_text(CONTRACT)
    rules.write_text(CONTRACT.partition("spec:")[0] + "spec: {extends: base.yaml}\n")
    assert check(service, "--contract", rules).judged
    assert not check(service, "--contract", rules).judged
    base.write_text(CONTRACT.replace("owner-declared: {tier: bronze}", "code-owned: {tier: bronze}"))
    changed = check(service, "--contract", rules)
    assert changed.judged
    assert "code-owned" in changed.verdicts


def test_what_is_handed_in_counts_by_its_content(check: Callable[..., Seen], service: Path, tmp_path: Path) -> None:
    ci = tmp_path / "ci"
    (ci / ".github/workflows").mkdir(parents=True)
    shared = ci / ".github/workflows/build.yml"
    shared.write_text(WORKFLOW.replace("on: push", "on: workflow_call"))
    entity = tmp_path / "entity.yaml"
    entity.write_text(ENTITY)
    (service / ".github/workflows/ci.yml").write_text(
        f"on: push\njobs:\n  build:\n    uses: acme/ci/.github/workflows/build.yml@{SHA}\n"
    )
    options = ("--contract", "standard", "--source", f"acme/ci={ci}", "--entity", entity)
    first = check(service, *options)
    assert not check(service, *options).judged
    shared.write_text(shared.read_text().replace(SHA, "v4"))
    second = check(service, *options)
    assert second.judged
    entity.write_text(ENTITY.replace("group:default/payments", "''"))
    third = check(service, *options)
    assert third.judged
    assert third.out != first.out


def test_a_source_in_which_something_is_looked_for_may_change_in_all_else(
    check: Callable[..., Seen], service: Path
) -> None:
    metric = "http_server_request_duration_seconds"
    slow = f"histogram_quantile(0.95, sum by (le) (rate({metric}_bucket[5m]))) > 0.25"
    (service / "alerts.yaml").write_text(f"groups: [{{name: a, rules: [{{alert: Slow, expr: '{slow}'}}]}}]\n")
    (service / "requirements.txt").write_text("opentelemetry-instrumentation-fastapi>=0.66b2\n")
    (service / "acme.yaml").write_text(CONTRACT.replace("owner-declared", "latency-p95-measured"))
    source = service / "app.py"
    source.write_text("NAME = 1\n")
    commit(service, "feat: an app")
    assert check(service).verdicts["latency-p95-measured"] == "unknown"
    source.write_text("import os\n\nNAME = 2\n")
    assert not check(service).judged
    source.write_text('import os\n\nos.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http"\n')
    after = check(service)
    assert after.judged
    assert after.verdicts["latency-p95-measured"] == "pass"
    assert not check(service).judged


def test_what_is_asked_differently_is_judged(check: Callable[..., Seen], service: Path) -> None:
    check(service)
    assert check(service, "--component", "payments-api").judged
    assert check(service, "--changed", service / "catalog-info.yaml").judged
    assert not check(service, "--changed", service / "catalog-info.yaml").judged
    assert check(service, "--changed", service / "acme.yaml").judged
    assert check(service, "--ref", "HEAD").judged


def test_a_repository_with_waivers_is_judged_each_time(check: Callable[..., Seen], service: Path, home: Path) -> None:
    (service / ".goldenpath.yaml").write_text(
        "contract: acme.yaml\nwaivers:\n  - {check: owner-declared, reason: later, requested_by: user:a, "
        "requested: 2026-11-01, expires: 2026-12-01}\n"
    )
    assert check(service).judged
    assert check(service).judged
    assert not entries(home)


def test_a_goldenpath_that_has_just_changed_keeps_nothing(
    check: Callable[..., Seen], service: Path, tmp_path: Path, home: Path
) -> None:
    ours = Path(goldenpath.__file__).parent
    shutil.copytree(ours, tmp_path / "theirs/goldenpath", ignore=shutil.ignore_patterns("__pycache__"))
    theirs = {"PYTHONPATH": str(tmp_path / "theirs")}
    assert check(service, **theirs).judged
    assert not entries(home)
    check(service)
    assert check(service, **theirs).judged


def test_a_fleet_is_not_judged_twice_either(tmp_path: Path, service: Path, home: Path) -> None:
    surroundings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGES), "HOME": str(home)}
    command = "import sys; from goldenpath.cli import main; code = main(); print('promql_parser' in sys.modules, code)"

    def rollout() -> str:
        plan = tmp_path / "plan.md"
        run = [sys.executable, "-c", command, "rollout", str(service), "--output", str(plan)]
        done = subprocess.run(run, env=surroundings, capture_output=True, text=True, check=True)
        return done.stdout + plan.read_text()

    (service / "alerts.yaml").write_text("groups: [{name: a, rules: [{alert: A, expr: up == 0}]}]\n")
    commit(service, "feat: an alert")
    first, second = rollout(), rollout()
    assert first.startswith("True 0\n")
    assert second == first.replace("True", "False", 1)
    (service / "catalog-info.yaml").unlink()
    assert rollout().partition("\n")[2] != first.partition("\n")[2]


# --- where it is kept


def test_only_its_owner_can_look_at_the_store(check: Callable[..., Seen], service: Path, home: Path) -> None:
    check(service)
    folder = home / ".cache/goldenpath"
    assert {path.stat().st_mode & 0o077 for path in [folder, *folder.rglob("*")]} == {0}


def pipe(entry: Path) -> None:
    entry.unlink()
    os.mkfifo(entry)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda entry: entry.chmod(0o644), id="others may read it"),
        pytest.param(lambda entry: entry.parents[1].chmod(0o777), id="others may write there"),
        pytest.param(lambda entry: entry.write_bytes(b""), id="empty"),
        pytest.param(lambda entry: entry.write_bytes(entry.read_bytes()[:-1]), id="cut off"),
        pytest.param(lambda entry: entry.write_bytes(entry.read_bytes().replace(b"fail", b"pass")), id="edited"),
        pytest.param(lambda entry: (entry.unlink(), entry.mkdir()), id="a folder"),
        pytest.param(pipe, id="a pipe"),
        pytest.param(lambda entry: (entry.rename(f"{entry}x"), entry.symlink_to(f"{entry}x")), id="a link"),
        pytest.param(lambda entry: os.utime(entry, (1, 1)), id="old"),
        pytest.param(lambda entry: os.utime(entry, (1e11, 1e11)), id="of the future"),
    ],
)
def test_what_cannot_be_trusted_is_as_none(
    check: Callable[..., Seen], service: Path, home: Path, spoil: Callable[[Path], object]
) -> None:
    (service / ".github/workflows/ci.yml").write_text(WORKFLOW.replace(SHA, "v4"))
    first = check(service)
    (entry,) = entries(home)
    spoil(entry)
    second = check(service)
    assert second.judged
    assert second.out == first.out


def test_an_entry_counts_only_where_it_was_put(check: Callable[..., Seen], service: Path, home: Path) -> None:
    check(service)
    (good,) = entries(home)
    check(service, "--component", "payments-api")
    (other,) = set(entries(home)) - {good}
    shutil.copy2(good, other)
    assert check(service, "--component", "payments-api").judged


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_what_belongs_to_somebody_else_is_as_none(check: Callable[..., Seen], service: Path, home: Path) -> None:
    check(service)
    (entry,) = entries(home)
    os.chown(entry, 12345, 12345)
    assert check(service).judged
    assert not check(service).judged
    os.chown(home / ".cache/goldenpath", 12345, 12345)
    assert check(service).judged


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"GOLDENPATH_NO_CACHE": "1"}, id="turned off"),
        pytest.param({"HOME": ""}, id="no home"),
        pytest.param({"HOME": "/nonexistent"}, id="a home that is not there"),
        pytest.param({"HOME": "/proc"}, id="a home that cannot be written"),
        pytest.param({"XDG_CACHE_HOME": "/dev/null"}, id="a place that is no folder"),
        pytest.param({"GOLDENPATH_DEBUG": "1"}, id="debugging"),
    ],
)
def test_without_a_place_nothing_is_kept_and_nothing_said(
    check: Callable[..., Seen], service: Path, home: Path, environment: dict[str, str]
) -> None:
    for _ in range(2):
        seen = check(service, **environment)
        assert seen.judged
        assert not [line for line in seen.modules if line.startswith("goldenpath: ")]
    assert not entries(home)
    assert not Path("/nonexistent").exists()


def test_the_store_is_never_in_what_is_judged(check: Callable[..., Seen], service: Path) -> None:
    (service / "docs").mkdir()
    (service / "docs/index.md").write_text("# Payments\n")
    commit(service, "docs: begin")
    cache = {"XDG_CACHE_HOME": str(service / ".cache")}
    for folder in (service, service / "docs"):
        assert check(folder, **cache).judged
        assert check(folder, **cache).judged
    assert not (service / ".cache").exists()


def test_a_current_folder_that_is_gone_is_said_as_ever(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = "import os, sys; os.rmdir(os.getcwd()); from goldenpath.cli import main; sys.exit(main(['check']))"
    surroundings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGES), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=gone, env=surroundings, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr


def test_no_cache_neither_reads_nor_writes(check: Callable[..., Seen], service: Path, home: Path) -> None:
    assert check(service, "--no-cache").judged
    assert not entries(home)
    check(service)
    assert check(service, "--no-cache").judged
