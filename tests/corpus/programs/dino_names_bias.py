import numpy as np
import random
import copy

names = open('pokemon.txt', 'r').read().lower().splitlines()
alphabet = sorted(set(''.join(names) + '\n'))
vocab_size = len(alphabet)
char_to_ix = {ch: i for i, ch in enumerate(alphabet)}
ix_to_char = {i: ch for i, ch in enumerate(alphabet)}


def softmax(x):
    e_x = np.exp(x - np.max(x))
    return e_x / e_x.sum(axis=0)


def clip(grads, maxValue):
    """keeps every entry between -maxValue and maxValue"""
    grads = copy.deepcopy(grads)
    for key in ['dWax', 'dWaa', 'dWya', 'db', 'dby']:
        np.clip(grads[key], -maxValue, maxValue, out=grads[key])
    return grads


def initialize_parameters(n_a, n_x, n_y):
    np.random.seed(1)
    return {"Wax": np.random.randn(n_a, n_x) * 0.01, "Waa": np.random.randn(n_a, n_a) * 0.01,
            "Wya": np.random.randn(n_y, n_a) * 0.01, "b": np.zeros((n_a, 1)), "by": np.zeros((n_y, 1))}


def rnn_step_forward(parameters, a_last, x):
    Waa, Wax, Wya, by, b = parameters['Waa'], parameters['Wax'], parameters['Wya'], parameters['by'], parameters['b']
    a_next = np.tanh(np.dot(Wax, x) + np.dot(Waa, a_last) + b)
    p_t = softmax(np.dot(Wya, a_next) + by)
    return a_next, p_t


def rnn_step_backward(dy, grads, parameters, x, a, a_last):
    grads['dWya'] += np.dot(dy, a.T)
    grads['dby'] = dy
    da = np.dot(parameters['Wya'].T, dy) + grads['da_next']
    dz = (1 - a * a) * da
    grads['db'] += dz
    grads['dWax'] += np.dot(dz, x.T)
    grads['dWaa'] += np.dot(dz, a.T)
    grads['da_next'] = np.dot(parameters['Waa'].T, dz)
    return grads


def update_parameters(parameters, grads, lr):
    for key in ('Wax', 'Waa', 'Wya', 'b', 'by'):
        parameters[key] += -lr * grads['d' + key]
    return parameters


def rnn_forward(X, Y, a0, parameters, vocab_size=27):
    x, a, y_hat = {}, {}, {}
    a[-1] = np.copy(a0)
    loss = 0
    for t in range(len(X)):
        # a None stands for the zero vector in front of every name
        x[t] = np.zeros((vocab_size, 1))
        if X[t] is not None:
            x[t][X[t]] = 1
        a[t], y_hat[t] = rnn_step_forward(parameters, a[t-1], x[t])
        loss -= np.log(y_hat[t][Y[t], 0])
    cache = (y_hat, a, x)
    return loss, cache


def rnn_backward(X, Y, parameters, cache):
    grads = {}
    (y_hat, a, x) = cache
    for key in ('Wax', 'Waa', 'Wya', 'b', 'by'):
        grads['d' + key] = np.zeros_like(parameters[key])
    grads['da_next'] = np.zeros_like(a[0])
    for t in reversed(range(len(X))):
        dy = np.copy(y_hat[t])
        dy[Y[t]] -= 1
        grads = rnn_step_backward(dy, grads, parameters, x[t], a[t], a[t-1])
    return grads, a


def optimize(X, Y, a_last, parameters, learning_rate=0.01):
    loss, cache = rnn_forward(X, Y, a_last, parameters, vocab_size)
    grads, a = rnn_backward(X, Y, parameters, cache)
    update_parameters(parameters, clip(grads, 5), learning_rate)
    return loss, a[len(X) - 1]


def sample(parameters, limit=40):
    """lets the net spell one name"""
    a = np.zeros((parameters['Waa'].shape[0], 1))
    x = np.zeros((vocab_size, 1))
    spelled = ''
    while len(spelled) < limit and not spelled.endswith('\n'):
        a, y = rnn_step_forward(parameters, a, x)
        k = np.random.choice(vocab_size, p=y.ravel())
        x = np.zeros((vocab_size, 1))
        x[k] = 1
        spelled += ix_to_char[k]
    return spelled.strip().capitalize()


def model(num_iterations=20000, n_a=50):
    parameters = initialize_parameters(n_a, vocab_size, vocab_size)
    a_last = np.zeros((n_a, 1))
    average = 20.0
    for j in range(num_iterations):
        name = random.choice(names)
        Y = [char_to_ix[ch] for ch in name + '\n']
        X = [None] + Y[:-1]
        loss, a_last = optimize(X, Y, a_last, parameters)
        average += 0.001 * (loss - average)
        if j % 2000 == 0:
            print(j, average, ', '.join(sample(parameters) for _ in range(7)))
    return parameters


parameters = model()
