"""What scikit-learn does to data: scaled, encoded, set aside, of arrays and of tables."""

import numpy as np

from crosscheck.recognise.datasets import libraries, table

SKLEARN = libraries("")["sklearn"]
PREPROCESSING = SKLEARN.preprocessing


def test_numbers_are_standardised_and_back() -> None:
    df = table("")[["height", "weight"]]
    scaler = PREPROCESSING.StandardScaler()
    scaled = scaler.fit_transform(df)
    np.testing.assert_allclose(scaled.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(0), 1)
    np.testing.assert_allclose(scaler.inverse_transform(scaled), np.asarray(df))


def test_numbers_are_laid_between_bounds() -> None:
    scaler = PREPROCESSING.MinMaxScaler(feature_range=(-1, 1))
    scaled = scaler.fit_transform(table("")[["height", "weight"]])
    assert scaled.min(0).tolist() == [-1, -1]
    assert scaled.max(0).tolist() == [1, 1]
    assert np.isfinite(scaler.fit_transform(np.ones((5, 2)))).all()


def test_each_column_is_encoded_by_itself() -> None:
    made = PREPROCESSING.OneHotEncoder().fit_transform(table("")[["label", "colour"]]).toarray()
    assert made.sum(1).tolist() == [2] * 12


def test_columns_are_transformed_apart() -> None:
    parts = [("n", PREPROCESSING.StandardScaler(), ["age"]), ("c", PREPROCESSING.OneHotEncoder(), ["label"])]
    made = SKLEARN.compose.ColumnTransformer(parts).fit_transform(table(""))
    assert made.shape == (12, 3)
    assert np.array_equal(made[:, 1:].sum(1), np.ones(12))


def test_rows_of_tables_and_columns_are_split_alike() -> None:
    df = table("")
    x_train, x_test, y_train, y_test = SKLEARN.model_selection.train_test_split(
        df.drop("label", axis=1), df["label"], test_size=0.2, stratify=df["label"]
    )
    assert (x_train.shape, x_test.shape) == ((9, 4), (3, 4))
    assert (y_train.shape, y_test.shape) == ((9,), (3,))
