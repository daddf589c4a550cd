"""Texts, lists of letters and labels that methods are handed which nothing calls."""

import re
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

SPELLER = """
import numpy as np

class Speller:
    def __init__(self, vocab, width=16, rate=0.01):
        self.vocab, self.rate = vocab, rate
        self.letters = vocab
        n = len(vocab)
        self.U = np.random.randn(width, n) * 0.01
        self.R = np.random.randn(width, width) * 0.01
        self.V = np.random.randn(n, width) * 0.01

    def learn(self, text, rounds=50):
        ids = [self.letters.index(letter) for letter in text]
        for _ in range(rounds):
            hs, ps, loss = [np.zeros(len(self.R))], [], 0.0
            for i in ids:
                hs.append(np.tanh(self.U[:, i] + self.R @ hs[-1]))
                e = np.exp(self.V @ hs[-1])
                ps.append(e / e.sum())
                loss -= np.log(ps[-1][i])
            dU, dR, dV = np.zeros_like(self.U), np.zeros_like(self.R), np.zeros_like(self.V)
            later = np.zeros(len(self.R))
            for t in reversed(range(len(ids))):
                dy = ps[t].copy()
                dy[ids[t]] -= 1
                dV += np.outer(dy, hs[t + 1])
                dz = (self.V.T @ dy + later) * (1 - hs[t + 1] ** 2)
                dU[:, ids[t]] += dz
                dR += np.outer(dz, hs[{before}])
                later = self.R.T @ dz
            self.U -= self.rate * dU
            self.R -= self.rate * dR
            self.V -= self.rate * dV
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("before", "verdict"), [("t", Verdict.AGREE), ("t + 1", Verdict.DISAGREE)])
def test_a_text_is_made_of_the_letters_that_an_object_is_made_for(before, verdict):
    (unit,) = recognise(read_text(SPELLER.replace("{before}", before), "utf-8", Path("x.py"))).units
    assert unit.names.keys() == {"U", "R", "V"}
    assert judge_unit(unit, examples=4).verdict is verdict


LAST = """
import numpy as np

class Tagger:
    def __init__(self, words, width, tags):
        self.U = np.random.randn(width, words)
        self.R = np.random.randn(width, width)
        self.V = np.random.randn(tags, width)

    def forward(self, ids, start):
        kept = {-1: start}
        for t, word in enumerate(ids):
            kept[t] = np.tanh(self.U[:, word] + self.R @ kept[t - 1])
        return self.V @ kept[len(ids) - 1], kept

    def backward(self, ids, target_idx, kept):
        scores, _ = self.forward(ids, kept[-1])
        dy = np.exp(scores - scores.max())
        dy /= dy.sum()
        dy[target_idx] -= 1
        dU, dR, dV = np.zeros_like(self.U), np.zeros_like(self.R), np.outer(dy, kept[len(ids) - 1])
        dh = self.V.T @ dy
        for t in reversed(range(len(ids))):
            dz = (1 - kept[t] ** 2) * dh
            dU[:, ids[t]] += dz
            dR += np.outer(dz, kept[t - 1])
            dh = {carried}
        return dU, dR, dV
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("carried", "verdict"), [("self.R.T @ dz", Verdict.AGREE), ("self.V.T @ dy + self.R.T @ dz", Verdict.DISAGREE)]
)
def test_a_backward_that_goes_forward_once_more_is_handed_what_its_forward_keeps(carried, verdict):
    found = recognise(read_text(LAST.replace("{carried}", carried), "utf-8", Path("x.py")))
    (unit,) = found.units
    assert {"U", "R", "V"} <= unit.names.keys()
    assert judge_unit(unit, examples=4).verdict is verdict
    assert any("target_idx 1" in stated for stated in found.assumptions)


PAIRS = """
import numpy as np

class Neighbours:
    def __init__(self, words, width):
        self.inner, self.outer = np.random.randn(width, words), np.random.randn(words, width)

    def learn(self, pairs, rounds, rate):
        for _ in range(rounds):
            loss = 0.0
            for word, near in pairs:
                h = self.inner[:, word]
                e = np.exp(self.outer @ h)
                p = e / e.sum()
                loss -= np.log(p[near])
                miss = p.copy()
                miss[near] -= 1
                d_outer = np.outer(miss, h)
                d_h = {d_h}
                self.outer -= rate * d_outer
                self.inner[:, word] -= rate * d_h
            print(loss)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("d_h", "verdict"), [("self.outer.T @ miss", Verdict.AGREE), ("self.outer.T @ p", Verdict.DISAGREE)]
)
def test_a_list_of_pairs_holds_two_symbols_each(d_h, verdict):
    found = recognise(read_text(PAIRS.replace("{d_h}", d_h), "utf-8", Path("x.py")))
    (unit,) = found.units
    assert judge_unit(unit, examples=4).verdict is verdict
    assert any(re.search(r"word of pairs integers \(\d+,\)", stated) for stated in found.assumptions)
