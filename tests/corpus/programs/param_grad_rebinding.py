from dataclasses import dataclass, field
from typing import List, Optional
import numpy as np


@dataclass
class Tensor:
    data: np.ndarray
    grad: Optional[np.ndarray] = field(default=None)

    def __post_init__(self):
        self.grad = np.zeros_like(self.data)


def zero_grad(params: List[Tensor]) -> None:
    for p in params:
        p.grad[...] = 0.0


def clip_grad_norm(params: List[Tensor], max_norm: float) -> float:
    total = float(np.sqrt(sum(float((p.grad ** 2).sum()) for p in params)))
    coef = max_norm / (total + 1e-6)
    if coef < 1:
        for p in params:
            p.grad *= coef
    return total


class LanguageModel:
    """Row vectors of shape (1, n) all the way."""

    def __init__(self, v: int, n: int) -> None:
        rng = np.random.default_rng(0)
        self.v, self.n = v, n
        self.Wxh = Tensor(rng.normal(0, 0.1, (v, n)))
        self.Whh = Tensor(rng.normal(0, 0.1, (n, n)))
        self.Why = Tensor(rng.normal(0, 0.1, (n, v)))
        self.bh = Tensor(np.zeros((1, n)))
        self.by = Tensor(np.zeros((1, v)))

    def parameters(self) -> List[Tensor]:
        return [self.Wxh, self.Whh, self.Why, self.bh, self.by]

    def forward(self, x, y, h):
        self.y = y
        self.xs, self.hs, self.ps = [], [h], []
        loss = 0.0
        for i, j in zip(x, y):
            e = np.zeros((1, self.v))
            e[0, i] = 1
            h = np.tanh(e @ self.Wxh.data + h @ self.Whh.data + self.bh.data)
            s = h @ self.Why.data + self.by.data
            s -= s.max()
            p = np.exp(s) / np.exp(s).sum()
            loss += -float(np.log(p[0, j]))
            self.xs.append(e)
            self.hs.append(h)
            self.ps.append(p)
        return loss, h

    def backward(self) -> None:
        dh = np.zeros((1, self.n))
        for t in range(len(self.xs) - 1, -1, -1):
            ds = self.ps[t].copy()
            ds[0, self.y[t]] -= 1
            self.Why.grad = self.hs[t + 1].T @ ds
            self.by.grad += ds
            dh = dh + ds @ self.Why.data.T
            dz = dh * (1 - self.hs[t + 1] ** 2)
            self.Wxh.grad += self.xs[t].T @ dz
            self.Whh.grad += self.hs[t].T @ dz
            self.bh.grad += dz
            dh = dz @ self.Whh.data.T


def main() -> None:
    text = open("tinyshakespeare.txt").read()
    chars = sorted(set(text))
    ids = [chars.index(c) for c in text]
    net = LanguageModel(len(chars), 64)
    h = np.zeros((1, 64))
    for k in range(0, len(ids) - 33, 32):
        zero_grad(net.parameters())
        loss, h = net.forward(ids[k:k + 32], ids[k + 1:k + 33], h)
        net.backward()
        norm = clip_grad_norm(net.parameters(), 1.0)
        for p in net.parameters():
            p.data -= 0.1 * p.grad
        if k % 3200 == 0:
            print(f"{k:>8} loss {loss / 32:.3f} norm {norm:.2f}")


if __name__ == "__main__":
    main()
