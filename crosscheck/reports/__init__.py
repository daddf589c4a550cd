"""Reports for other programs and for people: functions over the JSON form of what a check found.

Each takes the object that `to_json` writes (crosscheck/schema.json) and knows nothing of where it came from: the
library, the command line, or the pieces of a run that was spread over several machines.
"""

from crosscheck.reports.github import annotations, summary
from crosscheck.reports.junit import junit
from crosscheck.reports.merging import merged
from crosscheck.reports.page import page
from crosscheck.reports.sarif import sarif
from crosscheck.reports.text import summary_lines

__all__ = ["annotations", "junit", "merged", "page", "sarif", "summary", "summary_lines"]
