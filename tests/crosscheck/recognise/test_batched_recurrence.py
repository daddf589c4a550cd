"""Recurrent networks on whole batches, or with fewer targets than steps, that nothing calls as it must."""

import ast
from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.documentation import documentation_of
from crosscheck.recognise.formulas import Implied, aligned, implied
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.places import LOCAL, Place
from crosscheck.recognise.scenarios import Scenario
from crosscheck.recognise.slots import first_guess
from crosscheck.recognise.styles import styles_of
from crosscheck.recognise.tracing.hints import Hints
from crosscheck.recognise.tracing.lengths import Equations
from crosscheck.recognise.world import World
from crosscheck.source import read
from crosscheck.verdicts import Verdict

BATCH = """
import numpy as np
class Tagger:
    def __init__(self, n_words, n_hidden, n_tags):
        self.E = np.random.randn(n_hidden, n_words) * 0.1
        self.R = np.random.randn(n_hidden, n_hidden) * 0.1
        self.O = np.random.randn(n_tags, n_hidden) * 0.1
        self.n_words = n_words
    def forward(self, sentences, tags, h_prevs):
        count, length = len(sentences), len(sentences[0])
        xs, hs, ps, loss = {}, {-1: h_prevs}, {}, 0.0
        for t in range(length):
            xs[t] = np.zeros((self.n_words, count))
            for n in range(count):
                xs[t][sentences[n][t], n] = 1
            hs[t] = np.tanh(self.E @ xs[t] + self.R @ hs[t - 1])
            score = np.exp(self.O @ hs[t])
            ps[t] = score / score.sum(axis=0)
            for n in range(count):
                loss -= np.log(ps[t][tags[n][t], n])
        return xs, hs, ps, loss
    def backward(self, xs, hs, ps, tags):
        dE, dR, dO = np.zeros_like(self.E), np.zeros_like(self.R), np.zeros_like(self.O)
        later = np.zeros_like(hs[-1])
        for t in reversed(range(len(xs))):
            dy = ps[t].copy()
            for n in range(len(tags)):
                dy[tags[n][t], n] -= 1
            dO += dy @ hs[t].T
            dz = (self.O.T @ dy + later) * (1 - hs[t] ** 2)
            dE += dz @ xs[t].T
            dR += dz @ hs[t - 1].T
            later = self.R.T @ dz
        return dE, dR, dO
"""

SHORT = """
import numpy as np
class Next:
    def __init__(self):
        self.W = np.random.randn(3, 2) * 0.3
        self.U = np.random.randn(3, 3) * 0.3
        self.V = np.random.randn(1, 3) * 0.3
    def forward(self, inputs):
        self.h, self.out = [np.zeros((3, 1))], []
        for row in inputs:
            self.h.append(np.tanh(self.W @ row.reshape(-1, 1) + self.U @ self.h[-1]))
            self.out.append(self.V @ self.h[-1])
        return self.out
    def backward(self, inputs, targets):
        dW, dU, dV = np.zeros_like(self.W), np.zeros_like(self.U), np.zeros_like(self.V)
        later = np.zeros((3, 1))
        for t in reversed(range(len(targets))):
            dy = self.out[t] - targets[t]
            dV += dy @ self.h[t + 1].T
            dz = (self.V.T @ dy + later) * (1 - self.h[t + 1] ** 2)
            dW += dz @ inputs[t].reshape(1, -1)
            dU += dz @ self.h[t].T
            later = self.U.T @ dz
        self.W -= 0.01 * dW
        self.U -= 0.01 * dU
        self.V -= 0.01 * dV
net = Next()
xs, ys = np.random.randn(4, 2), np.array([[0.5]])
for epoch in range(3):
    net.forward(xs)
    net.backward(xs, ys)
"""

NOTED = """
# y: (B, C) one row for each example
def cell_forward(x,  # (T, D)
                 h0, W):
    # W : (H, D) weights
    #   h0 : (H,)
    first = x @ W.T
    # first: (N, N) is not said of an argument
    return first
"""


def _verdict(tmp_path: Path, source: str) -> tuple[Verdict, str]:
    path = tmp_path / "net.py"
    path.write_text(source)
    found = recognise(read(path))
    (unit,) = found.units
    return judge_unit(unit, seed=0, examples=4).verdict, "; ".join((*unit.assumptions, *found.assumptions))


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [("", "", Verdict.AGREE), ("later = self.R.T @ dz", "later = self.R @ dz", Verdict.DISAGREE)],
)
def test_symbols_of_a_batch_in_lists_of_lists(tmp_path: Path, before: str, after: str, verdict: Verdict) -> None:
    """The slip is right where a hidden size of one is made up: such a layout is not preferred for being right."""
    assert _verdict(tmp_path, BATCH.replace(before, after))[0] == verdict


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [("", "", Verdict.AGREE), ("dU += dz @ self.h[t].T", "dU += dz @ self.h[t + 1].T", Verdict.DISAGREE)],
)
def test_a_target_for_each_step(tmp_path: Path, before: str, after: str, verdict: Verdict) -> None:
    """With the single target of the file the recurrent weights have no gradient."""
    found, stated = _verdict(tmp_path, SHORT.replace(before, after))
    assert found == verdict
    assert "targets was given a row for each of 4 steps" in stated


def test_targets_for_some_of_the_outputs() -> None:
    """Fewer targets belong to the first outputs or to the last."""
    outputs = [np.full((2, 1), step) for step in range(5)]
    terms = aligned(outputs, np.ones((2, 2)), among="last")
    assert [term.output[0, 0] for term in terms] == [3, 4]
    place = Place(LOCAL, ("y",), "y")
    found = list(implied([(place, outputs)], [(place, np.full((2, 2), 5.5))]))
    assert {(one.among, one.backwards) for one in found if isinstance(one, Implied)} == {
        ("first", False),
        ("last", False),
    }
    assert "the last of y" in str(found[-1])


def test_comments_are_documentation(tmp_path: Path) -> None:
    """What stands above a function, beside its arguments or before its first statement tells of arguments."""
    path = tmp_path / "cell.py"
    path.write_text(NOTED)
    document = read(path)
    assert isinstance(document.tree.body[0], ast.FunctionDef)
    lines = [line.strip() for line in documentation_of("cell_forward", document).splitlines() if line.strip()]
    assert lines == ["y: (B, C) one row for each example", "x: (T, D)", "W : (H, D) weights", "h0 : (H,)"]


STEPS = """
import numpy as np
class Counted:
    def __init__(self, cells, steps, width=None):
        if not width:
            raise ValueError("how wide?")
        self.steps = steps
        self.W = np.random.randn(cells, width) * 0.1
        self.U = np.random.randn(cells, cells) * 0.1
        self.o = np.random.randn(1, cells) * 0.1
    def forward(self, X):
        self.A = np.zeros((self.steps + 1, self.U.shape[0], X.shape[-1]))
        for t in range(self.steps):
            self.A[t + 1] = np.tanh(self.W @ X[t] + self.U @ self.A[t])
        return self.o @ self.A[-1]
    def backward(self, X, true_values):
        dy = self.o @ self.A[-1] - true_values
        do, da = dy @ self.A[-1].T, self.o.T @ dy
        dW, dU = np.zeros_like(self.W), np.zeros_like(self.U)
        for t in range(1, self.steps + 1):
            dz = da * (1 - self.A[-t] ** 2)
            dW += dz @ X[-t].T
            dU += dz @ self.A[-t - 1].T
            da = self.U.T @ dz
        return dW, dU, do
"""


def test_data_as_long_as_the_steps_that_are_read(tmp_path: Path) -> None:
    """Longer data have other steps at their end, where the way back begins; and a size is given that is demanded."""
    found, stated = _verdict(tmp_path, STEPS)
    assert found == Verdict.AGREE
    assert "steps 4, width 6, X (4, 6, 3)" in stated


def test_states_have_as_many_axes_as_each_other(tmp_path: Path) -> None:
    """And a bias of one axis is hardly ever a single number, as one of two axes may have a single column."""
    path = tmp_path / "cell.py"
    backward = "def cell_backward(dout, X):\n    return dout\n"
    path.write_text("def cell_forward(X, h0, c0, b):\n    return X + h0 + c0 + b\n" + backward)
    document = read(path)
    scenario = Scenario(World(document).run(), functions_of(document.tree), "cell_backward", "cell_forward")
    asked = list(scenario.asked())
    guess = first_guess(asked, scenario.nodes, styles_of([], scenario.nodes.values())[0], frozenset())
    hints = Hints(guess, asked, scenario.nodes).begin(Equations())
    assert min(hints.ranks("cell_forward:c0"), key=lambda one: one.cost).answer == 2
    hints.note("cell_forward:h0", 1)
    assert min(hints.ranks("cell_forward:c0"), key=lambda one: one.cost).answer == 1
    hints.shape("cell_forward:b", 1)
    assert hints.cost_of_one("cell_forward:b.0") > 1
    hints.shape("cell_forward:b", 2)
    assert hints.cost_of_one("cell_forward:b.0") < 1
