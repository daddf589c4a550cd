"""What a call left behind as it is read: each name when it is asked for."""

import numpy as np

from crosscheck.recognise.replay import Result
from crosscheck.recognise.seeing import Seen, joined, seen


class Refusing(dict[str, float]):
    """Cannot be looked through."""

    def items(self) -> None:
        raise LookupError


def test_only_what_is_asked_for_is_looked_at() -> None:
    left = Seen({"loss": [0.5, 1.5], "cache": Refusing(x=1.0)}, {})
    np.testing.assert_array_equal(left["loss"], [0.5, 1.5])
    assert (list(left), len(left), "cache" in left, "other" in left) == (["loss", "cache"], 2, True, False)


def test_what_two_names_share_is_one_thing_however_late_it_is_asked_for() -> None:
    row = [1.0, 2.0]
    made: dict[int, object] = {}
    variables, arguments = Seen({"row": row}, made), Seen({"table": {"first": row}}, made)
    assert arguments["table"]["first"] is variables["row"] is seen(row, made)


def test_arguments_come_before_globals_of_the_same_name() -> None:
    result = Result(None, {}, {"w": [1.0]}, {"w": [2.0], "b": [3.0]})
    assert (result.left_at(("w", 0)), result.left_at(("b", 0))) == (1.0, 3.0)
    assert dict(joined(result.names, result.arguments)) == {"w": [1.0], "b": [3.0]}
