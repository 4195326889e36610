"""Commands that hold a signature or provenance against whom it must come from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.identities import is_for_the_starter, is_of_another_issuer, start_of, takes_any
from goldenpath.facts.pipeline.acts import Claim
from goldenpath.facts.pipeline.lists import several
from goldenpath.facts.pipeline.signing import own_service
from goldenpath.facts.values import Symbol, head, literal, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.values import Value


def verify(effects: CommandEffects) -> None:
    """A signature or provenance is held against whom it must come from."""
    problem = own_service(effects.words) or _whose(effects) or _of_what(effects)
    unsure = _careless(effects) or _of_any_kind(effects) or _asked_by_the_starter(effects)
    claims = tuple(_claims(effects))
    for word in effects.words.positionals:
        start = head(word)
        as_file = effects.about.files is not None or (effects.about.to_file_without and not start.startswith("oci://"))
        meant = [word] if as_file else several(word, effects.state.tag_lists)
        targets = [effects.seen(each) if as_file else effects.own_image(each) for each in meant]
        asks = effects.about.to_file_without and not effects.words.has("--bundle-from-oci")
        effects.act("verified", *targets, problem=problem, unsure=unsure, asks_store=asks, claims=claims)
    if effects.about.kind and (effects.command.pipe_to is not None or effects.command.stdout):
        from goldenpath.facts.pipeline.commands.sboms import download  # what it has verified, it prints

        download(effects)


def _whose(effects: CommandEffects) -> str | None:
    """Why it would take the signature of anybody."""
    keys = effects.words.of(effects.about.key)
    if any(content.kind == "key" for key in keys for _, (content, _), _ in effects.pieces(effects.path(key))):
        return "verifies with a key that this job has made, which nobody knows"
    if any(keys):
        return None
    for asked, options in (("identity", effects.about.identity), ("issuer", effects.about.issuer)):
        given = [option for option in options.split() if effects.words.first(option)]
        if options and not given:
            return f"takes the signature of anybody: it names no {asked}"
        if given and all("regex" in option and takes_any(asked, effects.words.first(option)) for option in given):
            return f"takes the signature of anybody: its pattern for the {asked} leaves open whose it is"
    identities, issuers = _asked_for(effects, effects.about.identity), _asked_for(effects, effects.about.issuer)
    pairs = [(identity, issuer) for identity in identities for issuer in issuers]
    if pairs and all(is_of_another_issuer(identity, issuer) for identity, issuer in pairs):
        return f"takes the signature of nobody: {issuers[0]} has no identity like {identities[0]}"
    return None


def _asked_for(effects: CommandEffects, options: str) -> list[str]:
    """What identities or issuers that are asked for are, or how they begin."""
    given = ((option, head(each)) for option in options.split() for each in effects.words.of(option))
    return [start_of(text) if "regex" in option else text for option, text in given]


def _asked_by_the_starter(effects: CommandEffects) -> str | None:
    """Why it may take the signature of anybody: whoever starts the run says whose it takes, or nothing here does."""
    about = effects.about
    asked = ("identity", f"{about.identity} {about.sources}"), ("issuer", about.issuer), ("key", about.key)
    for what, options in asked:
        given = effects.words.of(" ".join(dict.fromkeys(options.split())))
        if given and all(is_for_the_starter(what, each) for each in given):
            return f"asks for what {shown(given[0])} says, and whoever starts the run decides that"
        if given and not effects.variable("GITLAB_CI") and all(map(_is_never_set, given)):
            return f"asks for what {shown(given[0])} says, and nothing here sets that"
    return None


def _is_never_set(given: Value) -> bool:
    """Whether a text begins with a variable that no step has set, and no setting of the repository."""
    start = given[0] if given else ""
    return isinstance(start, Symbol) and start.kind == "variable" and "." not in start.name


def _claims(effects: CommandEffects) -> Iterator[Claim]:
    """Where it says that the signature must come from."""
    about, sources = effects.about, effects.about.sources.split()
    for option in dict.fromkeys((*about.identity.split(), *sources)):
        for given in effects.words.of(option):
            text = start_of(head(given)) if "regex" in option else head(given)
            address = re.sub(r"^(git\+)?https://", "", text)
            if "identity" not in option and "." not in address.partition("/")[0]:
                address = f"github.com/{address}"
            if option in sources and literal(given) is not None:
                address = f"{address.rstrip('/')}/"
            yield Claim(address.lower(), signer=option not in sources)


def _careless(effects: CommandEffects) -> str | None:
    """What a verification by a certificate does without, although it tells when the certificate was good."""
    options = ("--insecure-ignore-tlog", "--insecure-ignore-sct")
    given = next((each for each in options if effects.words.has(each)), "")
    with_key = any(effects.words.of(effects.about.key))
    return f"takes a certificate that no log may have seen ({given})" if given and not with_key else None


def _of_any_kind(effects: CommandEffects) -> str | None:
    """Why what is verified may say nothing of the build: which kind of statement it is, only a run knows."""
    kind = effects.words.first(effects.about.kind) if effects.about.kind else ()
    return f"verifies a statement of which only a run knows the kind ({shown(kind)})" if literal(kind) is None else None


def _of_what(effects: CommandEffects) -> str | None:
    kind = literal(effects.words.first(effects.about.kind)) if effects.about.kind else ""
    if kind:
        from goldenpath.facts.admission.identities import is_provenance, no_origin  # most verify no predicate

        if not is_provenance(kind):
            return no_origin(kind)
    claims = effects.words.turns_off("--check-claims")
    return "does not look at the digest (--check-claims=false)" if claims else None
