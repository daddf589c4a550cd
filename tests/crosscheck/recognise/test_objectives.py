"""What is driven up, what an object holds, and what an update supplies: right code that is easily blamed."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

COINS = """
import numpy as np

class Coins:
    def __init__(self):
        self.z = np.random.randn(4) * 0.1

    def {name}(self, counts):
        odds = np.exp(self.z - self.z.max())
        return np.sum(counts * np.log(odds / odds.sum()))

    def grad(self, counts):
        odds = np.exp(self.z - self.z.max())
        dz = counts - counts.sum() * odds / odds.sum()
        return dz

    def fit(self, counts):
        for turn in range(20):
            dz = self.grad(counts)
            self.z += 0.1 * dz
            print(self.{name}(counts))

Coins().fit(np.array([1.0, 2.0, 3.0, 4.0]))
"""


@pytest.mark.parametrize(("name", "verdict"), [("log_likelihood", Verdict.AGREE), ("loss", Verdict.DISAGREE)])
def test_a_likelihood_is_climbed_and_a_loss_is_not(name: str, verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "coins.py"
    path.write_text(COINS.format(name=name))
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit, examples=6).verdict is verdict


ALL_LEFT_OUT = """
import numpy as np

x, y = np.random.randn(9, 3), np.random.randn(9, 1)
w, shift, scale = np.random.randn(3, 1), np.zeros((1, 1)), np.ones((1, 1))

for epoch in range(50):
    line = x @ w
    guess = scale * line + shift
    loss = np.mean((guess - y) ** 2)
    dguess = guess - y
    dshift = dguess.sum(0, keepdims=True)
    dscale = (dguess * line).sum(0, keepdims=True)
    dw = x.T @ (dguess * scale)
    for p, g in ((w, dw), (shift, dshift), (scale, dscale)):
        p -= 0.1 * {factor} * g
"""


@pytest.mark.parametrize(
    ("factor", "verdict"),
    [
        ("(2.0 / len(x))", Verdict.AGREE),
        ("(1.0 / 9 / 9)", Verdict.INCONCLUSIVE),
        ("1.0", Verdict.INCONCLUSIVE),
    ],
)
def test_an_update_may_supply_the_factor_that_all_gradients_leave_out(
    factor: str, verdict: Verdict, tmp_path: Path
) -> None:
    path = tmp_path / "line.py"
    path.write_text(ALL_LEFT_OUT.format(factor=factor))
    (unit,) = recognise(read(path)).units
    report = judge_unit(unit, examples=6)
    assert report.verdict is verdict, report
    assert {tally.name for tally in report.tallies} == {"w", "shift", "scale"}


HELD = """
import numpy as np

class Node:
    def __init__(self, data, back=()):
        self.data, self.back, self.grad = np.asarray(data, float), back, None

    def squared(self):
        return Node(self.data ** 2, [(self, lambda g: 2 * g * self.data)])

    def added(self, other):
        return Node(self.data.sum() + other.data.sum(), [
            (self, lambda g: g * np.ones_like(self.data)), (other, lambda g: {other} * np.ones_like(other.data))])

{backward}

def total(first, second):
    return first.squared().added(second)

first, second = Node(np.random.randn(3)), Node(np.random.randn(4))
for turn in range(3):
    first.grad = second.grad = None
    out = total(first, second)
    out.backward()
    first.data -= 0.1 * first.grad
    second.data -= 0.1 * second.grad
"""


IN_ORDER = """
    def backward(self):
        order = []

        def visit(node):
            if node not in order:
                for before, _ in node.back:
                    visit(before)
                order.append(node)

        visit(self)
        for node in order:
            node.grad = np.zeros_like(node.data)
        self.grad = np.ones_like(self.data)
        for node in reversed(order):
            for before, rule in node.back:
                before.grad = before.grad + rule(node.grad)
"""
ITSELF = """
    def backward(self, grad=1.0):
        self.grad = grad if self.grad is None else self.grad + grad
        for node, rule in self.back:
            node.backward(rule(grad))
"""


@pytest.mark.parametrize(("other", "verdict"), [("g", Verdict.AGREE), ("2 * g", Verdict.DISAGREE)])
def test_the_number_that_an_object_holds_is_its_loss(other: str, verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "nodes.py"
    path.write_text(HELD.format(other=other, backward=IN_ORDER))
    verdicts = {unit.name: judge_unit(unit, examples=6).verdict for unit in recognise(read(path)).units}
    assert verdicts == {"Node.squared": Verdict.AGREE, "Node.added": verdict, "Node.backward": Verdict.AGREE}


def test_a_backward_that_calls_that_of_its_operands_is_judged_with_the_operators(tmp_path: Path) -> None:
    path = tmp_path / "nodes.py"
    path.write_text(HELD.format(other="g", backward=ITSELF))
    verdicts = {judge_unit(unit, examples=6).verdict for unit in recognise(read(path)).units}
    assert verdicts == {Verdict.AGREE}


JOINED = """
import numpy as np

def misfit(both, seen, k):
    n, m = seen.shape
    A, B = both[:n * k].reshape(n, k), both[n * k:].reshape(k, m)
    off = A @ B - seen
    grad_A, grad_B = off @ B.T, A.T @ off
    return 0.5 * np.sum(off ** 2), np.hstack([grad_A.ravel(), grad_B.ravel()])
"""
TIED = """
def tied(part, seen, k):
    A = part.reshape(len(seen), k)
    off = A @ A.T - seen
    grad_A, grad_B = off @ A, A.T @ off
    return 0.5 * np.sum(off ** 2), np.hstack([grad_A.ravel(), grad_B.ravel()])
"""


def test_gradients_that_are_returned_one_after_another_are_those_of_a_vector(tmp_path: Path) -> None:
    path = tmp_path / "factors.py"
    for code, verdict in ((JOINED, Verdict.AGREE), (JOINED.replace("off @ B.T", "seen @ B.T"), Verdict.DISAGREE)):
        path.write_text(code)
        found = recognise(read(path))
        (unit,) = found.units
        assert list(unit.names) == ["both"]
        assert judge_unit(unit, examples=5).verdict is verdict
        assert not found.skipped


def test_no_such_function_passes_unjudged(tmp_path: Path) -> None:
    path = tmp_path / "factors.py"
    path.write_text(JOINED + TIED)
    found = recognise(read(path))
    assert [skipped.function for skipped in found.skipped] == ["tied"]
