"""Small synthetic data in place of data sets: what scikit-learn, pandas, Keras and NumPy would load.

Sizes that programs write down stay (30 features of breast cancers); pictures of 28 by 28 become 4 by 4, and so do
these numbers in the program (sizes.py).
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np

from crosscheck.recognise.frames import Column, Names, Table
from crosscheck.recognise.stubs import Stub

EXAMPLES = 12
MOST_ASKED = 40
"""Up to so many examples a program gets as many as it asks for: a small size of ours, which it may rely on"""
SIDE = 4
"""Of a picture; 28 in the program is taken for it"""
_LABELS_OF_SET = re.compile(r"^y|_y$|label|target|class", re.IGNORECASE)
FEATURES = {"iris": (4, 3), "wine": (13, 3), "breast": (30, 2), "digits": (64, 10), "mnist": (SIDE * SIDE, 10)}
REAL = {"boston": 13, "diabetes": 10, "california": 8}
"""Data sets whose targets are no classes, with the number of their features"""


class Known(Stub):
    """A library of which some names do something; the others stand for anything."""

    def __init__(self, name: str, members: dict[str, Any], other: Callable[[str], Any] | None = None) -> None:
        super().__init__(name)
        self.__dict__["_members"], self.__dict__["_other"] = members, other

    def __getattr__(self, name: str) -> Any:
        members, other = self.__dict__["_members"], self.__dict__["_other"]
        if name in members:
            return members[name]
        made = other(name) if other is not None and not name.startswith("__") else None
        return super().__getattr__(name) if made is None else made


def _random() -> np.random.RandomState:
    return np.random.RandomState(8)


def features(rows: int, columns: int) -> np.ndarray:
    """Return ordinary numbers."""
    return _random().randn(rows, columns)


MANY = 6
"""Classes of which most occur once"""


def classes(rows: int, count: int) -> np.ndarray:
    """Return labels in which every class occurs early, and the last of many more than once.

    Programs count classes by the largest label: it must not be lost where they set some examples aside.
    """
    made = np.arange(rows) * 7 % 12
    return np.minimum(made, count - 1) if count > MANY else made % count


def one_hot(labels: Any, num_classes: int | None = None, **_: Any) -> np.ndarray:
    """Return labels as rows with a single one: numbers, or words, which are numbered in their order."""
    labels = np.asarray(labels)
    if labels.dtype.kind in "USO":
        labels = np.unique(labels, return_inverse=True)[1]
    labels = labels.astype(int).reshape(-1)
    return np.eye(num_classes or int(labels.max()) + 1)[labels]


class Bunch(dict[str, Any]):
    """A dictionary whose entries are attributes as well."""

    __getattr__ = dict.__getitem__


def _made(name: str) -> Any:
    """Return what `sklearn.datasets` has under a name."""

    def make(n_samples: Any = EXAMPLES, n_features: int = 2, centers: Any = 2, **options: Any) -> Any:
        count = options.get("n_classes", centers if isinstance(centers, int) else len(centers))
        width = 2 if re.search("moons|circles", name) else n_features
        rows = n_samples if isinstance(n_samples, int) and n_samples < MOST_ASKED else EXAMPLES
        x = features(rows, width)
        return x, x.sum(1) if "regression" in name else classes(rows, count)

    def load(*arguments: Any, return_X_y: bool = False, as_frame: bool = False, **_: Any) -> Any:
        known = " ".join([name, *map(str, arguments)])
        real = next((width for word, width in REAL.items() if word in known), None)
        width, count = next((size for word, size in FEATURES.items() if word in known), (5, 2))
        x = features(EXAMPLES, real or width)
        y = classes(EXAMPLES, count) if real is None else x.sum(1)
        names = [f"x{place}" for place in range(x.shape[1])]
        images = np.abs(x).reshape(EXAMPLES, 8, 8) if "digits" in known else x
        if as_frame:
            x, y = x.view(Table), y.view(Column)
        found = Bunch(data=x, target=y, feature_names=names, target_names=[*"abcdefghij"[:count]], images=images)
        return (x, y) if return_X_y else found

    return make if name.startswith("make_") else load if name.startswith(("load_", "fetch_")) else None


class Scaler:
    """Any of scikit-learn's scalers: it leaves the numbers alone."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def fit(self, *_: Any, **__: Any) -> "Scaler":
        """Return itself."""
        return self

    def transform(self, values: Any, *_: Any, **__: Any) -> np.ndarray:
        """Return the numbers."""
        return np.array(values, float)

    def fit_transform(self, values: Any, *_: Any, **__: Any) -> np.ndarray:
        """Return the numbers."""
        return self.transform(values)

    inverse_transform = transform


class Encoder(Scaler):
    """OneHotEncoder and LabelBinarizer."""

    def transform(self, values: Any, *_: Any, **__: Any) -> np.ndarray:
        """Return rows with a single one; they may be asked for `toarray`."""
        return one_hot(values).view(Column)


class Numberer(Scaler):
    """LabelEncoder."""

    def transform(self, values: Any, *_: Any, **__: Any) -> np.ndarray:
        """Return the labels as numbers."""
        return np.unique(np.asarray(values), return_inverse=True)[1]


def split(*arrays: Any, **_: Any) -> list[Any]:
    """Split each array in two, as `train_test_split` does."""
    return [part for array in arrays for part in (array[: EXAMPLES * 3 // 4], array[EXAMPLES * 3 // 4 :])]


def _preprocessing(name: str) -> Any:
    if name in ("OneHotEncoder", "LabelBinarizer"):
        return Encoder
    if name == "LabelEncoder":
        return Numberer
    if name == "label_binarize":
        return lambda labels, *_, classes=(), **__: one_hot(labels, len(classes) or None)
    return Scaler if name[:1].isupper() else (lambda values, *_, **__: np.array(values, float))


def _shuffled(*arrays: Any, **_: Any) -> Any:
    return arrays[0] if len(arrays) == 1 else list(arrays)


COLUMNS = 5
"""Of a table that nothing tells of, labels included"""


def table(hints: str, columns: int | None = None) -> Table:
    """Return a table of whole numbers, with as many `columns` as are known of."""
    wide = columns is None and ("784" in hints or "mnist" in hints or "digit" in hints)
    made = _random().randint(0, 9, size=(EXAMPLES, SIDE * SIDE + 1 if wide else columns or COLUMNS))
    made[:, 0] = classes(EXAMPLES, 10 if wide else 2)
    made[:, -1] = made[:, -1] if wide else classes(EXAMPLES, 2)
    found = made.view(Table)
    found.names = Names(found.shape[1], frozenset(re.findall(r"\]\.(\w+)", hints)))
    return found


def loaded(hints: str, columns: int | None = None) -> dict[str, Callable[..., Any]]:
    """Return what takes the place of NumPy's functions that read data, and of those that write some: nowhere."""

    def text(
        name: Any = "", *_: Any, unpack: bool = False, usecols: Sequence[int] | None = None, **options: Any
    ) -> np.ndarray:
        whole = np.asarray(table(hints, columns)).astype(options.get("dtype") or float)
        if OF_LABELS.search(re.split(r"[/\\]", str(name))[-1]) and len(READS_TEXT.findall(hints)) > 1:
            return whole[:, -1]
        whole = whole if usecols is None else whole[:, np.atleast_1d(usecols) % whole.shape[1]]
        return whole.T if unpack else whole

    def load(name: Any, *_: Any, **__: Any) -> Any:
        archive = Archive() if SHOWS_PICTURES.search(hints) else Archive(shape=(EXAMPLES, COLUMNS))
        return archive if "npz" in str(name) else archive[re.split(r"[/\\]", str(name))[-1]]

    nowhere = dict.fromkeys(("save", "savez", "savez_compressed", "savetxt"), lambda *_, **__: None)
    return {"loadtxt": text, "genfromtxt": text, "load": load, **nowhere}


READS_TEXT = re.compile(r"loadtxt|genfromtxt")
OF_LABELS = re.compile(r"^y(?:_?(?:train|test|data))?\.|label|target|class|response", re.IGNORECASE)
"""Names of files that hold one label or number for each example, where another file holds these"""
SHOWS_PICTURES = re.compile(r"mnist|image|digit|pixel|cifar|picture|photo|\bimg|svhn|28|conv|x_train|train_x")
"""What a program speaks of whose arrays are pictures"""


class Archive(dict[str, Any]):
    """What `numpy.load` returns of an archive, or h5py of a file: labels or pictures, by their names."""

    def __init__(self, shape: tuple[int, ...] = (EXAMPLES, SIDE, SIDE), count: int = 10) -> None:
        self.shape, self.count = shape, count

    def __getitem__(self, name: str) -> np.ndarray:
        if _LABELS_OF_SET.search(name):
            return classes(EXAMPLES, self.count)
        if len(self.shape) == 2:
            return features(*self.shape)
        return _random().randint(0, 255, size=self.shape).astype(np.uint8)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def close(self) -> None:
        """Do nothing."""


def pictures(*_: Any, **__: Any) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return what `keras.datasets.mnist.load_data` does."""
    both = Archive()["x"], classes(EXAMPLES, 10).astype(np.uint8)
    return both, both


READS_PICTURES = re.compile(r"mnist", re.IGNORECASE)
"""What a missing module is called that reads pictures and their labels"""


class Reader:
    """What `mnist.MNIST("folder")` makes: it reads lists of numbers."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def load_training(self) -> tuple[list[list[float]], list[int]]:
        """Return pictures and their labels."""
        return Archive()["x"].reshape(EXAMPLES, -1).tolist(), classes(EXAMPLES, 10).tolist()

    load_testing = load = load_training


def load_mnist(*_: Any, flatten: bool = True, one_hot_label: bool = False, kind: str = "", **__: Any) -> Any:
    """Return pictures as rows of shares, or with their axes, and labels, of training and testing or of one `kind`."""
    shape = (EXAMPLES, SIDE * SIDE) if flatten else (EXAMPLES, 1, SIDE, SIDE)
    labels = classes(EXAMPLES, 10)
    both = Archive()["x"].reshape(shape) / 255.0, one_hot(labels, 10) if one_hot_label else labels
    return both if kind else (both, both)


def reader(name: str) -> Known:
    """Return what stands for a module that reads pictures and is not here."""
    return Known(name, {"MNIST": Reader, "load_mnist": load_mnist, "load_data": load_mnist}, _read)


def _read(name: str) -> Any:
    """Return what a function returns that is called after what it reads: `train_images`, `load_labels`."""
    if "label" in name:
        return lambda *_, **__: classes(EXAMPLES, 10)
    return (lambda *_, **__: Archive()["x"]) if "image" in name else None


def pickled(hints: str) -> Any:
    """Return what a pickle holds. Raises FileNotFoundError where that is not known."""
    if "mnist" not in hints:
        raise FileNotFoundError(2, "there are no data files here")
    pair = Archive()["x"].reshape(EXAMPLES, -1) / 255.0, classes(EXAMPLES, 10)
    return pair, pair, pair


def libraries(hints: str, columns: int | None = None) -> dict[str, Known]:
    """Return the libraries that load data, by name."""
    preprocessing = Known("sklearn.preprocessing", {}, _preprocessing)
    selection = Known("sklearn.model_selection", {"train_test_split": split})
    datasets = Known("sklearn.datasets", {}, _made)
    sklearn = {"datasets": datasets, "preprocessing": preprocessing, "model_selection": selection}
    sklearn["utils"] = Known("sklearn.utils", {"shuffle": _shuffled})
    sklearn["cross_validation"] = selection
    picture_sets = Known("datasets", {}, lambda name: Known(name, {"load_data": pictures}) if "mnist" in name else None)
    utilities = Known("utils", {"to_categorical": one_hot, "np_utils": Known("np_utils", {"to_categorical": one_hot})})
    keras = Known("keras", {"datasets": picture_sets, "utils": utilities})

    def frame(*_: Any, **__: Any) -> Table:
        return table(hints, columns)

    pandas = {"read_csv": frame, "read_table": frame, "read_excel": frame, "get_dummies": one_hot_table}
    return {
        "sklearn": Known("sklearn", sklearn),
        "pandas": Known("pandas", pandas),
        "seaborn": Known("seaborn", {"load_dataset": frame}),
        "keras": keras,
        "h5py": Known("h5py", {"File": lambda *_, **__: Archive((EXAMPLES, SIDE, SIDE, 3), 2)}),
        "tensorflow": Known("tensorflow", {"keras": keras}),
        "nnfs": Known("nnfs", {"datasets": Known("nnfs.datasets", {}, _of_points)}),
    }


def _of_points(name: str) -> Any:
    """Return what `nnfs.datasets` has under a name: points in a plane and their classes, or a curve."""
    if name == "sine_data":
        return lambda *_, **__: (features(EXAMPLES, 1), features(EXAMPLES, 1) ** 2)
    if name.endswith("_data"):
        return _points
    return None


def _points(*given: Any, **named: Any) -> tuple[np.ndarray, np.ndarray]:
    count = named.get("classes", given[1] if len(given) > 1 else 3)
    return features(EXAMPLES, 2), classes(EXAMPLES, count)


def one_hot_table(labels: Any, *_: Any, **__: Any) -> Column:
    """Return what `pandas.get_dummies` does."""
    return one_hot(labels).view(Column)
