"""What is said of syntax trees is kept, and forgotten when a tree is changed."""

import ast
from pathlib import Path

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


def test_nothing_is_kept_of_a_module_that_was_instrumented(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(LEARNS, encoding="utf-8")
    tree, _ = prepared(read(tmp_path / "program.py"), Plan())
    assert all(walked(node) == tuple(ast.walk(node)) for node in ast.walk(tree))
