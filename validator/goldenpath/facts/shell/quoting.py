"""Words of a script: quotes, expansions and here-documents, by the rules of the Bash manual ("Quoting")."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.reading import Reader
from goldenpath.facts.shell.syntax import Arithmetic, Parameter, Part, Substitution, Text, Word

if TYPE_CHECKING:
    from goldenpath.facts.shell.syntax import Body, Program


PLAIN: Final = regex(r"[^\s;&|<>()\"'\\$`\x00]+")
_IN_DOUBLE: Final = regex(r"[^\"\\$`]+")
_IN_HERE: Final = regex(r"[^\\$`]+")
_IN_BRACES: Final = regex(r"[^\"'\\$`}/]+")
_PARAMETER: Final = regex(r"[A-Za-z_]\w*|\d|[@*#?$!-]", re.ASCII)
_BRACED: Final = regex(r"(?P<prefix>[#!]?)(?P<name>[A-Za-z_]\w*|\d+|[@*#?$!-])", re.ASCII)
_OPERATOR: Final = regex(r"(?::[-=?+]|##|%%|//|/\#|/%|\^\^|,,|[-=?+#%/^,:@])?")
_IN_SUBSCRIPT: Final = regex(r"[^\"'\\$`]+")
_OF_SUBSCRIPT: Final = regex(r"[^\[\]\n\\'\"]+|\\.|'[^'\n]*'|\"(?:[^\"\\\n]|\\.)*\"|[\[\]]")
_LONGEST_SUBSCRIPT: Final = 300
"""Most characters of one: where many never end, to look for that must not take time with their square."""
_ESCAPES: Final = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip
_ESCAPE: Final = regex(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|c(.)|(.))", re.DOTALL
)
_PARENTHESES: Final = regex(r"[()]")
_LAST_CODE_POINT: Final = 0x10FFFF


def unescaped(text: str) -> str:
    r"""Decode backslash escapes as `$'…'` does: `\n`, `\t`, `\x41`, `\u263a`, octal."""
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    hexadecimal = match[1] or match[2] or match[3]
    if hexadecimal or match[4]:
        code = int(hexadecimal, 16) if hexadecimal else int(match[4], 8) & 0xFF
        return chr(code) if code <= _LAST_CODE_POINT else match[0]
    if match[5]:
        return chr(ord(match[5]) & 0x1F)
    return _ESCAPES.get(match[6], match[0])


class Quoting(Reader, ABC):
    """Reads words; commands in them are read by who reads commands."""

    @abstractmethod
    def program(self) -> Program:
        """Parse the whole text."""

    @abstractmethod
    def _parenthesised(self) -> Body:
        """Parse commands up to a closing parenthesis, and step over it."""

    def _word(self, *, may_be_empty: bool = False, parentheses: bool = False) -> Word:
        offset = self._here
        parts: list[Part] = []
        while self._at < self._end:
            character = self._text[self._at]
            if character in "<>" and self._text.startswith("(", self._at + 1):
                self._at += 2
                parts.append(Substitution(self._parenthesised_body(), quoted=False, direction=character))
            elif parentheses and character in "(|" and not self._peek("||"):
                parts.append(self._bracketed())
            elif not self._quoting(parts):
                match = PLAIN.match(self._text, self._at, self._end)
                if match is None:
                    break
                parts.append(Text(match[0]))
                self._at = match.end()
        if not parts and not may_be_empty:
            what = "the script ends" if self._at >= self._end else f"{self._text[self._at]!r} stands"
            raise self._fault(f"{what} where a word is missing")
        return Word(tuple(parts), offset)

    def _quoting(self, parts: list[Part]) -> bool:
        """Read one quoted part or expansion, if there is one."""
        character = self._text[self._at]
        if character == "\\":
            following = self._text[self._at + 1 : min(self._at + 2, self._end)]
            if following != "\n":
                parts.append(Text(following or "\\", quoted=True))
            self._at += 1 + len(following)
        elif character == "'":
            parts.append(Text(self._single_quoted(self._at + 1), quoted=True))
        elif character == '"':
            self._at += 1
            parts += self._double_quoted()
        elif character == "$":
            parts.append(self._dollar(quoted=False))
        elif character == "`":
            parts.append(self._backquoted(quoted=False))
        else:
            return False
        return True

    def _single_quoted(self, start: int) -> str:
        close = self._text.find("'", start, self._end)
        if close < 0:
            raise self._fault("a single quote is never closed")
        self._at = close + 1
        return self._text[start:close]

    def _double_quoted(self) -> list[Part]:
        parts = self.parts_until(_IN_DOUBLE, '"', '$`"\\')
        if not self._peek('"'):
            raise self._fault("a double quote is never closed")
        self._at += 1
        return parts or [Text("", quoted=True)]

    def parts_until(self, run: re.Pattern[str], close: str, escapable: str) -> list[Part]:
        """Read what stands in double quotes, up to the closing character or the end."""
        parts: list[Part] = []
        while self._at < self._end and not (close and self._text[self._at] == close):
            character = self._text[self._at]
            if character == "\\":
                following = self._text[self._at + 1 : self._at + 2]
                self._at += 1 + len(following)
                if following != "\n":
                    parts.append(
                        Text(following if following and following in escapable else "\\" + following, quoted=True)
                    )
            elif character == "$":
                parts.append(self._dollar(quoted=True))
            elif character == "`":
                parts.append(self._backquoted(quoted=True))
            else:
                match = run.match(self._text, self._at, self._end)
                end = self._at + 1 if match is None else match.end()
                parts.append(Text(self._text[self._at : end], quoted=True))
                self._at = end
        return parts

    def _bracketed(self) -> Text:
        """Read a parenthesised part of a pattern or regular expression as it stands."""
        start, level = self._at, 0
        while self._at < self._end:
            character = self._text[self._at]
            level += (character == "(") - (character == ")")
            if character == "\n" or (level <= 0 and character in " \t"):
                break
            self._at += 1
            if level <= 0:
                break
        return Text(self._text[start : self._at])

    def _dollar(self, *, quoted: bool) -> Part:
        at = self._at + 1
        if self._text.startswith("((", at):
            end = self._arithmetic_end(at + 2)
            if end is not None:
                word = self._within(at + 2, end)
                self._at = end + 2
                return Arithmetic(word, quoted)
        if self._text.startswith("(", at):
            self._at = at + 1
            return Substitution(self._parenthesised_body(), quoted)
        if self._text.startswith("{", at):
            self._at = at + 1
            return self._braced(quoted=quoted)
        if not quoted and self._text.startswith("'", at):
            return self._ansi_quoted(at + 1)
        if not quoted and self._text.startswith('"', at):
            self._at = at
            return Text("", quoted=True)
        match = _PARAMETER.match(self._text, at, self._end)
        self._at = at if match is None else match.end()
        return Text("$", quoted=True) if match is None else Parameter(match[0], quoted)

    def _parenthesised_body(self) -> Body:
        """Parse a program up to its `)`; here-documents of it end inside it."""
        self._deeper()
        outer, self._waiting = self._waiting, []
        body = self._parenthesised()
        self._waiting = outer + self._waiting
        self._depth -= 1
        return body

    def _ansi_quoted(self, start: int) -> Text:
        end = start
        while end < self._end and self._text[end] != "'":
            end += 2 if self._text[end] == "\\" else 1
        if end >= self._end:
            raise self._fault("a quote is never closed")
        self._at = end + 1
        return Text(unescaped(self._text[start:end]), quoted=True)

    def _backquoted(self, *, quoted: bool) -> Substitution:
        start = end = self._at + 1
        while end < self._end and self._text[end] != "`":
            end += 2 if self._text[end] == "\\" else 1
        if end >= self._end:
            raise self._fault("a backquote is never closed")
        inner = re.sub(r'\\([$`\\"])' if quoted else r"\\([$`\\])", r"\1", self._text[start:end])
        self._deeper()
        parser = type(self)(inner, depth=self._depth, base=self._base + start)
        program = parser.program()
        self._depth -= 1
        if program.fault is not None:
            raise program.fault
        self._at = end + 1
        return Substitution(program.body, quoted)

    def _arithmetic_end(self, start: int) -> int | None:
        """Return where `))` closes what begins at start; None when it is a subshell in a substitution after all."""
        if self._text.find("))", start, self._end) < 0:
            return None
        level = 0
        for match in _PARENTHESES.finditer(self._text, start, self._end):
            if match[0] == "(":
                level += 1
            elif level:
                level -= 1
            else:
                return match.start() if self._text.startswith("))", match.start()) else None
        return None

    def _within(self, start: int, end: int) -> Word:
        """Read a stretch of the text as if it stood in double quotes."""
        self._deeper()
        parser = type(self)(self._text, start, end, self._depth, self._base)
        word = Word(tuple(parser.parts_until(_IN_DOUBLE, "", '$`"\\')), self._base + start)
        self._depth -= 1
        return word

    def _braced(self, *, quoted: bool) -> Parameter:
        """Read a `${…}` after its brace."""
        self._deeper()
        match = _BRACED.match(self._text, self._at, self._end)
        if match is None:
            raise self._fault("the parameter expansion is malformed")
        self._at = match.end()
        index = self._subscript()
        found = _OPERATOR.match(self._text, self._at, self._end)
        operator = found[0] if found else ""
        if match["prefix"] == "#" and operator:
            raise self._fault("the parameter expansion is malformed")
        self._at += len(operator)
        argument = self._brace_word("/}" if operator.startswith("/") else "}", operator, quoted=quoted)
        replacement = None
        if self._peek("/"):
            self._at += 1
            replacement = self._brace_word("}", operator, quoted=quoted)
        if not self._peek("}"):
            raise self._fault("`}` is missing")
        if not operator and argument.parts:
            raise self._fault("the parameter expansion is malformed")
        self._at += 1
        self._depth -= 1
        if match["prefix"]:
            operator = "length" if match["prefix"] == "#" else "indirect"
        return Parameter(match["name"], quoted, index, operator, argument, replacement)

    def _subscript(self) -> Word | None:
        """Read the `[…]` behind a name, if one is closed on this line."""
        end = self._subscript_end()
        if end is None:
            return None
        self._deeper()
        parser = type(self)(self._text, self._at + 1, end, self._depth, self._base)
        word = parser.subscript()
        self._depth -= 1
        self._at = end + 1
        return word

    def subscript(self) -> Word:
        """Read the whole text as what stands in brackets: it is not split, and an expression for a list by numbers."""
        parts: list[Part] = []
        offset = self._here
        while self._at < self._end:
            if not self._quoting(parts):
                match = _IN_SUBSCRIPT.match(self._text, self._at, self._end)
                end = self._at + 1 if match is None else match.end()
                parts.append(Text(self._text[self._at : end]))
                self._at = end
        return Word(tuple(parts), offset)

    def _subscript_end(self) -> int | None:
        """Return where the bracket closes that opens here; None where there is none, or its line ends before."""
        if not self._peek("["):
            return None
        at, level, end = self._at, 0, min(self._end, self._at + _LONGEST_SUBSCRIPT)
        while match := _OF_SUBSCRIPT.match(self._text, at, end):
            level += (match[0] == "[") - (match[0] == "]")
            if not level:
                return at
            at = match.end()
        return None

    def _brace_word(self, closers: str, operator: str, *, quoted: bool) -> Word:
        """Read a word of a `${…}`; single quotes are plain text in `"${x:-'y'}"` but quote in `"${x#'y'}"`."""
        offset = self._here
        parts: list[Part] = []
        literal_quotes = quoted and operator.lstrip(":") in {"-", "=", "?", "+"}
        while self._at < self._end and self._text[self._at] not in closers:
            if literal_quotes and self._text[self._at] == "'":
                parts.append(Text("'", quoted=True))
                self._at += 1
            elif not self._quoting(parts):
                run = _IN_BRACES.match(self._text, self._at, self._end)
                end = self._at + 1 if run is None else run.end()
                parts.append(Text(self._text[self._at : end]))
                self._at = end
        return Word(tuple(parts), offset)

    def _skip_newlines(self) -> None:
        self._skip_blanks()
        while self._peek("\n"):
            self._newline()
            self._skip_blanks()

    def _newline(self) -> None:
        """Step over a line break, and over the here-documents that begin behind it."""
        self._at += 1
        waiting, self._waiting = self._waiting, []
        for redirection, delimiter, quoted, tabs in waiting:
            redirection.target = self._here_document(delimiter, quoted=quoted, tabs=tabs)

    def _here_document(self, delimiter: str, *, quoted: bool, tabs: bool) -> Word:
        start, lines = self._at, []
        while self._at < self._end:
            close = self._text.find("\n", self._at, self._end)
            line = self._text[self._at : self._end if close < 0 else close + 1]
            self._at += len(line)
            line = line.lstrip("\t") if tabs else line
            if line.rstrip("\n") == delimiter:
                break
            lines.append(line)
        text = "".join(lines)
        if quoted:
            return Word((Text(text, quoted=True),), self._base + start)
        self._deeper()
        parser = type(self)(text, depth=self._depth, base=self._base + start)
        word = Word(tuple(parser.parts_until(_IN_HERE, "", "$`\\")), self._base + start)
        self._depth -= 1
        return word
