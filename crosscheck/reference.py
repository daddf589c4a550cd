"""Reference values, wherever they come from."""

import functools
import inspect
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from crosscheck.contract import Outcome
from crosscheck.errors import CrosscheckError
from crosscheck.pair import Pair
from crosscheck.precision import Precision

ORACLES = 16  # compiled twins that are remembered: a test module has a handful


class Reference(NamedTuple):
    """What is said about one case: two trees of one structure, by group (loss, gradients, inputs, auxiliary, rules)."""

    exact: Mapping[str, Any]
    noise: Mapping[str, Any]
    """How far each of the numbers may be moved by rounding, and by the errors of the reference itself"""


class ReferenceSource(Protocol):
    """An oracle that the judge can ask: a twin, or the subject's own forward."""

    def references(
        self,
        cases: Sequence[tuple[Any, ...]],
        states: Sequence[tuple[Any, ...]],
        keys: Sequence[int],
        precision: Precision,
        *,
        samples: int = 8,
        magnify: float = 1.0,
    ) -> list[Reference]:
        """Return reference values and noise for each case, which depend on its own arguments and key alone.

        `keys` are 32-bit numbers that the random rounding errors are drawn from; `samples` is the number of differently
        rounded runs; `magnify` multiplies the precision's ε.
        """
        ...

    def in_precision(self, case: tuple[Any, ...], dtype: np.dtype) -> Mapping[str, Any]:
        """Return the values computed in the subject's own precision, where they may overflow."""
        ...


def oracle_for(pair: Pair, outcome: Outcome, *, probed: bool = False) -> Any:
    """Make the source of reference values for all that the subject returns: its twin, or else its own forward.

    `probed` asks the twin for the gradients of intermediates as well.
    """
    names = input_names(pair)
    if unknown := [name for name in outcome.inputs if name not in names]:
        raise CrosscheckError(
            f"The subject returns a gradient for {unknown[0]!r}, which is no argument of the twin: it has "
            f"{', '.join(names)}.",
            code="unknown-input",
        )
    inputs = {name: names.index(name) for name in outcome.inputs}
    if pair.twin is None:
        from crosscheck.own_forward import OwnForward

        return OwnForward(pair.subject, inputs)
    probes = pair.probes if probed else None
    described = (pair.twin, tuple(inputs.items()), bool(outcome.auxiliary), tuple(pair.rules), probes, pair.padding)
    try:
        hash(described)
    except TypeError:  # a twin that is an object without a hash is compiled anew by every check
        return _twin_oracle.__wrapped__(*described)
    oracle = _twin_oracle(*described)
    oracle.begin()
    return oracle


@functools.lru_cache(maxsize=ORACLES)
def _twin_oracle(
    twin: Any, inputs: tuple[tuple[str, int], ...], auxiliary: bool, rules: Any, probes: Any, padding: Any
) -> Any:
    """Remember what was compiled for a twin: the next subject that is held against it starts warm."""
    from crosscheck.oracle import Oracle, Twin

    return Oracle(Twin(twin, dict(inputs), auxiliary, rules, probes), padding)


def input_names(pair: Pair) -> list[str]:
    """Return the names of the positional arguments of the twin, or else of the subject, the parameters first."""
    if pair.inputs:
        return ["parameters", *pair.inputs]
    function: Any = pair.twin or pair.subject
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [name for name, parameter in inspect.signature(function).parameters.items() if parameter.kind in kinds]
