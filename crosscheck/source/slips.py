"""Slips that show in the source of a backward pass without running it: warnings, never a verdict."""

import ast
from collections.abc import Callable, Collection, Iterator

from crosscheck.source.document import Document
from crosscheck.source.walking import walk
from crosscheck.verdicts import Finding, Severity

_Function = ast.FunctionDef
_Found = Iterator[tuple[ast.AST, str, str | None, str]]
"""(where, code, the variable concerned, message)"""

_FILLED = {"zeros", "ones", "empty", "zeros_like", "ones_like", "empty_like", "full", "full_like"}
_DRAWN = _FILLED | {"randn", "rand", "random", "normal", "uniform", "standard_normal"}


def slips(document: Document, functions: Collection[ast.FunctionDef] | None = None) -> list[Finding]:
    """Return warnings for the functions given (all of the document's otherwise), by line."""
    chosen = [node for node in walk(document.tree) if isinstance(node, _Function)]
    if functions is not None:
        lines = {function.lineno for function in functions}
        chosen = [function for function in chosen if function.lineno in lines]
    findings: dict[tuple[int, str, str | None], Finding] = {}
    for function in chosen:
        for check in _CHECKS:
            for node, code, name, message in check(function):
                line = getattr(node, "lineno", function.lineno)
                cell, shown_line = document.place(line)
                findings[line, code, name] = Finding(
                    code, Severity.WARNING, name, message, str(document.path), cell, shown_line
                )
    return [findings[key] for key in sorted(findings, key=lambda key: (key[0], key[1]))]


def _carries(function: _Function) -> _Found:
    """Find what the loop back through time reads and never renews, and what it renews and nobody reads."""
    for loop in _backward_loops(function):
        inside = [node for statement in loop.body for node in walk(statement)]
        either = {id(part) for node in inside if isinstance(node, ast.IfExp) for part in walk(node)}
        read = {
            node.id for node in inside
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in either
        }  # fmt: skip
        last = loop.end_lineno or loop.lineno
        until = [node for node in walk(function) if getattr(node, "lineno", 0) <= last]
        for name, start in _zeros_before(function, loop).items():
            elsewhere = any(_writes(node, name) and node is not start for node in until)
            if name in read and not elsewhere and name not in _handed_on(function):
                yield (
                    start, "carry-not-renewed", name,
                    f"{name} starts at zero, is read in the loop back through time and never assigned in it: nothing "
                    "is carried from one step to the next. Assign it at the end of the step.",
                )  # fmt: skip
        everywhere = {
            node.id for node in walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }
        for node in loop.body:
            for name in _names(node.targets) if isinstance(node, ast.Assign) else []:
                if name.id not in everywhere and name.id != "_":
                    yield (
                        node, "never-read", name.id,
                        f"{name.id} is assigned in the loop back through time and never read: was it to be carried to "
                        "the next step, or returned?",
                    )  # fmt: skip


def _accumulators(function: _Function) -> _Found:
    """Find gradients that start at zero, are returned, and are never added to, or only the last step's is kept."""
    returned = {node.id for result in _of(function, ast.Return) for node in walk(result) if isinstance(node, ast.Name)}
    for loop in _backward_loops(function):
        for name, start in _zeros_before(function, loop).items():
            if name not in returned:
                continue
            writes = [node for node in walk(function) if _writes(node, name) and node is not start]
            if not writes and name not in _handed_on(function):
                yield (
                    start, "never-added-to", name,
                    f"{name} starts at zero and is returned, but nothing is ever added to it.",
                )  # fmt: skip
            kept = [node for node in loop.body if isinstance(node, ast.Assign) and name in _whole_targets(node)]
            read = {node.id for statement in loop.body for node in walk(statement)
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}  # fmt: skip
            if kept and name not in read and not name.lower().endswith(("next", "prev", "0")):
                yield (
                    kept[0], "overwritten-in-loop", name,
                    f"{name} is returned and every step of the loop assigns it anew (=), so only the last step "
                    "counts: add to it (+=) if all steps contribute.",
                )  # fmt: skip


def _clips(function: _Function) -> _Found:
    """Find a clip that rebinds a loop's name, and one inside the loop back through time."""
    for loop in _of(function, ast.For):
        for node in loop.body:
            if (
                isinstance(node, ast.Assign)
                and isinstance(loop.target, ast.Name)
                and _whole_targets(node) == {loop.target.id}
                and isinstance(loop.iter, ast.List | ast.Tuple)
                and _calls(node.value, {"clip"})
            ):
                name = loop.target.id
                yield (
                    node, "clip-without-effect", name,
                    f"{name} = ...clip(...) gives the loop's name another value and clips no array: "
                    f"write np.clip({name}, ..., out={name}).",
                )  # fmt: skip
    for loop in _backward_loops(function):
        for statement in loop.body:
            for node in walk(statement):
                if isinstance(node, ast.Call) and _is_call(node, {"clip"}):
                    yield (
                        node, "clip-inside-loop", None,
                        "The clip stands inside the loop back through time, so what earlier steps receive is clipped "
                        "as well and the result is not the clipped gradient: clip behind the loop.",
                    )  # fmt: skip


def _scatter(function: _Function) -> _Found:
    """Find `dW[inputs] += d` where inputs holds many positions."""
    parameters = {argument.arg for argument in function.args.args}
    many = {
        node.args[0].id for node in _of(function, ast.Call)
        if _is_call(node, {"len", "enumerate", "zip"}) and node.args and isinstance(node.args[0], ast.Name)
    } & parameters  # fmt: skip
    targets = {name.id for loop in _of(function, ast.For) for name in _names([loop.target])}
    for node in _of(function, ast.AugAssign):
        index = node.target.slice if isinstance(node.target, ast.Subscript) else None
        if isinstance(index, ast.Tuple):
            plain = [part for part in index.elts if not isinstance(part, ast.Slice)]
            index = plain[0] if len(plain) == 1 else None
        if isinstance(index, ast.Name) and index.id in many - targets:
            name = _base(node.target)
            yield (
                node, "scatter-loses-repeats", name,
                f"{name}[{index.id}] += ... adds once where {index.id} holds a position several times: "
                f"write np.add.at({name}, {index.id}, ...).",
            )  # fmt: skip


def _wraps(function: _Function) -> _Found:
    """Find `[t - 1]` on a list that was filled by appending from step 0 on."""
    empty = {name for node in _of(function, ast.Assign) if isinstance(node.value, ast.List) and not node.value.elts
             for name in _whole_targets(node)}  # fmt: skip
    appends = [node for node in _of(function, ast.Call) if _is_call(node, {"append", "insert", "extend"})]
    in_loops = {id(node) for loop in _of(function, ast.For) for node in walk(loop)}
    before = {_base(node.func) for node in appends if id(node) not in in_loops}
    filled = {_base(node.func) for node in appends if id(node) in in_loops} & empty - before
    for loop in _backward_loops(function):
        time = loop.target.id if isinstance(loop.target, ast.Name) else None
        bounds = {node.value for node in walk(loop.iter) if isinstance(node, ast.Constant)}
        if time is None or 1 in bounds:
            continue
        guarded = {
            id(inner) for node in walk(loop) if isinstance(node, ast.If | ast.IfExp) and _mentions(node.test, time)
            for inner in walk(node)
        }  # fmt: skip
        for node in walk(loop):
            if (
                isinstance(node, ast.Subscript)
                and isinstance(node.value, ast.Name)
                and node.value.id in filled
                and id(node) not in guarded
                and ast.unparse(node.slice) == f"{time} - 1"
            ):
                name = node.value.id
                yield (
                    node, "index-wraps", name,
                    f"{name}[{time} - 1] is the last step's value at {time} = 0, because {name} is a list that begins "
                    "with step 0: put the initial state in front, or treat step 0 apart.",
                )  # fmt: skip


def _ranks(function: _Function) -> _Found:
    """Find `.T` on an array that was made with three axes or more."""
    deep = {
        name for node in _of(function, ast.Assign)
        if isinstance(node.value, ast.Call) and _rank(node.value) >= 3 for name in _whole_targets(node)
    }  # fmt: skip
    for node in _of(function, ast.Attribute):
        if node.attr == "T" and isinstance(node.value, ast.Name) and node.value.id in deep:
            name = node.value.id
            yield (
                node, "transpose-of-many-axes", name,
                f"{name} has three axes or more, and {name}.T reverses all of them: use swapaxes for two.",
            )  # fmt: skip


def _sizes(function: _Function) -> _Found:
    """Find sizes of arrays that are written as numbers in a backward pass."""
    if not any(_backward_loops(function)):
        return
    for node in _of(function, ast.Call):
        if _is_call(node, {"zeros", "ones", "empty"}) and node.args:
            sizes = node.args[0].elts if isinstance(node.args[0], ast.Tuple | ast.List) else [node.args[0]]
            numbers = [part.value for part in sizes if isinstance(part, ast.Constant)]
            if large := [n for n in numbers if isinstance(n, int) and not isinstance(n, bool) and n > 2]:
                yield (
                    node, "size-written-as-number", None,
                    f"The size {large[0]} is written as a number: with parameters of another size this fails or is "
                    "wrong. Take it from a shape.",
                )  # fmt: skip


_CHECKS: tuple[Callable[[_Function], _Found], ...] = (
    _carries, _accumulators, _clips, _scatter, _wraps, _ranks, _sizes,
)  # fmt: skip


def _backward_loops(function: _Function) -> Iterator[ast.For]:
    """Yield the loops that run from the last step to the first, outermost ones only."""
    for node in _of(function, ast.For):
        calls = [call for call in walk(node.iter) if isinstance(call, ast.Call)]
        downwards = any(
            _is_call(call, {"range", "xrange", "arange"}) and len(call.args) == 3 and ast.unparse(call.args[2]) == "-1"
            for call in calls
        )
        flipped = any(
            isinstance(part, ast.Slice) and part.step is not None and ast.unparse(part.step) == "-1"
            for part in walk(node.iter)
        )
        if downwards or flipped or any(_is_call(call, {"reversed"}) for call in calls):
            yield node


def _of(function: _Function, kind: type) -> list:  # type: ignore[type-arg]
    return [node for node in walk(function) if isinstance(node, kind)]


def _zeros_before(function: _Function, loop: ast.For) -> dict[str, ast.Assign]:
    """Return the names that are filled with zeros before the loop, outside of any loop around it."""
    found = {}
    for node in _of(function, ast.Assign):
        if node.lineno >= loop.lineno:
            continue
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            for name, value in pairs:
                if isinstance(name, ast.Name) and _calls(value, {"zeros", "zeros_like"}):
                    found[name.id] = node
    return found


def _writes(node: ast.AST, name: str) -> bool:
    """Say whether a node gives `name` a value, or changes what it holds."""
    if isinstance(node, ast.AugAssign):
        return _base(node.target) == name
    if isinstance(node, ast.Assign):
        return any(_base(part) == name for target in node.targets for part in _parts(target))
    if isinstance(node, ast.For):
        return any(found.id == name for found in _names([node.target]))
    if isinstance(node, ast.Call):
        into = node.args[:1] if _is_call(node, {"at", "put_along_axis", "put", "copyto", "place"}) else []
        return (
            any(_base(first) == name for first in into)
            or (isinstance(node.func, ast.Attribute) and _base(node.func) == name)
            or any(keyword.arg == "out" and _base(keyword.value) == name for keyword in node.keywords)
        )
    return False


def _handed_on(function: _Function) -> set[str]:
    """Return the names that some other function than NumPy's receives: it may write into them."""
    calls = [call for call in _of(function, ast.Call) if _base(call.func) not in {"np", "numpy", "len", "print"}]
    arguments = [part for call in calls for part in [*call.args, *(keyword.value for keyword in call.keywords)]]
    return {part.id for part in arguments if isinstance(part, ast.Name)}


def _parts(target: ast.expr) -> list[ast.expr]:
    return (
        [part for one in target.elts for part in _parts(one)] if isinstance(target, ast.Tuple | ast.List) else [target]
    )


def _names(targets: list[ast.expr]) -> list[ast.Name]:
    return [part for target in targets for part in _parts(target) if isinstance(part, ast.Name)]


def _whole_targets(node: ast.Assign) -> set[str]:
    return {name.id for name in _names(node.targets)}


def _base(node: ast.AST) -> str | None:
    while isinstance(node, ast.Subscript | ast.Attribute | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _is_stored(node: ast.Subscript) -> bool:
    return isinstance(node.ctx, ast.Store)


def _is_call(node: ast.Call, names: Collection[str]) -> bool:
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
    return name in names


def _calls(node: ast.AST, names: Collection[str]) -> bool:
    return any(isinstance(part, ast.Call) and _is_call(part, names) for part in walk(node))


def _mentions(node: ast.AST, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in walk(node))


def _rank(call: ast.Call) -> int:
    """Return the number of axes of an array that is made here, 0 where that is not plain to see."""
    if not _is_call(call, _DRAWN) or not call.args:
        return 0
    if _is_call(call, {"randn", "rand"}):
        return len(call.args)
    size = next((k.value for k in call.keywords if k.arg in {"size", "shape"}), call.args[0])
    return len(size.elts) if isinstance(size, ast.Tuple | ast.List) else 0
