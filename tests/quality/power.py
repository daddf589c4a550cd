"""Errors of known size, planted in right gradients: which multiple of the stated detection floor is found?

    python -m tests.quality.power [--trials 10000] [--seed 0] [DTYPE ...]

A trial takes a random model, of a recurrent network (V, H, T ≤ 12) or of one of the losses, in turns. One entry that
was judged in it moves by a multiple of its detection floor, up or down, and the model is judged again. Prints the share
found by multiple, and the median floors of parameters at scales up to 1.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import numpy as np

from crosscheck.cases import Key
from crosscheck.contract import Outcome, call
from crosscheck.judge import Judge, JudgedCase
from crosscheck.pair import Pair
from crosscheck.reference import Reference, oracle_for
from crosscheck.trees import flatten, rebuild
from tests.quality import networks
from tests.quality.false_alarms_rnn import DTYPES, HIGH, LOW
from tests.quality.losses import ENTRIES, cases_of

MULTIPLES = (0.01, 0.1, 0.3, 0.5, 1.0, 2.0, 3.0, 10.0, 100.0)
SMALL = 12
AT_ONCE = 32


class Remembering:
    """An oracle that is asked about each case once for each number of samples."""

    def __init__(self, oracle: Any) -> None:
        self.oracle = oracle
        self._known: dict[Any, Reference] = {}

    def references(self, cases: Any, states: Any, keys: Sequence[int], precision: Any, **how: Any) -> list[Reference]:
        asked = [(key, precision, *sorted(how.items())) for key in keys]
        new = [place for place, question in enumerate(asked) if question not in self._known]
        if new:
            answers = self.oracle.references(
                [cases[n] for n in new], [states[n] for n in new], [keys[n] for n in new], precision, **how
            )
            self._known.update(zip((asked[n] for n in new), answers, strict=True))
        return [self._known[question] for question in asked]

    def in_precision(self, case: Any, dtype: Any) -> Any:
        return self.oracle.in_precision(case, dtype)


@dataclass
class Power:
    """Counts of trials and of errors found, by multiple; and the floors that were stated."""

    trials: Counter[float] = field(default_factory=Counter)
    found: Counter[float] = field(default_factory=Counter)
    blamed: int = 0
    """Trials in which another array than the one with the error was called wrong"""
    floors: list[float] = field(default_factory=list)
    """Medians of judged parameters at scales up to 1"""

    def merge(self, other: "Power") -> None:
        self.trials.update(other.trials)
        self.found.update(other.found)
        self.blamed += other.blamed
        self.floors.extend(other.floors)

    def report(self) -> str:
        """Return the figures as text."""
        lines = [f"{sum(self.trials.values()):,} trials; another array was called wrong in {self.blamed}"]
        lines += [
            f"  {multiple:6g} × floor: {self.found[multiple]:6,} of {self.trials[multiple]:6,} found"
            f"  {100 * self.found[multiple] / self.trials[multiple]:7.2f} %"
            for multiple in sorted(self.trials)
        ]
        quantiles = np.quantile(self.floors, (0.05, 0.5, 0.95))
        lines += [f"floors at scales up to 1 (5 %, median, 95 %): {'  '.join(f'{q:.1e}' for q in quantiles)}"]
        return "\n".join(lines)


def power_of(pair: Pair, keys: Sequence[Key], scales: Sequence[float], random: np.random.Generator) -> Power:
    """Plant an error of every multiple in every model of a pair."""
    arguments = pair.cases.build(keys[0]).arguments
    parameters = {name for name, _ in flatten(arguments[0], "parameters")}
    oracle = Remembering(oracle_for(pair, call(pair.subject, arguments)))
    power = Power()
    for start in range(0, len(keys), AT_ONCE):
        cases = Judge(pair, oracle).judge(keys[start : start + AT_ONCE])
        for case, scale in zip(cases, scales[start : start + AT_ONCE], strict=True):
            judged = [name for name in sorted(parameters) if case.comparisons[name].judged.any()]
            if scale <= 1:
                floors = (case.comparisons[name] for name in judged)
                power.floors += [float(np.median(floor.floor[floor.judged])) for floor in floors]
            for multiple in MULTIPLES if judged else ():
                _try(pair, oracle, case, judged[random.integers(len(judged))], multiple, random, power)
    return power


def _try(
    pair: Pair, oracle: Any, case: JudgedCase, name: str, multiple: float, random: np.random.Generator, power: Power
) -> None:
    comparison, reference = case.comparisons[name], case.reference[name]
    place = random.choice(np.flatnonzero(comparison.judged))
    index = np.unravel_index(place, reference.shape)
    largest = np.abs(reference[np.isfinite(reference)]).max(initial=0.0)
    error = multiple * comparison.floor[index] * (largest if largest > 0 else 1.0) * random.choice([-1, 1])
    if not np.isfinite(case.outcome[name].dtype.type(case.outcome[name][index] + error)):
        return
    planted = replace(pair, subject=_planted(pair.subject, name, index, error))
    (again,) = Judge(planted, oracle).judge([case.key])
    wrong = {name for name, comparison in again.comparisons.items() if comparison.wrong.any()}
    power.trials[multiple] += 1
    power.found[multiple] += name in wrong
    power.blamed += bool(wrong - {name})


def _planted(subject: Callable[..., Any], name: str, index: Any, error: float) -> Callable[..., Any]:
    def wrong(*arguments: Any) -> Any:
        returned = subject(*arguments)
        gradients = returned.gradients if isinstance(returned, Outcome) else returned[1]
        named = flatten(gradients, "parameters")
        moved = rebuild(gradients, [_moved(leaf, index, error) if own == name else leaf for own, leaf in named])
        return replace(returned, gradients=moved) if isinstance(returned, Outcome) else (returned[0], moved)

    return wrong


def _moved(leaf: Any, index: Any, error: float) -> np.ndarray:
    array = np.array(leaf)
    # In float64: an error of a fraction of an ulp must round as the sum does, and not on its own.
    array[index] = np.float64(array[index]) + error
    return array


def pairs(dtype: Any, high: float) -> Iterator[tuple[Pair, Callable[[int, int], list[Key]]]]:
    """Yield the network and every loss, each with a function (seed, count) -> keys."""
    cases = networks.Networks(LOW, high, dtype, largest=SMALL)
    yield (
        networks.pair("loops", cases, with_rules=False),
        lambda seed, count: [key for n in range(count) for key in cases.group(seed, n, 1)],
    )
    for entry in ENTRIES:
        own: Any = cases_of(entry, LOW, high, dtype)
        pair = Pair(entry.name, entry.by_hand, entry.loss, own)
        yield pair, lambda seed, count, own=own: [own.draw(seed, index) for index in range(count)]


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("dtypes", nargs="*", metavar="DTYPE", choices=[*DTYPES, []])
    arguments.add_argument("--trials", type=int, default=10_000)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    jax.config.update("jax_enable_x64", True)
    for dtype in given.dtypes or ["float64", "float32"]:
        for_networks, for_losses = Power(), Power()
        models = -(-given.trials // (2 * len(MULTIPLES)))
        for number, (pair, keys_of) in enumerate(pairs(DTYPES[dtype], HIGH[dtype])):
            keys = keys_of(given.seed, models if number == 0 else -(-models // len(ENTRIES)))
            cases: Any = pair.cases
            power = power_of(
                pair, keys, [cases.scale(key) for key in keys], np.random.default_rng([given.seed, number])
            )
            (for_losses if number else for_networks).merge(power)
        for what, power in (("recurrent networks", for_networks), (f"{len(ENTRIES)} losses", for_losses)):
            print(f"{dtype}, {what}, scales {LOW:g} to {HIGH[dtype]:g}: {power.report()}\n", flush=True)


if __name__ == "__main__":
    main()
