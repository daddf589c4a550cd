import numpy as np
import matplotlib.pyplot as plt
from IPython import display
import signal

data = open('input.txt', 'r').read()
chars = list(set(data))
char_to_idx = {ch: i for i, ch in enumerate(chars)}
idx_to_char = {i: ch for i, ch in enumerate(chars)}

H_size = 100
X_size = len(chars)
T_steps = 25
learning_rate = 1e-1
weight_sd = 0.1


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def dsigmoid(y):
    return y * (1 - y)


def tanh(x):
    return np.tanh(x)


def dtanh(y):
    return 1 - y * y


class Param:
    def __init__(self, name, value):
        self.name = name
        self.v = value                  # value
        self.d = np.zeros_like(value)   # derivative
        self.m = np.zeros_like(value)   # momentum for adagrad


class Parameters:
    def __init__(self, H_size, X_size):
        z_size = H_size + X_size
        self.W_f = Param('W_f', np.random.randn(H_size, z_size) * .1 + 0.5)
        self.b_f = Param('b_f', np.zeros((H_size, 1)))
        self.W_i = Param('W_i', np.random.randn(H_size, z_size) * .1 + 0.5)
        self.b_i = Param('b_i', np.zeros((H_size, 1)))
        self.W_C = Param('W_C', np.random.randn(H_size, z_size) * .1)
        self.b_C = Param('b_C', np.zeros((H_size, 1)))
        self.W_o = Param('W_o', np.random.randn(H_size, z_size) * .1 + 0.5)
        self.b_o = Param('b_o', np.zeros((H_size, 1)))
        self.W_v = Param('W_v', np.random.randn(X_size, H_size) * .1)
        self.b_v = Param('b_v', np.zeros((X_size, 1)))

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
    do = dsigmoid(o) * do
    p.W_o.d += np.dot(do, z.T)
    p.b_o.d += do

    dC = np.copy(dC_next)
    dC += dh * o * dtanh(tanh(C))
    dC_bar = dC * i
    dC_bar = dtanh(C_bar) * dC_bar
    p.W_C.d += np.dot(dC_bar, z.T)
    p.b_C.d += dC_bar

    di = dC * C_bar
    di = dsigmoid(i) * di
    p.W_i.d += np.dot(di, z.T)
    p.b_i.d += di

    df = dC * C_prev
    df = dsigmoid(f) * df
    p.W_f.d += np.dot(df, z.T)
    p.b_f.d += df

    dz = (np.dot(p.W_f.v.T, df) + np.dot(p.W_i.v.T, di)
          + np.dot(p.W_C.v.T, dC_bar) + np.dot(p.W_o.v.T, do))
    dh_prev = dz[:h.shape[0], :]
    dC_prev = f * dC
    return dh_prev, dC_prev


def clear_gradients(params):
    for p in params.all():
        p.d.fill(0)


def clip_gradients(params, bound=5):
    for p in params.all():
        np.clip(p.d, -bound, bound, out=p.d)


def forward_backward(inputs, targets, h_prev, C_prev, params):
    x_s, z_s, f_s, i_s, C_bar_s, C_s, o_s, h_s, v_s, y_s = {}, {}, {}, {}, {}, {}, {}, {}, {}, {}
    h_s[-1] = np.copy(h_prev)
    C_s[-1] = np.copy(C_prev)
    loss = 0
    for t in range(len(inputs)):
        x_s[t] = np.zeros((X_size, 1))
        x_s[t][inputs[t]] = 1
        (z_s[t], f_s[t], i_s[t], C_bar_s[t], C_s[t], o_s[t], h_s[t],
         v_s[t], y_s[t]) = forward(x_s[t], h_s[t - 1], C_s[t - 1], params)
        loss += -np.log(y_s[t][targets[t], 0])
    clear_gradients(params)
    dh_next = np.zeros_like(h_s[0])
    dC_next = np.zeros_like(C_s[0])
    for t in reversed(range(len(inputs))):
        dh_next, dC_next = backward(targets[t], dh_next, dC_next, C_s[t - 1], z_s[t], f_s[t], i_s[t],
                                    C_bar_s[t], C_s[t], o_s[t], h_s[t], v_s[t], y_s[t], params)
    clip_gradients(params)
    return loss, h_s[len(inputs) - 1], C_s[len(inputs) - 1]


def update_parameters(params):
    for p in params.all():
        p.m += p.d * p.d
        p.v += -(learning_rate * p.d / np.sqrt(p.m + 1e-8))


parameters = Parameters(H_size, X_size)
smooth_loss = -np.log(1.0 / X_size) * T_steps
iteration, pointer = 0, 0
plot_iter, plot_loss = np.zeros((0)), np.zeros((0))
stop = False
def on_signal(*_):
    global stop
    stop = True
signal.signal(signal.SIGINT, on_signal)
while not stop:
    if pointer + T_steps >= len(data) or iteration == 0:
        g_h_prev = np.zeros((H_size, 1))
        g_C_prev = np.zeros((H_size, 1))
        pointer = 0
    inputs = [char_to_idx[ch] for ch in data[pointer: pointer + T_steps]]
    targets = [char_to_idx[ch] for ch in data[pointer + 1: pointer + T_steps + 1]]
    loss, g_h_prev, g_C_prev = forward_backward(inputs, targets, g_h_prev, g_C_prev, parameters)
    smooth_loss = smooth_loss * 0.999 + loss * 0.001
    if iteration % 100 == 0:
        display.clear_output(wait=True)
        plt.plot(plot_iter, plot_loss)
        plt.show()
        print("iter %d, loss %f" % (iteration, smooth_loss))
    update_parameters(parameters)
    plot_iter = np.append(plot_iter, [iteration])
    plot_loss = np.append(plot_loss, [loss])
    pointer += T_steps
    iteration += 1
