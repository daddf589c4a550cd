"""A report as one HTML file: nothing is fetched, and every picture has a table."""

from collections.abc import Mapping
from typing import Any


def page(report: Mapping[str, Any]) -> str:
    """Return a report as a page of its own: verdicts first, then each gradient, then where and how it was judged.

    It shows pictures where the report holds them (`crosscheck.reports.pictures`), is light or dark as the reader's
    system is, and makes no request to anywhere.
    """
    from crosscheck.reports.page.rendering import render

    return render(report)
