"""Layers whose base class, whose initialisers and whose tests are in modules that are not here."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

LAYER = """import numpy as np
from ..base import Layer
from ...starts import get as get_start

class Dense(Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, input_shape):
        start = get_start("glorot_uniform")
        self.params["W"] = start((input_shape[-1], self.units))
        self.params["b"] = get_start("zeros")((self.units,))
        super().build(input_shape)

    def forward(self, inputs, training=False):
        self.inputs = inputs
        self.out = np.tanh(inputs @ self.params["W"] + self.params["b"])
        return self.out

    def backward(self, grad_output):
        d = grad_output * (1 - self.out ** 2)
        self.grads["W"], self.grads["b"] = {weights}, d.sum(axis=0)
        return d @ self.params["W"].T
"""
CHECKED = """import numpy as np
import functions as fn
from checks import gradient_check

def loss_and_gradients(x, y, params):
    W, b, U = params
    h = np.tanh(W @ x + b)
    p = fn.softmax(U @ h)
    d = p.copy()
    d[y] -= 1
    e = {back}
    return -np.log(p[y]), [np.outer(e, x), e, np.outer(d, h)]

W, b, U = np.random.randn(4, 3), np.random.randn(4), np.random.randn(5, 4)

def by_W(W):
    loss, grads = loss_and_gradients([1, 2, 3], 0, [W, b, U])
    return loss, grads[0]

gradient_check(by_W, W)
"""


@pytest.mark.parametrize(
    ("weights", "verdict"),
    [("self.inputs.T @ d", Verdict.AGREE), ("self.inputs.T @ grad_output", Verdict.DISAGREE)],
    ids=["right", "wrong"],
)
def test_containers_come_from_a_base_that_is_not_here(weights: str, verdict: Verdict, verdicts: Callable) -> None:
    assert verdicts(LAYER.format(weights=weights)) == [verdict]


@pytest.mark.parametrize(
    ("back", "verdict"),
    [("U.T @ d * (1 - h ** 2)", Verdict.AGREE), ("U.T @ d * (1 - h)", Verdict.DISAGREE)],
    ids=["right", "wrong"],
)
def test_a_check_that_is_not_here_calls_what_it_is_handed(back: str, verdict: Verdict, verdicts: Callable) -> None:
    assert verdicts(CHECKED.format(back=back)) == [verdict]
