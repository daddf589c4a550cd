"""How far rounding alone can move a product of a matrix and a vector. Run this file to see a table."""

import numpy as np


def noise(W, x, epsilon):
    """Return the noise of each entry of W @ x, an array (M,).

    Shapes: W (M, N), x (N,). epsilon is a number: how far apart the numbers near 1 are.
    """
    return epsilon * np.sum(np.abs(W * x), axis=1)


if __name__ == "__main__":
    random = np.random.default_rng(0)
    W, x = random.normal(size=(6, 1000)), random.normal(size=1000)
    left = 10.0 ** -np.arange(6)  # in each row the terms cancel more: a tenth of the result is left
    W -= np.outer((1 - left) * (W @ x), x) / (x @ x)
    right = W @ x
    found = W.astype(np.float32) @ x.astype(np.float32)
    print("   result   relative error   error in units of noise")
    for r, y, floor in zip(right, found, noise(W, x, 1.2e-7), strict=True):
        print(f"{r:9.1e} {abs(y - r) / abs(r):16.0e} {abs(y - r) / floor:25.3f}")
