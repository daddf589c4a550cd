"""A module as it is looked at and executed: makers of functions taken apart, scripts as loops, private names as others.

Python calls `self.__W` of a class `Net` by another name, `_Net__W`, wherever it is looked up from outside.
"""

import ast
import copy
from collections.abc import Callable

from crosscheck.recognise.after_updates import with_names_of_their_own
from crosscheck.recognise.beginnings import with_beginnings
from crosscheck.recognise.changed_outputs import with_outputs_kept
from crosscheck.recognise.class_fields import with_own_fields
from crosscheck.recognise.clips import with_bounds_apart, with_plain_clips
from crosscheck.recognise.closures import opened
from crosscheck.recognise.computed_last import with_gradients_first
from crosscheck.recognise.from_above import told_from_above
from crosscheck.recognise.growing import with_current_values
from crosscheck.recognise.handed_functions import with_handed_functions
from crosscheck.recognise.handed_gradients import with_handed_gradients
from crosscheck.recognise.idle_loops import with_idle_loops_once
from crosscheck.recognise.inline_momentum import with_momentum_named
from crosscheck.recognise.inline_steps import with_steps_named
from crosscheck.recognise.late_losses import with_losses_first
from crosscheck.recognise.looked_up import with_targets_looked_up
from crosscheck.recognise.modes import with_modes_apart
from crosscheck.recognise.moved_in_lists import with_entries_moved
from crosscheck.recognise.named_attributes import with_attributes_named
from crosscheck.recognise.named_lambdas import with_named_lambdas
from crosscheck.recognise.noted_losses import with_noted_losses
from crosscheck.recognise.now_and_then import with_losses_each_turn
from crosscheck.recognise.own_data import with_own_data
from crosscheck.recognise.phases import with_phases_apart
from crosscheck.recognise.placeholders import without_placeholders
from crosscheck.recognise.printed_losses import with_printed_losses
from crosscheck.recognise.resuming import started_anew
from crosscheck.recognise.rewarded import with_advantages_named
from crosscheck.recognise.rows_of_before import with_rows_of_before
from crosscheck.recognise.shrunk_steps import with_decays_taken_away
from crosscheck.recognise.stated_in_loops import with_losses_of_loops
from crosscheck.recognise.step_by_step import with_all_steps
from crosscheck.recognise.steps_now_and_then import with_steps_each_turn
from crosscheck.recognise.straight import straightened
from crosscheck.recognise.switches import with_switches_on
from crosscheck.recognise.targets_named import with_targets_named
from crosscheck.recognise.three_calls import with_three_calls
from crosscheck.recognise.turned_gradients import with_turned_gradients
from crosscheck.recognise.unconverged import without_complaints
from crosscheck.recognise.whole_weights import with_fractions_first
from crosscheck.recognise.written_at_once import with_writes_at_once
from crosscheck.recognise.zipped_gradients import with_zipped_gradients
from crosscheck.source.walking import forget, walk


def arranged(tree: ast.Module) -> ast.Module:
    """Return a module in the form that everything here is made for; the tree is not changed."""
    for rewritten in PASSES:
        tree = rewritten(tree)
    forget()
    return tree


def unhidden(tree: ast.Module) -> ast.Module:
    r"""Return a module in which private names begin with one underscore; the same if it has none.

    >>> ast.unparse(unhidden(ast.parse("class Net:\n    def out(self): return self.__out")).body[0].body[0].body[0])
    'return self._out'
    """
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    hidden = {word for node in classes for word in _words(node) if _is_hidden(word)}
    known = {word for node in classes for word in _words(node)}
    changed = {word: word[1:] for word in hidden if word[1:] not in known}
    if not changed:
        return tree
    made = copy.deepcopy(tree)
    for node in (part for part in made.body if isinstance(part, ast.ClassDef)):
        for part in walk(node):
            _rename(part, changed)
    return made


def _is_hidden(word: str) -> bool:
    return word.startswith("__") and not word.endswith("__")


def _words(node: ast.AST) -> set[str]:
    """Return the names of attributes and methods."""
    attributes = {part.attr for part in walk(node) if isinstance(part, ast.Attribute)}
    return attributes | {part.name for part in walk(node) if isinstance(part, ast.FunctionDef)}


def _rename(part: ast.AST, changed: dict[str, str]) -> None:
    if isinstance(part, ast.Attribute):
        part.attr = changed.get(part.attr, part.attr)
    elif isinstance(part, ast.FunctionDef):
        part.name = changed.get(part.name, part.name)
    elif isinstance(part, ast.Name):  # an attribute of the class itself
        part.id = changed.get(part.id, part.id)


PASSES: tuple[Callable[[ast.Module], ast.Module], ...] = (
    with_named_lambdas,
    with_attributes_named,
    with_own_data,
    with_own_fields,
    with_outputs_kept,
    with_handed_functions,
    with_targets_named,
    with_targets_looked_up,
    with_decays_taken_away,
    with_advantages_named,
    with_steps_named,
    with_turned_gradients,
    with_handed_gradients,
    with_zipped_gradients,
    with_momentum_named,
    with_steps_each_turn,
    with_entries_moved,
    with_current_values,
    with_switches_on,
    with_fractions_first,
    started_anew,
    without_complaints,
    without_placeholders,
    with_writes_at_once,
    with_rows_of_before,
    with_bounds_apart,
    with_plain_clips,
    with_modes_apart,
    with_gradients_first,
    opened,
    told_from_above,
    unhidden,
    with_idle_loops_once,
    with_phases_apart,
    straightened,
    with_printed_losses,
    with_losses_each_turn,
    with_noted_losses,
    with_losses_first,
    with_names_of_their_own,
    with_all_steps,
    with_three_calls,
    with_beginnings,
    with_losses_of_loops,
)
"""In their order: each leaves what the next ones look for"""
