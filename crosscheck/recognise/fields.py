"""Records that a file defines, dataclasses and named tuples: what their fields are, and what is done with these."""

import ast
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from crosscheck.recognise.annotated import lists_of_numbers, single_numbers
from crosscheck.recognise.objects import methods_of, objects_of
from crosscheck.recognise.records import add_uses, seen_of
from crosscheck.recognise.uses import Uses
from crosscheck.source.walking import walk


def fields_of(kind: type) -> tuple[str, ...]:
    """Return the fields of a record that have to be given: of a NamedTuple or a dataclass; of others none.

    >>> from typing import NamedTuple
    >>> fields_of(NamedTuple("Weights", [("U", float), ("V", float)]))
    ('U', 'V')
    """
    if dataclasses.is_dataclass(kind):
        missing = dataclasses.MISSING
        given = (f for f in dataclasses.fields(kind) if f.init and f.default is missing is f.default_factory)
        return tuple(field.name for field in given)
    defaults = getattr(kind, "_field_defaults", {})
    return tuple(name for name in getattr(kind, "_fields", ()) if name not in defaults)


def maker_of(kind: type, fields: Sequence[str], tree: ast.Module) -> ast.FunctionDef:
    r"""Return what a record is made by, as if somebody had written it: a function of its fields, as they are annotated.

    >>> source = "class Pair(NamedTuple):\n    a: float\n    b: int = 3"
    >>> ast.unparse(maker_of(type("Pair", (), {}), ["a"], ast.parse(source)))
    'def Pair(a: float):\n    pass'
    """
    parents = {parent.__name__ for parent in kind.__mro__}
    bodies = [node.body for node in walk(tree) if isinstance(node, ast.ClassDef) and node.name in parents]
    parts = [part for body in bodies for part in body if isinstance(part, ast.AnnAssign)]
    said = {part.target.id: part.annotation for part in parts if isinstance(part.target, ast.Name)}
    made = ast.parse(f"def {kind.__name__}({', '.join(fields)}): pass").body[0]
    assert isinstance(made, ast.FunctionDef)
    for argument in made.args.args:
        argument.annotation = said.get(argument.arg)
    return made


def uses_of_fields(
    kind: type, node: ast.FunctionDef, names: Mapping[str, Any], nodes: Mapping[str, ast.FunctionDef]
) -> Uses:
    """Return what functions do with the fields of a record that they are handed, and its methods with its own."""
    found = Uses()
    methods = set(methods_of(kind, nodes).values())
    for name, other in nodes.items():
        handed = {argument for argument, its in objects_of(other, names, nodes).items() if its is kind}
        spellings = handed | ({"self"} if name in methods else set())
        if spellings:
            add_uses(found, seen_of(other, spellings))
    found.ranks |= {name: rank for name, rank in lists_of_numbers(node) if name not in found.ranks}
    found.numbers |= single_numbers(node, "float")
    found.sizes |= single_numbers(node, "int") - found.indices
    return found
