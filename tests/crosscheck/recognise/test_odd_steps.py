"""Steps that follow no right rule beside others that do: what is wrong with them, or that they are not judged."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.odd_steps import odd
from crosscheck.recognise.right_rules import follows
from crosscheck.recognise.rule_words import (
    BEGINS,
    CHANGED,
    DISORDERED,
    FOREIGN,
    GROWN,
    ITSELF,
    REPLACED,
    SIZED,
    TURNED,
    TWICE,
    UNIFORM,
    UNKNOWN,
)
from crosscheck.recognise.rules import Step, within
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict
from tests.crosscheck.recognise.programs import TURN

LINE = """
import numpy as np

X, y = np.random.randn(8, 3), np.random.randn(8)
w, b = np.zeros(3), 0.0
vw, vb = np.zeros(3), 0.0
for turn in range(9):
    miss = X @ w + b - y
    loss = np.mean(miss ** 2)
    dw, db = 2 * X.T @ miss / 8, 2 * miss.mean()
    vw = 0.9 * vw - 0.1 * dw
    vb = 0.9 * vb - 0.1 * {db}
    w += vw
    {moved}
"""


def _turn(step: str, of_v: str = "V -= rate * dV") -> str:
    steps = ("U -= rate * dU", "a -= rate * da", of_v, step)
    return TURN.format(steps="\n".join(f"    {one}" for one in steps))


def _report(program: str):
    (unit,) = recognise(read_text(program, "utf-8", Path("x.py"))).units
    return judge_unit(unit, examples=4)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("b -= rate * db", None),
        ("b -= rate * db; V -= 0.01 * np.sign(V)", None),
        ("b -= rate * db; V -= 0.01 * V", None),
        ("memory['b'] = 0.9 * memory['b'] - rate * (db + 0.01 * b); b += memory['b']", None),
        ("memory['b'] += db ** 2; b -= rate * db / (np.sqrt(memory['b']) + 1e-8)", None),
        ("b = -rate * db", REPLACED),
        ("b = rate * db - b", REPLACED),
        ("b = a - rate * db", f"{BEGINS} a"),
        ("b -= rate * (db - 0.01 * b)", GROWN),
        ("b -= rate * db.mean()", UNIFORM),
        ("b -= rate * db[::-1]", DISORDERED),
        ("b -= rate * dV.sum(0)", f"{FOREIGN} V"),
        ("b -= rate * (db + da)", f"{FOREIGN} a"),
        ("memory['b'] = 0.9 * memory['b'] - rate * dV.sum(0); b += memory['b']", f"{FOREIGN} V"),
        ("b -= rate * b", ITSELF),
        ("b -= rate * db ** 2", SIZED),
        ("b *= rate * db", CHANGED),
        ("b -= rate * db; b -= rate * db", TWICE),
    ],
)
def test_a_step_is_held_against_those_beside_it(step: str, said: str | None) -> None:
    report = _report(_turn(step))
    messages = [finding.message for finding in report.findings if finding.severity.value == "error"]
    assert messages == ([] if said is None else [f"The update of b is wrong: {said}."])
    assert report.verdict is (Verdict.AGREE if said is None else Verdict.DISAGREE)


def test_a_matrix_is_moved_by_its_own_gradient_as_it_lies() -> None:
    program = _turn("b -= rate * db", "V -= rate * dV.T")
    assert f"The update of V is wrong: {TURNED}." in [finding.message for finding in _report(program).findings]


@pytest.mark.parametrize("step", ["b -= rate * np.cbrt(db)", "memory['b'] = 0.9 * memory['b'] - rate * db"])
def test_a_step_of_no_known_rule_is_not_judged(step: str) -> None:
    report = _report(_turn(step))
    assert report.verdict is not Verdict.AGREE
    told = [(finding.code, finding.parameter) for finding in report.findings]
    assert ("update-not-told", "b") in told or any(code == "update-differs" for code, _ in told)


@pytest.mark.parametrize(
    ("db", "moved", "verdict"),
    [
        ("db", "b += vb", Verdict.AGREE),
        ("db", "b -= vb", Verdict.DISAGREE),
        ("dw.sum()", "b += vb", Verdict.DISAGREE),
        ("db", "pass", Verdict.INCONCLUSIVE),
    ],
)
def test_a_single_number_has_a_step_as_well(db: str, moved: str, verdict: Verdict) -> None:
    assert _report(LINE.format(db=db, moved=moved)).verdict is verdict


def _step(change: np.ndarray, gradient: np.ndarray, value: np.ndarray) -> Step:
    return within(Step(gradient, change, [], value))


def test_a_step_of_no_rule_is_not_told_and_one_of_numbers_that_are_not_exact_is_left_alone() -> None:
    random = np.random.default_rng(3)
    gradient, value = random.uniform(0.1, 0.8, 9), random.normal(size=9)
    right, wrong = _step(-0.1 * gradient, gradient, value), _step(np.cbrt(gradient), gradient, value)
    assert odd({"w": wrong, "b": wrong}, list, [], []) == {"w": UNKNOWN, "b": UNKNOWN}
    assert odd({"w": wrong, "b": wrong}, list, [], [], is_sure=False) == {}
    assert odd({"w": right, "b": wrong}, list, [], [], is_sure=False) == {"b": UNKNOWN}
    assert odd({"w": right, "b": wrong}, list, [], []) == {"b": UNKNOWN}
    coarse = _step(np.cbrt(gradient), gradient, value.astype(np.float32))
    assert odd({"w": right, "b": coarse}, list, [], []) == {}


def test_memories_of_other_names_are_tried() -> None:
    random = np.random.default_rng(4)
    gradient, value, old = random.uniform(0.1, 0.8, 9), random.normal(size=9), random.normal(size=9)
    new = 0.9 * old - 0.1 * gradient
    step = within(Step(gradient, new, [], value, spare=[(random.normal(size=9), random.normal(size=9)), (old, new)]))
    assert follows(step, [], [])
    assert not follows(step._replace(spare=step.spare[:1]), [], [])
    assert follows(step._replace(memories=step.spare), [], [])  # a state of the same shape is among them


def test_decay_may_stand_beside_a_step_with_a_memory() -> None:
    random = np.random.default_rng(5)
    gradient, value, old = random.uniform(0.1, 0.8, 9), random.normal(size=9), random.uniform(0.5, 1, 9)
    with_decay = gradient + 0.01 * value
    new = old + with_decay**2
    step = within(Step(gradient, -0.1 * with_decay / np.sqrt(new), [(old, new)], value))
    apart = within(
        Step(gradient, -0.1 * gradient / np.sqrt(old + gradient**2) - 0.001 * value, [(old, old + gradient**2)], value)
    )
    assert follows(step, [], [])
    assert follows(apart, [], [])
    assert not follows(apart._replace(change=apart.change + 0.002 * apart.value), [], [])


def test_decay_may_be_of_what_the_step_has_moved_already() -> None:
    random = np.random.default_rng(6)
    gradient, value = random.uniform(0.1, 0.8, 9), random.normal(size=9)
    m, v = random.uniform(0.5, 1, 9), random.uniform(0.5, 1, 9)
    m_new, v_new = 0.9 * m + 0.1 * gradient, 0.99 * v + 0.01 * gradient**2
    moved = value - 0.2 * (m_new / (1 - 0.9**3)) / (np.sqrt(v_new / (1 - 0.99**3)) + 1e-9)
    step = within(Step(gradient, 0.95 * moved - value, [(m, m_new), (v, v_new)], value))
    assert follows(step, [0.05, 0.2], [3.0])
    assert not follows(step._replace(change=step.change + 0.1 * step.value), [0.05, 0.2], [3.0])


def test_a_velocity_may_take_decay_in_whatever_its_strength() -> None:
    random = np.random.default_rng(7)
    gradient, value, old = random.uniform(0.1, 0.8, 9), random.normal(size=9), random.normal(size=9)
    new = 0.9 * old - 0.1 * gradient - 0.037 * value
    assert follows(within(Step(gradient, new, [(old, new)], value)), [], [])
    assert not follows(within(Step(gradient, -new, [(old, new)], value)), [], [])


def _clipped(gradient: np.ndarray, value: np.ndarray) -> np.ndarray:
    return np.clip(-0.5 * gradient, -0.2, 0.2)


def _kept_positive(gradient: np.ndarray, value: np.ndarray) -> np.ndarray:
    return np.maximum(value - gradient, 0) - value


@pytest.mark.parametrize("bounded", [_clipped, _kept_positive])
def test_a_step_may_have_bounds(bounded: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> None:
    random = np.random.default_rng(8)
    gradient, value = random.uniform(-0.8, 0.8, 12), random.normal(size=12)
    change = bounded(gradient, value)
    assert follows(within(Step(gradient, change, [], value)), [], [])
    change[3] *= 0.7
    assert not follows(within(Step(gradient, change, [], value)), [], [])


ALONE = """
import numpy as np

X, y = np.random.randn(9, 3), np.random.randn(9)
w = np.zeros(3)
for turn in range(9):
    miss = X @ w - y
    loss = np.mean(miss ** 2)
    dw = 2 * X.T @ miss / 9
    {step}
"""


@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        ("w -= 0.1 * dw", Verdict.AGREE),
        ("w -= 0.1 * np.sign(dw)", Verdict.AGREE),
        ("w -= 0.1 * dw.mean()", Verdict.DISAGREE),
        ("w = -0.1 * dw", Verdict.DISAGREE),
    ],
)
def test_what_no_rule_has_is_wrong_beside_no_other_step_as_well(step: str, verdict: Verdict) -> None:
    assert _report(ALONE.format(step=step)).verdict is verdict


APART = """
import numpy as np

def forward(p, X):
    return np.tanh(X @ p["U"] + p["a"]) @ p["V"]

def gradients(p, X, y):
    h = np.tanh(X @ p["U"] + p["a"])
    miss = h @ p["V"] - y
    dh = np.outer(miss, p["V"]) * (1 - h ** 2)
    return 0.5 * np.sum(miss ** 2), {"U": X.T @ dh, "a": dh.sum(0), "V": h.T @ miss}

def cost_of(p):
    return 0.5 * np.sum((forward(p, X) - y) ** 2)

def update(p, g):
    U = p["U"] - 0.1 * g["U"]
    a = p["a"] - 0.1 * g["a"]
    V = p["V"] - 0.1 * g["V"]
    return {"U": U, "a": a, "V": V}

X, y = np.random.randn(9, 3), np.random.randn(9)
p = {"U": np.random.randn(3, 4), "a": np.zeros(4), "V": np.random.randn(4)}
for turn in range(9):
    loss, g = gradients(p, X, y)
    p = update(p, g)
    if turn % 3 == 0:
        print(turn, cost_of(p))
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("", ""),
        ('"a": a,', '"a": p["a"],'),
        ('a = p["a"] - 0.1', 'a = p["a"] + 0.1'),
        ('a = p["a"] - 0.1 * g["a"]', 'a = p["a"] - 0.1 * g["a"].sum()'),
        ('a = p["a"] - 0.1 * g["a"]', 'a = p["a"] - 0.1 * g["U"].sum(0)'),
        ('V = p["V"] - 0.1', "V = -0.1"),
    ],
)
def test_steps_of_a_function_that_returns_new_parameters(right: str, wrong: str) -> None:
    report = _report(APART.replace(right, wrong) if right else APART)
    assert report.verdict is (Verdict.DISAGREE if right else Verdict.AGREE)


LAYERS = """
import numpy as np

class Net:
    def __init__(self, n, h, m, rate=0.1):
        self.U, self.a = np.random.randn(n, h), np.zeros((1, h))
        self.V, self.b = np.random.randn(h, m), np.zeros((1, m))
        self.rate = rate

    def forward(self, X):
        self.z = X @ self.U + self.a
        self.h = np.maximum(0, self.z)
        self.out = self.h @ self.V + self.b
        return self.out

    def backward(self, X, y):
        d = (self.out - y) / len(X)
        self.dV, self.db = self.h.T @ d, d.sum(axis=0, keepdims=True)
        e = d @ self.V.T * (self.z > 0)
        self.dU, self.da = X.T @ e, e.sum(axis=0, keepdims=True)

    def step(self):
        self.U -= self.rate * self.dU
        self.a {sign}= self.rate * self.da
        self.V -= self.rate * self.dV
        self.b -= self.rate * self.db

    def train(self, X, y):
        for turn in range(20):
            self.forward(X)
            self.backward(X, y)
            self.step()

Net(4, 5, 2).train(np.random.randn(20, 4), np.random.randn(20, 2))
"""


@pytest.mark.parametrize(("sign", "verdict"), [("-", Verdict.AGREE), ("+", Verdict.DISAGREE)])
def test_a_bias_that_an_object_moves_uphill_is_told_by_its_neighbours(sign: str, verdict: Verdict) -> None:
    assert _report(LAYERS.format(sign=sign)).verdict is verdict
