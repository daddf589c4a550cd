"""Methods that nothing calls, handed tables of which they take columns by words; labels that are split off a table."""

from collections.abc import Callable

import numpy as np
import pytest

from crosscheck.recognise.frames import Column
from crosscheck.verdicts import Verdict

Verdicts = Callable[[str], list[Verdict]]

FACTORS = """
import numpy as np
import pandas as pd

class Factors:
    def __init__(self, count=8):
        self.count = count

    def fit(self, df: pd.DataFrame, reader="reader", book="book", stars="stars", rate=0.01, strength=0.02):
        readers, books = sorted(df[reader].astype(str).unique()), sorted(df[book].astype(str).unique())
        of_reader = {name: k for k, name in enumerate(readers)}
        of_book = {name: k for k, name in enumerate(books)}
        self.P = np.random.normal(0, 0.1, (len(readers), self.count))
        self.Q = np.random.normal(0, 0.1, (len(books), self.count))
        us, bs = df[reader].astype(str).map(of_reader).values, df[book].astype(str).map(of_book).values
        given = df[stars].astype(float).values
        for turn in range(20):
            for k in np.random.permutation(len(df)):
                u, b = us[k], bs[k]
                error = given[k] - self.P[u] @ self.Q[b]
                p = self.P[u]{copy}
                self.P[u] += rate * (error * self.Q[b] - strength * p)
                self.Q[b] += rate * (error * p - strength * self.Q[b])
"""
SPLIT = """
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

class Logistic:
    def fit(self, X, y, rate=0.1):
        X, y = np.array(X), np.array(y)
        rows = np.c_[np.ones((len(X), 1)), X]
        self.w = np.zeros(rows.shape[1])
        for turn in range(30):
            p = 1 / (1 + np.exp(-rows @ self.w))
            gradient = rows.T @ ({error}) / y.size
            self.w -= rate * gradient

table = pd.read_csv("people.csv")
x_train, x_test, y_train, y_test = train_test_split(table[["age", "hours"]], table.bought, test_size=0.1)
Logistic().fit(x_train, y_train)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("program", "verdict"),
    [
        (FACTORS.replace("{copy}", ".copy()"), Verdict.AGREE),
        (FACTORS.replace("{copy}", ""), Verdict.DISAGREE),
        (SPLIT.format(error="p - y"), Verdict.AGREE),
    ],
)
def test_tables_are_handed_and_labels_foretold(verdicts: Verdicts, program: str, verdict: Verdict) -> None:
    assert verdicts(program) == [verdict]


def test_numbers_of_entries_are_indices() -> None:
    column = np.array([0.5, 0.25, 0.5]).view(Column)
    assert column.map({0.5: 1, 0.25: 0}).tolist() == [1, 0, 1]
    assert column.map({0.5: 1, 0.25: 0}).dtype.kind == "i"
    assert column.map({0.5: 1.5, 0.25: 0}).dtype.kind == "f"
