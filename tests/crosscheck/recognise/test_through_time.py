"""Norms at each time step, held against those of the same loop written once more."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.through_time import steps_of, through_time
from crosscheck.source.document import read_text

PROGRAM = """
import numpy as np

def loss_function(inputs, targets, h0, Wx, Wh, Wy):
    xs, hs, ps, loss = {}, {-1: h0}, {}, 0
    for t in range(len(inputs)):
        xs[t] = np.zeros(Wx.shape[1])
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(Wx @ xs[t] + Wh @ hs[t - 1])
        e = np.exp(Wy @ hs[t])
        ps[t] = e / e.sum()
        loss += -np.log(ps[t][targets[t]])
    dWx, dWh, dWy = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wy)
    carry = np.zeros_like(h0)
    for HEAD:
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWy += np.outer(dy, hs[t])
        dh = Wy.T @ dy + carry
        dz = (1 - hs[t] ** 2) * dh
        dWx += np.outer(dz, xs[t])
        dWh += np.outer(dz, hs[t - 1])
        carry = Wh.T @ dz
    return loss, dWx, dWh, dWy

random = np.random.default_rng(0)
loss_function([1, 2, 0, 3], [2, 0, 3, 1], np.zeros(5), random.normal(size=(5, 4)), random.normal(size=(5, 5)),
              random.normal(size=(4, 5)))
"""
OTHERS = """
import numpy as np

def loss_and_gradient(w, x):
    z = x @ w
    loss = np.sum(z * z)
    dz = 2 * z
    dw = x.T @ dz
    return loss, dw

loss_and_gradient(np.ones((3, 2)), np.ones((5, 3)))
"""


def unit_of(text):
    (unit,) = recognise(read_text(text, "utf-8", Path("x.py"))).units
    return unit


def expected(parameters, data):
    """Compute the norms of dy, dh and dz in the plainest way."""
    p = {**parameters, **data}
    inputs, targets = p["inputs"], p["targets"]
    hs, ps = [p["h0"]], []
    for symbol in inputs:
        hs.append(np.tanh(p["Wx"][:, symbol] + p["Wh"] @ hs[-1]))
        e = np.exp(p["Wy"] @ hs[-1])
        ps.append(e / e.sum())
    carry, found = 0.0, {"dy": [], "dh": [], "dz": []}
    for t in reversed(range(len(inputs))):
        dy = ps[t] - np.eye(len(ps[t]))[targets[t]]
        dh = p["Wy"].T @ dy + carry
        dz = (1 - hs[t + 1] ** 2) * dh
        carry = p["Wh"].T @ dz
        for name, value in (("dy", dy), ("dh", dh), ("dz", dz)):
            found[name].insert(0, np.linalg.norm(value))
    return found


@pytest.mark.parametrize("head", ["t in reversed(range(len(inputs)))", "t, _ in reversed(list(enumerate(inputs)))"])
def test_the_norms_are_those_of_the_loop(head):
    unit = unit_of(PROGRAM.replace("HEAD", head))
    (loop,) = steps_of(unit)
    assert (loop.line, loop.index, loop.names) == (15, "t", {"dy", "dh", "dz"})
    for index in range(6):
        parameters, data = unit.cases.build(unit.cases.draw(0, index)).arguments
        found = through_time(unit, [loop], (parameters, data), 10.0)
        norms = expected(parameters, data)
        if len(norms["dy"]) == 1:
            assert found == {}
        else:
            assert list(found) == ["dh", "dy", "dz"]
            for name, array in found.items():
                assert array[:, 0] == pytest.approx(norms[name], rel=1e-12)


@pytest.mark.parametrize("clip", ["", "for grad in [dw]:\n        np.clip(grad, -5, 5, out=grad)"])
def test_without_a_loop_back_in_time_there_is_nothing_to_show(clip):
    assert steps_of(unit_of(OTHERS.replace("return", f"{clip}\n    return"))) == []


def test_what_a_variable_held_before_the_loop_is_no_step():
    text = PROGRAM.replace("HEAD", "t in reversed(range(len(inputs) - 1))").replace("carry", "dcarry")
    unit = unit_of(text)
    found = through_time(unit, steps_of(unit), unit.cases.build(unit.cases.draw(0, 0)).arguments, 10.0)
    assert {name: len(array) for name, array in found.items()} == {"dcarry": 3, "dh": 3, "dy": 3, "dz": 3}


def test_a_tracer_that_was_there_before_is_there_afterwards():
    import sys

    unit = unit_of(PROGRAM.replace("HEAD", "t in reversed(range(len(inputs)))"))
    arguments = unit.cases.build(unit.cases.draw(0, 0)).arguments
    before = sys.gettrace()

    def tracer(*_):
        return None

    sys.settrace(tracer)
    try:
        through_time(unit, steps_of(unit), arguments, 10.0)
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)


def test_the_report_shows_them_when_pictures_are_asked_for():
    unit = unit_of(PROGRAM.replace("HEAD", "t in reversed(range(len(inputs)))"))
    report = judge_unit(unit, examples=3, pictures=True).as_dict()
    assert report["verdict"] == "agree"
    flow = report["pictures"]["flow"][0]
    assert list(flow["variables"]) == ["dh", "dy", "dz"]
    assert flow["of"] == "what the backward pass assigns in each turn of its loop (line 15)"
    assert "pictures" not in judge_unit(unit, examples=1).as_dict()
