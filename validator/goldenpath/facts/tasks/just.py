"""just: the recipes of a justfile, as far as a small grammar goes; modules and imports are not followed."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.regexes import regex
from goldenpath.facts.tasks.model import MAX_TASKS, Arguments, Script, Task, filled, find, is_told
from goldenpath.facts.values import Symbol, literal, partition, shown, strip, value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from goldenpath.facts.tasks.model import Read
    from goldenpath.facts.values import Value

    _Call: TypeAlias = tuple[str, tuple[Value, ...]]
    """A recipe by its name, with its arguments."""

_NAMES = ("justfile", "Justfile", ".justfile", "JUSTFILE")
_IDLE = ("-l", "--list", "--summary", "-n", "--dry-run", "-s", "--show", "--evaluate", "--fmt", "--choose", "--dump",
         "--init", "--variables", "-h", "--help", "--version", "-V", "--completions", "--groups")  # fmt: skip
_ELSEWHERE = ("-f", "--justfile", "-d", "--working-directory", "--set", "--shell", "--shell-arg", "--shell-command")
_RECIPE = regex(r"@?(?P<name>[A-Za-z_][\w-]*)(?P<parameters>(?:\s+[^:\s][^:]*?)?)\s*:(?!=)(?P<needs>.*)")
_NEED = regex(r"\(\s*(?P<told>[\w-]+)(?P<arguments>[^)]*)\)|(?P<plain>[A-Za-z_][\w-]*)")
_ARGUMENT = regex(r"\"[^\"]*\"|'[^']*'|[^\s\"']+")
_NAME = regex(r"[A-Za-z_][\w-]*")
_PARAMETER = regex(r"(?P<many>[*+])?\$?(?P<name>[A-Za-z_][\w-]*)(?:\s*=\s*(?P<default>\"[^\"]*\"|'[^']*'|\S+))?")
_VARIABLE = regex(
    r"(?:export\s+)?(?P<name>[A-Za-z_][\w-]*)\s*:=\s*(?:(?P<value>\"[^\"{]*\"|'[^']*')|(?P<asked>env(?:_var)?(?:_or_default)?\([^)]*\)))\s*(?:#.*)?"
)
_ALIAS = regex(r"alias\s+(?P<name>[\w-]+)\s*:=\s*(?P<target>[\w-]+)\s*")
_SHELL = regex(r"set\s+shell\s*:=\s*\[(?P<words>[^\]]*)\]")
_INTERPOLATION = regex(r"(?m)\{\{(?!\{)(.*?)(?:\}\}|$)")
_SHEBANG = regex(
    r"#!\s*(?:\S*/env\s+(?:-S\s+)?)?(?:\S*/)?(?P<shell>(?:ba|da|z|k)?sh)(?P<options>(?:\s+-\S+|\s+pipefail)*)\s*"
)
_ELSEWHERE_SYSTEMS = regex(r"\[(windows|macos|openbsd)\]")


class _Recipe(Struct):
    name: str
    line: int
    parameters: list[re.Match[str]]
    needs: list[re.Match[str]]
    follows: list[re.Match[str]]
    body: list[str]


class _Justfile(Struct):
    path: str
    recipes: dict[str, _Recipe]
    aliases: dict[str, str]
    variables: dict[str, Value]
    shell: str


def lead(words: tuple[Value, ...], read: Read, folder: str) -> Task:
    """What `just` runs."""
    given = Arguments(words)
    if given.has(*_IDLE):
        return Task()
    found = find(read, folder, _NAMES, upwards=True)
    if found is None or not all(map(is_told, words)) or given.has(*_ELSEWHERE):
        return Task(unseen="which recipes of a justfile run is not followed here")
    justfile = _parsed(*found)
    justfile = replace(justfile, variables=dict(justfile.variables))
    asked = list(given.values)
    while asked and (said := partition(asked[0], "=")):
        justfile.variables[literal(said[0]) or ""] = said[1]
        asked = asked[1:]
    goals, unseen = _goals(justfile, asked)
    scripts: list[Script] = []
    done: set[_Call] = set()
    for goal in goals:
        unseen = _collect(justfile, goal, scripts, done) or unseen
    return Task(tuple(scripts), unseen)


def _goals(justfile: _Justfile, words: list[Value]) -> tuple[list[_Call], str]:
    """The recipes that are asked for, each with the arguments that it takes."""
    if not words:
        first = next(iter(justfile.recipes), "")
        return ([("default" if "default" in justfile.recipes else first, ())] if first else []), ""
    goals: list[_Call] = []
    while words:
        asked = shown(words[0])
        name = justfile.aliases.get(asked, asked)
        recipe = justfile.recipes.get(name)
        if recipe is None:
            return goals, f"there is no recipe {name} in {justfile.path} itself"
        many = any(parameter["many"] for parameter in recipe.parameters)
        count = len(words) - 1 if many else len(recipe.parameters)
        goals.append((name, tuple(words[1 : 1 + count])))
        words = words[1 + count :]
    return goals, ""


def _collect(justfile: _Justfile, call: _Call, scripts: list[Script], done: set[_Call]) -> str:
    """Add what a recipe runs, what it needs before it and behind it; why that may not be all."""
    name, arguments = call
    recipe = justfile.recipes.get(justfile.aliases.get(name, name))
    if recipe is None:
        return f"there is no recipe {name} in {justfile.path} itself"
    if call in done:
        return ""
    if len(done) > MAX_TASKS:
        return f"{justfile.path} leads to more recipes than are followed"
    done.add(call)
    known = justfile.variables | _bound(recipe, arguments)
    unseen = ""
    for need in recipe.needs:
        unseen = _collect(justfile, _called(justfile, need, known), scripts, done) or unseen
    unseen = _run(justfile, recipe, known, scripts) or unseen
    for need in recipe.follows:
        unseen = _collect(justfile, _called(justfile, need, known), scripts, done) or unseen
    return unseen


def _called(justfile: _Justfile, need: re.Match[str], known: dict[str, Value]) -> _Call:
    """Another recipe as one of them calls it, with what it is told; only a run knows what is worked out."""
    name, said = need["told"] or need["plain"], need["arguments"] or ""
    words = [each[0] for each in _ARGUMENT.finditer(said)]
    if any(not _NAME.fullmatch(each) and each[0] not in "\"'" for each in words):
        recipe = justfile.recipes.get(justfile.aliases.get(name, name))
        return name, tuple(_unknown(each["name"]) for each in (recipe.parameters if recipe else ()))
    told = (value(each[1:-1]) if each[0] in "\"'" else known.get(each, _unknown(each)) for each in words)
    return name, tuple(told)


def _unknown(name: str) -> Value:
    return value(Symbol("unknown", f"just {name}"))


def _run(justfile: _Justfile, recipe: _Recipe, known: dict[str, Value], scripts: list[Script]) -> str:
    """Add the commands of a recipe itself; why they are not followed."""
    if recipe.body and recipe.body[0].startswith("#!"):
        shebang = _SHEBANG.fullmatch(recipe.body[0])
        if shebang is None:
            return f"the recipe {recipe.name} is a script for {recipe.body[0][2:].split()[-1]}"
        shell = f"{shebang['shell']}{shebang['options']} {{0}}"
        scripts.append(_script(justfile, "\n".join(recipe.body), recipe.line + 1, known, shell, heeded=True))
        return ""
    if not justfile.shell:
        return f"{justfile.path} sets a shell that is not followed"
    for number, line in _lines(recipe):
        text = line.lstrip("@-")
        heeded = "-" not in line[: len(line) - len(text)]
        scripts.append(_script(justfile, text, number, known, justfile.shell, heeded=heeded))
    return ""


def _bound(recipe: _Recipe, arguments: tuple[Value, ...]) -> dict[str, Value]:
    known = {}
    for index, parameter in enumerate(recipe.parameters):
        default = parameter["default"]
        if parameter["many"]:
            known[parameter["name"]] = strip(value(*(part for each in arguments[index:] for part in (each, " "))))
        elif index < len(arguments):
            known[parameter["name"]] = arguments[index]
        elif default and default[0] in "\"'":
            known[parameter["name"]] = value(default[1:-1])
        else:
            known[parameter["name"]] = _unknown(parameter["name"])
    return known


def _script(justfile: _Justfile, text: str, line: int, known: dict[str, Value], shell: str, *, heeded: bool) -> Script:
    folder = posixpath.dirname(justfile.path)
    return Script(filled(text, _INTERPOLATION, known.get, "just"), justfile.path, line, folder, shell, heeded)


def _lines(recipe: _Recipe) -> Iterator[tuple[int, str]]:
    """The commands of a recipe, each with its line; a backslash carries on in the next."""
    start, text = 0, ""
    for number, line in enumerate(recipe.body, recipe.line + 1):
        start, text = (start, text + line) if text else (number, line)
        if text.endswith("\\"):
            text = text[:-1]
        elif text.strip() and not text.startswith("#"):
            yield start, text.strip()
            text = ""
        else:
            text = ""


# --- the grammar


@lru_cache(maxsize=1)
def _parsed(path: str, text: str) -> _Justfile:
    """A justfile, which recipe after recipe is asked of; no more than one is kept."""
    justfile = _Justfile(path, {}, {}, {}, "sh {0}")
    recipe: _Recipe | None = None
    skipped = False
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1].isspace() or not line.strip():
            if recipe is not None and (line.strip() or recipe.body):
                recipe.body.append(line.strip())
            continue
        recipe = None
        if line.startswith("["):
            skipped |= _ELSEWHERE_SYSTEMS.match(line) is not None
        elif match := _SHELL.match(line):
            justfile.shell = _shell(re.findall(r"[\"']([^\"']*)[\"']", match["words"]))
        elif match := _ALIAS.fullmatch(line):
            justfile.aliases[match["name"]] = match["target"]
        elif match := _VARIABLE.fullmatch(line):
            known = value(match["value"][1:-1]) if match["value"] else _unknown(match["asked"])
            justfile.variables[match["name"]] = known
        elif (match := _RECIPE.fullmatch(line)) and not line.startswith(("set ", "import ", "mod ", "#")):
            before, _, behind = re.sub(r"\s#.*", "", match["needs"]).partition("&&")
            parameters = list(_PARAMETER.finditer(match["parameters"]))
            needs, follows = (list(_NEED.finditer(each)) for each in (before, behind))
            recipe = _Recipe(match["name"], number, parameters, needs, follows, [])
            if not skipped:
                justfile.recipes.setdefault(recipe.name, recipe)
            skipped = False
    return justfile


def _shell(words: list[str]) -> str:
    """The shell of a justfile as GitHub writes it; empty for one that is not followed."""
    if not words or words[0].rpartition("/")[2] not in {"bash", "sh", "dash", "zsh"}:
        return ""
    options = [re.sub(r"^(-\w*)c$", r"\1", word) for word in words[1:]]
    return " ".join([words[0], *(option for option in options if option not in {"-", ""}), "{0}"])
