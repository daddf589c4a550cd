"""A wrong answer gets the words that fit it, the same ones for the same mistake, whatever its code looks like."""

import dataclasses

import pytest

from crosscheck.learn.course import course
from crosscheck.learn.exam import Wrong
from crosscheck.learn.examining import examine_source
from crosscheck.learn.looking import PAPERS, seed_of

HELLO, LINEAR, STEPS = (course().exercise(name) for name in ("hello", "linear", "t_steps"))


def edited(exercise, *edits):
    text = exercise.solution
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


def said(exercise, *edits, seed=0):
    return examine_source(exercise, edited(exercise, *edits), seed)


@pytest.mark.parametrize(
    ("edits", "code", "words"),
    [
        ([("W.T @ dy", "-W.T @ dy")], "wrong-sign", "Your `dx` is the negative of what it should be in every case."),
        ([("W.T @ dy", "0 * x")], "zero-gradient", "Your `dx` is zero in every case; what it should be is not."),
        ([("W.T @ dy", "0.5 * (W.T @ dy)")], "constant-factor", "Your `dx` is 0.5 times what it should be"),
        ([("W.T @ dy", "W.T @ dy / len(x)")], "constant-factor", "Your `dx` is 1/(N) times what it should be"),
        ([("dy.copy()", "0 * dy + 7.0")], "constant", "Your `db` is the same number whatever"),
        ([("W.T @ dy", "W.T @ dy if len(x) == len(dy) else x")], "square", "right only where all sizes are equal"),
        ([("W.T @ dy", "W.T @ dy if len(x) > 1 else 0 * x")], "one", "not where every size is as small as it can be"),
        ([("W.T @ dy", "W.T @ dy * np.sin(x)")], "wrong", "`dx` is not what was asked for"),
        (
            [("    return dW, dx", "    dy *= 2\n    return dW, dx")],
            "changes-arguments",
            "changes its argument number 1",
        ),
        ([("    return dW, dx", "    x += 1\n    return dW, dx")], "changes-arguments", "argument number 2"),
        ([("W.T @ dy", "W.T @ dy + np.random.rand()")], "wrong", "`dx` is not what was asked for"),
        ([("W.T @ dy", "(W.T @ dy)[None]")], "shape", "`dx` has shape (1, "),
        ([("W.T @ dy", "list(W.T @ dy)")], "solved", "Right."),
        ([("W.T @ dy", "'dx'")], "shape", "`dx` is a str"),
        ([("W.T @ dy", "None")], "shape", "`dx` is None"),
        ([("W.T @ dy", "np.linalg.inv(W) @ dy")], "raised", "LinAlgError"),
    ],
)
def test_the_words_fit(edits, code, words):
    found = said(LINEAR, *edits)
    assert found.code == code
    assert words in found.sentences[0]


def test_the_same_mistake_in_other_words_gets_the_same_words():
    loops = """
    dW = np.zeros_like(W)
    for i in range(len(x)):
        for j in range(len(dy)):
            dW[j % len(W), i] += 0
    dW = np.array([[dy[j] * x[i] for j in range(len(dy))] for i in range(len(x))])
"""
    one = said(LINEAR, ("np.outer(dy, x)", "np.outer(x, dy)"))
    other = said(LINEAR, ("    dW = np.outer(dy, x)  # W[i, j] moves y[i] by x[j]\n", loops))
    assert one.code == other.code == "wrong:dw-transposed"
    assert one.sentences == other.sentences
    assert {said(LINEAR, ("np.outer(dy, x)", "np.outer(x, dy)"), seed=seed).sentences for seed in range(4)} == {
        one.sentences
    }


def test_a_rule_that_cannot_look_at_an_answer_refuses_it():
    complex_step = course().exercise("complex_step")
    function = complex_step.solution.index(f"def {complex_step.exam.function}")
    head, body = complex_step.solution[:function], complex_step.solution[function:]
    found = examine_source(complex_step, head + body.replace("return ", "return [1, [2]], ", 1), 0)
    assert found.code == "not-accepted"
    assert "nothing of the kind" in found.sentences[0]


def test_two_mistakes_get_two_sentences_and_the_table_says_which_is_right():
    found = said(LINEAR, ("np.outer(dy, x)", "np.outer(x, dy)"), ("dy.copy()", "np.ones_like(dy)"))
    assert len(found.sentences) == 2
    assert [(row.name, row.right) for row in found.rows] == [("dW", False), ("dx", True), ("db", False)]


def test_a_mistake_that_explains_everything_comes_before_those_that_explain_a_part():
    found = said(STEPS, ("dh[t] + dh_next", "dh[t]"))
    assert (found.code, len(found.sentences)) == ("wrong:no-carry", 1)


def test_wrong_numbers_and_changed_arguments_are_both_told():
    found = said(LINEAR, ("    return dW, dx", "    dy *= 2\n    dx *= 2\n    return dW, dx"))
    assert found.code == "constant-factor"
    assert found.sentences[1] == "It also changes its argument number 1: work on a copy."


def test_a_mistake_that_would_have_shown_elsewhere_too_is_not_the_one():
    transposed, ones = ("np.outer(dy, x)", "np.outer(x, dy)"), ("dy.copy()", "np.ones_like(dy)")
    exercise = dataclasses.replace(LINEAR)
    wrong = (Wrong("both", "Both.", transposed, ones), Wrong("one", "One.", transposed))
    exercise.__dict__["exam"] = dataclasses.replace(LINEAR.exam, wrong=wrong)
    assert examine_source(exercise, edited(LINEAR, transposed), 0).code == "wrong:one"
    assert examine_source(exercise, edited(LINEAR, transposed, ones), 0).code == "wrong:both"


def test_a_size_that_is_built_in_is_told():
    found = [said(LINEAR, ("dy.copy()", "dy[:3].copy()"), seed=seed) for seed in range(6)]
    assert {one.code for one in found} == {"shape"}
    assert any("it is right: is a size built in?" in one.sentences[0] for one in found)


def test_an_answer_that_is_right_for_ordinary_numbers_only_is_told():
    stable = course().exercise("softmax_stable")
    found = said(stable, ("np.mean(losses), dy", "np.mean(losses), dy * np.where(np.max(np.abs(y)) > 100, 2, 1)"))
    assert found.code == "unstable"
    assert "`dy` is right, but not where numbers are large" in found.sentences[0]


def test_an_answer_that_is_wrong_in_special_cases_only_is_told():
    fresh = ("    return parameter, memory", "    return parameter + np.all(memory == gradient**2), memory")
    found = said(course().exercise("adagrad"), fresh)
    assert found.code == "special"
    assert "`parameter` is right for ordinary numbers, but not for all that may come" in found.sentences[0]


def test_an_edit_brings_other_numbers_and_the_same_file_the_same_ones():
    seeds = [seed_of(f"text {number}") for number in range(50)]
    assert seeds == [seed_of(f"text {number}") for number in range(50)]
    assert set(seeds) == set(range(PAPERS))


def test_an_answer_that_loops_over_entries_is_right_and_slow():
    loops = """
    dW = np.zeros_like(W)
    for i in range(len(dy)):
        for j in range(len(x)):
            dW[i, j] = dy[i] * x[j]
"""
    found = said(LINEAR, ("    dW = np.outer(dy, x)  # W[i, j] moves y[i] by x[j]\n", loops))
    assert found.solved
    assert "slow" in found.remarks[0]
    assert said(LINEAR).remarks == ()


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (("2 * x", "((x + 1e-6) ** 2 - (x - 1e-6) ** 2) / 2e-6"), "wrong"),
        (("2 * x", "((x + 1e-20j) ** 2).imag * 1e20"), "refused"),
        (("2 * x", "((x + np.emath.sqrt(-1e-40)) ** 2).imag"), "refused"),
        (("2 * x", "float((np.sqrt(np.array(-1.0), dtype='complex') + x).real)"), "refused"),
        (("2 * x", "2 * np.longdouble(x)"), "refused"),
        (("2 * x", "2 * float(np.array(x).astype('complex').real)"), "refused"),
        (("2 * x", "2 * float(np.zeros(1, 'D')[0].real + x)"), "refused"),
        (("2 * x", "2 * float(np.array(x).astype('float64'))"), "solved"),
        (("2 * x", "__import__('jax').grad(lambda x: x * x)(x)"), "refused"),
        (("2 * x", "eval('2 * x')"), "refused"),
    ],
)
def test_a_machine_does_not_pass(edit, code):
    found = said(HELLO, ('"""Hello', 'import numpy as np\n"""Hello'), edit)
    assert found.code == code


def test_complex_numbers_are_refused_however_they_come_about():
    found = said(LINEAR, ("W.T @ dy", "(W.T @ (dy + (-1.0) ** 0.5) - (-1.0) ** 0.5 * W.sum(0)).real"))
    assert found.code == "complex"


def test_the_forward_cannot_be_called():
    found = said(LINEAR, ("W.T @ dy", "linear_forward(W.T, dy, 0)[0]"))
    assert found.code == "withheld"
    assert "Your code calls `linear_forward`" in found.sentences[0]
