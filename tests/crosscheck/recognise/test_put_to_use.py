"""Optimisers that nothing uses are put to use in trainings that are made up, and their steps are judged."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import Edit, read
from crosscheck.verdicts import Verdict

ARRAYS = """
import numpy as np
class Rms:
    def __init__(self, rate, keep=0.9):
        self.rate, self.keep, self.seen = rate, keep, None
    def update(self, w, grad):
        if self.seen is None:
            self.seen = np.zeros_like(w)
        self.seen = self.keep * self.seen + (1 - self.keep) * grad ** 2
        return w - self.rate * grad / (np.sqrt(self.seen) + 1e-8)
"""
DICTIONARIES = """
import numpy as np
class AdaGrad:
    def __init__(self, lr=0.01):
        self.lr, self.h = lr, None
    def update(self, params, grads):
        if self.h is None:
            self.h = {k: np.zeros_like(v) for k, v in params.items()}
        for k in params:
            self.h[k] += grads[k] * grads[k]
            params[k] -= self.lr * grads[k] / (np.sqrt(self.h[k]) + 1e-7)
"""
LISTS = """
import numpy as np
class Adam:
    def __init__(self, params, learning_rate=0.01, b1=0.9, b2=0.999):
        self.rate, self.b1, self.b2, self.t = learning_rate, b1, b2, 0
        self.m = [np.zeros_like(p) for p in params]
        self.v = [np.zeros_like(p) for p in params]
    def step(self, params, grads):
        self.t += 1
        for i, (p, g) in enumerate(zip(params, grads)):
            self.m[i] = self.b1 * self.m[i] + (1 - self.b1) * g
            self.v[i] = self.b2 * self.v[i] + (1 - self.b2) * g * g
            p -= self.rate * self.m[i] / (1 - self.b1 ** self.t) / (np.sqrt(self.v[i] / (1 - self.b2 ** self.t)) + 1e-8)
"""
STEPS = """
import numpy as np
class Adam:
    def __init__(self, beta1=0.9, beta2=0.999):
        self.beta1, self.beta2, self.m, self.v, self.t = beta1, beta2, 0, 0, 0
    def next(self, grad):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * grad
        self.v = self.beta2 * self.v + (1 - self.beta2) * grad ** 2
        self.m_hat = self.m / (1 - self.beta1 ** self.t)
        self.v_hat = self.v / (1 - self.beta2 ** self.t)
        return self.m_hat / (np.sqrt(self.v_hat) + 1e-8)
"""
ADDED = """
class Nesterov:
    def __init__(self, eta=0.05, mu=0.9):
        self.eta, self.mu, self.v = eta, mu, 0.0
    def calculate_update(self, gradient):
        old = self.v
        self.v = self.mu * self.v - self.eta * gradient
        return -self.mu * old + (1 + self.mu) * self.v
"""
STATES = """
import numpy as np
def sgd_momentum(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    v = config.get("velocity", np.zeros_like(w))
    v = 0.9 * v - config["learning_rate"] * dw
    w = w + v
    config["velocity"] = v
    return w, config
"""
LAYERS = """
import numpy as np
class OptimizerSGD:
    def __init__(self, learning_rate=1.0, momentum=0.0):
        self.learning_rate, self.momentum = learning_rate, momentum
    def update_params(self, layer):
        if self.momentum:
            if not hasattr(layer, "weight_momentums"):
                layer.weight_momentums = np.zeros_like(layer.weights)
                layer.bias_momentums = np.zeros_like(layer.biases)
            layer.weight_momentums = self.momentum * layer.weight_momentums - self.learning_rate * layer.dweights
            layer.bias_momentums = self.momentum * layer.bias_momentums - self.learning_rate * layer.dbiases
            layer.weights += layer.weight_momentums
            layer.biases += layer.bias_momentums
        else:
            layer.weights -= self.learning_rate * layer.dweights
            layer.biases -= self.learning_rate * layer.dbiases
"""


def judged(code: str, folder: Path) -> list[Verdict]:
    (folder / "program.py").write_text(code, encoding="utf-8")
    found = recognise(read(folder / "program.py"))
    assert not found.skipped
    assert any("trainings of linear models were made up" in stated for stated in found.assumptions)
    return [judge_unit(unit, examples=5).verdict for unit in found.units]


@pytest.mark.thorough
@pytest.mark.parametrize("code", [ARRAYS, DICTIONARIES, LISTS, STEPS, ADDED, STATES, LAYERS])
def test_what_follows_a_rule_agrees(code: str, tmp_path: Path) -> None:
    assert judged(code, tmp_path) == [Verdict.AGREE]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("code", "right", "wrong"),
    [
        (ARRAYS, "return w -", "return w +"),
        (ARRAYS, "(np.sqrt(self.seen) + 1e-8)", "(self.seen + 1e-8)"),
        (DICTIONARIES, "self.h[k] +=", "self.h[k] ="),
        (LISTS, "(1 - self.b2) * g * g", "(1 - self.b1) * g * g"),
        (STEPS, "self.v / (1 - self.beta2 ** self.t)", "self.v / (1 - self.beta1 ** self.t)"),
        (STATES, "w = w + v", "w = w - v"),
        (LAYERS, "layer.weights += layer", "layer.weights -= layer"),
    ],
)
def test_what_does_not_disagrees(code: str, right: str, wrong: str, tmp_path: Path) -> None:
    assert right in code
    assert judged(code.replace(right, wrong), tmp_path) == [Verdict.DISAGREE]


def test_steps_are_counted_once_for_all_parameters(tmp_path: Path) -> None:
    once, for_each = "        self.t += 1\n        for i", "        for i"
    inside = "params, grads)):\n            self.t += 1\n"
    assert once in LISTS
    code = LISTS.replace(once, for_each).replace("params, grads)):\n", inside)
    assert judged(code, tmp_path) == [Verdict.DISAGREE]


def test_its_own_lines_can_be_mended(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(STEPS, encoding="utf-8")
    (unit,) = recognise(read(tmp_path / "program.py")).units
    lines = STEPS.splitlines()
    assert "self.t += 1" in lines[min(unit.editable) - 1]
    assert "return" in lines[max(unit.editable) - 1]
    line = next(number for number, text in enumerate(lines, 1) if "self.v_hat = " in text)
    column = lines[line - 1].index("beta2")
    edited = unit.document.with_edits([Edit((line, column), (line, column + len("beta2")), "beta1")])
    assert judge_unit(unit.rebuilt(edited), examples=5).verdict is Verdict.DISAGREE


def test_what_climbs_on_purpose_or_takes_no_step_is_left_alone(tmp_path: Path) -> None:
    code = ADDED.replace("Nesterov", "GradientAscent") + STATES.replace("return w, config", "return None")
    (tmp_path / "program.py").write_text(code, encoding="utf-8")
    found = recognise(read(tmp_path / "program.py"))
    assert not found.units
    assert [one.function for one in found.skipped] == ["sgd_momentum"]
    assert "takes no step" in found.skipped[0].reason
