"""What can be said of a wrong answer that no exam foresaw."""

from collections.abc import Sequence

from crosscheck.learn.calling import Outcome
from crosscheck.learn.exam import HUGE, ONE, ORDINARY, Exam
from crosscheck.learn.tutor import Seen

Said = tuple[str, str, int | None]
"""Code, sentence, line"""


def general(exam: Exam, seen: Sequence[Seen], outcomes: Sequence[Outcome], square: Sequence[Seen]) -> Said:
    """Return the most telling of the general diagnoses."""
    problem = next((pair for pair in zip(seen, outcomes, strict=True) if pair[1].problem is not None), None)
    if problem is not None:
        case, outcome = problem
        assert outcome.problem is not None
        return "raised", outcome.problem.message + _with(case), outcome.problem.line
    for one in seen:
        for judged in (one.judged or {}).values():
            if judged.refusal is not None:
                return "refused", judged.refusal, None
            if judged.shape is not None:
                return "shape", judged.shape[:-1] + _with(one) + ".", None
    wrong = [name for name in exam.returns if not all(one.right(name) for one in seen)]
    names = " and ".join(f"`{name}`" for name in wrong)
    verb = "is" if len(wrong) == 1 else "are"
    failing = {one.case.regime for one in seen if not all(one.right(name) for name in wrong)}
    if failing == {HUGE}:
        return "unstable", f"{names} {verb} right, but not where numbers are large: something overflows there.", None
    if failing == {ONE}:
        return "one", f"{names} {verb} right, but not where every size is as small as it can be.", None
    if ORDINARY in failing and square and all(one.right(name) for one in square for name in wrong):
        return "square", f"{names} {verb} right only where all sizes are equal: some axis is taken for another.", None
    return "wrong", f"{names} {verb} not the derivative.", None


def _with(seen: Seen) -> str:
    sizes = ", ".join(f"{size} = {value}" for size, value in seen.case.sizes.items())
    return f" (with {sizes})" if sizes else ""
