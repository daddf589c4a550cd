"""The gradient of a bias may be the one from above, as it is."""

from collections.abc import Callable
from pathlib import Path

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

AS_IT_CAME = """
import numpy as np

class Line:
    def __init__(self, size, outs):
        self.W = np.random.randn(outs, size) * 0.4
        self.b = np.random.randn(outs) * 0.4

    def forward(self, x):
        self.x = x
        return self.W @ x + self.b

    def backward(self, dout):
        self.dW = np.outer(dout, self.x)
        self.db = dout
        return self.W.T @ dout
"""


def test_a_right_one_agrees_and_a_wrong_one_does_not(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(AS_IT_CAME) == [Verdict.AGREE]
    assert "self.db = dout" in AS_IT_CAME
    assert verdicts(AS_IT_CAME.replace("self.db = dout", "self.db = 2 * dout")) == [Verdict.DISAGREE]


def test_the_gradient_of_a_bias_that_came_from_above_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "line.py"
    path.write_text(AS_IT_CAME)
    (unit,) = recognise(read(path)).units
    assert unit.names.keys() == {"W", "b", "x"}


STEPS = """
import numpy as np

class Steps:
    def __init__(self, n_in, n_hidden):
        self.W_xh = np.random.uniform(-0.1, 0.1, (n_hidden, n_in))
        self.W_hh = np.random.uniform(-0.1, 0.1, (n_hidden, n_hidden))
        self.W_hy = np.random.uniform(-0.1, 0.1, (n_hidden, n_hidden))

    def reset(self):
        self.h = np.zeros(self.W_hh.shape[0])
        self.H = [self.h]

    def forward(self, X):
        self.h = np.tanh(self.W_hh @ self.h + self.W_xh @ X)
        self.H.append(self.h)
        return self.W_hy @ self.h

    def backward(self, X, loss):
        self.dWxh, self.dWhh = np.zeros_like(self.W_xh), np.zeros_like(self.W_hh)
        self.dWhy = np.zeros_like(self.W_hy)
        carried = np.zeros_like(self.h)
        for t in range(len(loss) - 1, -1, -1):
            dy = loss[t]
            self.dWhy += np.outer(dy, self.H[t + 1])
            dz = (1 - self.H[t + 1] ** 2) * (self.W_hy.T @ dy + carried)
            self.dWxh += np.outer(dz, X[t])
            self.dWhh += np.outer(dz, self.H[t])
            carried = self.W_hh.T @ dz
"""


def test_what_is_called_a_loss_and_then_a_gradient_comes_from_above(verdicts: Callable[[str], list[Verdict]]) -> None:
    assert verdicts(STEPS) == [Verdict.AGREE]
    assert verdicts(STEPS.replace("np.outer(dz, self.H[t])", "np.outer(dz, self.H[t - 1])")) == [Verdict.DISAGREE]


LAST_STEP = """
import numpy as np

class Cell:
    def __init__(self, size):
        self.U, self.W = np.random.randn(size, size) * 0.4, np.random.randn(size, size) * 0.4

    def forward(self, inputs):
        self.h = np.zeros((self.W.shape[0], 1))
        for t in range(inputs.shape[0]):
            self.x, self.before = inputs[t], self.h
            self.h = np.tanh(self.U @ self.x + self.W @ self.before)
        return self.h

    def backward(self, output, rate):
        {docstring}
        dz = output * (1 - self.h ** 2)
        self.U -= rate * dz @ self.x.T
        self.W -= rate * dz @ self.before.T
"""
SAID = '''"""Go back.

        output (np.ndarray): the gradient of the loss, by the last state
        rate (float): of the step
        """'''


def test_a_docstring_says_that_an_argument_is_a_gradient(tmp_path: Path) -> None:
    path = tmp_path / "cell.py"
    path.write_text(LAST_STEP.format(docstring=SAID))
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit, examples=6).verdict is Verdict.DISAGREE  # it leaves out all steps but the last
    path.write_text(LAST_STEP.format(docstring='"""Go back."""'))
    assert not recognise(read(path)).units
