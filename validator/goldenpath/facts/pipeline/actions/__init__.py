"""Steps that use an action, and jobs that call a workflow, of another repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from goldenpath.facts.nodes import Scalar
from goldenpath.facts.pipeline import artifacts
from goldenpath.facts.pipeline.actions import running
from goldenpath.facts.pipeline.actions.image_tags import for_users
from goldenpath.facts.pipeline.acts import Act, Content, Files, Image, Recipe, Use, image, same_name
from goldenpath.facts.pipeline.contexts import hold_secret, in_lower_case, text_with
from goldenpath.facts.pipeline.effects import Effects, lacking, part_of, tidy, under
from goldenpath.facts.pipeline.lists import chosen, paths
from goldenpath.facts.pipeline.overlays import lay
from goldenpath.facts.pipeline.platforms import in_part
from goldenpath.facts.pipeline.runs import ANYTHING
from goldenpath.facts.pipeline.scattered import is_outside
from goldenpath.facts.pipeline.signing import OF_BUILDS
from goldenpath.facts.pipeline.tables import ActionKnowledge, known_action, known_command, scopes_of_script
from goldenpath.facts.pipeline.testing import may_test
from goldenpath.facts.pipeline.untrusted.injections import runs_text
from goldenpath.facts.pipeline.untrusted.tokens import Kept
from goldenpath.facts.pipeline.words import LATEST, Words, called_here, without_daemon
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import (
    Symbol,
    Value,
    display,
    fields,
    head,
    lines,
    literal,
    partition,
    shown,
    split,
    strip,
    value,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.pipeline.acts import Guard, Target
    from goldenpath.facts.pipeline.moments import Moment
    from goldenpath.facts.pipeline.permissions import Permissions
    from goldenpath.facts.pipeline.state import Shared
    from goldenpath.facts.pipeline.tables import Builds, Makes, Subject
    from goldenpath.facts.workflows import Uses
    from goldenpath.repository import Place


SCRIPTS = regex(r"((inline|pre|post)[_-]?)?(script|command|cmd|run)s?")
"""Names of inputs with which an action is handed a script, whatever else it does."""


def perform(moment: Moment) -> None:
    """Write down what a step does: an action of another repository, an image, or a script."""
    step, uses = moment.step, moment.step.uses
    moment.say({})
    if step.run is not None:
        from goldenpath.facts.pipeline.legs import perform as perform_script

        perform_script(moment)
    elif uses is not None and uses.image:
        moment.unseen(uses.place, uses.label, "what an image does is not followed", moment.guard(), ANYTHING)
        _expose_command(moment, uses.place)
    elif uses is not None:
        known = known_action(uses)
        if known is None:
            home = moment.frame.home
            other = home.elsewhere.at_other_refs(uses) if home else ""
            reason = "; ".join(filter(None, [f"what {uses.repository} does is not known", other]))
            moment.unseen(uses.place, uses.label, reason, moment.guard(), ANYTHING, uses.whole)
            _expose_scripts(moment, uses, ())
            moment.state.has_secrets |= not moment.dead and moment.is_handed_secret()
            moment.state.may_export |= not moment.dead
        else:
            _expose_scripts(moment, uses, known.scripts)
            ActionEffects(moment, uses, known).perform()


def _expose_scripts(moment: Moment, uses: Uses, followed: Iterable[str]) -> None:
    """An action may be handed a script that outsiders have a hand in, besides those that are `followed`."""
    for name, given in moment.given().items():
        if SCRIPTS.fullmatch(name) and name not in followed:
            moment.exposes_script(given, uses.place)


def _expose_command(moment: Moment, place: Place) -> None:
    """An image is told what to run: outsiders may have a hand in the program, or in what a shell is handed."""
    given = moment.given()
    program, arguments = given.get("entrypoint", ()), given.get("args", ())
    moment.exposes_script(program, place)
    if runs_text((*fields(program), *fields(arguments))):
        moment.exposes_script(arguments, place)


def use_of(uses: Uses, job: str) -> Use:
    """What a reusable workflow of another repository does with the token: what the table says, else whatever it may."""
    known = known_action(uses)
    if known is not None and not known.unseen:
        return Use(job, uses.place, uses.label, known.writes)
    reason, said_by = f"what it needs is said in {uses.repository}", "" if uses.is_local or known else uses.whole
    return Use(job, uses.place, uses.label, frozenset({"*"}), reason, said_by)


def call_elsewhere(
    uses: Uses,
    given: dict[str, Value],
    permissions: Permissions,
    guard: Guard,
    shared: Shared,
    why: str,
    may: frozenset[str],
) -> dict[str, Value]:
    """Write down what a reusable workflow does that is not followed; returns its known outputs.

    `why` says why it is not followed, `may` what it could do with what it is given.
    """
    known = known_action(uses) if not uses.is_local else None
    if known is not None and known.called is not None:
        from goldenpath.facts.pipeline.actions import generators

        call = generators.Call(uses, in_lower_case(given), permissions, guard)
        for act in generators.acts_of(call, known, known.called, shared):
            shared.acts.append(act)
        return generators.outputs_of(call, known.called)
    shared.acts.extend(_called_elsewhere(uses, known, guard, why, may))
    return {}


def _called_elsewhere(
    uses: Uses, known: ActionKnowledge | None, guard: Guard, why: str, may: frozenset[str]
) -> Iterable[Act]:
    if known is None or known.unseen:
        may &= frozenset(known.may) if known is not None and known.may else ANYTHING
        said_by = "" if known else uses.whole
        problem = known.unseen if known else why
        yield Act("unseen", uses.place, uses.label, guard, problem=problem, may=may, said_by=said_by)


def _digest_target(subject: Subject, given: dict[str, Value]) -> Image | None:
    """The image that is named by its digest; an attestation that is kept by the digest alone counts for every name."""
    digest = given.get(subject.digest, ())
    name = () if subject.by_digest_alone else image(given.get(subject.name, ())).name
    return Image(name, digest=digest) if digest else None


_TOKENS = ("token", "github-token", "github_token", "repo-token", "repo_token")
"""Inputs by which actions are given the token with which they write on GitHub, where it is not the job's."""


_BESIDE_THE_TOKEN = frozenset({"id-token", "packages", "security-events"})
"""What is not written with the token that an action is given, or need not be: whoever pushes has logged in before."""

_COMMIT = regex(r"[0-9a-f]{40}([0-9a-f]{24})?")

_NOT_ASKED = ("false", "never", "disabled", "0")

_ABOUT_GIT = regex(r"[/_-]git(?![a-z])", re.IGNORECASE)
"""Actions that may give git the token of the job, such as `setup-git-credentials`; GitHub is another word."""


def _does_nothing_else(about: ActionKnowledge) -> bool:
    """Whether it makes nothing and moves nothing: who only tidies a registry up has the token that he is given."""
    return about == ActionKnowledge(writes=about.writes)


HANDED = ("build-args", "secrets", "secret-envs", "secret-files", "ssh")
"""The inputs of an action that builds by which a build is handed rights, among other things."""


class ActionEffects(Effects):
    """An action of the table."""

    def __init__(self, moment: Moment, uses: Uses, known: ActionKnowledge) -> None:
        super().__init__(moment, uses.place, uses.label)
        self.uses = uses
        self.about = known
        self.given = moment.given()

    def input(self, name: str, default: str = "") -> Value:
        """What an input is given, else its default; empty for an input that the action does not have.

        Of several names of one input, side by side, that counts which is given something.
        """
        given = (self.given.get(each) for each in name.lower().split())
        return next(filter(None, given), None) or value(default)

    def recipe(self) -> Recipe:
        """The action and its inputs."""
        name = "/".join(filter(None, (self.uses.repository, self.uses.path)))
        epoch = self.moment.environment.get("SOURCE_DATE_EPOCH", ())
        return Recipe((value(name),), tuple(self.given.items()), epoch=epoch)

    def perform(self) -> None:
        """Write down all that the table says, in the order in which such actions work."""
        about = self.about
        rights = running.rights(self, stays_idle=self._stays_idle(about))
        writes = rights - self._kept_out_of_registries(about) - self._asked_not(about)
        if self.is_token_of_others(map(self.input, _TOKENS)):
            writes &= _BESIDE_THE_TOKEN - ({"packages"} if _does_nothing_else(about) else set())
        self.moment.uses(self.place, self.text, writes)
        if _ABOUT_GIT.search(self.uses.repository) and not about.by_git:
            self.state.git_has_own_token = True
        self._prepare(about)
        if about.runs or about.scripts or about.command or about.tests is not None:
            running.run(self, stays_idle=self._stays_idle(about))
        if about.builds and not self._stays_idle(about):
            self._build(about.builds)
        if about.names:
            self._name(about.names)
        if about.makes:
            self._make(about.makes)
        named = about.ships is not None and (self.input(about.ships.image) or self.input(about.ships.files))
        packs = bool(self.input(about.packs_if)) or (about.packs and not named)
        if packs and not self._stays_idle(about) and (not about.by_rake or self._rakes_plainly()):
            self._pack(about)
        self._prove(about)
        if about.scans:
            from goldenpath.facts.pipeline.actions import scanning

            scanning.scan(self, about.scans)
        if about.ships and not packs and not self._stays_idle(about):
            self._ship(about.ships)
        self._hand_over(about)
        self._accept(about)

    def _accept(self, about: ActionKnowledge) -> None:
        """It approves or merges what outsiders propose: by itself, or by its script."""
        if not self.moment.frame.shared.event.by_outsider or not (about.accepts or about.script):
            return
        from goldenpath.facts.pipeline.untrusted import proposals

        by_script = proposals.by_script(shown(self.input(about.script))) if about.script else None
        if found := proposals.by_action(self, about.accepts) if about.accepts else by_script:
            self.moment.exposes("proposal", self.place, found.what, unsure=found.unsure)

    def _asked_not(self, about: ActionKnowledge) -> set[str]:
        """The scopes that it would write with only if it were asked to, on another event, or if git had the token."""
        event = self.moment.frame.shared.event.name
        by_inputs = {scope for scope, names in about.writes_if.items() if self._are_off(names.split())}
        by_event = {
            scope
            for scope, events in about.writes_on.items()
            if event not in {*events, "workflow_call"}
            and self._are_off(name for name in about.writes_if.get(scope, "").split() if "=" not in name)
        }
        by_another_way = {scope for scope, inputs in about.writes_unless.items() if self._is_given_one(inputs)}
        by_git = {"contents"} if about.by_git and self.state.git_has_own_token is False else set()
        return by_inputs | by_another_way | by_event | by_git

    def _is_given_one(self, inputs: dict[str, tuple[str, ...]]) -> bool:
        """Whether one of these inputs has one of its values, or any where none are named."""
        given = ((literal(self.input(name)), values) for name, values in inputs.items())
        return any(text in values if values else text != "" for text, values in given)

    def _are_off(self, names: Iterable[str]) -> bool:
        """Whether none of these inputs is on, each with its default (`name=default`)."""
        given = (name.partition("=") for name in names)
        return all(literal(self.input(name, default or "false")) in _NOT_ASKED for name, _, default in given)

    def _powers_of(self, script: Value) -> frozenset[str]:
        """What a script in JavaScript could do, which changes the sources that it names."""
        from goldenpath.facts.pipeline.commands.editing import edit_by_text

        edit_by_text(self, script, tidy)
        return self.moment.spoken(display(script), name="script.js")

    def _prepare(self, about: ActionKnowledge) -> None:
        """What an action leaves behind for the steps after it, and what it does that nobody follows."""
        followed = about.by_rake and self._rakes_plainly()
        if about.unseen and not followed and not self._stays_idle(about) and not self._only_talks(about):
            may = self._powers_of(self.input(about.script)) if about.script else ANYTHING
            self.unseen(about.unseen, frozenset(about.may) or may)
        scripted = any(map(self.input, about.scripts))
        if about.unseen or about.logs_in or about.runs or scripted or about.command:
            self.moment.trusts(list(self.given.values()))
        if about.starts_cluster and not self._stays_idle(about):
            self.state.has_own_cluster = True
        self._log_in(about)
        if about.registry and not self.moment.dead:
            self.state.registry = self.input(about.registry)
        if about.installs:
            self._install(about)
        for name, text in about.exports.items():
            if not self.moment.dead and name not in self.moment.environment:
                self.state.variables.write(name, text_with(text, self.moment.look), self.guard.conditions)
        self.moment.say({name: self.input(given) for name, given in about.repeats.items() if self.input(given)})
        self.moment.say({name: value(Symbol("outsider", f"{self.moment.key}.{name}")) for name in about.untrusted})
        if about.script:
            self._run_script(self.input(about.script))
        if about.checks_out:
            self._check_out(about.checks_out)

    def _pack(self, about: ActionKnowledge) -> None:
        """A package is built and shipped, which may be signed in between."""
        package = Files(value("package"), ((Content("built", self.moment.key), ()),))
        self.act("built", package, recipe=self.recipe())
        if about.perhaps_signs:
            problem = lacking(("id-token",), self.state.permissions, self.state.key)
            self.act("signed", package, problem=problem, unsure=about.perhaps_signs)
        self.ship([package], draft=about.uploads and bool(self.moment.frame.shared.drafts))

    def _rakes_plainly(self) -> bool:
        """Whether `rake release` is Bundler's own task, by the repository's Rakefile, which the job has left alone."""
        from goldenpath.facts.tasks import rake

        tree = self.moment.frame.shared.tree
        elsewhere = self.state.has_foreign_files or bool(self.input("working-directory"))
        return not elsewhere and rake.releases_a_gem(tree.text, self.is_rewritten)

    def _install(self, about: ActionKnowledge) -> None:
        if not self.moment.dead and not self.guard.conditions:
            self.state.programs.install(about.installs)
        if about.called_by:
            self.moment.say({about.called_by: value(about.installs)})

    def _log_in(self, about: ActionKnowledge) -> None:
        if about.logs_in:
            self.logs_in(literal(self.input("registry")) or "", self.input("password"))

    def _run_script(self, script: Value) -> None:
        """A script that asks GitHub for something, and may say what outsiders have written."""
        self.moment.uses(self.place, self.text, scopes_of_script(shown(script)))
        self.moment.exposes_script(script, self.place)
        if (commands := self._commands()) is not None:
            from goldenpath.facts.pipeline.scripts import ScriptEffects

            ScriptEffects(self.moment, commands, by="bash").perform()
        if "payload" in (text := literal(script) or ""):
            from goldenpath.facts.pipeline.untrusted import payload

            said = payload.said_by_script(text).items()
            self.moment.say(
                {name: value(Symbol("outsiders", f"{what}\t{self.moment.key}.{name}")) for name, what in said}
            )

    def _only_talks(self, about: ActionKnowledge) -> bool:
        """Whether its script does no more than to talk with GitHub, or to run what is followed."""
        if not about.script:
            return False
        from goldenpath.facts.pipeline.inline import is_harmless_javascript

        node = self.moment.step.node.get("with", about.script)
        harmless = isinstance(node, Scalar) and is_harmless_javascript(node.text)
        return harmless or self._commands() is not None

    def _commands(self) -> Scalar | None:
        """The commands that its script comes to; None where it is more than some."""
        from goldenpath.facts.pipeline.inline import commands_of_javascript

        node = self.moment.step.node.get("with", self.about.script)
        text = commands_of_javascript(node.text) if isinstance(node, Scalar) else ""
        return replace(node, text=text) if isinstance(node, Scalar) and text else None

    def in_doubt_by_inputs(self, unless: Iterable[str]) -> str | None:
        """Why only the run knows what the action does, if one of these inputs decides and cannot be read."""
        given = (self.input(name) for name in unless)
        return next((f"depends on {shown(each)}" for each in given if literal(each) is None), None)

    def _stays_idle(self, about: ActionKnowledge) -> bool:
        return self._is_given_one(about.unless)

    def _check_out(self, repository: str) -> None:
        """Files of this repository, or of another one; with them, unless it is told not to, the token for git."""
        other = self.input(repository)
        self._clear(other)
        if other and other != (Symbol("github", "repository"),):
            self._check_out_beside(other)
        keeps_token = not self.about.forgets_token and literal(self.input("persist-credentials", "true")) != "false"
        own = keeps_token and not self.is_token_of_others([self.input("ssh-key"), self.input("token")])
        self.state.git_has_own_token = own or bool(self.state.git_has_own_token)
        if not self.moment.dead and keeps_token:
            self.state.keeps_credentials = True
            self.state.pushes_by_secret |= hold_secret([self.input("token"), self.input("ssh-key")])
            if self.uses.older_than(6):  # since then it lies beside the work tree
                self.state.tokens[under(tidy(self.input("path", ".")), value(".git"))] = Kept()
        if not self.moment.dead and not other:
            self.moment.frame.shared.checkouts.append(self.input("ref"))
            if not self.input("path"):
                self.state.has_files = True
                self.restores(())
                self.brings(self.input("ref"))
            elif (folder := literal(tidy(self.input("path")))) and self.is_own_commit(self.input("ref")):
                self.state.own.append(folder)
        self.moment.exposes_files((*other, *self.input("ref")), self.place)

    def _clear(self, other: Value) -> None:
        """What lies where something is checked out is gone, unless it is told to leave it beside the same files."""
        folder, cleans = tidy(self.input("path", ".")), self.input("clean", "true")
        there = self.state.beside.get(display(folder), ("",))[0] == shown(other)
        again = there if other else folder == (".",) and self.state.has_files
        if self.state.workspace.written and not (again and literal(cleans) == "false"):
            from goldenpath.facts.pipeline.cleaning import empty

            doubt = again and literal(cleans) is None
            empty(self, folder, frozenset({f"clean: {shown(cleans)}"} if doubt else ()))

    def _check_out_beside(self, other: Value) -> None:
        """Another repository is checked out: over the files of this one, or in a folder beside them."""
        folder = literal(tidy(self.input("path")))
        if not folder or folder == ".":
            self.state.has_foreign_files = True
        elif not self.moment.dead:
            ref = literal(self.input("ref", "HEAD"))
            self.state.beside[folder] = (shown(other), ref or "")
            if not _COMMIT.fullmatch(ref or ""):
                self.act("installed", Files(value(folder)), recipe=self.recipe())

    # Proofs

    def _prove(self, about: ActionKnowledge) -> None:
        if about.ships and self._stays_idle(about):
            return
        if about.describes:
            self._describe(about.describes)
        if about.signs:
            self._sign(about, about.signs)
        if about.attests and (self.input(about.attests.file) or not about.attests.file):
            problem = lacking(about.tokens, self.state.permissions, self.state.key)
            self.attested(
                self._targets(about.attests), self.input(about.attests.file), problem, self._astray(about.attests)
            )

    def _sign(self, about: ActionKnowledge, subject: Subject) -> None:
        """Files or images are signed, and the signatures verified where it is told to."""
        doubt = self.in_doubt_by_inputs(subject.only_when)
        if not (doubt or self._asked_for(subject)) or self._excused(subject):
            return
        problem = lacking(about.tokens, self.state.permissions, self.state.key)
        since = about.signs_since
        if about.asked_since and literal(self.input(subject.unless_off)) == "true":
            since = about.asked_since
        problem, unsure = self._too_old(about, since) if problem is None else (problem, None)
        unsure = unsure or doubt
        if literal(self.input(subject.unless_off)) is None:
            unsure = f"depends on {shown(self.input(subject.unless_off))}"
        if self._predicate_type(subject) is None:
            unsure = f"attests what only a run knows ({shown(self.input(subject.predicate_type))})"
        astray, in_store = self._astray(subject), self._is_kept_out(subject)
        into = self._left_beside(subject)
        targets, in_part = self._signed(subject)
        unsure = unsure or in_part
        for target in targets:
            self.act("signed", target, problem=problem, unsure=unsure, astray=astray, in_store=in_store, into=into)
        if subject.says:
            self._say_signature(subject.says)
        if about.verifies and not doubt and literal(self.input(about.verifies_if)) == "true":
            running.run_command(self, about.verifies)

    def _left_beside(self, subject: Subject) -> tuple[Value, ...]:
        """The files with the signatures of others, where the action does not add them to a published release."""
        if not subject.beside or self._publishes(subject):
            return ()
        signed = [each for name in subject.files.split() for each in paths(self.input(name))]
        into = tuple(tidy(value(each, suffix)) for each in signed for suffix in subject.beside.split())
        if literal(self.input(subject.stored_by)) == "true":
            from goldenpath.facts.pipeline.artifacts import put_in_store

            self.act("stored", *map(self.files, into))
            put_in_store(
                self, value("signing-artifacts-", self.state.key.rpartition("/")[2]), [(path, ()) for path in into]
            )
        return into

    def _publishes(self, subject: Subject) -> bool:
        """Whether it adds what it makes to the release that has been published, and by that has started the run."""
        event, since = self.moment.frame.shared.event, subject.publishes_since
        old = bool(since) and self.uses.older_than(*map(int, since.split(".")))
        wanted = literal(self.input(subject.publishes, "false" if old else "true")) == "true"
        published = event.name == "release" and event.payload.get(("action",), value("published")) == value("published")
        return wanted and published and lacking(("contents",), self.state.permissions, self.state.key) is None

    def _say_file(self, output: str) -> Value:
        """A file, which only the run can name, is said by an output."""
        path = value(Symbol("unknown", f"{self.moment.key}.{output}"))
        self.moment.say({output: path})
        return path

    def _say_signature(self, output: str) -> None:
        path = self._say_file(output)
        self.put(path, Content("signature", self.origin(path)))

    def _kept_out_of_registries(self, about: ActionKnowledge) -> frozenset[str]:
        """The right to packages: of an attestation that GitHub keeps, of an image that stays or goes by a secret."""
        kept_out = any(self._is_kept_out(each) for each in (about.signs, about.attests) if each is not None)
        by_secret = self.state.registry_by_secret and (about.builds or about.signs or about.attests)
        stays = about.builds is not None and not self._pushes(about.builds)[0] and not self._caches_in_registry()
        return frozenset({"packages"}) if kept_out or by_secret or stays else frozenset()

    def _caches_in_registry(self) -> bool:
        """Whether the cache of a build may be pushed, be it but that the image is not."""
        return any(isinstance(part, Symbol) or "registry" in part for part in self.input("cache-to"))

    def _is_kept_out(self, subject: Subject) -> bool:
        """Whether GitHub alone keeps an attestation."""
        return subject.by_digest_alone and literal(self.input("push-to-registry", "false")) == "false"

    def _astray(self, subject: Subject) -> str:
        """Why who looks in the registry does not find an attestation, which GitHub itself keeps by the digest alone."""
        if not subject.by_digest_alone or literal(self.input("push-to-registry")) != "true":
            return ""
        name, digest = image(self.input(subject.name)).name, self.input(subject.digest)
        built = (each for act in self.moment.frame.shared.acts if act.kind == "built" for each in act.targets)
        names = [each.name for each in built if isinstance(each, Image) and each.digest == digest]
        if not names or any(same_name(name, each) is not False for each in names):
            return ""
        asked = f"who asks the registry about {shown(names[0])}, as cosign does"
        return f"is pushed to {shown(name)}, where nobody looks {asked}"

    def _excused(self, subject: Subject) -> bool:
        off = subject.unless_off and literal(self.input(subject.unless_off)) == "false"
        return bool(off) or (self._predicate_type(subject) == "" and any(self.input(name) for name in subject.unless))

    def _predicate_type(self, subject: Subject) -> str | None:
        """The kind of a provenance that is attested as such; empty for any other, None where a run says which."""
        named = self.input(subject.predicate_type)
        said = literal(named)
        return None if said is None else said if OF_BUILDS.fullmatch(said) else ""

    def _too_old(self, about: ActionKnowledge, since: str) -> tuple[str | None, str | None]:
        """Why a version of the action cannot do it yet, or why that cannot be told."""
        if not since or self.uses.ref in about.branches:
            return None, None
        if not self.uses.version:
            return None, f"signs since v{since}, and no comment says which version this commit is"
        wanted = (int(number) for number in since.split("."))
        return (f"signs nothing before v{since}" if self.uses.older_than(*wanted) else None), None

    def _targets(self, subject: Subject) -> list[Target]:
        by_digest = _digest_target(subject, self.given) if subject.digest else None
        if by_digest:
            return [by_digest]
        if subject.reference:
            return [image(line) for line in lines(self.input(subject.reference))]
        listed = self.input(subject.checksums)
        if listed:
            files = self.files(listed)
            return [content.of for content, _ in files.pieces if isinstance(content.of, Image)] or [files]
        patterns = [each for name in subject.files.split() for each in paths(self.input(name))]
        folder = self.input(subject.folder, subject.default_folder)
        return [self.files(pattern) for pattern in patterns or ([folder] if folder else [])]

    def _signed(self, subject: Subject) -> tuple[list[Target], str | None]:
        """What is signed, but for what patterns after `!` leave out, and why nobody knows whether that is all of it."""
        patterns = [each for name in subject.files.split() for each in paths(self.input(name))]
        left_out = {tidy(pattern): tuple(map(tidy, without)) for pattern, without in chosen(patterns)}
        signed: list[Target] = []
        unsure = None
        for target in self._targets(subject):
            if not isinstance(target, Files) or not any(left_out.values()):
                signed.append(target)
            elif (without := left_out.get(target.pattern)) is not None:
                found = self.pieces(target.pattern)
                pieces = [(piece, part_of(path, each)) for path, piece, _ in found for each in without]
                gone = {piece for piece, part in pieces if part == ()}
                signed.append(replace(target, pieces=tuple(each for each in target.pieces if each not in gone)))
                part = next((part for _, part in pieces if part), None)
                unsure = unsure or (f"leaves out {shown(part)}, which may be released all the same" if part else None)
        return signed, unsure

    def _asked_for(self, subject: Subject) -> bool:
        return all(literal(self.input(name)) in wanted for name, wanted in subject.only_when.items())

    def _describe(self, subject: Subject) -> None:
        doubt = self.in_doubt_by_inputs(subject.only_when)
        if not (doubt or self._asked_for(subject)):
            return
        from goldenpath.facts.pipeline.actions import scanning

        scan = self.about.scans
        reference, archive = scanning.image_of(self, scan) if scan else (self.input(subject.image), ())
        path = self.input(subject.file) or self.input(subject.folder, subject.default_folder)
        of = self.own_image(reference) if reference else self.looked_into(self.files(path))
        of = scanning.in_archive(self, archive) if archive else of
        file = self.input(subject.writes)
        nothing, part = self._narrowed(subject)
        if nothing:
            self.put(tidy(file), Content("other", self.origin(file)))
            return
        doubt = doubt or self.in_doubt_by_inputs(scan.image_if if scan else ()) or in_part(self, of)
        self.described(of, file, part or doubt)
        event = self.moment.frame.shared.event
        if subject.publishes and event.name == "release" and literal(self.input(subject.publishes, "true")) == "true":
            problem = lacking(("contents",), self.state.permissions, self.state.key)
            sbom = Files(value("the SBOM"), ((Content("sbom", self.moment.key, of), ()),))
            self.act("attested", of, of=of, problem=problem) if isinstance(of, Image) else self.act("shipped", sbom)

    def _narrowed(self, subject: Subject) -> tuple[bool, str | None]:
        """Whether the program that it runs lists nothing at all, and else why it may list but a part."""
        about, _ = known_command([subject.runs])
        from goldenpath.facts.pipeline.catalogers import narrowed, some_kinds

        if about is None or about.lister is None:
            return False, some_kinds(filter(None, map(self.input, subject.parts.split())))
        config = self.input(subject.config)
        return narrowed(self, about.lister, lambda _: [], [config] if config else [])

    # Images

    def _name(self, given: str) -> None:
        names = [image(_plain_name(name)).name for name in lines(self.input(given))]
        symbol = Symbol("tags", self.moment.key)
        self.state.tag_lists[self.moment.key] = names
        self.state.made_tags[self.moment.key] = for_users(
            lines(self.input("tags")), lines(self.input("flavor")), self.moment.frame.shared.event
        )
        self.moment.say({"tags": value(symbol)})
        tags = value(Symbol("bake-file-tags", self.moment.key))
        self.moment.say({"bake-file": tags, "bake-file-tags": tags})
        if "org.opencontainers.image.created=" not in display(self.input("labels")):
            now = value(Symbol("now", self.moment.key))
            self.moment.say(
                {"bake-file": value(Symbol("bake-file", self.moment.key)), "labels": now, "annotations": now}
            )

    def _build(self, builds: Builds) -> None:
        digest = Symbol("digest", self.moment.key)
        exports = self.input(builds.exports)
        names = self._named(builds) or exported_names(exports)
        names = [name for each in names for name in self._expanded(each)]
        local = Symbol("image-id", self.moment.key)
        said = {builds.digest: value(digest)} if builds.digest else {}
        more = (partition(line, "=") for line in lines(self.input("build-contexts")))
        for context in (self.input(builds.context), *(named[1] for named in more if named)):
            self.moment.exposes_address(context, self.place)
        self.moment.say({**said, "imageid": value(local)})
        complete = {builds.digest, "imageid", "metadata"} == set(builds.outputs.split())
        self.moment.say({"metadata": value('{"containerimage.digest": "', digest, '"}')}, complete=complete)
        if any(map(self.input, HANDED)):
            from goldenpath.facts.pipeline.commands.building import release_in_build

            release_in_build(self, self.recipe())
        pushes, condition = self._pushes(builds)
        if not pushes:
            if may_test((self.input("target"),)):
                unsure = "what is run while an image is built is not followed"
                self.act("tested", unsure=unsure, recipe=self.recipe())
            self.moment.say(dict.fromkeys(said, value(local)))
            self.state.local_tags.update(dict.fromkeys(called_here(names), digest))
            self.state.recipes[digest] = self.recipe()
            return
        sbom = attests_sbom(self.input(builds.attests)) or adds_sbom(self.input(builds.sbom))
        if builds.context and head(self.input(builds.context, "{{")).startswith("{{"):
            self.guard = replace(self.guard, commit=self.moment.frame.shared.commit)
        self.built(names, digest, sbom=sbom, conditions=condition)

    def _named(self, builds: Builds) -> list[Value]:
        """The names of an image: in one input, or put together from several."""
        if not builds.image:
            return words(self.input(builds.names))
        parts = [self.input(builds.registry), self.input(builds.image)]
        name = value(parts[0], "/", parts[1]) if parts[0] else parts[1]
        return [value(name, ":", tag) for tag in words(self.input(builds.names)) or [value("latest")]]

    def _pushes(self, builds: Builds) -> tuple[bool, frozenset[str]]:
        """Whether an image is pushed, and the condition that this depends on."""
        name, _, default = builds.pushes.partition("=")
        pushed, exports = self.input(name, default if name else "true"), self.input(builds.exports)
        if literal(self.input(builds.keeps)) == "true":
            return False, frozenset()
        if literal(pushed) == "true" or any(
            isinstance(part, str) and re.search(r"push=true|type=registry", part) for part in exports
        ):
            return True, frozenset()
        if literal(pushed) is None:
            return True, _as_an_if(pushed) or frozenset({f"push: {display(pushed)}"})
        unclear = literal(exports) is None and not re.search(
            r"push=false|type=(docker|local|oci|tar)", display(exports)
        )
        return unclear, frozenset({f"outputs: {display(exports)}"}) if unclear else frozenset()

    def _make(self, makes: Makes) -> None:
        """Files are built into a folder that an input or an argument names, and may be handed over at once."""
        told = Words(tuple(fields(self.input(makes.arguments))), makes.out.split())
        folder = tidy(told.first(makes.out) or self.input(makes.folder, makes.default))
        self.made(folder, opaque=True, kinds=makes.kinds)
        if makes.says:
            self.moment.say({makes.says: folder})
        if makes.stored_as and not self.moment.dead:
            name = value(makes.stored_as, *self.input(makes.suffix))
            artifacts.put_in_store(self, name, [(folder, ())])

    def _expanded(self, name: Value) -> list[Value]:
        """The names that a list of metadata-action stands for."""
        if len(name) == 1 and isinstance(name[0], Symbol) and name[0].kind == "tags":
            names = self.state.tag_lists.get(name[0].name, [name])
            made = self.state.made_tags.get(name[0].name, [])
            return [*names, *(value(*each, ":", *tag) for each in names for tag in made)]
        return [name]

    def own_image(self, reference: Value) -> Image:
        """An image by reference: by its digest if it was built on this very machine under that name."""
        named = image(reference)
        digest = self.state.local_tags.get(without_daemon(reference))
        return Image(named.name, named.tag or LATEST, value(digest)) if digest and not named.digest else named

    # Shipping

    def _ship(self, subject: Subject) -> None:
        if doubt := self.in_doubt_by_inputs(subject.only_when):
            self.unseen(f"whether it ships {doubt}", frozenset({"ship"}))
        if not self._asked_for(subject) or (subject.to_cluster and self.state.has_own_cluster):
            return
        references = [
            *([self.input(subject.image)] if self.input(subject.image) else []),
            *lines(self.input(subject.images)),
        ]
        if subject.charts:
            if not subject.listed or self._has_charts(subject):
                self.act("shipped", own=True)
            return
        namespace = self.input(subject.namespace) if subject.to_cluster else None
        if references or subject.manifests:
            self._deploy(subject, references, namespace)
            return
        draft = literal(self.input(subject.draft)) == "true" if subject.draft else False
        name = self.input("tag_name") or self.input("tag")
        self.ship(self._targets(subject), draft=draft, bare=subject.bare or bool(subject.draft), name=name)

    def _has_charts(self, subject: Subject) -> bool:
        """Whether the pages that it publishes list charts, which Helm installs from there."""
        jobs = {self.state.key, *self.state.waits} if subject.listed == "before" else {self.state.key}
        return not jobs.isdisjoint(self.moment.frame.shared.lists_charts)

    def _deploy(self, subject: Subject, references: list[Value], namespace: Value | None) -> None:
        """Images are deployed: those that are named, else those in the files that say what is to run."""
        images = [*map(image, references)]
        if not images and subject.manifests:
            from goldenpath.facts.pipeline.specifications import Specifications, Untold

            listed = (path for line in lines(self.input(subject.manifests)) for path in split(line, ","))
            files, told = [tidy(strip(each)) for each in listed], Specifications(self)
            rendered = (content.of for each in files for _, (content, _), _ in self.pieces(each))
            try:
                images = told.of_this_run(each for each in rendered if isinstance(each, Image))
                images += told.images_in(filter(None, map(literal, files)))
            except Untold as untold:
                self.unseen(str(untold), frozenset({"build", "ship"}))
                return
        self.act("shipped", *images, namespace=namespace)

    def _hand_over(self, about: ActionKnowledge) -> None:
        if about.renders:
            path = self._say_file(about.renders.says)
            self.put(path, Content("other", self.origin(path), image(self.input(about.renders.image))))
        if about.stores:
            artifacts.store(self, about.stores)
        if about.shows:
            name, _, default = about.shows.partition("=")
            artifacts.expose(self, [(tidy(self.input(name, default)), ())], hidden=False)
        if about.restores:
            artifacts.restore(self, about.restores)
        for path in map(tidy, lines(self.input(about.caches))) if not self.moment.dead else ():
            self.state.programs.fill(path, ())  # whatever another run has left there
            self._restore_over(path)
            lay(self, path, value("a cache"))
            if not is_outside(path):
                self.act("installed", Files(path), recipe=self.recipe())

    def _restore_over(self, path: Value) -> None:
        """What another run has left in a cache takes the place of what stands there, if there is any."""
        if pieces := self.pieces(path):
            found = frozenset({f"the cache holds {shown(path)}"})
            left = Content("foreign", f"another run's {display(path)}")
            for each in dict.fromkeys([path, *(each for each, *_ in pieces)]):
                self.state.workspace.write(each, (left, ()), self.guard.conditions | found)


def _plain_name(line: Value) -> Value:
    """The name in a line of metadata-action's `images`, which may be written `name=…,enable=…`."""
    split = partition(line, ",")
    name = split[0] if split else line
    return value(name[0].removeprefix("name="), *name[1:]) if name and isinstance(name[0], str) else name


def _as_an_if(asked: Value) -> frozenset[str]:
    """What is true where an input is, as an `if:` of the same words has it; empty where that cannot be told."""
    symbol = asked[0] if len(asked) == 1 else None
    if not isinstance(symbol, Symbol) or symbol.kind not in {"unknown", "variable", "ticked"}:
        return frozenset()
    if symbol.kind == "unknown" and "||" not in symbol.name and "(" not in symbol.name:
        return frozenset(symbol.name.split(" && "))
    return frozenset({display(asked) if symbol.kind == "variable" else symbol.name})


def exported_names(exports: Value) -> list[Value]:
    """The `name=` of an export; several stand in quotes."""
    split = partition(exports, '"name=')
    if split:
        inside = partition(split[1], '"')
        return words(inside[0]) if inside else []
    split = partition(exports, "name=")
    found = words(split[1]) if split else []
    return found[:1]


def adds_sbom(asked: Value) -> bool | None:
    """Whether BuildKit is told to add an SBOM, by a switch or the name of what makes it; None for a run to say."""
    said = literal(asked)
    return None if said is None else said.lower() not in {"", "false", "f", "0"}


_DISABLED = regex(r"(?i)\bdisabled=(?:true|t|1)\b|type=sbom,(?:false|f|0)\b")


def attests_sbom(attests: Value) -> bool:
    """Whether BuildKit is told to add an SBOM, in one of these lines."""
    return any("type=sbom" in (literal(line) or "") and not _DISABLED.search(display(line)) for line in lines(attests))
