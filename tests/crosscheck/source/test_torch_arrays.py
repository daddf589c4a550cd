"""Programs that use torch for its arrays alone are put in NumPy's words, and all others are left alone."""

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.source import read
from crosscheck.source.torch_arrays import InNumpy, in_numpy
from crosscheck.source.torch_words import uses_arrays_alone

CELL = """import torch

def squash(v):
    return torch.sigmoid(v)

def unit_forward(x, h, W, U, b):
    n = x.shape[0]
    z = torch.mm(x, W) + h @ U + b.unsqueeze(0)
    gate, fresh = squash(z[:, :h.size(1)]), z[:, h.size(1):].tanh()
    out = gate * h + (1 - gate) * fresh
    return out, (x, h, W, U, gate, fresh)

def unit_backward(dout, cache):
    x, h, W, U, gate, fresh = cache
    dgate = dout * (h - fresh) * gate * (1 - gate)
    dfresh = dout * (1 - gate) * (1 - fresh.pow(2))
    dz = torch.cat([dgate, dfresh], dim=1)
    dW, dU, db = x.t().mm(dz), h.t() @ dz, torch.sum(dz, dim=0)
    return dz @ W.t(), dz @ U.t() + dout * gate, dW, dU, db
"""


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("torch.zeros(3, 4)", "torch.zeros((3, 4))"),
        ("torch.randn(3, 4) * 0.1", "torch.random.randn(3, 4) * 0.1"),
        ("torch.cat((a, b), dim=1)", "torch.concatenate((a, b), axis=1)"),
        ("x.sum(dim=0, keepdim=True)", "x.sum(axis=0, keepdims=True)"),
        ("x.t().mm(y)", "torch.matmul(torch.transpose(x), y)"),
        ("x.view(-1, 3).unsqueeze(1)", "torch.expand_dims(x.reshape(-1, 3), 1)"),
        ("torch.zeros_like(x, dtype=torch.float32)", "torch.zeros_like(x)"),
        ("x.size(0) + x.detach().size()[1]", "x.shape[0] + x.shape[1]"),
        ("torch.clamp(x, min=0, max=1)", "torch.clip(x, 0, 1)"),
        ("own.zeros(3, 4)", "own.zeros(3, 4)"),
    ],
)
def test_calls_are_put_in_the_words_of_numpy(ours: str, theirs: str) -> None:
    assert ast.unparse(InNumpy().visit(ast.parse(ours, mode="eval"))) == theirs


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("w.sub_(g, alpha=rate)", "w[...] -= rate * g"),
        ("m.mul_(b).add_(g ** 2, alpha=1 - b)", "m[...] *= b\nm[...] += (1 - b) * g ** 2"),
        ("own.w.div_(torch.sum(g, dim=0))", "own.w /= torch.sum(g, axis=0)"),
        ("with torch.no_grad():\n    w.add_(g)\n    v = w", "w[...] += g\nv = w"),
        ("with torch.no_grad(), shown:\n    w = 1", "with shown:\n    w = 1"),
        ("@torch.no_grad()\ndef f():\n    return 1", "def f():\n    return 1"),
        ("torch.save(w, 'w.pt')", "pass"),
        ("w = torch.max(v)", "w = torch.max(v)"),
    ],
)
def test_what_changes_arrays_where_they_are_becomes_an_assignment(ours: str, theirs: str) -> None:
    assert ast.unparse(in_numpy(ast.parse(ours))) == theirs
    assert uses_arrays_alone(f"import torch\nw = torch.zeros(3)\n{ours}")


@pytest.mark.parametrize(
    "code",
    [
        "x = torch.zeros(3)",
        "import torch\nx.fill_(1)",
        "import torch\nx = torch.zeros(3)\nx.sort(1)",
        "import torch\nfrom torch.utils.data import DataLoader\nx = torch.zeros(3)\nnet = torch.nn.Linear(2, 3)",
        "import torch\nfrom torch import randn\nx = torch.zeros(3)",
    ],
)
def test_what_means_something_else_is_left_alone(code: str) -> None:
    assert not uses_arrays_alone(code)


@pytest.mark.parametrize("edit", [("", ""), ("dim=0)", "dim=0) / 2")], ids=["right", "wrong"])
def test_a_backward_pass_by_hand_is_judged(tmp_path: Path, edit: tuple[str, str]) -> None:
    path = tmp_path / "cell.py"
    path.write_text(CELL.replace(*edit) if edit[0] else CELL)
    found = recognise(read(path))
    (unit,) = found.units
    right = {name: is_right(claims) for name, claims in slopes(unit).items()}
    assert right == {**dict.fromkeys("xhWU", True), "b": not edit[0]}
    assert any("NumPy took its place" in stated for stated in found.assumptions)


ACTIVATED = """import torch
{how}
def both(x):
    return A.tanh(x), A.softmax(x, dim=1), A.sigmoid(x)
"""


@pytest.mark.parametrize("how", ["import torch.nn.functional as A", "from torch.nn import functional as A"])
def test_activations_are_put_in_the_words_of_numpy(how: str) -> None:
    code = ACTIVATED.format(how=how)
    assert uses_arrays_alone(code)
    assert not uses_arrays_alone(code + "    return A.dropout(x)")
    names: dict[str, Any] = {}
    exec(compile(ast.fix_missing_locations(InNumpy().visit(ast.parse(code))), "<both>", "exec"), names)
    x = np.array([[0.5, -1.0, 2.0], [3.0, 0.0, 1.0]])
    tanh, softmax, sigmoid = names["both"](x)
    assert np.allclose(tanh, np.tanh(x))
    assert np.allclose(softmax, np.exp(x) / np.exp(x).sum(1, keepdims=True))
    assert np.allclose(sigmoid, 1 / (1 + np.exp(-x)))


ALIKE = """import torch
x = torch.tensor([[0.5, -1.0, 2.0], [3.0, 0.0, 1.0]])
labels = torch.tensor([1, 2])
act = torch.relu
where, device = torch.cuda.is_available(), torch.device("cuda" if torch.cuda.is_available() else "cpu")
largest, place = torch.max(x, 1)
found = [
    x.std(), x.var(0, unbiased=False), torch.var(x, dim=1), torch.std(x, 1, correction=0), act(x), largest, place,
    x.min(0).values, torch.min(x, dim=1, keepdim=True)[0], x.max(dim=0).indices, torch.max(x, x * x), x.max(x - 1),
    x.max(), torch.nn.functional.one_hot(labels, num_classes=4), torch.nn.functional.one_hot(labels), x.max(-1)[1],
    x.to(device), torch.randint(3, (4,)) < 3, torch.randint(2, 5, (4,)) >= 2, torch.normal(0, 1, (2, 3)) * 0,
    torch.sort,
]
"""


@pytest.mark.torch
def test_numbers_are_those_of_torch() -> None:
    torch = pytest.importorskip("torch")
    code = ALIKE.replace("    torch.sort,\n", "")
    assert uses_arrays_alone(code)
    assert not uses_arrays_alone(ALIKE)
    ours: dict[str, Any] = {}
    exec(compile(in_numpy(ast.parse(code)), "<ours>", "exec"), ours)
    theirs: dict[str, Any] = {}
    exec(code, theirs)
    assert ours["where"] is False
    for number, (one, other) in enumerate(zip(ours["found"], theirs["found"], strict=True)):
        assert isinstance(other, torch.Tensor)
        assert np.allclose(one, other.numpy()), number


def test_methods_of_the_programs_own_objects_are_left_alone() -> None:
    text = "self.relu(self.z.relu())"
    assert ast.unparse(InNumpy().visit(ast.parse(text))) == "self.relu(torch.maximum(self.z, 0))"


def test_functions_of_other_modules_are_no_methods() -> None:
    text = "import torch\nimport numpy as np\ny = np.exp(torch.tensor(x)) + np.mean(x, dtype=float)"
    made = ast.unparse(InNumpy().visit(ast.parse(text)))
    assert made.endswith("y = np.exp(torch.array(x)) + np.mean(x, dtype=float)")
    assert not uses_arrays_alone("import torch\nimport numpy as np\ny = np.exp(x)")


@pytest.mark.parametrize(
    ("code", "are_alone"),
    [
        ("w = torch.randn(3, 2, requires_grad=True)\nw -= 0.1 * w", True),
        ("w = torch.randn(3, 2, requires_grad=True)\nw -= 0.1 * w.grad", False),
        ("w = torch.zeros(3, requires_grad=True)\nloss.backward()\nw.grad = None\nw.data -= 0.1 * dw", True),
        ("w = torch.zeros(3, requires_grad=True)\nloss.backward()\nw.data -= 0.1 * w.grad", False),
        ("class V:\n    def backward(self):\n        self.grad = torch.zeros(3)\nV().backward()", False),
        ("words = open('w').read().splitlines()\nw = torch.zeros(3)", True),
        ("import torch.nn as nn\nw = torch.zeros(3)", True),
        ("import torch.nn as nn\nw = nn.Linear(3, 2)", False),
        ("w = torch.zeros(3)\ndef by_torch():\n    v = torch.zeros(3, requires_grad=True)\n    return v.grad", True),
        ("w = torch.FloatTensor([[0, 1]]).norm()", True),
        ("w = torch.norm(torch.zeros(3))", True),
    ],
)
def test_what_nobody_asks_for_is_not_recorded(code: str, are_alone: bool) -> None:
    assert uses_arrays_alone(f"import torch\n{code}") is are_alone


def test_arrays_are_made_of_lists_as_numbers() -> None:
    code = "w = torch.FloatTensor([[0, 1]])\nn = torch.norm(w)\ndef f(x: torch.Tensor): return x"
    made = ast.unparse(in_numpy(ast.parse(code)))
    expected = "w = torch.array([[0, 1]], float)\nn = torch.linalg.norm(w)\n\ndef f(x: torch.ndarray):\n    return x"
    assert made == expected
