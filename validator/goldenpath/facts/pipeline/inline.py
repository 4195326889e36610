"""Scripts in other languages that surely do nothing to a release: what they say is all that they are allowed to say.

Nobody follows these languages, so this is no reading of them: a script counts as harmless only where each of its words
is one that does no harm, wherever it stands. Everything else stays unseen.
"""

from __future__ import annotations

import re

from goldenpath.facts.regexes import regex

_EXPRESSION = regex(r"\$\{\{[^{}]{0,400}\}\}")

# JavaScript, as `actions/github-script` runs it

_READS = r"(?:get|list|compare)\w*"
_HARMLESS_CALL = regex(
    r"\bgithub\.rest\.(?:(?:issues|pulls|checks|reactions|search|users|projects)\.(?!merge|updateBranch)\w+"
    rf"|(?:actions|git|orgs|teams|packages)\.{_READS}|repos\.(?:{_READS}|createCommitStatus|createCommitComment))\b"
    r"|\bgithub\.paginate(?:\.iterator)?\b|\bprocess\.env\.\w+\b|\bcontext\.\w+"
)
"""What a script may ask of GitHub: to say something, or to be told something."""
_REACHES_FURTHER = regex(
    r"\b(github|getOctokit|octokit|require|import|eval|Function|constructor|process|global|globalThis|fetch|exec|io|glob"
    r"|exportVariable|addPath|Reflect|Proxy|WebAssembly)\b|\\[ux]"
)
"""Words by which it could reach anything else."""


def is_harmless_javascript(script: str) -> bool:
    """Whether a script only reads, and comments on, what is on GitHub; a pull request that it merges would be more."""
    return _REACHES_FURTHER.search(_HARMLESS_CALL.sub(" ", _EXPRESSION.sub("0", script))) is None


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
