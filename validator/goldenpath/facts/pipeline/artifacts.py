"""Artifacts: the files that jobs store, and that others of the run, or of a run that it starts, fetch."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import OF_LEG, Content, Files, Image
from goldenpath.facts.pipeline.effects import below, name_of, part_of, tidy, under
from goldenpath.facts.pipeline.lists import chosen
from goldenpath.facts.pipeline.matrices import of_last_leg, texts_in_legs
from goldenpath.facts.pipeline.overlays import lay
from goldenpath.facts.pipeline.untrusted.injections import fetches
from goldenpath.facts.values import Symbol, Value, display, lines, literal, replaced, shown, value

if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    from goldenpath.facts.pipeline.actions import ActionEffects
    from goldenpath.facts.pipeline.acts import Piece
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.pipeline.effects import Effects
    from goldenpath.facts.pipeline.tables import Handover

    Paths: TypeAlias = list[tuple[Value, tuple[Value, ...]]]
    """Patterns of files, each with those that leave some of them out."""

RUN_BEFORE = value(Symbol("github", "workflow_run.id"))
"""How a run is named whose end has started this one, where it is followed."""
_THIS_RUN = {"run-id": value(Symbol("github", "run_id")), "repository": value(Symbol("github", "repository"))}


def store(effects: ActionEffects, handover: Handover) -> None:
    """Files are stored under the name of an artifact."""
    name = effects.input(handover.name, handover.default_name)
    paths = [(tidy(line), tuple(map(tidy, without))) for line, without in chosen(lines(effects.input(handover.path)))]
    for without in dict.fromkeys(each for _, each in paths):
        effects.act("stored", *(effects.files(path) for path, each in paths if each == without), without=without)
    hidden = literal(effects.input("include-hidden-files")) == "true" or effects.uses.older_than(4, 4)
    expose(effects, paths, hidden=hidden)
    if not effects.moment.dead:
        put_in_store(effects, name, paths)
        effects.moment.say({"artifact-id": value(Symbol("artifact", display(name)))})


def expose(effects: ActionEffects, paths: Paths, *, hidden: bool) -> None:
    """Secrets in files that are stored, or shown to everybody, are in reach of whoever reads these."""
    if effects.state.tokens:
        from goldenpath.facts.pipeline.untrusted import tokens

        for secret, unsure in dict.fromkeys(tokens.stored(effects, paths, hidden=hidden).values()):
            kind: Literal["written", "credentials"] = "written" if secret else "credentials"
            effects.moment.exposes(kind, effects.place, secret or effects.text, unsure=unsure)


def put_in_store(effects: ActionEffects, name: Value, paths: Paths) -> None:
    """An artifact has these files from then on, as they are now, but for those that are left out."""
    told = {origin for path, origin in effects.state.scattered.items() if _is_told(effects, path)}
    scattered = frozenset[str]().union(*(effects.files(pattern).scattered for pattern, _ in paths)) - told
    stored = {path: _of_leg(effects, name, path, piece) for path, piece in _stored(effects, paths).items()}
    state = effects.state
    legs = () if literal(name) else texts_in_legs(state.legs, state.key, state.shared_legs, [name, *stored])
    effects.moment.frame.shared.store(name, stored, state, scattered, legs)


def _is_told(effects: ActionEffects, path: Value) -> bool:
    """Whether what was written to a path is known after all: it holds the digest of a build, and nothing else."""
    found = effects.pieces(path) if literal(path) else []
    return len(found) == 1 and found[0][0] == path and bool(found[0][1][0].text)


def _of_leg(effects: ActionEffects, name: Value, path: Value, piece: Piece) -> Piece:
    """What others find under a name that the legs of a matrix share: what the last one has stored, or a chosen one.

    Legs that are not told to replace what is there fail, but for the first one.
    """
    several = effects.state.legs is None or len(effects.state.legs) > 1
    if not several or literal(name) is None:
        return piece
    chosen = {condition for condition in effects.moment.guard().conditions if "matrix" in condition}
    replaces = literal(effects.input("overwrite")) == "true"
    acts = effects.moment.frame.shared.acts
    built = (act.guard.conditions for act in acts if act.kind == "built" and act.digest in _digests(piece))
    if not (chosen or replaces) or (chosen and any(chosen <= conditions for conditions in built)):
        return piece
    return of_last_leg(piece, path, effects.state.key)


def _stored(effects: ActionEffects, paths: Paths) -> dict[Value, Piece]:
    stored: dict[Value, Piece] = {}
    for pattern, without in paths:
        found = effects.pieces(pattern)
        for path, piece, _ in found:
            if any(part_of(path, each) == () for each in without):
                continue
            one = path == pattern and piece[0].kind in _SINGLE
            stored[name_of(path) if one else _in_artifact(path, pattern, alone=len(paths) == 1)] = piece
        if not found:
            inside = _in_artifact(pattern, pattern, alone=len(paths) == 1)
            stored[inside] = (effects.moment.found(), pattern)
    return stored


def _is_another_run(effects: ActionEffects) -> bool:
    """Whether what is fetched has been stored by another run: this one may be named as well.

    An expression that is empty in this run (`${{ github.event.workflow_run.id }}` of a tag) was meant for another one.
    """
    if effects.moment.step.node.text("with", "run-id") and not effects.input("run-id"):
        return True
    return any(effects.input(name) not in ((), this) for name, this in _THIS_RUN.items())


def _restore_from_before(effects: ActionEffects, name: Value, into: Value) -> bool:
    """Fetch what the run has stored whose end has started this one; whether that is what is asked for."""
    ids = [effects.input(each) for each in ("run-id", "run_id")]
    stored = effects.moment.frame.shared.earlier.get(name)
    if stored is None or RUN_BEFORE not in ids or effects.input("repository") not in ((), _THIS_RUN["repository"]):
        return False
    for path, (content, part) in stored.items():
        _lay_over(effects, under(into, path), content, name)
        effects.put(under(into, path), content, part)
    return True


def restore(effects: ActionEffects, handover: Handover) -> None:
    """Artifacts of this run are fetched, or of the one whose end has started it; those of others are foreign."""
    name, into = effects.input(handover.name), tidy(effects.input(handover.path, "."))
    if not effects.moment.dead and (folder := literal(into)) and folder != ".":
        effects.state.replaced.add(folder)
    if _restore_from_before(effects, name, into):
        return
    if handover.elsewhere or _is_another_run(effects):
        _restore_foreign(effects, name, into)
        return
    if not effects.moment.dead and into != (".",):
        effects.state.programs.fill(into, ())
    ids = {part.name for part in effects.input("artifact-ids") if isinstance(part, Symbol)}
    merged = bool(name or ids) or literal(effects.input("merge-multiple")) == "true"
    wanted = effects.input("pattern", "*")
    if name and name not in effects.moment.frame.shared.artifacts:
        if _lay_of_a_leg(effects, name, into):
            return
        lay(effects, into, name, handed=True)  # whoever has stored it is not seen
    for each in effects.moment.frame.shared.artifacts:
        if _is_asked_for(each, name, ids, wanted):
            over_another = merged and each != name and _is_of_legs(each)
            _lay(effects, each, into if merged else under(into, each), over_another=over_another)


def download(effects: CommandEffects) -> None:
    """`gh run download ID -n NAME -D FOLDER`: artifacts of this run, of the one whose end has started it, or others.

    One that is named alone is laid into the folder itself, several into one of their own names each.
    """
    given, shared = effects.words, effects.moment.frame.shared
    run, names = next(iter(given.positionals), ()), given.of("-n --name")
    into = effects.path(given.first("-D --dir") or value("."))
    own = given.first("-R --repo") in ((), _THIS_RUN["repository"]) and not given.of("-p --pattern")
    if own and run == _THIS_RUN["run-id"]:
        for each in shared.artifacts:
            if not names or each in names:
                _lay(effects, each, into if len(names) == 1 else under(into, each), over_another=False)
        return
    for name in names:
        stored = shared.earlier.get(name) if own and run == RUN_BEFORE else None
        folder = into if len(names) == 1 else under(into, name)
        for path, (content, part) in (stored or {}).items():
            effects.put(under(folder, path), content, part)
        if stored is None:
            effects.put(folder, Content("foreign", f"another run's {display(name)}"))
            effects.act("installed", Files(folder), recipe=effects.recipe())


def _restore_foreign(effects: ActionEffects, name: Value, into: Value) -> None:
    """What another run has stored takes the place of what stood there."""
    fetches(effects.moment, into, effects.place)
    elsewhere = Content("foreign", f"another run's {display(name)}")
    lay(effects, into, value("another run's ", name), handed=True)
    for path in [into, *(path for path, _, _ in effects.pieces(into))]:
        effects.put(path, elsewhere)
    effects.state.programs.fill(() if into == (".",) else into, ())
    effects.act("installed", Files(into), recipe=effects.recipe())


def _lay(effects: Effects, name: Value, folder: Value, *, over_another: bool) -> None:
    """An artifact's files are laid into a folder: those of one leg over those of another, where they share it."""
    shared = effects.moment.frame.shared
    stored = shared.artifacts[name]
    shared.budget.spend(len(stored))
    for origin in shared.scattered.get(name, ()):
        effects.scatter(under(folder, (Symbol("unknown", f"{display(name)}: {origin}"),)), origin)
    for path, piece in stored.items():
        content, part = of_last_leg(piece, path, display(name)) if over_another else piece
        if name in shared.contested:
            content = Content("found", f"{effects.moment.key} {display(name)}")
        _lay_over(effects, under(folder, path), content, name)
        effects.put(under(folder, path), content, part)


def _lay_of_a_leg(effects: Effects, name: Value, folder: Value) -> bool:
    """Lay into a folder what one leg of a matrix has stored, if there is one that has called it so.

    What a digest is known of, or is said in a file, is that of no leg that anybody could tell.
    """
    shared = effects.moment.frame.shared
    found = [
        (stored, dict(leg))
        for stored, legs in shared.of_legs.items()
        for leg in legs
        if replaced(stored, dict(leg)) == name
    ]
    if len(found) != 1 or found[0][0] in shared.contested:
        return False
    (stored, meanings), leg = found[0], (Symbol(OF_LEG, display(name)),)
    pieces = shared.artifacts[stored]
    if not all(_is_of_files(content) for content, _ in pieces.values()):
        return False
    shared.budget.spend(len(pieces))
    for origin in shared.scattered.get(stored, ()):
        effects.scatter(under(folder, (Symbol("unknown", f"{display(name)}: {origin}"),)), origin)
    for path, (content, part) in pieces.items():
        at = under(folder, replaced(path, meanings))
        _lay_over(effects, at, content, name)
        effects.put(at, content, below(leg, part))
    return True


def _is_of_files(content: Content) -> bool:
    """Whether a content is files as they were made, and nothing that speaks of an image or of other files."""
    told = content.digest or content.text or isinstance(content.of, Image)
    return content.kind in {"built", "found", "plain"} and not told


def _lay_over(effects: Effects, path: Value, content: Content, name: Value) -> None:
    """What an artifact has is laid over what stands there; what has been built is no code."""
    if content.kind in {"found", "foreign", "other"}:
        lay(effects, path, name, handed=True)


def _digests(piece: Piece) -> Value:
    """The digest that a file holds, or of the image that it names."""
    content, _ = piece
    of = content.of.digest if isinstance(content.of, Image) else ()
    return (content.digest, *of) if content.digest else of


def _is_of_legs(name: Value) -> bool:
    """Whether the legs of a matrix have stored artifacts under such a name."""
    return any(isinstance(part, Symbol) and part.kind == "matrix" for part in name)


def _is_asked_for(stored: Value, name: Value, ids: set[str], pattern: Value) -> bool:
    """Whether an artifact is among those that are fetched: by their ids, by name, or by a pattern."""
    return display(stored) in ids if ids else stored == name or (not name and _fits(stored, pattern))


def _fits(name: Value, pattern: Value) -> bool:
    wanted = literal(pattern)
    return wanted is not None and fnmatchcase(shown(name), wanted)


_SINGLE = frozenset({"metadata", "reference", "image-id"})
"""What stands in a file by itself, and in no folder."""


def _in_artifact(path: Value, pattern: Value, *, alone: bool) -> Value:
    """Where a stored path stands in the artifact: below the folder that was named, by its own name otherwise.

    Of several patterns the least common folder is the root; it is taken to be the workspace.
    """
    text, wanted = literal(path), literal(pattern)
    if not alone:
        return path
    if text is None or wanted is None:
        return value(".") if path == pattern and "." not in shown(name_of(path)) else name_of(path)
    if part_of(path, pattern) != () or (text == wanted and "." not in text.rpartition("/")[2] and "*" not in text):
        return (
            value(".")
            if "." not in wanted.rpartition("/")[2] and "*" not in wanted
            else value(wanted.rpartition("/")[2])
        )
    if text.startswith(wanted + "/"):
        return value(text[len(wanted) + 1 :])
    return value(text.rpartition("/")[2])
