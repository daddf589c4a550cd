"""The learner's file of an exercise is looked at, in a process of its own."""

import zlib

from crosscheck.learn.course import Exercise
from crosscheck.learn.examining import examine
from crosscheck.learn.pupil import Pupil
from crosscheck.learn.result import Result
from crosscheck.learn.workspace import Workspace

PAPERS = 4
"""So many papers an exercise has: an edit usually brings other sizes, and the same file always the same ones"""


def seed_of(source: str) -> int:
    """Return the number of the paper that a text is tried on."""
    return zlib.crc32(source.encode()) % PAPERS


def look(workspace: Workspace, exercise: Exercise, pupil: Pupil | None = None) -> Result:
    """Judge the learner's file, and remember it if it is solved. A pupil that was started before is faster.

    Raises CrosscheckError where there is no file.
    """
    with pupil or Pupil(exercise) as child:
        source = workspace.source(exercise)
        result = examine(exercise, source, seed_of(source), lambda: child.load(source, str(workspace.path(exercise))))
    if result.solved:
        workspace.solve(exercise)
    return result
