"""The gradient of a table in which some rows were looked up more than once, and some never."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.embedding.solution import embedding_forward


def case(draw: Draw) -> Case:
    """Draw a table and symbols, the first and last of which are the same."""
    T, V, D = draw.sizes("T", "V", "D")
    symbols = draw.integers(V, T)
    symbols[-1] = symbols[0]
    E, dx = draw.normal(V, D), draw.normal(T, D)
    _, cache = embedding_forward(E, symbols)
    return Case((dx, cache), lambda: gradients(lambda E: np.sum(dx * embedding_forward(E, symbols)[0]), E))


EXAM = Exam(
    function="embedding_backward",
    returns=("dE",),
    case=case,
    withheld=("embedding_forward",),
    measure=False,
    wrong=(
        Wrong(
            "last-wins",
            "Where a symbol occurs twice, your `dE` holds what came back from its last place alone: the row was "
            "overwritten.",
            ("np.add.at(dE, symbols, dx)", "dE[symbols] += dx"),
        ),
        Wrong(
            "first-wins",
            "Where a symbol occurs twice, your `dE` holds what came back from its first place alone.",
            ("np.add.at(dE, symbols, dx)", "dE[symbols[::-1]] = dx[::-1]"),
        ),
        Wrong(
            "mean",
            "Where a symbol occurs twice, your `dE` holds the mean of what came back. Each place moves the loss by its "
            "whole amount.",
            (
                "return dE",
                "return dE / np.maximum(np.bincount(symbols, minlength=V), 1)[:, None]",
            ),
        ),
        Wrong(
            "not-spread",
            "You return `dx` itself, with a row for each place in the text. `dE` has a row for each symbol.",
            ("return dE", "return dx.copy()"),
        ),
        Wrong(
            "every-row",
            "Every row of your `dE` holds the sum over the whole text. A row gets only what came from places of its "
            "symbol.",
            ("np.add.at(dE, symbols, dx)", "dE += dx.sum(axis=0)"),
        ),
        Wrong(
            "counts",
            "Your `dE` counts how often each row was used. How fast each use moves the loss is missing.",
            ("np.add.at(dE, symbols, dx)", "np.add.at(dE, symbols, 1.0)"),
        ),
        Wrong(
            "times-count",
            "You multiply the last `dx` of a symbol by how often it occurs. What came back from its other places is "
            "different.",
            (
                "np.add.at(dE, symbols, dx)",
                "dE[symbols] = dx\n    dE *= np.bincount(symbols, minlength=V)[:, None]",
            ),
        ),
        Wrong(
            "mean-over-text",
            "You divide by the length of the text. The forward pass takes no mean.",
            ("return dE", "return dE / len(dx)"),
        ),
        Wrong(
            "unused-filled",
            "Rows of symbols that do not occur hold something in your `dE`. Nothing comes back from where nothing "
            "went.",
            ("np.zeros((V, dx.shape[1]))", "np.ones((V, dx.shape[1]))"),
        ),
        Wrong(
            "by-place",
            "You add `dx[t]` to row t. The place in the text is not the row of the table.",
            ("np.add.at(dE, symbols, dx)", "np.add.at(dE, np.arange(len(dx)), dx)"),
        ),
        Wrong(
            "first-place-dropped",
            "What comes back from the first place of the text is missing.",
            ("np.add.at(dE, symbols, dx)", "np.add.at(dE, symbols[1:], dx[1:])"),
        ),
    ),
    also_right=(
        (("np.add.at(dE, symbols, dx)", "for t, row in enumerate(dx):\n        dE[symbols[t]] += row"),),
        (("np.add.at(dE, symbols, dx)", "dE += np.eye(V)[symbols].T @ dx"),),
    ),
)
