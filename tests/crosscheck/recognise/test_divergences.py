"""Losses that read what a pass has kept besides what it returns, and gradients of terms that nothing states."""

from pathlib import Path

import pytest

from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

CODER = """
import numpy as np

class Coder:
    def __init__(self, n_in=5, n_z=2):
        self.Wm, self.Wv = np.random.randn(n_in, n_z), np.random.randn(n_in, n_z) * 0.1
        self.Wd = np.random.randn(n_z, n_in)

    def forward(self, x):
        self.x = x
        self.mu, self.logvar = x.dot(self.Wm), x.dot(self.Wv)
        self.eps = np.random.randn(*self.mu.shape)
        self.z = self.mu + np.exp(0.5 * self.logvar) * self.eps
        self.out = 1 / (1 + np.exp(-self.z.dot(self.Wd)))
        return self.out

    def backward(self):
        d = (self.out - self.x) / len(self.x)
        dz = d.dot(self.Wd.T)
        dmu = dz {divergence} / len(self.x)
        dlogvar = dz * self.eps * 0.5 * np.exp(0.5 * self.logvar) + 0.5 * (np.exp(self.logvar) - 1) / len(self.x)
        return {{"Wd": self.z.T.dot(d), "Wm": self.x.T.dot(dmu), "Wv": self.x.T.dot(dlogvar)}}
{loss}
net, X = Coder(), (np.random.rand(8, 5) < 0.4).astype(float)
for turn in range(50):
    seen = net.forward(X)
    {shown}
    g = net.backward()
    for name in g:
        setattr(net, name, getattr(net, name) - 0.1 * g[name])
"""
LOSS = """
    def elbo_loss(self, x, out):
        fit = -np.sum(x * np.log(out) + (1 - x) * np.log(1 - out))
        kl = -0.5 * np.sum(1 + self.logvar - self.mu ** 2 - np.exp(self.logvar))
        return (fit + kl) / len(x)
"""
SAID = "    # the kl divergence is in the gradient alone\n"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("divergence", "loss", "verdicts"),
    [
        ("+ self.mu", LOSS, [Verdict.AGREE]),
        ("- self.mu", LOSS, [Verdict.DISAGREE]),
        ("+ self.mu", SAID, []),
    ],
)
def test_a_divergence_is_judged_where_it_is_stated(
    divergence: str, loss: str, verdicts: list[Verdict], tmp_path: Path
) -> None:
    path = tmp_path / "coder.py"
    shown = "print(net.elbo_loss(X, seen))" if loss is LOSS else "print(turn)"
    path.write_text(CODER.format(divergence=divergence, loss=loss, shown=shown))
    assert [judge_unit(unit, examples=8).verdict for unit in recognise(read(path)).units] == verdicts
