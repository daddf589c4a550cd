"""What speaks for an output that gradients go back from, and what against it."""

import numpy as np
import pytest

from crosscheck.recognise.jacobians import Dependence, Rows, _fit

RANDOM = np.random.default_rng(3)


def test_what_depends_on_targets_is_no_output() -> None:
    """The targets y move the error alone, and every parameter moves something else as well."""
    found = Dependence({"W": {"h", "o", "e"}, "V": {"o", "e"}}, {"x": {"h", "o", "e"}, "y": {"e"}})
    assert found.beyond() == {"e"}


def test_an_input_that_the_output_needs_is_no_target() -> None:
    assert not Dependence({"W": {"h", "o"}, "V": {"o"}}, {"x": {"h", "o"}, "skipped": {"o"}}).beyond()


def test_outputs_are_behind_the_last_parameters() -> None:
    assert Dependence({"W": {"h", "a", "b"}, "V": {"a"}, "U": {"b"}}, {}).ends() == {"a", "b"}


@pytest.mark.parametrize(("number", "is_missed"), [(None, True), (0, False), (1, False)])
def test_a_penalty_on_what_is_inside_is_no_slip(number: int | None, is_missed: bool) -> None:
    """The second parameter's gradient has a term of its own: any numbers, or the slope of a penalty."""
    rows, above = Rows(), RANDOM.standard_normal(3)
    for name in ("V", "W"):
        slopes, sizes = RANDOM.standard_normal((12, 3)), RANDOM.standard_normal((12, 2)) * (name == "W")
        more = RANDOM.standard_normal(12) if number is None else sizes[:, number]
        rows.own[name] = rows.beside[name] = list(slopes)
        rows.sizes[name] = list(sizes)
        rows.claimed[name] = list(slopes @ above + 0.5 * more * (name == "W"))
        rows.decays[name] = list(RANDOM.standard_normal(12))
    found = _fit(rows)
    assert found is not None
    assert found.is_missed is is_missed


@pytest.mark.parametrize(("slip", "is_missed"), [(0.0, False), (1.0, True)])
def test_small_gradients_count_as_much_as_large_ones(slip: float, is_missed: bool) -> None:
    """Those of the output are a thousand times as large: what is wrong before it leaves little of all of them."""
    rows, above = Rows(), RANDOM.standard_normal(3)
    for name, size in (("V", 1.0), ("W", 1e-3)):
        slopes = size * RANDOM.standard_normal((12, 3))
        rows.own[name] = rows.beside[name] = list(slopes)
        rows.sizes[name] = list(RANDOM.standard_normal((12, 2)) * 1e-9)
        rows.claimed[name] = list(slopes @ above + slip * size * RANDOM.standard_normal(12) * (name == "W"))
        rows.decays[name] = list(RANDOM.standard_normal(12) * 1e-9)
    found = _fit(rows)
    assert found is not None
    assert found.together is not None
    assert found.together < 1e-2
    assert found.is_missed is is_missed
