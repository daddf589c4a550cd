"""Gradients that are left on arrays of torch, and the chapters beside them in which torch goes back by itself."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

HELPERS = """
import torch
from torch import tensor, nn
import torch.nn.functional as F

rows, wide, hidden = 60, 30, 20
data, wanted = map(tensor, [torch.randn(rows, wide), torch.randn(rows)])
u, b1 = torch.randn(wide, hidden), torch.zeros(hidden)
v, b2 = torch.randn(hidden, 1), torch.zeros(1)

def affine(x, w, b): return x @ w + b

def affine_grad(x, out, w, b):
    x.g = out.g @ w.t()
    w.g = (x.unsqueeze(-1) * out.g.unsqueeze(1)).{collected}(0)
    b.g = out.g.sum(0)

def there_and_back(x, y):
    z = affine(x, u, b1)
    h = z.clamp_min(0.)
    out = affine(h, v, b2)
    miss = out[:, 0] - y
    loss = miss.pow(2).mean()
    out.g = {factor} * miss[:, None] / x.shape[0]
    affine_grad(h, out, v, b2)
    z.g = (z > {bend}).float() * h.g
    affine_grad(x, z, u, b1)

there_and_back(data, wanted)
known = [p.g.clone() for p in (u, b1, v, b2)]
own = [p.clone().requires_grad_(True) for p in (u, b1, v, b2)]
loss = (affine(affine(data, own[0], own[1]).clamp_min(0.), own[2], own[3])[:, 0] - wanted).pow(2).mean()
loss.backward()
for one, other in zip(known, own): assert torch.allclose(one, other.grad, rtol=1e-3)

class Next(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(wide, hidden), nn.ReLU(), nn.Linear(hidden, 1))
    def forward(self, x): return self.layers(x)

after = Next()
loss = F.mse_loss(after(data), wanted[:, None])
loss.backward()
"""
LAYERS = """
import torch

class Layer:
    def __call__(self, *given):
        self.given = given
        self.out = self.ahead(*given)
        return self.out
    def backward(self): self.back(self.out, *self.given)

class Affine(Layer):
    def __init__(self, w, b): self.w, self.b = w, b
    def ahead(self, x): return x @ self.w + self.b
    def back(self, out, x):
        x.g = out.g @ self.w.t()
        self.w.g = x.t() @ out.g
        self.b.g = out.g.{collected}(0)

class Bend(Layer):
    def ahead(self, x): return x.clamp_min(0.)
    def back(self, out, x): x.g = (x > {bend}).float() * out.g

class Miss(Layer):
    def ahead(self, x, y): return (x.squeeze() - y).pow(2).mean()
    def back(self, out, x, y): x.g = {factor} * (x.squeeze() - y).unsqueeze(-1) / y.shape[0]

class Net:
    def __init__(self, *weights):
        w1, b1, w2, b2 = weights
        self.layers, self.last = [Affine(w1, b1), Bend(), Affine(w2, b2)], Miss()
    def __call__(self, x, y):
        for layer in self.layers: x = layer(x)
        return self.last(x, y)
    def backward(self):
        self.last.backward()
        for layer in reversed(self.layers): layer.backward()

rows, wide, hidden = 60, 30, 20
net = Net(torch.randn(wide, hidden), torch.zeros(hidden), torch.randn(hidden, 1), torch.zeros(1))
loss = net(torch.randn(rows, wide), torch.randn(rows))
net.backward()
"""
RETAINED = """
import torch

x, y = torch.randn(40, 9), torch.randn(40, 3)
W, b = torch.randn(3, 9), torch.zeros(3, requires_grad=True)
W.requires_grad = True

def linear_backward(A, W, b, Z):
    W.grad_ = Z.grad_.T @ A
    b.grad_ = torch.sum(Z.grad_, dim=0)

def forward_and_backward(x, y):
    Z = x @ W.T + b
    Z.retain_grad()
    H = torch.tanh(Z)
    loss = torch.sum((H - y) ** 2)
    Z.grad_ = 2 * (H - y) * {slope}
    linear_backward(x, W, b, Z)
    return loss

loss = forward_and_backward(x, y)
loss.backward()
print(torch.allclose(W.grad, W.grad_), torch.allclose(b.grad, b.grad_))
"""
RIGHT = {"collected": "sum", "factor": "2.", "bend": "0"}
MEAN, HALF, BEND = {**RIGHT, "collected": "mean"}, {**RIGHT, "factor": "1."}, {**RIGHT, "bend": "0.3"}
WRONG = [
    HELPERS.format(**MEAN),
    HELPERS.format(**BEND),
    LAYERS.format(**MEAN),
    LAYERS.format(**HALF),
    LAYERS.format(**BEND),
    RETAINED.format(slope="(1 - H)"),
]


@pytest.mark.parametrize(
    "code", [HELPERS.format(**RIGHT), LAYERS.format(**RIGHT), RETAINED.format(slope="(1 - H * H)")]
)
def test_gradients_on_arrays_are_right(code: str, judged: Judged) -> None:
    """They are read where they lie; what records gradients itself is passed over."""
    assert judged(code) == ({Verdict.AGREE}, [])


@pytest.mark.parametrize("code", WRONG)
def test_gradients_on_arrays_are_wrong(code: str, judged: Judged) -> None:
    """In functions that are handed the arrays, in layers that hold them, and where torch is asked to record as well."""
    assert Verdict.DISAGREE in judged(code)[0]
