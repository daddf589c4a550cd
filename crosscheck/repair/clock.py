"""How much time a search has taken, on a machine that others may be using too."""

import time

CROWDED = 3.0
"""How much longer by the clock on the wall a search may last than by its own work, on a busy machine"""


class Clock:
    """Counts seconds of work of this process; waiting counts for a third."""

    def __init__(self) -> None:
        self._wall, self._own = time.monotonic(), time.process_time()

    @property
    def spent(self) -> float:
        """Seconds since the clock was made."""
        return max(time.process_time() - self._own, (time.monotonic() - self._wall) / CROWDED)
