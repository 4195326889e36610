"""When a step or a job runs: `if:`, in three values."""

from __future__ import annotations

from functools import lru_cache
from itertools import count
from typing import Final

from msgspec import Struct

from goldenpath.facts.expressions.evaluation import CALLED_OFF, LEFT_OUT, WENT_WELL, WENT_WRONG, World, parts_of, worth
from goldenpath.facts.expressions.grammar import (
    Call,
    Compare,
    Index,
    Literal,
    Logic,
    MalformedExpression,
    Node,
    Not,
    height_of,
    parse,
)
from goldenpath.facts.expressions.known import Lookup, operand_text, rendered, truth
from goldenpath.facts.values import value

_STATUS_FUNCTIONS: Final = frozenset({"always", "cancelled", "failure", "success"})


class Condition(Struct, frozen=True):
    """When a step or a job runs.

    `decided`: whether it runs in a release that goes well, where nothing failed; None when that depends on the run.
    `atoms`: what must be true besides, as canonical texts, all of them; condition B implies condition A when
    `A.atoms <= B.atoms`. Empty when decided.
    `status`: the status functions that occur in it, in lower case.
    `after_failure`: whether it may run although something before it failed, or was cancelled.
    `problem`: why GitHub would refuse it, or None; then it is undecided and its text is the one atom.
    """

    decided: bool | None
    atoms: frozenset[str] = frozenset()
    status: frozenset[str] = frozenset()
    after_failure: bool = False
    problem: str | None = None


class _Truth(Struct, frozen=True):
    """A decision, or the atoms of which it is the conjunction."""

    decided: bool | None
    atoms: frozenset[str] = frozenset()


def condition(
    text: str | None, lookup: Lookup, *, after_failure: Lookup | None = None, after_skip: bool = False
) -> Condition:
    """Evaluate an `if:` as far as it goes; None stands for an `if:` that is not there.

    The text must be what YAML makes of it, line breaks included: after `if: |` the trailing newline stands beside
    the `${{ }}`, which makes the condition a string that is always true. `after_failure` is what is known when
    something before has failed (say `needs.build.result`); by default the same as when all went well. `after_skip`
    says that a job before was skipped, which is neither success nor failure.
    """
    if text is None or not text.strip():
        return Condition(decided=not after_skip)
    try:
        node, status = _read(text)
    except MalformedExpression as malformed:
        return Condition(decided=None, atoms=frozenset({text.strip()}), problem=malformed.sentence)
    known_then = after_failure or lookup
    went_wrong = [  # what is cancelled has not failed
        World(_in_job(known_then, "failure"), WENT_WRONG),
        World(_in_job(known_then, "cancelled"), CALLED_OFF),
    ]
    if after_skip and not status:
        return Condition(decided=False)
    went_well = World(_in_job(lookup, "success"), WENT_WELL)
    outcome = _truth(node, World(lookup, LEFT_OUT) if after_skip else went_well, wanted=True)
    return Condition(
        decided=outcome.decided,
        atoms=outcome.atoms,
        status=status,
        after_failure=bool(status)
        and any(_truth(node, world, wanted=True).decided is not False for world in went_wrong),
    )


def _in_job(lookup: Lookup, status: str) -> Lookup:
    """What is known in a job of this status: `job.status` says what the status functions do."""
    return lambda path: value(status) if path == ("job", "status") else lookup(path)


@lru_cache(maxsize=2048)
def _read(text: str) -> tuple[Node, frozenset[str]]:
    """A condition's tree, and the status functions that it calls; the same one stands at many jobs."""
    node = _condition_node(text)
    return node, _status_functions(node)


def _condition_node(text: str) -> Node:
    """Parse as GitHub does: an expression, or text beside `${{ }}`, which is a call of `format`."""
    if "${{" not in text:
        return parse(text)
    parts = parts_of(text)
    if len(parts) == 1:
        return parse(parts[0].text)
    arguments = tuple(parse(part.text) for part in parts if part.is_expression)
    places = count()
    template = "".join(
        f"{{{next(places)}}}" if part.is_expression else part.text.replace("{", "{{").replace("}", "}}")
        for part in parts
    )
    nodes = (Literal(value(template)), *arguments)
    return Call("format", nodes, height_of(*nodes))


def _status_functions(node: Node) -> frozenset[str]:
    """Return the status functions anywhere in a tree: any one of them takes the place of the implicit `success()`."""
    found, waiting = set(), [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Call):
            found.update({each.name} & _STATUS_FUNCTIONS)
            waiting.extend(each.arguments)
        elif isinstance(each, Logic):
            waiting.extend(each.operands)
        elif isinstance(each, Compare):
            waiting.extend((each.left, each.right))
        elif isinstance(each, Not):
            waiting.append(each.operand)
        elif isinstance(each, Index):
            waiting.extend((each.target,) if each.key is None else (each.target, each.key))
    return frozenset(found)


_OPPOSITE: Final = {"==": "!=", "!=": "=="}


def _truth(node: Node, world: World, *, wanted: bool) -> _Truth:
    """Decide whether a tree is as true as wanted, negations pushed inwards so that atoms read alike."""
    if isinstance(node, Not):
        return _truth(node.operand, world, wanted=not wanted)
    if isinstance(node, Logic):
        outcomes = [_truth(operand, world, wanted=wanted) for operand in node.operands]
        return _all(outcomes) if (node.operator == "&&") is wanted else _any(outcomes)
    if isinstance(node, Compare) and not wanted and node.operator in _OPPOSITE:
        return _truth(Compare(_OPPOSITE[node.operator], node.left, node.right, node.height), world, wanted=True)
    known = worth(node, world)
    decided = truth(known)
    if decided is not None:
        return _Truth(decided is wanted)
    text = rendered(known)
    return _Truth(None, frozenset({text if wanted else f"!{operand_text(text)}"}))


def _all(outcomes: list[_Truth]) -> _Truth:
    if any(outcome.decided is False for outcome in outcomes):
        return _Truth(decided=False)
    atoms = frozenset[str]().union(*(outcome.atoms for outcome in outcomes))
    return _Truth(None, atoms) if atoms else _Truth(decided=True)


def _any(outcomes: list[_Truth]) -> _Truth:
    """Join alternatives: one that is left stands for itself, several become one atom in a fixed order."""
    if any(outcome.decided for outcome in outcomes):
        return _Truth(decided=True)
    left = {outcome.atoms for outcome in outcomes if outcome.decided is None}
    if not left:
        return _Truth(decided=False)
    if len(left) == 1:
        return _Truth(None, left.pop())
    texts = sorted(" && ".join(operand_text(atom) for atom in sorted(atoms)) for atoms in left)
    return _Truth(None, frozenset({" || ".join(operand_text(text) for text in texts)}))
