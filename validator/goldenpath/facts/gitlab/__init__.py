"""GitLab CI: the pipeline of `.gitlab-ci.yml`, as GitLab would make it on each occasion.

`configuration` puts it together from files, `rules` and `expressions` say which jobs there are on which of the
`occasions`, `variables` what they see, and `walk` goes through them; `knowledge` is the table gitlab.yaml. Nothing of
that is imported where there is no such file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goldenpath.facts.declared import Knowledge
    from goldenpath.facts.gitlab.pipeline import Pipeline
    from goldenpath.facts.workflows import Workflows
    from goldenpath.handed_in import Source
    from goldenpath.repository import Repository

PATH = ".gitlab-ci.yml"


def gitlab(
    repository: Repository, sources: tuple[Source, ...] = (), knowledge: Knowledge | None = None
) -> Pipeline | None:
    """The repository's pipeline of GitLab; None where it has none."""
    if PATH not in repository:
        return None
    from goldenpath.facts.gitlab.pipeline import Pipeline

    return Pipeline(repository, PATH, knowledge, sources)


def is_home(pipeline: Pipeline | None, workflows: Workflows) -> bool:
    """Whether the repository has pipelines of GitLab and no workflows of GitHub, so that it must live there."""
    return pipeline is not None and not (workflows.files or workflows.problems or workflows.too_many)
