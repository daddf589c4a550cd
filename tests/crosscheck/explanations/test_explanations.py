"""Every code that the source can put into a report is explained, and nothing else is."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from crosscheck.cli.entry import run
from crosscheck.contract.codes import CODES
from crosscheck.diagnose.explanations import CODES as DIAGNOSES
from crosscheck.errors import CrosscheckError
from crosscheck.explanations import PARTS, explain, texts

ROOT = Path(__file__).resolve().parents[3] / "crosscheck"
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

# Functions and classes that receive a code as their first argument.
TAKES_CODE = {
    "Finding",
    "Problem",
    "Diagnosis",
    "finding",
    "of_contract",
    "refuse",
    "_fail",
    "_failed",
    "_error",
    "_stopped",
}
# Said by the program that the child begins with.
FROM_ELSEWHERE = {"no-numpy", "python-too-old"}


def codes_in(path):
    """Yield the codes that a module writes out: code="...", Finding("..."), and what the lints yield."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            literals = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            literals += node.args[:1] if name in TAKES_CODE else []
        elif isinstance(node, ast.Yield) and path.name == "slips.py" and isinstance(node.value, ast.Tuple):
            literals = node.value.elts[1:2]
        elif isinstance(node, ast.FunctionDef):
            every = [*node.args.args, *node.args.kwonlyargs]
            defaults = [*node.args.defaults, *node.args.kw_defaults]
            pairs = zip(every[len(every) - len(defaults) :], defaults, strict=True)
            literals = [default for argument, default in pairs if argument.arg == "code"]
        else:
            continue
        for literal in literals:
            if isinstance(literal, ast.Constant) and isinstance(literal.value, str) and literal.value:
                yield literal.value


@cache
def in_use():
    found = set(CODES) | set(DIAGNOSES)
    for path in ROOT.rglob("*.py"):
        if "mutants" not in path.parts:
            found |= set(codes_in(path))
    return found


def test_every_code_in_use_has_a_text():
    used = in_use()
    assert len(used) > 130
    assert used - set(texts()) == set()


def test_every_text_is_of_a_code_in_use():
    assert set(texts()) - in_use() - FROM_ELSEWHERE == set()


@pytest.mark.parametrize("code", sorted(texts()))
def test_a_text_is_complete(code):
    assert KEBAB.fullmatch(code)
    text = explain(code)
    title, *paragraphs = text.split("\n\n")
    assert title.startswith(f"{code}: ")
    assert not title.endswith(".")
    heads = [head for part, head in PARTS.items() if part != "mathematics"]
    assert all(any(paragraph.startswith(head) for paragraph in paragraphs) for head in heads)
    assert all(paragraph.rstrip().endswith((".", "?", ")", ":")) for paragraph in paragraphs), text
    assert "{" not in title


def test_diagnoses_and_lints_and_wrong_gradients_come_with_their_mathematics():
    for code in [*DIAGNOSES, "gradient-differs", "loss-overflows", "carry-not-renewed", "overwritten-in-loop"]:
        assert "\n\nThe mathematics. " in explain(code)


def test_an_unknown_code_is_refused_with_the_nearest(capsys):
    with pytest.raises(CrosscheckError, match="did you mean loss-differs") as raised:
        explain("loss-difers")
    assert raised.value.code == "unknown-code"
    assert run(["explain", "loss-difers"]) == 2
    assert "loss-differs" in capsys.readouterr().err


def test_the_command_wraps_and_lists(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    assert run(["explain", "gradient-differs"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("gradient-differs: A gradient is wrong\n\n")
    assert max(map(len, out.split("\n"))) <= 50
    assert run(["explain"]) == 0
    assert capsys.readouterr().out.count("\n") == len(texts())
