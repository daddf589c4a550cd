"""The gradient of the surprise by the logits."""

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.softmax_naive.solution import softmax_forward


def case(draw: Draw) -> Case:
    """Draw logits, a target, and what comes from above."""
    V = draw.size("V", least=2)
    y, dloss = draw.normal(V), float(draw.random.uniform(0.3, 3) * draw.random.choice([-1, 1]))
    target = int(draw.integers(V))
    _, cache = softmax_forward(y, target)
    return Case((dloss, cache), lambda: gradients(lambda y: dloss * softmax_forward(y, target)[0], y))


EXAM = Exam(
    function="softmax_backward",
    returns=("dy",),
    case=case,
    withheld=("softmax_forward",),
    wrong=(
        Wrong(
            "no-target",
            "You push down what was expected, and leave it at that: the second term of the loss is missing.",
            ("dy[target] -= 1", "pass"),
        ),
        Wrong(
            "sign",
            "Your `dy` has the wrong sign: it pushes up what was expected, and pushes down what came.",
            ("return dloss * dy", "return -dloss * dy"),
        ),
        Wrong(
            "added",
            "You add 1 at the target. In the loss the logit of the target has a minus.",
            ("dy[target] -= 1", "dy[target] += 1"),
        ),
        Wrong(
            "target-only",
            "Only the target has a gradient in your `dy`. Through the sum in the denominator the loss depends on all "
            "logits.",
            ("dy = p.copy()", "dy = np.zeros_like(p)\n    dy[target] = p[target]"),
        ),
        Wrong(
            "everywhere",
            "You take 1 away everywhere. The second term of the loss holds one logit only.",
            ("dy[target] -= 1", "dy -= 1"),
        ),
        Wrong(
            "assigned",
            "At the target your `dy` holds the second term alone. The target was expected as well, more or less.",
            ("dy[target] -= 1", "dy[target] = -1"),
        ),
        Wrong(
            "without-upstream",
            "You say how fast the loss moves, and stop there: `dloss` is missing. It is not always 1.",
            ("return dloss * dy", "return dy"),
        ),
        Wrong(
            "upstream-on-p",
            "`dloss` is on the first term only. The 1 that is taken away needs it as well.",
            ("dy = p.copy()", "dy = dloss * p"),
            ("return dloss * dy", "return dy"),
        ),
        Wrong(
            "gradient-of-p",
            "That is the gradient of the probabilities: -1/p at the target. From there to the logits is another link.",
            ("dy = p.copy()\n    dy[target] -= 1", "dy = np.zeros_like(p)\n    dy[target] = -1 / p[target]"),
        ),
        Wrong(
            "slope-of-sigmoid",
            "You use p (1 - p), the slope of a sigmoid. Each probability depends on every logit, not only on its own.",
            ("dy = p.copy()\n    dy[target] -= 1", "dy = p * (1 - p)"),
        ),
        Wrong(
            "slope-once-more",
            "Your p - 1 is the whole way back already. You multiply it by p (1 - p), as if the softmax were still "
            "ahead.",
            ("return dloss * dy", "return dloss * dy * p * (1 - p)"),
        ),
        Wrong(
            "divided-by-v",
            "You divide by the number of symbols. The loss is the surprise at one of them, and no mean.",
            ("return dloss * dy", "return dloss * dy / len(p)"),
        ),
        Wrong(
            "log-p",
            "You start from log p in place of p.",
            ("dy = p.copy()", "dy = np.log(p)"),
        ),
    ),
    also_right=((("dy[target] -= 1", "dy = dy - np.eye(len(p))[target]"),),),
)
