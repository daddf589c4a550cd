"""Tests of the recognition of hand-written autograd engines, and of what is blamed where one of them is wrong."""

import re
from pathlib import Path

import pytest

from crosscheck.precision import FLOAT64
from crosscheck.recognise import Recognition, recognise
from crosscheck.recognise.judging import judge_unit, oracle_of
from crosscheck.source import Document, read
from crosscheck.verdicts import Verdict

SCALARS = """
import math

class Number:
    def __init__(self, data, inputs=()):
        self.data, self.grad = data, 0.0
        self.inputs = inputs
        self._back = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Number) else Number(other)
        out = Number(self.data + other.data, (self, other))
        def back():
            self.grad += out.grad
            other.grad += out.grad
        out._back = back
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Number) else Number(other)
        out = Number(self.data * other.data, (self, other))
        def back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._back = back
        return out

    def __neg__(self):
        return self * -1

    def log(self):
        out = Number(math.log(self.data), (self,))
        def back():
            self.grad += out.grad / self.data
        out._back = back
        return out

    def backward(self):
        order, seen = [], set()
        def visit(node):
            if node not in seen:
                seen.add(node)
                for one in node.inputs:
                    visit(one)
                order.append(node)
        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            node._back()

w = Number(0.5)
for step in range(100000):
    loss = (w * 2.0 + -1.0) * (w * 2.0 + -1.0)
    w.grad = 0.0
    loss.backward()
    w.data -= 0.1 * w.grad
"""
ARRAYS = """
import numpy as np

def summed_back(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad

class Tensor:
    def __init__(self, data, parents=(), requires_grad=False):
        self.data = np.asarray(data, dtype=float)
        self.parents = parents
        self.requires_grad = requires_grad
        self.grad = None

    def __add__(self, other):
        return Tensor(self.data + other.data, [
            (self, lambda g: summed_back(g, self.data.shape)),
            (other, lambda g: summed_back(g, other.data.shape))], True)

    def __mul__(self, other):
        return Tensor(self.data * other.data, [
            (self, lambda g: summed_back(g * other.data, self.data.shape)),
            (other, lambda g: summed_back(g * self.data, other.data.shape))], True)

    def __matmul__(self, other):
        return Tensor(self.data @ other.data, [
            (self, lambda g: g @ other.data.T),
            (other, lambda g: self.data.T @ g)], True)

    def sum(self, axis=None):
        def back(g):
            if axis is not None:
                g = np.expand_dims(g, axis)
            return np.broadcast_to(g, self.data.shape)
        return Tensor(self.data.sum(axis=axis), [(self, back)], True)

    def relu(self):
        return Tensor(np.maximum(self.data, 0), [(self, lambda g: g * (self.data > 0))], True)

    def backward(self, grad=1.0):
        grad = np.asarray(grad)
        self.grad = grad if self.grad is None else self.grad + grad
        for parent, back in self.parents:
            parent.backward(back(grad))
"""
TAPE = """
tape = []

class Var:
    def __init__(self, v):
        self.v, self.d = v, 0.0

def add(a, b):
    out = Var(a.v + b.v)
    def back():
        a.d += out.d
        b.d += out.d
    tape.append(back)
    return out

def mul(a, b):
    out = Var(a.v * b.v)
    def back():
        a.d += out.d * b.v
        b.d += out.d * a.v
    tape.append(back)
    return out

def backprop(out):
    out.d = 1.0
    while tape:
        tape.pop()()
"""


def found(tmp_path: Path, code: str) -> Recognition:
    """Return what is recognised in some code."""
    path = tmp_path / "engine.py"
    path.write_text(code)
    document: Document = read(path)
    return recognise(document)


def wrong(recognition: Recognition) -> set[str]:
    """Return the names of the units that disagree."""
    reports = {unit.name: judge_unit(unit, examples=10) for unit in recognition.units}
    assert all(report.error is None for report in reports.values())
    return {name for name, report in reports.items() if report.verdict is Verdict.DISAGREE}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("code", "names"),
    [
        (SCALARS, {"Number.__add__", "Number.__mul__", "Number.log", "Number.backward"}),
        (ARRAYS, {*(f"Tensor.{n}" for n in ("__add__", "__mul__", "__matmul__", "sum", "relu", "backward"))}),
        (TAPE, {"add", "mul", "backprop"}),
    ],
)
def test_an_engine_is_judged_by_operation(tmp_path: Path, code: str, names: set[str]) -> None:
    recognition = found(tmp_path, code)
    assert {unit.name for unit in recognition.units} == names
    assert not recognition.skipped
    assert wrong(recognition) == set()


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("code", "old", "new", "blamed"),
    [
        (SCALARS, "other.grad += self.data * out.grad", "other.grad = self.data * out.grad", "Number.__mul__"),
        (SCALARS, "out.grad / self.data", "1 / self.data", "Number.log"),
        (SCALARS, "reversed(order)", "order", "Number.backward"),
        (SCALARS, "            if node not in seen:\n", "            if True:\n", "Number.backward"),
        (SCALARS, "if node not in seen:", "if node.data not in [n.data for n in seen]:", "Number.backward"),
        (ARRAYS, "lambda g: summed_back(g, other.data.shape)", "lambda g: g", "Tensor.__add__"),
        (ARRAYS, "self.data.T @ g", "self.data.T @ g * 1.001", "Tensor.__matmul__"),
        (ARRAYS, "g = np.expand_dims(g, axis)", "pass", "Tensor.sum"),
        (ARRAYS, "self.grad = grad if self.grad is None else self.grad + grad", "self.grad = grad", "Tensor.backward"),
        (ARRAYS, "parent.backward(back(grad))", "parent.backward(back(self.grad))", "Tensor.backward"),
        (TAPE, "b.d += out.d * a.v", "b.d = out.d * a.v", "mul"),
        (TAPE, "tape.pop()()", "tape.pop(0)()", "backprop"),
    ],
)
def test_what_is_wrong_is_blamed_and_nothing_else(tmp_path: Path, code: str, old: str, new: str, blamed: str) -> None:
    assert code.count(old) == 1
    assert wrong(found(tmp_path, code.replace(old, new))) == {blamed}


def test_only_the_lines_of_the_way_back_may_be_edited(tmp_path: Path) -> None:
    units = {unit.name: unit for unit in found(tmp_path, SCALARS).units}
    lines = SCALARS.split("\n")
    edited = {name: {lines[line - 1].strip() for line in unit.editable} for name, unit in units.items()}
    assert edited["Number.log"] == {"self.grad += out.grad / self.data"}
    assert "for node in reversed(order):" in edited["Number.backward"]
    assert not any("Number(" in line for own in edited.values() for line in own)


def test_what_is_made_of_a_wrong_operation_is_not_judged(tmp_path: Path) -> None:
    recognition = found(tmp_path, SCALARS.replace("self.grad += other.data * out.grad", "self.grad += out.grad"))
    assert [(one.function, one.reason) for one in recognition.skipped] == [
        ("Number.__neg__", "it is made of Number.__mul__, which is not right")
    ]


POWERS = """    def __pow__(self, other):
        other = other if isinstance(other, Number) else Number(other)
        out = Number(self.data ** other.data, (self, other))
        def back():
            self.grad += out.grad * other.data * self.data ** (other.data - 1)
            other.grad += out.grad * math.log(self.data) * out.data
        out._back = back
        return out

    def __truediv__(self, other):
        return self * other ** -1

    def log("""


def test_what_is_made_of_what_raises_for_some_numbers_is_not_called_wrong(tmp_path: Path) -> None:
    """A power that is differentiated by its exponent needs a positive base, and so does a quotient made of it."""
    recognition = found(tmp_path, SCALARS.replace("    def log(", POWERS))
    assert not recognition.skipped
    verdicts = {unit.name: judge_unit(unit, examples=12).verdict for unit in recognition.units}
    assert verdicts["Number.__pow__"] is Verdict.AGREE
    wrong = POWERS.replace("math.log(self.data) * out.data", "math.log(self.data)")
    recognition = found(tmp_path, SCALARS.replace("    def log(", wrong))
    assert "Number.__truediv__" in {one.function for one in recognition.skipped}


def in_other_words(code: str) -> str:
    """Return an engine whose names say nothing of gradients, as in a language that nobody here speaks."""
    words = {
        "backward": "vissza",
        "data": "adat",
        "grad": "lejtő",
        "back": "lépj",
        "_back": "_lépj",
        "inputs": "elődök",
    }
    return re.sub(r"\w+", lambda found: words.get(found[0], found[0]), code)


@pytest.mark.parametrize("slip", [("", ""), ("self.lejtő += other.adat * out.lejtő", "self.lejtő += out.lejtő")])
def test_an_engine_is_known_by_what_it_computes(tmp_path: Path, slip: tuple[str, str]) -> None:
    code = in_other_words(SCALARS)
    assert "back" not in code
    recognition = found(tmp_path, code.replace(*slip) if slip[0] else code)
    assert {f"Number.{name}" for name in ("__add__", "log", "vissza")} <= {unit.name for unit in recognition.units}
    assert wrong(recognition) == ({"Number.__mul__"} if slip[0] else set())


def test_what_leaves_no_derivative_is_no_way_back(tmp_path: Path) -> None:
    code = (
        in_other_words(SCALARS)
        .replace("self.lejtő +=", "self.lejtő += 7 +")
        .replace("other.lejtő +=", "other.lejtő -=")
    )
    assert not found(tmp_path, code).units


def test_gradients_are_asked_for_whatever_the_switch_is_called(tmp_path: Path) -> None:
    kept = "self.grad = grad if self.grad is None else self.grad + grad"
    code = ARRAYS.replace("requires_grad", "kell").replace(kept, f"if self.kell:\n            {kept}")
    recognition = found(tmp_path, code)
    assert "Tensor.__matmul__" in {unit.name for unit in recognition.units}
    assert wrong(recognition) == set()


def test_an_engine_in_single_precision_is_judged(tmp_path: Path) -> None:
    recognition = found(tmp_path, ARRAYS.replace("dtype=float)", "dtype=np.float32)"))
    assert {judge_unit(unit, examples=10).verdict for unit in recognition.units} == {Verdict.AGREE}


def test_an_operation_that_cannot_be_called_is_listed(tmp_path: Path) -> None:
    broken = "    def __pow__(self, other):\n        return Number(self.data ** missing, (self,))\n\n    def log("
    recognition = found(tmp_path, SCALARS.replace("    def log(", broken))
    (skipped,) = recognition.skipped
    assert skipped.function == "Number.__pow__"
    assert "'missing' is not defined" in skipped.reason


def test_what_a_module_holds_besides_hides_no_operation(tmp_path: Path) -> None:
    many = (
        "rows = [[Number(float(n)), [Number(float(k)) for k in range(9)]] for n in range(90)]\nkept = [rows, [rows]]\n"
    )
    recognition = found(tmp_path, SCALARS + many)
    assert "Number.log" in {unit.name for unit in recognition.units}
    assert not recognition.skipped


def test_an_operation_that_only_calls_others_may_fail(tmp_path: Path) -> None:
    recognition = found(tmp_path, SCALARS.replace("return self * -1", "return self * minus_one"))
    assert not recognition.skipped
    (remark,) = recognition.assumptions
    assert remark.startswith("Number.__neg__ was left out, which has no derivative of its own: it raises NameError")


@pytest.mark.thorough
def test_broadcasting_is_no_fault_where_no_operation_is_made_for_it(tmp_path: Path) -> None:
    plain = ARRAYS.replace("    while grad.ndim > len(shape):\n        grad = grad.sum(axis=0)\n", "")
    plain = plain.replace(
        "        if size == 1:\n            grad = grad.sum(axis=axis, keepdims=True)\n", "        pass\n"
    )
    assert wrong(found(tmp_path, plain)) == set()


def test_classes_without_a_way_back_are_no_engines(tmp_path: Path) -> None:
    vector = "class Vector:\n    def __init__(self, x):\n        self.x = x\n    def __add__(self, o):\n"
    vector += "        return Vector(self.x + o.x)\n    def __mul__(self, o):\n        return Vector(self.x * o.x)\n"
    backward = "def backward(x):\n    return 2 * x\n"
    assert not found(tmp_path, vector + backward).units


def test_noise_of_a_coarser_format_is_that_many_times_as_large(tmp_path: Path) -> None:
    unit = found(tmp_path, SCALARS).units[0]
    case, oracle = unit.cases.build(unit.cases.draw(0, 0)).arguments, oracle_of(unit)
    one, coarser = (oracle.references([case], [()], [7], FLOAT64, magnify=times)[0].noise for times in (1.0, 1024.0))
    for name, noise in one["gradients"].items():
        assert (coarser["gradients"][name] >= 100 * noise).all()
