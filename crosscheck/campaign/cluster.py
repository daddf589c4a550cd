"""Tasks for an existing Dask cluster. A dead worker's are done again; a task counts once, when its answer is here."""

import pickle
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from crosscheck.campaign.chunk import Chunks
from crosscheck.campaign.counts import Counts
from crosscheck.campaign.plan import Plan, Task
from crosscheck.errors import CrosscheckError

SECONDS_TO_ANSWER = 10
AHEAD = 3
"""Tasks in flight for each thread of the cluster: none waits for us, and memory does not grow with the models"""

_lock = threading.Lock()
_chunks: dict[bytes, Chunks] = {}


def on_cluster(plan: Plan, address: str) -> tuple[int, Iterator[tuple[Task, Counts]]]:
    """Return how many tasks the cluster does at a time, and an iterator over all tasks with their counts."""
    try:
        from distributed import Client
    except ImportError as missing:
        raise CrosscheckError(
            "Dask is not installed: pip install 'backprop-crosscheck[dask]', or use --workers.", code="no-dask"
        ) from missing
    _refuse_silent(address)
    try:
        client = Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
    except (OSError, ValueError, TypeError) as problem:
        raise CrosscheckError(
            f"What answers at {address} is no Dask scheduler of this version of Dask: check the address.",
            code="no-scheduler",
        ) from problem
    threads: Any = client.nthreads()
    if not threads:
        client.close()
        raise CrosscheckError(
            f"The Dask cluster at {address} has no workers: start one with `dask worker {address}`.", code="no-workers"
        )
    return len(threads), _results(client, plan, AHEAD * sum(threads.values()))


def _refuse_silent(address: str) -> None:
    """Knock before Dask does, which tries for long and then prints tracebacks."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    try:
        if parts.hostname is None or parts.port is None:
            raise ValueError("no port")
        socket.create_connection((parts.hostname, parts.port), SECONDS_TO_ANSWER).close()
    except (OSError, ValueError) as problem:
        raise CrosscheckError(
            f"No Dask scheduler answers at {address}: start one with `dask scheduler`, and copy its address, such as "
            "tcp://127.0.0.1:8786.",
            code="no-scheduler",
        ) from problem


def _results(client: Any, plan: Plan, ahead: int) -> Iterator[tuple[Task, Counts]]:
    from distributed import as_completed

    tasks = plan.tasks()

    def submit(number: int) -> list[Any]:
        some = [task for _, task in zip(range(number), tasks, strict=False)]
        return [client.submit(judge_on_cluster, plan, task, pure=False) for task in some]

    try:
        running = as_completed(submit(ahead), loop=client.loop)
        for future in running:
            try:
                task, answer = future.result()
            except CrosscheckError:
                raise
            except Exception as problem:
                raise CrosscheckError(
                    f"The Dask cluster failed: {type(problem).__name__}: {problem}. Its workers need the same version "
                    "of crosscheck.",
                    code="cluster-failed",
                ) from problem
            for further in submit(1):
                running.add(further)
            yield task, answer
    finally:
        client.close()


def judge_on_cluster(plan: Plan, task: Task) -> tuple[Task, Counts]:
    """Judge one task inside a Dask worker, where what is compiled stays for the next one."""
    with _lock:  # standard output is redirected while a subject runs: one at a time
        known = pickle.dumps(plan)
        if known not in _chunks:
            _chunks.clear()
            _chunks[known] = Chunks(plan)
        return task, _chunks[known].judge(task)
