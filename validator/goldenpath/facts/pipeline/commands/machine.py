"""What commands change of the job around them: who it is, which commit it stands on, what it has of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.effects import below, name_of
from goldenpath.facts.values import Symbol, display, literal, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects


def nothing(effects: CommandEffects) -> None:
    """None of the acts that a release is made of; what it is told to write is another file from then on."""
    if not effects.words.options:
        return  # as most have none
    for word in effects.words.of(effects.about.out):
        effects.overwritten(word)
    for word in effects.words.of(effects.about.folder):
        effects.scatter(below(effects.path(word), value(Symbol("unknown", "what is written"))))


def log_in(effects: CommandEffects) -> None:
    """The job has a right from now on that lies outside the repository."""
    effects.moment.state.has_secrets = True
    words = effects.words
    handed = effects.script.known(effects.command.stdin or ())
    effects.logs_in(
        literal(words.positionals[0]) or "" if words.positionals else "", words.first("-p --password") or handed
    )


def check_out(effects: CommandEffects) -> None:
    """Files of a pull request may take the place of those of the repository."""
    if effects.about.whole:
        if effects.moment.frame.shared.event.by_outsider:
            effects.moment.exposes("files", effects.place, effects.text)
    else:
        effects.moment.exposes_files(
            value(*(part for word in effects.all_words for part in (*word, " "))), effects.place
        )
        _switch(effects)


def _switch(effects: CommandEffects) -> None:
    """`git checkout v1`, `git reset --hard v1`: other files from now on, if it is no file that is named."""
    names = effects.words.positionals
    elsewhere = effects.all_words[2] if effects.all_words[1:2] == (("-C",),) and len(effects.all_words) > 3 else ()
    if elsewhere and literal(effects.path(elsewhere)) not in {"", "."}:
        return  # in another work tree
    names = [name for name in names if name != elsewhere]
    verb = literal(effects.all_words[3 if elsewhere else 1])
    whole = verb == "checkout" and names[1:] in _ALL
    if names and (whole or (verb in _MIXES and _UNDOES.isdisjoint(effects.words.options))):
        effects.brings(names[0], mixed=True)
        return
    if verb == "clone" and names:
        address, *into = names
        name = value(display(name_of(address)).removesuffix(".git"))
        folder = into[0] if into else name
        effects.filled(folder, value(address, "/"))
        if (path := literal(effects.place_of(folder))) and not effects.moment.dead:
            effects.state.cloned.add(path)
    if verb in {"checkout", "switch"}:
        given = effects.words.options.keys() - ({"-C"} if elsewhere else set())
        names = names if given.isdisjoint(_NEW_BRANCH) else names[1:]
    elif verb == "pull":
        names = names[1:]  # behind the remote
    elif verb != "reset" or "--hard" not in effects.words.options:
        return
    if len(names) == 1 and ("--",) not in effects.all_words and literal(names[0]) != "HEAD":
        path = literal(names[0])
        if not path or effects.moment.frame.shared.tree.text(path) is None:
            effects.brings(value(Symbol("unknown", f"{effects.place}")) if effects.guard.conditions else names[0])


_MIXES = frozenset({"am", "cherry-pick", "merge", "rebase", "revert"})
"""What leaves more in the files than one commit has, as `git checkout x -- .` does."""
_ALL = ([(".",)], [(":/",)])
_UNDOES = frozenset({"--abort", "--continue", "--quit", "--skip"})
_NEW_BRANCH = ("-b", "-B", "-c", "-C", "--create", "--force-create", "--orphan")
"""Options behind which the name of a new branch comes, and only then where it begins."""


def start_cluster(effects: CommandEffects) -> None:
    """The job has a cluster of its own, in which nobody uses what is deployed."""
    if not effects.moment.dead:
        effects.state.has_own_cluster = True


def run_tool(effects: CommandEffects) -> None:
    """A tool that releases by itself is followed."""
    from goldenpath.facts.pipeline import tools

    tools.perform(effects.about.tool, effects, effects.words, effects.script.folder)
