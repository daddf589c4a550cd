"""Whole campaigns: the same numbers however they are spread, and the same end whoever dies."""

import dataclasses
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crosscheck.campaign import campaign
from crosscheck.campaign.chunk import Chunks
from crosscheck.cases import Key
from crosscheck.errors import CrosscheckError
from crosscheck.strategies.stacks import MODELS
from crosscheck.verdicts import Verdict
from tests.crosscheck.campaign.campaign_pairs import (
    DEATH_WARRANT,
    PAIR,
    mortal,
    small_plan,
    with_subject,
    wrong_in_one_matrix,
    wrong_loss,
)

ROOT = Path(__file__).parents[3]
SEVERAL_TASKS = 7 * MODELS


@pytest.fixture(autouse=True)
def short_tasks(monkeypatch):
    """Cut the work into tasks of one chunk; whoever hands it out decides."""
    monkeypatch.setattr("crosscheck.campaign.plan.CHUNKS_AT_ONCE", 1)


TIMES = {"seconds", "models_per_second"}


def numbers(report):
    return {name: value for name, value in json.loads(report.to_json()).items() if name not in TIMES}


@pytest.mark.thorough
def test_counts_do_not_depend_on_the_workers_even_if_one_is_killed(tmp_path, monkeypatch):
    plan = small_plan(SEVERAL_TASKS, dataclasses.replace(PAIR, stacked_subject=mortal), seed=2)
    alone = campaign(plan)
    warrant = tmp_path / "warrant"
    warrant.touch()
    monkeypatch.setenv(DEATH_WARRANT, str(warrant))
    crew = campaign(plan, workers=2)
    assert not warrant.exists()
    assert numbers(crew) == numbers(alone)
    assert crew.counts.models == SEVERAL_TASKS == sum(crew.regimes.values())
    assert crew.counts.agree + crew.counts.inconclusive == SEVERAL_TASKS
    assert crew.verdict is Verdict.AGREE
    assert not multiprocessing.active_children()


@pytest.mark.thorough
def test_batches_of_chunks_do_not_change_a_verdict(monkeypatch):
    pieces = campaign(small_plan(3 * MODELS))
    monkeypatch.setattr("crosscheck.campaign.plan.CHUNKS_AT_ONCE", 3)
    whole = campaign(small_plan(3 * MODELS))
    for name in ("agree", "inconclusive", "disagree", "models"):
        assert getattr(pieces.counts, name) == getattr(whole.counts, name)


@pytest.mark.thorough
def test_the_first_disagreement_is_made_small_and_the_rest_is_not_begun(monkeypatch):
    monkeypatch.setattr("crosscheck.campaign.run.ENOUGH", 3)
    plan = small_plan(SEVERAL_TASKS, with_subject(wrong_in_one_matrix), scale=(0.5, 0.6))
    report = campaign(plan)
    assert report.verdict is Verdict.DISAGREE
    assert report.counts.models < SEVERAL_TASKS
    (finding,) = (finding for finding in report.findings if finding.code == "gradient-differs")
    assert finding.parameter == "Whh"
    culprit = Key.parse(report.reproduce)
    assert sum(culprit.sizes) <= 4
    assert str(culprit) in finding.message
    assert "were not begun or not needed" in str(report)


def test_a_twin_of_another_loss_is_an_error_and_not_a_disagreement():
    report = campaign(small_plan(19, with_subject(wrong_loss)))
    assert report.verdict is Verdict.ERROR
    assert report.error is not None
    assert report.error["code"] == "loss-differs"


def test_an_interrupted_campaign_tells_what_was_judged():
    def interrupt(event):
        raise KeyboardInterrupt

    report = campaign(small_plan(SEVERAL_TASKS), handlers=[interrupt])
    assert report.interrupted
    assert 0 < report.counts.models < SEVERAL_TASKS
    assert "interrupted" in str(report)


def test_answers_that_come_early_wait_for_their_turn(monkeypatch):
    def backwards(plan, workers):
        chunks = Chunks(plan)
        yield from reversed([(task, chunks.judge(task)) for task in plan.tasks()])

    def interrupt(event):
        raise KeyboardInterrupt

    monkeypatch.setattr("crosscheck.campaign.run.on_workers", backwards)
    plan = small_plan(2 * MODELS)
    assert numbers(campaign(plan, workers=2, handlers=[interrupt])) == numbers(campaign(plan, handlers=[interrupt]))


def test_events_tell_the_rate_once_everything_is_compiled():
    events = []
    campaign(small_plan(2 * MODELS), handlers=[events.append])
    assert events[0].models_per_second is None
    assert events[-1].models_per_second
    assert events[-1].done == events[-1].total == 2 * MODELS


def test_a_pair_that_cannot_be_sent_and_no_workers_are_refused():
    local = dataclasses.replace(PAIR, subject=lambda *_: None)
    with pytest.raises(CrosscheckError, match="top of a module"):
        campaign(small_plan(1, local), workers=2)
    with pytest.raises(CrosscheckError, match="at least 1"):
        campaign(small_plan(1), workers=0)


def ends_its_process(parameters, *data):
    os._exit(7)


def test_a_subject_that_ends_every_worker_ends_the_campaign(monkeypatch):
    monkeypatch.setattr("crosscheck.campaign.workers.LIVES", 1)
    pair = dataclasses.replace(PAIR, subject=ends_its_process)
    report = campaign(small_plan(1, pair), workers=2)
    assert report.error is not None
    assert report.error["code"] == "workers-die"
    assert "exit code 7" in report.error["message"]


def command(*options, **how):
    line = [sys.executable, "-m", "crosscheck", "campaign", *options]
    return subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how)


@pytest.mark.thorough
def test_ctrl_c_prints_what_was_judged_and_exits_130(tmp_path):
    file = tmp_path / "report.json"
    process = command(
        "--models", "100000000", "--workers", "2", "--size", "3", "--json", str(file), start_new_session=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "a second" in line:
            break
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert "interrupted" in output
    written = json.loads(file.read_text())
    assert written["interrupted"]
    assert 0 < written["models"] == sum(written["regimes"].values()) < 100_000_000


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--pair", "nosuch"], "choose one of"),
        (["--models", "0"], "at least 1"),
        (["--seed", "-1"], "expected 0"),
        (["--workers", "2", "--dask", "tcp://127.0.0.1:1"], "leave out"),
        (["--dask", "127.0.0.1:1"], "No Dask scheduler answers"),
        (["--json", "/nosuch/folder/report.json"], "cannot be written"),
        (["--case", "nonsense"], "names no case"),
        (["--scale", "3", "1"], "growing"),
    ],
)
def test_bad_input_is_one_sentence(options, words, capsys):
    from crosscheck.cli.entry import run

    assert run(["campaign", *options]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    sentences = [line for line in captured.err.splitlines() if line.startswith("crosscheck: ")]
    assert len(sentences) == 1
    assert words in sentences[0]
    assert "Traceback" not in captured.err


@pytest.mark.thorough
def test_json_on_standard_output_is_one_object_for_a_result_and_for_an_error(capsys):
    from crosscheck.cli.entry import run

    assert run(["campaign", "--models", "50", "--size", "3", "--json", "-"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["models"] == sum(result["counts"][name] for name in ("agree", "inconclusive", "disagree")) == 50
    assert result["parameters"][0]["worst"]["case"].startswith("bulk/")
    key = result["parameters"][0]["worst"]["case"]
    assert run(["campaign", "--size", "3", "--case", key]) == 0
    shown = capsys.readouterr().out
    assert f"--size 3 --case {key}" in shown
    assert "by hand" in shown
    assert run(["campaign", "--models", "0", "--json", "-"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "bad-models"
