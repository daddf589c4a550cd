"""Arguments that are made up of what is written about them, and what modules that are not here are known to export."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from crosscheck import check_file
from crosscheck.recognise import conventional
from crosscheck.verdicts import Verdict

RIGHT, WRONG = Verdict.AGREE, Verdict.DISAGREE
AUTOENCODER = """
import gc
import numpy as np

def initialize(visible, hidden):
    w1, w2 = np.random.rand(visible, hidden) - 0.5, np.random.rand(hidden, visible) - 0.5
    theta = np.concatenate((w1.ravel(), w2.ravel(), np.zeros(hidden), np.zeros(visible)))
    return theta

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def cost_and_grad(theta, visible, hidden, decay_lambda, sparsity_param, beta, data):
    # visible: the number of inputs
    # data: our 10000x64 matrix of examples
    n = visible * hidden
    w1, w2 = theta[:n].reshape(visible, hidden), theta[n:2 * n].reshape(hidden, visible)
    b1, b2 = theta[2 * n:2 * n + hidden], theta[2 * n + hidden:]
    a2 = sigmoid(data @ w1 + b1)
    a3 = sigmoid(a2 @ w2 + b2)
    m = data.shape[0]
    d3 = (a3 - data) * a3 * (1 - a3)
    rho = a2.sum(axis=0) / m
    sparse = -sparsity_param / rho + (1 - sparsity_param) / (1 - rho)
    d2 = ({back}) * a2 * (1 - a2)
    gc.collect()
    g1, g2 = data.T @ d2 / m + decay_lambda * w1, a2.T @ d3 / m + decay_lambda * w2
    cost = np.sum((a3 - data) ** 2) / m / 2 + decay_lambda * (np.sum(w1 ** 2) + np.sum(w2 ** 2)) / 2
    cost += beta * np.sum(sparsity_param * np.log(sparsity_param / rho)
                          + (1 - sparsity_param) * np.log((1 - sparsity_param) / (1 - rho)))
    return cost, np.concatenate((g1.ravel(), g2.ravel(), d2.sum(axis=0) / m, d3.sum(axis=0) / m))
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("back", "verdict"), [("d3 @ w2.T + beta * sparse", RIGHT), ("d3 @ w2.T", WRONG)])
def test_sizes_are_shared_with_what_makes_the_weights_and_strengths_are_numbers(
    tmp_path: Path, back: str, verdict: Verdict
) -> None:
    path = tmp_path / "program.py"
    path.write_text(AUTOENCODER.format(back=back))
    assert check_file(path, repair=False).verdict is verdict


POOLING = """
import numpy as np
from common.util import im2col, col2im

class Pooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def forward(self, x):
        N, C, H, W = x.shape
        out_h, out_w = 1 + (H - self.pool_h) // self.stride, 1 + (W - self.pool_w) // self.stride
        col = im2col(x, self.pool_h, self.pool_w, self.stride, self.pad).reshape(-1, self.pool_h * self.pool_w)
        self.x, self.arg_max = x, np.argmax(col, axis=1)
        return np.max(col, axis=1).reshape(N, out_h, out_w, C).transpose(0, 3, 1, 2)

    def backward(self, dout):
        dout = dout.transpose({axes})
        size = self.pool_h * self.pool_w
        dmax = np.zeros((dout.size, size))
        dmax[np.arange(self.arg_max.size), self.arg_max.ravel()] = dout.ravel()
        dmax = dmax.reshape(dout.shape + (size,))
        dcol = dmax.reshape(dmax.shape[0] * dmax.shape[1] * dmax.shape[2], -1)
        return col2im(dcol, self.x.shape, self.pool_h, self.pool_w, self.stride, self.pad)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("axes", "verdict"), [("0, 2, 3, 1", RIGHT), ("0, 3, 2, 1", WRONG)])
def test_windows_that_a_missing_module_lays_out(
    verdicts: Callable[[str], list[Verdict]], axes: str, verdict: Verdict
) -> None:
    assert verdicts(POOLING.format(axes=axes)) == [verdict]


@pytest.mark.parametrize("ways", [("im2col", "col2im"), ("im2col_indices", "col2im_indices")])
@pytest.mark.parametrize("setting", [(3, 2, 1, 1), (2, 2, 0, 2), (2, 3, 2, 1)])
def test_windows_go_back_to_where_they_were_taken_from(ways: tuple[str, str], setting: tuple[int, ...]) -> None:
    high, wide, pad, stride = setting
    there, back = (conventional.CONVENTIONAL[way] for way in ways)
    options = {"stride": stride, "pad" if ways[0] == "im2col" else "padding": pad}
    random = np.random.default_rng(3)
    x = random.normal(size=(2, 3, 6, 7))
    windows = there(x, high, wide, **options)
    other = random.normal(size=windows.shape)
    assert np.sum(windows * other) == pytest.approx(np.sum(x * back(other, x.shape, high, wide, **options)))


def test_windows_as_columns_come_position_by_position_and_then_picture_by_picture() -> None:
    x = np.random.default_rng(4).normal(size=(2, 3, 4, 5))
    columns = conventional.im2col_indices(x, 2, 3, padding=0)
    expected = [x[n, :, i : i + 2, j : j + 3].ravel() for i in range(3) for j in range(3) for n in range(2)]
    assert np.array_equal(columns, np.array(expected).T)


INSIDE = """
import numpy as np

class Network:
    class Linear:
        def __init__(self, n, m):
            self.W, self.b = np.random.randn(n, m) * 0.5, np.zeros(m)

        def forward(self, x):
            self.x = x
            return x @ self.W + self.b

        def backward(self, d):
            self.dW, self.db = self.x.T @ d, {of_b}
            return d @ self.W.T

    def __init__(self):
        self.layer = Network.Linear(3, 2)
"""


@pytest.mark.parametrize(("of_b", "verdict"), [("d.sum(axis=0)", RIGHT), ("d.mean(axis=1).sum()", WRONG)])
def test_classes_inside_of_others_are_looked_at(
    verdicts: Callable[[str], list[Verdict]], of_b: str, verdict: Verdict
) -> None:
    assert verdicts(INSIDE.format(of_b=of_b)) == [verdict]


BY_TORCH = """
import torch

dtype = torch.FloatTensor
n, d, k = 6, 4, 3
x = torch.randn(n, d).type(dtype)
y = torch.randint(0, k, (n,))
w, b = torch.randn(d, k).type(dtype), torch.zeros(k)
for step in range(20):
    z = x.mm(w) + b
    logp = z - z.logsumexp(1, keepdim=True)
    loss = -logp[torch.arange(n), y].mean()
    dz = logp.exp()
    dz[torch.arange(n), y] -= 1
    w -= 0.1 * x.t().mm({dz})
    b -= 0.1 * dz.sum(0) / n
    print(step, loss)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("dz", "verdict"), [("dz / n", RIGHT), ("dz * dz / n", WRONG)])
def test_types_and_logarithms_of_sums_in_torch(tmp_path: Path, dz: str, verdict: Verdict) -> None:
    path = tmp_path / "program.py"
    path.write_text(BY_TORCH.format(dz=dz))
    assert check_file(path, repair=False).verdict is verdict


HANDED = """
import numpy as np
from activations import ReLU

class Dense:
    def __init__(self, n, m, act, rate=0.01):
        self.act, self.rate = act, rate
        self.W, self.b = np.random.randn(n, m) * 0.5, np.zeros((1, m))

    def forward(self, x):
        self.x, self.z = x, x @ self.W + self.b
        self.a = self.act(self.z)
        return self.a

    def backward(self, grad):
        slope = grad * self.act.{slope}
        back = slope @ self.W.T
        self.W -= self.rate * self.x.T @ slope
        self.b -= self.rate * {of_b}.sum(axis=0, keepdims=True)
        return back
"""


@pytest.mark.thorough
@pytest.mark.parametrize("slope", ["derivative(self.z)", "prime(self.a)"])
@pytest.mark.parametrize(("of_b", "verdict"), [("slope", RIGHT), ("grad", WRONG)])
def test_an_activation_that_a_layer_is_handed_has_a_derivative_of_what_it_is_asked_for(
    verdicts: Callable[[str], list[Verdict]], slope: str, of_b: str, verdict: Verdict
) -> None:
    assert verdicts(HANDED.format(slope=slope, of_b=of_b)) == [verdict]
