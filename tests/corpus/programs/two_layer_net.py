import numpy as np
import pandas as pd
import matplotlib.pyplot as plt

df = pd.read_csv("iris.csv")
X = df.iloc[:, :4].values
X = (X - X.mean(0)) / X.std(0)
names = df["species"].unique()
Y = np.array([[float(s == n) for n in names] for s in df["species"]])

W1, b1 = np.random.randn(4, 10) * .3, np.zeros((1, 10))
W2, b2 = np.random.randn(10, 8) * .3, np.zeros((1, 8))
W3, b3 = np.random.randn(8, 3) * .3, np.zeros((1, 3))


def forward(x):
    z1 = x.dot(W1) + b1
    a1 = np.tanh(z1)
    z2 = a1.dot(W2) + b2
    a2 = np.tanh(z2)
    z3 = a2.dot(W3) + b3
    e = np.exp(z3)
    return a1, a2, e / e.sum(axis=1, keepdims=True)


def cross_entropy(prob, y):
    return -(y * np.log(prob)).sum() / y.shape[0]


def backprop(x, y, acts):
    a1, a2, prob = acts
    m = x.shape[0]
    dz3 = (prob - y) / m
    dW3 = a2.T.dot(dz3)
    db3 = dz3.sum(axis=0, keepdims=True)
    da2 = dz3.dot(W3.T)
    dz2 = da2 * (1 - a2 ** 2)
    dW2 = a1.T.dot(dz2)
    db2 = dz2.sum(axis=0, keepdims=True)
    da1 = da2.dot(W2.T)
    dz1 = da1 * (1 - a1 ** 2)
    dW1 = x.T.dot(dz1)
    db1 = dz1.sum(axis=0, keepdims=True)
    return dW1, db1, dW2, db2, dW3, db3


costs = []
for epoch in range(2000):
    acts = forward(X)
    costs.append(cross_entropy(acts[-1], Y))
    dW1, db1, dW2, db2, dW3, db3 = backprop(X, Y, acts)
    W1 -= .5 * dW1
    b1 -= .5 * db1
    W2 -= .5 * dW2
    b2 -= .5 * db2
    W3 -= .5 * dW3
    b3 -= .5 * db3
    if epoch % 200 == 0:
        print(epoch, costs[-1], (acts[-1].argmax(1) == Y.argmax(1)).mean())
plt.plot(costs)
plt.show()
