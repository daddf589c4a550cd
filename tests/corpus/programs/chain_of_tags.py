"""The loss of a linear chain of tags: all paths against the right one, summed in logarithms."""
import numpy as np


def log_sum(values, axis):
    top = values.max(axis=axis, keepdims=True)
    return np.squeeze(top, axis) + np.log(np.exp(values - top).sum(axis=axis))


def chain_loss_and_grads(scores, tags, moves):
    """
    scores: (T, K) how well a tag suits a word
    tags: list of T integers
    moves: (K, K) from the row's tag to the column's
    """
    T, K = scores.shape
    alpha, beta = np.zeros((T, K)), np.zeros((T, K))
    alpha[0] = scores[0]
    for t in range(1, T):
        alpha[t] = log_sum(alpha[t - 1][:, None] + moves, 0) + scores[t]
    for t in range(T - 2, -1, -1):
        beta[t] = log_sum(moves + (scores[t + 1] + beta[t + 1])[None, :], 1)
    log_z = log_sum(alpha[T - 1], 0)
    path = scores[0, tags[0]]
    for t in range(1, T):
        path += moves[tags[t - 1], tags[t]] + scores[t, tags[t]]
    dscores, dmoves = np.exp(alpha + beta - log_z), np.zeros((K, K))
    for t in range(T):
        dscores[t, tags[t]] -= 1
    for t in range(1, T):
        dmoves += np.exp(alpha[t - 1][:, None] + moves + (scores[t] + beta[t])[None, :] - log_z)
        dmoves[tags[t - 1], tags[t]] -= 1
    return log_z - path, dscores, dmoves
