"""What the user may choose about the check of a file; it travels to the child as JSON."""

from dataclasses import asdict, dataclass
from typing import Any

ALLOWABLE = ("writes", "sockets", "processes")


@dataclass(frozen=True)
class Options:
    """How one file is checked."""

    functions: tuple[str, ...] = ()
    """Only these, by name ("lossFun", "RNN.bptt"); all that look like a gradient where none is named."""
    seed: int = 0
    examples: int | None = None
    """Cases for each unit; None leaves it to the judge."""
    budget: float | None = None
    """Seconds for the whole file; None for as long as it takes, within the limits."""
    skip_unrecognised: bool = False
    repair: bool = True
    allow: tuple[str, ...] = ()
    """Of `writes`, `sockets`, `processes`: what the code may do beside computing."""
    call: dict[str, Any] | None = None
    """A call of one of the functions, where somebody knows how to make it (crosscheck.recognise.example_call)"""
    pictures: bool = False
    """Whether the report holds what a page shows in pictures (crosscheck.reports.pictures)"""

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "Options":
        """Build options from JSON, where tuples have become lists."""
        values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}
        return cls(**values)


@dataclass(frozen=True)
class Limits:
    """What the child may use up."""

    seconds: float = 120.0
    """Of a CPU, in all: ten times what repairing a program of the gist's size takes."""
    clock: float = 1200.0
    """On the clock, in all: where other work takes the CPUs, a check is slow and does not hang."""
    idle: float = 60.0
    """Without saying anything."""
    memory: int = 4 << 30
    """Bytes of address space; half of it is what NumPy and its threads reserve without using it."""
    output: int = 100_000_000
    """Bytes on standard output and standard error together: a print in every step of every case stays below."""
