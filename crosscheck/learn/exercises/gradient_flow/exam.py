"""The length of the gradient of each state, by lag."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, values
from crosscheck.learn.exercises.gradient_flow.solution import rnn_forward

GAINS = (0.5, 1.0, 1.5)


def case(draw: Draw) -> Case:
    """Draw a network that forgets, one on the ridge, or one that explodes."""
    T = draw.size("T", least=3)
    N, H = draw.sizes("N", "H", least=2)
    x, h0, bh = 0.5 * draw.normal(T, N), 0.5 * draw.normal(H), 0.1 * draw.normal(H)
    gain = draw.random.choice(GAINS)
    Wxh, Whh = draw.normal(H, N) / np.sqrt(N), gain * draw.normal(H, H) / np.sqrt(H)
    dlast = draw.normal(H)
    _, cache = rnn_forward(x, h0, Wxh, Whh, bh)

    def expect() -> list:
        h, jacobian, norms = cache[0], np.eye(H), []
        for t in range(T, -1, -1):
            norms.append(np.sqrt(np.sum((dlast @ jacobian) ** 2)))
            jacobian = jacobian @ np.diag(1 - h[t] ** 2) @ Whh
        return values(norms)

    return Case((dlast, cache), expect)


EXAM = Exam(
    function="gradient_flow",
    returns=("norms",),
    case=case,
    withheld=("rnn_forward",),
    wrong=(
        Wrong(
            "by-step",
            "Your `norms` are in the order of the steps. Entry 0 belongs to the last state, entry T to the first.",
            ("return np.array(norms)", "return np.array(norms)[::-1]"),
        ),
        Wrong(
            "not-transposed",
            "You multiply by `Whh` as the forward pass does. Going back, its axes change roles.",
            ("Whh.T @ dz", "Whh @ dz"),
        ),
        Wrong(
            "no-slope",
            "You go back through `Whh` only. Between h[t + 1] and the product lies a tanh.",
            ("(1 - h[t + 1] ** 2) * dh", "dh"),
        ),
        Wrong(
            "no-product",
            "You go back through the tanh only. Between two states lies a product with `Whh` as well.",
            ("Whh.T @ dz", "dz"),
        ),
        Wrong(
            "slope-of-state-before",
            "Your slope is taken at h[t], the state that step t read. Its tanh made another one.",
            ("1 - h[t + 1] ** 2", "1 - h[t] ** 2"),
        ),
        Wrong(
            "slope-not-squared",
            "Your slope of the tanh is 1 - h, without the square.",
            ("1 - h[t + 1] ** 2", "1 - h[t + 1]"),
        ),
        Wrong(
            "slope-of-sigmoid",
            "Your slope is h (1 - h): that is the derivative of the sigmoid.",
            ("1 - h[t + 1] ** 2", "h[t + 1] * (1 - h[t + 1])"),
        ),
        Wrong(
            "slope-of-last-state",
            "Your slope is taken at the last state, in every step.",
            ("1 - h[t + 1] ** 2", "1 - h[-1] ** 2"),
        ),
        Wrong(
            "slope-twice",
            "You multiply by the slope of the tanh twice in each step.",
            ("(1 - h[t + 1] ** 2) * dh", "(1 - h[t + 1] ** 2) ** 2 * dh"),
        ),
        Wrong(
            "square-of-difference",
            "Your slope is (1 - h)². In the formula only the tanh is squared, not the difference.",
            ("1 - h[t + 1] ** 2", "(1 - h[t + 1]) ** 2"),
        ),
        Wrong(
            "tanh-twice",
            "Your slope takes the tanh of a state. A state is the tanh of z already.",
            ("1 - h[t + 1] ** 2", "1 - np.tanh(h[t + 1]) ** 2"),
        ),
        Wrong(
            "product-before-slope",
            "You go through `Whh` first and then through the tanh. The forward pass did the tanh last.",
            ("dz = (1 - h[t + 1] ** 2) * dh", "dz = Whh.T @ dh"),
            ("dh = Whh.T @ dz", "dh = (1 - h[t + 1] ** 2) * dz"),
        ),
        Wrong(
            "norm-of-dz",
            "You write down the length of the gradient of z. Asked for is that of the state, one product further back.",
            ("        norms.append(np.linalg.norm(dh))", "        norms.append(np.linalg.norm(dz))"),
        ),
        Wrong(
            "outside-at-every-step",
            "You add `dlast` at every step. The loss sees the last state only, and none on the way.",
            ("dh = Whh.T @ dz", "dh = Whh.T @ dz + dlast"),
        ),
        Wrong(
            "squared",
            "Your `norms` are squares: the root is missing.",
            ("return np.array(norms)", "return np.array(norms) ** 2"),
        ),
        Wrong(
            "sum-of-sizes",
            "You add up the sizes of the entries. A length is the root of the sum of the squares.",
            ("    norms = [np.linalg.norm(dh)]", "    norms = [np.abs(dh).sum()]"),
            ("        norms.append(np.linalg.norm(dh))", "        norms.append(np.abs(dh).sum())"),
        ),
        Wrong(
            "mean-square",
            "You take the mean of the squares under the root. A length has their sum.",
            ("return np.array(norms)", "return np.array(norms) / np.sqrt(len(Whh))"),
        ),
        Wrong(
            "logarithms",
            "Your `norms` are logarithms. Only the picture is logarithmic.",
            ("return np.array(norms)", "return np.log(norms)"),
        ),
        Wrong(
            "piled-up",
            "Your `norms` add up from lag to lag.",
            ("return np.array(norms)", "return np.cumsum(norms)"),
        ),
        Wrong(
            "largest-entry",
            "You take the largest entry of each gradient. A length is the root of the sum of the squares.",
            ("    norms = [np.linalg.norm(dh)]", "    norms = [np.abs(dh).max()]"),
            ("        norms.append(np.linalg.norm(dh))", "        norms.append(np.abs(dh).max())"),
        ),
        Wrong(
            "last-state-missing",
            "The last state is missing: entry 0 is the length of `dlast` itself, 0 steps back.",
            ("return np.array(norms)", "return np.array(norms[1:])"),
        ),
        Wrong(
            "initial-state-missing",
            "The initial state is missing: there are T steps, and T + 1 states.",
            ("return np.array(norms)", "return np.array(norms[:-1])"),
        ),
        Wrong(
            "relative",
            "You divide by the length of `dlast`. Asked for are the lengths themselves.",
            ("return np.array(norms)", "return np.array(norms) / norms[0]"),
        ),
        Wrong(
            "states-themselves",
            "These are the lengths of the states. How the loss moves with them is another matter.",
            ("return np.array(norms)", "return np.sqrt((h**2).sum(axis=1))[::-1]"),
        ),
        Wrong(
            "without-upstream",
            "You start from ones in place of `dlast`.",
            ("dh = dlast", "dh = np.ones_like(dlast)"),
        ),
    ),
    also_right=((("    norms = [np.linalg.norm(dh)]", "    norms = [np.sqrt(dh @ dh)]"),),),
)
