"""torch.autograd.Function: the backward method against torch's own derivative of the same forward."""

# pyright: reportMissingImports=false

import contextlib
import functools
import inspect
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from crosscheck.contract import Outcome
from crosscheck.custom_rules.cases import DOMAINS, RuleCases, filled
from crosscheck.custom_rules.constants import constants_of
from crosscheck.custom_rules.forms import forms_of
from crosscheck.custom_rules.reading import defines, only_raises
from crosscheck.custom_rules.rule import Forms, Prepared, Rule
from crosscheck.custom_rules.running import EnoughError
from crosscheck.custom_rules.slots import FIXED, FLOAT, Form, Slot, slot_of
from crosscheck.custom_rules.torch_contract import breaches
from crosscheck.custom_rules.torch_reference import TorchOracle
from crosscheck.recognise.world import FILENAME
from crosscheck.source import Document
from crosscheck.trees import leaves, rebuild, transform

Function: Any = torch.autograd.Function
MALFORMED = re.compile(
    r"incorrect number of gradients|invalid gradient|expected Variable|expected (a )?tensor or None", re.I
)
MANY_CALLS = 20


def _uncompiled(function: Any = None, *_: Any, **__: Any) -> Any:
    """Return a function as it is, in place of what torch would compile it to."""
    return function if function is not None else _uncompiled


class Recorder:
    """Takes note of the classes that someone's module defines, and of how they are called."""

    def __init__(self) -> None:
        self._before = list(_subclasses(Function))
        self.calls: dict[Any, list[Form]] = {}
        self.counts: dict[Any, int] = {}
        self.interrupting = False

    def count(self) -> int:
        """Return how many rules were made."""
        return len(self.classes)

    @property
    def classes(self) -> list[Any]:
        """The classes of the module that have a forward and a backward."""
        new = [kind for kind in _subclasses(Function) if not any(kind is known for known in self._before)]
        return [kind for kind in new if _code(kind, "forward") and (_code(kind, "backward") or _code(kind, "vjp"))]

    def all_seen(self) -> bool:
        """Tell whether there are classes, and every one was applied."""
        return bool(self.classes) and all(self.calls.get(kind) for kind in self.classes)

    @contextlib.contextmanager
    def recording(self) -> Iterator[None]:
        """Take note from here on."""
        original = vars(Function)["apply"]
        called = self._called

        @classmethod
        @functools.wraps(original.__func__)
        def apply(cls: Any, *arguments: Any, **named: Any) -> Any:
            called(cls, arguments, named)
            return original.__func__(cls, *arguments, **named)

        script = torch.jit.script
        Function.apply = apply
        torch.jit.script = _uncompiled  # it reads a file that holds the source, and there is none
        try:
            yield
        finally:
            Function.apply = original
            torch.jit.script = script

    def _called(self, kind: Any, arguments: Any, named: Any) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        with contextlib.suppress(Exception):
            bound = inspect.signature(lambda: None).replace(parameters=parameters_of(kind)).bind(*arguments, **named)
            bound.apply_defaults()
            starred = {p.name for p in parameters_of(kind) if p.kind is p.VAR_POSITIONAL}
            form = Form(
                "call",
                tuple((f"*{n}" if n in starred else n, transform(_slot, v)) for n, v in bound.arguments.items()),
            )
            known = self.calls.setdefault(kind, [])
            if str(form) not in map(str, known) and len(known) < 4:
                known.append(form)
        if self.interrupting and self.counts[kind] > MANY_CALLS and self.all_seen():
            raise EnoughError


def _subclasses(kind: Any) -> Iterator[Any]:
    for inner in type.__subclasses__(kind):
        yield inner
        yield from _subclasses(inner)


def _code(kind: Any, name: str) -> Any:
    function = inspect.unwrap(getattr(kind, name))
    code = getattr(function, "__code__", None)
    return code if code is not None and code.co_filename == FILENAME else None


def has_setup(kind: Any) -> bool:
    """Tell whether a class saves what it needs in setup_context, so that its forward has no ctx."""
    return _code(kind, "setup_context") is not None


def parameters_of(kind: Any) -> list[inspect.Parameter]:
    """Return the arguments of `apply`."""
    found = list(inspect.signature(kind.forward).parameters.values())
    return found if has_setup(kind) else found[1:]


def library_of(recorder: Recorder) -> "TorchLibrary":  # noqa: ARG001 - the same for all libraries
    """Return how the rules are judged that a recorder has seen."""
    return TorchLibrary()


def rules_of(document: Document, recorder: Recorder, named: Sequence[tuple[str, Any]]) -> list[Rule]:  # noqa: ARG001
    """Return the classes that were defined."""
    nodes = defines(document)
    found = []
    for kind in recorder.classes:
        forward, backward = _code(kind, "forward"), _code(kind, "backward") or _code(kind, "vjp")
        parts = [node for code in (forward, backward) if (node := nodes.get(code.co_firstlineno)) is not None]
        around = [
            node
            for node in nodes.values()
            if type(node).__name__ == "ClassDef" and any(part in getattr(node, "body", ()) for part in parts)
        ]
        line = getattr(nodes.get(backward.co_firstlineno), "lineno", backward.co_firstlineno)
        name, node = kind.__qualname__.replace("<locals>.", ""), nodes.get(forward.co_firstlineno)
        calls, names = recorder.calls.get(kind, []), [parameter.name for parameter in parameters_of(kind)]
        told = constants_of(document, name, node, around or parts, names)
        passed = {
            name for call in calls for name, slot in call.slots() if slot.kind != FIXED and slot.content != "number"
        }
        found.append(
            Rule(
                name, "torch.autograd.Function", kind, line, forward.co_firstlineno, tuple(around or parts), node,
                calls, recorder.counts.get(kind, 0), {name: told[name] for name in told if name not in passed},
                only_raises(parts[-1]) if parts else False,
            )
        )  # fmt: skip
    return found


class StandIn:
    """Takes the place of ctx where the forward runs without its Function."""

    saved_tensors: tuple[Any, ...] = ()

    def __init__(self, count: int) -> None:
        self.needs_input_grad = (True,) * count

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep them, for whoever looks."""
        self.saved_tensors = tensors

    save_for_forward = save_for_backward

    def _ignore(self, *_: Any) -> None:
        pass

    mark_dirty = mark_non_differentiable = set_materialize_grads = mark_shared_storage = _ignore


@contextlib.contextmanager
def in_double(*, double: bool = True) -> Iterator[None]:
    """Let torch make its new tensors in float64, as the arguments are."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64 if double else torch.float32)
    try:
        with torch.enable_grad():
            yield
    finally:
        torch.set_default_dtype(before)


class TorchLibrary:
    """How classes of torch are judged."""

    def prepare(self, rule: Rule, most: int = 4) -> Prepared:
        """Find the forms of a class, and what to hold it against."""
        kind = rule.target
        in_single = torch.get_default_dtype() is torch.float32
        work = Work(kind, [])
        found = Forms(functools.partial(_settled, kind), work, MALFORMED)
        forms = forms_of(parameters_of(kind), rule.node, (), rule.calls, found, most, rule.constants)
        found.refuse_none(
            forms, "apply it once in the file, or tell the shapes of its arguments in the docstring of forward"
        )
        cases = RuleCases(forms, work.shapes, single=True, only_single=False)
        findings = breaches(work, rule) if forms else []
        return Prepared(
            work.subject, TorchOracle(work), cases, forms, found.trials, findings, sorted(work.nones), in_single
        )


def _slot(value: Any) -> Slot:
    """Describe what `apply` is handed: torch asks for gradients of tensors alone, not of other arrays."""
    known = slot_of(value)
    return known if isinstance(value, torch.Tensor) or known.content == "number" else Slot(FIXED, known.shape, value)


def _numbers_fixed(slot: Slot) -> Slot:
    return Slot(FIXED, (), 0.5 if slot.value is None else slot.value) if slot.content == "number" else slot


def _settled(kind: Any, form: Form) -> Form | None:
    """Return the form with a domain in which the forward is finite; None where it cannot be called so."""
    form = form.with_slots(_numbers_fixed)
    if not any(slot.kind == FLOAT for _, slot in form.slots()):
        return None
    for domain in DOMAINS:
        candidate = form._replace(domain=domain)
        work = Work(kind, [candidate])
        try:
            results = [work.plain(*filled(candidate, "ordinary", seed), 0) for seed in (1, 2)]
        except Exception:  # noqa: BLE001 - theirs
            return None
        if not results[0] or sum(array.numel() for array in results[0]) > 20_000:
            return None
        if all(torch.isfinite(array).all() for result in results for array in result):
            return candidate
    return None


class Work:
    """A class on the forms of its arguments: with its backward, and its forward alone."""

    def __init__(self, kind: Any, forms: Sequence[Form]) -> None:
        self.kind, self.forms = kind, list(forms)
        self.nones: set[str] = set()
        """Arguments for which the backward returned None"""
        self.live: dict[int, list[bool]] = {}
        """Which of the outputs have a gradient, by form"""
        self.clones = False
        """Whether the forward changes its arguments in place, which leaves of a graph do not allow"""

    def plain(self, floats: Any, whole: Any, form: int) -> list[Any]:
        """Return what the forward returns without its class, in double precision."""
        with in_double():
            filled_in = transform(lambda array: as_tensor(array, torch.float64), floats)
            return self.forwarded(filled_in, whole, form)

    def forwarded(self, tensors: Any, whole: Any, form: int) -> list[Any]:
        """Return what the forward makes of tensors."""
        arguments = self.forms[form].assembled(transform(torch.clone, tensors), transform(as_tensor, whole))
        held = () if has_setup(self.kind) else (StandIn(len(arguments)),)
        return self._differentiable(outputs_of(self.kind.forward(*held, *arguments)), form)

    def applied(self, tensors: Any, whole: Any, form: int) -> list[Any]:
        """Return the outputs of the class that can be differentiated."""
        handed = transform(torch.clone, tensors) if self.clones else tensors
        returned = self.kind.apply(*self.forms[form].assembled(handed, transform(as_tensor, whole)))
        return self._differentiable(outputs_of(returned), form)

    def _differentiable(self, outputs: list[Any], form: int) -> list[Any]:
        """Leave out what the class marks as not differentiable."""
        live = self.live.get(form)
        return outputs if live is None else [one for one, lives in zip(outputs, live, strict=True) if lives]

    def shapes(self, form: int, floats: Any, whole: Any) -> list[tuple[int, ...]]:
        """Return the shapes of the outputs: where integers select rows, these depend on them."""
        return [tuple(one.shape) for one in self.plain(floats, whole, form)]

    def upstream(self, form: int, floats: Any, whole: Any) -> list[np.ndarray]:
        """Return some upstream gradient."""
        return [np.random.default_rng(3).standard_normal(shape) for shape in self.shapes(form, floats, whole)]

    def gradients(self, floats: Any, upstream: Any, form: int, whole: Any) -> dict[str, Any]:
        """Return the gradients by the class, arranged like the arguments, with zeros for None."""
        dtype = torch.float32 if leaves(floats)[0].dtype == np.float32 else torch.float64
        with in_double(double=dtype is torch.float64):
            tensors = transform(lambda array: as_tensor(array, dtype).requires_grad_(), floats)
            pairs = [
                (out, as_tensor(u, out.dtype))
                for out, u in zip(self.applied(tensors, whole, form), upstream, strict=True)
                if out.requires_grad
            ]
            if not pairs:
                raise RuntimeError("nothing that it returns has a gradient")
            handed = leaves(tensors)
            outputs, weights = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
            found = torch.autograd.grad(outputs, handed, weights, allow_unused=True)
        names = [name for name in sorted(tensors) for _ in leaves(tensors[name])]  # in the order of `leaves`
        self.nones |= {name for name, gradient in zip(names, found, strict=True) if gradient is None}
        arrays = [
            np.zeros(tensor.shape, array_dtype(tensor)) if gradient is None else gradient.detach().numpy()
            for tensor, gradient in zip(handed, found, strict=True)
        ]
        return rebuild(floats, arrays)

    def first(self, floats: Any, upstream: Any, form: int, whole: Any) -> None:
        """Find out whether the forward changes its arguments, and which outputs have a gradient; may raise."""
        try:
            self.gradients(floats, upstream, form, whole)
        except RuntimeError as error:
            if self.clones or "leaf" not in str(error):
                raise
            self.clones = True
            self.gradients(floats, upstream, form, whole)
        with in_double():
            tensors = transform(lambda array: as_tensor(array, torch.float64).requires_grad_(), floats)
            self.live[form] = [one.requires_grad for one in self.applied(tensors, whole, form)]

    def subject(self, parameters: Any, upstream: Any, form: int, integers: Any) -> Outcome:
        """Return Σ upstream · outputs of the forward, with the gradients of the class."""
        with torch.no_grad():
            plain = self.plain(parameters, integers, form)
        loss = sum(float(np.sum(np.asarray(u, float) * o.numpy())) for u, o in zip(upstream, plain, strict=True))
        return Outcome(loss, self.gradients(parameters, upstream, form, integers))


def outputs_of(returned: Any) -> list[Any]:
    """Return the floating tensors among what a forward returns."""
    several = returned if isinstance(returned, tuple | list) else [returned]
    return [one for one in several if isinstance(one, torch.Tensor) and one.is_floating_point()]


def as_tensor(array: Any, dtype: Any = None) -> Any:
    """Return a tensor that holds a copy of an array."""
    return torch.tensor(np.asarray(array), dtype=dtype)


def array_dtype(tensor: Any) -> Any:
    """Return NumPy's dtype for a tensor's."""
    return np.float32 if tensor.dtype is torch.float32 else np.float64
