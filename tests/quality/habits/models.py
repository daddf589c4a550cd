"""Scripts that fit a line, a regression or a network of two layers, in all combinations of habits."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from tests.quality.habits import Lines, Script, Slip, deeper, of_self, slipped


@dataclass(frozen=True)
class Model:
    """What a script learns: `n` is the number of examples, `X` and `y` are the data, `p` is what is predicted."""

    parameters: dict[str, str]
    """Their first values"""
    forward: Lines
    loss: str
    backward: Lines
    """Assigns `d` + the name of each parameter."""
    data: Lines
    slips: tuple[tuple[str, str], ...]
    """What may be written in place of something in the backward pass, so that it is the gradient of no such loss"""
    kept: Lines = ()
    """What the backward pass reads beside X, y and p"""


@dataclass(frozen=True)
class Habits:
    """How a script is written."""

    shown: str
    form: str
    step: str
    batches: bool = False
    penalty: bool = False
    is_early: bool = False
    """Whether the loss is computed before the gradients, where it is not shown behind the steps only"""
    besides: frozenset[str] = frozenset()
    """What else is done in a turn"""


@dataclass(frozen=True)
class Step:
    """How a parameter `{w}` moves by its gradient `d{w}`."""

    lines: Lines
    states: Lines = ()
    """First values of what is kept for each parameter"""
    once: Lines = ()
    """What is done in each turn before the first parameter moves"""
    counted: bool = False
    """Whether turns are counted by `t`"""


REAL = ("X = np.random.randn(30, 4)", "y = X @ np.array([1.0, -2.0, 0.5, 3.0]) + 0.1 * np.random.randn(30)")
BINARY = ("X = np.random.randn(40, 3)", "y = (X[:, 0] + X[:, 1] > 0).astype(float)")
CLASSES = ("X = np.random.randn(30, 4)", "y = np.eye(3)[np.random.randint(0, 3, 30)]")
COLUMN = ("X = np.random.randn(30, 3)", "y = np.sin(X).sum(axis=1, keepdims=True)")
BINARY_COLUMN = ("X = np.random.randn(30, 3)", "y = (X.sum(axis=1, keepdims=True) > 0).astype(float)")
SIGMOID, ENTROPY = "1 / (1 + np.exp(-({})))", "-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))"
SOFTMAX = ("e = np.exp(z - z.max(axis=1, keepdims=True))", "p = e / e.sum(axis=1, keepdims=True)")
SQUARES, OF_CLASSES = "np.mean((p - y) ** 2)", "-np.sum(y * np.log(p)) / n"

MODELS = {
    "line": Model(
        {"m": "0.0", "c": "0.0"}, ("p = m * X + c",), SQUARES,
        ("dm = (2 / n) * np.sum(X * (p - y))", "dc = (2 / n) * np.sum(p - y)"),
        ("X = np.array([1, 2, 3, 4, 5, 6], dtype=float)", "y = np.array([2.1, 3.9, 6.2, 8.1, 9.8, 12.2])"),
        (("np.sum(X * (p - y))", "np.sum(p - y)"), ("np.sum(X * (p - y))", "np.sum(X * p - y)"),
         ("dc = (2 / n)", "dc = (-2 / n)"), ("dc = (2 / n)", "dc = 2")),
    ),
    "linear": Model(
        {"w": "np.zeros(X.shape[1])", "b": "0.0"}, ("p = X @ w + b",), SQUARES,
        ("dw = 2 * X.T @ (p - y) / n", "db = 2 * np.mean(p - y)"), REAL,
        (("X.T @ (p - y)", "X.T @ (p + y)"), ("np.mean(p - y)", "np.sum(p - y)"),
         ("2 * X.T @ (p - y) / n", "2 * X.T @ (p - y)"), ("db = 2 *", "db = -2 *"),
         ("X.T @ (p - y)", "X.T @ np.abs(p - y)")),
    ),
    "logistic": Model(
        {"w": "np.zeros(X.shape[1])", "b": "0.0"}, ("z = X @ w + b", f"p = {SIGMOID.format('z')}"), ENTROPY,
        ("dz = (p - y) / n", "dw = X.T @ dz", "db = np.sum(dz)"), BINARY,
        (("(p - y)", "(p - y) * p * (1 - p)"), ("np.sum(dz)", "np.mean(dz)"), ("(p - y)", "(p + y)")),
    ),
    "softmax": Model(
        {"W": "np.random.randn(X.shape[1], 3) * 0.1", "b": "np.zeros((1, 3))"}, ("z = X @ W + b", *SOFTMAX), OF_CLASSES,
        ("dz = (p - y) / n", "dW = X.T @ dz", "db = dz.sum(axis=0, keepdims=True)"), CLASSES,
        (("(p - y) / n", "(p - y) * p / n"), ("dz.sum(axis=0", "dz.mean(axis=0"), ("X.T @ dz", "X.T @ (p - y)")),
    ),
}  # fmt: skip
for _act, _value, _slope, _other in (
    ("tanh", "np.tanh({})", "(1 - h ** 2)", "(1 - h)"),
    ("sigmoid", SIGMOID, "h * (1 - h)", "(1 - h)"),
    ("relu", "np.maximum(0, {})", "(h > 0)", "(h >= 0)"),
):
    for _head, _last, _loss, _data in (
        ("squares", ("p = z",), f"{SQUARES} / 2", COLUMN),
        ("entropy", (f"p = {SIGMOID.format('z')}",), ENTROPY, BINARY_COLUMN),
        ("classes", SOFTMAX, OF_CLASSES, CLASSES),
    ):
        _ways = 3 if _head == "classes" else 1
        MODELS[f"{_act} {_head}"] = Model(
            {"W1": "np.random.randn(X.shape[1], 5) * 0.5", "b1": "np.zeros((1, 5))",
             "W2": f"np.random.randn(5, {_ways}) * 0.5", "b2": f"np.zeros((1, {_ways}))"},
            (f"h = {_value.format('X @ W1 + b1')}", "z = h @ W2 + b2", *_last), _loss,
            ("dz = (p - y) / n", "dW2 = h.T @ dz", "db2 = np.sum(dz, axis=0, keepdims=True)",
             f"dh = (dz @ W2.T) * {_slope}", "dW1 = X.T @ dh", "db1 = np.sum(dh, axis=0, keepdims=True)"),
            _data,
            ((f" * {_slope}", ""), ("(dz @ W2.T)", "(dz @ np.abs(W2).T)"), (_slope, _other),
             ("db1 = np.sum(dh, axis=0", "db1 = np.mean(dh, axis=0"), ("h.T @ dz", "h.T @ dz * n"),
             ("dW1 = X.T @ dh", "dW1 = -X.T @ dh")),
            ("h",),
        )  # fmt: skip

SHOWN: dict[str, Lines] = {
    "never": (),
    "each turn": ("loss = {loss}", "if i % 50 == 0:", "    print(i, loss)"),
    "at times": ("if i % 100 == 0:", "    loss = {loss}", "    print(f'epoch {i} loss {loss:.4f}')"),
    "where asked": ("if verbose:", "    if i % 10 == 0:", "        loss = {loss}", "        print(loss)"),
    "in a list": ("losses.append({loss})",),
    "by name in a list": ("loss = {loss}", "losses.append(loss)"),
    "in a total": ("cost = {loss}", "total += cost"),
    "by a function": ("loss = compute_loss(p, y)", "losses.append(loss)"),
    "by a function at times": ("if (i + 1) % 10 == 0:", "    print('loss', compute_loss(p, y))"),
    "anew": ("{forward}", "loss = {loss}", "print(loss)"),
    "anew at times": ("if i % 100 == 0:", "    {forward}", "    loss = {loss}", "    print(loss)"),
    "in a text": ("if i % 10 == 0:", "    print(f'loss {{{loss}}}')"),
    "printed": ("print('loss', {loss})",),
}
FORMS = ("script", "function", "method", "passes")
MOMENT, SQUARES_KEPT = "{w}_m = 0.9 * {w}_m + 0.1 * d{w}", "{w}_s = 0.999 * {w}_s + 0.001 * d{w} ** 2"
STEPS = {
    "in place": Step(("{w} -= 0.05 * d{w}",)),
    "assigned": Step(("{w} = {w} - 0.05 * d{w}",)),
    "momentum": Step(("v_{w} = 0.9 * v_{w} + d{w}", "{w} = {w} - 0.05 * v_{w}"), ("v_{w} = 0.0 * {w}",)),
    "velocity": Step(("v_{w} = 0.9 * v_{w} - 0.05 * d{w}", "{w} += v_{w}"), ("v_{w} = np.zeros_like({w})",)),
    "clipped": Step(("d{w} = np.clip(d{w}, -5, 5)", "{w} -= 0.05 * d{w}")),
    "decayed": Step(("{w} -= lr * d{w}",), once=("t += 1", "lr = 0.05 / (1 + 0.01 * t)"), counted=True),
    "adagrad": Step(("{w}_s += d{w} * d{w}", "{w} += -0.05 * d{w} / np.sqrt({w}_s + 1e-8)"), ("{w}_s = 0.0 * {w}",)),
    "rmsprop": Step(
        ("{w}_s = 0.9 * {w}_s + 0.1 * d{w} ** 2", "{w} = {w} - 0.05 * d{w} / (np.sqrt({w}_s) + 1e-8)"),
        ("{w}_s = np.zeros_like({w})",),
    ),
    "adam": Step(
        (MOMENT, SQUARES_KEPT, "m_hat = {w}_m / (1 - 0.9 ** t)", "s_hat = {w}_s / (1 - 0.999 ** t)",
         "{w} -= 0.05 * m_hat / (np.sqrt(s_hat) + 1e-8)"),
        ("{w}_m = 0.0 * {w}", "{w}_s = 0.0 * {w}"), ("t += 1",), counted=True,
    ),
}  # fmt: skip
BESIDES = ("validation", "validation at times", "stopping", "accuracy", "shuffled", "split")
BEGINNINGS = ("losses = []", "total = 0.0", "verbose = True")
BEHIND = frozenset({"anew", "anew at times"})
DECAY = "0.1"


def program(model: Model, habits: Habits, slip: Slip | None = None) -> str:
    """Return a script; with a slip, its gradient is not that of its loss."""
    loss, lines = model.loss, slipped("\n".join(model.backward), slip).split("\n")
    weights = [name for name in model.parameters if name[0] in "wWm"]
    if habits.penalty:
        loss += "".join(f" + {DECAY} / 2 * np.sum({name} ** 2)" for name in weights)
        lines += [f"d{name} = d{name} + {DECAY} * {name}" for name in weights]
    shown = list(_shown(habits.shown, loss, model.forward))
    step, names = STEPS[habits.step], list(model.parameters)
    steps = [*step.once, *(line.format(w=name) for name in names for line in step.lines)]
    states = [*(line.format(w=name) for name in names for line in step.states), *(["t = 0"] if step.counted else ())]
    begun = [*(f"{name} = {first}" for name, first in model.parameters.items()), *states, *BEGINNINGS]
    is_early = habits.is_early and habits.shown not in BEHIND
    early, late = (shown, []) if is_early else ([], shown)
    head = ["import numpy as np"]
    if "compute_loss" in " ".join(shown):  # the function knows no weights, and no penalty
        head += ["def compute_loss(p, y):", "    n = len(y)", f"    return {model.loss}"]
    if habits.form == "passes":
        return "\n".join([*head, *_passes(model, lines, steps, begun, early, late)]) + "\n"
    data, before, first, last = [*model.data], *_besides(model, habits.besides)
    if "split" in habits.besides:
        data += ["X_test, y_test = X[4:], y[4:]", "X, y = X[:-2], y[:-2]"]
    turn = [*first, *model.forward, *early, *lines, *steps, *late]
    if habits.batches:
        turn = [re.sub(r"\bX\b", "xs", re.sub(r"\by\b", "ys", line)) for line in turn]
        turn = ["for k in range(0, len(X), 10):", *deeper(["xs, ys = X[k:k + 10], y[k:k + 10]", "n = len(xs)", *turn])]
    loop = [*begun, *before, "n = len(X)", "for i in range(300):", *deeper([*turn, *last])]
    if habits.form == "script":
        body = [*data, *loop]
    elif habits.form == "function":
        returned = ", ".join(model.parameters)
        body = ["def train(X, y):", *deeper([*loop, f"return {returned}"]), *data, "train(X, y)"]
    else:
        fit = ["def fit(self, X, y):", *deeper(of_self(loop, names))]
        body = ["class Fitted:", *deeper(fit), *data, "Fitted().fit(X, y)"]
    return "\n".join([*head, *body]) + "\n"


def _besides(model: Model, besides: frozenset[str]) -> tuple[list[str], list[str], list[str]]:
    """Return what a script does besides learning: before the loop, at a turn's beginning, and at its end."""
    before, first, last = [], [], []
    if "shuffled" in besides:
        first += ["order = np.random.permutation(len(X))", "X, y = X[order], y[order]"]
    if "accuracy" in besides:
        last += ["acc = np.mean((p > 0.5) == (y > 0.5))", "accs.append(acc)"]
        before += ["accs = []"]
    if validation := {"validation", "validation at times"} & besides:
        before += ["X_val, y_val = X[:5] + 0.1, y[:5]", "best, wait = 1e9, 0"]
        lines = [_of_validation(line, model) for line in (*model.forward, f"val_loss = {model.loss}")]
        if "stopping" in besides:
            lines += ["if val_loss < best - 1e-6:", "    best, wait = val_loss, 0", "else:", "    wait += 1"]
            lines += ["if wait > 20:", "    break"]
        else:
            lines += ["print('validation loss', val_loss)"]
        last += ["if i % 20 == 0:", *deeper(lines)] if "validation at times" in validation else lines
    elif "stopping" in besides:
        last += ["if np.abs(dLAST).max() < 1e-9:".replace("LAST", [*model.parameters][-1]), "    break"]
    return before, first, last


def _of_validation(line: str, model: Model) -> str:
    """Return a line with the names of the other data."""
    for name in {"X", "y", *(one.partition(" = ")[0] for one in model.forward)}:
        line = re.sub(rf"(?<![\w.]){name}\b(?! *=[^=])", f"{name}_val", line)
        line = re.sub(rf"^{name} = ", f"{name}_val = ", line)
    return re.sub(r"(?<![\w.])n\b", "len(X_val)", line)


def _passes(
    model: Model, backward: Sequence[str], steps: Sequence[str], begun: Sequence[str], early: Sequence[str],
    late: Sequence[str],
) -> Iterator[str]:  # fmt: skip
    """Yield a class with a method for each pass, and one that calls them."""
    first = [line for line in begun if line not in BEGINNINGS]
    own = [*model.kept, *(line.partition(" = ")[0] for line in first)]
    yield "class Net:"
    yield from deeper(["def setup(self, X):", *deeper(of_self(first, own))])
    yield from deeper(["def forward(self, X):", *deeper([*of_self(model.forward, own), "return p"])])
    back = ["n = len(X)", *backward, *steps]
    yield from deeper(["def backward(self, X, y, p):", *deeper(of_self(back, own))])
    anew = [line for line in (*early, *late) if line.strip() not in model.forward[1:]]
    anew = [line.replace(model.forward[0], "p = self.forward(X)") for line in anew]
    anew = of_self(anew, model.parameters)
    turn = ["p = self.forward(X)", *(anew if early else ()), "self.backward(X, y, p)", *(anew if late else ())]
    fit = ["n = len(X)", "self.setup(X)", *BEGINNINGS, "for i in range(300):", *deeper(turn)]
    yield from deeper(["def fit(self, X, y):", *deeper(fit)])
    yield from (*model.data, "Net().fit(X, y)")


def _shown(way: str, loss: str, forward: Lines) -> Iterator[str]:
    for line in SHOWN[way]:
        if "{forward}" in line:
            yield from (line.replace("{forward}", one) for one in forward)
        else:
            yield line.replace("{{{loss}}}", f"{{{loss}}}").replace("{loss}", loss)


def drawn(choose: random.Random, is_right: bool) -> Script | None:
    """Return a script, unless what is drawn does not go together."""
    name = choose.choice(list(MODELS))
    besides = frozenset(one for one in BESIDES if choose.random() < 0.15)
    habits = Habits(
        choose.choice(list(SHOWN)), choose.choice(FORMS), choose.choice(list(STEPS)), choose.random() < 0.2,
        choose.random() < 0.2, choose.random() < 0.5, besides,
    )  # fmt: skip
    model = MODELS[name]
    slip = None if is_right else choose.choice(model.slips)
    if not _is_told(habits, slip):
        return None
    said = ["right" if slip is None else f"{slip[0]} -> {slip[1]}"]
    for field in fields(habits):
        value = getattr(habits, field.name)
        if value is True:
            said.append(field.name)
        elif value:
            said.append(value if isinstance(value, str) else "+".join(sorted(value)))
    return Script(f"{name}: {', '.join(said)}", program(model, habits, slip), is_right)


def _is_told(habits: Habits, slip: Slip | None) -> bool:
    """Tell whether a script says which loss it has, as far as that matters: another one may have the wrong gradient."""
    if habits.penalty and (habits.shown.startswith("by a function") or habits.shown == "never"):
        return False  # the loss that is shown has no penalty
    if habits.batches and (habits.form == "passes" or habits.shown in BEHIND or "accuracy" in habits.besides):
        return False
    return slip is None or habits.shown != "never"
