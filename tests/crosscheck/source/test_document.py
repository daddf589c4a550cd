"""Reading scripts as they come, editing them, and leaving everything else as it was."""

import ast
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscheck.source import Edit, SourceError, read
from crosscheck.source.decoding import decode
from crosscheck.source.document import read_text

NAME = Path("x.py")
SCRIPT = "import numpy as np\n\ndef loss(h):\n    return (h*h).sum()  # a sum\n"


@pytest.fixture
def write(tmp_path):
    def to(content, name="script.py"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else textwrap.dedent(content).encode())
        return path

    return to


def edited(document, before, after):
    """Replace the first occurrence of some text in the code."""
    at = document.code.index(before)
    line = document.code.count("\n", 0, at) + 1
    column = at - (document.code.rfind("\n", 0, at) + 1)
    return document.with_edits([Edit((line, column), (line, column + len(before)), after)])


def test_a_script_is_itself(write):
    document = read(write(SCRIPT))
    assert (document.code, document.text, document.python2) == (SCRIPT, SCRIPT, False)
    assert str(document.place(4)) == "line 4"


@pytest.mark.parametrize(
    "content",
    [
        SCRIPT.replace("\n", "\r\n").encode(),
        SCRIPT.replace("\n", "\r").encode(),
        SCRIPT.replace("\n\n", "\r\n\n").encode(),
        b"\xef\xbb\xbf" + SCRIPT.encode(),
        b"# -*- coding: latin-1 -*-\n# \xe9\n" + SCRIPT.encode(),
        b"# \xe9\xff\n" + SCRIPT.encode(),
        b"\x0c" + SCRIPT.encode() + b"\x0c\n",
        SCRIPT.encode() + b"x = '\xe2\x80\xa8'",
    ],
)
def test_an_edit_changes_these_bytes_only(write, content):
    document = read(write(content))
    assert document.edited_bytes(document) == content
    after = edited(document, "h*h", "2*h")
    assert document.edited_bytes(after) == content.replace(b"h*h", b"2*h")
    assert ast.dump(after.tree) == ast.dump(ast.parse(document.code.replace("h*h", "2*h")))


def test_a_new_line_ends_as_the_others_do(write):
    document = read(write(SCRIPT.replace("\n", "\r\n").encode()))
    after = edited(document, "    return", "    h = 2*h\n    return")
    assert document.edited_bytes(after).count(b"\r\n") == 5
    assert b"2*h\r\n" in document.edited_bytes(after)
    assert document.diff(after) == (
        f"--- {document.path}\n+++ {document.path}\n@@ -1,5 +1,6 @@\n import numpy as np\n \n def loss(h):\n"
        "+    h = 2*h\n     return (h*h).sum()  # a sum\n \n"
    )


def test_columns_count_characters(write):
    document = read(write("s = 'é'; dx = 1\n"))
    statement = document.tree.body[1]
    assert document.span(statement) == ((1, 9), (1, 15))
    assert document.source_of(statement) == "dx = 1"
    assert edited(document, "dx", "dy").code == "s = 'é'; dy = 1\n"


@given(st.data())
def test_edits_one_after_another_equal_edits_at_once(data):
    lines = data.draw(st.lists(st.sampled_from(["x = 1", "print x", "y = `x`", "", "if x <> 2: x = 010L"]), min_size=2))
    document = read_text(*decode("\r\n".join([*lines, "z = 1"]).encode(), NAME), NAME)
    end = len(document.lines)
    one, two = Edit((1, 0), (1, 0), "q = 3\n"), Edit((end, 0), (end, 1), "w")
    at_once = document.with_edits([one, two])
    in_turn = document.with_edits([two]).with_edits([one])
    assert (at_once.code, at_once.text) == (in_turn.code, in_turn.text)
    assert at_once.text == "q = 3\r\n" + "\r\n".join([*lines, "w = 1"])


def test_an_edit_that_does_not_parse_is_refused(write):
    document = read(write(SCRIPT))
    with pytest.raises(SourceError) as raised:
        edited(document, "return", "return return")
    assert raised.value.code == "syntax-error"


@pytest.mark.parametrize(
    ("content", "code", "line", "says"),
    [
        (b"", "empty-file", None, "empty"),
        (b" \n\t\n", "empty-file", None, "empty"),
        (b"x = 1\ny = \0\n", "unreadable-file", 2, "null byte"),
        ("x = 1".encode("utf-16"), "unreadable-file", None, "UTF-16"),
        (b"x = 1\nif x\n", "syntax-error", 2, "expected ':'"),
        (b"x = (1,\ny = 2\n", "syntax-error", 1, "never closed"),
        (b"print 'a'\nprint 'b\n", "syntax-error", 2, "unterminated"),
        (b"x = " + b"(" * 5000 + b")" * 5000, "nested-too-deeply", None, "levels"),
        (b"x = " + b"-" * 100_000 + b"1", "nested-too-deeply", None, "levels"),
        (b"x = 1" + b"+1" * 2000, "nested-too-deeply", None, "levels"),
        (b"x = a" + b".a" * 100_000, "nested-too-deeply", None, "levels"),
        (b"x = 1\n" * 1_000_000, "file-too-large", None, "1,000,000 lines"),
        (b"x = " + b"1" * 5000, "syntax-error", 1, "digits"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence(write, content, code, line, says):
    path = write(content)
    with pytest.raises(SourceError, match=r"script\.py") as raised:
        read(path)
    assert (raised.value.code, raised.value.line) == (code, line)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_missing_files_and_folders(tmp_path):
    for path, code in [(tmp_path / "no.py", "no-such-file"), (tmp_path, "unreadable-file"), ("\0", "no-such-file")]:
        with pytest.raises(SourceError) as raised:
            read(path)
        assert raised.value.code == code


@given(st.binary(max_size=60) | st.text("()[]'\"\\\n\t #%!?`In:>=0Lprint", max_size=60).map(str.encode))
def test_whatever_the_bytes_there_is_a_document_or_a_sentence(content):
    try:
        document = read_text(*decode(content, NAME), NAME)
    except SourceError:
        return
    assert document.edited_bytes(document) == content
    assert document.code.count("\n") == document.shown.count("\n")


@given(st.lists(st.sampled_from(["x = 1", "y = 2", "", "def f():\n  pass"]), max_size=5), st.data())
def test_the_edits_to_another_document_lead_there(lines, data):
    other = data.draw(st.permutations([*lines, "z = 3"]))
    one, two = (read_text("\n".join(["a = 0", *some]), "utf-8", NAME) for some in (lines, other))
    assert one.with_edits(one.edits_to(two)).code == two.code


def test_a_mended_document_keeps_the_places_of_what_the_user_wrote():
    source = read_text("a = 1\nfor x in y:\n    b += x\nc = 3\n", "utf-8", Path("x.py"))
    mended = source.mended(
        [Edit((2, 0), (2, 0), "b = 0\n"), Edit((2, 0), (2, 0), "d = 0\n"), Edit((4, 0), (4, 1), "e")]
    )
    assert mended.lines[:5] == ["a = 1", "b = 0", "d = 0", "for x in y:", "    b += x"]
    assert [mended.place(line).line for line in range(1, 8)] == [1, 2, 2, 2, 3, 4, 5]
    again = mended.with_edits([Edit((5, 4), (5, 5), "f = 2\n    b")])
    assert [again.place(line).line for line in range(1, 9)] == [1, 2, 2, 2, 3, 3, 4, 5]
