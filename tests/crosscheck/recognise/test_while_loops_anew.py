"""While loops turn anew in each call of a function, episodes among them; layers are called by numbers."""

from collections.abc import Callable

import pytest

from crosscheck.recognise.hooks import Hooks
from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]


def test_later_episodes_have_steps_as_well() -> None:
    hooks = Hooks(seconds=5.0)
    hooks.recording = True

    def episode() -> int:
        hooks.enter(episode.__qualname__, {})
        steps = 0
        while hooks.again(7, is_training=True):
            steps += 1
        return steps

    assert episode() == episode() > 0


NUMBERED = """
import numpy as np
def layer_fwd(p, l, x):
    h = np.tanh(x @ p[f"W{l}"] + p[f"b{l}"])
    return h, (x, h)
def layer_bwd(p, l, dout, cache):
    x, h = cache
    dz = dout * (1 - h{power})
    grads = {f"W{l}": x.T @ dz, f"b{l}": dz.sum(0)}
    return dz @ p[f"W{l}"].T, grads
"""


@pytest.mark.parametrize(("power", "expected"), [(" ** 2", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_the_number_of_a_layer_is_a_number(power: str, expected: Verdict, judged: Judged) -> None:
    assert judged(NUMBERED.replace("{power}", power)) == ({expected}, [])
