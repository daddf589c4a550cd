"""Private attributes and methods go by names that are found from outside as well."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.arranging import unhidden
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

SCHOOL = """
import numpy as np
class Net:
    def __init__(self, nx, nodes):
        self.__W1, self.__b1 = np.random.randn(nodes, nx), np.zeros((nodes, 1))
        self.__W2, self.__b2 = np.random.randn(1, nodes), 0
    def forward_prop(self, X):
        self.__A1 = self.__squash(self.__W1 @ X + self.__b1)
        self.__A2 = self.__squash(self.__W2 @ self.__A1 + self.__b2)
        return self.__A1, self.__A2
    def __squash(self, z):
        return 1 / (1 + np.exp(-z))
    def cost(self, Y, A):
        return -(Y * np.log(A) + (1 - Y) * np.log(1.0000001 - A)).mean()
    def gradient_descent(self, X, Y, A1, A2, alpha=0.05):
        dz2 = A2 - Y
        dz1 = self.__W2.T @ dz2 * A1 * (1 - A1)
        self.__W2 = self.__W2 - alpha * dz2 @ A1.T / X.shape[1]
        self.__b2 = self.__b2 - alpha * dz2.mean(axis=1, keepdims=True)
        self.__W1 = self.__W1 - alpha * dz1 @ X.T / X.shape[1]
        self.__b1 = self.__b1 - alpha * dz1.mean(axis=1, keepdims=True)
"""


@pytest.mark.thorough
def test_a_class_of_private_attributes_is_judged_all_over():
    wrong = SCHOOL.replace("* A1 * (1 - A1)", "* (1 - A1)")
    for text, expected in ((SCHOOL, set()), (wrong, {"_W1", "_b1"})):
        (unit,) = recognise(read_text(text, "utf-8", Path("x.py"))).units
        assert unit.names.keys() == {"_W1", "_b1", "_W2", "_b2"}
        report = judge_unit(unit, examples=4)
        assert {tally.name for tally in report.tallies if tally.verdict is Verdict.DISAGREE} == expected


def test_names_that_would_clash_and_those_of_python_stay():
    code = "class A:\n\n    def __init__(self):\n        self.__w, self._w = (1, 2)"
    assert ast.unparse(unhidden(ast.parse(code))) == code
    assert ast.unparse(unhidden(ast.parse(code.replace("_w = (", "_v = (")))) != code
