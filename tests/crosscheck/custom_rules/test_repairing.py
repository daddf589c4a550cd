"""The derivative of a custom rule is edited like any other backward pass."""

import pytest

from crosscheck.custom_rules.examining import examine_rules
from crosscheck.files.options import Options
from crosscheck.source import read

CUBE = """
import jax
import jax.numpy as jnp

@jax.custom_vjp
def cube(x):
    return x ** 3

def cube_fwd(x):
    return cube(x), x

def cube_bwd(x, g):
    return (g * x ** 2,)

cube.defvjp(cube_fwd, cube_bwd)
cube(jnp.ones(3))
"""


@pytest.mark.thorough
def test_the_rule_of_a_power_is_mended(tmp_path):
    (tmp_path / "rules.py").write_text(CUBE)
    events = []
    options = Options(budget=20.0, examples=8)
    examine_rules(read(tmp_path / "rules.py"), options, events.append, lambda _rule, _judgement, entry: entry)
    (subject,) = [event["subject"] for event in events if event["event"] == "explained"]
    assert subject["verdict"] == "disagree"
    assert subject["repair"]["after"] == "return (g * 3 * x ** 2,)"
    assert [(one["code"], one["line"]) for one in subject["diagnoses"]] == [("constant-factor", 13)]
