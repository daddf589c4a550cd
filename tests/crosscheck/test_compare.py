"""The rule: what agrees, what disagrees, what cannot be judged."""

import numpy as np
import pytest

from crosscheck.compare import K, compare
from crosscheck.precision import FLOAT32, FLOAT64

REFERENCE = np.array([1.0, -0.5, 1e-3])
NOISE = np.array([1e-16, 1e-16, 1e-16])


def test_equal_arrays_agree_and_are_judged() -> None:
    comparison = compare(REFERENCE, REFERENCE, NOISE, FLOAT64)
    assert comparison.judged.all()
    assert not comparison.wrong.any()
    assert (comparison.discrepancy == 0).all()


@pytest.mark.parametrize(("factor", "is_wrong"), [(0.9, False), (1.1, True)])
def test_the_detection_floor_is_where_errors_begin_to_be_seen(factor: float, is_wrong: bool) -> None:
    floor = compare(REFERENCE, REFERENCE, NOISE, FLOAT64).floor
    for place in range(3):
        moved = REFERENCE.copy()
        moved[place] += factor * floor[place] * np.abs(REFERENCE).max()
        wrong = compare(moved, REFERENCE, NOISE, FLOAT64).wrong
        assert wrong[place] == is_wrong
        assert wrong.sum() == is_wrong


def test_zero_against_zero_agrees_without_dividing() -> None:
    zero = np.zeros(3)
    with np.errstate(all="raise"):
        comparison = compare(zero, zero, zero, FLOAT64)
    assert comparison.judged.all()
    assert not comparison.wrong.any()
    assert (comparison.floor == K * FLOAT64.smallest_normal).all()


def test_a_largest_entry_that_is_denormal_overflows_without_a_word() -> None:
    denormal = np.array([1e-310])
    with np.errstate(all="raise"):
        comparison = compare(denormal, denormal, np.ones(1), FLOAT64)
    assert not comparison.judged.any()
    assert np.isinf(comparison.floor[0])


def test_anything_but_zero_is_wrong_where_zero_is_exact() -> None:
    comparison = compare(np.array([0.0, 1e-300]), np.zeros(2), np.zeros(2), FLOAT64)
    assert list(comparison.wrong) == [False, True]


def test_what_the_reference_may_have_lost_among_the_denormals_is_not_judged() -> None:
    comparison = compare(np.array([0.0, 2e-310, 1e-300]), np.zeros(3), np.zeros(3), FLOAT64)
    assert list(comparison.judged) == [True, False, True]


def test_rounding_excuses_no_array_that_is_denormal_altogether() -> None:
    reference = np.array([1e-310, 3e-310])
    comparison = compare(np.array([1e-310, 6e-310]), reference, np.zeros(2), FLOAT64, linear=True)
    assert list(comparison.judged) == [True, False]
    lost = compare(np.array([0.0, 6e-310]), np.zeros(2), np.zeros(2), FLOAT64, linear=True)
    assert list(lost.judged) == [True, False]


def test_swamped_entries_are_not_judged_however_far_off() -> None:
    comparison = compare(REFERENCE + 1e3, REFERENCE, np.full(3, 0.1), FLOAT64)
    assert comparison.suspect.all()
    assert not comparison.judged.any()
    assert not comparison.wrong.any()


@pytest.mark.parametrize("size", [0.1, 100.0])
def test_what_is_small_beside_its_noise_is_judged_only_if_that_is_linear(size: float) -> None:
    noise = np.full(2, 1e-16)
    reference = size * np.array([1e-16, -2e-17])
    subject = np.array([0.5, reference[1]])
    assert not compare(subject, reference, noise, FLOAT64).judged.any()
    comparison = compare(subject, reference, noise, FLOAT64, linear=True)
    assert list(comparison.wrong) == [True, False]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_number_on_one_side_only_disagrees(bad: float) -> None:
    broken = np.array([1.0, bad, 1e-3])
    assert list(compare(broken, REFERENCE, NOISE, FLOAT64).wrong) == [False, True, False]
    assert list(compare(REFERENCE, broken, NOISE, FLOAT64).wrong) == [False, True, False]
    both = compare(broken, broken, NOISE, FLOAT64)
    assert list(both.judged) == [True, False, True]
    assert not both.wrong.any()


def test_infinite_noise_forbids_a_judgement() -> None:
    comparison = compare(np.array([np.nan, 1.0]), np.array([1.0, 1.0]), np.array([np.inf, 0.0]), FLOAT64)
    assert list(comparison.judged) == [False, True]


def test_the_coarser_precision_has_the_coarser_rule() -> None:
    moved = (REFERENCE * (1 + 1e-7)).astype(np.float32)
    assert not compare(moved, REFERENCE, NOISE, FLOAT32).wrong.any()
    assert compare(moved, REFERENCE, NOISE, FLOAT64).wrong.any()
