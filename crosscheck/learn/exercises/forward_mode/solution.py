"""The gradient of a recurrent network, found on the way forward."""

import numpy as np


def states_forward(x, h0, U):
    """Return the states h[1] to h[T], and what is needed for the gradient: all states, h0 first, and U.

    Shapes: x (T, H), h0 (H,), U (H, H).
    """
    h = np.zeros((len(x) + 1, len(h0)))
    h[0] = h0
    for t in range(len(x)):
        h[t + 1] = np.tanh(U @ h[t] + x[t])
    return h[1:], (h, U)


def forward_mode(dh, cache):
    """Return J (H, H, H) and dU (H, H).

    J[k, i, j] says how fast entry k of the last state moves with U[i, j]. dh (T, H) comes from outside: dh[t] says how
    the loss moves with h[t + 1], the steps that follow left out.
    """
    h, U = cache
    H = len(U)
    J, dU = np.zeros((H, H, H)), np.zeros((H, H))
    units = np.arange(H)
    for t in range(len(dh)):
        dz = np.einsum("kl,lij->kij", U, J)  # the state before has moved
        dz[units, units] += h[t]  # U[k, j] is used in this step, for z[k] alone
        J = (1 - h[t + 1] ** 2)[:, None, None] * dz
        dU += np.einsum("k,kij->ij", dh[t], J)
    return J, dU
