"""What a statement should compute tells which expression it should have been, whatever that is made of."""

import ast
from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import oracle_of
from crosscheck.repair.adjoints.blame import Inquest
from crosscheck.repair.adjoints.rewriting import Rewriting, rewritten
from crosscheck.repair.adjoints.scenes import Scene
from crosscheck.repair.scope import Scope
from crosscheck.repair.screen import Screen
from crosscheck.source import Edit, read
from tests.crosscheck.repair.adjoints.test_blame import inquest
from tests.crosscheck.repair.programs import line_of, planted

PROGRAMS = Path(__file__).parents[3] / "corpus" / "programs"
SOURCE = """\
import numpy as np

def backward(kept, W, d, k):
    dz = {}
    return dz
"""
KEPT = {"z": np.array([[0.3, -1.2], [0.7, 0.4]]), "a": np.array([[0.1, 0.9], [-0.5, 0.2]])}
W, D = np.array([[1.0, 2.0], [-3.0, 0.5]]), np.array([[0.4, -0.6], [1.1, 0.2]])

# what stands there, what it should compute, what is offered in its place
EXPRESSIONS = [
    ("d @ W.T * np.cos(kept['a'])", D @ W.T * np.cos(KEPT["z"]), "d @ W.T * np.cos(kept['z'])"),
    ("np.where(kept['z'] > 0, d, W)", np.where(KEPT["z"] > 0, D, 3 * W), "np.where(kept['z'] > 0, d, (W * k))"),
    ("W * (kept['a'].T @ d)", W * ((KEPT["a"] ** 2).T @ D), "W * ((kept['a'] ** 2).T @ d)"),
    ("d @ W.T", D @ W.T + KEPT["a"].T @ D, "d @ W.T + kept['a'].T @ d"),
    ("np.cumsum(W, 0)", np.cumsum(W[::-1, ::-1], 0), "np.cumsum(W[..., ::-1, ::-1], 0)"),
]


@pytest.mark.parametrize(("given", "true", "offered"), EXPRESSIONS, ids=[one[2] for one in EXPRESSIONS])
def test_an_expression_with_the_right_value_is_found(given: str, true: np.ndarray, offered: str) -> None:
    code = SOURCE.format(given)
    scope = Scope(code, (), {4}, ast.parse(code))
    (place,) = [place for place in scope.editable if place.line == 4]
    assert isinstance(place.statement, ast.Assign)
    scene = Scene({"np": np}, {"kept": KEPT, "W": W, "d": D, "k": 3.0}, true)
    found = Rewriting(scope, place, place.statement.value, [scene], seconds=5.0).candidates()
    lines = [_edited(code, one.edits[0]) for one in found]
    assert lines
    assert ast.unparse(ast.parse(lines[0])) == ast.unparse(ast.parse(f"dz = {offered}"))


def _edited(code: str, edit: Edit) -> str:
    line = code.split("\n")[3]
    return (line[: edit.start[1]] + edit.text + line[edit.end[1] :]).strip()


def test_what_is_right_in_one_turn_alone_is_not_offered() -> None:
    code = SOURCE.format("d * k")
    scope = Scope(code, (), {4}, ast.parse(code))
    (place,) = [place for place in scope.editable if place.line == 4]
    assert isinstance(place.statement, ast.Assign)
    scenes = [Scene({"np": np}, {"W": W, "d": D, "k": k}, D * 2) for k in (3.0, 5.0)]
    scenes[0].variables["two"] = scenes[1].variables["three"] = 2.0
    assert not Rewriting(scope, place, place.statement.value, scenes, seconds=5.0).candidates()


@pytest.mark.thorough
def test_what_only_the_forward_reads_is_offered_where_nothing_but_the_pair_has_the_loss() -> None:
    (unit,) = recognise(read(PROGRAMS / "kept_dict_swish.py")).units
    found = Inquest(unit, Screen(unit, oracle_of(unit), seed=1, seconds=0.0), seconds=60.0)
    scope = Scope(unit.document.code, (), unit.editable, unit.document.tree)
    best = rewritten(found, scope, 60.0)[0]
    assert (best.line, best.code, best.edits[0].text) == (54, "derivative-of-activated-value", "kept['s1']")


@pytest.mark.thorough
def test_the_statement_of_a_program_is_rewritten(tmp_path: Path) -> None:
    source = planted(("dz = (1 - h[t] * h[t]) * dh", "dz = (1 - h[t]) * dh"))
    found = inquest(source, tmp_path)
    unit = found.inquiry.bench.unit  # type: ignore[union-attr]
    scope = Scope(unit.document.code, (), unit.editable, unit.document.tree)
    best = rewritten(found, scope, 60.0)[0]
    assert (best.line, [edit.text for edit in best.edits]) == (line_of("dz = (1 - h[t])", source), ["(h[t] ** 2)"])
