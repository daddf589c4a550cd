"""Steps that a training never makes: `for p, g in zip(params, grads): p = p - rate * g` gives a name another value.

What the name held before stays as it was, in its list or object. In place, `p -= rate * g`, an array is moved.
"""

import ast
from collections.abc import Iterator
from typing import Any

from crosscheck.recognise import naming
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.source.walking import own_parts, walked
from crosscheck.verdicts import Finding, Severity

LOST = (
    "The update of {0} is wrong: it is never made. `{1}` gives the name {0} another value, and what it stood for stays "
    "as it was; write `{0} {2}= ...`, or assign to the place that it came from."
)


LEFT = (
    "The update of {0} is wrong: it is never made. `{1}` leaves the step in a variable that nothing reads; assign it "
    "to {0}."
)

ITSELF = (
    "The update of {0} is wrong: it is never made. `{1}` adds to the step itself, where others are added to what they "
    "are steps of; write `{0} {2}= ...`."
)


def lost_steps(tree: ast.Module, called: set[str]) -> Iterator[Finding]:
    """Yield what is wrong with steps in loops of a module, or of functions that were `called`, that move nothing."""
    functions = [node for node in walked(tree) if isinstance(node, ast.FunctionDef) and node.name in called]
    told: set[int] = set()
    for scope in functions:
        for statement in (part for part in own_parts(scope) if isinstance(part, ast.Assign)):
            if (held := _left_in_a_variable(statement, scope)) is not None:
                text = LEFT.format(held, ast.unparse(statement))
                yield Finding("update-differs", Severity.ERROR, held.rpartition(".")[2], text, line=statement.lineno)
    for scope in (tree, *functions):
        for name, statement in _added_to_themselves(scope):
            sign = "-" if isinstance(statement.op, ast.Sub) else "+"
            text = ITSELF.format(name, ast.unparse(statement), sign)
            yield Finding("update-differs", Severity.ERROR, name, text, line=statement.lineno)
        for loop in (part for part in own_parts(scope) if isinstance(part, ast.For)):
            for statement in (part for part in own_parts(loop) if isinstance(part, ast.Assign)):
                if id(statement) not in told and (name := _lost(statement, loop, scope)) is not None:
                    told.add(id(statement))
                    sign = "-" if isinstance(getattr(statement.value, "op", None), ast.Sub) else "+"
                    text = LOST.format(name, ast.unparse(statement), sign)
                    yield Finding("update-differs", Severity.ERROR, name, text, line=statement.lineno)


def _added_to_themselves(scope: ast.AST) -> Iterator[tuple[str, ast.AugAssign]]:
    r"""Yield what a step is never added to, and the statement that adds it, at a rate, to itself.

    >>> code = "W += W_step * alpha\nU += U_step * alpha\n{} += V_step * alpha"
    >>> def tried(code): return [name for name, _ in _added_to_themselves(ast.parse(code))]
    >>> tried(code.format("V")), tried(code.format("V_step")), tried(code.format("V_step") + "\nV = V + V_step")
    ([], ['V'], [])
    """
    moves: list[tuple[str, str, ast.AugAssign]] = []
    for part in own_parts(scope):
        match part:
            case ast.AugAssign(
                target=ast.Name(id=target),
                op=ast.Add() | ast.Sub(),
                value=ast.BinOp(left=ast.Name(id=one), op=ast.Mult(), right=ast.Name(id=other)),
            ) if bool(naming.RATE.search(one)) != bool(naming.RATE.search(other)):
                moves.append((target, other if naming.RATE.search(one) else one, part))
            case _:
                pass
    endings = {step.removeprefix(target) for target, step, _ in moves if step.startswith(target) and step != target}
    for target, step, statement in moves:
        for ending in endings if target == step and len(moves) > 2 else ():
            if step.endswith(ending) and (name := step.removesuffix(ending)) and name not in _moved(scope):
                yield name, statement


def _moved(scope: ast.AST) -> set[str]:
    """Return what is moved somewhere, in place or by a value that is computed of its own.

    >>> sorted(_moved(ast.parse("W += d; V = V - d; U = d; x[0] -= d")))
    ['V', 'W', 'x']
    """
    found = {root_word(part.target) for part in walked(scope) if isinstance(part, ast.AugAssign)}
    for part in walked(scope):
        for target, value in assigned_in(part):
            if root_word(target) in {name.id for name in walked(value) if isinstance(name, ast.Name)}:
                found.add(root_word(target))
    return found


def _lost(statement: ast.Assign, loop: ast.For, scope: Any) -> str | None:
    r"""Return the name that a step moves and that nothing reads afterwards; None if it is no such step.

    >>> def tried(body):
    ...     tree = ast.parse("for p, g in zip(ps, gs):\n    " + body)
    ...     return _lost(tree.body[0].body[-1], tree.body[0], tree)
    >>> tried("p = p - rate * g"), tried("q = all[g]; q = q - rate * dq"), tried("p = p - rate"), tried("w = w - g")
    ('p', 'q', None, None)
    >>> mean = ast.parse("for row, m in zip(rows, means): row = row - m")
    >>> _lost(mean.body[0].body[0], mean.body[0], mean)
    """
    target, value = statement.targets[0], statement.value
    if len(statement.targets) != 1 or not isinstance(target, ast.Name) or not isinstance(value, ast.BinOp):
        return None
    if not isinstance(value.op, ast.Sub | ast.Add) or getattr(value.left, "id", "") != target.id:
        return None
    names = {part.id for part in walked(loop.target) if isinstance(part, ast.Name)}
    taken = [part for part in walked(loop) if isinstance(part, ast.Assign) and part is not statement]
    held = {
        one.id
        for part in taken
        for one in part.targets
        if isinstance(one, ast.Name) and (isinstance(part.value, ast.Subscript) or _is_asked(part.value))
    }
    own = {part.id for part in walked(value.right) if isinstance(part, ast.Name)}
    words = own | {part.id for part in walked(loop.iter) if isinstance(part, ast.Name)}
    is_told = any(naming.looks_like_gradient(word) or naming.CONTAINER.search(word) for word in words)
    is_told = is_told or any(map(naming.RATE.search, own))  # nor what is taken away from data
    goes_by = is_told and (bool(own & (names - {target.id})) or any(map(naming.looks_like_gradient, own)))
    loads = [n for n in walked(scope) if isinstance(n, ast.Name) and n.id == target.id and isinstance(n.ctx, ast.Load)]
    inside = {id(part) for part in walked(statement)}
    functions = [part for part in walked(scope) if isinstance(part, ast.FunctionDef) and part is not scope]
    elsewhere = {id(one) for function in functions for one in walked(function)}  # whenever they are called
    is_read = any(id(n) not in inside and (n.lineno >= statement.lineno or id(n) in elsewhere) for n in loads)
    return target.id if target.id in names | held and goes_by and not is_read else None


def _left_in_a_variable(statement: ast.Assign, function: ast.FunctionDef) -> str | None:
    """Return the attribute whose step a function leaves in a variable of that name, and moves others in place.

    >>> def tried(body):
    ...     function = ast.parse(f"def fit(self): {body}").body[0]
    ...     return _left_in_a_variable(function.body[0], function)
    >>> tried("U = self.U - lr * dU; self.W -= lr * dW"), tried("U = self.U - lr * dU; self.W -= lr * dW; return U")
    ('self.U', None)
    """
    target, value = statement.targets[0], statement.value
    if (
        not isinstance(target, ast.Name)
        or not isinstance(value, ast.BinOp)
        or not isinstance(value.left, ast.Attribute)
    ):
        return None
    words = [root_word(part) for part in walked(value.right) if isinstance(part, ast.Name | ast.Attribute)]
    is_step = any(map(naming.RATE.search, words)) and any(map(naming.looks_like_gradient, words))
    moved = (part.target for part in walked(function) if isinstance(part, ast.AugAssign))
    is_beside = any(isinstance(one, ast.Attribute) and one.attr != target.id for one in moved)
    names = (part for part in walked(function) if isinstance(part, ast.Name) and part.id == target.id)
    is_read = any(isinstance(part.ctx, ast.Load) for part in names)
    is_own = value.left.attr == target.id and isinstance(value.op, ast.Sub | ast.Add)
    return ast.unparse(value.left) if is_own and is_step and is_beside and not is_read else None


def _is_asked(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and getattr(value.func, "id", "") == "getattr"
