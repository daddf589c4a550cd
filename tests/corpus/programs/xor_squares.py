import numpy as np

X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0], [1], [1], [0]])


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)      # x = nonlin(something)
    return 1 / (1 + np.exp(-x))


def feedforward(x, w1, b1, w2, b2):
    a1 = nonlin(x.dot(w1) + b1)
    a2 = nonlin(a1.dot(w2) + b2)
    return a1, a2


def gradients(x, y, w1, b1, w2, b2):
    a1, a2 = feedforward(x, w1, b1, w2, b2)
    l2_error = a2 - y
    l2_delta = l2_error * nonlin(a2, deriv=True)
    l1_error = l2_delta.dot(w2.T)
    l1_delta = l1_error * nonlin(a1)
    return x.T.dot(l1_delta), l1_delta.sum(axis=0), a1.T.dot(l2_delta), l2_delta.sum(axis=0)


def half_squares(a2, y):
    return 0.5 * np.sum((a2 - y) ** 2)


np.random.seed(1)
w1 = 2 * np.random.random((3, 4)) - 1
b1 = np.zeros(4)
w2 = 2 * np.random.random((4, 1)) - 1
b2 = np.zeros(1)
for j in range(60000):
    g = gradients(X, y, w1, b1, w2, b2)
    w1 -= g[0]
    b1 -= g[1]
    w2 -= g[2]
    b2 -= g[3]
    if j % 10000 == 0:
        out = feedforward(X, w1, b1, w2, b2)[1]
        print("half the squares:", half_squares(out, y))
print(np.round(feedforward(X, w1, b1, w2, b2)[1], 3))
