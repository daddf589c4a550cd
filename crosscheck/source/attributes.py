"""Attributes that methods read and that nothing gives a value, and how they were probably meant.

A constructor may be called `__int__`, and nothing is set up then; it may be handed `rounds` and not keep what
`self.rounds` reads elsewhere; or `self.weights` is set, and `self.wieghts` is read.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from crosscheck.source.document import Document, Edit
from crosscheck.source.problem import Problem
from crosscheck.source.spelling import distance, nearest
from crosscheck.source.walking import walk

CONSTRUCTOR = "__init__"
_SET_UNSEEN = frozenset({"setattr", "vars", "__dict__", "__getattr__", "__getattribute__", "__setattr__", "__slots__"})
"""What gives objects attributes that are not written out"""
_OTHERS = frozenset({"__exit__", "__iter__"})
"""What is as near as a slip to the constructor's name, and means something else"""
_NEAR = 2
"""Slips of the finger in `__init__`"""


def unknown_attributes(document: Document) -> Iterator[Problem]:
    """Yield a problem for every attribute of a class that is read and never set, where it is obvious what was meant.

    Nothing is said of classes with bases or decorators that the file does not define, or where names of attributes are
    computed.
    """
    tree = document.tree
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    attributes = [node for node in walk(tree) if isinstance(node, ast.Attribute)]
    words = {n.id for n in walk(tree) if isinstance(n, ast.Name)} | {node.attr for node in attributes}
    if not classes or words & _SET_UNSEEN or any(part.name in _SET_UNSEEN for part in _functions(tree)):
        return
    known = {node.attr for node in attributes if not isinstance(node.ctx, ast.Load)}
    known |= {part.name for part in _functions(tree)} | {n.id for c in classes.values() for n in _own_names(c)}
    known |= {n.value for n in walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}  # hasattr
    for owner in classes.values():
        if owner.decorator_list or owner.keywords or any(ast.unparse(base) != "object" for base in owner.bases):
            continue
        methods = {node.name: node for node in owner.body if isinstance(node, ast.FunctionDef)}
        if CONSTRUCTOR not in methods:
            called = {node.attr for node in attributes if isinstance(node.ctx, ast.Load)}
            yield from _constructor(document, {n: m for n, m in methods.items() if n not in called | _OTHERS})
        uses: dict[str, list[ast.Attribute]] = {}
        for use in (use for method in methods.values() for use in _uses(method)):
            if use.attr not in known and not hasattr(object, use.attr):
                uses.setdefault(use.attr, []).append(use)
        own = {use.attr for method in methods.values() for use in _uses(method, ast.Store)} | methods.keys()
        for name, places in uses.items():
            problem = _forgotten(document, name, places, methods) or _misspelt(document, name, places, own)
            if problem is not None:
                yield problem


def _functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in walk(tree) if isinstance(node, ast.FunctionDef)]


def _own_names(owner: ast.ClassDef) -> Iterator[ast.Name]:
    """Yield what the body of a class gives a value."""
    for statement in owner.body:
        if not isinstance(statement, ast.FunctionDef):
            yield from (n for n in walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _uses(method: ast.FunctionDef, context: type[ast.expr_context] = ast.Load) -> Iterator[ast.Attribute]:
    """Yield where a method reads or sets attributes of its own object."""
    itself = method.args.args[0].arg if method.args.args and not method.decorator_list else ""
    if itself != "self":  # a function that was put into a class, perhaps, and what it is handed is an array
        return
    for node in (part for part in walk(method) if isinstance(part, ast.Attribute)):
        if isinstance(node.ctx, context) and getattr(node.value, "id", None) == itself:
            yield node


def _constructor(document: Document, methods: dict[str, ast.FunctionDef]) -> Iterator[Problem]:
    """Find the one method that only its name keeps from being the constructor: `__int__`, `_init_`."""
    found = [node for name, node in methods.items() if name != CONSTRUCTOR and distance(name, CONSTRUCTOR) <= _NEAR]
    if len(found) != 1 or not any(True for _ in _uses(found[0], ast.Store)):
        return
    (node,) = found
    if any(isinstance(part, ast.Return) and part.value is not None for part in walk(node)):
        return
    name, text = node.name, document.lines[node.lineno - 1]
    place = re.search(rf"\bdef\s+({re.escape(name)})\b", text)
    if place is None:
        return
    edit = Edit((node.lineno, place.start(1)), (node.lineno, place.end(1)), CONSTRUCTOR)
    where = document.place(node.lineno)
    message = f"{where}: nothing calls '{name}', which sets up the object; did you mean '{CONSTRUCTOR}'?"
    yield Problem("undefined-name", message, node.lineno, name, CONSTRUCTOR, (edit,))


def _forgotten(
    document: Document, name: str, uses: Sequence[ast.Attribute], methods: dict[str, ast.FunctionDef]
) -> Problem | None:
    """Return that the constructor is handed what is read, and does nothing with it."""
    node = methods.get(CONSTRUCTOR)
    if node is None or name not in {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}:
        return None
    if any(isinstance(part, ast.Name) and part.id == name for part in walk(node)):
        return None
    first = node.body[0]
    text = document.lines[first.lineno - 1]
    indent = text[: len(text) - len(text.lstrip())]
    if len(indent) != first.col_offset or first.lineno == node.lineno:
        return None
    itself = node.args.args[0].arg
    statement = f"{itself}.{name} = {name}"
    line = min(use.lineno for use in uses)
    message = f"{document.place(line)}: '{itself}.{name}' is never set: keep it in {CONSTRUCTOR}, `{statement}`."
    edit = Edit((first.lineno, 0), (first.lineno, 0), f"{indent}{statement}\n")
    return Problem("undefined-name", message, line, name, name, (edit,))


def _misspelt(document: Document, name: str, uses: Sequence[ast.Attribute], own: set[str]) -> Problem | None:
    meant = nearest(name, (own,))
    if meant is None:
        return None
    line = min(use.lineno for use in uses)
    message = f"{document.place(line)}: nothing sets the attribute '{name}'; did you mean '{meant}'?"
    edits = tuple(Edit(*document.span(use), f"{ast.unparse(use.value)}.{meant}") for use in uses)
    return Problem("undefined-name", message, line, name, meant, edits)
