"""Which way a number that a program states is to go: a loss is lowered, a log-likelihood or a reward is raised.

What is called a cost is one. What is called a likelihood may be minus that, and a `J` either: then the terms that it is
made of tell, and where they do not, nothing is said against either way.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import Enum

from crosscheck.recognise import naming
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.source.walking import last_word, operands, walked


class Way(Enum):
    """Where training drives a number."""

    DOWN = 1
    UP = -1
    EITHER = 0


LOWERED = re.compile(r"neg|nll|minus|loss|cost|err|mse|entrop|perda|verlust|perdida|perte|custo", re.IGNORECASE)
GAINED = re.compile(r"reward|payoff|utility|profit|elbo|sharpe|fitness|advantage|^adv$|^returns$|_returns?$", re.I)
"""What nobody wants less of"""
WEIGHT = re.compile(r"^[RGA](?:_?t)?$|^ret(?:s|_|$)|gain|^td")
"""What the logarithm of a policy is multiplied by, beside that"""
OPEN = re.compile(r"^(?:j|obj|objective|objectives|values?|score|f|goal)$", re.IGNORECASE)
"""What may be lowered as well as raised"""
GAINING = re.compile(r"reward|payoff|bandit|policy|advantage|maximi[sz]|ascen[dt]|utility|profit|likelihood|elbo", re.I)
"""What programs write that raise something"""


def way_of(words: Collection[str], tree: ast.AST, code: str, function: str = "") -> Way:
    r"""Return which way a number goes that bears some names; a function may be called so, in which it is computed.

    >>> said = "ll = 0\nfor p in ps: ll += np.log(p)\nnegll = -ll\nJ = (adv * np.log(pi)).mean()"
    >>> [way_of({word}, ast.parse(said), said).name for word in ("ll", "negll", "J", "loss")]
    ['UP', 'DOWN', 'UP', 'DOWN']
    >>> way_of({"ll"}, ast.parse("ll = -np.sum(np.log(p))"), "").name, way_of({"J"}, ast.parse("J = f(w)"), "").name
    ('DOWN', 'DOWN')
    """
    plain = (re.split(r"[,\[(]", word)[0] for word in words)  # `ll, turn by turn[-1]`
    last = {word.rpartition(".")[2] for word in plain}
    if any(map(LOWERED.search, last)):
        return Way.DOWN
    is_named = any(map(naming.MAXIMISED.match, (*words, function)))
    is_open = any(map(OPEN.match, last))
    if not (is_named or is_open or any(map(GAINED.search, last))):
        return Way.DOWN
    said = set(_labels(last, tree)) if is_open and not is_named else set[str]()
    if any(LOWERED.search(word) for word in said):
        return Way.DOWN
    terms = [term for word in last for term in _terms_of(word, tree)]
    signs = _signs_of_logarithms(terms)
    if signs == {-1}:
        return Way.DOWN
    gained = {sign for sign, term in terms if any(map(GAINED.search, _factors(term)))}
    gained |= {sign for sign, term in terms if _is_logarithm(term) and any(map(WEIGHT.search, _factors(term)))}
    if gained == {1} or (any(map(GAINED.search, last | said)) and -1 not in signs):
        return Way.UP
    if signs == {1} and is_named:
        return Way.UP
    return Way.EITHER if is_named or signs == {1} or GAINING.search(code) else Way.DOWN


def _labels(words: Collection[str], tree: ast.AST) -> Iterator[str]:
    """Yield what is written beside a variable where it is shown: `print("expected reward", J)`."""
    for call in (part for part in walked(tree) if isinstance(part, ast.Call) and last_word(part.func) == "print"):
        parts = [part for argument in call.args for part in walked(argument)]
        if any(isinstance(part, ast.Name | ast.Attribute) and root_word(part) in words for part in parts):
            yield from (part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))


def signs_for(
    words: Collection[str], signs: Mapping[str, int], tree: ast.AST, code: str, function: str = ""
) -> dict[str, int]:
    """Return which way steps go that lower a number of some names: none where it may go either way."""
    way = way_of(words, tree, code, function)
    return {name: way.value * sign for name, sign in signs.items()} if way != Way.EITHER else {}


def adds_logarithms(value: ast.expr) -> bool:
    """Tell whether logarithms of probabilities are in a sum, and all are added: that is to be raised, and no loss."""
    return _signs_of_logarithms(list(_terms(value, 1))) == {1}


def _signs_of_logarithms(terms: Sequence[tuple[int, ast.expr]]) -> set[int]:
    return {sign for sign, term in terms if _is_logarithm(term)}


def _terms_of(word: str, tree: ast.AST) -> Iterator[tuple[int, ast.expr]]:
    """Yield the terms of what a variable is assigned, added or appended, and of what a function returns, with signs."""
    for node in walked(tree):
        if isinstance(node, ast.AugAssign) and root_word(node.target) == word:
            yield from _terms(node.value, -1 if isinstance(node.op, ast.Sub) else 1)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append":
            noted = node.args if root_word(node.func.value) == word else []
            yield from (term for value in noted for term in _terms(value, 1))
        elif isinstance(node, ast.FunctionDef) and node.name == word:
            returned = (part.value for part in walked(node) if isinstance(part, ast.Return) and part.value is not None)
            yield from (term for value in returned for term in _terms(value, 1))
        else:
            values = [value for target, value in assigned_in(node) if root_word(target) == word]
            yield from (term for value in values for term in _terms(value, 1))


def _terms(value: ast.expr, sign: int) -> Iterator[tuple[int, ast.expr]]:
    match value:
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            yield from _terms(inner, -sign)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from (*_terms(left, sign), *_terms(right, sign))
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            yield from (*_terms(left, sign), *_terms(right, -sign))
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div(), right=right) if _is_number(right):
            yield from _terms(left, sign * _sign(right))
        case ast.BinOp(left=left, op=ast.Mult(), right=right) if _is_number(left):
            yield from _terms(right, sign * _sign(left))
        case ast.BinOp(left=left, op=ast.Div()):
            yield from _terms(left, sign)
        case ast.Call(func=ast.Attribute(value=inner, attr="sum" | "mean"), args=[]):
            yield from _terms(inner, sign)
        case ast.Call(args=[inner, *_]) if last_word(value.func) in ("sum", "mean", "float"):
            yield from _terms(inner, sign)
        case ast.Constant():
            pass
        case _:
            yield sign, value


def _is_number(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and isinstance(inner.value, int | float)


def _sign(node: ast.expr) -> int:
    return -1 if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else 1


def _is_logarithm(term: ast.expr) -> bool:
    """Tell whether a term is the logarithm of a probability, times a weight perhaps: of no sum of exponentials.

    >>> kinds = ("y * np.log(p)", "np.log(1 - p)", "np.log(1 + np.exp(-z))", "np.log(y / p)", "np.log(softmax(z)[k])")
    >>> [_is_logarithm(ast.parse(kind, mode="eval").body) for kind in kinds]
    [True, True, False, False, True]
    """
    logs = [part for part in walked(term) if isinstance(part, ast.Call) and last_word(part.func) == "log" and part.args]
    return len(logs) == 1 and _is_probability(logs[0].args[0])


def _is_probability(node: ast.expr) -> bool:
    match node:
        case ast.Name() | ast.Attribute():
            return True
        case ast.Subscript(value=inner):
            return _is_probability(inner)
        case ast.BinOp(left=ast.Constant(), op=ast.Sub(), right=inner):
            return _is_probability(inner)
        case ast.BinOp(left=inner, op=ast.Add(), right=ast.Constant()):
            return _is_probability(inner)
        case ast.Call(func=function):
            return bool(re.search(r"sigm|soft_?max|prob|policy|clip|maximum", last_word(function), re.IGNORECASE))
    return False


def _factors(term: ast.expr) -> Iterator[str]:
    """Yield what a product is made of that has a name: of `(reward - v) ** 2`, which is to be small, nothing.

    >>> terms = ("p @ rewards", "adv * log(p)", "(R - u @ v) ** 2")
    >>> [list(_factors(ast.parse(term, mode="eval").body)) for term in terms]
    [['p', 'rewards'], ['adv'], []]
    """
    plain = (ast.Name, ast.Attribute, ast.Subscript)
    yield from (root_word(part) for part in operands(term, ast.Mult, ast.MatMult) if isinstance(part, plain))
