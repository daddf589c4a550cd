"""Trainings by an autograd engine clear the gradients of a turn before those of the next are added."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.source.document import read_text

TURNS = """
class Node:
    def __init__(self, x, of=()):
        self.x, self.g, self.of, self.back = x, 0.0, of, lambda: None
    def __add__(self, other):
        out = Node(self.x + other.x, (self, other))
        def back():
            self.g += out.g
            other.g += out.g
        out.back = back
        return out
    def __mul__(self, other):
        out = Node(self.x * other.x, (self, other))
        def back():
            self.g += other.x * out.g
            other.g += self.x * out.g
        out.back = back
        return out
    def go_back(self):
        order, seen = [], set()
        def visit(node):
            if node not in seen:
                seen.add(node)
                for one in node.of:
                    visit(one)
                order.append(node)
        visit(self)
        self.g = 1.0
        for node in reversed(order):
            node.back()

def prepare(nodes):
    for node in nodes:
        node.g = 0.0

a, b = Node(0.3), Node(-0.4)
for turn in range(20):
    off = a * Node(2.0) + b + Node(-1.0)
    loss = off * off
    {clear}
    loss.go_back()
    for p in (a, b):
        p.x -= 0.1 * p.g
"""


@pytest.mark.parametrize(
    ("clear", "is_right"),
    [
        ("a.g = b.g = 0.0", True),
        ("prepare((a, b))", True),
        ("pass", False),
        ("for q in (a, b): q.g = 0.0", True),
        ("for q in (a,): q.g = 0.0", False),
        ("loss.go_back(); a.g = b.g = 0.0", False),
        ("prepare((a, b)); loss.go_back(); a.g = a.g / 2; b.g = b.g / 2; loss = Node(0.0)", True),
    ],
)
def test_every_turn_has_to_clear_what_the_one_before_left(clear: str, is_right: bool) -> None:
    units = recognise(read_text(TURNS.format(clear=clear), "utf-8", Path("x.py"))).units
    assert units
    assert [fault.code for unit in units for fault in unit.faults] == ([] if is_right else ["update-differs"])
