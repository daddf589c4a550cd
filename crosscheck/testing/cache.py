"""JAX's persistent compilation cache for the time of a check: what was compiled by an earlier run is not again."""

import contextlib
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def compilation_cache(folder: Path) -> Iterator[None]:
    """Let JAX keep everything it compiles in `folder`, however quickly it was; the configuration is put back."""
    import jax
    from jax.experimental.compilation_cache import compilation_cache as kept

    wanted = {
        "jax_compilation_cache_dir": str(folder),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    before = {name: getattr(jax.config, name) for name in wanted}
    try:
        for name, value in wanted.items():
            jax.config.update(name, value)
        kept.reset_cache()  # JAX settles on a folder at its first compilation
        yield
    finally:
        for name, value in before.items():
            jax.config.update(name, value)
        kept.reset_cache()
