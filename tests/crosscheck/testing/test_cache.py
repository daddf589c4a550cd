"""What was compiled is kept for the next run, counted in compilations: no clock is asked."""

import contextlib
from collections import Counter

import jax
import pytest

from crosscheck.testing.cache import compilation_cache
from tests.crosscheck.testing.suites import SUBJECTS

HITS, MISSES = "/jax/compilation_cache/cache_hits", "/jax/compilation_cache/cache_misses"
SUITE = f"{SUBJECTS}\ncrosscheck.register(square, twin=loss, cases=EXAMPLE)\n"


@contextlib.contextmanager
def counting():
    """Count the events of JAX's cache."""
    counts = Counter()

    def listener(event, **_):
        counts[event] += 1

    jax.monitoring.register_event_listener(listener)
    try:
        yield counts
    finally:
        jax.monitoring.unregister_event_listener(listener)


@pytest.fixture
def run(pytester):
    """Run the suite with a cache; return how often something was found in it, and how often not.

    Every run imports the suite anew: its twin is another function, and nothing of it is compiled in this process.
    """
    pytester.makepyfile(test_suite=SUITE)

    def run():
        with counting() as counts:
            result = pytester.runpytest_inprocess("--crosscheck-cache=kept", "--crosscheck-examples=4", "-pno:randomly")
        result.assert_outcomes(passed=1)
        return counts[HITS], counts[MISSES]

    return run


def test_the_second_run_of_a_suite_compiles_nothing(run):
    _, compiled = run()
    assert compiled
    found, compiled_again = run()
    assert found
    assert compiled_again == 0


def test_the_configuration_is_put_back(tmp_path):
    names = ("jax_compilation_cache_dir", "jax_persistent_cache_min_compile_time_secs")
    before = [getattr(jax.config, name) for name in names]
    with compilation_cache(tmp_path):
        assert [getattr(jax.config, name) for name in names] == [str(tmp_path), 0.0]
    assert [getattr(jax.config, name) for name in names] == before
