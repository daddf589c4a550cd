"""What is read without running anything."""

import ast

import pytest

from crosscheck.custom_rules.reading import mentions, only_raises, shapes_told, waiver_of, words_of_purpose
from crosscheck.source import read


def document(tmp_path, code):
    path = tmp_path / "ops.py"
    path.write_text(code)
    return read(path)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import jax\n@jax.custom_vjp\ndef f(x): return x\n", [("jax", "custom_vjp", 2)]),
        ("from jax import custom_jvp\ng = custom_jvp(abs)\n", [("jax", "custom_jvp", 2)]),
        ("import torch\nclass A(torch.autograd.Function): pass\n", [("torch", "A", 2)]),
        ("from torch.autograd import Function as F\nclass A(F): pass\n", [("torch", "A", 2)]),
        ("from torch import autograd\nclass A(autograd.Function): pass\n", [("torch", "A", 2)]),
        ("class Function: pass\nclass A(Function): pass\n", []),
    ],
)
def test_rules_are_seen_in_the_source(tmp_path, code, found):
    assert mentions(document(tmp_path, code)) == found


CODE = """x = 1
# crosscheck: waived: as in the paper
@rule
def f(x):
    return x

# crosscheck: waived:
def g(x): pass
"""


def test_a_waiver_needs_a_reason_and_stands_on_or_above_its_function(tmp_path):
    assert waiver_of(document(tmp_path, CODE), "f", 4, 5) == "as in the paper"
    assert waiver_of(document(tmp_path, CODE), "g", 8, 8) is None
    assert waiver_of(document(tmp_path, "y = 2\n" + CODE), "x", 1, 1) is None


def test_a_waiver_stands_in_the_project_file(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.crosscheck.waivers]\n"ops.py:g" = "reversal"\nh = "scaling"\n')
    assert [waiver_of(document(tmp_path, CODE), name, 8, 8) for name in "ghi"] == ["reversal", "scaling", None]


def test_words_of_purpose_are_found_at_the_function_only(tmp_path):
    found = document(tmp_path, "# a straight through estimator\ndef f(x):\n    return x\n\ndef g(x):\n    return x\n")
    assert words_of_purpose(found, 2, 3) == "straight through"
    assert words_of_purpose(found, 5, 6) is None


@pytest.mark.parametrize(
    "words",
    ["GradReverse", "reverse_gradient", "gradient reversal", "reverses the gradient", "GradientReverseFn"],
)
def test_a_reversal_is_said_in_many_words(tmp_path, words):
    assert words_of_purpose(document(tmp_path, f"# {words}\ndef f(x):\n    return x\n"), 2, 3)
    assert words_of_purpose(document(tmp_path, "# reverse the list\ndef grad(x):\n    return x\n"), 2, 3) is None


def test_what_an_argument_is_does_not_tell_its_shape():
    code = (
        "def f(x, scale, eps):\n"
        '    """x (Tensor): numbers.\n    scale (Tensor, optional): weights (d).\n    eps (float): small."""'
    )  # fmt: skip
    assert list(shapes_told(ast.parse(code).body[0], ["x", "scale", "eps"])) == []


def test_a_function_that_only_raises_is_told_from_one_that_may():
    refusing = 'def backward(ctx, g):\n    """Not differentiable."""\n    raise RuntimeError("no")\n'
    assert only_raises(ast.parse(refusing).body[0])
    assert not only_raises(ast.parse(refusing.replace("raise", "if g.ndim: raise")).body[0])


def test_shapes_are_told_by_annotations_and_docstrings():
    code = (
        "def f(x: Float[Array, 'rows 7'], w: Float[Array, '7'], s):\n"
        '    """x: (n, d), s [d] and w of shape ()."""'
    )  # fmt: skip
    told = dict(shapes_told(ast.parse(code).body[0], ["x", "w", "s"]))
    assert told == {"annotation": {"x": (4, 7), "w": (7,)}, "docstring": {"x": (5, 3), "w": (), "s": (3,)}}
