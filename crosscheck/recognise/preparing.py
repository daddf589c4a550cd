"""What has to happen to an object between its construction and its first forward pass: methods that set it up."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from crosscheck.recognise import naming
from crosscheck.recognise.annotated import single_numbers
from crosscheck.recognise.defaults import defaults_of
from crosscheck.recognise.objects import is_stub
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk

SETS_UP = re.compile(
    r"init|build|set_?up|(?:^|_)set_|compile|prepare|create|reset|zero|make|alloc|connect|link|configure|attach|bind",
    re.IGNORECASE,
)
MOST = 3
"""Methods that are called to set an object up"""
SHAPE = re.compile(r"(?:^|_)shape$", re.IGNORECASE)
"""What a tuple of sizes is called"""


def setups(
    kind: type, starts: Iterable[str], methods: Mapping[str, str], nodes: Mapping[str, ast.FunctionDef]
) -> list[str]:
    """Return the methods that make what some methods, `starts`, need and the constructor does not make; in order."""
    used = reach(starts, methods, nodes)
    made = _stored(reach(["__init__"], methods, nodes), nodes)
    made -= set(_left_out(nodes[methods["__init__"]])) if "__init__" in methods else set()
    made |= {name for parent in kind.__mro__ for name, value in vars(parent).items() if not _is_nothing(value)}
    found: list[str] = []
    waiting = sorted(_loaded(used, nodes, methods) - made - _stored(used, nodes))
    while waiting and len(found) < MOST:
        attribute = waiting.pop(0)
        others = [name for word, name in methods.items() if name not in used and _may_set_up(word, nodes[name])]
        chosen = next((name for name in others if attribute in _stored([name], nodes)), None)
        if chosen is None or chosen in found:
            continue
        found.insert(0, chosen)
        within = reach([chosen.rpartition(".")[2]], methods, nodes)
        waiting += sorted(_loaded(within, nodes, methods) - made - _stored(within, nodes))
    return found


def _left_out(node: ast.FunctionDef) -> Iterator[str]:
    """Yield the attributes in which a constructor keeps an argument that is None unless it is given."""
    nothing = {name for name in nones(node) if not SHAPE.search(name)}
    for part in (n for n in walk(node) if isinstance(n, ast.Assign)):
        if isinstance(part.value, ast.Name) and part.value.id in nothing:
            yield from filter(None, map(_attribute, part.targets))


def nones(node: ast.FunctionDef) -> list[str]:
    """Return the arguments that are None unless they are given."""
    return [name for name, value in defaults_of(node) if isinstance(value, ast.Constant) and value.value is None]


def _is_nothing(value: Any) -> bool:
    """Tell whether a class keeps a place free with a value: None, or a list with nothing in it."""
    return value is None or (isinstance(value, list | tuple | dict) and not value)


def _may_set_up(word: str, node: ast.FunctionDef) -> bool:
    is_meant = bool(SETS_UP.search(word)) or only_keeps(node)
    return is_meant and word != "__init__" and not naming.BACKWARD.search(word) and not is_stub(node)


def only_keeps(node: ast.FunctionDef) -> bool:
    """Tell whether a method does nothing but keep what it is handed: `def assign(self, x): self.x = x`."""
    given = {argument.arg for argument in node.args.args[1:]}
    body = [part for part in node.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))]
    return bool(body) and all(
        isinstance(part, ast.Assign)
        and isinstance(part.value, ast.Name)
        and part.value.id in given
        and all(map(_attribute, part.targets))
        for part in body
    )


def builds_itself(start: str, methods: Mapping[str, str], nodes: Mapping[str, ast.FunctionDef]) -> bool:
    r"""Tell whether a method makes what the object lacks when it is called first: `if self.W is None: self.W = ...`.

    Lists that it appends to from then on are a memory of its calls.

    >>> code = "def forward(self, x):\n  if not hasattr(self, 'W'):\n    self.W = {}\n  self.W.append(x)"
    >>> [builds_itself("forward", {"forward": "N.forward"}, {"N.forward": ast.parse(one).body[0]})
    ...  for one in (code.format("[]"), code.format("randn(3)").replace("self.W.append(x)", "return self.W @ x"))]
    [False, True]
    """
    reached = reach([start], methods, nodes)
    remembering = {word for name in reached for word in _appended(nodes[name])}
    for name in reached:
        for part in (n for n in walk(nodes[name]) if isinstance(n, ast.If)):
            asks = any(isinstance(n, ast.Name) and n.id == "self" for n in walk(part.test))
            body = ast.Module(part.body, [])
            stored = (n for n in walk(body) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store))
            stores = any(_attribute(n) and n.attr not in remembering for n in stored)
            calls = any(word in methods for word in _own_calls(body))
            if asks and (stores or calls):
                return True
    return False


def _appended(node: ast.AST) -> Iterator[str]:
    """Yield the attributes of an object that it appends to."""
    for part in walk(node):
        match part:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(value=ast.Name(id="self"), attr=word), attr="append")):
                yield word


def reach(starts: Iterable[str], methods: Mapping[str, str], nodes: Mapping[str, ast.FunctionDef]) -> list[str]:
    """Return the qualified names of some methods of a class and of those that they call of the same object."""
    found: list[str] = []
    waiting = [methods[word] for word in starts if word in methods]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            waiting += [methods[word] for word in _own_calls(nodes[name]) if word in methods]
    return found


def shape_lengths(
    node: ast.FunctionDef, kept: Mapping[str, Sequence[str]], others: Iterable[ast.FunctionDef]
) -> dict[str, int]:
    """Return how many sizes the arguments hold that are called shapes: as many as are unpacked, or asked for.

    What is said to be a whole number, or is one of the sizes of an array, is a size.
    """
    parts = [part for other in (node, *others) for part in walk(other)]
    sizes = {ast.unparse(size) for part in parts for size in _sizes_of_made(part)}
    found: dict[str, int] = {}
    called = [a.arg for a in (*node.args.posonlyargs, *node.args.args) if SHAPE.search(a.arg)]
    for argument in (name for name in called if name not in single_numbers(node, "int")):
        spellings = {argument, *kept.get(argument, ())}
        if spellings & sizes:
            continue
        lengths = [1]
        for part in parts:
            if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Tuple):
                is_whole = ast.unparse(part.value) in spellings
                lengths += [len(part.targets[0].elts)] if is_whole else []
            elif isinstance(part, ast.Subscript) and ast.unparse(part.value) in spellings:
                lengths.append(_length(part.slice))
        found[argument] = max(lengths)
    return found


MAKERS = re.compile(r"^(?:randn?|zeros|ones|empty|full|normal|uniform|standard_normal)$")
"""What makes an array of several sizes"""


def _sizes_of_made(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the sizes that an array is made with, where these are more than one: `randn(n_out, n_in)`."""
    if not isinstance(node, ast.Call) or not MAKERS.search(root_word(node.func)):
        return
    groups = [node.args] if root_word(node.func).startswith("rand") else []
    groups += [value.elts for value in (*node.args, *(k.value for k in node.keywords)) if isinstance(value, ast.Tuple)]
    for group in groups:
        yield from group if len(group) > 1 else ()


def _length(index: ast.expr) -> int:
    """Return how many sizes there are at least where one is asked for: 2 for `shape[1]` and for `shape[-1]`."""
    try:
        place = ast.literal_eval(index)
    except ValueError:
        return 1
    return (place + 1 if place >= 0 else max(2, -place)) if isinstance(place, int) else 1


def choices(
    node: ast.FunctionDef,
    kept: Mapping[str, Sequence[str]],
    others: Iterable[ast.FunctionDef],
    names: Mapping[str, Any],
) -> dict[str, str]:
    """Return a text for each argument that is one of several words: it is compared with them, or is a key of theirs."""
    parts = [part for other in (node, *others) for part in walk(other)]
    found: dict[str, str] = {}
    for argument in (a.arg for a in (*node.args.posonlyargs, *node.args.args)):
        spellings = {argument, *kept.get(argument, ())}
        words = [word for part in parts for word in _words(part, spellings, names)]
        if words:
            found[argument] = next((word for word in words if word not in ("linear", "none", "identity")), words[0])
    return found


def _words(part: ast.AST, spellings: set[str], names: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(part, ast.Compare) and _plain(part.left) in spellings:
        for other in part.comparators:
            inner = other.elts if isinstance(other, ast.Tuple | ast.List | ast.Set) else [other]
            yield from (n.value for n in inner if isinstance(n, ast.Constant) and isinstance(n.value, str))
    holder, key = None, None
    if isinstance(part, ast.Subscript):
        holder, key = part.value, part.slice
    elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == "get" and part.args:
        holder, key = part.func.value, part.args[0]
    if key is not None and _plain(key) in spellings:
        if isinstance(holder, ast.Dict):
            yield from (n.value for n in holder.keys if isinstance(n, ast.Constant) and isinstance(n.value, str))
        held = names.get(holder.id) if isinstance(holder, ast.Name) else None
        yield from (word for word in held if isinstance(word, str)) if isinstance(held, dict) else ()


def _plain(node: ast.expr) -> str:
    """Return how something is spelled, without `.lower()`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("lower", "strip"):
        node = node.func.value
    return ast.unparse(node)


def _own_calls(node: ast.AST) -> Iterator[str]:
    for call in (n for n in walk(node) if isinstance(n, ast.Call)):
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) in ("self", "super()"):
            yield call.func.attr
        elif isinstance(call.func, ast.Name) and call.func.id == "self":
            yield "__call__"


def _attribute(node: ast.AST) -> str:
    own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    return node.attr if own else ""  # pyright: ignore[reportAttributeAccessIssue]


def attributes(node: ast.AST, how: type[ast.expr_context], *, nones: bool = True) -> set[str]:
    """Return the attributes of its own object that a method reads (`ast.Load`) or writes (`ast.Store`).

    Without `nones`, one to which nothing is assigned but None, or what is made of itself, is not written: it has to be
    there before.
    """
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, ast.Assign | ast.AnnAssign) and how is ast.Store and not nones:
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            is_none = isinstance(part.value, ast.Constant) and part.value.value is None
            inner = [n for target in targets for n in walk(target) if not is_none]
            itself = {_attribute(n) for n in walk(part.value)} if part.value else set[str]()
            found |= {_attribute(n) for n in inner if isinstance(getattr(n, "ctx", None), ast.Store)} - itself
        elif isinstance(getattr(part, "ctx", None), how) and (nones or how is ast.Load):
            found.add(_attribute(part))
        elif isinstance(part, ast.AugAssign) and how is ast.Load:  # it is read before it is written
            found.add(_attribute(part.target))
    return found - {""}


def _stored(names: Iterable[str], nodes: Mapping[str, ast.FunctionDef]) -> set[str]:
    """Return the attributes to which something other than None is assigned, and entries of them."""
    found = {word for name in names for word in attributes(nodes[name], ast.Store, nones=False)}
    return found | {entry for name in names for entry in _entries(nodes[name], ast.Store)}


def _loaded(names: Iterable[str], nodes: Mapping[str, ast.FunctionDef], methods: Mapping[str, str]) -> set[str]:
    """Return the attributes that are read, or added to, and the entries of them that are."""
    found = {word for name in names for word in attributes(nodes[name], ast.Load)} - methods.keys()
    return found | {entry for name in names for entry in _entries(nodes[name], ast.Load)}


def _entries(node: ast.AST, how: type[ast.expr_context]) -> Iterator[str]:
    """Yield the entries of attributes that are stored or read under names of their own: `params["W"]`."""
    for part in walk(node):
        match part:
            case ast.Subscript(ast.Attribute(ast.Name("self"), word), ast.Constant(str(key))) if isinstance(
                part.ctx, how
            ):
                yield f"{word}[{key}]"
