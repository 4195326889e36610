"""Commands that hand something to users."""

from __future__ import annotations

import re
from itertools import islice, pairwise, takewhile
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.pipeline.acts import Content, Files, Image, image
from goldenpath.facts.pipeline.commands.sources import comes_from_elsewhere
from goldenpath.facts.pipeline.effects import TRIAL_INDEX
from goldenpath.facts.pipeline.scattered import is_outside
from goldenpath.facts.pipeline.tables import COPIES_SOURCES, is_harmless_verb, is_rehearsal
from goldenpath.facts.pipeline.tested_folders import folders_tested
from goldenpath.facts.pipeline.words import digests_in, is_option_or_nothing, shortened, without_label
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.paths import WORKSPACES, path_from
from goldenpath.facts.values import Symbol, Value, display, head, literal, partition, shown, value
from goldenpath.facts.values import words as words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.pipeline.acts import Act
    from goldenpath.facts.pipeline.commands import CommandEffects


def pack_and_ship(effects: CommandEffects) -> None:
    """A package is built and published at once, without a signature, unless one is named that was built before."""
    about, words = effects.about, effects.words
    named = words.of(about.image) or words.of(about.file) or (about.files is not None and words.positionals)
    if named or (about.when and not words.has(about.when)):
        ship(effects)
        return
    if any(TRIAL_INDEX.search(display(word)) for word in effects.all_words):
        return
    package = Files(value("package"), ((Content("built", effects.origin(value("package"))), ()),))
    effects.act("built", package, recipe=effects.recipe())
    tree, folder = effects.moment.frame.shared.tree, path_from((), effects.script.folder)
    parts = folders_tested(tree, folder, effects.command.words, words.positionals)  # which is told as to a test
    effects.act("shipped", package, folder=parts[0] if len(parts) == 1 else None)


def ship(effects: CommandEffects) -> None:
    """A deployment or publication may name the images or the files that it is about."""
    tried = any(TRIAL_INDEX.search(display(word)) for word in effects.all_words)
    if _goal(effects) is None:  # it fetches
        if all(map(_may_be_address, effects.words.positionals)):
            effects.act("unseen", problem="whether it fetches or ships is only known in a run", may=frozenset({"ship"}))
        for path in effects.words.positionals[-1:]:
            effects.written(path)
            effects.filled(path, ())
            _fetch(effects, path)
        return
    if tried or effects.words.has(effects.about.keeps) or _is_in_own_cluster(effects):
        return
    if _keeps_sources(effects):
        if not _is_dated(effects.all_words):  # which nobody fetches by a name that he knows
            effects.act("unseen", problem=COPIES_SOURCES, may=frozenset({"ship"}))
        return
    if effects.all_words[:1] == (("kustomize",),):
        from goldenpath.facts.pipeline.deployments import edit_kustomization

        edit_kustomization(effects)
    by_digest = [each for word in effects.all_words for each in digests_in(word)]
    images = [] if by_digest else [*map(image, effects.words.of(effects.about.image)), *_set_images(effects)]
    if (effects.about.to_cluster or effects.about.manifests) and not (by_digest or images):
        deployed = _in_manifests(effects)
        if deployed is None:
            return
        images = deployed
    namespace = effects.words.first(effects.about.namespace) if effects.about.to_cluster else None
    _leave_signatures(effects)
    files = _files(effects)
    _tell_of_others(effects, files)
    effects.act("shipped", *by_digest, *images, *files, namespace=namespace)


def _in_manifests(effects: CommandEffects) -> list[Image] | None:
    """The images that a cluster is told to run by manifests; None for what deploys none, or is said to be unseen."""
    from goldenpath.facts.pipeline.deployments import may_deploy, tests_in_jobs

    if jobs := tests_in_jobs(effects):
        effects.state.test_jobs |= jobs
        return None
    deploys = may_deploy(effects)
    if not deploys:
        return None if deploys is None else []
    found = named_in_files(effects)
    return [Image(())] if found == [] and effects.about.to_cluster else found


def named_in_files(effects: CommandEffects) -> list[Image] | None:
    """The images of this run in files that a platform is handed; None where that is said to be unseen."""
    from goldenpath.facts.pipeline.deployments import images_told
    from goldenpath.facts.pipeline.specifications import Untold

    try:
        return images_told(effects)
    except Untold as untold:
        effects.unseen(str(untold), frozenset({"build", "ship"}))
        return None


def wait_for_job(effects: CommandEffects) -> None:
    """`kubectl wait`: a Job that tests is over. One of its name may have been so before, and is left as it is."""
    from goldenpath.facts.pipeline.deployments import tests_in_jobs

    complete = any(display(each).lower().startswith("condition=complete") for each in effects.words.of("--for"))
    named = {display(word).rpartition("/")[2] for word in effects.words.positionals} | tests_in_jobs(effects)
    if complete and not named.isdisjoint(effects.state.test_jobs):
        effects.unseen("what a Job has tested is only known in the cluster", frozenset({"test"}))


def _keeps_sources(effects: CommandEffects) -> bool:
    """Whether a schedule lays nothing but the sources, packed as they were checked out, into a bucket: a backup."""
    shared = effects.moment.frame.shared
    if not (effects.about.into and shared.event.by_schedule):
        return False
    own = [act for act in shared.acts if act.guard.job == effects.state.key]
    makes = [act for act in own if act.kind in {"built", "installed"} or "build" in act.may]
    sent = [effects.seen(path) for path in effects.words.positionals[: _goal(effects)]]
    return (
        bool(makes and sent)
        and all(map(_packs_sources, makes))
        and all(_is_built(each) or _is_dated([each.pattern]) for each in sent)
    )


def _is_dated(words: Iterable[Value]) -> bool:
    """Whether what a command is told has the date in it, so that it has another name every day."""
    return any("date " in part.name for word in words for part in word if isinstance(part, Symbol))


def _packs_sources(act: Act) -> bool:
    """Whether nothing is made but an archive of files of which none has been made here."""
    contents = [content for each in act.targets if isinstance(each, Files) for content, _ in each.pieces]
    return bool(contents) and all(isinstance(each.of, Files) and not each.of.pieces for each in contents)


def _fetch(effects: CommandEffects, goal: Value) -> None:
    """What a bucket has is copied to a path: a file, or all below a folder."""
    whole = effects.words.has("-r -R --recursive") or any(display(word).endswith("sync") for word in effects.all_words)
    for source in effects.words.positionals[:-1]:
        contents = whole or display(source).endswith(("/", "*"))
        comes_from_elsewhere(effects, source, goal, into=False, contents=contents, fetched=True)


def _leave_signatures(effects: CommandEffects) -> None:
    """What lies beside the files that are published is left there, by an option, or for want of one."""
    about = effects.about
    if not about.beside or effects.moment.dead:
        return
    asked_not_to = effects.words.has(about.keeps) or any(map(effects.variable, about.keeps.split()))
    if asked_not_to or (about.when and not effects.words.has(about.when)):
        why = f"which publishes none without {about.when}" if about.when else "which is told to publish none"
        left = f"is left behind by {effects.text} ({effects.place}), {why}"
        acts = effects.moment.frame.shared.acts
        for at, act in enumerate(acts):
            if act.kind == "signed" and any(display(path).endswith(about.beside) for path in act.into):
                acts[at] = replace(act, problem=act.problem or left)


def may_ship(effects: CommandEffects) -> None:
    """A platform is told something: to ship an image, something harmless, or what nobody knows."""
    about = effects.about
    if effects.words.of(about.image):
        ship(effects)
    elif _starts_a_sync(effects) or not any(ask(effects) for ask in (_is_harmless, _is_in_own_cluster, _is_in_folder)):
        why = about.why or f"whether {shortened(' '.join(_told(effects)))} ships something is not known"
        effects.act("unseen", problem=why, may=frozenset(about.may) or frozenset({"ship"}))


def _told(effects: CommandEffects) -> list[str]:
    """The program and its subcommand, with the words that may belong to it."""
    path = takewhile(lambda word: not head(word).startswith("-"), effects.words.rest)
    return [shown(word) for word in (effects.all_words[0], *islice(path, effects.about.depth))]


def _is_harmless(effects: CommandEffects) -> bool:
    """Whether it is told by a verb, or in a group of commands, that ships nothing (or `-version` alone)."""
    harmless, told = effects.about.harmless.split(), _told(effects)[1:]
    verbs = (re.split("[-:]", word)[0] for word in told or [each.lstrip("-") for each in effects.words.options])
    return any(map(is_harmless_verb, verbs)) or not {*told, *(each.partition(":")[0] for each in told)}.isdisjoint(
        harmless
    )


def _is_in_folder(effects: CommandEffects) -> bool:
    """Whether what a client of registries makes stays in a folder of the machine."""
    named = next((word for word in effects.words.positionals if "/" in display(word)), ())
    return head(named).startswith("ocidir://") or effects.words.has("--oci-layout")


def _starts_a_sync(effects: CommandEffects) -> bool:
    """Whether it writes down what lets something else deploy (`kubectl annotate … reconcile.fluxcd.io/…`)."""
    said = effects.said()
    return any(mark in said for mark in effects.about.when.split())


def _is_in_own_cluster(effects: CommandEffects) -> bool:
    return effects.about.to_cluster and effects.state.has_own_cluster


def _set_images(effects: CommandEffects) -> list[Image]:
    """Images that a deployment is told behind a `=`: `set image deploy/shop shop=NAME`, `--set image.tag=TAG`."""
    return images_set(effects.all_words, to_cluster=effects.about.to_cluster)


def images_set(words: tuple[Value, ...], *, to_cluster: bool) -> list[Image]:
    """The same of the words of any command, be it one that only prints what goes `to_cluster`."""
    told = [partition(each, "=") for word in words for each in words_of(_without_option(word))]
    setting = to_cluster and (("set",), ("image",)) in pairwise(words)
    found = []
    for key, said in ((display(each[0]), each[1]) for each in told if each):
        if key == "image" or key.endswith(".image") or (setting and not key.startswith("-")):
            found.append(image(said))
        elif to_cluster and _OF_TAGS.search(key):
            found.append(Image((), said))
        elif to_cluster and key.endswith("image.digest") and not _is_only_known_in_a_run(said):
            found.append(Image((), digest=said))
    return found


_OF_TAGS = regex(r"^tag$|[iI]mage[._]?[tT]ag$")
"""How charts call the value with a tag: `image.tag`, `imageTag`, `tag`."""


def _is_only_known_in_a_run(digest: Value) -> bool:
    """Whether nobody knows here of what a digest is: it is neither written down nor looked up."""
    return any(isinstance(part, Symbol) and part.kind != "looked-up" for part in digest)


def _goal(effects: CommandEffects) -> int | None:
    """Which positional says where files go; None where they come from there.

    An address that only a run knows is the last one, if what goes before it lies here: one of two is an address.
    """
    said, into = list(map(shown, effects.words.positionals)), effects.about.into
    if not into:
        return len(said)
    goal = next((at for at, each in enumerate(said) if at and each.startswith(into)), None)
    if goal is None and len(said) > 1 and _may_be_address(effects.words.positionals[-1]):
        sent = effects.words.positionals[:-1]
        return None if any(_may_be_address(each) or shown(each).startswith(into) for each in sent) else len(said) - 1
    return goal


def _may_be_address(word: Value) -> bool:
    """Whether a word begins with what only a run knows, and which need be no folder of the machine."""
    if not word or isinstance(word[0], str):
        return False
    return word[0].kind == "secret" or not (is_outside(word) or word[0] in WORKSPACES)


def _files(effects: CommandEffects) -> list[Files]:
    about, words = effects.about, effects.words
    paths = words.positionals[about.files :] if about.files is not None else []
    found = [effects.seen(path) for path in paths]
    named = map(effects.seen, map(without_scheme, words.of(about.file)))
    found += filter(_is_built, _sent(effects))
    found += (files for files in named if _is_built(files) or not _is_kept(effects, files))
    return found or ([effects.seen(value(about.folder))] if about.folder else [])


_PAGES = regex(
    r"(.*/)?(_?site|book|html|api-?docs?|javadoc|storybook-static)/?|.*\.(json|ya?ml|csv|xml|txt|log|sarif|html?)"
)
"""Folders in which documentation is made, and files of data."""


def _tell_of_others(effects: CommandEffects, files: list[Files]) -> None:
    """What is copied somewhere and stands in no repository was built, by whatever it was."""
    if not files and any(_is_made(effects, each) for each in _sent(effects)):
        effects.unseen("what it lays there was made by nothing that is followed", frozenset({"build", "ship"}))


def _sent(effects: CommandEffects) -> Iterator[Files]:
    """What is copied to where `into` begins, or to an address."""
    return map(effects.seen, effects.words.positionals[: _goal(effects)] if effects.about.into else [])


def _is_made(effects: CommandEffects, files: Files) -> bool:
    """Whether files are in the work tree that the repository has not, and are by their path no report, page or data."""
    path = literal(files.pattern) or ""
    stem = path.rstrip("/").rpartition("/")[2].partition(".")[0]
    is_aside = is_rehearsal([stem]) or _PAGES.fullmatch(path) is not None
    in_tree = bool(path) and not path.startswith(("/", "-", "..")) and ":" not in path
    return in_tree and not (is_aside or files.accompanies or files.own or _is_kept(effects, files))


def _is_built(files: Files) -> bool:
    return any(content.kind == "built" for content, _ in files.pieces)


def _is_kept(effects: CommandEffects, files: Files) -> bool:
    """Whether the repository holds a file of that name, which nothing need have made."""
    path = literal(files.pattern)
    return path is not None and effects.moment.frame.shared.tree.exists(path)


def without_scheme(path: Value) -> Value:
    """The path of a file that is handed over by what stands in it (`fileb://shop.zip`)."""
    return value(re.sub(r"^(fileb?://|@)", "", head(path)), *path[1:]) if head(path) else path


def release(effects: CommandEffects) -> None:
    """`gh release create` and `upload`: a draft is not public yet."""
    shared = effects.moment.frame.shared
    creates = effects.about.folder == "create"
    tag, *paths = [word for word in effects.words.positionals if not is_option_or_nothing(word)] or [()]
    draft = effects.words.has("--draft -d") if creates else bool(shared.drafts_of(tag))
    named = effects.words.first("-R --repo") or effects.variable("GH_REPO")
    files = [effects.seen(without_label(path)) for path in paths]
    effects.ship(files, draft=draft, bare=creates, name=tag, release_of=named)


def edit_release(effects: CommandEffects) -> None:
    """`gh release edit --draft=false` publishes the draft; a candidate that becomes the latest ships, too."""
    if literal(effects.words.first("--draft")) == "false":
        publish_draft(effects, next(iter(effects.words.positionals), ()))
    elif literal(effects.words.first("--prerelease")) == "false" or "--latest" in effects.words.options:
        tag = next(iter(effects.words.positionals), ())
        drafts = effects.moment.frame.shared.drafts_of(tag)
        effects.act("shipped", *(files for draft in drafts for files in draft.files))


def publish_draft(effects: CommandEffects, tag: Value = ()) -> None:
    """What was laid into a draft is handed to users; it is none any more, where that surely happens."""
    shared = effects.moment.frame.shared
    drafts = shared.drafts_of(tag)
    effects.act("shipped", *(files for draft in drafts for files in draft.files))
    if not effects.moment.dead and not effects.guard.conditions:
        shared.drafts = [each for each in shared.drafts if each not in drafts]


def _without_option(word: Value) -> Value:
    """A word without `--set=` before it."""
    return value(re.sub(r"^--set(-string)?=", "", head(word)), *word[1:]) if head(word) else word
