"""Edits find their way back through a translation, whatever was translated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscheck.errors import CrosscheckError
from crosscheck.source.translation import Change, Translation, apply


@st.composite
def translations(draw):
    text = draw(st.text("ab \n", min_size=1, max_size=30))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    changes = [Change(start, end, draw(st.text("XY", max_size=3))) for start, end in pairs]
    return Translation.of(text, changes, draw(st.sampled_from([str, str.upper, lambda new: new.replace("p", "<p>")])))


def rebuilt(translation):
    """Make the pieces' changes again: what lies between must be equal on both sides."""
    return apply(
        translation.before, [Change(p.start, p.end, translation.after[p.after_start : p.after_end])
                             for p in translation.pieces]
    )  # fmt: skip


@given(translations(), st.data())
def test_an_edited_translation_still_leads_from_before_to_after(translation, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(translation.after)), max_size=6)))
    pieces = translation.pieces
    inside = [c for c in cuts if any(p.after_start < c < p.after_end for p in pieces)]
    cuts = [c for c in cuts if c not in inside]
    edits = [
        Change(start, end, data.draw(st.text("pq", max_size=3)))
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    edited, back = translation.edited(edits)
    assert edited.after == apply(translation.after, edits)
    assert edited.before == apply(translation.before, back)
    assert rebuilt(edited) == edited.after


def test_an_edit_inside_a_piece_takes_the_piece_as_it_reads_afterwards():
    translation = Translation.of("print x", [Change(0, 5, "write")])
    edited, back = translation.edited([Change(2, 3, "o")])
    assert (edited.after, edited.before, back) == ("wrote x", "wrote x", [Change(0, 5, "wrote")])


def test_edits_that_overlap_are_refused():
    with pytest.raises(CrosscheckError, match="overlap"):
        Translation("abc", "abc", ()).edited([Change(0, 2, "x"), Change(1, 3, "y")])
