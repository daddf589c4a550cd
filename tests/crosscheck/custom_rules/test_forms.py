"""How a rule may be called: with what may be left out, and where it works only if lengths coincide."""

from inspect import Parameter, signature
from typing import Any

import numpy as np

from crosscheck.custom_rules.forms import forms_of
from crosscheck.custom_rules.rule import Trial
from crosscheck.custom_rules.slots import FIXED, FLOAT, Form, Slot, shortened


def linear(x: Any, weight: Any, bias: Any = None) -> None:
    """Have the arguments of a layer."""


PARAMETERS = list(signature(linear).parameters.values())
CALL = Form("call", (("x", Slot(FLOAT, (4, 5))), ("weight", Slot(FLOAT, (3, 5))), ("bias", Slot(FIXED, (), None))))


def shapes(form: Form) -> dict[str, Any]:
    return {name: None if slot.kind == FIXED else slot.shape for name, slot in form.slots()}


def test_an_array_that_may_be_left_out_is_given_once_as_well() -> None:
    def settled(form: Form) -> Form | None:
        found = shapes(form)
        return form if found["weight"][1:] == found["x"][1:] and found["bias"] in (None, found["weight"][:1]) else None

    forms = forms_of(PARAMETERS, None, (), [CALL], settled, most=1)
    last = shapes(forms[-1])
    assert shapes(forms[0])["bias"] is None
    assert last["bias"] == last["weight"][:1]
    assert forms[-1].is_known


class Square:
    """Takes forms whose lengths are all the same; the rule fails with the others."""

    def __init__(self, form: Form, *, malformed: bool) -> None:
        self.trials = [Trial(form, "RuntimeError: it does not fit", malformed)]

    def __call__(self, form: Form) -> Form | None:
        return form if len({length for _, slot in form.slots() for length in slot.shape}) == 1 else None


def test_a_rule_that_fails_everywhere_else_is_judged_where_lengths_coincide() -> None:
    tried = CALL._replace(arguments=(("x", Slot(FLOAT, (4, 5))), ("weight", Slot(FLOAT, (5, 4)))))
    for malformed in (False, True):
        found = forms_of(PARAMETERS[:2], None, (), [], Square(tried, malformed=malformed), most=0)
        assert [set(shapes(form).values()) for form in found] == ([] if malformed else [{(5, 5)}])


def normalised(x: Any, dim: Any, centred: bool) -> None:
    """Have an axis and a flag that nobody shows."""


def test_an_axis_and_a_flag_that_nobody_shows_are_given_other_values_as_well() -> None:
    def values(form: Form) -> tuple[Any, ...]:
        return tuple(slot.value for _, slot in form.slots() if slot.kind == FIXED)

    parameters = list(signature(normalised).parameters.values())
    found = forms_of(parameters, None, (), [], lambda form: form, most=1)
    assert (values(found[0]), values(found[-1])) == ((-1, True), (0, False))
    shown = Form("call", (("x", Slot(FLOAT, (4, 5))), ("dim", Slot(FIXED, (), -1)), ("centred", Slot(FIXED, (), True))))
    assert {values(form) for form in forms_of(parameters, None, (), [shown], lambda form: form, most=1)} == {(-1, True)}


def test_lengths_of_what_is_held_stay_as_they_are() -> None:
    form = Form("call", (("x", Slot(FLOAT, (40, 19))), ("share", Slot(FIXED, (19,), np.ones(19)))))
    assert shapes(shortened(form))["x"] == (5, 19)


def test_layers_are_called_with_sequences_as_well() -> None:
    def settled(form: Form) -> Form | None:
        found = shapes(form)
        fits = found["weight"][1:] == found["x"][-1:] and len(found["weight"]) == 2
        return form if fits and found["bias"] in (None, found["weight"][:1]) else None

    given = [replaced.replace(default=Parameter.empty) for replaced in PARAMETERS]
    found = [shapes(form)["x"] for form in forms_of(given, None, (), [], settled, most=4)]
    assert {len(shape) for shape in found} == {2, 3}


def stepped(step: np.ndarray, n: int, temperature: np.ndarray) -> None:
    """Have arrays that are called like whole and single numbers, and a whole number."""


def test_what_is_said_to_be_an_array_is_one_whatever_it_is_called() -> None:
    forms = forms_of(list(signature(stepped).parameters.values()), None, (), [], lambda form: form, most=3)
    kinds = [{name: slot.kind for name, slot in form.slots()} for form in forms]
    assert kinds
    assert all(kind == {"step": FLOAT, "n": FIXED, "temperature": FLOAT} for kind in kinds)
    assert shapes(forms[0])["temperature"] != ()
