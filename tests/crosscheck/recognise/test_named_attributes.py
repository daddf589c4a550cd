"""Weights that a loop moves by names which it puts together, as `setattr(self, "w" + gate, ...)` does."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

GATES = """
import numpy as np
class Parameters:
    def __init__(self, n, k):
        for gate in "go":
            setattr(self, "w" + gate, np.random.randn(n, n + k) * 0.3)
        self.zero()
    def zero(self):
        for gate in "go":
            setattr(self, "wd" + gate, np.zeros_like(getattr(self, "w" + gate)))
    def apply(self, rate):
        for gate in "go":
            setattr(self, "w" + gate, getattr(self, "w" + gate) - rate * getattr(self, f"wd{gate}"))
        self.zero()
class Node:
    def __init__(self, parameters):
        self.p = parameters
    def forward(self, x, s):
        self.x, self.before = np.hstack((x, s)), s
        self.g, self.o = np.tanh(self.p.wg @ self.x), 1 / (1 + np.exp(-self.p.wo @ self.x))
        self.s = self.g * self.o + s
        return self.s
    def backward(self, ds):
        dg, do = ds * self.o * (1 - self.g ** 2), ds * self.g * self.o * {slope}
        self.p.wdg += np.outer(dg, self.x)
        self.p.wdo += np.outer(do, self.x)
        dx = self.p.wg.T @ dg + self.p.wo.T @ do
        return ds + dx[-len(ds):]
parameters = Parameters(4, 3)
wanted, xs = [-0.5, 0.2, 0.1], np.random.randn(3, 3)
for turn in range(50):
    nodes, s = [], np.zeros(4)
    for x in xs:
        node = Node(parameters)
        s = node.forward(x, s)
        nodes.append(node)
    loss = sum((node.s[0] - y) ** 2 for node, y in zip(nodes, wanted))
    ds = np.zeros(4)
    for node, y in zip(reversed(nodes), reversed(wanted)):
        ds[0] += 2 * (node.s[0] - y)
        ds = node.backward(ds)
    parameters.apply(0.1)
"""


@pytest.mark.parametrize(("slope", "expected"), [("(1 - self.o)", Verdict.AGREE), ("self.o", Verdict.DISAGREE)])
def test_they_are_moved_as_if_they_were_called_by_name(slope: str, expected: Verdict, judged: Judged) -> None:
    verdicts, left = judged(GATES.replace("{slope}", slope))
    assert (verdicts, left) == ({expected}, [] if expected is Verdict.AGREE else ["the loop in line 31"])


def test_a_gate_that_a_forward_pass_keeps_is_no_gradient_of_its_state(judged: Judged) -> None:
    """It is called `g`, has the shape of `s`, and lies in the object after the backward pass as well."""
    pair = GATES[: GATES.index("wanted, xs")].replace("{slope}", "(1 - self.o)")
    demo = "node = Node(parameters)\nnode.forward(np.random.randn(3), np.zeros(4))\nnode.backward(np.ones(4))\n"
    assert judged(pair + demo) == ({Verdict.AGREE}, [])
