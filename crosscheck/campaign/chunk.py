"""One task of a campaign, from the drawing of its models to their counts."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from operator import itemgetter
from typing import Any, NamedTuple

import jax
import numpy as np

from crosscheck.campaign.cascade import clear
from crosscheck.campaign.counts import Counts
from crosscheck.campaign.plan import Plan, Task
from crosscheck.campaign.stacked import StackedOracle
from crosscheck.cases import Case, Key
from crosscheck.contract import call
from crosscheck.judge import Judge, JudgedCase
from crosscheck.reference import input_names, oracle_for
from crosscheck.strategies.stacks import scales_of
from crosscheck.trees import flatten
from crosscheck.verdicts import Verdict

SAMPLE, SAMPLED_TASKS = 2, 4
"""Models of each chunk, in one task of so many, that the judge sees in any case: the detection floor is theirs, and the
single subject is tried beside the stacked one"""
AT_ONCE = 64


class Chunks:
    """Judges the chunks of one plan, and holds what is compiled for it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.pair = plan.pair
        self._oracle: Any = None
        self._parameters: set[str] = set()

    def judge(self, task: Task) -> Counts:
        """Judge the models of one task. Raises CrosscheckError where the subject or the twin cannot be used."""
        counts = Counts()
        if self.plan.stacked:
            self._judge_stacks(task, counts)
        else:
            keys = [key for part in task.parts for key in self.plan.keys(part)]
            for case in _judged(self.judge_from_scratch(keys[0]), keys):
                counts.add(case, verdict_of(case, self._parameters), sampled=True)
        return counts

    def _judge_stacks(self, task: Task, counts: Counts) -> None:
        kept: dict[Key, Kept] = {}
        self.pair = replace(self.pair, cases=_KeptCases(self.plan.pair.cases, kept))
        stacks = [(self.plan.stack(part.chunk), self.plan.places(part.chunk)[: part.models]) for part in task.parts]
        judge = self.judge_from_scratch(stacks[0][0].key(0))
        for cleared, (stack, places) in zip(clear(stacks, judge, self._oracle), stacks, strict=True):
            sample = places[: SAMPLE if task.number % SAMPLED_TASKS == 0 else 0]
            scales = scales_of(stack.chunk_number)
            for place in np.union1d(cleared.left, sample).tolist():
                case = Case(stack.key(place), jax.tree.map(itemgetter(place), stack.arguments))
                kept[case.key] = Kept(case, place in sample, float(scales[place]))
            counts.add_cleared(cleared, sample, scales)
        for case in _judged(judge, list(kept)):
            one = kept[case.key]
            counts.add(case, verdict_of(case, self._parameters), sampled=one.sampled, scale=one.scale)

    def judge_from_scratch(self, key: Key) -> Judge:
        """Return a judge who has seen nothing yet: what he says of a chunk depends on that chunk alone."""
        if self._oracle is None:
            arguments = self.pair.cases.build(key).arguments
            outcome = call(self.pair.subject, arguments, names=input_names(self.pair)[1:])
            self._parameters = {name for name, _ in flatten(arguments[0], "parameters")}
            oracle = oracle_for(self.pair, outcome)
            self._oracle = _stacked(oracle) if self.plan.stacked else oracle
        return Judge(self.pair, self._oracle)


@functools.lru_cache(maxsize=4)
def _stacked(oracle: Any) -> StackedOracle:
    """Remember what was compiled for a twin, as crosscheck/door.py does for its oracles: the next campaign is warm."""
    return StackedOracle(oracle.twin, oracle.padding)


class Kept(NamedTuple):
    """A model of a stack that the judge is to see."""

    case: Case
    sampled: bool
    scale: float


class _KeptCases:
    """The cases of a pair, of which some are at hand: to draw a chunk again for each of its models would take long."""

    def __init__(self, cases: Any, kept: Mapping[Key, Kept]) -> None:
        self._cases, self._kept = cases, kept

    def build(self, key: Key) -> Case:
        return self._kept[key].case if key in self._kept else self._cases.build(key)


def verdict_of(case: JudgedCase, parameters: AbstractSet[str]) -> Verdict:
    """Return what is said of one model: INCONCLUSIVE where the gradient of some parameter has no judged entry.

    Gradients of data and auxiliary values may be wrong, but where they cannot be judged they are only counted.
    """
    comparisons = case.comparisons
    if comparisons["loss"].wrong.any():
        return Verdict.ERROR
    if any(comparison.wrong.any() for comparison in comparisons.values()):
        return Verdict.DISAGREE
    judged = all(comparisons[name].judged.any() for name in parameters & comparisons.keys())
    return Verdict.AGREE if judged else Verdict.INCONCLUSIVE


def _judged(judge: Judge, keys: Sequence[Key]) -> Iterator[JudgedCase]:
    for start in range(0, len(keys), AT_ONCE):
        yield from judge.judge(keys[start : start + AT_ONCE])
