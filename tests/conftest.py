"""Settings shared by every test."""

import gc
import os
import signal
import zlib

import hypothesis
import jax
import jaxtyping
import pytest

# What is imported and collected stays until the end: looking through it again and again took seconds.
gc.set_threshold(1_000_000, 20, 50)

# Verdicts are formed in float64; strict promotion turns NumPy-style silent mixing into errors.
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")
# Most programs of the tests run a few times only: XLA compiles them faster like this. Children do the same, so that
# they round as this process does.
os.environ["JAX_DISABLE_MOST_OPTIMIZATIONS"] = "1"
jax.config.update("jax_disable_most_optimizations", True)
# One thread compiles: programs as small as these are not worth being cut up, and pytest-xdist fills the cores. Without
# the emitters of fused loops, which are there for the speed of what is compiled, compiling takes a third of the time.
QUICKLY = "--xla_cpu_parallel_codegen_split_count=1 --xla_cpu_use_fusion_emitters=false"
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {QUICKLY}".strip()

# The children of the tests keep what they compile of this package: each of a hundred would take a second for it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

hypothesis.settings.register_profile("suite", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a part of the tests be asked for."""
    parser.addoption("--part", metavar="N/M", help="run the N-th of M parts of the tests, told apart by their names")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of other parts. Raises UsageError for what is no part."""
    if (asked := config.getoption("--part")) is None:
        return
    number, _, parts = asked.partition("/")
    if not (number.isdecimal() and parts.isdecimal() and 1 <= int(number) <= int(parts)):
        raise pytest.UsageError(f"--part {asked}: write it as 2/3, for the second of three parts")
    own = [zlib.crc32(item.nodeid.encode()) % int(parts) == int(number) - 1 for item in items]
    config.hook.pytest_deselected(items=[item for item, is_own in zip(items, own, strict=True) if not is_own])
    items[:] = [item for item, is_own in zip(items, own, strict=True) if is_own]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Spare the collector of garbage what stays until the end: modules, tests, and most of what JAX keeps.

    Looking through all of it again and again took a tenth of the suite's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> None:
    """Let the processes that tests start hear Ctrl-C, also where a shell began the suite in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def shapes_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the shapes of thousands of steps unchecked, which are those of the first: that took a fifth of the time."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
