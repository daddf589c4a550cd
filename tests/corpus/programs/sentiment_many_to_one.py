import numpy as np
import random
from numpy.random import randn

# one means: they would come again
reviews = [('the soup was lovely', 1), ('cold fries and no smile', 0), ('we waited an hour', 0),
           ('lovely view and lovely people', 1), ('no soup for an hour', 0), ('best fries in town', 1)]

words = sorted(set(' '.join(r for r, _ in reviews).split()))
number = {w: k for k, w in enumerate(words)}


class RNN:
    # many inputs, one output
    def __init__(self, input_size, output_size, hidden_size=64):
        self.Whh = randn(hidden_size, hidden_size) * 0.02
        self.Wxh = randn(hidden_size, input_size) * 0.02
        self.Why = randn(output_size, hidden_size) * 0.02
        self.bh = np.zeros((hidden_size, 1))
        self.by = np.zeros((output_size, 1))

    def forward(self, inputs):
        h = np.zeros((self.Whh.shape[0], 1))
        self.last_inputs = inputs
        self.last_hs = [h]
        for x in inputs:
            h = np.tanh(self.Wxh @ x + self.Whh @ h + self.bh)
            self.last_hs.append(h)
        y = self.Why @ h + self.by
        return y, h

    def backprop(self, d_y, learn_rate=2e-2):
        n = len(self.last_inputs)
        g_out = d_y @ self.last_hs[n].T
        g_by = d_y
        g_rec = np.zeros(self.Whh.shape)
        g_in = np.zeros(self.Wxh.shape)
        g_bh = np.zeros(self.bh.shape)
        d_h = self.Why.T @ d_y
        for t in reversed(range(n)):
            pre = (1 - self.last_hs[t + 1] ** 2) * d_h
            g_bh += pre
            g_rec += pre @ self.last_hs[t].T
            g_in += pre @ self.last_inputs[t].T
            d_h = self.Whh.T @ pre
        for d in [g_in, g_rec, g_out, g_bh, g_by]:
            np.clip(d, -1, 1, out=d)
        self.Whh -= learn_rate * g_rec
        self.Wxh -= learn_rate * g_in
        self.Why -= learn_rate * g_out
        self.bh -= learn_rate * g_bh
        self.by -= learn_rate * g_by


def columns(review):
    return [np.eye(len(words))[:, [number[w]]] for w in review.split()]


def softmax(v):
    e = np.exp(v - np.max(v))
    return e / e.sum()


net = RNN(len(words), 2)
for epoch in range(1, 1001):
    random.shuffle(reviews)
    bill, hits = 0, 0
    for review, label in reviews:
        out, _ = net.forward(columns(review))
        prob = softmax(out)
        bill -= np.log(prob[label, 0])
        hits += np.argmax(prob) == label
        prob[label] -= 1
        net.backprop(prob)
    if epoch % 100 == 0:
        print('epoch', epoch, 'loss', bill / len(reviews), 'right', hits, 'of', len(reviews))
