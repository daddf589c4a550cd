"""What the exit code of every command says."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes. Only a verdict exits with 0, 1 or 3: a script may trust them."""

    AGREE = 0
    DISAGREE = 1
    NOT_RUN = 2
    """Bad usage or bad input; what to do stands on standard error."""
    INCONCLUSIVE = 3
    BUG = 70
    """A bug of ours, with its traceback. EX_SOFTWARE of BSD's sysexits."""
    INTERRUPTED = 130
    """Ctrl-C, after what had been found was printed. 128 + SIGINT, as shells count."""
    UNREAD = 141
    """Whoever read the results went away (`crosscheck | head`). 128 + SIGPIPE: quiet, and not a verdict."""
