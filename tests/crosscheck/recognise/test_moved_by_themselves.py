"""Weights that a backward pass moves by shares of themselves, in place of their gradients."""

from collections.abc import Callable

from crosscheck.verdicts import Verdict

LAYER = """
import numpy as np

class Line:
    def __init__(self, size, outs):
        self.W, self.b = np.random.randn(size, outs) * 0.4, np.random.randn(outs) * 0.4

    def forward(self, x):
        return x @ self.W + self.b

    def backward(self, lr, x, dout):
        dx = dout @ self.W.T
        self.dW, self.db = x.T @ dout, dout.sum(axis=0)
        {steps}
        return dx
"""


def test_a_step_that_its_gradient_has_no_part_in_is_wrong(verdicts: Callable[[str], list[Verdict]]) -> None:
    own = "self.W -= lr * self.dW; self.b -= lr * self.db"
    assert verdicts(LAYER.format(steps=own)) == [Verdict.AGREE]
    assert verdicts(LAYER.format(steps=f"self.W -= 0.01 * lr * self.W; {own}")) == [Verdict.AGREE]
    assert verdicts(LAYER.format(steps=own.replace(".dW", ".W").replace(".db", ".b"))) == [Verdict.DISAGREE]
