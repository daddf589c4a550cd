"""What a class holds for all of its objects, and its methods change: `parameters = {}` above `def __init__(self)`.

An object that is looked at by itself does not hold it. In its place every object begins with one of its own, which is
the same wherever there is but one.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk

MAKERS = frozenset(["dict", "list", "defaultdict", "OrderedDict", "array", "zeros", "ones", "rand", "randn", "random"])
"""What makes something that can be changed"""


def with_own_fields(tree: ast.Module) -> ast.Module:
    r"""Return a module whose objects begin with what their classes hold; the same if none holds anything that changes.

    >>> code = "class Net:\n    p = {}\n    def __init__(self): self.p['W'] = 1"
    >>> ast.unparse(with_own_fields(ast.parse(code))).splitlines()[-2:]
    ['        self.p = {}', "        self.p['W'] = 1"]
    >>> shared = code + "\nNet.p = None"
    >>> ast.unparse(with_own_fields(ast.parse(shared))) == ast.unparse(ast.parse(shared))
    True
    """
    if not any(list(_fields(tree, owner)) for owner in tree.body if isinstance(owner, ast.ClassDef)):
        return tree
    made = copy.deepcopy(tree)
    for owner in (part for part in made.body if isinstance(part, ast.ClassDef)):
        fields = list(_fields(made, owner))
        begins = next(
            (part for part in owner.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"), None
        )
        if fields and begins is not None and begins.args.args:
            own = begins.args.args[0].arg
            place = int(ast.get_docstring(begins) is not None)
            begins.body[place:place] = [_kept(own, field, begins.body[0]) for field in fields]
    return ast.fix_missing_locations(made)


def _fields(tree: ast.Module, owner: ast.ClassDef) -> Iterator[ast.Assign]:
    """Yield what a class assigns once, that can be changed and that its methods ask their object for."""
    if _has_many(tree, owner.name):
        return
    asked = {part.attr for part in walk(owner) if isinstance(part, ast.Attribute) and root_word(part.value) == "self"}
    shared = {
        part.attr for part in walk(tree) if isinstance(part, ast.Attribute) and root_word(part.value) == owner.name
    }
    shared |= {one.attr for one in walk(owner) if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store)}
    shared |= {part.attr for part in walk(owner) if isinstance(part, ast.Attribute) and root_word(part.value) == "cls"}
    stated = [part for part in owner.body if isinstance(part, ast.Assign) and len(part.targets) == 1]
    names = [part.targets[0].id if isinstance(part.targets[0], ast.Name) else "" for part in stated]
    for part, name in zip(stated, names, strict=True):
        if name in asked - shared and names.count(name) == 1 and _can_change(part.value):
            yield part


def _has_many(tree: ast.Module, name: str) -> bool:
    """Tell whether several objects may share what a class holds."""
    made = sum(isinstance(part, ast.Call) and root_word(part.func) == name for part in walk(tree))
    bases = (base for part in walk(tree) if isinstance(part, ast.ClassDef) for base in part.bases)
    return made > 1 or any(root_word(base) == name for base in bases)


def _can_change(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return root_word(value.func) in MAKERS
    return isinstance(value, ast.Dict | ast.List) and not getattr(value, "keys", getattr(value, "elts", None))


def _kept(own: str, field: ast.Assign, place: ast.stmt) -> ast.stmt:
    target = ast.Attribute(ast.Name(own, ast.Load()), field.targets[0].id, ast.Store())  # pyright: ignore
    return ast.copy_location(ast.Assign([target], copy.deepcopy(field.value)), place)
