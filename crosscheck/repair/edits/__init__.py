"""All small edits that are tried: every module here yields those of one kind."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.edits import (
    assignments,
    carries,
    closures,
    derivatives,
    exponentials,
    factors,
    indices,
    loops,
    models,
    names,
    products,
    slopes,
    statements,
    sums,
)
from crosscheck.repair.edits.neighbours import Neighbours
from crosscheck.repair.scope import Scope
from crosscheck.source import Edit

KINDS = (
    products,
    indices,
    assignments,
    carries,
    closures,
    derivatives,
    slopes,
    factors,
    names,
    sums,
    loops,
    statements,
    models,
    exponentials,
)


LIKE_OTHERS = 0.4
"""How much likelier an edit is that lets a line read like another one beside it, which it did not"""


def candidates(scope: Scope) -> Iterator[Candidate]:
    """Yield every small edit of a backward pass, those of the same text once."""
    seen = set()
    neighbours = Neighbours(scope)
    for kind in KINDS:
        for candidate in kind.candidates(scope):
            if scope.is_torch:
                candidate = replace(candidate, edits=tuple(map(_for_torch, candidate.edits)))
            changing = [e for e in candidate.edits if scope.text.between(e.start, e.end) != e.text]
            edits = together(map(scope.text.trimmed, changing))
            if edits and edits not in seen:
                seen.add(edits)
                cost = candidate.cost - LIKE_OTHERS * neighbours.are_joined_by(edits)
                yield replace(candidate, edits=edits, cost=cost)


def _for_torch(edit: Edit) -> Edit:
    return replace(edit, text=edit.text.replace("axis=", "dim=").replace("keepdims=", "keepdim="))


def together(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Return edits in order; what is inserted at one place is one edit, in the order in which it was given."""
    found: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: edit.start):
        if found and found[-1].start == found[-1].end == edit.start == edit.end:
            found[-1] = replace(found[-1], text=found[-1].text + edit.text)
        else:
            found.append(edit)
    return tuple(found)
