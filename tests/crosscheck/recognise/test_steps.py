"""What a step may be multiplied by."""

import ast

from crosscheck.recognise.steps import rates

UPDATES = """
W = 2 * random.random((3, 4))
for layer in range(4):
    W[layer] += 0.5 * speed * out[layer - 1].T.dot(delta[layer])
"""


def test_indices_and_factors_of_first_values_are_no_rates() -> None:
    found = list(rates(ast.parse(UPDATES), [("layer", 3.0), ("speed", 0.25)]))
    assert sorted(found) == [0.25, 0.5, 1.0]
