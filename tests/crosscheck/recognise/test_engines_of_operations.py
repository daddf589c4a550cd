"""Engines whose operations are classes of their own, and are called: `Square()(x)`."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

NODE = """import numpy as np

class Node:
    def __init__(self, data):
        self.data, self.grad, self.maker = data, None, None
"""
RECURSIVE = """
    def backward(self):
        if self.maker is not None:
            before = self.maker.source
            before.grad = self.maker.backward(self.grad)
            before.backward()
"""
STACKED = """
    def backward(self):
        if self.grad is None:
            self.grad = np.ones_like(self)
        waiting = [self.maker]
        while waiting:
            maker = waiting.pop()
            maker.source.grad = maker.backward(maker.made.grad)
            if maker.source.maker is not None:
                waiting.append(maker.source.maker)
"""
OPERATIONS = """
class Operation:
    def __call__(self, node):
        made = Node(self.forward(node.data))
        made.maker = self
        self.source, self.made = node, made
        return made

class Square(Operation):
    def forward(self, x):
        return x ** 2

    def backward(self, upstream):
        return 2 * self.source.data * upstream

class Exp(Operation):
    def forward(self, x):
        return np.exp(x)

    def backward(self, upstream):
        return np.exp(self.source.data) * upstream

x = Node(np.array(0.5))
y = Square()(Exp()(Square()(x)))
y.grad = np.array(1.0)
y.backward()
print(x.grad)
"""
RIGHT = [Verdict.AGREE] * 3


@pytest.mark.parametrize("way", [RECURSIVE, STACKED], ids=["told what it begins with", "begins with ones"])
def test_each_operation_and_the_way_back_through_a_chain_are_judged(way: str, verdicts: Callable) -> None:
    assert verdicts(NODE + way + OPERATIONS) == RIGHT


def test_a_slip_in_an_operation_is_found_where_it_is(verdicts: Callable) -> None:
    program = NODE + RECURSIVE + OPERATIONS.replace("2 * self.source.data", "self.source.data")
    assert verdicts(program)[:2] == [Verdict.DISAGREE, Verdict.AGREE]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("maker.source.maker is not None", "maker.source.maker is self.maker"),
        ("maker.backward(maker.made.grad)", "maker.backward(self.grad)"),
    ],
    ids=["ends too early", "begins anew"],
)
def test_a_slip_in_the_way_back_is_no_operations_fault(right: str, wrong: str, verdicts: Callable) -> None:
    assert verdicts(NODE + STACKED.replace(right, wrong) + OPERATIONS) == [Verdict.AGREE] * 2 + [Verdict.DISAGREE]
