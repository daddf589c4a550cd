"""Python 2: read line for line, edited in place, run with its own division and builtins."""

import ast
import textwrap
from pathlib import Path

import numpy as np
import pytest

from crosscheck.source import Edit, SourceError, executable, names_of
from crosscheck.source.document import read_text


def document(text):
    return read_text(textwrap.dedent(text), "utf-8", Path("x.py"))


def run(text):
    source = document(text)
    names = names_of(source)
    exec(compile(executable(source), "x", "exec"), names)
    return names


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print", "print()"),
        ("print 'a', b", "print('a', b)"),
        ("print 'a',", "print('a', end=' ')"),
        ("print ('a')", "print ('a')"),
        ("print ('a') % b, c", "print(('a') % b, c)"),
        ("print -1; print[1]", "print(-1); print([1])"),
        ("print >>f, 'a'", "print( 'a', file=f)"),
        ("print >>f, 'a',", "print( 'a', end=' ', file=f)"),
        ("print >>f", "print(*[], file=f)"),
        ("if a: print 'b' # c", "if a: print('b') # c"),
        ("if a <> `b`: pass", "if a != repr(b): pass"),
        ("a = 0777 + 10L + 0xFFL + 00", "a = 0o777 + 10 + 0xFF + 00"),
        ("a = [f(m) for m in A, B[0, 1] if m]", "a = [f(m) for m in (A, B[0, 1]) if m]"),
        ("a, b = [[k for k in (m, 1)] for m in A, B], [1]", "a, b = [[k for k in (m, 1)] for m in (A, B)], [1]"),
        ("a = ur'x' + 'print <> `'", "a = r'x' + 'print <> `'"),
        ("raise E, 'a'", "raise E( 'a')"),
        ("raise E, 'a', tb", "raise E( 'a')"),
        ("try: a\nexcept (A, B), e: b", "try: a\nexcept (A, B) as e: b"),
        ("exec 'a' in b", "exec('a' , b)"),
        ("exec 'a'", "exec('a')"),
        ("a = lambda (k, v): (v, k)\nprint a", "a = lambda _tuple: (lambda k, v: (v, k))(*_tuple)\nprint(a)"),
        ("def f(a, (b, c), d): return b", "def f(a, _tuple0, d): (b, c) = _tuple0; return b"),
        ("def f((b, c)):\n\n    # x\n    print b", "def f(_tuple0):\n\n    # x\n    (b, c) = _tuple0; print(b)"),
    ],
)
def test_what_is_only_python_2_is_put_into_python_3(old, new):
    source = document(old + "\nprint 0\n")
    assert source.code == new + "\nprint(0)\n"
    assert source.python2
    assert source.text == old + "\nprint 0\n"


def test_tabs_reach_to_multiples_of_eight():
    source = document("if a:\n\tb = 1\n        c = 2\n    \td = 3\n")
    assert source.code == "if a:\n        b = 1\n        c = 2\n        d = 3\n"
    edit = Edit((2, 8), (2, 9), "e")
    assert source.with_edits([edit]).text == "if a:\n\te = 1\n        c = 2\n    \td = 3\n"


def test_what_python_2_does_not_know_is_not_read_as_python_2():
    with pytest.raises(SourceError, match="line 3"):
        document("if a:\n\tb = f'{a}'\n        c = 2\n")


def test_print_as_a_function_stays_one():
    source = document("from __future__ import print_function\nprint\nexec 'a'\n")
    assert source.code == "from __future__ import print_function\nprint\nexec('a')\n"


def test_edits_leave_python_2_as_it_is():
    source = document("# -\nfor t in xrange(3):\n    if t <> 1: print t, `t`\n    dh = 1L\n")
    edited = source.with_edits([Edit((4, 9), (4, 10), "2*t")])
    assert edited.text == "# -\nfor t in xrange(3):\n    if t <> 1: print t, `t`\n    dh = 2*tL\n"
    assert source.diff(source) == ""


@pytest.mark.parametrize(
    ("text", "python2"),
    [
        ("for i in xrange(3): pass", True),
        ("try:\n    xrange\nexcept NameError:\n    xrange = range\nfor i in xrange(3): pass", False),
        ("from six.moves import xrange\nfor i in xrange(3): pass", False),
        ("import cPickle", True),
        ("try:\n    import cPickle\nexcept ImportError:\n    import pickle", False),
        ("for k, v in d.iteritems(): pass", True),
        ("print(1 / 2)", False),
        ("x = f'{raw_input()}'", False),
    ],
)
def test_what_parses_either_way_is_told_by_what_it_uses(text, python2):
    assert document(text).python2 == python2


def test_division_and_builtins_mean_what_they_did():
    names = run(
        """
        import cPickle, itertools
        from itertools import izip
        print 'start'
        a, b = 7 / 2, 7 / 2.
        c = 7; c /= 2
        e, g = np.arange(3) / 2, np.ones(3)
        same = g; g /= 2
        h = range(2) + map(str, [1]) + zip([1], [2]) + {3: 4}.keys()
        i = [k + v for k, v in {1: 2}.iteritems()]
        j = {1: 2}.has_key(1), iter([5]).next(), round(2.5), list(itertools.izip([1], [2]))
        class Batch:
            def __iter__(self): return self
            def next(self): raise StopIteration
            def __div__(self, other): return 'divided'
        k = list(Batch()), Batch() / 2, -7 / 2
    """.replace("import cPickle", "import numpy as np, cPickle")
    )
    assert (names["a"], names["b"], names["c"]) == (3, 3.5, 3)
    assert names["e"].tolist() == [0, 0, 1]
    assert names["same"].tolist() == [0.5] * 3
    assert names["h"] == [0, 1, "1", (1, 2), 3]
    assert (names["i"], names["j"]) == ([3], (True, 5, 3.0, [(1, 2)]))
    assert names["k"] == ([], "divided", -4)


def test_true_division_where_it_is_asked_for():
    assert run("from __future__ import division\nprint 'a'\na = 1 / 2\n")["a"] == 0.5


def test_the_tree_for_edits_stays_as_it_was_written():
    source = document("print 1\na = 1 / 2\n")
    before = ast.dump(source.tree)
    executable(source)
    assert ast.dump(source.tree) == before
    assert np.all([names_of(document("a = 1")) == {}])
