"""The grammar of bash and sh: text to a tree, by the rules of the Bash manual ("Shell Grammar").

It is written out here because a validator needs the one thing that editors' grammars give up: in `a | b || exit 1`,
two here-documents on one line or `[ ! -f x -o y ]` a near miss decides whether data is taken for commands.

A syntax error ends a script where bash would end it: lines before it run, the rest does not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.quoting import PLAIN, Quoting
from goldenpath.facts.shell.reading import BLANK
from goldenpath.facts.shell.syntax import (
    DECLARATIONS,
    Assignment,
    Body,
    Case,
    Command,
    Compound,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Program,
    Redirected,
    Redirection,
    Simple,
    Statement,
    Sum,
    SyntaxFault,
    Test,
    Text,
    While,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Callable


_REDIRECTION: Final = regex(r"(\d*|\{[A-Za-z_]\w*\})(<<<|<<-|<<|<>|<&|>>|>&|>\||<|>)|()(&>>|&>)", re.ASCII)
_ASSIGNMENT: Final = regex(r"([A-Za-z_]\w*)(?:(\+?)=|(?=\[))", re.ASCII)
_GIVES: Final = regex(r"\](\+?)=")
_CLOSERS: Final = frozenset({"then", "elif", "else", "fi", "do", "done", "esac", "}"})


@lru_cache(maxsize=128)
def parse(text: str) -> Program:
    """Parse a script. Raises `Unfollowable` when it nests too deep; a syntax error is part of the result."""
    return _Parser(text).program()


class _Parser(Quoting):
    """Recursive descent over characters."""

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
        return Statement((*_opened(pipelines[0]), *pipelines[1:]), background, offset)

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
        match = PLAIN.match(self._text, self._at, self._end)
        if match is None:
            return None
        blank = BLANK.match(self._text, match.end(), self._end)
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
        match = PLAIN.match(self._text, self._at, self._end)
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
                declares = declares or (not words and word.plain() in DECLARATIONS)
                words.append(word)
        return Simple(tuple(assignments), tuple(words), tuple(redirections), offset)

    def _assignment(self) -> Assignment | None:
        match = _ASSIGNMENT.match(self._text, self._at, self._end)
        if match is None:
            return None
        offset, index = self._here, None
        self._at, append = match.end(), match[2]
        if append is None:
            end = self._subscript_end()
            gives = None if end is None else _GIVES.match(self._text, end, self._end)
            if gives is None:
                self._at = match.start()
                return None
            index = self._subscript()
            self._at, append = gives.end(), gives[1]
        value = self._array() if self._peek("(") else self._word(may_be_empty=True)
        return Assignment(match[1], value, bool(append), index, offset)

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


def _opened(first: tuple[str, Pipeline]) -> tuple[tuple[str, Pipeline], ...]:
    """What a list begins with, without the braces around a list of its own: `{ a && b; } || c` is `a && b || c`."""
    pipeline = first[1]
    group = pipeline.stages[0]
    if not isinstance(group, Group) or group.subshell or len(pipeline.stages) > 1 or pipeline.negated:
        return (first,)
    inside = group.body[0] if len(group.body) == 1 else None
    return inside.pipelines if inside is not None and not inside.background else (first,)
