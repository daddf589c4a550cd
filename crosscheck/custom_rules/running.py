"""Someone's module, run for its rules: its definitions first, then what calls them, each within a time limit."""

import ast
import contextlib
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from crosscheck.contract.calling import limited
from crosscheck.contract.failure import LateError
from crosscheck.recognise.world import FILENAME, World
from crosscheck.source import Document, compiled, executable

DEFINING, DEMONSTRATING = 4.0, 3.0
"""Seconds for one statement: a definition, and a demonstration (which may be a training loop)"""
IN_ALL = 8.0
"""Seconds for all that demonstrates"""
HALF = 0.5
"""For each number that a maker of rules is to be handed: a strength, a width, a bound"""
MOST_NUMBERS = 3
_REGISTERS = frozenset(
    ["defvjp", "defjvp", "defjvps", "def_vmap", "update", "manual_seed", "set_default_dtype", "append"]
)
_DEMONSTRATES = re.compile(r"^(test|main|demo|run|example|check|bench|train)", re.IGNORECASE)


class EnoughError(BaseException):
    """Raised inside of someone's demonstration, when it has shown how it calls its rules."""


class Module:
    """A module whose definitions were executed, and whose demonstrations can be."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.world = World(document)
        self.names: dict[str, Any] = self.world.names
        self.world.hooks.start(self.names)
        self.failures: list[tuple[int, str]] = []
        """Definitions that raised: line and message"""
        self._later: list[ast.stmt] = []
        for statement in executable(document).body:
            self._take(statement)

    def _take(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test):
            self._later += statement.body
        elif is_definition(statement):
            problem = self._execute(statement, DEFINING)
            if problem is not None:
                self.failures.append((statement.lineno, problem))
                self._later.append(statement)
        else:
            self._later.append(statement)

    def demonstrate(self, all_seen: Callable[[], bool]) -> None:
        """Execute the rest until every rule was called, or time is up; whatever it raises is passed over."""
        started = time.monotonic()
        for statement in self._later:
            left = IN_ALL - (time.monotonic() - started)
            if left <= 0 or (all_seen() and isinstance(statement, ast.For | ast.While)):
                break
            self._execute(statement, min(DEMONSTRATING, left))
        for name, value in list(self.names.items()):
            left = IN_ALL - (time.monotonic() - started)
            if all_seen() or left <= 0:
                break
            code = getattr(value, "__code__", None)
            if code is not None and code.co_filename == FILENAME and _DEMONSTRATES.match(name) and not code.co_argcount:
                with contextlib.suppress(BaseException):
                    limited(value, (), min(DEMONSTRATING, left))

    def call_makers(self, known: Callable[[], int]) -> None:
        """Call what makes rules within it with numbers for its arguments, where nothing else does: `get_softmin(g)`."""
        for node in (one for one in executable(self.document).body if isinstance(one, ast.FunctionDef)):
            maker, before = self.names.get(node.name), known()
            needed = node.args.args[: len(node.args.args) - len(node.args.defaults)]
            if not _registers_within(node) or not callable(maker) or len(needed) > MOST_NUMBERS:
                continue
            for numbers in ((HALF,) * len(needed), (2,) * len(needed)):
                with contextlib.suppress(Exception, SystemExit, EnoughError, LateError):
                    limited(maker, numbers, DEFINING)
                if known() > before:
                    break

    def _execute(self, statement: ast.stmt, seconds: float) -> str | None:
        code = compiled(ast.Module([statement], []), FILENAME)
        try:
            limited(lambda: exec(code, self.names), (), seconds)  # noqa: S102 - what this project is asked to do
        except KeyboardInterrupt:
            raise
        except (Exception, SystemExit, EnoughError, LateError) as error:  # noqa: BLE001 - theirs
            return f"{type(error).__name__}: {error}"
        return None

    def values(self) -> Iterator[tuple[str, Any]]:
        """Yield what the module names, and what its classes hold."""
        for space in self.world.namespaces():
            for name, value in list(space.items()):
                yield name, value
                if isinstance(value, type) and getattr(value, "__module__", "") in ("__main__", *self.world.modules):
                    yield from ((f"{name}.{inner}", getattr(of, "__func__", of)) for inner, of in vars(value).items())


def _registers_within(node: ast.FunctionDef) -> bool:
    """Tell whether a function defines others and registers derivatives of one."""
    inner = (part for statement in node.body for part in ast.walk(statement))
    calls = {part.func.attr for part in inner if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)}
    return bool(calls & {"defvjp", "defjvp", "defjvps"})


def is_definition(statement: ast.stmt) -> bool:
    """Tell whether a statement of a module defines something, as opposed to using it."""
    if isinstance(statement, ast.Expr):
        call = statement.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            return call.func.attr in _REGISTERS
        return isinstance(call, ast.Constant)
    return not isinstance(statement, ast.For | ast.While | ast.With | ast.Assert | ast.Delete)
