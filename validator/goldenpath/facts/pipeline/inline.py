"""Scripts in other languages that surely do nothing to a release: what they say is all that they are allowed to say.

Nobody follows these languages, so this is no reading of them: a script counts as harmless only where each of its words
is one that does no harm, wherever it stands. Everything else stays unseen.
"""

from __future__ import annotations

import re
from functools import lru_cache

from goldenpath.facts.regexes import regex

_EXPRESSION = regex(r"\$\{\{[^{}]{0,400}\}\}")

# JavaScript, as `actions/github-script` runs it

_READS = r"(?:get|list|compare|check)\w*"
_HARMLESS = regex(
    r"\b(?:github|octokit)(?:\.rest)?\.(?:(?:issues|checks|reactions|search|projects)\.\w+|pulls\.(?!merge|updateBranch)\w+"
    rf"|(?:git|orgs|teams|packages|users)\.{_READS}|git\.deleteRef|actions\.(?:{_READS}|(?:download|cancel|delete)\w*)"
    rf"|repos\.(?:{_READS}|download\w*|createCommitStatus|createCommitComment))\b"
    r"|\bgithub\.paginate(?:\.iterator)?\(\s*(?=(?:github|octokit)(?:\.rest)?\.\w+\.list)"
    r"|\bgithub\.graphql\(\s*(?P<quote>[`'\"])\s*(?:query\b|\{)(?:(?!mutation|(?P=quote))[^\\$]|\$(?!\{))*(?P=quote)\s*[,)]"
    r"|\bprocess\.env\.\w+\b|\bcontext\.\w+"
    r"|\brequire\(['\"](?:node:)?(?:path|os|crypto|util|url)['\"]\)"
    r"|\b(?:const|let|var) fs = require\(['\"](?:node:)?fs['\"]\)|\bfs\.(?:read|exists|stat)\w*\b"
    r"|\b(?:const|let|var) https = require\(['\"](?:node:)?https['\"]\)|\bhttps\.get\b|\bhttps?://[\w./-]*|\.github/"
)
"""What a script may ask of GitHub, which is to say something or to be told something; and of the machine, to read."""
_REACHES_FURTHER = regex(
    r"\b(import|mutation)\b|\b(github|getOctokit|octokit|require|eval|Function|constructor|process|global|globalThis|fetch|exec"
    r"|io|glob|exportVariable|addPath|arguments|Reflect|Proxy|WebAssembly|fs|https?)\b(?! {1,8}(?!in|of)[A-Za-z])"
    r"|__original_require__|\\[ux]"
    r"|\]\s*[(`]|\[[^\]\n]{0,200}['\"`]\s*\+|\+\s{0,20}['\"`][^\[\n]{0,200}\]"
)
"""Words by which it could reach anything else, and names that are put together, or called as they are worked out.

No program has a name right before another word, unless that is `in`, `instanceof` or `of`: there it is but prose.
"""

_COMMENT = regex(r"(?<!\\\n)(?m:^)[ \t]*//(?:(?!\*/|\$\{|`)[^\n])*(?m:$)")
"""A line that is a comment, wherever it stands: neither the end of a longer comment, nor a part of a text."""


@lru_cache(maxsize=64)
def is_harmless_javascript(script: str) -> bool:
    """Whether a script only reads, and comments on, what is on GitHub; a pull request that it merges would be more."""
    said = _COMMENT.sub("", _EXPRESSION.sub("0", script))
    return _REACHES_FURTHER.search(_HARMLESS.sub(" ", said)) is None


_WORD = r"'[^'\\\n]*'"
_RUNS = regex(
    rf"\s*await exec\.exec\(\s*'(?P<program>[\w./@-]+)'\s*"
    rf"(?:,\s*\[\s*(?:(?P<words>{_WORD}\s*(?:,\s*{_WORD}\s*)*)(?:,\s*)?)?\]\s*)?\);?\s*"
)


def commands_of_javascript(script: str) -> str:
    """What a script runs that does nothing but to run programs with plain words, line by line as bash has it.

    Each has to succeed before the next one is run. Empty for any other script.
    """
    lines = _COMMENT.sub("", script).splitlines()
    found = [_RUNS.fullmatch(line) for line in lines]
    others = [line for line, run in zip(lines, found, strict=True) if run is None and line.strip()]
    if "${{" in script or others or not any(found):
        return ""
    return "\n".join(" ".join([run["program"], *re.findall(_WORD, run["words"] or "")]) if run else "" for run in found)


_JSON = r"['\"](?:\./|\.\./|/)[\w./-]*\.json['\"]"
_FILE = r"['\"][\w./-]+['\"](?:, ?(?:['\"]utf-?8['\"]|0))?"
_KEY = r"(?:\??\.[A-Za-z_]\w*|\[['\"][\w./@:-]+['\"]\]|\[\d+\])"
_READS_JSON = regex(
    rf"\s*(?:console\.log\()?\s*(?:require\({_JSON}\)"
    rf"|JSON\.parse\((?:require\(['\"](?:node:)?fs['\"]\)|fs)\.readFileSync\({_FILE}\)(?:\.toString\(\))?\)){_KEY}*\s*\)?\s*;?\s*"
)
"""What a line for `node -p` looks up in a file of JSON, and tells."""


def only_reads_json(script: str) -> bool:
    """Whether a program for Node.js does no more than to tell what a key of a file of JSON says."""
    return _READS_JSON.fullmatch(script) is not None


# PowerShell

_TELLS = regex(
    r"\s*(?:(?:write-(?:host|output|verbose|warning|information|debug)|echo|get-date|get-location|start-sleep)\b[\w\s$:.,/=+-]*)?",
    re.IGNORECASE,
)
"""A line that tells something, once its texts are taken out."""
_TEXT = regex(r"'[^'\n]*'|\"(?:[^\"$`\n]|\$(?![({]))*\"")
_REMARK = regex(r"(?:^|\s)#.*")


def is_harmless_powershell(script: str) -> bool:
    """Whether a script only tells something."""
    lines = _TEXT.sub(" ", _EXPRESSION.sub("0", script)).splitlines()
    return all(_TELLS.fullmatch(_REMARK.sub("", line)) for line in lines)
