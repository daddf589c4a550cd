"""What a wrong gradient gives away: hypotheses that are held against the numbers of several cases."""

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from crosscheck.diagnose.samples import Sample, Samples
from crosscheck.recognise import naming

Found = tuple[str, str, str]
"""Code, message, confidence"""
EXACT, CONSISTENT = "exact", "consistent"
BLOCKS = (4, 3, 2)


def signatures(samples: Samples, wrong: Sequence[str]) -> list[Found]:
    """Return what holds for the wrong gradients in every case that was looked at."""
    ordinary = [sample for sample in samples.ordinary() if set(wrong) <= set(sample.given)]
    if not ordinary:
        return []
    found: list[Found] = []
    explained = set()
    for name in wrong:
        if all(sample.is_right(name) for sample in ordinary):
            continue
        for test in (_not_finite, _zero, _ratio, _transposed, _other, _blocks, _clipped):
            hit = test(ordinary, name)
            if hit:
                found.append(hit)
                explained.add(name)
                break
    rest = [name for name in wrong if name not in explained]
    if rest:
        found += _conditions(samples, rest)
    return found


def _every(samples: Sequence[Sample], name: str, expected: Callable[[Sample], np.ndarray]) -> bool:
    return all(sample.equals(name, expected(sample)) for sample in samples)


def _not_finite(samples: Sequence[Sample], name: str) -> Found | None:
    if not any(np.isfinite(s.exact[name]).all() and not np.isfinite(s.given[name]).all() for s in samples):
        return None
    return "not-finite", f"The gradient of {name} is NaN or infinite where the derivative is finite.", EXACT


def _zero(samples: Sequence[Sample], name: str) -> Found | None:
    if not all(not sample.given[name].any() and sample.exact[name].any() for sample in samples):
        return None
    return "zero-gradient", f"The gradient of {name} is zero in every case; the derivative is not.", EXACT


def _ratio(samples: Sequence[Sample], name: str) -> Found | None:
    ratios = []
    for sample in samples:
        given, exact = sample.given[name], sample.exact[name]
        square = float(np.sum(exact * exact))
        if exact.size < 2 or given.shape != exact.shape or not square:
            return None
        ratio = float(np.sum(given * exact)) / square
        if not sample.equals(name, ratio * exact):
            return None
        ratios.append(ratio)
    if max(ratios) - min(ratios) <= 1e-7 * max(map(abs, ratios)):
        if abs(ratios[0] + 1) < 1e-7:
            return "wrong-sign", f"The gradient of {name} is the negative of the derivative in every case.", EXACT
        return (
            "constant-factor",
            f"The gradient of {name} is {ratios[0]:.9g} times the derivative in every case.",
            EXACT,
        )
    size = _size_that_explains(samples, ratios)
    if size is None:
        return None
    return "constant-factor", f"The gradient of {name} is {size} times the derivative in every case.", EXACT


def _size_that_explains(samples: Sequence[Sample], ratios: Sequence[float]) -> str | None:
    """Return the length that the ratios follow, or whose inverse they are."""
    for what, lengths in _lengths(samples):
        for text, values in ((what, lengths), (f"1/({what})", [1 / n for n in lengths])):
            if all(abs(r - v) <= 1e-7 * abs(v) for r, v in zip(ratios, values, strict=True)):
                return text
    return None


def _lengths(samples: Sequence[Sample]) -> Iterator[tuple[str, list[int]]]:
    def named(sample: Sample) -> dict[str, int]:
        found = {}
        for argument in sample.arguments:
            for name, value in argument.items() if isinstance(argument, dict) else ():
                shape = (len(value),) if isinstance(value, list) else np.shape(value)  # of a list its arrays may differ
                for axis, length in enumerate(shape):
                    found.setdefault(f"the length of {name}" if not axis else f"axis {axis} of {name}", length)
        return found

    every = [named(sample) for sample in samples]
    for what in every[0]:
        if all(what in one for one in every):
            yield what, [one[what] for one in every]


def _transposed(samples: Sequence[Sample], name: str) -> Found | None:
    if any(sample.exact[name].ndim != 2 for sample in samples) or not _every(samples, name, lambda s: s.exact[name].T):
        return None
    return "equals-transpose", f"The gradient of {name} equals the transpose of the derivative in every case.", EXACT


def _other(samples: Sequence[Sample], name: str) -> Found | None:
    for other in samples[0].exact:
        if other != name and all(s.equals(name, s.exact[other]) for s in samples):
            return "equals-other-gradient", f"The gradient given for {name} is that of {other} in every case.", EXACT
    return None


def _blocks(samples: Sequence[Sample], name: str) -> Found | None:
    for axis, count in itertools.product((0, 1), BLOCKS):
        if any(s.exact[name].ndim <= axis or s.exact[name].shape[axis] % count for s in samples):
            continue
        for order in itertools.permutations(range(count)):
            if order == tuple(range(count)):
                continue

            def permuted(
                sample: Sample, order: Sequence[int] = order, axis: int = axis, count: int = count
            ) -> np.ndarray:
                parts = np.split(sample.exact[name], count, axis)
                return np.concatenate([parts[place] for place in order], axis)

            if samples[0].exact[name].shape[axis] > count and _every(samples, name, permuted):
                message = (
                    f"The gradient of {name} equals the derivative with its {count} blocks along axis {axis} in the "
                    f"order {', '.join(str(place + 1) for place in order)}."
                )
                return "blocks-permuted", message, EXACT
    return None


def _clipped(samples: Sequence[Sample], name: str) -> Found | None:
    bounds = [float(np.max(np.abs(s.given[name]), initial=0)) for s in samples if not s.is_right(name)]
    if not bounds or max(bounds) - min(bounds) > 1e-12 * max(bounds) or len(bounds) < 2:
        return None
    if not _every(samples, name, lambda s: np.clip(s.exact[name], -bounds[0], bounds[0])):
        return None
    return "gradient-clipped", f"The gradient of {name} is the derivative, cut off at ±{bounds[0]:.6g}.", EXACT


def _conditions(samples: Samples, wrong: Sequence[str]) -> Iterator[Found]:
    """Yield under which conditions the gradients are right."""
    names = ", ".join(wrong)
    verb = "gradient is" if len(wrong) == 1 else "gradients are"
    steps = samples.fewest_steps(wrong)
    if steps is not None and steps > 1:
        until = "for a single step" if steps == 2 else f"up to {steps - 1} steps"
        yield "wrong-beyond-some-steps", f"{names}: the {verb} right {until} and wrong from {steps} on.", CONSISTENT
    repeated = samples.of("repeated-symbols")
    distinct = _distinct(samples)
    fails = repeated and not any(all(sample.is_right(n) for n in wrong) for sample in repeated)
    if fails and distinct and all(distinct.is_right(n) for n in wrong):
        message = f"{names}: the {verb} right where all symbols differ and wrong where one occurs twice."
        yield "wrong-for-repeated-symbols", message, CONSISTENT
    for name in _symmetric_helps(samples, wrong):
        message = f"{names}: the {verb} right where {name} is symmetric and wrong elsewhere: a transpose is missing."
        yield "wrong-unless-symmetric", message, CONSISTENT
    zero = samples.of("zero-state") if _only_states_are_zeroed(samples) else []
    tells = any(np.any(sample.exact[n]) for sample in zero for n in wrong)
    if tells and all(sample.is_right(n) for sample in zero for n in wrong):
        message = f"{names}: the {verb} right where the initial state is zero and wrong elsewhere."
        yield "initial-state-ignored", message, CONSISTENT


def _only_states_are_zeroed(samples: Samples) -> bool:
    """Tell whether the floating data are states: by their names, or as the only one beside symbols in time."""
    _, data = samples.unit.example
    names = [name for name, value in data.items() if np.size(value) > 1 and np.asarray(value).dtype.kind == "f"]
    is_recurrent = tuple(samples.unit.cases.size_names) == ("steps",)
    named = all(naming.STATE.match(name.rpartition(".")[2]) for name in names)
    return bool(names) and (named or (is_recurrent and len(names) == 1 and len(data) > 1))


def _distinct(samples: Samples) -> Sample | None:
    """Return an ordinary sample whose symbols are all different."""
    symbols = getattr(samples.unit.cases, "symbols", {})
    base = samples.of("ordinary")
    if not symbols or not base:
        return None
    parameters, data = base[0].arguments
    random = np.random.default_rng(5)
    new = dict(data)
    for name, count in symbols.items():
        length = len(data[name])
        if np.ndim(data[name]) != 1 or count < length:
            return None
        drawn = random.permutation(count)[:length]
        new[name] = [int(n) for n in drawn] if isinstance(data[name], list) else drawn.astype(data[name].dtype)
    return samples.measured(base[0].key, (parameters, new))


def _symmetric_helps(samples: Samples, wrong: Sequence[str]) -> Iterator[str]:
    """Yield the square matrices that make everything right by being symmetric."""
    for sample in samples.of("ordinary")[:1]:
        parameters, *data = sample.arguments
        for name, value in parameters.items():
            if np.ndim(value) == 2 and value.shape[0] == value.shape[1] > 1:
                changed = samples.measured(sample.key, ({**parameters, name: value + value.T}, *data))
                if changed is not None and all(changed.is_right(other) for other in wrong):
                    yield name
