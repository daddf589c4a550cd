"""Stand-ins for the examination, chosen by the file's name: loaded in the child by `test_process.py`."""

import os
import runpy
import signal


def run_it(document, options, emit):
    """Say that a unit was found, run the file, and say what it was judged."""
    emit({"event": "unit", "function": "f"})
    emit({"event": "judged", "subject": {"function": "f", "verdict": "agree", "seed": options.seed}})
    names = runpy.run_path(str(document.path))
    emit({"event": "judged", "subject": {"function": "g", "verdict": names.get("verdict", "agree")}})


def scribble(document, options, emit):
    """Write into the channel what is no event."""
    emit({"event": "unit"})
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"not JSON\n")
        except OSError:
            continue


def fail(document, options, emit):
    """Be wrong ourselves."""
    raise ZeroDivisionError("ours")


def kill(document, options, emit):
    """Die of a signal."""
    os.kill(os.getpid(), signal.SIGSEGV)
