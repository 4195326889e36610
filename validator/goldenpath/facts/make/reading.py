"""The text of a Makefile to its rules ("Writing Makefiles", "Writing Rules" and "Conditional Parts of Makefiles").

Conditionals have three values: what only a run decides is read both ways, and becomes a condition of the recipe lines
in it, and a symbol in the variables that are set in it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from goldenpath.facts.expressions import not_empty, rendered, same_text
from goldenpath.facts.make.expansion import Unclear, Variable, Variables, arguments, closing, fits
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.status import negation, not_all
from goldenpath.facts.values import EXPORTED, Symbol, display, literal, strip, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_LINES: Final = 20_000
MAX_CHARACTERS: Final = 256 * 1024
MAX_INCLUDES: Final = 100
MAX_RULES: Final = 5_000

_ASSIGNMENT: Final = regex(
    r"(?P<how_set>(?:(?:override|export|private)\s+)*)(?P<name>[^\s:+?!#=$()]+|[^\s:+?!#=]*\$\([^()]*\)[^\s:+?!#=]*)"
    r"\s*(?P<operator>:::?=|::=|:=|\?=|\+=|!=|=)(?P<value>.*)",
    re.DOTALL,
)
_REGISTRY: Final = regex(r"(localhost|[\w-]+(\.[\w-]+)*\.[a-z]{2,})(:\d+)?")
"""A host by itself: an action knows nothing of a repository's images, and may well know which registry there is."""
_CONDITIONAL: Final = regex(r"(ifeq|ifneq|ifdef|ifndef)(?:\s+|(?=[(\"']))(.*)", re.DOTALL)
_DEFINE: Final = regex(r"(?:(override|export)\s+)*define\s+(?P<name>\S+)\s*(?P<operator>[:?+]?:*=)?\s*")
_INCLUDE: Final = regex(r"(-include|sinclude|include)\s+(.*)", re.DOTALL)
_EXPORT: Final = regex(r"(unexport|export)(?:\s+([^=]*))?")
_WORD: Final = regex(r"-?(endif|else|define|override|export|unexport|include|sinclude|undefine|vpath|load)(?=\s|$)")
_OF_COMMANDS: Final = regex(r"make: (?:(?!<(?:variable|matrix|output|unknown github|line|item))[^\0])*<command [^\0]*")
_RULE_END: Final = regex(r"\s*(&?::?)\s*")


class Recipe(Struct, frozen=True):
    """A line of a recipe as it is written: the file and line (from 1), and what must hold for it to be there."""

    text: str
    path: str
    line: int
    condition: frozenset[str] = frozenset()


class Rule(Struct):
    """What makes one target. `unclear` says why that is not known for certain; `variables` are its own.

    `stem` is what `%` stands for; `double` says that it is made by rules with two colons, all of which run.
    """

    needs: list[str] = []
    order_only: list[str] = []
    recipes: list[Recipe] = []
    double: bool = False
    stem: str = ""
    unclear: str = ""
    variables: dict[str, Variable] = {}


class Pattern(Struct, frozen=True):
    """A pattern rule: `%.o: %.c`."""

    target: str
    rule: Rule


class _Definition(Struct):
    """A place where a rule may get its recipe; `begun` once it has a line from here.

    `needs` are what the rule needs by this place, from `start` on in all that it needs: those of the place with the
    recipe come first.
    """

    rule: Rule
    begun: bool = False
    needs: list[str] = []
    start: int = 0

    def begin(self, condition: frozenset[str]) -> None:
        """Get the first line of a recipe: what the rule had before is replaced, unless that depends on the run."""
        rule, end = self.rule, self.start + len(self.needs)
        self.begun = True
        rule.needs = [*self.needs, *rule.needs[: self.start], *rule.needs[end:]]
        if not rule.double:
            kept = rule.recipes if condition else []
            rule.recipes = [
                msgspec.structs.replace(each, condition=each.condition | not_all(condition)) for each in kept
            ]


class _Branch(Struct):
    """A conditional: whether its branch is read (None: perhaps), on which condition, and those of the others."""

    holds: bool | None
    atoms: frozenset[str]
    others: frozenset[str]
    done: bool


class Makefile:
    """The rules and variables that a Makefile and what it includes come to."""

    def __init__(self, variables: Variables, read: Callable[[str], str | None]) -> None:
        self.variables = variables
        self.rules: dict[str, Rule] = {}
        self.patterns: list[Pattern] = []
        self.phony: set[str] = set()
        self.exported: set[str] = set()
        self.exports_all = False
        self.default = ""
        self.unnamed = ""
        """Why there may be rules for targets that are not in `rules`; empty when there are none."""
        self.characters = 0
        self._read = read
        self.files: list[str] = []
        self._optional: list[str] = []
        self._lines = 0
        self._at = ("", 0)
        self._current: list[_Definition] = []
        self._branches: list[_Branch] = []
        self._define: tuple[str, str, list[str], int] | None = None
        variables.evaluate = self._evaluate

    def include(self, path: str) -> bool:
        """Read a file; returns whether it is there."""
        text = self._read(path)
        if text is None:
            return False
        self.characters += len(text)
        self.files.append(path)
        self.variables.defined["MAKEFILE_LIST"] = Variable(value(" ".join(self.files)), recursive=False)
        if len(self.files) > MAX_INCLUDES or self.characters > MAX_CHARACTERS:
            raise Unclear("it includes too much to be read")
        kept = self._at, self._branches
        self._branches = []
        for line in _statements(text):
            self._at = (path, line.number)
            self._line(line)
        if self._branches or self._define:
            raise Unclear(f"{path} ends within a conditional or a define")
        self._at, self._branches = kept
        self._current = []
        return True

    def _evaluate(self, text: str) -> None:
        kept, self._current = self._current, []
        for line in _statements(text):
            self._line(line)
        self._current = kept

    # --- lines

    def _line(self, line: _Statement) -> None:
        self._lines += 1
        if self._lines > MAX_LINES:
            raise Unclear(f"it has more than {MAX_LINES:,} lines")
        if self._define is not None:
            self._defining(line.raw)
        elif line.raw.startswith("\t") and (self._current or not line.text):
            self._recipe(line.raw[1:])
        elif line.text and not self._conditional(line) and self._is_read:
            self._directive(line)

    @property
    def _is_read(self) -> bool:
        return all(branch.holds is not False for branch in self._branches)

    @property
    def _condition(self) -> frozenset[str]:
        return frozenset().union(*(branch.atoms for branch in self._branches if branch.holds is None))

    @property
    def _surely(self) -> bool:
        return all(branch.holds for branch in self._branches)

    def _directive(self, line: _Statement) -> None:
        match line.kind:
            case "define":
                assert line.found is not None  # noqa: S101 - so it was classified
                self._define = (line.found["name"], line.found["operator"] or "=", [], 0)
            case "assignment":
                assert line.found is not None  # noqa: S101
                self._current = []
                self._assign(line.found)
            case "include":
                assert line.found is not None  # noqa: S101
                self._current = []
                self._include(line.found[2], optional=line.found[1] != "include")
            case "export":
                assert line.found is not None  # noqa: S101
                self._export(line.found)
            case "drop":
                self._drop(line.text)
            case _:
                self._rule(line)

    def _drop(self, text: str) -> None:
        word, *names = text.split()
        if word != "undefine":
            raise Unclear(f"it uses `{word}`, which is not followed")
        for name in names:
            self.variables.defined.pop(name, None)

    def _export(self, exported: re.Match[str]) -> None:
        names = (literal(self.variables.expand(exported[2] or "")) or "").split()
        if exported[1] == "unexport":
            self.exported -= set(names)
        elif names:
            self.exported |= set(names)
        else:
            self.exports_all = True

    def _include(self, paths: str, *, optional: bool) -> None:
        known = literal(self.variables.relative(self.variables.expand(paths)))
        if known is None:
            raise Unclear(f"it includes what only a run knows: {paths.strip()}"[:200])
        if not self._surely:
            raise Unclear(f"whether it includes {known} is only known in a run")
        for path in self.variables.found(known):
            if not self.include(path):
                if not optional:
                    raise Unclear(f"it includes {path}, which is not in this repository")
                self._optional.append(path)

    # --- conditionals

    def _conditional(self, line: _Statement) -> bool:
        """Read a line of a conditional; returns whether it is one."""
        if line.kind == "if" and line.found is not None:
            self._branches.append(self._branch(line.found, frozenset(), is_read=self._is_read))
            return True
        if line.kind == "endif":
            self._leave()
            return True
        if line.kind != "else":
            return False
        if not self._branches:
            raise Unclear("it has an `else` without a conditional")
        last = self._branches.pop()
        nested = _CONDITIONAL.fullmatch(line.text.removeprefix("else").strip())
        is_read = self._is_read and not last.done
        if nested is not None:
            branch = self._branch(nested, last.others, is_read=is_read)
            branch.done |= last.done
        else:
            undecided = bool(last.others)
            branch = _Branch((None if undecided else True) if is_read else False, last.others, frozenset(), done=True)
        self._branches.append(branch)
        return True

    def _leave(self) -> None:
        if not self._branches:
            raise Unclear("it has an `endif` without a conditional")
        self._branches.pop()

    def _branch(self, begins: re.Match[str], others: frozenset[str], *, is_read: bool) -> _Branch:
        """The first branch of a conditional, or one after `else`, where the conditions of the others are false."""
        if not is_read:
            return _Branch(holds=False, atoms=frozenset(), others=frozenset(), done=True)
        decided, atom = self._asked(begins[1], begins[2].strip())
        if decided is None:
            return _Branch(None, others | {atom}, others | {negation(atom)}, done=False)
        if not decided:
            return _Branch(holds=False, atoms=others, others=others, done=False)
        return _Branch(None if others else True, others, frozenset(), done=True)

    def _asked(self, word: str, text: str) -> tuple[bool | None, str]:
        if word in {"ifdef", "ifndef"}:
            name = literal(self.variables.expand(text))
            found = self.variables.get(name) if name is not None else None
            decided = None if name is None else found is not None and not_empty(found.text)
            atom = f"make: {text} != ''"
        else:
            left, right = map(self.variables.expand, _compared(text))
            decided = same_text(strip(left) if left == strip(left) else left, right)
            atom = f"{rendered(left)} == {rendered(right)}"
        if word in {"ifneq", "ifndef"}:
            return (None if decided is None else not decided), negation(atom)
        return decided, atom

    # --- variables

    def _defining(self, line: str) -> None:
        assert self._define is not None  # noqa: S101 - asked by the caller
        name, operator, lines, depth = self._define
        word = line.strip().split(None, 1)[0] if line.strip() else ""
        if word == "endef" and not depth:
            self._define = None
            if self._is_read:
                self._set(name, operator, "\n".join(lines))
            return
        lines.append(line)
        self._define = (name, operator, lines, depth + (word == "define") - (word == "endef"))

    def _assign(self, found: re.Match[str]) -> None:
        name = literal(self.variables.expand(found["name"]))
        if name is None:
            raise Unclear("it sets a variable whose name only a run knows")
        words = found["how_set"].split()
        self._set(name, found["operator"], found["value"].lstrip(), override="override" in words)
        if "export" in words:
            self.exported.add(name)

    def _set(self, name: str, operator: str, text: str, *, override: bool = False) -> None:
        if name == ".RECIPEPREFIX":
            raise Unclear("it begins its recipes with another sign than a tab")
        before = self.variables.defined.get(name)
        if before is not None and before.origin in {"command line", "override"} and not override:
            return
        kept = self.variables.get(name)
        if operator == "?=" and kept is not None and kept.origin != "default":
            return
        new = self._valued(kept, operator, text, override=override)
        if operator == "?=" and kept is None and self.variables.may_be_given and _REGISTRY.fullmatch(text.strip()):
            new = Variable((Symbol(EXPORTED, name),), recursive=False)
        if not self._surely and (kept is None or kept.text != new.text):
            new = Variable((Symbol("unknown", f"make: {name}"),), recursive=False)
        self.variables.defined[name] = new

    def _valued(self, before: Variable | None, operator: str, text: str, *, override: bool) -> Variable:
        origin = "override" if override else "file"
        if operator in {":=", "::="}:
            return Variable(self.variables.expand(text), recursive=False, origin=origin)
        if operator == "!=":
            return Variable(self.variables.expand(f"$(shell {text})"), recursive=False, origin=origin)
        if operator == ":::=":
            raise Unclear("it uses `:::=`, which is not followed")
        if operator != "+=" or before is None or before.origin == "default":
            return Variable(value(text), recursive=True, origin=origin)
        added = value(text) if before.recursive else self.variables.expand(text)
        joined = value(before.text, " ", added) if before.text else added
        return Variable(joined, recursive=before.recursive, origin=origin)

    # --- rules

    def _recipe(self, text: str) -> None:
        if not self._is_read:
            return
        path, number = self._at
        condition = self._condition
        for definition in self._current:
            rule = definition.rule
            if not definition.begun:
                definition.begin(condition)
            rule.recipes.append(Recipe(text, path, number, condition))

    def _rule(self, line: _Statement) -> None:
        self._current = []
        split = line.rule
        if split is None:
            if not self._surely and re.match(r"\$[({]error\b", line.text):
                return  # what goes on has taken the other branch
            if literal(strip(self.variables.expand(line.text))) == "":
                return
            raise Unclear(f"{self._at[0]}:{self._at[1]} is not understood")
        left, ending, right, recipe = split
        names = self.variables.names(self.variables.relative(self.variables.expand(left)))
        if names is None:
            self.unnamed = f"{self._at[0]}:{self._at[1]} makes targets whose names only a run knows"
            self._current = [_Definition(Rule())]
            return
        own = _ASSIGNMENT.fullmatch(right) if "=" in right else None
        if own is not None:
            self._own_variable(names.split(), own)
            return
        pattern, needs, order_only, unclear = self._needs(right)
        self._define_rules(names.split(), pattern, needs, order_only, unclear, double=ending.endswith("::"))
        self._current = self._current or [_Definition(Rule())]  # what has no target has a recipe all the same
        if recipe is not None:
            self._recipe(recipe)

    def _needs(self, text: str) -> tuple[str, list[str], list[str], str]:
        """The pattern of a static pattern rule, the prerequisites, those for the order alone, and what is not known."""
        unclear = "its prerequisites are expanded twice" if "$$" in text and ".SECONDEXPANSION" in self.rules else ""
        expanded = self.variables.relative(self.variables.expand(text))
        known: list[str] = []
        for part in expanded:
            name = self.variables.stood_for(part)
            if name is not None:
                known.append(name)
            elif not isinstance(part, Symbol) or part.kind == "command" or _OF_COMMANDS.fullmatch(part.name):
                continue  # names of sources, or of tools
            else:
                unclear = f"what it needs is only known in a run: {display((part,))}"
        needs, _, order_only = "".join(known).partition("|")
        pattern, colon, rest = needs.partition(":")
        found = self.variables.filled
        if colon:
            return pattern.strip(), found(rest), found(order_only), unclear
        return "", found(needs), found(order_only), unclear

    def _define_rules(
        self, names: list[str], pattern: str, needs: list[str], order_only: list[str], unclear: str, *, double: bool
    ) -> None:
        if len(self.rules) + len(self.patterns) > MAX_RULES:
            raise Unclear(f"it has more than {MAX_RULES:,} rules")
        for name in names:
            if name == ".PHONY":
                self.phony |= set(needs)
            if "%" in name and not pattern:
                rule = Rule(needs=list(needs), order_only=list(order_only), unclear=unclear)
                self.patterns.append(Pattern(name, rule))
                self._current.append(_Definition(rule))
                continue
            stem = fits(pattern, name) if pattern else None
            rule = self.rules.setdefault(name, Rule())
            filled = [need.replace("%", stem, 1) if stem is not None else need for need in needs]
            self._current.append(_Definition(rule, needs=filled, start=len(rule.needs)))
            rule.needs += filled
            rule.order_only += order_only
            rule.stem, rule.double = stem or rule.stem, rule.double or double
            rule.unclear = rule.unclear or unclear
            if not self._surely and needs:
                rule.unclear = rule.unclear or "what it needs depends on the run"
            if not self.default and (not name.startswith(".") or "/" in name):
                self.default = name

    def _own_variable(self, names: list[str], own: re.Match[str]) -> None:
        name, operator, text = own["name"], own["operator"], own["value"].lstrip()
        for target in names:
            if "%" in target:
                raise Unclear("it sets variables for a pattern of targets, which is not followed")
            rule = self.rules.setdefault(target, Rule())
            before = rule.variables.get(name) or self.variables.get(name)
            if operator == "?=" and before is not None:
                continue
            new = self._valued(before, operator, text, override=False)
            if not self._surely:
                new = Variable((Symbol("unknown", f"make: {name}"),), recursive=False)
            rule.variables = {**rule.variables, name: new}
            if "export" in own["how_set"].split():
                self.exported.add(name)


class _Statement(Struct, frozen=True):
    """A logical line: its number, its text as it is written and without comments, and what it is."""

    number: int
    raw: str
    text: str
    kind: str = ""
    found: re.Match[str] | None = None
    rule: tuple[str, str, str, str | None] | None = None


@lru_cache(maxsize=64)
def _statements(text: str) -> tuple[_Statement, ...]:
    """The lines of a text, told apart once for all the makes that read it."""
    return tuple(_statement(number, line) for number, line in logical_lines(text))


def _statement(number: int, raw: str) -> _Statement:
    joined = _joined(raw) if "\n" in raw else raw
    text = uncommented(joined).strip()
    word = _WORD.match(text)
    if found := _CONDITIONAL.fullmatch(text):
        return _Statement(number, raw, text, "if", found)
    if word is not None and word[0] in {"endif", "else"}:
        return _Statement(number, raw, text, word[0])
    for kind, pattern in (("define", _DEFINE), ("assignment", _ASSIGNMENT), ("include", _INCLUDE), ("export", _EXPORT)):
        possible = "=" in text if kind == "assignment" else word is not None
        if possible and (found := pattern.fullmatch(text)):
            return _Statement(number, raw, text, kind, found)
    if word is not None and word[0] in {"undefine", "vpath", "load"}:
        return _Statement(number, raw, text, "drop")
    return _Statement(number, raw, text, "rule", rule=_split_rule(joined))


def uncommented(text: str) -> str:
    """A line without its comment; a `#` in a reference, or after a backslash, begins none."""
    if "#" not in text:
        return text
    depth = 0
    for at, character in enumerate(text):
        if character in "({" and text[at - 1 : at] == "$":
            depth += 1
        elif character in ")}" and depth:
            depth -= 1
        elif character == "#" and not depth and text[at - 1 : at] != "\\":
            return text[:at].replace("\\#", "#")
    return text.replace("\\#", "#")


def _joined(text: str) -> str:
    """A line outside of recipes, where a line break after a backslash, and blanks around it, are one blank."""
    return re.sub(r"[ \t]*\\\n[ \t]*", " ", text)


def _compared(text: str) -> tuple[str, str]:
    """The two sides of `(a,b)`, `"a" "b"` or `'a' 'b'`."""
    if text.startswith("("):
        inner = text[1 : closing(text, 0)]
        first, *rest = arguments(inner)
        return first.strip(), ",".join(rest).strip()
    quoted = re.fullmatch(r"""(["'])((?:(?!\1).)*)\1\s*(["'])((?:(?!\3).)*)\3""", text, re.DOTALL)
    if quoted is None:
        raise Unclear("it has a conditional that is not understood")
    return quoted[2], quoted[4]


def _split_rule(line: str) -> tuple[str, str, str, str | None] | None:
    """Targets, colons, prerequisites and the recipe after a semicolon; None for what is no rule."""
    at = _outside(line, ":")
    if at < 0:
        return None
    ending = _RULE_END.match(line, at - (line[at - 1 : at] == "&"))
    assert ending is not None  # noqa: S101 - there is a colon
    rest = line[ending.end() :]
    semicolon = _outside(rest, ";")
    recipe = None if semicolon < 0 else rest[semicolon + 1 :].lstrip()
    needs = uncommented(rest if semicolon < 0 else rest[:semicolon]).strip()
    return line[: ending.start()], ending[1], needs, recipe


def _outside(text: str, wanted: str) -> int:
    """Where a character stands outside of references and comments, -1 without one."""
    depth = 0
    for at, character in enumerate(text):
        if character in "({" and text[at - 1 : at] == "$":
            depth += 1
        elif character in ")}" and depth:
            depth -= 1
        elif character == "#" and not depth:
            return -1
        elif character == wanted and not depth:
            return at
    return -1


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a Makefile, those that go on after a backslash put together, each with the number of its first."""
    pending: list[str] = []
    start = 1
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        pending.append(line)
        if (len(line) - len(line.rstrip("\\"))) % 2:
            continue
        yield start, "\n".join(pending)
        pending, start = [], number + 1
    if pending:
        yield start, "\n".join(pending)
