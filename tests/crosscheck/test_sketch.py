"""Curves in a terminal."""

from itertools import pairwise

from crosscheck.builtin.sketch import sketch

LOG = {"log_across": True, "log_up": True}


def test_a_power_law_is_a_straight_line_on_logarithmic_scales():
    lines = sketch([[(step, 1e-12 * step**4) for step in range(1, 1001)]], 61, "*", **LOG)
    assert all(len(line) <= 61 for line in lines)
    marked = [line.index("*") for line in lines if "*" in line]
    assert all(after <= before for before, after in pairwise(marked))
    assert lines[-1].split() == ["1", "10", "100", "1,000"]


def test_zero_has_no_place_on_a_logarithmic_scale_and_nan_nowhere():
    assert sketch([[(1, 0.0), (2, 0.0)]], 60, "*", **LOG) == []
    assert sketch([[(1, float("nan"))]], 60, "*") == []
    assert sketch([[]], 60, "*") == []


def test_one_step():
    assert any("*" in line for line in sketch([[(17, 1e-9)]], 60, "*", **LOG))
    assert any("*" in line for line in sketch([[(17, 3.0)]], 60, "*"))


def test_a_straight_line_falls_evenly_and_the_first_curve_is_in_front():
    falling = [(step, 100.0 - step) for step in range(1, 101)]
    apart = [(step, value if step < 50 else 60.0) for step, value in falling]
    lines = sketch([falling, apart], 60, "*+")
    marked = [line.index("*") for line in lines if "*" in line]
    assert len(marked) == 12
    assert all(before < after for before, after in pairwise(marked))
    assert sum("+" in line for line in lines[:-2]) == 1
    assert lines[-1].split() == ["1", "26", "51", "75", "100"]
    assert lines[0].split()[0] == "99"
