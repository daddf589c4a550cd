"""The course in a notebook: verdicts where the functions are, and the whole of it in one file."""

import json

import numpy as np
import pytest

import crosscheck
from crosscheck.cli.entry import run
from crosscheck.errors import CrosscheckError
from crosscheck.learn import check
from crosscheck.learn.course import course


def linear_forward(W, x, b):
    return W @ x + b, (W, x)


def right(dy, cache):
    W, x = cache
    print("seen")
    return np.outer(dy, x), W.T @ dy, dy.copy()


def transposed(dy, cache):
    W, x = cache
    return np.outer(x, dy), W.T @ dy, dy.copy()


def calling(dy, cache):
    W, _ = cache
    return np.outer(dy, dy), linear_forward(W.T, dy, 0)[0], dy.copy()


def importing(dy, cache):
    import jax

    return jax.numpy.outer(dy, dy)


def test_a_verdict_shows_itself():
    found = check("linear", right)
    assert found.solved
    assert "✓ Solved." in str(found)
    assert "<strong" in found._repr_html_()
    assert "<pre>seen\n</pre>" in found._repr_html_()


def test_a_mistake_gets_its_words_as_html():
    found = crosscheck.learn.check("linear", transposed)
    assert found.code == "wrong:dw-transposed"
    assert "Your <code>dW</code> is the transpose" in found._repr_html_()
    assert "Your `dW` is the transpose" in repr(found)


def test_the_rules_hold_there_as_well():
    assert check("linear", calling).code == "withheld"
    assert linear_forward(np.eye(2), np.ones(2), 0)[0].shape == (2,)
    assert check("linear", importing).code == "import"
    assert check("linear", 3).code == "missing"
    with pytest.raises(CrosscheckError, match="did you mean linear"):
        check("liner", right)


@pytest.mark.parametrize("name", ["two_sided", "case_10", "jax_rule"])
def test_exercises_of_other_forms_can_be_solved_there(name):
    exercise = course().exercise(name)
    space = {"__name__": "__main__"}
    exec(exercise.solution.split('if __name__ == "__main__"')[0], space)
    found = check(name, space[exercise.exam.function], space.get("ANSWER"))
    assert found.solved, str(found)


def test_the_course_is_a_notebook_that_runs(tmp_path, capsys):
    file = tmp_path / "course.ipynb"
    assert run(["learn", "notebook", str(file)]) == 0
    assert run(["learn", "notebook", str(file)]) == 2
    assert "exists" in capsys.readouterr().err
    cells = json.loads(file.read_text())["cells"]
    codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert len(codes) == 1 + 2 * sum(not exercise.lacks for exercise in course().exercises)
    assert "".join(cells[3]["source"]).startswith("### Hello")
    space = {"__name__": "__main__"}
    for code in codes:
        if "import torch" not in code and not code.startswith("crosscheck.learn.check("):  # torch loads for seconds
            exec(code, space)
    assert eval('crosscheck.learn.check("linear", linear_backward)', space).code == "todo"
    assert len({cell["id"] for cell in cells}) == len(cells)
