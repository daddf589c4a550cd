"""What the source tells of arguments that nobody hands over is used when they are made up."""

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import TARGET
from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.files_read import is_there
from crosscheck.recognise.initialisers import made_of
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.leaves import Path as Where
from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.recognise.sources import Source
from crosscheck.recognise.structures import by_structure, drawn_like
from crosscheck.recognise.wiring import matched
from crosscheck.source import read
from crosscheck.source.document import read_text
from crosscheck.source.slips import slips
from crosscheck.verdicts import Verdict

MAKER = """import numpy as np

def init_weights(n_in, n_hid, n_out):
    W = np.random.randn(n_hid, n_in) * 0.1
    U = np.random.randn(n_hid, n_hid) * 0.1
    V = np.random.randn(n_out, n_hid) * 0.1
    return {"W": W, "U": U, "V": V}

def start(n_hid):
    return np.zeros((n_hid, 1)), np.ones((n_hid, 1))

def run(weights, signal, state):
    h, a = state
    hs = [h]
    for t in range(signal.shape[1]):
        h = np.tanh(weights["W"] @ signal[:, t:t + 1] + weights["U"] @ hs[-1] + 0.5 * a)
        hs.append(h)
    return weights["V"] @ hs[-1], hs

def run_backward(dout, weights, signal, hs):
    grads = {name: np.zeros_like(value) for name, value in weights.items()}
    grads["V"] += dout @ hs[-1].T
    dh = weights["V"].T @ dout
    for t in reversed(range(signal.shape[1])):
        dz = dh * (1 - hs[t + 1] ** 2)
        grads["W"] += dz @ signal[:, t:t + 1].T
        grads["U"] += dz @ hs[t].T
        dh = weights["U"].T @ dz
    return grads
"""

RESIDUAL = """import numpy as np

def block(x, W, b, V, c):
    h = np.tanh(x @ W + b)
    return x + h @ V + c, (x, h, W, V)

def block_backward(dy, cache):
    x, h, W, V = cache
    dV = h.T @ dy
    dc = dy.sum(axis=0)
    dz = (dy @ V.T) * (1 - h ** 2)
    dW = x.T @ dz
    db = dz.sum(axis=0)
    return dy + dz @ W.T, dW, db, dV, dc
"""

LISTS = """import numpy as np

def roll_forward(params, xs, h):
    W, U, k = params
    kept, outs = [], []
    for x in xs:
        n = np.tanh(np.dot(x, W) + np.dot(h, U) + k)
        kept.append((x, h, n))
        outs.append(n)
        h = n
    return h, kept, outs

def roll_backward(params, saved, unused, err):
    W, U, k = params
    dW, dU, dk = np.zeros_like(W), np.zeros_like(U), np.zeros_like(k)
    carry = 0
    for t in range(len(err) - 1, -1, -1):
        x, h, n = saved[t]
        dz = (err[t] + carry) * (1 - n * n)
        dW += np.outer(x, dz)
        dU += np.outer(h, dz)
        dk += dz
        carry = np.dot(dz, U.T)
    return dW, dU, dk
"""

NOISE = """import numpy as np

def softmax_cost(center, target, rows, dataset):
    p = np.exp(rows.dot(center))
    p /= p.sum()
    cost = -np.log(p[target])
    d = p.copy()
    d[target] -= 1
    return cost, rows.T.dot(d), np.outer(d, center)

def noise_cost(center, target, rows, dataset, K=4):
    chosen = [target] + [dataset.sampleTokenIdx() for _ in range(K)]
    signs = np.array([1] + [-1] * K)
    s = 1 / (1 + np.exp(-signs * rows[chosen].dot(center)))
    cost = -np.sum(np.log(s))
    d = signs * (s - 1)
    grad_rows = np.zeros(rows.shape)
    for k, row in enumerate(chosen):
        grad_rows[row] += d[k] * center
    return cost, d.dot(rows[chosen]), grad_rows

def words_around(word, around, index, inside, outside, dataset, cost_of=softmax_cost):
    row = index[word]
    total, grad_inside, grad_outside = 0.0, np.zeros(inside.shape), np.zeros(outside.shape)
    for other in around:
        cost, d_center, d_rows = cost_of(inside[row], index[other], outside, dataset)
        total += cost
        grad_inside[row] += d_center
        grad_outside += d_rows
    return total, grad_inside, grad_outside
"""

PADDED = '''import numpy as np

def label_loss(E, V, X, Y, lengths):
    """X: (B, T) ids of symbols"""
    scores = E[X] @ V
    scores = scores - scores.max(-1, keepdims=True)
    logp = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
    mask = np.zeros(X.shape)
    for i, n in enumerate(lengths):
        mask[i, :n] = 1
    loss = -(np.take_along_axis(logp, Y[..., None], -1)[..., 0] * mask).sum() / mask.sum()
    d = np.exp(logp)
    np.put_along_axis(d, Y[..., None], np.take_along_axis(d, Y[..., None], -1) - 1, -1)
    d *= mask[..., None] / mask.sum()
    dV = E[X].reshape(-1, E.shape[1]).T @ d.reshape(-1, V.shape[1])
    dE = np.zeros_like(E)
    np.add.at(dE, X, d @ V.T)
    return loss, {"E": dE, "V": dV}
'''

STEPPED = """import numpy as np

def tagger_loss(p, ids, tags, lengths):
    '''ids and tags: (B, T) integers; lengths: how many of each row are there'''
    B, T = ids.shape
    mask = (np.arange(T)[None, :] < np.asarray(lengths)[:, None]).astype(float)
    total, count, grads = 0.0, mask.sum(), {name: np.zeros_like(value) for name, value in p.items()}
    for t in range(T):
        x = p["E"][ids[:, t]]
        s = x @ p["V"] + p["c"]
        q = np.exp(s - s.max(1, keepdims=True))
        q = q / q.sum(1, keepdims=True)
        total -= (np.log(q[np.arange(B), tags[:, t]]) * mask[:, t]).sum()
        ds = q.copy()
        ds[np.arange(B), tags[:, t]] -= 1
        ds *= mask[:, t : t + 1] / count
        grads["V"] += x.T @ ds
        grads["c"] += ds.sum(0)
        np.add.at(grads["E"], ids[:, t], ds @ p["V"].T)
    return total / count, grads
"""

THREE_LAYERS = """import numpy as np

def initialize(layer_dims):
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters["W" + str(l)] = np.random.randn(layer_dims[l], layer_dims[l - 1])
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters

def forward(X, parameters):
    A1 = np.tanh(parameters["W1"] @ X + parameters["b1"])
    A2 = np.tanh(parameters["W2"] @ A1 + parameters["b2"])
    A3 = 1 / (1 + np.exp(-(parameters["W3"] @ A2 + parameters["b3"])))
    return A3, (A1, parameters["W1"], A2, parameters["W2"], A3, parameters["W3"])

def cost(A3, Y):
    return -np.sum(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)) / Y.shape[1]

def backward(X, Y, cache):
    A1, W1, A2, W2, A3, W3 = cache
    m = X.shape[1]
    dZ3 = (A3 - Y) / m
    dZ2 = W3.T @ dZ3 * (1 - A2 ** 2)
    dZ1 = W2.T @ dZ2 * (1 - A1 ** 2)
    return {"dW3": dZ3 @ A2.T, "db3": dZ3.sum(1, keepdims=True), "dW2": dZ2 @ A1.T, "db2": dZ2.sum(1, keepdims=True),
            "dW1": dZ1 @ X.T, "db1": dZ1.sum(1, keepdims=True)}
"""

BATCH = """import numpy as np

def tag_loss(p, ids, tags, mask):
    x = p["E"][ids]
    s = x @ p["V"] + p["c"]
    s = s - s.max(-1, keepdims=True)
    q = np.exp(s) / np.exp(s).sum(-1, keepdims=True)
    rows = np.arange(ids.shape[0])
    total, grads = 0.0, {name: np.zeros_like(value) for name, value in p.items()}
    for t in range(ids.shape[1]):
        total -= (np.log(q[rows, t, tags[:, t]]) * mask[:, t]).sum()
        ds = q[:, t] * mask[:, t:t + 1]
        ds[rows, tags[:, t]] -= mask[:, t]
        grads["V"] += x[:, t].T @ ds
        grads["c"] += ds.sum(0)
        np.add.at(grads["E"], ids[:, t], ds @ p["V"].T)
    return total / mask.sum(), {name: value / mask.sum() for name, value in grads.items()}
"""

DRAWN = """import numpy as np

def fresh(n_in, n_out, rng):
    return {"W": rng.normal(0, 0.1, (n_in, n_out)), "b": np.zeros(n_out)}

def fit_loss(weights, rows, wanted):
    d = rows @ weights["W"] + weights["b"] - wanted
    dW, db = rows.T @ d, d.sum(0)
    return 0.5 * (d ** 2).sum(), {"W": dW, "b": db}

def demo():
    weights = fresh(4, 3, np.random.default_rng(0))
    return fit_loss(weights, np.ones((5, 4)), np.ones((5, 3)))
"""

CHAIN = """import numpy as np

def chain_loss(scores, tags, steps):
    T, K = scores.shape
    alpha, beta = np.zeros((T, K)), np.zeros((T, K))
    alpha[0] = scores[0]
    for t in range(1, T):
        alpha[t] = np.log(np.exp(alpha[t - 1][:, None] + steps).sum(0)) + scores[t]
    for t in range(T - 2, -1, -1):
        beta[t] = np.log(np.exp(steps + (scores[t + 1] + beta[t + 1])[None, :]).sum(1))
    log_z = np.log(np.exp(alpha[-1]).sum())
    score = scores[0, tags[0]]
    for t in range(1, T):
        score += steps[tags[t - 1], tags[t]] + scores[t, tags[t]]
    dscores, dsteps = np.exp(alpha + beta - log_z), np.zeros((K, K))
    dscores[np.arange(T), tags[:T]] -= 1
    for t in range(1, T):
        dsteps += np.exp(alpha[t - 1][:, None] + steps + (scores[t] + beta[t])[None, :] - log_z)
        dsteps[tags[t - 1], tags[t]] -= 1
    return log_z - score, dscores, dsteps
"""

CHECKPOINT = """import os
import numpy as np

class Net:
    def __init__(self, n_in, n_hid):
        if os.path.exists("net_weights.npz"):
            self.W, self.U = np.load("net_weights.npz")["W"], np.load("net_weights.npz")["U"]
        else:
            self.W, self.U = np.random.randn(n_hid, n_in), np.random.randn(n_hid, n_hid)

    def forward(self, frames):
        self.frames = frames
        n, _ = frames[0].shape
        self.hs = [np.zeros((len(self.U), 1))]
        for frame in frames:
            rows, one = frame.shape
            column = np.zeros((rows, 1))
            column[:, :] = frame
            self.hs.append(np.tanh(self.W @ column + self.U @ self.hs[-1]))
        return self.hs[-1]

    def backward(self, d_h, d_c, rate=0.1):
        dW, dU = np.zeros_like(self.W), np.zeros_like(self.U)
        d_h = d_h + d_c
        for t in reversed(range(len(self.frames))):
            dz = d_h * (1 - self.hs[t + 1] ** 2)
            dW += dz @ self.frames[t].T
            dU += dz @ self.hs[t].T
            d_h = self.U.T @ dz
        self.W -= rate * dW
        self.U -= rate * dU
"""

PATHS = '''import numpy as np

def path_loss(log_rows, labels, blank=0):
    """log_rows : array of shape (T, C)
    labels : list or array of shape (M,)"""
    T, C = log_rows.shape
    states = []
    for label in labels:
        states.append(label)
    states.append(blank)
    S = len(states)
    alpha, beta = np.zeros((T, S)), np.zeros((T, S))
    rows = np.exp(log_rows)
    alpha[0, 0], beta[T - 1, S - 1] = rows[0, states[0]], 1.0
    for t in range(1, T):
        for s in range(S):
            alpha[t, s] = (alpha[t - 1, s] + (alpha[t - 1, s - 1] if s else 0.0)) * rows[t, states[s]]
    for t in range(T - 2, -1, -1):
        for s in range(S):
            beta[t, s] = beta[t + 1, s] * rows[t + 1, states[s]]
            beta[t, s] += beta[t + 1, s + 1] * rows[t + 1, states[s + 1]] if s + 1 < S else 0.0
    total = alpha[T - 1, S - 1]
    loss = -np.log(total)
    grad = np.zeros_like(log_rows)
    for s in range(S):
        for t in range(T):
            grad[t, states[s]] -= alpha[t, s] * beta[t, s] / total
    return loss, grad
'''

SCALE = """import numpy as np

class Scale:
    def __init__(self, width):
        self.gain = np.ones(width)

    def forward(self, rows):
        self.rows = rows
        return self.gain * rows

    def backward(self, d_out):
        self.dgain = np.sum(d_out * self.rows, axis=(0, 1))
        return d_out * self.gain
"""

AGAIN = """import numpy as np

def turn(row, state, A, B):
    return np.tanh(row @ A + state @ B)

def all_turns_forward(rows, first, A, B):
    count, steps, _ = rows.shape
    states = np.zeros((count, steps, first.shape[1]))
    state = first
    for t in range(steps):
        state = states[:, t] = turn(rows[:, t], state, A, B)
    return states

def all_turns_backward(dstates, rows, first, A, B):
    states = all_turns_forward(rows, first, A, B)
    dA, dB, carried = np.zeros_like(A), np.zeros_like(B), np.zeros_like(first)
    for t in range(rows.shape[1] - 1, -1, -1):
        dz = (dstates[:, t] + carried) * (1 - states[:, t] ** 2)
        dA += rows[:, t].T @ dz
        dB += (states[:, t - 1] if t else first).T @ dz
        carried = dz @ B.T
    return {"A": dA, "B": dB, "first": carried}
"""


def judged(tmp_path: Path, code: str, name: str) -> dict[str, bool]:
    """Return which gradients of a unit are right, to a few digits."""
    path = tmp_path / "model.py"
    path.write_text(code)
    found = recognise(read(path), function=name)
    (unit,) = found.units
    return {name: is_right(claims) for name, claims in slopes(unit).items()}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("code", "name", "names", "edit", "wrong"),
    [
        (MAKER, "run_backward", {"W", "U", "V"}, ("@ hs[t].T", "@ hs[t + 1].T"), {"U"}),
        (
            LISTS,
            "roll_backward",
            {"params_0", "params_1", "params_2"},
            ("np.outer(x, dz)", "np.outer(x, dz * n)"),
            {"params_0"},
        ),
        (NOISE, "noise_cost", {"center", "rows"}, ("] += d[k]", "] = d[k]"), {"rows"}),
        (NOISE, "words_around", {"inside", "outside"}, ("grad_inside[row] +=", "grad_inside[row] ="), {"inside"}),
        (PADDED, "label_loss", {"E", "V"}, ("d *= mask[..., None] / mask.sum()", "d /= mask.sum()"), {"E", "V"}),
        (BATCH, "tag_loss", {"E", "V", "c"}, ("ds.sum(0)", "ds[0]"), {"c"}),
        (STEPPED, "tagger_loss", {"E", "V", "c"}, ("ds *= mask[:, t : t + 1] / count", ""), {"E", "V", "c"}),
        (
            THREE_LAYERS,
            "backward",
            {"W1", "W2", "W3", "b1", "b2", "b3"},
            ("W2.T @ dZ2 * (1 - A1 ** 2)", "W2.T @ dZ2"),
            {"W1", "b1"},
        ),
        (DRAWN, "fit_loss", {"W", "b"}, ("d.sum(0)", "d.mean(0)"), {"b"}),
        (CHAIN, "chain_loss", {"scores", "steps"}, ("tags[t]] -= 1", "tags[t]] -= 2"), {"steps"}),
        (CHECKPOINT, "backward", {"W", "U"}, ("d_h = self.U.T @ dz", "d_h = self.U @ dz"), {"W", "U"}),
        (SCALE, "Scale.backward", {"gain", "rows"}, ("return d_out * self", "return d_out + self"), {"rows"}),
        (RESIDUAL, "block_backward", {"x", "W", "b", "V", "c"}, ("return dy + dz", "return dz"), {"x"}),
        (PATHS, "path_loss", {"log_rows"}, ("beta[t, s] / total", "beta[t, s]"), {"log_rows"}),
        (AGAIN, "all_turns_backward", {"A", "B", "first"}, ("dB += ", "dB = "), {"B"}),
    ],
    ids=[
        "maker",
        "lists",
        "source",
        "index",
        "padded",
        "batch",
        "stepped",
        "layers",
        "drawn",
        "chain",
        "checkpoint",
        "scale",
        "residual",
        "paths",
        "again",
    ],
)
def test_arguments_are_found_for(
    tmp_path: Path, code: str, name: str, names: set[str], edit: tuple[str, str], wrong: set[str]
) -> None:
    assert judged(tmp_path, code, name) == dict.fromkeys(names, True)
    assert edit[0] in code
    broken = judged(tmp_path, code.replace(*edit), name)
    assert {name for name, right in broken.items() if not right} == wrong


@pytest.mark.thorough
def test_what_runs_with_an_axis_too_few_is_not_called_wrong(tmp_path: Path) -> None:
    code = AGAIN.replace("count, steps, _ = rows.shape", "count, steps = rows.shape[0], rows.shape[1]")
    path = tmp_path / "model.py"
    path.write_text(code)
    found = recognise(read(path))
    assert not found.units
    assert "as long as the batch" in found.skipped[0].reason


def test_a_single_word_is_no_batch_of_sentences() -> None:
    path = Path(__file__).parents[2] / "corpus" / "programs" / "padded_tagger_mask.py"
    (unit,) = recognise(read(path)).units
    _, data = unit.example
    assert min(np.shape(data["words"])) > 1
    assert np.shape(data["lengths"]) == np.shape(data["words"])[:1]


@pytest.mark.parametrize("name", ["backward", "rueck", "rückwärts", "retropropagar", "arriere", "fan_xiang", "geri"])
def test_backward_passes_are_known_in_several_languages(name: str) -> None:
    assert naming.BACKWARD.search(name)
    assert not naming.FORWARD.search(name)


@pytest.mark.parametrize("name", ["forward", "vor", "vorwaerts", "adelante", "propagar", "avanti", "qian_xiang"])
def test_forward_passes_are_known_in_several_languages(name: str) -> None:
    assert naming.FORWARD.search(name)
    assert not naming.BACKWARD.search(name)


def test_encoded_targets_are_known_by_their_names() -> None:
    assert all(map(TARGET.match, ("y", "y_onehot", "one_hot", "labels_one_hot", "y_oh")))
    assert not any(map(TARGET.match, ("one_hot_size", "h_onehot_dim", "yoke")))


def test_an_object_that_goes_by_the_name_of_its_class_is_judged(tmp_path: Path) -> None:
    code = CHECKPOINT.replace("d_h, d_c, rate", "d_h, rate").replace("d_h = d_h + d_c", "")
    code += "Net = Net(3, 5)\nout = Net.forward(np.random.randn(4, 3, 1))\nNet.backward(np.random.randn(5, 1))\n"
    assert judged(tmp_path, code, "backward") == {"W": True, "U": True}


def test_only_weights_states_and_containers_are_made() -> None:
    tree = ast.parse(
        MAKER + "\ndef make_data(n):\n    X = np.random.randn(n, 3)\n    return X\ndef f(X, dX): return X\n"
    )
    nodes = functions_of(tree)
    assert {
        name: made.maker for name, made in made_of(nodes["run"], ["weights", "signal", "state"], tree, nodes).items()
    } == {"weights": "init_weights"}
    assert not made_of(nodes["f"], ["X"], tree, nodes)
    called = ast.parse(MAKER + "\ndef demo(w, x):\n    first = start(5)\n    return run(w, x, first)\n")
    nodes = functions_of(called)
    assert made_of(nodes["run"], ["state"], called, nodes)["state"].maker == "start"


def test_gradients_of_lists_are_lists_and_go_with_what_is_gone_through() -> None:
    outputs: dict[Where, Any] = {(0,): np.zeros(3), (2,): [np.zeros(3), np.zeros(3)]}
    spoken: dict[Where, frozenset[str]] = {(0,): frozenset(["h"]), (2,): frozenset(["outs"])}
    assert matched(["err"], outputs, spoken, {(2,)}, {"err"}) == ({"err": (2,)}, True)
    assert matched(["err"], outputs, spoken, {(2,)}, set()) == ({"err": (0,)}, True)
    drawn = drawn_like(outputs[2,], np.random.default_rng(0))
    assert [item.shape for item in drawn] == [(3,), (3,)]


def test_a_state_that_is_not_returned_has_no_gradient() -> None:
    outputs: dict[Where, Any] = {(): np.zeros(3)}
    spoken: dict[Where, frozenset[str]] = {(): frozenset(["h"])}
    assert matched(["dh", "dc"], outputs, spoken) == ({"dh": ()}, True)
    with pytest.raises(Exception, match="cannot all be gradients"):
        matched(["dh", "dweights"], outputs, spoken)


def test_no_structure_is_seen_where_two_lists_are_alike() -> None:
    forward = functions_of(ast.parse(LISTS.replace("outs.append(n)", "outs.append((x, n, h))")))["roll_forward"]
    backward = functions_of(ast.parse(LISTS))["roll_backward"]
    spoken: dict[Where, frozenset[str]] = {(1,): frozenset(["kept"]), (2,): frozenset(["outs"])}
    assert by_structure(forward, backward, spoken, ["saved"]) == {}


def test_a_source_repeats_itself_and_a_saved_model_is_not_there() -> None:
    first, second = Source(), Source()
    assert [first.draw_token() for _ in range(9)] == [second.draw_token() for _ in range(9)]
    word, around = first.getRandomContext(3)
    assert isinstance(word, int)
    assert len(around) == 6
    with pytest.raises(AttributeError):
        first.shape  # noqa: B018
    assert is_there("corpus.txt")
    assert not is_there("out/best_model.npz")


def test_what_is_scattered_to_is_written(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(
        PADDED.replace(
            "    np.add.at(dE, X, d @ V.T)\n",
            "    for t in reversed(range(X.shape[1])):\n        np.add.at(dE, X[:, t], d[:, t] @ V.T)\n",
        )
    )
    assert [finding.code for finding in slips(read(path))] == []
    path.write_text(path.read_text().replace("np.add.at(dE,", "np.multiply(dE,"))
    assert "carry-not-renewed" in {finding.code for finding in slips(read(path))}


ROWS = """
import numpy as np
class Recurrent:
    def __init__(self, n, m, k):
        self.u, self.v, self.w = np.random.randn(m, n), np.random.randn(m, m), np.random.randn(k, m)
    def back(self, rows, label):
        hs = {-1: np.zeros((self.v.shape[0], 1))}
        for t, row in enumerate(rows):
            row = row.reshape(-1, 1)
            hs[t] = np.tanh(self.u @ row + self.v @ hs[t - 1])
        scores = self.w @ hs[len(rows) - 1]
        d = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
        d[label] -= 1
        du, dv, dw = np.zeros_like(self.u), np.zeros_like(self.v), d @ hs[len(rows) - 1].T
        dh = self.w.T @ d
        for t in reversed(range(len(rows))):
            draw = (1 - hs[t] ** 2) * dh
            du += draw @ rows[t].reshape(1, -1)
            dv += draw @ hs[t - 1].T
            dh = self.v.T @ draw
        return du, dv, dw
"""


def test_what_has_methods_of_an_array_is_a_row_of_a_table() -> None:
    (unit,) = recognise(read_text(ROWS, "utf-8", Path("x.py"))).units
    assert set(unit.names) == {"u", "v", "w"}
    assert judge_unit(unit, examples=4).verdict is Verdict.AGREE


OF_ONE_LABEL = """import numpy as np

class Last:
    def __init__(self, width, classes):
        self.V, self.a = np.random.randn(width, classes) / width, np.zeros(classes)

    def forward(self, x):
        self.x = x.ravel()
        self.e = np.exp(self.x @ self.V + self.a)
        self.out = self.e / self.e.sum()
        return self.out

    def back(self, label, rate):
        total = self.e.sum()
        slope = -self.e[label] * self.e / total ** 2
        slope[label] = self.e[label] * (total - self.e[label]) / total ** 2
        d = -slope / self.out[label]
        dx = self.V @ d
        self.V -= rate * np.outer(self.x, {outer})
        self.a -= rate * d
        return dx
"""


@pytest.mark.parametrize(("outer", "verdict"), [("d", Verdict.AGREE), ("self.out", Verdict.DISAGREE)])
def test_a_layer_may_be_handed_the_one_label_of_an_example(outer: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "last.py").write_text(OF_ONE_LABEL.replace("{outer}", outer))
    (unit,) = recognise(read(tmp_path / "last.py")).units
    assert "against label" in str(unit.subject.loss)
    assert judge_unit(unit, examples=8).verdict is verdict


BRIEF = """import numpy as np

class Brief:
    def __init__(self, n, k):
        self.V, self.a = np.random.randn(n, k), np.zeros(k)

    def forward(self, x):
        self.x = x
        return x @ self.V + self.a

    def backward(self, d, rate):
        dx = self.V @ d
        self.V -= rate * np.outer(self.x, {outer})
        self.a -= rate * d
        return dx
"""


@pytest.mark.parametrize(("outer", "verdict"), [("d", Verdict.AGREE), ("d ** 2", Verdict.DISAGREE)])
def test_parameters_may_be_called_as_states_and_memories_are(outer: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "brief.py").write_text(BRIEF.replace("{outer}", outer))
    (unit,) = recognise(read(tmp_path / "brief.py")).units
    assert unit.names.keys() == {"V", "a", "x"}
    assert judge_unit(unit, examples=8).verdict is verdict


CELL = """import numpy as np

class Cell:
    def __init__(self, D, H):
        self.W, self.U, self.b = np.random.randn(D, H), np.random.randn(H, H), np.zeros(H)

    def forward(self, xs, h):
        self.cache, hs = [], []
        for x in xs:
            new = np.tanh(x @ self.W + h @ self.U + self.b)
            self.cache.append((x, h, new))
            h = new
            hs.append(h)
        return np.array(hs)

    def backward(self, dhs):
        g = {"W": np.zeros_like(self.W), "U": np.zeros_like(self.U), "b": np.zeros_like(self.b)}
        dh = np.zeros_like(dhs[0])
        for t in reversed(range(len(dhs))):
            x, h, new = self.cache[t]
            d = (dh + dhs[t]) * (1 - new ** 2)
            g["W"] += x.T @ d
            g["U"] += h.T @ d
            g["b"] += d.sum(0)
            dh = d @ self.U{turned}
        return g
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("turned", "verdict"), [(".T", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_steps_that_are_transposed_are_tables(turned: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "cell.py").write_text(CELL.replace("{turned}", turned))
    (unit,) = recognise(read(tmp_path / "cell.py")).units
    assert judge_unit(unit, examples=8).verdict is verdict


FILTERS = """from typing import List

class Filters:
    def __init__(self, count: int, kernel_size: int):
        self.count, self.k = count, kernel_size
        self.kernels: List[List[List[float]]] = [
            [[0.1 * (f + i - j) for j in range(kernel_size)] for i in range(kernel_size)] for f in range(count)
        ]

    def forward(self, picture: List[List[float]]) -> List[List[List[float]]]:
        self.picture = picture
        rows, columns = len(picture) - self.k + 1, len(picture[0]) - self.k + 1
        out = [[[0.0 for _ in range(self.count)] for _ in range(columns)] for _ in range(rows)]
        for f in range(self.count):
            for i in range(rows):
                for j in range(columns):
                    for m in range(self.k):
                        for n in range(self.k):
                            out[i][j][f] += picture[i + m][j + n] * self.kernels[f][m][n]
        return out

    def backward(self, dout: List[List[List[float]]], rate: float) -> List[List[float]]:
        slopes = [[[0.0 for _ in range(self.k)] for _ in range(self.k)] for _ in range(self.count)]
        back = [[0.0 for _ in self.picture[0]] for _ in self.picture]
        for f in range(self.count):
            for i in range(len(dout)):
                for j in range(len(dout[0])):
                    for m in range(self.k):
                        for n in range(self.k):
                            slopes[f][m][n] += dout[i][j][f] * self.picture[i + m][j + n]
                            back[i + m][j + n] += dout[i][j][f] * self.kernels[f]{place}
        for f in range(self.count):
            for m in range(self.k):
                for n in range(self.k):
                    self.kernels[f][m][n] -= rate * slopes[f][m][n]
        return back
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("place", "verdict"), [("[m][n]", Verdict.AGREE), ("[n][m]", Verdict.DISAGREE)])
def test_pictures_may_be_lists_of_lists_of_lists(place: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "filters.py").write_text(FILTERS.replace("{place}", place))
    (unit,) = recognise(read(tmp_path / "filters.py")).units
    assert judge_unit(unit, examples=8).verdict is verdict
