"""What torch asks of a backward method beside the right numbers: layouts, needs_input_grad, what is saved and how."""

# pyright: reportMissingImports=false

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from crosscheck.contract.failure import quoted
from crosscheck.custom_rules.cases import filled
from crosscheck.custom_rules.rule import Rule
from crosscheck.trees import leaves, transform
from crosscheck.verdicts import Finding, Severity

SAME = 1e-9
"""In float64, another order of the same sums: a wrong layout is off by as much as the numbers differ"""
MOST_INPUTS = 5


def breaches(work: Any, rule: Rule) -> list[Finding]:
    """Return what a class breaks, each kind once, on the forms that it works with."""
    found: dict[str, Finding] = {}
    for form in range(min(len(work.forms), 3)):
        for check in (_second_backward, _layouts, _needs, _unused_outputs, _saved, _double_backward):
            try:
                problems = list(check(_Trial(work, form)))
            except Exception:  # noqa: BLE001 - theirs; of what fails in any case, the verdict tells
                problems = []
            for problem in problems:
                if "layout" not in problem.code or "upstream-changed" not in found:
                    found.setdefault(problem.code, replace(problem, line=rule.line))
    return list(found.values())


class _Trial:
    """One call of a class, to be repeated in other ways."""

    def __init__(self, work: Any, form: int) -> None:
        from crosscheck.custom_rules.torch_rules import as_tensor, in_double

        self.work, self.form, self.as_tensor, self.in_double = work, form, as_tensor, in_double
        self.floats, self.whole = filled(work.forms[form], "ordinary", 5)
        self.upstream = [as_tensor(u) for u in work.upstream(form, self.floats, self.whole)]
        self.names = [
            name for name in sorted(self.floats) for _ in leaves(self.floats[name])
        ]  # in the order of `leaves`

    def forward(self, arrange: Callable[[Any], Any]) -> None:
        """Run the forward."""
        with self.in_double():
            tensors = transform(lambda array: arrange(self.as_tensor(array)).detach(), self.floats)
            self.work.applied(tensors, self.whole, self.form)

    def run(
        self,
        upstream: Any = None,
        needed: tuple[bool, ...] | None = None,
        arrange: Callable[[Any], Any] = lambda tensor: tensor,
    ) -> list[Any]:
        """Return the gradients, None for arguments that need none."""
        with self.in_double():
            tensors = transform(lambda array: arrange(self.as_tensor(array)).detach(), self.floats)
            every = leaves(tensors)
            for tensor, needs in zip(every, needed or (True,) * len(every), strict=True):
                tensor.requires_grad_(needs)
            outputs = self.work.applied(tensors, self.whole, self.form)
            given = upstream or [u.clone() for u in self.upstream]
            pairs = [(o, u) for o, u in zip(outputs, given, strict=True) if o.requires_grad]
            if not pairs:
                return [None] * len(every)
            wanted = [tensor for tensor in every if tensor.requires_grad]
            found = iter(torch.autograd.grad([o for o, _ in pairs], wanted, [u for _, u in pairs], allow_unused=True))
            return [next(found) if tensor.requires_grad else None for tensor in every]


def _layouts(trial: _Trial) -> Iterator[Finding]:
    plain = trial.run()
    ones = [torch.full((), 0.75, dtype=torch.float64).expand(u.shape) for u in trial.upstream]
    ways: list[tuple[str, Callable[[], Any], Callable[[], Any]]] = [
        ("a non-contiguous upstream gradient", lambda: trial.run([strided(u) for u in trial.upstream]), lambda: plain),
        ("an expanded upstream gradient, such as that of sum()", lambda: trial.run(ones),
         lambda: trial.run([u.contiguous() for u in ones])),
    ]  # fmt: skip
    for what, run, expected in ways:
        if problem := _differently(run, expected):
            yield Finding("upstream-layout", Severity.ERROR, None, f"With {what} {problem}")
    try:
        trial.forward(strided)
    except Exception:  # noqa: BLE001 - theirs: then it is the forward that needs contiguous arguments
        return
    if problem := _differently(lambda: trial.run(arrange=strided), lambda: plain):
        yield Finding("argument-layout", Severity.ERROR, None, f"With non-contiguous arguments {problem}")


def _differently(run: Callable[[], Any], expected: Callable[[], Any]) -> str | None:
    try:
        results = run()
    except Exception as error:  # noqa: BLE001 - theirs
        return f"it raises {type(error).__name__}: {quoted(error)}"
    return None if all(map(_same, results, expected())) else "it gives other gradients."


def _needs(trial: _Trial) -> Iterator[Finding]:
    plain = trial.run()
    for needed in itertools.product((True, False), repeat=min(len(plain), MOST_INPUTS)):
        needed = (*needed, *[True] * (len(plain) - len(needed)))
        if not any(needed) or all(needed):
            continue
        names = ", ".join(name for name, needs in zip(trial.names, needed, strict=True) if needs)
        try:
            found = trial.run(needed=needed)
        except Exception as error:  # noqa: BLE001 - theirs
            text = f"Where only {names} needs a gradient, it raises {type(error).__name__}: {quoted(error)}"
            yield Finding("needs-input-grad", Severity.ERROR, None, text)
            return
        for name, needs, own, full in zip(trial.names, needed, found, plain, strict=True):
            if needs and full is not None and (own is None or not _same(own, full)):
                what = "None" if own is None else "another value than where all do"
                text = f"Where only {names} needs a gradient, that of {name} is {what}: look at ctx.needs_input_grad."
                yield Finding("needs-input-grad", Severity.ERROR, None, text)
                return


def _second_backward(trial: _Trial) -> Iterator[Finding]:
    with trial.in_double():
        tensors = transform(lambda array: trial.as_tensor(array).requires_grad_(), trial.floats)
        outputs = trial.work.applied(tensors, trial.whole, trial.form)
        pairs = [(o, u.clone()) for o, u in zip(outputs, trial.upstream, strict=True) if o.requires_grad]
        handed, weights = [o for o, _ in pairs], [u for _, u in pairs]
        before = [u.clone() for u in weights]
        first = torch.autograd.grad(handed, leaves(tensors), weights, retain_graph=True, allow_unused=True)
        first = [None if gradient is None else gradient.clone() for gradient in first]
        if not all(map(torch.equal, before, weights)):
            text = "It changes the upstream gradient in place, which others may need: work on grad_output.clone()."
            yield Finding("upstream-changed", Severity.ERROR, None, text)
        problem = _differently(
            lambda: torch.autograd.grad(handed, leaves(tensors), before, retain_graph=True, allow_unused=True),
            lambda: first,
        )
        if problem:
            text = f"In a second backward through the same graph {problem} It changes what was saved."
            yield Finding("saved-changed", Severity.ERROR, None, text)


def _unused_outputs(trial: _Trial) -> Iterator[Finding]:
    if len(trial.upstream) < 2:
        return
    for used in range(len(trial.upstream)):
        weights = [u if at == used else torch.zeros_like(u) for at, u in enumerate(trial.upstream)]
        expected = trial.run(weights)
        with trial.in_double():
            tensors = transform(lambda array: trial.as_tensor(array).requires_grad_(), trial.floats)
            output = trial.work.applied(tensors, trial.whole, trial.form)[used]
            if not output.requires_grad:
                continue
            try:
                found = torch.autograd.grad(output, leaves(tensors), trial.upstream[used], allow_unused=True)
            except Exception as error:  # noqa: BLE001 - theirs
                text = f"Where only output {used} is used, it raises {type(error).__name__}: {quoted(error)}"
                yield Finding("unused-output", Severity.ERROR, None, text)
                return
        if not all(map(_same, found, expected)):
            text = f"Where only output {used} is used, its gradients are other ones."
            yield Finding("unused-output", Severity.ERROR, None, text)
            return


def _saved(trial: _Trial) -> Iterator[Finding]:
    with trial.in_double():
        tensors = transform(lambda array: trial.as_tensor(array).requires_grad_(), trial.floats)
        outputs = trial.work.applied(tensors, trial.whole, trial.form)
    known = {id(tensor): "an argument" for tensor in leaves(tensors)} | {id(out): "an output" for out in outputs}
    for output in outputs:
        for name, value in vars(output.grad_fn).items() if output.grad_fn is not None else ():
            if id(value) in known:
                text = (
                    f"ctx.{name} keeps {known[id(value)]}: memory leaks, and torch does not see whether it is "
                    "changed before the backward. Use ctx.save_for_backward."
                )
                yield Finding("saved-on-ctx", Severity.WARNING, None, text)


def _double_backward(trial: _Trial) -> Iterator[Finding]:
    with trial.in_double():
        grads = []
        for run in (trial.work.applied, trial.work.forwarded):
            tensors = transform(lambda array: trial.as_tensor(array).requires_grad_(), trial.floats)
            outputs = [out for out in run(tensors, trial.whole, trial.form) if out.requires_grad]
            handed = leaves(tensors)
            total = sum((o * u).sum() for o, u in zip(outputs, trial.upstream, strict=False))
            try:
                first = torch.autograd.grad(total, handed, create_graph=True, allow_unused=True)  # pyright: ignore
                norm = sum((g * g).sum() for g in first if g is not None)
                second = torch.autograd.grad(norm, handed, allow_unused=True)  # pyright: ignore
            except RuntimeError:
                if run == trial.work.applied:
                    yield Finding("double-backward", Severity.NOTE, None, "It cannot be differentiated twice.")
                return
            grads.append([torch.zeros_like(t) if g is None else g for t, g in zip(handed, second, strict=True)])
    if not all(map(_same, *grads)):
        text = "Differentiated twice, it gives another result than its forward does."
        yield Finding("double-backward", Severity.NOTE, None, text)


def strided(tensor: Any) -> Any:
    """Return the same numbers in other places: every second one of a larger memory, axes reversed."""
    if tensor.ndim == 0:
        return tensor
    wide = torch.stack([tensor.permute(*reversed(range(tensor.ndim)))] * 2, dim=-1).contiguous()
    return wide[..., 0].permute(*reversed(range(tensor.ndim)))


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return (one is None or not np.any(one.detach().numpy())) and (
            other is None or not np.any(other.detach().numpy())
        )
    return bool(torch.allclose(one, other, rtol=SAME, atol=SAME * float(other.abs().max()) if other.numel() else 0.0))
