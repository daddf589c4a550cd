"""`p - y` is the gradient of a cross-entropy by what a softmax makes p of: right if the softmax is passed through."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

LAYER = """
class CrossEntropy:
    def forward(self, predicted, target):
        return -np.sum(target * np.log(predicted)) / len(predicted)

    def backward(self, predicted, target):
        return (predicted - target) / len(predicted)
"""
FUNCTIONS = """
def cross_entropy(predicted, target):
    return -np.sum(target * np.log(predicted)) / len(predicted)

def cross_entropy_gradient(predicted, target):
    return (predicted - target) / len(predicted)
"""
BINARY = """
class CrossEntropy:
    def forward(self, predicted, target):
        return -np.mean(target * np.log(predicted) + (1 - target) * np.log(1 - predicted))

    def backward(self, predicted, target):
        return (predicted - target) / predicted.size
"""
SOFTMAX = """
def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
"""
PASSED_THROUGH = """
class Softmax:
    def forward(self, z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)
        return self.p

    def backward(self, d):
        return d
"""
GONE_BACK_THROUGH = PASSED_THROUGH.replace("return d\n", "return self.p * (d - (d * self.p).sum(1, keepdims=True))\n")
SIGMOID = """
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
"""
SIGMOID_LAYER = """
class Sigmoid:
    def forward(self, z):
        self.a = 1 / (1 + np.exp(-z))
        return self.a

    def backward(self, d):
        return d * self.a * (1 - self.a)
"""
DERIVATIVE = """
def sigmoid_derivative(a):
    return a * (1 - a)
"""


@pytest.mark.parametrize("loss", [LAYER, FUNCTIONS])
@pytest.mark.parametrize("softmax", [SOFTMAX, PASSED_THROUGH])
def test_a_gradient_by_logits_is_right_where_the_program_goes_back_through_no_softmax(
    loss: str, softmax: str, tmp_path: Path
) -> None:
    (unit,) = [unit for unit in _units(tmp_path, softmax + loss) if "ross" in unit.name]
    assert any("softmax" in said for said in unit.assumptions)
    assert judge_unit(unit, examples=12).verdict is Verdict.AGREE


@pytest.mark.parametrize("source", [GONE_BACK_THROUGH + LAYER, SIGMOID_LAYER + BINARY])
def test_it_is_wrong_where_a_layer_goes_back_through_what_makes_the_predictions(source: str, tmp_path: Path) -> None:
    (unit,) = [unit for unit in _units(tmp_path, source) if "Cross" in unit.name]
    assert judge_unit(unit, examples=12).verdict is Verdict.DISAGREE


def test_a_wrong_gradient_by_logits_stays_wrong(tmp_path: Path) -> None:
    wrong = LAYER.replace("predicted - target", "target - predicted")
    (unit,) = [unit for unit in _units(tmp_path, SOFTMAX + wrong) if "Cross" in unit.name]
    assert judge_unit(unit, examples=12).verdict is Verdict.DISAGREE


@pytest.mark.parametrize(("source", "count"), [(BINARY, 0), (SIGMOID + BINARY, 1), (SIGMOID + DERIVATIVE + BINARY, 0)])
def test_of_a_sigmoid_it_is_judged_where_there_is_one_and_not_its_derivative(
    source: str, count: int, tmp_path: Path
) -> None:
    assert len([unit for unit in _units(tmp_path, source) if "Cross" in unit.name]) == count


def _units(folder: Path, source: str) -> list:
    path = folder / "program.py"
    path.write_text("import numpy as np\n" + source)
    return recognise(read(path)).units
