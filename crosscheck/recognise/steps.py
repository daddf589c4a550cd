"""Calls of which only the step is seen: what they take away from their parameters stands for the gradient.

`W += rate * x.T.dot(delta)` keeps its gradient nowhere. The step is its gradient times the rate, which must be a number
that the program calls a rate, or writes into its updates.
"""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.averages import places_of_squares, running_means
from crosscheck.recognise.defaults import defaults_of
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.loss_forms import start_of
from crosscheck.recognise.matching import is_state
from crosscheck.recognise.moving import plainly_moved, scattered_step
from crosscheck.recognise.pairing import copies_in, gone_over, update_pairs
from crosscheck.recognise.places import LOCAL, STEP_OF, Place
from crosscheck.recognise.replay import Replay, Result, StandIns
from crosscheck.recognise.roles import Roles, filled, own
from crosscheck.recognise.seeing import joined
from crosscheck.recognise.siblings import DRAWS
from crosscheck.recognise.statements import assigned_in, goes_back_in_time, root_variable, root_word
from crosscheck.source.walking import walked

BEGINNING = naming.re.compile(r"^(?:random|randn?|uniform|normal|standard_normal|zeros|ones|empty|full|eye|identity)$")
"""What makes the first values of parameters: `np.ones((8, 3)) / 3` has no rate"""
LARGEST = 10.0


class Stepping(Replay):
    """A call whose results hold the steps of some parameters."""

    def __init__(self, inner: Replay, moved: Mapping[str, Leaf], own: Mapping[str, float] | None = None) -> None:
        self.inner, self.moved = inner, moved
        self.own = own or {}
        """The rates of parameters that have one each: their steps are divided by it"""
        self.world, self.entry, self.name = inner.world, inner.entry, inner.name
        self.names, self.zeroed = inner.names, inner.zeroed

    def loop_variables(self) -> frozenset[str]:
        """Return those of the call itself."""
        return self.inner.loop_variables()

    def roots(self) -> dict[str, Any]:
        """Return what the inner call starts from."""
        return self.inner.roots()

    def rebuilt(self, tree: ast.Module) -> "Stepping":
        """Return the same call in an edited module."""
        return Stepping(self.inner.rebuilt(tree), self.moved, self.own)

    def run(self, replaced: Mapping[int, Any], replaced_modules: StandIns = ()) -> Result:
        """Make the call. Raises what it raises."""
        self.inner.zeroed = self.zeroed
        before = before_steps(self.moved, replaced)
        result = self.inner.run(replaced, replaced_modules)
        steps = {
            step_of(name): stepped(leaf, before, result) / self.own.get(name, 1.0) for name, leaf in self.moved.items()
        }
        steps |= {start_of(name): before[id(leaf.value)] for name, leaf in self.moved.items()}
        return result._replace(variables=joined(steps, result.variables))


def before_steps(moved: Mapping[str, Leaf], replaced: Mapping[int, Any]) -> dict[int, Any]:
    """Return copies of what a call is handed in place of some arrays: it may change them where they are."""
    given = {id(leaf.value): replaced.get(id(leaf.value), leaf.value) for leaf in moved.values()}
    return {i: np.array(v).view(type(v)) if isinstance(v, np.ndarray) else np.array(v) for i, v in given.items()}


def stepped(leaf: Leaf, before: Mapping[int, Any], after: Result) -> Any:
    """Return what a call took away from an array: `before` holds what it was handed."""
    return before[id(leaf.value)] - after.left_at(leaf.path)


def step_of(name: str) -> str:
    """Return under which name a step is found."""
    return f"{STEP_OF}{name}"


def moved_by(tree: ast.AST, roles: Roles) -> dict[str, Leaf]:
    """Return the arrays that a call changed and that the file plainly updates."""
    names = {*plainly_moved(tree), *(parameter for parameter, _ in update_pairs(tree))}
    names |= {whole for part, whole in gone_over(tree) if part in names}
    names -= {*running_means(tree), *emptied(tree), ""}
    squares = places_of_squares(tree)
    by_name = any(isinstance(n, ast.Call) and root_word(n.func) == "setattr" for n in walked(tree))
    return {
        name: leaf
        for name, leaf in roles.active.items()
        if name in roles.updated
        and name not in squares
        and not (leaf.value.size == 1 and naming.LOSS.search(leaf.name))
        and (leaf.name in names or _holder(leaf) in names or (by_name and not is_state(leaf)))
    }


def emptied(tree: ast.AST) -> Iterator[str]:
    """Yield what is multiplied by zero once it was used, as sums of gradients are: `dW *= 0`."""
    for part in walked(tree):
        match part:
            case ast.AugAssign(target=target, op=ast.Mult(), value=ast.Constant(value=0)):
                yield root_word(target)
            case _:
                continue


def _holder(leaf: Leaf) -> str:
    """Return what the dictionary is called that an array lies in: `p` of `self.p["W"]`; nothing if it lies in none."""
    *_, holder, last = ("", *leaf.path)
    is_entry = len(leaf.path) > 1 and isinstance(last, str) and not last.startswith(".")
    return str(holder).lstrip(".") if is_entry else ""


def remembered_by(tree: ast.AST, roles: Roles, moved: Mapping[str, Leaf]) -> list[Leaf]:
    """Return what updates of some arrays are made of beside their gradients: the steps before, which the call changes.

    Where these are zero a step is the gradient's alone.
    """
    pairs = update_pairs(tree)
    shapes = {
        leaf.name: {other.value.shape for other in moved.values() if other.name == leaf.name} for leaf in moved.values()
    }
    return [
        leaf
        for name, leaf in roles.active.items()
        if name in roles.updated - moved.keys()
        and any((other, leaf.name) in pairs and leaf.value.shape in known for other, known in shapes.items())
    ]


def are_filled(replay: Replay, roles: Roles, names: Sequence[str]) -> set[str]:
    """Return which arrays a call only writes into, as into the activations of its layers: it moves none of them.

    What it leaves there is the same whatever was there before. Raises what the call raises.
    """
    start = {id(leaf.value): filled(leaf.value, place) for place, leaf in enumerate(roles.active.values())}
    found = set()
    for name in names:
        leaf, ends = roles.active[name], []
        for seed in (0, 1):
            before = filled(leaf.value, 700 + seed)
            result = replay.run(own({**start, id(leaf.value): before}))
            after = np.asarray(result.left_at(leaf.path))
            ends.append((before, after))
        (one, first), (two, second) = ends
        if first.shape == second.shape == one.shape and np.all((first == second) | ((first == one) & (second == two))):
            found.add(name)
    return found


def moves_often(tree: ast.AST, node: ast.AST, moved: Mapping[str, Leaf]) -> bool:
    """Tell whether a turn may take many steps: loops inside of it update, themselves or by what they call.

    Or whether it takes a part of one: steps of one entry after the other are those of no loss together.
    """
    if goes_by_coordinates(node):
        return True
    names = {name for leaf in moved.values() for name in (leaf.name, _holder(leaf)) if name}
    updating = {
        function.name
        for function in walked(tree)
        if isinstance(function, ast.FunctionDef) and any(name in names for name, _ in updates_of(function))
    }
    for loop in walked(node):
        if isinstance(loop, ast.For | ast.While) and loop is not node and not goes_back_in_time(loop):
            calls = {root_word(n.func) for n in walked(loop) if isinstance(n, ast.Call)}
            if calls & updating or _moves_in_each_turn(loop, names) or goes_by_coordinates(loop):
                return True
    return False


def goes_by_coordinates(loop: ast.AST) -> bool:
    """Tell whether each turn computes a gradient, and moves one entry alone by it: the steps of others are none.

    >>> goes_by_coordinates(ast.parse("for j in range(n): g = x.T @ (x @ w - y); w[j] -= rate * g[j]").body[0])
    True
    >>> goes_by_coordinates(ast.parse("for j in range(n): e = x[j] * (x @ w - y)[j]; w[j] -= rate * e").body[0])
    False
    """
    if not isinstance(loop, ast.For):
        return False
    counters = {part.id for part in walked(loop.target) if isinstance(part, ast.Name)}
    computed = {part.id for part in walked(loop) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    for part in (part for part in walked(loop) if isinstance(part, ast.Assign | ast.AugAssign)):
        targets = part.targets if isinstance(part, ast.Assign) else [part.target]
        places = {ast.unparse(one.slice) for one in targets if isinstance(one, ast.Subscript)}
        entries = (one for one in walked(part.value) if isinstance(one, ast.Subscript))
        taken = {ast.unparse(one.slice) for one in entries if root_word(one) in computed}
        if any(counters & set(naming.re.findall(r"\w+", place)) for place in places & taken):
            return True
    return False


def _moves_in_each_turn(loop: ast.For | ast.While, names: Collection[str]) -> bool:
    r"""Tell whether each turn of a loop moves what the turn before moved, and goes by it: `p[i] += rate * e * q[j]`.

    A sum of the steps of all examples goes by errors that were computed before: `w += rate * errors[k] * x[k]`.

    >>> code = "for j in items:\n  e = r[i, j] - p[i] @ q[j]\n  p[i] += e * q[j]"
    >>> _moves_in_each_turn(ast.parse(code).body[0], ["p", "q"])
    True
    >>> _moves_in_each_turn(ast.parse(code.replace("p[i] +=", "q[j] +=")).body[0], ["q"])
    False
    >>> both = ast.parse("for i, j in pairs: e = p[i] @ q[j]; p[i] += e * q[j]; q[j] += e * p[i]").body[0]
    >>> _moves_in_each_turn(both, ["p", "q"])
    True
    """
    turning = _turning_in(loop) - _repeated_in(loop, names)
    for statement, target in _written_in(loop.body):
        word, inside = root_word(target), {n.id for n in walked(target) if isinstance(n, ast.Name)}
        if word not in names or (inside - {word}) & turning:
            continue
        own = set(map(id, walked(statement)))
        read = (n for part in loop.body for n in walked(part) if isinstance(n, ast.Name | ast.Attribute))
        if any(_word(n) == word and id(n) not in own for n in read):
            return True
    return False


def _repeated_in(loop: ast.For | ast.While, names: Collection[str]) -> set[str]:
    """Return the names that may stand for the same thing in several turns: the parts of examples in a list of them.

    Where one thing alone is moved, by one of them, the list may hold each but once: the words of one context.
    """
    moved = {ast.unparse(target) for _, target in _written_in(loop.body) if root_word(target) in names}
    if len(moved) < 2 or not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Tuple):
        return set()
    return _names_in(loop.target) if isinstance(loop.iter, ast.Name | ast.Attribute | ast.Subscript) else set()


def _written_in(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.stmt, ast.expr]]:
    """Yield the statements that write to something, with each place that they write to."""
    for statement in (part for whole in body for part in walked(whole)):
        if isinstance(statement, ast.AugAssign):
            yield statement, statement.target
        elif isinstance(statement, ast.Assign):
            yield from ((statement, target) for target, _ in assigned_in(statement))


def _turning_in(loop: ast.For | ast.While) -> set[str]:
    """Return the names that stand for something else in each turn of a loop: its own, and what is taken by them."""
    found = _names_in(loop.target) if isinstance(loop, ast.For) else set()
    taken = [(part.target, part.iter) for part in walked(loop) if isinstance(part, ast.For) and part is not loop]
    taken += [pair for part in walked(loop) for pair in assigned_in(part)]
    while more := {n for to, by in taken if _names_in(by) & found for n in _written_names(to)} - found:
        found |= more
    return found


def _written_names(target: ast.expr) -> set[str]:
    """Return the names that stand for something else once something is written there: no index of an entry does."""
    return {root_variable(target)} - {""} if isinstance(target, ast.Subscript) else _names_in(target)


def _names_in(node: ast.AST) -> set[str]:
    return {part.id for part in walked(node) if isinstance(part, ast.Name)}


def _word(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def with_steps(roles: Roles, moved: Mapping[str, Leaf]) -> Roles:
    """Return the roles in which steps stand for gradients."""
    gradients = {name: Place(LOCAL, (step_of(name),), step_of(name)) for name in moved}
    unseen = [n for n, leaf in roles.active.items() if n in roles.updated - moved.keys() and not is_state(leaf)]
    return Roles(None, gradients, dict(moved), {}, unseen, roles.active, roles.updated)


def rates(tree: ast.AST, numbers: Sequence[tuple[str, float]]) -> Iterator[float]:
    """Yield what a step may be multiplied by: numbers called like rates, factors in the updates, at last nothing."""
    found = {value for name, value in numbers if naming.RATE.search(name)}
    found |= set(_handed_rates(tree))
    for _, value in updates_of(tree):
        words = set(_words_outside_indices(value))
        if words & DRAWS:  # what the parameter starts with
            continue
        found |= set(_factors(value))
        found |= {number for name, number in numbers if name in words}
    yield from sorted(rate for rate in found if 0 < rate <= LARGEST and rate != 1.0)
    yield 1.0


def _words_outside_indices(value: ast.expr) -> Iterator[str]:
    """Yield the words of an update, but for those that only say which entry is meant: no factor of a step."""
    if isinstance(value, ast.Name | ast.Attribute):
        yield root_word(value)
    inner = value.value if isinstance(value, ast.Subscript) else None
    for part in ast.iter_child_nodes(value) if inner is None else (inner,):
        yield from _words_outside_indices(part)  # pyright: ignore[reportArgumentType]


def own_rates(tree: ast.AST, numbers: Sequence[tuple[str, float]], moved: Mapping[str, Leaf]) -> dict[str, float]:
    """Return the rate of each parameter, where each has one in its own update and they are not the same."""
    found: dict[str, set[float]] = {}
    tables = dict(_tables_of_numbers(tree))
    for name, value in updates_of(tree):
        words = {root_word(n) for n in walked(value) if isinstance(n, ast.Name | ast.Attribute)}
        is_sum = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub | ast.Add)
        if name not in words and (is_sum or any(map(BEGINNING.match, words))):
            continue  # what it starts with
        rated = {number for word, number in numbers if word in words and word != name}
        rated |= {number for part in walked(value) for number in _entries_of(part, tables)}
        found.setdefault(name, set()).update(rated, _factors(value))
    each = {name: found.get(leaf.name, set()) for name, leaf in moved.items()}
    if any(len(own) != 1 for own in each.values()) or len(set().union(*each.values())) < 2:
        return {}
    own = {name: next(iter(rates_)) for name, rates_ in each.items()}
    return own if all(0 < rate <= LARGEST for rate in own.values()) else {}


def _tables_of_numbers(tree: ast.AST) -> Iterator[tuple[str, list[float]]]:
    """Yield the lists of numbers that are written down: `rates = [1.0, 2.0, 5.0]`."""
    for node in walked(tree):
        for target, value in assigned_in(node):
            entries = value.elts if isinstance(value, ast.List | ast.Tuple) else []
            numbers = [part.value for part in entries if isinstance(part, ast.Constant)]
            is_table = len(numbers) == len(entries) > 1 and all(isinstance(n, int | float) for n in numbers)
            if is_table and isinstance(target, ast.Name):
                yield target.id, [float(number) for number in numbers]  # pyright: ignore[reportArgumentType]


def _entries_of(node: ast.AST, tables: Mapping[str, list[float]]) -> Iterator[float]:
    match node:
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int(place))) if name in tables:
            yield from tables[name][place : place + 1]


def _handed_rates(tree: ast.AST) -> Iterator[float]:
    """Yield the numbers that functions are handed as their rates: `def backward(self, y, lr=0.1)`, `step(lr=0.1)`.

    A call may hand it by its place: `backward(y, 0.1)`.
    """
    places: dict[str, list[list[str]]] = {}
    for node in walked(tree):
        if isinstance(node, ast.FunctionDef):
            given = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
            places.setdefault(node.name, []).append([name for name in given if name != "self"])
    for node in walked(tree):
        if isinstance(node, ast.FunctionDef):
            handed = list(defaults_of(node))
        elif isinstance(node, ast.Call):
            handed = [(keyword.arg or "", keyword.value) for keyword in node.keywords]
            for names in places.get(root_word(node.func), ()):
                handed += zip(names, node.args, strict=False)
        else:
            continue
        for name, value in handed:
            if naming.RATE.search(name) and isinstance(value, ast.Constant) and isinstance(value.value, float | int):
                yield float(value.value)


def _factors(value: ast.expr) -> Iterator[float]:
    """Yield the plain numbers that an update is multiplied by."""
    if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
        yield float(value.value)
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub | ast.Add):
        yield from _factors(value.right)
    elif isinstance(value, ast.BinOp):
        yield from _factors(value.left)
        yield from _factors(value.right) if isinstance(value.op, ast.Mult) else ()
        if isinstance(value.op, ast.Div):
            yield from (1 / divisor for divisor in _factors(value.right) if divisor)
    elif isinstance(value, ast.UnaryOp):
        yield from _factors(value.operand)


def one_after_another(node: ast.AST, name: str, all_moved: Collection[str]) -> bool:
    r"""Tell whether an array is moved by what was computed anew after another was moved: each goes by its own error.

    An error from before, with the other as it is after, is that of no point: `p += e * q` and then `q += e * p`. A sum
    of gradients is added to as well, but it is none of those that are moved by them; nor is an error that is begun with
    zeros only then: `d = [0] * n` and `d[j] += e[i] * q[i][j]`.

    >>> anew = "e = r - p * q\np += e * q\ne = r - p * q\nq += e * p"
    >>> said = [ast.parse(code) for code in (anew, anew.replace("q\ne = r - p * q", "q"))]
    >>> [one_after_another(node, "q", ["p", "q"]) for node in said]
    [True, False]
    """
    moved: set[str] = set()
    known: set[str] = set()
    begun: set[str] = set()
    anew: set[str] = set()
    statements = [part for part in walked(node) if isinstance(part, ast.AugAssign | ast.Assign)]
    for statement in sorted(statements, key=lambda part: part.lineno):
        target = statement.target if isinstance(statement, ast.AugAssign) else statement.targets[0]
        value, word = statement.value, root_word(target)
        read = {root_word(part) for part in walked(value) if isinstance(part, ast.Subscript | ast.Name | ast.Attribute)}
        if word == name and read & anew:
            return True
        if word in all_moved and (isinstance(statement, ast.AugAssign) or word in read):
            moved.add(word)
        elif word in known:
            begun |= {word} if moved and isinstance(statement, ast.Assign) else set()
            anew |= {word} if word in begun and read & (moved | anew) - {name} else set()
        if not moved:
            known.add(word)
    return False


def updates_of(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield what is moved and by what, for all plain updates."""
    known, copies = {name for name, _ in update_pairs(tree)}, copies_in(tree)
    for node in walked(tree):
        found = [(target, value) for target, value in assigned_in(node) if isinstance(value, ast.BinOp)]
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub | ast.Add):
            found = [(node.target, node.value)]
        elif isinstance(node, ast.Call) and (scattered := scattered_step(node)) is not None:
            found = [scattered]
        for target, value in found:
            if isinstance(value, ast.BinOp) and isinstance(value.left, ast.Name):  # `p[u] = pu + rate * step`
                value = value.right if root_word(target) in copies.get(value.left.id, ()) else value
            if root_word(target) in known:
                yield root_word(target), value
