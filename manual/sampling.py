"""Writing new text with a model: one symbol after another, each fed back as the next input."""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int

from manual.errors import InputError
from manual.indices import check_indices
from manual.options import check_count, check_positive
from manual.parameters import Floating, Parameters
from manual.rnn import step


class Sample(NamedTuple):
    """What was written, without the prime."""

    indices: Int[np.ndarray, " length"]
    """Symbol indices, shape (length,)."""
    final_state: Floating[np.ndarray, " hidden"]
    """State after reading all but the last of them, shape (H,): to go on, prime with that one from here."""


def sample(
    parameters: Parameters,
    length: int,
    *,
    generator: np.random.Generator | None,
    prime: Any,
    initial_state: Floating[np.ndarray, " hidden"] | None = None,
    temperature: float = 1.0,
    greedy: bool = False,
) -> Sample:
    """Read the indices `prime` from `initial_state` (zeros unless given), then write `length` symbols.

    Each symbol is drawn with probability softmax(logits / temperature), at the price of one number from `generator`:
    below 1 the likely ones are favoured, above 1 the unlikely ones. `greedy` takes the most likely symbol instead (the
    first of equals); it needs neither temperature nor generator, which may then be None.

    Raises InputError for an empty prime or one outside the vocabulary, a length below 1, a temperature that is not a
    positive number, a missing generator, and a model whose logits overflow.
    """
    check_count("length of the sample", length)
    if not greedy:
        check_positive("temperature", temperature, "for the most likely symbol every time ask for a greedy sample")
        if generator is None:
            raise InputError("Drawing symbols needs a generator: pass np.random.default_rng(seed), or greedy=True.")
    symbols = check_indices("prime", prime, len(parameters.by))
    if symbols.ndim != 1:
        raise InputError(f"prime has shape {symbols.shape}, expected one axis: pass one sequence of indices.")
    state = np.zeros_like(parameters.bh) if initial_state is None else initial_state
    written = np.empty(length, np.int64)
    with np.errstate(over="ignore", invalid="ignore"):  # said better below
        for symbol in symbols[:-1]:
            _, state = step(parameters, symbol, state)
        symbol = symbols[-1]
        for place in range(length):
            logits, state = step(parameters, symbol, state)
            if not np.isfinite(logits).all():
                raise InputError("The model's logits overflow: use parameters from before its training diverged.")
            symbol = np.argmax(logits) if greedy or generator is None else draw(logits, temperature, generator)
            written[place] = symbol
    return Sample(written, state)


def draw(logits: Floating[np.ndarray, " vocabulary"], temperature: float, generator: np.random.Generator) -> np.intp:
    """Draw an index with probability softmax(logits / temperature), by inverting the cumulative sum.

    Safe for any finite logits and any positive temperature: the largest exponent is 0, and a symbol whose probability
    underflows is never drawn.
    """
    with np.errstate(
        over="ignore"
    ):  # a huge distance or a tiny temperature gives exp(-inf): probability 0, as it should
        below = (logits - logits.max()).astype(np.float64)
        cumulative = np.exp(below / temperature).cumsum()
    # random() < 1, so the product stays below the last sum; "right" passes over symbols that add nothing.
    return np.searchsorted(cumulative, generator.random() * cumulative[-1], side="right")
