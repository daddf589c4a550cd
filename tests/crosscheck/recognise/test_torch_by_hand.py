"""Programs that know how to let torch record gradients, and compute their own: batch normalisation by hand."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

NAMES = """
import torch
import torch.nn.functional as F

words = open('names.txt', 'r').read().splitlines()
letters = sorted(set(''.join(words)))
place = {{letter: i + 1 for i, letter in enumerate(letters)}}
place['.'] = 0
X, Y = [], []
for word in words:
    context = [0, 0, 0]
    for letter in word + '.':
        X.append(context)
        Y.append(place[letter])
        context = context[1:] + [place[letter]]
X, Y = torch.tensor(X), torch.tensor(Y)
size, n, g = len(place), 32, torch.Generator().manual_seed(7)
C = torch.randn((size, 4), generator=g)
W1, b1 = torch.randn((12, 30), generator=g), torch.randn(30, generator=g)
W2, b2 = torch.randn((30, size), generator=g), torch.randn(size, generator=g)
gain, bias = torch.ones((1, 30)), torch.zeros((1, 30))
parameters = [C, W1, b1, W2, b2, gain, bias]
print(sum(p.nelement() for p in parameters))
for p in parameters:
    p.requires_grad = True

def cmp(name, ours, t):
    print(name, torch.allclose(ours, t.grad))

with torch.no_grad():
    for turn in range(20000):
        ix = torch.randint(0, X.shape[0], (n,), generator=g)
        Xb, Yb = X[ix], Y[ix]
        emb = C[Xb]
        flat = emb.view(emb.shape[0], -1)
        before = flat @ W1 + b1
        inverse = (before.var(0, keepdim=True, unbiased=True) + 1e-5) ** -0.5
        raw = (before - before.mean(0, keepdim=True)) * inverse
        h = torch.tanh(gain * raw + bias)
        logits = h @ W2 + b2
        loss = F.cross_entropy(logits, Yb)
        for p in parameters:
            p.grad = None
        dlogits = F.softmax(logits, 1)
        dlogits[range(n), Yb] -= 1
        dlogits /= n
        dW2, db2 = h.T @ dlogits, dlogits.sum(0)
        dpre = (1.0 - h ** 2) * (dlogits @ W2.T)
        dgain, dbias = (raw * dpre).sum(0, keepdim=True), dpre.sum(0, keepdim=True)
        dbefore = gain * inverse / n * (n * dpre - dpre.sum(0) - {bessel} * raw * (dpre * raw).sum(0))
        dW1, db1 = flat.T @ dbefore, dbefore.sum(0)
        demb = (dbefore @ W1.T).view(emb.shape)
        dC = torch.zeros_like(C)
        for k in range(Xb.shape[0]):
            for j in range(Xb.shape[1]):
                dC[Xb[k, j]] += demb[k, j]
        for p, grad in zip(parameters, [dC, dW1, db1, dW2, db2, dgain, dbias]):
            p.data += -0.1 * grad
        cmp('W1', dW1, W1)
        losses = loss.log10().item()
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("bessel", "verdict"), [("n / (n - 1)", Verdict.AGREE), ("1", Verdict.DISAGREE)])
def test_what_is_computed_by_hand_is_judged_beside_what_torch_would_record(bessel: str, verdict: Verdict) -> None:
    (unit,) = recognise(read_text(NAMES.format(bessel=bessel), "utf-8", Path("x.py"))).units
    found = {t.name: t.verdict for t in judge_unit(unit).tallies}
    assert found.keys() == {"C", "W1", "b1", "W2", "b2", "gain", "bias"}
    assert found["W1"] is verdict
    assert found["b1"] is Verdict.AGREE, "it is zero but for rounding, and should be"
    assert {found[name] for name in ("W2", "b2", "gain", "bias")} == {Verdict.AGREE}


SOFTMAX = """
import numpy as np

class SoftmaxWithLoss:
    def softmax(self, x):
        if x.ndim == 2:
            x = x.T
            e = np.exp(x - np.max(x, axis=0))
            return (e / np.sum(e, axis=0)).T
        e = np.exp(x - np.max(x))
        return e / np.sum(e)

    def entropy(self, y, t):
        if y.ndim == 1:
            t, y = t.reshape(1, t.size), y.reshape(1, y.size)
        if t.size == y.size:
            t = t.argmax(axis=1)
        return -np.sum(np.log(y[np.arange(len(y)), t])) / len(y)

    def forward(self, x, t):
        self.t, self.y = t, self.softmax(x)
        return self.entropy(self.y, self.t)

    def backward(self, dout=1):
        return (self.y - self.t) {rows}
"""


def test_targets_are_ones_among_zeros_where_they_are_subtracted_from_a_table() -> None:
    (unit,) = recognise(read_text(SOFTMAX.format(rows="/ self.t.shape[0]"), "utf-8", Path("x.py"))).units
    (tally,) = judge_unit(unit).tallies
    assert tally.verdict is Verdict.AGREE


def test_what_may_have_been_called_with_an_axis_too_few_is_not_called_wrong() -> None:
    units = recognise(read_text(SOFTMAX.format(rows="* self.y / self.t.shape[0]"), "utf-8", Path("x.py"))).units
    assert not any(judge_unit(unit).verdict is Verdict.AGREE for unit in units)
