"""A whole training: a network learns to predict the next letter. When it is solved, run this file."""

import numpy as np

EPSILON = 1e-8


def forward(inputs, targets, h0, parameters):
    """Return the loss of a window in nats (the sum over its steps), the probabilities (T, V), and h (T + 1, H).

    inputs and targets are T symbols each, whole numbers from 0 to V - 1. Row 0 of h is h0. Shapes of the parameters:
    Wxh (H, V), Whh (H, H), Why (V, H), bh (H,), by (V,).
    """
    Wxh, Whh, Why, bh, by = parameters
    h = np.zeros((len(inputs) + 1, len(h0)))
    h[0] = h0
    for t in range(len(inputs)):
        h[t + 1] = np.tanh(Wxh[:, inputs[t]] + Whh @ h[t] + bh)
    y = h[1:] @ Why.T + by
    y = y - y.max(axis=1, keepdims=True)
    probabilities = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
    loss = -np.sum(np.log(probabilities[np.arange(len(targets)), targets]))
    return loss, probabilities, h


def train(text, parameters, steps, window, rate, bound):
    """Return losses (steps,) and the trained Wxh, Whh, Why, bh, by: six arrays in all.

    text holds symbols, whole numbers. Step by step, the next T = window symbols are the inputs, and the symbols one
    place further are the targets. The first window starts at the beginning of the text, with a state of zeros; each
    other one starts where the last one ended, with the state in which it ended. If fewer than window + 1 symbols are
    left, it starts at the beginning again, with zeros.

    losses[s] is the loss of step s before its update. Gradients are those of the loss of their own window, clipped to
    ±bound entry by entry; the update is Adagrad's with step size rate, its memory zeros at first, and EPSILON under the
    root. The arrays in parameters stay as they are.
    """
    Wxh, Whh, Why, bh, by = [p.copy() for p in parameters]
    memory = [np.zeros_like(p) for p in parameters]
    losses = np.zeros(steps)
    start, state = 0, np.zeros(len(bh))
    for step in range(steps):
        if start + window + 1 > len(text):
            start, state = 0, np.zeros(len(state))
        inputs, targets = text[start : start + window], text[start + 1 : start + window + 1]
        losses[step], probabilities, h = forward(inputs, targets, state, (Wxh, Whh, Why, bh, by))

        dy = probabilities.copy()
        dy[np.arange(window), targets] -= 1
        dh = dy @ Why
        dz = np.zeros_like(dh)
        carry = np.zeros(len(state))
        for t in reversed(range(window)):
            dz[t] = (1 - h[t + 1] ** 2) * (dh[t] + carry)
            carry = Whh.T @ dz[t]
        dWxh = np.zeros_like(Wxh)
        for t in range(window):
            dWxh[:, inputs[t]] += dz[t]
        dWhh, dWhy = dz.T @ h[:-1], dy.T @ h[1:]
        dbh, dby = dz.sum(axis=0), dy.sum(axis=0)

        gradients = [dWxh, dWhh, dWhy, dbh, dby]
        for p, gradient, m in zip([Wxh, Whh, Why, bh, by], gradients, memory, strict=True):
            clipped = np.clip(gradient, -bound, bound)
            m += clipped**2
            p -= rate * clipped / np.sqrt(m + EPSILON)
        start, state = start + window, h[-1]
    return losses, Wxh, Whh, Why, bh, by


def write(parameters, letters, length):
    """Return a text of the network's own: each letter is drawn from what it expects, and read as the next input."""
    random, h, symbol, written = np.random.default_rng(), np.zeros(len(parameters[1])), 0, ""
    for _ in range(length):
        _, probabilities, (_, h) = forward([symbol], [0], h, parameters)
        symbol = random.choice(len(letters), p=probabilities[0])
        written += letters[symbol]
    return written


if __name__ == "__main__":
    manual = str(np.ndarray.__doc__)
    letters = sorted(set(manual))
    text = np.array([letters.index(letter) for letter in manual])
    V, H, steps = len(letters), 64, 4000
    shapes = (H, V), (H, H), (V, H), (H,), (V,)
    start = [0.1 * np.random.default_rng(1).standard_normal(shape) for shape in shapes]
    found = train(text, start, steps, 25, 0.1, 5.0)
    losses, trained = found[0], found[1:]
    for at in range(0, steps, steps // 10):
        print(f"step {at:5}: {losses[at : at + steps // 10].mean() / 25:.2f} nats per letter")
    print("What it writes when it has read the manual of NumPy's arrays:\n")
    print(write(trained, letters, 400))
