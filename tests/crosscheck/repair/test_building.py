import random
from pathlib import Path

import numpy as np
import pytest

from crosscheck.errors import CrosscheckError
from crosscheck.recognise import recognise
from crosscheck.repair.building import Builder
from crosscheck.repair.candidate import Candidate
from crosscheck.repair.edits import candidates
from crosscheck.repair.scope import Scope
from crosscheck.source import Edit, read
from tests.crosscheck.repair.programs import PROGRAM, line_of, unit_of

METHODS = """
import numpy as np


class Net:
    def __init__(self):
        self.A, self.b = np.random.randn(4, 3), np.zeros(4)

    def backward(self, x, e):
        dA = np.zeros_like(self.A); db = np.zeros_like(self.b)
        for t in range(len(x)):
            dA += np.outer(e[t], x[t]); db += e[t]
        return {'A': dA, 'b': db}

    def train(self, x, y):
        e = [self.A @ one + self.b - other for one, other in zip(x, y)]
        loss = 0.5 * sum((one ** 2).sum() for one in e)
        gradients = self.backward(x, e)
        self.A -= 0.1 * gradients['A']
        self.b -= 0.1 * gradients['b']
        return loss


net = Net()
for turn in range(3):
    net.train(np.random.randn(5, 3), np.random.randn(5, 4))
"""


@pytest.mark.thorough
@pytest.mark.parametrize("program", [PROGRAM, METHODS], ids=["function", "methods"])
def test_the_quick_way_gives_what_the_whole_file_gives(tmp_path: Path, program: str) -> None:
    unit = unit_of(program, tmp_path)
    scope = Scope(unit.document.code, (), unit.editable, unit.document.tree)
    builder = Builder(unit)
    compared = 0
    for candidate in random.Random(3).sample(list(candidates(scope)), 50):
        quick, whole = (_answer(make, unit.example) for make in (
            lambda c=candidate: builder.subject(c),
            lambda c=candidate: unit.rebuilt(unit.document.with_edits(c.edits)).subject,
        ))  # fmt: skip
        assert (quick is None) == (whole is None), candidate
        if quick is not None and whole is not None:
            compared += 1
            for name, gradient in quick.items():
                np.testing.assert_array_equal(gradient, whole[name], err_msg=str(candidate))
    assert compared > 5


def _answer(make, example) -> dict[str, np.ndarray] | None:
    try:
        with np.errstate(all="ignore"):
            return make()(*example).gradients
    except Exception:  # noqa: BLE001 - an edit may raise anything
        return None


@pytest.mark.parametrize(
    "edit",
    [
        Edit((10, 60), (10, 61), "A"),  # behind a semicolon
        Edit((13, 15), (13, 33), "{'A': db, 'b': dA}"),  # what is returned
        Edit((11, 8), (11, 8), "dA += 1\n        "),  # before a loop
        Edit((12, 50), (12, 50), "\n        db += 1"),  # after it
        Edit((12, 50), (12, 50), "\n            db += 1"),  # at its end
    ],
)
def test_lines_of_several_statements_loops_and_returns_need_no_second_preparation(tmp_path: Path, edit: Edit) -> None:
    unit = unit_of(METHODS, tmp_path)
    builder = Builder(unit)
    part = next(part for part in builder.parts if part.holds([edit]))
    changes = part.exchange.changes([edit])
    assert changes is not None
    quick = _answer(lambda: builder.subject(Candidate((edit,), 1, "", 1.0, "")), unit.example)
    whole = _answer(lambda: unit.rebuilt(unit.document.with_edits([edit])).subject, unit.example)
    assert (quick is None) == (whole is None)
    for name, gradient in (quick or {}).items():
        np.testing.assert_array_equal(gradient, whole[name])  # pyright: ignore[reportOptionalSubscript]


def test_after_all_edits_the_unit_answers_as_before(tmp_path: Path) -> None:
    unit = unit_of(PROGRAM, tmp_path)
    before = unit.subject(*unit.example).gradients
    line = line_of("dc += do")
    Builder(unit).subject(Candidate((Edit((line, 11), (line, 13), "="),), line, "", 1.0, "dc"))(*unit.example)
    for name, gradient in unit.subject(*unit.example).gradients.items():
        np.testing.assert_array_equal(gradient, before[name])


def test_an_edit_that_is_no_python_is_refused(tmp_path: Path) -> None:
    unit = unit_of(PROGRAM, tmp_path)
    line = line_of("dc += do")
    with pytest.raises(CrosscheckError, match="does not compile"):
        Builder(unit).subject(Candidate((Edit((line, 11), (line, 13), "=)"),), line, "", 1.0, "dc"))


LOOP = """
import numpy as np
X, Y = np.random.randn(12, 3), np.random.randn(12, 2)
def slope(e):
    return 2 * e
def train():
    W = np.random.randn(3, 2)
    for turn in range(300):
        E = X @ W - Y
        loss = np.sum(E ** 2)
        dW = X.T @ slope(E)
        W -= 0.01 * dW
train()
"""


@pytest.mark.parametrize("line", [6, 5, 7])
def test_a_loop_is_found_again_where_an_edit_has_moved_it(line: int, tmp_path: Path) -> None:
    path = tmp_path / "loop.py"
    path.write_text(LOOP)
    (unit,) = recognise(read(path)).units
    indented = "    " * (line != 6)
    edit = Edit((line, 0), (line, 0), f"{indented}first = 1\n{indented}second = 2\n")
    candidate = Candidate((edit,), line, "", 1.0, "e")
    whole = unit.rebuilt(unit.document.with_edits([edit])).subject
    for subject in (Builder(unit).subject(candidate), whole):
        np.testing.assert_array_equal(subject(*unit.example).gradients["W"], unit.subject(*unit.example).gradients["W"])


def test_an_edit_that_takes_the_loop_away_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loop.py"
    path.write_text(LOOP)
    (unit,) = recognise(read(path)).units
    with pytest.raises(CrosscheckError, match="does not compile"):
        unit.rebuilt(unit.document.with_edits([Edit((8, 4), (8, 27), "if 1:")]))
