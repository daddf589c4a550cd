"""The page in a real browser: light and dark, wide and narrow, by keyboard, and with a large model.

A page of ours stands in each frame of another page, whose script uses it as a reader would and writes down what it saw;
the frames' widths and colour schemes are those of a desktop by day and a phone by night.
"""

import html
import json
import shutil
import subprocess

import pytest
from lxml import html as parser

from crosscheck.reports import page
from crosscheck.reports.page.training import training_page
from crosscheck.reports.pictures import Pictures
from tests.crosscheck.reports import made
from tests.crosscheck.reports.test_page import pictured
from tests.crosscheck.reports.test_pictures import case
from tests.crosscheck.reports.test_training_page import recording

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = next((found for name in BROWSERS if (found := shutil.which(name))), None)
FRAMES = {"desktop": ("light", 1280, 900), "phone": ("dark", 390, 800), "large": ("light", 1280, 900)}
TRAININGS = {"two trainings": ("light", 1280, 900), "two on a phone": ("dark", 390, 800)}

READER = """
const seen = {};
const tooSmall = (page) => [...page.querySelectorAll("summary, button")].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.height > 0 && box.height < 24;
}).map((one) => one.textContent);
function use(name, frame) {
  const page = frame.contentDocument, view = frame.contentWindow, found = {};
  found.ready = performance.now() - begun[name];
  found.overflow = page.documentElement.scrollWidth - view.innerWidth;
  found.back = view.getComputedStyle(page.body).backgroundColor;
  found.images = [...page.images].map((image) => image.naturalWidth);
  const names = view.performance.getEntriesByType("resource").map((one) => one.name);
  found.requests = names.filter((one) => !one.startsWith("data:"));
  found.small = tooSmall(page);
  seen[name] = found;
  document.getElementById("seen").textContent = JSON.stringify(seen);
  if (!page.querySelector(".picture")) return;
  const picture = page.querySelector(".picture"), output = page.querySelector("output");
  picture.focus();
  found.focused = page.activeElement === picture;
  const press = (key, shiftKey) =>
    picture.dispatchEvent(new view.KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
  press("ArrowLeft", false);
  found.first = output.textContent;
  press("ArrowRight", false);
  found.second = output.textContent;
  for (let i = 0; i < 200; i++) press("ArrowDown", true);
  found.last = output.textContent;
  const button = page.querySelector("button");
  page.querySelector(".map details").open = true;
  button.click();
  found.rows = page.querySelectorAll(".map tbody")[0].rows.length;
  found.end = page.querySelectorAll(".map tbody")[0].rows[found.rows - 1].textContent;
  page.querySelector(".gradient").open = false;
  const folded = page.querySelector(".gradient");
  view.location.hash = "#" + folded.id;
  found.small = tooSmall(page);
  seen[name] = found;
  document.getElementById("seen").textContent = JSON.stringify(seen);
}
const begun = {};
for (const [name, [scheme, width, height, text]] of Object.entries(pages)) {
  const frame = document.createElement("iframe");
  frame.style = `color-scheme:${scheme};width:${width}px;height:${height}px;border:0`;
  frame.onload = () => use(name, frame);
  begun[name] = performance.now();
  frame.srcdoc = text;
  document.body.append(frame);
}
"""


def large():
    """Return a report with every gradient of a network of 512 units and 1,000 symbols."""
    collector = Pictures()
    shapes = {"Wxh": (512, 1000), "Whh": (512, 512), "Why": (1000, 512), "bh": (512,), "by": (1000,)}
    for name, shape in shapes.items():
        one = case(3, shape=shape, wrong=1e-3 if name == "Whh" else 0.0)
        renamed = {
            field: {name if key == "W" else key: value for key, value in getattr(one, field).items()}
            for field in ("comparisons", "outcome", "reference", "noise", "groups")
        }
        collector.add(type(one)(**{**one.__dict__, **renamed}))
    return made.file_report(subjects=[collector.added_to(made.subject("lossFun", "disagree"))])


@pytest.fixture(scope="module")
def pages():
    reports = {"desktop": page(pictured()), "phone": page(pictured()), "large": page(large())}
    long = "a name without any place to break it " + "x" * 80
    trainings = [recording("run", samples=[(0, "y" * 300)]), recording(long, seed=1)]
    return reports | dict.fromkeys(TRAININGS, training_page(trainings))


@pytest.fixture(scope="module")
def seen(pages, tmp_path_factory):
    """Return what the reader saw in each frame."""
    if BROWSER is None:
        pytest.skip(f"no browser is installed: tried {', '.join(BROWSERS)}")
    folder = tmp_path_factory.mktemp("browser")
    given = json.dumps({name: [*(FRAMES | TRAININGS)[name], text] for name, text in pages.items()}).replace(
        "<", "\\u003c"
    )
    harness = folder / "harness.html"
    harness.write_text(
        f"<!DOCTYPE html><meta charset=utf-8><body><pre id=seen></pre><script>const pages = {given};{READER}</script>",
        encoding="utf-8",
    )
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}",
        "--window-size=1300,900", "--dump-dom", harness.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    text = parser.document_fromstring(done.stdout).get_element_by_id("seen").text
    return json.loads(html.unescape(text))


@pytest.mark.thorough
@pytest.mark.parametrize("name", FRAMES)
def test_the_page_fits_shows_its_pictures_and_asks_for_nothing(seen, name):
    found = seen[name]
    assert found["overflow"] <= 0
    assert found["images"]
    assert all(found["images"])
    assert found["requests"] == []
    assert found["small"] == []


@pytest.mark.parametrize("name", TRAININGS)
def test_the_page_of_trainings_fits_and_asks_for_nothing(seen, name):
    found = seen[name]
    assert (found["overflow"] <= 0, found["requests"], found["small"]) == (True, [], [])


def test_it_is_light_by_day_and_dark_by_night(seen):
    def brightness(name):
        return sum(int(part) for part in seen[name]["back"].strip("rgb()").split(","))

    assert brightness("desktop") > 3 * 240
    assert brightness("phone") < 3 * 40


def test_the_arrow_keys_read_a_map(seen):
    found = seen["desktop"]
    assert found["focused"]
    one = case(2, wrong=1e-6)
    subject, reference = (float(values["W"][0, 0]) for values in (one.outcome, one.reference))
    assert found["first"].startswith(f"[0, 0]: {subject!r} by hand, {reference!r} by the reference, ")
    assert found["second"].startswith("[0, 1]: ")
    assert found["last"].startswith("[4, 1]: ")
    large = seen["large"]["last"]
    assert large.startswith("[511, 1]: about ")


def test_all_of_the_worst_entries_can_be_listed(seen):
    assert seen["desktop"]["rows"] == 35
    assert seen["large"]["rows"] == 1000


def test_a_large_model_makes_a_page_below_five_megabytes_that_opens_at_once(pages, seen):
    assert len(pages["large"].encode()) < 5_000_000
    assert "each pixel shows the worst" not in pages["large"]
    assert seen["large"]["ready"] < 10 * seen["phone"]["ready"]  # a page of five numbers, in the same browser
