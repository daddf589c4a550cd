"""Methods that say what a loss is of the outputs that another method left: of weights they know nothing."""

import ast
from collections.abc import Mapping

from crosscheck.recognise import naming
from crosscheck.recognise.preparing import attributes, only_keeps, reach


def goes_on_from_outputs(name: str, nodes: Mapping[str, ast.FunctionDef]) -> bool:
    r"""Tell whether a loss is handed nothing, and reads what a forward pass of its class has computed before.

    >>> code = "def forward(self): self.p = self.x @ self.W\ndef loss(self): return ((self.p - self.t) ** 2).sum()"
    >>> nodes = {f"Net.{node.name}": node for node in ast.parse(code).body}
    >>> goes_on_from_outputs("Net.loss", nodes), goes_on_from_outputs("Net.forward", nodes)
    (True, False)
    """
    owner, _, word = name.rpartition(".")
    node = nodes[name]
    if not owner or not naming.LOSS_FUNCTION.search(word) or len(node.args.args) != 1:
        return False
    methods = {own.rpartition(".")[2]: own for own in nodes if own.rpartition(".")[0] == owner}
    own = reach([word], methods, nodes)
    read = {attribute for one in own for attribute in attributes(nodes[one], ast.Load)}
    written = {attribute for one in own for attribute in attributes(nodes[one], ast.Store)}
    others = [nodes[one] for last, one in methods.items() if one not in own and naming.FORWARD.search(last)]
    made = {word for other in others if not only_keeps(other) for word in attributes(other, ast.Store, nones=False)}
    return bool((read - written) & made)
