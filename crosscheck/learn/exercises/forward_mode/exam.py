"""Real-time recurrent learning: its table of derivatives, and the gradient that it gives."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Expected, Wrong, gradients
from crosscheck.learn.exercises.forward_mode.solution import states_forward

STEP = "(1 - h[t + 1] ** 2)[:, None, None] * dz"
SPREAD = 'np.einsum("kl,lij->kij", U, J)'


def case(draw: Draw) -> Case:
    """Draw a network without weights for its inputs."""
    T = draw.size("T", least=3)
    H = draw.size("H", least=2)
    x, h0, dh = draw.normal(T, H), draw.normal(H), draw.normal(T, H)
    U = draw.normal(H, H) / np.sqrt(H)
    _, cache = states_forward(x, h0, U)

    def loss(U: np.ndarray) -> Any:
        return np.sum(dh * states_forward(x, h0, U)[0])

    def last(unit: int) -> Expected:
        return gradients(lambda U: states_forward(x, h0, U)[0][-1, unit], U)[0]

    def expected() -> list[Expected]:
        units = [last(unit) for unit in range(H)]
        table = Expected(np.stack([one.value for one in units]), np.stack([one.error for one in units]))
        return [table, *gradients(loss, U)]

    return Case((dh, cache), expected)


EXAM = Exam(
    function="forward_mode",
    returns=("J", "dU"),
    case=case,
    withheld=("states_forward",),
    measure=False,
    wrong=(
        Wrong(
            "no-past",
            "Your J knows what `U` does in the last step, and nothing of how it moved the states before.",
            (SPREAD, "np.zeros((H, H, H))"),
        ),
        Wrong(
            "past-not-through-u",
            "Your J carries the state's movement over as it is. The state is multiplied by `U` on the way.",
            (SPREAD, "J.copy()"),
        ),
        Wrong(
            "past-through-transpose",
            "You multiply J by the transpose of `U`. Going forwards, `U` acts as it does in the forward pass.",
            ('"kl,lij->kij"', '"lk,lij->kij"'),
        ),
        Wrong(
            "past-along-parameters",
            "The product with `U` runs along an axis of the parameters. It belongs to the axis of the state, the first "
            "of J.",
            ('"kl,lij->kij"', '"il,klj->kij"'),
        ),
        Wrong(
            "direct-everywhere",
            "You add `h[t]` for every k and i. U[i, j] is used for z[i] alone.",
            ("dz[units, units] += h[t]", "dz += h[t]"),
        ),
        Wrong(
            "direct-wrong-axes",
            "You let U[i, j] move z[j]. It stands in row i.",
            ("dz[units, units] += h[t]", "dz[units, :, units] += h[t]"),
        ),
        Wrong(
            "direct-state-after",
            "You add the state that the step made. `U` was multiplied by the one before.",
            ("dz[units, units] += h[t]", "dz[units, units] += h[t + 1]"),
        ),
        Wrong(
            "direct-one",
            "You add 1 where `U` is used. What is it multiplied by?",
            ("dz[units, units] += h[t]", "dz[units, units] += 1"),
        ),
        Wrong(
            "direct-at-first-only",
            "You count the direct use of `U` in the first step only. It is used in all of them.",
            ("dz[units, units] += h[t]", "dz[units, units] += h[t] * (t == 0)"),
        ),
        Wrong(
            "direct-past-tanh",
            "The direct use of `U` goes past the slope of the tanh in your J.",
            ("        dz[units, units] += h[t]  # U[k, j] is used in this step, for z[k] alone\n", ""),
            (STEP, f"{STEP}\n        J[units, units] += h[t]"),
        ),
        Wrong(
            "no-slope",
            "Your J does not meet the tanh: it is the movement of z, not of the state.",
            (STEP, "dz"),
        ),
        Wrong(
            "slope-of-state-before",
            "Your slope is taken at the state before the step. The tanh made the one after.",
            ("(1 - h[t + 1] ** 2)", "(1 - h[t] ** 2)"),
        ),
        Wrong(
            "slope-along-parameters",
            "Your slope multiplies along the last axis, which belongs to a parameter. It belongs to the state.",
            ("[:, None, None]", "[None, None, :]"),
        ),
        Wrong(
            "table-accumulates",
            "Your J keeps what it held and adds to it. What the state before did is in the new J already.",
            (STEP, f"J + {STEP}"),
        ),
        Wrong(
            "last-state-alone",
            "Your J is right. Your `dU` uses what comes from outside at the last step only; every state counts.",
            ("dU += np", "dU = np"),
        ),
        Wrong(
            "last-table-for-all",
            "Your J is right. Your `dU` uses the last J for every step. Each state has a J of its own.",
            ("return J, dU", 'return J, np.einsum("k,kij->ij", dh.sum(axis=0), J)'),
        ),
        Wrong(
            "table-before-step",
            "Your J is right. In `dU` you pair `dh[t]` with the J of the state before.",
            (
                f"        J = {STEP}\n" + '        dU += np.einsum("k,kij->ij", dh[t], J)\n',
                '        dU += np.einsum("k,kij->ij", dh[t], J)\n' + f"        J = {STEP}\n",
            ),
        ),
        Wrong(
            "outside-left-out",
            "Your J is right. Your `dU` adds up all tables as if the loss were the sum of all states: `dh` is not "
            "used.",
            ('np.einsum("k,kij->ij", dh[t], J)', "J.sum(axis=0)"),
        ),
        Wrong(
            "du-transposed",
            "Your J is right. Your `dU` is the transpose of the gradient.",
            ('"k,kij->ij"', '"k,kij->ji"'),
        ),
    ),
    also_right=(((SPREAD, "np.tensordot(U, J, axes=1)"),),),
)
