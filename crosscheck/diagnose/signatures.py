"""What a wrong gradient gives away: hypotheses that are held against the numbers of several cases."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from crosscheck.diagnose.samples import Samples
from crosscheck.recognise import naming
from crosscheck.telltale import Sample, told

Found = tuple[str, str, str]
"""Code, message, confidence"""
EXACT, CONSISTENT = "exact", "consistent"


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
        hit = told(ordinary, name)
        if hit is not None:
            code, rest_of_sentence = hit
            found.append((code, f"The gradient of {name} {rest_of_sentence}.", EXACT))
            explained.add(name)
    rest = [name for name in wrong if name not in explained]
    if rest:
        found += _conditions(samples, rest)
    return found


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
    names = [name for name, value in data.items() if _has_numbers(value)]
    is_recurrent = tuple(samples.unit.cases.size_names) == ("steps",)
    named = all(naming.STATE.match(name.rpartition(".")[2]) for name in names)
    return bool(names) and (named or (is_recurrent and len(names) == 1 and len(data) > 1))


def _has_numbers(value: Any) -> bool:
    """Tell whether an array, or the arrays of a list, hold several floating numbers."""
    arrays = [np.asarray(item) for item in (value if isinstance(value, list) else [value])]  # of a list, of any shapes
    return sum(array.size for array in arrays if array.dtype.kind == "f") > 1


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
