"""Calls that are made up and too short for what they do."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.guesses import LIST, Guess, Key, Slot
from crosscheck.recognise.idle_calls import LONG, longer
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.letters import letter
from crosscheck.source import read
from crosscheck.verdicts import Verdict

WINDOWS = """
import numpy as np

def backward(p, hs, ys, params):
    grads = {{k: np.zeros_like(v) for k, v in params.items()}}
    carried = np.zeros(len(params["W"]))
    for t in reversed(range(len(ys))):
        d = p[t].copy()
        d[np.argmax(ys[t])] -= 1
        grads["V"] += np.outer(d, hs[t])
        dz = (d @ params["V"] + carried) * (1 - hs[t] ** 2)
        grads["W"] += np.outer(dz, hs[t - 1]) if t else 0
        grads["U"] += np.outer(dz, p["x"][t])
        carried = {carried}
    return grads

def train(data, vocab_size, seq_length, hidden_size, rate):
    params = {{"U": np.random.randn(hidden_size, vocab_size) * 0.3,
              "W": np.random.randn(hidden_size, hidden_size) * 0.3,
              "V": np.random.randn(vocab_size, hidden_size) * 0.3}}
    rows = np.eye(vocab_size)[data]
    for i in range(int(len(data) / seq_length)):
        xs = rows[i * seq_length:(i + 1) * seq_length]
        ys = rows[i * seq_length + 1:(i + 1) * seq_length + 1]
        hs, p = [], {{"x": xs}}
        for t in range(len(ys)):
            hs.append(np.tanh(params["U"] @ xs[t] + (params["W"] @ hs[-1] if t else 0)))
            p[t] = np.exp(params["V"] @ hs[t]) / np.sum(np.exp(params["V"] @ hs[t]))
        loss = np.sum([-np.log(p[t] @ ys[t]) for t in range(len(ys))])
        for name, gradient in backward(p, hs, ys, params).items():
            params[name] -= rate * gradient
    return params, loss
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("carried", "verdict"), [('dz @ params["W"]', Verdict.AGREE), ('dz @ params["W"].T', Verdict.DISAGREE)]
)
def test_a_text_is_long_enough_for_some_windows(carried: str, verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "windows.py"
    path.write_text(WINDOWS.format(carried=carried))
    found = recognise(read(path))
    assert [judge_unit(unit, examples=8).verdict for unit in found.units] == [verdict]
    assert not any("is not defined" in said for said in found.assumptions)  # a name of a comprehension is none


def test_a_flag_asks_for_what_the_backward_pass_is_handed(tmp_path: Path) -> None:
    code = """
import numpy as np

def forward(params, x, cache=False):
    h = np.tanh(x @ params["W"])
    out = h @ params["V"]
    if cache:
        return out, {"x": x, "h": h}
    return out

def backward(params, dout, cache):
    dh = dout @ params["V"].T * (1 - cache["h"] ** 2)
    return {"W": cache["x"].T @ dh, "V": cache["h"].T @ dout}
"""
    path = tmp_path / "flag.py"
    for text, verdict in ((code, Verdict.AGREE), (code.replace("(1 - cache", "(2 - cache"), Verdict.DISAGREE)):
        path.write_text(text)
        (unit,) = recognise(read(path)).units
        assert judge_unit(unit, examples=8).verdict is verdict


def test_only_a_call_that_went_back_nowhere_gets_longer_data() -> None:
    tree = ast.parse("def backward(d): dW = d; db = d; dV = d; return dW, db, dV\ndef train(data): backward(data)")
    nodes = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    guess = Guess({Key("train", "data"): Slot(LIST, (letter(1),))}, {1: 4})
    made = longer(guess, ["train"], "train", nodes)
    assert made is not None
    assert made.numbers == {1: LONG}
    assert longer(guess, ["train", "backward"], "train", nodes) is None
