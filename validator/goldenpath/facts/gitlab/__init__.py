"""GitLab CI: the pipeline of `.gitlab-ci.yml`, as GitLab would make it on each occasion.

`configuration` puts it together from files, `rules` and `expressions` say which jobs there are on which of the
`occasions`, `variables` what they see, and `walk` goes through them; `knowledge` is the table gitlab.yaml. Nothing of
that is imported where there is no such file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goldenpath.facts.gitlab.pipeline import Pipeline
    from goldenpath.repository import Repository

PATH = ".gitlab-ci.yml"


def gitlab(repository: Repository) -> Pipeline | None:
    """The repository's pipeline of GitLab; None where it has none."""
    if PATH not in repository:
        return None
    from goldenpath.facts.gitlab.pipeline import Pipeline

    return Pipeline(repository, PATH)
