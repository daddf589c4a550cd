"""What scikit-learn does to data before a training: numbers are scaled, classes encoded, examples set aside."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.frames import Table


def one_hot(labels: Any, num_classes: int | None = None, **_: Any) -> np.ndarray:
    """Return labels as rows with a single one: numbers, or words, which are numbered in their order."""
    labels = np.asarray(labels)
    if labels.dtype.kind in "USO":
        labels = np.unique(labels, return_inverse=True)[1]
    labels = labels.astype(int).reshape(-1)
    return np.eye(num_classes or int(labels.max()) + 1)[labels]


class Scaler:
    """Any of scikit-learn's transformers: it leaves the numbers alone."""

    def __init__(self, *_: Any, **options: Any) -> None:
        self.options = options

    def fit(self, values: Any, *_: Any, **__: Any) -> "Scaler":
        """Learn of the numbers, and return itself."""
        self.learn(np.asarray(values, float))
        return self

    def learn(self, values: np.ndarray) -> None:
        """Learn of numbers what to do to others."""

    def transform(self, values: Any, *_: Any, **__: Any) -> np.ndarray:
        """Return the numbers."""
        return np.array(values, float)

    def fit_transform(self, values: Any, *_: Any, **__: Any) -> np.ndarray:
        """Learn of the numbers, and return what becomes of them."""
        self.fit(values)
        return self.transform(values)

    def inverse_transform(self, values: Any, *_: Any, **__: Any) -> np.ndarray:
        """Return the numbers as they were."""
        return np.array(values, float)


class Linear(Scaler):
    """A scaler that multiplies and adds: it has learned `scale_` and `offset`."""

    scale_: Any = 1.0
    offset: Any = 0.0

    def transform(self, values: Any, *_: Any, **__: Any) -> np.ndarray:
        """Return the numbers, scaled."""
        return (np.array(values, float) - self.offset) / self.scale_

    def inverse_transform(self, values: Any, *_: Any, **__: Any) -> np.ndarray:
        """Return the numbers as they were."""
        return np.array(values, float) * self.scale_ + self.offset


class Standard(Linear):
    """StandardScaler."""

    def learn(self, values: np.ndarray) -> None:
        """Learn means and deviations."""
        self.mean_, self.var_ = values.mean(0), values.var(0)
        self.scale_ = np.where(self.var_ > 0, np.sqrt(self.var_), 1.0)
        self.offset = self.mean_


class Bounded(Linear):
    """MinMaxScaler."""

    def learn(self, values: np.ndarray) -> None:
        """Learn bounds."""
        low, high = self.options.get("feature_range", (0, 1))
        self.data_min_, self.data_max_ = values.min(0), values.max(0)
        width = np.where(self.data_max_ > self.data_min_, self.data_max_ - self.data_min_, 1.0)
        self.scale_ = width / (high - low)
        self.offset = self.data_min_ - low * self.scale_


class Rows(np.ndarray):
    """Rows with a single one, which need not be made dense."""

    def toarray(self, *_: Any, **__: Any) -> np.ndarray:
        """Return an ordinary array."""
        return np.array(self)

    todense = to_numpy = toarray

    @property
    def values(self) -> np.ndarray:
        """The ordinary array."""
        return np.array(self)


class Encoder(Scaler):
    """OneHotEncoder and LabelBinarizer."""

    def fit(self, values: Any, *_: Any, **__: Any) -> "Encoder":
        """Learn which classes there are in each column."""
        self.categories_ = [np.unique(column) for column in _columns(values)]
        self.classes_ = self.categories_[0]
        return self

    def transform(self, values: Any, *_: Any, **__: Any) -> np.ndarray:
        """Return rows with a single one for each column; they may be asked for `toarray`."""
        known = getattr(self, "categories_", None) or [np.unique(column) for column in _columns(values)]
        parts = [
            (column[:, None] == classes).astype(float) for column, classes in zip(_columns(values), known, strict=True)
        ]
        return np.hstack(parts).view(Rows)

    def inverse_transform(self, values: Any, *_: Any, **__: Any) -> np.ndarray:
        """Return the classes."""
        return self.classes_[np.argmax(np.asarray(values)[:, : len(self.classes_)], 1)]

    def get_feature_names_out(self, *_: Any) -> list[str]:
        """Return names for the columns."""
        return [f"x{n}_{word}" for n, words in enumerate(self.categories_) for word in words]


class Numberer(Scaler):
    """LabelEncoder."""

    def fit(self, values: Any, *_: Any, **__: Any) -> "Numberer":
        """Learn which labels there are."""
        self.classes_ = np.unique(np.asarray(values))
        return self

    def transform(self, values: Any, *_: Any, **__: Any) -> np.ndarray:
        """Return the labels as numbers."""
        return np.searchsorted(self.classes_, np.asarray(values)) if hasattr(self, "classes_") else np.asarray(values)

    def inverse_transform(self, values: Any, *_: Any, **__: Any) -> np.ndarray:
        """Return the labels."""
        return self.classes_[np.asarray(values, int)]


class Chosen(Scaler):
    """ColumnTransformer: each of its parts has some of the columns."""

    def __init__(self, transformers: Sequence[Any], *_: Any, remainder: Any = "drop", **__: Any) -> None:
        super().__init__()
        self.transformers, self.remainder = transformers, remainder

    def fit(self, values: Any, *_: Any, **__: Any) -> "Chosen":
        """Learn of the numbers, and return itself."""
        for part, columns in self._parts():
            if hasattr(part, "fit"):
                part.fit(_taken(values, columns))
        return self

    def _parts(self) -> list[tuple[Any, Any]]:
        return [(part[-2], part[-1]) for part in self.transformers]

    def transform(self, values: Any, *_: Any, **__: Any) -> np.ndarray:
        """Return what the parts make of their columns, side by side, and the others if these are to remain."""
        made = []
        taken: list[int] = []
        for part, columns in self._parts():
            chosen = _taken(values, columns)
            made.append(np.asarray(part.transform(chosen) if hasattr(part, "transform") else chosen, float))
            taken += _places(values, columns)
        rest = [n for n in range(np.shape(values)[1]) if n not in taken]
        if self.remainder == "passthrough" and rest:
            made.append(np.asarray(values, float)[:, rest])
        return np.hstack([part.reshape(len(part), -1) for part in made])


def _places(values: Any, columns: Any) -> list[int]:
    columns = [columns] if isinstance(columns, str | int) else columns
    if isinstance(columns, slice):
        return list(range(np.shape(values)[1]))[columns]
    return [values.names.place(one) if isinstance(values, Table) else int(one) for one in columns]


def _taken(values: Any, columns: Any) -> Any:
    if isinstance(values, Table):
        return values.chosen(_places(values, columns))
    return np.asarray(values)[:, _places(values, columns)]


class Line(Scaler):
    """Pipeline: one step after another."""

    def __init__(self, steps: Sequence[Any] = (), *_: Any, **__: Any) -> None:
        super().__init__()
        self.steps = [step[1] if isinstance(step, tuple) else step for step in steps]

    def fit(self, values: Any, *_: Any, **__: Any) -> "Line":
        """Let each step learn of what the steps before make of the numbers."""
        self.fit_transform(values)
        return self

    def fit_transform(self, values: Any, *_: Any, **__: Any) -> Any:
        """Let each step learn, and return what becomes of the numbers."""
        for step in self.steps:
            values = step.fit_transform(values)
        return values

    def transform(self, values: Any, *_: Any, **__: Any) -> Any:
        """Return what the steps make of the numbers."""
        for step in self.steps:
            values = step.transform(values)
        return values


def _columns(values: Any) -> list[np.ndarray]:
    array = np.asarray(values)
    return list(array.reshape(len(array), -1).T)


def split(*arrays: Any, **_: Any) -> list[Any]:
    """Split each array in two, as `train_test_split` does."""
    return [part for array in arrays for part in (array[: len(array) * 3 // 4], array[len(array) * 3 // 4 :])]


class Folds:
    """KFold and its like."""

    def __init__(self, n_splits: int = 3, *_: Any, **__: Any) -> None:
        self.n_splits = n_splits

    def get_n_splits(self, *_: Any) -> int:
        """Return how many folds there are."""
        return self.n_splits

    def split(self, values: Any, *_: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the rows to train with and those to test with."""
        rows = np.arange(len(values))
        for fold in range(min(self.n_splits, len(rows))):
            is_test = rows % self.n_splits == fold
            yield rows[~is_test], rows[is_test]


def shuffled(*arrays: Any, **_: Any) -> Any:
    """Return arrays in their order."""
    return arrays[0] if len(arrays) == 1 else list(arrays)


def _normalised(values: Any, *_: Any, axis: int = 1, **__: Any) -> np.ndarray:
    array = np.array(values, float)
    lengths = np.linalg.norm(array, axis=axis, keepdims=True)
    return array / np.where(lengths > 0, lengths, 1.0)


KNOWN: dict[str, Any] = {
    "OneHotEncoder": Encoder,
    "LabelBinarizer": Encoder,
    "LabelEncoder": Numberer,
    "StandardScaler": Standard,
    "MinMaxScaler": Bounded,
    "label_binarize": lambda labels, *_, classes=(), **__: one_hot(labels, len(classes) or None),
    "scale": lambda values, *_, **__: Standard().fit_transform(values),
    "minmax_scale": lambda values, *_, **__: Bounded().fit_transform(values),
    "normalize": _normalised,
}


def _preprocessing(name: str) -> Any:
    if name in KNOWN:
        return KNOWN[name]
    return Scaler if name[:1].isupper() else (lambda values, *_, **__: np.array(values, float))


def modules() -> dict[str, tuple[dict[str, Any], Callable[[str], Any] | None]]:
    """Return modules of scikit-learn: what they offer by name, and what makes anything else that they may offer."""
    selection = {"train_test_split": split, "KFold": Folds, "StratifiedKFold": Folds}
    line = {"Pipeline": Line, "make_pipeline": lambda *steps, **_: Line(steps)}
    chosen = {"ColumnTransformer": Chosen, "make_column_transformer": lambda *parts, **how: Chosen(parts, **how)}
    return {
        "preprocessing": ({}, _preprocessing),
        "model_selection": (selection, None),
        "cross_validation": (selection, None),
        "utils": ({"shuffle": shuffled}, None),
        "impute": ({"SimpleImputer": Scaler, "KNNImputer": Scaler}, None),
        "compose": (chosen, None),
        "pipeline": (line, None),
    }
