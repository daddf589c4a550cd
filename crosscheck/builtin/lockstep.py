"""Training by hand with JAX beside it: before every step the twin takes over parameters and optimiser state.

Left alone, two correct implementations drift apart (drift.py shows it): early Adagrad steps are nearly sign(g), so that
the rounding of a gradient near zero flips an update of full size. From the same state, every single step must agree.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import autodiff.rnn
from crosscheck.builtin.autodiff_engine import lengths_of, of_one_length, optax_step
from crosscheck.builtin.differing import StepDiffersError
from crosscheck.cases import Case, Key
from crosscheck.compare import K
from crosscheck.contract import Outcome
from crosscheck.judge import Judge
from crosscheck.oracle import Oracle, Twin
from crosscheck.pair import Pair, Rule
from crosscheck.precision import precision_of
from crosscheck.tally import Tally, Worst, worst_entry
from crosscheck.verdicts import Verdict, aggregate
from manual.clipping import clip_by_global_norm, clip_by_value
from manual.optimisers import by_name
from manual.parameters import Parameters
from manual.rnn import loss_and_gradients
from manual.settings import Settings
from manual.training import StepResult, TrainingState, wrong_predictions

Step = Callable[[Parameters, Any, Parameters], tuple[Parameters, Parameters, Any]]
"""(gradients, optimiser state, parameters) -> clipped gradients, new parameters, new optimiser state"""


class Lockstep:
    """An engine that takes every step by hand and has it judged against the twin's step from the same state."""

    def __init__(self, settings: Settings, *, steps_before: int = 0) -> None:
        self.tallies: dict[str, Tally] = {}
        self.steps = steps_before
        """Steps taken since the very beginning of the run."""
        self.step_by_hand = _step_by_hand(settings)
        self._truncation = settings.truncation
        self._oracle = Oracle(_twin(settings), _Windows(settings))

    def __call__(
        self, parameters: Parameters, optimiser_state: Any, inputs: Any, targets: Any, hidden_state: Any, /
    ) -> StepResult:
        """Take one step. Raises StepDiffersError if the twin takes another one."""
        arguments = (parameters, inputs, targets, hidden_state)
        evaluation = loss_and_gradients(*arguments, window=self._truncation, intermediates=True)
        assert evaluation.intermediates is not None
        taken = self.step_by_hand(evaluation.gradients, optimiser_state, parameters)
        outcome = Outcome(
            evaluation.loss,
            evaluation.gradients,
            inputs={"initial_state": evaluation.initial_state_gradient},
            auxiliary={"final_state": evaluation.final_state},
        )
        # The step is taken already: the judge only has to be told.
        rule = Rule(
            "step",
            subject=lambda *_: _changes(taken, parameters),
            twin=self._oracle.twin.rules[0].twin,
            state=lambda *_: tuple(optimiser_state),
        )
        case: Any = _OneCase(arguments)  # a judge only builds: he never draws, and never looks for something smaller
        self._judge(Pair("lockstep", lambda *_: outcome, self._oracle.twin.function, case, rules=(rule,)))
        clipped, moved, following = taken
        wrong = wrong_predictions(evaluation.intermediates.dy, targets)
        return StepResult(
            evaluation.loss, wrong, moved, following, evaluation.final_state, evaluation.gradients, clipped
        )

    def compile_for(self, start: TrainingState, inputs: Any) -> None:
        """Compile the twin ahead of the first step: seconds, in which another thread may be doing something else."""
        arguments = (start.parameters, inputs, inputs, start.hidden_state)
        precision = precision_of(array.dtype for array in start.parameters)
        self._oracle.references([arguments], [(tuple(start.optimiser_state),)], [0], precision, samples=1)

    def _judge(self, pair: Pair) -> None:
        self.steps += 1
        (case,) = Judge(pair, self._oracle).judge([Key("lockstep", (), self.steps)])
        for name in case.comparisons:
            self.tallies.setdefault(name, Tally(name)).add(case)
        wrong = {
            _spoken(name): _sentence(worst_entry(case, name, comparison))
            for name, comparison in case.comparisons.items()
            if comparison.wrong.any()
        }
        if wrong:
            raise StepDiffersError(self.steps, wrong)

    @property
    def verdict(self) -> Verdict:
        """The verdict of all steps together."""
        return aggregate(tally.verdict for tally in self.tallies.values())

    def __str__(self) -> str:
        """Say what was judged, and what was furthest off."""
        furthest = max((t for t in self.tallies.values() if t.worst), key=_discrepancy, default=None)
        if furthest is None:
            return "nothing was judged"
        return (
            f"losses, gradients, clipped gradients and updates, at most {_discrepancy(furthest):.1f} tolerances apart "
            f"({_spoken(furthest.name)}) where {K:.0f} are the limit"
        )


class _OneCase:
    """The cases of a judge who has a single one to judge, which is at hand."""

    def __init__(self, arguments: tuple[Any, ...]) -> None:
        self._arguments = arguments

    def build(self, key: Key) -> Case:
        return Case(key, self._arguments)


class _Windows:
    """Padding of the shorter windows at the end of documents, so that all share one compiled twin."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def pad(self, arguments: tuple[Any, ...], states: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        parameters, inputs, targets, hidden_state = arguments
        windows = of_one_length(self._settings, inputs, targets)
        return (parameters, *windows, hidden_state, lengths_of(inputs)), states

    def unpad(self, outputs: Mapping[str, Any], arguments: tuple[Any, ...]) -> Mapping[str, Any]:  # noqa: ARG002 (the protocol's)
        return outputs  # nothing that is compared has a time axis


def _twin(settings: Settings) -> Twin:
    step = optax_step(settings)

    def loss(*arguments: Any) -> tuple[Any, dict[str, Any]]:
        value, final_state = autodiff.rnn.loss(*arguments, window=settings.truncation)
        return value, {"final_state": final_state}

    def changes(gradients: Parameters, state: Any, parameters: Parameters) -> dict[str, Any]:
        return _changes(step(gradients, state, parameters), parameters)

    rule = Rule("step", subject=changes, twin=changes, state=lambda *_: ())
    return Twin(loss, inputs={"initial_state": 3}, auxiliary=True, rules=(rule,))


def _step_by_hand(settings: Settings) -> Step:
    clip = {
        "value": partial(clip_by_value, bound=settings.clip_bound),
        "norm": partial(clip_by_global_norm, bound=settings.clip_bound),
        "none": lambda gradients: gradients,
    }[settings.clip]
    optimiser = by_name(settings.optimiser, settings.learning_rate)

    def step(gradients: Parameters, state: Any, parameters: Parameters) -> tuple[Parameters, Parameters, Any]:
        clipped = clip(gradients)
        return clipped, *optimiser.update(clipped, state, parameters)

    return step


def _changes(taken: tuple[Parameters, Parameters, Any], parameters: Parameters) -> dict[str, Any]:
    """Name what a step made. Updates, not new parameters: beside a large one the error of a small step would vanish."""
    clipped, moved, state = taken
    updates = (new - old for new, old in zip(moved, parameters, strict=True))
    return {"clipped": clipped, "update": Parameters(*updates), "state": tuple(state)}


def _spoken(name: str) -> str:
    """Put into words what the judge calls `Wxh`, or `update.Wxh after step`."""
    if not name.endswith(" after step"):
        return name.replace("_", " ") if name in ("loss", "final_state") else f"gradient of {name.replace('_', ' ')}"
    kind, _, array = name.removesuffix(" after step").partition(".")
    kind = kind.replace("clipped", "clipped gradient").replace("state", "optimiser's state ")
    return f"{kind} of {array}" if array else kind


def _sentence(worst: Worst) -> str:
    place = f" at index {list(worst.index)}" if worst.index else ""
    return f"{worst.subject!r} by hand, {worst.reference!r} by JAX{place}: {worst.discrepancy:.3g} tolerances apart"


def _discrepancy(tally: Tally) -> float:
    return tally.worst.discrepancy if tally.worst is not None else 0.0
