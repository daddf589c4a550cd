"""A real Dask scheduler with two worker processes on loopback, one of them killed midway."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from crosscheck.campaign import campaign
from tests.crosscheck.campaign.campaign_pairs import DEATH_WARRANT, PAIR, mortal, small_plan
from tests.crosscheck.campaign.test_run import SEVERAL_TASKS, numbers, short_tasks

ROOT = Path(__file__).parents[3]
pytest.importorskip("distributed", reason="needs the extra `dask`")
__all__ = ["short_tasks"]


@pytest.fixture
def cluster(tmp_path):
    """Yield the address of a scheduler, its two workers, and the file that kills one; nothing outlives the test."""
    warrant = tmp_path / "warrant"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", DEATH_WARRANT: str(warrant)}
    started = []

    def start(*line):
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + line[0], *line[1:]],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    file = tmp_path / "scheduler.json"
    start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    deadline = time.monotonic() + 60
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    address = json.loads(file.read_text())["address"]
    workers = [
        start("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
        for _ in range(2)
    ]
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    yield address, workers, warrant
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.thorough
def test_nothing_is_lost_and_nothing_counted_twice_when_a_worker_is_killed(cluster):
    address, workers, warrant = cluster
    warrant.touch()
    plan = small_plan(SEVERAL_TASKS, replace(PAIR, stacked_subject=mortal), seed=2)
    report = campaign(plan, dask=address)
    assert not warrant.exists()
    assert sorted([worker.poll() is None for worker in workers]) == [False, True]
    assert numbers(report) == numbers(campaign(plan))
    assert report.counts.models == SEVERAL_TASKS
