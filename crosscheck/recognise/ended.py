"""A loop that goes on where a list or a dictionary of steps has ended: their lengths are to be one."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from crosscheck.recognise.world import FILENAME
from crosscheck.source.walking import walk


def ended(error: BaseException, tree: ast.Module) -> tuple[int, int] | None:
    """Return how many steps a container had, and how many turns the loop was to have that asked it for more.

    None where the error is another one, or where nothing is said of steps.
    """
    if not isinstance(error, KeyError | IndexError):
        return None
    frame, line, trace = None, 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILENAME:
            frame, line = trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next
    if frame is None:
        return None
    scope = {**frame.f_globals, **frame.f_locals}
    loops = [n for n in walk(tree) if isinstance(n, ast.For) and n.lineno <= line <= (n.end_lineno or n.lineno)]
    for loop in sorted(loops, key=lambda loop: -loop.lineno):
        counter, turns = getattr(loop.target, "id", ""), _turns(loop.iter, scope)
        parts = [part for part in walk(loop) if isinstance(part, ast.Subscript) and part.lineno == line]
        lengths = {count for part in parts for count in _lengths(part, counter, scope)}
        if turns and len(lengths) == 1 and 0 < min(lengths) < turns:
            return min(lengths), turns
    return None


def _lengths(part: ast.Subscript, counter: str, scope: Mapping[str, Any]) -> Iterator[int]:
    """Yield how many steps a container has that has none at a loop's counter."""
    held = scope.get(getattr(part.value, "id", ""))
    step = scope.get(counter)
    if getattr(part.slice, "id", "") != counter or type(step) is bool or not isinstance(step, int):
        return
    if isinstance(held, dict) and step not in held and all(isinstance(key, int) for key in held):
        yield sum(key >= 0 for key in held)
    elif isinstance(held, list) and step >= len(held):
        yield len(held)


def _turns(source: ast.expr, scope: Mapping[str, Any]) -> int | None:
    """Return up to where a loop counts: what `range` is handed, turned round perhaps."""
    ranges = [n for n in walk(source) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "range"]
    if len(ranges) != 1 or not ranges[0].args:
        return None
    try:
        code = compile(ast.Expression(ranges[0]), FILENAME, "eval")
        made = eval(code, dict(scope), {})  # noqa: S307 - it has just run
    except Exception:  # noqa: BLE001 - theirs
        return None
    return max(made[0], made[-1]) + 1 if isinstance(made, range) and made else None
