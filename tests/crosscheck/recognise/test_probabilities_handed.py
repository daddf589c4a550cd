"""A backward pass may be handed the probabilities that its forward returned, and call them `p`."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

PAIR = """
import numpy as np

def {name}(scores):
    {forward}

def {name}_backward(dout, {p}):
    return {backward}
"""
SOFTMAX = "e = np.exp(scores - scores.max(axis=-1, keepdims=True))\n    return e / e.sum(axis=-1, keepdims=True)"
SIGMOID = "return 1 / (1 + np.exp(-scores))"
DROPPED = "return scores * (1 - p)"


@pytest.mark.parametrize("p", ["p", "prob", "probs"])
@pytest.mark.parametrize(
    ("name", "forward", "backward", "verdict"),
    [
        ("softmax", SOFTMAX, "{p} * (dout - ({p} * dout).sum(axis=-1, keepdims=True))", Verdict.AGREE),
        ("softmax", SOFTMAX, "{p} * (dout - dout.sum(axis=-1, keepdims=True))", Verdict.DISAGREE),
        ("sigmoid", SIGMOID, "dout * {p} * (1 - {p})", Verdict.AGREE),
        ("sigmoid", SIGMOID, "dout * {p} * (1 + {p})", Verdict.DISAGREE),
    ],
)
def test_probabilities_are_what_the_forward_returned(name, forward, backward, verdict, p):
    text = PAIR.format(name=name, forward=forward, backward=backward.format(p=p), p=p)
    (unit,) = recognise(read_text(text, "utf-8", Path("pair.py"))).units
    assert judge_unit(unit, examples=4).verdict is verdict


def test_elsewhere_p_may_be_a_share_of_what_is_dropped():
    text = PAIR.replace("(scores)", "(scores, p)").format(
        name="drop", forward=DROPPED, backward="dout * (1 - p)", p="p"
    )
    (unit,) = recognise(read_text(text, "utf-8", Path("pair.py"))).units
    assert judge_unit(unit, examples=4).verdict is Verdict.AGREE
