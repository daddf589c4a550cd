"""What a source says about its rules before any of it runs: which libraries they need, waivers, shapes of arguments."""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from crosscheck.source import Document

JAX_RULES = frozenset(["custom_vjp", "custom_jvp"])


class Mention(NamedTuple):
    """A rule that the source plainly has."""

    library: str
    name: str
    line: int


def mentions(document: Document) -> list[Mention]:
    """Return the rules of a document, one for each use of jax.custom_vjp or class of torch.autograd.Function."""
    found: list[Mention] = []
    torch_names = _names_of_function(document.tree)
    for node in ast.walk(document.tree):
        called = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if called in JAX_RULES and isinstance(getattr(node, "ctx", None), ast.Load):
            found.append(Mention("jax", called, getattr(node, "lineno", 1)))
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) in torch_names for base in node.bases):
            found.append(Mention("torch", node.name, node.lineno))
    return found


def _names_of_function(tree: ast.Module) -> set[str]:
    """Return the expressions that mean torch.autograd.Function in a module."""
    names = {"torch.autograd.Function", "torch.autograd.function.Function"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("torch"):
            for alias in node.names:
                if alias.name in ("Function", "InplaceFunction"):
                    names.add(alias.asname or alias.name)
                elif alias.name == "autograd":
                    names.add(f"{alias.asname or alias.name}.Function")
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname and alias.name in ("torch", "torch.autograd"):
                    names.add(alias.asname + ("" if "." in alias.name else ".autograd") + ".Function")
    return names


def defines(document: Document) -> dict[int, ast.AST]:
    """Return the functions and classes of a document by the line on which their code object begins."""
    found: dict[int, ast.AST] = {}
    for node in ast.walk(document.tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            decorators = getattr(node, "decorator_list", [])
            found.setdefault(min([node.lineno, *(d.lineno for d in decorators)]), node)
    return found


def only_raises(node: ast.AST) -> bool:
    """Tell whether all that a function does is to raise."""
    body = [s for s in getattr(node, "body", []) if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    return len(body) == 1 and isinstance(body[0], ast.Raise)


def registration(document: Document, name: str) -> int | None:
    """Return the line on which a rule is registered: NAME.defvjp(...), NAME.defjvps(...)."""
    for node in ast.walk(document.tree):
        if isinstance(node, ast.Attribute) and node.attr in ("defvjp", "defjvp", "defjvps"):
            owner = ast.unparse(node.value)
            if owner == name or owner.rpartition(".")[2] == name.rpartition(".")[2]:
                return node.lineno
    return None


WAIVER = re.compile(r"#\s*crosscheck:\s*waived?\b[:\s]*(.*)")
ON_PURPOSE = re.compile(
    r"straight[- _]?through|\bSTE\b|surrogate|grad(?:ient)?[- _]?revers(?:al|e|ing)|"
    r"revers(?:e|es|ed|al|ing)[- _]?(?:(?:of[- _])?the[- _])?grad|"
    r"clip\w*[- _](?:the )?grad|grad\w*[- _]clip|(?:stop|scale)[- _](?:the )?gradient|gradient[- _]scal",
    re.IGNORECASE,
)


def waiver_of(document: Document, name: str, line: int, end: int) -> str | None:
    """Return the reason for which a rule may differ: from a comment on or above it, or from the pyproject.toml.

    A waiver without a reason is none.
    """
    lines = document.code.split("\n")
    above = line - 2
    while above >= 0 and lines[above].lstrip().startswith(("#", "@")):
        above -= 1
    for text in lines[above + 1 : end]:
        if (match := WAIVER.search(text)) and match[1].strip():
            return match[1].strip()
    return _settled(document.path, name)


def _settled(path: Path, name: str) -> str | None:
    """Read [tool.crosscheck.waivers] of the nearest pyproject.toml: "ops.py:rule" = "reason", or rule = "reason"."""
    for folder in path.absolute().parents:
        file = folder / "pyproject.toml"
        if not file.is_file():
            continue
        try:
            table = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            return None
        waivers: Any = table.get("tool", {}).get("crosscheck", {}).get("waivers", {})
        known = (f"{path.absolute().relative_to(folder).as_posix()}:{name}", f"{path.name}:{name}", name)
        reasons = [waivers.get(key) for key in known] if isinstance(waivers, Mapping) else []
        return next((reason.strip() for reason in reasons if isinstance(reason, str) and reason.strip()), None)
    return None


def words_of_purpose(document: Document, line: int, end: int) -> str | None:
    """Return the author's own words that a rule is no derivative: in its name, its docstring or a comment at it."""
    lines = document.code.split("\n")
    first = line - 1
    while first > 0 and lines[first - 1].lstrip().startswith(("#", "@")):
        first -= 1
    match = ON_PURPOSE.search("\n".join(lines[first:end]))
    return match[0] if match else None


LENGTH_OF: tuple[int, ...] = (4, 5, 3, 7, 2, 6, 11)
TYPES = re.compile(
    r"^(\w*tensor|\w*array|arraylike|parameter|float(16|32|64)?|u?int(8|16|32|64)?|bool|str|string|list|tuple|dict|number|"
    r"callable|function|module|object|optional|required|default|any|none)$",
    re.IGNORECASE,
)
"""In parentheses behind an argument these say what it is, not how long its axes are: `x (Tensor, optional)`"""


def shapes_told(node: ast.AST | None, names: list[str]) -> Iterator[tuple[str, dict[str, tuple[int, ...]]]]:
    """Yield where from, and which shapes, by jaxtyping's annotations and by the docstring: `x: (batch, features)`."""
    if not isinstance(node, ast.FunctionDef):
        return
    lengths: dict[str, int] = {}
    annotated: dict[str, tuple[int, ...]] = {}
    for argument in node.args.args:
        note = argument.annotation
        if isinstance(note, ast.Subscript) and isinstance(note.slice, ast.Tuple) and len(note.slice.elts) == 2:
            text = note.slice.elts[1]
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                annotated[argument.arg] = _shape(text.value.split(), lengths)
    if annotated:
        yield "annotation", annotated
    told: dict[str, tuple[int, ...]] = {}
    text = ast.get_docstring(node) or ""
    for name in names:
        if match := re.search(rf"(?<!\w){re.escape(name)}(?!\w)[^\n()\[\]]{{0,60}}?[(\[]([\w\s,*]*)[)\]]", text):
            words = [word.strip() for word in match[1].split(",") if word.strip()]
            if all(re.fullmatch(r"[A-Za-z]\w{0,12}|\d{1,2}", word) and not TYPES.match(word) for word in words):
                told[name] = _shape(words, lengths)
    if told:
        yield "docstring", told


def _shape(words: list[str], lengths: dict[str, int]) -> tuple[int, ...]:
    shape: list[int] = []
    for word in words:
        name = word.lstrip("#")
        if name.isdigit():
            shape.append(int(name))
        elif name == "..." or name.startswith("*"):
            shape += [2, 3]
        else:
            shape.append(lengths.setdefault(name, LENGTH_OF[len(lengths) % len(LENGTH_OF)]))
    return tuple(shape)
