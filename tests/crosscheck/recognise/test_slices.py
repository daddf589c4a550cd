"""What the loss depends on, and what is left for the backward pass."""

import ast

from crosscheck.recognise.slices import backward_lines

TURN = """
while True:
    y = W * x
    loss = y * y
    dW = 2 * y * x
    x = 0.5
    W -= dW
"""
METHOD = """
def gradients(W, x):
    h = W * x
    loss = h * h
    h = 2 * h
    dW = h * x
    return loss, dW
"""


def test_what_comes_after_the_loss_is_backward_even_where_the_next_turn_depends_on_it() -> None:
    tree = ast.parse(TURN)
    assert backward_lines(tree, tree.body[0], ["loss"]) == {5, 6, 7}  # pyright: ignore[reportArgumentType]


def test_a_name_may_mean_something_else_behind_the_loss() -> None:
    tree = ast.parse(METHOD)
    assert backward_lines(tree, tree.body[0], ["loss"]) == {5, 6}  # pyright: ignore[reportArgumentType]


LAYERS = """
class Line:
    def forward(self, x):
        return self.W * x

    def backward(self, d):
        return self.W * d

class Curve:
    def forward(self, x):
        return x * x

    def backward(self, d):
        return 2 * d

def forward(x):
    return curve.forward(line.forward(x))

def gradient(d):
    d = line.backward(curve.backward(d))
    return d
"""


def test_methods_of_one_name_are_all_backward() -> None:
    tree = ast.parse(LAYERS)
    assert {7, 14} <= backward_lines(tree, tree.body[-1], [])  # pyright: ignore[reportArgumentType]
