"""Compiled kernels on disk: none of them stale.

Numba keeps a compiled entry point beside its source and renews it when *that* file changes, but not
when a function it calls in another file does. So the kernels of an older state of this package are
removed whenever any source of the engine is newer.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

__all__ = ["remove_stale"]


ENTRY_POINTS = ("epoch", "stepwise")  # the modules whose functions Numba keeps on disk


def _cached(folder: str, suffix: str) -> list[Path]:
    return [found for name in ENTRY_POINTS for found in Path(folder).glob(f"{name}.*{suffix}")] if folder else []


def remove_stale(folder: str) -> None:
    """Remove compiled kernels in `folder` that are older than any source of the engine."""
    newest = max(source.stat().st_mtime for source in Path(__file__).parent.rglob("*.py"))
    for cached in [*_cached(folder, ".nbi"), *_cached(folder, ".nbc")]:
        with contextlib.suppress(OSError):
            if cached.stat().st_mtime < newest:
                cached.unlink(missing_ok=True)
