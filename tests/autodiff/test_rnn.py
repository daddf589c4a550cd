"""The twin against the definition of its loss, and its derivatives against each other."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff.rnn import Evaluation, Probes, forward_mode_gradients, intermediate_gradients, loss, loss_and_gradients
from manual.errors import InputError
from manual.parameters import Parameters, initialise

V, H, T, B = 5, 3, 7, 2

# In ε of the largest entry of the array. An entry is a sum over at most T·B = 14 steps; each term has passed through up
# to T products of H = 3 terms and a softmax of V = 5: some 40 roundings on each side. Where units saturate, a rounding
# of h is 1/(1 − h²) times as large in 1 − h². The worst of 1,200 draws like those below was 165.
ROUNDINGS = 1000

# Compiling is what costs time here: few shapes, and a traced window and length.
evaluate = jax.jit(loss_and_gradients)
differentiate_intermediates = jax.jit(intermediate_gradients)

scales = st.sampled_from([0.01, 0.3, 1.0])
seeds = st.integers(0, 2**32 - 1)


def draw_case(seed, scale, batch=(), dtype=np.float64):
    random = np.random.default_rng(seed)
    parameters = initialise(V, H, seed=seed, scale=scale, dtype=dtype)
    biases = {"bh": random.standard_normal(H).astype(dtype), "by": random.standard_normal(V).astype(dtype)}
    inputs, targets = random.integers(0, V, (2, T, *batch))
    return parameters._replace(**biases), inputs, targets, random.standard_normal((*batch, H)).astype(dtype)


def assert_close(actual, expected, roundings=ROUNDINGS):
    assert jax.tree.structure(actual) == jax.tree.structure(expected)
    for a, e in zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True):
        a, e = np.asarray(a), np.asarray(e)
        assert a.shape == e.shape
        tolerance = roundings * np.finfo(e.dtype).eps * np.abs(e).max()
        np.testing.assert_allclose(a, e, rtol=0, atol=tolerance)


def by_definition(parameters, inputs, targets, state):
    """The loss and every state, one number at a time."""
    Wxh, Whh, Why, bh, by = (p.tolist() for p in parameters)
    states, nats = [state.tolist()], 0.0
    for x, target in zip(inputs.tolist(), targets.tolist(), strict=True):
        before = states[-1]
        z = [Wxh[i][x] + sum(Whh[i][j] * before[j] for j in range(H)) + bh[i] for i in range(H)]
        states.append([math.tanh(value) for value in z])
        y = [sum(Why[v][i] * states[-1][i] for i in range(H)) + by[v] for v in range(V)]
        nats -= math.log(math.exp(y[target]) / sum(map(math.exp, y)))
    return nats, np.array(states)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seeds, scales)
def test_loss_and_final_state_are_those_of_the_definition(seed, scale):
    case = draw_case(seed, scale)
    result = evaluate(*case)
    nats, states = by_definition(*case)
    assert_close(result.loss, np.float64(nats))
    assert_close(result.final_state, states[-1])


@pytest.mark.parametrize("batch", [(), (B,)])
@pytest.mark.parametrize("window", [None, 3])
def test_reverse_mode_equals_forward_mode(batch, window):
    forward = jax.jit(forward_mode_gradients)
    for seed in range(5):
        case = draw_case(seed, 1.0, batch)
        result = evaluate(*case, window=window)
        assert_close((result.gradients, result.initial_state_gradient), forward(*case, window=window))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(seeds, scales)
def test_a_batch_is_the_sum_of_its_sequences(seed, scale):
    parameters, inputs, targets, initial_state = draw_case(seed, scale, (B,))
    whole = evaluate(parameters, inputs, targets, initial_state)
    parts = [evaluate(parameters, inputs[:, b], targets[:, b], initial_state[b]) for b in range(B)]
    assert_close(whole.loss, sum(part.loss for part in parts))
    assert_close(whole.gradients, jax.tree.map(lambda *g: sum(g), *(part.gradients for part in parts)))
    assert_close(whole.initial_state_gradient, np.stack([part.initial_state_gradient for part in parts]))
    assert_close(whole.final_state, np.stack([part.final_state for part in parts]))


@pytest.mark.parametrize("window", [1, 2, 3, 5, T, T + 4])
@pytest.mark.parametrize("batch", [(), (B,)])
def test_a_truncated_gradient_is_the_sum_over_the_chunks_between_the_cuts(window, batch):
    case = parameters, inputs, targets, state = draw_case(11, 1.0, batch)
    chunks = []
    for start in range(0, T, window):
        rotated = (np.roll(symbols, -start, axis=0) for symbols in (inputs, targets))
        length = np.full(batch, min(window, T - start))
        chunks.append(evaluate(parameters, *rotated, state, length))
        state = chunks[-1].final_state
    expected = Evaluation(
        loss=sum(chunk.loss for chunk in chunks),
        gradients=jax.tree.map(lambda *g: sum(g), *(chunk.gradients for chunk in chunks)),
        initial_state_gradient=chunks[0].initial_state_gradient,
        final_state=state,
    )
    assert_close(evaluate(*case, window=window), expected)


def test_a_window_that_is_static_is_the_window_that_is_traced():
    case = draw_case(11, 1.0)
    assert_close(loss_and_gradients(*case, window=3), evaluate(*case, window=3))


def test_truncation_changes_the_gradient_and_not_the_loss():
    case = draw_case(3, 1.0)
    full, cut = evaluate(*case), evaluate(*case, window=2)
    assert_close(cut.loss, full.loss)
    assert not np.allclose(cut.gradients.Whh, full.gradients.Whh, rtol=1e-3)


def test_windows_that_end_on_the_last_step_leave_the_final_state_differentiable():
    parameters, inputs, targets, initial_state = draw_case(3, 1.0)
    of_state = jax.jacrev(lambda state: loss(parameters, inputs, targets, state, window=T)[1])
    assert np.abs(of_state(initial_state)).min() > 0


@pytest.mark.parametrize("window", [0, -1])
def test_a_window_below_one_is_refused(window):
    with pytest.raises(InputError, match=f"window is {window}, expected at least 1"):
        loss_and_gradients(*draw_case(0, 1.0), window=window)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("batch", [(), (B,)])
@pytest.mark.parametrize("convert", [np.asarray, jnp.asarray], ids=["numpy", "jax"])
def test_every_result_has_the_dtype_of_the_parameters(dtype, batch, convert):
    case = jax.tree.map(convert, draw_case(0, 1.0, batch, dtype))
    for window in (None, 2):
        for function in (loss_and_gradients, forward_mode_gradients, intermediate_gradients):
            shapes = jax.eval_shape(lambda function=function, window=window: function(*case, window=window))
            assert {leaf.dtype for leaf in jax.tree.leaves(shapes)} == {np.dtype(dtype)}


@pytest.mark.parametrize("window", [None, 3])
def test_gradients_of_zero_probes_obey_the_equations_of_backpropagation(window):
    case = parameters, inputs, targets, _ = draw_case(5, 1.0)
    _, states = by_definition(*case)
    h = states[1:]
    dy, dh, dz = map(np.asarray, differentiate_intermediates(*case, window=window))
    logits = h @ parameters.Why.T + parameters.by
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert_close(dy, probabilities - np.eye(V)[targets])
    from_later = np.zeros((T, H))
    for t in range(1, T):
        if window is None or t % window:
            from_later[t - 1] = parameters.Whh.T @ dz[t]
    assert_close(dh, dy @ parameters.Why + from_later)
    assert_close(dz, (1 - h**2) * dh)
    gradients = evaluate(*case, window=window).gradients
    dWxh = dz.T @ np.eye(V)[inputs]
    expected = Parameters(dWxh, dz.T @ states[:-1], dy.T @ h, dz.sum(axis=0), dy.sum(axis=0))
    assert_close(gradients, expected)


def test_a_batch_probes_every_sequence():
    parameters, inputs, targets, initial_state = case = draw_case(5, 1.0, (B,))
    together = differentiate_intermediates(*case)
    for b in range(B):
        alone = differentiate_intermediates(parameters, inputs[:, b], targets[:, b], initial_state[b])
        assert_close(jax.tree.map(lambda d, b=b: d[:, b], together), alone)


def test_a_probe_is_added_to_what_it_is_named_after():
    parameters, inputs, targets, initial_state = draw_case(5, 1.0)
    probe = np.random.default_rng(5).standard_normal(V)
    shifted = parameters._replace(by=parameters.by + probe)
    probes = Probes(y=jnp.asarray(np.tile(probe, (T, 1))))
    actual, _ = loss(parameters, inputs, targets, initial_state, probes=probes)
    assert_close(actual, evaluate(shifted, inputs, targets, initial_state).loss)


def test_a_stack_of_models_is_each_model_alone():
    cases = [draw_case(seed, 1.0, (B,)) for seed in (2, 3, 5)]
    stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *cases)
    together = jax.jit(jax.vmap(loss_and_gradients))(*stacked)
    for index, case in enumerate(cases):
        assert_close(jax.tree.map(lambda leaf, index=index: leaf[index], together), evaluate(*case))


def test_steps_beyond_a_length_do_not_count():
    parameters, inputs, targets, initial_state = draw_case(7, 1.0, (B,))
    result = evaluate(parameters, inputs, targets, initial_state, np.array([4, 0]))
    alone = loss_and_gradients(parameters, inputs[:4, 0], targets[:4, 0], initial_state[0])
    assert_close(result.loss, alone.loss)
    assert_close(result.gradients, alone.gradients)
    assert_close(result.final_state, np.stack([alone.final_state, initial_state[1]]))
    assert_close(result.initial_state_gradient, np.stack([alone.initial_state_gradient, np.zeros(H)]))


def test_huge_logits_and_saturated_units_stay_finite():
    parameters, inputs, targets, initial_state = draw_case(0, 1.0)
    by = np.zeros(V)
    by[:2] = 1e4, -1e4
    extreme = parameters._replace(Why=np.zeros((V, H)), bh=np.full(H, 40.0), by=by)
    result = evaluate(extreme, inputs, np.ones_like(targets), initial_state)
    assert result.loss == T * 2e4  # the one symbol of logit 1e4 holds all of the probability, to the last digit
    np.testing.assert_array_equal(result.gradients.by, [T, -T, 0, 0, 0])
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(result))


def test_the_program_does_not_grow_with_the_sequence():
    def lines(length):
        case = initialise(V, H, seed=0), np.zeros(length, int), np.zeros(length, int), np.zeros(H)
        return len(evaluate.lower(*case).as_text().splitlines())

    assert lines(5) == lines(500)
