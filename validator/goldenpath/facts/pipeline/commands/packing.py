"""Commands that pack, unpack and install."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import Content, Files, is_accompanying
from goldenpath.facts.pipeline.commands import files
from goldenpath.facts.pipeline.commands.sources import comes_from_elsewhere, unpacks
from goldenpath.facts.pipeline.effects import name_of, under
from goldenpath.facts.pipeline.words import globbed
from goldenpath.facts.regexes import regex
from goldenpath.facts.values import Value, display, head, literal, partition, value

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects


_GO_BIN = "~/go/bin/"
_LETTERS = regex(r"[a-zA-Z]+")
_ENDINGS = {"gzip": ".gz", "bzip2": ".bz2", "xz": ".xz", "zstd": ".zst"}
_ENDING = regex(r"\.(?:gz|bz2|xz|zst)$")
_UNPACKS = regex(r"-\w*d\w*|--decompress|--uncompress")
_IS_ARCHIVE = regex(r"\.(?:tar|tgz|7z|rar|tar\.\w+|zip|whl|jar|war|ear|nupkg|vsix|apk|aab|ipa|xpi|crx)$")
_ARCHIVE = regex(r"-?[a-zA-Z]*f|--file")
_LOOKS = regex(r"-\w*[ctl]\w*|--stdout|--to-stdout|--test|--list")
"""How they are told to unpack, and to print or to look instead of writing a file."""


def pack(effects: CommandEffects) -> None:
    """Files are packed or unpacked: an archive of what goes with others is as that is, nobody looks into the rest."""
    named = effects.after(_ARCHIVE)
    ends = [word for word in effects.all_words[1:] if _IS_ARCHIVE.search(display(word))]
    archives = [word for word in named or ends if word != ("-",)]  # what goes on to a pipe is no file
    mode = _mode(effects.all_words)
    if effects.state.tokens and not mode:
        from goldenpath.facts.pipeline.untrusted import tokens

        folder = effects.words.first("-C --directory")
        into = archives[0] if archives else effects.written_to()
        tokens.take_along(effects, [under(folder, word) for word in effects.words.positionals], effects.path(into))
    if mode == "x":
        _extract(effects, archives[0] if archives else ())
    if not archives or mode:
        return
    members = [effects.path(globbed(word)) for word in _members(effects, archives[0])]
    if not members and effects.words.has("-T --test -sf --show-files"):
        return  # `zip -T` looks into it
    _packed(effects, effects.path(archives[0]), members)


def _packed(effects: CommandEffects, path: Value, members: list[Value]) -> None:
    """An archive stands there, of these files."""
    packed = tuple(piece for member in members for _, piece, _ in effects.pieces(member))
    held = tuple(dict.fromkeys(content for content, _ in packed))
    if is_accompanying(path) and {content.kind for content in held} <= {"derived", "report"}:
        return  # a report, of which nothing was built
    if held and all(_is_beside(content, member) for member in members for content, _ in effects.files(member).pieces):
        plain = any(content.kind == "plain" for content in held)
        packs = Content("plain" if plain else "proofs", effects.origin(path), holds=held)
        effects.put(path, packs if plain or len(held) > 1 else held[0])
        if plain:  # which is signed like all else
            effects.act("built", effects.files(path), recipe=effects.recipe())
    else:
        effects.made(path, of=Files(path, packed), opaque=True)


def compress(effects: CommandEffects) -> None:
    """`gzip shop`: each file is packed by itself, and gone unless it is to be kept."""
    program = literal(effects.all_words[0]) or ""
    if any(map(_UNPACKS.fullmatch, effects.words.options)):
        decompress(effects)
        return
    told = [display(word) for word in effects.words.positionals]
    if any(map(_LOOKS.fullmatch, effects.words.options)):
        return
    if effects.words.has("-r") or any("*" in each for each in told):
        files.change_files(effects)
        return
    ending = effects.words.first("-S --suffix") or value(_ENDINGS[program])
    for word in effects.words.positionals:
        path = effects.path(word)
        if not effects.pieces(path):
            continue
        _packed(effects, effects.path(effects.words.first("-o")) or value(path, ending), [path])
        if program != "zstd" and not effects.words.has("-k --keep"):
            effects.put(path, None)


def decompress(effects: CommandEffects) -> None:
    """`gunzip shop.gz`: what was packed stands there again, whatever stood there before, and the archive is gone."""
    if any(map(_LOOKS.fullmatch, effects.words.options)):
        return
    for word in effects.words.positionals:
        archive = effects.path(word)
        file = effects.words.first("-o") or value(_ENDING.sub("", display(word)))
        packed = [piece for _, piece, _ in effects.pieces(archive)]
        if not packed:
            comes_from_elsewhere(effects, word, file, into=False, contents=True)
        elif packed[0][0].kind in {"sbom", "signature", "plain"}:
            effects.put(effects.path(file), *packed[0])
        if any(content.kind == "built" for _, (content, _), _ in effects.pieces(effects.path(file))):
            effects.scatter(effects.path(file))
        if packed and not effects.words.has("-k --keep"):
            effects.put(archive, None)


def _is_beside(content: Content, member: Value) -> bool:
    """Whether what is packed goes with an artifact and is none, by what it is, or by how it is called."""
    return content.kind in {"sbom", "signature", "plain"} or (content.kind == "found" and is_accompanying(member))


def _members(effects: CommandEffects, archive: Value) -> list[Value]:
    """What is packed, without the archive itself and the letters that tell tar what to do."""
    words = effects.words.positionals
    bundle = next((word for word in effects.all_words[1:2] if _LETTERS.fullmatch(literal(word) or "")), None)
    return [word for at, word in enumerate(words) if word != archive and not (at == 0 and word == bundle)]


def _extract(effects: CommandEffects, archive: Value) -> None:
    """Programs that are unpacked are from where the archive is, if anybody knows that."""
    from goldenpath.facts.pipeline import arrivals

    members = [word for word in effects.words.positionals if word not in {archive, ("-",), effects.all_words[1]}]
    strips = any(option.startswith("--strip") for option in effects.words.options)
    dropped = literal(effects.words.first("--strip-components --strip-path")) or ""
    folder = effects.words.first("-C --directory") or _behind_letter(effects.all_words) or value(".")
    origin = effects.origin_of(archive) if archive else effects.addresses() or None
    if not members and not effects.words.has("--exclude -X --exclude-from"):
        arrivals.lay_open(effects, archive, folder)
    arrivals.unpack(effects, archive, () if strips else members, folder, origin)
    cut = int(dropped) if dropped.isdecimal() else 0
    unpacks(effects, archive, [_without_folders(each, cut) for each in members], folder)


def _without_folders(member: Value, number: int) -> Value:
    """A member of an archive where so many folders are taken off before it."""
    for _ in range(number):
        member = (partition(member, "/") or ((), ()))[1]
    return member


def install_programs(effects: CommandEffects) -> None:
    """`go install`: what the repository holds, or a package by its address."""
    for package in effects.words.positionals:
        path, _, _ = display(package).partition("@")
        name = re.sub(r"/v\d+$", "", path).rpartition("/")[2]
        if head(package).startswith("."):
            effects.write(value(_GO_BIN, *name_of(package)))
        else:
            effects.written(value(_GO_BIN, name), value(f"https://{path}/"))


def _behind_letter(words: tuple[Value, ...]) -> Value:
    """The folder of `7z x -ofolder`."""
    if literal(words[0]) not in _SEVEN_ZIP:
        return ()
    given = next((word for word in words[1:] if head(word).startswith("-o")), ())
    return value(head(given)[2:], *given[1:]) if given else ()


_SEVEN_ZIP = frozenset({"7z", "7za", "7zz", "unrar"})


def _mode(words: tuple[Value, ...]) -> str:
    """Whether tar or 7-Zip is to extract (`x`) or to list (`t`).

    tar is told by letters that begin with a dash, or are the first word, 7-Zip by its first word.
    """
    program = literal(words[0])
    if program in _SEVEN_ZIP:
        return {"x": "x", "e": "x", "l": "t", "t": "t"}.get(literal(words[1]) or "" if len(words) > 1 else "", "")
    if program not in {"tar", "bsdtar", "gtar"}:
        return ""
    bundles = [display(word) for at, word in enumerate(words[1:]) if not at or display(word).startswith("-")]
    long = {"--extract": "x", "--get": "x", "--list": "t"}
    letters = (re.match(r"-?[A-Za-z]*?([xt])[A-Za-z]*$", bundle) for bundle in bundles)
    return next((long[each] for each in bundles if each in long), "") or next((it[1] for it in letters if it), "")
