"""Ways back through layers that a program writes out by hand are judged as a whole: in loops, in scripts."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.chains import agrees
from crosscheck.recognise.findings import NO_LOSS
from crosscheck.recognise.flattened import misfit, with_fitting
from crosscheck.recognise.sizes import resized
from crosscheck.recognise.steps import rates
from crosscheck.recognise.straight import straightened
from crosscheck.source.document import read_text

LAYERS = """
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.w = np.random.randn(n_in, n_out)
    def forward(self, x):
        self.x = x
        return x @ self.w
    def backward(self, d, rate):
        back = d @ self.w.T
        self.dw = self.x.T @ d
        self.w -= rate * self.dw
        return back
lower, upper = Dense(3, 4), Dense(4, 2)
x, y = np.random.randn(6, 3), np.random.randn(6, 2)
"""
WAY = """
h = np.tanh(lower.forward(x))
out = upper.forward(h)
loss = 0.5 * np.sum((out - y) ** 2)
back = upper.backward(out - y, 0.1)
lower.backward({back}, 0.1)
"""
LOOP = "for turn in range(9):\n    " + WAY.strip().replace("\n", "\n    ")
SHOWN = (LAYERS + WAY).replace("        self.w -= rate * self.dw\n", "")


def the_whole(text):
    units = recognise(read_text(text, "utf-8", Path("x.py"))).units
    return [unit for unit in units if " line " in unit.name]


@pytest.mark.parametrize("program", [LAYERS + WAY, LAYERS + LOOP, SHOWN], ids=["script", "loop", "no steps"])
def test_a_way_by_hand_is_judged_as_a_whole(program):
    (right,) = the_whole(program.replace("{back}", "back * (1 - h ** 2)"))
    assert agrees(right)
    (wrong,) = the_whole(program.replace("{back}", "back"))
    assert len(wrong.names) == 2
    assert not agrees(wrong)


def test_a_wrong_layer_is_told_by_itself():
    program = LAYERS.replace("d @ self.w.T", "2 * d @ self.w.T") + LOOP.replace("{back}", "back * (1 - h ** 2)")
    assert not the_whole(program)


def test_a_script_of_layers_ends_with_what_moves_them():
    made = straightened(ast.parse(SHOWN.replace("{back}", "back") + "lower.w -= 0.1 * lower.dw\nprint(loss)\n"))
    (loop,) = [node for node in made.body if isinstance(node, ast.For)]
    assert ast.unparse(loop.body[0]).startswith("h = ")
    assert ast.unparse(loop.body[-1]) == "lower.w -= 0.1 * lower.dw"


@pytest.mark.parametrize(
    ("message", "pair"),
    [
        ("matmul: Input operand 1 has a mismatch (size 1352 is different from 32)", (1352, 32)),
        ("shapes (1,32) and (1352,10) not aligned: 32 (dim 1) != 1352 (dim 0)", (1352, 32)),
        ("operands could not be broadcast together with shapes (5,32) (1352,)", (1352, 32)),
        ("cannot reshape array of size 96 into shape (3,1352)", (1352, 32)),
        ("shapes (1,32) and (77,10) not aligned: 32 (dim 1) != 77 (dim 0)", None),
        ("shapes (1,19) and (1352,10) not aligned: 19 (dim 1) != 1352 (dim 0)", None),
    ],
)
def test_numbers_that_follow_from_sizes_fit_them(message, pair):
    tree = ast.parse("f(8 * 13 * 13, 19); g(13)")
    assert misfit(tree, [message]) == pair
    if pair:
        assert ast.unparse(with_fitting(tree, dict([pair]))) == "f(32, 19)\ng(13)"


def test_a_network_behind_a_picture_becomes_small():
    program = """
import numpy as np
w = np.random.randn(26 * 26, 10)
for turn in range(4):
    image = np.random.rand(28, 28)[1:-1, 1:-1]
    out = image.reshape(1, -1) @ w
    loss = 0.5 * np.sum(out ** 2)
    dw = image.reshape(-1, 1) @ out
    w -= 0.1 * dw
"""
    (unit,) = recognise(read_text(program, "utf-8", Path("x.py"))).units
    assert unit.example[0]["w"].shape == (4, 10)


def test_pictures_that_are_drawn_become_small():
    tree = ast.parse("np.random.rand(50, 28, 28)")
    resized(tree)
    assert ast.unparse(tree).count("4") == 2


def test_rates_are_handed_by_their_place():
    tree = ast.parse("def back(self, d, lr): self.w -= lr * d\nhead.back(label, 0.02)")
    assert list(rates(tree, [])) == [0.02, 1.0]


ONE = """
import numpy as np
def judge(z, y):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[range(len(z)), y]))
    dz = p.copy()
    dz[range(len(z)), y] -= 1
    return loss, dz / len(z)
judge(np.random.randn({rows}, 5), np.arange({rows}))
"""


@pytest.mark.parametrize(("rows", "sequences"), [(1, set()), (3, {"y"})])
def test_the_label_of_one_example_stays_one(rows, sequences):
    (unit,) = recognise(read_text(ONE.replace("{rows}", str(rows)), "utf-8", Path("x.py"))).units
    assert unit.cases.sequences <= sequences
    assert unit.cases.data.keys() == {"y"}


@pytest.mark.parametrize(("back", "told"), [("back", True), ("back * (1 - h ** 2)", False)])
def test_what_a_way_leaves_out_is_told_where_no_loss_is_known(back, told):
    unknown = LOOP.replace("{back}", back).replace("out - y, 0.1", "d, 0.1")
    unknown = unknown.replace("loss = 0.5 * np.sum((out - y) ** 2)", "d = np.sin(out * y) * out")
    line = 1 + (LAYERS + unknown)[: (LAYERS + unknown).index("h = ")].count("\n")
    found = recognise(read_text(LAYERS + unknown, "utf-8", Path("x.py")))
    assert [unit.name for unit in found.units] == ["Dense.forward/Dense.backward"]
    assert [skipped.reason.partition(",")[0] for skipped in found.skipped] == (
        [f"nothing on its way back answers to line {line}" if told else NO_LOSS]
    )
