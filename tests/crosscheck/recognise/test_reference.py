"""The reference of a file's own forward where that leaves the range of its numbers."""

from typing import Any

import numpy as np
import pytest

from crosscheck.contract import Outcome
from crosscheck.errors import CrosscheckError
from crosscheck.precision import FLOAT64
from crosscheck.recognise.reference import COMPLEX, DIFFERENCES, ForwardOracle
from crosscheck.references.extended import has_extended_precision

LABELS = np.array([2, 0, 1])


class Softmax:
    """The cross-entropy of a linear layer, without a guard: infinite where a probability is below 1e-308."""

    def __init__(self) -> None:
        self.calls = 0

    def in_arithmetic(self, _: Any) -> "Softmax":
        return self

    def __call__(self, parameters: dict[str, np.ndarray], x: np.ndarray) -> Outcome:
        self.calls += 1
        scores = x @ parameters["W"]
        scores = scores - np.max(np.real(scores), axis=1, keepdims=True)
        shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        error = (shares - np.eye(3)[LABELS]) / 3
        return Outcome(-np.mean(np.log(shares[np.arange(3), LABELS])), {"W": x.T @ error})


@pytest.mark.skipif(not has_extended_precision(), reason="where float64 overflows there are no longer numbers")
def test_a_loss_that_overflows_is_differentiated_in_longer_numbers_as_quickly_as_any() -> None:
    random = np.random.default_rng(3)
    parameters, x = {"W": random.normal(size=(5, 3))}, 500 * random.normal(size=(3, 5))
    subject = Softmax()
    oracle = ForwardOracle(subject)
    with np.errstate(all="ignore"):
        own = subject(parameters, x)
        subject.calls = 0
        (reference,) = oracle.references([(parameters, x)], [], [1], FLOAT64)
        assert subject.calls < 5 * 15  # differences take dozens for each entry
        slow = oracle.slow._reference((parameters, x), 8, 1.0)
    assert np.isinf(own.loss)
    assert oracle.means == {COMPLEX}
    found, noise = (kind["gradients"]["W"] for kind in reference)
    np.testing.assert_allclose(found, own.gradients["W"], rtol=1e-14, atol=1e-12)
    assert np.all(np.abs(found - slow.exact["gradients"]["W"]) <= noise + slow.noise["gradients"]["W"])


class Cube(Softmax):
    """A loss of which the complex step knows nothing: it drops the imaginary part."""

    def __call__(self, parameters: dict[str, np.ndarray], *_: Any) -> Outcome:
        w = np.asarray(parameters["w"]).real
        return Outcome(np.sum(w**3), {"w": 3 * w**2})


def test_a_slow_closer_look_is_left_out_and_the_quick_one_stands() -> None:
    case = ({"w": np.random.default_rng(5).normal(size=7)},)
    oracle = ForwardOracle(Cube())
    oracle.slow.patience = 0.0
    with pytest.raises(CrosscheckError, match="took more than 0 s"):
        oracle.slow.references([case], [], [1], FLOAT64)
    (reference,) = oracle.references([case], [], [1], FLOAT64, samples=64)
    np.testing.assert_allclose(reference.exact["gradients"]["w"], 3 * case[0]["w"] ** 2, rtol=1e-8)
    assert oracle.means == {DIFFERENCES}


class Sigmoid(Softmax):
    """A cross-entropy of two classes: where a probability is one but for its last digit, `1 - p` has none left."""

    def __call__(self, parameters: dict[str, np.ndarray], x: np.ndarray) -> Outcome:
        p = 1 / (1 + np.exp(-(x @ parameters["w"])))
        wanted = (np.arange(len(x)) % 2).astype(float)
        loss = -np.mean(wanted * np.log(p) + (1 - wanted) * np.log(1 - p))
        return Outcome(loss, {"w": x.T @ (p - wanted) / len(x)})


@pytest.mark.skipif(not has_extended_precision(), reason="where float64 overflows there are no longer numbers")
def test_no_digits_are_made_up_where_longer_numbers_have_none_either() -> None:
    random = np.random.default_rng(4)
    x = np.column_stack([np.full(20, 42.0), random.normal(size=(20, 2))])
    case = ({"w": np.array([1.0, 0.1, 0.1])}, x)
    oracle = ForwardOracle(Sigmoid())
    with np.errstate(all="ignore"):
        own = Sigmoid()(*case)
        assert not np.isfinite(own.loss)
        (reference,) = oracle.references([case], [], [1], FLOAT64)
    found, noise = (kind["gradients"]["w"] for kind in reference)
    differs = np.abs(found - own.gradients["w"]) > noise
    assert not differs.any(), "rounding says more than it knows"
