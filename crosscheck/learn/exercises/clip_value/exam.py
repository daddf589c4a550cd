"""Every entry of three arrays within a bound."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, values


def case(draw: Draw) -> Case:
    """Draw gradients, and a bound that about half of the entries exceed on either side."""
    N, H = draw.sizes("N", "H", least=3)
    bound = float(draw.random.choice([0.5, 2.0, 3.0]))
    gradients = tuple(2 * bound * draw.normal(*shape) for shape in ((H, N), (H, H), (H,)))
    return Case((gradients, bound), lambda: values(*(np.minimum(np.maximum(g, -bound), bound) for g in gradients)))


CLIP = "np.clip(g, -bound, bound)"

EXAM = Exam(
    function="clip_by_value",
    returns=("dWxh", "dWhh", "dbh"),
    case=case,
    wrong=(
        Wrong(
            "nothing-clipped",
            "Nothing was clipped: the arrays come back as they came in. Where did the clipped ones go?",
            (CLIP, "g.copy()"),
        ),
        Wrong(
            "above-only",
            "You have limited the entries above, and not below: large negative ones are still there.",
            (CLIP, "np.minimum(g, bound)"),
        ),
        Wrong(
            "below-only",
            "You have limited the entries below, and not above: large positive ones are still there.",
            (CLIP, "np.maximum(g, -bound)"),
        ),
        Wrong(
            "negative-lost",
            "Your entries lie between 0 and the bound: all negative ones have become 0.",
            (CLIP, "np.clip(g, 0, bound)"),
        ),
        Wrong(
            "zeroed",
            "Entries beyond the bound have become 0 in your answer. They become the bound itself, with their sign.",
            (CLIP, "np.where(np.abs(g) > bound, 0, g)"),
        ),
        Wrong(
            "sign-lost",
            "Large negative entries have become the bound with a plus: their sign got lost.",
            (CLIP, "np.where(np.abs(g) > bound, bound, g)"),
        ),
        Wrong(
            "sizes-only",
            "You return the sizes of the entries: all signs are lost.",
            (CLIP, "np.clip(np.abs(g), 0, bound)"),
        ),
        Wrong(
            "always-the-bound",
            "Every entry of yours is plus or minus the bound. Those within it stay as they are.",
            (CLIP, "bound * np.sign(g)"),
        ),
        Wrong("one", "You clip at 1, whatever `bound` is.", (CLIP, "np.clip(g, -1, 1)")),
        Wrong("five", "You clip at 5, whatever `bound` is.", (CLIP, "np.clip(g, -5, 5)")),
        Wrong(
            "shrunk-by-largest",
            "You shrink a whole array until its largest entry fits. Here every entry is limited on its own.",
            (CLIP, "g * np.minimum(1, bound / np.abs(g).max())"),
        ),
        Wrong(
            "shrunk-by-norm",
            "You shrink a whole array by its length. That is the next exercise; here every entry is on its own.",
            (CLIP, "g * np.minimum(1, bound / np.sqrt(np.sum(g**2)))"),
        ),
        Wrong(
            "squashed",
            "You bend the entries with a tanh. Entries within the bound must stay exactly as they are.",
            (CLIP, "bound * np.tanh(g / bound)"),
        ),
        Wrong(
            "divided",
            "You clip g / bound at 1 and forget to multiply again.",
            (CLIP, "np.clip(g / bound, -1, 1)"),
        ),
        Wrong(
            "bias-forgotten",
            "The matrices are clipped, and the bias is not.",
            (CLIP, "np.clip(g, -bound, bound) if g.ndim > 1 else g.copy()"),
        ),
    ),
    also_right=(((CLIP, "np.minimum(np.maximum(g, -bound), bound)"),),),
)
