"""Scripts that go back once and show the steps, whatever these are called: recognised, and judged by what they are."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.shown_steps import shown_steps
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

SPANISH = """
import numpy as np

entrada = np.array([0.4, -0.3, 0.8, 0.1])
deseado = 0.25
paso = 0.3
pesos_entrada = np.random.normal(0, 0.5, (4, 3))
pesos_salida = np.random.normal(0, 0.5, 3)

oculta = 1 / (1 + np.exp(-entrada.dot(pesos_entrada)))
salida = 1 / (1 + np.exp(-oculta.dot(pesos_salida)))
falta = deseado - salida
termino_salida = falta * salida * (1 - salida)
termino_oculto = termino_salida * pesos_salida * oculta * (1 - oculta)
cambio_salida = paso * termino_salida * oculta
cambio_entrada = paso * np.outer(entrada, termino_oculto)
print("cambios", cambio_salida, cambio_entrada)
"""
GERMAN = """
import numpy as np

eingang = np.random.randn(7, 3)
soll = np.random.randn(7, 2)
A, B = np.random.randn(3, 5), np.random.randn(5, 2)
a, b = np.zeros(5), np.zeros(2)
verdeckt = np.tanh(eingang @ A + a)
ausgang = verdeckt @ B + b
abweichung = ausgang - soll
aussen = verdeckt.T @ abweichung
aussen_versatz = np.sum(abweichung, axis=0)
zurueck = abweichung @ B.T * (1 - verdeckt**2)
innen = eingang.T @ zurueck
innen_versatz = zurueck.sum(axis=0)
for schritt in (innen, innen_versatz, aussen, aussen_versatz):
    print(schritt.shape, np.abs(schritt).max())
"""
COLUMNS = """
import numpy as np

def sig(v):
    return 1.0 / (1.0 + np.exp(-v))

def bend(s):
    return s * (1.0 - s)

p = np.array([[0.2], [0.9]])
goal = np.array([[1.0], [0.0]])
M1 = np.array([[0.1, 0.4], [-0.3, 0.2]])
M2 = np.array([[0.6, -0.5], [0.2, 0.3]])
q = sig(M1 @ p)
r = sig(M2 @ q)
miss = r - goal
t2 = miss * bend(r)
t1 = (M2.T @ t2) * bend(q)
turn2 = t2 @ q.T
turn1 = t1 @ p.T
M1_new = M1 - 0.5 * turn1
M2_new = M2 - 0.5 * turn2
print(sig(M2_new @ sig(M1_new @ p)))
"""
SOFTMAX = """
import numpy as np

points = np.random.randn(5, 4)
onehot = np.eye(3)[[0, 2, 1, 1, 0]]
first = np.random.randn(4, 7) * 0.4
last = np.random.randn(7, 3) * 0.4
speed = 0.2
v = np.maximum(points @ first, 0)
raw = v @ last
p = np.exp(raw - raw.max(axis=1, keepdims=True))
p = p / p.sum(axis=1, keepdims=True)
off = (p - onehot) / len(points)
last_change = speed * v.T @ off
through = off @ last.T
through = through * (v > 0)
first_change = speed * points.T @ through
print(first_change, last_change)
"""
APPLIED = """
import numpy as np

sig = lambda v: 1 / (1 + np.exp(-v))
U = np.array([[0.3, -0.2], [0.5, 0.4], [-0.6, 0.1]])
V = np.array([[-0.2], [0.7]])
c = np.array([[0.1, 0.05]])
taxa = 0.8
ent = np.array([[1, 0, 1]])
alvo = np.array([[1]])
s1 = sig(ent.dot(U) + c)
s2 = sig(s1.dot(V))
e = alvo - s2
ro = e * s2 * (1 - s2)
rh = ro.dot(V.T) * s1 * (1 - s1)
V = V + taxa * s1.T.dot(ro)
U = U + taxa * ent.T.dot(rh)
c = c + taxa * rh
"""


def found_in(text):
    return recognise(read_text(text, "utf-8", Path("x.py")))


def verdict_on(text):
    (unit,) = found_in(text).units
    assert unit.name.startswith("the script")
    return judge_unit(unit, examples=4).verdict


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("text", "right", "wrong", "names"),
    [
        (SPANISH, "oculta * (1 - oculta)", "oculta", {"pesos_entrada", "pesos_salida"}),
        (GERMAN, "1 - verdeckt**2", "1 - verdeckt", {"A", "a", "B", "b"}),
        (COLUMNS, "M2.T @ t2", "M2 @ t2", {"M1", "M2"}),
        (SOFTMAX, "(v > 0)", "(through > 0)", {"first", "last"}),
        (APPLIED, "ro.dot(V.T) * s1", "ro.dot(V.T) * s2", {"U", "V", "c"}),
    ],
    ids=["Spanish", "German", "columns", "softmax", "applied"],
)
def test_a_script_of_steps_is_judged_whatever_they_are_called(text, right, wrong, names):
    assert right in text
    (unit,) = found_in(text).units
    assert set(unit.names) == names
    assert verdict_on(text) is Verdict.AGREE
    assert verdict_on(text.replace(right, wrong)) is Verdict.DISAGREE


def test_the_rate_of_all_steps_is_part_of_the_loss_that_is_stated():
    (unit,) = found_in(SPANISH).units
    assert any("minus 0.15 times the squared error" in stated for stated in unit.assumptions)


@pytest.mark.parametrize(("rate", "verdict"), [("0.8", Verdict.DISAGREE), ("-0.8", Verdict.AGREE)])
def test_a_rate_below_zero_turns_a_step_around(rate, verdict):
    taken_away = APPLIED.replace("+ taxa", "- taxa").replace("taxa = 0.8", f"taxa = {rate}")
    assert verdict_on(taken_away) is verdict


def test_where_no_step_is_right_the_script_is_told_of():
    found = found_in(SPANISH.replace("salida * (1 - salida)", "np.cos(oculta).sum()"))
    assert not found.units
    assert [skipped.function for skipped in found.skipped] == ["the script from line 10"]


def test_a_script_with_a_step_that_may_be_for_either_array_is_told_of():
    wrong = COLUMNS.replace("t1 @ p.T", "t1 @ q.T")
    assert verdict_on(wrong) is Verdict.DISAGREE  # what it is taken from tells which one it is for
    found = found_in(wrong[: wrong.index("M1_new")] + "print(turn1, turn2)")
    assert not found.units
    assert [skipped.function for skipped in found.skipped] == ["the script from line 14"]


LEAST_SQUARES = """
r = y - A @ x
k = r * y
s = A.T @ r
"""


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("h = x @ V\no = h @ W\ne = y - o\na = h.T @ e\nb = x.T @ (e @ W.T)\nprint(a, b)", {"a": "W", "b": "V"}),
        ("h = x @ V\no = h @ W\ne = y - o\na = h.T @ e\nW = W + a\nb = x.T @ (e @ W.T)", {"a": "W", "b": "V"}),
        ("h = x @ V\no = h @ W\ne = y - o\na = h.T @ e\nb = x.T @ (e @ W.T)\nq = a * b", {}),
        ("o = x @ W\ne = y - o\nhalf = 0.5 * e**2\nshare = np.abs(e) * W", {}),
        ("o = x @ W + V\ne = o - y\na = x.T @ e\nb = e.sum(axis=0)", {"a": "W", "b": "V"}),
        ("o = x @ W\ne = o - y\nx_step = e @ W.T\nW_step = x.T @ e", {"x_step": "x", "W_step": "W"}),
        ("h = x @ V\no = h @ W\ne = y - o\nb = x.T @ (e @ W.T * h)", {"b": "V"}),
        ("h = x @ V\no = h @ W\ne = y - o\nd = e * h\nV = V + 0.1 * d * x\nW += 0.1 * e", {}),
        (LEAST_SQUARES, {"s": "x"}),
    ],
    ids=["shown", "taken", "used again", "reports", "added", "of the data", "at once", "multiplied on", "a residual"],
)
def test_a_step_belongs_to_what_its_factors_or_its_name_tell(text, owners):
    found = shown_steps(ast.parse(text).body, {"x", "y", "V", "W", "A"})
    assert found.owners == owners


ONE = """
import numpy as np

speed = 0.3
x = np.array([1.0, 2.0, -3.0, 0.5])
y = np.array(0.5)
w = np.array([0.5, -0.5, 0.3, 0.1])
out = 1 / (1 + np.exp(-np.dot(x, w)))
change = speed * (y - out) * out * (1 - out) * x
print(change)
"""


def test_one_step_is_enough_where_its_factors_tell_what_it_is_for():
    assert verdict_on(ONE) is Verdict.AGREE


def test_one_step_that_is_none_of_a_known_loss_is_told_of():
    found = found_in(ONE.replace("out * (1 - out)", "out"))
    assert not found.units
    assert [skipped.function for skipped in found.skipped] == ["the script from line 8"]


def test_a_number_is_a_rate_only_if_all_steps_are_multiplied_by_it():
    text = "r = 0.3\nh = x @ V\no = h @ W\ne = y - o\na = r * h.T @ e\nb = r * x.T @ (e @ W.T)"
    assert shown_steps(ast.parse(text).body, {"x", "y", "V", "W"}).rates == {"r"}
    assert not shown_steps(ast.parse(text.replace("r * x", "x")).body, {"x", "y", "V", "W"}).rates
