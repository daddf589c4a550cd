"""One step of Adam, in the middle of a training and at its beginning."""

import numpy as np

from crosscheck.learn.exam import ONE, ORDINARY, Case, Draw, Exam, Wrong, values

FRESH = "fresh"
"""The regime of the first step"""
TINY = 1e-7


def case(draw: Draw) -> Case:
    """Draw a step; some entries are so small that the place of the epsilon shows."""
    M, N = draw.sizes("M", "N", least=2)
    parameter, gradient, mean = draw.normal(M, N), draw.normal(M, N), 0.3 * draw.normal(M, N)
    square = mean**2 + draw.normal(M, N) ** 2
    count = 2 + int(draw.integers(9))
    small = (np.arange(M)[:, None] + np.arange(N)) % 2 == 0
    gradient, mean = (np.where(small, TINY * a, a) for a in (gradient, mean))
    square = np.where(small, TINY**2 * square, square)
    if draw.regime == FRESH:
        count, mean, square = 0, np.zeros((M, N)), np.zeros((M, N))
        gradient[0, 0] = 0.0
    rate = 0.01

    def expect() -> list:
        n, first, second = count + 1, mean + 0.1 * (gradient - mean), square + 0.001 * (gradient * gradient - square)
        up, down = first / (1 - np.power(0.9, n)), second / (1 - np.power(0.999, n))
        return values(parameter - rate * up / (1e-8 + down**0.5), n, first, second)

    return Case((parameter, gradient, count, mean, square, rate), expect)


EXAM = Exam(
    function="adam_step",
    returns=("parameter", "count", "mean", "square"),
    case=case,
    regimes=(ORDINARY, ORDINARY, ONE, FRESH),
    wrong=(
        Wrong(
            "uphill",
            "You walk uphill: the step is added where it should be subtracted.",
            ("parameter - rate", "parameter + rate"),
        ),
        Wrong(
            "not-corrected",
            "You use both means as they are. They started at zero and have not climbed up yet.",
            ("mean / (1 - MEAN_DECAY**count)", "mean"),
            ("square / (1 - SQUARE_DECAY**count)", "square"),
        ),
        Wrong(
            "square-not-corrected",
            "You correct the mean of the gradients, and not the mean of their squares.",
            ("square / (1 - SQUARE_DECAY**count)", "square"),
        ),
        Wrong(
            "mean-not-corrected",
            "You correct the mean of the squares, and not the mean of the gradients.",
            ("mean / (1 - MEAN_DECAY**count)", "mean"),
        ),
        Wrong(
            "counted-from-zero",
            "Your corrections count from 0: the first step would be step number 0.",
            ("MEAN_DECAY**count", "MEAN_DECAY ** (count - 1)"),
            ("SQUARE_DECAY**count", "SQUARE_DECAY ** (count - 1)"),
        ),
        Wrong(
            "counted-from-two",
            "Your corrections count one too far: the first step is step number 1.",
            ("MEAN_DECAY**count", "MEAN_DECAY ** (count + 1)"),
            ("SQUARE_DECAY**count", "SQUARE_DECAY ** (count + 1)"),
        ),
        Wrong(
            "mean-parentheses",
            "Your correction of the mean divides by 1 and then subtracts a power: look at the parentheses.",
            ("mean / (1 - MEAN_DECAY**count)", "mean / 1 - MEAN_DECAY**count"),
        ),
        Wrong(
            "both-parentheses",
            "Your corrections divide by 1 and then subtract a power: look at the parentheses.",
            ("mean / (1 - MEAN_DECAY**count)", "mean / 1 - MEAN_DECAY**count"),
            ("square / (1 - SQUARE_DECAY**count)", "square / 1 - SQUARE_DECAY**count"),
        ),
        Wrong(
            "no-power",
            "You divide by 1 - 0.9 and by 1 - 0.999 at every step. These are right for the first step only.",
            ("MEAN_DECAY**count", "MEAN_DECAY"),
            ("SQUARE_DECAY**count", "SQUARE_DECAY"),
        ),
        Wrong(
            "same-correction",
            "You correct both means by the same number. Each has its own decay.",
            ("SQUARE_DECAY**count", "MEAN_DECAY**count"),
        ),
        Wrong(
            "correction-multiplied",
            "You multiply by the corrections. A mean that is still too small should become larger.",
            ("mean / (1 - MEAN_DECAY**count)", "mean * (1 - MEAN_DECAY**count)"),
            ("square / (1 - SQUARE_DECAY**count)", "square * (1 - SQUARE_DECAY**count)"),
        ),
        Wrong(
            "decays-swapped",
            "You have swapped 0.9 and 0.999: the gradients decay quickly, their squares slowly.",
            ("MEAN_DECAY * mean + (1 - MEAN_DECAY)", "SQUARE_DECAY * mean + (1 - SQUARE_DECAY)"),
            ("SQUARE_DECAY * square + (1 - SQUARE_DECAY)", "MEAN_DECAY * square + (1 - MEAN_DECAY)"),
            ("mean / (1 - MEAN_DECAY**count)", "mean / (1 - SQUARE_DECAY**count)"),
            ("square / (1 - SQUARE_DECAY**count)", "square / (1 - MEAN_DECAY**count)"),
        ),
        Wrong(
            "weights-swapped",
            "Your means keep little and take in much: the old value should have the large weight.",
            ("MEAN_DECAY * mean + (1 - MEAN_DECAY) * gradient", "(1 - MEAN_DECAY) * mean + MEAN_DECAY * gradient"),
            (
                "SQUARE_DECAY * square + (1 - SQUARE_DECAY) * gradient**2",
                "(1 - SQUARE_DECAY) * square + SQUARE_DECAY * gradient**2",
            ),
        ),
        Wrong(
            "mean-is-sum",
            "Your mean takes in the whole gradient, and not a tenth of it.",
            ("(1 - MEAN_DECAY) * gradient", "gradient"),
        ),
        Wrong(
            "squares-are-summed",
            "Your squares are added up as in Adagrad. Here they decay.",
            ("SQUARE_DECAY * square + (1 - SQUARE_DECAY) * gradient**2", "square + gradient**2"),
        ),
        Wrong(
            "not-squared",
            "Your second mean takes in the gradient itself and not its square.",
            ("gradient**2", "gradient"),
        ),
        Wrong(
            "square-of-mean",
            "Your second mean takes in the square of the first one. It takes in the square of the gradient.",
            ("gradient**2", "mean**2"),
        ),
        Wrong(
            "gradient-for-mean",
            "Above the line of your step stands this gradient alone, not the mean of the gradients.",
            ("rate * unbiased_mean", "rate * gradient"),
        ),
        Wrong(
            "momentum-only",
            "Your step is the mean of the gradients alone: nothing is divided by the root of the squares.",
            (" / (np.sqrt(unbiased_square) + EPSILON)", ""),
        ),
        Wrong(
            "sizes",
            "Your second mean takes in the size of the gradient and not its square.",
            ("gradient**2", "np.abs(gradient)"),
        ),
        Wrong(
            "square-decay",
            "Your squares decay by 0.99, and not by `SQUARE_DECAY`.",
            ("SQUARE_DECAY * square + (1 - SQUARE_DECAY)", "0.99 * square + (1 - 0.99)"),
        ),
        Wrong(
            "means-not-kept",
            "You return the means as they came in: what this step has seen is forgotten.",
            ("    mean = MEAN_DECAY", "    before = mean, square\n    mean = MEAN_DECAY"),
            ("return parameter, count, mean, square", "return parameter, count, *before"),
        ),
        Wrong(
            "no-root",
            "You divide by the mean of the squares itself: the root is missing.",
            ("np.sqrt(unbiased_square)", "unbiased_square"),
        ),
        Wrong(
            "epsilon-inside",
            "Your epsilon stands under the root. Here it is added to it.",
            ("(np.sqrt(unbiased_square) + EPSILON)", "np.sqrt(unbiased_square + EPSILON)"),
        ),
        Wrong(
            "epsilon-added-to-step",
            "Your epsilon is added to the quotient, not to the root: look at the parentheses.",
            ("(np.sqrt(unbiased_square) + EPSILON)", "np.sqrt(unbiased_square) + EPSILON"),
        ),
        Wrong(
            "no-epsilon",
            "There is no epsilon: an entry that never had a gradient becomes 0 / 0.",
            ("(np.sqrt(unbiased_square) + EPSILON)", "np.sqrt(unbiased_square)"),
        ),
        Wrong(
            "corrected-kept",
            "You return the corrected means. The next step would correct them once more.",
            ("return parameter, count, mean, square", "return parameter, count, unbiased_mean, unbiased_square"),
        ),
        Wrong(
            "count-not-kept",
            "You return the count as it came in: the next step would take itself for this one.",
            ("return parameter, count,", "return parameter, count - 1,"),
        ),
        Wrong("no-rate", "The step size `rate` is not in your step.", ("rate * unbiased_mean", "unbiased_mean")),
    ),
    also_right=(
        (("(1 - MEAN_DECAY) * gradient", "0.1 * gradient"),),
        (("MEAN_DECAY * mean + (1 - MEAN_DECAY) * gradient", "mean + (1 - MEAN_DECAY) * (gradient - mean)"),),
    ),
)
