"""A finished function can be carried out of the course: the check of files says AGREE of it."""

from collections.abc import Iterator

from crosscheck.files.check import check_file
from crosscheck.learn.course import Exercise
from crosscheck.verdicts import Verdict


def carried(exercise: Exercise) -> Iterator[str]:
    """Yield why the check of files would not acquit a solution that holds a forward and its backward pass."""
    exam = exercise.exam
    if exercise.lacks or not exam.withheld or not exam.function.endswith("_backward"):
        return
    report = check_file(exercise.folder / "solution.py", repair=False)
    if report.verdict is not Verdict.AGREE:
        said = report.as_dict()
        reasons = [one["reason"] for one in said["skipped"]] + [one["message"] for one in said["findings"]]
        yield f"crosscheck check says {report.verdict.upper()} of solution.py: {' / '.join(reasons)}"
