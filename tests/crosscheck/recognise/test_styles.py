"""Programs in styles that are easily misread: optimisers over lists, helpers, matrices, texts that are typed in."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.equal_sizes import equal
from crosscheck.recognise.guesses import ARRAY, SIZE, Guess, Key, Slot
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.letters import Size
from crosscheck.source import read
from crosscheck.verdicts import Verdict

IN_A_LIST = """
import numpy as np

class Chars:
    def __init__(self, n, h):
        self.U, self.W = np.random.randn(n, h) * 0.3, np.random.randn(h, h) * 0.3
        self.V, self.b = np.random.randn(h, n) * 0.3, np.zeros(h)
        self.h_cache = None

    def forward(self, inputs, h_prev):
        xs, hs, ps = {}, {-1: h_prev.copy()}, {}
        for t, place in enumerate(inputs):
            xs[t] = np.zeros(len(self.U))
            xs[t][place] = 1
            hs[t] = np.tanh(xs[t] @ self.U + hs[t - 1] @ self.W + self.b)
            ps[t] = np.exp(hs[t] @ self.V) / np.exp(hs[t] @ self.V).sum()
        return xs, hs, ps, hs[len(inputs) - 1]

    def backward(self, inputs, targets, xs, hs, ps):
        dU, dW, dV, db = [np.zeros_like(one) for one in (self.U, self.W, self.V, self.b)]
        later = np.zeros(len(self.W))
        for t in reversed(range(len(inputs))):
            dy = ps[t].copy()
            dy[targets[t]] -= 1
            dV += np.outer(hs[t], dy)
            dz = (1 - hs[t] ** 2) * (self.V @ dy + later)
            dU += np.outer(xs[t], dz)
            dW += np.outer(hs[t - 1], dz)
            db += dz
            later = self.W @ dz
        grads = [dU, dW, dV, db]
        for grad in grads:
            np.clip(grad, -5, 5, out=grad)
        return grads

    def update_adagrad(self, grads):
        if self.h_cache is None:
            self.h_cache = [np.zeros_like(p) for p in [self.U, self.W, self.V, self.b]]
        params = [self.U, self.W, self.V, self.b]
        for i, (param, grad, h) in enumerate(zip(params, grads, self.h_cache)):
            h += grad ** 2
            param -= 0.1 * grad / (np.sqrt(h) + 1e-8)
            self.h_cache[i] = h

    def loss(self, ps, targets):
        return sum(-np.log(ps[t][targets[t]]) for t in range(len(targets)))

def train(model, symbols, rounds):
    h = np.zeros(len(model.W))
    for turn in range(rounds):
        inputs, targets = symbols[turn : turn + 6], symbols[turn + 1 : turn + 7]
        xs, hs, ps, h = model.forward(inputs, h)
        loss = model.loss(ps, targets)
        model.update_adagrad(model.backward(inputs, targets, xs, hs, ps))
        print(loss)

train(Chars(5, 4), [0, 1, 2, 3, 4, 0, 2, 4, 1, 3, 0, 1, 3, 2, 4, 0], 8)
"""

HELPER = """
import numpy as np

class Coder:
    def __init__(self, rate=0.01):
        self.rate = rate

    def fit(self, X):
        n = X.shape[1]
        weights = [np.random.randn(n, 3) * 0.5, np.random.randn(3, n) * 0.5]
        for turn in range(60):
            for x in X:
                x = x.reshape(1, -1)
                inputs, nets = self.forward(x, weights)
                error = (x - self.relu(nets[1])) * (nets[1] > 0)
                below = (error @ weights[1].T) * {slope}
                weights[1] += self.change(inputs[1], error)
                weights[0] += self.change(inputs[0], below)

    def relu(self, z):
        return np.maximum(z, 0)

    def forward(self, x, weights):
        inputs, nets = [], []
        for w in weights:
            inputs.append(x)
            nets.append(x @ w)
            x = self.relu(nets[-1])
        return inputs, nets

    def change(self, inputs, error):
        delta_w = np.zeros((inputs.shape[1], error.shape[1]))
        for place, one in enumerate(inputs.tolist()[0]):
            delta_w[place, :] = self.rate * one * error
        return delta_w

Coder().fit(np.random.rand(9, 5))
"""

MATRICES = """
import numpy as np

W, w = np.array([[0.6, 0.7, 0.1], [0.1, 0.43, 0.88]]), np.matrix([[0.2], [0.3], [0.9]])
x, y, a = np.matrix([[0.75, 0.2, -0.75, 0.2], [0.8, 0.05, 0.8, -0.05]]), [1, 1, -1, -1], 0.1
for turn in range(20):
    z = np.dot(W.T, x)
    out = np.tanh(np.dot(w.T, np.tanh(z)))
    result = out - y
    total = 0.5 * np.power(result, 2)
    dout = np.multiply(result, 1 - np.multiply(out, out))
    d1 = np.multiply(np.dot(w, dout), 1 - np.power(np.tanh({z}), 2))
    Dw, DW = np.dot(np.tanh(z), dout.T), np.dot(x, d1.T)
    w = w - a * Dw
    W = W - a * DW
"""

TYPED = """
import numpy as np

class Menu:
    def __init__(self, text_input, hidden_size=16):
        self.vocab = sorted(list(set(text_input)))
        self.at = {{ch: i for i, ch in enumerate(self.vocab)}}
        n = len(self.vocab)
        self.U, self.W = np.random.randn(hidden_size, n) * 0.1, np.random.randn(hidden_size, hidden_size) * 0.1
        self.V = np.random.randn(n, hidden_size) * 0.1

    def train(self, input_str, target_str, epochs=2000, learning_rate=0.1):
        for epoch in range(epochs):
            loss, xs, hs, ps = 0, {{}}, {{-1: np.zeros((len(self.W), 1))}}, {{}}
            for t in range(len(input_str)):
                xs[t] = np.zeros((len(self.vocab), 1))
                xs[t][self.at[input_str[t]]] = 1
                hs[t] = np.tanh(self.U @ xs[t] + self.W @ hs[t - 1])
                ps[t] = np.exp(self.V @ hs[t]) / np.sum(np.exp(self.V @ hs[t]))
                loss += -np.log(ps[t][self.at[target_str[t]], 0])
            dU, dW, dV = np.zeros_like(self.U), np.zeros_like(self.W), np.zeros_like(self.V)
            dh_next = np.zeros_like(hs[0])
            for t in reversed(range(len(input_str))):
                dy = np.copy(ps[t])
                dy[self.at[target_str[t]]] -= 1
                dV += dy @ hs[t].T
                dz = (1 - hs[t] ** 2) * (self.V.T @ dy + dh_next)
                dU += dz @ xs[t].T
                dW += dz @ hs[{of}].T
                dh_next = self.W.T @ dz
            self.U -= learning_rate * dU
            self.W -= learning_rate * dW
            self.V -= learning_rate * dV

def main():
    while True:
        raw_data = input("text: ").strip()
        if raw_data == "quit":
            break
        if len(raw_data) < 2:
            continue
        Menu(raw_data).train(raw_data[:-1], raw_data[1:])

if __name__ == "__main__":
    main()
"""

SEQUENCES = """
import numpy as np

class Rnn:
    def __init__(self, steps, n, h):
        self.steps, self.U, self.W = steps, np.random.randn(n, h) * 0.4, np.random.randn(h, h) * 0.4
        self.v, self.b = np.random.randn(h, 1) * 0.4, np.zeros((1, h))

    def forward(self, sequences, label):
        kept, h = [], np.zeros((1, len(self.W)))
        for i in range(self.steps):
            h = np.tanh(sequences[i] @ self.U + h @ self.W + self.b)
            kept.append(h)
        y = 1 / (1 + np.exp(-(h @ self.v)))
        return y, -np.mean(label * np.log(y) + (1 - label) * np.log(1 - y)), kept

    def train(self, sequences, label, epoch=1000, lr=0.001):
        n = sequences.shape[1]
        for e in range(epoch):
            y, loss, kept = self.forward(sequences, label)
            d = (y - label) / n
            dv, dh = kept[-1].T @ d, d @ self.v.T
            dU, dW, db = np.zeros_like(self.U), np.zeros_like(self.W), np.zeros_like(self.b)
            for i in range(self.steps - 1, -1, -1):
                dz = dh * (1 - kept[i] ** 2)
                dU += sequences[i].T @ dz
                db += np.sum(dz, axis=0, keepdims=True)
                if i > 0:
                    dW += kept[{of}].T @ dz
                    dh = dz @ self.W.T
            self.U -= lr * dU
            self.W -= lr * dW
            self.v -= lr * dv
            self.b -= lr * db
"""

NUMBERS = """
import numpy as np

X = np.round(np.random.rand(12, 5) * 5) / 5
t = X.sum(axis=1)

def forward_states(X, wx, wRec):
    S = np.zeros((X.shape[0], X.shape[1] + 1))
    for k in range(X.shape[1]):
        S[:, k + 1] = X[:, k] * wx + S[:, k] * wRec
    return S

def backward_gradient(X, S, grad_out, wRec):
    grad_over_time = np.zeros((X.shape[0], X.shape[1] + 1))
    grad_over_time[:, -1] = grad_out
    wx_grad, wRec_grad = 0, 0
    for k in range(X.shape[1], 0, -1):
        wx_grad += np.sum(np.mean(grad_over_time[:, k] * X[:, k - 1], axis=0))
        wRec_grad += np.sum(np.mean(grad_over_time[:, k] * S[:, {of}], axis=0))
        grad_over_time[:, k - 1] = grad_over_time[:, k] * wRec
    return (wx_grad, wRec_grad), grad_over_time

params = [1.2, 0.8]
S = forward_states(X, params[0], params[1])
grads, over_time = backward_gradient(X, S, 2.0 * (S[:, -1] - t), params[1])
print(grads)
"""


def worst(path: Path, code: str) -> set[Verdict]:
    path.write_text(code)
    return {judge_unit(unit, examples=8).verdict for unit in recognise(read(path)).units}


@pytest.mark.usefixtures("every_plan")
@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize(
    ("code", "right", "wrong"),
    [
        (IN_A_LIST, "later = self.W @ dz", "later = self.W.T @ dz"),
        (HELPER.format(slope="(nets[0] > 0)"), "(nets[0] > 0)", "nets[0]"),
        (MATRICES.format(z="z"), "np.tanh(z), 2)", "z, 2)"),
        (SEQUENCES.format(of="i - 1"), "kept[i - 1].T", "kept[i].T"),
        (NUMBERS.format(of="k - 1"), "S[:, k - 1], axis", "S[:, k], axis"),
    ],
    ids=["memories in a list", "a helper", "matrices", "sequences", "numbers"],
)
def test_verdicts(code: str, right: str, wrong: str, tmp_path: Path) -> None:
    assert right in code
    assert worst(tmp_path / "right.py", code) == {Verdict.AGREE}
    assert Verdict.DISAGREE in worst(tmp_path / "wrong.py", code.replace(right, wrong))


@pytest.mark.thorough
@pytest.mark.parametrize(("of", "verdict"), [("t - 1", Verdict.AGREE), ("t", Verdict.DISAGREE)])
def test_a_text_that_somebody_is_asked_for(of: str, verdict: Verdict, tmp_path: Path) -> None:
    assert worst(tmp_path / "menu.py", TYPED.format(of=of)) == {verdict}


SMALL = """
import numpy as np

class Line:
    def __init__(self):
        self.params = {"w": np.random.randn(6, 1), "v": np.random.randn(1, 7), "b": np.zeros((1, 7))}
        self.m = {name: np.zeros_like(p) for name, p in self.params.items()}
        self.v = {name: np.zeros_like(p) for name, p in self.params.items()}
        self.step = 0

    def gradients(self, x, y):
        h = np.tanh(x @ self.params["w"])
        e = 0.01 * (h @ self.params["v"] + self.params["b"] - y)
        dh = (e @ self.params["v"].T) * (1 - h ** 2)
        return 50 * np.sum(e ** 2), {"w": x.T @ dh, "v": h.T @ e, "b": e.copy()}

    def train(self, xs, ys, learning_rate=0.01):
        total = {name: np.zeros_like(p) for name, p in self.params.items()}
        for n in range(len(xs)):
            _, grads = self.gradients(xs[n : n + 1], ys[n : n + 1])
            for name in total:
                total[name] += grads[name] / len(xs)
        self.step += 1
        for name, grad in total.items():
            self.m[name] = 0.9 * self.m[name] + 0.1 * grad
            self.v[name] = 0.999 * self.v[name] + 0.001 * grad ** {power}
            m, v = self.m[name] / (1 - 0.9 ** self.step), self.v[name] / (1 - 0.999 ** self.step)
            self.params[name] -= learning_rate * m / (np.sqrt(v) + 1e-8)

net = Line()
for turn in range(5):
    net.train(np.random.randn(9, 6), np.random.randn(9, 7))
"""


@pytest.mark.filterwarnings("ignore:invalid value")
def test_squares_of_small_gradients_are_seen(tmp_path: Path) -> None:
    assert worst(tmp_path / "right.py", SMALL.replace("{power}", "2")) == {Verdict.AGREE}
    assert worst(tmp_path / "wrong.py", SMALL.replace("{power}", "1")) == {Verdict.DISAGREE}


def test_sums_of_sizes_that_differ_by_one_of_them_meet() -> None:
    letters = [Size(((letter, 1),), 0) for letter in range(1, 5)]  # x_n, h_n, steps and columns
    slots = {
        Key("Layer", "x_n"): Slot(SIZE, (letters[0],)),
        Key("Layer", "h_n"): Slot(SIZE, (letters[1],)),
        Key("forward", "x"): Slot(ARRAY, (letters[2], letters[3])),
    }
    guess = Guess(slots, {1: 7, 2: 11, 3: 13, 4: 17})
    made = [other.slots[Key("forward", "x")].sizes for other in equal(guess, 7 + 11 + 1, 17 + 11 + 1)]
    assert (letters[2], letters[0]) in made
