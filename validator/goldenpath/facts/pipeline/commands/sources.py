"""Which sources a job stands on: what git brings of other commits, and what patches make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline import cleaning
from goldenpath.facts.pipeline.acts import Files, is_accompanying
from goldenpath.facts.pipeline.commands.editing import spoken
from goldenpath.facts.pipeline.commands.stamps import puts_in, speaks_of_version, stamps
from goldenpath.facts.pipeline.effects import name_of, under
from goldenpath.facts.pipeline.overlays import is_of_others, lay, lose_tests, remove, remove_some
from goldenpath.facts.pipeline.programs import is_called_by_program
from goldenpath.facts.pipeline.scattered import is_outside, is_workspace
from goldenpath.facts.pipeline.words import Words, asked_of_git, globbed
from goldenpath.facts.regexes import regex
from goldenpath.facts.shell.paths import is_within
from goldenpath.facts.shell.script import unwrapped
from goldenpath.facts.values import Symbol, Value, display, head, is_somewhere, literal, partition, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goldenpath.facts.pipeline.commands import CommandEffects


def check_out(effects: CommandEffects) -> None:
    """Files of a pull request may take the place of those of the repository."""
    if effects.about.whole:
        if effects.moment.frame.shared.event.by_outsider:
            effects.moment.exposes("files", effects.place, effects.text)
    else:
        change_sources(effects)


def change_sources(effects: CommandEffects) -> None:
    """What git does to the sources that are built, and no other work tree's."""
    folder, verb, rest = asked_of_git(effects.all_words)
    words = Words(rest, effects.about.takes.split())
    if verb not in {"commit", "show"}:  # whose words are a message; what is printed lies nowhere yet
        _expose(effects)
    if verb == "clone":
        _clone(effects, words)
    elif _is_of_the_repository(effects, folder) and _UNDOES.isdisjoint(words.options):
        if verb == "commit":
            effects.keeps_patches()
        elif verb in {"checkout", "switch", "restore", "reset"}:
            _move(effects, verb, rest, words)
        elif verb == "pull":
            _pull(effects, words.positionals[1:])  # behind the remote
        elif verb in {"clean", "stash"}:
            _put_away(effects, verb, folder, words)
        elif verb == "show":
            _print(effects, words.positionals)
        elif verb == "sparse-checkout":
            _thin_out(effects, words.positionals)
        else:
            _change(effects, folder, verb, words)


def _thin_out(effects: CommandEffects, names: list[Value]) -> None:
    """Nothing is left of the work tree but these folders, and the files beside them."""
    folders = [literal(name) for name in names[1:]]
    if names[:1] == [("set",)] and None not in folders:
        kept = [each or "" for each in folders]
        remove_some(effects, value("."), lambda path: "/" in path and not any(is_within(path, each) for each in kept))


def _change(effects: CommandEffects, folder: Value, verb: str, words: Words) -> None:
    """What else git does to files of the work tree: it takes some away, or changes them."""
    if verb in _REMOVES and not words.has("--cached -n --dry-run"):
        for name in words.positionals[: _REMOVES[verb]]:
            take_away(effects, under(folder, name) if folder else name)
    elif verb in _MIXES or _patches(verb, words):
        _mix(effects, verb, words.positionals)


def _expose(effects: CommandEffects) -> None:
    """Outsiders may choose what is brought: by the names that are asked for, or by the patch that is handed over."""
    words, handed = [*effects.all_words], _handed_words(effects)
    if handed[:3] == (("gh",), ("pr",), ("diff",)) and effects.moment.frame.shared.event.by_outsider:
        effects.moment.exposes("files", effects.place, effects.text)
    effects.moment.exposes_files(value(*(part for word in (*words, *handed) for part in (*word, " "))), effects.place)


def _handed_words(effects: CommandEffects) -> tuple[Value, ...]:
    """The command whose output is read here; none where it is not piped."""
    fed = effects.command.pipe_from
    return effects.script.script.commands[fed].words if fed is not None else ()


def _move(effects: CommandEffects, verb: str, rest: tuple[Value, ...], words: Words) -> None:
    """Files of a commit take the place of what is there: all of them, or some."""
    names, options = words.positionals, words.options.keys()
    forced = words.has("-f --force --discard-changes") if verb != "reset" else "--hard" in options
    if verb in {"checkout", "restore"} and _are_files(effects, verb, rest, words):
        _take_files(effects, verb, names, words.first("-s --source"))
    elif verb in {"checkout", "switch"} or "--hard" in options:
        if "--hard" in options or ("-f" in options and not names):
            effects.drops_patches()
        if forced and names and not effects.is_own_commit(names[0]):
            cleaning.cover(effects, ())  # else git stops before it writes over what it does not have
        _switch(effects, names if verb == "reset" or options.isdisjoint(_NEW_BRANCH) else names[1:])


def _mix(effects: CommandEffects, verb: str, names: list[Value]) -> None:
    for name in names or [_handed(effects)]:
        effects.mixes(value("the reverse of ", name) if verb == "revert" else name, kept=verb in _MIXES)


def _print(effects: CommandEffects, names: list[Value]) -> None:
    """What another commit has, or another file, is written over what stands there (`git show other:a > a`)."""
    into = effects.script.known(effects.command.stdout)
    for name in names if into else ():
        if (split := partition(name, ":")) and not (
            effects.is_own_commit(split[0]) and _of_git(effects, split[1]) == effects.place_of(into)
        ):
            replaces(effects, into, name)


def _of_git(effects: CommandEffects, path: Value) -> Value:
    """A path of a commit as seen from the workspace: git has it from the root, unless it begins where the script is."""
    return effects.place_of(path) if head(path).startswith(("./", "../")) else path


def replaces(effects: CommandEffects, path: Value, by: Value) -> None:
    """What stands at a path is written over: if that is a source of the repository, it is not the commit's any more."""
    at = literal(effects.place_of(path)) or ""
    lose_tests(effects, at, "written over them")
    if _is_source(effects, at):
        effects.mixes(value(by, " in the place of ", at))


def rewrites(effects: CommandEffects, path: Value, text: Value) -> None:
    """A source is changed by a text; one that speaks of a version, or puts one in, stamps it with that."""
    at = effects.anywhere(path)
    cleaning.lose_signatures(effects, effects.path(globbed(path)))
    if at and not stamps(effects, value(at, " ", text)):
        lay(effects, at, value(effects.text))


def dates(effects: CommandEffects, path: Value, said: tuple[Value, ...]) -> None:
    """A file that lies among the sources gets what no other run has: the time, say, its number, or what others say."""
    if literal(path) is None or is_outside(path):
        return
    from goldenpath.facts.chances import asked_elsewhere, asks_elsewhere, is_now, is_of_one_run, told_by_chance

    told = any(is_now(each) or is_of_one_run(each) for each in said) or told_by_chance(effects.all_words, effects.text)
    asked = any(map(asked_elsewhere, said)) or asks_elsewhere(" ".join(map(display, effects.all_words)))
    if told or (asked and not _is_checked(effects)):
        effects.act("installed", Files(path), recipe=effects.recipe())


def leaves(effects: CommandEffects, path: Value) -> None:
    """What is fetched stands in the work tree, where nothing holds it against its sum: another run may get another."""
    at = effects.place_of(path)
    if path and literal(at) is not None and not (is_outside(at) or effects.moment.dead or _is_checked(effects)):
        effects.act("installed", Files(at), recipe=effects.recipe())


def _is_checked(effects: CommandEffects) -> bool:
    """Whether the script holds something against its sum."""
    return not effects.script.programs.isdisjoint(_CHECKS)


_CHECKS = frozenset({"sha256sum", "sha512sum", "shasum", "gpg", "minisign"})


def prints(effects: CommandEffects, path: Value) -> None:
    """What a program prints is written into a file: what `echo`, `sed` and their like say, or nobody knows what.

    Who speaks of a version stamps the file with it, be it a copy that then takes the place of another one.
    """
    if effects.moment.dead:
        return
    at, stages = effects.place_of(globbed(path)), list(_stages(effects))
    said = spoken(word for each in stages for word in (*each[0][1:], each[1]))
    programs = {literal(each[0][0]) for each in stages}
    stamped = speaks_of_version(value(at, " ", said)) or (programs <= _SAYING and puts_in(effects, said))
    (effects.state.stamped.add if stamped else effects.state.stamped.discard)(at)
    if programs & _HANDING_OUT or not (stamped or _shows_a_commit(effects)):
        lay(effects, at, value(effects.text))


def _shows_a_commit(effects: CommandEffects) -> bool:
    """Whether git prints a file of this repository, of which it is said elsewhere whose commit that is."""
    folder, verb, rest = asked_of_git(effects.all_words)
    named = verb == "show" and any(partition(word, ":") for word in Words(rest, ()).positionals)
    return named and literal(effects.all_words[0]) == "git" and _is_of_the_repository(effects, folder)


def _stages(effects: CommandEffects) -> Iterator[tuple[tuple[Value, ...], Value]]:
    """The words of a command, and of those that hand it what it prints, each with the text that it is given."""
    command = effects.command
    yield effects.all_words, () if command.pipe_from is not None else command.stdin or ()
    for _ in range(_MOST_STAGES):
        if command.pipe_from is None:
            break
        command = effects.script.script.commands[command.pipe_from]
        stdin = () if command.pipe_from is not None else command.stdin or ()
        yield tuple(map(effects.script.known, unwrapped(command.words))), stdin


def edit(effects: CommandEffects) -> None:
    """`sed -i` and `perl -pi` change files by a script, which stands in their words; `truncate` leaves nothing."""
    program, words = literal(effects.all_words[0]), [*filter(None, effects.words.positionals)]
    if program == "truncate":
        for word in words:
            take_away(effects, word)
    if program not in _EDITING or (program in _BY_AWK and value("inplace") not in effects.words.of("-i --include")):
        return
    read = effects.words.of("-f --file")
    named = effects.words.of("-e --expression") or effects.after(_PROGRAM)
    scripts, files = (named, [word for word in words if word not in named]) if named or read else (words[:1], words[1:])
    text = effects.moment.frame.shared.tree.text
    scripts += [value(text(literal(effects.place_of(each)) or "") or "") for each in read]
    for word in files:
        if (at := literal(effects.place_of(word))) and not effects.moment.dead:
            effects.state.edit(at, effects.all_words)
        rewrites(effects, word, value(*(part for script in scripts for part in (*script, " "))))
        dates(effects, effects.path(word), tuple(scripts))
        if effects.origin_of(word):
            effects.write(word)


_RELEASED = regex(r"https://github\.com/[^/]+/([^/]+)/releases/")
"""Where on GitHub a project releases something."""
_PACKED_BY_GITHUB = regex(r"https://(?:codeload\.github\.com/|github\.com/[^/]+/[^/]+/archive/)")
"""Where GitHub hands out the sources of a repository, in a folder of their own."""
_PROGRAM = regex(r"-\w*[eE]")
_REMOTE = regex(r"[^/]+:")
_BY_AWK = frozenset({"awk", "gawk"})
_EDITING = frozenset({"gsed", "perl", "sed", *_BY_AWK})
"""Programs that change files where they stand by a script in their words."""
_HANDING_OUT = frozenset({"base64", "bzcat", "gh", "gpg", "gzcat", "openssl", "ssh", "xzcat", "zcat", "zstdcat"})
"""Programs that print what they fetch, or find in a file that nobody can read."""
_SAYING = frozenset({":", "cat", "echo", "printf", "sed", "sponge", "tee", "true"})
_MOST_STAGES = 16


def is_remote(effects: CommandEffects, path: Value) -> bool:
    """Whether a program that copies from one machine to another takes a path for one there (`host:file`)."""
    return bool(effects.about.why) and _REMOTE.match(display(path)) is not None


def lays_over(effects: CommandEffects, source: Value, target: Value, *, into: bool, contents: bool) -> None:
    """What is copied, `into` a folder, or its `contents` alone, may take the place of sources by the same names.

    What the job has built is none of them.
    """
    tree = effects.moment.frame.shared.tree
    start, goal = literal(effects.place_of(source)), literal(effects.place_of(target))
    if goal is None or is_outside(target) or effects.pieces(effects.path(source)):
        return
    if effects.place_of(source) in effects.state.stamped:
        effects.state.stamped.add(value(goal))
        return
    made = bool(start) and not any(tree.taken(start or ""))
    there = partition(source, ":") if is_remote(effects, source) else None
    if made or is_outside(source) or there:
        fetched = there is not None
        comes_from_elsewhere(
            effects, there[1] if there else source, target, into=into, contents=contents, fetched=fetched
        )
        return
    if not start:
        return
    goal = "" if goal == "." else goal
    if goal and not tree.exists(goal):
        return
    into = into or not goal or not _is_source(effects, goal)
    replaced = list(_replaced(effects, start, goal, below_it=into and not contents))
    for path in replaced:
        lose_tests(effects, path, "written over them")
    if replaced:
        effects.mixes(value(source, " in the place of ", target))


def comes_from_elsewhere(
    effects: CommandEffects, source: Value, target: Value, *, into: bool, contents: bool, fetched: bool = False
) -> None:
    """What no commit has is copied to a path, `into` a folder by its name, or its `contents` alone."""
    goal = literal(effects.place_of(target)) or ""
    into = into or display(target).endswith("/") or effects.moment.frame.shared.tree.is_folder(goal)
    at = under(target, name_of(source)) if into and not contents else target
    cleaning.cover(effects, effects.path(at))
    lay(effects, effects.place_of(at), source)
    if fetched or effects.origin_of(source):
        leaves(effects, at)


def unpacks(effects: CommandEffects, archive: Value, members: Iterable[Value], folder: Value) -> None:
    """An archive is laid open in a folder, or some `members` of it; what the job has packed itself holds nothing new.

    What a project releases under its own name is a program of its own, and no code of this repository. Archives of
    sources hold one folder, by whose name the script then knows it.
    """
    origin = effects.origin_of(archive) if archive else effects.addresses()
    for member in (list(members) or [()]) if origin else ():
        leaves(effects, under(folder, member) if member else folder)
    packed = {content.kind for _, (content, _), _ in effects.pieces(effects.path(archive))} if archive else set()
    if _is_aside(effects, folder, display(origin or archive)) or (
        packed and packed.isdisjoint({"foreign", "found", "other"})
    ):
        return
    by = origin or archive or value(effects.text)
    for member in list(members) or [value(".")]:
        cleaning.cover(effects, effects.path(under(folder, member) if member else folder))
        lay(effects, effects.place_of(under(folder, member)) if member else (), by)


def _is_of_a_program(address: str) -> bool:
    """Whether what is fetched from an address is called by a program, or by the project that releases it."""
    name = address.rpartition("/")[2].lower()
    project = _RELEASED.match(address.lower())
    return (project is not None and name.startswith(project[1])) or ("://" in address and is_called_by_program(name))


def _is_aside(effects: CommandEffects, folder: Value, address: str) -> bool:
    """Whether what is unpacked is a program of others, or stands in a folder of its own, into which the script goes."""
    if _is_of_a_program(address):
        return True
    name = address.rpartition("/")[2].partition(".")[0]
    if folder != (".",) or not name or any(option.startswith("--strip") for option in effects.words.options):
        return False
    if _PACKED_BY_GITHUB.match(address):
        return True
    entered = (each.words[1:2] for each in effects.script.script.commands if each.words[0] == ("cd",))
    places = (effects.place_of(folder) for words in entered for folder in words if display(folder).startswith(name))
    return any(not effects.moment.frame.shared.tree.exists(literal(each) or "") for each in places)


def take_away(effects: CommandEffects, path: Value) -> None:
    """Files are gone from where they stood."""
    remove(effects, effects.place_of(globbed(path)))


def _replaced(effects: CommandEffects, start: str, goal: str, *, below_it: bool) -> Iterator[str]:
    """The sources of which what is copied takes the place; of another repository nobody has a list."""
    tree = effects.moment.frame.shared.tree
    if is_of_others(effects, start.partition("*")[0].rstrip("/")):
        path = goal if "*" in start or not below_it else f"{goal}/{start.rpartition('/')[2]}".lstrip("/")
        if not path or (tree.exists(path) and not is_accompanying(value(path))):
            yield path
        return
    for found, copied in tree.taken(start):
        path = f"{goal}/{found.rpartition('/')[2]}" if below_it else goal
        copy = (path + copied[len(found) :]).lstrip("/")
        if _is_source(effects, copy):
            yield copy


def _is_source(effects: CommandEffects, path: str) -> bool:
    """Whether the repository has a file at a path of which something is built."""
    there = effects.moment.frame.shared.tree.is_file(path)
    return there and not is_accompanying(value(path)) and not is_of_others(effects, path)


def patch(effects: CommandEffects) -> None:
    """`patch` changes the sources where they stand: those of the repository count, none that were fetched."""
    from goldenpath.facts.pipeline.commands import files

    files.change_files(effects)
    _expose(effects)
    if _is_of_the_repository(effects, effects.words.first("-d --directory")):
        named = effects.words.of("-i --input") or effects.words.positionals[1:]
        for name in named or [_handed(effects)]:
            effects.mixes(name)


def _clone(effects: CommandEffects, words: Words) -> None:
    if not words.positionals:
        return
    address, *into = words.positionals
    name = value(display(name_of(address)).removesuffix(".git"))
    folder = into[0] if into else name
    effects.filled(folder, value(address, "/"))
    path = literal(effects.place_of(folder))
    if path in {"", "."}:
        effects.mixes(value("files of ", *address), handed=True)
    elif path and not effects.moment.dead:
        effects.state.cloned.add(path)
        if not (is_outside(value(path)) or words.has("-b --branch --revision")):
            effects.act("installed", Files(value(path)), recipe=effects.recipe())


def _switch(effects: CommandEffects, names: list[Value]) -> None:
    if len(names) == 1 and literal(names[0]) != "HEAD":
        doubtful = bool(effects.guard.conditions)
        effects.brings(value(Symbol("unknown", f"{effects.place}")) if doubtful else names[0])


def _pull(effects: CommandEffects, names: list[Value]) -> None:
    """What the remote has by then is merged: later commits of the very branch that the run is of, too."""
    if names and not effects.is_own_commit(names[0]):
        effects.brings(names[0])
    else:
        effects.mixes(value("the branch by then"), kept=True)


def _are_files(effects: CommandEffects, verb: str, rest: tuple[Value, ...], words: Words) -> bool:
    """Whether files are named, which alone are taken from the index or from a commit."""
    names = words.positionals
    if verb == "restore":
        return words.has("-W --worktree") or not words.has("-S --staged")
    if not words.options.keys().isdisjoint(_NEW_BRANCH):
        return False
    return ("--",) in rest or len(names) > 1 or (bool(names) and _is_file(effects, names[0]))


def _take_files(effects: CommandEffects, verb: str, names: list[Value], source: Value) -> None:
    if verb == "checkout" and len(names) > 1 and not _is_file(effects, names[0]):
        source, names = names[0], names[1:]
    everything = any(literal(name) in {".", ":/"} for name in names)
    for name in names:
        effects.restores(effects.place_of(value(".") if literal(name) == ":/" else name))
        if not effects.is_own_commit(source) and effects.path(name) in effects.state.workspace.written:
            effects.overwritten(name)
        elif not effects.is_own_commit(source):
            cleaning.cover(effects, effects.path(name))
        if not effects.is_own_commit(source):
            lose_tests(effects, literal(effects.place_of(name)), "written over them")
    if everything and effects.is_own_commit(source):
        effects.drops_patches()
    elif not effects.is_own_commit(source) and not all(map(is_accompanying, names)):
        effects.mixes(value(source, ":", *(part for name in names for part in (*name, " "))))


def _is_file(effects: CommandEffects, name: Value) -> bool:
    path = literal(effects.place_of(name))
    return literal(name) in {".", ":/"} or (bool(path) and effects.moment.frame.shared.tree.exists(path or ""))


def _put_away(effects: CommandEffects, verb: str, folder: Value, words: Words) -> None:
    """The work tree is cleaned, for good or until what was stashed is brought back."""
    asked = literal(words.positionals[0]) if words.positionals else "push"
    if verb == "clean":
        cleaning.clean(effects, folder, words)
    elif asked in {"pop", "apply", "branch"}:
        effects.mixes(value("what was stashed"))
    elif asked in {"push", "save"}:
        effects.drops_patches()
        cleaning.stash(effects, words)


def _patches(verb: str, words: Words) -> bool:
    """Whether files in the work tree are changed: not where a patch is only looked at, or goes to the index alone."""
    if verb == "apply":
        return words.has("--apply") or words.options.keys().isdisjoint(_LOOKS)
    updates = verb == "read-tree" and any("u" in option[1:] for option in words.options if option[:2] != "--")
    return updates or (verb == "submodule" and words.has("--remote"))


def _handed(effects: CommandEffects) -> Value:
    """What a command reads by which no word is named: a file, or what another program says."""
    read = [each.target for each in effects.command.redirects if each.operator == "<"]
    said = value(*(part for word in _handed_words(effects) for part in (*word, " ")))
    return read[0] if read else said or value(effects.text)


def _is_of_the_repository(effects: CommandEffects, folder: Value) -> bool:
    """Whether a folder lies among the sources of the run, and not where something else has been fetched."""
    at = effects.place_of(folder or value("."))
    path = literal(at)
    if path is None:
        told = any(isinstance(part, Symbol) and part.kind == "command" for part in at)
        return not (told or is_somewhere(at) or is_outside(at))
    if any(is_within(path, each) for each in (*effects.state.beside, *effects.state.cloned)):
        return False
    named = path in {"", "."} or path.startswith("../") or is_workspace(at)
    return named or effects.moment.frame.shared.tree.exists(path)


_MIXES = frozenset({"am", "cherry-pick", "merge", "rebase", "revert"})
"""What leaves more in the files than one commit has, as `git checkout x -- .` does."""
_REMOVES = {"mv": -1, "rm": None}
"""What takes files away from where they stood, and which of its words name these."""
_UNDOES = frozenset({"--abort", "--continue", "--quit", "--skip"})
_LOOKS = frozenset({"--check", "--stat", "--numstat", "--summary", "--cached"})
_NEW_BRANCH = ("-b", "-B", "-c", "-C", "--create", "--force-create", "--orphan")
"""Options behind which the name of a new branch comes, and only then where it begins."""
