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


def test_the_quick_way_gives_what_the_whole_file_gives(tmp_path: Path) -> None:
    unit = unit_of(PROGRAM, tmp_path)
    scope = Scope(unit.document.code, (), unit.editable, unit.document.tree)
    builder = Builder(unit)
    compared = 0
    for candidate in random.Random(3).sample(list(candidates(scope)), 60):
        quick, whole = (_answer(make, unit.example) for make in (
            lambda c=candidate: builder.subject(c),
            lambda c=candidate: unit.rebuilt(unit.document.with_edits(c.edits)).subject,
        ))  # fmt: skip
        assert (quick is None) == (whole is None), candidate
        if quick is not None and whole is not None:
            compared += 1
            for name, gradient in quick.items():
                np.testing.assert_array_equal(gradient, whole[name], err_msg=str(candidate))
    assert compared > 20


def _answer(make, example) -> dict[str, np.ndarray] | None:
    try:
        with np.errstate(all="ignore"):
            return make()(*example).gradients
    except Exception:  # noqa: BLE001 - an edit may raise anything
        return None


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
