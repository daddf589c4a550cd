"""The exercises that one also runs: a training counts if it is exact for some steps and good enough on the sonnets."""

import runpy
import types

import numpy as np
import pytest

from crosscheck.learn.course import course
from crosscheck.learn.exam import Draw
from crosscheck.learn.exercises.training import exam, solution
from crosscheck.learn.exercises.training.driver import drive


@pytest.fixture(scope="module")
def sonnets():
    return exam.case(Draw(1, exam.SONNETS))


def trained(sonnets, losses=0.0, parameters=1.0):
    """What a training returns that begins as it should, and ends where it began."""
    text, start, steps, *settings, _ = sonnets.arguments
    first = solution.train(text, start, exam.EARLY, *settings)[0]
    return {"trained": (np.resize(first, steps) + losses, *(parameters * p for p in start))}


def verdict(sonnets, returned):
    return sonnets.expected[0].accepts(returned)


def test_a_training_that_learns_nothing_later_on_is_refused(sonnets):
    assert "it ends at 3.7" in verdict(sonnets, trained(sonnets, parameters=0.1))


def test_a_training_that_begins_wrong_on_the_sonnets_is_refused(sonnets):
    assert "first losses are wrong" in verdict(sonnets, trained(sonnets, losses=0.01))


def test_other_shapes_are_refused(sonnets):
    losses, *parameters = trained(sonnets)["trained"]
    assert "other shapes" in verdict(sonnets, {"trained": (losses[:50], *parameters)})
    assert "other shapes" in verdict(sonnets, {"trained": (losses, *reversed(parameters))})


@pytest.mark.parametrize(("factor", "calls"), [(1.0, 2), (1.001, 1)])
def test_only_who_trains_a_small_network_rightly_is_let_loose_on_the_sonnets(sonnets, factor, calls):
    steps = []

    def train(text, parameters, *others):
        steps.append(others[0])
        losses, *found = solution.train(text, parameters, min(others[0], 4), *others[1:])
        return factor * losses, *found

    module = types.ModuleType("learned")
    vars(module)["train"] = train
    first, *others = drive(module, *sonnets.arguments)
    assert others == [{}] * 5
    assert ("trained" in first) == (calls == 2)
    assert len(steps) == calls
    assert calls == 2 or verdict(sonnets, first) == exam.UNKNOWN


def test_a_trained_network_writes():
    random = np.random.default_rng(1)
    parameters = [random.standard_normal(shape) for shape in ((5, 3), (5, 5), (3, 5), (5,), (3,))]
    written = solution.write(parameters, "abc", 30)
    assert len(written) == 30
    assert set(written) <= set("abc")


def test_gradient_flow_draws_a_gradient_that_vanishes_and_one_that_explodes(capsys):
    runpy.run_path(str(course().exercise("gradient_flow").folder / "solution.py"), run_name="__main__")
    vanishes, stays, explodes = capsys.readouterr().out.split("\nWhh stretches by ")[1:]
    lengths = [[line.count("=") for line in one.splitlines()[1:]] for one in (vanishes, stays, explodes)]
    assert all(len(one) == 17 for one in lengths)
    assert lengths[0] == sorted(lengths[0], reverse=True)
    assert lengths[0][-1] < 5
    assert len(set(lengths[1])) == 1
    assert lengths[2] == sorted(lengths[2])
    assert lengths[2][-1] > 45
