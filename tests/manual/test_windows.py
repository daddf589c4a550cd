from itertools import islice, takewhile

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from manual.errors import InputError
from manual.windows import Layout, Position, documents, split_at, split_every, streams, sweep

few = settings(max_examples=100, deadline=None, derandomize=True)


def numbered(length):
    """A text of which every symbol tells its place."""
    return np.arange(length)


def first_epoch(windows):
    return list(takewhile(lambda window: window.position.epoch == 0, windows))


def gist_windows(text, T):
    """The gist's bookkeeping, with its own variables: (inputs, targets, reset) without end."""
    n, p = 0, 0
    while True:
        reset = p + T + 1 >= len(text) or n == 0
        if reset:
            p = 0
        yield list(text[p : p + T]), list(text[p + 1 : p + T + 1]), reset
        p += T
        n += 1


@st.composite
def texts_and_lengths(draw):
    T = draw(st.integers(1, 11))
    return numbered(draw(st.integers(T + 1, 60))), T


@few
@given(texts_and_lengths())
def test_a_sweep_is_that_of_the_gist(drawn):
    text, T = drawn
    for window, expected in islice(zip(sweep(text, T), gist_windows(text, T), strict=False), 71):
        assert (window.inputs.tolist(), window.targets.tolist(), window.reset) == expected


@few
@given(texts_and_lengths())
def test_a_sweep_covers_the_text_up_to_its_last_window(drawn):
    text, T = drawn
    windows = first_epoch(sweep(text, T))
    covered = T * len(windows)
    assert np.concatenate([window.inputs for window in windows]).tolist() == text[:covered].tolist()
    assert np.concatenate([window.targets for window in windows]).tolist() == text[1 : covered + 1].tolist()
    assert len(text) - covered <= T + 1


@few
@given(texts_and_lengths(), st.integers(1, 5))
def test_streams_are_sweeps_side_by_side(drawn, B):
    part, T = drawn
    text = numbered(B * len(part) + (B - 1))  # the last B - 1 symbols fill no column
    alone = [sweep(text[b * len(part) : (b + 1) * len(part)], T) for b in range(B)]
    for window, *columns in islice(zip(streams(text, T, B), *alone, strict=False), 17):
        assert window.inputs.shape == window.targets.shape == (T, B)
        for b, column in enumerate(columns):
            assert window.inputs[:, b].tolist() == column.inputs.tolist()
            assert window.targets[:, b].tolist() == column.targets.tolist()
            assert (window.reset, window.position) == (column.reset, column.position)


@few
@given(st.lists(st.integers(0, 13), min_size=1, max_size=7), st.integers(1, 5))
def test_documents_are_covered_exactly_and_never_mixed(lengths, T):
    # Document d holds 100 d, 100 d + 1, ...: a window that crossed a boundary would show it.
    pieces = [100 * d + np.arange(length) for d, length in enumerate(lengths)]
    kept = [piece for piece in pieces if len(piece) > 1]
    if not kept:
        with pytest.raises(InputError, match="two symbols"):
            documents(pieces, T)
        return
    read = {int(piece[0]) // 100: ([], [], []) for piece in kept}
    for window in first_epoch(documents(pieces, T)):
        assert 1 <= len(window.inputs) <= T
        assert len({symbol // 100 for symbol in [*window.inputs.tolist(), *window.targets.tolist()]}) == 1
        inputs, targets, resets = read[int(window.inputs[0]) // 100]
        inputs += window.inputs.tolist()
        targets += window.targets.tolist()
        resets.append(window.reset)
    for piece, (inputs, targets, resets) in zip(kept, read.values(), strict=True):
        assert inputs == piece[:-1].tolist()
        assert targets == piece[1:].tolist()
        assert resets == [True] + [False] * (len(resets) - 1)


lengths = st.integers(1, 7)
layouts = st.one_of(
    st.fixed_dictionaries({"length": lengths}),
    st.fixed_dictionaries({"length": lengths, "stream_count": st.integers(1, 3)}),
    st.fixed_dictionaries({"length": lengths, "separator": st.just((3,))}),
    st.fixed_dictionaries({"length": lengths, "document_length": st.integers(2, 11)}),
)


@few
@given(layouts, st.integers(0, 23))
def test_reading_goes_on_from_any_saved_position(choices, read):
    layout = Layout(**choices)
    text = np.random.default_rng(5).integers(0, 7, size=43)
    windows = layout.windows(text)
    position = Position()
    for window in islice(windows, read):
        position = window.following
    resumed = layout.windows(text, Position(*[int(number) for number in position]))
    for before, after in islice(zip(windows, resumed, strict=False), 11):
        assert before.inputs.tolist() == after.inputs.tolist()
        assert before.targets.tolist() == after.targets.tolist()
        assert before[2:] == after[2:]


@few
@given(st.lists(st.integers(0, 2), min_size=2, max_size=40), st.lists(st.integers(0, 2), min_size=1, max_size=3))
@example([1, 1, 1, 0], [1, 1])  # overlapping occurrences
def test_splitting_at_a_separator_is_that_of_strings(symbols, separator):
    text, mark = "".join(map(str, symbols)), "".join(map(str, separator))
    if mark not in text:
        with pytest.raises(InputError, match="does not occur"):
            split_at(np.array(symbols), np.array(separator))
        return
    *ended, rest = text.split(mark)
    expected = [piece + mark for piece in ended] + ([rest] if rest else [])
    pieces = split_at(np.array(symbols), np.array(separator))
    assert ["".join(map(str, piece)) for piece in pieces] == expected


def test_splitting_by_length_keeps_the_rest():
    assert [piece.tolist() for piece in split_every(numbered(7), 3)] == [[0, 1, 2], [3, 4, 5], [6]]


@pytest.mark.parametrize(
    ("cut", "sentence"),
    [
        (lambda: sweep(numbered(11), 25), "a window of at most 10"),
        (lambda: sweep(numbered(5), 5), "a window of at most 4"),
        (lambda: streams(numbered(11), 5, 2), "use at most 1 streams, or a window of at most 4"),
        (lambda: sweep(numbered(1), 1), "expected at least 2"),
        (lambda: sweep(numbered(7), 0), "window length is 0"),
        (lambda: sweep(numbered(7), True), "window length is True"),
        (lambda: streams(numbered(31), 5, 7), "use at most 5 streams, or a window of at most 3"),
        (lambda: streams(numbered(31), 5, 17), r"use at most 5 streams\.$"),
        (lambda: streams(numbered(31), 5, 0), "number of streams is 0"),
        (lambda: streams(numbered(3), 5, 2), "a window of at most 2"),
        (lambda: documents([numbered(7)], -1), "window length is -1"),
        (lambda: split_at(numbered(7), numbered(0)), "separator of documents is empty"),
        (lambda: split_at(numbered(2), numbered(3)), "does not occur"),
        (lambda: split_every(numbered(7), 0), "document length is 0"),
        (lambda: sweep(numbered(23), 5, Position(0, 0, 17)), "offset 17"),
        (lambda: sweep(numbered(23), 5, Position(0, 1, 0)), "document 1"),
        (lambda: sweep(numbered(23), 5, Position(-1, 0, 0)), "epoch -1"),
        (lambda: streams(numbered(46), 5, 2, Position(0, 0, 17)), "offset 17"),
        (lambda: documents([numbered(7)], 3, Position(0, 0, 6)), "offset 6"),
        (lambda: Layout(0), "window length is 0"),
        (lambda: Layout(5, stream_count=0), "number of streams is 0"),
        (lambda: Layout(5, document_length=1), "at least 2"),
        (lambda: Layout(5, stream_count=2, document_length=7), "streams and document length"),
    ],
)
def test_what_cannot_be_cut_is_refused_before_the_first_window(cut, sentence):
    with pytest.raises(InputError, match=sentence):
        cut()


def test_a_text_of_one_window_is_read_again_and_again():
    # "hello" with four steps: the wrap rule holds at once, and offset 0 is read all the same.
    windows = list(islice(sweep(numbered(5), 4), 3))
    assert [window.inputs.tolist() for window in windows] == [[0, 1, 2, 3]] * 3
    assert [window.position.epoch for window in windows] == [0, 1, 2]
    assert all(window.reset for window in windows)


def test_a_layout_knows_the_size_of_its_windows():
    assert (Layout(5).batch_shape, Layout(5).symbols_per_window) == ((), 5)
    assert (Layout(5, stream_count=3).batch_shape, Layout(5, stream_count=3).symbols_per_window) == ((3,), 15)
