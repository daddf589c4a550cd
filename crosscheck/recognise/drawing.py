"""Generators without a seed, made inside of a function: every call is to draw the same numbers, so they are given one.

The seed is drawn from the module's own generator, which is set before each call (replay.py).
"""

import ast

from crosscheck.source.walking import walk

MAKERS = ("default_rng", "RandomState")
BOUND = 2147483647


def with_seeds(tree: ast.Module) -> None:
    """Give a seed to what is made without one.

    >>> tree = ast.parse("def f(seed=None): return np.random.RandomState(seed), np.random.default_rng(7)")
    >>> with_seeds(tree)
    >>> print(ast.unparse(tree.body[0].body[0]).partition(",")[0])
    return (np.random.RandomState(np.random.randint(2147483647) if seed is None else seed)
    """
    for node in walk(tree):
        if isinstance(node, ast.FunctionDef):
            for call in (part for part in walk(node) if isinstance(part, ast.Call)):
                _give(call)


def _give(call: ast.Call) -> None:
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in MAKERS or not ast.unparse(func.value).endswith("random"):
        return
    randint = ast.Attribute(value=func.value, attr="randint", ctx=ast.Load())
    drawn = ast.Call(func=randint, args=[ast.Constant(BOUND)], keywords=[])
    if not call.args and not call.keywords:
        call.args = [drawn]
    elif call.args and isinstance(given := call.args[0], ast.Name | ast.Attribute):
        is_none = ast.Compare(left=given, ops=[ast.Is()], comparators=[ast.Constant(None)])
        call.args[0] = ast.IfExp(test=is_none, body=drawn, orelse=given)
    elif call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value is None:
        call.args[0] = drawn
    for part in (call, *call.args):
        ast.copy_location(part, func)
        ast.fix_missing_locations(part)
