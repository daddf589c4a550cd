"""Right recurrent networks of all sizes up to 64: how often are they called wrong, and how often can nothing be said?

    python -m tests.quality.false_alarms_rnn [--models 100000] [--dtype float64] [--low 0.001] [--high 30]

Every fourth group of models goes through the clips and optimisers as well, by hand and by optax. Prints the figures
after every 64 groups, and at the end.
"""

import argparse
import time

import jax
import ml_dtypes
import numpy as np

from crosscheck.check import oracle_for
from crosscheck.contract import call
from crosscheck.judge import Judge
from manual.parameters import Parameters
from tests.quality.networks import SUBJECTS, Networks, pair
from tests.quality.survey import Survey

GROUP = 64
DTYPES = {"float64": np.float64, "float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16}
WITH_RULES_EVERY = 4


def survey(cases: Networks, models: int, seed: int, *, every: int = 0) -> Survey:
    """Judge so many models; `every` so many groups, print what was seen."""
    found = Survey(frozenset(Parameters._fields))
    # bfloat16 is none of the built-in subject's dtypes.
    subjects = [name for name in SUBJECTS if cases.dtype != ml_dtypes.bfloat16 or name != "manual"]
    oracles = {}
    started = time.monotonic()
    for number in range(-(-models // GROUP)):
        with_rules = number % WITH_RULES_EVERY == WITH_RULES_EVERY - 1 and len(subjects) == len(SUBJECTS)
        chosen = pair(subjects[number % len(subjects)], cases, with_rules=with_rules)
        keys = cases.group(seed, number, min(GROUP, models - found.models))
        if with_rules not in oracles:
            outcome = call(chosen.subject, cases.build(keys[0]).arguments)
            oracles[with_rules] = oracle_for(chosen, outcome)
        found.judge(Judge(chosen, oracles[with_rules]), keys, [cases.scale(key) for key in keys])
        if every and number % every == every - 1:
            print(f"after {time.monotonic() - started:.0f} s\n{found.report(cases.size_names)}\n", flush=True)
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--models", type=int, default=100_000)
    arguments.add_argument("--dtype", choices=DTYPES, default="float64")
    arguments.add_argument("--low", type=float, default=0.001)
    arguments.add_argument("--high", type=float, default=30.0)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    jax.config.update("jax_enable_x64", True)
    cases = Networks(given.low, given.high, DTYPES[given.dtype])
    found = survey(cases, given.models, given.seed, every=64)
    print(f"{given.dtype}, scales {given.low:g} to {given.high:g}, seed {given.seed}")
    print(found.report(cases.size_names))


if __name__ == "__main__":
    main()
