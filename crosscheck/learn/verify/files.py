"""The folder of an exercise: what must be in it, how it is written, and that stub and solution are one file."""

import ast
from collections.abc import Iterator

from crosscheck.learn.course import HINTS, Exercise

NEEDED = ("stub.py", "solution.py", "exam.py", "theory.md", "hints.md", "derivation.md")
ALLOWED = {*NEEDED, "driver.py", "__pycache__"}
WIDEST = 120
WIDEST_TEXT = 125
"""Of lines that people read in a terminal or an editor"""
SHORTEST, LONGEST = 8, 60
"""Lines of theory: half a page"""


def files(exercise: Exercise) -> Iterator[str]:
    """Yield what is wrong with the files of an exercise."""
    present = {path.name for path in exercise.folder.iterdir()} if exercise.folder.is_dir() else set()
    missing = [name for name in NEEDED if name not in present]
    yield from (f"{name} is missing" for name in missing)
    yield from (f"{name} does not belong there" for name in sorted(present - ALLOWED))
    if missing:
        return
    for name in sorted(present - {"__pycache__"}):
        yield from (f"{name}: {fault}" for fault in _written(name, exercise.text(name)))
    if len(exercise.hints) != HINTS or not all(exercise.hints):
        yield f"hints.md holds {len(exercise.hints)} hints, not {HINTS} that say something, with --- between them"
    if len(set(exercise.hints)) != len(exercise.hints):
        yield "hints.md says the same twice"
    if not SHORTEST <= len(exercise.text("theory.md").splitlines()) <= LONGEST:
        yield f"theory.md is not of {SHORTEST} to {LONGEST} lines"
    if not exercise.text("theory.md").startswith("# "):
        yield "theory.md does not begin with a heading"
    yield from _one_file(exercise)
    yield from _messages(exercise)


def _written(name: str, text: str) -> Iterator[str]:
    if not text.strip():
        yield "it is empty"
    elif not text.endswith("\n") or text.endswith("\n\n"):
        yield "it does not end with one line end"
    widest = WIDEST if name.endswith(".py") else WIDEST_TEXT
    for number, line in enumerate(text.splitlines(), 1):
        if line != line.rstrip() or "\t" in line:
            yield f"line {number} has tabs, or blanks at its end"
        if len(line) > widest:
            yield f"line {number} is longer than {widest} characters"


def _one_file(exercise: Exercise) -> Iterator[str]:
    """Yield where the stub is not the solution without the body of the learner's function."""
    exam = exercise.exam
    given = [_parts(ast.parse(text), exam.function) for text in (exercise.stub, exercise.solution)]
    for name in sorted(given[0].keys() | given[1].keys()):
        if name != "ANSWER" and given[0].get(name) != given[1].get(name):
            yield f"stub.py and solution.py differ in {name}, and not only in the body of {exam.function}"
    for name in exam.withheld:
        if f"function {name}" not in given[0]:
            yield f"exam.py withholds {name}, which stub.py does not hold"


def _parts(tree: ast.Module, function: str) -> dict[str, str]:
    """Return what a module says, by name; of the learner's function or class only what is not to be written."""
    parts = {"docstring": ast.get_docstring(tree) or ""}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == function:
            parts |= _outside(node, function)
        elif isinstance(node, ast.FunctionDef):
            parts[f"function {node.name}"] = ast.unparse(node)
        elif isinstance(node, ast.Assign):
            parts[ast.unparse(node.targets[0])] = ast.unparse(node)
        elif isinstance(node, ast.If | ast.ClassDef):
            parts[f"line {ast.unparse(node).splitlines()[0]}"] = ast.unparse(node)
    return parts


def _outside(node: ast.FunctionDef | ast.ClassDef, name: str) -> dict[str, str]:
    """Return what a function says outside of its body, or a class outside of the bodies of its methods."""
    parts = {f"the docstring of {name}": ast.get_docstring(node) or ""}
    if isinstance(node, ast.FunctionDef):
        return parts | {f"the arguments of {name}": ast.unparse(node.args)}
    for method in node.body:
        if isinstance(method, ast.FunctionDef):
            parts |= _outside(method, f"{name}.{method.name}")
    return parts


def _messages(exercise: Exercise) -> Iterator[str]:
    wrong = exercise.exam.wrong
    if not wrong:
        yield "exam.py lists no wrong answer"
    for what, said in (("names", [one.name for one in wrong]), ("messages", [one.message for one in wrong])):
        if len(set(said)) != len(said):
            yield f"two wrong answers have the same {what}"
    for one in wrong:
        if not one.message.rstrip("`").endswith((".", "?", "!")):
            yield f"the message of {one.name} is no sentence"
        try:
            ast.parse(exercise.mistaken(one))
        except (ValueError, SyntaxError) as error:
            yield f"the edits of {one.name} do not work: {error}"
