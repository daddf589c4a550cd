"""A training run in one file, in the safetensors format: it holds numbers and text, and loading it runs no code.

Tensors: `parameters.Wxh` ... `parameters.by`, `optimiser.FIELD` or `optimiser.FIELD.Wxh` ... for each field of the
optimiser's state, `hidden_state`. Metadata: `format`, `version`, `run` (JSON: everything else) and `digest` (SHA-256 of
`run` and of the tensors, because safetensors itself does not notice a flipped bit).
"""

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import safetensors
import safetensors.numpy
from jaxtyping import Int

from manual.atomic import replace_file
from manual.errors import InputError
from manual.parameters import DTYPES, Parameters, validate
from manual.settings import Settings
from manual.text import Vocabulary
from manual.training import TrainingState, begin, generator_from
from manual.windows import Layout, Position

FORMAT = "backprop-crosscheck checkpoint"
VERSION = 1


class Checkpoint(NamedTuple):
    """What it takes to go on as if never interrupted."""

    settings: Settings
    vocabulary: Vocabulary
    text_digest: str
    """Of the text trained on, see `digest_text`: the position means nothing in another one."""
    state: TrainingState


def digest_text(indices: Int[np.ndarray, " time"]) -> str:
    """SHA-256 of an encoded text, in hexadecimal digits."""
    return hashlib.sha256(indices.astype("<i8").tobytes()).hexdigest()


def check_text(checkpoint: Checkpoint, vocabulary: Vocabulary, indices: Int[np.ndarray, " time"]) -> None:
    """Raise InputError unless `vocabulary` and the encoded text are those that the checkpoint was made with."""
    known = checkpoint.vocabulary
    if vocabulary.level != known.level:
        raise InputError(
            f"The checkpoint reads text by {known.level}, not by {vocabulary.level}: choose the level {known.level!r}."
        )
    difference = sorted(set(vocabulary.symbols) ^ set(known.symbols))
    if difference:
        side = "the text only" if difference[0] in vocabulary.symbols else "the checkpoint only"
        raise InputError(
            f"The vocabularies differ, the checkpoint's has {len(known)} symbols, the text's {len(vocabulary)}, and "
            f"{difference[0]!r} is in {side}: pass the text that the checkpoint was trained on, or start a new run."
        )
    if digest_text(indices) != checkpoint.text_digest:
        raise InputError(
            "The checkpoint was trained on another text with the same vocabulary, where its position means nothing: "
            "pass that text, or start a new run."
        )


def save(path: str | os.PathLike[str], checkpoint: Checkpoint) -> None:
    """Write a checkpoint; whatever happens meanwhile, `path` holds the previous one or this one, complete.

    Raises InputError for longdouble, and where the file cannot be written.
    """
    tensors = _tensors(checkpoint.state)
    if any(tensor.dtype.itemsize > 8 for tensor in tensors.values()):
        raise InputError("The safetensors format has no longdouble: train in float64 to save checkpoints.")
    run = json.dumps(_run(checkpoint))
    metadata = {"format": FORMAT, "version": str(VERSION), "run": run, "digest": _digest(run, tensors)}
    replace_file(path, safetensors.numpy.save(tensors, metadata))


def load(path: str | os.PathLike[str]) -> Checkpoint:
    """Read a checkpoint.

    Raises InputError for a file that is missing, unreadable, truncated, corrupt or no checkpoint, for another format
    version, and for tensors that are missing, superfluous or of the wrong shape or dtype.
    """
    metadata, tensors = _read(path)
    try:
        run = json.loads(metadata["run"])
        layout = dict(run["settings"].pop("layout"))
        separator = layout.pop("separator")
        settings = Settings(
            layout=Layout(**layout, separator=None if separator is None else tuple(separator)), **run["settings"]
        )
        vocabulary = Vocabulary(tuple(run["vocabulary"]["symbols"]), run["vocabulary"]["level"])
        generator_from(run["generator_state"])
        position, numbers = Position(*run["position"]), {key: run[key] for key in NUMBERS}
        text_digest = run["text_digest"]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise InputError(f"{path} is damaged, its settings make no sense: use an earlier checkpoint.") from None
    template = _template(path, tensors, settings, len(vocabulary))
    _check_tensors(path, tensors, _tensors(template))
    if _digest(metadata["run"], tensors) != metadata.get("digest"):
        raise InputError(f"{path} is damaged, its contents do not match its digest: use an earlier checkpoint.")
    parameters = Parameters(*(tensors[f"parameters.{name}"] for name in Parameters._fields))
    validate(parameters)
    state = TrainingState(
        parameters=parameters,
        optimiser_state=_optimiser_state(template.optimiser_state, tensors),
        hidden_state=tensors["hidden_state"],
        position=position,
        generator_state=run["generator_state"],
        **numbers,
    )
    return Checkpoint(settings, vocabulary, text_digest, state)


NUMBERS = ("smoothed_loss", "smoothed_error", "step")


def _run(checkpoint: Checkpoint) -> dict[str, Any]:
    """Give what is not a tensor. JSON keeps every bit: Python writes floats so that reading gives the same float."""
    state = checkpoint.state
    return {
        "settings": asdict(checkpoint.settings),
        "vocabulary": {"symbols": checkpoint.vocabulary.symbols, "level": checkpoint.vocabulary.level},
        "text_digest": checkpoint.text_digest,
        "position": state.position,
        "generator_state": state.generator_state,
        **{key: getattr(state, key) for key in NUMBERS},
    }


def _tensors(state: TrainingState) -> dict[str, np.ndarray]:
    tensors = {f"parameters.{name}": array for name, array in state.parameters._asdict().items()}
    for field, value in state.optimiser_state._asdict().items():
        if isinstance(value, Parameters):
            tensors |= {f"optimiser.{field}.{name}": array for name, array in value._asdict().items()}
        else:
            tensors[f"optimiser.{field}"] = value
    tensors["hidden_state"] = state.hidden_state
    return {name: np.asarray(array, order="C") for name, array in tensors.items()}


def _optimiser_state(template: Any, tensors: dict[str, np.ndarray]) -> Any:
    def field(name: str, value: Any) -> Any:
        if isinstance(value, Parameters):
            return Parameters(*(tensors[f"optimiser.{name}.{parameter}"] for parameter in Parameters._fields))
        return tensors[f"optimiser.{name}"][()]

    return template._make(field(name, value) for name, value in template._asdict().items())


def _digest(run: str, tensors: dict[str, np.ndarray]) -> str:
    sha = hashlib.sha256(run.encode())
    for name in sorted(tensors):
        sha.update(tensors[name].tobytes())
    return sha.hexdigest()


def _read(path: str | os.PathLike[str]) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    try:
        if Path(path).is_dir():
            raise InputError(f"{path} is a folder: name a checkpoint file inside it.")
        with safetensors.safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT or "run" not in metadata:
                raise InputError(f"{path} is a safetensors file but no checkpoint of this program: name one that is.")
            if metadata.get("version") != str(VERSION):
                raise InputError(
                    f"{path} has checkpoint format {metadata.get('version')}, and this program reads format {VERSION}: "
                    "use the version of the program that wrote it, or start a new run."
                )
            # Copies own their memory and are aligned, like the arrays of a run that was never interrupted.
            return metadata, {name: np.array(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except FileNotFoundError:
        raise InputError(
            f"There is no checkpoint {path}: check the name, it is looked for from {Path.cwd()}."
        ) from None
    except PermissionError:
        raise InputError(f"{path} may not be read by this user: change its permissions, or copy it.") from None
    except (OSError, safetensors.SafetensorError) as error:
        raise InputError(f"{path} is truncated or no checkpoint ({error}): use an earlier checkpoint.") from None


def _template(
    path: str | os.PathLike[str], tensors: dict[str, np.ndarray], settings: Settings, vocabulary_size: int
) -> TrainingState:
    """Build a state of the right structure, shapes and dtype: the vocabulary tells V, the hidden bias H."""
    bias = tensors.get("parameters.bh")
    if bias is None or bias.ndim != 1 or not bias.size or bias.dtype not in DTYPES:
        raise InputError(f"{path} is damaged, it holds no usable tensor parameters.bh: use an earlier checkpoint.")
    H, V, dtype = bias.size, vocabulary_size, bias.dtype
    shapes = Parameters(Wxh=(H, V), Whh=(H, H), Why=(V, H), bh=(H,), by=(V,))
    return begin(Parameters(*(np.zeros(shape, dtype) for shape in shapes)), settings, seed=0)


def _check_tensors(path: str | os.PathLike[str], found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    for name in sorted(expected.keys() ^ found.keys()):
        how = "lacks the tensor" if name in expected else "holds the unknown tensor"
        raise InputError(f"{path} is damaged, it {how} {name}: use an earlier checkpoint.")
    for name, tensor in expected.items():
        if found[name].shape != tensor.shape:
            raise InputError(
                f"{path} is damaged, its tensor {name} has shape {found[name].shape}, expected {tensor.shape} for its "
                "vocabulary, settings and hidden bias: use an earlier checkpoint."
            )
        if found[name].dtype != tensor.dtype:
            raise InputError(
                f"{path} is damaged, its tensor {name} has dtype {found[name].dtype}, expected {tensor.dtype}: use an "
                "earlier checkpoint."
            )
