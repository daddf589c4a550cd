"""Steps of one turn that are made of the gradient of something else, or are not made at all."""

from pathlib import Path

import pytest

from crosscheck.diagnose.explanations import CODES
from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.rule_words import FAULTS, FOREIGN, STILL, TURNED
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict
from tests.crosscheck.recognise.programs import TURN

RIGHT = ("U -= rate * dU", "a -= rate * da", "V -= rate * dV", "b -= rate * db")
SQUARES = "memory['{n}'] = 0.9 * memory['{n}'] + 0.1 * {g} ** 2; {n} -= rate * {g} / (np.sqrt(memory['{n}']) + 1e-8)"
MEMORY = tuple(SQUARES.format(n=name, g=f"d{name}") for name in "UaVb")


def _other(steps, place, step):
    return (*steps[:place], step, *steps[place + 1 :])


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (RIGHT, None),
        (_other(RIGHT, 3, "b -= rate * da"), f"b is wrong: {FOREIGN} a"),
        (_other(RIGHT, 2, "V -= rate * dV.T"), f"V is wrong: {TURNED}"),
        (_other(RIGHT, 3, "pass"), f"b is wrong: {STILL}"),
        (_other(RIGHT, 3, "b -= 10 * rate * db"), None),
        (_other(RIGHT, 2, "V -= rate * (dV + 0.1 * V)"), None),
        (_other(RIGHT, 3, "if turn > 2: b -= rate * db"), None),
        (MEMORY, None),
        (_other(MEMORY, 3, SQUARES.format(n="b", g="da")), f"b is wrong: {FOREIGN} a"),
    ],
)
def test_each_parameter_goes_by_its_own_gradient(steps, said):
    text = TURN.format(steps="\n".join(f"    {step}" for step in steps))
    (unit,) = recognise(read_text(text, "utf-8", Path("x.py"))).units
    assert unit.names.keys() == {"U", "a", "V", "b"}
    report = judge_unit(unit, examples=4)
    assert report.verdict is (Verdict.AGREE if said is None else Verdict.DISAGREE)
    assert [f.message for f in report.findings if f.code == "update-differs"] == (
        [] if said is None else [f"The update of {said}."]
    )


def test_what_is_wrong_with_an_update_is_explained():
    assert set(FAULTS.values()) <= CODES.keys()


KEYED = """
import numpy as np

X, Y = np.random.randn(8, 3), np.random.randn(8, 6)
net = {{"U": np.random.randn(3, 5), "V": np.random.randn(5, 6), "b": np.random.randn(6)}}
rate = 0.1
for turn in range(9):
    h = np.tanh(X @ net["U"])
    miss = h @ net["V"] + net["b"] - Y
    loss = np.mean(miss ** 2)
    out = 2 * miss / miss.size
    dh = out @ net["V"].T * (1 - h ** 2)
    slopes = {{"U": X.T @ dh, "V": h.T @ out, "b": out.sum(0)}}
    for name in {names}:
        {step}
"""


@pytest.mark.parametrize(
    ("names", "step", "is_right"),
    [
        ("net", "net[name] -= rate * slopes[name]", True),
        ("('U', 'V')", "net[name] -= rate * slopes[name]", False),
        ("net", "if name != 'b': net[name] -= rate * slopes[name]", True),
    ],
)
def test_a_parameter_may_stay_only_where_a_condition_says_so(names, step, is_right):
    (unit,) = recognise(read_text(KEYED.format(names=names, step=step), "utf-8", Path("x.py"))).units
    assert unit.names.keys() == {"U", "V", "b"}
    assert (judge_unit(unit, examples=4).verdict is Verdict.AGREE) is is_right


DEEP = """
import numpy as np

def forward(X, net):
    kept = [X]
    for n in (1, 2, 3):
        kept.append(np.tanh(net[f"W{n}"] @ kept[-1] + net[f"b{n}"]))
    return kept

def backward(kept, Y, net):
    slopes, d = {}, 2 * (kept[-1] - Y) / Y.size
    for n in (3, 2, 1):
        d = d * (1 - kept[n] ** 2)
        slopes[f"dW{n}"], slopes[f"db{n}"] = d @ kept[n - 1].T, d.sum(axis=1, keepdims=True)
        d = net[f"W{n}"].T @ d
    return slopes

def update(net, slopes, rate):
    for n in range(1, {last}):
        net[f"W{n}"] -= rate * slopes[f"dW{n}"]
        net[f"b{n}"] -= rate * slopes[f"db{n}"]
    return net

sizes = [3, 6, 5, 1]
net = {}
for n in (1, 2, 3):
    net[f"W{n}"], net[f"b{n}"] = np.random.randn(sizes[n], sizes[n - 1]), np.zeros((sizes[n], 1))
X, Y = np.random.randn(3, 9), np.random.randn(1, 9)
for turn in range(9):
    kept = forward(X, net)
    slopes = backward(kept, Y, net)
    net = update(net, slopes, 0.1)
    if turn % 3 == 0:
        print(np.mean((kept[-1] - Y) ** 2))
"""


@pytest.mark.parametrize(("last", "is_right"), [("4", True), ("3", False)])
def test_a_loop_over_layers_reaches_the_last_one(last, is_right):
    found = recognise(read_text(DEEP.replace("{last}", last), "utf-8", Path("x.py")))
    (unit,) = found.units
    report = judge_unit(unit, examples=4)
    assert (report.verdict is Verdict.AGREE) is is_right
    said = [finding.message for finding in report.findings if finding.code == "update-differs"]
    assert said == ([] if is_right else [f"The update of W3 is wrong (likewise b3): {STILL}."])
