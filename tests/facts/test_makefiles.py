"""What `make` would run: against a real make where all is known, else by what one can read in the Makefile."""

from __future__ import annotations

import contextlib
import subprocess
import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldenpath.facts.make.expansion import Unclear, Variable, Variables
from goldenpath.facts.make.planning import Plan, plan
from goldenpath.facts.make.reading import Makefile
from goldenpath.facts.values import Symbol, Value, display, value

if TYPE_CHECKING:
    from pathlib import Path


class Tree:
    """A folder of files that a test wrote down."""

    system = "Linux"

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def exists(self, path: str) -> bool:
        return path in self._files or any(each.startswith(f"{path}/") for each in self._files)

    def find(self, pattern: str) -> list[str]:
        return sorted(path for path in self._files if fnmatchcase(path, pattern) and "/" not in path)


def planned(text: str, *goals: str, given: dict[str, Value] | None = None, **files: str) -> Plan:
    """The plan for a Makefile; `given` is the environment, files are named with `_` for `.`."""
    tree = {"Makefile": text, **{name.replace("_", "."): content for name, content in files.items()}}
    environment = given or {}
    variables = Variables("", environment.get, Tree(tree))
    makefile = Makefile(variables, tree.get)
    makefile.include("Makefile")
    return plan(makefile, list(goals))


def lines(found: Plan) -> list[str]:
    return [display(line.text).replace("\\\n", " ") for line in found.lines]


CASES: dict[str, tuple[str, str] | tuple[str, str, dict[str, str]]] = {
    "the first target is the default one": (".PHONY: b\nb: a\n\techo b\na:\n\techo a\n", ""),
    "prerequisites come first, each once": ("all: x y\nx: z\n\techo x\ny: z\n\techo y\nz:\n\techo z\n", "all"),
    "order-only prerequisites": ("all: a | b\n\techo all\na:\n\techo a\nb:\n\techo b\n", ""),
    "several goals": ("a:\n\techo a\nb:\n\techo b\n", "b a"),
    "a default goal": (".DEFAULT_GOAL := b\na:\n\techo a\nb:\n\techo b\n", ""),
    "variables that are looked up late": ("A = $(B)\nB = 1\nall:\n\techo $(A) ${B}\nB = 2\n", ""),
    "variables that are looked up at once": ("B = 1\nA := $(B)\nB = 2\nall:\n\techo $(A)\n", ""),
    "defaults": ("A ?= 1\nA ?= 2\nall:\n\techo $(A)\n", ""),
    "a variable that is given": ("A = 1\nall:\n\techo $(A)\n", "A=2"),
    "an override": ("override A = 1\nall:\n\techo $(A)\n", "A=2"),
    "more of a variable": ("A = 1\nA += 2\nB := $(A)\nB += 3\nall:\n\techo $(A) $(B)\n", ""),
    "names that are worked out": ("x_y = 1\nA = y\nall:\n\techo $(x_$(A))\n", ""),
    "endings that change": ("S = a.c b.c\nall:\n\techo $(S:.c=.o) $(S:%.c=%.d)\n", ""),
    "dollars for the shell": ("all:\n\tfor i in 1 2; do echo $$i; done\n", ""),
    "folders that are made on the way": ("$(shell mkdir -p build/x && touch build/y)\nall:\n\techo a\n", ""),
    "questions that are asked on the way": (
        'A = 1\n$(shell test -z "$(shell true)")\n$(shell test -d x && mkdir y; test "$(A)" != 2)\nall:\n\techo $(A)\n',
        "",
    ),
    "names in other letters": (
        "up = $(shell echo $(1) | tr '[:lower:]' '[:upper:]' | tr '-' '_')\n"
        "$(call up,go-test)_BINARY := bin/x\nall:\n\techo $(GO_TEST_BINARY) $(shell echo Ab-C | tr A-Z a-z) "
        "$(shell echo a.b | tr . _) $(shell echo a-b-c | tr -d -)\n",
        "",
    ),
    "comments": ("A = 1 # one\nall: b # help; echo no\nb: ## Help\n\techo $(A) # kept\n", ""),
    "a sign that is no comment": ("A = x\\#y\nall:\n\techo '$(A)'\n", ""),
    "long lines": ("A = 1 \\\n  2\nall: \\\n  b\nb:\n\techo $(A) \\\n\t  3\n", ""),
    "a recipe behind the rule": ("all: b ; echo all\nb:;echo b\n", ""),
    "silence and failures": ("all:\n\t@echo a\n\t-echo b\n\t@-echo c\n\t- @ echo d\n", ""),
    "marks of a target": ("all: d/x.y z\n\techo $@ $< $^ $(@D) $(<F) $(<D)\nd/x.y z:\n\techo $@ $(@F) $(@D)\n", ""),
    "patterns": ("all: a.o b.o\n%.o: %.c\n\techo $< $@ $*\n", "", {"a.c": "", "b.c": ""}),
    "static patterns": ("O = a.o b.o\nall: $(O)\n$(O): %.o: %.c\n\techo $< $*\n", "", {"a.c": "", "b.c": ""}),
    "a pattern for a goal": ("build-%:\n\techo $*\n", "build-arm64"),
    "the narrower pattern": ("x-%:\n\techo wide\nx-y-%:\n\techo narrow\n", "x-y-z"),
    "targets that are files already": ("all: a.txt b\n\techo all\na.txt:\n\techo a\nb:\n\techo b\n", "", {"a.txt": ""}),
    "names that are files, but phony": (".PHONY: test\ntest:\n\techo test\n", "test", {"test": ""}),
    "names that are files": ("all: test\n\techo all\ntest:\n\techo test\n", "all", {"test": ""}),
    "what always runs": ("test: FORCE\n\techo test\nFORCE:\n", "test", {"test": ""}),
    "two rules for a target": ("a: b\na: c\n\techo a\nb:\n\techo b\nc:\n\techo c\n", ""),
    "two colons": ("a:: ; echo 1\na:: ; echo 2\n", ""),
    "the last recipe wins": ("a:\n\techo 1\na:\n\techo 2\n", ""),
    "conditions": ("A = x\nifeq ($(A),x)\nB = 1\nelse\nB = 2\nendif\nall:\n\techo $(B)\n", ""),
    "conditions that do not hold": ('ifneq "$(A)" ""\nall:\n\techo 1\nelse\nall:\n\techo 2\nendif\n', ""),
    "conditions one after the other": (
        "A = y\nifeq ($(A), x)\nB=1\nelse ifeq ($(A),y)\nB=2\nelse\nB=3\nendif\nall:\n\techo $(B)\n", ""),
    "conditions within": ("ifdef A\nifdef B\nC=1\nendif\nC?=2\nendif\nC?=3\nall:\n\techo $(C)\n", "A=1"),
    "conditions in a recipe": ("all:\n\techo 1\nifdef A\n\techo 2\nelse\n\techo 3\nendif\n\techo 4\n", ""),
    "what is included": (
        "include more.mk\nall: more\n\techo $(M)\n", "all", {"more.mk": "M = 1\nmore:\n\techo more\n"}),
    "what is included if it is there": ("-include none.mk\nsinclude no.mk\nall:\n\techo 1\n", ""),
    "what is included by a pattern": ("all:\n\techo $(M)$(N)\ninclude *.mk\n", "", {"a.mk": "M=1\n", "b.mk": "N=2\n"}),
    "recipes that are defined once": ("define both\necho $(1)\n@echo 2\nendef\nall:\n\t$(call both,x)\n\techo 3\n", ""),
    "rules that are made": (
        "define r\n$(1):\n\techo $(1)\nendef\n$(foreach n,a b,$(eval $(call r,$(n))))\nall: a b\n", "all"),
    "variables of a target": ("a: X = 1\na: b\n\techo $(X)\nb:\n\techo $(X)\nX = 0\nc:\n\techo $(X)\n", "a c"),
    "texts": (
        "A = a b.c d/e.f\nall:\n\techo $(subst a,x,$(A)) $(patsubst %.c,%.o,$(A)) $(filter %.c %.f,$(A))\n"
        "\techo $(filter-out a,$(A)) $(notdir $(A)) $(dir d/e) $(suffix $(A)) $(basename $(A))\n"
        "\techo $(words $(A)) $(word 2,$(A)) $(wordlist 2,3,$(A)) $(firstword $(A)) $(lastword $(A))\n"
        "\techo $(addprefix -,$(A)) $(addsuffix .x,$(A)) $(join 1 2,3 4) $(sort b a b)\n"
        "\techo $(strip  a  b ) $(findstring b,abc)\n"
        "\techo $(if $(A),yes,no) $(if $(Z),yes,no) $(or $(Z),2) $(and 1,$(Z)) $(foreach i,1 2,<$(i)>)\n",
        ""),
    "where variables come from": ("A = 1\nall:\n\techo $(origin A) $(origin NO) $(flavor A) $(value A)\n", ""),
    "conditions in what is evaluated": (
        "x_dir = ./cmd/x\ndefine check\nifneq ($(x_$1:.%=.),.)\n$$(error $1)\nendif\nendef\n"
        "$(foreach name,dir,$(eval $(call check,$(name))))\nall:\n\techo 1\n",
        "",
    ),
    "where variables of a name come from": (
        "A = $(B)\nfrom = $(origin $1) $(flavor $1) '$(value $1)'\nall:\n\techo $(call from,A) $(call from,NO)\n",
        "",
    ),
    "a target that a file names": ("all: $(wildcard a.txt no.txt)\n\techo $^\n", "", {"a.txt": ""}),
    "prerequisites by a pattern": (
        "all: *.c | ?.h\n\techo $^\nb.c:\n\techo b\nt/%: *.x\n\techo $<\n", "all t/1",
        {"a.c": "", "b.c": "", "c.h": "", "d.x": ""}),
    "prerequisites by a pattern, of a stem": ("all: a.o\na.o: %.o: %.c *.h\n\techo $^\n", "", {"a.c": "", "b.h": ""}),
    "a circle": ("a: b\n\techo a\nb: a\n\techo b\n", ""),
    "a recipe without a target": ("$(NONE):\n\techo none\nall:\n\techo all\n", "all"),
    "a name without a rule that is no file": (
        ".PHONY: FORCE\nall: a.txt\na.txt: FORCE\n\techo $@\n%E:\n\techo no\n", "", {"a.txt": ""}),
    "a name without a rule, and what makes the rest": (
        ".PHONY: FORCE\nall: FORCE\n\techo all\n.DEFAULT:\n\techo no\n", "all"),
    "names with endings like words": ("load-all: include-it\n\techo 1\ninclude-it:\n\techo 2\ndefine-it:\n", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_known_runs_as_by_a_real_make(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    text, words, files = case if len(case) == 3 else (*case, {})
    tree = {"Makefile": text, **files}
    for path, content in tree.items():
        (tmp_path / path).write_text(content)
    done = subprocess.run(
        ["make", "-n", "--no-print-directory", *words.split()], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    expected = [line for line in done.stdout.replace("\\\n", " ").splitlines() if not line.startswith("make: ")]

    goals = [word for word in words.split() if "=" not in word]
    variables = Variables("", lambda _: None, Tree(tree))
    for word in words.split():
        if "=" in word:
            key, _, text_given = word.partition("=")
            variables.defined[key] = Variable(value(text_given), recursive=True, origin="command line")
    makefile = Makefile(variables, dict[str, str](tree).get)
    makefile.include("Makefile")
    found = [" ".join(line.split()) for line in lines(plan(makefile, goals))]
    assert found == [" ".join(line.split()) for line in expected]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("include gone.mk\nall:\n", "includes gone.mk"),
        ("include $(shell ls)\nall:\n", "only a run knows"),
        (".RECIPEPREFIX = >\nall:\n> echo\n", "another sign"),
        ("A = $(A)\nall:\n\techo $(A)\n", "refer to each other"),
        ("vpath %.c src\nall:\n\techo\n", "vpath"),
        ("all: none\n\techo\n", "no rule for none"),
        ("all: *.none\n\techo\n", r"no rule for \*.none"),
        ("all: y\n\techo\n$(shell x): \n\techo\n", "names only a run knows"),
        (".PHONY: y\nall: y\n\techo\n$(shell x): \n\techo\n", "names only a run knows"),
        ("$(error no)\nall:\n", "it stops"),
        ("$(shell mkdir -v build)\nall:\n", "not understood"),
        ("$(shell mkdir build; ./rules)\nall:\n", "not understood"),
        ("MAKEFLAGS += -i\nall:\n\techo\n", "own flags"),
        ("SHELL = $(shell x)\nall:\n\techo\n", "which shell"),
        ("$(shell echo a | tr -c a b)_X = 1\nall:\n\techo\n", "whose name only a run knows"),
        ("$(shell echo abc | tr ab xyz)_X = 1\nall:\n\techo\n", "whose name only a run knows"),
        ("$(shell echo a | tr a b > x)_X = 1\nall:\n\techo\n", "whose name only a run knows"),
        ("ifdef A\n", "ends within"),
        ("all: $(A\n", "does not end"),
        ("%.x: A = 1\nall:\n\techo\n", "pattern of targets"),
        ("A = $(shell x)\nifeq ($(A),1)\ninclude a.mk\nendif\nall:\n", "whether it includes"),
    ],
)
def test_where_too_little_is_known_nothing_is_concluded(text: str, reason: str) -> None:
    with pytest.raises(Unclear, match=reason.replace("(", r"\(")):
        planned(text, "all")


def test_what_only_a_run_decides_becomes_a_condition() -> None:
    text = "D := $(shell date)\nifeq ($(D),x)\nall:\n\techo 1\nelse\nall:\n\techo 2\nendif\n"
    one, other = planned(text, "all").lines
    assert (display(one.text), display(other.text)) == ("echo 1", "echo 2")
    assert one.condition
    assert other.condition
    assert one.condition != other.condition


def test_a_variable_that_only_a_run_sets_is_unknown_afterwards() -> None:
    text = "A = 1\nifeq ($(shell x),)\nA = 2\nendif\nall:\n\techo $(A)\n"
    assert "<unknown make: A>" in lines(planned(text, "all"))[0]


def test_what_the_shell_answers_is_the_same_wherever_it_is_asked_for() -> None:
    text = "V = $(shell git describe)\nall:\n\techo $(V)\n\techo $(V)\n"
    first, second = lines(planned(text, "all"))
    assert first == second
    assert "git describe" in first


def test_files_that_are_there_may_be_new_enough() -> None:
    text = "out.txt: in.txt\n\techo out\n"
    (line,) = planned(text, in_txt="", out_txt="").lines
    assert line.condition == {"make: out.txt is not up to date"}
    assert planned(text, in_txt="").lines[0].condition == frozenset()


def test_a_file_without_prerequisites_is_never_made_again() -> None:
    assert planned("test:\n\tpytest\n", "test", test="").lines == ()


def test_the_environment_gives_way_to_the_file_but_not_to_its_defaults() -> None:
    given = {"A": value("env"), "B": value("env")}
    text = "A = file\nB ?= file\nall:\n\techo $(A) $(B)\n"
    assert lines(planned(text, given=given)) == ["echo file env"]


def test_what_is_exported_and_how_lines_are_run() -> None:
    text = (
        "SHELL := /bin/bash\n.SHELLFLAGS := -eu -o pipefail -c\nexport A = 1\nB = 2\nC = 3\nexport C\nunexport A\n"
        "all:\n\techo\n"
    )
    found = planned(text)
    assert (found.shell, found.flags) == ("/bin/bash", ("-eu", "-o", "pipefail", "-c"))
    assert found.exported == {"C": value("3")}


@pytest.mark.parametrize(
    ("shell", "expected", "folder"),
    [
        ('env PATH="$(PATH)" $(SHELL)', "/bin/sh", ""),
        ("/usr/bin/env PATH=tools:$(PATH) /bin/bash", "/bin/bash", "tools:"),
        ("env PATH=tools:$(PATH) bash", "bash", "tools:"),
    ],
)
def test_a_shell_behind_env_is_that_shell_with_another_path(shell: str, expected: str, folder: str) -> None:
    path = value(Symbol("variable", "PATH"))
    found = planned(f"SHELL := {shell}\nall:\n\techo a\n", given={"PATH": path})
    assert (found.shell, found.exported["PATH"]) == (expected, value(folder, *path))


@pytest.mark.parametrize(
    "shell", ["env PATH=$(PATH) FOO=$(X) bash", "env PATH=$(PATH) bash -x", "env PATH=$(PATH) $(X)"]
)
def test_a_shell_that_may_be_another_one_is_none(shell: str) -> None:
    with pytest.raises(Unclear, match="which shell"):
        planned(f"X = $(shell x)\nSHELL = {shell}\nall:\n\techo a\n", given={"PATH": value(Symbol("variable", "PATH"))})


def test_one_shell_for_all_lines() -> None:
    (line,) = planned(".ONESHELL:\nall:\n\t@cd x\n\tpytest\n").lines
    assert line.text == value("cd x\npytest")


def test_symbols_that_are_given_are_carried() -> None:
    digest = Symbol("digest", "build")
    found = planned("all:\n\tcosign sign $(IMG)\n", given={"IMG": value("x@", digest)})
    assert found.lines[0].text == value("cosign sign x@", digest)


def test_a_loop_goes_over_words_that_only_a_run_knows() -> None:
    text = "all:\n\techo $(foreach t,$(TAGS),-t shop:$(t))\n"
    tag, message = Symbol("github", "tag"), Symbol("github", "event.head_commit.message")
    found = planned(text, given={"TAGS": value("v", tag, " latest")})
    assert found.lines[0].text == value("echo -t shop:v", tag, " -t shop:latest")
    assert "<unknown make: foreach" in lines(planned(text, given={"TAGS": value(message)}))[0]


HOSTILE = {
    "variables that double": "".join(f"A{n} = $(A{n + 1})$(A{n + 1})\n" for n in range(60)) + "all:\n\techo $(A0)\n",
    "loops in loops": "all:\n\techo " + "$(foreach a,1 2 3 4 5 6 7 8 9," * 12 + "x" + ")" * 12 + "\n",
    "deep references": "all:\n\techo " + "$(" * 3000 + ")" * 3000 + "\n",
    "rules that are made by rules": "define r\n$(eval $(call r))$(eval $(call r))\nendef\n$(eval $(call r))\nall:\n",
    "many targets": "all: " + " ".join(f"t{n}" for n in range(3000))
        + "\n" + "".join(f"t{n}:\n\techo\n" for n in range(3000)),
    "a long chain": "".join(f"t{n}: t{n + 1}\n\techo\n" for n in range(3000)),
    "conditionals without end": "ifdef A\n" * 5000 + "all:\n\techo\n" + "endif\n" * 5000,
    "files that include themselves": "include Makefile\nall:\n",
    "many names for one target": ".PHONY: a\n" * 15000 + "a:\n\techo\n",
    "everything exported": "export\n" + "".join(f"V{n} = $(V{n + 1})\n" for n in range(300)) + "all:\n\techo\n",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_makefiles_end(name: str) -> None:
    start = time.process_time()
    with contextlib.suppress(Unclear):
        planned(HOSTILE[name])
    assert time.process_time() - start < 3


PIECES = st.sampled_from(
    ["all:", "\t", "$(", ")", "\n", "ifeq (", "else\n", "endif\n", "define x\n", "endef\n", "A", " = ", ":=", "$$",
     "\\\n",
     "include ", ",", "#", ";", "%", "$@", "call x", "eval ", "shell y", "foreach i,", "export ", "::", "|", "\0", "é"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_text_breaks_it(text: str) -> None:
    with contextlib.suppress(Unclear):
        planned(text)
