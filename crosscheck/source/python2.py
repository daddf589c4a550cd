"""The syntax of Python 2 turned into that of Python 3, line for line and with as few characters changed as possible.

What the two languages *mean* by the same syntax (1/2, range, map ...) is left to `executable`.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from crosscheck.source.scanner import Token, logical_lines
from crosscheck.source.translation import Change
from crosscheck.source.walking import walk

# Builtins that only Python 2 has.
ONLY_PYTHON2 = frozenset(
    {"xrange", "raw_input", "unicode", "basestring", "long", "unichr", "cmp", "execfile", "apply", "file"}
)
_TELLING_NAMES = frozenset({"xrange", "raw_input", "unicode", "basestring", "unichr", "execfile"})
_TELLING_METHODS = frozenset({"iteritems", "itervalues", "iterkeys", "has_key"})
_TELLING_MODULES = frozenset({"cPickle", "urllib2", "StringIO", "cStringIO", "ConfigParser", "Tkinter", "__builtin__"})

_OCTAL = re.compile(r"0+[0-7]+")


def in_python3(text: str) -> list[Change]:
    """Return the changes that make Python 2 parse as Python 3.

    >>> in_python3("print 10L")
    [Change(start=5, end=6, text='('), Change(start=8, end=9, text=''), Change(start=9, end=9, text=')')]
    """
    lines = list(logical_lines(text))
    printing = "print_function" not in text
    changes: list[Change] = []
    for index, line in enumerate(lines):
        following = lines[index + 1 :] if any(token.text == "def" for token in line) else []
        changes += _of_line(line, following, printing=printing)
    return sorted([*changes, *_tabs(lines, text)])


def _of_line(line: list[Token], following: Sequence[list[Token]], *, printing: bool) -> Iterator[Change]:
    code = [token for token in line if token.kind not in {"space", "comment"} and token.text != "\n"]
    yield from _words(code)
    yield from _parameters(code, following)
    yield from _comprehensions(code)
    begin = 0
    for index, token in enumerate([*code, None]):
        if token is None or (token.depth == 0 and token.text in {";", ":"}):
            statement = code[begin:index]
            begin = index + 1
            if statement:
                yield from _of_statement(statement, printing=printing)


def _words(code: list[Token]) -> Iterator[Change]:
    opening = True
    for token in code:
        if token.text == "<>":
            yield Change(token.start, token.end, "!=")
        elif token.text == "`":
            yield Change(token.start, token.end, "repr(" if opening else ")")
            opening = not opening
        elif token.kind == "number" and token.text[-1] in "lL":
            octal = "0o" if _OCTAL.fullmatch(token.text[:-1]) and token.text.strip("0lL") else ""
            yield from [Change(token.start, token.start, octal)] if octal else []
            yield Change(token.end - 1, token.end, "")
        elif token.kind == "number" and _OCTAL.fullmatch(token.text) and token.text.strip("0"):
            yield Change(token.start, token.start + 1, "0o")
        elif token.kind == "string" and token.text[:2].lower() == "ur":
            yield Change(token.start, token.start + 1, "")


def _of_statement(statement: list[Token], *, printing: bool) -> Iterator[Change]:
    first, rest = statement[0], statement[1:]
    flat = [token for token in rest if token.depth == 0]
    commas = [token for token in flat if token.text == ","]
    if first.text == "print" and printing:
        yield from _print(first, rest, commas)
    elif first.text == "exec" and rest and not _in_one_bracket(rest):
        yield Change(first.end, rest[0].start, "(")
        inside = next((token for token in flat if token.text == "in"), None)
        if inside:
            yield Change(inside.start, inside.end, ",")
        yield Change(rest[-1].end, rest[-1].end, ")")
    elif first.text == "raise" and commas:
        yield Change(commas[0].start, commas[0].end, "(")
        if len(commas) > 1:
            yield Change(commas[1].start, rest[-1].end, ")")
        else:
            yield Change(rest[-1].end, rest[-1].end, ")")
    elif first.text == "except" and commas:
        yield Change(commas[0].start, commas[0].end, " as")


def _print(word: Token, rest: list[Token], commas: list[Token]) -> Iterator[Change]:
    if not rest:
        yield Change(word.end, word.end, "()")
        return
    if (_in_one_bracket(rest) and rest[0].text == "(") or rest[0].text in {"=", ".", ","}:
        return
    end = rest[-1].end
    closing = ")"
    if rest[0].text == ">>":
        comma = commas[0] if commas else None
        target_end = next((token.start for token in commas[:1]), end)
        target = _between(rest[1:], target_end)
        yield Change(word.end, end if comma is None else comma.end, f"(*[], file={target}" if comma is None else "(")
        closing = ")" if comma is None else f", file={target})"
        if comma is None or comma is rest[-1]:
            yield Change(end, end, ")" if comma is None else f"file={target})")
            return
    else:
        yield Change(word.end, rest[0].start, "(")
    if rest[-1].text == ",":
        yield Change(rest[-1].start, end, ", end=' '" + closing)
    else:
        yield Change(end, end, closing)


def _between(tokens: list[Token], end: int) -> str:
    return "".join(token.text for token in tokens if token.start < end)


def _in_one_bracket(tokens: list[Token]) -> bool:
    closes = [index for index, token in enumerate(tokens) if token.depth == 0 and token.text in {")", "]", "}"}]
    return bool(closes) and tokens[0].text in {"(", "[", "{"} and closes[0] == len(tokens) - 1


def _comprehensions(code: list[Token]) -> Iterator[Change]:
    """Put what a comprehension goes through into parentheses where it is several: `[f(m) for m in A, B]`."""
    brackets: list[str] = []
    for index, token in enumerate(code):
        if token.text in {"(", "[", "{"}:
            brackets.append(token.text)
        elif token.text in {")", "]", "}"} and brackets:
            brackets.pop()
        elif token.text == "for" and brackets[-1:] == ["["]:
            level = [other for other in code[index:] if other.depth <= token.depth]
            start = next((place for place, other in enumerate(level) if other.text == "in"), len(level))
            stops = (
                n
                for n, other in enumerate(level)
                if n > start and (other.depth < token.depth or other.text in {"for", "if"})
            )
            end = next(stops, len(level))
            if any(other.text == "," for other in level[start:end]) and end < len(level):
                inner = code[code.index(level[start]) + 1 : code.index(level[end])]
                yield from (Change(inner[0].start, inner[0].start, "("), Change(inner[-1].end, inner[-1].end, ")"))


def _parameters(code: list[Token], following: Sequence[list[Token]]) -> Iterator[Change]:
    """Name a parameter that is a tuple, and take it apart where the body begins."""
    for index, token in enumerate(code):
        if token.text == "def" and index + 2 < len(code) and code[index + 2].text == "(":
            yield from _taken_apart(code, index + 2, following)
        elif token.text == "lambda" and index + 1 < len(code) and code[index + 1].text == "(":
            yield from _taken_apart_in_lambda(code, index)


def _taken_apart(code: list[Token], opening: int, following: Sequence[list[Token]]) -> Iterator[Change]:
    depth = code[opening].depth
    end = next((i for i in range(opening + 1, len(code)) if code[i].text == ")" and code[i].depth == depth), None)
    if end is None:
        return
    names = []
    for index in range(opening + 1, end):
        token = code[index]
        if token.text == "(" and token.depth == depth + 1 and code[index - 1].text in {"(", ","}:
            places = range(index, end + 1)
            closing = next((i for i in places if code[i].text == ")" and code[i].depth == depth + 1), None)
            if closing is None:  # brackets of other kinds stand in between
                continue
            name = f"_tuple{len(names)}"
            names.append(f"{_source(code[index : closing + 1])} = {name}; ")
            yield Change(token.start, code[closing].end, name)
    body = code[end + 2 :] or next(filter(None, map(_code, following)), [])
    if names and body:
        yield Change(body[0].start, body[0].start, "".join(names))


def _taken_apart_in_lambda(code: list[Token], index: int) -> Iterator[Change]:
    depth = code[index].depth
    inner = code[index + 2 :]
    closing = next((t for t in inner if t.text == ")" and t.depth == depth), None)
    colon = next((t for t in inner if t.text == ":" and t.depth == depth), None)
    if closing is None or colon is None or code[code.index(closing) + 1] is not colon:
        return
    after = code[code.index(colon) + 1 :]
    if not after:
        return
    stop = next((t for t in after if t.depth < depth or (t.depth == depth and t.text in {",", ";"})), None)
    end = after[-1].end if stop is None else after[after.index(stop) - 1].end
    yield Change(code[index + 1].start, code[index + 1].end, "_tuple: (lambda ")
    yield Change(closing.start, closing.end, "")
    yield Change(end, end, ")(*_tuple)")


def _code(line: list[Token]) -> list[Token]:
    return [token for token in line if token.kind not in {"space", "comment", "newline"}]


def _source(tokens: list[Token]) -> str:
    return "".join(token.text + (" " if token.text == "," else "") for token in tokens)


def _tabs(lines: list[list[Token]], text: str) -> Iterator[Change]:
    """Turn tabs in front of the code into spaces, up to the next multiple of eight, where both are used."""
    heads = [line[0] for line in lines if line[0].kind == "space" and "\n" not in line[0].text]
    if not ("\t" in "".join(h.text for h in heads) and any(" " in h.text for h in heads)):
        return
    for head in heads:
        if "\t" in head.text and text[head.end : head.end + 1] not in {"\n", "#", ""}:
            yield Change(head.start, head.end, head.text.expandtabs(8))


def looks_like_python2(tree: ast.Module, *, python2: bool = False) -> bool:
    """Say whether what parses as Python 3 was written for Python 2: it uses what only that has, and defines it nowhere.

    `python2` says what the notebook's metadata claim.
    """
    names = {node.id for node in walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    defined = {node.id for node in walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    caught = any(isinstance(node, ast.Try) for node in walk(tree))
    defined |= {alias.asname or alias.name for node in walk(tree) if isinstance(node, ast.ImportFrom | ast.Import)
                for alias in node.names}  # fmt: skip
    methods = {
        node.func.attr for node in walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    modules = {alias.name for node in walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in walk(tree) if isinstance(node, ast.ImportFrom)}
    if only_python3(tree):
        return False
    if (names & _TELLING_NAMES) - defined and not (caught and defined & _TELLING_NAMES):
        return True
    return python2 or bool(methods & _TELLING_METHODS) or (bool(modules & _TELLING_MODULES) and not caught)


def only_python3(tree: ast.Module) -> bool:
    """Say whether a tree has syntax that Python 2 does not know."""
    kinds = (
        ast.JoinedStr
        | ast.AnnAssign
        | ast.MatMult
        | ast.Nonlocal
        | ast.AsyncFunctionDef
        | ast.NamedExpr
        | ast.YieldFrom
    )
    return any(
        isinstance(node, kinds)
        or (isinstance(node, ast.arguments) and bool(node.kwonlyargs))
        or (isinstance(node, ast.arg) and node.annotation is not None)
        for node in walk(tree)
    )
