"""The pytest plugin, in runs of pytest of their own."""

import importlib
import json
import pkgutil
import shlex

import pytest

import crosscheck
from tests.crosscheck.testing.suites import DECLARED, REGISTERED, SUBJECTS

FEW = "--crosscheck-examples=4"

# A run of pytest inside of this process forgets the modules that it was the first to import: the tests that follow
# would meet some of them a second time. So all of them are imported here.
for _module in pkgutil.walk_packages(crosscheck.__path__, "crosscheck."):
    if "torch_" not in _module.name and not _module.name.endswith("__main__"):
        importlib.import_module(_module.name)


@pytest.fixture
def run(pytester, monkeypatch):
    """Run a suite, and return its result."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)

    def run(suite, *arguments, explain="no"):
        pytester.makepyfile(test_suite=suite)
        return pytester.runpytest_inprocess(FEW, f"--crosscheck-explain={explain}", "-pno:randomly", *arguments)

    return run


def outcomes(result):
    return {
        line.split()[0]: line.split()[1]
        for line in result.outlines
        if line.startswith("test_suite.py::") and " " in line
    }


def test_what_is_registered_is_a_test_of_its_own(run):
    result = run(REGISTERED)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "by half: DISAGREE   4 of 4 cases judged*",
            "*parameters  disagree*4/4*",
            "  reproduce: python -m pytest '*::gradients.by half' --crosscheck-seed 0 --crosscheck-case *",
            "AGREE        test_suite.py::gradients.square   detects *, 4 of 4 cases judged, *",
            "DISAGREE     test_suite.py::gradients.by half   detects *",
        ]
    )


def test_the_command_that_is_printed_shows_the_same_case_again(run, pytester):
    printed = next(line for line in run(REGISTERED).outlines if "reproduce:" in line)
    command = shlex.split(printed.split("reproduce:")[1])
    assert command[:3] == ["python", "-m", "pytest"]
    result = pytester.runpytest_inprocess(*command[3:], "-pno:randomly", "--crosscheck-explain=no")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["by half: DISAGREE   1 of 1 cases judged*"])
    assert any(line.endswith(f"--crosscheck-case {command[-1]}") for line in result.outlines)


def test_declared_tests_of_every_kind(run):
    result = run(DECLARED, "-v")
    told = outcomes(result)
    assert {name.removeprefix("test_suite.py::"): what for name, what in told.items()} == {
        "test_with_a_fixture": "PASSED",
        "test_wrong": "FAILED",
        "test_each[square]": "PASSED",
        "test_each[halved]": "FAILED",
        "TestMethods::test_method": "PASSED",
        "TestUnittest::test_right": "PASSED",
        "TestUnittest::test_wrong": "FAILED",
        "test_given": "PASSED",
        "test_plainly": "PASSED",
        "test_fixture": "PASSED",
    }
    result.stdout.fnmatch_lines(["AGREE        test_suite.py::test_given   detects *, 3 times, *"])


def test_a_test_with_the_twins_arguments_is_the_subject(run):
    suite = f"""{SUBJECTS}
@crosscheck.gradients(twin=loss, cases=EXAMPLE)
def test_itself(parameters, x):
    return halved(parameters, x)
"""
    result = run(suite)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*_ test_itself _*", "itself: DISAGREE*"])


def test_a_test_that_returns_nothing_is_told_so(run):
    result = run(f"{SUBJECTS}\n@crosscheck.gradients(cases=EXAMPLE)\ndef test_nothing():\n    pass\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["test_nothing returned NoneType, expected the subject: return the function*"])


GIVEN = f"""{SUBJECTS}
from hypothesis import Phase


@settings(max_examples=3, database=None, deadline=None, phases=[Phase.generate])
@given(strategies.integers(2, 5))
@crosscheck.gradients(cases=EXAMPLE, examples=2)
def test_given(number):
    return halved


class TestUnittest(unittest.TestCase):
    @settings(max_examples=3, database=None, deadline=None, phases=[Phase.generate])
    @given(strategies.integers(2, 5))
    @crosscheck.gradients(cases=EXAMPLE, examples=2)
    def test_method(self, number):
        return halved
"""


def test_a_test_that_only_judges_shows_the_report_and_no_traceback(run):
    result = run(GIVEN)
    result.assert_outcomes(failed=2)
    shown = "\n".join(result.outlines).partition("= FAILURES =")[2].partition("= gradients =")[0].splitlines()
    beginnings = ("given: DISAGREE", "method: DISAGREE", "Failing test case: ")
    assert [line.partition("   ")[0] for line in shown if line.startswith(beginnings)] == [
        "given: DISAGREE", "Failing test case: test_given(", "method: DISAGREE", "Failing test case: test_method(",
    ]  # fmt: skip
    assert not [line for line in shown if line.startswith((">", "E ")) or "declare.py" in line]


def test_shards_know_a_gradient_below_given(run):
    run(GIVEN, "--crosscheck-shard=1/2").assert_outcomes(failed=1, deselected=1)


def test_the_reason_and_a_repair_are_found_with_the_arguments_of_the_test(run, pytester):
    pytester.makepyfile(
        layers="""
        import numpy as np

        def judged(theta, rows):
            h = np.tanh(rows @ theta["v"])
            dz = 2 * h * (1 - h)
            return (h * h).sum(), {"v": rows.T @ dz}
    """
    )
    example = '({"v": random.normal(size=3)}, random.normal(size=(7, 3)))'
    result = run(f"{SUBJECTS}\nimport layers\ncrosscheck.register(layers.judged, cases={example})", explain="yes")
    result.stdout.fnmatch_lines(
        [
            "  why: layers.py, line 5: the derivative in dz * [[]wrong-activation-derivative]",
            "  repair: under this edit it agrees on 20 fresh cases*",
            "    -    dz = 2 * h * (1 - h)",
            "    +    dz = 2 * h * (1 - h * h)",
        ]
    )


def test_two_subjects_cannot_have_one_name(run):
    result = run(f"{REGISTERED}\ncrosscheck.register(square, cases=EXAMPLE)\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*Two gradients are registered as 'square': pass name=... to one of them."])


def test_inconclusive_fails_or_is_skipped_or_passes_as_is_wished(run, pytester):
    suite = f"""{SUBJECTS}
def overflows(parameters, x):
    return float("nan"), parameters * float("nan")

crosscheck.register(overflows, cases=EXAMPLE)
"""
    verdict = run(suite, "--crosscheck-inconclusive=pass")
    verdict.stdout.fnmatch_lines(["INCONCLUSIVE *"])
    verdict.assert_outcomes(passed=1)
    pytester.runpytest_inprocess(FEW, "--crosscheck-inconclusive=skip").assert_outcomes(skipped=1)
    pytester.runpytest_inprocess(FEW, "--crosscheck-explain=no").assert_outcomes(failed=1)


def test_dash_q_says_it_in_one_line(run):
    result = run(REGISTERED, "-q")
    assert "2 gradients: 1 agree, 1 disagree" in result.outlines


def test_switched_off_it_does_nothing(pytester):
    pytester.makepyfile(test_suite=REGISTERED + "\ndef test_other():\n    pass\n")
    result = pytester.runpytest_inprocess("-pno:crosscheck")
    result.assert_outcomes(passed=1)
    assert "gradients" not in result.stdout.str()


@pytest.mark.parametrize("place", ["ini", "toml", "command"])
def test_settings_may_stand_in_three_places(pytester, place):
    arguments = []
    if place == "ini":
        pytester.makeini("[pytest]\ncrosscheck_examples = 3\ncrosscheck_seed = 8\n")
    elif place == "toml":
        pytester.makepyprojecttoml("[tool.crosscheck.pytest]\nexamples = 3\nseed = 8\n")
    else:
        arguments = ["--crosscheck-examples=3", "--crosscheck-seed=8"]
    pytester.makepyfile(test_suite=f"{SUBJECTS}\ncrosscheck.register(square, cases=EXAMPLE)\n")
    result = pytester.runpytest_inprocess(*arguments)
    result.stdout.fnmatch_lines(["crosscheck: seed 8", "AGREE *, 3 of 3 cases judged, *"])


def test_a_test_wins_over_the_files_and_the_command_line_over_both(pytester):
    pytester.makeini("[pytest]\ncrosscheck_examples = 3\n")
    pytester.makepyfile(test_suite=f"{SUBJECTS}\ncrosscheck.register(square, cases=EXAMPLE, examples=2)\n")
    pytester.runpytest_inprocess().stdout.fnmatch_lines(["AGREE *, 2 of 2 cases judged, *"])
    pytester.runpytest_inprocess("--crosscheck-examples=5").stdout.fnmatch_lines(["AGREE *, 5 of 5 cases judged, *"])


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("--crosscheck-examples=0", "--crosscheck-examples is '0', which is no value for it (it must be above 0)*"),
        ("--crosscheck-seed=x", "--crosscheck-seed is 'x'*"),
        ("--crosscheck-inconclusive=maybe", "inconclusive is 'maybe', expected one of fail, skip, pass*"),
        ("--crosscheck-shard=3/2", "--crosscheck-shard is '3/2', expected a part and the number of parts*"),
        ("--crosscheck-update-baseline", "There is no baseline to update: name its file*"),
        ("--crosscheck-baseline=. --crosscheck-update-baseline", ". cannot be read as a baseline *Is a directory*"),
        ("--crosscheck-baseline=no/b.toml --crosscheck-update-baseline", "*there is no folder no: make it, or*"),
    ],
)
def test_what_is_written_wrongly_is_refused_at_once(run, written, sentence):
    result = run(REGISTERED, *written.split())
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {sentence}"])


def test_an_unknown_setting_is_refused(pytester):
    pytester.makepyprojecttoml("[tool.crosscheck.pytest]\nexample = 3\n")
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*sets example in [[]tool.crosscheck.pytest[]], which may hold baseline, *"])


def test_regimes_can_be_chosen(run, pytester):
    result = run(
        REGISTERED, "--crosscheck-regimes=tiny,large", "-k", "square", f"--crosscheck-json={pytester.path}/r.json"
    )
    result.assert_outcomes(passed=1)
    (subject,) = json.loads((pytester.path / "r.json").read_text())["files"]
    assert set(subject["regimes"]) == {"tiny", "large"}


def test_a_spent_budget_is_reported_and_not_passed_over(run, pytester, monkeypatch):
    monkeypatch.setattr("crosscheck.run.BATCH", 3)
    spent = ("-k", "square", "--crosscheck-budget=0.001", "--crosscheck-examples=4")
    quiet = run(REGISTERED, "-q", *spent)
    assert "1 gradient: 1 agree; the budget left cases of 1 unjudged" in quiet.outlines
    result = pytester.runpytest_inprocess(*spent)
    result.stdout.fnmatch_lines(["*The budget of 0.001 s was spent after 3 of 4 cases: the others were not judged."])


def test_shards_share_the_gradients_and_leave_other_tests_alone(run):
    suite = f"{REGISTERED}\n\ndef test_other():\n    pass\n"
    first, second = (outcomes(run(suite, "-v", f"--crosscheck-shard={part}/2")) for part in (1, 2))
    assert set(first) & set(second) == {"test_suite.py::test_other"}
    assert len(set(first) | set(second)) == 3


def test_workers_of_xdist_send_their_reports_and_share_a_fresh_seed(run):
    result = run(REGISTERED, "-n2", "--crosscheck-seed=fresh")
    result.assert_outcomes(passed=1, failed=1)
    seeds = {line.split()[-1] for line in result.outlines if line.startswith("crosscheck: seed")}
    printed = next(line for line in result.outlines if "reproduce:" in line)
    assert len(seeds) == 1
    assert f"--crosscheck-seed {seeds.pop()} " in printed
    assert sum(line.startswith(("AGREE", "DISAGREE")) for line in result.outlines) == 2


def test_last_failed_runs_the_wrong_one_again(run, pytester):
    run(REGISTERED).assert_outcomes(passed=1, failed=1)
    pytester.runpytest_inprocess(FEW, "--lf", "--crosscheck-explain=no").assert_outcomes(failed=1)
