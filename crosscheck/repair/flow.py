"""Which gradients a line of the backward pass can reach, by the names that it writes and others read."""

from collections.abc import Iterable

from crosscheck.repair.places import Place
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import reads, targets


class Flow:
    """What the backward pass computes from what, without regard for order: a carry is read in the next round."""

    def __init__(self, scope: Scope) -> None:
        self._next: dict[str, set[str]] = {}
        for place in scope.editable:
            written = set(targets(place.statement))
            for atom in reads(place.statement):
                self._next.setdefault(atom, set()).update(written)

    def reached(self, place: Place) -> set[str]:
        """Return every variable that depends on what a statement writes."""
        return self.reached_from(targets(place.statement))

    def reached_from(self, names: Iterable[str]) -> set[str]:
        """Return some variables, and every one that depends on them."""
        waiting, found = list(names), set()
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self._next.get(name, ()))
        return found
