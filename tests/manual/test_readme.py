"""The chapter cannot drift away from the code."""

import re
from pathlib import Path

import pytest

import manual

FOLDER = Path(manual.__file__).parent
CHAPTER = (FOLDER / "README.md").read_text(encoding="utf-8")


def without_comment(line: str) -> str:
    return line.partition("  #")[0].strip()


CODE = {
    without_comment(line)
    for name in ("rnn.py", "cross_entropy.py", "flow.py")
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()
}
QUOTED = [line for block in re.findall(r"```python\n(.*?)```", CHAPTER, re.DOTALL) for line in block.splitlines()]


@pytest.mark.parametrize("line", QUOTED)
def test_a_quoted_line_stands_in_the_code(line):
    assert line in CODE


@pytest.mark.parametrize("name", ["dWxh", "dWhh", "dWhy", "dbh", "dby", "carry", "dy", "dz"])
def test_every_gradient_has_its_line(name):
    """`carry`, when the loop ends, is the gradient of the initial state."""
    assert any(name in line for line in QUOTED)


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)]+)\)", CHAPTER):
        assert (FOLDER / target).exists()
