"""Units put together from a call and the roles of its values."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.backward_passes import has_backward
from crosscheck.recognise.cases import CallCases
from crosscheck.recognise.fixed_arrays import fixed_arrays
from crosscheck.recognise.laid_out import laid_out_by_updates
from crosscheck.recognise.leaves import Leaf, Path, leaves, spelled
from crosscheck.recognise.loops import Loop
from crosscheck.recognise.loss_samples import says_yes_or_no
from crosscheck.recognise.pairing import update_pairs
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.roles import Roles, is_floating
from crosscheck.recognise.slices import backward_lines
from crosscheck.recognise.subject import CallSubject
from crosscheck.recognise.tables_of_symbols import holds_integers, is_order
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.without_gradient import weights_without
from crosscheck.recognise.world import World
from crosscheck.source import Document
from crosscheck.source.walking import walk, walked

LEFT = "nothing else was left"
"""Why a gradient was taken for that of an argument, if nothing speaks for it"""


def assembled(document: Document, world: World, replay: Replay, roles: Roles, *nodes: ast.FunctionDef | Loop) -> Unit:
    """Put a unit together from a call and its roles."""
    assert roles.loss is not None
    replay.zeroed = roles.buffers
    chosen = {**roles.parameters, **roles.inputs}
    short = short_names(chosen, frozenset(replay.roots()))
    parameters = {short[name]: leaf.value for name, leaf in chosen.items()}
    gradients = {short[name]: place for name, place in roles.gradients.items()}
    data = data_of(replay, {id(value) for value in (*parameters.values(), *roles.buffers)})
    data = {f"{name} of the module" if name in parameters else name: value for name, value in data.items()}
    ids = {name: id(value) for name, value in {**parameters, **data}.items()}
    subject = CallSubject(replay, ids, roles.loss, gradients)
    inside = [leaf for leaf in leaves(replay.roots()) if str(leaf) in roles.updated and is_floating(leaf.value)]
    laid_out = laid_out_by_updates(document.tree)
    subject.flat = frozenset(
        short[name]
        for name, place in roles.gradients.items()
        if any((chosen[name].name, n) in laid_out for n in (place.name, *place.names))
    )
    subject.written = tuple(leaf.value for leaf in inside if id(leaf.value) not in ids.values())
    symbols = {name: symbol_count(data, name) for name, value in data.items() if holds_integers(value)}
    distinct = frozenset(drawn_once(document.tree)) & symbols.keys()
    inputs = frozenset(short[name] for name in roles.inputs)
    held = fixed_arrays(document.tree)
    fixed = frozenset(n for n, v in data.items() if isinstance(v, np.ndarray) and n.removeprefix("self.") in held)
    cases = CallCases(parameters, data, symbols, inputs=inputs, distinct=distinct, fixed=fixed)
    if not _runs(subject, cases):  # words and their tags are numbered apart
        cases = replace(cases, symbols={name: _own_count(data, name) for name in symbols})
    cases = with_lengths(subject, cases)
    eliminated = sorted(short[name] for name in roles.eliminated if name in short)
    return Unit(
        name=replay.name,
        document=document,
        world=world,
        subject=subject,
        example=(parameters, data),
        cases=cases,
        editable=frozenset().union(*editable_lines(document, roles, nodes)),
        functions=nodes,
        names={name: str(place) for name, place in gradients.items()},
        without=tuple(weights_without(replay, roles, {name for name, _ in update_pairs(document.tree)})),
        assumptions=tuple(f"{gradients[name]} was taken for the gradient of {name}: {LEFT}" for name in eliminated),
        moves=bool(roles.updated & roles.parameters.keys()),
        covers=frozenset(replay.name.split("/")),
    )


def drawn_once(tree: ast.AST) -> Iterator[str]:
    """Yield the names of what is drawn without being put back: `others = rng.choice(words, 5, replace=False)`."""
    for part in walk(tree):
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Call):
            kept = (k.value for k in part.value.keywords if k.arg == "replace")
            if any(isinstance(value, ast.Constant) and value.value is False for value in kept):
                yield from (target.id for target in part.targets if isinstance(target, ast.Name))


def editable_lines(
    document: Document, roles: Roles, nodes: Sequence[ast.FunctionDef | Loop]
) -> Iterator[frozenset[int]]:
    """Return the lines of the backward pass in each of the functions: of a pair, all of the second one."""
    assert roles.loss is not None
    said = frozenset(line for node in _losses(document.tree, nodes) for line in _lines(node))
    if len(nodes) == 1:
        names = [str(roles.loss), roles.loss.name, *getattr(roles.loss, "names", ())]
        yield backward_lines(document.tree, nodes[0], names) - said
    else:
        yield backward_lines(document.tree, nodes[1], []) - said


def _losses(tree: ast.AST, nodes: Sequence[ast.FunctionDef | Loop]) -> Iterator[ast.FunctionDef]:
    """Yield the functions that only say what the loss is: a repair edits none of them."""
    for node in (part for part in walk(tree) if isinstance(part, ast.FunctionDef) and part not in nodes):
        if naming.LOSS_FUNCTION.search(node.name) and not naming.BACKWARD.search(node.name) and not has_backward(node):
            yield node


def _lines(node: ast.FunctionDef) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def short_names(leaves: Mapping[str, Leaf], taken: frozenset[str]) -> dict[str, str]:
    """Return a plain name for each path: its last word where that is unique, all of its words where not."""
    last = [leaf.name for leaf in leaves.values()]
    made = {}
    for path, leaf in leaves.items():
        words = [str(step).lstrip(".") for step in leaf.path if step != "self"]
        whole = "_".join(words)
        is_free = leaf.name not in taken or len(leaf.path) == 1
        made[path] = leaf.name if last.count(leaf.name) == 1 and leaf.name.isidentifier() and is_free else whole
    return made


def data_of(replay: Replay, taken: set[int]) -> dict[str, Any]:
    """Return what else a call starts from and may be drawn anew: floating arrays, and integers in arrays and lists."""
    found: dict[str, Any] = {}
    roots = replay.roots()
    others = replay.names.keys() - replay.entry.arguments.keys()  # an argument may be called as a global is
    waiting: list[tuple[Path, Any]] = [((n,), v) for n, v in roots.items() if n not in others]
    turned = replay.loop_variables()
    waiting += [
        ((n,), v)
        for n, v in roots.items()
        if n in others and (isinstance(v, np.ndarray) or (n in turned and isinstance(v, list) and holds_integers(v)))
    ]
    seen: set[int] = {*taken, *replay.kept}
    while waiting:
        path, value = waiting.pop(0)
        if id(value) in seen or len(path) > 3:
            continue
        seen.add(id(value))
        if (
            is_floating(value)
            or holds_integers(value)
            or (isinstance(value, list) and value and all(is_floating(i) and id(i) not in taken for i in value))
        ):
            found[spelled(path)] = value
        elif isinstance(value, list | tuple) and len(value) <= 50:
            waiting += [((*path, place), item) for place, item in enumerate(value)]
        elif isinstance(value, Mapping) and len(value) <= 50:
            waiting += [((*path, key), item) for key, item in value.items() if isinstance(key, str | int)]
        elif hasattr(value, "__dict__") and not isinstance(value, type) and path[:1] == ("self",):
            waiting += [((*path, f".{name}"), item) for name, item in vars(value).items() if is_floating(item)]
    return found


def symbol_count(data: Mapping[str, Any], name: str) -> int:
    """Return how many symbols there are: as many as all sequences of the call show together, or as it shows itself."""
    everywhere = [np.max(value) for value in data.values() if holds_integers(value)]
    own = int(np.max(data[name]))
    return int(max(everywhere)) + 1 if len(np.shape(data[name])) == 1 and not says_yes_or_no(data[name]) else own + 1


def _own_count(data: Mapping[str, Any], name: str) -> int:
    """Return how many symbols a sequence shows, and those that lie in one container with it."""
    root = name.partition("[")[0]
    return 1 + max(int(np.max(v)) for n, v in data.items() if n.partition("[")[0] == root and holds_integers(v))


def _runs(subject: CallSubject, cases: CallCases) -> bool:
    """Tell whether a call has no symbols that are out of bounds."""
    try:
        subject(*cases.build(cases.draw(0, 0)).arguments)
    except IndexError:
        return False
    except Exception:  # noqa: BLE001 - it is told elsewhere
        return True
    return True


def _numbers(values: Iterable[Any]) -> Iterator[float]:
    """Yield the numbers that a call begins with, and those that its objects hold."""
    for value in values:
        held = vars(value).values() if hasattr(value, "__dict__") else (value,)
        numbers = (number for number in held if isinstance(number, int | float | np.integer))
        yield from (float(number) for number in numbers if not isinstance(number, bool))


def _is_only_taken_of(name: str, node: ast.AST | None) -> bool:
    """Tell whether an order of rows is read for some rows at a time alone, `order[i : i + n]`, and never counted."""
    inside = list(walked(node)) if node is not None else []
    taken = {id(part.value) for part in inside if isinstance(part, ast.Subscript)}
    reads = [part for part in inside if isinstance(part, ast.Name) and part.id == name]
    return bool(reads) and all(id(part) in taken for part in reads)


def _windowed(loop: Any) -> set[str]:
    """Return what a turn of a loop takes two windows of: where that is shorter, inputs and targets end apart.

    >>> sorted(_windowed(ast.parse("for i in r: step(ids[i:i + 5], ids[i + 1:i + 6], order[i:i + 8])").body[0]))
    ['ids']
    """
    windows: dict[str, set[str]] = {}
    counters = (
        {one.id for one in walked(loop.target) if isinstance(one, ast.Name)} if isinstance(loop, ast.For) else set()
    )
    for part in walked(loop) if counters else ():
        match part:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Slice() as window):
                if counters & {one.id for one in walked(window) if isinstance(one, ast.Name)}:
                    windows.setdefault(name, set()).add(ast.unparse(window))
            case _:
                continue
    return {name for name, texts in windows.items() if len(texts) > 1}


def with_lengths(subject: CallSubject, cases: CallCases) -> CallCases:
    """Return cases of several numbers of steps, if the function works with those."""
    node = getattr(subject.replay, "node", getattr(subject.replay, "loop", None))
    steady = {name for name, value in cases.data.items() if is_order(value) and not _is_only_taken_of(name, node)}
    steady |= _windowed(node)
    stepped = {n: v for n, v in cases.data.items() if (isinstance(v, list) or holds_integers(v)) and n not in steady}
    lengths = [len(value) for value in stepped.values()]
    if not lengths:
        return cases
    steps = max(set(lengths), key=lengths.count)
    if steps == 1:  # one example, of one label: whatever is made of it has one row
        return cases
    if steps in _numbers(subject.replay.roots().values()):  # `n = len(X)` was computed before, and would stay
        return cases
    sequences = frozenset(name for name, value in stepped.items() if len(value) == steps)
    varied = replace(cases, sequences=sequences, steps=steps)
    for other in (1, 2, steps + 3):
        key = varied.draw(0, 0)._replace(sizes=(other,))
        try:
            outcome = subject(*varied.build(key).arguments)
            fits = all(np.shape(outcome.gradients[name]) == value.shape for name, value in cases.parameters.items())
        except Exception:  # noqa: BLE001 - it works with its own number of steps alone
            fits = False
        if not fits:
            return replace(cases, sequences=frozenset(), steps=0)
    return varied
