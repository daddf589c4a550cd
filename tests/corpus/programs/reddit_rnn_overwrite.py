import numpy as np
import nltk
import csv, sys, os
from datetime import datetime

vocabulary_size = 8000
sentence_start, sentence_end = "<s>", "</s>"


def softmax(x):
    xt = np.exp(x - np.max(x))
    return xt / np.sum(xt)


class LanguageModel(object):
    def __init__(self, word_dim, hidden_dim=100, bptt_truncate=4):
        self.word_dim, self.hidden_dim, self.bptt_truncate = word_dim, hidden_dim, bptt_truncate
        self.U = np.random.uniform(-np.sqrt(1./word_dim), np.sqrt(1./word_dim), (hidden_dim, word_dim))
        self.V = np.random.uniform(-np.sqrt(1./hidden_dim), np.sqrt(1./hidden_dim), (word_dim, hidden_dim))
        self.W = np.random.uniform(-np.sqrt(1./hidden_dim), np.sqrt(1./hidden_dim), (hidden_dim, hidden_dim))

    def forward_propagation(self, x):
        T = len(x)
        S = np.zeros((T + 1, self.hidden_dim))   # S[-1] is the zero state
        O = np.zeros((T, self.word_dim))
        for t in range(T):
            S[t] = np.tanh(self.U[:, x[t]] + self.W.dot(S[t-1]))
            O[t] = softmax(self.V.dot(S[t]))
        return (O, S)

    def calculate_loss(self, xs, ys):
        total, words = 0.0, 0
        for x, y in zip(xs, ys):
            O, S = self.forward_propagation(x)
            total -= np.sum(np.log(O[np.arange(len(y)), y]))
            words += len(y)
        return total / words

    def backprop_through_time(self, x, y):
        T = len(y)
        O, S = self.forward_propagation(x)
        dLdU, dLdV, dLdW = np.zeros_like(self.U), np.zeros_like(self.V), np.zeros_like(self.W)
        err = O
        err[np.arange(T), y] -= 1.
        for t in range(T - 1, -1, -1):
            dLdV = np.outer(err[t], S[t])
            delta_t = self.V.T.dot(err[t]) * (1 - S[t]**2)
            for k in range(t, max(0, t - self.bptt_truncate) - 1, -1):
                dLdW += np.outer(delta_t, S[k])
                dLdU[:, x[k]] += delta_t
                delta_t = self.W.T.dot(delta_t) * (1 - S[k-1]**2)
        return dLdU, dLdV, dLdW

    def one_sgd_step(self, x, y, learning_rate):
        dLdU, dLdV, dLdW = self.backprop_through_time(x, y)
        self.U -= learning_rate * dLdU
        self.V -= learning_rate * dLdV
        self.W -= learning_rate * dLdW

    def compare(self, x, y, h=1e-4):
        kept, self.bptt_truncate = self.bptt_truncate, len(x)
        for name, grad in zip('UVW', self.backprop_through_time(x, y)):
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
        self.bptt_truncate = kept


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
model = LanguageModel(vocabulary_size)
model.one_sgd_step(X_train[10], y_train[10], 0.005)
for epoch in range(10):
    print(datetime.now(), epoch, model.calculate_loss(X_train[:100], y_train[:100]))
    for x, y in zip(X_train[:100], y_train[:100]):
        model.one_sgd_step(x, y, 0.005)
