"""What callers may rely on besides the numbers: dtypes, shapes, purity, ownership, determinism, memory."""

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manual.parameters import DTYPES, Parameters
from manual.rnn import Evaluation, loss_and_gradients
from tests.manual.rnn_cases import Case, build, cases

some = settings(max_examples=30, deadline=None, derandomize=True)


def arrays_of(evaluation: Evaluation) -> list[np.ndarray]:
    return [
        *evaluation.gradients,
        evaluation.initial_state_gradient,
        evaluation.final_state,
        *(evaluation.intermediates or ()),
    ]


@some
@given(case=cases(dtype=np.float64), dtype=st.sampled_from(DTYPES), models=st.sampled_from([(), (3,)]))
def test_shapes_and_dtypes(case, dtype, models):
    stacked = Case(
        Parameters(*(np.broadcast_to(a, (*models, *a.shape)) for a in case.parameters)),
        *(np.broadcast_to(a, (*models, *a.shape)) for a in case[1:]),
    ).astype(dtype)
    evaluation = loss_and_gradients(*stacked, intermediates=True)
    (V, H), data = case.parameters.Why.shape, stacked.inputs.shape
    assert np.shape(evaluation.loss) == models
    assert evaluation.loss.dtype == dtype
    assert all(array.dtype == dtype for array in arrays_of(evaluation))
    assert evaluation.intermediates is not None
    for gradient, parameter in zip(evaluation.gradients, stacked.parameters, strict=True):
        assert gradient.shape == parameter.shape
    assert evaluation.initial_state_gradient.shape == evaluation.final_state.shape == stacked.initial_state.shape
    assert [array.shape for array in evaluation.intermediates] == [(*data, V), (*data, H), (*data, H)]


def test_intermediates_come_on_request_only():
    case = build(5, 3, 7)
    assert loss_and_gradients(*case).intermediates is None


@some
@given(case=cases(dtype=np.float64), order=st.sampled_from("CF"), gaps=st.booleans())
def test_any_memory_layout_is_read_and_none_is_written(case, order, gaps):
    def laid_out(array: np.ndarray) -> np.ndarray:
        array = np.array(array, order=order)
        if gaps:
            array = np.repeat(array, 2, axis=-1)[..., ::2]
        array.flags.writeable = False
        return array

    strange = Case(Parameters(*map(laid_out, case.parameters)), *map(laid_out, case[1:]))
    plain, other = loss_and_gradients(*case), loss_and_gradients(*strange)
    for a, b in zip(arrays_of(plain), arrays_of(other), strict=True):
        # The same terms in the order that the layout suggests: T·(H + V) roundings at most.
        V, H = case.parameters.Why.shape
        bound = np.finfo(np.float64).eps * case.inputs.size * (H + V + 8)
        assert np.abs(a - b).max() <= bound * max(np.abs(a).max(), np.finfo(np.float64).eps)
    for before, after in zip(case.arrays, strange.arrays, strict=True):
        np.testing.assert_array_equal(before, after)


@some
@given(case=cases(dtype=np.float64), intermediates=st.booleans())
def test_results_own_their_memory(case, intermediates):
    results = arrays_of(loss_and_gradients(*case, intermediates=intermediates))
    for array in results:
        assert array.flags.owndata
        assert array.flags.c_contiguous
        assert array.flags.writeable
    for a, b in itertools.combinations([*results, *case.arrays], 2):
        assert not np.shares_memory(a, b)


@some
@given(case=cases(dtype=np.float32))
def test_the_same_call_gives_the_same_bits(case):
    before = [array.copy() for array in case.arrays]
    first = loss_and_gradients(*case, intermediates=True)
    kept = [array.copy() for array in arrays_of(first)]
    second = loss_and_gradients(*case, intermediates=True)
    assert first.loss == second.loss
    for a, b, c in zip(arrays_of(first), kept, arrays_of(second), strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)
    for was, now in zip(before, case.arrays, strict=True):
        np.testing.assert_array_equal(was, now)


@pytest.mark.parametrize("kind", ["u1", "i1", "i4", "i8", "u8", list])
def test_indices_of_any_integer_type(kind):
    case = build(5, 3, 7, 2)
    convert = np.ndarray.tolist if kind is list else lambda array: array.astype(kind)
    other = loss_and_gradients(*case._replace(inputs=convert(case.inputs), targets=convert(case.targets)))
    for a, b in zip(arrays_of(loss_and_gradients(*case)), arrays_of(other), strict=True):
        np.testing.assert_array_equal(a, b)


def test_memory_grows_with_steps_and_not_with_steps_times_parameters():
    """O(T·B·(H + V)): twelve arrays for the units, two for the symbols; one-hot vectors, or dWhh per step, fail."""
    V, H, T, B = 211, 23, 101, 3
    case = build(V, H, T, B)
    tracemalloc.start()
    loss_and_gradients(*case)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    parameters = sum(array.size for array in case.parameters)
    assert peak <= 8 * (3 * parameters + 12 * T * B * H + 2 * T * B * V)
