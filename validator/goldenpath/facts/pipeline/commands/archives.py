"""Commands that copy an image into an archive, or a folder of the machine, where scanners look into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import Content
from goldenpath.facts.pipeline.tables import known_command
from goldenpath.facts.pipeline.words import Words
from goldenpath.facts.shell.script import unwrapped
from goldenpath.facts.values import Value, literal, partition

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.commands import CommandEffects


def save(effects: CommandEffects) -> None:
    """An image is saved to a file: one that an option names, else the last word, else standard output."""
    *references, last = effects.words.positionals or [()]
    if effects.about.out:
        references, file = effects.words.positionals, effects.words.first(effects.about.out) or effects.written_to()
    else:
        file = last
    if file and len(references) == 1:
        saved(effects, references[0], file)
    elif file:
        effects.overwrite(effects.path(file))


def export(effects: CommandEffects) -> None:
    """All files of an image as they stand in a container of it, in one file: by its name, else where output goes."""
    reference, file = (*effects.words.positionals, (), ())[:2]
    file = effects.written_to() if file in {(), ("-",)} else file
    if reference and file:
        path = effects.path(file)
        effects.put(path, Content("installed", effects.origin(path), effects.own_image(reference)))


def fed_by_export(effects: CommandEffects) -> Value:
    """The image all files of which come through a pipe; empty where that is something else."""
    if effects.command.pipe_from is None:
        return ()
    source = effects.script.script.commands[effects.command.pipe_from]
    words = tuple(effects.script.known(word) for word in unwrapped(source.words))
    about, length = known_command([literal(word) or "" for word in words[:4]])
    if about is None or about.does != "export" or source.redirects:
        return ()
    reference, file = (*Words(words[length:], about.takes.split()).positionals, (), ())[:2]
    return reference if file in {(), ("-",)} else ()


def copied(effects: CommandEffects, reference: Value, goal: Value) -> None:
    """An image is copied to `oci-archive:shop.tar:1.2`, which names an image in a file or a folder."""
    _, named = partition(goal, ":") or ((), ())
    saved(effects, reference, (partition(named, ":") or (named,))[0])


def saved(effects: CommandEffects, reference: Value, file: Value) -> None:
    """A file has an image now: nobody has built it there, but what is found in it is found in the image."""
    path = effects.path(file)
    effects.put(path, Content("found", effects.origin(path), effects.own_image(reference)))
