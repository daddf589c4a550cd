"""Which result is the gradient of which array: by names, by containers, by the updates of the file, by what is left."""

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.leaves import Leaf, Path
from crosscheck.recognise.places import LOCAL, RETURNED, Place
from crosscheck.recognise.wiring import bare

OF_BACKWARD = ("return", "backward")
"""How the way begins to what a backward function returns"""

SHORTLY = re.compile(r"^[gd](?:r|rad)?_?\w?$", re.IGNORECASE)
"""What containers of gradients are called in a hurry: `g`, `gf`, `d2`"""


def pair(
    active: Mapping[str, Leaf],
    outputs: Sequence[tuple[Place, Any]],
    aliases: Mapping[int, set[str]],
    updates: frozenset[tuple[str, str]],
    paths: Mapping[int, Sequence[Path]],
    spoken: frozenset[str] = frozenset(),
    handed: Mapping[int, Any] | None = None,
) -> dict[str, Place]:
    """Match arrays with their gradients: by name, by container, and by the updates that the file makes.

    `spoken` are the names of all variables: where there is an h, dh is no gradient of bh. `handed` are the numbers in
    the arrays, by their identities: a variable that holds these has their name, which says nothing of a gradient.
    """
    scored: list[tuple[tuple[int, int], str, Place, int]] = []
    staying = {name for name, leaf in active.items() if _stays(leaf, active.values(), updates)}
    for name, leaf in active.items():
        if _is_velocity(leaf, active.values(), updates) or _is_memory_beside(leaf, active.values()):
            continue
        called = {leaf.name, *aliases.get(id(leaf.value), ())} - {""}
        for place, array in outputs:
            if array.shape != leaf.value.shape and array.size != leaf.value.size:
                is_told = any(naming.is_gradient_of(n, leaf.name) == 3 for n in place.names)
                if array.size == 1 and (is_told or _is_entry_for(place, leaf)):
                    scored.append(
                        ((20, 0), name, place, id(array))
                    )  # one number for all entries: the update spreads it
                elif place.where == RETURNED and _is_entry_for(place, leaf) and name not in staying:
                    scored.append(((100, 0), name, place, id(array)))  # of another shape, and returned for it
                continue
            if np.ndim(array) == 0 < np.ndim(leaf.value) and not place.names - {"gradients"}:
                continue  # a number that a backward pass returns is the error that it went back from
            given = (handed or {}).get(id(leaf.value))
            is_itself = place.where == LOCAL and given is not None and np.array_equal(array.reshape(given.shape), given)
            told = place._replace(names=place.names - called) if is_itself else place
            if place.where == LOCAL and told.names and not leaf.path[1:]:
                told = told._replace(names=frozenset(n for n in told.names if not _is_of_another(n, called, spoken)))
                if not told.names:
                    continue  # `dlogp` belongs to `logp`, and not to `logp_old`
            ways = [leaf, *(Leaf(path, leaf.value) for path in paths.get(id(leaf.value), ()) if path != leaf.path)]
            moving = updates if _can_move(array, leaf.value) else frozenset()
            score = max(_likeness(way, called | ({way.name} - {""}), told, moving, spoken) for way in ways)
            if score:
                fits = array.shape == leaf.value.shape or (place.where == RETURNED and array.ndim == 1)  # `dW.ravel()`
                rank = score + 5 * fits + _standing(place) - 4 * (name in staying), _kinship(leaf, place)
                scored.append((rank, name, place, id(array)))
    found: dict[str, Place] = {}
    taken: set[int] = set()
    for _, name, place, identity in sorted(scored, key=lambda item: item[0], reverse=True):  # else in their order
        is_shared = name not in staying and _is_entry_for(place, active[name])  # one array for two
        if name not in found and (identity not in taken or is_shared):
            found[name] = place
            taken.add(identity)
    return found


def _stays(leaf: Leaf, others: Iterable[Leaf], updates: frozenset[tuple[str, str]]) -> bool:
    """Tell whether a dictionary is left as it is beside one with the same keys that is moved: a frozen teacher.

    Masks, Fisher information and old weights are such dictionaries by their names.
    """
    if len(leaf.path) < 2 or not isinstance(leaf.path[-1], str) or leaf.path[-1].startswith("."):
        return False
    moved = {parameter for parameter, _ in updates}
    twins = [one for one in others if len(one.path) > 1 and _key(one) == _key(leaf) and one.path[:-1] != leaf.path[:-1]]
    if not moved & set(_holders(leaf)) and any(moved & set(_holders(one)) for one in twins):
        return True
    return bool(HELD.search(_holders(leaf)[-1])) and any(not HELD.search(_holders(one)[-1]) for one in twins)


HELD = naming.re.compile(
    r"mas[kq]|fisher|anchor|importan|omega|_star$|^(?:old|prev|init|ref|best|prior|target)|_(?:old|prev|init|ref|best)$"
    r"|snapshot|backup|shadow|teacher|\bema\b|_ema$|^ema_",
    naming.re.IGNORECASE,
)
"""What holds numbers for each parameter that are no parameters"""


def _holders(leaf: Leaf) -> list[str]:
    """Return what the containers of an array are called, the innermost last."""
    return [str(step).lstrip(".") for step in leaf.path[:-1]]


def _is_of_another(gradient: str, called: Collection[str], spoken: Collection[str]) -> bool:
    """Tell whether a gradient is called after a variable, and not after an array of these names itself."""
    cores = set(naming.cores(gradient))
    return not cores & set(called) and bool(cores & set(spoken))


def _can_move(array: np.ndarray, parameter: np.ndarray) -> bool:
    """Tell whether an array of as many entries can be taken away from a parameter as it lies, and be its update."""
    try:
        return int(np.prod(np.broadcast_shapes(array.shape, parameter.shape))) == parameter.size
    except ValueError:
        return False


def _is_entry_for(place: Place, leaf: Leaf) -> bool:
    """Tell whether a result lies in a container of gradients under the very key of a parameter: `grads['b']`."""
    keys = [path[-1] for path in (place.path, leaf.path) if len(path) > 1]
    holders = {str(place.path[-2]).lstrip("."), *place.owners} if len(place.path) > 1 else set[str]()
    is_same = len(keys) == 2 and keys[0] == keys[1] and isinstance(keys[0], str) and not keys[0].startswith(".")
    return is_same and any(map(naming.CONTAINER.search, holders))


def _is_velocity(leaf: Leaf, others: Iterable[Leaf], updates: frozenset[tuple[str, str]]) -> bool:
    """Tell whether an array is what another of its shape is moved by, and not the other way round.

    Both are moved by the gradient in the end: `v = 0.9 * v - rate * g` and `W += v`. What is moved by what is plainly
    called its own gradient is none, though the gradient of another may be made of it.
    """
    own = words_of(leaf)
    if any(naming.is_gradient_of(word, name) == naming.PLAINLY for name, word in updates if name in own):
        return False
    return any(
        (parameter, velocity) in updates and (velocity, parameter) not in updates
        for other in others
        if other is not leaf and other.value.shape == leaf.value.shape
        for parameter in words_of(other) - own
        for velocity in own
    )


def _is_memory_beside(leaf: Leaf, others: Iterable[Leaf]) -> bool:
    """Tell whether an entry of an optimiser's memory stands beside a parameter of its name: `self.m['W']`, `self.W`.

    It may have the name of what it remembers as well: `self.accum_dW`.

    >>> known = [Leaf(("self", f".{name}"), np.zeros(3)) for name in ("b", "accum_db", "media")]
    >>> [_is_memory_beside(leaf, known) for leaf in known]
    [False, True, False]
    """
    if (told := OF_GRADIENTS.match(_key(leaf))) is not None:
        alike = (
            other for other in others if other.path[:-1] == leaf.path[:-1] and other.value.shape == leaf.value.shape
        )
        if any(_key(other) == told[1] for other in alike):
            return True
    return _remembers(leaf.path[:-1]) and any(
        _key(other) == _key(leaf) and other.value.shape == leaf.value.shape and not _remembers(other.path[:-1])
        for other in others
        if len(other.path) > 1
    )


OF_GRADIENTS = naming.re.compile(
    r"_?(?:acc(?:um\w*?)?|mem\w*?|cached?|hist\w*?|momentum|velocity|vel|adagrad|rms\w*?|sum\w*?|sq\w*?|[mvsrG])_?"
    r"(?:d_?|grads?_)(\w+?)_?$"
)
"""What an optimiser's memory of the gradient of one parameter is called, and that parameter"""


def _key(leaf: Leaf) -> str:
    """Return what an array has in its container or object, be it a key, a number or the name of an attribute."""
    return str(leaf.path[-1]).lstrip(".")


def _remembers(path: Path) -> bool:
    """Tell whether a path goes through what is called like an optimiser's memory."""
    return any(naming.MEMORY.match(str(step).strip("._")) for step in path)


def words_of(leaf: Leaf) -> set[str]:
    """Return what an array and its container are called."""
    return {str(step).lstrip(".") for step in leaf.path[-2:] if not isinstance(step, int)} - {"self"}


def remaining(
    active: Mapping[str, Leaf], outputs: Sequence[tuple[Place, Any]], gradients: Mapping[str, Place]
) -> dict[str, list[Place]]:
    """Return the arrays without a gradient, each with the gradients of its shape that are returned and left over.

    Data have none, unless there is nothing else: a loss of predictions and targets returns that of the predictions.
    """
    taken = {(place.where, place.path) for place in gradients.values()}
    spare = [(p, a) for p, a in outputs if p.where == RETURNED and (p.where, p.path) not in taken]
    is_beside = any(place.where == RETURNED for place in gradients.values())  # what has no name, beside gradients
    is_behind = not any(p.path[:2] == ("return", 0) and len(p.path) > 2 for p, _ in outputs)  # a number, not a list
    spare = [
        (p, a)
        for p, a in spare
        if is_gradient(p)
        or is_of_backward(p)
        or _is_the_gradient(p)
        or _is_beside_loss(p)
        or (is_behind and _is_listed_beside_loss(p))
        or (is_beside and _is_nameless(p))
    ]
    kept = {name for place in gradients.values() for name in place.names}
    data = {name for name, leaf in active.items() if is_state(leaf) or naming.DATA.match(leaf.name)}
    found: dict[str, list[Place]] = {}
    for name, leaf in active.items():
        if name in gradients or naming.looks_like_gradient(leaf.name):
            continue
        is_data = name in data and len(data) < len(active)
        fitting = [
            p
            for p, array in spare
            if array.shape == leaf.value.shape
            and not p.names & kept
            and (array.size > 1 or (is_behind and _is_listed_beside_loss(p)))
            and (not is_data or is_of_backward(p) or (is_state(leaf) and _is_of_state(p, leaf)))
        ]
        if fitting and not (all(map(_is_beside_loss, fitting)) and _follows_state(leaf, active, gradients)):
            found[name] = fitting
    truths = [name for name in found if naming.TRUTH.match(active[name].name)]
    others = [place for name, places in found.items() if name not in truths for place in places]
    shown = [name for name in truths if not STRICTLY.match(active[name].name)]  # `y` beside `t` is what is predicted
    is_method = any(place.path[0] == "self" for place, _ in outputs)  # a function may leave the mean to its caller
    if not others and is_method and len(shown) == 1 < len(truths):
        truths, others = [name for name in truths if name not in shown], found[shown[0]]
    for name in truths:  # of a prediction and what it is held against the gradient is that of the prediction
        found[name] = [place for place in found[name] if place not in others]
    return {name: places for name, places in found.items() if places}


STRICTLY = naming.re.compile(r"^(?:ts?|targ\w*|\w*true\w*|labels?|gold|desired|expected)$", naming.re.IGNORECASE)
"""What outputs are held against, and no output is called"""


def _follows_state(leaf: Leaf, active: Mapping[str, Leaf], gradients: Mapping[str, Place]) -> bool:
    """Tell whether an argument comes after a state of its shape without a gradient, whose gradient would come first."""
    before = itertools.takewhile(lambda item: item[1] is not leaf, active.items())
    alike = [one for name, one in before if name not in gradients and one.value.shape == leaf.value.shape]
    return len(leaf.path) == 1 and any(len(one.path) == 1 and is_state(one) for one in alike)


def _is_the_gradient(place: Place) -> bool:
    """Tell whether a result is all that a function returns that is called a gradient, whatever it is called inside."""
    return place.path == ("return",) and "gradients" in place.names


def _is_beside_loss(place: Place) -> bool:
    """Tell whether a result is returned second under a short name for gradients: `return J, g`."""
    return place.path == ("return", 1) and bool(place.names & {"g", "G", "gr", "jac", "df"})


def _is_listed_beside_loss(place: Place) -> bool:
    """Tell whether a result stands in a list of gradients that is returned second: `return loss, [X.T @ d, d]`."""
    holders = {word.partition("[")[0] for word in place.names if "[" in word}
    is_told = any(SHORTLY.match(word) or naming.CONTAINER.search(word) for word in holders)
    return place.path[:2] == ("return", 1) and len(place.path) == 3 and (is_told or not place.names - {"gradients"})


def _is_nameless(place: Place) -> bool:
    """Tell whether a result is computed where it is returned: `return loss, W.T @ d, np.outer(d, x)`."""
    return not place.names - {"gradients"} and len(place.path) == 2


def only_ones(left: Mapping[str, Sequence[Place]]) -> dict[str, Place]:
    """Return the arrays for which a single gradient is left, which is left for no other."""
    claims = [place for found in left.values() for place in found]
    return {name: found[0] for name, found in left.items() if len(found) == 1 and claims.count(found[0]) == 1}


def by_initials(left: Mapping[str, Sequence[Place]], active: Mapping[str, Leaf]) -> dict[str, Place]:
    """Return the arrays that one of the gradients left is named after by their first letters: `dg` beside gamma."""
    claims = {
        name: [place for place in places if any(_is_initial(word, active[name].name) for word in place.names)]
        for name, places in left.items()
    }
    return only_ones({name: places for name, places in claims.items() if places})


def _is_initial(gradient: str, name: str) -> bool:
    """Tell whether a gradient is called after the beginning of a name, or after its whole."""
    return any(core and naming.plain(name).startswith(naming.plain(core)) for core in naming.cores(gradient))


def states_of(left: Mapping[str, Sequence[Place]], active: Mapping[str, Leaf]) -> dict[str, Place]:
    """Return the initial states for which one gradient is left that is called after the same state: dhnext of hprev."""
    found: dict[str, Place] = {}
    for name, places in left.items():
        alike = [place for place in places if is_state(active[name]) and _is_of_state(place, active[name])]
        if len(alike) == 1 and alike[0] not in found.values():
            found[name] = alike[0]
    return found


def _is_of_state(place: Place, leaf: Leaf) -> bool:
    own = bare(leaf.name)
    return bool(own) and any(own == bare(core) for word in place.names for core in naming.cores(word))


def is_of_backward(place: Place) -> bool:
    """Tell whether a backward function returns it, beside its forward: whatever it is called, it is a gradient."""
    return place.path[:2] == OF_BACKWARD and len(place.path) < 4


def beside(
    arrays: Sequence[Leaf],
    active: Mapping[str, Leaf],
    outputs: Sequence[tuple[Place, Any]],
    gradients: Mapping[str, Place],
) -> dict[str, tuple[Leaf, Place]]:
    """Return arrays on which the loss does not depend in this call, with gradients that lie beside those of the others.

    That is so where units are saturated, or where what two paths do cancels: they are judged like their neighbours.
    """
    taken = {(place.where, place.path) for place in gradients.values()}
    homes = homes_of(active, gradients)
    found: dict[str, tuple[Leaf, Place]] = {}
    for leaf in arrays:
        if str(leaf) in active or is_state(leaf):
            continue
        for place, array in outputs:
            is_free = (place.where, place.path) not in taken and array.shape == leaf.value.shape
            if is_free and is_at_home(leaf, place, homes):
                found[str(leaf)] = leaf, place
                taken.add((place.where, place.path))
                break
    return found


def homes_of(active: Mapping[str, Leaf], gradients: Mapping[str, Place]) -> set[tuple[str, Path, Path]]:
    """Return where gradients lie that have neighbours, with where the arrays lie to which they belong."""
    return {
        (place.where, place.path[:-1], active[name].path[:-1])
        for name, place in gradients.items()
        if name in active and len(place.path) > 1 and len(active[name].path) > 1 and isinstance(place.path[-1], str)
    }


def is_at_home(leaf: Leaf, place: Place, homes: Collection[tuple[str, Path, Path]]) -> bool:
    """Tell whether a result is named after an array, and both lie where others lie that belong to one another."""
    last = str(place.path[-1]).lstrip(".")
    is_named = last == leaf.name or naming.is_gradient_of(last, leaf.name) == 3
    return is_named and (place.where, place.path[:-1], leaf.path[:-1]) in homes


def without_effect(
    arrays: Sequence[Leaf],
    active: Mapping[str, Leaf],
    outputs: Sequence[tuple[Place, Any]],
    gradients: Mapping[str, Place],
) -> Iterator[tuple[Leaf, Place, Any]]:
    """Yield arrays on which the loss does not depend in this call, and the gradients that are named after them."""
    taken = {(place.where, place.path) for place in gradients.values()}
    for leaf in arrays:
        if str(leaf) in active or naming.DATA.match(leaf.name) or is_state(leaf):
            continue
        for place, array in outputs:
            is_named = any(naming.is_gradient_of(name, leaf.name) == 3 for name in place.names)
            if is_named and array.shape == leaf.value.shape and (place.where, place.path) not in taken:
                yield leaf, place, array
                break


def entries_without_effect(
    arrays: Sequence[Leaf],
    active: Mapping[str, Leaf],
    outputs: Sequence[tuple[Place, Any]],
    gradients: Mapping[str, Place],
) -> Iterator[tuple[Leaf, Place, Any]]:
    """Yield arrays on which the loss does not depend, and the entries of gradients that lie beside those of others.

    `g["Wx"]` is the gradient of `self.Wx` where `g["Wy"]` is that of `self.Wy`.
    """
    taken = {(place.where, place.path) for place in gradients.values()}
    kin = {
        (active[name].path[:-1], place.where, place.path[:-1])
        for name, place in gradients.items()
        if name in active and _last(place.path) == _last(active[name].path)
    }
    for leaf in arrays:
        for place, array in outputs if str(leaf) not in active else ():
            is_beside = (leaf.path[:-1], place.where, place.path[:-1]) in kin and _last(place.path) == _last(leaf.path)
            if is_beside and array.shape == leaf.value.shape and (place.where, place.path) not in taken:
                yield leaf, place, array
                break


def _last(path: Path) -> str:
    return str(path[-1]).lstrip(".")


def is_gradient(place: Place) -> bool:
    """Tell whether a result is called like a gradient."""
    names = (place.names or {place.name}) - {"gradients"}  # what a container without a name is called
    return any(naming.BEGINS_LIKE_GRADIENT.match(name) and not naming.LOSS.search(name) for name in names)


def _kinship(leaf: Leaf, place: Place) -> int:
    """Say how much the container of a gradient is called after that of an array: `gf["W"]` beside `pf["W"]`."""
    own = [str(step).lstrip(".") for step in leaf.path[:-1] if isinstance(step, str)][-1:]
    others = [*place.owners, *(str(step).lstrip(".") for step in place.path[:-1] if isinstance(step, str))]
    return max((_likeness_of_containers(word, other) for word in own for other in others), default=0)


def _likeness_of_containers(own: str, other: str) -> int:
    if naming.is_gradient_of(other, own):
        return 3
    if own[1:] == other[1:] != "" or own.rpartition("_")[2] == other.rpartition("_")[2]:
        return 2
    return int(own[-1:] == other[-1:])  # `gz` of `params_z`


def _told_by_entry(leaf: Leaf, names: Collection[str], updates: frozenset[tuple[str, str]]) -> bool | None:
    """Tell whether an entry of a list is moved by a gradient, and not another entry: `self.b[2] -= rate * db3`.

    None where no update says that.
    """
    if len(leaf.path) < 2 or not isinstance(leaf.path[-1], int):
        return None
    held = str(leaf.path[-2]).lstrip(".")
    own = re.compile(rf"(?:^|\.){re.escape(held)}\[\d+\]$")
    entries = {entry for entry, word in updates if word in names and own.search(entry)}
    return any(re.search(rf"(?:^|\.){re.escape(entry)}$", str(leaf)) for entry in entries) if entries else None


def _standing(place: Place) -> int:
    return {RETURNED: 3, "after": 2, LOCAL: 1}[place.where]


def _likeness(
    leaf: Leaf, called: set[str], place: Place, updates: frozenset[tuple[str, str]], spoken: frozenset[str]
) -> int:
    """Say how much a result looks like the gradient of an array, by name alone: 0 not at all."""
    words = [str(step).lstrip(".") for step in place.path if not isinstance(step, int)]
    names = place.names or ({words[-1]} if words else set())
    holders = words if isinstance(place.path[-1], int) else words[:-1] or words
    containers = [word for word in (*holders, *place.owners) if naming.CONTAINER.search(word)]
    if _are_twins(leaf.path, place.path) and leaf.path[:-1] != place.path[:-1]:
        return 0  # the gradient of another object of its kind
    updated = not _other_owner(leaf, place)
    if (told := _told_by_entry(leaf, names, updates)) is not None:
        return 99 if told else 0
    inside = words if isinstance(place.path[-1], int) else words[:-1]
    if leaf.path[-1:] == place.path[-1:] and _are_containers(leaf, {*inside, *place.owners}, updates):
        return 99 - 5 * _remembers(place.path[:-1])  # entry by entry; what any of them is moved by comes after
    same_owner = len(leaf.path) > 1 and len(place.path) > 1 and leaf.path[:-1] == place.path[:-1]
    is_twin = same_owner and _is_twin_attribute(leaf.name, words[-1] if words else "")
    if is_twin and (leaf.name, words[-1]) in updates:
        return 98
    movers = {o for name in called for o in names if (name, o) in updates and naming.looks_like_gradient(o)}
    if updated and movers:  # `dby += delta` makes two of them, one of which has the name
        return 97 + any(naming.is_gradient_of(o, name) == 3 for o in movers for name in called)
    by_name = max((naming.is_gradient_of(other, name) for name in called for other in names), default=0)
    if place.path[:2] == OF_BACKWARD:  # `return dx, gf, gb`, and not the parameters that it has moved
        containers += [word for word in (*holders, *place.owners) if SHORTLY.match(word)]
    is_entry = bool(containers) and _same_end(leaf.path, place.path)
    is_own = bool(containers) and len(place.path) > 2 and place.path[-1] == leaf.name  # `return dx, {"W": dW / n}`
    if (is_entry or is_own) and place.where == RETURNED and not _remembers(leaf.path[:-1]):
        return 91  # before a local variable that has the name: one step's share, or what is divided later
    if by_name and not _other_layer(leaf, place):
        return 60 + 10 * by_name - 25 * _other_owner(leaf, place)
    if updated and any((name, other) in updates for name in called for other in names):
        return 78
    if is_entry:
        return 77 - 2 * (leaf.path[:-2] != place.path[:-2]) - 5 * _remembers(leaf.path[:-1])
    if is_twin:
        return 70
    if containers and {naming.plain(name) for name in called} & {naming.plain(name) for name in names}:
        return 65
    loose = [other for other in names if not spoken.intersection(naming.cores(other))]
    if any(_same_ending(name, other) for name in called for other in loose):
        return 45
    if not _other_layer(leaf, place) and _is_spelled_out(leaf, {*names, *holders, *place.owners}):
        return 44
    return 42 if leaf.name == place.only_for else 0


def _is_spelled_out(leaf: Leaf, gradients: Iterable[str]) -> bool:
    """Tell whether the weights or biases are spelled out of which one of some gradients has the letter: `nabla_w`."""
    words = [naming.plain(str(step).lstrip(".")) for step in leaf.path if not isinstance(step, int)]
    letter = next(
        (first for first, word in (("w", "weight"), ("b", "bias")) if words and words[-1].startswith(word)), None
    )
    return letter is not None and any(
        naming.plain(core).rstrip("s") == letter for name in gradients for core in naming.cores(name.partition("[")[0])
    )


def _same_ending(name: str, gradient: str) -> bool:
    """Tell `G_xh` and `W_xh`, `gxh` and `wxh`, from anything else."""
    if gradient[:1] not in "dDgG" or name[:1] not in "wWuUvVbB" or len(name) < 2:
        return False
    return naming.plain(name)[1:] == naming.plain(gradient)[1:] or naming.plain(name) == naming.plain(gradient)[1:]


def _other_layer(leaf: Leaf, place: Place) -> bool:
    """Tell whether two paths lead into different members of one container: layers[0] and layers[1]."""
    numbers = [[step for step in path if isinstance(step, int)] for path in (leaf.path, place.path[1:])]
    return bool(numbers[0]) and bool(numbers[1]) and numbers[0] != numbers[1]


def _are_containers(leaf: Leaf, others: set[str], updates: frozenset[tuple[str, str]]) -> bool:
    """Tell whether a list of gradients is what updates a list of parameters: `zip(self.weights, nabla_w)`."""
    own = {str(step).lstrip(".") for step in leaf.path[:-1] if not isinstance(step, int)}
    return any((mine, other) in updates for mine in own for other in others)


def _other_owner(leaf: Leaf, place: Place) -> bool:
    """Tell whether two attributes belong to different objects: `p.W_f.v` and `p.W_i.d`."""
    owners = [path[:-1] for path in (leaf.path, place.path) if len(path) > 2 and str(path[-1]).startswith(".")]
    return len(owners) == 2 and owners[0] != owners[1]


def _same_end(one: Path, other: Path) -> bool:
    return len(one) > 1 and len(other) > 1 and one[-1] == other[-1]


def _are_twins(one: Path, other: Path) -> bool:
    """Tell whether both are attributes, one of which holds the value and the other its gradient: `p.data`, `p.grad`."""
    last, own = str(other[-1]), str(one[-1])
    return own.startswith(".") and last.startswith(".") and _is_twin_attribute(own.lstrip("."), last.lstrip("."))


def _is_twin_attribute(own: str, last: str) -> bool:
    values, gradients = (
        {"v", "value", "val", "data", "w", "x", "param"},
        {"d", "grad", "g", "diff", "dw", "gradient", "dv"},
    )
    return own.lower() in values and last.lower() in gradients


def is_state(leaf: Leaf) -> bool:
    """Tell whether an array is data rather than a parameter: an initial state, or an input."""
    if len(leaf.path) > 1 and leaf.name.isupper():  # a matrix among matrices
        return False
    return bool(naming.STATE.match(leaf.name)) or leaf.name in ("x", "X", "xs", "inputs", "inp")
