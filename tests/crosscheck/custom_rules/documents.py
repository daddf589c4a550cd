"""Someone's files, judged in this process."""

import jax

from crosscheck.custom_rules import examine_rules
from crosscheck.files.options import Options
from crosscheck.source import read

JAX = "import functools\nimport jax\nimport jax.numpy as jnp\n"
TORCH = "import torch\n"


def examined(tmp_path, code, *, x64=True, budget=2.0, name="rules.py"):
    """Return the subjects by name, and the other events, for a file with this code; no repair is looked for."""
    path = tmp_path / name
    path.write_text(code)
    events = []
    with jax.enable_x64(x64), jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        options = Options(examples=12, budget=budget, repair=False)
        names, others = examine_rules(read(path), options, events.append, lambda _rule, _judgement, entry: entry)
    subjects = {event["subject"]["function"]: event["subject"] for event in events if event["event"] == "judged"}
    assert set(subjects) == names
    return subjects, [event for event in events if event["event"] not in ("judged", "unit")], others


def codes(subject):
    return {finding["code"] for finding in subject["findings"]}


def line_of(code, text):
    return next(number for number, line in enumerate(code.split("\n"), 1) if text in line)
