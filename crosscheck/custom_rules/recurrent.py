"""Shapes of recurrent layers and cells, by what their weights are called: `x, h, weight_ih, weight_hh, bias`."""

import itertools
import re
from collections.abc import Iterator, Sequence

STEPS, BATCH, FEATURES, HIDDEN, WORDS, OUTPUTS = 3, 2, 4, 5, 7, 6
GATES = (1, 4, 3)
"""How many matrices lie below one another: one, those of an LSTM, those of a GRU"""
W = r"(?:w|weights?|kernel)"
RECURRENT = re.compile(rf"^{W}_?(?:h2?h|rec|recurrent)$|^recurrent_(?:{W}|kernel)$|^w_?h$", re.IGNORECASE)
INPUT = re.compile(rf"^{W}_?(?:ih|hi|xh|hx|x2h|i2h|x|i|in|input)$|^input_{W}$|^w_?x$", re.IGNORECASE)
OUTPUT = re.compile(rf"^{W}_?(?:hy|yh|ho|oh|h2o|y|o|out|output)$|^output_{W}$", re.IGNORECASE)
BIAS_OF_OUTPUT = re.compile(r"^(?:b|bias)_?(?:y|o|out|output|hy|ho)$", re.IGNORECASE)
BIAS = re.compile(r"^(?:b|bias)(?:_?(?:h|hh|ih|xh|x|i|hidden|rec))?$", re.IGNORECASE)
TABLE = re.compile(rf"^(?:emb\w*|(?:{W}_)?(?:emb\w*)|{W}_?e)$", re.IGNORECASE)
TOKENS = re.compile(r"^(?:(?:token|input|word|char)_?(?:ids|indices|idx)|ids|tokens|indices|words)$", re.IGNORECASE)
SEQUENCE = re.compile(r"^(?:x|xs|x_?t|x_?seq|inputs?|inp|seq(?:uence)?s?)$", re.IGNORECASE)
STATE = re.compile(
    r"^(?:[hc](?:x|s|0|_0|_?prev(?:ious)?|_?t)?|(?:prev_|initial_|init_)?(?:hidden|state|cell)\w*)$", re.I
)
ORDERS = ((BATCH, STEPS), (STEPS, BATCH), (STEPS,), (BATCH,), ())
"""What the axes before the features may be: of a sequence of batches either way, of one, of a cell"""


def shapes_of_recurrent(names: Sequence[str]) -> Iterator[dict[str, tuple[int, ...]]]:
    """Yield shapes for the arrays of a recurrent layer, by name; none where one of them is not known by its name.

    Matrices stand on the left of what they multiply or on the right, and hold those of several gates perhaps.

    >>> next(shapes_of_recurrent(["token_ids", "embedding_weight", "weight_ih", "weight_hh", "bias_h"]))
    {'token_ids': (2, 3), 'embedding_weight': (7, 4), 'weight_ih': (5, 4), 'weight_hh': (5, 5), 'bias_h': (5,)}
    >>> list(shapes_of_recurrent(["x", "gamma", "w_hh"])), list(shapes_of_recurrent(["x", "weight", "bias"]))
    ([], [])
    """
    if not any(map(RECURRENT.match, names)):
        return
    for gates, order, is_left in itertools.product(GATES, ORDERS, (True, False)):
        found = {name: _shape(name, gates, order, is_left=is_left) for name in names}
        known = {name: shape for name, shape in found.items() if shape is not None}
        if len(known) == len(names):
            yield known


def _shape(name: str, gates: int, order: tuple[int, ...], *, is_left: bool) -> tuple[int, ...] | None:
    if SEQUENCE.match(name):
        return (*order, FEATURES)
    if TOKENS.match(name):
        return order
    if TABLE.match(name):
        return (WORDS, FEATURES)
    if BIAS_OF_OUTPUT.match(name):
        return (OUTPUTS,)
    if BIAS.match(name):
        return (gates * HIDDEN,)
    if STATE.match(name):
        return (*(length for length in order if length != STEPS), HIDDEN)
    for pattern, columns, rows in ((RECURRENT, HIDDEN, gates * HIDDEN), (INPUT, FEATURES, gates * HIDDEN),
                                   (OUTPUT, HIDDEN, OUTPUTS)):  # fmt: skip
        if pattern.match(name):
            return (rows, columns) if is_left else (columns, rows)
    return None
