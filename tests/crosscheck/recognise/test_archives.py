"""Files that hold arrays under names."""

import numpy as np

from crosscheck.recognise.archives import stored


def test_arrays_are_read_in_all_ways() -> None:
    with stored('x = f["train_set_x"]; y = f["train_set_y"]') as file:
        x = file["train_set_x"]
        assert sorted(file.keys()) == ["train_set_x", "train_set_y"]
        assert np.array_equal(x.value, x[:])
        assert np.array_equal(file.get("train_set_x")[()], x[:])
        assert x.shape == (12, 4, 4, 3)
        assert {name: len(file[name]) for name in file} == {"train_set_x": 12, "train_set_y": 12}
        assert type(x[:] / 255) is np.ndarray
        assert set(file["train_set_y"][:]) == {0, 1}


def test_matrices_of_matlab_lie_the_other_way_round() -> None:
    assert stored('h5py.file("m.mat")["rows"]', 7)["rows"].shape == (7, 12)
    assert stored('h5py.file("m.h5")["rows"]', 7)["rows"].shape == (12, 7)
