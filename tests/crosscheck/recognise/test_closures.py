"""Functions that make functions: what they share becomes the module's, unless a name would mean two things."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.closures import opened
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.targets import forwards
from crosscheck.source import read
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

BUILT = """
import numpy as np

def regression(n_features, n_units, seed=1):
    rng = np.random.RandomState(seed)
    theta = {"inner": rng.randn(n_units, n_features), "outer": rng.randn(n_units), "shift": np.zeros(n_units)}
    calls = 0

    def layer(x):
        return np.tanh(theta["inner"] @ x + theta["shift"])

    def cost(x, y):
        return 0.5 * (theta["outer"] @ layer(x) - y) ** 2

    def cost_grad(x, y):
        nonlocal calls
        calls += 1
        h = layer(x)
        slopes = {name: np.zeros_like(value) for name, value in theta.items()}
        miss = theta["outer"] @ h - y
        slopes["outer"] += miss * h
        back = miss * theta["outer"] * (1 - h ** 2)
        slopes["inner"] += np.outer(back, x)
        slopes["shift"] += back
        return slopes

    return cost, cost_grad, theta

def main():
    f, df, weights = regression(6, 4)
    xs, ys = np.random.randn(9, 6), np.random.randn(9)
    for x, y in zip(xs, ys):
        for name, slope in df(x, y).items():
            weights[name] -= 0.1 * slope
        print(f(x, y))

main()
"""


@pytest.mark.parametrize(
    ("slip", "wrong"),
    [(None, set()), (("(1 - h ** 2)", "(1 - h)"), {"inner", "shift"})],
    ids=["right", "wrong"],
)
def test_the_inner_backward_pass_is_judged(tmp_path: Path, slip: tuple[str, str] | None, wrong: set[str]) -> None:
    path = tmp_path / "closures.py"
    path.write_text(BUILT.replace(*slip) if slip else BUILT)
    found = recognise(read(path))
    assert found.skipped == []
    (unit,) = found.units
    assert unit.names.keys() == {"inner", "outer", "shift"}
    report = judge_unit(unit, examples=4)
    assert {tally.name for tally in report.tallies if tally.verdict is Verdict.DISAGREE} == wrong
    assert report.verdict is (Verdict.DISAGREE if wrong else Verdict.AGREE)


def test_what_is_made_lies_in_the_module_with_its_own_lines() -> None:
    tree = opened(ast.parse(BUILT))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert names == ["layer", "cost", "cost_grad", "main"]
    gradient = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "cost_grad")
    assert BUILT.splitlines()[gradient.lineno - 1].strip() == "def cost_grad(x, y):"
    assert "f, df, weights = (cost, cost_grad, theta)" in ast.unparse(tree)
    assert "n_features = 6\nn_units = 4\nseed = 1" in ast.unparse(tree)


@pytest.mark.parametrize(
    "old_and_new",
    [
        ("def main():", "def layer(x):\n    return x\n\ndef main():"),
        (
            "    f, df, weights = regression(6, 4)\n",
            "    f, df, weights = regression(6, 4)\n    g = regression(5, 3)\n",
        ),
        ("    return cost, cost_grad, theta", "    return Model(cost, cost_grad, theta)"),
        ("cost_grad", "second"),
    ],
    ids=["clash", "two calls", "other result", "no gradient"],
)
def test_a_module_stays_as_it_is_where_names_would_mean_two_things(old_and_new: tuple[str, str]) -> None:
    tree = ast.parse(BUILT.replace(*old_and_new))
    assert opened(tree) is tree


INNER = """
import numpy as np
class Factors:
    def __init__(self, k=2):
        self.k, self.w, self.v = k, None, None
    def _guess(self, x):
        return x @ self.w + np.sum((x @ self.v) ** 2) / 2
    def predict(self, rows):
        return np.array([self._guess(x) for x in rows])
    def _gradient_descent(self, rows, wanted):
        def slope_v(x):
            return {slope}
        self.w, self.v = np.zeros(rows.shape[1]), np.random.randn(rows.shape[1], self.k)
        for _ in range(9):
            for i in range(len(rows)):
                x = rows[i]
                off = self._guess(x) - wanted[i]
                w_grad, v_grad = off * x, off * slope_v(x)
                self.w = self.w - 0.01 * w_grad
                self.v = self.v - 0.01 * v_grad
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("slope", "verdict"),
    [("np.outer(x, x @ self.v)", Verdict.AGREE), ("np.outer(x, self.v.sum(axis=0))", Verdict.DISAGREE)],
)
def test_what_is_local_to_a_method_reads_the_very_object(slope: str, verdict: Verdict) -> None:
    (unit,) = recognise(read_text(INNER.format(slope=slope), "utf-8", Path("x.py"))).units
    assert set(unit.names) == {"w", "v"}
    assert judge_unit(unit, examples=4).verdict is verdict


def test_a_descent_goes_forward_by_itself() -> None:
    """What it makes of its weights is not there before it, for whatever predicts."""
    nodes = functions_of(ast.parse(INNER.format(slope="x")))
    assert forwards("Factors._gradient_descent", nodes) == ["Factors.predict", None]
