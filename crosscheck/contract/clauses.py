"""The contract, clause by clause: a few calls with the same values, each arranged to expose one kind of breach."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from crosscheck.contract.calling import Attempt, Subject, attempt
from crosscheck.contract.chance import global_state_kept, global_state_seeded, global_state_touched
from crosscheck.contract.codes import finding
from crosscheck.contract.failure import SubjectError
from crosscheck.contract.layouts import LAYOUTS, Same, close
from crosscheck.contract.leaves import enumerated, identical
from crosscheck.contract.rounding import coarser, float32_inside
from crosscheck.contract.sharing import overlapping, reused
from crosscheck.verdicts import Finding

SLOW = 1.0  # seconds a call: the usual 200 cases would take minutes
SEEDS = (20_231, 7_919)  # of the global random state; only that they differ matters

# A subject with no settled answer, or one that writes to its arguments, fails the layouts for that reason alone.
_UNSETTLED = frozenset({"input-changed", "accumulates", "not-repeatable", "second-call-fails", "random"})

Call = Callable[..., Attempt]


def breaches(
    subject: Subject,
    arguments: Sequence[Any],
    *,
    names: Sequence[str] = (),
    same: Same = close,
    time_limit: float | None = None,
) -> list[Finding]:
    """Call a subject five times or more with the same values and return every breach of the contract that shows.

    `same(name, first, second)` says whether two answers differ by rounding only. It is asked about memory layouts,
    where bits may differ, with the names of `Outcome.leaves` ("loss", "Wxh", "initial_state"). `names` and `time_limit`
    are those of `call`. The global random states of NumPy and Python are left as they were found.

    Nothing is raised for a subject that fails: its failure is the finding.
    """
    times: list[float] = []

    def again(**layout: Any) -> Attempt:
        made = attempt(subject, arguments, names=names, time_limit=time_limit, **layout)
        times.append(made.seconds)
        return made

    with global_state_kept():
        try:
            found = _clauses(again, arguments, names, same)
        except SubjectError as error:
            return list(error.findings)
    if min(times) > SLOW:  # not the first: it may have compiled something
        sentence = f"One call takes {min(times):.4g} s: choose smaller sizes or fewer examples."
        found.append(finding("slow", sentence))
    return found


def _clauses(again: Call, arguments: Sequence[Any], names: Sequence[str], same: Same) -> list[Finding]:
    with global_state_seeded(SEEDS[0]):
        first = again()
        touched = global_state_touched(SEEDS[0])
    found = [*first.outcome.findings, *_single_call(first, arguments, names)]
    repetition = _repetition(first, again)
    if touched and not repetition:
        repetition = _dependence(first, again)
    found += repetition
    if not any(each.code in _UNSETTLED for each in found):
        found += _layouts(first, again, same)
    return found


def _single_call(first: Attempt, arguments: Sequence[Any], names: Sequence[str]) -> Iterator[Finding]:
    """Yield what one call shows."""
    outcome = first.outcome
    if first.error_state_changed:
        sentence = (
            "The subject changes NumPy's error state and leaves it so: use `with np.errstate(...)` around the lines."
        )
        yield finding("error-state-changed", sentence)
    gradients = [leaf for name, leaf in outcome.leaves() if name != "loss"]
    if np.isnan(outcome.loss) and all(np.isnan(leaf).all() for leaf in gradients):
        sentence = "The loss and all gradients are NaN: look for 0/0, inf − inf, or the logarithm of a negative number."
        yield finding("only-nan", sentence)
    yield from coarser(outcome, arguments)
    yield from float32_inside(outcome, arguments)
    yield from overlapping(first, names)


def _repetition(first: Attempt, again: Call) -> list[Finding]:
    """Return what a second and a third call with the same values show; nothing if the answer is always the same."""
    try:
        with global_state_seeded(SEEDS[0]):
            second = again()
        changed = _different(first, second)
        if not changed:
            return reused(first, second)
        with global_state_seeded(SEEDS[0]):
            third = again()
    except SubjectError as error:
        return [second_call_fails(error)]
    answers = [dict(each.outcome.leaves()) for each in (first, second, third)]
    if all(_grows_evenly(*(answer.get(name) for answer in answers)) for name in changed):
        sentence = f"Every call adds the same amount to {enumerated(changed)}: start each call from zero gradients."
        return [finding("accumulates", sentence, changed[0])]
    sentence = (
        f"Two calls with the same arguments differ in {enumerated(changed)}: keep no state between calls, and draw "
        "random numbers from a generator with a fixed seed that is made in the call."
    )
    return [finding("not-repeatable", sentence, changed[0])]


def second_call_fails(error: SubjectError) -> Finding:
    """Return the finding for a subject that answered once and then failed on the same arguments."""
    cause = error.findings[0]
    sentence = f"One call worked and the next did not: make anew in every call what a call uses up. {cause.message}"
    return finding("second-call-fails", sentence, cause.parameter, file=cause.file, line=cause.line)


def _dependence(first: Attempt, again: Call) -> list[Finding]:
    """Return what another seed shows about a subject that touches the global random state."""
    with global_state_seeded(SEEDS[1]):
        changed = _different(first, again())
        touched = global_state_touched(SEEDS[1])
    if changed:
        sentence = (
            f"The global random state decides about {enumerated(changed)}: draw from a generator with a fixed seed "
            "that is made in the call, or pass the random numbers in as data."
        )
        return [finding("random", sentence, changed[0])]
    if not touched:  # the first call imported something that draws, or filled a cache
        return []
    sentence = "The subject touches the global random state: give it a np.random.default_rng(seed) of its own."
    return [finding("random-state-changed", sentence)]


def _layouts(first: Attempt, again: Call, same: Same) -> Iterator[Finding]:
    """Yield the memory layouts of the arguments with which the subject fails or answers differently."""
    for layout in LAYOUTS:
        try:
            answer = dict(again(layout=layout.arrange).outcome.leaves())
        except SubjectError as error:
            cause = error.findings[0]
            sentence = f"The subject fails when its arguments are {layout.meaning}: {layout.remedy}. {cause.message}"
            yield finding(layout.code, sentence, cause.parameter, file=cause.file, line=cause.line)
            continue
        pairs = [(name, leaf, answer.get(name)) for name, leaf in first.outcome.leaves()]
        changed = [name for name, leaf, other in pairs if other is None or not same(name, leaf, other)]
        if changed:
            sentence = f"The answer differs in {enumerated(changed)} when the arguments are {layout.meaning}"
            yield finding(layout.code, f"{sentence}: {layout.remedy}.", changed[0])


def _different(first: Attempt, second: Attempt) -> list[str]:
    """Return the names of the outputs that are not the same bit for bit."""
    answer = dict(second.outcome.leaves())
    return [name for name, leaf in first.outcome.leaves() if not identical(leaf, answer.get(name))]


def _grows_evenly(first: np.ndarray | None, second: np.ndarray | None, third: np.ndarray | None) -> bool:
    """Say whether the third answer exceeds the second by what the second exceeds the first, up to rounding."""
    if first is None or second is None or third is None or not first.shape == second.shape == third.shape:
        return False
    with np.errstate(all="ignore"):
        return close("", second - first, third - second)
