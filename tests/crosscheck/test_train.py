"""`crosscheck train` and `crosscheck sample`: real files, real processes, and whatever can be wrong with them."""

import io
import os
import signal
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from crosscheck.cli import entry
from crosscheck.cli.entry import run
from crosscheck.cli.exits import Exit

ROOT = Path(__file__).resolve().parents[2]
SONNETS = files("crosscheck.builtin").joinpath("sonnets.txt").read_text(encoding="utf-8")
SMALL = ("--hidden-size", "7", "--sequence-length", "5")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    Path("text.txt").write_text(SONNETS, encoding="utf-8")
    return tmp_path


def start(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "crosscheck", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def contents(path):
    """Return what a checkpoint holds, bit for bit. The files may differ: safetensors writes metadata in any order."""
    with safe_open(path, framework="np") as file:
        tensors = {name: file.get_tensor(name).tobytes() for name in file.keys()}  # noqa: SIM118 (no mapping)
        return tensors | file.metadata()


class TestATraining:
    def test_prints_results_and_tells_progress_apart(self, capfd):
        assert run(["train", "text.txt", *SMALL, "--steps", "41"]) == 0
        out, err = capfd.readouterr()
        assert "after step 41: loss" in out
        assert "bits/symbol" in out
        assert "crosscheck train text.txt --resume text.safetensors" in out
        assert "step 1  loss" in err
        assert "step 40  loss" in err
        assert err.rstrip().splitlines()[-1].startswith("step 41 ")
        assert "\x1b" not in out + err

    def test_twice_in_a_row_overwrites_nothing_that_was_not_named(self, capfd):
        for expected in ("text.safetensors", "text-2.safetensors", "text-3.safetensors"):
            assert run(["train", "text.txt", *SMALL, "--steps", "3"]) == 0
            assert f"saved to {expected};" in capfd.readouterr().out
        assert contents("text.safetensors") == contents("text-2.safetensors")

    def test_one_run_of_40_steps_is_a_run_of_17_resumed(self, capfd):
        assert run(["train", "text.txt", *SMALL, "--steps", "40", "--checkpoint", "whole", "--sample-every", "10"]) == 0
        whole = capfd.readouterr().out
        assert run(["train", "text.txt", *SMALL, "--steps", "17", "--checkpoint", "part", "--sample-every", "10"]) == 0
        assert run(["train", "text.txt", "--resume", "part", "--steps", "40", "--sample-every", "10"]) == 0
        parts = capfd.readouterr().out
        assert contents("whole") == contents("part")
        assert (
            whole.split("---- after 20 steps")[1].split("saved")[0]
            == (parts.split("---- after 20 steps")[1].split("saved")[0])
        )
        assert run(["train", "text.txt", "--resume", "part", "--steps", "40"]) == 0
        assert "nothing to do" in capfd.readouterr().out

    @pytest.mark.parametrize(
        "options",
        [
            ("--level", "word"),
            ("--batch", "3", "--optimiser", "adam", "--clip", "norm"),
            ("--document-length", "13", "--dtype", "float32"),
            ("--document-separator", r"\n", "--window", "2", "--clip", "none", "--learning-rate", "0.01"),
            ("--epochs", "1"),
        ],
    )  # fmt: skip
    def test_with_every_kind_of_option(self, options, capfd):
        limit = () if "--epochs" in options else ("--steps", "7")
        assert run(["train", "text.txt", *SMALL, *limit, *options, "--checkpoint", "c"]) == 0
        assert run(["sample", "c", "--length", "11"]) == 0
        assert capfd.readouterr().err.count("Warning") == 0

    def test_a_lower_learning_rate_may_be_chosen_on_the_way(self):
        run(["train", "text.txt", *SMALL, "--steps", "3", "--checkpoint", "c"])
        before = contents("c")
        assert run(["train", "text.txt", "--resume", "c", "--steps", "4", "--learning-rate", "1e-300"]) == 0
        after = contents("c")
        assert after["parameters.Whh"] == before["parameters.Whh"]
        assert after["optimiser.memory.Whh"] != before["optimiser.memory.Whh"]

    def test_one_that_diverges_says_so_and_keeps_the_last_checkpoint(self, capfd):
        run(["train", "text.txt", *SMALL, "--steps", "3", "--checkpoint", "c", "--optimiser", "sgd"])
        before = Path("c").read_bytes()
        arguments = ["--resume", "c", "--steps", "500", "--learning-rate", "1e308"]
        assert run(["train", "text.txt", *arguments]) == Exit.NOT_RUN
        assert "diverged" in capfd.readouterr().err
        assert Path("c").read_bytes() == before

    @pytest.mark.thorough
    def test_lockstep_exits_with_a_verdict(self, capfd, monkeypatch):
        from crosscheck.builtin import lockstep
        from manual import rnn

        arguments = ["train", "text.txt", *SMALL, "--engine", "lockstep", "--checkpoint", "c", "--steps"]
        assert run([*arguments, "3"]) == Exit.AGREE
        assert "AGREE in 3 steps of lockstep" in capfd.readouterr().out

        def without_dhnext(*data, window, **options):
            return rnn.loss_and_gradients(*data, window=1, **options)

        monkeypatch.setattr(lockstep, "loss_and_gradients", without_dhnext)
        assert run([*arguments, "3"]) == Exit.DISAGREE
        out = capfd.readouterr().out
        assert "differs gradient of Whh" in out
        assert "DISAGREE" in out
        assert "--engine lockstep --steps 1" in out

    def test_going_on_repeats_what_no_checkpoint_holds(self, capfd):
        arguments = [*SMALL, "--steps", "3", "--checkpoint", "c", "--save-every", "2", "--sample-every", "2"]
        assert run(["train", "text.txt", *arguments, "--engine", "autodiff"]) == 0
        going_on = "crosscheck train text.txt --resume c --engine autodiff --sample-every 2 --save-every 2 --steps N"
        assert going_on in capfd.readouterr().out

    @pytest.mark.parametrize(("stream", "code"), [("stdout", Exit.UNREAD), ("stderr", Exit.UNREAD)])
    def test_is_saved_even_if_nobody_reads_the_output(self, stream, code, monkeypatch):
        class NobodyReads(io.StringIO):
            def write(self, _text):
                raise BrokenPipeError

        monkeypatch.setattr(entry, "_discard_output", lambda: None)
        monkeypatch.setattr(sys, stream, NobodyReads())
        assert run(["train", "text.txt", *SMALL, "--steps", "3", "--checkpoint", "c"]) == code
        assert Path("c").exists()

    def test_free_plots_the_drift(self, capfd):
        assert run(["train", "text.txt", "--hidden-size", "43", "--free", "--steps", "60", "--checkpoint", "c"]) == 0
        out = capfd.readouterr().out
        assert "difference of the smoothed losses" in out
        assert "•" in out
        assert Path("c").exists()


class TestCtrlC:
    def test_saves_says_where_and_the_run_goes_on_bit_for_bit(self):
        process = start("train", "text.txt", *SMALL, "--steps", "1000000", "--checkpoint", "c")
        assert process.stderr is not None
        process.stderr.readline()  # the first step is taken
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == Exit.INTERRUPTED
        assert "Traceback" not in err
        assert "saved to c;" in out
        reached = int(out.split("after step ")[1].split(":")[0].replace(",", ""))
        assert run(["train", "text.txt", "--resume", "c", "--steps", str(reached + 13)]) == 0
        assert run(["train", "text.txt", *SMALL, "--steps", str(reached + 13), "--checkpoint", "whole"]) == 0
        assert contents("c") == contents("whole")


class TestSample:
    @pytest.fixture
    def model(self, capfd):
        run(["train", "text.txt", *SMALL, "--steps", "7", "--checkpoint", "model"])
        capfd.readouterr()
        return "model"

    def test_is_decided_by_its_seed(self, model, capfd):
        texts = []
        for seed in (3, 3, 5):
            assert run(["sample", model, "--prime", "Thou ", "--length", "31", "--seed", str(seed)]) == 0
            texts.append(capfd.readouterr().out)
        assert texts[0] == texts[1] != texts[2]
        assert texts[0].startswith("Thou ")
        assert len(texts[0]) == len("Thou ") + 31 + 1

    def test_greedy_needs_no_seed(self, model, capfd):
        texts = set()
        for seed in (3, 5):
            assert run(["sample", model, "--greedy", "--seed", str(seed)]) == 0
            texts.add(capfd.readouterr().out)
        assert len(texts) == 1

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            (("--prime", "Thou §"), "'§'"),
            (("--prime", ""), "prime is empty"),
            (("--temperature", "0"), "greedy"),
            (("--temperature", "nan"), "temperature"),
            (("--length", "0"), "length"),
        ],
    )
    def test_bad_input(self, model, options, expected, capfd):
        assert run(["sample", model, *options]) == Exit.NOT_RUN
        assert expected in capfd.readouterr().err


def broken_checkpoint(kind):
    """Make a checkpoint `c`, broken in some way, and return the text to use it with."""
    run(["train", "text.txt", *SMALL, "--steps", "3", "--checkpoint", "c"])
    raw = Path("c").read_bytes()
    if kind == "truncated":
        Path("c").write_bytes(raw[:-100])
    elif kind == "flipped":
        Path("c").write_bytes(raw[:-50] + bytes([raw[-50] ^ 1]) + raw[-49:])
    elif kind == "version":
        Path("c").write_bytes(raw.replace(b'"version":"1"', b'"version":"9"'))
    elif kind == "other":
        save_file({"weights": np.ones(3)}, "c")
    elif kind == "text":
        Path("text.txt").write_text(SONNETS.replace("thy", "hty"), encoding="utf-8")
    elif kind == "vocabulary":
        Path("text.txt").write_text(SONNETS + "§", encoding="utf-8")
    elif kind == "missing":
        Path("c").unlink()
    elif kind == "folder":
        Path("c").unlink()
        Path("c").mkdir()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("truncated", "truncated"),
        ("flipped", "damaged"),
        ("version", "format 9"),
        ("other", "no checkpoint"),
        ("text", "another text"),
        ("vocabulary", "'§'"),
        ("missing", "no checkpoint c"),
        ("folder", "folder"),
    ],
)
def test_a_checkpoint_that_cannot_be_used(kind, expected, capfd):
    broken_checkpoint(kind)
    before = Path("c").read_bytes() if Path("c").is_file() else None
    capfd.readouterr()
    assert run(["train", "text.txt", "--resume", "c"]) == Exit.NOT_RUN
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert expected in err
    assert before is None or Path("c").read_bytes() == before


BAD_TEXTS = {
    "missing": (None, "There is no file bad.txt"),
    "empty": (b"", "empty"),
    "one symbol": (b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "one symbol"),
    "latin-1": ("naïve café".encode("latin-1"), "not UTF-8"),
    "binary": (b"\x7fELF\x00\x01", "binary"),
    "utf-16": ("to be".encode("utf-16"), "UTF-16"),
    "too short": (b"to be", "use a window of at most 4"),
}


@pytest.mark.parametrize("kind", BAD_TEXTS)
def test_a_text_that_cannot_be_used(kind):
    raw, expected = BAD_TEXTS[kind]
    if raw is not None:
        Path("bad.txt").write_bytes(raw)
    process = start("train", "bad.txt")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.count("\n")) == (Exit.NOT_RUN, "", 1)
    assert expected in err
    assert not list(Path().glob("*.safetensors"))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--checkpoint", "missing/c"), "no folder"),
        (("--checkpoint", "."), "folder"),
        (("--checkpoint", "/dev/null"), "not a regular file"),
        (("--document-separator", "§"), "§"),
        (("--document-separator", "zzz"), "does not occur"),
        (("--document-length", "1"), "document length"),
        (("--batch", "500"), "streams"),
        (("--batch", "2", "--document-length", "7"), "choose one"),
        (("--learning-rate", "0"), "learning_rate"),
        (("--learning-rate", "nan"), "learning_rate"),
        (("--clip-bound", "-1"), "clipping bound"),
        (("--hidden-size", "1000000000"), "memory"),
    ],
)
def test_options_that_make_no_sense(options, expected, capfd):
    assert run(["train", "text.txt", "--steps", "3", *options]) == Exit.NOT_RUN
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert expected in err
    assert not list(Path().glob("*.safetensors"))


def test_a_file_that_may_not_be_read(monkeypatch, capfd):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    # Whatever click would find out beforehand, the sentence with the remedy is ours.
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert run(["train", "text.txt"]) == Exit.NOT_RUN
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "text.txt may not be read by this user: change its permissions" in err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(capfd):
    Path("locked").mkdir(mode=0o500)
    assert run(["train", "text.txt", "--checkpoint", "locked/c"]) == Exit.NOT_RUN
    assert "may not write" in capfd.readouterr().err
