"""Programs that make data themselves where their file is missing."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

SERIES = """
import numpy as np

try:
    {read}
except {kind}:
    {own}

series = (series - series.mean()) / series.std()
Wi, Wc, Wo = np.random.randn(1, 6) * 0.3, np.random.randn(6, 6) * 0.3, np.random.randn(6, 1) * 0.3
window = 4
for turn in range(20):
    for k in range(len(series) - window - 1):
        X, wanted = series[k:k + window], series[k + window]
        states = [np.zeros(6)]
        for x in X:
            states.append(np.tanh(x * Wi[0] + states[-1].dot(Wc)))
        error = wanted - states[-1].dot(Wo)
        gWo = -np.outer(states[-1], error)
        gWi, gWc = np.zeros_like(Wi), np.zeros_like(Wc)
        delta = -error.dot(Wo.T)
        for t in range(window, 0, -1):
            delta = delta * (1 - states[t] ** 2)
            gWi[0] += delta * X[t - 1]
            gWc += np.outer(states[t - 1], delta)
            delta = {back}
        Wo -= 0.01 * gWo
        Wi -= 0.01 * gWi
        Wc -= 0.01 * gWc
"""
OWN = "series = np.sin(np.arange(60) / 3)"
LOADED = {"read": "series = np.loadtxt('degrees.csv', delimiter=',')", "kind": "IOError", "own": OWN}
READ = {
    "read": "with open('degrees.csv') as f: series = np.array([float(line) for line in f])",
    "kind": "Exception",
    "own": OWN,
}


@pytest.mark.thorough
@pytest.mark.parametrize("way", [LOADED, READ])
@pytest.mark.parametrize(("back", "verdict"), [("Wc.dot(delta)", Verdict.AGREE), ("Wc.T.dot(delta)", Verdict.DISAGREE)])
def test_what_a_program_has_in_place_of_its_file_is_taken(
    way: dict[str, str], back: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert set(verdicts(SERIES.format(back=back, **way))) == {verdict}


LOADER = """
import os
import numpy as np

def load():
    {reads}
    return np.random.randn(9, 4, 3), np.random.randn(9, 2)

X, y = load()
Wx, Wh, Wy = np.random.randn(3, 5), np.random.randn(5, 5) * 0.4, np.random.randn(5, 2)
for turn in range(20):
    h = [np.zeros((9, 5))]
    for t in range(4):
        h.append(np.tanh(X[:, t] @ Wx + h[-1] @ Wh))
    d = h[-1] @ Wy - y
    dWy, dWx, dWh = h[-1].T @ d, np.zeros_like(Wx), np.zeros_like(Wh)
    dh = d @ Wy.T
    for t in range(3, -1, -1):
        dz = dh * (1 - h[t + 1] ** 2)
        dWx += X[:, t].T @ dz
        dWh += h[{step}].T @ dz
        dh = dz @ Wh.T
    Wx -= 0.1 * dWx
    Wh -= 0.1 * dWh
    Wy -= 0.1 * dWy
"""
EARLY = "if os.path.exists('x.npz'):\n        return np.load('x.npz')['x'], np.load('x.npz')['y']"
TRIED = "try:\n        return np.load('x.npy'), np.load('y.npy')\n    except FileNotFoundError:\n        print('none')"


@pytest.mark.parametrize("reads", [EARLY, TRIED])
@pytest.mark.parametrize(("step", "verdict"), [("t", Verdict.AGREE), ("t + 1", Verdict.DISAGREE)])
def test_a_loader_goes_on_without_its_file(
    reads: str, step: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(LOADER.format(reads=reads, step=step)) == [verdict]
