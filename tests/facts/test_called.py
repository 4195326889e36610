"""What a step's commands lead to in the repository: against real shells and makes, and where nothing is concluded."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from goldenpath.facts.pipeline.called import Checkout
from goldenpath.facts.shell import Script, follow
from goldenpath.facts.values import Symbol, Value, display, literal, value

if TYPE_CHECKING:
    from pathlib import Path

RECORDER = '#!/bin/sh\nprintf "<%s>" "$@" >> "$CALLS"\necho >> "$CALLS"\necho "$1"\n[ "$1" != "$FAILS" ]\n'
"""The program `p`, the one command that can be seen: it prints its first word, and fails if that is `$FAILS`."""


def followed(text: str, files: dict[str, str], **environment: Value) -> Script:
    """What a step does in a repository of these files."""

    def exists(path: str) -> bool:
        return path in files or any(each.startswith(f"{path}/") for each in files)

    checkout = Checkout(files.get, exists, lambda _: [], lambda _: [])
    given = {"CALLS": value("calls"), "FAILS": value("none"), **environment}
    return follow(value(text), given, "bash -e {0}", callees=checkout)


def by_bash(text: str, files: dict[str, str], folder: Path, fails: str = "none") -> tuple[list[str], bool]:
    """Run it; returns the calls of `p`, and whether the step failed."""
    folder.mkdir()
    for path, content in {**files, "tools/p": RECORDER}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
        (folder / path).chmod(0o755)
    environment = {
        "PATH": f"{folder}/tools:{os.environ['PATH']}", "CALLS": f"{folder}/calls", "FAILS": fails, "HOME": str(folder),
        "GITHUB_WORKSPACE": str(folder), "LC_ALL": "C.UTF-8", "GITHUB_OUTPUT": f"{folder}/output",
    }  # fmt: skip
    (folder / "calls").touch()
    command = ["bash", "--noprofile", "--norc", "-e", "-c", text]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=20, check=False)
    return (folder / "calls").read_text().split("\n")[:-1], done.returncode != 0


CASES: dict[str, tuple[str, dict[str, str]]] = {
    "a script without set -e": ("./x.sh", {"x.sh": "#!/bin/bash\np a\np b\n"}),
    "a script with set -e": ("./x.sh", {"x.sh": "#!/bin/bash\nset -e\np a\np b\n"}),
    "options in the first line": ("./x.sh", {"x.sh": "#!/bin/bash -e\np a\np b\n"}),
    "options in the first line that bash does not see": ("bash x.sh", {"x.sh": "#!/bin/bash -e\np a\np b\n"}),
    "options of the shell": ("sh -e x.sh", {"x.sh": "p a\np b\n"}),
    "a script in a pipeline": ("./x.sh | cat; p z", {"x.sh": "#!/bin/sh\nset -e\np a\np b\n"}),
    "a failure that is forgiven": ("./x.sh || true", {"x.sh": "#!/bin/sh\nset -e\np a\np b\n"}),
    "a failure that is not": ("./x.sh || exit 3", {"x.sh": "#!/bin/sh\nset -e\np a\np b\n"}),
    "a script that is asked": ("if ./x.sh; then p z; fi", {"x.sh": "#!/bin/sh\nset -e\np a\n"}),
    "a script that is asked for failure": ("if ! ./x.sh; then exit 1; fi", {"x.sh": "#!/bin/sh\np a\np b\n"}),
    "arguments": ("./x.sh one 'two words' three", {"x.sh": '#!/bin/sh\np $1 "$2" $#; shift; p "$@"\n'}),
    "arguments in a loop": (
        "./x.sh --tag v1 --push x",
        {"x.sh": '#!/bin/bash\nwhile [ $# -gt 0 ]; do case "$1" in --tag) t=$2; shift 2;; --push) push=1; shift;;'
                 ' *) break;; '
                 'esac; done\np "$t" "$push" "$@"\n'},
    ),
    "arguments in a loop that is left": (
        "./x.sh --push x",
        {"x.sh": '#!/bin/bash\nt=\nwhile :; do case "${1:-}" in --tag) t=$2; shift;; --push) push=1;; *) break;; esac\n'
                 'shift; done\nif [ -n "$t" ]; then p tag; fi; p "[$t]" "$push" "$@"\n'},
    ),
    "options that are got": (
        "./x.sh -vt v1 rest",
        {"x.sh": '#!/bin/bash\nwhile getopts "t:v" o; do case $o in t) t=$OPTARG;; v) v=1;; esac; done\n'
                 'shift $((OPTIND - 1))\np "$t" "$v" "$@"\n'},
    ),
    "variables that are exported": ("A=1; export B=2; ./x.sh", {"x.sh": '#!/bin/sh\np "[$A]" "[$B]"\n'}),
    "variables for one command": ("A=1 ./x.sh; env A=2 sh x.sh; p \"[$A]\"", {"x.sh": '#!/bin/sh\np "[$A]"\n'}),
    "variables that come back from nowhere": ("./x.sh; p \"[$A]\"", {"x.sh": "#!/bin/sh\nexport A=1\np a\n"}),
    "a sourced script": ("source ./x.sh; p \"[$A]\"", {"x.sh": "A=1\np a\n"}),
    "a sourced script with arguments": (". ./x.sh one; p \"[$1]\"", {"x.sh": 'p "$1"\n'}),
    "a sourced script that returns": (". ./x.sh; p z", {"x.sh": "p a\nreturn 0\np b\n"}),
    "a sourced script under set -e": (". ./x.sh; p z", {"x.sh": "p a\np b\n"}),
    "a sourced script that switches set -e off": (". ./x.sh; p z; p y", {"x.sh": "set +e\np a\n"}),
    "functions of a sourced script": (". ./lib.sh; f one", {"lib.sh": 'f() { p "$1"; p b; }\n'}),
    "the folder of the script": (
        "bash ci/x.sh", {"ci/x.sh": 'cd "$(dirname "$0")/.."\n. ci/lib.sh\n./y.sh\n', "ci/lib.sh": "p lib\n",
                         "y.sh": "#!/bin/sh\np y\n"}),
    "the folder of the sourced script": (
        "bash ci/x.sh", {"ci/x.sh": 'HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"\nsource "$HERE/lib.sh"\n',
                         "ci/lib.sh": "p lib\n"}),
    "the folder of a script that is called by that of another": (
        "ci/x.sh",
        {"ci/x.sh": '#!/bin/sh\nHERE=$(cd "$(dirname "$0")" && pwd)\n"$HERE/y.sh"\n',
         "ci/y.sh": '#!/bin/sh\nHERE=$(cd "$(dirname "$0")" && pwd)\n"$HERE"/../z.sh "$(basename "$0")"\n',
         "z.sh": '#!/bin/sh\np "$1"\n'}),
    "a folder that stays in a subshell": (
        "(cd ci && ./x.sh); ./y.sh", {"ci/x.sh": "#!/bin/sh\np x\n", "y.sh": "#!/bin/sh\np y\n"}),
    "folders on a stack": (
        "pushd ci >/dev/null; ./x.sh; popd >/dev/null; ./y.sh",
        {"ci/x.sh": "#!/bin/sh\np x\n", "y.sh": "#!/bin/sh\np y\n"}),
    "a path from the workspace": ('cd ci; "$GITHUB_WORKSPACE/y.sh"', {"y.sh": "#!/bin/sh\np y\n", "ci/x": ""}),
    "the folder by its variable": ('cd ci; "$PWD/x.sh"', {"ci/x.sh": "#!/bin/sh\np x\n"}),
    "output that is captured": ("d=$(./x.sh); p \"$d\"", {"x.sh": "#!/bin/sh\necho sha256:abc\n"}),
    "output that is captured in a test": ("[ \"$(./x.sh)\" = yes ] && p z", {"x.sh": "#!/bin/sh\necho yes\n"}),
    "a script that calls a script": (
        "./x.sh", {"x.sh": "#!/bin/sh\nset -e\n./y.sh a\np x\n", "y.sh": "#!/bin/sh\np $1\np b\n"}),
    "a script that is replaced": (
        "./x.sh", {"x.sh": "#!/bin/sh\nexec ./y.sh\np never\n", "y.sh": "#!/bin/sh\np a\np b\n"}),
    "a script that exits": ("./x.sh; p z", {"x.sh": "#!/bin/sh\np a\nexit 0\np b\n"}),
    "a script without a first line": ("./x.sh", {"x.sh": "p a\n"}),
    "a script that is written here": ("cat > y.sh <<'E'\np a\np b\nE\nbash y.sh", {}),
    "a trap at the end": ("./x.sh", {"x.sh": "#!/bin/bash\nset -e\ntrap 'p end' EXIT\np a\n"}),
    "in the background": ("./x.sh & wait; p z", {"x.sh": "#!/bin/sh\np a\n"}),
    "behind timeout and env": ("timeout 60 env A=1 nice -n 5 ./x.sh", {"x.sh": '#!/bin/sh\np "$A"\n'}),
    "a script by env in its first line": ("./x.sh", {"x.sh": "#!/usr/bin/env -S bash -e\np a\np b\n"}),
    "a target": ("make a", {"Makefile": "a: b\n\tp a\n\tp a2\nb:\n\tp b\n"}),
    "a target whose failure is forgiven": ("make a", {"Makefile": "a:\n\t-p a\n\tp b\n"}),
    "a line of several commands": ("make a", {"Makefile": "a:\n\tp a; p b\n"}),
    "a line of several commands under set -e": ("make a", {"Makefile": "a:\n\tset -e; p a; p b\n"}),
    "a pipeline in a line": ("make a", {"Makefile": "a:\n\tp a | cat\n"}),
    "a pipeline in a line of another shell": (
        "make a", {"Makefile": "SHELL := /bin/bash\n.SHELLFLAGS := -eo pipefail -c\na:\n\tp a | cat\n\tp b; p c\n"}),
    "each line in a shell of its own": (
        "make a", {"Makefile": "a:\n\tcd ci\n\t./x.sh\n", "x.sh": "#!/bin/sh\np x\n", "ci/y": ""}),
    "lines that go on": ("make a", {"Makefile": "a:\n\tcd ci && \\\n\t  ./x.sh\n", "ci/x.sh": "#!/bin/sh\np x\n"}),
    "one shell for a recipe": ("make a", {"Makefile": ".ONESHELL:\na:\n\t@x=1\n\tp a\n\tp $$x\n"}),
    "variables that are given": ("make a V=1", {"Makefile": "V = 0\na:\n\tp $(V) $$V\n"}),
    "variables of the environment": ("export V=1; make a", {"Makefile": "V ?= 0\na:\n\tp $(V) $$V\n"}),
    "variables for make alone": ("V=1 make a", {"Makefile": "V ?= 0\na:\n\tp $(V)\n"}),
    "variables that are handed down": ("make a V=1", {"Makefile": "a:\n\t@$(MAKE) b\nV = 0\nb:\n\tp $(V)\n"}),
    "variables that are not handed down": ("make a", {"Makefile": "V = 0\na:\n\tp \"[$$V]\"\n"}),
    "variables that are exported by make": ("make a", {"Makefile": "export V = 0\na:\n\tp \"[$$V]\"\n"}),
    "another folder": ("make -C ci a", {"ci/Makefile": "a:\n\t./x.sh\n", "ci/x.sh": "#!/bin/sh\np x\n"}),
    "another file": ("make -f my.mk a", {"my.mk": "a:\n\tp a\n"}),
    "options that stand together": ("make -sB a", {"Makefile": "a:\n\tp a\n"}),
    "failures that are ignored": ("make -i a", {"Makefile": "a:\n\tp a\n"}),
    "a target that only says what it would do": ("make -n a", {"Makefile": "a:\n\tp a\n"}),
    "a failure of make that is forgiven": ("make a || p z", {"Makefile": "a:\n\t-p a\n"}),
    "a make that only asks": ("make -q a || p z", {"Makefile": "a:\n\tp a\n"}),
    "a make in a make": ("make a", {"Makefile": "a:\n\t-$(MAKE) b\nb:\n\tp b\n"}),
    "a make in another folder": ("make a", {"Makefile": "a:\n\t$(MAKE) -C ci b\n", "ci/Makefile": "b:\n\tp b\n"}),
    "a name that is a folder": ("make test; p z", {"Makefile": "test:\n\tp test\n", "test/x": ""}),
    "output of make that is captured": ("d=$(make -s a); p \"$d\"", {"Makefile": "a:\n\t@echo hey\n"}),
    "a script that calls make": ("./x.sh", {"x.sh": "#!/bin/bash\nset -e\nmake a\np x\n", "Makefile": "a:\n\tp a\n"}),
    "a function that calls make": ("f() { make $1; }; f a", {"Makefile": "a:\n\tp a\n"}),
    "a loop that calls make": ("for t in a b; do make $t; done", {"Makefile": "a b:\n\tp $@\n"}),
}  # fmt: skip


def calls(script: Script) -> dict[str, bool]:
    """The calls of `p` that surely happen, and whether the step fails when they do."""
    sure = [each for each in script.commands if each.program == "p" and each.reachable and not each.condition]
    unset = re.compile(r"<variable \w+>")
    return {"".join(f"<{unset.sub('', display(word))}>" for word in each.words[1:]): each.fatal for each in sure}


@pytest.mark.parametrize("name", CASES)
def test_what_it_leads_to_runs_as_in_a_real_shell(name: str, tmp_path: Path) -> None:
    text, files = CASES[name]
    expected, _ = by_bash(text, files, tmp_path / "all")
    perhaps = name in {"a failure of make that is forgiven", "a script that is asked", "a make that only asks"}
    found = calls(followed(text, files))
    assert sorted(found) == sorted(each for each in expected if not (perhaps and "<z>" in each))
    for call, fatal in found.items():
        first = call[1:].partition(">")[0]
        others = [each for each in found if each[1:].partition(">")[0] == first]
        if len(others) == 1:
            _, failed = by_bash(text, files, tmp_path / f"without {first}", first)
            assert failed is fatal, call


def test_places_are_those_of_the_file_that_acts() -> None:
    files = {
        "x.sh": "#!/bin/sh\n\n  p a\n. ./lib.sh\nf\n",
        "lib.sh": "f() {\n  p b\n}\n",
        "Makefile": "V=1\na:\n\techo\n\tp c\n",
    }
    found = followed("true\n./x.sh\nmake a", files)
    places = {
        literal(each.words[1]): (each.path, each.line + 1, each.column + 1)
        for each in found.commands
        if each.program == "p"
    }
    assert places == {"a": ("x.sh", 3, 3), "b": ("lib.sh", 2, 3), "c": ("Makefile", 4, 0)}
    last = next(each for each in found.commands if each.words[1:] == (value("c"),))
    assert [(each.path, each.line) for each in last.callers] == [("", 2)]


def test_what_is_written_for_the_runner_is_seen() -> None:
    files = {
        "x.sh": '#!/bin/sh\necho "digest=$1" >> "$GITHUB_OUTPUT"\n',
        "Makefile": "a:\n\techo A=1 >> $$GITHUB_ENV\n",
    }
    digest = Symbol("digest", "push")
    found = followed('./x.sh "$D"; make a', files, D=value(digest))
    assert found.outputs == {"digest": value(digest)}
    assert found.environment == {"A": value("1")}


def unseen(text: str, files: dict[str, str]) -> str:
    return " ".join(each.why or each.reason for each in followed(text, files).opaque)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("./x.py", "it is a script for python3"),
        ("./gone.sh", "there is no gone.sh here"),
        ("bash gone.sh", "there is no gone.sh here"),
        ("bash /opt/x.sh", "script"),
        ("./$NAME.sh", "dynamic"),
        ("cd $SOMEWHERE; ./x.sh", "script"),
        ("make $GOAL", "which target is made"),
        ("make -C $SOMEWHERE a", "where make runs"),
        ("make gone", "no rule for gone"),
        ("make -k a", "make with -k"),
        ("make -j4 release", "at the same time"),
        ("make -C ci a", "there is no ci/Makefile here"),
        ("export MAKEFLAGS=-i; make a", "MAKEFLAGS"),
        ("export GNUMAKEFLAGS=-n; make a", "GNUMAKEFLAGS"),
        ("export MAKEFILES=other.mk; make a", "MAKEFILES"),
        ("./loop.sh", "too often"),
        ("make loop", "too often"),
        ("curl -o x.sh $URL; echo $URL > y.sh; bash y.sh", "written in a run"),
        ("npm run gone", "no script 'gone'"),
        ("npm run a -w b", "workspace"),
        ("npm-run-all gone", "no script 'gone'"),
        ("npm-run-all --parallel a b", "at the same time"),
        ("npm-run-all -c a b", "whatever becomes of others"),
        ("npm-run-all a $ANOTHER", "only known in a run"),
    ],
)
def test_what_is_not_followed_says_why(text: str, reason: str) -> None:
    files = {
        "x.py": "#!/usr/bin/env python3\n", "x.sh": "#!/bin/sh\n", "loop.sh": "#!/bin/sh\n./loop.sh\n",
        "Makefile": "a:\n\techo a\nloop:\n\t$(MAKE) loop\nrelease: a\n\tgh release create\n",
        "package.json": '{"scripts": {}}',
    }  # fmt: skip
    assert reason in unseen(text, files)


PACKAGE = (
    '{"scripts": {"a": "p a", "prea": "p before", "posta": "p after", "b": "npm run a && p b", "test": "p test",\n'
    '"prepublishOnly": "p only", "postpublish": "p published", "args": "p",\n'
    '"all:one": "p one", "all:two": "p two", "all:two:deep": "p deep"}}'
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("npm run a", ["before", "a", "after"]),
        ("pnpm run a", ["before", "a", "after"]),
        ("yarn a", ["before", "a", "after"]),
        ("npm run --silent b", ["before", "a", "after", "b"]),
        ("npm test", ["test"]),
        ("npm t", ["test"]),
        ("npm run args -- x y", ["x y"]),
        ("yarn args x", ["x"]),
        ("npm run a --ignore-scripts", ["a"]),
        ("npm publish", ["only", "published"]),
        ("npm publish --ignore-scripts", []),
        ("npm publish x.tgz", []),
        ("npm ci", []),
        ("npm run gone --if-present", []),
        ("cd sub; npm test", ["sub"]),
        ("npm --prefix sub test", ["sub"]),
        ("npm-run-all a test", ["before", "a", "after", "test"]),
        ("run-s -s 'args x' test", ["x", "test"]),
        ("npx npm-run-all --serial all:*", ["one", "two"]),
        ("npm-run-all all:**", ["one", "two", "deep"]),
    ],
)
def test_scripts_of_packages(text: str, expected: list[str]) -> None:
    found = followed(text, {"package.json": PACKAGE, "sub/package.json": '{"scripts": {"test": "p sub"}}'})
    calls_ = [" ".join(display(word) for word in each.words[1:]) for each in found.commands if each.program == "p"]
    assert calls_ == expected


def test_scripts_of_python_projects() -> None:
    project = (
        '[tool.hatch.envs.default.scripts]\nt = "p {args:tests}"\nall = ["- p lint", "p test"]\n'
        '[tool.hatch.envs.ci.scripts]\nt = "p ci"\n'
        '[tool.pdm.scripts]\nt = {composite = ["u", "v"]}\nu = "p u"\nv = {cmd = "p v"}\n'
    )
    found = {text: calls(followed(text, {"pyproject.toml": project})) for text in (
        "hatch run t", "hatch run t -x", "hatch run ci:t", "hatch run all", "pdm run t",
    )}  # fmt: skip
    assert found == {
        "hatch run t": {"<tests>": True},
        "hatch run t -x": {"<-x>": True},
        "hatch run ci:t": {"<ci>": True},
        "hatch run all": {"<lint>": False, "<test>": True},
        "pdm run t": {"<u>": True, "<v>": True},
    }


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ('docker run --rm -v "$PWD:/src" -w /src golang:1.26 make a', True),
        ("docker run -v $(pwd):/src -w /src/ci python:3.14 sh -c 'p a && ./x.sh'", True),
        ("docker run --volume $GITHUB_WORKSPACE:/w --workdir /w node ./ci/x.sh", True),
        ("docker run golang:1.26 make a", False),
        ("docker run -v $PWD:/src -w /other golang make a", False),
        ("docker run -v $PWD:/src -w /src acme/tool make a", False),
        ("docker run -v $PWD:/src -w /src --entrypoint x golang make a", False),
    ],
)
def test_containers_that_have_the_repository(text: str, seen: bool) -> None:
    files = {"Makefile": "a:\n\tp a\n", "ci/x.sh": "#!/bin/sh\np a\n"}
    assert bool(calls(followed(text, files))) is seen


def test_a_container_does_not_see_the_environment() -> None:
    files = {"x.sh": '#!/bin/sh\np "[$A]" "[$B]"\n'}
    text = "export A=1 B=2; docker run -v $PWD:/s -w /s -e B alpine ./x.sh"
    assert calls(followed(text, files)) == {"<[]><[2]>": True}


def test_files_that_have_changed_are_not_followed() -> None:
    files = {"x.sh": "#!/bin/sh\np a\n", "ci/y.sh": "#!/bin/sh\np b\n", "Makefile": "a:\n\tp a\n"}
    checkout = Checkout(
        files.get, files.__contains__, lambda _: [], lambda _: [], written=frozenset({"x.sh", "ci", "Makefile"})
    )
    for text in ("./x.sh", "bash ci/y.sh", "make a", ". ./x.sh"):
        found = follow(value(text), {}, callees=checkout)
        assert [each.why for each in found.opaque] == ["an earlier step may have written it"]


def test_many_calls_end() -> None:
    files = {f"s{n}.sh": "#!/bin/sh\n" + f"./s{n + 1}.sh\n" * 30 for n in range(8)}
    from goldenpath.facts.shell import Unfollowable

    with pytest.raises(Unfollowable):
        followed("./s0.sh", files)


def test_a_loop_that_may_end_early_leaves_its_variables_open() -> None:
    text = 'for each in a b; do if check $each; then found=$each; break; fi; done\n[ -n "$found" ] || exit 1\np z'
    found = followed(f"found=\n{text}", {})
    assert any(each.program == "p" and each.reachable for each in found.commands)


def test_a_make_that_asks_the_same_is_followed_once() -> None:
    files = {"Makefile": "include more.mk\na:\n\tp $(WHAT)\n", "more.mk": "WHAT ?= none\n"}
    read: list[str] = []

    def text_of(path: str) -> str | None:
        read.append(path)
        return files.get(path)

    checkout = Checkout(text_of, files.__contains__, lambda _: [], lambda _: [])

    def made(**environment: str) -> dict[str, bool]:
        return calls(
            follow(value("make a"), {name: value(text) for name, text in environment.items()}, callees=checkout)
        )

    assert [made(WHAT=what) for what in ("x", "y", "x")] == [{"<x>": True}, {"<y>": True}, {"<x>": True}]
    assert len(next(iter(checkout.makes.values()))) == 2
    assert read.count("Makefile") == read.count("more.mk") == 3, "the caller is told each time what it depends on"
