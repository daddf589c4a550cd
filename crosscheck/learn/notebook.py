"""The course in a notebook: all of it in one file, and a verdict below every cell."""

import ast
import html
import inspect
import json
import textwrap
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from crosscheck.learn.calling import Drive
from crosscheck.learn.course import Course, Exercise, course
from crosscheck.learn.driving import driver
from crosscheck.learn.examining import Here, examine
from crosscheck.learn.loading import keep_to, withheld
from crosscheck.learn.looking import seed_of
from crosscheck.learn.obstacle import Obstacle
from crosscheck.learn.paper import rules_of
from crosscheck.learn.result import Result

MAIN = 'if __name__ == "__main__":\n'
"""What a file does when it is run by itself stands behind this line, at its end"""


def check(name: str, function: Callable[..., Any], answer: str | None = None) -> Result:
    """Judge an answer to an exercise, here and now; the result shows itself, in a notebook as HTML.

    `answer` is what detective work asks for: "right" or "mended". Raises CrosscheckError `unknown-exercise`.
    """
    exercise = course().exercise(name)
    source = _source(function)
    return examine(exercise, source, seed_of(source), lambda: _caller(exercise, function, source, answer))


def _caller(exercise: Exercise, function: Callable[..., Any], source: str, answer: str | None) -> Here:
    if not callable(function):
        raise Obstacle(
            "missing", f"Give check the function itself: check({exercise.name!r}, {exercise.exam.function})."
        )
    if source:
        keep_to(rules_of(exercise), ast.parse(source))
    module = types.ModuleType("learned")
    module.__dict__.update(getattr(function, "__globals__", {}))
    setattr(module, exercise.exam.function, function)
    drive = driver(module, exercise.name, exercise.exam.function)
    code = getattr(function, "__code__", None)
    file = code.co_filename if code is not None else "<answer>"
    return Here(_without(function, exercise.exam.withheld, drive), file, answer, repeat=exercise.exam.repeat)


def _source(function: Any) -> str:
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):  # made without a file or a cell
        return ""


def _without(function: Any, names: tuple[str, ...], drive: Drive) -> Drive:
    """Return a drive during which the named functions of the notebook cannot be called."""
    space = getattr(function, "__globals__", {})

    def driven(arguments: tuple[Any, ...]) -> Any:
        with _replaced(space, {name: _refusing(name) for name in names if name in space}):
            return drive(arguments)

    return driven


def _refusing(name: str) -> Callable[..., Any]:
    def refuse(*_arguments: Any, **_named: Any) -> Any:
        raise withheld(name)

    return refuse


@contextmanager
def _replaced(space: dict[str, Any], others: dict[str, Any]) -> Iterator[None]:
    before = {name: space[name] for name in others}
    space.update(others)
    try:
        yield
    finally:
        space.update(before)


def as_html(result: Result) -> str:
    """Return a verdict for a notebook."""
    mark, head = ("✓", "Solved") if result.solved else ("✗", "Not yet")
    color = "#1a7f37" if result.solved else "#cf222e"
    parts = [f'<p><strong style="color: {color}">{mark} {head}.</strong></p>']
    parts += [f"<p>{_inline(sentence)}</p>" for sentence in (() if result.solved else result.sentences)]
    if result.rows:
        cells = "".join(
            f"<tr><td><code>{html.escape(row.name)}</code></td><td>{'right' if row.right else 'wrong'}</td>"
            f"<td>{html.escape(row.detail)}</td></tr>"
            for row in result.rows
        )
        parts.append(f"<table>{cells}</table>")
    parts += [f"<p>{_inline(remark)}</p>" for remark in result.remarks]
    if result.printed.strip():
        parts.append(f"<pre>{html.escape(result.printed)}</pre>")
    return "\n".join(parts)


def _inline(text: str) -> str:
    """Return text with what stands in backquotes as code."""
    pieces = html.escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if number % 2 else piece for number, piece in enumerate(pieces))


def notebook(everything: Course) -> str:
    """Return the course as one notebook: theory, file, verdict and folded hints for each exercise."""
    cells = [
        _text(
            "# Deriving gradients by hand\n\nRun the cells from the top. Each exercise is a cell with something left "
            "to write; the cell below it says whether it is right, and if not, why."
        ),
        _code("import crosscheck.learn"),
    ]
    for chapter in everything.chapters:
        if chapter.exercises:
            cells.append(_text(f"## {chapter.number} {chapter.title}"))
        for exercise in chapter.exercises:
            cells += _cells(exercise)
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    content = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _cells(exercise: Exercise) -> list[dict[str, Any]]:
    exam = exercise.exam
    answer = ", ANSWER" if exam.answer is not None else ""
    theory = "##" + exercise.text("theory.md")
    hints = "".join(
        f"\n<details><summary>Hint {number}</summary>\n\n{hint}\n\n</details>\n"
        for number, hint in enumerate(exercise.hints, 1)
    )
    if exercise.lacks:
        return [_text(theory), _text(f"This exercise needs {exercise.lacks}, which is not installed.")]
    stub, _, shown = exercise.stub.partition(MAIN)
    if shown:  # it would stop the notebook at what is still to be written
        shown = textwrap.dedent(shown).strip()
        hints += f"\nOnce it is solved, run this in a cell of your own:\n\n```python\n{shown}\n```\n"
    return [
        _text(theory),
        _code(stub.rstrip()),
        _code(f'crosscheck.learn.check("{exercise.name}", {exam.function}{answer})'),
        _text(hints.strip()),
    ]


def _text(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": _lines(text)}


def _code(text: str) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": _lines(text)}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
