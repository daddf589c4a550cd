import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manual.errors import InputError
from manual.parameters import DTYPES, initialise
from manual.sampling import draw, sample

few = settings(max_examples=100, deadline=None, derandomize=True)
V, H = 7, 5
MODEL = initialise(V, H, seed=3, scale=1.5)
START = np.array([2])


def random(seed=11):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_symbols_are_drawn_as_often_as_the_softmax_says(temperature):
    logits, draws = np.array([0.0, 1.0, -2.0, 0.5, 3.0]), 20_000
    generator = random()
    counts = np.bincount([draw(logits, temperature, generator) for _ in range(draws)], minlength=5)
    weights = np.exp(logits / temperature)
    probability = weights / weights.sum()
    deviation = np.sqrt(draws * probability * (1 - probability))
    assert (np.abs(counts - draws * probability) <= 4.5 * deviation + 1).all()


@few
@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=11),
    st.floats(min_value=5e-324, max_value=1.7e308),
    st.sampled_from(DTYPES),
    st.integers(0, 99),
)
def test_any_finite_logits_and_temperature_give_a_symbol_that_is_possible(logits, temperature, dtype, seed):
    with np.errstate(over="ignore"):
        array = np.array(logits).astype(dtype)
    array = np.nan_to_num(array)  # what float16 or float32 cannot hold became infinite
    index = draw(array, temperature, random(seed))
    with np.errstate(over="ignore"):
        assert np.exp((array - array.max()).astype(np.float64) / temperature)[index] > 0


def test_extreme_logits_leave_one_choice():
    for dtype in (np.float32, np.float64):
        logits = np.array([-1e4, 1e4, 0, 1e4 - 2000], dtype)
        assert {int(draw(logits, 1.0, random(seed))) for seed in range(50)} == {1}


def test_an_impossible_symbol_is_not_drawn_even_by_the_number_zero():
    zero = np.random.MT19937()
    zero.state = {"bit_generator": "MT19937", "state": {"key": np.zeros(624, np.uint32), "pos": 624}}
    generator = np.random.Generator(zero)
    assert draw(np.array([-1e4, 0.0, 0.0]), 1.0, generator) == 1
    assert generator.random() == 0


def test_a_huge_temperature_makes_all_symbols_equal():
    generator = random()
    counts = np.bincount([draw(np.array([0.0, 900.0, -900.0]), 1e300, generator) for _ in range(3000)], minlength=3)
    assert (np.abs(counts - 1000) < 120).all()


def test_greedy_takes_the_most_likely_symbol_each_time():
    Wxh, Whh, Why, bh, by = MODEL
    h, symbol, expected = np.zeros(H), 2, []
    for _ in range(13):
        h = np.tanh(Wxh[:, symbol] + Whh @ h + bh)
        symbol = int((Why @ h + by).argmax())
        expected.append(symbol)
    written = sample(MODEL, 13, generator=None, prime=START, greedy=True)
    assert written.indices.tolist() == expected
    np.testing.assert_allclose(written.final_state, h, rtol=1e-12)


def test_greedy_is_the_limit_of_low_temperature():
    cold = sample(MODEL, 13, generator=random(), prime=START, temperature=1e-300)
    greedy = sample(MODEL, 13, generator=None, prime=START, greedy=True)
    assert cold.indices.tolist() == greedy.indices.tolist()


def test_greedy_uses_no_randomness():
    generator = random()
    sample(MODEL, 13, generator=generator, prime=START, greedy=True)
    assert generator.random() == random().random()


def test_the_same_seed_writes_the_same_and_another_seed_does_not():
    first, again, other = (sample(MODEL, 31, generator=random(seed), prime=START) for seed in (1, 1, 2))
    assert first.indices.tolist() == again.indices.tolist()
    assert first.indices.tolist() != other.indices.tolist()


@few
@given(st.lists(st.integers(0, V - 1), min_size=2, max_size=11), st.data())
def test_a_prime_may_be_read_in_two_parts(prime, data):
    cut = data.draw(st.integers(1, len(prime) - 1))
    whole = sample(MODEL, 13, generator=random(), prime=prime)
    # Greedy samples of length 1 from each symbol in turn move the state as reading does.
    state = np.zeros(H)
    for symbol in prime[:cut]:
        state = sample(MODEL, 1, generator=None, prime=[symbol], initial_state=state, greedy=True).final_state
    parts = sample(MODEL, 13, generator=random(), prime=prime[cut:], initial_state=state)
    assert parts.indices.tolist() == whole.indices.tolist()


def test_writing_goes_on_from_the_final_state():
    whole = sample(MODEL, 31, generator=random(), prime=START)
    generator = random()
    first = sample(MODEL, 17, generator=generator, prime=START)
    second = sample(MODEL, 14, generator=generator, prime=first.indices[-1:], initial_state=first.final_state)
    assert [*first.indices, *second.indices] == whole.indices.tolist()
    np.testing.assert_array_equal(second.final_state, whole.final_state)


def test_nothing_passed_in_is_changed():
    state = np.full(H, 0.5)
    sample(MODEL, 5, generator=random(), prime=START, initial_state=state)
    assert (state == 0.5).all()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"temperature": 0.0}, "ask for a greedy sample"),
        ({"temperature": -1.0}, "above 0"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"temperature": float("inf")}, "temperature is inf"),
        ({"length": 0}, "length of the sample is 0"),
        ({"generator": None}, "needs a generator"),
        ({"prime": []}, "prime is empty"),
        ({"prime": [V]}, f"prime holds {V}"),
        ({"prime": [-1]}, "prime holds -1"),
        ({"prime": [[1]]}, "one axis"),
        ({"initial_state": np.zeros(H + 1)}, r"shape \(6,\)"),
    ],
)
def test_bad_values_are_refused(change, sentence):
    options = {"length": 3, "generator": random(), "prime": START, **change}
    with pytest.raises(InputError, match=sentence):
        sample(MODEL, options.pop("length"), **options)


def test_a_model_that_overflows_is_refused_without_a_warning():
    huge = MODEL._replace(Why=np.full((V, H), 1e308), bh=np.full(H, 100.0))
    with pytest.raises(InputError, match="overflow"):
        sample(huge, 3, generator=random(), prime=START)
