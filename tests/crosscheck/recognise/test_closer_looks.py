"""What is wrong once among many that are right is measured again: of `1 - p` no digit may be left."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from crosscheck.contract import Outcome
from crosscheck.recognise.judging import SOME, QuickJudge
from crosscheck.recognise.reference import ForwardOracle


def result_of(error: float) -> Any:
    """Return a case in which a gradient is off by a share of it."""
    comparison = SimpleNamespace(wrong=np.array([True]), judged=np.array([True]))
    return SimpleNamespace(
        comparisons={"W": comparison}, reference={"W": np.array([1.0])}, outcome={"W": np.array([1.0 + error])}
    )


@pytest.mark.parametrize(
    ("right", "confirmed", "is_certain"), [(0, 0, True), (SOME, 0, False), (SOME, 1, True), (SOME - 1, 0, True)]
)
def test_a_gross_error_is_certain_unless_the_array_was_often_right(
    right: int, confirmed: int, is_certain: bool
) -> None:
    judge = QuickJudge(SimpleNamespace(inputs=("data",)), None)  # pyright: ignore
    judge._right["W"], judge._confirmed["W"] = right, confirmed
    assert judge._certain(result_of(0.5)) == ({"W"} if is_certain else set())
    assert not judge._certain(result_of(1e-9))


class Saturated:
    """A call whose loss is infinite where the last digit of a probability is another one."""

    def __init__(self, logit: float) -> None:
        self.logit = logit

    def in_arithmetic(self, _: Any) -> "Saturated":
        return self

    def __call__(self, parameters: dict[str, np.ndarray], *_: Any) -> Outcome:
        with np.errstate(divide="ignore"):
            p = 1 / (1 + np.exp(-np.real(parameters["w"]) - self.logit))
            return Outcome(float(-np.log(1 - p).sum()), {"w": p})


@pytest.mark.parametrize(("logit", "is_known"), [(1.0, True), (36.2, False)])
def test_differences_of_a_loss_that_rounding_makes_infinite_are_not_believed(logit: float, is_known: bool) -> None:
    oracle = ForwardOracle(Saturated(logit))
    found = oracle._slowly(({"w": np.array([0.1])},), 1e-16)
    assert np.isfinite(found.errors["w"]).all() == is_known
