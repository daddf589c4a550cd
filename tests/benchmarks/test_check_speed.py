"""How fast a verdict is, next to what people use otherwise, in the same run and on one thread.

    python -m pytest tests/benchmarks/test_check_speed.py -s

Times are of the processor (tests/benchmarks/check_race.py), so that other work on the machine hardly matters.
"""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
COLD = """
import crosscheck
from crosscheck.builtin.pairs import by_name

print(crosscheck.check(pair=by_name("rnn"), examples=200).verdict)
"""


def raced(name: str) -> dict[str, Any]:
    result = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.check_race", name],
        cwd=ROOT,
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(result.stdout)
    print()
    for what, value in found.items():
        print(f"  {what:32}{value:12.4g}")
    return found


def test_a_property_over_random_shapes(benchmark: Any) -> None:
    found = benchmark.pedantic(raced, ("properties",), rounds=1)
    benchmark.extra_info.update(found)
    ratios = {n: found[f"naive, {n}, extrapolated"] / found[f"ours, first {n}"] for n in (100, 1000)}
    warm = found["ours, 1000 warm"] / found["generation, 1000"]
    print(f"  cold, naive ÷ ours: {ratios[100]:.1f} (100), {ratios[1000]:.1f} (1,000); warm ÷ generation: {warm:.1f}")
    assert ratios[100] >= 8
    assert ratios[1000] >= 20
    assert warm <= 3


def test_a_check_of_every_entry_of_a_large_network(benchmark: Any) -> None:
    pytest.importorskip("torch")
    found = benchmark.pedantic(raced, ("large",), rounds=1)
    benchmark.extra_info.update(found)
    print(f"  torch, fast ÷ ours: {found['torch, fast'] / found['judged']:.1f}")
    print(f"  torch, full, extrapolated ÷ ours: {found['torch, full, extrapolated'] / found['judged']:,.0f}")
    assert found["torch, fast"] > found["judged"]
    assert found["torch, full, extrapolated"] > 1000 * found["judged"]


def test_the_noise_compiles_quickly(benchmark: Any) -> None:
    found = benchmark.pedantic(raced, ("compiling",), rounds=1)
    assert found["compiling"] <= 2


def test_two_hundred_cases_cold_with_imports(benchmark: Any) -> None:
    def cold() -> tuple[float, float]:
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        result = subprocess.run([sys.executable, "-c", COLD], cwd=ROOT, capture_output=True, text=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert result.stdout.strip() == "agree", result.stdout
        return time.monotonic() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    wall, processor = benchmark.pedantic(cold, rounds=1)
    print(f"\n  200 cases, cold: {wall:.1f} s on the clock, {processor:.1f} s of the processor")
    # On a busy machine the clock shows other work as well; on several cores the processor time is the larger one.
    assert min(wall, processor) < 6
