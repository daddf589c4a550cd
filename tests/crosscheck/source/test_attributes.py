"""Attributes that nothing sets are told apart from those that come from elsewhere."""

import textwrap
from pathlib import Path

import pytest

from crosscheck.source.attributes import unknown_attributes
from crosscheck.source.document import read_text
from crosscheck.source.names import undefined_names

LINE = """
import numpy as np

class Line:
    def {constructor}(self, rounds=9, rate=0.1):
        {kept}
        self.rate = rate

    def fit(self, x, y):
        self.slopes = np.zeros(x.shape[1])
        for _ in range({rounds}):
            self.slopes -= self.rate * x.T @ (x @ self.{read} - y) / len(y)
"""
RIGHT = {"constructor": "__init__", "kept": "self.rounds = rounds", "rounds": "self.rounds", "read": "slopes"}


@pytest.mark.parametrize(
    ("change", "said", "mended"),
    [
        ({"constructor": "__int__"}, "line 5: nothing calls '__int__', which sets up the object", "def __init__(self"),
        ({"constructor": "_init_"}, "line 5: nothing calls '_init_'", "def __init__(self, rounds=9"),
        (
            {"kept": "pass"},
            "line 11: 'self.rounds' is never set: keep it in __init__",
            "self.rounds = rounds\n        p",
        ),
        ({"read": "slpoes"}, "line 12: nothing sets the attribute 'slpoes'; did you mean 'slopes'?", "@ self.slopes"),
        ({"rounds": "self.round"}, "nothing sets the attribute 'round'; did you mean 'rounds'?", "range(self.rounds)"),
    ],
)
def test_what_nothing_sets_is_told_with_its_line_and_mended(change: dict[str, str], said: str, mended: str) -> None:
    document = _read(LINE.format(**RIGHT | change))
    (problem,) = undefined_names(document)
    assert problem.code == "undefined-name"
    assert problem.message.startswith(said) or said in problem.message
    after = document.mended(problem.edits)
    assert mended in after.code
    assert undefined_names(after) == []


@pytest.mark.parametrize(
    "text",
    [
        LINE.format(**RIGHT),
        LINE.format(**RIGHT | {"read": "slpoes"}) + "\nline = Line()\nline.slpoes = 3\n",
        LINE.format(**RIGHT | {"read": "slpoes"}).replace("class Line:", "class Line(Base):"),
        LINE.format(**RIGHT | {"read": "slpoes"}) + "\n    def __getattr__(self, name): return 0\n",
        LINE.format(**RIGHT | {"read": "slpoes"}) + "\nsetattr(Line, 'slpo' + 'es', 3)\n",
        LINE.format(**RIGHT | {"read": "slpoes"}) + "\n    slpoes = np.zeros(3)\n",
        LINE.format(**RIGHT | {"read": "other_weights"}),
        LINE.format(**RIGHT | {"constructor": "__iter__", "kept": "return iter([rounds])"}),
        LINE.format(**RIGHT | {"kept": "keep(self, rounds)"}),
        LINE.format(**RIGHT | {"constructor": "_init_"}) + "\nline = Line()\nline._init_()\n",
        LINE.format(**RIGHT | {"constructor": "__exit__"}),
        LINE.format(**RIGHT) + "\n    def width(slope, y):\n        return slope.slope + y.rat\n",
    ],
    ids=[
        "right",
        "set from outside",
        "base",
        "computed",
        "setattr",
        "of the class",
        "far",
        "another method",
        "handed",
        "called",
        "special",
        "no self",
    ],
)
def test_nothing_is_said_where_an_attribute_may_come_from_elsewhere(text: str) -> None:
    assert list(unknown_attributes(_read(text))) == []


def _read(text: str):
    return read_text(textwrap.dedent(text), "utf-8", Path("line.py"))
