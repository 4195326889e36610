"""`docker buildx bake`: images by the targets of a file, which the environment, options and another file may change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from goldenpath.facts import hcl
from goldenpath.facts.pipeline.acts import Content
from goldenpath.facts.pipeline.effects import tidy, under
from goldenpath.facts.pipeline.runs import ANYTHING
from goldenpath.facts.pipeline.testing import may_test
from goldenpath.facts.pipeline.words import called_here, only_looks
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, display, head, lines, literal, partition, shown, value, words

if TYPE_CHECKING:
    from goldenpath.facts.hcl import Plain
    from goldenpath.facts.pipeline.acts import Recipe
    from goldenpath.facts.pipeline.effects import Effects
    from goldenpath.facts.pipeline.words import Words

FILES = ("docker-bake.json", "docker-bake.override.json", "docker-bake.hcl", "docker-bake.override.hcl")
"""What is read without any option, each over the one before; a compose file would come first."""

COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
MAX_TARGETS = 100
_BAKE_FILES = regex(r"(.*/)?[^/]*(bake|compose)[^/]*\.(hcl|json|ya?ml)")
_DESCRIBES = regex(r"sbom|attest", re.IGNORECASE)


class _Bake(Struct):
    """What the files say: targets and groups by their names, the later over the earlier."""

    targets: dict[str, dict[str, Plain]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)


def perform(effects: Effects, given: Words, folder: Value) -> None:
    """Write down the images of the targets that are asked for."""
    if (looks := only_looks(given)) is not False:
        if looks is None:
            effects.unseen("whether images are built is only known in a run", _powers(effects, given))
        return
    try:
        bake = _read(effects, given, folder)
        asked = [_told(each) for word in given.positionals for each in words(word)] or ["default"]
        known: dict[str, dict[str, Plain]] = {}
        targets = {name: {**_inherited(bake, name, known)} for name in _named(bake, asked)}
    except hcl.NotPlain as error:
        effects.unseen(f"what the bake file builds cannot be told: {error}", _powers(effects, given))
        return
    for option in given.of("--set"):
        for line in lines(option):
            _change(targets, line)
    digests = {name: _build(effects, given, (name, folder), target) for name, target in targets.items()}
    if effects.moment.step.uses is not None:
        effects.moment.say({"metadata": _metadata(digests)})
    for file in given.of("--metadata-file"):
        one = next(iter(digests.values())) if len(digests) == 1 else None
        text = () if one else _metadata(digests)
        effects.put(under(tidy(folder), tidy(file)), Content("metadata", effects.origin(file), digest=one, text=text))


def _told(name: Value) -> str:
    """The name of a target. Raises NotPlain where only a run knows it, or each leg of a matrix has its own."""
    text = literal(name)
    if text is None:
        raise hcl.NotPlain(f"which target {shown(name)} is, only a run knows")
    return text


def _powers(effects: Effects, given: Words) -> frozenset[str]:
    """What targets of which nobody knows could do: BuildKit proves nothing, and adds SBOMs where it is asked to."""
    tree = effects.moment.frame.shared.tree
    files = [tree.text(path) or "" for path in tree.fitting(_BAKE_FILES)]
    said = " ".join(map(display, (*given.rest, *effects.moment.environment.values())))
    describes = not files or any(map(_DESCRIBES.search, (said, *files)))
    return frozenset({"build", "ship", "test", *(["describe"] if describes else [])})


def _build(effects: Effects, given: Words, named: tuple[str, Value], target: dict[str, Plain]) -> Symbol:
    name, folder = named
    digest = Symbol("digest", effects.origin(value("bake ", name)))
    effects.state.recipes[digest] = _recipe(effects, folder, target)
    outputs = " ".join(map(display, _pairs(target.get("output"))))
    tags = _texts(target.get("tags"))
    effects.moment.frame.shared.budget.spend(len(tags) + 1)
    pushed = given.has("--push") or "type=registry" in outputs or "push=true" in outputs
    if pushed:
        effects.built(tags, digest, sbom=_has_sbom(given, target))
    else:
        effects.state.local_tags.update(dict.fromkeys(called_here(tags), digest))
        if may_test((value(name), *_texts(target.get("target")))):
            unsure = "what is run while an image is built is not followed"
            effects.act("tested", unsure=unsure, recipe=effects.state.recipes[digest])
    if "matrix" in target:
        effects.unseen(f"the target {name} is built in many ways (matrix)", ANYTHING)
    return digest


def _has_sbom(given: Words, target: dict[str, Plain]) -> bool | None:
    """Whether BuildKit adds an SBOM: the option of the command counts first, of all else that is said the last."""
    from goldenpath.facts.pipeline.actions import adds_sbom, attests_sbom

    if asked := given.of("--sbom"):
        return adds_sbom(asked[-1])
    said = [each for each in _pairs(target.get("attest")) if "type=sbom" in display(each)]
    return bool(said) and attests_sbom(said[-1])


def _recipe(effects: Effects, folder: Value, target: dict[str, Plain]) -> Recipe | None:
    """How a target is built, told as an action's inputs tell it: its Dockerfile stands in its context."""
    recipe = effects.recipe()
    context = under(tidy(folder), next(iter(_texts(target.get("context"))), value(".")))
    file = under(tidy(context), next(iter(_texts(target.get("dockerfile"))), value("Dockerfile")))
    elsewhere = [target[key] for key in ("contexts", "dockerfile-inline") if key in target]
    inputs = {
        "context": context,
        "file": file,
        "target": next(iter(_texts(target.get("target"))), ()),
        "outputs": _joined(_pairs(target.get("output"))),
        "labels": _joined(_pairs(target.get("labels"))),
        "annotations": _joined(_texts(target.get("annotations"))),
        "build-args": _joined(_pairs(target.get("args"), apart=True)),
        "build-contexts": value("contexts") if elsewhere else (),
        "platforms": _joined([each for key in ("platforms", "platform") for each in _texts(target.get(key))]),
    }
    return msgspec.structs.replace(recipe, inputs=tuple(inputs.items())) if recipe else None


def _joined(lines_: list[Value]) -> Value:
    return value(*(part for line in lines_ for part in (*line, "\n")))


def _pairs(of: Plain, *, apart: bool = False) -> list[Value]:
    """What may be written as text or by its keys, as text: all keys of one entry together, or `apart`."""
    if isinstance(of, dict):
        pairs = [
            value(key, "=", str(each).lower() if isinstance(each, bool) else _joined(_texts(each)))
            for key, each in of.items()
        ]
        return pairs if apart else [value(*(part for pair in pairs for part in (*pair, ",")))]
    return [each for item in of for each in _pairs(item)] if isinstance(of, list) else _texts(of)


def _metadata(digests: dict[str, Symbol]) -> Value:
    """What is said of each target, as JSON in which the digests are symbols."""
    parts: list[str | Symbol] = []
    for name, digest in digests.items():
        parts += [", " if parts else "{", f'"{name}": {{"containerimage.digest": "', digest, '"}']
    return value(*parts, "}")


# --- reading


def _read(effects: Effects, given: Words, folder: Value) -> _Bake:
    read = effects.moment.frame.shared.tree.text
    named = [tidy(_local(each)) for option in given.of("-f --file") for line in lines(option) for each in words(line)]
    paths = named or [value(name) for name in (*COMPOSE, *FILES)]
    bake, found = _Bake(), False
    for name in paths:
        symbol = next((part for part in name if isinstance(part, Symbol)), None)
        if symbol is not None and symbol.kind in {"bake-file", "bake-file-tags"}:
            tags = effects.state.tag_lists.get(symbol.name, [])
            made = effects.state.made_tags.get(symbol.name, [])
            said: dict[str, Plain] = {
                "tags": [
                    *(value(tag, ":", Symbol("tags", symbol.name)) for tag in tags),
                    *(value(*tag, ":", *each) for tag in tags for each in made),
                ]
            }
            if symbol.kind == "bake-file":
                said["labels"] = {"org.opencontainers.image.created": value(Symbol("now", symbol.name))}
            _extend(bake, "docker-metadata-action", said)
            continue
        path = literal(under(tidy(folder), name))
        text = read(path) if path else None
        if text is None and named:
            raise hcl.NotPlain(f"{display(name)} is not in this repository")
        if text is not None and path is not None:
            if effects.is_rewritten(value(path)):
                raise hcl.NotPlain(f"the job may have changed {path}")
            found = True
            _take_over(bake, effects, path, text)
    if not found:
        raise hcl.NotPlain("there is no bake file in this repository")
    return bake


def _local(name: Value) -> Value:
    start = head(name)
    return value(start.removeprefix("cwd://"), *name[1:]) if start else name


def _take_over(bake: _Bake, effects: Effects, path: str, text: str) -> None:
    if path.endswith(".json"):
        _take_over_json(bake, text)
    elif path.endswith(".hcl"):
        defaults = {
            block.labels[0]: block.attributes.get("default")
            for block in hcl.read(text, lambda _: None)
            if block.kind == "variable" and block.labels
        }

        def variable(name: str) -> Value | None:
            default = defaults.get(name)
            return effects.variable(name) or (default if isinstance(default, tuple) else None)

        for block in hcl.read(text, variable):
            if block.labels and block.kind in {"target", "group"}:
                _define(bake, block.kind, block.labels[0], block.attributes)
    else:
        raise hcl.NotPlain(f"{path} is a compose file, which is not followed")


def _take_over_json(bake: _Bake, text: str) -> None:
    try:
        data = msgspec.json.decode(text.encode())
    except (msgspec.DecodeError, RecursionError) as error:
        raise hcl.NotPlain("it is no JSON") from error
    for kind in ("target", "group"):
        members = data.get(kind) if isinstance(data, dict) else None
        for name, attributes in members.items() if isinstance(members, dict) else ():
            if isinstance(attributes, dict):
                _define(bake, kind, str(name), {str(key): _plain(each) for key, each in attributes.items()})


def _plain(of: Any) -> Plain:  # noqa: ANN401 - what JSON holds
    if isinstance(of, list):
        return [_plain(each) for each in of]
    if isinstance(of, dict):
        return {str(key): _plain(each) for key, each in of.items()}
    return of if isinstance(of, bool) or of is None else value(str(of))


def _define(bake: _Bake, kind: str, name: str, attributes: dict[str, Plain]) -> None:
    if kind == "target":
        _extend(bake, name, attributes)
    else:
        bake.groups[name] = [literal(each) or "?" for each in _texts(attributes.get("targets"))]


def _extend(bake: _Bake, name: str, attributes: dict[str, Plain]) -> None:
    bake.targets[name] = {**bake.targets.get(name, {}), **attributes}


def _named(bake: _Bake, names: list[str]) -> list[str]:
    """The targets that names stand for, those of groups among them, each once."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    waiting = names[::-1]
    while waiting:
        name = waiting.pop()
        if name in bake.groups and name not in seen:
            seen.add(name)
            waiting += bake.groups[name][::-1]
        elif name in bake.targets:
            found[name] = None
        elif name not in seen:
            raise hcl.NotPlain(f"there is no target {name!r}")
    if len(found) > MAX_TARGETS:
        raise hcl.NotPlain(f"there are more than {MAX_TARGETS} targets")
    return list(found)


def _inherited(bake: _Bake, name: str, known: dict[str, dict[str, Plain]], depth: int = 0) -> dict[str, Plain]:
    """What a target says, over what those say that it inherits from; each is asked once."""
    if depth > hcl.MAX_DEPTH:
        raise hcl.NotPlain(f"the target {name!r} inherits from itself, or over too many others")
    if name not in known:
        own = bake.targets.get(name, {})
        merged: dict[str, Plain] = {}
        for parent in dict.fromkeys(literal(each) or "?" for each in _texts(own.get("inherits"))):
            merged |= _inherited(bake, parent, known, depth + 1)
        known[name] = merged | own
    return known[name]


def _change(targets: dict[str, dict[str, Plain]], line: Value) -> None:
    """`--set target.key=value`; several values of one key come together, attestations with those of the file."""
    split = partition(line, "=")
    if split is None:
        return
    pattern, _, key = (literal(split[0]) or "").partition(".")
    changed = [target for name, target in targets.items() if pattern in {"*", name}]
    for target in changed:
        before = target.get(key if key == "attest" and split[1] else f"--set {key}")
        items = [*(before if isinstance(before, list) else []), split[1]]
        target[f"--set {key}"] = items
        target[key] = items


def _texts(of: Plain) -> list[Value]:
    """The texts of a list, with both where a condition chooses; what is unknown is one text that nobody knows."""
    if isinstance(of, list):
        return [each for item in of for each in _texts(item)]
    return [of] if isinstance(of, tuple) and of else []
