"""What is gathered for the pictures, against plain loops over the same numbers; PNG read by libpng's rules."""

import base64
import json
import struct
import zlib

import numpy as np
import pytest

from crosscheck.cases import Key
from crosscheck.compare import K, compare
from crosscheck.judge import JudgedCase
from crosscheck.precision import FLOAT64
from crosscheck.reports import heat, pictures
from crosscheck.reports.pictures import Pictures
from crosscheck.run import CasesJudged


def case(seed=0, *, wrong=0.0, shape=(5, 7), rules=None, intermediates=None, loss=0.0):
    """Make a case whose array `W` is off by a few roundings, and in entry [0, ..., 0] by `wrong`."""
    random = np.random.default_rng(seed)
    reference = random.normal(size=shape)
    subject = np.asarray(reference * (1 + 1e-16 * random.normal(size=shape)))
    subject[(0,) * len(shape)] += wrong
    outcome = {"loss": np.float64(1.0 + loss), "W": subject, **(rules or {})}
    exact = {"loss": np.float64(1.0), "W": reference, **(rules or {})}
    noise = {name: np.abs(value) * 1e-16 for name, value in exact.items()}
    comparisons = {name: compare(outcome[name], exact[name], noise[name], FLOAT64) for name in outcome}
    groups = {"loss": "loss", "W": "gradients", **dict.fromkeys(rules or {}, "rules")}
    return JudgedCase(
        Key("ordinary", shape[:1], seed), comparisons, outcome, exact, noise, FLOAT64, groups,
        intermediates=intermediates or {},
    )  # fmt: skip


def gathered(*cases):
    collector = Pictures()
    collector(CasesJudged(len(cases), len(cases), cases))
    found = collector.as_dict()
    json.dumps(found, allow_nan=False)
    return found


def pixels(png):
    """Read a PNG with one byte a pixel and no filters; return its rows and its palette."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    place, chunks = 8, {}
    while place < len(png):
        (size,) = struct.unpack(">I", png[place : place + 4])
        kind, content = png[place + 4 : place + 8], png[place + 8 : place + 8 + size]
        assert struct.unpack(">I", png[place + 8 + size : place + 12 + size])[0] == zlib.crc32(kind + content)
        chunks[kind] = content
        place += 12 + size
    width, height, *kind = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert kind == [8, 3, 0, 0, 0]
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any()
    return rows[:, 1:], np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)


@pytest.mark.parametrize("shape", [(), (5,), (5, 7), (2, 3, 5)])
def test_the_map_is_that_of_the_case_furthest_off(shape):
    quiet, loud = case(1, shape=shape), case(2, shape=shape, wrong=1e-9)
    (found,) = gathered(quiet, loud, case(3, shape=shape))["maps"]
    assert (found["case"], found["shape"], found["block"]) == (str(loud.key), list(shape), [1, 1])
    rows, _ = pixels(base64.b64decode(found["png"]))
    assert rows.shape == (found["rows"], found["columns"])
    assert rows.size == max(1, int(np.prod(shape)))
    expected = loud.comparisons["W"].discrepancy
    told = np.vectorize(heat.tolerances)(rows.reshape(expected.shape))
    clipped = np.clip(expected, 10**heat.LOW, 10**heat.HIGH)
    assert np.allclose(np.log10(told), np.log10(clipped), atol=(heat.HIGH - heat.LOW) / 254 / 2 + 1e-9)
    index, subject, reference, noise, discrepancy = found["entries"][0]
    worst = tuple(index)
    assert worst == (0,) * len(shape)
    assert (subject, reference) == (loud.outcome["W"][worst], loud.reference["W"][worst])
    assert (noise, discrepancy) == pytest.approx((loud.noise["W"][worst], expected[worst]), rel=1e-3)


def test_the_colours_turn_at_the_limit_and_grey_is_not_judged():
    values = np.array([0.0, 1e-9, K * 0.9, K * 1.1, 1e300, np.inf, 5.0])
    judged = np.array([True] * 6 + [False])
    found = heat.levels(values, judged)
    assert found.tolist()[:2] == [1, 1]
    assert found.tolist()[4:] == [255, 255, 0]
    red, _, blue = np.array(heat.palette()).T
    assert (blue > red)[found[:3]].all()
    assert (red > blue)[found[3:6]].all()
    assert len(set(heat.palette())) == 256


def test_the_worst_thousand_entries_are_kept_in_order_and_only_judged_ones():
    big = case(shape=(53, 59))
    comparison = big.comparisons["W"]
    judged = comparison.judged.copy()
    judged[:10] = False
    spoilt = comparison._replace(judged=judged)
    changed = JudgedCase(**{**big.__dict__, "comparisons": {**big.comparisons, "W": spoilt}})
    (found,) = gathered(changed)["maps"]
    entries = found["entries"]
    assert len(entries) == pictures.WORST == 1000
    offs = [entry[4] for entry in entries]
    assert offs == sorted(offs, reverse=True)
    expected = np.sort(comparison.discrepancy[10:].reshape(-1))[::-1][:1000]
    assert offs == pytest.approx(expected, rel=1e-3)
    assert all(comparison.discrepancy[tuple(entry[0])] == pytest.approx(entry[4], rel=1e-3) for entry in entries)
    few = spoilt._replace(judged=judged & (np.arange(59) < 3))
    only = JudgedCase(**{**big.__dict__, "comparisons": {**big.comparisons, "W": few}})
    assert len(gathered(only)["maps"][0]["entries"]) == 43 * 3


def test_infinite_and_missing_numbers_come_through():
    broken = case(wrong=np.inf)
    (found,) = gathered(broken)["maps"]
    assert found["entries"][0][1] == "inf"
    assert found["entries"][0][4] == "inf"


def test_large_arrays_share_pixels_until_all_fit(monkeypatch):
    monkeypatch.setattr(pictures, "ROOM", 4_000)
    big = case(shape=(101, 103), wrong=1.0)
    (found,) = gathered(big)["maps"]
    assert found["block"] != [1, 1]
    picture, _ = pixels(base64.b64decode(found["png"]))
    assert len(base64.b64decode(found["png"])) <= 4_000
    assert picture.shape == tuple(-(-size // block) for size, block in zip((101, 103), found["block"], strict=True))
    levels = heat.levels(big.comparisons["W"].discrepancy, big.comparisons["W"].judged)
    assert picture[0, 0] == levels[0, 0] == levels.max() == picture.max()
    down, across = found["block"]
    assert picture[1, 2] == levels[down : 2 * down, 2 * across : 3 * across].max()


def test_discrepancies_are_counted_over_all_cases():
    cases = [case(seed) for seed in range(3)]
    counts = gathered(*cases)["discrepancies"]["W"]
    assert sum(counts) == 3 * 35
    expected = np.concatenate([heat.levels(c.comparisons["W"].discrepancy, True).reshape(-1) for c in cases])
    assert counts == np.bincount(expected, minlength=256).tolist()


def test_a_rule_that_only_shrinks_is_a_clip_and_others_are_not():
    def ruled(seed):
        made = case(seed)
        gradient = made.outcome["W"]
        results = {"bound": np.clip(gradient, -0.5, 0.5), "step": 0.1 - gradient, "twice": 2 * gradient}
        results["once"] = gradient * (1 + seed)
        rules = {f"W after {name}": result for name, result in results.items()}
        return case(seed, rules=rules)

    found = gathered(ruled(0), ruled(1))["magnitudes"]
    assert list(found["after"]) == ["bound"]
    assert sum(found["before"]) == sum(found["after"]["bound"]) == 70
    edges = np.array(found["edges"])
    largest = [edges[np.flatnonzero(counts)[-1] + 1] for counts in (found["before"], found["after"]["bound"])]
    assert largest[0] > np.log10(1.5)
    assert largest[1] == 10**0 - 1 + edges[np.searchsorted(edges, np.log10(0.5))]


def test_norms_step_by_step_are_those_of_the_longest_case_and_the_extremes():
    def through_time(seed, steps, factor):
        states = np.ones((steps, 3)) * factor ** np.arange(steps)[:, None]
        return case(seed, intermediates={"h": states, "z": 2 * states})

    cases = [through_time(1, 9, 1.1), through_time(2, 5, 10.0), through_time(3, 4, 0.01), through_time(4, 1, 1.0)]
    found = {flow["shows"]: flow for flow in gathered(*cases)["flow"]}
    assert {shows: flow["case"] for shows, flow in found.items()} == {
        "longest": str(cases[0].key), "fades": str(cases[1].key), "grows": str(cases[2].key),
    }  # fmt: skip
    assert found["fades"]["variables"]["h"] == pytest.approx([3**0.5 * 10.0**step for step in range(5)])
    assert found["fades"]["variables"]["z"] == pytest.approx([2 * 3**0.5 * 10.0**step for step in range(5)])
    assert gathered(case())["flow"] == []


def test_where_the_loss_is_wrong_nothing_is_shown():
    assert gathered(case(loss=1.0))["maps"] == []


def test_the_judge_passes_on_what_the_subject_shows():
    from crosscheck import Outcome, check

    def by_hand(w, x):
        return Outcome((w * w * x).sum(), 2 * w * x, intermediates={"h": np.stack([w, 2 * w])})

    found = check(by_hand, cases=(np.ones(3), np.ones(3)), examples=2, pictures=True).as_dict()
    assert [list(flow["variables"]) for flow in found["pictures"]["flow"]] == [["h"]]
    assert found["environment"]["NumPy"] == np.__version__


GIVEN = """
import numpy as np

def loss_and_gradient(w, x):
    h = np.tanh(x @ w)
    loss = np.sum(h * h)
    dw = x.T @ (2 * h * (1 - h * h))
    return loss, dw

loss_and_gradient(np.ones((3, 2)), np.ones((5, 3)))
"""


@pytest.mark.parametrize("asked", [True, False])
def test_the_check_of_a_file_gathers_them_only_when_asked(asked):
    from pathlib import Path

    from crosscheck.files.examine import examine
    from crosscheck.files.options import Options
    from crosscheck.source.document import read_text

    said = []
    document = read_text(GIVEN, "utf-8", Path("x.py"))
    examine(document, Options(examples=2, repair=False, pictures=asked), said.append)
    (subject,) = [event["subject"] for event in said if event["event"] == "judged"]
    assert subject["verdict"] == "agree"
    assert ("pictures" in subject, "environment" in subject) == (asked, asked)
    assert (subject["file"], subject["line"]) == ("x.py", 7)
    if asked:
        assert [one["name"] for one in subject["pictures"]["maps"]] == ["w"]
