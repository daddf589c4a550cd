"""Right recurrent networks of all sizes up to 64: how often are they called wrong, and how often can nothing be said?

    python -m tests.quality.false_alarms_rnn [--models 100000] [--seed 0] [DTYPE ...]

DTYPE is float64 (scales from 0.001 to 30), float32 (to 3), float16 or bfloat16 (to 1), or all of them. Three subjects
take turns, each with single sequences and batches. Every fourth group of models goes through the clips and optimisers
as well, by hand and by optax. Prints the figures so far from time to time, and at the end.
"""

import argparse
import time
from typing import Any

import jax
import ml_dtypes
import numpy as np

from crosscheck.contract import call
from crosscheck.judge import Judge
from crosscheck.reference import oracle_for
from manual.parameters import Parameters
from tests.quality.networks import SUBJECTS, Networks, pair
from tests.quality.survey import Survey

GROUP = 64
DTYPES = {"float64": np.float64, "float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16}
LOW, HIGH = 0.001, {"float64": 30.0, "float32": 3.0, "float16": 1.0, "bfloat16": 1.0}
WITH_RULES_EVERY = 4
EVERY = 50


class Surveyor:
    """Judges groups of networks; what is compiled serves every dtype."""

    def __init__(self) -> None:
        self._oracles: dict[bool, Any] = {}

    def survey(self, cases: Networks, models: int, seed: int, *, every: int = 0) -> Survey:
        """Judge so many models; `every` so many groups, print what was seen."""
        found = Survey(frozenset(Parameters._fields))
        # bfloat16 is none of the built-in subject's dtypes; Adagrad's and Adam's epsilon is 0 in either half precision.
        subjects = [name for name in SUBJECTS if cases.dtype != ml_dtypes.bfloat16 or name != "manual"]
        has_rules = cases.dtype in (np.float64, np.float32)
        started = time.monotonic()
        for number in range(-(-models // GROUP)):
            keys = cases.group(seed, number, min(GROUP, models - found.models))
            single = keys[0].sizes[3] == 0
            with_rules = has_rules and single and number % WITH_RULES_EVERY == WITH_RULES_EVERY - 1
            chosen = pair(subjects[number % len(subjects)], cases, with_rules=with_rules)
            if with_rules not in self._oracles:
                outcome = call(chosen.subject, cases.build(keys[0]).arguments)
                self._oracles[with_rules] = oracle_for(chosen, outcome)
            found.judge(Judge(chosen, self._oracles[with_rules]), keys, [cases.scale(key) for key in keys])
            if every and number % every == every - 1:
                print(f"after {time.monotonic() - started:.0f} s\n{found.report(cases.size_names)}\n", flush=True)
        return found


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("dtypes", nargs="*", metavar="DTYPE", choices=[*DTYPES, []])
    arguments.add_argument("--models", type=int, default=100_000)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    jax.config.update("jax_enable_x64", True)
    surveyor = Surveyor()
    for dtype in given.dtypes or [*DTYPES]:
        cases = Networks(LOW, HIGH[dtype], DTYPES[dtype])
        print(f"{dtype}, scales {LOW:g} to {HIGH[dtype]:g}, seed {given.seed}", flush=True)
        found = surveyor.survey(cases, given.models, given.seed, every=EVERY)
        print(found.report(cases.size_names), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
