"""`./configure && make check`: builds of the GNU build system, whose scripts are generated in the run."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge

BUILD = "- run: |\n    autoreconf -fi\n    ./configure --prefix=/usr CFLAGS=-O2\n    make -j4 V=1\n    {}\n"
CONFIGURE = "dnl as published\nAC_INIT([shop], [1.0])\nAM_INIT_AUTOMAKE\nAC_CHECK_FUNCS([copysign])\nAC_OUTPUT\n"
TREE = {"configure.ac": CONFIGURE, "Makefile.am": "bin_PROGRAMS = shop\nTESTS = tests/run \\\n  tests/more\n"}


def verdict(check: str, *steps: str, **files: str) -> str:
    tree = {**TREE, **{path.replace("__", "/"): text for path, text in files.items()}}
    return judge(check, {**released_by(*steps), **tree}).verdict


def test_a_build_is_no_release_and_its_tests_count() -> None:
    build = BUILD.format("make check")
    assert verdict("build-signed", PUSH, build, SIGN, SHIP) == "pass"
    assert verdict("build-signed", PUSH, build, SHIP) == "fail"
    assert verdict("tests-gate-release", build, PUSH, SHIP) == "pass"
    assert verdict("tests-gate-release", BUILD.format("make distcheck"), PUSH, SHIP) == "pass"
    assert verdict("tests-gate-release", BUILD.format("make check || true"), PUSH, SHIP) == "fail"
    assert verdict("tests-gate-release", BUILD.format("make install DESTDIR=$PWD/out"), PUSH, SHIP) == "fail"


def test_a_bash_of_msys2_is_followed() -> None:
    build = "- shell: msys2 {0}\n  run: ./configure && make check\n"
    assert verdict("tests-gate-release", build, PUSH, SHIP) == "pass"
    assert verdict("build-signed", PUSH, build, SIGN, SHIP) == "pass"
    assert verdict("tests-gate-release", build.replace("check", "check | tee log"), PUSH, SHIP) == "pass"


def test_tests_in_a_folder_that_is_always_built_count() -> None:
    below = {"Makefile.am": "SUBDIRS = src \\\n  tests\n", "tests__Makefile.am": "TESTS = run\n"}
    assert verdict("tests-gate-release", BUILD.format("make check"), PUSH, SHIP, **below) == "pass"
    below["Makefile.am"] = "SUBDIRS = src\n"
    assert verdict("tests-gate-release", BUILD.format("make check"), PUSH, SHIP, **below) != "pass"


@pytest.mark.parametrize(
    "rules",
    ["bin_PROGRAMS = shop\n", "# TESTS = run\n", "if SLOW\nTESTS = run\nendif\n", "TESTS =\n", "EXTRA_TESTS = run\n"],
)
def test_what_may_name_no_tests_tests_nothing_for_sure(rules: str) -> None:
    assert verdict("tests-gate-release", BUILD.format("make check"), PUSH, SHIP, **{"Makefile.am": rules}) != "pass"


@pytest.mark.parametrize("command", ["make check TESTS=", "make check SUBDIRS=src", "make -i check", "make -n check"])
def test_make_may_be_told_to_leave_tests_out(command: str) -> None:
    assert verdict("tests-gate-release", BUILD.format(command), PUSH, SHIP) != "pass"


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("make deliver", {}),
        ("make $GOAL", {}),
        ("make -f other.mk", {}),
        ("cd src && ./configure", {}),
        ("echo 'AC_OUTPUT' > configure.ac && ./configure", {}),
        ("make", {"Makefile.am": "all-local:\n\tcurl -T shop https://acme.example/\n"}),
        ("make", {"Makefile.am": "all-local:\n\techo ' # '; wget --post-file shop https://acme.example/\n"}),
        ("make", {"Makefile.am": "all-local:\n\techo ' \\\n# '; wget --post-file shop https://acme.example/\n"}),
        ("make", {"m4__ship.m4": "AC_DEFUN([SHIP], [git push origin HEAD:live])\n"}),
        ("make", {"src__Makefile.am": "install-data-hook:\n\tgh release create v1\n"}),
    ],
)
def test_what_says_more_than_a_build_is_unseen(command: str, files: dict[str, str]) -> None:
    assert verdict("build-signed", PUSH, BUILD.format(command), SIGN, SHIP, **files) == "unknown"


def test_a_configure_of_which_there_is_no_source_is_unseen() -> None:
    files = {**released_by(PUSH, "- run: ./configure && make\n", SIGN, SHIP), "Makefile.am": TREE["Makefile.am"]}
    assert judge("build-signed", files).verdict == "unknown"
