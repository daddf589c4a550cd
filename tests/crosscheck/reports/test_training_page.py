"""The page of a training: every curve has its numbers beside it, nothing is hidden by thinning, and it stays small."""

from pathlib import Path

import numpy as np
import pytest
from lxml import html

from crosscheck.reports.page.curves import BINS, Curve, figure, medians, thinned
from crosscheck.reports.page.training import SAMPLES, training_page
from crosscheck.reports.recordings import NUMBERS, Recording

NAMES = ("Wxh", "Whh", "Why", "bh", "by")


def recording(name="run", count=50, lags=6, samples=(), engine="manual", seed=0):
    random = np.random.default_rng(seed)
    noise = np.exp(random.normal(size=(count, 2)))
    numbers = dict(zip(NUMBERS, 3 + random.random((len(NUMBERS), count)), strict=True))
    numbers["smoothed_loss"] = 25 * numbers["bits_per_symbol"]
    return Recording(
        path=Path(f"{name}.jsonl"),
        run={
            "crosscheck": "training", "version": 1, "engine": engine, "text": {"file": "a.txt", "symbols": 12345},
            "settings": {"optimiser": "adagrad", "layout": {"length": 25}}, "hidden_size": 100,
        },
        resumed=(),
        steps=np.arange(1, count + 1),
        numbers=numbers,
        norms=dict.fromkeys(NAMES, noise),
        clipped=random.random(count),
        flow=np.exp(random.normal(size=(count, lags))),
        samples=tuple(samples),
    )  # fmt: skip


def parsed(*recordings):
    return html.document_fromstring(training_page(recordings))


def titles(tree):
    return [element.text for element in tree.findall(".//figcaption/strong")]


def test_it_shows_what_a_training_is_about():
    tree = parsed(recording(samples=[(0, "first"), (100, "<script>alert(1)</script>")]))
    for title in (
        "Bits per symbol", "Smoothed loss", "Wrong predictions", "Size of the whole gradient", "Loss",
        "Entries that clipping changed", "How far back the gradient reaches", "Gradient flow by lag",
        *(f"Gradient of {name}" for name in NAMES),
    ):  # fmt: skip
        assert titles(tree).count(title) == 1
    assert "Drift of the smoothed losses" not in titles(tree)
    assert [pre.text_content().strip() for pre in tree.findall(".//pre")] == ["first", "<script>alert(1)</script>"]
    assert not tree.findall(".//script")
    facts = dict(zip(tree.xpath("//dt/text()"), tree.xpath("//dd/text()"), strict=True))
    assert facts == {
        "text": "a.txt", "symbols": "12,345", "hidden size": "100", "window": "25", "optimiser": "adagrad",
    }  # fmt: skip


def test_every_chart_has_a_title_and_a_table_and_nothing_is_fetched():
    tree = parsed(recording(), recording("other", engine="autodiff", seed=1))
    figures = tree.findall(".//figure")
    assert len(figures) == 7 + 2 * 7
    for one in figures:
        (chart,) = one.findall("svg")
        assert one.find(f".//title[@id='{chart.get('aria-labelledby')}']").text
        assert one.find("details/div[@tabindex='0']/table/tbody/tr") is not None
        assert one.findall("ul[@class='key']/li")
        headings = one.findall(".//thead/tr/th")
        assert {len(row) for row in one.findall(".//tbody/tr")} == {len(headings)}
    assert not tree.xpath("//@src | //link[not(starts-with(@href, 'data:'))]")
    identifiers = tree.xpath("//@id")
    assert len(identifiers) == len(set(identifiers))


def test_two_runs_that_end_at_the_same_step_show_their_drift():
    one, other = recording(), recording("other", seed=1)
    assert "Drift of the smoothed losses" in titles(parsed(one, other))
    assert "Drift of the smoothed losses" not in titles(parsed(one, recording("other", count=49, seed=1)))
    assert "Drift of the smoothed losses" not in titles(parsed(one, other, recording("third")))


def test_a_hundred_thousand_records_make_a_page_below_five_megabytes():
    long = [
        recording(f"run{n}", count=100_000, lags=25, samples=[(step, "x" * 5000) for step in range(1000)], seed=n)
        for n in range(2)
    ]
    page = training_page(long)
    assert 3 * len(page.encode()) < 5_000_000
    tree = html.document_fromstring(page)
    assert len(tree.findall(".//pre")) == 2 * SAMPLES
    assert "40 of 1000 samples" in tree.text_content()


@pytest.mark.parametrize("log", [False, True])
def test_thinning_keeps_every_extreme(log):
    values = np.ones(100_000)
    values[[3, 50_000, 77_777]] = 1e3, 1e-3, np.nan
    curve = Curve("one", np.arange(1, 100_001), values)
    kept = thinned(curve, np.linspace(1, 100_001, BINS + 1))
    assert len(kept.steps) < 3 * BINS
    assert np.nanmax(kept.values) == 1e3
    assert np.nanmin(kept.values) == 1e-3
    assert np.isnan(kept.values).sum() == 1
    assert (np.diff(kept.steps) > 0).all()
    one = figure("A title", "units", [curve], bands=[curve._replace(name="band")], log_up=True, log_across=log)
    cells = " ".join(cell for row in one.rows for cell in row)
    assert "1000" in cells
    assert "0.001" in cells
    assert "nan" in cells
    assert one.chart.lines[0][1].count("M") == 2  # what is no number interrupts the line
    assert one.caption


def test_few_steps_are_drawn_as_they_are():
    curve = Curve("one", np.array([1, 2, 4]), np.array([3.0, 5.0, 4.0]))
    one = figure("A title", "units", [curve])
    assert one.chart.lines[0][1].count("L") == 2
    assert list(one.rows) == [["1", "3"], ["2", "5"], ["4", "4"]]
    assert not one.caption
    assert medians(curve) is curve


def test_numbers_that_are_none_have_no_place_in_a_drawing():
    values = np.array([np.nan, np.inf, 0.0, -np.inf])
    one = figure("A title", "units", [Curve("one", np.arange(4), values)], log_up=True)
    assert one.chart.lines[0][1] == ""
    assert [row[1] for row in one.rows] == ["nan", "inf", "0", "-inf"]


def test_a_point_alone_can_be_seen():
    values = np.array([1.0, np.nan, 2.0, 3.0])
    path = figure("A title", "units", [Curve("one", np.arange(4), values)]).chart.lines[0][1]
    assert [("h2" in part, part.count("L")) for part in path.split("M")[1:]] == [(True, 0), (False, 1)]


def test_the_reach_is_the_largest_lag_at_which_one_percent_arrives():
    from crosscheck.reports.page.training import _reach

    flow = np.array([[1.0, 0.5, 0.02, 0.009], [1, 0.001, 0.02, 0], [1, 1, 1, 1], [np.nan] * 4])
    np.testing.assert_array_equal(_reach(flow), [2, 2, 3, np.nan])
