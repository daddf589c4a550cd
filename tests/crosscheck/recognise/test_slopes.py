"""How often a program is called for the derivatives of its loss."""

from typing import Any

import numpy as np
import pytest

from crosscheck.contract import Outcome
from crosscheck.recognise.slopes import Slopes

PARAMETERS = {"W": np.array([[0.3, -0.7, 1.1], [0.2, 0.5, -0.4]])}
NOISE = 1e-16


class Counted:
    """A call whose loss is the sum of sines, times something."""

    def __init__(self, times: float = 1.0) -> None:
        self.times, self.calls = times, 0

    def in_arithmetic(self, _: Any) -> "Counted":
        return self

    def __call__(self, parameters: dict[str, np.ndarray]) -> Outcome:
        self.calls += 1
        return Outcome(self.times * np.sum(np.sin(parameters["W"])), {})


def gradient() -> dict[str, np.ndarray]:
    return {"W": np.cos(PARAMETERS["W"])}


def test_points_that_stencils_have_in_common_are_computed_once() -> None:
    subject = Counted()
    found, errors = Slopes(subject).by_differences(PARAMETERS, (), NOISE)
    np.testing.assert_allclose(found["W"], np.cos(PARAMETERS["W"]), atol=1e-12)
    assert np.all(errors["W"] < 1e-9)
    assert subject.calls == 13 * PARAMETERS["W"].size


def test_gradients_are_confirmed_by_the_loss_alone() -> None:
    whole, alone = Counted(), Counted()
    slopes = Slopes(whole, alone)
    errors = {"W": np.zeros((2, 3))}
    assert slopes.is_confirmed(PARAMETERS, (), gradient(), errors, NOISE)
    assert (whole.calls, alone.calls) == (3, 10)
    assert not slopes.is_confirmed(PARAMETERS, (), {"W": 1.0001 * gradient()["W"]}, errors, NOISE)


@pytest.mark.parametrize("times", [1 + 1e-12, np.nan])
def test_a_loss_alone_that_is_another_one_confirms_nothing(times: float) -> None:
    whole, alone = Counted(), Counted(times)
    assert Slopes(whole, alone).is_confirmed(PARAMETERS, (), gradient(), {"W": np.zeros((2, 3))}, NOISE)
    assert (whole.calls, alone.calls) == (11, 2)


class Still(Counted):
    """A call whose loss depends on nothing, or on a step too small to be seen in it."""

    def __call__(self, parameters: dict[str, np.ndarray]) -> Outcome:
        super().__call__(parameters)
        return Outcome(3.0 + 1e-30 * self.times * np.sum(parameters["W"]), {})


@pytest.mark.parametrize(
    ("gradient", "error", "is_confirmed"), [(0.0, 0.0, True), (0.0, 1e-9, False), (1e-30, 0.0, False)]
)
def test_no_gradient_is_confirmed_where_the_loss_stands_still(
    gradient: float, error: float, is_confirmed: bool
) -> None:
    found, errors = ({"W": np.full((2, 3), value)} for value in (gradient, error))
    assert Slopes(Still(0.0)).is_confirmed(PARAMETERS, (), found, errors, NOISE) is is_confirmed


def test_no_gradient_is_not_confirmed_where_the_loss_moves() -> None:
    none = {"W": np.zeros((2, 3))}
    assert not Slopes(Counted()).is_confirmed(PARAMETERS, (), none, none, NOISE)
    assert not Slopes(Counted(1e-15)).is_confirmed(PARAMETERS, (), none, none, NOISE)


class Nothing(Counted):
    """A call without its end: what should be its loss is no number."""

    def __call__(self, parameters: dict[str, np.ndarray]) -> Outcome:
        super().__call__(parameters)
        return Outcome(None, {})


def test_a_loss_alone_that_is_no_number_confirms_nothing() -> None:
    whole = Counted()
    assert Slopes(whole, Nothing()).is_confirmed(PARAMETERS, (), gradient(), {"W": np.zeros((2, 3))}, NOISE)
    assert whole.calls == 11
