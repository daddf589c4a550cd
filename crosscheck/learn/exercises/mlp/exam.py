"""The four gradients of a network with one hidden layer."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.mlp.solution import mlp_forward


def case(draw: Draw) -> Case:
    """Draw a network and some examples."""
    N, D, H = draw.sizes("N", "D", "H")
    V = draw.size("V", least=2)
    X, targets = draw.normal(N, D), draw.integers(V, N)
    parameters = draw.normal(D, H) / np.sqrt(D), draw.normal(H), draw.normal(H, V) / np.sqrt(H), draw.normal(V)
    dloss = float(draw.random.uniform(1.5, 3))
    _, cache = mlp_forward(X, targets, *parameters)
    return Case((dloss, cache), lambda: gradients(lambda *at: dloss * mlp_forward(X, targets, *at)[0], *parameters))


EXAM = Exam(
    function="mlp_backward",
    returns=("dW1", "db1", "dW2", "db2"),
    case=case,
    withheld=("mlp_forward",),
    wrong=(
        Wrong(
            "gradient-of-the-sum",
            "These are gradients of the sum over the examples. The loss is their mean.",
            ("dloss / len(X)", "dloss"),
        ),
        Wrong(
            "without-upstream",
            "A factor is missing: `dloss` is how fast a later quantity moves with the loss, and it is not 1.",
            ("dloss / len(X)", "1 / len(X)"),
        ),
        Wrong(
            "neither-mean-nor-upstream",
            "Two factors are missing: `dloss`, and the one of the mean over the examples.",
            ("dy *= dloss / len(X)  # the loss is a mean", "pass"),
        ),
        Wrong(
            "divided-by-all",
            "You divide by the number of all logits. The mean is taken over the examples.",
            ("dloss / len(X)", "dloss / p.size"),
        ),
        Wrong(
            "sign",
            "Your signs are wrong: you push up what was expected, and push down what came.",
            ("dy *= dloss", "dy *= -dloss"),
        ),
        Wrong(
            "no-target",
            "Your gradient of the logits is p alone: at the targets something is missing.",
            ("dy[np.arange(len(X)), targets] -= 1", "pass"),
        ),
        Wrong(
            "all-targets",
            "You take 1 away in every row at the targets of all rows. Each example has one target of its own.",
            ("dy[np.arange(len(X)), targets] -= 1", "dy[:, targets] -= 1"),
        ),
        Wrong(
            "no-slope",
            "The tanh is missing: the first layer gets the gradient of h, and not that of z.",
            ("dh * (1 - h**2)", "dh"),
        ),
        Wrong(
            "slope-not-squared",
            "Your slope of the tanh is 1 - h. Look at your solution of that exercise.",
            ("1 - h**2", "1 - h"),
        ),
        Wrong(
            "slope-of-sigmoid",
            "Your slope is h (1 - h): that is the derivative of the sigmoid.",
            ("1 - h**2", "h * (1 - h)"),
        ),
        Wrong(
            "tanh-twice",
            "Your slope takes the tanh of `h` once more: `h` is the tanh already.",
            ("1 - h**2", "1 - np.tanh(h) ** 2"),
        ),
        Wrong(
            "slope-of-relu",
            "Your slope is 1 where `h` is positive and 0 elsewhere: that is a rectifier.",
            ("(1 - h**2)", "(h > 0)"),
        ),
        Wrong(
            "dw1-without-slope",
            "Your `dW1` uses the gradient of `h`, before the tanh. The first layer makes z, not `h`.",
            ("X.T @ dz", "X.T @ dh"),
        ),
        Wrong(
            "db1-without-slope",
            "Your `db1` uses the gradient of `h`, before the tanh. The first layer makes z, not `h`.",
            ("dz.sum(axis=0)", "dh.sum(axis=0)"),
        ),
        Wrong(
            "dw2-with-slope",
            "The slope of the tanh is in your `dW2` as well. The upper layer stands above the tanh.",
            ("h.T @ dy", "(h * (1 - h**2)).T @ dy"),
        ),
        Wrong(
            "w2-not-transposed",
            "You go back through `W2` as the forward pass went through it. Its axes change roles.",
            ("dy @ W2.T", "dy @ W2"),
        ),
        Wrong(
            "w2-skipped",
            "The gradient of the logits goes straight to the tanh. Between them stands `W2`.",
            ("dy @ W2.T", "1 * dy"),
        ),
        Wrong(
            "dw2-transposed",
            "Your `dW2` is the transpose of the gradient: its shape is (V, H).",
            ("h.T @ dy", "dy.T @ h"),
        ),
        Wrong(
            "dw1-transposed",
            "Your `dW1` is the transpose of the gradient: its shape is (H, D).",
            ("X.T @ dz", "dz.T @ X"),
        ),
        Wrong(
            "dw1-from-h",
            "Your `dW1` is made with `h`. What is `W1` multiplied by in the forward pass?",
            ("X.T @ dz", "h.T @ dz"),
        ),
        Wrong(
            "db2-mean",
            "Your `db2` is a mean over the examples. The mean of the loss is in the gradient of the logits already.",
            ("dy.sum(axis=0)", "dy.mean(axis=0)"),
        ),
        Wrong(
            "db1-mean",
            "Your `db1` is a mean over the examples. The mean of the loss is in the gradient of the logits already.",
            ("dz.sum(axis=0)", "dz.mean(axis=0)"),
        ),
        Wrong(
            "weights-divided-again",
            "You divide `dW1` and `dW2` by N once more. The mean of the loss is in the gradient of the logits already.",
            ("X.T @ dz", "X.T @ dz / len(X)"),
            ("h.T @ dy", "h.T @ dy / len(X)"),
        ),
        Wrong(
            "db2-not-summed",
            "Your `db2` has a row for each example. `b2` is one row, used in all of them.",
            ("dy.sum(axis=0)", "1 * dy"),
        ),
        Wrong(
            "db1-not-summed",
            "Your `db1` has a row for each example. `b1` is one row, used in all of them.",
            ("dz.sum(axis=0)", "1 * dz"),
        ),
    ),
    also_right=((("1 - h**2", "(1 - h) * (1 + h)"),), (("h.T @ dy", "(dy.T @ h).T"),)),
)
