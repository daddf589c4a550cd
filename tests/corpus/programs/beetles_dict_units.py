"""Tells two kinds of beetles apart by three measurements; the network is a list of layers of dictionaries."""
from math import exp
from random import seed, uniform


def new_network(sizes):
    return [[{'weights': [uniform(-0.7, 0.7) for _ in range(before + 1)]} for _ in range(size)]
            for before, size in zip(sizes, sizes[1:])]


def squash(z):
    return 1.0 / (1.0 + exp(-z))


def forward_propagate(network, row):
    values = row
    for layer in network:
        following = []
        for unit in layer:
            total = unit['weights'][-1]
            for k in range(len(unit['weights']) - 1):
                total += unit['weights'][k] * values[k]
            unit['output'] = squash(total)
            following.append(unit['output'])
        values = following
    return values


def backward_propagate_error(network, expected):
    for depth in reversed(range(len(network))):
        for j, unit in enumerate(network[depth]):
            if depth == len(network) - 1:
                error = expected[j] - unit['output']
            else:
                error = 0.0
                for above in network[depth + 1]:
                    error = above['weights'][j] * above['delta']
            unit['delta'] = error * unit['output'] * (1.0 - unit['output'])


def update_weights(network, row, rate):
    values = row[:-1]
    for layer in network:
        for unit in layer:
            for k in range(len(values)):
                unit['weights'][k] += rate * unit['delta'] * values[k]
            unit['weights'][-1] += rate * unit['delta']
        values = [unit['output'] for unit in layer]


def train(network, rows, rate, epochs):
    for epoch in range(epochs):
        total = 0.0
        for row in rows:
            found = forward_propagate(network, row)
            expected = [0, 0]
            expected[row[-1]] = 1
            total += sum((expected[j] - found[j]) ** 2 for j in range(2))
            backward_propagate_error(network, expected)
            update_weights(network, row, rate)
        if epoch % 50 == 0:
            print('epoch %d: %.4f' % (epoch, total))


if __name__ == '__main__':
    seed(11)
    beetles = [[0.9, 0.4, 1.2, 0], [1.1, 0.3, 1.0, 0], [0.8, 0.5, 1.4, 0],
               [0.2, 1.3, 0.3, 1], [0.4, 1.1, 0.2, 1], [0.3, 1.5, 0.5, 1]]
    net = new_network([3, 3, 2])
    train(net, beetles, 0.4, 300)
