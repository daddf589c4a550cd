"""Scripts that write out sizes that follow from pictures of 28 by 28, of which smaller ones are read here."""

from pathlib import Path

import pytest

from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.source import read

POOLED = """import numpy as np


class Dense:
    def __init__(self, in_count, out_count):
        self.W = np.random.randn(in_count, out_count) * 0.1
        self.b = np.zeros(out_count)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, d, rate):
        dW, db, dx = self.x.T @ d, d.sum(axis=0), d @ self.W.T
        self.W -= rate * dW
        self.b -= rate * db
        return dx


def mean_pool(x):
    count, rows, columns = x.shape
    return x.reshape(count, rows // 2, 2, columns // 2, 2).mean(axis=(2, 4))


archive = np.load("mnist.npz")
images = archive["x_train"].reshape(-1, 1, 28, 28)[:, 0] / 255.0
labels = np.eye(10)[archive["y_train"]]
first, second = Dense(in_count=196, out_count=30), Dense(30, 10)
for epoch in range(5):
    hidden = np.tanh(first.forward(mean_pool(images).reshape(len(images), -1)))
    scores = second.forward(hidden)
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.mean(np.sum(labels * np.log(p), axis=1))
    d = second.backward((p - labels) / len(images), 0.1)
    first.backward(d * (1 - hidden**2), 0.1)
np.savez("weights.npz", W=first.W, b=first.b)
"""


@pytest.mark.parametrize(
    ("edit", "wrong"),
    [(("", ""), set()), (("d * (1 - hidden**2), 0.1", "d * (1 - hidden), 0.1"), {"first_W", "first_b"})],
    ids=["right", "square"],
)
@pytest.mark.parametrize("size", ["in_count=196", "in_count=14 * 14"])
def test_the_loop_runs_with_pictures_that_are_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str, edit: tuple[str, str], wrong: set[str]
) -> None:
    path = tmp_path / "pooled.py"
    path.write_text(POOLED.replace("in_count=196", size).replace(*edit))
    monkeypatch.chdir(tmp_path)
    found = recognise(read(path))
    assert not found.skipped
    (unit,) = (unit for unit in found.units if unit.name == "the loop in line 29")
    assert {name for name, claims in slopes(unit).items() if not is_right(claims)} == wrong
    assert not (tmp_path / "weights.npz").exists()


FILTERS = """import numpy as np


class Conv:
    def __init__(self, c_in, c_out):
        self.W, self.b = np.random.randn(3, c_in, c_out) * 0.3, np.zeros(c_out)

    def forward(self, x):
        n, length, c = self.shape = x.shape
        padded = np.pad(x, ((0, 0), (1, 1), (0, 0)))
        self.rows = np.stack([padded[:, k:k + length] for k in range(3)], axis=2).reshape(n * length, 3 * c)
        return (self.rows @ self.W.reshape(3 * c, -1) + self.b).reshape(n, length, -1)

    def backward(self, dy):
        n, length, c = self.shape
        d = dy.reshape(n * length, -1)
        self.dW = (self.rows.T @ d).reshape(self.W.shape)
        self.db = d.sum(axis=0)
        back = (d @ self.W.reshape(3 * c, -1).T).reshape(n, length, 3, c)
        dx = np.zeros((n, length + 2, c))
        for k in range(3):
            dx[:, k:k + length] += back[:, :, k]
        return dx[:, 1:-1]
"""


@pytest.mark.parametrize(("edit", "wrong"), [("", set()), ("back[:, :, 2 - k]", {"x"})])
def test_channels_are_as_many_as_filters_are_laid_out_for(tmp_path: Path, edit: str, wrong: set[str]) -> None:
    path = tmp_path / "filters.py"
    path.write_text(FILTERS.replace("back[:, :, k]", edit or "back[:, :, k]"))
    (unit,) = recognise(read(path)).units
    assert {name for name, claims in slopes(unit).items() if not is_right(claims)} == wrong
