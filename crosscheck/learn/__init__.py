"""The course: derive gradients by hand, and be told which term is wrong.

crosscheck.learn.check("linear", linear_backward)     in a notebook; elsewhere there is `crosscheck learn`
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crosscheck.learn.notebook import check

__all__ = ["check"]


def __getattr__(name: str) -> Any:
    if name != "check":
        raise AttributeError(f"module 'crosscheck.learn' has no attribute {name!r}")
    from crosscheck.learn.notebook import check

    return check
