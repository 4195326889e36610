"""tox: the commands of its environments, from tox.ini, setup.cfg, pyproject.toml or tox.toml."""

from __future__ import annotations

import itertools
import posixpath
import re
import shlex
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from goldenpath.facts.regexes import regex
from goldenpath.facts.tasks.model import Arguments, Script, Task, filled, find, joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.tasks.model import Read
    from goldenpath.facts.values import Value

MAX_ENVIRONMENTS = 200
"""Most environments that a list stands for."""

_TAKES = frozenset({"-e", "--env", "-c", "--conf", "--workdir", "--root", "-p", "--parallel", "-x", "--override", "-m",
                    "-f", "--skip-env", "--result-json", "--installpkg"})  # fmt: skip
_IDLE = ("-l", "--listenvs", "-a", "--notest", "-n", "-h", "--help", "--version", "--showconfig")
_ELSEWHERE = ("-c", "--conf", "--root", "-x", "--override", "-m", "-f", "--skip-env")

_COMMANDS = {"list", "l", "config", "c", "devenv", "d", "legacy", "le", "quickstart", "q", "depends", "de", "schema"}
_STEPS = ("commands_pre", "commands", "commands_post")
_FACTORS = regex(r"(?P<factors>[\w{}.!,-]+):\s+(?P<command>.*)")
_SUBSTITUTION = regex(r"\{([^{}]*)\}")
_ROOT = {"toxinidir", "tox_root"}


class _Command(Struct, frozen=True):
    text: str
    ignored: bool = False


class _Config(Struct):
    """A configuration: values by section and key; those of TOML are lists of commands already."""

    path: str
    text: str
    sections: dict[str, dict[str, Any]]
    main: dict[str, Any]


def lead(words: tuple[Value, ...], read: Read, folder: str) -> Task:
    """What `tox` runs."""
    given = Arguments(words, _TAKES)
    if given.has(*_IDLE) or (given.rest and given.rest[0] in _COMMANDS):
        return Task()
    if given.unclear or given.has(*_ELSEWHERE):
        return Task(unseen="which environments of tox run is only known in a run")
    config = _config(read, folder)
    if config is None:
        return Task(unseen="there is no configuration of tox that is read here")
    asked = given.of("-e", "--env")
    names = list(_names(",".join(asked))) if asked else list(_listed(config))
    if not asked and re.search(r"gh-actions|tox-gh", config.text):
        return Task(unseen=f"which environments tox runs is chosen by a plugin ({config.path})")
    scripts = (script for name in names[:MAX_ENVIRONMENTS] for script in _scripts(config, name, given.behind, folder))
    unseen = "" if names else f"{config.path} lists no environments"
    return Task(tuple(scripts), unseen)


# --- which environments


def _names(text: str) -> Iterator[str]:
    """The names that a list of them stands for: `py{310,311}-{lint,test}` are four."""
    for item in re.findall(r"(?:[^\s,{}]|\{[^{}]*\})+", text):
        parts = [
            part[1:-1].replace(" ", "").split(",") if part.startswith("{") else [part]
            for part in re.findall(r"\{[^{}]*\}|[^{}]+", item)
        ]
        for chosen in itertools.islice(itertools.product(*parts), MAX_ENVIRONMENTS):
            yield "".join(chosen)


def _listed(config: _Config) -> Iterator[str]:
    given = config.main.get("env_list", config.main.get("envlist", ""))
    if isinstance(given, list):
        yield from (name for name in given if isinstance(name, str))
    else:
        yield from _names(str(given))


# --- what they run


def _scripts(config: _Config, name: str, behind: list[str] | None, folder: str) -> Iterator[Script]:
    own, base = config.sections.get(f"testenv:{name}", {}), config.sections.get("testenv", {})
    outcome = str(own.get("ignore_outcome", base.get("ignore_outcome", ""))).lower() == "true"
    place = _literal_folder(str(own.get("changedir", own.get("change_dir", base.get("changedir", "")))))
    root = posixpath.normpath("../" * len(place.split("/"))) if place else "."
    for step in _STEPS:
        for command in _commands(own.get(step, base.get(step, "")), name):
            text = filled(command.text, _SUBSTITUTION, lambda inner: _meaning(inner, behind, config, name, root), "tox")
            line = _line(config.text, command.text)
            yield Script(text, config.path, line, joined(folder, place), heeded=not (command.ignored or outcome))


def _literal_folder(text: str) -> str:
    folder = posixpath.normpath(text.replace("{/}", "/").replace("{toxinidir}/", "").replace("{tox_root}/", "").strip())
    return "" if "{" in folder or folder == "." else folder


def _commands(given: Any, name: str) -> Iterator[_Command]:  # noqa: ANN401 - INI's text, or TOML's lists
    if isinstance(given, list):
        for words in given:
            plain = [_in_toml(word) for word in words] if isinstance(words, list) else []
            if plain:
                yield _Command(" ".join(plain).removeprefix("- "), plain[0] == "-")
        return
    for line in re.sub(r"\\\n\s*", " ", str(given)).splitlines():
        if (match := _FACTORS.fullmatch(line.strip())) and not _holds(match["factors"], name):
            continue
        text = (match["command"] if match else line).strip()
        if text and not text.startswith("#"):
            yield _Command(text.lstrip("-! "), text.startswith("-"))


def _in_toml(word: Any) -> str:  # noqa: ANN401
    """A word of a command in TOML; a table there stands for arguments that are handed on."""
    if isinstance(word, str):
        return word if "{" in word else shlex.quote(word)
    default = word.get("default", []) if isinstance(word, dict) else []
    return "{posargs:" + " ".join(map(str, default)) + "}" if isinstance(default, list) else "{posargs}"


def _holds(factors: str, name: str) -> bool:
    """Whether a line before which these factors stand is one of the environment's."""
    own = set(name.split("-"))
    return any(
        all((part.lstrip("!") in own) != part.startswith("!") for part in each.split("-")) for each in _names(factors)
    )


def _meaning(inner: str, behind: list[str] | None, config: _Config, name: str, root: str) -> str | None:
    """What stands for a substitution; `root` is the folder of tox.ini, from where the command runs."""
    key, _, default = inner.partition(":")
    if key == "posargs":
        return default if behind is None else " ".join(map(shlex.quote, behind))
    if key in _ROOT:
        return root
    if key in {"envbindir", "env_bin_dir"}:
        return "."
    if inner == "/":
        return "/"
    if key in {"envpython", "env_python"}:
        return "python"
    if key in {"envname", "env_name"}:
        return name
    if reference := re.fullmatch(r"\[([^\]]+)\](\w+)", inner):
        known = config.sections.get(reference[1], {}).get(reference[2])
        return known if isinstance(known, str) and "{" not in known else None
    return None


def _line(text: str, command: str) -> int:
    """The line at which a command is written, or the first."""
    first = command.partition(" ")[0]
    lines = text.splitlines()
    exact = next((number for number, line in enumerate(lines, 1) if command in line), 0)
    return exact or next((number for number, line in enumerate(lines, 1) if first and first in line), 1)


# --- what they install


def installs(read: Read, folder: str) -> Iterator[tuple[str, int]]:
    """What environments install by name, each with its line; files, paths and what a file constrains are left out."""
    config = _config(read, folder)
    for section in config.sections.values() if config is not None else ():
        given = section.get("deps", "")
        lines = (
            [each for each in given if isinstance(each, str)] if isinstance(given, list) else str(given).splitlines()
        )
        if any(line.strip().startswith(("-c", "--constraint")) for line in lines):
            continue
        for line in lines:
            match = _FACTORS.fullmatch(line.strip())
            text = (match["command"] if match else line).strip()
            if config is not None and text and text[0] not in "-.#/{":
                yield text, _line(config.text, text)


# --- where they are written


def _config(read: Read, folder: str) -> _Config | None:
    if found := find(read, folder, ("tox.ini",)):
        return _ini(*found, "tox")
    if (found := find(read, folder, ("setup.cfg",))) and "[tox:tox]" in found[1]:
        return _ini(*found, "tox:tox")
    if found := find(read, folder, ("pyproject.toml",)):
        own = _toml(found[1]).get("tool", {})
        own = own.get("tox") if isinstance(own, dict) else None
        if isinstance(own, dict):
            legacy = own.get("legacy_tox_ini")
            return _ini(found[0], legacy, "tox") if isinstance(legacy, str) else _tables(*found, own)
    if found := find(read, folder, ("tox.toml",)):
        return _tables(*found, _toml(found[1]))
    return None


def _ini(path: str, text: str, main: str) -> _Config | None:
    import configparser  # only repositories with such a file wait for it

    parser = configparser.ConfigParser(interpolation=None)  # as tox reads it, which runs nothing where that fails
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    sections: dict[str, dict[str, Any]] = {
        f"testenv:{each}" if mark else name: dict(parser[name])
        for name in parser.sections()
        for mark, listed in [name.partition("testenv:")[1:]]
        for each in itertools.islice(_names(listed) if mark else [name], MAX_ENVIRONMENTS)
    }
    return _Config(path, text, sections, sections.get(main, {}))


def _toml(text: str) -> dict[str, Any]:
    import tomllib  # only repositories with such a file wait for it

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _tables(path: str, text: str, root: dict[str, Any]) -> _Config:
    base, own = root.get("env_run_base"), root.get("env")
    sections: dict[str, dict[str, Any]] = {"testenv": base if isinstance(base, dict) else {}}
    for name, table in (own if isinstance(own, dict) else {}).items():
        sections[f"testenv:{name}"] = table if isinstance(table, dict) else {}
    return _Config(path, text, sections, root)
