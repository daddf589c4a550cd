"""Backward passes that are handed a label and keep some gradients nowhere: `self.W -= rate * np.outer(x, d)`.

Where the step of another parameter is a rate times something that has a name, these are given one as well, and judged
together with what is returned.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import ONE_LABEL, TARGET
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import forget, walk


def with_steps_named(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such gradients have names; the same if it has none.

    >>> code = "def f(self, label, lr):\n  d = self.g(label)\n  self.W -= lr * np.outer(self.x, d)\n  self.b -= lr * d"
    >>> print(ast.unparse(with_steps_named(ast.parse(code))))
    def f(self, label, lr):
        d = self.g(label)
        gradient_of_W = np.outer(self.x, d)
        self.W -= lr * gradient_of_W
        self.b -= lr * d
    """
    if not any(True for _ in _unnamed(tree)):
        return tree
    made = copy.deepcopy(tree)
    for function, step, product in list(_unnamed(made)):
        name, value = naming.given_name(root_word(step.target)), product.right
        product.right = ast.copy_location(ast.Name(name, ast.Load()), value)
        named = ast.copy_location(ast.Assign([ast.copy_location(ast.Name(name, ast.Store()), value)], value), value)
        function.body.insert(next(n for n, one in enumerate(function.body) if one is step), named)
    forget()
    return made


def _unnamed(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, ast.AugAssign, ast.BinOp]]:
    """Yield such functions, the steps in them, and the products of a rate and a gradient that these are."""
    for function in (node for node in walk(tree) if isinstance(node, ast.FunctionDef)):
        handed = [argument.arg for argument in function.args.args]
        if not any(TARGET.match(word) or ONE_LABEL.match(word) for word in handed):
            continue
        steps = [
            (one, product)
            for one in function.body
            if isinstance(one, ast.AugAssign) and isinstance(one.op, ast.Sub) and (product := _at_a_rate(one.value))
        ]
        if any(isinstance(product.right, ast.Name) for _, product in steps):
            yield from (
                (function, step, product) for step, product in steps if isinstance(product.right, ast.Call | ast.BinOp)
            )


def _at_a_rate(step: ast.expr) -> ast.BinOp | None:
    """Return a product of a number that is called a rate, and something; None if a step is no such product."""
    match step:
        case ast.BinOp(left=ast.Name() | ast.Attribute() as rate, op=ast.Mult()) if naming.RATE.search(root_word(rate)):
            return step
    return None
