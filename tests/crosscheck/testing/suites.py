"""Small suites for the plugin to run. Without twins: nothing is compiled, and a run takes a tenth of a second."""

SUBJECTS = """
import unittest

import numpy as np
import pytest
from hypothesis import given, settings, strategies

import crosscheck

random = np.random.default_rng(0)
EXAMPLE = (random.normal(size=2), random.normal(size=(3, 2)))


def square(parameters, x):
    z = x @ parameters
    return (z * z).sum(), 2 * x.T @ z


def halved(parameters, x):
    z = x @ parameters
    return (z * z).sum(), x.T @ z


def loss(parameters, x):
    import jax.numpy as jnp

    return jnp.sum((x @ parameters) ** 2)

"""

REGISTERED = f"""{SUBJECTS}
crosscheck.register(square, cases=EXAMPLE)
crosscheck.register(halved, cases=EXAMPLE, name="by half")
"""

DECLARED = f"""{SUBJECTS}
@pytest.fixture
def subject():
    return square


@crosscheck.gradients(cases=EXAMPLE)
def test_with_a_fixture(subject):
    return subject


@crosscheck.gradients(cases=EXAMPLE)
def test_wrong():
    return halved


@pytest.mark.parametrize("function", [square, halved])
@crosscheck.gradients(cases=EXAMPLE)
def test_each(function):
    return function


class TestMethods:
    @crosscheck.gradients(cases=EXAMPLE)
    def test_method(self):
        return square


class TestUnittest(unittest.TestCase):
    @crosscheck.gradients(cases=EXAMPLE)
    def test_right(self):
        return square

    @crosscheck.gradients(cases=EXAMPLE)
    def test_wrong(self):
        return halved


@settings(max_examples=3, database=None, deadline=None)
@given(strategies.integers(0, 3))
@crosscheck.gradients(cases=EXAMPLE, examples=2)
def test_given(number):
    return square


def test_plainly():
    crosscheck.assert_agree(square, cases=EXAMPLE)


def test_fixture(crosscheck):
    crosscheck.assert_agree(square, cases=EXAMPLE)
    assert crosscheck.check(halved, cases=EXAMPLE).verdict == "disagree"
"""
