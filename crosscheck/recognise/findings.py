"""What is found in a file: its units, and what looked like a gradient and could not be judged."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from crosscheck.recognise import naming
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.world import World


class Skipped(NamedTuple):
    """A function that looks like a gradient and could not be judged."""

    function: str
    reason: str
    line: int


@dataclass
class Recognition:
    """What was found in a file."""

    units: list[Unit] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    world: World | None = None
    is_explained: bool = False
    """Whether a whole is wrong and one of its parts as well: no other sizes are needed for what the parts leave"""

    def never_called(self, functions: Mapping[str, ast.FunctionDef]) -> set[str]:
        """Return which functions are gradients by their names, and are used by nothing that was executed."""
        called = {} if self.world is None else self.world.hooks.entries
        return {name for name, node in functions.items() if naming.BACKWARD.search(node.name) and not called.get(name)}


NEVER_CALLED = "nothing in the file calls it, and no arguments were found with which it runs"
STUMBLES = "called as in the file, it does not return"
"""Why a call was made up beside one that the file makes"""
NO_LOSS = "no loss was found that its gradients could be held against"
