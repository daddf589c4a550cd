r"""Texts that a program writes out and goes through whole, made short: a paragraph of 900 letters is as many steps.

A program that takes windows out of its text needs as many letters as it has.
"""

import ast
from collections.abc import Iterator

from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk

LONG, FEWEST = 25, 4
"""Letters and words of a text that is no name and no alphabet; sequences of no more are considered as outputs"""
LETTERS, WORDS = 13, 8
"""That are left: steps enough for a state to be carried, and symbols that occur twice"""
LINES = frozenset({"splitlines", "readlines", "readline", "splitext", "partition"})


def with_short_texts(tree: ast.Module) -> ast.Module:
    r"""Shorten the texts of a module that takes no windows out of them; the tree is changed.

    >>> whole = "text = 'to see a world in a grain of sand and a heaven in a wild flower hold infinity'\n"
    >>> ast.unparse(with_short_texts(ast.parse(whole + "train(text[:-1], text[1:])")).body[0])
    "text = 'to see a worl'"
    >>> ast.unparse(with_short_texts(ast.parse(whole + "words = text.split()")).body[0])
    "text = 'to see a world in a grain of'"
    >>> tree = ast.parse(whole + "run(text[p:p + n])")
    >>> ast.unparse(with_short_texts(tree)) == ast.unparse(ast.parse(ast.unparse(tree)))
    True
    """
    texts = [value for node in _begun(tree) if (value := _text_of(node)) is not None]
    if not texts or takes_windows(tree):
        return tree
    separators = {separator for call in walk(tree) for separator in _separators(call)}
    if separators <= {" "}:
        for text in texts:
            told = str(text.value)
            text.value = " ".join(told.split()[:WORDS]) if separators else " ".join(told.split())[:LETTERS]
    return tree


def goes_through_whole(tree: ast.AST) -> bool:
    r"""Tell whether a program takes a text that it reads for one sequence: all letters but the last, and but the first.

    >>> code = "text = open(name).read()\ntrain(text[:-1], text[1:])"
    >>> goes_through_whole(ast.parse(code)), goes_through_whole(ast.parse(code + "\nlines = text.splitlines()"))
    (True, False)
    """
    sliced = {ast.unparse(part.value): set() for part in walk(tree) if isinstance(part, ast.Subscript)}
    for part in (part for part in walk(tree) if isinstance(part, ast.Subscript)):
        sliced[ast.unparse(part.value)].add(ast.unparse(part.slice))
    read = {
        target.id
        for part in walk(tree)
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Call) and root_word(part.value.func) == "read"
        for target in part.targets
        if isinstance(target, ast.Name)
    }
    is_whole = any({":-1", "1:"} <= places and name in read for name, places in sliced.items())
    return is_whole and not takes_windows(tree) and not any(_separators(call) for call in walk(tree))


def _begun(tree: ast.Module) -> Iterator[ast.stmt]:
    r"""Yield the statements of a module, with those of `if __name__ == "__main__":` and of `main()`.

    >>> text = "a = 1\ndef main():\n    b = 2\nif __name__ == '__main__':\n    main()\n    c = 3"
    >>> [node.targets[0].id for node in _begun(ast.parse(text)) if isinstance(node, ast.Assign)]
    ['a', 'b', 'c']
    """
    for node in tree.body:
        if isinstance(node, ast.If) or (isinstance(node, ast.FunctionDef) and node.name == "main"):
            yield from node.body
        else:
            yield node


def takes_windows(tree: ast.AST) -> bool:
    """Tell whether a program takes pieces out of something that begin and end where variables say, or goes in strides.

    >>> [takes_windows(ast.parse(text)) for text in ("x[a:b]", "x[i:i + 5]", "range(0, n, 25)", "x[1:]", "x[:n]")]
    [True, True, True, False, False]
    """
    return any(map(_is_window, walk(tree)))


def _is_window(node: ast.AST) -> bool:
    if isinstance(node, ast.Slice):
        ends = node.lower, node.upper
        return None not in ends and not all(isinstance(end, ast.Constant) for end in ends)
    if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in ("range", "xrange"):
        return False
    return len(node.args) == 3 and ast.unparse(node.args[2]) not in ("1", "-1")


def _text_of(statement: ast.stmt) -> ast.Constant | None:
    """Return the text that a statement gives a name, whatever its methods make of it."""
    value = statement.value if isinstance(statement, ast.Assign) else None
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        value = value.func.value
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        return None
    return value if len(value.value) > LONG and len(value.value.split()) >= FEWEST else None


def _separators(node: ast.AST) -> list[str]:
    """Return what a call splits texts at: a space, or something else; nothing if it splits none."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return []
    if node.func.attr in LINES:
        return ["\n"]
    if node.func.attr not in ("split", "word_tokenize", "findall", "sub"):
        return []
    given = node.args[0] if node.args and node.func.attr == "split" else None
    plain = given is None or (isinstance(given, ast.Constant) and given.value in (" ", None))
    return [" "] if plain else ["\n"]
