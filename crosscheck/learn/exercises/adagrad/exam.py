"""One step of Adagrad, with some memory and with none."""

import numpy as np

from crosscheck.learn.exam import ONE, ORDINARY, Case, Draw, Exam, Wrong, values

FRESH = "fresh"
"""The regime of the first step: memory is zero, and so is some of the gradient"""
TINY = 1e-4


def case(draw: Draw) -> Case:
    """Draw gradients of which some are so small that the place of the epsilon shows."""
    M, N = draw.sizes("M", "N", least=2)
    parameter, gradient = draw.normal(M, N), draw.normal(M, N)
    memory = draw.normal(M, N) ** 2
    small = (np.arange(M)[:, None] + np.arange(N)) % 2 == 0
    gradient = np.where(small, TINY * gradient, gradient)
    memory = np.where(small, TINY**2 * memory, memory)
    if draw.regime == FRESH:
        memory = np.zeros((M, N))
        gradient[0, 0] = 0.0
    rate = 0.1

    def expect() -> list:
        remembered = memory + np.square(gradient)
        step = rate / np.sqrt(remembered + 1e-8)
        return values(parameter - step * gradient, remembered)

    return Case((parameter, gradient, memory, rate), expect)


EXAM = Exam(
    function="adagrad_step",
    returns=("parameter", "memory"),
    case=case,
    regimes=(ORDINARY, ORDINARY, ONE, FRESH, FRESH),
    wrong=(
        Wrong(
            "uphill",
            "You walk uphill: the step is added where it should be subtracted.",
            ("parameter - rate", "parameter + rate"),
        ),
        Wrong(
            "old-memory",
            "Your step is divided by the memory that came in. The square of this gradient belongs in it already.",
            ("    memory = memory + gradient**2\n", ""),
            ("    return parameter, memory", "    memory = memory + gradient**2\n    return parameter, memory"),
        ),
        Wrong(
            "memory-not-kept",
            "You return the memory as it came in: what this step has seen is forgotten.",
            ("return parameter, memory", "return parameter, memory - gradient**2"),
        ),
        Wrong(
            "memory-replaced",
            "Your memory holds the square of this gradient only: all earlier ones are gone.",
            ("memory = memory + gradient**2", "memory = gradient**2"),
        ),
        Wrong(
            "memory-decays",
            "Your memory is a decaying mean, as in RMSprop. Adagrad forgets nothing: it adds.",
            ("memory + gradient**2", "0.9 * memory + 0.1 * gradient**2"),
        ),
        Wrong(
            "not-squared",
            "You add the gradient itself to the memory, where plus and minus cancel. Its square is what is remembered.",
            ("memory + gradient**2", "memory + gradient"),
        ),
        Wrong(
            "sizes",
            "You add the size of the gradient to the memory. Its square is what is remembered.",
            ("memory + gradient**2", "memory + np.abs(gradient)"),
        ),
        Wrong(
            "mean-of-squares",
            "Your memory adds the mean of the squares: all entries share one step size. Each has its own.",
            ("memory + gradient**2", "memory + np.mean(gradient**2)"),
        ),
        Wrong(
            "sum-of-squares",
            "Your memory adds the sum of the squares of all entries. Each entry remembers its own.",
            ("memory + gradient**2", "memory + np.sum(gradient**2)"),
        ),
        Wrong(
            "no-root",
            "You divide by the memory itself: the root is missing.",
            ("np.sqrt(memory + EPSILON)", "(memory + EPSILON)"),
        ),
        Wrong(
            "epsilon-outside",
            "Your epsilon is added to the root. Here it stands under it.",
            ("np.sqrt(memory + EPSILON)", "(np.sqrt(memory) + EPSILON)"),
        ),
        Wrong(
            "epsilon-added-to-step",
            "Your epsilon is added to the quotient, not under the root: look at the parentheses.",
            ("np.sqrt(memory + EPSILON)", "np.sqrt(memory) + EPSILON"),
        ),
        Wrong(
            "other-epsilon",
            "Your epsilon is 1e-7, and not `EPSILON`.",
            ("memory + EPSILON)", "memory + 1e-7)"),
        ),
        Wrong(
            "one-root-for-all",
            "You divide every entry by the root of the sum over all entries. Each has a root of its own.",
            ("np.sqrt(memory + EPSILON)", "np.sqrt(np.sum(memory) + EPSILON)"),
        ),
        Wrong(
            "no-epsilon",
            "There is no epsilon: an entry that never had a gradient becomes 0 / 0.",
            ("np.sqrt(memory + EPSILON)", "np.sqrt(memory)"),
        ),
        Wrong(
            "root-returned",
            "You return the root of the memory. The next step must find the sum of the squares.",
            ("return parameter, memory", "return parameter, np.sqrt(memory)"),
        ),
        Wrong(
            "memory-with-epsilon",
            "Your memory contains the epsilon: it would be added again at every step.",
            ("return parameter, memory", "return parameter, memory + EPSILON"),
        ),
        Wrong(
            "step-squared",
            "The step has the square of the gradient above the line: every entry moves down, whatever its sign.",
            ("rate * gradient /", "rate * gradient**2 /"),
        ),
        Wrong(
            "sign-only",
            "Your step knows the sign of the gradient only. That is where Adagrad begins, but not all it does.",
            ("rate * gradient / np.sqrt(memory + EPSILON)", "rate * np.sign(gradient)"),
        ),
        Wrong(
            "plain-descent",
            "Your step does not use the memory: that is plain gradient descent.",
            ("rate * gradient / np.sqrt(memory + EPSILON)", "rate * gradient"),
        ),
        Wrong("no-rate", "The step size `rate` is not in your step.", ("rate * gradient", "gradient")),
        Wrong(
            "step-returned",
            "You return the step itself. Asked for is the parameter after the step.",
            ("parameter - rate", "-rate"),
        ),
    ),
    also_right=((("np.sqrt(memory + EPSILON)", "(memory + EPSILON) ** 0.5"),),),
)
