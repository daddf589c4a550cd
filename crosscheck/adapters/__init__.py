"""Adapters: three functions that say how code is called which was not recognised.

    parameters(rng, sizes)      random parameters, floating arrays by name
    data(rng, sizes)            random data by name
    call(parameters, data)      (loss, gradients by the parameters' names)

`crosscheck adapter FILE` writes a beginning, and `crosscheck check ADAPTER` judges by it.
"""

from crosscheck.adapters.cases import AdapterCases, Sizes
from crosscheck.adapters.loading import load

__all__ = ["AdapterCases", "Sizes", "load"]
