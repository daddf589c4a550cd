"""Methods that nothing calls are called as their class means them to be: as others call them, and in each class."""

import ast
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.callers import called_before, callers_of, wants_more
from crosscheck.recognise.executing import executed
from crosscheck.recognise.formulas import aligned
from crosscheck.recognise.guesses import Key
from crosscheck.recognise.hooks import EnoughError, Hooks
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.recognition import Recognition
from crosscheck.recognise.scenarios import Played, Scenario
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.recognise.solving import Solver
from crosscheck.recognise.synthesis import synthesise
from crosscheck.recognise.turning import LONGEST, TURNS
from crosscheck.recognise.wiring import sizes_of
from crosscheck.recognise.world import Plan, World
from crosscheck.source import read
from crosscheck.source.older_numpy import with_single_numbers

TRANSLATOR = """import numpy as np
class Translator:
    def __init__(self, n, h):
        self.n, self.h = n, h
        self.A, self.B, self.C = (np.random.randn(*s) * 0.3 for s in ((h, n), (h, n), (n, h)))
    def read_forward(self, source):
        h = np.zeros(self.h)
        for s in source:
            h = np.tanh(self.A[:, s] + h)
        return h
    def forward(self, source, target):
        cost, steps, h = 0.0, [], self.read_forward(source)
        for t in target:
            h = np.tanh(self.B[:, t] + h)
            p = np.exp(self.C @ h)
            p = p / p.sum()
            cost -= np.log(p[t])
            steps.append((h, p))
        return cost, {"steps": steps, "target": target}
    def backward(self, notes):
        dC, dB, carry = np.zeros_like(self.C), np.zeros_like(self.B), 0.0
        for t in reversed(range(len(notes["steps"]))):
            h, p = notes["steps"][t]
            d = p.copy()
            d[notes["target"][t]] -= 1
            dC += np.outer(d, h)
            carry = (self.C.T @ d + carry) * (1 - h * h)
            dB[:, notes["target"][t]] += carry
        self.C -= 0.1 * dC
        self.B -= 0.1 * dB
    def learn(self, source, target):
        cost, notes = self.forward(source, target)
        self.backward(notes)
        return cost
"""

UNITS = """import numpy as np
class Unit:
    def __init__(self, n_in, n_out):
        self.w = np.random.randn(n_in, n_out)
        self.b = np.zeros((1, n_out))
    def feed(self, x):
        pass
    def propagate_back(self, d):
        z = d * self.slope
        self.d_w, self.d_b = self.x.T @ z, z.sum(axis=0, keepdims=True)
        return z @ self.w.T
class Smooth(Unit):
    def feed(self, x):
        self.x, a = x, np.tanh(x @ self.w + self.b)
        self.slope = 1 - a * a
        return a
class Logistic(Unit):
    def feed(self, x):
        self.x, a = x, 1 / (1 + np.exp(-(x @ self.w + self.b)))
        self.slope = a * (1 - a)
        return a
"""

ONE_OUTPUT = """import numpy as np
class Model:
    def __init__(self, n_in, output_size):
        self.n = output_size
        self.W = np.random.randn(output_size, n_in)
        self.b = np.zeros((output_size, 1))
    def forward(self, X):
        self.X, out = X, np.zeros((len(X), self.n))
        for t in range(len(X)):
            out[t] = self.W @ X[t] + self.b
        return out
    def backward(self, d_out):
        return d_out.T @ self.X, d_out.sum(axis=0).reshape(-1, 1)
"""

SQUARES = """import numpy as np
def f_forward(x):
    n, c, h, w = x.shape
    return x ** 2, x
def f_backward(dout, cache):
    return 2 * cache * dout
"""

OLDER = """import numpy as np
def cost_and_gradient(W, V, x):
    h = np.tanh(np.dot(W, x.reshape(-1, 1)))
    out = float(np.dot(V.reshape(1, -1), h))
    dW = out * (V.reshape(-1, 1) * (1 - h ** 2)) @ x.reshape(1, -1)
    return 0.5 * out ** 2, dW, out * h.ravel()
"""


def found_in(folder: Path, text: str) -> Recognition:
    path = folder / "subject.py"
    path.write_text(text)
    return recognise(read(path))


def test_a_method_that_calls_both_passes_says_how_they_are_wired(tmp_path: Path) -> None:
    nodes = functions_of(ast.parse(TRANSLATOR))
    assert callers_of("Translator.backward", nodes) == ["Translator.learn"]
    possible: list[str | None] = ["Translator.read_forward"]
    assert called_before("Translator.backward", possible, nodes) == ["Translator.forward", "Translator.read_forward"]
    assert called_before("Translator.backward", [None], nodes) == [None]
    path = tmp_path / "subject.py"
    path.write_text(TRANSLATOR)
    world = World(read(path)).run()
    assert synthesise(read(path), world) == []
    assert world.hooks.entries["Translator.forward"][0].order < world.hooks.entries["Translator.backward"][0].order


def test_what_would_have_to_be_made_up_is_what_a_caller_hands_over(tmp_path: Path) -> None:
    path = tmp_path / "subject.py"
    text = TRANSLATOR.replace("_forward(", "(").replace("forward(", "run(")
    path.write_text(text)
    nodes = functions_of(ast.parse(text))
    assert wants_more("Translator.backward", ["Translator.read"], nodes)
    assert not wants_more("Translator.learn", ["Translator.run"], nodes)
    world = World(read(path)).run()
    assert synthesise(read(path), world) == []
    assert world.hooks.entries["Translator.learn"]


def test_what_trains_in_a_loop_or_is_handed_a_gradient_is_no_such_caller() -> None:
    text = TRANSLATOR.replace(
        "        cost, notes = self", "        for _ in range(9): self.backward({'d': 1})\n        cost, notes = self"
    )
    assert callers_of("Translator.backward", functions_of(ast.parse(text))) == []
    text = TRANSLATOR.replace("def learn(self, source, target):", "def learn(self, source, target, dout):")
    assert callers_of("Translator.backward", functions_of(ast.parse(text))) == []


def test_each_class_is_judged_that_has_a_forward_pass_for_the_backward_pass_of_its_base(tmp_path: Path) -> None:
    found = found_in(tmp_path, UNITS)
    assert {unit.name for unit in found.units} == {
        "Smooth.feed/Unit.propagate_back",
        "Logistic.feed/Unit.propagate_back",
    }
    wrong = found_in(tmp_path, UNITS.replace("a * (1 - a)", "a * (1 + a)"))
    right = {unit.name: all(map(is_right, slopes(unit).values())) for unit in wrong.units}
    assert right == {"Smooth.feed/Unit.propagate_back": True, "Logistic.feed/Unit.propagate_back": False}


def test_a_model_has_one_output_if_it_runs_with_no_other_number(tmp_path: Path) -> None:
    (unit,) = found_in(tmp_path, ONE_OUTPUT).units
    assert unit.example[0]["W"].shape[0] == 1
    assert all(map(is_right, slopes(unit).values()))


def test_made_up_arguments_are_handed_to_an_older_numpy_where_that_is_asked_for(tmp_path: Path) -> None:
    (unit,) = found_in(tmp_path, OLDER).units
    assert unit.world.plan.older
    assert all(map(is_right, slopes(unit).values()))


def test_what_is_spread_over_a_conversion_stays_as_it_is() -> None:
    assert ast.unparse(with_single_numbers(ast.parse("n = int(*found)"))) == "n = int(*found)"


def test_an_argument_with_a_large_default_is_a_size_where_arrays_are_made_of_it() -> None:
    text = "def f(self, wide=26 * 26 * 10, nodes=10, limit=500, other=a * b): np.random.randn(wide, nodes) * limit"
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    assert list(sizes_of(node)) == ["wide"]


def test_loops_go_through_all_that_was_made_up_but_for_the_rounds_of_a_training() -> None:
    hooks = Hooks(9.0)
    for patient, is_round, count, turns in (
        (True, False, TURNS + 9, TURNS + 9),
        (True, True, TURNS + 9, TURNS),
        (True, False, LONGEST + 9, TURNS),
        (False, False, TURNS + 9, TURNS),
    ):
        hooks.start({}, patient=patient)
        assert len(list(hooks.turns(range(count), True, is_round))) == turns


def test_the_module_calls_itself_in_the_usual_way(tmp_path: Path) -> None:
    path = tmp_path / "subject.py"
    path.write_text("seen = 0\nfor step in range(99):\n    dW = step\n    seen += 1\n")
    assert executed(read(path), Plan()).names["seen"] == TURNS


def test_what_takes_long_is_called_with_small_sizes(tmp_path: Path) -> None:
    class Slow(Scenario):
        def play(self, values: Mapping[Key, Any]) -> Played:
            if any(np.size(value) > 1000 for value in values.values()):
                raise EnoughError
            return super().play(values)

    path = tmp_path / "subject.py"
    path.write_text(SQUARES)
    scenario = Slow(World(read(path)).run(), functions_of(ast.parse(SQUARES)), "f_backward", "f_forward")
    solver = Solver(scenario, time.process_time() + 9.0)
    guess, _ = solver.searched()
    assert solver.is_slow
    assert guess is not None
    assert [guess.shape(key) for key in guess.slots] == [(3, 5, 4, 6)]


STEPPING = """
import numpy as np

class Reader:
    def __init__(self, wide, deep, ways):
        self.A = np.random.randn(deep, wide) * 0.3
        self.R = np.random.randn(deep, deep) * 0.3
        self.O = np.random.randn(ways, deep) * 0.3

    def forward(self, X):
        states = [np.zeros((len(self.A), 1))]
        for x in X:
            states.append(np.tanh(self.A @ x.reshape(-1, 1) + self.R @ states[-1]))
        return states, self.O @ states[-1]

    def backprop_and_update(self, X, states, said, wanted):
        dy = said - wanted.reshape(-1, 1)
        dO, dA, dR = dy @ states[-1].T, np.zeros_like(self.A), np.zeros_like(self.R)
        dh = self.O.T @ dy
        for t in reversed(range(len(X))):
            dz = dh * (1 - states[t + 1] ** 2)
            dA += dz @ X[t].reshape(1, -1)
            dR += dz @ states[t].T
            dh = self.R.T @ dz
        self.A -= 0.01 * dA
        self.R -= 0.01 * dR
        self.O -= 0.01 * dO
"""


def test_what_goes_back_and_moves_weights_besides_is_handed_what_its_forward_returns(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(STEPPING)
    (unit,) = recognise(read(path)).units
    assert unit.name == "Reader.forward/Reader.backprop_and_update"
    assert {"A", "R", "O"} <= set(unit.names)


def test_targets_in_another_shape_are_taken_in_their_order() -> None:
    output, target = np.zeros((6, 1)), np.arange(6.0).reshape(2, 3)
    (term,) = aligned(output, target)
    assert np.array_equal(term.target, np.arange(6.0).reshape(6, 1))
    with pytest.raises(LookupError):
        aligned(np.zeros((3, 2)), target)


UPDATES = """import numpy as np
class Net:
    def __init__(self, sizes):
        self.W = [np.random.randn(n, m) * 0.4 for m, n in zip(sizes[:-1], sizes[1:])]
    def forward(self, X):
        kept = [X]
        for W in self.W[:-1]:
            kept.append(np.tanh(W @ kept[-1]))
        scores = np.exp(self.W[-1] @ kept[-1])
        return scores / scores.sum(axis=0), kept
    def update_batch(self, X, Y, rate):
        P, kept = self.forward(X)
        dZ = (P - Y) / X.shape[1]
        steps = [None] * len(self.W)
        for l in range(len(self.W) - 1, -1, -1):
            steps[l] = dZ @ kept[l].T
            if l:
                dA = self.W[l].T @ dZ
                dZ = dA * (1 - kept[l] ** 2)
        self.W = [W - rate * step for W, step in zip(self.W, steps)]
    def train(self, X, Y, rounds, size, rate):
        for turn in range(rounds):
            for start in range(0, X.shape[1], size):
                self.update_batch(X[:, start:start + size], Y[:, start:start + size], rate)
"""


@pytest.mark.parametrize(("slip", "verdict"), [("self.W[l].T @ dZ", "agree"), ("self.W[l].T @ (dZ * dZ)", "disagree")])
def test_what_is_named_an_update_and_goes_back_itself_is_judged(slip: str, verdict: str, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(UPDATES.replace("self.W[l].T @ dZ", slip))
    (unit,) = recognise(read(path)).units
    assert unit.name == "Net.update_batch"
    assert judge_unit(unit, examples=4).verdict.value == verdict


ROWS = """import random
class Tiny:
    def __init__(self, input_dim=9, hidden_dim=8, output_dim=4):
        self.w = [[random.uniform(-1, 1) for _ in range(input_dim)] for _ in range(hidden_dim)]
        self.v = [[random.uniform(-1, 1) for _ in range(hidden_dim)] for _ in range(output_dim)]
    def learn(self, batch, wanted, lr):
        dw = [[0.0 for _ in row] for row in self.w]
        dv = [[0.0 for _ in row] for row in self.v]
        for x, t in zip(batch, wanted):
            h = [max(0.0, sum(a * b for a, b in zip(row, x))) for row in self.w]
            y = [sum(a * b for a, b in zip(row, h)) for row in self.v]
            dy = [2.0 * (p - q) / len(t) for p, q in zip(y, t)]
            for o in range(len(self.v)):
                for j in range(len(self.v[o])):
                    dv[o][j] += dy[o] * h[j]
            for j in range(len(self.w)):
                back = sum(self.v[o][j] * dy[o] for o in range(len(self.v)))
                for i in range(len(self.w[j])):
                    dw[j][i] += (back if back > 0 else 0.0) * x[i]
        for j in range(len(self.w)):
            for i in range(len(self.w[j])):
                self.w[j][i] -= lr / len(batch) * dw[j][i]
        for o in range(len(self.v)):
            for j in range(len(self.v[o])):
                self.v[o][j] -= lr / len(batch) * dv[o][j]
"""


@pytest.mark.thorough
def test_lists_that_are_gone_through_together_are_of_one_length(tmp_path: Path) -> None:
    path = tmp_path / "tiny.py"
    path.write_text(ROWS)
    (unit,) = recognise(read(path)).units
    assert unit.name == "Tiny.learn"
    verdicts = {tally.name: tally.verdict.value for tally in judge_unit(unit, examples=4).tallies}
    assert verdicts == {"v": "agree", "w": "disagree"}
