"""Steps beside the memories of many other parameters of their shape."""

import numpy as np
import pytest

from crosscheck.recognise import right_rules
from crosscheck.recognise.right_rules import follows
from crosscheck.recognise.rules import Step, within

LAYERS = 30
MOST = 1000
"""Rules that are tried of one step, where each pair of all memories would make hundreds of thousands"""


def _adam(random: np.random.Generator) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]], np.ndarray]:
    g, m, v = random.normal(size=12) * 0.3, random.normal(size=12), random.random(12) + 0.1
    m_new, v_new = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    return g, [(m, m_new), (v, v_new)], -0.01 * m_new / (np.sqrt(v_new) + 1e-8)


@pytest.mark.parametrize("is_right", [True, False])
def test_those_are_tried_that_have_taken_in_its_gradient(is_right: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(4)
    others = [pair for _ in range(LAYERS) for pair in _adam(random)[1]]
    gradient, own, change = _adam(random)
    tried: list[int] = []
    rule = right_rules.is_right

    def counted(*arguments: object) -> bool:
        tried.append(1)
        return rule(*arguments)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(right_rules, "is_right", counted)
    change = change if is_right else change * np.abs(gradient)
    step = within(Step(gradient, change, [], random.normal(size=12), spare=[*others[:20], *own, *others[20:]]))
    assert follows(step, [0.9, 0.999, 0.01, 1e-8], [1.0]) is is_right
    assert len(tried) < MOST


def test_the_largest_that_a_memory_has_been_is_tried_as_well() -> None:
    random = np.random.default_rng(5)
    others = [pair for _ in range(LAYERS) for pair in _adam(random)[1]]
    gradient, ((m, m_new), (v, v_new)), _ = _adam(random)
    largest = random.random(12) + 0.1
    kept = largest, np.maximum(largest, v_new)
    step = Step(gradient, -0.01 * m_new / (np.sqrt(kept[1]) + 1e-8), [], random.normal(size=12))
    spare = [*others, (m, m_new), (v, v_new), kept]
    assert follows(within(step._replace(spare=spare)), [0.9, 0.999, 0.01, 1e-8], [1.0])
