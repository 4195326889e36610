"""Which commands run tests: by themselves, or by a target, a package's script or a shell script of this repository.

Only what is found there for certain counts as a test. A Makefile is read as far as a strict grammar goes: rules with
their recipes, and plain variables; where conditionals or includes leave open what a target does, nothing is concluded.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from goldenpath.facts.pipeline.tables import is_idle, known_command
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import Unfollowable, follow
from goldenpath.facts.shell.script import program_name, unwrapped
from goldenpath.facts.values import Symbol, Value, literal, shown, value
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from goldenpath.facts.pipeline.tables import CommandKnowledge
    from goldenpath.facts.shell.script import Script

MAX_DEPTH = 6
"""Longest chain of targets and scripts that call each other."""

MAX_RECIPES = 200
"""Most recipes and scripts that one command leads to."""

_INSTALLED = regex(r"(.*/)?\.?s?bin/[^/]+")
_WRAPPER = regex(r"(.*/)?(mvnw|gradlew)")
_PACKAGE_RUNNERS = regex(r"npm|pnpm|yarn|bun")
_MAKE_TAKES = ("-C", "--directory", "-f", "--file", "--makefile", "-j", "--jobs", "-l", "-o", "-W", "-I")


class Test(Struct, frozen=True):
    """A command that runs tests: where it is written, what guards it on the way there, whether its failure counts."""

    place: Place
    text: str
    conditions: frozenset[str] = frozenset()
    fatal: bool = True


class Tests:
    """The tests that a command leads to, and why there may be more (`unseen`).

    `followed` says that it has led to something else than itself, `harmless` that nothing there does anything that a
    release is made of.
    """

    def __init__(self, read: Callable[[str], str | None]) -> None:
        self.found: list[Test] = []
        self.unseen = ""
        self.followed = False
        self.harmless = True
        self._read = read
        self._left = MAX_RECIPES

    def look(self, words: tuple[Value, ...], test: Test, folder: str = "", depth: int = 0) -> None:
        """Look at a command, which `test` describes in case it is one."""
        words, about = self._without_wrappers(words, folder)
        program = literal(words[0]) if words else ""
        if program is None:
            self.unseen = self.unseen or "which program runs is only known in a run"
        if not program:
            return
        name = self._name(words[0], folder)
        self.followed |= depth > 0 or name != program
        said = [literal(word) or shown(word) for word in words[1:]]
        if about is not None and about.tests is not None:
            self.harmless &= about.does == "nothing"
            self.found += [test] if _tests(about, said) else []
            return
        self._left -= 1
        if depth >= MAX_DEPTH or self._left < 0:
            self.unseen = self.unseen or "targets and scripts call each other too often to be followed"
        elif name in {"make", "gmake"}:
            self._make(words[1:], test, folder, depth)
        elif _PACKAGE_RUNNERS.fullmatch(name):
            self._package(said, test, folder, depth)
        elif "/" in name or name in {"bash", "sh"}:
            path = name if "/" in name else next((word for word in said if not word.startswith("-")), "")
            self._script(path, test, folder, depth)
        elif about is not None and about.does == "unseen":
            self.unseen = self.unseen or about.why
        else:
            self.harmless &= about is not None and about.does == "nothing"

    def _without_wrappers(
        self, words: tuple[Value, ...], folder: str
    ) -> tuple[tuple[Value, ...], CommandKnowledge | None]:
        """A command without `sudo`, `npx`, `poetry run` … before it, and what the table says of it."""
        while True:
            words = unwrapped(words)
            if not words:
                return words, None
            names = [self._name(words[0], folder), *(literal(word) or "" for word in words[1:4])]
            about, length = known_command(names)
            if about is None or about.does != "wrap":
                return words, about
            words = Words(words[length:], about.takes.split()).rest

    def _name(self, word: Value, folder: str) -> str:
        """The name of a program, also of one in an environment (`.venv/bin/pytest`): no file of the repository."""
        name = program_name(word) or ""
        installed = _INSTALLED.fullmatch(name)
        wrapper = _WRAPPER.fullmatch(name)
        if wrapper or (installed and self._read(_joined(folder, name)) is None):
            return name.rpartition("/")[2]
        return name

    def _commands(self, script: Value, shell: str, at: Test, folder: str, depth: int) -> None:
        """Look at the commands of a recipe or script; `at` says where it begins and what its failure means."""
        try:
            followed = _followed(script, shell)
        except Unfollowable as error:
            self.unseen = self.unseen or error.reason
            return
        self.harmless &= not (followed.outputs or followed.environment or followed.path)
        self.harmless &= all(each.reason == "script" for each in followed.opaque)
        self.followed = True
        for command in followed.commands:
            if command.reachable and command.words:
                place = Place(at.place.path, at.place.line + command.line, 0)
                text = " ".join(shown(word) for word in command.words)
                conditions = at.conditions | command.condition
                self.look(command.words, Test(place, text, conditions, at.fatal and command.fatal), folder, depth + 1)

    # --- make

    def _make(self, words: tuple[Value, ...], test: Test, folder: str, depth: int) -> None:
        given = Words(words, _MAKE_TAKES)
        if {"-n", "--just-print", "--dry-run", "-q", "--question"} & given.options.keys():
            return
        ignores = {"-i", "--ignore-errors"} & given.options.keys()
        inner = literal(given.first("-C --directory"))
        named = literal(given.first("-f --file --makefile"))
        goals = [literal(word) for word in given.positionals if "=" not in shown(word)]
        place = _joined(folder, inner or "")
        paths = [named] if named else ["GNUmakefile", "makefile", "Makefile"]
        makefile = next((found for path in paths if (found := self._makefile(_joined(place, path)))), None)
        if makefile is None or None in goals:
            self.unseen = self.unseen or "make targets are not followed here"
            return
        at = Test(test.place, test.text, test.conditions, test.fatal and not ignores)
        waiting, seen = [goal or "" for goal in goals] or [makefile.default], set[str]()
        while waiting:
            goal = waiting.pop(0)
            if goal in seen:
                continue
            seen.add(goal)
            rule = makefile.rules.get(goal)
            if rule is None or rule.unclear:
                self.unseen = self.unseen or f"what `make {goal}` does is not followed"
                continue
            waiting += [name for name in rule.needs if name in makefile.rules]
            for line, recipe in rule.recipes:
                heeded = Test(Place(makefile.path, line, 0), at.text, at.conditions, at.fatal and not recipe.ignored)
                self._commands(makefile.expanded(recipe.text), makefile.shell, heeded, place, depth)

    def _makefile(self, path: str) -> _Makefile | None:
        text = self._read(path)
        return _read_makefile(path, text) if text is not None else None

    # --- scripts

    def _package(self, said: list[str], test: Test, folder: str, depth: int) -> None:
        """`npm test`, `pnpm run build`: a script of package.json."""
        names = [word for word in said if not word.startswith("-")]
        name = names[1] if names[:1] in (["run"], ["run-script"]) and len(names) > 1 else (names or [""])[0]
        name = {"t": "test", "tst": "test", "it": "test", "install-test": "test"}.get(name, name)
        path = _joined(folder, "package.json")
        text = self._read(path)
        if text is None or any(
            word.startswith(("-C", "--prefix", "-w", "--workspace", "--filter", "-r")) for word in said
        ):
            self.unseen = self.unseen or "package scripts are not followed here"
            return
        try:
            scripts: Any = msgspec.json.decode(text).get("scripts", {})
            script = scripts.get(name)
        except (msgspec.DecodeError, AttributeError):
            return
        if isinstance(script, str):
            line = text[: text.find(f'"{name}"')].count("\n") + 1
            at = Test(Place(path, line, 0), test.text, test.conditions, test.fatal)
            self._commands(value(script), "sh {0}", at, folder, depth)

    def _script(self, path: str, test: Test, folder: str, depth: int) -> None:
        path = _joined(folder, path)
        text = self._read(path) if path and not path.startswith("/") else None
        first = text.partition("\n")[0] if text else ""
        if text is None or not (re.match(r"#!.*\b(ba|da|z|k)?sh\b", first) or path.endswith((".sh", ".bash"))):
            self.unseen = self.unseen or "what this script does is not followed"
            return
        options = re.search(r"sh((?: +-\S+)+)", first)
        at = Test(Place(path, 1, 0), test.text, test.conditions, test.fatal)
        self._commands(value(text), f"bash{options[1] if options else ''} {{0}}", at, folder, depth)


@lru_cache(maxsize=256)
def _followed(script: Value, shell: str) -> Script:
    """What a recipe or script does. Every run of every workflow comes to the same few, so they are kept."""
    return follow(script, {}, shell)


def _tests(about: CommandKnowledge, said: list[str]) -> bool:
    """Whether a program that can run tests is asked to."""
    wanted = not about.tests or not about.tests.isdisjoint(word.rpartition(":")[2] for word in said)
    return wanted and not any(is_idle(word) or word in about.skips for word in said)


_SPEAKS_OF_TESTS = regex(
    r"(?<![a-z])(tests?|testing|checks?|ci|all|verify|specs?|unit|e2e|validate|tox|nox)(?![a-z])", re.IGNORECASE
)


def may_test(words: tuple[Value, ...]) -> bool:
    """Whether a command that is not followed may run tests, by what is called so in it."""
    return any(_SPEAKS_OF_TESTS.search(shown(word)) for word in words if not shown(word).startswith("-"))


def _joined(folder: str, path: str) -> str:
    path = re.sub(r"^(\./+)+", "", path)
    return f"{folder.rstrip('/')}/{path}" if folder and path else folder or path


# --- Makefiles

_RULE = regex(r"(?P<targets>[^\s:=#][^:=#]*?)\s*::?(?![=:])\s*(?P<needs>[^#;=]*?)\s*(?:;\s*(?P<recipe>.*))?(?:#.*)?")
_ASSIGNMENT = regex(r"(?:override\s+|export\s+)*(?P<name>[\w.-]+)\s*(?P<how>::?:?=|\?=|\+=|=)\s*(?P<value>.*)")
_REFERENCE = regex(r"\$(?:\$|\(([^()$]*)\)|\{([^{}$]*)\}|([^$({]))")
_CONDITIONAL = regex(r"\s*(ifeq|ifneq|ifdef|ifndef)\b")


class _Recipe(Struct, frozen=True):
    text: str
    ignored: bool


class _Rule(Struct):
    needs: list[str] = []
    recipes: list[tuple[int, _Recipe]] = []
    unclear: bool = False


class _Makefile:
    """The rules of a Makefile by target."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.rules: dict[str, _Rule] = {}
        self.default = ""
        self._variables: dict[str, str | None] = {}
        self._read(text)
        self.default = self._variables.get(".DEFAULT_GOAL") or self.default
        flags = self._variables.get(".SHELLFLAGS") or ""
        self.shell = "bash " + re.sub(r"(?<=[a-z])c\b|(?<=\s)-c\b", "", flags).strip() + " {0}"

    def expanded(self, text: str, depth: int = 0) -> Value:
        """A recipe with its variables replaced; what nobody knows stands there as a symbol."""
        parts: list[str | Symbol | Value] = []
        last = 0
        for match in _REFERENCE.finditer(text):
            parts.append(text[last : match.start()])
            last = match.end()
            name = match[1] or match[2] or match[3]
            known = self._variables.get(name) if name else None
            if match[0] == "$$":
                parts.append("$")
            elif name == "MAKE":
                parts.append("make")
            elif known is not None and depth < MAX_DEPTH:
                parts.append(self.expanded(known, depth + 1))
            elif name in self._variables or not re.fullmatch(r"\w+", name or ""):
                parts.append(Symbol("variable", f"make: {name}"))
        return value(*parts, text[last:])

    def _read(self, text: str) -> None:
        current: list[_Rule] = []
        nested = 0
        for number, line in _logical(text):
            if line.startswith("\t"):
                body = line[1:].lstrip()
                prefix = re.match(r"[@+\s-]*", body)
                mark = prefix[0] if prefix else ""
                for rule in current:
                    rule.unclear |= nested > 0
                    rule.recipes = [*rule.recipes, (number, _Recipe(body[len(mark) :], "-" in mark))]
                continue
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            if _CONDITIONAL.match(line):
                nested += 1
            elif re.match(r"\s*endif\b", line):
                nested = max(nested - 1, 0)
            elif re.match(r"\s*(else|-?include|sinclude|define|endef|vpath|unexport)\b", line):
                current = current if "else" in line else []
            elif found := _ASSIGNMENT.fullmatch(line.strip()):
                self._assign(found["name"], found["how"], found["value"], surely=not nested)
            elif rule_line := _RULE.fullmatch(line.strip()):
                current = self._rule(rule_line, number, surely=not nested)

    def _assign(self, name: str, how: str, text: str, *, surely: bool) -> None:
        text = re.sub(r"\s+#.*", "", text)
        if how == "+=" and self._variables.get(name):
            text = f"{self._variables[name]} {text}"
        self._variables[name] = text if surely else None

    def _rule(self, line: re.Match[str], number: int, *, surely: bool) -> list[_Rule]:
        names = line["targets"].split()
        needs = [name for name in line["needs"].split() if name != "|"]
        rules = []
        for name in names:
            rule = self.rules.setdefault(name, _Rule())
            rule.needs = [*rule.needs, *needs]
            rule.unclear |= not surely
            if line["recipe"]:
                rule.recipes = [
                    *rule.recipes,
                    (number, _Recipe(line["recipe"].lstrip("@+-"), line["recipe"].startswith("-"))),
                ]
            rules.append(rule)
            if not self.default and not name.startswith("."):
                self.default = name
        return rules


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a Makefile, those that go on after a backslash put together; each with the number of its first."""
    pending, start = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        start = start or number
        if line.endswith("\\") and not line.endswith("\\\\"):
            pending += line + "\n" if pending.startswith("\t") or line.startswith("\t") else line[:-1] + " "
            continue
        yield start, pending + line
        pending, start = "", 0


@lru_cache(maxsize=16)
def _read_makefile(path: str, text: str) -> _Makefile:
    """The rules of a Makefile, read once for all the commands that call it."""
    return _Makefile(path, text)
