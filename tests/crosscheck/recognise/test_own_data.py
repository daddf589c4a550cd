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


@pytest.mark.parametrize("way", [LOADED, READ])
@pytest.mark.parametrize(("back", "verdict"), [("Wc.dot(delta)", Verdict.AGREE), ("Wc.T.dot(delta)", Verdict.DISAGREE)])
def test_what_a_program_has_in_place_of_its_file_is_taken(
    way: dict[str, str], back: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert set(verdicts(SERIES.format(back=back, **way))) == {verdict}
