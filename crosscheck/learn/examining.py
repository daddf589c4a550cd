"""An answer from the first look to the verdict: cases are drawn, the learner's code is called, the tutor looks."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from crosscheck.learn import judging
from crosscheck.learn.calling import Drive, Outcome, call_once, lines_of
from crosscheck.learn.course import Exercise
from crosscheck.learn.driving import driver
from crosscheck.learn.exam import MENDED, RIGHT, Exam
from crosscheck.learn.generic import general
from crosscheck.learn.loading import load
from crosscheck.learn.obstacle import Obstacle
from crosscheck.learn.paper import Paper, Sheet, paper, rules_of
from crosscheck.learn.result import Result, Row
from crosscheck.learn.tutor import Seen, recognised

SLOW = 20
"""Times as many lines as the solution runs: what loops where one product would do runs hundreds of times as many"""


class Caller(Protocol):
    """Something that holds the learner's code and calls it."""

    answer: Any
    """The `ANSWER` of detective work, None where the file has none."""

    def calls(self, arguments: Sequence[tuple[Any, ...]]) -> list[Outcome]:
        """Call the function once for each of these arguments."""
        ...

    def lines(self, arguments: tuple[Any, ...], most: int) -> Outcome:
        """Count the lines that a call runs."""
        ...


class Here:
    """Code that runs in this process: the author's own, or a function of a notebook."""

    def __init__(self, drive: Drive, file: str, answer: Any = None, *, repeat: bool = True) -> None:
        self.drive, self.file, self.answer, self.repeat = drive, file, answer, repeat

    def calls(self, arguments: Sequence[tuple[Any, ...]]) -> list[Outcome]:
        """Call it once for each of these arguments."""
        return [call_once(self.drive, one, self.file, repeat=self.repeat) for one in arguments]

    def lines(self, arguments: tuple[Any, ...], most: int) -> Outcome:
        """Count lines."""
        return lines_of(self.drive, arguments, self.file, most)


def here(exercise: Exercise, source: str, name: str = "<answer>") -> Here:
    """Return what calls the function of a source text. Raises Obstacle."""
    module = load(source, name, rules_of(exercise))
    drive = driver(module, exercise.name, exercise.exam.function)
    return Here(drive, name, getattr(module, "ANSWER", None), repeat=exercise.exam.repeat)


def examine_source(exercise: Exercise, source: str, seed: int) -> Result:
    """Judge a source text in this process."""
    return examine(exercise, source, seed, lambda: here(exercise, source))


def examine(exercise: Exercise, source: str, seed: int, start: Callable[[], Caller]) -> Result:
    """Judge an answer; the same text and seed give the same result, word for word.

    `start` returns what calls it, or raises Obstacle.
    """
    todo = _todo(source) if source.strip() == exercise.stub.strip() else None
    printed: list[str] = []
    try:
        if todo is not None:
            raise Obstacle("todo", todo)
        result = _examined(exercise, start(), seed, printed)
    except Obstacle as problem:
        result = Result(False, problem.kind, (problem.message,), line=problem.line)
    return replace(result, printed="".join(printed[:1]))


def _todo(source: str) -> str | None:
    found = re.search(r"TODO[^\n\"']*", source)
    return found.group().strip() if found else None


def _examined(exercise: Exercise, caller: Caller, seed: int, printed: list[str]) -> Result:
    exam, questions = exercise.exam, paper(exercise, seed)
    seen, outcomes = _tried(exam, caller, questions.sheets)
    printed += [outcome.printed for outcome in outcomes]
    problem = next((one.problem for one in outcomes if one.problem and one.problem.kind != "raised"), None)
    if problem is not None:
        raise problem
    if exam.answer is not None and caller.answer not in (RIGHT, MENDED):
        raise Obstacle("todo", f'TODO: set ANSWER to "{RIGHT}" or to "{MENDED}".')
    if all(one.right(name) for one in seen for name in exam.returns):
        _must_tell(exercise, seen)
        return _passed(exam, caller, questions, seen, outcomes)
    more, _ = _tried(exam, caller, questions.square)
    found = recognised([*seen, *more], exam.returns, exam.wrong)
    rows, changed = _rows(exam, seen), _changed(outcomes)
    also = (f"It also {changed}",) if changed else ()
    if found:
        sentences = tuple(dict.fromkeys(one.wrong.message for one in found))
        return Result(False, f"wrong:{found[0].wrong.name}", sentences + also, rows)
    code, sentence, line = general(exam, seen, outcomes, more)
    return Result(False, code, (sentence, *also), rows, line=line)


def _must_tell(exercise: Exercise, seen: Sequence[Seen]) -> None:
    for name in exercise.exam.returns:
        if not any(one.judged and one.judged[name].told for one in seen):
            raise RuntimeError(f"{exercise.name}: the exam cannot tell whether {name} is right in any of its cases.")


def _tried(exam: Exam, caller: Caller, sheets: Sequence[Sheet]) -> tuple[list[Seen], list[Outcome]]:
    outcomes = caller.calls([sheet.case.arguments for sheet in sheets])
    return [_seen(exam, sheet, outcome) for sheet, outcome in zip(sheets, outcomes, strict=True)], outcomes


def _seen(exam: Exam, sheet: Sheet, outcome: Outcome) -> Seen:
    if outcome.problem is not None:
        return Seen(sheet, None)
    judged = judging.judge(sheet.case, exam.returns, outcome.value, sheet.noise)
    return Seen(sheet, {one.name: one for one in judged})


def _passed(exam: Exam, caller: Caller, questions: Paper, seen: Sequence[Seen], outcomes: Sequence[Outcome]) -> Result:
    rows = _rows(exam, seen)
    changed = _changed(outcomes)
    if changed:
        sentence = f"The numbers are right, but `{exam.function}` {changed}"
        return Result(False, "changes-arguments", (sentence,), rows)
    if not all(one.same_again for one in outcomes):
        sentence = f"The numbers are right, but a second call of `{exam.function}` returns something else."
        return Result(False, "not-repeatable", (sentence,), rows)
    if exam.answer == RIGHT and caller.answer == MENDED:
        sentence = "It was right before you touched it: look at what made it seem wrong."
        return Result(False, "was-right", (sentence,), rows)
    if exam.answer == MENDED and caller.answer == RIGHT:
        sentence = f'It is right now, but it was not when you found it: set ANSWER to "{MENDED}".'
        return Result(False, "was-wrong", (sentence,), rows)
    return Result(True, "solved", ("Right.",), rows, remarks=_remarks(exam, caller, questions))


def _changed(outcomes: Sequence[Outcome]) -> str:
    changed = sorted({place for one in outcomes for place in one.changed})
    what = "its argument" if len(changed) == 1 else "its arguments"
    places = " and ".join(f"number {place + 1}" for place in changed)
    return f"changes {what} {places}: work on a copy." if changed else ""


def _remarks(exam: Exam, caller: Caller, questions: Paper) -> tuple[str, ...]:
    if not exam.measure:
        return ()
    most = SLOW * questions.lines
    done = caller.lines(questions.large.arguments, most).lines
    if done <= most:
        return ()
    return (
        f"It is right, and slow: on larger arrays it runs more than {SLOW} times as many lines as the solution. "
        "A loop over single entries can be one operation on whole arrays.",
    )


def _rows(exam: Exam, seen: Sequence[Seen]) -> tuple[Row, ...]:
    rows = []
    for name in exam.returns:
        bad = next((one for one in seen if not one.right(name)), None)
        rows.append(Row(name, bad is None, "" if bad is None else _detail(name, bad)))
    return tuple(rows)


def _detail(name: str, seen: Seen) -> str:
    judged = None if seen.judged is None else seen.judged.get(name)
    if judged is None or judged.wrong is None:
        return ""
    place = judged.wrong
    at = f"[{', '.join(map(str, place))}]" if place else ""
    sizes = ", ".join(f"{size} = {value}" for size, value in seen.case.sizes.items())
    right = float(judged.expected.value[place]) if place else float(judged.expected.value)
    return f"{name}{at} is {float(judged.given[place]):.6g}, not {right:.6g}{' with ' + sizes if sizes else ''}"
