import pytest

from crosscheck.campaign import Plan
from crosscheck.errors import CrosscheckError
from tests.crosscheck.campaign.campaign_pairs import small_pair, small_plan


@pytest.mark.parametrize("models", [1, 1023, 1024, 1025, 20_011])
def test_tasks_hold_exactly_the_models_that_were_asked_for(models):
    tasks = list(small_plan(models).tasks())
    assert sum(part.models for task in tasks for part in task.parts) == models
    assert [task.number for task in tasks] == list(range(len(tasks)))
    chunks = [part.chunk for task in tasks for part in task.parts]
    assert chunks == sorted(set(chunks))


def test_a_scale_takes_the_models_within_it_and_no_others():
    plan = small_plan(3_001, scale=(0.5, 3.0))
    parts = [part for task in plan.tasks() for part in task.parts]
    assert len(parts) > 10  # an eighth of all octaves
    for part in parts:
        scales = plan.scales(part.chunk)[plan.places(part.chunk)]
        assert len(scales) >= part.models
        assert 0.5 <= scales.min() <= scales.max() <= 3.0


def test_models_are_those_of_the_seed():
    one, other = small_plan(10, seed=3), small_plan(10, seed=5)
    assert one.stack(0).key(7) == small_plan(999, seed=3).stack(0).key(7)
    assert one.stack(0).key(7) != other.stack(0).key(7)


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({"models": 0}, "bad-models"),
        ({"models": 1, "seed": -1}, "bad-seed"),
        ({"models": 1, "scale": (3.0, 1.0)}, "bad-scale"),
        ({"models": 1, "scale": (0.0, 1.0)}, "bad-scale"),
        ({"models": 1, "scale": (float("nan"), 1.0)}, "bad-scale"),
    ],
)
def test_plans_that_make_no_sense_are_refused(details, code):
    with pytest.raises(CrosscheckError) as refused:
        Plan(small_pair(), **details)
    assert refused.value.code == code
    assert "expected" in str(refused.value)
