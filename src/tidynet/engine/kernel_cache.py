"""Compiled kernels come from disk: the same machine code in the first run as in all that follow.

A process that has just compiled runs, where kernels call each other, other copies of the inner functions
than one that loads them, which differ in the last bits of a sum. So a missing kernel is compiled by a
process of its own, and this one loads what that has saved. Only where nothing can be saved or no process
started is it compiled in place.
"""

from __future__ import annotations

import functools
import gc
import importlib
import os
import pickle
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba.core.caching import FunctionCache, IndexDataCacheFile

__all__ = ["compile_kernel", "enable_disk_cache", "is_cached"]

MOST_SECONDS = 600.0  # a child that has not compiled by then never will
IN_THE_CHILD = "from tidynet.engine.kernel_cache import compile_kernel; compile_kernel()"


@functools.cache
def engine_stamp() -> int:
    """A checksum of the engine's sources: kernels of any other state of them are stale.

    Numba itself looks at the entry point's file alone, not at the files of the functions it calls.
    """
    sources = sorted(Path(__file__).parent.rglob("*.py"))
    return functools.reduce(lambda sum_so_far, source: zlib.crc32(source.read_bytes(), sum_so_far), sources, 0)


class KernelCache(FunctionCache):
    """Numba's cache of one function, filled by a child process."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = IndexDataCacheFile(
            cache_path=self._cache_path, filename_base=self._impl.filename_base, source_stamp=engine_stamp()
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function for these argument types; None if it must be compiled here."""
        result = super().load_overload(sig, target_context)
        if result is None and not self._compiles_here():
            _compile_in_subprocess(self._py_func, sig)
            result = super().load_overload(sig, target_context)
        return result

    def _compiles_here(self) -> bool:
        return os.environ.get("TIDYNET_COMPILES") == "1" or not os.access(self._cache_path, os.W_OK)

    def is_filled(self) -> bool:
        """Whether it holds the function for any argument types."""
        return bool(self._cache_file._load_index())


def enable_disk_cache(dispatcher: Any) -> Any:
    """Give a jitted function its cache; without a folder to write to it stays as it is.

    So does a plain function, which is what Numba leaves of one where NUMBA_DISABLE_JIT=1 is set.
    """
    if not hasattr(dispatcher, "py_func"):
        return dispatcher
    try:
        dispatcher._cache = KernelCache(dispatcher.py_func)
    except RuntimeError:  # Numba's word for "no folder"
        return dispatcher
    return dispatcher


def is_cached(dispatcher: Any) -> bool:
    """Whether a kernel has been compiled before, so that it starts at once."""
    cache = getattr(dispatcher, "_cache", None)
    return isinstance(cache, KernelCache) and cache.is_filled()


def _compile_in_subprocess(function: Callable[..., Any], sig: Any) -> None:
    """Have a process of its own compile and save; whatever fails there is tried again here by Numba."""
    if "python" not in Path(sys.executable or "").name.lower():  # none, or a program that has Python within it
        return
    requested = pickle.dumps((function.__module__, function.__name__, sig))
    path = os.pathsep.join(index or os.getcwd() for index in sys.path)
    environment = {**os.environ, "PYTHONPATH": path, "TIDYNET_COMPILES": "1"}
    try:
        subprocess.run(  # noqa: S603 - this very interpreter, with a fixed text
            [sys.executable, "-c", IN_THE_CHILD], input=requested, env=environment, check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=MOST_SECONDS,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return


def compile_kernel() -> None:
    """The child's whole work: compile the kernel that standard input names, for the types it gives."""
    gc.disable()  # the compiler makes millions of objects that live to the end: looking for dead ones is a tenth
    module, name, sig = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - written by the parent process
    getattr(importlib.import_module(module), name).compile(sig)
