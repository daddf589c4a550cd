"""Every breach has a subject that commits it alone and is caught with that code; a clean subject commits none."""

# ruff: noqa: ARG005, NPY002  # lambdas take what a subject takes; the global generator is what some subjects misuse

import ctypes
import itertools
import random
import sys
import time
import warnings
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosscheck import trees
from crosscheck.contract import CODES, CRASHES, Outcome, breaches
from crosscheck.contract.codes import finding
from crosscheck.verdicts import Severity

H, V = 3, 5
NAMES = ("x", "state")


class Model(NamedTuple):
    W: Any
    b: Any


def example(seed=11, rows=H, columns=V):
    generator = np.random.default_rng(seed)
    parameters = {"W": generator.standard_normal((rows, columns)), "b": generator.standard_normal(rows)}
    return parameters, generator.standard_normal(columns), generator.standard_normal(rows)


def clean(parameters, x, state):
    """½ Σ tanh(W x + b + state)²"""
    W, b = trees.leaves(parameters)
    h = np.tanh(np.einsum("hv,v->h", W, x) + b + state)
    dz = (1 - h * h) * h
    return 0.5 * (h * h).sum(), trees.rebuild(parameters, [np.multiply.outer(dz, x), dz])


def changed(**gradients):
    """Return the clean subject with gradients replaced by functions of themselves."""

    def subject(parameters, x, state):
        loss, right = clean(parameters, x, state)
        return loss, {name: gradients.get(name, lambda g: g)(right[name]) for name in right}

    return subject


def before(action):
    """Return the clean subject with an action on its arguments before it computes."""

    def subject(parameters, x, state):
        action(parameters, x, state)
        return clean(parameters, x, state)

    return subject


def after(action):
    def subject(parameters, x, state):
        answer = clean(parameters, x, state)
        action(parameters, x, state)
        return answer

    return subject


def raising(error):
    def action(*_):
        raise error

    return before(action)


def consuming():
    cache = [1]
    return before(lambda *_: cache.pop())


def accumulating():
    total = {"W": np.zeros((H, V)), "b": np.zeros(H)}

    def subject(parameters, x, state):
        loss, gradients = clean(parameters, x, state)
        for name in total:
            total[name] = total[name] + gradients[name]
        return loss, dict(total)

    return subject


def carrying():
    last = [np.zeros(H)]

    def subject(parameters, x, state):
        loss, gradients = clean(parameters, x, last[0])
        last[0] = gradients["b"]
        return loss, gradients

    return subject


def reusing():
    buffer = np.zeros((H, V))

    def into_buffer(g):
        buffer[...] = g
        return buffer

    return changed(W=into_buffer)


def flat_pointer(parameters, x, state):
    W = parameters["W"]
    pointer = W.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
    return clean({"W": np.array(pointer[: W.size]).reshape(W.shape), "b": parameters["b"]}, x, state)


def flat_stride(parameters, x, state):
    if not x.flags.c_contiguous:
        x = np.lib.stride_tricks.as_strided(x, x.shape, (x.itemsize,))
    return clean(parameters, x, state)


def needs_writeable(parameters, x, state):
    state += 0.0
    return clean(parameters, x, state)


def other_inputs(parameters, x, state):
    return Outcome(*clean(parameters, x, state), inputs={"inputs": x.copy()})


def bad_auxiliary(parameters, x, state):
    return Outcome(*clean(parameters, x, state), auxiliary={"final_state": "h"})


def sharing(parameters, x, state):
    loss, gradients = clean(parameters, x, state)
    return Outcome(loss, gradients, auxiliary={"final_state": gradients["b"]})


def with_loss(function):
    def subject(parameters, x, state):
        loss, gradients = clean(parameters, x, state)
        return function(loss), gradients

    return subject


def nan_everywhere(parameters, x, state):
    return float("nan"), {name: np.full_like(leaf, np.nan) for name, leaf in parameters.items()}


SUBJECTS = {
    "subject-raised": lambda: raising(ZeroDivisionError("no")),
    "subject-exited": lambda: before(lambda *_: sys.exit(0)),
    "subject-timeout": lambda: before(lambda *_: time.sleep(5)),
    "subject-signature": lambda: lambda parameters: clean(parameters, 0, 0),
    "returned-value": lambda: lambda *arguments: (*clean(*arguments), None),
    "loss-type": lambda: with_loss(str),
    "loss-not-scalar": lambda: with_loss(lambda loss: np.full(2, loss)),
    "gradient-missing": lambda: changed(b=lambda g: None),
    "gradient-structure": lambda: lambda *arguments: (0.5, tuple(clean(*arguments)[1].values())),
    "gradient-not-array": lambda: changed(b=list),
    "gradient-dtype": lambda: changed(b=lambda g: g.astype(int)),
    "gradient-shape": lambda: changed(W=lambda g: g.T),
    "unknown-input": lambda: other_inputs,
    "auxiliary-not-array": lambda: bad_auxiliary,
    "input-changed": lambda: after(lambda parameters, x, state: np.negative(state, out=state)),
    "not-repeatable": carrying,
    "accumulates": accumulating,
    "random": lambda: changed(b=lambda g: g * np.random.random()),
    "second-call-fails": consuming,
    "buffer-reused": reusing,
    "shares-input-memory": lambda: lambda p, x, state: Outcome(*clean(p, x, state), auxiliary={"state": state[:2]}),
    "shares-memory": lambda: sharing,
    "read-only-inputs": lambda: needs_writeable,
    "fortran-inputs": lambda: before(
        lambda p, x, state: p["W"].reshape(-1, copy=False) if x.flags.c_contiguous else None
    ),
    "strided-inputs": lambda: flat_stride,
    "float32-inside": lambda: changed(W=lambda g: g.astype(np.float32).astype(float)),
    "only-nan": lambda: nan_everywhere,
    "error-state-changed": lambda: after(lambda *_: np.seterr(all="ignore")),
    "slow": lambda: before(lambda *_: time.sleep(1e-2)),
    "random-state-changed": lambda: before(lambda *_: random.random()),
    "gradient-precision": lambda: changed(W=lambda g: g.astype(np.float32)),
    "prints": lambda: before(lambda *_: print("here")),
    "warns": lambda: before(lambda *_: warnings.warn("careful", stacklevel=1)),
}


def test_every_code_has_a_subject():
    assert set(SUBJECTS) == set(CODES)
    assert set(CODES) > CRASHES


@pytest.mark.parametrize("code", CODES)
def test_a_breach_is_caught_alone_with_its_code(code, monkeypatch):
    if code == "slow":
        monkeypatch.setattr("crosscheck.contract.clauses.SLOW", 5e-3)
    limit = 0.2 if code == "subject-timeout" else None
    found = breaches(SUBJECTS[code](), example(), names=NAMES, time_limit=limit)
    assert [each.code for each in found] == [code]
    assert found[0].message.endswith(".")
    assert found[0].message[0].isupper()


CONTAINERS = {
    "dict": dict,
    "list": lambda parameters: list(parameters.values()),
    "tuple": lambda parameters: tuple(parameters.values()),
    "NamedTuple": lambda parameters: Model(**parameters),
    "nested": lambda parameters: {"layers": [{"W": parameters["W"]}, (parameters["b"], None)]},
}


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.sampled_from(list(CONTAINERS)),
    st.integers(0, 2**32 - 1),
    st.integers(1, 7),
    st.integers(1, 7),
    st.sampled_from([0.0, 0.01, 1.0, 100.0]),
    st.sampled_from([np.float64, np.float32, np.float16, np.longdouble]),
)
def test_a_clean_subject_is_acquitted(container, seed, rows, columns, scale, dtype):
    arguments = trees.transform(lambda a: (a * scale).astype(dtype), example(seed, rows, columns))
    arguments = (CONTAINERS[container](arguments[0]), *arguments[1:])
    assert breaches(clean, arguments, names=NAMES) == []


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.sampled_from([(), (0,), (1,), (13,), (2, 3, 5)]))
def test_a_clean_subject_of_one_array_is_acquitted(seed, shape):
    array = np.asarray(np.random.default_rng(seed).standard_normal(shape))
    assert breaches(lambda w: (np.sin(w).sum(), np.cos(w)), (array,)) == []


@pytest.mark.parametrize(
    ("parameters", "data", "subject"),
    [
        pytest.param(
            np.arange(20.0), np.arange(20.0) / 8, lambda w, x: (w @ x, x.copy()), id="a gradient of short fractions"
        ),
        pytest.param(
            np.linspace(0.1, 1, 19),
            np.arange(1e5, 1e5 + 19),
            lambda w, n: (w @ n, n.copy()),
            id="a gradient of integers",
        ),
        pytest.param(
            np.linspace(0.1, 1, 19),
            np.linspace(0.1, 1, 19).astype(np.float32),
            lambda w, x: (w @ x, x.astype(float)),
            id="a gradient that is float32 data",
        ),
        pytest.param(
            np.linspace(0.1, 1, 19).astype(np.float32),
            np.zeros(1),
            lambda w, x: (0.5 * w @ w, w.astype(float)),
            id="a gradient wider than its float32 parameter",
        ),
        pytest.param(np.linspace(0.1, 1, 19), np.zeros(1), lambda w, x: (0.0, np.zeros(19)), id="zero"),
        pytest.param(
            np.linspace(0.1, 1, 19), np.zeros(1), lambda w, x: (w.sum(), np.full(19, 1 / 3)), id="one value only"
        ),
    ],
)
def test_right_gradients_that_float32_holds_are_acquitted(parameters, data, subject):
    assert breaches(subject, (parameters, data)) == []


def test_arrays_of_jax_are_acquitted():
    def loss(W, x):
        return jnp.sum(jnp.tanh(W @ x))

    def subject(W, x):
        return jax.value_and_grad(loss)(jnp.asarray(W), jnp.asarray(x))

    parameters, x, _ = example()
    assert breaches(subject, (parameters["W"], x)) == []


def test_arrays_that_nobody_can_write_to_may_be_returned_again():
    held = jnp.ones(V)
    assert breaches(lambda w: (w.sum(), held), (np.linspace(0.1, 1, V),)) == []


def test_views_that_are_interlaced_do_not_overlap():
    def interlaced(parameters, x, state):
        loss, gradients = clean(parameters, x, state)
        both = np.empty((H, 2 * V))
        both[:, ::2], both[:, 1::2] = gradients["W"], 0.0
        both[:, 1] = gradients["b"]
        return loss, {"W": both[:, ::2], "b": both[:, 1]}

    assert breaches(interlaced, example(), names=NAMES) == []


def test_views_that_are_too_hard_to_tell_apart_are_acquitted(monkeypatch):
    monkeypatch.setattr("crosscheck.contract.sharing.EFFORT", 1)
    shape, strides = (2, 2, 2), (8 * 215, 8 * 130, 8 * 236)  # found by search: they do not overlap, which takes a while

    def subject(parameters):
        room = np.zeros(1009)
        views = [np.lib.stride_tricks.as_strided(room[start:], shape, strides) for start in (0, 186)]
        for view, parameter in zip(views, parameters, strict=True):
            view[...] = np.cos(parameter)
        return sum(np.sin(parameter).sum() for parameter in parameters), views

    assert breaches(subject, ([np.full(shape, 0.5), np.full(shape, 0.25)],)) == []


def test_a_generator_among_the_data_starts_anew_in_every_call():
    def dropout(w, generator):
        mask = generator.random(w.shape)
        return (mask * w).sum(), mask

    assert breaches(dropout, (np.linspace(0.1, 1, V), np.random.default_rng(2))) == []


def test_views_among_intermediates_are_acquitted():
    def subject(parameters, x, state):
        loss, gradients = clean(parameters, x, state)
        return Outcome(loss, gradients, intermediates={"z": gradients["b"][None]})

    assert breaches(subject, example(), names=NAMES) == []


def test_layouts_are_compared_by_the_callers_measure():
    asked = []

    def never(name, first, second):
        asked.append(name)
        return name != "b"

    found = breaches(clean, example(), names=NAMES, same=never)
    assert [each.code for each in found] == ["read-only-inputs", "fortran-inputs", "strided-inputs"]
    assert {each.parameter for each in found} == {"b"}
    assert set(asked) == {"loss", "W", "b"}


def test_code_that_reads_raw_memory_fails_both_layouts():
    found = breaches(flat_pointer, example(), names=NAMES)
    assert [each.code for each in found] == ["fortran-inputs", "strided-inputs"]
    assert all("W" in each.message for each in found)


def test_rounding_that_depends_on_the_layout_is_acquitted():
    def blas(W, x):
        return (W @ x).sum(), np.outer(np.ones(len(W)), x)

    generator = np.random.default_rng(5)
    assert breaches(blas, (generator.standard_normal((31, 67)), generator.standard_normal(67))) == []


def test_a_change_is_told_even_if_the_subject_raises():
    def subject(parameters, x, state):
        parameters["W"][0, 0] = 0.0
        x[1] = 7.0
        raise RuntimeError("half-way")

    found = breaches(subject, example(), names=NAMES)
    assert [each.code for each in found] == ["subject-raised", "input-changed"]
    assert "W and x" in found[1].message


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda parameters, words: parameters.update(U=1), "U"),
        (lambda parameters, words: parameters.pop("W"), "W"),
        (lambda parameters, words: words.append("c"), "words[2]"),
        (lambda parameters, words: words.sort(reverse=True), "words[0]"),
        (lambda parameters, words: parameters["b"].sort(), "b"),
        (lambda parameters, words: parameters["W"].resize(V, H, refcheck=False), "W"),
    ],
)
def test_any_change_of_any_argument_is_told(change, name):
    def subject(parameters, words):
        gradients = {"W": np.sin(parameters["W"]), "b": np.cos(parameters["b"])}
        change(parameters, words)
        return 0.5, gradients

    found = breaches(subject, (example()[0], ["a", "b"]), names=("words",))
    assert [(each.code, each.parameter) for each in found] == [("input-changed", name)]


@pytest.mark.parametrize("size", [1.0, 1e-9])
def test_growth_by_another_amount_each_time_is_not_called_accumulation(size):
    count = itertools.count(1)
    growing = breaches(changed(b=lambda g: g * (1 + size * next(count) ** 2)), example(), names=NAMES)
    assert [(each.code, each.parameter) for each in growing] == [("not-repeatable", "b")]


def test_chance_is_not_called_accumulation():
    generator = np.random.default_rng(3)
    chance = breaches(changed(b=lambda g: g + generator.standard_normal(H)), example(), names=NAMES)
    assert [(each.code, each.parameter) for each in chance] == [("not-repeatable", "b")]


def test_what_only_the_first_call_draws_is_not_remarked_on():
    drawn = []
    first_alone = before(lambda *_: drawn or drawn.append(random.random()))
    assert not breaches(first_alone, example(), names=NAMES)


def test_the_global_random_states_and_the_error_state_are_left_alone():
    np.random.seed(17)
    random.seed(17)
    expected = np.random.random(), random.random()
    np.random.seed(17)
    random.seed(17)
    with np.errstate(over="raise"):
        assert [each.code for each in breaches(SUBJECTS["random"](), example())] == ["random"]
        breaches(SUBJECTS["error-state-changed"](), example())
        breaches(SUBJECTS["random-state-changed"](), example())
        assert np.geterr()["over"] == "raise"
    assert (np.random.random(), random.random()) == expected


def test_the_severity_of_a_breach_is_error_and_of_a_remark_less():
    severities = {code: finding(code, "A sentence.").severity for code in CODES}
    mild = {code for code, severity in severities.items() if severity is not Severity.ERROR}
    assert mild == {
        "only-nan",
        "error-state-changed",
        "slow",
        "random-state-changed",
        "gradient-precision",
        "prints",
        "warns",
    }
