"""How a training in lockstep ends when the two sides differ. Apart from the judge, so that catching it costs no JAX."""

from collections.abc import Mapping


class StepDiffersError(Exception):
    """A training step that differs. The state before it is the last one that both sides agree on."""

    def __init__(self, step: int, differences: Mapping[str, str]) -> None:
        super().__init__(f"step {step} differs in {', '.join(differences)}")
        self.step = step
        """Its number, counted from 1 at the very beginning of the run."""
        self.differences = differences
        """name of an array -> a sentence about its furthest entry"""
