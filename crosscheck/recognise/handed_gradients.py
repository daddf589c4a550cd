"""Gradients that are computed where a step is asked for, and have no name: `adam.update(p, {"w": 2 * X.T @ e / n})`.

They are given one in the statement before, so that they can be told and judged like others. So are those that a
function of the file makes a step of: `w -= rate * adam(memory["w"], X.T @ e)`.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise.naming import given_name
from crosscheck.recognise.statements import root_variable, root_word
from crosscheck.recognise.training_loops import UPDATING
from crosscheck.source.walking import forget, own_parts, walk

Body = list[ast.stmt]
REDUCTIONS = frozenset({"sum", "mean", "max", "min", "dot", "matmul", "outer", "einsum"})


def with_handed_gradients(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such gradients have names; the same if it has none.

    >>> code = "for i in r:\n  e = X @ w - y\n  w = adam(w, 2 * X.T @ e)\n  optimiser.step([w], [X.T @ e])"
    >>> print(ast.unparse(with_handed_gradients(ast.parse(code))))
    for i in r:
        e = X @ w - y
        gradient_of_w = 2 * X.T @ e
        w = adam(w, gradient_of_w)
        gradient_in_line_4 = [X.T @ e]
        optimiser.step([w], gradient_in_line_4)
    """
    if not any(True for _ in _handed(tree)):
        return tree
    made = copy.deepcopy(tree)
    used = {node.id for node in walk(made) if isinstance(node, ast.Name)}
    for body, statement, call, at in reversed(list(_handed(made))):
        value = call.args[at]
        moved = _moved(statement, call)
        name = given_name(moved) if moved else ""
        name = name if name and name not in used else f"gradient_in_line_{value.lineno}"
        call.args[at] = ast.copy_location(ast.Name(name, ast.Load()), value)
        named = ast.Assign([ast.copy_location(ast.Name(name, ast.Store()), value)], value)
        body.insert(_place(body, statement, value), ast.copy_location(named, value))
    forget()
    return made


def _place(body: Body, statement: ast.stmt, value: ast.expr) -> int:
    """Return where a gradient is named: before the steps that stand in front of its own and change nothing of it."""
    place = next(number for number, one in enumerate(body) if one is statement)
    read = {part.id for part in walk(value) if isinstance(part, ast.Name)}
    earliest = place
    for number in reversed(range(place)):
        changed = _changed(body[number])
        if changed is None or read & changed:
            break
        if not isinstance(body[number], ast.Assign):
            earliest = number
    return earliest


def _changed(statement: ast.stmt) -> set[str] | None:
    """Return the variables that a step, or the naming of a gradient, may change; nothing for any other statement."""
    if not isinstance(statement, ast.Expr | ast.Assign | ast.AugAssign):
        return None
    calls = [part for part in walk(statement.value) if isinstance(part, ast.Call)]
    handed = (value for call in calls for value in (call.func, *call.args, *(one.value for one in call.keywords)))
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    written = (part for one in targets if one for part in walk(one) if isinstance(part, ast.Name))
    return {root_variable(value) for value in handed} | {part.id for part in written}


def _handed(tree: ast.Module) -> Iterator[tuple[Body, ast.stmt, ast.Call, int]]:
    """Yield the bodies in which steps are asked for so, the statement, the call, and which argument it is."""
    functions = [node for node in walk(tree) if isinstance(node, ast.FunctionDef)]
    own, moving = {node.name for node in functions}, {node.name for node in functions if _moves_argument(node)}
    scopes = [node for node in walk(tree) if isinstance(node, ast.For | ast.While)] + functions
    seen: set[int] = set()
    for scope in scopes:
        parts = [scope, *own_parts(scope)]
        for body in (part.body for part in parts if isinstance(part, ast.For | ast.While | ast.If | ast.FunctionDef)):
            for statement in body if id(body) not in seen else ():
                call = _asked(statement, own, moving)
                if call:
                    computed = [at for at, value in enumerate(call.args) if _is_computed(value)]
                    if len(computed) == 1:
                        yield body, statement, call, computed[0]
            seen.add(id(body))


def _moves_argument(function: ast.FunctionDef) -> bool:
    """Tell whether a function moves what it is handed, where it lies: `w -= self.rate * g / np.sqrt(h)`."""
    handed = {argument.arg for argument in function.args.args} - {"self"}
    steps = (
        part for part in walk(function) if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Add | ast.Sub)
    )
    return any(isinstance(step.target, ast.Name) and step.target.id in handed for step in steps)


def _asked(statement: ast.stmt, own: set[str], moving: set[str]) -> ast.Call | None:
    """Return the call that asks for a step, or that makes what something is moved by."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add | ast.Sub):
        if isinstance(statement.target, ast.Subscript) and isinstance(statement.target.slice, ast.Name):
            return None  # one of several, whose gradients are as many
        made = statement.value.operand if isinstance(statement.value, ast.UnaryOp) else statement.value
        sides = (made.left, made.right) if isinstance(made, ast.BinOp) and isinstance(made.op, ast.Mult) else (made,)
        calls = [side for side in sides if isinstance(side, ast.Call) and root_word(side.func) in own]
        return calls[0] if len(calls) == 1 else None
    call = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
    if not isinstance(call, ast.Call):
        return None
    word = root_word(call.func)
    is_asked = UPDATING.search(word) or (word in moving and isinstance(statement, ast.Expr))
    return call if is_asked else None


def _moved(statement: ast.stmt, call: ast.Call) -> str | None:
    """Return what a step moves: `w` in `w, memory = adam(w, X.T @ e, memory)`, and in `adam("w", X.T @ e)`."""
    if isinstance(statement, ast.AugAssign):
        return root_word(statement.target) or None
    first = call.args[0]
    if isinstance(first, ast.Constant):
        return first.value if isinstance(first.value, str) and first.value.isidentifier() else None
    targets = [part for one in getattr(statement, "targets", ()) for part in walk(one) if isinstance(part, ast.Name)]
    back = targets and isinstance(first, ast.Name) and first.id == targets[0].id
    return targets[0].id if back else None


def _is_computed(value: ast.expr) -> bool:
    """Tell whether an argument is a product or a sum that is computed there, or holds such and nothing else."""
    parts = (
        value.values if isinstance(value, ast.Dict) else value.elts if isinstance(value, ast.List | ast.Tuple) else []
    )
    own = parts or [value]
    products = (part for one in own for part in walk(one) if isinstance(part, ast.BinOp))
    kinds = (ast.BinOp, ast.Call, ast.Name, ast.Subscript, ast.Attribute, ast.UnaryOp) if parts else (ast.BinOp,)
    is_product = any(isinstance(part.op, ast.Mult | ast.MatMult | ast.Div) for part in products)
    return (is_product and all(isinstance(one, kinds) for one in own)) or _is_reduced(value)


def _is_reduced(value: ast.expr) -> bool:
    """Tell a sum over something, or an array that is made of one."""
    if not isinstance(value, ast.Call):
        return False
    inner = value.args[0] if value.args and root_word(value.func) in ("array", "asarray") else value
    own = inner.elts if isinstance(inner, ast.List) else [inner]
    return all(isinstance(one, ast.Call) and root_word(one.func) in REDUCTIONS for one in own)
