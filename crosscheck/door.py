"""The library's door: `check` a subject against its twin, or `assert_agree` in a test."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count, islice
from typing import Any

from crosscheck.cases import Key
from crosscheck.errors import CrosscheckError
from crosscheck.pair import Pair
from crosscheck.places import place_of
from crosscheck.report import Report
from crosscheck.reports.pictures import Pictures
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
    regimes: Sequence[str] = (),
    budget: float | None = None,
    handlers: Sequence[Handler] = (),
    pictures: bool = False,
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
    `regimes` names those that cases are drawn from, all where it is empty. After `budget` seconds no further cases are
    drawn; what was cut is reported, and counts as not judged. `handlers` receive the events of the run. `pictures` asks
    for what a page shows in pictures (crosscheck.reports.page): the report's JSON holds it then.

    Returns a Report, also where nothing could be judged (its verdict is then ERROR); raises CrosscheckError only for
    arguments of its own that make no sense.
    """
    __tracebackhide__ = True
    if pair is None:
        pair = _pair(subject, twin, cases, name, details)
    if examples is None:
        examples = EXAMPLES if pair.twin else EXAMPLES_WITHOUT_TWIN
    if examples < 1:
        raise CrosscheckError(f"examples is {examples}, expected at least 1.", code="bad-examples")
    if budget is not None and not budget > 0:
        raise CrosscheckError(f"budget is {budget}, expected seconds above 0.", code="bad-budget")
    keys = [Key.parse(only)] if only else list(islice(_keys(pair.cases, seed, regimes), examples))
    shrink = only is None and oracle is None
    collector = Pictures() if pictures else None
    every = [*handlers, *([collector] if collector else [])]
    report = Run(pair, seed, keys, every, oracle, time_limit, shrink=shrink, budget=budget).report()
    return replace(report, place=place_of(pair.subject), pictures=collector)


def assert_agree(subject: Callable[..., Any] | None = None, **arguments: Any) -> Report:
    """Check, and raise Disagreement with the report as its message unless the verdict is AGREE.

    The arguments are those of `check`. In a test run by pytest, its settings hold (crosscheck.testing).
    """
    __tracebackhide__ = True
    from crosscheck.testing.session import current

    return current().judge(subject, arguments)


def _keys(cases: Any, seed: int, regimes: Sequence[str]) -> Iterator[Key]:
    """Draw cases, of some regimes only where these are named."""
    __tracebackhide__ = True
    offered = [regime.name for regime in cases.regimes]
    if unknown := [name for name in regimes if name not in offered]:
        raise CrosscheckError(
            f"There is no regime {unknown[0]!r} among these cases: they have {', '.join(offered)}.",
            code="unknown-regime",
        )
    keys = (cases.draw(seed, index) for index in count())
    return (key for key in keys if not regimes or key.regime in regimes)


def _pair(subject: Any, twin: Any, cases: Any, name: str | None, details: Mapping[str, Any]) -> Pair:
    __tracebackhide__ = True
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
