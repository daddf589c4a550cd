"""Clips by the norm of gradients, however they are written: found, and switched off while a gradient is judged."""

import ast
from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.norms import gradient_norms
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

NORMS = {
    "total = np.sqrt(sum((g ** 2).sum() for g in grads))": {"total"},
    "t = np.sqrt(sum((g * g).sum() for g in arrays))\nfor g in arrays:\n    g *= bound / t": {"t"},
    "n = np.linalg.norm(dW)\nscale = min(1.0, 5 / n)": {"n", "scale"},
    "s = 0\nfor g in grads.values():\n    s += np.sum(g * g)\nlength = s ** 0.5": {"length"},
    "memory += dW * dW\nstep = rate * dW / np.sqrt(memory + 1e-8)": set(),
    "v = b * v + (1 - b) * g ** 2\nstep = rate * m / (np.sqrt(v) + eps)": set(),
    "dx = dout * gamma / np.sqrt(var + eps)": set(),
    "dx = (N * d - np.sum(d, axis=0) - n * np.sum(d * n, axis=0)) / np.sqrt(var)": set(),
    "D = np.sqrt((diff ** 2).sum(0))\ncoef = s - (1 - s) * np.maximum(0, m - D) / D": set(),
    "total = np.sqrt(np.sum(delta ** 2))\nde = coef / total": set(),
    "r = np.linalg.norm(x)\ndx = (dn - n * np.dot(n, dn)) / r": set(),
}
CLIPS = (
    "size = np.sqrt((dw ** 2).sum())\n    if size > 0.01:\n        dw = dw * (0.01 / size)",
    "grads = [dw]\n    n = np.sqrt(sum((g ** 2).sum() for g in grads))\n    dw, = [g * (0.01 / n) for g in grads]",
    "grads = [np.clip(g, -0.01, 0.01) for g in (dw,)]\n    dw, = grads",
    "length = np.linalg.norm(dw)\n    dw *= min(1.0, 0.01 / length)",
    "dw = dw * min(1.0, 0.01 / (np.linalg.norm(dw) + 1e-12))",
    "length = np.linalg.norm(dw)\n    factor = 0.01 / (length + 1e-9)\n    if factor < 1:\n        dw = factor * dw",
)
PROGRAM = """
import numpy as np

def loss_and_gradient(w, x):
    z = x @ w
    loss = np.sum(z * z)
    dw = x.T @ (2 * z)
    CLIP
    return loss, dw

loss_and_gradient(np.ones((3, 2)), np.ones((5, 3)))
"""


@pytest.mark.parametrize(("code", "wanted"), NORMS.items())
def test_norms_of_gradients_are_told_from_other_roots(code: str, wanted: set[str]) -> None:
    assert gradient_norms(ast.parse(code)) == wanted


@pytest.mark.thorough
@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("slip", ["", " + w"])
def test_a_clip_by_norm_is_no_slip_and_hides_none(clip: str, slip: str) -> None:
    text = PROGRAM.replace("CLIP", clip).replace("(2 * z)", f"(2 * z){slip}")
    (unit,) = recognise(read_text(text, "utf-8", Path("x.py"))).units
    assert judge_unit(unit, examples=12).verdict is (Verdict.DISAGREE if slip else Verdict.AGREE)


def test_a_norm_of_weights_scales_gradients_as_it_stands() -> None:
    text = PROGRAM.replace("z = x @ w", "r = np.sqrt(np.sum(w * w))\n    z = x @ (w / r)").replace(
        "CLIP", "dw = dw / r"
    )
    (unit,) = recognise(read_text(text, "utf-8", Path("x.py"))).units
    arguments = unit.cases.build(unit.cases.draw(0, 1)).arguments
    parameters, data = arguments
    w, x = parameters["w"], data["x"]
    r = np.sqrt(np.sum(w * w))
    expected = x.T @ (2 * (x @ (w / r))) / r
    np.testing.assert_allclose(unit.subject(*arguments).gradients["w"], expected)
