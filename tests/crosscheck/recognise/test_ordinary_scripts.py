"""Scripts as everybody writes them: those that were called wrong once, and a few of all (tests/quality)."""

import itertools
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
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


@pytest.mark.parametrize("norm", [(), ("BatchNorm",)])
def test_a_bias_before_a_normalisation_hides_no_stated_loss(norm: tuple[str, ...]) -> None:
    slip = ("(q - y)", "(q - y) * q * (1 - q)")
    kinds, words = ["Dense", *norm, "Sigmoid", "Dense"], layers.WORDS[3]
    text = layers.program(kinds, layers.LOSSES["bce"], "loop", "inside of backward", words, "loss", slip)
    assert Verdict.DISAGREE in _verdicts(text)


def test_a_loop_of_steps_alone_has_no_loss_of_its_own() -> None:
    line = loops.MODELS["line"]
    slip = ("d * x[j]", "d")
    text = loops.program(line, "script", "each example", "total", loops.PAIRS[1], slip=slip)
    assert _verdicts(text) == {Verdict.DISAGREE}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_few_of_all_scripts(family: str) -> None:
    for script in itertools.islice(scripts(family, 11), 2):
        found = _verdicts(script.text)
        assert Verdict.DISAGREE not in found if script.is_right else found != {Verdict.AGREE}, script.name


def _verdicts(text: str) -> set[Verdict]:
    found = recognise(read_text(text, "utf-8", Path("script.py")))
    return {judge_unit(unit, examples=4).verdict for unit in found.units}
