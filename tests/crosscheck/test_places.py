"""Where a subject stands, whatever kind of callable it is."""

import functools
from pathlib import Path

import numpy as np
import pytest

from crosscheck import check, check_vjp
from crosscheck.places import place_of
from crosscheck.reports import annotations

HERE = "tests/crosscheck/test_places.py"


def by_hand(w, x):
    return (w * x).sum(), 2 * x


@functools.wraps(by_hand)
def wrapped(*arguments):
    return by_hand(*arguments)


class Model:
    def __call__(self, w, x):
        return by_hand(w, x)

    def loss(self, w, x):
        return by_hand(w, x)


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(Path(__file__).resolve().parents[2])


@pytest.mark.parametrize(
    ("function", "line"),
    [
        (by_hand, 16),
        (wrapped, 16),
        (functools.partial(functools.partial(by_hand, 1), 2), 16),
        (Model(), 26),
        (Model().loss, 29),
        (Model.loss, 29),
    ],
)
def test_a_callable_stands_where_its_code_does(function, line):
    assert place_of(function) == (HERE, line)


def test_what_has_no_source_or_is_ours_has_no_place():
    made = {}
    exec(compile("def f(): pass", "<string>", "exec"), made)
    for function in (np.tanh, len, made["f"], check):
        assert place_of(function) == (None, None)


def test_a_report_names_the_place_and_so_does_its_annotation():
    report = check(by_hand, cases=(np.ones(2), np.ones(2)), examples=2).as_dict()
    assert (report["verdict"], report["file"], report["line"]) == ("disagree", HERE, 16)
    assert annotations(report)[0].startswith(f"::error file={HERE},line=16,title=crosscheck%3A by_hand%3A DISAGREE::")


def test_of_a_pair_of_functions_it_is_the_backward():
    def forward(w, x):
        return w * x, x

    def backward(upstream, x):
        return upstream * x

    report = check_vjp(forward, backward, lambda w, x: w * x, (np.ones(2), np.ones(2)), examples=1)
    assert report.place == (HERE, backward.__code__.co_firstlineno)
