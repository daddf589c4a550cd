"""Times checks and their rivals, in a process of its own, and prints the result as JSON.

`python -m tests.benchmarks.check_race properties` (or large, compiling). All times are seconds of processor time, on
one thread: on a shared machine they say what the work took. A process of its own, because what was compiled stays so.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import numpy as np
from hypothesis import HealthCheck, given, settings

from autodiff.padding import pad, unpad
from autodiff.rnn import loss_and_gradients
from crosscheck import check
from crosscheck.builtin import character_rnn
from crosscheck.cases import Case
from crosscheck.compare import K, compare
from crosscheck.contract import call
from crosscheck.judge import Judge
from crosscheck.oracle import Oracle, Twin
from crosscheck.precision import FLOAT64
from crosscheck.reference import oracle_for

clock = time.process_time
NAIVE_EXAMPLES = 25
V, H, T = 58, 100, 25


def seconds(run: Callable[[], Any], repeats: int = 1) -> float:
    """Return the least of some times of one call."""
    times = []
    for _ in range(repeats):
        start = clock()
        run()
        times.append(clock() - start)
    return min(times)


def properties() -> dict[str, float]:
    """A property over random shapes: on a padded twin, and on a twin that is jitted shape by shape.

    The judge is asked only about what further noise could excuse: four examples in five lie within k·ε of the largest
    entry of the twin's gradient already.
    """
    pair = replace(character_rnn.pair(batch=(0, 0), long=None), rules=(), probes=None)
    assert pair.twin is not None
    bucket = character_rnn.bucket_for(batch=(0, 0), long=None, steps=(1, 12))
    oracle = Oracle(Twin(pair.twin, {"initial_state": 3}, auxiliary=True), pair.padding, lanes=1)
    padded_twin = jax.jit(lambda case: loss_and_gradients(*case))
    shapes: set[Any] = set()

    def nothing(case: Case) -> None:
        shapes.add(case.key.sizes)

    def agrees(case: Case) -> None:
        parameters, inputs, targets, initial_state = case.arguments
        by_hand = pair.subject(*case.arguments)
        by_jax = unpad(padded_twin(pad(parameters, inputs, targets, initial_state, bucket)), parameters, inputs)
        both = zip((*by_hand.gradients, *by_hand.inputs.values()), (*by_jax.gradients, by_jax[2]), strict=True)
        if any((compare(ours, theirs, np.zeros(()), FLOAT64).discrepancy > K).any() for ours, theirs in both):
            (found,) = Judge(pair, oracle).judge([case.key])
            assert not any(comparison.wrong.any() for comparison in found.comparisons.values())

    jitted = jax.jit(loss_and_gradients)

    def naive(case: Case) -> None:
        by_hand = pair.subject(*case.arguments)
        by_jax = jitted(*case.arguments)
        for left, right in zip(by_hand.gradients, by_jax.gradients, strict=True):
            np.testing.assert_allclose(left, right, rtol=1e300)

    def over(run: Callable[[Case], None], examples: int) -> float:
        quiet = settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        )
        return seconds(quiet(given(pair.cases.strategy())(run)))

    over(nothing, 10)
    result = {"ours, first 100": over(agrees, 100)}
    result["ours, 1000 warm"] = over(agrees, 1000)
    result["compiling"] = result["ours, first 100"] - result["ours, 1000 warm"] / 10
    result["ours, first 1000"] = result["compiling"] + result["ours, 1000 warm"]
    for examples in (NAIVE_EXAMPLES, 100, 1000):
        shapes.clear()
        result[f"generation, {examples}"] = over(nothing, examples)
        result[f"shapes, {examples}"] = len(shapes)
    per_shape = over(naive, NAIVE_EXAMPLES) / result[f"shapes, {NAIVE_EXAMPLES}"]
    for examples in (100, 1000):
        result[f"naive, {examples}, extrapolated"] = per_shape * result[f"shapes, {examples}"]
    return result


def large() -> dict[str, float]:
    """One check of every entry of a network of ordinary size, and torch's gradcheck of the same network."""
    import torch

    torch.set_num_threads(1)
    pair = replace(
        character_rnn.pair(vocabulary=(V, V), hidden=(H, H), steps=(T, T), batch=(0, 0), long=None),
        rules=(),
        probes=None,
    )
    key = pair.cases.draw(0, 0)
    case = pair.cases.build(key)
    oracle = oracle_for(pair, call(pair.subject, case.arguments))
    (found,) = Judge(pair, oracle).judge([key])
    assert not any(comparison.wrong.any() for comparison in found.comparisons.values())
    judged = seconds(lambda: Judge(pair, oracle).judge([key]), 5)
    check(pair=pair, only=str(key), oracle=oracle)
    complete = seconds(lambda: check(pair=pair, only=str(key), oracle=oracle), 3)

    parameters, inputs, targets, state = case.arguments
    tensors = [torch.tensor(array, requires_grad=True) for array in parameters]
    start, wanted = torch.tensor(state), torch.tensor(targets)

    def network(Wxh: Any, Whh: Any, Why: Any, bh: Any, by: Any) -> Any:
        h, logits = start, []
        for x in inputs.tolist():
            h = torch.tanh(Wxh[:, x] + Whh @ h + bh)
            logits.append(Why @ h + by)
        return torch.nn.functional.cross_entropy(torch.stack(logits), wanted, reduction="sum")

    fast = seconds(lambda: torch.autograd.gradcheck(network, tensors, fast_mode=True), 2)
    one = [tensor.detach() for tensor in tensors]
    one[3] = one[3].clone().requires_grad_()
    partial = seconds(lambda: torch.autograd.gradcheck(network, one))
    entries = sum(array.size for array in parameters)
    return {
        "judged": judged,
        "check": complete,
        "torch, fast": fast,
        "torch, full, extrapolated": partial * entries / H,
        "entries": entries,
    }


def compiling() -> dict[str, float]:
    """The first call of the noise function of the built-in pair's bucket, less a second one."""
    pair = replace(character_rnn.pair(), rules=(), probes=None)
    key = pair.cases.draw(0, 0)
    oracle = oracle_for(pair, call(pair.subject, pair.cases.build(key).arguments))
    first = seconds(lambda: Judge(pair, oracle).judge([key]))
    return {"compiling": first - seconds(lambda: Judge(pair, oracle).judge([key]), 2)}


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    print(json.dumps({"properties": properties, "large": large, "compiling": compiling}[sys.argv[1]]()))
