"""The library's door: `check` a subject against its twin, or `assert_agree` in a test."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crosscheck.cases import Key
from crosscheck.errors import CrosscheckError
from crosscheck.pair import Pair
from crosscheck.report import Report
from crosscheck.run import Handler, Run

EXAMPLES, EXAMPLES_WITHOUT_TWIN = 200, 40


def check(
    subject: Callable[..., Any] | None = None,
    *,
    twin: Callable[..., Any] | None = None,
    cases: Any = None,
    pair: Pair | None = None,
    name: str | None = None,
    seed: int = 0,
    examples: int | None = None,
    only: str | None = None,
    oracle: Any = None,
    time_limit: float | None = 60.0,
    handlers: Sequence[Handler] = (),
    **details: Any,
) -> Report:
    """Decide whether a hand-written gradient is right.

    `subject(parameters, *data)` returns (loss, gradients) or an Outcome; `twin(parameters, *data)` returns the same
    loss, in JAX; `cases` is a Cases object (crosscheck.strategies), or one example of the arguments as a tuple.
    Without a twin the subject's own loss is differentiated numerically, which takes longer and cannot tell whether it
    is the loss that was meant. `examples` are 200, without a twin 40. `details` are further fields of Pair (rules,
    probes, padding). `only` judges the single case of that key. `oracle` is one made before (`oracle_for`), to be
    shared by many subjects of one twin: failing cases are then not made smaller, and no second opinion is asked for.
    `time_limit` is how many seconds one call of the subject may take (in the main thread of systems with SIGALRM).

    Returns a Report, also where nothing could be judged (its verdict is then ERROR); raises CrosscheckError only for
    arguments of its own that make no sense.
    """
    if pair is None:
        pair = _pair(subject, twin, cases, name, details)
    if examples is None:
        examples = EXAMPLES if pair.twin else EXAMPLES_WITHOUT_TWIN
    if examples < 1:
        raise CrosscheckError(f"examples is {examples}, expected at least 1.", code="bad-examples")
    keys = [Key.parse(only)] if only else [pair.cases.draw(seed, index) for index in range(examples)]
    return Run(pair, seed, keys, handlers, oracle, time_limit, shrink=only is None and oracle is None).report()


def assert_agree(subject: Callable[..., Any] | None = None, **arguments: Any) -> Report:
    """Check, and raise Disagreement with the report as its message unless the verdict is AGREE."""
    report = check(subject, **arguments)
    report.raise_for_verdict()
    return report


def _pair(subject: Any, twin: Any, cases: Any, name: str | None, details: Mapping[str, Any]) -> Pair:
    if not callable(subject):
        raise CrosscheckError(f"The subject is {subject!r}, expected a function.", code="subject-not-callable")
    if twin is not None and not callable(twin):
        raise CrosscheckError(f"The twin is {twin!r}, expected a JAX function.", code="twin-not-callable")
    if cases is None:
        raise CrosscheckError(
            "There are no cases: pass cases=(parameters, *data), one example of the arguments, or a strategy.",
            code="no-cases",
        )
    if not hasattr(cases, "draw"):
        from crosscheck.strategies import like

        cases = like(tuple(cases))
    return Pair(name or getattr(subject, "__name__", "subject"), subject, twin, cases, **details)
