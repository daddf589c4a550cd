"""The catalogue of mutants before other gradient checkers, each at its defaults.

    python -m pytest tests/benchmarks/test_rivals.py -s

prints one table: of how many mutants each tool says that they are wrong, and how often it says so of right code.
A setting is one problem: a tool that looks at one point sees what that point shows. Seen from there, clips, optimisers
and most breaches of the contract cannot be wrong at all; they count as survivors, because they reach the user. A mutant
that makes the tool or itself raise counts as killed.
"""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from crosscheck.builtin.mutants import CATALOGUE, Bench, Mutant
from crosscheck.builtin.mutants.odd import VARIANTS
from crosscheck.door import check
from crosscheck.verdicts import Verdict
from manual.parameters import Parameters

SEEDS = range(5)
NO_RULES = [mutant for mutant in CATALOGUE if mutant.rule is None]


class Problem(NamedTuple):
    floats: tuple[np.ndarray, ...]
    """The five parameters and the initial state: what a gradient is asked for."""
    inputs: np.ndarray
    targets: np.ndarray

    def evaluate(self, subject: Callable[..., Any], floats: tuple[np.ndarray, ...]) -> tuple[float, list[np.ndarray]]:
        outcome = subject(Parameters(*floats[:5]), self.inputs, self.targets, floats[5])
        return float(np.asarray(outcome.loss).reshape(())), [*outcome.gradients, outcome.inputs["initial_state"]]


def tiny(seed: int) -> Problem:
    """As training starts: weights of 0.01, biases and state zero, 25 steps."""
    return _problem(seed, V=5, H=6, T=25, scale=0.01, rest=0.0)


def ordinary(seed: int) -> Problem:
    """As a careful tester draws it: everything of 0.5, 8 steps."""
    return _problem(seed, V=5, H=6, T=8, scale=0.5, rest=0.5)


def _problem(seed: int, V: int, H: int, T: int, scale: float, rest: float) -> Problem:
    random = np.random.default_rng(seed)
    shapes = {(H, V): scale, (H, H): scale, (V, H): scale}
    weights = [size * random.standard_normal(shape) for shape, size in shapes.items()]
    vectors = [rest * random.standard_normal(size) for size in (H, V, H)]
    inputs, targets = random.integers(0, V, (2, T))
    return Problem((*weights, *vectors), inputs, targets)


SETTINGS = {"A: scale 0.01, T = 25": tiny, "B: scale 0.5, T = 8": ordinary}


# Each rival returns whether it accepts the subject's gradient.


def torch_gradcheck(subject: Callable[..., Any], problem: Problem, *, fast_mode: bool) -> bool:
    import torch

    class Loss(torch.autograd.Function):
        @staticmethod
        def forward(ctx, *tensors):
            loss, gradients = problem.evaluate(subject, tuple(tensor.detach().numpy() for tensor in tensors))
            ctx.save_for_backward(*(torch.from_numpy(np.array(gradient)) for gradient in gradients))
            return torch.tensor(loss, dtype=torch.float64)

        @staticmethod
        def backward(ctx, upstream):
            return tuple(upstream * gradient for gradient in ctx.saved_tensors)

    torch.manual_seed(0)
    tensors = [torch.from_numpy(array.copy()).requires_grad_() for array in problem.floats]
    return torch.autograd.gradcheck(Loss.apply, tensors, fast_mode=fast_mode, raise_exception=False)


def jax_check_grads(subject: Callable[..., Any], problem: Problem, **tolerances: float) -> bool:
    shapes = [jax.ShapeDtypeStruct(array.shape, array.dtype) for array in problem.floats]
    scalar = jax.ShapeDtypeStruct((), np.float64)

    def outside(*arrays):
        loss, gradients = problem.evaluate(subject, tuple(np.asarray(array) for array in arrays))
        return np.float64(loss), [np.array(gradient) for gradient in gradients]

    @jax.custom_vjp
    def loss(*arrays):
        return jax.pure_callback(lambda *a: outside(*a)[0], scalar, *arrays)

    loss.defvjp(
        lambda *arrays: jax.pure_callback(outside, (scalar, shapes), *arrays),
        lambda gradients, upstream: tuple(upstream * gradient for gradient in gradients),
    )
    try:
        check_grads(loss, tuple(map(jnp.asarray, problem.floats)), order=1, modes=["rev"], **tolerances)
    except AssertionError:
        return False
    return True


def gist_check(subject: Callable[..., Any], problem: Problem, *, limit: float) -> bool:
    """Ten random entries of each parameter, central differences of 1e-5, |a - n| / |a + n|: its comment asks for 1e-7.

    It prints the ratios and decides nothing; 0 / 0 is NaN there, which no reader can compare with anything.
    """
    random = np.random.default_rng(0)
    _, gradients = problem.evaluate(subject, problem.floats)
    for array, gradient in zip(problem.floats[:5], gradients[:5], strict=True):
        if array.shape != gradient.shape:
            return False
        for place in random.integers(0, array.size, 10):
            losses = []
            for step in (1e-5, -1e-5):
                before = array.flat[place]
                array.flat[place] = before + step
                losses.append(problem.evaluate(subject, problem.floats)[0])
                array.flat[place] = before
            numerical, analytic = (losses[0] - losses[1]) / 2e-5, gradient.flat[place]
            with np.errstate(invalid="ignore", divide="ignore"):
                if abs(analytic - numerical) / np.abs(numerical + analytic) > limit:
                    return False
    return True


RIVALS: dict[str, Callable[[Callable[..., Any], Problem], bool]] = {
    "torch gradcheck, slow": lambda subject, problem: torch_gradcheck(subject, problem, fast_mode=False),
    "torch gradcheck, fast": lambda subject, problem: torch_gradcheck(subject, problem, fast_mode=True),
    "jax check_grads": jax_check_grads,
    "the gist's gradCheck, 1e-7": lambda subject, problem: gist_check(subject, problem, limit=1e-7),
    "the gist's gradCheck, 1e-3": lambda subject, problem: gist_check(subject, problem, limit=1e-3),
}


def accepts(rival: Callable[..., bool], mutant: Mutant, problem: Problem) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return rival(mutant.functions()["loss_and_gradients"], problem)
        except Exception:  # noqa: BLE001 (whatever a mutant raises, its author would see it)
            return False


def kills(rival: Callable[..., bool], setting: Callable[[int], Problem]) -> tuple[int, int]:
    """Return of how many mutants, and of how many seeds of the original, a tool says that they are wrong."""
    killed = sum(not accepts(rival, mutant, setting(0)) for mutant in NO_RULES)
    return killed, sum(not accepts(rival, VARIANTS[0], setting(seed)) for seed in SEEDS)


def ours() -> tuple[int, int]:
    bench = Bench()
    killed = sum(bench.kill(mutant).killed for mutant in CATALOGUE)
    oracle, pair = bench.oracle(VARIANTS[0]), VARIANTS[0].pair()
    alarms = (check(pair=pair, seed=seed, oracle=oracle).verdict is not Verdict.AGREE for seed in SEEDS)
    return killed, sum(alarms)


def test_crosscheck_kills_what_others_let_live(benchmark):
    pytest.importorskip("torch")
    table = {name: [kills(rival, setting) for setting in SETTINGS.values()] for name, rival in RIVALS.items()}
    table["crosscheck"] = [benchmark.pedantic(ours, rounds=1)] * 2
    print(f"\nKilled of {len(CATALOGUE)} mutants, and false alarms on right code in {len(SEEDS)} seeds.")
    print("Clips, optimisers and breaches of the contract that a tool cannot see count as survivors.")
    print(f"{'':28}" + "".join(f"{setting:>26}" for setting in SETTINGS))
    for name, cells in table.items():
        print(f"{name:28}" + "".join(f"{killed:18} {alarms:4}/{len(SEEDS)} " for killed, alarms in cells))
    benchmark.extra_info.update(table)
    (best, alarms), _ = table.pop("crosscheck")
    assert (best, alarms) == (len(CATALOGUE), 0)
    assert all(killed < best for cells in table.values() for killed, _ in cells)
