"""Turns that move two networks one after the other, each down a loss of its own."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

GAME = """
import numpy as np
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
class Forger:
    def __init__(self):
        self.w, self.b = np.random.randn(), np.random.randn()
    def make(self, z):
        return self.w * z + self.b
class Critic:
    def __init__(self):
        self.a, self.c, self.q = np.random.randn(), np.random.randn(), np.random.randn()
    def __call__(self, x):
        return sigmoid(self.q * x ** 2 + self.a * x + self.c)
F, C = Forger(), Critic()
rate, n = 0.01, 32
for turn in range(50):
    z, real = np.random.randn(n), 2 + 0.5 * np.random.randn(n)
    fake = F.make(z)
    on_real, on_fake = C(real), C(fake)
    critic_loss = -np.mean(np.log(on_real) + np.log(1 - on_fake))
    e = on_real - 1
    C.q -= rate * np.mean(e * real ** 2 + on_fake * fake ** 2)
    C.a -= rate * np.mean(e * real + on_fake * fake)
    C.c -= rate * np.mean(e + on_fake)
    z = np.random.randn(n)
    fake = F.make(z)
    on_fake = C(fake)
    forger_loss = -np.mean(np.log(on_fake))
    back = (on_fake - 1) * (2 * C.q * fake + C.a)
    F.w -= rate * np.mean(back * z)
    F.b -= rate * np.mean(back)
"""


def test_each_half_is_judged_by_its_own_loss(judged: Judged) -> None:
    assert judged(GAME) == ({Verdict.AGREE}, [])


SLIPS = {
    "first": ("e * real + on_fake", "e * real - on_fake"),
    "second": ("np.mean(back * z)", "np.mean(back)"),
    "all of the second": ("2 * C.q * fake + C.a", "C.q * fake + C.a"),
}


@pytest.mark.parametrize("slip", SLIPS.values(), ids=list(SLIPS))
def test_a_slip_in_one_half_is_seen_in_it(slip: tuple[str, str], judged: Judged) -> None:
    assert judged(GAME.replace(*slip)) == ({Verdict.AGREE, Verdict.DISAGREE}, [])
