"""Right backward passes of some forty losses: how often are they called wrong, and how often can nothing be said?

    python -m tests.quality.false_alarms_losses [--models 100000] [--seed 0] [DTYPE ...]

Half the models are those of crosscheck.strategies.like, in all its regimes; the other half have parameters of a scale
drawn log-uniformly: from 0.001 to 30 in float64, to 3 in float32, to 1 in float16 and bfloat16. Prints one line for
each loss, and the figures of all together.
"""

import argparse
from typing import Any

import jax
import numpy as np

from crosscheck.contract import call
from crosscheck.judge import Judge
from crosscheck.pair import Pair
from crosscheck.reference import oracle_for
from crosscheck.trees import flatten
from tests.quality.entries.entry import Entry
from tests.quality.false_alarms_rnn import DTYPES, GROUP, HIGH, LOW
from tests.quality.losses import ENTRIES, cases_of
from tests.quality.survey import Survey


def survey(entry: Entry, models: int, seed: int, *, high: float = 30.0, dtype: Any = np.float64) -> Survey:
    """Judge so many models of one loss."""
    cases: Any = cases_of(entry, LOW, high, dtype)
    pair = Pair(entry.name, entry.by_hand, entry.loss, cases)
    keys = [cases.draw(seed, index) for index in range(models)]
    arguments = cases.build(keys[0]).arguments
    found = Survey(frozenset(name for name, _ in flatten(arguments[0], "parameters")))
    oracle = oracle_for(pair, call(pair.subject, arguments))
    # Models of one shape stand together, because a compiled program serves one shape.
    keys.sort(key=lambda key: key.sizes)
    for start in range(0, models, GROUP):
        some = keys[start : start + GROUP]
        found.judge(Judge(pair, oracle), some, [cases.scale(key) for key in some])
    return found


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("dtypes", nargs="*", metavar="DTYPE", choices=[*DTYPES, []])
    arguments.add_argument("--models", type=int, default=100_000)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    jax.config.update("jax_enable_x64", True)
    for dtype in given.dtypes or ["float64"]:
        _print_figures(dtype, given.models, given.seed)


def _print_figures(dtype: str, models: int, seed: int) -> None:
    together = Survey(frozenset())
    print(f"{dtype}, scales {LOW:g} to {HIGH[dtype]:g}, seed {seed}, {len(ENTRIES)} losses")
    print(f"{'':32}{'models':>8}{'alarms':>8}{'unjudged':>10}{'8 samples':>11}{'closer':>8}  median floor")
    for number, entry in enumerate(ENTRIES):
        own = models * (number + 1) // len(ENTRIES) - models * number // len(ENTRIES)
        found = survey(entry, own, seed, high=HIGH[dtype], dtype=DTYPES[dtype])
        unjudged = sum(counts["parameters"] for counts in found.by_decade.values())
        floor = np.median([floor for floors in found.floors.values() for floor in floors] or [np.inf])
        print(
            f"{entry.name:32}{found.models:8,}{len(found.false_alarms):8}{unjudged:10}{max(found.first):11.2f}"
            f"{max(found.last):8.2f}  {floor:.1e}",
            flush=True,
        )
        found.false_alarms = [(f"{entry.name}: {key}", name, size) for key, name, size in found.false_alarms]
        found.worst = [(size, f"{entry.name}: {key}", where) for size, key, where in found.worst]
        for alarm in found.false_alarms[:3]:
            print("   ", *alarm, flush=True)
        together.merge(found)
    print(together.report(), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
