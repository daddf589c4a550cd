"""The command line: `crosscheck`, also `python -m crosscheck`. Results go to standard output, progress to standard error."""

from crosscheck.cli.main import main

__all__ = ["main"]
