"""What a subject returns, laid beside its parameters: NumPy arrays of the right structure, shapes and kind."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crosscheck import trees
from crosscheck.contract.codes import finding
from crosscheck.contract.failure import SubjectError
from crosscheck.contract.shapes import shape_sentence
from crosscheck.precision import of_dtype
from crosscheck.verdicts import Finding


@dataclass(eq=False, slots=True)  # not frozen: that would cost as much as copying all arrays
class Outcome:
    """What a subject may return instead of (loss, gradients) if it has more to show.

    `call` returns the same class with every leaf a NumPy array in C order that owns its memory.
    """

    loss: Any
    """A real number, or an array with one entry."""
    gradients: Any
    """The structure of the parameters, with the shapes of the parameters."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    """Gradients of data arguments (initial state, real-valued inputs) by the twin's name of the argument."""
    auxiliary: Mapping[str, Any] = field(default_factory=dict)
    """Other outputs that the twin has too, by name: the final state."""
    intermediates: Mapping[str, Any] = field(default_factory=dict)
    """Gradients of intermediates by name, with a leading time axis: shapes (T, ...)."""
    findings: tuple[Finding, ...] = ()
    """What `call` noticed in passing: `input-changed`, `prints`, `warns`. A subject leaves this alone."""

    def leaves(self) -> list[tuple[str, Any]]:
        """Return every array with its name: `loss`, `Wxh`, `initial_state`, ... Only intermediates are left out."""
        named = [("loss", self.loss), *trees.flatten(self.gradients)]
        for group in (self.inputs, self.auxiliary):
            for name, tree in group.items():
                named += trees.flatten(tree, name)
        return named


def interpret(returned: Any, arguments: Sequence[Any], names: Sequence[str] = ()) -> Outcome:
    """Return the outcome in what a subject returned. Raises SubjectError with a finding for each thing that is wrong.

    A loss with one entry is accepted whatever its shape, because column vectors lead to (1, 1). A parameter that is not
    floating has no gradient, and what is returned in its place is ignored: the gradients hold None there.
    """
    outcome = unpacked(returned)
    wrong: list[Finding] = []
    loss = _loss(outcome.loss, wrong)
    gradients = _gradients(arguments[0], outcome.gradients, "parameters", wrong)
    inputs = {}
    known = dict(zip(names, arguments[1:], strict=False))
    for name, gradient in outcome.inputs.items():
        if not names:
            inputs[name] = _arrays(gradient, name, wrong)
        elif name in known:
            inputs[name] = _gradients(known[name], gradient, name, wrong)
        else:
            sentence = f"There is a gradient for {name!r}, which is no data argument: expected {', '.join(names)}."
            wrong.append(finding("unknown-input", sentence, name))
    auxiliary = {name: _arrays(tree, name, wrong) for name, tree in outcome.auxiliary.items()}
    intermediates = {name: _arrays(tree, name, wrong) for name, tree in outcome.intermediates.items()}
    if wrong:
        raise SubjectError(wrong)
    return Outcome(loss, gradients, inputs, auxiliary, intermediates)


def as_array(leaf: Any) -> np.ndarray | None:
    """Return a leaf as a NumPy array, sharing its memory where possible; None if it is no array and no number.

    JAX and torch arrays are known by what they can do, so neither library is imported.
    """
    if isinstance(leaf, np.ndarray):
        return leaf
    if isinstance(leaf, float | int | complex | np.generic):
        return np.asarray(leaf)
    if hasattr(leaf, "detach") and hasattr(leaf, "cpu"):
        leaf = leaf.detach().cpu()
        if str(getattr(leaf, "dtype", "")) == "torch.bfloat16":  # NumPy has no such dtype; float32 holds its values
            leaf = leaf.float()
    if not any(hasattr(leaf, protocol) for protocol in ("__array__", "__array_interface__", "__dlpack__")):
        return None
    try:
        return np.asarray(leaf)
    except (TypeError, ValueError, RuntimeError):
        return None


def unpacked(returned: Any) -> Outcome:
    """Return the outcome as the subject made it, or one of the loss and the gradients. Raises SubjectError."""
    if isinstance(returned, Outcome):
        return returned
    if isinstance(returned, tuple | list) and len(returned) == 2:
        loss, gradients = returned
        if not _number(loss) and _number(gradients):
            sentence = "The subject returned the gradients first and the loss second: return (loss, gradients)."
            raise SubjectError([finding("returned-value", sentence)])
        return Outcome(loss, gradients)
    if returned is None:
        what = "None: does it lack a return statement? Return"
    elif isinstance(returned, Iterator):
        what = f"a {type(returned).__name__}, as functions with yield do: return"
    elif hasattr(returned, "__await__"):
        what = "a coroutine: write def in place of async def and return"
    elif isinstance(returned, tuple | list):
        what = f"{len(returned)} values: put the gradients into one container arranged like the parameters and return"
    else:
        what = f"a {type(returned).__name__}: return"
    raise SubjectError([finding("returned-value", f"The subject returned {what} (loss, gradients), or an Outcome.")])


def _number(value: Any) -> bool:
    if isinstance(value, float):  # np.float64 among them
        return True
    array = as_array(value)
    return array is not None and array.ndim == 0


def _loss(loss: Any, wrong: list[Finding]) -> Any:
    array = as_array(loss)
    if array is None or not (of_dtype(array.dtype) or array.dtype.kind in "iu"):
        what = type(loss).__name__ if array is None or array.ndim == 0 else f"array of {array.dtype}"
        wrong.append(finding("loss-type", f"The loss is a {what}, expected one real number such as 1.25."))
        return None
    if array.size != 1:
        sentence = f"The loss has shape {array.shape}, expected one number: sum it, or take its mean, over all axes."
        wrong.append(finding("loss-not-scalar", sentence))
        return None
    return np.array(array.reshape(()), np.float64 if array.dtype.kind in "iu" else None)


def _gradients(arguments: Any, gradients: Any, root: str, wrong: list[Finding]) -> Any:
    """Return copies of gradients, arranged like the arguments, or add what is wrong with them."""
    arrays = _copies(trees.leaves(arguments), trees.places(arguments, gradients))
    if arrays is not None:
        return trees.rebuild(arguments, arrays)
    pairs, mismatches = trees.match(arguments, gradients, root)
    for kind, name, sentence in mismatches:
        code = "gradient-missing" if kind == "missing" else "gradient-structure"
        message = f"The gradients are not arranged like the parameters: {sentence}."
        if root != "parameters":
            message = f"The gradient of {root} is not arranged like {root}: {sentence}."
        wrong.append(finding(code, message, name))
    arrays = [_gradient(name, argument, gradient, wrong) for name, argument, gradient in pairs]
    return None if mismatches else trees.rebuild(arguments, arrays)


def _copies(expected: list[Any], given: list[Any] | None) -> list[np.ndarray] | None:
    """Return copies of the gradients; None unless all of them are beyond doubt, as in nearly every call."""
    if given is None:
        return None
    copies = []
    for argument, gradient in zip(expected, given, strict=True):
        if type(argument) is not np.ndarray or type(gradient) is not np.ndarray or argument.shape != gradient.shape:
            return None
        if of_dtype(gradient.dtype) is None or (argument.dtype is not gradient.dtype and not of_dtype(argument.dtype)):
            return None
        copies.append(gradient.copy())  # in C order
    return copies


def _gradient(name: str, argument: Any, gradient: Any, wrong: list[Finding]) -> np.ndarray | None:
    expected = as_array(argument)
    if expected is None or of_dtype(expected.dtype) is None:
        return None
    if gradient is None:
        sentence = f"The gradient of {name} is None: return an array of shape {expected.shape}."
        wrong.append(finding("gradient-missing", sentence, name))
        return None
    array = as_array(gradient)
    if array is None:
        sentence = f"The gradient of {name} is a {type(gradient).__name__}, expected an array of shape {expected.shape}"
        remedy = ": use np.asarray" if isinstance(gradient, list | tuple) else ""
        wrong.append(finding("gradient-not-array", f"{sentence}{remedy}.", name))
        return None
    if of_dtype(array.dtype) is None:
        sentence = f"The gradient of {name} has dtype {array.dtype}, expected {expected.dtype}: {_cause(array.dtype)}."
        wrong.append(finding("gradient-dtype", sentence, name))
        return None
    if array.shape != expected.shape:
        sentence = shape_sentence(name, array.shape, expected.shape)
        wrong.append(finding("gradient-shape", sentence, name))
        return None
    return np.array(array, order="C", subok=False)


def _cause(dtype: np.dtype[Any]) -> str:
    if dtype.kind in "iub":
        return "fractions are lost in it; was its buffer made with zeros_like of an integer array?"
    if dtype.kind == "c":
        return "return its .real if the imaginary part is meant to vanish"
    return "convert it with .astype(np.float64)"


def _arrays(tree: Any, name: str, wrong: list[Finding]) -> Any:
    """Return a tree of arrays that nobody else holds; of a leaf that is none, say so."""
    arrays = []
    for leaf_name, leaf in trees.flatten(tree, name):
        array = as_array(leaf)
        if array is None or not (array.dtype.kind in "fiub" or of_dtype(array.dtype)):
            what = type(leaf).__name__ if array is None else f"array of dtype {array.dtype}"
            sentence = f"The output {leaf_name} is a {what}, expected an array of real numbers."
            wrong.append(finding("auxiliary-not-array", sentence, leaf_name))
        arrays.append(None if array is None else np.array(array, order="C", subok=False))
    return trees.rebuild(tree, arrays)
