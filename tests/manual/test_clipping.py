"""Clipping by hand: limits, directions, NaN, numbers whose squares overflow, stacks of models."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manual.clipping import clip_by_global_norm, clip_by_value, global_norm
from manual.errors import InputError
from manual.parameters import Parameters

V, H = 5, 3
ENTRIES = 2 * V * H + H * H + H + V

# The norm is a root of a sum of ENTRIES = 47 squares; clipping adds a division and a product. Each of these 50
# operations rounds by at most half an ε; the root halves what came before it.
ROUNDINGS = 50


def draw(seed, scale=1.0, models=(), dtype=np.float64):
    random = np.random.default_rng(seed)
    shapes = Parameters((H, V), (H, H), (V, H), (H,), (V,))
    return Parameters(*((scale * random.standard_normal((*models, *shape))).astype(dtype) for shape in shapes))


def flat(gradients):
    return np.concatenate([g.ravel() for g in gradients])


exponents = st.floats(-8, 8)
seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(seeds, exponents, st.sampled_from([0.5, 5.0]))
def test_by_value_leaves_what_is_within_the_bound_and_puts_the_rest_on_it(seed, exponent, bound):
    gradients = draw(seed, 10.0**exponent)
    before, after = flat(gradients), flat(clip_by_value(gradients, bound))
    within = np.abs(before) <= bound
    np.testing.assert_array_equal(after[within], before[within])
    np.testing.assert_array_equal(after[~within], bound * np.sign(before[~within]))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(seeds, exponents, st.sampled_from([np.float32, np.float64]))
def test_by_global_norm_keeps_the_direction_and_limits_the_norm(seed, exponent, dtype):
    gradients = draw(seed, 10.0**exponent, dtype=dtype)
    before, after = flat(gradients), flat(clip_by_global_norm(gradients))
    assert after.dtype == dtype
    norm = np.sqrt(np.sum(before.astype(np.longdouble) ** 2))
    tolerance = ROUNDINGS * np.finfo(dtype).eps
    np.testing.assert_allclose(global_norm(gradients), float(norm), rtol=tolerance)
    if norm < 5:
        np.testing.assert_array_equal(after, before)
    else:
        np.testing.assert_allclose(after, (before / norm * 5).astype(dtype), rtol=tolerance)


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e200, 1e307])
def test_a_norm_whose_square_is_no_number_is_right_all_the_same(scale):
    gradients = draw(0, scale)
    unit = draw(0)
    np.testing.assert_allclose(global_norm(gradients) / scale, global_norm(unit), rtol=ROUNDINGS * np.finfo(float).eps)
    clipped = flat(clip_by_global_norm(gradients, bound=scale))
    expected = scale * flat(unit) / np.linalg.norm(flat(unit))
    np.testing.assert_allclose(clipped, expected, rtol=ROUNDINGS * np.finfo(float).eps)


def test_a_norm_beyond_the_largest_number_is_clipped_all_the_same():
    gradients = Parameters(*(np.full_like(g, 1e308) for g in draw(0)))
    assert global_norm(gradients) == np.inf
    np.testing.assert_allclose(flat(clip_by_global_norm(gradients)), 5 / np.sqrt(ENTRIES), rtol=1e-14)


def test_nothing_is_clipped_without_a_gradient():
    zeros = Parameters(*(np.zeros_like(g) for g in draw(0)))
    assert global_norm(zeros) == 0
    assert not flat(clip_by_global_norm(zeros)).any()
    assert not flat(clip_by_value(zeros)).any()


def test_a_nan_stays_where_it_is_under_clipping_by_value():
    gradients = draw(0, 100.0)
    gradients.bh[1] = np.nan
    clipped = clip_by_value(gradients)
    assert np.isnan(clipped.bh[1])
    assert np.isnan(flat(clipped)).sum() == 1
    assert np.nanmax(np.abs(flat(clipped))) == 5


def test_a_nan_never_switches_clipping_by_norm_off():
    gradients = draw(0, 100.0)
    gradients.bh[1] = np.nan
    assert np.isnan(global_norm(gradients))
    assert np.isnan(flat(clip_by_global_norm(gradients))).all()


def test_infinities():
    gradients = draw(0)
    gradients.by[2] = -np.inf
    assert clip_by_value(gradients).by[2] == -5
    assert global_norm(gradients) == np.inf
    clipped = clip_by_global_norm(gradients)
    assert np.isnan(clipped.by[2])
    assert np.nansum(np.abs(flat(clipped))) == 0


def test_each_model_of_a_stack_has_its_own_norm():
    stack = draw(0, 1.0, models=(2, 7))
    stack.Wxh[1, 3] *= 1e200
    stack.Wxh[0, 6, 0, 0] = np.nan
    clipped, norms = clip_by_global_norm(stack), global_norm(stack)
    assert norms.shape == (2, 7)
    for index in np.ndindex(2, 7):
        alone = Parameters(*(g[index] for g in stack))
        np.testing.assert_array_equal(norms[index], global_norm(alone))
        for together, by_itself in zip(clipped, clip_by_global_norm(alone), strict=True):
            np.testing.assert_array_equal(together[index], by_itself)


@pytest.mark.parametrize("clip", [clip_by_value, clip_by_global_norm])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_results_are_new_arrays_of_the_same_dtype_and_shape(clip, dtype):
    gradients = draw(0, 0.01, dtype=dtype)
    for g in gradients:
        g.flags.writeable = False
    for before, after in zip(gradients, clip(gradients, np.float64(3.0)), strict=True):
        assert (after.dtype, after.shape) == (before.dtype, before.shape)
        assert not np.shares_memory(before, after)


@pytest.mark.parametrize("clip", [clip_by_value, clip_by_global_norm])
@pytest.mark.parametrize("bound", [0.0, -5.0, float("nan"), float("inf")])
def test_a_bound_that_bounds_nothing_is_refused(clip, bound):
    with pytest.raises(InputError, match=f"bound is {bound}, expected a positive finite number"):
        clip(draw(0), bound)
