"""Scripts of small functions that hand each other dictionaries of parameters and gradients, in all habits."""

import random
from dataclasses import dataclass

from tests.quality.habits import Script, Slip, deeper, slipped
from tests.quality.habits.models import MODELS, Model


@dataclass(frozen=True)
class Habits:
    """How a script is written."""

    update: str
    form: str
    shown: str
    reads: str
    penalty: bool = False


UPDATES = ("each by name", "in place", "by key", "by pairs", "momentum", "adam")
FORMS = ("module", "function", "object")
SHOWN = ("each turn", "at times", "noted", "where asked")
READS = ("first", "where needed")
DECAY = "0.1"


def program(model: Model, habits: Habits, slip: Slip | None = None) -> str:
    """Return a script; with a slip, its gradient is not that of its loss."""
    names = list(model.parameters)
    kept = ["p", *model.kept]
    lines, loss = [*model.backward], model.loss
    weights = [name for name in names if name[0] in "wWm"]
    if habits.penalty:
        lines += [f"d{name} = d{name} + {DECAY} * {name}" for name in weights]
    lines = slipped("\n".join(lines), slip).split("\n")
    handed = "p, y, params" if habits.penalty else "p, y"
    decay = "".join(f" + {DECAY} / 2 * np.sum(params['{name}'] ** 2)" for name in weights) if habits.penalty else ""
    code = ["import numpy as np", "def initialize(X):", "    np.random.seed(3)"]
    firsts = [f"{name} = {first}" for name, first in model.parameters.items()]
    code += deeper([*firsts, f"return {{{', '.join(f'{name!r}: {name}' for name in names)}}}"])
    code += ["def forward(X, params):", *deeper([*_reads("params", names), *model.forward])]
    code += deeper([f"cache = {{{', '.join(f'{name!r}: {name}' for name in kept)}}}", "return p, cache"])
    code += [f"def compute_cost({handed}):", "    n = len(y)", f"    return {loss}{decay}"]
    code += ["def backward(params, cache, X, y):", "    n = len(X)"]
    if habits.reads == "first":
        code += deeper([*_reads("params", names), *_reads("cache", kept), *lines])
    else:
        code += deeper([*_reads("cache", kept), *_reads("params", [n for n in names if n in " ".join(lines)]), *lines])
    slopes = ", ".join(f"'d{name}': d{name}" for name in names)
    code += deeper([f"return {{{slopes}}}"])
    code += _update(habits.update, names)
    state = {"momentum": ["velocity = {key: 0.0 * value for key, value in params.items()}"],
             "adam": ["m = {key: 0.0 * value for key, value in params.items()}",
                      "s = {key: 0.0 * value for key, value in params.items()}"]}  # fmt: skip
    more = {"momentum": ", velocity", "adam": ", m, s, i + 1"}.get(habits.update, "")
    shown = {
        "each turn": ["print(i, cost)"],
        "at times": ["if i % 100 == 0:", "    print(f'cost {cost:.4f}')"],
        "noted": ["costs.append(cost)"],
        "where asked": ["if print_cost and i % 10 == 0:", "    print(cost)"],
    }
    turn = ["p, cache = forward(X, params)", f"cost = compute_cost({handed})",
            "grads = backward(params, cache, X, y)", f"params = update(params, grads{more})",
            *shown[habits.shown]]  # fmt: skip
    begun = ["params = initialize(X)", *state.get(habits.update, []), "costs = []"]
    loop = [*begun, "for i in range(200):", *deeper(turn)]
    if habits.form == "module":
        code += [*model.data, "print_cost = True", *loop]
    elif habits.form == "function":
        code += ["def train(X, y, print_cost=False):", *deeper([*loop, "return params, costs"])]
        code += [*model.data, "params, costs = train(X, y, print_cost=True)"]
    else:
        own = [line.replace("params", "self.params") for line in loop]
        code += ["class Trainer:", *deeper(["def fit(self, X, y, print_cost=False):", *deeper([*own, "return self"])])]
        code += [*model.data, "Trainer().fit(X, y)"]
    return "\n".join(code) + "\n"


def _reads(holder: str, names: list[str]) -> list[str]:
    return [f"{name} = {holder}['{name}']" for name in names]


def _update(way: str, names: list[str]) -> list[str]:
    if way == "momentum":
        step = [
            "velocity[key] = 0.9 * velocity[key] + grads['d' + key]",
            "params[key] = params[key] - lr * velocity[key]",
        ]
        return [
            "def update(params, grads, velocity, lr=0.05):",
            "    for key in params:",
            *deeper(deeper(step)),
            "    return params",
        ]
    if way == "adam":
        step = ["g = grads['d' + key]", "m[key] = 0.9 * m[key] + 0.1 * g", "s[key] = 0.999 * s[key] + 0.001 * g ** 2",
                "m_hat, s_hat = m[key] / (1 - 0.9 ** t), s[key] / (1 - 0.999 ** t)",
                "params[key] = params[key] - lr * m_hat / (np.sqrt(s_hat) + 1e-8)"]  # fmt: skip
        return [
            "def update(params, grads, m, s, t, lr=0.01):",
            "    for key in params:",
            *deeper(deeper(step)),
            "    return params",
        ]
    lines = {
        "each by name": [f"params['{name}'] = params['{name}'] - lr * grads['d{name}']" for name in names],
        "in place": [f"params['{name}'] -= lr * grads['d{name}']" for name in names],
        "by key": ["for key in params:", "    params[key] -= lr * grads['d' + key]"],
        "by pairs": ["for key, value in params.items():", "    params[key] = value - lr * grads[f'd{key}']"],
    }[way]
    return ["def update(params, grads, lr=0.05):", *deeper([*lines, "return params"])]


def drawn(choose: random.Random, is_right: bool) -> Script:
    """Return a script of habits that are drawn."""
    name = choose.choice(list(MODELS))
    habits = Habits(
        choose.choice(UPDATES), choose.choice(FORMS), choose.choice(SHOWN), choose.choice(READS), choose.random() < 0.2
    )
    model = MODELS[name]
    slip = None if is_right else choose.choice(model.slips)
    told = "right" if slip is None else f"{slip[0]} -> {slip[1]}"
    said = [told, habits.update, habits.form, habits.shown, habits.reads, *(["penalty"] if habits.penalty else ())]
    return Script(f"{name}: {', '.join(said)}", program(model, habits, slip), is_right)
