"""A loss that a loop shows every tenth time is its loss, and what it was in another turn is none."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

WRONG, RIGHT = Verdict.DISAGREE, Verdict.AGREE
FIT = """
import numpy as np
X = np.random.randn(20, 3)
y = (X.sum(axis=1) > 0).astype(float)
w, b, lam = np.zeros(3), 0.0, 0.1
def squash(z):
    return 1 / (1 + np.exp(-z))
def entropy(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
for i in range(1000):
    p = squash(X @ w + b)
    d = {d} / len(y)
    w -= 0.1 * (X.T @ d{decay})
    b -= 0.1 * np.sum(d)
    if {asked}:
        {loss}
        print(i, loss)
"""
ENTROPY, SQUARES = "loss = entropy(p, y)", "loss = np.mean((y - p) ** 2)"
OF_ENTROPY, OF_SQUARES = "(p - y)", "(2 * (p - y) * p * (1 - p))"


@pytest.mark.thorough
@pytest.mark.parametrize("asked", ["i % 10 == 0", "i % 10 == 7", "verbose and i > 3"])
@pytest.mark.parametrize(
    ("d", "loss", "verdict"),
    [
        (OF_ENTROPY, ENTROPY, RIGHT),
        (OF_ENTROPY, SQUARES, WRONG),
        (OF_SQUARES, SQUARES, RIGHT),
        (OF_SQUARES, ENTROPY, WRONG),
    ],
)
def test_gradients_are_held_against_what_is_shown(d: str, loss: str, asked: str, verdict: Verdict) -> None:
    assert _verdicts("verbose = True\n" + FIT.format(d=d, loss=loss, asked=asked, decay="")) == {verdict}


def test_a_penalty_that_is_not_shown_may_be_in_the_gradient() -> None:
    text = FIT.format(d=OF_ENTROPY, loss=ENTROPY, asked="i % 10 == 0", decay=" + lam * w")
    assert _verdicts(text) == {RIGHT}


@pytest.mark.parametrize(
    "loss", ["said = p.copy(); loss = np.mean((y - said) ** 2)", SQUARES + "\n    else:\n        pass"]
)
@pytest.mark.parametrize("d", [OF_ENTROPY, OF_SQUARES])
def test_what_a_loss_was_in_another_turn_is_none(d: str, loss: str) -> None:
    text = FIT.format(d=d, loss=loss.replace("; ", "\n        "), asked="i % 10 == 7", decay="")
    text = text.replace("        pass\n        print(i, loss)", "        pass")
    assert WRONG not in _verdicts(text)


SHOWN = """
import numpy as np
X, labels = np.random.randn(30, 4), np.random.randint(0, 3, 30)
y, n = np.eye(3)[labels], 30
W, b = np.random.randn(4, 3) * 0.1, np.zeros((1, 3))
for i in range(500):
    z = X @ W + b
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    dz = {dz}
    dW, db = X.T @ dz, dz.sum(axis=0, keepdims=True)
    W = W - 0.1 * dW
    b = b - 0.1 * db
    {shown}
"""
STATED = "-np.sum(y * np.log(p)) / n"
ANEW = """
        z = X @ W + b
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    "shown",
    [
        f"if i % 9 == 0:\n        loss = {STATED}\n        print(loss)",
        f"if verbose:\n        if i % 9 == 0:\n            loss = {STATED}\n            print(loss)",
        f"if i % 9 == 0:{ANEW}\n        loss = {STATED}\n        print(loss)",
        f'print(f"turn {{i}}, loss {{{STATED}:.3f}}")',
        f'print("turn", i, "loss", {STATED})',
        f'if i % 9 == 0:\n        print("loss: " + str({STATED}))',
        f"loss = {STATED}",
    ],
    ids=["asked", "asked twice", "anew", "in a text", "printed", "printed at times", "behind the steps"],
)
@pytest.mark.parametrize(("dz", "verdict"), [("(p - y) / n", RIGHT), ("(p - y) * p / n", WRONG)])
def test_what_is_shown_behind_the_steps_is_the_loss(dz: str, shown: str, verdict: Verdict) -> None:
    assert _verdicts("verbose = True\n" + SHOWN.format(dz=dz, shown=shown)) == {verdict}


@pytest.mark.parametrize(
    "shown",
    [
        f'print("validation loss", {STATED})',
        'print("loss", np.mean(np.abs(p - y)))',
        "errors.append(np.linalg.norm(W - V))",
        'print("accuracy", np.mean(np.argmax(p, axis=1) == labels), "loss")',
    ],
)
def test_other_numbers_that_are_printed_are_no_loss(shown: str) -> None:
    assert _verdicts(
        "import numpy as np\nerrors, V = [], np.ones((4, 3))\n" + SHOWN.format(dz="(p - y) / n", shown=shown)
    ) == {RIGHT}


HELD = """
import numpy as np
X, X_test, rows = np.random.randn(30, 3), np.random.randn(10, 3), np.random.randn(10, 3)
y, y_test, marks = X.sum(axis=1), np.random.randn(10), np.random.randn(10)
w, losses = np.zeros(3), []
def forward(X, w):
    return X @ w
for i in range(300):
    p = forward(X, w)
    dw = 2 * X.T @ (p - y) / len(y)
    w -= 0.05 * dw
    {shown}
"""


@pytest.mark.parametrize(
    "shown",
    [
        "if i % 9 == 0:\n        q = forward(X_test, w)\n        loss = np.mean((q - y_test) ** 2)",
        "loss = np.mean((X_test @ w - y_test) ** 2)\n    print(loss)",
        "if i % 9 == 0:\n        loss = np.mean((forward(rows, w) - marks) ** 2)\n        print(loss)",
        "print('Test loss:', np.mean((X_test @ w - y_test) ** 2))",
        "print('loss', np.mean((rows @ w - marks) ** 2))",
        "losses.append(np.mean((rows @ w - marks) ** 2))",
    ],
)
def test_a_loss_of_other_data_is_not_that_of_the_turn(shown: str) -> None:
    assert _verdicts(HELD.format(shown=shown)) == {RIGHT}


def _verdicts(text: str) -> set[Verdict]:
    found = recognise(read_text(text, "utf-8", Path("fit.py")))
    return {judge_unit(unit, examples=4).verdict for unit in found.units}
