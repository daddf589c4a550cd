"""Losses that a loop states beside the two passes that it calls: put into functions, they are held against gradients.

    for epoch in range(1000):
        out = net.forward(x)
        loss = np.mean((out - y) ** 2)
        net.backward(x, y, out)

A file that wrote `net.loss(out, y)` would be read in the same way.
"""

import ast
import copy
from collections import Counter
from collections.abc import Iterator, Sequence

from crosscheck.recognise import naming
from crosscheck.recognise.backward_passes import functions_of, looks_like_backward
from crosscheck.recognise.penalised import WEIGHT
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk

NAME = "{}_in_line_{}"
SIZES = frozenset({"abs", "absolute", "fabs", "rand", "randn", "random", "normal"})
"""How far off predictions are, whatever the loss is; and what is another value each time"""
PLAIN = frozenset({
    "sum", "mean", "len", "float", "square", "item", "dot", "log", "log1p", "exp", "power", "sqrt", "clip", "maximum",
    "minimum", "where", "multiply", "subtract", "divide", "add", "negative", "range", "arange", "tanh", "sinh",
    "cosh", "sin", "cos", "sign", "array", "asarray", "astype", "transpose", "concatenate", "hstack", "vstack",
    "ones", "zeros", "ones_like", "zeros_like", "einsum", "expand_dims", "relu", "sigmoid", "softmax", "squeeze",
    "reshape", "ravel", "flatten", "max", "argmax", "norm", "detach", "numpy", "outer", "matmul", "pow",
})  # fmt: skip
"""What computes and does nothing else"""
ERROR = naming.re.compile(r"err(?:or)?s?|^e$", naming.re.IGNORECASE)
OTHER = naming.re.compile(r"(?<!la)test|valid|hold_?out|(?:^|_)(?:val|dev|te|eval)(?:_|$)", naming.re.IGNORECASE)
"""What data are called that nothing is trained with"""
NUMBERS = naming.re.compile(r"[nmNM]|n_\w+|num_\w+|eps\w*|batch_size")
"""What numbers are called that belong to no data"""
MODULES = frozenset({"np", "numpy", "torch", "math", "cp", "jnp"})
COUNT = naming.re.compile(r"(?:float\()?(?:len\([\w.]+\)|[\w.]+\.shape\[-?\d\]|[\w.]+\.size(?:\(-?\d\))?)\)?")
"""How rows are counted"""
FEWEST = 2
"""An output and a target"""


def with_losses_of_loops(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such losses are functions that the loop calls as well; the same if it states none.

    >>> code = '''def forward(x, w): return x @ w
    ... def backward(x, y, out): return x.T @ (out - y)
    ... for _ in range(9):
    ...     out = forward(x, w)
    ...     loss = ((out - y) ** 2).sum()
    ...     dw = backward(x, y, out)'''
    >>> print(ast.unparse(with_losses_of_loops(ast.parse(code)).body[2:]))
    def loss_in_line_5(out, y):
        return ((out - y) ** 2).sum()
    for _ in range(9):
        out = forward(x, w)
        loss_in_line_5(out, y)
        loss = ((out - y) ** 2).sum()
        dw = backward(x, y, out)
    """
    backward = {name.rpartition(".")[2] for name, node in functions_of(tree).items() if looks_like_backward(node)}
    if not backward or not any(True for owner in _owners(tree) for _ in _stated(owner, backward)):
        return tree
    made = copy.deepcopy(tree)
    for holder, owner in [(made, one) for one in made.body] + [(c, m) for c in _classes(made) for m in c.body]:
        for body, statement in list(_stated(owner, backward)):
            function, call = _taken_out(owner, statement, is_method=isinstance(holder, ast.ClassDef))
            body.insert(body.index(statement), call)
            holder.body.insert(holder.body.index(owner), function)
    return made


def _classes(tree: ast.Module) -> list[ast.ClassDef]:
    return [node for node in tree.body if isinstance(node, ast.ClassDef)]


def _owners(tree: ast.Module) -> Iterator[ast.stmt]:
    yield from tree.body
    for owner in _classes(tree):
        yield from owner.body


def _stated(owner: ast.stmt, backward: set[str]) -> Iterator[tuple[list[ast.stmt], ast.stmt]]:
    """Yield the statements of losses in loops that call a backward pass, with the list that each stands in."""
    if isinstance(owner, ast.ClassDef) or (isinstance(owner, ast.FunctionDef) and owner.name in backward):
        return
    for loop in [node for node in walk(owner) if isinstance(node, ast.For | ast.While)]:
        calls = {root_word(node.func) for node in walk(loop) if isinstance(node, ast.Call)}
        bodies = [loop.body, *(node.body for node in loop.body if isinstance(node, ast.If))]  # every tenth epoch
        for body in bodies if calls & backward else ():
            yield from ((body, statement) for statement in body if _is_loss(statement, owner))


def _is_loss(statement: ast.stmt, owner: ast.stmt) -> bool:
    """Tell whether a statement computes a loss out of arrays, by nothing but what needs no look elsewhere."""
    word, value = _named(statement)
    if value is None or not is_called_loss(word):
        return False
    called = {root_word(node.func) for node in walk(value) if isinstance(node, ast.Call)}
    if not called <= PLAIN or called & SIZES:
        return False
    read = _read(_with_sizes(value, owner), owner)
    return len(read) >= FEWEST and not any(naming.LOSS.search(name) for name in read)


def is_called_loss(word: str) -> bool:
    """Tell whether a name is that of a loss, and no error that may be told in any measure, nor a loss of other data.

    >>> [is_called_loss(word) for word in ("loss", "train_losses", "J", "error", "val_loss", "e", "dloss")]
    [True, True, True, False, False, False, False]
    """
    rest = ERROR.sub("", word)
    is_other = naming.NOT_LOSS.search(word) or naming.OF_LOSS.match(word)
    return bool(naming.LOSS.search(rest)) and rest not in ("e", "l") and not is_other


def is_of_turn(statements: Sequence[ast.stmt], loop: ast.AST) -> bool:
    """Tell whether what some statements of a loop are about is what the rest of the loop is about: no other data.

    >>> loop = ast.parse("p = f(x, w); w -= rate * g(p - y, x); loss = ((p - y) ** 2).mean(); q = f(u, w); l = (q - v)")
    >>> is_of_turn(loop.body[2:3], loop), is_of_turn(loop.body[3:], loop)
    (True, False)
    """
    own = [node for statement in statements for node in walk(statement)]
    inside, variables = set(map(id, own)), [node for node in own if isinstance(node, ast.Name)]
    rest = {node.id for node in walk(loop) if isinstance(node, ast.Name) and id(node) not in inside}
    stored = {node.id for node in variables if isinstance(node.ctx, ast.Store)}
    called = {root_word(node.func) for node in own if isinstance(node, ast.Call)}
    read = {node.id for node in variables} - stored - called - MODULES - PLAIN
    numbers = {word for word in read if WEIGHT.search(word) or NUMBERS.fullmatch(word)}
    words = {root_word(node) for node in own if isinstance(node, ast.Name | ast.Attribute)}
    return read - numbers - {"self"} <= rest and not any(map(OTHER.search, words))


def _named(statement: ast.stmt) -> tuple[str, ast.expr | None]:
    """Return what a statement computes, and the name that it gets or that of the list or the total that it goes to."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=word)], value=value):
            return word, value
        case ast.AugAssign(target=ast.Name(id=word), op=ast.Add(), value=value):
            return word, value
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=word), attr="append"), args=[value])):
            return word, value
        case _:
            return "", None


def _with_sizes(value: ast.expr, owner: ast.stmt) -> ast.expr:
    """Return an expression in which what counts rows is what it counts: `n = len(X)` is known where X is."""
    assigned = [node for node in walk(owner) if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)]
    names = Counter(node.id for node in walk(owner) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    counts = {ast.unparse(n.targets[0]): n.value for n in assigned if COUNT.fullmatch(ast.unparse(n.value))}
    known = {name: count for name, count in counts.items() if names[name] == 1}

    class Counted(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return copy.deepcopy(known[node.id]) if node.id in known else node

    return Counted().visit(copy.deepcopy(value))


def _read(value: ast.expr, owner: ast.stmt) -> list[str]:
    """Return the variables that an expression reads, of a function only those that are its own.

    >>> _read(ast.parse("[a * y[t] for t in range(n)]", mode="eval").body, ast.parse("for k in r: t = a = k").body[0])
    ['a', 'y', 'n']
    """
    parts = [node for node in walk(value) if isinstance(node, ast.Name)]
    bound = {node.id for node in parts if isinstance(node.ctx, ast.Store)}  # by a comprehension
    names = [node.id for node in parts if node.id not in bound]
    inside = {node.id for node in walk(owner) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    if isinstance(owner, ast.FunctionDef):
        inside |= {argument.arg for argument in walk(owner.args) if isinstance(argument, ast.arg)}
        return [name for name in dict.fromkeys(names) if name in inside and name != "self"]
    return [name for name in dict.fromkeys(names) if name not in MODULES | PLAIN]


def _taken_out(owner: ast.stmt, statement: ast.stmt, *, is_method: bool) -> tuple[ast.FunctionDef, ast.Expr]:
    word, value = _named(statement)
    assert value is not None
    name = NAME.format(word, statement.lineno)
    value = _with_sizes(value, owner)
    read = _read(value, owner)
    given = ["self", *read] if is_method else read
    (function,) = ast.parse(f"def {name}({', '.join(given)}): return 0").body
    assert isinstance(function, ast.FunctionDef)
    function.of_loop = True  # pyright: ignore[reportAttributeAccessIssue] - a mark of ours
    function.body = [ast.Return(value)]
    (call,) = ast.parse(f"{'self.' * is_method}{name}({', '.join(read)})").body
    assert isinstance(call, ast.Expr)
    for made in (*walk(function), *walk(call)):  # what is computed stands where its author wrote it
        if not hasattr(made, "lineno") or not any(made is part for part in walk(value)):
            ast.copy_location(made, statement)
    return function, call
