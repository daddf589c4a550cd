"""jax.custom_vjp and jax.custom_jvp: the rule against JAX's own derivative of the function without it."""

import contextlib
import functools
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import subjaxprs

from crosscheck.contract import Outcome
from crosscheck.custom_rules.cases import DOMAINS, RuleCases, filled
from crosscheck.custom_rules.forms import forms_of
from crosscheck.custom_rules.jax_reference import RuleOracle
from crosscheck.custom_rules.reading import defines, registration
from crosscheck.custom_rules.rule import Forms, Prepared, Rule
from crosscheck.custom_rules.running import EnoughError
from crosscheck.custom_rules.slots import FIXED, FLOAT, Form, Slot, slot_of
from crosscheck.errors import CrosscheckError
from crosscheck.noise.bounded import bounded, has_while
from crosscheck.oracle import judging_configuration
from crosscheck.recognise.world import FILENAME
from crosscheck.source import Document
from crosscheck.trees import transform

KINDS: tuple[type, ...] = (jax.custom_vjp, jax.custom_jvp)
MALFORMED = re.compile(r"custom.(vjp|jvp).*(structure|shape|length|container|tuple|type|dtype)|pytree", re.I | re.S)
MANY_CALLS = 20


class Recorder:
    """Takes note of the rules that are made while someone's module runs, and of how they are called."""

    def __init__(self) -> None:
        self.objects: list[Any] = []
        self.calls: dict[int, list[Form]] = {}
        self.counts: dict[int, int] = {}
        self.interrupting = False

    def count(self) -> int:
        """Return how many rules were made."""
        return len(self.objects)

    def all_seen(self) -> bool:
        """Tell whether there are rules, and every one was called."""
        return bool(self.objects) and all(self.calls.get(id(one)) for one in self.objects if is_complete(one))

    @contextlib.contextmanager
    def recording(self) -> Iterator[None]:
        """Take note from here on."""
        with contextlib.ExitStack() as stack:
            for kind in KINDS:
                stack.enter_context(_replaced(kind, "__init__", self._made))
                stack.enter_context(_replaced(kind, "__call__", self._called))
            yield

    def _made(self, original: Callable[..., Any], one: Any, *arguments: Any, **named: Any) -> Any:
        original(one, *arguments, **named)
        if _code(one.fun) is not None and _code(one.fun).co_filename == FILENAME:
            self.objects.append(one)

    def _called(self, original: Callable[..., Any], one: Any, *arguments: Any, **named: Any) -> Any:
        if any(one is known for known in self.objects):
            with contextlib.suppress(Exception):
                self._note(one, arguments, named)
            self.counts[id(one)] = self.counts.get(id(one), 0) + 1
            if self.interrupting and self.counts[id(one)] > MANY_CALLS and self.all_seen():
                raise EnoughError
        return original(one, *arguments, **named)

    def _note(self, one: Any, arguments: Any, named: Any) -> None:
        signature = inspect.signature(one.fun)
        bound = signature.bind(*arguments, **named)
        bound.apply_defaults()
        starred = {name for name, kind in signature.parameters.items() if kind.kind is kind.VAR_POSITIONAL}
        values = bound.arguments.items()
        form = Form("call", tuple((f"*{n}" if n in starred else n, transform(slot_of, v)) for n, v in values))
        known = self.calls.setdefault(id(one), [])
        if str(form) not in map(str, known) and len(known) < 4:
            known.append(form)


@contextlib.contextmanager
def _replaced(kind: type, name: str, function: Callable[..., Any]) -> Iterator[None]:
    original = getattr(kind, name)

    @functools.wraps(original)
    def replacement(one: Any, *arguments: Any, **named: Any) -> Any:
        return function(original, one, *arguments, **named)

    setattr(kind, name, replacement)
    try:
        yield
    finally:
        setattr(kind, name, original)


@contextlib.contextmanager
def without_rules(objects: Sequence[Any]) -> Iterator[None]:
    """Call the functions that the rules were made for in place of the rules."""

    def plain(original: Callable[..., Any], one: Any, *arguments: Any, **named: Any) -> Any:
        known = any(one is other for other in objects)
        return one.fun(*arguments, **named) if known else original(one, *arguments, **named)

    with contextlib.ExitStack() as stack:
        for kind in KINDS:
            stack.enter_context(_replaced(kind, "__call__", plain))
        yield


def is_complete(one: Any) -> bool:
    """Tell whether a derivative was registered."""
    return bool(getattr(one, "jvp", None) or getattr(one, "bwd", None))


def rules_of(document: Document, recorder: Recorder, named: Sequence[tuple[str, Any]]) -> list[Rule]:
    """Return the rules that were made, under the names that the module gives them."""
    nodes = defines(document)
    found = []
    for one in _one_of_each(recorder):
        own = next((name for name, value in named if value is one or getattr(value, "__wrapped__", None) is one), None)
        name = own or getattr(one.fun, "__qualname__", "rule").replace("<locals>.", "")
        if any(rule.name == name for rule in found):  # a rule around another one
            name = f"{name} ({type(one).__name__})"
        parts = [part for part in (one.fun, getattr(one, "fwd", None), getattr(one, "bwd", None),
                                   getattr(one, "jvp", None)) if part is not None]  # fmt: skip
        own_parts = [node for part in parts if (node := nodes.get(_line(part) or -1)) is not None]
        derivative = nodes.get(_line(parts[-1]) or -1)
        line = getattr(derivative, "lineno", None) or registration(document, name) or _line(one.fun) or 1
        found.append(
            Rule(
                name, f"jax.{type(one).__name__}", one, line, _line(one.fun) or 1, tuple(own_parts),
                nodes.get(_line(one.fun) or -1), recorder.calls.get(id(one), []), recorder.counts.get(id(one), 0),
            )
        )  # fmt: skip
    return found


def _one_of_each(recorder: Recorder) -> list[Any]:
    """Return the rules, and of those that one function has made again and again one that was called."""
    made: dict[Any, Any] = {}
    for one in recorder.objects:
        key = type(one), _code(one.fun)
        known = made.setdefault(key, one)
        if recorder.calls.get(id(one)) and not recorder.calls.get(id(known)):
            made[key] = one
    return list(made.values())


def _code(function: Any) -> Any:
    while not hasattr(function, "__code__"):
        inner = getattr(function, "func", None) or getattr(function, "__wrapped__", None)
        if inner is None:
            return None
        function = inner
    return function.__code__


def _line(function: Any) -> int | None:
    code = _code(function)
    return code.co_firstlineno if code is not None and code.co_filename == FILENAME else None


class JaxLibrary:
    """How rules of JAX are judged."""

    def __init__(self, objects: Sequence[Any]) -> None:
        self.objects = objects

    def prepare(self, rule: Rule, most: int = 4) -> Prepared:
        """Find the forms of a rule, and what to hold it against."""
        one = rule.target
        if not is_complete(one):
            raise CrosscheckError("no derivative is registered for it (defvjp, defjvp)", code="rule-not-run")
        parameters = list(inspect.signature(one.fun).parameters.values())
        in_single = not bool(jax.config.read("jax_enable_x64"))
        plain = self._plain(one.fun)
        with judging_configuration():
            fixed = tuple(position % len(parameters) for position in one.nondiff_argnums)
            work = _Work(plain, one, [])
            found = Forms(lambda form: _settled(plain, _without_fixed(form, fixed)), work, MALFORMED)
            forms = forms_of(parameters, rule.node, fixed, rule.calls, found, most)
            found.refuse_none(forms, "call it once in the file, or annotate the shapes of its arguments")
        coarse = bool(forms) and _is_single(plain, forms[0])
        cases = RuleCases(forms, work.shapes, single=False, only_single=coarse)
        oracle = RuleOracle(work, rule.name)
        return Prepared(
            work.subject, oracle, cases, forms, found.trials, left_out=_left_out(one, forms), in_single=in_single,
            eager=work.eager, iterates=bool(forms) and work.iterates(),
        )  # fmt: skip

    def _plain(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def plain(*arguments: Any) -> Any:
            with without_rules(self.objects):
                return function(*arguments)

        return plain


def _without_fixed(form: Form, fixed: Sequence[int]) -> Form:
    """Take arguments that are not differentiated at their values."""

    def held(slot: Slot) -> Slot:
        value = slot.value
        if slot.kind == FLOAT and value is None:
            value = np.full(slot.shape, 0.7)[()]
        return Slot(FIXED, slot.shape, value if slot.kind != "integer" else np.zeros(slot.shape, int))

    arguments = [
        (name, transform(held, tree) if place in fixed else tree) for place, (name, tree) in enumerate(form.arguments)
    ]
    return form._replace(arguments=tuple(arguments))


def outputs_of(returned: Any) -> list[Any]:
    """Return the floating arrays among what a function returns."""
    arrays = map(jnp.asarray, jax.tree.leaves(returned))
    return [array for array in arrays if jnp.issubdtype(array.dtype, jnp.floating)]


def _settled(function: Callable[..., Any], form: Form) -> Form | None:
    """Return the form with a domain in which the function is finite; None where it cannot be called so."""
    if not any(slot.kind == FLOAT for _, slot in form.slots()):
        return None
    traced = filled(form, "ordinary", 1)
    try:
        shapes = jax.eval_shape(lambda floats, whole: outputs_of(function(*form.assembled(floats, whole))), *traced)
    except Exception:  # noqa: BLE001 - theirs
        return None
    if not shapes or sum(shape.size for shape in shapes) > 20_000:
        return None
    run = _Bounded(lambda floats, whole: outputs_of(function(*form.assembled(floats, whole))))
    for domain in DOMAINS:
        candidate = form._replace(domain=domain)
        try:
            results = [run(*filled(candidate, "ordinary", seed)) for seed in (1, 2)]
        except Exception:  # noqa: BLE001 - theirs
            return None
        if all(np.isfinite(np.asarray(array)).all() for result in results for array in result):
            return candidate
    return None


def _is_single(function: Callable[..., Any], form: Form) -> bool:
    """Tell whether a function computes in single precision, whatever it is given."""
    with judging_configuration():
        traced = jax.make_jaxpr(lambda a, b: outputs_of(function(*form.assembled(a, b))))(*filled(form, "ordinary", 1))
    return bool(re.search(r":f32\[|:bf16\[|:f16\[", str(traced)))


def _left_out(one: Any, forms: Sequence[Form]) -> list[str]:
    """Return the arguments for which a backward function returns None."""
    if not isinstance(one, jax.custom_vjp) or not forms:
        return []
    form = forms[0]
    floats, whole = filled(form, "ordinary", 1)
    fixed = set(one.nondiff_argnums)
    names = [name for place, (name, _) in enumerate(form.arguments) if place not in fixed]
    with judging_configuration(), contextlib.suppress(Exception):
        arguments = form.assembled(floats, whole)
        out, saved = one.fwd(*arguments)  # pyright: ignore[reportOptionalCall]
        held = [value for place, value in enumerate(arguments) if place in fixed]
        returned = one.bwd(*held, saved, jax.tree.map(jnp.ones_like, out))  # pyright: ignore[reportOptionalCall]
        return [name for name, value in zip(names, returned, strict=True) if value is None]
    return []


class _Bounded:
    """A function that is compiled where it is first called; loops that do not end by themselves end with NaN."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self._programs: dict[Any, Any] = {}

    def __call__(self, *arguments: Any) -> Any:
        """Call it with arrays in trees."""
        leaves, structure = jax.tree.flatten(arguments)
        key = (structure, tuple((np.shape(leaf), str(np.asarray(leaf).dtype)) for leaf in leaves))
        if key not in self._programs:

            def flat(leaves: list[Any]) -> Any:
                return self.function(*jax.tree.unflatten(structure, leaves))

            self._programs[key] = bounded(flat, leaves)
        return self._programs[key](leaves)


class _Work:
    """The subject, and the two functions that stand on either side of the comparison."""

    def __init__(self, plain: Callable[..., Any], ruled: Callable[..., Any], forms: list[Form]) -> None:
        self.plain, self.ruled, self.forms = plain, ruled, forms
        self.forward_mode = False
        """Whether the rule cannot be transposed, and is judged in forward mode"""
        self._compiled: dict[tuple[int, bool], _Bounded] = {}
        self._forward: dict[int, _Bounded] = {}

    def outputs(self, floats: Any, whole: Any, form: int) -> list[Any]:
        """Return what the function without its rule returns."""
        return outputs_of(self.plain(*self.forms[form].assembled(floats, whole)))

    def shapes(self, form: int, floats: Any, whole: Any) -> list[tuple[int, ...]]:
        """Return the shapes of the outputs."""
        with judging_configuration():
            return [one.shape for one in jax.eval_shape(lambda a, b: self.outputs(a, b, form), floats, whole)]

    def upstream(self, form: int, floats: Any, whole: Any) -> list[np.ndarray]:
        """Return some upstream gradient."""
        return [np.random.default_rng(3).standard_normal(shape) for shape in self.shapes(form, floats, whole)]

    def _differentiated(self, floats: Any, whole: Any, form: int, upstream: Any) -> tuple[Any, Any]:
        def run(floats: Any) -> list[Any]:
            return outputs_of(self.ruled(*self.forms[form].assembled(floats, whole)))

        if self.forward_mode:
            rows = jax.jacfwd(run)(floats)
            return run(floats), _contracted(upstream, rows)
        out, pull = jax.vjp(run, floats)
        cotangents = [jnp.asarray(u).astype(o.dtype) for u, o in zip(upstream, out, strict=True)]
        return out, pull(cotangents)[0]

    def gradients(self, floats: Any, upstream: Any, form: int, whole: Any) -> tuple[Any, Any]:
        """Return the outputs and the gradients by the rule."""
        with judging_configuration():
            key = (form, self.forward_mode)
            if key not in self._compiled:
                self._compiled[key] = _Bounded(lambda a, b, u: self._differentiated(a, b, form, u))
            return jax.tree.map(np.asarray, self._compiled[key](floats, whole, upstream))

    def first(self, floats: Any, upstream: Any, form: int, whole: Any) -> None:
        """Find out in which mode the rule works; raises if in none."""
        try:
            self.gradients(floats, upstream, form, whole)
        except Exception:
            if self.forward_mode or not isinstance(self.ruled, jax.custom_jvp):
                raise
            self.forward_mode = True
            try:
                self.gradients(floats, upstream, form, whole)
            except Exception:
                self.forward_mode = False
                raise

    def subject(self, parameters: Any, upstream: Any, form: int, integers: Any) -> Outcome:
        """Return Σ upstream · outputs of the plain function, with the gradients of the rule."""
        return self._outcome(self.gradients(parameters, upstream, form, integers), parameters, upstream, form, integers)

    def eager(self, parameters: Any, upstream: Any, form: int, integers: Any) -> Outcome:
        """Return what `subject` does, by the rule's code as it is at this moment."""
        with judging_configuration():
            found = jax.tree.map(np.asarray, self._differentiated(parameters, integers, form, upstream))
        return self._outcome(found, parameters, upstream, form, integers)

    def _outcome(self, found: tuple[Any, Any], parameters: Any, upstream: Any, form: int, integers: Any) -> Outcome:
        out, gradients = found
        with judging_configuration():
            if form not in self._forward:
                self._forward[form] = _Bounded(lambda a, b: self.outputs(a, b, form))
            plain = self._forward[form](parameters, integers)
        loss = sum(
            float(np.sum(np.asarray(u, float) * np.asarray(o, float))) for u, o in zip(upstream, plain, strict=True)
        )
        return Outcome(loss, gradients, auxiliary={"output": out})

    def twin(self, parameters: Any, upstream: Any, form: int, integers: Any) -> Any:
        """Return the same loss to JAX, without the rule."""
        return _total(upstream, self.outputs(parameters, integers, form))

    def twin_forward(self, parameters: Any, upstream: Any, form: int, integers: Any) -> Any:
        """Return what `twin` does, for loops that end by themselves: JAX differentiates these forward only."""

        def plain(floats: Any) -> list[Any]:
            return self.outputs(floats, integers, form)

        def back(floats: Any, cotangents: list[Any]) -> tuple[Any]:
            return (_contracted(cotangents, jax.jacfwd(plain)(floats)),)

        run = jax.custom_vjp(plain)
        run.defvjp(lambda floats: (plain(floats), floats), back)
        return _total(upstream, run(parameters))

    def iterates(self, form: int = 0) -> bool:
        """Tell whether the function solves something turn by turn: the rule goes back without these turns."""

        def run(floats: Any, whole: Any) -> list[Any]:
            return outputs_of(self.ruled(*self.forms[form].assembled(floats, whole)))

        with judging_configuration(), contextlib.suppress(Exception):
            arrays = filled(self.forms[form], "ordinary", 1)
            plain = jax.make_jaxpr(lambda floats, whole: self.outputs(floats, whole, form))(*arrays).jaxpr
            if has_while(plain) or not isinstance(self.ruled, jax.custom_vjp):
                return has_while(plain)
            out, pull = jax.vjp(lambda floats: run(floats, arrays[1]), arrays[0])
            return _has_loop(plain) and not _has_loop(jax.make_jaxpr(pull)(out).jaxpr)
        return False

    def rule(self, parameters: Any, upstream: Any, form: int, integers: Any) -> Any:
        """Return the same loss to JAX, with the rule: for its rounding."""
        return _total(upstream, outputs_of(self.ruled(*self.forms[form].assembled(parameters, integers))))


def _has_loop(jaxpr: Any) -> bool:
    return any(equation.primitive.name in ("scan", "while") for equation in jaxpr.eqns) or any(
        _has_loop(body) for body in subjaxprs(jaxpr)
    )


def _contracted(upstream: Sequence[Any], rows: Sequence[Any]) -> Any:
    """Return Σ upstream · rows of the Jacobians of some outputs."""
    terms = [
        jax.tree.map(lambda row, u=u: jnp.tensordot(u, row, axes=u.ndim), slopes)
        for u, slopes in zip(upstream, rows, strict=True)
    ]
    return functools.reduce(lambda a, b: jax.tree.map(jnp.add, a, b), terms)


def _total(upstream: Any, outputs: Any) -> tuple[Any, Mapping[str, Any]]:
    loss = sum(((u * o).sum() for u, o in zip(upstream, outputs, strict=True)), start=jnp.zeros(()))
    return loss, {"output": outputs}


def library_of(recorder: Recorder) -> JaxLibrary:
    """Return how the rules are judged that a recorder has seen."""
    return JaxLibrary(recorder.objects)
