"""Each job's token may do what the job needs and no more, and outsiders get hold of none.

## What

Every workflow is followed on every event that starts it. The check passes when

- `permissions:` are stated for each job, at the job or for the whole workflow. What holds otherwise is a setting of
  the organisation, which no file shows and which was "write everything" for years; so it fails. A workflow that is only
  called gets what its caller states.
- no permission is `write-all`, and each one to write is used by something in that very job: an action or a command of
  which goldenpath knows that it writes there (`contents`: a release, `packages`: a push, `id-token`: a signature).
  A command that is given a token of its own (`GH_TOKEN: ${{ secrets.… }}`) does not use the job's; one that is given
  none at all fails in a run, and is taken for one that writes, as it is meant to.
  Where something that is not followed could use it, the verdict is `unknown`.
- no run that anybody can cause, and that has the repository's own rights all the same (`pull_request_target`,
  `workflow_run`, `issue_comment` …), checks out what outsiders propose next to a token that can write, to secrets,
  or to a cache that it leaves for runs that may release; nor does it install or build that by its address
  (`pip install git+https://…`, `docker build https://….git#…`).
- no such run approves or merges what outsiders propose, unless it asks whose that is, or for what only a run knows.
- no such run runs what another run has stored, which outsiders may have made: artifacts are there to be read.
- no text that outsiders write (a title, a comment, the name of a branch, what they have stored) becomes part of a
  script: by `${{ }}` in `run:` or in an action's script, directly or by way of `env`, outputs and inputs; by `eval` and
  its like; or, where it may have several lines, by way of `$GITHUB_ENV`.
- no workflow of another repository gets all secrets (`secrets: inherit`), and no artifact or page holds the token
  that a checkout has left in the work tree, or a file into which a script has written a secret, in whatever form
  (`base64 -d`, `envsubst`). How much of it a program picks (`jq`, `cut`) is `unknown`.

A job of GitLab CI has no permissions to state: what its token may do, which other projects it reaches and which
variables are protected are settings of the project, which no file shows, and merge requests of outsiders run in their
own fork. There, each of the `id_tokens:` must be used in the job that is given it: named in its script or in a file
that this calls, or found by a program such as cosign. What is included from elsewhere makes the verdict `unknown`.

A condition under which only the repository's own changes run keeps outsiders out. So does one that a proposal was
merged (`github.event.pull_request.merged`) where the commit that was is checked out (`head.sha`), not its branch. The
words of a comment keep nobody out, for anybody can write them. A condition that only a run decides (a label, an
environment whose reviewers no file shows) makes the verdict `unknown`.

## Why

A build is attacked where it is cheapest: by the title of an issue, or by a dependency in a job that could do more than
it needed to. What a token cannot do, nobody can steal.

## Fix

Take all rights from the workflow (`permissions: {}`), and give each job its own. Hand text over in `env`, where the
shell takes it for text. Judge proposals in `pull_request`, which has no rights, and let a second workflow write
what it found.

## Before

```yaml
# .github/workflows/labels.yml
name: labels
on: {issues: {types: [opened]}}
permissions: write-all
jobs:
  label:
    runs-on: ubuntu-24.04
    steps:
      - run: gh issue edit "$NUMBER" --add-label "$(./labels "${{ github.event.issue.title }}")"
```

## After

```yaml
# .github/workflows/labels.yml
name: labels
on: {issues: {types: [opened]}}
permissions: {}
jobs:
  label:
    runs-on: ubuntu-24.04
    permissions:
      issues: write
    env:
      GH_TOKEN: ${{ github.token }}
      NUMBER: ${{ github.event.issue.number }}
      TITLE: ${{ github.event.issue.title }}
    steps:
      - run: gh issue edit "$NUMBER" --add-label "$(grep -oiE 'bug|question' <<< "$TITLE" | head -1)"
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.checks import EVERY_TYPE, Fix, evidence, failed, not_applicable, passed, unknown
from goldenpath.checks._proofs import to_hand_in
from goldenpath.repository import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.checks import Evidence, Outcome
    from goldenpath.facts.gitlab.identities import Identity
    from goldenpath.facts.gitlab.pipeline import Pipeline
    from goldenpath.facts.pipeline.acts import Use
    from goldenpath.facts.privileges import Danger, Grant, Privileges
    from goldenpath.facts.workflows import Workflows

APPLIES = EVERY_TYPE
FIX = Fix("Take all rights from the workflow (`permissions: {}`) and give each job what it needs", "minutes")

_MOST = 20
"""As many places are named; more would hide the first."""

_DANGERS = {
    "files": "checks out {what}, which outsiders choose, next to {reaches}, on {event}",
    "proposal": "approves or merges {what}, which outsiders propose, with {reaches}, on {event}",
    "artifact": "runs {what}, which another run has stored and outsiders may have made, next to {reaches}",
    "script": "puts {what}, which outsiders write, into a script",
    "environment": "writes {what}, which outsiders write, to $GITHUB_ENV, where a line of it may be any other variable",
    "secrets": "hands every secret to {what}, a workflow of another repository",
    "credentials": "stores the token that the checkout has left in the work tree",
    "written": "stores a file into which a script has written {what}, a secret",
}
_FIXES = {
    "files": Fix("Judge what outsiders propose in `pull_request`, where there is nothing to steal", "hours"),
    "proposal": Fix(
        "Do so for those alone whose changes need no review (`github.event.pull_request.user.login`)", "minutes"
    ),
    "artifact": Fix("Read what the other run has stored, and run only what this repository holds", "hours"),
    "environment": Fix("Keep {what} in an output, or end it with a delimiter that is drawn by lot", "minutes"),
    "script": Fix("Hand {what} over in `env`, and let the script read the variable", "minutes"),
    "secrets": Fix("Name the secrets that the called workflow needs, instead of `secrets: inherit`", "minutes"),
    "credentials": Fix("Set `persist-credentials: false` at the checkout", "minutes"),
    "written": Fix(
        "Hand {what} to the job that needs it by `secrets`, and leave the file out of the artifact", "minutes"
    ),
}


def check(workflows: Workflows, privileges: Privileges, gitlab: Pipeline | None) -> Outcome:
    """Look for what outsiders reach, then for rights that nothing states or uses, last for what is out of sight."""
    if workflows.too_many:
        return unknown("not looked at", f"there are {workflows.too_many:,} workflows, more than goldenpath reads")
    return (
        _endangered(privileges)
        or _excessive(privileges)
        or _unneeded(privileges)
        or _out_of_sight(workflows, privileges)
        or _elsewhere(privileges, gitlab)
        or _granted(workflows, privileges, gitlab)
    )


def _endangered(privileges: Privileges) -> Outcome | None:
    certain = [each for each in privileges.dangers if not _doubt(each)]
    if not certain:
        return None
    first, what = certain[0], certain[0].exposure.what
    fix = _FIXES[first.exposure.kind]
    proof = dict.fromkeys(evidence("declared", each.exposure.place, _told(each)) for each in certain)
    return failed(
        f"{first.exposure.place.file} {_told(first)}",
        *list(proof)[:_MOST],
        fix=Fix(fix.summary.replace("{what}", what), fix.effort),
    )


def _told(danger: Danger) -> str:
    form = _DANGERS[danger.exposure.kind]
    return form.format(what=f"`{danger.exposure.what}`", reaches=danger.reaches, event=danger.event.label)


def _doubt(danger: Danger) -> str:
    """Why it cannot be told whether outsiders come so far."""
    if danger.exposure.kind == "proposal" and danger.exposure.unsure:
        return "the rules of its branch, which no file shows, or what is asked in a run, may keep it from that"
    if danger.exposure.kind == "written" and danger.exposure.unsure:
        return f"how much of {danger.exposure.what} its script leaves in the file is only known in a run"
    if danger.exposure.kind != "files":
        return ""
    if danger.exposure.unsure:
        return f"who chooses {danger.exposure.what} is only known in a run"
    return f"it depends on {danger.guarded}" if danger.guarded else ""


def _excessive(privileges: Privileges) -> Outcome | None:
    """What is granted without being stated, or stated without being used."""
    unstated = [grant for grant in privileges.grants if grant.stated is None and not grant.inherits]
    whole = [grant for grant in privileges.grants if grant.stated and "*" in grant.stated]
    unused = [(grant, scope) for grant in privileges.grants for scope, users in _unjustified(grant) if not users]
    proof = [
        *(evidence("declared", grant.stated["*"], "every permission there is") for grant in whole if grant.stated),
        *(
            evidence("missing", grant.job.place, f"the job {grant.job.id!r} states no permissions")
            for grant in unstated
        ),
        *(evidence("declared", grant.stated[scope], _unused(grant, scope)) for grant, scope in unused if grant.stated),
    ]
    if not proof:
        return None
    fix = FIX
    if whole:
        summary = f"the job {whole[0].job.id!r} of {whole[0].workflow} may write everything"
    elif unstated:
        summary = f"the job {unstated[0].job.id!r} of {unstated[0].workflow} states no permissions"
    else:
        grant, scope = unused[0]
        summary = f"{grant.workflow}: {_unused(grant, scope)}"
        fix = Fix(f"Take `{scope}: write` from the job {grant.job.id!r}", "minutes")
    return failed(summary, *list(dict.fromkeys(proof))[:_MOST], fix=fix)


def _unused(grant: Grant, scope: str) -> str:
    return f"nothing in the job {grant.job.id!r} needs `{scope}: write`"


def _unjustified(grant: Grant) -> Iterator[tuple[str, list[Use]]]:
    """The scopes that nothing known uses, each with what may use it all the same."""
    for scope in (grant.stated or {}) if grant.entered else ():
        if scope != "*" and not any(scope in use.writes and not use.unseen for use in grant.uses):
            yield scope, [use for use in grant.uses if use.unseen and use.writes & {scope, "*"}]


def _out_of_sight(workflows: Workflows, privileges: Privileges) -> Outcome | None:
    for danger in privileges.dangers:
        if reason := _doubt(danger):
            seen = evidence("unseen", danger.exposure.place, _told(danger))
            return unknown(f"{danger.exposure.place.file} may expose {danger.reaches}", reason, seen)
    for grant in privileges.grants:
        for scope, users in _unjustified(grant):
            reason = f"{users[0].text}: {users[0].unseen}"
            proof = (evidence("unseen", use.place, f"{use.text}: {use.unseen}") for use in users[:_MOST])
            summary = f"whether the job {grant.job.id!r} needs `{scope}: write` cannot be seen"
            return unknown(summary, reason, *proof, fix=to_hand_in(users[0]))
    unread = [each for each in workflows.problems if not each.refused or not workflows.files]
    if unread:
        proof = (evidence("unseen", each.place, each.sentence) for each in unread)
        return unknown("some workflows cannot be read", f"{unread[0].place}: {unread[0].sentence}", *proof)
    if privileges.unfollowed:
        path = privileges.unfollowed[0]
        return unknown(
            "not all workflows are followed", f"{path} is too long", evidence("unseen", Place(path), "too long")
        )
    return None


def _unneeded(privileges: Privileges) -> Outcome | None:
    """Tokens for others that nothing in a job of GitLab uses."""
    unused = [each for each in privileges.identities if not each.used and not each.perhaps]
    if not unused:
        return None
    first = unused[0]
    proof = (evidence("declared", each.place, _idle(each)) for each in unused[:_MOST])
    fix = Fix(f"Take {first.name} from the id_tokens of the job {first.job!r}", "minutes")
    return failed(f"{first.place.path}: {_idle(first)}", *proof, fix=fix)


def _idle(identity: Identity) -> str:
    return f"nothing in the job {identity.job!r} uses its token {identity.name}"


def _elsewhere(privileges: Privileges, gitlab: Pipeline | None) -> Outcome | None:
    """What of a pipeline of GitLab cannot be seen."""
    for each in privileges.identities:
        if not each.used and each.perhaps:
            use = each.perhaps
            seen = evidence("unseen", use.place, f"{use.text}: {use.unseen}")
            summary = f"whether the job {each.job!r} needs its token {each.name} cannot be seen"
            return unknown(summary, f"{use.text}: {use.unseen}", seen)
    if gitlab is None:
        return None
    if gitlab.problem:
        place, sentence = gitlab.problem.place, gitlab.problem.sentence
        return unknown("the pipeline cannot be read", f"{place}: {sentence}", evidence("unseen", place, sentence))
    if foreign := gitlab.includes():
        reason = f"{foreign[0].label}: what it brings is not said in this repository"
        proof = (evidence("unseen", each.place, each.label) for each in foreign[:_MOST])
        return unknown("not all jobs can be seen", reason, *proof)
    return None


def _granted(workflows: Workflows, privileges: Privileges, gitlab: Pipeline | None) -> Outcome:
    if gitlab and not workflows.files:
        used = (evidence("declared", each.place, f"{each.name}, used by {each.used}") for each in privileges.identities)
        return passed(_identified(privileges), *list(used)[:_MOST])
    if not workflows.files:
        return not_applicable("there are no GitHub workflows and no GitLab pipeline")
    proof = {
        evidence("declared", place, f"{scope}: write, used by {_user(grant, scope)}"): None
        for grant in privileges.grants
        for scope, place in (grant.stated or {}).items()
        if grant.entered
    }
    return passed(_summary(privileges, proof), *list(proof)[:_MOST])


def _summary(privileges: Privileges, proof: dict[Evidence, None]) -> str:
    count = len(privileges.grants)
    jobs = "one job states its permissions" if count == 1 else f"{count} jobs state their permissions"
    return f"{jobs}, and {'each one to write is used' if proof else 'none to write'}"


def _identified(privileges: Privileges) -> str:
    jobs = {each.job for each in privileges.identities}
    if not jobs:
        return "no job is given a token for others"
    return f"{'one job is' if len(jobs) == 1 else f'{len(jobs)} jobs are'} given a token for others, and each uses it"


def _user(grant: Grant, scope: str) -> str:
    return next(use.text for use in grant.uses if scope in use.writes and not use.unseen)
