"""Makefiles that install their tools into a folder of the machine, which no repository can say."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, job, repository_of, workflow
from trees import judge

INSTALL = "\tgo install golang.org/x/tools/cmd/stringer@latest\n"
FOLDERS = ["$(HOME)/go/bin", "$(shell go env GOPATH)/bin", "$(shell go env GOBIN)", "${RUNNER_TEMP}"]


def verdict(makefile: str, check: str = "tests-gate-release") -> str:
    steps = (PUSH, SIGN, "- run: make dist\n", SHIP) if check == "build-signed" else ("- run: make dist\n", SHIP)
    return judge(check, repository_of(workflow(release=job(*steps)), Makefile=makefile)).verdict


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_tool_stands_where_its_rule_says(folder: str) -> None:
    rules = f"BIN ?= {folder}\nTOOL = $(BIN)/stringer\n$(TOOL):\n{INSTALL}.PHONY: dist\ndist: $(TOOL)\n"
    by_name = "fail" if folder.endswith("/bin") else "unknown"  # else it is a file that may be anything
    assert verdict(f"{rules}\t$(TOOL) -type Size ./...\n") == by_name
    assert verdict(f"{rules}\tgo test ./...\n") == "pass"
    assert verdict(f"{rules}\t./release.rb\n") == "unknown"
    assert verdict(f"{rules}\tgo test ./...\n/root/go/bin/stringer:\n{INSTALL}") == "unknown"


def test_what_its_rule_runs_counts() -> None:
    rule = "TOOL = $(HOME)/bin/tool\n$(TOOL):\n\t{}\ndist: $(TOOL)\n\techo done\n"
    assert verdict(rule.format("go test ./...")) == "unknown"  # where the tool is there, nothing is tested
    assert verdict(rule.format("gh release create v1 shop.tar.gz"), "build-signed") != "pass"
    assert verdict(rule.format("ruby tools/release.rb"), "build-signed") == "unknown"


def test_the_names_of_the_rule_are_the_paths() -> None:
    copied = "$(HOME)/out/shop: shop.tar\n\tcp $< $@ && ls $(@D)\ndist: $(HOME)/out/shop\n\tgo test ./...\n"
    assert verdict(copied) == "unknown"  # there is no shop.tar
    assert verdict(copied.replace("shop.tar", "Makefile")) == "pass"


@pytest.mark.parametrize("name", ["$(shell ./where.sh)/bin/tool", "$(HOMES)/bin/tool", "$(TOOLS)"])
def test_other_names_are_for_a_run_to_know(name: str) -> None:
    text = f"TOOLS = $(shell ls)\n{name}:\n{INSTALL}dist: prepared\n\tgo test ./...\n"
    assert verdict(text) == "unknown"
