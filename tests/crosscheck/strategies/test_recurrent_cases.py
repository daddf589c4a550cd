import collections
import hashlib

import numpy as np
import pytest
from hypothesis import find, given, settings

from crosscheck.cases import Key
from crosscheck.errors import CrosscheckError
from crosscheck.strategies import rnn
from crosscheck.strategies.stacks import MODELS
from manual.parameters import Parameters, validate
from manual.rnn import loss_and_gradients

CASES = rnn(container=Parameters)
NAMES = [regime.name for regime in CASES.regimes]
PER_ROUND = sum(regime.weight for regime in CASES.regimes)


def arrays_of(case):
    parameters, *data = case.arguments
    return [*parameters, *data]


def cases_of(regime, count=25, source=CASES):
    keys = [key for key in (source.draw(7, index) for index in range(count * PER_ROUND)) if key.regime == regime][
        :count
    ]
    friendly = [key._replace(seed=seed) for seed, key in enumerate(keys[:8])]
    return [source.build(key) for key in (*keys, *friendly)]


def digest(case):
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays_of(case))).hexdigest()[:16]


def test_a_case_is_rebuilt_exactly_from_its_printed_key():
    for index in range(PER_ROUND):
        key = CASES.draw(3, index)
        first, second = CASES.build(key), rnn(container=Parameters).build(Key.parse(str(key)))
        for one, other in zip(arrays_of(first), arrays_of(second), strict=True):
            assert one.dtype == other.dtype
            assert one.tobytes() == other.tobytes()
            assert not np.shares_memory(one, other)


def test_cases_are_the_same_on_every_machine():
    # Printed once. A change means that keys in old reports name other cases now: say so in the change log.
    assert digest(CASES.build(Key.parse("ordinary/5,3,7,0/2"))) == "25e0f5d802aa035b"
    assert digest(CASES.build(Key.parse("ordinary/5,3,7,2/12345"))) == "a8e3e8883d689031"


def test_arrays_own_their_memory_and_have_the_documented_shapes():
    for index in range(PER_ROUND):
        key = CASES.draw(11, index)
        V, H, T, B = key.sizes
        parameters, inputs, targets, state = CASES.build(key).arguments
        validate(parameters)
        assert (parameters.Wxh.shape, parameters.by.shape, parameters.bh.shape) == ((H, V), (V,), (H,))
        assert inputs.shape == targets.shape == ((T, B) if B else (T,))
        assert state.shape == ((B, H) if B else (H,))
        assert inputs.dtype == targets.dtype == np.int64
        assert 0 <= min(inputs.min(), targets.min()) <= max(inputs.max(), targets.max()) < V
        arrays = [*parameters, inputs, targets, state]
        assert not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])


def test_any_round_of_indices_holds_the_regimes_by_weight():
    assert PER_ROUND == 50
    weights = {regime.name: regime.weight for regime in CASES.regimes}
    for start in (0, 17, 49, 1000):
        keys = [CASES.draw(5, index) for index in range(start, start + PER_ROUND)]
        assert collections.Counter(key.regime for key in keys) == weights
    assert {CASES.draw(5, index).regime for index in range(len(NAMES))} == set(NAMES)


def test_every_regime_says_what_it_is_for_in_a_sentence():
    for regime in CASES.regimes:
        assert regime.meaning.endswith(".")
        assert 40 < len(regime.meaning) <= 110


def test_draws_differ_between_runs_and_mostly_have_unequal_sizes():
    keys = [CASES.draw(0, index) for index in range(1000)]
    assert len(set(keys)) > 990
    assert not set(keys) & {CASES.draw(1, index) for index in range(1000)}
    assert np.mean([len(set(key.sizes)) == 4 for key in keys]) > 0.6
    assert 0.4 < np.mean([key.sizes[3] == 0 for key in keys]) < 0.6


def every(regime, condition, share=1.0):
    held = [bool(condition(case)) for case in cases_of(regime)]
    assert len(held) == 33
    assert np.mean(held) >= share, f"{regime}: {np.mean(held)}"


def sizes_of(case):
    return dict(zip(CASES.size_names, case.key.sizes, strict=True))


def test_one_step_one_unit_one_symbol_and_long_sequences_are_what_they_say():
    every("one-step", lambda case: len(case.arguments[1]) == 1)
    every("one-unit", lambda case: case.arguments[0].bh.shape == (1,))
    every("one-symbol", lambda case: case.arguments[0].by.shape == (1,) and not case.arguments[2].any())
    every("long-sequence", lambda case: 26 <= len(case.arguments[1]) <= 32)
    every("unequal-sizes", lambda case: len(set(case.key.sizes)) == 4)
    every("ordinary", lambda case: sizes_of(case)["vocabulary"] > 1)


def test_tiny_is_how_training_starts():
    def tiny(case):
        parameters, _, _, state = case.arguments
        weights = np.concatenate([array.ravel() for array in parameters[:3]])
        return (
            not parameters.bh.any() and not parameters.by.any() and not state.any() and 0 < np.abs(weights).max() < 0.06
        )

    every("tiny", tiny)


def test_ordinary_leaves_nothing_at_zero():
    every("ordinary", lambda case: all(array.all() for array in (*case.arguments[0], case.arguments[3])))


def test_repeated_symbols_repeat_and_equal_symbols_are_equal():
    every("repeated-symbol", lambda case: all(len(set(row)) < len(row) for row in np.atleast_2d(case.arguments[1].T)))
    every("repeated-symbol", lambda case: np.ptp(case.arguments[2]) > 0, share=0.7)
    every("equal-symbols", lambda case: np.ptp(case.arguments[1]) == 0 == np.ptp(case.arguments[2]))


def test_only_the_symmetric_regime_is_symmetric():
    every("symmetric", lambda case: np.array_equal(case.arguments[0].Whh, case.arguments[0].Whh.T))
    for regime in set(NAMES) - {"symmetric", "zero-parameters", "one-unit"}:
        every(
            regime,
            lambda case: case.key.sizes[1] == 1 or not np.array_equal(*np.array([(W := case.arguments[0].Whh), W.T])),
        )


def test_initial_states_are_zero_or_not_as_named():
    every("zero-state", lambda case: not case.arguments[3].any() and case.arguments[0].bh.all())
    every("nonzero-state", lambda case: case.arguments[3].all())
    every(
        "zero-parameters", lambda case: not any(array.any() for array in case.arguments[0]) and case.arguments[3].all()
    )


def test_saturated_states_are_near_one():
    every("saturated", lambda case: np.median(np.abs(loss_and_gradients(*case.arguments).final_state)) > 0.9, share=0.9)


def test_the_carry_grows_in_exploding_cases():
    def growth(case):
        dz = loss_and_gradients(*case.arguments, intermediates=True).intermediates.dz
        return np.abs(dz[0]).max() / np.abs(dz[-1]).max()

    every("exploding", lambda case: growth(case) > 10, share=0.95)
    ordinary = [growth(case) for case in cases_of("ordinary")]
    assert np.median(ordinary) < 3


def test_huge_logits_overflow_a_plain_exponential():
    def overflows(case):
        parameters, *_ = case.arguments
        with np.errstate(over="ignore"):
            exponentials = np.exp(parameters.by)
        return np.isinf(exponentials).any() or (exponentials == 0).any()

    every("huge-logits", overflows)


def test_gradients_reach_beyond_the_clip():
    def largest(case):
        return max(np.abs(array).max() for array in loss_and_gradients(*case.arguments).gradients)

    every("beyond-clip", lambda case: largest(case) > 5, share=0.97)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_every_dtype_gets_the_same_models_rounded(dtype):
    other = rnn(container=Parameters, dtype=dtype)
    for index in range(PER_ROUND):
        key = CASES.draw(2, index)
        for exact, rounded in zip(arrays_of(CASES.build(key)), arrays_of(other.build(key)), strict=True):
            assert np.array_equal(exact.astype(rounded.dtype), rounded)
            assert rounded.dtype in (np.dtype(dtype), np.dtype(np.int64))


def test_float32_stays_finite_forwards_and_backwards():
    cases = rnn(container=Parameters, dtype=np.float32, steps=(1, 40))
    for index in range(2 * PER_ROUND):
        result = loss_and_gradients(*cases.build(cases.draw(13, index)).arguments)
        assert np.isfinite(result.loss)
        assert all(np.isfinite(array).all() for array in (*result.gradients, result.initial_state_gradient))


def test_fewer_steps_cut_the_same_sequence_short():
    for sizes in ((5, 3, 7, 0), (5, 3, 7, 2)):
        long, short = (CASES.build(Key("ordinary", (*sizes[:2], T, sizes[3]), 99)) for T in (7, 2))
        assert np.array_equal(long.arguments[0].Whh, short.arguments[0].Whh)
        assert np.array_equal(long.arguments[3], short.arguments[3])
        for of_long, of_short in zip(long.arguments[1:3], short.arguments[1:3], strict=True):
            assert np.array_equal(of_long[:2], of_short)


def shrink(cases, key, fails=lambda _: True):
    steps = 0
    while (simpler := next((other for other in cases.smaller(key) if fails(cases.build(other))), None)) is not None:
        key, steps = simpler, steps + 1
        assert steps < 100
    return key


@pytest.mark.parametrize("regime", NAMES)
def test_shrinking_ends_at_the_smallest_case_of_the_regime(regime):
    least = {"one-symbol": (1, 1, 1, 0), "repeated-symbol": (2, 1, 2, 0), "equal-symbols": (2, 1, 2, 0)}
    least |= {"beyond-clip": (2, 1, 2, 0), "exploding": (2, 1, 4, 0), "symmetric": (2, 2, 1, 0)}
    for index in range(3 * PER_ROUND):
        key = CASES.draw(17, index)
        if key.regime == regime:
            smallest = shrink(CASES, key)
            assert smallest.seed == 0
            if regime == "unequal-sizes":
                assert sorted(smallest.sizes) == [0, 1, 2, 3]
            else:
                assert smallest.sizes == least.get(regime, (2, 1, 1, 0))


def test_shrinking_keeps_what_fails():
    def fails(case):
        V, H, T, _ = case.key.sizes
        return T >= 3 and H >= 2 and V >= 4

    assert shrink(CASES, Key("ordinary", (11, 12, 9, 4), 54321), fails) == Key("ordinary", (4, 2, 3, 0), 0)
    assert shrink(CASES, Key("long-sequence", (11, 12, 29, 4), 54321), fails) == Key("long-sequence", (4, 2, 3, 0), 0)


def test_hypothesis_shrinks_to_a_tiny_readable_case():
    def minimal(condition):
        return find(CASES.strategy(), condition, settings=settings(database=None))

    found = minimal(lambda case: case.key.sizes[2] >= 3 and case.key.sizes[1] >= 2)
    assert found.key == Key("ordinary", (2, 2, 3, 0), 0)
    assert not (8 * found.arguments[0].Whh % 1).any()
    assert sorted(minimal(lambda case: case.key.regime == "unequal-sizes").key.sizes) == [0, 1, 2, 3]


def test_hypothesis_draws_every_regime_about_as_often_as_its_weight_says():
    seen = collections.Counter()
    unequal = []

    @settings(max_examples=200, database=None)
    @given(CASES.strategy())
    def collect(case):
        seen[case.key.regime] += 1
        unequal.append(len(set(case.key.sizes)) == 4)

    collect()
    assert len(seen) >= len(NAMES) - 1
    assert 20 < seen["ordinary"] < 60
    assert max(seen.values()) == seen["ordinary"]
    assert np.mean(unequal) > 0.5


def test_regimes_that_the_ranges_exclude_are_left_out():
    names = {regime.name for regime in rnn(vocabulary=(5, 5), hidden=(3, 3), steps=(7, 7), batch=(0, 0)).regimes}
    assert set(NAMES) - names == {"one-step", "one-unit", "one-symbol", "long-sequence"}
    assert {regime.name for regime in rnn(vocabulary=(1, 1)).regimes} == {"one-symbol"}
    assert "unequal-sizes" not in {regime.name for regime in rnn((4, 4), (4, 4)).regimes}
    assert "long-sequence" not in {regime.name for regime in rnn(long=None).regimes}


def test_sizes_stay_within_their_ranges():
    cases = rnn(vocabulary=(5, 6), hidden=(3, 4), steps=(2, 9), batch=(2, 3), long=None)
    for index in range(200):
        V, H, T, B = cases.draw(1, index).sizes
        assert V in (5, 6)
        assert H in (3, 4)
        assert 2 <= T <= 9
        assert B in (2, 3)


def test_the_default_container_is_a_dict():
    parameters, *_ = rnn().build(Key("ordinary", (5, 3, 2, 0), 1)).arguments
    assert {name: array.shape for name, array in parameters.items()} == {
        "Wxh": (3, 5),
        "Whh": (3, 3),
        "Why": (5, 3),
        "bh": (3,),
        "by": (5,),
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ordinari/5,3,7,0/1", "is of a regime that these cases do not have, expected one of ordinary, tiny,"),
        (
            "ordinary/5,3,7/1",
            "has sizes that its regime does not have here, expected vocabulary 2 to 12, hidden 1 to 12",
        ),
        ("ordinary/13,3,7,0/1", "vocabulary 2 to 12"),
        ("one-step/5,3,7,0/1", "steps 1 to 1"),
        ("unequal-sizes/5,3,5,0/1", "all different"),
        ("bulk/5,3,13,0/1", "steps 1 to 12"),
    ],
)
def test_keys_of_other_cases_are_refused(text, sentence):
    for use in (CASES.build, lambda key: list(CASES.smaller(key))):
        with pytest.raises(CrosscheckError, match=sentence):
            use(Key.parse(text))


def test_a_dtype_that_is_not_floating_is_refused():
    with pytest.raises(CrosscheckError, match="dtype is int64, expected a floating one"):
        rnn(dtype=np.int64)


def test_a_model_of_a_chunk_is_built_from_its_key():
    stack = CASES.stack(seed=2, chunk=5, sizes=(5, 3, 7, 2))
    for place in (0, 17, MODELS - 1):
        case = CASES.build(stack.key(place))
        parameters, *data = stack.arguments
        for one, many in zip(arrays_of(case), (*parameters, *data), strict=True):
            assert many.shape == (MODELS, *one.shape)
            assert np.array_equal(one, many[place])
            assert one.flags.owndata


def test_chunks_differ_and_their_scales_span_the_range():
    stack, following, other = (CASES.stack(*pair, sizes=(5, 3, 7, 0)) for pair in ((0, 1), (0, 2), (1, 1)))
    assert str(stack.key(3)) == "bulk/5,3,7,0/1027"
    spreads = stack.arguments[0].Wxh.std(axis=(1, 2))
    assert 0.0003 < spreads.min() < 0.002
    assert 15 < spreads.max() < 60
    assert 0.3 < np.mean(np.abs(stack.arguments[3])) < 0.7
    assert not np.array_equal(stack.arguments[1], following.arguments[1])
    assert not np.array_equal(stack.arguments[1], other.arguments[1])
    assert CASES.stack(0, 1).sizes != CASES.stack(0, 2).sizes


def test_a_model_of_a_chunk_shrinks_to_an_ordinary_case():
    key = CASES.stack(0, 3, sizes=(5, 4, 6, 0)).key(100)
    assert shrink(CASES, key, lambda case: case.key.sizes[1] > 1) == Key("ordinary", (2, 2, 1, 0), 0)
