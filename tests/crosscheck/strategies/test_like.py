import collections
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
from hypothesis import find, given, settings

from crosscheck.cases import Key
from crosscheck.errors import CrosscheckError
from crosscheck.strategies import like

R = np.random.default_rng(11)


class Pair(NamedTuple):
    W: Any
    b: Any


@dataclass
class Layer:
    weight: Any
    gain: Any


PARAMETERS = {
    "embedding": R.normal(size=(5, 3)),
    "layers": [
        Pair(R.normal(size=(3, 11)).astype(np.float32), np.zeros(11, np.float32)),
        Layer(np.ones((11, 5)), np.float64(1)),
    ],
}
DATA = (np.array([0, 4, 2, 4, 1, 0, 3], np.int32), np.array([True] * 6 + [False]), 0.1, "mean", None)
EXAMPLE = (PARAMETERS, *DATA)
CASES = like(EXAMPLE)
NAMES = [regime.name for regime in CASES.regimes]


def keys(cases=CASES, count=115, seed=3):
    return [cases.draw(seed, index) for index in range(count)]


def of_regime(regime, cases=CASES):
    drawn = [key for key in keys(cases, 300) if key.regime == regime][:12]
    return [cases.build(key) for key in (*drawn, *(key._replace(seed=seed) for seed, key in enumerate(drawn[:8])))]


def flat(case):
    layers = case.arguments[0]["layers"]
    return [case.arguments[0]["embedding"], *layers[0], layers[1].weight, layers[1].gain, *case.arguments[1:3]]


def test_the_first_case_is_the_example_itself():
    case, again = CASES.build(CASES.draw(9, 0)), CASES.build(CASES.draw(9, 0))
    assert not any(np.shares_memory(*pair) for pair in zip(flat(case), flat(again), strict=True))
    assert str(case.key) == "as-given/7,5,3,11/0"
    for given_array, array in zip(flat(type(case)(case.key, EXAMPLE)), flat(case), strict=True):
        assert np.array_equal(given_array, array)
        assert given_array.dtype == array.dtype
        assert isinstance(array, np.generic) or not np.shares_memory(given_array, array)


def test_an_example_that_is_changed_later_changes_no_case():
    W = np.ones((5, 3))
    cases = like((W,))
    W[:] = np.nan
    assert np.array_equal(cases.build(cases.draw(0, 0)).arguments[0], np.ones((5, 3)))


def test_structure_dtypes_and_scalars_are_kept_in_every_regime():
    for key in keys():
        parameters, symbols, mask, rate, word, nothing = CASES.build(key).arguments
        T, V, D, H = key.sizes
        first, second = parameters["layers"]
        assert isinstance(first, Pair)
        assert isinstance(second, Layer)
        assert isinstance(second.gain, np.float64)
        assert (rate, word, nothing) == (0.1, "mean", None)
        assert parameters["embedding"].shape == (V, D)
        assert (first.W.shape, first.b.shape, second.weight.shape) == ((D, H), (H,), (H, V))
        assert symbols.shape == mask.shape == (T,)
        assert (first.W.dtype, first.b.dtype, symbols.dtype, mask.dtype) == (np.float32, np.float32, np.int32, bool)


def test_a_case_is_rebuilt_exactly_from_its_printed_key():
    again = like(EXAMPLE)
    for key in keys(count=44):
        one, other = CASES.build(key), again.build(Key.parse(str(key)))
        for a, b in zip(flat(one), flat(other), strict=True):
            assert a.tobytes() == b.tobytes()
            assert isinstance(a, np.generic) or not np.shares_memory(a, b)


def test_indices_stay_within_every_axis_they_may_point_into():
    seen = set()
    for key in [*keys(), *(Key("ordinary", (7, V, 3, 11), seed) for V in (1, 2, 3) for seed in range(20))]:
        V = key.sizes[1]
        symbols = CASES.build(key).arguments[1]
        assert 0 <= symbols.min() <= symbols.max() < min(V, 5)
        seen |= set(symbols.tolist())
    assert seen == {0, 1, 2, 3, 4}


def test_shapes_are_few_and_the_regimes_come_by_weight():
    weights = {regime.name: regime.weight for regime in CASES.regimes}
    assert sum(weights.values()) == 23
    for start in (0, 5, 1000):
        drawn = [CASES.draw(1, index).regime for index in range(start, start + 23)]
        assert collections.Counter(drawn) == weights
    for shapes in (1, 2, 3, 4, 6, 9):
        cases = like(EXAMPLE, shapes=shapes)
        assert len({key.sizes for key in keys(cases)}) == min(shapes, 6)
        assert ("one-length" in {regime.name for regime in cases.regimes}) == (shapes > 2)
    assert {key.sizes for key in keys()} == {(7, 5, 3, 11), (3, 7, 5, 2), (1, 5, 3, 11), (7, 1, 3, 11)}


def test_lengths_that_do_not_vary_leave_no_sizes():
    cases = like(EXAMPLE, vary=False)
    assert cases.size_names == ()
    assert {str(key).split("/")[1] for key in keys(cases)} == {""}
    assert {regime.name for regime in cases.regimes} == set(NAMES) - {"one-length"}
    assert like(EXAMPLE, vary=(7,)).size_names == ("data[0] axis 0",)


def test_a_python_integer_keeps_the_lengths_it_may_stand_for():
    assert like((np.ones((5, 3)), 5)).size_names == ("parameters axis 1",)
    assert like((np.ones((9, 5)), 3)).size_names == ("parameters axis 1",)


def test_regimes_are_what_they_say():
    for case in of_regime("tiny"):
        assert np.abs(case.arguments[0]["embedding"]).max() < 0.06
        assert case.arguments[0]["embedding"].all()
    for case in of_regime("zero-parameters"):
        assert not case.arguments[0]["embedding"].any()
        assert not case.arguments[0]["layers"][0].b.any()
        assert (case.arguments[0]["layers"][1].weight > 0).all()
    for case in of_regime("one-length"):
        assert 1 in case.key.sizes
    for case in of_regime("repeated-integers"):
        half = len(case.arguments[1]) // 2
        assert np.array_equal(case.arguments[1][:half], case.arguments[1][-half:])
    for case in of_regime("equal-integers"):
        assert np.ptp(case.arguments[1]) == 0
    spread = {
        name: np.median([np.abs(case.arguments[0]["layers"][0].b).mean() for case in of_regime(name)]) for name in NAMES
    }
    assert spread["large"] > 4 * spread["ordinary"] > 40 * spread["tiny"]
    assert spread["huge"] > 100 * spread["large"]
    assert all(case.arguments[0]["layers"][0].b.all() for case in of_regime("ordinary"))


def test_regimes_about_integers_need_integers():
    names = {regime.name for regime in like((np.ones(3), R.normal(size=5))).regimes}
    assert set(NAMES) - names == {"repeated-integers", "equal-integers"}
    assert "equal-integers" in {regime.name for regime in like((np.ones(3), np.eye(5)[[0, 2]])).regimes}


def test_signs_ranges_and_rows_stay_as_in_the_example():
    example = (
        {"variance": np.array([0.5, 3.0]), "rate": 0.25, "free": 0.0, "transitions": np.full((5, 7), 1 / 7)},
        np.eye(7)[[0, 3, 3]],
        np.array([[0.0, -np.inf], [0.0, 0.0]]),
        np.array([4, -1, 2]),
    )
    cases = like(example)
    free = []
    for key in keys(cases):
        parameters, one_hot, attention, targets = cases.build(key).arguments
        assert (parameters["variance"] > 0).all()
        assert isinstance(parameters["rate"], float)
        assert 0 < parameters["rate"] < 1
        free.append(parameters["free"])
        assert np.allclose(parameters["transitions"].sum(axis=1), 1)
        assert (parameters["transitions"] > 0).all()
        assert set(one_hot.ravel()) <= {0.0, 1.0}
        assert (one_hot.sum(axis=1) == 1).all()
        assert np.array_equal(attention, example[2])
        assert set(targets) <= {4, -1, 2}
    assert min(free) < 0 < max(free)


def test_booleans_keep_the_share_of_true():
    cases = like((np.ones(3), np.ones(11, bool), np.array([True, False] * 6)))
    masks = [cases.build(key).arguments[1:] for key in keys(cases)]
    assert all(everything.all() for everything, _ in masks)
    assert 0.4 < np.concatenate([half for _, half in masks[1:]]).mean() < 0.6


def test_lists_of_integers_are_one_thing():
    cases = like((R.normal(size=(5, 11)), [0, 3, 4, 1, 1, 2, 0]))
    assert cases.size_names == ("data[0] axis 0", "parameters axis 0", "parameters axis 1")
    for key in keys(cases, 50):
        symbols = cases.build(key).arguments[1]
        assert type(symbols) is list
        assert len(symbols) == key.sizes[0]
        assert all(type(symbol) is int for symbol in symbols)


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.longdouble])
def test_floating_dtypes_are_kept_and_finite(dtype):
    cases = like(({"W": R.normal(size=(5, 3)).astype(dtype)},))
    for key in keys(cases, 44):
        W = cases.build(key).arguments[0]["W"]
        assert W.dtype == dtype
        assert np.isfinite(W.astype(np.float64)).all()


def test_jax_arrays_become_numpy_arrays():
    cases = like((jnp.ones((5, 3)) - 2, jnp.arange(3)))
    for key in keys(cases, 22):
        assert all(type(array) is np.ndarray for array in cases.build(key).arguments)


def shrink(cases, key, fails=lambda _: True):
    steps = 0
    while (simpler := next((other for other in cases.smaller(key) if fails(cases.build(other))), None)) is not None:
        key, steps = simpler, steps + 1
        assert steps < 100
    return key


def test_shrinking_ends_at_short_axes_and_short_decimals():
    for key in keys(count=44):
        smallest = shrink(CASES, key)
        assert smallest == Key("ordinary" if key.regime == "as-given" else key.regime, (1, 1, 1, 1), 0)
    assert shrink(CASES, keys()[1], lambda case: len(case.arguments[1]) > 2).sizes == (3, 1, 1, 1)


def test_hypothesis_shrinks_to_an_ordinary_case_and_keeps_to_the_shapes():
    assert find(CASES.strategy(), lambda _: True, settings=settings(database=None)).key.regime == "ordinary"
    seen = collections.Counter()

    @settings(max_examples=150, database=None)
    @given(CASES.strategy())
    def collect(case):
        seen[case.key.regime] += 1
        seen[case.key.sizes] += 1

    collect()
    assert set(seen) == set(NAMES) | {(7, 5, 3, 11), *CASES._usual, *CASES._ones}


@pytest.mark.parametrize(
    ("example", "sentence"),
    [
        ([np.ones(3)], "The example is a list, expected a tuple"),
        ((), "The example is a tuple, expected a tuple"),
        ((np.arange(3), np.ones(3)), "The first argument of the example holds no array of floating numbers"),
        (({"W": np.array([1.0, np.nan])},), "W holds NaN or infinity"),
        ((np.ones(3), np.ones(3, complex)), r"data\[0\] has dtype complex128, expected real numbers"),
    ],
)
def test_examples_that_cannot_be_used_are_refused(example, sentence):
    with pytest.raises(CrosscheckError, match=sentence):
        like(example)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("saturated/7,5,3,11/1", "is of a regime that these cases do not have, expected one of as-given, ordinary"),
        ("ordinary/7,5,3/1", r"has 3 sizes, expected 4 of at least 1 \(data\[0\] axis 0, embedding axis 0"),
        ("ordinary/7,5,0,11/1", "of at least 1"),
        ("as-given/7,5,3,10/0", "has other sizes than the example"),
    ],
)
def test_keys_of_other_cases_are_refused(text, sentence):
    for use in (CASES.build, lambda key: list(CASES.smaller(key))):
        with pytest.raises(CrosscheckError, match=sentence):
            use(Key.parse(text))


def test_shapes_below_one_are_refused():
    with pytest.raises(CrosscheckError, match="shapes is 0, expected at least 1"):
        like(EXAMPLE, shapes=0)


def test_importing_the_strategies_imports_neither_hypothesis_nor_jax():
    program = "import sys, crosscheck.strategies; print({'jax', 'hypothesis', 'manual', 'autodiff'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
