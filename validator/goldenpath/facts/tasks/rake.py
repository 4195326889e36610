"""Rake: the tasks of a Rakefile that stand there as plain declarations; what else Ruby does is not followed."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct, field

from goldenpath.facts.regexes import regex
from goldenpath.facts.tasks.model import MAX_TASKS, Arguments, Script, Task, find
from goldenpath.facts.values import value

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    from goldenpath.facts.tasks.model import Read
    from goldenpath.facts.values import Value

_NAMES = ("rakefile", "Rakefile", "rakefile.rb", "Rakefile.rb")
_IDLE = ("-T", "--tasks", "-P", "--prereqs", "-n", "--dry-run", "-D", "--describe", "-W", "--where", "-V", "--version",
         "-h", "-H", "--help", "-A", "--all")  # fmt: skip
_HARMLESS = frozenset({"-q", "--quiet", "-s", "--silent", "-t", "--trace", "-v", "--verbose", "--backtrace"})
_MADE = {
    "RSpec::Core::RakeTask.new": ("spec", "rspec"),
    "Rake::TestTask.new": ("test", "minitest"),
    "Minitest::TestTask.create": ("test", "minitest"),
    "RuboCop::RakeTask.new": ("rubocop", "rubocop"),
}
"""What makes a task: how it is called unless it is told, and what it runs."""
_MAKES = regex(
    r"(?P<by>[A-Z][\w:]*\.(?:new|create))(?:[( ]\s*[:\"'](?P<name>[\w:]+)[\"']?)?\s*\)?\s*(?P<block>do\b.*|\{.*)?"
)
_TASK = regex(r"(?:multi)?task[( ]\s*(?P<told>.*?)\)?(?<!\s)\s*(?P<block>\bdo\b.*|\{.*)?")
_NEEDS = regex(
    r"[:\"']?(?P<name>[\w:]+)[\"']?\s*(?:=>|:)\s*(?P<needs>\[[^\]]*\]|%[wi][\[(][^\])]*[\])]|[:\"'][\w:]+[\"']?)"
)
_ALONE = regex(r"[:\"'](?P<name>[\w:]+)[\"']?")
_CHANGES = regex(r"\bRake::Task\[|\bload_tasks\b|\b(load|import)[( ]|\.rake\b")
"""What brings tasks from elsewhere, or changes those that are there."""
_OF_BUNDLER = regex(
    r"(?m)^[ ]{0,2}(?:require[ (][\"']bundler/gem_tasks[\"']\)?|Bundler::GemHelper\.install_tasks(?:\(\))?)"
    r"[ ]*(?:#.*)?$"
)
"""How a Rakefile gets the tasks `build`, `install` and `release` of a gem."""
_RELEASING = frozenset({"build", "release"})
_SAYS_MORE = regex(
    r"[:\"'](?:build|release)\b|\b(?:build|release):|\benhance\b|\b(?:eval|instance_eval|send|require_relative)\b"
    r"|(?m:^(?:system|sh|exec|spawn|%x|`)\b)"
)
"""What may say more of these tasks, or bring files that do."""
_WORD = regex(r"\w+(?::\w+)*")
_SETS = regex(r"\w+\.(?P<what>\w+)\s*(?:=|<<|\+=)\s*(?P<text>.*)")
_QUOTED = regex(r"[\"']([^\"'#]*)[\"']")
_PLAIN = frozenset({"pattern", "libs", "test_files", "test_globs", "verbose", "warning", "description", "loader"})
"""What the block of such a task may set that changes neither whether it tests nor whether it fails."""
_NO_CODE = regex(r"(?ms)^=begin\b.*?(?:^=end\b[^\n]*|\Z)|^__END__$.*")
"""Comments of several lines, and what stands behind the program."""
_CHOOSING = regex(r"(SPEC|SPEC_OPTS|TEST|TESTS|TESTOPTS|TESTOPT|A|N|X)=.*")


class _Task(Struct):
    line: int
    needs: list[str] = field(default_factory=list)
    runs: str = ""
    heeded: bool = True
    unseen: str = ""


class _Rakefile(Struct):
    path: str
    tasks: dict[str, _Task] = field(default_factory=dict)

    def task(self, name: str, line: int) -> _Task:
        """A task, which several lines may say more of."""
        return self.tasks.setdefault(name, _Task(line))


def lead(words: tuple[Value, ...], read: Read, folder: str) -> Task:
    """What `rake` runs."""
    given = Arguments(words)
    if given.has(*_IDLE):
        return Task()
    found = find(read, folder, _NAMES, upwards=True)
    chooses = any(map(_CHOOSING.fullmatch, given.rest))
    if found is None or given.unclear or chooses or given.options.keys() - _HARMLESS:
        return Task(unseen="which tasks of a Rakefile run is not followed here")
    rakefile = _parsed(*found)
    scripts: list[Script] = []
    unseen, done = "", set[str]()
    for name in [word for word in given.rest if "=" not in word] or ["default"]:
        unseen = _collect(rakefile, name, scripts, done) or unseen
    return Task(tuple(scripts), unseen)


def releases_a_gem(read: Read, is_rewritten: Callable[[Value], bool]) -> bool:
    """Whether `rake release` in the repository's folder runs but Bundler's own tasks, which pack and push a gem."""
    found = find(read, "", _NAMES)
    if found is None or is_rewritten(value(found[0])):
        return False
    own = _OF_BUNDLER.search(_NO_CODE.sub("", found[1])) is not None
    rakefile = _parsed(*found)
    touched = [name for name in rakefile.tasks if name.partition(":")[0] in _RELEASING]
    others = _OF_BUNDLER.sub("", _NO_CODE.sub("", found[1]))
    return own and not touched and not _CHANGES.search(others) and not _SAYS_MORE.search(others)


def _collect(rakefile: _Rakefile, name: str, scripts: list[Script], done: set[str]) -> str:
    """Add what a task runs, what it needs before it; why that may not be all."""
    task = rakefile.tasks.get(name)
    if task is None:
        return f"there is no task {name} in {rakefile.path} itself"
    if name in done or len(done) > MAX_TASKS:
        return ""
    done.add(name)
    unseen = task.unseen
    for need in task.needs:
        unseen = _collect(rakefile, need, scripts, done) or unseen
    if task.runs:
        folder = posixpath.dirname(rakefile.path)
        scripts.append(Script(value(task.runs), rakefile.path, task.line, folder, "sh {0}", task.heeded))
    return unseen


def _parsed(path: str, text: str) -> _Rakefile:
    """The tasks that are declared at the beginning of a line, or within a `begin` that only asks what is installed."""
    rakefile, changed = _Rakefile(path), ""
    for number, line, block in _statements(text):
        if makes := _MAKES.fullmatch(line):
            _make(rakefile, makes, number, block)
        elif told := _TASK.fullmatch(line):
            _tell(rakefile, told, number)
        elif _CHANGES.search(line):
            changed = f"{path}:{number} says more of tasks in a way that is not followed"
    for task in rakefile.tasks.values() if changed else ():
        task.unseen = task.unseen or changed
    return rakefile


def _statements(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """The statements with the lines of their blocks, which are indented: what stands deeper is none of its own."""
    lines = [line.split(" #")[0].rstrip() for line in _NO_CODE.sub("", text).splitlines()]
    begun, at = False, 0
    while at < len(lines):
        line = lines[at]
        indent = len(line) - len(line.lstrip())
        start, at = at, at + 1
        if line in {"begin", "end"} or line.startswith("rescue"):
            begun = line == "begin"
        elif line and not line.lstrip().startswith("#") and (not indent or (begun and indent == len("  "))):
            while at < len(lines) and (not lines[at] or len(lines[at]) - len(lines[at].lstrip()) > indent):
                at += 1
            yield start + 1, line.strip(), [each.strip() for each in lines[start + 1 : at]]


def _make(rakefile: _Rakefile, makes: re.Match[str], number: int, block: list[str]) -> None:
    name, runs = _MADE.get(makes["by"], ("", ""))
    if not runs:
        return
    task = rakefile.task(makes["name"] or name, number)
    task.runs, task.line = runs, number
    inline = makes["block"] or ""
    if inline.startswith("{") or (inline and not _WORD.search(inline)):
        block = [inline.partition("|")[2].rpartition("|")[2].strip(" }")]
    for line in filter(None, block):
        told = _SETS.fullmatch(line)
        if told is None:
            task.unseen = f"{rakefile.path}:{number} makes a task in a way that is not followed"
        elif told["what"] == "fail_on_error":
            task.heeded = told["text"] == "true"
        elif told["what"] in {"rspec_opts", "options"} and (options := _QUOTED.fullmatch(told["text"])):
            task.runs += f" {options[1]}"
        elif told["what"] not in _PLAIN:
            task.unseen = f"{rakefile.path}:{number} makes a task in a way that is not followed"


def _tell(rakefile: _Rakefile, told: re.Match[str], number: int) -> None:
    """`task default: %i[spec rubocop]`, `task :ci do`."""
    named = _NEEDS.fullmatch(told["told"]) or _ALONE.fullmatch(told["told"])
    if named is None:
        return
    task = rakefile.task(named["name"], number)
    needs = named.groupdict().get("needs") or ""
    task.needs += _WORD.findall(needs.removeprefix("%w").removeprefix("%i").replace('"', " ").replace("'", " "))
    if told["block"]:
        task.unseen = f"what the task {named['name']} does in Ruby is not followed ({rakefile.path}:{number})"
