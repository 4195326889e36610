"""How the work of following a script grows: twice the script is about twice the work, whatever it is full of."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import pytest

from goldenpath.facts.shell import follow, parsing

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPTS: dict[str, Callable[[int], str]] = {
    "tests that fork": lambda at: f'if test -n "$A{at}"; then B{at}=$A{at}; fi\n',
    "nested tests": lambda at: f"if a; then B{at}=1; if b; then if c; then C{at}=1; fi; fi; fi\n",
    "answers kept": lambda at: f"p{at} && B{at}=1\n",
    "codes kept": lambda at: f"p{at} || failed=1\n",
    "early ends": lambda at: f'test -n "$A{at}" || exit 0\n',
    "loops": lambda at: f"for x in $A{at}; do B{at}=$x; done\n",
    "cases": lambda at: f'case "$X{at}" in a{at}) B{at}=x;; b) ;; *) C{at}=1;; esac\n',
    "functions": lambda at: f"f{at}() {{ local x=1; B{at}=$A{at}; }}\nf{at}\n",
    "substitutions": lambda at: f"B{at}=$(date +{at})\n",
    "subshells": lambda at: f"B{at}=x; (echo $B{at}); date | cat\n",
    "shells": lambda at: f"export B{at}=x; bash -c date\n",
    "files": lambda at: f'echo "$A{at}" > list{at}\n',
    "outputs": lambda at: f'if a; then echo "k{at}=$A{at}" >> "$GITHUB_OUTPUT"; fi\n',
    "sourced files": lambda at: f". env/bin/activate; . /etc/os-release; p{at}\n",
}
WHOLE: dict[str, Callable[[int], str]] = {
    "a chain of &&": lambda size: " && ".join(f'test -n "$A{at}"' for at in range(size)),
    "a chain of ||": lambda size: " || ".join(f"p{at}" for at in range(size)),
    "arms of a case": lambda size: 'case "$X" in\n' + "".join(f"a{at}) B{at}=x;;\n" for at in range(size)) + "esac\n",
    "arms of an if": lambda size: (
        "if a; then b\n" + "".join(f'elif test -n "$A{at}"; then B{at}=x\n' for at in range(size)) + "fi\n"
    ),
    "subscripts without an end": lambda size: "a[;" * (8 * size),
    "a block of an output": lambda size: (
        'echo "k<<EOF" >> "$GITHUB_OUTPUT"\n'
        + 'echo "$A" >> "$GITHUB_OUTPUT"\n' * size
        + 'echo EOF >> "$GITHUB_OUTPUT"'
    ),
    **{name: partial(lambda line, size: "".join(map(line, range(size))), line) for name, line in SCRIPTS.items()},
}


def work(script: str) -> int:
    """How many functions are called, Python's own among them, while a script is followed."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    parsing.parse.cache_clear()
    sys.setprofile(count)
    follow((script,), {})
    sys.setprofile(before)
    return calls


@pytest.mark.parametrize("make", WHOLE.values(), ids=WHOLE)
def test_twice_the_script_is_twice_the_work(make: Callable[[int], str]) -> None:
    assert work(make(240)) < 2.3 * work(make(120))
