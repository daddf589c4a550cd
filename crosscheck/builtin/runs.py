"""What a training run starts from: a text and first parameters, or a checkpoint; and where it is saved."""

import logging
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from crosscheck.errors import CrosscheckError
from manual.atomic import check_writable
from manual.checkpoints import Checkpoint, check_text, digest_text, load, save
from manual.errors import InputError
from manual.parameters import initialise
from manual.settings import Settings
from manual.text import Vocabulary, read_text
from manual.training import TrainingState, begin
from manual.windows import Layout

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """A text, the choices, and the state to train on from."""

    file: Path
    settings: Settings
    vocabulary: Vocabulary
    indices: np.ndarray
    """The encoded text."""
    start: TrainingState
    path: Path
    """Where checkpoints go."""
    again: tuple[str, ...] = ()
    """Options that a checkpoint does not hold and that going on takes once more, such as the engine."""

    @property
    def resume_command(self) -> str:
        """What to type to go on."""
        return shlex.join(["crosscheck", "train", str(self.file), "--resume", str(self.path), *self.again])

    def save(self, state: TrainingState) -> None:
        """Replace the checkpoint; whatever happens, the file holds the old one or the new one. Raises InputError."""
        save(self.path, Checkpoint(self.settings, self.vocabulary, digest_text(self.indices), state))


def new_run(
    file: Path,
    *,
    level: str,
    sequence_length: int,
    batch: int | None,
    document_length: int | None,
    document_separator: str | None,
    hidden_size: int,
    optimiser: str,
    dtype: str,
    seed: int,
    choices: Mapping[str, Any],
    checkpoint: Path | None,
) -> Run:
    """Begin on a text. Raises InputError for whatever the user can mend."""
    text = read_text(file)
    vocabulary = Vocabulary.from_text(text, level)
    indices = vocabulary.encode(text)
    separator = None
    if document_separator is not None:
        separator = tuple(map(int, vocabulary.encode(_unescaped(document_separator))))
    layout = Layout(sequence_length, batch, separator, document_length)
    settings = Settings(layout, optimiser, **_as_settings(choices))
    layout.windows(indices)  # refuses what does not fit before anything is written
    path = _unused(Path(f"{file.stem}.safetensors")) if checkpoint is None else checkpoint
    check_writable(path)
    parameters = initialise(len(vocabulary), hidden_size, seed=seed, dtype=np.dtype(dtype))
    logger.info("%d symbols, %d of them distinct; saving to %s", len(indices), len(vocabulary), path)
    return Run(file, settings, vocabulary, indices, begin(parameters, settings, seed=seed), path)


def resumed_run(file: Path, resume: Path, *, choices: Mapping[str, Any], checkpoint: Path | None) -> Run:
    """Go on from a checkpoint, with some choices made anew. Raises InputError for whatever the user can mend."""
    loaded = load(resume)
    text = read_text(file)
    vocabulary = Vocabulary.from_text(text, loaded.vocabulary.level)
    indices = vocabulary.encode(text)
    check_text(loaded, vocabulary, indices)
    path = resume if checkpoint is None else checkpoint
    check_writable(path)
    settings = replace(loaded.settings, **_as_settings(choices))
    logger.info("resuming at step %d; saving to %s", loaded.state.step, path)
    return Run(file, settings, vocabulary, indices, loaded.state, path)


@contextmanager
def input_refused() -> Iterator[None]:
    """Turn an InputError of `manual` into the CrosscheckError that the command line knows."""
    try:
        yield
    except InputError as error:
        raise CrosscheckError(str(error), code="bad-input") from error


def _as_settings(choices: Mapping[str, Any]) -> dict[str, Any]:
    """Call the options of the command line by the names of the settings."""
    return {"truncation" if name == "window" else name: value for name, value in choices.items()}


def _unescaped(text: str) -> str:
    """Read the escapes of line break and tab, which a shell passes on as two characters."""
    return text.replace("\\n", "\n").replace("\\t", "\t")


def _unused(path: Path) -> Path:
    """Give `path`, or the first of path-2, path-3, ... that does not exist: an unnamed checkpoint replaces nothing."""
    number, free = 1, path
    while os.path.lexists(free):
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
