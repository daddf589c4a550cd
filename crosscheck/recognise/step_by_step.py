"""Classes whose forward pass takes one step and keeps it: a method that takes all steps is put beside it.

Their backward pass goes through all that was kept. Who calls such a class makes the loop; where nobody does, the
method is called in its place, and handed on from step to step what the forward pass returns.
"""

import ast
import copy
import re

from crosscheck.recognise import naming
from crosscheck.recognise.backward_passes import NO_BACKWARD
from crosscheck.recognise.instrument import goes_back_in_time
from crosscheck.source.walking import walk, walked

SUFFIX = "_through_all_steps"
EARLIER = re.compile(
    r"_?(?:prev(?:ious)?|old|last|before|past|next|new|tm1|t_?1|t)$|^(?:prev(?:ious)?|old|last|past|next|new)_",
    re.IGNORECASE,
)
"""What a state is called besides: `h_prev` and `h_next` are of one"""
STEP, MADE, ALL = "one_step", "made", "all_outputs"
"""What its variables are called"""


def with_all_steps(tree: ast.Module) -> ast.Module:
    """Return a module with such methods; the same if it has no class of this kind."""
    found = {}
    for owner in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        methods = [node for node in owner.body if isinstance(node, ast.FunctionDef)]
        for forward in methods:
            made = _through_all(forward) if any(_goes_through(node, _kept(forward)) for node in methods) else None
            if made is not None:
                found[owner.name, forward.name] = made
    if not found:
        return tree
    changed = copy.deepcopy(tree)
    for owner in (node for node in changed.body if isinstance(node, ast.ClassDef)):
        body = []
        for node in owner.body:
            made = found.get((owner.name, node.name)) if isinstance(node, ast.FunctionDef) else None
            body += [node] if made is None else [made, node]
        owner.body = body
    return changed


def _kept(forward: ast.FunctionDef) -> set[str]:
    """Return the lists of its own object that a forward pass appends to, once in a call."""
    if not naming.FORWARD.search(forward.name) or naming.BACKWARD.search(forward.name):
        return set()
    loops = [part for part in walked(forward) if isinstance(part, ast.For | ast.While | ast.comprehension)]
    if loops:
        return set()
    return {
        call.func.value.attr
        for call in walked(forward)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "append"
        and isinstance(call.func.value, ast.Attribute)
        and ast.unparse(call.func.value.value) == "self"
    }


def _goes_through(node: ast.FunctionDef, kept: set[str]) -> bool:
    """Tell whether a method is a backward pass that goes through what was kept of all steps, from the last one on."""
    if not kept or not naming.BACKWARD.search(node.name) or NO_BACKWARD.search(node.name):
        return False
    read = {part.attr for part in walked(node) if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Load)}
    return bool(read & kept) and any(isinstance(part, ast.For) and goes_back_in_time(part) for part in walked(node))


def _through_all(forward: ast.FunctionDef) -> ast.FunctionDef | None:
    """Return a method that takes all steps; None if it is not plain what goes from one step to the next."""
    returns = [part.value for part in walked(forward) if isinstance(part, ast.Return) and part.value is not None]
    if len(returns) != 1:
        return None
    results = returns[0].elts if isinstance(returns[0], ast.Tuple) else [returns[0]]
    arguments = forward.args.args
    wanted = [argument.arg for argument in arguments[1 : len(arguments) - len(forward.args.defaults)]]
    states: dict[str, int] = {}
    for place, result in enumerate(results):
        word = getattr(result, "attr", getattr(result, "id", ""))
        for name in [name for name in wanted if _is_next(name, word)]:
            states.setdefault(name, place)
    rest = [name for name in wanted if name not in states]
    if len(rest) != 1 or len(set(states.values())) != len(states):
        return None
    targets = [next((n for n, at in states.items() if at == place), f"{MADE}_{place}") for place in range(len(results))]
    lines = [
        f"def {forward.name}{SUFFIX}(self, {', '.join(wanted)}):",
        f"    {ALL} = []",
        f"    for {STEP} in {rest[0]}:",
        f"        {', '.join(targets)} = self.{forward.name}({', '.join(STEP if n in rest else n for n in wanted)})",
        f"        {ALL}.append({targets[0]})",
        f"    return {ALL}",
    ]
    (made,) = ast.parse("\n".join(lines)).body
    assert isinstance(made, ast.FunctionDef)
    for part in walk(made):
        ast.copy_location(part, forward)
    return made


def _is_next(name: str, other: str) -> bool:
    """Tell whether a result is by its name what an argument is in the next step."""
    stem = EARLIER.sub("", name)
    return bool(stem) and name != "x" and EARLIER.sub("", other) == stem
