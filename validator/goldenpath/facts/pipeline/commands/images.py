"""Commands that build, name, move and run images."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import Content, Image, image, is_of_registry, reference_of, same_name
from goldenpath.facts.pipeline.commands import archives
from goldenpath.facts.pipeline.commands.building import release_in_build
from goldenpath.facts.pipeline.commands.editing import edit_by_another
from goldenpath.facts.pipeline.commands.mounts import as_outside
from goldenpath.facts.pipeline.effects import NOT_FOR_USERS, name_of
from goldenpath.facts.pipeline.picked import said_in_json
from goldenpath.facts.pipeline.platforms import is_of_platforms
from goldenpath.facts.pipeline.runs import ANYTHING
from goldenpath.facts.pipeline.tables import has_a_release, is_image_of, known_command, speaks_of_delivery, words_in
from goldenpath.facts.pipeline.testing import may_test
from goldenpath.facts.pipeline.words import (
    PICKING,
    Words,
    called_here,
    is_handed_a_release,
    is_in_background,
    is_one,
    only_looks,
)
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.script import SHELLS
from goldenpath.facts.values import Symbol, Value, display, head, literal, partition, shown, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects


_HANDS_OVER = (
    "-v", "--volume", "--mount", "-e", "--env", "--privileged", "--net", "--pid", "--ipc", "--device", "--cap-add",
    "--secret", "--security-opt", "--userns", "--gpus",
)  # fmt: skip
"""Options by which a container gets files, variables or a part of the machine."""
_OF_WORK = frozenset({"-v", "--volume", "-e", "--env"})
"""Those of them by which it may get nothing but the work tree, and variables."""
_MODULES = regex(r"<command go env GO(PATH|MODCACHE|CACHE)[^<>]*>[\w/.]*")
"""Where Go keeps the modules that it has fetched."""
_KEY = regex(r".*(TOKEN|SECRET|PASS|KEY|AUTH|CRED|SOCK|DOCKER).*", re.IGNORECASE | re.DOTALL)
"""Variables that may be a right."""
_RIGHT = regex(r".*(TOKEN|SECRET|KEY|CRED|SOCK|DOCKER).*", re.IGNORECASE | re.DOTALL)
"""Those of them that may be one though everybody can read them."""

_CONVERTS = "--format --compression-format"
"""Options by which an image is pushed as another one than before."""

TRIALS = frozenset({"nightly", "edge", "dev", "snapshot", "canary", "unstable", "devel", "develop"})
"""Tags of images that nobody takes for a release."""

_BEHIND = regex(r"-d ?@ -f ?2|-f ?2 -d ?@|-F ?@ \{ ?print \$(2|NF);? ?\}|(-[rE] )?s([/|#,])\^?\.[*+]@\3\3")
"""How what stands behind the `@` is asked for, of cut, awk and sed."""
_BEFORE = regex(r"-d ?@ -f ?1|-f ?1 -d ?@|-F ?@ \{ ?print \$1;? ?\}|(-[rE] )?s([/|#,])@\.\*\$?\2\2")
"""And how what stands before it."""

_ID = regex(r"\{\{ ?\.(Id|ID) ?\}\}")
"""How `docker inspect` is asked for the id of an image."""

_ARGUMENT, _VARIABLE, _PLAIN = value("--arg"), regex(r"\$(\w+)"), regex(r"[\w./-]+")
_OF_IMAGE = regex(r"containerimage\.(digest|descriptor\W+digest)\b|(?<![\w.])\.image\.digest\b|\.imageDigest\b")
"""How the digest of an image is asked for, of the metadata that its build has left."""

_WRITTEN_DOWN = regex(r"[0-9a-f]{64}|[@/]")
"""What is in a digest that nothing here has worked out, or in several references at once."""

_FIRST = regex(r"(head|tail) (-n ?1|-1|--lines=1)")
"""How one of these is told to pick one line."""

_TAGS_OF_JQ = regex(r"""jq .*\.tags\b.*"(-t|--tag)[ =]".*""")
_TAGS_OF_LOOP = regex(r"'<loop [^<>]*> (?:-t|--tag) <item <tags ([^<>]*)>>' or '<loop [^<>]*>'")
"""How the shell says what holds `-t` and a tag for each of those that metadata-action says."""

ARCHIVES = ("oci-archive:", "docker-archive:", "oci:", "dir:", "docker-daemon:", "containers-storage:", "tarball:")
"""What an image is copied to that stays on the machine."""
_FOLDER = "ocidir://"
"""What regctl calls a folder."""
_FILES = ("oci-archive:", "docker-archive:", "oci:", "dir:")
"""Those of them that are files."""


def build(effects: CommandEffects) -> None:
    """An image is built, and pushed if that is asked for."""
    from goldenpath.facts.pipeline.actions import exported_names

    if (looks := only_looks(effects.words)) is not False:
        if looks is None:
            effects.not_followed("whether an image is built is only known in a run")
        return
    named = effects.words.positionals[effects.about.named :][:1] if effects.about.named is not None else []
    tags = [*named, *effects.words.of(effects.about.tags)]
    tags += [name for each in effects.words.of("-o --output") for name in exported_names(each)]
    callers = (caller.words for caller in effects.command.callers)
    if any(map(may_test, (*callers, tuple(effects.words.of("--target"))))):
        unsure = "what is run while an image is built is not followed"
        effects.act("tested", unsure=unsure, recipe=effects.recipe())
    release_in_build(effects, effects.recipe())
    pushed = effects.is_pushed()
    order = f"{len(effects.local_tags)}:{len(effects.moment.frame.shared.acts)}"
    symbol = Symbol("digest", f"{effects.moment.key}/{effects.command.line}:{order}")
    if effects.about.source and len(effects.words.positionals) >= effects.about.source:
        symbol = archived(effects, effects.words.positionals[-effects.about.source]) or symbol
    for file in effects.words.of(effects.about.archive):
        effects.put(effects.path(file), Content("built", effects.origin(file), digest=symbol))
    for file in effects.words.of(effects.about.wrong):
        effects.put(effects.path(file), Content("image-id", effects.origin(file)))
    for file in effects.words.of(effects.about.metadata):
        stays = not pushed and literal(effects.all_words[0]) == "docker"
        told = Symbol("unknown", f"the digest that {effects.text} gives the image here") if stays else symbol
        effects.put(effects.path(file), Content("metadata", effects.origin(file), digest=told))
    for folder in effects.words.of(effects.about.reports) if pushed else ():
        path = effects.path(value(folder, "/report.toml"))
        effects.put(path, Content("metadata", effects.origin(path), digest=symbol))
    if pushed and not effects.words.has(effects.about.keeps):
        effects.built(tags, symbol, sbom=_adds_sbom(effects))
        effects.state.pushed.update(dict.fromkeys(tags, symbol))
        _refer_to(effects, Image(image(tags[0]).name if tags else (), digest=value(symbol)))
    else:
        names = called_here(tags, literal(effects.all_words[0]) or "")
        effects.local_tags.update(dict.fromkeys(names, symbol))
        effects.state.recipes[symbol] = effects.recipe()


def archived(effects: CommandEffects, file: Value) -> Symbol | None:
    """The digest of the image that surely stands in a file, as a build has left it there."""
    wanted = effects.path(file)
    found = [
        content.digest if content.kind == "built" and not conditions else None
        for path, (content, _), conditions in effects.pieces(wanted)
        if path == wanted
    ]
    return found[0] if len(found) == 1 else None


def _adds_sbom(effects: CommandEffects) -> bool | None:
    """Whether a build adds an SBOM: `--sbom`, of which the last one counts, is short for `--attest type=sbom`."""
    from goldenpath.facts.pipeline.actions import adds_sbom, attests_sbom

    asked = next(reversed(effects.words.of(effects.about.sbom)), value("false"))
    return any(map(attests_sbom, effects.words.of(effects.about.attests))) or adds_sbom(asked)


def _refer_to(effects: CommandEffects, built: Image) -> None:
    """Some programs say the reference of what they have pushed, or write it into a file."""
    for file in effects.words.of(effects.about.refers):
        effects.put(effects.path(file), Content("reference", effects.origin(file), built))
    if effects.about.refers:
        effects.script.means(effects.command, reference_of(built))


def run_image(effects: CommandEffects) -> None:
    """A container runs a program that the image is named for, an image from here to try it out, or anything."""
    for index, word in enumerate(effects.words.rest[:1]):
        named = image(word)
        built = [each for act in effects.moment.frame.shared.acts for each in act.targets if act.kind == "built"]
        own = any(isinstance(each, Image) and same_name(each.name, named.name) for each in built)
        program = (name_of(named.name), *effects.words.rest[index + 1 :])
        known = known_command([literal(each) or "" for each in program[:4]])[0] is not None
        if known and is_image_of(literal(program[0]) or "", display(named.name)):
            inner = effects.instead(as_outside(program, _options_of(effects)))
            inner.container = _options_of(effects)
            inner.fatal = inner.fatal and not is_in_background(inner.container)
            inner.perform()
        elif effects.engine:
            _start(effects, image(word))
        elif own or word in effects.local_tags:
            if not is_in_background(_options_of(effects)):
                from goldenpath.facts.pipeline.commands.trying import try_out

                try_out(effects, word, _options_of(effects))
        elif may := _may_in_container(effects):
            effects.not_followed("what runs in a container is not followed", may)


def run_inside(effects: CommandEffects) -> None:
    """A program runs in a container that was started before: one that is not known for anything else may be a test."""
    inner = [each for each in effects.words.rest[1:] if each != ("--",)]
    names = [literal(each) or "" for each in inner[:4]]
    about, _ = known_command(names)
    is_known = about is not None and about.does == "nothing" and about.tests is None and names[0] not in SHELLS
    edit_by_another(effects)
    if not is_known and not is_in_background(_options_of(effects)):
        releases = is_handed_a_release(effects.all_words) or _reads_a_release(effects, names)
        may = ANYTHING if releases else frozenset({"test"})
        effects.unseen("what runs in a container is not followed", may)


def _reads_a_release(effects: CommandEffects, inner: list[str]) -> bool:
    """Whether a shell in a container reads commands that release (`docker exec -i builder sh <<END`), or may."""
    if inner[:1] and inner[0] in SHELLS and all(each.startswith("-") and "c" not in each for each in inner[1:]):
        handed = literal(effects.command.stdin or ())
        return handed is None or has_a_release(words_in(handed))
    return False


def wait_for(effects: CommandEffects) -> None:
    """It is told how a container has ended that was started elsewhere."""
    effects.unseen("what runs in a container is not followed", frozenset({"test"}))


def start(effects: CommandEffects) -> None:
    """Containers are started that a file names: here they are the job's own, elsewhere they serve users."""
    if effects.engine:
        from goldenpath.facts.pipeline.commands.shipping import named_in_files

        found = named_in_files(effects)
        for each in [Image(())] if found == [] else found or ():
            _start(effects, each)


def _start(effects: CommandEffects, started: Image) -> None:
    """A container runs on another machine from now on, unless it is gone as soon as it is over."""
    if not effects.words.has("--rm") and not _options_of(effects).has("--rm"):
        effects.act("shipped", started)


def _options_of(effects: CommandEffects) -> Words:
    """The options of the container itself, before its image."""
    words = effects.all_words
    return Words(words[: len(words) - len(effects.words.rest)], effects.about.takes.split())


def _may_in_container(effects: CommandEffects) -> frozenset[str]:
    """What a container could do: with nothing in its hands it can but answer, in the background not even that."""
    own, rest = _options_of(effects), effects.words.rest
    told = {option for option in own.options if option.startswith(_HANDS_OVER)}
    plain = told <= {"-e", "--env"} and all(map(_is_plain, own.of("-e --env")))
    if (told and not plain) or not all(map(literal, rest[1:])):
        return ANYTHING - {"ship", "sign"} if _has_no_rights(effects, own) else ANYTHING
    return frozenset() if is_in_background(own) else frozenset({"verify", "scan", "test"})


def _is_plain(variable: Value) -> bool:
    """Whether a variable is what anybody can read here, as a password for tests is: that is no right."""
    name, _, text = (literal(variable) or "").partition("=")
    return bool(name and text) and not _RIGHT.fullmatch(name)


def _has_no_rights(effects: CommandEffects, own: Words) -> bool:
    """Whether a container has but the work tree and plain variables in its hands, so that nobody would let it release.

    Up to then no secret may be in reach of the job, which could have left it in a file, as a checkout does. What is
    called a release may know of rights that no file tells, as a runner of somebody's own has them.
    """
    state, handed = effects.state, {option for option in own.options if option.startswith(_HANDS_OVER)}
    held = state.has_secrets or state.has_scripted_secrets or state.has_login or state.tokens
    if held or not handed <= _OF_WORK or speaks_of_delivery(" ".join(map(display, effects.words.rest))):
        return False
    variables = [partition(each, "=") or (each, effects.variable(display(each))) for each in own.of("-e --env")]
    plain = all(literal(name) and not _KEY.fullmatch(display(name)) for name, _ in variables)
    texts = (*(text for _, text in variables), *effects.all_words)
    secret = any(isinstance(part, Symbol) and part.kind == "secret" for text in texts for part in text)
    return plain and not secret and all(_is_of_work(effects, each) for each in own.of("-v --volume"))


def _is_of_work(effects: CommandEffects, volume: Value) -> bool:
    """Whether what is mounted is the work tree, or a part of it, or modules of Go."""
    source = (partition(volume, ":") or (volume,))[0]
    path = literal(effects.place_of(source))
    of_tree = path is not None and not path.startswith(("/", "~", ".."))
    return of_tree or _MODULES.fullmatch(display(source)) is not None


def pull(effects: CommandEffects) -> None:
    """An image that somebody else has built is on the machine now; pushing it on under another name is no build."""
    for reference in effects.words.positionals:
        effects.local_tags.update(dict.fromkeys(called_here([reference]), Symbol("pulled", display(reference))))


def tag(effects: CommandEffects) -> None:
    """An image on the machine gets another name."""
    if len(effects.words.positionals) > 1:
        source, target = effects.words.positionals[:2]
        for name in called_here([target], literal(effects.all_words[0]) or ""):
            if source in effects.local_tags:
                effects.local_tags[name] = effects.local_tags[source]
            else:
                effects.local_tags.pop(name, None)


def push(effects: CommandEffects) -> None:
    """An image on the machine is pushed."""
    references = effects.words.positionals[:1]
    if len(effects.words.positionals) > 1 and references[0] in effects.local_tags:  # a destination of its own
        effects.local_tags[effects.words.positionals[1]] = effects.local_tags[references[0]]
    references = effects.words.positionals[1:2] or references
    if effects.words.has("-a --all-tags"):
        names = [image(reference).name for reference in references]
        references = [tag for tag in effects.local_tags if image(tag).tag and image(tag).name in names] or references
    for reference in references:
        unknown = Symbol("digest", f"{effects.moment.key}/{effects.command.line}:{display(reference)}")
        symbol = effects.local_tags.get(reference, unknown)
        if symbol in effects.state.pushed.values() and effects.words.has(_CONVERTS):
            symbol = unknown
        if symbol.kind == "pulled" and _is_built_here(effects, value(symbol.name)):
            _another(effects, "what is pulled and pushed again need not have the digest that it had", image(reference))
        elif symbol.kind == "pulled" and _is_built_here(effects, reference):
            _another(effects, "what is pulled takes the name of what is built here", image(reference))
        elif symbol.kind == "pulled" and same_name(image(value(symbol.name)).name, image(reference).name) is True:
            trial = _is_for_trial(image(reference))
            _another(effects, "what another run has pushed gets another tag", image(reference), for_trial=trial)
        if symbol.kind == "pulled" or head(reference).startswith(ARCHIVES):
            continue
        effects.state.pushed[reference] = symbol
        for file in effects.words.of(effects.about.metadata):
            effects.put(effects.path(file), Content("metadata", effects.origin(file), digest=symbol))
        effects.built([reference], symbol, sbom=False, elsewhere=not effects.state.recipes)


def _is_built_here(effects: CommandEffects, reference: Value) -> bool:
    """Whether a name is that of one of the images that this run has built."""
    name = image(reference).name
    built = (each for act in effects.moment.frame.shared.acts if act.kind == "built" for each in act.targets)
    return any(isinstance(each, Image) and same_name(value(display(each.name)), name) is True for each in built)


def push_digest(effects: CommandEffects) -> None:
    """`docker inspect` of an image that was pushed from here says the digest that the push has recorded, or its id."""
    template = display(effects.words.first("-f --format"))
    if _ID.fullmatch(template):
        effects.script.means(effects.command, value(Symbol("image-id", effects.text)))
    for reference in effects.words.positionals[-1:] if "RepoDigests" in template else []:
        symbol = effects.state.pushed.get(reference)
        if symbol:
            effects.script.means(effects.command, value(image(reference).name, "@", symbol))


def read_digest(effects: CommandEffects) -> None:
    """`jq` of the metadata that a build has left says its digest, or the one of its configuration."""
    query = " ".join(display(word) for word in effects.all_words[1:])
    path = _path_asked_for(effects.all_words[1:])
    fed = effects.script.known(effects.command.stdin or ())
    said = [part for part in fed if isinstance(part, Symbol)]
    if found := said_in_json(fed, path):
        effects.script.means(effects.command, found)
    elif _OF_IMAGE.search(query) and len(said) == 1 and said[0].kind == "digest":
        effects.script.means(effects.command, value(said[0]))
    for word in effects.words.positionals:
        for _, (content, _), conditions in effects.pieces(effects.path(word)):
            if content.kind == "metadata" and not conditions and (found := said_in_json(content.text, path)):
                effects.script.means(effects.command, found)
                continue
            if content.kind != "metadata" or not content.digest or conditions:
                continue
            if _OF_IMAGE.search(query):
                effects.script.means(effects.command, value(content.digest))
            elif "containerimage.config.digest" in query or ".imageId" in query:
                effects.script.means(effects.command, value(Symbol("image-id", content.digest.name)))


def _path_asked_for(words: tuple[Value, ...]) -> str:
    """What jq is asked for, with the texts that its variables stand for (`--arg name text`)."""
    given: dict[str, str] = {}
    while _ARGUMENT in words[:-2]:
        at = words.index(_ARGUMENT)
        name, text = map(literal, words[at + 1 : at + 3])
        given |= {name: text} if name and text and _PLAIN.fullmatch(text) else {}
        words = words[:at] + words[at + 3 :]
    path = literal(next(iter(Words(words, ()).positionals), ())) or ""
    return _VARIABLE.sub(lambda found: f'"{given[found[1]]}"' if found[1] in given else found[0], path)


def read_behind(effects: CommandEffects) -> None:
    """`cut -d@ -f2` of a reference that is handed to it says the digest, `-f1` the name before it."""
    asked = " ".join(display(word) for word in effects.all_words[1:])
    split = partition(effects.script.known(effects.command.stdin or ()), "@")
    digest, *rest = split[1] if split else ((),)
    if not split or not isinstance(digest, Symbol) or digest.kind != "digest" or rest not in ([], ["\n"]):
        return
    if _BEHIND.fullmatch(asked):
        effects.script.means(effects.command, value(digest))
    elif _BEFORE.fullmatch(asked):
        effects.script.means(effects.command, split[0])


def look_up(effects: CommandEffects) -> None:
    """A digest is asked of a registry: that of whatever stands there by then, unless it is asked for by a digest."""
    references = effects.words.positionals
    if effects.about.named is not None and len(references) == 1 and not effects.words.has(effects.about.alters):
        asked = image(references[0])
        if asked.digest:
            effects.script.means(
                effects.command, reference_of(asked) if effects.words.has(effects.about.refers) else asked.digest
            )
            return
    effects.script.means(effects.command, value(Symbol("looked-up", effects.text)))


def pick(effects: CommandEffects) -> None:
    """A program picks the digest from what a registry has answered (`crane manifest … | jq -r .digest`).

    The first line, or the last one, of a digest alone is that digest.
    """
    if _FIRST.fullmatch(effects.said()):
        line = [part for part in effects.script.known(effects.command.stdin or ()) if part != "\n"]
        if len(line) == 1 and isinstance(line[0], Symbol) and line[0].kind == "digest":
            effects.script.means(effects.command, value(line[0]))
            return
    if literal(effects.all_words[0]) in PICKING:
        told = effects.script.known(effects.command.stdin or ())
        for part in told:
            if isinstance(part, Symbol) and part.kind == "looked-up":
                effects.script.means(effects.command, value(part))


def move(effects: CommandEffects) -> None:
    """An image is copied from where it stands to other names, or an index is put together."""
    positionals = effects.words.positionals
    goal = head(positionals[-1]) if positionals else ""
    if len(positionals) > 1 and head(positionals[0]).startswith(ARCHIVES) and not goal.startswith(ARCHIVES):
        _push_archive(effects, positionals[1])
        return
    if len(positionals) == effects.about.source == 2 and goal.startswith(_FILES):
        archives.copied(effects, positionals[0], positionals[1])
        return
    told = _told_tags(effects) if effects.about.source == 1 else {}
    sources = [word for word in positionals if word not in told]
    if effects.about.source == 1 and (len(sources) != 1 or not is_one(sources[0])):
        if _gives_any_tags(effects):
            effects.unseen("which tags it gives to what is only known in a run", frozenset({"build", "ship"}))
        else:
            index(effects)
    elif len(positionals) >= effects.about.source and not goal.startswith((*ARCHIVES, _FOLDER)):
        source = image(sources[-effects.about.source])
        digest = source.digest or _pushed_as(effects, source)
        goals = [image(each) for each in effects.words.of(effects.about.tags) or sources[1:]]
        goals += [Image(name) for names in told.values() for name in names]
        if effects.words.has(effects.about.alters) or _is_in_part(effects, digest):
            why = "it makes another image of the one that it copies, by a digest that nobody knows here"
            _another(effects, why, *goals)
            return
        named = [each for each in goals if not NOT_FOR_USERS.match(head(each.name))]
        if goals and not named:
            return
        copies = [
            Image(each.name, digest=digest)
            for each in named
            if digest and not effects.about.whole and (source.digest or same_name(each.name, source.name) is False)
        ]
        trial = all(map(_is_for_trial, named))
        if effects.about.whole:
            _copy_proofs(effects, source, named)
        if effects.words.has(effects.about.only):
            return
        targets = (source, *dict.fromkeys(copy for copy in copies if _is_told(copy.name)))
        effects.act("shipped", *targets, for_trial=trial)


def _told_tags(effects: CommandEffects) -> dict[Value, list[Value]]:
    """The words that hold `-t` and a tag, for all that metadata-action says, each with the names in these."""
    lists = effects.state.tag_lists
    found: dict[Value, list[Value]] = {}
    for word in effects.words.positionals:
        symbol = word[0] if len(word) == 1 else ""
        if isinstance(symbol, Symbol) and symbol.kind == "command" and _TAGS_OF_JQ.fullmatch(symbol.name):
            found[word] = [name for names in lists.values() for name in names]
        elif isinstance(symbol, Symbol) and (looped := _TAGS_OF_LOOP.fullmatch(symbol.name)):
            found[word] = lists.get(looped[1], [])
    return {word: names for word, names in found.items() if names}


def _gives_any_tags(effects: CommandEffects) -> bool:
    """Whether an image is told by its digest, and its tags, or more images, by what only a run knows."""
    sure = [image(word) for word in effects.words.positionals if is_one(word)]
    return len(sure) == 1 and bool(sure[0].digest) and not effects.words.of(effects.about.tags)


def _is_for_trial(named: Image) -> bool:
    """Whether an image has a tag by which nobody takes it for a release."""
    return (literal(named.tag) or literal(named.name)) in TRIALS


def _is_told(name: Value) -> bool:
    """Whether a name says what an image is called, rather than a variable that may hold anything."""
    return "/" in shown(name) or is_of_registry(name[0] if name else "")


def _copy_proofs(effects: CommandEffects, source: Image, copies: list[Image]) -> None:
    """What has surely been signed and attested of an image by then goes with it under its other names.

    Where it is told what alone goes along (`cosign copy --only=sig,att`), that is all.
    """
    only = display(effects.words.first(effects.about.only)) or "sig,att"
    kinds = {kind for kind, told in (("signed", "sig"), ("attested", "att")) if told in only}
    for act in list(effects.moment.frame.shared.acts) if source.digest else ():
        here = act.guard.job == effects.guard.job
        before = act.guard.job in effects.state.waits and act.guard.fatal and act.guard.job_fatal
        if act.kind in kinds and (here or before) and source in act.targets:
            for copy in (Image(each.name, digest=source.digest) for each in copies):
                of = copy if act.of == source else act.of
                doubt = {"problem": act.problem, "unsure": act.unsure, "astray": act.astray}
                effects.act(act.kind, copy, of=of, conditions=act.guard.all_conditions, **doubt)


def _pushed_as(effects: CommandEffects, named: Image) -> Value:
    """The digest that this run has built under a name and a tag, the last one if there are several."""
    acts = reversed(effects.moment.frame.shared.acts)
    built = (each for act in acts if act.kind == "built" for each in act.targets if isinstance(each, Image))
    return next((each.digest for each in built if named.tag and (each.name, each.tag) == (named.name, named.tag)), ())


def _push_archive(effects: CommandEffects, reference: Value) -> None:
    """An image that stands on the machine is pushed; a file may get its digest."""
    _, named = partition(effects.words.positionals[0], ":") or ((), ())
    file = (partition(named, ":") or (named,))[0]
    known = archived(effects, file)
    symbol = known or _symbol(effects)
    if any(content.kind == "foreign" for _, (content, _), _ in effects.pieces(effects.path(file))):
        effects.unseen("another run has built it, and may have tested and scanned it", frozenset({"test", "scan"}))
    for file in effects.words.of(effects.about.metadata):
        effects.put(effects.path(file), Content("metadata", effects.origin(file), digest=symbol))
    effects.built([reference], symbol, sbom=False, elsewhere=known is None)


def index(effects: CommandEffects) -> None:
    """Parts that were pushed by digest become one image, whose digest nobody knows here if no file gets it."""
    files, tags = effects.words.of(effects.about.metadata), effects.words.of(effects.about.tags)
    if files and not tags:
        push(effects)
        return
    if not files or not _is_of_parts(effects):
        trial = bool(tags) and all(_is_for_trial(image(each)) for each in tags)
        named = map(image, tags or effects.words.positionals[-1:])
        _another(
            effects, "an image index is put together from parts; that is not followed yet", *named, for_trial=trial
        )
        return
    symbol = _symbol(effects)
    for file in files:
        effects.put(effects.path(file), Content("metadata", effects.origin(file), digest=symbol))
    targets = [Image(each.name, each.tag, value(symbol)) for each in map(image, tags)]
    name = image(effects.words.positionals[0]).name
    effects.act("built", *targets, digest=symbol, of=Image(name))
    _keep_sboms(effects, name, [Image(each.name, digest=each.digest) for each in targets])


def _keep_sboms(effects: CommandEffects, name: Value, whole: list[Image]) -> None:
    """What the builds of all parts have added to them is in the index, which is made of theirs; not what came later."""
    acts = effects.moment.frame.shared.acts
    parts = {
        act.place: act
        for act in acts
        if act.kind == "built"
        and any(isinstance(each, Image) and each.name == name and not each.tag for each in act.targets)
    }
    added = [act for act in acts if act.kind == "attested" and act.of in act.targets and act.place in parts]
    if whole and {act.place for act in added} == parts.keys():
        conditions = frozenset().union(*(act.guard.all_conditions for act in added))
        unsure = next((act.unsure for act in added if act.unsure), None)
        for kind in ("described", "attested"):
            effects.act(kind, *whole, of=whole[0], conditions=conditions, unsure=unsure)


def _is_of_parts(effects: CommandEffects) -> bool:
    """Whether an index is put together by digests of images that are built here, under one name and without a tag."""
    parts = [image(each) for each in effects.words.positionals]
    built = (each for act in effects.moment.frame.shared.acts if act.kind == "built" for each in act.targets)
    untagged = {each.name for each in built if isinstance(each, Image) and each.name and not each.tag}
    names = {each.name for each in parts}
    told = [part for each in parts for part in each.digest if isinstance(part, str)]
    by_digest = all(each.digest for each in parts) and not any(map(_WRITTEN_DOWN.search, told))
    return by_digest and len(names) == 1 and names <= untagged


def _another(effects: CommandEffects, why: str, *named: Image, for_trial: bool = False) -> None:
    """An image is made whose digest nobody knows, under these names."""
    may = frozenset({"build"}) if for_trial else frozenset({"build", "ship"})
    digest = Symbol("index", effects.moment.key)
    effects.act("unseen", *named, digest=digest, problem=why, may=may, for_trial=for_trial)


def _is_in_part(effects: CommandEffects, digest: Value) -> bool:
    """Whether an image of several platforms is copied by what takes one of them unless it is told otherwise."""
    if not effects.about.complete or effects.words.has(effects.about.complete):
        return False
    return is_of_platforms(effects, digest)


def _symbol(effects: CommandEffects) -> Symbol:
    return Symbol("digest", f"{effects.moment.key}/{effects.all_words[0][0]} {len(effects.moment.frame.shared.acts)}")
