"""The registry: every built-in pair of a hand-written backward pass and its twin, by name.

One line here gives a model its properties, regimes, campaign, benchmark and report.
"""

from collections.abc import Callable

from crosscheck.builtin import character_rnn
from crosscheck.errors import CrosscheckError
from crosscheck.pair import Pair

PAIRS: dict[str, Callable[..., Pair]] = {
    "rnn": character_rnn.pair,
}


def by_name(name: str) -> Pair:
    """Return a built-in pair. Raises CrosscheckError with the names there are."""
    if name not in PAIRS:
        raise CrosscheckError(f"There is no pair {name!r}: choose one of {', '.join(PAIRS)}.", code="unknown-pair")
    return PAIRS[name]()
