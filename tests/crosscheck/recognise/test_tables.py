"""Tables: as arguments, and as wide as the module takes them for; and what is moved in lists."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.datasets import table
from crosscheck.recognise.executing import executed
from crosscheck.recognise.frames import Column
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.world import Plan
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


AS_A_FRAME = """
from sklearn.datasets import load_iris
flowers = load_iris(as_frame=True)
t = flowers["target"].values
"""


def test_what_is_asked_for_its_numbers_is_a_table(tmp_path: Path) -> None:
    (tmp_path / "fit.py").write_text(FIT)
    (unit,) = recognise(read(tmp_path / "fit.py")).units
    assert unit.names == {"w": "dw"}
    labels = [value for name, value in unit.example[1].items() if name == "y"]
    assert set(labels[0].ravel()) == {0, 1}


FORECAST = """
import numpy as np

rows = np.loadtxt("series.txt")

class Adam{kind}:
    def __init__(self, width, cells):
        self.Wz, self.Wa = np.random.randn(cells, width) * 0.3, np.random.randn(cells, width) * 0.3
        self.Wq = np.random.randn(width, cells) * 0.3
        self.params = [self.Wz, self.Wa, self.Wq]

    def forward(self, x):
        self.x = x
        self.z, self.a = np.tanh(self.Wz @ x), 1 / (1 + np.exp(-self.Wa @ x))
        return self.Wq @ (self.z * self.a)

    def backward(self, dy):
        dh = self.Wq.T @ dy
        grads = [np.zeros_like(p) for p in self.params]
        grads[2] += dy @ (self.z * self.a).T
        grads[1] += (dh * self.z * self.a * (1 - self.a)) @ self.x.T
        grads[0] += (dh * self.a * (1 - self.z ** 2)) @ self.x.T
        self.step(grads)

    def step(self, grads):
        for k in range(len(self.params)):
            self.params[k] -= 0.05 * grads[k]

net = Adam{kind}(3, 8)
for turn in range(20):
    for row in rows:
        x = row.reshape(-1, 1) / 9
        y = net.forward(x)
        loss = 0.5 * np.sum((y - x) ** 2)
        net.backward(y - x)
"""


def test_tables_are_as_wide_as_what_they_are_handed_to(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(FORECAST.format(kind="Net"))
    world = executed(read(tmp_path / "net.py"), Plan())
    assert not world.failures
    assert world.names["rows"].shape[1] == 3


def test_lists_are_moved_entry_by_entry_whatever_their_class_is_called(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(FORECAST.format(kind="Net"))
    (unit,) = recognise(read(tmp_path / "net.py")).units
    assert unit.name == "AdamNet.forward/AdamNet.backward"
    assert {name: place.path for name, place in unit.subject.gradients.items()} == {
        "Wz": ("grads", 0),
        "Wa": ("grads", 1),
        "Wq": ("grads", 2),
    }


def test_numbers_of_a_file_may_be_arrays_of_one(tmp_path: Path) -> None:
    code = "import csv\nrows = [float(row[4]) for row in csv.reader(open('prices.csv'))]\n"
    code += "total = float(np.array(rows[:1]))"
    (tmp_path / "prices.py").write_text(f"import numpy as np\n{code}\n")
    world = executed(read(tmp_path / "prices.py"), Plan())
    assert not world.failures
    assert world.plan.older
    assert world.plan.layout is not None


def test_columns_that_were_chosen_by_name_keep_their_names() -> None:
    chosen = table("")[["price", "horsepower"]]
    assert isinstance(chosen["price"], Column)
    assert chosen.dropna().columns == ["price", "horsepower"]
    assert np.array_equal(chosen["horsepower"], np.asarray(chosen)[:, 1])
    assert chosen[["horsepower"]]["horsepower"].shape == (len(chosen),)
    assert chosen.iloc[:, 1:].columns == ["horsepower"]


def test_rows_have_what_the_program_asks_them_for_and_nothing_else() -> None:
    row = table("x = points.iloc[i].hours").iloc[2]
    assert row.hours == np.asarray(row)[1]
    assert not hasattr(row, "score")


def test_a_data_set_that_is_asked_for_as_a_frame_has_a_column_of_targets(tmp_path: Path) -> None:
    (tmp_path / "flowers.py").write_text(AS_A_FRAME)
    world = executed(read(tmp_path / "flowers.py"), Plan(), [])
    assert world.names["t"].shape == (12,)
    assert set(world.names["t"]) == {0, 1, 2}


ON_TABLES = """
import numpy as np
import pandas as pd

people = pd.read_csv("people.csv")
people.drop(["id"], axis=1, inplace=True)
people["smokes"] = people["smokes"].map({"no": 0, "yes": 1})
people["bias"] = 1
t = people["smokes"]
x = people.drop(columns=["smokes"])
x[["age", "pay"]] = (x[["age", "pay"]] - x[["age", "pay"]].mean()) / x[["age", "pay"]].std()

def train(x, t, rate=0.1):
    w = np.zeros(x.shape[1])
    for turn in range(30):
        p = 1 / (1 + np.exp(-np.dot(x, w)))
        loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
        dw = np.dot(x.T, p - t) / FACTOR
        w -= rate * dw
    return w

w = train(x, t)
"""


@pytest.mark.parametrize(("factor", "verdict"), [("len(x)", "agree"), ("(2 * len(x)) + x.shape[1]", "disagree")])
def test_programs_that_train_on_tables_are_judged(tmp_path: Path, factor: str, verdict: str) -> None:
    (tmp_path / "people.py").write_text(ON_TABLES.replace("FACTOR", factor))
    document = read(tmp_path / "people.py")
    assert not executed(document, Plan()).failures
    (unit,) = recognise(document).units
    assert unit.names == {"w": "dw"}
    assert judge_unit(unit, examples=8).verdict.value == verdict


def test_rows_of_a_file_are_as_long_as_a_program_takes_them_for(tmp_path: Path) -> None:
    code = "import h5py\nrows = h5py.File('m.h5')['rows'][:]\nrows = rows.reshape(len(rows), 11, 1)\n"
    (tmp_path / "rows.py").write_text(code)
    world = executed(read(tmp_path / "rows.py"), Plan())
    assert world.names["rows"].shape == (12, 11, 1)
