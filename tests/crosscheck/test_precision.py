"""Formats are known with their true limits, and the coarsest one wins."""

import itertools

import ml_dtypes
import numpy as np
import pytest

from crosscheck.errors import CrosscheckError
from crosscheck.precision import of_dtype, precision_of

COARSE_TO_FINE = [ml_dtypes.bfloat16, np.float16, np.float32, np.float64]


@pytest.mark.parametrize("kind", [*COARSE_TO_FINE, np.longdouble])
def test_the_limits_are_those_of_the_format(kind):
    limits = ml_dtypes.finfo(kind)
    precision = precision_of([kind])
    assert precision.epsilon == limits.eps.astype(np.longdouble)
    assert precision.smallest_normal == np.longdouble(limits.smallest_normal)
    assert precision.smallest == np.longdouble(limits.smallest_subnormal)
    assert precision.smallest > 0


@pytest.mark.parametrize("pair", list(itertools.combinations(COARSE_TO_FINE, 2)))
def test_the_coarsest_wins_in_any_order(pair):
    name = np.dtype(pair[0]).name
    assert precision_of(pair).name == precision_of(pair[::-1]).name == name


def test_other_byte_orders_are_the_same_format():
    assert precision_of([np.dtype(">f4"), np.dtype("<f4")]).name == "float32"


def test_integers_do_not_count():
    assert precision_of([np.int8, np.float64, np.bool_]).name == "float64"


@pytest.mark.parametrize("kind", [np.int64, np.bool_, np.complex128, np.object_, ml_dtypes.float8_e4m3fn])
def test_what_is_not_a_real_floating_dtype_has_no_precision(kind):
    assert of_dtype(np.dtype(kind)) is None


@pytest.mark.parametrize("dtypes", [[], [np.int64, np.bool_]])
def test_nothing_floating_is_refused_with_the_remedy(dtypes):
    with pytest.raises(CrosscheckError, match="astype") as refused:
        precision_of(dtypes)
    assert refused.value.code == "no-floating-dtype"
