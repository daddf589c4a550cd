"""Forward passes that are called once for each step, and backward passes that go through all that they kept."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.step_by_step import SUFFIX, with_all_steps
from crosscheck.source import read
from crosscheck.verdicts import Verdict

FED = """
import numpy as np

class Fed:
    def __init__(self, wide, deep):
        self.A = np.random.randn(deep, wide) * 0.2
        self.R = np.random.randn(deep, deep) * 0.2
        self.O = np.random.randn(1, deep) * 0.2
        self.deep = deep
        self.forget()

    def forget(self):
        self.seen, self.states, self.said = [], [np.zeros(self.deep)], []

    def forward(self, x):
        state = np.tanh(self.A @ x + self.R @ self.states[-1])
        self.seen.append(x)
        self.states.append(state)
        self.said.append(self.O @ state)
        return self.said[-1]

    def backward(self, wanted, rate=0.01):
        dA, dR, dO = np.zeros_like(self.A), np.zeros_like(self.R), np.zeros_like(self.O)
        later = np.zeros(self.deep)
        for t in reversed(range(len(self.seen))):
            dy = self.said[t] - wanted[t]
            dO += np.outer(dy, self.states[t + 1])
            dz = (self.O.T @ dy + later) * (1 - self.states[t + 1] ** 2)
            dA += np.outer(dz, self.seen[t])
            dR += np.outer(dz, self.states[t])
            later = self.R.T @ dz
        self.A -= rate * dA
        self.R -= rate * dR
        self.O -= rate * dO
"""
DRIVEN = """
fed = Fed(3, 6)
for turn in range(200):
    fed.forget()
    xs, wanted = np.random.rand(9, 3), np.random.rand(9, 1)
    error = 0
    for x, w in zip(xs, wanted):
        error += 0.5 * np.sum((fed.forward(x) - w) ** 2)
    fed.backward(wanted)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("slip", "verdict"),
    [(("", ""), "agree"), (("self.O.T @ dy + later", "self.O.T @ dy"), "disagree")],
    ids=["right", "no carry"],
)
def test_all_steps_are_judged_where_a_loop_makes_them(tmp_path: Path, slip: tuple[str, str], verdict: str) -> None:
    path = tmp_path / "module.py"
    path.write_text(FED.replace(*slip) + DRIVEN)
    (unit,) = recognise(read(path)).units
    told = {tally.name: str(tally.verdict) for tally in judge_unit(unit, examples=6).tallies}
    assert told == {"A": verdict, "R": verdict, "O": "agree"}


ALONE = """
fed = Fed(3, 6)
fed.forward(np.random.rand(3))
fed.backward(np.random.rand(1, 1))
"""


@pytest.mark.thorough
def test_one_step_alone_is_not_judged(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(FED + ALONE)
    found = recognise(read(path))
    assert not found.units
    assert "several calls of Fed.forward" in found.skipped[0].reason


HANDED = """
import numpy as np

class Handed:
    def __init__(self, wide, deep):
        self.M = np.random.randn(deep, deep + wide) * 0.2
        self.c = np.zeros((deep, 1))
        self.tape = []

    def forward(self, x, h_prev):
        both = np.vstack((h_prev, x))
        h = np.tanh(self.M @ both + self.c)
        self.tape.append((both, h))
        return h

    def backward(self, dhs):
        self.dM, self.dc = np.zeros_like(self.M), np.zeros_like(self.c)
        later = np.zeros_like(self.c)
        for t in reversed(range(len(self.tape))):
            both, h = self.tape[t]
            dz = (dhs[t] + later) * (1 - h ** 2)
            self.dM += dz @ both.T
            self.dc += dz
            later = (self.M.T @ dz)[: len(self.c)]
        return later
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("slip", "verdict"), [(("", ""), "agree"), (("(dhs[t] + later)", "dhs[t]"), "disagree")], ids=["right", "no carry"]
)
def test_all_steps_are_made_where_nobody_makes_them(tmp_path: Path, slip: tuple[str, str], verdict: str) -> None:
    path = tmp_path / "module.py"
    path.write_text(HANDED.replace(*slip))
    (unit,) = recognise(read(path)).units
    assert unit.name == "Handed.forward/Handed.backward"
    assert unit.assumptions[-1].startswith("Handed.forward was called once for each step")
    told = {tally.name: str(tally.verdict) for tally in judge_unit(unit, examples=6).tallies}
    assert (told["M"], told["c"]) == (verdict, verdict)


WHOLE = """
import numpy as np

class Whole:
    def __init__(self, wide, deep):
        self.A, self.R = np.random.randn(deep, wide) * 0.2, np.random.randn(deep, deep) * 0.2
        self.kept = {}

    def forward(self, xs):
        states = [np.zeros(len(self.R))]
        for x in xs:
            states.append(np.tanh(self.A @ x + self.R @ states[-1]))
        self.kept["all"] = (xs, states)
        return np.array(states[1:])

    def backward(self, dout):
        xs, states = self.kept["all"]
        self.dA, self.dR, later = np.zeros_like(self.A), np.zeros_like(self.R), 0
        for t in reversed(range(len(xs))):
            dz = (dout[t] + later) * (1 - states[t + 1] ** 2)
            self.dA += np.outer(dz, xs[t])
            self.dR += np.outer(dz, states[t])
            later = self.R.T @ dz

whole = Whole(3, 6)
whole.forward(np.random.rand(9, 3))
whole.backward(np.random.rand(9, 6))
"""


def test_what_one_call_keeps_of_all_steps_is_no_history(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(WHOLE)
    (unit,) = recognise(read(path)).units
    assert {"A", "R"} <= set(unit.names)


def test_it_has_to_be_plain_what_goes_from_step_to_step() -> None:
    (owner,) = [node for node in with_all_steps(ast.parse(HANDED)).body if isinstance(node, ast.ClassDef)]
    assert [getattr(node, "name", "") for node in owner.body] == ["__init__", f"forward{SUFFIX}", "forward", "backward"]
    unclear = ast.parse(HANDED.replace("h_prev", "given"))
    assert with_all_steps(unclear) is unclear


def test_small_steps_of_float32_are_coarse_and_not_wrong(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    moved = "            later = (self.M.T @ dz)[: len(self.c)]\n"
    code = HANDED.replace(moved, moved + "        self.M -= rate * self.dM\n        self.c -= rate * self.dc\n")
    path.write_text(
        code.replace("* 0.2", "* np.float32(0.2)")
        .replace("(self, dhs)", "(self, dhs, rate=1e-5)")
        .replace("randn(deep, deep + wide)", "randn(deep, deep + wide).astype(np.float32)")
    )
    (unit,) = recognise(read(path)).units
    assert unit.faults == ()


CHECKED = """
import numpy as np

class Cell:
    def __init__(self, n, h):
        self.n, self.h = n, h
        self.W, self.U, self.V = np.random.randn(h, n), np.random.randn(h, h), np.random.randn(n, h)

    def seen(self, x):
        return self.W @ x

    def held(self, h):
        return self.U @ h

    def summed(self, a, b):
        return a + b

    def squashed(self, z):
        return np.tanh(z)

    def told(self, h):
        return self.V @ h

    def forward(self, x):
        if x.shape != (self.n, 1):
            raise ValueError(f"Input shape mismatch: expected ({self.n}, 1), got {x.shape}")
        if not hasattr(self, "xs"):
            self.xs, self.hs = [], [np.zeros((self.h, 1))]
        h = self.squashed(self.summed(self.seen(x), self.held(self.hs[-1])))
        self.xs.append(x)
        self.hs.append(h)
        return self.told(h)

    def backward(self, dy):
        dW, dU, dV, late = np.zeros_like(self.W), np.zeros_like(self.U), np.zeros_like(self.V), np.zeros((self.h, 1))
        for t in reversed(range(len(self.xs))):
            d = dy[t].reshape(-1, 1)
            dV += d @ self.hs[t + 1].T
            raw = (self.V.T @ d + late) * (1 - self.hs[t + 1] ** 2)
            dW += raw @ self.xs[t].T
            dU += raw @ self.hs[t].T
            late = {carried}
        self.dW, self.dU, self.dV = dW, dU, dV
"""


@pytest.mark.parametrize(
    ("carried", "expected"), [("self.U.T @ raw", Verdict.AGREE), ("self.U @ raw", Verdict.DISAGREE)]
)
def test_steps_that_check_their_shapes_are_taken_one_after_another(
    carried: str, expected: Verdict, judged: Callable[[str], tuple[set[Verdict], list[str]]]
) -> None:
    assert judged(CHECKED.replace("{carried}", carried)) == ({expected}, [])
