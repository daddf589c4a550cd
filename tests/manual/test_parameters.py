"""Drawing parameters, and refusing arrays that form no model."""

import inspect

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from manual.errors import InputError
from manual.parameters import DTYPES, Parameters, initialise, validate

V, H = 5, 3


def refusal(function, *arguments, **options) -> str:
    with pytest.raises(InputError) as caught:
        function(*arguments, **options)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


@pytest.mark.parametrize("dtype", DTYPES)
def test_shapes_and_dtype(dtype):
    parameters = initialise(V, H, seed=1, dtype=dtype)
    assert [array.shape for array in parameters] == [(H, V), (H, H), (V, H), (H,), (V,)]
    assert {array.dtype for array in parameters} == {dtype}
    validate(parameters)


def test_a_seed_means_the_same_model_in_every_dtype():
    exact = initialise(V, H, seed=23)
    for again, other in zip(initialise(V, H, seed=23), exact, strict=True):
        np.testing.assert_array_equal(again, other)
    for narrow, wide in zip(initialise(V, H, seed=23, dtype=np.float32), exact, strict=True):
        np.testing.assert_array_equal(narrow, wide.astype(np.float32))
    assert (initialise(V, H, seed=24).Wxh != exact.Wxh).all()


def test_weights_are_normal_times_the_scale_and_biases_zero():
    small, large = initialise(97, 89, seed=3), initialise(97, 89, seed=3, scale=1.0)
    for field in ("Wxh", "Whh", "Why"):
        weights = getattr(large, field)
        # A standard deviation of n normal numbers is off by 1/√(2n); five times that is one chance in a million.
        assert abs(weights.std() - 1) < 5 / np.sqrt(2 * weights.size)
        np.testing.assert_allclose(getattr(small, field), 0.01 * weights, rtol=2 * np.finfo(float).eps)
    assert not large.bh.any()
    assert not large.by.any()


@pytest.mark.parametrize("size", [0, -1, 1.0, True, "3"])
@pytest.mark.parametrize("name", ["vocabulary_size", "hidden_size"])
def test_sizes_are_positive_integers(name, size):
    sizes = {"vocabulary_size": V, "hidden_size": H, name: size}
    unchecked = inspect.unwrap(initialise)  # as it runs without the type checker of the tests
    assert refusal(unchecked, **sizes, seed=0).startswith(f"{name} is {size!r}, expected an integer")


def test_other_refusals_of_initialise():
    assert "dtype is int64, expected one of float16" in refusal(initialise, V, H, seed=0, dtype=np.int64)
    assert "scale is nan, expected a finite number" in refusal(initialise, V, H, seed=0, scale=np.nan)


@pytest.mark.parametrize(
    ("field", "convert", "fragment"),
    [
        ("Wxh", lambda a: a.T, "it looks transposed; pass Wxh.T."),
        ("Why", lambda a: a.T, "it looks transposed; pass Why.T."),
        ("Whh", lambda a: a[:2], "expected (3, 3) for hidden size 3 (the length of bh)"),
        ("Wxh", lambda a: a[:, 1:], "axis 1 has 4 entries in place of 5."),
        ("by", lambda a: a[:, None], "it looks like a column vector; pass by[..., 0]."),
        ("bh", lambda a: a[:, None], "it looks like a column vector; pass bh[..., 0]."),
        ("bh", lambda a: np.array(a[0]), "bh has shape (), expected one axis fewer than Whh"),
        ("Whh", lambda a: a[None], "bh has shape (3,), expected one axis fewer than Whh, which has shape (1, 3, 3)"),
        ("Wxh", lambda a: a[None], "it has 3 axes in place of 2."),
        ("bh", lambda a: a.tolist(), "bh is a list, expected a NumPy array"),
        ("Why", lambda a: a.tolist(), "Why is a list, expected a NumPy array: use np.asarray."),
        ("Why", lambda a: a.astype(int), "Why has dtype int64, expected a floating dtype: use .astype(np.float64)."),
        ("Why", lambda a: a.astype(complex), "dtype complex128, expected a floating dtype"),
        ("by", lambda a: a.astype(np.float32), "mix dtypes (Wxh float64, Whh float64, Why float64, bh float64, by flo"),
    ],
)
def test_refusals(field, convert, fragment):
    parameters = initialise(V, H, seed=1)
    assert fragment in refusal(validate, parameters._replace(**{field: convert(getattr(parameters, field))}))


def test_an_empty_model_is_refused():
    empty = Parameters(np.zeros((0, V)), np.zeros((0, 0)), np.zeros((V, 0)), np.zeros(0), np.zeros(V))
    assert "which is empty: every size is at least 1" in refusal(validate, empty)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("field", Parameters._fields)
def test_the_entry_that_is_not_finite_is_named(field, value):
    parameters = initialise(V, H, seed=1)
    array = getattr(parameters, field)
    array[-1] = value
    index = (array.shape[0] - 1,) + (0,) * (array.ndim - 1)
    assert f"{value} at index {index}" in refusal(validate, parameters)


def test_finite_numbers_whose_sum_overflows_are_accepted():
    validate(initialise(V, H, seed=1)._replace(by=np.full(V, np.finfo(np.float64).max)))


def test_annotations_are_checked_here():
    """A canary: if the type checker were switched off, every shape annotation would be a comment."""
    from manual.rnn import _rows

    _rows(np.zeros((1, 1, 1), np.longdouble))
    for wrong in (np.zeros(1), np.zeros((1, 1, 1), int)):
        with pytest.raises(TypeCheckError):
            _rows(wrong)
