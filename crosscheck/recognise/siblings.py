"""Functions of a file that are called like a loss, and what of a call they can be handed: its siblings."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.batches_handed import rows_of_turn
from crosscheck.recognise.copying import copied
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.leaves import follow
from crosscheck.recognise.outputs_kept import goes_on_from_outputs
from crosscheck.recognise.places import HANDED, MADE
from crosscheck.recognise.preparing import attributes, reach
from crosscheck.recognise.replay import Replay, Result, StandIns
from crosscheck.recognise.statements import root_word
from crosscheck.recognise.terms_of_losses import added_up
from crosscheck.source.walking import walk

OF_LOOP = naming.re.compile(r"(\w+)_in_line_(\d+)$")
"""What a loss that a loop states is called as a function (stated_in_loops.py)"""
ROWS = {"len": len, "min": min, "list": list, "range": range}
"""What rows are chosen with"""
WHOLE = "__whole__"
"""What an array is called that an entry is taken of"""
DRAWS = frozenset({"rand", "randn", "random", "random_sample", "binomial", "normal", "standard_normal", "uniform"})


class Sibling:
    """A function that is called like a loss, and what it is handed: names of the call's own values."""

    def __init__(
        self, function: str, given: Mapping[str, Any], wrapped: bool, exact: bool, *, of_kept: bool = False
    ) -> None:
        self.function, self.given, self.wrapped = function, given, wrapped
        self.exact = exact
        """Whether it is handed the very arguments of the call, under the same names"""
        self.of_kept = of_kept
        """Whether it only reads what the forward pass has kept in its object, and is handed what the backward is"""

    def __str__(self) -> str:
        if found := OF_LOOP.search(self.function):
            return f"{found[1]} in line {found[2]}"
        given = {own: name.removesuffix(HANDED) if isinstance(name, str) else name for own, name in self.given.items()}
        told = {own: _spelled(name) for own, name in given.items()}
        shown = (f"[{name}]" if self.wrapped else name for own, name in told.items() if own != "self")
        return f"{self.function}({', '.join(shown)})"

    def value(self, inner: Replay, result: Result, replaced: Mapping[int, Any], modules: StandIns) -> Any:
        """Return what it says in the state in which the call began; None where it cannot be called."""
        roots = inner.roots()
        memo: dict[int, Any] = {**inner.cleared(), **replaced}
        arguments: dict[str, Any] = {}

        def known(name: str) -> Any:
            return copied(roots[name], memo) if name in roots else copied(follow(result.variables, (name,)), {})

        def made(name: str) -> Any:
            return result.variables[name] if name in result.variables else roots[name]

        for own, name in self.given.items():
            if isinstance(name, ast.expr):
                value = entry_of(name, known, made)
            else:
                value = known(name) if isinstance(name, str) else {key: known(key) for key in name}
            arguments[own] = [value] if self.wrapped and own != "self" else value
        if self.of_kept:
            arguments["self"] = copied(result.arguments["self"], {})
        entry = Entry(self.function, arguments, inner.entry.names, {})
        try:
            call = Replay(inner.world, entry)
            names = {name: copied(inner.names.get(name, value), memo) for name, value in call.names.items()}
            said = call.call({**_defaults(call.function), **arguments}, names, modules).returned
        except Exception:  # noqa: BLE001 - it was not written for these values
            return None
        if not isinstance(said, tuple) or not said:
            return said
        whole = added_up(inner.world.document.tree, self.function, said, inner.entry.names)
        return said[0] if whole is None else whole


def _spelled(given: Any) -> str:
    """Return what a function is handed, as the report writes it."""
    if isinstance(given, ast.expr):
        return ast.unparse(given)
    return given if isinstance(given, str) else f"{{{', '.join(given)}}}"


def entry_of(expression: ast.expr, known: Callable[[str], Any], made: Callable[[str], Any] | None = None) -> Any:
    """Return an entry of what a call has, as `activations[-1]` says it; None if there is none.

    With what the call has `made`, so are rows that it has chosen: `X[rows]`.
    """
    if isinstance(expression, ast.Name):
        return known(expression.id)
    assert isinstance(expression, ast.Subscript)
    try:
        whole = entry_of(expression.value, known, made)
        if made is None or _is_literal(expression.slice):
            return whole[ast.literal_eval(expression.slice)]
        names = {n.id: made(n.id) for n in walk(expression.slice) if isinstance(n, ast.Name) and n.id not in ROWS}
        taken = ast.Expression(ast.Subscript(ast.Name(WHOLE, ast.Load()), expression.slice, ast.Load()))
        code = compile(ast.fix_missing_locations(taken), "<rows>", "eval")
        return eval(code, {"__builtins__": ROWS}, {**names, WHOLE: whole})  # noqa: S307 - it has just run
    except (LookupError, TypeError, NameError, AttributeError):  # of another kind, or too short
        return None


def _defaults(function: Any) -> dict[str, Any]:
    code, values = function.__code__, function.__defaults__ or ()
    return dict(zip(code.co_varnames[code.co_argcount - len(values) : code.co_argcount], values, strict=True))


def siblings_of(replay: Replay, nodes: Mapping[str, ast.FunctionDef], local: Sequence[str]) -> list[Sibling]:
    """Return the functions named like a loss that can be handed what a call has."""
    owner = replay.entry.function.rpartition(".")[0]
    roots = replay.roots()
    arguments = [name for name in replay.entry.arguments if name != "self"]
    handed = replay.handed_on()
    found: list[Sibling] = []
    for function, node in nodes.items():
        prefix, _, last = function.rpartition(".")
        wanted = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
        required = wanted[: len(wanted) - len(node.args.defaults)]
        is_method = required[:1] == ["self"]
        if not naming.LOSS_FUNCTION.search(last) or naming.NOT_LOSS.search(last) or naming.BACKWARD.search(last):
            continue
        of_kept = is_method and _reads_kept(node, function, replay, nodes)
        if (
            replay.name.split(", ")[0] in (function, last)
            or (is_method and prefix != owner and not of_kept)
            or (is_method and "self" not in roots)
            or (is_method and _makes_anew(function, replay, nodes))
            or _draws(node, nodes)
        ):
            continue
        own = [name for name in required if name != "self"]
        start = {"self": "self"} if is_method else {}
        start |= {name: name for name in wanted[len(required) :] if name in arguments}  # `strength=1.0` of both
        if getattr(node, "of_loop", False):  # its arguments are called as in the loop, and there alone
            there = {*arguments, *roots, *local, *handed, MADE}
            given = (e for e in _as_called(function, own, replay, nodes) if there.issuperset(map(_root, e.values())))
            found += [Sibling(function, {**start, **entries}, False, False) for entries in given]
            continue
        known: dict[str, Any] = {n: n for n in own if n in arguments or n in roots or n in local}
        known |= {n: n + HANDED for n in own if n in handed and n not in known}
        known |= {n: keys for n in own if (keys := _entries(node, n)) and all(k in roots or k in local for k in keys)}
        if len(known) == len(own):
            handed_more = any(_is_array(replay.entry.arguments[name]) for name in arguments[len(own) :])
            by_object = (
                is_method and prefix == owner and not (arguments or of_kept or goes_on_from_outputs(function, nodes))
            )
            exact = (bool(own) or by_object) and own == arguments[: len(own)]
            exact = exact and _is_loss(last) and replay.name in nodes
            exact = exact and not handed_more  # an output, say, that the loss computes itself
            ways = (False, True) if _may_be_wrapped(node, known.values(), replay) else (False,)
            found += [
                Sibling(function, {**start, **known}, wrapped, exact and not wrapped, of_kept=of_kept)
                for wrapped in ways
            ]
        there = {*arguments, *roots, *local, *handed, *([MADE] if is_method else [])}
        kept = is_method and _reads_kept(node, function, replay, nodes, alike=False)
        for entries in _as_called(function, own, replay, nodes) if len(known) < len(own) else ():
            if there.issuperset(map(_root, entries.values())) and (kept or not is_method):
                found.append(Sibling(function, {**start, **entries}, False, False, of_kept=kept))
        for entries in _as_called_within(function, own, replay, nodes) if len(known) < len(own) else ():
            if all(_root(part) in {*arguments, *roots, *local} for part in entries.values()):
                found.append(Sibling(function, {**start, **entries}, False, False))
        if len(own) <= len(arguments):
            given = dict(zip(own, arguments, strict=False))
            ways = (False, True) if _may_be_wrapped(node, given.values(), replay) else (False,)
            if given != known:
                found += [Sibling(function, {**start, **given}, wrapped, False) for wrapped in ways]
    if isinstance(loop := getattr(replay, "loop", None), ast.For | ast.While):
        found = [one for whole in found if (one := _of_rows(whole, loop)) is not None]
    found.sort(key=lambda one: -len(one.given))  # a cost that is handed the strength of its penalty before one without
    most = max((len(one.given) for one in found if one.exact), default=0)
    for one in found:
        one.exact = one.exact and len(one.given) == most
    told = {one.function for one in found if one.exact}
    if len(told) > 1:  # `huber_loss` and `mse_loss` are handed the same
        called = naming.plain(replay.entry.function.rpartition(".")[2])
        told = {name for name in told if naming.plain(name.rpartition(".")[2]) in called}
        for one in found:
            one.exact = one.exact and one.function in told
    replay.asked = {n for one in found for n in one.given.values() if isinstance(n, str) and n.endswith(HANDED)}
    if any(isinstance(n, ast.expr) and _root(n) == MADE for one in found for n in one.given.values()):
        replay.asked.add(MADE)
    return found


def _may_be_wrapped(node: ast.FunctionDef, given: Iterable[Any], replay: Replay) -> bool:
    """Tell whether a loss may be of many examples and a call of one: not where the call is handed a table itself.

    A loss that goes over its examples one by one may take each for a sequence, and a sequence is a table.
    """
    known = {**replay.roots(), **replay.entry.arguments}
    arrays = [value for name in given if isinstance(name, str) and isinstance(value := known.get(name), np.ndarray)]
    is_table = any(sum(size > 1 for size in value.shape) > 1 for value in arrays)
    loops = (part for part in walk(node) if isinstance(part, ast.For | ast.comprehension))
    return not is_table or any(True for _ in loops)


def _of_rows(sibling: Sibling, loop: ast.For | ast.While) -> Sibling | None:
    """Return a sibling that is handed what a turn takes of the data, and not all of them; None if that is not told."""
    given = rows_of_turn(sibling.given, loop)
    if given is None or given == sibling.given:
        return None if given is None else sibling
    return Sibling(sibling.function, given, sibling.wrapped, False, of_kept=sibling.of_kept)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size > 1


def _as_called(
    function: str, own: Sequence[str], replay: Replay, nodes: Mapping[str, ast.FunctionDef]
) -> Iterator[dict[str, ast.expr]]:
    """Yield what the program hands a function where it hands the same to a backward pass, in terms of the latter.

    `loss = cost(outs[-1], y)` beside `backward(outs, w, target=y)` is `cost(outs[-1], target)` to the backward pass.
    """
    backward = getattr(replay, "backward", replay.entry).function
    if backward not in nodes:
        return
    formal = [argument.arg for argument in nodes[backward].args.args if argument.arg != "self"]
    script = [s for s in replay.world.document.tree.body if not isinstance(s, ast.FunctionDef | ast.ClassDef)]
    for scope in (ast.Module(script, []), *nodes.values()):
        calls = [part for part in walk(scope) if isinstance(part, ast.Call)]
        for there in (call for call in calls if root_word(call.func) == backward.rpartition(".")[2]):
            bound = _inputs(scope, replay, nodes) | _outputs(scope, replay)
            bound |= {ast.unparse(part): _read(word) for part, word in zip(there.args, formal, strict=False)}
            bound |= {ast.unparse(keyword.value): _read(keyword.arg) for keyword in there.keywords if keyword.arg}
            for call in (call for call in calls if root_word(call.func) == function.rpartition(".")[2]):
                handed = dict(zip(own, call.args, strict=False))
                handed |= {
                    keyword.arg: keyword.value for keyword in call.keywords if keyword.arg and keyword.arg in own
                }
                parts = {name: _renamed(part, bound) for name, part in handed.items()}
                if len(parts) == len(own) and all(part is not None for part in parts.values()):
                    yield {name: part for name, part in parts.items() if part is not None}


def _as_called_within(
    function: str, own: Sequence[str], replay: Replay, nodes: Mapping[str, ast.FunctionDef]
) -> Iterator[dict[str, ast.expr]]:
    """Yield what the code that is judged hands a function itself: `log_loss(train, w)`, where that calls it `data`."""
    whole = getattr(replay, "loop", None) or nodes.get(replay.entry.function)
    last = function.rpartition(".")[2]
    calls = (part for part in walk(whole) if isinstance(part, ast.Call)) if whole is not None else ()
    for call in (call for call in calls if root_word(call.func) == last):
        handed = dict(zip(own, call.args, strict=False))
        handed |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg and keyword.arg in own}
        if len(handed) == len(own) and all(isinstance(part, ast.Name) for part in handed.values()):
            yield handed


def _read(word: str) -> ast.expr:
    return ast.Name(word, ast.Load())


def _inputs(scope: ast.AST, replay: Replay, nodes: Mapping[str, ast.FunctionDef]) -> dict[str, ast.expr]:
    """Return the variables that the forward pass of a pair is handed, by the names that it has for them."""
    forward = nodes.get(replay.entry.function) if getattr(replay, "backward", None) is not None else None
    if forward is None:
        return {}
    formal = [argument.arg for argument in forward.args.args if argument.arg != "self"]
    calls = [part for part in walk(scope) if isinstance(part, ast.Call) and root_word(part.func) == forward.name]
    pairs = (pair for call in calls for pair in zip(call.args, formal, strict=False))
    return {given.id: _read(word) for given, word in pairs if isinstance(given, ast.Name)}


def _outputs(scope: ast.AST, replay: Replay) -> dict[str, ast.expr]:
    """Return the variables that hold what the forward pass of a pair returns, or one of several things."""
    found: dict[str, ast.expr] = {}
    forward = replay.entry.function.rpartition(".")[2] if getattr(replay, "backward", None) is not None else ""
    for node in walk(scope):
        match node:
            case ast.Assign(targets=[target], value=ast.Call() as call) if root_word(call.func) == forward:
                several = list(enumerate(target.elts)) if isinstance(target, ast.Tuple) else []
                found |= {ast.unparse(one): ast.Subscript(_read(MADE), ast.Constant(place)) for place, one in several}
                found |= {} if several else {ast.unparse(target): _read(MADE)}
            case _:
                pass
    return found


def _renamed(expression: ast.expr, bound: Mapping[str, ast.expr]) -> ast.expr | None:
    """Return an entry of an array by the name that it has where it is handed on; None of anything else."""
    if isinstance(expression, ast.Name):
        return bound.get(expression.id)
    if not isinstance(expression, ast.Subscript) or not _is_literal(expression.slice):
        return None
    inner = _renamed(expression.value, bound)
    return None if inner is None else ast.Subscript(inner, expression.slice, ast.Load())


def _is_literal(node: ast.expr) -> bool:
    try:
        return isinstance(ast.literal_eval(node), int | str)
    except ValueError:
        return False


def _root(expression: ast.expr) -> str:
    while isinstance(expression, ast.Subscript):
        expression = expression.value
    return getattr(expression, "id", "")


def _makes_anew(name: str, replay: Replay, nodes: Mapping[str, ast.FunctionDef]) -> bool:
    """Tell whether a method goes forward and keeps what a call of a single method reads, and takes as it was left.

    What the loss says of other parameters would be held against a gradient of those before.
    """
    own = nodes.get(replay.entry.function)
    if own is None or getattr(replay, "backward", None) is not None:
        return False
    owner = name.rpartition(".")[0]
    methods = {other.rpartition(".")[2]: other for other in nodes if other.rpartition(".")[0] == owner}
    made = {
        word
        for other in reach([name.rpartition(".")[2]], methods, nodes)
        for word in attributes(nodes[other], ast.Store)
    }
    again = {word for n in reach([own.name], methods, nodes) for word in attributes(nodes[n], ast.Store)}
    return bool(made & attributes(own, ast.Load) - again)


def _reads_kept(
    node: ast.FunctionDef, name: str, replay: Replay, nodes: Mapping[str, ast.FunctionDef], *, alike: bool = True
) -> bool:
    """Tell whether a method only reads what the forward pass of a pair keeps in its object, and the backward leaves.

    Where it is to be `alike`, it is handed what the backward is.
    """
    backward = getattr(replay, "backward", None)
    other = nodes.get(backward.function) if isinstance(backward, Entry) else None
    if other is None or str(getattr(backward, "function", "")).rpartition(".")[0] != name.rpartition(".")[0]:
        return False
    calls = any(
        isinstance(part, ast.Call) and ast.unparse(getattr(part.func, "value", part.func)) == "self"
        for part in walk(node)
    )
    stored = attributes(node, ast.Store) | attributes(other, ast.Store)
    is_handed_alike = not alike or [a.arg for a in node.args.args] == [a.arg for a in other.args.args]
    return is_handed_alike and not calls and bool(read := attributes(node, ast.Load)) and not read & stored


def _entries(node: ast.FunctionDef, name: str) -> tuple[str, ...]:
    """Return the entries that a function takes out of a dictionary: `model["W1"]`."""
    keys = (
        part.slice.value
        for part in walk(node)
        if isinstance(part, ast.Subscript)
        and isinstance(part.value, ast.Name)
        and part.value.id == name
        and isinstance(part.slice, ast.Constant)
    )
    return tuple(dict.fromkeys(key for key in keys if isinstance(key, str)))


def _draws(node: ast.AST, nodes: Mapping[str, ast.FunctionDef]) -> bool:
    """Tell whether a function, or one that it calls, draws numbers of its own: noise, masks of a dropout.

    Its loss is that of another forward pass.
    """
    by_name = {name.rpartition(".")[2]: other for name, other in nodes.items()}
    waiting, seen = [node], set()
    while waiting:
        current = waiting.pop()
        seen.add(id(current))
        words = {root_word(n.func) for n in walk(current) if isinstance(n, ast.Call)}
        if words & DRAWS:
            return True
        waiting += [by_name[word] for word in words & by_name.keys() if id(by_name[word]) not in seen]
    return False


def _is_loss(name: str) -> bool:
    return bool(naming.re.search(rf"loss|cost|nll|surrogate|^cout|{naming.LOSS_WORDS}", name, naming.re.IGNORECASE))
