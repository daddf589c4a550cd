"""Statements of a function that are left when the word is known that an argument is: `if mode == "backward": ...`."""

import ast
from collections.abc import Collection, Iterator

from crosscheck.source.walking import walk


def words_asked(part: ast.AST, name: str) -> Iterator[str]:
    """Yield the words that a condition compares an argument with."""
    if isinstance(part, ast.Compare) and isinstance(part.left, ast.Name) and part.left.id == name:
        for side in walk(part.comparators[0]):
            if isinstance(side, ast.Constant) and isinstance(side.value, str):
                yield side.value


class Folded:
    r"""Statements without those that an argument's word rules out; what is left of a statement is changed in place.

    >>> code = "if way == 'up' and d is not None:\n  y = d\nelif way in ('down', 'on'):\n  y = 2\nreturn y"
    >>> up, down = Folded("way", "up"), Folded("way", "down")
    >>> [[ast.unparse(left) for left in one.statements(ast.parse(code).body)] for one in (up, down)], up.demanded
    ([['y = d', 'return y'], ['y = 2', 'return y']], {'d'})
    """

    def __init__(self, argument: str, word: str) -> None:
        self.argument, self.word = argument, word
        self.demanded: set[str] = set()
        """Names without which nothing would be done: `if mode == "backward" and dh is not None`"""

    def statements(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Return the statements that are left, none of which stands behind one that returns."""
        left: list[ast.stmt] = []
        for statement in body:
            left += self._left_of(statement)
            if left and isinstance(left[-1], ast.Return | ast.Raise):
                break
        return left

    def _left_of(self, statement: ast.stmt) -> list[ast.stmt]:
        if isinstance(statement, ast.If | ast.Assert) and (held := self._holds(statement.test)) is not None:
            if isinstance(statement, ast.Assert):
                return []
            return self.statements(statement.body if held else statement.orelse)
        for name in ("body", "orelse"):
            inner = getattr(statement, name, None)
            if isinstance(inner, list) and inner:
                setattr(statement, name, self.statements(inner) or ([ast.Pass()] if name == "body" else []))
        return [statement]

    def _holds(self, test: ast.expr) -> bool | None:
        """Tell whether a condition is true; None if it is about something else."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                held = self._holds(inner)
                return None if held is None else not held
            case ast.BoolOp(op=ast.And(), values=values):
                held = list(map(self._holds, values))
                others = [value for value, known in zip(values, held, strict=True) if known is None]
                if False in held:
                    return False
                given = [_given(value) for value in others]
                if True not in held or None in given:
                    return None
                self.demanded |= set(filter(None, given))
                return True
            case ast.Compare(left=ast.Name(id=name), ops=[op]) if name == self.argument:
                words: Collection[str] = set(words_asked(test, name))
                if isinstance(op, ast.Eq | ast.In | ast.Is) and words:
                    return self.word in words
                return self.word not in words if isinstance(op, ast.NotEq | ast.NotIn | ast.IsNot) and words else None
            case _:
                return None


def _given(value: ast.expr) -> str | None:
    """Return the name that a condition wants not to be None."""
    match value:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return name
        case _:
            return None
