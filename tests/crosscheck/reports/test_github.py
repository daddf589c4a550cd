"""Workflow commands, read by the rules that GitHub states for them, and a summary read by a Markdown parser."""

import re

import pytest
from markdown_it import MarkdownIt

from crosscheck.reports import annotations, github, summary
from crosscheck.reports.parts import gradients
from tests.crosscheck.reports import made

MARKDOWN = MarkdownIt("commonmark").enable("table")


def read(line):
    """Take a command apart as the runner does: name, properties, message; each value is unescaped at the end."""
    assert "\n" not in line
    assert "\r" not in line
    name, properties, message = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line).groups()
    pairs = dict(one.split("=", 1) for one in properties.split(","))
    return name, {key: unescaped(value) for key, value in pairs.items()}, unescaped(message)


def unescaped(value):
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        value = value.replace(code, character)
    return value


@pytest.mark.parametrize("report", made.KINDS, ids=made.NAMES)
def test_every_annotation_can_be_read_and_no_verdict_but_agree_is_silent(report):
    found = [read(line) for line in annotations(report)]
    names = [name for name, _, _ in found]
    assert names == sorted(names)
    assert ("error" in names) == (report["verdict"] in ("disagree", "error"))
    assert all(set(properties) <= {"file", "line", "title"} for _, properties, _ in found)


def test_a_wrong_gradient_is_annotated_on_the_line_of_its_slip(tmp_path):
    file = str(tmp_path / "models" / "x.py")
    (line,) = annotations(made.file_report(file, [made.subject("f", "disagree")]), root=tmp_path)
    name, properties, message = read(line)
    assert name == "error"
    assert properties == {"file": "models/x.py", "line": "4", "title": "crosscheck: f: DISAGREE"}
    for part in ("nothing is carried", "Wxh differs.", "+    dh = dy + dhnext", "Reproduce: crosscheck check"):
        assert part in message


def test_nothing_is_said_twice():
    found = made.library_report("loss", "disagree")
    _, _, message = read(annotations(found)[0])
    assert message.count("Wxh differs.") == 1


def test_without_a_diagnosis_it_stands_where_the_backward_pass_begins():
    found = made.subject("f", "disagree", diagnoses=[], repairs=[], line=3)
    _, properties, _ = read(annotations(made.file_report("x.py", [found]))[0])
    assert properties["line"] == "3"


def test_texts_survive_the_escaping():
    text = f"{made.NASTY} 100%0A %3A"
    nasty = made.subject("f", findings=[made.finding(severity="warning", message=text, line=5)])
    _, properties, message = read(annotations(made.file_report("a,b:c%2C.py", [nasty]))[0])
    assert (properties["file"], message) == ("a,b:c%2C.py", text)


def test_a_cell_of_a_notebook_is_named_and_its_line_is_none_of_the_file():
    found = made.subject("f", "disagree", diagnoses=[], repairs=[], cell=3, line=2)
    _, properties, _ = read(annotations(made.file_report("n.ipynb", [found]))[0])
    assert properties == {"file": "n.ipynb", "title": "crosscheck: f: DISAGREE (cell 3, line 2)"}


def tables(report):
    """Return the rows of every table in a summary as the texts of their cells."""
    found, row = [], None
    for token in MARKDOWN.parse(summary(report).encode(errors="backslashreplace").decode()):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            row = []
            found[-1].append(row)
        elif token.type == "inline" and row is not None and token.level > 3:
            row.append("".join(child.content for child in token.children))
        elif token.type == "table_close":
            row = None
    return found


@pytest.mark.parametrize("report", made.KINDS, ids=made.NAMES)
def test_a_summary_has_a_row_for_each_gradient_and_shows_texts_as_they_are(report):
    found = tables(report)
    assert all(len(row) == len(table[0]) for table in found for row in table)
    skipped = report["skipped"]
    assert len(found[0]) == 1 + len(gradients(report)) + len(skipped)
    tokens = MARKDOWN.parse(summary(report).encode(errors="backslashreplace").decode())
    inline = [child.type for token in tokens for child in token.children or ()]
    assert {"html_inline", "link", "em"} & set(inline) == set()
    assert "html_block" not in [token.type for token in tokens]
    assert report["verdict"].upper() in tokens[1].content


def test_a_summary_holds_the_diff_and_the_command():
    text = summary(made.file_report(subjects=[made.subject("f", "disagree")]))
    fences = {token.info: token.content for token in MARKDOWN.parse(text) if token.type == "fence"}
    assert fences["diff"] == made.DIFF
    assert fences["sh"] == "crosscheck check models/x.py --seed 0\n"


def test_a_summary_is_never_larger_than_github_takes(monkeypatch):
    monkeypatch.setattr(github, "LONGEST_SUMMARY", 4000)
    wrong = [made.subject(f"f{number}", "disagree") for number in range(40)]
    assert len(summary(made.file_report(subjects=wrong)).encode()) <= 4000
    assert "does not fit" in summary(made.file_report(subjects=wrong))
