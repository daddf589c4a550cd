"""`python -m crosscheck`: the command line."""

import sys
from pathlib import Path

# `python -m` puts the current folder first on the path, where a stranger's manual/ or autodiff/ would shadow ours.
_home = Path(__file__).resolve().parent.parent
if not sys.flags.safe_path and Path(sys.path[0]).resolve() != _home:
    del sys.path[0]

from crosscheck.cli import main  # noqa: E402 (the path must be in order before anything else is imported)

if __name__ == "__main__":
    main()
