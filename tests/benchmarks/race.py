"""Times the hand-written network and its rivals in turns, in a process of its own, and prints the result as JSON.

`python -m tests.benchmarks.race one` (or batch, large, large_batch, models). A process of its own, because the numbers
of threads are settled when the libraries are loaded, and because the tests' type checker must not be measured.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from tests.benchmarks import rivals

SHAPES = {
    # name: V, H, T, B, and how many rounds are raced
    "one": (58, 100, 25, None, 31),
    "batch": (58, 100, 25, 32, 21),
    "large": (65, 512, 64, None, 11),
    "large_batch": (65, 512, 64, 32, 5),
}
MODELS = 4096

# On one core the processor time of this process is nearly the time the work took, whatever else the machine is doing.
ON_ONE_CORE = hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) == 1
clock = time.process_time if ON_ONE_CORE else time.perf_counter


def race(contenders: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """The median call of every contender in seconds, round by round: a noisy moment meets all of them.

    Calls are timed one by one, since the calls that follow an interruption find the caches emptied: a mean would
    measure the machine's other work.
    """
    repeats = {}
    for name, run in contenders.items():
        run()
        repeats[name] = max(1, round(0.01 / _timed(run)))
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            time.sleep(0.005)  # the threads of the one before must have stopped spinning
            seconds[name].append(float(np.median([_timed(run) for _ in range(repeats[name])])))
    return seconds


def _timed(run: Callable[[], Any]) -> float:
    start = clock()
    run()
    return clock() - start


def race_shape(name: str) -> dict[str, Any]:
    """Medians in microseconds, and the share of the machine's matrix-product rate that the subject reaches."""
    V, H, T, B, rounds = SHAPES[name]
    contenders, flops = {}, 0
    for dtype in (np.float64, np.float32):
        problem = rivals.problem(V, H, T, B, dtype)
        flops = problem.flops
        contenders[f"subject {dtype.__name__}"] = rivals.subject(problem)
        contenders[f"twin {dtype.__name__}"] = rivals.twin(problem)
        contenders[f"torch {dtype.__name__}"] = rivals.torch_rnn(problem)
        if B is None:
            contenders[f"gist {dtype.__name__}"] = rivals.gist(problem)
        contenders[f"product {dtype.__name__}"] = rivals.product(dtype)
    seconds = race(contenders, rounds)
    shares = {}
    for kind in ("float64", "float32"):
        rate = rivals.PRODUCT_FLOPS / np.median(seconds.pop(f"product {kind}"))
        shares[kind] = flops / np.median(seconds[f"subject {kind}"]) / rate
    return {
        "microseconds": {name: float(np.median(values) * 1e6) for name, values in seconds.items()},
        "rounds": seconds,
        "share of the product rate": shares,
    }


def race_models() -> dict[str, Any]:
    """Small models per second, in one call for all of them and in one call for each."""
    stack, single = rivals.stacked_problem(MODELS, 12, 12, 12), rivals.problem(12, 12, 12, None, np.float64)
    seconds = race({"stack": rivals.subject(stack), "single": rivals.subject(single)}, 7)
    return {"stacked": MODELS / float(np.median(seconds["stack"])), "alone": 1 / float(np.median(seconds["single"]))}


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    print(json.dumps(race_models() if sys.argv[1] == "models" else race_shape(sys.argv[1])))
