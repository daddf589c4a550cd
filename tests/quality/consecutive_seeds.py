"""Right gradients under the pytest plugin, run after run with another seed: does a test ever fail?

    python -m tests.quality.consecutive_seeds [--runs 1000] [--seed 0]

Every run is one of pytest, with this file as its suite and the default strength, all in one process, so that twins are
compiled once. Prints how far it is, and at the end what failed.
"""

import argparse
import contextlib
import io
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from unittest import mock

import jax
import numpy as np
import pytest

import crosscheck
from crosscheck.strategies import like
from crosscheck.testing.plugin import SENT
from tests.quality.losses import ENTRIES

FLOAT64 = ("attention", "LSTM", "max-pool")
FLOAT32 = ("softmax cross-entropy",)


def _rounded(leaf: Any) -> Any:
    leaf = np.asarray(leaf)
    return leaf.astype(np.float32) if leaf.dtype.kind == "f" else leaf


for _entry in ENTRIES:
    if _entry.name in (*FLOAT64, *FLOAT32):
        _name = _entry.name if _entry.name in FLOAT64 else f"{_entry.name}, float32"
        _example = _entry.example if _entry.name in FLOAT64 else jax.tree.map(_rounded, _entry.example)
        crosscheck.register(_entry.by_hand, name=_name, twin=_entry.loss, cases=like(_example, vary=_entry.vary))


class Record:
    """What many runs came to; a plugin of pytest in each of them."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.failures: list[tuple[int, str, str]] = []
        """(seed, test, what it said)"""
        self.cases = self.judged = 0
        self.furthest = 0.0
        """The largest discrepancy of all entries, in tolerances"""
        self.seed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one test, and what it judged."""
        if report.when == "call":
            self.outcomes[report.outcome] += 1
        if report.failed:
            self.failures.append((self.seed, report.nodeid, report.longreprtext))
        for one in json.loads(getattr(report, SENT, "[]")):
            self.cases += one["examples"]
            self.judged += one["judged"]
            worst = [float(parameter["worst"]["discrepancy"]) for parameter in one["parameters"] if parameter["worst"]]
            self.furthest = max([self.furthest, *worst])

    def told(self) -> str:
        """Say it in a line."""
        return (
            f"{sum(self.outcomes.values()):,} tests: {self.outcomes['passed']:,} passed, {len(self.failures)} failed; "
            f"{self.judged:,} of {self.cases:,} cases judged; at most {self.furthest:.2g} tolerances off"
        )


def run(record: Record, seeds: Iterable[int], *arguments: str, suite: Path = Path(__file__)) -> Record:
    """Run a suite once for every seed, and add to the record."""
    options = ["-q", "-c", os.devnull, f"--rootdir={suite.parent}", "-pno:cacheprovider", "-pcrosscheck.testing.plugin"]
    alone = mock.patch.dict(os.environ, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    path = mock.patch.object(sys, "path", [*sys.path])  # which pytest adds the suite's folder to
    for record.seed in seeds:
        seed = f"--crosscheck-seed={record.seed}"
        with alone, path, contextlib.redirect_stdout(io.StringIO()) as said:
            status = pytest.main([str(suite), *options, seed, *arguments], plugins=[record])
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            raise RuntimeError(f"pytest ended with {status!r} for seed {record.seed}:\n{said.getvalue()}")
    return record


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=0, help="the first of them")
    given = arguments.parse_args()
    started, record = time.process_time(), Record()
    for done in range(given.runs):
        run(record, [given.seed + done])
        if (done + 1) % 10 == 0 or done + 1 == given.runs:
            print(f"{done + 1} runs, {time.process_time() - started:.0f} s CPU: {record.told()}", flush=True)
    for seed, test, text in record.failures:
        print(f"seed {seed}: {test}\n{text}")


if __name__ == "__main__":
    main()
