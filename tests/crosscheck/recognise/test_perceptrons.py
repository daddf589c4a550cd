"""Perceptrons: the loss of what predictions differ by, times the numbers of whose signs they are made."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

RIGHT, WRONG = Verdict.AGREE, Verdict.DISAGREE
TRAINED = """
import numpy as np

class Perceptron:
    def __init__(self, n):
        self.w, self.b, self.rate = np.zeros(n), 0.0, 0.01

    def predict(self, x):
        z = x @ self.w + self.b
        return {made}

    def fit(self, X, y):
        for _ in range(20):
            for x, label in zip(X, y):
                {guessed}
                self.w += self.rate * {step} * x
                self.b {moved} self.rate * {step}

np.random.seed(2)
X = np.random.randn(20, 3)
y = np.where(X[:, 0] > 0, 1, {other})
Perceptron(3).fit(X, y)
"""
MADE = {
    "1 if z > 0 else 0": "0",
    "np.where(z >= 0, 1, -1)": "-1",
    "np.sign(z)": "-1",
    "1 if z > 0 else -1": "-1",
}
NAMED = "guess = self.predict(x)", "(label - guess)"
DIFFERENT = "off = label - self.predict(x)", "off"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("made", "guessed", "step", "moved", "verdict"),
    [(made, *way, "+=", RIGHT) for made, way in zip(MADE, (NAMED, DIFFERENT, NAMED, DIFFERENT), strict=True)]
    + [("np.sign(z)", *DIFFERENT, "-=", WRONG), ("1 if z > 0 else 0", *NAMED, "-=", WRONG)],
)
def test_a_perceptron_goes_down_its_loss(
    verdicts: Callable[[str], list[Verdict]], made: str, guessed: str, step: str, moved: str, verdict: Verdict
) -> None:
    code = TRAINED.format(made=made, guessed=guessed, step=step, moved=moved, other=MADE[made])
    assert verdicts(code) == [verdict]


def test_a_step_by_the_size_of_an_input_is_wrong(verdicts: Callable[[str], list[Verdict]]) -> None:
    code = TRAINED.format(made="np.sign(z)", guessed=NAMED[0], step=NAMED[1], moved="+=", other="-1")
    assert verdicts(code.replace("* x\n", "* np.abs(x)\n")) == [WRONG]


IN_BATCHES = """
import numpy as np
np.random.seed(3)
X = np.random.randn(12, 3)
t = np.where(X[:, 0] - X[:, 1] > 0, 1, 0)
w, b = np.zeros(3), 0.0
for epoch in range(30):
    scores = X @ w + b
    guess = np.where(scores > 0, 1, 0)
    w += 0.1 * X.T @ (t - guess)
    b += 0.1 * np.sum({off})
"""


@pytest.mark.parametrize(("off", "verdict"), [("t - guess", RIGHT), ("np.abs(t - guess)", WRONG)])
def test_a_perceptron_of_all_examples_at_once(
    verdicts: Callable[[str], list[Verdict]], off: str, verdict: Verdict
) -> None:
    assert verdicts(IN_BATCHES.format(off=off)) == [verdict]


PAIRED = """import numpy as np
class Perceptron:
    def __init__(self, size):
        self.weights, self.b, self.lr = np.zeros(size), 0.0, 0.1

    def predict(self, x):
        return 1 if np.dot(self.weights, x) + self.b > 0 else 0

    def train(self, X, y):
        for turn in range(10):
            for xi, target in zip(X, y):
                prediction = self.predict(xi)
                self.weights += self.lr * (target - prediction) * xi
                self.b += self.lr * (target - prediction)

Perceptron(2).train(np.array([[2, 3], [1, 1], [-1, -2], [-2, -4]]), np.array([1, 1, 0, 0]))
"""


def test_classes_that_a_loop_goes_through_beside_their_examples(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(PAIRED) == [Verdict.AGREE]
    assert Verdict.AGREE not in verdicts(
        PAIRED.replace("self.b += self.lr * (target - prediction)", "self.b += self.lr * target")
    )


BRANCHES = """
import numpy as np

class Perceptron:
    def __init__(self):
        self.w, self.bound = None, None

    def model(self, x):
        return 1 if np.dot(self.w, x) >= self.bound else 0

    def fit(self, X, Y, epochs=5, lr=0.1):
        self.w, self.bound = np.ones(X.shape[1]), 0.0
        for i in range(epochs):
            for x, y in zip(X, Y):
                guess = self.model(x)
                if guess == 1 and y == 0:
                    self.w = self.w - lr * x
                    self.bound = self.bound + lr * 1
                elif guess == 0 and y == 1:
                    self.w = self.w {up} lr * x
                    self.bound = self.bound {down} lr * 1

np.random.seed(2)
X = np.random.randn(20, 3)
Perceptron().fit(X, (X[:, 0] > 0).astype(int))
"""


@pytest.mark.parametrize(("up", "down", "verdict"), [("+", "-", RIGHT), ("-", "-", WRONG), ("+", "+", WRONG)])
def test_steps_may_be_chosen_by_the_classes_and_the_bound_may_move(
    verdicts: Callable[[str], list[Verdict]], up: str, down: str, verdict: Verdict
) -> None:
    assert verdicts(BRANCHES.format(up=up, down=down)) == [verdict]


BY_TURNS = """
import numpy as np

class Perceptron:
    def __init__(self, rate=0.3, epochs=4):
        self.__rate, self.__epochs = rate, epochs

    def train(self, inputs, targets):
        self.__weights = np.zeros(inputs.shape[1] + 1)
        for epoch in range(self.__epochs):
            for x, target in zip(inputs, targets):
                error = self.__rate * (target - self.predict(x))
                self.__weights[1:] {moved} error * x
                self.__weights[0] += error

    def predict(self, rows):
        v = np.dot(rows, self.__weights[1:]) + self.__weights[0]
        return np.where(v >= 0.0, 1, -1)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("moved", "verdict"), [("+=", RIGHT), ("-=", WRONG)])
def test_the_rate_may_be_in_the_error(verdicts: Callable[[str], list[Verdict]], moved: str, verdict: Verdict) -> None:
    assert verdicts(BY_TURNS.replace("{moved}", moved)) == [verdict]
