"""Packages for npm's registry: packed, attested and published at once, by npm, pnpm, yarn, or what runs them.

Provenance is asked for by an option, by the package (`publishConfig`), the environment or `.npmrc`, in this order. Who
brings it along in a file needs no identity: npm uploads it only if it is signed, and about the very package.
Without any of it npm attests by itself when it publishes by the workflow's identity (trusted publishing): where no
secret is in reach there is no other way to publish, and where one is, it may be npm's. Only npm's own registry is
published to like that.
"""

from __future__ import annotations

import posixpath
import re
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from goldenpath.facts.nodes import Malformed, Mapping, Scalar, Sequence, parse
from goldenpath.facts.pipeline.acts import Content, Files
from goldenpath.facts.pipeline.commands.stamps import speaks_of_version
from goldenpath.facts.pipeline.effects import tidy, under
from goldenpath.facts.pipeline.packages import IGNORE_SCRIPTS, SCRIPT
from goldenpath.facts.pipeline.tools.settings import Settings
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.pipeline.workspaces import CHOOSING, REGISTRY, chosen, provenance_of_each, root_of
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.paths import path_from
from goldenpath.facts.values import Symbol, Value, display, literal, partition, shown, value
from goldenpath.facts.workflows import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.called import Checkout
    from goldenpath.facts.pipeline.effects import Effects

WITHOUT = "without provenance"
"""What programs are called here that know of none."""

TOKENS = ("NODE_AUTH_TOKEN", "NPM_TOKEN", "NPM_AUTH_TOKEN", "NPM_CONFIG_TOKEN")
"""Variables by which a token is handed to npm."""

BROUGHT = "--provenance-file"
"""The option by which provenance is brought along that has been made elsewhere."""

SETTINGS = ".npmrc"

WRITTEN: Value = (Symbol("unknown", SETTINGS),)
"""A registry that settings may name which are written in the run."""

MAX_PLUGINS = 50
"""Most plugins that are looked at; a real configuration has fewer than ten."""

MANY = "-r --recursive --workspaces -ws --filter -w --workspace"
"""Options by which several packages are published."""

OF_WORKSPACES = frozenset({"lerna", "changeset"})
"""Programs that publish each package of a workspace, and a package alone where there is none."""

CONFIGURATIONS = (".releaserc", ".releaserc.json", ".releaserc.yaml", ".releaserc.yml")
"""Where semantic-release looks for its plugins, besides package.json and programs that export them."""

PROGRAMS = tuple(
    f"{name}.{ending}" for name in (".releaserc", "release.config") for ending in ("js", "cjs", "mjs", "ts")
)

DEFAULT_PLUGINS = ("@semantic-release/npm", "@semantic-release/github")

FORGES = ("@semantic-release/github", "@semantic-release/gitlab")
"""Plugins that release files, which both call `assets`."""

INERT_PLUGINS = regex(
    r"@semantic-release/(commit-analyzer|release-notes-generator|changelog|git|error)|conventional-changelog-.*"
    r"|semantic-release-(conventional-commits|gitmoji|slack-bot|replace-plugin|plugin-update-version-in-files)|@google/semantic-release-replace-plugin"
)

_ARCHIVE = regex(r"\.(tgz|tar\.gz)$")
_SETTING = regex(r"^[ \t]*provenance[ \t]*=[ \t]*(\w+)", re.MULTILINE)
_REGISTRY = regex(r"^[ \t]*((?:@[\w.-]+:)?registry)[ \t]*=[ \t]*(\S+)", re.MULTILINE)
_YARN_SETTING = regex(r"^npmPublishProvenance:[ \t]*(\w+)", re.MULTILINE)
_LODASH = regex(r"\$\{[^}]{0,200}\}|<%[^%]{0,200}%>")


class _Decided(NamedTuple):
    """Whether provenance is made, or why that cannot be told."""

    made: bool = False
    unsure: str = ""


def publish(effects: Effects, words: Words, folder: Value, program: str = "npm") -> None:
    """`npm publish`, and what others make of it."""
    positional = words.positionals[0] if words.positionals else ()
    positional = (partition(positional, "package.json") or (positional,))[0]
    archive = _ARCHIVE.search(display(positional)) is not None
    where = under(tidy(folder), tidy(positional)) if positional and not archive else tidy(folder)
    if archive:
        package = effects.files(under(tidy(folder), tidy(positional)))
    else:
        package = Files(value("package"), ((Content("built", effects.origin(value("package"))), ()),))
        effects.act("built", package, recipe=effects.recipe())
    decided = _decided(effects, words, where, program) if program != WITHOUT else _Decided()
    if decided.made or decided.unsure:
        problem = None if any(words.of(BROUGHT)) else effects.may_identify
        effects.act("signed", package, problem=problem, unsure=decided.unsure or None)
    effects.act("shipped", package, folder=None if archive else path_from((), _chosen(effects, words, where, program)))


def _chosen(effects: Effects, words: Words, folder: Value, program: str) -> Value:
    """The folder of what is published: that of the one package of a workspace that is chosen, if one alone is."""
    root = literal(tidy(folder))
    if program not in CHOOSING or root is None or not words.has(MANY):
        return folder
    paths = chosen(_checkout(effects), program, "" if root == "." else root, words) or ()
    return value(posixpath.dirname(paths[0])) if len(paths) == 1 else folder


def _checkout(effects: Effects) -> Checkout:
    from goldenpath.facts.pipeline.called import Checkout

    tree, written = effects.moment.frame.shared.tree, effects.state.replaced | effects.rewriting()
    return Checkout(tree.text, tree.exists, tree.find, tree.named, written=frozenset(written))


def _decided(effects: Effects, words: Words, folder: Value, program: str) -> _Decided:
    many = words.has(MANY) or program in OF_WORKSPACES
    each = _said_by_each(effects, words, folder, program) if many else {None}
    for said in _said(effects, words, folder, program, refused=False in (each or ())):
        if isinstance(said, str):
            return _Decided(unsure=f"asks for provenance only if a run says so ({said})")
        if said is not None:
            return _kept(effects, words, folder) if said else _Decided()
    if each == {True}:
        return _kept(effects, words, folder)
    named = _registry(effects, words, folder)
    trusted = (
        not effects.may_identify
        and not _has_token(effects, words)
        and (named in {(), WRITTEN} or REGISTRY in display(named))
    )
    by_itself = trusted and each and named != WRITTEN and _attests_by_itself(effects, words, folder, program)
    if not by_itself and (not each or True in each):
        return _Decided(unsure="publishes packages of which each may ask for provenance by itself (publishConfig)")
    made_here = not many and _is_made_in_the_run(effects, folder)
    if made_here and not (by_itself and _as_the_root_says(effects)):
        return _Decided(unsure="publishes a package that is made in the run, and may ask for provenance by itself")
    if trusted and named == WRITTEN:
        return _Decided(unsure="publishes to a registry that settings may name which are written in the run")
    if trusted and _may_have_token(effects):
        return _Decided(unsure="attests by itself unless a secret in reach of the job is a token for the registry")
    if by_itself:
        return _Decided(made=True)
    return _Decided(unsure="attests by itself in some versions when it publishes by an identity" if trusted else "")


def _attests_by_itself(effects: Effects, words: Words, folder: Value, program: str) -> bool:
    """Whether each version that can publish by an identity attests what it so publishes, unless it is told not to.

    npm does, pnpm by npm or as npm does, and changesets by one of the two, unless the newer yarn is in use.
    """
    if program == "changeset":
        exists = effects.moment.frame.shared.tree.exists
        beside = (literal(under(tidy(folder), value(name))) or "" for name in ("yarn.lock", ".yarnrc.yml"))
        return not any(map(exists, beside))
    return program in {"npm", "pnpm"} and "--batch" not in words.options


def _is_made_in_the_run(effects: Effects, folder: Value) -> bool:
    """Whether it is another package than one of the repository."""
    return folder not in {(), (".",)} and _package(effects, folder) is None


def _as_the_root_says(effects: Effects) -> bool:
    """Whether the package that one which is made in the run is likely made of goes to npm's registry, and is attested.

    Nobody knows its scope, so that no setting may name another registry for one.
    """
    package = _package(effects, ())
    text = effects.moment.frame.shared.tree.text(SETTINGS) or ""
    told = [each for _, each in _REGISTRY.findall(text)]
    said = package.get("publishConfig") if package is not None else None
    if isinstance(said, Mapping):
        told += [each for key, node in said.items() if key.text.endswith("registry") for each in texts(node)]
    refused = isinstance(said, Mapping) and _boolean(said.text("provenance")) is False
    return not refused and all(REGISTRY in each for each in told)


def _kept(effects: Effects, words: Words, folder: Value) -> _Decided:
    """Provenance is asked for: whether the registry keeps it."""
    named = _registry(effects, words, folder)
    if named in {(), WRITTEN} or REGISTRY in display(named):
        return _Decided(made=True)
    return _Decided(unsure=f"attests for {shown(named)}, which may not keep it")


def _said_by_each(effects: Effects, words: Words, folder: Value, program: str) -> set[bool | None] | None:
    """What the packages of a workspace say of provenance, None of one that says nothing; None where nobody knows."""
    tree, root = effects.moment.frame.shared.tree, literal(tidy(folder))
    if root is None:
        return None
    manager = program
    if program in OF_WORKSPACES:
        manager = "pnpm" if tree.exists(root_of("pnpm", root)) else "npm"
    return provenance_of_each(_checkout(effects), manager, root, words)


def _has_token(effects: Effects, words: Words) -> bool:
    """Whether it publishes by a token: one is handed to it, or a script has had a secret, which it may have written."""
    given = any(effects.variable(name) for name in TOKENS) or any(words.of("--token"))
    return given or (effects.state.has_scripted_secrets and _may_have_token(effects))


def _may_have_token(effects: Effects) -> bool:
    """Whether a secret is in reach of the job, which some program in it may hand to npm."""
    return effects.state.has_secrets or effects.state.key in effects.moment.frame.shared.holding_secrets


def configure(effects: Effects, words: Words, folder: Value) -> None:
    """`npm config set registry …`, also for a scope, and `npm pkg set …`."""
    positionals = words.positionals
    _tell_of_scripts(effects, positionals)
    given = [partition(positionals[0], "=") or (positionals[0], *positionals[1:2])] if positionals else []
    own = SETTINGS if literal(words.first("--location -L")) == "project" else ""
    for key, *named in given if not effects.moment.dead else ():
        if display(key).startswith(("publishConfig", "private")):
            own = "package.json"
        elif display(key).endswith("registry"):
            effects.state.registry = named[0] if named and not effects.guard.conditions else WRITTEN
        elif key == ("provenance",) and not own:
            effects.state.provenance = named[0] if named and not effects.guard.conditions else WRITTEN
    if own and not effects.moment.dead:
        effects.state.replaced.add(literal(under(tidy(folder), value(own))) or own)


def _tell_of_scripts(effects: Effects, positionals: list[Value]) -> None:
    """Remember which scripts of packages npm runs no more, or which are others from now on."""
    settings = effects.state.settings
    for word, following in pairwise((*positionals, ())) if not effects.moment.dead else ():
        name, _, said = display(word).partition("=")
        if name == IGNORE_SCRIPTS and (said or display(following)) not in {"", "false"}:
            settings["npm"] = Settings(f"{effects.text} ({effects.place})", None)
        elif name == IGNORE_SCRIPTS and not effects.guard.conditions:
            settings.pop("npm", None)
        elif found := _SCRIPT.fullmatch(name):
            settings[f"{SCRIPT}{found[1] or ''}"] = Settings(f"{effects.text} ({effects.place})", None)


_SCRIPT = regex(r"scripts(?:(?:\.|\[[\"']?)(.+?)(?:[\"']?\])?)?")
"""How a script of package.json is named to `npm pkg`, or all of them."""


def _registry(effects: Effects, words: Words, folder: Value) -> Value:
    """The registry that it goes to, empty where nothing names one; what names one for the package's scope is heeded."""
    package = _package(effects, folder)
    scope = (package.text("name") or "").partition("/")[0] if package else ""
    keys = (f"{scope}:registry", "registry") if scope.startswith("@") else ("registry",)
    return next(filter(None, (each for key in keys for each in _registries(effects, words, folder, key))), ())


def _registries(effects: Effects, words: Words, folder: Value, key: str) -> Iterator[Value]:
    """What each place says under a key, the strongest first."""
    yield words.first(f"--{key}")
    package = _package(effects, folder)
    yield value((package.text("publishConfig", key) if package else None) or "")
    for name in (f"NPM_CONFIG_{key.upper()}", f"npm_config_{key}"):
        yield effects.variable(name)
    for path in dict.fromkeys((under(folder, value(SETTINGS)), value(SETTINGS))):
        text = effects.moment.frame.shared.tree.text(literal(path) or "") or ""
        yield value(dict(_REGISTRY.findall(text)).get(key, ""))
    if key == "registry" or REGISTRY not in display(effects.state.registry):  # else it may be that of a scope
        yield effects.state.registry


def _said(effects: Effects, words: Words, folder: Value, program: str, *, refused: bool) -> Iterator[bool | str | None]:
    """What each place says of provenance, the strongest first: a text where only a run will know.

    `refused` is what one of the packages of a workspace does.
    """
    if any(words.of(BROUGHT)):
        yield True
    if "--no-provenance" in words.options:
        yield False
    if "--provenance" in words.options:
        yield words.has("--provenance") if literal(words.first("--provenance")) is not None else "--provenance"
    if refused:
        yield False
    package = None if words.has(MANY) else _package(effects, folder)
    if package is not None and (program not in OF_WORKSPACES or _is_alone(effects, folder, package)):
        changed = _changed(effects, under(folder, value("package.json")))
        yield changed or _boolean(package.text("publishConfig", "provenance"))
    for name in ("NPM_CONFIG_PROVENANCE", "npm_config_provenance", "YARN_NPM_PUBLISH_PROVENANCE"):
        if (program == "yarn") == name.startswith("YARN"):
            said = literal(effects.variable(name))
            yield name if said is None else _boolean(said)
    read = effects.moment.frame.shared.tree.text
    name, pattern = (".yarnrc.yml", _YARN_SETTING) if program == "yarn" else (SETTINGS, _SETTING)
    for path in dict.fromkeys((under(folder, value(name)), value(name))):
        found = pattern.search(read(literal(path) or "") or "")
        yield _changed(effects, path) or (_boolean(found[1]) if found else None)
    if program != "yarn" and effects.state.provenance:
        said = literal(effects.state.provenance)
        yield "npm config" if said is None else _boolean(said)


def _changed(effects: Effects, path: Value) -> str:
    """Why only a run knows what a file says: the job has changed more in it than a version, or added to its end."""
    state = effects.state
    edits = state.edited.get(literal(path) or "", ())
    stamped = bool(edits) and all(speaks_of_version(value(*chain.from_iterable(words))) for words in edits)
    if stamped or path in state.stamped | state.lengthened:
        return ""
    return effects.in_doubt_about([literal(path) or ""]) or ""


def _is_alone(effects: Effects, folder: Value, package: Mapping) -> bool:
    """Whether a package is the root of no workspace, whose packages would speak for themselves."""
    listed = (literal(under(folder, value(name))) or "" for name in ("pnpm-workspace.yaml", "lerna.json"))
    return package.get("workspaces") is None and not any(map(effects.moment.frame.shared.tree.exists, listed))


def _boolean(text: str | None) -> bool | None:
    return {"true": True, "false": False}.get((text or "").lower())


def _package(effects: Effects, folder: Value) -> Mapping | None:
    """The package.json of a folder, if it is there."""
    return _parsed(effects, under(folder, value("package.json")))


def _parsed(effects: Effects, path: Value) -> Mapping | None:
    text = effects.moment.frame.shared.tree.text(literal(path) or "")
    try:
        documents = parse(literal(path) or "", text) if text is not None else []
    except Malformed:
        return None
    return documents[0] if documents and isinstance(documents[0], Mapping) else None


# --- semantic-release


def semantic_release(effects: Effects, words: Words, folder: Value) -> None:
    """The plugins of semantic-release, in their order: some are known, one that is not may do anything."""
    read = effects.moment.frame.shared.tree.text
    package = _package(effects, tidy(folder))
    own = package.get("release") if package is not None else None
    found = own if isinstance(own, Mapping) else None
    for name in CONFIGURATIONS:
        found = found or _parsed(effects, under(tidy(folder), value(name)))
    paths = {name: literal(under(tidy(folder), value(name))) or "" for name in PROGRAMS}
    program = next((name for name in PROGRAMS if read(paths[name]) is not None), "") if found is None else ""
    if program:
        from goldenpath.facts.pipeline.exported import exported

        found = exported(paths[program], read(paths[program]) or "")
    if {"--extends", "-e", "--plugins", "-p"} & words.options.keys() or (found and found.get("extends")):
        effects.unseen("what semantic-release publishes is said by a configuration elsewhere")
    elif any(effects.is_rewritten(under(tidy(folder), value(name))) for name in (*CONFIGURATIONS, *PROGRAMS)):
        effects.unseen("the job may have changed what semantic-release is configured by")
    elif found is None and program:
        effects.unseen(f"what semantic-release publishes is said by a program ({program})")
    else:
        plugins = _plugins(found)
        if len(plugins) > MAX_PLUGINS:
            effects.unseen(f"semantic-release has more than {MAX_PLUGINS} plugins")
        for name, settings in plugins[:MAX_PLUGINS]:
            _plug_in(effects, name, settings, folder)


def _plugins(found: Mapping | None) -> list[tuple[str, Mapping | None]]:
    node = found.get("plugins") if found is not None else None
    if not isinstance(node, Sequence):
        return [(name, None) for name in DEFAULT_PLUGINS]
    plugins: list[tuple[str, Mapping | None]] = []
    for each in node.items:
        items: list[Node] = each.items if isinstance(each, Sequence) else [each]
        settings = items[1] if len(items) > 1 else None
        if items and isinstance(items[0], Scalar):
            plugins.append((items[0].text, settings if isinstance(settings, Mapping) else None))
    return plugins


def _plug_in(effects: Effects, name: str, settings: Mapping | None, folder: Value) -> None:
    if name == "@semantic-release/npm":
        _plug_in_npm(effects, settings, folder)
    elif name in FORGES:
        _plug_in_forge(effects, settings, folder)
    elif name == "@semantic-release/exec":
        _plug_in_exec(effects, settings)
    elif not INERT_PLUGINS.fullmatch(name):
        effects.unseen(f"what the plugin {name} of semantic-release does is not known")


def _plug_in_npm(effects: Effects, settings: Mapping | None, folder: Value) -> None:
    root = under(tidy(folder), value((settings.text("pkgRoot") if settings else None) or "."))
    package = _package(effects, root)
    private = package is not None and package.text("private") == "true"
    asked = settings is None or settings.text("npmPublish") != "false"
    if asked and not private:
        effects.moment.uses(effects.place, effects.text, frozenset({"id-token"}))
        publish(effects, Words((), ()), root)


def _plug_in_forge(effects: Effects, settings: Mapping | None, folder: Value) -> None:
    assets = settings.get("assets") if settings else None
    items = assets.items if isinstance(assets, Sequence) else [assets]
    paths = [path for each in items for path in (texts(each.get("path")) if isinstance(each, Mapping) else texts(each))]
    draft = settings is not None and settings.text("draftRelease") == "true"
    effects.ship([effects.files(under(tidy(folder), value(path))) for path in paths], draft=draft)


def _plug_in_exec(effects: Effects, settings: Mapping | None) -> None:
    from goldenpath.facts.pipeline.scripts import ScriptEffects

    for key, node in settings.items() if settings else ():
        if key.text.endswith("Cmd") and isinstance(node, Scalar):
            command = msgspec.structs.replace(node, text=_LODASH.sub("version", node.text))
            ScriptEffects(effects.moment, command).perform()
