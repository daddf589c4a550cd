"""What real files get, from the file to the report: verdicts, JSON by the schema, names that nothing defines."""

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

import crosscheck
from crosscheck.errors import CrosscheckError
from crosscheck.files.examine import examine
from crosscheck.files.options import Options
from crosscheck.source.document import read_text

SCHEMA = json.loads(files("crosscheck").joinpath("schema.json").read_text(encoding="utf-8"))

PAIR = """
import numpy as np

def forward(x, W):
    return x @ W, (x, W)

def backward(dout, cache):
    x, W = cache
    dx = dout @ W.T
    dW = x.T @ dout
    return dx, dW
"""

LAYER = "return dx, dW\n\ndef layer_backward(dout, odd):\n    dW = {} @ dout\n    return dW"

SUMS = """
import numpy as np
W = np.random.randn(3, 4)

def loss_fun(xs):
    loss = 0
    for x in xs:
        loss += np.sum(np.tanh(W @ x) ** 2)
    for x in xs:
        hidden = np.tanh(W @ x)
        dz = 2 * hidden * (1 - hiddne * hidden)
        dW += np.outer(dz, x) * 2
    return loss, dW

loss_fun([np.random.randn(4) for _ in range(3)])
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("right", "wrong", "verdict"),
    [
        ("", "", "agree"),
        ("x.T @ dout", "(x ** 3).T @ dout", "disagree"),
        ("return dx, dW", LAYER.format("odd.thing"), "inconclusive"),
        ("cache\n", "cahce\n", "error"),
    ],
)
def test_the_json_of_real_outcomes_is_as_the_schema_says(tmp_path, right, wrong, verdict):
    path = tmp_path / "pair.py"
    path.write_text(PAIR.replace(right, wrong) if right else PAIR)
    report = crosscheck.check_file(path, examples=3, budget=20)
    found = json.loads(report.to_json())
    jsonschema.validate(found, SCHEMA)
    assert (found["verdict"], bool(found["error"])) == (verdict, verdict == "error")
    assert bool(found["repairs"]) == (verdict in {"disagree", "error"})


def examined(source, **options):
    events = []
    document = read_text(source, "utf-8", Path("subject.py"))
    examine(document, Options(examples=3, repair=False, **options), events.append)
    return events


def test_what_is_never_begun_is_begun_and_judged():
    (subject,) = [event["subject"] for event in examined(SUMS) if event["event"] == "judged"]
    assert (subject["verdict"], subject["error"]["code"]) == ("error", "undefined-name")
    lines = [finding["line"] for finding in subject["findings"][:2]]
    assert lines == [SUMS[: SUMS.index(text)].count("\n") + 1 for text in ("hiddne", "dW +=")]
    (repair,) = subject["repairs"]
    assert repair["verdict"] == "disagree"
    assert "+    dW = np.zeros_like(W)\n     for x in xs:" in repair["diff"]
    assert (repair["line"], repair["after"]) == (lines[0], "dz = 2 * hidden * (1 - hidden * hidden)")


def test_an_undefined_name_where_nothing_could_be_judged_is_an_error():
    *_, last = examined(PAIR.replace("return dx, dW", LAYER.format("trasnposed")))
    assert (last["event"], last["error"]["code"], last["error"]["line"]) == ("failed", "undefined-name", 14)


def test_a_function_that_is_not_there_is_refused_with_what_was_meant():
    with pytest.raises(CrosscheckError, match=r"no function bakcward: did you mean backward\?"):
        examined(PAIR, functions=("bakcward",))
    with pytest.raises(CrosscheckError, match="it has forward, backward"):
        examined(PAIR, functions=("loss",))
    assert examined(PAIR, functions=("forward/backward",)) is not None
