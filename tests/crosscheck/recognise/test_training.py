"""What trains by calling what moves weights, turn after turn, is no gradient of its own."""

import ast

import pytest

from crosscheck.recognise.training import trains_by_calls

MOVES = """
def back(self, x, goal):
    dW, db = self.y - goal, x
    for array, step in zip([self.W, self.b], [dW, db]):
        array -= self.rate * step

def learn(self, data):
    for x, goal in data:
        self.y = self.run(x)
        self.back(x, goal)
"""


def _trains(code: str) -> bool:
    functions = {node.name: node for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)}
    return trains_by_calls(functions["learn"], functions)


def test_arrays_of_an_object_that_are_moved_one_by_one_are_trained() -> None:
    assert _trains(MOVES)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("array -= self.rate * step", "step -= self.rate * array"),
        ("zip([self.W, self.b], [dW, db])", "zip([W, b], [dW, db])"),
        ("for x, goal in data:", "for self, goal in data:"),
    ],
)
def test_clipped_gradients_and_what_a_loop_goes_over_are_not(old: str, new: str) -> None:
    assert old in MOVES
    assert not _trains(MOVES.replace(old, new))
