"""What a backward function is handed of what its forward function returns, and what of it are gradients."""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import COUNT, STATE
from crosscheck.recognise.guesses import Key
from crosscheck.recognise.leaves import Path
from crosscheck.recognise.records import Record
from crosscheck.recognise.sizes import SMALLEST, names_in_shapes
from crosscheck.source.walking import walked


class Impossible(Exception):  # noqa: N818 - it ends a search, it is no error of anyone
    """What a backward function asks for is nothing that its forward function returns."""


def matched(
    gradients: Sequence[str],
    outputs: Mapping[Path, Any],
    spoken: Mapping[Path, frozenset[str]],
    several: Collection[Path] = (),
    through: Collection[str] = (),
) -> tuple[dict[str, Path], bool]:
    """Say of which output each argument is the gradient, and whether the names leave no doubt.

    `several` are outputs of several arrays, `through` the arguments that are gone through entry by entry. A gradient of
    a state that the forward function does not return is left out: it is zero. Raises Impossible where other gradients
    are more than the outputs.
    """
    found: dict[str, Path] = {}
    for exact in (True, False):
        for name in gradients:
            for path in outputs:
                if name in found or path in found.values():
                    continue
                words = spoken.get(path, frozenset())
                if any((naming.is_gradient_of(name, word) if exact else _is_alike(name, word)) for word in words):
                    found[name] = path
    for name in [name for name in gradients if name not in found]:
        begun = [
            p for p in outputs if p not in several and any(_begins(name, word) for word in spoken.get(p, frozenset()))
        ]
        if len(begun) == 1 and begun[0] not in found.values():
            found[name] = begun[0]
    left = [path for path in outputs if path not in found.values()]
    arrays = [path for path in outputs if path not in several]
    missing = [name for name in gradients if name not in found]
    if found and not left and all(any(map(STATE.match, naming.cores(name))) for name in missing):
        return found, True
    is_plain = not missing
    lists = [path for path in left if path in several]
    is_plain = is_plain or (len(missing) == len(lists) == 1 and missing[0] in through)
    for name in missing:
        chosen = sorted(left, key=lambda path: (path in several) != (name in through))
        chosen = [path for path in chosen if name in through or path not in several]
        if not chosen:
            raise Impossible(f"{', '.join(gradients)} cannot all be gradients of what the forward function returns")
        found[name] = chosen[0]
        left.remove(chosen[0])
    apart = {path for path in {*arrays, *found.values()} if not _is_last_of(outputs[path], outputs.values())}
    is_plain = is_plain or (len(gradients) == 1 and len(apart) == 1 and found[gradients[0]] in apart)
    return {name: found[name] for name in gradients}, is_plain


def _is_last_of(value: Any, others: Iterable[Any]) -> bool:
    """Tell whether an output is the last entry of another one, as the last state is of all states.

    >>> states = np.arange(6.0).reshape(3, 2)
    >>> _is_last_of(states[-1:], [states]), _is_last_of(states[0], [states]), _is_last_of(states, [states])
    (True, False, False)
    """
    if not isinstance(value, np.ndarray) or not value.size:
        return False
    wholes = [whole for whole in others if isinstance(whole, np.ndarray) and whole.ndim > 1 and len(whole) > 1]
    return any(np.array_equal(np.squeeze(value), np.squeeze(whole[-1])) for whole in wholes if whole is not value)


def _is_alike(gradient: str, name: str) -> bool:
    """Tell whether `dh_next` may be that of `h`, or `dout` that of `output`, when habits are put aside."""
    return bool(bare(name)) and bare(name) in map(bare, naming.cores(gradient))


def _begins(gradient: str, name: str) -> bool:
    """Tell whether a gradient has for its letter what a word begins with: `dh_all` and `hidden_states`."""
    letters = {core for core in map(bare, naming.cores(gradient)) if len(core) == 1}
    return len(name) > SHORT and name[0].lower() in letters


SHORT = 3
"""Letters of what is no word: `h_t`, `hs`"""


def bare(name: str) -> str:
    """Return a name without what tells the states of two steps apart: `h` for `prev_h`, `h_next` and `h_t_minus_1`."""
    told = r"_?(?:t_?)?minus_?1|_?tm1$|_|next|prev|out(?:put)?s?|cur|new|seq|all|\d|(?<=\w)t$|(?<=\w)s$"
    return re.sub(told, "", name.lower())


def argument_names(tree: ast.AST, node: ast.FunctionDef) -> dict[str, set[str]]:
    """Return the names of what callers hand to a function, by argument."""
    names = [argument.arg for argument in node.args.args if argument.arg != "self"]
    found: dict[str, set[str]] = {}
    for call in (n for n in walked(tree) if isinstance(n, ast.Call)):
        if getattr(call.func, "attr", getattr(call.func, "id", "")) != node.name:
            continue
        for name, argument in zip(names, call.args, strict=False):
            if isinstance(argument, ast.Name):
                found.setdefault(name, set()).add(argument.id)
    return found


def cache_of(forward: Any, name: str) -> Any:
    """Return what the forward function returned for the backward function."""
    if isinstance(forward, tuple) and forward:
        return forward[-1]
    if forward is None or isinstance(forward, float):
        raise Impossible(f"the forward function returns nothing that {name} may be")
    return forward


def items_of(returned: Any) -> Iterator[tuple[Path, Any]]:
    """Yield what a function returned, with the way to each."""
    if isinstance(returned, tuple):
        yield from (((place,), item) for place, item in enumerate(returned))
    elif returned is not None:
        yield (), returned
        if isinstance(returned, dict):
            yield from (((key,), item) for key, item in returned.items() if isinstance(key, str))


def sizes_of(node: ast.FunctionDef) -> Iterator[str]:
    """Yield the arguments that are sizes, and have defaults of the size that their author needs.

    Names say so, or that arrays are made of them: `np.random.randn(input_len, nodes)`.
    """
    positional = [*node.args.posonlyargs, *node.args.args]
    made = set(names_in_shapes(node))
    for argument, default in zip(reversed(positional), reversed(node.args.defaults), strict=False):
        literals = [n.value for n in walked(default) if isinstance(n, ast.Constant)]
        numbers = [n for n in literals if isinstance(n, int) and not isinstance(n, bool)]
        is_number = isinstance(default, ast.Constant | ast.BinOp) and len(numbers) == len(literals)
        is_size = is_number and max(numbers, default=0) >= SMALLEST
        is_size |= isinstance(default, ast.UnaryOp) and isinstance(default.op, ast.USub)  # `vocab_size=-1` is none
        if is_size and (COUNT.match(argument.arg) or argument.arg in made):
            yield argument.arg


def handed(owner: str, values: Mapping[Key, Any]) -> dict[str, Any]:
    """Return the arguments of one function: dictionaries, lists and records put together from their entries."""
    found: dict[str, Any] = {}
    columns: dict[str, list[Any]] = {}
    for key, value in values.items():
        if key.owner != owner:
            continue
        if key.is_paired:
            columns.setdefault(key.argument, []).append(value)
        elif key.place is not None:
            found.setdefault(key.argument, []).append(value)
        elif key.is_field:
            setattr(found.setdefault(key.argument, Record()), key.name, value)
        elif key.entry:
            found.setdefault(key.argument, {})[key.entry] = value
        else:
            found[key.argument] = value
    return found | {name: list(zip(*parts, strict=False)) for name, parts in columns.items()}


def returns_in_turn(node: ast.FunctionDef) -> bool:
    """Tell whether a function goes through an argument, passes over some entries, and returns in one of the turns."""
    arguments = {argument.arg for argument in node.args.args}
    for loop in (part for part in walked(node) if isinstance(part, ast.For)):
        through = {part.id for part in walked(loop.iter) if isinstance(part, ast.Name)} & arguments
        parts = list(walked(loop))
        passes = any(isinstance(part, ast.Continue) for part in parts)
        if through and passes and any(isinstance(part, ast.Return) for part in parts):
            return True
    return False
