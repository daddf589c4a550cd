"""Someone's module, executed as far as it is needed: never trained, never printed, with text in place of its files."""

import ast
import builtins
import importlib
import random
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from crosscheck.recognise import (
    conventional,
    datasets,
    environments,
    files_read,
    image_files,
    layouts,
    loaders,
    small_data,
    stubs,
    workers,
)
from crosscheck.recognise.arranging import arranged
from crosscheck.recognise.array_modules import ARRAYS, computes_arrays, within
from crosscheck.recognise.constants import without_guards
from crosscheck.recognise.drawing import with_seeds
from crosscheck.recognise.example_call import ExampleCall
from crosscheck.recognise.flattened import with_fitting
from crosscheck.recognise.handed_through import handed_through
from crosscheck.recognise.hooks import EnoughError, Hooks
from crosscheck.recognise.instrument import HOOKS, instrumented
from crosscheck.recognise.kept import kept_results
from crosscheck.recognise.layouts import Layout
from crosscheck.recognise.listed import keeps_lists, moved_entries
from crosscheck.recognise.plain_values import with_plain_values
from crosscheck.recognise.rounded import without_rounding
from crosscheck.recognise.rounded_e import with_exact_e
from crosscheck.recognise.short_lines import with_short_lines
from crosscheck.recognise.short_texts import goes_through_whole, with_short_texts
from crosscheck.recognise.single_numbers import numbers_gone_through, scalar_parameters, unpacked_parameters
from crosscheck.recognise.sizes import resized, size_called
from crosscheck.recognise.styles import styles_of
from crosscheck.recognise.turning import passing_loops
from crosscheck.recognise.unpacked import holding_data, returning_data
from crosscheck.source import Document, compiled, executable, names_of, read
from crosscheck.source.made_up import with_statements
from crosscheck.source.noted_gradients import names_of_notes
from crosscheck.source.older_numpy import single_numbers, with_single_numbers
from crosscheck.source.torch_words import is_plain, uses_arrays_alone
from crosscheck.source.walking import forget, walk

SECONDS = 6.0
FILENAME = "<subject>"
FEW_LETTERS = 18
"""Of a text that is one sequence: steps enough for a state to be carried, and symbols that occur twice"""


@dataclass(frozen=True)
class Plan:
    """How a module is executed."""

    small_sizes: bool = True
    all_equal: int | None = None
    """One small size for all, where a module works only if two of its sizes coincide"""
    made_alike: bool = False
    """Whether all that is made up has one size as well"""
    keep_steps: bool = False
    """The number of steps stays what it is"""
    larger: int = 0
    """By how much the small sizes are larger than usual"""
    guards: bool = True
    """Whether constants such as 1e-8 in a logarithm are what they are, or zero"""
    keep_derived: bool = False
    """Whether data that the file computed from other data keep their numbers (crosscheck.recognise.entangled)"""
    letters: str = files_read.LETTERS
    layout: Layout | None = None
    """What data files hold; None for text"""
    fitted: tuple[tuple[int, int], ...] = ()
    """Numbers that the module writes out and that follow from its sizes, and what they are in ours (flattened.py)"""
    older: bool = False
    """Whether arrays of one number pass for the number, as they did in older versions of NumPy"""
    columns: int | None = None
    """How many columns tables have that a library reads; None where nothing is known"""
    is_long: bool = False
    """Whether tables have as many rows as programs go through by their places, rather than a few"""
    trainings: tuple[tuple[int, str], ...] = ()
    """Trainings that are made up (put_to_use.py): the line of what each puts to use, and its text"""
    call: ExampleCall | None = None
    """A call to be made when the module has been executed, as if it had made it itself"""

    @property
    def is_usual(self) -> bool:
        """Whether it is the way that comes first."""
        return self.small_sizes and self.all_equal is None and not self.keep_steps


@dataclass
class World:
    """A module after its execution."""

    document: Document
    plan: Plan = field(default_factory=Plan)
    seconds: float = SECONDS
    command: tuple[str, ...] = ("script.py",)
    """The command line that the module sees"""

    def __post_init__(self) -> None:
        self.folder = self.document.path.absolute().parent
        self.hooks = Hooks(self.seconds)
        self.hints = self.document.code.lower()
        """What tells which data the module loads"""
        plan = self.plan
        rows = small_data.MOST_EXAMPLES if plan.is_long else small_data.EXAMPLES
        letters = plan.letters
        contents = plan.layout.written(letters, rows + plan.larger) if plan.layout else files_read.text(letters)
        contents = contents[:FEW_LETTERS] if plan.is_usual and goes_through_whole(self.document.tree) else contents
        pickled, pictures = partial(datasets.pickled, self.hints), layouts.pictures
        self.files = files_read.Files(contents, str(self.folder), pickled, pictures)
        self.overlays = stubs.overlays(self.files, self.command)
        data = datasets.libraries(self.hints, plan.columns, rows)
        self.libraries = {
            **data,
            **image_files.libraries(),
            **workers.libraries(),
            **environments.libraries(self.document.tree),
        }
        self.loaders = datasets.loaded(self.hints, plan.columns, rows)
        self.failures: list[tuple[int, str]] = []
        """Statements of the module that raised: line and message"""
        self.left_early = False
        """Whether the module called exit: it went on all the same"""
        self.wants_numbers: set[str] = set()
        """Functions of which a call with made-up arguments failed as one does that needs an older NumPy"""
        self.defaults: list[tuple[types.FunctionType, int, str]] = []
        """Defaults of functions that are objects of the module: the function, the place, the name"""
        self.missing: dict[str, str] = {}
        """Modules that are not there, and what took their place"""
        if uses_arrays_alone(self.document.code):
            self.libraries |= loaders.libraries()
            is_whole = is_plain(self.document.code)
            used = "torch is used for its arrays alone" if is_whole else "what torch does by itself is left out"
            self.missing["torch"] = f"{used}: NumPy took its place, in double precision"
        elif "torchvision" in self.document.code:
            self.libraries["torchvision"] = loaders.libraries()["torchvision"]
        if plan.older:
            self.missing["numpy"] = "arrays of one number pass for the number, as in NumPy before version 2.4"
        self.unexplained: list[tuple[str, Callable[[], Any]]] = []
        """Calls for whose gradients no loss was found, by name: what gives their unit if they are those of none"""
        self.believed: dict[str, Any] = {}
        """The losses of calls that were right, by function: those of its other calls, whatever their gradients are"""
        self.modules: dict[str, types.ModuleType] = {}
        """The user's own modules beside the file"""
        self.sizes: dict[int, int] = {}
        self.names: dict[str, Any] = {
            "__name__": "__main__",
            "__file__": str(self.folder / "script.py"),
            "__builtins__": stubs.builtin_names(self.files, self.import_),
            HOOKS: self.hooks,
            **_names_in(self.document),
            **(single_numbers if self.plan.older else {}),
        }

    def run(self) -> "World":
        """Execute the module, statement by statement; what raises is noted and passed over."""
        self.tree, self.sizes = prepared(self.document, self.plan)
        self.hooks.parameters = scalar_parameters(self.document.tree) | numbers_gone_through(self.document.tree)
        self.hooks.containers = unpacked_parameters(self.document.tree)
        self.hooks.kept = kept_results(self.document.tree)
        self.hooks.passing = passing_loops(self.document.tree)
        if keeps_lists(self.document.tree):
            self.hooks.moved = moved_entries(self.document.tree)
        self.hooks.start(self.names)
        np.random.seed(3)  # noqa: NPY002 - the generator that the module uses
        random.seed(3)
        with np.errstate(all="ignore"), self.with_data():
            for statement in self.tree.body:
                if not self._execute(statement):
                    break
            if self.plan.call is not None:
                self._make(self.plan.call)
        self.hooks.stop()
        self.defaults = self._defaults()
        return self

    def _make(self, call: ExampleCall) -> None:
        """Make a call; whatever it raises is noted as of a statement."""
        function = self.names.get(call.function)
        try:
            if callable(function):
                function(*call.arguments)
        except EnoughError:
            pass
        except Exception as error:  # noqa: BLE001 - theirs
            self.failures.append((line_of(error) or 1, f"{type(error).__name__}: {error}"))

    @contextmanager
    def with_data(self) -> Iterator[None]:
        """Let NumPy load synthetic data for a while: whenever the module's code runs."""
        before = {name: getattr(np, name) for name in self.loaders}
        for name, function in self.loaders.items():
            setattr(np, name, function)
        try:
            yield
        finally:
            for name, function in before.items():
                setattr(np, name, function)

    def _execute(self, statement: ast.stmt) -> bool:
        """Execute one statement; return whether to go on."""
        module = ast.Module([statement], [])
        try:
            exec(compiled(module, FILENAME), self.names)  # noqa: S102 - what this project is asked to do
        except EnoughError:
            return False
        except SystemExit:  # what stands behind a missing argument may be all there is to judge
            self.left_early = True
        except (Exception, RecursionError) as error:  # noqa: BLE001 - whatever it is, it is theirs
            if self._supplied(error):
                return self._execute(statement)
            self.failures.append((line_of(error) or statement.lineno, f"{type(error).__name__}: {error}"))
        return True

    def _supplied(self, error: BaseException) -> bool:
        """Supply a name that is missing, if it says what it means."""
        name = getattr(error, "name", None) if isinstance(error, NameError) else None
        if name is None or name in self.missing:
            return False
        if name in conventional.CONVENTIONAL:
            self.supply(str(name))
            return True
        if (step := handed_through(self.document.tree, name)) is not None:
            self.names[name] = step
            self.missing[name] = f"{name} is not here: plain steps stand for its own"
            return True
        size = size_called(name)
        if size is not None:
            self.names[name] = size
            self.missing[name] = f"{name} is not defined in the file and was taken for a size: {size}"
        return size is not None

    def supply(self, name: str) -> None:
        """Supply a name that the module forgot to import, because its meaning is plain."""
        self.names.setdefault(name, conventional.CONVENTIONAL[name])
        self.missing.setdefault(name, f"{name} is not defined in the file and was taken for the usual one")

    def import_(self, name: str, _names: Any = None, _local: Any = None, wanted: Any = (), level: int = 0) -> Any:
        """Import for the module: NumPy and the standard library for real, nothing that draws, loads or listens."""
        root = name.partition(".")[0]
        if name in self.overlays and (wanted or "." not in name):
            return self.overlays[name]
        if root in self.overlays and not wanted:
            return self.overlays[root]
        if root in self.libraries:
            found: Any = self.libraries[root]
            for part in name.split(".")[1:] if wanted else ():
                found = getattr(found, part)
            return found
        if root in stubs.NEVER_REAL:
            return stubs.Stub(name if wanted else root)
        if root == "__future__":
            return importlib.import_module("__future__")
        own = self._own_module(name)
        if own is not None:
            return own if wanted else self.modules[root]
        if level == 0:
            try:
                return builtins.__import__(name, {}, {}, tuple(wanted or ()), 0)
            except ImportError:
                pass
        renamed = {"Queue": "queue", "StringIO": "io", "itertools": "itertools", "urllib2": "urllib"}.get(root)
        if renamed:
            return importlib.import_module(renamed)
        if not wanted and computes_arrays(self.document.tree, name):
            self.missing[root] = f"the module {name} is not here and was taken for NumPy"
            return within(name, ARRAYS)
        self.missing[root] = f"the module {name} is not here"
        if datasets.READS_PICTURES.search(name):
            return datasets.reader(name)
        if wanted and "*" in wanted:
            return self._whole(name)
        if set(wanted or ()) & {"softmax"} and not self._has_columns():
            return _Conventional(name, {"softmax": conventional.softmax_of_rows})
        if wanted:
            arrays = {word: ARRAYS for word in wanted if computes_arrays(self.document.tree, name, word)}
            return _Conventional(name, {**returning_data(self.document.tree), **arrays})
        return datasets.Known(name, holding_data(self.document.tree, name), self._usual)

    def _usual(self, name: str) -> Any:
        """Return the usual function of a plain name, for a module that is missing: `layers.softmax`; None if none."""
        found = conventional.CONVENTIONAL.get(name)
        if name == "softmax" and not self._has_columns():
            found = conventional.softmax_of_rows
        if not isinstance(found, types.FunctionType):
            return None
        self.missing[name] = f"{name} is not defined in the file and was taken for the usual one"
        return found

    def _whole(self, name: str) -> types.ModuleType:
        """Return what stands for a missing module of which all is imported: what the file calls and has not itself."""
        nodes = list(walk(self.document.tree))
        bound = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        bound |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        bound |= {(node.asname or node.name).partition(".")[0] for node in nodes if isinstance(node, ast.alias)}
        module = types.ModuleType(name)
        for word in sorted({node.id for node in nodes if isinstance(node, ast.Name)} - bound):
            if (usual := self._usual(word)) is not None:
                setattr(module, word, usual)
        return module

    def _has_columns(self) -> bool:
        """Tell whether examples are columns: weights stand left of what they are multiplied with."""
        functions = [node for node in walk(self.document.tree) if isinstance(node, ast.FunctionDef)]
        return styles_of(functions)[0].is_column

    def _own_module(self, name: str) -> types.ModuleType | None:
        """Execute a module that lies beside the file, once."""
        if name in self.modules:
            return self.modules[name]
        path = self.folder.joinpath(*name.split(".")).with_suffix(".py")
        if not path.is_file() or name.partition(".")[0] in sys.stdlib_module_names:
            return None
        module = types.ModuleType(name)
        module.__dict__.update({"__builtins__": self.names["__builtins__"], HOOKS: self.hooks, "__file__": str(path)})
        self.modules[name] = module
        self.modules.setdefault(name.partition(".")[0], module)
        document = read(path)
        module.__dict__.update({**_names_in(document), **(single_numbers if self.plan.older else {})})
        exec(compiled(prepared(document, self.plan)[0], FILENAME), module.__dict__)  # noqa: S102
        return module

    def _defaults(self) -> list[tuple[types.FunctionType, int, str]]:
        """Return which defaults of functions are objects of the module.

        `def forward(x, p=parameters)` holds on to the object that the name meant when the function was defined.
        """
        held = {id(v): n for n, v in self.names.items() if isinstance(v, dict | list | np.ndarray) or _is_made(v)}
        return [
            (function, place, held[id(value)])
            for function in self.functions()
            for place, value in enumerate(function.__defaults__ or ())
            if id(value) in held
        ]

    def namespaces(self) -> list[dict[str, Any]]:
        """Return the globals of the module and of those that it brought along."""
        return [self.names, *(module.__dict__ for module in self.modules.values())]

    def functions(self) -> list[types.FunctionType]:
        """Return the functions and methods that the module defined."""
        found: list[types.FunctionType] = []
        for value in self.names.values():
            if isinstance(value, types.FunctionType):
                found.append(value)
            elif isinstance(value, type) and value.__module__ == "__main__":
                members = [getattr(member, "__func__", member) for member in vars(value).values()]
                members += [member.fget for member in vars(value).values() if isinstance(member, property)]
                found += [member for member in members if isinstance(member, types.FunctionType)]
        return [function for function in found if function.__code__.co_filename == FILENAME]


def _is_made(value: Any) -> bool:
    """Tell whether a value is an object of one of the module's own classes."""
    return hasattr(value, "__dict__") and type(value).__module__ == "__main__"


def _names_in(document: Document) -> dict[str, Any]:
    """Return the names that a document needs, and answers for what asks somebody: in Python 2 `input()` is a number."""
    names = names_of(document)
    notes = names_of_notes() if uses_arrays_alone(document.code) else {}
    asked = {"raw_input": stubs.answered, "input": stubs.answered_with_number} if names else {}
    return {**names, **notes, **asked}


def prepared(document: Document, plan: Plan) -> tuple[ast.Module, dict[int, int]]:
    """Return what is executed in place of a module, with small sizes and instrumented, and the sizes it changed."""
    tree = with_statements(with_exact_e(without_rounding(arranged(executable(document)))), plan.trainings)
    tree = with_single_numbers(tree) if plan.older else tree
    fitted = dict(plan.fitted)
    how = {"all_equal": plan.all_equal, "keep_steps": plan.keep_steps, "larger": plan.larger, "fitted": fitted}
    sizes = resized(tree, **how) if plan.small_sizes else {}
    tree = with_short_lines(with_short_texts(tree)) if plan.is_usual else tree
    tree = with_fitting(tree, fitted)
    tree = with_plain_values(tree)
    if not plan.guards:
        without_guards(tree)
    with_seeds(tree)
    made = instrumented(tree)
    forget()
    return made, sizes


class _Conventional(types.ModuleType):
    """A module that is missing: what it exports is the usual thing under a plain name, and a stub otherwise."""

    def __init__(self, name: str, members: dict[str, Any] | None = None) -> None:
        super().__init__(name)
        self.__dict__.update(members or {})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        number = conventional.number_called(name)
        return conventional.CONVENTIONAL.get(name, stubs.Stub(name)) if number is None else number


def line_of(error: BaseException) -> int | None:
    """Return the line of someone's module in which an error arose: the last one on the way."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILENAME:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
