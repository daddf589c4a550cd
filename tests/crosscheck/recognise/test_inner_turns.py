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
    return np.mean((h @ V - y) ** 2), (x.T @ (d @ V.T * (1 - {slope})), h.T @ d)

for turn in range(100):
    total, mean = (np.zeros_like(W), np.zeros_like(V)), 0
    for _ in range(4):
        x = rng.randn(9, 2)
        y = np.sin(x[:, :1] * rng.rand())
        {first}
        loss, g = gradient(*at, x, y)
        total = [A + G for A, G in zip(total, g)]
        mean += loss / 4
    W = W - 0.1 * total[0]
    V = V - 0.1 * total[1]
    print(mean)
"""
MOVED = "_, g = gradient(W, V, x, y); at = [w - 0.1 * G for w, G in zip((W, V), g)]"


def test_the_losses_of_all_turns_are_what_gradients_are_of(judged: Judged) -> None:
    assert judged(TASKS.format(slope="h**2", first="at = W, V"))[0] == {Verdict.AGREE}
    assert Verdict.AGREE not in judged(TASKS.format(slope="h", first="at = W, V"))[0]


def test_gradients_at_weights_that_were_moved_first_are_not_judged(judged: Judged) -> None:
    assert not judged(TASKS.format(slope="h**2", first=MOVED))[0] & {Verdict.AGREE, Verdict.DISAGREE}
