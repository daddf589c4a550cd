"""Training functions that nothing calls are called, and judged by a turn, whatever their gradients are called."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.learning import steps_by_errors
from crosscheck.recognise.steps_of_turns import updates_last
from crosscheck.source import read
from crosscheck.verdicts import Verdict

CLASSES = """
import numpy as np
def classify(x, y, rate, rounds):
    rows, kinds = np.column_stack((np.ones(len(x)), x)), len(set(y))
    table, wanted = np.zeros((rows.shape[1], kinds)), np.eye(kinds)[y]
    for turn in range(rounds):
        e = np.exp(rows @ table)
        p = e / e.sum(axis=1, keepdims=True)
        slope = rows.T @ (p - wanted) / len(x)
        table = table - rate * slope
        cost = -np.sum(wanted * np.log(p)) / len(x)
    return table
"""
FACTORS = """
import numpy as np
def factorise(known, latent=15, g=0.02, keep=0.003, rounds=9):
    p, q = np.random.rand(len(known), latent), np.random.rand(known.shape[1], latent)
    for turn in range(rounds):
        for u, i in np.argwhere(known):
            pu = p[u].copy()
            qi = q[i].copy()
            e = known[u, i] - pu @ qi
            p[u] = pu + g * (e * qi - keep * pu)
            q[i] = qi + g * (e * pu - keep * qi)
    return p, q
"""
COMPOSED = """
import numpy as np
def output(X, parts):
    return 1 / (1 + np.exp(-(X @ parts["w"] + parts["b"])))
def cost(A, Y, parts, lam):
    return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A)) + lam * np.sum(parts["w"] ** 2)
def gradients(X, Y, A, parts, lam):
    off = (A - Y) / len(Y)
    return {"dw": X.T @ off + 2 * lam * parts["w"], "db": np.sum(off)}
def fit(X, Y, rate, lam, epochs):
    parts = {"w": np.zeros(X.shape[1]), "b": 0.0}
    for epoch in range(epochs):
        A = output(X, parts)
        slopes = gradients(X, Y, A, parts, lam)
        parts = {"w": parts["w"] - rate * slopes["dw"], "b": parts["b"] - rate * slopes["db"]}
    return parts
"""
BY_EXAMPLE = """
import numpy as np
class Line:
    def __init__(self, rate, rounds):
        self.rate, self.rounds = rate, rounds
    def learn(self, X, Y):
        self.w = np.random.RandomState(1).normal(size=1 + X.shape[1])
        for turn in range(self.rounds):
            total = 0.0
            for row, wanted in zip(X, Y):
                total += self.update_line(row, wanted)
        return self
    def update_line(self, x, y):
        off = y - self.height(x)
        self.w[1:] += self.rate * off * x
        self.w[0] += self.rate * off
        cost = 0.5 * off ** 2
        return cost
    def height(self, x):
        return np.dot(x, self.w[1:]) + self.w[0]
"""
PROGRAMS = {
    "a cost behind the update": (CLASSES, "classify, the loop", "table", ("(p - wanted) /", "(p * (p - wanted)) /")),
    "rows that decay": (FACTORS, "factorise, the loop", "q", ("(e * pu - keep", "(e * pu + keep")),
    "steps by a method": (BY_EXAMPLE, "Line.update_line", "w", ("w[0] +=", "w[0] -=")),
    "what another computed": (COMPOSED, "cost/gradients", "w", ("2 * lam", "lam")),
}


@pytest.mark.thorough
@pytest.mark.parametrize(("code", "name", "parameter", "slip"), PROGRAMS.values(), ids=PROGRAMS)
def test_a_turn_is_judged(tmp_path: Path, code: str, name: str, parameter: str, slip: tuple[str, str]) -> None:
    assert code.count(slip[0]) == 1
    path = tmp_path / "file.py"
    for text, verdict in ((code, Verdict.AGREE), (code.replace(*slip), Verdict.DISAGREE)):
        path.write_text(text)
        (unit,) = recognise(read(path)).units
        assert unit.name.startswith(name)
        report = judge_unit(unit, examples=6)
        assert report.verdict is verdict
        wrong = {tally.name for tally in report.tallies if tally.verdict is Verdict.DISAGREE}
        assert wrong == ({parameter} if verdict is Verdict.DISAGREE else set())


@pytest.mark.thorough
@pytest.mark.parametrize(("slope", "is_called"), [("(p - wanted)", True), ("torch.nn.functional.elu(p)", False)])
def test_a_training_in_another_library_is_not_called(tmp_path: Path, slope: str, is_called: bool) -> None:
    (tmp_path / "program.py").write_text("import torch\n" + CLASSES.replace("(p - wanted)", slope), encoding="utf-8")
    recognised = recognise(read(tmp_path / "program.py"))
    assert is_called == bool(recognised.units)
    assert not any(" it raises" in skipped.reason for skipped in recognised.skipped)


LONG = """
import numpy as np
class Net:
    def __init__(self):
        self.x, self.t = np.array([0.1, 0.5, -0.3]), np.array([0.2, 0.7])
        self.W, self.V = np.random.randn(3, 4), np.random.randn(4, 2)
    def go(self):
        self.h = np.tanh(self.x @ self.W)
        self.o = self.h @ self.V
    def back(self):
        d = self.o - self.t
        e = d @ self.V.T * (1 - self.h ** 2)
        self.V -= 0.1 * np.outer(self.h, d)
        self.W -= 0.1 * np.outer(self.x, e)
    def train(self):
        for turn in range(10**5):
            self.go()
            self.back()
"""


def test_a_long_training_is_cut_short_where_its_arguments_are_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "file.py"
    path.write_text(LONG)
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit, examples=4).verdict is Verdict.AGREE


SORTED = """
import numpy as np
class Machine:
    def __init__(self, rate=0.1, lam=0.01):
        self.rate, self.lam = rate, lam
    def fit(self, X, y):
        self.w = np.zeros(X.shape[1])
        for turn in range(5):
            for x, t in zip(X, y):
                if x @ self.w > 3:
                    self.w -= self.rate * self.lam * self.w
                else:
                    self.w -= self.rate * (self.lam * self.w - t * x * np.sort(x))
"""
AVERAGES = """
def average(values, share):
    mean = 0.0
    for value in values:
        mean = mean + share * (value - mean)
    return mean
"""


@pytest.mark.parametrize(("code", "skipped"), [(SORTED, ["Machine.fit"]), (AVERAGES, [])])
def test_what_learns_is_told_where_no_loss_is_known(tmp_path: Path, code: str, skipped: list[str]) -> None:
    path = tmp_path / "file.py"
    path.write_text(code)
    found = recognise(read(path))
    assert not found.units
    assert [one.function for one in found.skipped] == skipped


@pytest.mark.parametrize(
    ("body", "learns"),
    [
        ("pu = p[u].copy(); e = r[u] - pu @ q; p[u] = pu + g * (e * q)", True),
        ("e = t - x @ w; w += k * e * x", True),
        ("guess = w; guess *= v; off = guess - t; w -= k * off * v", True),
        ("m = m + a * (v - m)", False),
        ("m = m + v * (t - m)", False),
        ("p = p + v; v = v - w @ p", False),
        ("x = x + step * y", False),
    ],
)
def test_errors_of_products_go_back_into_them(body: str, learns: bool) -> None:
    assert steps_by_errors(ast.parse("for v in r:\n" + "".join(f"    {line}\n" for line in body.split("; ")))) is learns


@pytest.mark.parametrize(
    ("body", "moved"),
    [
        ("w = w - rate * g; cost = f(p)", "cost = f(p); w = w - rate * g"),
        ("w = w - rate * g; cost = f(w)", "w = w - rate * g; cost = f(w)"),
        ("w -= rate * g; g = h(p)", "w -= rate * g; g = h(p)"),
        ("total += cost; print(p)", "total += cost; print(p)"),
    ],
)
def test_an_update_stands_last_where_nothing_behind_it_minds(body: str, moved: str) -> None:
    made = updates_last(ast.parse(body.replace("; ", "\n")).body)
    assert "; ".join(map(ast.unparse, made)) == moved


READER = """
import numpy as np

class Reader:
    def __init__(self, inputs, hidden, kinds):
        self.hidden = hidden
        self.into = np.random.randn(hidden, inputs) * 0.3
        self.over = np.random.randn(hidden, hidden) * 0.3
        self.out = np.random.randn(kinds, hidden) * 0.3
        self.by = np.zeros((kinds, 1))
    def read(self, sequence):
        self.seen, self.states = sequence, {{-1: np.zeros((self.hidden, 1))}}
        for t, x in enumerate(sequence):
            self.states[t] = np.tanh(self.into @ x.reshape(-1, 1) + self.over @ self.states[t - 1])
        e = np.exp(self.out @ self.states[len(sequence) - 1] + self.by)
        return e / e.sum()
    def learn(self, d_y):
        last = len(self.seen) - 1
        d_out = d_y @ self.states[last].T
        d_over, d_into, d_h = np.zeros_like(self.over), np.zeros_like(self.into), self.out.T @ d_y
        for t in reversed(range(last + 1)):
            d_raw = (1 - self.states[t] ** 2) * d_h
            d_into += d_raw @ self.seen[t].reshape(1, -1)
            d_over += d_raw @ self.states[t - {back}].T
            d_h = self.over.T @ d_raw
        self.into -= 0.1 * d_into
        self.over -= 0.1 * d_over
        self.out -= 0.1 * d_out
        self.by -= 0.1 * d_y
    def train(self, sequences, labels, epochs=3):
        for epoch in range(epochs):
            loss = 0
            for sequence, label in zip(sequences, labels):
                p = self.read(sequence)
                loss += -np.log(p[label, 0])
                d_y = p.copy()
                d_y[label, 0] -= 1
                self.learn(d_y)
            print(loss / len(sequences))
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("back", "verdict"), [("1", Verdict.AGREE), ("0", Verdict.DISAGREE)])
def test_a_training_that_steps_at_each_sequence_is_not_judged_by_the_loss_of_all(
    back: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(READER.format(back=back)) == [verdict]
