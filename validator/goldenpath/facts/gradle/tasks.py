"""What build scripts say of tasks: those that they register, what runs before and after which, and what is off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.gradle.chains import Setting, chain, items, set_by
from goldenpath.facts.gradle.model import Rule, Task, flat, plain_text, table, unread
from goldenpath.facts.gradle.reaching import REACHES, ask_harmless, does_more
from goldenpath.facts.gradle.scripts import Word, line_of
from goldenpath.facts.regexes import regex

if TYPE_CHECKING:
    from goldenpath.facts.gradle.chains import Chain, Link
    from goldenpath.facts.gradle.model import Build, Scope
    from goldenpath.facts.gradle.scripts import Node, Statement

REGISTER = frozenset({"register", "create", "registering", "creating"})
NAMED = frozenset({"named", "getByName", "findByName", "existing", "getting"})
BY_PROPERTY = frozenset({"registering", "creating", "existing", "getting"})
"""What follows `by` (`val ship by tasks.registering { … }`), where the task is called like the variable."""
_ALL = frozenset({"all", "configureEach", "withType", "matching", "forEach", "whenTaskAdded"})
_ORDERS = frozenset({"mustRunAfter", "shouldRunAfter"})
_SETS = frozenset({"setDependsOn", "setFinalizedBy"})
_TIES = frozenset({"dependsOn", "finalizedBy", *_SETS})
SAYS = frozenset({
    "dependsOn", "finalizedBy", "doLast", "doFirst", "enabled", "setEnabled", "onlyIf", "setOnlyIf", "ignoreFailures",
    "setIgnoreFailures", *_ORDERS, *_SETS,
})  # fmt: skip
"""What is said of a task in one line: `jar.dependsOn(x)`."""
_TOUCHES = regex(r"\b(tasks|project|gradle|jib|afterEvaluate|apply|allprojects|subprojects|rootProject)\b")
_OFF = frozenset({"enabled", "isEnabled", "setEnabled"})


def take(build: Build, nodes: Statement, said: Chain, scope: Scope, named: str = "") -> None:
    """Read a statement that begins with `tasks` or `task`; `named` is the variable that it is for."""
    if said.name == "task":
        _in_groovy(build, nodes, said, scope)
    elif len(said.links) == 1 and said.last.block and not said.last.arguments and not said.rest:
        for each in said.last.block.statements:  # tasks { jar { … }; register("x") { … } }
            inner = chain(each)
            _take(build, each, inner.links, inner.rest, scope)
    else:
        _take(build, nodes, said.links[1:], said.rest, scope, named)


def rule_for(build: Build, names: list[str], body: tuple[Statement, ...], scope: Scope) -> None:
    """What a block says of tasks that are called so; `*` stands for all of them."""
    rule = _rule(build, body, scope, own=False)
    for name in names:
        build.rules.setdefault(name, []).append(rule)


def _take(build: Build, nodes: Statement, links: list[Link], rest: Statement, scope: Scope, named: str = "") -> None:
    """What is said of one task, or of many; `links` are those behind `tasks`."""
    following = [link for link in links[1:] if link.name not in _ALL and link.name != "configure"]
    if not links or rest or len(following) > 1 or any(link.name not in SAYS | {"get"} for link in following):
        raise unread(scope.file, nodes)
    first = links[0]
    body = next((link.block.statements for link in links if link.block and link.name not in SAYS), ())
    if following and following[0].name != "get":
        at = max(at for at, node in enumerate(nodes) if isinstance(node, Word) and node.text == following[0].name)
        body = (*body, nodes[at:])
    text = plain_text(next(iter(first.arguments or ()), ()))
    if first.name in REGISTER:
        kind = first.of or flat((first.arguments or ((),))[0 if named else -1])
        _register(build, named or text, kind, body, scope, nodes)
    elif first.name in NAMED:
        rule_for(build, [named or text or "*"], body, scope)
    elif first.name in _ALL:
        kind = _type(first.of or flat(next(iter(first.arguments or ()), ())))
        rule_for(build, (table().types.get(kind) or "*").split(), body, scope)
    elif first.arguments is None:
        rule_for(build, [first.name], body, scope)
    else:
        raise unread(scope.file, nodes)


def _in_groovy(build: Build, nodes: Statement, said: Chain, scope: Scope) -> None:
    """`task dist(type: Zip, dependsOn: jar) { … }`, `task("dist") { … }`."""
    inner = chain(nodes[1:]) if len(nodes) > 1 and isinstance(nodes[1], Word) else said
    if len(inner.links) != 1 or inner.rest:
        raise unread(scope.file, nodes)
    given = inner.last.arguments or ()
    body = inner.last.block.statements if inner.last.block else ()
    if inner is said:
        _register(build, plain_text(given[0]) if given else "", said.last.of or flat(given[-1]), body, scope, nodes)
        return
    told = {flat(part[:1]): part[2:] for part in given}
    if "dependsOn" in told:
        body = ((Word("name", "dependsOn", said.line), *told.pop("dependsOn")), *body)
    kind = flat(told.pop("type", ()))
    if told.keys() - {"group", "description"}:
        raise unread(scope.file, nodes)
    _register(build, inner.name, kind, body, scope, nodes)


def _register(build: Build, name: str, kind: str, body: tuple[Statement, ...], scope: Scope, nodes: Statement) -> None:
    if not name:
        raise unread(scope.file, nodes, "what a task is called is only known in a run")
    rule = _rule(build, body, scope, own=True)
    if name in build.tasks:  # in another project, or another time
        build.rules.setdefault(name, []).append(rule)
        if build.tasks[name].type != _type(kind):
            rule.acts = True
    else:
        kind = "" if kind == name else _type(kind)
        build.tasks[name] = Task(kind, f"{scope.file}:{line_of(nodes)}", rule)


def _type(kind: str) -> str:
    """A type as Groovy or Kotlin names it (`Zip::class`)."""
    return kind.removesuffix(".java").removesuffix("::class").rpartition(".")[2]


def _rule(build: Build, body: tuple[Statement, ...], scope: Scope, *, own: bool) -> Rule:
    """What a block says of a task; `own` where that is registered by it, so that all else in it is the task's."""
    rule = Rule(f"{scope.file}:{line_of(body[0]) if body else 0}")
    for nodes in body:
        said = chain(nodes)
        name = said.last.name if said.links else ""
        if name in _TIES and len(said.links) == 1:
            (rule.after if name == "finalizedBy" else rule.before).extend(_tied(said))
        elif name in {"doLast", "doFirst"} and len(said.links) == 1 and said.last.block:
            rule.writes = True
            rule.acts |= any(map(does_more, said.last.block.statements))
        elif name in _OFF or said.path == ("enabled", "set"):
            rule.off = _is_off(flat(nodes))
        elif name in {"onlyIf", "setOnlyIf"}:
            rule.off = None
        elif name in {"ignoreFailures", "setIgnoreFailures"} or said.path == ("ignoreFailures", "set"):
            rule.forgives = rule.forgives if (off := _is_off(flat(nodes))) else True if off is False else None
        elif own and not _TOUCHES.search(flat(nodes)):
            rule.acts |= does_more(nodes)
        elif _is_about_another(said):  # spotless { check { dependsOn("spotlessApply") } }
            rule_for(build, [name], said.last.block.statements if said.last.block else (), scope)
        elif name not in _ORDERS:
            ask_harmless(nodes, scope.file)
            rule.said += set_by(said) if said.links else [Setting((), None, said.line)]
    return rule


def _is_about_another(said: Chain) -> bool:
    """Whether a statement in a block for something says of another task what is said of tasks."""
    lone = len(said.links) == 1 and not said.rest and said.last.block and not said.last.arguments
    inner = said.last.block.statements if lone and said.last.block and not REACHES.fullmatch(said.name) else ()
    return any(chain(each).path[:1] in {("dependsOn",), ("finalizedBy",)} for each in inner)


def _is_off(said: str) -> bool | None:
    """Whether a task is turned off; None where only a run knows."""
    words = said.replace("(", "=").rstrip(")").rpartition("=")[2]
    return {"true": False, "false": True}.get(words.removeprefix("enabled").removeprefix("ignoreFailures"))


def _tied(said: Chain) -> list[str]:
    """The tasks that a statement ties to one; a setter takes others away from it."""
    parts = said.last.arguments if said.last.arguments is not None else _commas(said.rest)
    return ["?"] if said.last.name in _SETS else _task_names(parts)


def _task_names(parts: tuple[Statement, ...]) -> list[str]:
    """The names of tasks; `?` for one that is not read."""
    found: list[str] = []
    for part in parts:
        said = chain(part)
        text = plain_text(part)
        listed = None if text else items(part)
        if text:
            found.append(text)
        elif said.path[:1] == ("tasks",) and len(said.links) == 2 and not said.rest:
            link = said.links[1]
            given = plain_text(next(iter(link.arguments or ()), ())) if link.name in NAMED else ""
            found.append(link.name if link.arguments is None else given or "?")
        elif len(said.links) == 1 and not (said.rest or said.last.arguments or said.last.block):
            found.append(said.name)
        elif listed and listed != [part]:
            found += _task_names(tuple(listed))
        else:
            found.append("?")
    return found


def _commas(nodes: Statement) -> tuple[Statement, ...]:
    """The parts of a list without brackets."""
    found: list[list[Node]] = [[]]
    for node in nodes:
        if isinstance(node, Word) and node.kind == "sign" and node.text == ",":
            found.append([])
        else:
            found[-1].append(node)
    return tuple(tuple(each) for each in found if each)
