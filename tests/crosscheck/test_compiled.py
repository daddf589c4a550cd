"""The README's example of a compiled function: it runs as it stands, and a slip in the C is found."""

import shutil
from pathlib import Path

import pytest

from crosscheck.verdicts import Verdict

README = Path(__file__).resolve().parents[2] / "README.md"
EXAMPLE = (
    README.read_text(encoding="utf-8").partition("### A compiled function")[2].split("```python\n")[1].split("```")[0]
)


@pytest.mark.thorough
@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
@pytest.mark.parametrize(
    ("right", "wrong", "verdict"),
    [("", "", Verdict.AGREE), ("(1 - h * h)", "(1 - h)", Verdict.DISAGREE)],
    ids=["as it stands", "with a slip"],
)
def test_a_kernel_behind_ctypes_is_judged(tmp_path, monkeypatch, capsys, right, wrong, verdict):
    monkeypatch.chdir(tmp_path)
    assert right in EXAMPLE
    names = {}
    example = EXAMPLE.replace("twin=in_jax, ", "twin=in_jax, examples=20, ").replace(right or "\0", wrong)
    exec(example, names)
    assert names["report"].verdict is verdict
    assert f"compiled: {verdict.name}" in capsys.readouterr().out
