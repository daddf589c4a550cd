"""What the arguments of a constructor are, by what methods do with the attributes that keep them."""

import ast
from collections.abc import Mapping, Sequence

from crosscheck.recognise.argument_names import FUNCTION
from crosscheck.recognise.made_activations import DERIVED
from crosscheck.recognise.statements import assigned_in
from crosscheck.recognise.uses import Uses, uses_of
from crosscheck.source.walking import walked

Methods = Mapping[str, ast.FunctionDef]
"""By qualified name"""


def adopt_attributes(uses: Uses, owner: str, node: ast.FunctionDef, nodes: Mapping[str, ast.FunctionDef]) -> None:
    """Let a constructor's arguments have the shapes that methods find in the attributes that hold them."""
    assigned = (pair for statement in walked(node) for pair in assigned_in(statement))
    kept = {ast.unparse(target): value.id for target, value in assigned if isinstance(value, ast.Name)}
    methods = {name: method for name, method in nodes.items() if name.rpartition(".")[0] == owner.rpartition(".")[0]}
    for method in methods.values():
        attributes = {word: own for word, own in kept.items() if "." in word}
        _adopt_arrays(uses, attributes, method)
        _adopt_methods(uses, attributes, method)
        _adopt_columns(uses, attributes, method, methods)
        if method is not node:
            seen = uses_of(method)
            for attribute, argument in kept.items():
                if attribute in seen.shapes:
                    uses.shapes.setdefault(argument, seen.shapes[attribute])
                    uses.ranks.setdefault(argument, seen.ranks[attribute])
    _adopt_derivatives(uses, {word: own for word, own in kept.items() if "." in word}, list(methods.values()))


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


def _adopt_columns(uses: Uses, kept: Mapping[str, str], method: ast.FunctionDef, methods: Methods) -> None:
    """Let arguments hold columns, one behind the other, where a method is handed one that it takes across, `x.T`."""
    near = {f"self.{name.rpartition('.')[2]}": other for name, other in methods.items()}
    for call in (part for part in walked(method) if isinstance(part, ast.Call)):
        callee = near.get(ast.unparse(call.func))
        if callee is None:
            continue
        attributes = (part for part in walked(callee) if isinstance(part, ast.Attribute) and part.attr == "T")
        across = {ast.unparse(attribute.value) for attribute in attributes}
        for given, named in zip(call.args, callee.args.args[1:], strict=False):
            is_entry = isinstance(given, ast.Subscript) and isinstance(given.slice, ast.Name)
            whole = ast.unparse(given.value) if isinstance(given, ast.Subscript) else ""
            if is_entry and named.arg in across and whole in kept:
                uses.arrays.add(kept[whole])
                uses.ranks.setdefault(kept[whole], 3)


def _adopt_methods(uses: Uses, kept: Mapping[str, str], method: ast.FunctionDef) -> None:
    """Let arguments be asked for what a method asks the attributes for that hold them: `self.vocab.index(letter)`."""
    for part in walked(method):
        owner = (
            ast.unparse(part.func.value) if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) else ""
        )
        if owner in kept:
            uses.methods.setdefault(kept[owner], set()).add(part.func.attr)  # pyright: ignore
        if isinstance(part, ast.Call) and (called := ast.unparse(part.func)) in kept:
            uses.called.add(kept[called])


def _adopt_derivatives(uses: Uses, kept: Mapping[str, str], methods: Sequence[ast.FunctionDef]) -> None:
    """Note of functions that are handed over what their derivatives are taken of: what went in, or what came out."""
    calls = [part for method in methods for part in walked(method) if isinstance(part, ast.Call) and part.args]
    handed = [(kept[name], ast.unparse(call.args[0])) for call in calls if (name := ast.unparse(call.func)) in kept]
    inputs = set(handed)
    pairs = (pair for method in methods for part in walked(method) for pair in assigned_in(part))
    made = [(ast.unparse(target), value) for target, value in pairs if isinstance(value, ast.Call)]
    outputs = {(kept[name], word) for word, value in made if (name := ast.unparse(value.func)) in kept}
    for call in calls:
        owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
        if owner in kept and isinstance(call.func, ast.Attribute) and DERIVED.search(call.func.attr):
            told = kept[owner], ast.unparse(call.args[0])
            if (told in inputs) != (told in outputs):
                uses.derived.setdefault(kept[owner], {})[call.func.attr] = told in outputs
    apart = {argument for argument in set(kept.values()) & uses.called if FUNCTION.match(argument)}
    if len(apart) == 1:  # `self.act(z)` and `self.act_prime(z)`
        into, out = ({word for name, word in sides if name in apart} for sides in (inputs, outputs))
        for argument in {argument for argument in kept.values() if DERIVED.search(argument)} - apart:
            told = [word for name, word in handed if name == argument]
            if told:  # where it is as often the one as the other, the first is meant: there backward passes begin
                count = sum(word in out for word in told) - sum(word in into for word in told)
                uses.slopes[argument] = count > 0 or (count == 0 and told[0] in out)
