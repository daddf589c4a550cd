import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crosscheck.campaign.look import look
from crosscheck.compare import RESOLVED, K, compare
from crosscheck.precision import FLOAT32, FLOAT64

SPECIAL = [0.0, 1e-320, 1e-300, 1.0, -3.0, np.inf, -np.inf, np.nan]
VALUES = st.sampled_from(SPECIAL) | st.floats(-1e3, 1e3)
SHIFTS = st.sampled_from([0.0, 1e-17, 1e-15, 1e-7, 1.0])
NOISE = st.sampled_from([0.0, 1e-16, 1e-3, 1.0, np.inf])


@given(st.data(), st.sampled_from([FLOAT64, FLOAT32]))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_what_is_concluded_of_a_stack_is_what_the_rule_says_of_each_model(data, precision):
    shape = data.draw(st.sampled_from([(3,), (3, 1), (3, 2, 2)]))
    count = int(np.prod(shape))
    reference = np.array(data.draw(st.lists(VALUES, min_size=count, max_size=count))).reshape(shape)
    shifts = np.array(
        data.draw(st.lists(st.sampled_from([0.0, 1e-17, 1e-15, 1e-7, 1.0]), min_size=count, max_size=count))
    )
    noise = np.array(data.draw(st.lists(NOISE, min_size=count, max_size=count))).reshape(shape)
    with np.errstate(all="ignore"):
        subject = reference * (1 + shifts.reshape(shape))
    seen = look(subject, reference, noise, precision)
    for model in range(3):
        with np.errstate(over="ignore"):  # in the floor, of a denormal
            rule = compare(subject[model], reference[model], noise[model], precision)
        if seen.discrepancy[model] <= K:
            assert not (rule.discrepancy > K).any()
            assert seen.unjudged[model] == (not rule.judged.any())
        else:
            finite = np.isfinite(subject[model]) & np.isfinite(reference[model]) & np.isfinite(noise[model])
            assert (rule.discrepancy > K).any() or not finite.all()


def test_noise_can_only_widen_what_the_screen_passes():
    random = np.random.default_rng(5)
    reference = random.standard_normal((101, 3, 2))
    subject = reference * (1 + 4e-15 * random.standard_normal(reference.shape))
    screen = look(subject, reference, None, FLOAT64)
    measured = look(subject, reference, 1e-15 * random.random(reference.shape), FLOAT64)
    passed = screen.discrepancy <= K
    assert 10 < passed.sum() < 101
    assert (measured.discrepancy[passed] <= K).all()
    assert (measured.discrepancy <= screen.discrepancy).all()


def test_more_noise_never_turns_an_unjudged_array_into_a_judged_one():
    reference = np.ones((4, 2))
    noise = np.array([1e-9, 1e-5, 0.01, np.inf])[:, None] * np.ones((4, 2))
    seen = look(reference, reference, noise, FLOAT64)
    assert seen.surely_judged.tolist() == [True, False, False, False]
    assert seen.unjudged.tolist() == [False, False, True, True]
    assert (K * noise[1] > RESOLVED / 1000).all()


def test_an_array_of_zeros_without_noise_is_judged():
    zeros = np.zeros((2, 3))
    assert not look(zeros, zeros, zeros, FLOAT64).unjudged.any()
    assert look(zeros, zeros, zeros + 1e-16, FLOAT64).unjudged.all()


def test_denormals_beside_an_array_of_zeros_are_left_to_the_judge():
    seen = look(np.array([[0.0, 0.0], [2e-310, 3e-310]]), np.zeros((2, 2)), None, FLOAT64)
    assert (seen.discrepancy <= K).tolist() == [True, False]
