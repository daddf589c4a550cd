"""Scripts that train a character model on columns, as one well-known script does, in all combinations of habits."""

import random
import re

from tests.quality.habits import Script, Slip, deeper, slipped

PARAMETERS = {
    "Wxh": "np.random.randn(hidden_size, vocab_size) * 0.1", "Whh": "np.random.randn(hidden_size, hidden_size) * 0.1",
    "Why": "np.random.randn(vocab_size, hidden_size) * 0.1", "bh": "np.zeros((hidden_size, 1))",
    "by": "np.zeros((vocab_size, 1))",
}  # fmt: skip
SLIPS = (
    ("(1 - hs[t] * hs[t])", "(1 - hs[t])"), (" + dhnext", ""), ("hs[t-1].T)", "hs[t].T)"),
    ("Whh.T, dhraw", "Whh, dhraw"), ("dbh += dhraw", "dbh += dh"), ("Whh.T, dhraw", "Whh.T, dh"),
    ("dby += dy", "dby = dy"), ("dy[targets[t]] -= 1", "dy[targets[t]] += 1"), ("Why.T, dy", "Why.T, ps[t]"),
    ("dWxh += ", "dWxh = "),
)  # fmt: skip
UPDATES = ("adagrad", "plain", "zip", "momentum")
FORMS = ("functions", "class")
FED = ("one hot", "column")


def program(form: str, update: str, fed: str, *, clipped: bool, smooth: bool, slip: Slip | None = None) -> str:
    """Return a script; with a slip, its gradient is not that of its loss."""
    names = list(PARAMETERS)
    slopes = ", ".join(f"d{name}" for name in names)
    x = ["xs[t] = np.zeros((vocab_size, 1))", "xs[t][inputs[t]] = 1"]
    x = x if fed == "one hot" else ["xs[t] = np.eye(vocab_size)[:, [inputs[t]]]"]
    ahead = ["xs, hs, ys, ps = {}, {}, {}, {}", "hs[-1] = np.copy(hprev)", "loss = 0"]
    ahead += ["for t in range(len(inputs)):"]
    ahead += deeper([*x, "hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t-1]) + bh)",
                     "ys[t] = np.dot(Why, hs[t]) + by", "ps[t] = np.exp(ys[t]) / np.sum(np.exp(ys[t]))",
                     "loss += -np.log(ps[t][targets[t], 0])"])  # fmt: skip
    back = [f"d{name} = np.zeros_like({name})" for name in names]
    back += ["dhnext = np.zeros_like(hs[0])", "for t in reversed(range(len(inputs))):"]
    back += deeper(["dy = np.copy(ps[t])", "dy[targets[t]] -= 1", "dWhy += np.dot(dy, hs[t].T)", "dby += dy",
                    "dh = np.dot(Why.T, dy) + dhnext", "dhraw = (1 - hs[t] * hs[t]) * dh", "dbh += dhraw",
                    "dWxh += np.dot(dhraw, xs[t].T)", "dWhh += np.dot(dhraw, hs[t-1].T)",
                    "dhnext = np.dot(Whh.T, dhraw)"])  # fmt: skip
    back = slipped("\n".join(back), slip).split("\n")
    if clipped:
        back += [f"for dparam in [{slopes}]:", "    np.clip(dparam, -5, 5, out=dparam)"]
    pass_ = [
        "def loss_fun(inputs, targets, hprev):",
        *deeper([*ahead, *back, f"return loss, {slopes}, hs[len(inputs)-1]"]),
    ]
    data = ["import numpy as np", "data = 'hello world, how are you today? hello again'", "chars = sorted(set(data))",
            "data_size, vocab_size = len(data), len(chars)", "char_to_ix = {ch: i for i, ch in enumerate(chars)}",
            "hidden_size, seq_length, learning_rate = 8, 6, 0.1"]  # fmt: skip
    firsts = [f"{name} = {first}" for name, first in PARAMETERS.items()]
    states, steps = _steps(update, names)
    begun = ["n, p = 0, 0", *states, *(["smooth_loss = -np.log(1.0 / vocab_size) * seq_length"] if smooth else ())]
    turn = ["if p + seq_length + 1 >= len(data) or n == 0:", "    hprev = np.zeros((hidden_size, 1))", "    p = 0",
            "inputs = [char_to_ix[ch] for ch in data[p:p+seq_length]]",
            "targets = [char_to_ix[ch] for ch in data[p+1:p+seq_length+1]]",
            f"loss, {slopes}, hprev = loss_fun(inputs, targets, hprev)",
            *(["smooth_loss = smooth_loss * 0.999 + loss * 0.001"] if smooth else ()),
            "if n % 100 == 0: print('iter %d, loss: %f' % (n, " + ("smooth_loss" if smooth else "loss") + "))",
            *steps, "p += seq_length", "n += 1"]  # fmt: skip
    loop = [*begun, "while n < 300:", *deeper(turn)]
    if form == "functions":
        return "\n".join([*data, *firsts, *pass_, *loop]) + "\n"
    own = [*names, *(line.partition(" = ")[0] for line in states)]

    def kept(lines: list[str]) -> list[str]:
        pattern = re.compile(rf"(?<![\w.])({'|'.join(own)}|loss_fun)\b(?!')")
        return [pattern.sub(r"self.\1", line) for line in lines]

    pass_ = kept([line.replace("def loss_fun(inputs", "def LOSS(self, inputs") for line in pass_])
    pass_ = [line.replace("def LOSS", "def loss_fun") for line in pass_]
    setup = ["def __init__(self):", *deeper(kept([*firsts, *states]))]
    begun = [line for line in begun if line not in states]
    fit = ["def fit(self, data):", *deeper([*begun, "while n < 300:", *deeper(kept(turn))])]
    return "\n".join([*data, "class RNN:", *deeper([*setup, *pass_, *fit]), "RNN().fit(data)"]) + "\n"


def _steps(update: str, names: list[str]) -> tuple[list[str], list[str]]:
    """Return what a rule keeps of each parameter, and its steps."""
    if update == "plain":
        return [], [f"{name} -= learning_rate * d{name}" for name in names]
    kept = [f"m{name} = np.zeros_like({name})" for name in names]
    three = [", ".join(before + name for name in names) for before in ("", "d", "m")]
    if update == "zip":
        step = ["param += -learning_rate * dparam"]
        return [], [f"for param, dparam in zip([{three[0]}], [{three[1]}]):", *deeper(step)]
    step = {
        "adagrad": ["mem += dparam * dparam", "param += -learning_rate * dparam / np.sqrt(mem + 1e-8)"],
        "momentum": ["mem *= 0.9", "mem += dparam", "param -= learning_rate * mem"],
    }[update]
    return kept, [f"for param, dparam, mem in zip([{three[0]}], [{three[1]}], [{three[2]}]):", *deeper(step)]


def drawn(choose: random.Random, is_right: bool) -> Script:
    """Return a script of habits that are drawn."""
    form, update, fed = choose.choice(FORMS), choose.choice(UPDATES), choose.choice(FED)
    clipped, smooth = choose.random() < 0.5, choose.random() < 0.5
    slip = None if is_right else choose.choice(SLIPS)
    told = "right" if slip is None else f"{slip[0]} -> {slip[1]}"
    said = [told, form, update, fed, *(["bounded"] if clipped else ()), *(["smooth"] if smooth else ())]
    return Script(", ".join(said), program(form, update, fed, clipped=clipped, smooth=smooth, slip=slip), is_right)
