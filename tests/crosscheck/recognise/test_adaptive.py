"""Rules that divide by what they remember: the right ones in all their writings, and slips that are certain."""

from collections.abc import Callable

import numpy as np
import pytest

from crosscheck.recognise.right_rules import fault_of, follows
from crosscheck.recognise.rule_words import (
    AGAINST,
    CLIMBS,
    CROSSED,
    DIRECTIONLESS,
    GROWN,
    MIXED,
    MULTIPLIED,
    NO_ROOT,
    NOT_SQUARED,
    REPLACED,
    ROOT_MULTIPLIED,
    SHRINKS,
    UNIFORM,
)
from crosscheck.recognise.rules import Step, within

Arrays = list[np.ndarray]
Rule = Callable[[np.ndarray, np.ndarray, Arrays], tuple[np.ndarray, Arrays]]
"""(parameter, gradient, memories) -> both after the step"""
RATE, FIRST, SECOND, EPS, TURN = 0.02, 0.9, 0.99, 1e-8, 3
NUMBERS = [RATE, FIRST, SECOND, EPS, 0.03]


def _step(rule: Rule, memories: int, seed: int = 0) -> Step:
    random = np.random.default_rng(seed)
    p, g = random.normal(size=37), 0.5 * random.normal(size=37)
    old = [0.2 + random.random(37) for _ in range(memories)]
    after, new = rule(p, g, [each.copy() for each in old])
    pairs = list(zip(old, new, strict=True))
    return within(Step(g, after - p, pairs, p, spare=pairs))


def _moments(g: np.ndarray, m: np.ndarray, v: np.ndarray) -> Arrays:
    return [FIRST * m + (1 - FIRST) * g, SECOND * v + (1 - SECOND) * g**2]


def _adam(p: np.ndarray, g: np.ndarray, s: Arrays, count: int = TURN, decay: float = 0.0) -> tuple[np.ndarray, Arrays]:
    m, v = _moments(g, *s)
    ahead = m / (1 - FIRST**count) / (np.sqrt(v / (1 - SECOND**count)) + EPS)
    return p - RATE * (ahead + decay * p), [m, v]


def _amsgrad(p: np.ndarray, g: np.ndarray, s: Arrays) -> tuple[np.ndarray, Arrays]:
    m, v = _moments(g, *s[:2])
    top = np.maximum(s[2], v)
    return p - RATE * m / (np.sqrt(top) + EPS), [m, v, top]


def _nadam(p: np.ndarray, g: np.ndarray, s: Arrays) -> tuple[np.ndarray, Arrays]:
    m, v = _moments(g, *s)
    ahead = FIRST * m / (1 - FIRST ** (TURN + 1)) + (1 - FIRST) * g / (1 - FIRST**TURN)
    return p - RATE * ahead / (np.sqrt(v / (1 - SECOND**TURN)) + EPS), [m, v]


def _adadelta(p: np.ndarray, g: np.ndarray, s: Arrays) -> tuple[np.ndarray, Arrays]:
    v = FIRST * s[0] + (1 - FIRST) * g**2
    step = -np.sqrt(s[1] + 1e-6) / np.sqrt(v + 1e-6) * g
    return p + step, [v, FIRST * s[1] + (1 - FIRST) * step**2]


def _with_momentum(p: np.ndarray, g: np.ndarray, s: Arrays) -> tuple[np.ndarray, Arrays]:
    v = FIRST * s[0] + (1 - FIRST) * g**2
    b = FIRST * s[1] + RATE * g / (np.sqrt(v) + EPS)
    return p - b, [v, b]


def _penalised(p: np.ndarray, g: np.ndarray, s: Arrays) -> tuple[np.ndarray, Arrays]:
    return _adam(p, g + 0.3 * p, s)


def _lion(p: np.ndarray, g: np.ndarray, s: Arrays) -> tuple[np.ndarray, Arrays]:
    return p - RATE * np.sign(FIRST * s[0] + (1 - FIRST) * g), [SECOND * s[0] + (1 - SECOND) * g]


def _nesterov(p: np.ndarray, g: np.ndarray, s: Arrays) -> tuple[np.ndarray, Arrays]:
    v = FIRST * s[0] - RATE * g
    return p - FIRST * s[0] + (1 + FIRST) * v, [v]


def _ahead(p: np.ndarray, g: np.ndarray, s: Arrays) -> tuple[np.ndarray, Arrays]:
    v = FIRST * s[0] + g
    return p - RATE * (g + FIRST * v), [v]


def _of_sizes(p: np.ndarray, g: np.ndarray, s: Arrays) -> tuple[np.ndarray, Arrays]:
    return _adam(p, g / 8, s)


RIGHT = {
    "adam": (_adam, 2),
    "adam with decoupled decay": (lambda p, g, s: _adam(p, g, s, decay=0.03), 2),
    "adam with decay in its gradient": (_penalised, 2),
    "adam of a mean over a batch": (_of_sizes, 2),
    "amsgrad": (_amsgrad, 3),
    "nadam": (_nadam, 2),
    "adadelta": (_adadelta, 2),
    "rmsprop with momentum": (_with_momentum, 2),
    "lion": (_lion, 1),
    "nesterov": (_nesterov, 1),
    "nesterov, the other way": (_ahead, 1),
}


@pytest.mark.thorough
@pytest.mark.parametrize("rule", RIGHT)
def test_right_rules_are_right(rule: str) -> None:
    step = _step(*RIGHT[rule])
    assert follows(step, NUMBERS, [float(TURN)])
    assert fault_of(step, NUMBERS, [float(TURN)]) is None
    assert not follows(step._replace(change=-step.change), NUMBERS, [float(TURN)])


def test_a_step_that_is_kept_is_no_memory() -> None:
    def rule(p: np.ndarray, g: np.ndarray, s: Arrays) -> tuple[np.ndarray, Arrays]:
        v = FIRST * s[0] + g
        return p - RATE * v, [v, FIRST * v + g]

    step = _step(rule, 2)
    assert follows(step, NUMBERS, [])
    assert fault_of(step, NUMBERS, []) is None


def test_adamax_is_right() -> None:
    def rule(p: np.ndarray, g: np.ndarray, s: Arrays) -> tuple[np.ndarray, Arrays]:
        m, u = FIRST * s[0] + (1 - FIRST) * g, np.maximum(0.2 * s[1], np.abs(g))
        return p - RATE / (1 - FIRST**TURN) * m / (u + EPS), [m, u]

    assert follows(_step(rule, 2), NUMBERS, [float(TURN)])


def _of(moments: Callable[..., Arrays], move: Callable[..., np.ndarray] | None = None) -> Rule:
    def rule(p: np.ndarray, g: np.ndarray, s: Arrays) -> tuple[np.ndarray, Arrays]:
        new = moments(g, *s)
        return (p - RATE * new[0] / (np.sqrt(np.abs(new[1])) + EPS) if move is None else move(p, g, *new)), new

    return rule


def _squares(g: np.ndarray, v: np.ndarray) -> Arrays:
    return [FIRST * v + (1 - FIRST) * g**2]


WRONG = {
    "weights mixed": (_of(lambda g, m, v: [_moments(g, m, v)[0], SECOND * v + (1 - FIRST) * g**2]), 2, MIXED),
    "not squared": (_of(lambda g, m, v: [_moments(g, m, v)[0], SECOND * v + (1 - SECOND) * g]), 2, NOT_SQUARED),
    "exchanged": (_of(lambda g, m, v: _moments(g, m, v)[::-1], lambda p, _, v, m: _adam_step(p, m, v)), 2, CROSSED),
    "made of another": (_of(lambda g, m, v: [FIRST * v + (1 - FIRST) * g, _moments(g, m, v)[1]]), 2, CROSSED),
    "no root": (_of(_moments, lambda p, _, m, v: p - RATE * m / (v + EPS)), 2, NO_ROOT),
    "climbs": (_of(_moments, lambda p, _, m, v: p + RATE * m / (np.sqrt(v) + EPS)), 2, CLIMBS),
    "grows": (_of(_moments, lambda p, _, m, v: _adam_step(p, m, v) + RATE * 0.03 * p), 2, GROWN),
    "replaced": (_of(_moments, lambda p, _, m, v: _adam_step(0 * p, m, v)), 2, REPLACED),
    "correction multiplied": (
        _of(_moments, lambda p, _, m, v: _adam_step(p, m * (1 - FIRST**TURN), v / (1 - SECOND**TURN))),
        2,
        MULTIPLIED,
    ),
    "shrinks": (_of(lambda g, v: [v - g**2], lambda p, g, v: p - RATE * g / np.sqrt(v + 1)), 1, SHRINKS),
    "root multiplied": (_of(_squares, lambda p, g, v: p - RATE * g * np.sqrt(v)), 1, ROOT_MULTIPLIED),
    "no direction": (_of(_squares, lambda p, _, v: p - RATE * v / (np.sqrt(v) + EPS)), 1, DIRECTIONLESS),
    "one for all": (_of(_squares, lambda p, g, v: p - RATE * g.mean() / np.sqrt(v)), 1, UNIFORM),
    "of sizes": (
        _of(lambda g, v: [FIRST * v + (1 - FIRST) * np.abs(g)], lambda p, g, v: p - RATE * g / np.sqrt(v)),
        1,
        NOT_SQUARED,
    ),
    "against": (_of(lambda g, v: [FIRST * v + RATE * g], lambda p, g, v: p + v - 2 * RATE * g), 1, AGAINST),
    "a velocity in its place": (_of(lambda g, v: [FIRST * v - RATE * g], lambda _p, _g, v: v), 1, REPLACED),
}


def _adam_step(p: np.ndarray, m: np.ndarray, v: np.ndarray) -> np.ndarray:
    return p - RATE * m / (np.sqrt(v) + EPS)


@pytest.mark.thorough
@pytest.mark.parametrize("rule", WRONG)
def test_certain_slips_are_named(rule: str) -> None:
    made, memories, words = WRONG[rule]
    step = _step(made, memories)
    assert not follows(step, NUMBERS, [float(TURN)])
    assert fault_of(step, NUMBERS, [float(TURN)]) == words


UNTOLD = {
    "the decays exchanged": _of(lambda g, m, v: [SECOND * m + (1 - SECOND) * g, FIRST * v + (1 - FIRST) * g**2]),
    "the square of the mean": _of(
        lambda g, m, v: [FIRST * m + (1 - FIRST) * g, SECOND * v + (1 - SECOND) * (FIRST * m + (1 - FIRST) * g) ** 2]
    ),
}


@pytest.mark.parametrize("rule", UNTOLD)
def test_what_may_be_meant_is_neither(rule: str) -> None:
    step = _step(UNTOLD[rule], 2)
    assert not follows(step, NUMBERS, [float(TURN)])
    assert fault_of(step, NUMBERS, [float(TURN)]) is None
