"""What hands a judged backward pass a gradient that it computes itself, the seed: that is judged nowhere else.

A pair such as `forward(x)` and `backward(dy)` is judged with any `dy`. Whether `backward(2 * (y - t))` begins with the
derivative of the loss shows only where the function or loop that says so is judged by its loss.
"""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from crosscheck.recognise import naming
from crosscheck.recognise.backward_passes import NO_BACKWARD
from crosscheck.recognise.loops import Loop
from crosscheck.recognise.loss_forms import Decayed, Scaled
from crosscheck.recognise.moving import is_rate
from crosscheck.recognise.places import Place
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.shares import is_times, slopes
from crosscheck.recognise.siblings import DRAWS
from crosscheck.recognise.statements import goes_back_in_time, root_word, words
from crosscheck.recognise.targets import DRIVERS
from crosscheck.recognise.unit import Unit
from crosscheck.source.walking import walk, walked

Passes = Mapping[str, Sequence[str]]
"""What backward passes are called, with the names of their arguments"""
CLOSE = 1e-6
"""How closely a factor must be a rate"""
OPERATORS = frozenset({"subtract", "multiply", "divide", "true_divide"})
SUMS = frozenset({"sum", "mean", "array", "asarray"})
TIMES = "{} goes back from {:.6g} times the derivative of {}: that is a matter of its rate"


def begins(node: ast.AST, passes: Passes, helpers: Collection[str] = ()) -> bool:
    """Tell whether some code computes a gradient and hands it to one of some backward passes.

    Or has one of some `helpers` compute it, which return a loss and its gradient, or that alone.

    >>> begins(ast.parse("e = y - t; net.backward(e / n, rate)"), {"backward": ["dy", "rate"]})
    True
    >>> begins(ast.parse("net.backward(loss.gradient(y, t), rate / 2)"), {"backward": ["dy", "rate"]})
    False
    >>> begins(ast.parse("net.backward(0.1 * np.random.randn(3), rate)"), {"backward": ["dy", "rate"]})
    False
    """
    computed = {*_computed(node), *_helped(node, helpers)}
    return any(
        (isinstance(given, ast.BinOp) or getattr(given, "id", "") in computed) and DRAWS.isdisjoint(words(given))
        for call in walked(node)
        if isinstance(call, ast.Call)
        for given in _gradients(call, passes.get(root_word(call.func), ()))
    )


def _gradients(call: ast.Call, names: Sequence[str]) -> list[ast.expr]:
    """Return what a call hands as gradients: by the names of the arguments, or all but rates where none is plain."""
    handed = [*zip(names, call.args, strict=False), *((k.arg, k.value) for k in call.keywords if k.arg in names)]
    plain = [value for name, value in handed if name and naming.is_gradient_argument(name)]
    return plain or [value for name, value in handed if name and not naming.RATE.search(name)]


def _helped(node: ast.AST, helpers: Collection[str]) -> Iterator[str]:
    for part in walked(node):
        match part:
            case ast.Assign(targets=[ast.Tuple(elts=[_, ast.Name(id=gradient)])], value=ast.Call(func=called)):
                if root_word(called) in helpers:
                    yield gradient
            case ast.Assign(targets=[ast.Name(id=gradient)], value=ast.Call(func=called)):
                if root_word(called) in helpers:
                    yield gradient
            case _:
                continue


def returns_both(node: ast.FunctionDef) -> bool:
    """Tell whether a function returns two things, the second of which it computes where it returns it.

    >>> said = "def f(p, y): return loss(p, y), (p - y) / len(p)", "def g(x): return x, x.shape"
    >>> [returns_both(ast.parse(one).body[0]) for one in said]
    [True, False]
    """
    last = node.body[-1] if node.body else None
    value = last.value if isinstance(last, ast.Return) else None
    return isinstance(value, ast.Tuple) and len(value.elts) == 2 and _is_by_operators(value.elts[1])


def returns_difference(node: ast.FunctionDef) -> bool:
    """Tell whether a function is called a gradient, and does no more than to return what two arguments differ by.

    >>> said = "def grad(p, y): return p - y", "def grad(p, y): return (p - y) / n", "def delta(p, y): return p - y"
    >>> [returns_difference(ast.parse(one).body[0]) for one in said]
    [True, False, False]
    """
    match node.body[-1:]:
        case [ast.Return(value=ast.BinOp(left=ast.Name(), op=ast.Sub(), right=ast.Name()))]:
            return bool(naming.BACKWARD.search(node.name))
        case _:
            return False


def _computed(node: ast.AST) -> Iterator[str]:
    """Yield the variables that some code computes by operators, themselves or entries of them: `d[t] -= 1`."""
    for part in walked(node):
        if isinstance(part, ast.AugAssign) or (isinstance(part, ast.Assign) and _is_by_operators(part.value)):
            if not DRAWS.isdisjoint(words(part)):  # any gradient will do: the code shows what the pass does
                continue
            for target in part.targets if isinstance(part, ast.Assign) else [part.target]:
                entry = target.value if isinstance(target, ast.Subscript) else target
                yield from (name.id for name in getattr(entry, "elts", [entry]) if isinstance(name, ast.Name))


def _is_by_operators(value: ast.expr) -> bool:
    """Tell whether a value is computed by operators: one by itself, or within functions of NumPy, which has its own.

    >>> [_is_by_operators(ast.parse(v).body[0].value) for v in ("p - y", "np.sum([np.subtract(p, y) for y in ys], 0)")]
    [True, True]
    >>> _is_by_operators(ast.parse("np.zeros(n - 1)").body[0].value)
    False
    """
    if isinstance(value, ast.BinOp):
        return True
    if not isinstance(value, ast.Call) or not {"np", "numpy"} & set(words(value.func)):
        return False
    if root_word(value.func) in OPERATORS:
        return True
    return root_word(value.func) in SUMS and any(map(_is_by_operators, _entries(value.args[:1])))


def _entries(values: Sequence[ast.expr]) -> Iterator[ast.expr]:
    """Yield what is summed up: each entry of a list that is made on the spot."""
    for value in values:
        if isinstance(value, ast.ListComp | ast.GeneratorExp):
            yield value.elt
        else:
            yield from getattr(value, "elts", [value])


def is_stated(loss: Any) -> bool:
    """Tell whether a loss is a number that the program computes and calls a loss."""
    inner = loss.inner if isinstance(loss, Decayed) else loss
    return isinstance(inner, Place | Scaled) and bool(naming.LOSS.search(inner.name))


def factor_of(unit: Unit) -> float | None:
    """Return the one positive number that all gradients of a unit are its derivatives times, as far as is seen.

    None if there is none, or a gradient is none of what the loss depends on.
    """
    try:
        claims = slopes(unit)
    except Exception:  # noqa: BLE001 - theirs: what cannot be called is told elsewhere
        return None
    ratios = [claimed / slope for found in claims.values() for slope, claimed in found if abs(slope) > 0]
    is_one = bool(ratios) and ratios[0] > 0 and all(is_times(found, ratios[0]) for found in claims.values())
    return ratios[0] if is_one else None


def is_rated(unit: Unit) -> bool:
    """Tell whether all gradients of a unit are its derivatives times a rate of the file, which is no slip."""
    replay, factor = getattr(unit.subject, "replay", None), factor_of(unit)
    if not isinstance(replay, Replay) or factor is None:
        return False
    rates = (value for name, value in replay.world.names.items() if isinstance(value, float) and is_rate(name))
    return any(abs(factor - rate) <= CLOSE * rate for rate in rates if rate > 0)


def beginnings(
    functions: Mapping[str, ast.FunctionDef], loops: Mapping[str, Loop], passes: Passes, helpers: Collection[str] = ()
) -> Iterator[tuple[str, ast.FunctionDef | Loop]]:
    """Yield what begins with a gradient of its own: the innermost loops that do, and functions without any."""
    found: list[ast.AST] = []
    for name, node in sorted(loops.items(), key=lambda item: -item[1].lineno):
        if not goes_back_in_time(node) and not _holds(node, found) and begins(node, passes, helpers):
            found.append(node)
            yield name, node
    for name, node in functions.items():
        if not _holds(node, found) and trains_from_own(node, passes):
            yield name, node


def _holds(node: ast.AST, others: Sequence[ast.AST]) -> bool:
    return any(part is other for part in walk(node) for other in others)


def trains_from_own(node: ast.FunctionDef, passes: Passes) -> bool:
    """Tell whether a function begins with a gradient of its own: what only shows or checks a pass, in a loop alone."""
    if not DRIVERS.search(node.name) and not NO_BACKWARD.search(node.name):
        return begins(node, passes)
    loops = (part for part in walk(node) if isinstance(part, ast.For | ast.While) and not goes_back_in_time(part))
    return any(begins(loop, passes) for loop in loops)
