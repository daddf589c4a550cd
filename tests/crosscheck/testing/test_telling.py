"""What is shown of a failure in place of a traceback."""

from crosscheck.errors import CrosscheckError
from crosscheck.report import Disagreement
from crosscheck.testing import plugin


def test_the_notes_of_hypothesis_follow_except_about_lines_of_ours():
    failure = Disagreement("\nrnn: DISAGREE")
    for note in ("Failing test case: f(\n    n=5,\n)", f"These lines:\n    {plugin.__file__}:3", "a blob"):
        failure.add_note(note)
    assert plugin._told(failure) == "rnn: DISAGREE\nFailing test case: f(\n    n=5,\n)\na blob"


def test_other_failures_keep_their_traceback():
    assert plugin._told(AssertionError("1 != 2")) is None
    assert plugin._told(CrosscheckError("There are no cases.")) == "There are no cases."
