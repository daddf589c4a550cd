"""Optimisers inside of someone's own training step: right ones are left alone, wrong ones are named."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.rules import Step, is_right, wrong_rule
from crosscheck.repair import find_repairs
from crosscheck.source import read
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

MODEL = """
import numpy as np

class Line:
    def __init__(self):
        self.W = np.random.randn(5, 3)
        self.b = np.zeros(5)
        self.mem = {{'W': np.zeros((5, 3)), 'b': np.zeros(5)}}
        self.rate = 0.1

    def learn(self, x, y):
        e = self.W @ x + self.b - y
        loss = 0.5 * np.sum(e ** 2)
        grads = {{'W': np.outer(e, x), 'b': e.copy()}}
        for n in ('W', 'b'):
            g = np.clip(grads[n], -5, 5)
            w = getattr(self, n)
{step}
        return loss

net = Line()
for turn in range(3):
    net.learn(np.random.randn(3), np.random.randn(5))
"""
STEPS = {
    "adagrad": ("self.mem[n] += g * g", "w -= self.rate * g / np.sqrt(self.mem[n] + 1e-8)"),
    "adagrad, eps outside": ("self.mem[n] += g * g", "w -= self.rate * g / (np.sqrt(self.mem[n]) + 1e-8)"),
    "rmsprop": ("self.mem[n] = 0.9 * self.mem[n] + 0.1 * g ** 2", "w -= self.rate * g / (np.sqrt(self.mem[n]) + 1e-6)"),
    "momentum": ("self.mem[n] = 0.9 * self.mem[n] - self.rate * g", "w += self.mem[n]"),
    "sgd": ("w -= self.rate * g",),
    "weights decay": ("w -= self.rate * (g + 0.1 * w * (n == 'W'))",),
    "all decay": ("w -= self.rate * (g + 0.1 * w)",),
    "the bias decays": ("w -= self.rate * (g + 0.1 * w * (n == 'b'))",),
    "late": ("w -= self.rate * g / np.sqrt(self.mem[n] + 1e-8)", "self.mem[n] += g * g"),
    "forgets": ("self.mem[n] = g * g", "w -= self.rate * g / np.sqrt(self.mem[n] + 1e-8)"),
    "climbs": ("self.mem[n] += g * g", "w += self.rate * g / np.sqrt(self.mem[n] + 1e-8)"),
    "momentum climbs": ("self.mem[n] = 0.9 * self.mem[n] + self.rate * g", "w += self.mem[n]"),
    "sgd climbs": ("w += self.rate * g",),
    "grows": ("self.mem[n] += 0.9 * self.mem[n] + 0.1 * g", "w -= self.rate * self.mem[n]"),
    "squares grow": (
        "self.mem[n] += 0.9 * self.mem[n] + 0.1 * g * g",
        "w -= self.rate * g / np.sqrt(self.mem[n] + 1e-8)",
    ),
    "no squares": (
        "self.mem[n] = 0.9 * self.mem[n] + 0.1 * g",
        "w -= self.rate * g / (np.sqrt(np.abs(self.mem[n])) + 1e-8)",
    ),
    "no memory": ("G = g * g", "w -= self.rate * g / np.sqrt(G + 1e-8)"),
}
WRONG = {
    "late": "only afterwards",
    "forgets": "forgets",
    "the bias decays": "as weight decay does",
    "climbs": "climbs",
    "momentum climbs": "climbs",
    "sgd climbs": "climbs",
    "grows": "grows without end",
    "squares grow": "grows without end",
    "no squares": "not its square",
    "no memory": "keep the memory",
}


@pytest.mark.thorough
@pytest.mark.parametrize("rule", STEPS)
def test_tells_right_updates_from_wrong_ones(rule: str, tmp_path: Path) -> None:
    source = MODEL.format(step="\n".join(" " * 12 + line for line in STEPS[rule]))
    (tmp_path / "line.py").write_text(source)
    (unit,) = recognise(read(tmp_path / "line.py")).units
    report = judge_unit(unit, examples=3)
    said = [finding.message for finding in report.findings if finding.code == "update-differs"]
    assert [WRONG[rule] in message for message in said] == ([True] if rule in WRONG else [])
    assert (report.verdict is Verdict.DISAGREE) == (rule in WRONG)


FEW = """
import numpy as np

X, t = np.random.randn(30, 4), np.random.randn(30)
w, b = np.random.randn(4), np.zeros(1)
vw, vb = np.zeros(4), np.zeros(1)
for turn in range(40):
    e = X @ w + b - t
    loss = 0.5 * np.mean(e ** 2)
    dw, db = X.T @ e / len(t), np.array([np.mean(e)])
    vw = 0.9 * vw - 0.1 * dw
    vb = 0.9 * vb {sign} 0.1 * db
    w += vw
    b += vb
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("sign", "verdict"), [("-", Verdict.AGREE), ("+", Verdict.DISAGREE)])
def test_a_single_entry_shows_its_rule_in_several_cases(sign: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "few.py").write_text(FEW.format(sign=sign))
    (unit,) = recognise(read(tmp_path / "few.py")).units
    report = judge_unit(unit, examples=3)
    assert report.verdict is verdict
    if verdict is Verdict.DISAGREE:
        repairs = find_repairs(unit, report, seed=0, seconds=10)
        assert "vb = 0.9 * vb - 0.1 * db" in repairs[0].after


def test_a_memory_that_no_step_depends_on_follows_no_right_rule() -> None:
    random = np.random.default_rng(3)
    g, v = random.normal(size=9) * 0.3, random.normal(size=9)
    new = 0.9 * v + 0.1 * g
    assert is_right(Step(g, -0.5 * new, [(v, new)]), [0.5], [])
    assert not is_right(Step(g, -0.5 * g, [(v, new)]), [0.5], [])


def test_takes_no_memory_for_a_gradient(tmp_path: Path) -> None:
    source = MODEL.format(step="\n".join(" " * 12 + line for line in STEPS["adagrad"])).replace("self.mem", "self.G")
    (tmp_path / "line.py").write_text(source)
    (unit,) = recognise(read(tmp_path / "line.py")).units
    assert judge_unit(unit, examples=3).verdict is Verdict.AGREE


def adam(first: float, second: float, *, sign: float = -1.0) -> Step:
    """Return a step of Adam with rate 0.01, whose moments are divided by these corrections."""
    random = np.random.default_rng(5)
    g, m, v = random.normal(size=11) * 0.3, random.normal(size=11), random.random(11) + 0.2
    m_new, v_new = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    change = sign * 0.01 * (m_new / first) / (np.sqrt(v_new / second) + 1e-8)
    return Step(g, change, [(v, v_new), (m, m_new)])


ONE, TWO = 1 - 0.9**4, 1 - 0.999**4


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (ONE, TWO, None),
        (1.0, 1.0, None),
        (ONE, ONE, "the second moment is corrected with the first one's decay"),
        (TWO, TWO, "the first moment is corrected with the second one's decay"),
        (TWO, ONE, "the two moments' corrections are exchanged"),
        (0.3, 0.7, None),
    ],
)
def test_reads_the_corrections_of_adam(first: float, second: float, said: str | None) -> None:
    assert wrong_rule(adam(first, second), [0.01, 0.5], [4.0, 17.0]) == said


def test_sees_adam_climb() -> None:
    said = wrong_rule(adam(ONE, TWO, sign=1.0), [0.01], [4.0])
    assert said is not None
    assert "climbs" in said


def test_says_nothing_of_a_rule_it_does_not_know() -> None:
    random = np.random.default_rng(5)
    g = random.normal(size=11)
    assert wrong_rule(Step(g, -(g**3), []), [], []) is None
    assert wrong_rule(Step(g, -np.sign(g) * 0.1, []), [], []) is None


ADAM_IN_A_LOOP = """
import numpy as np
x, y = np.random.randn(7, 3), np.random.randn(7, 4)
w = np.random.randn(3, 4)
m, v = np.zeros_like(w), np.zeros_like(w)
rate, beta1, beta2 = 0.01, 0.9, 0.999
for step in range(1, 100):
    out = x @ w
    loss = 0.5 * np.sum((out - y) ** 2)
    dw = x.T @ (out - y)
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw ** 2
    first = m / (1 - beta1 ** step)
    second = v / (1 - beta2 ** step)
    w -= rate * first / (np.sqrt(second) + 1e-8)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("right", "wrong"), [("", ""), ("v / (1 - beta2", "v / (1 - beta1")])
def test_an_update_at_the_end_of_a_turn_is_judged_and_mended(right: str, wrong: str) -> None:
    (unit,) = recognise(read_text(ADAM_IN_A_LOOP.replace(right, wrong), "utf-8", Path("x.py"))).units
    report = judge_unit(unit)
    assert report.verdict is (Verdict.DISAGREE if wrong else Verdict.AGREE)
    if wrong:
        assert find_repairs(unit, report, seconds=20, seed=0)[0].after.strip() == "second = v / (1 - beta2 ** step)"
