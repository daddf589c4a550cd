"""Programs that use torch for its arrays alone go through data in batches, of pictures or of arrays of their own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.loaders import libraries
from crosscheck.source import read
from crosscheck.verdicts import Verdict

PICTURES = """
import torch
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

shares = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
pictures = datasets.MNIST(root="data", train=True, download=True, transform=shares)
batches = DataLoader(pictures, batch_size=64, shuffle=True)
W = torch.randn(28 * 28, 10) * 0.01
b = torch.zeros(10)
for x, t in batches:
    x = x.view(-1, 28 * 28)
    y = torch.nn.functional.one_hot(t, num_classes=10).float()
    p = torch.softmax(x @ W + b, dim=1)
    loss = -(y * torch.log(p)).sum() / len(x)
    d = (p - y) / len(x)
    dW, db = x.t() @ d, {bias}
    W -= 0.1 * dW
    b -= 0.1 * db
"""
OWN = """
import torch
import torch.utils.data

x = torch.randn(40, 3)
t = x.sum(dim=1, keepdim=True)
first, last = torch.utils.data.random_split(torch.utils.data.TensorDataset(x, t), [30, 10])
w, c = torch.randn(3, 1), torch.zeros(1)
for a, y in torch.utils.data.DataLoader(first, batch_size=7, drop_last=True):
    e = a @ w + c - y
    loss = (e ** 2).mean()
    dw, dc = 2 * a.t() @ e / len(a), 2 * {bias}
    w.sub_(dw, alpha=0.1)
    c.sub_(dc, alpha=0.1)
"""


@pytest.mark.parametrize(
    ("program", "bias", "verdict"),
    [
        (PICTURES, "d.sum(dim=0)", Verdict.AGREE),
        (PICTURES, "d.mean(dim=0)", Verdict.DISAGREE),
        (OWN, "e.mean(dim=0)", Verdict.AGREE),
        (OWN, "e.sum(dim=0)", Verdict.DISAGREE),
    ],
)
def test_a_training_by_batches_is_judged(program: str, bias: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(program.format(bias=bias), encoding="utf-8")
    (unit,) = recognise(read(tmp_path / "program.py")).units
    assert judge_unit(unit, examples=5).verdict is verdict


@pytest.fixture
def data() -> Any:
    return libraries()["torch"].utils.data


def test_batches_are_of_all_examples_in_their_order(data: Any) -> None:
    x, y = np.arange(14.0).reshape(7, 2), np.arange(7)
    batches = data.DataLoader(data.TensorDataset(x, y), batch_size=3, shuffle=True)
    assert [one.shape for one, _ in batches] == [(3, 2), (3, 2), (1, 2)]
    assert np.array_equal(np.concatenate([labels for _, labels in batches]), y)
    assert len(batches) == 3
    assert [len(one) for one, _ in data.DataLoader(data.TensorDataset(x, y), 3, drop_last=True)] == [3, 3]
    assert [len(one) for one, _ in data.DataLoader(data.TensorDataset(x, y), 64, drop_last=True)] == [7]


def test_examples_of_a_class_of_the_program_are_what_it_says(data: Any) -> None:
    class Squares(data.Dataset):
        def __len__(self) -> int:
            return 4

        def __getitem__(self, place: int) -> float:
            return float(place) ** 2

    assert [one.tolist() for one in data.DataLoader(Squares(), batch_size=2)] == [[0, 1], [4, 9]]
    assert [len(part) for part in data.random_split(Squares(), [30, 10])] == [3, 1]
    assert data.random_split(Squares(), [30, 10])[1][0] == 9


def test_functions_of_the_program_are_applied_to_pictures() -> None:
    vision = libraries()["torchvision"]
    turned = vision.transforms.Compose([vision.transforms.ToTensor(), vision.transforms.Lambda(lambda x: 1 - x)])
    plain = vision.datasets.CIFAR10("data", train=False)
    own = vision.datasets.CIFAR10("data", transform=turned, target_transform=lambda label: label + 1)
    assert plain[0][0].shape == (3, 4, 4)
    assert np.array_equal(own[0][0], 1 - plain[0][0])
    assert own[3][1] == plain[3][1] + 1
    assert vision.datasets.MNIST("data")[0][0].shape == (1, 4, 4)


BESIDE_NUMPY = """
import numpy as np
import torchvision

def flat():
    digits = torchvision.datasets.MNIST("./", train=True, download=True)
    table = np.zeros((len(digits), 784))
    for n in range(len(digits)):
        table[n] = np.array(digits[n][0]).reshape(-1)
    return table

X = flat() / 255
BATCH_SIZE = 1024
V, U = np.random.normal(0, 0.01, (X.shape[1], 16)), np.random.normal(0, 0.01, (16, X.shape[1]))

def squash(z):
    return 1 / (1 + np.exp(-z))

def squash_backward(D_out, out):
    return D_out * out * (1 - out)

for epoch in range(3):
    for n in range(len(X) // BATCH_SIZE):
        batch = X[range(n * BATCH_SIZE, n * BATCH_SIZE + BATCH_SIZE)]
        hidden = squash(batch @ V)
        out = squash(hidden @ U)
        loss = np.mean((out - batch) ** 2)
        print(epoch, loss)
        D_z = squash_backward(2 * (out - batch), out)
        D_h = squash_backward(D_z @ U.T, {handed})
        V -= 0.1 * batch.T @ D_h
        U -= 0.1 * hidden.T @ D_z
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("handed", "verdict"), [("hidden", Verdict.AGREE), ("D_z @ U.T", Verdict.DISAGREE)])
def test_pictures_of_torchvision_are_made_for_numpy_alone(
    handed: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    """What a loop hands a judged pass may be a number times the gradient of the mean that it prints."""
    assert min(verdicts(BESIDE_NUMPY.replace("{handed}", handed)), key=list(Verdict).index) is verdict
