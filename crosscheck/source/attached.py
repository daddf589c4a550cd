"""Methods that are written outside of their class: `Net.forward = forward` behind a function, cell by cell.

Notebooks explain a class method by method: each is a function that is attached to the class afterwards, by an
assignment, `setattr` or a decorator, or the class is opened again by a class of the same name derived from it. All of
it is put where it belongs, on its own lines, before anything looks at the tree.
"""

import ast
import copy
import re
from collections.abc import Iterator, Sequence

from crosscheck.source.walking import walk

Function = ast.FunctionDef
ATTACHES = re.compile(r"class|patch|method|attach|extend|monkey", re.IGNORECASE)
"""What decorators are called that attach a function to the class that they are given: `@add_to_class(Net)`"""


def with_methods(tree: ast.Module) -> ast.Module:
    r"""Return the tree with attached functions as methods of their classes.

    >>> code = "class A:\n    pass\ndef f(self):\n    return 1\nA.g = f"
    >>> print(ast.unparse(with_methods(ast.parse(code))))
    class A:
        pass
    <BLANKLINE>
        def g(self):
            return 1
    """
    classes: dict[str, ast.ClassDef] = {}
    functions: dict[str, Function] = {}
    kept: list[ast.stmt] = []
    moved: set[str] = set()
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            if (first := _opened_again(statement, classes)) is not None:
                _put(first, statement.body)
                continue
            classes[statement.name] = statement
        elif isinstance(statement, Function):
            owner = _by_decorator(statement, classes)
            if owner is not None and _can_move(statement, decorators=1):
                statement.decorator_list = []
                _put(owner, [statement])
                continue
            functions[statement.name] = statement
        else:
            attached = [pair for pair in _attachments(statement) if pair[0] in classes and pair[2] in functions]
            if attached and all(_can_move(functions[function]) for _, _, function in attached):
                for owner, name, function in attached:
                    _put(classes[owner], [_renamed(functions[function], name)])
                    moved.add(function)
                continue
        kept.append(statement)
    done = [part for part in kept if isinstance(part, Function) and part.name in moved]
    used = {n.id for part in kept if part not in done for n in walk(part) if isinstance(n, ast.Name)}
    gone = [part for part in done if part.name not in used]
    tree.body = [part for part in kept if part not in gone]
    return tree


def with_plain_classes(tree: ast.Module) -> ast.Module:
    r"""Return the tree with the classes inside of others before these, which go on by their names.

    >>> print(ast.unparse(with_plain_classes(ast.parse("class A:\n    class B:\n        x = 1\n    y = 2"))))
    class B:
        x = 1
    <BLANKLINE>
    class A:
        B = B
        y = 2
    """
    taken = {part.name for part in tree.body if isinstance(part, ast.ClassDef | Function)}
    taken |= {
        n.id for part in tree.body for n in walk(part) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    body: list[ast.stmt] = []
    for statement in tree.body:
        inner = [part for part in getattr(statement, "body", []) if isinstance(part, ast.ClassDef)]
        names = {part.name for part in inner}
        if isinstance(statement, ast.ClassDef) and inner and len(names) == len(inner) and not names & taken:
            taken |= names
            body += inner
            statement.body = [_named_again(part) if part in inner else part for part in statement.body]
        body.append(statement)
    tree.body = body
    return tree


def _named_again(node: ast.stmt) -> ast.stmt:
    assert isinstance(node, ast.ClassDef)
    made = ast.Assign([ast.Name(node.name, ast.Store())], ast.Name(node.name, ast.Load()))
    for part in walk(made):
        ast.copy_location(part, node)
        part.end_lineno, part.end_col_offset = node.lineno, node.col_offset  # pyright: ignore[reportAttributeAccessIssue]
    return made


def _put(owner: ast.ClassDef, statements: Sequence[ast.stmt]) -> None:
    """Add methods to a class, in place of those that had their names."""
    names = {statement.name for statement in statements if isinstance(statement, Function)}
    rest = [part for part in owner.body if not (isinstance(part, Function) and part.name in names)]
    owner.body = [*rest, *statements]


def _renamed(node: Function, name: str) -> Function:
    renamed = copy.copy(node)
    renamed.name = name
    return renamed


def _opened_again(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> ast.ClassDef | None:
    """Return the class of the same name that a class is derived from, unless it calls it by `super`."""
    is_own_child = [getattr(base, "id", "") for base in node.bases] == [node.name]
    calls_super = any(isinstance(n, ast.Name) and n.id == "super" for n in walk(node))
    return classes.get(node.name) if is_own_child and not calls_super else None


def _by_decorator(node: Function, classes: dict[str, ast.ClassDef]) -> ast.ClassDef | None:
    """Return the class to which a decorator attaches a function: `@add_to_class(Net)`, `@patch` before `self: Net`."""
    if len(node.decorator_list) != 1 or not node.args.args:
        return None
    decorator = node.decorator_list[0]
    word = ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator).rpartition(".")[2]
    if not ATTACHES.search(word) or word == "classmethod":
        return None
    given = decorator.args if isinstance(decorator, ast.Call) else [node.args.args[0].annotation]
    return classes.get(getattr(given[0], "id", "")) if len(given) == 1 else None


def _attachments(statement: ast.stmt) -> Iterator[tuple[str, str, str]]:
    """Yield (class, method, function) for `Net.method = function` and `setattr(Net, "method", function)`."""
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name):
        for target in statement.targets:
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                yield target.value.id, target.attr, statement.value.id
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        if getattr(call.func, "id", "") == "setattr" and len(call.args) == 3:
            owner, name, function = call.args
            if isinstance(owner, ast.Name) and isinstance(name, ast.Constant) and isinstance(function, ast.Name):
                yield owner.id, str(name.value), function.id


def _can_move(node: Function, decorators: int = 0) -> bool:
    """Tell whether a function means the same in a class that is defined before it."""
    defaults = [*node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)]
    is_plain = all(isinstance(n, ast.expr | ast.expr_context | ast.unaryop) for d in defaults for n in walk(d))
    has_names = any(isinstance(n, ast.Name) for default in defaults for n in walk(default))
    has_self = [argument.arg for argument in node.args.args[:1]] == ["self"]  # by which methods are told everywhere
    return len(node.decorator_list) == decorators and has_self and is_plain and not has_names
