"""A verdict, a list, a text of the course as lines for a terminal."""

from crosscheck.learn.course import BOOK, Exercise
from crosscheck.learn.paint import Paint
from crosscheck.learn.result import Result
from crosscheck.learn.workspace import Workspace

HEADS = {
    "todo": "Something is left to write",
    "syntax": "Python cannot read the file yet",
    "import": "Not allowed here",
    "refused": "Not allowed here",
    "complex": "Not allowed here",
    "withheld": "Not allowed here",
    "raised": "Your code stops with an error",
    "endless": "Your code does not end",
    "crashed": "Your code crashed",
    "missing": "Something is missing",
    "unstable": "Nearly",
    "changes-arguments": "Nearly",
    "not-repeatable": "Nearly",
    "square": "Not yet",
}


def verdict(result: Result, paint: Paint) -> list[str]:
    """Return what is to be said of an answer."""
    head = "Solved" if result.solved else HEADS.get(result.code, "Not yet")
    mark = ("✓ " if result.solved else "✗ ") if paint.symbols else ""
    lines = [(paint.good if result.solved else paint.bad)(f"{mark}{head}.")]
    for sentence in () if result.solved else result.sentences:
        lines += ["", *paint.wrapped(sentence, "  ")]
    if len(result.rows) > 1 or (result.rows and not result.solved):
        lines += ["", *_table(result, paint)]
    for remark in result.remarks:
        lines += ["", *paint.wrapped(remark, "  ")]
    if result.printed.strip():
        lines += ["", paint.bold("Printed:"), *(f"  {line}" for line in result.printed.rstrip().splitlines())]
    return lines


def _table(result: Result, paint: Paint) -> list[str]:
    widest = max(len(row.name) for row in result.rows)
    lines = []
    for row in result.rows:
        word = paint.good("right") if row.right else paint.bad("wrong")
        lines.append(f"  {row.name:{widest}}  {word}")
        if row.detail:
            short = len(row.detail) + widest + 11 <= paint.width
            if short:
                lines[-1] += f"  {row.detail}"
            else:
                lines += paint.wrapped(row.detail, "    ")
    return lines


def listing(workspace: Workspace, paint: Paint, chosen: Exercise | None = None) -> list[str]:
    """Return all exercises with what is solved; the chosen one is marked."""
    solved = workspace.progress().solved
    yes, here = ("✓", "▶") if paint.symbols else ("x", ">")
    lines = []
    for chapter in workspace.course.chapters:
        lines.append(paint.bold(f"{chapter.number} {chapter.title}"))
        for exercise in chapter.exercises:
            mark = paint.good(yes) if exercise.name in solved else " "
            pointer = here if exercise is chosen else " "
            about = f" (needs {exercise.lacks})" if exercise.lacks else ""
            lines.append(
                f"{pointer} {mark} {_shortened(f'{exercise.name:15} {exercise.title}{about}', paint.width - 4)}"
            )
    return lines


def counted(workspace: Workspace) -> tuple[int, int]:
    """Return how many exercises are solved, and of how many that can be done here."""
    possible = [one.name for one in workspace.course.exercises if not one.lacks]
    return sum(name in workspace.progress().solved for name in possible), len(possible)


def theory(exercise: Exercise, paint: Paint) -> list[str]:
    """Return the theory of an exercise."""
    lines = paint.wrapped(exercise.text("theory.md"))
    lines[0] = paint.bold(lines[0].removeprefix("# "))
    if exercise.read:
        lines += ["", f"Read on: {paint.path(BOOK)}{exercise.read}"]
    return lines


def solution(exercise: Exercise, paint: Paint) -> list[str]:
    """Return the solution with its derivation."""
    return [*exercise.solution.rstrip().splitlines(), "", *paint.wrapped(exercise.text("derivation.md"))]


def _shortened(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 1)] + "…"
