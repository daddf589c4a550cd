import itertools

import numpy as np
import pytest

from crosscheck.strategies.randomness import FRIENDLY_SEEDS, Scale, below, generator, normal, word


def test_words_are_stable_and_scrambled():
    assert word(1, 2) == 0xBCD9DBB49673066B
    words = [word(seed, index) for seed in range(20) for index in range(500)]
    assert len(set(words)) == len(words)
    counts = np.bincount([below(bits, 7) for bits in words], minlength=7)
    assert counts.sum() == 10_000
    assert np.abs(counts - 10_000 / 7).max() < 5 * (10_000 / 7) ** 0.5


def test_the_generator_is_numpys_and_started_by_name_and_seed():
    assert generator("ordinary", 12).integers(1 << 30) == 138609604
    assert generator("ordinary", 12).random() == generator("ordinary", 12).random()
    assert generator("ordinary", 12).random() != generator("tiny", 12).random()
    assert generator("ordinary", 12).random() != generator("ordinary", 13).random()


def test_scales_are_log_uniform_within_their_range():
    scale = Scale(0.25, octaves=2)
    drawn = [scale.at(fraction) for fraction in np.linspace(0, 1, 2001)[:-1]]
    assert drawn == sorted(drawn)
    assert min(drawn) == 0.25
    assert 0.999 < max(drawn) < scale.high == 1.0
    assert np.median(drawn) == pytest.approx(0.5, rel=1e-3)
    assert Scale(0.01).at(0.7) == Scale(0.01).high == 0.01


def test_scales_of_many_are_those_of_one_bit_for_bit():
    scale, fractions = Scale(2.0**-10, octaves=15), np.random.default_rng(3).random(500)
    assert scale.at_each(fractions).tolist() == [scale.at(fraction) for fraction in fractions.tolist()]


def test_friendly_numbers_are_quarters_neither_equal_nor_symmetric():
    for seed, H in itertools.product(range(FRIENDLY_SEEDS), range(2, 13)):
        matrix = normal(generator("any", seed), (H, H), friendly=True)
        assert set((4 * matrix).ravel()) <= set(range(-8, 9)) - {0}
        assert not np.array_equal(matrix, matrix.T)
        assert len(np.unique(matrix)) == min(H * H, 16)


def test_other_numbers_are_normal():
    drawn = normal(generator("any", 8), (50, 40), friendly=False)
    assert abs(drawn.mean()) < 0.1
    assert abs(drawn.std() - 1) < 0.1
