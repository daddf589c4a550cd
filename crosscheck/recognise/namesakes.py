"""Which forward pass a backward pass belongs to, by their names, classes and objects."""

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Any

from crosscheck.recognise import naming
from crosscheck.recognise.aliases import CACHE
from crosscheck.recognise.argument_names import TARGET
from crosscheck.recognise.backward_passes import PLAINLY
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.targets import forwards

ENDING = re.compile(r"(?<=\w)(?:ing|\dd)$")
"""What the name of one of two functions may have besides: `pooling`, `conv2d`"""


def are_namesakes(forward: str, backward: str) -> bool:
    """Tell whether a forward and a backward function are of one class, or of one thing by their names.

    >>> are_namesakes("max_pooling", "grad_max_pool"), are_namesakes("conv2d", "conv_backward")
    (True, True)
    """
    owner = backward.rpartition(".")[0]
    if owner and owner == forward.rpartition(".")[0]:
        return True
    stem = naming.plain(naming.backward_stem(backward.rpartition(".")[2]))
    other = naming.plain(naming.forward_stem(forward.rpartition(".")[2]))
    return stem in ("", other, ENDING.sub("", other)) or (len(other) > 2 and other in stem)  # sigmoid, d_sigmoid


def has_a_forward(name: str, nodes: Mapping[str, ast.FunctionDef]) -> bool:
    """Tell whether a function is a backward that is handed what its forward kept, or its object and targets alone."""
    node = nodes[name].args
    wanted = len(node.posonlyargs) + len(node.args) - len(node.defaults)
    handed = [argument.arg for argument in (*node.posonlyargs, *node.args)][1:wanted]
    is_handed_less = "." in name and all(map(TARGET.match, handed))
    is_handed_less = is_handed_less or any(CACHE.search(argument.arg) for argument in node.args)
    return is_handed_less and bool(PLAINLY.search(name)) and forwards(name, nodes) != [None]


def is_forward_of(name: str, entries: Iterable[tuple[str, Any]]) -> bool:
    """Tell whether a function is by its name the forward pass of a backward pass that was called as well."""
    owner, _, word = name.rpartition(".")
    if word != "__call__" and (not naming.FORWARD.search(word) or naming.BACKWARD.search(word)):
        return False
    stem = "" if word == "__call__" else naming.forward_stem(word)
    others = (other.rpartition(".") for other, _ in entries)
    return any(o == owner and naming.BACKWARD.search(w) and naming.backward_stem(w) == stem for o, _, w in others)


def are_of_two(forward: Entry, backward: Entry) -> bool:
    """Tell whether two methods of one class were called for two objects: two layers, say."""
    owners = [entry.function.rpartition(".")[0] for entry in (forward, backward)]
    selves = [entry.ids.get("self") for entry in (forward, backward)]
    return owners[0] == owners[1] != "" and None not in selves and selves[0] != selves[1]
