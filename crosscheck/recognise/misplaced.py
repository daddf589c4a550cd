"""Derivatives of a function that are taken at what the function returned, or at what went into it where they take that.

`sigmoid_prime(z)` goes through the sigmoid itself, and is handed the output: the sigmoid is gone through twice. No
loss asks for this, whatever it is. Nor does one ask for what is called a derivative, and is none at either end.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise.elementwise import DERIVES
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.roles import is_floating
from crosscheck.recognise.world import World

POINTS = np.array([-1.3, -0.6, -0.2, 0.1, 0.4, 0.9, 1.7])
"""Where a function and its derivative are held against each other"""
STEP, NEAR, FAR = 2.0**-12, 1e-5, 1e-3


class Misplaced(NamedTuple):
    """A derivative that was handed the wrong end of its function."""

    function: Callable[[np.ndarray], np.ndarray]
    """Whose derivative it is. Raises what its code raises"""
    said: str
    """What is wrong, in a sentence for people"""


def misplaced_derivatives(world: World) -> dict[str, Misplaced]:
    """Return the functions that are derivatives of others and were handed the wrong end of them."""
    single = {name: calls for name, calls in _of_one_array(world.hooks.entries).items() if calls}
    found = {}
    for name, calls in single.items():
        for other, own in single.items() if DERIVES.search(name.rpartition(".")[2]) else ():
            end = _misplaced(calls, own, is_told=_is_named_after(name, other)) if _are_beside(name, other) else None
            if end is not None:
                found[name] = Misplaced(_called(own[0]), SAID[end].format(name=name, other=other))
    for name, (own, calls) in _flagged(world.hooks.entries).items():
        end = _misplaced(calls, own, is_told=True)
        if end is not None:
            found[name] = Misplaced(_called(own[0]), SAID[end].format(name=f"the derivative in {name}", other=name))
    return found


SAID = {
    "output": "{name} was handed what {other} returns, and is its derivative where it is handed what {other} is handed",
    "input": "{name} was handed what {other} is handed, and is its derivative where it is handed what {other} returns",
    "neither": "{name} is no derivative of {other}, be it handed what {other} is handed or what it returns",
}


def _is_named_after(name: str, other: str) -> bool:
    """Tell whether a derivative is called after a function: `sigmoid_prime`, `d_sigmoid` and `sigmoidDerivative`."""
    own, function = (word.rpartition(".")[2].lower() for word in (name, other))
    left = own.replace(function, "", 1).replace("_", "") if len(function) > 2 else own
    return left in ("d", "prime", "deriv", "derivative", "derivada", "grad", "gradient", "der")


def _flagged(entries: Mapping[str, Sequence[Entry]]) -> dict[str, tuple[list[Entry], list[Entry]]]:
    """Return the functions that are asked for their derivative by a flag, each with its calls without and with it."""
    found = {}
    for name, calls in entries.items():
        words = {word for call in calls for word in call.arguments if DERIVES.search(word) and word != "self"}
        if len(words) != 1 or not all(len(call.arguments.keys() - {"self"}) == 2 for call in calls):
            continue
        (flag,) = words
        known = [call for call in calls if _handed(call, flag) is not None and flag in call.arguments]
        own, derived = ([one for one in known if bool(one.arguments[flag]) == asked] for asked in (False, True))
        if own and derived and len(known) == len(calls):
            found[name] = own, derived
    return found


def _are_beside(name: str, other: str) -> bool:
    """Tell whether two functions stand in one class, or in none."""
    is_function = not DERIVES.search(other.rpartition(".")[2])
    return is_function and name.rpartition(".")[0] == other.rpartition(".")[0]


def _of_one_array(entries: Mapping[str, Sequence[Entry]]) -> dict[str, list[Entry]]:
    """Return the calls that were handed one array and returned one like it, of functions that had no others."""
    alike = {name: [entry for entry in calls if _handed(entry) is not None] for name, calls in entries.items()}
    return {name: calls for name, calls in alike.items() if len(calls) == len(entries[name])}


def _handed(entry: Entry, flag: str = "self") -> Any:
    """Return the one array or number that a call was handed beside a flag, where it returned another of its shape."""
    given = [value for name, value in entry.arguments.items() if name not in ("self", flag)]
    if len(given) != 1 or not entry.finished or not _is_real(entry.returned):
        return None
    (value,) = given
    return value if _is_real(value) and np.shape(value) == np.shape(entry.returned) else None


def _is_real(value: Any) -> bool:
    return isinstance(value, float) or (is_floating(value) and np.shape(value) != ())


def _misplaced(calls: Sequence[Entry], own: Sequence[Entry], *, is_told: bool) -> str | None:
    """Return the end of a function that its derivative was handed, where it should have been the other; else None.

    Where it `is_told` whose derivative it is, "neither" if it is that of nothing.
    """
    ends = {end for call in calls if (end := _end(call, own)) is not None}  # few calls of each are remembered
    if len(ends) != 1:
        return None
    derivative, function = _called(calls[0]), _called(own[0])
    try:
        with np.errstate(all="ignore"):
            slopes = (function(POINTS + STEP) - function(POINTS - STEP)) / (2 * STEP)
            found = {"input": derivative(POINTS.copy()), "output": derivative(function(POINTS.copy()))}
    except Exception:  # noqa: BLE001 - theirs: it was not written for these values
        return None
    (end,) = ends
    is_wrong = _is_far(found.pop(end), slopes)
    (other,) = found.values()
    if is_wrong and is_told and _is_smooth(function, slopes) and _is_far(other, slopes):
        return "neither"
    return end if is_wrong and _is_near(other, slopes) else None


def _is_smooth(function: Callable[[np.ndarray], np.ndarray], slopes: np.ndarray) -> bool:
    """Tell whether a function of each number alone has slopes at all, and the same from twice as far away.

    A softmax depends on all numbers, a step has no slope, and others stand for it on purpose.
    """
    wider = (function(POINTS + 2 * STEP) - function(POINTS - 2 * STEP)) / (4 * STEP)
    is_of_each = _is_same(function(POINTS[::2].copy()), np.asarray(function(POINTS.copy()))[::2])
    return is_of_each and bool(np.all(np.abs(slopes) > FAR)) and _is_near(wider, slopes)


def _end(call: Entry, own: Sequence[Entry]) -> str | None:
    """Say whether a call was handed the input or the output of an earlier call of a function; None if neither."""
    value = _handed(call, _flag_of(call))
    before = [entry for entry in own if entry.order < call.order]
    is_input = any(_is_same(value, _handed(entry, _flag_of(entry))) for entry in before)
    is_output = any(_is_same(value, entry.returned) for entry in before)
    return None if is_input == is_output else "input" if is_input else "output"


def _is_same(one: Any, other: Any) -> bool:
    return np.shape(one) == np.shape(other) and np.array_equal(one, other)


def _flag_of(entry: Entry) -> str:
    """Return what asks a call for a derivative; "self" where nothing does."""
    return next((word for word in entry.arguments if word != "self" and DERIVES.search(word)), "self")


def _called(entry: Entry) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function of one array that makes a call anew."""
    word, flag = entry.function.rpartition(".")[2], _flag_of(entry)
    function = getattr(entry.arguments["self"], word) if "self" in entry.arguments else entry.names[word]
    if flag != "self" and len(entry.arguments.keys() - {"self"}) == 2:
        (given,) = entry.arguments.keys() - {"self", flag}
        function = _with_flag(function, given, {flag: entry.arguments[flag]})
    if isinstance(entry.returned, float):  # it was written for numbers: `math.exp(-x)`
        return lambda values: np.array([function(float(value)) for value in np.ravel(values)]).reshape(np.shape(values))
    return lambda values: np.asarray(function(values), float)


def _with_flag(function: Callable[..., Any], given: str, flag: Mapping[str, Any]) -> Callable[[Any], Any]:
    return lambda value: function(**{given: value}, **flag)


def _is_near(found: np.ndarray, slopes: np.ndarray) -> bool:
    return found.shape == slopes.shape and bool(np.all(np.abs(found - slopes) < NEAR))


def _is_far(found: np.ndarray, slopes: np.ndarray) -> bool:
    return found.shape == slopes.shape and bool(np.max(np.abs(found - slopes)) > FAR)
