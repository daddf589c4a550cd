import numpy as np
import pytest

from crosscheck.strategies.contents import content_of, draw_floating
from crosscheck.strategies.randomness import generator

R = np.random.default_rng(5)
EXAMPLES = {
    "real": [R.normal(size=(3, 5)), np.zeros(3), np.array(-0.5 + R.normal(size=7)), np.zeros((0, 3))],
    "positive": [np.ones(7) * 1.5, np.array([[0.5, 2.0]])],
    "negative": [np.array([-0.5, -2.0])],
    "not negative": [np.array([0.0, 2.0])],
    "not positive": [np.array([0.0, -2.0])],
    "unit": [np.array([0.1, 0.7, 0.9])],
    "rows": [np.array([[0.1, 0.9], [0.4, 0.6]]), np.full((2, 7), 1 / 7, np.float16)],
    "one-hot": [np.eye(5)[[0, 3, 3]]],
    "binary": [np.array([[1.0, 1.0], [0.0, 1.0]]), np.ones(3)],
    "kept": [np.array([0.0, -np.inf]), np.array(["a"])],
    "boolean": [np.array([True, False])],
    "integer": [np.array([0, 4]), np.array([], np.int32)],
    "seen": [np.array([3, -100])],
}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_kinds_are_read_from_data(kind):
    for array in EXAMPLES[kind]:
        assert content_of(array, parameter=False, lengths=(2, 3)).kind == kind


def test_a_parameter_of_ones_is_a_scale_and_not_a_mask():
    assert content_of(np.ones(7), parameter=True, lengths=()).kind == "positive"
    assert content_of(np.eye(3), parameter=True, lengths=()).kind != "one-hot"


def test_integers_start_at_zero_unless_they_look_like_lengths():
    content = content_of(np.array([2, 4, 3]), parameter=False, lengths=(5,))
    assert (content.least, content.greatest) == (0, 4)
    content = content_of(np.array([2, 5, 3]), parameter=False, lengths=(5,))
    assert (content.least, content.greatest) == (1, 5)


@pytest.mark.parametrize("friendly", [True, False])
@pytest.mark.parametrize(
    "kind", ["real", "positive", "negative", "not negative", "not positive", "unit", "rows", "binary"]
)
def test_what_is_drawn_is_of_its_kind(kind, friendly):
    drawn = draw_floating(kind, generator(kind, 3), (11, 7), 2.0, share=0.7, friendly=friendly)
    read = content_of(drawn, parameter=False, lengths=())
    near = {"not negative": "positive", "not positive": "negative"}  # zero itself is not drawn
    assert read.kind in (kind, near.get(kind))
    if kind == "binary":
        assert 0.5 < read.share < 0.9
