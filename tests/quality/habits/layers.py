"""Scripts that train networks of layer objects with a forward and a backward pass, in all combinations of habits."""

import random
import re
from dataclasses import dataclass

from tests.quality.habits import Lines, Script, Slip, deeper, slipped


@dataclass(frozen=True)
class Layer:
    """A class of layers: `x` goes in, `out` comes out; `dout` comes back, and `dx` goes back."""

    arguments: str
    setup: Lines
    forward: Lines
    backward: Lines
    kept: Lines
    """What the way back reads"""
    parameters: Lines
    slips: tuple[Slip, ...]
    made: str
    """How one is made for `{n}` units, from `{m}`"""


@dataclass(frozen=True)
class Loss:
    """What is learnt: of `p` and `y`; the gradient `dp` is that in the last layer's output."""

    data: Lines
    ways: int
    ahead: Lines
    value: str
    gradient: Lines
    slips: tuple[Slip, ...]


LAYERS = {
    "Dense": Layer(
        "n_in, n_out", ("self.W = np.random.randn(n_in, n_out) * 0.4", "self.b = np.zeros((1, n_out))"),
        ("out = x @ self.W + self.b",),
        ("self.dW = self.x.T @ dout", "self.db = np.sum(dout, axis=0, keepdims=True)", "dx = dout @ self.W.T"),
        ("x",), ("W", "b"),
        (("self.x.T @ dout", "self.x.T @ np.abs(dout)"), ("np.sum(dout", "np.mean(dout"),
         ("dout @ self.W.T", "dout @ np.abs(self.W.T)"), ("self.dW =", "self.dW = -"),
         ("@ self.W.T", "@ (self.W.T + 1)")),
        "Dense({m}, {n})",
    ),
    "Tanh": Layer("", (), ("out = np.tanh(x)",), ("dx = dout * (1 - self.out ** 2)",), ("out",), (),
                  (("(1 - self.out ** 2)", "(1 - self.out)"), ("(1 - self.out ** 2)", "self.out")), "Tanh()"),
    "Sigmoid": Layer("", (), ("out = 1 / (1 + np.exp(-x))",), ("dx = dout * self.out * (1 - self.out)",), ("out",), (),
                     ((" * (1 - self.out)", ""), ("(1 - self.out)", "(1 + self.out)")), "Sigmoid()"),
    "ReLU": Layer("", (), ("out = np.maximum(0, x)",), ("dx = dout * (self.x > 0)",), ("x",), (),
                  (("(self.x > 0)", "(dout > 0)"), (" * (self.x > 0)", ""), ("self.x > 0", "self.x < 0")), "ReLU()"),
    "LeakyReLU": Layer("", (), ("out = np.where(x > 0, x, 0.1 * x)",), ("dx = dout * np.where(self.x > 0, 1, 0.1)",),
                       ("x",), (), (("1, 0.1", "1, 0.01"), ("1, 0.1", "0.1, 1")), "LeakyReLU()"),
    "Softplus": Layer("", (), ("out = np.log(1 + np.exp(x))",), ("dx = dout / (1 + np.exp(-self.x))",), ("x",), (),
                      (("np.exp(-self.x)", "np.exp(self.x)"), ("dout /", "dout *")), "Softplus()"),
    "LayerNorm": Layer(
        "n", ("self.g = np.ones((1, n))", "self.s = np.zeros((1, n))"),
        ("mu = x.mean(axis=1, keepdims=True)", "std = np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)",
         "hat = (x - mu) / std", "out = self.g * hat + self.s"),
        ("self.dg = np.sum(dout * self.hat, axis=0, keepdims=True)", "self.ds = np.sum(dout, axis=0, keepdims=True)",
         "dh = dout * self.g",
         "off = (dh * self.hat).mean(axis=1, keepdims=True)",
         "dx = (dh - dh.mean(axis=1, keepdims=True) - self.hat * off) / self.std"),
        ("hat", "std"), ("g", "s"),
        ((" - dh.mean(axis=1, keepdims=True)", ""), (" / self.std", ""), ("dh = dout * self.g", "dh = dout"),
         ("np.sum(dout * self.hat", "np.sum(dout")), "LayerNorm({m})",
    ),
    "BatchNorm": Layer(
        "n", ("self.gamma = np.ones(n)", "self.beta = np.zeros(n)"),
        ("mu = x.mean(axis=0)", "std = np.sqrt(x.var(axis=0) + 1e-5)", "hat = (x - mu) / std",
         "out = self.gamma * hat + self.beta"),
        ("self.dgamma = np.sum(dout * self.hat, axis=0)", "self.dbeta = np.sum(dout, axis=0)", "dh = dout * self.gamma",
         "dx = (dh - dh.mean(axis=0) - self.hat * (dh * self.hat).mean(axis=0)) / self.std"),
        ("hat", "std"), ("gamma", "beta"),
        ((" - dh.mean(axis=0)", ""), (" * self.gamma", ""), (" / self.std", ""), ("(dh * self.hat).mean", "dh.mean")),
        "BatchNorm({m})",
    ),
}  # fmt: skip
LOSSES = {
    "mse": Loss(("X = np.random.randn(20, 3)", "y = np.sin(X[:, :1]) + X[:, 1:2] ** 2"), 1, (),
                "np.mean((p - y) ** 2)", ("dp = 2 * (p - y) / p.size",),
                (("(p - y)", "(p + y)"), ("(p - y)", "np.abs(p - y)"))),
    "softmax": Loss(("X = np.random.randn(20, 3)", "y = np.eye(3)[np.argmax(X + np.random.randn(20, 3), axis=1)]"), 3,
                    ("e = np.exp(p - p.max(axis=1, keepdims=True))", "q = e / e.sum(axis=1, keepdims=True)"),
                    "-np.sum(y * np.log(q)) / len(y)", ("dp = (q - y) / len(y)",),
                    ((" / len(y)", " * q / len(y)"), ("(q - y)", "(q + y)"))),
    "bce": Loss(("X = np.random.randn(20, 3)", "y = (X.sum(axis=1, keepdims=True) > 0).astype(float)"), 1,
                ("q = 1 / (1 + np.exp(-p))",), "-np.mean(y * np.log(q) + (1 - y) * np.log(1 - q))",
                ("dp = (q - y) / len(y)",), (("(q - y)", "(q - y) * q * (1 - q)"), ("(q - y)", "(q + y)"))),
}  # fmt: skip
ACTIVATIONS = ("Tanh", "Sigmoid", "ReLU", "LeakyReLU", "Softplus")
NORMS = (None, None, "LayerNorm", "BatchNorm")
FORMS = ("loop", "network", "functions", "loss object")
STEPS = ("of the layer", "inside of backward", "by an optimiser", "in the loop")
WORDS = (("x", "out", "dout", "dx"), ("inputs", "output", "grad_output", "grad_input"), ("x", "y_", "grad", "dx"),
         ("x", "z", "delta", "dz"))  # fmt: skip


def _class(name: str, step: str, words: tuple[str, str, str, str], slip: Slip | None) -> list[str]:
    layer = LAYERS[name]
    steps = [f"self.{name} -= lr * self.d{name}" for name in layer.parameters]
    back = slipped("\n".join(layer.backward), slip).split("\n")
    ahead = [*layer.forward, *(f"self.{kept} = {kept}" for kept in layer.kept), "return out"]
    if step == "inside of backward":
        methods = ["def backward(self, dout, lr):", *deeper([*back, *steps, "return dx"])]
    else:
        methods = ["def backward(self, dout):", *deeper([*back, "return dx"])]
        if step == "of the layer":
            methods += ["def step(self, lr):", *deeper(steps or ["pass"])]
        elif step == "by an optimiser":
            pairs = ", ".join(f"(self.{name}, self.d{name})" for name in layer.parameters)
            methods += ["def params(self):", f"    return [{pairs}]"]
    setup = [f"def __init__(self, {layer.arguments}):", *deeper(layer.setup)] if layer.setup else []
    lines = [*setup, *_called(words, ["def forward(self, x):", *deeper(ahead), *methods])]
    return [f"class {name}:", *deeper(lines)]


def _called(words: tuple[str, str, str, str], lines: list[str]) -> list[str]:
    names = dict(zip(("x", "out", "dout", "dx"), words, strict=True))
    return [re.sub(r"\b(x|out|dout|dx)\b(?!\()", lambda found: names[found[1]], line) for line in lines]


def program(
    kinds: list[str], loss: Loss, form: str, step: str, words: tuple[str, str, str, str], where: str, slip: Slip | None
) -> str:
    """Return a script; with a slip in the layer or the loss that is called so, its gradient is not that of its loss."""
    lines = ["import numpy as np"]
    for name in dict.fromkeys(kinds):
        lines += _class(name, step, words, slip if where == name else None)
    gradient = slipped("\n".join(loss.gradient), slip if where == "loss" else None).split("\n")
    handed, rate = (", 0.05", ", lr") if step == "inside of backward" else ("", "")
    widths, made = [3, 5, loss.ways], []
    place = 0
    for kind in kinds:
        n = widths[place + 1] if kind == "Dense" else widths[place]
        made.append(LAYERS[kind].made.format(m=widths[place], n=n))
        place += kind == "Dense"
    listed = f"[{', '.join(made)}]"
    moves = {
        "of the layer": ["for layer in LAYERS:", "    layer.step(0.05)"],
        "inside of backward": [],
        "by an optimiser": ["optimiser.step()"],
        "in the loop": ["for layer in LAYERS:", "    if isinstance(layer, Dense):",
                        "        layer.W -= 0.05 * layer.dW", "        layer.b -= 0.05 * layer.db"],
    }[step]  # fmt: skip
    if step == "by an optimiser":
        lines += ["class SGD:", "    def __init__(self, layers, lr):", "        self.layers, self.lr = layers, lr",
                  "    def step(self):", "        for layer in self.layers:",
                  "            for w, dw in layer.params():", "                w -= self.lr * dw"]  # fmt: skip
    if form == "loss object":
        lines += ["class Loss:", "    def forward(self, p, y):", "        self.p, self.y = p, y",
                  *deeper(deeper([*loss.ahead, *(["self.q = q"] if loss.ahead else []), f"return {loss.value}"])),
                  "    def backward(self):", "        p, y = self.p, self.y",
                  *deeper(deeper([*(["q = self.q"] if loss.ahead else []), *gradient, "return dp"]))]  # fmt: skip
        valued, sloped = ["loss = criterion.forward(p, y)"], ["dp = criterion.backward()"]
    elif form == "functions":
        lines += ["def compute_loss(p, y):", *deeper([*loss.ahead, f"return {loss.value}"])]
        lines += ["def loss_gradient(p, y):", *deeper([*loss.ahead, *gradient, "return dp"])]
        valued, sloped = ["loss = compute_loss(p, y)"], ["dp = loss_gradient(p, y)"]
    else:
        valued, sloped = [*loss.ahead, f"loss = {loss.value}"], gradient
    if form == "network":
        lines += ["class Network:", "    def __init__(self, layers):", "        self.layers = layers",
                  "    def forward(self, x):", "        for layer in self.layers:", "            x = layer.forward(x)",
                  "        return x", f"    def backward(self, grad{rate}):",
                  "        for layer in reversed(self.layers):",
                  f"            grad = layer.backward(grad{rate})", "        return grad"]  # fmt: skip
        begun, everywhere = [f"net = Network({listed})"], "net.layers"
        ahead, back = ["p = net.forward(X)"], [f"net.backward(dp{handed})"]
    else:
        begun, everywhere = [f"layers = {listed}"], "layers"
        ahead = ["p = X", "for layer in layers:", "    p = layer.forward(p)"]
        back = ["for layer in reversed(layers):", f"    dp = layer.backward(dp{handed})"]
    if form == "loss object":
        begun += ["criterion = Loss()"]
    if step == "by an optimiser":
        begun += [f"optimiser = SGD({everywhere}, 0.05)"]
    moves = [line.replace("LAYERS", everywhere) for line in moves]
    turn = [*ahead, *valued, *sloped, *back, *moves, "if epoch % 50 == 0:", "    print(epoch, loss)"]
    return "\n".join([*lines, *loss.data, *begun, "for epoch in range(200):", *deeper(turn)]) + "\n"


def drawn(choose: random.Random, is_right: bool) -> Script | None:
    """Return a script, unless what is drawn does not go together."""
    activation, norm, name = choose.choice(ACTIVATIONS), choose.choice(NORMS), choose.choice(list(LOSSES))
    form, step, words = choose.choice(FORMS), choose.choice(STEPS), choose.choice(WORDS)
    if norm is not None and step == "in the loop":
        return None
    loss = LOSSES[name]
    kinds = ["Dense", *([norm] if norm else ()), activation, "Dense"]
    where = choose.choice(["Dense", activation, "loss", *([norm] if norm else ())])
    slip = None if is_right else choose.choice((loss if where == "loss" else LAYERS[where]).slips)
    told = "right" if slip is None else f"{where}, {slip[0]} -> {slip[1]}"
    said = ", ".join([told, form, step, words[0], words[2]])
    return Script(f"{' '.join(kinds)} {name}: {said}", program(kinds, loss, form, step, words, where, slip), is_right)
