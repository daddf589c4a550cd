"""`crosscheck sample`: a trained model writes."""

from pathlib import Path

import numpy as np

from crosscheck.builtin import consoles
from manual.checkpoints import load
from manual.sampling import sample


def write_sample(
    checkpoint: Path, *, prime: str | None, length: int, temperature: float, greedy: bool, seed: int
) -> None:
    """Print `prime` and the `length` symbols that follow it. Raises InputError."""
    trained = load(checkpoint)
    vocabulary = trained.vocabulary
    # A line break, where there is one, is where a text would begin; it is the first symbol in code point order.
    start = vocabulary.symbols.index("\n") if "\n" in vocabulary.symbols else 0
    read = np.array([start]) if prime is None else vocabulary.encode(prime)
    written = sample(
        trained.state.parameters,
        length,
        generator=np.random.default_rng(seed),
        prime=read,
        temperature=temperature,
        greedy=greedy,
    )
    shown = written.indices if prime is None else np.concatenate([read, written.indices])
    consoles.plain(vocabulary.decode(shown) + "\n")
