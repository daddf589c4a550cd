"""The error of a derivative by differences covers the truth, over functions of every temper."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from crosscheck.references import derivative

L = np.longdouble
TRIALS = 40


def _power(generator: np.random.Generator, low: float, high: float) -> float:
    return float(10 ** generator.uniform(low, high))


def _arguments(generator: np.random.Generator) -> tuple[float, float, float, float]:
    x = float(generator.standard_normal()) * _power(generator, -3, 1) if generator.random() < 0.8 else 0.0
    b = float(generator.standard_normal()) * _power(generator, -3, 3)
    return x, _power(generator, -3, 3), b, generator.normal()


def _scattered(x: float, seed: int) -> float:
    return hash((x, seed)) % 2_000_003 / 1_000_001.5 - 1


def smooth(g: np.random.Generator) -> tuple[Callable[[Any], Any], float, float]:
    x, a, b, c = _arguments(g)
    return lambda x: b * math.tanh(a * x + c), x, float(b * a / np.cosh(L(a) * x + c) ** 2)


def fast(g: np.random.Generator) -> tuple[Callable[[Any], Any], float, float]:
    x, a, b, c = _arguments(g)
    return lambda x: b * math.sin(a * x + c), x, b * a * math.cos(a * x + c)


def saturated(g: np.random.Generator) -> tuple[Callable[[Any], Any], float, float]:
    x, _, b, _ = _arguments(g)
    c = float(g.uniform(5, 40))
    return lambda x: b * math.tanh(x + c), x, float(b / np.cosh(L(x) + c) ** 2)


def noisy(g: np.random.Generator) -> tuple[Callable[[Any], Any], float, float]:
    x, _, b, c = _arguments(g)
    level, seed = _power(g, -16, -3), int(g.integers(1 << 30))
    return lambda x: b * (math.sin(x + c) + level * _scattered(float(x), seed)), x, b * math.cos(x + c)


def kink_nearby(g: np.random.Generator) -> tuple[Callable[[Any], Any], float, float]:
    x, _, b, _ = _arguments(g)
    kink = x + _power(g, -13, -1) * float(g.choice([-1, 1]))
    return lambda x: math.sin(x) + b * abs(x - kink), x, math.cos(x) + b * math.copysign(1, x - kink)


def jump_nearby(g: np.random.Generator) -> tuple[Callable[[Any], Any], float, float]:
    x, _, b, _ = _arguments(g)
    jump = x + _power(g, -13, -1) * float(g.choice([-1, 1]))
    return lambda x: math.sin(x) + b * (x > jump), x, math.cos(x)


def pole_nearby(g: np.random.Generator) -> tuple[Callable[[Any], Any], float, float]:
    x, _, b, _ = _arguments(g)
    x = _power(g, -4, 3)
    return lambda x: b / x, x, -b / x / x


def domain_nearby(g: np.random.Generator) -> tuple[Callable[[Any], Any], float, float]:
    x, _, b, _ = _arguments(g)
    x = _power(g, -6, 3)
    return lambda x: b * np.log(x), x, b / x


def gap_nearby(g: np.random.Generator) -> tuple[Callable[[Any], Any], float, float]:
    x, _, b, c = _arguments(g)
    centre, hole = x, 4.0 ** -int(g.integers(0, 8))

    def function(x: float) -> float:
        return math.nan if 0.9 * hole < abs(x - centre) < 1.1 * hole else b * math.sin(x + c)

    return function, x, b * math.cos(x + c)


def narrow(g: np.random.Generator) -> tuple[Callable[[Any], Any], float, float]:
    x, _, b, c = _arguments(g)
    width = _power(g, -11, -3)
    centre = x
    return lambda x: b * math.tanh((x - centre) / width + c), x, b / width / math.cosh(c) ** 2


def huge(g: np.random.Generator) -> tuple[Callable[[Any], Any], float, float]:
    x, _, _, c = _arguments(g)
    scale = _power(g, 50, 250)
    return lambda x: scale * math.tanh(x + c), x, float(scale / np.cosh(L(x) + c) ** 2)


def tiny(g: np.random.Generator) -> tuple[Callable[[Any], Any], float, float]:
    x, _, _, c = _arguments(g)
    scale = _power(g, -280, -50)
    return lambda x: scale * math.tanh(x + c), x, float(scale / np.cosh(L(x) + c) ** 2)


def single_inside(g: np.random.Generator) -> tuple[Callable[[Any], Any], float, float]:
    x, a, b, c = _arguments(g)
    single = np.float32
    return (
        lambda x: float(single(b) * np.tanh(single(a * x) + single(c))),
        x,
        float(b * a / np.cosh(L(a) * x + c) ** 2),
    )


def cancelling(g: np.random.Generator) -> tuple[Callable[[Any], Any], float, float]:
    x, _, _, c = _arguments(g)
    large = _power(g, 2, 10)
    return lambda x: (large + math.sin(x + c)) - large, x, math.cos(x + c)


def constant(g: np.random.Generator) -> tuple[Callable[[Any], Any], float, float]:
    x, _, b, _ = _arguments(g)
    return lambda _: b, x, 0.0


FAMILIES = [
    smooth,
    fast,
    saturated,
    noisy,
    kink_nearby,
    jump_nearby,
    pole_nearby,
    domain_nearby,
    gap_nearby,
    narrow,
    huge,
    tiny,
    single_inside,
    cancelling,
    constant,
]


@pytest.mark.thorough
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_the_error_covers_the_truth(family: Any) -> None:
    generator = np.random.default_rng(11)
    for _ in range(TRIALS):
        function, x, truth = family(generator)
        found = derivative(function, x)
        # The truth is known in float64, and so is the argument of the function.
        assert not abs(found.value - truth) > found.error + 4e-16 * abs(truth), (x, truth, found)


def test_smooth_functions_get_eleven_digits() -> None:
    found = [derivative(lambda x: math.exp(math.sin(x)), 0.1 * step) for step in range(29)]
    truths = [math.cos(0.1 * step) * math.exp(math.sin(0.1 * step)) for step in range(29)]
    assert max(one.error for one in found) < 2e-11
    assert all(abs(one.value - truth) <= one.error for one, truth in zip(found, truths, strict=True))


@pytest.mark.parametrize("x", [0.0, 1.0, -0.3, 1e-5, 700.1])
@pytest.mark.parametrize(
    "shape",
    [abs, lambda d: max(d, 0.0), lambda d: 3 * d + min(d, 0), lambda d: float(d > 0), lambda d: float(d >= 0), np.sign],
    ids=["abs", "relu", "bent", "step up", "step at", "sign"],
)
def test_kinks_and_jumps_have_no_derivative(shape: Any, x: float) -> None:
    assert derivative(lambda moved: math.sin(moved) + shape(moved - x), x).error == math.inf


def test_what_has_no_value_has_no_derivative() -> None:
    nan = derivative(lambda _: math.nan, 0.3)
    assert math.isnan(nan.value)
    assert nan.error == math.inf
    assert derivative(lambda x: math.inf * x, 1.0).error == math.inf
    assert derivative(lambda x: np.sqrt(x), 0.0).error == math.inf


@pytest.mark.parametrize(
    ("function", "truth"),
    [
        (lambda x: math.log(1 + math.exp(x - 38)), math.exp(-38)),
        (lambda x: float(np.tanh(np.float32(x + 12))), 1 / math.cosh(12) ** 2),
    ],
    ids=["beside a one", "in single precision"],
)
def test_what_rounding_hides_is_not_called_zero(function: Any, truth: float) -> None:
    found = derivative(function, 0.0)
    assert abs(found.value - truth) <= found.error < 1e-5


def test_arguments_of_any_size() -> None:
    assert derivative(lambda x: math.sin(1e30 * x), 1e-30).value == pytest.approx(1e30 * math.cos(1), rel=1e-9)
    assert derivative(lambda x: math.sin(x / 1e30), 1e30).value == pytest.approx(math.cos(1) / 1e30, rel=1e-9)


def test_evaluations_are_bounded() -> None:
    counts = []
    generator = np.random.default_rng(5)
    for family in FAMILIES:
        for _ in range(7):
            function, x, _ = family(generator)
            count = [0]

            def counted(x: Any, function: Any = function, count: list[int] = count) -> Any:
                count[0] += 1
                return function(x)

            derivative(counted, x)
            counts.append(count[0])
    assert np.median(counts) < 110
    assert max(counts) < 250


@pytest.mark.skipif(np.finfo(L).nmant <= 52, reason="np.longdouble is float64 on this processor")
def test_extended_precision_gives_more_digits() -> None:
    found = derivative(lambda x: np.exp(np.sin(x)), L("0.3"))
    truth = np.cos(L("0.3")) * np.exp(np.sin(L("0.3")))
    assert abs(found.value - truth) <= found.error < 1e-13


def test_single_precision_moves_by_what_it_can_represent() -> None:
    found = derivative(lambda x: np.tanh(x), np.float32(0.3))
    assert abs(found.value - 1 / math.cosh(np.float32(0.3)) ** 2) <= found.error < 1e-3
