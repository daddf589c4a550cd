import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from crosscheck.cases import Key
from crosscheck.diagnose import CODES, diagnose
from crosscheck.diagnose.classify import refined
from crosscheck.diagnose.signatures import signatures
from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.repair import find_repairs
from crosscheck.repair.edits import KINDS
from crosscheck.source import read
from crosscheck.telltale import Sample
from tests.crosscheck.repair.programs import PROGRAM, line_of, planted, unit_of


@pytest.mark.thorough
def test_a_repair_is_an_exact_diagnosis(tmp_path: Path) -> None:
    source = planted(("np.dot(W.T, dz)", "np.dot(W, dz)"))
    unit = unit_of(source, tmp_path)
    (found,) = diagnose(unit, judge_unit(unit, examples=12), find_repairs(unit, seconds=20, seed=0))
    line = line_of("np.dot(W, dz)", source)
    assert (found.code, found.line, found.confidence) == ("carry-not-transposed", line, "exact")
    assert found.message.startswith(f"line {line}: later ")


@pytest.mark.thorough
def test_of_what_is_right_nothing_is_said(tmp_path: Path) -> None:
    unit = unit_of(PROGRAM, tmp_path)
    assert diagnose(unit, judge_unit(unit, examples=12), []) == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("right", "wrong", "code", "says"),
    [
        ("        dc += do\n", "", "zero-gradient", "gradient of c is zero"),
        ("dc += do", "dc -= do", "wrong-sign", "gradient of c is the negative"),
        ("dc += do", "dc += 3 * do", "constant-factor", "gradient of c is 3 times"),
        ("dc += do", "dc += do / len(inputs)", "constant-factor", "1/(the length of inputs) times"),
        ("np.dot(dz, h[t - 1].T)", "np.dot(h[t - 1], dz.T)", "equals-transpose", "gradient of W equals the transpose"),
        ("np.dot(W.T, dz)", "np.dot(W, dz)", "wrong-beyond-some-steps", "right for a single step and wrong from 2"),
        ("np.dot(W.T, dz)", "np.dot(W, dz)", "wrong-unless-symmetric", "where W is symmetric"),
        ("later = np.dot", "later += np.dot", "wrong-beyond-some-steps", "right up to 2 steps and wrong from 3"),
        ("dc += do", "dc += np.sin(do)", "unexplained", "wrong are c, right U, V, W, b; wrong from 1 step on"),
    ],
)
def test_what_the_numbers_alone_tell(tmp_path: Path, right: str, wrong: str, code: str, says: str) -> None:
    unit = unit_of(planted((right, wrong)), tmp_path)
    found = {one.code: one.message for one in diagnose(unit, judge_unit(unit, examples=12), [])}
    assert says in found[code]


class Given:
    """Samples made by hand."""

    def __init__(self, *pairs: tuple[np.ndarray, np.ndarray]) -> None:
        self.samples = [
            Sample(Key("ordinary", (), n), ({},), {"W": given}, {"W": exact}, {"W": 1e-9})
            for n, (given, exact) in enumerate(pairs)
        ]

    def ordinary(self) -> list[Sample]:
        return self.samples


def drawn(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(12, 5))


def test_blocks_in_another_order_are_recognised() -> None:
    def permuted(array: np.ndarray) -> np.ndarray:
        return np.concatenate([array[3:6], array[:3], array[6:]])

    ((code, message, _),) = signatures(Given(*((permuted(drawn(n)), drawn(n)) for n in (1, 2))), ["W"])  # pyright: ignore
    assert code == "blocks-permuted"
    assert "4 blocks along axis 0 in the order 2, 1, 3, 4" in message


def test_a_clip_is_recognised_by_its_bound() -> None:
    ((code, message, _),) = signatures(Given(*((np.clip(drawn(n), -0.5, 0.5), drawn(n)) for n in (1, 2))), ["W"])  # pyright: ignore
    assert (code, "±0.5" in message) == ("gradient-clipped", True)


def test_what_is_not_a_number_is_said_first() -> None:
    ((code, _, _),) = signatures(Given((drawn(1) * np.nan, drawn(1))), ["W"])  # pyright: ignore
    assert code == "not-finite"


@pytest.mark.parametrize(
    ("code", "before", "after", "expected"),
    [
        ("wrong-carry", "d = np.clip(W.T @ z, -1, 1)", "d = W.T @ z", "clip-inside-loop"),
        ("wrong-carry", "d = np.diag(W) * z", "d = np.dot(W.T, z)", "product-element-by-element"),
        ("wrong-carry", "d = np.dot(W, z)", "d = np.dot(W.T, z)", "carry-not-transposed"),
        ("extra-term", "d = (1 - h * h + 0.1) * e", "d = (1 - h * h) * e", "extra-term"),
        ("extra-term", "d = (1 - h + h * h) * e", "d = (1 - h * h) * e", "wrong-activation-derivative"),
        ("extra-factor", "d = (p - y) * p * (1 - p)", "d = (p - y)", "extra-factor"),
        ("extra-factor", "d = e * p * (1 - p)", "d = e * p", "wrong-activation-derivative"),
        ("extra-term", "d = d + W.T @ z", "d = (W.T @ z)", "carry-accumulated"),
        ("extra-term", "d = e + W.T @ z", "d = W.T @ z", "extra-term"),
        ("wrong-sign", "d = a - b", "d = a + b", "wrong-sign"),
    ],
)
def test_the_line_says_more_than_the_kind_of_edit(code: str, before: str, after: str, expected: str) -> None:
    assert refined(code, before, after) == expected


def test_every_code_that_an_edit_can_have_is_explained() -> None:
    for kind in KINDS:
        assert kind.__file__ is not None
        named = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', Path(kind.__file__).read_text(encoding="utf-8")))
        assert named <= set(CODES), named - set(CODES)


@pytest.mark.parametrize("code", sorted(CODES))
def test_an_explanation_is_complete(code: str) -> None:
    one = CODES[code]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    for part in (one.title, one.message, one.what, one.mathematics, one.shows, one.mend):
        assert len(part.strip()) > 3
    assert "{" not in one.sentence("dW", "line 3")


LAYER = """
import numpy as np


def layer_gradients(W, x):
    out = np.tanh(W @ x)
    loss = 0.5 * np.sum(out * out)
    dout = out
    dz = (1 - out * out) * dout + x.sum()
    dW = np.outer(dz, x)
    return loss, dW
"""


def test_of_an_initial_state_nothing_is_said_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "layer.py"
    path.write_text(LAYER)
    (unit,) = recognise(read(path)).units
    assert "initial-state-ignored" not in {one.code for one in diagnose(unit, judge_unit(unit, examples=12), [])}


def test_an_initial_state_that_is_ignored_is_told(tmp_path: Path) -> None:
    unit = unit_of(planted(("np.dot(dz, h[t - 1].T)", "np.dot(dz, h[t - 1].T) * (t > 0)")), tmp_path)
    assert "initial-state-ignored" in {one.code for one in diagnose(unit, judge_unit(unit, examples=12), [])}


def test_data_in_lists_of_arrays_of_several_shapes_are_no_obstacle():
    sample = Sample(
        Key("ordinary", (), 0), ({}, {}), {"W": np.array([1.0, 5.0])}, {"W": np.array([2.0, 3.0])}, {"W": 1e-9}
    )

    class Several:
        unit = SimpleNamespace(
            example=({}, {"layers": [np.zeros((2, 3)), np.zeros(4)], "targets": [1, 2]}),
            cases=SimpleNamespace(size_names=()),
        )

        def ordinary(self):
            return [sample]

        def of(self, *_):
            return []

        def fewest_steps(self, _):
            return None

        def measured(self, *_):
            return None

    assert signatures(Several(), ["W"]) == []  # pyright: ignore[reportArgumentType]
