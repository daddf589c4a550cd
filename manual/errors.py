"""The one exception that means: what was passed in is wrong, not the code."""


class InputError(ValueError):
    """Bad input. The message is one sentence that says what is wrong and how to mend it."""
