"""Scripts of PowerShell that only run programs, and move files: the same in the shell that is followed.

Nothing else is read: no other cmdlet, no variable but those of the environment, no block. What a program's failure is
worth differs: it stops nothing there, unless the script asks for `$LASTEXITCODE`; at the end, the failure of the last
program is that of the step ("Workflow syntax for GitHub Actions", `jobs.<job_id>.steps[*].shell`).
"""

from __future__ import annotations

import re

from goldenpath.facts.pipeline.inline import is_harmless_powershell
from goldenpath.facts.pipeline.tables import known_command
from goldenpath.facts.regexes import regex

_ENVIRONMENT = regex(r"\$(?:env:(\w+)|\{env:(\w+)\})", re.IGNORECASE)
_EXPRESSION = r"\$\{\{[^\n]*?\}\}"
_VARIABLE = r"\$env:\w+|\$\{env:\w+\}"
_TEXT = rf"'[^'\n]*'|\"(?:{_EXPRESSION}|{_VARIABLE}|[^\"$`\\\n])*\""
_WORD = regex(rf"(?:{_EXPRESSION}|{_VARIABLE}|{_TEXT}|[\w./\\:=%+^*?~-]|(?<=[\w./}}])@)+", re.IGNORECASE)
_BROKEN = regex(r"-[^:=\s'\"]*\..*|--%|.*['\"].*\\.*", re.DOTALL)
"""Words that PowerShell takes apart, and those in which a sign may mean something else here and there."""
_PARTS = regex(r"[ \t]+|(&&|\|\||;)")
_CHECKS = regex(r"if[ \t]*\([ \t]*\$LASTEXITCODE(?:[ \t]*-ne[ \t]*0)?[ \t]*\)", re.IGNORECASE)
_STOPS = regex(r"[ \t]*(?:throw\b[^\n]*|exit[ \t]+(?:[1-9]\d*|\$LASTEXITCODE))", re.IGNORECASE)
_SETS = regex(rf"\$env:(\w+)[ \t]*=[ \t]*({_TEXT})", re.IGNORECASE)
_SAYS = regex(rf"(?:echo[ \t]+|Write-Output[ \t]+)?({_TEXT})[ \t]*>>[ \t]*(?:\$env:(GITHUB_(?:ENV|OUTPUT))"
              r"|\$\{env:(GITHUB_(?:ENV|OUTPUT))\}|\"\$env:(GITHUB_(?:ENV|OUTPUT))\")", re.IGNORECASE)  # fmt: skip
_OF_OTHER_SHELLS = regex(rf"(?:(?:echo|Write-Output)[ \t]+)?(?:{_TEXT})[ \t]*>>[ \t]*\$GITHUB_\w+"
                         rf"|set[ \t]+\w+=(?:{_TEXT}|[\w./:-]*)", re.IGNORECASE)  # fmt: skip
"""What is meant for a file of the runner's, or for the environment, and here only for a variable that nobody reads."""
_MOVES = regex(r"cd +\S+")
_TOLD_TO_NOBODY = regex(r"[ \t]*\|[ \t]*Out-(?:Null|Host)[ \t]*$", re.IGNORECASE)
_REMARK = regex(r"(?:^|[ \t]+)#[^\n]*$")
_PREFERS = regex(r"\$(?:ErrorAction|Progress|Information|Verbose)Preference[ \t]*=[ \t]*['\"]?\w+['\"]?", re.IGNORECASE)
_BY_PATH = regex(r"\.[\\/](?:gradlew|mvnw)|\.\.?[\\/][\w.\\/-]+\.exe")
_OTHERS = frozenset({
    ".", ":", "[", "alias", "bg", "builtin", "cat", "clear", "command", "compare", "copy", "cp", "curl", "declare",
    "del", "diff", "echo", "eval", "exec", "exit", "export", "false", "fg", "foreach", "getopts", "hash", "history",
    "if", "jobs", "kill", "let", "local", "lp", "ls", "man", "mkdir", "mount", "move", "mv", "popd", "printf", "ps",
    "pushd", "pwd", "read", "readonly", "return", "rm", "rmdir", "select", "set", "shift", "sleep", "sort",
    "source", "start", "switch", "tee", "test", "throw", "times", "trap", "true", "type", "typeset", "ulimit",
    "umask", "unset", "wait", "wget", "where", "while", "write",
})  # fmt: skip
"""Words that mean something else in one of the two shells, whatever program is called so."""

_DIRECTORY = regex(r"-(?:item)?type directory", re.IGNORECASE)
_MOVES_FILES = {
    "compress-archive": "zip -r {1} {0}", "expand-archive": "unzip -o {0} -d {1}", "new-item": "mkdir -p {0}",
    **dict.fromkeys(("copy", "copy-item", "cp"), "cp -r {0} {1}"), **dict.fromkeys(("md", "mkdir"), "mkdir -p {0}"),
    **dict.fromkeys(("move", "move-item", "mv"), "mv {0} {1}"),
    **dict.fromkeys(("del", "erase", "remove-item", "rm"), "rm -rf {0}"),
}  # fmt: skip
"""What cmdlets, and the aliases that are called like programs elsewhere, do to the files that they are given."""
_PROGRAMS_ELSEWHERE = frozenset({"cp", "md", "mkdir", "mv", "rm"})
"""Aliases that PowerShell has on Windows alone: on other systems programs, which say anew how the last one ended."""
_NAMES_FILE = frozenset({"-destination", "-destinationpath", "-literalpath", "-path"})
_SWITCHES = frozenset({"-force", "-recurse"})


class _Script:
    """A script that is being put together: its lines here, and the last one that runs a program."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.ran: int | None = None

    def stop_on_failure(self) -> None:
        """Let the script end where the last program has failed."""
        if self.ran is not None and self.may_hide_a_failure():
            self.lines[self.ran] += " || exit 1"

    def may_hide_a_failure(self) -> bool:
        """Whether nothing has asked yet how the last program has ended."""
        return self.ran is not None and not self.lines[self.ran].endswith(" || exit 1")


def in_bash(text: str, shell: str) -> str | None:
    """The same script for bash without `-e`, line by line; None for one that does more than to run programs."""
    script = _Script()
    lines = _joined(text)
    at = 0
    while lines is not None and at < len(lines):
        taken = _check(script, lines, at) or _line(script, lines[at], shell)
        if not taken:
            return None
        at += taken
    script.stop_on_failure()
    return None if lines is None else "\n".join(script.lines)


def _joined(text: str) -> list[str] | None:
    """The lines of a script, where one that goes on has the next one's words, and an empty line is left there.

    None where a sign in between may begin a remark, which would not go on.
    """
    lines: list[str] = []
    open_at: int | None = None
    for line in text.split("\n"):
        said = line.rstrip()
        goes_on = said.endswith((" `", "\t`"))
        if goes_on and "#" in said:
            return None
        said = said[:-1] if goes_on else said
        if open_at is None:
            lines.append(said)
            open_at = len(lines) - 1
        else:
            lines[open_at] += f" {said.strip()}"
            lines.append("")
        open_at = open_at if goes_on else None
    return lines


def _check(script: _Script, lines: list[str], at: int) -> int:
    """How many lines ask whether the last program has failed, and stop if so; none for others."""
    found = _CHECKS.match(lines[at].strip())
    if found is None or script.ran is None:
        return 0
    rest = "\n".join([lines[at].strip()[found.end() :], *lines[at + 1 :]])
    opening, brace, after = rest.partition("{")
    body, closing, behind = after.partition("}")
    if not brace or not closing or opening.strip() or "{" in body or behind.partition("\n")[0].strip():
        return 0
    said = [line for line in body.split("\n") if line.strip()]
    if not said or not _STOPS.fullmatch(said[-1].rstrip()) or "$(" in said[-1]:
        return 0
    if not is_harmless_powershell("\n".join(said[:-1])):
        return 0
    script.stop_on_failure()
    taken = opening.count("\n") + body.count("\n") + 1
    script.lines += [""] * taken
    return taken


def _line(script: _Script, line: str, shell: str) -> int:
    """Put one line down; returns 1 if it is understood."""
    said = line.strip()
    nothing = _PREFERS.fullmatch(said) or _OF_OTHER_SHELLS.fullmatch(said)
    if nothing or (is_harmless_powershell(said) and ">" not in said):
        script.lines.append("")
        return 1
    said = _TOLD_TO_NOBODY.sub("", _without_remark(said))
    if sets := _SETS.fullmatch(said):
        script.lines.append(f"export {sets[1]}={_here(sets[2])}")
    elif says := _SAYS.fullmatch(said):
        script.lines.append(f'echo {_here(says[1])} >> "${(says[2] or says[3] or says[4]).upper()}"')
    elif moves := _moving(said):
        if script.may_hide_a_failure() and said.split()[0].lower() in _PROGRAMS_ELSEWHERE:
            return 0
        script.lines.append(moves)
    else:
        commands = _commands(said, shell)
        if commands is None:
            return 0
        script.ran = script.ran if _MOVES.fullmatch(commands) else len(script.lines)
        script.lines.append(commands)
    return 1


def _without_remark(said: str) -> str:
    """A line without the remark at its end, unless a text in it may hold the sign."""
    return said if "'" in said or '"' in said else _REMARK.sub("", said)


def _moving(said: str) -> str | None:
    """A cmdlet that makes, moves or packs one file or folder; None for anything else.

    A cmdlet is no program: what `$LASTEXITCODE` says stays as it was.
    """
    first, _, rest = said.partition(" ")
    does = _MOVES_FILES.get(first.lower())
    if does is None or (first.lower() == "new-item") != bool(_DIRECTORY.search(rest)):
        return None
    words = _DIRECTORY.sub("", rest).split()
    if not all(_WORD.fullmatch(word) and not _BROKEN.fullmatch(word) for word in words if not word.startswith("-")):
        return None
    files = [word for word in words if word.lower() not in _NAMES_FILE | _SWITCHES]
    named = [word.lower() for word in words if word.lower() in _NAMES_FILE]
    swapped = len(named) > 1 and named[0].startswith("-destination")
    if len(files) != does.count("{") or swapped or any(word.startswith("-") for word in files):
        return None
    return does.format(*map(_here, files))


def _commands(said: str, shell: str) -> str | None:
    """Programs with plain words, one after the other or as one succeeds; None for anything else."""
    parts: list[str] = []
    first = True
    at = 0
    while at < len(said):
        if between := _PARTS.match(said, at):
            sign = between[1] or ""
            if sign and (first or (sign != ";" and shell != "pwsh") or (sign == ";" and any(map(_joins, parts)))):
                return None
            parts.append(f" {sign} " if sign else " ")
            first = first or bool(sign)
            at = between.end()
            continue
        word = _WORD.match(said, at)
        if word is None or _BROKEN.fullmatch(word[0]) or (first and not _is_program(word[0])):
            return None
        if first and parts and word[0] == "cd":
            return None  # which would hide what came before it
        parts.append(_here(word[0]))
        first = False
        at = word.end()
    return None if first else "".join(parts)


def _joins(part: str) -> bool:
    return part.strip() in {"&&", "||"}


def _is_program(word: str) -> bool:
    """Whether a word is a program by its path, or by a name that the table knows and PowerShell does not."""
    if _BY_PATH.fullmatch(word):
        return True
    return word == word.lower() and word not in _OTHERS and known_command([word])[0] is not None


def _here(word: str) -> str:
    """A word as the other shell has it; between blanks a backslash stands between folders."""
    if word[:1] not in {"'", '"'}:
        word = word.replace("\\", "/")
    return _ENVIRONMENT.sub(lambda found: f"${{{found[1] or found[2]}}}", word)
