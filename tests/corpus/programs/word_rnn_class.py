import csv
import itertools
import operator
import sys
from datetime import datetime

import numpy as np

VOCAB = 8000
UNK = "UNKNOWN_TOKEN"


def softmax(z):
    z = z - np.max(z)
    e = np.exp(z)
    return e / np.sum(e)


class WordRNN:

    def __init__(self, word_dim, hidden_dim=100, bptt_truncate=4):
        self.word_dim = word_dim
        self.hidden_dim = hidden_dim
        self.bptt_truncate = bptt_truncate
        lim = np.sqrt(1. / word_dim)
        self.U = np.random.uniform(-lim, lim, (hidden_dim, word_dim))
        lim = np.sqrt(1. / hidden_dim)
        self.V = np.random.uniform(-lim, lim, (word_dim, hidden_dim))
        self.W = np.random.uniform(-lim, lim, (hidden_dim, hidden_dim))

    def forward_propagation(self, x):
        T = len(x)
        # the last row stays zero: it is the state "before" the first word
        s = np.zeros((T + 1, self.hidden_dim))
        o = np.zeros((T, self.word_dim))
        for t in np.arange(T):
            s[t] = np.tanh(self.U[:, x[t]] + self.W.dot(s[t - 1]))
            o[t] = softmax(self.V.dot(s[t]))
        return [o, s]

    def predict(self, x):
        o, s = self.forward_propagation(x)
        return np.argmax(o, axis=1)

    def calculate_total_loss(self, x, y):
        L = 0
        for i in np.arange(len(y)):
            o, s = self.forward_propagation(x[i])
            correct = o[np.arange(len(y[i])), y[i]]
            L += -1 * np.sum(np.log(correct))
        return L

    def calculate_loss(self, x, y):
        N = np.sum([len(y_i) for y_i in y])
        return self.calculate_total_loss(x, y) / N

    def bptt(self, x, y):
        T = len(y)
        o, s = self.forward_propagation(x)
        dLdU = np.zeros(self.U.shape)
        dLdV = np.zeros(self.V.shape)
        dLdW = np.zeros(self.W.shape)
        delta_o = o
        delta_o[np.arange(len(y)), y] -= 1.
        for t in np.arange(T)[::-1]:
            dLdV += np.outer(delta_o[t], s[t].T)
            delta_t = self.V.T.dot(delta_o[t]) * (1 - (s[t - 1] ** 2))
            # at most bptt_truncate steps back
            for step in np.arange(max(0, t - self.bptt_truncate), t + 1)[::-1]:
                dLdW += np.outer(delta_t, s[step - 1])
                dLdU[:, x[step]] += delta_t
                delta_t = self.W.T.dot(delta_t) * (1 - s[step - 1] ** 2)
        return [dLdU, dLdV, dLdW]

    def sgd_step(self, x, y, learning_rate):
        dLdU, dLdV, dLdW = self.bptt(x, y)
        self.U -= learning_rate * dLdU
        self.V -= learning_rate * dLdV
        self.W -= learning_rate * dLdW


def train_with_sgd(model, X_train, y_train, learning_rate=0.005, nepoch=100, every=5):
    losses = []
    seen = 0
    for epoch in range(nepoch):
        if epoch % every == 0:
            loss = model.calculate_loss(X_train, y_train)
            losses.append((seen, loss))
            print("%s: loss after %d sentences, epoch %d: %f" % (datetime.now(), seen, epoch, loss))
            if len(losses) > 1 and losses[-1][1] > losses[-2][1]:
                learning_rate = learning_rate * 0.5
                print("learning rate now %f" % learning_rate)
            sys.stdout.flush()
        for i in range(len(y_train)):
            model.sgd_step(X_train[i], y_train[i], learning_rate)
            seen += 1


if __name__ == "__main__":
    with open('comments.csv') as f:
        sentences = ["START " + row[0].lower() + " END" for row in csv.reader(f) if row]
    words = [s.split() for s in sentences]
    counts = {}
    for w in itertools.chain(*words):
        counts[w] = counts.get(w, 0) + 1
    common = sorted(counts.items(), key=operator.itemgetter(1))[::-1][:VOCAB - 1]
    index = dict((w, i) for i, (w, _) in enumerate(common))
    index[UNK] = len(index)
    ids = [[index.get(w, index[UNK]) for w in s] for s in words]
    X_train = [s[:-1] for s in ids]
    y_train = [s[1:] for s in ids]
    model = WordRNN(len(index))
    train_with_sgd(model, X_train[:1000], y_train[:1000])
