"""A beginning of an adapter, filled in as far as the source shows."""

import ast
import re
from collections.abc import Iterator

from crosscheck.errors import CrosscheckError
from crosscheck.source import Document

_GRADIENT = re.compile(r"^(?:d|grad_?|g_)(?=[A-Za-z_])|_?grads?$")
_DRAWN = {"randn", "rand", "random", "normal", "uniform", "standard_normal", "zeros", "ones", "empty"}
_WORDS = re.compile(r"grad|backward|bprop|bptt|loss", re.IGNORECASE)


def adapter_for(document: Document, function: str | None = None) -> str:
    """Return the text of an adapter for one function of a file. Raises CrosscheckError `no-such-function`."""
    node = _chosen(document, function)
    arguments = [argument.arg for argument in node.args.args if argument.arg != "self"]
    returned = _returned(node)
    arrays = _arrays(document)
    gradients = {name: core for name in returned if (core := _core(name, [*arrays, *arguments]))}
    parameters = {core: arrays.get(core) for core in gradients.values()}
    data = [name for name in arguments if name not in parameters]
    module = "subject"
    places = _places({name: shape for name, shape in parameters.items() if shape})
    vocabulary = next((size for size in places if re.search("vocab|input|dim", size, re.I)), "vocabulary")
    hidden = next((size for size in places if re.search("hid", size, re.I)), "hidden")
    lines = [
        f'"""How {node.name} of {document.path.name} is called: complete it, then `crosscheck check` this file."""',
        "",
        "from crosscheck.adapters import load",
        "",
        f"{module} = load({str(document.path)!r})  # what it defines; nothing is trained",
        "",
        "",
        "def parameters(rng, sizes):",
        '    """Return random parameters by name; sizes["hidden"] and the like are drawn when asked for."""',
        "    return {",
        *(f'        "{name}": rng.normal(size={shape or "(...)"}),' for name, shape in parameters.items()),
        *([] if parameters else ['        # "W": rng.normal(size=(sizes["hidden"], sizes["inputs"])),']),
        "    }",
        "",
        "",
        "def data(rng, sizes):",
        '    """Return random data by name."""',
        "    return {",
        *(f"        {_data(name, vocabulary, hidden)}" for name in data),
        "    }",
        "",
        "",
        "def call(parameters, data):",
        '    """Return the loss, and the gradients by the names of the parameters."""',
    ]
    if any(name in arrays for name in parameters):
        sizes = "".join(f', {size}=parameters["{name}"].shape[{axis}]' for size, (name, axis) in places.items())
        lines.append(f"    vars({module}).update(parameters{sizes})  # globals there")
    given = ", ".join(f'{"parameters" if name in parameters else "data"}["{name}"]' for name in arguments)
    result = ", ".join(returned) or "result"
    loss = next((name for name in returned if re.search("loss|cost|err", name, re.IGNORECASE)), None)
    pairs = ", ".join(f'"{core}": {name}' for name, core in gradients.items())
    lines += [f"    {result} = {module}.{node.name}({given})", f"    return {loss or '...'}, {{{pairs}}}", ""]
    return "\n".join(lines)


def _chosen(document: Document, function: str | None) -> ast.FunctionDef:
    found = [node for node in document.tree.body if isinstance(node, ast.FunctionDef)]
    if function is not None:
        found = [node for node in found if node.name == function]
    else:
        found.sort(key=lambda node: (-sum(bool(_GRADIENT.search(name)) for name in _returned(node)),
                                     not _WORDS.search(node.name)))  # fmt: skip
    if not found:
        what = f"no function {function}" if function else "no function at the top level"
        raise CrosscheckError(
            f"{document.path} has {what}: write the three functions by hand (see crosscheck.adapters).",
            code="no-such-function",
        )
    return found[0]


def _returned(node: ast.FunctionDef) -> list[str]:
    """Return the names of the last `return`; `_` and a number for what has none."""
    results = [part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value is not None]
    if not results:
        return []
    last = max(results, key=lambda value: value.lineno)
    parts = last.elts if isinstance(last, ast.Tuple) else [last]
    return [part.id if isinstance(part, ast.Name) else f"_{index}" for index, part in enumerate(parts)]


def _arrays(document: Document) -> dict[str, str]:
    """Return the module's arrays with their shapes in terms of sizes."""
    return dict(_found_arrays(document.tree))


def _found_arrays(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for statement in tree.body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        for call in ast.walk(statement.value):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _DRAWN:
                sizes = call.args if call.func.attr in {"randn", "rand"} else call.args[-1:]
                if len(sizes) == 1 and isinstance(sizes[0], ast.Tuple):
                    sizes = sizes[0].elts
                shape = ", ".join(map(_size, sizes))
                yield statement.targets[0].id, f"({shape},)" if len(sizes) == 1 else f"({shape})"
                break


def _size(node: ast.expr) -> str:
    if isinstance(node, ast.Name | ast.Attribute):
        return f'sizes["{ast.unparse(node)}"]'
    return ast.unparse(node)


def _core(gradient: str, names: list[str]) -> str | None:
    """Return the name that a gradient's name is made of."""
    return next((name for name in names if gradient != name and _GRADIENT.sub("", gradient) == name), None)


def _places(shapes: dict[str, str]) -> dict[str, tuple[str, int]]:
    """Return where each size that is a plain name can be read: (parameter, axis)."""
    found: dict[str, tuple[str, int]] = {}
    for name, shape in shapes.items():
        for axis, part in enumerate(shape.strip("(),").split(", ")):
            size = re.fullmatch(r'sizes\["(\w+)"\]', part)
            if size:
                found.setdefault(size[1], (name, axis))
    return found


def _data(name: str, vocabulary: str, hidden: str) -> str:
    if re.search("input|target|word|char|seq|label", name, re.IGNORECASE):
        return f'"{name}": list(rng.integers(sizes["{vocabulary}"], size=sizes["steps"])),  # symbols?'
    return f'"{name}": rng.normal(size=(sizes["{hidden}"], 1)),  # which shape?'
