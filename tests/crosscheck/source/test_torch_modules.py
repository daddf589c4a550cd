"""Modules of torch with a backward pass by hand are plain classes that hold arrays."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.source.torch_modules import without_modules
from crosscheck.verdicts import Verdict

LAYERS = """
import torch
import torch.nn as nn
from torchvision import datasets, transforms

class Squash(nn.Module):
    def __init__(self):
        super(Squash, self).__init__()
        self.act = nn.Sigmoid()

    def forward(self, x):
        self.out = self.act(x)
        return self.out

    def backward(self, grad_out):
        return grad_out * self.out * (1 - self.out)

class Line(nn.Module):
    def __init__(self, size, outs):
        super().__init__()
        self.W = nn.Parameter(torch.randn((size, outs)), requires_grad=False)
        self.register_buffer("b", torch.randn(outs))

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad_out):
        self.gradW, self.gradb = self.x.T @ grad_out, grad_out.sum(dim=0)
        return grad_out @ self.W.T

    def update(self, rate):
        self.W -= rate * self.gradW
        self.b -= rate * self.gradb

def cost(out, label):
    wanted = torch.zeros_like(out).scatter_(1, label.view((-1, 1)), 1)
    return 0.5 * torch.sum((wanted - out).pow(2)) / len(label), (out - wanted) / len(label)

if __name__ == "__main__":
    torch.cuda.manual_seed_all(3)
    torch.backends.cudnn.deterministic = True
    device = torch.device("cuda")
    digits = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
    line, squash = Line(28 * 28, 10).to(device), Squash()
    line.train()
    for x, y in torch.utils.data.DataLoader(digits, batch_size=8, shuffle=True):
        x = x.view((len(y), -1)).to(device)
        loss, grad = cost(squash(line(x)), y)
        line.backward(squash.backward(grad))
        line.update(0.1)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("old", "new"), [("", ""), ("* (1 - self.out)", "")])
def test_modules_by_hand_are_judged_without_torch(old: str, new: str, tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text(LAYERS.replace(old, new) if old else LAYERS)
    found = recognise(read(path))
    assert found.world is not None
    assert "torch is used for its arrays alone" in found.world.missing["torch"]
    assert not found.skipped
    verdicts = {judge_unit(unit, examples=6).verdict for unit in found.units}
    assert (verdicts == {Verdict.AGREE}) == (not old)
    assert (Verdict.DISAGREE in verdicts) == bool(old)


def test_what_only_modules_can_do_is_left_to_them() -> None:
    for line in ("self.f = nn.Linear(2, 3)", "torch.optim.SGD(self.parameters(), 0.1)"):
        code = f"import torch\nimport torch.nn as nn\nclass L(nn.Module):\n    def g(self):\n        {line}"
        assert ast.unparse(without_modules(ast.parse(code))) == ast.unparse(ast.parse(code))
