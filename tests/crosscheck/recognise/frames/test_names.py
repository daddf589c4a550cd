"""Names of columns: made-up tables get them as a program asks, and labels stay where they are found."""

import numpy as np
import pytest

from crosscheck.recognise.datasets import table
from crosscheck.recognise.frames import named, told_by, unnamed


def test_what_was_never_asked_for_was_never_there() -> None:
    df = table("")
    assert df.drop(["id", "Unnamed: 32"], axis=1).shape == (12, 5)
    assert df.drop("id", axis=1).drop("id", axis=1).shape == (12, 5)


@pytest.mark.parametrize("name", ["label", "bought", "kind of flower"])
def test_the_column_of_labels_is_dropped_whatever_it_is_called(name: str) -> None:
    df = table("")
    features = df.drop(name, axis=1)
    assert features.shape == (12, 4)
    assert set(df[name]) == {0, 1}
    assert np.array_equal(features.values, np.asarray(df)[:, 1:])


def test_labels_are_found_where_features_were_dropped() -> None:
    df = table("")
    df["age"].mean()
    df.drop(["age", "id"], axis=1, inplace=True)
    assert df.shape == (12, 4)
    assert set(df["target"]) == {0, 1}


def test_a_name_that_a_program_sets_aside_and_reads_is_that_of_labels() -> None:
    code = 'y = df["bought"]; x = df.drop("bought", axis=1); rest = x.drop("colour", axis=1)'
    assert told_by(code).labels == {"bought"}
    assert set(table(code)["bought"]) == {0, 1}


def test_what_is_compared_with_a_number_holds_no_labels_yet() -> None:
    code = 'df["quality"] = df["quality"] > 6; x = df.drop("quality", axis=1)'
    assert not told_by(code).labels
    assert len(set(table(code)["quality"])) > 2


def test_tables_that_share_a_column_share_its_name() -> None:
    df = table("")
    part = df[df["label"] == 1]
    assert np.array_equal(part["width"], np.asarray(df[df["label"] == 1]["width"]))
    assert df.names.known("width") == 1


def test_more_names_than_columns_have_numbers_of_their_own() -> None:
    df = table("")
    wide = df[[f"f{n}" for n in range(9)]].values
    assert wide.shape == (12, 9)
    assert len({tuple(column) for column in wide.T}) == 9


def test_a_program_that_names_all_columns_has_as_many() -> None:
    df = table("")
    df.columns = [*"abcdefg", "class"]
    assert df.shape == (12, 8)
    assert set(df["class"]) == {0, 1}
    with pytest.raises(KeyError):
        df["h"]


def test_a_name_with_a_number_is_that_place() -> None:
    assert unnamed(5).place(3) == 3
    assert named([3, "x"]).place(3) == 0
