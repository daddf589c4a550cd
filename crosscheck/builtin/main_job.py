"""`crosscheck` alone: every built-in pair over random cases, then a training in lockstep on two sonnets."""

import dataclasses
import math
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from typing import Self

import numpy as np
from rich.console import Console
from rich.markup import escape

from crosscheck.builtin import consoles
from crosscheck.builtin.differing import StepDiffersError
from crosscheck.builtin.lockstep import Lockstep
from crosscheck.builtin.pairs import PAIRS, by_name
from crosscheck.builtin.progress import display
from crosscheck.builtin.table import COLOURS, discrepancies
from crosscheck.builtin.train import standing, write_disagreement, write_final_sample
from crosscheck.compare import K
from crosscheck.door import check
from crosscheck.report import Report
from crosscheck.run import CasesJudged
from crosscheck.tally import Tally
from crosscheck.verdicts import Verdict, aggregate
from manual.parameters import initialise
from manual.settings import Settings
from manual.text import Vocabulary
from manual.training import TrainingState, begin, train

HIDDEN_SIZE = 100
# What a training run does to its gradients by default. The other rules are tried by the tests and by the campaign: each
# costs a second of compiling.
RULES = ("clip_by_value", "adagrad")
TRAINING_LINES = 5


def main_job(*, seed: int, examples: int, steps: int) -> Verdict:
    """Print a table for each pair, the training, and one line with the verdict; return the verdict.

    Ctrl-C prints what was found so far and then goes on its way.
    """
    console = consoles.results()
    started = time.monotonic()
    training = _Training.on_sonnets(seed)
    with ThreadPoolExecutor(max_workers=1) as pool:
        # Compiling the training's twin takes seconds and one core; the pairs are checked on the other meanwhile.
        compiled = pool.submit(training.compile)
        reports = [_check_pair(console, name, seed=seed, examples=examples) for name in PAIRS]
        training.run(console, steps, compiled)
    verdict = aggregate([*(report.verdict for report in reports), training.lockstep.verdict])
    judged = sum(report.judged for report in reports)
    console.print(
        f"[bold {COLOURS[verdict]}]{verdict.upper()}[/]  {', '.join(PAIRS)}: {judged:,} random cases, "
        f"{training.lockstep.steps:,} training steps, {time.monotonic() - started:.0f} s"
    )
    return verdict


class _Watched:
    """What is known of a check that is still running."""

    def __init__(self) -> None:
        self.tallies: dict[str, Tally] = {}

    def add(self, event: CasesJudged) -> None:
        for case in event.cases:
            for name in case.comparisons:
                self.tallies.setdefault(name, Tally(name)).add(case)


def _check_pair(console: Console, name: str, *, seed: int, examples: int) -> Report:
    pair = by_name(name)
    pair = dataclasses.replace(pair, rules=tuple(rule for rule in pair.rules if rule.name in RULES))
    watched = _Watched()
    try:
        with display(consoles.progress(), f"{name}: case", examples, every=examples) as bar:
            bar.update(0, "compiling")
            handlers = [watched.add, lambda event: bar.update(event.done, "")]
            report = check(pair=pair, seed=seed, examples=examples, handlers=handlers)
    finally:
        if watched.tallies:
            _write_table(console, name, list(watched.tallies.values()))
    if report.error is not None:
        console.print(f"[bold red]{name}[/]: {escape(str(report.error['message']))}")
    for finding in report.findings:
        console.print(f"[bold red]{finding.severity}[/] {escape(finding.message)} \\[{finding.code}]")
    return report


def _write_table(console: Console, name: str, tallies: Sequence[Tally]) -> None:
    cases, judged = max(tally.cases for tally in tallies), min(tally.judged for tally in tallies)
    console.print(
        f"[bold]{name}[/]: by hand against JAX in {cases:,} random cases, all quantities judged in {judged:,}"
    )
    console.print(discrepancies(tallies, console.width))
    console.print(f"\n[dim]Discrepancies are in tolerances, measured entry by entry; {K:.0f} are the limit.[/]\n")


@dataclass(frozen=True)
class _Training:
    """The training in lockstep that is about to happen."""

    vocabulary: Vocabulary
    indices: np.ndarray
    settings: Settings
    start: TrainingState
    lockstep: Lockstep

    @classmethod
    def on_sonnets(cls, seed: int) -> Self:
        text = files("crosscheck.builtin").joinpath("sonnets.txt").read_text(encoding="utf-8")
        vocabulary, settings = Vocabulary.from_text(text), Settings()
        start = begin(initialise(len(vocabulary), HIDDEN_SIZE, seed=seed), settings, seed=seed)
        return cls(vocabulary, vocabulary.encode(text), settings, start, Lockstep(settings))

    def compile(self) -> None:
        self.lockstep.compile_for(self.start, self.indices[: self.settings.layout.length])

    def run(self, console: Console, steps: int, compiled: Future[None]) -> None:
        """Train, and print how it goes, what was judged, and what the model writes."""
        console.print(
            f"[bold]training[/] on two sonnets: {len(self.indices):,} characters, {HIDDEN_SIZE} hidden units, Adagrad"
        )
        state, every = self.start, math.ceil(steps / TRAINING_LINES)
        try:
            with display(consoles.progress(), "lockstep: step", steps, every=steps) as bar:
                bar.update(0, "compiling")
                compiled.result()
                for progress in train(state, self.indices, self.settings.layout, self.lockstep, steps=steps):
                    state = progress.state
                    bar.update(state.step, "")
                    if state.step == 1 or state.step % every == 0 or state.step == steps:
                        with bar.aside():
                            console.print(f"  step {state.step:>6,}  {standing(state, self.settings)}")
        except StepDiffersError as found:
            write_disagreement(found)
            return
        finally:
            console.print(f"  every step judged: {self.lockstep}")
        write_final_sample(state, self.vocabulary, self.indices[:1])
