"""Text in tables: words stand for classes, wherever a program looks for them."""

import numpy as np

from crosscheck.recognise.datasets import libraries, table


def test_two_words_are_two_classes() -> None:
    df = table("")
    first, second = df["label"] == "M", df["label"] == "B"
    assert 0 < first.sum() < 12
    assert np.array_equal(first, ~second)


def test_words_are_mapped_to_the_numbers_that_a_program_gives_them() -> None:
    df = table("")
    assert set(df["label"].map({"no": -1, "yes": 1})) == {-1, 1}
    assert set(df["label"].map({"a": 0, "b": 1, "c": 2})) == {0, 1, 2}
    assert set(df["sex"].map({"male": 0, "female": 1})) == {0, 1}


def test_words_are_replaced_in_place() -> None:
    df = table("")
    df["label"].replace({"M": 1, "B": 0}, inplace=True)
    assert set(df["label"]) == {0, 1}


def test_a_function_that_is_meant_for_text_leaves_the_numbers() -> None:
    df = table("")
    assert np.array_equal(df["city"].apply(lambda text: text.split(",")[0]), df["city"])
    assert set(df["label"].apply(lambda word: 1 if word == "yes" else 0)) == {0, 1}
    assert {1 if word == "yes" else 0 for word in df["label"]} == {0, 1}


def test_plain_arrays_may_be_compared_with_words_where_a_program_does_that() -> None:
    y = table('y = np.where(y == "setosa", -1, 1)').iloc[:, 4].values
    assert set(np.where(y == "setosa", -1, 1)) == {-1, 1}
    assert type(y * 2) is np.ndarray
    assert type(table("").iloc[:, 4].values) is np.ndarray


def test_there_are_three_classes_where_a_program_encodes_flowers() -> None:
    pd = libraries('y = pd.get_dummies(iris["species"])')["pandas"]
    iris = pd.read_csv("iris.csv")
    assert pd.get_dummies(iris["species"]).shape == (12, 3)
    assert iris.drop("species", axis=1).shape == (12, 4)
