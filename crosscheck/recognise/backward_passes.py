"""What a function is, by its source: a backward pass, what goes downhill by one, or what composes several."""

import ast
from collections.abc import Collection, Iterable, Sequence

from crosscheck.recognise import naming
from crosscheck.recognise.handed_functions import functions_handed
from crosscheck.recognise.moving import moves_weights
from crosscheck.recognise.pairing import update_pairs
from crosscheck.recognise.rewarded import goes_by_rewards
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.recognise.training_loops import trains
from crosscheck.source.walking import last_word, walk, walked


def reached(tree: ast.Module, nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names of the functions that some code calls or hands on, itself or through others of the module."""
    functions = {node.name: node for node in walked(tree) if isinstance(node, ast.FunctionDef)}
    found: set[str] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        handed = {n.id for n in walked(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        handed |= set(functions_handed(tree).get(getattr(node, "name", ""), {}).values())
        for name in (words_called(node) | handed) - found:
            if name in functions:
                found.add(name)
                waiting.append(functions[name])
    return found


def functions_of(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    r"""Return the functions of a module by qualified name, without those inside of functions.

    A class that is defined anew has none of the methods that it had before.

    >>> code = "class A:\n def f(self): pass\nclass A{}:\n def g(self): pass"
    >>> [list(functions_of(ast.parse(code.format(bases)))) for bases in ("", "(A)")]
    [['A.g'], ['A.f', 'A.g']]
    """
    found: dict[str, ast.FunctionDef] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            if not any(root_word(base) == node.name for base in node.bases):
                found = {name: inner for name, inner in found.items() if not name.startswith(f"{node.name}.")}
            found |= {f"{node.name}.{inner.name}": inner for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return found


NO_BACKWARD = naming.re.compile(
    rf"clip|check|numerical|approx|{naming.UPDATE}|optimi[sz]|adam|adagrad|sgd|rmsprop|momentum|zero|reset|plot|sample|init|(?:grads?|gradients?|global|total)_?norm$|(?:grads?|gradients?|jacobians?)_?norms$",
    naming.re.IGNORECASE,
)
DESCENT = naming.re.compile(r"(?:^|_)(?:grad(?:ient)?_?desc(?:ent)?|[bs]?gd)(?:$|_)", naming.re.IGNORECASE)
"""What goes downhill by the gradients that other functions compute"""


def composes(node: ast.AST) -> bool:
    """Tell whether a function computes gradients out of others: it is no mere caller of what computes them.

    What it adds to `grads['W']`, decay perhaps, is nowhere else.
    """
    if isinstance(node, ast.FunctionDef) and (trains(node, set()) or NO_BACKWARD.search(node.name)):
        return False
    for part in walked(node):
        targets = part.targets if isinstance(part, ast.Assign) else [getattr(part, "target", None)]
        value = getattr(part, "value", None)
        computes = isinstance(part, ast.AugAssign) or (isinstance(part, ast.Assign) and _is_computed(value))
        if computes and any(map(_is_of_gradients, targets)):
            return True
        if computes and isinstance(value, ast.Dict | ast.List) and any(map(holds_gradients, targets)):
            return True
        returned = getattr(value, "elts", [value]) if isinstance(part, ast.Return) else []
        known = _returned_beside(node) if len(returned) > 1 else ()
        if any(_adds_to_gradient(one, known) for one in returned):
            return True
    return False


def _is_computed(value: ast.AST | None) -> bool:
    """Tell whether a value is computed, or holds what is: `X.T @ d`, `{"W": X.T @ d, "b": d.sum(0)}`."""
    parts = value.values if isinstance(value, ast.Dict) else getattr(value, "elts", [value])
    return any(isinstance(part, ast.BinOp) for part in parts)


def assembles(node: ast.AST) -> bool:
    """Tell whether a function puts what backward passes return into a container: `d, grads["W"] = back(d, kept)`."""
    for part in (part for part in walked(node) if isinstance(part, ast.Assign)):
        function = part.value.func if isinstance(part.value, ast.Call) else None
        word = getattr(function, "attr", getattr(function, "id", ""))
        targets = [one for target in part.targets for one in getattr(target, "elts", [target])]
        if naming.BACKWARD.search(word) and any(isinstance(one, ast.Subscript) for one in targets):
            return True
    return False


def _adds_to_gradient(node: ast.AST | None, known: Collection[str] = ()) -> bool:
    """Tell whether something is added to a gradient, or multiplied with it as matrices are.

    A gradient is what is called so, and what is among the `known` ones.

    >>> said = "dW + decay * W", "X.T @ slope + W", "np.outer(slope, x)", "slope / n", "loss + decay * W"
    >>> [_adds_to_gradient(ast.parse(one, mode="eval").body, {"slope"}) for one in said]
    [True, True, True, False, False]
    """
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.MatMult):
        sides: Sequence[ast.expr] = (node.left, node.right)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PRODUCTS:
        sides = (*node.args, node.func.value)
    else:
        return False
    names = [side.id for side in sides if isinstance(side, ast.Name)]
    is_named = any(name in known or naming.BEGINS_LIKE_GRADIENT.match(name) for name in names)
    return is_named or any(_adds_to_gradient(side, known) for side in sides)


def _returned_beside(node: ast.AST) -> set[str]:
    """Return what a function takes out of what others return, beside their first results: `loss, slope = f(x, y)`."""
    return {
        one.id
        for part in walked(node)
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Call)
        for target in part.targets
        for one in (target.elts[1:] if isinstance(target, ast.Tuple) else ())
        if isinstance(one, ast.Name)
    }


PRODUCTS = frozenset({"dot", "outer", "matmul"})
"""What multiplies matrices"""


def holds_gradients(target: ast.AST | None) -> bool:
    """Tell whether a variable is called like what holds gradients: `g`, `grads`."""
    return isinstance(target, ast.Name) and (target.id == "g" or bool(naming.CONTAINER.search(target.id)))


def _is_of_gradients(target: ast.AST | None) -> bool:
    """Tell whether something that is written to is a gradient by its name, or kept among gradients."""
    holder = target.value if isinstance(target, ast.Subscript) else target
    word = last_word(holder)
    if isinstance(target, ast.Subscript) and naming.CONTAINER.search(word):
        return True
    return bool(naming.BEGINS_LIKE_GRADIENT.match(word))


OPTIMISES = naming.re.compile(r"update|optimi[sz]|adam|adagrad|sgd|rmsprop", naming.re.IGNORECASE)
"""What moves parameters is no forward pass of anything"""
TRIES = naming.re.compile(r"clip|check|numeric|approx|plot|sample|test", naming.re.IGNORECASE)
"""What else such a name may say: of what is no way back, whatever it moves"""


def looks_like_backward(node: ast.FunctionDef) -> bool:
    """Tell whether a function is plainly a backward pass: by its name, or by several gradients that it writes."""
    if (NO_BACKWARD.search(node.name) and not goes_back_from_targets(node)) or empties(node) or only_collects(node):
        return False
    written = _written(node)
    gradients = {name for name in written if naming.BEGINS_LIKE_GRADIENT.match(name)} - _handed(node)
    by_name = bool(naming.BACKWARD.search(node.name)) and len(node.body) > 1
    return len(gradients) >= 3 or (by_name and len(gradients) >= 1) or _is_plainly_backward(node)


def goes_back_from_targets(node: ast.FunctionDef) -> bool:
    r"""Tell whether what is called an update computes the gradients itself that it moves weights by.

    >>> made = "def update_batch(self, X, Y):\n  dZ = self.run(X) - Y\n  dW = X.T @ dZ\n  self.W = self.W - 0.1 * dW"
    >>> goes_back_from_targets(ast.parse(made).body[0])
    True
    >>> goes_back_from_targets(ast.parse("def update(self, dW):\n  self.W -= 0.1 * dW").body[0])
    False
    """
    handed = {argument.arg for argument in node.args.args}
    if not OPTIMISES.search(node.name) or TRIES.search(node.name) or any(map(naming.is_gradient_argument, handed)):
        return False
    differences = (n for n in walked(node) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Sub))
    sides = (side for n in differences for side in (n.left, n.right) if isinstance(side, ast.Name))
    stores = {n.id for n in walked(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    is_from_targets = any(side.id in handed for side in sides)
    return is_from_targets and sum(bool(naming.BEGINS_LIKE_GRADIENT.match(name)) for name in stores) > 1


def steps_by_handed(node: ast.FunctionDef) -> bool:
    r"""Tell whether a function goes over gradients that it is handed, moves something by each, and has no products.

    >>> step = "def step(self, g, lr):\n  for k, grad in g.items(): setattr(self, k, getattr(self, k) - lr * {})"
    >>> [steps_by_handed(ast.parse(step.format(by)).body[0]) for by in ("grad", "(grad @ self.h)")]
    [True, False]
    """
    handed = {argument.arg for argument in node.args.args} - {"self"}
    loops = [part for part in walked(node) if isinstance(part, ast.For)]
    over = [loop for loop in loops if handed & {part.id for part in walked(loop) if isinstance(part, ast.Name)}]
    products = (part for part in walked(node) if isinstance(part, ast.BinOp) and isinstance(part.op, ast.MatMult))
    calls = {root_word(part.func) for part in walked(node) if isinstance(part, ast.Call)}
    is_setting = "setattr" in calls and "getattr" in calls
    return len(over) == len(loops) == 1 and is_setting and not any(True for _ in products) and not calls & PRODUCTS


def _handed(node: ast.FunctionDef) -> set[str]:
    """Return the variables that are parts of gradients which a function is handed: `dW, db = grads`."""
    given = {argument.arg for argument in node.args.args if naming.CONTAINER.search(argument.arg)}
    found: set[str] = set()
    for part in (part for part in walk(node) if isinstance(part, ast.Assign)):
        is_taken_apart = isinstance(part.value, ast.Subscript) or isinstance(part.targets[0], ast.Tuple | ast.List)
        whole = part.value.value if isinstance(part.value, ast.Subscript) else part.value
        if is_taken_apart and isinstance(whole, ast.Name) and whole.id in given:
            found |= {name.id for target in part.targets for name in walk(target) if isinstance(name, ast.Name)}
    return found


PLAINLY = naming.re.compile(r"(?:^|\.)(?:backward|backprop|bprop)$|_(?:backward|backprop|bprop)$", naming.re.IGNORECASE)


def _is_plainly_backward(node: ast.FunctionDef) -> bool:
    """Tell whether a function is called a backward pass and returns something that it computes."""
    returned = [inner.value for inner in walked(node) if isinstance(inner, ast.Return) and inner.value is not None]
    parts = [part for part in walked(node) if isinstance(part, ast.BinOp | ast.AugAssign)]
    return bool(PLAINLY.search(node.name)) and bool(parts) and bool(returned)


LAYING = frozenset(
    {"flatten", "ravel", "reshape", "concatenate", "hstack", "append", "extend", "array", "asarray", "list", "copy"}
)
"""What is called to lay arrays out otherwise"""


def empties(node: ast.AST) -> bool:
    """Tell whether all that some code does is to set things to zero: gradients, before they are added up anew.

    What sets entries to zero of what it is handed, or returns something, does more.

    >>> texts = "self.dW, self.db = np.zeros_like(self.W), 0.0", "self.dW *= 0", "self.dW = x * e", "d[z < 0] = 0"
    >>> [empties(ast.parse(text)) for text in texts]
    [True, True, False, False]
    """
    pairs = [pair for part in walked(node) for pair in assigned_in(part)]
    added = [part for part in walked(node) if isinstance(part, ast.AugAssign)]
    pairs += [(part.target, part.value) for part in added if isinstance(part.op, ast.Mult)]
    does_more = any(isinstance(part, ast.Return) for part in walked(node)) or any(
        not isinstance(part.op, ast.Mult) for part in added
    )
    does_more |= any(isinstance(target, ast.Subscript) for target, _ in pairs)
    return bool(pairs) and not does_more and all(_is_nothing(value) for _, value in pairs)


STEP_ASIDE = naming.re.compile(r"^(?:eps(?:ilon)?\d?|delta|h|dx|dw|step|tiny|small)$", naming.re.IGNORECASE)
"""By what numbers are moved to and fro for the difference of two losses"""


def takes_differences(node: ast.AST) -> bool:
    """Tell whether some code gets derivatives as differences of losses and computes no other ones.

    >>> code = "a = f(w + eps); b = f(w - eps); g = (a[0] - b[0]) / (2 * eps)"
    >>> [takes_differences(ast.parse(text)) for text in (code, code + "; d = np.dot(e, x)", "g = (a - b) / eps")]
    [True, False, False]
    """
    parts = [part for part in walked(node) if isinstance(part, ast.BinOp)]
    calls = {root_word(part.func) for part in walked(node) if isinstance(part, ast.Call)}
    if calls & PRODUCTS or any(isinstance(part.op, ast.MatMult) for part in parts):
        return False
    divided = {name for part in parts if isinstance(part.op, ast.Div) for name in _aside(part.right)}
    moved = {name for part in parts if isinstance(part.op, ast.Add | ast.Sub) for name in _aside(part.right)}
    changed = (part for part in walked(node) if isinstance(part, ast.AugAssign))
    moved |= {name for part in changed if isinstance(part.op, ast.Add | ast.Sub) for name in _aside(part.value)}
    return bool(divided & moved)


PRODUCTS = frozenset(["dot", "matmul", "outer", "einsum", "multiply", "tensordot", "kron"])


def _aside(node: ast.AST) -> set[str]:
    return {word for part in walked(node) if isinstance(part, ast.Name) and STEP_ASIDE.match(word := part.id)}


def only_collects(node: ast.AST) -> bool:
    """Tell whether some code does nothing but lay gradients out as one vector, or in a list: it computes none.

    What lays out what it is handed is the backward pass of a layer that does.

    >>> texts = "dW = self.dW.flatten(); v = np.concatenate([dW, self.db.ravel()])", "dW = np.dot(x, e)", "self.dW = 0"
    >>> [only_collects(ast.parse(text)) for text in texts]
    [True, False, False]
    >>> only_collects(ast.parse("def backward(self, dout): return dout.reshape(self.shape)").body[0])
    False
    """
    if isinstance(node, ast.FunctionDef) and {argument.arg for argument in node.args.args} - {"self"}:
        return False
    parts = list(walked(node))
    calls = {root_word(part.func) for part in parts if isinstance(part, ast.Call)}
    return bool(calls) and calls <= LAYING and not any(isinstance(part, ast.BinOp | ast.AugAssign) for part in parts)


def _is_nothing(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=number):
            return not number
        case ast.Call():
            return root_word(value.func) in ("zeros", "zeros_like")
        case ast.ListComp(elt=inner) | ast.DictComp(value=inner):
            return _is_nothing(inner)
        case ast.BinOp(op=ast.Mult(), right=inner):
            return _is_nothing(inner)
        case ast.List(elts=inner) | ast.Tuple(elts=inner) | ast.Dict(values=inner):
            return all(map(_is_nothing, inner))
    return False


def has_backward(node: ast.AST) -> bool:
    """Tell whether a function writes to something that is called like a gradient."""
    if isinstance(node, ast.FunctionDef) and (empties(node) or only_collects(node)):
        return False
    written = _written(node)
    called = any(naming.BACKWARD.search(name) for name in words_called(node))
    plain = {name.lower() for name in written} & {"gradient", "gradients", "grad", "grads", "delta", "deltas"}
    moving = (
        {word for parameter, word in update_pairs(node) if not naming.LOSS.search(parameter)} & {"g", "d"} & written
    )
    return (
        called
        or bool(plain or moving)
        or len(list(filter(naming.NUMBERED.match, written))) > 1
        or any(map(naming.looks_like_gradient, written))
        or bool(naming.BACKWARD.search(getattr(node, "name", "")))
        or moves_weights(node)
        or (isinstance(node, ast.FunctionDef) and goes_by_rewards(node))
    )


def _written(node: ast.AST) -> set[str]:
    """Return the names and attributes that some code computes: not what it only sets to zero for another to add to.

    >>> said = "self.dW = np.zeros(3); self.h = h; db = np.zeros(2); db[0] = 1; self.dV = np.zeros(4); self.dV += e"
    >>> sorted(_written(ast.parse(said)))
    ['dV', 'db', 'h']
    """
    parts = [part for part in walked(node) if isinstance(part, ast.Name | ast.Attribute)]
    read = {root_word(part) for part in parts if isinstance(part.ctx, ast.Load)}
    stored = {root_word(part) for part in parts if isinstance(part.ctx, ast.Store)}
    pairs = [pair for part in walked(node) for pair in assigned_in(part)]
    emptied = {root_word(target) for target, value in pairs if _is_nothing(value)}
    computed = {root_word(target) for target, value in pairs if not _is_nothing(value)}
    computed |= {root_word(part.target) for part in walked(node) if isinstance(part, ast.AugAssign)}
    return stored - (emptied - read - computed)


def words_called(node: ast.AST) -> set[str]:
    """Return the last words of what some code calls: `backward` of `self.net.backward(d)`."""
    names = [call.func for call in walked(node) if isinstance(call, ast.Call)]
    return {name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "") for name in names}
