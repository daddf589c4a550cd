"""The choices of a training run, checked when they are made; a checkpoint keeps them."""

from dataclasses import dataclass, field

from manual.errors import InputError
from manual.indices import check_window
from manual.optimisers import by_name
from manual.options import check_count, check_positive
from manual.windows import Layout

CLIPS = ("value", "norm", "none")


@dataclass(frozen=True)
class Settings:
    """What decides a run, next to the text and the first parameters; the defaults are the gist's.

    Raises InputError for values that make no sense.
    """

    layout: Layout = field(default_factory=Layout)
    optimiser: str = "adagrad"
    learning_rate: float | None = None
    """None is the optimiser's own."""
    clip: str = "value"
    """'value', 'norm' or 'none'."""
    clip_bound: float = 5.0
    """Largest magnitude of an entry, or of the global norm."""
    truncation: int | None = None
    """The carry back through time is cut every so many steps; None is the full gradient of a window."""

    def __post_init__(self) -> None:
        by_name(self.optimiser, self.learning_rate)
        if self.clip not in CLIPS:
            raise InputError(f"clip is {self.clip!r}, expected one of {', '.join(map(repr, CLIPS))}.")
        check_positive("clipping bound", self.clip_bound, "to leave gradients as they are choose the clip none")
        check_window(self.truncation)


@dataclass(frozen=True)
class Sampling:
    """Write `length` symbols before the first step and before every `every`-th after it, as the gist does.

    The model starts from the first input of the window to come and from the hidden state there.
    """

    every: int = 100
    length: int = 200
    temperature: float = 1.0

    def __post_init__(self) -> None:
        check_count("number of steps between samples", self.every)
        check_count("length of the sample", self.length)
        check_positive("temperature", self.temperature, "1.0 is the model's own")
