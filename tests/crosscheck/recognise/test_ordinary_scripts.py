"""Scripts as everybody writes them: those that were called wrong once, and a few of all (tests/quality)."""

import itertools
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict
from tests.quality.ordinary_scripts import MODELS, Habits, program, scripts

ONCE = (
    ("line", Habits("at times", "script", "in place")),
    ("softmax", Habits("at times", "script", "assigned")),
    ("softmax", Habits("in a total", "passes", "assigned", penalty=True)),
    ("softmax", Habits("in a list", "passes", "in place", penalty=True, is_early=True)),
    ("linear", Habits("printed", "passes", "assigned", penalty=True)),
    ("tanh classes", Habits("in a total", "script", "momentum", penalty=True)),
    ("tanh squares", Habits("anew at times", "method", "momentum", penalty=True)),
)


@pytest.mark.parametrize("is_right", [True, False])
@pytest.mark.parametrize(("name", "habits"), ONCE, ids=lambda value: getattr(value, "shown", value))
def test_what_was_judged_wrongly_once(name: str, habits: Habits, is_right: bool) -> None:
    model = MODELS[name]
    text = program(model, habits, None if is_right else model.slips[0])
    assert _verdicts(text) == {Verdict.AGREE if is_right else Verdict.DISAGREE}


def test_a_few_of_all_scripts() -> None:
    for script in itertools.islice(scripts(11), 6):
        wrong = Verdict.DISAGREE if script.is_right else Verdict.AGREE
        assert wrong not in _verdicts(script.text), script.name


def _verdicts(text: str) -> set[Verdict]:
    found = recognise(read_text(text, "utf-8", Path("script.py")))
    return {judge_unit(unit, examples=4).verdict for unit in found.units}
