"""The rules for updates against their formulas, one number at a time; and what they promise beside numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manual.errors import InputError
from manual.optimisers import AdagradState, AdamState, SgdState, adagrad, adam, by_name, sgd
from manual.parameters import Parameters

V, H = 5, 3
NAMES = ["sgd", "adagrad", "adam"]

seeds = st.integers(0, 2**32 - 1)


def draw(seed, exponent=0.0, models=(), dtype=np.float64):
    random = np.random.default_rng(seed)
    shapes = Parameters((H, V), (H, H), (V, H), (H,), (V,))
    return Parameters(*((10.0**exponent * random.standard_normal((*models, *s))).astype(dtype) for s in shapes))


def steps(optimiser, parameters, gradients):
    state = optimiser.init(parameters)
    for g in gradients:
        parameters, state = optimiser.update(g, state, parameters)
    return parameters, state


def by_formula(name, p, gradients):
    """Several steps on one number in Python's floats: where it ends, and how far it went in all."""
    memory = mean = square = travelled = 0.0
    for t, g in enumerate(gradients, start=1):
        if name == "sgd":
            step = 0.1 * g
        elif name == "adagrad":
            memory += g**2
            step = 0.1 * g / math.sqrt(memory + 1e-8)
        else:
            mean = 0.9 * mean + 0.1 * g
            square = 0.999 * square + 0.001 * g**2
            step = 1e-3 * (mean / (1 - 0.9**t)) / (math.sqrt(square / (1 - 0.999**t)) + 1e-8)
        p -= step
        travelled += abs(step)
    return p, travelled


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30, deadline=None, derandomize=True)
@given(seed=seeds, exponents=st.lists(st.floats(-8, 8), min_size=1, max_size=5))
def test_every_rule_follows_its_formula(name, seed, exponents):
    parameters = draw(seed)
    gradients = [draw(seed + 1 + k, exponent) for k, exponent in enumerate(exponents)]
    moved, _ = steps(by_name(name), parameters, gradients)
    # A step takes at most 10 operations. For Adam 0.1 stands for 1 − 0.9 and 0.001 for 1 − 0.999, which differ by up to
    # 1,000 ε of themselves; the root halves that.
    roundings = 10 + (500 if name == "adam" else 0)
    for field, new, old in zip(Parameters._fields, moved, parameters, strict=True):
        for index in np.ndindex(new.shape):
            history = [float(getattr(g, field)[index]) for g in gradients]
            expected, travelled = by_formula(name, float(old[index]), history)
            tolerance = np.finfo(float).eps * (len(history) * abs(float(old[index])) + roundings * travelled)
            assert abs(new[index] - expected) <= tolerance


def test_adagrad_keeps_epsilon_inside_the_root():
    zero, tiny = (Parameters(*(np.full_like(p, value) for p in draw(0))) for value in (0.0, 1e-9))
    moved, _ = steps(adagrad(), zero, [tiny])
    np.testing.assert_allclose(moved.Whh, -0.1 * 1e-9 / math.sqrt(1e-18 + 1e-8), rtol=1e-15)  # outside: -9e-3


def test_a_square_that_underflows_does_not_stop_adagrad():
    zero, tiny = (Parameters(*(np.full_like(p, value) for p in draw(0))) for value in (0.0, 1e-163))
    moved, _ = steps(adagrad(), zero, [tiny])
    np.testing.assert_allclose(moved.Whh, -1e-160, rtol=1e-15)


def test_nothing_moves_without_a_gradient():
    parameters = draw(0)
    zero = Parameters(*(np.zeros_like(p) for p in parameters))
    for name in NAMES:
        moved, _ = steps(by_name(name), parameters, [zero, zero])
        for new, old in zip(moved, parameters, strict=True):
            np.testing.assert_array_equal(new, old)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_results_are_new_arrays_of_the_same_dtype(name, dtype):
    parameters, gradients = draw(0, dtype=dtype), draw(1, dtype=dtype)
    optimiser = by_name(name, np.float64(0.25))  # a NumPy scalar must not promote float32
    state = optimiser.init(parameters)
    before = [*parameters, *gradients, *arrays_of(state)]
    for array in before:
        array.flags.writeable = False
    moved, after = optimiser.update(gradients, state, parameters)
    results = [*moved, *arrays_of(after)]
    assert {array.dtype for array in results} == {np.dtype(dtype)}
    assert type(after) is type(state)
    for i, result in enumerate(results):
        assert not any(np.shares_memory(result, other) for other in before + results[:i])


def arrays_of(state):
    return [array for part in state if isinstance(part, Parameters) for array in part]


def test_adam_counts_in_integers():
    parameters = draw(0)
    _, state = steps(adam(), parameters, [draw(1), draw(2), draw(3)])
    assert isinstance(state.count, np.int64)
    assert state.count == 3


def test_the_first_step_of_adam_in_float32_is_corrected_to_all_its_digits():
    zero, one = (Parameters(*(np.full_like(p, value, np.float32) for p in draw(0))) for value in (0.0, 1.0))
    moved, _ = steps(adam(), zero, [one])
    np.testing.assert_allclose(moved.by, -1e-3, rtol=4 * np.finfo(np.float32).eps)  # 1 − 0.999 in float32: 1e-5 off


@pytest.mark.parametrize("name", NAMES)
def test_a_stack_of_models_is_each_model_alone(name):
    parameters, gradients = draw(0, models=(7,)), [draw(k, models=(7,)) for k in (1, 2)]
    together, _ = steps(by_name(name), parameters, gradients)
    for model in range(7):
        alone, _ = steps(
            by_name(name),
            Parameters(*(p[model] for p in parameters)),
            [Parameters(*(g[model] for g in gradient)) for gradient in gradients],
        )
        for stacked, single in zip(together, alone, strict=True):
            np.testing.assert_array_equal(stacked[model], single)


def test_a_nan_reaches_the_parameter_it_belongs_to_and_no_other():
    for name in NAMES:
        gradients = draw(1)
        gradients.by[2] = np.nan
        moved, _ = steps(by_name(name), draw(0), [gradients])
        assert np.isnan(moved.by[2])
        assert sum(np.isnan(p).sum() for p in moved) == 1


def test_states_begin_at_zero():
    parameters = draw(0)
    zero = [np.zeros_like(p) for p in parameters]
    assert sgd().init(parameters) == SgdState()
    for state in (adagrad().init(parameters), adam().init(parameters)):
        assert isinstance(state, AdagradState | AdamState)
        for array, expected in zip(arrays_of(state), zero * 2, strict=False):
            np.testing.assert_array_equal(array, expected)
    assert adam().init(parameters).count == 0


@pytest.mark.parametrize("name", NAMES)
def test_by_name_gives_the_rule_of_that_name(name):
    assert by_name(name).name == name
    (slow, _), (fast, _) = (steps(by_name(name, rate), draw(0), [draw(1)]) for rate in (0.5, 1.0))
    np.testing.assert_allclose(fast.Whh - draw(0).Whh, 2 * (slow.Whh - draw(0).Whh), rtol=1e-12)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: by_name("adamw"), "There is no optimiser 'adamw': choose one of sgd, adagrad, adam"),
        (lambda: sgd(0.0), "learning_rate is 0.0, expected a positive finite number"),
        (lambda: adagrad(float("nan")), "learning_rate is nan"),
        (lambda: adagrad(epsilon=-1e-8), "epsilon is -1e-08"),
        (lambda: adam(float("inf")), "learning_rate is inf"),
        (lambda: adam(beta1=1.0), "beta1 is 1.0, expected a number from 0 up to, not including, 1"),
        (lambda: adam(beta2=-0.1), "beta2 is -0.1"),
        (lambda: adagrad().init(draw(0, dtype=np.float16)), "epsilon 1e-08 is 0 in float16"),
        (lambda: adam().init(draw(0, dtype=np.float16)), "epsilon 1e-08 is 0 in float16"),
    ],
)
def test_what_cannot_work_is_refused_at_the_door(make, message):
    with pytest.raises(InputError, match=message):
        make()
