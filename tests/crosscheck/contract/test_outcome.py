"""What a subject returns is taken if its meaning is plain; everything else is named, with the remedy."""

import subprocess
import sys
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np
import pytest

from crosscheck import trees
from crosscheck.contract import Outcome, SubjectError
from crosscheck.contract.outcome import interpret
from crosscheck.contract.shapes import shape_sentence

H, V, T = 3, 5, 7
PARAMETERS = {"W": np.ones((H, V)), "b": np.ones(H)}
STATE = np.ones(H)


class Model(NamedTuple):
    W: Any
    b: Any


def gradients(**replaced):
    return {"W": np.full((H, V), 2.0), "b": np.full(H, 3.0)} | replaced


def findings(returned, parameters=PARAMETERS, names=("state",)):
    with pytest.raises(SubjectError) as caught:
        interpret(returned, (parameters, STATE), names)
    assert not caught.value.crashed
    return caught.value.findings


@pytest.mark.parametrize(
    "loss", [1.25, np.float32(1.25), np.array(1.25), np.array([1.25]), np.array([[1.25]]), ml_dtypes.bfloat16(1.25)]
)
def test_a_loss_of_one_entry_is_taken(loss):
    taken = interpret((loss, gradients()), (PARAMETERS,)).loss
    assert taken == 1.25
    assert taken.shape == ()


@pytest.mark.parametrize("loss", [0, np.int64(0), np.uint8(0)])
def test_an_integer_loss_is_taken_as_float64(loss):
    assert interpret((loss, gradients()), (PARAMETERS,)).loss.dtype == np.float64


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_is_left_to_the_judge(loss):
    assert not np.isfinite(interpret((loss, gradients()), (PARAMETERS,)).loss)


@pytest.mark.parametrize(
    ("loss", "code"),
    [
        (np.ones(T), "loss-not-scalar"),
        (np.ones(0), "loss-not-scalar"),
        ("1.25", "loss-type"),
        (None, "loss-type"),
        (True, "loss-type"),
        (1.25j, "loss-type"),
        (np.array(["a"]), "loss-type"),
        ([1.25], "loss-type"),
    ],
)
def test_a_loss_that_is_no_number_is_refused(loss, code):
    assert [each.code for each in findings((loss, gradients()))] == [code]


@pytest.mark.parametrize(
    ("returned", "text"),
    [
        (None, "return statement"),
        (1.25, "a float"),
        (gradients(), "a dict"),
        ((1.25,), "1 values"),
        ((1.25, np.ones((H, V)), np.ones(H)), "3 values: put the gradients into one container"),
        ((gradients(), 1.25), "gradients first"),
        ((x for x in (1.25, gradients())), "yield"),
    ],
)
def test_what_is_no_loss_and_gradients_is_refused(returned, text):
    (finding,) = findings(returned)
    assert finding.code == "returned-value"
    assert text in finding.message


def test_a_coroutine_is_refused():
    async def subject():
        return 1.25, gradients()

    coroutine = subject()
    (finding,) = findings(coroutine)
    coroutine.close()
    assert "async" in finding.message


@pytest.mark.parametrize(
    ("b", "code", "text"),
    [
        (None, "gradient-missing", "b is None: return an array of shape (3,)"),
        ([1.0, 2.0, 3.0], "gradient-not-array", "b is a list, expected an array of shape (3,): use np.asarray"),
        ("zero", "gradient-not-array", "b is a str"),
        (lambda: 0, "gradient-not-array", "b is a function"),
        (np.ones(H, int), "gradient-dtype", "b has dtype int64, expected float64: fractions are lost"),
        (np.ones(H, bool), "gradient-dtype", "fractions are lost"),
        (np.ones(H, complex), "gradient-dtype", "return its .real"),
        (np.ones(H, object), "gradient-dtype", ".astype(np.float64)"),
        (np.array(["a", "b", "c"]), "gradient-dtype", "<U1"),
        (1.0, "gradient-shape", "b has shape (), expected (3,)"),
        (np.ones((H, 1)), "gradient-shape", "column vector"),
    ],
)
def test_a_gradient_that_is_no_array_of_its_parameters_kind_is_named(b, code, text):
    (finding,) = findings((1.25, gradients(b=b)))
    assert (finding.code, finding.parameter) == (code, "b")
    assert text in finding.message


def test_everything_wrong_is_told_at_once():
    found = findings(Outcome("no", {"W": None, "c": 1}, inputs={"state": np.ones(V), "x": 1}, auxiliary={"h": "no"}))
    assert {(each.code, each.parameter) for each in found} == {
        ("loss-type", None),
        ("gradient-missing", "W"),
        ("gradient-missing", "b"),
        ("gradient-structure", "c"),
        ("gradient-shape", "state"),
        ("unknown-input", "x"),
        ("auxiliary-not-array", "h"),
    }


@pytest.mark.parametrize(
    ("parameters", "returned", "code", "name"),
    [
        (PARAMETERS, {"W": np.ones((H, V))}, "gradient-missing", "b"),
        (PARAMETERS, gradients(U=np.ones(2)), "gradient-structure", "U"),
        (PARAMETERS, Model(**gradients()), "gradient-structure", "parameters"),
        (Model(**PARAMETERS), gradients(), "gradient-structure", "parameters"),
        (Model(**PARAMETERS), tuple(gradients().values()), "gradient-structure", "parameters"),
        (list(PARAMETERS.values()), [np.ones((H, V))], "gradient-missing", "parameters[1]"),
        ({"layers": [PARAMETERS]}, {"layers": [gradients(b=[1])]}, "gradient-not-array", "layers[0].b"),
        (PARAMETERS["W"], [[1.0]], "gradient-not-array", "parameters"),
    ],
)
def test_a_structure_that_differs_is_named(parameters, returned, code, name):
    assert [(each.code, each.parameter) for each in findings((1.25, returned), parameters)] == [(code, name)]


def test_lists_and_tuples_stand_for_each_other():
    outcome = interpret([1.25, tuple(gradients().values())], (list(PARAMETERS.values()),))
    assert type(outcome.gradients) is list
    assert np.array_equal(outcome.gradients[1], gradients()["b"])


def test_parameters_that_are_not_floating_have_no_gradient():
    parameters = {"W": PARAMETERS["W"], "width": 3, "name": "rnn", "mask": np.ones(2, bool), "none": None}
    for ignored in ({}, {"none": None}):
        given = {"W": gradients()["W"], "width": 0, "name": None, "mask": np.zeros(2)} | ignored
        outcome = interpret((1.25, given), (parameters,))
        assert {name for name, _ in trees.flatten(outcome.gradients)} == {"W"}


@pytest.mark.parametrize("gradient", [np.ones(2), np.ones(2, int), None, [1]])
def test_an_integer_array_among_the_parameters_has_no_gradient(gradient):
    parameters = {"W": PARAMETERS["W"], "sizes": np.array([H, V])}
    outcome = interpret((1.25, {"W": gradients()["W"], "sizes": gradient}), (parameters,))
    assert outcome.gradients["sizes"] is None


def test_numbers_stand_for_arrays_without_axes():
    outcome = interpret((1.25, {"a": 2.0, "b": np.float32(3.0)}), ({"a": np.array(1.0), "b": 1.0},))
    assert outcome.gradients == {"a": 2.0, "b": 3.0}
    assert all(isinstance(leaf, np.ndarray) for leaf in trees.leaves(outcome.gradients))


def test_odd_arrays_become_plain_ones():
    masked = np.ma.masked_array(np.ones((H, V)))
    strided = np.ones((V, H)).T
    for array in (masked, strided, np.broadcast_to(1.0, (H, V))):
        taken = interpret((1.25, array), (PARAMETERS["W"],)).gradients
        assert type(taken) is np.ndarray
        assert taken.flags.owndata
        assert taken.flags.c_contiguous
        assert taken.flags.writeable


def test_everything_named_is_among_the_leaves():
    outcome = interpret(
        Outcome(1.25, gradients(), {"state": STATE}, {"final": [STATE]}, {"dz": np.ones((T, H))}),
        (PARAMETERS, STATE),
        ("state",),
    )
    assert [name for name, _ in outcome.leaves()] == ["loss", "W", "b", "state", "final[0]"]
    assert outcome.intermediates["dz"].shape == (T, H)


@pytest.mark.torch
def test_tensors_are_taken_without_importing_torch():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    for dtype in (torch.float64, torch.float32, torch.bfloat16):
        gradient = torch.full((H,), 0.5, dtype=dtype, requires_grad=True)
        loss = gradient.sum()
        outcome = interpret((loss, gradient), (np.ones(H),))
        assert outcome.loss == 1.5
        assert np.array_equal(outcome.gradients, np.full(H, 0.5))


@pytest.mark.parametrize(
    ("given", "expected", "text"),
    [
        ((5, 3), (3, 5), "looks transposed; return its .T"),
        ((3, 1), (3,), "column vector; return its [..., 0]"),
        ((1, 3), (3,), "axes of length 1 differ; return its .reshape((3,))"),
        ((3,), (3, 1), "axes of length 1 differ; return its .reshape((3, 1))"),
        ((7, 3, 5), (3, 5), "axis 0, of length 7, is one too many"),
        ((3, 5, 2), (3, 5), "axis 2, of length 2, is one too many"),
        ((3,), (3, 5), "axis 1, of length 5, is missing"),
        ((5,), (3, 5), "axis 0, of length 3, is missing"),
        ((3, 4), (3, 5), "axis 1 has 4 entries in place of 5"),
        ((2, 2, 2), (3,), "it has 3 axes in place of 1"),
    ],
)
def test_a_wrong_shape_is_explained(given, expected, text):
    sentence = shape_sentence("W", given, expected)
    assert f"has shape {given}, expected {expected}" in sentence
    assert text in sentence


def test_no_heavy_library_is_imported():
    code = (
        "import sys, crosscheck.contract; print(sorted({'jax', 'torch', 'ml_dtypes', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
