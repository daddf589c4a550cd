"""Where a check ran: the versions that its numbers depend on."""

import platform
import sys
from importlib import metadata


def version(package: str) -> str | None:
    """Return the version of an installed package without importing it; None if it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def environment() -> dict[str, str]:
    """Return the versions of Python and of the packages that compute, and the platform."""
    packages = {"crosscheck": "backprop-crosscheck", "NumPy": "numpy", "JAX": "jax", "PyTorch": "torch"}
    found = {name: version(package) for name, package in packages.items()}
    return {
        "Python": sys.version.split()[0],
        **{name: number for name, number in found.items() if number is not None},
        "platform": platform.platform(),
    }
