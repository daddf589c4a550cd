"""Which forward pass a backward pass belongs to, by their names, classes and objects."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crosscheck.recognise import naming
from crosscheck.recognise.aliases import CACHE
from crosscheck.recognise.argument_names import TARGET
from crosscheck.recognise.backward_passes import PLAINLY
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.preparing import attributes
from crosscheck.recognise.statements import root_variable
from crosscheck.recognise.targets import forwards, hands_over
from crosscheck.source.walking import walked

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
    """Tell whether a function is a backward that is handed or reads what its forward kept, or is handed its targets."""
    node = nodes[name].args
    wanted = len(node.posonlyargs) + len(node.args) - len(node.defaults)
    handed = [argument.arg for argument in (*node.posonlyargs, *node.args)][1:wanted]
    is_handed_less = "." in name and all(map(TARGET.match, handed))
    is_handed_less = is_handed_less or any(CACHE.search(argument.arg) for argument in node.args)
    is_plain = is_handed_less and bool(PLAINLY.search(name))
    ways = forwards(name, nodes)
    is_kept = bool(_read_of_others(name, nodes)) or any(hands_over(nodes[way], nodes[name]) for way in ways if way)
    is_plain = is_plain or (is_kept and bool(naming.BACKWARD.search(name.rpartition(".")[2])))
    return is_plain and ways != [None]


def _read_of_others(name: str, nodes: Mapping[str, ast.FunctionDef]) -> set[str]:
    """Return the attributes that a method reads, and that a forward method of its class makes and nothing else does."""
    owner = name.rpartition(".")[0]
    near = {other: node for other, node in nodes.items() if owner and other.rpartition(".")[0] == owner}
    ways = [node for other, node in near.items() if naming.FORWARD.search(other.rpartition(".")[2])]
    kept = {word for node in ways for word in (*attributes(node, ast.Store), *_filled(node))}
    made = [nodes[other] for other in (name, f"{owner}.__init__") if other in nodes]
    own = {word for node in made for word in attributes(node, ast.Store, nones=False)}
    return (attributes(nodes[name], ast.Load) & kept) - own


def _filled(node: ast.AST) -> Iterator[str]:
    """Yield the attributes of its own object into whose entries a method writes: `self.hidden[t] = h`."""
    for part in walked(node):
        is_written = isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store)
        holder = part.value if is_written else None  # pyright: ignore[reportAttributeAccessIssue]
        if isinstance(holder, ast.Attribute) and root_variable(holder) == "self":
            yield holder.attr


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
