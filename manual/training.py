"""The gist's training loop, as a chain of values: each step makes a new state and leaves the old one whole.

Because nothing is changed in place, a run may be stopped between any two instructions: the last state that was handed
out is complete, and training on from it (or from a checkpoint of it) continues bit for bit as if never interrupted.
"""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int

from manual.clipping import clip_by_global_norm, clip_by_value
from manual.errors import InputError
from manual.optimisers import Optimiser, by_name
from manual.options import check_count
from manual.parameters import Floating, Parameters
from manual.rnn import loss_and_gradients
from manual.sampling import Sample, sample
from manual.settings import Sampling, Settings
from manual.windows import START, Layout, Position, Window

# The gist's weights of a running mean over about a thousand windows.
KEPT, ADDED = 0.999, 0.001

Indices = Int[np.ndarray, " time *batch"]
State = Floating[np.ndarray, " *batch hidden"]


class StepResult(NamedTuple):
    """What an engine makes of one window."""

    loss: Any
    """Cross-entropy before the update, summed over the window, in nats."""
    wrong: int
    """How many of the window's symbols were not the most likely one; see `wrong_predictions`."""
    parameters: Parameters
    optimiser_state: Any
    hidden_state: State
    """State after the window's last step."""
    gradients: Parameters | None = None
    """Before clipping; None from an engine that was not asked for them and would have to hand them out."""
    clipped: Parameters | None = None
    """After clipping: what the update was made of."""


Engine = Callable[[Parameters, Any, Indices, Indices, State], StepResult]
"""(parameters, optimiser state, inputs, targets, hidden state) -> loss, gradients, clipping and update for one window.

An engine changes nothing that it is given. All of them speak `manual`'s NumPy parameters and optimiser states, so that
each can go on where another stopped.
"""


class TrainingState(NamedTuple):
    """Everything that the rest of a run depends on, apart from the text and the settings."""

    parameters: Parameters
    optimiser_state: Any
    """As made by the `init` of `manual.optimisers`."""
    hidden_state: State
    """State before the next window, unless that window resets it; shape (H,), or (B, H) for streams."""
    position: Position
    """Where the next window starts."""
    generator_state: dict[str, Any]
    """State of the bit generator that samples are drawn with, as NumPy gives it."""
    smoothed_loss: float
    """Running mean of the loss of a full window, in nats, starting at that of uniform guessing."""
    smoothed_error: float
    """Running mean of the share of wrong predictions, starting at that of uniform guessing."""
    step: int
    """Number of steps taken."""


class Progress(NamedTuple):
    """One step, told after it was taken."""

    step: int
    """Number of steps taken, this one included."""
    epoch: int
    """Complete passes over the text before this step."""
    loss: float
    """Loss of this window before the update, in nats."""
    smoothed_loss: float
    """In nats for a full window."""
    bits_per_symbol: float
    """The smoothed loss, in bits for one symbol."""
    smoothed_error: float
    """Share of symbols that were not the most likely one, from 0 to 1."""
    sample: Sample | None
    """What the model wrote before this step, when it was due."""
    state: TrainingState
    """Where training can go on from."""
    window: Window
    """What was read."""
    gradients: Parameters | None
    """Before clipping, if the engine shows them."""
    clipped: Parameters | None
    """After clipping, likewise; the same arrays where nothing clips."""


def begin(parameters: Parameters, settings: Settings, *, seed: int) -> TrainingState:
    """Make the state before the first step; `seed` is for the samples drawn on the way, not for the parameters.

    The smoothed loss starts at T · B · ln V, what uniform guessing costs, and the smoothed error at 1 − 1/V.
    """
    H, V = len(parameters.bh), len(parameters.by)
    return TrainingState(
        parameters=parameters,
        optimiser_state=by_name(settings.optimiser, settings.learning_rate).init(parameters),
        hidden_state=np.zeros((*settings.layout.batch_shape, H), parameters.bh.dtype),
        position=START,
        generator_state=dict(np.random.PCG64(seed).state),
        smoothed_loss=-math.log(1.0 / V) * settings.layout.symbols_per_window,
        smoothed_error=1 - 1 / V,
        step=0,
    )


def train(
    state: TrainingState,
    indices: Int[np.ndarray, " time"],
    layout: Layout,
    engine: Engine,
    *,
    steps: int | None = None,
    epochs: int | None = None,
    sampling: Sampling | None = None,
) -> Iterator[Progress]:
    """Train from `state` on, one step for every record that is asked for; without limits there is no end.

    `steps` and `epochs` count from the very beginning of the run, not from `state`: training to 40 steps at once, or to
    17 and later from there to 40, is the same. Whichever limit is met first ends the iteration.

    Raises InputError, at once, for limits below 1 and for a text, layout and position that do not fit together; later,
    when the loss is no longer finite.
    """
    for name, limit in (("number of steps", steps), ("number of epochs", epochs)):
        if limit is not None:
            check_count(name, limit)
    return _steps(state, layout, layout.windows(indices, state.position), engine, steps, epochs, sampling)


def _steps(
    state: TrainingState,
    layout: Layout,
    windows: Iterator[Window],
    engine: Engine,
    steps: int | None,
    epochs: int | None,
    sampling: Sampling | None,
) -> Iterator[Progress]:
    while (steps is None or state.step < steps) and (epochs is None or state.position.epoch < epochs):
        progress = advance(state, next(windows), engine, layout.symbols_per_window, sampling)
        state = progress.state
        yield progress


def advance(
    state: TrainingState, window: Window, engine: Engine, symbols_per_window: int, sampling: Sampling | None = None
) -> Progress:
    """Take one step: sample if it is due, reset the hidden state if the window says so, update, smooth.

    The loss of a shorter window, at the end of a document, is scaled up to that of a full one before it is smoothed.
    """
    hidden_state = np.zeros_like(state.hidden_state) if window.reset else state.hidden_state
    written, generator_state = None, state.generator_state
    if sampling is not None and state.step % sampling.every == 0:
        written, generator_state = _sample(state, window, hidden_state, sampling)
    result = engine(state.parameters, state.optimiser_state, window.inputs, window.targets, hidden_state)
    loss, size = float(result.loss), window.inputs.size
    if not math.isfinite(loss):
        raise InputError(
            f"The loss is {loss} at step {state.step + 1}: training diverged; go on from an earlier checkpoint with a "
            "lower learning rate or a tighter clip."
        )
    following = TrainingState(
        # In row order, as a checkpoint gives them back: products of arrays in another order differ in the last bits.
        parameters=Parameters(*map(np.ascontiguousarray, result.parameters)),
        optimiser_state=result.optimiser_state,
        hidden_state=np.ascontiguousarray(result.hidden_state),
        position=window.following,
        generator_state=generator_state,
        smoothed_loss=state.smoothed_loss * KEPT + loss * (symbols_per_window / size) * ADDED,
        smoothed_error=state.smoothed_error * KEPT + result.wrong / size * ADDED,
        step=state.step + 1,
    )
    return Progress(
        step=following.step,
        epoch=window.position.epoch,
        loss=loss,
        smoothed_loss=following.smoothed_loss,
        bits_per_symbol=following.smoothed_loss / symbols_per_window / math.log(2),
        smoothed_error=following.smoothed_error,
        sample=written,
        state=following,
        window=window,
        gradients=result.gradients,
        clipped=result.clipped,
    )


def engine_from(settings: Settings) -> Engine:
    """Make the manual engine that the settings describe."""
    clips = {"value": clip_by_value, "norm": clip_by_global_norm}
    clip = partial(clips[settings.clip], bound=settings.clip_bound) if settings.clip in clips else None
    return manual_engine(by_name(settings.optimiser, settings.learning_rate), clip, settings.truncation)


def manual_engine(
    optimiser: Optimiser, clip: Callable[[Parameters], Parameters] | None, window: int | None = None
) -> Engine:
    """Make the engine that uses the derivatives written by hand.

    `clip=None` leaves the gradients as they are; `window` truncates them, as in `loss_and_gradients`.
    """

    def step(
        parameters: Parameters,
        optimiser_state: Any,
        inputs: Indices,
        targets: Indices,
        hidden_state: State,
        /,
    ) -> StepResult:
        evaluation = loss_and_gradients(parameters, inputs, targets, hidden_state, window=window, intermediates=True)
        gradients = evaluation.gradients
        clipped = gradients if clip is None else clip(gradients)
        parameters, optimiser_state = optimiser.update(clipped, optimiser_state, parameters)
        assert evaluation.intermediates is not None  # asked for
        wrong = wrong_predictions(evaluation.intermediates.dy, targets)
        return StepResult(
            evaluation.loss, wrong, parameters, optimiser_state, evaluation.final_state, gradients, clipped
        )

    return step


def wrong_predictions(dy: Floating[np.ndarray, " time *batch vocabulary"], targets: Indices) -> int:
    """Count the targets that were not the most likely symbol, from the gradient of the logits: no second forward.

    dy is softmax(y) with 1 taken off at the target; so the target's own probability is 1 + dy there, all other
    probabilities are dy as it stands, and the largest entry of dy is the largest among those others.
    """
    rows = dy.reshape(-1, dy.shape[-1])
    of_target = 1 + rows[np.arange(len(rows)), targets.reshape(-1)]
    return int((rows.max(axis=-1) > of_target).sum())


def _sample(
    state: TrainingState, window: Window, hidden_state: State, sampling: Sampling
) -> tuple[Sample, dict[str, Any]]:
    """Write from the window's first input, of the first stream if there are several; give the generator's new state."""
    generator = generator_from(state.generator_state)
    written = sample(
        state.parameters,
        sampling.length,
        generator=generator,
        prime=window.inputs.reshape(len(window.inputs), -1)[0, :1],
        initial_state=hidden_state.reshape(-1, hidden_state.shape[-1])[0],
        temperature=sampling.temperature,
    )
    return written, dict(generator.bit_generator.state)


def generator_from(generator_state: dict[str, Any]) -> np.random.Generator:
    """Rebuild a generator from the state of its bit generator. Raises InputError if it is not a PCG64's."""
    bit_generator = np.random.PCG64()
    try:
        bit_generator.state = generator_state  # pyright: ignore[reportAttributeAccessIssue] (checked by NumPy)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise InputError("The generator state is not that of NumPy's PCG64: use np.random.default_rng.") from None
    return np.random.Generator(bit_generator)
