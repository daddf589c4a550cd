"""What a thread prints while it is listened to; what other threads print goes where it always does.

`contextlib.redirect_stdout` is for one thread: of two that redirect at the same time, the one that ends last leaves
standard output redirected for good.
"""

import contextlib
import sys
import threading
from collections.abc import Iterator
from typing import Any


class _Listener:
    """Stands in for standard output: keeps what the threads listened to write, and passes on the rest."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self.kept: dict[int, list[str]] = {}

    def write(self, text: str) -> int:
        kept = self.kept.get(threading.get_ident())
        if kept is None:
            return self.out.write(text)
        kept.append(text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.out, name)


_lock = threading.Lock()


@contextlib.contextmanager
def overheard() -> Iterator[list[str]]:
    """Keep what this thread prints from standard output, and hand it over piece by piece in a list."""
    printed: list[str] = []
    thread = threading.get_ident()
    with _lock:
        listener = sys.stdout if isinstance(sys.stdout, _Listener) else _Listener(sys.stdout)
        sys.stdout = listener
        before = listener.kept.get(thread)
        listener.kept[thread] = printed
    try:
        yield printed
    finally:
        with _lock:
            if before is None:
                del listener.kept[thread]
            else:
                listener.kept[thread] = before
            if not listener.kept and sys.stdout is listener:
                sys.stdout = listener.out
