"""Random problems for the tests of the recurrent network, rebuilt exactly from a few small integers."""

from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from manual.parameters import Parameters

# The largest entry of a gradient times this is the most by which two correct evaluations in longdouble may differ. On
# x86 it is float64's epsilon: rounding in longdouble stays 2,000 times below it, a wrong formula far above it.
WIDE_TOLERANCE = 2.0**11 * np.finfo(np.longdouble).eps


class Case(NamedTuple):
    """What `loss_and_gradients` takes, in its order."""

    parameters: Parameters
    inputs: np.ndarray
    targets: np.ndarray
    initial_state: np.ndarray

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        return (*self.parameters, self.inputs, self.targets, self.initial_state)

    def astype(self, dtype: Any) -> "Case":
        parameters = Parameters(*(array.astype(dtype) for array in self.parameters))
        return self._replace(parameters=parameters, initial_state=self.initial_state.astype(dtype))

    def sequence(self, b: int) -> "Case":
        """Sequence `b` of a batch, alone."""
        return Case(self.parameters, self.inputs[:, b], self.targets[:, b], self.initial_state[b])


def build(
    V: int, H: int, T: int, B: int | None = None, *, models=(), scale=1.0, dtype: Any = np.float64, seed=17
) -> Case:
    """Weights are normal times `scale`, Whh and Why divided by √H so that large sizes are not chaotic."""
    random = np.random.default_rng(seed)
    batch = () if B is None else (B,)

    def normal(*shape: int, size: float = scale) -> np.ndarray:
        return (size * random.standard_normal((*models, *shape))).astype(dtype)

    parameters = Parameters(
        Wxh=normal(H, V),
        Whh=normal(H, H, size=scale / np.sqrt(H)),
        Why=normal(V, H, size=scale / np.sqrt(H)),
        bh=normal(H),
        by=normal(V),
    )
    inputs, targets = random.integers(0, V, (2, *models, T, *batch))
    return Case(parameters, inputs, targets, np.tanh(normal(*batch, H)))


BATCHES = st.sampled_from([None, 1, 3])


@st.composite
def cases(draw, *, batches=BATCHES, dtype: Any = np.longdouble, models=()) -> Case:
    """Sizes are pairwise different, so that a transposed or exchanged axis cannot hide, but for the edges of size 1."""
    V, H, T = draw(st.permutations([1, 2, 5, 7, 11]))[:3]
    scale = draw(st.sampled_from([0.001, 0.1, 1.0, 2.0]))
    seed = draw(st.integers(0, 2**16))
    return build(V, H, T, draw(batches), models=models, scale=scale, dtype=dtype, seed=seed)


def windows() -> st.SearchStrategy[int | None]:
    return st.sampled_from([None, 1, 2, 3, 100])
