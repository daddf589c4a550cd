"""Scripts that train recurrent networks by backpropagation through time, in all combinations of habits."""

import random
import re
from dataclasses import dataclass

from tests.quality.habits import Lines, Script, Slip, deeper, of_self, slipped
from tests.quality.habits.models import STEPS


@dataclass(frozen=True)
class Cell:
    """One step in time: from `x` and `h_prev` to `h`, and from `dh` back to `dh_next`."""

    parameters: dict[str, str]
    forward: Lines
    backward: Lines
    kept: str
    """What the way back reads of each step"""
    slips: tuple[Slip, ...]
    has_memory: bool = False


@dataclass(frozen=True)
class Head:
    """What is predicted of `h`, of each step `t` or of the last one only."""

    ways: int
    targets: str
    forward: Lines
    loss: str
    backward: Lines
    """Assigns `dy`"""
    is_last: bool
    slips: tuple[Slip, ...]


SIGMOID = "1 / (1 + np.exp(-({})))"


def _gate(name: str, state: str = "h_prev") -> str:
    return f"x @ W{name} + {state} @ U{name} + b{name}"


def _sums(name: str, state: str = "h_prev") -> Lines:
    return f"dW{name} += x.T @ d{name}", f"dU{name} += {state}.T @ d{name}", f"db{name} += d{name}.sum(axis=0)"


def _first(*names: str) -> dict[str, str]:
    firsts = {"W": "np.random.randn(D, H) * 0.3", "U": "np.random.randn(H, H) * 0.3", "b": "np.zeros(H)"}
    return {kind + name: first for name in names for kind, first in firsts.items()}


CELLS = {
    "tanh": Cell(
        _first("h"), (f"h = np.tanh({_gate('h')})",),
        ("dh_ = dh * (1 - h ** 2)", "dWh += x.T @ dh_", "dUh += h_prev.T @ dh_", "dbh += dh_.sum(axis=0)",
         "dh_next = dh_ @ Uh.T"),
        "x, h_prev, h",
        (("(1 - h ** 2)", "(1 - h)"), ("dh_ @ Uh.T", "dh_ @ Uh"), ("h_prev.T @ dh_", "h.T @ dh_"),
         ("dh_ @ Uh.T", "dh @ Uh.T"), ("dh_.sum(axis=0)", "dh.sum(axis=0)"), ("dWh +=", "dWh ="),
         (" * (1 - h ** 2)", "")),
    ),
    "relu": Cell(
        _first("h"), (f"h = np.maximum(0, {_gate('h')})",),
        ("da = dh * (h > 0)", "dWh += x.T @ da", "dUh += h_prev.T @ da", "dbh += da.sum(axis=0)",
         "dh_next = da @ Uh.T"),
        "x, h_prev, h",
        (("(h > 0)", "(dh > 0)"), ("da @ Uh.T", "da @ Uh"), ("h_prev.T @ da", "h.T @ da"), ("dUh +=", "dUh =")),
    ),
    "gru": Cell(
        _first("z", "r", "g"),
        (f"z = {SIGMOID.format(_gate('z'))}", f"r = {SIGMOID.format(_gate('r'))}",
         f"g = np.tanh({_gate('g', '(r * h_prev)')})", "h = (1 - z) * h_prev + z * g"),
        ("dz = dh * (g - h_prev) * z * (1 - z)", "dg = dh * z * (1 - g ** 2)", "drh = dg @ Ug.T",
         "dr = drh * h_prev * r * (1 - r)", *_sums("z"), *_sums("r"), *_sums("g", "(r * h_prev)"),
         "dh_next = dh * (1 - z) + drh * r + dz @ Uz.T + dr @ Ur.T"),
        "x, h_prev, z, r, g",
        (("(g - h_prev)", "(h_prev - g)"), (" + dr @ Ur.T", ""), ("drh * r +", "drh +"), (" * (1 - r)", ""),
         ("dUg += (r * h_prev).T", "dUg += h_prev.T"), ("dh * (1 - z) + drh", "dh * z + drh"),
         ("dz @ Uz.T", "dz @ Uz")),
    ),
    "lstm": Cell(
        _first("i", "f", "o", "g"),
        (f"i = {SIGMOID.format(_gate('i'))}", f"f = {SIGMOID.format(_gate('f'))}", f"o = {SIGMOID.format(_gate('o'))}",
         f"g = np.tanh({_gate('g')})", "c = f * c_prev + i * g", "h = o * np.tanh(c)"),
        ("dc = dc_next + dh * o * (1 - np.tanh(c) ** 2)", "do = dh * np.tanh(c) * o * (1 - o)",
         "di = dc * g * i * (1 - i)", "df = dc * c_prev * f * (1 - f)", "dg = dc * i * (1 - g ** 2)",
         *_sums("i"), *_sums("f"), *_sums("o"), *_sums("g"), "dc_next = dc * f",
         "dh_next = di @ Ui.T + df @ Uf.T + do @ Uo.T + dg @ Ug.T"),
        "x, h_prev, c_prev, i, f, o, g, c",
        (("dc_next + dh * o", "dh * o"), ("(1 - np.tanh(c) ** 2)", "(1 - c ** 2)"), ("dc * c_prev", "dc * c"),
         ("dc_next = dc * f", "dc_next = dc * i"), (" + df @ Uf.T", ""), ("dh * np.tanh(c) * o", "dh * c * o"),
         ("dUo += h_prev.T @ do", "dUo += h_prev.T @ dg"), (" * i * (1 - g ** 2)", " * (1 - g ** 2)")),
        has_memory=True,
    ),
}  # fmt: skip
HEADS = {
    "values": Head(1, "np.cumsum(X.sum(axis=2, keepdims=True), axis=1)", ("p = h @ Wy + by",),
                   "np.sum((p - Y[:, t]) ** 2) / 2", ("dy = ps[t] - Y[:, t]",), False,
                   ((" - Y[:, t]", " + Y[:, t]"), ("dy @ Wy.T + dh_next", "dy @ Wy.T"))),
    "classes": Head(3, "np.eye(3)[np.random.randint(0, 3, (6, T))]",
                    ("z = h @ Wy + by", "e = np.exp(z)", "p = e / e.sum(axis=1, keepdims=True)"),
                    "-np.sum(Y[:, t] * np.log(p))", ("dy = ps[t] - Y[:, t]",), False,
                    (("dy @ Wy.T + dh_next", "dy @ Wy.T"), ("dy.sum(axis=0)", "dy.mean(axis=0)"))),
    "value": Head(1, "X.sum(axis=(1, 2)).reshape(-1, 1)", ("p = h @ Wy + by",), "np.mean((p - Y) ** 2)",
                  ("dy = 2 * (p - Y) / len(X)",), True, (("2 * (p - Y)", "(p - Y)"), ("/ len(X)", "/ T"))),
    "label": Head(1, "(X.sum(axis=(1, 2)) > 0).astype(float).reshape(-1, 1)", (f"p = {SIGMOID.format('h @ Wy + by')}",),
                  "-np.mean(Y * np.log(p) + (1 - Y) * np.log(1 - p))", ("dy = (p - Y) / len(X)",), True,
                  (("(p - Y)", "(p - Y) * p"), ("h.T @ dy", "h.T @ dy * len(X)"))),
}  # fmt: skip
FORMS = ("script", "function", "class", "passes")
DATA = ("T, D, H = 5, 2, 4", "X = np.random.randn(6, T, D)")


def program(cell: Cell, head: Head, form: str, step: str, *, clipped: bool, slip: Slip | None = None) -> str:
    """Return a script; with a slip, its gradient is not that of its loss."""
    outer = {"Wy": f"np.random.randn(H, {head.ways}) * 0.3", "by": f"np.zeros({head.ways})"}
    parameters = {**cell.parameters, **outer}
    forward = _forward(cell, head)
    backward = slipped("\n".join(_backward(cell, head, parameters, clipped=clipped)), slip).split("\n")
    rule = STEPS[step]
    steps = [*rule.once, *(line.format(w=name) for name in parameters for line in rule.lines)]
    states = [
        *(line.format(w=name) for name in parameters for line in rule.states),
        *(["t = 0"] if rule.counted else ()),
    ]
    steps, states = ([re.sub(r"(?<![\w.])t\b", "turn", line) for line in lines] for lines in (steps, states))
    firsts = [f"{name} = {first}" for name, first in parameters.items()]
    data = [*DATA, f"Y = {head.targets}"]
    slopes = ", ".join(f"d{name}" for name in parameters)
    if form == "script":
        turn = [*forward, *backward, *steps, "if epoch % 10 == 0:", "    print(epoch, loss)"]
        body = [*data, *firsts, *states, "for epoch in range(50):", *deeper(turn)]
    elif form == "function":
        function = ["def loss_and_gradients(X, Y):", *deeper([*forward, *backward, f"return loss, {slopes}"])]
        turn = [f"loss, {slopes} = loss_and_gradients(X, Y)", *steps, "print(epoch, loss)"]
        body = [*data, *firsts, *states, *function, "for epoch in range(50):", *deeper(turn)]
    else:
        own = [*parameters, *(line.partition(" = ")[0] for line in states)]
        begin = ["def __init__(self, D, H):", *deeper(of_self([*firsts, *states], own))]
        if form == "class":
            fit = [*forward, *backward, *steps, "return loss"]
            methods = ["def step(self, X, Y):", *deeper(of_self(fit, own))]
            turn = ["loss = net.step(X, Y)", "print(epoch, loss)"]
        else:
            own += ["cache", "p", "h"] if head.is_last else ["cache", "hs", "ps"]
            ahead = ["T = X.shape[1]", *forward, "return loss"]
            back = ["T = X.shape[1]", *backward, *steps]
            methods = ["def forward(self, X, Y):", *deeper(of_self(ahead, own))]
            methods += ["def backward(self, X, Y):", *deeper(of_self(back, own))]
            turn = ["loss = net.forward(X, Y)", "net.backward(X, Y)", "print(epoch, loss)"]
        body = [
            "class Net:",
            *deeper([*begin, *methods]),
            *data,
            "net = Net(D, H)",
            "for epoch in range(50):",
            *deeper(turn),
        ]
    return "\n".join(["import numpy as np", *body]) + "\n"


def _forward(cell: Cell, head: Head) -> list[str]:
    width = "Uh.shape[0]" if "Uh" in cell.parameters else "Ug.shape[0]"
    begin = [f"h = np.zeros((len(X), {width}))", *([f"c = np.zeros((len(X), {width}))"] if cell.has_memory else ())]
    step = ["x, h_prev = X[:, t], h", *(["c_prev = c"] if cell.has_memory else ()), *cell.forward]
    step += [f"cache[t] = ({cell.kept})"]
    if head.is_last:
        return [*begin, "cache = {}", "for t in range(T):", *deeper(step), *head.forward, f"loss = {head.loss}"]
    step += ["hs[t] = h", *head.forward, "ps[t] = p", f"loss += {head.loss}"]
    return [*begin, "cache, hs, ps = {}, {}, {}", "loss = 0.0", "for t in range(T):", *deeper(step)]


def _backward(cell: Cell, head: Head, parameters: dict[str, str], *, clipped: bool) -> list[str]:
    lines = [f"d{name} = np.zeros_like({name})" for name in parameters]
    outer = ["dWy += h.T @ dy", "dby += dy.sum(axis=0)"]
    step = [f"{cell.kept} = cache[t]"]
    if cell.has_memory:
        lines += ["dc_next = 0.0"]
    if head.is_last:
        lines += [*head.backward, *outer, "dh_next = dy @ Wy.T"]
        step += ["dh = dh_next"]
    else:
        lines += ["dh_next = 0.0"]
        step += [*head.backward, *(line.replace("h.T", "hs[t].T") for line in outer), "dh = dy @ Wy.T + dh_next"]
    lines += ["for t in reversed(range(T)):", *deeper([*step, *cell.backward])]
    if clipped:
        slopes = ", ".join(f"d{name}" for name in parameters)
        lines += [f"for d in [{slopes}]:", "    np.clip(d, -5, 5, out=d)"]
    return lines


def drawn(choose: random.Random, is_right: bool) -> Script:
    """Return a script of habits that are drawn."""
    name, last = choose.choice(list(CELLS)), choose.choice(list(HEADS))
    form, step, clipped = choose.choice(FORMS), choose.choice(list(STEPS)), choose.random() < 0.3
    cell, head = CELLS[name], HEADS[last]
    slip = None if is_right else choose.choice([*cell.slips, *head.slips])
    said = ["right" if slip is None else f"{slip[0]} -> {slip[1]}", form, step, *(["bounded"] if clipped else ())]
    return Script(
        f"{name} {last}: {', '.join(said)}", program(cell, head, form, step, clipped=clipped, slip=slip), is_right
    )
