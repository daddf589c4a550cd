"""A campaign from its plan to its report: hand out the tasks, add up the counts in order, explain what is wrong."""

import heapq
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from crosscheck.campaign.chunk import Chunks
from crosscheck.campaign.cluster import on_cluster
from crosscheck.campaign.counts import Counts
from crosscheck.campaign.plan import Plan, Task
from crosscheck.campaign.report import CampaignReport
from crosscheck.campaign.workers import on_workers
from crosscheck.cases import Key
from crosscheck.contract import call
from crosscheck.door import check
from crosscheck.errors import CrosscheckError
from crosscheck.judge import Judge
from crosscheck.minimise import minimise
from crosscheck.reference import oracle_for
from crosscheck.report import Report
from crosscheck.verdicts import Finding

ENOUGH = 100
"""Disagreeing models after which a campaign ends: more would not say more, and each takes long"""


@dataclass(frozen=True)
class Progress:
    """Event: some more models were judged."""

    done: int
    total: int
    disagree: int
    models_per_second: float | None
    """After compilation; None until every worker has done a task"""


Handler = Callable[[Progress], None]


def campaign(
    plan: Plan,
    *,
    workers: int = 1,
    dask: str | None = None,
    handlers: Sequence[Handler] = (),
    reproduce: Callable[[Key | None], str] | None = None,
) -> CampaignReport:
    """Judge all models of a plan: in this process, in several, or on the Dask cluster at an address.

    Verdict and counts depend on the plan alone. The first model that disagrees is made small. Ctrl-C ends the campaign:
    the report then tells what was judged so far, and is marked as interrupted.

    Raises CrosscheckError for a number of workers or an address that cannot be used.
    """
    if workers < 1:
        raise CrosscheckError(f"workers is {workers}, expected at least 1.", code="bad-workers")
    watch, counts, interrupted = _Watch(), Counts(), False
    error: CrosscheckError | None = None
    parallel, source = _source(plan, workers, dask)
    try:
        with closing(source):
            for counted in _in_order(source):
                counts.merge(counted)
                watch.add(counted.models, parallel)
                progress = Progress(counts.models, plan.models, counts.disagree, watch.rate)
                for handler in handlers:
                    handler(progress)
                if counts.loss_differs or counts.disagree >= ENOUGH:
                    break
            else:
                assert counts.models == plan.models, "a task was lost"
    except KeyboardInterrupt:
        interrupted = True
    except CrosscheckError as problem:
        error = problem
    seconds, rate = watch.seconds, watch.rate or counts.models / max(watch.seconds, 1e-9)
    findings: tuple[Finding, ...] = ()
    culprit = counts.loss_differs or counts.first_disagreement
    if culprit is not None and not interrupted and error is None:
        explained = _explain(plan, culprit, counts)
        findings, culprit = explained.findings, Key.parse(explained.reproduce)
        if explained.error is not None:
            error = CrosscheckError(explained.error["message"], code=explained.error["code"])
    return CampaignReport(
        target=plan.pair.name,
        seed=plan.seed,
        examples=counts.models,
        judged=counts.judged,
        seconds=seconds,
        tallies=tuple(counts.tallies.values()),
        findings=findings,
        oracles=("twin in reverse mode",),
        regimes=counts.regimes,
        reproduce=reproduce(culprit) if reproduce else str(culprit or ""),
        error=None if error is None else {"code": error.code, "message": str(error), "line": None},
        counts=counts,
        models_per_second=rate,
        interrupted=interrupted,
        asked=plan.models,
    )


class _Watch:
    """The time that a campaign takes, and its rate once everything is compiled."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._tasks = self._models = 0
        self._warm: tuple[float, int] | None = None

    def add(self, models: int, parallel: int) -> None:
        """Count the models of a task; `parallel` workers compile for their first ones."""
        self._tasks += 1
        self._models += models
        if self._warm is None and self._tasks >= parallel:
            self._warm = time.monotonic(), self._models

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def rate(self) -> float | None:
        if self._warm is None or self._models == self._warm[1]:
            return None
        return (self._models - self._warm[1]) / max(time.monotonic() - self._warm[0], 1e-9)


def _source(plan: Plan, workers: int, dask: str | None) -> tuple[int, Any]:
    if dask is not None:
        return on_cluster(plan, dask)
    if workers == 1:
        return 1, _in_this_process(plan)
    return workers, on_workers(plan, workers)


def _in_this_process(plan: Plan) -> Iterator[tuple[Task, Counts]]:
    chunks = Chunks(plan)
    for task in plan.tasks():
        yield task, chunks.judge(task)


def _in_order(results: Iterable[tuple[Task, Counts]]) -> Iterator[Counts]:
    """Hold back what comes early: then sums, first disagreements and early ends are the same for any workers."""
    waiting: list[tuple[int, Counts]] = []
    expected = 0
    for task, counts in results:
        heapq.heappush(waiting, (task.number, counts))
        while waiting and waiting[0][0] == expected:
            yield heapq.heappop(waiting)[1]
            expected += 1


def _explain(plan: Plan, culprit: Key, counts: Counts) -> Report:
    """Check the smallest case like the culprit, alone; its key is what the report's `reproduce` says."""
    pair = plan.pair
    names = [tally.name for tally in counts.tallies.values() if culprit in tally.wrong_keys]
    if names and not counts.loss_differs:
        judge = Judge(pair, oracle_for(pair, call(pair.subject, pair.cases.build(culprit).arguments)))
        culprit = minimise(judge, [culprit], names[0]).key
    return replace(check(pair=pair, only=str(culprit)), reproduce=str(culprit))
