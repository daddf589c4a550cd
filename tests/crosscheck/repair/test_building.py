import random
from pathlib import Path

import numpy as np
import pytest

from crosscheck.errors import CrosscheckError
from crosscheck.repair.building import Builder
from crosscheck.repair.candidate import Candidate
from crosscheck.repair.edits import candidates
from crosscheck.repair.scope import Scope
from crosscheck.source import Edit
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
