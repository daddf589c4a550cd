"""What can be said of a wrong answer that no exam foresaw."""

from collections.abc import Sequence

import numpy as np

from crosscheck.learn.calling import Outcome
from crosscheck.learn.exam import HUGE, ONE, ORDINARY, Exam
from crosscheck.learn.tutor import Seen
from crosscheck.telltale import Sample, told

Said = tuple[str, str, int | None]
"""Code, sentence, line"""


def general(exam: Exam, seen: Sequence[Seen], outcomes: Sequence[Outcome], square: Sequence[Seen]) -> Said:
    """Return the most telling of the general diagnoses."""
    works = [one for one in seen if one.judged is not None and all(one.right(name) for name in exam.returns)]
    for one, outcome in zip(seen, outcomes, strict=True):
        if outcome.problem is not None:
            return "raised", outcome.problem.message + _with(one) + _elsewhere(works), outcome.problem.line
    for one in seen:
        for judged in (one.judged or {}).values():
            if judged.refusal is not None:
                return "not-accepted", judged.refusal, None
            if judged.shape is not None:
                return "shape", judged.shape.removesuffix(".") + _with(one) + "." + _elsewhere(works), None
    wrong = [name for name in exam.returns if not all(one.right(name) for one in seen)]
    return _of_numbers(seen, wrong, square, works)


def _of_numbers(seen: Sequence[Seen], wrong: Sequence[str], square: Sequence[Seen], works: Sequence[Seen]) -> Said:
    names = " and ".join(f"`{name}`" for name in wrong)
    verb = "is" if len(wrong) == 1 else "are"
    failing = {one.case.regime for one in seen if not all(one.right(name) for name in wrong)}
    if HUGE in failing and not failing & {ORDINARY, ONE}:
        return (
            "unstable",
            f"{names} {verb} right, but not where numbers are large: does something overflow there?",
            None,
        )
    if failing == {ONE}:
        return "one", f"{names} {verb} right, but not where every size is as small as it can be.", None
    if ORDINARY not in failing:
        return "special", f"{names} {verb} right for ordinary numbers, but not for all that may come.", None
    ordinary = [one for one in seen if one.case.regime == ORDINARY]
    for name in wrong:
        if all(one.right(name) for one in ordinary):
            continue
        if _is_constant(ordinary, name):
            return "constant", f"Your `{name}` is the same number whatever your function is given.", None
        found = told([sample_of(one, wrong) for one in ordinary], name) if ordinary else None
        if found is not None:
            code, rest = found
            return code, f"Your `{name}` {rest.replace('the derivative', 'what it should be')}.", None
    if square and all(one.right(name) for one in square for name in wrong):
        return "square", f"{names} {verb} right only where all sizes are equal: some axis is taken for another.", None
    if works:
        sizes = f"{_sizes(works[0])}" or "some numbers"
        return "sometimes", f"{names} {verb} right with {sizes}, but not always: is a size or a value built in?", None
    return "wrong", f"{names} {verb} not what was asked for, and it is no mistake that I know.", None


def sample_of(seen: Seen, names: Sequence[str]) -> Sample:
    """Return a case as the hypotheses about numbers want it."""
    judged = {name: seen.judged[name] for name in names} if seen.judged is not None else {}
    allowed = {
        name: float(np.max(one.allowed, initial=0)) if one.allowed is not None else 0.0 for name, one in judged.items()
    }
    given = {name: np.asarray(one.given, dtype=np.float64) for name, one in judged.items()}
    exact = {name: np.asarray(one.expected.value, dtype=np.float64) for name, one in judged.items()}
    return Sample(None, (), given, exact, allowed, seen.case.sizes)


def _is_constant(ordinary: Sequence[Seen], name: str) -> bool:
    found = [value for one in ordinary if (value := one.value(name)) is not None and value.size]
    if len(found) < 2 or len(found) < len(ordinary):
        return False
    first = found[0].reshape(-1)[0]
    return first != 0 and all(bool(np.all(value == first)) for value in found)


def _elsewhere(works: Sequence[Seen]) -> str:
    return f" With {_sizes(works[0])} it is right: is a size built in?" if works and _sizes(works[0]) else ""


def _with(seen: Seen) -> str:
    return f" (with {_sizes(seen)})" if seen.case.sizes else ""


def _sizes(seen: Seen) -> str:
    return ", ".join(f"{size} = {value}" for size, value in seen.case.sizes.items())
