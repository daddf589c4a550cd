"""Functions that stand beside their gradients are judged as one, with the arguments that both are handed."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.places import RETURNED, Place
from crosscheck.recognise.value_pairs import ValuePair, value_pairs
from crosscheck.recognise.value_units import is_plainly_of
from crosscheck.source import read
from crosscheck.verdicts import Verdict

POSTERIOR = """
import numpy as np
def log_lik(th, X, y):
    s = X.dot(th)
    return y * s - np.log1p(np.exp(s))
def log_prior(th):
    return -0.5 * np.sum(th ** 2)
def grad_log_lik(th, X, y):
    return (y - 1 / (1 + np.exp(-X.dot(th))))[:, np.newaxis] * X
def grad_log_prior(th):
    return -th
"""
SUM = """
def log_post(th, X, y):
    return log_lik(th, X, y).sum() + log_prior(th)
def grad_log_post(th, X, y):
    return grad_log_lik(th, X, y).sum(axis=0) + grad_log_prior(th)
"""
BRANCHES = """
import numpy as np
def nll(w, x, y):
    if len(x.shape) == 1:
        return np.log1p(np.exp(-y * (w * x).sum()))
    return np.log1p(np.exp(-y * (w * x).sum(axis=1))).sum()
def del_nll(w, x, y):
    if len(x.shape) == 1:
        return -y * x / (1 + np.exp(y * (w * x).sum()))
    return -((y / (1 + np.exp(y * (w * x).sum(axis=1))))[:, np.newaxis] * x).sum(axis=0)
"""
DICTIONARY = """
import numpy as np
def cost(w, b, X, y):
    h = 1 / (1 + np.exp(-(X @ w + b)))
    return -np.mean(y * np.log(h) + (1 - y) * np.log(1 - h))
def gradients(X, y, w, b):
    e = (1 / (1 + np.exp(-(X @ w + b))) - y) / len(y)
    return {"w": X.T @ e, "b": e.sum()}
"""
OBJECT = """
import numpy as np
class Poisson:
    def __init__(self, X, y, l2=0.1):
        self.X, self.l2 = X, l2
        self.y = np.asarray(y)
    def log_likelihood(self, theta):
        eta = self.X @ theta
        return np.sum(self.y * eta - np.exp(eta)) - 0.5 * self.l2 * theta @ theta
    def gradient(self, theta):
        return self.X.T @ (np.exp(self.X @ theta) - self.y) + self.l2 * theta
"""
NESTED = """
import numpy as np
def misfit(net, x, t):
    for W, b in net:
        x = np.tanh(W @ x + b)
    return 0.5 * np.sum((x - t) ** 2)
def gradient(net, x, t):
    kept = [x]
    for W, b in net:
        kept.append(np.tanh(W @ kept[-1] + b))
    out, d = [], kept[-1] - t
    for (W, b), above, below in zip(net[::-1], kept[:0:-1], kept[-2::-1]):
        d = d * (1 - above ** 2)
        out.insert(0, (np.outer(d, below), d))
        d = W.T @ d
    return out
net = [(np.ones((3, 2)) * 0.1, np.zeros(3)), (np.ones((4, 3)) * 0.2, np.zeros(4))]
print(gradient(net, np.ones(2), np.ones(4)))
"""
BOWL = """
import numpy as np
def bowl(x):
    return 3 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
def bowl_gradient(x):
    return np.array([-12 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0]), 6 * (x[1] - x[0] ** 2)])
"""
SLOPE = """
import numpy as np
def transfer(z):
    return 1 / (1 + np.exp(-z))
def transfer_derivative(out):
    return out * (1 - out)
def cross_entropy(probs, y):
    return -np.sum(y * np.log(probs))
def cross_entropy_grad(probs, y):
    return probs - y
"""
PROGRAMS = {
    "rows": (POSTERIOR, "log_lik/grad_log_lik", "th", ("(y - 1 /", "(y + 1 /")),
    "the sum covers its parts": (POSTERIOR + SUM, "log_post/grad_log_post", "th", ("return -th", "return -2 * th")),
    "a branch for one": (BRANCHES, "nll/del_nll", "w", ("return -((y / (1 + np.exp(y", "return -((y / (1 + np.exp(-y")),
    "another order": (DICTIONARY, "cost/gradients", "b", ("e.sum()", "e.mean()")),
    "maximised": (OBJECT, "Poisson.log_likelihood/Poisson.gradient", "theta", ("+ self.l2", "- self.l2")),
    "alike": (NESTED, "misfit/gradient", "net_0_0", ("(1 - above ** 2)", "(1 - above)")),
    "as long as its gradient": (BOWL, "bowl/bowl_gradient", "x", ("6 * (x[1]", "3 * (x[1]")),
}


@pytest.mark.thorough
@pytest.mark.parametrize(("code", "name", "parameter", "slip"), PROGRAMS.values(), ids=PROGRAMS)
def test_is_judged(tmp_path: Path, code: str, name: str, parameter: str, slip: tuple[str, str]) -> None:
    assert code.count(slip[0]) == 1
    for text, verdict in ((code, Verdict.AGREE), (code.replace(*slip), Verdict.DISAGREE)):
        path = tmp_path / "file.py"
        path.write_text(text)
        found = recognise(read(path))
        unit = next(unit for unit in found.units if unit.name == name)
        assert parameter in unit.names
        assert judge_unit(unit, examples=9).verdict is verdict


ASCENT = """
import numpy as np
def {value}(w, X, y):
    p = 1 / (1 + np.exp(-X @ w))
    return {sign}np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))
def {value}_gradient(w, X, y):
    return X.T @ (y - 1 / (1 + np.exp(-X @ w)))
def fit(X, y, w):
    for turn in range(100):
        w = w {step} 0.1 * {value}_gradient(w, X, y)
    return w
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("value", "sign", "step", "verdict"),
    [
        ("log_likelihood", "-", "+", Verdict.AGREE),  # of chances it is below zero: this is minus it
        ("log_likelihood", "", "+", Verdict.AGREE),
        ("cost", "-", "+", Verdict.AGREE),
        ("cost", "-", "-", Verdict.DISAGREE),
    ],
)
def test_gradients_that_are_added_are_minus_those_of_a_cost(
    tmp_path: Path, value: str, sign: str, step: str, verdict: Verdict
) -> None:
    path = tmp_path / "file.py"
    path.write_text(ASCENT.format(value=value, sign=sign, step=step))
    assert {judge_unit(unit, examples=9).verdict for unit in recognise(read(path)).units} == {verdict}


@pytest.mark.parametrize(
    ("name", "gradient", "expected"),
    [("p", "f_grad", True), ("sigma", "f_grad", False), ("sigma", "dsigma", True), ("weights", "f_grad", True)],
)
def test_a_gradient_belongs_to_what_it_is_named_after_or_what_comes_first(
    name: str, gradient: str, expected: bool
) -> None:
    arguments = ("p", "t", "sigma", "weights")
    pair = ValuePair("f", "f_grad", arguments, frozenset(arguments), ({}, {}), literal=True)
    place = Place(RETURNED, ("return", 1), gradient, frozenset([gradient]))
    assert is_plainly_of(Leaf((name,), np.zeros(3)), place, pair) is expected


def test_what_may_be_meant_otherwise_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file.py"
    path.write_text(SLOPE)
    found = recognise(read(path))
    assert not found.units
    assert [skipped.function for skipped in found.skipped] == ["cross_entropy_grad"]


@pytest.mark.parametrize(
    ("value", "gradient"),
    [
        ("log_joint", "grad_log_joint"),
        ("f", "df"),
        ("compute_cost_logistic_reg", "compute_gradient_logistic_reg"),
        ("ridge_cost", "ridge_gradients"),
        ("costFunction", "gradFunction"),
        ("rosen", "rosen_der"),
        ("loss", "loss_numerical_gradient"),
        ("accuracy", "gradient"),
        ("cost", "gradient_descent"),
    ],
)
def test_names_belong_together(tmp_path: Path, value: str, gradient: str) -> None:
    path = tmp_path / "file.py"
    path.write_text(f"def {value}(w, x):\n    return w @ x\ndef {gradient}(w, x):\n    return x\n")
    is_pair = "numerical" not in gradient and "descent" not in gradient and value != "accuracy"
    assert bool(value_pairs(functions_of(read(path).tree))) == is_pair


ONE_OR_MANY = """
import numpy as np
def fit_of(Z, th, wts):
    return (wts * misfit(Z, th)).sum()
def misfit(z, th):
    if len(z.shape) == 1:
        return np.log1p(np.exp(-(th * z).sum()))
    return np.log1p(np.exp(-(th * z).sum(axis=1)))
def grad_misfit(z, th):
    if len(z.shape) == 1:
        m = -(th * z).sum()
        return -np.exp(m) / (1 + np.exp(m)) * z
    m = -(th * z).sum(axis=1)
    return -(1 / (1 + np.exp(m)))[:, np.newaxis] * z
def grad_fit_of(Z, th, wts):
    return (wts[:, np.newaxis] * grad_misfit(Z, th)).sum(axis=0)
"""


def test_agreement_for_a_single_example_acquits_no_batch(tmp_path: Path) -> None:
    """The slip is in the branch for many examples; with one of them and broadcast weights all is right."""
    path = tmp_path / "file.py"
    path.write_text(ONE_OR_MANY)
    units = [unit for unit in recognise(read(path)).units if unit.name.endswith("grad_fit_of")]
    assert all(judge_unit(unit, examples=4).verdict is not Verdict.AGREE for unit in units)
