"""Slips that people make in a backward pass, made here on purpose in the hand-written code: each must be found.

A slip replaces a fragment of a module's source and executes the result as a module of its own; the module itself stays
as it is. The judge must name the arrays that the slip makes wrong, all of them, and no other.
"""

import importlib
import linecache
import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import manual.optimisers
from crosscheck import check
from crosscheck.builtin import character_rnn
from crosscheck.builtin.mutants.remembering import Remembering
from crosscheck.contract import call
from crosscheck.pair import Pair
from crosscheck.reference import oracle_for
from crosscheck.report import Report
from crosscheck.verdicts import Severity, Verdict
from manual.parameters import Parameters
from manual.rnn import Evaluation, loss, loss_and_gradients

# Without rules and probes: those would have to be compiled, and every place that is looked for anew.
PAIR = replace(character_rnn.pair(), rules=(), probes=None)
EXAMPLES = len(PAIR.cases.regimes)  # the first cases of a run are one of each regime

THROUGH_TIME = {"Wxh", "Whh", "bh", "initial_state"}
"""What is computed from dz: all that a wrong carry spoils."""


def slip(module: str, before: str, after: str) -> ModuleType:
    """Execute the source of a module with `after` in the place of `before`, a regular expression."""
    original = importlib.import_module(module)
    source, found = re.subn(before, after, Path(str(original.__file__)).read_text(encoding="utf-8"))
    assert found == 1, f"{module} holds /{before}/ {found} times, not once: describe the line as it stands there now."
    slipped = ModuleType(f"slipped {module}")
    file = f"<{slipped.__name__}: {after}>"
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file  # for tracebacks
    exec(compile(source, file, "exec"), vars(slipped))
    return slipped


def compiled(pair: Pair) -> Remembering:
    case = pair.cases.build(pair.cases.draw(0, 0))
    return Remembering(oracle_for(pair, call(pair.subject, case.arguments, names=pair.inputs)))


@pytest.fixture(scope="module")
def oracle() -> Remembering:
    """One twin for all slips: what it says of a case is said once."""
    return compiled(PAIR)


@pytest.fixture
def judge(oracle, monkeypatch):
    """A function that judges the pair with the slipped `loss_and_gradients` in the place of the right one."""

    def judge(slipped: Any) -> Report:
        monkeypatch.setattr(character_rnn, "loss_and_gradients", slipped)
        return check(pair=PAIR, oracle=oracle, examples=EXAMPLES)

    return judge


def wrong_arrays(report: Report) -> set[str]:
    """Name the arrays that disagree; the others must have been judged, and agree."""
    verdicts = {tally.name: tally.verdict for tally in report.tallies}
    assert set(verdicts) == THROUGH_TIME | {"Why", "by", "final_state"}
    assert Verdict.INCONCLUSIVE not in verdicts.values()
    return {name for name, verdict in verdicts.items() if verdict is Verdict.DISAGREE}


@pytest.mark.thorough
def test_source_without_a_slip_agrees(judge):
    report = judge(slip("manual.rnn", "dWhh = ", "dWhh = ").loss_and_gradients)
    assert report.verdict is Verdict.AGREE, report
    assert report.judged == EXAMPLES


def test_a_line_that_is_not_there_once_is_refused():
    with pytest.raises(AssertionError, match=r"holds /dWhh/ [0-9]+ times, not once: describe the line"):
        slip("manual.rnn", "dWhh", "dWhx")


CARRY = r"multiply\(dz_t, Whh, carry\)"
SLOPE = r"dz \*= 1 \+ h_after"
SLIPS = {
    "dWhh from h[t]": (r"(dWhh = .*)h_before", r"\1h_after", {"Whh"}),
    "carry dropped": (r"dh_t \+= carry", "pass", THROUGH_TIME),
    "carry not transposed": (CARRY, "multiply(dz_t, Whh.mT, carry)", THROUGH_TIME),
    # z is overwritten, but it is artanh h; short of saturation, because no number has an artanh of 1.
    "tanh' from z": (SLOPE, "dz = 1 - np.arctanh(np.clip(h_after, -0.999, 0.999)) ** 2", THROUGH_TIME),
    "dby forgotten": (r"dby = dy\b", "dby = np.zeros_like(dy)", {"by"}),
    "repeated symbols lost": (
        r"np\.add\.at\((.*), (.*), (.*)\)",
        r"\1[\2] = \3",
        {"Wxh"},
    ),
    "clip inside the loop": (f"({CARRY})", r"\1; np.clip(carry, -5, 5, out=carry)", THROUGH_TIME),
    "float32 hidden in the backward pass": (
        SLOPE,
        "dz = (dz * (1 + h_after)).astype(np.float32).astype(np.float64)",
        THROUGH_TIME,
    ),
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_of_the_backward_pass_is_found_and_its_arrays_are_named(judge, name):
    before, after, expected = SLIPS[name]
    report = judge(slip("manual.rnn", before, after).loss_and_gradients)
    assert report.verdict is Verdict.DISAGREE, report
    assert wrong_arrays(report) == expected
    assert {f.parameter for f in report.findings if f.code == "gradient-differs"} == expected
    assert {finding.code for finding in report.findings if finding.severity is Severity.ERROR} == {"gradient-differs"}


def off_by_one(parameters, inputs, targets, *others, **options) -> Evaluation:
    return loss_and_gradients(parameters, inputs, np.roll(targets, 1, axis=0), *others, **options)


def off_by_one_in_the_gradient(*arguments, **options) -> Evaluation:
    return off_by_one(*arguments, **options)._replace(loss=loss(*arguments)[0])


def test_off_by_one_targets_in_the_gradient_are_found(judge):
    report = judge(off_by_one_in_the_gradient)
    assert report.verdict is Verdict.DISAGREE, report
    # The same targets at other steps: dby, a sum over the steps, remains right.
    assert wrong_arrays(report) == THROUGH_TIME | {"Why"}


def test_off_by_one_targets_in_loss_and_gradient_are_another_loss(judge):
    """Loss and gradient fit each other, so the gradient is right: of a loss that the twin does not compute."""
    report = judge(off_by_one)
    assert report.verdict is Verdict.ERROR
    assert report.error is not None
    assert report.error["code"] == "loss-differs"


@pytest.mark.thorough
def test_adagrads_epsilon_outside_the_root_is_found_in_the_update_and_nowhere_else(monkeypatch):
    right = character_rnn.optimiser_rule("adagrad")
    slipped = slip("manual.optimisers", r"np\.sqrt\(m \+ epsilon\)", "(np.sqrt(m) + epsilon)")
    monkeypatch.setattr(manual.optimisers, "by_name", slipped.by_name)
    wrong = right._replace(subject=character_rnn.optimiser_rule("adagrad").subject)
    oracle = compiled(replace(PAIR, rules=(right,)))
    report = check(pair=replace(PAIR, rules=(wrong,)), oracle=oracle, examples=EXAMPLES)
    assert report.verdict is Verdict.DISAGREE, report
    disagreeing = {tally.name for tally in report.tallies if tally.verdict is Verdict.DISAGREE}
    assert disagreeing == {f"parameters.{name} after adagrad" for name in Parameters._fields}
    assert {finding.parameter for finding in report.findings if finding.code == "update-differs"} == disagreeing


@pytest.mark.parametrize(
    ("cast", "betrayed_by"),
    [
        # dWhh and dbh are float32 for all to see, and the case is judged in that; but dWxh has a float64 buffer.
        (".astype(np.float32)", "Wxh"),
        (".astype(np.float32).astype(np.float64)", "final_state"),
    ],
)
def test_hidden_states_in_float32_are_found_inside_float64(judge, cast, betrayed_by):
    slipped = slip("manual.rnn", r"(h = _hidden_states\(.*\))", rf"\1{cast}")
    report = judge(slipped.loss_and_gradients)
    # ERROR where everything claims to be float64: the loss is then off by more than float64 explains.
    assert report.verdict in (Verdict.DISAGREE, Verdict.ERROR)
    errors = {(f.code, f.parameter) for f in report.findings if f.severity is Severity.ERROR}
    assert errors == {("float32-inside", betrayed_by)}
