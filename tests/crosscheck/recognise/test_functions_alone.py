"""Functions that nothing calls are handed what their authors mean by them, and judged by their own conventions."""

from pathlib import Path

import pytest

from crosscheck.recognise import Unit, recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text


def unit_of(text: str) -> Unit:
    (unit,) = recognise(read_text("import numpy as np\n" + text, "utf-8", Path("x.py"))).units
    return unit


COURSE = """
def layer_forward(A, W, b, kind):
    Z = W @ A + b
    return (np.maximum(0, Z) if kind == "relu" else 1 / (1 + np.exp(-Z))), ((A, W, b), Z)

def model_forward(X, parameters):
    A1, first = layer_forward(X, parameters["W1"], parameters["b1"], "relu")
    AL, last = layer_forward(A1, parameters["W2"], parameters["b2"], "sigmoid")
    return AL, [first, last]

def compute_cost(AL, Y):
    return -np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)) / Y.shape[1]

def layer_backward(dA, cache, kind):
    (A, W, b), Z = cache
    s = 1 / (1 + np.exp(-Z))
    dZ = dA * (Z > 0) if kind == "relu" else dA * s * (1 - s)
    m = A.shape[1]
    return {back}, dZ @ A.T / m, dZ.sum(axis=1, keepdims=True) / m

def model_backward(AL, Y, caches):
    grads = {{}}
    dAL = -(Y / AL - (1 - Y) / (1 - AL))
    grads["dA1"], grads["dW2"], grads["db2"] = layer_backward(dAL, caches[1], "sigmoid")
    grads["dA0"], grads["dW1"], grads["db1"] = layer_backward(grads["dA1"], caches[0], "relu")
    return grads
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("back", "verdict"), [("W.T @ dZ", "agree"), ("W.T @ dZ / m", "disagree")])
def test_gradients_of_activations_are_those_of_each_example_where_weights_take_the_mean(
    back: str, verdict: str
) -> None:
    unit = unit_of(COURSE.format(back=back))
    assert unit.name == "model_forward/model_backward"
    assert judge_unit(unit, examples=5).verdict.value == verdict


STEP = """
def step_forward(x, prev_h, prev_c, Wx, Wh):
    n = prev_h.shape[1]
    a = x @ Wx + prev_h @ Wh
    k, g = 1 / (1 + np.exp(-a[:, :n])), np.tanh(a[:, n:])
    next_c = k * prev_c + (1 - k) * g
    next_h = np.tanh(next_c)
    return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, k, g, next_h)

def step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, k, g, next_h = cache
    dc = {first}dnext_h * (1 - next_h ** 2)
    da = np.hstack([dc * (prev_c - g) * k * (1 - k), dc * (1 - k) * (1 - g ** 2)])
    dx, dprev_h, dprev_c = da @ Wx.T, da @ Wh.T, dc * k
    dWx, dWh = x.T @ da, prev_h.T @ da
    return dx, dprev_h, dprev_c, dWx, dWh
"""


@pytest.mark.parametrize(("first", "verdict"), [("dnext_c + ", "agree"), ("", "disagree")])
def test_a_gradient_from_above_that_is_forgotten_is_handed_all_the_same(first: str, verdict: str) -> None:
    assert judge_unit(unit_of(STEP.format(first=first)), examples=4).verdict.value == verdict


SAMPLING = """
def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def sampling_loss_and_gradient(center_vec, outside_idx, outside_vectors, others):
    s = sigmoid(outside_vectors[outside_idx] @ center_vec)
    loss = -np.log(s)
    grad_center = (s - 1) * outside_vectors[outside_idx]
    grad_outside = np.zeros_like(outside_vectors)
    grad_outside[outside_idx] += (s - 1) * center_vec
    for k in others:
        p = sigmoid(-outside_vectors[k] @ center_vec)
        loss -= np.log(p)
        grad_center += (1 - p) * outside_vectors[k]
        grad_outside[k] {add} (1 - p) * center_vec
    return loss, grad_center, grad_outside
"""


@pytest.mark.parametrize(("add", "verdict"), [("+=", "agree"), ("=", "disagree")])
def test_what_is_called_an_index_is_one(add: str, verdict: str) -> None:
    assert judge_unit(unit_of(SAMPLING.format(add=add)), examples=8).verdict.value == verdict


NORM = """
def norm_forward(x, gamma, beta, eps=1e-5):
    mu, var = x.mean(axis=0), x.var(axis=0)
    xhat = (x - mu) / np.sqrt(var + eps)
    return gamma * xhat + beta, (xhat, gamma, var, eps)

def norm_backward(dout, cache):
    xhat, gamma, var, eps = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) - xhat * (d * xhat).mean(axis=0)) / np.sqrt(var + eps)
    return dx, {rest}
"""
FIRST, SECOND = "(dout * xhat).sum(axis=0)", "dout.sum(axis=0)"


@pytest.mark.parametrize(("rest", "verdict"), [(f"{FIRST}, {SECOND}", "agree"), (f"{SECOND}, {FIRST}", "disagree")])
def test_gradients_without_names_are_those_of_the_arguments_in_their_order(rest: str, verdict: str) -> None:
    unit = unit_of(NORM.format(rest=rest))
    assert unit.names.keys() == {"x", "gamma", "beta"}
    assert judge_unit(unit, examples=4).verdict.value == verdict
