"""What does the work of processes and threads one piece after another, in place of them."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

from crosscheck.recognise.datasets import Known


class Done:
    """A piece of work that is done: what `Executor.submit` and `Pool.apply_async` return."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def result(self, *_: Any, **__: Any) -> Any:
        """Return what came of it."""
        return self.value

    get = result

    def ready(self) -> bool:
        """Return that it is done."""
        return True

    done = successful = ready

    def wait(self, *_: Any) -> None:
        """Do nothing."""


class Workers:
    """What stands for a pool of processes or threads.

    >>> Workers(4).map(abs, [-1, 2]), Workers().apply_async(max, (1, 2)).get()
    ([1, 2], 2)
    """

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def map(self, function: Callable[..., Any], *many: Any, **_: Any) -> list[Any]:
        """Return what a function makes of each of many things; a number behind these says how many at once."""
        return [function(*given) for given in zip(*(one for one in many if isinstance(one, Iterable)), strict=False)]

    def imap(self, function: Callable[..., Any], *many: Any, **_: Any) -> Iterator[Any]:
        """Return the same, one after another."""
        return iter(self.map(function, *many))

    imap_unordered = imap

    def starmap(self, function: Callable[..., Any], many: Iterable[Iterable[Any]], *_: Any, **__: Any) -> list[Any]:
        """Return what a function makes of each of many lists of arguments."""
        return list(itertools.starmap(function, many))

    def apply(self, function: Callable[..., Any], given: Any = (), named: Any = None) -> Any:
        """Return what a function makes of its arguments."""
        return function(*given, **(named or {}))

    def apply_async(self, function: Callable[..., Any], given: Any = (), named: Any = None, **_: Any) -> Done:
        """Return the same, done."""
        return Done(self.apply(function, given, named))

    def map_async(self, function: Callable[..., Any], many: Iterable[Any], *_: Any, **__: Any) -> Done:
        """Return what a function makes of each of many things, done."""
        return Done(self.map(function, many))

    def submit(self, function: Callable[..., Any], *given: Any, **named: Any) -> Done:
        """Return what a function makes of its arguments, done."""
        return Done(function(*given, **named))

    def close(self, *_: Any, **__: Any) -> None:
        """Do nothing."""

    join = terminate = shutdown = close

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


def _as_completed(done: Iterable[Done], *_: Any, **__: Any) -> Iterator[Done]:
    return iter(done)


def libraries() -> dict[str, Known]:
    """Return the libraries that share work out, by name."""
    pools = {"Pool": Workers, "ThreadPool": Workers, "cpu_count": lambda: 1}
    pools |= {"pool": Known("pool", dict(pools)), "dummy": Known("dummy", dict(pools))}
    executors = {"ProcessPoolExecutor": Workers, "ThreadPoolExecutor": Workers, "as_completed": _as_completed}
    return {
        "multiprocessing": Known("multiprocessing", pools),
        "concurrent": Known("concurrent", {"futures": Known("futures", executors)}),
    }
