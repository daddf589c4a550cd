"""What calls the learner's code: its function, or the driver of an exercise that is no function of arrays."""

import importlib
import importlib.util
import types

from crosscheck.learn.calling import Drive
from crosscheck.learn.loading import attribute


def driver(module: types.ModuleType, exercise: str, function: str) -> Drive:
    """Return what calls the learner's code with the arguments of a case. Raises Obstacle."""
    place = f"crosscheck.learn.exercises.{exercise}.driver"
    if importlib.util.find_spec(place) is not None:
        drive = importlib.import_module(place).drive
        return lambda arguments: drive(module, *arguments)
    called = attribute(module, function)
    return lambda arguments: called(*arguments)
