"""Containers of images that the run has built: what runs in them may be the tests of what is in them.

What an image is built from stands in it, so that tests in it are tests of that folder, at the commit of the build.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.dockerfiles import Problem, parse
from goldenpath.facts.image_builds import ImageBuild, has_no_dockerfile, words_of_list
from goldenpath.facts.pipeline.acts import Image, image, same_name
from goldenpath.facts.pipeline.called import Checkout
from goldenpath.facts.pipeline.testing import may_test, test_of
from goldenpath.facts.pipeline.words import without_daemon
from goldenpath.facts.shell import Unfollowable, follow
from goldenpath.facts.tasks.model import quoted
from goldenpath.facts.values import Symbol, Value, literal, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.dockerfiles import Instruction, Stage
    from goldenpath.facts.pipeline.acts import Recipe
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.pipeline.words import Words

_COMMITS = frozenset({Symbol("github", "sha"), Symbol("gitlab", "CI_COMMIT_SHA")})
_UNSEEN = "what runs in a container is not followed"


class _Built(Struct, frozen=True):
    """How an image was built that is run, and at which commit; `unsure` says why it may be another one."""

    recipe: Recipe | None
    commit: Value
    unsure: str | None = None


class _Start(Struct, frozen=True):
    """What an image runs: what it is told, behind what it begins with; both as a shell has them."""

    begins: Value
    told: Value
    variables: str


def try_out(effects: CommandEffects, reference: Value, own: Words) -> None:
    """Write down the tests that a container of an image runs which was built here, or may run."""
    told = effects.words.rest[1:]
    found = _built(effects, reference)
    recipe = found.recipe if found else None
    build = ImageBuild(recipe) if recipe and not has_no_dockerfile(recipe) else None
    if found is None or build is None or build.unseen:
        if may_test((reference, *told)):
            effects.act("tested", unsure=_UNSEEN)
        return
    effects.guard = replace(effects.guard, commit=found.commit)
    starts = _started(effects, build, own, told)
    doubt = found.unsure or ("what its ENTRYPOINT makes of it is not followed" if starts.begins and told else None)
    if effects.command.content:
        doubt = doubt or "may find no tests, with which its script is content"
    script = starts.told if told else value(starts.begins, " ", starts.told)
    tests = list(_tests(effects, build.context, script, starts.variables))
    lost = _lost(effects, build) if tests else None
    for unsure in tests:
        effects.act("tested", folder=value(build.context), unsure=unsure or doubt or lost)
    if not tests and not told and may_test((reference,)):
        effects.act("tested", unsure=_UNSEEN)


def _built(effects: CommandEffects, reference: Value) -> _Built | None:
    """The build of an image that is named: on this machine, by its digest, or by a tag that no other build is given."""
    symbol = effects.local_tags.get(without_daemon(reference))
    if symbol in effects.state.recipes:
        return _Built(effects.state.recipes[symbol], effects.guard.commit)
    named = image(reference)
    for act in reversed(effects.moment.frame.shared.acts):
        if act.kind != "built" or act.digest is None:
            continue
        if named.digest == value(act.digest):
            return _Built(act.recipe, act.guard.commit)
        images = [each for each in act.targets if isinstance(each, Image)]
        if not named.digest and any(same_name(each.name, named.name) and each.tag == named.tag for each in images):
            own = act.guard.job == effects.guard.job or not _COMMITS.isdisjoint(named.tag)
            moved = None if own else "is in an image that is named by a tag, which can be moved"
            return _Built(act.recipe, act.guard.commit, moved)
    return None


def _started(effects: CommandEffects, build: ImageBuild, own: Words, told: tuple[Value, ...]) -> _Start:
    """What runs in a container, by the Dockerfile of its image where it is told nothing."""
    passed = " ".join(literal(each) or "?" for each in own.of("-e --env --env-file"))
    command = value(*(part for word in told for part in (quoted(word), " ")))
    if entrypoint := own.first("--entrypoint"):
        return _Start((), value(quoted(entrypoint), " ", command), passed)
    stages = _stages(effects, build)
    if stages is None:
        return _Start(value(Symbol("unknown", build.file)), command, passed)
    said = [each for stage in stages for each in stage.instructions]
    lasting = {each.keyword: each for each in said}
    passed += " ".join(each.text for each in said if each.keyword in {"ENV", "ARG"})
    begins = _as_script(lasting.get("ENTRYPOINT"))
    return _Start(begins, command or _as_script(lasting.get("CMD")), passed)


def _stages(effects: CommandEffects, build: ImageBuild) -> tuple[Stage, ...] | None:
    """The stages that the build of an image goes through; None where they cannot be read."""
    try:
        read = parse(build.file, effects.moment.frame.shared.tree.text(build.file) or "", build.arguments)
    except Problem:
        return None
    return read.needed(build.target)


def _lost(effects: CommandEffects, build: ImageBuild) -> str | None:
    """Why tests in an image see less than the repository has."""
    from goldenpath.facts.image_runs import runs_of

    ran = list(runs_of(_stages(effects, build) or (), effects.moment.frame.shared.tree, build.context))
    return ran[-1].lost if ran else None


def _as_script(said: Instruction | None) -> Value:
    """What CMD or ENTRYPOINT runs, a line or a list of words."""
    if said is None:
        return ()
    words = words_of_list(said.text) if said.text.startswith("[") else None
    return value(said.text) if words is None else value(" ".join(f"'{word}'" for word in words))


def _tests(effects: CommandEffects, context: str, script: Value, variables: str) -> Iterator[str | None]:
    """The tests in a script, each by why that it runs, and that its failure counts, is not known."""
    tree = effects.moment.frame.shared.tree
    checkout = Checkout(tree.text, tree.exists, tree.find, tree.named)
    try:
        commands = follow(script, {}, "sh {0}", folder=value(context), callees=checkout).commands
    except Unfollowable:
        return
    for command in commands:
        if command.reachable and command.words and not command.leads and (command.fatal or command.unsure):
            found = test_of(command, tree, value(context), lambda _, name: name in variables, _UNSEEN)
            if found is not None:
                yield found or None
