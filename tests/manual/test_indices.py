"""Bad input is refused at the door, in one sentence that says what is wrong and how to mend it."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manual.errors import InputError
from manual.parameters import Parameters
from manual.rnn import loss, loss_and_gradients, step
from tests.manual.rnn_cases import Case, build

V, H, T, B = 5, 3, 7, 2


def sentence(*arguments, function=loss_and_gradients, **options) -> str:
    with pytest.raises(InputError) as caught:
        function(*arguments, **options)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


def changed(array: np.ndarray, entry, value) -> np.ndarray:
    array = array.copy()
    array[entry] = value
    return array


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    field=st.sampled_from(["inputs", "targets"]),
    entry=st.integers(0, T - 1),
    value=st.one_of(st.integers(-(2**63), -1), st.integers(V, 2**63 - 1)),
)
def test_no_index_outside_the_vocabulary_gets_through(field, entry, value):
    case = build(V, H, T)
    text = sentence(*case._replace(**{field: changed(getattr(case, field), entry, value)}))
    assert text.startswith(f"{field} holds {value} at index ({entry},), expected integers from 0 to 4")


def test_the_largest_unsigned_integer_is_no_index():
    case = build(V, H, T)
    text = sentence(*case._replace(inputs=changed(case.inputs.astype(np.uint64), 3, 2**64 - 1)))
    assert "18446744073709551615 at index (3,)" in text


@pytest.mark.parametrize("function", [loss, loss_and_gradients])
@pytest.mark.parametrize(
    ("field", "convert", "fragment"),
    [
        ("inputs", lambda a: a.astype(float), "inputs has dtype float64, expected integers from 0 to 4"),
        ("targets", lambda a: a > 2, "targets has dtype bool, expected integers"),
        ("inputs", lambda _: list("abcdefg"), "encode the symbols with the vocabulary"),
        ("inputs", lambda _: [[1, 2], [3]], "inputs has rows of different lengths"),
        ("inputs", lambda a: a[:0], "inputs is empty, expected at least one symbol index"),
        ("inputs", lambda a: a[0], "inputs has shape (), expected (time,) or (time, batch)"),
        ("inputs", lambda a: a.reshape(T, 1, 1), "inputs has shape (7, 1, 1), expected (time,) or (time, batch)"),
        ("targets", lambda a: a[1:], "targets has shape (6,), inputs has (7,): every input needs the one symbol"),
        ("initial_state", lambda a: a[:, None], "it looks like a column vector; pass initial_state[..., 0]"),
        ("initial_state", lambda _: np.zeros(11), "it looks as if the hidden size was 11"),
        ("initial_state", lambda a: a.astype(np.float32), "use initial_state.astype(np.float64)"),
        ("initial_state", lambda a: a.tolist(), "initial_state is a list, expected a NumPy array"),
        ("initial_state", lambda a: changed(a, 1, np.nan), "initial_state holds nan at index (1,)"),
        ("initial_state", lambda a: changed(a, 2, -np.inf), "initial_state holds -inf at index (2,)"),
    ],
)
def test_sentences(function, field, convert, fragment):
    case = build(V, H, T)
    assert fragment in sentence(*case._replace(**{field: convert(getattr(case, field))}), function=function)


@pytest.mark.parametrize(
    ("field", "fragment"),
    [
        ("targets", "it looks transposed: pass targets.T"),
        ("initial_state", "it looks transposed: pass initial_state.T"),
    ],
)
def test_a_transposed_batch_is_recognised(field, fragment):
    case = build(V, H, T, B)
    assert fragment in sentence(*case._replace(**{field: getattr(case, field).T}))


def test_every_sequence_of_a_batch_needs_its_state():
    case = build(V, H, T, B)
    text = sentence(*case._replace(initial_state=case.initial_state[0]))
    assert "initial_state has shape (3,), expected (2, 3)" in text


def test_model_axes_must_match():
    case = build(V, H, T, models=(11,))
    assert "inputs has shape (10, 7), expected (11, time) or (11, time, batch)" in sentence(
        *case._replace(inputs=case.inputs[1:])
    )


@pytest.mark.parametrize("window", [0, -1, 1.0, True, "2"])
def test_a_window_is_a_positive_number_of_steps(window):
    unchecked = inspect.unwrap(loss_and_gradients)  # as it runs without the type checker of the tests
    text = sentence(*build(V, H, T), window=window, function=unchecked)
    assert text.startswith(f"window is {window!r}, expected None")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("field", Parameters._fields)
@pytest.mark.parametrize("function", [loss, loss_and_gradients])
def test_parameters_are_finite(function, field, value):
    case = build(V, H, T)
    broken = case.parameters._replace(**{field: changed(getattr(case.parameters, field), -1, value)})
    assert f"{field} holds {value}" in sentence(*case._replace(parameters=broken), function=function)


@pytest.mark.parametrize(
    ("symbols", "fragment"),
    [(-1, "symbols holds -1 at index ()"), (V, "symbols holds 5"), (1.0, "dtype float64"), (True, "dtype bool")],
)
def test_step_refuses_the_same(symbols, fragment):
    case = build(V, H, T)
    assert fragment in sentence(case.parameters, symbols, case.initial_state, function=step)


def test_step_takes_a_single_model():
    case: Case = build(V, H, T, models=(2,))
    text = sentence(case.parameters, 1, case.initial_state, function=step)
    assert text == "The parameters stack (2,) models, expected a single one: select one by its index."
