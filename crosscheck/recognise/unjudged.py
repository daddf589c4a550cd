"""What looks like a gradient and was not judged, neither by itself nor as a part of something else."""

import ast
from collections.abc import Iterator

from crosscheck.recognise import naming, targets
from crosscheck.recognise.backward_passes import (
    DESCENT,
    NO_BACKWARD,
    assembles,
    composes,
    has_backward,
    looks_like_backward,
    only_collects,
    reached,
    takes_differences,
    words_called,
)
from crosscheck.recognise.beginnings import PREFIX
from crosscheck.recognise.findings import NEVER_CALLED, NO_LOSS, Skipped
from crosscheck.recognise.left_over import unjudged_loops
from crosscheck.recognise.loops import loops_of
from crosscheck.recognise.moving import moves_by_products, moves_weights
from crosscheck.recognise.places import returns_joined
from crosscheck.recognise.rewarded import goes_by_rewards
from crosscheck.recognise.search import Search
from crosscheck.recognise.seeds import beginnings, trains_from_own
from crosscheck.recognise.steps_of_turns import moves_at_rate
from crosscheck.recognise.training_loops import trains
from crosscheck.recognise.ways import left_out
from crosscheck.source.walking import walk

BEGUN = "nothing in the file calls it: only what it begins with was run, and not what it hands to its backward pass"
INSIDE = "it is defined within a function, and nothing that was judged goes through it"
RAISES = naming.re.compile(r"(?:called with other numbers )?it raises ")
"""How the reason begins where code failed"""


def unjudged(search: Search) -> list[Skipped]:
    """Return what a search leaves unjudged, with its reasons: the rest only where nothing is plain."""
    found = [*_functions(search), *([] if search.only else _loops(search))]
    if not search.found.units and not found and not search.only:
        found = list(_said_to_be_gradients(search)) or list(_trainings(search))
    found += [one for one in _begun(search) if one.function not in {other.function for other in found}]
    found += [] if search.only else list(_inner(search))
    known = {skipped.function for skipped in found} | search.judged
    found += [
        Skipped(name, search.reasons[name], search.nodes[name].lineno)
        for name in dict.fromkeys([*search.beside, *_twins(search)])
        if name in search.reasons and name not in known
    ]
    if not search.found.units and not found and search.reasons and not search.only:
        name = next(iter(search.reasons))
        found.append(_skipped(search, name, search.nodes[name].lineno if name in search.nodes else 1))
    return found


def _inner(search: Search) -> Iterator[Skipped]:
    """Yield backward passes that a function defines inside of it, and that nothing that was judged holds.

    A judged loop may go through them. Rules of libraries are judged elsewhere.
    """
    held = [part for unit in search.found.units for node in unit.functions for part in walk(node)]
    if "defvjp" in search.document.code or any(isinstance(part, ast.For | ast.While) for part in held):
        return
    known = {id(part) for part in held}
    for name, node in search.nodes.items():
        for part in (part for part in walk(node) if isinstance(part, ast.FunctionDef) and part is not node):
            is_backward = bool(naming.BACKWARD.search(part.name)) and not NO_BACKWARD.search(part.name)
            is_known = id(part) in known or part.name in search.covered or name in search.judged
            if is_backward and not is_known and not part.decorator_list and (has_backward(part) or moves_weights(part)):
                yield Skipped(f"{name}.{part.name}", INSIDE, part.lineno)


def _begun(search: Search) -> Iterator[Skipped]:
    """Yield methods of which nothing but the beginning was run, before what they call was judged."""
    for name, node in search.nodes.items():
        owner, _, word = name.rpartition(".")
        begun = f"{owner}.{PREFIX}{word}" in search.world.hooks.entries
        if begun and name not in search.judged and not search.world.hooks.entries.get(name) and search.is_wanted(name):
            yield Skipped(name, BEGUN, node.lineno)


def _twins(search: Search) -> Iterator[str]:
    """Yield functions that could not be called and are handed just what a judged one is: `loss_vectorized(W, X, y)`."""
    judged = [node.args for unit in search.found.units for node in unit.functions if isinstance(node, ast.FunctionDef)]
    known = {tuple(argument.arg for argument in given.args) for given in judged if len(given.args) > 1}
    for name, node in search.nodes.items():
        called = search.world.hooks.entries.get(name)
        if not called and has_backward(node) and tuple(argument.arg for argument in node.args.args) in known:
            yield name


def _skipped(search: Search, name: str, line: int) -> Skipped:
    return Skipped(name, search.reasons.get(name, NO_LOSS), line)


def _functions(search: Search) -> Iterator[Skipped]:
    """Yield the functions that are plainly backward passes, and those that learn by themselves."""
    passes = search.upstream()
    for name, node in search.nodes.items():
        learns = targets.learns_in_turns(node)  # by itself: the functions that it calls are not all of it
        is_gradient = _hands_gradients_on(search, name, node) or looks_like_backward(node) or returns_joined(node)
        is_other = assembles(node) or targets.returns_both(node) or _learns_at_once(node)
        is_other = is_other or (bool(naming.BACKWARD.search(node.name)) and moves_weights(node))
        is_other = is_other or (moves_by_products(node) and node.name not in search.covered)
        is_other = (is_other or goes_by_rewards(node)) and not NO_BACKWARD.search(node.name)
        is_gradient = is_gradient or is_other
        if name in search.judged or not search.is_wanted(name) or only_collects(node) or takes_differences(node):
            continue
        if _only_asks(search, node):
            continue
        learns = learns or trains_from_own(node, passes)
        if learns or (is_gradient and not _only_drives(search, node)):
            tried = [reason for names, reason in search.reasons.items() if name in names.split("/")]
            is_called = bool(search.world.hooks.entries.get(name))
            is_understood = any(name in names.split("/") for names, _ in search.world.unexplained)
            if is_understood and all(map(RAISES.match, tried)):  # beside what is not its forward pass
                tried = []
            reason = tried[0] if tried else NO_LOSS if is_called else NEVER_CALLED
            yield Skipped(name, reason, node.lineno)


def _learns_at_once(node: ast.FunctionDef) -> bool:
    """Tell whether a function computes gradients and moves weights by them, and is handed none of them."""
    stores = {n.id for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    is_handed = any(naming.is_gradient_argument(argument.arg) for argument in node.args.args)
    return not is_handed and any(map(naming.BEGINS_LIKE_GRADIENT.match, stores)) and moves_weights(node)


def _hands_gradients_on(search: Search, name: str, node: ast.FunctionDef) -> bool:
    """Tell whether a function is the backward pass of a network, which does more than its layers, or failed."""
    is_network = bool(naming.BACKWARD.search(node.name)) and not NO_BACKWARD.search(node.name)
    is_network = is_network and targets.goes_through(node) and not targets.hands_out(node)
    return is_network and (name in search.reasons or not targets.hands_on(node))


def _only_drives(search: Search, node: ast.FunctionDef) -> bool:
    """Tell whether a function only calls what was judged, and trains by it."""
    is_driver = not naming.BACKWARD.search(node.name) or bool(DESCENT.search(node.name)) or trains(node, set())
    calls_judged = bool(reached(search.document.tree, [node]) & search.covered)
    return is_driver and calls_judged and not (composes(node) or assembles(node))


def _only_asks(search: Search, node: ast.FunctionDef) -> bool:
    """Tell whether a function computes nothing by itself, and hands on what a judged backward pass returns."""
    called = words_called(node)
    left = {
        name.rpartition(".")[2] for name, other in search.nodes.items() if looks_like_backward(other)
    } - search.covered
    return bool(called & search.covered) and not called & left and only_asks(node)


def only_asks(node: ast.FunctionDef) -> bool:
    """Tell whether a function does no more than hand on, to the next call or its caller, what calls return.

    Or it moves something by that, at a rate.

    >>> code = "def f(w): s = ahead(w); d = slope(s[:, -1]).sum(); _, g = back(s, d); return g"
    >>> only_asks(ast.parse(code).body[0]), only_asks(ast.parse(code.replace("return g", "return 2 * g")).body[0])
    (True, False)
    >>> only_asks(ast.parse("def back(self, x, y): dw = self.slope(x, y); self.w -= self.rate * dw").body[0])
    True
    """
    places = {id(part) for entry in walk(node) if isinstance(entry, ast.Subscript) for part in walk(entry.slice)}
    steps = [part for part in node.body if moves_at_rate(part) and not any(isinstance(n, ast.Call) for n in walk(part))]
    inside = {id(part) for step in steps for part in walk(step)}
    parts = [part for part in walk(node) if id(part) not in places | inside]
    computes = (ast.BinOp, ast.UnaryOp, ast.AugAssign, ast.For, ast.While, ast.comprehension, ast.Lambda)
    stored = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    returned = [part.value for part in parts if isinstance(part, ast.Return)]
    is_handed = bool(returned or steps) and all(
        isinstance(value, ast.Name) and value.id in stored for value in returned
    )
    return is_handed and not any(isinstance(part, computes) for part in parts)


def _loops(search: Search) -> Iterator[Skipped]:
    trees = (search.document.tree, search.world.tree)
    held = [*search.seeded, *(node for unit in search.found.units for node in unit.functions)]
    for name, node in unjudged_loops(trees, search.nodes, held):
        yield _skipped(search, name, node.lineno)
    functions = {id(part) for node in search.nodes.values() for part in walk(node)}
    known = loops_of(*trees)
    beginning = {name for name, _ in beginnings({}, known, search.upstream())}
    for name, node in known.items():
        if any(node is other for other in held):
            continue
        missing = left_out(node.body)
        if missing is not None:
            reason = f"nothing on its way back answers to line {missing.lineno}, and no loss was found for the whole"
            yield Skipped(name, reason, node.lineno)
        elif id(node) not in functions and name in beginning:
            yield _skipped(search, name, node.lineno)


def _said_to_be_gradients(search: Search) -> Iterator[Skipped]:
    """Yield functions that say of themselves, in whatever language, that they compute gradients."""
    for name, node in search.nodes.items():
        is_said = naming.SAYS_GRADIENTS.search(node.name) or naming.BACKWARD.search(node.name)
        if is_said and has_backward(node) and not NO_BACKWARD.search(node.name) and not takes_differences(node):
            unknown = NO_LOSS if search.world.hooks.entries.get(name) else NEVER_CALLED
            yield Skipped(name, search.reasons.get(name, unknown), node.lineno)


def _trainings(search: Search) -> Iterator[Skipped]:
    for name, node in search.nodes.items():
        if targets.learns(node) and targets.moves_in_loop(node):
            yield _skipped(search, name, node.lineno)
