"""The stub fails with its TODO, the solution passes, and every listed mistake gets its own words."""

from collections.abc import Iterator, Sequence

from crosscheck.learn.course import Exercise
from crosscheck.learn.examining import examine_source
from crosscheck.learn.result import Result

SEEDS = (1, 2)
"""Each draws other sizes and numbers"""


def answers(exercise: Exercise, seeds: Sequence[int] = SEEDS) -> Iterator[str]:
    """Yield what is wrong with the answers of an exercise; nothing of one that needs a library which is absent."""
    if exercise.lacks:
        return
    yield from _stub(exercise)
    for seed in seeds:
        yield from _right(exercise, exercise.solution, "solution.py", seed)
    for number, edits in enumerate(exercise.exam.also_right):
        yield from _right(exercise, exercise.edited(edits), f"also_right[{number}]", SEEDS[0])
    for wrong in exercise.exam.wrong:
        source = exercise.mistaken(wrong)
        for seed in seeds:
            found = examine_source(exercise, source, seed)
            if found.solved:
                yield f"the mistake {wrong.name} passes with seed {seed}"
            elif found.sentences != (wrong.message,):
                yield f"the mistake {wrong.name} is answered with [{found.code}] {' / '.join(found.sentences)}"
            else:
                continue
            break


def _stub(exercise: Exercise) -> Iterator[str]:
    found = examine_source(exercise, exercise.stub, SEEDS[0])
    if found.solved:
        yield "stub.py passes"
    elif found.code != "todo" or "TODO" not in found.sentences[0]:
        yield f"stub.py does not fail with its TODO, but with [{found.code}] {_said(found)}"
    if exercise.solution == exercise.stub or "TODO" in exercise.solution:
        yield "solution.py is no solution: it still holds a TODO"


def _right(exercise: Exercise, source: str, what: str, seed: int) -> Iterator[str]:
    found = examine_source(exercise, source, seed)
    if not found.solved:
        yield f"{what} does not pass with seed {seed}: [{found.code}] {_said(found)}"
    elif found.remarks:
        yield f"{what} passes with a remark: {found.remarks[0]}"


def _said(found: Result) -> str:
    return " / ".join([*found.sentences, *(row.detail for row in found.rows if row.detail)])
