"""`crosscheck train`: the gist's training loop with a choice of engine, checkpoints, and a judge beside it."""

import math
from typing import TYPE_CHECKING

import numpy as np
from rich.markup import escape

from crosscheck.builtin import consoles
from crosscheck.builtin.differing import StepDiffersError
from crosscheck.builtin.progress import display
from crosscheck.builtin.runs import Run
from crosscheck.verdicts import Verdict
from manual.sampling import sample
from manual.settings import Sampling, Settings
from manual.text import Vocabulary
from manual.training import Engine, TrainingState, engine_from, generator_from, train

if TYPE_CHECKING:
    from crosscheck.builtin.lockstep import Lockstep
    from crosscheck.builtin.records import Recorder

# As many symbols as the gist writes.
SAMPLE_LENGTH = 200


@np.errstate(over="ignore", invalid="ignore")  # that a training diverges is said once, and better
def train_on(
    run: Run,
    recorder: "Recorder | None" = None,
    *,
    engine: str,
    steps: int | None,
    epochs: int | None,
    sample_every: int | None,
    save_every: int,
) -> Verdict | None:
    """Train, save, and print what came of it; return a verdict where there was a judge (engine "lockstep").

    Ctrl-C saves, and then goes on its way; so does an output that cannot be written any longer. Raises InputError for a
    training that diverges and for a disk that is full.
    """
    stepper, judge = _engine(engine, run, gradients=recorder is not None)
    state = run.start
    sampling = None if sample_every is None else Sampling(sample_every, SAMPLE_LENGTH)
    remaining = train(state, run.indices, run.settings.layout, stepper, steps=steps, epochs=epochs, sampling=sampling)
    found = None
    try:
        with display(consoles.progress(), "step", steps) as bar:
            for progress in remaining:
                if recorder is not None:
                    recorder.record(state, progress)
                state = progress.state
                bar.update(progress.step, standing(state, run.settings))
                if progress.sample is not None:
                    with bar.aside():
                        text = run.vocabulary.decode(progress.sample.indices)
                        consoles.plain(f"---- after {progress.step - 1} steps\n{text}\n")
                if state.step % save_every == 0:
                    run.save(state)
    except KeyboardInterrupt:
        _save_what_is_new(run, state)
        _conclude(run, state, judge, None)
        raise
    except OSError:  # whoever read the output went away, or its disk is full: no reason to lose the training
        _save_what_is_new(run, state)
        raise
    except StepDiffersError as disagreement:
        found = disagreement
    # Before anything is written: standard output may be a closed pipe.
    _save_what_is_new(run, state, always=found is not None)
    if found is None:
        write_final_sample(state, run.vocabulary, run.indices[:1])
    return _conclude(run, state, judge, found)


def _save_what_is_new(run: Run, state: TrainingState, *, always: bool = False) -> None:
    if always or state.step > run.start.step:
        run.save(state)


def _engine(name: str, run: Run, *, gradients: bool) -> tuple[Engine, "Lockstep | None"]:
    """Make an engine; it comes a second time if it judges. JAX is imported only where it is used."""
    if name == "lockstep":
        from crosscheck.builtin.lockstep import Lockstep

        lockstep = Lockstep(run.settings, steps_before=run.start.step)
        return lockstep, lockstep
    if name == "autodiff":
        from crosscheck.builtin.autodiff_engine import autodiff_engine

        return autodiff_engine(run.settings, gradients=gradients), None
    return engine_from(run.settings), None


def standing(state: TrainingState, settings: Settings) -> str:
    """Say how good the model is by now; all three numbers are running means over about a thousand windows."""
    bits = state.smoothed_loss / settings.layout.symbols_per_window / math.log(2)
    loss, bits = (f"{number:.3f}" if number < 1e5 else f"{number:.2e}" for number in (state.smoothed_loss, bits))
    return f"loss {loss:>7}  {bits:>5} bits/symbol  {100 * state.smoothed_error:4.1f} % wrong"


def _conclude(
    run: Run, state: TrainingState, judge: "Lockstep | None", found: StepDiffersError | None
) -> Verdict | None:
    """Say what was reached, and where it was saved; then give the verdict, if somebody judged."""
    console = consoles.results()
    console.print(f"after step {state.step:,}: {standing(state, run.settings)}")
    if state.step > run.start.step or found is not None:
        console.print(
            f"saved to {escape(str(run.path))}; to go on: {escape(run.resume_command)} --steps N", soft_wrap=True
        )
    else:
        console.print(f"nothing to do: {escape(run.resume_command)} --steps N goes further", soft_wrap=True)
    if judge is None:
        return None
    if found is not None:
        write_disagreement(found)
        console.print(f"reproduce: {escape(run.resume_command)} --steps {found.step}", soft_wrap=True)
        return Verdict.DISAGREE
    steps = state.step - run.start.step
    console.print(f"[bold]{judge.verdict.upper()}[/] in {steps:,} steps of lockstep: {judge}")
    return judge.verdict


def write_disagreement(found: StepDiffersError) -> None:
    """Say what differs, and where."""
    console = consoles.results()
    for name, sentence in found.differences.items():
        console.print(f"[bold red]differs[/] {escape(f'{name}: {sentence}')}", soft_wrap=True)
    console.print(f"[bold]DISAGREE[/] at step {found.step:,}")


def write_final_sample(state: TrainingState, vocabulary: Vocabulary, first: np.ndarray) -> None:
    """Let the model write from the first symbol of its text."""
    # From a copy of the generator: the run goes on as if nothing had been written.
    generator = generator_from(state.generator_state)
    written = sample(state.parameters, SAMPLE_LENGTH, generator=generator, prime=first)
    consoles.plain(f"----\n{vocabulary.decode(written.indices)}\n----\n")
