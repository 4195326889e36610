"""Tools that run tasks by their names: tox, nox, just, Task … What a task runs is read from their files.

`task` says of a command which scripts it leads to; nothing of it is run. What the files leave open is said in words.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from goldenpath.facts.values import literal

if TYPE_CHECKING:
    from goldenpath.facts.tasks.model import Read, Task
    from goldenpath.facts.values import Value

TOOLS = {
    "tox": "tox", "nox": "nox", "just": "just", "task": "taskfile", "go-task": "taskfile", "composer": "composer",
    "deno": "deno", "rake": "rake", "mise": "mise",
}  # fmt: skip
"""The programs, and the module that reads their files."""


def task(words: tuple[Value, ...], read: Read, folder: str = "") -> Task | None:
    """The scripts that a command leads to, which runs in a folder of the repository; None when it leads to none.

    `read` gives the text of a file of the repository, None where there is none.
    """
    names = [literal(word) for word in words[:3]]
    if names[:1] in (["python"], ["python3"]) and names[1:2] == ["-m"]:
        words, names = words[2:], names[2:]
    module = TOOLS.get(names[0] or "") if names else None
    if module is None:
        return None
    lead: Task | None = import_module(f"{__name__}.{module}").lead(words[1:], read, folder)
    return lead
