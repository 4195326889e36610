"""Whether anybody gets to see a signature that a program has written into a file."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from goldenpath.facts.nodes import scalars
from goldenpath.facts.pipeline.acts import Files
from goldenpath.facts.pipeline.effects import fits, name_of, part_of
from goldenpath.facts.pipeline.scattered import may_touch
from goldenpath.facts.pipeline.tables import known_action, known_command
from goldenpath.facts.pipeline.words import globbed
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import literal, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.nodes import Node
    from goldenpath.facts.pipeline.acts import Act, Content
    from goldenpath.facts.pipeline.runs import Entered, Run
    from goldenpath.facts.values import Value
    from goldenpath.facts.workflows import Job, Step

_ABOUT_OTHERS = frozenset({"derived", "index", "sbom", "signature"})
"""Files that only speak of others; what else is made of files has them inside."""
_BETWEEN = regex(r"[\s'\";|&()=,<>`]+")
_APART = regex(r"&&|\|\||[;\n]")
_LOOP = regex(r"for\s+(\w+)\s+in\s+(.*)")
"""What a loop goes over is named where a command in it names its variable."""
_OPENING = regex(r"((do|then|else|if|while|until|!|\{|\()\s+)+")
_NAMES = regex(r"\$\{?(\w+)")
_SILENCED = regex(r"\\\n|\d?>&\d|[\d&]?>\s*/dev/null")
_WRITES = regex(r"[<>`]|\$\(")
_IS_TEXT = regex(r".*\.(md|rst|html?|txt|sha\d+|md5)|licen[cs]e|notice|changelog|readme")
"""Names of files that are for people to read, or lists of digests: no signature."""
_ONLY_SIGNS = frozenset({"attest-blob", "sign-blob", "verify-blob", "verify-blob-attestation"})
_KEEPS = frozenset({
    "attest-files", "build-files", "describe", "describe-folder", "edit", "install", "install-programs", "look-up",
    "nothing", "read-behind", "read-digest", "sign-files", "verify",
})  # fmt: skip
"""What commands do that publish none of the files which they are given, and copy none."""
_SETS = frozenset({
    ".", "cd", "declare", "eval", "exec", "export", "git", "local", "popd", "pushd", "read", "readonly", "set",
    "source", "typeset",
})  # fmt: skip
"""Commands that name files for others after them, although they do nothing else."""


def is_lost(run: Run, act: Act) -> bool:
    """Whether all files with a signature are surely left where they are, by a run and by those that go on with it."""
    later = ((whole, each) for whole in run.gone_on_with_by for each in whole.of_kind(act.kind))
    return _is_left(run, act) and all(_is_left(whole, each) for whole, each in later if each.place == act.place)


def may_be_gone(run: Run, act: Act) -> bool:
    """Whether all files with a signature are but among the artifacts of a job of GitLab, of which settings decide."""
    return bool(run.scripts) and _is_left(run, act, lasting=True)


def _is_left(run: Run, act: Act, *, lasting: bool = False) -> bool:
    """Whether a run leaves them where they are: nothing stores (`lasting`: for good), ships or names one of them."""
    if act.left is not None:
        return is_held_by_nobody(run, act.left)
    if (
        not act.into
        or act.caller
        or not (run.scripts or act.guard.job in run.jobs)
        or any("ship" in each.may for each in run.acts)
    ):
        return False
    into = [_called(path) for path in act.into]
    held_back = [path for path in into if _is_held_back(run, act, path)]
    jobs = [entered for key, entered in run.jobs.items() if not held_back or key == act.guard.job]
    steps = [step for entered in jobs for step in entered.job.steps]
    scripts = (*(() if held_back else run.scripts), *(step.run.text for step in steps if step.run is not None))
    if any(step.uses is not None and step.uses.is_local for step in steps):
        return False
    handed_on = [each for each in _handed_on(run, act) if not lasting or each.kind == "shipped" or each.for_good]
    if held_back:
        handed_on = [each for each in handed_on if each.guard.job == act.guard.job]
    patterns = [
        (target.pattern, each.without) for each in handed_on for target in each.targets if isinstance(target, Files)
    ]
    words = {word for script in scripts for word in _words(script)}
    words |= {word for node in _given(jobs) for each in scalars(node) for word in _BETWEEN.split(each.text)} - {"."}
    return not any(
        not path
        or any(_meets(each, path) and not _leaves_out(without, path) for each, without in patterns)
        or any(_covers(word, path) for word in words)
        for path in into
    )


def _is_held_back(run: Run, act: Act, path: str) -> bool:
    """Whether a pattern keeps a file out of what its job stores for others, so that none of them can mean it."""
    stored = (each for each in run.of_kind("stored") if each.guard.job == act.guard.job)
    releases = any(each.guard.job == act.guard.job for each in run.of_kind("shipped", "unseen"))
    by_itself = act.guard.job not in run.jobs and releases  # of whose script, and whose others', nobody tells the words
    return not by_itself and any(_leaves_out(each.without, path) for each in stored)


def _leaves_out(without: tuple[Value, ...], path: str) -> bool:
    return any(part_of(value(path), each) == () for each in without)


def _called(path: Value) -> str:
    """How the file of a signature is called, or by what pattern those that a loop writes; empty if only a run knows."""
    named = globbed(path)
    is_placed = bool(named) and isinstance(named[0], str)
    return "".join(part if isinstance(part, str) else "*" for part in named) if is_placed else ""


def _meets(pattern: Value, path: str) -> bool:
    """Whether files that are handed on may be among those that are called so."""
    named = literal(pattern)
    return named is None or part_of(value(path), pattern) is not None or ("*" in path and fits(named, path))


def _handed_on(run: Run, act: Act) -> list[Act]:
    """What is published, and what is stored for others, where one of them may publish it: else it is gone some day."""
    job = act.guard.job
    if job not in run.jobs:  # a pipeline's artifacts
        return run.of_kind("stored", "shipped")
    fetches = any(map(_fetches, (entered.job for key, entered in run.jobs.items() if key != job)))
    later = [each for each in run.of_kind("shipped") if each.guard.job != job]
    signed = {literal(name_of(each.pattern)) for each in act.targets if isinstance(each, Files)}
    files = [target for each in later for target in each.targets if isinstance(target, Files)]
    taken = fetches and any(_may_name(each.pattern, act.into, signed) for each in files)
    return run.of_kind(*(("stored", "shipped") if taken else ("shipped",)))


def _fetches(job: Job) -> bool:
    """Whether a job may fetch what another one has stored."""
    known = (known_action(step.uses) for step in job.steps if step.uses is not None)
    scripts = (step.run.text for step in job.steps if step.run is not None)
    return any(about and about.restores for about in known) or any("download" in each for each in scripts)


def _may_name(pattern: Value, into: tuple[Value, ...], signed: set[str | None]) -> bool:
    """Whether a pattern, or a folder, may have a signature in it, and is not but the name of what is signed."""
    named = literal(name_of(pattern))
    if named is None or "*" in named:
        return named is None or any(fnmatchcase(literal(name_of(each)) or named, named) for each in into)
    is_text = _IS_TEXT.fullmatch(named.lower()) is not None
    return named not in signed and (not is_text or any(literal(name_of(each)) == named for each in into))


def is_held_by_nobody(run: Run, left: Content) -> bool:
    """Whether nothing that users get holds a file of the run, be it one of its artifacts, which go with it."""
    shipped = [files for act in run.of_kind("shipped") for files in act.targets if isinstance(files, Files)]
    seen = all(files.pieces and not files.named_in_a_run for files in shipped)
    contents = [content for files in shipped for content, _ in files.pieces if content.kind not in _ABOUT_OTHERS]
    packed = [content.of for content in contents if isinstance(content.of, Files)]
    held = any(content == left for files in (*shipped, *packed) for content, _ in files.pieces)
    return seen and not held and not any("ship" in each.may for each in run.acts)


def is_published_by_nobody(run: Run, file: Content) -> bool:
    """Whether nothing that users get holds a file, and all that they get has been seen to be made."""
    shipped = [files for act in run.of_kind("shipped") for files in act.targets if isinstance(files, Files)]
    unseen = any(content.kind in {"found", "foreign"} for files in shipped for content, _ in files.pieces)
    return not unseen and is_held_by_nobody(run, file)


def _given(jobs: list[Entered]) -> Iterator[Node]:
    """What names files to scripts and actions: variables and inputs."""
    for entered in jobs:
        nodes = (entered.workflow.node, entered.job.node, *(step.node for step in entered.job.steps))
        yield from (found for node in nodes if (found := node.get("env")) is not None)
        steps = (step for step in entered.job.steps if not _only_signs(step))
        yield from (found for step in steps if (found := step.node.get("with")) is not None)


def _only_signs(step: Step) -> bool:
    """Whether a step signs files, or stores them, by an action that publishes none."""
    about = known_action(step.uses) if step.uses is not None else None
    return about is not None and (about.signs is not None or about.stores is not None)


def _words(script: str) -> Iterator[str]:
    """The words of a script but for those of commands that only build, read or sign files, and hand on nothing."""
    turns: dict[str, list[str]] = {}
    for each in _APART.split(_SILENCED.sub(" ", script)):
        command = _OPENING.sub("", each.strip())
        if loop := _LOOP.fullmatch(command):
            turns[loop[1]] = _BETWEEN.split(loop[2])
            continue
        words = _BETWEEN.split(command)
        if _ONLY_SIGNS.isdisjoint(words) and (_WRITES.search(command) or not all(map(_keeps, command.split("|")))):
            yield from words
            for name in _NAMES.findall(command):
                yield from turns.get(name, ())


def _keeps(command: str) -> bool:
    """Whether a command surely leaves where they are the files that it is given."""
    names = [word for word in command.split() if word == "-m" or not word.startswith("-")][:4]
    known, _ = known_command(names)
    return not names or (names[0] not in _SETS and known is not None and known.does in _KEEPS)


def _covers(word: str, path: str) -> bool:
    """Whether a word may name a file, from whatever folder: by its name, a pattern, or a folder that it lies in."""
    *folders, name = path.split("/")
    if "*" in word:
        meant = value(word.removeprefix("./"))
        return any(may_touch(value(each), meant) for each in (path, name, *_below(folders, name)))
    last = word.rstrip("/").rpartition("/")[2]
    return last in {name, ".", *folders} or ("*" in name and fnmatchcase(last, name))


def _below(folders: list[str], name: str) -> Iterator[str]:
    """A path as seen from each of the folders in which it lies."""
    yield from ("/".join((*folders[at:], name)) for at in range(1, len(folders)))
