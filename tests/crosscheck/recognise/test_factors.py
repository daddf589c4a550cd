"""Two tables of factors that are moved rating by rating, the second one perhaps by what the first became."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck import check_file
from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.places import LOCAL, Place
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

FACTORS = """
import numpy as np

def factorise({handed}):
    {made}
    for epoch in range(200):
        total = 0
        for u in range(R.shape[0]):
            for m in range(R.shape[1]):
                if R[u, m] > 0:
                    miss = R[u, m] - U[u, :] @ M[m, :]
                    {steps}
                    total += miss ** 2
        {behind}
        if total < 1e-3:
            break
    return U, M

{script}
"""
AT_ONCE = "U[u, :], M[m, :] = U[u, :] + rate * ({u}), M[m, :] + rate * ({m})"
COPIED = "before = U[u, :].copy(); U[u, :] += rate * ({u}); M[m, :] += rate * ({m})"
ONE_BY_ONE = "U[u, :] += rate * ({u}); M[m, :] += rate * ({m})"
ANEW = "U[u, :] += rate * ({u}); miss = R[u, m] - U[u, :] @ M[m, :]; M[m, :] += rate * ({m})"
SCRIPT = """
R = np.array([[4.0, 2, 0, 1], [3, 0, 0, 1], [1, 1, 0, 4], [0, 1, 5, 2]])
factorise(R, 0.3 * np.random.rand(4, 3), 0.3 * np.random.rand(4, 3))
"""
DECAY = (" - lam * U[u, :]", " - lam * M[m, :]")


def _written(steps: str, *, decay: tuple[str, str] = ("", ""), is_called: bool, behind: str = "pass") -> str:
    other = "before" if "before" in steps else "U[u, :]"
    written = steps.format(u=f"2 * miss * M[m, :]{decay[0]}", m=f"2 * miss * {other}{decay[1]}")
    handed, made = "R, U, M, rate=0.001, lam=0.02", "pass"
    if not is_called:
        handed, made = (
            "R, k=3, rate=0.01, lam=0.02",
            "U, M = np.random.rand(R.shape[0], k), np.random.rand(R.shape[1], k)",
        )
    return FACTORS.format(handed=handed, made=made, steps=written, behind=behind, script=SCRIPT if is_called else "")


def _verdicts(text: str) -> dict[str, Verdict]:
    found = recognise(read_text(text, "utf-8", Path("x.py")))
    return {t.name: t.verdict for unit in found.units for t in judge_unit(unit).tallies}


@pytest.mark.thorough
@pytest.mark.parametrize("is_called", [True, False])
@pytest.mark.parametrize("steps", [AT_ONCE, COPIED])
def test_steps_by_one_rating_are_right_that_go_by_the_same_point(steps, is_called):
    found = _verdicts(_written(steps, decay=DECAY, is_called=is_called))
    assert found == {"U": Verdict.AGREE, "M": Verdict.AGREE}


def test_a_rating_that_is_missing_is_not_the_one_that_is_looked_at():
    """The third rating of the first row, which was looked at always, lets nothing move."""
    found = _verdicts(_written(COPIED, is_called=True))
    assert found == {"U": Verdict.AGREE, "M": Verdict.AGREE}


@pytest.mark.thorough
@pytest.mark.parametrize("is_called", [True, False])
@pytest.mark.parametrize("decay", [DECAY, ("", "")])
def test_a_step_is_wrong_that_goes_by_what_was_just_moved_and_by_the_error_before(decay, is_called):
    found = _verdicts(_written(ONE_BY_ONE, decay=decay, is_called=is_called))
    assert found["M"] is Verdict.DISAGREE
    assert found["U"] is not Verdict.DISAGREE


def test_steps_that_each_go_by_an_error_of_their_own_are_not_called_wrong():
    assert Verdict.DISAGREE not in _verdicts(_written(ANEW, is_called=True)).values()


def test_a_penalty_that_is_added_after_all_ratings_is_no_other_than_that_of_each():
    behind = "total += lam / 2 * (np.sum(U ** 2) + np.sum(M ** 2))"
    found = _verdicts(_written(COPIED, decay=DECAY, is_called=True, behind=behind))
    assert found == {"U": Verdict.AGREE, "M": Verdict.AGREE}


@pytest.mark.thorough
@pytest.mark.parametrize("decay", [DECAY, ("", "")])
def test_the_repair_takes_both_steps_at_once(tmp_path, decay):
    path = tmp_path / "x.py"
    text = _written(ONE_BY_ONE, decay=decay, is_called=True).replace("; M[m, :] +=", f"\n{' ' * 20}M[m, :] +=")
    path.write_text(text)
    (subject,) = check_file(path).as_dict()["subjects"]
    assert [one["code"] for one in subject["diagnoses"]] == ["moved-too-early"]
    assert subject["repair"]["diff"].count("\n-") == 2
    assert "U[u, :], M[m, :] = U[u, :] + (" in subject["repair"]["diff"]


def test_a_turn_has_the_loss_zero_only_where_it_takes_no_step() -> None:
    """One that moves without what its loss is made of, as in another branch, goes by another loss."""
    (unit,) = recognise(read_text(_written(COPIED, is_called=True), "utf-8", Path("x.py"))).units
    arguments = [unit.cases.build(unit.cases.draw(0, number)).arguments for number in range(40)]
    moves = [any(map(np.any, unit.subject(*given).gradients.values())) for given in arguments]
    assert set(moves) == {True, False}
    unit.subject.loss = Place(LOCAL, ("nowhere",), "nowhere")
    assert unit.subject(*arguments[moves.index(False)]).loss == 0
    with pytest.raises(LookupError):
        unit.subject(*arguments[moves.index(True)])
