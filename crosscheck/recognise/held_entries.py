"""Entries of gradients that a program sets to zero on purpose, so that they stay what they are.

    grads["E"][PAD] = 0            # what stands for no word has no vector to learn
    np.fill_diagonal(dR, 0)        # no unit is connected to itself
    dW *= mask                     # connections that are not there stay away

No loss has such a gradient, and no training goes wrong by it. What else is wrong of it is told. The same holds for a
gradient that is zero because a flag is off under which it would be computed: `if self.learn_h0: grads["h0"] = dh`.
"""

import ast
from collections.abc import Iterator, Sequence

import numpy as np

from crosscheck.judge import JudgedCase
from crosscheck.recognise.clips import is_of_gradient
from crosscheck.recognise.naming import CONTAINER, is_gradient_of, re
from crosscheck.recognise.statements import root_word, words
from crosscheck.recognise.unit import Unit
from crosscheck.source.walking import walked
from crosscheck.verdicts import Finding, Severity

MASK = re.compile(r"mask|keep|alive|frozen|freeze|trainable|sparsity|pattern|connect", re.IGNORECASE)
SAID = (
    "Entries of the gradient of {0} are set to zero in line {1}, and nothing else of it is wrong: that holds them as "
    "they are. Whether that is meant is not known."
)
SWITCHED = (
    "The gradient of {0} is zero throughout: it is computed in line {1} alone, under a flag that is off wherever the "
    "file goes. Whether that is meant is not known."
)


class ZeroedEntries:
    """Follows, case by case, whether all that is wrong of a gradient is zero where it should be something else."""

    def __init__(self) -> None:
        self._is_zero: dict[str, bool] = {}
        self._moved: set[str] = set()
        """Gradients that are not zero everywhere in every case"""

    def add(self, case: JudgedCase) -> None:
        """Take in one judged case."""
        for name, comparison in case.comparisons.items():
            if name == "loss":
                continue
            wrong, given = np.asarray(comparison.wrong), np.asarray(case.outcome[name])
            if given.any():
                self._moved.add(name)
            if wrong.any():
                is_zero = given.shape == wrong.shape and not given[wrong].any()
                self._is_zero[name] = self._is_zero.get(name, True) and is_zero

    def findings(self, unit: Unit, names: Sequence[str]) -> Iterator[Finding]:
        """Yield what is to be said of the gradients among some that have such entries, by the lines that set them."""
        if unit.is_operation:  # an engine's own lines speak of no gradient in particular
            return
        held = [found for node in unit.functions for found in holding_lines(node)]
        off = [found for node in unit.functions for found in switched_lines(node)]
        for name in (one for one in names if self._is_zero.get(one, False)):
            place = unit.subject.gradients[name]
            own = {place.name, *place.names}
            lines, said = (held, SAID) if name in self._moved else (off, SWITCHED)
            for line, spoken in lines:
                if spoken & {*own, name} or any(is_gradient_of(word, name) for word in spoken):
                    yield Finding("entries-held", Severity.WARNING, name, said.format(name, line), line=line)
                    break


def holding_lines(node: ast.AST) -> Iterator[tuple[int, set[str]]]:
    """Yield the lines that set entries of gradients to zero, whatever these are, and the words and keys of each.

    >>> held = "dE[PAD] = 0; np.fill_diagonal(dR, 0); grads['W'] *= mask", "dz[z < 0] = 0; x[0] = 0; dz *= h"
    >>> [[sorted(spoken) for _, spoken in holding_lines(ast.parse(code))] for code in held]
    [[['dE'], ['W', 'grads'], ['dR']], []]
    """
    for part in walked(node):
        match part:
            case ast.Assign(targets=[ast.Subscript(value=whole, slice=place)], value=ast.Constant(value=0)):
                is_held = _is_gradient(whole) and not any(isinstance(one, ast.Compare) for one in walked(place))
            case ast.Call(args=[whole, ast.Constant(value=0)]) if root_word(part.func) == "fill_diagonal":
                is_held = _is_gradient(whole)
            case ast.AugAssign(target=whole, op=ast.Mult(), value=factor):
                is_held = _is_gradient(whole) and any(map(MASK.search, words(factor)))
            case _:
                continue
        if is_held:
            yield part.lineno, _spoken(whole)


def switched_lines(node: ast.AST) -> Iterator[tuple[int, set[str]]]:
    r"""Yield the lines that compute gradients under a flag, and the words and keys of each.

    >>> code = "if self.learns: g['h0'] = dh\nif not frozen['E']: np.add.at(g['E'], ids, dz)\nif t > 0: dW += dz"
    >>> [sorted(spoken) for _, spoken in switched_lines(ast.parse(code))]
    [['g', 'h0'], ['E', 'g']]
    """
    turning = {
        one.id
        for loop in walked(node)
        if isinstance(loop, ast.For)
        for one in walked(loop.target)
        if isinstance(one, ast.Name)
    }
    for asked in (part for part in walked(node) if isinstance(part, ast.If) and _is_flag(part.test, turning)):
        for part in (inner for statement in asked.body for inner in walked(statement)):
            match part:
                case ast.Assign(targets=[whole]) | ast.AugAssign(target=whole):
                    pass
                case ast.Call(func=ast.Attribute(attr="at"), args=[whole, *_]):
                    pass
                case _:
                    continue
            if _is_gradient(whole):
                yield part.lineno, _spoken(whole)


def _is_flag(test: ast.expr, turning: set[str]) -> bool:
    """Tell whether a condition asks for nothing but what is switched on or off."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return _is_flag(inner, turning)
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return not turning & set(words(test))
        case _:
            return False


def _spoken(whole: ast.expr) -> set[str]:
    keys = {one.value for one in walked(whole) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return {*words(whole), *keys} - {"self"}


def _is_gradient(node: ast.expr) -> bool:
    parts = set(words(node)) | {root_word(node)}
    return any(is_of_gradient(word) or CONTAINER.search(word) for word in parts)
