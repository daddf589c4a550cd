"""Where cases come from.

`rnn(...)` makes cases for recurrent networks in regimes that expose known kinds of bugs; `like(example)` makes them for
anything, from one example of its arguments.
"""

from crosscheck.strategies.like import like
from crosscheck.strategies.rnn import rnn

__all__ = ["like", "rnn"]
