"""Tasks for processes of this machine. One that dies is replaced, and its task is done again by another.

A task's counts exist only once its answer has arrived whole: what a killed worker had done is counted nowhere, and
nothing is counted twice.
"""

import contextlib
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from typing import Any

from crosscheck.campaign.counts import Counts
from crosscheck.campaign.plan import Plan, Task
from crosscheck.errors import CrosscheckError

LIVES = 3
"""Workers that may die over one task before the task is blamed"""
# A worker for each core: threads of their own would only take turns.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


def on_workers(plan: Plan, workers: int) -> Iterator[tuple[Task, Counts]]:
    """Yield every task of the plan with its counts, as they come. Raises CrosscheckError where a worker did."""
    try:
        pickle.dumps(plan)
    except (pickle.PicklingError, AttributeError, TypeError) as problem:
        raise CrosscheckError(
            f"The pair {plan.pair.name} cannot be sent to other processes ({problem}): define its functions at the top "
            "of a module, or use one worker.",
            code="pair-not-picklable",
        ) from problem
    return _results(plan, workers)


def _results(plan: Plan, workers: int) -> Iterator[tuple[Task, Counts]]:
    tasks, again, deaths = plan.tasks(), [], {}
    crew: dict[Connection, tuple[Any, Task]] = {}
    hired: list[Any] = []

    def give(worker: tuple[Any, Connection] | None) -> None:
        """Give the next task to a worker, or to a new one; without a task it goes home."""
        task = again.pop() if again else next(tasks, None)
        if task is not None:
            process, connection = worker or _hire(plan)
            hired.extend([process] if worker is None else [])
            with contextlib.suppress(OSError):  # it died while it was idle: its connection will tell
                connection.send(task)
            crew[connection] = process, task
        elif worker is not None:
            worker[1].close()

    try:
        for _ in range(workers):
            give(None)
        while crew:
            for connection in wait(list(crew)):
                assert isinstance(connection, Connection)
                process, task = crew.pop(connection)
                try:
                    answer = connection.recv()
                except (EOFError, OSError, pickle.UnpicklingError):
                    connection.close()
                    _bury(process, task, deaths)
                    again.append(task)
                    give(None)
                    continue
                give((process, connection))
                yield task, _counts(answer)
    finally:
        for process in hired:
            process.terminate()
            process.join()
        for connection in crew:
            connection.close()


def _hire(plan: Plan) -> tuple[Any, Connection]:
    context = multiprocessing.get_context("spawn")  # JAX's threads do not survive a fork
    ours, theirs = context.Pipe()
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update({name: value for name, value in ONE_THREAD.items() if before[name] is None})
    # Ctrl-C is for the process that reports. A signal that is ignored at the start stays ignored in the child.
    in_main_thread = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN) if in_main_thread else None
    try:
        process = context.Process(target=_work, args=(theirs, plan), daemon=True)
        process.start()
    finally:
        if in_main_thread:
            signal.signal(signal.SIGINT, handler)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
    theirs.close()
    return process, ours


def _work(connection: Connection, plan: Plan) -> None:
    from crosscheck.campaign.chunk import Chunks

    chunks = Chunks(plan)
    with contextlib.suppress(EOFError, OSError):  # nobody waits for more
        while True:
            task = connection.recv()
            try:
                answer: Any = chunks.judge(task)
            except CrosscheckError as problem:
                answer = problem.code, str(problem)
            except Exception:  # noqa: BLE001 (told where the traceback is printed)
                answer = None, traceback.format_exc()
            connection.send(answer)


def _counts(answer: Any) -> Counts:
    if isinstance(answer, Counts):
        return answer
    code, message = answer
    if code is None:
        raise RuntimeError(f"a worker failed:\n{message}")
    raise CrosscheckError(message, code=code)


def _bury(process: Any, task: Task, deaths: dict[int, int]) -> None:
    process.join()
    deaths[task.number] = deaths.get(task.number, 0) + 1
    if deaths[task.number] == LIVES:
        raise CrosscheckError(
            f"{LIVES} workers died over chunk {task.parts[0].chunk} (exit code {process.exitcode}): the subject may "
            "end its process, or there is too little memory. Use fewer workers.",
            code="workers-die",
        )
