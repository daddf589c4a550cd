"""The verdicts of a campaign are those of the judge, model by model."""

from dataclasses import replace
from operator import itemgetter

import jax
import numpy as np
import pytest

from crosscheck.campaign.cascade import clear
from crosscheck.campaign.chunk import Chunks, verdict_of
from crosscheck.door import check
from crosscheck.errors import CrosscheckError
from crosscheck.judge import Judge
from crosscheck.precision import FLOAT64
from crosscheck.strategies import like
from crosscheck.verdicts import Verdict
from tests.crosscheck.campaign.campaign_pairs import (
    PAIR,
    right,
    small_pair,
    small_plan,
    with_subject,
    wrong_in_one_matrix,
)

PARAMETERS = {"Wxh", "Whh", "Why", "bh", "by"}


@pytest.mark.thorough
@pytest.mark.parametrize(("dtype", "chunk"), [("float64", 3), ("float32", 5)])
def test_every_model_that_is_cleared_has_the_verdict_of_the_judge(dtype, chunk):
    pair = small_pair(dtype=dtype, hidden=(7, 7), steps=(11, 11))
    plan = small_plan(1024, pair, scale=(5.0, 30.0))
    stack, places = plan.stack(chunk), plan.places(chunk)[:61]
    judge = Chunks(plan).judge_from_scratch(stack.key(0))
    stacked = judge.oracle
    (cleared,) = clear([(stack, places)], judge, stacked)
    groups = {Verdict.AGREE: [*cleared.screened, *cleared.measured], Verdict.INCONCLUSIVE: cleared.inconclusive}
    assert len(cleared.measured) > 10
    assert sorted([*groups[Verdict.AGREE], *cleared.inconclusive, *cleared.left]) == places.tolist()
    for verdict, group in groups.items():
        for place in group:
            (case,) = Judge(pair, stacked).judge([stack.key(int(place))])
            assert verdict_of(case, PARAMETERS) is verdict
            unjudged = {name for name, array in cleared.unjudged.items() if array[place]}
            if verdict is Verdict.AGREE and place in cleared.measured:
                assert unjudged <= {"initial_state", "final_state", "loss"}
                judged = {name for name, comparison in case.comparisons.items() if comparison.judged.any()}
                assert judged | unjudged == case.comparisons.keys()


def test_stacks_give_the_references_that_single_cases_give():
    pair = PAIR
    stack = small_plan(1024).stack(2)
    stacked = Chunks(small_plan(1)).judge_from_scratch(stack.key(0)).oracle
    places, keys = np.arange(70), list(range(70))
    rows = jax.tree.map(itemgetter(places), stacked.padded(stack.arguments))
    ((exact, noise),) = stacked.noise([rows], keys, (2.0**-52, 2.0**-1074), 2)
    exact, noise = stacked.cut(exact, stack.arguments), stacked.cut(noise, stack.arguments)
    cases = [pair.cases.build(stack.key(place)) for place in range(70)]
    single = stacked.references([case.arguments for case in cases], [()] * 70, keys, FLOAT64, samples=2)
    for place in (0, 1, 63, 64, 69):
        np.testing.assert_array_equal(exact["Whh"][place], single[place].exact["gradients"].Whh)
        np.testing.assert_array_equal(noise["Whh"][place], single[place].noise["gradients"].Whh)
        np.testing.assert_array_equal(noise["initial_state"][place], single[place].noise["inputs"]["initial_state"])


def test_a_wrong_digit_far_behind_the_point_is_seen():
    counts = Chunks(small_plan(1024, with_subject(wrong_in_one_matrix), scale=(0.1, 1.0))).judge(
        next(small_plan(61, scale=(0.1, 1.0)).tasks())
    )
    assert counts.disagree > 50
    assert counts.tallies["Whh"].disagreeing == counts.disagree
    assert counts.tallies["Why"].disagreeing == 0


def test_a_stacked_subject_that_is_right_does_not_hide_a_single_one_that_is_wrong():
    pair = replace(PAIR, subject=wrong_in_one_matrix)
    counts = Chunks(small_plan(1500, pair)).judge(next(small_plan(1500).tasks()))
    assert counts.disagree > 0


def raises(*arguments):
    raise ZeroDivisionError("by zero")


def transposed(parameters, *data):
    outcome = right(parameters, *data)
    return replace(outcome, loss=outcome.loss.sum())


@pytest.mark.parametrize(
    ("stacked", "code", "words"), [(raises, "stacked-subject-raised", "by zero"), (transposed, "stacked-shape", "loss")]
)
def test_a_stacked_subject_that_fails_is_named(stacked, code, words):
    pair = replace(PAIR, stacked_subject=stacked)
    with pytest.raises(CrosscheckError, match=words) as failed:
        Chunks(small_plan(5, pair)).judge(next(small_plan(5).tasks()))
    assert failed.value.code == code


def test_a_stacked_subject_may_spoil_its_inputs():
    def spoils(parameters, *data):
        outcome = right(parameters, *data)
        parameters.Whh[:] = 0
        return outcome

    task = next(small_plan(50).tasks())
    spoilt = Chunks(small_plan(50, replace(PAIR, stacked_subject=spoils))).judge(task)
    plain = Chunks(small_plan(50)).judge(task)
    assert (spoilt.agree, spoilt.inconclusive, spoilt.disagree) == (plain.agree, plain.inconclusive, 0)
    assert spoilt.by_screen.tolist() == plain.by_screen.tolist()  # the twin was shown what the subject was


def square(parameters, x):
    return float(np.sum((parameters * x) ** 2)), 2 * parameters * x * x


def test_a_pair_without_stacks_is_judged_case_by_case():
    pair = replace(
        PAIR,
        name="square",
        subject=square,
        twin=lambda p, x: jax.numpy.sum((p * x) ** 2),
        cases=like((np.ones(3), np.ones(3))),
        padding=None,
        stacked_subject=None,
        probes=None,
        inputs=(),
    )
    plan = small_plan(37, pair)
    (task,) = plan.tasks()
    counts = Chunks(plan).judge(task)
    report = check(pair=plan.pair, examples=37)
    assert (counts.models, counts.agree) == (37, 37)
    assert counts.regimes == report.regimes
    assert counts.tallies["parameters"].worst == report.tallies[0].worst
    with pytest.raises(CrosscheckError, match="no scale"):
        small_plan(37, pair, scale=(1.0, 2.0))
