"""The command line, `crosscheck` or `python -m crosscheck`: results on standard output, progress on standard error."""

from crosscheck.cli.entry import main

__all__ = ["main"]
