"""Shapes that a source tells where it takes them apart."""

import ast
from typing import Any

import pytest

from crosscheck.custom_rules.unpacking import shapes_unpacked

NORM = """
def forward(ctx, x, gain, offset):
    n, channels, rows, columns = x.{}
    return gain.view(1, channels, 1, 1) * x + offset{}
"""
KERNEL = """
def forward(ctx, x, kernel):
    n, c, h, w = x.shape
    out, _, kh, kw = kernel.shape
"""


def first(source: str, arrays: list[str]) -> Any:
    return next(shapes_unpacked(ast.parse(source).body[0], arrays))


@pytest.mark.parametrize("taken", ["shape", "size()"])
def test_what_is_laid_along_an_axis_is_as_long(taken: str) -> None:
    found = first(NORM.format(taken, ".reshape(1, -1, 1, 1)"), ["x", "gain", "offset"])
    assert len(found["x"]) == 4
    assert found["gain"] == found["x"][1:2] == found["offset"]


def test_one_that_nothing_is_said_of_may_be_any_axis_or_the_whole() -> None:
    every = list(shapes_unpacked(ast.parse(NORM.format("shape", "")).body[0], ["x", "offset"]))
    shape = every[0]["x"]
    assert {one["offset"] for one in every} >= {shape, (), *((length,) for length in shape)}


def test_an_axis_without_a_name_is_one_of_those_that_have_one() -> None:
    every = list(shapes_unpacked(ast.parse(KERNEL).body[0], ["x", "kernel"]))
    n, c, h, w = every[0]["x"]
    assert len({n, c, h, w}) == 4
    assert any(one["kernel"][1] == c for one in every)
    assert all(kh < h and kw < w for _, _, kh, kw in (one["kernel"] for one in every))


def test_where_nothing_is_taken_apart_nothing_is_told() -> None:
    assert list(shapes_unpacked(ast.parse("def f(x):\n    a, b = x.chunk(2)\n").body[0], ["x"])) == []
    assert list(shapes_unpacked(None, ["x"])) == []
