"""Updates and clipping by optax against those by hand, from the same state at every step."""

import math

import jax
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff.optimisers
import manual.clipping
import manual.optimisers
from manual.errors import InputError
from manual.parameters import Parameters

V, H = 5, 3
ENTRIES = 2 * V * H + H * H + H + V
NAMES = ["sgd", "adagrad", "adam"]

TWINS = {name: autodiff.optimisers.by_name(name) for name in NAMES}
UPDATES = {name: jax.jit(twin.update) for name, twin in TWINS.items()}
CLIPS = {
    clip.__name__: (clip, jax.jit(twin))
    for clip, twin in (
        (manual.clipping.clip_by_value, autodiff.optimisers.clip_by_value),
        (manual.clipping.clip_by_global_norm, autodiff.optimisers.clip_by_global_norm),
    )
}

dtypes = st.sampled_from([np.float32, np.float64])
seeds = st.integers(0, 2**32 - 1)
exponents = st.floats(-8, 8)


def draw(seed, exponent=0.0, models=(), dtype=np.float64, zeros=0.0):
    """Normal numbers times a power of ten, of which a share are zero."""
    random = np.random.default_rng(seed)

    def array(*shape):
        numbers = 10.0**exponent * random.standard_normal((*models, *shape))
        return np.where(random.random(numbers.shape) < zeros, 0, numbers).astype(dtype)

    return Parameters(array(H, V), array(H, H), array(V, H), array(H), array(V))


def assert_states_agree(exported, state, dtype):
    for theirs, ours in zip(jax.tree.leaves(exported), jax.tree.leaves(tuple(state)), strict=True):
        if np.ndim(ours) == 0:
            assert int(theirs) == int(ours)
            continue
        assert theirs.dtype == ours.dtype == dtype
        # One product, one sum and two weights, which XLA may fuse; where the old mean and the gradient cancel, relative
        # to the larger of the two, of which the largest entry is an upper limit.
        np.testing.assert_allclose(
            theirs, ours, rtol=4 * np.finfo(dtype).eps, atol=np.abs(ours).max() * np.finfo(dtype).eps
        )


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    seed=seeds,
    scale=st.floats(-3, 1),
    history=st.lists(st.tuples(exponents, st.sampled_from([0.0, 0.5, 1.0])), min_size=1, max_size=5),
    dtype=dtypes,
)
def test_updates_agree_step_by_step(name, seed, scale, history, dtype):
    by_hand, twin = manual.optimisers.by_name(name), TWINS[name]
    parameters = draw(seed, scale, dtype=dtype)
    state = by_hand.init(parameters)
    for k, (exponent, zeros) in enumerate(history):
        gradients = draw(seed + 1 + k, exponent, dtype=dtype, zeros=zeros)
        theirs, their_state = UPDATES[name](gradients, twin.import_state(state), parameters)
        ours, state = by_hand.update(gradients, state, parameters)
        for new, expected, old in zip(theirs, ours, parameters, strict=True):
            assert new.dtype == expected.dtype == dtype
            # The sum of parameter and step rounds once on either side. The step takes at most 8 operations on either
            # side; in float64 Adam's powers of 0.999 also differ by an ε, which is up to 1,000 ε of 1 − 0.999ᵗ and half
            # of that after the root. Float32 gets them from double.
            step_roundings = 16 + (500 if name == "adam" and dtype is np.float64 else 0)
            roundings = np.maximum(abs(old), abs(expected)) + step_roundings * abs(expected - old)
            assert (abs(new - expected) <= np.finfo(dtype).eps * roundings).all()
        assert_states_agree(twin.export_state(their_state), state, dtype)
        parameters = ours


@pytest.mark.parametrize("name", NAMES)
def test_steps_agree_where_there_is_no_parameter_to_hide_them(name):
    zero, by_hand = draw(0, zeros=1.0), manual.optimisers.by_name(name)
    for exponent in (-8, -4, 0, 4, 8):
        gradients = draw(1, exponent)
        ours, _ = by_hand.update(gradients, by_hand.init(zero), zero)
        theirs, _ = UPDATES[name](gradients, TWINS[name].init(zero), zero)
        for new, expected in zip(theirs, ours, strict=True):
            np.testing.assert_allclose(new, expected, rtol=16 * np.finfo(float).eps)


def test_optax_takes_no_adagrad_step_where_the_square_underflows():
    zero = draw(0, zeros=1.0)
    gradients = Parameters(*(np.full_like(p, 1e-163) for p in zero))
    by_hand = manual.optimisers.adagrad()
    ours, _ = by_hand.update(gradients, by_hand.init(zero), zero)
    theirs, _ = UPDATES["adagrad"](gradients, TWINS["adagrad"].init(zero), zero)
    np.testing.assert_allclose(ours.by, -1e-160, rtol=1e-15)
    np.testing.assert_array_equal(theirs.by, 0)


@pytest.mark.parametrize("name", NAMES)
def test_states_go_in_and_come_out(name):
    parameters = draw(0)
    by_hand, twin = manual.optimisers.by_name(name), TWINS[name]
    state = by_hand.init(parameters)
    for seed in (1, 2):
        parameters, state = by_hand.update(draw(seed), state, parameters)
    imported = twin.import_state(state)
    assert jax.tree.structure(imported) == jax.tree.structure(twin.init(parameters))
    returned = type(state)(*twin.export_state(imported))
    assert jax.tree.structure(returned) == jax.tree.structure(state)
    for theirs, ours in zip(jax.tree.leaves(returned), jax.tree.leaves(state), strict=True):
        np.testing.assert_array_equal(theirs, ours)


@pytest.mark.parametrize("name", NAMES)
def test_a_new_state_is_the_imported_new_state(name):
    parameters = draw(0)
    new, imported = (
        TWINS[name].init(parameters),
        TWINS[name].import_state(manual.optimisers.by_name(name).init(parameters)),
    )
    for a, b in zip(jax.tree.leaves(new), jax.tree.leaves(imported), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)


def test_every_hyper_parameter_reaches_its_rule():
    zero, gradients = draw(0, zeros=1.0), [draw(1), draw(2, -3)]
    made = {
        "sgd": {"learning_rate": 0.3},
        "adagrad": {"learning_rate": 0.3, "epsilon": 0.25},
        "adam": {"learning_rate": 0.3, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.25},
    }
    for name, settings_ in made.items():
        ours, theirs = getattr(manual.optimisers, name)(**settings_), getattr(autodiff.optimisers, name)(**settings_)
        p, state = zero, ours.init(zero)
        q, their_state = zero, theirs.init(zero)
        for g in gradients:
            p, state = ours.update(g, state, p)
            q, their_state = theirs.update(g, their_state, q)
        for a, b in zip(q, p, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-14, atol=1e-16)  # two steps of some ten operations


@pytest.mark.parametrize("name", NAMES)
def test_a_stack_of_models_is_updated_like_the_subject(name):
    parameters, gradients = draw(0, models=(7,)), draw(1, models=(7,))
    by_hand = manual.optimisers.by_name(name)
    ours, _ = by_hand.update(gradients, by_hand.init(parameters), parameters)
    theirs, _ = UPDATES[name](gradients, TWINS[name].init(parameters), parameters)
    for a, b in zip(theirs, ours, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=4 * np.finfo(float).eps * np.abs(b).max())


@pytest.mark.parametrize("name", CLIPS)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=seeds, exponent=exponents, dtype=dtypes, zeros=st.sampled_from([0.0, 0.5, 1.0]))
def test_clipped_gradients_agree(name, seed, exponent, dtype, zeros):
    gradients = draw(seed, exponent, dtype=dtype, zeros=zeros)
    by_hand, twin = CLIPS[name]
    for theirs, ours in zip(twin(gradients), by_hand(gradients), strict=True):
        assert theirs.dtype == ours.dtype == dtype
        # By value: none. By norm: a root of ENTRIES squares, a division and a product, each ε/2, on both sides.
        roundings = 0 if name == "clip_by_value" else ENTRIES + 3
        np.testing.assert_allclose(theirs, ours, rtol=roundings * np.finfo(dtype).eps, atol=0)


@pytest.mark.parametrize("name", CLIPS)
def test_clipping_agrees_on_nan_and_on_stacks_of_models(name):
    stack = draw(0, 1.0, models=(2, 7))
    stack.Wxh[0, 5, 1, 1] = np.nan
    stack.by[1, 3] = 1e-9
    by_hand, twin = CLIPS[name]
    for theirs, ours in zip(twin(stack), by_hand(stack), strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=(ENTRIES + 3) * np.finfo(float).eps)
        assert name == "clip_by_value" or np.isnan(ours[0, 5]).all()


def test_optax_loses_a_gradient_whose_square_overflows_and_the_subject_does_not():
    gradients = Parameters(*(np.full_like(p, 1e200) for p in draw(0)))
    by_hand, twin = CLIPS["clip_by_global_norm"]
    np.testing.assert_array_equal(twin(gradients).Wxh, 0)
    np.testing.assert_allclose(by_hand(gradients).Wxh, 5 / math.sqrt(ENTRIES), rtol=1e-14)


def test_the_defaults_of_optax_are_not_relied_upon():
    default = optax.adagrad(0.1)
    zero, gradients = draw(0, zeros=1.0), draw(1, -9)
    updates, _ = default.update(gradients, default.init(zero))
    ours, _ = UPDATES["adagrad"](gradients, TWINS["adagrad"].init(zero), zero)
    assert (np.abs(updates.Whh) < np.abs(ours.Whh) / 100).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: autodiff.optimisers.by_name("adamw"),
            "There is no optimiser 'adamw': choose one of sgd, adagrad, adam",
        ),
        (lambda: autodiff.optimisers.sgd(0.0), "learning_rate is 0.0, expected a positive finite number"),
        (lambda: autodiff.optimisers.adam(epsilon=math.nan), "epsilon is nan"),
        (lambda: autodiff.optimisers.clip_by_value(draw(0), 0.0), "bound is 0.0"),
        (lambda: autodiff.optimisers.clip_by_global_norm(draw(0), math.inf), "bound is inf"),
    ],
)
def test_what_cannot_work_is_refused_at_the_door(make, message):
    with pytest.raises(InputError, match=message):
        make()
