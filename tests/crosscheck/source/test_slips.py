"""Each lint finds its slip, and nothing where the slip is mended."""

import textwrap
from pathlib import Path

import pytest

from crosscheck.source.document import read_text
from crosscheck.source.slips import slips
from crosscheck.verdicts import Severity

RIGHT = """
    def backward(inputs, hs, Whh, T):
        zs = [hs[0]]
        for x in inputs:
            zs.append(x)
        dWhh, dbh = np.zeros_like(Whh), np.zeros(Whh.shape[0])
        dhnext = np.zeros_like(hs[0])
        dWxh = np.zeros((4 * T, 2))
        for t in reversed(range(len(inputs))):
            dh = hs[t] + dhnext
            dbh += dh
            dWhh += np.outer(dh, zs[t-1])
            dWxh[inputs[t]] += dh
            dhnext = Whh.T @ dh
        for d in [dWhh, dbh]:
            np.clip(d, -5, 5, out=d)
        return dWhh, dbh, dWxh
"""


def found(text, functions=None):
    document = read_text(textwrap.dedent(text), "utf-8", Path("x.py"))
    return [(finding.code, finding.line, finding.parameter) for finding in slips(document, functions)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("dhnext = Whh.T @ dh", "pass", ("carry-not-renewed", 7, "dhnext")),
        ("hs[t] + dhnext", "hs[t]", ("never-read", 14, "dhnext")),
        ("dbh += dh", "pass", ("never-added-to", 6, "dbh")),
        ("dbh += dh", "dbh = dh", ("overwritten-in-loop", 11, "dbh")),
        ("np.clip(d, -5, 5, out=d)", "d = np.clip(d, -5, 5)", ("clip-without-effect", 16, "d")),
        ("dbh += dh", "dbh += np.clip(dh, -1, 1)", ("clip-inside-loop", 11, None)),
        ("dWxh[inputs[t]] += dh", "dWxh[inputs] += dh", ("scatter-loses-repeats", 13, "dWxh")),
        ("zs = [hs[0]]", "zs = []", ("index-wraps", 12, "zs")),
        ("dbh += dh", "dbh += dh; q = np.zeros((T, 2, 2)); dbh += q.T", ("transpose-of-many-axes", 11, "q")),
        ("np.zeros(Whh.shape[0])", "np.zeros(100)", ("size-written-as-number", 6, None)),
    ],
)
def test_each_slip_is_found(before, after, expected):
    assert RIGHT.count(before) == 1
    assert expected in found(RIGHT.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x", "x"),
        ("reversed(range(len(inputs)))", "range(T - 1, -1, -1)"),
        ("zs = [hs[0]]", "zs = {}\n        zs[-1] = hs[0]"),
        ("zs[t-1]", "zs[t-1] if t else hs[0]"),
        ("dhnext = Whh.T @ dh", "dhnext[:] = Whh.T @ dh"),
        ("dhnext = Whh.T @ dh", "np.dot(Whh.T, dh, out=dhnext)"),
        ("dhnext = Whh.T @ dh", "carry_on(Whh, dh, dhnext)"),
        ("np.zeros((4 * T, 2))", "np.zeros((inputs.size, 1))"),
    ],
)
def test_nothing_is_found_where_nothing_is_wrong(before, after):
    assert found(RIGHT.replace(before, after)) == []


def test_only_the_functions_that_are_asked_about():
    document = read_text(textwrap.dedent(RIGHT).replace("dbh += dh", "pass"), "utf-8", Path("x.py"))
    (finding,) = slips(document, document.tree.body)
    assert (finding.severity, finding.file) == (Severity.WARNING, "x.py")
    assert slips(document, []) == []
