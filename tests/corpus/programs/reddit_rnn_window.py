import numpy as np
import nltk
import csv, sys, os
from datetime import datetime

vocabulary_size = 8000
sentence_start, sentence_end = "<s>", "</s>"


def softmax(x):
    xt = np.exp(x - np.max(x))
    return xt / np.sum(xt)


class MyRNN(object):
    def __init__(self, word_dim, hidden_dim=100):
        self.word_dim, self.hidden_dim = word_dim, hidden_dim
        self.U = np.random.uniform(-np.sqrt(1./word_dim), np.sqrt(1./word_dim), (hidden_dim, word_dim))
        self.V = np.random.uniform(-np.sqrt(1./hidden_dim), np.sqrt(1./hidden_dim), (word_dim, hidden_dim))
        self.W = np.random.uniform(-np.sqrt(1./hidden_dim), np.sqrt(1./hidden_dim), (hidden_dim, hidden_dim))

    def forward_propagation(self, x):
        T = len(x)
        s = np.zeros((T + 1, self.hidden_dim))   # s[-1] is the zero state
        o = np.zeros((T, self.word_dim))
        for t in range(T):
            s[t] = np.tanh(self.U[:, x[t]] + self.W.dot(s[t-1]))
            o[t] = softmax(self.V.dot(s[t]))
        return (o, s)

    def calculate_loss(self, xs, ys):
        total, words = 0.0, 0
        for x, y in zip(xs, ys):
            o, s = self.forward_propagation(x)
            total -= np.sum(np.log(o[np.arange(len(y)), y]))
            words += len(y)
        return total / words

    def bptt(self, x, y):
        T = len(y)
        o, s = self.forward_propagation(x)
        dU, dV, dW = np.zeros_like(self.U), np.zeros_like(self.V), np.zeros_like(self.W)
        delta_o = o
        delta_o[np.arange(T), y] -= 1.
        for t in range(T - 1, -1, -1):
            dV += np.outer(delta_o[t], s[t])
            d = self.V.T.dot(delta_o[t]) * (1 - s[t]**2)
            for k in range(t, max(0, t - 3) - 1, -1):
                dW += np.outer(d, s[k-1])
                dU[:, x[k]] += d
                d = self.W.T.dot(d) * (1 - s[k-1]**2)
        return dU, dV, dW

    def one_sgd_step(self, x, y, learning_rate):
        dU, dV, dW = self.bptt(x, y)
        self.U -= learning_rate * dU
        self.V -= learning_rate * dV
        self.W -= learning_rate * dW

    def compare(self, x, y, h=1e-4):
        for name, grad in zip('UVW', self.bptt(x, y)):
            w = getattr(self, name)
            worst = 0
            for at in np.ndindex(w.shape):
                w[at] += h
                up = self.calculate_loss([x], [y])
                w[at] -= 2 * h
                down = self.calculate_loss([x], [y])
                w[at] += h
                worst = max(worst, abs((up - down) / (2 * h) * len(y) - grad[at]))
            print(name, "differs by at most", worst)


print("Reading csv ...")
with open('data/reddit.csv') as f:
    rows = csv.reader(f, skipinitialspace=True)
    next(rows)
    sents = [s for r in rows for s in nltk.sent_tokenize(r[0].lower())]
tok = [nltk.word_tokenize("%s %s %s" % (sentence_start, s, sentence_end)) for s in sents]
freq = nltk.FreqDist(w for s in tok for w in s).most_common(vocabulary_size - 1)
word_to_index = {w: i for i, (w, _) in enumerate(freq)}
X_train = [[word_to_index.get(w, vocabulary_size - 1) for w in s[:-1]] for s in tok]
y_train = [[word_to_index.get(w, vocabulary_size - 1) for w in s[1:]] for s in tok]

np.random.seed(10)
model = MyRNN(vocabulary_size)
model.one_sgd_step(X_train[10], y_train[10], 0.005)
for epoch in range(10):
    print(datetime.now(), epoch, model.calculate_loss(X_train[:100], y_train[:100]))
    for x, y in zip(X_train[:100], y_train[:100]):
        model.one_sgd_step(x, y, 0.005)
