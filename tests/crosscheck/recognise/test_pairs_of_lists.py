"""Networks in lists of dictionaries, and other programs in which a number is read of something else than it seems."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck import check_file
from crosscheck.verdicts import Verdict

RIGHT, WRONG = Verdict.AGREE, Verdict.DISAGREE
NEURONS = """
from random import random, seed
from math import exp

def activate(weights, inputs):
    total = weights[-1]
    for i in range(len(weights) - 1):
        total += weights[i] * inputs[i]
    return 1.0 / (1.0 + exp(-total))

def forward(net, row):
    for layer in net:
        row_out = []
        for neuron in layer:
            neuron['output'] = activate(neuron['weights'], row)
            row_out.append(neuron['output'])
        row = row_out
    return row

def backward(net, expected):
    for i in reversed(range(len(net))):
        for j, neuron in enumerate(net[i]):
            if i == len(net) - 1:
                error = neuron['output'] - expected[j]
            else:
                error = sum({back} for after in net[i + 1])
            neuron['delta'] = error * neuron['output'] * (1.0 - neuron['output'])

def update(net, row, rate):
    for i, layer in enumerate(net):
        inputs = row[:-1] if i == 0 else [neuron['output'] for neuron in net[i - 1]]
        for neuron in layer:
            for j in range(len(inputs)):
                neuron['weights'][j] -= rate * neuron['delta'] * inputs[j]
            neuron['weights'][-1] -= rate * neuron['delta']

def train(net, rows, rate, epochs):
    for epoch in range(epochs):
        squares = 0
        for row in rows:
            outputs = forward(net, row)
            expected = [0, 0]
            expected[row[-1]] = 1
            squares += sum((expected[i] - outputs[i]) ** 2 for i in range(2))
            backward(net, expected)
            update(net, row, rate)
        print(epoch, squares)

seed(1)
rows = [[2.78, 2.55, 0], [1.46, 2.36, 0], [7.62, 2.75, 1], [5.33, 2.08, 1]]
net = [[{{'weights': [random() for _ in range(3)]}} for _ in range(2)] for _ in range(2)]
train(net, rows, 0.5, 5)
"""
BACK = "after['weights'][j] * after['delta']"


@pytest.mark.thorough
@pytest.mark.parametrize(("back", "verdict"), [(BACK, RIGHT), ("after['delta']", WRONG)])
def test_a_step_by_what_is_kept_has_no_loss_of_weights_and_deltas(
    verdicts: Callable[[str], list[Verdict]], back: str, verdict: Verdict
) -> None:
    assert verdicts(NEURONS.format(back=back)) == [verdict]


PACKED = """
import numpy as np
from scipy.optimize import minimize

def objective(theta, X, y, h, lam):
    d = X.shape[1]
    W, b, v = theta[:d * h].reshape(d, h), theta[d * h:d * h + h], theta[-h:]
    A = np.tanh(X @ W + b)
    r = A @ v - y
    J = 0.5 * np.mean(r ** 2) + 0.5 * lam * np.sum(W ** 2)
    dr = r / len(y)
    dA = np.outer(dr, v) * (1 - A ** 2)
    g = np.concatenate([({of_W}).ravel(), dA.sum(0), A.T @ dr])
    return J, g

rng = np.random.default_rng(0)
X = rng.normal(size=(10, 2))
y = X[:, 0] * X[:, 1]
h = 5
minimize(objective, rng.normal(size=2 * h + 2 * h), args=(X, y, h, 1e-3), jac=True)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("of_W", "verdict"), [("X.T @ dA + lam * W", RIGHT), ("X.T @ dA", WRONG)])
def test_a_packed_gradient_may_be_called_g(
    verdicts: Callable[[str], list[Verdict]], of_W: str, verdict: Verdict
) -> None:
    assert verdicts(PACKED.format(of_W=of_W)) == [verdict]


KEYS = """
import numpy as np
rng = np.random.default_rng(0)
co = {{(0, 1): 1.5, (1, 0): 0.5, (2, 1): 2.0, (0, 2): 1.0}}
W, C = rng.random((3, 4)), rng.random((3, 4))
for epoch in range(10):
    cost = 0
    for (i, j), x in co.items():
        off = W[i] @ C[j] - np.log(x)
        cost += 0.5 * off ** 2
        dW, dC = off * C[j], off * {of_C}
        W[i] -= 0.05 * dW
        C[j] -= 0.05 * dC
    print(epoch, cost)
"""


@pytest.mark.parametrize(("of_C", "verdict"), [("W[i]", RIGHT), ("C[j]", WRONG)])
def test_a_dictionary_may_have_pairs_for_its_keys(
    verdicts: Callable[[str], list[Verdict]], of_C: str, verdict: Verdict
) -> None:
    assert verdicts(KEYS.format(of_C=of_C)) == [verdict]


CRITIC = """
import numpy as np
rng = np.random.default_rng(2)
critic, gamma, rate = np.zeros(5), 0.9, 0.2
for episode in range(20):
    s = 2
    while 0 < s < 4:
        s2 = s + rng.choice([-1, 1])
        td = float(s2 == 4) + gamma * critic[s2] - critic[s]
        critic[s] += rate * td
        s = s2
"""


def test_half_a_gradient_of_what_is_bootstrapped_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(CRITIC)
    assert check_file(path, repair=False).verdict is not WRONG
