"""Declarations in test modules: `@crosscheck.gradients(...)` on a test, `crosscheck.register(...)` beside it."""

import functools
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crosscheck.errors import CrosscheckError
from crosscheck.testing.session import current

REGISTERED = "__crosscheck_registered__"
"""The name under which a module holds what was registered in it"""
DECLARED = "__crosscheck_gradient__"
"""The attribute by which a test is known to judge a gradient"""


@dataclass(frozen=True)
class Registered:
    """A gradient that is a test of its own."""

    name: str
    subject: Callable[..., Any] | None
    line: int
    """Where it was registered, counted from 1"""
    arguments: dict[str, Any] = field(default_factory=dict)


def gradients(**arguments: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a test judge a hand-written gradient; the arguments are those of `crosscheck.check`.

    The test returns the subject, and its own arguments are fixtures as always:

        @crosscheck.gradients(twin=loss_in_jax, cases=example)
        def test_attention():
            return attention_by_hand

    or it is the subject itself, if its arguments have the names of the twin's:

        @crosscheck.gradients(twin=loss_in_jax, cases=example)
        def test_square(parameters, x):
            return (x * parameters).sum() ** 2, 2 * (x * parameters).sum() * x

    Works on functions and methods, unittest's among them, and below `@given`. The test fails with the report.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        if is_subject(function, arguments.get("twin")):
            return _test_of(function, arguments)

        @functools.wraps(function)
        def test(*given: Any, **fixtures: Any) -> None:
            __tracebackhide__ = True
            subject = function(*given, **fixtures)
            if not callable(subject) and "pair" not in arguments:
                raise CrosscheckError(
                    f"{function.__name__} returned {type(subject).__name__}, expected the subject: return the function "
                    "whose gradients are to be judged, or give its arguments the names of the twin's.",
                    code="no-subject",
                )
            current().judge(subject, {"name": _name(function), **arguments} if subject else arguments)

        setattr(test, DECLARED, True)
        return test

    return decorate


def register(
    subject: Callable[..., Any] | None = None, *, name: str | None = None, **arguments: Any
) -> Callable[..., Any]:
    """Make a gradient a test of its own in the test module that calls this: `test_file.py::gradients.name`.

        crosscheck.register(attention_by_hand, twin=attention_in_jax, cases=example)

    or as a decorator of the subject, `@crosscheck.register(twin=..., cases=...)`. The arguments are those of
    `crosscheck.check`. Returns the subject. Raises CrosscheckError for a name that the module has registered already.
    """
    frame = sys._getframe(1)
    registered: dict[str, Registered] = frame.f_globals.setdefault(REGISTERED, {})
    line = frame.f_lineno

    def add(subject: Callable[..., Any]) -> Callable[..., Any]:
        pair = arguments.get("pair")
        chosen = name or (pair.name if pair else getattr(subject, "__name__", "subject"))
        if chosen in registered:
            raise CrosscheckError(
                f"Two gradients are registered as {chosen!r}: pass name=... to one of them.", code="name-taken"
            )
        own = arguments if pair else {"name": chosen, **arguments}
        registered[chosen] = Registered(chosen, None if pair else subject, line, own)
        return subject

    if subject is None and "pair" not in arguments:
        return add
    return add(subject or arguments["pair"].subject)


def is_subject(function: Callable[..., Any], twin: Callable[..., Any] | None) -> bool:
    """Tell whether a test is the subject itself: its arguments, `self` left out, are called as the twin's."""
    if twin is None:
        return False
    own, others = (list(inspect.signature(one).parameters) for one in (function, twin))
    return own[own[:1] == ["self"] :] == others


def _test_of(subject: Callable[..., Any], arguments: dict[str, Any]) -> Callable[..., Any]:
    """Return a test that judges `subject`; its signature is not the subject's, whose arguments are no fixtures."""

    def test(*instance: Any) -> None:
        __tracebackhide__ = True
        bound = functools.partial(subject, *instance) if instance else subject
        current().judge(bound, {"name": _name(subject), **arguments})

    for name in functools.WRAPPER_ASSIGNMENTS:
        setattr(test, name, getattr(subject, name))
    vars(test).update(vars(subject))  # marks; but not __wrapped__, by which pytest would find the subject's arguments
    setattr(test, DECLARED, True)
    return test


def _name(function: Callable[..., Any]) -> str:
    return function.__name__.removeprefix("test_")
