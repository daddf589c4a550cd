"""Programs that go back by hand on arrays of torch, and beside that use what torch can do by itself.

To compare, or because the next chapter begins there: `loss.backward()`, `w.grad`, `nn.Linear`. Such statements are left
out, and whatever needs what they make. What is left uses torch for its arrays alone, or the program stays as it is.
"""

import ast
import copy
import re
from collections.abc import Iterator, Sequence

RECORDED = re.compile(
    r"\bnn\.(?!Module\b|Parameter\b|functional\b|Tanh\b|Sigmoid\b|ReLU\b)|\brequires_grad_\(|\.requires_grad\b|\.grad\b|\boptim\b|autograd"
    r"|\bDataLoader\b|\bfastai\b|\bfastcore\b|\bsympy\b|\btest_(?:close|eq|near\w*)\b"
)
"""What asks for more than arrays"""
OURS = re.compile(
    r"^(?!_?(?:test|check|compare|cmp|get|mk|make|zero)).*(?:backward|bwd|_grad$|grad_|^back)", re.IGNORECASE
)
"""What functions are called that go back by hand"""
SCOPES = (ast.FunctionDef, ast.ClassDef)


def by_hand(tree: ast.Module) -> ast.Module:
    r"""Return a program without what torch does by itself; the same where nothing goes back by hand, or would be lost.

    >>> code = "from torch import tensor\ndef lin_grad(x, d): return x.T @ d\nw = tensor([1.0]).requires_grad_()\n"
    >>> print(ast.unparse(by_hand(ast.parse(code + "y = w * 2\nz = tensor([3.0])"))))
    import torch
    <BLANKLINE>
    def lin_grad(x, d):
        return x.T @ d
    z = torch.tensor([3.0])
    >>> other = ast.parse(code + "class L(nn.Linear):\n    def backward(self, d): return d")
    >>> by_hand(other) is other
    True
    """
    count = _ways_back(tree)
    if not count:
        return tree
    made = _with_whole_names(copy.deepcopy(tree))
    lost: set[str] = set()
    kept = []
    for statement in made.body:
        read, stored = _read(statement), _stored(statement)
        is_import = isinstance(statement, ast.Import | ast.ImportFrom)
        if not is_import and (RECORDED.search(ast.unparse(statement)) or read & lost or _records(statement, made)):
            lost |= stored
        else:
            kept.append(statement)
            lost -= stored
    made.body = [part for part in kept if not _is_idle(part, kept)]
    return ast.fix_missing_locations(made) if _ways_back(made) == count else tree


def _ways_back(tree: ast.Module) -> int:
    """Return how many functions go back by hand: what is judged may leave out none of them without a word.

    >>> names = "lin_grad", "backward", "test_backward", "get_grad_norm", "zero_grad_"
    >>> [_ways_back(ast.parse(f"def {name}(): pass")) for name in names]
    [1, 1, 0, 0, 0]
    """
    return sum(isinstance(part, ast.FunctionDef) and bool(OURS.search(part.name)) for part in ast.walk(tree))


def _is_idle(statement: ast.stmt, others: Sequence[ast.stmt]) -> bool:
    """Tell whether a statement imports parts of torch that no other one asks for."""
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        return False
    names = {(alias.asname or alias.name).partition(".")[0] for alias in statement.names}
    is_part = (getattr(statement, "module", None) or statement.names[0].name).startswith("torch")
    is_part = is_part and names != {"torch"}
    used = {part.id for other in others for part in ast.walk(other) if isinstance(part, ast.Name)}
    return is_part and not names & used


def _read(statement: ast.stmt) -> set[str]:
    """Return what a statement needs, other than what it makes itself."""
    names = {part.id for part in ast.walk(statement) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
    own = {part.arg for part in ast.walk(statement) if isinstance(part, ast.arg)}
    inner = {part.id for part in ast.walk(statement) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    return names - own - (inner if isinstance(statement, SCOPES) else set())


def _stored(statement: ast.stmt) -> set[str]:
    if isinstance(statement, SCOPES):
        return {statement.name}
    return {part.id for part in ast.walk(statement) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}


def _records(statement: ast.stmt, tree: ast.Module) -> bool:
    """Tell whether a statement lets torch go back from a number: `loss.backward()`, where no class of the file does."""
    owners = {
        target.id: part.value.func.id
        for part in tree.body
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Call) and isinstance(part.value.func, ast.Name)
        for target in part.targets
        if isinstance(target, ast.Name)
    }
    classes = {part.name for part in tree.body if isinstance(part, ast.ClassDef)}
    if isinstance(statement, SCOPES):
        return False
    return any(
        isinstance(call, ast.Call)
        and not call.args
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "backward"
        and isinstance(call.func.value, ast.Name)
        and owners.get(call.func.value.id) not in classes
        for call in ast.walk(statement)
    )


def _with_whole_names(tree: ast.Module) -> ast.Module:
    """Return a program that calls what it imports from torch by its whole name; the tree is changed."""
    whole: dict[str, str] = {}
    for place, statement in enumerate(tree.body):
        if isinstance(statement, ast.ImportFrom) and statement.module == "torch":
            plain = [alias for alias in statement.names if alias.name not in ("nn", "optim", "autograd", "*")]
            whole |= {alias.asname or alias.name: alias.name for alias in plain}
            rest = [alias for alias in statement.names if alias not in plain]
            if plain and not rest:
                tree.body[place] = ast.copy_location(ast.Import([ast.alias("torch")]), statement)
            elif plain:
                statement.names = rest
    return _Whole(whole).visit(tree) if whole else tree


class _Whole(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Call a function by its whole name."""
        if node.id not in self.names or not isinstance(node.ctx, ast.Load):
            return node
        made = ast.Attribute(ast.Name("torch", ast.Load()), self.names[node.id], ast.Load())
        return ast.fix_missing_locations(ast.copy_location(made, node))


def assigned_on_arrays(tree: ast.AST) -> Iterator[ast.Attribute]:
    """Yield the attributes of arrays that are assigned to: `w.g = x.T @ out.g`."""
    for part in ast.walk(tree):
        for target in part.targets if isinstance(part, ast.Assign) else ():
            if isinstance(target, ast.Attribute) and NOTED.match(target.attr) and not _is_self(target.value):
                yield target


NOTED = re.compile(r"^_?(?:g|gr|grad_|g_|_grad|gradient|gradients|mygrad|my_grad|manual_grad|grad_manual)$")
"""What programs call the gradient that they leave in an array"""


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")
