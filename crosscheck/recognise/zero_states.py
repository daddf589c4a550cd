"""Initial states that a file hands over as zeros, wherever it does: what a gradient leaves out for these is nothing."""

import ast
from collections.abc import Collection, Iterator

from crosscheck.recognise.argument_names import STATE
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import own_parts, walk

ZEROS = frozenset({"zeros", "zeros_like"})


def handed_as_zeros(tree: ast.Module, functions: Collection[str]) -> frozenset[str]:
    r"""Return the arguments of some functions, called like states, for which all calls of these hand zeros.

    >>> code = "def forward(x, h):\n  return x\ndef train(x):\n  start = np.zeros(3)\n  return forward(x, start)"
    >>> handed_as_zeros(ast.parse(code), ["forward"])
    frozenset({'h'})
    >>> handed_as_zeros(ast.parse(code + "\nh = np.zeros(3)\nh = forward(x, h)"), ["forward"])
    frozenset()
    """
    found: set[str] = set()
    words = {name.rpartition(".")[2] for name in functions}
    for node in (part for part in walk(tree) if isinstance(part, ast.FunctionDef) and part.name in words):
        names = [argument.arg for argument in node.args.args]
        handed = {name: list(_handed(tree, node.name, names, name)) for name in names if STATE.match(name)}
        found |= {name for name, values in handed.items() if values and all(values)}
    return frozenset(found)


def _handed(tree: ast.Module, word: str, names: list[str], name: str) -> Iterator[bool]:
    """Tell of each call that hands an argument whether it is zeros."""
    for scope in [tree, *(part for part in walk(tree) if isinstance(part, ast.FunctionDef))]:
        own = list(own_parts(scope))
        for call in (part for part in own if isinstance(part, ast.Call) and root_word(part.func) == word):
            is_method = names[:1] == ["self"] and isinstance(call.func, ast.Attribute)
            given = dict(zip(names[is_method:], call.args, strict=False)) | {k.arg: k.value for k in call.keywords}
            if name in given:
                yield _is_zeros(given[name], own)


def _is_zeros(value: ast.expr, own: list[ast.AST]) -> bool:
    """Tell whether a value is zeros, or a variable to which its scope assigns nothing else."""
    if isinstance(value, ast.Name):
        assigned = [part for part in own if isinstance(part, ast.Assign | ast.AugAssign | ast.For)]
        stores = [s for s in assigned if value.id in _stored(s)]
        return bool(stores) and all(isinstance(s, ast.Assign) and _is_zeros(s.value, []) for s in stores)
    return isinstance(value, ast.Call) and root_word(value.func) in ZEROS


def _stored(statement: ast.Assign | ast.AugAssign | ast.For) -> set[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return {part.id for target in targets for part in walk(target) if isinstance(part, ast.Name)}
