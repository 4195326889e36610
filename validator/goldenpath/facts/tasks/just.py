"""just: the recipes of a justfile, as far as a small grammar goes; modules and imports are not followed."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.tasks.model import MAX_TASKS, Arguments, Script, Task, filled, find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.tasks.model import Read
    from goldenpath.facts.values import Value

_NAMES = ("justfile", "Justfile", ".justfile", "JUSTFILE")
_IDLE = ("-l", "--list", "--summary", "-n", "--dry-run", "-s", "--show", "--evaluate", "--fmt", "--choose", "--dump",
         "--init", "--variables", "-h", "--help", "--version", "-V", "--completions", "--groups")  # fmt: skip
_ELSEWHERE = ("-f", "--justfile", "-d", "--working-directory", "--set", "--shell", "--shell-arg", "--shell-command")
_RECIPE = regex(r"@?(?P<name>[A-Za-z_][\w-]*)(?P<parameters>(?:\s+[^:\s][^:]*?)?)\s*:(?!=)(?P<needs>.*)")
_PARAMETER = regex(r"(?P<many>[*+])?\$?(?P<name>[A-Za-z_][\w-]*)(?:\s*=\s*(?P<default>\"[^\"]*\"|'[^']*'|\S+))?")
_VARIABLE = regex(r"(?:export\s+)?(?P<name>[A-Za-z_][\w-]*)\s*:=\s*(?P<value>\"[^\"{]*\"|'[^']*')\s*(?:#.*)?")
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
    needs: list[str]
    body: list[str]


class _Justfile(Struct):
    path: str
    recipes: dict[str, _Recipe]
    aliases: dict[str, str]
    variables: dict[str, str]
    shell: str


def lead(words: tuple[Value, ...], read: Read, folder: str) -> Task:
    """What `just` runs."""
    given = Arguments(words)
    if given.has(*_IDLE):
        return Task()
    found = find(read, folder, _NAMES, upwards=True)
    if found is None or given.unclear or given.has(*_ELSEWHERE):
        return Task(unseen="which recipes of a justfile run is not followed here")
    justfile = _parsed(*found)
    goals, unseen = _goals(justfile, [word for word in given.rest if "=" not in word])
    scripts: list[Script] = []
    done: set[str] = set()
    for name, arguments in goals:
        unseen = _collect(justfile, name, arguments, scripts, done) or unseen
    return Task(tuple(scripts), unseen)


def _goals(justfile: _Justfile, words: list[str]) -> tuple[list[tuple[str, list[str]]], str]:
    """The recipes that are asked for, each with the arguments that it takes."""
    if not words:
        first = next(iter(justfile.recipes), "")
        return ([("default" if "default" in justfile.recipes else first, [])] if first else []), ""
    goals: list[tuple[str, list[str]]] = []
    while words:
        name = justfile.aliases.get(words[0], words[0])
        recipe = justfile.recipes.get(name)
        if recipe is None:
            return goals, f"there is no recipe {name} in {justfile.path} itself"
        many = any(parameter["many"] for parameter in recipe.parameters)
        count = len(words) - 1 if many else len(recipe.parameters)
        goals.append((name, words[1 : 1 + count]))
        words = words[1 + count :]
    return goals, ""


def _collect(justfile: _Justfile, name: str, arguments: list[str], scripts: list[Script], done: set[str]) -> str:
    """Add what a recipe runs, what it needs before it; why that may not be all."""
    recipe = justfile.recipes.get(justfile.aliases.get(name, name))
    if recipe is None:
        return f"there is no recipe {name} in {justfile.path} itself"
    if name in done or len(done) > MAX_TASKS:
        return ""
    done.add(name)
    unseen = ""
    for need in recipe.needs:
        unseen = _collect(justfile, need, [], scripts, done) or unseen
    known = justfile.variables | _bound(recipe, arguments)
    if recipe.body and recipe.body[0].startswith("#!"):
        shebang = _SHEBANG.fullmatch(recipe.body[0])
        if shebang is None:
            return f"the recipe {name} is a script for {recipe.body[0][2:].split()[-1]}"
        shell = f"{shebang['shell']}{shebang['options']} {{0}}"
        scripts.append(_script(justfile, "\n".join(recipe.body), recipe.line + 1, known, shell, heeded=True))
        return unseen
    if not justfile.shell:
        return f"{justfile.path} sets a shell that is not followed"
    for number, line in _lines(recipe):
        text = line.lstrip("@-")
        heeded = "-" not in line[: len(line) - len(text)]
        scripts.append(_script(justfile, text, number, known, justfile.shell, heeded=heeded))
    return unseen


def _bound(recipe: _Recipe, arguments: list[str]) -> dict[str, str]:
    known = {}
    for index, parameter in enumerate(recipe.parameters):
        default = parameter["default"]
        if parameter["many"]:
            known[parameter["name"]] = " ".join(arguments[index:])
        elif index < len(arguments):
            known[parameter["name"]] = arguments[index]
        elif default and default[0] in "\"'":
            known[parameter["name"]] = default[1:-1]
    return known


def _script(justfile: _Justfile, text: str, line: int, known: dict[str, str], shell: str, *, heeded: bool) -> Script:
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


def _parsed(path: str, text: str) -> _Justfile:
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
            justfile.variables[match["name"]] = match["value"][1:-1]
        elif (match := _RECIPE.fullmatch(line)) and not line.startswith(("set ", "import ", "mod ", "#")):
            recipe = _Recipe(
                match["name"], number, list(_PARAMETER.finditer(match["parameters"])), _needs(match["needs"]), []
            )
            if not skipped:
                justfile.recipes.setdefault(recipe.name, recipe)
            skipped = False
    return justfile


def _needs(text: str) -> list[str]:
    text = re.sub(r"\s#.*", "", text)
    return [match[1] or match[2] for match in re.finditer(r"\(\s*([\w-]+)[^)]*\)|([A-Za-z_][\w-]*)", text)]


def _shell(words: list[str]) -> str:
    """The shell of a justfile as GitHub writes it; empty for one that is not followed."""
    if not words or words[0].rpartition("/")[2] not in {"bash", "sh", "dash", "zsh"}:
        return ""
    options = [re.sub(r"^(-\w*)c$", r"\1", word) for word in words[1:]]
    return " ".join([words[0], *(option for option in options if option not in {"-", ""}), "{0}"])
