"""Forward and backward as two functions: judged through a random upstream gradient."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from crosscheck.cases import Case, Cases, Key, Regime
from crosscheck.contract import Outcome
from crosscheck.contract.failure import crash
from crosscheck.door import check
from crosscheck.errors import CrosscheckError
from crosscheck.places import place_of
from crosscheck.report import Report
from crosscheck.trees import flatten, rebuild

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def check_vjp(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    twin: Callable[..., Any],
    cases: Any,
    **arguments: Any,
) -> Report:
    """Decide whether `backward` is the vector-Jacobian product of `forward`.

    `forward(parameters, *data)` returns (outputs, cache); `backward(upstream, cache)` returns gradients arranged like
    the parameters; `twin(parameters, *data)` returns the same outputs, in JAX. Outputs are any tree of arrays. The
    upstream gradients are random and signed, never all ones: an all-ones one hides errors (for a softmax it makes the
    true gradient zero). `cases` and the other arguments are those of `check`.

    The loss of the report is Σ upstream · outputs.
    """
    if not hasattr(cases, "draw"):
        from crosscheck.strategies import like

        cases = like(tuple(cases))

    def subject(parameters: Any, upstream: Any, *data: Any) -> Outcome:
        outputs, cache = _two(forward(parameters, *data))
        loss = sum(
            float(np.sum(np.asarray(u, np.float64) * np.asarray(o, np.float64)))  # our sum, not to overflow in float16
            for (_, u), (_, o) in zip(flatten(upstream), flatten(outputs), strict=True)
        )
        return Outcome(loss, backward(upstream, cache))

    def paired(parameters: Any, upstream: Any, *data: Any) -> Any:
        outputs = twin(parameters, *data)
        products = ((u * o).sum() for (_, u), (_, o) in zip(flatten(upstream), flatten(outputs), strict=True))
        return sum(products)

    name = arguments.pop("name", None) or getattr(backward, "__name__", "backward")
    call = f"crosscheck.check_vjp({getattr(forward, '__name__', 'forward')}, {name}, twin, cases"
    report = check(subject, twin=paired, cases=WithUpstream(cases, forward), name=name, call=call, **arguments)
    return replace(report, place=place_of(backward))


class WithUpstream:
    """Cases with an upstream gradient for the outputs of a forward pass, as the first of the data."""

    def __init__(self, cases: Cases, forward: Callable[..., Any]) -> None:
        self._cases = cases
        self._forward = forward
        self.size_names: tuple[str, ...] = cases.size_names
        self.regimes: tuple[Regime, ...] = cases.regimes

    def draw(self, seed: int, index: int) -> Key:
        """Return the key of a case of the run `seed`."""
        return self._cases.draw(seed, index)

    def build(self, key: Key) -> Case:
        """Build the case; its upstream gradient is normal, of the outputs' shapes, and depends on the key alone."""
        key, (parameters, *data) = self._cases.build(key)
        try:
            outputs, _ = _two(self._forward(parameters, *data))
        except CrosscheckError:
            raise
        except Exception as problem:
            raise crash(problem, lambda: None) from problem
        random = np.random.default_rng([key.seed, *key.sizes])

        def upstream(output: Any) -> np.ndarray:
            output = np.asarray(output)
            return random.standard_normal(output.shape).astype(output.dtype)

        return Case(key, (parameters, rebuild(outputs, [upstream(leaf) for _, leaf in flatten(outputs)]), *data))

    def smaller(self, key: Key) -> Iterator[Key]:
        """Yield simpler keys."""
        return self._cases.smaller(key)

    def strategy(self) -> "SearchStrategy[Case]":
        """Return the same cases as a Hypothesis strategy."""
        return self._cases.strategy().map(lambda case: self.build(case.key))


def _two(returned: Any) -> tuple[Any, Any]:
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise CrosscheckError(
            f"The forward pass returned a {type(returned).__name__}, expected (outputs, cache): return both.",
            code="forward-returned",
        )
    return returned[0], returned[1]
