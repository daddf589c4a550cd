"""Functions that call a backward pass with what its forward pass has just returned: they say how both are meant."""

import ast
from collections.abc import Mapping, Sequence

from crosscheck.recognise import naming
from crosscheck.recognise.aliases import is_cache
from crosscheck.recognise.argument_names import TARGET
from crosscheck.recognise.backward_passes import reached, words_called
from crosscheck.recognise.defaults import required
from crosscheck.recognise.places import returned_names
from crosscheck.recognise.preparing import attributes
from crosscheck.recognise.targets import CHECKS, learns
from crosscheck.recognise.uses import uses_of

TRIES = naming.re.compile(r"compare|verif|check|test|numeric", naming.re.IGNORECASE)
"""What functions are called that hold a gradient against another one"""


def callers_of(name: str, nodes: Mapping[str, ast.FunctionDef]) -> list[str]:
    """Return the functions that call one of their module or class and, it seems, its forward pass; the shortest first.

    Instead of that they may make what it reads of its object: `self.w = np.zeros(n); self._descend(X, y)`.

    What trains in a loop is none, nor is what has to be handed a gradient itself.
    """
    owner, _, word = name.rpartition(".")
    near = {known: node for known, node in nodes.items() if known.rpartition(".")[0] == owner and known != name}
    words = {known.rpartition(".")[2] for known in near}
    found = [
        known
        for known, node in near.items()
        if word in (called := words_called(node))
        and (called & words or attributes(node, ast.Store) & attributes(nodes[name], ast.Load))
        and not (CHECKS.search(node.name) and "step" not in node.name)
        and not node.name.startswith("__")
        and not learns(node)
        and not any(map(naming.is_gradient_argument, required(node)))
    ]
    return sorted(found, key=lambda known: len(ast.unparse(near[known])))


def beginnings_of(name: str, nodes: Mapping[str, ast.FunctionDef], tree: ast.Module) -> list[str]:
    r"""Return the functions that must be handed nothing, and that reach one: whoever uses a file would call these.

    >>> texts = "def fit(x): ...", "def demo(): fit(3)", "def other(n): fit(n)", "def test_fit(): fit(4)"
    >>> tree = ast.parse("\n".join(texts))
    >>> beginnings_of("fit", {node.name: node for node in tree.body}, tree)
    ['demo']
    """
    word = name.rpartition(".")[2]
    free = {known: node for known, node in nodes.items() if "." not in known and known != name and not required(node)}
    return [known for known, node in free.items() if not TRIES.search(known) and word in reached(tree, [node])]


def called_before(name: str, before: Sequence[str | None], nodes: Mapping[str, ast.FunctionDef]) -> list[str | None]:
    """Return what may be the forward pass of a function: of several at first what its callers call as well."""
    owner = name.rpartition(".")[0]
    words = {word for caller in callers_of(name, nodes) for word in words_called(nodes[caller])}
    near = (other for other in nodes if other.rpartition(".")[0] == owner and other != name)
    beside = [o for o in near if (word := o.rpartition(".")[2]) in words and naming.FORWARD.search(word)]
    is_settled = before == [None] or len(beside) != 1 or naming.BACKWARD.search(beside[0].rpartition(".")[2])
    return list(before) if is_settled else list(dict.fromkeys([*beside, *before]))


def wants_more(name: str, before: Sequence[str | None], nodes: Mapping[str, ast.FunctionDef]) -> bool:
    """Tell whether a backward pass is handed what no function before it is handed, or returns by that name."""
    uses = uses_of(nodes[name])
    known = {argument for other in before if other for argument in required(nodes[other])}
    known |= {w for other in before if other for words in returned_names(nodes[other]).values() for w in words}
    return any(
        not (naming.is_gradient_argument(argument) or naming.RATE.search(argument) or TARGET.match(argument))
        and not is_cache(argument, uses)
        for argument in set(required(nodes[name])) - known
    )
