"""Gradients that are made of what was computed before: the parameters that a loss depends on are not in them.

`gradient(x, y, predicted)` beside `cost(x, y)`, which predicts itself: the prediction is one of the parameters as they
were when somebody else computed it, and here it is mere data. Nothing can be said of the two together.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from crosscheck.recognise.unit import Unit

STEP = 0.1


def goes_by_others(unit: Unit) -> bool:
    """Tell whether gradients go by data that a loss does not depend on, and not by its parameters, which it does."""
    try:
        with np.errstate(all="ignore"):
            parameters, data = unit.cases.build(unit.cases.draw(0, 0)).arguments
            here = unit.subject(parameters, data)
            there = unit.subject(_moved(parameters), data)
            if not _are_same(here, there) or np.array_equal(here.loss, there.loss):
                return False
            arrays = {n: v for n, v in data.items() if isinstance(v, np.ndarray) and v.dtype.kind == "f" and v.size > 1}
            moved = (unit.subject(parameters, {**data, **_moved({name: value})}) for name, value in arrays.items())
            return any(np.array_equal(here.loss, end.loss) and not _are_same(here, end) for end in moved)
    except Exception:  # noqa: BLE001 - the judge will say of it
        return False


def _moved(values: Mapping[str, Any]) -> dict[str, Any]:
    random = np.random.default_rng(11)
    return {n: v + STEP * random.standard_normal(v.shape).astype(v.dtype) for n, v in values.items()}


def _are_same(one: Any, other: Any) -> bool:
    """Tell whether two outcomes have the same gradients."""
    return all(np.array_equal(other.gradients[name], gradient) for name, gradient in one.gradients.items())
