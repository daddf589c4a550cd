"""Hand-written autograd engines: classes whose objects remember what they were computed from, judged by operation."""

from crosscheck.recognise.engines.units import Engines, engines_of

__all__ = ["Engines", "engines_of"]
