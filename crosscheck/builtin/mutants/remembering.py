"""References that are computed once for many subjects of one twin."""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np

from crosscheck.oracle import Oracle
from crosscheck.precision import Precision
from crosscheck.reference import Reference


class Remembering:
    """An oracle that remembers what it said: what it says depends on the case, its key and the rules' states alone."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.twin = oracle.twin
        self._said: dict[Any, Reference] = {}

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
        """Return what the oracle says about each case, asking it about those alone that are new."""
        names = [
            (key, _digest(case), _digest(state), precision.name, samples, magnify)
            for case, state, key in zip(cases, states, keys, strict=True)
        ]
        new = [number for number, name in enumerate(names) if name not in self._said]
        said = self.oracle.references(
            [cases[number] for number in new],
            [states[number] for number in new],
            [keys[number] for number in new],
            precision,
            samples=samples,
            magnify=magnify,
        )
        self._said.update(zip((names[number] for number in new), said, strict=True))
        return [self._said[name] for name in names]

    def in_precision(self, case: tuple[Any, ...], dtype: np.dtype) -> Mapping[str, Any]:
        """Return what the twin computes in that precision."""
        return self.oracle.in_precision(case, dtype)


def _digest(tree: Any) -> int:
    return zlib.crc32(b"".join(np.asarray(leaf).tobytes() for leaf in jax.tree.leaves(tree)))
