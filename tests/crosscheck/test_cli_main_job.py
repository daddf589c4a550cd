"""`crosscheck` alone."""

import dataclasses

import pytest

from crosscheck.builtin import main_job as module
from crosscheck.builtin.lockstep import Lockstep
from crosscheck.cli.entry import run
from crosscheck.report import Report
from crosscheck.verdicts import Verdict

EMPTY = Report("rnn", 0, 1, 1, 0.0, (), (), (), {}, "")


def test_all_of_it_at_60_columns_without_a_terminal(monkeypatch, capfd, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "60")
    assert run(["--examples", "13", "--steps", "7"]) == 0
    out, err = capfd.readouterr()
    assert "\x1b" not in out + err
    sample_starts, sample_ends = (place for place, line in enumerate(out.splitlines()) if line == "----")
    lines = out.splitlines()
    assert max(map(len, lines[:sample_starts] + lines[sample_ends:])) <= 60
    for row in ("loss", "Wxh", "Whh", "Why", "bh", "by", "initial state", "final state"):
        assert any(line.startswith(row) and " agree" in line for line in lines)
    for column in ("gradient", "clipped", "adagrad", "detects"):
        assert column in out
    assert "step      7  loss" in out
    assert lines[-1].startswith("AGREE  rnn: 13 random cases, 7 training steps")
    assert "compiling" in err


@pytest.mark.parametrize(
    ("of_pairs", "of_training", "code"),
    [
        (Verdict.AGREE, Verdict.AGREE, 0),
        (Verdict.DISAGREE, Verdict.AGREE, 1),
        (Verdict.AGREE, Verdict.DISAGREE, 1),
        (Verdict.ERROR, Verdict.AGREE, 2),
        (Verdict.AGREE, Verdict.INCONCLUSIVE, 3),
    ],
)
def test_pairs_and_training_decide_together(of_pairs, of_training, code, monkeypatch, capfd):
    class Said(Report):
        verdict = of_pairs

    report = Said(**{field.name: getattr(EMPTY, field.name) for field in dataclasses.fields(EMPTY)})
    monkeypatch.setattr(module, "check", lambda **_: report)
    monkeypatch.setattr(module._Training, "compile", lambda _: None)
    monkeypatch.setattr(module._Training, "run", lambda *_: None)
    monkeypatch.setattr(Lockstep, "verdict", of_training)
    assert run([]) == code
    assert capfd.readouterr().out.startswith({0: "AGREE", 1: "DISAGREE", 2: "ERROR", 3: "INCONCLUSIVE"}[code])


def test_what_was_found_before_ctrl_c_is_printed(monkeypatch, capfd):
    def interrupted(*, pair, handlers, **_):
        checked = real(pair=pair, examples=3, handlers=handlers)
        assert checked.verdict is Verdict.AGREE
        raise KeyboardInterrupt

    real = module.check
    monkeypatch.setattr(module, "check", interrupted)
    monkeypatch.setattr(module._Training, "compile", lambda _: None)
    assert run([]) == 130
    out, err = capfd.readouterr()
    assert "in 3 random cases" in out
    assert "Traceback" not in err
