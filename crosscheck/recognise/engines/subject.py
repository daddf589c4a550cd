"""An engine's expressions as the judge wants them: `(parameters, data) -> Outcome`."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.contract import Outcome
from crosscheck.recognise.engines.engine import Engine
from crosscheck.recognise.engines.expressions import Expression, run
from crosscheck.recognise.replay import StandIns, stand_ins_of, standing_in
from crosscheck.recognise.subject import Patches, patched, shaped
from crosscheck.recognise.world import World


class EngineReplay:
    """What stands for a replayed call where everything is built anew each time."""

    zeroed: tuple[np.ndarray, ...] = ()
    clips = True

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name

    def rebuilt(self, tree: ast.Module) -> "EngineReplay":  # noqa: ARG002 - functions get their new code by themselves
        """Return the same: nothing of the edited module is kept here."""
        return self


class EngineSubject:
    """Builds one of several expressions, goes back through it, and reads the gradients of its leaves."""

    loss = None

    def __init__(
        self,
        engine: Engine,
        expressions: Sequence[Expression],
        name: str,
        *,
        patches: Patches = (),
        replaced: StandIns = (),
        arithmetic: Any = None,
        backward: bool = True,
    ) -> None:
        self.engine, self.expressions, self.__name__ = engine, list(expressions), name
        self.patches, self.replaced, self.arithmetic, self.backward = patches, replaced, arithmetic, backward
        self.replay = EngineReplay(engine.world, name)

    def in_arithmetic(self, arithmetic: Any) -> "EngineSubject":
        """Return the same in another arithmetic (crosscheck.references.standins)."""
        replaced = stand_ins_of(self.engine.world, arithmetic)
        return self._like(replaced=replaced, arithmetic=arithmetic)

    def patched(self, patches: Patches, replay: EngineReplay) -> "EngineSubject":
        """Return the same with other code in some functions."""
        del replay
        return self._like(patches=patches)

    def without_backward(self) -> "EngineSubject":
        """Return what gives the loss alone."""
        return self._like(backward=False)

    def _like(self, **changed: Any) -> "EngineSubject":
        own = {name: getattr(self, name) for name in ("patches", "replaced", "arithmetic", "backward")}
        return EngineSubject(self.engine, self.expressions, self.__name__, **{**own, **changed})

    def __call__(self, parameters: Mapping[str, Any], data: Mapping[str, Any]) -> Outcome:
        """Build the expression that the data name."""
        expression = self.expressions[data["expression"]]
        numbers = {name: self._carried(value) for name, value in data.items() if name in expression.held}
        numbers |= {name: data[name] for name in expression.numbers}
        weights = data["weights"] if expression.shape else float(np.real(data["weights"]).reshape(()))
        values = {name: self._carried(value) for name, value in parameters.items()}
        with patched(self.patches), standing_in(self.replaced):
            found = run(self.engine, expression, values, numbers, weights, backward=self.backward)
        gradients = {name: _laid_beside(value, parameters[name]) for name, value in found.gradients.items()}
        return Outcome(found.loss, gradients)

    def _carried(self, value: Any) -> Any:
        value = np.array(value) if type(value) is np.ndarray else value
        return value if self.arithmetic is None else self.arithmetic.carry(value)


def _laid_beside(gradient: Any, value: Any) -> Any:
    """Return a gradient in its leaf's shape: zero where there is none, and of one that is too large the first entries.

    Whoever reads the entries of a gradient that was not summed back reads those.
    """
    if gradient is None:
        return np.zeros(np.shape(value))
    if isinstance(gradient, int) or (isinstance(gradient, np.ndarray) and gradient.dtype.kind in "iub"):
        gradient = np.asarray(gradient, float)
    if np.size(gradient) != np.size(value):
        entries = np.asarray(gradient, float).reshape(-1)
        return np.resize(entries, np.shape(value)) if entries.size else np.zeros(np.shape(value))
    return shaped(gradient, np.asarray(value))
