"""A gradient that reads what its object keeps is held against the loss of what other methods computed before."""

import ast
from pathlib import Path

import numpy as np

from crosscheck.recognise import recognise
from crosscheck.recognise.backward_passes import functions_of, looks_like_backward
from crosscheck.recognise.kept_chains import through_kept
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.places import RETURNED, Place
from crosscheck.recognise.replay import Result
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.recognise.value_pairs import ValuePair, value_pairs
from crosscheck.recognise.value_readings import _moves
from crosscheck.source import read

STAGES = """import numpy as np
class Coder:
    def __init__(self, n, k):
        self.A, self.B = np.random.randn(n, k) * 0.3, np.random.randn(k, n) * 0.3
        self.code = None
        self.back = None
    def expand(self, code):
        self.back = code @ self.B
        return self.back
    def squeeze(self, batch):
        self.code = np.tanh(batch @ self.A)
        return self.code
    def compute_loss(self, batch, back):
        return 0.5 * np.sum((back - batch) ** 2)
    def compute_gradients(self, batch):
        d = self.back - batch
        return {"A": batch.T @ ((d @ self.B.T) * (1 - self.code ** 2)), "B": self.code.T @ d}
"""

SCORES = """
class Model:
    def scores(self, X):
        self.s = X @ self.W
        return self.s
    def shares(self, s):
        self.p = s / s.sum()
        return self.p
    def loss(self, labels): return -self.p[labels].sum()
    def gradient(self, X, labels): return X.T @ (self.p - labels)
"""


def through(text: str) -> ValuePair:
    nodes = functions_of(ast.parse(text))
    ((pair,),) = value_pairs(nodes)
    return through_kept(pair, nodes)


def steps(pair: ValuePair) -> list[tuple[str, dict[str, str]]]:
    return [(one.function.rpartition(".")[2], dict(one.given)) for one in pair.before]


def test_stages_are_called_in_the_order_in_which_each_has_what_it_needs() -> None:
    pair = through(STAGES)
    assert steps(pair) == [("squeeze", {"batch": "batch"}), ("expand", {"code": "result_of_squeeze"})]
    assert pair.given == ({"batch": "batch", "back": "result_of_expand"}, {"batch": "batch"})
    assert pair.arguments == ("batch",)


def test_a_loss_may_read_what_is_kept_and_a_stage_may_be_there_for_another_alone() -> None:
    assert steps(through(SCORES)) == [("scores", {"X": "X"}), ("shares", {"s": "result_of_scores"})]


def test_nothing_is_called_before_where_that_is_not_plain() -> None:
    other = STAGES.replace("(self, code)", "(self, hidden)").replace("= code @", "= hidden @")
    assert len(through(other).before) == 2  # it can be handed nothing else
    twice = STAGES + "    def widen(self, code):\n        self.back = code\n        return code\n"
    assert through(twice).before == ()
    itself = STAGES.replace("        d = self.back", "        self.expand(self.squeeze(batch))\n        d = self.back")
    assert through(itself).before == ()
    apart = STAGES.replace("(back - batch)", "(back * batch)").replace("batch, back)", "batch, weight)")
    assert through(apart.replace("back * batch", "weight * batch")).before == ()


def test_the_gradients_are_judged_by_the_loss_of_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "subject.py"
    path.write_text(STAGES.replace("self.code ** 2", "self.code"))
    (unit,) = recognise(read(path)).units
    assert unit.name == "Coder.compute_loss/Coder.compute_gradients"
    assert {name: is_right(claims) for name, claims in slopes(unit).items()} == {"A": False, "B": True}


def test_a_bias_before_a_softmax_moves_its_loss() -> None:
    bias = np.zeros(3)

    class Softmax:
        def run(self, replaced: dict[int, np.ndarray]) -> Result:
            scores = replaced.get(id(bias), bias)
            return Result((scores.max() - scores[0],), {}, {}, {})

    assert _moves(Softmax(), Place(RETURNED, ("return", 0), "loss"), Leaf(("bias",), bias))  # pyright: ignore[reportArgumentType]


def test_what_only_takes_gradients_out_of_a_container_is_no_backward_pass() -> None:
    text = "def apply(self, grads):\n    dW, db, dU = grads\n    self.W -= dW\n    self.b -= db\n    self.U -= dU"
    for code, expected in ((text, False), (text.replace("= grads", "= self.x, self.y, self.z"), True)):
        node = ast.parse(code).body[0]
        assert isinstance(node, ast.FunctionDef)
        assert looks_like_backward(node) is expected


def test_a_gradient_that_another_begins_with_is_not_taken_apart() -> None:
    node = ast.parse(
        "def roll_back(grad_last):\n    grad_level = grad_last\n    grad_a = grad_b = grad_level.sum()"
    ).body[0]
    assert isinstance(node, ast.FunctionDef)
    assert looks_like_backward(node)
