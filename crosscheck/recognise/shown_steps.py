"""Steps that a script computes and shows, and perhaps never takes: which array each of them would move.

`step_out = rate * error_term * hidden` belongs to what `hidden` is multiplied by on the way to the error, or to what
it is named after. Where neither tells of one array alone, nothing is said.
"""

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from crosscheck.recognise import naming
from crosscheck.recognise.statements import root_word, stored
from crosscheck.source.walking import walk

MULTIPLY = frozenset({"dot", "matmul", "outer", "inner", "multiply", "einsum", "tensordot"})
LAY_OUT = frozenset({"T", "transpose", "reshape", "flatten", "ravel", "squeeze", "copy", "astype", "expand_dims",
                     "atleast_2d", "array", "asarray"})  # fmt: skip
"""What arrays are called with that are only laid out otherwise"""
ADD_UP = frozenset({"sum", "mean"})
LIBRARIES = ("np", "numpy", "math", "cp", "jnp")


class Shown(NamedTuple):
    """The steps of a script."""

    owners: Mapping[str, str] = {}
    """Which array each of them would move"""
    rates: frozenset[str] = frozenset()
    """Numbers that all of them are multiplied by, as they are written"""
    others: frozenset[str] = frozenset()
    """Steps of which it is not known what they are for, where several products follow one another: they are told of"""
    multiplied: frozenset[str] = frozenset()
    """The arrays that are multiplied on the way to the error"""

    @property
    def names(self) -> set[str]:
        """Return all of the steps."""
        return {*self.owners, *self.others}

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return the arrays with their steps, as updates are told of."""
        return frozenset((array, step) for step, array in self.owners.items())


def shown_steps(statements: Sequence[ast.stmt], arrays: Collection[str]) -> Shown:
    """Return the steps for some arrays that nothing computes anything with, but for moving them.

    A step is a product of what goes back from an error, the difference between a product of the arrays and something
    that is none, as `target - output` is.

    >>> script = "r = 0.1; h = x @ V; o = h @ W; e = y - o; a = r * h.T @ e; b = x.T @ (e @ W.T) * r; print(a, b)"
    >>> shown = shown_steps(ast.parse(script).body, {"x", "V", "W", "y"})
    >>> shown.owners, sorted(shown.rates)
    ({'a': 'W', 'b': 'V'}, ['r'])
    """
    script = _Script(statements, arrays)
    found = _alone({step: script.owners(step) for step in script.steps()})
    found |= _alone({step: script.owners_beside(step, found) for step in script.steps() if step not in found})
    rates = [script.numbers(step) for step in found]
    others = {step for step in script.steps() if step not in found} if script.is_deep() else set()
    return Shown(
        found, frozenset(set.intersection(*rates) if rates else ()), frozenset(others), frozenset(script.partners)
    )


def _alone(claims: Mapping[str, set[str]]) -> dict[str, str]:
    """Return the owner of each step that has one, where no other step has the same; what has an owner is no other's."""
    found: dict[str, str] = {}
    while alone := {step: next(iter(owners)) for step, owners in claims.items() if len(owners) == 1}:
        counts = Counter(alone.values())
        found |= {step: owner for step, owner in alone.items() if counts[owner] == 1}
        claims = {step: owners - {*alone.values()} for step, owners in claims.items() if step not in alone}
    return found


class _Script:
    """What the statements of a script compute from what, and what goes back from an error."""

    def __init__(self, statements: Sequence[ast.stmt], arrays: Collection[str]) -> None:
        self.arrays = set(arrays)
        self.values: dict[str, ast.expr] = {}
        """What is assigned to the variables that go back, to each of them once"""
        self.back: set[str] = set()
        """All variables that go back"""
        self.partners: dict[str, set[str]] = {}
        """What each array is multiplied by on the way to an error, as it is written"""
        self.beside: dict[str, set[str]] = {}
        """What is added to a product of each array: `x @ W + b`"""
        self.numbers_set: set[str] = set()
        """Variables that are set to plain numbers"""
        self.made: set[str] = set()
        """What is computed from products of the arrays, on the way to an error"""
        self.used: Counter[str] = Counter()
        """How many statements compute something with a variable, other than by moving an array"""
        assigned = Counter(name for statement in statements for name in stored(statement))
        for statement in statements:
            target = statement.targets[0] if isinstance(statement, ast.Assign) else None
            if _only_shows(statement):
                continue
            moves = self._moves(statement)
            self.used.update(_words(statement) if not moves or self._multiplies_on(statement) else ())
            if moves or not isinstance(statement, ast.Assign):
                continue
            value = statement.value
            if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
                self.numbers_set |= stored(statement)
            if _words(value) & self.back or any(map(self._is_error, walk(value))):
                self.back |= stored(statement)
                if isinstance(target, ast.Name) and assigned[target.id] == 1:
                    self.values[target.id] = value
            elif self._multiplied(value) or _words(value) & self.made:
                self.made |= stored(statement)

    def _moves(self, statement: ast.stmt) -> bool:
        """Tell whether a statement adds something to one of the arrays, or takes it away: `W += step`."""
        if isinstance(statement, ast.AugAssign):
            return isinstance(statement.op, ast.Add | ast.Sub) and root_word(statement.target) in self.arrays
        value = statement.value if isinstance(statement, ast.Assign) else None
        return (
            isinstance(value, ast.BinOp)
            and isinstance(value.op, ast.Add | ast.Sub)
            and (
                isinstance(value.left, ast.Name)
                and value.left.id in self.arrays
                and bool(_words(value.right) & self.back)
            )
        )

    def _multiplies_on(self, statement: ast.stmt) -> bool:
        """Tell whether an array is moved by a product of more than a rate and a step: `W += rate * delta * x`."""
        value = statement.value if isinstance(statement, ast.AugAssign) else statement.value.right  # pyright: ignore
        return len([factor for factor in _factors(value) if _words(factor) - self.numbers_set]) > 1

    def _multiplied(self, value: ast.expr) -> bool:
        """Note what the arrays are multiplied by in an expression; tell whether any of them is."""
        found = False
        for node in walk(value):
            sides = [_laid_out(side) for side in _operands(node)]
            for one, other in [sides, sides[::-1]] if len(sides) == 2 else []:
                if isinstance(one, ast.Name) and one.id in self.arrays and _words(other) - self.numbers_set:
                    self.partners.setdefault(one.id, set()).add(ast.unparse(other))
                    found = True
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                product, added = [_laid_out(side) for side in (node.left, node.right)]
                factors = {side.id for side in map(_laid_out, _operands(product)) if isinstance(side, ast.Name)}
                if isinstance(added, ast.Name) and added.id in self.arrays:
                    for factor in factors & self.arrays:
                        self.beside.setdefault(factor, set()).add(added.id)
        return found

    def _is_error(self, node: ast.AST) -> bool:
        """Tell whether a difference is one between what is made of the arrays and what is not."""
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub):
            return False
        left, right = (bool(_words(side) & self.made) or self._multiplied(side) for side in (node.left, node.right))
        return left != right and all(map(_words, (node.left, node.right)))

    def steps(self) -> Iterator[str]:
        """Yield what goes back as a product and is used for nothing else: gradients are linear in the error."""
        for name, value in self.values.items():
            is_step = sum(map(self._goes_back, _factors(value))) == 1
            if is_step and not self.used[name] and not naming.LOSS.search(name):
                yield name

    def is_deep(self) -> bool:
        """Tell whether what one of the arrays makes is multiplied by another one."""
        return any(other in self.made for partners in self.partners.values() for other in partners)

    def _goes_back(self, factor: ast.expr) -> bool:
        """Tell whether a factor is an error, or what one makes; `np.abs(error)` and `error ** 2` are reports of it."""
        is_sum = isinstance(factor, ast.BinOp) and isinstance(factor.op, ast.Add | ast.Sub)
        is_made = (is_sum or isinstance(factor, ast.Name)) and bool(_words(factor) & self.back)
        return is_made or self._is_error(factor)

    def owners(self, step: str) -> set[str]:
        """Return the arrays that a step may be for: the one that it is named after, or those that its factors tell.

        It is for none that it is a multiple of: that is what went into the product.
        """
        own = self._written(step)
        named = _named_after(step, (self.partners.keys() | set().union(*self.beside.values())) - own)
        if named:
            return named
        near = list(_factors(self.values[step]))
        return self._told_by(near) or self._told_by([part for factor in near for part in self._opened(factor)])

    def owners_beside(self, step: str, found: Mapping[str, str]) -> set[str]:
        """Return what is added to a product, where a step is that of the product without its other factor."""
        own = self._written(step)
        near = {owner: self._written(other) for other, owner in found.items()}
        owners = [
            owner
            for owner, factors in near.items()
            if factors - own and factors - own <= self.partners.get(owner, set())
        ]
        return set().union(*(self.beside.get(owner, set()) for owner in owners if own <= near[owner]))

    def numbers(self, step: str) -> set[str]:
        """Return the numbers that a step is multiplied by, as they are written: rates, as all steps have them."""
        factors = [part for factor in _factors(self.values[step]) for part in self._opened(factor)]
        names = {factor.id for factor in factors if isinstance(factor, ast.Name)} & self.numbers_set
        numbers = [factor.value for factor in factors if isinstance(factor, ast.Constant)]
        return names | {repr(number) for number in numbers if isinstance(number, float) and 0 < number < 1}

    def _written(self, step: str) -> set[str]:
        return {ast.unparse(factor) for factor in _factors(self.values[step])} - self.numbers(step)

    def _told_by(self, factors: Sequence[ast.expr]) -> set[str]:
        written = {ast.unparse(factor) for factor in factors}
        return {array for array, partners in self.partners.items() if partners & written} - written

    def _opened(self, factor: ast.expr) -> Iterator[ast.expr]:
        """Yield the factors of what a variable is that one statement alone computes with."""
        is_between = isinstance(factor, ast.Name) and factor.id in self.values and self.used[factor.id] == 1
        if isinstance(factor, ast.Name) and is_between:
            for part in _factors(self.values[factor.id]):
                yield from self._opened(part)
        else:
            yield factor


def _named_after(step: str, arrays: Collection[str]) -> set[str]:
    """Return the array that a step is named after, if it is one: `w_out_change` and `w_out`, not w."""
    for words_of in (_parts, lambda name: {word.lower() for word in _parts(name)}):
        words = words_of(step)
        fits = {array: words_of(array) for array in arrays if not words_of(array) - words}
        fits |= {array: words_of(array) for array in arrays if naming.is_gradient_of(step, array) > 2}
        longest = max(map(len, fits.values()), default=0)
        best = {array for array, parts in fits.items() if len(parts) == longest}
        if len(best) == 1:
            return best
    return set()


def _parts(name: str) -> set[str]:
    """Return the words of a name, in the singular: those of `weightsHidden_1` are weight, Hidden and 1."""
    found = naming.re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+", name)
    return {word if len(word) < naming.SHORTENED else word.rstrip("s") for word in found}


def _factors(value: ast.expr) -> Iterator[ast.expr]:
    """Yield what is multiplied in a product, however it is laid out, or added up along an axis."""
    value = _laid_out(value)
    operands = _operands(value)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div):
        operands = [value.left]
    if isinstance(value, ast.Call) and root_word(value.func) in ADD_UP and (value.keywords or len(value.args) > 1):
        operands = [*_owner(value), *value.args][:1]
    for operand in operands:
        yield from _factors(operand)
    if not operands:
        yield value


def _operands(node: ast.AST) -> list[ast.expr]:
    """Return the two sides of a product; nothing if a node is none."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.MatMult):
        return [node.left, node.right]
    if isinstance(node, ast.Call) and root_word(node.func) in MULTIPLY:
        arrays = [argument for argument in node.args if not isinstance(argument, ast.Constant)]
        return [*_owner(node), *arrays][:2]
    return []


def _laid_out(value: ast.expr) -> ast.expr:
    """Return what is laid out otherwise, or negated, by an expression: x for `x[:, None].T` and `np.array(x)`."""
    while True:
        if isinstance(value, ast.UnaryOp):
            value = value.operand
        elif isinstance(value, ast.Subscript) or (isinstance(value, ast.Attribute) and value.attr in LAY_OUT):
            value = value.value
        elif (
            isinstance(value, ast.Call)
            and root_word(value.func) in LAY_OUT
            and (inner := [*_owner(value), *value.args])
        ):
            value = inner[0]
        else:
            return value


def _owner(call: ast.Call) -> list[ast.expr]:
    """Return what a method is called of, if it is no library: h of `h.T.dot(d)` as it is laid out."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return [] if owner is None or (isinstance(owner, ast.Name) and owner.id in LIBRARIES) else [owner]


def _only_shows(statement: ast.stmt) -> bool:
    """Tell whether a statement assigns nothing but the variable of a loop: it prints, or is a cell's last line."""
    if isinstance(statement, ast.For):
        return all(map(_only_shows, (*statement.body, *statement.orelse)))
    return isinstance(statement, ast.Expr)


def _words(node: ast.AST) -> set[str]:
    called = {id(call.func) for call in walk(node) if isinstance(call, ast.Call)}
    names = (n for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
    return {name.id for name in names if id(name) not in called and name.id not in LIBRARIES}
