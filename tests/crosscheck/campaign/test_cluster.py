"""A real Dask scheduler with two worker processes on loopback, one of them killed midway."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crosscheck.campaign import campaign
from tests.crosscheck.campaign.campaign_pairs import small_plan
from tests.crosscheck.campaign.test_run import SEVERAL_TASKS, numbers, short_tasks

ROOT = Path(__file__).parents[3]
pytest.importorskip("distributed", reason="needs the extra `dask`")
__all__ = ["short_tasks"]


@pytest.fixture
def cluster(tmp_path):
    """Yield the address of a scheduler, and its two workers; nothing of them outlives the test."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
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
    yield address, workers
    for process in started:
        process.kill()
        process.wait()


def test_nothing_is_lost_and_nothing_counted_twice_when_a_worker_is_killed(cluster):
    address, workers = cluster
    events = []

    def kill(event):
        events.append(event)
        if len(events) == 1:
            os.kill(workers[0].pid, signal.SIGKILL)

    plan = small_plan(SEVERAL_TASKS, seed=2)
    report = campaign(plan, dask=address, handlers=[kill])
    assert numbers(report) == numbers(campaign(plan))
    assert report.counts.models == SEVERAL_TASKS
    assert workers[0].wait() == -signal.SIGKILL
    assert workers[1].poll() is None
