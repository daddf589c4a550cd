"""What a training hands to a judged backward pass is judged as well, by the loss that the training states."""

from pathlib import Path

import pytest

from crosscheck.recognise import Recognition, recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

SLOPE = """
import numpy as np

class Slope:
    def __init__(self, size):
        self.w = np.random.randn(size, 1) * 0.4
        self.b = np.zeros((1, 1))

    def forward(self, x):
        self.x = x
        self.h = np.tanh(x)
        return self.h @ self.w + self.b

    def backward(self, dy, rate):
        dw = self.h.T @ dy
        db = dy.sum(axis=0, keepdims=True)
        self.w -= rate * dw
        self.b -= rate * db
"""
LEARNS = """
    def learn(self, x, t, rounds=40, rate=0.05):
        for _ in range(rounds):
            y = self.forward(x)
            loss = np.mean((y - t) ** 2)
            SEED
            self.backward(dy, rate)

x = np.random.rand(30, 4)
Slope(4).learn(x, x.sum(axis=1, keepdims=True))
"""
NOBODY_CALLS = """
    def learn(self, loader, rate):
        for batch in loader.batches():
            y = self.forward(batch.inputs)
            dy = y + batch.targets
            self.backward(dy, rate)
"""
BY_NAME = """
import numpy as np

class Two:
    def __init__(self):
        self.v = np.random.randn(3, 5) * 0.5
        self.u = np.random.randn(5, 2) * 0.5

    def forward(self, x):
        self.x, self.h = x, np.tanh(x @ self.v)
        return self.h @ self.u

    def backward(self, d):
        self.gu = self.h.T @ d
        self.gv = self.x.T @ (d @ self.u.T * (1 - self.h ** 2))

def learn(net, x, t):
    seen = []
    for _ in range(60):
        y = net.forward(x)
        seen.append(((y - t) ** 2).sum() / 2)
        net.backward(y - t)
        for name in "vu":
            setattr(net, name, getattr(net, name) - 0.01 * getattr(net, "g" + name))
    return seen

x = np.random.rand(20, 3)
learn(Two(), x, x[:, :2] * 2)
"""


def _recognised(tmp_path: Path, code: str) -> Recognition:
    path = tmp_path / "slope.py"
    path.write_text(code)
    return recognise(read(path))


def _verdicts(found: Recognition) -> dict[str, Verdict]:
    return {unit.name: judge_unit(unit, examples=12).verdict for unit in found.units}


def test_a_training_is_judged_by_the_loss_that_it_states(tmp_path: Path) -> None:
    found = _recognised(tmp_path, SLOPE + LEARNS.replace("SEED", "dy = 2 * (y - t) / len(t)"))
    pair, turn = _verdicts(found).items()
    assert pair == ("Slope.forward/Slope.backward", Verdict.AGREE)
    assert turn[0].startswith("Slope.learn, the loop in line")
    assert turn[1] is Verdict.AGREE
    assert not found.skipped


@pytest.mark.thorough
@pytest.mark.parametrize(
    "seed",
    [
        "2 * (y + t) / len(t)",
        "2 * (t - y) / len(t)",
        "(y - t) ** 3",
        "2 * (y - 0.5 * t)",
        "np.multiply(2 / len(t), t - y)",
        "np.sum([np.subtract(t, y) / len(t) for _ in range(2)], axis=0)",
    ],
)
def test_a_wrong_gradient_that_it_hands_on_is_found_though_the_pair_is_right(tmp_path: Path, seed: str) -> None:
    found = _recognised(tmp_path, SLOPE + LEARNS.replace("SEED", f"dy = {seed}"))
    pair, turn = _verdicts(found).values()
    assert (pair, turn) == (Verdict.AGREE, Verdict.DISAGREE)


def test_entries_that_are_computed_are_handed_on_as_well(tmp_path: Path) -> None:
    code = LEARNS.replace("SEED", "dy = y.copy()\n            dy[:, 0] -= 3 * t[:, 0]")
    assert list(_verdicts(_recognised(tmp_path, SLOPE + code)).values()) == [Verdict.AGREE, Verdict.DISAGREE]


def test_a_training_that_cannot_be_called_is_listed(tmp_path: Path) -> None:
    found = _recognised(tmp_path, SLOPE + NOBODY_CALLS)
    assert [unit.name for unit in found.units] == ["Slope.forward/Slope.backward"]
    assert [one.function for one in found.skipped] == ["Slope.learn"]


def test_a_gradient_that_is_computed_elsewhere_is_judged_there(tmp_path: Path) -> None:
    code = NOBODY_CALLS.replace("dy = y + batch.targets", "dy = batch.gradient(y)")
    assert not _recognised(tmp_path, SLOPE + code).skipped


@pytest.mark.thorough
def test_weights_that_are_set_by_their_names_are_trained(tmp_path: Path) -> None:
    found = _verdicts(_recognised(tmp_path, BY_NAME))
    assert "learn" not in found
    assert set(found.values()) == {Verdict.AGREE}


@pytest.mark.thorough
@pytest.mark.parametrize(("seed", "is_constant"), [("y - t", True), ("t - y", False), ("(y - t) * x[:, :1]", False)])
def test_a_constant_that_a_rate_makes_good_is_stated_and_no_slip(tmp_path: Path, seed: str, is_constant: bool) -> None:
    kept = SLOPE.replace("self.w -= rate * dw", "self.dw = dw").replace("self.b -= rate * db", "self.db = db")
    steps = "self.backward(dy, rate)\n            self.w -= rate * self.dw\n            self.b -= rate * self.db"
    learns = LEARNS.replace("SEED", f"dy = {seed}").replace("self.backward(dy, rate)", steps)
    found = _recognised(tmp_path, kept + learns)
    assert any("a matter of its rate" in said for said in found.assumptions) is is_constant
    assert list(_verdicts(found).values()) == [Verdict.AGREE, *([] if is_constant else [Verdict.DISAGREE])]
    assert not found.skipped


@pytest.mark.parametrize(
    ("name", "given"),
    [("main", "np.sin(y) * y"), ("check", "np.sin(y) * y"), ("once", "0.1 * np.random.randn(*y.shape)")],
)
def test_what_only_shows_a_pass_has_nothing_to_be_judged_by(tmp_path: Path, name: str, given: str) -> None:
    shown = f"""
def {name}(slope, x):
    y = slope.forward(x)
    above = {given}
    slope.backward(above, 0.1)

{name}(Slope(4), np.random.rand(30, 4))
"""
    kept = SLOPE.replace("self.w -= rate * dw", "self.dw = dw").replace("self.b -= rate * db", "self.db = db")
    found = _recognised(tmp_path, kept + shown)
    assert [unit.name for unit in found.units] == ["Slope.forward/Slope.backward"]
    assert not found.skipped
    if name != "once":
        turned = shown.replace("    y = ", "    for _ in range(9):\n      y = ").replace("    above", "      above")
        turned = turned.replace("    slope.back", "      slope.back")
        assert [one.function for one in _recognised(tmp_path, kept + turned).skipped] == [name]
