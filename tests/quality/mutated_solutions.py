"""Does a wrong answer ever pass an exercise? `python -m tests.quality.mutated_solutions --edits 1000 [--seed N]`.

Every edit changes a few tokens of the learner's function in a solution. What is called solved is tried on fresh cases
of all regimes against central differences that share nothing with the judge; where those disagree, the run fails.
"""

import argparse
import ast
import contextlib
import random
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from crosscheck.learn.course import Exercise, course
from crosscheck.learn.exam import ONE, ORDINARY, SQUARE, Draw, Expected
from crosscheck.learn.examining import examine_source
from crosscheck.learn.obstacle import Obstacle
from crosscheck.learn.paper import solver
from crosscheck.trees import leaves, rebuild
from tests.quality import mutations

EDITS = (
    mutations.slip, mutations.slip, mutations.slip, mutations.other_token, mutations.other_token,
    mutations.swap_tokens, mutations.drop_token, mutations.double_token, mutations.drop_line, mutations.swap_neighbours,
)  # fmt: skip
SECONDS = 2
"""Of a processor, for all cases of one edit"""
FRESH = 12
"""Cases of each regime that an answer which passed is tried on"""
CLOSE = 1e-6
"""What central differences can tell, relative to the largest entry"""


class TimeUpError(BaseException):
    """The edited code does not end."""


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """Stop what takes too long: the edits run in this process."""

    def stop(*_: object) -> None:
        raise TimeUpError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def edited(exercise: Exercise, rng: random.Random) -> str | None:
    """Return the solution after an edit of the learner's function, None if it is none that Python can read."""
    source = exercise.solution
    (function,) = (
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == exercise.exam.function
    )
    first = function.body[1 if ast.get_docstring(function) is not None else 0]
    lines = source.splitlines(keepends=True)
    before, body, after = (
        "".join(lines[: first.lineno - 1]),
        "".join(lines[first.lineno - 1 : function.end_lineno]),
        "".join(lines[function.end_lineno :]),
    )
    for _ in range(rng.choice((1, 1, 1, 2))):
        if not body.strip():
            return None
        body = str(rng.choice(EDITS)(rng, body))
    text = before + body + after
    try:
        same = ast.dump(ast.parse(text)) == ast.dump(ast.parse(source))
    except (SyntaxError, ValueError):
        return None
    return None if same else text


def central(loss, *at) -> list[Expected]:
    """Return derivatives by central differences of two steps, extrapolated: no code of the judge."""
    found = []
    for number, leaf in enumerate(leaves(at)):
        leaf = np.asarray(leaf, dtype=np.float64)
        gradient = np.zeros(leaf.shape)
        for place in np.ndindex(leaf.shape):

            def moved(step, number=number, leaf=leaf, place=place):
                other = [np.array(one, dtype=np.float64) for one in leaves(at)]
                other[number][place] += step
                return float(loss(*rebuild(at, other)))

            wide, narrow = (np.float64(moved(h) - moved(-h)) / (2 * h) for h in (2e-3, 1e-3))
            gradient[place] = (4 * narrow - wide) / 3
        found.append(Expected(gradient))
    return found


def is_right(exercise: Exercise, source: str) -> bool:
    """Tell whether an answer returns, in fresh cases, what differences of the exam's forward say it should."""
    module = sys.modules[exercise.exam.case.__module__]
    solve = solver(exercise, source)
    before = getattr(module, "gradients", None)
    if before is not None:
        module.gradients = central
    try:
        return all(
            _agrees(exercise, solve, Draw(seed, regime, 9))
            for regime in (ORDINARY, ONE, SQUARE)
            for seed in range(1000, 1000 + FRESH)
        )
    finally:
        if before is not None:
            module.gradients = before


def _agrees(exercise: Exercise, solve, draw: Draw) -> bool:
    case = replace(exercise.exam.case(draw), regime=draw.regime)
    with np.errstate(all="ignore"):
        returned = solve(case.arguments)
    returned = (returned,) if len(exercise.exam.returns) == 1 else returned
    for given, expected in zip(returned, case.expected, strict=True):
        if expected.accepts is not None:
            if expected.accepts(given) is not None:
                return False
            continue
        right = np.asarray(expected.value, dtype=np.float64)
        room = CLOSE * max(1.0, float(np.max(np.abs(right), initial=0)))
        if np.shape(given) != right.shape or not np.all(np.abs(given - right) <= room):
            return False
    return True


def _is_equivalent(exercise: Exercise, source: str) -> bool:
    try:
        return is_right(exercise, source)
    except Exception:  # noqa: BLE001 (an answer that passed, and raises in a fresh case, is not right)
        return False


def tried(number: int, seed: int, names: list[str]) -> tuple[str, str, str]:
    """Return the exercise of an edit, what became of it, and the edited text."""
    rng = random.Random(f"{seed}/{number}")
    exercise = rng.choice([one for one in course().exercises if not one.lacks and (not names or one.name in names)])
    text = None
    while text is None:
        text = edited(exercise, rng)
    try:
        with limited():
            found = examine_source(exercise, text, number % 4)
            if not found.solved:
                return exercise.name, found.code, text
            return exercise.name, "equivalent" if _is_equivalent(exercise, text) else "PASSED", text
    except TimeUpError:
        return exercise.name, "endless", text
    except Obstacle as obstacle:
        return exercise.name, obstacle.kind, text


def main() -> int:
    """Print what became of the edits; 1 if a wrong answer passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only these exercises")
    parser.add_argument("--edits", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", help="print the edited texts with this outcome")
    arguments = parser.parse_args()
    outcomes: Counter[str] = Counter()
    for number in range(arguments.first, arguments.first + arguments.edits):
        name, outcome, text = tried(number, arguments.seed, arguments.names)
        if number % 100 == 0:
            print(number, dict(outcomes), file=sys.stderr, flush=True)
        outcomes["told by its own words" if outcome.startswith("wrong:") else outcome] += 1
        if outcome == "PASSED" or outcome == arguments.show:
            print(f"--- edit {number} of {name}: {outcome}\n{text}", flush=True)
    print(f"{arguments.edits} edits, seed {arguments.seed}")
    for outcome, count in outcomes.most_common():
        print(f"  {count:6}  {outcome}")
    return 1 if outcomes["PASSED"] else 0


if __name__ == "__main__":
    sys.exit(main())
