"""The page as an HTML parser reads it: complete, closed in itself, and with a table for every picture."""

import itertools
import json

import numpy as np
import pytest
from lxml import etree
from lxml import html as parser

from crosscheck.reports import page
from crosscheck.reports.page import rendering
from crosscheck.reports.page.views import Room
from crosscheck.reports.pictures import Pictures
from tests.crosscheck.reports import made
from tests.crosscheck.reports.test_pictures import case

REFERS = ("src", "href", "action", "data", "poster", "srcset", "cite", "background")


def read(report):
    text = page(report)
    strict = parser.HTMLParser(recover=True)
    tree = parser.document_fromstring(text.encode("utf-8", "backslashreplace"), parser=strict)
    ours = [entry for entry in strict.error_log if entry.type_name != "HTML_UNKNOWN_TAG"]  # libxml2 knows HTML 4
    assert not ours, ours
    return tree


def pictured(report=None, **more):
    """Return a report whose gradient has every picture there is."""
    collector = Pictures()
    states = np.geomspace(1e-9, 1e3, 11)[:, None] * np.ones(3)
    gradient = case(2, wrong=1e-6).outcome["W"]
    rules = {"W after clip": np.clip(gradient, -0.5, 0.5)}
    collector.add(case(2, wrong=1e-6, rules=rules, intermediates={"h": states, "<z>": states[::-1]}))
    mutants = [{"line": 3, "before": "a < b", "after": "b", "outcome": "killed"},
               {"line": 4, "before": "a", "after": "b", "outcome": "survived"}]  # fmt: skip
    subject = collector.added_to(made.subject("f", "disagree", mutants=mutants, **more))
    return made.file_report(subjects=[subject]) if report is None else collector.added_to(report)


@pytest.mark.parametrize("report", made.KINDS, ids=made.NAMES)
def test_every_report_makes_a_page_with_its_verdict_first(report):
    tree = read(report)
    (heading,) = tree.xpath("//h1")
    assert report["verdict"] in heading.text_content()
    assert tree.findtext(".//title").startswith(report["verdict"].upper())
    assert not tree.xpath("//script[not(@type)]")[0].xpath("//script[contains(., 'alert(1)')][not(@type)]")
    rows = tree.xpath("(//table)[1]/tbody/tr")
    details = tree.xpath("//details[@class='gradient']")
    assert len(rows) == len(details) + len(report["skipped"])


@pytest.mark.parametrize("report", [*made.KINDS, pictured()], ids=[*made.NAMES, "pictured"])
def test_a_page_asks_nobody_for_anything_and_its_structure_is_sound(report):
    tree = read(report)
    for element in tree.iter(etree.Element):
        for name in REFERS:
            assert element.get(name, "data:").startswith(("data:", "#")), etree.tostring(element)
    assert "default-src 'none'" in tree.xpath("//meta[@http-equiv]")[0].get("content")
    assert "http:" not in page(report).replace("http-equiv", "")
    assert "https:" not in page(report)
    numbers = tree.xpath("//@id")
    assert len(numbers) == len(set(numbers))
    for name in ("href", "aria-labelledby"):
        for value in tree.xpath(f"//@{name}"):
            assert value == "data:," or value.lstrip("#") in numbers
    assert all(table.xpath("./thead//th[@scope='col']") for table in tree.xpath("//table"))
    assert all(image.get("alt") for image in tree.xpath("//img"))
    levels = [int(heading.tag[1]) for heading in tree.xpath("//h1|//h2|//h3")]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_picture_has_a_table_and_says_what_it_shows():
    tree = read(pictured())
    figures = tree.xpath("//figure[not(@class='legend')]")
    assert len(figures) == 3  # the map of W, its way through time, its clip
    assert all(figure.xpath(".//table/tbody/tr") for figure in figures)
    (label,) = tree.xpath("//div[@class='picture']/@aria-label")
    assert label.startswith("Discrepancy of W, 5 × 7, in case ordinary/5/2. The furthest off is entry [0, 0] with ")


def test_the_sections_hold_what_the_report_says():
    text = read(pictured()).text_content()
    for part in (
        "nothing is carried", "+    dh = dy + dhnext", "Wxh differs.", "one-step", "2e-14", "complex step",
        "crosscheck check models/x.py --seed 0", "NumPy", np.__version__, "1 killed, 1 survived, of 2.",
    ):  # fmt: skip
        assert part in text


def test_the_data_of_a_map_are_exact():
    report = pictured()
    (data,) = read(report).xpath("//script[starts-with(@id, 'data')]")
    (kept,) = report["subjects"][0]["pictures"]["maps"]
    assert json.loads(data.text)["entries"] == kept["entries"]


def test_what_would_make_a_page_too_large_is_left_out_and_said(monkeypatch):
    monkeypatch.setattr(rendering, "Room", lambda: Room(100))
    tree = read(pictured())
    assert not tree.xpath("//div[@class='picture']")
    assert "it has no pictures of W" in tree.text_content()


def test_many_gradients_that_agree_are_folded_and_wrong_ones_stand_first():
    several = [made.subject(f"f{number}") for number in range(9)]
    tree = read(made.file_report(subjects=[*several, made.subject("g", "disagree")]))
    details = tree.xpath("//details[@class='gradient']")
    assert details[0].xpath("string(summary/h2)") == "g"
    assert [one.get("open") is not None for one in details] == [True] + [False] * 9


def test_the_report_of_a_file_shows_itself_in_a_notebook():
    from crosscheck.files.report import FileReport

    shown = FileReport("x.py", 0, 1.0, "again", (made.subject("f", "disagree"),))._repr_html_()
    tree = parser.fragment_fromstring(shown)
    assert len(tree.xpath("//tbody/tr")) == 2
    assert "+    dh = dy + dhnext" in tree.text_content()


@pytest.mark.parametrize("report", made.KINDS, ids=made.NAMES)
def test_a_notebook_shows_the_same_in_small(report):
    from crosscheck.reports.notebook import notebook

    tree = parser.fragment_fromstring(notebook(report).encode("utf-8", "backslashreplace").decode())
    assert tree.tag == "section"
    assert report["verdict"].upper() in tree.text_content()
    assert not tree.xpath("//script")
