"""Lists of weights that are made anew, entry by entry: `w = [a + rate * error * v for a, v in zip(w, x)]`.

They become loops in which each entry is moved, which is what a program in lists of numbers says otherwise.
"""

import ast
import copy
from collections.abc import Mapping

from crosscheck.recognise.moving import is_rate
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk

PLACE = "place_in_"
PLAIN = ast.Name | ast.Attribute | ast.Subscript


def with_entries_moved(tree: ast.Module) -> ast.Module:
    r"""Return a module in which entries are moved one after the other; the same if it makes no list anew.

    >>> def told(text): return ast.unparse(with_entries_moved(ast.parse(text)))
    >>> print(told("w = [a + rate * e * v for a, v in zip(w, x)]"))
    for place_in_w in range(len(w)):
        w[place_in_w] = w[place_in_w] + rate * e * x[place_in_w]
    >>> print(told("self.w = [[a - r * d * v for a, v in zip(row, x)] for row, d in zip(self.w, ds)]"))
    for place_in_w in range(len(self.w)):
        for place_in_w_2 in range(len(self.w[place_in_w])):
            self.w[place_in_w][place_in_w_2] = self.w[place_in_w][place_in_w_2] - r * ds[place_in_w] * x[place_in_w_2]
    >>> print(told("w = [w[i] + rate * e * x[i] for i in range(len(w))]"))
    for i in range(len(w)):
        w[i] = w[i] + rate * e * x[i]
    >>> "for" in told("w = [w[i] - rate * f(w, x) * x[i] for i in range(len(w))]").partition(" ")[0]
    False
    >>> told("ws = [w - rate * dw for w, dw in zip(ws, dws)]")
    'ws = [w - rate * dw for w, dw in zip(ws, dws)]'
    """
    if not any(_loop(at) is not None for node in walk(tree) for body in _bodies(node) for at in body):
        return tree
    made = copy.deepcopy(tree)
    for node in list(walk(made)):
        for body in _bodies(node):
            body[:] = [_loop(statement) or statement for statement in body]
    return ast.fix_missing_locations(made)


def _bodies(node: ast.AST) -> list[list[ast.stmt]]:
    bodies = (getattr(node, name, None) for name in ("body", "orelse"))
    return [body for body in bodies if isinstance(body, list)]


def _loop(statement: ast.stmt) -> ast.stmt | None:
    """Return the loop that an assignment is; None if it makes no list anew of its own entries."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.ListComp):
        return None
    target = statement.targets[0]
    if len(statement.targets) > 1 or not isinstance(target, ast.Name | ast.Attribute):
        return None
    made = _moved(target, statement.value, {}, f"{PLACE}{root_word(target)}")
    if made is None:
        return None
    for part in walk(made):
        if isinstance(part, ast.stmt | ast.expr) and not hasattr(part, "lineno"):
            ast.copy_location(part, statement)
    return made


def _moved(whole: ast.expr, made: ast.ListComp, known: Mapping[str, ast.expr], place: str) -> ast.stmt | None:
    """Return the loop over what is a `whole` in names outside; those of comprehensions around it are known."""
    if len(made.generators) != 1 or made.generators[0].ifs or made.generators[0].is_async:
        return None
    generator = made.generators[0]
    if _counts(generator):
        return _counted(whole, made, known)
    index = ast.Name(place, ast.Load())
    entries = _entries(generator.target, generator.iter, known, index)
    own = f"{ast.unparse(whole)}[{place}]"
    ours = next((name for name, entry in entries.items() if ast.unparse(entry) == own), None)
    if ours is None:
        return None
    entry = ast.Subscript(_loaded(whole), index, ast.Load())
    inside = {**known, **entries}
    if isinstance(made.elt, ast.ListComp):
        inner = _moved(entry, made.elt, inside, f"{place}_2")
    else:
        inner = _step(entry, made.elt, ours, inside)
    if inner is None:
        return None
    count = _at(ast.parse(f"range(len({ast.unparse(whole)}))", mode="eval").body, generator.iter)
    return ast.For(ast.Name(place, ast.Store()), count, [inner], [])


def _counts(generator: ast.comprehension) -> bool:
    over = generator.iter
    is_range = isinstance(over, ast.Call) and root_word(over.func) in ("range", "xrange")
    return is_range and isinstance(generator.target, ast.Name)


def _counted(whole: ast.expr, made: ast.ListComp, known: Mapping[str, ast.expr]) -> ast.stmt | None:
    """Return the loop of entries that are counted: `w = [w[i] + rate * error * x[i] for i in range(len(w))]`."""
    generator = made.generators[0]
    index = generator.target
    assert isinstance(index, ast.Name)
    entry = ast.Subscript(_loaded(whole), ast.Name(index.id, ast.Load()), ast.Load())
    if isinstance(made.elt, ast.ListComp):
        inner = _moved(entry, made.elt, known, f"{PLACE}{root_word(whole)}_2")
    else:
        value = made.elt
        is_moved = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub)
        is_own = is_moved and ast.unparse(value.left) == ast.unparse(entry) and not _reads(value.right, entry)  # pyright: ignore
        inner = (
            ast.Assign([ast.Subscript(entry.value, entry.slice, ast.Store())], _within(value, known))
            if is_own
            else None
        )
    return None if inner is None else ast.For(ast.Name(index.id, ast.Store()), generator.iter, [inner], [])


def _within(value: ast.expr, known: Mapping[str, ast.expr]) -> ast.expr:
    return _Within(known).visit(copy.deepcopy(value))


def _reads(step: ast.expr, entry: ast.Subscript) -> bool:
    """Tell whether a step reads other entries than its own, or may do so: in a loop these would have moved already."""
    word = root_word(entry)
    calls = (part.func for part in walk(step) if isinstance(part, ast.Call))
    is_called = any(not (isinstance(one, ast.Attribute) and root_word(one.value) in ("math", "np")) for one in calls)
    return is_called or any(word in (getattr(part, "id", ""), getattr(part, "attr", "")) for part in walk(step))


def _step(entry: ast.Subscript, value: ast.expr, ours: str, known: Mapping[str, ast.expr]) -> ast.stmt | None:
    """Return the step of an entry, where it is moved by more than what a list beside it holds."""
    is_moved = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub)
    if not is_moved or not isinstance(value.left, ast.Name) or value.left.id != ours:  # pyright: ignore
        return None
    if _reads(value.right, entry):  # pyright: ignore[reportAttributeAccessIssue]
        return None
    free = {n.id for n in walk(value) if isinstance(n, ast.Name)} - known.keys()
    free |= {n.attr for n in walk(value) if isinstance(n, ast.Attribute)}
    outer = {n.id for n in walk(value) if isinstance(n, ast.Name)} & known.keys()
    if not any(name != "self" and not is_rate(name) for name in free) and len(outer) < 3:
        return None
    target = ast.Subscript(entry.value, entry.slice, ast.Store())
    return ast.Assign([target], _within(value, known))


def _entries(target: ast.expr, over: ast.expr, known: Mapping[str, ast.expr], index: ast.Name) -> dict[str, ast.expr]:
    """Return what the names of a comprehension stand for: entries of what it goes through."""
    is_call = isinstance(over, ast.Call) and isinstance(over.func, ast.Name)
    if is_call and over.func.id == "zip" and isinstance(target, ast.Tuple):  # pyright: ignore
        pairs = list(zip(target.elts, over.args, strict=False))  # pyright: ignore
    elif is_call and over.func.id == "enumerate" and isinstance(target, ast.Tuple):  # pyright: ignore
        return {ast.unparse(target.elts[0]): index, **_entries(target.elts[1], over.args[0], known, index)}  # pyright: ignore
    else:
        pairs = [(target, over)]
    found: dict[str, ast.expr] = {}
    for name, whole in pairs:
        if not isinstance(name, ast.Name) or not isinstance(whole, PLAIN):
            return {}
        found[name.id] = ast.Subscript(_within(whole, known), index, ast.Load())
    return found


def _loaded(node: ast.expr) -> ast.expr:
    return _at(ast.parse(ast.unparse(node), mode="eval").body, node)


def _at(made: ast.expr, node: ast.AST) -> ast.expr:
    """Let what was made stand where something stood, with all of its parts: edits are made there."""
    for part in walk(made):
        ast.copy_location(part, node)
    return made


class _Within(ast.NodeTransformer):
    """Puts entries in place of the names that a comprehension has for them."""

    def __init__(self, known: Mapping[str, ast.expr]) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace one name."""
        return _at(copy.deepcopy(self.known[node.id]), node) if node.id in self.known else node
