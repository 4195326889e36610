"""What is asked of a forge by its interface: `gh api`, and `curl` at the addresses of GitHub and GitLab."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from goldenpath.facts.pipeline.commands.removing import take_from_release
from goldenpath.facts.pipeline.commands.reports import ask_for_checks
from goldenpath.facts.pipeline.commands.shipping import publish_draft
from goldenpath.facts.pipeline.runs import ANYTHING
from goldenpath.facts.pipeline.tables import speaks_of_release
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Value, display, head, literal, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects

_STARTS = regex(r"/(trigger/pipeline|dispatches|buildWithParameters|pipelines?/?$)")
"""Addresses at which a pipeline is started."""

_HOOK = regex(
    r"(?i)deploy[\w-]{0,40}hook|hook[\w-]{0,40}deploy|/deploy\?|/deploy/http\?|://(?:api\.render\.com|envoyer\.io)/deploy/"
    r"|://api\.netlify\.com/build_hooks/|portainer[\w-]{0,40}hook|/api/(?:stacks/)?webhooks/\w"
)
"""Addresses that platforms call so by which they are told to deploy."""

_OF_CHECKS = regex(r"/(check-runs|check-suites|status(es)?|actions/(workflows/[^/]+/)?runs)\b")
"""Addresses at which GitHub says how checks have ended."""

_WAITS = regex(r"\bgh run\b|/runs\b|\b(wait|sleep|until|while|poll)", re.IGNORECASE)
"""How a script, or the workflow around it, may wait for another run."""

_UNKNOWN = "*"
_OF_REPOSITORY = regex(r"(?:https://[^/]+/)?/?repos/(?:[^/*]+/[^/]+|\*/\*(?=/)|\*)")
"""The repository of which something is asked: by its owner and its name, or by one variable for both."""
_RESOURCE = regex(r"[a-z][a-z_-]*")

_WRITES = frozenset({"POST", "PUT", "PATCH"})
_DRAFT = regex(r"""["']?draft["']?\s*[=:]\s*(true|false)""")


class Request(Struct, frozen=True):
    """What is sent where: `body` is the text of it, as far as it is told, `file` what it is read from instead."""

    method: str
    address: str
    body: str
    file: Value = ()
    asked: str = ""
    """What is asked of a repository by `gh api`: the path behind that, with a star for what only the run knows."""

    @property
    def _parts(self) -> list[str]:
        return self.address.partition("?")[0].rstrip("/").split("/")

    @property
    def makes_release(self) -> bool:
        """Whether GitHub or GitLab makes a release there."""
        *before, last = self._parts
        return last == "releases" and ("repos" in before or before[-2:-1] == ["projects"])

    @property
    def edits_release(self) -> bool:
        """Whether GitHub changes a release there: what is sent to `…/releases/generate-notes` changes nothing."""
        *before, _ = self._parts
        return before[-1:] == ["releases"] and "repos" in before and not self.says_only

    @property
    def says_only(self) -> bool:
        """Whether GitHub only answers there, though something is sent, or somebody is told something."""
        return self._parts[-1] == "generate-notes" or self.asked.startswith("/issues/")

    @property
    def is_open(self) -> bool:
        """Whether only the run knows what is asked: `$URL`, `repos/acme/shop/$WHAT`."""
        return _UNKNOWN in self.asked and not any(map(_RESOURCE.fullmatch, self.asked.split("/")))

    @property
    def removes_file(self) -> bool:
        """Whether GitHub takes a file away there that was laid beside a release, by a number."""
        return self.method == "DELETE" and self._parts[-3:-1] == ["releases", "assets"]

    @property
    def attaches(self) -> bool:
        """Whether GitHub lays a file beside a release there, of which it says `assets{?name,label}` itself."""
        *before, last = self._parts
        return before[-2:-1] == ["releases"] and "repos" in before and last in {"assets", "assets{"}


def by_github_client(effects: CommandEffects) -> None:
    """`gh api`: what is sent may make a release, or start something; the rest is none."""
    request = of_github_client(effects)
    if request.method == "GET" and _OF_CHECKS.search(request.address):
        ask_for_checks(effects)
    if request.removes_file:
        take_from_release(effects)
    if request.method not in _WRITES or releases(effects, request):
        return
    mutates = request.address == "graphql" and "mutation" in request.body
    said = request.body if mutates else "" if request.says_only else request.address
    if request.is_open or starts_a_pipeline(request) or speaks_of_release(said):
        effects.not_followed(effects.about.why, of_another_run(effects) if starts_a_pipeline(request) else ANYTHING)


def of_github_client(effects: CommandEffects) -> Request:
    """What `gh api` sends: it does so by POST where it is handed fields or a file and no method."""
    fields = effects.words.of("-f --raw-field -F --field")
    file = effects.words.first("--input")
    method = literal(effects.words.first("-X --method") or value("POST" if fields or file else "GET")) or "POST"
    address = effects.words.positionals[0] if effects.words.positionals else value("")
    return Request(method.upper(), display(address), "\n".join(map(display, fields)), file, _asked(address))


def _asked(address: Value) -> str:
    path = "".join(part if isinstance(part, str) else _UNKNOWN for part in address).partition("?")[0]
    return _OF_REPOSITORY.sub("", path)


FILES = "-T --upload-file --post-file --body-file"
"""Options of `curl` and of `wget` that name a file to be sent."""


def by_curl(effects: CommandEffects) -> Request | None:
    """What `curl` or `wget` sends, or nothing where it only fetches or removes something."""
    if not effects.words.of(effects.about.when):
        return None
    bodies = effects.words.of("-d --data --data-raw --data-binary --json -F --form --post-data --body-data")
    file = next((value(head(each)[1:], *each[1:]) for each in bodies if head(each).startswith("@")), ())
    file = file or effects.words.first(FILES)
    asked = literal(effects.words.first("-X --request --method") or value("POST" if bodies or not file else "PUT"))
    method = asked or "POST"
    address = next((each for each in _addresses(effects) if "/" in each), "")
    request = Request(method.upper(), address, "\n".join(map(display, bodies)), file)
    if request.removes_file:
        take_from_release(effects)
    only_asks = request.method in {"GET", "HEAD"} and not (bodies or file)
    return None if only_asks or request.method == "DELETE" else request


def _addresses(effects: CommandEffects) -> list[str]:
    return [display(word) for word in (*effects.words.positionals, *effects.words.of("--url"))]


def calls_a_hook(effects: CommandEffects) -> bool:
    """Whether an address is asked by which a platform is told to deploy, and nothing is kept of what it says."""
    kept = [word for word in effects.words.of(f"{effects.about.out} -O") if word not in {("-",), ("/dev/null",)}]
    return not kept and any(map(_HOOK.search, _addresses(effects)))


def starts_a_pipeline(request: Request) -> bool:
    """Whether it asks another service to run something: `curl -X POST …/trigger/pipeline`."""
    return _STARTS.search(request.address) is not None


def of_another_run(effects: CommandEffects) -> frozenset[str]:
    """What a run that is started could do for this one: where nobody waits for it, it holds nothing back."""
    tree = effects.moment.frame.shared.tree
    texts = [tree.text(each.path) for each in (effects.place, effects.caller) if each is not None]
    waits = any(text is None or _WAITS.search(text) for text in texts)
    return ANYTHING if waits else ANYTHING - {"sign", "verify", "scan", "test"}


def releases(effects: CommandEffects, request: Request) -> bool:
    """Perform what a request does to a release; tell whether it was one, and all that it does is known."""
    drafted = _DRAFT.search(request.body)
    draft = drafted is not None and drafted[1] == "true"
    if request.method == "POST" and request.makes_release:
        if request.file:  # who knows whether that is the text of a draft
            return False
        effects.ship([], draft=draft, bare=True)
        return True
    if request.method == "POST" and request.attaches and request.file not in {(), ("-",)}:
        effects.ship([effects.seen(request.file)], draft=bool(effects.moment.frame.shared.drafts))
        return True
    if request.method == "PATCH" and request.edits_release and drafted and not draft:
        publish_draft(effects)
        return True
    return False
