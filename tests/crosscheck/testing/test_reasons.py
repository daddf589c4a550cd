"""Which call a test's cases make of a function, and how often its file is checked."""

import importlib.util
import os

import numpy as np

from crosscheck.door import check
from crosscheck.files import check as files
from crosscheck.files.report import FileReport
from crosscheck.strategies import like
from crosscheck.testing.reasons import _call, with_reasons

WRONG = """
def halved(w, x):
    return w * w * x, w * x
"""


def test_the_lengths_of_the_call_are_above_one_and_differ():
    example = (np.ones(3), np.ones((7, 3)))
    for seed in range(5):
        made = _call("f", like(example), seed)
        assert made is not None
        shape = made["arguments"][1]["shape"]
        assert min(shape) > 1
        assert shape[0] != shape[1]
        assert shape[0] * shape[1] <= 21
    assert _call("f", example, 0) == _call("f", like(example), 0)


def test_a_file_is_checked_once_in_each_version(tmp_path, monkeypatch):
    path = tmp_path / "halves.py"
    path.write_text(WRONG)
    spec = importlib.util.spec_from_file_location("halves", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    asked = []

    def check_file(file, **details):
        asked.append((os.path.realpath(file), details["function"], details["call"]["arguments"][1]))
        return FileReport(file, 0, 0.0, "")

    monkeypatch.setattr(files, "check_file", check_file)
    example = (np.float64(0.5), 2.0)
    report = check(module.halved, cases=example, examples=2)
    assert with_reasons(report, module.halved, example) == with_reasons(report, module.halved, example) == report
    assert asked == [(str(path.resolve()), "halved", 2.0)]
    path.write_text(WRONG + "\n")
    os.utime(path, ns=(1, 1))
    with_reasons(report, module.halved, example)
    assert len(asked) == 2
