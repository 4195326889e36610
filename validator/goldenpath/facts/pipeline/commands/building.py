"""What is released while an image is built, by a RUN that is handed the rights for it (`RUN npm publish`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.tables import has_a_release, words_in
from goldenpath.facts.values import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.pipeline.acts import Recipe
    from goldenpath.facts.pipeline.effects import Effects

_HANDS_OVER = "--build-arg --secret --ssh"
"""Options by which a build is handed rights, among other things."""


def release_in_build(effects: Effects, recipe: Recipe | None) -> None:
    """Say that a line of the Dockerfile releases, where the build is handed what that may need."""
    released = next(_released(effects, recipe), None) if recipe is not None else None
    if released is not None:
        effects.unseen(
            f"what {released} releases while an image is built is not followed", frozenset({"build", "ship"})
        )


def _released(effects: Effects, recipe: Recipe) -> Iterator[str]:
    from goldenpath.facts.image_builds import ImageBuild, has_no_dockerfile, words_given

    if has_no_dockerfile(recipe) or not (recipe.inputs or words_given(recipe).of(_HANDS_OVER)):
        return
    build, tree = ImageBuild(recipe), effects.moment.frame.shared.tree
    text = None if build.unseen else tree.text(build.file)
    if text is None or not has_a_release(words_in(text)):
        return
    from goldenpath.facts.dockerfiles import Problem, parse
    from goldenpath.facts.image_runs import runs_of, said_of

    try:
        stages = parse(build.file, text, build.arguments).needed(build.target)
    except Problem:
        return
    for each in runs_of(stages, tree, build.context):
        if each.command is not None and has_a_release([literal(word) or "" for word in each.command.called]):
            yield said_of(each.command)
