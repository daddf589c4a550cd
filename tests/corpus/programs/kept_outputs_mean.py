"""Three clusters and two layers of weights: every layer keeps `output` on the way in and `dinputs` on the way back."""

import numpy as np


class Affine:
    def __init__(self, width_in, width_out):
        self.weights = 0.05 * np.random.randn(width_in, width_out)
        self.biases = np.zeros((1, width_out))

    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases

    def backward(self, dvalues):
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = np.mean(dvalues, axis=0, keepdims=True)
        self.dinputs = np.dot(dvalues, self.weights.T)


class Bend:
    def forward(self, inputs):
        self.output = np.tanh(inputs)

    def backward(self, dvalues):
        self.dinputs = (1 - self.output**2) * dvalues


class SoftmaxLoss:
    def forward(self, inputs, y_true):
        powers = np.exp(inputs - np.max(inputs, axis=1, keepdims=True))
        self.output = powers / np.sum(powers, axis=1, keepdims=True)
        return -np.mean(np.log(self.output[np.arange(len(inputs)), y_true]))

    def backward(self, dvalues, y_true):
        # what comes in are the probabilities once more, not a gradient
        self.dinputs = dvalues.copy()
        self.dinputs[np.arange(len(dvalues)), y_true] -= 1
        self.dinputs /= len(dvalues)


class Descent:
    def __init__(self, learning_rate=0.5):
        self.learning_rate = learning_rate

    def update_params(self, layer):
        layer.weights += -self.learning_rate * layer.dweights
        layer.biases += -self.learning_rate * layer.dbiases


np.random.seed(4)
labels = np.random.randint(0, 3, 60)
points = np.random.randn(60, 2) * 0.3 + np.array([[0, 0], [1, 1], [1, -1]])[labels]

first, bend, second, head = Affine(2, 16), Bend(), Affine(16, 3), SoftmaxLoss()
optimizer = Descent()
for epoch in range(2001):
    first.forward(points)
    bend.forward(first.output)
    second.forward(bend.output)
    loss = head.forward(second.output, labels)
    if epoch % 100 == 0:
        print(epoch, loss)
    head.backward(head.output, labels)
    second.backward(head.dinputs)
    bend.backward(second.dinputs)
    first.backward(bend.dinputs)
    optimizer.update_params(first)
    optimizer.update_params(second)
