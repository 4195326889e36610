"""What a program surely does not do that is written in a language which nobody follows: what it does not speak of.

Words prove nothing: a program that speaks of signing may sign, or not. But one that does not speak of it, in whatever
file of the repository it leads to, signs nothing. What it leads to outside of the repository it has to name, too; and
what it imports from elsewhere has to be known for doing nothing of the kind (modules.yaml).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import pairwise
from sys import stdlib_module_names
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

from goldenpath.facts.confined import EXPRESSION, confined, runs_an_expression
from goldenpath.facts.pipeline.runs import ANYTHING
from goldenpath.facts.pipeline.tables import has_a_release, known_command, words_in
from goldenpath.facts.python import as_it_stands, imported, parsed
from goldenpath.facts.regexes import regex
from goldenpath.facts.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.tree import Tree

MAX_FILES = 40
"""Most files that a program leads to; one with more may do anything."""

MAX_CHARACTERS = 400_000
"""Most characters of them all, likewise."""

MAX_GO_FILES = 2_000
"""Most files of Go in which directives are looked for."""

_GO_FILES = regex(r"(?!(.*/)?(vendor|testdata)/).+\.go")
_DIRECTIVE = regex(r"(?m)^//go:generate[ \t]+([^\r\n]+)")

_SPEAKS = {
    "sign": regex(
        r"(?<!as)(?<!de)(?<!con)sign(?!al|ific|post)|attest|sigstore|notation|provenance|in-toto|slsa|publish"
        r"|\brelease-|-release\b",
        re.IGNORECASE,
    ),
    "describe": regex(r"sbom|cyclonedx|spdx|syft|cdxgen|bill.?of.?material", re.IGNORECASE),
    "verify": regex(r"verif|attest|cosign|slsa|in-toto", re.IGNORECASE),
    "scan": regex(r"scan|audit|trivy|grype|snyk|vuln|osv|\bcves?\b|dependency.?check", re.IGNORECASE),
    "test": regex(
        r"(?<!la)(?<!at)(?<!fas)(?<!grea)test|rspec|\bspecs?\b|jest|mocha|\bt(ox|ap)\b|\bnox\b", re.IGNORECASE
    ),
}
"""By what words a program tells that it may do something; what publishes may attest by itself."""

_REACHES_OUT = regex(
    r"https?\b(?!://)|fetch|request|websocket|eventsource|beacon|socket|\b(net|tls|dgram|ssl)\b|undici|axios|\bgot\b|octokit"
    r"|github(?![_.]|(?<=\.github)/|(?:env|output|path|ref|sha|workspace)\b)|gitlab|\bgit\b|urllib|ftp|smtp|imap|poplib"
    r"|telnet|nntp|xmlrpc|asyncio|multiprocessing|ctypes|boto|docker"
    r"|publish|deploy|upload|\bpush\b(?!\()|popen|runpy|__import__|dlopen|\bbinding\b|\bbun\b|\bdeno\b",
    re.IGNORECASE,
)
"""By what words a program in JavaScript or Python, of modules that are known, may reach beyond the machine."""

_FILE = regex(
    r"(?<![\w./\\-])[\w./\\-]{0,200}[\w-]\.(?:sh|bash|ps1|psm1|bat|cmd|exe|py|rb|rake|[cm]?[jt]s|pl|php|groovy|kts?|gradle)\b"
)
_IMPORT = regex(r"(?m:^[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*))")
_BESIDE = regex(r"(?m:^[ \t]*from[ \t]*\.)")
"""How a program in Python imports what stands in its own package."""
_PACKAGE = regex(r"(?:\brequire\(|\bimport\(|\bfrom|\bimport)\s*['\"](?!node:)((?:@[\w.-]+/)?[A-Za-z][\w./-]*)['\"]")
_RELATIVE = regex(r"(?:require|require_relative|import|from)\b[ (]*['\"](\.{0,2}/?[\w./-]+)['\"]")
_LOADS = regex(r"\b(?:import|require)\s*\((?!\s*['\"])|\b(?:vm|Worker|Function|createRequire|register|loadEnvFile)\b")
"""How a program in JavaScript runs another whose name it puts together."""
_ENDINGS = ("", ".js", ".mjs", ".cjs", ".ts", ".rb", ".json")
_LEADS = {
    "make": ("Makefile", "makefile", "GNUmakefile"),
    "npm": ("package.json",),
    "pnpm": ("package.json",),
    "yarn": ("package.json",),
    "rake": ("Rakefile",),
    "tox": ("tox.ini", "pyproject.toml"),
    "nox": ("noxfile.py",),
    "just": ("justfile",),
    "gradlew": ("build.gradle", "build.gradle.kts"),
    "mvn": ("pom.xml",),
}
"""Programs that run what is said in files of these names."""
_LEADING = regex(r"(?<![\w.-])(" + "|".join(_LEADS) + r")(?![\w-])")


_RUNS_OTHERS = regex(
    r"subprocess|os\.(system|popen|exec|spawn)|child_process|execa|spawn|shelljs|\bzx\b|Open3|\bsystem\b|%x|\bexec\w*\(|\beval\b"
    r"|Runtime\.|\bsh\b|proc_open|importlib|entry_point"
)
"""How programs run others, of which their words may not tell what they do."""
_BY_NAME = regex(
    r"\b(?:getattr|setattr|vars|globals|locals|methodcaller|attrgetter|getDOMImplementation|getmembers|get_field|make_parser|singledispatch\w*"
    r"|__(?:builtins|closure|code|dict|getattribute|globals|import|loader|reduce|reduce_ex|self|spec|subclasses)__"
    r"|f_(?:builtins|globals|locals)|bltns|breakpoint|create_parser|exec(?:[lv]p?e?)?|popen|startfile"
    r"|C?(?:Unsafe)?(?:Loader|Constructor)(?!\s*=)|ForwardRef|get_type_hints|unsafe_load\w*|read_pickle|allow_pickle|_get_command_stdout|(?:dict|file)Config)\b"
    r"|(?<![\w.])(?:compile|help)\("
)
"""How a program in Python runs what it gets by a name that it puts together, or that stands in other files."""
_RUNS_BY_SIGN = regex(r"`|\b(?:qx|exec)\b|\|-?['\"]")
"""The same in Perl and Ruby."""

_COMMENT = regex(r"<#(?:[^#]|#(?!>))*(?:#>|\Z)|#[^\n]*")
_HERE_STRING = regex(r"@[\"'][ \t]*\r?$", re.MULTILINE)
_LINES_OF_REMARKS = regex(r"^[ \t]*(?:<#(?:[^#]|#(?!>))*#>|#[^\n]*)", re.MULTILINE)
_JAVASCRIPT = (".js", ".mjs", ".cjs", ".ts")
_REMARK = {
    "JavaScript": regex(r"[ \t]*//[^\r\u2028\u2029]*\r?"),
    "Python": regex(r"[ \t]*#(?!!)[^\r]*\r?"),
    "Gradle": regex(r"[ \t]*//[^\r]*\r?"),
}
_GOES_ON = {
    "JavaScript": regex(r".*`.*|.*/\*.*|.*\\"),
    "Python": regex(r".*(\"\"\"|''').*|.*\\\r?"),
    "Gradle": regex(r".*(\"\"\"|'''|/\*|\$/|= */).*|.*\\\r?"),
}
"""A line after which one that begins like a comment may be a part of a text, or the end of a comment."""
_FUNCTION = regex(r"(?i)\bfunction[ \t]+([\w:-]+)")
_QUOTED = regex(r"(?<!& )(?<!&)(\"[^\"\n]*\"|'[^'\n]*')")
_CALLED = regex(r"(?m)(?:^|[;|&]|(?<!\$)[{(])[ \t]*(?:&[ \t]*)?([A-Za-z][\w.-]*)(?![\w.-]|[ \t]*=)")
_BY_PLUGIN = regex(r"(?<![\w./$-])(dotnet|cargo)[ \t]+([A-Za-z][\w-]*)")
"""Programs that run whatever they find under the name of a command of theirs."""
_RUNNERS = frozenset({"exec", "run", "script", "watch", "xtask"})
"""Commands of theirs that run a program of the repository."""
_BY_TEXT = regex(r"&[ \t]*[\"']")
_CMDLET = regex(
    r"(add|clear|close|compare|convert|convertfrom|convertto|copy|expand|export|find|foreach|format|get|group|join|measure|move"
    r"|new|out|pop|push|read|remove|rename|resolve|select|set|sort|split|tee|test|wait|where|write)-[a-z]+"
)
"""What PowerShell itself brings, by its verbs; those that run what they are given are not among them."""
_KEYWORDS = frozenset({
    "begin", "break", "catch", "class", "continue", "do", "else", "elseif", "end", "enum", "exit", "finally", "for",
    "foreach", "from", "function", "if", "in", "param", "process", "return", "switch", "throw", "trap", "try", "until",
    "using", "while",
})  # fmt: skip
"""What PowerShell reads as no command."""

_BY_GRADLE = {
    "sign": regex(r"sigstore|cosign|attest|in-toto|slsa", re.IGNORECASE),
    "describe": regex(r"cyclonedx|spdx|sbom", re.IGNORECASE),
    "verify": regex(r"cosign|attest|in-toto|slsa", re.IGNORECASE),
    "scan": regex(r"dependency-?check|owasp|trivy|grype|snyk|osv|vuln", re.IGNORECASE),
    "test": regex(r"(dependsOn|finalizedBy)\b.{0,80}(test|check)", re.IGNORECASE),
}
"""The same of Gradle's build files: the plugin `signing` signs with PGP, `publishing` publishes what is built."""

_BLOCK = r"\{[^{}]*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}[^{}]*)*\}"
_OF_TESTERS = regex(
    r"\b(?:build|check|test\w*|\w+Test|(?:jacoco|kover|sonar)\w*)\b['\")]{0,3}\s*"
    rf"(?:{_BLOCK}|\.\s*(?:dependsOn|finalizedBy)[^\n]*)"
)
"""What is said of tasks that test by themselves, or are there for what has been tested."""

_BUILD_FILES = regex(
    r"(.*/)?[^/]+\.(gradle(\.kts)?|versions\.toml)|(.*/)?(buildSrc|build-logic)/.*\.(kts?|groovy|java)"
)
_REASON = regex(r"\bbecause\b[ (]{0,8}(?:\"[^\"$\n]*\"|'[^'\n]*')")
_DECLARED = regex(r"\b(?:task|register|create)(?:<\w+>)?[ (]{1,8}['\"]?(\w+)")
_PLAIN_TASK = regex(
    r"clean|classes|assemble|(shadow|boot|test|sources|javadoc)?[jJ]ar|javadoc|sign\w*|publish\w*|upload\w*|close\w*|dist(Zip|Tar)|install\w*Dist"
    r"|(find|release)\w*Repositor(y|ies)|(git[hH]ub|gitlab)Release|release(Summary|Notes)|jib\w*|dokka\w*|wrapper|dependencies"
)
"""Tasks of which it is known that they run no tests by themselves."""
_TASK_VALUED = frozenset({"-x", "--exclude-task", "-p", "--project-dir", "-b", "-c", "-g", "-I", "--console"})

_OTHER_PLUGINS = regex(r"(?:pluginManagement|buildscript)\b[^}]{0,2000}\bmaven\b", re.DOTALL)
"""Plugins that come from a repository which not everybody has."""

_BY_SBT = _BY_GRADLE | {
    "test": regex(r"\b[tT]est(Only|Quick)?\b[^\n]{0,80}\.value\b|(dependsOn|triggeredBy)\b[^\n]{0,80}([tT]est|check)")
}
"""The same of the files of sbt, whose plugins sign with PGP, too."""
_SBT_FILES = regex(r"(.*/)?[^/]+\.sbt|(.*/)?project/[^/]+\.scala")
_SBT_RESOLVERS = regex(r"(?i)\bresolvers?\b|\bProjectRef\b|\buri\(")
"""How they name plugins and builds that come from elsewhere."""
_PLAIN_OF_SBT = regex(
    r"update|clean|(test:)?compile|publish(Local|M2)?(Signed)?|package(Bin|Src|Doc)?|doc|ci-release"
    r"|sonatype\w*|(scalafmt|scalafix|headerCheck)\w*|githubWorkflow(Check|Generate)"
    r"|tlCiRelease|mimaReportBinaryIssues|stage|dist|reload|evicted|dependency(Tree|List|Graph)|exit|[-+]\S*|[\d.x]+"
)
"""What sbt is asked for that runs no tests by itself; options and versions are among it."""
_PARTS_OF_SBT = regex(r"[\s;]+")
_CHOICES_OF_SBT = regex(r"(?:\bproject|\+\+!?)\s{0,9}(?:<matrix [\w./-]+>|[\w./-]+)")
"""How sbt is told of which project, and for which version of Scala, what follows is asked."""
_INERT_OF_SBT = regex(
    r"\+?(Test/)?test|\+?([\w-]+/)?(update|clean|(test:)?compile|reload|exit|evicted|dependency(Tree|List|Graph)"
    r"|githubWorkflowCheck|(scala(fmt|fix)\w*|header)Check(All)?|mimaReportBinaryIssues|coverage(Report|Aggregate|Off)?"
    r"|(uni)?doc|scalastyle)"
)
"""What sbt is asked for that hands nothing to anybody; `+` before a task is for each version of Scala."""
_SHIPS_UNASKED = regex(
    r"(dependsOn|triggeredBy)\b[^\n]{0,80}([pP]ublish|[pP]ush|[rR]elease)|\b(publish(Signed)?|push)\b[^\n]{0,80}\.value"
)
"""How a build file lets another task publish."""


_DOTNET_FILES = regex(r".+\.(?:\w+proj|props|targets)|(?:.*/)?Directory\.Build\.rsp")
_RUNS_BY_DOTNET = regex(r"(?i)vstest|<(?:exec|calltarget|msbuild|usingtask)\b|[/-]t(?:arget)?:")
"""How a build of .NET runs what is none of its own tasks, or another target than the one it is asked for."""

_WORD = regex(r"[A-Za-z][\w-]*")
_ASIDE = regex(r"(?m)^[ \t]*(#|//).*$")
_BY_INTERFACE = regex(
    r"(?i)create_?(git_?)?release|upload_?release_?asset|upload_?file(obj)?\(|\bput_?object\b"
    r"|\b(requests|httpx|axios|got|session)\.put\(|\bhttp(::|\.)put\b"
    r"|\bmethod['\"]?[ \t]{0,3}[:= ][ \t]{0,3}['\"]?put\b"
    r"|\btwine\.(commands|__main__)|\bsubmit_cran\b|\bpublish-(module|script|psresource)\b"
)
"""How libraries call what makes a release, or sends a file to one, to a bucket, or to a registry of packages."""


@lru_cache(maxsize=64)
def names_a_release(text: str) -> bool:
    """Whether a program names a command of the table that releases, by two of its words at least, or does so itself."""
    said = _ASIDE.sub("", text[:MAX_CHARACTERS])
    if _BY_INTERFACE.search(said):
        return True
    return has_a_release(words_in(said))


class _TooMuch(Exception):  # noqa: N818 - a limit of ours
    """A program leads to more than is looked through, or to what cannot be read."""


@lru_cache(maxsize=64)
def powers_of_confined(tree: Tree, text: str, paths: tuple[str, ...], name: str) -> frozenset[str] | None:
    """What a program in Python could do that can but read, compute and write files; None for any other program.

    It may write what it builds, or an SBOM, and be a test of what it imports; what it is handed adds nothing to that.
    """
    texts = [text] if name.endswith(".py") else []
    waiting, seen, writes = list(paths), set(paths), False
    if not (texts or waiting) or not all(path.endswith(".py") for path in waiting):
        return None
    waiting += _run_before(tree)
    seen.update(waiting)
    while texts or waiting:
        read = texts.pop() if texts else tree.text(waiting.pop())
        found = None if read is None or len(seen) > MAX_FILES else confined(read, _modules()["local"])
        files = None if found is None else _files_of(tree, found.imports)
        if found is None or files is None:
            return None
        writes |= found.writes
        waiting += [path for path in files if path not in seen]
        seen.update(files)
    said = [text, *(tree.text(path) or "" for path in seen)]
    return powers_of_words(said) & ({"build", "describe", "test"} if writes else {"test"})


def _run_before(tree: Tree) -> list[str]:
    """The files that Python runs before any program, wherever a variable says that it may find them."""
    return [*tree.named("sitecustomize.py"), *tree.named("usercustomize.py")]


def _files_of(tree: Tree, modules: Iterable[str]) -> list[str] | None:
    """The files of the repository that may be meant by modules; None where one is neither there nor known."""
    found: list[str] = []
    for module in modules:
        path = module.replace(".", "/")
        files = [
            each
            for end in (f"{path}.py", f"{path}/__init__.py", f"{path.partition('/')[0]}/__init__.py")
            for each in tree.named(end.rpartition("/")[2])
            if each == end or each.endswith(f"/{end}")
        ]
        top, known = module.partition(".")[0], _modules()["local"]
        if not files and not {module, top} & known and not any(each.startswith(f"{module}.") for each in known):
            return None
        found += files
    return found


def powers(tree: Tree, text: str, paths: Iterable[str] = (), name: str = "") -> frozenset[str]:
    """What a program could do: `text` is its own, or how it is called, `paths` are the files that it stands in.

    `name` is what a file with that text would be called, which says in what language it is.
    """
    return _powers(tree, text, tuple(paths), name)


@lru_cache(maxsize=64)
def _powers(tree: Tree, text: str, paths: tuple[str, ...], name: str) -> frozenset[str]:
    """Asked once of each program: the same ones run in job after job."""
    if name.endswith(".py") and EXPRESSION in text and runs_an_expression(text):
        return ANYTHING
    try:
        texts = list(_texts(tree, text, paths, name))
    except _TooMuch:
        return ANYTHING
    stays = _are_scripts(paths or (name,) if name.endswith(".py") else paths)
    return powers_of_words(texts) - ({"ship"} if stays and not any(map(_REACHES_OUT.search, texts)) else set())


def _are_scripts(paths: Iterable[str]) -> bool:
    """Whether a program is in a language in which it says so where it runs others, or reaches beyond the machine."""
    paths = list(paths)
    return bool(paths) and all(path.endswith((*_JAVASCRIPT, ".py")) for path in paths)


def powers_handed(tree: Tree, texts: Iterable[str], paths: Iterable[str]) -> frozenset[str]:
    """What a program could do, besides, by what it is handed: to one that runs no others these are but words."""
    texts = list(texts)
    if _are_scripts(paths):
        return powers_of_words(texts) - {"build", "ship"} if texts else frozenset()
    return powers(tree, "\n".join(texts)) if texts else frozenset()


def powers_of_words(texts: Iterable[str]) -> frozenset[str]:
    """What a program could do that leads to nothing but these texts."""
    return (ANYTHING - _SPEAKS.keys()).union(*map(_spoken_of, texts))


@lru_cache(maxsize=256)
def _spoken_of(text: str) -> frozenset[str]:
    """What a text speaks of: the same programs are run in job after job."""
    return frozenset(power for power, words in _SPEAKS.items() if words.search(text))


def powers_of_gradle(tree: Tree, text: str) -> frozenset[str]:
    """What Gradle could do that is called like this: its plugins and tasks are named in the build files."""
    build = _build_files(tree)
    if not build.declared_here or build.characters + len(text) > MAX_CHARACTERS:
        return ANYTHING
    lacking = {power for power in build.lacking if not _BY_GRADLE[power].search(text)}
    return ANYTHING - (lacking - {"test"} if _runs_a_plugins_task(text, build.tasks) else lacking)


def powers_of_sbt(tree: Tree, words: Iterable[str]) -> frozenset[str]:
    """What sbt could do that is called with these words: its plugins and tasks are named in the build files."""
    texts = _texts_of_sbt(tree)
    if not texts or sum(map(len, texts)) > MAX_CHARACTERS:
        return ANYTHING
    words = [_CHOICES_OF_SBT.sub(" ", word) for word in words]
    parts = [each for word in words for each in _PARTS_OF_SBT.split(word) if each]
    if parts and all(map(_INERT_OF_SBT.fullmatch, parts)) and not any(map(_SHIPS_UNASKED.search, texts)):
        return frozenset()
    asked = [name for each in parts if (name := each.rpartition("/")[2])]
    said = [*texts, " ".join(asked)]
    lacking = {power for power, spoken in _BY_SBT.items() if not any(map(spoken.search, said))}
    return ANYTHING - (lacking if all(map(_PLAIN_OF_SBT.fullmatch, asked)) else lacking - {"test"})


@lru_cache(maxsize=2)
def publishing_by_dotnet(tree: Tree) -> frozenset[str]:
    """What `dotnet publish` could do: it builds, and runs tests only where a file of the build lets it run others."""
    texts = (tree.text(path) or "" for path in tree.fitting(_DOTNET_FILES))
    return ANYTHING - (set() if any(map(_RUNS_BY_DOTNET.search, texts)) else {"test"})


@lru_cache(maxsize=2)
def _texts_of_sbt(tree: Tree) -> list[str]:
    """What the files say by which sbt builds; nothing, where they name others from elsewhere."""
    texts = [tree.text(path) or "" for path in tree.fitting(_SBT_FILES)]
    return [] if any(map(_SBT_RESOLVERS.search, texts)) else texts


class _BuildFiles(NamedTuple):
    """What Gradle's build files say: whether that is all, what they do not speak of, and their tasks."""

    declared_here: bool
    characters: int
    lacking: frozenset[str]
    tasks: frozenset[str]


@lru_cache(maxsize=2)
def _build_files(tree: Tree) -> _BuildFiles:
    """Read once, however often Gradle is called: a large repository has a thousand of them."""
    texts = [_said_to_gradle(tree.text(path) or "") for path in tree.fitting(_BUILD_FILES)]
    characters = sum(map(len, texts))
    if not texts or characters > MAX_CHARACTERS or any(map(_OTHER_PLUGINS.search, texts)):
        return _BuildFiles(declared_here=False, characters=characters, lacking=frozenset(), tasks=frozenset())
    others = [_OF_TESTERS.sub(" ", text) for text in texts]
    lacking = (
        power for power, words in _BY_GRADLE.items() if not any(map(words.search, others if power == "test" else texts))
    )
    tasks = frozenset(name for each in texts for name in _DECLARED.findall(each))
    return _BuildFiles(declared_here=True, characters=characters, lacking=frozenset(lacking), tasks=tasks)


def _said_to_gradle(text: str) -> str:
    """A build file without its remarks, and without the reasons that it gives for a version (`because "…"`)."""
    return _REASON.sub("", _without_remarks(text, "Gradle"))


@lru_cache(maxsize=2)
def directives_of_go(tree: Tree) -> list[tuple[str, list[str]]] | None:
    """The commands that `go generate` may run, each in its folder, as Go files name them; None for too many files.

    `-command` gives a command a name in the rest of its file.
    """
    paths = list(tree.fitting(_GO_FILES))
    if len(paths) > MAX_GO_FILES:
        return None
    found: list[tuple[str, list[str]]] = []
    for path in paths:
        named: dict[str, list[str]] = {}
        for words in filter(None, map(str.split, _DIRECTIVE.findall(tree.text(path) or ""))):
            if words[0] == "-command":
                named[words[1] if len(words) > 1 else ""] = words[2:]
            else:
                found.append((path.rpartition("/")[0], [*named.get(words[0], words[:1]), *words[1:]]))
    return found


def _runs_a_plugins_task(text: str, declared: frozenset[str]) -> bool:
    """Whether Gradle is asked for a task that no build file declares: the plugin that brings it may let it test."""
    asked = (word.rpartition(":")[2] for before, word in pairwise(text.split()) if before not in _TASK_VALUED)
    names = [name for name in asked if name.isidentifier() and not _PLAIN_TASK.fullmatch(name)]
    return not declared.issuperset(names)


def _texts(tree: Tree, text: str, paths: Iterable[str], name: str) -> Iterator[str]:
    """The texts of a program and of all that it leads to."""
    if name.endswith(".py") and not as_it_stands(text):
        raise _TooMuch
    yield text
    waiting, seen, characters = [*paths, *_led(tree, text, name)], set[str](), len(text)
    waiting += _run_before(tree) if any(path.endswith(".py") for path in (name, *waiting)) else []
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        read = tree.text(path)
        characters += len(read or "")
        if read is None or len(seen) > MAX_FILES or characters > MAX_CHARACTERS:
            raise _TooMuch
        found = _part(tree, path, read)
        if found is None:
            raise _TooMuch
        yield found[0]
        waiting += found[1]


@lru_cache(maxsize=64)
def _part(tree: Tree, path: str, read: str) -> tuple[str, tuple[str, ...]] | None:
    """What a file says but for comments, and the files that it leads to: job after job asks for the same ones.

    None where it leads to more than is looked through.
    """
    if path.endswith(".py") and not as_it_stands(read):
        return None
    language = "JavaScript" if path.endswith(_JAVASCRIPT) else "Python" if path.endswith(".py") else ""
    read = _without_remarks(read, language) if language else read
    read = _without_remarks_of_powershell(read) if path.endswith((".ps1", ".psm1")) else read
    try:
        return read, tuple(_led(tree, read, path))
    except _TooMuch:
        return None


def _without_remarks(text: str, language: str) -> str:
    """A program without the lines that surely are but comments: in its head, mostly."""
    lines = text.split("\n")
    kept: list[str] = []
    for at, line in enumerate(lines):
        if _REMARK[language].fullmatch(line):
            continue
        if _GOES_ON[language].fullmatch(line):
            return "\n".join([*kept, *lines[at:]])
        kept.append(line)
    return "\n".join(kept)


def _without_remarks_of_powershell(text: str) -> str:
    """A script of PowerShell without lines that are but comments; as it stands where it has texts of several lines."""
    return text if _HERE_STRING.search(text) else _LINES_OF_REMARKS.sub("", text)


def _led(tree: Tree, text: str, path: str) -> Iterator[str]:
    """The files of the repository to which a text leads. Raises _TooMuch where it leads elsewhere, too."""
    text = normalize("NFKC", text) if path.endswith(".py") else text  # as Python reads names
    if path and (_runs_others_by_name(text) if path.endswith((".ps1", ".psm1")) else _RUNS_OTHERS.search(text)):
        raise _TooMuch
    if path.endswith(".py") and (_BY_NAME.search(text) or _BESIDE.search(text)):
        raise _TooMuch
    if path.endswith((".pl", ".rb")) and _RUNS_BY_SIGN.search(_LINES_OF_REMARKS.sub("", text)):
        raise _TooMuch
    for name in dict.fromkeys(match[0].replace("\\", "/").rpartition("/")[2] for match in _FILE.finditer(text)):
        yield from tree.named(name) if _only_writes(text, path, name) else _there(tree, name)
    for name in dict.fromkeys(name for each in _LEADING.findall(text) for name in _LEADS[each]):
        yield from tree.named(name)
    for name in dict.fromkeys(_RELATIVE.findall(text)):
        last = name.rpartition("/")[2]
        yield from (found for ending in _ENDINGS if last.strip(".") for found in tree.named(f"{last}{ending}"))
    if _imports_others(tree, text, path):
        raise _TooMuch
    for module in dict.fromkeys(_IMPORT.findall(text)):
        if _is_package(tree, module, path):
            raise _TooMuch
        yield from tree.named(f"{module}.py")


@cache
def _modules() -> dict[str, frozenset[str]]:
    return {language: frozenset(names.split()) for language, names in read_table("modules", dict[str, str]).items()}


@lru_cache(maxsize=64)
def _imported_by(text: str) -> frozenset[str]:
    """The modules that a program in Python imports: programs that lead to the same one ask this of it again."""
    module = parsed(text)
    return frozenset(_IMPORT.findall(text)) if module is None else imported(module)


def _imports_others(tree: Tree, text: str, path: str) -> bool:
    """Whether a program in Python or Node.js imports what is neither here, nor the language's, nor known."""
    first = text.partition("\n")[0] if text.startswith("#!") else ""
    if path.endswith(".py") or "python" in first:
        known = _modules()["python"] | (stdlib_module_names - _modules()["running"])
        return any(name not in known and not tree.named(f"{name}.py") for name in _imported_by(text))
    if path.endswith(_JAVASCRIPT) or "node" in first:
        return any(name not in _modules()["node"] for name in _PACKAGE.findall(text))
    return False


def _is_package(tree: Tree, module: str, path: str) -> bool:
    """Whether a module of Python is a folder of the repository, where such programs look for it."""
    folder = path.rpartition("/")[0]
    return any(tree.exists(each) for each in (module, f"src/{module}", f"{folder}/{module}".lstrip("/")))


def _only_writes(text: str, path: str, name: str) -> bool:
    """Whether a program in JavaScript, which runs no others, does not load a file by that name either."""
    if not path.endswith(_JAVASCRIPT) or _LOADS.search(text):
        return False
    stem = name.rpartition(".")[0]
    return not any(each.rpartition("/")[2] in {name, stem} for each in _RELATIVE.findall(text))


def _there(tree: Tree, name: str) -> list[str]:
    found = tree.named(name)
    if not found:
        raise _TooMuch
    return found


def _runs_others_by_name(text: str) -> bool:
    """Whether a script of PowerShell runs what nobody knows: neither a cmdlet, nor a program of the table."""
    text = _QUOTED.sub("''", _COMMENT.sub("", text))
    own = {name.lower() for name in _FUNCTION.findall(text)}
    called = {name.lower() for name in _CALLED.findall(text)} - own - _KEYWORDS
    unknown = (known_command([name])[0] is None for name in called if not _CMDLET.fullmatch(name))
    others = (sub in _RUNNERS or known_command([name, sub])[1] < 2 for name, sub in _BY_PLUGIN.findall(text))
    return _BY_TEXT.search(text) is not None or any(unknown) or any(others)
