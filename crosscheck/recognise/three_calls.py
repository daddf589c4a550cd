"""Classes that are called three times, for an output, for its loss, and for the gradients, and that nobody calls.

    net.forward(x); net.loss(y); net.backward()

What each call keeps the next one reads. A method that makes all three is put beside them, as their caller would.
"""

import ast
import copy

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import TARGET
from crosscheck.recognise.backward_passes import NO_BACKWARD, words_called
from crosscheck.recognise.defaults import required
from crosscheck.recognise.objects import is_stub
from crosscheck.recognise.preparing import attributes
from crosscheck.source.walking import walk

NAME = "forward_loss_backward"
RESULT = naming.re.compile(r"pred|prob|^p$|hat|logit|score|out", naming.re.IGNORECASE)
"""What a loss calls the output that it is handed"""
OUTPUT, LOSS = "made_output", "made_loss"
"""What its variables are called"""


def with_three_calls(tree: ast.Module) -> ast.Module:
    r"""Return a module with such methods; the same if it has no class of this kind.

    >>> source = '''class Net:
    ...     def forward(self, x): self.o = x * self.w
    ...     def loss(self, y): self.d = self.o - y; return (self.d ** 2).sum()
    ...     def backward(self): self.dw = 2 * self.d'''
    >>> print(ast.unparse(with_three_calls(ast.parse(source)).body[0].body[-1]))
    def forward_loss_backward(self, x, y):
        made_output = self.forward(x)
        made_loss = self.loss(y)
        return (made_loss, self.backward())
    """
    called = words_called(tree)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    found = {owner.name: made for owner in classes if (made := _method(owner, called)) is not None}
    if not found:
        return tree
    changed = copy.deepcopy(tree)
    for owner in (node for node in changed.body if isinstance(node, ast.ClassDef) and node.name in found):
        owner.body.append(found[owner.name])
    return changed


def _method(owner: ast.ClassDef, called: set[str]) -> ast.FunctionDef | None:
    """Return a method that makes the three calls; None where it is not plain which they are."""
    methods = [node for node in owner.body if isinstance(node, ast.FunctionDef) and not is_stub(node)]
    methods = [node for node in methods if not node.decorator_list and not node.name.startswith("__")]
    backward = [n for n in methods if naming.BACKWARD.search(n.name) and not NO_BACKWARD.search(n.name)]
    losses = [n for n in methods if naming.LOSS_FUNCTION.search(n.name) and n not in backward]
    forward = [n for n in methods if naming.FORWARD.search(n.name) and n not in (*backward, *losses)]
    for last in backward if not any(node.name in called for node in backward) else ():
        read = attributes(last, ast.Load)
        for loss in (node for node in losses if _stores(node) & read):
            wanted = attributes(loss, ast.Load) | (read - _stores(loss))
            for first in (node for node in forward if _stores(node) & wanted):
                return _made(first, loss, last)
    return None


def _stores(node: ast.FunctionDef) -> set[str]:
    return attributes(node, ast.Store, nones=False)


def _made(forward: ast.FunctionDef, loss: ast.FunctionDef, backward: ast.FunctionDef) -> ast.FunctionDef | None:
    given = {name: name for name in required(forward)}
    for node in (loss, backward):
        for name in required(node):
            is_output = bool(RESULT.search(name)) and not TARGET.match(name) and name not in given
            given[name] = OUTPUT if is_output else given.get(name, name)
    if any(naming.is_gradient_argument(name) for name in given):
        return None
    calls = [
        f"self.{node.name}({', '.join(given[name] for name in required(node))})" for node in (forward, loss, backward)
    ]
    lines = [
        f"def {NAME}(self, {', '.join(name for name, value in given.items() if value == name)}):",
        f"    {OUTPUT} = {calls[0]}",
        f"    {LOSS} = {calls[1]}",
        f"    return {LOSS}, {calls[2]}",
    ]
    (made,) = ast.parse("\n".join(lines)).body
    assert isinstance(made, ast.FunctionDef)
    for part in walk(made):
        ast.copy_location(part, backward)
    return made
