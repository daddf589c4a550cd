"""Steps of which none is right: an entry of the output, as its error, is changed the wrong way."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

RIGHT, WRONG = Verdict.AGREE, Verdict.DISAGREE
WORDS = """
import numpy as np
np.random.seed(2)
V, D = 7, 4
data = [([0, 2], 1), ([1, 3], 2), ([2, 5], 4), ([4, 6], 5), ([5, 0], 6)]
E, W = np.random.randn(V, D) * 0.3, np.random.randn(V, D) * 0.3
for epoch in range(10):
    {total} = 0.0
    for around, t in data:
        h = E[around].mean(axis=0)
        u = W.dot(h)
        p = np.exp(u - u.max())
        p /= p.sum()
        {total} -= np.log(p[t])
        {error}
        dW, dh = np.outer(du, h), W.T.dot(du)
        W -= 0.1 * dW
        for c in around:
            E[c] -= 0.1 * dh / len(around)
    print(epoch, {total})
"""
ERRORS = {
    "du = p.copy(); du[t] -= 1": RIGHT,
    "du = p.copy(); du[t] = -1": WRONG,
    "du = np.copy(p); du[t] += 1": WRONG,
}


@pytest.mark.thorough
@pytest.mark.parametrize("error", ERRORS)
def test_an_entry_of_the_output_that_is_changed_the_wrong_way(
    verdicts: Callable[[str], list[Verdict]], error: str
) -> None:
    assert verdicts(WORDS.format(error=error, total="total")) == [ERRORS[error]]
