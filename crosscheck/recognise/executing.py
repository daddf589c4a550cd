"""A module executed with the command line and the data files that it can read."""

import re
import time
from collections.abc import Collection
from dataclasses import replace

from crosscheck.recognise import datasets
from crosscheck.recognise.flattened import misfit
from crosscheck.recognise.frames import told_by
from crosscheck.recognise.layouts import is_never_split, layouts
from crosscheck.recognise.stubs import Answer
from crosscheck.recognise.world import SECONDS, Plan, World
from crosscheck.source import Document
from crosscheck.source.older_numpy import wants_single_numbers

MOST_FITTED = 6
"""Numbers that are made to fit sizes"""
MISREAD = ("ValueError", "IndexError", "KeyError", "TypeError", "StopIteration", "ZeroDivisionError", "Error", "error")
"""What is raised where a file does not hold what was expected (`Error` is csv's, `error` struct's)"""

READS_TABLES = re.compile(r"loadtxt|genfromtxt|read_(?:csv|table|excel)|h5py")
RESHAPED = re.compile(r"reshape array of size \d+ into shape \(\d+,(\d+)(?:,1)*,?\)")
"""How many numbers a program takes each row of data for"""
UNEQUAL = re.compile(r"aligned: (\d+) \(dim \d\) != (\d+)|size (\d+) is different from (\d+)")
"""What NumPy says of two sizes that should be equal"""
BEYOND = re.compile(
    r"IndexError: .*out of (?:range|bounds)|ValueError: (?:Sample larger|zero-size|.* empty)|ZeroDivision|KeyError: \d"
)
"""How it is said that there are not as many rows as a program takes"""
MOST_COLUMNS = 2000


def executed(document: Document, plan: Plan, wanted: Collection[str] = ()) -> World:
    """Return a module after its execution, in the files that it comes furthest with: to the `wanted` functions."""
    before = time.process_time()
    command = ("script.py",)
    world = World(document, plan, command=command).run()
    if not plan.older and any(wants_single_numbers(message) for _, message in world.failures):
        return executed(document, replace(plan, older=True), wanted)
    world = _fitting(world)
    plan = world.plan
    if (world.left_early and not world.hooks.entries) or _wants_arguments(world):
        last = max((int(place) for place in re.findall(r"argv\s*\[(\d+)\]", document.code)), default=1)
        command = ("script.py", *[Answer("input.txt")] * min(max(last, 1), 9))
        world = World(document, plan, command=command).run()
    best = world
    for columns in _columns(world) if plan.columns is None else ():
        if time.process_time() > before + SECONDS:
            break
        other = World(document, replace(plan, columns=columns), command=command).run()
        best = max(best, other, key=lambda one: _success(one, wanted))
    for layout in layouts(world.tree, world.hints) if plan.layout is None and _misread(world, wanted) else ():
        if time.process_time() > before + SECONDS:
            break
        other = World(document, replace(plan, layout=layout), command=command).run()
        best = max(best, other, key=lambda one: _success(one, wanted))
        if not _misread(best, wanted):
            break
    if not best.plan.is_long and _ends_early(best) and time.process_time() < before + SECONDS:
        other = World(document, replace(best.plan, is_long=True), command=command).run()
        best = max(best, other, key=lambda one: _success(one, wanted))
    if not plan.older and any(wants_single_numbers(message) for _, message in best.failures):
        return executed(document, replace(best.plan, older=True), wanted)
    return best


def _fitting(world: World) -> World:
    """Return a world in which numbers that follow from sizes fit ours, where that is all that it fails of."""
    first = world
    while world.plan.small_sizes and world.failures and len(world.plan.fitted) < MOST_FITTED:
        pair = misfit(world.tree, [message for _, message in world.failures], world.sizes)
        if pair is None or pair in world.plan.fitted:
            break
        plan = replace(world.plan, fitted=(*world.plan.fitted, pair))
        world = World(world.document, plan, command=world.command).run()
    return world if len(world.failures) < len(first.failures) else first


def _wants_arguments(world: World) -> bool:
    return "argv" in world.hints and any(
        message.startswith(("IndexError", "ValueError")) for _, message in world.failures
    )


def _columns(world: World) -> list[int]:
    """Return how many columns tables should have, by what the module complains of that reads some."""
    if not READS_TABLES.search(world.hints):
        return []
    complaints = [found for _, message in world.failures for found in UNEQUAL.findall(message)]
    sizes = {tuple(int(size) for size in found if size) for found in complaints}
    width = datasets.columns_of(told_by(world.hints))
    wanted = {width + sign * (one - other) for one, other in sizes for sign in (1, -1)}
    wanted |= {int(size) for _, message in world.failures for size in RESHAPED.findall(message)}
    return sorted(columns for columns in wanted if 1 < columns <= MOST_COLUMNS)


def _misread(world: World, wanted: Collection[str]) -> bool:
    """Tell whether a module read a file and failed, or found nothing in it."""
    failed = any(message.partition(":")[0] in MISREAD for _, message in world.failures)
    unsplit = world.plan.layout is None and is_never_split(world.tree)
    return bool(world.files.read) and (failed or unsplit or (bool(wanted) and not _finished(world) & set(wanted)))


def _ends_early(world: World) -> bool:
    """Tell whether a module read a table and failed of rows that it has not."""
    reads = bool(world.files.read) or bool(READS_TABLES.search(world.hints))
    return reads and any(map(BEYOND.match, (message for _, message in world.failures)))


def _success(world: World, wanted: Collection[str]) -> tuple[int, int, int, bool]:
    """Return how far a module came: by the functions that returned, by the statements that failed, by what it read."""
    finished = _finished(world)
    return len(finished & set(wanted)), len(finished), -len(world.failures), world.plan.layout is not None


def _finished(world: World) -> set[str]:
    return {name for name, known in world.hooks.entries.items() if any(entry.finished for entry in known)}
