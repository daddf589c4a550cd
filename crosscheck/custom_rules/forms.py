"""How a rule may be called: as the file calls it, as its annotations and docstring say, or by trial."""

import ast
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import Parameter
from typing import Any, NamedTuple

from crosscheck.custom_rules.constants import SOME_NUMBER
from crosscheck.custom_rules.reading import shapes_told
from crosscheck.custom_rules.recurrent import shapes_of_recurrent
from crosscheck.custom_rules.slots import FIXED, FLOAT, INTEGER, Form, Slot, resized, shortened
from crosscheck.custom_rules.unpacking import shapes_unpacked

MOST_FORMS = 4
"""JAX compiles each anew, for a second or so"""
KEY = re.compile(r"^(key|rng|prng|rng_key|prng_key|random_key|seed)$")
INDEX = re.compile(r"^(idx|inds?|ind(ex|ices)|ids|\w+_(ids|idx|index|indices)|labels?|tokens|segments?)$")
WHOLE = re.compile(r"^(axis|dim|n|k|num_\w+|n_\w+|power|order|steps?|size|bits|depth|stride|padding)$")
ARRAY = re.compile(r"Tensor|Array|ndarray")
"""Annotations of arrays, whatever they are called"""
SUMS_TO_ONE = re.compile(r"^(y_?true|targets?|labels?|one_?hot\w*|probs?|p|y|t)$", re.IGNORECASE)
NORMALISING = re.compile(r"softmax|logsumexp|cross_entropy|xent|nll", re.IGNORECASE)
WINDOW = re.compile(r"trunc|bptt", re.IGNORECASE)
ENDLESS = 100
"""Steps after which a gradient is cut off: more than there are"""
VECTOR = re.compile(r"^(b|bias|gamma|beta|g|scale|w|weight|weights|shift)$")
VARIED = 0.75
"""Numbers between 0 and 1 stay there"""
FUNCTIONS = (lambda x: x * x, lambda x: 0.5 * x + 1)

NUMBER = re.compile(r"^(lam|lambd|lambda_?|alpha|temperature|temp|tau|eps|epsilon|slope|coeff?|factor|threshold)$")

PATTERNS: dict[int, tuple[tuple[tuple[int, ...], ...], ...]] = {
    1: (((4, 5),), ((5,),), ((),), ((2, 3, 5),), ((4, 4),), ((2, 3, 6, 6),)),
    2: (
        ((4, 5), (4, 5)), ((4, 5), (5,)), ((), ()), ((5,), (5,)), ((4, 5), (5, 3)), ((4, 5), ()), ((5, 4), (5,)),
        ((4, 4), (4,)), ((3, 5), (5,)), ((2, 4, 5), (2, 4, 5)), ((2, 4, 5), (5,)), ((4, 5), (3, 5)),
    ),
    3: (
        ((4, 5), (4, 5), (4, 5)), ((4, 5), (5,), (5,)), ((), (), ()), ((4, 5), (5, 3), (3,)), ((4, 5), (3, 5), (3,)),
        ((5,), (5,), (5,)), ((3, 5), (4, 5), (4, 2)), ((2, 4, 5), (2, 4, 5), (2, 4, 5)), ((4, 5), (4, 5), ()),
        ((4, 5), (), ()),
    ),
    4: (((4, 5), (5,), (5,), (5,)), ((), (), (), ()), ((4, 5),) * 4, ((4, 5), (5, 3), (3, 3), (3,))),
}  # fmt: skip
"""Shapes to try, by the number of floating arguments"""
BY_NAME = {
    2: (((4, 5), (5,)), ((2, 4, 5), (5,)), ((4, 5), (5, 3)), ((4, 5), (3, 5))),
    3: (
        ((4, 5), (5,), (5,)),
        ((4, 5), (5, 3), (3,)),
        ((4, 5), (3, 5), (3,)),
        ((2, 4, 5), (5,), (5,)),
        ((2, 4, 5), (5, 3), (3,)),
        ((2, 4, 5), (3, 5), (3,)),
    ),
}
"""The same, where the names of all but the first say that they are weights of a layer"""


def forms_of(
    parameters: Sequence[Parameter],
    node: ast.AST | None,
    fixed: Sequence[int],
    calls: Sequence[Form],
    settled: Callable[[Form], Form | None],
    most: int = MOST_FORMS,
    constants: Mapping[str, Any] | None = None,
) -> list[Form]:
    """Return the ways in which a function can be called, those that the author shows first.

    `fixed` are the positions of arguments that are not differentiated, `calls` what was seen, `settled` gives a
    form the domain in which the function is defined, or None where it cannot be called so. `constants` are arguments
    that hold a known value wherever no call was seen.
    """
    found: list[Form] = []

    def add(form: Form) -> bool:
        if str(form) not in map(str, found) and len(found) < most and (known := settled(form)) is not None:
            found.append(known)
            return True
        return False

    for call in calls:
        if not add(shortened(call)):
            add(call)
    if any(parameter.kind is Parameter.VAR_POSITIONAL for parameter in parameters):
        return found
    source = ast.unparse(node) if node is not None else ""
    parts = _Arguments(parameters, fixed, calls, source, constants or {})
    names = [parameter.name for parameter in parameters]
    for told, shapes in shapes_told(node, names):
        for form in _guesses(parts, [shapes], told):
            add(form)
            if found:
                break
    arrays = [name for at, name in enumerate(names) if parts.may_be_array(at)]
    for shapes in () if found else itertools.chain(shapes_of_recurrent(arrays), shapes_unpacked(node, arrays)):
        for form in _guesses(parts, [shapes], "guess"):
            add(form)
        if found:
            break
    if not found and len(arrays) in BY_NAME and all(map(VECTOR.match, arrays[1:])):
        for form in _guesses(parts, BY_NAME[len(arrays)], "names"):
            add(form)
    for form in itertools.islice(_guesses(parts, None, "guess"), 150):
        if len(found) >= most:
            break
        if not found or _kinds(form) == _kinds(found[0]):
            add(form)
    for form in found[: most - 1][:1]:  # with one axis of length 1
        lengths = [n for _, slot in form.slots() if slot.kind == FLOAT for n in slot.shape if n > 1]
        if lengths and not any(slot.kind == INTEGER for _, slot in form.slots()):
            shortest = settled(resized(form, {lengths[0]: 1}))
            found += [shortest] if shortest is not None else []
    others = (
        _with_options(parameters, fixed, found),
        _coinciding(getattr(settled, "trials", ()), found),
        _with_other_values(found),
    )
    for forms in others:
        known = next((known for known in map(settled, forms) if known is not None), None)
        found += [known] if known is not None else []
    return found


def _with_options(parameters: Sequence[Parameter], fixed: Sequence[int], found: Sequence[Form]) -> Iterator[Form]:
    """Yield forms in which arrays that may be left out are given: `bias=None` says that there may be a bias."""
    optional = {p.name for at, p in enumerate(parameters) if p.default is None and at not in fixed}
    for form in found[:1]:
        left_out = [
            name for name, slot in form.arguments if name in optional and isinstance(slot, Slot) and slot.value is None
        ]
        shapes = dict.fromkeys(slot.shape for _, slot in form.slots() if slot.kind == FLOAT)
        lengths = dict.fromkeys(length for shape in shapes for length in reversed(shape))
        for shape in (*((length,) for length in reversed(lengths)), *shapes, ()):
            given = {name: Slot(FLOAT, shape) for name in left_out}
            if given:
                yield Form("names", tuple((name, given.get(name, slot)) for name, slot in form.arguments), form.domain)


def _with_other_values(found: Sequence[Form]) -> Iterator[Form]:
    """Yield forms with other values of what is no array: a backward may have one of them written down.

    Flags, axes and sizes stay as they are where the author shows a call.
    """
    for form in found[:1]:
        others = [_other_values(slot, is_shown=form.is_shown) for _, slot in form.slots()]
        changed = [at for at, values in enumerate(others) if values]
        together = itertools.product(*(others[at] for at in changed)) if changed else ()
        for values in itertools.islice(together, 8):
            yield _with_values(form, dict(zip(changed, values, strict=True)))
        yield from (_with_values(form, {at: value}) for at in changed for value in others[at])


def _with_values(form: Form, values: Mapping[int, Any]) -> Form:
    places = itertools.count()

    def changed(slot: Slot) -> Slot:
        at = next(places)
        return Slot(FIXED, slot.shape, values[at]) if at in values else slot

    return form.with_slots(changed)


def _other_values(slot: Slot, *, is_shown: bool) -> list[Any]:
    value = slot.value
    if slot.kind != FIXED or not isinstance(value, int | float) or (is_shown and not isinstance(value, float)):
        return []
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, float):
        return [VARIED * value] if value else []
    return [0, -2] if value == -1 else [value + 1, value - 1] if value > 0 else [value + 1]


def _coinciding(trials: Sequence[Any], found: Sequence[Form]) -> Iterator[Form]:
    """Yield forms with two lengths made one, where a rule works on none in which all are different."""
    if found or any(trial.is_malformed for trial in trials):
        return
    for form in [trial.form for trial in trials][:2]:
        lengths = list(dict.fromkeys(n for _, slot in form.slots() if slot.kind == FLOAT for n in slot.shape))
        for one, other in itertools.combinations(lengths, 2):
            yield resized(form, {one: other})


def _kinds(form: Form) -> list[str]:
    return [slot.kind for _, slot in form.slots()]


class _Arguments(NamedTuple):
    """What is known of a function's arguments before any is tried."""

    parameters: Sequence[Parameter]
    fixed: Sequence[int]
    calls: Sequence[Form]
    source: str
    constants: Mapping[str, Any]

    def options(self, at: int) -> list[Any]:
        """Return what an argument may be: FLOAT, INTEGER, or ("value", what it is)."""
        name = self.parameters[at].name
        if self.constants.get(name, SOME_NUMBER) is not SOME_NUMBER:
            return [("value", self.constants[name])]
        is_fixed = at in self.fixed or name in self.constants
        return _options(self.parameters[at], is_fixed, self.calls, at, self.source)

    def may_be_array(self, at: int) -> bool:
        """Tell whether an argument may hold numbers that a gradient is asked for."""
        is_number = isinstance(self.parameters[at].default, float)
        return at not in self.fixed and not is_number and FLOAT in self.options(at)


def _guesses(known: _Arguments, patterns: Any, told: str) -> Iterator[Form]:
    """Yield forms: every choice of kinds for the arguments, with every pattern of shapes for the floating ones."""
    parameters, source = known.parameters, known.source
    options = [known.options(at) for at in range(len(parameters))]
    for kinds in itertools.islice(itertools.product(*options), 12):
        floating = [
            at for at, kind in enumerate(kinds) if kind == FLOAT and not isinstance(parameters[at].default, float)
        ]
        for pattern in patterns or PATTERNS.get(len(floating), (((4, 5),) * len(floating), ((),) * len(floating))):
            given = dict(pattern) if isinstance(pattern, dict) else {}
            if not given and len(pattern) != len(floating):
                continue
            shapes = given or dict(zip((parameters[at].name for at in floating), pattern, strict=True))
            first = next((shape for shape in shapes.values() if shape), (4, 5))
            yield Form(
                told,
                tuple(
                    (parameter.name, _slot(parameter, kind, shapes, first, source))
                    for parameter, kind in zip(parameters, kinds, strict=True)
                ),
            )


def _slot(parameter: Parameter, kind: Any, shapes: dict[str, Any], first: tuple[int, ...], source: str) -> Slot:
    name = parameter.name
    if kind == "number":
        return Slot(FLOAT, (), 0.5, content="number")
    if kind == FLOAT:
        if isinstance(parameter.default, float):
            return Slot(FLOAT, (), parameter.default, content="number")
        is_simplex = SUMS_TO_ONE.match(name) and NORMALISING.search(source) and len(shapes) > 1
        return Slot(FLOAT, shapes.get(name, first), content="simplex" if is_simplex else "")
    if kind == INTEGER:
        return Slot(INTEGER, shapes.get(name, first[:1]))
    return Slot(FIXED, (), kind[1])


def _options(parameter: Parameter, is_fixed: bool, calls: Sequence[Form], at: int, source: str) -> list[Any]:
    """Return what an argument may be: FLOAT, INTEGER, or ("value", what it is)."""
    name, default = parameter.name, parameter.default
    note = str(getattr(parameter.annotation, "__name__", parameter.annotation))
    seen = [slot.value for call in calls if at < len(call.arguments) for slot in [call.arguments[at][1]]
            if isinstance(slot, Slot) and slot.kind == FIXED]  # fmt: skip
    if seen:
        return [("value", seen[0])]
    if default is not Parameter.empty and not isinstance(default, float):
        return [("value", default)]
    if KEY.match(name):
        return [("value", _key())]
    if WINDOW.search(name) and not ARRAY.search(note):
        return [("value", ENDLESS), ("value", 0)]
    if is_fixed:
        if default is not Parameter.empty:
            return [("value", default)]
        if WHOLE.match(name) or note == "int":
            return [("value", value) for value in ((-1, 0) if name in ("axis", "dim") else (2, 1, 3))]
        if note == "float" or re.match(r"^(eps|alpha|beta|scale|temp|slope|lam|rate|clip|max|min|lo|hi)", name):
            return [("value", SOME_NUMBER)]
        if note == "bool":
            return [("value", True), ("value", False)]
        return [("value", value) for value in (SOME_NUMBER, 2, *FUNCTIONS, -1, True)]
    is_array = bool(ARRAY.search(note))
    if NUMBER.match(name) and not is_array:
        return [FLOAT] if default is not Parameter.empty else ["number", FLOAT]
    if note == "int" or (WHOLE.match(name) and not is_array):
        return [("value", value) for value in ((-1, 0) if name in ("axis", "dim") else (2, 1))]
    if note == "bool":
        return [("value", True), ("value", False)]
    points = re.search(rf"\[[^\]]*\b{name}\b|(one_hot|take|gather)\w*\([^)]*\b{name}\b", source)
    return [INTEGER, FLOAT] if points or (INDEX.match(name) and not SUMS_TO_ONE.match(name)) else [FLOAT, INTEGER]


def _key() -> Any:
    import numpy as np

    return np.array([0, 7], np.uint32)  # what jax.random.PRNGKey(7) is
