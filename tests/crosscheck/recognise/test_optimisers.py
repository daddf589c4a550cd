"""Updates outside of what was judged, in the loop or by a function: right ones are left alone, wrong ones named."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

MODEL = """
import numpy as np

U, c = np.random.randn(5, 3) * 0.1, np.zeros(5)
mU, mc = np.zeros_like(U), np.zeros_like(c)
rate = 0.1

def loss_and_gradients(x, y):
    h = np.tanh(U @ x + c)
    loss = 0.5 * np.sum((h - y) ** 2)
    dz = (h - y) * (1 - h * h)
    dU, dc = np.outer(dz, x), dz
    return loss, dU, dc

"""
IN_THE_LOOP = """
for turn in range(4):
    x, y = np.random.randn(3), np.random.randn(5)
    loss, dU, dc = loss_and_gradients(x, y)
    for p, d, m in zip([U, c], [dU, dc], [mU, mc]):
        {keep}
        {move}
"""
BY_A_FUNCTION = """
weights, memory = [U, c], [mU, mc]

def update(gradients):
    for p, d, m in zip(weights, gradients, memory):
        {keep}
        {move}

for turn in range(4):
    loss, *gradients = loss_and_gradients(np.random.randn(3), np.random.randn(5))
    update(gradients)
"""
ADAGRAD = "p -= rate * d / np.sqrt(m + 1e-8)"
STEPS = {
    "right": ("m += d * d", ADAGRAD, None),
    "momentum": ("m *= 0.9; m += d", "p -= rate * m", None),
    "never forgotten": ("m += d", "p -= rate * m", "all turns before"),
    "plain": ("pass", "p -= rate * d", None),
    "not stored": ("m = m + d * d", ADAGRAD, "never changed"),
    "overwritten": ("m[...] = d * d", ADAGRAD, "overwritten"),
    "climbs": ("m += d * d", "p += rate * d / np.sqrt(m + 1e-8)", "climbs"),
    "climbs plainly": ("pass", "p += rate * d", "climbs"),
}


@pytest.mark.thorough
@pytest.mark.parametrize("way", [IN_THE_LOOP, BY_A_FUNCTION], ids=["in the loop", "by a function"])
@pytest.mark.parametrize("step", STEPS)
def test_tells_right_updates_from_wrong_ones(step: str, way: str, tmp_path: Path) -> None:
    keep, move, words = STEPS[step]
    path = tmp_path / "model.py"
    path.write_text(MODEL + way.format(keep=keep, move=move))
    units = recognise(read(path)).units
    assert units
    reports = [judge_unit(unit, examples=6) for unit in units]
    said = [finding.message for report in reports for finding in report.findings if finding.code == "update-differs"]
    is_told = words is not None
    assert bool(said) is is_told, said
    assert all(str(words) in message for message in said)
    assert (Verdict.DISAGREE in {report.verdict for report in reports}) is is_told


UNUSED = """
import numpy as np

class Dense:
    def __init__(self, inputs, outputs):
        self.weights, self.biases = np.random.randn(inputs, outputs), np.zeros((1, outputs))

    def forward(self, inputs):
        self.inputs = inputs
        self.output = inputs @ self.weights + self.biases
        return self.output

    def backward(self, dvalues):
        self.dweights, self.dbiases = self.inputs.T @ dvalues, dvalues.sum(0, keepdims=True)
        return dvalues @ self.weights.T

class Heavy:
    def __init__(self, rate=0.1, momentum=0.0):
        self.rate, self.momentum = rate, momentum

    def update_params(self, layer):
        if not hasattr(layer, "speed"):
            layer.speed, layer.bias_speed = np.zeros_like(layer.weights), np.zeros_like(layer.biases)
        layer.speed = self.momentum * layer.speed - self.rate * layer.dweights
        layer.bias_speed = self.momentum * layer.bias_speed {sign} self.rate * layer.dbiases
        layer.weights += layer.speed
        layer.biases += layer.bias_speed

class Plain:
    def update_params(self, layer):
        layer.weights -= 0.1 * layer.dweights
        layer.biases -= 0.1 * layer.dbiases

layer, way = Dense(3, 2), Plain()
x, y = np.random.randn(7, 3), np.random.randn(7, 2)
for turn in range(5):
    out = layer.forward(x)
    loss = 0.5 * np.sum((out - y) ** 2)
    layer.backward(out - y)
    way.update_params(layer)
"""


@pytest.mark.parametrize(("sign", "expected"), [("-", None), ("+", "layer.biases")])
def test_an_optimiser_that_the_file_does_not_use_is_judged_too(sign: str, expected: str | None, tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text(UNUSED.format(sign=sign))
    found = recognise(read(path))
    faults = [fault for unit in found.units for fault in unit.faults]
    assert [fault.parameter for fault in faults] == ([] if expected is None else [expected])


ADAM = """
import numpy as np

class Line:
    def __init__(self):
        self.p = {{"U": np.random.randn(5, 4), "b": np.zeros((1, 4))}}
        self.m = {{k: np.zeros_like(v) for k, v in self.p.items()}}
        self.s = {{k: np.zeros_like(v) for k, v in self.p.items()}}
        self.turns = 0

    def forward(self, x):
        return x @ self.p["U"] + self.p["b"]

    def backward(self, x, y, out):
        d = out - y
        return {{"U": x.T @ d, "b": d.sum(axis=0, keepdims=True)}}

    def adam(self, g, one=0.9, two=0.999):
        self.turns += 1
        for k in self.p:
            self.m[k] = one * self.m[k] + (1 - one) * g[k]
            self.s[k] = two * self.s[k] + (1 - two) * g[k] ** 2
            corrected = self.s[k] / (1 - {second} ** self.turns)
            self.p[k] -= 0.001 * self.m[k] / (1 - one ** self.turns) / (np.sqrt(corrected) + 1e-8)

net = Line()
x, y = np.random.randn(2, 5), np.random.randn(2, 4)
for turn in range(3):
    out = net.forward(x)
    loss = 0.5 * np.sum((out - y) ** 2)
    net.adam(net.backward(x, y, out))
"""


@pytest.mark.parametrize("second", ["two", "one"])
def test_memories_are_told_from_parameters_by_what_depends_on_them(second: str, tmp_path: Path) -> None:
    path = tmp_path / "line.py"
    path.write_text(ADAM.format(second=second))
    faults = [fault.message for unit in recognise(read(path)).units for fault in unit.faults]
    assert [("second moment is corrected with the first" in fault) for fault in faults] == [True] * (second == "one")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("sign", "call", "climbs"),
    [
        ("-", "g = net.backward(x, y, out); net.adam(g)", False),
        ("+", "g = net.backward(x, y, out); net.adam(g)", True),
        ("+", "g = {k: -v for k, v in net.backward(x, y, out).items()}; net.adam(g)", False),
    ],
)
def test_a_climb_is_told_where_the_gradients_are_entries_of_what_was_judged(
    sign: str, call: str, climbs: bool, tmp_path: Path
) -> None:
    path = tmp_path / "line.py"
    code = ADAM.format(second="two").replace("self.p[k] -=", f"self.p[k] {sign}=")
    code = code.replace('return {"U": x.T @ d, "b": ', 'g = {}; g["U"] = x.T @ d; g["b"] = ').replace(
        "=True)}", "=True); return g"
    )
    path.write_text(code.replace("net.adam(net.backward(x, y, out))", call))
    faults = [fault.message for unit in recognise(read(path)).units for fault in unit.faults]
    assert ["it climbs" in fault for fault in faults] == [True] * climbs


LAYER = """
import numpy as np

class Scale:
    def __init__(self, width):
        self.s, self.t = np.ones(width), np.zeros(width)

    def forward(self, x):
        self.x = x
        return self.s * x + self.t

    def backward(self, dout):
        self.ds = (dout * self.x).sum(axis=0)
        self.dt = dout.sum(axis=0)
        return dout * self.s

    def update(self, lr):
        self.s -= lr * self.{first}
        self.t -= lr * self.{second}
"""
CALLED = """
layer = Scale(4)
out = layer.forward(np.random.randn(7, 4))
layer.backward(np.random.randn(7, 4))
layer.update(0.1)
"""


@pytest.mark.parametrize("calls", ["", CALLED], ids=["nothing calls it", "a demo calls it"])
@pytest.mark.parametrize(
    ("first", "second", "said"),
    [("ds", "dt", []), ("ds", "ds", ["t is wrong: it is moved by the gradient of"]), ("dt", "dt", ["s is wrong"])],
)
def test_a_layer_that_moves_itself_is_held_against_its_own_gradients(
    first: str, second: str, said: list[str], calls: str, tmp_path: Path
) -> None:
    path = tmp_path / "layer.py"
    path.write_text(LAYER.format(first=first, second=second) + calls)
    faults = [fault.message for unit in recognise(read(path)).units for fault in unit.faults]
    assert len(faults) == len(said)
    assert all(words in fault for words, fault in zip(said, faults, strict=True))


MOMENTUM = """
class Momentum:
    def __init__(self, lr=0.01, momentum=0.0):
        self.lr, self.momentum, self.v = lr, momentum, None
    def update(self, params, grads):
        if self.v is None:
            self.v = {{key: np.zeros_like(value) for key, value in params.items()}}
        for key in params.keys():
            self.v[key] = self.momentum * self.v[key] - self.lr * {slope}
            params[key] += self.v[key]

for turn in range(4):
    x, y = np.random.randn(3), np.random.randn(5)
    loss, dU, dc = loss_and_gradients(x, y)
    U -= rate * dU
    c -= rate * dc
"""


@pytest.mark.parametrize(("slope", "is_right"), [("grads[key]", True), ("grads[key] ** 2", False)])
def test_an_optimiser_of_dictionaries_is_called_with_some(slope: str, is_right: bool, tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(MODEL + MOMENTUM.format(slope=slope))
    units = recognise(read(tmp_path / "model.py")).units
    faults = [fault for unit in units for fault in unit.faults]
    assert [fault.code for fault in faults] == ([] if is_right else ["update-differs"])
