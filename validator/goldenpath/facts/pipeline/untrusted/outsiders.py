"""What people without any right to a repository can write or choose, of all that a run sees."""

from __future__ import annotations

import re
from functools import lru_cache

from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, display

_PERSON = r"(author|committer)(\.|\[.)(name|email)"
_WRITTEN = regex(
    r"\bgithub\.(head_ref\b|event\.("
    r"(issue|pull_request|discussion|comment|review|review_comment|milestone)\.(title|body)\b"
    r"|pull_request\.head\.(ref|label|repo\.(default_branch|description|homepage))\b"
    rf"|(workflow_run\.)?head_commit\.(message\b|{_PERSON})"
    rf"|commits(\[[^]]*\]|\.\*)\.(message\b|{_PERSON})"
    r"|workflow_run\.(head_branch|display_title)\b"
    r"|pages(\[[^]]*\]|\.\*)\.page_name\b))"
    r"|\btojson\((github(\.event(\.(issue|pull_request|discussion|comment|review|commits|head_commit))?)?)\)",
    re.IGNORECASE,
)
"""Titles, texts, messages, names of branches: what may hold any sign."""
_ANSWER = regex(r"\b(contains|startswith|endswith)\([^()]*\)|[\w.*\[\]]+ (==|!=) |(==|!=) [\w.*\[\]]+", re.IGNORECASE)
"""Parts of an expression that end as true or false, whatever stands in them."""
_CHOSEN = regex(
    r"\bgithub\.(head_ref\b|event\.("
    r"pull_request\.(head\.(sha|ref|repo\.(full_name|clone_url|html_url|git_url|ssh_url))|merge_commit_sha|(patch|diff)_url)"
    r"|workflow_run\.(head_sha|head_branch|head_commit\.id|head_repository\.full_name|pull_requests)"
    r"|check_(run|suite)\.head_(sha|branch)))|<github head_ref>",
    re.IGNORECASE,
)
"""The commit, the branch or the repository of a proposed change."""
_OF_PULL_REQUEST = regex(r"(refs/|\b)(remotes/)?pull/|\bmerge-requests/")
_OWN = regex(r"github\.event\.(repository\.|pull_request\.base\.|workflow_run\.(repository|workflow)|inputs\.)")
_HEAD = r"github\.event\.(pull_request\.head\.repo|workflow_run\.head_repository)"
_INSIDE = regex(
    rf"<github repository(_owner)?> == {_HEAD}\.(full_name|owner\.login)|{_HEAD}\.(full_name|owner\.login) == '[^']*'"
    rf"|!{_HEAD}\.fork|{_HEAD}\.fork == false"
)
"""Conditions that hold for changes from the repository itself only."""
_MERGED = regex(r"github\.event\.pull_request\.merged( == true)?")
_ACCEPTED = regex(r"github\.event\.pull_request\.(head\.sha|merge_commit_sha)")
"""The commit that was merged, where one was; a branch may be another by then."""


_TEXT = r"github\.event\.(comment|issue|pull_request|review|discussion)\.(body|title)"
_OFFERED = regex(
    rf"(contains|startswith|endswith)\({_TEXT}, *'[^']*'\)|{_TEXT} == '[^']*'"
    r"|github\.event\.issue\.pull_request( != null)?"
    r"|(<github (triggering_)?actor>|github\.event\.(sender|(pull_request|comment|issue)\.user)\.login) != '[^']*'",
    re.IGNORECASE,
)
"""Conditions that anybody meets who writes the right words, comments in the right place, or is not that one."""

_ENDING = regex(r"github\.event\.workflow_run\.(conclusion (==|!=) '(success|failure)'|head_branch (==|!=) '[^']*')")
"""Conditions that a proposal meets which passes its checks, or fails; a fork's branch may be called `main`, too."""


@lru_cache(maxsize=4_000)
def written_by_outsiders(part: str | Symbol) -> str:
    """The name of a text that outsiders write, which a part of a value is or is made of; empty for another."""
    if isinstance(part, str):
        return ""
    if part.kind == "outsider":
        return part.name.rpartition("/")[2]
    if part.kind == "outsiders":
        return part.name.partition("\t")[0]
    if part == Symbol("github", "head_ref"):
        return "github.head_ref"
    found = _WRITTEN.search(_ANSWER.sub("", part.name)) if part.kind in {"unknown", "shell"} else None
    return found[0] if found else ""


_ONE_LINE = regex(
    r"\.(title|ref|label|default_branch|description|homepage|name|email|head_branch|display_title|page_name)\b"
    r"|head_ref\b",
    re.IGNORECASE,
)


def has_lines(part: str | Symbol) -> bool:
    """Whether a text of outsiders may have several lines, as titles and names of branches never do."""
    return isinstance(part, Symbol) and not _ONE_LINE.search(written_by_outsiders(part))


def chosen_by_outsiders(of: Value) -> tuple[str, bool] | None:
    """The part of a value by which outsiders choose files, and whether only a run will know that; None without one."""
    text = display(of)
    found = _CHOSEN.search(text) or _OF_PULL_REQUEST.search(text)
    if found:
        return found[0].strip("<>"), False
    unclear = [each for each in of if isinstance(each, Symbol) and each.kind not in {"github", "secret", "variable"}]
    return next(((each.name, True) for each in unclear if not _OWN.match(each.name)), None)


_ADDRESS = regex(
    r"(--?[\w-]+=)?([\w.-]+(\[[\w,]*\])? *@ *)?"
    r"(git\+|(github|gh|git):|(https?|ssh|git)://|git@|github\.com/|/?repos/"
    r"|<unknown github\.event\.[\w.]*head\w*[._]repo)"
)
"""How an address of a repository, or of what lies in it, begins, behind an option or a name (`shop @ git+https://…`)."""
_OF_FILES = regex(r"raw\.githubusercontent|codeload\.|/(raw|archive|tarball|zipball|contents)/")


def proposed_at(address: Value) -> str:
    """The name by which outsiders choose what an address leads to; empty where they do not, or it is no address."""
    text = display(address)
    found = _ADDRESS.match(text) and (_CHOSEN.search(text) or _OF_PULL_REQUEST.search(text))
    return found[0].strip("<>") if found else ""


def is_of_files(address: Value) -> bool:
    """Whether an address leads to files of a repository, and not to what GitHub says of it."""
    return _OF_FILES.search(display(address)) is not None


def may_be_brought_about(condition: str) -> bool:
    """Whether outsiders can see to it themselves that a condition of a run holds, by what they write or propose."""
    choices = [condition] if "&&" in condition else [each.strip("() ") for each in condition.split(" || ")]
    return any(_OFFERED.fullmatch(each) or _ENDING.fullmatch(each) for each in (condition, *choices))


def keeps_outsiders_out(condition: str, of: str) -> bool:
    """Whether a condition of a run holds for nothing that comes from a fork, or only once it has been merged."""
    accepted = _MERGED.fullmatch(condition) and _ACCEPTED.fullmatch(of)
    return bool(accepted or _INSIDE.fullmatch(condition))


_PROPOSAL = regex(
    r"\bgithub\.(head_ref\b|event\.("
    r"number\b|(pull_request|issue)\.(number|(html_|issue_)?url|node_id|id|head\.ref)\b|issue\.pull_request\.\w+"
    r"|workflow_run\.head_branch\b))|<github head_ref>",
    re.IGNORECASE,
)
"""The number, the address or the branch of the change, or of the comment under it, that has caused a run."""
_SOMEBODY = regex(r"actor\b|\blogin\b|\bauthor|dependabot|renovate|\[bot\]", re.IGNORECASE)


def names_proposal(word: Value) -> str:
    """By what name a word means the very change that outsiders propose; empty where it does not."""
    found = _PROPOSAL.search(display(word))
    return found[0].strip("<>") if found else ""


def is_about_somebody(condition: str) -> bool:
    """Whether a condition of a script asks whose a change is."""
    return _SOMEBODY.search(condition) is not None
