"""What padding must not change, and what it must hide."""

import jax
import numpy as np
import pytest

from autodiff.padding import Sizes, pad, sizes_of, unpad
from autodiff.rnn import intermediate_gradients, loss_and_gradients
from manual.errors import InputError
from manual.parameters import initialise

BUCKET = Sizes(vocabulary=11, hidden=13, time=7, batch=5)
SIZES = [(11, 13, 7, (5,)), (5, 3, 7, (2,)), (2, 7, 3, ()), (1, 1, 1, (1,))]

evaluate = jax.jit(loss_and_gradients)
differentiate_intermediates = jax.jit(intermediate_gradients)


def draw_case(V, H, T, batch, scale=1.0, seed=0, dtype=np.float64):
    random = np.random.default_rng(seed)
    parameters = initialise(V, H, seed=seed, scale=scale, dtype=dtype)
    inputs, targets = random.integers(0, V, (2, T, *batch))
    return parameters, inputs, targets, random.standard_normal((*batch, H)).astype(dtype)


def assert_close(actual, expected):
    """Padding only regroups sums, the longest of which has T·B = 35 terms; tests/autodiff/test_rnn.py has the rest.

    A vocabulary of 1 has gradients of zero, which rounding may miss by an ε of the probability 1.
    """
    for a, e in zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True):
        assert a.shape == e.shape
        assert a.dtype == e.dtype
        np.testing.assert_allclose(a, e, rtol=0, atol=1000 * np.finfo(e.dtype).eps * max(np.abs(e).max(), 1e-3))


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("window", [None, 2])
@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
def test_a_padded_case_evaluates_like_the_case(size, window, scale):
    case = parameters, inputs, _, _ = draw_case(*size, scale)
    padded = pad(*case, BUCKET)
    assert_close(unpad(evaluate(*padded, window=window), parameters, inputs), evaluate(*case, window=window))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_what_was_added_has_gradients_of_exactly_zero(size):
    case = parameters, inputs, _, _ = draw_case(*size)
    padded = pad(*case, BUCKET)
    real = jax.tree.map(np.ones_like, unpad(evaluate(*padded), parameters, inputs))
    for gradient, part in zip(evaluate(*padded).gradients, real.gradients, strict=True):
        room = np.zeros(gradient.shape)
        room[tuple(map(slice, part.shape))] = part
        assert np.any(gradient * room) or size[0] == 1
        np.testing.assert_array_equal(gradient * (1 - room), 0)
    V, H, T, B = sizes_of(parameters, inputs)
    for gradient, width in zip(differentiate_intermediates(*padded), (V, H, H), strict=True):
        for added in (gradient[T:], gradient[:, B:], gradient[..., width:]):
            np.testing.assert_array_equal(added, 0)


@pytest.mark.parametrize("size", SIZES[1:3], ids=str)
def test_gradients_of_intermediates_are_cut_to_size(size):
    case = parameters, inputs, _, _ = draw_case(*size)
    padded = differentiate_intermediates(*pad(*case, BUCKET))
    assert_close(unpad(padded, parameters, inputs), differentiate_intermediates(*case))


def test_float32_stays_float32():
    case = parameters, inputs, _, _ = draw_case(*SIZES[1], dtype=np.float32)
    padded = pad(*case, BUCKET)
    assert {array.dtype for array in (*padded.parameters, padded.initial_state)} == {np.dtype(np.float32)}
    assert_close(unpad(evaluate(*padded), parameters, inputs), evaluate(*case))


def test_cases_of_many_sizes_share_one_call():
    cases = [draw_case(*size, seed=seed) for seed, size in enumerate(SIZES)]
    stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *(pad(*case, BUCKET) for case in cases))
    together = jax.jit(jax.vmap(lambda case: loss_and_gradients(*case)))(stacked)
    for index, case in enumerate(cases):
        alone = jax.tree.map(lambda leaf, index=index: leaf[index], together)
        assert_close(unpad(alone, case[0], case[1]), evaluate(*case))


@pytest.mark.parametrize("size", SIZES[1:3], ids=str)
def test_model_axes_are_kept(size):
    cases = [draw_case(*size, seed=seed) for seed in (2, 3, 7)]
    stacked = parameters, inputs, _, _ = jax.tree.map(lambda *leaves: np.stack(leaves), *cases)
    padded = pad(*stacked, BUCKET)
    results = [evaluate(*jax.tree.map(lambda leaf, index=index: leaf[index], padded)) for index in range(len(cases))]
    result = unpad(jax.tree.map(lambda *leaves: np.stack(leaves), *results), parameters, inputs)
    for index, case in enumerate(cases):
        assert_close(jax.tree.map(lambda leaf, index=index: leaf[index], result), evaluate(*case))


def test_the_case_itself_is_left_alone():
    case = draw_case(*BUCKET[:3], (5,))
    padded = pad(*case, BUCKET)
    for array, original in zip(jax.tree.leaves(tuple(padded)[:4]), jax.tree.leaves(case), strict=True):
        np.testing.assert_array_equal(array, original)
        assert not np.shares_memory(array, original)


def test_sizes_are_those_of_the_arrays():
    parameters, inputs, _, _ = draw_case(5, 3, 2, (7,))
    assert sizes_of(parameters, inputs) == Sizes(vocabulary=5, hidden=3, time=2, batch=7)
    assert sizes_of(parameters, inputs[:, 0]) == Sizes(vocabulary=5, hidden=3, time=2, batch=1)


@pytest.mark.parametrize("axis", Sizes._fields)
def test_a_bucket_that_is_too_small_is_refused(axis):
    with pytest.raises(InputError, match="does not fit into"):
        pad(*draw_case(5, 3, 2, (7,)), Sizes(5, 3, 2, 7)._replace(**{axis: 1}))
