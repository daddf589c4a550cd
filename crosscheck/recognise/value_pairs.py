"""Functions that stand beside their gradients: `f(w, X, y)` and `grad_f(w, X, y)`."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from crosscheck.recognise import naming
from crosscheck.recognise.defaults import required
from crosscheck.source.walking import last_word, walk

MARKS = frozenset(
    "grad grads gradient gradients del nabla der deriv derivative derivatives derivate prime jac d "  # noqa: SIM905
    "gradiente gradienti gradienten gradyan derivada derivata derivee ableitung pochodna turev turevi turunan".split()
)
"""Words that say that a function returns a gradient"""
FILLERS = frozenset(
    "compute computes calc calculate calculated get eval evaluate func function fn fun of the my numpy np "  # noqa: SIM905
    "analytic analytical exact full total".split()
)
VALUES = frozenset(
    "cost costs loss losses value val objective obj error err nll energy likelihood loglikelihood loglik posterior "  # noqa: SIM905
    "criterion risk j f log logl ll lnlike lnprob logp logprob joint prior neg negative "
    "mse sse rss mae bce xent hinge elbo deviance half".split()
)
"""Words that say that a function returns what is differentiated"""
OTHER = re.compile(
    r"(?:^|_)(?:fit|test|init|main|show)|hess|numer|approx|finite|check|plot|update|(?<!s)train|optimi|descen|descid|ascen|clip|"
    r"norm$|step$|predict|sample|print|autograd|minimi|maximi",
    re.IGNORECASE,
)
"""Neither a value nor a gradient is called so"""
MEASURE = re.compile(r"accura|score|metric|count|precision|recall|rmse|^r2|distance", re.IGNORECASE)
"""What nobody differentiates"""
OUTPUTS = re.compile(r"^(?!.*(?:loss|cost)).*(?:sigmoid|softmax)", re.IGNORECASE)
"""What makes probabilities; a `softmax_loss` is a loss"""
GLUED = re.compile(r"^(?:grad|del|nabla|d|g)(?=[a-z])|(?<=[a-z])(?:grad|gradient|deriv|prime)$")
STRENGTH = re.compile(r"lambda|lmbda|lambd|^lam|^reg|_reg$|^l[12]|decay|penalt|^alpha$", re.IGNORECASE)
"""By what a penalty is multiplied"""
STRONG = 0.7
"""What it is taken to be where it is zero unless it is given"""
DATA = re.compile(r"^(?:x|xs|x_?train|x_?batch|data|inputs?|features?|a|design|phi|z)$", re.IGNORECASE)
PREDICTED = re.compile(r"pred|prob|^p$|hat|^a_?l?$|out|logit|score|^o$", re.IGNORECASE)
"""What arguments are called that parameters went into before"""


class Before(NamedTuple):
    """A call that computes what two functions are handed."""

    names: tuple[str, ...]
    is_tuple: bool
    function: str
    given: Mapping[str, str]


class ValuePair(NamedTuple):
    """Two functions, and how one that calls both hands its own arguments to them."""

    value: str
    gradient: str
    arguments: tuple[str, ...]
    """Of the one that calls both"""
    shared: frozenset[str]
    """Those that both are handed"""
    given: tuple[Mapping[str, str | float], Mapping[str, str | float]]
    """For each of the two its own arguments, and what they are handed: an argument, a number, or the value what is made
    of arguments"""
    literal: bool
    """Whether the gradient is called after the function, letter by letter"""
    by_arguments: bool = False
    """Whether nothing but their arguments says that they belong together"""
    before: tuple[Before, ...] = ()
    """What is computed first"""
    of: str = ""
    """The one argument that the gradient is called after: `df_dx` and `gradient_x` of `f(x, y)`"""
    moved: str = ""
    """The one argument that callers move by the gradient"""

    @property
    def name(self) -> str:
        """What the two are called together, and where the one that calls them is kept."""
        owner, _, word = self.value.rpartition(".")
        together = f"{word}/{self.gradient.rpartition('.')[2]}"
        return f"{owner}.{together}" if owner else together


def words_of(name: str) -> list[str]:
    """Return the words of a name, in small letters.

    >>> words_of("computeGrad_logReg2")
    ['compute', 'grad', 'log', 'reg', '2']
    """
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)]


def value_pairs(nodes: Mapping[str, ast.FunctionDef], said: Collection[tuple[str, str]] = ()) -> list[list[ValuePair]]:
    """Return, for each function that is called like a gradient, the functions whose gradient it may be, by rank.

    Some are `said` to be one of another, whatever they are called.
    """
    found = []
    for gradient, node in nodes.items():
        owner, _, word = gradient.rpartition(".")
        if (OTHER.search(word) and gradient not in {of for _, of in said}) or node.decorator_list or not _returns(node):
            continue
        is_handed = any(map(naming.is_gradient_argument, required(node)))
        ranked: dict[int, list[ValuePair]] = {}
        told = _named_after(word, required(node))
        for value, other in nodes.items():
            of = told or _subscript(value.rpartition(".")[2], word, required(node))
            is_near = value.rpartition(".")[0] == owner and value != gradient and not other.decorator_list
            if is_handed and required(other) != required(node):  # else `D` holds distances
                continue
            likeness = _likeness(value.rpartition(".")[2], word) if is_near and _returns(other) else None
            likeness = LITERAL if (value, gradient) in said else likeness
            if likeness is None and of and is_near and _is_value_of(value.rpartition(".")[2], other, node):
                whole = tuple(required(node))
                own = {name: name for name in whole}
                pair = ValuePair(value, gradient, whole, frozenset(whole), (own, own), literal=False, of=of)
                ranked.setdefault(BY_KIND, []).append(pair)
            pair = None if likeness is None else _wired(value, other, gradient, node, literal=likeness == LITERAL)
            is_whole = pair is not None and len(pair.shared) == len(pair.arguments)
            if pair is not None and (likeness != BY_ARGUMENTS or (is_whole and len(pair.shared) > 1)):
                pair = pair._replace(by_arguments=likeness == BY_ARGUMENTS)
                ranked.setdefault(2 * (likeness or 0) + is_whole, []).append(pair)
        if ranked:
            found.append(ranked[max(ranked)])
    return found


def gradients_of_losses(nodes: Mapping[str, ast.FunctionDef]) -> set[str]:
    r"""Return the functions that are called the gradient of a loss, letter by letter, and are handed just what that is.

    >>> source = "def huber_loss(p, t): return p - t\ndef huber_loss_gradient(p, t): return p"
    >>> gradients_of_losses({node.name: node for node in ast.parse(source).body})
    {'huber_loss_gradient'}
    """
    return {
        pair.gradient
        for found in value_pairs(nodes)
        for pair in found
        if naming.LOSS_FUNCTION.search(pair.value.rpartition(".")[2])
        and _likeness(pair.value.rpartition(".")[2], pair.gradient.rpartition(".")[2]) == LITERAL
        and len(pair.shared) == len(pair.arguments) > 1
    }


def _returns(node: ast.FunctionDef) -> bool:
    is_generator = any(isinstance(part, ast.Yield | ast.YieldFrom) for part in walk(node))
    returned = (part.value for part in walk(node) if isinstance(part, ast.Return))
    return not is_generator and any(value is not None for value in returned)


LITERAL, BY_KIND, BY_ARGUMENTS = 2, 1, 0


def _likeness(value: str, gradient: str) -> int | None:
    """Say how plainly a function is called the gradient of another: letter by letter, by its kind, by nothing at all.

    None where it is called otherwise. What is just called `gradient` may belong to anything with its arguments.
    """
    own, theirs = words_of(value), words_of(gradient)
    if OTHER.search(value) or MEASURE.search(value) or OUTPUTS.match(value):
        return None
    if set(own) & (MARKS - {"d"}) or naming.BACKWARD.search(value):
        return None
    stem = "".join(word for word in own if word not in FILLERS)
    bare = "".join(word for word in theirs if word not in MARKS | FILLERS)
    plain = "".join(word for word in theirs if word not in FILLERS)
    is_marked = bool(set(theirs) & MARKS)
    if is_marked and own and own == [word for word in theirs if word not in MARKS]:  # `total` and `total_grad`
        return LITERAL
    if stem and ((is_marked and bare == stem) or (GLUED.search(plain) and GLUED.sub("", plain, count=1) == stem)):
        return LITERAL
    kind = set(own) & VALUES
    rest = "".join(word for word in own if word not in FILLERS | VALUES)
    of_what = "".join(word for word in theirs if word not in MARKS | FILLERS | VALUES)
    if is_marked and kind and rest == of_what:
        return BY_KIND
    if is_marked and not bare and SHORT.match(value):
        return BY_KIND
    return BY_ARGUMENTS if is_marked and not bare else None


PARTIAL = r"(?:d|del|grad(?:ient)?|partial|deriv(?:ative)?)_?(?:\w?|f|cost|loss)_?(?:d|wrt|by)?_?({})"
"""What the derivative of a function by one of its arguments is called: `df_dx`, `dEdu`, `grad_x`, `gradient_v`"""
SHORT = re.compile(r"^(?:[a-zA-Z]|f\w?|fun(?:c(?:tion)?)?)$")
"""What a function is called that is there to be differentiated"""


def _named_after(gradient: str, arguments: Sequence[str]) -> str:
    """Return which of several arguments a gradient is called after; nothing if it is called after none.

    >>> [_named_after(name, ["x", "y"]) for name in ("df_dx", "dfdy", "gradient_y", "grad", "distance")]
    ['x', 'y', 'y', '', '']
    """
    found = re.fullmatch(PARTIAL.format("|".join(map(re.escape, arguments))), gradient, re.IGNORECASE)
    return next((name for name in arguments if found and found[1].lower() == name.lower()), "") if arguments[1:] else ""


def _subscript(value: str, gradient: str, arguments: Sequence[str]) -> str:
    """Return the argument that a partial derivative has as its subscript; nothing if it has none: `fx` of `f(x, y)`.

    >>> [_subscript("f", name, ["x", "y"]) for name in ("fx", "f_y", "f2", "fxy")]
    ['x', 'y', '', '']
    """
    last = gradient.removeprefix(value).removeprefix("_") if SHORT.match(value) and gradient.startswith(value) else ""
    return last if last in arguments and len(arguments) > 1 else ""


def _is_value_of(value: str, node: ast.FunctionDef, gradient: ast.FunctionDef) -> bool:
    """Tell whether a function is handed just what a gradient is, and called like something to be differentiated."""
    words = set(words_of(value))
    is_called_so = bool(SHORT.match(value)) or bool(words & VALUES and not words & MARKS - {"d"})
    return is_called_so and list(required(node)) == list(required(gradient))


def _wired(
    value: str, node: ast.FunctionDef, gradient: str, other: ast.FunctionDef, *, literal: bool
) -> ValuePair | None:
    """Return how both functions are handed one set of arguments; None if they share none that may be differentiated."""
    wanted, theirs = list(required(node)), list(required(other))
    by_name = {name.lower(): name for name in wanted}
    same = {name: by_name[name.lower()] for name in theirs if name.lower() in by_name}
    if len(wanted) == len(theirs):  # f(w, X, y) and grad_f(theta, X, y)
        left = [n for n, name in enumerate(theirs) if name not in same]
        if all(wanted[n] not in same.values() for n in left):
            same |= {theirs[n]: wanted[n] for n in left}
    optional = {name.lower(): name for name in _names(node) if name not in wanted}
    extra = {name: optional[name.lower()] for name in theirs if name not in same and name.lower() in optional}
    alone = [name for name in wanted if name not in same.values()]
    lacking = {name: 0.0 for name in alone if STRENGTH.search(name) and not _mentions(other, name)}
    arguments = [name for name in wanted if name not in lacking]
    own: dict[str, str | float] = {name: lacking.get(name, name) for name in wanted}
    given: dict[str, str | float] = {}
    for name in theirs:
        given[name] = same.get(name, name)
        if name not in same:
            if name in arguments:
                return None
            arguments.append(name)
        if name in extra:
            own[extra[name]] = name
    for name in _without_strength(node) & _without_strength(other):  # zero would hide a penalty that one lacks
        own[name] = given[name] = STRONG
    shared = frozenset(same.values())
    is_method = "." in value
    if not (shared or is_method):
        return None
    return ValuePair(value, gradient, tuple(arguments), shared, (own, given), literal)


def _without_strength(node: ast.FunctionDef) -> set[str]:
    """Return the arguments by which a penalty is multiplied and that are zero unless they are given."""
    defaults = zip(reversed(_names(node)), reversed(node.args.defaults), strict=False)
    zero = {name for name, default in defaults if isinstance(default, ast.Constant) and default.value == 0}
    return {name for name in zero if STRENGTH.search(name)} if not node.args.kwonlyargs else set()


def _names(node: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]


def _mentions(node: ast.FunctionDef, name: str) -> bool:
    return any(name.lower() == other.lower() for other in _names(node))


def callers_first(pairs: list[list[ValuePair]], nodes: Mapping[str, ast.FunctionDef]) -> Iterator[list[ValuePair]]:
    """Yield the pairs in an order in which a gradient that is made of others comes before these."""
    words = {found[0].gradient: found[0].gradient.rpartition(".")[2] for found in pairs}

    def depth(gradient: str) -> int:
        return sum(
            words[gradient] in {last_word(n) for n in walk(nodes[other])} for other in words if other != gradient
        )

    yield from sorted(pairs, key=lambda found: depth(found[0].gradient))
