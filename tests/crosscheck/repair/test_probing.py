"""Moving the lines of a backward pass shows where a slip can stand."""

from pathlib import Path

import pytest

from crosscheck.recognise.judging import oracle_of
from crosscheck.recognise.recognition import in_other_sizes
from crosscheck.repair.building import Builder
from crosscheck.repair.finding import Repairing
from crosscheck.repair.probing import Probes
from crosscheck.repair.scope import Scope
from crosscheck.repair.screen import Screen
from crosscheck.source import Document, Edit
from tests.crosscheck.repair.programs import PROGRAM, line_of, planted, unit_of


def test_the_line_of_a_slip_moves_what_is_wrong_and_nothing_else(tmp_path: Path) -> None:
    source = planted(("1 - h[t] * h[t]", "1 - h[t]"))
    unit = unit_of(source, tmp_path)
    scope = Scope(unit.document.code, (), unit.editable, unit.document.tree)
    seen = Probes(Builder(unit), Screen(unit, oracle_of(unit), seed=1, seconds=1.0), scope).evidence()
    own = seen[line_of("dz = (1 - h[t]", source)]
    assert (own.exact, own.cover, own.excess) == (True, 1.0, 0.0)
    upstream = seen[line_of("do = np.copy", source)]  # moves V and c as well, which are right
    assert not upstream.exact
    assert upstream.excess > 0
    other = seen[line_of("dV += ", source)]
    assert (other.cover, other.excess) == (0.0, 1.0)


def test_a_unit_is_found_again_in_other_sizes(tmp_path: Path) -> None:
    unit = unit_of(PROGRAM, tmp_path)
    other = in_other_sizes(unit)
    assert other is not None
    assert other.names == unit.names
    assert all(other.example[0][name].shape != value.shape for name, value in unit.example[0].items())


@pytest.mark.thorough
def test_an_edit_that_is_right_in_one_size_only_is_no_repair(tmp_path: Path) -> None:
    unit = unit_of(planted(("dc += do", "dc = do")), tmp_path)
    hidden = unit.example[0]["W"].shape[0]
    repairing = Repairing(unit, seconds=5, seed=0)

    def edited(text: str) -> Document:
        line = line_of("dc = do", unit.document.code)
        return unit.document.with_edits([Edit((line, 0), (line, len("        dc = do")), f"        {text}")])

    assert repairing.agrees_in_other_sizes(edited("dc += do"))
    assert not repairing.agrees_in_other_sizes(edited(f"dc += do * hidden / {hidden}"))
