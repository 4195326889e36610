"""What the RUN lines of a Dockerfile run, and the code that they remove from an image before its tests."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from goldenpath.facts.dependencies.files import join
from goldenpath.facts.image_builds import script_of, words_of_list
from goldenpath.facts.image_layout import Layout
from goldenpath.facts.pipeline.overlays import code_removed_at
from goldenpath.facts.pipeline.tables import known_command
from goldenpath.facts.pipeline.words import shortened
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell import Unfollowable, follow
from goldenpath.facts.shell.paths import is_within, path_from
from goldenpath.facts.shell.script import unwrapped
from goldenpath.facts.values import head, literal, shown, value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from goldenpath.facts.dockerfiles import Instruction, Stage
    from goldenpath.facts.shell import Command, Script
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value

_SHELL = "sh {0}"
"""What runs a RUN until a SHELL names another one: `/bin/sh -c`, which does not stop at errors."""


class Ran(Struct, frozen=True):
    """A command of a line of a Dockerfile, if it runs one, and why tests behind it see less than the repository has.

    A `shell` runs it, where files stand as the `layout` says.
    """

    line: Instruction
    command: Command | None
    lost: str | None
    layout: Layout
    shell: str = ""

    def followed(self, files: Tree | None, variables: Mapping[str, Value]) -> dict[tuple[int, int], list[Command]]:
        """What each command of the line comes to, by where it stands; nothing where none leads to these files.

        Where they run is told from the root of the repository. Without files nobody knows where these stand.
        """
        from goldenpath.facts.pipeline.called import Checkout
        from goldenpath.facts.pipeline.scripts import leads_on

        script = script_of(self.line)
        found: dict[tuple[int, int], list[Command]] = {}
        if files is None or not leads_on(script):
            return found
        checkout, home = Checkout(files.text, files.exists, files.find, files.named), value(self.layout.home or "")
        with suppress(Unfollowable):
            for each in follow(value(script), variables, self.shell, folder=home, callees=checkout).commands:
                first = (each.callers or (each,))[0]
                if each.reachable and each.words and not each.leads:
                    found.setdefault((first.line, first.column), []).append(each)
        return found

    def led_to(self, followed: dict[tuple[int, int], list[Command]], home: str) -> list[Command]:
        """What the command comes to, of what all in its line do; itself, which runs in `home`, if that is nothing."""
        assert self.command is not None  # noqa: S101 - asked by the caller
        if followed:
            return followed.get((self.command.line, self.command.column), [])
        return [replace(self.command, folder=path_from(value(home), self.command.folder))]


def runs_of(stages: Sequence[Stage], tree: Tree, context: str) -> Iterator[Ran]:
    """What is run in these stages, and copied; what a COPY brings again is not lost any more."""
    homes, lost, layouts = _homes(stages), dict[str, str](), dict[str, Layout]()
    for stage in stages:
        shell, layout = _SHELL, layouts.get((stage.base or "").lower(), Layout(context))
        for each in stage.instructions:
            if each.keyword == "SHELL":
                shell = " ".join((*words_of_list(each.text)[:-1], "{0}"))
            elif each.keyword in {"ADD", "COPY", "WORKDIR"}:
                layout = layout.after(each, tree)
                if each.keyword == "WORKDIR" or each.flag("from") is not None:
                    continue
                brought = list(_sources(each, context))
                lost = {at: why for at, why in lost.items() if not any(_meet(at, source) for source in brought)}
                yield Ran(each, None, next(iter(lost.values()), None), layout)
            elif each.keyword == "RUN":
                script = _followed(each, shell)
                commands = script.commands if script is not None else ()
                here = layout.changed(_mounted(each))
                for command in (command for command in commands if command.reachable and command.words):
                    lost |= dict.fromkeys(_removed(command, homes, tree, context), _why(command))
                    yield Ran(each, command, next(iter(lost.values()), None), here, shell)
                layout = layout.changed(_changed(script))
        layouts |= {stage.name: layout} if stage.name else {}


def _sources(copy: Instruction, context: str) -> Iterator[str]:
    """What a COPY takes of a repository: up to the first sign that stands for others."""
    words = words_of_list(copy.text) if copy.text.startswith("[") else copy.text.split()
    for word in words[:-1]:
        plain = re.split(r"[*?\[$]", word.lstrip("/"))[0]
        yield literal(path_from(value(context), value(plain))) or ""


def _meet(one: str, other: str) -> bool:
    return is_within(one, other) or is_within(other, one)


def _followed(run: Instruction, shell: str) -> Script | None:
    """What a RUN would run; None where that is not followed."""
    try:
        return follow(value(script_of(run)), {}, shell)
    except Unfollowable:
        return None


def _changed(script: Script | None) -> Iterator[str]:
    """What is not as it was after a script, as paths from where it runs; the empty one for all."""
    if script is None:
        yield ""
        return
    yield from script.changed | script.made
    if any(_SETS_PACKAGE.match(said_of(each)) for each in script.commands if each.reachable and each.words):
        yield "package.json"


_SETS_PACKAGE = regex(r"(?:npm|pnpm|yarn|bun) (?:pkg|init|version|set-script|create)\b")


def _mounted(run: Instruction) -> Iterator[str]:
    """Where a RUN has files that it mounts there for itself."""
    for flag, said in run.flags:
        told = dict(each.partition("=")[::2] for each in said.split(","))
        if flag == "mount" and told.get("type", "bind") == "bind":
            yield next((told[each] for each in ("target", "dst", "destination") if each in told), "")


def said_of(command: Command) -> str:
    """A command as a report shows it."""
    return shortened(" ".join(map(shown, unwrapped(command.words))))


def _homes(stages: Sequence[Stage]) -> list[str]:
    """The folders in which these stages work, where they name them whole."""
    texts = (each.text.strip() for stage in stages for each in stage.instructions if each.keyword == "WORKDIR")
    return [text for text in texts if text.startswith("/") and text.strip("/")]


def _removed(command: Command, homes: list[str], tree: Tree, context: str) -> Iterator[str]:
    """The paths of the repository at which a command removes code from an image."""
    words = unwrapped(command.words)
    about, _ = known_command([literal(word) or "" for word in words[:1]])
    for word in words[1:] if about is not None and about.does == "remove-files" else ():
        at = literal(path_from(command.folder, word)) or "/"
        home = next((each for each in homes if is_within(at, each)), "")
        if head(word).startswith("-") or (at.startswith("/") and not home):
            continue
        path = join(context, at[len(home) :].lstrip("/"))
        if any(code_removed_at(tree, path)):
            yield path


def _why(command: Command) -> str:
    return f"may miss some tests, or what they test, for `{said_of(command)}` has removed it"
