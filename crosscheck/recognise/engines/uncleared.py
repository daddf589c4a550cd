"""Trainings by an autograd engine in which no turn clears the gradients that the one before has left, or too late.

Ways back add to the gradients of what is used twice, so that parameters go by the sum of all turns. What is cleared
between the way back and the step takes none.
"""

import ast
import re
from collections.abc import Iterator

from crosscheck.recognise.rule_words import STALE
from crosscheck.source.walking import walk
from crosscheck.verdicts import Finding, Severity

CLEARS = re.compile(r"zero|reset|clear", re.IGNORECASE)
"""What is called so empties gradients"""


def never_cleared(tree: ast.Module, engine: str, gradient: str, backward: str) -> list[Finding]:
    r"""Return what is wrong with the turns of a training, for an engine class with its names of gradients and way back.

    >>> engine = "class V:\n  def f(self): self.g += 1\n"
    >>> training = "for _ in range(9):\n  loss = f(ps)\n  loss.back()\n  for p in ps:\n    p.x -= 0.1 * p.g\n"
    >>> [finding.line for finding in never_cleared(ast.parse(engine + training), "V", "g", "back")]
    [7]
    >>> never_cleared(ast.parse(engine + training + "    p.g = 0\n"), "V", "g", "back")
    []
    """
    cls = next((n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == engine), None)
    if cls is None or not gradient or not _adds(cls, gradient) or any(_clears(cls, gradient)):
        return []
    functions = {part.name: part for part in tree.body if isinstance(part, ast.FunctionDef)}
    for loop in (part for part in walk(tree) if isinstance(part, ast.For | ast.While)):
        moved = [part for part in walk(loop) if _moves(part, gradient)]
        inner = [part for part in walk(loop) if isinstance(part, ast.For | ast.While) and part is not loop]
        is_turn = _calls(loop, backward) and not any(_calls(part, backward) for part in inner)
        called = [node for word, node in functions.items() if _calls(loop, word)]
        is_cleared = any(any(_clears(part, gradient)) for part in (loop, *called))
        if is_turn and moved and (found := _of_turn(loop, tree, moved, gradient, backward)):
            return [found]
        if is_turn and moved and not is_cleared and not _makes(loop, engine):
            line = getattr(moved[0], "lineno", None)
            message = f"The update is wrong: {STALE}. No turn sets {gradient} to zero before the next one adds to it."
            return [Finding("update-differs", Severity.ERROR, None, message, line=line)]
    return []


def _of_turn(
    loop: ast.For | ast.While, tree: ast.Module, moved: list[ast.AST], gradient: str, backward: str
) -> Finding | None:
    r"""Return what is wrong with a turn that clears gradients: of some of them only, or before the step is taken.

    >>> turn = "ws = [a, b]\nfor _ in r:\n  for w in {}: w.g = 0\n  l.back()\n  for w in ws: w.x -= 0.1 * w.g\n"
    >>> def said(text):
    ...     tree = ast.parse(text)
    ...     moved = [part for part in walk(tree.body[1]) if _moves(part, "g")]
    ...     found = _of_turn(tree.body[1], tree, moved, "g", "back")
    ...     return found and found.message
    >>> said(turn.format("(a,)"))
    'The update is wrong: it goes by the gradients of all turns before as well. No turn sets g of b to zero.'
    >>> said(turn.format("ws")), said(turn.format("all_of_them"))
    (None, None)
    """
    cleared, stepped = set[str](), set[str]()
    at: dict[str, int] = {}
    for place, statement in enumerate(loop.body):
        clears = any(_sets_zero(part, gradient) for part in walk(statement))
        moves = any(part in moved for part in walk(statement))
        if _calls(statement, backward):
            at.setdefault("back", place)
        for word, does in (("clear", clears), ("step", moves)):
            if does:
                at.setdefault(word, place)
        names = _gone_through(statement, tree)
        if clears != moves and names is not None:
            (cleared if clears else stepped).update(names)
    line = getattr(moved[0], "lineno", None)
    if at.keys() >= {"back", "clear", "step"} and at["back"] < at["clear"] < at["step"]:
        message = f"The update is wrong: it takes no step, for {gradient} is emptied between the way back and it."
        return Finding("update-differs", Severity.ERROR, None, message, line=line)
    if cleared and stepped and (left := stepped - cleared) and cleared < stepped:
        message = f"The update is wrong: {STALE}. No turn sets {gradient} of {', '.join(sorted(left))} to zero."
        return Finding("update-differs", Severity.ERROR, None, message, line=line)
    return None


def _sets_zero(part: ast.AST, gradient: str) -> bool:
    """Tell whether a statement empties a gradient: one that clips or divides it leaves what there is.

    >>> said = "p.g = 0.0; p.g = np.zeros_like(p.x); p.g = np.clip(p.g, -1, 1)"
    >>> [_sets_zero(part, "g") for part in ast.parse(said).body]
    [True, True, False]
    """
    if not isinstance(part, ast.Assign) or not any(_is_attribute(target, gradient) for target in part.targets):
        return False
    value = part.value
    word = getattr(value.func, "attr", getattr(value.func, "id", "")) if isinstance(value, ast.Call) else ""
    return "zeros" in word or (isinstance(value, ast.Constant) and not value.value)


def _gone_through(statement: ast.stmt, tree: ast.Module) -> frozenset[str] | None:
    """Return the names that a loop goes through, as they are written out there or where their list is made, once."""
    if not isinstance(statement, ast.For):
        return None
    over = statement.iter
    if isinstance(over, ast.Name):
        made = [
            part.value for part in walk(tree) if isinstance(part, ast.Assign) and _is_name(part.targets[0], over.id)
        ]
        over = made[0] if len(made) == 1 else over
    parts = over.elts if isinstance(over, ast.Tuple | ast.List) else []
    names = [part.id for part in parts if isinstance(part, ast.Name)]
    return frozenset(names) if names and len(names) == len(parts) else None


def _is_name(node: ast.AST, word: str) -> bool:
    return isinstance(node, ast.Name) and node.id == word


def _adds(cls: ast.ClassDef, gradient: str) -> bool:
    """Tell whether ways back add to gradients."""
    return any(
        isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Add) and _is_attribute(part.target, gradient)
        for part in walk(cls)
    )


def _clears(node: ast.AST, gradient: str) -> Iterator[bool]:
    """Yield whether statements set gradients to zero, or call what is called so; a constructor does, once."""
    for part in walk(node):
        if isinstance(part, ast.Assign) and any(_is_attribute(target, gradient) for target in part.targets):
            is_own = any(ast.unparse(target).startswith("self.") for target in part.targets)
            yield not (isinstance(node, ast.ClassDef) and is_own)  # `self.grad = 1.0` begins the way back
        elif isinstance(part, ast.Call):
            word = getattr(part.func, "attr", getattr(part.func, "id", ""))
            yield bool(CLEARS.search(word)) and not word.startswith("zeros")


def _moves(part: ast.AST, gradient: str) -> bool:
    """Tell whether a statement moves an attribute of something by the gradient of the same."""
    if not isinstance(part, ast.AugAssign | ast.Assign):
        return False
    target = part.target if isinstance(part, ast.AugAssign) else part.targets[0]
    if not isinstance(target, ast.Attribute) or target.attr == gradient:
        return False
    own = f"{ast.unparse(target.value)}.{gradient}"
    return any(isinstance(read, ast.Attribute) and ast.unparse(read) == own for read in walk(part.value))


def _calls(node: ast.AST, backward: str) -> bool:
    calls = (part.func for part in walk(node) if isinstance(part, ast.Call))
    return any(getattr(func, "attr", getattr(func, "id", "")) == backward for func in calls)


def _makes(loop: ast.AST, engine: str) -> bool:
    """Tell whether a turn makes its parameters anew: those have no gradients yet."""
    made = (part for part in walk(loop) if isinstance(part, ast.Assign) and isinstance(part.value, ast.Call))
    return any(getattr(part.value.func, "id", "") == engine for part in made)  # pyright: ignore


def _is_attribute(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name
