"""Functions of a few numbers beside their gradients, in whatever container, and the loops that go down them."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

SEPARATE = """
import math
def g(x, y):
    return math.sqrt(1 + x * x) + x * y + math.exp(-y * y)
def gradiente_g(x, y):
    dx = x / math.sqrt(1 + x * x) + y
    dy = x - 2 * y * math.exp(-y * y)
    return [dx, dy]
def gradiente_descendente_g(rate, x0=0.5, y0=1):
    x, y = float(x0), float(y0)
    for turn in range(9):
        slope = gradiente_g(x, y)
        x -= rate * slope[0]
        y -= rate * slope[1]
    return x, y
print(gradiente_descendente_g(0.1))
"""
LATE = """
import numpy as np
def f(x, y):
    return 3 * x ** 2 + x * y + 2 * y ** 2
def grad(x, y):
    return np.array([6 * x + y, x + 4 * y])
def gradient_descent(rate, x0=1.0, y0=2.0):
    x, y = x0, y0
    turns = 0
    g = grad(x, y)
    while np.linalg.norm(g) > 1e-3 and turns < 99:
        x, y = np.array([x, y]) - rate * g
        g = grad(x, y)
        turns += 1
    return x, y
print(gradient_descent(0.1))
"""
PACKED = """
import numpy as np
def himmelblau(p):
    x, y = p
    return (x ** 2 + y - 11) ** 2 + (x + y ** 2 - 7) ** 2
def grad_himmelblau(p):
    x, y = p
    a, b = x ** 2 + y - 11, x + y ** 2 - 7
    return np.array([4 * x * a + 2 * b, 2 * a + 4 * y * b])
"""
HANDED = (
    PACKED
    + """
def gd(slope, start, rate=0.01):
    x = np.array(start, dtype=float)
    for _ in range(9):
        x = x - rate * slope(x)
    return x
print(gd(grad_himmelblau, [0, 0]))
"""
)
LISTED = """
def rosenbrock(p):
    return sum(100 * (p[i + 1] - p[i] ** 2) ** 2 + (1 - p[i]) ** 2 for i in range(len(p) - 1))
def grad_rosenbrock(p):
    g = [-400 * p[0] * (p[1] - p[0] ** 2) - 2 * (1 - p[0])]
    for v in range(1, len(p) - 1):
        g.append(200 * (p[v] - p[v - 1] ** 2) - 400 * p[v] * (p[v + 1] - p[v] ** 2) - 2 * (1 - p[v]))
    g.append(200 * (p[-1] - p[-2] ** 2))
    return g
"""
PLAIN = """
import numpy as np
def fun(x):
    return np.exp(x[0] + 3 * x[1]) + np.exp(x[0] - 3 * x[1]) + np.exp(-x[0])
def grad(x):
    a, b = np.exp(x[0] + 3 * x[1]), np.exp(x[0] - 3 * x[1])
    return np.array([a + b - np.exp(-x[0]), 3 * a - 3 * b])
"""
ASCENT = """
def h(x, y):
    return -(x - 1) ** 2 - (y + 2) ** 2 * 3
def grad_h(x, y):
    return -2 * (x - 1), -6 * (y + 2)
def look(rate, x=0.3, y=0.4):
    for _ in range(9):
        dx, dy = grad_h(x, y)
        x += rate * dx
        y += rate * dy
    return x, y
print(look(0.1))
"""
DATA = """
w, b = 0.5, 0.1
def loss(x, y):
    return 0.5 * (w * x + b - y) ** 2
def gradient(x, y):
    e = w * x + b - y
    return [e * x, e]
for turn in range(9):
    for x, y in [(0.1, 0.5), (0.4, 1.0), (0.9, 2.0)]:
        g = gradient(x, y)
        w -= 0.1 * g[0]
        b -= 0.1 * g[1]
"""


def judged(code: str, folder: Path) -> set[Verdict]:
    (folder / "program.py").write_text(code, encoding="utf-8")
    found = recognise(read(folder / "program.py"))
    assert not found.skipped
    return {judge_unit(unit, examples=5).verdict for unit in found.units}


@pytest.mark.parametrize("code", [SEPARATE, LATE, PACKED, HANDED, LISTED, PLAIN, ASCENT, DATA])
def test_what_is_right_agrees(code: str, tmp_path: Path) -> None:
    assert judged(code, tmp_path) == {Verdict.AGREE}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("code", "right", "wrong"),
    [
        (SEPARATE, "- 2 * y * math", "+ 2 * y * math"),
        (SEPARATE, "x -= rate", "x += rate"),
        (SEPARATE, "rate * slope[1]", "rate * slope[0]"),
        (LATE, "x + 4 * y]", "x + 2 * y]"),
        (LATE, "- rate * g", "+ rate * g"),
        (PACKED, "4 * y * b", "2 * y * b"),
        (HANDED, "x - rate", "x + rate"),
        (LISTED, "g.append(200 * (p[-1] - p[-2] ** 2))", "g.append(200 * (p[-1] - p[-2]))"),
        (PLAIN, "3 * a - 3 * b", "3 * a - b"),
        (ASCENT, "y += rate * dy", "y += rate * dx"),
        (ASCENT.replace("look", "gradient_ascent"), "x += rate * dx\n        y += ", "x -= rate * dx\n        y -= "),
        (DATA, "g = gradient(x, y)\n        w -= 0.1 * g[0]", "g = gradient(x, y)\n        w -= 0.1 * g[1]"),
    ],
)
def test_what_is_wrong_does_not(code: str, right: str, wrong: str, tmp_path: Path) -> None:
    assert right in code
    verdicts = judged(code.replace(right, wrong), tmp_path)
    assert Verdict.DISAGREE in verdicts
    assert verdicts <= {Verdict.AGREE, Verdict.DISAGREE}
