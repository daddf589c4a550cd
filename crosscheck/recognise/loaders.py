"""What goes through data in batches, for programs that use torch for its arrays alone: small pictures, or their own."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.datasets import Known
from crosscheck.recognise.small_data import EXAMPLES, SIDE, classes, random
from crosscheck.recognise.stubs import Stub

DATASETS = {"cifar100": (3, 100), "cifar10": (3, 10), "svhn": (3, 10), "stl10": (3, 10), "emnist": (1, 26)}
"""Channels and classes of known pictures; those of others are of one channel and ten classes"""


class Dataset:
    """Any examples; those of the program's own classes are what these say."""


class Arrays(Dataset):
    """Arrays whose first axis is that of the examples: `TensorDataset(x, y)`."""

    def __init__(self, *tensors: Any) -> None:
        self.tensors = tensors

    def __len__(self) -> int:
        return len(self.tensors[0])

    def __getitem__(self, place: Any) -> tuple[Any, ...]:
        return tuple(array[place] for array in self.tensors)


class Part(Dataset):
    """Some examples of others."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, place: int) -> Any:
        return self.dataset[self.indices[place]]


class Transformed:
    """Functions of the program that are applied one after the other: `Lambda`, among others that leave shares alone."""

    def __init__(self, functions: Any) -> None:
        self.functions = functions if isinstance(functions, list | tuple) else [functions]

    def __call__(self, value: Any) -> Any:
        """Return what they make of a value."""
        for function in self.functions:
            value = value if isinstance(function, Stub) else function(value)
        return value


class Pictures(Dataset):
    """Small pictures, as a data set of torchvision has them: shares with channels first, each with a label."""

    def __init__(self, name: str, transform: Any = None, target_transform: Any = None) -> None:
        channels, count = DATASETS.get(name.lower(), (1, 10))
        shape = (EXAMPLES, SIDE, SIDE) if channels == 1 else (EXAMPLES, SIDE, SIDE, channels)
        self.data = random().randint(0, 255, size=shape).astype(np.uint8)
        self.targets = classes(EXAMPLES, count)
        self.classes = [f"class {place}" for place in range(count)]
        self.transform, self.target_transform = Transformed(transform or []), Transformed(target_transform or [])

    def __len__(self) -> int:
        return EXAMPLES

    def __getitem__(self, place: int) -> tuple[Any, Any]:
        picture = self.data[place] / 255.0
        picture = picture[None] if picture.ndim == 2 else np.moveaxis(picture, -1, 0)
        return self.transform(picture), self.target_transform(self.targets[place])


class Batches:
    """Examples, a batch at a time, in their order: `DataLoader(dataset, batch_size=64)`."""

    def __init__(self, dataset: Any, batch_size: int = 1, *_: Any, drop_last: bool = False, **__: Any) -> None:
        self.dataset, self.batch_size = dataset, batch_size
        self.is_whole = drop_last and len(dataset) >= batch_size

    def __len__(self) -> int:
        return -(-len(self.dataset) // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, len(self.dataset), self.batch_size):
            rows = [self.dataset[place] for place in range(start, min(start + self.batch_size, len(self.dataset)))]
            if len(rows) < self.batch_size and self.is_whole:
                return
            parts = isinstance(rows[0], tuple | list)
            yield [np.array(part) for part in zip(*rows, strict=True)] if parts else np.array(rows)


def _apart(dataset: Any, lengths: Sequence[float], *_: Any, **__: Any) -> list[Part]:
    """Return examples apart, in lengths or shares that a program counts on: of a small set each has a share."""
    ends = [round(len(dataset) * sum(lengths[: place + 1]) / sum(lengths)) for place in range(len(lengths))]
    return [Part(dataset, range(start, end)) for start, end in zip([0, *ends], ends, strict=False)]


def _pictures(name: str) -> Callable[..., Pictures]:
    def load(*_: Any, transform: Any = None, target_transform: Any = None, **__: Any) -> Pictures:
        return Pictures(name, transform, target_transform)

    return load


def libraries() -> dict[str, Known]:
    """Return the libraries that load data for torch, by name: they return arrays of NumPy."""
    batches = {
        "DataLoader": Batches,
        "TensorDataset": Arrays,
        "Dataset": Dataset,
        "Subset": Part,
        "random_split": _apart,
    }
    data = Known("data", batches)
    transforms = Known("transforms", {"Compose": Transformed, "Lambda": lambda function: function})
    return {
        "torch": Known("torch", {"utils": Known("utils", {"data": data})}),
        "torchvision": Known("torchvision", {"datasets": Known("datasets", {}, _pictures), "transforms": transforms}),
    }
