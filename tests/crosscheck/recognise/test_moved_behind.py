"""What is moved behind the loop that is judged is judged with the loop around it."""

import pytest

from crosscheck.verdicts import Verdict

WRONG, RIGHT = Verdict.DISAGREE, Verdict.AGREE
PAIRS = """
import numpy as np
rng = np.random.default_rng(7)
words = "the quick brown fox jumps over the lazy dog and the cat sleeps".split()
index = {{w: i for i, w in enumerate(dict.fromkeys(words))}}
ids = [index[w] for w in words]
V, D, lr = len(index), 6, 0.05
Win, Wout = (rng.random((V, D)) - 0.5) / D, (rng.random((V, D)) - 0.5) / D

def sigma(x):
    return 1.0 / (1.0 + np.exp(-x))

for epoch in range(5):
    total = 0.0
    for center, context in zip(ids, ids[1:]):
        v = Win[center]
        back = np.zeros(D)
        targets = [(context, 1)] + [(int(n), 0) for n in rng.permutation(V)[:4] if n != context]
        for word, label in targets:
            s = sigma(v @ Wout[word])
            total -= np.log(s if label else 1 - s)
            g = s - label
            back {kept} g * Wout[word]
            Wout[word] -= lr * g * v
        Win[center] -= lr * back
    print(epoch, total)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("kept", "verdict"), [("+=", RIGHT), ("=", WRONG)])
def test_a_step_behind_an_inner_loop_is_judged_with_it(verdicts, kept, verdict):
    assert verdicts(PAIRS.format(kept=kept))[-1] is verdict
