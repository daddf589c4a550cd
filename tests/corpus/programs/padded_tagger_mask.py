"""Tags for padded batches of words: a recurrent layer, and one tag for each word that is there."""
import numpy as np


def start(n_words, n_embed, n_hidden, n_tags, rng):
    w = {"E": rng.normal(0, 0.1, (n_words, n_embed)),
         "W": rng.normal(0, 0.1, (n_embed, n_hidden)),
         "U": rng.normal(0, 0.1, (n_hidden, n_hidden)),
         "V": rng.normal(0, 0.1, (n_hidden, n_tags)),
         "c": np.zeros(n_tags)}
    return w


def tagging_loss(w, words, tags, lengths):
    """words and tags: (B, T) integers; lengths: how many words each row has."""
    B, T = words.shape
    mask = (np.arange(T)[None, :] < np.asarray(lengths)[:, None]).astype(float)
    total, h, kept = 0.0, np.zeros((B, w["U"].shape[0])), []
    for t in range(T):
        x = w["E"][words[:, t]]
        before, h = h, np.tanh(x @ w["W"] + h @ w["U"])
        s = h @ w["V"] + w["c"]
        s = s - s.max(axis=1, keepdims=True)
        p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
        total -= (np.log(p[np.arange(B), tags[:, t]]) * mask[:, t]).sum()
        kept.append((x, before, h, p))
    count = mask.sum()
    grads = {name: np.zeros_like(value) for name, value in w.items()}
    dh_next = np.zeros_like(h)
    for t in reversed(range(T)):
        x, before, h, p = kept[t]
        ds = p.copy()
        ds[np.arange(B), tags[:, t]] -= 1
        ds /= count
        grads["V"] += h.T @ ds
        grads["c"] += ds.sum(axis=0)
        dz = (ds @ w["V"].T + dh_next) * (1 - h ** 2)
        grads["W"] += x.T @ dz
        grads["U"] += before.T @ dz
        np.add.at(grads["E"], words[:, t], dz @ w["W"].T)
        dh_next = dz @ w["U"].T
    return total / count, grads
