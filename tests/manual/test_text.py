import os
import sys
from contextlib import contextmanager
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manual.errors import InputError
from manual.text import Vocabulary, read_text

few = settings(max_examples=100, deadline=None, derandomize=True)
texts = st.text(st.characters(codec="utf-8"), min_size=2, max_size=60).filter(lambda text: len(set(text)) > 1)
# Words may hold any characters but white space; lines may be empty.
words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=5).filter(lambda word: word.split() == [word])
lines = st.lists(words, max_size=5).map(" ".join)
verses = st.lists(lines, min_size=1, max_size=5).map("\n".join)


def message_of(call, *arguments):
    with pytest.raises(InputError) as caught:
        call(*arguments)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


@contextmanager
def without_privileges():
    """Root reads everything; become nobody for a while."""
    if os.geteuid() == 0:
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)
    else:
        yield


def test_the_built_in_text_is_two_sonnets():
    text = read_text(str(files("crosscheck.builtin") / "sonnets.txt"))
    assert (len(text), text.count("\n"), len(Vocabulary.from_text(text))) == (1240, 29, 43)
    assert text.startswith("From fairest creatures")
    assert text.endswith("thou art old,\nAnd see thy blood warm when thou feel'st it cold.\n")
    assert [len(sonnet.splitlines()) for sonnet in text.split("\n\n")] == [14, 14]


def test_reading_translates_line_ends_and_drops_a_byte_order_mark(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\rth\xc3\xa9\n")
    assert read_text(path) == "one\ntwo\nthé\n"


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "nothing else"),
        (b"abc\0def", "NUL at byte 3"),
        ("abc".encode("utf-16"), "iconv -f UTF-16"),
        ("ab\ncafé".encode("latin1"), "byte 0xe9 at offset 6, line 2"),
        (b"\xef\xbb\xbfab\n\xff", "byte 0xff at offset 6, line 2"),
    ],
)
def test_files_that_are_not_text_are_refused_in_one_sentence(tmp_path, content, part):
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    message = message_of(read_text, path)
    assert part in message
    assert str(path) in message


def test_a_device_is_refused_unread():
    assert "is a device" in message_of(read_text, "/dev/null")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    assert "There is no file" in message_of(read_text, tmp_path / "missing.txt")
    assert "is a folder" in message_of(read_text, tmp_path)


def test_a_file_without_permission_is_refused(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("abc")
    path.chmod(0)
    with without_privileges():
        assert "may not be read" in message_of(read_text, path)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a file that opens and cannot be read")
def test_a_file_whose_reading_fails_is_refused():
    assert "/proc/self/mem cannot be read" in message_of(read_text, "/proc/self/mem")


@few
@given(texts)
def test_characters_come_back_as_they_were(text):
    vocabulary = Vocabulary.from_text(text)
    indices = vocabulary.encode(text)
    assert indices.shape == (len(text),)
    assert vocabulary.decode(indices) == text


@few
@given(verses.filter(lambda text: len(set(text.replace("\n", " \n ").split(" ")) - {""}) > 1))
def test_words_and_line_breaks_come_back_as_they_were(text):
    vocabulary = Vocabulary.from_text(text, level="word")
    assert vocabulary.decode(vocabulary.encode(text)) == text


@few
@given(texts, st.data())
def test_any_words_survive_being_written_and_read(text, data):
    vocabulary = Vocabulary.from_text("or\n" + text, level="word")
    indices = data.draw(st.lists(st.integers(0, len(vocabulary) - 1), max_size=11))
    assert vocabulary.encode(vocabulary.decode(indices)).tolist() == indices


@few
@given(texts)
def test_the_order_is_that_of_code_points(text):
    vocabulary = Vocabulary.from_text(text)
    assert list(vocabulary.symbols) == sorted(set(text))
    assert vocabulary == Vocabulary.from_text(text[::-1])


def test_white_space_between_words_is_reduced():
    text = "  to\tbe \n\n  or\u00a0not,  "
    vocabulary = Vocabulary.from_text(text, level="word")
    assert vocabulary.symbols == ("\n", "be", "not,", "or", "to")
    assert vocabulary.decode(vocabulary.encode(text)) == "to be\n\nor not,"


def test_an_unknown_symbol_is_named_with_its_place():
    message = message_of(Vocabulary.from_text("ab\n").encode, "ab\naßb")
    assert "character 'ß' (line 2, column 2)" in message
    message = message_of(Vocabulary.from_text("to be\n", level="word").encode, "to be\n to see be")
    assert "word 'see' (line 2, column 5)" in message


@pytest.mark.parametrize(
    ("indices", "part"),
    [
        ([0, -1], "-1"),
        ([0, 1, 3], "0 to 2"),
        ([0.0, 1.0], "float64"),
        ([True], "bool"),
        ([[0, 1]], "shape (1, 2)"),
    ],
)
def test_indices_that_are_no_symbols_are_refused(indices, part):
    assert part in message_of(Vocabulary.from_text("abc").decode, np.array(indices))


def test_nothing_decodes_to_nothing():
    assert Vocabulary.from_text("abc").decode([]) == ""


@pytest.mark.parametrize(
    ("text", "level", "part"),
    [
        ("", "character", "no symbol at level 'character'"),
        (" \t ", "word", "no symbol at level 'word'"),
        ("aaaa", "character", "one symbol, 'a'"),
        ("to to", "word", "one symbol, 'to'"),
    ],
)
def test_texts_without_two_symbols_are_refused(text, level, part):
    assert part in message_of(Vocabulary.from_text, text, level)


@pytest.mark.parametrize(
    ("symbols", "level", "part"),
    [
        (("b", "a"), "character", "sorted"),
        (("a", "a"), "character", "distinct"),
        ((), "character", "from_text"),
        (("a", "bc"), "character", "'bc' is not one symbol"),
        (("a", "b c"), "word", "'b c' is not one symbol"),
        (("a", "b"), "syllable", "'character', 'word'"),
    ],
)
def test_symbols_that_form_no_vocabulary_are_refused(symbols, level, part):
    assert part in message_of(Vocabulary, symbols, level)
