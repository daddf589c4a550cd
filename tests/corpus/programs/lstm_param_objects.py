import signal
import numpy as np
import matplotlib.pyplot as plt
from IPython import display

text = open('diary.txt').read()
signs = sorted(set(text))
number = {s: k for k, s in enumerate(signs)}

H_size, X_size = 100, len(signs)
chunk = 25
learning_rate = 0.1


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_slope(y):
    return y * (1 - y)


def tanh(x):
    return np.tanh(x)


def tanh_slope(y):
    return 1 - y * y


class Param:
    """value, derivative, sum of squared derivatives"""
    def __init__(self, *shape, centre=0.0):
        self.v = centre + 0.1 * np.random.randn(*shape)
        self.d = np.zeros(shape)
        self.m = np.zeros(shape)


class Parameters:
    def __init__(self, H_size, X_size):
        for gate in 'fiCo':
            setattr(self, 'W_' + gate, Param(H_size, H_size + X_size, centre=0.0 if gate == 'C' else 0.5))
            setattr(self, 'b_' + gate, Param(H_size, 1))
        self.W_v, self.b_v = Param(X_size, H_size), Param(X_size, 1)

    def all(self):
        return [self.W_f, self.W_i, self.W_C, self.W_o, self.W_v,
                self.b_f, self.b_i, self.b_C, self.b_o, self.b_v]


def forward(x, h_prev, C_prev, p):
    z = np.concatenate((h_prev, x))
    f = sigmoid(np.dot(p.W_f.v, z) + p.b_f.v)
    i = sigmoid(np.dot(p.W_i.v, z) + p.b_i.v)
    C_bar = tanh(np.dot(p.W_C.v, z) + p.b_C.v)
    C = f * C_prev + i * C_bar
    o = sigmoid(np.dot(p.W_o.v, z) + p.b_o.v)
    h = o * tanh(C)
    v = np.dot(p.W_v.v, h) + p.b_v.v
    y = np.exp(v) / np.sum(np.exp(v))
    return z, f, i, C_bar, C, o, h, v, y


def backward(target, dh_next, dC_next, C_prev, z, f, i, C_bar, C, o, h, v, y, p):
    dv = np.copy(y)
    dv[target] -= 1
    p.W_v.d += np.dot(dv, h.T)
    p.b_v.d += dv

    dh = np.dot(p.W_v.v.T, dv)
    dh += dh_next
    do = dh * tanh(C)
    do = sigmoid_slope(o) * do
    p.W_o.d += np.dot(do, z.T)
    p.b_o.d += do

    dC = np.copy(dC_next)
    dC += dh * o * tanh_slope(tanh(C))
    dC_bar = dC * i
    dC_bar = tanh_slope(C_bar) * dC_bar
    p.W_C.d += np.dot(dC_bar, z.T)
    p.b_C.d += dC_bar

    di = dC * C_bar
    di = sigmoid_slope(i) * di
    p.W_i.d += np.dot(di, z.T)
    p.b_i.d += di

    df = dC * C_prev
    df = sigmoid_slope(f) * df
    p.W_f.d += np.dot(df, z.T)
    p.b_f.d += df

    dz = (np.dot(p.W_f.v.T, df) + np.dot(p.W_i.v.T, di)
          + np.dot(p.W_C.v.T, dC_bar) + np.dot(p.W_o.v.T, do))
    dh_prev = dz[:h.shape[0], :]
    dC_prev = f * dC
    return dh_prev, dC_prev


def wipe(params):
    for p in params.all():
        p.d.fill(0)


def tame(params, bound=5):
    for p in params.all():
        np.clip(p.d, -bound, bound, out=p.d)


def forward_backward(inputs, targets, h_prev, C_prev, params):
    steps = []
    loss = 0
    h, C = h_prev, C_prev
    for k, target in zip(inputs, targets):
        x = np.zeros((X_size, 1))
        x[k] = 1
        before = C
        values = forward(x, h, C, params)
        C, h, y = values[4], values[6], values[8]
        steps.append((target, before, values))
        loss -= np.log(y[target, 0])
    wipe(params)
    dh, dC = np.zeros_like(h_prev), np.zeros_like(C_prev)
    for target, before, values in reversed(steps):
        dh, dC = backward(target, dh, dC, before, *values, params)
    tame(params)
    return loss, h, C


def adagrad(params):
    for p in params.all():
        p.m += p.d ** 2
        p.v -= learning_rate * p.d / np.sqrt(p.m + 1e-8)


parameters = Parameters(H_size, X_size)
running = True
def stop(*_):
    global running
    running = False
signal.signal(signal.SIGINT, stop)

curve = []
place = len(text)
while running:
    if place + chunk >= len(text):
        place = 0
        h, C = np.zeros((H_size, 1)), np.zeros((H_size, 1))
    ids = [number[s] for s in text[place:place + chunk + 1]]
    loss, h, C = forward_backward(ids[:-1], ids[1:], h, C, parameters)
    adagrad(parameters)
    curve.append(loss / chunk)
    place += chunk
    if len(curve) % 200 == 0:
        display.clear_output(wait=True)
        plt.plot(np.convolve(curve, np.ones(100) / 100, 'valid'))
        plt.show()
