"""Which gradients a line of the backward pass can reach, by the names that it writes and others read."""

import ast

from crosscheck.repair.scope import Place, Scope, nodes_in, outermost_atoms, targets


class Flow:
    """What is computed from what, without regard for order: a carry is read in the next round."""

    def __init__(self, scope: Scope) -> None:
        self._next: dict[str, set[str]] = {}
        for place in scope.places:
            written = set(targets(place.statement))
            for atom in read(place):
                self._next.setdefault(atom, set()).update(written)

    def reached(self, place: Place) -> set[str]:
        """Return every variable that depends on what a statement writes."""
        waiting, found = list(targets(place.statement)), set()
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self._next.get(name, ()))
        return found


def read(place: Place) -> set[str]:
    """Return the variables that a statement reads."""
    return {
        ast.unparse(atom)
        for node in nodes_in(place.statement)
        if isinstance(node, ast.expr)
        for atom in outermost_atoms(node)
        if isinstance(getattr(atom, "ctx", ast.Load()), ast.Load)
    }
