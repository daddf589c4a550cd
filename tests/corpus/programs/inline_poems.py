import numpy as np

poem = open("poem.txt").read()
poem = poem.replace("\r", "")
vocab = list(sorted(set(poem)))
n_vocab = len(vocab)
lookup = {ch: n for n, ch in enumerate(vocab)}

n_hid = 75
n_steps = 16
eta = 0.02
n_iter = 20000

rng = np.random.RandomState(7)
W_xh = rng.normal(0, 0.1, (n_hid, n_vocab))
W_hh = rng.normal(0, 0.1, (n_hid, n_hid))
W_hy = rng.normal(0, 0.1, (n_vocab, n_hid))
b_h = np.zeros((n_hid, 1))
b_y = np.zeros((n_vocab, 1))
h_prev = np.zeros((n_hid, 1))
cursor = 0

for it in range(n_iter):
    if cursor + n_steps + 1 > len(poem):
        cursor = 0
        h_prev = np.zeros((n_hid, 1))
    xs_idx = [lookup[c] for c in poem[cursor:cursor + n_steps]]
    ys_idx = [lookup[c] for c in poem[cursor + 1:cursor + n_steps + 1]]

    # ---- forward
    hs = {-1: h_prev}
    xs, probs = {}, {}
    loss = 0
    for t in range(n_steps):
        xs[t] = np.zeros((n_vocab, 1))
        xs[t][xs_idx[t]] = 1
        hs[t] = np.tanh(W_xh.dot(xs[t]) + W_hh.dot(hs[t - 1]) + b_h)
        z = W_hy.dot(hs[t]) + b_y
        z = np.exp(z - z.max())
        probs[t] = z / z.sum()
        loss += -np.log(probs[t][ys_idx[t], 0])

    # ---- backward
    G_xh = np.zeros_like(W_xh)
    G_hh = np.zeros_like(W_hh)
    G_hy = np.zeros_like(W_hy)
    G_bh = np.zeros_like(b_h)
    G_by = np.zeros_like(b_y)
    from_future = np.zeros_like(h_prev)
    for t in reversed(range(n_steps)):
        err = probs[t].copy()
        err[ys_idx[t]] -= 1
        delta = (W_hy.T.dot(err) + from_future) * (1 - hs[t] ** 2)
        from_future = W_hh.T.dot(delta)
        G_xh += delta.dot(xs[t].T)
        G_hh += delta.dot(hs[t - 1].T)
        G_hy += err.dot(hs[t].T)
        G_by += err

    for W, G in [(W_xh, G_xh), (W_hh, G_hh), (W_hy, G_hy), (b_h, G_bh), (b_y, G_by)]:
        np.clip(G, -5, 5, out=G)
        W -= eta * G
    h_prev = hs[n_steps - 1]
    cursor += n_steps
    if it % 250 == 0:
        print("%6d  %.4f" % (it, loss / n_steps))
