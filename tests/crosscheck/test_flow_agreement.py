"""The gradient flow by hand against JAX: the same model's probes, for the loss of the last step alone."""

import jax
import numpy as np
import pytest

from autodiff.rnn import Probes, loss
from crosscheck.oracle import judging_configuration
from manual.flow import gradient_flow
from manual.parameters import initialise

V, H, T, B = 7, 5, 11, 2


@pytest.mark.parametrize("window", [None, 4])
@pytest.mark.parametrize("scale", [0.01, 1.0])
def test_the_flow_is_the_gradient_of_jax(window, scale):
    random = np.random.default_rng(37)
    model = initialise(V, H, seed=41, scale=scale)
    inputs, targets = random.integers(0, V, size=(2, T, B))
    start = random.normal(size=(B, H))

    def last(probe, state):
        whole, _ = loss(model, inputs, targets, state, window=window, probes=Probes(h=probe))
        before, _ = loss(model, inputs[:-1], targets[:-1], state, window=window, probes=Probes(h=probe[:-1]))
        return whole - before

    with judging_configuration():
        of_states, of_start = jax.jit(jax.grad(last, argnums=(0, 1)))(np.zeros((T, B, H)), start)
    states = np.concatenate([np.asarray(of_start)[None], np.asarray(of_states)])
    expected = np.linalg.norm(states, axis=-1)[::-1]
    found = gradient_flow(model, inputs, targets, start, window=window)
    # Two whole losses were subtracted: what cancels leaves its rounding.
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-14)
