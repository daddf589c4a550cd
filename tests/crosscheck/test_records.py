"""What a training writes down: true, whole after a kill, and going on where the training goes on."""

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from crosscheck.builtin import train as training
from crosscheck.cli.entry import run
from crosscheck.cli.exits import Exit
from crosscheck.reports.recordings import read_recording
from manual.checkpoints import load
from manual.flow import gradient_flow
from manual.rnn import loss_and_gradients
from manual.text import Vocabulary

SONNETS = files("crosscheck.builtin").joinpath("sonnets.txt").read_text(encoding="utf-8")
SMALL = ("--hidden-size", "7", "--sequence-length", "5")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    Path("text.txt").write_text(SONNETS, encoding="utf-8")
    return tmp_path


def trained(*options, expected=Exit.AGREE):
    assert run(["train", "text.txt", *SMALL, "--checkpoint", "c", *options]) == expected


def resumed(*options):
    assert run(["train", "text.txt", "--resume", "c", *options]) == 0


def lines(path="r.jsonl"):
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def steps(path="r.jsonl"):
    return [line["step"] for line in lines(path) if "step" in line]


@pytest.mark.parametrize(
    ("engine", "clip", "text"),
    [
        ("manual", "value", "whole"), ("manual", "norm", "whole"), ("autodiff", "value", "whole"),
        ("manual", "value", "documents"), ("manual", "value", "streams"),
    ],
)  # fmt: skip
def test_a_step_is_what_the_parameters_before_it_say(engine, clip, text):
    """The fourth step begins a document: the hidden state starts afresh."""
    options = ["--engine", engine, "--clip", clip, "--clip-bound", "0.01"]
    layout = {"whole": (), "documents": ("--document-length", "13"), "streams": ("--batch", "2")}[text]
    trained("--steps", "3", *layout)
    before = load("c").state
    resumed("--steps", "4", *options, "--record", "r.jsonl")
    head, line = lines()
    indices = Vocabulary.from_text(SONNETS).encode(SONNETS)
    rows = indices[: len(indices) // 2 * 2].reshape(2, -1).T if text == "streams" else indices
    at, state = (13, np.zeros(7)) if text == "documents" else (15, before.hidden_state)
    data = (before.parameters, rows[at : at + 5], rows[at + 1 : at + 6], state)
    evaluation = loss_and_gradients(*data)
    assert (head["engine"], head["settings"]["clip"], head["hidden_size"]) == (engine, clip, 7)
    assert line["loss"] == pytest.approx(evaluation.loss, rel=1e-12)
    whole = np.sqrt(sum((g**2).sum() for g in evaluation.gradients))
    changed = 0
    for (name, (one, two)), g in zip(line["norms"].items(), evaluation.gradients, strict=True):
        after = np.clip(g, -0.01, 0.01) if clip == "value" else g / whole * 0.01
        changed += (np.abs(g) > 0.01).sum()
        assert one == pytest.approx(np.linalg.norm(g), rel=1e-5), name
        assert two == pytest.approx(np.linalg.norm(after), rel=1e-5), name
    share = changed / sum(g.size for g in evaluation.gradients) if clip == "value" else 1
    assert line["clipped"] == pytest.approx(share, rel=1e-5)
    flow = gradient_flow(*data)
    flow = np.sqrt((flow**2).mean(axis=-1)) if text == "streams" else flow
    assert line["flow"] == pytest.approx(flow, rel=1e-5)


def test_the_first_steps_the_last_and_every_so_many_are_recorded():
    trained("--steps", "47", "--record", "r.jsonl", "--record-every", "20", "--sample-every", "30")
    assert steps() == [*range(1, 21), 40, 47]
    assert [line["after"] for line in lines() if "sample" in line] == [0, 30]
    assert len(read_recording(Path("r.jsonl")).samples[1][1]) == 200


@pytest.mark.parametrize("torn", [False, True])
def test_a_resumed_training_goes_on_in_its_record_without_doubling(torn):
    options = ("--record-every", "5", "--sample-every", "10")
    trained("--steps", "40", "--record", "whole.jsonl", *options)
    trained("--steps", "17", "--record", "r.jsonl", *options)
    kept = Path("c").read_bytes()
    resumed("--steps", "31", "--record", "r.jsonl", *options)
    # Killed: the checkpoint is that of step 17, and the record goes further.
    Path("c").write_bytes(kept)
    if torn:
        with Path("r.jsonl").open("a") as file:
            file.write('{"step": 32, "lo')
        assert read_recording(Path("r.jsonl")).steps[-1] == 31
        before = Path("r.jsonl").read_bytes()
        resumed("--steps", "17", "--record", "r.jsonl")  # nothing to do, nothing lost
        assert Path("r.jsonl").read_bytes() == before
    resumed("--steps", "40", "--record", "r.jsonl", *options)
    assert steps() == [1, 2, 3, 4, 5, 10, 15, 17, 20, 25, 30, 35, 40]
    assert read_recording(Path("r.jsonl")).resumed == (17,)
    parts = [line for line in lines() if "crosscheck" not in line and line.get("step") != 17]
    assert parts == [line for line in lines("whole.jsonl") if "crosscheck" not in line]
    before = Path("r.jsonl").read_bytes()
    resumed("--steps", "40", "--record", "r.jsonl")
    assert Path("r.jsonl").read_bytes() == before


def interrupted(monkeypatch, step, error):
    """Let the engine fail at a step, after whatever was seen until then was kept."""
    made, seen = training.engine_from, {}

    def engine_from(settings):
        engine, calls = made(settings), iter(range(1, step + 1))

        def failing(*arguments):
            if next(calls) == step:
                seen["record"] = Path("r.jsonl").read_bytes()
                raise error
            return engine(*arguments)

        return failing

    monkeypatch.setattr(training, "engine_from", engine_from)
    return seen


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), Exit.INTERRUPTED), (MemoryError(), Exit.NOT_RUN)])
def test_however_it_ends_the_record_is_there_and_so_is_the_page(monkeypatch, error, code, capfd):
    seen = interrupted(monkeypatch, 9, error)
    trained("--steps", "20", "--html", "r.html", "--record-every", "3", expected=code)
    # Each line was on its way before the next step began.
    assert [json.loads(line).get("step") for line in seen["record"].splitlines()] == [None, 1, 2, 3, 6]
    assert steps() == [1, 2, 3, 6, 8]
    assert "<title>Training: r" in Path("r.html").read_text(encoding="utf-8")
    out = capfd.readouterr().out
    assert "recorded in r.jsonl, shown in r.html" in out
    if code is Exit.INTERRUPTED:
        assert "crosscheck train text.txt --resume c --record-every 3 --html r.html --steps N" in out


def test_a_training_that_ends_before_its_first_step_has_no_page(monkeypatch, capfd):
    interrupted(monkeypatch, 1, KeyboardInterrupt())
    trained("--html", "r.html", expected=Exit.INTERRUPTED)
    assert not Path("r.html").exists()
    assert run(["plot", "r.jsonl"]) == Exit.NOT_RUN
    assert "holds no steps yet" in capfd.readouterr().err


def test_free_records_both_engines_and_shows_how_they_drift(capfd):
    trained("--free", "--steps", "40", "--record", "r.jsonl", "--html", "page.html")
    assert "recorded in r-manual.jsonl r-autodiff.jsonl, shown in page.html" in capfd.readouterr().out
    assert steps("r-manual.jsonl") == steps("r-autodiff.jsonl")
    assert [lines(f"r-{engine}.jsonl")[0]["engine"] for engine in ("manual", "autodiff")] == ["manual", "autodiff"]
    assert "Drift of the smoothed losses" in Path("page.html").read_text(encoding="utf-8")
    resumed("--free", "--steps", "41", "--record", "r.jsonl")
    assert [read_recording(Path(f"r-{engine}.jsonl")).resumed for engine in ("manual", "autodiff")] == [(40,), (40,)]
    assert run(["plot", "r-manual.jsonl", "r-autodiff.jsonl"]) == 0
    out = capfd.readouterr().out
    assert "r-autodiff: step 41, loss" in out
    assert "bits per symbol" in out
    assert "difference of the smoothed losses" in out


def test_the_options_may_stand_in_the_settings():
    Path("pyproject.toml").write_text('[tool.crosscheck.train]\nrecord-every = 7\nhtml = "set.html"\n')
    trained("--steps", "15")
    assert steps("set.jsonl") == [*range(1, 8), 14, 15]
    assert Path("set.html").exists()


def test_norms_that_are_no_numbers_are_strings(monkeypatch):
    monkeypatch.setattr("crosscheck.builtin.records.gradient_flow", lambda *_, **__: np.array([np.inf, np.nan, 1.0]))
    trained("--steps", "2", "--record", "r.jsonl", "--clip", "none", "--learning-rate", "1e-9")
    assert lines()[-1]["flow"] == ["inf", "nan", 1.0]
    assert lines()[-1]["clipped"] == 0
    np.testing.assert_array_equal(read_recording(Path("r.jsonl")).flow[-1], [np.inf, np.nan, 1.0])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--record", "text.txt"), "is the text: name another file"),
        (("--record", "c"), "is the checkpoint: name another file"),
        (("--record", "other.txt"), "is no recording of a training: name another file"),
        (("--record", "missing/r.jsonl"), "cannot be written (No such file or directory)"),
        (("--record", "/dev/null"), "not a regular file"),
        (("--record", "."), "not a regular file"),
        (("--record", "-"), "--record needs a file"),
        (("--html", "-"), "--html needs a file"),
        (("--html", "text.txt"), "is the text: name another file"),
        (("--html", "missing/r.html"), "no folder missing"),
        (("--html", "r", "--record", "r"), "name the same file"),
    ],
)
def test_a_record_that_cannot_be_written_is_refused_before_the_first_step(options, expected, capfd):
    Path("other.txt").write_text("my diary\n")
    trained("--steps", "3", *options, expected=Exit.NOT_RUN)
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert expected in err
    assert Path("other.txt").read_text() == "my diary\n"
    assert not Path("c").exists()


@pytest.mark.parametrize("other", [("--hidden-size", "5"), (*SMALL, "--seed", "1")])
def test_the_record_of_another_training_is_not_gone_on_with(other, capfd):
    trained("--steps", "3", "--record", "r.jsonl")
    assert run(["train", "text.txt", *other, "--steps", "3", "--checkpoint", "d"]) == 0
    before = Path("r.jsonl").read_bytes()
    assert run(["train", "text.txt", "--resume", "d", "--record", "r.jsonl", "--steps", "5"]) == Exit.NOT_RUN
    assert "a recording of another training" in capfd.readouterr().err
    assert Path("r.jsonl").read_bytes() == before


HEAD = '{"crosscheck": "training", "version": 1}\n'
STEP = '{"step": 1, "loss": 1, "smoothed_loss": 1, "bits_per_symbol": 1, "error": 1}\n'
FOREIGN = {
    "nothing": ("", "is no recording of a training"),
    "other lines": ('{"loss": 1}\n', "is no recording of a training"),
    "a text": ("To be, or not to be\n", "is no recording of a training"),
    "bytes": (b"\xff\x00\xfe\n".decode("latin-1"), "is no recording of a training"),
    "later version": (HEAD.replace("1", "2"), "is of version 2"),
    "no steps": (HEAD, "holds no steps yet"),
    "no JSON": (HEAD + STEP + "oops\n" + STEP, "Line 3 of"),
    "something else": (HEAD + STEP + '{"step": 2}\n', "Line 3 of"),
    "no count": (HEAD + STEP.replace('"step": 1', '"step": 1.5'), "Line 2 of"),
    "no place": (HEAD + STEP + '{"after": "x", "sample": "y"}\n', "Line 3 of"),
    "no norms": (HEAD + STEP.replace("}", ', "norms": 5}'), "Line 2 of"),
    "no number": (HEAD + STEP.replace(": 1,", ': "x",'), "Line 2 of"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_is_no_recording_is_refused_with_a_sentence(kind, capfd):
    text, expected = FOREIGN[kind]
    Path("r.jsonl").write_text(text, encoding="latin-1")
    assert run(["plot", "r.jsonl"]) == Exit.NOT_RUN
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert expected in err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["missing"], "There is no file missing"),
        (["."], "cannot be read"),
        (["r.jsonl", "r.jsonl"], "named twice"),
        ([f"{number}.jsonl" for number in range(7)], "at most 6"),
        (["r.jsonl", "--html", "r.jsonl"], "is one of the runs"),
        (["r.jsonl", "--html", "-"], "needs a file"),
        (["r.jsonl", "--html", "missing/r.html"], "no folder missing"),
        ([], "Missing argument"),
    ],
)
def test_bad_arguments_of_plot(arguments, expected, capfd):
    Path("r.jsonl").write_text(HEAD + STEP)
    assert run(["plot", *arguments]) == Exit.NOT_RUN
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert expected in err


def test_the_least_that_a_recording_holds_can_be_plotted(capfd):
    Path("r.jsonl").write_text(HEAD + STEP)
    assert run(["plot", "r.jsonl"]) == 0
    assert "r: step 1, loss 1.000" in capfd.readouterr().out
    assert run(["plot", "r.jsonl", "--html", "r.html"]) == 0
    assert "Bits per symbol" in Path("r.html").read_text(encoding="utf-8")
