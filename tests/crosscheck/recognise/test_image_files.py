"""Pictures in files of a program are small ones, and a script's own functions are judged on them, and as a whole."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import Recognition, recognise
from crosscheck.recognise.image_files import libraries
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

SCRIPT = """
import numpy as np
from PIL import Image

photo = np.asarray(Image.open("cat.png").convert("L").resize((7, 4)), dtype=float) / 255
mixer = np.random.randn(7, 6) - 0.5
dense = np.random.randn(3, 12)
offset = np.zeros(3)
kind = 2

def mixed(rows, matrix):
    return rows @ matrix

def grad_mixed(rows, dout):
    dmixer = rows.T @ dout
    return dmixer

def relu(z):
    return np.maximum(0, z)

def grad_relu(dout, z):
    dz = dout.copy()
    dz[z <= 0] = 0
    return dz

def max_pooling(z, width=2):
    out = np.zeros((z.shape[0], z.shape[1] // width))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = z[i, j * width:(j + 1) * width].max()
    return out

def grad_max_pool(dpooled, z, width=2):
    dz = np.zeros_like(z)
    for i in range(dpooled.shape[0]):
        for j in range(dpooled.shape[1]):
            best = j * width + np.argmax(z[i, j * width:(j + 1) * width])
            dz[i, best] {into} dpooled[i, j]
    return dz

def scores_of(x, weights, bias):
    return weights @ x + bias

def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()

def surprise(probs, kind):
    return -np.log(probs[kind])

def grad_scores(x, weights, probs, kind):
    dscores = probs.copy()
    dscores[kind] -= 1
    dlayer_weights = {factor}np.outer(dscores, x)
    dx = weights.T @ dscores
    return dlayer_weights, dscores, dx

before = mixed(photo, mixer)
hidden = relu(before)
pooled = max_pooling(hidden)
x = pooled.flatten()
probs = softmax(scores_of(x, dense, offset))
loss = surprise(probs, kind)

ddense, doffset, dx = grad_scores(x, dense, probs, kind)
dhidden = grad_max_pool(dx.reshape(pooled.shape), hidden)
dbefore = grad_relu(dhidden, before)
dmixer = grad_mixed(photo, dbefore)

dense -= 0.1 * ddense
offset -= 0.1 * doffset
mixer -= 0.1 * dmixer
"""


def recognised(into: str = "+=", factor: str = "", pooling: str = "grad_max_pool") -> Recognition:
    code = SCRIPT.replace("{into}", into).replace("{factor}", factor).replace("grad_max_pool", pooling)
    return recognise(read_text(code, "utf-8", Path("x.py")))


def verdicts(found: Recognition) -> dict[str, Verdict]:
    return {unit.name: judge_unit(unit, examples=6).verdict for unit in found.units}


def test_layers_of_a_script_are_judged_and_the_script_that_goes_through_them() -> None:
    found = recognised()
    assert not found.skipped
    told = verdicts(found)
    assert set(told.values()) == {Verdict.AGREE}


def test_a_pooling_behind_a_relu_is_known_by_its_gradient() -> None:
    told = verdicts(recognised(pooling="grad_windows"))  # zeros of a relu are maxima together, which have no derivative
    assert told["max_pooling/grad_windows"] is Verdict.AGREE


def test_a_gradient_beside_that_of_a_softmax_is_not_left_out() -> None:
    told = verdicts(recognised(factor="2 * "))
    assert [verdict for name, verdict in told.items() if name.startswith("the script")] == [Verdict.DISAGREE]
    assert "softmax/grad_scores" not in told  # which depends on no weights


def test_a_wrong_pooling_is_found_by_its_name() -> None:
    assert verdicts(recognised(into="-="))["max_pooling/grad_max_pool"] is Verdict.DISAGREE


@pytest.mark.parametrize(
    ("library", "shape"),
    [
        (lambda known: known["cv2"].resize(known["cv2"].imread("a.png", 0), (5, 3)), (3, 5)),
        (lambda known: known["cv2"].resize(known["cv2"].imread("a.png"), (5, 3)), (3, 5, 3)),
        (lambda known: known["skimage"].transform.resize(known["skimage"].io.imread("a.png"), (5, 3)), (5, 3, 3)),
        (lambda known: np.array(known["PIL"].Image.open("a.png").resize((5, 3))), (3, 5, 3)),
        (lambda known: known["cv2"].cvtColor(known["cv2"].imread("a.png"), known["cv2"].COLOR_BGR2GRAY), (8, 8)),
    ],
)
def test_pictures_have_the_size_that_is_asked_for(library, shape) -> None:
    made = library(libraries())
    assert made.shape == shape
    assert np.ptp(made) > 0
