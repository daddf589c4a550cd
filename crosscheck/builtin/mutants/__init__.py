"""Wrong backward passes of the character RNN, and right ones that look wrong: what the judge itself is judged by."""

from crosscheck.builtin.mutants import accumulation, narrow, protocol, recurrence, updates
from crosscheck.builtin.mutants.killing import Bench, Trial
from crosscheck.builtin.mutants.mutant import Mutant
from crosscheck.builtin.mutants.narrow import WITNESSES
from crosscheck.builtin.mutants.odd import VARIANTS

CATALOGUE = (
    *recurrence.MUTANTS,
    *accumulation.MUTANTS,
    *protocol.MUTANTS,
    *narrow.MUTANTS,
    *updates.MUTANTS,
)

__all__ = ["CATALOGUE", "VARIANTS", "WITNESSES", "Bench", "Mutant", "Trial"]
