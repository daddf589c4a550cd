import pytest

from crosscheck.errors import CrosscheckError
from crosscheck.strategies.lengths import infer


def lengths(*shapes, vary=True, fixed=()):
    return infer([(f"array {i}", shape) for i, shape in enumerate(shapes)], vary=vary, fixed=fixed)


def shape(lengths, shape, sizes):
    resized = lengths.resized(sizes)
    return tuple(resized.get(length, length) for length in shape)


def test_equal_lengths_vary_together_and_are_named_after_their_first_place():
    inferred = lengths((7,), (3, 5), (3, 3), (5, 3))
    assert inferred.names == ("array 0 axis 0", "array 1 axis 0", "array 1 axis 1")
    assert inferred.given == (7, 3, 5)
    assert shape(inferred, (3, 5, 7, 3), (11, 13, 17)) == (13, 17, 11, 13)


def test_lengths_of_zero_and_one_stay():
    inferred = lengths((0, 1, 5))
    assert inferred.given == (5,)
    assert shape(inferred, (0, 1, 5), (2,)) == (0, 1, 2)


@pytest.mark.parametrize(
    ("shapes", "given", "sizes", "expected"),
    [
        (((12, 5), (3,)), (5, 3), (7, 2), (8, 7)),  # four gates of three units
        (((11, 3), (8,)), (3, 8), (2, 5), (7, 2)),  # states and inputs side by side
        (((11, 4), (10,)), (4, 10), (3, 6), (7, 3)),  # a column of ones for the bias
    ],
)
def test_multiples_sums_and_successors_follow(shapes, given, sizes, expected):
    inferred = lengths(*shapes)
    assert inferred.given == given
    assert shape(inferred, shapes[0], sizes) == expected


def test_what_can_be_read_in_two_ways_stays_and_the_rest_varies():
    inferred = lengths((8, 3), (5,), (7,), (23,))  # 8 = 3 + 5 = 7 + 1
    assert inferred.given == (23,)
    assert shape(inferred, (8, 3, 5, 7, 23), (2,)) == (8, 3, 5, 7, 2)


def test_fixed_lengths_stay_and_may_be_part_of_a_sum():
    assert lengths((7,), (3,), fixed={7}).given == (3,)
    inferred = lengths((5,), (18,), (23,), fixed={18})
    assert inferred.given == (5,)
    assert shape(inferred, (23, 18), (2,)) == (20, 18)


def test_the_user_may_say_what_varies():
    assert lengths((7,), (3,), vary=False).given == ()
    inferred = lengths((12, 5), (3,), vary=(3,))
    assert inferred.given == (3,)
    assert shape(inferred, (12, 5, 3), (2,)) == (8, 5, 2)
    both = lengths((12, 5), (3,), vary={3, 12})
    assert both.given == (12, 3)
    assert shape(both, (12, 5, 3), (7, 2)) == (7, 5, 2)
    with pytest.raises(
        CrosscheckError, match=r"vary names the length 4, which no array of the example has: .* 3, 5, 12"
    ):
        lengths((12, 5), (3,), vary=(4,))


def test_resized_lengths_are_small_different_and_in_another_order():
    inferred = lengths((509,), (101,), (2,), (17,))
    sizes = inferred.reversed_in_order()
    assert len(set(sizes)) == 4
    assert max(sizes) < 10
    assert sizes[0] < sizes[1] < sizes[3] < sizes[2]
    assert not set(zip(sizes, inferred.given, strict=True)) & {(n, n) for n in inferred.given}
