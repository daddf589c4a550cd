"""The exception that means: the user can mend this."""


class CrosscheckError(Exception):
    """Nothing could be judged. The message is one sentence that says why and how to mend it; the command line exits 2.

    >>> CrosscheckError("There is no file x.py: check the name.", code="no-such-file").code
    'no-such-file'
    """

    def __init__(self, message: str, *, code: str = "bad-input") -> None:
        super().__init__(message)
        self.code = code
        """A stable name for the kind of error, for reports and for `crosscheck explain`."""
