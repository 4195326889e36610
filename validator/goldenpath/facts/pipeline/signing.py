"""Whether a program that signs can do so as it is called, wherever it is called from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import Files
from goldenpath.facts.pipeline.effects import lacking, not_handed
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Value, display, literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from goldenpath.facts.pipeline.effects import Effects
    from goldenpath.facts.pipeline.state import JobRun
    from goldenpath.facts.pipeline.tables import CommandKnowledge
    from goldenpath.facts.pipeline.words import Words

NO_BUILD_SIGNATURE = "signs with PGP, which says who holds a key and nothing of the build: that is no build signature"

OF_BUILDS = regex(r"slsaprovenance(02|1)?|https://slsa\.dev/provenance/v[\d.]+")
"""The kinds of attestations that say how something was built, as cosign names them, and as they are called."""

_KEEPS_BACK = ("--upload", "--tlog-upload")
"""Options that may keep a signature, or when it was made, from everybody."""
_SERVICES = ("--rekor-url", "--fulcio-url", "--timestamp-server-url")
_OF_THIS_MACHINE = regex(r"\w+://(localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\]|host\.docker\.internal)([:/].*)?")
_OF_THIS_JOB = regex(r"\w+://[\w-]+([:/].*)?")


def with_variables(about: CommandKnowledge, words: Words, variable: Callable[[str], Value]) -> Words:
    """The words of cosign, with the options that variables alone tell it (`COSIGN_KEY` for `--key`)."""
    known = f"{about.takes} {about.flags}".split()
    left = (each for each in known if each.startswith("--") and each not in words.options)
    named = ((each, f"COSIGN_{each[2:].replace('-', '_').upper()}") for each in left)
    return words.completed({option: told for option, name in named if (told := variable(name))})


def own_service(words: Words) -> str | None:
    """Why a log, an authority or a clock proves nothing: it runs on the machine of the job, and ends with it."""
    given = _services(words)
    own = next((each for each in given if _OF_THIS_MACHINE.fullmatch(each)), None)
    return f"relies on a service that ends with this job ({own}), which nobody can ask" if own else None


def _services(words: Words) -> list[str]:
    return [display(each) for each in words.of(" ".join(_SERVICES)) if each]


def why_not(about: CommandKnowledge, words: Words, state: JobRun, container: Words | None = None) -> str | None:
    """Why it signs nothing here that anybody can verify; a key needs no identity of the workflow.

    `container` are the options of the one that it runs in, if it does in one.
    """
    if about.does in {"sign", "attest"} and (words.turns_off("--upload") or words.has("--no-upload")):
        return "keeps its signature to itself (--upload=false)"
    keys = about.key.split()
    with_key = any(words.of(about.key)) or any(option in words.lone for option in keys if option != "--key")
    if not with_key and _is_unlogged(words):
        return "leaves no proof of when it signed (--tlog-upload=false), without which its certificate has expired"
    if about.keyless and not with_key and "--identity-token" not in words.options:
        return lacking(("id-token",), state.permissions, state.key) or not_handed(container)
    return None


def _is_unlogged(words: Words) -> bool:
    """Whether neither a log nor a service of time stamps says when it signed."""
    unlogged = words.turns_off("--tlog-upload") or words.has("--no-tlog-upload")
    return unlogged and not words.of("--timestamp-server-url")


def in_doubt(about: CommandKnowledge, words: Words) -> str | None:
    """Why it cannot be told what is signed, or by whom.

    An option that nobody knows may take the next word for its value; a name without a domain may be a container's.
    """
    beside = next((each for each in _services(words) if _OF_THIS_JOB.fullmatch(each)), None)
    if beside:
        return f"relies on {beside}, which may end with this job"
    open_ = next((each for each in _KEEPS_BACK if literal(words.first(each)) is None), None)
    if open_ is not None:
        return f"depends on {display(words.first(open_))}, which says whether anybody gets to see it ({open_})"
    unknown = sorted(words.lone - set(about.flags.split()) - set(about.key.split()))
    return f"has an option that is not known ({unknown[0]})" if about.flags and unknown else None


def is_attested(effects: Effects, package: Files) -> bool:
    """Whether something was signed of what has been built into files."""
    standing = {content for content, _ in package.pieces if content.kind == "built"}
    signed = (act for act in effects.moment.frame.shared.acts if act.kind == "signed" and not act.problem)
    files = (target for act in signed for target in act.targets if isinstance(target, Files))
    return any(content in standing for each in files for content, _ in each.pieces)
