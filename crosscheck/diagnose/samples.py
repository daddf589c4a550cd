"""Cases of a unit with the gradients that it gave and the derivatives, also for arguments made on purpose."""

import itertools
from typing import Any

import numpy as np

from crosscheck.cases import Key
from crosscheck.contract import SubjectError, call
from crosscheck.judge import noise_key
from crosscheck.precision import precision_of
from crosscheck.recognise.judging import oracle_of
from crosscheck.repair.screen import SLACK, flat
from crosscheck.telltale import Sample
from crosscheck.trees import flatten

DRAWS = 40
MOST_STEPS = 5


class Samples:
    """The samples of one unit, measured when they are asked for."""

    def __init__(self, unit: Any, seed: int) -> None:
        self.unit, self.seed = unit, seed
        self._numbers = itertools.count(1 << 33)  # of arguments made on purpose; keys of cases have 32 bits
        self._known: dict[str, list[Sample]] = {}

    def of(self, regime: str, count: int = 2) -> list[Sample]:
        """Return samples of a regime; [] if the unit has none."""
        if regime not in self._known:
            keys = [self.unit.cases.draw(self.seed, index) for index in range(DRAWS)]
            keys = list(dict.fromkeys(key for key in keys if key.regime == regime))[:count]
            self._known[regime] = [found for key in keys if (found := self.measured(key))]
        return self._known[regime]

    def ordinary(self) -> list[Sample]:
        """Return samples without anything special, of several sizes where there are such."""
        return [*self.of("ordinary"), *self.of("longer", 1)] or self.of("as-given")

    def measured(self, key: Key, arguments: tuple[Any, ...] | None = None) -> Sample | None:
        """Call the unit and its reference; None where one of them fails."""
        number = noise_key(key) if arguments is None else next(self._numbers)
        arguments = self.unit.cases.build(key).arguments if arguments is None else arguments
        assert arguments is not None
        try:
            outcome = call(self.unit.subject, arguments, time_limit=10.0)
            precision = precision_of(np.asarray(leaf).dtype for _, leaf in flatten(outcome.gradients))
            (reference,) = oracle_of(self.unit).references([arguments], [()], [number], precision)
        except SubjectError:
            return None
        except Exception:  # noqa: BLE001 - a forward on numbers that it was not written for
            return None
        exact = flat(reference.exact["gradients"])
        allowed = {
            name: float(np.max(np.abs(values), initial=0)) * float(precision.epsilon) ** SLACK + 1e-300
            for name, values in exact.items()
        }
        return Sample(key, arguments, flat(outcome.gradients), exact, allowed)

    def with_steps(self, steps: int) -> Sample | None:
        """Return an ordinary sample with so many steps, None if their number cannot be chosen."""
        if tuple(self.unit.cases.size_names) != ("steps",):
            return None
        return self.measured(Key("ordinary", (steps,), 11 + steps))

    def fewest_steps(self, names: Any) -> int | None:
        """Return the fewest steps at which one of the gradients is wrong; None if their number cannot be chosen."""
        for steps in range(1, MOST_STEPS + 1):
            sample = self.with_steps(steps)
            if sample is None:
                return None
            if not all(sample.is_right(name) for name in names):
                return steps
        return None
