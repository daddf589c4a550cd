"""Gradients of several tasks that are added up, beside the loss of the last one."""

from collections.abc import Callable

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

TASKS = """
import numpy as np

rng = np.random.RandomState(0)
W, V = rng.randn(2, 6), rng.randn(6, 1)

def gradient(W, V, x, y):
    h = np.tanh(x @ W)
    d = 2 * (h @ V - y) / len(x)
    return np.mean((h @ V - y) ** 2), (x.T @ (d @ V.T * (1 - h**2)), h.T @ d)

for turn in range(100):
    total, mean = (np.zeros_like(W), np.zeros_like(V)), 0
    for _ in range(4):
        x = rng.randn(9, 2)
        y = np.sin(x[:, :1] * rng.rand())
        _, g = gradient(W, V, x, y)
        at = [w - 0.1 * G for w, G in zip((W, V), g)]
        loss, g = gradient(*at, x, y)
        total = [A + G for A, G in zip(total, g)]
        mean += loss / 4
    W = W - 0.1 * total[0]
    V = V - 0.1 * total[1]
    print(mean)
"""


LAYERS = """
import numpy as np

rng = np.random.RandomState(0)
layers = [(rng.randn(2, 6), np.zeros(6)), (rng.randn(6, 1), np.zeros(1))]

def gradient(layers, x, y):
    states = [x]
    for place, (W, b) in enumerate(layers):
        z = states[-1].dot(W) + b
        states.append(z if place == len(layers) - 1 else np.tanh(z))
    late, found = 2 * (states[-1] - y) / len(x), []
    for place in (1, 0):
        found.append((states[place].T.dot(late), late.sum(axis=0)))
        late = late.dot(layers[place][0].T) * (1 - states[place] ** 2)
    return np.mean((states[-1] - y) ** 2), found[::-1]

for turn in range(100):
    total, mean = [(np.zeros_like(W), np.zeros_like(b)) for W, b in layers], 0
    for _ in range(4):
        x = rng.randn(9, 2)
        loss, g = gradient(layers, x, np.sin(x[:, :1] * rng.rand()))
        total = [(A + dW, a + {db}) for (A, a), (dW, db) in zip(total, g)]
        mean += loss / 4
    layers = [(W - 0.1 * dW, b - 0.1 * db) for (W, b), (dW, db) in zip(layers, total)]
    print(mean)
"""


def test_the_mean_of_the_losses_says_which_gradients_are_right(judged: Judged) -> None:
    assert judged(LAYERS.format(db="db"))[0] == {Verdict.AGREE}
    assert judged(LAYERS.format(db="2 * db"))[0] == {Verdict.DISAGREE}


def test_gradients_at_weights_that_were_moved_first_are_not_judged(judged: Judged) -> None:
    assert not judged(TASKS)[0] & {Verdict.AGREE, Verdict.DISAGREE}
