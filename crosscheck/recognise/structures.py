"""Lists that go from a forward pass to its backward pass: told by how they are built and taken apart."""

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.leaves import Path
from crosscheck.recognise.uses import uses_of
from crosscheck.source.walking import walked


def by_structure(
    forward: ast.FunctionDef, backward: ast.FunctionDef, spoken: Mapping[Path, frozenset[str]], names: Collection[str]
) -> dict[str, Path]:
    r"""Return the arguments whose entries are taken apart into as many parts as one list of the forward's is made of.

    >>> made = ast.parse("def f(x):\n    io = []\n    io.append((1, 2, 3))\n    return x, io").body[0]
    >>> used = ast.parse("def b(kept, g):\n    for t in range(9):\n        a, b, c = kept[t]").body[0]
    >>> by_structure(made, used, {(0,): frozenset(["x"]), (1,): frozenset(["io"])}, ["kept", "g"])
    {'kept': (1,)}
    """
    built, taken = dict(_built(forward)), dict(_taken_apart(backward))
    found = tuples_kept(forward, backward, names)
    for name in (name for name in names if name not in found):
        fitting = [
            path for path, words in spoken.items() if any(built.get(word) == taken.get(name, 0) for word in words)
        ]
        if len(fitting) == 1 and len(fitting[0]) <= 1:
            found[name] = fitting[0]
    return found


def tuples_kept(forward: ast.FunctionDef, backward: ast.FunctionDef, names: Collection[str]) -> dict[str, Path]:
    r"""Return the arguments that are taken apart into the very names of a tuple that the forward function returns.

    >>> made = ast.parse("def f(x, w):\n    return x @ w, (x, w)").body[0]
    >>> used = ast.parse("def b(d, kept):\n    x, w = kept").body[0]
    >>> tuples_kept(made, used, ["d", "kept"])
    {'kept': (1,)}
    """
    returns = [node.value for node in walked(forward) if isinstance(node, ast.Return)]
    parts = returns[-1].elts if returns and isinstance(returns[-1], ast.Tuple) else []
    whole = (_last_tuple(forward, part.id) if isinstance(part, ast.Name) else part for part in parts)
    held = {_names(value): (place,) for place, value in enumerate(whole)}
    assigned = [n for n in walked(backward) if isinstance(n, ast.Assign) and isinstance(n.value, ast.Name)]
    found = {n.value.id: held.get(_names(n.targets[0])) for n in assigned if _names(n.targets[0])}  # pyright: ignore
    return {name: path for name, path in found.items() if path is not None and name in names}


def _names(node: ast.expr | None) -> tuple[str, ...]:
    """Return the variables that a tuple holds; nothing of anything else."""
    parts = node.elts if isinstance(node, ast.Tuple) else []
    return tuple(part.id for part in parts if isinstance(part, ast.Name)) if len(parts) > 1 else ()


def _built(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield (list, number of parts of its entries) for `io.append((x, h))`, `io[t] = (x, h)`, `io += [(x, h)]`."""
    for inner in walked(node):
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "append":
            holder, entry = inner.func.value, inner.args[0] if inner.args else None
        elif isinstance(inner, ast.Assign) and isinstance(inner.targets[0], ast.Subscript):
            holder, entry = inner.targets[0].value, inner.value
        elif isinstance(inner, ast.AugAssign) and isinstance(inner.value, ast.List) and len(inner.value.elts) == 1:
            holder, entry = inner.target, inner.value.elts[0]
        else:
            continue
        if isinstance(entry, ast.Name):
            entry = _last_tuple(node, entry.id)
        if isinstance(holder, ast.Name) and isinstance(entry, ast.Tuple | ast.List):
            yield holder.id, len(entry.elts)


def _last_tuple(node: ast.AST, name: str) -> ast.expr | None:
    """Return the tuple that a variable is: `cache = (x, h)`."""
    assigned = (n for n in walked(node) if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name))
    return next((n.value for n in assigned if n.targets[0].id == name and isinstance(n.value, ast.Tuple)), None)  # pyright: ignore


def _taken_apart(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield (argument, number of parts) for `x, h, z = kept[t]` and `for x, h, z in reversed(kept)`."""
    for inner in walked(node):
        if isinstance(inner, ast.Assign) and isinstance(inner.value, ast.Subscript):
            target, holder = inner.targets[0], inner.value.value
        elif isinstance(inner, ast.For):
            target, holder = inner.target, inner.iter
            while (
                isinstance(holder, ast.Call) and getattr(holder.func, "id", "") in ("reversed", "list") and holder.args
            ):
                holder = holder.args[0]
            if isinstance(holder, ast.Subscript):  # kept[::-1]
                holder = holder.value
        else:
            continue
        if isinstance(holder, ast.Name) and isinstance(target, ast.Tuple | ast.List):
            yield holder.id, len(target.elts)


def sums_of(node: ast.FunctionDef) -> dict[str, list[str]]:
    r"""Return the arguments that a function does nothing with but add to them, and the keys that it adds to.

    >>> sums_of(ast.parse("def back(d, x, g, db):\n  g['W'] += x.T @ d\n  db += d.sum(0)").body[0])
    {'g': ['W'], 'db': []}
    """
    targets = [n.target for n in walked(node) if isinstance(n, ast.AugAssign) and isinstance(n.op, ast.Add)]
    parts = [(t.value, t.slice) if isinstance(t, ast.Subscript) else (t, None) for t in targets]
    added = [(n.id, key) for n, key in parts if isinstance(n, ast.Name)]
    uses = Counter(n.id for n in walked(node) if isinstance(n, ast.Name))
    counts = Counter(name for name, _ in added)
    given = [a.arg for a in node.args.args if counts[a.arg] and counts[a.arg] == uses[a.arg]]
    return {
        name: [k.value for n, k in added if n == name and isinstance(k, ast.Constant) and isinstance(k.value, str)]
        for name in given
    }


def empty_sums(sums: Mapping[str, list[str]], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what arguments begin with that gradients are added to: numbers in dictionaries, which become arrays."""
    found: dict[str, Any] = {name: dict.fromkeys(keys, 0.0) for name, keys in sums.items() if keys}
    for name in (name for name, keys in sums.items() if not keys):
        known = next((given[word] for word in naming.cores(name) if word in given), None)
        found |= {name: np.zeros(np.shape(known))} if isinstance(known, np.ndarray) else {}
    return found


def unread(node: ast.FunctionDef) -> set[str]:
    """Return the arguments that a function does nothing with."""
    read = {n.id for n in walked(node) if isinstance(n, ast.Name)}
    return {argument.arg for argument in node.args.args} - read


def goes_through(node: ast.FunctionDef) -> set[str]:
    """Return the names that a function goes through entry by entry: `err[t]`, and nothing of arrays."""
    uses = uses_of(node)
    indexed = {name for name, rank in uses.least.items() if rank == 1} | uses.iterated
    return indexed - uses.arrays - uses.ranks.keys()


def is_of_arrays(value: Any) -> bool:
    """Tell whether a value is a list, or a dictionary by steps, of arrays."""
    if isinstance(value, dict):
        return bool(value) and all(isinstance(key, int) for key in value) and all(map(_is_array, value.values()))
    return isinstance(value, list) and bool(value) and all(map(_is_array, value))


def shapes_of(value: Any) -> dict[Any, tuple[int, ...]] | None:
    """Return the shapes of the arrays in a list or dictionary of arrays, by their places; None for anything else."""
    if not is_of_arrays(value):
        return None
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    return {step: item.shape for step, item in pairs}


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def drawn_like(value: Any, random: np.random.Generator) -> Any:
    """Return random numbers in the shape of an output: a number, an array, or a list or dictionary of arrays."""
    if isinstance(value, dict):
        return {key: random.normal(size=item.shape) for key, item in value.items()}
    if isinstance(value, list):
        return [random.normal(size=item.shape) for item in value]
    if hasattr(value, "like"):  # a stand-in that has no numbers
        return value.like()
    drawn = random.normal(size=np.shape(value))
    return drawn if np.ndim(value) else float(drawn)


def flattened(node: ast.AST) -> set[str]:
    r"""Return what becomes a single row, with which entries of something else are looked up.

    >>> code = "t = y.reshape(-1)\nz = h.ravel()\np[range(len(t)), t] -= 1\nq[rows, u.flatten()] = 1"
    >>> sorted(flattened(ast.parse(code)))
    ['u', 'y']
    """
    rows: dict[str, str] = {}
    for part in walked(node):
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
            rows |= dict.fromkeys([part.targets[0].id], source) if (source := _flattened(part.value)) else {}
    places = [inner for part in walked(node) if isinstance(part, ast.Subscript) for inner in walked(part.slice)]
    named = {rows[part.id] for part in places if isinstance(part, ast.Name) and part.id in rows}
    return named | {source for part in places if (source := _flattened(part))}


def _flattened(node: ast.AST) -> str:
    """Return the name of what a call makes a single row of; '' of other code."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="ravel" | "flatten")):
            return name
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="reshape"), args=[size]):
            return name if ast.unparse(size) in ("-1", "(-1,)") else ""
        case _:
            return ""
