"""The learner's code in a process of its own: whatever it does becomes one sentence."""

import dataclasses
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from crosscheck.learn.course import course
from crosscheck.learn.examining import examine
from crosscheck.learn.pupil import Pupil

LINEAR = course().exercise("linear")
FIRST = "W, x = cache\n    "
"""The first line of the backward pass, and how the second begins"""


@contextmanager
def asked(source, *, seconds=5.0):
    exercise = dataclasses.replace(LINEAR, seconds=seconds)
    with Pupil(exercise) as pupil:
        yield examine(exercise, source, 0, lambda: pupil.load(source, "linear.py"))


def edited(old, new, text=LINEAR.solution):
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        (LINEAR.solution, "solved", "Right."),
        (LINEAR.stub, "todo", "TODO: return dW, dx, db"),
        (edited("W.T @ dy", "W @ dy"), "wrong:dx-not-transposed", "adds up along the rows"),
        (edited("dx = W.T", "dx = os._exit(3) if 1 else W.T"), "raised", "NameError: name 'os' is not defined"),
        (edited(FIRST, FIRST + "np.lib._npyio_impl.os._exit(3)\n    "), "crashed", "exit code 3"),
        (
            edited("return dW, dx, db", "import ctypes"),
            "import",
            "Line 18 imports ctypes: this exercise is done by hand",
        ),
        (edited("return dW, dx, db", "exit()"), "raised", "Line 18 ends the program"),
        (edited("return dW, dx, db", "return dW, dx,"), "shape", "It returns a tuple of 2: return (dW, dx, db)"),
        (edited("return dW, dx, db", "return dW, dx, (lambda: 1)"), "shape", "`db` is a function"),
    ],
)
def test_an_answer_gets_its_sentence(source, code, said):
    with asked(source) as result:
        assert (result.code, result.solved) == (code, code == "solved")
        assert said in " ".join(result.sentences)


def test_a_loop_without_end_is_stopped():
    started = time.monotonic()
    with asked(edited("W, x = cache\n    dW", "W, x = cache\n    while True: pass\n    dW"), seconds=0.3) as result:
        assert result.code == "endless"
        assert result.sentences == (
            "Your code was still running after 0.3 s and was stopped: look for a loop that never ends.",
        )
    assert time.monotonic() - started < 60


def test_what_is_printed_comes_once_and_not_without_end():
    with asked(edited("W, x = cache\n    dW", "W, x = cache\n    print('hello', W.ndim)\n    dW")) as result:
        assert result.solved
        assert result.printed == "hello 2\n"
    with asked(edited("W, x = cache\n    dW", "W, x = cache\n    print('x' * 10**7)\n    dW")) as result:
        assert 2_000 <= len(result.printed) < 2_010


def test_nothing_is_written(tmp_path):
    path = tmp_path / "x"
    with asked(edited("W, x = cache\n    dW", f"W, x = cache\n    np.save({str(path)!r}, W)\n    dW")) as result:
        assert result.code == "refused"
        assert "wants to write" in result.sentences[0]
    assert list(tmp_path.iterdir()) == []


def test_no_process_and_no_descriptor_is_left():
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.glob("*")))
    with asked(LINEAR.solution):
        pass
    assert len(list(descriptors.glob("*"))) == before


def test_arrays_arrive_bit_for_bit():
    from crosscheck.learn.wire import Other, dumps, loads

    sent = {"a": (np.array([np.nan, -0.0, 5e-324]), [np.float32(0.1), None, True, "x"], np.zeros((2, 0), np.int8))}
    came = loads(dumps(sent))
    assert isinstance(came["a"], tuple)
    assert came["a"][0].tobytes() == sent["a"][0].tobytes()
    assert (came["a"][1][0].dtype, came["a"][2].shape) == (np.float32, (2, 0))
    assert loads(dumps(len)) == Other("a builtin_function_or_method")
