"""Which values of a JAX program depend on the inputs that are differentiated.

A comparison of two floats is a kink only where it can change with such an input; `mask > 0` on given data is not one.
"""

from collections.abc import Sequence
from typing import Any

from jax.extend.core import Jaxpr, Literal


def inner_jaxpr(params: dict[str, Any]) -> Any | None:
    """Return the body of an operation that only wraps one (jit, checkpoint, custom rules), closed or open, or None."""
    for name in ("jaxpr", "call_jaxpr", "fun_jaxpr"):
        if name in params:
            return params[name]
    return None


def open_jaxpr(body: Any) -> Jaxpr:
    """Strip the constants from a closed jaxpr; an open one is returned as it is."""
    return getattr(body, "jaxpr", body)


def active_variables(jaxpr: Jaxpr, active_inputs: Sequence[bool]) -> set[Any]:
    """Return the variables of `jaxpr` that depend on one of its active inputs.

    A loop's carry is iterated to its fixed point; inside any other operation one active operand makes all results
    active, which is safe: it can only find more kinks.
    """
    active = {variable for variable, is_active in zip(jaxpr.invars, active_inputs, strict=True) if is_active}
    for equation in jaxpr.eqns:
        operands = [not isinstance(operand, Literal) and operand in active for operand in equation.invars]
        active.update(
            variable
            for variable, is_active in zip(equation.outvars, outputs_active(equation, operands), strict=True)
            if is_active
        )
    return active


MOVING = frozenset(
    ["broadcast_in_dim", "copy", "expand_dims", "neg", "reshape", "rev", "slice", "squeeze", "transpose"]
)
"""Operations that put numbers elsewhere and leave them what they are, up to their sign"""


def given_variables(jaxpr: Jaxpr, given_inputs: Sequence[bool]) -> set[Any]:
    """Return the variables of `jaxpr` that hold entries of its given inputs as they are.

    They equal a certain number by chance alone. What was computed may do so everywhere: a rectifier's zeros, or the
    distances of points from themselves.
    """
    given = {variable for variable, is_given in zip(jaxpr.invars, given_inputs, strict=True) if is_given}
    for equation in jaxpr.eqns:
        moved = equation.invars[:1] if equation.primitive.name in MOVING else ()
        if any(not isinstance(operand, Literal) and operand in given for operand in moved):
            given.update(equation.outvars)
    return given


def outputs_active(equation: Any, operands: Sequence[bool]) -> list[bool]:
    """Tell for each result of an operation whether it depends on an active operand."""
    if not any(operands):
        return [False] * len(equation.outvars)
    if equation.primitive.name == "scan":
        carry = scan_carry_activity(equation, operands)
        return _body_outputs(equation, carry)
    body = inner_jaxpr(equation.params)
    if body is not None and equation.primitive.name != "while" and len(open_jaxpr(body).invars) == len(operands):
        inside = active_variables(open_jaxpr(body), operands)
        return [not isinstance(variable, Literal) and variable in inside for variable in open_jaxpr(body).outvars]
    return [True] * len(equation.outvars)


def scan_carry_activity(equation: Any, operands: Sequence[bool]) -> list[bool]:
    """Return the activity of a scan body's inputs once its carry has reached a fixed point."""
    params = equation.params
    constants, carries = params["num_consts"], params["num_carry"]
    inputs = list(operands)
    while True:
        outputs = _body_outputs(equation, inputs)
        merged = [
            old or new for old, new in zip(inputs[constants : constants + carries], outputs[:carries], strict=True)
        ]
        if merged == inputs[constants : constants + carries]:
            return inputs
        inputs[constants : constants + carries] = merged


def _body_outputs(equation: Any, inputs: Sequence[bool]) -> list[bool]:
    body = open_jaxpr(equation.params["jaxpr"])
    inside = active_variables(body, inputs)
    return [not isinstance(variable, Literal) and variable in inside for variable in body.outvars]
