"""How far the gradient of the last step's loss reaches back, against differences of that loss."""

import numpy as np
import pytest

from manual.errors import InputError
from manual.flow import gradient_flow
from manual.parameters import Parameters, initialise
from manual.rnn import loss, loss_and_gradients

V, H, T, B = 7, 5, 3, 2
RANDOM = np.random.default_rng(29)
MODEL = initialise(V, H, seed=31, scale=0.7)
INPUTS, TARGETS = RANDOM.integers(0, V, size=(2, T, B))
START = RANDOM.normal(size=(B, H))


def by_differences(model, inputs, targets, state):
    """Return the gradient of the last step's loss in `state`, the one before the first of `inputs`, one sequence."""
    size = 1e-5

    def last(moved):
        before = loss(model, inputs[:-1], targets[:-1], moved)[0] if len(inputs) > 1 else 0.0
        return loss(model, inputs, targets, moved)[0] - before

    moves = np.eye(H) * size
    return np.array([(last(state + move) - last(state - move)) / (2 * size) for move in moves])


@pytest.mark.parametrize("batched", [True, False])
def test_each_norm_is_that_of_the_differences(batched):
    found = gradient_flow(MODEL, INPUTS, TARGETS, START)
    assert found.shape == (T + 1, B)
    if not batched:
        one = gradient_flow(MODEL, INPUTS[:, 1], TARGETS[:, 1], START[1])
        assert one.shape == (T + 1,)
        np.testing.assert_allclose(one, found[:, 1], rtol=1e-14)
        return
    for b in range(B):
        state = START[b]
        for t in range(T):
            gradient = by_differences(MODEL, INPUTS[t:, b], TARGETS[t:, b], state)
            assert found[T - t, b] == pytest.approx(np.linalg.norm(gradient), rel=1e-8)
            state = loss(MODEL, INPUTS[t : t + 1, b], TARGETS[t : t + 1, b], state)[1]
        y = state @ MODEL.Why.T + MODEL.by
        p = np.exp(y - y.max()) / np.exp(y - y.max()).sum()
        p[TARGETS[-1, b]] -= 1
        assert found[0, b] == pytest.approx(np.linalg.norm(p @ MODEL.Why), rel=1e-12)


def test_one_step_reaches_the_initial_state_as_the_whole_gradient_does():
    evaluation = loss_and_gradients(MODEL, INPUTS[:1], TARGETS[:1], START)
    found = gradient_flow(MODEL, INPUTS[:1], TARGETS[:1], START)
    np.testing.assert_allclose(found[1], np.linalg.norm(evaluation.initial_state_gradient, axis=-1), rtol=1e-13)


@pytest.mark.parametrize(("window", "lags"), [(1, 1), (2, 1), (3, 4), (5, 4)])
def test_truncation_cuts_the_way_back(window, lags):
    """Steps are counted from 1: with a window of 2, step 3 reaches its own state and no other."""
    found = gradient_flow(MODEL, INPUTS[:, 0], TARGETS[:, 0], START[0], window=window)
    whole = gradient_flow(MODEL, INPUTS[:, 0], TARGETS[:, 0], START[0])
    np.testing.assert_array_equal(found[:lags], whole[:lags])
    assert (found[lags:] == 0).all()


def test_norms_beyond_the_root_of_the_largest_number_do_not_overflow():
    still = Parameters(*map(np.zeros_like, MODEL))._replace(Why=MODEL.Why * 1e200)
    found = gradient_flow(still, INPUTS[:, 0], TARGETS[:, 0], np.zeros(H))
    y = still.Why[TARGETS[-1, 0]]
    assert found[0] == pytest.approx(np.linalg.norm((still.Why / 1e200).sum(axis=0) / V - y / 1e200) * 1e200, rel=1e-12)
    assert (found[1:] == 0).all()


def test_stacked_models_are_refused():
    stacked = Parameters(*(np.stack([p, p]) for p in MODEL))
    with pytest.raises(InputError, match="select one"):
        gradient_flow(stacked, INPUTS[:, 0], TARGETS[:, 0], START[0])
