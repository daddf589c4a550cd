import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosscheck.errors import CrosscheckError
from crosscheck.strategies.sizes import (
    check_range,
    draw_sizes,
    pairwise_different,
    schedule,
    smaller_sizes,
    smallest_different,
)

RANGE = st.tuples(st.integers(0, 4), st.integers(0, 3)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(max_examples=200)
@given(st.lists(RANGE, min_size=1, max_size=4).map(tuple))
def test_different_sizes_are_found_wherever_there_are_any(ranges):
    exist = any(map(pairwise_different, itertools.product(*(range(low, high + 1) for low, high in ranges))))
    found = smallest_different(ranges)
    assert (found is not None) == exist
    if found:
        assert pairwise_different(found)
        assert all(low <= size <= high for size, (low, high) in zip(found, ranges, strict=True))


def test_drawn_sizes_fill_their_ranges_and_mostly_differ():
    drawn = [draw_sizes(((1, 12), (2, 5), (3, 3), (0, 4)), bits) for bits in range(1000)]
    assert [(min(sizes), max(sizes)) for sizes in zip(*drawn, strict=True)] == [(1, 12), (2, 5), (3, 3), (0, 4)]
    assert 600 < sum(map(pairwise_different, drawn)) < 1000


def test_smaller_sizes_come_in_order_and_stay_in_range():
    assert list(smaller_sizes((5, 3), ((1, 9), (2, 9)), order=(1, 0))) == [(5, 2), (1, 3), (3, 3), (4, 3)]
    assert list(smaller_sizes((1, 2), ((1, 9), (2, 9)), order=(1, 0))) == []


def test_a_round_holds_each_name_by_weight_and_all_of_them_first():
    names = schedule({"a": 3, "b": 1, "c": 2})
    assert sorted(names) == ["a", "a", "a", "b", "c", "c"]
    assert names[:3] == ("a", "b", "c")


@pytest.mark.parametrize("value", [None, 5, (3,), (3, 2), (0, 4), (1, 2, 3), ("1", "x"), (1.5, 4), (1, float("nan"))])
def test_a_range_that_makes_no_sense_is_refused(value):
    with pytest.raises(CrosscheckError, match=r"hidden is .*, expected the least and the greatest size, such as"):
        check_range("hidden", value, 1)


def test_a_range_may_hold_numpy_integers():
    import numpy as np

    assert check_range("hidden", np.array([2, 7]), 1) == (2, 7)
