"""What a difference looks like that is meant."""

import numpy as np
import pytest

from crosscheck.custom_rules.judging import Differences
from crosscheck.custom_rules.reading import ON_PURPOSE

TRUE = np.array([1.0, -2.0, 0.5, 0.0])


def purpose(*pairs):
    differences = Differences()
    for own, true in pairs:
        case = type("Case", (), {"outcome": {"x": own}, "reference": {"x": true}})()
        case.key = type("Key", (), {"sizes": (0,)})()
        differences._add(case, "x", ~np.isclose(own, true))
    return differences.purpose("x")


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(TRUE, np.zeros(4))], "straight-through"),
        ([(-0.5 * TRUE, TRUE), (-TRUE, 2 * TRUE)], "reversal"),
        ([(0.1 * TRUE, TRUE)], "scaling"),
        ([(np.clip(TRUE, -1, 1), TRUE), (np.clip(3 * TRUE, -1, 1), 3 * TRUE)], "clipping"),
        ([(-0.5 * TRUE, TRUE), (-TRUE, TRUE)], None),
        ([(0 * TRUE, TRUE)], None),
        ([(TRUE + 1, TRUE)], None),
        ([(TRUE, np.zeros(4)), (TRUE + 1, TRUE)], None),
    ],
)
def test_the_shape_of_a_difference_tells_its_purpose(pairs, expected):
    assert purpose(*pairs) == expected


@pytest.mark.parametrize("words", ["straight-through", "an STE", "gradient reversal", "clip_grad", "gradient_scaling"])
def test_purpose_is_said_in_these_words(words):
    assert ON_PURPOSE.search(f"def f(x): # {words}")
    assert not ON_PURPOSE.search("def step(x): # the gradient of the last layer")
