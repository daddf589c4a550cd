"""Velocities that are lost, ignored or mixed with the weights, and clips that make gradients larger."""

from pathlib import Path

import pytest

from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

LINES = """
import numpy as np

rng = np.random.default_rng(0)
W, b, x, y = rng.normal(size=(3, 2)), np.zeros(2), rng.normal(size=(9, 3)), rng.normal(size=(9, 2))
velocity = [np.zeros_like(W), np.zeros_like(b)]

def cost_and_gradients(x, y):
    error = x @ W + b - y
    return 0.5 * np.sum(error ** 2), [x.T @ error, error.sum(0)]

for turn in range(20):
    cost, grads = cost_and_gradients(x, y)
    {clip}
    for k, (p, g) in enumerate(zip((W, b), grads)):
        {moves}
"""
CLIP = """size = np.sqrt(sum((g ** 2).sum() for g in grads))
    if size > 3.0:
        grads = [g * 3.0 / size for g in grads]"""
MOVES = """velocity[k] = 0.9 * velocity[k] - 0.01 * g
        p += velocity[k]"""


def judged(folder: Path, clip: str, moves: str) -> tuple[set[Verdict], str]:
    path = folder / "lines.py"
    path.write_text(LINES.format(clip=clip, moves=moves))
    reports = [judge_unit(unit, examples=6) for unit in recognise(read(path)).units]
    return {report.verdict for report in reports}, " ".join(f.message for r in reports for f in r.findings)


def test_a_velocity_that_keeps_its_share_is_right(tmp_path: Path) -> None:
    assert judged(tmp_path, CLIP, MOVES) == ({Verdict.AGREE}, "")
    by_name = "v = velocity[k]\n        v *= 0.9\n        v -= 0.01 * g\n        p += v"
    assert judged(tmp_path, CLIP, by_name) == ({Verdict.AGREE}, "")


@pytest.mark.parametrize(
    ("moves", "said"),
    [
        ("v = velocity[k]\n        v *= 0.9\n        v = -0.01 * g\n        p += v", "overwritten"),
        (MOVES.replace("p += velocity[k]", "p -= 0.01 * g"), "velocity takes in each of its gradients"),
    ],
)
def test_a_velocity_of_which_nothing_is_left_in_the_step_is_wrong(moves: str, said: str, tmp_path: Path) -> None:
    verdicts, messages = judged(tmp_path, CLIP, moves)
    assert verdicts == {Verdict.DISAGREE}
    assert said in messages


def test_a_memory_of_the_weights_is_none_of_gradients(tmp_path: Path) -> None:
    moves = "{0} = 0.9 * {1} + (1 - 0.9) * g\n        p -= 0.1 * {0}"
    assert judged(tmp_path, CLIP, moves.format("velocity[k]", "velocity[k]"))[0] == {Verdict.AGREE}
    verdicts, messages = judged(tmp_path, CLIP, moves.format("velocity[k]", "p"))
    assert verdicts == {Verdict.DISAGREE}
    assert "keeps a share of the parameter itself" in messages


def test_a_clip_that_multiplies_by_the_norm_is_wrong(tmp_path: Path) -> None:
    verdicts, messages = judged(tmp_path, CLIP.replace("/ size", "* size"), MOVES)
    assert verdicts == {Verdict.DISAGREE}
    assert "gradients are made larger" in messages


def test_a_clip_that_drops_one_sign_is_wrong(tmp_path: Path) -> None:
    assert judged(tmp_path, CLIP, f"g = np.clip(g, -5, 5)\n        {MOVES}") == ({Verdict.AGREE}, "")
    verdicts, messages = judged(tmp_path, CLIP, f"g = np.clip(g, 0, 5)\n        {MOVES}")
    assert verdicts == {Verdict.DISAGREE}
    assert "gradients of the other one are lost" in messages
