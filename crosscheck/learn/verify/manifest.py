"""The order of the course: what the manifest names is there, once, and nothing else is."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from crosscheck.learn.course import BOOK, EXERCISES, Course


def manifest(course: Course) -> Iterator[str]:
    """Yield what is wrong with the manifest."""
    names = Counter(exercise.name for exercise in course.exercises)
    yield from (f"manifest.toml: {name} stands there {count} times" for name, count in names.items() if count > 1)
    yield from (f"manifest.toml: {name} is no name for a file" for name in names if not name.isidentifier())
    stray = {path.name for path in EXERCISES.iterdir()} - set(names) - {"__pycache__"}
    yield from (f"exercises/{name} is not in the manifest" for name in sorted(stray))
    numbers = [chapter.number for chapter in course.chapters]
    if numbers != sorted(set(numbers)):
        yield "manifest.toml: the chapters are not in the order of their numbers"
    if len({chapter.folder for chapter in course.chapters}) != len(course.chapters):
        yield "manifest.toml: two chapters share a folder"
    anchors = _anchors(BOOK)
    for exercise in course.exercises:
        if exercise.read and exercise.read not in anchors:
            yield f"manifest.toml: {exercise.name} links to {exercise.read}, which manual/README.md does not have"


def _anchors(book: Path) -> set[str]:
    """Return the anchors that Markdown makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", book.read_text(encoding="utf-8"), re.MULTILINE)
    return {"#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
