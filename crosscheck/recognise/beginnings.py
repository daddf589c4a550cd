"""Methods that make the weights of their object before they train it: their beginning is a method of its own as well.

`train(self, pairs)` draws `self.w` and then goes through its rounds, which call `forward` and `backward` of the same
object. Called without it these would find no weights. What it hands them is judged only where the whole is called.
"""

import ast
import copy
from collections.abc import Sequence

from crosscheck.recognise import naming
from crosscheck.recognise.preparing import SETS_UP, attributes, reach
from crosscheck.source.walking import walk

PREFIX = "set_up_before_"
"""What such a beginning is called, and then like its method"""


def with_beginnings(tree: ast.Module) -> ast.Module:
    """Return a module with such methods; the same if it has none."""
    found = {
        node.name: made
        for node in tree.body
        if isinstance(node, ast.ClassDef) and all(ast.unparse(base) == "object" for base in node.bases)
        if (made := _beginnings(node))
    }
    if not found:
        return tree
    changed = copy.deepcopy(tree)
    for owner in (node for node in changed.body if isinstance(node, ast.ClassDef)):
        owner.body += found.get(owner.name, [])
    return changed


def _beginnings(owner: ast.ClassDef) -> list[ast.stmt]:
    """Return the beginnings of a class's methods that make what no other method makes."""
    nodes = {node.name: node for node in owner.body if isinstance(node, ast.FunctionDef)}
    named = {word: word for word in nodes}
    found: list[ast.stmt] = []
    for name, node in nodes.items():
        place = next((at for at, part in enumerate(node.body) if isinstance(part, ast.For | ast.While)), 0)
        called = reach(_called(node.body[place:]), named, nodes)
        if SETS_UP.search(name) or name.startswith("__") or not place or not any(map(naming.BACKWARD.search, called)):
            continue
        others = [other for word, other in nodes.items() if word != name]
        made = {word for other in others for word in attributes(other, ast.Store, nones=False)}
        read = {word for word in called for word in attributes(nodes[word], ast.Load)}
        first = next((nodes[word] for word in ("__init__",) if word in nodes), None)
        known = attributes(first, ast.Store) if first else set[str]()
        beginning = _beginning(node.body[:place], read - made, known | nodes.keys() | _of_class(owner))
        method = beginning and _method(node, *beginning)
        found += [method] if method else []
    return found


def _called(statements: Sequence[ast.stmt]) -> list[str]:
    calls = (part for statement in statements for part in walk(statement) if isinstance(part, ast.Call))
    return [c.func.attr for c in calls if isinstance(c.func, ast.Attribute) and ast.unparse(c.func.value) == "self"]


def _of_class(owner: ast.ClassDef) -> set[str]:
    return {part.id for line in owner.body if isinstance(line, ast.Assign) for part in walk(line) if _is_stored(part)}  # pyright: ignore[reportAttributeAccessIssue]


def _is_stored(part: ast.AST) -> bool:
    return isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)


def _beginning(
    statements: Sequence[ast.stmt], wanted: set[str], known: set[str]
) -> tuple[list[ast.stmt], list[str]] | None:
    """Return the statements that make some attributes, and the attributes that these need and nobody has made.

    None where they make none by computing, or by more than plain assignments.
    """
    needed, kept = set(wanted), list[ast.stmt]()
    names: set[str] = set()
    for statement in reversed(statements):
        stored = {part.id for part in walk(statement) if _is_stored(part)}  # pyright: ignore[reportAttributeAccessIssue]
        if not (attributes(statement, ast.Store) & needed or stored & names):
            continue
        if not isinstance(statement, ast.Assign | ast.AugAssign):
            return None
        kept.insert(0, statement)
        needed |= attributes(statement, ast.Load)
        names |= {part.id for part in walk(statement) if isinstance(part, ast.Name) and part.id != "self"}
    made = {word for statement in kept for word in attributes(statement, ast.Store)}
    computed = any(isinstance(part, ast.Call) for statement in kept for part in walk(statement))
    if not made & wanted or not computed:
        return None
    read = {word for statement in kept for word in attributes(statement, ast.Load)}
    return kept, sorted(read - made - known)


def _method(node: ast.FunctionDef, statements: list[ast.stmt], missing: list[str]) -> ast.FunctionDef | None:
    """Return a method that does what a method begins with; what its object lacks it is handed.

    None where that needs the data as well: there the whole method is called.
    """
    used = {part.id for statement in statements for part in walk(statement) if isinstance(part, ast.Name)}
    if used & ({argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)} | set(missing)) - {"self"}:
        return None
    lines = [f"def {PREFIX}{node.name}({', '.join(['self', *missing])}):", *(f"  self.{n} = {n}" for n in missing)]
    (made,) = ast.parse("\n".join([*lines, "  pass"])).body
    assert isinstance(made, ast.FunctionDef)
    for part in walk(made):
        ast.copy_location(part, node)
    made.body[-1:] = copy.deepcopy(statements)
    return made
