"""Code pasted together with prompts, line numbers, fences and prose."""

from pathlib import Path

import pytest

from crosscheck.source import Edit, SourceError
from crosscheck.source.document import read_text

BODY = "def f(x):\n    y = x\n\n    return y\nz = f(1)\na = 2\nb = 3\nc = 4\nd = 5\ne = 6"


def document(text, name="x.txt"):
    return read_text(text, "utf-8", Path(name))


def code_lines(source):
    return [line for line in source.lines if line.strip()]


@pytest.mark.parametrize("form", ["{0} {1}", "{0:<3}{1}", "{0:>4}  {1}", "{0}\t{1}", "{0}: {1}", "{0:>3}|{1}"])
def test_line_numbers_in_front(form):
    text = "\n".join(form.format(n, line).rstrip() for n, line in enumerate(BODY.split("\n"), start=1))
    source = document(text, "x.py")
    assert code_lines(source) == [line for line in BODY.split("\n") if line]
    line = source.lines.index("a = 2") + 1
    assert source.with_edits([Edit((line, 4), (line, 5), "7")]).text == text.replace("a = 2", "a = 7")


def test_a_session_with_prompts():
    source = document(">>> x = 1\n>>> for i in y:\n...     x += i\n... \n>>> x\n3 is odd\n")
    assert code_lines(source) == ["x = 1", "for i in y:", "    x += i", "x"]
    assert source.assumptions == ("the prompts in front of the code were left out",)


def test_a_session_of_ipython():
    source = document("In [1]: x = 1\n\nIn [2]: x\nOut[2]: 1 + ...\n\nIn [3]: def f():\n   ...:     return 2\n   ...: ")
    assert code_lines(source) == ["x = 1", "x", "def f():", "    return 2"]


def test_an_exported_notebook_with_prose_and_output():
    text = (
        "# A title\n\n*words: it's prose\n\nIn [1]:\nimport numpy as np\n\nx = 3\n\ndata has 69 characters\n\n\n"
        "**more words**\n\nIn [2]:\ndef f():\n    return 1\n\n    \n"
    )
    source = document(text)
    assert code_lines(source) == ["import numpy as np", "x = 3", "def f():", "    return 1"]
    assert source.lines[5] == "import numpy as np"
    assert source.text == text
    assert "left out" in source.assumptions[0]


def test_fences_count_in_a_page_and_not_in_a_script():
    page = "Some words, it's prose.\n\n```\ndef f():\n    return 1\n```\n\nand\n\n```\n0.1 => nan\n```\n\n"
    page += "```\ndef f(): pass\n```\n"
    assert code_lines(document(page)) == ["def f():", "    return 1"]
    with pytest.raises(SourceError):
        document(page, "x.py")


def test_a_numbered_program_cut_by_a_page_break():
    numbered = [f"{n:<3}{line}" for n, line in enumerate(BODY.split("\n"), start=1)]
    page = "Words' prose\n\n```\n" + "\n".join(numbered[:4]) + "\n```\n\n```\n" + "\n".join(numbered[4:]) + "\n```\n\n"
    page += "```\nx = 'another program'\n```\n"
    assert code_lines(document(page)) == [line for line in BODY.split("\n") if line]


def test_prose_alone_is_a_syntax_error():
    with pytest.raises(SourceError, match="line 1") as raised:
        document("Shall I compare thee to a summer's day?\nThou art more lovely\n")
    assert raised.value.code == "syntax-error"


def test_of_a_page_whose_code_is_broken_the_code_is_reported():
    with pytest.raises(SourceError) as raised:
        document(
            "1st, some prose:\n\n```\ndef f(x):\n    y = = x\n    return y\n```\n\n2nd, 10am: more of it\n", "page.md"
        )
    assert raised.value.line == 5
