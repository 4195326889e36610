"""`git push`: what is pushed may be a manifest from which others deploy, which nobody sees here.

It surely is one where the script has written the digest of an image into it, and pushes it at once.
A tag is none, nor is a page, unless charts are listed there, which Helm installs. Sources are none either where they
go to the repository itself, and nothing is there from which anybody could deploy, as far as its files tell; what else
such a push starts is a workflow, and judged by itself.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import Image
from goldenpath.facts.pipeline.untrusted.outsiders import chosen_by_outsiders
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.paths import is_within
from goldenpath.facts.shell.script import program_name, unwrapped
from goldenpath.facts.values import Symbol, display, literal, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.tree import Tree
    from goldenpath.facts.values import Value

_PAGES = regex("gh-pages")
_TAGS = regex(r"--tags|refs/tags|<github tag>|<gitlab CI_COMMIT_TAG>|--delete|\bv?\d+\.\d+")
_BUILDS = regex(
    r"(?i)\b(heroku|dokku|gigalixir|scalingo|clever-?cloud|piku|flynn|deis|caprover|azure|production|prod|staging|live)\b"
    r"|\.scm\.azurewebsites\.net"
)
"""How platforms are called, or remotes that are one, that build and run what they are sent."""
_RELEASES = frozenset({"build", "ship"})
_SITE = ".github.io"
"""How a repository is called of which each file is a page."""
_PLAIN = frozenset({
    "-u", "--set-upstream", "-f", "--force", "--force-with-lease", "--follow-tags", "--atomic", "--no-verify", "-q",
    "--quiet", "-v", "--verbose", "--porcelain",
})  # fmt: skip
"""Options that leave it where it goes."""
_SOURCES = regex(r"(HEAD:)?(refs/heads/)?(main|master|develop|HEAD|<github (ref|ref_name|head_ref|default_branch)>)")
"""Branches from which nobody deploys by their names."""

_DEPLOYS = regex(
    r"(.*/)?(Chart|kustomization|helmfile|skaffold|serverless|pulumi|render|app|appspec)\.ya?ml"
    r"|(.*/)?(fly[\w.-]*\.toml|netlify\.toml|samconfig\.toml|(railway|wrangler)\.\w+|(vercel|now|app|cdk)\.json)"
    r"|(.*/)?(Procfile|Dockerrun\.aws\.json|captain-definition|[^/]+\.(tf|tofu|hcl|bicep|nomad))"
    r"|(.*/)?(k8s|kubernetes|manifests|deploy|deployments?|kustomize|helm|charts?|argo|argo-?cd|flux|gitops)/.*"
    r"|(.*/)?(clusters?|infra|infrastructure|terraform|ansible|overlays|environments|\.ebextensions)/.*"
    r"|(.*/)?(Formula|Casks|bucket)/.*|(?!\.github/)(.*/)?action\.ya?ml",
    re.IGNORECASE,
)
"""What is deployed, or handed out, as it stands in a repository: manifests, platforms, actions, packages of others."""
_DOCUMENTS = regex(r"(?!\.github/).*\.(ya?ml|json|json5|jsonnet|libsonnet|cue|tpl|j2)", re.IGNORECASE)
_IS_DEPLOYED = regex(
    r"^[ \t]*(- )?[\"']?((image|images|containers|repoURL|chart)[\"']?[ \t]*:"
    r"|apiVersion[\"']?[ \t]*:(?![ \t]*[\"']?backstage\.io))",
    re.MULTILINE,
)
"""How manifests begin, or name what they deploy."""
_MAY_BE_DEPLOYED = (".yaml", ".yml", ".tf", ".hcl")


_WRITERS = frozenset({"yq", "sed", "gsed", "perl", "dasel", "kustomize", "kpt", "tee"})
"""Programs by which a manifest gets the digest that they are told."""
_HANDED = regex(r"\b(?:str)?env\((\w+)\)|\benv\.(\w+)|\$ENV\{(\w+)\}")
"""How yq and perl are told to take a variable from their environment."""
_SWITCHES = frozenset({"checkout", "switch"})
_TO_ANOTHER_BRANCH = frozenset({"-b", "-B", "-c", "-C", "--create", "--force-create", "--orphan"})


def push_git(effects: CommandEffects) -> None:
    """What is pushed may be deployed by others, unless it is a tag, a page or but the sources."""
    said = " ".join(display(word) for word in effects.all_words)
    is_page = bool(_PAGES.search(said)) or _is_page(effects)
    has_charts = effects.state.key in effects.moment.frame.shared.lists_charts
    if is_page and has_charts and "ship" in effects.moment.powers():
        effects.act("shipped", own=True)
    if is_page or _TAGS.search(said) or _is_source(effects):
        return
    if _goes_out_at_once(effects) and (images := _digests_written(effects)):
        effects.act("shipped", *images)
    elif effects.words.positionals and _BUILDS.search(display(effects.words.positionals[0])):
        effects.unseen("what a platform builds of the sources that it is sent is not followed", _RELEASES)
    else:
        effects.unseen("what is pushed to git is not followed", frozenset({"ship"}))


def _goes_out_at_once(effects: CommandEffects) -> bool:
    """Whether it may push, and to the branch that others deploy from rather than to one that is yet to be merged."""
    if "ship" not in effects.moment.powers():
        return False
    refs = effects.words.positionals[1:]
    switching = (each for verb in _SWITCHES for each in effects.script.git_asked[verb])
    aside = any(not _TO_ANOTHER_BRANCH.isdisjoint(map(literal, each.words)) for each in switching)
    return not aside and all(_SOURCES.fullmatch(display(ref)) for ref in refs)


def _digests_written(effects: CommandEffects) -> list[Image]:
    """The images whose digests the commands before it have written into files; by what name is not asked."""
    found: list[Value] = []
    for each in effects.script.script.commands:
        if each is effects.command:
            break
        words = unwrapped(each.words)
        targets = [literal(to.target) or "/" for to in each.redirects if to.operator.startswith(">")]
        kept = any(not target.startswith("/") for target in targets)
        if each.reachable and words and (kept or program_name(words[0]) in _WRITERS):
            told = [*words, each.stdin or ()]
            names = (name for word in told for groups in _HANDED.findall(display(word)) for name in groups if name)
            found += [*told, *(each.environment.get(name) or effects.variable(name) for name in names)]
    written = (part for word in found for part in effects.script.known(word) if isinstance(part, Symbol))
    return [Image((), digest=value(part)) for part in dict.fromkeys(written) if part.kind == "digest"]


def index_charts(effects: CommandEffects) -> None:
    """`helm repo index`: whoever has the address of the folder installs the charts in it."""
    if not effects.moment.dead:
        effects.moment.frame.shared.lists_charts.add(effects.state.key)


def point_elsewhere(effects: CommandEffects) -> None:
    """`git remote` and `git config` may say that another repository is pushed to from now on."""
    said = " ".join(display(word) for word in effects.all_words[2:])
    other = re.search(r"\b(add|set-url|rename|remote\.|url\.|push)", said, re.IGNORECASE)
    if other and "github.com/<github repository>" not in said and not effects.moment.dead:
        effects.state.has_other_remotes = True
    found = chosen_by_outsiders(value(said)) if other and effects.moment.frame.shared.event.by_outsider else None
    if found:  # and what is taken from there then, only its name would tell
        effects.moment.exposes("files", effects.place, found[0], unsure=True)


def _is_page(effects: CommandEffects) -> bool:
    """Whether it stands in a repository that is but a site of GitHub Pages."""
    folder = literal(effects.script.folder)
    beside = effects.state.beside.items()
    names = [name for path, (name, _) in beside if folder is not None and is_within(folder, path)]
    return bool(names) and names[0].endswith(_SITE) and not effects.state.has_other_remotes and _goes_home(effects)


def _is_source(effects: CommandEffects) -> bool:
    """Whether it goes to a branch of this repository, or is a tag just made, and nothing is deployed from there."""
    state = effects.state
    if literal(effects.script.folder) not in {"", "."} or state.has_foreign_files or state.has_other_remotes:
        return False
    refs = effects.words.positionals[1:]
    if state.commit and not refs:  # then it is the branch that was checked out
        return False
    known = all(_SOURCES.fullmatch(display(ref)) or _is_tag_of_the_script(effects, ref) for ref in refs)
    return known and _goes_home(effects) and not _is_deployed(effects)


def _goes_home(effects: CommandEffects) -> bool:
    """Whether it goes to where the repository was fetched from."""
    return effects.words.options.keys() <= _PLAIN and effects.words.positionals[:1] in ([], [("origin",)])


def _is_tag_of_the_script(effects: CommandEffects, ref: Value) -> bool:
    """Whether the script has made a tag by that name."""
    commands = ([effects.script.known(word) for word in each.words] for each in effects.script.git_asked["tag"])
    return any(words[:2] == [("git",), ("tag",)] and ref in Words(tuple(words[2:]), ("-m", "-F", "-u")).positionals[:1]
               for words in commands)  # fmt: skip


def _is_deployed(effects: CommandEffects) -> bool:
    """Whether something in the repository, or what the job has written into it, may be what others deploy from."""
    tree: Tree = effects.moment.frame.shared.tree
    written = effects.state.replaced | effects.rewriting() | effects.state.made
    if any(path.lower().endswith(_MAY_BE_DEPLOYED) and not tree.exists(path) for path in written):
        return True
    return _holds_what_is_deployed(tree)


@lru_cache(maxsize=2)
def _holds_what_is_deployed(tree: Tree) -> bool:
    """Read once, however often a job pushes: a large repository has a thousand documents."""
    return any(tree.fitting(_DEPLOYS)) or any(
        (text := tree.text(path)) is None or _IS_DEPLOYED.search(text) for path in tree.fitting(_DOCUMENTS)
    )
