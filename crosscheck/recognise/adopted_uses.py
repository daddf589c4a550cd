"""What the arguments of a constructor are, by what methods do with the attributes that keep them."""

import ast
from collections.abc import Mapping

from crosscheck.recognise.uses import Uses, uses_of
from crosscheck.source.walking import walked


def adopt_attributes(uses: Uses, owner: str, node: ast.FunctionDef, nodes: Mapping[str, ast.FunctionDef]) -> None:
    """Let a constructor's arguments have the shapes that methods find in the attributes that hold them."""
    kept = {
        ast.unparse(target): statement.value.id
        for statement in walked(node)
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name)
        for target in statement.targets
    }
    for name, method in nodes.items():
        if name.rpartition(".")[0] != owner.rpartition(".")[0]:
            continue
        attributes = {word: own for word, own in kept.items() if "." in word}
        _adopt_arrays(uses, attributes, method)
        _adopt_methods(uses, attributes, method)
        if method is not node:
            seen = uses_of(method)
            for attribute, argument in kept.items():
                if attribute in seen.shapes:
                    uses.shapes.setdefault(argument, seen.shapes[attribute])
                    uses.ranks.setdefault(argument, seen.ranks[attribute])


def _adopt_arrays(uses: Uses, kept: Mapping[str, str], method: ast.FunctionDef) -> None:
    """Let arguments be arrays where a method takes a shape or a product of the attributes that hold them."""
    for part in walked(method):
        whole, logged = list[ast.expr](), list[ast.expr]()
        if isinstance(part, ast.Attribute) and part.attr in ("shape", "T", "dot"):
            whole = [part.value]
        elif isinstance(part, ast.BinOp) and isinstance(part.op, ast.MatMult):
            whole = [part.left, part.right]
        elif isinstance(part, ast.Call) and getattr(part.func, "attr", "") in ("log", "sqrt"):
            logged = part.args
        uses.arrays |= {kept[word] for word in map(ast.unparse, whole) if word in kept}
        uses.logged |= {kept[word] for word in map(ast.unparse, logged) if word in kept}


def _adopt_methods(uses: Uses, kept: Mapping[str, str], method: ast.FunctionDef) -> None:
    """Let arguments be asked for what a method asks the attributes for that hold them: `self.vocab.index(letter)`."""
    for part in walked(method):
        owner = (
            ast.unparse(part.func.value) if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) else ""
        )
        if owner in kept:
            uses.methods.setdefault(kept[owner], set()).add(part.func.attr)  # pyright: ignore
