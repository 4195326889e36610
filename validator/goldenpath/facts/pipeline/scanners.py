"""What the tables say of a command, or an action, that looks for known vulnerabilities."""

# Without `from __future__ import annotations`, as the tables are.

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from goldenpath.facts.values import literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.values import Value


SBOM_FORMATS = frozenset({"cyclonedx", "spdx", "spdx-json"})


_OWN = frozenset({"root", "workspace"})
"""How trivy calls the packages that are built themselves."""


class Lister(Struct, frozen=True, forbid_unknown_fields=True):
    """How a program that makes SBOMs is told what to look for.

    `leaves_out` is the option with patterns of files that it leaves out. Of its catalogers `base` are those that are
    asked at all, and `picks` adds to them, takes away, or leaves some alone: each is an option, and what the program's
    own file calls it. `settings` are such files, and `prefix` is what variables begin with that say the same. `whole`
    are names that stand for all catalogers, `beside` those of the ones that list no packages.
    """

    leaves_out: str
    base: tuple[str, str]
    picks: tuple[str, str]
    prefix: str
    settings: str
    whole: str
    beside: str


class Audit(Struct, frozen=True, forbid_unknown_fields=True):
    """How a program is told to stop where it finds a vulnerability by the way, of which else it only warns.

    By a `pattern` in one of its `files`, unless one of them has the other one; or by one of these `words`. With one of
    those in `skips` it does not look.
    """

    files: str
    pattern: str
    words: str
    unless: str
    skips: str


class Scan(Struct, frozen=True, forbid_unknown_fields=True):
    """How a scanner is told what to scan, and what to refuse.

    Of commands: options that set a cutoff (`cutoff`, or a `variable`; without any in the table it refuses by itself),
    or words that make it only report (`reports`). Of actions: inputs for its subject, and those that decide (`gate`,
    with the default), `unless` those with which it looks for something else, `sbom_if` those with which the `folder`
    is an SBOM; `setting` is what its own file calls the cutoff. `kinds` and `severities` are the options, or inputs,
    that say what alone it looks for, `states` those with the states of vulnerabilities that it ignores, `unfixed_only`
    the one by which it ignores what is fixed, `policies` those with a policy of what it ignores, `standards` those
    with a standard by which it judges, `relations` those with how what it looks at is related, `leaves_out` what it
    leaves out, `named` those with the folders or files that alone it looks at, `packages` those with the kinds of
    packages; `prefix` is what its variables begin with, where `variable` is none; `report` is the input that names a
    file for what is found; `settings` are the files of its own that say all this as well, `config` the input that names
    another one, `overrides` the one by which it ignores packages. With a format of SBOMs in `formats` it looks for
    nothing but the kinds that it is told. `wanted` are the words of which a command, or the input `asked` of an action,
    says one if it asks for any. An action looks at an image with the inputs of `image_if` alone, at the first that is
    given of those in `image` (but for the first one only where it surely looks at an image), and at the file that
    `archive` names whatever else is named.
    """

    of: Literal["subject", "sbom", "folder", "dependencies", "report"] = "subject"
    cutoff: str = ""
    reports: str = ""
    image: str = ""
    sbom: str = ""
    folder: str = ""
    sbom_if: dict[str, tuple[str, ...]] = {}
    image_if: dict[str, tuple[str, ...]] = {}
    archive: str = ""
    gate: str = ""
    default: str = ""
    variable: str = ""
    prefix: str = ""
    setting: str = ""
    kinds: str = ""
    severities: str = ""
    states: str = ""
    unfixed_only: str = ""
    policies: str = ""
    standards: str = ""
    relations: str = ""
    leaves_out: str = ""
    named: str = ""
    packages: str = ""
    settings: str = ""
    config: str = ""
    overrides: str = ""
    formats: str = ""
    report: str = ""
    asked: str = ""
    wanted: str = ""
    unless: dict[str, tuple[str, ...]] = {}

    def asks_for_others(self, asked: "Iterable[Value]") -> bool:
        """Whether these words ask it for something else than known vulnerabilities."""
        said = [word for each in asked for word in (literal(each) or "?").split(",") if not word.startswith("-")]
        return bool(self.wanted and said) and {*self.wanted.split(), "?"}.isdisjoint(said)

    def is_told_to_report(self, said: "Iterable[str | None]") -> bool:
        """Whether one of these words makes it only report."""
        return not set(self.reports.split()).isdisjoint(said)

    def variables_of(self, options: str) -> list[str]:
        """The variables that stand for options, or inputs, of the scanner (`TRIVY_SEVERITY`), if it has any."""
        tool = self.prefix or self.variable.partition("_")[0]
        return [f"{tool}_{each.replace('-', '_').upper()}" for each in self.keys_of(options)] if tool else []

    @property
    def config_variable(self) -> str:
        """The variable that names its own file."""
        return next(iter(self.variables_of("--config")), "")

    def keys_of(self, options: str) -> list[str]:
        """What options, or inputs, are called in the scanner's own file."""
        return [each.lstrip("-") for each in options.split() if not re.fullmatch("-.", each)]

    def overlooks(self, kinds: "Value", severities: "Value", format_: "Value" = ()) -> str | None:
        """Why it would not see a grave vulnerability, if it is told to look for these kinds and severities alone."""
        asked, grave = literal(kinds), literal(severities)
        if not kinds and literal(format_) in SBOM_FORMATS:
            return f"only lists what is there ({self.formats.split()[0]}: {literal(format_)})"
        if asked and "vuln" not in asked.split(","):
            return f"does not look for vulnerabilities ({self.kinds.split()[0]}: {asked})"
        if grave and not {"HIGH", "CRITICAL"} & set(grave.upper().split(",")):
            return f"refuses no grave vulnerability ({self.severities.split()[0]}: {grave})"
        return None

    def narrows(self, related: "Iterable[Value]") -> str | None:
        """Why it would look at nothing that others have made, if it is told how that is related which it looks at."""
        told = {name for each in related for name in (literal(each) or "?").split(",")}
        return f"looks at nothing that it depends on ({self.relations})" if told and told <= _OWN else None

    def spares(self, ignored: "Iterable[Value]") -> str | None:
        """Why it refuses nothing that could be mended, if it is told to ignore vulnerabilities in these states."""
        states = {state for each in ignored for state in (literal(each) or "").split(",")}
        told = next(iter(self.states.split()), "fix-state")
        return f"ignores what is fixed ({told})" if "fixed" in states else None
