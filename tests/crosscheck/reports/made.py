"""Reports to write: as the library, the check of files, and shards make them, with everything that is hard to write."""

import difflib
from pathlib import Path

from crosscheck.files.report import FileReport
from crosscheck.files.together import Together
from crosscheck.reports import merged

NASTY = 'a < b & c | `d` % 5 \x1b[31m \x00 \ud800 é ∂, :: "quoted" ]]> *x* <script>alert(1)</script>\nsecond line'

BEFORE = "import numpy as np\n\ndef f(w):\n    dh = dy\n    dz = dh\n    return dz\n"
AFTER = "import numpy as np\n\ndef f(w):\n    dh = dy + dhnext\n    dz = dh\n    return dz\n"
_LINES = difflib.unified_diff(BEFORE.split("\n"), AFTER.split("\n"), "x.py", "x.py", lineterm="")
DIFF = "".join(f"{line}\n" for line in _LINES)


def parameter(name="Wxh", verdict="agree", **more):
    worst = {"index": [1, 0], "subject": 0.5, "reference": "inf", "noise": 1e-17, "discrepancy": 1e12,
             "share_wrong": 0.25, "case": "T=1/3", "time": None, "variable": None}  # fmt: skip
    return {"name": name, "verdict": verdict, "detection_floor": 2e-14, "worst_floor": "inf", "worst": worst,
            "cases": 40, "judged": 38, "disagreeing": 0, **more}  # fmt: skip


def finding(code="gradient-differs", severity="error", line=None, cell=None, file=None, message=None, about="Wxh"):
    return {"code": code, "severity": severity, "parameter": about, "message": message or f"{about} differs.",
            "file": file, "cell": cell, "line": line}  # fmt: skip


def subject(name, verdict="agree", **more):
    """Make an entry of "subjects" as the examination does."""
    wrong = verdict == "disagree"
    repair = {"line": 4, "before": "dh = dy", "after": "dh = dy + dhnext", "verdict": "agree", "cases": 20,
              "others": 1, "diff": DIFF}  # fmt: skip
    error = {"code": "subject-raised", "message": "It raised.", "line": 6} if verdict == "error" else None
    diagnosis = {"code": "carry-missing", "message": "line 4: nothing is carried.", "line": 4, "confidence": "exact"}
    return {
        "function": name, "model": "rnn", "verdict": verdict, "examples": 40, "judged": 38, "seconds": 1.5,
        "oracles": ["complex step"], "regimes": {"one-step": 10, "longer": 30}, "assumptions": ["the loss is a mean"],
        "parameters": [parameter(verdict=verdict if verdict != "error" else "inconclusive"), parameter("by")],
        "findings": [finding()] if wrong else [], "diagnoses": [diagnosis] * wrong, "repairs": [repair] * wrong,
        "error": error, "line": 3, "cell": None, **more,
    }  # fmt: skip


def file_report(target="models/x.py", subjects=(), **more):
    """Make the report of one file."""
    command = f"crosscheck check {target} --seed 0"
    return FileReport(target, 0, 2.0, command, subjects=tuple(subjects), **more).as_dict()


def library_report(target="by_hand", verdict="agree", **more):
    """Make a report as `crosscheck.check` does."""
    made = file_report(target, [subject(target, verdict)])
    made |= {"subjects": [], "diagnoses": [], "repairs": [], "repair": None}
    return made | {"reproduce": f"crosscheck.check({target}, twin=..., cases=..., seed=0)"} | more


def skipped(function="g"):
    return {"function": function, "reason": "no loss was found", "line": 9}


def every_kind():
    """Yield (what it is, report), one of each kind."""
    yield "agree", file_report(subjects=[subject("f")])
    yield "disagree", file_report(subjects=[subject("f", "disagree"), subject("g")])
    yield "error in a function", file_report(subjects=[subject("f", "error")])
    yield "skipped", file_report(subjects=[subject("f")], skipped=(skipped(),))
    yield "only skipped", file_report(skipped=(skipped(),))
    error = {"code": "timed-out", "message": "It hung.", "line": None, "cell": None}
    yield "stopped", file_report(subjects=[subject("f")], error=error)
    yield "never began", file_report(error={**error, "code": "syntax-error", "line": 3})
    warning = finding("undefined-name", "warning", line=2, file="models/x.py", about=None, message=NASTY)
    yield "about the file", file_report(subjects=[subject("f")], file_findings=(warning,))
    nasty = subject(NASTY, "disagree", findings=[finding(message=NASTY, about=NASTY)], assumptions=[NASTY])
    yield "nasty", file_report(f"models/{NASTY}.py", [nasty])
    cell = {"findings": [finding(line=2, cell=3, file="n.ipynb")], "cell": 3, "line": 1}
    yield "notebook", file_report("n.ipynb", [subject("f", "disagree", **cell)])
    yield "library", library_report()
    yield "library, wrong", library_report(verdict="disagree")
    loss = {"code": "loss-differs", "message": "The losses differ.", "line": None}
    yield "library, no gradient", library_report(verdict="error", error=loss, parameters=[], judged=0)
    parts = [file_report("a.py", [subject("f", "disagree")]), library_report()]
    yield "merged", merged(parts, target="a.py by_hand", seed=0, reproduce="crosscheck merge a b")
    both = FileReport("a.py", 0, 1.0, "c", (subject("f"),)), FileReport("b.py", 0, 1.0, "c", error=error)
    together = Together(both, "a.py b.py", 0, "crosscheck check a.py b.py", None)
    yield "together", together.as_dict()
    yield "nothing", merged([], target="nothing", seed=0, reproduce="crosscheck merge")
    stop = {"code": "empty-folder", "message": "It is empty.", "line": None, "cell": None}
    yield "refused", Together((), "folder", 0, "crosscheck check folder", stop).as_dict()


KINDS = [report for _, report in every_kind()]
NAMES = [name for name, _ in every_kind()]
HERE = Path(__file__).parent
