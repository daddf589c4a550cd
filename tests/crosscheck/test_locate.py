"""Where it goes wrong: the first step and variable, and whether a gradient, an update or a by-product is to blame."""

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import crosscheck
from crosscheck import Outcome, Verdict, check
from crosscheck.locate import what_they_share
from crosscheck.oracle import Oracle
from crosscheck.pair import Rule

RANDOM = np.random.default_rng(7)
STEPS = 5
EXAMPLE = ({"a": RANDOM.standard_normal(3), "c": RANDOM.standard_normal(3)}, RANDOM.standard_normal((STEPS, 3)))
CASES = crosscheck.strategies.like(EXAMPLE, vary=False)
FEW = 12
RATE = 0.1


def twin(parameters: Any, x: Any, *, probes: Any = None) -> Any:
    zeros = {"z": jnp.zeros_like(x), "h": jnp.zeros_like(x)} if probes is None else probes

    def step(h: Any, inputs: Any) -> Any:
        x, zero_z, zero_h = inputs
        h = jnp.tanh(parameters["a"] * h + parameters["c"] + x + zero_z) + zero_h
        return h, jnp.sum(h * h)

    last, losses = jax.lax.scan(step, jnp.zeros_like(x[0]), (x, zeros["z"], zeros["h"]))
    return losses.sum(), {"last": last}


def subject(parameters: Any, x: Any, *, carry: float = 1.0, c: float = 1.0, last: float = 1.0) -> Outcome:
    h = {-1: np.zeros(3)}
    for t in range(STEPS):
        h[t] = np.tanh(parameters["a"] * h[t - 1] + parameters["c"] + x[t])
    da, dc, dh, dz, dh_next = np.zeros(3), np.zeros(3), np.zeros_like(x), np.zeros_like(x), np.zeros(3)
    for t in reversed(range(STEPS)):
        dh[t] = 2 * h[t] + dh_next
        dz[t] = (1 - h[t] * h[t]) * dh[t]
        da += dz[t] * h[t - 1]
        dc += dz[t]
        dh_next = carry * parameters["a"] * dz[t]
    loss = sum((h[t] * h[t]).sum() for t in range(STEPS))
    return Outcome(
        loss, {"a": da, "c": c * dc}, auxiliary={"last": last * h[STEPS - 1]}, intermediates={"h": dh, "z": dz}
    )


@cache  # one rule, one compiled twin
def descent(rate: float) -> Rule:
    def step(rate: float) -> Any:
        return lambda gradients, _state, parameters: {
            name: parameters[name] - rate * gradients[name] for name in parameters
        }

    return Rule("descent", step(rate), step(RATE), lambda _random, _gradients: ())


def zeros(_parameters: Any, x: Any) -> dict[str, Any]:
    return {"z": np.zeros(x.shape), "h": np.zeros(x.shape)}


def judged(rate: float = RATE, probes: Any = zeros, **slip: float) -> crosscheck.Report:
    return check(
        lambda *arguments: subject(*arguments, **slip),
        twin=twin,
        cases=CASES,
        rules=(descent(rate),),
        probes=probes,
        examples=FEW,
    )


def by_parameter(report: crosscheck.Report) -> dict[str | None, str]:
    return {finding.parameter: finding.code for finding in report.findings}


def test_right_code_agrees() -> None:
    report = judged()
    assert report.verdict is Verdict.AGREE, report
    assert [tally.cases for tally in report.tallies] == [FEW] * 5


@pytest.fixture
def asked_for_probes(monkeypatch: Any) -> list[Oracle]:
    """The oracles that were asked for the gradients of intermediates, once for each time."""
    asked: list[Oracle] = []
    references = Oracle.references

    def watched(self: Oracle, *arguments: Any, **options: Any) -> Any:
        if self.twin.probes:
            asked.append(self)
        return references(self, *arguments, **options)

    monkeypatch.setattr(Oracle, "references", watched)
    return asked


def test_one_twin_with_probes_finds_the_step_and_the_variable_of_all_wrong_arrays(asked_for_probes: Any) -> None:
    report = judged(carry=-1.0)
    wrong = {tally.name: tally.worst for tally in report.tallies if tally.worst and tally.disagreeing}
    assert wrong.keys() == {"a", "c"}
    for name, worst in wrong.items():
        assert (worst.time, worst.variable) == (STEPS - 2, "h"), name
    assert len({id(oracle) for oracle in asked_for_probes}) == 1
    assert len(asked_for_probes) == len({worst.key for worst in wrong.values()})
    assert not asked_for_probes[0].twin.rules


def test_a_gradient_that_is_gathered_wrongly_has_no_step() -> None:
    report = judged(c=2.0)
    (finding,) = report.findings
    assert finding.parameter == "c"
    assert "All intermediate gradients are right" in finding.message


def test_probes_that_do_not_fit_leave_the_verdict_as_it_is() -> None:
    report = judged(carry=-1.0, probes=lambda _parameters, x: {"z": np.zeros(len(x) + 1), "h": np.zeros(x.shape)})
    assert report.verdict is Verdict.DISAGREE
    assert "cannot be told: JAX cannot differentiate the twin" in report.findings[0].message


def test_updates_are_not_blamed_for_the_gradients_they_start_from() -> None:
    report = judged(carry=-1.0)
    assert by_parameter(report) == {"a": "gradient-differs", "c": "gradient-differs"}
    verdicts = {tally.name: tally.verdict for tally in report.tallies if "descent" in tally.name}
    assert set(verdicts.values()) <= {Verdict.AGREE, Verdict.INCONCLUSIVE}


def test_a_wrong_update_of_right_gradients_is_named_so(asked_for_probes: Any) -> None:
    report = judged(rate=2 * RATE)
    assert by_parameter(report) == {"a after descent": "update-differs", "c after descent": "update-differs"}
    assert "The gradients are right in that case: the slip is in descent." in report.findings[0].message
    assert "gradient of" not in report.findings[0].message
    assert not asked_for_probes


def test_a_wrong_by_product_is_no_gradient(asked_for_probes: Any) -> None:
    report = judged(last=2.0)
    assert by_parameter(report) == {"last": "auxiliary-differs"}
    assert "gradient of" not in report.findings[0].message
    assert report.findings[0].message.startswith("last differs in ")
    assert "Right in the same case: a, c." in report.findings[0].message
    assert not asked_for_probes


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([[1, 0], [1, 0]], "all have index 0 on axis 1"),
        ([[0, 0], [1, 1]], "all have index 1 on axis 0"),
        ([[1, 0], [0, 1]], ""),
        ([[1, 1], [1, 1]], ""),
        ([[0, 0], [0, 0]], ""),
    ],
)
def test_what_wrong_entries_have_in_common(wrong: list[list[int]], said: str) -> None:
    assert what_they_share(np.array(wrong, bool)) == said
