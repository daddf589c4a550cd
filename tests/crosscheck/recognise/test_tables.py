"""Arguments that are data frames to the function that they are handed to."""

from pathlib import Path

from crosscheck.recognise import recognise
from crosscheck.source import read

FIT = """
import numpy as np

class Regression:
    def __init__(self, rate=0.1, turns=50):
        self.rate, self.turns = rate, turns

    def fit(self, table, labels):
        X = table.astype(float).to_numpy()
        y = labels.astype(int).values.reshape(-1, 1)
        self.w = np.zeros((X.shape[1], 1))
        for _ in range(self.turns):
            p = 1 / (1 + np.exp(-X @ self.w))
            loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
            dw = X.T @ (p - y) / len(y)
            self.w -= self.rate * dw
"""


def test_what_is_asked_for_its_numbers_is_a_table(tmp_path: Path) -> None:
    (tmp_path / "fit.py").write_text(FIT)
    (unit,) = recognise(read(tmp_path / "fit.py")).units
    assert unit.names == {"w": "dw"}
    labels = [value for name, value in unit.example[1].items() if name == "y"]
    assert set(labels[0].ravel()) == {0, 1}
