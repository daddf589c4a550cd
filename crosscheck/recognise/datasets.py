"""Small synthetic data in place of data sets: what scikit-learn, pandas, Keras and NumPy would load.

Sizes that programs write down stay (30 features of breast cancers); pictures of 28 by 28 become 4 by 4, and so do
these numbers in the program (sizes.py).
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise import preprocessing
from crosscheck.recognise.archives import SHOWS_PICTURES, Archive, stored
from crosscheck.recognise.frames import Column, MadeUp, Table, Told, functions, told_by, unnamed
from crosscheck.recognise.preprocessing import one_hot
from crosscheck.recognise.small_data import COLUMNS, EXAMPLES, SIDE, classes, features, random
from crosscheck.recognise.stubs import Stub

MOST_ASKED = 40
"""Up to so many examples a program gets as many as it asks for: a small size of ours, which it may rely on"""
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


class Bunch(dict[str, Any]):
    """A dictionary whose entries are attributes as well.

    >>> import copy
    >>> data = copy.deepcopy(Bunch(target=3))
    >>> data.target = 4
    >>> data["target"], hasattr(data, "frame")
    (4, False)
    """

    __setattr__ = dict.__setitem__

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        raise AttributeError(f"the data set has no {name}")


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
        names = [MadeUp(f"column {place}") for place in range(x.shape[1])]
        images = np.abs(x).reshape(EXAMPLES, 8, 8) if "digits" in known else x
        found = Bunch(data=x, target=y, feature_names=names, target_names=[*"abcdefghij"[:count]], images=images)
        if as_frame:
            data, labels = Table(x, columns=names), Column(y, name="target")
            found.update(data=data, target=labels, frame=data.assign(target=labels))
        return (found["data"], found["target"]) if return_X_y else found

    return make if name.startswith("make_") else load if name.startswith(("load_", "fetch_")) else None


def columns_of(told: Told) -> int:
    """Return how many columns a table has, as far as the program tells before it fails."""
    return max(COLUMNS, min(told.columns, MOST_COLUMNS))


MOST_COLUMNS = 40
"""Of a table, as far as places tell that a program asks for"""


def table(hints: str, columns: int | None = None, names: Sequence[Any] | None = None, rows: int = EXAMPLES) -> Table:
    """Return a table of whole numbers, with as many `columns` as are known of, or with some `names`."""
    wide = columns is None and ("784" in hints or "mnist" in hints or "digit" in hints)
    told = told_by(hints)
    made = random().randint(0, 9, (rows, SIDE * SIDE + 1 if wide else columns or columns_of(told)))
    many = 10 if wide else 3 if ENCODES.search(hints) and OF_THREE.search(hints) else 2
    made[:, 0] = classes(rows, many)
    made[:, -1] = made[:, -1] if wide else classes(rows, many)
    found = Table.of(made, unnamed(made.shape[1], told, (0,) if wide else None))
    if names is not None:
        found.columns = names
    return found


ENCODES = re.compile(r"dummies|one_?hot|categorical|labelbinar|np\.eye|softmax")
"""What programs speak of that tell several classes apart"""
OF_THREE = re.compile(r"iris|species|setosa|wine|penguin|seeds")
"""What is told of data that have three classes"""


def _chosen(found: Table, usecols: Sequence[Any]) -> Table:
    """Return the columns that a program reads: of numbers that are too large the last ones."""
    if all(isinstance(one, int) for one in usecols):
        return found.chosen([min(one, found.shape[1] - 1) for one in usecols])
    return found[list(usecols)]


def loaded(hints: str, columns: int | None = None, rows: int = EXAMPLES) -> dict[str, Callable[..., Any]]:
    """Return what takes the place of NumPy's functions that read data, and of those that write some: nowhere."""

    def text(
        name: Any = "", *_: Any, unpack: bool = False, usecols: Sequence[int] | None = None, **options: Any
    ) -> Any:
        if options.get("names"):
            names = options["names"]
            return table(hints, columns, names if isinstance(names, list | tuple) else None, rows)
        whole = np.asarray(table(hints, columns, rows=rows)).astype(options.get("dtype") or float)
        if OF_LABELS.search(re.split(r"[/\\]", str(name))[-1]) and len(READS_TEXT.findall(hints)) > 1:
            return whole[:, -1]
        whole = whole if usecols is None else whole[:, np.atleast_1d(usecols) % whole.shape[1]]
        if whole.shape[1] == 1 and options.get("ndmin", 0) < 2:  # as NumPy does
            return whole[:, 0]
        return whole.T if unpack else whole

    def load(name: Any, *_: Any, **__: Any) -> Any:
        archive = Archive(hints=hints) if SHOWS_PICTURES.search(hints) else Archive((EXAMPLES, COLUMNS), hints=hints)
        return archive if "npz" in str(name) else np.asarray(archive[re.split(r"[/\\]", str(name))[-1]])

    nowhere = dict.fromkeys(("save", "savez", "savez_compressed", "savetxt"), lambda *_, **__: None)
    return {"loadtxt": text, "genfromtxt": text, "load": load, **nowhere}


READS_TEXT = re.compile(r"loadtxt|genfromtxt")
OF_LABELS = re.compile(r"^y(?:_?(?:train|test|data))?\.|label|target|class|response", re.IGNORECASE)
"""Names of files that hold one label or number for each example, where another file holds these"""


def pictures(*_: Any, **__: Any) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return what `keras.datasets.mnist.load_data` does."""
    both = np.asarray(Archive()["x"]), classes(EXAMPLES, 10).astype(np.uint8)
    return both, both


READS_PICTURES = re.compile(r"mnist", re.IGNORECASE)
"""What a missing module is called that reads pictures and their labels"""


class Reader:
    """What `mnist.MNIST("folder")` makes: it reads lists of numbers."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def load_training(self) -> tuple[list[list[float]], list[int]]:
        """Return pictures and their labels."""
        return np.asarray(Archive()["x"]).reshape(EXAMPLES, -1).tolist(), classes(EXAMPLES, 10).tolist()

    load_testing = load = load_training


def load_mnist(*_: Any, flatten: bool = True, one_hot_label: bool = False, kind: str = "", **__: Any) -> Any:
    """Return pictures as rows of shares, or with their axes, and labels, of training and testing or of one `kind`."""
    shape = (EXAMPLES, SIDE * SIDE) if flatten else (EXAMPLES, 1, SIDE, SIDE)
    labels = classes(EXAMPLES, 10)
    both = np.asarray(Archive()["x"]).reshape(shape) / 255.0, one_hot(labels, 10) if one_hot_label else labels
    return both if kind else (both, both)


def reader(name: str) -> Known:
    """Return what stands for a module that reads pictures and is not here."""
    return Known(name, {"MNIST": Reader, "load_mnist": load_mnist, "load_data": load_mnist}, _read)


def _read(name: str) -> Any:
    """Return what a function returns that is called after what it reads: `train_images`, `load_labels`."""
    if "label" in name:
        return lambda *_, **__: classes(EXAMPLES, 10)
    return (lambda *_, **__: np.asarray(Archive()["x"])) if "image" in name else None


def pickled(hints: str) -> Any:
    """Return what a pickle holds. Raises FileNotFoundError where that is not known."""
    if "mnist" not in hints:
        raise FileNotFoundError(2, "there are no data files here")
    pair = np.asarray(Archive()["x"]).reshape(EXAMPLES, -1) / 255.0, classes(EXAMPLES, 10)
    return pair, pair, pair


def libraries(hints: str, columns: int | None = None, rows: int = EXAMPLES) -> dict[str, Known]:
    """Return the libraries that load data, by name."""
    datasets = Known("sklearn.datasets", {}, _made)
    sklearn = {
        "datasets": datasets,
        **{n: Known(f"sklearn.{n}", *known) for n, known in preprocessing.modules().items()},
    }
    picture_sets = Known("datasets", {}, lambda name: Known(name, {"load_data": pictures}) if "mnist" in name else None)
    utilities = Known("utils", {"to_categorical": one_hot, "np_utils": Known("np_utils", {"to_categorical": one_hot})})
    keras = Known("keras", {"datasets": picture_sets, "utils": utilities})

    def frame(*_: Any, names: Any = None, usecols: Any = None, nrows: int | None = None, **__: Any) -> Table:
        found = table(hints, columns, names, rows)
        found = found if usecols is None or callable(usecols) else _chosen(found, usecols)
        return found if nrows is None else found.head(nrows)

    return {
        "sklearn": Known("sklearn", sklearn),
        "pandas": Known("pandas", functions(frame)),
        "seaborn": Known("seaborn", {"load_dataset": frame}),
        "keras": keras,
        "h5py": Known("h5py", {"File": lambda *_, **__: stored(hints, columns)}),
        "tensorflow": Known("tensorflow", {"keras": keras}),
        "numba": Known("numba", {"prange": range}),
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
