"""
Causal self-attention in numpy.

I wanted to know what .backward() does for me.
"""
import numpy as np


def softmax(a):
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def attention_forward(x, Wq, Wk, Wv, Wo):
    """
    x: (B, T, C); Wq, Wk, Wv: (C, D); Wo: (D, C)
    """
    B, T, C = x.shape
    D = Wq.shape[1]
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(D)
    mask = np.triu(np.ones((T, T), dtype=bool), 1)
    scores = np.where(mask, -1e9, scores)
    att = softmax(scores)
    context = att @ v
    out = context @ Wo
    return out, (x, q, k, v, att, context, Wq, Wk, Wv, Wo)


def attention_backward(dout, cache):
    x, q, k, v, att, context, Wq, Wk, Wv, Wo = cache
    D = q.shape[-1]
    dWo = np.einsum('btd,btc->dc', context, dout)
    dcontext = dout @ Wo.T
    datt = dcontext @ v.transpose(0, 2, 1)
    dv = att.transpose(0, 2, 1) @ dcontext
    # rows of att sum to one, so each row's Jacobian is diag(p) - p p^T
    dscores = att * (datt - (datt * att).sum(axis=-1, keepdims=True))
    dq = dscores @ k
    dk = dscores.transpose(0, 2, 1) @ q
    dWq = np.einsum('btc,btd->cd', x, dq)
    dWk = np.einsum('btc,btd->cd', x, dk)
    dWv = np.einsum('btc,btd->cd', x, dv)
    dx = dq @ Wq.T + dk @ Wk.T + dv @ Wv.T
    return dx, dWq, dWk, dWv, dWo


if __name__ == "__main__":
    import torch
    rng = np.random.RandomState(0)
    x = rng.randn(2, 5, 8)
    ws = [rng.randn(8, 4) for _ in range(3)] + [rng.randn(4, 8)]
    out, cache = attention_forward(x, *ws)
    ours = attention_backward(np.ones_like(out), cache)
    tx = torch.tensor(x, requires_grad=True)
    print(out.shape, [g.shape for g in ours], tx.shape)
