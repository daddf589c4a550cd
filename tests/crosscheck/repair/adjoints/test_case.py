"""Which values are slopes, by the derivatives of one case."""

import numpy as np

from crosscheck.repair.adjoints.case import Case
from crosscheck.repair.adjoints.truths import Truth


def test_a_slope_takes_one_derivative_to_another() -> None:
    behind, slope = np.array([1.0, -2.0, 0.5]), np.array([1.0, 0.3, 1.0])
    where_it_is_one = behind * (slope == 1)
    case = Case.__new__(Case)
    case.__dict__["all"] = [Truth((), (array,), (0,)) for array in (behind, behind * slope, where_it_is_one)]
    assert case.is_slope(slope)
    assert not case.is_slope(np.array([1.0, 0.4, 1.0]))
