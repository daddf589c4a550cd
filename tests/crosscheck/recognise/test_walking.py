"""What is said of syntax trees is kept, and forgotten when a tree is changed."""

import ast
from pathlib import Path

from crosscheck.recognise.unnamed import named_totals
from crosscheck.recognise.world import Plan, prepared
from crosscheck.source import read
from crosscheck.source.walking import walked

LEARNS = """
import numpy as np

def step(X, y, w):
    g = X.T @ (X @ w - y)
    n = np.linalg.norm(g)
    if n > 5:
        g *= 5 / n
    return g

X, y, w = np.random.randn(1000, 3), np.random.randn(1000), np.zeros(3)
for turn in range(1000):
    w -= 0.01 * step(X, y, w)
"""

MEAN = """
class Line:
    def step(self, x, y):
        e = x @ self.w - y
        self.w -= 0.1 * x.T @ e
        squares = np.sum(e ** 2)
        beyond = np.sum(self.w ** 2)
        self.seen = True
        return (squares + beyond) / len(x)
"""


def plainly(node: ast.AST) -> tuple[ast.AST, ...]:
    return tuple(part for part in ast.walk(node) if not isinstance(part, ast.expr_context))


def test_nothing_is_kept_of_a_module_that_was_instrumented(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(LEARNS, encoding="utf-8")
    tree, _ = prepared(read(tmp_path / "program.py"), Plan())
    assert all(walked(node) == plainly(node) for node in plainly(tree))


def test_nothing_is_kept_of_a_module_in_which_losses_got_names() -> None:
    tree = named_totals(ast.parse(MEAN))
    assert "_sum_in_line_9" in ast.unparse(tree)
    assert all(walked(node) == plainly(node) for node in plainly(tree))
