import numpy as np

# Two hidden layers with swish, on a made-up regression; all that the way back needs is kept in a dictionary.

rs = np.random.RandomState(12)
N, N_IN, N_HID, N_OUT = 40, 3, 12, 2
X = rs.randn(N, N_IN)
Y = np.stack([np.sin(X[:, 0]) * X[:, 1], X.sum(axis=1)], axis=1)


def gate(z):
    return 1.0 / (1.0 + np.exp(-z))


def swish(z):
    return z * gate(z)


def swish_slope(z):
    g = gate(z)
    return g + z * g * (1.0 - g)


def start():
    net = {}
    for name, rows, columns in (('1', N_IN, N_HID), ('2', N_HID, N_HID), ('3', N_HID, N_OUT)):
        net['W' + name] = rs.randn(rows, columns) / np.sqrt(rows)
        net['b' + name] = np.zeros(columns)
    return net


def ahead(net, x):
    kept = {'x': x}
    kept['s1'] = x @ net['W1'] + net['b1']
    kept['h1'] = swish(kept['s1'])
    kept['s2'] = kept['h1'] @ net['W2'] + net['b2']
    kept['h2'] = swish(kept['s2'])
    kept['out'] = kept['h2'] @ net['W3'] + net['b3']
    return kept


def half_squares(kept, y):
    return 0.5 * np.sum((kept['out'] - y) ** 2) / len(y)


def back(net, kept, y):
    grads = {}
    d3 = (kept['out'] - y) / len(y)
    grads['W3'] = kept['h2'].T @ d3
    grads['b3'] = d3.sum(axis=0)
    d2 = d3 @ net['W3'].T * swish_slope(kept['s2'])
    grads['W2'] = kept['h1'].T @ d2
    grads['b2'] = d2.sum(axis=0)
    d1 = d2 @ net['W2'].T * swish_slope(kept['h1'])
    grads['W1'] = kept['x'].T @ d1
    grads['b1'] = d1.sum(axis=0)
    return grads


if __name__ == '__main__':
    net = start()
    for epoch in range(2000):
        kept = ahead(net, X)
        loss = half_squares(kept, Y)
        grads = back(net, kept, Y)
        for name in net:
            net[name] -= 0.05 * grads[name]
        if epoch % 200 == 0:
            print(epoch, loss)
