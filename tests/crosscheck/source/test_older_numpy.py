"""What older versions of NumPy had and did is had and done again."""

import ast

import numpy as np
import pytest

from crosscheck.source.older_numpy import (
    single_numbers,
    wants_single_numbers,
    with_removed_names,
    with_single_numbers,
)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("np.asfarray([1, 2])", np.array([1.0, 2.0])),
        ("np.asfarray([1, 2], dtype=np.float32)", np.array([1, 2], np.float32)),
        ("np.array([1], np.float)", np.array([1.0])),
        ("np.array([1], dtype=np.float_)", np.array([1.0])),
        ("np.product([2, 3])", 6),
        ("-np.Inf", -np.inf),
    ],
)
def test_names_that_are_gone_mean_what_they_meant(code, expected):
    found = eval(ast.unparse(with_removed_names(ast.parse(code))), {"np": np})
    assert np.array_equal(found, expected)
    assert np.asarray(found).dtype == np.asarray(expected).dtype


def test_names_that_came_with_all_of_numpy_mean_what_they_meant():
    everything = "from numpy import *\nx = mat(rows)"
    assert ast.unparse(with_removed_names(ast.parse(everything))).endswith("x = asmatrix(rows)")
    own = everything.replace("\nx", "\ndef mat(rows):\n    return rows\nx")
    assert ast.unparse(with_removed_names(ast.parse(own))).endswith("x = mat(rows)")
    one = ast.unparse(with_removed_names(ast.parse("from numpy import mat, dot")))
    assert one == "from numpy import asmatrix as mat, dot"


def test_names_of_others_and_names_that_are_there_stay():
    code = "import numpy as n\na = n.product(x)\nb = math.Inf\nc = np.mean(x)\nd = x.product"
    assert ast.unparse(with_removed_names(ast.parse(code))) == code.replace("n.product", "n.prod")


CODE = """
costs, table, rows = np.zeros(3), np.zeros((2, 2)), [0.0, 0.0]
costs[1] = np.array([[5.0]])
costs[1] += np.array([[2.0]])
costs[0:1] = np.array([3.0])
table[1, 0] = np.array([4.0])
table[0] = np.array([1.0])
rows[1] = np.array([6.0])
number = float(np.array([[7.0]])) + int(np.array([8]))
"""


def test_arrays_of_one_number_pass_for_the_number():
    names = {"np": np, **single_numbers}
    exec(compile(with_single_numbers(ast.parse(CODE)), "<code>", "exec"), names)
    assert names["costs"].tolist() == [3, 7, 0]
    assert names["table"].tolist() == [[1, 1], [4, 0]]
    assert np.ndim(names["rows"][1]) == 1
    assert names["number"] == 15


@pytest.mark.parametrize("line", [line for line in CODE.strip().splitlines() if line.startswith(("costs[1]", "num"))])
def test_the_messages_of_today_are_known(line):
    names = {"np": np}
    exec(CODE.strip().splitlines()[0], names)
    with pytest.raises((TypeError, ValueError)) as raised:
        exec(line, names)
    assert wants_single_numbers(str(raised.value))


def test_what_is_called_is_not_called_twice():
    code = "a[f()] = b\na[g(), 0] += c"
    assert ast.unparse(with_single_numbers(ast.parse(code))) == code
