"""Our reading of the schema, held against jsonschema's; and whatever it lets through can be written."""

import copy
import random

import jsonschema
import pytest

from crosscheck import reports
from crosscheck.reports.notebook import notebook
from crosscheck.reports.schema import complaints, schema
from tests.crosscheck.reports import made
from tests.crosscheck.reports.test_page import pictured

JUNK = [None, "x", -1, 0, 3, 1.5, True, [], {}, [{}], [[]], "agree", "nan", 10**400]
VALIDATOR = jsonschema.Draft202012Validator(schema())


def small():
    """Return a report in which everything is present, and little of it."""
    whole = pictured()
    (subject,) = whole["subjects"]
    (kept,) = subject["pictures"]["maps"]
    kept["entries"] = kept["entries"][:2]
    return reports.merged([whole, made.library_report("h", "disagree")], target="all", seed=0, reproduce="again")


def places(value, path=()):
    """Yield the path of everything in a report, but of long lists their first entries alone."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def damaged(report, path, junk):
    """Return a report with something else in one place; None takes out what stands there."""
    made_so = copy.deepcopy(report)
    *way, last = path
    place = made_so
    for key in way:
        place = place[key]
    if junk is None and isinstance(place, dict):
        del place[last]
    else:
        place[last] = junk
    return made_so


def variants(count, seed):
    report = small()
    assert not list(complaints(report))
    every = [path for path in places(report) if path]
    chosen = random.Random(seed)
    for _ in range(count):
        path, junk = chosen.choice(every), chosen.choice(JUNK)
        yield path, junk, damaged(report, path, junk)


def test_the_schema_is_one():
    VALIDATOR.check_schema(schema())


@pytest.mark.thorough
def test_our_reading_is_that_of_jsonschema():
    answers = set()
    for path, junk, report in variants(250, seed=1):
        ours = not any(complaints(report))
        assert ours == VALIDATOR.is_valid(report), (path, junk)
        answers.add(ours)
    assert answers == {True, False}


@pytest.mark.parametrize(
    "write", [reports.junit, reports.sarif, reports.annotations, reports.summary, reports.page, notebook,
              lambda report: list(reports.summary_lines(report))],
    ids=["junit", "sarif", "annotations", "summary", "page", "notebook", "text"],
)  # fmt: skip
def test_what_keeps_to_the_schema_can_be_written(write):
    written = 0
    for _, _, report in variants(150, seed=2):
        if not any(complaints(report)):
            write(report)
            written += 1
    assert written > 10
