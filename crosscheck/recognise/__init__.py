"""Finding what has a gradient in someone's file, and how to call it. Their module is executed as far as that needs."""

from crosscheck.recognise.findings import Recognition, Skipped
from crosscheck.recognise.recognition import recognise, units_like
from crosscheck.recognise.unit import Unit

__all__ = ["Recognition", "Skipped", "Unit", "recognise", "units_like"]
