"""Runs that round at random are made while there is hope that rounding explains a discrepancy, and no longer."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from crosscheck import own_rounding
from crosscheck.precision import FLOAT64

TOLERANCE = 1e-16
X = np.array([0.5, 0.25])


@pytest.mark.parametrize(
    ("difference", "moved", "runs"),
    [
        (0.1, [1e-16], 1),  # a slip: rounding would have to grow by 10¹²
        (1e-10, [1e-16], own_rounding.FEW),  # a slip beside which the first run is not enough to be sure
        (1e-10, [0.0, 1e-11], own_rounding.SAMPLES + own_rounding.FEW),  # rounding that spared the first run
        (1e-10, [1e-11], own_rounding.SAMPLES + own_rounding.FEW),  # rounding, and then with larger errors
    ],
)
def test_it_is_run_on_while_rounding_may_explain(
    monkeypatch: pytest.MonkeyPatch, difference: float, moved: list[float], runs: int
) -> None:
    made: list[float] = []

    def perturbed_runs(_: Any, arguments: Any, samples: int, *, magnify: float, **__: Any) -> Iterator[Any]:
        for number in range(samples):
            made.append(magnify * moved[min(number, len(moved) - 1)])
            yield (lambda x, by=made[-1]: x + by), arguments

    monkeypatch.setattr(own_rounding, "perturbed_runs", perturbed_runs)
    monkeypatch.setattr(own_rounding, "_in_finer_precision", lambda *_: iter(()))
    comparisons = {"g": SimpleNamespace(tolerance=TOLERANCE)}
    seen = SimpleNamespace(
        outcome={"g": X}, reference={"g": X + difference}, noise={"g": np.zeros(2)}, comparisons=comparisons
    )
    explained = own_rounding.own_rounding(
        lambda x: x, lambda subject: lambda x: {"g": subject(x)}, (X,), ["g"], FLOAT64, seen
    )
    assert len(made) == runs
    assert bool(explained) == (runs > own_rounding.FEW)


@pytest.mark.parametrize(("finer", "is_explained"), [(2.0, True), (2.0 + 0.9e-10, False)])
def test_what_is_wrong_must_come_nearer_and_no_entry_beside_it(
    monkeypatch: pytest.MonkeyPatch, finer: float, is_explained: bool
) -> None:
    """Of entries that a reference did not measure it only repeats what the subject says, digits lost and all."""
    outcome, reference = np.array([2.0 + 1e-10, 1.0]), np.array([2.0, 1.0])
    seen = SimpleNamespace(
        outcome={"g": outcome},
        reference={"g": reference},
        noise={"g": np.zeros(2)},
        comparisons={"g": SimpleNamespace(tolerance=TOLERANCE, wrong=np.array([True, False]))},
    )
    monkeypatch.setattr(
        own_rounding, "_in_finer_precision", lambda *_: iter([{"g": np.array([finer, 1.0 + 1e-10], np.longdouble)}])
    )
    monkeypatch.setattr(own_rounding, "_moved_at_random", lambda *_: {})
    explained = own_rounding.own_rounding(lambda x: x, lambda subject: subject, (X,), ["g"], FLOAT64, seen)
    assert ("g" in explained) == is_explained
    assert not is_explained or explained["g"].by_digits
