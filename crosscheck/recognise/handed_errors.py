"""Which way what a backward pass is handed points, by what its callers compute: `out - y` goes up, `y - out` down.

    errors = [target - out for target, out in zip(targets, net.forward(xs))]
    net.backward(errors)                    # self.W += rate * ...

By itself such a backward pass seems to climb: handed a gradient it would.
"""

import ast
import copy
import re
from collections.abc import Collection, Iterator, Sequence

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import TARGET
from crosscheck.recognise.pairs import PairReplay
from crosscheck.recognise.raised import Way
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.source.walking import own_parts, walked

ERROR = re.compile(r"err|resid|fehler|erro\b|hata", re.IGNORECASE)
"""What is called so may be taken either way: a gradient is none by that name"""
OUTPUT = re.compile(
    r"pred|hat$|out|prob|guess|^[po]s?$|^a\d?$|softmax|sigmoid|forward|activ|logit|score|result|sa[ií]da|sortie|ausgabe",
    re.IGNORECASE,
)
"""What is held against a target: `y` alone may be the one or the other"""


def way_above(tree: ast.AST, replay: PairReplay) -> Way:
    """Return which way lies what the backward pass of a pair is handed."""
    return way_handed(tree, replay.backward.function.rpartition(".")[2], {one.name for one in replay.upstream})


def way_handed(tree: ast.AST, backward: str, names: Collection[str]) -> Way:
    r"""Return which way lie the arrays that a backward pass is handed by some names.

    >>> code = "def back(self, e): self.w += e\ndef train(self):\n  {}\n  self.back(d)"
    >>> said = ("d = y - out", "d = out - y", "d = [-f(o)]; d[-1][k] += 1", "d = p.copy(); d[k] -= 1", "d = p / y")
    >>> [way_handed(ast.parse(code.format(one)), "back", {"e"}).name for one in said]
    ['UP', 'DOWN', 'UP', 'DOWN', 'DOWN']
    >>> way_handed(ast.parse(code.format("d = f(p)")), "back", {"errors"}).name
    'EITHER'
    """
    node = next((part for part in walked(tree) if isinstance(part, ast.FunctionDef) and part.name == backward), None)
    formal = [argument.arg for argument in node.args.args if argument.arg != "self"] if node is not None else []
    found: set[int] = set()
    for scope in (tree, *(part for part in walked(tree) if isinstance(part, ast.FunctionDef))):
        parts = list(own_parts(scope))
        for call in (part for part in parts if isinstance(part, ast.Call) and root_word(part.func) == backward):
            given = [*zip(formal, call.args, strict=False), *((one.arg, one.value) for one in call.keywords)]
            for value in (value for name, value in given if name in names):
                if _is_even(value):  # whoever goes up by a score says so
                    return Way.EITHER
                sign = _sign(_called(value, tree))
                found |= {sign} if sign else set(_signs_of(root_word(value), parts, tree))
    if found:
        return Way.UP if found == {-1} else Way.DOWN
    return Way.EITHER if any(map(ERROR.search, names)) else Way.DOWN


def _called(value: ast.expr, tree: ast.AST) -> ast.expr:
    """Return what a function of the file returns for what it is called with, if it is a difference of its arguments.

    >>> tree = ast.parse("def prime(t, p): return 2 * (p - t) / t.size")
    >>> ast.unparse(_called(ast.parse("prime(out, y)", mode="eval").body, tree))
    '2 * (y - out) / out.size'
    """
    word = value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""
    node = next((n for n in walked(tree) if isinstance(n, ast.FunctionDef) and n.name == word), None)
    last = node.body[-1] if node is not None and len(node.body) == 1 else None
    if not isinstance(value, ast.Call) or node is None or not isinstance(last, ast.Return) or last.value is None:
        return value
    given = dict(zip((argument.arg for argument in node.args.args), value.args, strict=False))

    class Given(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return given.get(node.id, node)

    return Given().visit(copy.deepcopy(last.value))


def _signs_of(name: str, parts: Sequence[ast.AST], tree: ast.AST) -> Iterator[int]:
    """Yield the signs that outputs have in what a variable is given, in its entries, or in what is added to a list."""
    for part in parts:
        made = [value for target, value in assigned_in(part) if root_word(target) == name]
        match part:
            case ast.AugAssign(target=ast.Name(id=word), op=ast.Add(), value=ast.List(elts=entries)) if word == name:
                made += entries
            case ast.Call(func=ast.Attribute(value=owner, attr="append"), args=[entry]) if root_word(owner) == name:
                made.append(entry)
            case ast.AugAssign(target=ast.Subscript() as target, op=ast.Add() | ast.Sub(), value=ast.Constant(value=1)):
                if root_word(target) == name:  # the label of a softmax
                    yield -1 if isinstance(part.op, ast.Add) else 1
            case _:
                pass
        yield from (sign for value in made if (sign := _sign(_called(value, tree))))


def _sign(value: ast.expr) -> int:
    """Return the sign that an output has in a difference from a target, or in a multiple of one; 0 of anything else.

    >>> said = "-2 * (y - out) / n", "(out - y).T", "np.array([t - o for t, o in pairs])", "-(y / p - (1 - y) / q)"
    >>> [_sign(ast.parse(one, mode="eval").body) for one in said]
    [1, 1, -1, 0]
    """
    match value:
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_sign(inner)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _is_target(right) * _is_output(left) - _is_target(left) * _is_output(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _sign(left) * _factor(right) or _factor(left) * _sign(right)
        case ast.BinOp(left=left, op=ast.Div()):
            return _sign(left)
        case ast.ListComp(elt=inner) | ast.Attribute(value=inner) | ast.Call(func=ast.Name(), args=[inner, *_]):
            return _sign(inner)
        case ast.Call(func=ast.Attribute(value=owner), args=arguments):
            return _sign(owner) or (_sign(arguments[0]) if arguments else 0)
        case ast.List(elts=[inner]):
            return _sign(inner)
    return 0


def _is_even(value: ast.expr) -> bool:
    """Tell an array of one number, which is computed of no loss.

    >>> [_is_even(ast.parse(one, mode="eval").body) for one in ("np.full((n, 1), 1 / n)", "2 * (p - y)")]
    [True, False]
    """
    return isinstance(value, ast.Call) and root_word(value.func) in ("full", "full_like")


def _factor(value: ast.expr) -> int:
    return -1 if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub) else 1


def _is_output(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):  # `y - net.forward(x)`, under whatever name
        return True
    return bool(OUTPUT.search(root_word(value))) and not TARGET.match(root_word(value))


def _is_target(value: ast.expr) -> bool:
    word = root_word(value)
    return bool(TARGET.match(word) or naming.TRUTH.match(word)) and not OUTPUT.search(word)
