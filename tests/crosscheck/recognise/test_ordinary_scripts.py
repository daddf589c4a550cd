"""Scripts as everybody writes them: those that were called wrong once, and a few of all (tests/quality)."""

import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import pytest

from crosscheck.recognise import logit_losses, recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict
from tests.quality.habits import layers, loops, recurrences
from tests.quality.habits.models import MODELS, Habits, program
from tests.quality.ordinary_scripts import FAMILIES, scripts

VALIDATED = frozenset({"validation"})

ONCE = (
    ("line", Habits("at times", "script", "in place")),
    ("softmax", Habits("at times", "script", "assigned")),
    ("softmax", Habits("in a total", "passes", "assigned", penalty=True)),
    ("softmax", Habits("in a list", "passes", "in place", penalty=True, is_early=True)),
    ("linear", Habits("printed", "passes", "assigned", penalty=True)),
    ("tanh classes", Habits("in a total", "script", "momentum", penalty=True)),
    ("tanh squares", Habits("anew at times", "method", "momentum", penalty=True)),
    ("linear", Habits("printed", "script", "adagrad", is_early=True, besides=VALIDATED)),
    ("logistic", Habits("in a text", "function", "adam")),
    ("tanh classes", Habits("each turn", "script", "adam")),
    ("softmax", Habits("at times", "function", "velocity", penalty=True)),
    ("softmax", Habits("in a list", "script", "rmsprop", penalty=True, besides=VALIDATED)),
)


@pytest.mark.thorough
@pytest.mark.parametrize("is_right", [True, False])
@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize(("name", "habits"), ONCE, ids=lambda value: getattr(value, "shown", value))
def test_what_was_judged_wrongly_once(name: str, habits: Habits, is_right: bool) -> None:
    model = MODELS[name]
    text = program(model, habits, None if is_right else model.slips[0])
    assert _verdicts(text) == {Verdict.AGREE if is_right else Verdict.DISAGREE}


@pytest.mark.filterwarnings("ignore:invalid value")
def test_what_adam_moves_is_no_state_whatever_it_is_called() -> None:
    text = program(MODELS["line"], Habits("each turn", "script", "adam"))
    (unit,) = recognise(read_text(text, "utf-8", Path("script.py"))).units
    assert set(unit.names) == {"m", "c"}


def test_a_gradient_of_the_output_is_none_of_the_target() -> None:
    cell, head = recurrences.CELLS["tanh"], recurrences.HEADS["label"]
    assert _verdicts(recurrences.program(cell, head, "script", "in place", clipped=False)) == {Verdict.AGREE}


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:invalid value")
def test_numbers_that_are_none_are_no_mean_of_others() -> None:  # the root of what a step remembers, where that is < 0
    cell, head = recurrences.CELLS["relu"], recurrences.HEADS["classes"]
    assert _verdicts(recurrences.program(cell, head, "class", "rmsprop", clipped=False)) == {Verdict.AGREE}


def test_layers_of_a_list_are_judged_where_they_are_and_not_by_a_variable() -> None:
    kinds, words = ["Dense", "Sigmoid", "Dense"], layers.WORDS[0]
    text = layers.program(kinds, layers.LOSSES["mse"], "loop", "of the layer", words, "", None)
    units = recognise(read_text(text, "utf-8", Path("script.py"))).units
    (turn,) = (unit for unit in units if "loop" in unit.name)
    assert set(turn.names) == {"layers_0_W", "layers_0_b", "layers_2_W", "layers_2_b"}
    judged = judge_unit(turn, examples=6)
    assert judged.verdict is Verdict.AGREE
    assert not judged.findings


class Read(NamedTuple):
    """One of several losses that a result holds."""

    place: int
    constant: float = 1.0

    def read(self, result: tuple[float, float]) -> float:
        return self.constant * result[self.place]


@pytest.mark.parametrize(("noise", "other", "are_same"), [(1e-15, 2.0, True), (0.0, 2.0, True), (1e-15, 2.1, False)])
def test_what_only_rounding_changes_tells_no_losses_apart(noise: float, other: float, are_same: bool) -> None:
    """A bias before a normalisation changes nothing, but for the last digits."""
    begin, end, beside = (0.5, 1.0), (0.6, 1.2), (0.7, 1.0 + 0.2 * other)
    around: Any = {"w": ([end, beside], 0.1), "b": ([(0.5 + noise, 1.0 + 3 * noise), (0.5 - noise, 1.0)], 0.1)}
    samples: Any = [SimpleNamespace(center=begin, around=around)]
    one, two = cast("Any", Read(0)), cast("Any", Read(1))
    assert logit_losses._are_same(one, two, samples) is are_same


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:invalid value")
def test_gradients_of_millions_in_one_case_hide_no_memory_in_another() -> None:
    cell, head = recurrences.CELLS["relu"], recurrences.HEADS["values"]
    text = recurrences.program(cell, head, "script", "adagrad", clipped=False)
    (unit,) = recognise(read_text(text, "utf-8", Path("script.py"))).units
    judged = judge_unit(unit, examples=4)
    assert judged.verdict is Verdict.AGREE
    assert not judged.findings


def test_a_loop_of_steps_alone_has_no_loss_of_its_own() -> None:
    line = loops.MODELS["line"]
    slip = ("d * x[j]", "d")
    text = loops.program(line, "script", "each example", "total", loops.PAIRS[1], slip=slip)
    assert _verdicts(text) == {Verdict.DISAGREE}


@pytest.mark.thorough
@pytest.mark.parametrize("family", FAMILIES)
def test_a_few_of_all_scripts(family: str) -> None:
    for script in itertools.islice(scripts(family, 11), 2):
        found = _verdicts(script.text)
        assert Verdict.DISAGREE not in found if script.is_right else found != {Verdict.AGREE}, script.name


def _verdicts(text: str) -> set[Verdict]:
    found = recognise(read_text(text, "utf-8", Path("script.py")))
    return {judge_unit(unit, examples=4).verdict for unit in found.units}
