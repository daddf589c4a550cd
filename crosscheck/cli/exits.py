"""What the exit code of every command says."""

from enum import IntEnum

from crosscheck.verdicts import Verdict


class Exit(IntEnum):
    """Exit codes. 1 and 3 are verdicts and nothing else; so is 0, for every command that judges."""

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

    @classmethod
    def of(cls, verdict: Verdict | None) -> "Exit":
        """Return the exit code of a verdict; of a command that judges nothing, 0 for done."""
        return cls.AGREE if verdict is None else _OF_VERDICT[verdict]


_OF_VERDICT = {
    Verdict.AGREE: Exit.AGREE,
    Verdict.DISAGREE: Exit.DISAGREE,
    Verdict.ERROR: Exit.NOT_RUN,
    Verdict.INCONCLUSIVE: Exit.INCONCLUSIVE,
}
