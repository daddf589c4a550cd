"""Switches of a forward pass without which it keeps nothing for its backward pass: `forward(x, keep=False)`.

Or an attribute that its class sets to False, and that whoever uses the class is to turn on.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise import naming
from crosscheck.recognise.defaults import defaults_of
from crosscheck.recognise.preparing import attributes
from crosscheck.source.walking import walk, walked


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


def asking_for_more(node: ast.FunctionDef) -> Iterator[str]:
    r"""Yield the flags with which a function returns something besides what it returns without: `if cache: return`.

    >>> code = "def f(x, keep=False, quick=False):\n if keep: return x, 2 * x\n if quick: return 3\n return x"
    >>> list(asking_for_more(ast.parse(code).body[0]))
    ['keep']
    """
    flags = {name for name, value in defaults_of(node) if isinstance(value, ast.Constant) and value.value is False}
    lengths: dict[int, int] = {}
    under: dict[int, str] = {}
    for part in walked(node) if flags else ():
        if isinstance(part, ast.Return) and part.value is not None:
            lengths[id(part)] = len(part.value.elts) if isinstance(part.value, ast.Tuple) else 1
        elif isinstance(part, ast.If) and isinstance(part.test, ast.Name) and part.test.id in flags:
            under |= {id(inner): part.test.id for one in part.body for inner in walked(one)}
    without = [length for one, length in lengths.items() if one not in under]
    yield from (under[one] for one, length in lengths.items() if one in under and without and length > min(without))


def with_switches_on(tree: ast.Module) -> ast.Module:
    r"""Return a module in which attributes are on without which classes keep nothing to go back by; or the same.

    >>> code = "class L:\n on = False\n def forward(self, x):\n  if self.on: self.seen.append(x)\n  return 2 * x\n"
    >>> code += " def backward(self, d): return d * self.seen[-1]"
    >>> ast.unparse(with_switches_on(ast.parse(code))).splitlines()[1].strip()
    'on = True'
    """
    if not list(_switched_off(tree)):
        return tree
    made = copy.deepcopy(tree)
    for value in _switched_off(made):
        value.value = True
    return made


def _switched_off(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield the values of attributes that are off in classes, and never turned on by anyone."""
    for owner in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        methods = [node for node in owner.body if isinstance(node, ast.FunctionDef)]
        back = [node for node in methods if naming.BACKWARD.search(node.name)]
        read = {word for node in back for word in attributes(node, ast.Load)}
        kept = {
            word: _kept(part.body) | _appended(part.body)
            for node in methods
            if node not in back
            for part in walk(node)
            if isinstance(part, ast.If) and (word := _attribute_of_own(part.test))
        }
        needed = {word for word, words in kept.items() if words & read}
        for statement in (part for part in owner.body if isinstance(part, ast.Assign)) if needed else ():
            names = {target.id for target in statement.targets if isinstance(target, ast.Name)}
            value = statement.value
            if isinstance(value, ast.Constant) and value.value is False and names & needed - _written(tree):
                yield value


def _attribute_of_own(test: ast.expr) -> str:
    match test:
        case ast.Attribute(value=ast.Name(id="self"), attr=word):
            return word
        case _:
            return ""


def _appended(statements: list[ast.stmt]) -> set[str]:
    calls = (part for statement in statements for part in walk(statement) if isinstance(part, ast.Call))
    methods = (call.func for call in calls if isinstance(call.func, ast.Attribute))
    holders = (method.value for method in methods if method.attr in ("append", "insert"))
    return {holder.attr for holder in holders if isinstance(holder, ast.Attribute)}


def _written(tree: ast.Module) -> set[str]:
    return {n.attr for n in walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}


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
