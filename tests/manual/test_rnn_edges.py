"""Where careless formulas overflow, cancel or lose terms. References are computed in longdouble or by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manual.parameters import DTYPES, Parameters
from manual.rnn import loss, loss_and_gradients
from tests.manual import naive_rnn
from tests.manual.rnn_cases import build

KINDS = [dtype.type for dtype in DTYPES]


def logits_only(by: list[float], dtype=np.float64) -> Parameters:
    """A network of one hidden unit that always predicts the logits `by`."""
    V = len(by)
    Wxh, Whh, Why, bh = (np.zeros(shape, dtype) for shape in ((1, V), (1, 1), (V, 1), (1,)))
    return Parameters(Wxh, Whh, Why, bh, np.array(by, dtype))


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize(
    ("target", "expected_loss", "expected_dby"), [(0, 0, [0, 0, 0]), (1, 10_000, [1, -1, 0]), (2, 20_000, [1, 0, -1])]
)
def test_logits_of_ten_thousand(dtype, target, expected_loss, expected_dby):
    parameters = logits_only([10_000, 0, -10_000], dtype)
    evaluation = loss_and_gradients(parameters, np.array([1]), np.array([target]), np.zeros(1, dtype))
    too_small = np.finfo(np.float64).tiny  # longdouble alone can hold e^-10,000
    assert abs(evaluation.loss - expected_loss) <= too_small
    assert np.abs(evaluation.gradients.by - np.array(expected_dby, dtype)).max() <= too_small


@pytest.mark.parametrize("margin", [1, 30, 60, 300, 700])
def test_a_nearly_certain_target_keeps_every_digit(margin):
    """Two symbols: loss = log1p(e^-margin), dby = ∓e^-margin / (1 + e^-margin). `p - 1` would give 0 from margin 37."""
    parameters = logits_only([margin, 0])
    evaluation = loss_and_gradients(parameters, np.array([1]), np.array([0]), np.zeros(1))
    rest = np.exp(np.longdouble(-margin))
    epsilon = np.finfo(np.float64).eps  # three roundings in the loss, three in the gradient
    assert abs(evaluation.loss - np.log1p(rest)) <= 3 * epsilon * np.log1p(rest)
    expected = rest / (1 + rest)
    assert np.abs(evaluation.gradients.by - [-expected, expected]).max() <= 3 * epsilon * expected


@pytest.mark.parametrize("z", [3.0, 8.0, 18.0, 25.0, 1e300])
def test_saturated_units_keep_their_slope(z):
    """Three roundings for (1 - h) * (1 + h) * dh. In 1 - h*h the square's rounding alone is 5e-10 of the slope at 8."""
    parameters = Parameters(np.zeros((1, 2)), np.zeros((1, 1)), np.array([[1.0], [0.0]]), np.array([z]), np.zeros(2))
    inside = loss_and_gradients(parameters, np.array([0]), np.array([1]), np.zeros(1), intermediates=True).intermediates
    assert inside is not None
    h = np.longdouble(np.tanh(z))
    expected = (1 - h) * (1 + h) * inside.dh
    assert np.abs(inside.dz - expected).max() <= 3 * np.finfo(np.float64).eps * np.abs(expected).max()


def test_a_vocabulary_of_one_symbol_has_nothing_to_learn():
    case = build(1, 3, 7)
    evaluation = loss_and_gradients(*case)
    assert evaluation.loss == 0
    assert not any(gradient.any() for gradient in (*evaluation.gradients, evaluation.initial_state_gradient))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(symbol=st.integers(0, 4), T=st.sampled_from([2, 7, 29]), B=st.sampled_from([None, 1, 3]))
def test_a_symbol_that_repeats_at_every_step_receives_every_term(symbol, T, B):
    """Wxh's column and the bias then receive the same terms; all other columns none."""
    case = build(5, 3, T, B, dtype=np.longdouble)
    evaluation = loss_and_gradients(*case._replace(inputs=np.full_like(case.inputs, symbol)))
    dWxh, dbh = evaluation.gradients.Wxh, evaluation.gradients.bh
    # Only the order of summation may differ: epsilon for each of the terms, and terms are below their number in size.
    bound = np.finfo(np.longdouble).eps * case.inputs.size**2 * np.abs(dbh).max()
    assert np.abs(dWxh[:, symbol] - dbh).max() <= bound
    assert not np.delete(dWxh, symbol, axis=1).any()


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("sizes", [(5, 3, 11), (2, 1, 1), (13, 7, 29)])
def test_the_error_is_the_rounding_of_its_dtype(dtype, sizes):
    """Against longdouble: epsilon for each operation on the longest path (T steps of H + V terms and 8 functions)."""
    V, H, T = sizes
    case = build(V, H, T, scale=0.5, dtype=dtype)
    exact = naive_rnn.loss_and_gradients(*case.astype(np.longdouble))
    actual = loss_and_gradients(*case)
    bound = np.finfo(dtype).eps * T * (H + V + 8)
    assert abs(actual.loss - exact.loss) <= bound * exact.loss
    for got, wanted in zip(
        (*actual.gradients, actual.initial_state_gradient, actual.final_state),
        (*exact.gradients, exact.initial_state_gradient, exact.final_state),
        strict=True,
    ):
        assert np.abs(got - wanted).max() <= bound * np.abs(wanted).max()


def test_the_forward_pass_alone_gives_the_same_bits():
    case = build(5, 3, 7, 2)
    evaluation = loss_and_gradients(*case)
    value, final_state = loss(*case)
    assert value == evaluation.loss
    np.testing.assert_array_equal(final_state, evaluation.final_state)
