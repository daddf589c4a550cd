"""The judge judged: every mutant is killed by its finding, every odd variant acquitted, every regime has its reason.

`kill_table.json`, beside this file, holds what is expected of each mutant: the findings, the regimes in which it dies
among one case of each, and its smallest case. `crosscheck mutants --json tests/crosscheck/kill_table.json` writes it.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from crosscheck.builtin import character_rnn
from crosscheck.builtin.mutants import CATALOGUE, VARIANTS, WITNESSES, Bench, Mutant, Trial
from crosscheck.builtin.mutants.killing import ALL
from crosscheck.builtin.mutants.kinds import KINDS
from crosscheck.builtin.mutants.run import run_mutants
from crosscheck.door import check
from crosscheck.verdicts import Severity, Verdict

EXPECTED = json.loads(Path(__file__).with_name("kill_table.json").read_text(encoding="utf-8"))
BY_NAME = {mutant.name: mutant for mutant in CATALOGUE}

# All backward passes, and two changes of each clip and optimiser; `crosscheck mutants` tries them all.
_RULES = {rule: [mutant for mutant in CATALOGUE if mutant.rule == rule][-2:] for rule in {m.rule for m in CATALOGUE}}
IN_THE_SUITE = [mutant for mutant in CATALOGUE if mutant.rule is None or mutant in _RULES[mutant.rule]]

# Of each kind one for each finding. Kind 36 picks up something from an earlier case: one case never shows it.
ONE_OF_EACH = {(mutant.kind, mutant.code): mutant.name for mutant in reversed(CATALOGUE) if mutant.kind != 36}


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench()


@pytest.fixture(scope="module")
def trial_of(bench: Bench) -> Callable[[str], Trial]:
    @cache
    def tried(name: str) -> Trial:
        np.random.seed(0)  # noqa: NPY002 - one mutant draws from this state: of a single error one in thirty is too small
        return bench.kill(BY_NAME[name])

    return tried


def test_the_catalogue_covers_every_kind_under_unique_names():
    assert len(CATALOGUE) >= 60
    assert len(BY_NAME) == len(CATALOGUE)
    assert {mutant.kind for mutant in CATALOGUE} == set(KINDS)
    assert all(mutant.meaning.endswith(".") for mutant in (*CATALOGUE, *VARIANTS))
    assert BY_NAME.keys() == EXPECTED.keys()


def test_an_edit_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"holds 'dh' .* times, not once"):
        Mutant("vague", 1, "Two places.", {"dh": "dz"}).functions()


@pytest.mark.thorough
@pytest.mark.parametrize("mutant", IN_THE_SUITE, ids=lambda mutant: mutant.name)
def test_every_mutant_is_killed_by_its_finding_in_its_regimes(trial_of, mutant):
    trial = trial_of(mutant.name)
    expected = EXPECTED[mutant.name]
    assert trial.killed, f"{mutant.meaning}\n{trial.report}"
    assert trial.report.verdict in (Verdict.DISAGREE, Verdict.ERROR)
    assert list(dict.fromkeys(case.key.regime for case in trial.wrong)) == expected["regimes"]
    assert set(trial.codes) == set(expected["findings"])


@pytest.mark.thorough
@pytest.mark.parametrize("name", ONE_OF_EACH.values())
def test_mutants_die_in_their_smallest_case(bench, name):
    trial = bench.try_in(BY_NAME[name], only=EXPECTED[name]["case"])
    assert trial.killed, trial.report


@pytest.mark.parametrize("mutant", [m for m in CATALOGUE if m.rule is None], ids=lambda mutant: mutant.name)
def test_only_arrays_that_differ_are_blamed(trial_of, mutant):
    """What the original and the mutant return alike, bit for bit, is never called wrong."""
    trial = trial_of(mutant.name)
    original = Mutant("original", 0, "", {}).pair()
    for case in trial.wrong[:3]:
        right = original.subject(*original.cases.build(case.key).arguments)
        for name, array in right.gradients._asdict().items():
            if np.array_equal(case.outcome[name], array):
                assert not case.comparisons[name].wrong.any(), (case.key, name)


@pytest.mark.parametrize("variant", VARIANTS, ids=[variant.name for variant in VARIANTS])
def test_right_code_that_looks_odd_is_acquitted(bench, variant):
    trial = bench.try_in(variant, examples=ALL)
    assert trial.report.verdict is Verdict.AGREE, trial.report
    assert {finding.severity for finding in trial.report.findings} <= {Severity.NOTE}
    assert ("prints" in {finding.code for finding in trial.report.findings}) == (variant.name == "prints")


@pytest.mark.thorough
def test_announced_truncation_is_acquitted_and_unannounced_is_not(bench):
    announced = replace(character_rnn.pair(window=5), rules=(), probes=None)
    assert check(pair=announced, examples=17).verdict is Verdict.AGREE
    silent = replace(announced, twin=character_rnn.pair().twin)
    assert check(pair=silent, examples=17, oracle=bench.oracle(VARIANTS[0])).verdict is Verdict.DISAGREE


def test_there_is_a_witness_for_every_regime():
    regimes = {regime.name for regime in BY_NAME["carry-missing"].pair().cases.regimes}
    assert WITNESSES.keys() == regimes


@pytest.mark.parametrize("regime", WITNESSES)
def test_each_regime_is_there_because_some_mutant_dies_by_its_property_alone(bench, regime):
    name, exposed_by = WITNESSES[regime]
    mutant = BY_NAME[name]
    trial = bench.try_in(mutant, examples=ALL)
    cases = mutant.pair().cases
    died = {case.key for case in trial.wrong}
    assert any(case.key.regime == regime for case in trial.wrong)
    for case in trial.cases:
        by_accident = exposed_by is not None and exposed_by(cases.build(case.key).arguments, case.reference)
        if case.key.regime != regime and not by_accident:
            assert case.key not in died, case.key


@pytest.mark.thorough
def test_survivors_and_condemned_variants_fail_the_run(bench, capsys, tmp_path):
    harmless = Mutant("harmless", 1, "It changes nothing that matters.", {"* h[t]) * dh": "* h[t]) * dh * 1"})
    wrong = BY_NAME["carry-missing"]
    assert run_mutants([wrong, harmless], [], bench=bench) is Verdict.DISAGREE
    assert "harmless survives, and should be killed by gradient-differs" in capsys.readouterr().out
    assert run_mutants([wrong], [wrong], bench=bench) is Verdict.DISAGREE
    assert "carry-missing is right, and was not acquitted" in capsys.readouterr().out
    file = tmp_path / "table.json"
    assert run_mutants([wrong], [VARIANTS[0]], file, bench) is Verdict.AGREE
    assert json.loads(file.read_text(encoding="utf-8")) == {wrong.name: EXPECTED[wrong.name]}
