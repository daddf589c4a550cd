"""A recurrent network that continues a wave, without any library: weights are lists of lists."""
import math
import random

UNITS = 4


def outputs(Wx, Wh, bh, Wy, waves):
    states = [[0.0] * UNITS]
    for value in waves:
        state = []
        for i in range(UNITS):
            total = Wx[i] * value + bh[i]
            for j in range(UNITS):
                total += Wh[i][j] * states[-1][j]
            state.append(math.tanh(total))
        states.append(state)
    return states, sum(Wy[i] * states[-1][i] for i in range(UNITS))


def loss_and_gradients(Wx, Wh, bh, Wy, waves, target):
    states, guess = outputs(Wx, Wh, bh, Wy, waves)
    loss = 0.5 * (guess - target) ** 2
    dWx, dbh = [0.0] * UNITS, [0.0] * UNITS
    dWh = [[0.0] * UNITS for _ in range(UNITS)]
    dWy = [(guess - target) * states[-1][i] for i in range(UNITS)]
    dh = [(guess - target) * Wy[i] for i in range(UNITS)]
    for t in range(len(waves) - 1, -1, -1):
        dz = [dh[i] * (1 - states[t + 1][i] ** 2) for i in range(UNITS)]
        for i in range(UNITS):
            dWx[i] += dz[i] * waves[t]
            dbh[i] += dz[i]
            for j in range(UNITS):
                dWh[i][j] += dz[i] * states[t][j]
        dh = [sum(Wh[i][j] * dz[i] for i in range(UNITS)) for j in range(UNITS)]
    return loss, dWx, dWh, dbh, dWy


if __name__ == '__main__':
    random.seed(2)
    Wx, Wy = ([random.uniform(-0.5, 0.5) for _ in range(UNITS)] for _ in range(2))
    Wh = [[random.uniform(-0.5, 0.5) for _ in range(UNITS)] for _ in range(UNITS)]
    bh = [0.0] * UNITS
    wave = [math.sin(0.4 * k) for k in range(80)]
    for epoch in range(200):
        for start in range(len(wave) - 6):
            loss, dWx, dWh, dbh, dWy = loss_and_gradients(Wx, Wh, bh, Wy, wave[start:start + 5], wave[start + 5])
            for i in range(UNITS):
                Wx[i] -= 0.05 * dWx[i]
                bh[i] -= 0.05 * dbh[i]
                Wy[i] -= 0.05 * dWy[i]
                for j in range(UNITS):
                    Wh[i][j] -= 0.05 * dWh[i][j]
