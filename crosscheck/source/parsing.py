"""Which Python a text is written in, and its syntax tree."""

import ast
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from crosscheck.source.attached import with_methods, with_plain_classes
from crosscheck.source.errors import SourceError
from crosscheck.source.magics import magics
from crosscheck.source.python2 import in_python3, looks_like_python2, only_python3
from crosscheck.source.transcripts import outside_of_fences, without_prompts, without_prose
from crosscheck.source.translation import Change, Translation

# Passes over the tree recurse some three frames a level, and Python allows a thousand.
DEEPEST = 250


class Reading(NamedTuple):
    """A text understood."""

    code: str
    tree: ast.Module
    python2: bool
    steps: tuple[Translation, ...]
    cells: tuple[tuple[int, int], ...]
    assumptions: tuple[str, ...]


def parse(code: str, path: Path) -> ast.Module:
    """Parse Python 3. Raises SourceError `syntax-error` with the line, `nested-too-deeply`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes, `is` with a literal ...: the user's own affair
            tree = ast.parse(code)
    except SyntaxError as error:
        if isinstance(error.msg, str) and "too many nested" in error.msg:
            raise _too_deep(path) from error
        line = min(max(error.lineno or 1, 1), code.count("\n") + 1)
        raise SourceError(error.msg or "invalid syntax", code="syntax-error", line=line) from error
    except (RecursionError, MemoryError) as error:
        raise _too_deep(path) from error
    except (ValueError, OverflowError) as error:  # lone surrogates; integers of thousands of digits
        raise SourceError(f"{path} cannot be parsed ({error}): mend it.", code="syntax-error") from error
    if _depth(tree) > DEEPEST:
        raise _too_deep(path)
    return with_plain_classes(with_methods(tree))


def readings(shown: str, path: Path, cells: Sequence[tuple[int, int]], *, python2: bool) -> Reading:
    """Read `shown` in the first way that parses: Python 3, with magics, Python 2, a session with its prompts."""
    problems: list[SourceError] = []
    for changes_of, old, note in _ways(path, cells):
        steps, code = [], shown
        for change in changes_of:
            step = Translation.of(code, change(code))
            if step.pieces:
                steps.append(step)
                code = step.after
        if note and (code == shown or not code.strip() or not steps[0].pieces):
            continue
        try:
            tree = parse(code, path)
        except SourceError as problem:
            if problem.code != "syntax-error":
                raise
            problems += [] if note else [problem]
            continue
        if old and only_python3(tree):
            continue
        python2 = old or looks_like_python2(tree, python2=python2)
        notes = [note] if note else []
        notes += ["read as Python 2: division of integers rounds down"] if python2 else []
        return Reading(code, tree, python2, tuple(steps), _cells_in(code, shown, cells), tuple(notes))
    problems = list(_of_fences(shown, path)) or problems
    furthest = max(problems, key=lambda problem: problem.line or 0)
    raise _placed(furthest, shown, path, cells)


_Step = Callable[[str], list[Change]]


def _ways(path: Path, cells: Sequence[tuple[int, int]]) -> Iterator[tuple[list[_Step], bool, str | None]]:
    """Yield (steps towards Python 3, whether what was there is Python 2, what must be said about it)."""
    begins = [at for _, at in cells] or [0]
    if not cells:
        yield [], False, None
    yield [lambda text: magics(text, begins)], False, None
    yield [lambda text: magics(text, begins), in_python3], True, None
    if cells:
        return
    prompts = "the prompts in front of the code were left out"
    yield [without_prompts, magics], False, prompts
    yield [without_prompts, magics, in_python3], True, prompts

    def without_text(text: str) -> list[Change]:
        return without_prose(text, _parses, fences=path.suffix != ".py")

    prose = "the text around the code was left out"
    yield [without_text, magics], False, prose
    yield [without_text, magics, in_python3], True, prose


def _of_fences(shown: str, path: Path) -> Iterator[SourceError]:
    """Say what is wrong with the code of a page, where fences tell what is code: the prose around it is no mistake."""
    changes = outside_of_fences(shown) if path.suffix != ".py" else []
    if changes:
        inside = Translation.of(shown, changes).after
        code = Translation.of(inside, magics(inside)).after
        try:
            parse(Translation.of(code, in_python3(code)).after, path)
        except SourceError as problem:
            yield problem


def _parses(text: str) -> bool:
    code = Translation.of(text, magics(text)).after
    for candidate in (code, Translation.of(code, in_python3(code)).after):
        try:
            parse(candidate, Path())
        except SourceError:
            continue
        return True
    return False


def _placed(problem: SourceError, shown: str, path: Path, cells: Sequence[tuple[int, int]]) -> SourceError:
    line, cell = problem.line or 1, None
    for number, at in cells:
        first = shown.count("\n", 0, at) + 1
        if first <= (problem.line or 1):
            line, cell = (problem.line or 1) - first + 1, number
    where = f"line {line}" if cell is None else f"cell {cell}, line {line}"
    return SourceError(f"{path}, {where}: {problem}. Mend the syntax first.", code="syntax-error", line=line, cell=cell)


def _cells_in(code: str, shown: str, cells: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    if code == shown:
        return tuple(cells)
    lines = code.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    return tuple((number, starts[shown.count("\n", 0, at)]) for number, at in cells)


def _depth(tree: ast.AST) -> int:
    """Return how deep a tree is, without recursion."""
    level, depth = [tree], 0
    while level:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def _too_deep(path: Path) -> SourceError:
    return SourceError(
        f"{path} is nested deeper than {DEEPEST} levels: shorten the longest expression.", code="nested-too-deeply"
    )
