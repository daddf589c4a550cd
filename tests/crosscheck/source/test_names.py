"""Names that nothing defines: found, told from those that may be defined, and mended where it is obvious."""

import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscheck.source.document import read_text
from crosscheck.source.names import undefined_names
from crosscheck.source.spelling import distance


def problems(text, name="x.py"):
    return undefined_names(read_text(textwrap.dedent(text), "utf-8", Path(name)))


def mended(text):
    document = read_text(textwrap.dedent(text), "utf-8", Path("x.py"))
    edits = [edit for problem in undefined_names(document) for edit in problem.edits]
    return document.with_edits(edits).text


@pytest.mark.parametrize(
    ("wrong", "right", "code"),
    [
        ("inuput", "inputs", "def f(inputs, target):\n    return len(inuput)"),
        ("traget", "target", "def f(inputs, target):\n    dy = 1\n    return traget, target, traget"),
        ("targets", "target", "def f(inputs, target):\n    return targets"),
        ("dhrow", "dhraw", "def f(dh):\n    dhraw = dh\n    dhnext = dhrow\n    return dhnext"),
        ("dwxh", "dWxh", "def f():\n    dWxh, dWhh = 1, 2\n    return dwxh, dWhh"),
        ("hidden_szie", "hidden_size", "hidden_size = 3\ndef f():\n    return [hidden_szie for _ in (1, 2)]"),
        ("prnit", "print", "prnit(3)"),
    ],
)
def test_a_misspelling_is_mended_wherever_it_stands(wrong, right, code):
    (problem,) = problems(code)
    assert (problem.code, problem.name, problem.suggestion) == ("undefined-name", wrong, right)
    assert problem.message == f"line {problem.line}: '{wrong}' is not defined; did you mean '{right}'?"
    assert wrong in code.split("\n")[problem.line - 1]
    assert len(problem.edits) == code.count(wrong)
    assert undefined_names(read_text(mended(code), "utf-8", Path("x.py"))) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("by", "bh = 1\nprint(by)"),
        ("dx", "dh = dy = 1\nprint(dx)"),
        ("gate", "date = gates = 1\nprint(gate)"),
        ("scale", "class A:\n    scale = 1\n    def f(self):\n        return scale"),
        ("sigmoid", "def f(x):\n    return sigmoid(x)"),
    ],
)
def test_what_is_not_obvious_is_not_guessed(name, code):
    (problem,) = problems(code)
    assert (problem.name, problem.suggestion, problem.edits) == (name, None, ())


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    return later\nlater = 1",
        "def f():\n    global n\n    n = 1\ndef g():\n    return n",
        "try:\n    xrange\nexcept NameError:\n    xrange = range",
        "try:\n    print(profile_it)\nexcept Exception:\n    pass",
        "exec('x = 1')\nprint(x)",
        "globals()['x'] = 1\nprint(x)",
        "from numpy import *\nprint(tanh(dot(zeros(3), 1)))",
        "class A:\n    size = 1\n    def f(self):\n        return __class__, self.size\n    g = size",
        "[y for x in [[1]] for y in x if y]\nf = lambda a, *b, c=1, **d: (a, b, c, d)",
        "{k: (w := v) for k, v in {}.items()}\nprint(w)",
        "import os.path\nwith open(os.path.join('a')) as f, f as (g, h): print(f, g, h)",
        "match [1]:\n    case [a, *b]: print(a, b)\n    case {'k': c, **d}: print(c, d)\n    case int() as e: print(e)",
        "for i, (j, k) in []: print(i, j, k)\nprint(__name__, __file__, i)",
        "def f(x: 'Undefined', y: Unknown = 1) -> Missing: return x, y",
        "def f():\n    def g():\n        nonlocal n\n        n += 1\n    n = 0\n    return g",
        "try:\n    pass\nexcept* ValueError as error:\n    print(error)",
        "print get_ipython, display, xrange, unicode, long",
        "total = [i for i in range(3)]\nprint i",
        "x = 1\nx += 1\nn = 0\ndef f():\n    global n\n    n += 1",
    ],
)  # fmt: skip
def test_no_false_alarms(code):
    assert problems(code) == []


def test_a_function_of_pythons_own_is_no_data():
    (problem,) = problems("def f(inputs):\n    return len(input), input[0], max(inputs)")
    assert problem.message == "line 2: 'input' is a function of Python's own here; did you mean 'inputs'?"
    assert mended("def f(inputs):\n    return len(input), input") == "def f(inputs):\n    return len(inputs), input"
    assert problems("def f(inputs, input):\n    return len(input)\nlen(vars)\nfor x in [input]: pass") == []


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("def f(x):\n    return np.tah(x), np.tanh(x)", "tanh"),  # the file's own word, not `tan`
        ("def f(x):\n    return np.zeros_lke(x)", "zeros_like"),
        ("def f(x):\n    return np.tah(x)", None),
        (
            "def f(x):\n    return np.float(x), np.object, np.round_(x), np.Inf, np.asfarray(x)",
            None,
        ),  # of another version
        ("def f(x, np):\n    return np.tah(x), np.tanh(x)", None),
    ],
)
def test_a_member_that_numpy_never_had_is_mended_where_it_is_plain(code, meant):
    found = problems(f"import numpy as np\n{code}")
    assert [problem.suggestion for problem in found] == ([meant] if meant else [])
    if meant:
        assert f"NumPy has no '{found[0].name}'; did you mean '{meant}'?" in found[0].message
        assert f"np.{meant}(x)" in mended(f"import numpy as np\n{code}")


UNBEGUN = """
    import numpy as np
    W = np.zeros(3)
    def f(xs):
        loss = 1
        for x in xs:
            dW += x
            total += 1
            dh = x + later
            later = dh
        return dW, total
"""


def test_sums_and_carries_are_begun_where_the_loop_begins():
    found = {problem.name: problem.message for problem in problems(UNBEGUN)}
    assert found.keys() == {"dW", "total", "later"}
    assert found["dW"] == "line 7: 'dW' is changed but never given a first value: start it before, in f."
    assert found["later"] == "line 9: 'later' is read before it is given a value: start it before, in f."
    begun = mended(UNBEGUN).split("\n")[5:8]
    assert sorted(begun) == ["    dW = np.zeros_like(W)", "    later = 0", "    total = 0"]
    names = {}
    exec(mended(UNBEGUN), names)
    assert names["f"]([1, 2])[1] == 2


@pytest.mark.parametrize(
    "body",
    [
        "later = 0\n    for x in xs:\n        dh = x + later\n        later = dh",
        "if xs: later = 0\n    for x in xs:\n        dh = x + later\n        later = dh",
        "for x in xs:\n        dh = x + later if x else 0\n        later = dh",
        "for x in xs:\n        if x:\n            dh = later\n        later = x",
        "for x in xs:\n        if x: later = 0\n        dh = x + later\n        later = dh",
        "for x, later in xs:\n        dh = x + later\n        later = dh",
        "import later\n    for x in xs:\n        dh = later\n        later = dh",
        "for x in xs:\n        f = lambda: later\n        later = x",
        "for x in xs:\n        dh = [later for later in xs]\n        later = x",
        "while xs:\n        with xs as later: pass\n        dh = later\n        later = dh",
        "while (later := 1):\n        dh = later\n        later = dh",
        "global later\n    for x in xs:\n        dh = later\n        later = dh",
    ],
)
def test_what_may_have_a_value_is_let_alone(body):
    assert problems(f"def f(xs):\n    {body}") == []


def test_a_misspelt_parameter_is_suspected_even_with_a_star():
    (problem,) = problems("from numpy import *\ndef f(inputs):\n    return zeros(len(inuputs)), tnah(1)")
    assert (problem.code, problem.suggestion, problem.edits) == ("perhaps-undefined", "inputs", ())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = np.zeros(3)", "import numpy as np\nx = np.zeros(3)"),
        ("'A'\nfrom __future__ import x\n\ny = math.e", "'A'\nfrom __future__ import x\n\nimport math\ny = math.e"),
        ("@np.vectorize\ndef f(x): pass", "import numpy as np\n@np.vectorize\ndef f(x): pass"),
    ],
)  # fmt: skip
def test_a_missing_import_is_added(before, after):
    (problem,) = problems(before)
    assert problem.code == "missing-import"
    assert mended(before) == after


def test_what_is_only_added_to_has_no_first_value():
    (problem,) = problems("dWhy = 0\ndef f(xs):\n    for x in xs:\n        dWhy += x\n    return dWhy")
    assert (problem.code, problem.line, problem.edits) == ("no-first-value", 4, ())
    assert "`global dWhy`" in problem.message


def test_names_of_another_cell_and_of_files_that_are_run():
    cell = '{{"cell_type": "code", "source": "{}"}}'
    pages = '{{"cells": [{}], "nbformat": 4}}'
    two = pages.format(", ".join([cell.format("x = 1"), cell.format("\\n\\nprint(x, yz_unknown)")]))
    (problem,) = problems(two, "n.ipynb")
    assert problem.message.startswith("cell 2, line 3: 'yz_unknown'")
    run = pages.format(", ".join([cell.format("%run model.py"), cell.format("print(x)")]))
    assert problems(run, "n.ipynb") == []


@given(st.text("abcd", max_size=6), st.text("abcd", max_size=6))
def test_distance_is_one(one, other):
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
    assert distance(one, other) <= max(len(one), len(other))
