"""Training scripts as everybody writes them, in all combinations of habits: does `crosscheck check` judge them rightly?

    python -m tests.quality.ordinary_scripts [--scripts 200] [--seed 0] [--processes 2]

A script has one of thirteen models, one of four forms, one of thirteen ways to show its loss and one of three steps; it
may go through its data in batches or have a penalty. Half of the scripts have a slip in the gradient. Prints how many
verdicts are right, and which are not.
"""

import argparse
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import crosscheck

Lines = tuple[str, ...]


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
STEPS = ("in place", "assigned", "momentum")
BEGINNINGS = ("losses = []", "total = 0.0", "verbose = True")
BEHIND = frozenset({"anew", "anew at times"})
RATE, DECAY = "0.05", "0.1"


def program(model: Model, habits: Habits, slip: tuple[str, str] | None = None) -> str:
    """Return a script; with a slip, its gradient is not that of its loss."""
    backward = "\n".join(model.backward)
    if slip is not None:
        assert slip[0] in backward, slip
        backward = backward.replace(*slip, 1)
    loss, lines = model.loss, backward.split("\n")
    weights = [name for name in model.parameters if name[0] in "wWm"]
    if habits.penalty:
        loss += "".join(f" + {DECAY} / 2 * np.sum({name} ** 2)" for name in weights)
        lines += [f"d{name} = d{name} + {DECAY} * {name}" for name in weights]
    shown = list(_shown(habits.shown, loss, model.forward))
    steps = list(_steps(model.parameters, habits.step))
    velocities = [f"v_{n} = 0.0 * {n}" for n in model.parameters] if habits.step == "momentum" else []
    begun = [*(f"{name} = {first}" for name, first in model.parameters.items()), *velocities, *BEGINNINGS]
    is_early = habits.is_early and habits.shown not in BEHIND
    early, late = (shown, []) if is_early else ([], shown)
    head = ["import numpy as np"]
    if "compute_loss" in " ".join(shown):  # the function knows no weights, and no penalty
        head += ["def compute_loss(p, y):", "    n = len(y)", f"    return {model.loss}"]
    if habits.form == "passes":
        return "\n".join([*head, *_passes(model, lines, steps, begun, early, late)]) + "\n"
    turn = [*model.forward, *early, *lines, *steps, *late]
    if habits.batches:
        turn = [re.sub(r"\bX\b", "xs", re.sub(r"\by\b", "ys", line)) for line in turn]
        turn = ["for k in range(0, len(X), 10):", *_deeper(["xs, ys = X[k:k + 10], y[k:k + 10]", "n = len(xs)", *turn])]
    loop = [*begun, "n = len(X)", "for i in range(300):", *_deeper(turn)]
    if habits.form == "script":
        body = [*model.data, *loop]
    elif habits.form == "function":
        returned = ", ".join(model.parameters)
        body = ["def train(X, y):", *_deeper([*loop, f"return {returned}"]), *model.data, "train(X, y)"]
    else:
        fit = ["def fit(self, X, y):", *_deeper([_of_self(line, model.parameters) for line in loop])]
        body = ["class Fitted:", *_deeper(fit), *model.data, "Fitted().fit(X, y)"]
    return "\n".join([*head, *body]) + "\n"


def _passes(
    model: Model, backward: Sequence[str], steps: Sequence[str], begun: Sequence[str], early: Sequence[str],
    late: Sequence[str],
) -> Iterator[str]:  # fmt: skip
    """Yield a class with a method for each pass, and one that calls them."""
    own = [*model.parameters, *model.kept, *(f"v_{name}" for name in model.parameters)]
    first = [line for line in begun if line not in BEGINNINGS]
    yield "class Net:"
    yield from _deeper(["def setup(self, X):", *_deeper(_of_self(line, own) for line in first)])
    yield from _deeper(["def forward(self, X):", *_deeper([*(_of_self(x, own) for x in model.forward), "return p"])])
    back = ["n = len(X)", *backward, *steps]
    yield from _deeper(["def backward(self, X, y, p):", *_deeper(_of_self(line, own) for line in back)])
    anew = [line for line in (*early, *late) if line.strip() not in model.forward[1:]]
    anew = [line.replace(model.forward[0], "p = self.forward(X)") for line in anew]
    anew = [_of_self(line, model.parameters) for line in anew]
    turn = ["p = self.forward(X)", *(anew if early else ()), "self.backward(X, y, p)", *(anew if late else ())]
    fit = ["n = len(X)", "self.setup(X)", *BEGINNINGS, "for i in range(300):", *_deeper(turn)]
    yield from _deeper(["def fit(self, X, y):", *_deeper(fit)])
    yield from (*model.data, "Net().fit(X, y)")


def _deeper(lines: Sequence[str] | Iterator[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _of_self(line: str, names: Sequence[str] | dict[str, str]) -> str:
    for name in names:
        line = re.sub(rf"(?<![\w.]){name}\b", f"self.{name}", line)
    return line


def _shown(way: str, loss: str, forward: Lines) -> Iterator[str]:
    for line in SHOWN[way]:
        if "{forward}" in line:
            yield from (line.replace("{forward}", one) for one in forward)
        else:
            yield line.replace("{{{loss}}}", f"{{{loss}}}").replace("{loss}", loss)


def _steps(names: dict[str, str], step: str) -> Iterator[str]:
    for name in names:
        if step == "in place":
            yield f"{name} -= {RATE} * d{name}"
        elif step == "assigned":
            yield f"{name} = {name} - {RATE} * d{name}"
        else:
            yield f"v_{name} = 0.9 * v_{name} + d{name}"
            yield f"{name} = {name} - {RATE} * v_{name}"


@dataclass(frozen=True)
class Script:
    """A script and what is true of it."""

    name: str
    text: str
    is_right: bool


def scripts(seed: int) -> Iterator[Script]:
    """Yield scripts without end, right ones and wrong ones in turn."""
    choose = random.Random(seed)
    is_right = True
    while True:
        name = choose.choice(list(MODELS))
        model = MODELS[name]
        habits = Habits(
            choose.choice(list(SHOWN)), choose.choice(FORMS), choose.choice(STEPS), choose.random() < 0.2,
            choose.random() < 0.2, choose.random() < 0.5,
        )  # fmt: skip
        slip = None if is_right else choose.choice(model.slips)
        if _is_told(habits, slip):
            said = " ".join(["right" if slip is None else f"{slip[0]} -> {slip[1]}", *map(str, vars(habits).values())])
            yield Script(f"{name}: {said}", program(model, habits, slip), is_right)
            is_right = not is_right


def _is_told(habits: Habits, slip: tuple[str, str] | None) -> bool:
    """Tell whether a script says which loss it has, as far as that matters: another one may have the wrong gradient."""
    if habits.penalty and (habits.shown.startswith("by a function") or habits.shown == "never"):
        return False  # the loss that is shown has no penalty
    if habits.batches and (habits.form == "passes" or habits.shown in BEHIND):
        return False
    return slip is None or habits.shown != "never"


def judged(script: Script) -> tuple[Script, str]:
    """Return the script with the verdict on it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "script.py")
        path.write_text(script.text, encoding="utf-8")
        return script, str(crosscheck.check_file(path, repair=False).verdict)


def main() -> None:
    """Print how many of some scripts are judged rightly, and which are not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--scripts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    known = [script for script, _ in zip(scripts(asked.seed), range(asked.scripts), strict=False)]
    counts: Counter[tuple[str, str]] = Counter()
    with ProcessPoolExecutor(asked.processes) as pool:
        for script, verdict in pool.map(judged, known):
            truth = "right" if script.is_right else "wrong"
            counts[truth, verdict] += 1
            if verdict != ("agree" if script.is_right else "disagree"):
                print(f"{truth}, {verdict}: {script.name}", flush=True)
    for (truth, verdict), count in sorted(counts.items()):
        print(f"{truth}: {verdict} {count}")


if __name__ == "__main__":
    main()
