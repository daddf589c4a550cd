from pathlib import Path

import pytest

from crosscheck.recognise import Unit
from crosscheck.recognise.judging import judge_unit
from crosscheck.repair import Repair, find_repairs, finding, search
from crosscheck.verdicts import Verdict
from tests.crosscheck.repair.programs import PROGRAM, differentiated_once, line_of, planted, unit_of

# right, wrong, what must stand there after the repair, its code
SLIPS = [
    ("np.dot(W.T, dz)", "np.dot(W, dz)", "later = np.dot(W.T, dz)", "carry-not-transposed"),
    (" + later  # größer", "  # größer", "dh = np.dot(V.T, do) + later  # größer", "carry-not-added"),
    ("later = np.dot", "later += np.dot", "later = np.dot(W.T, dz)", "carry-accumulated"),
    ("dz, h[t - 1].T", "dz, h[t].T", "dW += np.dot(dz, h[t-1].T)", "wrong-state-in-weight-gradient"),
    ("dc += do", "dc = do", "dc += do", "overwritten-in-loop"),
    ("1 - h[t] * h[t]", "1 - np.tanh(h[t]) ** 2", "dz = (1 - h[t] * h[t]) * dh", "derivative-of-activated-value"),
    ("dU += np.dot(dz", "dU += np.dot(dh", "dU += np.dot(dz, x[t].T)", "raw-and-activated-confused"),
]


@pytest.fixture(autouse=True)
def _differentiate_the_forward_once(monkeypatch: pytest.MonkeyPatch) -> None:
    in_other_sizes = finding.in_other_sizes
    monkeypatch.setattr(finding, "in_other_sizes", lambda unit: differentiated_once(in_other_sizes(unit)))


@pytest.fixture(autouse=True)
def _count_few_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not go on for seconds to count what else would mend a slip, nor judge more than two of them."""
    monkeypatch.setattr(search, "LINGERING", 0.2)
    monkeypatch.setattr(finding, "MANY", 2)


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Unit, Repair]:
    """Return a unit that overwrites what it should add to, and its first repair."""
    unit = unit_of(planted(("dc += do", "dc = do")), tmp_path_factory.mktemp("mended"))
    return unit, find_repairs(unit, seconds=20, seed=0)[0]


@pytest.mark.thorough
@pytest.mark.parametrize(("right", "wrong", "after", "code"), SLIPS, ids=[slip[-1] for slip in SLIPS])
def test_a_slip_is_mended_where_it_was_made(tmp_path: Path, right: str, wrong: str, after: str, code: str) -> None:
    source = planted((right, wrong))
    repairs = find_repairs(unit_of(source, tmp_path), seconds=60, seed=0)
    best = repairs[0]
    assert (best.line, best.code) == (line_of(wrong, source), code)
    assert best.after.replace(" ", "").replace("((", "(").replace("))*", ")*") == after.replace(" ", "")
    assert best.cases >= 15
    assert all(repair.others == len(repairs) - 1 for repair in repairs)


@pytest.mark.thorough
def test_a_missing_line_is_added_again(tmp_path: Path) -> None:
    source = planted(("        db += dz\n", ""))
    best = find_repairs(unit_of(source, tmp_path), seconds=60, seed=0)[0]
    assert (best.before, best.after, best.code) == ("", "db += dz", "never-added-to")


@pytest.mark.thorough
def test_two_independent_slips_are_mended_together(tmp_path: Path) -> None:
    source = planted(("dc += do", "dc = do"), ("dz, h[t - 1].T", "dz, h[t].T"))
    best = find_repairs(unit_of(source, tmp_path), seconds=60, seed=0)[0]
    assert {code for code, _, _ in best.codes} == {"overwritten-in-loop", "wrong-state-in-weight-gradient"}
    assert "+        dc += do" in best.diff
    assert best.diff.count("\n-") == 2  # with the header's, which has no line end before it


@pytest.mark.thorough
def test_two_slips_that_hide_each_other_are_mended_together(tmp_path: Path) -> None:
    source = planted(("1 - h[t] * h[t]", "1 - h[t]"), ("np.dot(W.T, dz)", "np.dot(W, dz)"))
    best = find_repairs(unit_of(source, tmp_path), seconds=60, seed=0)[0]
    assert {line for _, line, _ in best.codes} == {line_of("1 - h[t])", source), line_of("later = np.dot", source)}


@pytest.mark.thorough
def test_the_repaired_source_is_judged_right_and_keeps_its_forward(mended: tuple[Unit, Repair]) -> None:
    unit, best = mended
    assert best.edited is not None
    assert unit.document.edited_text(best.edited) == PROGRAM
    assert judge_unit(unit.rebuilt(best.edited), seed=99, examples=6).verdict is Verdict.AGREE


@pytest.mark.thorough
def test_nothing_is_offered_where_nothing_helps(tmp_path: Path) -> None:
    source = planted(("dh = np.dot(V.T, do) + later", "dh = np.sin(np.dot(V.T, do)) ** 3 + np.cos(later) ** 5"))
    assert find_repairs(unit_of(source, tmp_path), seconds=4, seed=0) == []


def test_a_repair_as_reports_have_it(mended: tuple[Unit, Repair]) -> None:
    _, best = mended
    assert isinstance(best, Repair)
    entry = best.as_dict()
    assert entry["verdict"] == "agree"
    assert (entry["before"], entry["after"]) == ("dc = do", "dc += do")
    assert entry["diff"].count("\n") == len(entry["diff"].splitlines())
