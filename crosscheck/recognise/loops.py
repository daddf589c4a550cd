"""One turn of a training loop, made again and again: for programs that assemble their gradients there."""

import ast
import copy
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from types import CodeType
from typing import Any

import numpy as np

from crosscheck.recognise.forward_slice import sliced
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.instrument import HOOKS
from crosscheck.recognise.leaves import Leaf, follow
from crosscheck.recognise.liveness import taken_over
from crosscheck.recognise.replay import Replay, Result, StandIns, seeded, standing_in, used_names
from crosscheck.recognise.statements import loop_name
from crosscheck.recognise.steps_of_turns import updates_last
from crosscheck.recognise.stopping import without_stops
from crosscheck.recognise.world import FILENAME, World
from crosscheck.source import compiled
from crosscheck.source.walking import walk, walked

Loop = ast.For | ast.While


class LoopReplay(Replay):
    """The body of a loop and the state at the beginning of one of its turns."""

    def __init__(
        self,
        world: World,
        entry: Entry,
        tree: ast.Module,
        *,
        statements: int | None = None,
        needed: Collection[str] | None = None,
    ) -> None:
        self.world, self.entry, self.whole, self.name = world, entry, entry, entry.function
        self.clips, self.zeroed, self.silent, self.counts = False, (), (), {}
        self.tree = tree
        self.uncut: LoopReplay | None = None
        self.is_global = not entry.arguments
        self.statements = statements
        """How many of the body's statements are executed: those before the parameters are updated"""
        self.loop = instrumented_loop(tree, entry.function)
        self.body = updates_last(without_stops([s for s in self.loop.body if not _is_turn(s)]))
        made = self.body[:statements] if needed is None else sliced(self.body[:statements], needed)
        self.code = compiled(_once(made), FILENAME)
        stores = (n for part in made for n in walk(part) if isinstance(n, ast.Name))
        self.written = {n.id for n in stores if isinstance(n.ctx, ast.Store)}
        used = taken_over(self.body)
        self.entry = replace(entry, arguments={n: v for n, v in entry.arguments.items() if n in used})
        called = [world.names[name] for name in _names(self.body) if name in world.names]
        used |= used_names(world.names, [value for value in called if callable(value)])
        used |= used_names(world.names, [type(value) for value in called])
        used |= used_names(world.names, [type(v) for v in entry.arguments.values()])
        self.nested = {
            n.id
            for loop in walk(self.loop)
            if isinstance(loop, ast.For)
            for n in walk(loop.target)
            if isinstance(n, ast.Name)
        }
        # A loop's own variable may be another name of a parameter: the parameter's own comes first.
        self.names = {
            name: entry.names[name] for name in sorted(used, key=lambda n: (n in self.nested, n)) if name in entry.names
        }

    def loop_variables(self) -> frozenset[str]:
        """Return the variables that the loop goes through its values with."""
        target = walk(self.loop.target) if isinstance(self.loop, ast.For) else ()
        return frozenset(node.id for node in target if isinstance(node, ast.Name))

    def rebuilt(self, tree: ast.Module) -> "LoopReplay":
        """Return the same turn in an edited module."""
        made = LoopReplay(self.world, self.whole, tree, statements=self.statements)
        made.zeroed, made.silent = self.zeroed, self.silent
        if self.statements is not None:  # at once: whoever edits may take the edit back in the same tree
            made.uncut = LoopReplay(self.world, self.whole, tree)
        return made

    def cut(self, statements: int | None, needed: Collection[str] | None = None) -> "LoopReplay":
        """Return the same turn without its last statements, and without those that nothing needed depends on."""
        return LoopReplay(self.world, self.whole, self.tree, statements=statements, needed=needed)

    def whole_turn(self) -> "LoopReplay":
        """Return the same turn with all of its statements."""
        return self.uncut or LoopReplay(self.world, self.whole, self.tree)

    def call(self, arguments: dict[str, Any], names: dict[str, Any], replaced_modules: StandIns = ()) -> Result:
        """Execute the body once on these very objects."""
        hooks, module = self.world.hooks, self.world.names
        hooks.clips = self.clips
        hooks.begin("")
        seeded()
        before = dict(module)
        module.update(names)
        try:
            with standing_in(replaced_modules):
                begun = dict(module)
                scope = module if self.is_global else {**module, **arguments}
                exec(self.code, scope)  # noqa: S102 - what this project is asked to do
                kept = names.keys() | self.written
                after = {name: value for name, value in scope.items() if name not in before or name in kept}
                after |= {name: scope[name] for name in arguments if name in scope}
                own = arguments.keys() | self.written  # the rest was bound anew by a `global` in what it calls
                rebound = {name for name, value in module.items() if value is not begun.get(name, HOOKS)} - own
                after |= {name: module[name] for name in rebound}
        finally:
            module.clear()
            module.update(before)
        after = {name: value for name, value in after.items() if name != HOOKS and not name.startswith("__")}
        # Its own place stays, while the next loop binds the variable anew.
        objects = {name for name in self.nested & after.keys() if _is_object(after[name])}
        if objects:
            others = (value for name, value in after.items() if name not in self.nested)
            held = {id(part) for value in others for part in _members(value)}
            after = {name: value for name, value in after.items() if name not in objects or id(value) not in held}
        return Result(None, {**hooks.scalars, **after}, after, {})


def _is_object(value: Any) -> bool:
    return hasattr(value, "__dict__") and not isinstance(value, np.ndarray)


def _members(value: Any, depth: int = 2) -> Iterator[Any]:
    """Yield what a list, a dictionary or an object holds, and what lists in it hold."""
    several = isinstance(value, list | tuple)
    parts = value if several else value.values() if isinstance(value, dict) else getattr(value, "__dict__", {}).values()
    for part in parts:
        yield part
        if depth > 1 and isinstance(part, list | tuple | dict):
            yield from _members(part, depth - 1)


def instrumented_loop(tree: ast.Module, name: str) -> Loop:
    """Return the loop of that name. Raises LookupError."""
    for node in walk(tree):
        if isinstance(node, Loop) and any(_is_turn(s) and s.value.args[0].value == name for s in node.body):  # pyright: ignore
            return node
    raise LookupError(name)


def named_as_before(tree: ast.Module, lines: Sequence[int]) -> ast.Module:
    """Give the loops of an edited, instrumented tree the names that they had before; `lines` are their former lines.

    The tree is changed.
    """
    for node in walk(tree):
        for statement in node.body if isinstance(node, Loop) else ():
            if _is_turn(statement):
                name = statement.value.args[0]  # pyright: ignore
                words, _, line = name.value.rpartition(" ")
                name.value = f"{words} {lines[int(line) - 1]}"
    return tree


def before_updates(replay: LoopReplay, moved: Sequence[Leaf]) -> LoopReplay | None:
    """Return the turn up to where it first changes one of the parameters that it changes in all.

    None if its very first statement does: then the gradient is some other function's.
    """
    for count in range(len(replay.body), 0, -1):
        shorter = replay.cut(count)
        if not _changes(shorter, moved):
            return shorter
    return None


def _changes(replay: LoopReplay, moved: Sequence[Leaf]) -> bool:
    try:
        result = replay.run({id(leaf.value): leaf.value.copy() for leaf in moved})
    except Exception:  # noqa: BLE001 - theirs
        return True
    after = {**result.names, **result.arguments}
    for leaf in moved:
        now = follow(after, leaf.path)
        if not (isinstance(now, np.ndarray | np.floating | float) and np.array_equal(now, leaf.value)):
            return True
    return False


def going_on(entries: Sequence[Entry], loop: Loop) -> list[Entry]:
    """Return the turns that do what a loop does under a condition, `if R[u, i] > 0: ...`; all of them if none does."""
    asked = [part for part in loop.body if isinstance(part, ast.If) and not part.orelse and _moves_entries(part)]
    tests = [compile(ast.Expression(part.test), FILENAME, "eval") for part in asked if not _calls(part.test)]
    return [entry for entry in entries if all(_holds(test, entry) for test in tests)] or list(entries)


def _moves_entries(node: ast.If) -> bool:
    targets = (part for part in walk(node) if isinstance(getattr(part, "ctx", None), ast.Store))
    return any(isinstance(target, ast.Subscript) for target in targets)


def _calls(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Call) for part in walk(node))


def _holds(test: CodeType, entry: Entry) -> bool:
    try:
        return bool(eval(test, {"__builtins__": {}}, {**entry.names, **entry.arguments}))  # noqa: S307 - theirs
    except Exception:  # noqa: BLE001 - theirs: what the turn itself sets before it asks
        return True


def _is_turn(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "turn"


def _once(body: list[ast.stmt]) -> ast.Module:
    made = ast.For(
        ast.Name("__once__", ast.Store()),
        ast.Tuple([ast.Constant(0)], ast.Load()),
        [_Breaks().visit(copy.deepcopy(statement)) for statement in body] or [ast.Pass()],
        [],
    )
    return ast.fix_missing_locations(ast.Module([ast.copy_location(made, body[0]) if body else made], []))


class _Breaks(ast.NodeTransformer):
    """A body that stands alone cannot return."""

    def visit_Return(self, node: ast.Return) -> Any:
        return ast.copy_location(ast.Break(), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        return node

    visit_Lambda = visit_ClassDef = visit_FunctionDef  # pyright: ignore


def _names(body: list[ast.stmt]) -> list[str]:
    return [node.id for statement in body for node in walk(statement) if isinstance(node, ast.Name)]


def loops_of(tree: ast.Module, executed: ast.Module) -> dict[str, Loop]:
    """Return the loops of a module's own tree by the names under which they report once it is instrumented."""
    known = {_place(loop_name([], node)): node for node in walked(tree) if isinstance(node, Loop)}
    names = [s.value.args[0].value for n in walked(executed) if isinstance(n, Loop) for s in n.body if _is_turn(s)]  # pyright: ignore
    return {name: known[_place(name)] for name in names if _place(name) in known}


def _place(name: str) -> tuple[bool, str]:
    """Return whether a loop stands for straight statements, and its line: such statements may begin with a loop."""
    return " from line " in name, name.rpartition(" ")[2]
