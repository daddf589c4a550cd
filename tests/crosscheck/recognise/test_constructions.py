"""What nothing in a file calls is made and called as a reader of it would: objects, sizes, single symbols."""

from pathlib import Path

import pytest

from crosscheck.recognise.failures import Failure
from crosscheck.recognise.findings import Recognition
from crosscheck.recognise.guesses import INTEGERS, LIST, Guess, Key, Slot
from crosscheck.recognise.letters import letter
from crosscheck.recognise.mending import mended
from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.recognise.workers import Done, Workers
from crosscheck.source import read

PAIRS = """import numpy as np

class Words:
    def __init__(self, n_words, n_dims, rate=0.05):
        self.inside = np.random.normal(0, 0.3, (n_words, n_dims))
        self.outside = np.random.normal(0, 0.3, (n_dims, n_words))
        self.rate = rate

    def predict(self, word_id):
        self.vec = self.inside[word_id].copy()
        e = np.exp(self.vec.dot(self.outside))
        self.p = e / e.sum()
        return self.p

    def backprop(self, word_id, context_id):
        loss = -np.log(self.p[context_id])
        err = self.p.copy()
        err[context_id] -= 1
        d_outside = np.outer(self.vec, err)
        d_vec = self.outside.dot(err)
        self.outside -= self.rate * d_outside
        self.inside[word_id] -= self.rate * d_vec
        return loss
"""

LATER = """import numpy as np

class Net:
    def __init__(self, layer_units, params=None):
        self.layer_units = layer_units
        self.params = params

    def init_params(self):
        units = self.layer_units
        self.params = {"W": np.random.randn(units[0], units[1]), "b": np.zeros(units[1])}

    def loss(self, X, y):
        p = self.params
        diff = X @ p["W"] + p["b"] - y
        grads = {"W": X.T @ diff, "b": diff.sum(0)}
        return 0.5 * np.sum(diff**2), grads
"""

SIDE_BY_SIDE = """import numpy as np

class Rnn:
    def __init__(self, n_in, n_hid):
        self.n_hid = n_hid
        self.p = {"U": np.random.randn(n_hid, n_in), "W": np.random.randn(n_hid, n_hid)}

    def loss_and_grad(self, frames, wanted, keep):
        h, kept, total = np.zeros((self.n_hid, frames[0].shape[1])), [], 0.0
        for t, (x, y, k) in enumerate(zip(frames, wanted, keep)):
            new = np.tanh(self.p["U"] @ x + self.p["W"] @ h)
            kept.append((x, h, new))
            h = k * new + (1 - k) * h
            total += 0.5 * np.sum((h - y) ** 2)
            kept[-1] += (h - y, k)
        g = {name: np.zeros_like(value) for name, value in self.p.items()}
        dh = np.zeros_like(h)
        for t in reversed(range(len(frames))):
            x, prev, new, d, k = kept[t]
            dh = dh + d
            da = k * dh * (1 - new**2)
            g["U"] += da @ x.T
            g["W"] += da @ prev.T
            dh = self.p["W"].T @ da + (1 - k) * dh
        return total, g
"""

GATES = """import numpy as np

class Cell:
    def __init__(self, kernel, recurrent, bias):
        self.W, self.U = np.asarray(kernel), np.asarray(recurrent)
        self.b = np.asarray(bias)

    def forward(self, x, h):
        a, b = np.split(x @ self.W + h @ self.U + self.b, 2, axis=1)
        self.saved = x, h, np.tanh(a), np.tanh(b)
        return h * self.saved[2] * self.saved[3]

    def backward(self, dout):
        x, h, a, b = self.saved
        dz = np.concatenate([dout * h * b * (1 - a**2), dout * h * a * (1 - b**2)], axis=1)
        return dz @ self.W.T, dz @ self.U.T + dout * a * b, x.T @ dz, h.T @ dz, dz.sum(0)
"""

INNER = """import numpy as np

class Scale:
    def __init__(self, channels):
        self.gamma = np.random.randn(channels)

    def __call__(self, x):
        n, c, h, w = x.shape
        self.x = x
        return x * self.gamma.reshape(1, c, 1, 1)

    def backward(self, dout):
        self.dgamma = (dout * self.x).sum(axis=(0, 2, 3))
        return dout * self.gamma.reshape(1, -1, 1, 1)

class Twice:
    def __init__(self, channels, name, groups, width, height):
        self.sizes = groups, width, height
        self.first, self.second = Scale(channels), Scale(channels)

    def __call__(self, x):
        return self.second(np.tanh(self.first(x)))

    def backward(self, dout):
        return self.first.backward(self.second.backward(dout) * (1 - self.second.x**2))
"""


def _found(folder: Path, text: str) -> Recognition:
    file = folder / "it.py"
    file.write_text(text)
    return recognise(read(file))


@pytest.mark.parametrize(
    ("text", "names", "slip"),
    [
        (PAIRS, {"outside", "inside"}, ("d_vec = self", "d_vec = 2 * self")),
        (LATER, {"W", "b"}, ("diff.sum(0)", "diff.mean(0)")),
        (SIDE_BY_SIDE, {"U", "W"}, ("da + (1 - k) * dh", "da")),
        (GATES, {"W", "U", "b", "x", "h"}, ("h.T @ dz", "2 * h.T @ dz")),
        (INNER, {"first_gamma", "second_gamma", "x"}, ("second.x**2", "second.x")),
    ],
    ids=["pairs", "later", "side_by_side", "gates", "inner"],
)
def test_they_are_made_as_their_author_means(tmp_path: Path, text: str, names: set[str], slip: tuple[str, str]) -> None:
    (unit,) = (one for one in _found(tmp_path, text).units if one.names.keys() == names)
    assert all(map(is_right, slopes(unit).values()))
    assert text.count(slip[0]) == 1
    (unit,) = (one for one in _found(tmp_path, text.replace(*slip)).units if one.names.keys() == names)
    assert not all(map(is_right, slopes(unit).values()))


def test_symbols_of_which_each_has_several_have_two_axes() -> None:
    """`np.add.at(g, symbols, d)` says no more than that the shapes differ."""
    key = Key("f", "symbols")
    guess = Guess({key: Slot(LIST, (letter(0),))}, {0: 5})
    error = ValueError("array is not broadcastable to correct shape")
    first = next(mended(guess, Failure(error, 1, None, [key], [key]), ()))
    assert first.slots[key].kind == INTEGERS
    assert first.shape(key)[0] == 5 != first.shape(key)[1]


def test_work_that_is_shared_out_is_done_here() -> None:
    with Workers(2) as pool:
        assert pool.map(abs, [-1, 2], 1) == [1, 2]
        assert pool.starmap(max, [(1, 2), (4, 3)]) == [2, 4]
        assert [done.result() for done in (pool.submit(abs, -3), Done(5))] == [3, 5]
