"""Scripts that learn in plain Python, number by number, in all combinations of habits."""

import random
from dataclasses import dataclass

from tests.quality.habits import Lines, Script, Slip, deeper, of_self, slipped


@dataclass(frozen=True)
class Model:
    """What is learnt of one example `x` with its target `y`: forward, loss and the gradients in each parameter."""

    parameters: dict[str, str]
    forward: Lines
    loss: str
    backward: Lines
    """Assigns `d`, and whatever the sums read"""
    slopes: dict[str, str]
    """The gradient of each parameter, of an entry `[j]` or `[k][j]` of lists"""
    targets: str
    slips: tuple[Slip, ...]
    depth: dict[str, Lines]
    """The loops over the entries of each parameter"""


ROWS = "xs = [[random.gauss(0, 1) for _ in range(3)] for _ in range(20)]"
VALUES = "ys = [2 * x[0] - x[1] + 0.5 * x[2] + random.gauss(0, 0.1) for x in xs]"
LABELS = "ys = [1 if x[0] + x[1] > 0 else 0 for x in xs]"
EACH, UNITS = ("for j in range(len(w)):",), ("for k in range(len(v)):",)
DOT = "sum(w[j] * x[j] for j in range(len(w)))"
ZIPPED = "sum(wj * xj for wj, xj in zip(w, x))"
BOTH = ("for k in range(len(v)):", "for j in range(len(x)):")
HIDDEN = "[{}(sum(W[k][j] * x[j] for j in range(len(x))) + c[k]) for k in range(len(v))]"
LOGISTIC = "1 / (1 + math.exp(-({})))"
FLAT = {"w": "[0.0, 0.0, 0.0]", "b": "0.0"}
DEEP = {"W": "[[random.gauss(0, 0.5) for _ in range(3)] for _ in range(4)]", "c": "[0.0] * 4",
        "v": "[random.gauss(0, 0.5) for _ in range(4)]", "b": "0.0"}  # fmt: skip
SLOPES = {"w": "d * x[j]", "b": "d"}
DEEP_SLOPES = {"W": "dh[k] * x[j]", "c": "dh[k]", "v": "d * h[k]", "b": "d"}
DEEP_LOOPS = {"W": BOTH, "c": UNITS, "v": UNITS, "b": ()}
ENTROPY = "-(y * math.log(p) + (1 - y) * math.log(1 - p))"

MODELS = {
    "line": Model(FLAT, (f"p = {DOT} + b",), "(p - y) ** 2", ("d = 2 * (p - y)",), SLOPES, VALUES,
                  (("p - y", "p + y"), ("d * x[j]", "d"), ("d * x[j]", "p * x[j]"), ("d = 2 *", "d = -2 *")),
                  {"w": EACH, "b": ()}),
    "zipped line": Model(FLAT, (f"p = {ZIPPED} + b",), "0.5 * (p - y) ** 2", ("d = p - y",), SLOPES, VALUES,
                         (("p - y", "p + y"), ("d * x[j]", "d"), ("d * x[j]", "d * x[j] ** 2")), {"w": EACH, "b": ()}),
    "logistic": Model(FLAT, (f"z = {DOT} + b", f"p = {LOGISTIC.format('z')}"), ENTROPY, ("d = p - y",), SLOPES, LABELS,
                      (("d = p - y", "d = (p - y) * p * (1 - p)"), ("d * x[j]", "d * abs(x[j])"),
                       ("p - y", "z - y")),
                      {"w": EACH, "b": ()}),
    "neuron": Model(FLAT, (f"p = {LOGISTIC.format(f'{DOT} + b')}",), "0.5 * (p - y) ** 2",
                    ("d = (p - y) * p * (1 - p)",), SLOPES, LABELS,
                    ((" * (1 - p)", ""), (" * p * (1 - p)", ""), ("d * x[j]", "d * x[0]")),
                    {"w": EACH, "b": ()}),
    "tanh units": Model(DEEP, (f"h = {HIDDEN.format('math.tanh')}", "p = sum(v[k] * h[k] for k in range(len(v))) + b"),
                        "0.5 * (p - y) ** 2",
                        ("d = p - y", "dh = [d * v[k] * (1 - h[k] ** 2) for k in range(len(v))]"), DEEP_SLOPES, VALUES,
                        (("(1 - h[k] ** 2)", "(1 - h[k])"), (" * (1 - h[k] ** 2)", ""), ("d * v[k] *", "d *"),
                         ("d * h[k]", "d * v[k]")), DEEP_LOOPS),
    "logistic units": Model(DEEP, (f"h = {HIDDEN.format('sigmoid')}",
                                   "p = sigmoid(sum(v[k] * h[k] for k in range(len(v))) + b)"), ENTROPY,
                            ("d = p - y", "dh = [d * v[k] * h[k] * (1 - h[k]) for k in range(len(v))]"), DEEP_SLOPES,
                            LABELS, ((" * (1 - h[k])", ""), ("d = p - y", "d = (p - y) * p * (1 - p)"),
                                     ("dh[k] * x[j]", "dh[k] * x[0]")), DEEP_LOOPS),
}  # fmt: skip
FORMS = ("script", "function", "class")
STEPS = ("each example", "whole data")
SHOWN = ("total", "loss", "mean", "at times")
PAIRS = ("for x, y in zip(xs, ys):", "for i in range(len(xs)):")


def program(model: Model, form: str, step: str, shown: str, pairs: str, *, slip: Slip | None = None) -> str:
    """Return a script; with a slip, its gradient is not that of its loss."""
    names = list(model.parameters)
    lines = [*model.backward, *(f"{name}: {slope}" for name, slope in model.slopes.items())]
    lines = slipped("\n".join(lines), slip).split("\n")
    backward, slopes = lines[: len(model.backward)], dict(line.split(": ", 1) for line in lines[len(model.backward) :])
    entry = {name: name + {0: "", 1: "[j]" if loops == EACH else "[k]", 2: "[k][j]"}[len(loops)]
             for name, loops in model.depth.items()}  # fmt: skip
    word = {"total": "total_loss", "loss": "loss", "mean": "loss", "at times": "loss"}[shown]
    one = ["x, y = xs[i], ys[i]"] if "range" in pairs else []
    one += [*model.forward, f"{word} += {model.loss}", *backward]
    begin, behind = [f"{word} = 0.0"], [f"{word} /= len(xs)"] if shown == "mean" else []
    if step == "each example":
        for name in names:
            one += _within(model.depth[name], f"{entry[name]} -= 0.05 * {slopes[name]}")
    else:
        for name in names:
            loops = model.depth[name]
            begin += [
                f"d{name} = " + {0: "0.0", 1: f"[0.0] * len({name})", 2: f"[[0.0] * 3 for _ in {name}]"}[len(loops)]
            ]
            one += _within(loops, f"d{entry[name]} += {slopes[name]}")
            behind += _within(loops, f"{entry[name]} -= 0.05 * d{entry[name]} / len(xs)")
    told = ["if epoch % 10 == 0:", f"    print(epoch, {word})"] if shown == "at times" else [f"print(epoch, {word})"]
    loop = ["for epoch in range(50):", *deeper([*begin, pairs, *deeper(one), *behind, *told])]
    head = ["import math", "import random", "def sigmoid(z):", f"    return {LOGISTIC.format('z')}"]
    data = ["random.seed(1)", ROWS, model.targets]
    firsts = [f"{name} = {first}" for name, first in model.parameters.items()]
    if form == "script":
        body = [*data, *firsts, *loop]
    elif form == "function":
        body = ["def train(xs, ys):", *deeper([*firsts, *loop, f"return {', '.join(names)}"]), *data, "train(xs, ys)"]
    else:
        fit = ["def fit(self, xs, ys):", *deeper(of_self(loop, names))]
        setup = ["def __init__(self):", *deeper(of_self(firsts, names))]
        body = ["class Model:", *deeper([*setup, *fit]), *data, "Model().fit(xs, ys)"]
    return "\n".join([*head, *body]) + "\n"


def _within(loops: Lines, line: str) -> list[str]:
    return [line] if not loops else [loops[0], *deeper(_within(loops[1:], line))]


def drawn(choose: random.Random, is_right: bool) -> Script:
    """Return a script of habits that are drawn."""
    name, form, step = choose.choice(list(MODELS)), choose.choice(FORMS), choose.choice(STEPS)
    shown, pairs = choose.choice(SHOWN), choose.choice(PAIRS)
    model = MODELS[name]
    slip = None if is_right else choose.choice(model.slips)
    told = "right" if slip is None else f"{slip[0]} -> {slip[1]}"
    said = ", ".join([told, form, step, shown, "by number" if "range" in pairs else "by pair"])
    return Script(f"{name}: {said}", program(model, form, step, shown, pairs, slip=slip), is_right)
