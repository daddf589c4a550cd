"""Activations that a program can be asked for are judged, whichever of them it uses when nothing is said."""

from pathlib import Path
from typing import Any

import pytest

from crosscheck.files.examine import examine
from crosscheck.files.options import Options
from crosscheck.recognise.alternatives import UNKNOWN, alternatives
from crosscheck.source import read

LAYERED = """import numpy as np

class Net:
    def __init__(self, n_in, n_hidden, activation="sigmoid", regular=False, optimizer="sgd"):
        self.W, self.V = np.random.randn(n_in, n_hidden), np.random.randn(n_hidden, 1)
        self.activation, self.regular = activation, regular

    def act(self, z):
        if self.activation == "sigmoid":
            return 1 / (1 + np.exp(-z))
        elif self.activation == "tanh":
            return np.tanh(z)
        elif self.activation == "softmax":
            return np.exp(z) / np.exp(z).sum(1, keepdims=True)

    def slope(self, a):
        return a * (1 - a) if self.activation == "sigmoid" else 1 - a ** 2

    def forward(self, X):
        self.h = self.act(X @ self.W)
        out = self.h @ self.V
        return out ** 2 if self.regular == True else out

    def loss(self, X, y):
        return 0.5 * np.sum((self.forward(X) - y) ** 2)

    def backward(self, X, y):
        d = self.forward(X) - y
        dz = (d @ self.V.T) * self.slope(self.h)
        return {"V": self.h.T @ d, "W": X.T @ dz}
"""


def judged(folder: Path, code: str) -> dict[str, str]:
    path = folder / "net.py"
    path.write_text(code)
    events: list[dict[str, Any]] = []
    examine(read(path), Options(examples=6, repair=False), events.append)
    return {e["subject"]["function"]: e["subject"]["verdict"] for e in events if e["event"] == "judged"}


@pytest.mark.thorough
def test_a_wrong_derivative_of_an_activation_that_is_not_the_usual_one_is_found(tmp_path: Path) -> None:
    right = judged(tmp_path, LAYERED)
    assert set(right.values()) == {"agree"}
    wrong = judged(tmp_path, LAYERED.replace("1 - a ** 2", "1 + a ** 2"))
    assert wrong == right | {f"{name} with activation='tanh'": "disagree" for name in right}


def test_the_last_branch_stands_for_all_that_are_not_named(tmp_path: Path) -> None:
    code = LAYERED.replace('elif self.activation == "softmax":', "else:").replace(
        "np.exp(z) / np.exp(z).sum(1, keepdims=True)", "z * z"
    )
    slope = 'a * (1 - a) if self.activation == "sigmoid" else 1 - a ** 2'
    whole = (
        'a * (1 - a) if self.activation == "sigmoid" else 1 - a ** 2 if self.activation == "tanh" else 2 * np.sqrt(a)'
    )
    wrong = judged(tmp_path, code.replace(slope, whole))
    assert (
        {name for name, verdict in wrong.items() if verdict == "disagree"}
        == {name for name in wrong if name.endswith("with activation='another'")}
        != set()
    )


def test_activations_alone_are_exchanged_and_none_that_needs_a_loss_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(LAYERED)
    other, unknown = alternatives(read(path))
    assert unknown.value == UNKNOWN
    assert (other.argument, other.value) == ("activation", "tanh")
    assert "n_hidden, activation='tanh', regular=False" in other.document.code


REGRESSION = """import numpy as np

class Regression:
    def __init__(self, rate=0.01, loss="mse"):
        self.rate, self.loss = rate, loss

    def compute_loss(self, p, y):
        if self.loss == "mse":
            return np.mean((p - y) ** 2)
        elif self.loss == "mae":
            return np.mean(np.abs(p - y))

    def fit(self, X, y):
        self.w, self.b = np.zeros(X.shape[1]), 0.0
        for turn in range(100):
            p = X @ self.w + self.b
            loss = self.compute_loss(p, y)
            d = 2 * (p - y) / len(y) if self.loss == "mse" else np.sign(p - y) / len(y)
            dw, db = X.T @ d, d.sum()
            self.w -= self.rate * dw
            self.b -= self.rate * db

X = np.random.randn(20, 3)
Regression().fit(X, X @ np.ones(3))
"""


@pytest.mark.thorough
def test_other_losses_that_a_program_knows_are_tried_as_well(tmp_path: Path) -> None:
    assert set(judged(tmp_path, REGRESSION).values()) == {"agree"}
    turned = judged(tmp_path, REGRESSION.replace("np.sign(p - y)", "np.sign(y - p)"))
    assert sorted(set(turned.values())) == ["agree", "disagree"]
    assert all(("with loss=" in name) == (verdict == "disagree") for name, verdict in turned.items())


@pytest.mark.thorough
def test_words_that_only_a_program_knows_are_tried_for_its_activation(tmp_path: Path) -> None:
    code = LAYERED.replace('self.activation == "tanh"', 'self.activation == "softsign"')
    code = code.replace("np.tanh(z)", "z / (1 + np.abs(z))").replace("1 - a ** 2", "(1 - np.abs(a)) ** 2")
    right = judged(tmp_path, code)
    assert set(right.values()) == {"agree"}
    wrong = judged(tmp_path, code.replace("(1 - np.abs(a)) ** 2", "(1 - np.abs(a))"))
    assert wrong == right | {f"{name} with activation='softsign'": "disagree" for name in right}


@pytest.mark.thorough
@pytest.mark.parametrize("asked", ["WAYS[activation]", "WAYS.get(activation)"])
def test_activations_that_a_table_holds_are_tried(tmp_path: Path, asked: str) -> None:
    table = """WAYS = {"sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda a: a * (1 - a)),
        "tanh": (np.tanh, lambda a: 1 - a ** 2)}
"""
    code = LAYERED.replace("class Net", f"{table}\nclass Net")
    code = code.replace("self.activation, self.regular = activation, regular", f"self.act, self.slope = {asked}")
    code = code[: code.index("    def act(")] + code[code.index("    def forward(") :]
    code = code.replace("        return out ** 2 if self.regular == True else out", "        return out")
    right = judged(tmp_path, code)
    assert set(right.values()) == {"agree"}
    wrong = judged(tmp_path, code.replace("1 - a ** 2", "1 - a"))
    assert wrong == right | {f"{name} with activation='tanh'": "disagree" for name in right}


def test_the_last_branch_stands_for_another_loss_unless_that_may_go_with_other_outputs(tmp_path: Path) -> None:
    code = REGRESSION.replace('elif self.loss == "mae":', "else:")
    right = judged(tmp_path, code)
    assert set(right.values()) == {"agree"}
    wrong = judged(tmp_path, code.replace("np.sign(p - y)", "np.abs(p - y)"))
    assert wrong == right | {f"{name} with loss='another'": "disagree" for name in right}
    logarithmic = code.replace("np.mean(np.abs(p - y))", "-np.mean(y * np.log(p))")
    path = tmp_path / "net.py"
    path.write_text(logarithmic)
    assert not list(alternatives(read(path)))


CHOSEN_NOWHERE = """import numpy as np

class Model:
    def __init__(self, size, loss_type="logistic_loss"):
        self.w, self.b, self.loss_type = np.random.randn(size), 0.0, loss_type

    def fit(self, X, y, epochs=20, rate=0.1):
        for turn in range(epochs):
            if self.loss_type == "hinge":
                dw, db = self.hinge_gradient(X, y)
            else:
                dw, db = self.logistic_gradient(X, y)
            self.w -= rate * dw
            self.b -= rate * db

    def logistic_gradient(self, X, y):
        p = 1 / (1 + np.exp(-(X @ self.w + self.b)))
        return X.T @ (p - y) / len(X), np.mean(p - y)

    def hinge_gradient(self, X, y):
        signs = np.where(y == 1, 1.0, -1.0)
        active = signs * (X @ self.w + self.b) < 1.0
        return -(X[active].T @ signs[active]) / len(X), -np.sum(signs[active]) / len(X)

np.random.seed(0)
X = np.random.randn(30, 3)
Model(3).fit(X, (X[:, 0] > 0).astype(float))
"""


def test_what_only_another_choice_uses_is_judged_where_that_is_chosen(tmp_path: Path) -> None:
    right = judged(tmp_path, CHOSEN_NOWHERE)
    assert set(right.values()) == {"agree"}
    assert any(name.endswith("with loss_type='hinge'") for name in right)
    wrong = judged(tmp_path, CHOSEN_NOWHERE.replace("-np.sum(signs[active])", "-np.sum(signs)"))
    assert (
        {name for name, verdict in wrong.items() if verdict == "disagree"}
        == {name for name in wrong if name.endswith("with loss_type='hinge'")}
        != set()
    )


def test_what_another_choice_uses_and_nothing_tells_the_loss_of_is_named(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(CHOSEN_NOWHERE.replace("return -(X[active]", "return (X[active]").replace("-np.sum", "np.sum"))
    events: list[dict[str, Any]] = []
    examine(read(path), Options(examples=6, repair=False), events.append)
    assert [event["function"] for event in events if event["event"] == "skipped"] == ["Model.hinge_gradient"]


SLIDING = """import numpy as np

def conv_forward(X, W, b, stride=1, padding=0):
    Xp = np.pad(X, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    high, wide = (Xp.shape[2] - W.shape[2]) // stride + 1, (Xp.shape[3] - W.shape[3]) // stride + 1
    out = np.zeros((len(X), len(W), high, wide))
    for i in range(high):
        for j in range(wide):
            patch = Xp[:, :, i * stride : i * stride + W.shape[2], j * stride : j * stride + W.shape[3]]
            out[:, :, i, j] = np.tensordot(patch, W, axes=([1, 2, 3], [1, 2, 3])) + b
    return out, (X, Xp, W, b, stride, padding)

def conv_backward(dout, cache):
    X, Xp, W, b, stride, padding = cache
    dXp, dW, db = np.zeros_like(Xp), np.zeros_like(W), dout.sum(axis=(0, 2, 3))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            s = np.s_[:, :, i * stride : i * stride + W.shape[2], j * stride : j * stride + W.shape[3]]
            dW += np.tensordot(dout[:, :, i, j], Xp[s], axes=([0], [0]))
            dXp[s] += np.tensordot(dout[:, :, i, j], W, axes=([1], [0]))
    return dXp[:, :, padding : padding + X.shape[2], padding : padding + X.shape[3]], dW, db
"""
SLIPS = [
    ("s = np.s_[:, :, i * stride : i * stride +", "s = np.s_[:, :, i : i +", "stride=2"),
    ("padding : padding + X.shape[2], padding : padding + X.shape[3]", ": X.shape[2], : X.shape[3]", "padding=1"),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("text", "slip", "option"), SLIPS, ids=["stride", "padding"])
def test_a_layer_that_nothing_uses_is_tried_with_options_that_show(tmp_path: Path, text, slip, option) -> None:
    pair = "conv_forward/conv_backward"
    assert judged(tmp_path, SLIDING) == {pair: "agree"}
    assert text in SLIDING
    assert judged(tmp_path, SLIDING.replace(text, slip)) == {pair: "agree", f"{pair} with {option}": "disagree"}


def test_options_are_left_alone_where_the_program_uses_its_layer(tmp_path: Path) -> None:
    used = """
np.random.seed(0)
out, cache = conv_forward(np.random.randn(2, 3, 5, 4), np.random.randn(2, 3, 3, 2), np.random.randn(2))
dX, dW, db = conv_backward(np.random.randn(*out.shape), cache)
"""
    text, slip, _ = SLIPS[1]
    assert set(judged(tmp_path, SLIDING.replace(text, slip) + used).values()) == {"agree"}


@pytest.mark.thorough
def test_guard_constants_are_left_out_whatever_is_asked_for(tmp_path: Path) -> None:
    guarded = LAYERED.replace("0.5 * np.sum((self.forward(X) - y) ** 2)", LIKELIHOOD).replace(
        "d = self.forward(X) - y", "d = (lambda p: p - y)(1 / (1 + np.exp(-self.forward(X))))"
    )
    assert guarded.count("1e-6") == 2
    assert set(judged(tmp_path, guarded).values()) == {"agree"}
    wrong = judged(tmp_path, guarded.replace("1 - a ** 2", "1 + a ** 2"))
    assert sorted(wrong.values())[-1] == "disagree"


LIKELIHOOD = (
    "(lambda p: -np.sum(y * np.log(p + 1e-6) + (1 - y) * np.log(1 - p + 1e-6)))(1 / (1 + np.exp(-self.forward(X))))"
)
