"""A report as a notebook shows it: the page in small, without pictures."""

import html
from collections.abc import Iterator, Mapping
from typing import Any

from crosscheck.reports.parts import Gradient, parts
from crosscheck.reports.text import at, repair_sentence, share_judged


def notebook(report: Mapping[str, Any]) -> str:
    """Return a report as a piece of HTML: what `_repr_html_` of the report objects shows."""
    return f"<section>{''.join(_pieces(report))}</section>"


def _pieces(report: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"<p><strong>{_text(report['target'])}: {report['verdict'].upper()}</strong>, {report['judged']} of "
        f"{report['examples']} cases judged in {report['seconds']:.1f} s</p>"
    )
    if report["error"] is not None:
        yield f"<p>{_text(report['error']['message'])}</p>"
    for part in parts(report):
        for gradient in part.gradients:
            yield from _of_gradient(gradient)
        left_out = [f"{one['function']} was not judged: {one['reason']}" for one in part.skipped]
        yield _items([f"{at(one)}{one['message']}" for one in part.findings] + left_out)
        yield from (f"<pre>{_text(repair['diff'])}</pre>" for repair in part.repairs[:1])
    yield f"<pre>{_text(report['reproduce'])}</pre>"


def _of_gradient(gradient: Gradient) -> Iterator[str]:
    content = gradient.content
    if gradient.function:
        yield f"<p><strong>{_text(gradient.function)}: {gradient.verdict.upper()}</strong></p>"
    if content["parameters"]:
        rows = "".join(map(_row, content["parameters"]))
        heads = ("parameter", "verdict", "judged", "detects", "furthest off, in tolerances")
        yield (
            f"<table><thead><tr>{''.join(f'<th scope=col>{head}</th>' for head in heads)}</tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )
    yield _items([f"{at(one)}{one['message']}" for one in (*content["diagnoses"], *content["findings"])])
    for repair in content["repairs"][:1]:
        yield f"<p>Repair: {_text(repair_sentence(repair))}.</p><pre>{_text(repair['diff'])}</pre>"


def _row(parameter: Mapping[str, Any]) -> str:
    worst = parameter["worst"] or {}
    off = f"{float(worst['discrepancy']):.2g}" if "discrepancy" in worst else ""
    cells = (parameter["verdict"], share_judged(parameter), f"{float(parameter['detection_floor']):.1e}", off)
    head = f"<th scope='row'>{_text(parameter['name'])}</th>"
    return f"<tr>{head}{''.join(f'<td>{_text(cell)}</td>' for cell in cells)}</tr>"


def _items(items: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{_text(item)}</li>' for item in items)}</ul>" if items else ""


def _text(text: Any) -> str:
    return html.escape(str(text))
