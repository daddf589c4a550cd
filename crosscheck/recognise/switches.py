"""Switches of a forward pass without which it keeps nothing for its backward pass: `forward(x, keep=False)`."""

import ast

from crosscheck.recognise.defaults import defaults_of
from crosscheck.recognise.preparing import attributes
from crosscheck.source.walking import walked


def switches(forward: ast.FunctionDef, backward: ast.FunctionDef) -> dict[str, bool]:
    r"""Return the values that a forward method's switches need, so that it keeps what its backward method reads.

    >>> made = ast.parse("def forward(self, x, keep=False, quick=True):\n if keep:\n  self.x = x\n return 2 * x")
    >>> back = ast.parse("def backward(self, d):\n  return d * self.x")
    >>> switches(made.body[0], back.body[0])
    {'keep': True}
    """
    read = attributes(backward, ast.Load)
    constants = ((name, getattr(value, "value", None)) for name, value in defaults_of(forward))
    defaults = {name: value for name, value in constants if isinstance(value, bool)}
    found: dict[str, bool] = {}
    for place, statement in enumerate(forward.body):
        for part in (node for node in walked(statement) if isinstance(node, ast.If)):
            name, stands = _asked(part.test)
            if name not in defaults or name in found:
                continue
            kept, otherwise = _kept(part.body), _kept(part.orelse)
            if part is statement and isinstance(part.body[-1], ast.Return):  # `if not keep: return y`
                otherwise |= _kept(forward.body[place + 1 :])
            needs = stands if (kept - otherwise) & read else not stands if (otherwise - kept) & read else defaults[name]
            if needs != defaults[name]:
                found[name] = needs
    return found


def _asked(test: ast.expr) -> tuple[str, bool]:
    """Return the name that a condition asks about, and what it has to be; nothing where it asks about more."""
    match test:
        case ast.Name(id=name):
            return name, True
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
            return name, False
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=bool(v))]):
            return name, v
        case _:
            return "", False


def _kept(statements: list[ast.stmt]) -> set[str]:
    return attributes(ast.Module(statements, []), ast.Store, nones=False)
