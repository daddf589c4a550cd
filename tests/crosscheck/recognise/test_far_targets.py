"""A number that a turn does not read is no target where the turn states its loss."""

import pytest

from crosscheck.verdicts import Verdict

WRONG, RIGHT = Verdict.DISAGREE, Verdict.AGREE
MOODS = """
import numpy as np
texts = {{"bon": 1, "mauvais": 0, "tres bon": 1, "tres triste": 0}}
words = sorted({{w for text in texts for w in text.split()}})
index = {{w: i for i, w in enumerate(words)}}

def rows(text):
    made = np.zeros((len(text.split()), len(words)))
    for t, word in enumerate(text.split()):
        made[t, index[word]] = 1
    return made

class Net:
    def __init__(self):
        self.W, self.V = np.random.randn(8, len(words)) / 3, np.random.randn(2, 8) / 3

    def forward(self, x):
        self.x, self.h = x, np.tanh(self.W @ x.sum(axis=0))
        return self.V @ self.h

    def backward(self, d, rate=0.02):
        back = (self.V.T @ d) * (1 - self.h**2)
        self.V -= rate * np.outer(d, self.h)
        self.W -= rate * np.outer(back, self.x.sum(axis=0))

net = Net()
for epoch in range(5):
    loss = 0
    for text, label in texts.items():
        e = np.exp(net.forward(rows(text)))
        p = e / e.sum()
        loss -= np.log(p[label])
        d = p
        d[{place}] -= 1
        net.backward(d)
    print(epoch, loss / len(texts))
"""


@pytest.mark.parametrize(("place", "verdict"), [("label", RIGHT), ("1 - label", WRONG)])
def test_the_stated_loss_counts_more_than_a_target_from_afar(verdicts, place, verdict):
    assert (WRONG in verdicts(MOODS.format(place=place))) == (verdict is WRONG)
