"""Gradients that an update lays out in the shape of its parameter, and sizes that several factors hide."""

from pathlib import Path

import pytest

from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.source import read

KERNELS = """import numpy as np


class Blocks:
    def __init__(self, channels, kernels):
        self.W = np.random.randn(kernels, channels, 3) * 0.1
        self.b = np.zeros(kernels)

    def forward(self, signals):
        count, channels, length = signals.shape
        spans = length - 2
        table = np.zeros((count, spans, channels, 3))
        for start in range(spans):
            table[:, start] = signals[:, :, start : start + 3]
        self.table = table.reshape(count * spans, -1)
        out = self.table @ self.W.reshape(len(self.W), -1).T + self.b
        return out.reshape(count, spans, -1).transpose(0, 2, 1)

    def backward(self, d_out, rate):
        flat = d_out.transpose(0, 2, 1).reshape(-1, d_out.shape[1])
        dW = flat.T @ self.table
        db = flat.sum(axis=0)
        self.W -= rate * dW.reshape(self.W.shape)
        self.b -= rate * db
"""


@pytest.mark.parametrize(
    ("edit", "wrong"),
    [(("", ""), set()), (("d_out.transpose(0, 2, 1).reshape", "d_out.reshape"), {"W", "b"})],
    ids=["right", "order of axes"],
)
def test_a_gradient_is_a_table_until_the_update(tmp_path: Path, edit: tuple[str, str], wrong: set[str]) -> None:
    path = tmp_path / "blocks.py"
    path.write_text(KERNELS.replace(*edit) if edit[0] else KERNELS)
    (unit,) = recognise(read(path)).units
    assert unit.names.keys() == {"W", "b"}
    assert {name for name, claims in slopes(unit).items() if not is_right(claims)} == wrong


USED = (
    KERNELS
    + """

layer = Blocks(1, 4)
"""
)


def test_one_channel_is_what_an_object_of_the_file_has(tmp_path: Path) -> None:
    path = tmp_path / "blocks.py"
    path.write_text(USED)
    (unit,) = recognise(read(path)).units
    assert unit.example[0]["W"].shape == (4, 1, 3)
    assert all(is_right(claims) for claims in slopes(unit).values())
