"""How fast the hand-written network is, next to its rivals in the same run, with all threads and with one.

    python -m pytest tests/benchmarks/test_rnn_speed.py -s

prints a table for each size. The floors are what the project promises; on a machine that is busy with other things,
repeat a failure before believing it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
THREADS = {"all threads": {}, "one thread": ONE_THREAD}

# How many times the subject's time each contender must need, at the least. The names are those of race.py.
FLOORS = {
    ("one", "all threads"): {"gist float64": 5.0, "twin float64": 1 / 0.8},
    ("one", "one thread"): {"gist float64": 3.5, "twin float64": 1 / 0.8},
    ("batch", "all threads"): {"twin float64": 1.0, "torch float64": 1.2},
    ("batch", "one thread"): {"twin float64": 1.0, "torch float64": 1.2},
    ("large", "all threads"): {"twin float64": 1 / 1.1},
    ("large", "one thread"): {"twin float64": 1 / 1.1},
    ("large_batch", "all threads"): {"twin float64": 1 / 1.1},
    ("large_batch", "one thread"): {"twin float64": 1 / 1.1},
}
MODELS_PER_SECOND = 80_000


def raced(name: str, threads: str) -> dict:
    inherited = {key: value for key, value in os.environ.items() if key not in ONE_THREAD}
    command = [sys.executable, "-m", "tests.benchmarks.race", name]
    environment = inherited | THREADS[threads]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as run:
        # One core as well where the system can say so: XLA and torch keep helper threads that no variable switches off.
        # Threads inherit it, and the interpreter has not begun to load anything yet.
        if THREADS[threads] and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(run.pid, {min(os.sched_getaffinity(0))})
        printed, _ = run.communicate()
    assert run.returncode == 0
    return json.loads(printed)


@pytest.mark.parametrize(("name", "threads"), FLOORS)
def test_ratios(benchmark, name, threads):
    pytest.importorskip("torch")
    result = benchmark.pedantic(raced, (name, threads), rounds=1)
    rounds = {contender: np.array(seconds) for contender, seconds in result.pop("rounds").items()}
    benchmark.extra_info.update(result)
    print(f"\n{name}, {threads}")
    ratios = {}
    for contender, seconds in rounds.items():
        dtype = contender.split()[1]
        ratios[contender] = float(np.median(seconds / rounds[f"subject {dtype}"]))
        print(f"  {contender:16}{result['microseconds'][contender]:12,.0f} µs{ratios[contender]:8.2f}")
    for dtype, share in result["share of the product rate"].items():
        print(f"  {share:.2f} of the rate of a large matrix product, {dtype}")
    slow = {c: (ratios[c], floor) for c, floor in FLOORS[name, threads].items() if ratios[c] < floor}
    assert not slow, f"(ratio, floor) of the rivals that are too close: {slow}"
    narrow = float(np.median(rounds["subject float64"] / rounds["subject float32"]))
    assert narrow >= 1, f"float32 is slower than float64: {narrow:.2f}"


def test_thousands_of_small_models_in_one_call(benchmark):
    result = benchmark.pedantic(raced, ("models", "one thread"), rounds=1)
    benchmark.extra_info.update(result)
    print(f"\nV = H = T = 12, one thread: {result['stacked']:,.0f} models/s stacked, {result['alone']:,.0f} one by one")
    assert result["stacked"] >= MODELS_PER_SECOND
