"""Gradients of a loss whose object keeps what other methods computed: `encode` and `decode` come before `gradients`.

Who reads the class sees which methods these are, and in which order: each stores what a later one reads or is handed.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crosscheck.recognise import naming
from crosscheck.recognise.backward_passes import NO_BACKWARD, words_called
from crosscheck.recognise.defaults import required
from crosscheck.recognise.kept import NO_FORWARD
from crosscheck.recognise.places import returned_names
from crosscheck.recognise.preparing import attributes
from crosscheck.recognise.value_pairs import OTHER, PREDICTED, Before, ValuePair, value_pairs

MOST = 4
"""Methods that come before"""


@dataclass
class _Step:
    """One of these methods."""

    name: str
    makes: set[str]
    """What its result may be called"""
    wanted: tuple[str, ...]
    given: dict[str, str] = field(default_factory=dict)

    @property
    def result(self) -> str:
        """The variable that its result is kept in."""
        return f"result_of_{self.name.rpartition('.')[2]}"


def through_kept(pair: ValuePair, nodes: Mapping[str, ast.FunctionDef]) -> ValuePair:
    """Return a pair of methods with what has to be called before; the pair itself where nothing plainly has to."""
    owner = pair.gradient.rpartition(".")[0]
    steps = _steps(pair, nodes) if owner else []
    own = {*required(nodes[pair.value]), *required(nodes[pair.gradient])}
    free = _wired(steps, own)
    if not steps or free is None:
        return pair
    value = _handed(required(nodes[pair.value]), steps, set(required(nodes[pair.gradient])) | set(free))
    is_read = any(attributes(nodes[pair.value], ast.Load) & _stored(nodes[step.name]) for step in steps)
    if not is_read and not {step.result for step in steps} & set(value.values()):
        return pair
    gradient = {name: name for name in required(nodes[pair.gradient])}
    results = {step.result for step in steps}
    arguments = dict.fromkeys([*free, *gradient.values(), *(v for v in value.values() if v not in results)])
    return pair._replace(
        arguments=tuple(arguments),
        shared=frozenset(name for name in arguments if name in pair.shared),
        given=(value, gradient),
        before=tuple(Before((step.result,), False, step.name, step.given) for step in steps),
    )


def gradients_of_kept(nodes: Mapping[str, ast.FunctionDef]) -> set[str]:
    """Return the gradients that are called after other methods, together with their value, and never alone."""
    return {pair.gradient for found in value_pairs(nodes) for pair in found if through_kept(pair, nodes).before}


def _steps(pair: ValuePair, nodes: Mapping[str, ast.FunctionDef]) -> list[_Step]:
    """Return the methods that store what a gradient reads and nobody else makes; none if it is not plain which."""
    owner = pair.gradient.rpartition(".")[0]
    maker = nodes.get(f"{owner}.__init__")
    made = attributes(maker, ast.Store, nones=False) if maker else set()
    methods = {name for name in nodes if name.rpartition(".")[0] == owner}
    read = attributes(nodes[pair.gradient], ast.Load) - made - {name.rpartition(".")[2] for name in methods}
    called = words_called(nodes[pair.gradient]) | words_called(nodes[pair.value])
    found: dict[str, _Step] = {}
    for attribute in sorted(read):
        storing = [name for name in methods if _may_come_before(name, nodes) and attribute in _stored(nodes[name])]
        if len(storing) != 1 or storing[0] in (pair.gradient, pair.value) or storing[0].rpartition(".")[2] in called:
            return []
        found[storing[0]] = _step(storing[0], nodes)
    own = {*required(nodes[pair.value]), *required(nodes[pair.gradient])}
    for step in (waiting := list(found.values())):  # what these are handed may be the result of others
        for name in set(step.wanted) - own - {word for other in found.values() for word in other.makes}:
            makers = [_step(other, nodes) for other in sorted(methods) if _may_come_before(other, nodes)]
            makers = [other for other in makers if name in other.makes and other.name not in found]
            if len(makers) == 1 and len(found) < MOST:
                found[makers[0].name] = makers[0]
                waiting.append(makers[0])
    return sorted(found.values(), key=lambda step: nodes[step.name].lineno) if len(found) <= MOST else []


def _step(name: str, nodes: Mapping[str, ast.FunctionDef]) -> _Step:
    return _Step(name, set(returned_names(nodes[name]).get((), ())), required(nodes[name]))


def _stored(node: ast.FunctionDef) -> set[str]:
    return attributes(node, ast.Store, nones=False)


def _may_come_before(name: str, nodes: Mapping[str, ast.FunctionDef]) -> bool:
    word = name.rpartition(".")[2]
    refused = (NO_FORWARD, NO_BACKWARD, naming.BACKWARD)
    is_refused = any(pattern.search(word) for pattern in refused) or (OTHER.search(word) and "predict" not in word)
    return not (word.startswith("__") or is_refused or nodes[name].decorator_list)


def _wired(steps: list[_Step], own: set[str]) -> list[str] | None:
    """Say what each step is handed, in an order in which that is there; return what is handed from outside.

    None if it is not plain.
    """
    free: list[str] = []
    done: list[_Step] = []
    used: set[str] = set()
    waiting = list(steps)
    while waiting:
        step = next((s for s in waiting if not _depends(s, waiting)), None)
        if step is None:
            return None
        waiting.remove(step)
        for name in step.wanted:
            source = next((other for other in done if name in other.makes), None)
            left = [other for other in done if other.name not in used]
            if source is None and name not in own and left:
                source = left[-1] if len(left) == 1 else None
            if source is None and name not in own and done:
                return None
            step.given[name] = source.result if source else name
            used |= {source.name} if source else set()
            free += [] if source else [name]
        done.append(step)
    steps[:] = done
    return free


def _depends(step: _Step, others: Sequence[_Step]) -> bool:
    return any(name in other.makes for name in step.wanted for other in others if other is not step)


def _handed(wanted: Sequence[str], steps: Sequence[_Step], known: set[str]) -> dict[str, str | float]:
    """Return what the value is handed: results by their names, and the last one as its prediction."""
    found: dict[str, str | float] = {}
    for name in wanted:
        source = next((step for step in steps if name in step.makes), None)
        if source is None and name not in known and PREDICTED.search(name):
            source = steps[-1]
        found[name] = source.result if source else name
    return found
