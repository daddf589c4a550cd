"""Arguments of a backward function that are its forward's by another name, its output, or their shapes."""

import ast
import re
from collections.abc import Mapping
from typing import Any

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import COUNT, COUNTED, MASKS, TARGET, VALUES, is_weight
from crosscheck.recognise.defaults import required
from crosscheck.recognise.leaves import Path
from crosscheck.recognise.places import returned_names
from crosscheck.recognise.preparing import SHAPE
from crosscheck.recognise.uses import Uses
from crosscheck.source.walking import walk

OUTPUT = ""
"""What stands for the forward's output where its arguments go by their names"""
CACHE = re.compile(r"cache|ctx|context|memory|saved|tape|stored|intermediate|residual|^fwd|tmp", re.IGNORECASE)
"""What is called that a forward function keeps for its backward"""
WORDS = re.compile(r"_?(?:ids?|idx|ind(?:ex|ices)?|words?|vec(?:tor)?s?|size|dim|len(?:gth)?)$", re.IGNORECASE)
"""What a context is that is a word of a text"""
INDEX = re.compile(
    r"ids?$|ind(?:ex|ices)?$|idx|arg_?max|switch|mask|where|pos(?:itions?)?$|^(?:i|j|k|n|m)$", re.IGNORECASE
)
"""What is called that is computed of an argument, and is another thing than this"""
PREDICTED = re.compile(r"^y_?(?:pred\w*|hat)$|^pred(?:s|ict\w*)?$", re.IGNORECASE)
"""What is called that was predicted"""
PROBABILITIES = re.compile(r"^p(?:rob\w*)?$", re.IGNORECASE)
"""What is called that a softmax or sigmoid returns, and a share of what is dropped elsewhere"""
OF_PROBABILITIES = re.compile(r"softmax|sigm|logistic", re.IGNORECASE)
OUTPUTS = re.compile(r"^(?:y|o)$|^(?:y|out|pred|prob)", re.IGNORECASE)
"""What is called where it is returned"""
PLAIN = re.compile(
    r"^(?:x|z|a|v|u|h)$|^(?:x|z|a|h|input|inp|data|activations?)(?:_?(?:in|prev|val|s|data))?$", re.IGNORECASE
)
"""What is called that goes into a layer"""


def is_cache(name: str, uses: Uses) -> bool:
    """Tell whether an argument is what a forward function keeps for its backward, and no word beside another one.

    >>> is_cache("ctx", Uses()), is_cache("context_idx", Uses()), is_cache("context", Uses(lone={"context"}))
    (True, False, False)
    """
    return bool(CACHE.search(name)) and not WORDS.search(name) and name not in uses.lone


def shapes(forward: ast.FunctionDef, backward: ast.FunctionDef) -> dict[str, str]:
    """Return the arguments of a backward function that are shapes, and which argument of the forward has each.

    >>> forward = ast.parse("def pool(x, size): return x.max()").body[0]
    >>> shapes(forward, ast.parse("def pool_backward(d, x_shape, size): pass").body[0])
    {'x_shape': 'x'}
    """
    given = required(forward)
    returned = frozenset().union(*returned_names(forward).values())
    found: dict[str, str] = {}
    for name in required(backward):
        if not SHAPE.search(name) or name in given or name in returned:
            continue
        stem = SHAPE.sub("", name).lower()
        owner = [own for own in given if own.lower() == stem]
        is_input = not stem or bool(re.match(r"in|orig|prev|old|data|x$", stem))
        if owner or (is_input and given):
            found[name] = owner[0] if owner else given[0]
        elif stem.startswith("out"):
            found[name] = OUTPUT
    return found


def unnamed(forward: ast.FunctionDef, backward: ast.FunctionDef) -> dict[str, Path]:
    """Return the arguments of a backward function that are results without a name, and where they are returned.

    >>> forward = ast.parse("def pool(x): return x.max(0), x.argmax(0)").body[0]
    >>> unnamed(forward, ast.parse("def pool_backward(dout, where, x): pass").body[0])
    {'where': (1,)}

    What is called a cache is the tuple that a forward returns for it, whatever else it returns.

    >>> forward = ast.parse("def run(x, w): return x[1:], x[-1].copy(), (x, w)").body[0]
    >>> unnamed(forward, ast.parse("def run_backward(dx, dlast, cache): pass").body[0])
    {}
    """
    results = [part.value for part in walk(forward) if isinstance(part, ast.Return) and part.value is not None]
    if len(results) != 1 or not isinstance(results[0], ast.Tuple):
        return {}
    parts = dict(enumerate(results[0].elts))
    kinds = ast.Call | ast.BinOp | ast.Compare
    places: list[Path] = [(place,) for place, part in parts.items() if place and isinstance(part, kinds)]
    named = {part.id for part in parts.values() if isinstance(part, ast.Name)}
    words = {*required(forward), *shapes(forward, backward), *named}
    free = [name for name in required(backward) if name not in words and not naming.is_gradient_argument(name)]
    free = [name for name in free if not any(pattern.search(name) for pattern in (TARGET, COUNT, COUNTED, CACHE))]
    return dict(zip(free, places, strict=True)) if len(free) == len(places) else {}


def predicted(forward: ast.FunctionDef, backward: ast.FunctionDef) -> dict[str, Path]:
    """Return the argument of a backward function that is what its forward predicts, and where that is returned.

    >>> forward = ast.parse("def run(x): return y.item(), h").body[0]
    >>> predicted(forward, ast.parse("def run_backward(y_true, y_pred, lr): pass").body[0])
    {'y_pred': (0,)}
    >>> forward = ast.parse("def run(x): return 1 / (1 + np.exp(-z)), (x, h)").body[0]
    >>> predicted(forward, ast.parse("def run_backward(y_true, y_pred, lr): pass").body[0])
    {'y_pred': (0,)}
    """
    wanted = required(backward)
    words = {*required(forward), *frozenset().union(*returned_names(forward).values())}
    found = [name for name in wanted if PREDICTED.match(name) and name not in words]
    has_targets = [any(map(TARGET.match, names)) for names in (required(forward), wanted)]
    results = [part.value for part in walk(forward) if isinstance(part, ast.Return) and part.value is not None]
    if len(found) != 1 or has_targets != [False, True] or len(results) != 1:
        return {}
    if not isinstance(results[0], ast.Tuple):
        return {found[0]: ()}
    likely = [place for place, part in enumerate(results[0].elts) if OUTPUTS.match(_word(part))]
    if not likely and isinstance(results[0].elts[0], ast.BinOp):  # `return 1 / (1 + np.exp(-z)), (x, h)`
        likely = [0]
    return {found[0]: (likely[0],)} if len(likely) == 1 else {}


def is_plain_number(forward: ast.FunctionDef, path: Path) -> bool:
    """Tell whether what a function returns is turned into a plain number: `return y.item(), h`."""
    result = next((part.value for part in walk(forward) if isinstance(part, ast.Return)), None)
    for place in path:
        result = result.elts[place] if isinstance(result, ast.Tuple) and isinstance(place, int) else None
    if not isinstance(result, ast.Call):
        return False
    return getattr(result.func, "attr", getattr(result.func, "id", "")) in ("item", "float")


def _word(node: ast.expr) -> str:
    """Return the name of what is returned: `y` of `y.item()` and of `float(y[0])`."""
    while isinstance(node, ast.Call | ast.Subscript | ast.Attribute):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            return node.attr
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if len(node.args) != 1:
                return ""
            node = node.args[0]
        else:
            node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def ways(forward: ast.FunctionDef, backward: ast.FunctionDef) -> list[dict[str, str]]:
    """Return what the arguments of a backward function may be that its forward has under no such name.

    >>> forward = ast.parse("def linear(x, W, b): return x @ W + b").body[0]
    >>> ways(forward, ast.parse("def linear_backward(dout, inp, weight): pass").body[0])
    [{'inp': 'x', 'weight': 'W'}]
    >>> ways(ast.parse("def softmax(x): return e / e.sum()").body[0], ast.parse("def back(dout, p): pass").body[0])
    [{'p': ''}]
    """
    known = returned_names(forward)
    own, theirs = required(forward), required(backward)
    returned = frozenset().union(*known.values())
    other = {*own, *returned, *shapes(forward, backward)}
    made = {n for n in theirs if PROBABILITIES.match(n) and OF_PROBABILITIES.search(forward.name)}
    free = [name for name in theirs if name not in other and (_is_data(name) or name in made)]
    if not free or len(known) > 1 or any(map(CACHE.search, theirs)):
        return []
    left = [name for name in own if name not in theirs and _is_data(name)]
    found = []
    if len(free) <= len(left) and made.isdisjoint(free):
        found.append(dict(zip(free, left, strict=False)))
    if len(free) == 1:
        found.append({free[0]: OUTPUT})
    return found


def _is_data(name: str) -> bool:
    others = (TARGET, SHAPE, COUNT, COUNTED, MASKS, CACHE, INDEX)
    is_value = any(re.search(pattern, name, re.IGNORECASE) for pattern, _ in VALUES)
    return not is_value and not naming.is_gradient_argument(name) and not any(p.search(name) for p in others)


def is_telling(way: Mapping[str, str]) -> bool:
    """Tell whether names speak for what an argument is taken for, so that a wrong gradient is one of the code."""
    return all(_speaks(name, own) for name, own in way.items())


def _speaks(name: str, own: str) -> bool:
    if is_weight(name) or (own and is_weight(own)):
        return is_weight(name) and bool(own) and is_weight(own)
    return bool((PROBABILITIES if own == OUTPUT else PLAIN).match(name))


def value_of(own: str, given: Mapping[str, Any], items: Mapping[Path, Any]) -> Any:
    """Return what an argument is: one that the forward function was handed, or its output."""
    if own != OUTPUT:
        return given[own]
    return items.get((), items.get((0,)))
