"""Compiled kernels on disk: whether they are there already, and none of them stale.

Numba keeps a compiled entry point beside its source and renews it when *that* file changes, but not
when a function it calls in another file does. So the kernels of an older state of this package are
removed whenever any source of the engine is newer.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

__all__ = ["is_compiled", "remove_stale"]


def _sources() -> list[Path]:
    return sorted(Path(__file__).parent.rglob("*.py"))


def _cached(suffix: str = ".nbi") -> list[Path]:
    from tidynet.net.kernels import train_steps

    folder = train_steps.stats.cache_path
    return sorted(Path(folder).glob(f"epoch.*{suffix}")) if folder else []


def remove_stale() -> None:
    """Remove compiled kernels that are older than any source of the engine."""
    newest = max(source.stat().st_mtime for source in _sources())
    for cached in [*_cached(".nbi"), *_cached(".nbc")]:
        with contextlib.suppress(FileNotFoundError):
            if cached.stat().st_mtime < newest:
                cached.unlink(missing_ok=True)


def is_compiled() -> bool:
    """Whether the training kernel is on disk, so that the next training starts at once."""
    remove_stale()
    return any("train_steps" in cached.name for cached in _cached())
