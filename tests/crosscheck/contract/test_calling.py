"""One call survives whatever the subject does, and tells it in a sentence with the line in the author's file."""

# ruff: noqa: ARG005  # lambdas take what a subject takes

import importlib
import pdb  # noqa: T100  # one left behind in a subject is what a test is about
import pickle
import signal
import sys
import threading
import time
import types
import warnings
from pathlib import Path

import numpy as np
import pytest

from crosscheck.contract import SubjectError, call, calling
from crosscheck.contract.calling import limited
from crosscheck.contract.failure import LateError

W = np.linspace(-1.0, 2.0, 7)
SOURCE = """
def inner(w):
    return w / undefined_name

def subject(w):
    return 0.5, inner(w)
"""


def right(w):
    return 0.5 * w @ w, w.copy()


def failing(subject, arguments=(W,), **options):
    with pytest.raises(SubjectError) as caught:
        call(subject, arguments, **options)
    return caught.value


def test_the_answer_comes_as_arrays_of_our_own():
    held = W.copy()
    outcome = call(lambda w: (0.5 * w @ w, held), (W,))
    held[:] = 0.0
    assert outcome.loss == 0.5 * W @ W
    assert np.array_equal(outcome.gradients, W)
    assert outcome.findings == ()


def test_arguments_stay_as_they_are_and_a_change_is_told():
    def subject(w):
        w += 1.0
        return right(w)

    given = W.copy()
    outcome = call(subject, (given,))
    assert np.array_equal(given, W)
    assert [(each.code, each.parameter) for each in outcome.findings] == [("input-changed", "parameters")]


def test_a_change_is_told_even_if_the_answer_is_of_no_use():
    def subject(w):
        w += 1.0
        return 0.5, None

    assert [each.code for each in failing(subject).findings] == ["gradient-missing", "input-changed"]


def test_memory_layout_is_handed_on():
    fortran = np.asfortranarray(np.ones((3, 5)))
    seen = []
    call(lambda w: (seen.append(w.flags.f_contiguous), (0.0, w.copy()))[1], (fortran,))
    assert seen == [True]


def test_an_exception_is_told_with_the_line_in_the_authors_file(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(SOURCE, encoding="utf-8")
    module = types.ModuleType("mine")
    exec(compile(SOURCE, str(file), "exec"), module.__dict__)
    error = failing(module.subject)
    assert error.crashed
    assert (error.findings[0].file, error.findings[0].line) == (str(file), 3)
    assert str(error) == (
        "The subject raised NameError in line 3 of mine.py, `return w / undefined_name`: "
        "name 'undefined_name' is not defined."
    )
    assert "in subject" in error.trace
    assert "in inner" in error.trace
    assert "calling.py" not in error.trace
    assert isinstance(error.__cause__, NameError)


def test_the_line_is_the_authors_own_when_a_library_raises():
    error = failing(lambda w: np.linalg.inv(w))
    assert Path(error.findings[0].file or "").name == Path(__file__).name
    assert "linalg.inv(w)" in str(error)
    assert "LinAlgError" in str(error)


def endless(w):
    return endless_as_well(w)


def endless_as_well(w):  # two, because a traceback abridges the repetition of one
    return endless(w)


class UnprintableError(Exception):
    def __str__(self):
        raise RuntimeError


def raised(error):
    def subject(w):
        raise error

    return subject


@pytest.mark.parametrize(
    ("subject", "code", "text"),
    [
        (endless, "subject-raised", "RecursionError"),
        (raised(MemoryError()), "subject-raised", "no message"),
        (raised(UnprintableError()), "subject-raised", "its message raises RuntimeError"),
        (raised(ValueError("one\n  two" + 5000 * "x")), "subject-raised", "one two"),
        (raised(AssertionError()), "subject-raised", "AssertionError"),
        (raised(SystemExit(0)), "subject-exited", "exit(0)"),
        (lambda w: sys.exit("done"), "subject-exited", "exit('done')"),
        (lambda w: input("?"), "subject-raised", "EOFError"),
        (lambda: right(W), "subject-signature", "1 was given"),
        (lambda w, x: right(w), "subject-signature", "missing a required argument: 'x'"),
        (None, "subject-signature", "NoneType"),
        ({"W": 1}, "subject-signature", "dict"),
    ],
)
def test_a_crash_is_one_sentence(subject, code, text):
    error = failing(subject)
    assert error.code == code
    assert error.crashed
    assert len(str(error)) < 600
    assert len(error.trace.splitlines()) < 40
    if code != "subject-signature":
        assert text in str(error)


def test_a_wrong_signature_is_told_apart_from_a_type_error_inside():
    assert "missing a required argument: 'x'" in str(failing(lambda w, x: right(w)))
    assert "too many positional arguments" in str(failing(lambda: right(W)))
    assert "expected a function" in str(failing({"W": 1}))
    assert failing(lambda w: w + "a" + None).code == "subject-raised"
    assert failing(np.add, (W,)).code in ("subject-signature", "subject-raised")


def test_a_debugger_left_in_the_code_cannot_wait_for_anyone(monkeypatch):
    def subject(w):
        pdb.Pdb(nosigint=True).set_trace()
        return right(w)

    trace = sys.gettrace()
    try:
        assert "BdbQuit" in str(failing(subject))
    finally:
        sys.settrace(trace)


def test_an_interrupt_passes_through():
    with pytest.raises(KeyboardInterrupt):
        call(raised(KeyboardInterrupt()), (W,))


def test_what_is_printed_is_kept_from_standard_output(capsys):
    def subject(w):
        print("first")
        sys.stdout.buffer.write(b"bytes")
        print("second")
        return right(w)

    own = sys.stdout
    outcome = call(subject, (W,))
    assert sys.stdout is own
    assert capsys.readouterr().out == ""
    assert [(each.code, each.message) for each in outcome.findings] == [
        ("prints", "The subject prints: 'first' (and 1 more).")
    ]


def test_closing_standard_output_harms_nobody(capsys):
    def subject(w):
        sys.stdout.close()
        return right(w)

    call(subject, (W,))
    print("open")
    assert capsys.readouterr().out == "open\n"


def test_warnings_become_notes_even_where_they_are_errors():
    def subject(w):
        warnings.warn("once", DeprecationWarning, stacklevel=1)
        return 0.5, w / np.zeros(7)

    (note,) = call(subject, (W,)).findings
    assert note.code == "warns"
    assert "DeprecationWarning: once. (and 2 more)" in note.message
    assert note.file == __file__


@pytest.mark.parametrize("state", ["raise", "ignore"])
def test_the_error_state_is_the_default_one_and_comes_back(state):
    with np.errstate(all=state):
        outcome = call(lambda w: (0.5, w / np.zeros(7)), (W,))
        assert np.geterr()["divide"] == state
    assert [each.code for each in outcome.findings] == ["warns"]


def test_a_time_limit_ends_a_call_that_swallows_exceptions():
    def subject(w):
        while True:
            try:
                time.sleep(10)
            except:  # noqa: E722
                if time.perf_counter() - started > 0.12:
                    raise

    started = time.perf_counter()
    error = failing(subject, time_limit=0.05)
    assert time.perf_counter() - started < 2
    assert error.code == "subject-timeout"
    assert "within 0.05 s; it had come to line" in str(error)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_an_import_is_not_cut_off(tmp_path, monkeypatch):
    package = tmp_path / "slow_package"
    package.mkdir()
    (package / "__init__.py").write_text("from slow_package.first import ONE\nimport slow_package.second\n")
    (package / "first.py").write_text("ONE = 1\n")
    (package / "second.py").write_text("import time\ntime.sleep(0.3)\n")
    monkeypatch.syspath_prepend(tmp_path)

    def importing() -> int:
        import slow_package  # pyright: ignore[reportMissingImports]

        time.sleep(5)
        return slow_package.ONE

    with pytest.raises(LateError):
        limited(importing, (), 0.05)
    assert {"slow_package", "slow_package.first", "slow_package.second"} <= set(sys.modules)
    with monkeypatch.context() as patch:
        patch.setattr(calling, "IMPORTING", 0.0)
        (package / "third.py").write_text("import time\ntime.sleep(5)\n")
        with pytest.raises(LateError):
            limited(lambda: importlib.import_module("slow_package.third"), (), 0.05)
    for name in [name for name in sys.modules if name.startswith("slow_package")]:
        del sys.modules[name]


def test_a_time_limit_leaves_another_timer_running():
    own = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 50.0)
    try:
        call(lambda w: (time.sleep(0.05), right(w))[1], (W,), time_limit=1.0)
        assert 40 < signal.getitimer(signal.ITIMER_REAL)[0] < 49.96
        assert signal.getsignal(signal.SIGALRM) is signal.SIG_IGN
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, own)


def test_a_time_limit_is_left_out_of_other_threads():
    found = []
    thread = threading.Thread(target=lambda: found.append(call(right, (W,), time_limit=1.0)))
    thread.start()
    thread.join()
    assert len(found) == 1


def test_the_error_crosses_between_processes():
    error = failing(raised(ValueError("no")))
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.code, copy.findings, copy.trace) == (str(error), error.code, error.findings, error.trace)
