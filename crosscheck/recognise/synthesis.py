"""Calls of functions that nothing in a file calls, so that they are recognised like those that something does.

Arguments are made up (slots.py), the function is called, and what it says of them is believed (mending.py): sizes are
pairwise different, so that NumPy's complaint names the two that are one. What cannot be called so that the meaning of
every argument is plain is left alone, and the reason is told.
"""

import ast
import heapq
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import calls, naming, recognition
from crosscheck.recognise.guesses import VALUE, Guess, Key, Slot
from crosscheck.recognise.hooks import EnoughError, Entry
from crosscheck.recognise.leaves import leaves
from crosscheck.recognise.loss_forms import Scaled
from crosscheck.recognise.mending import Failure, failure_of, mended
from crosscheck.recognise.pairs import PairReplay
from crosscheck.recognise.places import Place, returned_names
from crosscheck.recognise.reach import Reach
from crosscheck.recognise.roles import is_number
from crosscheck.recognise.scenarios import Impossible, Played, Scenario, fitted, misfits, required
from crosscheck.recognise.slots import hot_axes
from crosscheck.recognise.world import World
from crosscheck.source import Document

SECONDS = 15.0
"""Of the processor, for all functions of a file together: a machine that is busy finds no less"""
SEARCH_SECONDS = 1.2
CALL_SECONDS = 0.6
TINY = (3, 5, 4, *range(6, 90))
"""Sizes for arrays of three axes and more; no two, which is a factor that a slip may be off by"""
RUNS = (20, 60)
"""Calls in one style, at first and if no style leads anywhere: what needs more of them is misunderstood"""

PATIENCE = 8
"""Calls more, where all shapes fit but for axes of length one"""

CHECKS = re.compile(r"compare|verif|check|test|numeric|debug|demo|^main$|evaluat|sample|optimi|update", re.IGNORECASE)
"""Functions that call a backward pass without being one"""


class Attempt(NamedTuple):
    """A function that nothing calls and that could not be called so that it can be judged."""

    function: str
    reason: str
    found: Mapping[str, str]
    """What was made up for its arguments at last"""


def synthesise(document: Document, world: World, wanted: Collection[str] | None = None) -> list[Attempt]:
    """Call what looks like a gradient and was never called, and return what could not be.

    The calls are recorded in the world's hooks as if the module had made them.
    """
    nodes = recognition.functions_of(document.tree)
    is_usual = world.plan.small_sizes and world.plan.all_equal is None and not world.plan.keep_steps
    deadline = time.process_time() + (SECONDS if is_usual else SECONDS / 4)
    attempts: list[Attempt] = []
    if _is_foreign(document.tree):
        return []
    for name in targets(document.tree, nodes, world):
        if (wanted is not None and name not in wanted) or _is_called(world, name):
            continue
        if time.process_time() > deadline:
            attempts.append(Attempt(name, "nothing in the file calls it, and no time was left to find arguments", {}))
            continue
        reasons = []
        several = sum(map(naming.is_gradient_argument, required(nodes[name]))) > 1
        ways = [(forward, order) for forward in forwards(name, nodes) for order in (False, True)[: 1 + several]]
        for forward, in_order in ways:
            until = min(deadline, time.process_time() + SEARCH_SECONDS)
            search = _Search(document, world, nodes, name, forward, until, in_order=in_order)
            found = search.run()
            if found is None:
                break
            reasons.append(found)
        else:
            attempts.append(reasons[0])
    return attempts


def targets(tree: ast.Module, nodes: Mapping[str, ast.FunctionDef], world: World) -> list[str]:
    """Return the functions to be called, those that call others of them first."""
    found = [
        name
        for name, node in nodes.items()
        if _is_defined(world, name)
        and not CHECKS.search(node.name)
        and (recognition.looks_like_backward(node) or _is_backward(name, nodes) or _trains(node))
    ]
    reach = {name: recognition.reached(tree, [nodes[name]]) | _classes(tree, name) for name in found}

    def depth(name: str) -> int:
        word, owner = name.rpartition(".")[2], name.rpartition(".")[0]
        return sum((owner or word) in reach[other] for other in found if other.rpartition(".")[0] != owner or not owner)

    return sorted(found, key=lambda name: (depth(name), -len(reach[name])))


def _classes(tree: ast.Module, name: str) -> set[str]:
    """Return the names that the class of a method uses, where other classes are among them."""
    owner = name.rpartition(".")[0]
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == owner:
            return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return set()


def _is_backward(name: str, nodes: Mapping[str, ast.FunctionDef]) -> bool:
    """Tell whether a function is called like a backward pass and is handed a gradient, or is a layer's or a model's."""
    node = nodes[name]
    if not naming.BACKWARD.search(node.name) or recognition._NO_BACKWARD.search(node.name):
        return False
    handed = [argument.arg for argument in node.args.args]
    return any(map(naming.is_gradient_argument, handed)) or ("." in name and forwards(name, nodes) != [None])


def _trains(node: ast.FunctionDef) -> bool:
    """Tell whether a function computes several gradients, whatever it is called."""
    if recognition._NO_BACKWARD.search(node.name) or not recognition.has_backward(node):
        return False
    stores = (n for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute) and isinstance(n.ctx, ast.Store))
    written = {n.id if isinstance(n, ast.Name) else n.attr for n in stores}
    is_loss = bool(naming.LOSS.search(node.name)) or node.name in ("train", "fit", "step", "train_step", "fit_one")
    is_loss = is_loss or _returns_by_names(node)
    return len({name for name in written if naming.BEGINS_LIKE_GRADIENT.match(name)}) >= (1 if is_loss else 2)


def _returns_in_turn(node: ast.FunctionDef) -> bool:
    """Tell whether a function goes through an argument, passes over some entries, and returns in one of the turns."""
    arguments = {argument.arg for argument in node.args.args}
    for loop in (part for part in ast.walk(node) if isinstance(part, ast.For)):
        through = {part.id for part in ast.walk(loop.iter) if isinstance(part, ast.Name)} & arguments
        parts = list(ast.walk(loop))
        passes = any(isinstance(part, ast.Continue) for part in parts)
        if through and passes and any(isinstance(part, ast.Return) for part in parts):
            return True
    return False


def _returns_by_names(node: ast.FunctionDef) -> bool:
    """Tell whether a function returns something and a dict whose keys are called like arguments: `loss, {"W": ...}`."""
    arguments = {argument.arg for argument in node.args.args}
    for part in ast.walk(node):
        values = part.value.elts if isinstance(part, ast.Return) and isinstance(part.value, ast.Tuple) else []
        for value in values:
            keys = {getattr(key, "value", None) for key in value.keys} if isinstance(value, ast.Dict) else set()
            if keys and keys <= arguments:
                return True
    return False


def _is_defined(world: World, name: str) -> bool:
    owner, _, word = name.rpartition(".")
    where = world.names.get(owner) if owner else None
    return callable(getattr(where, word, None)) if owner else callable(world.names.get(word))


def _is_called(world: World, name: str) -> bool:
    return any(entry.finished for entry in world.hooks.entries.get(name, ()))


def _is_foreign(tree: ast.Module) -> bool:
    """Tell whether the file computes with JAX or torch, whose rules are judged otherwise."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imports for alias in node.names} | {getattr(n, "module", "") or "" for n in imports}
    return any(name.partition(".")[0] in ("jax", "torch", "tensorflow") for name in names)


def forwards(name: str, nodes: Mapping[str, ast.FunctionDef]) -> list[str | None]:
    """Return the functions that may be the forward of a backward, and None where it may need none."""
    owner, _, word = name.rpartition(".")
    node = nodes[name]
    called = recognition._calls(node)
    near = [other for other in nodes if other.rpartition(".")[0] == owner and other != name]
    found = [
        other
        for other in near
        if naming.FORWARD.search(other.rpartition(".")[2]) or other.rpartition(".")[2] in ("__call__", "loss")
    ]
    found = [other for other in found if not naming.BACKWARD.search(other.rpartition(".")[2])]
    if not any(naming.is_gradient_argument(argument.arg) for argument in node.args.args):  # then it belongs to a loss
        found.sort(key=lambda other: not naming.LOSS.search(other.rpartition(".")[2]))
    stem = naming.plain(naming.BACKWARD.sub("", word))
    namesakes = (
        found if not stem else [o for o in found if naming.plain(naming.FORWARD.sub("", o.rpartition(".")[2])) == stem]
    )
    namesakes += [o for o in near if stem and naming.plain(o.rpartition(".")[2]) == stem and o not in namesakes]
    if stem and not namesakes:  # x_backward_alt, x_backward_fast
        stems = {o: naming.plain(naming.FORWARD.sub("", o.rpartition(".")[2])) for o in found}
        beginning = [o for o, own in stems.items() if own and stem.startswith(own)]
        namesakes = sorted(beginning, key=lambda o: -len(stems[o]))[:1]
    if any(other.rpartition(".")[2] in called for other in found) or not naming.BACKWARD.search(word):
        return [None]
    is_handed = any(naming.is_gradient_argument(argument.arg) for argument in node.args.args) or owner
    chosen: list[str | None] = [*(namesakes or (found if len(found) == 1 or owner else []))]
    return chosen[:2] + ([] if is_handed and chosen else [None])


class _Search:
    """The search for arguments of one scenario."""

    def __init__(
        self,
        document: Document,
        world: World,
        nodes: Mapping[str, ast.FunctionDef],
        target: str,
        forward: str | None,
        deadline: float,
        *,
        in_order: bool = False,
    ) -> None:
        self.in_order = in_order
        self.document, self.world, self.nodes, self.deadline = document, world, nodes, deadline
        self.target, self.forward = target, forward
        self.last: tuple[Guess, str] | None = None
        is_called = bool(world.hooks.entries.get(target))
        self.why = "called as in the file, it does not return" if is_called else "nothing in the file calls it"

    def run(self) -> Attempt | None:
        """Find arguments and make the call, recorded; return why not where that fails."""
        hooks = self.world.hooks
        before = hooks.entries, hooks.watched, hooks.deadline, hooks.clips
        hooks.clips = False
        names = dict(self.world.names)
        is_recorded = False
        try:
            self.scenario = Scenario(self.world, self.nodes, self.target, self.forward, in_order=self.in_order)
            guess = self._solved()
            if guess is None:
                return self._failed()
            try:
                entries = self._recorded(guess)
            except (Exception, EnoughError, SystemExit) as error:  # noqa: BLE001 - theirs
                self.last = guess, f"raises {type(error).__name__}: {error}"
                return self._failed()
            doubt = self._doubt(entries)
            if doubt:
                return Attempt(self.target, doubt, guess.told())
            is_recorded = True
        except Exception as error:  # noqa: BLE001 - theirs: objects that cannot be copied, compared or shown
            return Attempt(self.target, f"{self.why}, and it was not understood: {error}", {})
        finally:
            hooks.begin(None)
            hooks.stop()
            hooks.entries, hooks.watched, hooks.deadline, hooks.clips = before
            if not is_recorded:
                self.world.names.clear()
                self.world.names.update(names)
        for function, made in entries.items():
            known = [entry for entry in hooks.entries.get(function, ()) if entry.finished]
            hooks.entries[function] = known + made
        told = ", ".join(f"{name} {what}" for name, what in guess.told().items())
        name = self.scenario.name
        self.world.missing[name] = f"{name} was called with made-up {told}, because {self.why}"
        return None

    def _failed(self) -> Attempt:
        guess, message = self.last or (Guess({}, {}), "was not tried")
        told = ", ".join(f"{name} {what}" for name, what in guess.told().items())
        given = f"; with {told} it " if told else "; it "
        return Attempt(self.target, f"{self.why}{given}{message}", guess.told())

    def _solved(self) -> Guess | None:
        """Return arguments with which the calls return, in shapes that fit; the best where none fits wholly."""
        best: tuple[tuple[int, int], Guess] | None = None
        for limit, root in ((most, root) for most in RUNS for root in self.scenario.guesses()):
            if best is not None and best[0][0] == 0:
                break
            most = limit
            seen: set[Any] = set()
            waiting, runs = [(0, 0, 0, root)], 0  # what came furthest is mended first, its likeliest mend before others
            while waiting and runs < most and time.process_time() < self.deadline:
                guess = heapq.heappop(waiting)[-1]
                if guess.identity() in seen or not guess.is_modest():
                    continue
                seen.add(guess.identity())
                runs += 1
                with Reach() as reach:
                    played = self._played(guess)
                if isinstance(played, Failure):
                    if played.line < 0:
                        return None
                    following = self._supplied(guess, played) or mended(guess, played, self.scenario.multiples)
                    for place, other in enumerate(following):
                        heapq.heappush(waiting, (-len(reach.lines), -runs, place, other))
                    continue
                wrong = misfits(played, self.scenario, exactly=True)
                if not wrong:
                    return self._small(self._unsquared(guess))
                score = len(misfits(played, self.scenario)), len(wrong)
                if best is None or score < best[0]:
                    best = score, guess
                if best[0][0] == 0:  # gradients without axes of length one are usual: a few more calls, and no search
                    most = min(most, runs + PATIENCE)
                following = (other for misfit in wrong for other in fitted(guess, misfit))
                waiting = [(0, -runs, place, other) for place, other in enumerate(following)]
        return self._small(self._unsquared(best[1])) if best else None

    def _unsquared(self, guess: Guess) -> Guess:
        """Return the guess without sizes that are equal for no reason: a square array hides a transpose."""
        for other in guess.split():
            if time.process_time() > self.deadline:
                break
            played = self._played(other)
            if isinstance(played, Played) and not misfits(played, self.scenario):
                return self._unsquared(other)
        return guess

    def _small(self, guess: Guess) -> Guess:
        """Return the guess with small sizes, and with the ones of its targets where the classes are."""
        turned, self.is_sure = hot_axes(guess)
        expected = self._misfits(guess)
        is_deep = any(len(slot.sizes) > 2 for slot in turned.slots.values())
        choices = [turned.smaller(TINY)] if is_deep else []
        for other in (*choices, turned.smaller(), turned.smaller(range(6, 90, 2)), turned):
            played = self._played(other)
            if isinstance(played, Played) and len(misfits(played, self.scenario)) == expected:
                return other
        return guess

    def _misfits(self, guess: Guess) -> int:
        played = self._played(guess)
        return len(misfits(played, self.scenario)) if isinstance(played, Played) else -1

    def _played(self, guess: Guess) -> Played | Failure:
        """Play the scenario off the record."""
        hooks = self.world.hooks
        hooks.begin(None)
        hooks.entries, hooks.watched = {}, frozenset()
        hooks.deadline = min(self.deadline, time.process_time() + CALL_SECONDS)
        hooks.start(self.world.names)
        values = guess.values()
        try:
            played = self.scenario.play(values)
        except Impossible as error:
            self.last = guess, f"cannot be called: {error}"
            return Failure(error, -1, None, [], [])
        except (Exception, EnoughError, SystemExit, RecursionError) as error:  # noqa: BLE001 - theirs
            self.last = guess, f"raises {type(error).__name__}: {error}"
            return failure_of(error, self.world.tree, values)
        finally:
            hooks.stop()
        if not _is_finite(played):
            self.last = guess, "returns what is no number"
            return Failure(ArithmeticError("nan"), 0, None, [], [])
        return played

    def _supplied(self, guess: Guess, failure: Failure) -> list[Guess]:
        """Make up a global name that is missing, if it says what it means: a size, or a weight."""
        name = getattr(failure.error, "name", None) if isinstance(failure.error, NameError) else None
        if not name or any(key.argument == name and not key.owner for key in guess.slots):
            return []
        if self.world._supplied(failure.error):
            return [replace(guess, slots={**guess.slots, Key("", name): Slot(VALUE, value=self.world.names[name])})]
        return []

    def _recorded(self, guess: Guess) -> dict[str, list[Entry]]:
        """Play the scenario on the record, and return what was recorded."""
        hooks = self.world.hooks
        hooks.begin(None)
        hooks.entries, hooks.watched = {}, None
        hooks.deadline = time.process_time() + CALL_SECONDS * 2
        hooks.start(self.world.names)
        try:
            self.played = self.scenario.play(guess.values())
        finally:
            hooks.stop()
        finished = {name: [e for e in known if e.finished] for name, known in hooks.entries.items()}
        return {name: known for name, known in finished.items() if known}  # a generator never tells that it is done

    def _doubt(self, entries: Mapping[str, list[Entry]]) -> str:
        """Return why a call may not mean what its author meant; nothing if its meaning is plain, or proven."""
        wrong = misfits(self.played, self.scenario)
        if self._has_other_loss(entries):
            return f"{self.why}, and its gradients are not those of the number that {self.forward} returns"
        if self.played.upstream and _returns_in_turn(self.nodes[self.target]):
            return (
                f"{self.why}, and it returns what the first gradient that is not zero makes: it is meant for one alone"
            )
        if self.played.upstream and self._is_scaled(entries):
            return f"{self.why}, and its gradients are a constant times those of the sum of outputs"
        doubts = []
        if wrong:
            doubts.append("shapes do not fit")
        if not self.is_sure and self._has_softmax(entries):  # only then must they add up to one along it
            doubts.append("it is not plain along which axis targets are encoded")
        if not self.played.is_plain:
            doubts.append("it is not plain which gradient belongs to which output")
        if self.forward and self.played.upstream and self._has_softmax(entries) and not self._reads_output():
            doubts.append("the gradient that it is handed may be that of an output before its softmax")
        if self.forward and not self._is_wired_alike(entries):
            return f"{self.why}, and it is not plain which gradient belongs to which output"
        if doubts and not self._is_right_somewhere(entries):
            return f"{self.why}, and called with made-up arguments, {doubts[0]}"
        return ""

    def _has_softmax(self, entries: Mapping[str, list[Entry]]) -> bool:
        """Tell whether the calls go through a softmax."""
        sources = {name: ast.unparse(self.nodes[name]) for name in entries if name in self.nodes}
        return any(
            "softmax" in name.lower() or "softmax" in text or ("exp(" in text and "sum(" in text)
            for name, text in sources.items()
        )

    def _reads_output(self) -> bool:
        """Tell whether the backward function uses the outputs that it is handed gradients of: it starts there, then."""
        assert self.forward is not None
        returned = returned_names(self.nodes[self.forward])
        loaded = (n for n in ast.walk(self.nodes[self.target]) if isinstance(getattr(n, "ctx", None), ast.Load))
        read = {node.id if isinstance(node, ast.Name) else getattr(node, "attr", "") for node in loaded}
        return all(returned.get(path, frozenset()) & read for path in self.played.upstream.values())

    def _is_wired_alike(self, entries: Mapping[str, list[Entry]]) -> bool:
        """Tell whether the recognition of pairs will see the same outputs behind the same gradients."""
        assert self.forward is not None
        if not self.played.upstream:
            return True
        forward, backward = self._pair(entries)
        if forward is None or backward is None:
            return False
        seen = {found.name: found.output for found in PairReplay(self.world, forward, backward).upstream}
        return all(seen.get(name) == path for name, path in self.played.upstream.items())

    def _pair(self, entries: Mapping[str, list[Entry]]) -> tuple[Entry | None, Entry | None]:
        assert self.forward is not None
        found = []
        for name in (self.forward, self.target):
            known = [e for key, list_ in entries.items() if key == name for e in list_]
            found.append(known[-1] if known else None)
        return found[0], found[1]

    def _unit(self, entries: Mapping[str, list[Entry]]) -> Any:
        """Return the unit that the recorded calls will be recognised as; None if as none."""
        try:
            if self.forward is None:
                known = entries[self.target]
                return calls.unit_of(self.document, self.world, known[-1], self.nodes[self.target])
            forward, backward = self._pair(entries)
            if forward is None or backward is None:
                return None
            return calls.unit_of_pair(self.document, self.world, forward, backward, self.nodes)
        except Exception:  # noqa: BLE001 - theirs
            return None

    def _has_other_loss(self, entries: Mapping[str, list[Entry]]) -> bool:
        """Tell whether the forward function returns a loss, and the gradients are recognised as those of another."""
        if self.forward is None or self.played.upstream or not is_number(self.played.forward):
            return False
        unit = self._unit(entries)
        loss = unit.subject.loss if unit is not None else None
        is_plain = isinstance(loss, Place) or (isinstance(loss, Scaled) and loss.constant == 1 and loss.length is None)
        return loss is not None and not is_plain

    def _is_scaled(self, entries: Mapping[str, list[Entry]]) -> bool:
        """Tell whether some gradients are right but for a constant: 1/m may belong to a loss that is not here."""
        try:
            unit = self._unit(entries)
            return unit is not None and any(_is_scaled(claims, _counts(unit)) for claims in _slopes(unit).values())
        except Exception:  # noqa: BLE001 - theirs
            return False

    def _is_right_somewhere(self, entries: Mapping[str, list[Entry]]) -> bool:
        """Tell whether a gradient is exactly the derivative of what the call is taken to compute."""
        try:
            unit = self._unit(entries)
            return unit is not None and any(map(_agrees, _slopes(unit).values()))
        except Exception:  # noqa: BLE001 - theirs
            return False


def _slopes(unit: Any) -> dict[str, list[tuple[float, float]]]:
    """Return how the loss moves along random directions of each array, beside what its gradient says."""
    parameters, data = unit.cases.build(unit.cases.draw(0, 0)).arguments
    gradients = unit.subject(parameters, data).gradients
    found: dict[str, list[tuple[float, float]]] = {}
    for name, value in parameters.items():
        for number in range(3):
            direction = np.random.default_rng(number).standard_normal(value.shape)
            ends = [float(unit.subject({**parameters, name: value + s * 1e-5 * direction}, data).loss) for s in (1, -1)]
            claimed = float(np.sum(np.asarray(gradients[name]) * direction))
            found.setdefault(name, []).append(((ends[0] - ends[1]) / 2e-5, claimed))
    return found


def _agrees(claims: list[tuple[float, float]]) -> bool:
    return all(abs(slope) > 1e-7 and abs(slope - claimed) <= 1e-6 * max(1.0, abs(slope)) for slope, claimed in claims)


def _is_scaled(claims: list[tuple[float, float]], counts: Collection[int]) -> bool:
    """Tell whether a gradient is the derivative times a number of things, or divided by it."""
    if any(abs(slope) < 1e-6 for slope, _ in claims):
        return False
    ratios = [claimed / slope for slope, claimed in claims]
    size = abs(ratios[0])
    if np.ptp(ratios) > 1e-4 * size or size < 1e-6:
        return False
    return any(abs(size * times - 1) < 1e-4 for count in counts for times in (count, 1 / count))


def _counts(unit: Any) -> set[int]:
    """Return the sizes of a unit's arrays above 1, and the products of two of them: what a mean may be taken over."""
    arrays = [np.shape(value) for values in unit.example for value in values.values()]
    sizes = {size for shape in arrays for size in shape if size > 1}
    return sizes | {one * other for one in sizes for other in sizes}


def _is_finite(played: Played) -> bool:
    found = leaves({"returned": played.returned, "forward": played.forward})
    return all(np.isfinite(leaf.value).all() for leaf in found if np.asarray(leaf.value).dtype.kind == "f")
