"""A release as the validator sees it: for people who ask why a check says what it says.

Unlike the other formats it is made from facts and holds no verdict: which runs release, what their jobs do to which
artifact, in which order, and what is out of sight. As text, or as a flowchart for Mermaid.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from goldenpath.facts.pipeline.acts import Image
from goldenpath.facts.values import Symbol, display
from goldenpath.facts.values import shown as written
from goldenpath.reports.terminal import printable, shorten, width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.pipeline.acts import Act, Target
    from goldenpath.facts.pipeline.runs import Run
    from goldenpath.facts.releases import Releases
    from goldenpath.reports.terminal import Surface

FORMATS = ("text", "mermaid")

MOST = 200
"""Most acts of a run that are shown."""

_LEFT_OUT = frozenset({"installed"})
_NAMES = {"stored": "handed over", "unseen": "not seen"}
_MOST_CHARACTERS = 100


class _Job(NamedTuple):
    """A job of a run with what it does, in order."""

    key: str
    needs: tuple[str, ...]
    acts: list[Act]


def render(releases: Releases, form: str, surface: Surface) -> str:
    """The releases in the format of that name."""
    return _mermaid(releases) if form == "mermaid" else "\n".join(_text(releases, surface))


def _head(run: Run) -> str:
    return f"{run.workflow} on {run.event.label}"


def _jobs(run: Run) -> list[_Job]:
    """The jobs that do something, in the order of what they do, each with the jobs that it waits for directly."""
    acts: dict[str, list[Act]] = {}
    for act in run.acts[:MOST]:
        if act.kind not in _LEFT_OUT:
            acts.setdefault(act.guard.job, []).append(act)
    return [_Job(key, _needs(run, key), found) for key, found in acts.items()]


def _needs(run: Run, key: str) -> tuple[str, ...]:
    """The jobs that a job waits for, but for those that these wait for themselves."""
    waits = run.waits.get(key, frozenset())
    behind = set().union(*(run.waits.get(each, frozenset()) for each in waits))
    return tuple(each for each in run.waits if each in waits - behind)


def _is(target: Target) -> str:
    """What an act is about, as a developer would write it."""
    if not isinstance(target, Image):
        return written(target.pattern) or "files"
    digest = f"@{written(target.digest)}" if target.digest else ""
    tag = f":{written(target.tag)}" if target.tag and not digest else ""
    return f"{written(target.name) or 'an image'}{tag}{digest}"


def _notes(act: Act) -> Iterator[str]:
    """What is to be known of an act besides: why it cannot count, and when it happens."""
    if act.problem:
        yield act.problem
    if act.unsure:
        yield act.unsure
    if act.kind == "unseen":
        yield f"it could {_listed(sorted(act.may))}"
    if act.guard.all_conditions:
        yield f"only if {_listed(sorted(act.guard.all_conditions))}"
    if act.guard.skipped_by:
        yield f"left out where {act.guard.skipped_by} fails, which does not fail the job"
    elif not act.guard.fatal:
        yield "its failure does not fail the job"
    if not act.guard.job_fatal:
        yield "its job's failure does not fail the run"
    if act.guard.despite_failure:
        yield "even after a failure before it"
    if act.guard.called:
        yield f"called at {act.guard.called.place}"


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else "nothing"


def _about(act: Act) -> str:
    """The artifacts that an act is about; empty where it is about whatever there is."""
    targets = ", ".join(dict.fromkeys(map(_is, act.targets)))
    if act.kind == "described" and act.of is not None:
        return ", in ".join(filter(None, [_is(act.of), targets]))
    return targets


# --- text


def _text(releases: Releases, surface: Surface) -> Iterator[str]:
    if not releases.runs:
        yield surface.paint("Nothing here releases anything that could be seen.", "bold")
    for number, run in enumerate(releases.runs):
        if number:
            yield ""
        yield from _of_run(run, surface)
    yield from _beside(releases, surface)


def _of_run(run: Run, surface: Surface) -> Iterator[str]:
    yield surface.paint(printable(_head(run)), "bold")
    if run.doubt:
        yield from (f"  {surface.paint(line, 'dim')}" for line in wrap(printable(run.doubt), surface.columns - 2))
    for job in _jobs(run):
        yield ""
        after = f"  after {', '.join(job.needs)}" if job.needs else ""
        name = printable(job.key or run.name)
        yield f"  {surface.paint(name, 'bold')}{surface.paint(printable(after), 'dim')}"
        for act in job.acts:
            yield from _of_act(act, surface)
    if len(run.acts) > MOST:
        yield surface.paint(f"  and {len(run.acts) - MOST} more", "dim")


_COLUMN = max(map(len, ("described", *_NAMES.values()))) + 2


def _of_act(act: Act, surface: Surface) -> Iterator[str]:
    """An act: what, where, by what; below it what it is about, and what else is to be known."""
    kind = _NAMES.get(act.kind, act.kind)
    colour = "yellow" if act.kind == "unseen" or act.unsure else "red" if act.problem else "green"
    indent = " " * (4 + _COLUMN)
    room = surface.columns - len(indent)
    place = printable(str(act.place))
    text = shorten(printable(act.text), max(room - width(place) - 2, 20), surface)
    yield f"    {surface.paint(kind.ljust(_COLUMN), colour)}{surface.paint(place, 'cyan')}  {text}"
    if about := _about(act):
        yield from (f"{indent}{line}" for line in wrap(printable(f"of {about}"), room))
    for note in _notes(act):
        yield from (f"{indent}{surface.paint(line, 'dim')}" for line in wrap(printable(note), room))


def _beside(releases: Releases, surface: Surface) -> Iterator[str]:
    """What else there is: runs that release nothing, and what cannot be followed."""
    said = [f"{problem.place}: {problem.sentence}" for problem in releases.problems]
    said += [f"{each.path}: a pipeline of {each.service}, which is not followed" for each in releases.elsewhere]
    if releases.too_many:
        said.append(f"There are {releases.too_many:,} workflows, more than goldenpath reads.")
    releasing = set(map(_head, releases.runs))
    if others := [head for head in dict.fromkeys(map(_head, releases.walked)) if head not in releasing]:
        said.append(f"Followed, and no release: {', '.join(others)}")
    for number, text in enumerate(said):
        if number == 0:
            yield ""
        yield from (surface.paint(line, "dim") for line in wrap(printable(text), surface.columns))


# --- Mermaid


def _mermaid(releases: Releases) -> str:
    lines = ["flowchart LR"]
    for number, run in enumerate(releases.runs):
        lines += _chart(f"r{number}", run)
    if len(lines) == 1:
        lines.append(f"  none[{_label('Nothing here releases anything that could be seen')}]")
    lines += [
        "  classDef unseen stroke-dasharray: 4 4",
        "  classDef broken stroke-width: 3px, stroke: #c00",
    ]
    return "\n".join(lines)


def _chart(prefix: str, run: Run) -> Iterator[str]:
    """One run: a box for each job, an arrow from what is built to all that is done to it."""
    jobs = _jobs(run)
    keys = {job.key: f"{prefix}j{number}" for number, job in enumerate(jobs)}
    artifacts: dict[str, tuple[str, str]] = {}
    arrows: dict[str, None] = {}
    yield f"  subgraph {prefix}[{_label(_head(run))}]"
    for job in jobs:
        yield f"    subgraph {keys[job.key]}[{_label(job.key or run.name)}]"
        for number, act in enumerate(job.acts):
            node = f"{keys[job.key]}a{number}"
            style = ":::unseen" if act.kind == "unseen" or act.unsure else ":::broken" if act.problem else ""
            notes = [f"{_NAMES.get(act.kind, act.kind)}: {act.text}", str(act.place), *_notes(act)]
            yield f"      {node}[{_label(*notes)}]{style}"
            for target in act.targets:
                artifact, _ = artifacts.setdefault(_origin(target), (f"{prefix}x{len(artifacts)}", _is(target)))
                arrow = f"{node} --> {artifact}" if act.kind == "built" else f"{artifact} --> {node}"
                arrows[arrow] = None
        yield "    end"
    yield from (f"    {node}([{_label(name)}])" for node, name in artifacts.values())
    yield from (f"    {arrow}" for arrow in arrows)
    for job in jobs:
        yield from (f"    {keys[need]} -.-> {keys[job.key]}" for need in job.needs if need in keys)
    yield "  end"


def _origin(target: Target) -> str:
    """What stays the same of an artifact under all its names: its digest; of files, where they come from."""
    if isinstance(target, Image):
        symbols = [part for part in target.digest if isinstance(part, Symbol)]
        return display((symbols[0],)) if symbols else _is(target)
    return _is(target)


def _label(*lines: str) -> str:
    """A label in which nothing of a repository is markup: all but letters, digits and a few signs are numbers."""
    shortened = (line if len(line) <= _MOST_CHARACTERS else line[: _MOST_CHARACTERS - 1] + "…" for line in lines)
    safe = (re.sub(r"[^\w .,:/@-]", lambda sign: f"#{ord(sign[0])};", printable(line)) for line in shortened)
    return f'"{"<br>".join(safe)}"'
