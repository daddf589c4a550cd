"""The reference of an engine's expressions: that of any forward, with a limit to what rounding may explain."""

from typing import Any

import numpy as np

from crosscheck.recognise.reference import ForwardOracle
from crosscheck.reference import Reference


class EngineOracle(ForwardOracle):
    """Lets rounding explain no more than half of the digits.

    A few operations on numbers of ordinary size lose no more. Where an engine compares numbers to tell its nodes apart,
    rounding decides which of them are gone through: such jumps are no noise.
    """

    def _reference(self, arguments: tuple[Any, ...], key: int, samples: int = 2, magnify: float = 1.0) -> Reference:
        found = super()._reference(arguments, key, samples, magnify)
        exact, errors = found.exact["gradients"], self.known[key].errors
        share = np.sqrt(max(self.coarsest, float(np.finfo(np.float64).eps)))
        noise = {
            name: np.minimum(measured, magnify * share * np.max(np.abs(exact[name]), initial=0) + errors[name])
            for name, measured in found.noise["gradients"].items()
        }
        return Reference(found.exact, {**found.noise, "gradients": noise})
