"""Tables do to numbers what pandas does: each way of asking beside the plain NumPy that says what is meant."""

from typing import Any

import numpy as np
import pytest

from crosscheck.recognise.datasets import libraries, table

MEANT = """
df["a"].values                                            | m[:, 1]
df[["a", "c"]].values                                     | m[:, [1, 3]]
df.mean().values                                          | m.mean(0)
df.std()                                                  | m.std(0, ddof=1)
df["a"].std()                                             | m[:, 1].std(ddof=1)
np.std(df["a"])                                           | m[:, 1].std()
df.sum(axis=1)                                            | m.sum(1)
df.mean()["b"]                                            | m[:, 2].mean()
np.max(df).values                                         | m.max(0)
((df - df.mean()) / df.std()).values                      | (m - m.mean(0)) / m.std(0, ddof=1)
df.loc[2:5, "a":"c"].values                               | m[2:6, 1:4]
df.loc[:4, ["a", "c"]].values                             | m[:5, [1, 3]]
df.loc[df["label"] == 1, "a"].values                      | m[m[:, 0] == 1, 1]
df.loc[df.a > 3, ["a", "b"]].values                       | m[m[:, 1] > 3, 1:3]
df["a"].loc[2:4].values                                   | m[2:5, 1]
df.iloc[2:5, 1:3].values                                  | m[2:5, 1:3]
df.iloc[[1, 3], [0, 2]].values                            | m[[1, 3]][:, [0, 2]]
df.iloc[3]["b"]                                           | m[3, 2]
df.at[3, "b"], df.iat[3, 2]                               | [m[3, 2]] * 2
df.drop(columns=["a"]).values                             | m[:, [0, 2, 3, 4]]
df.drop(df.columns[[0, 2]], axis=1).values                | m[:, [1, 3, 4]]
df.drop(df.index[[0, 2]]).values                          | np.delete(m, [0, 2], 0)
df["ones"] = 1; df.values                                 | np.c_[m, np.ones(12)]
df.insert(0, "ones", 1); df.values                        | np.c_[np.ones(12), m]
df["a"] = df["a"] / df["a"].max(); df.values[:, 1]        | m[:, 1] / m[:, 1].max()
df["a"] /= 9; df.values[:, 1]                             | m[:, 1] / 9
df["a"] = df["a"] / 9; df["b"].values.dtype.kind == "i"   | True
df[["a", "b"]] = df[["a", "b"]] / 9; df.values[:, 1:3]    | m[:, 1:3] / 9
df.loc[df["a"] > 3, "a"] = 0; df["a"].values              | np.where(m[:, 1] > 3, 0, m[:, 1])
df.loc[df["a"] > 3, "big"] = 1; df["big"].values          | m[:, 1] > 3
df.iloc[0, 1] = 77; df["a"][0]                            | 77
df["s"] = df["a"] + df["b"]; df.iloc[:, -1].values        | m[:, 1] + m[:, 2]
df.pop("label").values                                    | m[:, 0]
del df["a"]; df.shape                                     | [12, 4]
df.rename(columns={"a": "z"})["z"].values                 | m[:, 1]
df["a"].map({v: v * v for v in range(9)}).values          | m[:, 1] ** 2
df["a"].apply(lambda v: v * 2 + 1).values                 | m[:, 1] * 2 + 1
df["a"].replace(3, 30).values                             | np.where(m[:, 1] == 3, 30, m[:, 1])
df["a"].replace([1, 2], [10, 20]).max()                   | 20
df.apply(lambda c: c / c.max()).values                    | m / m.max(0)
df.apply(lambda r: r["a"] + r["b"], axis=1).values        | m[:, 1] + m[:, 2]
df.sort_values("a")["a"].values                           | np.sort(m[:, 1])
df.groupby("label").mean().values                         | [m[m[:, 0] == k, 1:].mean(0) for k in (0, 1)]
df.groupby("label")["a"].mean().values                    | [m[m[:, 0] == k, 1].mean() for k in (0, 1)]
df["a"].rolling(3).mean().values[3:]                      | [m[n - 2 : n + 1, 1].mean() for n in range(3, 12)]
df["a"].shift(1).values[1:]                               | m[:-1, 1]
df["a"].diff().values[1:]                                 | np.diff(m[:, 1])
df["label"].value_counts()[1]                             | 6
df["a"].nunique(), len(df["a"].unique())                  | [len(set(m[:, 1]))] * 2
df["a"].isin([1, 2]).values                               | (m[:, 1] == 1) | (m[:, 1] == 2)
df.T.values                                               | m.T
df[["a", "b"]].T.dot(df["label"]).values                  | m[:, 1:3].T @ m[:, 0]
np.dot(df, np.ones(5))                                    | m.sum(1)
(1 / (1 + np.exp(-df["a"]))).values                       | 1 / (1 + np.exp(-m[:, 1]))
((df["a"] > 3) & ~(df["b"] < 5)).values                   | (m[:, 1] > 3) & (m[:, 2] >= 5)
df.loc[:, df.columns != "label"].values                   | m[:, 1:]
df[[c for c in df.columns if c != "label"]].values        | m[:, 1:]
df.loc[:, ~df.columns.isin(["label", "last"])].values     | m[:, 1:4]
df.columns.get_loc("b"), len(df.columns)                  | [2, 5]
df.columns.tolist().index("c"), "a" in df.columns         | [3, 1]
df.columns = df.columns.str.upper(); df["B"].values       | m[:, 2]
[row["a"] for _, row in df.iterrows()]                    | m[:, 1]
[row.a for row in df.itertuples()]                        | m[:, 1]
[x + y for x, y in zip(df["a"], df["b"])]                 | m[:, 1] + m[:, 2]
df.to_dict("records")[2]["b"]                             | m[2, 2]
pd.concat([df["a"], df["b"]], axis=1).values              | m[:, 1:3]
pd.concat([df, df]).values                                | np.vstack([m, m])
pd.get_dummies(df["label"]).values                        | np.eye(2)[m[:, 0]]
pd.get_dummies(df, columns=["label"]).values              | np.c_[m[:, 1:], np.eye(2)[m[:, 0]]]
pd.DataFrame({"x": [1, 2], "y": 0}).values                | [[1, 0], [2, 0]]
pd.DataFrame([[1, 2], [3, 4]], columns=["x", "y"]).x      | [1, 3]
pd.DataFrame([{"x": 1, "y": 2}, {"x": 3, "y": 4}])["y"]   | [2, 4]
pd.Series({"u": 1, "v": 2})["v"]                          | 2
pd.factorize(df["label"])[0]                              | m[:, 0]
df["label"].astype("category").cat.codes.values           | m[:, 0]
df.dropna(inplace=True); df.shape                         | [12, 5]
df.fillna(df.mean(), inplace=True); df.isnull().sum()     | [0] * 5
df -= df.mean(); df.values                                | m - m.mean(0)
df.loc[len(df)] = [1, 2, 3, 4, 5]; df.iloc[-1].values     | [1, 2, 3, 4, 5]
df.astype({"a": float}).dtypes["a"].kind == "f"           | True
df.head(3).values                                         | m[:3]
"""


@pytest.mark.parametrize("line", MEANT.strip().splitlines())
def test_what_is_asked_of_a_table_is_what_pandas_would_answer(line: str) -> None:
    asked, _, meant = line.rpartition(" | ") if "(m" not in line.rpartition(" | ")[2] else line.partition(" | ")
    df = table("")
    df.columns = ["label", "a", "b", "c", "last"]
    names: dict[str, Any] = {"df": df, "np": np, "pd": libraries("")["pandas"], "m": np.array(df)}
    *statements, value = asked.strip().split("; ")
    for statement in statements:
        exec(statement, names)
    found, wanted = eval(value, names), eval(meant, {"np": np, "m": names["m"]})
    assert np.shape(found) == np.shape(wanted)
    np.testing.assert_allclose(np.asarray(found, float), np.asarray(wanted, float))


def test_what_draws_or_writes_does_nothing() -> None:
    df = table("")
    df.plot(kind="scatter", x="a", y="b")
    df["a"].hist()
    assert df.to_csv("x.csv") is None
    assert df.shape == (12, 5)
