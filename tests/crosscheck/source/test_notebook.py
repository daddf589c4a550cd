"""Notebooks: cells one after another, magics out of the way, edits at their place in the JSON."""

import json

import pytest

from crosscheck.source import Edit, SourceError, read

METADATA = {"kernelspec": {"language": "python", "name": "python3"}, "kept": ["é", 1e-5]}


def code(source, **more):
    return {"cell_type": "code", "source": source, "outputs": [{"text": ["x = 1"]}], **more}


@pytest.fixture
def notebook(tmp_path):
    def of(*cells, name="n.ipynb", metadata=METADATA, **more):
        content = {"cells": list(cells), "metadata": metadata, "nbformat": 4, **more}
        (tmp_path / name).write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
        return read(tmp_path / name)

    return of


def test_cells_stand_one_after_another_and_places_are_within_them(notebook):
    prose = {"cell_type": "markdown", "source": ["# not ", "code"]}
    document = notebook(prose, code(["x = 1\n", "y = 2"]), code([]), code("z = 3\n"), code("w = 4"))
    assert document.code == "x = 1\ny = 2\nz = 3\n\nw = 4"
    assert [str(document.place(n)) for n in (1, 2, 3, 5)] == [
        "cell 2, line 1", "cell 2, line 2", "cell 4, line 1", "cell 5, line 1",
    ]  # fmt: skip


def test_an_edit_changes_one_string_of_the_json(notebook):
    document = notebook(code(["%pylab\n", 's = "é\\t\\\\"\n', "dx = 1"]), code("if s:\n\tdx = 'ü'"))
    edited = document.with_edits([Edit((3, 5), (3, 6), '"2"\ndy = "é"'), Edit((4, 3), (4, 4), "dx")])
    before, after = json.loads(document.text), json.loads(edited.text)
    assert [cell["source"] for cell in after["cells"]] == [
        ["%pylab\n", 's = "é\\t\\\\"\n', 'dx = "2"\ndy = "é"'],
        "if dx:\n\tdx = 'ü'",
    ]
    for cells, content in (before["cells"], before), (after["cells"], after):
        for cell in cells:
            del cell["source"]
        assert content["metadata"] == METADATA
    assert before == after
    assert f"+++ {document.path}, cell 1\n" in document.diff(edited)
    assert " %pylab\n" in document.diff(edited)
    assert str(edited.place(5)) == "cell 2, line 1"


def test_what_is_put_before_a_cell_belongs_to_it(notebook):
    document = notebook(code("x = 1"), code("y = 2"))
    edited = document.with_edits([Edit((1, 0), (1, 0), "a = 0\n"), Edit((2, 0), (2, 0), "b = 0\n")])
    assert [cell["source"] for cell in json.loads(edited.text)["cells"]] == ["a = 0\nx = 1", "b = 0\ny = 2"]
    assert [str(edited.place(line)) for line in (2, 3, 4)] == ["cell 1, line 2", "cell 2, line 1", "cell 2, line 2"]


def test_characters_written_as_escapes(tmp_path):
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": [code('# \U0001f600 é " \\ \nx = 1')], "nbformat": 4}))
    document = read(path)
    edited = document.with_edits([Edit((2, 4), (2, 5), "2")])
    assert edited.text == document.text.replace("nx = 1", "nx = 2")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("if x:\n    %time y = f()\n    !ls \\\n     -l\n    y", "if x:\n    y = f()\n    pass\n\n    y"),
        ("np.array?\n?np\nx = !ls\ny = %timeit f()", "pass\npass\nx = None\ny = None"),
        ("%%time\nx = 1", "pass\nx = 1"),
        ("%%bash\necho 'x\nif", "pass\n\n"),
        ("%%writefile x.txt\nimport y", "pass\n"),
        ("%%writefile -a x.py\nimport y", "pass\n"),
        ("x = '''\n%not a magic\n'''\ny = (1\n% 2)", "x = '''\n%not a magic\n'''\ny = (1\n% 2)"),
        ("   x = 1\n   y = 2", "x = 1\ny = 2"),
        ("cd D:\\data\\week 2\nx = 1", "pass\nx = 1"),
        ("pip install numpy==2.0\npwd\nx = 1", "pass\npass\nx = 1"),
        ("x = 3  # why?\n# what?\nprint('x?')", "x = 3  # why?\n# what?\nprint('x?')"),
    ],
)
def test_magics_do_nothing(notebook, source, expected):
    assert notebook(code(source), code("z = 1")).code == expected + "\nz = 1"


def test_a_cell_that_is_written_to_a_module_is_python_and_is_imported_from_there(notebook):
    written = code("%%writefile src/net.py\ndef f(x): return x\nclass A: pass")
    document = notebook(written, code("from src.net import (f,\n  A as B)\nfrom other import f as g"))
    lines = document.code.split("\n")
    assert lines[:3] == ["pass", "def f(x): return x", "class A: pass"]
    assert lines[3:] == ["B = A", "", "from other import f as g"]


def test_formats_two_and_three(tmp_path):
    path = tmp_path / "old.ipynb"
    cells = [{"cell_type": "code", "input": ["print 'x'\n", "y = 1 / 2"], "language": "python"}]
    path.write_text(json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3, "metadata": {"name": ""}}))
    document = read(path)
    assert (document.code, document.python2) == ("print('x')\ny = 1 / 2", True)


def test_the_kernel_tells_python_2_where_the_code_does_not(notebook):
    old = {"kernelspec": {"name": "python2"}, "language_info": {"name": "python", "version": "2.7.11"}}
    assert notebook(code("y = 1 / 2"), metadata=old).python2
    assert notebook(code("y = 1 / 2"), metadata={"kernelspec": {"name": "python2"}}).python2
    assert not notebook(code("y = 1 / 2")).python2


def test_a_syntax_error_is_placed_in_its_cell(notebook):
    with pytest.raises(SourceError, match=r"n.ipynb, cell 2, line 3: ") as raised:
        notebook(code("x = 1\ny = 2"), code("\n\nif x\n"))
    assert (raised.value.code, raised.value.cell, raised.value.line) == ("syntax-error", 2, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", "not-a-notebook"),
        ("[1]", "not-a-notebook"),
        ('{"cells": 3}', "not-a-notebook"),
        ('{"cells": [{"cell_type": "code", "source": ["x', "not-a-notebook"),
        ('{"cells": [], "x": ' + "[" * 100_000 + "]" * 100_000 + "}", "not-a-notebook"),
        ('{"cells": []}', "empty-file"),
        ('{"cells": [3, null, {"cell_type": "code"}, {"cell_type": "code", "source": [3, "  "]}]}', "empty-file"),
        ('{"cells": [{"cell_type": "code", "source": "x <- 1"}], "metadata": {"kernelspec": {"language": "R"}}}',
         "not-python"),
        ('{"cells": [{"cell_type": "code", "source": "x = \'\\ud800\'"}]}', "syntax-error"),
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_one_sentence(tmp_path, text, expected):
    path = tmp_path / "n.ipynb"
    path.write_text(text)
    with pytest.raises(SourceError, match=r"n\.ipynb") as raised:
        read(path)
    assert raised.value.code == expected


def test_every_truncation_is_refused(notebook, tmp_path):
    whole = notebook(code(["x = 1\n", "y = 'é'"]), code("z = 3")).text
    path = tmp_path / "cut.ipynb"
    for end in range(1, len(whole), 7):
        path.write_text(whole[:end])
        with pytest.raises(SourceError):
            read(path)
