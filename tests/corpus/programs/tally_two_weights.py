"""Two weights that learn to add up a row of numbers; only the last level is compared with the sum."""

import numpy as np

rows, steps = 30, 8
inputs = np.random.rand(rows, steps)
sums = inputs.sum(axis=1)


def unroll(inputs, gain, keep):
    level = np.zeros((len(inputs), inputs.shape[1] + 1))
    for k in range(inputs.shape[1]):
        level[:, k + 1] = gain * inputs[:, k] + keep * level[:, k]
    return level


def off(last, sums):
    return np.mean((last - sums) ** 2)


def off_grad(last, sums):
    return 2 * (last - sums) / len(sums)


def roll_back(inputs, level, grad_last, keep):
    grad_gain = grad_keep = 0.0
    grad_level = grad_last
    for k in reversed(range(inputs.shape[1])):
        grad_gain += np.sum(grad_level * inputs[:, k])
        grad_keep += np.sum(grad_level * level[:, k + 1])
        grad_level = grad_level * keep
    return grad_gain, grad_keep


gain, keep = 0.3, 0.7
for turn in range(400):
    level = unroll(inputs, gain, keep)
    grad_gain, grad_keep = roll_back(inputs, level, off_grad(level[:, -1], sums), keep)
    gain -= 0.002 * np.sign(grad_gain)
    keep -= 0.002 * np.sign(grad_keep)
print(gain, keep, off(unroll(inputs, gain, keep)[:, -1], sums))
