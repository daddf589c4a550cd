from dataclasses import dataclass, field
from typing import List, Optional
import numpy as np


@dataclass
class Parameter:
    data: np.ndarray
    grad: Optional[np.ndarray] = field(default=None)

    def __post_init__(self):
        self.grad = np.zeros_like(self.data)


def reset(params: List[Parameter]) -> None:
    for p in params:
        p.grad[...] = 0.0


def limit(params: List[Parameter], max_norm: float) -> float:
    total = float(np.sqrt(sum(float((p.grad ** 2).sum()) for p in params)))
    coef = max_norm / (total + 1e-6)
    if coef < 1:
        for p in params:
            p.grad *= coef
    return total


class RowRNN:
    """Row vectors of shape (1, n) all the way."""

    def __init__(self, v: int, n: int) -> None:
        rng = np.random.default_rng(0)
        self.v, self.n = v, n
        self.wx = Parameter(rng.normal(0, 0.1, (v, n)))
        self.wh = Parameter(rng.normal(0, 0.1, (n, n)))
        self.wy = Parameter(rng.normal(0, 0.1, (n, v)))
        self.bh = Parameter(np.zeros((1, n)))
        self.by = Parameter(np.zeros((1, v)))

    def parameters(self) -> List[Parameter]:
        return [self.wx, self.wh, self.wy, self.bh, self.by]

    def forward(self, x, y, h):
        self.y = y
        self.xs, self.hs, self.ps = [], [h], []
        loss = 0.0
        for i, j in zip(x, y):
            e = np.zeros((1, self.v))
            e[0, i] = 1
            h = np.tanh(e @ self.wx.data + h @ self.wh.data + self.bh.data)
            s = h @ self.wy.data + self.by.data
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
            self.wy.grad += self.hs[t + 1].T @ ds
            self.by.grad += ds
            dh = dh + ds @ self.wy.data.T
            dz = dh * (1 - self.hs[t + 1] ** 2)
            self.wx.grad += self.xs[t].T @ dz
            self.wh.grad += dz.T @ self.hs[t]
            self.bh.grad += dz
            dh = dh + dz @ self.wh.data.T


def main() -> None:
    text = open("tinyshakespeare.txt").read()
    chars = sorted(set(text))
    ids = [chars.index(c) for c in text]
    net = RowRNN(len(chars), 64)
    h = np.zeros((1, 64))
    for k in range(0, len(ids) - 33, 32):
        reset(net.parameters())
        loss, h = net.forward(ids[k:k + 32], ids[k + 1:k + 33], h)
        net.backward()
        norm = limit(net.parameters(), 1.0)
        for p in net.parameters():
            p.data -= 0.1 * p.grad
        if k % 3200 == 0:
            print(f"{k:>8} loss {loss / 32:.3f} norm {norm:.2f}")


if __name__ == "__main__":
    main()
