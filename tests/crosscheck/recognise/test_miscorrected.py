"""Adam in a class that a loop hands a whole network, whose passes have French names."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

NETWORK = """
import numpy as np
class Dense:
    def __init__(self, a, b):
        self.p, self.g = {"W": np.random.randn(a, b), "c": np.zeros(b)}, {}
    def avance(self, x):
        self.x = x
        return x @ self.p["W"] + self.p["c"]
    def recule(self, dy):
        self.g["W"], self.g["c"] = self.x.T @ dy, dy.sum(0)
        return dy @ self.p["W"].T
class Tanh:
    def __init__(self):
        self.p, self.g = {}, {}
    def avance(self, x):
        self.y = np.tanh(x)
        return self.y
    def recule(self, dy):
        return dy * (1 - self.y ** 2)
class Reseau:
    def __init__(self, couches):
        self.couches = couches
    def avance(self, x):
        for c in self.couches:
            x = c.avance(x)
        return x
    def recule(self, d):
        for c in reversed(self.couches):
            d = c.recule(d)
    def parametres(self):
        for i, c in enumerate(self.couches):
            for k in c.p:
                yield (i, k), c.p[k], c.g[k]
def perte(s, y):
    return ((s - y) ** 2).mean(), 2 * (s - y) / s.size
class Adam:
    def __init__(self, pas=0.01, b1=0.9, b2=0.999):
        self.pas, self.b1, self.b2 = pas, b1, b2
        self.m, self.v, self.t = {}, {}, 0
    def fais(self, reseau):
        self.t += 1
        for nom, p, g in reseau.parametres():
            m, v = self.m.get(nom, 0.0), self.v.get(nom, 0.0)
            m = self.b1 * m + (1 - self.b1) * g
            v = self.b2 * v + (1 - self.b2) * g * g
            self.m[nom], self.v[nom] = m, v
            mc = m / (1 - self.b1 ** self.t)
            vc = v / (1 - self.{decay} ** self.t)
            p -= self.pas * mc / (np.sqrt(vc) + 1e-8)
res, opt = Reseau([Dense(3, 5), Tanh(), Dense(5, 2)]), Adam()
X = np.random.randn(20, 3)
Y = np.sin(X[:, :2])
for tour in range(50):
    l, d = perte(res.avance(X), Y)
    res.recule(d)
    opt.fais(res)
"""


@pytest.mark.parametrize(("decay", "is_right"), [("b2", True), ("b1", False)])
def test_each_moment_is_corrected_by_its_own_decay(decay: str, is_right: bool, judged: Judged) -> None:
    verdicts, left = judged(NETWORK.replace("{decay}", decay))
    assert (Verdict.DISAGREE not in verdicts, left) == (is_right, [])
