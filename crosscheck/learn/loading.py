"""The learner's file becomes a module, if it keeps to the rules of the exercise.

The rules keep a derivative from being found by a machine by accident or for fun: other imports, complex numbers and
extended precision are refused, and the forward that the file holds cannot be called. They are no sandbox.
"""

import ast
import re
import types
from dataclasses import dataclass
from typing import Any

from crosscheck.files.guards import RefusedError
from crosscheck.learn.obstacle import Obstacle

_NAMES = {"__import__", "eval", "exec", "compile", "open", "complex", "input", "breakpoint"}
_COMPLEX = {"complex64", "complex128", "complexfloating", "csingle", "cdouble", "clongdouble", "imag", "emath"}
_FINER = {"longdouble", "float128", "float96", "longfloat"}
_DTYPE = re.compile(r"[<>=|]?(?:complex\d*|[cC]?longdouble|float128|c8|c16|f16|[FDGg])")
_TAKES_DTYPE = {"astype", "view", "dtype", "array", "asarray", "zeros", "ones", "empty", "full", "arange"}


@dataclass(frozen=True)
class Rules:
    """What a file may do."""

    imports: tuple[str, ...]
    by_hand: bool
    withheld: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what `Rules(**...)` takes."""
        return {"imports": list(self.imports), "by_hand": self.by_hand, "withheld": list(self.withheld)}


def load(source: str, file: str, rules: Rules) -> types.ModuleType:
    """Return the module that the source makes. Raises Obstacle; never anything else but what is no Exception."""
    tree = parsed(source, file)
    keep_to(rules, tree)
    tree = ast.fix_missing_locations(_Withholding(rules.withheld).visit(tree))
    module = types.ModuleType("learned")
    module.__file__ = file
    module.__dict__["__withheld__"] = withheld
    try:
        exec(compile(tree, file, "exec"), module.__dict__)  # noqa: S102 (to run their code is what is asked for)
    except (Exception, SystemExit) as error:
        raise problem_of(error, file) from error
    return module


def parsed(source: str, file: str) -> ast.Module:
    """Return the syntax tree. Raises Obstacle where Python cannot read the file, half typed as it may be."""
    try:
        return ast.parse(source, file)
    except SyntaxError as error:
        line = error.lineno or 1
        there = source.splitlines()[line - 1].strip() if 0 < line <= len(source.splitlines()) else ""
        shown = f", at `{there}`" if there else ""
        message = f"Python cannot read line {line} yet{shown}: {error.msg}."
        raise Obstacle("syntax", message, line) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Obstacle("syntax", f"Python cannot read the file: {error}.", None) from error


def keep_to(rules: Rules, tree: ast.AST) -> None:
    """Raise Obstacle where a syntax tree breaks the rules."""
    for node in ast.walk(tree):
        for module in _imported(node):
            if module.split(".")[0] not in rules.imports:
                allowed = " and ".join(rules.imports)
                how = f"this exercise is done by hand, with {allowed} only" if rules.by_hand else f"use {allowed}"
                raise Obstacle("import", f"Line {node.lineno} imports {module}: {how}.", node.lineno)  # type: ignore
        if rules.by_hand:
            _refuse_machines(node)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "the folder's own modules"]
    return []


def _refuse_machines(node: ast.AST) -> None:
    what = None
    if isinstance(node, ast.Constant) and isinstance(node.value, complex):
        what = "a complex number"
    elif isinstance(node, ast.Name) and node.id in _NAMES:
        what = f"`{node.id}`"
    elif isinstance(node, ast.Attribute) and node.attr in _COMPLEX | _FINER:
        what = f"`.{node.attr}`"
    elif isinstance(node, ast.Call):
        what = _named_dtype(node)
    if what is not None:
        line = node.lineno if isinstance(node, ast.expr) else None
        raise Obstacle(
            "refused",
            f"Line {line} uses {what}: this derivative is found with pencil and paper, in real numbers.",
            line,
        )


def _named_dtype(node: ast.Call) -> str | None:
    """Return a dtype that is called by a text, if it is complex or finer than double."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    given = [keyword.value for keyword in node.keywords if keyword.arg == "dtype"]
    given += node.args if name in _TAKES_DTYPE else []
    for one in given:
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and _DTYPE.fullmatch(one.value):
            return f"`{one.value}`"
    return None


class _Withholding(ast.NodeTransformer):
    """Puts a refusal in the place of the bodies of functions."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Replace the body of one."""
        if node.name in self.names:
            refusal = ast.parse(f"raise __withheld__({node.name!r})").body
            node.body = [ast.copy_location(statement, node) for statement in refusal]
        return node


def withheld(name: str) -> Obstacle:
    """Return what is raised where a function is called that must not be."""
    return Obstacle(
        "withheld",
        f"Your code calls `{name}`, which is not there when it is judged: what you need is in its arguments.",
    )


def problem_of(error: BaseException, file: str) -> Obstacle:
    """Say in one sentence what was raised, and on which line of the learner's file."""
    if isinstance(error, Obstacle):
        return error
    if isinstance(error, RefusedError):
        return Obstacle("refused", f"Your code wants {error.wants}, which is refused while it is judged.")
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    text = str(error).strip().split("\n")[0]
    if isinstance(error, NotImplementedError) and text.startswith("TODO"):
        return Obstacle("todo", text, line)
    where = f"Line {line} raises" if line is not None else "Your code raises"
    if isinstance(error, RecursionError):
        text = "it calls itself without end"
    if isinstance(error, SystemExit):
        return Obstacle(
            "raised", f"{'Line ' + str(line) if line else 'Your code'} ends the program: return instead.", line
        )
    return Obstacle("raised", f"{where} {type(error).__name__}: {text}", line)


def attribute(module: types.ModuleType, name: str) -> Any:
    """Return a function of the learner's module. Raises Obstacle `missing`."""
    value = getattr(module, name, None)
    if not callable(value):
        raise Obstacle("missing", f"There is no function `{name}` in the file: keep its name, or reset the exercise.")
    return value
