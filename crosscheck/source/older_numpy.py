"""What NumPy had before version 2, and what arrays of one number could do before 2.4: files are older than that."""

import ast
import copy
from typing import Any

import numpy as np

from crosscheck.source.walking import walk

BUILTINS = frozenset({"float", "int", "complex", "object", "str"})
"""What had another name in NumPy"""
RENAMED = {
    "float_": "float64",
    "complex_": "complex128",
    "unicode_": "str_",
    "string_": "bytes_",
    "bool8": "bool_",
    "int0": "intp",
    "uint0": "uintp",
    "longfloat": "longdouble",
    "singlecomplex": "complex64",
    "cfloat": "complex128",
    "Inf": "inf",
    "Infinity": "inf",
    "infty": "inf",
    "PINF": "inf",
    "NaN": "nan",
    "NAN": "nan",
    "product": "prod",
    "cumproduct": "cumprod",
    "sometrue": "any",
    "alltrue": "all",
    "round_": "round",
    "in1d": "isin",
    "trapz": "trapezoid",
    "mat": "asmatrix",
    "asfarray": "asarray",
    "asscalar": "asarray",
    "row_stack": "vstack",
}
"""Names that are gone, and what they were; `asfarray` made floats of everything, `asscalar` one number of an array"""
CONVERTED = frozenset({"float", "int"})
WANTS_NUMBERS = ("only 0-dimensional arrays can be converted", "setting an array element with a sequence")
"""What is said where an array of one number stands for the number no more"""
_SINGLE, _ELEMENT = "older_numpy_single", "older_numpy_element"


def with_removed_names(tree: ast.Module) -> ast.Module:
    r"""Return a module that calls what is gone from NumPy by the names that are there; the tree is changed.

    >>> ast.unparse(with_removed_names(ast.parse("import numpy as np\nx = np.asfarray(rows) * np.Inf")))
    'import numpy as np\nx = np.asarray(rows, dtype=np.float64) * np.inf'
    >>> ast.unparse(with_removed_names(ast.parse("import numpy as np\ny = np.asscalar(x) - 1")))
    'import numpy as np\ny = np.asarray(x).item() - 1'
    >>> ast.unparse(with_removed_names(ast.parse("from numpy import *\nx = mat(rows)")))
    'from numpy import *\nx = asmatrix(rows)'
    """
    return ast.fix_missing_locations(_Renamed(_names_of_numpy(tree), _taken_over_bare(tree)).visit(tree))


def with_single_numbers(tree: ast.Module) -> ast.Module:
    """Return a module in which arrays of one number pass for the number where one is wanted; the tree is changed.

    The module needs `single_numbers` among its names.
    """
    return ast.fix_missing_locations(_Single().visit(tree))


def wants_single_numbers(message: str) -> bool:
    """Tell whether an error is that of arrays of one number that stand for the number no more."""
    return any(part in message for part in WANTS_NUMBERS)


def _names_of_numpy(tree: ast.Module) -> frozenset[str]:
    aliases = (alias for node in walk(tree) if isinstance(node, ast.Import) for alias in node.names)
    return frozenset({"np", "numpy", *(a.asname for a in aliases if a.name == "numpy" and a.asname)})


def _taken_over_bare(tree: ast.Module) -> frozenset[str]:
    """Return the names that are gone and that a module had by `from numpy import *`, but for those that it binds."""
    froms = (node for node in walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "numpy")
    if not any(alias.name == "*" for node in froms for alias in node.names):
        return frozenset()
    bound = {node.id for node in walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.name for node in walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    bound |= {node.arg for node in walk(tree) if isinstance(node, ast.arg)}
    return frozenset(RENAMED.keys() - vars(np).keys() - bound)


class _Renamed(ast.NodeTransformer):
    def __init__(self, modules: frozenset[str], bare: frozenset[str]) -> None:
        self.modules, self.bare = modules, bare

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        for alias in node.names if node.module == "numpy" else ():
            if alias.name in RENAMED and alias.name not in vars(np):
                alias.name, alias.asname = RENAMED[alias.name], alias.asname or alias.name
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        node.id = RENAMED[node.id] if node.id in self.bare else node.id
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        removed, is_of_one = self._removed(node.func), len(node.args) == 1 and not node.keywords
        is_floating = removed == "asfarray" and is_of_one
        self.generic_visit(node)
        if removed == "asscalar" and is_of_one:
            return ast.copy_location(ast.Call(ast.Attribute(node, "item", ast.Load()), [], []), node)
        if is_floating:
            owner = copy.deepcopy(node.func.value)  # pyright: ignore[reportAttributeAccessIssue] - of an attribute
            node.keywords = [ast.keyword("dtype", ast.Attribute(owner, "float64", ast.Load()))]
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        name = self._removed(node)
        if name in BUILTINS:
            return ast.copy_location(ast.Name(name, node.ctx), node)
        node.attr = RENAMED[name] if name else node.attr
        return node

    def _removed(self, node: ast.expr) -> str:
        """Return the name that something has in NumPy if it is gone from there."""
        is_numpys = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if not is_numpys or node.value.id not in self.modules or node.attr in vars(np):  # pyright: ignore
            return ""
        return node.attr if node.attr in RENAMED.keys() | BUILTINS else ""  # pyright: ignore


class _Single(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        is_conversion = isinstance(node.func, ast.Name) and node.func.id in CONVERTED and len(node.args) == 1
        is_of_math = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "math"
        is_spread = any(isinstance(argument, ast.Starred) for argument in node.args)
        if (is_conversion or is_of_math) and not node.keywords and not is_spread:
            node.args = [_called(_SINGLE, argument) for argument in node.args]
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        self.generic_visit(node)
        if len(node.targets) == 1:
            node.value = _fitting(node.targets[0], node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        self.generic_visit(node)
        node.value = _fitting(node.target, node.value)
        return node


def _fitting(target: ast.expr, value: ast.expr) -> ast.expr:
    """Return a value that is put into one place of an array, as one number."""
    if not isinstance(target, ast.Subscript) or isinstance(value, ast.Constant):
        return value
    if any(isinstance(part, ast.Call | ast.Slice | ast.NamedExpr) for part in walk(target)):
        return value  # it must not be computed twice, and slices take arrays of one number
    holder, index = (copy.deepcopy(part) for part in (target.value, target.slice))
    return _called(_ELEMENT, holder, index, value)


def _called(name: str, *arguments: ast.expr) -> ast.expr:
    call = ast.Call(ast.Name(name, ast.Load()), list(arguments), [])
    return ast.copy_location(call, arguments[-1])


def _single(value: Any) -> Any:
    is_one = isinstance(value, np.ndarray) and value.ndim > 0 and value.size == 1
    return value.reshape(()) if is_one else value


def _element(holder: Any, index: Any, value: Any) -> Any:
    single = _single(value)
    if single is value or not isinstance(holder, np.ndarray):
        return value
    return single if np.ndim(holder[index]) == 0 else value


single_numbers = {_SINGLE: _single, _ELEMENT: _element}
"""What `with_single_numbers` uses, by the names that it has there"""
