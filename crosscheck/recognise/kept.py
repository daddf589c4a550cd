"""Methods that return nothing and keep their result in their object: `forward` its output, `backward` its gradient.

What they keep is taken for what they return, so that a layer of this kind is a pair like every other one.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import TARGET
from crosscheck.recognise.defaults import required
from crosscheck.recognise.objects import methods_of
from crosscheck.source.walking import own_parts, walk

OUTPUT = naming.re.compile(
    r"^_?(?:out(?:puts?)?|y(?:_?(?:hat|pred))?|a|z|h|activations?|result|probs?|probabilities|pred(?:iction)?s?|res)$",
    naming.re.IGNORECASE,
)
"""What an object's last result is called"""
OF_INPUT = naming.re.compile(r"in(?:p(?:ut)?s?)?$|^[xXaAzZ](?:_?prev)?$|prev|below|values$")
"""What is called like the input of a layer, once `d` is taken off"""
OF_ARRAYS = frozenset({"T", "shape", "size", "ndim", "dtype"})
"""What every array has as well: `x.T` reads nothing that a method keeps as `self.T`"""
NO_FORWARD = naming.re.compile(
    r"init|update|optimi|step|zero|reset|clear|save|load|set|train|fit|print|show|plot|clip|build|compile|learn|add",
    naming.re.IGNORECASE,
)


class Kept(NamedTuple):
    """Where a method keeps its result."""

    owner: str
    """What the method calls its object"""
    attribute: str


def kept_results(tree: ast.Module) -> dict[str, Kept]:
    """Return, by the qualified names of methods that return nothing, which attribute holds their result."""
    found: dict[str, Kept] = {}
    for owner in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        methods = [node for node in owner.body if isinstance(node, ast.FunctionDef)]
        backward = [node for node in methods if naming.BACKWARD.search(node.name)]
        asked = _read_elsewhere(tree, owner) if backward else Counter()
        for node in methods if backward else ():
            attribute = ""
            has_data = len(node.args.args) > 1 or (node.args.args and naming.FORWARD.search(node.name))
            if not has_data or not _is_silent(node):  # an engine's `backward()` hands on nothing
                continue
            if node in backward:
                attribute = _gradient(node, asked)
            elif _may_be_forward(node):
                attribute = _output(node, asked)
            if attribute:
                found[f"{owner.name}.{node.name}"] = Kept(node.args.args[0].arg, attribute)
    return found


def losses_of(name: str, nodes: Mapping[str, ast.FunctionDef], names: Mapping[str, Any]) -> list[str]:
    """Return the inherited methods of a loss that call its forward, of a backward that is handed targets.

    `Loss.calculate` takes the mean of what `forward` returns for each example.
    """
    owner = names.get(name.rpartition(".")[0])
    if not isinstance(owner, type) or not any(map(TARGET.match, required(nodes[name]))):
        return []
    methods = methods_of(owner, nodes)
    return [
        other
        for word, other in methods.items()
        if other.rpartition(".")[0] != owner.__name__
        and not word.startswith("__init")
        and any(map(TARGET.match, required(nodes[other])))
        and not _is_silent(nodes[other])
        and set(_calls_of_itself(nodes[other])) & methods.keys()
    ]


def _calls_of_itself(node: ast.FunctionDef) -> Iterator[str]:
    for call in (part for part in walk(node) if isinstance(part, ast.Call)):
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "self":
            yield call.func.attr


def prediction(given: Mapping[str, Any], instance: Any) -> Any:
    """Return what a loss is handed once more by its backward: the output that its forward kept, or was handed."""
    kept = vars(instance).items() if hasattr(instance, "__dict__") else ()
    found = [value for word, value in kept if OUTPUT.match(word)]
    found += [value for word, value in given.items() if not TARGET.match(word)]
    return next((value for value in found if isinstance(value, np.ndarray) and value.dtype.kind == "f"), None)


def _may_be_forward(node: ast.FunctionDef) -> bool:
    return bool(naming.FORWARD.search(node.name)) or not (
        NO_FORWARD.search(node.name) or node.name.startswith("__") or node.decorator_list
    )


def _is_silent(node: ast.FunctionDef) -> bool:
    """Tell whether a method returns nothing, ever."""
    for part in own_parts(node):
        if isinstance(part, ast.Yield | ast.YieldFrom) or (
            isinstance(part, ast.Return)
            and part.value is not None
            and not (isinstance(part.value, ast.Constant) and part.value.value is None)
        ):
            return False
    return True


def _read_elsewhere(tree: ast.Module, owner: ast.ClassDef) -> Counter[str]:
    """Count the attributes that code outside of a class reads of anything, and inside of it of other objects."""
    inside = {id(node) for node in walk(owner)}
    found: Counter[str] = Counter()
    for node in (part for part in walk(tree) if isinstance(part, ast.Attribute)):
        is_own = isinstance(node.value, ast.Name) and (id(node) in inside or node.value.id == "self")
        if isinstance(node.ctx, ast.Load) and not is_own and node.attr not in OF_ARRAYS:
            found[node.attr] += 1
    return found


def _stored(node: ast.FunctionDef) -> dict[str, bool]:
    """Return the attributes of its own object that a method stores, the last one last, and whether each is computed.

    One of which entries are stored, as in `self.outputs[n + 1] = f(z)`, is among them.
    """
    own, given = node.args.args[0].arg, {argument.arg for argument in node.args.args}
    found: dict[str, bool] = {}
    parts = [part for part in own_parts(node) if isinstance(part, ast.Assign | ast.AugAssign | ast.AnnAssign)]
    for part in sorted(parts, key=lambda part: part.lineno):
        for target in part.targets if isinstance(part, ast.Assign) else [part.target]:
            for one in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
                holder = one.value if isinstance(one, ast.Subscript) else one
                if isinstance(holder, ast.Attribute) and isinstance(holder.value, ast.Name) and holder.value.id == own:
                    is_handed = isinstance(part.value, ast.Name) and part.value.id in given
                    is_computed = part.value is not None and not is_handed
                    found[holder.attr] = found.pop(holder.attr, False) or is_computed
    return found


def _output(node: ast.FunctionDef, asked: Mapping[str, int]) -> str:
    """Return what holds the output of a forward method: what others read of its object, what is called like it."""
    computed = [word for word, is_computed in _stored(node).items() if is_computed]
    named = [word for word in _stored(node) if OUTPUT.match(word) and word in asked]  # `self.output = inputs`
    candidates = [word for word in computed if asked.get(word)] or named
    if not candidates and naming.FORWARD.search(node.name):
        candidates = [word for word in computed if OUTPUT.match(word)] or computed[-1:]
    return max(reversed(candidates), key=lambda word: (bool(OUTPUT.match(word)), asked.get(word, 0)), default="")


def _gradient(node: ast.FunctionDef, asked: Mapping[str, int]) -> str:
    """Return what holds the gradient that a backward method hands on; nothing if it may hand on none, or several."""
    stored = [word for word in _stored(node) if naming.looks_like_gradient(word)]
    read = [word for word in stored if asked.get(word)]
    of_input = [word for word in stored if any(map(OF_INPUT.search, naming.cores(word)))]
    both = [word for word in read if word in of_input]
    for chosen in (both, of_input, read if len(stored) == 1 else [], stored):
        if len(chosen) == 1:
            return chosen[0]
    return ""
