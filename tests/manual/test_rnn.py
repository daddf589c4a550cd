"""The mathematics: against a naive implementation, against complex steps, and against itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manual.parameters import LONG_NAMES, Parameters
from manual.rnn import Evaluation, loss, loss_and_gradients, step
from tests.manual import naive_rnn
from tests.manual.rnn_cases import WIDE_TOLERANCE, Case, build, cases, windows

NAMES = (*LONG_NAMES, "initial state")
few = settings(max_examples=60, deadline=None, derandomize=True)


def gradients_of(evaluation) -> tuple[np.ndarray, ...]:
    return (*evaluation.gradients, evaluation.initial_state_gradient)


def assert_equal_within(tolerance, actual, expected, name="") -> None:
    """Entries differ by at most `tolerance` times the largest entry: the scale on which a sum of terms rounds."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, name
    assert np.abs(actual - expected).max() <= tolerance * np.abs(expected).max(), name


@few
@given(case=cases(), window=windows())
def test_agrees_with_the_naive_implementation(case, window):
    actual = loss_and_gradients(*case, window=window, intermediates=True)
    batched = case.inputs.ndim == 2
    sequences = [case.sequence(b) for b in range(case.inputs.shape[1])] if batched else [case]
    answers = [naive_rnn.loss_and_gradients(*sequence, window=window) for sequence in sequences]

    def merged(values):
        return np.stack(values, axis=-2) if batched else values[0]

    assert_equal_within(WIDE_TOLERANCE, actual.loss, sum(answer.loss for answer in answers))
    for index, name in enumerate(LONG_NAMES):
        expected = sum(answer.gradients[index] for answer in answers)
        assert_equal_within(WIDE_TOLERANCE, actual.gradients[index], expected, name)
    expected = merged([answer.initial_state_gradient for answer in answers])
    assert_equal_within(WIDE_TOLERANCE, actual.initial_state_gradient, expected)
    assert_equal_within(WIDE_TOLERANCE, actual.final_state, merged([answer.final_state for answer in answers]))
    for name in ("dy", "dh", "dz"):
        expected = merged([np.array(getattr(answer, name)) for answer in answers])
        assert_equal_within(WIDE_TOLERANCE, getattr(actual.intermediates, name), expected, name)


@few
@given(case=cases(batches=st.none()), window=windows())
def test_every_entry_is_the_complex_step_derivative_of_an_independent_forward_pass(case, window):
    """f(x + iδ) = f(x) + iδ f'(x) + O(δ²): no subtraction, hence exact. A cut of the carry drops the imaginary part."""
    actual = gradients_of(loss_and_gradients(*case, window=window))
    tiny = np.longdouble(1e-40)
    wide = [array.astype(np.clongdouble) for array in (*case.parameters, case.initial_state)]
    for index, (name, array) in enumerate(zip(NAMES, wide, strict=True)):
        expected = np.empty(array.shape, np.longdouble)
        for entry in np.ndindex(array.shape):
            array[entry] += 1j * tiny
            *parameters, state = wide
            total, _ = naive_rnn.loss(Parameters(*parameters), case.inputs, case.targets, state, window=window)
            array[entry] = array[entry].real
            expected[entry] = total.imag / tiny
        # At V=1 the derivative is 0, and both sides leave at most the rounding of p - 1 behind.
        scale = max(np.abs(expected).max(), np.finfo(np.longdouble).eps * len(case.inputs))
        assert np.abs(actual[index] - expected).max() <= WIDE_TOLERANCE * scale, name


@few
@given(case=cases(batches=st.just(3)), window=windows())
def test_a_batch_is_the_sum_of_its_sequences(case, window):
    whole = loss_and_gradients(*case, window=window)
    parts = [loss_and_gradients(*case.sequence(b), window=window) for b in range(3)]
    assert_equal_within(WIDE_TOLERANCE, whole.loss, sum(part.loss for part in parts))
    for index, name in enumerate(LONG_NAMES):
        assert_equal_within(WIDE_TOLERANCE, whole.gradients[index], sum(p.gradients[index] for p in parts), name)
    for b, part in enumerate(parts):
        assert_equal_within(WIDE_TOLERANCE, whole.initial_state_gradient[b], part.initial_state_gradient)
        assert_equal_within(WIDE_TOLERANCE, whole.final_state[b], part.final_state)


@few
@given(case=cases(), data=st.data())
def test_splitting_a_window_and_carrying_the_state_leaves_the_loss_unchanged(case, data):
    cut = data.draw(st.integers(1, len(case.inputs)))
    total, state = loss(*case._replace(inputs=case.inputs[:cut], targets=case.targets[:cut]))
    if cut < len(case.inputs):
        rest, state = loss(case.parameters, case.inputs[cut:], case.targets[cut:], state)
        total += rest
    whole = loss_and_gradients(*case)
    assert_equal_within(WIDE_TOLERANCE, total, whole.loss)
    assert_equal_within(WIDE_TOLERANCE, state, whole.final_state)


@few
@given(case=cases(), excess=st.integers(0, 2))
def test_a_window_as_long_as_the_sequence_changes_nothing(case, excess):
    full, truncated = (loss_and_gradients(*case, window=w) for w in (None, len(case.inputs) + excess))
    for a, b in zip(gradients_of(full), gradients_of(truncated), strict=True):
        np.testing.assert_array_equal(a, b)


@few
@given(case=cases(batches=st.none()))
def test_a_window_of_one_is_the_sum_of_single_steps(case):
    """Each step alone, from the state that the full forward pass has reached: nothing is left of the carry."""
    truncated = loss_and_gradients(*case, window=1)
    state, parts = case.initial_state, []
    for t in range(len(case.inputs)):
        parts.append(loss_and_gradients(case.parameters, case.inputs[t : t + 1], case.targets[t : t + 1], state))
        state = parts[-1].final_state
    for index, name in enumerate(LONG_NAMES):
        assert_equal_within(WIDE_TOLERANCE, truncated.gradients[index], sum(p.gradients[index] for p in parts), name)
    assert_equal_within(WIDE_TOLERANCE, truncated.initial_state_gradient, parts[0].initial_state_gradient)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(models=st.sampled_from([(13,), (2, 3), (1,)]), data=st.data(), window=windows())
def test_a_stack_of_models_is_each_model_alone(models, data, window):
    case = data.draw(cases(models=models))
    stack = loss_and_gradients(*case, window=window, intermediates=True)
    for model in np.ndindex(models):
        parameters = Parameters(*(array[model] for array in case.parameters))
        one = Case(parameters, case.inputs[model], case.targets[model], case.initial_state[model])
        alone = loss_and_gradients(*one, window=window, intermediates=True)
        for whole, part in zip(leaves(stack), leaves(alone), strict=True):
            assert_equal_within(WIDE_TOLERANCE, whole[model], part)


def leaves(evaluation: Evaluation) -> list[np.ndarray]:
    return [
        evaluation.loss,
        *gradients_of(evaluation),
        evaluation.final_state,
        *(evaluation.intermediates or ()),
    ]


@pytest.mark.parametrize("B", [None, 3])
def test_zero_parameters_give_the_uniform_prediction(B):
    V, H, T = 5, 2, 7
    case = build(V, H, T, B, scale=0.0)
    evaluation = loss_and_gradients(*case)
    assert_equal_within(4 * np.finfo(float).eps, evaluation.loss, case.inputs.size * np.log(V))
    counts = np.bincount(case.targets.reshape(-1), minlength=V)
    assert_equal_within(8 * np.finfo(float).eps, evaluation.gradients.by, case.inputs.size / V - counts)
    for name in ("Wxh", "Whh", "Why", "bh"):
        assert not getattr(evaluation.gradients, name).any()


@few
@given(case=cases())
def test_step_repeats_the_forward_pass(case):
    """The logits that `step` returns, put through a softmax, give the same loss."""
    state, total = case.initial_state, 0
    for symbols, targets in zip(case.inputs, case.targets, strict=True):
        logits, state = step(case.parameters, symbols, state)
        at_target = np.take_along_axis(logits, targets[..., None], axis=-1)[..., 0]
        total += (np.log(np.exp(logits).sum(axis=-1)) - at_target).sum()
    expected, final_state = loss(*case)
    # log(sum) - logit loses what log1p keeps: epsilon of the logits themselves.
    assert abs(total - expected) <= WIDE_TOLERANCE * (abs(expected) + case.inputs.size)
    assert_equal_within(WIDE_TOLERANCE, state, final_state)
