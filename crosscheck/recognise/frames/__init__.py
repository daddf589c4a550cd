"""Tables, their columns and rows in place of those of pandas: they bear being asked for what these have."""

from crosscheck.recognise.frames.column import Column
from crosscheck.recognise.frames.functions import functions
from crosscheck.recognise.frames.names import LABELS, MadeUp, Told, named, told_by, unnamed
from crosscheck.recognise.frames.table import Table

__all__ = ["LABELS", "Column", "MadeUp", "Table", "Told", "functions", "named", "told_by", "unnamed"]
