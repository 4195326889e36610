"""Scripts of packages: `npm run x`, `yarn x`, what `npm publish` runs before it publishes, `hatch run x`."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from msgspec.structs import replace

from goldenpath.facts.pipeline.tables import has_a_release, words_in
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.pipeline.workspaces import CHOOSING, EACH, MAX_STARS, above, chosen, packages_of, root_of
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.paths import path_from
from goldenpath.facts.shell.script import SHELLS, Called, Lead
from goldenpath.facts.tasks.model import quoted
from goldenpath.facts.values import Value, display, literal, shown, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from goldenpath.facts.pipeline.called import Checkout
    from goldenpath.facts.pipeline.tools.settings import Settings
    from goldenpath.facts.shell.script import Command, Surroundings

_ALIASES = {"t": "test", "tst": "test"}
_LIFECYCLES = ("test", "start", "stop", "restart")
_RUN = frozenset({"run", "run-script", "rum", "urn"})
_Names: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
_AROUND: dict[str, _Names] = {
    "publish": (("prepublishOnly", "prepack", "prepare"), ("postpack", "publish", "postpublish")),
    "pack": (("prepack", "prepare"), ("postpack",)),
    "version": (("preversion",), ("version", "postversion")),
}
"""What these commands run before and after what they do themselves."""
_AROUND_OF_BERRY: dict[str, _Names] = {
    "publish": (("prepublish", "prepack"), ("postpack",)),
    "pack": (("prepack",), ("postpack",)),
    "version": ((), ()),
}
"""The same of the newer yarn, which has other names for it, and none for `version`."""
_INSTALLING: dict[str, list[list[str]]] = {
    "npm": [["ci"], ["clean-install"], ["i"], ["install"]], "pnpm": [["i"], ["install"]], "bun": [["i"], ["install"]],
    "yarn": [[], ["install"]],
}  # fmt: skip
"""How package managers are told to install all that the package needs."""
_AROUND_INSTALLING: _Names = (
    ("preinstall",), ("install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"),
)  # fmt: skip
"""What a package manager runs that installs what the package needs."""
_OF_BERRY = ".yarnrc.yml"
_AROUND_TEST = ("pretest", "posttest")
IGNORE_SCRIPTS = "ignore-scripts"
SCRIPT = "scripts."
"""What stands before the name of a script that a job has changed, among the settings that it has made."""
_OWN = frozenset({
    "access", "add", "adduser", "audit", "bin", "bugs", "cache", "ci", "config", "create", "dedupe", "deprecate",
    "dist-tag", "dlx", "doctor", "env", "exec", "explain", "explore", "fetch", "fund", "global", "help", "i", "import",
    "info", "init", "install", "install-test", "it", "licenses", "link", "list", "login", "logout", "ls", "node", "npm",
    "npx", "org", "outdated", "owner", "patch", "ping", "pkg", "plugin", "plugins", "prefix", "profile", "prune",
    "rebuild", "remove", "root", "search", "set", "setup", "shrinkwrap", "star", "store", "team", "token", "unlink",
    "unplug", "up", "update", "upgrade", "version", "view", "whoami", "why", "workspace", "workspaces", "x",
})  # fmt: skip
"""Commands of package managers themselves, after which a script cannot be called without `run`."""
_TAKES = (
    "--prefix",
    "-C",
    "--dir",
    "--cwd",
    "--loglevel",
    "--registry",
    "--tag",
    "--access",
    "--otp",
    "--shell",
    "--script-shell",
    "--workspace-concurrency",
)
_KNOWN = frozenset({
    "--aggregate-output", "--fail-if-no-match", "--if-present", "--ignore-scripts", "--parallel", "--silent", "-s",
    "--stream", "--workspace-concurrency",
})  # fmt: skip
"""Options of a run that change neither what is run nor that the first failure ends it."""
_ONE_BY_ONE = frozenset({"-s", "-l", "-n", "--serial", "--sequential", "--silent", "--print-label", "--print-name"})
"""Options of npm-run-all that leave it at that: one script after the other, until one fails."""
_IN_JAVASCRIPT = regex(r".*\.[cm]?[jt]sx?")
"""What bun runs by itself, where no script is called so; a shell would read its comments as commands."""
_BY_BUN = frozenset({"-e", "--eval", "-p", "--print"})
"""Options by which bun runs a text in JavaScript, as Node.js does."""
_ELSEWHERE = ("-w", "--workspace", "--workspaces", "-ws", "-r", "--recursive", "--filter", "-F", "--location", "-g")


def lead_of(checkout: Checkout, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
    """What a package manager runs of package.json; None for what it does by itself."""
    manager = literal(words[0]) or ""
    if manager == "bun" and _is_text(words):
        return Lead((Called(text=_line("node", words[1:]), path=""),))
    given = Words(words[1:], _TAKES)
    said = [literal(word) for word in given.positionals]
    of_berry = manager == "yarn" and (said[:1] == ["npm"] or checkout.exists(_OF_BERRY))
    if (said[:1], manager) == (["npm"], "yarn") or (said[:2], manager) == (["stage", "publish"], "npm"):
        said = said[1:]
    name = said[0] if said else None
    if manager == "yarn" and name == "workspace" and words[1] == ("workspace",):
        return _of_member(checkout, words, surroundings)
    if name in _AROUND or said in _INSTALLING.get(manager, ()):
        around = (_AROUND_OF_BERRY if of_berry else _AROUND).get(name or "")
        return _around(checkout, name, given, surroundings, around)
    if name in _RUN:
        script, rest = (said[1] if len(said) > 1 else None), _after(words, 2, manager)
    else:
        script, rest = _ALIASES.get(name or "", name), _after(words, 1, manager)
        if manager == "npm" and script not in _LIFECYCLES:
            return None
    own_command = name in _OWN or (manager == "bun" and name in {"pm", "test"})
    if name is None or (name not in _RUN and (own_command or name.startswith("-"))):
        return None
    return _named(checkout, words, given, (script, rest), surroundings, run=name in _RUN)


def _named(
    checkout: Checkout,
    words: tuple[Value, ...],
    given: Words,
    called: tuple[str | None, list[Value]],
    surroundings: Surroundings,
    *,
    run: bool,
) -> Lead | None:
    """What a package manager runs for a name and what that is given: a script, or a program where it takes any."""
    manager, (script, rest) = literal(words[0]) or "", called
    if shell := _other_shell(checkout, literal(_folder(surroundings, given)) or "", given, surroundings):
        return Lead(unseen=f"its scripts are run by {shell} (script-shell)")
    package = package_in(checkout, _folder(surroundings, given))
    asked = manager == "npm" or (manager == "pnpm" and run)
    is_program = not asked and script is not None and package is not None and script not in package.scripts
    own = Words(words[1 : words.index(given.positionals[run])], _TAKES) if is_program else given
    if any(option.startswith(_ELSEWHERE) for option in own.options):
        return _of_members(checkout, manager, words, surroundings)
    if script is None or package is None:
        return Lead(unseen="which script of which package.json runs is only known in a run")
    return script_of(checkout, package, script, rest, manager, surroundings, asked=asked, given=given)


def _is_text(words: tuple[Value, ...]) -> bool:
    """Whether bun is told a text to run, and not which script or file."""
    at = next((at for at, word in enumerate(words) if literal(word) in _BY_BUN), 0)
    return at > 0 and not Words(words[1:at], _TAKES).positionals


def _of_member(checkout: Checkout, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
    """`yarn workspace NAME …`: what `yarn …` runs in the folder of the package that is called so."""
    folder = literal(surroundings.folder)
    root = root_of("yarn", folder or "")
    members = packages_of(checkout, "yarn", folder) if folder is not None and not checkout.unseen(root) else None
    paths = [path for path, name in (members or {}).items() if value(name) == (*words[2:3], ())[0]]
    if len(paths) != 1 or checkout.unseen(paths[0]):
        return Lead(unseen="which package of the workspace it is about is not known")
    lead = lead_of(checkout, (words[0], *words[3:]), replace(surroundings, folder=value(posixpath.dirname(paths[0]))))
    return replace(lead, reads=lead.reads | {root, *paths}) if lead else None


def _of_members(checkout: Checkout, manager: str, words: tuple[Value, ...], surroundings: Surroundings) -> Lead:
    """The scripts of that name of the packages of a workspace that a command chooses, one package after the other."""
    not_followed = Lead(unseen="which scripts of the packages of a workspace run is not followed")
    choosing = CHOOSING.get(manager, ())
    spelled = (value("--workspaces") if word == ("-ws",) else word for word in words[1:])
    given = Words(tuple(spelled), (*_TAKES, *choosing))
    name = _name_of_script([literal(word) for word in given.positionals])
    folder = literal(_folder(surroundings, given))
    if not choosing or not name or folder is None or set(given.options) - {*EACH.split(), *choosing, *_KNOWN}:
        return not_followed
    folder = above(checkout, folder) if manager == "pnpm" else folder
    scripts, reads = list[Called](), {root_of(manager, folder)}
    for path in chosen(checkout, manager, folder, given) or ():
        package = package_in(checkout, value(posixpath.dirname(path)))
        if package is None or (name in package.scripts and checkout.unseen(path)):
            return not_followed
        if name in package.scripts and (
            lead := script_of(checkout, package, name, [], manager, surroundings, asked=True, given=given)
        ):
            scripts += lead.scripts
        reads.add(path)
    return Lead(tuple(scripts), reads=frozenset(reads)) if scripts else not_followed


def lead_of_several(checkout: Checkout, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
    """What `npm-run-all a b:*` runs: scripts of package.json, by name or pattern, one after the other."""
    given = Words(words[1:], ())
    package = package_in(checkout, surroundings.folder)
    patterns = [literal(word) for word in given.positionals]
    if package is None or not patterns or None in patterns or ("--",) in words:
        return Lead(unseen="which scripts of which package.json run is only known in a run")
    if set(given.options) - _ONE_BY_ONE:
        return Lead(unseen="scripts that run at the same time, or whatever becomes of others, are not followed")
    scripts = list[Called]()
    for pattern in patterns:
        for name, rest in _matching(package, pattern or ""):
            lead = script_of(checkout, package, name, rest, "npm", surroundings, asked=True, given=given)
            if lead is None or lead.unseen:
                return lead
            scripts += lead.scripts
    return Lead(tuple(scripts), reads=frozenset({package.path}))


def _matching(package: Package, pattern: str) -> list[tuple[str, list[Value]]]:
    """The scripts that a pattern of npm-run-all chooses (`*` within, `**` across colons), with what they are given."""
    name, _, rest = pattern.partition(" ")
    wanted = re.escape(name).replace(r"\*\*", ".*").replace(r"\*", "[^:]*")
    found = [each for each in package.scripts if re.fullmatch(wanted, each)] if name.count("*") <= MAX_STARS else []
    return [(each, [value(word) for word in rest.split()]) for each in found or [name]]


def _name_of_script(said: list[str | None]) -> str | None:
    """The script that `run x`, or `x` alone, is about; None where it is given something, or is another command."""
    match said:
        case [first, str(name)] if first in _RUN:
            return name
        case [str(name)] if name not in _OWN and name not in _AROUND:
            return _ALIASES.get(name, name)
    return None


def script_of(
    checkout: Checkout,
    package: Package,
    name: str,
    rest: list[Value],
    manager: str,
    surroundings: Surroundings,
    *,
    asked: bool,
    given: Words,
) -> Lead | None:
    """What a package manager runs for a name: a script with those around it, else a program unless it is `asked`."""
    if (unseen := checkout.unseen(package.path)) and name in package.scripts:
        return Lead(unseen=unseen)
    if name not in package.scripts:
        if not asked:
            program = f"node {name}" if manager == "bun" and _IN_JAVASCRIPT.fullmatch(name) else name
            return Lead((Called(text=_line(program, rest), path=""),))
        if "--if-present" in given.options:
            return Lead()
        return Lead(unseen=f"{package.path} has no script {name!r}")
    berry = manager == "yarn" and checkout.exists(_OF_BERRY)
    around = not (berry or _ignores_scripts(checkout, posixpath.dirname(package.path), given, surroundings))
    names = [f"pre{name}", name, f"post{name}"] if around else [name]
    scripts = tuple(package.called(each, rest if each == name else []) for each in names if each in package.scripts)
    return Lead(scripts, reads=frozenset({package.path}))


def _line(program: str, words: Iterable[Value]) -> Value:
    """A program with words that a shell is to take as they are."""
    return value(program, *(part for word in words for part in (" ", quoted(word))))


def _around(
    checkout: Checkout, name: str | None, given: Words, surroundings: Surroundings, around: _Names | None
) -> Lead | None:
    """`npm publish`, with what its package runs before and after; an installation if that releases something."""
    said = [literal(word) for word in given.positionals]
    what = said[said.index(name) + 1 :] if around else []
    folder = _folder(surroundings, given)
    if name == "publish" and what:
        if what[0] is None or re.search(r"\.(tgz|tar\.gz)$", what[0]):
            return None
        folder = path_from(folder, value(what[0]))
    package = package_in(checkout, folder)
    if package is None or checkout.unseen(package.path):
        return None
    if _ignores_scripts(checkout, posixpath.dirname(package.path), given, surroundings):
        return None
    before, after = (
        tuple(package.called(each, []) for each in names if each in package.scripts)
        for names in around or _AROUND_INSTALLING
    )
    matters = bool(before or after) if around else _releases(package, [*before, *after])
    return Lead(before, reads=frozenset({package.path}), itself=True, after=after) if matters else None


def _releases(package: Package, asked: Iterable[Called]) -> bool:
    """Whether what runs as something is installed, or a script that it names, has a command that releases.

    What else it does is left alone, as is all that the packages do which are installed.
    """
    waiting, said = [display(each.text) for each in asked], dict[str, list[str]]()
    while waiting:
        text = waiting.pop()
        if text not in said:
            said[text] = words_in(text)
            waiting += [package.scripts[name] for name in _NAMED.findall(text) if name in package.scripts]
    return any(map(has_a_release, said.values()))


_NAMED = regex(r"[\w:.-]+")


def _ignores_scripts(checkout: Checkout, folder: str, given: Words, surroundings: Surroundings) -> bool:
    """Whether only what is asked for runs, and no script around it: by an option, the environment or `.npmrc`."""
    if "--ignore-scripts" in given.options:
        return given.has("--ignore-scripts")
    return (_setting(checkout, folder, IGNORE_SCRIPTS, surroundings) or "false") != "false"


def left_out(settings: Mapping[str, Settings], text: Callable[[str], str | None], way: Iterable[Command]) -> str | None:
    """Why the last one of commands that lead to each other may not run, by what a job has told npm before."""
    for command in way:
        scripts = _scripts_at(text(command.path) or "", command.line) if command.path.endswith("package.json") else []
        if (ignored := settings.get("npm")) and any(map(_runs_unasked, scripts)):
            return f"may not run, by {ignored.where}"
        changed = (settings.get(f"{SCRIPT}{name}") for name in (*scripts, *([""] if scripts else [])))
        if other := next(filter(None, changed), None):
            return f"stands in a script that is another one by {other.where}"
    return None


def _scripts_at(text: str, line: int) -> list[str]:
    """The scripts of a package.json that begin at a line, from 0."""
    package = _parsed("", text)
    return [name for name in package.scripts if package.called(name, ()).line == line] if package else []


def _runs_unasked(script: str) -> bool:
    """Whether npm runs a script by itself: around what it is asked to do."""
    return any(script in names for around in _AROUND.values() for names in around) or script in _AROUND_TEST


def _other_shell(checkout: Checkout, folder: str, given: Words, surroundings: Surroundings) -> str:
    """The program that runs scripts in the place of a shell, by an option, the environment or `.npmrc`; else empty."""
    told = given.first("--script-shell")
    shell = shown(told) if told else _setting(checkout, folder, "script-shell", surroundings)
    name = re.split(r"[\\/]", shell.strip("\"'"))[-1].removesuffix(".exe")
    return "" if name in {"", *SHELLS} else shell


def _setting(checkout: Checkout, folder: str, name: str, surroundings: Surroundings) -> str:
    """What npm is told by a variable, or by the nearest `.npmrc`; empty where nothing is said."""
    variable = f"npm_config_{name.replace('-', '_')}"
    for each in (variable, variable.upper()):
        if said := literal(surroundings.environment(each) or ()):
            return said
    told = regex(rf"(?m)^[ \t]*{name}[ \t]*=[ \t]*(\S(?:.*\S)?)")
    settings = (checkout.read(posixpath.join(each, ".npmrc")) or "" for each in dict.fromkeys((folder, "")))
    return next((found[-1] for text in settings if (found := told.findall(text))), "")


def _after(words: tuple[Value, ...], skipped: int, manager: str) -> list[Value]:
    """The words that a script is given: those after its name, of which npm takes options for its own."""
    found: list[Value] = []
    own, left, takes = True, skipped, False
    for word in words[1:]:
        text = literal(word) or ""
        if takes:
            takes = False
        elif text == "--" and not found:
            own = False
        elif own and text.startswith("-"):
            takes = text in _TAKES
        elif left > 0:
            left -= 1
            own = own and (left > 0 or manager == "npm")
        else:
            found.append(word)
    return found


def _folder(surroundings: Surroundings, given: Words) -> Value:
    folder = surroundings.folder
    for each in given.of("--prefix -C --dir --cwd"):
        folder = path_from(folder, each)
    return folder


class Package(msgspec.Struct, frozen=True):
    """A package.json with its scripts."""

    path: str
    text: str
    scripts: dict[str, str]

    def called(self, name: str, rest: Iterable[Value]) -> Called:
        """A script with what it is given at its end."""
        at = self.text.find('"scripts"')
        line = self.text.count("\n", 0, max(self.text.find(f"{msgspec.json.encode(name).decode()}", max(at, 0)), 0))
        given = [part for word in rest for part in (" ", quoted(word))]
        folder = posixpath.dirname(self.path)
        return Called(text=value(self.scripts[name], *given), path=self.path, line=line, folder=value(folder))


def package_in(checkout: Checkout, folder: Value) -> Package | None:
    """The package of a folder; None where none stands there that can be read."""
    known = literal(folder)
    if known is None or known.startswith(("/", "~", "..")):
        return None
    path = posixpath.join(known, "package.json")
    text = checkout.read(path)
    return None if text is None else _parsed(path, text)


def _parsed(path: str, text: str) -> Package | None:
    try:
        scripts: Any = msgspec.json.decode(text).get("scripts", {})
        return Package(path, text, {name: each for name, each in scripts.items() if isinstance(each, str)})
    except (msgspec.DecodeError, AttributeError):
        return None


# --- pyproject.toml


def lead_of_project(checkout: Checkout, words: tuple[Value, ...], surroundings: Surroundings) -> Lead | None:
    """`hatch run env:script` and `pdm run script`: what pyproject.toml says they are, else a command."""
    known = literal(surroundings.folder)
    given = [literal(word) for word in words[1:]]
    if known is None or given[:1] != ["run"] or len(given) < 2 or given[1] is None:
        return None
    path = posixpath.normpath(posixpath.join(known, "pyproject.toml"))
    text = None if path.startswith(("/", "..")) else checkout.read(path)
    if text is None or given[1].startswith("-"):
        return None
    import tomllib

    try:
        tools = tomllib.loads(text).get("tool", {})
        commands = (
            _of_hatch(tools, given[1]) if given[0:1] and literal(words[0]) == "hatch" else _of_pdm(tools, given[1])
        )
    except (tomllib.TOMLDecodeError, AttributeError, TypeError, RecursionError):
        return None
    if commands is None:
        return None
    if unseen := checkout.unseen(path):
        return Lead(unseen=unseen)
    name = given[1].rpartition(":")[2]
    found = re.search(rf"^\s*[\"']?{re.escape(name)}[\"']?\s*=", text, re.MULTILINE)
    line = text.count("\n", 0, found.end()) if found else 0
    rest = value(*(part for at, word in enumerate(words[3:]) for part in (" " if at else "", quoted(word))))
    called = [
        Called(text=_with(command.removeprefix("- "), rest), path=path, line=line, ignored=command.startswith("- "))
        for command in commands
    ]
    return Lead(tuple(called), reads=frozenset({path}))


def _with(command: str, rest: Value) -> Value:
    before, mark, after = re.sub(r"\{args(:[^{}]*)?\}", "\0", command).partition("\0")
    default = re.search(r"\{args:([^{}]*)\}", command)
    filler = rest or value(default[1] if default else "")
    return value(before, filler, after) if mark else value(command)


def _of_hatch(tools: dict[str, Any], name: str) -> list[str] | None:
    environment, _, script = name.rpartition(":")
    found = tools.get("hatch", {}).get("envs", {}).get(environment or "default", {}).get("scripts", {}).get(script)
    return [found] if isinstance(found, str) else [each for each in found if isinstance(each, str)] if found else None


def _of_pdm(tools: dict[str, Any], name: str) -> list[str] | None:
    found = tools.get("pdm", {}).get("scripts", {}).get(name)
    if isinstance(found, dict):
        found = found.get("cmd") or found.get("shell") or found.get("composite")
        if isinstance(found, list):
            return [f"pdm run {each}" for each in found if isinstance(each, str)]
    return [found] if isinstance(found, str) else None
