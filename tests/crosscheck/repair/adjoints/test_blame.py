"""The guilty statement is found from the numbers alone, without any edit that would mend it."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import oracle_of
from crosscheck.repair.adjoints.blame import Inquest
from crosscheck.repair.screen import Screen
from crosscheck.source import read
from tests.crosscheck.repair.programs import line_of, planted, unit_of

# right, wrong, the code, what its value should be the derivative of
SLIPS = [
    ("np.dot(W.T, dz)", "np.dot(W, dz)", "carry-not-transposed", "h[t - 1]"),
    (" + later  # größer", "  # größer", "carry-not-added", "h[t]"),
    ("later = np.dot", "later += np.dot", "carry-accumulated", "h[t - 1]"),
    ("dc += do", "dc = do", "overwritten-in-loop", "c"),
    ("1 - h[t] * h[t]", "1 - np.tanh(h[t]) ** 2", "derivative-of-activated-value", "b"),
    ("1 - h[t] * h[t]", "1 - h[t]", "wrong-activation-derivative", "b"),
    ("(1 - h[t] * h[t]) * dh", "dh", "derivative-forgotten", "b"),
    ("1 - h[t] * h[t]", "1 - h[t - 1] * h[t - 1]", "derivative-at-wrong-step", "b"),
    ("np.dot(W.T, dz)", "-np.dot(W.T, dz)", "wrong-sign", "h[t - 1]"),
    ("np.dot(W.T, dz)", "0.9 * np.dot(W.T, dz)", "constant-factor", "h[t - 1]"),
    ("dV += np.dot(do, h[t].T)", "dV += np.dot(np.sin(do) ** 3, h[t].T ** 5)", "first-wrong", "V"),
]


def inquest(source: str, tmp_path: Path) -> Inquest:
    unit = unit_of(source, tmp_path)
    return Inquest(unit, Screen(unit, oracle_of(unit), seed=1, seconds=0.0), seconds=60.0)


@pytest.mark.thorough
@pytest.mark.parametrize(("right", "wrong", "code", "meant"), SLIPS, ids=[f"{slip[2]} {slip[1]}" for slip in SLIPS])
def test_a_slip_is_found_and_told(tmp_path: Path, right: str, wrong: str, code: str, meant: str) -> None:
    source = planted((right, wrong))
    (blame,) = inquest(source, tmp_path).blames
    assert (blame.line, blame.code, blame.also) == (line_of(wrong, source), code, ())
    assert f"respect to {meant}" in blame.evidence


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("slope", "use", "is_in_doubt"),
    [("1 - h", "slope(h[t]) * dh", True), ("1 - h * h", "2 * (slope(h[t]) * dh)", False)],
)
def test_a_function_that_is_called_may_be_to_blame_unless_it_is_a_slope(
    tmp_path: Path, slope: str, use: str, is_in_doubt: bool
) -> None:
    own = ("\n\ndef cost(", f"\n\ndef slope(h):\n    return {slope}\n\n\ndef cost(")
    source = planted(own, ("(1 - h[t] * h[t]) * dh", use))
    (blame,) = inquest(source, tmp_path).blames
    assert blame.line == line_of(use, source)
    assert (line_of("    return 1 - h", source) in blame.also) is is_in_doubt


CENTRED = """
import numpy as np


def centred_forward(x, gamma):
    middle = np.mean(x, axis=0)
    apart = x - middle
    return gamma * apart ** 3, (apart, gamma)


def centred_backward(dout, cache):
    apart, gamma = cache
    dgamma = np.sum(dout * apart ** 3, axis=0)
    dapart = 3 * apart ** 2 * dout * gamma
    dx1 = dapart * np.ones(apart.shape)
    dmiddle = np.sum(dapart, axis=0)
    return dx1 + dmiddle / len(apart), dgamma
"""


def test_what_goes_back_to_an_argument_is_no_part_of_a_sum_over_its_readers(tmp_path: Path) -> None:
    unit = recognise(read(_written(CENTRED, tmp_path))).units[0]
    found = Inquest(unit, Screen(unit, oracle_of(unit), seed=1, seconds=0.0), seconds=60.0)
    assert [(blame.line, blame.code) for blame in found.blames] == [(line_of("dmiddle =", CENTRED), "wrong-sign")]


SPREAD = """
import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])
W, V = np.random.randn(2, 4), np.random.randn(4, 1)
for epoch in range(300):
    m = len(X)
    z = X @ W
    a = np.maximum(z, 0)
    out = a @ V
    cost = np.sum((out - y) ** 2) / (2 * m)
    dout = out - y
    dV = a.T @ dout / m
    da = dout @ V.T
    dz = da * (a > 0.3)
    dW = X.T @ dz / m
    W -= 0.1 * dW
    V -= 0.1 * dV
"""


def test_what_is_divided_by_the_number_of_rows_in_the_end_is_found_in_data_of_other_lengths(tmp_path: Path) -> None:
    unit = recognise(read(_written(SPREAD, tmp_path))).units[0]
    found = Inquest(unit, Screen(unit, oracle_of(unit), seed=1, seconds=0.0), seconds=60.0)
    assert found.inquiry is not None
    assert len({trial.arguments[1]["X"].shape for trial in found.inquiry.trials}) > 1
    assert [blame.line for blame in found.blames] == [line_of("dz =", SPREAD)]


def _written(code: str, folder: Path) -> Path:
    path = folder / "centred.py"
    path.write_text(code)
    return path


def test_it_tells_that_it_goes_on_and_stops_in_time(tmp_path: Path) -> None:
    unit = unit_of(planted(("np.dot(W.T, dz)", "np.dot(W, dz)")), tmp_path)
    ticks: list[int] = []
    found = Inquest(unit, Screen(unit, oracle_of(unit), seed=1, seconds=0.0), 0.0, lambda: ticks.append(1))
    assert ticks
    assert not found.blames
    assert found.inquiry is not None
    assert found.inquiry.case.truths.derivatives.count < 1000
