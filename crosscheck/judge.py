"""From cases to comparisons: run the subject, ask the oracle, and measure again whatever looks wrong."""

import functools
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from crosscheck.cases import Case, Key
from crosscheck.compare import Comparison, K, compare, is_linear
from crosscheck.contract import Outcome, call
from crosscheck.errors import CrosscheckError
from crosscheck.own_rounding import own_rounding
from crosscheck.pair import Pair
from crosscheck.precision import FLOAT64, Precision, precision_of
from crosscheck.reference import Reference, ReferenceSource, input_names
from crosscheck.trees import flatten
from crosscheck.verdicts import Finding, Severity

# A first look, then a closer one at what exceeded it, and a third where it is close: the tail of the noise falls with
# the number of samples.
FIRST_SAMPLES = 8
CLOSER_SAMPLES = 64
LAST_SAMPLES = 512
GROWTH = {CLOSER_SAMPLES: 1.5, LAST_SAMPLES: 1.85}
"""The largest of n normal numbers, for n of 64 and 512, over that for 8. Divided by it, a closer look corrects what the
first one understated; undivided, it would raise the noise of every entry, and errors of three detection floors pass."""
CLOSE = 1000.0
"""Tolerances beyond which 512 samples are not needed: a closer look lowers a false alarm by factors, not thousands"""
CONFIRMED = 8
"""Cases in which an array was confirmed wrong, after which further ones are counted without the closer look"""


@dataclass(frozen=True)
class JudgedCase:
    """What was found in one case: a comparison for each array, or the reason why nothing was compared."""

    key: Key
    comparisons: Mapping[str, Comparison]
    """By name: parameters, data arguments, auxiliary values, and `NAME after RULE`; the loss is `loss`"""
    outcome: Mapping[str, Any]
    reference: Mapping[str, Any]
    noise: Mapping[str, Any]
    precision: Precision
    groups: Mapping[str, str]
    """What each array is: "loss", "gradients", "inputs" (gradients of data), "auxiliary" or "rules" (clips, updates)"""
    findings: tuple[Finding, ...] = ()
    """What the call itself gave away: changed inputs, prints, warnings"""
    intermediates: Mapping[str, Any] = field(default_factory=dict)
    """What the subject showed of the gradients on the way, by name, with time as the first axis"""

    def is_blamable(self, name: str) -> bool:
        """Tell whether an array stands for itself: a clip or an update of a wrong gradient does not."""
        return self.groups[name] != "rules" or not self.has_wrong_gradient

    @functools.cached_property
    def has_wrong_gradient(self) -> bool:
        """Whether some parameter's gradient is wrong."""
        gradients = (array for array, group in self.groups.items() if group == "gradients")
        return any(self.comparisons[array].wrong.any() for array in gradients)


class Judge:
    """Judges cases of one pair. Holds the compiled twin, and which arrays were confirmed wrong."""

    def __init__(self, pair: Pair, oracle: ReferenceSource, time_limit: float | None = None) -> None:
        self.pair = pair
        self.oracle = oracle
        self.time_limit = time_limit
        """Seconds that one call of the subject may take, where the system can interrupt it"""
        self.trusting = True
        """Whether a discrepancy may be put down to the subject's own rounding: not after a breach of the contract"""
        self._confirmed: Counter[str] = Counter()
        self._names = input_names(pair)[1:]

    def judge(self, keys: Sequence[Key]) -> list[JudgedCase]:
        """Judge the cases of some keys together. Raises CrosscheckError where the subject cannot be called."""
        cases = [self.pair.cases.build(key) for key in keys]
        outcomes = [
            call(self.pair.subject, case.arguments, names=self._names, time_limit=self.time_limit) for case in cases
        ]
        states = [self.states(case, outcome) for case, outcome in zip(cases, outcomes, strict=True)]
        subjects = [self._named(*trio) for trio in zip(cases, outcomes, states, strict=True)]
        precisions = [self.precision(*both) for both in zip(cases, outcomes, strict=True)]
        judged: dict[int, JudgedCase] = {}
        for precision in set(precisions):
            chosen = [number for number, own in enumerate(precisions) if own == precision]
            some = [(cases[n], states[n], subjects[n]) for n in chosen]
            judged.update(zip(chosen, self._judge_in(precision, some), strict=True))
        return [
            replace(
                judged[number],
                findings=(*outcome.findings, *judged[number].findings),
                intermediates=dict(flatten(dict(outcome.intermediates))),
            )
            for number, outcome in enumerate(outcomes)
        ]

    def _judge_in(
        self, precision: Precision, problems: Sequence[tuple[Case, tuple[Any, ...], dict[str, Any]]]
    ) -> list[JudgedCase]:
        results = []
        for (case, _, subject), reference in zip(
            problems, self._references(problems, precision, FIRST_SAMPLES), strict=True
        ):
            exact, rounding = _flat(reference.exact), _flat(reference.noise)
            _same_shapes(subject, exact)
            comparisons = {name: compare(subject[name], exact[name], rounding[name], precision) for name in subject}
            groups = {name: group for name, group in _groups(reference.exact).items() if name in subject}
            results.append(JudgedCase(case.key, comparisons, subject, exact, rounding, precision, groups))
        for number, result in enumerate(results):
            if self._needs_closer_look(result):
                self._measure_again(number, problems, results, CLOSER_SAMPLES)
                if _is_close(results[number]):
                    self._measure_again(number, problems, results, LAST_SAMPLES)
                if _wrong(results[number]) and self.trusting:
                    results[number] = self._grant_own_rounding(problems[number], results[number])
                self._confirmed.update(_wrong(results[number]))
        self._look_for_rounding(problems, results)
        self._excuse_overflow(problems, results)  # last, or what is not judged for it would be taken up again
        return results

    def _references(self, problems: Sequence[Any], precision: Precision, samples: int, **how: Any) -> list[Reference]:
        cases, states, _ = zip(*problems, strict=True) if problems else ((), (), ())
        keys = [noise_key(case.key) for case in cases]
        return self.oracle.references(
            [case.arguments for case in cases], states, keys, precision, samples=samples, **how
        )

    def _needs_closer_look(self, result: JudgedCase) -> bool:
        return any(
            comparison.suspect.any() and self._confirmed[name] < CONFIRMED
            for name, comparison in result.comparisons.items()
        )

    def _measure_again(self, number: int, problems: Sequence[Any], results: list[JudgedCase], samples: int) -> None:
        (reference,) = self._references([problems[number]], results[number].precision, samples)
        result, measured = results[number], _flat(reference.noise)
        noise = {name: np.maximum(result.noise[name], measured[name] / GROWTH[samples]) for name in measured}
        results[number] = _compared_again(result, noise, result.comparisons)

    def _grant_own_rounding(self, problem: Any, result: JudgedCase) -> JudgedCase:
        """Clear the arrays whose discrepancy is the subject's own rounding, with a warning that digits are lost."""
        case, states, _ = problem

        def named(subject: Any) -> Any:
            def everything(*arguments: Any) -> dict[str, Any]:
                returned = subject(*arguments)
                outcome = returned if isinstance(returned, Outcome) else Outcome(*returned)
                return self._named(Case(case.key, arguments), outcome, states)

            return everything

        subject, wrong = self.pair.subject, _wrong(result)
        findings = []
        for name, own in own_rounding(subject, named, case.arguments, wrong, result.precision, result).items():
            granted = _compared_again(result, {name: own.noise}, [name], linear=own.by_digits)
            if (granted.comparisons[name].discrepancy <= K).all():
                result = granted
                findings.append(_loses_digits(case.key, name, granted.comparisons[name].floor))
        return replace(result, findings=tuple(findings))

    def _excuse_overflow(self, problems: Sequence[Any], results: list[JudgedCase]) -> None:
        """Where the twin overflows as well when it runs in the subject's precision, nothing is judged."""
        for number, result in enumerate(results):
            spilled = [name for name in result.comparisons if _one_sided(result, name)]
            if not spilled or result.precision == FLOAT64:
                continue
            own = _flat(self.oracle.in_precision(problems[number][0].arguments, np.dtype(result.precision.name)))
            comparisons = dict(result.comparisons)
            for name in spilled:
                lost = ~np.isfinite(own[name]) if name in own else np.True_
                comparisons[name] = comparisons[name]._replace(judged=comparisons[name].judged & ~lost)
            results[number] = replace(result, comparisons=comparisons)

    def _look_for_rounding(self, problems: Sequence[Any], results: list[JudgedCase]) -> None:
        """Judge arrays that are small beside their noise, if that is of rounding and not of chaos.

        Noise that grows in proportion to ε is rounding, seen through a linear map. Chaotic noise is already as large
        as the gradients themselves, or explodes, when ε grows.
        """
        factor = magnification(results[0].precision) if results else 1.0
        unresolved = [n for n, result in enumerate(results) if factor > 1 and _unresolved(result)]
        if not unresolved:
            return
        magnified = self._references([problems[n] for n in unresolved], results[0].precision, 64, magnify=factor)
        for number, reference in zip(unresolved, magnified, strict=True):
            result, larger = results[number], _flat(reference.noise)
            linear = [name for name in _unresolved(result) if is_linear(result.noise[name], larger[name], factor)]
            results[number] = _compared_again(result, result.noise, linear, linear=True)

    def states(self, case: Case, outcome: Outcome) -> tuple[Any, ...]:
        """Draw the states that the rules start from in this case: the same for subject and twin."""
        random = np.random.default_rng(noise_key(case.key))
        return tuple(rule.state(random, outcome.gradients) for rule in self.pair.rules)

    def precision(self, case: Case, outcome: Outcome) -> Precision:
        """Return the precision that the subject works in: the coarsest of its parameters' and gradients' dtypes.

        A subject finer than float64 is held to float64, because the reference is no finer.
        """
        arrays = (leaf for tree in (case.arguments[0], outcome.gradients) for _, leaf in flatten(tree))
        own = precision_of(np.asarray(array).dtype for array in arrays)
        return FLOAT64 if own.epsilon < FLOAT64.epsilon else own

    def _named(self, case: Case, outcome: Outcome, states: tuple[Any, ...]) -> dict[str, Any]:
        transformed = {
            rule.name: rule.subject(outcome.gradients, state, case.arguments[0])
            for rule, state in zip(self.pair.rules, states, strict=True)
        }
        return _flat(
            {
                "loss": outcome.loss,
                "gradients": outcome.gradients,
                "inputs": outcome.inputs,
                "auxiliary": outcome.auxiliary,
                "rules": transformed,
            }
        )


def noise_key(key: Key) -> int:
    """Return the 32-bit key of a case's random rounding errors: of the case alone, not of its place in a batch."""
    return zlib.crc32(str(key).encode())


def magnification(precision: Precision) -> float:
    """How much larger ε is made to see whether noise grows in proportion: 1024, less where ε is large already."""
    room = 0.02 / float(precision.epsilon)
    return float(min(2.0**10, 2.0 ** np.floor(np.log2(room) / 2))) if room > 1 else 1.0


def _compared_again(
    result: JudgedCase, rounding: Mapping[str, Any], names: Iterable[str], *, linear: bool = False
) -> JudgedCase:
    comparisons = dict(result.comparisons)
    for name in names:
        comparisons[name] = compare(
            result.outcome[name], result.reference[name], rounding[name], result.precision, linear=linear
        )
    return replace(result, comparisons=comparisons, noise={**result.noise, **rounding})


def _flat(groups: Mapping[str, Any]) -> dict[str, np.ndarray]:
    arrays = {name: np.asarray(leaf) for _, name, leaf in _leaves(groups)}
    return {name: array for name, array in arrays.items() if array.size}  # of nothing, nothing can be said


def _groups(groups: Mapping[str, Any]) -> dict[str, str]:
    return {name: group for group, name, _ in _leaves(groups)}


def _leaves(groups: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    yield "loss", "loss", groups["loss"]
    for name, leaf in flatten(groups["gradients"], "parameters"):
        yield "gradients", name, leaf
    for group in ("inputs", "auxiliary"):
        for root, tree in groups.get(group, {}).items():
            for name, leaf in flatten(tree, root) if not isinstance(tree, dict) else flatten({root: tree}, root):
                yield group, name, leaf
    for rule, tree in groups.get("rules", {}).items():
        for name, leaf in flatten(tree, "result"):
            yield "rules", f"{name} after {rule}", leaf


def _loses_digits(key: Key, name: str, floor: np.ndarray) -> Finding:
    message = (
        f"{name} is right only as far as its own formula allows: rounding in the subject itself moves it by up to "
        f"{np.max(floor) / K:.1e} of its largest entry in case {key}, more than in the twin. Look for a cancellation, "
        "or for a sum of many terms."
    )
    return Finding("loses-digits", Severity.WARNING, name, message)


def _wrong(result: JudgedCase) -> list[str]:
    return [name for name, comparison in result.comparisons.items() if comparison.wrong.any()]


def _is_close(result: JudgedCase) -> bool:
    """Tell whether some array is suspect by so little that more samples could clear it."""
    return any(K < comparison.discrepancy.max(initial=0) < CLOSE for comparison in result.comparisons.values())


def _unresolved(result: JudgedCase) -> list[str]:
    return [name for name, comparison in result.comparisons.items() if not comparison.judged.any()]


def _one_sided(result: JudgedCase, name: str) -> bool:
    return bool((np.isfinite(result.outcome[name]) != np.isfinite(result.reference[name])).any())


def _same_shapes(subject: Mapping[str, np.ndarray], reference: Mapping[str, np.ndarray]) -> None:
    for name, array in subject.items():
        if name not in reference:
            raise CrosscheckError(
                f"The subject returns {name}, for which the twin has no counterpart: return it from the twin as well.",
                code="twin-lacks-output",
            )
        if array.shape != reference[name].shape:
            raise CrosscheckError(
                f"{name} has shape {array.shape} in the subject and {reference[name].shape} in the twin.",
                code="twin-shape-differs",
            )
