"""The judge's figures in short: no false alarm, errors found at three floors and not at a tenth of one, low floors.

The scripts in tests/quality print the same over many more models.
"""

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

from crosscheck.contract import call
from crosscheck.judge import Judge
from crosscheck.reference import oracle_for
from crosscheck.trees import flatten
from manual.parameters import Parameters
from tests.crosscheck.testing.suites import REGISTERED
from tests.quality import bulk_rnn, consecutive_seeds
from tests.quality.false_alarms_losses import survey as survey_losses
from tests.quality.false_alarms_rnn import Surveyor
from tests.quality.losses import ENTRIES
from tests.quality.networks import SUBJECTS, Networks, pair
from tests.quality.power import MULTIPLES, power_of
from tests.quality.survey import Survey

SMALL = 11
HARD = ["squared product, 4096", "Gaussian likelihood, Cholesky", "batch norm", "causal attention", "max-pool"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_loss_is_right_by_hand(entry) -> None:
    loss, gradients = entry.by_hand(*entry.example)
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        expected, by_jax = jax.jit(jax.value_and_grad(entry.loss))(*entry.example)
    np.testing.assert_allclose(loss, expected, rtol=1e-6, atol=1e-15)
    for (name, ours), (_, theirs) in zip(flatten(gradients), flatten(by_jax), strict=True):
        largest = np.abs(theirs).max()
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6 * largest, err_msg=name)


@pytest.mark.thorough
@pytest.mark.parametrize("name", HARD)
def test_right_code_is_never_called_wrong(name: str) -> None:
    (entry,) = (entry for entry in ENTRIES if entry.name == name)
    found = survey_losses(entry, 12, seed=7)
    assert not found.false_alarms, found.report()
    assert max(found.last) < 8


SURVEYOR = Surveyor()


def surveyed(dtype: type, high: float) -> Survey:
    return SURVEYOR.survey(Networks(0.001, high, dtype, largest=SMALL), 96, seed=5)


@pytest.mark.thorough
@pytest.mark.parametrize(("dtype", "high", "floor"), [(np.float64, 30.0, 1e-12), (np.float32, 3.0, 1e-4)])
def test_networks_of_any_scale_are_judged_and_acquitted(dtype: type, high: float, floor: float) -> None:
    found = surveyed(dtype, high)
    assert found.models == 96
    assert not found.false_alarms, found.report()
    for where, counts in found.by_decade.items():
        limit = float(where.split()[-1])
        share = counts["parameters"] / counts["models"]
        assert share == 0 if limit <= 3 else share <= 0.03, found.report()
        if limit <= 1:
            assert np.median(found.floors[where]) < floor


@pytest.mark.thorough
def test_half_precision_is_not_called_wrong() -> None:
    assert not surveyed(np.float16, 1.0).false_alarms


@pytest.mark.thorough
def test_errors_are_found_at_three_floors_and_not_at_a_tenth() -> None:
    cases = Networks(0.001, 30.0, np.float64, largest=SMALL)
    networks = pair("loops", cases, with_rules=False)
    keys = cases.group(3, 1, 12)
    power = power_of(networks, keys, [cases.scale(key) for key in keys], np.random.default_rng(3))
    assert sum(power.trials.values()) == len(keys) * len(MULTIPLES)
    assert power.found[0.01] == power.found[0.1] == 0, power.report()
    for multiple in (3.0, 10.0, 100.0):
        assert power.found[multiple] == power.trials[multiple], power.report()


@pytest.mark.thorough
def test_the_survey_sees_a_false_alarm() -> None:
    def wrong(*arguments):
        outcome = right(*arguments)
        return type(outcome)(
            outcome.loss,
            outcome.gradients._replace(bh=outcome.gradients.bh * (1 + 1e-9)),
            inputs=outcome.inputs,
            auxiliary=outcome.auxiliary,
        )

    cases = Networks(0.1, 1.0, np.float64, largest=SMALL)
    networks = pair("loops", cases, with_rules=False)
    right = networks.subject
    keys = cases.group(3, 1, 2)
    oracle = oracle_for(networks, call(right, cases.build(keys[0]).arguments))
    found = Survey(frozenset(Parameters._fields))
    found.judge(Judge(replace(networks, subject=wrong), oracle), keys, [1.0, 1.0])
    assert {name for _, name, _ in found.false_alarms} == {"bh"}
    assert found.closer == 2


@pytest.mark.thorough
def test_the_survey_in_bulk_acquits_right_code_and_sees_a_false_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*arguments):
        outcome = SUBJECTS["loops"](*arguments)
        gradients = outcome.gradients._replace(by=outcome.gradients.by * (1 + 1e-9))
        return replace(outcome, gradients=gradients)

    pair.cache_clear()
    monkeypatch.setattr(bulk_rnn, "GROUP", 3)
    monkeypatch.setattr(bulk_rnn, "AT_ONCE", 1)
    monkeypatch.setattr(bulk_rnn, "SUBJECTS", {"loops": None, "wrong": None})
    monkeypatch.setitem(SUBJECTS, "wrong", wrong)
    cases = Networks(0.001, 30.0, np.float64, largest=SMALL)
    found = bulk_rnn.BulkSurvey().survey(cases, 6, seed=8)
    assert len(found.sizes) == 6
    assert {name for _, name, _ in found.seen.false_alarms} == {"by"}
    assert len(found.seen.false_alarms) == found.stages["by the judge"] == 3
    assert "6 models" in found.report(cases, 1.0)


@pytest.mark.thorough
def test_runs_of_the_plugin_with_other_seeds_do_not_fail() -> None:
    record = consecutive_seeds.Record()
    consecutive_seeds.run(record, range(5, 7), "--crosscheck-examples=16", "-k", "softmax")
    assert (record.outcomes, record.failures) == ({"passed": 2}, [])
    assert record.judged > 0.8 * record.cases == 0.8 * 2 * 16
    assert 0 < record.furthest < 16


@pytest.mark.thorough
def test_a_run_that_fails_is_recorded_with_its_seed(tmp_path: Path) -> None:
    suite = tmp_path / "run_twice.py"  # stays among the imported modules
    suite.write_text(REGISTERED)
    record = consecutive_seeds.Record()
    consecutive_seeds.run(record, [3, 4], "--crosscheck-examples=2", "--crosscheck-explain=no", suite=suite)
    assert record.outcomes == {"passed": 2, "failed": 2}
    assert [(seed, test) for seed, test, _ in record.failures] == [
        (3, "run_twice.py::gradients.by half"), (4, "run_twice.py::gradients.by half")
    ]  # fmt: skip
    assert "4 tests: 2 passed, 2 failed; 8 of 8 cases judged" in record.told()
