"""Small campaigns for the tests: one bucket for all, so that a worker compiles for few seconds."""

import os
import signal
from dataclasses import replace
from pathlib import Path

from crosscheck.builtin.pairs import PAIRS
from crosscheck.campaign import Plan
from crosscheck.contract import Outcome

SIZES = {"vocabulary": (1, 5), "hidden": (1, 7), "steps": (1, 11), "batch": (0, 0), "long": None}
PAIR = replace(PAIRS["rnn"](**SIZES), rules=())


def small_pair(**details):
    """With the twin and the bucket of PAIR, whatever the cases: it is compiled once."""
    return replace(PAIR, cases=PAIRS["rnn"](**{**SIZES, **details}).cases)


def with_subject(subject):
    return replace(PAIR, name="spoilt", subject=subject, stacked_subject=subject)


def right(parameters, *data):
    return PAIR.subject(parameters, *data)


DEATH_WARRANT = "CROSSCHECK_TEST_DEATH_WARRANT"
"""Environment variable with the path of a file: whoever finds it removes it and is killed, midway."""


def mortal(parameters, *data):
    warrant = os.environ.get(DEATH_WARRANT)
    if warrant is not None and Path(warrant).exists():
        Path(warrant).unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return right(parameters, *data)


def wrong_in_one_matrix(parameters, *data):
    """As far off in Whh as the last digits that a campaign at these scales can see."""
    outcome = right(parameters, *data)
    gradients = outcome.gradients._replace(Whh=outcome.gradients.Whh * (1 + 1e-9))
    return Outcome(outcome.loss, gradients, outcome.inputs, outcome.auxiliary)


def wrong_loss(parameters, *data):
    outcome = right(parameters, *data)
    return Outcome(outcome.loss * 1.5, outcome.gradients, outcome.inputs, outcome.auxiliary)


def small_plan(models, pair=None, **details):
    return Plan(pair or PAIR, models, **details)
