"""What make would run for its goals, in order ("How to Run make", "Writing Recipes in Rules")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from goldenpath.facts.make import IF_OLD
from goldenpath.facts.make.expansion import Unclear, Variable, fits, folder_of, is_elsewhere
from goldenpath.facts.make.reading import Recipe, Rule
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.text import lines_of
from goldenpath.facts.values import Symbol, Value, fields, literal, partition, value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from goldenpath.facts.make.reading import Makefile

MAX_TARGETS: Final = 500
MAX_RECIPE_LINES: Final = 2_000
MAX_DEPTH: Final = 60

_WHICH: Final = regex(r"(?:which|command -v|type -p)\s+((?:ba|da|z|k)?sh)\b")
_WORDS_OF_ENV: Final = 3
_PRINTS = regex(r"[@-]*(echo|printf|mkdir|test|true|:)\b([^;&|<>`$]|\$[({]\w+[)}])*\Z")
"""A line of a recipe that changes no file of others."""
_PREFIX: Final = regex(r"[\s@+-]*")
_FLAGS_OF_MAKE: Final = regex(
    r"(-{0,2}(no-print-directory|warn-undefined-variables|silent|no-builtin-(rules|variables))|-?[srRw]+|-O\S*|-j1|--jobs=1)"
)


class Line(Struct, frozen=True):
    """A script that make hands to a shell: where it is written, what must hold for it to run, and for its failure."""

    text: Value
    path: str
    line: int
    condition: frozenset[str] = frozenset()
    ignored: bool = False


class Plan(Struct, frozen=True):
    """What make runs: its lines, the shell and its flags, what is exported to it, and the files that are there then."""

    lines: tuple[Line, ...]
    shell: str
    flags: tuple[str, ...]
    exported: Mapping[str, Value]
    made: frozenset[str]


def plan(makefile: Makefile, goals: list[str], *, ignores: bool = False) -> Plan:
    """What runs for these goals, or for the default one. Raises Unclear where that is not known."""
    planner = _Planner(makefile, ignores=ignores)
    default = makefile.variables.get(".DEFAULT_GOAL")
    chosen = literal(makefile.variables.expand(default.text)) if default is not None else makefile.default
    for goal in goals or [chosen or ""]:
        if not goal:
            raise Unclear("which target is the default one is not known")
        planner.make(goal, {})
    return planner.plan()


class _Planner:
    """The targets of one run of make: each is made once, after what it needs."""

    def __init__(self, makefile: Makefile, *, ignores: bool) -> None:
        self._makefile = makefile
        self._variables = makefile.variables
        everywhere = makefile.rules.get(".IGNORE")
        self._ignores = ignores or (everywhere is not None and not everywhere.needs)
        self._done: dict[str, bool | None] = {}
        self._making: list[str] = []
        self._lines: list[Line] = []
        self._made: set[str] = set()
        self._refuse_flags()

    def plan(self) -> Plan:
        """All that was found."""
        variables = self._variables
        wanted, path = _behind_env(variables.expand("$(SHELL)"))
        shell = _of_which(wanted) or literal(wanted)
        flags = literal(variables.expand("$(.SHELLFLAGS)"))
        if shell is None or flags is None:
            raise Unclear("which shell it uses is only known in a run")
        exported = self._exported() | ({"PATH": path} if path else {})
        return Plan(tuple(self._lines), shell, tuple(flags.split()), exported, frozenset(self._made))

    def _refuse_flags(self) -> None:
        flags = self._variables.defined.get("MAKEFLAGS")
        text = literal(self._variables.expand(flags.text)) if flags is not None else ""
        if text is None or not all(map(_FLAGS_OF_MAKE.fullmatch, text.split())):
            raise Unclear("it changes make's own flags (MAKEFLAGS)")

    def _exported(self) -> dict[str, Value]:
        variables, makefile = self._variables, self._makefile
        names = set(makefile.exported)
        if makefile.exports_all or ".EXPORT_ALL_VARIABLES" in makefile.rules:
            names |= {name for name in variables.defined if re.fullmatch(r"\w+", name)}
        names |= {
            name
            for name, each in variables.defined.items()
            if each.origin == "command line" or (each.origin != "default" and variables.in_environment(name))
        }
        return {name: variables.expand(f"$({name})") for name in sorted(names) if re.fullmatch(r"[A-Za-z_]\w*", name)}

    # --- targets

    def make(self, name: str, overlay: Mapping[str, Variable]) -> bool | None:
        """Make a target after what it needs; returns whether it is new then (None: perhaps)."""
        name = name.removeprefix("./") or name
        if name in self._done:
            return self._done[name]
        if name in self._making:
            return False  # make drops a circular dependency
        if len(self._done) >= MAX_TARGETS or len(self._making) >= MAX_DEPTH:
            raise Unclear("it has too many targets that need each other")
        rule = self._rule(name)
        if rule is None:
            return self._missing(name)
        if rule.unclear:
            raise Unclear(f"{name}: {rule.unclear}")
        inner = {**overlay, **rule.variables}
        self._making.append(name)
        results = [self.make(need, inner) for need in rule.needs]
        for need in rule.order_only:
            self.make(need, inner)
        self._making.pop()
        runs = self._must_run(name, rule, results)
        self._done[name] = runs
        if runs is not False and rule.recipes:
            self._run(name, rule, inner, frozenset() if runs else frozenset({f"{IF_OLD}{name} is not up to date"}))
        return runs

    def _missing(self, name: str) -> bool:
        if name in self._makefile.phony and not self._makefile.unnamed:
            self._done[name] = True  # a name and no file, which needs no rule: what asks for it is made each time
            return True
        if self._variables.exists(name) is False:
            raise Unclear(self._makefile.unnamed or f"there is no rule for {name}")
        self._done[name] = False
        return False

    def _must_run(self, name: str, rule: Rule, results: list[bool | None]) -> bool | None:
        """Whether a target is out of date: it is a name and no file, it is not there, or what it needs is newer."""
        there = False if name in self._makefile.phony else self._variables.exists(name)
        if there is False or True in results:
            return True
        return None if rule.needs or is_elsewhere(name) else False

    def _rule(self, name: str) -> Rule | None:
        """The rule for a target; one without a recipe gets that of a pattern that fits."""
        rule = self._makefile.rules.get(name)
        if is_elsewhere(name) and any(other.startswith(("/", "~")) for other in self._makefile.rules):
            raise Unclear(f"{name}: which of the files beyond the repository are the same is only known in a run")
        if name in self._makefile.phony or (rule is not None and rule.recipes):
            return rule
        found = self._of_pattern(name)
        if found is None:
            default = self._makefile.rules.get(".DEFAULT")
            return rule if rule is not None or default is None or self._variables.exists(name) else default
        if rule is None:
            return found
        needs, order_only = [*found.needs, *rule.needs], [*found.order_only, *rule.order_only]
        return msgspec.structs.replace(
            found, needs=needs, order_only=order_only, unclear=rule.unclear or found.unclear, variables=rule.variables
        )

    def _of_pattern(self, name: str) -> Rule | None:
        """The rule of the pattern with the shortest stem of which all prerequisites are there or can be made."""
        candidates = []
        for pattern in self._makefile.patterns:
            stem = fits(pattern.target, name)
            if not stem or not pattern.rule.recipes:
                continue
            needs = [need.replace("%", stem, 1) for need in pattern.rule.needs]
            order_only = [need.replace("%", stem, 1) for need in pattern.rule.order_only]
            if all(need in self._makefile.rules or self._variables.exists(need) is not False for need in needs):
                rule = msgspec.structs.replace(pattern.rule, needs=needs, order_only=order_only, stem=stem)
                candidates.append((len(stem), rule))
        return min(candidates, key=lambda each: each[0])[1] if candidates else None

    # --- recipes

    def _run(self, name: str, rule: Rule, overlay: Mapping[str, Variable], condition: frozenset[str]) -> None:
        if "/" in name or "." in name:
            self._made.add(name)
        variables = self._variables
        kept, variables.overlay = (variables.automatic, variables.overlay), overlay
        variables.automatic = _automatic(name, rule, variables.path)
        one_shell = ".ONESHELL" in self._makefile.rules
        ignored = self._ignores or name in self._makefile.rules.get(".IGNORE", Rule()).needs
        recipes = _as_one(rule.recipes) if one_shell else rule.recipes
        # make expands all lines before it runs the first one: what a later line reads may be older than what it finds
        variables.reads_now = not one_shell
        for recipe in recipes:
            self._hand_over(recipe, condition, ignored=ignored, one_shell=one_shell)
            variables.reads_now = variables.reads_now and _PRINTS.match(recipe.text) is not None
        variables.reads_now = False
        variables.automatic, variables.overlay = kept

    def _hand_over(self, recipe: Recipe, condition: frozenset[str], *, ignored: bool, one_shell: bool) -> None:
        """Expand a line of a recipe; a variable in it may stand for several lines."""
        if recipe.condition and re.match(r"[@\s]*\$[({]error\b", recipe.text):
            return  # what goes on has taken the other branch
        expanded = self._variables.expand(recipe.text)
        for each in [expanded] if one_shell else _lines_in(expanded):
            text, marks = _without_prefix(each)
            if not text:
                continue
            if len(self._lines) >= MAX_RECIPE_LINES:
                raise Unclear(f"it runs more than {MAX_RECIPE_LINES:,} lines")
            line = Line(text, recipe.path, recipe.line, condition | recipe.condition, ignored or "-" in marks)
            self._lines.append(line)


def _behind_env(shell: Value) -> tuple[Value, Value]:
    """A shell, and the PATH that it is started with by `env PATH=… bash`, which make splits into its words."""
    words = fields(shell)
    if len(words) != _WORDS_OF_ENV or literal(words[0]) not in {"env", "/usr/bin/env"}:
        return shell, ()
    name, path = partition(words[1], "=") or (words[1], ())
    unquoted = value(*(part.replace('"', "") if isinstance(part, str) else part for part in path))
    return (words[2], unquoted) if literal(name) == "PATH" else (shell, ())


def _of_which(shell: Value) -> str | None:
    """The shell that `$(shell which bash)` finds; None for any other value."""
    symbol = shell[0] if len(shell) == 1 else ""
    found = _WHICH.match(symbol.name) if isinstance(symbol, Symbol) and symbol.kind == "command" else None
    return found[1] if found is not None else None


def _as_one(recipes: list[Recipe]) -> list[Recipe]:
    """A recipe under `.ONESHELL`, whose lines are one script."""
    if any(each.condition for each in recipes):
        raise Unclear("a recipe that is one script depends on conditions")
    text = "\n".join(each.text if at == 0 else each.text.lstrip("@+-") for at, each in enumerate(recipes))
    return [Recipe(text, recipes[0].path, recipes[0].line)]


def _lines_in(text: Value) -> list[Value]:
    """The lines of a text, where one that ends with a backslash goes on; a tab before the next is taken off."""
    complete, rest = lines_of(text)
    found: list[Value] = []
    pending: Value = ()
    for line in [*complete, rest]:
        last = line[-1] if line else ""
        if isinstance(last, str) and (len(last) - len(last.rstrip("\\"))) % 2:
            pending = value(pending, _without_tab(line) if pending else line, "\n")
            continue
        found.append(value(pending, _without_tab(line) if pending else line))
        pending = ()
    return [*found, pending] if pending else found


def _without_tab(line: Value) -> Value:
    return value(line[0].removeprefix("\t"), *line[1:]) if line and isinstance(line[0], str) else line


def _without_prefix(line: Value) -> tuple[Value, str]:
    """A line without the signs before it (`@`, `-`, `+`), and these."""
    if not line or not isinstance(line[0], str):
        return line, ""
    prefix = _PREFIX.match(line[0])
    assert prefix is not None  # noqa: S101 - it may be empty
    return value(line[0][prefix.end() :], *line[1:]), prefix[0]


def _automatic(name: str, rule: Rule, path_of: Callable[[str], Value]) -> dict[str, Value]:
    """`$@`, `$<`, `$^` …, and the folders (`$(@D)`) and names (`$(@F)`) of them."""
    once = " ".join(dict.fromkeys(rule.needs))
    texts = {
        "@": name, "<": rule.needs[0] if rule.needs else "", "^": once, "+": " ".join(rule.needs), "*": rule.stem,
        "|": " ".join(rule.order_only), "%": "",
    }  # fmt: skip
    found = {mark: path_of(text) for mark, text in texts.items()}
    for mark, text in texts.items():
        found[f"{mark}D"] = path_of(" ".join(map(folder_of, text.split())))
        found[f"{mark}F"] = path_of(" ".join(path.rpartition("/")[2] for path in text.split()))
    newer: Value = (Symbol("unknown", f"make: what is newer than {name}"),)
    return {**found, "?": newer, "?D": newer, "?F": newer}
