"""Whether a call with made-up arguments means what its author meant: what cannot be known is left alone."""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from crosscheck.recognise import calls
from crosscheck.recognise.aliases import OUTPUT
from crosscheck.recognise.argument_names import TARGET, is_matrix
from crosscheck.recognise.before_softmax import adds_up
from crosscheck.recognise.defaults import required
from crosscheck.recognise.fits import claimed, misfits
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.leaves import Path
from crosscheck.recognise.loss_forms import Scaled
from crosscheck.recognise.pair_units import unit_of_pair
from crosscheck.recognise.pairs import PairReplay, part_of
from crosscheck.recognise.places import Place, returned_names
from crosscheck.recognise.roles import is_number
from crosscheck.recognise.scenarios import Played, Scenario
from crosscheck.recognise.shares import batches, is_right, is_scaled, slopes
from crosscheck.source import Document
from crosscheck.source.walking import walk

RANKS = re.compile(r"\.ndim (?:== [12]|> 1)\b")
"""Where a program tells a table from a single row"""


class Doubts:
    """What speaks against believing a call."""

    def __init__(
        self, document: Document, scenario: Scenario, played: Played, entries: Mapping[str, list[Entry]], why: str
    ) -> None:
        self.document, self.scenario, self.world, self.nodes = document, scenario, scenario.world, scenario.nodes
        self.target, self.forward = scenario.target, scenario.forward
        self.played, self.entries, self.why = played, entries, why

    def doubt(self, *, is_sure: bool) -> str:
        """Return why a call may not mean what its author meant; nothing if its meaning is plain, or proven."""
        wrong = misfits(self.played, self.scenario)
        if self._has_other_loss():
            return f"{self.why}, and its gradients are not those of the number that {self.forward} returns"
        if self.played.upstream and self._is_scaled():
            return f"{self.why}, and its gradients are a constant times those of the sum of outputs"
        if self._has_weights_of_the_batch() and not self.is_right():
            return f"{self.why}, and it was called with weights that have an axis as long as the batch"
        if single := self._single_step():
            return f"{self.why}, and it was called with one step of {single}, which hides what time does"
        if self._may_lack_an_axis() and not self.is_right():
            return f"{self.why}, and it was called with data of one axis, where it may be made for tables"
        doubts = []
        if wrong:
            doubts.append("shapes do not fit")
        if not is_sure and self._has_softmax():  # only then must they add up to one along it
            doubts.append("it is not plain along which axis targets are encoded")
        if not self.played.is_plain:
            doubts.append("it is not plain which gradient belongs to which output")
        if self.forward and self._ends_in_softmax() and not self._reads_output():
            doubts.append("the gradient that it is handed may be that of an output before its softmax")
        if self.forward and not self._is_wired_alike():
            return f"{self.why}, and it is not plain which gradient belongs to which output"
        if doubts and not self._is_right_somewhere():
            return f"{self.why}, and called with made-up arguments, {doubts[0]}"
        return ""

    def _has_weights_of_the_batch(self) -> bool:
        """Tell whether a matrix has an axis that made-up data and the output have in front: one axis is missing there.

        Rows (batch, time) for (batch, time, features) run where products spread, and so does what is added up.
        """
        arrays = {key: value for key, value in self.played.values.items() if isinstance(value, np.ndarray)}
        own = claimed(self.played, self.scenario)
        lengths = {np.shape(output)[0] for output in self._outputs() if np.ndim(output) > 2}
        lengths &= {value.shape[0] for key, value in arrays.items() if key not in own and value.ndim > 1}
        weights = [value for key, value in arrays.items() if key in own and (key.name.isupper() or is_matrix(key.name))]
        return any(value.ndim == 2 and lengths & set(value.shape) for value in weights)

    def _single_step(self) -> str:
        """Return the name of made-up data that are gone through step by step, and have one step only; '' of none."""
        own = claimed(self.played, self.scenario)
        data = {key.name: value for key, value in self.played.values.items() if key not in own}
        short = (name for name, value in data.items() if isinstance(value, np.ndarray) and value.ndim > 1)
        for name in (name for name in short if len(data[name]) == 1):
            if any(_goes_through(self.nodes[called], name) for called in self.entries if called in self.nodes):
                return name
        return ""

    def _may_lack_an_axis(self) -> bool:
        """Tell whether made-up data have a single axis, and the calls ask how many there are: `if x.ndim == 1`."""
        own = claimed(self.played, self.scenario)
        data = (value for key, value in self.played.values.items() if key not in own and isinstance(value, np.ndarray))
        texts = (ast.unparse(self.nodes[name]) for name in self.entries if name in self.nodes)
        is_row = any(value.ndim == 1 and value.size > 1 for value in data) and any(map(RANKS.search, texts))
        return is_row or any(self._turns_rows_over())

    def _turns_rows_over(self) -> Iterator[bool]:
        """Yield whether what loops take from made-up tables, row by row, is transposed: it may be a table itself.

        `for x in xs` of a table hands out rows, for which `x.T` is x.
        """
        tables = {key.name for key, value in self.played.values.items() if np.ndim(value) == 2}
        nodes = [self.nodes[name] for name in self.entries if name in self.nodes]
        loops = [part for node in nodes for part in walk(node) if isinstance(part, ast.For)]
        rows = {
            loop.target.id
            for loop in loops
            if isinstance(loop.target, ast.Name) and isinstance(loop.iter, ast.Name) and loop.iter.id in tables
        }
        for part in (part for node in nodes for part in walk(node)):
            yield isinstance(part, ast.Attribute) and part.attr == "T" and getattr(part.value, "id", "") in rows

    def _has_softmax(self) -> bool:
        """Tell whether the calls go through a softmax."""
        sources = {name: ast.unparse(self.nodes[name]) for name in self.entries if name in self.nodes}
        return any(
            "softmax" in name.lower() or "softmax" in text or ("exp(" in text and "sum(" in text)
            for name, text in sources.items()
        )

    def _ends_in_softmax(self) -> bool:
        """Tell whether an output whose gradient the backward is handed is that of a softmax."""
        return any(adds_up(part_of(self.played.forward, path)) for path in self.played.upstream.values())

    def _reads_output(self) -> bool:
        """Tell whether the backward function uses the outputs that it is handed gradients of: it starts there, then."""
        assert self.forward is not None
        returned = returned_names(self.nodes[self.forward])
        loaded = (n for n in walk(self.nodes[self.target]) if isinstance(getattr(n, "ctx", None), ast.Load))
        read = {node.id if isinstance(node, ast.Name) else getattr(node, "attr", "") for node in loaded}
        called_so = {name for name, what in self.scenario.way.items() if what == OUTPUT}
        return all((returned.get(path, frozenset()) | called_so) & read for path in self.played.upstream.values())

    def _is_wired_alike(self) -> bool:
        """Tell whether the recognition of pairs will see the same outputs behind the same gradients."""
        assert self.forward is not None
        if not self.played.upstream:
            return True
        forward, backward = self._pair()
        if forward is None or backward is None:
            return False
        seen: dict[str, set[Path]] = {}
        for found in PairReplay(self.world, forward, backward).upstream:
            path = self.played.upstream.get(found.name, found.output)
            seen.setdefault(found.name, set()).add(found.output[: len(path)])
        return all(seen.get(name) == {path} for name, path in self.played.upstream.items())

    def _pair(self) -> tuple[Entry | None, Entry | None]:
        assert self.forward is not None
        found = []
        for name in (self.forward, self.target):
            known = [e for key, list_ in self.entries.items() if key == name for e in list_]
            found.append(known[-1] if known else None)
        return found[0], found[1]

    def _unit(self) -> Any:
        """Return the unit that the recorded calls will be recognised as; None if as none."""
        try:
            if self.forward is None:
                known = self.entries[self.target]
                return calls.unit_of(self.document, self.world, known[-1], self.nodes[self.target])
            forward, backward = self._pair()
            if forward is None or backward is None:
                return None
            return unit_of_pair(self.document, self.world, forward, backward, self.nodes)
        except Exception:  # noqa: BLE001 - theirs
            return None

    def _has_other_loss(self) -> bool:
        """Tell whether the forward function returns a loss, and the gradients are recognised as those of another."""
        if self.forward is None or self.played.upstream or not is_number(self.played.forward):
            return False
        asked = [any(map(TARGET.match, required(self.nodes[name]))) for name in (self.forward, self.target)]
        if asked == [False, True]:  # without targets it is a prediction, of one number here
            return False
        unit = self._unit()
        loss = unit.subject.loss if unit is not None else None
        is_plain = isinstance(loss, Place) or (isinstance(loss, Scaled) and loss.constant == 1 and loss.length is None)
        return loss is not None and not is_plain

    def _is_scaled(self) -> bool:
        """Tell whether some gradients are right but for a constant: 1/m may belong to a loss that is not here.

        It would be in all of those of weights then, and need not be in those of data, which are handed on.
        """
        try:
            unit = self._unit()
            if unit is None or unit.subject.times:  # the mean was recognised, and what differs from it is a slip
                return False
            counts = {count for count, _ in batches(self._outputs())}
            data = set(required(self.nodes[self.forward])) if self.forward else set[str]()
            claims = slopes(unit)
            is_uneven = any(is_right(own) for name, own in claims.items() if name not in data)
            return any(is_scaled(own, counts) for name, own in claims.items() if name in data or not is_uneven)
        except Exception:  # noqa: BLE001 - theirs
            return False

    def _outputs(self) -> list[np.ndarray]:
        """Return what the gradients from above belong to: a mean may be taken over its axes, and over its steps."""
        found: list[np.ndarray] = []
        for path in self.played.upstream.values():
            output = part_of(self.played.forward, path)
            steps = list(output.values()) if isinstance(output, dict) else output
            found += [np.asarray(steps)] if not isinstance(steps, list) or steps else []
        return found

    def names(self) -> set[str]:
        """Return what there are gradients of."""
        unit = self._unit()
        return set(unit.names) if unit is not None else set()

    def is_right(self) -> bool:
        """Tell whether all gradients are exactly the derivatives of what the call is taken to compute."""
        try:
            unit = self._unit()
            return unit is not None and all(map(is_right, slopes(unit).values()))
        except Exception:  # noqa: BLE001 - theirs
            return False

    def _is_right_somewhere(self) -> bool:
        """Tell whether a gradient is exactly the derivative of what the call is taken to compute."""
        try:
            unit = self._unit()
            return unit is not None and any(map(is_right, slopes(unit).values()))
        except Exception:  # noqa: BLE001 - theirs
            return False


def _goes_through(node: ast.AST, name: str) -> bool:
    """Tell whether a loop goes through something, or counts as far as it is long.

    >>> [_goes_through(ast.parse(f"for t in {text}: pass"), "xs") for text in ("xs", "range(len(xs), 0, -1)", "ys")]
    [True, True, False]
    """
    loops = (part.iter for part in walk(node) if isinstance(part, ast.For))
    return any(isinstance(part, ast.Name) and part.id == name for loop in loops for part in walk(loop))
