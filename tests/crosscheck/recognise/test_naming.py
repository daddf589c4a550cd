"""Names of gradients, and words that only begin like them."""

import pytest

from crosscheck.recognise.naming import (
    BACKWARD,
    CONTAINER,
    LOSS,
    NOT_LOSS,
    backward_stem,
    cores,
    is_gradient_argument,
    is_gradient_of,
)


@pytest.mark.parametrize(
    "name", ["discriminator", "distance", "decoder", "gamma", "gain", "generator", "group", "dims", "depth", "d_model"]
)
def test_words_that_begin_like_gradients_are_none(name: str) -> None:
    assert not is_gradient_argument(name)
    assert cores(name) == ()


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("ddecoder", "decoder"),
        ("derivatives_weights", "weights"),
        ("dgamma", "gamma"),
        ("gamma_grad", "gamma"),
        ("d_gate", "gate"),
        ("dimg", "img"),
        ("denc", "enc"),
        ("dit", "it"),
        ("gW", "W"),
    ],
)
def test_gradients_of_what_such_words_call_are_gradients(name: str, of: str) -> None:
    assert is_gradient_argument(name)
    assert of in cores(name)


def test_an_error_that_is_handed_back_may_have_a_letter() -> None:
    assert [is_gradient_argument(name) for name in ("e", "d", "h", "we")] == [True, True, False, False]


def test_the_gradient_of_a_loss_is_called_like_no_loss() -> None:
    assert [bool(NOT_LOSS.search(name)) for name in ("loss_gradient", "loss", "best_loss")] == [True, False, True]


@pytest.mark.parametrize(
    "name", ["dense_back", "dense_bw", "dense_bp", "dense_vjp", "dense_pullback", "dense_adjoint", "back_dense"]
)
def test_a_backward_pass_is_told_by_what_its_layer_is_followed_by(name: str) -> None:
    assert backward_stem(name).strip("_") == "dense"


@pytest.mark.parametrize("name", ["look_back", "callback", "roll_back", "feed_back", "feedback", "background"])
def test_words_that_end_like_one_are_no_backward_pass(name: str) -> None:
    assert not BACKWARD.search(name)


def test_layers_are_no_containers_of_gradients() -> None:
    assert not any(CONTAINER.search(name) for name in ("dense", "decoder", "dropout", "data"))
    assert all(CONTAINER.search(name) for name in ("dw", "d_params", "dW", "deltas"))


def test_a_gradient_that_lies_otherwise_is_that_of_the_same_array() -> None:
    assert (is_gradient_of("dx_flat", "x"), is_gradient_of("dscores_2d", "scores"), is_gradient_of("flat", "x")) == (
        3,
        3,
        0,
    )


@pytest.mark.parametrize("name", ["val_loss", "validation_loss", "test_cost", "best_loss"])
def test_the_loss_of_other_sets_is_none_that_is_trained_by(name: str) -> None:
    assert LOSS.search(name)
    assert NOT_LOSS.search(name)
    assert not NOT_LOSS.search("value_loss")
