"""Optimisers that live in a class or in a function over dictionaries: each step is held against what was judged."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

MODEL = """
import numpy as np

def loss_and_gradients(held, x, y):
    U, c, V = held
    h = np.tanh(x @ U + c)
    miss = h @ V - y
    loss = 0.5 * np.sum(miss ** 2)
    below = (miss @ V.T) * (1 - h ** 2)
    return loss, [x.T @ below, below.sum(0), h.T @ miss]

"""
CLASS = """
class Mover:
    def __init__(self, held, rate=0.02):
        self.held, self.rate, self.turn = held, rate, 0
        self.a = [np.zeros_like(one) for one in held]
        self.q = [np.zeros_like(one) for one in held]

    def go(self, found):
        self.turn += 1
        for k, (one, g) in enumerate(zip(self.held, found)):
            self.a[k] = 0.9 * self.a[k] + 0.1 * g
            self.q[k] = {square}
            top = self.a[k] / (1 - 0.9 ** self.turn)
            low = self.q[k] / (1 - 0.99 ** self.turn)
            one {sign}= self.rate * top / ({root} + 1e-8)

held = [np.random.randn(3, 5), np.zeros(5), np.random.randn(5, 2)]
mover = Mover(held)
for turn in range(9):
    loss, grads = loss_and_gradients(held, np.random.randn(7, 3), np.random.randn(7, 2))
    mover.go(grads)
"""
RIGHT = {"square": "0.99 * self.q[k] + 0.01 * g ** 2", "sign": "-", "root": "np.sqrt(low)"}


def _verdicts(program: str) -> tuple[set[Verdict], list[str]]:
    reports = [judge_unit(unit, examples=4) for unit in recognise(read_text(program, "utf-8", Path("x.py"))).units]
    found = [finding for report in reports for finding in report.findings if finding.code.startswith("update")]
    return {report.verdict for report in reports}, [finding.message for finding in found]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, None),
        ({"sign": "+"}, "climbs"),
        ({"root": "low"}, "not by its root"),
        ({"square": "0.99 * self.q[k] + 0.1 * g ** 2"}, "decay of the other moment"),
        ({"square": "0.99 * self.q[k] + 0.01 * g"}, "not its square"),
        ({"square": "0.99 * self.a[k] + 0.01 * g ** 2"}, "made of another memory"),
    ],
)
def test_an_optimiser_in_a_class_is_held_against_what_was_judged(changed: dict[str, str], words: str | None) -> None:
    verdicts, said = _verdicts(MODEL + CLASS.format(**(RIGHT | changed)))
    assert verdicts == {Verdict.AGREE if words is None else Verdict.DISAGREE}
    assert all(str(words) in message for message in said)
    assert bool(said) == (words is not None)


@pytest.mark.thorough
def test_a_step_of_no_known_rule_is_not_judged() -> None:
    verdicts, said = _verdicts(MODEL + CLASS.format(**(RIGHT | {"root": "np.cbrt(low)"})))
    assert verdicts == {Verdict.INCONCLUSIVE}
    assert all("follows no rule" in message for message in said)
    assert "[0]" in said[0]


PLAIN = """
w = [np.random.randn(3, 5), np.zeros(5), np.random.randn(5, 2)]
for turn in range(9):
    loss, grads = loss_and_gradients(w, np.random.randn(7, 3), np.random.randn(7, 2))
    for k in range(3):
        {step}
"""


@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        ("w[k] -= 0.1 * grads[k]", Verdict.AGREE),
        ("w[k] -= 0.1 * grads[k] / max(1, np.linalg.norm(grads[k]))", Verdict.AGREE),
        ("w[k] -= 0.1 * grads[k] ** 2", Verdict.DISAGREE),
        ("w[k] += 0.1 * grads[k]", Verdict.DISAGREE),
        ("w[k] = 0.9 * w[k] - 0.1 * grads[k]", Verdict.INCONCLUSIVE),
    ],
)
def test_plain_steps_over_a_list(step: str, verdict: Verdict) -> None:
    assert _verdicts(MODEL + PLAIN.format(step=step))[0] == {verdict}


BATCHES = """
import numpy as np

class Net:
    def __init__(self, sizes):
        self.weights = [np.random.randn(n, m) for m, n in zip(sizes[:-1], sizes[1:])]

    def update_mini_batch(self, batch, eta, lmbda, n):
        total = [np.zeros(w.shape) for w in self.weights]
        for x, y in batch:
            total = [one + other for one, other in zip(total, self.backprop(x, y))]
        self.weights = [{shrunk}w {sign} eta / len(batch) * one for w, one in zip(self.weights, total)]

    def backprop(self, x, y):
        acts = [x]
        for w in self.weights:
            acts.append(np.tanh(w @ acts[-1]))
        found = [np.zeros(w.shape) for w in self.weights]
        delta = (acts[-1] - y) * (1 - acts[-1] ** 2)
        for k in range(len(self.weights) - 1, -1, -1):
            found[k] = delta @ acts[k].T
            delta = self.weights[k].T @ delta * (1 - acts[k] ** 2)
        return found
"""


@pytest.mark.parametrize(
    ("shrunk", "sign", "words"),
    [
        ("", "-", None),
        ("(1 - eta * lmbda / n) * ", "-", None),
        ("", "+", "climbs"),
    ],
)
def test_a_method_that_goes_through_a_batch_is_called_with_one_example(
    shrunk: str, sign: str, words: str | None
) -> None:
    verdicts, said = _verdicts(BATCHES.replace("{shrunk}", shrunk).replace("{sign}", sign))
    assert verdicts == {Verdict.DISAGREE if words else Verdict.AGREE}
    assert [words in message for message in said] == [True] * bool(words)
