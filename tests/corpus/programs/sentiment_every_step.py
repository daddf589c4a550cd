import numpy as np
import random
from numpy.random import randn

train_data = {'so good': True, 'not bad at all': True, 'i am sad': False, 'this is very bad': False,
              'i am happy right now': True, 'that was not good earlier': False}

vocab = sorted({w for text in train_data for w in text.split(' ')})
vocab_size = len(vocab)
word_to_idx = {w: i for i, w in enumerate(vocab)}


class SentimentNet:
    # many inputs, one output
    def __init__(self, input_size, output_size, hidden_size=64):
        self.Whh = randn(hidden_size, hidden_size) / 1000
        self.Wxh = randn(hidden_size, input_size) / 1000
        self.Why = randn(output_size, hidden_size) / 1000
        self.bh = np.zeros((hidden_size, 1))
        self.by = np.zeros((output_size, 1))

    def forward(self, inputs):
        h = np.zeros((self.Whh.shape[0], 1))
        self.last_inputs = inputs
        self.last_hs = {0: h}
        for i, x in enumerate(inputs):
            h = np.tanh(self.Wxh @ x + self.Whh @ h + self.bh)
            self.last_hs[i + 1] = h
        y = self.Why @ h + self.by
        return y, h

    def backprop(self, dL_dy, learn_rate=2e-2):
        n = len(self.last_inputs)
        dL_dWhy = dL_dy @ self.last_hs[n].T
        d_by = dL_dy
        dL_dWhh = np.zeros(self.Whh.shape)
        dL_dWxh = np.zeros(self.Wxh.shape)
        d_bh = np.zeros(self.bh.shape)
        dh = self.Why.T @ dL_dy
        for t in reversed(range(n)):
            dtanh = (1 - self.last_hs[t + 1] ** 2) * dh
            d_bh += dtanh
            dL_dWhh += dtanh @ self.last_hs[t].T
            dL_dWxh += dtanh @ self.last_inputs[t].T
            dh = self.Why.T @ dL_dy + self.Whh.T @ dtanh
        for d in [dL_dWxh, dL_dWhh, dL_dWhy, d_bh, d_by]:
            np.clip(d, -1, 1, out=d)
        self.Whh -= learn_rate * dL_dWhh
        self.Wxh -= learn_rate * dL_dWxh
        self.Why -= learn_rate * dL_dWhy
        self.bh -= learn_rate * d_bh
        self.by -= learn_rate * d_by


def createInputs(text):
    inputs = []
    for w in text.split(' '):
        v = np.zeros((vocab_size, 1))
        v[word_to_idx[w]] = 1
        inputs.append(v)
    return inputs


def softmax(xs):
    return np.exp(xs) / sum(np.exp(xs))


def processData(rnn, data, backprop=True):
    items = list(data.items())
    random.shuffle(items)
    loss, num_correct = 0, 0
    for x, y in items:
        inputs, target = createInputs(x), int(y)
        out, _ = rnn.forward(inputs)
        probs = softmax(out)
        loss -= np.log(probs[target])
        num_correct += int(np.argmax(probs) == target)
        if backprop:
            d_L_d_y = probs
            d_L_d_y[target] -= 1
            rnn.backprop(d_L_d_y)
    return loss / len(data), num_correct / len(data)


rnn = SentimentNet(vocab_size, 2)
for epoch in range(1000):
    train_loss, train_acc = processData(rnn, train_data)
    if epoch % 100 == 99:
        print('--- Epoch %d' % (epoch + 1))
        print('Train:\tLoss %.3f | Accuracy: %.3f' % (train_loss.item(), train_acc))
