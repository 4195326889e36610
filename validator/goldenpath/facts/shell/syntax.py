"""The grammar of bash and sh: text to a tree, by the rules of the Bash manual ("Shell Grammar", "Quoting").

It is written out here because a validator needs the one thing that editors' grammars give up: in `a | b || exit 1`,
two here-documents on one line or `[ ! -f x -o y ]` a near miss decides whether data is taken for commands.

A syntax error ends a script where bash would end it: lines before it run, the rest does not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH: Final = 60
"""Levels of compound commands, substitutions and expansions inside each other."""


class Unfollowable(Exception):  # noqa: N818 - it says what a script is, and reads so where raised
    """A script that is too large, too deep or not of this kind: nothing can be said of it but why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SyntaxFault(Exception):  # noqa: N818 - a fault of the script that is read, not of the reader
    """Where (an offset) and why bash would refuse a script."""

    def __init__(self, offset: int, sentence: str) -> None:
        super().__init__(sentence)
        self.offset = offset
        self.sentence = sentence


# --- words ----------------------------------------------------------------------------------------------


class Text(Struct, frozen=True):
    """Characters that stand for themselves."""

    text: str
    quoted: bool = False


class Parameter(Struct, frozen=True):
    """`$name` or `${name[index] operator argument / replacement}`; the operator of `${#name}` is `length`."""

    name: str
    quoted: bool
    index: str | None = None
    operator: str = ""
    argument: Word | None = None
    replacement: Word | None = None


class Substitution(Struct, frozen=True):
    """`$(…)` or backquotes; `<(…)` and `>(…)` when a direction is given."""

    body: Body
    quoted: bool
    direction: str = ""


class Arithmetic(Struct, frozen=True):
    """`$((…))`, whose own expansions are kept as a word."""

    word: Word
    quoted: bool


Part: TypeAlias = Text | Parameter | Substitution | Arithmetic


class Word(Struct, frozen=True):
    """A word before expansion."""

    parts: tuple[Part, ...]
    offset: int

    def plain(self) -> str | None:
        """The text of a word without quotes and expansions, such as a reserved word has; else None."""
        if not self.parts:
            return ""
        part = self.parts[0]
        return part.text if len(self.parts) == 1 and isinstance(part, Text) and not part.quoted else None


# --- commands -------------------------------------------------------------------------------------------


class Assignment(Struct, frozen=True):
    """`name=value`, `name+=value`, `name[index]=value`, or `name=(…)` when the value is a tuple of words."""

    name: str
    value: Word | tuple[Word, ...]
    append: bool
    index: str | None
    offset: int


class Redirection(Struct):
    """`fd operator target`. A here-document's target is its body, filled in when its lines have been read."""

    operator: str
    descriptor: str
    target: Word


class Simple(Struct, frozen=True):
    """Assignments, words and redirections: the only kind of command that does something itself."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word | Assignment, ...]
    redirections: tuple[Redirection, ...]
    offset: int


class Test(Struct, frozen=True):
    """`[[ … ]]`: its words and operators in order."""

    words: tuple[Word, ...]
    offset: int


class Sum(Struct, frozen=True):
    """`(( … ))`."""

    word: Word
    offset: int


class Group(Struct, frozen=True):
    """`{ …; }`, or `( … )` in a shell of its own."""

    body: Body
    subshell: bool


class If(Struct, frozen=True):
    """`if`/`elif` as pairs of condition and body, and `else`."""

    branches: tuple[tuple[Body, Body], ...]
    otherwise: Body


class While(Struct, frozen=True):
    """`while`, or `until`."""

    condition: Body
    body: Body
    until: bool


class For(Struct, frozen=True):
    """`for`/`select` over words; over the positional parameters when there are none; a count when name is empty."""

    name: str
    words: tuple[Word, ...] | None
    body: Body
    offset: int


class Case(Struct, frozen=True):
    """`case`: for each item its patterns, its body, and how it ends (`;;`, `;&` or `;;&`)."""

    subject: Word
    items: tuple[tuple[tuple[Word, ...], Body, str], ...]
    offset: int


class Function(Struct, frozen=True):
    """`name() body`."""

    name: str
    body: Command


class Redirected(Struct, frozen=True):
    """A compound command with redirections."""

    body: Compound
    redirections: tuple[Redirection, ...]
    offset: int


Compound: TypeAlias = Test | Sum | Group | If | While | For | Case
Command: TypeAlias = Simple | Function | Redirected | Compound


class Pipeline(Struct, frozen=True):
    """`! a | b | c`."""

    stages: tuple[Command, ...]
    negated: bool


class Statement(Struct, frozen=True):
    """`a && b || c`, with the operator before each pipeline (the first one's is empty)."""

    pipelines: tuple[tuple[str, Pipeline], ...]
    background: bool
    offset: int


Body: TypeAlias = tuple[Statement, ...]


class Program(Struct, frozen=True):
    """What would run, and where it breaks off."""

    body: Body
    fault: SyntaxFault | None = None


# --- lexical rules --------------------------------------------------------------------------------------

_BLANK: Final = regex(r"(?:[ \t\r]|\\\n)+")
_COMMENT: Final = regex(r"#[^\n]*")
_PLAIN: Final = regex(r"[^\s;&|<>()\"'\\$`\x00]+")
_IN_DOUBLE: Final = regex(r"[^\"\\$`]+")
_IN_HERE: Final = regex(r"[^\\$`]+")
_IN_BRACES: Final = regex(r"[^\"'\\$`}/]+")
_REDIRECTION: Final = regex(r"(\d*|\{[A-Za-z_]\w*\})(<<<|<<-|<<|<>|<&|>>|>&|>\||<|>)|()(&>>|&>)", re.ASCII)
_ASSIGNMENT: Final = regex(r"([A-Za-z_]\w*)(?:\[([^\]\n]*)\])?(\+?)=", re.ASCII)
_NAME: Final = regex(r"[A-Za-z_]\w*", re.ASCII)
_PARAMETER: Final = regex(r"[A-Za-z_]\w*|\d|[@*#?$!-]", re.ASCII)
_BRACED: Final = regex(
    r"(?P<prefix>[#!]?)(?P<name>[A-Za-z_]\w*|\d+|[@*#?$!-])(?:\[(?P<index>[^\]\n]*)\])?"
    r"(?P<operator>:[-=?+]|##|%%|//|/\#|/%|\^\^|,,|[-=?+#%/^,:@])?",
    re.ASCII,
)
_RESERVED: Final = regex(
    r"(if|then|elif|else|fi|while|until|for|select|do|done|case|esac|function|time|coproc|\{|\}|!|\[\[)"
    r"(?=(?:\\\n)*(?:[\s;&|<>()]|$))"
)
_WORD_ENDS: Final = regex(r"(?:\\\n)*(?:[ \t\r\n;&|<>()]|\Z)")
"""Where a word surely ends: a line that goes on on the next one is none that ends (`then\\`)."""
_CLOSERS: Final = frozenset({"then", "elif", "else", "fi", "do", "done", "esac", "}"})
_DECLARATIONS: Final = frozenset({"declare", "export", "local", "readonly", "typeset"})
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


@lru_cache(maxsize=128)
def parse(text: str) -> Program:
    """Parse a script. Raises `Unfollowable` when it nests too deep; a syntax error is part of the result."""
    return _Parser(text).program()


class _Parser:
    """Recursive descent over characters; `_at` is where it reads, `_end` where its part of the text stops."""

    def __init__(self, text: str, at: int = 0, end: int | None = None, depth: int = 0, base: int = 0) -> None:
        self._text = text
        self._at = at
        self._end = len(text) if end is None else end
        self._depth = depth
        self._base = base
        self._waiting: list[tuple[Redirection, str, bool, bool]] = []

    # Programs and lists

    def program(self) -> Program:
        """Parse line by line as bash reads: what stands on a broken line, and after it, does not run."""
        body: list[Statement] = []
        try:
            while True:
                self._skip_newlines()
                if self._at >= self._end:
                    return Program(tuple(body))
                line = self._statements(one_line=True)
                if not line:
                    raise self._fault(f"{self._text[self._at]!r} cannot stand here")
                if self._peek("\n"):
                    self._newline()
                elif self._at < self._end:
                    raise self._fault(f"{self._text[self._at]!r} cannot stand here")
                body += line
        except SyntaxFault as fault:
            return Program(tuple(body), fault)

    def _statements(self, *, one_line: bool = False) -> list[Statement]:
        """Parse up to what cannot begin a command: the end, `)`, `;;` or a closing reserved word."""
        body: list[Statement] = []
        while True:
            if one_line:
                self._skip_blanks()
            else:
                self._skip_newlines()
            if not self._command_ahead():
                return body
            statement = self._statement()
            body.append(statement)
            self._skip_blanks()
            if self._peek(";") and not self._peek(";;") and not self._peek(";&"):
                self._at += 1
            elif not statement.background and not self._peek("\n"):
                return body
            if one_line and self._peek("\n"):
                return body

    def _command_ahead(self) -> bool:
        if self._at >= self._end or self._text[self._at] in "\n);|&":
            return self._peek("&>")
        reserved = self._reserved()
        return reserved not in _CLOSERS

    def _statement(self) -> Statement:
        offset = self._here
        pipelines = [("", self._pipeline())]
        while True:
            self._skip_blanks()
            if not (self._peek("&&") or self._peek("||")):
                break
            operator = self._text[self._at : self._at + 2]
            self._at += 2
            self._skip_newlines()
            pipelines.append((operator, self._pipeline()))
        background = self._peek("&") and not self._peek("&>")
        self._at += background
        return Statement(tuple(pipelines), background, offset)

    def _pipeline(self) -> Pipeline:
        negated = False
        while (reserved := self._reserved()) in {"!", "time"}:
            self._at += len(str(reserved))
            negated ^= reserved == "!"
            self._skip_blanks()
            if reserved == "time" and self._accept_word("-p"):
                self._skip_blanks()
        if negated and not self._command_ahead():
            raise self._fault("a command is missing after `!`")
        stages = [self._command()]
        while True:
            self._skip_blanks()
            if not self._peek("|") or self._peek("||"):
                return Pipeline(tuple(stages), negated)
            self._at += 2 if self._peek("|&") else 1
            self._skip_newlines()
            stages.append(self._command())

    def _body(self, *closers: str) -> Body:
        """Parse a list that must not be empty and ends at one of the closing words, which is left to read."""
        body = tuple(self._statements())
        if not body or self._reserved() not in closers:
            raise self._fault(f"{' or '.join(f'`{closer}`' for closer in closers)} is missing")
        return body

    # Commands

    def _command(self) -> Command:
        self._deeper()
        offset = self._here
        if not self._command_ahead():
            raise self._fault("a command is missing")
        compound = self._compound()
        self._depth -= 1
        if compound is None:
            return self._simple()
        if isinstance(compound, Function | Simple):
            return compound
        redirections: list[Redirection] = []
        while (redirection := self._redirection()) is not None:
            redirections.append(redirection)
        return Redirected(compound, tuple(redirections), offset) if redirections else compound

    def _compound(self) -> Compound | Function | Simple | None:
        if self._peek("(("):
            word = self._sum()
            if word is not None:
                return word
        if self._peek("("):
            self._at += 1
            return Group(self._parenthesised(), subshell=True)
        reserved = self._reserved()
        if reserved is None:
            return self._function()
        self._at += len(reserved)
        return self._reserved_command(reserved)

    def _reserved_command(self, reserved: str) -> Compound | Function | Simple:
        parsers: dict[str, Callable[[], Compound | Function | Simple]] = {
            "{": self._group,
            "if": self._if,
            "while": self._while,
            "until": self._until,
            "for": self._for,
            "select": self._for,
            "case": self._case,
            "[[": self._test,
            "function": self._function_keyword,
            "coproc": self._coproc,
        }
        if reserved not in parsers:
            raise self._fault(f"`{reserved}` cannot stand here")
        return parsers[reserved]()

    def _parenthesised(self) -> Body:
        body = tuple(self._statements())
        self._expect(")")
        return body

    def _sum(self) -> Sum | None:
        offset = self._here
        end = self._arithmetic_end(self._at + 2)
        if end is None:
            return None
        word = self._within(self._at + 2, end)
        self._at = end + 2
        return Sum(word, offset)

    def _group(self) -> Group:
        body = self._body("}")
        self._at += 1
        return Group(body, subshell=False)

    def _if(self) -> If:
        branches = []
        otherwise: Body = ()
        while True:
            condition = self._body("then")
            self._keyword("then")
            branches.append((condition, self._body("elif", "else", "fi")))
            if self._accept_word("elif"):
                continue
            if self._accept_word("else"):
                otherwise = self._body("fi")
            self._keyword("fi")
            return If(tuple(branches), otherwise)

    def _while(self) -> While:
        return self._loop(until=False)

    def _until(self) -> While:
        return self._loop(until=True)

    def _loop(self, *, until: bool) -> While:
        condition = self._body("do")
        return While(condition, self._do_group(), until)

    def _do_group(self) -> Body:
        self._keyword("do")
        body = self._body("done")
        self._keyword("done")
        return body

    def _for(self) -> For:
        offset = self._here
        self._skip_blanks()
        name = ""
        words: tuple[Word, ...] | None = None
        if self._peek("(("):
            count = self._sum()
            if count is None:
                raise self._fault("`))` is missing")
            words = (count.word,)
        else:
            name = self._name()
            self._skip_newlines()
            if self._accept_word("in"):
                words = self._words_of_line()
        self._skip_blanks()
        if self._peek(";"):
            self._at += 1
        self._skip_newlines()
        if not name and self._reserved() == "{":
            self._at += 1
            return For(name, words, self._group().body, offset)
        return For(name, words, self._do_group(), offset)

    def _words_of_line(self) -> tuple[Word, ...]:
        words: list[Word] = []
        while True:
            self._skip_blanks()
            if self._at >= self._end or self._text[self._at] in ";\n&|)":
                return tuple(words)
            words.append(self._word())

    def _case(self) -> Case:
        offset = self._here
        self._skip_blanks()
        subject = self._word()
        self._skip_newlines()
        self._keyword("in")
        items: list[tuple[tuple[Word, ...], Body, str]] = []
        while True:
            self._skip_newlines()
            if self._accept_word("esac"):
                return Case(subject, tuple(items), offset)
            items.append(self._case_item())

    def _case_item(self) -> tuple[tuple[Word, ...], Body, str]:
        if self._peek("("):
            self._at += 1
        patterns: list[Word] = []
        while True:
            self._skip_blanks()
            patterns.append(self._word())
            self._skip_blanks()
            if not self._peek("|"):
                break
            self._at += 1
        self._expect(")")
        body = tuple(self._statements())
        for ending in (";;&", ";;", ";&"):
            if self._peek(ending):
                self._at += len(ending)
                return tuple(patterns), body, ending
        if self._reserved() != "esac":
            raise self._fault("`;;` or `esac` is missing")
        return tuple(patterns), body, ";;"

    def _test(self) -> Test:
        offset = self._here
        words: list[Word] = []
        while True:
            self._skip_newlines()
            if self._at >= self._end:
                raise self._fault("`]]` is missing")
            if self._accept_word("]]"):
                return Test(tuple(words), offset)
            previous = words[-1].plain() if words else None
            words.append(self._test_word(pattern=previous in {"=~", "==", "=", "!="}))

    def _test_word(self, *, pattern: bool) -> Word:
        start = self._at
        for operator in ("&&", "||", "(", ")", "<", ">"):
            if self._peek(operator) and not (pattern and operator == "("):
                self._at += len(operator)
                return Word((Text(operator),), self._base + start)
        return self._word(parentheses=pattern)

    def _function(self) -> Function | None:
        """Parse `name () body`; leave everything else as it was."""
        match = _PLAIN.match(self._text, self._at, self._end)
        if match is None:
            return None
        blank = _BLANK.match(self._text, match.end(), self._end)
        at = match.end() if blank is None else blank.end()
        if not self._text.startswith("(", at) or "=" in match[0]:
            return None
        self._at = at + 1
        self._skip_blanks()
        self._expect(")")
        self._skip_newlines()
        return Function(match[0], self._command())

    def _function_keyword(self) -> Function:
        self._skip_blanks()
        match = _PLAIN.match(self._text, self._at, self._end)
        if match is None:
            raise self._fault("a function needs a name")
        self._at = match.end()
        self._skip_blanks()
        if self._peek("(") and not self._peek("(("):
            self._at += 1
            self._skip_blanks()
            self._expect(")")
        self._skip_newlines()
        return Function(match[0], self._command())

    def _coproc(self) -> Simple:
        """Keep what a coprocess runs out of the script's own flow: it is left as a command that nobody can follow."""
        offset = self._here
        start = self._at
        self._skip_blanks()
        self._command()
        text = self._text[start : self._at].strip()
        return Simple((), (Word((Text("coproc"),), offset), Word((Text(text, quoted=True),), offset)), (), offset)

    def _simple(self) -> Simple:
        offset = self._here
        assignments: list[Assignment] = []
        words: list[Word | Assignment] = []
        redirections: list[Redirection] = []
        declares = False
        while True:
            self._skip_blanks()
            redirection = self._redirection()
            if redirection is not None:
                redirections.append(redirection)
            elif self._at >= self._end or self._text[self._at] in "\n;&|)":
                break
            elif self._text[self._at] == "(":
                raise self._fault("`(` cannot stand here")
            elif (assignment := self._assignment() if declares or not words else None) is not None:
                declared = words or assignments
                declared.append(assignment)
            else:
                word = self._word()
                declares = declares or (not words and word.plain() in _DECLARATIONS)
                words.append(word)
        return Simple(tuple(assignments), tuple(words), tuple(redirections), offset)

    def _assignment(self) -> Assignment | None:
        match = _ASSIGNMENT.match(self._text, self._at, self._end)
        if match is None:
            return None
        offset = self._here
        self._at = match.end()
        value = self._array() if self._peek("(") else self._word(may_be_empty=True)
        return Assignment(match[1], value, bool(match[3]), match[2], offset)

    def _array(self) -> tuple[Word, ...]:
        self._at += 1
        words: list[Word] = []
        while True:
            self._skip_newlines()
            if self._peek(")"):
                self._at += 1
                return tuple(words)
            words.append(self._word())

    def _redirection(self) -> Redirection | None:
        self._skip_blanks()
        match = _REDIRECTION.match(self._text, self._at, self._end)
        if match is None or (match[0] in {"<", ">"} and self._text.startswith("(", match.end())):
            return None
        self._at = match.end()
        self._skip_blanks()
        operator = match[2] or match[4]
        offset = self._here
        if operator not in {"<<", "<<-"}:
            return Redirection(operator, match[1] or "", self._word())
        start = self._at
        delimiter = self._word()
        quoted = any(character in self._text[start : self._at] for character in "'\"\\")
        redirection = Redirection(operator, match[1] or "", Word((), offset))
        text = "".join(part.text for part in delimiter.parts if isinstance(part, Text))
        self._waiting.append((redirection, text, quoted, operator == "<<-"))
        return redirection

    # Words

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
                match = _PLAIN.match(self._text, self._at, self._end)
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
        parts = self._quoted(_IN_DOUBLE, '"', '$`"\\')
        if not self._peek('"'):
            raise self._fault("a double quote is never closed")
        self._at += 1
        return parts or [Text("", quoted=True)]

    def _quoted(self, run: re.Pattern[str], close: str, escapable: str) -> list[Part]:
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
        parser = _Parser(inner, depth=self._depth, base=self._base + start)
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
        parser = _Parser(self._text, start, end, self._depth, self._base)
        word = Word(tuple(parser._quoted(_IN_DOUBLE, "", '$`"\\')), self._base + start)
        self._depth -= 1
        return word

    def _braced(self, *, quoted: bool) -> Parameter:
        """Read a `${…}` after its brace."""
        self._deeper()
        match = _BRACED.match(self._text, self._at, self._end)
        if match is None or (match["prefix"] == "#" and match["operator"]):
            if self._text.startswith("#}", self._at):
                self._at += 2
                self._depth -= 1
                return Parameter("#", quoted)
            raise self._fault("the parameter expansion is malformed")
        self._at = match.end()
        operator = match["operator"] or ""
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
        return Parameter(match["name"], quoted, match["index"], operator, argument, replacement)

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

    # Small steps

    @property
    def _here(self) -> int:
        return self._base + self._at

    def _peek(self, text: str) -> bool:
        return self._at + len(text) <= self._end and self._text.startswith(text, self._at)

    def _expect(self, text: str) -> None:
        self._skip_blanks()
        if not self._peek(text):
            raise self._fault(f"`{text}` is missing")
        self._at += len(text)

    def _reserved(self) -> str | None:
        match = _RESERVED.match(self._text, self._at, self._end)
        return None if match is None else match[1]

    def _accept_word(self, word: str) -> bool:
        after = self._at + len(word)
        found = self._peek(word) and _WORD_ENDS.match(self._text, after, self._end) is not None
        self._at = after if found else self._at
        return found

    def _keyword(self, word: str) -> None:
        if not self._accept_word(word):
            raise self._fault(f"`{word}` is missing")

    def _name(self) -> str:
        match = _NAME.match(self._text, self._at, self._end)
        if match is None:
            raise self._fault("a name is missing")
        self._at = match.end()
        return match[0]

    def _skip_blanks(self) -> None:
        match = _BLANK.match(self._text, self._at, self._end)
        if match is not None:
            self._at = match.end()
        if self._peek("#"):
            comment = _COMMENT.match(self._text, self._at, self._end)
            self._at = self._at if comment is None else comment.end()

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
        parser = _Parser(text, depth=self._depth, base=self._base + start)
        word = Word(tuple(parser._quoted(_IN_HERE, "", "$`\\")), self._base + start)
        self._depth -= 1
        return word

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Unfollowable(f"It nests deeper than {MAX_DEPTH} levels.")

    def _fault(self, sentence: str) -> SyntaxFault:
        return SyntaxFault(self._here, f"{sentence[0].upper()}{sentence[1:]}.")
