"""GitHub Actions expressions, evaluated as far as they can be without a run.

The grammar and the meaning are those of GitHub's own evaluator (`actions/runner`, `src/Sdk/DTExpressions2`): operands
are coerced loosely, strings compare without case, `&&` and `||` return an operand, and an `if:` in which text stands
beside `${{ }}` is a `format(...)` whose result is a string, which is true as soon as it is not empty.

What is not known stays in the result as a `Symbol("unknown", <canonical text>)`, so that equal sub-expressions give
equal symbols, and a decision is made only where every possible value leads to the same one.

`grammar` makes a tree of a text, `known` says what it can be worth, `evaluation` what it is worth, by `comparison` and
`functions`; `partial` is about text with symbols in it, `conditions` about `if:`.
"""

from goldenpath.facts.expressions.conditions import Condition, condition
from goldenpath.facts.expressions.evaluation import evaluate, interpolate
from goldenpath.facts.expressions.grammar import MalformedExpression
from goldenpath.facts.expressions.known import NULL, Array, Known, Null, Object, number_of, rendered, truth
from goldenpath.facts.expressions.partial import BOOLEAN, TICKED, ends_with, has_part, not_empty, same_text, starts_with

__all__ = [
    "BOOLEAN",
    "NULL",
    "TICKED",
    "Array",
    "Condition",
    "Known",
    "MalformedExpression",
    "Null",
    "Object",
    "condition",
    "ends_with",
    "evaluate",
    "has_part",
    "interpolate",
    "not_empty",
    "number_of",
    "rendered",
    "same_text",
    "starts_with",
    "truth",
]
