"""Shapes of arguments that nobody shows, found by running functions on arrays whose lengths are unknowns."""

from crosscheck.recognise.tracing.search import traced

__all__ = ["traced"]
