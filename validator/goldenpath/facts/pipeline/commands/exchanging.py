"""Programs that send files to another machine, and bring some from there (`mc cp`, `sftp`): by words, or by a text.

What they send is not followed. What they bring may take the place of sources.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.commands import powers
from goldenpath.facts.pipeline.commands.sources import comes_from_elsewhere
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import display, literal, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.values import Value

_BRINGS = regex(r"(?:m|pg|re)?get|recv|mirror")
_SENDS = frozenset({"-R", "--reverse"})
_THERE = regex(r"[^/]*:")
"""How what stands on another machine is named."""


def exchange(effects: CommandEffects) -> None:
    """Files are sent to another machine, or brought from there."""
    *sources, target = effects.words.positionals or [()]
    if (
        not sources and target and not display(target).endswith("/")
    ):  # else it is a folder there, in which a text says more
        sources, target = [target], value(".")
    if literal(target) and not _THERE.match(display(target)) and _is_here(effects, target):
        for source in sources:
            whole = effects.about.whole or display(source).endswith(("/", "*"))
            comes_from_elsewhere(effects, source, target, into=False, contents=whole, fetched=True)
    for verb, name, goal in _told(effects):
        whole = verb == "mirror" or name.endswith("*")
        comes_from_elsewhere(effects, value(name), value(goal), into=False, contents=whole, fetched=True)
    powers.unseen(effects)


def _is_here(effects: CommandEffects, target: Value) -> bool:
    """Whether a path is one of the work tree: many of these programs name a machine as if it were a folder."""
    path = literal(effects.place_of(target)) or ""
    return path in {"", "."} or effects.moment.frame.shared.tree.exists(path)


def _told(effects: CommandEffects) -> Iterator[tuple[str, str, str]]:
    """What a program is told to bring in a text of its own: how, what, and to where."""
    tree = effects.moment.frame.shared.tree
    files = (tree.text(literal(effects.place_of(each)) or "") or "" for each in effects.words.of("-b -f"))
    texts = [*effects.words.of("-c -e"), effects.command.stdin or ()]
    for said in re.split(r"[;\n&|]", "\n".join([*files, *map(display, texts)])):
        verb, *words = said.split() or [""]
        names = [word for word in words if not word.startswith("-")]
        if _BRINGS.fullmatch(verb) and names and _SENDS.isdisjoint(words):
            several = verb == "mget" or (verb == "get" and "-o" not in words and len(names) > 2)
            for name in names if several else names[:1]:
                goal = names[-1] if len(names) > 1 and not several else "." if "*" in name else name.rpartition("/")[2]
                yield verb, name, goal or "."
