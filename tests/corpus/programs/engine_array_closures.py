"""Arrays with derivatives beside their parents; a bias is added to every row."""
import numpy as np


def fold(g, shape):
    """Sum a gradient over what was stretched."""
    for _ in range(g.ndim - len(shape)):
        g = g.sum(axis=0)
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and g.shape[i] > 1)
    return g.sum(axis=stretched, keepdims=True) if stretched else g


class Array:
    def __init__(self, data, parents=()):
        self.data = np.asarray(data, dtype=float)
        self.parents = parents
        self.grad = np.zeros_like(self.data)

    def __add__(self, other):
        return Array(self.data + other.data, (
            (self, lambda g: fold(g, self.data.shape)),
            (other, lambda g: g),
        ))

    def __mul__(self, other):
        return Array(self.data * other.data, (
            (self, lambda g: fold(g * other.data, self.data.shape)),
            (other, lambda g: fold(g * self.data, other.data.shape)),
        ))

    def __matmul__(self, other):
        return Array(self.data @ other.data, (
            (self, lambda g: g @ other.data.T),
            (other, lambda g: self.data.T @ g),
        ))

    def relu(self):
        return Array(np.maximum(self.data, 0.0), ((self, lambda g: g * (self.data > 0)),))

    def sum(self):
        return Array(self.data.sum(), ((self, lambda g: g * np.ones_like(self.data)),))

    def backward(self, g=None):
        g = np.ones_like(self.data) if g is None else g
        self.grad = self.grad + g
        for parent, pull in self.parents:
            parent.backward(pull(g))


def main():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(16, 3)), rng.normal(size=(16, 2))
    w, b = Array(rng.normal(size=(3, 2))), Array(np.zeros(2))
    for step in range(50):
        miss = (Array(x) @ w + b).relu() + Array(-y)
        loss = (miss * miss).sum()
        w.grad, b.grad = np.zeros_like(w.data), np.zeros_like(b.data)
        loss.backward()
        w.data -= 0.01 * w.grad
        b.data -= 0.01 * b.grad
    print(loss.data)


if __name__ == "__main__":
    main()
