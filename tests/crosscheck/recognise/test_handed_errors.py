"""Backward passes that are handed errors: which way they point is what their callers compute."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.report import Report
from crosscheck.source import read
from crosscheck.verdicts import Verdict

TEXT = """
import numpy as np

text = "the qui"
chars = sorted(set(text))
ids = {{c: i for i, c in enumerate(chars)}}

def softmax(z):
    return np.exp(z) / np.sum(np.exp(z))

class Net:
    def __init__(self, n, h):
        self.h = h
        self.w, self.v = np.random.randn(h, n + h) * 0.3, np.random.randn(n, h) * 0.3

    def reset(self):
        self.joined, self.states = {{}}, {{-1: np.zeros((self.h, 1))}}

    def forward(self, inputs):
        self.reset()
        outputs = []
        for t in range(len(inputs)):
            self.joined[t] = np.concatenate((self.states[t - 1], inputs[t]))
            self.states[t] = np.tanh(self.w @ self.joined[t])
            outputs += [self.v @ self.states[t]]
        return outputs

    def backward(self, errors, inputs):
        dw, dv, dh = 0, 0, np.zeros((self.h, 1))
        for t in reversed(range(len(inputs))):
            dv += errors[t] @ self.states[t].T
            dz = (1 - self.states[t] ** 2) * (self.v.T @ errors[t] + dh)
            dw += dz @ inputs[t].T
            dh = (self.w.T @ dz)[: self.h]
        self.w {step} 0.05 * dw
        self.v {step} 0.05 * dv

    def train(self, inputs, labels):
        inputs = [np.eye(len(chars))[ids[c]][:, None] for c in inputs]
        for _ in range(20):
            outs = self.forward(inputs)
            errors = []
            for t in range(len(outs)):
                errors += [{sign}softmax(outs[t])]
                errors[-1][ids[labels[t]]] {label} 1
            self.backward(errors, self.joined)

net = Net(len(chars), 7)
net.train(text[:-1], text[1:])
"""


@pytest.fixture
def judged(tmp_path: Path):
    def of(code: str) -> Report:
        path = tmp_path / "subject.py"
        path.write_text(code)
        (unit,) = [unit for unit in recognise(read(path)).units if unit.name == "Net.forward/Net.backward"]
        return judge_unit(unit, examples=4)

    return of


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("sign", "label", "step", "verdict"),
    [
        ("-", "+=", "+=", Verdict.AGREE),
        ("", "-=", "-=", Verdict.AGREE),
        ("-", "+=", "-=", Verdict.DISAGREE),
        ("", "-=", "+=", Verdict.DISAGREE),
    ],
)
def test_steps_go_the_way_that_errors_point(judged, sign: str, label: str, step: str, verdict: Verdict) -> None:
    report = judged(TEXT.format(sign=sign, label=label, step=step))
    assert report.verdict is verdict
    assert {tally.verdict for tally in report.tallies} == {Verdict.AGREE}  # the gradients are right either way
    assert any("climbs" in finding.message for finding in report.findings) == (verdict is Verdict.DISAGREE)


@pytest.mark.thorough
def test_what_the_forward_keeps_in_a_dictionary_and_the_backward_is_handed_is_of_the_same_call(judged) -> None:
    right = TEXT.format(sign="", label="-=", step="-=")
    assert judged(right).verdict is Verdict.AGREE
    wrong = judged(right.replace("dw += dz @ inputs[t].T", "dw += dz @ inputs[t - 1].T if t else 0"))
    assert {t.name for t in wrong.tallies if t.verdict is Verdict.DISAGREE} == {"w"}


@pytest.mark.thorough
@pytest.mark.parametrize(("carry", "verdict"), [(" + dh)", Verdict.AGREE), (")", Verdict.DISAGREE)])
def test_a_written_text_is_gone_through_whole_in_few_steps(tmp_path: Path, carry: str, verdict: Verdict) -> None:
    long = "to see a world in a grain of sand and a heaven in a wild flower hold infinity in the palm of your hand"
    path = tmp_path / "net.py"
    path.write_text(TEXT.replace("the qui", long).replace(" + dh)", carry).format(sign="-", step="+=", label="+="))
    found = [judge_unit(unit, examples=8) for unit in recognise(read(path)).units]
    assert verdict in {report.verdict for report in found}
    if verdict is Verdict.AGREE:
        assert {report.verdict for report in found} == {verdict}
        assert any("labels_as_numbers" in stated for report in found for stated in report.assumptions)
