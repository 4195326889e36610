"""Commands that write, fetch, copy and remove files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.installs import is_moving, known_install, loose
from goldenpath.facts.pipeline.acts import Content, Files, Image
from goldenpath.facts.pipeline.cleaning import lose_signatures, perhaps_remove
from goldenpath.facts.pipeline.commands import handing, requests
from goldenpath.facts.pipeline.commands.editing import write_by_script
from goldenpath.facts.pipeline.commands.images import read_behind
from goldenpath.facts.pipeline.commands.sources import (
    comes_from_elsewhere,
    dates,
    edit,
    is_remote,
    lays_over,
    leaves,
    prints,
    replaces,
    rewrites,
    take_away,
)
from goldenpath.facts.pipeline.effects import NOT_FOR_USERS, name_of, part_of, under
from goldenpath.facts.pipeline.overlays import lay, remove
from goldenpath.facts.pipeline.programs import at_home
from goldenpath.facts.pipeline.runs import ANYTHING
from goldenpath.facts.pipeline.scattered import may_touch
from goldenpath.facts.pipeline.tables import STARTED_ELSEWHERE, is_rehearsal, is_released_alone, speaks_of_release
from goldenpath.facts.pipeline.words import Words, globbed
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Value, display, head, literal, partition, shown, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects


def write_files(effects: CommandEffects) -> None:
    """`tee`: its files get what it is handed; what fed it has said so already if that was an SBOM or a list.

    Of a program that reads files, too, only one word names what it writes (`convert from.png to.ico`).
    """
    words, only, mark = effects.words.positionals, effects.about.named, effects.about.out
    if mark:
        words = [split[1] for word in words if (split := partition(word, mark)) and not split[0]]
        for word in words:
            lay(effects, effects.place_of(word), value(effects.text))
    feeder = effects.command.pipe_from
    fed = feeder is not None and bool(words) and only is None
    told = feeder is not None and effects.script.script.commands[feeder].pipe_to in effects.script.teed
    for word in words if only is None else words[only:][:1]:
        effects.write(word, effects.addresses())
        if fed and (address := effects.addresses()):
            lay(effects, effects.place_of(word), address)
        if fed and effects.command.stdin is not None:
            rewrites(effects, word, effects.command.stdin)
            dates(effects, effects.path(word), (effects.command.stdin,))
        if only is None and not mark:
            prints(effects, word)
        kinds = {piece[0].kind for _, piece, _ in effects.pieces(effects.path(word))}
        if not (fed and told) or kinds.isdisjoint({"sbom", "index", "report"}):
            effects.overwritten(word)


def transfer(effects: CommandEffects) -> None:
    """`curl` and `wget` write files, or send something to where releases are kept."""
    effects.words = Words(tuple(map(_apart, effects.all_words[1:])), effects.about.takes.split())
    request = requests.by_curl(effects)
    told = request is not None and _is_of_no_release(effects, request.address)
    if (requests.calls_a_hook(effects) and not told) or (request is not None and requests.starts_a_pipeline(request)):
        effects.unseen(STARTED_ELSEWHERE, requests.of_another_run(effects))
    _fetch(effects, effects.words.of(effects.about.out))
    if (into := effects.written_to()) and any("://" in display(word) for word in effects.all_words):
        leaves(effects, into)
    for word in effects.words.of(effects.about.out):
        path = effects.path(word)
        effects.overwritten(word)
        folder = (literal(path) or "").rpartition("/")[0]
        if folder and effects.pieces(value(folder)) and not effects.pieces(path):
            effects.put(path, Content("other", effects.origin(path)))
    if request is not None and requests.releases(effects, request):
        return
    registries = effects.about.into.split()
    packages = any(part in display(word) for word in effects.words.positionals for part in registries)
    sent = [*effects.words.of(requests.FILES), *_filled_in(effects)]
    if request is None or told:
        return
    if uploads := [word for word in sent if packages or _is_built(effects, word)]:
        effects.act("shipped", *(effects.seen(word) for word in uploads))
    elif _speaks(effects) or (any(map(_is_packed, sent)) and not _is_here(request.address)):
        effects.unseen(effects.about.why)


def fetch(effects: CommandEffects) -> None:
    """Something is brought from elsewhere, under its own name or under any; at a version it is the same tomorrow."""
    at, words = effects.about.named, effects.words.positionals
    names = [] if at is None else [name_of(word) for word in words[at : at + 1]]
    floats = (
        known_install(effects.all_words) is None or loose(effects.all_words, lambda _: False, in_ci=True) is not None
    )
    for folder in effects.words.of(effects.about.out) or [value(effects.about.folder)]:
        for path in [under(folder, name) for name in names] if at is not None else [folder]:
            comes_from_elsewhere(effects, value(effects.text), path, into=False, contents=True, fetched=floats)
            effects.overwritten(path)


def _is_built(effects: CommandEffects, word: Value) -> bool:
    """Whether a file has been built here: whoever gets it, it is no report."""
    return any(content.kind == "built" for _, (content, _), _ in effects.pieces(effects.path(globbed(word))))


_TOGETHER = regex(r"-[cfgijknqsvIJLNRS#0-9]+(?=[TFXdoO])")
"""Options of curl and wget without a value, in front of one that says what is sent, or where it goes: `-sST`, `-qO`."""
_PACKED = regex(
    r".*\.(?:tar|tgz|tar\.\w+|zip|7z|whl|gem|crate|nupkg|jar|war|deb|rpm|apk|aab|ipa|msi|exe|dmg|pkg|vsix|snap)"
)


def _apart(word: Value) -> Value:
    """An option that has a value, without those that stand before it in the same word."""
    first = head(word)
    return value(_TOGETHER.sub("-", first, count=1), *word[1:]) if _TOGETHER.match(first) else word


def _is_packed(word: Value) -> bool:
    """Whether a file is a package or an archive by its name, and not one of reports."""
    name = display(name_of(word))
    return _PACKED.fullmatch(name) is not None and not is_rehearsal([name.partition(".")[0]])


def _is_here(address: str) -> bool:
    """Whether something is sent to what the job itself has started."""
    return NOT_FOR_USERS.match(address.rpartition("://")[2]) is not None


def _is_of_no_release(effects: CommandEffects, address: str) -> bool:
    """Whether something is sent to who only keeps descriptions, lets people in, or tells them things."""
    return address.startswith(tuple(f"https://{host}" for host in effects.about.harmless.split()))


def _speaks(effects: CommandEffects) -> bool:
    return speaks_of_release(" ".join(map(shown, effects.words.positionals)))


def _filled_in(effects: CommandEffects) -> list[Value]:
    """The files of a form (`-F package=@shop.deb`), or that are the body."""
    fields = (partition(each, "=@") for each in effects.words.of("-F --form"))
    told = effects.words.of("--data-binary -d --data")
    bodies = (partition(each, "@") for each in told if head(each).startswith("@"))
    return [field[1] for field in (*fields, *bodies) if field is not None]


def _takes_newest(effects: CommandEffects, named: list[Value]) -> None:
    """Something is fetched into the sources that is another thing on another day."""
    tree = effects.moment.frame.shared.tree
    paths = [path for word in named if (path := literal(effects.place_of(word)))]
    into_sources = any(tree.exists(path) or ("/" in path and tree.exists(path.rpartition("/")[0])) for path in paths)
    if into_sources and any(is_moving(display(word)) for word in effects.all_words[1:]):
        effects.act("installed", recipe=effects.recipe())


def _fetch(effects: CommandEffects, named: list[Value]) -> None:
    """What is fetched stands in the files that are named, else in those of the addresses' own names."""
    folder, command = effects.words.first(effects.about.folder), effects.command
    stands = not (named or command.stdout or command.pipe_to is not None)
    _takes_newest(effects, named)
    for path in named:
        leaves(effects, path)
        effects.write(path, effects.addresses())
        replaces(effects, path, effects.addresses())
    for address in effects.all_words[1:] if stands else ():
        if "://" in display(address):
            path = value(folder, "/", name_of(address)) if folder else name_of(address)
            effects.write(path, address)
            if effects.words.has("-O") or literal(effects.all_words[0]) == "wget":
                leaves(effects, path)
            if literal(path):
                replaces(effects, path, address)
            if folder or effects.words.has("-O"):
                effects.overwritten(path)


def change_files(effects: CommandEffects) -> None:
    """A program changes files where they stand (`sed -i`, `strip`, `upx`), or lays what it makes of one elsewhere."""
    into = effects.path(effects.words.first(effects.about.out)) if effects.about.out else ()
    if into:
        effects.overwrite(into)
    write_by_script(effects)
    wanted = tuple(effects.about.when.split())
    looks = bool(effects.about.keeps) and effects.words.has(effects.about.keeps)
    if looks or (wanted and not any(option.startswith(wanted) for option in effects.words.options)):
        read_behind(effects)
        return
    edit(effects)
    if effects.moment.scripted_secrets():
        from goldenpath.facts.pipeline.untrusted import tokens

        tokens.write_in_place(effects)
    for word in effects.words.positionals:
        named = effects.path(globbed(word, below=True))
        pieces = effects.pieces(named)
        if literal(named) is None or (not pieces and _may_be_there(effects, named)):
            effects.scatter(named)
        for found, (content, part), _ in pieces:
            path = into or (named if part else found)
            kind = {"sbom": "derived"}.get(content.kind, content.kind)
            effects.put(path, Content(kind, effects.origin(path), content.of))  # type: ignore[arg-type]


def _may_be_there(effects: CommandEffects, named: Value) -> bool:
    """Whether a pattern may fit files of which another pattern is known alone, and that they are in that folder."""
    folder = (partition(named, "/", last=True) or (value("."), ()))[0]
    held = (content.kinds or (display(part),) for _, (content, part), _ in effects.pieces(folder))
    known = (kind.rpartition("/")[2] for kinds in held for kind in kinds if "*" in kind)
    return "*" in display(named) and any(may_touch(named, under(folder, value(kind))) for kind in known)


def copy_files(effects: CommandEffects) -> None:
    """Files are copied: what is known of them, and whose programs they are, holds for the copies."""
    into = effects.words.first("-t --target-directory")
    *sources, target = [*effects.words.positionals, *([into] if into else [])] or [()]
    if is_remote(effects, target):
        effects.unseen(effects.about.why, frozenset(effects.about.may) or ANYTHING)
    goal = effects.path(target)
    if literal(goal) is not None and any(option.startswith("--del") for option in effects.words.options):
        perhaps_remove(effects, [literal(goal) or "."])  # what rsync finds there and not here
    folder = bool(into) or len(sources) > 1 or display(target).endswith("/") or literal(goal) == "."
    if effects.state.tokens:
        from goldenpath.facts.pipeline.untrusted import tokens

        tokens.take_along(effects, sources, goal, below_it=True)
    for source in sources:
        wanted = effects.path(globbed(source))
        ends = ("/.", "/*", "/") if effects.about.why else ("/.", "/*")
        contents = effects.about.whole or display(source).endswith(ends)
        lays_over(effects, globbed(source), target, into=folder, contents=contents)
        _copy_program(effects, globbed(source), target)
        if not effects.pieces(wanted):
            effects.overwrite(under(goal, name_of(wanted)) if folder else goal)
        for path, (content, part), _ in effects.pieces(wanted):
            whole = part_of(path, wanted) == () and path == wanted and not display(source).endswith(("*", "/."))
            copy = under(goal, name_of(path)) if folder and (whole or literal(wanted) is None) else goal
            if folder and not whole and "*" not in display(wanted):
                copy = under(goal, name_of(wanted))
            elif path != wanted and literal(path) and "*" in display(wanted):
                copy = under(goal, name_of(wanted if part else path))
            effects.put(copy, content, part)


def _copy_program(effects: CommandEffects, source: Value, target: Value) -> None:
    """What the repository, an address or the job itself has made may be run by its name from now on."""
    if effects.moment.dead:
        return
    programs = effects.state.programs
    at, goal = effects.place_of(source), effects.place_of(target)
    origin, known = programs.origin(at), literal(at)
    if known is not None and effects.moment.frame.shared.tree.exists(known.partition("*")[0].rstrip("/")):
        origin = ()
        programs.copy_folder(known.partition("*")[0].rstrip("/"), goal)
    programs.copy(at, goal, whole=display(source).endswith(("*", "/.", "/")))
    if origin is not None or effects.pieces(at):
        for path in (goal, under(goal, name_of(at))):
            programs.write(path, origin or ())
    elif not _is_called(at, name := literal(name_of(at_home(goal))) or "?") and is_released_alone(name):
        programs.write(goal, ())  # whatever the machine calls otherwise


def move_files(effects: CommandEffects) -> None:
    """Files are moved: copied, and gone from where they stood."""
    copy_files(effects)
    named = effects.words.positionals if effects.words.has("-t --target-directory") else effects.words.positionals[:-1]
    for source in named:
        effects.state.programs.remove(effects.place_of(source))
        take_away(effects, source)
        _forget(effects, source)


def remove_files(effects: CommandEffects) -> None:
    """Files are gone."""
    for word in effects.words.positionals:
        effects.state.programs.remove(effects.place_of(word))
        if path := effects.anywhere(word):
            remove(effects, path)
        _forget(effects, word)
        lose_signatures(effects, effects.path(globbed(word)))


def _forget(effects: CommandEffects, word: Value) -> None:
    """Nothing stands any more where a word says, or below."""
    wanted = effects.path(globbed(word))
    if effects.state.tokens:
        from goldenpath.facts.pipeline.untrusted import tokens

        tokens.remove(effects, word)
    for path, (content, _), _ in effects.pieces(wanted):
        of_image = content.kind == "installed" and isinstance(content.of, Image)  # which is not whole any more
        if of_image or part_of(path, wanted) == ():
            effects.put(path, None)


def build_files(effects: CommandEffects) -> None:
    """A program builds files, where it says into what."""
    out = effects.words.first(effects.about.out) or (value(effects.about.folder) if effects.about.folder else ())
    if out:
        asked = [kind for option, kind in effects.about.kinds.items() if effects.words.has(option)]
        kinds = tuple(dict.fromkeys(asked or effects.about.kinds.values()))
        effects.made(effects.path(out), opaque=effects.about.opaque, kinds=kinds)


def list_digests(effects: CommandEffects) -> None:
    """Digests of files are listed: what is said of the list is said of them."""
    listed = [effects.seen(word) for word in effects.words.positionals]
    if not listed:
        return
    scattered = listed[0].scattered.intersection(*(files.scattered for files in listed))
    of = Files(listed[0].pattern, tuple(piece for files in listed for piece in files.pieces), scattered)
    if file := effects.written_to():
        path = effects.path(file)
        if any(each.operator == ">>" for each in effects.command.redirects):
            before = (content.of for _, (content, _), _ in effects.pieces(path) if content.kind == "index")
            standing = (piece for each in before if isinstance(each, Files) for piece in each.pieces)
            of = Files(of.pattern, (*standing, *of.pieces), scattered)
        effects.put(path, Content("index", effects.origin(path), of))
    else:
        handing.prints(effects, Content("index", effects.origin(()), of))


def _is_called(path: Value, name: str) -> bool:
    """Whether a file is called by the name of a program, as `cosign-linux-amd64` is."""
    return (literal(name_of(at_home(path))) or "").startswith(name)
