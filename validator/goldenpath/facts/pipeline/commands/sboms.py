"""Commands that describe what is in an image or in files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.acts import Content, Files, Image
from goldenpath.facts.pipeline.commands import environments
from goldenpath.facts.pipeline.commands.handing import prints
from goldenpath.facts.pipeline.commands.images import archived
from goldenpath.facts.pipeline.platforms import in_part
from goldenpath.facts.pipeline.words import globbed
from goldenpath.facts.values import Symbol, Value, display, head, literal, partition, replaced, shown, value
from goldenpath.facts.values import words as words_of

if TYPE_CHECKING:
    from goldenpath.facts.pipeline.acts import Target
    from goldenpath.facts.pipeline.commands import CommandEffects
    from goldenpath.facts.pipeline.tables import CommandKnowledge


def describe(effects: CommandEffects) -> None:
    """An SBOM is made of what is named, in a form that machines read."""
    nothing, part = _narrowed(effects)
    part = part or form_in_doubt(effects)
    files, is_wanted = effects.words.of(effects.about.file), not nothing and _is_sbom_wanted(effects)
    if effects.about.output:  # without an output that machines read, syft writes a table for people
        readable = _outputs(effects)
        files = files if readable and files else readable
        is_wanted = is_wanted and bool(readable)
    elif not files:
        files = [()]
    named = effects.words.of(effects.about.image)
    archives = named_archives(effects)
    subject = next(iter(archives or named or effects.words.positionals), ())
    if effects.about.image and not subject:
        effects.unseen("what it describes is said by its settings", frozenset({"describe"}))
    of = subject_of(effects, subject, is_file=bool(archives) or not (named or effects.words.positionals))
    part = part or _of_one_platform(effects, of)
    if is_wanted:
        prints(effects, Content("sbom", effects.origin(()), of))
    for file in dict.fromkeys(file or effects.written_to() for file in files):
        path = effects.path(globbed(file)) if file else ()
        if is_wanted:
            overwritten = "is written once for each of several files, of which the last one is left"
            shared = path and _is_shared(file, subject) and not _is_one_file(effects, of)
            effects.described(of, path, overwritten if shared else part)
        elif path:
            effects.put(path, Content("other", effects.origin(path)))


def _of_one_platform(effects: CommandEffects, of: Target) -> str | None:
    """Why an SBOM lists but a part of an index: the program takes one of its platforms, its own unless it is told."""
    takes = effects.about.takes.split()
    told = effects.words.first("--platform")
    return in_part(effects, of, told) if told or {"--platform", "trivy"}.intersection(takes) else None


def named_archives(effects: CommandEffects) -> list[Value]:
    """The archive that is looked into, whatever else is named: by an option, or a variable (`TRIVY_INPUT`)."""
    scan = effects.about.scans
    told = map(effects.variable, scan.variables_of("--input")) if scan is not None and scan.of == "subject" else ()
    return effects.words.of("--input") or [*filter(None, told)]


def convert(effects: CommandEffects) -> None:
    """An SBOM is written once more, in another form: it is of the same."""
    source = next(iter(effects.words.positionals), ())
    found = [content for _, (content, _), conditions in effects.pieces(effects.path(source)) if not conditions]
    readable = _outputs(effects)
    files = [file or effects.written_to() for file in readable] or effects.words.of(effects.about.file)
    same = found[0] if len(found) == 1 and found[0].kind in {"sbom", "derived"} and readable else None
    for path in (effects.path(file) for file in files if file):
        effects.put(path, same or Content("other", effects.origin(path)))
    if same is not None:
        prints(effects, same)


def _outputs(effects: CommandEffects) -> list[Value]:
    """The files of the outputs in which an SBOM is written that machines read, each empty where none is named."""
    outputs = map(_form_and_file, _asked_of(effects))
    return [file for form, file in outputs if _is_readable(effects.about, form)]


def form_in_doubt(effects: CommandEffects) -> str | None:
    """Why what is written may be no SBOM: by a form of which only a run knows whether it is for machines."""
    about, state = effects.about, effects.state
    told = [
        *effects.words.of(about.formats),
        *(form for form, _ in map(_form_and_file, _asked_of(effects))),
    ]
    legs = state.meanings(told) or ((),)
    for leg in legs:
        forms = [replaced(form, dict(leg)) for form in told]
        unknown = next((form for form in forms if literal(form) is None), None)
        if unknown and not any(literal(form) and _is_readable(about, form) for form in forms):
            return f"is written in a form that only a run knows ({shown(unknown)})"
        if len(legs) > 1 and forms and not any(_is_readable(about, form) for form in forms):
            return f"is written in a form for people in one of the legs ({shown(forms[0])})"
    return None


def _asked_of(effects: CommandEffects) -> list[Value]:
    """The outputs that it is told to write, by an option, else by the variable that stands for it (`SYFT_OUTPUT`)."""
    about, given = effects.about, effects.words.of(effects.about.output)
    return given or (
        words_of(effects.variable(f"{about.lister.prefix}_OUTPUT")) if about.lister and about.output else []
    )


def _form_and_file(output: Value) -> tuple[Value, Value]:
    """The form of an output, and the file that it goes to, empty where none is named."""
    return partition(output, "=") or (output, ())


def finds_in_sbom(effects: CommandEffects) -> bool:
    """Whether a scanner says what it finds in an SBOM of what it looks at."""
    asked = bool(effects.about.output and effects.about.only) and not form_in_doubt(effects)
    return asked and bool(_outputs(effects))


def _is_shared(file: Value, subject: Value) -> bool:
    """Whether a file has the same name in each turn of a loop over what is described."""
    several = [part for part in subject if isinstance(part, Symbol) and part.kind in {"glob", "item", "loop", "line"}]
    named = [part.name for part in file if isinstance(part, Symbol)]
    return bool(several) and not any(each.name in name for each in several for name in named)


def _is_one_file(effects: CommandEffects, of: Target) -> bool:
    """Whether but one file stands where a loop goes over all that are there."""
    pattern = literal(of.pattern) if isinstance(of, Files) else None
    paths = {literal(path) or "*" for path, *_ in effects.pieces(value(pattern))} if pattern else ()
    found = next(iter(paths)) if len(paths) == 1 else "*"
    return "*" not in found and found != pattern and found.count("/") >= (pattern or "").count("/")


def _is_sbom_wanted(effects: CommandEffects) -> bool:
    """Whether a program that makes reports of several kinds is asked for an SBOM, and of something."""
    about = effects.about
    if about.leaves_out:
        from goldenpath.facts.pipeline.omissions import everything, settled

        names = about.scans.settings.split() if about.scans and effects.state.has_files else []
        own = [literal(effects.path(value(each))) or "" for each in names]
        if everything((*effects.words.of(about.leaves_out), *settled(effects.moment.frame.shared.tree, own))):
            return False
    if told := effects.words.of(about.formats):
        return any(_is_readable(about, each) for each in told)
    return not (about.formats and about.only)


def _narrowed(effects: CommandEffects) -> tuple[bool, str | None]:
    """Whether it is told to list nothing at all, and else why it may list but a part."""
    about, lister = effects.about, effects.about.lister
    if lister is None and not about.parts:
        return False, None
    from goldenpath.facts.pipeline.catalogers import narrowed, some_kinds

    if lister is None:
        variables = map(effects.variable, about.scans.variables_of(about.parts) if about.scans else ())
        return False, some_kinds(effects.words.of(about.parts) or filter(None, variables))
    return narrowed(effects, lister, effects.words.of, effects.words.of("-c --config"), effects.path)


def _is_readable(about: CommandKnowledge, form: Value) -> bool:
    """Whether a form is one of an SBOM that machines read, or may be for all that is known."""
    wanted, known = about.only.split(), literal(form)
    return known is None or (known in wanted if wanted else known not in _FOR_PEOPLE)


_FOR_PEOPLE = frozenset({"list", "packages", "syft-table", "syft-text", "table", "template", "text"})


def download(effects: CommandEffects) -> None:
    """An SBOM is fetched that a registry keeps with an image: one that this run has put there, if it is but one."""
    kind = literal(effects.words.first(effects.about.kind)) if effects.about.kind else "sbom"
    for word in (
        effects.words.positionals[:1] if kind is None or re.search(r"sbom|spdx|cyclonedx|^$", kind.lower()) else ()
    ):
        content = kept_with(effects, word)
        file = effects.words.first(effects.about.file) or effects.written_to()
        if file:
            effects.put(effects.path(file), content)
        prints(effects, content)


def kept_with(effects: CommandEffects, reference: Value) -> Content:
    """What stands in the SBOM that is attested of an image by now; only a run knows where nothing here has done so."""
    named = effects.own_image(reference)
    acts = (act for act in effects.moment.frame.shared.acts if act.kind == "attested" and named in act.targets)
    kept = {act.of for act in acts}
    of = next(iter(kept)) if len(kept) == 1 and named.digest else None
    if of is not None:
        return Content("sbom", effects.origin(()), of)
    return Content("derived", effects.origin(()), Image((), digest=value(Symbol("unknown", display(reference)))))


def describe_folder(effects: CommandEffects) -> None:
    """An SBOM is made of what a folder has, or a lock."""
    if not _is_sbom_wanted(effects):
        return
    kinds = {"environment", "env", "venv", "requirements", "poetry", "pipenv", "mod", "app", "bin"}
    subjects = [word for word in effects.words.positionals if literal(word) not in kinds]
    if {literal(kind) for kind in effects.words.of(effects.about.kind)} & {*effects.about.when.split()}:
        file = effects.words.first(effects.about.file) or effects.written_to()
        of = subject_of(effects, next(iter(subjects), ()))
        effects.described(of, effects.path(file) if file else (), in_part(effects, of))
        return
    folder = value("dir:", *(subjects[0] if subjects else environments.described(effects)))
    of = environments.of_sources(effects, subjects) or subject_of(effects, folder)
    file = effects.words.first(effects.about.file) or effects.written_to()
    effects.described(of, effects.path(file) if file else ())


def describe_and_attest(effects: CommandEffects) -> None:
    """An SBOM is made of an image and attested at once."""
    nothing, part = _narrowed(effects)
    problem = effects.identity_problem() or ("attests an SBOM that lists nothing" if nothing else None)
    for word in effects.words.positionals:
        subject = effects.own_image(word)
        unsure = part or _of_one_platform(effects, subject)
        effects.act("described", of=subject, unsure=unsure)
        effects.act("attested", subject, of=subject, problem=problem)


def subject_of(effects: CommandEffects, of: Value, *, is_file: bool = False) -> Target:
    """What an SBOM is made of: files by scheme or shape, else an image, which may stand in a file."""
    start = head(of)
    if is_file and of:
        return _in_archive(effects, of)
    if start.startswith("sbom:"):
        return _of_sbom(effects, value(start.removeprefix("sbom:"), *of[1:]))
    for scheme in ("oci-archive:", "docker-archive:", "archive://", "oci-dir://", "oci-dir:"):
        if start.startswith(scheme):
            return _in_archive(effects, value(start.removeprefix(scheme), *of[1:]))
    for scheme in ("fs://", "dir:", "file:"):
        if start.startswith(scheme):
            if any(isinstance(part, str) and not {"*", "?"}.isdisjoint(part) for part in of):
                return Files(of)  # no folder is called `file:dist`, so the shell leaves the pattern as it is
            return _within(effects, value(start.removeprefix(scheme), *of[1:]))
    files = effects.pieces(effects.path(globbed(of)))
    if (files and start != ".") or start in {".", "./"} or start.startswith(("./", "../", "/")):
        return _within(effects, of)
    return effects.own_image(of)


def _of_sbom(effects: CommandEffects, file: Value) -> Target:
    """What an SBOM is of that stands in a file; which one that is, only a run knows where nothing here has made it."""
    made = [content for _, (content, _), conditions in effects.pieces(effects.path(file)) if not conditions]
    of = made[0].of if len(made) == 1 and made[0].kind == "sbom" else None
    return of or Image((), digest=value(Symbol("unknown", display(file))))


def _in_archive(effects: CommandEffects, of: Value) -> Target:
    """The image in an archive; which one that is, only a run knows where nobody has seen it being made."""
    target = _within(effects, of)
    unseen = isinstance(target, Files) and all(content.kind == "found" for content, _ in target.pieces)
    return Image((), digest=value(Symbol("unknown", display(of)))) if unseen else target


def _within(effects: CommandEffects, of: Value) -> Target:
    """What stands in files: an image, where a build has left it in an archive, else the files themselves."""
    if digest := archived(effects, of):
        return Image((), digest=value(digest))
    files = effects.seen(of)
    saved = [content.of for content, part in files.pieces if content.kind == "found" and content.of and not part]
    return saved[0] if len(saved) == len(files.pieces) == 1 else effects.looked_into(files)
