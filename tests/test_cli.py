"""The command line as a shell sees it: exit codes, streams, and sentences that say what to do."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import goldenpath
from goldenpath.checks import shipped_ids
from goldenpath.cli import FORMATS, main
from toolbox import ROOT, commit

COMMAND = [sys.executable, "-m", "goldenpath"]

CONTRACT = """\
apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: 7, owner: group:platform}
spec:
  tiers: [bronze, silver]
  checks:
    actions-pinned: [{tier: bronze, from: 2026-01-01}, {tier: silver, from: 2027-01-01}]
"""
ENTITY = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: payments-api}
spec: {type: service, lifecycle: production, owner: group:default/payments}
"""
WORKFLOW = """\
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@%s
"""


def surroundings(**more: str) -> dict[str, str]:
    """What a command needs of its surroundings to run, installed or not, and nothing that would change what it says."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(goldenpath.__file__).parents[1]), **more}


def run(*arguments: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    command = [*COMMAND, *arguments]
    return subprocess.run(
        command, cwd=cwd, env=surroundings(**environment), capture_output=True, text=True, check=False
    )


def write(tree: Path, pinned: bool = True) -> Path:
    (tree / ".github/workflows").mkdir(parents=True)
    (tree / ".github/workflows/ci.yml").write_text(
        WORKFLOW % ("3d3c42e5aac5ba805825da76410c181273ba90b1" if pinned else "v4")
    )
    (tree / "catalog-info.yaml").write_text(ENTITY)
    (tree / ".goldenpath.yaml").write_text("contract: acme.yaml\n")
    (tree / "acme.yaml").write_text(CONTRACT)
    return tree


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write(tmp_path / "good")


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return write(tmp_path / "bad", pinned=False)


# Verdicts


def test_exit_codes_are_met_not_met_and_unusable(good: Path, bad: Path) -> None:
    assert [run("check", tree).returncode for tree in (good, bad, good / "none")] == [0, 1, 2]
    assert [run("check", good, "--tier", tier).returncode for tier in ("bronze", "silver", "gold")] == [0, 1, 2]


def test_without_a_path_it_is_the_current_directory(good: Path, bad: Path) -> None:
    assert [run("check", cwd=tree).returncode for tree in (good, bad)] == [0, 1]


def test_as_of_judges_by_the_rules_of_a_day(good: Path, bad: Path) -> None:
    report = run("check", good, "--as-of", "2027-01-01", "--tier", "silver")
    assert (report.returncode, "as of 2027-01-01" in report.stdout) == (0, True)
    assert (
        "From 2027-01-01: actions-pinned is required for silver; it does not pass today"
        in run("check", bad, "--as-of", "2026-11-24").stdout
    )


def test_directory_bare_and_ref_have_the_same_verdicts(bad: Path, tmp_path: Path) -> None:
    commit(bad)
    subprocess.run(["git", "clone", "--quiet", "--bare", bad, tmp_path / "bare.git"], check=True)
    reports = [
        json.loads(run("check", *arguments, "--format", "json").stdout)
        for arguments in (
            [bad],
            [bad, "--ref", "HEAD"],
            [tmp_path / "bare.git"],
            [tmp_path / "bare.git", "--ref", "HEAD"],
        )
    ]
    commits = [report.pop("repository")["commit"] for report in reports]
    commands = [report["components"][0]["next"].pop("command") for report in reports]
    assert all(report == reports[0] for report in reports)
    assert commands[1] == f"goldenpath explain actions-pinned {bad} --ref HEAD"
    assert reports[0]["tier"] is None
    assert commits[0] is None
    assert len(set(commits[1:])) == 1


# Usage


def test_the_folder_in_which_one_stands_is_not_called_by_a_full_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["explain", "owner-declared", "."]) == 0
    assert "In this folder" in capsys.readouterr().out


def test_options_may_stand_between_a_check_and_a_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "owner-declared", "--contract", "starter", str(tmp_path)]) == 0
    assert "It does not hold here" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["chek"], "invalid choice: 'chek'"),
        (["check", "--fromat", "json"], "--fromat; did you mean --format?; see goldenpath check --help"),
        (["check", ".", "-tier", "gold"], "-tier gold; did you mean --tier?; see goldenpath check --help"),
        (["waiver", "list", ".", "--since", "1"], "arguments: --since 1; see goldenpath waiver list --help"),
        (["check", "--ref"], "argument --ref: expected one argument; see goldenpath check --help"),
        (["check", "--re", "main"], "unrecognized arguments: --re"),
        (["check", "--format", "yaml"], "argument --format: invalid choice: 'yaml'"),
        (["check", "--as-of", "tomorrow"], "argument --as-of: 'tomorrow' is not a date; write it as YYYY-MM-DD"),
        (["check", "--as-of", "20270101"], "'20270101' is not a date; write it as YYYY-MM-DD"),
        (["check", "--as-of", "2027-02-30"], "'2027-02-30' is not a date; write it as YYYY-MM-DD"),
        (["check", "--tier", "platinum"], "--tier platinum: the contract 'acme' has bronze, silver"),
        (["check", "--tier", ""], "--tier (empty): the contract 'acme' has bronze, silver"),
        (["check", ""], "argument PATH: it is empty; name a directory, or leave it out for the current one"),
        (["check", "none"], "none: there is no such directory"),
        (["check", "acme.yaml"], "acme.yaml: not a directory; name a directory or a git repository"),
        (["check", "--ref", "main"], "not a git repository, so there is no 'main' in it; leave --ref away"),
        (["check", "--contract", "none.yaml"], "--contract: there is no file 'none.yaml'"),
        (["check", "--contract", "stander"], "--contract: there is no contract 'stander'; did you mean 'standard'?"),
        (["check", "--output", "none/x"], "--output none/x: it cannot be written (No such file or directory)"),
        (["check", "--output", "."], "--output .: it cannot be written (Is a directory)"),
        (["check", "--output", "acme.yaml/x"], "--output acme.yaml/x: it cannot be written (Not a directory)"),
        (["check", "--output", ""], "--output names no file (an empty variable?)"),
        (["check", "--format", "json", "--format", "text"], "json and text cannot both go to standard output"),
        (["check", "--output", "-", "--format", "text", "--output", "-"], "text and text cannot both go to standard"),
        (["check", "--output", "a", "--format", "json", "--output", "./a"], "two reports cannot go to one file"),
        (["check", "--format", "json", "--output", "a", "--output", "b"], "--output b: json goes to a already; name"),
        (["explain", "action-pinned"], "there is no check 'action-pinned'; did you mean actions-pinned?"),
        (["explain", "actions-pinned", "none"], "none: there is no such directory"),
        (["explain", "code-owned", "--ref", "v1"], "name the repository, too: goldenpath explain code-owned PATH"),
        (["explain", "../cli"], "there is no check '../cli'"),
        (["explain", "\x1b[31m"], "there is no check '\\x1b[31m'"),
        (["list", "--contract", "none"], "--contract: there is no contract 'none'"),
        (["completion", "powershell"], "invalid choice: 'powershell'"),
    ],
)  # fmt: skip
def test_a_usage_error_is_one_line_that_names_the_remedy(good: Path, arguments: list[str], sentence: str) -> None:
    done = run(*arguments, cwd=good)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("goldenpath: ")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_a_command_it_shows_help_and_is_a_usage_error() -> None:
    done = run()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: goldenpath")


def test_help_and_version_are_for_reading() -> None:
    assert run("--version").stdout == f"goldenpath {goldenpath.__version__}\n"
    page = run("check", "--help", COLUMNS="80").stdout
    assert "GOLDENPATH_CONTRACT" in page
    assert "Exit code 0: the tier asked for is met. 1: it is not. 2: usage" in page
    assert max(map(len, run("--help", COLUMNS="80").stdout.splitlines())) <= 80


def test_explain_and_list_read_well(good: Path) -> None:
    assert run("explain", "actions-pinned").stdout.startswith("Every action and reusable workflow is pinned")
    page = run("list", "--contract", "acme.yaml", "--as-of", "2026-11-24", cwd=good).stdout
    assert "Bronze\n  actions-pinned" in page
    assert "Silver  nothing is asked yet" in page


def test_the_report_leads_to_the_fix_for_this_repository(bad: Path, tmp_path: Path) -> None:
    odd = bad.rename(tmp_path / "it's here")
    (action,) = (each["next"] for each in json.loads(run("check", odd, "--format", "json").stdout)["components"])
    shell = subprocess.run(
        ["sh", "-c", 'goldenpath() { "$PYTHON" -m goldenpath "$@"; }; ' + action["command"]],
        env=surroundings(PYTHON=sys.executable), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (shell.returncode, shell.stderr) == (0, "")
    assert "It does not hold here: 1 use not pinned; actions/checkout@v4" in shell.stdout
    assert "goldenpath explain actions-pinned .\n" in run("check", cwd=odd).stdout


def test_explain_looks_at_the_commit_that_is_named(bad: Path) -> None:
    commit(bad, tag="v1")
    (bad / ".github/workflows/ci.yml").unlink()
    assert "It is not asked here" in run("explain", "actions-pinned", bad).stdout
    assert "It does not hold here" in run("explain", "actions-pinned", bad, "--ref", "v1").stdout


# Changed files


def test_a_changed_workflow_is_judged_by_what_it_touches_whatever_the_format(tmp_path: Path) -> None:
    tree = write(tmp_path / "shop", pinned=False)
    (tree / ".goldenpath.yaml").unlink()
    done = {
        form: run("check", tree, "--tier", "silver", "--format", form, "--changed", tree / ".github/workflows/ci.yml")
        for form in FORMATS
    }
    assert {each.returncode for each in done.values()} == {1}
    report = json.loads(done["json"].stdout)
    assert {"actions-pinned", "build-signed"} <= {check["id"] for check in report["components"][0]["checks"]}
    assert report["narrowed"]["changed"] == [".github/workflows/ci.yml"]
    assert "docs-published" in report["narrowed"]["left_out"]
    assert (report["tier"], report["ceiling"]) == (None, None)
    assert report["components"][0]["next"]["command"].endswith(f" {tree}")
    assert "only what 1 changed file touches" in " ".join(done["text"].stdout.split())
    assert " CHANGED FILES " in done["text"].stdout
    assert done["markdown"].stdout.startswith("## Changed files: ")
    assert "only what 1 changed file touches" in done["markdown"].stdout
    assert json.loads(done["sarif"].stdout)["runs"][0]["properties"]["narrowed"] == report["narrowed"]
    assert '<property name="changed" value=".github/workflows/ci.yml" />' in done["junit"].stdout
    assert 'name="tier"' not in done["junit"].stdout
    found = {issue["check_name"] for issue in json.loads(done["codequality"].stdout)}
    assert "actions-pinned" in found
    assert not found & set(report["narrowed"]["left_out"])


# Streams


def test_a_report_is_written_whole_or_not_at_all(good: Path, tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    done = run("check", good, "--format", "json", "--output", tmp_path / "link.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["tier"] == "bronze"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good", "link.json", "real.json"]


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        (["--output", "a"], {"a": "text"}),
        (["--format", "json", "--output", "a"], {"a": "json"}),
        (["--output", "a", "--format", "json"], {"a": "json"}),
        (["--format", "json", "--output", "-"], {"-": "json"}),
        (["--output", "a", "--format", "json", "--output", "b"], {"a": "text", "b": "json"}),
        (["--format", "text", "--format", "json", "--output", "a"], {"-": "text", "a": "json"}),
        (["--format", "json", "--output", "a", "--format", "text"], {"-": "text", "a": "json"}),
        (["--format", "json", "--output", "a", "--format", "json", "--output", "b"], {"a": "json", "b": "json"}),
    ],
)
def test_an_output_belongs_to_the_format_before_it(good: Path, arguments: list[str], written: dict[str, str]) -> None:
    folder = good / "written"
    folder.mkdir()
    done = run("check", "..", *arguments, cwd=folder)
    found = {path.name: path.read_text() for path in folder.iterdir()}
    found |= {"-": done.stdout} if done.stdout else {}
    assert (done.returncode, done.stderr) == (0, "")
    assert {name: "json" if text.startswith("{") else "text" for name, text in found.items()} == written


def test_every_format_of_one_run_is_written(bad: Path, tmp_path: Path) -> None:
    arguments = [part for form in FORMATS for part in ("--format", form, "--output", tmp_path / form)]
    assert run("check", bad, *arguments).returncode == 1
    for form in FORMATS:
        assert "actions/checkout@v4" in (tmp_path / form).read_text() or form == "codequality"
    assert json.loads((tmp_path / "codequality").read_text())[0]["location"]["path"] == ".github/workflows/ci.yml"


def test_where_one_report_cannot_be_written_none_is(bad: Path, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    asked = ["--format", "text", "--format", "json", "--output", "a", "--format", "junit", "--output", "x/y"]
    done = run("check", bad, *asked, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "goldenpath: --output x/y: it cannot be written (No such file or directory)\n"
    assert (tmp_path / "a").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "bad"]


def test_what_is_asked_for_wrongly_is_refused_before_anything_is_judged(tmp_path: Path) -> None:
    done = run("check", "none", "--format", "json", "--format", "text", cwd=tmp_path)
    assert "cannot both go to standard output" in done.stderr


def test_in_a_part_of_a_repository_programs_get_paths_from_its_root(tmp_path: Path) -> None:
    commit(write(tmp_path / "shop/services/payments", pinned=False).parents[1])
    for arguments in ([], ["--ref", "HEAD"]):
        done = run("check", "shop/services/payments", *arguments, "--format", "codequality", cwd=tmp_path)
        assert json.loads(done.stdout)[0]["location"]["path"] == "services/payments/.github/workflows/ci.yml"


def test_a_device_is_written_to_and_never_replaced(good: Path, tmp_path: Path) -> None:
    assert run("check", good, "--output", "/dev/null").returncode == 0
    assert Path("/dev/null").is_char_device()
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE, text=True) as reader:
        assert run("check", good, "--output", tmp_path / "pipe").returncode == 0
        assert "BRONZE" in reader.communicate(timeout=10)[0]
    assert "BRONZE" in run("check", good, "--output", "-").stdout


def on_terminal(tree: Path, **environment: str) -> str:
    """What a terminal of 80 columns receives."""
    ours, theirs = pty.openpty()
    environment = {"TERM": "xterm", "COLUMNS": "80"} | environment
    subprocess.run([*COMMAND, "check", tree], stdout=theirs, env=surroundings(**environment), check=False)
    os.close(theirs)
    received = b""
    while True:
        try:
            received += (more := os.read(ours, 65536))
        except OSError:
            break
        if not more:
            break
    os.close(ours)
    return received.decode()


def test_colours_are_for_a_terminal_that_wants_them(good: Path) -> None:
    assert "\x1b[" in on_terminal(good)
    assert "\x1b[" not in on_terminal(good, NO_COLOR="1")
    assert "\x1b[" not in on_terminal(good, TERM="dumb")
    assert "\x1b[" not in run("check", good).stdout
    assert "\x1b[" in run("check", good, FORCE_COLOR="1").stdout


def test_where_only_ascii_can_be_written_nothing_breaks(good: Path) -> None:
    done = run("check", good, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "+ actions-pinned" in done.stdout
    assert run("explain", "actions-pinned", PYTHONIOENCODING="ascii").returncode == 0


def test_a_reader_that_goes_away_is_no_error_to_speak_of(good: Path) -> None:
    command, pipe = [*COMMAND, "check", str(good)], subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, env=surroundings()) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode in {0, 141}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full: Linux")
def test_a_full_disk_is_an_error_in_one_line(good: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [*COMMAND, "check", str(good)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=surroundings())
    assert (done.returncode, done.stderr) == (2, "goldenpath: it cannot be written (No space left on device)\n")


def test_a_closed_output_changes_no_verdict(good: Path, bad: Path) -> None:
    for tree, code in (good, 0), (bad, 1):
        command = ["sh", "-c", '"$@" >&-', "sh", *COMMAND, "check", str(tree)]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, env=surroundings())
        assert (done.returncode, done.stderr) == (code, "")


def test_closed_errors_change_neither_exit_code_nor_output() -> None:
    command = ["sh", "-c", 'exec "$@" 2>&-', "sh", *COMMAND, "check", "/nowhere"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings())
    assert (done.returncode, done.stdout) == (2, "")


def test_a_file_that_leads_in_a_circle_is_an_error_in_one_line(good: Path, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    done = run("check", str(good), "--output", str(tmp_path / "loop"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_an_interrupt_ends_it_quietly(good: Path, tmp_path: Path) -> None:
    os.mkfifo(good / ".gitignore")  # git waits for it to be written
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = surroundings(TMPDIR=str(temporary))
    # Whoever runs the tests in the background may have them ignore the signal, and a program leaves that as it is.
    begin = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", begin, *COMMAND, "check", str(good)],
        stderr=subprocess.PIPE, env=environment, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 10
    while not list(temporary.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=10)[1] == b""
    assert process.returncode == 130
    assert not list(temporary.iterdir())


# Completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh"])
def test_completion_knows_every_check(shell: str) -> None:
    script = run("completion", shell).stdout
    assert all(name in script for name in shipped_ids())


def test_help_says_where_a_shell_looks_for_its_completion() -> None:
    told = run("completion", "--help").stdout
    assert all(name in told for name in ("bash-completion/completions/goldenpath", "_goldenpath", "goldenpath.fish"))


def test_bash_completes_the_commands_of_every_room() -> None:
    script = run("completion", "bash").stdout
    for room, commands in {
        "waiver": ("request", "approve", "list", "expiring"),
        "contract": ("init", "lint", "show", "diff"),
        "audit": ("verify", "head", "export"),
        "lifecycle": ("status", "update"),
    }.items():
        assert f"_shtab_goldenpath_{room}_subparsers=(" in script
        assert all(f"_shtab_goldenpath_{room}_{command}_" in script for command in commands)
    assert "_shtab_goldenpath_measures_option_strings=" in script


@pytest.mark.parametrize(
    "command",
    [
        "check", "explain", "list", "completion", "audit", "audit verify", "audit head", "audit export", "history",
        "measures", "contract", "contract init", "contract lint", "contract show", "contract diff", "rollout", "waiver",
        "waiver request", "waiver approve", "waiver list", "waiver expiring", "lifecycle", "lifecycle status",
        "lifecycle update", "authoring",
    ],
)  # fmt: skip
def test_every_command_has_help_and_one_line_for_what_is_wrong(command: str) -> None:
    told = run(*command.split(), "--help")
    assert (told.returncode, told.stderr) == (0, "")
    assert f"usage: goldenpath {command} " in told.stdout
    wrong = run(*command.split(), "--no-such-option")
    assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (2, "", 1)
    assert wrong.stderr.startswith("goldenpath: ")
    assert wrong.stderr.endswith(f"; see goldenpath {command} --help\n")


def test_bash_completes_commands_checks_and_folders(good: Path) -> None:
    script = run("completion", "bash").stdout

    def completed(*words: str) -> list[str]:
        quoted = " ".join(f"'{word}'" for word in ("goldenpath", *words))
        asked = (
            f"COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _shtab_goldenpath; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        )
        done = subprocess.run(
            ["bash", "-c", f"{script}\n{asked}"], cwd=good, capture_output=True, text=True, check=False
        )
        return done.stdout.split()

    assert completed("exp") == ["explain"]
    assert completed("explain", "actions-p") == ["actions-pinned"]
    assert completed("check", "--format", "j") == ["json", "junit"]
    assert completed("check", "--format", "json", "--output", "x", "--format", "sa") == ["sarif"]
    assert completed("check", "--format", "json", "--output", "ac") == ["acme.yaml"]
    assert completed("check", "--contract", "ac") == ["acme.yaml"]
    assert completed("check", ".gi") == [".github"]
    assert completed("waiver", "request", "actions-p") == ["actions-pinned"]
    assert completed("rollout", "--contract", "ac") == ["acme.yaml"]
    assert completed("contract", "show", ".gi") == [".github"]


# Layers


def test_a_check_imports_neither_what_authors_use_nor_what_other_commands_use() -> None:
    script = (
        "import sys; from goldenpath.cli import main; main(['check', sys.argv[1], '--output', '/dev/null']);"
        "heavy = {'shtab', 'copier', 'jinja2', 'rich', 'click', 'pydantic', 'tempfile', 'difflib'};"
        "print(sorted(heavy & set(sys.modules)), 'goldenpath.authoring' in sys.modules)"
    )
    command = [sys.executable, "-c", script, str(ROOT / "tools")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings())
    assert done.stdout.strip() == "[] False"


@pytest.mark.parametrize(("module", "has"), [("typing_extensions", "Protocol"), ("platform", "python_version")])
def test_the_program_leaves_out_what_it_can_do_without_and_others_still_find_it(module: str, has: str) -> None:
    script = (
        "import os, sys, goldenpath.cli as cli; cli.main = lambda: 0;"
        f"os._exit = lambda code: print('{module}' in sys.modules, code);"
        f"cli.program(); import {module}; print(bool({module}.{has}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["False", "0", "True"], done.stderr


def test_a_format_imports_no_other(good: Path) -> None:
    script = (
        "import sys; from goldenpath.cli import main; main(['check', sys.argv[1], '--output', '/dev/null']);"
        "print(sorted(name for name in sys.modules if name.startswith('goldenpath.reports.')))"
    )
    command = [sys.executable, "-c", script, str(good)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings())
    assert done.stdout.strip() == "['goldenpath.reports.terminal', 'goldenpath.reports.text']"


def test_main_returns_the_exit_code(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(good), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["tier"] == "bronze"
