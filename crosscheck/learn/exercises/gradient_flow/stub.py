"""How far back a gradient reaches. When it is solved, run this file."""

import numpy as np


def rnn_forward(x, h0, Wxh, Whh, bh):
    """Return the last state h[T], and what the backward pass needs.

    Shapes: x (T, N), h0 (H,), Wxh (H, N), Whh (H, H), bh (H,). In the cache h has T + 1 rows: row 0 is h0.
    """
    h = np.zeros((len(x) + 1, len(h0)))
    h[0] = h0
    for t in range(len(x)):
        h[t + 1] = np.tanh(Wxh @ x[t] + Whh @ h[t] + bh)
    return h[-1], (h, Whh)


def gradient_flow(dlast, cache):
    """Return norms (T + 1,): entry k is the length of the gradient of h[T - k].

    The loss sees the last state only; dlast (H,) is its gradient there.
    """
    h, Whh = cache
    raise NotImplementedError("TODO: return norms")


def draw_network(size, T=16, H=12):
    """Print one bar for each lag, in a network whose Whh stretches every direction by the given size."""
    random = np.random.default_rng(1)
    Whh = size * np.linalg.qr(random.standard_normal((H, H)))[0]
    x, Wxh, bh = np.zeros((T, 1)), np.zeros((H, 1)), np.zeros(H)
    _, cache = rnn_forward(x, 0.01 * random.standard_normal(H), Wxh, Whh, bh)
    print(f"\nWhh stretches by {size}")
    for lag, norm in enumerate(gradient_flow(np.ones(H), cache)):
        bar = "=" * int(np.clip(25 + 12 * np.log10(norm + 1e-30), 0, 60))
        print(f"{lag:3} back {norm:10.4f} {bar}")


if __name__ == "__main__":
    for size in (0.7, 1.0, 1.3):
        draw_network(size)
