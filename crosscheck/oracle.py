"""The twin as a source of reference values, of their noise, and of second opinions.

The twin is differentiated by JAX in float64, whatever the precision of the subject; the noise is that of the subject's
precision. One compiled program serves all cases of one shape: a chunk of cases is a leading axis.
"""

import contextlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from crosscheck.errors import CrosscheckError
from crosscheck.following import followed
from crosscheck.noise import Double, bounded, hashing, noisy
from crosscheck.overhearing import overheard
from crosscheck.pair import Padding, Rule
from crosscheck.precision import Precision
from crosscheck.programs import program
from crosscheck.reference import Reference

# Elements of a chunk of cases: small models fill vector units together, one large model stands alone.
CHUNK_ELEMENTS = 2**15
LARGEST_CHUNK = 64


@dataclass(frozen=True)
class Twin:
    """A JAX loss, and which of its derivatives are wanted."""

    function: Callable[..., Any]
    """(parameters, *data) -> loss, or (loss, auxiliary)"""
    inputs: Mapping[str, int] = field(default_factory=dict)
    """name -> position of each data argument whose gradient is wanted as well"""
    auxiliary: bool = False
    rules: tuple[Rule, ...] = ()
    probes: Callable[..., Any] | None = None
    """(parameters, *data) -> mapping of zeros to be passed as `probes=`: their gradients are the intermediates'"""
    printed: list[str] = field(default_factory=list, compare=False)
    """What the twin printed while it was traced: nothing of it reaches standard output"""

    def loss(self, *arguments: Any) -> Any:
        """Evaluate the loss alone."""
        return self._evaluate(*arguments)[0]

    def outputs(self, arguments: tuple[Any, ...]) -> dict[str, Any]:
        """Evaluate all but the rules at once: loss, gradients, auxiliary values, intermediate gradients."""
        positions = (0, *self.inputs.values())
        zeros = self.probes(*arguments) if self.probes else {}

        def loss(probes: Any, *chosen: Any) -> tuple[Any, Any]:
            complete = list(arguments)
            for position, value in zip(positions, chosen, strict=True):
                complete[position] = value
            return self._evaluate(*complete, **({"probes": probes} if self.probes else {}))

        differentiate = jax.value_and_grad(loss, argnums=tuple(range(len(positions) + 1)), has_aux=True, allow_int=True)
        (value, auxiliary), derivatives = differentiate(zeros, *(arguments[p] for p in positions))
        # Integers among the parameters have no derivative: None stands in their place, as it does in the subject's.
        probed, gradients, *of_inputs = jax.tree.map(lambda g: None if g.dtype == jax.dtypes.float0 else g, derivatives)
        return {
            "loss": value,
            "gradients": gradients,
            "inputs": dict(zip(self.inputs, of_inputs, strict=True)),
            "auxiliary": auxiliary,
            "intermediates": probed,
            "rules": {},
        }

    def after_rules(self, gradients: Any, states: tuple[Any, ...], parameters: Any) -> dict[str, Any]:
        """Evaluate every rule on some gradients."""
        return {
            rule.name: rule.twin(gradients, state, parameters) for rule, state in zip(self.rules, states, strict=True)
        }

    def _evaluate(self, *arguments: Any, **options: Any) -> tuple[Any, Any]:
        with overheard() as printed:
            result = self.function(*arguments, **options)
        self.printed.extend("".join(printed).strip().splitlines()[:1])
        value, auxiliary = result if isinstance(result, tuple) and len(result) == 2 else (result, {})
        if np.shape(value) != ():
            raise CrosscheckError(
                f"The twin's loss has shape {np.shape(value)}, expected one number: sum it or take its mean.",
                code="twin-loss-not-scalar",
            )
        return value, auxiliary if self.auxiliary else {}


class _Trace(NamedTuple):
    """What a twin does at one shape, to be compared with what it does later."""

    program: str
    constants: tuple[bytes, ...]


class Oracle:
    """Evaluates a twin and measures its noise; remembers what it compiled.

    `lanes` is how many small cases run side by side: 1 for a property that brings them one by one.
    """

    def __init__(self, twin: Twin, padding: Padding | None = None, *, lanes: int = LARGEST_CHUNK) -> None:
        self.twin = twin
        self.padding = padding
        self._lanes = lanes
        self._programs: dict[Any, tuple[Callable[..., Any], int]] = {}
        self._traces: dict[Any, _Trace] = {}
        self._fresh: set[Any] = set()

    def begin(self) -> None:
        """Start another check: what was compiled before is looked at again when used, lest the twin has changed."""
        self._fresh.clear()

    def references(
        self,
        cases: Sequence[tuple[Any, ...]],
        states: Sequence[tuple[Any, ...]],
        keys: Sequence[int],
        precision: Precision,
        *,
        samples: int = 8,
        magnify: float = 1.0,
    ) -> list[Reference]:
        """Return reference values and noise for each case: `cases` are tuples of arguments, `keys` their 32-bit keys.

        `samples` differently rounded runs at the precision's ε times `magnify`. The results of a case depend on its
        own arguments and key alone: not on the cases beside it, nor on their number.
        """
        padded = [
            self.padding.pad(case, state) if self.padding else (case, state)
            for case, state in zip(cases, states, strict=True)
        ]
        results: dict[int, Reference] = {}
        by_signature: dict[Any, list[int]] = {}
        for number, problem in enumerate(padded):
            by_signature.setdefault(_signature(problem), []).append(number)
        size = (np.float64(precision.epsilon * magnify), np.float64(precision.smallest))
        with judging_configuration():
            for signature, numbers in by_signature.items():
                compiled, chunk = self._program(signature, *padded[numbers[0]])
                copies = _copies(samples, chunk // len(numbers))
                each = samples // copies
                for start in range(0, len(numbers), chunk // copies):
                    some = numbers[start : start + chunk // copies]
                    lanes = [number for number in some for _ in range(copies)]
                    lanes += [lanes[-1]] * (chunk - len(lanes))
                    stacked = [
                        np.stack(leaves) for leaves in zip(*(_dynamic(padded[n])[0] for n in lanes), strict=True)
                    ]
                    lane_keys = [hashing.skip(keys[n], place % copies * each) for place, n in enumerate(lanes)]
                    outputs = compiled(np.asarray(lane_keys, np.uint32), *size, np.int32(each), stacked)
                    exact, noise = jax.tree.map(np.asarray, outputs)
                    for place, number in enumerate(some):
                        mine = slice(place * copies, (place + 1) * copies)
                        reference = Reference(
                            jax.tree.map(lambda leaf, mine=mine: leaf[mine.start], exact),
                            jax.tree.map(lambda leaf, mine=mine: leaf[mine].max(axis=0), noise),
                        )
                        results[number] = self._unpadded(reference, cases[number])
        return [results[number] for number in range(len(cases))]

    def in_precision(self, case: tuple[Any, ...], dtype: np.dtype) -> Mapping[str, Any]:
        """Return what the twin computes when it runs in the subject's own precision, overflow included."""
        cast = jax.tree.map(lambda leaf: _cast(leaf, dtype), case)
        plain = Twin(self.twin.function, self.twin.inputs, self.twin.auxiliary)
        with judging_configuration():
            leaves, rebuild = _dynamic(cast, widened=False)
            return jax.tree.map(np.asarray, bounded(lambda leaves: plain.outputs(rebuild(leaves)), leaves)(leaves))

    def _trace(self, case: tuple[Any, ...]) -> "_Trace":
        leaves, rebuild = _dynamic(case)
        traced = jax.make_jaxpr(lambda leaves: self.twin.loss(*rebuild(leaves)))(leaves)
        return _Trace(str(traced), tuple(np.asarray(constant).tobytes() for constant in traced.consts))

    def _refuse_impure(self, case: tuple[Any, ...]) -> None:
        """Trace the twin twice: what has side effects, or draws its own random numbers, is not traced the same."""
        try:
            inspect.signature(self.twin.function).bind(*case)
        except TypeError as problem:
            raise CrosscheckError(
                f"The twin cannot be called with the parameters and {len(case) - 1} data arguments ({problem}): give "
                "it the same arguments as the subject.",
                code="twin-signature",
            ) from problem
        if self._trace(case) != self._trace(case):
            raise CrosscheckError(
                "The twin is not a pure function: two traces of it differ. It must not draw random numbers, count its "
                "calls or read what changes; pass such values as data.",
                code="twin-not-pure",
            )

    def _unpadded(self, reference: Reference, case: tuple[Any, ...]) -> Reference:
        if self.padding is None:
            return reference
        return Reference(*(self.padding.unpad(outputs, case) for outputs in reference))

    def _program(self, signature: Any, case: tuple[Any, ...], states: tuple[Any, ...]) -> tuple[Any, int]:
        if signature in self._programs and signature not in self._fresh:
            # A global or an attribute that the twin reads may have another value by now.
            if self._trace(case) != self._traces[signature]:
                del self._programs[signature]
            self._fresh.add(signature)
        if signature in self._programs:
            return self._programs[signature]
        leaves, rebuild = _dynamic(case)
        differentiated = [
            position == 0 or position in self.twin.inputs.values()
            for position, argument in enumerate(case)
            for _ in _dynamic(argument)[0]
        ]

        try:
            self._refuse_impure(case)
            double = noisy(lambda leaves: self.twin.outputs(rebuild(leaves)), leaves, differentiated)
            follow = self._followed(case, states, double) if self.twin.rules else None
        except CrosscheckError:
            raise
        except SystemExit as problem:
            raise CrosscheckError(
                "The twin called exit: return its loss instead, whatever its arguments.", code="twin-exited"
            ) from problem
        except Exception as problem:
            raise CrosscheckError(
                f"JAX cannot differentiate the twin: {type(problem).__name__}: {_first_line(problem)}. Call "
                "jax.grad(twin)(parameters, *data) on the same arguments to see its own message.",
                code="twin-not-differentiable",
            ) from problem

        elements = sum(leaf.size for leaf in _dynamic((case, states))[0])
        chunk = int(np.clip(CHUNK_ELEMENTS // max(elements, 1), 1, self._lanes))
        compiled = program(double, len(differentiated), follow, chunk)
        self._programs[signature], self._traces[signature] = (compiled, chunk), self._trace(case)
        self._fresh.add(signature)
        return compiled, chunk

    def _followed(self, case: tuple[Any, ...], states: tuple[Any, ...], double: Double) -> Callable[..., Any]:
        leaves, rebuild = _dynamic((case, states))

        def apply(gradients: Any, leaves: list[Any]) -> dict[str, Any]:
            (parameters, *_), of_rules = rebuild(leaves)
            return self.twin.after_rules(gradients, of_rules, parameters)

        return followed(apply, double.shapes["gradients"], leaves)


@contextlib.contextmanager
def judging_configuration() -> Iterator[None]:
    """JAX as a verdict needs it, and as the caller left it afterwards: float64, no promotion errors, no NaN traps."""
    with (
        jax.enable_x64(True),
        jax.numpy_dtype_promotion("standard"),
        jax.numpy_rank_promotion("allow"),
        jax.debug_nans(False),
        jax.debug_infs(False),
        jax.disable_jit(False),
        jax.default_matmul_precision("highest"),
    ):
        if jax.dtypes.canonicalize_dtype(np.float64) != np.float64:
            raise RuntimeError("x64 is off: an oracle in float32 would judge nothing")
        yield


def _copies(samples: int, room: int) -> int:
    """Return in how many lanes the samples of one case are taken at once, where a chunk has room for so many."""
    copies = 1
    while 2 * copies <= room and samples % (2 * copies) == 0:
        copies *= 2
    return copies


def _is_dynamic(leaf: Any) -> bool:
    return isinstance(leaf, float | complex) or hasattr(leaf, "dtype")


def _dynamic(tree: Any, *, widened: bool = True) -> tuple[list[np.ndarray], Callable[[list[Any]], Any]]:
    """Split a tree into its arrays, `widened` to float64, and a function that puts them (or tracers) into their places.

    Python integers, booleans and strings stay what they are: the twin may branch on them.
    """
    leaves, structure = jax.tree.flatten(tree)
    places = [place for place, leaf in enumerate(leaves) if _is_dynamic(leaf)]

    def rebuild(arrays: list[Any]) -> Any:
        complete = list(leaves)
        for place, array in zip(places, arrays, strict=True):
            complete[place] = array
        return jax.tree.unflatten(structure, complete)

    chosen = (leaves[place] for place in places)
    return [_cast(leaf, np.dtype(np.float64)) if widened else np.asarray(leaf) for leaf in chosen], rebuild


def _cast(leaf: Any, dtype: np.dtype) -> Any:
    if not _is_dynamic(leaf):
        return leaf
    array = np.asarray(leaf)
    if jnp.issubdtype(array.dtype, jnp.complexfloating):
        return array.astype(np.complex128)
    return array.astype(dtype) if jnp.issubdtype(array.dtype, jnp.floating) else array


def _signature(tree: Any) -> Any:
    """Return what decides which program a case needs: floating arrays are widened, so their precision does not."""
    leaves, structure = jax.tree.flatten(tree)
    return structure, tuple(
        (leaf.shape, _widened(leaf.dtype)) if hasattr(leaf, "dtype") else ("float" if _is_dynamic(leaf) else repr(leaf))
        for leaf in leaves
    )


def _widened(dtype: np.dtype) -> np.dtype:
    return np.dtype(np.float64) if jnp.issubdtype(dtype, jnp.floating) else dtype


def _first_line(problem: Exception) -> str:
    return str(problem).strip().split("\n")[0].rstrip(".")
