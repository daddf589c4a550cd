"""Someone's definitions without their program: functions, classes, imports and constants, and no training."""

import ast
import types
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from crosscheck.errors import CrosscheckError
from crosscheck.source import executable, names_of, read

_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom


def load(path: Path | str) -> types.ModuleType:
    """Return a module with what a script or notebook defines; its loops, calls and prints are not executed.

    Statements that fail are passed over: what they would have defined is missing, and must be set by the adapter.
    Raises CrosscheckError for a file that cannot be read, and `nothing-defined`.
    """
    document = read(path)
    module = types.ModuleType(Path(path).stem)
    module.__file__ = str(path)
    vars(module).update(names_of(document))
    tree = executable(document)
    before = len(vars(module))
    with np.errstate(all="ignore"):
        for statement in _definitions(tree):
            code = compile(ast.Module([statement], []), str(path), "exec")
            try:
                exec(code, vars(module))  # noqa: S102 (to run their code is what is asked for)
            except Exception:  # noqa: BLE001, S112 (theirs may raise whatever it likes)
                continue
    if len(vars(module)) == before:
        raise CrosscheckError(f"{path} defines nothing: name another file.", code="nothing-defined")
    return module


def _definitions(tree: ast.Module) -> Iterator[ast.stmt]:
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for statement in tree.body:
        if isinstance(statement, _DEFINITIONS):
            yield statement
        elif isinstance(statement, ast.Try):
            yield from (part for part in statement.body if isinstance(part, _DEFINITIONS))
        elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            called = [node.func for node in ast.walk(statement.value) if isinstance(node, ast.Call)]
            if not any(isinstance(function, ast.Name) and function.id in own for function in called):
                yield statement
