"""What a `run:` script would run: against a real bash where that is harmless, else by what one can read in it."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldenpath.facts.shell import Command, Script, Unfollowable, follow
from goldenpath.facts.values import Symbol, Value, display, literal, value

DIGEST = Symbol("digest", "build")
TAG = Symbol("tag", "release")


def script(text: str | Value, shell: str | None = None, **variables: str | Value) -> Script:
    given_variables = {name: value(each) for name, each in variables.items()}
    return follow(value(text), given_variables, shell)


def command(found: Script, program: str, at: int = 0) -> Command:
    return [each for each in found.commands if each.program == program][at]


def line(each: Command) -> str:
    return " ".join(display(word) for word in each.words)


# --- the same as bash -----------------------------------------------------------------------------------

UNSET = "unset x y z A xb a b\n"
RECORDER = 'p() { local c; printf -v c "<%s>" "$@"; printf "%s\\0" "$c" >&9; }\n'


def by_bash(text: str, flags: str) -> tuple[list[str], bool]:
    """Run a script with `p` as the one command that can be seen; returns its calls, and whether the script failed.

    The calls are sorted, for the stages of a pipeline run at the same time.
    """
    with tempfile.NamedTemporaryFile("r+") as calls:
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", *flags.split(), "-c", f"exec 9>>{calls.name}\n{UNSET}{RECORDER}{text}"],
            capture_output=True,
            timeout=10,
            check=False,
            cwd="/",
            env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
        )
        return sorted(calls.read().split("\0")), done.returncode != 0


MARK = 'p() { true mark "$@"; }\n'


def by_us(text: str, flags: str) -> tuple[list[str], bool]:
    found = follow(value(f"{UNSET}{MARK}{text}"), {}, f"bash {flags} {{0}}", ())
    assert not any(each.condition for each in found.commands), "everything in a literal script can be decided"
    return sorted("".join(f"{call}\0" for call in called(found)).split("\0")), found.fails


def called(found: Script) -> list[str]:
    """The calls of `p` in a script, as `RECORDER` writes them down."""
    return [
        "".join(f"<{literal(word)}>" for word in each.words[2:] or ((),))
        for each in found.commands
        if each.words[:2] == (("true",), ("mark",)) and each.reachable
    ]


WORDS = [
    "p a b",
    "p 'a b' \"c d\"",
    "p a\\ b",
    "p a\\\nb",
    "if true; then\\\n p a; else\\\n\tp b; fi",
    "for x in 1 2; do\\\n p $x;\\\ndone",
    "case a in\\\n a) p a;; esac",
    "if\\\n !\\\n false; then p c; fi",
    "p $'a\\tb\\x41\\u263a\\'c\\033'",
    "p a'b'\"c\"d",
    "p \"\" ''",
    'x="a  b"; p $x "$x"',
    'x=; p $x "$x"',
    'x="a b"; p 1$x"2"$x',
    "p {a,b}c {1..3} {3..1} x{,y}",
    "p '{a,b}' \\{a,b}",
    'p "a\\"b\\$c\\\\d\\e\\`f"',
    "p # comment",
    "p a#b 'c'#d",
    "x=a; p ${x}b $x-b $xb",
    'x=abc; p ${#x} "${x^^}" ${x^}',
    "x=refs/tags/v1.2; p ${x#refs/tags/} ${x##*/} ${x%/*} ${x%%/*} ${x%.2} ${x#*/} ${x#v}",
    'x=a.b.c; p ${x//./-} ${x/./-} ${x/#a/z} ${x/%c/z} "${x//.}" ${x/b}',
    "x=Abc; p ${x,,} ${x,} ${x^^}",
    'p ${x:-d} ${x-d} "${x:-a b}" ${x:-a b} "${x:-"q r"}" "${x:-\'s\'}"',
    "x=; p ${x:-d} [${x-d}] ${x:+n} ${x+y}",
    "p ${x:=d} $x",
    "x=abcdef; p ${x:2} ${x:1:3} ${x: -2} ${x:0:-1}",
    "x=y; y=z; p ${!x}",
    'A=(a \'b c\' d); p "${A[@]}" ${A[@]} "${A[*]}" ${#A[@]} ${A[1]} "${A[-1]}"',
    'A=(); p "${A[@]}"',
    'A=(a); A+=(b "c d"); p "${A[@]}"',
    'set -- a "b c"; p "$@" $# $1 "$*" "${2}"',
    'set -- a b c; shift; p "$@"',
    "p $(printf '%s\\n' a b) \"$(printf '%s\\n' a b)\"",
    "p `echo a` \"`echo 'b c'`\"",
    "p $(echo $(echo a))",
    'p "$(echo "a  b")"',
    "p $(echo -n a; echo b)",
    "p $(echo a | cat)",
    "p $(printf 'k=%s;' a b c)",
    "p $(printf %s-%d a 1)",
    "p $(echo -e 'a\\nb')",
    "p \"$(echo 'a\\nb')\"",
    'x=$(echo a); y=$x$(echo b); p "$y"',
    "p $(basename /a/b.c) $(dirname /a/b.c)",
    "p $(echo ABC | tr '[:upper:]' '[:lower:]')",
    "x='a*b'; p \"$x\" ${x%\\**} \"${x%'*'*}\"",
    'p $((1)) "$((2))"',
    'cat <<EOF | while read -r l; do p "$l"; done\na b\n c\\\\d\nEOF',
    "x=1; p \"$(cat <<EOF\n $x '$x' \\$x\nEOF\n)\"",
    "p \"$(cat <<'EOF'\n $x \\$x\nEOF\n)\"",
    'p "$(cat <<-EOF\n\t\ta\n\tEOF\n)"',
    "cat <<A >/dev/null; p $(cat <<B\nx\nA\ny\nB\n)",
    "p $(cat <<< 'a b')",
    'read -r a b <<< \'x y z\'; p "$a" "$b"',
    'IFS=, read -r a b <<< \'x,y z\'; p "$a" "$b"',
    "IFS=,; x=a,b; p $x",
    "p a;p b&&p c||p d",
    "p x>/dev/null y 2>&1",
    "p 2>/dev/null 2",
    "p >/dev/null <<< x a",
    "p a \\\n  b \\\n  # c\np d",
    "x='a b' p c; p \"$x\"",
    "x=1 y=2; p $x$y",
    "x=a; x+=b; p $x",
    "p ~+x a=b --c=d",
    'p "a\nb" c',
    "p 'it'\\''s'",
    'p "${x:-$(echo "a b")}"',
    'p "$(p inner; echo x)"',
    'p $"a"',
    "p a$ '$' \"$\" $",
    "p [ab] x=y {} { }",
    "if p; then p if; fi",
    "p if then fi",
    'p "${1:-none}"',
    "f() { p \"$1\" $#; }; f 'a b' c",
    "f() { local x=in; p $x; }; x=out; f; p $x",
    "function g { p $1; }; g a",
    "f() ( x=1; p $x ); f; p [$x]",
    "f() { return 1; p no; }; f || p failed",
    "f() { for i in 1 2; do [ $i = 2 ] && return 0; p $i; done; p no; }; f; p end",
    "eval 'p a; p b'",
    'x="p a"; eval "$x b"',
    "bash -c 'true' x; p a",
    '(x=1; p $x); p "[$x]"',
    "{ x=1; }; p $x",
    'echo x | { read y; p $y; }; p "[$y]"',
    "x=1; unset x; p ${x-gone}",
    "printf -v x %s-%s a b; p $x",
    "while read a b; do p $b $a; done <<< $'1 2\\n3 4'",
    "for x in a 'b c' $(echo d e); do p \"$x\"; done",
    "for x in; do p; done",
    "for x in a b c; do [ $x = b ] && continue; p $x; done",
    "for x in a b c; do [ $x = b ] && break; p $x; done; p $x",
    "for x do p $x; done",
    "set -- a b; for x; do p $x; done",
    "for i in 1 2; do for j in 1 2; do p $i$j; done; done",
    "case abc in a*) p 1;; *) p 2;; esac",
    "case a in b|a) p 1;& c) p 2;; d) p 3;; esac",
    "case 'a*' in a\\*) p 1;; esac",
    "case x in [a-c]) p 1;; [!a-c]) p 2;; esac",
    'x=a; case $x in "$x"*) p 1;; esac',
    "case b in (a) p 1;; (b) p 2; esac",
    "if false; then p 1; elif true; then p 2; else p 3; fi",
    "if [ a = b ]; then p 1; else p 2; fi",
    "[ a = a -a b != c ] && p y",
    "[ ! -n '' -o a = b ] && p y",
    "[[ abc == a* && ! x == y ]] && p y",
    "[[ 'a*' == a\\* ]] && p y",
    "[[ ab == 'a*' ]] || p n",
    "[[ -z '' && ( a == b || c == c ) ]] && p y",
    "x='a b'; [[ $x == 'a b' ]] && p y",
    "test 2 -gt 1 && p y",
    "[ 08 -eq 8 ] && p y",
    "[ '' ] || p n",
    "[ a ] && p y",
    "! true || p y",
    "! false && p y",
    "true && false || p y",
    "false || true && p y",
    "while false; do p no; done; p a",
    "until true; do p no; done; p a",
    "while true; do p a; break; done; p b",
    "exit 0; p no",
    "(exit 1) || p y",
    "exit 3",
    "p a | p b",
    "{ p a; p b; } | cat",
    "p $(exit 1) a",
    "exec p a; p b",
    "time p a",
    "command echo a; p b",
    "if true; then p a; fi | cat",
    "x=$(false); p a",
    "false; p a",
    "local x=1; p a",
    "set -e; false; p no",
    "set -e; false || true; p a",
    "set -e; if false; then :; fi; p a",
    "set -e; ! true; p a",
    "set -e; true && false; p a",
    "set -e; (false); p no",
    "set -e; x=$(false); p no",
    "set -e; p $(false) a",
    "set -e; false | true; p a",
    "set -eo pipefail; false | true; p no",
    "set -e; f() { false; p no; }; f; p no",
    "set -e; f() { false; p a; }; f || p no",
    "set -e; export x=$(false); p a",
    "set -e; [ a = b ]; p no",
    "set -e; set +e; false; p a",
    "set -e; { false; p a; } || p no",
    "set -e; (false; p a) || p no",
    "set -e; x=$(false; echo b); p $x",
    "set -e; [ a = b ] && p no; p a",
    "true; [ a = b ] && p no",
    "coproc x; p a",
    "p a # b \\\np c",
    "p $(( 1 ))",
    "p a;;",
    "p a\nfi",
    "p a\np b )\np c",
    "if true; then p a",
    "p 'a",
    'p "a',
    "p a &&\n\n# c\np b",
    "p a |\ncat",
    "f()\n{\np a\n}\nf",
    "p $(# comment )\necho a)",
    'p "$(case a in a) echo b;; esac)"',
    'p "${x:-a}b" "${x:-{}}"',
    "p a\\",
    "A=([0]=a); p done",
    "p ${A[0]:-z}",
    "x=ab; p ${x:1}${x:0:1}",
    "p ${x#}",
    'x="*"; p "$x"',
]
DIFFERENT = {
    "exec p a; p b": "a function cannot be exec'ed",
    "local x=1; p a": "outside of a function bash refuses, and goes on",
    "coproc x; p a": "a coprocess cannot be followed",
    "p ~+x a=b --c=d": "tildes are left alone",
    "A=([0]=a); p done": "words of an array are not subscripted",
}


@pytest.mark.parametrize("flags", ["", "-e", "-eo pipefail"], ids=["no-options", "errexit", "pipefail"])
@pytest.mark.parametrize("text", [text for text in WORDS if text not in DIFFERENT])
def test_a_literal_script_runs_the_same_commands_as_in_bash(text: str, flags: str) -> None:
    assert by_us(text, flags) == by_bash(text, flags)


GIVEN = ["", "a=(1 2)", "set -- a b", "x=y", "declare -a a", "set --", "x=$(echo y)", "x="]
NAMES = ["x", "1", "@", "*", "a[@]", "a[*]", "a[0]", "a[$(p AT)0]", "a[`p AT`]", 'a["$(p AT)"0]']
OPERATORS = [
    "", ":-X", "-X", ":=X", "=X", ":?X", "?X", ":+X", "+X", "#X", "##X", "%X", "%%X", "^X", "^^X", ",X", ",,X", ":X",
    ":1:X", "/X/y", "//X/y", "/#X/y", "/%X/y", "/y/X",
]  # fmt: skip


@pytest.mark.parametrize("given", GIVEN)
def test_what_stands_in_an_expansion_runs_where_it_does_in_bash(given: str) -> None:
    wrong = {f"{name}{operator}" for name in "1@*" for operator in OPERATORS if "=" in operator} | {"x:1:X"}
    expansions = [each for name in NAMES for operator in OPERATORS if (each := f"{name}{operator}") not in wrong]
    both = [each for expansion in expansions for each in (f"${{{expansion}}}", f'"${{{expansion}}}"')]
    text = "\n".join(
        f"({given}\n: {each.replace('X', '$(p AT)').replace('AT', str(at))})" for at, each in enumerate(both)
    )
    found = follow(value(f"{UNSET}{MARK}{text}"), {}, "bash {0}", ())
    assert {*called(found), ""} == {*by_bash(text, "")[0]}


@pytest.mark.parametrize(
    "text",
    [
        "a[$(p in)]=1", "declare a[$(p in)]=1", "declare -A m; m[$(p in)]=1", "m[`p in`]+=1", 'm["$(p in)"]=1',
        "m[x[$(p in)]]=1", "[[ -n ${a[$(p in)]} ]]", "case x in ${a[$(p in)]}) ;; esac", "cat <<E\n${a[$(p in)]}\nE\n",
        "for i in ${a[$(p in)]}; do :; done", ": > /dev/null${a[$(p in)]}", "x=1; m[${x}]=2; p x",
    ],
)  # fmt: skip
def test_what_stands_in_a_subscript_runs_as_in_bash(text: str) -> None:
    assert {*by_us(text, "")[0]} == {*by_bash(text, "")[0]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sign ${K:-$(p in)}", {"<variable K> == ''"}),
        ("sign ${K:+$(p in)}", {"<variable K> != ''"}),
        ('sign "${@:-$(p in)}"', {"<array @> == ''"}),
        (": ${K:?$(p in)}", {"<variable K> == ''"}),
        ("K=; sign ${K:-$(p in)}", set()),
        ("sign ${K#$(p in)}", {"<variable K> != ''"}),
        ("K=x; sign ${K#$(p in)}", set()),
    ],
)
def test_what_stands_for_a_variable_runs_on_a_condition(text: str, expected: set[str]) -> None:
    assert command(follow(value(text), {}, None), "p").condition == expected


@pytest.mark.parametrize("text", ["BASH_ALIASES[echo]=p; echo x", "BASH_ENV=x.sh bash -c true", "x=a; echo ${x@P}"])
def test_a_script_that_changes_what_commands_mean_is_not_followed(text: str) -> None:
    with pytest.raises(Unfollowable):
        script(text)


def scripts() -> st.SearchStrategy[str]:
    """Scripts whose only effects are `p`, variables and their status, put together from the whole grammar."""
    word = st.sampled_from(
        ["a", "'b c'", '"$x"', "$x", "${x:-d}", '"${y#v}"', "$(echo e)", "${y%.*}", "\\ ", "$1", '"$@"']
    )
    simple = st.one_of(
        st.lists(word, min_size=1, max_size=3).map(lambda words: f"p {' '.join(words)}"),
        st.sampled_from(
            ["true", "false", "x=1", "x='a b'", "y=v1.2", "x=$(echo $x; false)", '[ "$x" = 1 ]', "[[ $y == v* ]]"]
        ),
        st.sampled_from(["f 'q r'", "x=$(p sub)", "export x=$(false)", "exit 0", "exit 2", "return 1"]),
    )

    def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        two, three = st.tuples(inner, inner), st.tuples(inner, inner, inner)
        return st.one_of(
            two.map(lambda s: f"{s[0]} && {s[1]}"),
            two.map(lambda s: f"{s[0]} || {s[1]}"),
            two.map("\n".join),
            two.map(lambda s: f"{s[0]} | {s[1]}"),
            inner.map(lambda s: f"! {s}"),
            inner.map(lambda s: f"( true; {s} )"),
            inner.map(lambda s: f"{{ {s}; }}"),
            three.map(lambda s: f"if {s[0]}; then {s[1]}; else {s[2]}; fi"),
            inner.map(lambda s: f"for x in 1 '2 3'; do {s}; done"),
            two.map(lambda s: f"case $x in 1) {s[0]};; *) {s[1]};; esac"),
            inner.map(lambda s: f"for x in 1 2; do {s} && continue; break; done"),
            two.map(lambda s: f"g() {{ {s[0]}\n}}; {s[1]}; g 1"),
        )

    body = st.recursive(simple, compound, max_leaves=8)
    options = st.sampled_from(["", "", "set -e\n", "set +e\n"])
    lines = st.lists(st.tuples(options, body).map("".join), min_size=1, max_size=4)
    return lines.map(lambda parts: 'f() { p f "$1"; }; g() { p g; }\n' + "\n".join(parts))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scripts(), st.sampled_from(["", "-e", "-eo pipefail"]))
def test_any_literal_script_runs_the_same_commands_as_in_bash(text: str, flags: str) -> None:
    assert by_us(text, flags) == by_bash(text, flags)


# --- what guards a command ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sign", set()),
        ('if [ -n "$K" ]; then sign; fi', {"<variable K> != ''"}),
        ('if [ -z "$K" ]; then a; else sign; fi', {"<variable K> != ''"}),
        ('[ -n "$K" ] && sign', {"<variable K> != ''"}),
        ('[ -z "$K" ] || sign', {"<variable K> != ''"}),
        ("[[ -n $K && $L == x ]] && sign", {"<variable K> != ''", "<variable L> == 'x'"}),
        ('[ "$R" = refs/heads/main ] && sign', {"<variable R> == 'refs/heads/main'"}),
        ("case $R in main) sign;; esac", {"<variable R> == 'main'"}),
        ("case $R in main) ;; *) sign;; esac", {"<variable R> != 'main'"}),
        ("grep -q x f && sign", {"grep -q x f"}),
        ("docker push x && sign", set()),
        ("verify || sign", {"!(verify)"}),
        ('[ -z "$K" ] && exit 0\nsign', {"<variable K> != ''"}),
        ('[ -z "$K" ] && exit 1\nsign', set()),
        ('[ -n "$K" ] || { echo no key; exit 1; }\nsign', set()),
        ('if [ -n "$K" ]; then sign; else exit 1; fi', set()),
        ('if [ -n "$K" ]; then sign; else exit 0; fi', {"<variable K> != ''"}),
        ('die() { echo $1; exit 1; }; [ -n "$K" ] || die no; sign', set()),
        ('f() { [ -n "$K" ] || return 0; sign; }; f', {"<variable K> != ''"}),
        ('f() { [ -n "$K" ] || return 0; }; f; sign', set()),
        ('([ -n "$K" ] || exit 0); sign', set()),
        ("for i in $ALL; do sign $i; done", {"<variable ALL> != ''"}),
        ("for i in a $ALL; do sign $i; done", set()),
        ("while [ $n -lt 3 ]; do sign; done", {"<variable n> -lt '3'"}),
        ("until sign; do sleep 1; done", set()),
        ("while true; do sign; break; done", set()),
        ("if verify; then exit 0; fi; sign", {"!(verify)"}),
    ],
)
def test_what_is_not_decided_guards_a_command(text: str, expected: set[str]) -> None:
    signing = command(script(text), "sign")
    assert signing.reachable
    assert signing.condition == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[ $REF == refs/tags/* ]] && sign", True),
        ('[ "$REF" = refs/heads/main ] && sign', False),
        ("case $REF in refs/tags/v*) sign;; esac", True),
        ("case $REF in refs/heads/*) sign;; esac", False),
        ('[ -n "$DIGEST" ] && sign', True),
        ('if [ -z "$DIGEST" ]; then sign; fi', False),
        ("exit 0; sign", False),
        ("exec bash other.sh\nsign", False),
        ("if false; then sign; fi", False),
        ("false && sign", False),
        ("sign() { :; }\nif true; then exit; fi\n/usr/bin/sign", False),
        ("echo a\nif x; then\nsign\n", None),
        ("f() { sign; }", None),
        ("# sign", None),
        ("echo sign 'sign' \"sign\"", None),
        ("cat <<EOF\nsign\nEOF", None),
        ("cat <<A <<B\nx\nA\nsign\nB", None),
        (": ' \nsign\n'", None),
        ("export X='\nsign'", None),
    ],
)
def test_what_is_decided_runs_or_does_not(text: str, expected: bool | None) -> None:
    found = script(text, REF=("refs/tags/v", TAG), DIGEST=(DIGEST,))
    runs = [each.reachable for each in found.commands if each.program == "sign"]
    assert runs == ([] if expected is None else [expected])
    assert not any(each.condition for each in found.commands)


# --- what a failure means -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shell", "expected"),
    [
        ("sign\necho", None, True),
        ("sign", "sh", True),
        ("sign\necho", "bash {0}", False),
        ("sign", "bash {0}", True),
        ("sign || true", None, False),
        ("sign || echo failed", None, False),
        ("sign || exit 1", None, True),
        ("sign || { echo failed; exit 2; }", None, True),
        ("sign || exit 0", None, False),
        ("sign || false", None, True),
        ("! sign", None, False),
        ("sign &", None, False),
        ("sign | tee log", None, False),
        ("sign | tee log", "bash", True),
        ("echo y | sign", None, True),
        ("set -o pipefail\nsign | tee log", None, True),
        ("set +e\nsign\necho", None, False),
        ("set +e; sign", None, True),
        ("set +e; set -e; sign; echo", None, True),
        ("sign && echo", None, True),
        ("sign && echo; echo", None, False),
        ("echo && sign; echo", None, True),
        ("if sign; then echo; fi", None, False),
        ("if ! sign; then exit 1; fi", None, True),
        ("if sign; then echo; else exit 1; fi", None, True),
        ("while sign; do echo; done", None, False),
        ("until sign; do sleep 1; done", None, True),
        ("for i in 1 2; do sign && break; sleep 1; done", None, False),
        ("(sign)", None, True),
        ("(sign) || true", None, False),
        ("(sign; echo); echo", None, True),
        ("{ sign; echo; } || true", None, False),
        ("X=$(sign); echo", None, True),
        ("echo $(sign)", None, False),
        ("export X=$(sign)", None, False),
        ("f() { local x=$(sign); echo; }; f", None, False),
        ("X=$(sign; echo)", None, False),
        ("f() { sign; echo; }\nf", None, True),
        ("f() { sign; echo; }\nf || true", None, False),
        ("f() { sign || return 1; }\nf", None, True),
        ("cat <(sign)", None, False),
        ("bash -c 'sign; echo'", None, False),
        ("bash -c 'sign'", None, True),
        ("bash -ec 'sign; echo'", None, True),
        ("sudo sign", None, True),
        ("time sign", None, True),
        ("exec sign", "bash {0}", True),
        ("eval 'sign; echo'", None, True),
        ("sign; exit 0", "bash {0}", False),
    ],
)
def test_a_failure_fails_the_script_or_does_not(text: str, shell: str | None, expected: bool) -> None:
    assert command(script(text, shell), "sign").fatal is expected


# --- values ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("$IMAGE@$DIGEST", ("ghcr.io/a/b@", DIGEST)),
        ("${REF#refs/tags/}", ("v", TAG)),
        ("${REF#refs/heads/}", ("refs/tags/v", TAG)),
        ("${FULL%@*}", ("ghcr.io/a/b:1",)),
        ("${FULL##*@}", (DIGEST,)),
        ("${FULL%%:*}", ("ghcr.io/a/b",)),
        ("${DIGEST,,}", (DIGEST,)),
        ("${DIGEST:-none}", (DIGEST,)),
        ("${OTHER}", (Symbol("variable", "OTHER"),)),
        ("${OTHER:-}", (Symbol("variable", "OTHER"),)),
        ("${OTHER:?needed}", (Symbol("variable", "OTHER"),)),
        ("${REF##*/}", (Symbol("shell", "'refs/tags/v<tag release>'##'*/'"),)),
        ("$(cat file)", (Symbol("file", "file"),)),
        ("$(<file)", (Symbol("file", "file"),)),
        ("$(echo $DIGEST)", (DIGEST,)),
        ("$(printf '%s@%s' a $DIGEST)", ("a@", DIGEST)),
    ],
)
def test_a_word_is_known_as_far_as_its_parts_are(word: str, expected: Value) -> None:
    full: Value = ("ghcr.io/a/b:1@", DIGEST)
    found = script(f"sign {word}", REF=("refs/tags/v", TAG), DIGEST=(DIGEST,), IMAGE="ghcr.io/a/b", FULL=full)
    assert command(found, "sign").arguments == (expected,)


def test_a_symbol_in_the_text_is_a_letter_of_its_word() -> None:
    found = script(("sign 'a b'@", DIGEST, ' "', TAG, '" # ', DIGEST, "\necho '", TAG, "'"))
    assert command(found, "sign").arguments == (("a b@", DIGEST), (TAG,))
    assert command(found, "echo").arguments == ((TAG,),)


def test_characters_that_stand_for_symbols_cannot_be_forged() -> None:
    found = script(("sign \ue000 ", DIGEST))
    assert command(found, "sign").arguments == (("\ufffd",), (DIGEST,))


def test_the_output_of_a_command_leads_back_to_it() -> None:
    found = script('DIGEST=$(crane digest "$IMAGE")\nsign $IMAGE@$DIGEST', IMAGE="img:1")
    name, symbol = command(found, "sign").arguments[0]
    assert name == "img:1@"
    assert isinstance(symbol, Symbol)
    assert line(found.substitutions[symbol]) == "crane digest img:1"
    assert found.substitutions[symbol].substitution


def test_a_digest_that_is_looked_up_again_is_another_value() -> None:
    found = script("A=$(crane digest x)\nB=$(crane digest x)")
    assert found.variables["A"] != found.variables["B"]


def test_a_pipeline_hands_over_what_is_printed() -> None:
    found = script('echo "$DIGEST" | cosign import -', DIGEST=(DIGEST,))
    first, second = found.commands
    assert (first.pipe_to, second.pipe_from, second.stdin) == (1, 0, (DIGEST, "\n"))


def test_a_file_carries_what_was_written_to_it() -> None:
    found = script("crane digest x > d.txt\nsign a@$(cat d.txt)")
    symbol = command(found, "sign").arguments[0][1]
    assert isinstance(symbol, Symbol)
    assert line(found.substitutions[symbol]) == "crane digest x"


def test_a_value_that_depends_on_a_condition_is_one_of_several() -> None:
    found = script('X=a\nif [ -n "$Q" ]; then X=b; fi\nsign $X')
    assert command(found, "sign").arguments == ((Symbol("unknown", "'a' or 'b'"),),)


def test_a_value_that_a_command_decides_is_its_answer() -> None:
    assert command(script("X=a\nif q; then X=b; fi\nsign $X"), "sign").arguments == ((Symbol("answer", "0:b:a"),),)
    assert command(script("X=a\nq || X=b\nsign $X"), "sign").arguments == ((Symbol("answer", "0:a:b"),),)
    assert command(script("X=a\nif q; then X=$Y; fi\nsign $X"), "sign").arguments[0][0].kind == "unknown"  # type: ignore[union-attr]


def test_a_value_that_a_loop_changes_is_not_that_of_the_first_turn() -> None:
    found = script("X=a\nwhile q; do sign $X; X=b; done")
    assert literal(command(found, "sign").arguments[0]) is None


@pytest.mark.parametrize(
    "counted",
    [
        "n=0; for f in dist/*; do n=$((n+1)); done",
        "n=0; for f in dist/*; do n=$((n+1)); [ -s $f ] || exit 1; done",
        "n=1; for f in dist/*; do ((n++)); done",
        "n=1; for f in $(ls dist); do ((n++)); done",
        "a=(); for f in dist/*; do a+=($f); done; n=${#a[@]}",
        "a=(x); for f in dist/*; do a+=($(cat $f)); done; n=${#a[@]}",
        "a=(dist/*); n=${#a[@]}",
        "a=(); a+=(dist/*); n=${#a[@]}",
        "set -- dist/*; n=$#",
    ],
)
def test_how_many_files_a_pattern_fits_only_a_run_knows(counted: str) -> None:
    for asked in ("[ $n -gt 2 ] || exit 0", "[ $n -lt 3 ] || exit 0"):
        signing = command(script(f"{counted}\n{asked}\nsign"), "sign")
        assert signing.reachable
        assert signing.condition


@pytest.mark.parametrize(
    "text",
    [
        "s=a; for f in dist/*; do if [ $s = a ]; then s=b; continue; fi; sign $f; done",
        's=; for f in dist/*; do if [ -n "$s" ]; then sign $f; fi; s=$f; done',
        'a=(dist/*)\n[ -n "${a[1]}" ] && sign',
        'a=(); for f in dist/*; do a+=($f); done\n[ -n "${a[1]}" ] && sign',
        'set -- dist/*\n[ -n "$2" ] && sign',
    ],
)
def test_there_may_be_a_second_file(text: str) -> None:
    assert command(script(text), "sign").reachable


# --- the runner's files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        'echo "k=$D" >> "$GITHUB_OUTPUT"',
        "echo k=$D >> $GITHUB_OUTPUT",
        'echo "k=$D" >> ${GITHUB_OUTPUT}',
        'printf "k=%s\\n" "$D" >> "$GITHUB_OUTPUT"',
        'printf "k=$D" >> "$GITHUB_OUTPUT"',
        'echo "k=$D" | tee -a "$GITHUB_OUTPUT"',
        '{ echo j=1; echo "k=$D"; } >> "$GITHUB_OUTPUT"',
        '(echo "k=$D") >> $GITHUB_OUTPUT',
        "cat >> $GITHUB_OUTPUT <<EOF\nk=$D\nEOF",
        'cat <<EOF >> "$GITHUB_OUTPUT"\nj=1\nk=$D\nEOF',
        "echo 'k<<E' >> $GITHUB_OUTPUT; echo $D >> $GITHUB_OUTPUT; echo E >> $GITHUB_OUTPUT",
        "{ echo 'k<<E'; echo $D; echo E; } >> $GITHUB_OUTPUT",
        "echo k=x >> $GITHUB_OUTPUT; echo k=$D >> $GITHUB_OUTPUT",
        'f() { echo "$1=$2" >> $GITHUB_OUTPUT; }; f k $D',
        "if true; then echo k=$D; fi >> $GITHUB_OUTPUT",
        "O=$GITHUB_OUTPUT; echo k=$D >> $O",
        "for i in k; do echo $i=$D; done >> $GITHUB_OUTPUT",
        'echo "::set-output name=k::$D"',
        "echo k=$D > f; cat f >> $GITHUB_OUTPUT",
        "bash -c 'echo k=$D >> $GITHUB_OUTPUT'",
        "echo k=$D 1>> $GITHUB_OUTPUT 2>&1",
        "k=$D; echo k=$k >> $GITHUB_OUTPUT",
        'if [ -n "$D" ]; then echo k=$D >> $GITHUB_OUTPUT; else exit 1; fi',
        "sudo tee -a $GITHUB_OUTPUT <<< k=$D",
    ],
)
def test_an_output_is_followed_however_it_is_written(text: str) -> None:
    assert script(text, D=(DIGEST,)).outputs["k"] == (DIGEST,)


@pytest.mark.parametrize(
    "text",
    [
        "echo k=$D",
        "echo k=$D >> $GITHUB_ENV",
        "echo k=$D >&2 >> /dev/null",
        "exit 0; echo k=$D >> $GITHUB_OUTPUT",
        "echo k=$D >> $GITHUB_OUTPUT; echo j=1 > $GITHUB_OUTPUT",
        "false && echo k=$D >> $GITHUB_OUTPUT",
        "echo 'echo k=1 >> $GITHUB_OUTPUT'",
    ],
)
def test_what_does_not_reach_the_outputs_is_none(text: str) -> None:
    assert "k" not in script(text, D=(DIGEST,)).outputs


def test_a_conditional_output_may_be_missing() -> None:
    assert script("if q; then echo k=1 >> $GITHUB_OUTPUT; fi").outputs["k"] == (Symbol("unknown", "'1' or unset"),)


def test_the_environment_the_path_and_the_summary_are_kept_apart() -> None:
    found = script(
        "echo A=1 >> $GITHUB_ENV; echo /x/bin >> $GITHUB_PATH; echo '# Hi' >> $GITHUB_STEP_SUMMARY; export B=2; C=3"
    )
    assert (found.environment, found.outputs) == ({"A": ("1",)}, {})
    assert (found.path, found.summary) == ((("/x/bin",),), ("# Hi\n",))
    assert found.variables["B"] == ("2",)
    assert {"B", "C"} & found.exported == {"B"}


def test_the_context_names_the_files_too() -> None:
    found = script(("echo A=1 >> ", Symbol("unknown", "github.env")))
    assert found.environment == {"A": ("1",)}


# --- what cannot be followed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('eval "$X"', "eval"),
        ('bash -c "$X"', "eval"),
        ("source env.sh", "source"),
        (". ./env.sh", "source"),
        ("./run.sh a", "script"),
        ("bash run.sh", "script"),
        ("sh -e run.sh", "script"),
        ("$X sign", "dynamic"),
        ('"${X}"', "dynamic"),
        ("curl x | bash", "stdin"),
        ("ls | xargs sign", "xargs"),
        ("trap 'exit $X' EXIT", "trap"),
        ("echo 'a", "syntax"),
        ("jq -r . x >> $GITHUB_OUTPUT", "output"),
        ("ssh host 'sign'", "eval"),
        ("coproc sign", "dynamic"),
        ("f() { f; }; f", "dynamic"),
    ],
)
def test_what_cannot_be_followed_is_said(text: str, reason: str) -> None:
    assert reason in {each.reason for each in script(text).opaque}


def test_what_stands_after_a_syntax_error_does_not_run() -> None:
    found = script("sign\nif x; then\n")
    assert [line(each) for each in found.commands] == ["sign"]
    assert found.fails


@pytest.mark.parametrize(
    "text",
    [
        "bash -c 'sign a'",
        'sh -c "sign $X"',
        "eval sign a",
        "bash <<'E'\nsign a\nE",
        "echo 'sign a' | sh",
        "env -i sign a",
    ],
)
def test_a_literal_script_in_the_script_is_followed(text: str) -> None:
    found = script(text, X="a")
    assert command(found, "sign").arguments == (("a",),)
    assert not found.opaque


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("sudo -E cosign x", "cosign"),
        ("sudo -u me A=b cosign x", "cosign"),
        ("env -u Q A=b cosign x", "cosign"),
        ("A=b cosign x", "cosign"),
        ("timeout -k 5 5m cosign x", "cosign"),
        ("nice -n 5 nohup cosign x", "cosign"),
        ("exec cosign x", "cosign"),
        ("command cosign x", "cosign"),
        ("command -v cosign", "command"),
        ("/usr/local/bin/cosign x", "cosign"),
        ("$HOME/bin/cosign x", "cosign"),
        ("./cosign x", "./cosign"),
        ("bin/cosign x", "bin/cosign"),
        ("$TOOL x", None),
        ("'cosign' x", "cosign"),
        ("co\\sign x", "cosign"),
        ('"cos"ign x', "cosign"),
    ],
)
def test_a_program_is_named_without_its_wrappers(text: str, program: str | None) -> None:
    assert script(text).commands[-1].program == program


def test_a_command_knows_where_it_stands() -> None:
    found = script("\n  a &&\n    b \\\n      c; d")
    assert [(each.program, each.line, each.column) for each in found.commands] == [
        ("a", 1, 2),
        ("b", 2, 4),
        ("d", 3, 9),
    ]


@pytest.mark.parametrize("shell", ["pwsh", "python", "cmd", "python {0}"])
def test_other_shells_are_left_to_others(shell: str) -> None:
    with pytest.raises(Unfollowable):
        script("a", shell)


# --- hostile scripts ------------------------------------------------------------------------------------

HOSTILE = {
    "parentheses": "(" * 200_000,
    "substitutions": "$(" * 100_000,
    "backquotes": "`" * 200_000,
    "braces": "${x:-" * 20_000,
    "conjunctions": "a && " * 40_000 + "b",
    "pipes": "a | " * 40_000 + "b",
    "arithmetic": "$((" * 60_000,
    "doubling": "x=a;" + "x=$x$x;" * 300,
    "loops": "for a in {1..60}; do " * 10 + "p;" + "done;" * 10,
    "functions": "f() { f; f; }; f",
    "quotes": "'" * 200_001,
    "guards": "if q; then [ $x ] && exit 0; fi;" * 1_500,
    "cases": "case $x in " + "a) b;; " * 5_000 + "esac",
    "stars": f"x={'a' * 60_000}; p ${{x##*b*b*b*b}}",
    "choices": "p " + "{a,b}" * 60,
    "tests": "[[ " + "( " * 50_000 + "a ]]",
    "large": "a" * 300_000,
    "here": "$(cat <<E\n" * 1_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_script_is_followed_or_refused_in_time(text: str) -> None:
    start = time.process_time()
    with contextlib.suppress(Unfollowable):
        script(text)
    assert time.process_time() - start < 10


FRAGMENTS = [
    "if ",
    "then ",
    "fi",
    "for x in ",
    "do ",
    "done",
    "while ",
    "case ",
    "esac",
    ";",
    ";;",
    "&&",
    "||",
    "|",
    "&",
    "(",
    ")",
    "{ ",
    "}",
    "$(",
    "`",
    "'",
    '"',
    "$x",
    "${x",
    "${#",
    "//",
    "%%",
    "<<E\n",
    "E\n",
    "<<<",
    ">",
    ">>",
    "<(",
    "a ",
    "x=",
    "A=(",
    "[[ ",
    "]]",
    "[ ",
    " ]",
    "\\",
    "\n",
    "#",
    "$((",
    "))",
    "f()",
    "!",
    "echo ",
    "eval ",
    "bash -c ",
    "exit 1",
    "set -e",
    "\ue000",
    "\0",
    "{a,b}",
    "*",
    "?",
    "@(",
    "$@",
    "local ",
    "=~",
    "$GITHUB_OUTPUT",
    "read x",
    "printf %s",
    "break",
    "shift",
    "exec ",
]


@settings(max_examples=300, deadline=2_000)
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(FRAGMENTS), max_size=60).map("".join)))
def test_no_text_breaks_it(text: str) -> None:
    with contextlib.suppress(Unfollowable):
        script(text, x="a b", y=(DIGEST,))


def test_a_file_that_says_what_the_machine_is_sets_variables_and_does_nothing_else() -> None:
    for path in "/etc/os-release", "/usr/lib/os-release", "/etc/lsb-release":
        found = script(f'grep -q ID {path}\nVERSION=1 NAME=shop\n. {path}\np "$VERSION" "$OWN" "$NAME"', OWN="mine")
        assert not found.opaque
        assert line(command(found, "p")) == f"p <unknown VERSION of {path}> mine <unknown NAME of {path}>"
        assert command(found, "p").reachable
    for text in (
        "echo 'p' > /etc/os-release\n. /etc/os-release", "cp x.sh /etc/os-release\n. /etc/os-release",
        "curl -o /etc/os-release https://acme.com\n. /etc/os-release", ". /etc/profile", ". /tmp/os-release",
        "p | sudo tee /etc/os-release\nsource /etc/os-release", ". /etc/../tmp/os-release",
    ):  # fmt: skip
        assert script(text).opaque or command(script(text), "p")
