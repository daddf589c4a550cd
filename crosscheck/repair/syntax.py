"""Reading syntax trees: variables, what a statement changes, reads and computes, products."""

import ast
import re
from collections.abc import Iterator

from crosscheck.source.walking import walk

PLAIN = ast.Name | ast.Attribute | ast.Subscript | ast.Constant | ast.Tuple | ast.List | ast.expr_context | ast.Slice
PRODUCTS = frozenset({"dot", "matmul", "outer", "multiply", "inner"})


def targets(statement: ast.stmt) -> Iterator[str]:
    """Yield the atoms that a statement assigns or changes: `dW` of `dW[t] += x`, and of `np.add.at(dW, i, x)`."""
    if isinstance(statement, ast.Assign):
        nodes = list(statement.targets)
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign | ast.For):
        nodes = [statement.target]
    elif isinstance(statement, ast.Expr) and isinstance(call := statement.value, ast.Call):
        name = ast.unparse(call.func)
        nodes = call.args[:1] if name.endswith((".add.at", "copyto", "put")) else []
        nodes += [keyword.value for keyword in call.keywords if keyword.arg == "out"]
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("append", "insert", "fill", "update"):
            nodes.append(call.func.value)
    else:
        nodes = []
    for node in nodes:
        items = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
        for item in items:
            base = item.value if isinstance(item, ast.Starred) else item
            while isinstance(base, ast.Subscript) and not is_atom(base):
                base = base.value
            if is_atom(base):
                yield ast.unparse(base)


def reads(statement: ast.stmt) -> set[str]:
    """Return the variables that a statement reads."""
    return {
        ast.unparse(atom)
        for node in nodes_in(statement)
        if isinstance(node, ast.expr)
        for atom in outermost_atoms(node)
        if isinstance(getattr(atom, "ctx", ast.Load()), ast.Load)
    }


def is_atom(node: ast.AST) -> bool:
    """Tell whether an expression is a variable: `dWhh`, `self.Whh`, `grads['Whh']`."""
    if isinstance(node, ast.Name):
        return True
    if isinstance(node, ast.Attribute):
        return is_atom(node.value) and node.attr not in ("T", "shape", "size", "ndim")
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str) and is_atom(node.value)
    return False


def operands_of_product(node: ast.AST) -> list[ast.expr]:
    """Return the two operands of a matrix product, in whatever way it is written; otherwise nothing."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return [node.left, node.right]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PRODUCTS:
        if len(node.args) == 2:
            return list(node.args)
        if len(node.args) == 1:
            return [node.func.value, node.args[0]]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PRODUCTS:
        return list(node.args) if len(node.args) == 2 else []
    return []


def expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the expressions of a statement itself, not those of the block under it."""
    for name, value in ast.iter_fields(statement):
        if name in ("body", "orelse", "finalbody", "handlers", "decorator_list"):
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ast.expr):
                yield item


def computed(statement: ast.stmt) -> list[ast.expr]:
    """Return what a statement computes: the value that it assigns, adds or returns, each entry of a tuple or dict.

    Of several things that are returned only those count that are more than a variable.
    """
    if not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return) or statement.value is None:
        return []
    found, waiting = [], [statement.value]
    while waiting:
        node = waiting.pop(0)
        inner = node.values if isinstance(node, ast.Dict) else getattr(node, "elts", None)
        if inner is None:
            found.append(node)
        else:
            waiting = [*inner, *waiting]
    if isinstance(statement, ast.Return) and len(found) > 1:
        return [node for node in found if not isinstance(node, PLAIN)]
    return [node for node in found if not isinstance(node, ast.Constant)]


def nodes_in(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield every node of the expressions of a statement itself."""
    for expression in expressions(statement):
        yield from walk(expression)


def names_in(node: ast.AST) -> set[str]:
    """Return the plain names in an expression."""
    return {inner.id for inner in walk(node) if isinstance(inner, ast.Name)}


def last_name(atom: str) -> str:
    """Return the telling part of an atom: `Whh` of `self.Whh` and of `grads['Whh']`."""
    return re.findall(r"\w+", atom)[-1] if re.search(r"\w", atom) else atom


def _outermost_atoms(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.expr) and is_atom(node):
        yield node
        return
    called = node.func if isinstance(node, ast.Call) else None
    for child in ast.iter_child_nodes(node):
        method = child is called and isinstance(child, ast.Attribute)
        yield from _outermost_atoms(child.value if method else child)  # pyright: ignore[reportAttributeAccessIssue]


def outermost_atoms(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the variables in an expression, each as a whole."""
    yield from _outermost_atoms(node)
