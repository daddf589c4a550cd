"""One loss with a right backward pass by hand: what the figures on false alarms and power are counted over."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """`crosscheck.check(entry.by_hand, twin=entry.loss, cases=entry.example)` must agree."""

    name: str
    loss: Callable[..., Any]
    """In JAX, (parameters, *data) -> loss"""
    by_hand: Callable[..., Any]
    """In NumPy, (parameters, *data) -> (loss, gradients), in the dtype of its parameters"""
    example: tuple[Any, ...]
    vary: Any = True
    """Which lengths of the example vary (crosscheck.strategies.like)"""
