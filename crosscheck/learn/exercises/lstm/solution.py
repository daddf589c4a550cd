"""An LSTM through T steps, backwards."""

import numpy as np


def sigmoid(a):
    """Return the sigmoid, entry by entry."""
    return 1 / (1 + np.exp(-a))


def lstm_forward(x, h0, c0, W, U, b):
    """Return the states h[1] to h[T], and what the backward pass needs.

    Shapes: x (T, N), h0 and c0 (H,), W (4 H, N), U (4 H, H), b (4 H,). In the cache h and c have T + 1 rows,
    beginning with h0 and c0; row t of gates (T, 4 H) holds i, f, o and g of step t one after the other, after their
    sigmoid or tanh.
    """
    T, H = len(x), len(h0)
    h, c, gates = np.zeros((T + 1, H)), np.zeros((T + 1, H)), np.zeros((T, 4 * H))
    h[0], c[0] = h0, c0
    for t in range(T):
        a = W @ x[t] + U @ h[t] + b
        gates[t, : 3 * H], gates[t, 3 * H :] = sigmoid(a[: 3 * H]), np.tanh(a[3 * H :])
        i, f, o, g = gates[t].reshape(4, H)
        c[t + 1] = f * c[t] + i * g
        h[t + 1] = o * np.tanh(c[t + 1])
    return h[1:], (x, h, c, gates, W, U)


def lstm_backward(dh, cache):
    """Return dW (4 H, N), dU (4 H, H), db (4 H,), dh0 (H,) and dc0 (H,).

    dh (T, H) comes from outside: dh[t] says how the loss moves with h[t + 1], the steps that follow left out. From
    outside nobody sees the cells.
    """
    x, h, c, gates, W, U = cache
    H = U.shape[1]
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros(4 * H)
    carry_h, carry_c = np.zeros(H), np.zeros(H)
    for t in reversed(range(len(x))):
        i, f, o, g = gates[t].reshape(4, H)
        shown = np.tanh(c[t + 1])
        dstate = dh[t] + carry_h
        dcell = carry_c + dstate * o * (1 - shown**2)  # read by the next step, and shown
        do = dstate * shown
        di = dcell * g
        dg = dcell * i
        df = dcell * c[t]
        da = np.concatenate([di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)])
        dW += np.outer(da, x[t])
        dU += np.outer(da, h[t])
        db += da
        carry_h = U.T @ da
        carry_c = dcell * f
    dh0, dc0 = carry_h, carry_c  # what is carried back past step 0
    return dW, dU, db, dh0, dc0
