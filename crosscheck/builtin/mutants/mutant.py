"""A mutant: the original with a line or two changed, what is wrong with it, and what it must be killed by."""

import linecache
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from crosscheck.builtin import character_rnn
from crosscheck.pair import Pair

ORIGINAL = Path(__file__).with_name("original.py")


class Mutant(NamedTuple):
    """A backward pass, a clip or an update that is deliberately wrong; or, in odd.py, right and odd to look at."""

    name: str
    kind: int
    """A number of KINDS (kinds.py); 0 for none."""
    meaning: str
    """What it does, in a sentence."""
    edits: Mapping[str, str]
    """Fragments of original.py, each found there exactly once, and what stands in their place."""
    code: str = "gradient-differs"
    """The finding, or the error, that it must be killed by."""
    rule: str | None = None
    """The clip or the optimiser that is changed; None where it is the backward pass."""

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return all functions of the changed file, by name."""
        source = ORIGINAL.read_text(encoding="utf-8")
        for fragment, replacement in self.edits.items():
            if source.count(fragment) != 1:
                raise ValueError(
                    f"{self.name}: original.py holds {fragment!r} {source.count(fragment)} times, not once"
                )
            source = source.replace(fragment, replacement)
        file = f"<mutant {self.name}>"
        linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file  # for tracebacks
        namespace: dict[str, Any] = {"__name__": f"mutant {self.name}"}
        exec(compile(source, file, "exec"), namespace)  # noqa: S102 (the source is ours)
        return namespace

    def pair(self) -> Pair:
        """Return the mutant beside the twin that tells it from the original; a new one, which remembers nothing."""
        functions, whole = self.functions(), character_rnn.pair()
        return replace(
            whole,
            name=self.name,
            subject=functions["loss_and_gradients"],
            # All of them, though one is changed: one compiled twin then serves the mutants of every rule.
            rules=tuple(rule._replace(subject=functions[rule.name]) for rule in whole.rules) if self.rule else (),
            probes=None,
            stacked_subject=None,
        )
