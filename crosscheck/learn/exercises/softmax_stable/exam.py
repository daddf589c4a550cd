"""Loss and gradient of many predictions, with logits up to many thousands."""

import numpy as np

from crosscheck.learn.exam import HUGE, ONE, ORDINARY, Case, Draw, Exam, Expected, Wrong, gradients, values
from crosscheck.learn.exercises.softmax_stable.solution import softmax_loss

LIFTED = "lifted"
"""All logits are large, and close to each other"""


def case(draw: Draw) -> Case:
    """Draw logits, with a target in each row."""
    N, V = draw.size("N"), draw.size("V", least=2)
    y, targets = draw.normal(N, V) * draw.scale, draw.integers(V, N)
    if draw.regime == LIFTED:
        y += 1000
    if draw.regime == HUGE:
        y += 10000 * np.arange(N)[:, None]  # no row is near another

    def expect() -> list[Expected]:
        losses = [np.logaddexp.reduce(row) - row[target] for row, target in zip(y, targets, strict=True)]
        return values(np.mean(losses)) + gradients(lambda y: softmax_loss(y, targets)[0], y)

    return Case((y, targets), expect)


EXAM = Exam(
    function="softmax_loss",
    returns=("loss", "dy"),
    case=case,
    regimes=(ORDINARY, ORDINARY, ORDINARY, ONE, LIFTED, HUGE, HUGE),
    wrong=(
        Wrong(
            "no-shift",
            "It is right for small logits. Large ones overflow: nothing is subtracted before the exponential.",
            ("shifted = y - np.max(y, axis=1, keepdims=True)", "shifted = 1 * y"),
        ),
        Wrong(
            "one-shift-for-all",
            "You subtract the largest logit of all rows. In a row that lies far below it, every exponential becomes 0.",
            ("np.max(y, axis=1, keepdims=True)", "np.max(y)"),
        ),
        Wrong(
            "shift-by-column",
            "You subtract from each column its largest entry. Within a row all logits must be shifted by the same "
            "number.",
            ("np.max(y, axis=1, keepdims=True)", "np.max(y, axis=0, keepdims=True)"),
        ),
        Wrong(
            "shift-by-mean",
            "You subtract the mean of each row. That may leave a number so large that its exponential overflows.",
            ("np.max(y, axis=1, keepdims=True)", "np.mean(y, axis=1, keepdims=True)"),
        ),
        Wrong(
            "log-of-p",
            "Your loss is right as long as p is not rounded to 0. Then you take the logarithm of 0.",
            ("np.log(total[:, 0]) - shifted[rows, targets]", "-np.log(e[rows, targets] / total[:, 0])"),
        ),
        Wrong(
            "softened",
            "You keep p away from 0, by something like 1e-12. So the loss stops growing at 27, however wrong the "
            "network is.",
            ("np.log(total[:, 0]) - shifted[rows, targets]", "-np.log(e[rows, targets] / total[:, 0] + 1e-12)"),
        ),
        Wrong(
            "half-shifted",
            "In your loss the sum is shifted, and the logit of the target is not.",
            ("- shifted[rows, targets]", "- y[rows, targets]"),
        ),
        Wrong(
            "loss-summed",
            "Your loss is the sum over the predictions. Asked for is their mean.",
            ("np.mean(losses)", "np.sum(losses)"),
        ),
        Wrong(
            "gradient-of-the-sum",
            "Your gradient is that of the sum over the predictions. The loss is their mean.",
            ("dy / len(y)", "dy"),
        ),
        Wrong(
            "all-summed",
            "Loss and gradient are those of the sum over the predictions. Asked for is their mean.",
            ("np.mean(losses), dy / len(y)", "np.sum(losses), dy"),
        ),
        Wrong(
            "divided-by-all",
            "You divide the gradient by the number of all logits. The mean is taken over the predictions.",
            ("dy / len(y)", "dy / y.size"),
        ),
        Wrong(
            "no-target",
            "Your gradient pushes down what was expected, and leaves it at that. Nothing is pushed up.",
            ("dy[rows, targets] -= 1", "pass"),
        ),
        Wrong(
            "sign",
            "Your gradient has the wrong sign: it pushes up what was expected, and pushes down what came.",
            ("dy / len(y)", "-dy / len(y)"),
        ),
        Wrong(
            "added",
            "You add 1 at the targets. In the loss the logit of the target has a minus.",
            ("dy[rows, targets] -= 1", "dy[rows, targets] += 1"),
        ),
        Wrong(
            "negative-loss",
            "Your loss has the wrong sign: a surprise is never negative.",
            ("np.mean(losses), ", "-np.mean(losses), "),
        ),
        Wrong(
            "half-negative",
            "In your loss the logit of the target is added. The more it was expected, the smaller is the surprise.",
            ("- shifted[rows, targets]", "+ shifted[rows, targets]"),
        ),
        Wrong(
            "total-by-column",
            "You sum the exponentials along the other axis: over the predictions. A probability belongs to a row.",
            ("total = np.sum(e, axis=1, keepdims=True)", "total = np.sum(e, axis=0, keepdims=True)"),
        ),
        Wrong(
            "all-targets",
            "You take 1 away in every row at the targets of all rows. A colon in an index means all of them.",
            ("dy[rows, targets] -= 1", "dy[:, targets] -= 1"),
        ),
        Wrong(
            "one-total",
            "Your probabilities sum to 1 over all predictions together. Each row is a prediction of its own.",
            ("np.sum(e, axis=1, keepdims=True)", "np.sum(e, axis=1, keepdims=True) * 0 + np.sum(e)"),
        ),
    ),
    also_right=(
        (("np.log(total[:, 0]) - shifted[rows, targets]", "np.logaddexp.reduce(y, axis=1) - y[rows, targets]"),),
    ),
)
