"""What a campaign will judge, cut into tasks that anyone can do in any order.

A task is a chunk of models that is drawn whole, from the seed and its own number alone. Results therefore depend
neither on who judged a chunk nor on what was judged beside it.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from crosscheck.cases import Key
from crosscheck.errors import CrosscheckError
from crosscheck.pair import Pair
from crosscheck.strategies.stacks import CHUNKS, chunk_number, scales_of

DEFAULT_SCALE = (0.001, 30.0)
CHUNKS_AT_ONCE = 8
"""Chunks in a task: about a second of work, which is what a worker that dies takes with it"""
KEYS_AT_ONCE = 16
"""Cases in a chunk of a pair that knows no stacks"""
LARGEST_SEED = 2**31 - 1
"""Seeds are multiplied by the chunks of each and still fit a key's 64 bits"""


class Part(NamedTuple):
    """Some models of one chunk: the first of those that the plan takes from it."""

    chunk: int
    models: int


class Task(NamedTuple):
    """What a worker is given at a time: some chunks, so that the few models that take long are taken together."""

    number: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Plan:
    """A campaign: everything that its results depend on. Raises CrosscheckError for what makes no sense."""

    pair: Pair
    models: int
    seed: int = 0
    scale: tuple[float, float] | None = None
    """Least and greatest scale of the parameters of stacked models; those of a chunk beyond it are left out"""

    def __post_init__(self) -> None:
        # What comes after the backward pass is the business of `check`: every rule takes a second to compile.
        object.__setattr__(self, "pair", replace(self.pair, rules=()))
        if self.models < 1:
            raise CrosscheckError(f"models is {self.models}, expected at least 1.", code="bad-models")
        if not 0 <= self.seed <= LARGEST_SEED:
            raise CrosscheckError(f"seed is {self.seed}, expected 0 to {LARGEST_SEED}.", code="bad-seed")
        if self.scale is not None and not self.stacked:
            raise CrosscheckError(
                f"The cases of {self.pair.name} have no scale to choose: leave the scale out.", code="no-scale"
            )
        low, high = self.scale or DEFAULT_SCALE
        if not (0 < low < high and low < 32 and high > 2.0**-10):
            raise CrosscheckError(
                f"The scale is {low:g} to {high:g}, expected two growing numbers within 0.001 to 32.", code="bad-scale"
            )

    @property
    def stacked(self) -> bool:
        """Whether the pair judges models that are stacked on a leading axis; otherwise one by one."""
        pair = self.pair
        return pair.stacked_subject is not None and pair.twin is not None and hasattr(pair.cases, "stack")

    def tasks(self) -> Iterator[Task]:
        """Yield the tasks in order; together they hold exactly `models` models."""
        parts = self._parts()
        for number in itertools.count():
            some = tuple(itertools.islice(parts, CHUNKS_AT_ONCE))
            if not some:
                return
            yield Task(number, some)

    def _parts(self) -> Iterator[Part]:
        missing = self.models
        for chunk in range(CHUNKS):
            models = min(missing, len(self.places(chunk)) if self.stacked else KEYS_AT_ONCE)
            if models:
                yield Part(chunk, models)
            missing -= models
            if not missing:
                return
        raise CrosscheckError(f"One seed has not so many models: {missing:,} are missing.", code="bad-models")

    def places(self, chunk: int) -> Int[np.ndarray, " taken"]:
        """Return which models of a stacked chunk are taken."""
        low, high = self.scale or DEFAULT_SCALE
        scales = self.scales(chunk)
        return np.flatnonzero((low <= scales) & (scales <= high))

    def scales(self, chunk: int) -> Float[np.ndarray, " models"]:
        """Return the scale of every model of a stacked chunk."""
        return scales_of(chunk_number(self.seed, chunk))

    def stack(self, chunk: int) -> Any:
        """Return the models of a stacked chunk, taken or not."""
        cases: Any = self.pair.cases
        return cases.stack(self.seed, chunk)

    def keys(self, part: Part) -> list[Key]:
        """Return the keys of a part's cases where the pair knows no stacks."""
        start = part.chunk * KEYS_AT_ONCE
        return [self.pair.cases.draw(self.seed, index) for index in range(start, start + part.models)]
