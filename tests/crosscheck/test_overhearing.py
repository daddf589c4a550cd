"""Prints of one thread are kept, and those of others are not lost."""

import sys
import threading

import pytest

from crosscheck.overhearing import overheard


def test_what_this_thread_prints_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout
    with overheard() as printed:
        print("kept")
        with overheard() as inside:
            print("inside")
        print("kept too")
    print("shown")
    assert "".join(printed) == "kept\nkept too\n"
    assert "".join(inside) == "inside\n"
    assert capsys.readouterr().out == "shown\n"
    assert sys.stdout is before


def test_threads_that_overlap_leave_standard_output_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    before, first_in, second_in, first_out = sys.stdout, *(threading.Event() for _ in range(3))

    def first() -> None:
        with overheard():
            first_in.set()
            second_in.wait(10)
        first_out.set()

    def second() -> None:
        first_in.wait(10)
        with overheard():
            second_in.set()
            first_out.wait(10)

    threads = [threading.Thread(target=target) for target in (first, second)]
    for thread in threads:
        thread.start()
    second_in.wait(10)
    print("from the main thread")
    for thread in threads:
        thread.join(10)
    assert sys.stdout is before
    assert capsys.readouterr().out == "from the main thread\n"
