"""Settings of Gradle's, Maven's or npm's user that a job writes: what it runs then reads them beside its own files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from goldenpath.facts.pipeline.effects import name_of, tidy
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, display, literal, shown

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.values import Value

_HOME = r"(~|/root|/home/[^/<>]+|<[^<>]*\bHOME>)"
_SCRIPTS = regex(rf"({_HOME}/\.gradle|<[^<>]*GRADLE_USER_HOME>)/init(\.gradle(\.kts)?|\.d/[^/]+)")
_PROPERTIES = regex(rf"({_HOME}/\.gradle|<[^<>]*GRADLE_USER_HOME>)/gradle\.properties")
_OF_MAVEN = regex(rf"{_HOME}/\.m2/(settings|extensions)\.xml")
_OF_NPM = ".npmrc"
_NAMES = regex(r"init\.gradle(\.kts)?|[\w.-]+\.gradle(\.kts)?|gradle\.properties|(settings|extensions)\.xml|\.npmrc")
_IGNORES_SCRIPTS = regex(r"(?m)^[ \t]*ignore-scripts(?![ \t]*=[ \t]*false\b)")
_USER_HOME = "GRADLE_USER_HOME"
_LETS_IN = regex(
    r"(?i)\s*(#.*|!.*|[\w.-]*(user(name)?|password|passphrase|token|secret|credentials?|key([._-]?(id|ring\w*))?|keyringfile)"
    r"|org\.gradle\.(jvmargs|daemon|caching|workers\.max|console|welcome|logging[\w.]*|vfs[\w.]*|configureondemand"
    r"|configuration-cache[\w.]*|java[\w.]*|warning\.mode))?\s*([=: ].*)?"
)
"""A line of properties that lets somebody in, or says how fast Gradle goes and how much it talks."""
_XML = regex(r"\s*<([?!]|settings\b)")
_TELLS_MORE = regex(r"<(extensions?|pluginGroup)\b")
_ELEMENT = regex(r"<([\w.-]+)>")
_ACTIVE = regex(r"<activeProfile>\s*([^<>\s]+)")
_ID = regex(r"<id>\s*([^<>\s]+)")
_OF_PGP = regex(r"gpg\..*|(?i:[\w.-]*(user(name)?|password|passphrase|token))")
"""Properties that let somebody in, or are of signatures that count for nothing."""
_COPIES = frozenset({"cp", "mv", "install"})


class Settings(NamedTuple):
    """Where the job has written what a builder reads, and what, where that is known; `scripts`: Gradle runs it."""

    where: str
    text: str | None
    scripts: bool = False


def note(effects: CommandEffects, path: Value) -> None:
    """Remember that a file has been written, if it may change what Gradle, Maven or npm does."""
    if effects.moment.dead or not _NAMES.fullmatch(literal(name_of(path)) or ""):
        return
    named = _called(effects, path)
    text = _text(effects, path)
    settings = Settings(f"{display(path)} ({effects.place})", text, scripts=bool(_SCRIPTS.fullmatch(named)))
    if settings.scripts or (_PROPERTIES.fullmatch(named) and not all(map(_LETS_IN.fullmatch, _lines(text)))):
        effects.state.settings["gradle"] = settings
    elif _OF_MAVEN.fullmatch(named) and _tells_maven(text):
        effects.state.settings["maven"] = settings
    elif name_of(path) == (_OF_NPM,) and (text is None or _IGNORES_SCRIPTS.search(text)):
        effects.state.settings["npm"] = settings


def settings_of_maven(effects: CommandEffects) -> str:
    """The settings that may tell Maven more than the poms: the user's own, as the job has written them, or others."""
    named = [effects.path(path) for path in effects.words.of("-s --settings -gs --global-settings")]
    for path in named:
        if not _OF_MAVEN.fullmatch(display(path)) and _tells_maven(_written(effects, path)):
            return shown(path)
    own = not effects.words.has("-s --settings") or any(_OF_MAVEN.fullmatch(display(path)) for path in named)
    told = effects.state.settings.get("maven") if own else None
    return f"{told.where}, which the job has written," if told else ""


def _tells_maven(text: str | None) -> bool:
    """Whether settings may say more to Maven than who may come in where."""
    if text is None or not _XML.match(text) or _TELLS_MORE.search(text):
        return True
    blocks = (block.partition("</properties>")[0] for block in text.split("<properties>")[1:])
    names = {name for block in blocks for name in _ELEMENT.findall(block)}
    return not (set(_ACTIVE.findall(text)) <= set(_ID.findall(text)) and all(map(_OF_PGP.fullmatch, names)))


def _called(effects: CommandEffects, path: Value) -> str:
    """A path as it is called from the home of Gradle's user, where that is known."""
    named, home = display(path), display(effects.path(effects.variable(_USER_HOME)))
    return f"<{_USER_HOME}>{named.removeprefix(home)}" if home and named.startswith(f"{home}/") else named


def _lines(text: str | None) -> list[str]:
    return ["?"] if text is None else text.splitlines()


def _text(effects: CommandEffects, path: Value) -> str | None:
    """What is written there, as far as the script says, or the file that is copied; symbols as they are displayed."""
    if literal(effects.all_words[0]) in _COPIES:
        sources = (literal(effects.path(word)) for word in effects.words.positionals[:-1])
        return next((effects.moment.frame.shared.tree.text(each) for each in sources if each), None)
    return _written(effects, path)


def _written(effects: CommandEffects, path: Value) -> str | None:
    """What the script has written to a file, or the repository has there; None where that is not known."""
    script = effects.script
    found = next((text for name, text in script.script.files.items() if tidy(script.known(name)) == path), None)
    if not found:
        at = literal(path)
        return None if at is None or effects.is_rewritten(path) else effects.moment.frame.shared.tree.text(at)
    before = isinstance(found[0], Symbol) and found[0].kind == "file"  # what stood there already
    return display(script.known(found[1:] if before else found))
