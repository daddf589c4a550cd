"""What someone's module gets in place of files, plots, clocks, prompts, and of modules that are not installed."""

import argparse
import builtins
import dis
import functools
import gc
import importlib
import io
import itertools
import os
import pathlib
import re
import sys
import time
import types
from collections.abc import Callable, Sequence, Sized
from typing import Any, ClassVar

import numpy as np

from crosscheck.recognise.files_read import Files, is_there

NEVER_REAL = frozenset(
    [
        "matplotlib",
        "pylab",
        "seaborn",
        "plotly",
        "bokeh",
        "IPython",
        "ipdb",
        "pdb",
        "tqdm",
        "tensorflow",
        "keras",
        "cv2",
        "PIL",
        "wandb",
        "tensorboardX",
        "gym",
        "sklearn",
        "pandas",
        "nltk",
        "torchvision",
        "requests",
        "ipywidgets",
        "graphviz",
        "pydot",
        "h5py",
        "gensim",
        "numba",
    ]
)
"""Pictures, progress, and libraries that no backward pass in NumPy needs: importing some of them takes seconds"""


DRAWS = re.compile(
    r"(?:^|[._])(?:init\w*|\w+_init|xavier\w*|glorot\w*|kaiming\w*|he(?:_\w+)?|rand\w*|uniform|normal|zeros|ones|weights?)$",
    re.IGNORECASE,
)
"""What functions are called that make weights of a shape"""
CHECKS = re.compile(r"grad|numeric|check|jac", re.IGNORECASE)
"""And those that are handed a function and where its derivative is asked for: `gradient_check(loss, W)`"""


def _shape_of(arguments: Sequence[Any]) -> tuple[int, ...]:
    """Return the shape that a function is asked for: by a tuple, or by its sizes; nothing if it is none."""
    sizes = arguments[0] if arguments and isinstance(arguments[0], tuple | list) else arguments
    is_shape = 0 < len(sizes) < 5 and all(type(size) is int and size > 0 for size in sizes)
    return tuple(sizes) if is_shape else ()


class Missing:
    """Stands for a base class that is not here: its methods can be called, and it keeps what it is handed."""

    def __init_subclass__(cls) -> None:
        """Let methods hand on what they do to those of the class that is not here: `super().build(shape)`."""
        for method in [value for value in vars(cls).values() if isinstance(value, types.FunctionType)]:
            handed_on = set(method.__code__.co_names) & vars(cls).keys() if "super" in method.__code__.co_names else ()
            for name in handed_on:
                if not hasattr(cls.__base__, name):
                    setattr(cls.__base__, name, nothing)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._keep(arguments, named, sys._getframe(1))

    def _keep(self, arguments: Sequence[Any], named: dict[str, Any], scope: types.FrameType) -> None:
        if scope.f_code.co_name != "__init__":  # nobody's constructor hands it anything on
            return
        known = {name: scope.f_locals.get(name) for name in scope.f_code.co_varnames[1 : scope.f_code.co_argcount]}
        kept = {name: value for name, value in known.items() if any(value is argument for argument in arguments)}
        for name, value in {**kept, **named}.items():
            self.__dict__.setdefault(name, value)

    def __getattr__(self, name: str) -> Any:
        scope = sys._getframe(1)
        if not (name.startswith("__") and name.endswith("__")):
            if (made := _container_for(scope)) is not None:
                return self.__dict__.setdefault(name, made)
            if _is_method(scope):
                return Stub(name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def _is_method(frame: types.FrameType) -> bool:
    """Tell whether a frame asks an object for what it calls next, as in `self.accept()`."""
    asked, how = frame.f_code.co_code[frame.f_lasti : frame.f_lasti + 2]
    operation = dis.opname[asked]
    return operation == "LOAD_METHOD" or (operation == "LOAD_ATTR" and sys.version_info >= (3, 12) and how & 1 == 1)


def _container_for(frame: types.FrameType) -> dict[str, Any] | list[Any] | None:
    """Return the empty container that a frame asks an object for, by what it does with it next; None if it is none.

    `self.params["W"] = w` asks for a dictionary, and `self.params.append(w)` for a list.
    """
    behind = (one for one in dis.get_instructions(frame.f_code) if one.offset > frame.f_lasti)
    following, *others = *itertools.islice((one for one in behind if one.opname != "CACHE"), 2), None
    if following is not None and following.opname == "LOAD_CONST" and isinstance(following.argval, str):
        return {} if others[0] is not None and others[0].opname == "STORE_SUBSCR" else None
    is_attribute = following is not None and following.opname in ("LOAD_METHOD", "LOAD_ATTR")
    return [] if is_attribute and following.argval == "append" else None


class Stub:
    """Stands for anything: it can be called, read from and iterated over, and nothing comes of it."""

    def __init__(self, name: Any, *arguments: Any, **named: Any) -> None:
        if isinstance(name, Missing):  # `Base.__init__(self, n)`
            name._keep(arguments, named, sys._getframe(1))
        else:
            self.__dict__["__stub__"] = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Stub(f"{self.__stub__}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __call__(self, *arguments: Any, **_: Any) -> Any:
        """Return what the thing is called for, as far as a program goes on with it."""
        if self.__stub__.endswith(("tqdm", "trange")) and arguments:
            values = range(arguments[0]) if isinstance(arguments[0], int) else arguments[0]
            return Progress(values) if isinstance(values, Sized) else values
        if self.__stub__.endswith((".subplots", ".subplot2grid")):
            return Stub("figure"), Stub("axes")
        if len(arguments) == 1 and isinstance(arguments[0], types.FunctionType | type):  # `@jit`, `@jit(parallel=True)`
            return arguments[0]
        if DRAWS.search(self.__stub__) and (shape := _shape_of(arguments)):
            return np.random.RandomState(len(shape)).normal(size=shape) * 0.5
        if len(arguments) > 1 and isinstance(arguments[0], types.FunctionType) and CHECKS.search(self.__stub__):
            return arguments[0](arguments[1])  # what it would do first, and often
        if len(arguments) == 1 and isinstance(arguments[0], str) and DRAWS.search(arguments[0]):
            return Stub(f"{self.__stub__}.{arguments[0]}")  # `initialiser = get("glorot_uniform")`
        return Stub(f"{self.__stub__}()")

    def __mro_entries__(self, _: Any) -> tuple[type, ...]:
        return (type(Missing.__name__, (Missing,), {}),)

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __getitem__(self, _: Any) -> Any:
        return Stub(self.__stub__)

    def __setitem__(self, _: Any, __: Any) -> None:
        pass

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __deepcopy__(self, _: Any) -> Any:
        return self


class Progress:
    """Stands for a bar of progress: it goes through the same values, and what it is told to show nobody sees."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def __iter__(self) -> Any:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Stub(name)


class Descent:
    """Stands for an optimiser that is not here: it goes down the gradient, whatever its method is called."""

    learning_rate = lr = 0.1

    def update(self, parameter: Any, gradient: Any, *_: Any, **__: Any) -> Any:
        """Return the parameter after one step."""
        return parameter - self.learning_rate * gradient

    __call__ = step = apply = get_update = calc_grad = update


def is_stub(value: Any) -> bool:
    """Tell whether a value stands for nothing."""
    return isinstance(value, Stub)


class Answer(str):
    """What somebody types who is asked for something: a letter, which is a number as well where one is wanted.

    >>> Answer("a") + "b", int(Answer("a").strip()), float(Answer("a"))
    ('ab', 3, 0.5)
    """

    def __int__(self) -> int:
        return 3

    def __float__(self) -> float:
        return 0.5

    def strip(self, *_: Any) -> "Answer":
        """Return itself."""
        return self

    rstrip = lstrip = strip  # pyright: ignore[reportAssignmentType] - of fewer types than those of str


class Number(float):
    """What somebody types who is asked for a number: a share, or how often something is to be done.

    >>> Number(0.5) * 2, list(range(Number(0.5)))
    (1.0, [0, 1, 2])
    """

    def __index__(self) -> int:
        return 3

    __int__ = __index__


def answered(*_: Any) -> Answer:
    """Answer a question."""
    return Answer("a")


def answered_with_number(*_: Any) -> Number:
    """Answer a question whose answer is evaluated, as Python 2 does."""
    return Number(0.05)


class Listing(list[str]):
    """The one file of a folder, whichever is asked for.

    >>> len(Listing(["input.txt"])), Listing(["input.txt"])[3]
    (1, 'input.txt')
    """

    def __getitem__(self, place: Any) -> Any:
        return super().__getitem__(place if isinstance(place, slice) else 0)


class Overlay(types.ModuleType):
    """A module of which some names are replaced."""

    def __init__(self, module: types.ModuleType, **replaced: Any) -> None:
        super().__init__(module.__name__)
        self.__dict__["_module"] = module
        self.__dict__.update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_module"], name)


def nothing(*_: Any, **__: Any) -> None:
    """Do nothing, for whatever reason."""


def overlays(files: Files, arguments: Sequence[str] = ("script.py",)) -> dict[str, Any]:
    """Return the modules that are replaced in part."""
    import codecs

    class Path(type(pathlib.Path())):
        """A path under which every text file holds the same text."""

        def open(self, mode: str = "r", *_: Any, **__: Any) -> Any:
            """Return a file in memory."""
            return files.open(self, mode)

        def read_text(self, *_: Any, **__: Any) -> str:
            """Return the text."""
            files.read.add(self.name)
            return files.contents

        def exists(self, *_: Any, **__: Any) -> bool:
            """Say that it is there, unless a training run has to leave it behind."""
            return is_there(self)

        is_file = exists
        write_text = write_bytes = mkdir = touch = unlink = nothing  # pyright: ignore[reportAssignmentType]

    requests = Overlay(
        importlib.import_module("urllib.request"), urlopen=files.fetch, urlretrieve=lambda *_, **__: ("input.txt", None)
    )
    pickles = Overlay(importlib.import_module("pickle"), load=files.pickle, dump=nothing)
    path = Overlay(os.path, exists=is_there, isfile=is_there, isdir=lambda *_: True)
    return {
        "os.path": path,
        "pathlib": Overlay(pathlib, Path=Path),
        "time": Overlay(time, sleep=nothing),
        "gc": Overlay(gc, collect=lambda *_: 0),
        "io": Overlay(io, open=files.open),
        "codecs": Overlay(codecs, open=files.open),
        "glob": Overlay(
            importlib.import_module("glob"),
            glob=lambda *_, **__: ["input.txt"],
            iglob=lambda *_, **__: iter(["input.txt"]),
        ),
        "argparse": Overlay(argparse, ArgumentParser=type("_Parser", (_Parser,), {"files": files})),
        "os": Overlay(
            os,
            path=path,
            listdir=lambda *_: Listing(["input.txt"]),
            walk=lambda top, *_, **__: [(top, [], ["input.txt"])],
            system=nothing,
            mkdir=nothing,
            makedirs=nothing,
            remove=nothing,
            chdir=nothing,
        ),
        "sys": Overlay(
            sys, argv=list(arguments), exit=_exit, stdin=io.StringIO(files.contents), setrecursionlimit=nothing
        ),
        "urllib.request": requests,
        "urllib2": requests,
        "urllib": Overlay(importlib.import_module("urllib"), request=requests, urlopen=files.fetch),
        "gzip": Overlay(importlib.import_module("gzip"), open=files.open, GzipFile=files.open),
        "pickle": pickles,
        "cPickle": pickles,
        "_pickle": pickles,
    }


class _Parser(argparse.ArgumentParser):
    """Parses no command line: every option has its default, and what must be given is made up."""

    files: ClassVar[Files]

    def parse_args(self, *_: Any, **__: Any) -> Any:
        """Return the options."""
        found = argparse.Namespace()
        for action in self._actions:
            if action.dest == "help":
                continue
            value = action.default
            if value is None and (action.required or not action.option_strings):
                value = (
                    next(iter(action.choices)) if action.choices else 5 if action.type in (int, float) else "input.txt"
                )
            elif isinstance(value, str) and callable(action.type) and not isinstance(action.type, argparse.FileType):
                value = action.type(value)
            if isinstance(action.type, argparse.FileType) and isinstance(value, str):
                value = self.files.open(value)
            setattr(found, action.dest, value)
        return found

    def parse_known_args(self, *_: Any, **__: Any) -> Any:
        """Return the options, and nothing that is left."""
        return self.parse_args(), []


def _exit(*arguments: Any) -> None:
    raise SystemExit(*arguments)


def python2_names() -> dict[str, Any]:
    """Return what Python 2 had among its builtins."""
    return {
        "xrange": range,
        "unicode": str,
        "long": int,
        "basestring": str,
        "unichr": chr,
        "reduce": functools.reduce,
        "raw_input": answered,
        "cmp": lambda a, b: (a > b) - (a < b),
        "izip": zip,
    }


def builtin_names(files: Files, imports: Callable[..., Any]) -> dict[str, Any]:
    """Return the builtins of someone's module."""
    return {
        **vars(builtins),
        **python2_names(),
        "open": files.open,
        "file": files.open,
        "input": answered,
        "print": nothing,
        "breakpoint": nothing,
        "exit": _exit,
        "quit": _exit,
        "__import__": imports,
    }
