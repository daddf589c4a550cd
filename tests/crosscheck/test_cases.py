import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosscheck.cases import Key
from crosscheck.errors import CrosscheckError

KEYS = st.builds(
    Key,
    st.from_regex(r"[a-z][a-z0-9-]{0,15}", fullmatch=True),
    st.lists(st.integers(0, 100), max_size=5).map(tuple),
    st.integers(0, 2**70),
)


@settings(max_examples=100)
@given(KEYS)
def test_a_key_is_read_as_it_was_printed(key):
    assert Key.parse(str(key)) == key
    assert Key.parse(f" {key}\n") == key


def test_a_key_prints_as_documented():
    assert str(Key("saturated", (5, 3, 7, 0), 12)) == "saturated/5,3,7,0/12"
    assert str(Key("ordinary", (), 0)) == "ordinary//0"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "saturated",
        "saturated/5,3",
        "saturated/5,,3/1",
        "saturated/5,3/-1",
        "Saturated/5,3/1",
        "a/5/1/2",
        "a/5.0/1",
        "a/٣/1",
    ],
)
def test_what_is_no_key_is_refused_in_a_sentence(text):
    with pytest.raises(CrosscheckError, match="names no case, expected a regime, sizes and a seed") as caught:
        Key.parse(text)
    assert caught.value.code == "unreadable-key"
    assert repr(text) in str(caught.value)
