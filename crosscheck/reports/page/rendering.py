"""The page's template, filled."""

import base64
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup

from crosscheck.compare import K
from crosscheck.reports import heat
from crosscheck.reports.environment import environment
from crosscheck.reports.page.views import Room, views
from crosscheck.reports.parts import parts
from crosscheck.reports.text import at, repair_sentence, share_judged
from crosscheck.verdicts import Verdict

MARKS = {Verdict.AGREE: "✓", Verdict.DISAGREE: "✗", Verdict.INCONCLUSIVE: "?", Verdict.ERROR: "!"}


def render(report: Mapping[str, Any]) -> str:
    """Return the whole page."""
    found = list(parts(report))
    shown = views(found, Room())
    return template("page.html").render(
        report=report,
        parts=found,
        gradients=shown,
        counts={verdict: sum(one.verdict is verdict for one in shown) for verdict in Verdict},
        environments=_environments(report),
        legend=_legend() if any(one.maps for one in shown) else None,
        palette=[list(colour) for colour in heat.palette()],
        span=[heat.LOW, heat.HIGH],
        limit=K,
        script=Markup(_text("page.js")),  # noqa: S704 (our own)
    )


def template(name: str) -> jinja2.Template:
    """Return one of the templates of this package, with what all of them share."""
    return _environment().get_template(name)


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        loader=jinja2.FunctionLoader(_text),
    )  # fmt: skip
    made.filters |= {"short": short, "seconds": seconds, "data": _data, "exact": exact}
    made.globals |= {"at": at, "repair_sentence": repair_sentence, "share_judged": share_judged, "marks": MARKS}
    made.globals["style"] = Markup(_text("page.css"))  # noqa: S704 (our own)
    return made


def _text(name: str) -> str:
    return files(__name__.rpartition(".")[0]).joinpath(name).read_text(encoding="utf-8")


def _environments(report: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """Return where the checks ran, each environment once; this process where nothing is said about it."""
    places = [report, *(one for part in parts(report) for one in (part.content, *(g.content for g in part.gradients)))]
    found: list[Mapping[str, str]] = []
    for place in places:
        if place.get("environment") and place["environment"] not in found:
            found.append(place["environment"])
    return found or [environment()]


def _legend() -> Mapping[str, Any]:
    """Return the scale of colours as a picture, and where its ticks stand, in percent."""
    strip = np.arange(heat.LEAST, heat.MOST + 1, dtype=np.uint8).reshape(1, -1)
    ticks = [-2, 0, 4, 8, 12, 16]
    return {
        "png": base64.b64encode(heat.png(strip)).decode("ascii"),
        "ticks": [(f"1e{tick}" if abs(tick) > 2 else f"{10.0**tick:g}", _share(tick)) for tick in ticks],
        "limit": _share(float(np.log10(K))),
        "grey": heat.palette()[heat.NOT_JUDGED],
    }


def _share(decades: float) -> float:
    return round(100 * (decades - heat.LOW) / (heat.HIGH - heat.LOW), 2)


def _data(value: Any) -> Markup:
    r"""Return data for the script: JSON in which no text can end the element.

    >>> print(_data({"name": "</script>"}))
    {"name":"\u003c/script>"}
    """
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704 (escaped just now)


def short(value: Any) -> str:
    """Write a number with two digits.

    >>> short(1.2345e-14), short("inf"), short(38)
    ('1.2e-14', 'inf', '38')
    """
    return f"{float(value):.2g}"


def exact(value: Any) -> str:
    """Write a number so that it can be told from every other.

    >>> exact(0.1), exact("nan")
    ('0.1', 'nan')
    """
    return repr(float(value))


def seconds(value: float) -> str:
    """Write a time in seconds.

    >>> seconds(1.25)
    '1.2 s'
    """
    return f"{value:.1f} s"
