"""Lists and dictionaries of parameters beside others with the same places or keys."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

MODEL = """
import numpy as np

class Model:
    def __init__(self, vocab, hidden):
        self.p = [0.3 * np.random.randn(hidden, vocab), 0.3 * np.random.randn(hidden, hidden),
                  0.3 * np.random.randn(vocab, hidden), np.zeros(hidden), np.zeros(vocab)]
        self.mem = [np.ones_like(w) * 1e-8 for w in self.p]

    def learn(self, ids, nxt):
        U, W, V, b, c = self.p
        hs, ps = [np.zeros(len(b))], []
        for i in ids:
            hs.append(np.tanh(U[:, i] + W @ hs[-1] + b))
            e = np.exp(V @ hs[-1] + c)
            ps.append(e / e.sum())
        g = [np.zeros_like(w) for w in self.p]
        dh = np.zeros_like(b)
        for t in reversed(range(len(ids))):
            do = ps[t]
            do[nxt[t]] -= 1
            g[2] += np.outer(do, hs[t + 1])
            g[4] += do
            dz = (V.T @ do + dh) * (1 - hs[t + 1] ** 2)
            g[0][:, ids[t]] += dz
            g[1] += np.outer(dz, hs[t])
            g[3] {adds} dz
            dh = W.T @ dz
        for w, d, m in zip(self.p, g, self.mem):
            m += d ** 2
            w -= 0.1 * d / np.sqrt(m)

model = Model(6, 6)
for k in range(20):
    ids = np.random.randint(0, 6, 8)
    model.learn(list(ids[:-1]), list(ids[1:]))
"""
TEACHER = """
import numpy as np

def init(h):
    return {{"W": np.random.randn(3, h) * 0.5, "V": np.random.randn(h, 2) * 0.5}}

def loss_and_grads(student, teacher, x):
    wanted = np.tanh(x @ teacher["W"]) @ teacher["V"]
    h = np.tanh(x @ student["W"])
    d = h @ student["V"] - wanted
    g = {{"V": h.T @ d}}
    g["W"] = x.T @ (d @ student["V"].T * {slope})
    return 0.5 * np.sum(d ** 2), g

teacher, student = init({hidden}), init(4)
for turn in range(50):
    loss, g = loss_and_grads(student, teacher, np.random.randn(7, 3))
    for k in student:
        student[k] -= 0.01 * g[k]
"""


def verdict_of(path: Path, code: str) -> tuple[Verdict, set[str]]:
    path.write_text(code)
    (unit,) = [one for one in recognise(read(path)).units if len(one.names) > 1]
    report = judge_unit(unit, examples=8)
    return report.verdict, {tally.name for tally in report.tallies}


@pytest.mark.thorough
@pytest.mark.parametrize(("adds", "verdict"), [("+=", Verdict.AGREE), ("=", Verdict.DISAGREE)])
def test_entries_of_a_sum_are_gradients_and_not_what_is_added_to_them(
    adds: str, verdict: Verdict, tmp_path: Path
) -> None:
    found, names = verdict_of(tmp_path / "model.py", MODEL.format(adds=adds))
    assert found is verdict
    assert names == {f"p_{place}" for place in range(5)}


@pytest.mark.parametrize("hidden", [4, 6])
@pytest.mark.parametrize(("slope", "verdict"), [("(1 - h ** 2)", Verdict.AGREE), ("(1 - h)", Verdict.DISAGREE)])
def test_a_frozen_teacher_has_no_gradient(hidden: int, slope: str, verdict: Verdict, tmp_path: Path) -> None:
    found, names = verdict_of(tmp_path / "teacher.py", TEACHER.format(hidden=hidden, slope=slope))
    assert found is verdict
    assert not any("teacher" in name for name in names)
