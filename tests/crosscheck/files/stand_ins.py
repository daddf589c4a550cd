"""Stand-ins for the examination, chosen by the file's name: loaded in the child by `test_process.py`."""

import os
import runpy
import signal
import time


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


def subject(name, verdict, **more):
    """Make an entry of "subjects" as the examination does."""
    wrong = verdict == "disagree"
    worst = {"index": [1, 0], "subject": 0.5, "reference": float("inf"), "noise": 1e-17, "discrepancy": 1e12,
             "share_wrong": 0.25, "case": "T=1/3", "time": None, "variable": None}  # fmt: skip
    parameter = {"name": "Wxh", "verdict": verdict, "detection_floor": 2e-14, "worst": worst, "cases": 40, "judged": 40}
    finding = {"code": "gradient-differs", "severity": "error", "parameter": "Wxh", "message": "Wxh differs.",
               "file": "x.py", "cell": None, "line": 7}  # fmt: skip
    repair = {"line": 7, "before": "dh = dy", "after": "dh = dy + dhnext", "verdict": "agree", "cases": 60,
              "diff": "--- x.py\n+++ x.py\n@@ -7 +7 @@\n-dh = dy\n+dh = dy + dhnext\n",
              "edits": [[[1, 0], [1, 1], "y"]]}  # fmt: skip
    return {
        "function": name, "model": "rnn", "verdict": verdict, "examples": 40, "judged": 38, "seconds": 1.5,
        "oracles": ["complex step"], "regimes": {"T=1": 20, "long": 20}, "assumptions": ["mean loss"],
        "parameters": [parameter], "findings": [finding] if wrong else [],
        "diagnoses": [{"code": "no-carry", "message": "Nothing is carried.", "line": 7, "confidence": "exact"}] * wrong,
        "repairs": [repair] if wrong else [], **more,
    }  # fmt: skip


def as_told(document, options, emit):
    """Emit what the comments of the file say: `# judged f agree`, `# skipped g`, `# failed code`."""
    from crosscheck.errors import CrosscheckError

    for line in document.lines:
        match line.lstrip("# ").split():
            case ["judged", name, verdict]:
                if not options.functions or name in options.functions:
                    emit({"event": "unit", "function": name})
                    emit({"event": "judged", "subject": subject(name, verdict)})
            case ["skipped", name]:
                emit({"event": "skipped", "function": name, "reason": "no loss was found"})
            case ["warning", code]:
                finding = {"code": code, "severity": "warning", "parameter": None, "message": "Look here.",
                           "file": str(document.path), "cell": None, "line": 3}  # fmt: skip
                emit({"event": "finding", "finding": finding})
            case ["assumed", *words]:
                emit({"event": "assumed", "assumption": " ".join(words)})
            case ["bug"]:
                raise ZeroDivisionError("ours")
            case ["interrupt"]:
                emit({"event": "unit", "function": "interrupt"})
                time.sleep(100)
            case ["failed", code]:
                raise CrosscheckError("It cannot be judged: mend it.", code=code)
