"""Calls of which more is seen: what inner functions returned, what a variable was turn by turn, what a loss says."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.copying import copied
from crosscheck.recognise.hinges import CALLED
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.leaves import follow
from crosscheck.recognise.places import HANDED
from crosscheck.recognise.preparing import attributes, reach
from crosscheck.recognise.replay import Replay, Result, StandIns
from crosscheck.recognise.seeing import joined
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk

MOST = 64
"""Numbers in an array, and turns of a loop, that are kept"""
DRAWS = frozenset({"rand", "randn", "random", "random_sample", "binomial", "normal", "standard_normal", "uniform"})
ARRAYS = (np.ndarray, np.generic, float, complex)


class Observer:
    """Told of every turn of a loop and of every return while a call is replayed (Hooks.observer)."""

    def __init__(self, stored: Mapping[str, frozenset[str]], unseen: str, wanted: frozenset[str] | None = None) -> None:
        self.stored = stored
        """Names that a loop's body assigns, by the loop"""
        self.unseen, self.wanted = unseen, wanted
        """The function whose own returns are seen elsewhere, and what is read; None if it may be anything"""
        self.returns: dict[str, list[Any]] = {}
        self.turns: dict[str, dict[str, list[Any]]] = {}
        self.margins: dict[str, list[Any]] = {}
        """What margins lack of one or zero where they are compared with it, by the line"""

    def returned(self, name: str, value: Any) -> None:
        """Keep a copy: the caller may write into it."""
        if name == self.unseen or not (self.wanted is None or {calls_of(name), each_call_of(name)} & self.wanted):
            return
        known = self.returns.setdefault(name, [])
        if len(known) < MOST:
            known.append(copied(value, {}))

    def compared(self, line: int, bound: int | None, value: Any) -> None:
        """Keep what a margin lacks of its bound."""
        known = self.margins.setdefault(f"{CALLED}{line}{' against zero' if bound == 0 else ''}", [])
        if len(known) < MOST and isinstance(value, ARRAYS) and np.asarray(value).dtype.kind in "fc":
            own: Any = np.array(value, copy=True, subok=True)
            known.append(own if bound is None else bound - own)

    def turn(self, name: str, variables: Mapping[str, Any]) -> None:
        """Keep what the last turn left in the variables that the loop assigns."""
        seen = self.turns.setdefault(name, {})
        for word in self.stored.get(name, ()):
            value = variables.get(word)
            known = seen.setdefault(word, [])
            if len(known) < MOST:
                known.append(copied(value, {}) if _is_small(value) else None)


def _is_small(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.size <= MOST
    return isinstance(value, float | complex | np.generic) and not isinstance(value, bool)


def calls_of(function: str) -> str:
    """Return under which name is found what a function returned at last."""
    return f"{function}()"


def each_call_of(function: str) -> str:
    """Return under which name is found what a function returned, call by call."""
    return f"{function}(), call by call"


def turns_of(word: str) -> str:
    """Return under which name is found what a variable was, turn by turn."""
    return f"{word}, turn by turn"


class Watched(Replay):
    """A call whose results hold more: `forward()` what that returned, `error, turn by turn` a list."""

    def __init__(
        self,
        inner: Replay,
        node: ast.AST,
        siblings: Sequence["Sibling"] = (),
        wanted: frozenset[str] | None = None,
    ) -> None:
        """`wanted` names what of it will be read; None if that may be anything."""
        self.inner, self.node, self.wanted = inner, node, wanted
        self.siblings = [one for one in siblings if wanted is None or str(one) in wanted]
        self.world, self.entry, self.name = inner.world, inner.entry, inner.name
        self.names, self.zeroed = inner.names, inner.zeroed
        stored = dict(_stored(node, inner.name))
        if wanted is not None:
            stored = {loop: frozenset(w for w in words if turns_of(w) in wanted) for loop, words in stored.items()}
        self.stored = stored

    def around(self, inner: Replay, wanted: frozenset[str] | None = None) -> "Watched":
        """Return another call, watched in the same way, or no further than for what is `wanted`."""
        return Watched(inner, self.node, self.siblings, wanted)

    def loop_variables(self) -> frozenset[str]:
        """Return those of the call itself."""
        return self.inner.loop_variables()

    def roots(self) -> dict[str, Any]:
        """Return what the inner call starts from."""
        return self.inner.roots()

    def rebuilt(self, tree: ast.Module) -> "Watched":
        """Return the same call in an edited module."""
        return Watched(self.inner.rebuilt(tree), self.node, self.siblings, self.wanted)

    def run_twice(self, replaced: Mapping[int, Any], read: Callable[[Result], Any]) -> tuple[Any, Any]:
        """Make the inner call twice in one and the same state."""
        self.inner.zeroed = self.zeroed
        return self.inner.run_twice(replaced, read)

    def run(self, replaced: Mapping[int, Any], replaced_modules: StandIns = ()) -> Result:
        """Make the call, then those of its siblings. Raises what the call raises."""
        hooks = self.world.hooks
        self.inner.zeroed = self.zeroed
        observer = hooks.observer = Observer(self.stored, self.entry.function, self.wanted)
        begun = replaced if self.siblings else {}
        untouched = {i: v.copy() if isinstance(v, np.ndarray | list) else v for i, v in begun.items()}
        try:
            result = self.inner.run(replaced, replaced_modules)
        finally:
            hooks.observer = None
        found: dict[str, Any] = {}
        for name, values in observer.returns.items():
            found[calls_of(name)] = values[-1]
            if len(values) > 1:
                found[each_call_of(name)] = values
        ends = joined(result.names, result.variables)
        for series in observer.turns.values():
            for word, values in series.items():
                last = ends.get(word)
                if all(value is not None for value in values[1:]) and _is_small(last):  # the first is from before
                    found.setdefault(turns_of(word), [*values[1:], copied(last, {})])
        for sibling in self.siblings:
            found[str(sibling)] = sibling.value(self.inner, result, untouched, replaced_modules)
        found |= {name: values for name, values in observer.margins.items() if values}
        more = dict(self.inner.seen(Result(None, found, {}, {})).variables)
        return result._replace(variables=joined(result.variables, dict(reversed(more.items()))))


def _stored(node: ast.AST, name: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the loops inside of a function or loop, by the names that they report under, with what they assign."""
    owner = "" if name.startswith("the ") else name.partition(", the loop in")[0] + ", "
    for loop in walk(node):
        if isinstance(loop, ast.For | ast.While) and loop is not node:
            stores = (n for part in loop.body for n in walk(part) if isinstance(n, ast.Name))
            words = frozenset(n.id for n in stores if isinstance(n.ctx, ast.Store))
            yield f"{owner}the loop in line {loop.lineno}", words


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
        given = {own: name.removesuffix(HANDED) if isinstance(name, str) else name for own, name in self.given.items()}
        told = {own: name if isinstance(name, str) else f"{{{', '.join(name)}}}" for own, name in given.items()}
        shown = (f"[{name}]" if self.wrapped else name for own, name in told.items() if own != "self")
        return f"{self.function}({', '.join(shown)})"

    def value(self, inner: Replay, result: Result, replaced: Mapping[int, Any], modules: StandIns) -> Any:
        """Return what it says in the state in which the call began; None where it cannot be called."""
        roots = inner.roots()
        memo: dict[int, Any] = {**inner.cleared(), **replaced}
        arguments: dict[str, Any] = {}

        def known(name: str) -> Any:
            return copied(roots[name], memo) if name in roots else copied(follow(result.variables, (name,)), {})

        for own, name in self.given.items():
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
        return said[0] if isinstance(said, tuple) and said else said


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
        known: dict[str, Any] = {n: n for n in own if n in arguments or n in roots or n in local}
        known |= {n: n + HANDED for n in own if n in handed and n not in known}
        known |= {n: keys for n in own if (keys := _entries(node, n)) and all(k in roots or k in local for k in keys)}
        start = {"self": "self"} if is_method else {}
        if len(known) == len(own):
            exact = bool(own) and own == arguments[: len(own)] and _is_loss(last) and replay.name in nodes
            found += [
                Sibling(function, {**start, **known}, wrapped, exact and not wrapped, of_kept=of_kept)
                for wrapped in (False, True)
            ]
        if len(own) <= len(arguments):
            given = dict(zip(own, arguments, strict=False))
            if given != known:
                found += [Sibling(function, {**start, **given}, wrapped, False) for wrapped in (False, True)]
    told = {one.function for one in found if one.exact}
    if len(told) > 1:  # `huber_loss` and `mse_loss` are handed the same
        called = naming.plain(replay.entry.function.rpartition(".")[2])
        told = {name for name in told if naming.plain(name.rpartition(".")[2]) in called}
        for one in found:
            one.exact = one.exact and one.function in told
    replay.asked = {n for one in found for n in one.given.values() if isinstance(n, str) and n.endswith(HANDED)}
    return found


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


def _reads_kept(node: ast.FunctionDef, name: str, replay: Replay, nodes: Mapping[str, ast.FunctionDef]) -> bool:
    """Tell whether a method only reads what the forward pass of a pair keeps in its object, and the backward leaves."""
    backward = getattr(replay, "backward", None)
    other = nodes.get(backward.function) if isinstance(backward, Entry) else None
    if other is None or str(getattr(backward, "function", "")).rpartition(".")[0] != name.rpartition(".")[0]:
        return False
    calls = any(
        isinstance(part, ast.Call) and ast.unparse(getattr(part.func, "value", part.func)) == "self"
        for part in walk(node)
    )
    stored = attributes(node, ast.Store) | attributes(other, ast.Store)
    is_handed_alike = [a.arg for a in node.args.args] == [a.arg for a in other.args.args]
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
