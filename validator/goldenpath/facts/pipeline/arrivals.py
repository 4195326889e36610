"""How programs come onto the machine of a job other than one by one: unpacked, fetched, installed, or by another name.

Whoever is called by the name of a program after that may be another one; `programs` says when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from goldenpath.facts.pipeline.acts import EARLIER_RELEASE, Content, Files, image
from goldenpath.facts.pipeline.cleaning import cover
from goldenpath.facts.pipeline.commands import archives
from goldenpath.facts.pipeline.commands.sources import comes_from_elsewhere, leaves, unpacks
from goldenpath.facts.pipeline.effects import fits, is_of_one_file, name_of, tidy, under
from goldenpath.facts.pipeline.overlays import anywhere, lay
from goldenpath.facts.pipeline.programs import PATH_OF_MACHINE
from goldenpath.facts.pipeline.tables import is_image_of, is_released_alone, is_released_by
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Symbol, Value, display, head, literal, partition, shown, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goldenpath.facts.pipeline.commands import CommandEffects

_PACKAGE_FILE = regex(r"(\.{0,2}/|\w+:/).*|.*\.(deb|rpm|apk)")


def copy_out(effects: CommandEffects) -> None:
    """`docker cp CONTAINER:PATH GOAL`: what an image holds stands on the machine; in a cluster users may get it."""
    source, goal = (*effects.words.positionals, (), ())[:2]
    if effects.about.to_cluster and partition(goal, ":"):
        from goldenpath.facts.pipeline.commands.shipping import may_ship

        may_ship(effects)
    if not partition(source, ":") or partition(goal, ":") or goal in {(), ("-",)}:
        return
    name = name_of(source)
    whole = display(source).endswith(("/", "/."))
    effects.overwritten(goal)
    comes_from_elsewhere(effects, name, goal, into=False, contents=display(source).endswith("/."))
    program = literal(name_of(goal)) or ""
    own = goal == value(PATH_OF_MACHINE, program) and name == (program,) and is_released_alone(program)
    if own and _is_out_of_its_image(effects, source):
        effects.state.programs.install(program)
        return
    for path in (goal,) if whole else (goal, under(tidy(goal), name)):
        effects.written(path)
    if whole or not display(tidy(goal)).endswith("bin"):
        effects.filled(goal, ())
    effects.filled(under(tidy(goal), name), ())


def _is_out_of_its_image(effects: CommandEffects, source: Value) -> bool:
    """Whether a container was made here of an image by those who release the program: `$(docker create IMAGE):PATH`."""
    made = effects.script.script.substitutions.get(source[0]) if isinstance(source[0], Symbol) else None
    words = [effects.script.known(word) for word in made.words] if made else []
    if [literal(word) for word in words[:2]] not in (["docker", "create"], ["podman", "create"]):
        return False
    program = literal(name_of(effects.words.positionals[1])) or ""
    return len(words) == len(["docker", "create", "IMAGE"]) and is_image_of(program, display(image(words[2]).name))


def download(effects: CommandEffects) -> None:
    """`gh release download`: files of a release of this repository, or of another one."""
    other = effects.words.first("-R --repo")
    origin = value("https://github.com/", other, "/releases/download/") if other else ()
    folder = effects.words.first("-D --dir") or value(".")
    named = effects.words.of("-p --pattern")
    for each in (named or [value(".")]) if effects.words.has("--clobber") else ():  # else what stands there stays
        lay(effects, effects.place_of(under(tidy(folder), each)), effects.addresses() or value(effects.text))
        cover(effects, effects.path(under(tidy(folder), each)))
    if not other or other == value(Symbol("github", "repository")):
        _of_an_earlier_run(effects, [under(tidy(folder), each) for each in named] or [tidy(folder)])
    for path in effects.words.of("-O --output"):
        effects.overwritten(path)
        effects.written(path, origin)
        leaves(effects, path)
    for pattern in [] if effects.words.of("-O --output") else named or [value(".")]:
        leaves(effects, anywhere(under(tidy(folder), pattern)))
    for pattern in named:
        effects.overwritten(under(tidy(folder), pattern))
        if "*" not in display(pattern):
            effects.written(under(tidy(folder), pattern), origin)
    if not effects.words.of("-O --output") and not (named and all("*" not in display(each) for each in named)):
        effects.filled(folder, origin, display(named[0] if named else name_of(other)))
    if not origin and not effects.words.of("-O --output"):
        _of_a_draft(effects, named, folder)


def _of_a_draft(effects: CommandEffects, named: list[Value], folder: Value) -> None:
    """Files that this run has put into the draft of a tag, or of its own, are the same ones when they come back."""
    tag, shared = (*effects.words.positionals, ())[0], effects.moment.frame.shared
    drafts = shared.drafts_of(tag) if tag else []
    own = value("refs/tags/", tag) == shared.event.ref  # of which a draft is that names none
    for files in drafts[0].files if len(drafts) == 1 and drafts[0].name in ([tag, ()] if own else [tag]) else ():
        name = name_of(files.pattern)
        text = "".join(part if isinstance(part, str) else part.kind for part in name)
        is_named = not named or any(fits(text, literal(each) or "") for each in named)
        whole = len(files.pieces) == 1 and not (files.pieces[0][1] or files.scattered)
        if is_named and whole and (is_of_one_file(name) or literal(name)):
            effects.put(under(tidy(folder), name), files.pieces[0][0])


def _of_an_earlier_run(effects: CommandEffects, paths: list[Value]) -> None:
    """Files of a release that this run has not made; what the job has made itself stands where it stood."""
    shared = effects.moment.frame.shared
    if not shared.drafts and not any(act.kind == "shipped" for act in shared.acts):
        for path in paths:
            if path != (".",) or not effects.pieces(path):
                effects.put(path, Content("foreign", EARLIER_RELEASE))


def unzip(effects: CommandEffects) -> None:
    """`unzip ARCHIVE [MEMBER…] -d FOLDER`."""
    archive, *members = effects.words.positionals or [()]
    if archive and not effects.words.has("-l -t -p -Z"):
        folder = effects.words.first("-d") or value(".")
        if not members and not effects.words.has("-x"):
            lay_open(effects, archive, folder)
        unpack(effects, archive, members, folder, effects.origin_of(archive))
        unpacks(effects, archive, members, folder)


def extract(effects: CommandEffects) -> None:
    """`python -m zipfile -e ARCHIVE FOLDER`."""
    archive, folder, *_ = (*effects.words.positionals, (), ())
    if archive:
        unpack(effects, archive, (), folder or value("."), effects.origin_of(archive))
        unpacks(effects, archive, (), folder or value("."))


def open_jar(effects: CommandEffects) -> None:
    """`jar xf ARCHIVE [MEMBER…]`; what else it does is not followed."""
    words, named = effects.words, effects.words.of("-f --file")
    bundle = (
        not named and "f" in (literal(effects.all_words[1]) or "") and not head(effects.all_words[1]).startswith("--")
    )
    archive, *members = words.positionals or [()] if bundle else [(*named, ())[0], *words.positionals]
    _open(effects, archive, members, words.first("-C --dir") or value("."))


def open_cpio(effects: CommandEffects) -> None:
    """`cpio -i < ARCHIVE`; what it packs is not followed."""
    words = effects.words
    letters = {letter for each in words.options if not each.startswith("--") for letter in each[1:]}
    if "t" in letters or words.has("--list"):
        return
    if "i" in letters or words.has("--extract"):
        _open(effects, words.first("-F --file"), words.positionals, words.first("-D --directory") or value("."))
    else:
        effects.not_followed(effects.about.why)


def _open(effects: CommandEffects, archive: Value, members: list[Value], folder: Value) -> None:
    unpack(effects, archive, members, folder, effects.origin_of(archive) if archive else effects.addresses() or None)
    unpacks(effects, archive, members, folder)


def lay_open(effects: CommandEffects, archive: Value, folder: Value) -> None:
    """All that an archive holds stands in a folder in which nothing else is known to be: what is found there is in it.

    So does an image all files of which come in one, or through a pipe. Not so of a package, which holds nothing of what
    it is made of, only the names: one of which nobody has seen how it came to be may be such a package, where some are
    packed.
    """
    path, into = effects.path(archive), effects.path(folder)
    known, packed = literal(into), effects.files(path)
    if (
        known in {None, "", ".", *effects.state.own}
        or effects.pieces(into)
        or effects.moment.frame.shared.tree.exists(known or "")
    ):
        return
    exported = [content.of for content, _ in packed.pieces if content.kind == "installed"] if archive else []
    fed = () if archive else archives.fed_by_export(effects)
    if of := next(iter(exported), effects.own_image(fed) if fed else None):
        effects.put(into, Content("installed", effects.origin(into), of))
    if not archive or exported:
        return
    contents = [content for content, _ in packed.pieces]
    if all(isinstance(each.of, Files) or (each.kind == "found" and not _packs(effects)) for each in contents):
        here = f"{len(effects.moment.frame.shared.acts)}: {effects.text} ({effects.place})"
        within = msgspec.structs.replace(packed, scattered=packed.scattered | {here})
        effects.put(into, Content("installed", effects.origin(into), within))


def _packs(effects: CommandEffects) -> bool:
    """Whether the run has packed packages before."""
    built = (act for act in effects.moment.frame.shared.acts if act.kind == "built")
    pieces = (piece for act in built for target in act.targets if isinstance(target, Files) for piece in target.pieces)
    return any(content.opaque and content.of is None for content, _ in pieces)


def unpack(
    effects: CommandEffects, archive: Value, members: Iterable[Value], folder: Value, origin: Value | None
) -> None:
    """What is named stands in a folder, else all that the archive holds."""
    address = origin or ()
    named = [name_of(member) for member in members if not display(member).endswith("/")]
    for name in named if origin is not None else ():
        effects.written(under(tidy(folder), name), address)
    if not named:
        effects.filled(folder, address, literal(name_of(address if literal(name_of(address)) else archive)) or "")


def package_file(effects: CommandEffects) -> None:
    """`dpkg -i ./x.deb`: a package that is no distribution's may hold any program."""
    for word in effects.words.positionals:
        if _PACKAGE_FILE.fullmatch(display(word)) and display(word) != "/":
            address = word if "://" in display(word) else effects.origin_of(word) or ()
            effects.filled(value("/usr"), address, display(name_of(address or word)))


def package(effects: CommandEffects) -> None:
    """`npm install -g`, `brew install`, `cargo install`: a package by the name of a program that is released alone."""
    manager = literal(effects.all_words[0])
    if manager in {"npm", "pnpm"} and not effects.words.has("-g --global --location"):
        return
    for word in effects.words.positionals:
        named = shown(word).partition("@")[0] if not shown(word).startswith("@") else shown(word).rsplit("@", 1)[0]
        *owner, name = named.split("/")
        distributed = manager == "brew" and (not owner or (is_released_alone(name) and is_released_by(name, owner[0])))
        if is_released_alone(name) and not distributed:
            effects.written(value(PATH_OF_MACHINE, name))


def alternative(effects: CommandEffects) -> None:
    """`update-alternatives --install LINK NAME PATH …`: another file by the name of a program."""
    given = [*effects.words.of("--install --set"), *effects.words.positionals]
    for word in given:
        name = literal(name_of(word))
        if name and is_released_alone(name) and name != literal(name_of(given[-1])):
            effects.written(value(PATH_OF_MACHINE, name))


def key_pair(effects: CommandEffects) -> None:
    """`cosign generate-key-pair`: a key of which nobody knows whose it is."""
    if not effects.words.positionals:  # kept by a service otherwise
        for ending in (".key", ".pub"):
            path = effects.path(value(*(effects.words.first("--output-key-prefix") or ("cosign",)), ending))
            effects.put(path, Content("key", effects.origin(path)))


def artifacts_of_run(effects: CommandEffects) -> None:
    """`gh run download`."""
    from goldenpath.facts.pipeline import artifacts

    artifacts.download(effects)


TOOLS = {
    "artifacts": artifacts_of_run,
    "copy-out": copy_out,
    "download": download,
    "unzip": unzip,
    "extract": extract,
    "jar": open_jar,
    "cpio": open_cpio,
    "package-file": package_file,
    "package": package,
    "alternative": alternative,
    "key-pair": key_pair,
}
"""What each of these commands of the table does."""
