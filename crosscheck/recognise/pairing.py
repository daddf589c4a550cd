"""Which variable holds the gradient of which, as the file's updates tell: `W -= lr * g`, `zip(weights, slopes)`."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping

from crosscheck.recognise import naming
from crosscheck.recognise.moved_by_calls import pairs_by_calls
from crosscheck.recognise.moving import scattered_step
from crosscheck.recognise.naming import CONTAINER
from crosscheck.recognise.shown_steps import Shown
from crosscheck.recognise.statements import assigned_in, root_variable, root_word
from crosscheck.source.walking import kept, walked

DECAY = re.compile(r"^mu$|moment|^m$|beta|rho|gamma|decay|inertia|damp|alpha", re.IGNORECASE)
"""What a velocity is multiplied by"""


@kept
def update_pairs(tree: ast.AST) -> frozenset[tuple[str, str]]:
    """Return (parameter, variable of its update) for all that updates in loops and single statements show.

    What a straight script computes for an array is its update as well, be it taken or only shown.
    """
    lists = {root_word(node.targets[0]): node.value for node in walked(tree) if isinstance(node, ast.Assign)}
    copies, sums, written_back = copies_in(tree), set(sums_in(tree)), written_back_in(tree)
    found: set[tuple[str, str]] = set()
    for node in walked(tree):
        if isinstance(node, ast.For):
            found |= set(_in_loop(node, lists)) | getattr(node, "shown", Shown()).pairs
        elif isinstance(node, ast.Dict):
            found |= set(_in_dict(node))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.ListComp):
            found |= set(_in_comprehension(node.targets[0], node.value))
        elif (
            isinstance(node, ast.AugAssign)
            and isinstance(node.op, ast.Sub | ast.Add)
            and not _is_gradient(node.target)
            and not (isinstance(node.op, ast.Add) and _is_of_gradients(node.target))
            and not (isinstance(node.target, ast.Subscript) and root_variable(node.target) in sums)
        ):
            moved = {root_word(node.target), entry_word(node.target) or root_word(node.target)}
            found |= {(name, word) for word in _arrays(node.value, node.target) for name in moved}
        elif isinstance(node, ast.Call) and (scattered := scattered_step(node)) is not None:
            target, value = scattered
            found |= {(root_word(target), word) for word in _arrays(value)} if not _is_gradient(target) else set()
        for target, value in assigned_in(node):
            if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub | ast.Add) and not _is_gradient(target):
                found |= set(_in_assignment(target, value, copies, written_back))
    found |= set(pairs_by_calls(tree))
    # A velocity stands between: `v = 0.9 * v - rate * g` and `W += v`.
    summed = added_up_in(tree)
    steps = {(between, word) for between, word in found if between not in summed}
    found |= {(parameter, word) for parameter, between in found for other, word in steps if between == other}
    found |= set(_by_way_of(tree, found))
    return frozenset((parameter, word) for parameter, word in found if parameter and word and parameter != word)


def followers(tree: ast.AST, moved: Collection[str]) -> Iterator[str]:
    """Yield what follows something that is moved, as a running mean of it, and has no gradient: a teacher.

    >>> said = "t[k] = 0.9 * t[k] + 0.1 * w[k]; s = b * s + (1 - b) * w; u += 0.1 * (w - u); m = b * m + (1 - b) * g"
    >>> list(followers(ast.parse(said), {"w", "g", "t", "s", "u", "m"}))
    ['t', 's', 'u']
    """
    for node in walked(tree):
        match node:
            case ast.Assign(targets=[own], value=ast.BinOp(op=ast.Add(), left=one, right=other)):
                pairs = [_share_of(own, one, other), _share_of(own, other, one)]
            case ast.AugAssign(target=own, op=ast.Add(), value=ast.BinOp(op=ast.Mult(), left=one, right=other)):
                pairs = [side.left for side in (one, other) if _is_way_to(own, side)]  # pyright: ignore[reportAttributeAccessIssue]
            case _:
                continue
        words = {root_word(other) for other in pairs if other is not None}
        if any(word in moved and not naming.is_gradient_argument(word) for word in words):
            yield root_word(own)


def _share_of(own: ast.expr, kept: ast.expr, added: ast.expr) -> ast.expr | None:
    """Return what takes the rest of the share that something keeps of itself: `b` of `a = 0.9 * a + 0.1 * b`."""
    if not all(isinstance(side, ast.BinOp) and isinstance(side.op, ast.Mult) for side in (kept, added)):
        return None
    for share, same in _sides(kept):
        for rest, other in _sides(added) if ast.unparse(same) == ast.unparse(own) else ():
            texts = ast.unparse(share), ast.unparse(rest)
            numbers = [one.value for one in (share, rest) if isinstance(one, ast.Constant)]
            is_rest = len(numbers) == 2 and all(isinstance(n, float | int) for n in numbers)
            is_rest = is_rest and abs(sum(numbers) - 1) < 1e-9  # pyright: ignore[reportArgumentType, reportCallIssue]
            if is_rest or f"1 - {texts[0]}" == texts[1] or f"1 - {texts[1]}" == texts[0]:
                return other
    return None


def _sides(product: ast.expr) -> tuple[tuple[ast.expr, ast.expr], tuple[ast.expr, ast.expr]]:
    assert isinstance(product, ast.BinOp)
    return (product.left, product.right), (product.right, product.left)


def _is_way_to(own: ast.expr, side: ast.expr) -> bool:
    is_difference = isinstance(side, ast.BinOp) and isinstance(side.op, ast.Sub)
    return is_difference and ast.unparse(side.right) == ast.unparse(own)  # pyright: ignore[reportAttributeAccessIssue]


def _by_way_of(tree: ast.AST, found: Collection[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield what is moved by something that is made of what is plainly called its gradient, whatever else is in that.

    >>> _pairs = ("c", "v"), ("x", "u")
    >>> list(_by_way_of(ast.parse("v = mu * u.mean() - rate * gc; u = mu * u - rate * gx.sum()"), _pairs))
    [('c', 'gc'), ('x', 'gx')]
    """
    made: dict[str, set[str]] = {}
    for node in walked(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and len(node.targets) == 1:
            words = {root_word(part) for part in walked(node.value) if isinstance(part, ast.Name | ast.Attribute)}
            made.setdefault(root_word(node.targets[0]), set()).update(filter(naming.looks_like_gradient, words))
    for parameter, between in found:
        yield from ((parameter, word) for word in made.get(between, ()) if naming.is_gradient_of(word, parameter) >= 2)


def entry_word(target: ast.expr) -> str:
    """Return where an entry of a list is that has a number of its own, in its object; nothing of any other place.

    >>> [entry_word(ast.parse(text, mode="eval").body) for text in ("self.far.b[2]", "b[-1]", "b[k]", "self.b")]
    ['far.b[2]', '', '', '']
    """
    match target:
        case ast.Subscript(slice=ast.Constant(value=int())):
            return ast.unparse(target).removeprefix("self.")
    return ""


def _in_assignment(
    moved: ast.expr, value: ast.BinOp, copies: Mapping[str, set[str]], written_back: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Read `w = w - rate * g` and `w = rate * g + w`, or the same by way of another name."""
    target = written_back.get(root_word(moved), root_word(moved))
    left, others = first_term(value)
    if isinstance(value.op, ast.Add) and root_word(value.right) == target:  # rate * g + w
        left, others = value.right, [value.left]
    if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult):  # 0.9 * v - rate * g, not f * c + i * g
        before, factor = (left.right, left.left) if root_word(left.right) == target else (left.left, left.right)
        is_share = isinstance(factor, ast.Constant) or DECAY.search(root_word(factor)) or _is_left_of_one(factor)
        left = before if is_share else left
    if root_word(left) == target or (isinstance(left, ast.Name) and target in copies.get(left.id, ())):
        yield from ((target, word) for other in others for word in _arrays(other, moved))


def _is_left_of_one(factor: ast.expr) -> bool:
    """Read what decay leaves of a parameter: `(1 - rate * decay) * w - rate * g`."""
    if not isinstance(factor, ast.BinOp) or not isinstance(factor.op, ast.Sub):
        return False
    return isinstance(factor.left, ast.Constant) and factor.left.value == 1


def written_back_in(tree: ast.AST) -> dict[str, str]:
    r"""Return what holds the moved value of something else until that takes it: `w_new = w - g`, then `w = w_new`.

    >>> written_back_in(ast.parse("w_new = w - rate * g\na, b = c, d\nself.V = V"))
    {}
    >>> written_back_in(ast.parse("w_new, v_new = w - g, v - h\nw, v = w_new, v_new"))
    {'w_new': 'w', 'v_new': 'v'}
    >>> written_back_in(ast.parse("new = P[i][k] + rate * e * Q[k]\nP[i][k] = new"))
    {'new': 'P'}
    """
    begins = set()
    found: dict[str, str] = {}
    for node in walked(tree):
        for target, value in assigned_in(node):
            if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub | ast.Add):
                begins.add((root_word(target), root_word(first_term(value)[0])))
            elif isinstance(value, ast.Name) and isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
                found[value.id] = root_word(target)
    return {between: moved for between, moved in found.items() if (between, moved) in begins and between != moved}


def sums_in(tree: ast.AST) -> Iterator[str]:
    """Yield the names of containers that begin with zeros in the shapes of others: what is added up in them is none.

    >>> list(sums_in(ast.parse("g = {k: np.zeros_like(w) for k, w in p.items()}; d = Weights(np.zeros_like(a.W))")))
    ['g', 'd']
    """
    for node in walked(tree):
        value = node.value if isinstance(node, ast.Assign) else None
        parts = value.args if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ()
        is_record = bool(parts) and all(isinstance(part, ast.Call) and _is_zero(part) for part in parts)
        if is_record or isinstance(value, ast.Dict | ast.DictComp | ast.List | ast.ListComp):
            calls = (part.func for part in walked(value) if isinstance(part, ast.Call))  # pyright: ignore
            if any(root_word(call) == "zeros_like" for call in calls):
                yield from (target.id for target in node.targets if isinstance(target, ast.Name))  # pyright: ignore


def added_up_in(tree: ast.AST) -> set[str]:
    r"""Return what each turn of a loop sets to zeros and adds up in an inner loop: sums, and no velocities.

    >>> turn = "for x in xs:\n    dv = np.zeros(5)\n    for n in rows:\n        dv += s * C[n]\n    W[x] -= 0.1 * dv"
    >>> added_up_in(ast.parse(turn))
    {'dv'}
    """
    found: set[str] = set()
    for node in walked(tree):
        body = node.body if isinstance(node, ast.For | ast.While) else []
        zeroed = {root_word(one.targets[0]) for one in body if isinstance(one, ast.Assign) and _is_zero(one.value)}
        inner = [part for one in body if isinstance(one, ast.For) for part in walked(one)]
        found |= zeroed & {root_word(part.target) for part in inner if isinstance(part, ast.AugAssign)}
    return found


def _is_zero(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return root_word(value.func) in ("zeros", "zeros_like")
    return isinstance(value, ast.Constant) and value.value == 0


def _in_dict(node: ast.Dict) -> Iterator[tuple[str, str]]:
    """Read `{"W": parameters["W"] - rate * grads["dW"]}`."""
    for key, value in zip(node.keys, node.values, strict=True):
        name = key.value if isinstance(key, ast.Constant) else None
        is_step = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub | ast.Add)
        if isinstance(name, str) and is_step and root_word(value.left) == name:  # pyright: ignore[reportAttributeAccessIssue]
            yield from ((name, word) for word in _arrays(value.right))  # pyright: ignore[reportAttributeAccessIssue]


def copies_in(tree: ast.AST) -> dict[str, set[str]]:
    """Return the names of rows that are taken out of arrays, with the arrays: `pu = p[u].copy()`."""
    found: dict[str, set[str]] = {}
    for node in walked(tree):
        for target, value in assigned_in(node):
            if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "copy":
                value = value.func.value
            if isinstance(target, ast.Name) and isinstance(value, ast.Subscript):
                found.setdefault(target.id, set()).add(root_word(value))
    return found


def gone_over(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what loops call the parts of something, and the whole: `for i, row in enumerate(self.W)`."""
    for node in walked(tree):
        if isinstance(node, ast.For):
            values, target = [node.iter], node.target
            while isinstance(values[0], ast.Call) and root_word(values[0].func) in ("enumerate", "reversed", "zip"):
                is_counted = root_word(values[0].func) == "enumerate" and isinstance(target, ast.Tuple)
                target = target.elts[-1] if is_counted else target  # pyright: ignore[reportAttributeAccessIssue]
                values = values[0].args or [ast.Constant(None)]
            targets = target.elts if isinstance(target, ast.Tuple) else [target]
            yield from ((root_word(part), root_word(whole)) for part, whole in zip(targets, values, strict=False))


def first_term(value: ast.BinOp) -> tuple[ast.expr, list[ast.expr]]:
    """Return what a sum begins with, and the other terms: `w + rate * g + inertia * v` moves w by both."""
    others = [value.right]
    left = value.left
    while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add | ast.Sub):
        others.append(left.right)
        left = left.left
    return left, others


def _is_gradient(target: ast.expr) -> bool:
    """Tell whether a target is an entry of a container of gradients, which is added up and not moved."""
    is_entry = isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name | ast.Attribute)
    return is_entry and bool(CONTAINER.search(root_word(target.value)))  # pyright: ignore[reportAttributeAccessIssue]


GRADIENTS = re.compile(r"^(?:g|gs|grads?|gradients?|derivs?)$", re.IGNORECASE)


def _is_of_gradients(target: ast.expr) -> bool:
    """Tell whether something is an attribute of what holds gradients: `g.bh += dz` moves no `bh`."""
    is_attribute = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
    return is_attribute and bool(GRADIENTS.match(root_word(target.value)))  # pyright: ignore[reportAttributeAccessIssue]


def _in_loop(loop: ast.For, lists: Mapping[str, ast.expr]) -> Iterator[tuple[str, str]]:
    target, rows = loop.target, loop.iter
    if isinstance(rows, ast.Call) and getattr(rows.func, "id", "") == "enumerate" and isinstance(target, ast.Tuple):
        target, rows = target.elts[-1], rows.args[0]
    if not isinstance(target, ast.Tuple):
        return
    names = [root_word(item) for item in target.elts]
    moved = [root_word(s.target) for s in walked(loop) if isinstance(s, ast.AugAssign)]
    moved += [root_word(s.targets[0]) for s in walked(loop) if isinstance(s, ast.Assign)]
    columns = _columns(rows, lists)
    if len(columns) != len(names):
        return
    whole = [root_word(argument) for argument in getattr(rows, "args", [])]
    for place, name in enumerate(names):  # the lists as such: entry by entry
        if name in moved and len(whole) == len(names):
            yield from ((whole[place], other) for other in whole if other != whole[place])
    for place, name in enumerate(names):
        if name in moved:
            for other, column in enumerate(columns):
                if other != place and column:
                    yield from zip(columns[place], column, strict=False)
                elif other != place and other < len(whole):  # the entries of a list that a function returned
                    yield from ((word, f"{whole[other]}[{n}]") for n, word in enumerate(columns[place]))


def _in_comprehension(target: ast.expr, value: ast.ListComp) -> Iterator[tuple[str, str]]:
    """Read `weights = [w - eta * g for w, g in zip(weights, gradients)]`."""
    rows = value.generators[0].iter
    if isinstance(rows, ast.Call) and getattr(rows.func, "id", "") in ("zip", "izip"):
        whole = [root_word(argument) for argument in rows.args]
        if root_word(target) in whole:
            yield from ((root_word(target), other) for other in whole if other != root_word(target))


def _columns(rows: ast.expr, lists: Mapping[str, ast.expr]) -> list[list[str]]:
    """Return the names that each variable of a loop runs through."""
    if isinstance(rows, ast.Name):
        rows = lists.get(rows.id, rows)
    if isinstance(rows, ast.Call) and getattr(rows.func, "id", "") in ("zip", "izip"):
        return [_words(argument, lists) for argument in rows.args]
    if isinstance(rows, ast.Tuple | ast.List) and all(isinstance(row, ast.Tuple | ast.List) for row in rows.elts):
        table = [[root_word(item) for item in row.elts] for row in rows.elts]  # pyright: ignore[reportAttributeAccessIssue]
        return [list(column) for column in zip(*table, strict=False)]
    return []


def _words(sequence: ast.expr, lists: Mapping[str, ast.expr]) -> list[str]:
    if isinstance(sequence, ast.Name | ast.Attribute):
        sequence = lists.get(root_word(sequence), sequence)
    if isinstance(sequence, ast.Tuple | ast.List):
        return [root_word(item) for item in sequence.elts]
    return []


def _arrays(value: ast.expr, moved: ast.expr | None = None) -> set[str]:
    """Return the words in an update that may be the gradient: none that it is divided by, none that are called.

    Of what moves a whole by a row or an entry of it, `unit.w -= rate * slopes[:, j]`, the word is of that part alone.
    """
    takes_parts = isinstance(moved, ast.Name | ast.Attribute)
    found: set[str] = set()
    waiting: list[ast.AST] = [value]
    while waiting:
        node = waiting.pop()
        if takes_parts and isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
            found.add(f"{root_word(node)}[{ast.unparse(node.slice)}]")
        elif isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            found.add(root_word(node))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Pow):
            waiting.append(node.left)
        elif isinstance(node, ast.Call):
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            waiting += [*node.args, *([] if owner is None or _is_library(owner) else [owner])]
        else:
            waiting += ast.iter_child_nodes(node)
    return found


def _is_library(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "math")


def unpacked_names(tree: ast.AST, function: str) -> dict[tuple[int, ...], set[str]]:
    """Return the names that callers give to what a function returns, by position."""
    found: dict[tuple[int, ...], set[str]] = {}
    for node in walked(tree):
        values = [node.value] if isinstance(node, ast.Assign) else []
        values = [values[0].body, values[0].orelse] if values and isinstance(values[0], ast.IfExp) else values
        if not any(isinstance(value, ast.Call) and root_word(value.func) == function for value in values):
            continue
        for target in getattr(node, "targets", ()):
            if isinstance(target, ast.Tuple | ast.List):
                for place, item in enumerate(target.elts):
                    if isinstance(item, ast.Tuple | ast.List):
                        for inner, part in enumerate(item.elts):
                            found.setdefault((place, inner), set()).add(root_word(part))
                    else:
                        found.setdefault((place,), set()).add(root_word(item))
            else:
                found.setdefault((), set()).add(root_word(target))
    return found


def returns_gradients(tree: ast.AST, node: ast.FunctionDef) -> bool:
    r"""Tell whether those who call a function call something that it returns beside other results a gradient.

    >>> module = ast.parse("def f(p, y): return (p - y) @ (p - y), 2 * (p - y)\nloss, grad = f(p, y)")
    >>> returns_gradients(module, module.body[0])
    True
    """
    unpacked = unpacked_names(tree, node.name)
    return any(naming.BEGINS_LIKE_GRADIENT.match(word) for path, words in unpacked.items() if path for word in words)


def handed_on(tree: ast.AST, function: str) -> set[str]:
    """Return the names that callers give to what a function returns and hand it the next time: states, no gradients.

    >>> handed_on(ast.parse("loss, g_h, dW = f(x, g_h)"), "f")
    {'g_h'}
    """
    found: set[str] = set()
    for node in walked(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and root_word(node.value.func) == function:
            call = node.value
            handed = {root_word(part) for part in (*call.args, *(keyword.value for keyword in call.keywords))}
            stored = (part for target in node.targets for part in walked(target))
            found |= handed & {root_word(part) for part in stored if isinstance(part, ast.Name | ast.Attribute)}
    return found
