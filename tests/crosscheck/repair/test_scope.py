import ast

import pytest

from crosscheck.repair.edits import candidates
from crosscheck.repair.flow import Flow
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import targets
from tests.crosscheck.repair.programs import PROGRAM, line_of

BACKWARD = frozenset(range(line_of("dU, dW, dV = np"), line_of("    for gradient in [")))


@pytest.fixture
def scope() -> Scope:
    return Scope(PROGRAM, (), BACKWARD, ast.parse(PROGRAM))


def test_what_the_backward_pass_assigns_is_a_gradient(scope: Scope) -> None:
    assert all(map(scope.is_gradient, ("dU", "later", "do", "dz")))
    assert not any(map(scope.is_gradient, ("h", "p", "loss", "U", "inputs")))


def test_the_loop_of_the_backward_pass_is_editable_and_that_of_the_forward_is_not(scope: Scope) -> None:
    loops = [place.line for place in scope.editable if isinstance(place.statement, ast.For)]
    assert loops == [line_of("for t in reversed")]


def test_no_edit_touches_the_forward_the_loss_or_the_clip(scope: Scope) -> None:
    allowed = BACKWARD | {line_of("return loss")}
    for candidate in candidates(scope):
        for edit in candidate.edits:
            assert edit.start[0] in allowed, candidate


def test_no_edit_comes_twice_and_none_changes_nothing(scope: Scope) -> None:
    edits = [candidate.edits for candidate in candidates(scope)]
    assert len(set(edits)) == len(edits)
    changing = [e for one in edits for e in one if scope.text.between(e.start, e.end) != e.text]
    assert len(changing) == sum(map(len, edits))


def test_a_line_reaches_what_is_computed_from_it(scope: Scope) -> None:
    flow = Flow(scope)
    of_line = {place.line: flow.reached(place) for place in scope.editable}
    assert "dV" not in of_line[line_of("dz = (1")]
    assert {"dU", "dW", "db", "later", "dh"} <= of_line[line_of("dz = (1")]
    assert of_line[line_of("dc += do")] == {"dc"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a, self.b = 1, 2", ["a", "self.b"]),
        ("grads['W'][t] += 1", ["grads['W']"]),
        ("np.add.at(dW, i, d)", ["dW"]),
        ("np.clip(dh, -1, 1, out=dh)", ["dh"]),
        ("rows.append(3)", ["rows"]),
        ("print(x)", []),
    ],
)
def test_what_a_statement_changes(line: str, expected: list[str]) -> None:
    assert list(targets(ast.parse(line).body[0])) == expected


def test_an_upstream_gradient_that_is_never_read_may_be_added() -> None:
    code = "def backward(dh, dc, o, f):\n    dc = dh * o\n    return dc * f\n"
    tree = ast.parse(code)
    own = Scope(code, (), {2, 3}, tree)
    added = [c for c in candidates(own) if c.code == "carry-not-added"]
    assert [(c.about, [edit.text for edit in c.edits]) for c in added] == [("dc", [" + dc"])]
