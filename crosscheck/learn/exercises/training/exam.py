"""A training: exact for a few steps of small networks, and then good enough on two sonnets."""

from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np

from crosscheck.learn.exam import ONE, ORDINARY, Case, Draw, Exam, Expected, Wrong, rule, values
from crosscheck.learn.exercises.training.solution import train

SONNETS = "sonnets"
"""The regime of the long training"""
GOAL = 2.08
"""Nats per letter: the entropy of a letter of the sonnets, given the one before. 200 trainings ended at 1.48 to 1.99"""
STEPS, WINDOW, HIDDEN, EARLY = 700, 20, 32, 5
UNKNOWN = "Small networks are trained wrongly already, and it is no mistake that I know: see which number is off first."
NAMES = ("losses", "Wxh", "Whh", "Why", "bh", "by")


def case(draw: Draw) -> Case:
    """Draw a few steps of a small network, over a text that is too short for them; or a training on the sonnets."""
    if draw.regime == SONNETS:
        return _sonnets(draw)
    small = _small(draw)
    return Case((*small, None), lambda: _expected(*small))


def _small(draw: Draw) -> tuple:
    window = draw.size("window", least=3)
    V, H = draw.sizes("V", "H", least=2)
    K = 2 * window + 1 + (0 if draw.regime == ONE else int(draw.integers(window)))
    draw.named |= {"length of the text": K}
    steps, rate, bound = 4, 0.1, 0.5
    return draw.integers(V, K), _start(draw, V, H, 0.7), steps, window, rate, bound


def _start(draw: Draw, V: int, H: int, size: float) -> list[np.ndarray]:
    return [size * draw.normal(*shape) for shape in ((H, V), (H, H), (V, H), (H,), (V,))]


def _loss(parameters: list[np.ndarray], symbols: np.ndarray, state: np.ndarray) -> tuple[Any, np.ndarray]:
    """Return the loss of predicting each symbol but the first, and the state at the end."""
    Wxh, Whh, Why, bh, by = parameters
    total = 0
    for symbol, following in pairwise(symbols):
        state = np.tanh(Wxh[:, symbol] + Whh @ state + bh)
        y = Why @ state + by
        total = total + np.log(np.sum(np.exp(y))) - y[following]
    return total, state


def _expected(
    text: np.ndarray, start: list[np.ndarray], steps: int, window: int, rate: float, bound: float
) -> list[Expected]:
    """Train with gradients by complex steps: each parameter is moved by an imaginary hair, which shows in the loss."""
    flat = np.concatenate([p.ravel() for p in start]).astype(complex)
    ends = np.cumsum([p.size for p in start])[:-1]

    def arrays() -> list[np.ndarray]:
        return [part.reshape(p.shape) for part, p in zip(np.split(flat, ends), start, strict=True)]

    memory, losses, hair = np.zeros(len(flat)), np.zeros(steps), 1e-30
    place, state = 0, np.zeros(len(start[1]))
    for step in range(steps):
        if len(text) - place <= window:
            place, state = 0, np.zeros(len(state))
        symbols, gradient = text[place : place + window + 1], np.zeros(len(flat))
        for i in range(len(flat)):
            flat[i] += hair * 1j
            gradient[i] = _loss(arrays(), symbols, state)[0].imag / hair
            flat[i] = flat[i].real
        loss, after = _loss(arrays(), symbols, state)
        losses[step], state = np.real(loss), np.real(after)
        gradient = np.clip(gradient, -bound, bound)
        memory += gradient**2
        flat -= rate * gradient / np.sqrt(memory + 1e-8)
        place += window
    return values(losses, *(np.real(p) for p in arrays()))


@cache
def _symbols() -> np.ndarray:
    text = files("crosscheck.builtin").joinpath("sonnets.txt").read_text(encoding="utf-8")
    letters = sorted(set(text))
    return np.array([letters.index(letter) for letter in text])


def _sonnets(draw: Draw) -> Case:
    text, small = _symbols(), _small(draw)
    start = _start(draw, int(text.max()) + 1, HIDDEN, 0.1)
    arguments = (text, start, STEPS, WINDOW, 0.1, 5.0)
    draw.named.clear()

    def accepts(returned: Any) -> str | None:
        return _refusal(returned["trained"], arguments) if "trained" in returned else UNKNOWN

    def anything(_returned: Any) -> None:
        return None

    rules = [accepts, *[anything] * (len(NAMES) - 1)]
    return Case((*arguments, (small, train(*small))), lambda: [one for accepts in rules for one in rule(accepts)])


def _refusal(trained: Any, arguments: tuple) -> str | None:
    text, start = arguments[:2]
    losses, *parameters = trained
    if np.shape(losses) != (STEPS,) or [np.shape(p) for p in parameters] != [p.shape for p in start]:
        return f"On the sonnets, what it returns after {STEPS} steps has other shapes than it should."
    if not np.allclose(losses[:EARLY], train(text, start, EARLY, *arguments[3:])[0]):
        return "Small networks are trained rightly, but on the sonnets the first losses are wrong already."
    reached = float(_loss(parameters, text, np.zeros(HIDDEN))[0]) / (len(text) - 1)
    if reached < GOAL:
        return None
    return (
        f"The first steps are right, but on the sonnets it ends at {reached:.2f} nats per letter after {STEPS} steps; "
        f"the table of pairs needs {GOAL}."
    )


EXAM = Exam(
    function="train",
    returns=NAMES,
    case=case,
    regimes=(ORDINARY, ORDINARY, ONE, SONNETS),
    measure=False,
    wrong=(
        Wrong(
            "no-carry",
            "Nothing comes back from the steps that follow in the window: the carry is missing from your states.",
            ("(dh[t] + carry)", "dh[t]"),
        ),
        Wrong(
            "carry-not-transposed",
            "Your carry is multiplied by `Whh` with its axes as in the forward pass.",
            ("Whh.T @ dz[t]", "Whh @ dz[t]"),
        ),
        Wrong(
            "carry-past-tanh",
            "Your carry went through `Whh`, but not through the tanh of its step.",
            ("carry = Whh.T @ dz[t]", "carry = Whh.T @ (dh[t] + carry)"),
        ),
        Wrong(
            "carry-accumulates",
            "Your carry keeps what it held and adds to it. What step t passes back is all there is to carry.",
            ("carry = Whh.T @ dz[t]", "carry = carry + Whh.T @ dz[t]"),
        ),
        Wrong(
            "no-slope",
            "Your gradients go from the states straight to z: the tanh is left out.",
            ("(1 - h[t + 1] ** 2) * ", ""),
        ),
        Wrong(
            "slope-of-state-before",
            "Your slope of the tanh is taken at the state that the step read, not at the one that it made.",
            ("1 - h[t + 1] ** 2", "1 - h[t] ** 2"),
        ),
        Wrong(
            "state-after",
            "Your `dWhh` is multiplied by the states that the steps made. Which states met `Whh`?",
            ("dz.T @ h[:-1]", "dz.T @ h[1:]"),
        ),
        Wrong(
            "outputs-read-state-before",
            "Your `dWhy` is multiplied by the states that the steps read. Which states met `Why`?",
            ("dy.T @ h[1:]", "dy.T @ h[:-1]"),
        ),
        Wrong(
            "target-not-subtracted",
            "Your dy is the probabilities alone: nothing says which letter really came.",
            ("dy[np.arange(window), targets] -= 1", "pass"),
        ),
        Wrong(
            "inputs-as-targets",
            "Your gradients and losses ask for the letter just read, not for the one after it.",
            ("text[start + 1 : start + window + 1]", "text[start : start + window]"),
        ),
        Wrong(
            "backward-inputs-as-targets",
            "Your losses are right, but dy has its 1 taken off at the letters read, not at those that follow.",
            ("dy[np.arange(window), targets]", "dy[np.arange(window), inputs]"),
        ),
        Wrong(
            "repeats-lost",
            "Where a letter occurs twice in a window, your `dWxh` keeps the term of one occurrence only.",
            ("dWxh[:, inputs[t]] += dz[t]", "dWxh[:, inputs[t]] = dz[t]"),
        ),
        Wrong(
            "state-not-handed-on",
            "Each of your windows starts from zeros. It should start from the state in which the one before it ended.",
            ("start + window, h[-1]", "start + window, np.zeros(len(state))"),
        ),
        Wrong(
            "state-of-last-but-one",
            "You hand on the state before the last step of the window: one letter is forgotten.",
            ("start + window, h[-1]", "start + window, h[-2]"),
        ),
        Wrong(
            "state-not-reset",
            "When your text begins again, the state still remembers its end. It should be zeros there.",
            ("start, state = 0, np.zeros(len(state))\n        inputs", "start = 0\n        inputs"),
        ),
        Wrong(
            "begins-again-too-early",
            "You begin again although window + 1 symbols are left: the last full window is never read.",
            ("start + window + 1 > len(text)", "start + window + 1 >= len(text)"),
        ),
        Wrong(
            "windows-overlap",
            "Your windows overlap: the next one begins one letter further, not where this one ended.",
            ("start, state = start + window,", "start, state = start + 1,"),
        ),
        Wrong(
            "last-symbol-skipped",
            "Between your windows a letter is left out: the last target is the first input of the next window.",
            ("start, state = start + window,", "start, state = start + window + 1,"),
        ),
        Wrong(
            "never-moves-on",
            "You read the first window again and again.",
            ("start, state = start + window, h[-1]", "pass"),
        ),
        Wrong(
            "not-clipped",
            "Nothing is clipped at `bound`: the gradients enter the update as they are.",
            ("np.clip(gradient, -bound, bound)", "gradient"),
        ),
        Wrong(
            "step-not-clipped",
            "You clip what goes into the memory, and take the step with what was not clipped.",
            ("rate * clipped", "rate * gradient"),
        ),
        Wrong(
            "clipped-inside",
            "You clip inside of the loop over the steps. What is carried back there is still needed whole.",
            ("carry = Whh.T @ dz[t]", "carry = np.clip(Whh.T @ dz[t], -bound, bound)"),
        ),
        Wrong(
            "memory-forgotten",
            "The memory of Adagrad starts at zero again in every step. It lives as long as the training.",
            ("m += clipped**2", "m[:] = clipped**2"),
        ),
        Wrong(
            "old-memory",
            "Your step is divided by the memory of earlier steps. The square of this gradient belongs in it already.",
            ("            m += clipped**2\n", ""),
            ("(m + EPSILON)", "(m + EPSILON)\n            m += clipped**2"),
        ),
        Wrong(
            "epsilon-outside",
            "Your epsilon is added to the root. Here it stands under it.",
            ("np.sqrt(m + EPSILON)", "(np.sqrt(m) + EPSILON)"),
        ),
        Wrong(
            "plain-descent",
            "Your update is plain gradient descent: nothing is divided by the root of the memory.",
            (" / np.sqrt(m + EPSILON)", ""),
        ),
        Wrong(
            "uphill",
            "You walk uphill: the step is added where it should be subtracted.",
            ("p -= rate", "p += rate"),
        ),
        Wrong(
            "output-bias-fixed",
            "Your by never moves: its gradient is the sum of dy over the steps.",
            ("dy.sum(axis=0)\n", "0 * dy.sum(axis=0)\n"),
        ),
        Wrong(
            "gradients-pile-up",
            "Your gradients still hold those of the windows before: they must be made anew for each.",
            ("losses = np.zeros(steps)", "losses, piled = np.zeros(steps), [0, 0, 0, 0, 0]"),
            (
                "        gradients = [dWxh, dWhh, dWhy, dbh, dby]",
                "        gradients = piled = [a + b for a, b in zip(piled, [dWxh, dWhh, dWhy, dbh, dby])]",
            ),
        ),
        Wrong(
            "means",
            "Your losses and gradients are means over the window. Asked for are sums.",
            ("bh, by))\n", "bh, by))\n        losses[step] /= window\n"),
            ("dy[np.arange(window), targets] -= 1", "dy[np.arange(window), targets] -= 1\n        dy = dy / window"),
        ),
        Wrong(
            "losses-are-means",
            "Your `losses` are means over the window. Asked for are sums.",
            ("return losses,", "return losses / window,"),
        ),
        Wrong(
            "start-returned",
            "You return the parameters that came in, and not the trained ones.",
            ("return losses, Wxh, Whh, Why, bh, by", "return losses, *parameters"),
        ),
    ),
    also_right=(
        (
            (
                "        for t in range(window):\n            dWxh[:, inputs[t]] += dz[t]\n",
                "        np.add.at(dWxh.T, inputs, dz)\n",
            ),
        ),
    ),
)
