"""An adapter is written from the source, loads definitions only, and lets code be judged that was not recognised."""

import textwrap
from pathlib import Path

import numpy as np
import pytest

import crosscheck
from crosscheck.adapters import AdapterCases, Sizes, load
from crosscheck.adapters.writing import adapter_for
from crosscheck.cli.entry import run
from crosscheck.errors import CrosscheckError
from crosscheck.source import read

NETWORK = """
    import numpy as np
    hidden_size = 100
    vocab_size = len(open('no such file').read())
    W = np.random.randn(hidden_size, vocab_size) * 0.01
    b = np.zeros((hidden_size, 1))
    def lossFun(hprev):
        y = np.tanh(np.dot(W, np.ones((vocab_size, 1))) + b + hprev)
        dy = 2 * y * (1 - y * y)
        return (y * y).sum(), np.dot(dy, np.ones((1, vocab_size))), dy
    for step in range(10 ** 9):
        raise SystemExit('trained')
    trained = lossFun(b)
"""


@pytest.fixture
def network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.py"
    path.write_text(textwrap.dedent(NETWORK).replace("np.dot(dy, np.ones((1, vocab_size))), dy", "dW, db").replace(
        "    return", "    dW, db = np.dot(dy, np.ones((1, vocab_size))), dy\n    return"
    ))  # fmt: skip
    return path


@pytest.mark.thorough
def test_what_is_written_judges_at_once(network, capsys):
    assert run(["adapter", "net.py"]) == 0
    text = Path("net_adapter.py").read_text()
    assert '"W": rng.normal(size=(sizes["hidden_size"], sizes["vocab_size"])),' in text
    assert 'return _0, {"W": dW, "b": db}' in text.replace("return ...", "return _0")
    Path("net_adapter.py").write_text(text.replace("return ...", "return _0"))
    report = crosscheck.check_file("net_adapter.py", examples=8)
    assert (report.verdict, report.as_dict()["judged"]) == ("agree", 8)
    network.write_text(network.read_text().replace("dy = 2", "dy = 3"))
    assert crosscheck.check_file("net_adapter.py", examples=8).verdict == "disagree"


def test_an_adapter_never_replaces_a_file(network, capsys):
    Path("net_adapter.py").write_text("mine")
    assert run(["adapter", "net.py"]) == 2
    assert Path("net_adapter.py").read_text() == "mine"
    assert "--output" in capsys.readouterr().err
    assert run(["adapter", "net.py:lossFun", "--output", "-"]) == 0
    assert "def call(parameters, data):" in capsys.readouterr().out


def test_only_definitions_are_loaded(network):
    module = load(network)
    assert module.hidden_size == 100
    assert callable(module.lossFun)
    assert not hasattr(module, "vocab_size")
    assert not hasattr(module, "trained")


def test_python_2_is_loaded_as_it_was_meant(tmp_path):
    (tmp_path / "old.py").write_text("print 'x'\nhalf = 1 / 2\n")
    assert load(tmp_path / "old.py").half == 0
    (tmp_path / "none.py").write_text("print('x')\n")
    with pytest.raises(CrosscheckError, match="defines nothing"):
        load(tmp_path / "none.py")


def test_sizes_are_all_different_and_cases_the_same_every_time():
    sizes = Sizes(np.random.default_rng(0))
    assert len({sizes[name] for name in "abcdefgh"}) == 8
    assert sizes["a"] == sizes["a"]
    with pytest.raises(CrosscheckError, match="more than 8"):
        sizes["i"]
    cases = AdapterCases(lambda rng, sizes: {"W": rng.normal(size=sizes["n"])}, lambda _rng, sizes: {"x": sizes["n"]})
    keys = [cases.draw(3, index) for index in range(4)]
    assert [key.regime for key in keys] == ["ordinary", "ordinary", "small", "large"]
    for key in keys:
        (one, data), (two, _) = cases.build(key).arguments, cases.build(key).arguments
        assert np.array_equal(one["W"], two["W"])
        assert data["x"] == len(one["W"])


@pytest.mark.parametrize(
    ("parameters", "says"), [("return {}", "no parameters"), ("raise ZeroDivisionError('mine')", "ZeroDivisionError")]
)
def test_what_is_wrong_with_an_adapter_is_said(tmp_path, parameters, says):
    path = tmp_path / "a.py"
    path.write_text(
        f"def parameters(rng, sizes):\n    {parameters}\ndef data(rng, sizes):\n    return {{}}\n"
        "def call(parameters, data):\n    return 0.0, {}\n"
    )
    report = crosscheck.check_file(path)
    error = report.as_dict()["error"]
    assert (report.verdict, error["code"]) == ("error", "bad-adapter")
    assert says in error["message"]


def test_a_function_that_is_not_there(network):
    with pytest.raises(CrosscheckError, match="no function bptt") as raised:
        adapter_for(read(network), "bptt")
    assert raised.value.code == "no-such-function"
